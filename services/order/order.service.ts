/**
 * Orders, as the rest of the system sees them. A price is quoted from the book in memory, the order
 * decides, and the answer leaves when it is durable. Nothing is decided here.
 *
 *   place ─▶ quote (book) ─▶ ask the order ─▶ durable ─▶ view
 *   supplier's word (reply, check, callback) ─▶ report ─▶ the order
 *   get ─▶ its own lines, folded again up to a moment ─▶ view
 *
 * OSV1. Nobody gives the price of an order back to himself.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { wallet } from '../../actors/chart.ts'
import type {
  OrderCommand,
  OrderEffect,
  OrderState,
  Plan,
  Quote,
  Report,
  Said,
} from '../../actors/order/order-contract.ts'
import { alike } from '../../engine/alike.ts'
import { fingerprint, isId, keyOf, shardOf } from '../../engine/ids.ts'
import type { Envelope, Reply } from '../../engine/shard.ts'
import { named, quote } from '../catalogue/book.ts'
import type { Shelf } from '../catalogue/shelf.ts'
import type { Answer } from '../contract/answer.ts'
import type { Placed } from '../contract/order.ts'
import type { OrderStanding, OrderView } from '../contract/order-view.ts'
import type { RefusalCode } from '../contract/words.ts'
import type { Actions } from '../contract.ts'
import type { EngineRoom } from '../engine-room.ts'
import { faulted } from '../faults.ts'
import { isSame, isSameNumber } from '../parser/verdict.ts'
import { billQuote, type Inquired, type Wish } from '../postpaid/inquired.ts'
import type { Left } from '../routing/choice.ts'
import type { Lanes, Route, Router } from '../routing/router.ts'
import type { Submit } from '../supplier/callbacks.ts'
import type { SupplierAccess } from '../supplier/caller.ts'
import type { CallerThread } from '../supplier/caller-thread.ts'
import { parseRef } from '../supplier/reference.ts'
import { cleanSn, type Report as SupplierReport } from '../supplier/report.ts'
import { byHand, reroute } from './by-hand.ts'
import { chapterAt } from './story.ts'
import { orderBrief, orderStanding, orderView } from './view.ts'

type OrderDeps = {
  readonly room: EngineRoom
  readonly shelf: Pick<Shelf, 'book'>
  readonly supplierOf: (code: string) => SupplierAccess | undefined
  readonly caller: Pick<CallerThread, 'perform'>
  /** Without one, suppliers are tried in the book's order. */
  readonly router?: Router
  /** What a bill's token says; null for what is none. Without it no bill can be paid. */
  readonly openInquired?: (token: string) => Inquired | null
}

type Params<A extends keyof Actions> = Actions[A]['params']

export function orderService(deps: OrderDeps): ServiceSchema {
  const { engine } = deps.room
  const touch = (type: 'hold' | 'release' | 'recheck', words: Params<'order.hold'>) =>
    byHand(deps, words.trxId, () => ({ type, by: words.by, reason: words.reason }))
  for (const type of ['purchase', 'check']) deps.room.performers.set(type, performer(deps))
  return {
    name: 'order',
    actions: {
      place(ctx: Context<Params<'order.place'>>) {
        // Whom nobody gave a request has his own id for it.
        const { id, requestID } = ctx
        return place(deps, ctx.params, requestID === id ? null : requestID)
      },
      get: (ctx: Context<Params<'order.get'>>) => get(deps, ctx.params),
      byRef: (ctx: Context<Params<'order.byRef'>>) => byRef(deps, ctx.params),
      async resolve(ctx: Context<Params<'order.resolve'>>): Promise<Answer<OrderStanding>> {
        const { trxId, sn, byUser, ...words } = ctx.params
        if (!isOurs(deps, trxId)) return notFound
        const serial = sn === undefined ? {} : { sn: cleanSn(sn) }
        const command: OrderCommand = { type: 'resolve', ...words, ...serial }
        try {
          // Only the key of an id finds the order: a slip in the rest must not settle another one.
          const { id, state } = await engine.ask(envelope(trxId))
          if (id !== trxId) return notFound
          const isBack = words.verdict === 'failed' || words.verdict === 'refund'
          if (isBack && byUser !== undefined && isOf(state as OrderState, byUser)) {
            return answerOf({ id, state, refused: 'OWN_ACCOUNT', details: undefined }, trxId)
          }
          return answerOf(await engine.ask(envelope(trxId, command)), trxId)
        } catch (cause) {
          return faulted(cause)
        }
      },
      hold: (ctx: Context<Params<'order.hold'>>) => touch('hold', ctx.params),
      release: (ctx: Context<Params<'order.release'>>) => touch('release', ctx.params),
      recheck: (ctx: Context<Params<'order.recheck'>>) => touch('recheck', ctx.params),
      reroute: (ctx: Context<Params<'order.reroute'>>) => reroute(deps, ctx.params),
    },
  }
}

