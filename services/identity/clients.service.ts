/**
 * An owner looks after his clients: who they are, what they may, and when they stop.
 *
 *   change ─▶ client, its keys, client_change (one write) ─▶ heard by every process
 *                                                           └▶ signal to its gateway, then answered
 *
 * KLA1. Who changed what, when, and for a status why, is kept with the change or there is none.
 * KLA2. Of two who change the same version, one is refused.
 * KLA3. A change holds for the next request in this process when it is answered, and in every
 *       other as soon as it is heard.
 * KLA4. Nobody is closed who has money with us: in his wallet, on hold, or on credit, as it stands
 *       when he is closed; and who is closed stays so.
 * KLA5. Nobody suspends or closes himself: the house would be locked from inside.
 * KLA6. Of a key nothing is shown but its public name, or how it ends.
 * KLA7. A key that changed or was revoked is said aloud; after a time of deafness, that any card
 *       may have changed.
 * KLA8. A ban is a suspension with a reason; it ends by itself when its time is over, and a plain
 *       suspension or an activation by a person takes its place.
 * KLA9. Nobody gets a level that the price book does not have, for he would pay what level 0 pays
 *       and nobody would say so; who only rents numbers has the levels of that line, which go
 *       further. Who has such a level from before keeps it until somebody gives him another.
 */

import type { Context, ServiceBroker, ServiceSchema } from 'moleculer'
import type { Changes } from '../../sql/changes.ts'
import type { Database } from '../../sql/database.ts'
import { lockCredit } from '../../sql/money/credits.ts'
import { banClient, banOf, bansOver, unbanClient } from '../../sql/people/bans.ts'
import {
  type ClientFile,
  changeClient,
  changeStatus,
  changesOfClient,
  clientFile,
  listClients,
  type ManagedRow,
  noteChange,
} from '../../sql/people/client-admin.ts'
import { clientById, clientByUsername } from '../../sql/people/clients.ts'
import { levels } from '../catalogue/book.ts'
import type { Answer, Faulted, Refused } from '../contract/answer.ts'
import type { ClientAdminActions, ClientFileView, ManagedClient } from '../contract/clients.ts'
import type { Millis } from '../contract/words.ts'
import type { Actions, Call } from '../contract.ts'
import { refuse } from '../refusal.ts'
import type { Seal } from '../seal.ts'
import { enrol } from './enrol.ts'
import { apiKeyPurpose } from './identity.service.ts'

type ClientsDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Seal
  readonly shards: number
  readonly changes: Pick<Changes, 'subscribe' | 'hearing'>
  readonly call: Call
  readonly now?: () => Millis
  readonly onError?: (cause: unknown) => void
  /** How often bans are looked at. */
  readonly liftEveryMs?: number
}

type Params<A extends keyof ClientAdminActions> = Actions[A]['params']
type Result<A extends keyof ClientAdminActions> = Promise<Actions[A]['result']>

const hintLength = 4
const liftedAtOnce = 100
/** A process that is deaf for so long believes no card for longer than a second anyway. */
const heardWithinMs = 2_000
const idShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const levelsTold = { min: 0, max: levels - 1 }

const isPriced = ({ level, role }: { readonly level: number; readonly role: string }): boolean =>
  level < levels || role === 'consumer'

