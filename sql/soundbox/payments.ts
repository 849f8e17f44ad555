/**
 * Payments, refunds, settlement batches and merchants' postings, as people read them. How they are
 * written is in payment-rows.ts.
 */

import type { CommonQueryMethods } from 'slonik'
import { moment, sql, z } from '../database.ts'

type Db = CommonQueryMethods

const ms = (column: string) =>
  sql.fragment`(extract(epoch from ${sql.identifier(['v', column])}) * 1000)::double precision`

const paymentRow = z.object({
  id: z.string(),
  merchantId: z.string(),
  outletId: z.string(),
  terminalId: z.string(),
  kind: z.string(),
  status: z.string(),
  amount: z.number(),
  fee: z.number().nullable(),
  reference: z.string(),
  qr: z.string(),
  expiresMs: z.number().nullable(),
  paidMs: z.number().nullable(),
  bookedMs: z.number().nullable(),
  day: z.string().nullable(),
  payer: z.string(),
  acquirerRef: z.string(),
  late: z.string().nullable(),
  refunded: z.number(),
  feeBack: z.number(),
  messageId: z.string().nullable(),
  deviceId: z.string().nullable(),
  sound: z.string().nullable(),
  soundReason: z.string().nullable(),
  publishedMs: z.number().nullable(),
  receivedMs: z.number().nullable(),
  endedMs: z.number().nullable(),
  batchId: z.string().nullable(),
  createdBy: z.string(),
  createdMs: z.number(),
  updatedMs: z.number(),
})
export type PaymentRow = z.infer<typeof paymentRow>

const proofMs = (column: string) =>
  sql.fragment`(extract(epoch from ${sql.identifier(['proof', column])}) * 1000)::double precision`

const paymentColumns = sql.fragment`
  v.id, v.merchant_id as "merchantId", v.outlet_id as "outletId", v.terminal_id as "terminalId",
  v.kind, v.status, v.amount, v.fee, v.reference, v.qr, ${ms('expires_at')} as "expiresMs",
  ${ms('paid_at')} as "paidMs", ${ms('booked_at')} as "bookedMs", v.day, v.payer,
  v.acquirer_ref as "acquirerRef", v.late, v.refunded, v.fee_back as "feeBack",
  v.message_id as "messageId", v.device_id as "deviceId", v.sound, v.sound_reason as "soundReason",
  ${proofMs('published_at')} as "publishedMs", ${proofMs('received_at')} as "receivedMs",
  ${proofMs('ended_at')} as "endedMs", v.batch_id as "batchId", v.created_by as "createdBy",
  ${ms('created_at')} as "createdMs", ${ms('updated_at')} as "updatedMs"`

const payments = sql.fragment`
  payment_view as v left join sound_proof as proof on proof.message_id = v.message_id`

export type PaymentFilter = {
  readonly merchantId: string | null
  readonly outletId: string | null
  readonly terminalId: string | null
  readonly status: string | null
  readonly sound: string | null
  readonly reference: string | null
  readonly batchId: string | null
  readonly fromMs: number | null
  readonly toMs: number | null
  /** An id: only who is older. */
  readonly before: string | null
  readonly limit: number
}

/** So long a QR may wait to be paid; who is paid later is late. */
export const openMsMax = 24 * 3_600_000

/**
 * Ids tell when they were made: a span of time is a span of two indexes. The hour is for clocks
 * that were set back; who counts is decided by the rows.
 */
const clockMsMax = 3_600_000
const earliestId = (ms: number) => sql.fragment`laju_id_at(${ms - openMsMax - clockMsMax}::float8)`
const latestId = (ms: number) => sql.fragment`laju_id_at(${ms + clockMsMax}::float8)`
/** A payment belongs to when it was booked, and until then to when it was made. */
const momentOf = sql.fragment`coalesce(v.booked_at, v.created_at)`
const always = sql.fragment`true`

type Span = { readonly fromMs: number | null; readonly toMs: number | null }

/** Nearly all of the span, found by their ids. */
function mostOf({ fromMs, toMs }: Span) {
  const since =
    fromMs === null
      ? always
      : sql.fragment`v.id >= ${earliestId(fromMs)} and ${momentOf} >= ${moment(fromMs)}`
  const until =
    toMs === null
      ? always
      : sql.fragment`v.id < ${latestId(toMs)} and ${momentOf} < ${moment(toMs)}`
  return sql.fragment`${since} and ${until}`
}

/** The rest: made before those, and paid when the QR was over. */
function lateOf({ fromMs, toMs }: Span) {
  if (fromMs === null) return sql.fragment`false`
  const until = toMs === null ? always : sql.fragment`v.booked_at < ${moment(toMs)}`
  return sql.fragment`
    v.late is not null and v.booked_at >= ${moment(fromMs)} and ${until}
      and v.id < ${earliestId(fromMs)}`
}