const isOurs = ({ room }: OrderDeps, trxId: string): boolean =>
  isId(trxId) && shardOf(trxId) < room.shards

const notFound = { refused: 'NOT_FOUND', moneyEffect: 'none' } as const

async function place(
  deps: OrderDeps,
  params: Params<'order.place'>,
  requestId: string | null,
): Promise<Answer<Placed>> {
  const { userId, ref } = params
  const shard = shardOf(userId)
  const key = fingerprint(userId, ref)
  const offer = offerOf(deps, params, key)
  let isNew = false
  deps.room.traces?.enter(requestId, { shard, key, kind: 'order' })
  try {
    const reply = await deps.room.engine.ask({
      shard,
      key,
      kind: 'order',
      owner: wallet(userId),
      command: {
        type: 'place',
        user: userId,
        ref: copied(ref),
        product: offer.product,
        destination: copied(offer.destination),
        quote: offer.quote,
        ...(offer.inquiry === null ? {} : { inquiry: offer.inquiry }),
        ...(params.callbackUrl === undefined ? {} : { callbackUrl: copied(params.callbackUrl) }),
        ...saidBy(params, offer),
      } as OrderCommand,
    })
    if ('refused' in reply) return await placeRefused(deps, { shard, reply, offer })
    isNew = reply.changed
    const order = orderBrief(reply.id, placedState(reply.state))
    return { ok: { order, balance: reply.available ?? 0, repeated: !reply.changed } }
  } catch (cause) {
    return faulted(cause)
  } finally {
    if (offer.route !== null) deps.router?.placed(offer.route, isNew)
  }
}

/** Only where it is not as the book has it: nearly all write it so. */
function saidBy(
  { product, destination, said = { product, destination } }: Params<'order.place'>,
  offer: Offer,
): { said?: Said } {
  return said.product === offer.product && said.destination === offer.destination
    ? {}
    : { said: [copied(said.product), copied(said.destination)] }
}

type Offer = {
  readonly product: string
  readonly destination: string
  readonly quote: Quote
  readonly route: Route | null
  /** Which inquiry it says that it pays; null when it names none. */
  readonly inquiry: string | null
}

