/**
 * Payments of merchants: made, read, given back, said again; and what acquirers tell of them.
 *
 *   create ─▶ terminal, merchant, QR ─▶ payment actor ─▶ view
 *   callback ─▶ callback.ts ─▶ payment actor ─▶ (notify) ─▶ box
 *
 * SAK1. Payments are made for approved merchants at active terminals; money that came is booked
 *       whatever has become of them since.
 * SAK2. The same reference of a merchant is the same payment; without one we draw it.
 * SAK3. Whoever asks for a merchant sees that merchant's payments and no others.
 * SAK4. A list that follows one's own write has it.
 * SAK5. In lists and sums of a span a payment belongs to the moment when it was booked, and until
 *       then to the one when it was made: to one day, and that of the merchant's books.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { merchantOwner } from '../../actors/chart.ts'
import { isTrading } from '../../actors/merchant/life.ts'
import { isBooked } from '../../actors/payment/payment.ts'
import type { Notice, Payment, PaymentFacts } from '../../actors/payment/payment-contract.ts'
import type { FeePlan } from '../../actors/settlement/fee.ts'
import { isId, makeId, shardOf } from '../../engine/ids.ts'
import { amountMax } from '../../engine/money.ts'
import { decode } from '../../engine/record.ts'
import type { Database } from '../../sql/database.ts'
import {
  type EntryPlace,
  entryTypes,
  listMerchantEntries,
  listPayments,
  type MerchantEntryRow,
  openMsMax,
  type PaymentFilter,
  paymentById,
  paymentSummary,
  paymentsByAcquirerRef,
  paymentsByReference,
} from '../../sql/soundbox/payments.ts'
import {
  assignCallback,
  assignedCallbacks,
  bookedByEvent,
  type CallbackRow,
  callbackById,
  decisionsMark,
  type Judged,
  judgeCallbacks,
  keepCallbacks,
  listCallbacks,
  type NewCallback,
  openCallbacks,
  releaseCallback,
  reviewCallback,
} from '../../sql/soundbox/qris-callbacks.ts'
import type { Answer, Refused } from '../contract/answer.ts'
import type {
  CallbackView,
  MerchantEntryView,
  PaymentActions,
  PaymentStatus,
  PaymentView,
} from '../contract/soundbox.ts'
import type { RefusalCode } from '../contract/words.ts'
import type { EngineRoom } from '../engine-room.ts'
import { faulted } from '../faults.ts'
import { freshKey } from '../fresh-key.ts'
import { Inbox } from '../inbox.ts'
import type { JournalFollower } from '../journal-follower.ts'
import { ownWrites } from '../own-writes.ts'
import { refuse } from '../refusal.ts'
import { payment as said } from '../speech/speech.ts'
import { keepLatest } from '../wire/latest.ts'
import { bookDay } from './book-day.ts'
import { Callbacks } from './callback.ts'
import { assignedMax } from './callback-decisions.ts'
import type { CallbackSecret } from './callback-secret.ts'
import {
  asPayment,
  type KnownPayment as Known,
  labelOf,
  type Place,
  placeOf,
  placeOfId,
} from './payment-place.ts'
import { viewOfRow, viewOfState } from './payment-view.ts'
import type { Merchant, Registry } from './registry.ts'
import { dynamicQr } from './terminal-qr.ts'

type PaymentDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
  /** Where callbacks are kept before they are answered; nobody else uses its connections. */
  readonly inboxDb?: Pick<Database, 'pool'>
  readonly registry: Registry
  readonly rows: Pick<JournalFollower, 'reached'>
  readonly secret: CallbackSecret
  /** The box that speaks for a terminal; null: none, or none that may. */
  readonly boxAt: (terminalId: string) => { readonly deviceId: string } | null
  readonly isOwner: () => boolean
  /** Named is the request that it came of, if one waits for it. */
  readonly onError: (cause: unknown, requestId?: string | null) => void
}

export type PaymentLine = {
  readonly service: ServiceSchema
  readonly callbacks: Callbacks
  readonly start: () => void
  readonly stop: () => Promise<void>
}

type Params<A extends keyof PaymentActions> = PaymentActions[A]['params']
type Result<A extends keyof PaymentActions> = Promise<PaymentActions[A]['result']>

const usualExpiryS = 20 * 60
const expiryMaxS = openMsMax / 1_000
/** A box that asks for a QR is named before its own request id. */
const referenceMax = 140
const dueAtOnce = 500
const recentMax = 20_000
const graceMs = 24 * 60 * 60_000
/** Another process decided so often in between. */
const assignTriesMax = 5
/** No callback has this id: whoever decides about any waits for it. */
const everybody = 0