/**
 * Amounts of a span, of one merchant or of all. Plan: the span's part of payment_view_merchant, or
 * of payment_view_pkey, and payment_view_late, however old the table.
 */
export function paymentsOf({ merchantId, ...span }: Span & { readonly merchantId: string | null }) {
  const whose = merchantId === null ? always : sql.fragment`v.merchant_id = ${merchantId}::uuid`
  const [most, late] = [mostOf(span), lateOf(span)].map(
    which => sql.fragment`
      select v.status, v.amount, v.fee, v.sound from payment_view as v
       where ${whose} and ${which}`,
  )
  return sql.fragment`(${most!} union all ${late!}) as paid`
}

/**
 * Newest first. Plan: backward scan of payment_view_merchant, or of payment_view_pkey; for a span
 * payment_view_late as well.
 */
export async function listPayments(db: Db, asked: PaymentFilter): Promise<readonly PaymentRow[]> {
  const { merchantId, outletId, terminalId, status, sound, reference, batchId } = asked
  const conditions = [always]
  if (merchantId !== null) conditions.push(sql.fragment`v.merchant_id = ${merchantId}::uuid`)
  if (outletId !== null) conditions.push(sql.fragment`v.outlet_id = ${outletId}::uuid`)
  if (terminalId !== null) conditions.push(sql.fragment`v.terminal_id = ${terminalId}::uuid`)
  if (status !== null) conditions.push(sql.fragment`v.status = ${status}`)
  if (sound !== null) conditions.push(sql.fragment`v.sound = ${sound}`)
  if (reference !== null) conditions.push(sql.fragment`v.reference = ${reference}`)
  if (batchId !== null) conditions.push(sql.fragment`v.batch_id = ${batchId}::uuid`)
  if (asked.before !== null) conditions.push(sql.fragment`v.id < ${asked.before}::uuid`)
  const page = (which: ReturnType<typeof mostOf>) => sql.fragment`
    (select ${paymentColumns} from ${payments}
      where ${sql.join([...conditions, which], sql.fragment` and `)}
      order by v.id desc limit ${asked.limit})`
  if (asked.fromMs === null) return await db.any(sql.type(paymentRow)`${page(mostOf(asked))}`)
  return await db.any(sql.type(paymentRow)`
    ${page(mostOf(asked))} union all ${page(lateOf(asked))} order by id desc limit ${asked.limit}`)
}

export async function paymentById(db: Db, id: string): Promise<PaymentRow | null> {
  return await db.maybeOne(sql.type(paymentRow)`
    select ${paymentColumns} from ${payments} where v.id = ${id}::uuid`)
}

const placeRow = z.object({ id: z.string(), merchantId: z.string() })

/** Payments that bear this reference, of all merchants: two tell that it is not one. */
export async function paymentsByReference(
  db: Db,
  reference: string,
): Promise<readonly z.infer<typeof placeRow>[]> {
  return await db.any(sql.type(placeRow)`
    select id, merchant_id as "merchantId" from payment_view
     where reference = ${reference} order by id desc limit 2`)
}

/** Payments that came in under this reference of the acquirer's; null: of whichever merchant. */
export async function paymentsByAcquirerRef(
  db: Db,
  { merchantId, acquirerRef }: { readonly merchantId: string | null; readonly acquirerRef: string },
): Promise<readonly string[]> {
  const rows = await db.any(sql.type(placeRow)`
    select id, merchant_id as "merchantId" from payment_view
     where acquirer_ref = ${acquirerRef} and acquirer_ref <> ''
       and (${merchantId}::uuid is null or merchant_id = ${merchantId}::uuid)
     order by id limit 100`)
  return rows.map(({ id }) => id)
}

const refundRow = z.object({
  paymentId: z.string(),
  refundId: z.string(),
  day: z.string(),
  amount: z.number(),
  fee: z.number(),
  reason: z.string(),
  by: z.string(),
  atMs: z.number(),
})
export type RefundRow = z.infer<typeof refundRow>

const refundColumns = sql.fragment`
  v.payment_id as "paymentId", v.refund_id as "refundId", v.day, v.amount, v.fee, v.reason,
  v.refunded_by as by, ${ms('refunded_at')} as "atMs"`

const batchRow = z.object({
  id: z.string(),
  merchantId: z.string(),
  reference: z.string(),
  status: z.string(),
  dueDay: z.string(),
  days: z.array(z.object({ day: z.string(), amount: z.number() })),
  daysTotal: z.number(),
  adjusted: z.number(),
  bankReference: z.string(),
  reason: z.string(),
  replaces: z.string().nullable(),
  next: z.string().nullable(),
  createdBy: z.string(),
  createdMs: z.number(),
  updatedMs: z.number(),
  paidMs: z.number().nullable(),
  givenBy: z.string().nullable(),
  givenMs: z.number().nullable(),
})
export type BatchRow = z.infer<typeof batchRow>

