/**
 * Rented numbers, as the rest of the system sees them: the catalogue with prices, an order, its
 * codes, giving it back, and links that need no login. What may happen is the order's to decide.
 *
 *   create ─▶ quote (memory) ─▶ guard ─▶ the order ─▶ durable ─▶ (a moment for the number) ─▶ view
 *
 * NVG1. The same word of the same client is the same order, whatever the catalogue says, and calls
 *       things, meanwhile.
 * NVG2. What was agreed is locked: above what the client would pay nothing is ordered.
 * NVG3. Who asks for another's order is told that there is none.
 * NVG4. A code is opened for its owner and for whoever has the link, never for both for ever: what
 *       a link shows ends sooner.
 * NVG5. What the guard let through and never came to be does not count; a guard that can't be asked
 *       lets nothing through.
 * NVG6. Whoever orders, first or again, or gives back is answered when the supplier has said how it
 *       went, or after a while; a purchase in doubt is waited for only by who asks for that.
 * NVG7. No more numbers are rented than can be asked about.
 * NVG8. Who asks for another code hears it when the supplier refuses; what it does not answer in a
 *       while is waited for.
 * NVG9. The link of an order is told as often as its owner asks; that he ended it for another one
 *       is among what people did.
 */

import type { Context, ServiceSchema } from 'moleculer'
import {
  type ActivationCommand,
  activationKey,
  type QuoteRefusal,
  type Rental,
} from '../../actors/activation/activation-contract.ts'
import { wallet } from '../../actors/chart.ts'
import { isId, shardOf } from '../../engine/ids.ts'
import type { Reply } from '../../engine/shard.ts'
import type { Database } from '../../sql/database.ts'
import { listNumbers, type NumberFilter } from '../../sql/number/number.ts'
import { noteActivity } from '../../sql/people/activity.ts'
import type { Answer } from '../contract/answer.ts'
import type { ActivationView } from '../contract/number.ts'
import type { NumberSettings } from '../contract/number-admin.ts'
import type { RefusalCode } from '../contract/words.ts'
import type { Actions } from '../contract.ts'
import type { EngineRoom } from '../engine-room.ts'
import { faulted } from '../faults.ts'
import { ownWrites } from '../own-writes.ts'
import { refuse } from '../refusal.ts'
import type { AbuseGuard } from './abuse/guard.ts'
import type { Awaited } from './awaited.ts'
import type { Invoices } from './invoice.ts'
import { envelopeOf } from './performers.ts'
import type { NumberRows } from './rows.ts'
import type { Vault } from './vault.ts'
import { asActivation, type Known, viewOf, viewOfRow } from './view.ts'

type NumberDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
  readonly catalogue: NumberShelf
  readonly guard: AbuseGuard
  readonly settings: () => Pick<NumberSettings, 'waitMinutes' | 'codeShownHours'>
  readonly vault: Pick<Vault, 'keyOf'>
  readonly invoices: Invoices
  readonly rows: Pick<NumberRows, 'follower'>
  readonly awaited: Awaited
  /** Whether no more numbers can be asked about. */
  readonly isFull: () => boolean
  /** So long whoever orders waits for his number. */
  readonly buyingMs?: number
  readonly onError: (cause: unknown, requestId?: string | null) => void
}

