/**
 * Who is asking: the cards behind keys, opened for the gateway. Nothing is decided here: a card
 * says `suspended`, and the gateway refuses.
 *
 * I10. A revoked key, a suspended client or a changed limit holds in every process at once.
 * I11. A card whose secret can't be opened is a fault, never "unknown".
 */

import type { Context, ServiceSchema } from 'moleculer'
import { Fault } from '../../engine/assert.ts'
import type { Change, Changes } from '../../sql/changes.ts'
import type { Database } from '../../sql/database.ts'
import {
  type CardRow,
  cardsOfKeys,
  cardsOfMembers,
  cardsOfUsernames,
} from '../../sql/people/clients.ts'
import type { DigiflazzCard, KeyCard, MemberCard, SignForm } from '../contract/identity.ts'
import type { HealthPart } from '../contract/live.ts'
import type { Seal } from '../seal.ts'
import { type CardLimits, Cards } from './cards.ts'
import { LookUps } from './look-ups.ts'

type IdentityDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Seal
  readonly changes: Changes
  readonly now?: () => number
  readonly limits?: Partial<CardLimits>
}

export type Identity = {
  readonly key: (keyId: string) => KeyCard | null | Promise<KeyCard | null>
  readonly digiflazz: (username: string) => DigiflazzCard | null | Promise<DigiflazzCard | null>
  readonly member: (memberId: string) => MemberCard | null | Promise<MemberCard | null>
  readonly health: () => HealthPart
  readonly stats: () => { key: CardStats; digiflazz: CardStats; member: CardStats }
  readonly stop: () => void
}

type CardStats = ReturnType<Cards<unknown>['stats']>

/** Longer than any key or username we ever made: not worth a look-up. */
const nameLengthMax = 100

export function identityService(deps: IdentityDeps, identity = makeIdentity(deps)): ServiceSchema {
  return {
    name: 'identity',
    actions: {
      key: (ctx: Context<{ keyId: string }>) => identity.key(ctx.params.keyId),
      digiflazz: (ctx: Context<{ username: string }>) => identity.digiflazz(ctx.params.username),
      member: (ctx: Context<{ memberId: string }>) => identity.member(ctx.params.memberId),
    },
    async stopped() {
      identity.stop()
    },
  }
}

export function makeIdentity({
  db,
  seal,
  changes,
  now = Date.now,
  limits,
}: IdentityDeps): Identity {
  const source = { hearing: changes.hearing, now }
  const { pool } = db
  const keyRows = new LookUps(
    keyIds => askDatabase(() => cardsOfKeys(pool, keyIds)),
    ({ keyId }) => keyId,
  )
  const usernameRows = new LookUps(
    usernames => askDatabase(() => cardsOfUsernames(pool, usernames)),
    ({ username }) => username,
  )
  const memberRows = new LookUps(
    memberIds => askDatabase(() => cardsOfMembers(pool, memberIds)),
    ({ memberId }) => memberId,
  )
  const keys = new Cards<KeyCard>(
    {
      ...source,
      load: async keyId => {
        const row = await keyRows.of(keyId)
        return (
          row && { ...publicPart(row), keyId, secret: seal.open(row.secret, keyPurpose(keyId)) }
        )
      },
    },
    limits,
  )
  const usernames = new Cards<DigiflazzCard>(
    {
      ...source,
      load: async username => {
        const row = await usernameRows.of(username)
        return (
          row && { ...publicPart(row), apiKey: seal.open(row.secret, apiKeyPurpose(row.userId)) }
        )
      },
    },
    limits,
  )
  const members = new Cards<MemberCard>(
    {
      ...source,
      load: async memberId => {
        const row = await memberRows.of(memberId)
        if (row === null) return null
        const { userId, pin, password, signForms } = row
        return {
          ...row,
          signForms: signForms as readonly SignForm[],
          pin: seal.open(pin, loginPurpose(userId, 'pin')),
          password: seal.open(password, loginPurpose(userId, 'password')),
        }
      },
    },
    limits,
  )

  const stop = changes.subscribe({
    change({ table, key }: Change) {
      switch (table) {
        case 'client_key':
          return key === null ? keys.forgetUnknown() : keys.forget(key)
        case 'client':
          if (key !== null) return usernames.forget(key)
          usernames.forgetUnknown()
          return members.forgetUnknown()
        case 'client_member':
          return members.forget(key ?? '')
        case 'reply_template':
          return members.forgetAll()
      }
    },
    gap() {
      keys.forgetAll()
      usernames.forgetAll()
      members.forgetAll()
    },
  })

  return {
    key: keyId => (keyId.length > nameLengthMax ? null : keys.find(keyId)),
    digiflazz: username => (username.length > nameLengthMax ? null : usernames.find(username)),
    member: memberId => (memberId.length > nameLengthMax ? null : members.find(memberId)),
    health: () => ({
      name: 'identity',
      ok: changes.hearing(),
      ms: 0,
      reason: changes.hearing() ? null : 'changes are not heard: cards are looked up every second',
    }),
    stats: () => ({
      key: keys.stats(),
      digiflazz: usernames.stats(),
      member: members.stats(),
    }),
    stop,
  }
}

/** What each secret is sealed for. */
export const keyPurpose = (keyId: string): string => `client_key:${keyId}`
export const apiKeyPurpose = (userId: string): string => `client:${userId}:api_key`
export const loginPurpose = (userId: string, part: 'pin' | 'password'): string =>
  `client:${userId}:${part}`

export async function askDatabase<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question()
  } catch (cause) {
    throw new Fault('journal.unavailable', { untouched: true, cause })
  }
}

function publicPart({ secret: _, ...card }: CardRow): Omit<CardRow, 'secret'> {
  return card
}
