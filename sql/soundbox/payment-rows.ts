/**
 * Payments, refunds, settlement batches and merchants' postings, as the projection writes them in
 * the order of the journal. How they are read is in payments.ts.
 */

import type { CommonQueryMethods } from 'slonik'
import { jsonOf } from '../copy.ts'
import { moment, none, sql } from '../database.ts'

type Db = CommonQueryMethods

const time = (column: string) =>
  sql.fragment`to_timestamp(${sql.identifier(['told', column])} / 1000)`

/** Empties everything that is folded, to be folded again from the first line. */
export async function resetPayments(db: Db): Promise<void> {
  await db.query(sql.type(none)`
    truncate payment_view, payment_refund, settlement_view, settlement_adjustment, merchant_entry,
      payment_position`)
}

// -- what the projection writes ------------------------------------------------------------------

export type PaymentPatch = {
  readonly id: string
  status?: string
  fee?: number
  paidMs?: number
  bookedMs?: number
  day?: string
  payer?: string
  acquirerRef?: string
  late?: string
  refunded?: number
  feeBack?: number
  messageId?: string
  /** Empty: none. */
  deviceId?: string
  /** Empty: not known yet. */
  sound?: string
  soundReason?: string
  updatedMs: number
}

export type NewPayment = {
  readonly id: string
  readonly merchantId: string
  readonly outletId: string
  readonly terminalId: string
  readonly kind: string
  readonly amount: number
  readonly reference: string
  readonly qr: string
  readonly expiresMs: number | null
  readonly by: string
  readonly createdMs: number
}

/** With what has become of them meanwhile, so that a row is written once. */
export async function addPayments(
  db: Db,
  rows: readonly (NewPayment & Partial<PaymentPatch>)[],
): Promise<void> {
  await db.query(sql.type(none)`
    -- prepared: add-payments
    insert into payment_view (id, merchant_id, outlet_id, terminal_id, kind, status, amount, fee,
      reference, qr, expires_at, paid_at, booked_at, day, payer, acquirer_ref, late, refunded,
      fee_back, message_id, device_id, sound, sound_reason, created_by, created_at, updated_at)
    select id, "merchantId", "outletId", "terminalId", kind, coalesce(status, 'PENDING'), amount,
           fee, reference, qr, ${time('expiresMs')}, ${time('paidMs')}, ${time('bookedMs')}, day,
           coalesce(payer, ''), coalesce("acquirerRef", ''), late, coalesce(refunded, 0),
           coalesce("feeBack", 0), "messageId", nullif("deviceId", '')::uuid, nullif(sound, ''),
           case when sound is not null then "soundReason" end, by, ${time('createdMs')},
           coalesce(${time('updatedMs')}, ${time('createdMs')})
      from json_to_recordset(${jsonOf(rows)}::json) as told (
        id uuid, "merchantId" uuid, "outletId" uuid, "terminalId" uuid, kind text, status text,
        amount bigint, fee bigint, reference text, qr text, "expiresMs" double precision,
        "paidMs" double precision, "bookedMs" double precision, day text, payer text,
        "acquirerRef" text, late text, refunded bigint, "feeBack" bigint, "messageId" text,
        "deviceId" text, sound text, "soundReason" text, by text, "createdMs" double precision,
        "updatedMs" double precision)`)
}

/** Refunds are added to what is there, everything else replaces it. */
export async function patchPayments(db: Db, rows: readonly PaymentPatch[]): Promise<void> {
  await db.query(sql.type(none)`
    update payment_view as v set
      status = coalesce(told.status, v.status), fee = coalesce(told.fee, v.fee),
      paid_at = coalesce(${time('paidMs')}, v.paid_at),
      booked_at = coalesce(${time('bookedMs')}, v.booked_at), day = coalesce(told.day, v.day),
      payer = coalesce(told.payer, v.payer),
      acquirer_ref = coalesce(told."acquirerRef", v.acquirer_ref),
      late = coalesce(told.late, v.late), refunded = v.refunded + coalesce(told.refunded, 0),
      fee_back = v.fee_back + coalesce(told."feeBack", 0),
      message_id = coalesce(told."messageId", v.message_id),
      device_id = case when told."deviceId" is null then v.device_id
                       else nullif(told."deviceId", '')::uuid end,
      sound = case when told.sound is null then v.sound else nullif(told.sound, '') end,
      sound_reason = case when told.sound is null then v.sound_reason else told."soundReason" end,
      updated_at = ${time('updatedMs')}
      from json_to_recordset(${jsonOf(rows)}::json) as told (
        id uuid, status text, fee bigint, "paidMs" double precision,
        "bookedMs" double precision, day text, payer text, "acquirerRef" text, late text,
        refunded bigint, "feeBack" bigint, "messageId" text, "deviceId" text, sound text,
        "soundReason" text, "updatedMs" double precision)
     where v.id = told.id`)
}

export type NewRefund = {
  readonly paymentId: string
  readonly refundId: string
  readonly merchantId: string
  readonly day: string
  readonly amount: number
  readonly fee: number
  readonly reason: string
  readonly by: string
  readonly atMs: number
}

export async function addRefunds(db: Db, rows: readonly NewRefund[]): Promise<void> {
  await db.query(sql.type(none)`
    insert into payment_refund (payment_id, refund_id, merchant_id, day, amount, fee, reason,
      refunded_by, refunded_at)
    select "paymentId", "refundId", "merchantId", day, amount, fee, reason, by, ${time('atMs')}
      from json_to_recordset(${jsonOf(rows)}::json) as told (
        "paymentId" uuid, "refundId" text, "merchantId" uuid, day text, amount bigint, fee bigint,
        reason text, by text, "atMs" double precision)`)
}