/** The book's word in the order's words: who may be tried on which terms, and what twins share. */
function offerOf(deps: OrderDeps, params: Params<'order.place'>, key: string): Offer {
  const { userId, level, product, destination, maxPrice, inquiryToken } = params
  const now = deps.room.now()
  // When it opens and closes is seen on the clocks of people.
  const nowMs = deps.room.machineNow()
  const inquired = inquiryToken === undefined ? null : (deps.openInquired?.(inquiryToken) ?? null)
  const inquiry = inquiryToken === undefined ? null : (inquired?.id ?? 'unreadable')
  // A bill is compared with the limit, not the book's fee for it.
  const limit = maxPrice === undefined || inquiry !== null ? {} : { maxPrice }
  const asked = { code: product, level, userId, destination, nowMs, ...limit }
  const book = deps.shelf.book()
  const quoted = quote(book, asked)
  if ('refused' in quoted) {
    return { ...named(book, { product, destination }), quote: quoted, route: null, inquiry }
  }
  const { code, type } = quoted.product
  if (type === 'postpaid' || inquiry !== null) {
    const wish = { userId, now, maxPrice, inquired }
    const terms = billTerms(deps, quoted, inquiry === null ? null : wish)
    const bill = { product: code, destination: quoted.destination, inquiry }
    if ('refused' in terms || deps.router === undefined) {
      return { ...bill, quote: terms, route: null }
    }
    // Who told the bill is paid, or nobody; whether he may be is routing's to say.
    const candidates = terms.plan.map(([supplier, , cost]) => ({ supplier, cost }))
    const asking = { key, userId, price: terms.price, now }
    const route = deps.router.route(deps.router.lanes(code, candidates), asking)
    return { ...bill, quote: routed({ ...terms, plan: chosen(terms.plan, route) }, route), route }
  }
  const terms = termsOf(deps, quoted)
  const asking = { key, userId, price: quoted.price, now }
  const route = terms.lanes === null ? null : deps.router!.route(terms.lanes, asking)
  const twin = quoted.multi
    ? ''
    : fingerprint('twin', userId, code, quoted.destination, String(quoted.counter))
  const agreed = {
    price: quoted.price,
    plan: chosen(terms.plan, route),
    pendingLimitMs: quoted.pendingLimitS * 1_000,
    twin,
    twinMs: quoted.twinMinutes * 60_000,
  }
  return {
    ...{ product: code, destination: quoted.destination, quote: routed(agreed, route), route },
    inquiry,
  }
}

/** A bill is paid by its inquiry, and what is no bill by none. */
function billTerms({ supplierOf }: OrderDeps, quoted: Quoted, wish: Wish | null): Quote {
  const { code, type } = quoted.product
  if (wish === null) return { refused: 'INQUIRY_REQUIRED', details: { product: code } }
  if (type !== 'postpaid') return { refused: 'INQUIRY_INVALID', details: { reason: 'product' } }
  return billQuote(quoted, wish, supplier => {
    const access = supplierOf(supplier)
    if (access?.adapter.postpaid === undefined) return null
    return [access.recheckAfterMs, access.adapter.card.recheckWithinMs]
  })
}

const chosen = (plan: readonly Plan[], route: Route | null): readonly Plan[] =>
  route === null || route.plan === null ? plan : route.plan.map(n => plan[n]!)

/** Most orders have neither a limit for trying others nor a record: nothing is copied for them. */
function routed(agreed: Exclude<Quote, { refused: unknown }>, route: Route | null): Quote {
  if (route === null || (route.failoverMs === null && route.why === null)) return agreed
  const { failoverMs, why } = route
  return {
    ...agreed,
    ...(failoverMs === null ? {} : { failoverMs }),
    ...(why === null ? {} : { why }),
  }
}

type Quoted = Exclude<ReturnType<typeof quote>, { refused: string }>
type Terms = {
  readonly offered: Quoted['plan']
  readonly plan: readonly Plan[]
  readonly suppliers: readonly SupplierAccess[]
  /** Null when nobody routes, or nobody is there to be chosen. */
  readonly lanes: Lanes | null
}

/** Orders of one product at one price share one plan, as long as book and suppliers stay. */
const plans = new WeakMap<Quoted['product'], Map<number, Terms>>()

function termsOf({ supplierOf, router }: OrderDeps, { product, price, plan }: Quoted): Terms {
  let ofProduct = plans.get(product)
  if (ofProduct === undefined) {
    ofProduct = new Map()
    plans.set(product, ofProduct)
  }
  const known = ofProduct.get(price)
  if (known !== undefined && isCurrent(known, plan, supplierOf)) return known

  const terms = plan.flatMap(([code, sku, cost, most]) => {
    const access = supplierOf(code)
    if (access === undefined) return []
    const { recheckAfterMs, adapter } = access
    const entry: Plan = [code, sku, cost, most, recheckAfterMs, adapter.card.recheckWithinMs]
    return [{ entry, access, supplier: code, cost }]
  })
  const lanes =
    router === undefined || terms.length === 0 ? null : router.lanes(product.code, terms)
  const suppliers = terms.map(one => one.access)
  const fresh = { offered: plan, plan: terms.map(one => one.entry), suppliers, lanes }
  ofProduct.set(price, fresh)
  return fresh
}