const batchColumns = sql.fragment`
  v.id, v.merchant_id as "merchantId", v.reference, v.status, v.due_day as "dueDay", v.days,
  v.days_total as "daysTotal", v.adjusted, v.bank_reference as "bankReference", v.reason,
  v.replaces, v.next_id as next, v.created_by as "createdBy", ${ms('created_at')} as "createdMs",
  ${ms('updated_at')} as "updatedMs", ${ms('paid_at')} as "paidMs", v.given_by as "givenBy",
  ${ms('given_at')} as "givenMs"`

type BatchFilter = {
  readonly merchantId: string | null
  readonly status: string | null
  readonly before: string | null
  readonly limit: number
}

/** Newest first. */
export async function listBatches(db: Db, asked: BatchFilter): Promise<readonly BatchRow[]> {
  const { merchantId, status, before, limit } = asked
  return await db.any(sql.type(batchRow)`
    select ${batchColumns} from settlement_view as v
     where (${merchantId}::uuid is null or v.merchant_id = ${merchantId}::uuid)
       and (${status}::text is null or v.status = ${status}::text)
       and (${before}::uuid is null or v.id < ${before}::uuid)
     order by v.id desc limit ${limit}`)
}

export async function batchById(db: Db, id: string): Promise<BatchRow | null> {
  return await db.maybeOne(sql.type(batchRow)`
    select ${batchColumns} from settlement_view as v where v.id = ${id}::uuid`)
}

/** Payments of a live batch, oldest first. Plan: index scan of payment_view_batch. */
export async function batchPayments(
  db: Db,
  asked: { readonly batchId: string; readonly after: string | null; readonly limit: number },
): Promise<readonly PaymentRow[]> {
  const { batchId, after, limit } = asked
  return await db.any(sql.type(paymentRow)`
    select ${paymentColumns} from ${payments}
     where v.batch_id = ${batchId}::uuid and (${after}::uuid is null or v.id > ${after}::uuid)
     order by v.id limit ${limit}`)
}

export type RefundPlace = Pick<RefundRow, 'paymentId' | 'refundId'>

/** Refunds of a live batch, by payment and by their own id. */
export async function batchRefunds(
  db: Db,
  asked: { readonly batchId: string; readonly after: RefundPlace | null; readonly limit: number },
): Promise<readonly RefundRow[]> {
  const { batchId, after, limit } = asked
  return await db.any(sql.type(refundRow)`
    select ${refundColumns} from payment_refund as v
     where v.batch_id = ${batchId}::uuid
       and (${after === null}
            or (v.payment_id, v.refund_id) > (${after?.paymentId ?? null}::uuid,
                                              ${after?.refundId ?? ''}::text))
     order by v.payment_id, v.refund_id limit ${limit}`)
}

const adjustmentRow = z.object({
  batchId: z.string(),
  adjustmentId: z.string(),
  merchantId: z.string(),
  kind: z.string(),
  amount: z.number(),
  reason: z.string(),
  by: z.string(),
  atMs: z.number(),
})
type AdjustmentRow = z.infer<typeof adjustmentRow>

/** Newest first. */
/** Of the newest batches first; `after`: the last that was told. Plan: the primary key, backward. */
export async function listAdjustments(
  db: Db,
  asked: {
    batchId: string | null
    merchantId: string | null
    after: { batchId: string; adjustmentId: string } | null
    limit: number
  },
): Promise<readonly AdjustmentRow[]> {
  const { batchId = null, adjustmentId = '' } = asked.after ?? {}
  return await db.any(sql.type(adjustmentRow)`
    select v.batch_id as "batchId", v.adjustment_id as "adjustmentId",
           v.merchant_id as "merchantId", v.kind, v.amount, v.reason, v.adjusted_by as by,
           ${ms('adjusted_at')} as "atMs"
      from settlement_adjustment as v
     where (${asked.batchId}::uuid is null or v.batch_id = ${asked.batchId}::uuid)
       and (${asked.merchantId}::uuid is null or v.merchant_id = ${asked.merchantId}::uuid)
       and (${batchId}::uuid is null or v.batch_id < ${batchId}::uuid
            or (v.batch_id = ${batchId}::uuid
                and (v.adjusted_at, v.adjustment_id) <
                    (select adjusted_at, adjustment_id from settlement_adjustment
                      where batch_id = ${batchId}::uuid and adjustment_id = ${adjustmentId})))
     order by v.batch_id desc, v.adjusted_at desc, v.adjustment_id desc limit ${asked.limit}`)
}

