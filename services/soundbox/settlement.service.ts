/**
 * Settlement of merchants: batches of what is due, by the calendar, one merchant or all of them;
 * and what people do with a batch until the bank has paid it.
 *
 *   payable days ─▶ due today? (T+N, bank holidays) ─▶ settlement actor ─▶ lines by projection
 *
 * SAM1. A day goes into a batch when it is due: N banking days after it, as the merchant's T+N
 *       says. A day that stands below zero goes at once, whatever its age: it is kept back first.
 *       A person may pay out what is not due yet.
 * SAM2. What a batch takes is what stands in the books when its turn comes, not what was read
 *       before; two that are made at once never take the same rupiah. A day that was taken along
 *       because it was below zero stays where it is when it is not any more.
 * SAM3. A run on one day makes at most one batch per merchant besides those of SAM7, however often
 *       it is asked, and goes by itself every banking day.
 * SAM4. A batch that takes the place of another is found again when it is asked for twice.
 * SAM5. Whoever asks for a merchant sees that merchant's batches and no others.
 * SAM6. A bank's file of before batches knew of theirs (sql/money/bank-file.ts) counts like one of now.
 * SAM7. What was adjusted by hand on a batch that failed is not lost: where no other batch took its
 *       place, the run of a later day makes one, with all that is due to its merchant. Until there
 *       is enough for a debit, nothing is paid out to him by a run.
 * SAM8. A batch in the place of another takes its days that are due by then; those of one that was
 *       wanted early, as they are. What its merchant owes by then goes off it, as in SAM1.
 * SAM9. The lines of a batch are its refunds and then its payments, page by page; none is left out.
 * SAM10. A batch tells who fetched the first bank's file that names it, and when.
 * SAM11. Who is suspended is passed over by a run: what he has coming waits until he is taken on
 *        again, or until a person makes a batch for him.
 * SAM12. Whose batch can not be made now keeps nobody else's back: the run goes on behind him, and
 *        goes again until it was whole.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { batchOf, merchantOwner, payable } from '../../actors/chart.ts'
import { type Day, isOpen } from '../../actors/settlement/calendar.ts'
import {
  type Batch,
  type Settlement,
  type SettlementState,
  totalOf,
} from '../../actors/settlement/settlement.ts'
import { fingerprint, isId, keyOf, shardOf } from '../../engine/ids.ts'
import type { Database } from '../../sql/database.ts'
import { bankFileOf } from '../../sql/money/bank-file.ts'
import {
  type BatchRow,
  batchById,
  batchPayments,
  batchRefunds,
  failedAdjusted,
  listAdjustments,
  listBatches,
  type PaymentRow,
  type RefundPlace,
  type RefundRow,
  unsettledDays,
} from '../../sql/soundbox/payments.ts'
import type { Answer, Faulted, Refused } from '../contract/answer.ts'
import type {
  SettlementActions,
  SettlementLine,
  SettlementStatus,
  SettlementView,
} from '../contract/soundbox.ts'
import type { RefusalCode, Rupiah } from '../contract/words.ts'
import { dayOf, dayStart } from '../day.ts'
import type { EngineRoom } from '../engine-room.ts'
import { faulted } from '../faults.ts'
import { freshKey } from '../fresh-key.ts'
import type { JournalFollower } from '../journal-follower.ts'
import { ownWrites } from '../own-writes.ts'
import { refuse } from '../refusal.ts'
import { bookDay, dueDay, weekend } from './book-day.ts'
import { type Place, placeOfId } from './payment-place.ts'
import type { Registry } from './registry.ts'
import { transferReference } from './transfer-reference.ts'

type SettlementDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
  readonly registry: Registry
  readonly rows: Pick<JournalFollower, 'reached'>
  readonly isOwner: () => boolean
  readonly onError: (cause: unknown) => void
}

export type SettlementLineService = {
  readonly service: ServiceSchema
  readonly start: () => void
  /** Makes the batches of the day, if it is time. */
  readonly look: () => void
  /** Resolves when nothing is being made. */
  readonly rest: () => Promise<void>
  readonly stop: () => Promise<void>
}

type Params<A extends keyof SettlementActions> = SettlementActions[A]['params']
type Result<A extends keyof SettlementActions> = Promise<SettlementActions[A]['result']>
type Known = Exclude<SettlementState, { readonly phase: 'absent' }>
type Wish = Omit<Extract<Settlement['command'], { type: 'create' }>, 'type' | 'merchant'>
type Due = { readonly days: readonly Day[]; readonly owing: readonly Day[] }