export type RefundWord = {
  readonly paymentId: string
  readonly refundId: string
  readonly atMs: number
}

/** The acquirer told that it carried them out. */
export async function confirmRefunds(db: Db, rows: readonly RefundWord[]): Promise<void> {
  await db.query(sql.type(none)`
    update payment_refund as v set confirmed_at = ${time('atMs')}
      from json_to_recordset(${jsonOf(rows)}::json) as told (
        "paymentId" uuid, "refundId" text, "atMs" double precision)
     where v.payment_id = told."paymentId" and v.refund_id = told."refundId"`)
}

export type NewEntry = {
  readonly shard: number
  readonly seq: number
  readonly leg: number
  readonly merchantId: string
  readonly subject: string
  readonly subjectId: string
  readonly name: string
  readonly debit: string
  readonly credit: string
  readonly amount: number
  readonly atMs: number
}

export async function addMerchantEntries(db: Db, rows: readonly NewEntry[]): Promise<void> {
  await db.query(sql.type(none)`
    -- prepared: add-merchant-entries
    insert into merchant_entry (shard, seq, leg, merchant_id, subject, subject_id, name, debit,
      credit, amount, booked_at)
    select shard, seq, leg, "merchantId", subject, "subjectId", name, debit, credit, amount,
           ${time('atMs')}
      from json_to_recordset(${jsonOf(rows)}::json) as told (
        shard smallint, seq bigint, leg smallint, "merchantId" uuid, subject text,
        "subjectId" uuid, name text, debit text, credit text, amount bigint,
        "atMs" double precision)`)
}

type NewBatch = {
  readonly id: string
  readonly merchantId: string
  readonly reference: string
  readonly dueDay: string
  readonly days: readonly { readonly day: string; readonly amount: number }[]
  readonly total: number
  readonly replaces: string | null
  readonly by: string
  readonly atMs: number
}

/** The batch, and everything of its days that is in no live batch. */
export async function addBatch(db: Db, row: NewBatch): Promise<void> {
  const days = sql.array(
    row.days.map(({ day }) => day),
    'text',
  )
  const at = moment(row.atMs)
  await db.query(sql.type(none)`
    insert into settlement_view (id, merchant_id, reference, status, due_day, days, days_total,
      replaces, created_by, created_at, updated_at)
    values (${row.id}, ${row.merchantId}, ${row.reference}, 'created', ${row.dueDay},
      ${JSON.stringify(row.days)}::jsonb, ${row.total}, ${row.replaces}::uuid, ${row.by}, ${at},
      ${at})`)
  await db.query(sql.type(none)`
    update payment_view set batch_id = ${row.id}::uuid
     where merchant_id = ${row.merchantId}::uuid and day = any(${days}) and batch_id is null`)
  await db.query(sql.type(none)`
    update payment_refund set batch_id = ${row.id}::uuid
     where merchant_id = ${row.merchantId}::uuid and day = any(${days}) and batch_id is null`)
}

type BatchPatch = {
  readonly id: string
  readonly status?: string
  readonly adjusted?: number
  readonly bankReference?: string
  readonly reason?: string
  readonly next?: string
  readonly paidMs?: number
  /** Of a bank's file; only the first counts. */
  readonly givenBy?: string
  readonly updatedMs: number
}

export async function patchBatch(db: Db, patch: BatchPatch): Promise<void> {
  await db.query(sql.type(none)`
    update settlement_view set
      status = coalesce(${patch.status ?? null}::text, status),
      adjusted = adjusted + ${patch.adjusted ?? 0},
      bank_reference = coalesce(${patch.bankReference ?? null}::text, bank_reference),
      reason = coalesce(${patch.reason ?? null}::text, reason),
      next_id = coalesce(${patch.next ?? null}::uuid, next_id),
      paid_at = coalesce(${moment(patch.paidMs ?? null)}, paid_at),
      given_at = coalesce(given_at, case when ${patch.givenBy ?? null}::text is not null
                                         then ${moment(patch.updatedMs)} end),
      given_by = coalesce(given_by, ${patch.givenBy ?? null}::text),
      updated_at = ${moment(patch.updatedMs)}
     where id = ${patch.id}::uuid`)
}

/** A batch that ended without being paid holds nothing any more. */
export async function freeLines(db: Db, batchId: string): Promise<void> {
  await db.query(sql.type(none)`
    update payment_view set batch_id = null where batch_id = ${batchId}::uuid`)
  await db.query(sql.type(none)`
    update payment_refund set batch_id = null where batch_id = ${batchId}::uuid`)
}

type NewAdjustment = {
  readonly batchId: string
  readonly adjustmentId: string
  readonly merchantId: string
  readonly kind: string
  readonly amount: number
  readonly reason: string
  readonly by: string
  readonly atMs: number
}

export async function addAdjustment(db: Db, row: NewAdjustment): Promise<void> {
  await db.query(sql.type(none)`
    insert into settlement_adjustment (batch_id, adjustment_id, merchant_id, kind, amount, reason,
      adjusted_by, adjusted_at)
    values (${row.batchId}, ${row.adjustmentId}, ${row.merchantId}, ${row.kind}, ${row.amount},
      ${row.reason}, ${row.by}, ${moment(row.atMs)})`)
}
