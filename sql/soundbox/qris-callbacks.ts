/** What acquirers told us, as it came, and what became of it. */

import type { CommonQueryMethods, DatabasePool } from 'slonik'
import { lockCallbacks } from '../advisory-locks.ts'
import { jsonOf } from '../copy.ts'
import { moment, none, sql, z } from '../database.ts'

type Db = CommonQueryMethods

const ms = (column: string) =>
  sql.fragment`(extract(epoch from ${sql.identifier([column])}) * 1000)::double precision`

export type NewCallback = {
  readonly receivedMs: number
  readonly sentMs: number
  readonly signature: string
  readonly body: Buffer
}

const idRow = z.object({ id: z.number() })

/** Their ids, in the order of the rows. */
export async function keepCallbacks(
  db: Db,
  rows: readonly NewCallback[],
): Promise<readonly number[]> {
  const told = rows.map(({ receivedMs, sentMs, signature, body }) => [
    receivedMs / 1_000,
    sentMs / 1_000,
    signature,
    body.toString('hex'),
  ])
  const kept = await db.any(sql.type(idRow)`
    -- prepared: keep-callbacks
    insert into qris_callback (received_at, sent_at, signature, body)
    select to_timestamp(told.received), to_timestamp(told.sent), told.signature,
           decode(told.body, 'hex')
      from ${sql.unnest(told, ['float8', 'float8', 'text', 'text'])}
        as told (received, sent, signature, body)
    returning id`)
  return kept.map(({ id }) => id).sort((a, b) => a - b)
}

export type Judged = {
  readonly id: number
  readonly eventId: string | null
  readonly result: 'applied' | 'duplicate' | 'parked'
  readonly reason: string
  readonly transactionId: string | null
  readonly merchantId: string | null
}

/** What a person has assigned stays so, whatever was thought of it before he did. */
export async function judgeCallbacks(db: Db, rows: readonly Judged[]): Promise<void> {
  await db.query(sql.type(none)`
    update qris_callback as kept set event_id = told."eventId", result = told.result,
      reason = told.reason, transaction_id = told."transactionId", merchant_id = told."merchantId"
      from json_to_recordset(${jsonOf(rows)}::json) as told (
        id bigint, "eventId" text, result text, reason text, "transactionId" uuid,
        "merchantId" uuid)
     where kept.id = told.id and not (kept.terminal_id is not null and told.result = 'parked')`)
}

/** Why what is parked may be good later: nobody knows the payment yet, or it is not paid yet. */
export const earlyReasons = ['unknown_reference', 'not_found', 'payment_unpaid'] as const

const openRow = z.object({ id: z.number(), body: z.string(), receivedMs: z.number() })
const open = sql.fragment`id, encode(body, 'base64') as body, ${ms('received_at')} as "receivedMs"`

/**
 * Kept and not worked on yet, too early when it was, or assigned and not booked yet; oldest first.
 */
export async function openCallbacks(
  db: Db,
  asked: { readonly after: number; readonly earlySinceMs: number; readonly limit: number },
): Promise<readonly z.infer<typeof openRow>[]> {
  const { after, earlySinceMs, limit } = asked
  return await db.any(sql.type(openRow)`
    select ${open} from qris_callback
     where result is null and id > ${after}
    union all
    select ${open} from qris_callback
     where terminal_id is not null and result = 'parked' and id > ${after}
    union all
    select ${open} from qris_callback
     where result = 'parked' and reviewed_at is null
       and reason = any(${sql.array(earlyReasons, 'text')}) and id > ${after}
       and received_at >= ${moment(earlySinceMs)}
     order by 1 limit ${limit}`)
}

const callbackRow = z.object({
  id: z.number(),
  receivedMs: z.number(),
  eventId: z.string().nullable(),
  result: z.enum(['applied', 'duplicate', 'parked']).nullable(),
  reason: z.string(),
  transactionId: z.string().nullable(),
  merchantId: z.string().nullable(),
  body: z.string(),
  reviewedBy: z.string().nullable(),
  reviewNote: z.string(),
  terminalId: z.string().nullable(),
  besideId: z.string().nullable(),
})
export type CallbackRow = z.infer<typeof callbackRow>

const columns = sql.fragment`
  id, ${ms('received_at')} as "receivedMs", event_id as "eventId", result, reason,
  transaction_id as "transactionId", merchant_id as "merchantId",
  encode(body, 'base64') as body, reviewed_by as "reviewedBy", review_note as "reviewNote",
  terminal_id as "terminalId", beside_id as "besideId"`