const lookMs = 60_000
const jakartaMs = 7 * 60 * 60_000
/** Of the morning in Jakarta, when the run of the day goes. */
const runHour = 6
const referenceMax = 64
/** A batch and one of its adjustments. */
const cursorShape = /^([0-9a-f-]{36})\.(.{1,150})$/

export function settlementLine(deps: SettlementDeps): SettlementLineService {
  const { room, db, registry, rows, isOwner, onError } = deps
  const { engine, now, shards } = room
  const { pool } = db
  let timer: NodeJS.Timeout | undefined
  let running: Promise<unknown> | null = null
  let ranOn = ''

  const placeFor = (merchantId: string, reference: string): Place => ({
    shard: shardOf(merchantId),
    key: fingerprint('settlement', merchantId, `batch:${reference}`),
  })

  const holidays = (): ReadonlySet<Day> =>
    new Set(registry.holidays().map(({ day }) => day.replaceAll('-', '')))

  async function tell(
    place: Place,
    merchantId: string,
    command: Settlement['command'],
  ): Promise<Answer<SettlementView>> {
    try {
      const owner = merchantOwner(merchantId)
      const reply = await engine.ask({ ...place, kind: 'settlement', owner, command })
      if ('refused' in reply) {
        return refuse(reply.refused as RefusalCode, reply.details as Refused['details'])
      }
      return { ok: viewOf(reply.id, reply.state as Known) }
    } catch (cause) {
      return faulted(cause)
    }
  }

  /** What stands on a day of a merchant now; undefined while his shard is elsewhere. */
  const standing = (merchantId: string, day: Day): Rupiah =>
    engine.host.shard(shardOf(merchantId))?.accounts.get(payable(merchantId, day))?.balance ?? 0

  const caughtUp = (merchantId?: string) => ownWrites({ room, rows }, merchantId)

  /** Days that are due today, and of the others those below zero. */
  function dueOf(merchantId: string, all: readonly Day[]): Due {
    const today = bookDay(now())
    const terms = { days: registry.merchant(merchantId)?.settleDays ?? 1, holidays: holidays() }
    const days = all.filter(day => dueDay(day, terms) <= today)
    const isDue = new Set(days)
    const owing = all.filter(day => !isDue.has(day) && standing(merchantId, day) < 0)
    return { days, owing }
  }

  async function make(merchantId: string, wish: Wish): Promise<Answer<SettlementView>> {
    const place = placeFor(merchantId, wish.reference)
    return await tell(place, merchantId, { type: 'create', merchant: merchantId, ...wish })
  }

  async function create(params: Params<'settlement.create'>): Result<'settlement.create'> {
    const { merchantId, by, early = false } = params
    if (registry.merchant(merchantId) === undefined) return refuse('NOT_FOUND')
    const reference = params.reference ?? `S-${bookDay(now())}-${freshKey().slice(-8)}`
    if (reference === '' || reference.length > referenceMax) {
      return refuse('FIELDS_INVALID', { problems: ['reference'] })
    }
    await caughtUp(merchantId)
    const found = (await unsettledDays(pool, merchantId)).map(({ day }) => day)
    const due = early ? { days: found, isEarly: true as const } : dueOf(merchantId, found)
    return await make(merchantId, { reference, dueDay: bookDay(now()), by, ...due })
  }

  async function run({ by }: Params<'settlement.run'>): Result<'settlement.run'> {
    await caughtUp()
    const today = bookDay(now())
    const found = Map.groupBy(await unsettledDays(pool, null), row => row.merchantId)
    const failed = Map.groupBy(
      await failedAdjusted(pool, dayStart(dayOf(now()))),
      row => row.merchantId,
    )
    const made: SettlementView[] = []
    let faulty: Faulted | null = null
    for (const merchantId of new Set([...failed.keys(), ...found.keys()])) {
      if (registry.merchant(merchantId)?.status === 'suspended') continue
      const due = dueOf(
        merchantId,
        (found.get(merchantId) ?? []).map(({ day }) => day),
      )
      const old = failed.get(merchantId) ?? []
      if (old.length + due.days.length + due.owing.length === 0) continue
      const wish = { reference: `run-${today}`, dueDay: today, by, ...due }
      for (const one of old.length > 0 ? old : [null]) {
        const answer = await (one === null
          ? make(merchantId, wish)
          : remake({ settlementBatchId: one.id, by }, due.days))
        if ('fault' in answer) faulty ??= answer
        if (!('ok' in answer)) break
        made.push(answer.ok)
      }
      if (faulty !== null && !isOwner()) break
    }
    return faulty ?? { ok: { rows: made } }
  }

  /** Once a banking day, in the morning; what a restart interrupts goes again. */
  function look(): void {
    const at = now()
    const today = bookDay(at)
    const hour = new Date(at + jakartaMs).getUTCHours()
    const isTime = hour >= runHour && isOpen(today, { weekend, holidays: holidays() })
    if (!isOwner() || !isTime || ranOn === today || running !== null) return
    running = run({ by: 'calendar' })
      .then(answer => {
        if ('ok' in answer) ranOn = today
      }, onError)
      .finally(() => {
        running = null
      })
  }

  /** The batch as it is now; none for whoever asks for another merchant. */
  async function about(
    {
      settlementBatchId,
      merchantId,
    }: { readonly settlementBatchId: string; readonly merchantId?: string },
    work: (place: Place, state: Known) => Promise<Answer<SettlementView>>,
  ): Promise<Answer<SettlementView>> {
    if (!isId(settlementBatchId) || shardOf(settlementBatchId) >= shards) return refuse('NOT_FOUND')
    try {
      const place = placeOfId(settlementBatchId)
      const reply = await engine.ask({ ...place, kind: 'settlement' })
      const state = reply.state as SettlementState
      if (!('batch' in state) || reply.id !== settlementBatchId) return refuse('NOT_FOUND')
      const owner = state.batch.facts.merchant
      if (merchantId !== undefined && merchantId !== owner) return refuse('NOT_FOUND')
      return await work(place, state)
    } catch (cause) {
      return faulted(cause)
    }
  }

  const change = (
    params: { readonly settlementBatchId: string },
    command: Settlement['command'],
  ): Promise<Answer<SettlementView>> =>
    about(params, async (place, { phase, batch }) => {
      const { merchant } = batch.facts
      const isAsked = ['give', 'adjust', 'cancel'].includes(command.type)
      if (isAsked && phase === 'created' && batch.given === undefined) {
        const older = await bankFileOf(pool, params.settlementBatchId)
        if (older !== null) await tell(place, merchant, { type: 'give', by: older.givenTo })
      }
      return await tell(place, merchant, command)
    })

  /** Another in the place of one that ended unpaid, with days that are due besides. */
  const remake = (
    params: Params<'settlement.reprocess'>,
    besides: readonly Day[] = [],
  ): Promise<Answer<SettlementView>> =>
    about(params, async (place, state) => {
      const { settlementBatchId, by } = params
      const { facts, adjustments } = state.batch
      const { merchant, reference, isEarly } = facts
      if (state.phase === 'created' || state.phase === 'paid') return refuse('STATUS_INVALID')
      const own = facts.days.map(({ day }) => day)
      const days = isEarly ? own : dueOf(merchant, own).days
      await caughtUp(merchant)
      const all = (await unsettledDays(pool, merchant)).map(({ day }) => day)
      const next = await make(merchant, {
        ...{ reference: `${reference}/${keyOf(settlementBatchId).slice(-6)}`, by },
        dueDay: bookDay(now()),
        ...{ days: [...days, ...besides], owing: all.filter(day => standing(merchant, day) < 0) },
        ...(isEarly ? { isEarly } : {}),
        replaces: settlementBatchId,
        adjustments: adjustments.map(({ at: _, ...one }) => one),
      })
      if (!('ok' in next)) return next
      const done = { type: 'reprocess', next: next.ok.settlementBatchId, by } as const
      const told = await tell(place, merchant, done)
      return 'ok' in told ? next : told
    })

  async function list(params: Params<'settlement.list'>): Result<'settlement.list'> {
    const { merchantId, status, cursor, limit } = params
    for (const id of [merchantId, cursor]) {
      if (id !== undefined && !isId(id)) return refuse('NOT_FOUND')
    }
    await caughtUp(merchantId)
    const found = await listBatches(pool, {
      ...{ merchantId: merchantId ?? null, status: status ?? null, before: cursor ?? null },
      limit: limit + 1,
    })
    const page = found.slice(0, limit).map(viewOfRow)
    return {
      ok: { rows: page, next: found.length > limit ? page.at(-1)!.settlementBatchId : null },
    }
  }

  async function adjustments(
    params: Params<'settlement.adjustments'>,
  ): Result<'settlement.adjustments'> {
    const { settlementBatchId, merchantId, cursor, limit } = params
    const [, last, adjustmentId] = cursorShape.exec(cursor ?? '') ?? []
    for (const id of [settlementBatchId, merchantId, last]) {
      if (id !== undefined && !isId(id)) return refuse('NOT_FOUND')
    }
    if (cursor !== undefined && last === undefined) return refuse('NOT_FOUND')
    await caughtUp(merchantId ?? settlementBatchId)
    const found = await listAdjustments(pool, {
      ...{ batchId: settlementBatchId ?? null, merchantId: merchantId ?? null },
      after: last === undefined ? null : { batchId: last, adjustmentId: adjustmentId! },
      limit: limit + 1,
    })
    const page = found.slice(0, limit)
    const end = page.at(-1)
    return {
      ok: {
        next: found.length > limit ? `${end!.batchId}.${end!.adjustmentId}` : null,
        rows: page.map(({ batchId, kind, atMs, ...row }) => ({
          ...row,
          settlementBatchId: batchId,
          kind: kind as 'credit' | 'debit',
          at: Math.round(atMs),
        })),
      },
    }
  }

  async function lines(params: Params<'settlement.lines'>): Result<'settlement.lines'> {
    const { settlementBatchId, merchantId, cursor, limit } = params
    const after = linePlace(cursor)
    if (!isId(settlementBatchId) || after === undefined) return refuse('NOT_FOUND')
    await caughtUp(settlementBatchId)
    const batch = await batchById(pool, settlementBatchId)
    const isForeign = merchantId !== undefined && batch?.merchantId !== merchantId
    if (batch === null || isForeign) return refuse('NOT_FOUND')
    const batchId = settlementBatchId
    const refunds =
      after.payment === null
        ? await batchRefunds(pool, { batchId, after: after.refund, limit: limit + 1 })
        : []
    // One more than a page takes, to know whether another follows.
    const left = limit + 1 - refunds.length
    const payments =
      left > 0 ? await batchPayments(pool, { batchId, after: after.payment, limit: left }) : []
    const found = [
      ...refunds.map(row => ({ line: refundLine(row), at: `${row.paymentId}/${row.refundId}` })),
      ...payments.map(row => ({ line: paymentLine(row), at: row.id })),
    ]
    const page = found.slice(0, limit)
    return {
      ok: {
        rows: page.map(({ line }) => line),
        next: found.length > limit ? page.at(-1)!.at : null,
      },
    }
  }

  async function summary({
    merchantId,
  }: Params<'settlement.summary'>): Result<'settlement.summary'> {
    const merchant = registry.merchant(merchantId)
    if (merchant === undefined) return refuse('NOT_FOUND')
    await caughtUp(merchantId)
    const found = await unsettledDays(pool, merchantId)
    const terms = { days: merchant.settleDays, holidays: holidays() }
    const days = found
      .map(({ day }) => ({
        ...{ day, amount: standing(merchantId, day), dueDay: dueDay(day, terms) },
      }))
      .filter(({ amount }) => amount !== 0)
    const { days: ripe, owing } = dueOf(
      merchantId,
      days.map(({ day }) => day),
    )
    const due = new Set([...ripe, ...owing])
    const sum = (some: typeof days) => some.reduce((all, { amount }) => all + amount, 0)
    const shard = engine.host.shard(shardOf(merchantId))
    return {
      ok: {
        owed: sum(days),
        dueNow: Math.max(0, sum(days.filter(({ day }) => due.has(day)))),
        inBatches: shard?.accounts.get(batchOf(merchantId))?.balance ?? 0,
        days,
      },
    }
  }

  const service: ServiceSchema = {
    name: 'settlement',
    actions: {
      create: (ctx: Context<Params<'settlement.create'>>) => create(ctx.params),
      run: (ctx: Context<Params<'settlement.run'>>) => run(ctx.params),
      list: (ctx: Context<Params<'settlement.list'>>) => list(ctx.params),
      get: (ctx: Context<Params<'settlement.get'>>): Result<'settlement.get'> =>
        about(ctx.params, async (_, state) => ({
          ok: viewOf(ctx.params.settlementBatchId, state),
        })),
      markPaid: ({ params }: Context<Params<'settlement.markPaid'>>) => {
        const { bankReference = '', paidAt = now(), by } = params
        return change(params, { type: 'pay', bankReference, paidAt, by })
      },
      markFailed: ({ params }: Context<Params<'settlement.markFailed'>>) => {
        const { reason, by } = params
        return change(params, { type: 'fail', reason, by })
      },
      cancel: ({ params }: Context<Params<'settlement.cancel'>>) => {
        const { reason, isRecalled = false, by } = params
        return change(params, { type: 'cancel', reason, isRecalled, by })
      },
      give: ({ params }: Context<Params<'settlement.give'>>) => {
        const { again = false, by } = params
        return change(params, { type: 'give', isAgain: again, by })
      },
      reprocess: (ctx: Context<Params<'settlement.reprocess'>>) => remake(ctx.params),
      setReference: ({ params }: Context<Params<'settlement.setReference'>>) => {
        const { bankReference, by } = params
        return change(params, { type: 'setReference', bankReference, by })
      },
      adjust: ({ params }: Context<Params<'settlement.adjust'>>) => {
        const { adjustmentId, kind, amount, reason, by } = params
        return change(params, { type: 'adjust', adjustmentId, kind, amount, reason, by })
      },
      adjustments: (ctx: Context<Params<'settlement.adjustments'>>) => adjustments(ctx.params),
      lines: (ctx: Context<Params<'settlement.lines'>>) => lines(ctx.params),
      summary: (ctx: Context<Params<'settlement.summary'>>) => summary(ctx.params),
    },
  }
  return {
    service,
    start() {
      timer = setInterval(look, lookMs).unref()
      look()
    },
    look,
    async rest() {
      await running
    },
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}

function viewOf(settlementBatchId: string, state: Known): SettlementView {
  const { batch } = state
  const { facts, bankReference, createdAt, updatedAt } = batch
  return {
    settlementBatchId,
    merchantId: facts.merchant,
    reference: facts.reference,
    transferReference: transferReference(settlementBatchId),
    status: state.phase,
    dueDay: facts.dueDay,
    days: facts.days,
    adjusted: adjustedOf(batch),
    total: totalOf(batch),
    bankReference,
    reason: 'reason' in state ? state.reason : '',
    replaces: facts.replaces ?? null,
    next: state.phase === 'reprocessed' ? state.next : null,
    createdBy: facts.by,
    createdAt,
    updatedAt,
    paidAt: state.phase === 'paid' ? state.paidAt : null,
    bankFile: batch.given === undefined ? null : { by: batch.given.by, at: batch.given.at },
  }
}

const adjustedOf = (batch: Batch): Rupiah =>
  totalOf(batch) - batch.facts.days.reduce((sum, { amount }) => sum + amount, 0)

const viewOfRow = (row: BatchRow): SettlementView => ({
  settlementBatchId: row.id,
  merchantId: row.merchantId,
  reference: row.reference,
  transferReference: transferReference(row.id),
  status: row.status as SettlementStatus,
  dueDay: row.dueDay,
  days: row.days,
  adjusted: row.adjusted,
  total: row.daysTotal + row.adjusted,
  bankReference: row.bankReference,
  reason: row.reason,
  replaces: row.replaces,
  next: row.next,
  createdBy: row.createdBy,
  createdAt: Math.round(row.createdMs),
  updatedAt: Math.round(row.updatedMs),
  paidAt: row.paidMs === null ? null : Math.round(row.paidMs),
  bankFile: row.givenMs === null ? null : { by: row.givenBy ?? '', at: Math.round(row.givenMs) },
})

type LinePlace = { readonly refund: RefundPlace | null; readonly payment: string | null }

/** Behind a refund, `payment/refund`, or behind a payment; undefined for what is no cursor. */
function linePlace(cursor: string | undefined): LinePlace | undefined {
  if (cursor === undefined) return { refund: null, payment: null }
  const [paymentId = '', ...rest] = cursor.split('/')
  if (!isId(paymentId)) return undefined
  if (rest.length === 0) return { refund: null, payment: paymentId }
  return { refund: { paymentId, refundId: rest.join('/') }, payment: null }
}

const paymentLine = (row: PaymentRow): SettlementLine => ({
  kind: 'payment',
  transactionId: row.id,
  reference: row.reference,
  refundId: '',
  day: row.day ?? '',
  gross: row.amount,
  fee: row.fee ?? 0,
  net: row.amount - (row.fee ?? 0),
  at: Math.round(row.bookedMs ?? row.createdMs),
})

const refundLine = (row: RefundRow): SettlementLine => ({
  kind: 'refund',
  transactionId: row.paymentId,
  reference: '',
  refundId: row.refundId,
  day: row.day,
  gross: -row.amount,
  fee: -row.fee,
  net: row.fee - row.amount,
  at: Math.round(row.atMs),
})