const entryRow = z.object({
  shard: z.number(),
  seq: z.number(),
  leg: z.number(),
  merchantId: z.string(),
  subject: z.string(),
  subjectId: z.string(),
  name: z.string(),
  debit: z.string(),
  credit: z.string(),
  amount: z.number(),
  atMs: z.number(),
})
export type MerchantEntryRow = z.infer<typeof entryRow>

/** What the ledger's legs are called outside. */
export const entryTypes: Readonly<Record<string, string>> = {
  gross: 'gross_income',
  fee: 'platform_fee',
  refund: 'refund',
  'fee back': 'platform_fee_refund',
  take: 'settled',
  'give back': 'settlement_returned',
  adjust: 'adjustment',
  unadjust: 'adjustment_returned',
  paid: 'payout',
}

export type EntryPlace = Pick<MerchantEntryRow, 'atMs' | 'shard' | 'seq' | 'leg'>

/** Newest first, of one merchant or one payment or batch. */
export async function listMerchantEntries(
  db: Db,
  asked: {
    readonly merchantId: string | null
    readonly subjectId: string | null
    readonly fromMs: number | null
    readonly toMs: number | null
    readonly before: EntryPlace | null
    readonly limit: number
  },
): Promise<readonly MerchantEntryRow[]> {
  const { merchantId, subjectId, fromMs, toMs, before, limit } = asked
  return await db.any(sql.type(entryRow)`
    select v.shard, v.seq, v.leg, v.merchant_id as "merchantId", v.subject,
           v.subject_id as "subjectId", v.name, v.debit, v.credit, v.amount,
           ${ms('booked_at')} as "atMs"
      from merchant_entry as v
     where (${merchantId}::uuid is null or v.merchant_id = ${merchantId}::uuid)
       and (${subjectId}::uuid is null or v.subject_id = ${subjectId}::uuid)
       and (${fromMs === null} or v.booked_at >= ${moment(fromMs ?? 0)})
       and (${toMs === null} or v.booked_at < ${moment(toMs ?? 0)})
       and (${before === null} or (v.booked_at, v.shard, v.seq, v.leg) < (
              ${moment(before?.atMs ?? 0)},
              ${before?.shard ?? 0}::smallint, ${before?.seq ?? 0}::bigint,
              ${before?.leg ?? 0}::smallint))
     order by v.booked_at desc, v.shard desc, v.seq desc, v.leg desc limit ${limit}`)
}

const dayRow = z.object({ merchantId: z.string(), day: z.string() })

/** Days of payments and refunds that are in no live batch, of one merchant or of all. */
export async function unsettledDays(
  db: Db,
  merchantId: string | null,
): Promise<readonly z.infer<typeof dayRow>[]> {
  return await db.any(sql.type(dayRow)`
    select merchant_id as "merchantId", day from payment_view
     where batch_id is null and day is not null
       and (${merchantId}::uuid is null or merchant_id = ${merchantId}::uuid)
    union
    select merchant_id, day from payment_refund
     where batch_id is null
       and (${merchantId}::uuid is null or merchant_id = ${merchantId}::uuid)
     order by 1, 2`)
}

const oldBatchRow = z.object({ id: z.string(), merchantId: z.string() })

/**
 * Batches that failed before that time, have adjustments, and that no other has replaced: oldest
 * first. Plan: what failed is rare, the table is read once a day.
 */
export async function failedAdjusted(
  db: Db,
  beforeMs: number,
): Promise<readonly z.infer<typeof oldBatchRow>[]> {
  return await db.any(sql.type(oldBatchRow)`
    select v.id, v.merchant_id as "merchantId" from settlement_view as v
     where v.status = 'failed' and v.updated_at < ${moment(beforeMs)}
       and exists (select from settlement_adjustment as a where a.batch_id = v.id)
     order by v.id`)
}

const summaryRow = z.object({
  status: z.string(),
  count: z.number(),
  amount: z.number(),
  fee: z.number(),
  silent: z.number(),
})

/** Counts and sums per status of a span: of what was booked in it, and of what is still to be. */
export async function paymentSummary(
  db: Db,
  asked: { readonly merchantId: string | null; readonly fromMs: number; readonly toMs: number },
): Promise<readonly z.infer<typeof summaryRow>[]> {
  return await db.any(sql.type(summaryRow)`
    select status, count(*) as count, coalesce(sum(amount), 0)::bigint as amount,
           coalesce(sum(fee), 0)::bigint as fee,
           count(*) filter (where sound = 'silent') as silent
      from ${paymentsOf(asked)}
     group by status order by status`)
}