/** Newest first. */
export async function listCallbacks(
  db: Db,
  asked: {
    readonly parked: boolean
    readonly eventId: string | null
    readonly before: number | null
    readonly limit: number
  },
): Promise<readonly CallbackRow[]> {
  const { parked, eventId, before, limit } = asked
  return await db.any(sql.type(callbackRow)`
    select ${columns} from qris_callback
     where (${!parked} or (result = 'parked' and reviewed_at is null))
       and (${eventId}::text is null or event_id = ${eventId}::text)
       and (${before}::bigint is null or id < ${before}::bigint)
     order by id desc limit ${limit}`)
}

export async function callbackById(db: Db, id: number): Promise<CallbackRow | null> {
  return await db.maybeOne(sql.type(callbackRow)`
    select ${columns} from qris_callback where id = ${id}`)
}

/** False when somebody has looked at it already. */
export async function reviewCallback(
  db: Db,
  { id, note, by }: { readonly id: number; readonly note: string; readonly by: string },
): Promise<boolean> {
  const { rowCount } = await db.query(sql.type(none)`
    update qris_callback set reviewed_by = ${by}, review_note = ${note}, reviewed_at = now()
     where id = ${id} and result = 'parked' and reviewed_at is null`)
  return rowCount > 0
}

/** What tells whether persons have assigned something else meanwhile. */
export async function decisionsMark(db: Db): Promise<string> {
  return await db.oneFirst(sql.type(z.object({ mark: z.string() }))`
    select concat_ws(' ', count(*), max(reviewed_at)) as mark
      from qris_callback where terminal_id is not null`)
}

/**
 * A person says at which terminal it was paid, and beside which payment, knowing all that was
 * decided until `mark`. One is written at a time, in whichever process; `stale`: there is more to
 * know, `late`: somebody has decided about this one.
 */
export async function assignCallback(
  pool: DatabasePool,
  told: {
    readonly id: number
    readonly terminalId: string
    readonly besideId: string | null
    readonly note: string
    readonly by: string
    readonly mark: string
  },
): Promise<'written' | 'stale' | 'late'> {
  const { id, terminalId, besideId, note, by, mark } = told
  return await pool.transaction(async write => {
    await write.query(lockCallbacks())
    if ((await decisionsMark(write)) !== mark) return 'stale'
    const { rowCount } = await write.query(sql.type(none)`
      update qris_callback set terminal_id = ${terminalId}, beside_id = ${besideId},
        reviewed_by = ${by}, review_note = ${note}, reviewed_at = clock_timestamp()
       where id = ${id} and result = 'parked' and reviewed_at is null`)
    return rowCount > 0 ? 'written' : 'late'
  })
}

/** It could not be booked there after all: it waits for a person again. */
export async function releaseCallback(db: Db, id: number): Promise<void> {
  await db.query(sql.type(none)`
    update qris_callback set terminal_id = null, beside_id = null, reviewed_by = null,
      review_note = '', reviewed_at = null
     where id = ${id} and terminal_id is not null and result = 'parked'`)
}

const assignedRow = z.object({
  id: z.number(),
  body: z.string(),
  terminalId: z.string(),
  besideId: z.string().nullable(),
  by: z.string(),
  reviewedMs: z.number(),
})
export type AssignedRow = z.infer<typeof assignedRow>

/** What persons have assigned, from a moment of the database's clock on; newest first. */
export async function assignedCallbacks(
  db: Db,
  { sinceMs, limit }: { readonly sinceMs: number; readonly limit: number },
): Promise<readonly AssignedRow[]> {
  return await db.any(sql.type(assignedRow)`
    select id, encode(body, 'base64') as body, terminal_id as "terminalId",
           beside_id as "besideId", reviewed_by as by, ${ms('reviewed_at')} as "reviewedMs"
      from qris_callback where terminal_id is not null and reviewed_at >= ${moment(sinceMs)}
     order by reviewed_at desc limit ${limit}`)
}

/** Another callback of the same event that was booked: of which payment. */
export async function bookedByEvent(
  db: Db,
  { id, eventId }: { readonly id: number; readonly eventId: string },
): Promise<string | null> {
  const row = await db.maybeOne(sql.type(z.object({ transactionId: z.string() }))`
    select transaction_id as "transactionId" from qris_callback
     where event_id = ${eventId} and id <> ${id} and transaction_id is not null
       and result in ('applied', 'duplicate')
     order by id limit 1`)
  return row?.transactionId ?? null
}