/** The same candidates on the same terms: who is passed over depends on the hour, too. */
function isCurrent(known: Terms, plan: Quoted['plan'], supplierOf: OrderDeps['supplierOf']) {
  if (known.suppliers.length !== plan.length) return false
  for (let n = 0; n < plan.length; n++) {
    const [code, sku, cost] = plan[n]!
    const [knownCode, knownSku, knownCost] = known.offered[n]!
    if (code !== knownCode || sku !== knownSku || cost !== knownCost) return false
    if (supplierOf(code) !== known.suppliers[n]) return false
  }
  return true
}

type Refusal = Extract<Reply, { refused: string }>

/** The same text on its own: a piece of a request keeps the whole of it in memory. */
const copied = (text: string): string => Buffer.from(text).toString()

async function placeRefused(
  deps: OrderDeps,
  { shard, reply, offer }: { shard: number; reply: Refusal; offer: Offer },
): Promise<Answer<Placed>> {
  const refused = reply.refused as RefusalCode
  const state = reply.state as OrderState
  if (state.phase !== 'absent') {
    const order = orderBrief(reply.id, state)
    return { refused, order, moneyEffect: order.moneyEffect }
  }
  if (refused === 'TWIN_ORDER') {
    const { key } = reply.details as { key: string }
    const twin = await deps.room.engine.ask({ shard, key, kind: 'order' })
    const twinState = twin.state as OrderState
    if (twinState.phase !== 'absent') {
      const isPaid = offer.inquiry !== null && twinState.order.bill?.id === offer.inquiry
      const order = orderBrief(twin.id, twinState)
      return { refused: isPaid ? 'INQUIRY_USED' : refused, order, moneyEffect: 'none' }
    }
  }
  return { refused, ...detailsOf(reply), moneyEffect: 'none' }
}

/** Whoever says what it was about as well, and is wrong, is told so: his order is another one. */
async function byRef(
  deps: OrderDeps,
  { userId, ref, product, destination }: Params<'order.byRef'>,
): Promise<Answer<OrderStanding>> {
  const place = { shard: shardOf(userId), key: fingerprint(userId, ref), kind: 'order' }
  try {
    const { id, state } = await deps.room.engine.ask(place)
    const known = state as OrderState
    if (!isOrder(known) || known.order.user !== userId) return notFound
    const order = orderStanding(id, known)
    const asked = { product: product ?? order.product, destination: destination ?? '' }
    const meant = named(deps.shelf.book(), asked)
    const isSame =
      meant.product === order.product &&
      (destination === undefined || meant.destination === order.destination)
    if (isSame) return { ok: order }
    return { refused: 'DUPLICATE_REF', order, moneyEffect: order.moneyEffect }
  } catch (cause) {
    return faulted(cause)
  }
}

/** The order as it was at that moment, or is now, with all that had happened by then. */
async function get(
  deps: OrderDeps,
  { userId, trxId, ref, at = Number.POSITIVE_INFINITY }: Params<'order.get'>,
): Promise<Answer<OrderView>> {
  if (trxId !== undefined && !isOurs(deps, trxId)) return notFound
  const shard = shardOf(trxId ?? userId)
  const key = trxId === undefined ? fingerprint(userId, ref) : keyOf(trxId)
  const { engine } = deps.room
  try {
    // Asked as well: who no longer holds the shard says so, instead of telling what it can read.
    const [lines] = await Promise.all([
      engine.history(shard, key),
      engine.ask({ shard, key, kind: 'order' }),
    ])
    const chapter = chapterAt(lines, { key, trxId, at })
    if (chapter === null || chapter.state.order.user !== userId) return notFound
    return { ok: orderView(chapter.record.id, chapter) }
  } catch (cause) {
    return faulted(cause)
  }
}

// -- what suppliers say ------------------------------------------------------------------------

/**
 * Effects of orders: one call each, whose report answers the effect. A purchase that goes on to a
 * later supplier asks routing first (RTG7): whoever may not have it is left out, as if he were off.
 */
