/**
 * Setting up a second factor. Who does it proves himself by name and password, for he may not be
 * able to come in without it.
 *
 *   enrol ─▶ secret (once, as a picture) ─▶ confirm with a code of it ─▶ recovery codes (once)
 *
 * PEC1. Nothing is asked for at login before it was confirmed with a code.
 * PEC2. Who has one proves it before it is replaced, and it holds until the other is confirmed; an
 *       admin takes it away for who lost it.
 * PEC3. The secret rests sealed; recovery codes are told once.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { Database } from '../../sql/database.ts'
import { noteActivity } from '../../sql/people/activity.ts'
import { noteChange } from '../../sql/people/client-admin.ts'
import { type ClientRow, clientByUsername } from '../../sql/people/clients.ts'
import { confirmTotp, dropTotp, keepTotp, totpOf } from '../../sql/people/totp.ts'
import type { Refused } from '../contract/answer.ts'
import type { TotpActions } from '../contract/people.ts'
import type { Millis } from '../contract/words.ts'
import type { Actions } from '../contract.ts'
import { faulted } from '../faults.ts'
import { refuse } from '../refusal.ts'
import type { Seal } from '../seal.ts'
import type { Passwords } from './passwords.ts'
import {
  drawRecovery,
  drawSecret,
  mayHaveFactor,
  type SecondFactor,
  totpPurpose,
  uriOf,
} from './second-factor.ts'
import { clientCalled } from './session.service.ts'

type TotpDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'close' | 'open'>
  readonly passwords: Passwords
  readonly factors: SecondFactor
  readonly now: () => Millis
}

type Params<A extends keyof TotpActions> = Actions[A]['params']
type Result<A extends keyof TotpActions> = Promise<Actions[A]['result']>

export function totpService({ db, seal, passwords, factors, now }: TotpDeps): ServiceSchema {
  const { pool } = db

  async function proven(
    params: Params<'totp.enrol'>,
  ): Promise<{ client: ClientRow } | { no: Refused }> {
    const { name, password, neighbour } = params
    const found = await clientCalled(pool, name)
    const client = found !== null && mayHaveFactor.has(found.role) ? found : null
    const verdict = await passwords.check({
      ...{ account: client?.userId ?? name.toLowerCase(), neighbour, password },
      hashed: client?.passwordHash ?? null,
    })
    if (typeof verdict === 'object') {
      return { no: { ...refuse('LOGIN_LOCKED'), retryAfterMs: verdict.lockedMs } }
    }
    if (verdict === 'wrong' || client === null) return { no: refuse('LOGIN_INVALID') }
    return client.status === 'active' ? { client } : { no: refuse('CLIENT_SUSPENDED') }
  }

  async function enrol(params: Params<'totp.enrol'>): Result<'totp.enrol'> {
    const known = await proven(params)
    if ('no' in known) return known.no
    const { userId } = known.client
    const row = await totpOf(pool, userId)
    const { secret: before = null } = row ?? {}
    if (before !== null) {
      if (params.code === undefined) return refuse('SECOND_FACTOR_REQUIRED')
      const no = await factors.prove(userId, before, params.code)
      if (no !== null) return no
    }
    const secret = drawSecret()
    const pending = seal.close(secret, totpPurpose(userId))
    await keepTotp(pool, { userId, pending, nowMs: now() })
    return { ok: { secret, uri: uriOf(secret, params.name) } }
  }

  async function confirm(params: Params<'totp.confirm'>): Result<'totp.confirm'> {
    const known = await proven(params)
    if ('no' in known) return known.no
    const { userId } = known.client
    const row = await totpOf(pool, userId)
    const { pending = null } = row ?? {}
    if (pending === null) return refuse('STATUS_INVALID')
    const no = await factors.confirm(userId, pending, params.code)
    if (no !== null) return no
    const recoveryCodes = drawRecovery()
    const hashes = recoveryCodes.map(code => factors.hashOf(userId, code))
    const nowMs = now()
    if (!(await confirmTotp(pool, { userId, pending, hashes, nowMs }))) {
      return refuse('STATUS_INVALID')
    }
    const { address } = params
    await noteActivity(pool, { userId, what: 'totp.confirmed', address, details: {}, nowMs })
    return { ok: { recoveryCodes } }
  }

  async function reset({ username, by }: Params<'totp.reset'>): Result<'totp.reset'> {
    const client = await clientByUsername(pool, username)
    if (client === null) return refuse('CLIENT_UNKNOWN')
    if (username === by) return refuse('OWN_ACCOUNT')
    const { userId } = client
    if (!(await dropTotp(pool, userId))) return refuse('STATUS_INVALID')
    const fields = { totp: null }
    await noteChange(pool, { userId, what: 'changed', fields, reason: 'second factor', by })
    return { ok: null }
  }

  return {
    name: 'totp',
    actions: {
      enrol: (ctx: Context<Params<'totp.enrol'>>) => enrol(ctx.params).catch(faulted),
      confirm: (ctx: Context<Params<'totp.confirm'>>) => confirm(ctx.params).catch(faulted),
      async standing({ params }: Context<Params<'totp.standing'>>): Result<'totp.standing'> {
        const { role, userId } = params
        const row = await totpOf(pool, userId)
        const isOn = (row?.secret ?? null) !== null
        const codesLeft = row?.codesLeft ?? 0
        return { ok: { isOn, isNeeded: factors.isNeeded({ role }), codesLeft } }
      },
      reset: (ctx: Context<Params<'totp.reset'>>) => reset(ctx.params),
    },
  } as ServiceSchema
}
