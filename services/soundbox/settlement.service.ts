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
 *       before; two that are made at once never take the same rupiah.
 * SAM3. A run on one day makes at most one batch per merchant, however often it is asked, and goes
 *       by itself every banking day.
 * SAM4. A batch that takes the place of another is found again when it is asked for twice.
 * SAM5. Whoever asks for a merchant sees that merchant's batches and no others.
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
import {
  type BatchRow,
  batchById,
  batchLines,
  listAdjustments,
  listBatches,
  type PaymentRow,
  type RefundRow,
  unsettledDays,
} from '../../sql/payments.ts'
import type { Answer, Refused } from '../contract/answer.ts'
import type {
  SettlementActions,
  SettlementLine,
  SettlementStatus,
  SettlementView,
} from '../contract/soundbox.ts'
import type { RefusalCode, Rupiah } from '../contract/words.ts'
import type { EngineRoom } from '../engine-room.ts'
import { faulted } from '../faults.ts'
import { freshKey } from '../fresh-key.ts'
import { refuse } from '../refusal.ts'
import { bookDay, dueDay, weekend } from './book-day.ts'
import { type Place, placeOfId } from './payment-place.ts'
import type { PaymentRows } from './payment-rows.ts'
import type { Registry } from './registry.ts'

export type SettlementDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
  readonly registry: Registry
  readonly rows: Pick<PaymentRows, 'reached'>
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

