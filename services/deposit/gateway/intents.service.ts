/**
 * Deposits through payment gateways, as the rest of the system sees them: chosen, made, shown,
 * given up, had at once; and what gateways and persons say about them. Nothing is decided here.
 *
 *   create ─▶ menu, limits ─▶ deposit actor ─▶ gateway ─▶ how it is paid
 *   webhook ─▶ who speaks? ─▶ which deposit? ─▶ asked how it stands ─▶ deposit actor
 *
 * GWJ1. What can be chosen, and between which amounts, is what the gateway itself last said.
 * GWJ2. The same reference of a user is the same deposit; without one we draw it. Of one user three
 *       wait at a time.
 * GWJ3. A user sees his own deposits only, by the gateway's id or ours.
 * GWJ4. A webhook is believed in nothing: it makes us ask. It is answered at once, whatever it
 *       says, and one that comes before the gateway's own answer waits for that. What can't be
 *       followed up now is to be told again.
 * GWJ5. What a webhook came to is kept, in words, once for each outcome, with how often.
 * GWJ6. A list that follows one's own write has it.
 * GWJ7. That a user made a deposit, gave it up or had it at once is among what people did, once,
 *       with about where from. What can't be noted is told, and stays done.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { wallet } from '../../../actors/chart.ts'
import {
  type DepositEvent,
  depositKey,
  type UncreatedCode,
  type Wish,
  type WishRefusal,
} from '../../../actors/deposit/deposit-contract.ts'
import { isId, keyOf, shardOf } from '../../../engine/ids.ts'
import { decode } from '../../../engine/record.ts'
import type { Database } from '../../../sql/database.ts'
import {
  dropPictures,
  hintsOf,
  type IntentRow,
  intentByReffId,
  intentsByTheirId,
  listIntents,
  listSuspense,
  noteHint,
  openVerdicts,
  pictureOf,
  putGateway,
  readGateways,
  type SuspenseRow,
  verdictsOf,
} from '../../../sql/money/deposit-intents.ts'
import { noteActivity } from '../../../sql/people/activity.ts'
import type { Answer, Refused } from '../../contract/answer.ts'
import type { IntentActions, IntentView, SuspenseView } from '../../contract/deposit.ts'
import type { RefusalCode } from '../../contract/words.ts'
import type { EngineRoom } from '../../engine-room.ts'
import { faulted } from '../../faults.ts'
import { freshKey } from '../../fresh-key.ts'
import { ownWrites } from '../../own-writes.ts'
import { refuse } from '../../refusal.ts'
import type { Seal } from '../../seal.ts'
import { keepLatest } from '../../wire/latest.ts'
import { Confirmations } from './confirmations.ts'
import { type Gateways, gatewayPurpose } from './gateways.ts'
import { asDeposit, type KnownDeposit, rowStatuses, viewOfRow, viewOfState } from './intent-view.ts'
import { Payouts } from './payouts.ts'
import { setPerformers } from './performers.ts'
import type { IntentRows } from './rows.ts'
import { Verdicts, viewOf as verdictView } from './verdicts.ts'

type IntentDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'close'>
  readonly gateways: Gateways
  readonly rows: Pick<IntentRows, 'follower'>
  /** Told who paid for whose deposit, as far as a gateway says it. */
  readonly onPayer?: (userId: string, payer: string) => void
  readonly isOwner: () => boolean
  readonly onError: (cause: unknown, requestId?: string | null) => void
}

type IntentLine = {
  readonly service: ServiceSchema
  readonly start: () => void
  readonly stop: () => Promise<void>
}

type Params<A extends keyof IntentActions> = IntentActions[A]['params']
type Result<A extends keyof IntentActions> = Promise<IntentActions[A]['result']>
type Known = { readonly id: string; readonly state: KnownDeposit }

/** A gateway that is slower is heard of by its state: nothing is lost. */
const answerMsMax = 15_000
const recentMax = 20_000
const waitersMax = 10_000
const heededMax = 500
const beatMs = 10_000
const looksEveryMs = 3_000
const pictureMs = 2 * 24 * 3_600_000
const eventsMax = 500