/** What was quoted, without who asked. */
export type Quoted = Omit<Rental, 'user' | 'ref' | 'waitMs'>
export type Wish = {
  readonly level: number
  readonly serviceId: string
  readonly countryId: string
  readonly operatorId: string
  readonly maxPrice: number | null
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Promise<Actions[A]['result']>

export type NumberShelf = {
  readonly services: (asked: Params<'number.services'>) => Actions['number.services']['result']
  readonly countries: (asked: Params<'number.countries'>) => Actions['number.countries']['result']
  readonly operators: (asked: Params<'number.operators'>) => Actions['number.operators']['result']
  readonly quote: (wish: Wish) => Quoted | { readonly refused: QuoteRefusal }
  /** Our words for what somebody calls an app and a country. */
  readonly idsOf: (wish: Pick<Wish, 'serviceId' | 'countryId'>) => {
    readonly service: string
    readonly country: string
  }
}

const minuteMs = 60_000
const hourMs = 3_600_000
/** Some suppliers are asked three things for a purchase, and purchases that look alike queue. */
const usualBuyingMs = 8_000
const cancellingMs = 5_000
const resendingMs = 5_000
const activeMax = 100
const busyMs = 5_000

export function numberService(deps: NumberDeps): ServiceSchema {
  const { room, catalogue, invoices } = deps
  const { engine, shards, now } = room

  async function create(
    params: Params<'number.create'>,
    requestId: string | null,
  ): Result<'number.create'> {
    const { userId, ref } = params
    const [shard, key] = [shardOf(userId), activationKey(userId, ref)]
    const owner = wallet(userId)
    try {
      const place = { shard, key, kind: 'activation', owner }
      const before = asActivation((await engine.ask(place)).state)
      if (before === null && deps.isFull()) {
        return { fault: 'OVERLOADED', retryAfterMs: busyMs, moneyEffect: 'none' }
      }
      const offered = before === null ? offerOf(params) : { rental: repeated(params, before) }
      // An order that is there answers for itself; only a new one is judged.
      const isJudged = before === null && !('refused' in offered)
      const verdict = isJudged ? await deps.guard.judge(asking(params, key, offered.rental)) : null
      if (verdict !== null) {
        const { refused, retryAfterMs } = verdict
        const later = retryAfterMs === undefined ? {} : { retryAfterMs }
        return { refused, moneyEffect: 'none', ...later }
      }
      const command: ActivationCommand = { type: 'place', ...offered }
      const placed = await engine.ask({ ...place, command })
      if ('refused' in placed) {
        if (isJudged && asActivation(placed.state) === null)
          deps.guard.forget(key).catch(cause => deps.onError(cause, requestId))
        return refusedOf(placed)
      }
      const isSo = params.untilKnown === true ? isKnown : isReplied
      await settled(placed.id, deps.buyingMs ?? usualBuyingMs, isSo)
      const reply = await engine.ask(place)
      const balance = 'available' in reply ? (reply.available ?? 0) : 0
      const order = await shown(reply.id, asActivation(reply.state)!)
      return { ok: { order, invoice: await invoices.word(reply.id), balance } }
    } catch (cause) {
      return faulted(cause)
    }
  }

  /** Why not, or on which terms; a refusal travels along, for a repeat ignores it. */
  function offerOf(params: Params<'number.create'>): { rental: Rental; refused?: QuoteRefusal } {
    const { userId: user, ref } = params
    const quoted = catalogue.quote(params)
    if ('refused' in quoted) return { rental: wished(params), refused: quoted.refused }
    return { rental: { user, ref, waitMs: deps.settings().waitMinutes * minuteMs, ...quoted } }
  }

  /** What was asked for then may have been called otherwise. */
  function repeated(params: Params<'number.create'>, { facts }: Known): Rental {
    const { service, country } = facts
    const [then, now] = [
      catalogue.idsOf({ serviceId: service, countryId: country }),
      catalogue.idsOf(params),
    ]
    return {
      ...wished(params),
      service: then.service === now.service ? service : now.service,
      country: then.country === now.country ? country : now.country,
    }
  }

  const wished = (params: Params<'number.create'>): Rental => ({
    ...{ user: params.userId, ref: params.ref, waitMs: 0, operator: params.operatorId },
    ...{ service: params.serviceId, serviceName: '', country: params.countryId, countryName: '' },
    ...{ operatorName: '', supplier: '', offer: '', price: 0, cost: 0 },
    terms: { cancelAfterMs: 0, lifeMs: 0, resends: false, pollMs: 0 },
  })

  const asking = ({ userId, address }: Params<'number.create'>, key: string, rental: Rental) => ({
    ...{ key, userId, serviceId: rental.service, serviceName: rental.serviceName },
    ...{ countryId: rental.country, address, at: now() },
  })

  /** Until it is so, as the order says itself, or for as long as somebody would wait. */
  async function settled(orderId: string, ms: number, isSo: (state: Known) => boolean) {
    const waiting = deps.awaited.until(orderId, ms, isSo)
    const state = asActivation((await engine.ask(envelopeOf(orderId))).state)
    if (state === null || !isSo(state)) await waiting
  }

  async function shown(orderId: string, state: Known, since = 0): Promise<ActivationView> {
    const hasMessages = state.facts.messages.length > 0
    const lock = hasMessages ? await deps.vault.keyOf(orderId) : null
    return viewOf(orderId, state, { lock, since })
  }

  /** The order as it is now, for its owner. */
  async function stateOf(orderId: string, userId: string | null): Promise<Known | null> {
    if (!isId(orderId) || shardOf(orderId) >= shards) return null
    const reply = await engine.ask(envelopeOf(orderId))
    const state = asActivation(reply.state)
    if (state === null || reply.id !== orderId) return null
    return userId === null || state.facts.user === userId ? state : null
  }

  async function about<T>(
    { orderId, userId }: { readonly orderId: string; readonly userId: string },
    work: (state: Known) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    try {
      const state = await stateOf(orderId, userId)
      return state === null ? refuse('NOT_FOUND') : await work(state)
    } catch (cause) {
      return faulted(cause)
    }
  }

  const get = (asked: Params<'number.get'>): Result<'number.get'> =>
    about(asked, async state => ({ ok: await shown(asked.orderId, state) }))

  const tell = (
    asked: Params<'number.get'>,
    command: ActivationCommand,
    wait?: { readonly ms: number; readonly isSo: (state: Known) => boolean },
  ): Promise<Answer<ActivationView>> =>
    about(asked, async () => {
      const { orderId } = asked
      const reply = await engine.ask(envelopeOf(orderId, command))
      if ('refused' in reply) return refusedOf(reply)
      if (wait !== undefined) await settled(orderId, wait.ms, wait.isSo)
      const { state } = await engine.ask(envelopeOf(orderId))
      return { ok: await shown(orderId, asActivation(state)!) }
    })

  const resend = (asked: Params<'number.resend'>): Result<'number.resend'> =>
    about(asked, async () => {
      const { orderId } = asked
      const reply = await engine.ask(envelopeOf(orderId, { type: 'resend' }))
      if ('refused' in reply) return refusedOf(reply)
      const { resends } = asActivation(reply.state)!.facts
      await settled(orderId, resendingMs, isResent)
      const state = asActivation((await engine.ask(envelopeOf(orderId))).state)!
      return state.facts.resends < resends
        ? refuse('RESEND_REFUSED')
        : { ok: await shown(orderId, state) }
    })

  async function rowsOf(filter: NumberFilter): Promise<readonly ActivationView[]> {
    await ownWrites({ room, rows: deps.rows.follower }, filter.userId)
    const found = await listNumbers(deps.db.pool, filter)
    return await Promise.all(
      found.map(async row => {
        const lock = row.messages.length > 0 ? await deps.vault.keyOf(row.id) : null
        return viewOfRow(row, { lock, since: 0 })
      }),
    )
  }

  async function list(params: Params<'number.list'>): Result<'number.list'> {
    const { userId, cursor, limit, status } = params
    if (cursor !== null && !isId(cursor)) return refuse('NOT_FOUND')
    const filter = { userId, status, onlyOpen: false, before: cursor, limit: limit + 1 }
    const found = await rowsOf(filter)
    const orders = found.slice(0, limit)
    return { ok: { orders, next: found.length > limit ? orders.at(-1)!.orderId : null } }
  }

  async function active({ userId }: Params<'number.active'>): Result<'number.active'> {
    const filter = { userId, status: null, onlyOpen: true, before: null, limit: activeMax }
    return { ok: await rowsOf(filter) }
  }

  async function invoice({ word }: Params<'number.invoice'>): Result<'number.invoice'> {
    try {
      const orderId = await invoices.orderOf(word)
      const state = orderId === null ? null : await stateOf(orderId, null)
      if (orderId === null || state === null) return refuse('NOT_FOUND')
      const since = now() - deps.settings().codeShownHours * hourMs
      return { ok: await shown(orderId, state, since) }
    } catch (cause) {
      return faulted(cause)
    }
  }

  const relink = (asked: Params<'number.relink'>): Result<'number.relink'> =>
    about(asked, async () => {
      const { userId, orderId, address } = asked
      const invoice = await invoices.relink(orderId)
      const done = { userId, what: 'order.relinked', address, details: { order: orderId } }
      await noteActivity(deps.db.pool, { ...done, nowMs: now() }).catch(deps.onError)
      return { ok: { invoice } }
    })

  /** The link that is good now: nothing is ended by asking for it. */
  const link = (asked: Params<'number.link'>): Result<'number.link'> =>
    about(asked, async () => ({ ok: { invoice: await invoices.word(asked.orderId) } }))

  return {
    name: 'number',
    actions: {
      services: (ctx: Context<Params<'number.services'>>) => catalogue.services(ctx.params),
      countries: (ctx: Context<Params<'number.countries'>>) => catalogue.countries(ctx.params),
      operators: (ctx: Context<Params<'number.operators'>>) => catalogue.operators(ctx.params),
      create: (ctx: Context<Params<'number.create'>>) => create(ctx.params, ctx.requestID),
      get: (ctx: Context<Params<'number.get'>>) => get(ctx.params),
      list: (ctx: Context<Params<'number.list'>>) => list(ctx.params),
      active: (ctx: Context<Params<'number.active'>>) => active(ctx.params),
      invoice: (ctx: Context<Params<'number.invoice'>>) => invoice(ctx.params),
      link: (ctx: Context<Params<'number.link'>>) => link(ctx.params),
      relink: (ctx: Context<Params<'number.relink'>>) => relink(ctx.params),
      cancel: (ctx: Context<Params<'number.cancel'>>) => {
        const command = { type: 'cancel', why: 'USER', by: ctx.params.userId } as const
        return tell(ctx.params, command, { ms: cancellingMs, isSo: isAnswered })
      },
      resend: (ctx: Context<Params<'number.resend'>>) => resend(ctx.params),
      finish: (ctx: Context<Params<'number.finish'>>) =>
        tell(ctx.params, { type: 'finish', by: ctx.params.userId }),
    },
  }
}

const isKnown = (state: Known): boolean => state.phase !== 'buying'
/** The supplier has answered, or will not any more. */
const isReplied = (state: Known): boolean => state.phase !== 'buying' || state.doubt
const isResent = ({ facts }: Known): boolean => !facts.resending
/** The supplier has said something, or is asked later. */
const isAnswered = (state: Known): boolean => state.phase !== 'cancelling' || state.tryAt !== null

function refusedOf(reply: Extract<Reply, { refused: string }>) {
  const details = reply.details as Readonly<Record<string, unknown>> | undefined
  return refuse(reply.refused as RefusalCode, details)
}