export function clientsService(deps: ClientsDeps): ServiceSchema {
  const { db, seal, shards, changes, call, now = Date.now, onError = () => {} } = deps
  const { liftEveryMs = 5_000 } = deps
  const { pool } = db
  let lifting: NodeJS.Timeout | null = null
  let unsubscribe = () => {}
  const waiting = new Set<(userId: string) => void>()

  /** Does it, and answers when this process has heard of it. */
  async function toldOf<T>(userId: string, work: () => Promise<T>): Promise<T> {
    let isHeard = () => {}
    const heard = new Promise<void>(resolve => {
      isHeard = resolve
    })
    const hear = (changed: string) => {
      if (changed === userId) isHeard()
    }
    waiting.add(hear)
    const late = setTimeout(isHeard, heardWithinMs)
    try {
      const done = await work()
      if (done === 'done' && changes.hearing()) await heard
      return done
    } finally {
      clearTimeout(late)
      waiting.delete(hear)
    }
  }

  async function managed(username: string): Promise<Answer<ManagedClient>> {
    const file = await clientFile(pool, username)
    return file === null ? refuse('CLIENT_UNKNOWN') : { ok: shown(file) }
  }

  async function list(params: Params<'clients.list'>): Result<'clients.list'> {
    const { q, status, level, role, cursor, limit } = params
    if (cursor !== undefined && !idShape.test(cursor)) return refuse('NOT_FOUND')
    const found = await listClients(pool, {
      ...{ q: q ?? null, status: status ?? null, level: level ?? null, role: role ?? null },
      ...{ before: cursor ?? null, limit: limit + 1 },
    })
    const rows = found.slice(0, limit).map(shown)
    return { ok: { rows, next: found.length > limit ? rows.at(-1)!.userId : null } }
  }

  async function get({ username }: Params<'clients.get'>): Result<'clients.get'> {
    const file = await clientFile(pool, username)
    if (file === null) return refuse('CLIENT_UNKNOWN')
    const money = await call('wallet.balance', { userId: file.userId })
    if (!('ok' in money)) return money
    const { creditLimit, creditUsed } = file
    return {
      ok: {
        client: shown(file),
        money: { ...money.ok, creditLimit, creditUsed },
        apiKeyHint: hintOf(file),
        keys: file.keys.map(({ createdMs, ...key }) => ({
          ...key,
          createdAt: Math.round(createdMs),
        })),
      },
    }
  }

  function hintOf({ apiKey, userId }: ClientFile): ClientFileView['apiKeyHint'] {
    return apiKey === null
      ? null
      : `…${seal.open(apiKey, apiKeyPurpose(userId)).slice(-hintLength)}`
  }

  async function create(params: Params<'clients.create'>): Result<'clients.create'> {
    const { by, upline, readPerMin, ...enrolment } = params
    if (!isPriced(enrolment)) return refuse('LEVEL_INVALID', levelsTold)
    const above = upline === undefined ? null : await clientByUsername(pool, upline)
    if (upline !== undefined && (above === null || above.status === 'closed')) {
      return refuse('CLIENT_UNKNOWN')
    }
    const made = await enrol(
      { db, seal, shards },
      {
        ...enrolment,
        ...(above === null ? {} : { upline: above.userId }),
        ...(readPerMin === undefined ? {} : { readPerMin }),
      },
    )
    const { name, level, role, ratePerMin, ipAllow } = enrolment
    const fields = { name, level, role, ratePerMin, ipAllow, upline: above?.username ?? null }
    const { userId } = made
    await noteChange(pool, { userId, what: 'created', fields, reason: '', by })
    return { ok: made }
  }

  async function change(params: Params<'clients.change'>): Result<'clients.change'> {
    const { username, version, by, ...fields } = params
    const client = await clientByUsername(pool, username)
    if (client === null) return refuse('CLIENT_UNKNOWN')
    const { level = 0 } = fields
    if (!isPriced({ level, role: client.role })) return refuse('LEVEL_INVALID', levelsTold)
    const wish = { username, version, fields, reason: '', by }
    switch (await toldOf(client.userId, () => changeClient(pool, wish))) {
      case 'stale':
        return refuse('STALE_VERSION')
      case 'closed':
        return refuse('CLIENT_CLOSED')
      case 'unknown':
        return refuse('CLIENT_UNKNOWN')
      case 'done':
        return await managed(username)
    }
  }

  async function status(params: Params<'clients.status'>): Result<'clients.status'> {
    const { username, by } = params
    const client = await clientByUsername(pool, username)
    if (client === null) return refuse('CLIENT_UNKNOWN')
    if (username === by && params.status !== 'active') return refuse('OWN_ACCOUNT')
    const isBanned = client.status === 'suspended' && (await banOf(pool, client.userId)) !== null
    if (client.status === params.status && !isBanned) return await managed(username)
    const { userId } = client
    const obstacle = async (write: Parameters<typeof lockCredit>[0]) =>
      params.status === 'closed' ? moneyOf(userId, await lockCredit(write, userId)) : null
    const told = await toldOf(userId, () => changeStatus(pool, params, obstacle))
    if (typeof told === 'object') return told.obstacle
    if (told === 'closed') return refuse('CLIENT_CLOSED')
    return await managed(username)
  }

  async function ban(params: Params<'clients.ban'>): Result<'clients.ban'> {
    const { userId, reason, until, by } = params
    const client = idShape.test(userId) ? await clientById(pool, userId) : null
    if (client === null) return refuse('CLIENT_UNKNOWN')
    if (client.username === by) return refuse('OWN_ACCOUNT')
    const nowMs = now()
    if (until !== null && until <= nowMs) return refuse('TIME_INVALID')
    const wish = { userId, reason, untilMs: until, by, nowMs }
    switch (await toldOf(userId, () => banClient(pool, wish))) {
      case 'unknown':
        return refuse('CLIENT_UNKNOWN')
      case 'closed':
        return refuse('CLIENT_CLOSED')
      case 'suspended':
        return refuse('STATUS_INVALID')
      case 'done':
        return await managed(client.username)
    }
  }

  async function unban(params: Params<'clients.unban'>): Result<'clients.unban'> {
    const { userId } = params
    const client = idShape.test(userId) ? await clientById(pool, userId) : null
    if (client === null) return refuse('CLIENT_UNKNOWN')
    const told = await toldOf(userId, async () => (await unbanClient(pool, params)) && 'done')
    return told === 'done' ? await managed(client.username) : refuse('STATUS_INVALID')
  }

  async function liftBans(): Promise<void> {
    const nowMs = now()
    for (const userId of await bansOver(pool, { nowMs, limit: liftedAtOnce })) {
      await unbanClient(pool, { userId, reason: 'over', by: 'system', overMs: nowMs })
    }
  }

  /** What keeps him open; null when there is nothing. */
  async function moneyOf(userId: string, credit: number): Promise<Refused | Faulted | null> {
    const money = await call('wallet.balance', { userId })
    if (!('ok' in money)) return money
    const { balance, held } = money.ok
    return balance === 0 && held === 0 && credit === 0
      ? null
      : refuse('CLIENT_HAS_MONEY', { balance, held, credit })
  }

  async function history(params: Params<'clients.history'>): Result<'clients.history'> {
    const { username, before, limit } = params
    const client = await clientByUsername(pool, username)
    if (client === null) return refuse('CLIENT_UNKNOWN')
    const found = await changesOfClient(pool, {
      ...{ userId: client.userId, before: before ?? null, limit: limit + 1 },
    })
    const rows = found
      .slice(0, limit)
      .map(({ changedMs, ...row }) => ({ ...row, at: Math.round(changedMs) }))
    return { ok: { rows, next: found.length > limit ? rows.at(-1)!.id : null } }
  }

  async function mutations(params: Params<'clients.mutations'>): Result<'clients.mutations'> {
    const { username, ...page } = params
    const client = await clientByUsername(pool, username)
    if (client === null) return refuse('CLIENT_UNKNOWN')
    return await call('wallet.mutations', { userId: client.userId, ...page })
  }

  return {
    name: 'clients',
    actions: {
      list: (ctx: Context<Params<'clients.list'>>) => list(ctx.params),
      get: (ctx: Context<Params<'clients.get'>>) => get(ctx.params),
      create: (ctx: Context<Params<'clients.create'>>) => create(ctx.params),
      change: (ctx: Context<Params<'clients.change'>>) => change(ctx.params),
      status: (ctx: Context<Params<'clients.status'>>) => status(ctx.params),
      ban: (ctx: Context<Params<'clients.ban'>>) => ban(ctx.params),
      unban: (ctx: Context<Params<'clients.unban'>>) => unban(ctx.params),
      history: (ctx: Context<Params<'clients.history'>>) => history(ctx.params),
      mutations: (ctx: Context<Params<'clients.mutations'>>) => mutations(ctx.params),
    },
    async started(this: { broker: ServiceBroker }) {
      const { broker } = this
      lifting = setInterval(() => void liftBans().catch(onError), liftEveryMs)
      lifting.unref()
      unsubscribe = changes.subscribe({
        change({ table, key }) {
          if (key === null) return
          if (table === 'client_key') broker.broadcastLocal('key.changed', { keyId: key })
          if (table !== 'client_standing') return
          broker.broadcastLocal('client.changed', { userId: key })
          for (const hear of waiting) hear(key)
        },
        // When everybody has heard of the gap, and no service keeps a card from before it.
        gap: () => queueMicrotask(() => broker.broadcastLocal('cards.missed', {})),
      })
    },
    async stopped() {
      unsubscribe()
      if (lifting !== null) clearInterval(lifting)
    },
  } as ServiceSchema
}

const shown = ({ createdMs, ...row }: ManagedRow): ManagedClient => {
  const { userId, username, name, level, role, status, memberId, upline } = row
  const { ipAllow, ratePerMin, readPerMin, version } = row
  return {
    ...{ userId, username, name, level, role, status, memberId, upline },
    ...{ ipAllow, ratePerMin, readPerMin, version, createdAt: Math.round(createdMs) },
  }
}