const unmade: Readonly<Record<UncreatedCode, RefusalCode>> = {
  GATEWAY_REFUSED: 'GATEWAY_REFUSED',
  GATEWAY_LIMIT: 'GATEWAY_REFUSED',
  AMOUNT_INVALID: 'AMOUNT_INVALID',
  METHOD_CLOSED: 'METHOD_CLOSED',
  NO_ANSWER: 'GATEWAY_REFUSED',
}

export function intentLine(deps: IntentDeps): IntentLine {
  const { room, db, seal, gateways, rows, isOwner, onError } = deps
  const { engine, now, shards } = room
  const { pool } = db
  const told = deps.onPayer === undefined ? {} : { onPayer: deps.onPayer }
  const confirmations = new Confirmations({ room, gateways, ...told })
  const verdicts = new Verdicts({ room, db })
  const payouts = new Payouts({ room, db })
  const waiters = new Waiters()
  /** Ids of gateways for young deposits, which the table may not have yet. */
  const recent = new Map<string, string>()
  /** When a deposit was last looked at, for those whose owners look often. */
  const looked = new Map<string, number>()
  /** Webhooks that are being followed up. */
  let heeded = 0
  let timer: NodeJS.Timeout | undefined

  setPerformers({ room, db, gateways, ...told })
  room.listeners.push(({ piled }) => {
    for (const { outcome } of piled) {
      const { record, reply } = outcome
      if (record?.kind !== 'deposit') continue
      for (const event of record.events as readonly DepositEvent[]) {
        if (event.type === 'created') keepLatest(recent, event.theirs.id, record.id, recentMax)
      }
      const state = asDeposit(reply.state)
      if (state !== null) waiters.tell(record.id, state)
    }
  })

  const methods = async (): Result<'intent.methods'> => ({
    ok: {
      methods: gateways.menu().map(({ gateway: _, offer: __, ...method }) => method),
    },
  })

  async function create(params: Params<'intent.create'>): Result<'intent.create'> {
    const { userId, amount, method } = params
    const ref = params.ref ?? freshKey()
    const chosen = gateways.menu().find(one => one.method === method)
    const isWithin = chosen !== undefined && amount >= chosen.min && amount <= chosen.max
    const missing = gateways.isWhole ? 'METHOD_UNKNOWN' : 'METHOD_CLOSED'
    const refused: WishRefusal | null =
      chosen === undefined ? missing : isWithin ? null : 'AMOUNT_INVALID'
    const { gateway = '', offer = '' } = chosen ?? {}
    const wish: Wish = { user: userId, ref, method, gateway, offer, amount }
    const place = { shard: shardOf(userId), key: depositKey(userId, ref), kind: 'deposit' }
    const command = { type: 'ask', wish, ...(refused === null ? {} : { refused }) }
    try {
      const before = asDeposit((await engine.ask(place)).state)
      const reply = await engine.ask({ ...place, owner: wallet(userId), command })
      if ('refused' in reply) {
        const limits =
          chosen === undefined || reply.refused !== 'AMOUNT_INVALID'
            ? {}
            : { details: { min: chosen.min, max: chosen.max } }
        return { ...refuse(reply.refused as RefusalCode, detailsOf(reply.details)), ...limits }
      }
      const first = asDeposit(reply.state)!
      if (before === null) await note(params, 'deposit.created', reply.id, { method, amount })
      const isOver = (state: KnownDeposit) => state.phase !== 'asking' || state.doubt
      const state = await settled({ id: reply.id, state: first }, isOver)
      if (state.phase === 'failed' && state.code !== null) return refuse(unmade[state.code])
      return { ok: await shown({ id: reply.id, state }) }
    } catch (cause) {
      return faulted(cause)
    }
  }

  async function note(
    { userId, address = '' }: { readonly userId: string; readonly address?: string },
    what: string,
    intentId: string,
    more: object = {},
  ): Promise<void> {
    const details = { deposit: intentId, ...more }
    await noteActivity(pool, { userId, what, address, details, nowMs: now() }).catch(onError)
  }

  /** The state once `isOver`, or as it is when that takes too long. */
  async function settled(
    known: Known,
    isOver: (state: KnownDeposit) => boolean,
  ): Promise<KnownDeposit> {
    if (isOver(known.state)) return known.state
    const waited = waiters.wait(known.id, isOver, answerMsMax)
    // It may have happened between the reply and this line.
    const current = await stateOf(known.id)
    if (current !== null && isOver(current.state)) {
      waiters.forget(known.id, isOver)
      return current.state
    }
    return (await waited) ?? (await stateOf(known.id))?.state ?? known.state
  }

  async function stateOf(id: string): Promise<Known | null> {
    if (!isId(id) || shardOf(id) >= shards) return null
    const reply = await engine.ask({ shard: shardOf(id), key: keyOf(id), kind: 'deposit' })
    const state = reply.id === id ? asDeposit(reply.state) : null
    return state === null ? null : { id, state }
  }

  /** By our id or the gateway's. */
  async function find(id: string, userId: string | null): Promise<Known | null> {
    if (isId(id)) return own(await stateOf(id), userId)
    const young = recent.get(id)
    const known = young === undefined ? null : own(await stateOf(young), userId)
    if (known !== null) return known
    const found = await intentsByTheirId(pool, { theirId: id, userId, gateway: null })
    return found.length === 0 ? null : own(await stateOf(found[0]!.id), userId)
  }

  const own = (known: Known | null, userId: string | null): Known | null =>
    userId === null || known?.state.facts.user === userId ? known : null

  async function shown({ id, state }: Known): Promise<IntentView> {
    const { facts, phase } = state
    const isDrawn = phase === 'pending' && state.theirs.pay['qr_string'] === undefined
    const picture = isDrawn ? await pictureOf(pool, id) : null
    const instant = gateways.get(facts.gateway)?.adapter.instant ?? null
    return viewOfState(id, state, { picture, instant: instant !== null })
  }

  /** With the deposit at hand, or not found. */
  async function about<T>(
    { id, userId }: { readonly id: string; readonly userId?: string },
    work: (known: Known) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    try {
      const known = await find(id, userId ?? null)
      return known === null ? refuse('NOT_FOUND') : await work(known)
    } catch (cause) {
      return faulted(cause)
    }
  }

  const get = (params: Params<'intent.get'>): Result<'intent.get'> =>
    about(params, async known => {
      const { phase } = known.state
      if (phase === 'pending' || phase === 'processing') look(known.id)
      return { ok: await shown(known) }
    })

  /** Whoever looks makes us look as well, beside his answer. */
  function look(id: string): void {
    const at = now()
    if (at - (looked.get(id) ?? Number.NEGATIVE_INFINITY) < looksEveryMs) return
    keepLatest(looked, id, at, recentMax)
    confirmations.check(id, 'poll').catch(onError)
  }

  const cancel = (params: Params<'intent.cancel'>): Result<'intent.cancel'> =>
    about(params, async known => {
      const command = { type: 'cancel', by: params.userId }
      const reply = await engine.ask({ ...placeOf(known.id), command })
      if ('refused' in reply) return refuse(reply.refused as RefusalCode)
      const isFirst = known.state.phase === 'pending' && !known.state.dropping
      if (isFirst) await note(params, 'deposit.cancelled', known.id)
      const isOver = (state: KnownDeposit) => state.phase !== 'pending' || !state.dropping
      const state = await settled({ id: known.id, state: asDeposit(reply.state)! }, isOver)
      if (state.phase === 'pending') {
        look(known.id)
        return refuse('DEPOSIT_BUSY')
      }
      return { ok: await shown({ id: known.id, state }) }
    })

  const instant = (params: Params<'intent.instant'>): Result<'intent.instant'> =>
    about(params, async known => {
      const { facts, phase } = known.state
      const exchange = gateways.get(facts.gateway)?.adapter.instant ?? null
      const { theirs, draw, gateway, offer } = facts
      if (draw !== null && params.action === 'take') return await taken(known)
      if (exchange === null || phase !== 'processing' || theirs === null) {
        return refuse(phase === 'paid' ? 'DEPOSIT_PAID' : 'INSTANT_UNAVAILABLE')
      }
      const quoted = await gateways.call(gateway, exchange.quote, { id: theirs.id, offer })
      if ('unread' in quoted || 'unsent' in quoted) return refuse('GATEWAY_UNANSWERED')
      if ('refused' in quoted) return refuse('INSTANT_UNAVAILABLE')
      const { fee, received } = quoted
      if (params.action === 'quote') {
        return { ok: { fee, received, deposit: await shown(known) } }
      }
      if (params.feeMax !== undefined && fee > params.feeMax) {
        return refuse('INSTANT_UNAVAILABLE', { fee, fee_max: params.feeMax })
      }
      const command = { type: 'instant', by: params.userId, fee, received }
      const reply = await engine.ask({ ...placeOf(known.id), command })
      if ('refused' in reply) return refuse(reply.refused as RefusalCode)
      if (draw === null) await note(params, 'deposit.drawn', known.id, { fee, received })
      return await taken({ id: known.id, state: asDeposit(reply.state)! })
    })

  /** What became of the one attempt to have it at once. */
  async function taken(known: Known): Promise<IntentActions['intent.instant']['result']> {
    const isOver = ({ phase, facts }: KnownDeposit) =>
      phase !== 'processing' || facts.draw?.outcome !== null
    const state = await settled(known, isOver)
    const { draw } = state.facts
    if (draw?.outcome === 'refused') return refuse('INSTANT_UNAVAILABLE')
    const deposit = await shown({ id: known.id, state })
    return { ok: { fee: draw?.fee ?? 0, received: draw?.received ?? deposit.received, deposit } }
  }

  async function callback(
    params: Params<'intent.callback'>,
    requestId: string | null,
  ): Result<'intent.callback'> {
    const gateway = gateways.get(params.gateway)
    const read = gateway?.adapter.hint ?? null
    if (gateway === undefined || read === null) return { verdict: 'unknown' }
    const body = Buffer.from(params.body, 'base64')
    const hint = read(params.headers, body, gateway.credentials)
    if (hint.verdict === 'forged') return { verdict: 'forged' }
    if (hint.verdict !== 'hint') return { verdict: 'ignored' }
    if (!isOwner() || heeded >= heededMax) return { verdict: 'unavailable' }
    heeded++
    heed(gateway.code, hint)
      .catch(cause => onError(cause, requestId))
      .finally(() => {
        heeded--
      })
    return { verdict: 'accepted' }
  }

  async function heed(
    gateway: string,
    { id: theirId, reffId }: { readonly id: string; readonly reffId: string | null },
  ): Promise<void> {
    const intentId = await meantBy(gateway, theirId, reffId)
    const known = intentId === null ? null : await stateOf(intentId)
    if (known === null || known.state.facts.gateway !== gateway) return
    // Sooner than the gateway's own answer: that one says how it is paid.
    const isMade = (state: KnownDeposit) => state.phase !== 'asking' || state.doubt
    await settled(known, isMade)
    const verdict = await confirmations.check(known.id, 'webhook', theirId)
    await noteHint(pool, { intentId: known.id, verdict, nowMs: now() })
  }

  async function meantBy(
    gateway: string,
    theirId: string,
    reffId: string | null,
  ): Promise<string | null> {
    const young = recent.get(theirId)
    if (young !== undefined) return young
    const found = await intentsByTheirId(pool, { theirId, userId: null, gateway })
    if (found.length > 0) return found[0]!.id
    if (reffId === null) return null
    const asked = { reffId, gateway }
    const known = await intentByReffId(pool, asked)
    if (known !== null) return known
    await caughtUp()
    return await intentByReffId(pool, asked)
  }

  /** The tables have what is durable now. */
  const caughtUp = (userId?: string) => ownWrites({ room, rows: rows.follower }, userId)

  async function all(params: Params<'intent.all'>): Result<'intent.all'> {
    const { userId, gateway, status, cursor, limit } = params
    for (const id of [userId, cursor]) {
      if (id !== undefined && !isId(id)) return refuse('NOT_FOUND')
    }
    await caughtUp(userId)
    const found = await listIntents(pool, {
      ...{ userId: userId ?? null, gateway: gateway ?? null, before: cursor ?? null },
      statuses: status === undefined ? null : rowStatuses(status),
      limit: limit + 1,
    })
    return { ok: page(found, limit) }
  }

  const trail = (params: Params<'intent.trail'>): Result<'intent.trail'> =>
    about(params, async known => {
      const { shard, key } = placeOf(known.id)
      const lines = await engine.history(shard, key)
      const events = lines.slice(-eventsMax).flatMap(({ body }) => {
        const { at, events: told } = decode(body)
        return told.map(({ type, ...data }) => ({ at, type, data }))
      })
      const hints = await hintsOf(pool, known.id)
      const decided = await verdictsOf(pool, known.id)
      return {
        ok: {
          deposit: await shown(known),
          events,
          hints: hints.map(({ firstMs, ...hint }) => ({ ...hint, firstAt: Math.round(firstMs) })),
          suspense: known.state.facts.suspended.map(one => ({
            ...{ intentId: known.id, n: one.n, userId: known.state.facts.user },
            ...{ gateway: known.state.facts.gateway, why: one.why, amount: one.amount },
            ...{ via: one.via, at: one.at, verdict: one.verdict, resolvedBy: null, reason: null },
          })),
          verdicts: decided.map(verdictView),
        },
      }
    })

  async function suspense(params: Params<'intent.suspense'>): Result<'intent.suspense'> {
    const { open, cursor, limit } = params
    if (cursor !== undefined && !isId(cursor)) return refuse('NOT_FOUND')
    await caughtUp()
    const asked = { open, before: cursor ?? null, limit: limit + 1 }
    const found = await listSuspense(pool, asked)
    const shownRows = found.slice(0, limit).map(suspenseView)
    const next = found.length > limit ? (shownRows.at(-1)?.intentId ?? null) : null
    return { ok: { rows: shownRows, next } }
  }

  const check = (params: Params<'intent.check'>): Result<'intent.check'> =>
    about(params, async known => {
      await confirmations.check(known.id, 'poll')
      return { ok: await shown((await stateOf(known.id)) ?? known) }
    })

  async function waiting(params: Params<'intent.waiting'>): Result<'intent.waiting'> {
    const { cursor: after = 0, limit } = params
    const found = await openVerdicts(pool, { status: 'waiting', after, limit: limit + 1 })
    const shownRows = found.slice(0, limit).map(verdictView)
    return {
      ok: { rows: shownRows, next: found.length > limit ? (shownRows.at(-1)?.id ?? null) : null },
    }
  }

  const listGateways = async (): Result<'intent.gateways'> => ({
    ok: {
      rows: (await readGateways(pool)).map(({ credentials: _, ...row }) => ({
        ...row,
        owed: payouts.owedBy(row.code),
      })),
    },
  })

  async function keepGateway(params: Params<'intent.putGateway'>): Result<'intent.putGateway'> {
    const { credentials, ...row } = params
    const before = (await readGateways(pool)).find(({ code }) => code === row.code)
    if (credentials === undefined && before === undefined) {
      return refuse('FIELDS_INVALID', { problems: ['credentials'] })
    }
    const sealed =
      credentials === undefined
        ? before!.credentials
        : seal.close(JSON.stringify(credentials), gatewayPurpose(row.code))
    await putGateway(pool, { ...row, credentials: sealed })
    await gateways.reload()
    return { ok: null }
  }

  async function work(): Promise<void> {
    if (!isOwner()) return
    await verdicts.work()
    await payouts.work()
    await dropPictures(pool, now() - pictureMs)
  }

  const service: ServiceSchema = {
    name: 'intent',
    actions: {
      methods: () => methods(),
      create: (ctx: Context<Params<'intent.create'>>) => create(ctx.params),
      get: (ctx: Context<Params<'intent.get'>>) => get(ctx.params),
      list: (ctx: Context<Params<'intent.list'>>) => all(ctx.params),
      cancel: (ctx: Context<Params<'intent.cancel'>>) => cancel(ctx.params),
      instant: (ctx: Context<Params<'intent.instant'>>) => instant(ctx.params),
      callback: (ctx: Context<Params<'intent.callback'>>) => callback(ctx.params, ctx.requestID),
      all: (ctx: Context<Params<'intent.all'>>) => all(ctx.params),
      trail: (ctx: Context<Params<'intent.trail'>>) => trail(ctx.params),
      suspense: (ctx: Context<Params<'intent.suspense'>>) => suspense(ctx.params),
      check: (ctx: Context<Params<'intent.check'>>) => check(ctx.params),
      resolve: (ctx: Context<Params<'intent.resolve'>>) => verdicts.resolve(ctx.params),
      judge: (ctx: Context<Params<'intent.judge'>>) => verdicts.judge(ctx.params),
      waiting: (ctx: Context<Params<'intent.waiting'>>) => waiting(ctx.params),
      gateways: () => listGateways(),
      putGateway: (ctx: Context<Params<'intent.putGateway'>>) => keepGateway(ctx.params),
      payout: (ctx: Context<Params<'intent.payout'>>) => payouts.note(ctx.params),
      payouts: (ctx: Context<Params<'intent.payouts'>>) => payouts.list(ctx.params),
    },
  }

  return {
    service,
    start() {
      timer = setInterval(() => void work().catch(onError), beatMs)
      void work().catch(onError)
    },
    async stop() {
      clearInterval(timer)
      await confirmations.rest()
      waiters.close()
    },
  }
}