const ownWriteMs = 2_000
const lookMs = 60_000
const jakartaMs = 7 * 60 * 60_000
/** Of the morning in Jakarta, when the run of the day goes. */
const runHour = 6
const referenceMax = 64
const refundIdLineMax = 1_000

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

  async function caughtUp(merchantId: string | undefined): Promise<void> {
    const shardIds = merchantId === undefined ? null : shardOf(merchantId)
    await Promise.all(
      [...engine.host.shards()].map(({ index, durableSeq }) =>
        shardIds === null || shardIds === index
          ? rows.reached(index, durableSeq, ownWriteMs)
          : undefined,
      ),
    )
  }

  /** Days that are due today, and those below zero. */
  function dueOf(merchantId: string, days: readonly Day[]): readonly Day[] {
    const today = bookDay(now())
    const terms = { days: registry.merchant(merchantId)?.settleDays ?? 1, holidays: holidays() }
    return days.filter(day => dueDay(day, terms) <= today || standing(merchantId, day) < 0)
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
    const days = early ? found : dueOf(merchantId, found)
    return await make(merchantId, { reference, dueDay: bookDay(now()), by, days })
  }

  async function run({ by }: Params<'settlement.run'>): Result<'settlement.run'> {
    await caughtUp(undefined)
    const today = bookDay(now())
    const found = Map.groupBy(await unsettledDays(pool, null), row => row.merchantId)
    const made: SettlementView[] = []
    for (const [merchantId, days] of found) {
      const due = dueOf(
        merchantId,
        days.map(({ day }) => day),
      )
      if (due.length === 0) continue
      const wish = { reference: `run-${today}`, dueDay: today, by, days: due }
      const answer = await make(merchantId, wish)
      if ('fault' in answer) return answer
      if ('ok' in answer) made.push(answer.ok)
    }
    return { ok: { rows: made } }
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
    { settlementId, merchantId }: { readonly settlementId: string; readonly merchantId?: string },
    work: (place: Place, state: Known) => Promise<Answer<SettlementView>>,
  ): Promise<Answer<SettlementView>> {
    if (!isId(settlementId) || shardOf(settlementId) >= shards) return refuse('NOT_FOUND')
    try {
      const place = placeOfId(settlementId)
      const reply = await engine.ask({ ...place, kind: 'settlement' })
      const state = reply.state as SettlementState
      if (!('batch' in state) || reply.id !== settlementId) return refuse('NOT_FOUND')
      const owner = state.batch.facts.merchant
      if (merchantId !== undefined && merchantId !== owner) return refuse('NOT_FOUND')
      return await work(place, state)
    } catch (cause) {
      return faulted(cause)
    }
  }

  const change = (
    params: { readonly settlementId: string },
    command: Settlement['command'],
  ): Promise<Answer<SettlementView>> =>
    about(params, (place, { batch }) => tell(place, batch.facts.merchant, command))

  const reprocess = (params: Params<'settlement.reprocess'>): Result<'settlement.reprocess'> =>
    about(params, async (place, state) => {
      const { settlementId, by } = params
      const { facts, adjustments } = state.batch
      const { merchant, reference, days } = facts
      if (state.phase === 'created' || state.phase === 'paid') return refuse('STATUS_INVALID')
      const next = await make(merchant, {
        ...{ reference: `${reference}/${keyOf(settlementId).slice(-6)}`, by },
        dueDay: bookDay(now()),
        days: days.map(({ day }) => day),
        replaces: settlementId,
        adjustments: adjustments.map(({ at: _, ...one }) => one),
      })
      if (!('ok' in next)) return next
      const done = { type: 'reprocess', next: next.ok.settlementId, by } as const
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
    return { ok: { rows: page, next: found.length > limit ? page.at(-1)!.settlementId : null } }
  }

  async function adjustments(
    params: Params<'settlement.adjustments'>,
  ): Result<'settlement.adjustments'> {
    const { settlementId, merchantId, limit } = params
    for (const id of [settlementId, merchantId]) {
      if (id !== undefined && !isId(id)) return refuse('NOT_FOUND')
    }
    await caughtUp(merchantId ?? settlementId)
    const asked = { batchId: settlementId ?? null, merchantId: merchantId ?? null, limit }
    const found = await listAdjustments(pool, asked)
    return {
      ok: {
        rows: found.map(({ batchId, kind, atMs, ...row }) => ({
          ...row,
          settlementId: batchId,
          kind: kind as 'credit' | 'debit',
          at: Math.round(atMs),
        })),
      },
    }
  }

  async function lines(params: Params<'settlement.lines'>): Result<'settlement.lines'> {
    const { settlementId, merchantId, cursor, limit } = params
    if (!isId(settlementId) || (cursor !== undefined && !isId(cursor))) return refuse('NOT_FOUND')
    await caughtUp(settlementId)
    const batch = await batchById(pool, settlementId)
    const isForeign = merchantId !== undefined && batch?.merchantId !== merchantId
    if (batch === null || isForeign) return refuse('NOT_FOUND')
    const found = await batchLines(pool, {
      ...{ batchId: settlementId, after: cursor ?? null, limit: limit + 1 },
      refundsMax: refundIdLineMax,
    })
    const payments = found.payments.slice(0, limit)
    const isMore = found.payments.length > limit
    const refunds = cursor === undefined ? found.refunds.map(refundLine) : []
    return {
      ok: {
        rows: [...refunds, ...payments.map(paymentLine)],
        next: isMore ? payments.at(-1)!.id : null,
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
    const due = new Set(
      dueOf(
        merchantId,
        days.map(({ day }) => day),
      ),
    )
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
        about(ctx.params, async (_, state) => ({ ok: viewOf(ctx.params.settlementId, state) })),
      markPaid: ({ params }: Context<Params<'settlement.markPaid'>>) => {
        const { bankReference = '', paidAt = now(), by } = params
        return change(params, { type: 'pay', bankReference, paidAt, by })
      },
      markFailed: ({ params }: Context<Params<'settlement.markFailed'>>) => {
        const { reason, by } = params
        return change(params, { type: 'fail', reason, by })
      },
      cancel: ({ params }: Context<Params<'settlement.cancel'>>) => {
        const { reason, by } = params
        return change(params, { type: 'cancel', reason, by })
      },
      reprocess: (ctx: Context<Params<'settlement.reprocess'>>) => reprocess(ctx.params),
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

function viewOf(settlementId: string, state: Known): SettlementView {
  const { batch } = state
  const { facts, bankReference, createdAt, updatedAt } = batch
  return {
    settlementId,
    merchantId: facts.merchant,
    reference: facts.reference,
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
  }
}

const adjustedOf = (batch: Batch): Rupiah =>
  totalOf(batch) - batch.facts.days.reduce((sum, { amount }) => sum + amount, 0)

const viewOfRow = (row: BatchRow): SettlementView => ({
  settlementId: row.id,
  merchantId: row.merchantId,
  reference: row.reference,
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
})

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