export function paymentLine(deps: PaymentDeps): PaymentLine {
  const { room, db, registry, rows, secret, boxAt, isOwner, onError } = deps
  const { engine, now, shards } = room
  const { pool } = db
  const inboxPool = (deps.inboxDb ?? db).pool
  /** References of young payments, which the tables may not have yet; null: more than one. */
  const recent = new Map<string, Place | null>()

  const inbox = new Inbox({
    insert: (kept: readonly NewCallback[]) => keepCallbacks(inboxPool, kept),
    judge: (judged: readonly Judged[]) => judgeCallbacks(inboxPool, judged),
  })
  const callbacks = new Callbacks({
    ...{ shards, registry, inbox, now, onError, dayOf: bookDay, noticeOf },
    machineNow: room.machineNow,
    secrets: () => secret.good(),
    ask: envelope => engine.ask(envelope),
    enter: (requestId, place) =>
      room.traces?.enter(requestId, { ...place, kind: 'payment', moves: true }),
    isNew: ({ shard, key }) => engine.host.shard(shard)?.isNew(key) ?? false,
    planOf: (merchantId, at) => (registry.planOf(merchantId, at)?.plan as FeePlan) ?? null,
    byReference,
    open: async (after, earlySinceMs) =>
      isOwner() ? await openCallbacks(inboxPool, { after, earlySinceMs, limit: 200 }) : [],
    assigned: sinceMs => assignedCallbacks(pool, { sinceMs, limit: assignedMax }),
    release: id => releaseCallback(pool, id),
    bookedByEvent: event => bookedByEvent(pool, event),
    async bookedByRef({ merchantId, acquirerRef }) {
      if (acquirerRef === '') return []
      // The rows have what was durable until now.
      await caughtUp(merchantId ?? undefined)
      return await paymentsByAcquirerRef(pool, { merchantId, acquirerRef })
    },
  })

  async function byReference(reference: string): Promise<Place | null> {
    const young = recent.get(reference)
    if (young !== undefined) return young
    const found = await paymentsByReference(pool, reference)
    return found.length === 1 ? placeOfId(found[0]!.id) : null
  }

  function noteReference(reference: string, place: Place): void {
    const known = recent.get(reference)
    const isOther = known === null || (known !== undefined && known.key !== place.key)
    keepLatest(recent, reference, isOther ? null : place, recentMax)
  }

  /** What the box shall say of it. */
  function noticeOf(facts: Pick<PaymentFacts, 'merchant' | 'terminal' | 'amount'>): Notice {
    const { merchant: merchantId, terminal: terminalId, amount } = facts
    const merchant = registry.merchant(merchantId)
    const terminal = registry.terminal(terminalId)
    const outlet = registry.outlet(terminal?.outletId ?? '')
    const box = boxAt(terminalId)
    const lang = merchant?.lang ?? 'id'
    const names = {
      ...(merchant === undefined ? {} : { shop: merchant.qrName }),
      ...(outlet === undefined ? {} : { outlet: outlet.name }),
      ...(terminal === undefined ? {} : { terminal: terminal.label }),
    }
    const sentence = merchant?.template === '' ? null : (merchant?.template ?? null)
    return {
      messageId: makeId(now(), shardOf(merchantId), freshKey()),
      device: box?.deviceId ?? null,
      text: said({ amount, ...names }, { language: lang, sentence }),
      lang,
      ...(box === null ? { why: 'no_device' } : {}),
    }
  }

  /** Asks the actor, and shows what became of it. */
  async function tell(
    place: Place,
    merchantId: string,
    command: Payment['command'],
  ): Promise<Answer<PaymentView>> {
    try {
      const owner = merchantOwner(merchantId)
      const reply = await engine.ask({ ...place, kind: 'payment', owner, command })
      if ('refused' in reply) {
        const details = reply.details as Refused['details']
        return refuse(reply.refused as RefusalCode, details)
      }
      return { ok: viewOfState(reply.id, reply.state as Known, null) }
    } catch (cause) {
      return faulted(cause)
    }
  }

  async function create(
    params: Params<'payment.create'>,
    requestId: string | null,
  ): Result<'payment.create'> {
    const { terminalId, amount, by, expiresInS = usualExpiryS } = params
    const terminal = registry.terminal(terminalId)
    const merchant = registry.merchant(terminal?.merchantId ?? '')
    const isForeign = params.merchantId !== undefined && params.merchantId !== merchant?.id
    if (terminal === undefined || merchant === undefined || isForeign) return refuse('NOT_FOUND')
    if (!isTrading(merchant.status)) {
      return refuse('MERCHANT_INACTIVE', { status: merchant.status })
    }
    const outlet = registry.outlet(terminal.outletId)
    if (!terminal.active || outlet?.active !== true) return refuse('TERMINAL_INACTIVE')
    if (!Number.isSafeInteger(amount) || amount <= 0 || amount > amountMax) {
      return refuse('AMOUNT_INVALID')
    }
    const isExpiry = Number.isInteger(expiresInS) && expiresInS > 0 && expiresInS <= expiryMaxS
    if (!isExpiry) return refuse('TIME_INVALID')
    const at = now()
    if (registry.planOf(merchant.id, at) === null) return refuse('FEE_PLAN_MISSING')
    const reference = params.reference ?? `L${freshKey()}`
    if (reference === '' || reference.length > referenceMax) {
      return refuse('FIELDS_INVALID', { problems: ['reference'] })
    }
    const wish: PaymentFacts = {
      ...{ merchant: merchant.id, outlet: terminal.outletId, terminal: terminal.id },
      ...{ kind: 'dynamic', amount, reference, qr: terminal.tid, by },
      expiresAt: at + expiresInS * 1_000,
    }
    if (requestId !== null)
      room.traces?.enter(requestId, { ...placeOf(merchant.id, reference), kind: 'payment' })
    return await createAt(merchant, wish)
  }

  /** `qr`: the terminal's label, until the text is made. */
  async function createAt(merchant: Merchant, wish: PaymentFacts): Promise<Answer<PaymentView>> {
    const { amount, reference } = wish
    const place = placeOf(merchant.id, reference)
    const label = labelOf(place)
    const made = dynamicQr(merchant, wish.qr, { amount, reference: label })
    if ('problems' in made) return refuse('FIELDS_INVALID', { problems: made.problems })
    const command = { type: 'create', ...wish, qr: made.qr } as const
    const answer = await tell(place, merchant.id, command)
    if ('ok' in answer) {
      noteReference(reference, place)
      callbacks.created([reference, label, answer.ok.transactionId])
    }
    return answer
  }

  /** The payment as it is now; none for whoever asks for another merchant. */
  async function stateOf(
    transactionId: string,
    merchantId: string | undefined,
  ): Promise<{ place: Place; state: Known } | null> {
    if (!isId(transactionId) || shardOf(transactionId) >= shards) return null
    const place = placeOfId(transactionId)
    const reply = await engine.ask({ ...place, kind: 'payment' })
    const state = asPayment(reply.state)
    if (state === null || reply.id !== transactionId) return null
    return merchantId === undefined || state.facts.merchant === merchantId ? { place, state } : null
  }

  /** With the payment at hand, or not found. */
  async function about<T>(
    params: { readonly transactionId: string; readonly merchantId?: string },
    work: (found: { place: Place; state: Known }) => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    try {
      const found = await stateOf(params.transactionId, params.merchantId)
      return found === null ? refuse('NOT_FOUND') : await work(found)
    } catch (cause) {
      return faulted(cause)
    }
  }

  const get = (params: Params<'payment.get'>): Result<'payment.get'> =>
    about(params, async ({ state }) => {
      const row = isBooked(state) ? await paymentById(pool, params.transactionId) : null
      return { ok: viewOfState(params.transactionId, state, row) }
    })

  /** The tables have what is durable now. */
  const caughtUp = (merchantId?: string) => ownWrites({ room, rows }, merchantId)

  async function list(params: Params<'payment.list'>): Result<'payment.list'> {
    const ids = [params.merchantId, params.outletId, params.terminalId, params.settlementBatchId]
    for (const id of [...ids, params.cursor]) {
      if (id !== undefined && !isId(id)) return refuse('NOT_FOUND')
    }
    await caughtUp(params.merchantId)
    const asked: PaymentFilter = {
      merchantId: params.merchantId ?? null,
      outletId: params.outletId ?? null,
      terminalId: params.terminalId ?? null,
      status: params.status ?? null,
      sound: params.sound ?? null,
      reference: params.reference ?? null,
      batchId: params.settlementBatchId ?? null,
      fromMs: params.from ?? null,
      toMs: params.to ?? null,
      before: params.cursor ?? null,
      limit: params.limit + 1,
    }
    const found = await listPayments(pool, asked)
    const page = found.slice(0, params.limit).map(viewOfRow)
    return {
      ok: { rows: page, next: found.length > params.limit ? page.at(-1)!.transactionId : null },
    }
  }

  const events = (params: Params<'payment.events'>): Result<'payment.events'> =>
    about(params, async ({ place }) => {
      const lines = await engine.history(place.shard, place.key)
      const told = lines.flatMap(({ seq, body }) => {
        const { at, events } = decode(body)
        return events.map(({ type, ...data }) => ({ seq, at, type, data }))
      })
      return { ok: { rows: told } }
    })

  const refund = (params: Params<'payment.refund'>): Result<'payment.refund'> =>
    about(params, ({ place, state }) => {
      const { refundId, amount, reason, by } = params
      const day = bookDay(now())
      const command = { type: 'refund', refundId, amount, day, reason, by } as const
      return tell(place, state.facts.merchant, command)
    })

  const renotify = (params: Params<'payment.renotify'>): Result<'payment.renotify'> =>
    about(params, ({ place, state }) => {
      const { by, messageId } = params
      const named = messageId === undefined ? {} : { messageId }
      const command = { type: 'renotify', by, ...noticeOf(state.facts), ...named } as const
      return tell(place, state.facts.merchant, command)
    })

  /** Timers do it as well; this is for whoever does not want to wait for them. */
  async function expireDue({ by }: Params<'payment.expireDue'>): Result<'payment.expireDue'> {
    await caughtUp()
    let expired = 0
    let cursor: string | null = null
    for (;;) {
      const found: Awaited<ReturnType<typeof listPayments>> = await listPayments(pool, {
        ...{ merchantId: null, outletId: null, terminalId: null, sound: null, reference: null },
        ...{ batchId: null, fromMs: null, toMs: null },
        ...{ status: 'PENDING', before: cursor, limit: dueAtOnce },
      })
      for (const row of found) {
        if (row.expiresMs === null || row.expiresMs > now()) continue
        const answer = await tell(placeOfId(row.id), row.merchantId, { type: 'expire', by })
        if ('fault' in answer) return answer
        if ('ok' in answer && answer.ok.status === 'EXPIRED') expired++
      }
      if (found.length < dueAtOnce) return { ok: { expired } }
      cursor = found.at(-1)!.id
    }
  }

  async function summary(params: Params<'payment.summary'>): Result<'payment.summary'> {
    const { merchantId, from, to } = params
    if (merchantId !== undefined && !isId(merchantId)) return refuse('NOT_FOUND')
    await caughtUp(merchantId)
    const asked = { merchantId: merchantId ?? null, fromMs: from, toMs: to }
    const found = await paymentSummary(pool, asked)
    return { ok: { rows: found.map(row => ({ ...row, status: row.status as PaymentStatus })) } }
  }

  async function entries(params: Params<'payment.entries'>): Result<'payment.entries'> {
    const { merchantId, subjectId, from = null, to = null, cursor, limit } = params
    for (const id of [merchantId, subjectId]) {
      if (id !== undefined && !isId(id)) return refuse('NOT_FOUND')
    }
    const before = cursor === undefined ? null : entryPlaceOf(cursor)
    if (before === undefined) return refuse('NOT_FOUND')
    await caughtUp(merchantId ?? subjectId)
    const found = await listMerchantEntries(pool, {
      ...{ merchantId: merchantId ?? null, subjectId: subjectId ?? null, limit: limit + 1 },
      ...{ fromMs: from, toMs: to, before },
    })
    const page = found.slice(0, limit).map(entryView)
    return { ok: { rows: page, next: found.length > limit ? page.at(-1)!.id : null } }
  }

  async function told(params: Params<'payment.callbacks'>): Result<'payment.callbacks'> {
    await inbox.rest()
    const found = await listCallbacks(pool, {
      ...{ parked: params.parked ?? false, eventId: params.eventId ?? null },
      ...{ before: params.before ?? null, limit: params.limit },
    })
    return { ok: { rows: found.map(callbackView) } }
  }

  /** A person decides about one, and nobody else meanwhile. */
  async function deciding(
    id: number,
    decide: (row: CallbackRow) => Promise<Refused | null>,
  ): Promise<Answer<CallbackView>> {
    try {
      return await callbacks.alone(id, async () => {
        await inbox.rest()
        const row = await callbackById(pool, id)
        if (row === null) return refuse('NOT_FOUND')
        const refused = await decide(row)
        return refused ?? { ok: callbackView((await callbackById(pool, id))!) }
      })
    } catch (cause) {
      return faulted(cause)
    }
  }

  const review = (params: Params<'payment.review'>): Result<'payment.review'> =>
    deciding(params.id, async ({ result, reviewedBy, body, receivedMs }) => {
      const { id, verb, note, by } = params
      if (verb === 'retry') {
        const isOpen = result === null || (result === 'parked' && reviewedBy === null)
        if (!isOpen) return refuse('ALREADY_DECIDED')
        await callbacks.retry(id, Buffer.from(body, 'base64'), receivedMs)
      } else {
        if (!(await reviewCallback(pool, { id, note, by }))) return refuse('ALREADY_DECIDED')
        callbacks.dismissed(id)
      }
      return null
    })

  async function assign(params: Params<'payment.assign'>): Result<'payment.assign'> {
    const { id, terminalId, reason: note, by } = params
    const named = terminalId === undefined ? {} : { terminalId }
    return await deciding(id, async row => {
      const { transactionId, terminalId: before } = row
      if (before !== null) {
        if (before !== (terminalId ?? before)) {
          return refuse('CALLBACK_BOOKED', { terminalId: before, transactionId })
        }
        if (row.result !== 'parked') return null
        return await callbacks.book({ ...row, terminalId: before })
      }
      // Its turn comes after those of all others, whose decisions it then sees.
      return await callbacks.alone(everybody, async () => {
        for (let tries = 0; tries < assignTriesMax; tries++) {
          const mark = await decisionsMark(pool)
          const wish = await callbacks.wishOf(row, { ...named, by })
          if ('refused' in wish) return wish
          const became = await assignCallback(pool, { id, ...wish, note, by, mark })
          if (became === 'late') return refuse('ALREADY_DECIDED')
          if (became === 'stale') continue
          return await callbacks.book({ ...row, ...wish, reviewedBy: by })
        }
        return refuse('CALLBACK_UNASSIGNABLE', { problem: 'at_work' })
      })
    })
  }

  const service: ServiceSchema = {
    name: 'payment',
    actions: {
      create: (ctx: Context<Params<'payment.create'>>) => create(ctx.params, ctx.requestID),
      get: (ctx: Context<Params<'payment.get'>>) => get(ctx.params),
      list: (ctx: Context<Params<'payment.list'>>) => list(ctx.params),
      events: (ctx: Context<Params<'payment.events'>>) => events(ctx.params),
      refund: (ctx: Context<Params<'payment.refund'>>) => refund(ctx.params),
      renotify: (ctx: Context<Params<'payment.renotify'>>) => renotify(ctx.params),
      expireDue: (ctx: Context<Params<'payment.expireDue'>>) => expireDue(ctx.params),
      callback: (ctx: Context<Params<'payment.callback'>>) =>
        callbacks.receive(ctx.params, ctx.requestID),
      callbacks: (ctx: Context<Params<'payment.callbacks'>>) => told(ctx.params),
      review: (ctx: Context<Params<'payment.review'>>) => review(ctx.params),
      assign: (ctx: Context<Params<'payment.assign'>>) => assign(ctx.params),
      summary: (ctx: Context<Params<'payment.summary'>>) => summary(ctx.params),
      entries: (ctx: Context<Params<'payment.entries'>>) => entries(ctx.params),
      drawSecret: (ctx: Context<Params<'payment.drawSecret'>>) =>
        secret.draw(graceMs, ctx.params.request),
    },
  }
  return {
    service,
    callbacks,
    start: () => callbacks.start(),
    stop: () => callbacks.stop(),
  }
}

const entryView = (row: MerchantEntryRow): MerchantEntryView => ({
  id: [Math.round(row.atMs), row.shard, row.seq, row.leg].join('-'),
  merchantId: row.merchantId,
  subject: row.subject as MerchantEntryView['subject'],
  subjectId: row.subjectId,
  type: entryTypes[row.name] ?? row.name,
  debit: row.debit,
  credit: row.credit,
  amount: row.amount,
  at: Math.round(row.atMs),
})

function entryPlaceOf(cursor: string): EntryPlace | undefined {
  const read = /^(\d{1,15})-(\d{1,4})-(\d{1,15})-(\d{1,4})$/.exec(cursor)
  if (read === null) return undefined
  const [atMs = 0, shard = 0, seq = 0, leg = 0] = read.slice(1).map(Number)
  return { atMs, shard, seq, leg }
}

const callbackView = ({ receivedMs, body, ...row }: CallbackRow): CallbackView => ({
  ...row,
  receivedAt: Math.round(receivedMs),
  body: Buffer.from(body, 'base64').toString('utf8'),
})