const placeOf = (id: string) => ({ shard: shardOf(id), key: keyOf(id), kind: 'deposit' })

const detailsOf = (details: unknown): Refused['details'] =>
  typeof details === 'object' && details !== null ? (details as Refused['details']) : undefined

function page(found: readonly IntentRow[], limit: number) {
  const shown = found.slice(0, limit).map(viewOfRow)
  return { rows: shown, next: found.length > limit ? (shown.at(-1)?.intentId ?? null) : null }
}

const suspenseView = ({ atMs, payment: _, ...row }: SuspenseRow): SuspenseView => ({
  ...row,
  at: Math.round(atMs),
})

type Waiter = {
  readonly isOver: (state: KnownDeposit) => boolean
  readonly resolve: (state: KnownDeposit | null) => void
  readonly timer: NodeJS.Timeout
}

/** Who waits for a deposit to become something. */
class Waiters {
  readonly #waiting = new Map<string, Waiter[]>()
  #count = 0

  wait(
    id: string,
    isOver: (state: KnownDeposit) => boolean,
    mostMs: number,
  ): Promise<KnownDeposit | null> {
    if (this.#count >= waitersMax) return Promise.resolve(null)
    return new Promise(resolve => {
      const timer = setTimeout(() => this.forget(id, isOver), mostMs)
      this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), { isOver, resolve, timer }])
      this.#count++
    })
  }

  tell(id: string, state: KnownDeposit): void {
    for (const one of this.#waiting.get(id) ?? []) {
      if (one.isOver(state)) this.#end(id, one, state)
    }
  }

  forget(id: string, isOver: Waiter['isOver']): void {
    for (const one of this.#waiting.get(id) ?? []) {
      if (one.isOver === isOver) this.#end(id, one, null)
    }
  }

  close(): void {
    for (const [id, all] of [...this.#waiting]) for (const one of all) this.#end(id, one, null)
  }

  #end(id: string, waiter: Waiter, state: KnownDeposit | null): void {
    clearTimeout(waiter.timer)
    const left = (this.#waiting.get(id) ?? []).filter(one => one !== waiter)
    if (left.length === 0) this.#waiting.delete(id)
    else this.#waiting.set(id, left)
    this.#count--
    waiter.resolve(state)
  }
}