function performer(deps: OrderDeps) {
  return async ({ id, effect, from, resumed }: PerformedErrand): Promise<Envelope> => {
    const asked = effect as unknown as OrderEffect
    // What may have been sent before a restart is not ours to call failed.
    const left = resumed ? '' : leftBy(deps, from, asked)
    const at = deps.room.now()
    const report =
      left === '' ? await deps.caller.perform({ ...asked, resumed, at }) : leftOut(asked.n, left)
    return { ...envelope(from, { type: 'report', report: reportOf(report) }), cause: id }
  }
}

function leftBy({ router, room }: OrderDeps, id: string, { n, supplier, later }: OrderEffect) {
  if (later === undefined || router === undefined) return ''
  const { product, user: userId, cost } = later
  return router.letGo({ id, n }, { supplier, product, userId, cost, now: room.now() })
}

const leftOut = (n: number, why: Left): SupplierReport => ({
  ...{ n, outcome: 'failed', code: 'left_out', message: why, retryable: true },
  ...{ ms: 0, via: 'reply' },
})

type PerformedErrand = Parameters<NonNullable<ReturnType<EngineRoom['performers']['get']>>>[0]

/** What arrived by callback finds its order by the reference that we gave the supplier. */
export function makeSubmit({ room }: Pick<OrderDeps, 'room'>): Submit {
  return async (ref, report) => {
    const parsed = parseRef(ref)
    if (parsed === null || shardOf(parsed.order) >= room.shards) return 'unknown_ref'
    const { state, id } = await room.engine.ask(envelope(parsed.order))
    if (!isOrder(state as OrderState) || id !== parsed.order) return 'unknown_ref'
    const { attempts, destination } = placedState(state).order
    const attempt = attempts[parsed.n - 1]
    if (attempt === undefined || attempt.supplier !== report.supplier) return 'unknown_ref'
    // A word about something else than we asked for says nothing about what we asked for.
    if (report.sku !== null && !isSame(report.sku, attempt.sku)) return 'unknown_ref'
    if (report.dest !== null && !isSameNumber(report.dest, destination)) return 'unknown_ref'
    const command: OrderCommand = { type: 'report', report: reportOf(report) }
    await room.engine.ask(envelope(parsed.order, command))
    return 'accepted'
  }
}

function reportOf(report: SupplierReport): Report {
  const { n, outcome, message = null, reply = null, ms } = report
  const trouble = report.supplierTrouble ? ({ trouble: true } as const) : null
  // It comes from another thread, and every order would have these words for itself.
  const code = report.code === undefined ? null : alike(report.code)
  const evidence = { n, code, message, reply, ms, via: alike(report.via), ...trouble }
  switch (outcome) {
    case 'success': {
      const { sn = '', cost = null, balance = null } = report
      return { ...evidence, outcome, sn, cost, balance }
    }
    case 'failed':
      return {
        ...{ ...evidence, outcome, retryable: report.retryable ?? false },
        ...(report.watch ? { watch: true } : null),
      }
    case 'pending':
    case 'unknown': {
      const left = report.leftAt === undefined ? null : { leftAt: report.leftAt }
      return { ...evidence, ...left, outcome: alike(outcome) }
    }
  }
}

// -- small words -------------------------------------------------------------------------------

function envelope(trxId: string, command?: OrderCommand): Envelope {
  const place = { shard: shardOf(trxId), key: keyOf(trxId), kind: 'order' }
  return command === undefined ? place : { ...place, command }
}

const isOrder = (state: OrderState): state is Exclude<OrderState, { phase: 'absent' }> =>
  'order' in state

const isOf = (state: OrderState, user: string): boolean =>
  isOrder(state) && state.order.user === user

function placedState(state: unknown): Exclude<OrderState, { phase: 'absent' }> {
  return state as Exclude<OrderState, { phase: 'absent' }>
}

function detailsOf(reply: Refusal): { details?: Record<string, unknown> } {
  return reply.details === undefined ? {} : { details: reply.details as Record<string, unknown> }
}

function answerOf(reply: Reply, trxId: string): Answer<OrderStanding> {
  const state = reply.state as OrderState
  if (!isOrder(state)) return notFound
  const order = orderStanding(trxId, state)
  if (!('refused' in reply)) return { ok: order }
  return { refused: reply.refused as RefusalCode, order, moneyEffect: order.moneyEffect }
}
