/** Comparisons with what others say, and the differences that were found (migration 0043). */

import type { CommonQueryMethods } from 'slonik'
import { moment, none, sql, z } from '../database.ts'

type Db = CommonQueryMethods

const whole = z.union([z.number(), z.bigint(), z.string()]).transform(Number)

const paymentRow = z.object({
  id: z.string(),
  references: z.array(z.string()),
  amount: whole,
  refunded: whole,
  isOfDay: z.boolean(),
})

const jakarta = (column: string) => sql.fragment`
  (${sql.identifier([column])} at time zone 'Asia/Jakarta')::date`

/** When that day began in Jakarta, or the one so many days later. */
const midnight = (day: string, later: number) => sql.fragment`
  ((${day}::date + ${later}::int)::timestamp at time zone 'Asia/Jakarta')`

/**
 * Payments that the acquirer took on that day, of which something was given back on that day, and
 * whichever else the report names; `refunded` is of that day. Plan: the ids of the span and one day
 * of refunds, and the indexes on both references.
 */
export async function paymentsOfDay(
  db: Db,
  {
    day,
    references,
    fromMs,
    toMs,
  }: {
    day: string
    references: readonly string[]
    fromMs: number
    toMs: number
  },
): Promise<readonly z.infer<typeof paymentRow>[]> {
  const names = sql.array([...references], 'text')
  const printed = sql.array(
    references.map(one => `static:${one}`),
    'text',
  )
  return await db.any(sql.type(paymentRow)`
    with given_back as (
      select payment_id as id, sum(amount)::bigint as amount from payment_refund
       where coalesce(confirmed_at, refunded_at) >= ${midnight(day, 0)}
         and coalesce(confirmed_at, refunded_at) < ${midnight(day, 1)}
       group by payment_id),
    found as (
      select id from payment_view
       where id >= laju_id_at(${fromMs}::float8) and id < laju_id_at(${toMs}::float8)
         and ${jakarta('paid_at')} = ${day}::date
      union select id from payment_view where reference = any(${names})
      union select id from payment_view where reference = any(${printed})
      union select id from payment_view where acquirer_ref = any(${names}) and acquirer_ref <> ''
      union select id from given_back)
    select v.id, array_remove(array[v.acquirer_ref, v.reference, v.id::text], '') as "references",
           v.amount, coalesce(given_back.amount, 0) as refunded,
           (v.paid_at at time zone 'Asia/Jakarta')::date = ${day}::date as "isOfDay"
      from found join payment_view as v on v.id = found.id
      left join given_back on given_back.id = v.id
     where v.paid_at is not null
     order by v.id`)
}

const batchRow = z.object({
  id: z.string(),
  reference: z.string(),
  bankReference: z.string(),
  total: whole,
  isPaid: z.boolean(),
})

/**
 * Batches paid on that day, and whichever else the statement names: by a reference, or by the end
 * of its id.
 */
export async function batchesOfDay(
  db: Db,
  {
    day,
    references,
    endings,
  }: { day: string; references: readonly string[]; endings: readonly string[] },
): Promise<readonly z.infer<typeof batchRow>[]> {
  return await db.any(sql.type(batchRow)`
    select id, reference, bank_reference as "bankReference", days_total + adjusted as total,
           coalesce(status = 'paid' and ${jakarta('paid_at')} = ${day}::date, false) as "isPaid"
      from settlement_view
     where (status = 'paid' and ${jakarta('paid_at')} = ${day}::date)
        or (status in ('created', 'paid')
            and (reference = any(${sql.array([...references], 'text')})
                 or bank_reference = any(${sql.array([...references], 'text')})
                 or right(id::text, 17) = any(${sql.array([...endings], 'text')})))
     order by id`)
}

const oddBatch = z.object({
  id: z.string(),
  reference: z.string(),
  total: whole,
  lines: whole,
  booked: whole,
})

/** Of `batch`: what is in it, and what is booked for it. */
const sumsOfBatch = sql.fragment`
  lateral (select coalesce(sum(amount - fee), 0)::bigint as net from payment_view
            where batch_id = batch.id) as paid,
  lateral (select coalesce(sum(amount - fee), 0)::bigint as net from payment_refund
            where batch_id = batch.id) as given,
  lateral (select coalesce(sum(case kind when 'credit' then amount else -amount end), 0)::bigint
                    as net
             from settlement_adjustment where batch_id = batch.id) as changed,
  lateral (select coalesce(sum(case
                    when credit = 'batch:' || batch.merchant_id then amount
                    when debit = 'batch:' || batch.merchant_id then -amount
                    else 0 end) filter (where name in ('take', 'adjust')), 0)::bigint as net
             from merchant_entry where subject_id = batch.id) as booked`

const readOfRun = sql.fragment`json_build_object('source', run.source, 'day', run.day,
  'readMs', (extract(epoch from run.created_at) * 1000)::double precision)`

const heldBatch = z.object({
  settlementBatchId: z.string(),
  merchantId: z.string(),
  reference: z.string(),
  bankReference: z.string(),
  status: z.enum(['created', 'paid', 'failed', 'cancelled', 'reprocessed']),
  dueDay: z.string(),
  paidMs: z.number().nullable(),
  total: whole,
  lines: whole,
  ledger: whole,
  bank: whole.nullable(),
  statement: z.object({ source: z.string(), day: z.string(), readMs: z.number() }).nullable(),
  breaks: z.array(
    z.object({
      id: z.number(),
      kind: z.enum(['acquirer', 'bank', 'ledger']),
      what: z.string(),
      ours: z.number().nullable(),
      theirs: z.number().nullable(),
    }),
  ),
})

type HeldFilter = {
  readonly id: string | null
  readonly merchantId: string | null
  readonly status: z.infer<typeof heldBatch>['status'] | null
  readonly before: string | null
  readonly limit: number
}

/**
 * Batches against our books and the bank, newest first. The bank's word is what its statement gave
 * otherwise, or the total where a statement of the day was read since and had nothing to say; told
 * is which statement that was.
 */
export async function heldBatches(
  db: Db,
  { id, merchantId, status, before, limit }: HeldFilter,
): Promise<readonly z.infer<typeof heldBatch>[]> {
  return await db.any(sql.type(heldBatch)`
    with batch as (
      select * from settlement_view
       where (${id}::uuid is null or id = ${id}::uuid)
         and (${merchantId}::uuid is null or merchant_id = ${merchantId}::uuid)
         and (${status}::text is null or status = ${status}::text)
         and (${before}::uuid is null or id < ${before}::uuid)
       order by id desc limit ${limit})
    select batch.id as "settlementBatchId", batch.merchant_id as "merchantId", batch.reference,
           batch.bank_reference as "bankReference", batch.status, batch.due_day as "dueDay",
           (extract(epoch from batch.paid_at) * 1000)::double precision as "paidMs",
           batch.days_total + batch.adjusted as total,
           case when batch.status in ('created', 'paid')
                then paid.net - given.net + changed.net else 0 end as lines,
           case when batch.status in ('created', 'paid') then booked.net else 0 end as ledger,
           coalesce(told.amount, case when held.told is not null
                                      then batch.days_total + batch.adjusted end) as bank,
           coalesce(told.read, held.told) as statement,
           coalesce(open.breaks, '[]'::json) as breaks
      from batch, ${sumsOfBatch},
           lateral (select (
             select ${readOfRun} from recon_run as run
              where kind = 'bank' and day = (batch.paid_at at time zone 'Asia/Jakarta')::date
                and created_at >= batch.updated_at
              order by created_at desc limit 1) as told) as held,
           lateral (select max(coalesce(theirs, 0)) as amount, (
             select ${readOfRun} from recon_run as run
              where kind = 'bank' and day = max(recon_break.day)
              order by created_at desc limit 1) as read
              from recon_break
             where kind = 'bank' and subject = batch.id and status <> 'healed') as told,
           lateral (select json_agg(json_build_object('id', id, 'kind', kind, 'what', what,
                                                      'ours', ours, 'theirs', theirs)
                                    order by kind, what) as breaks
                      from recon_break
                     where subject = batch.id and status = 'open') as open
     order by batch.id desc`)
}

/** Live batches whose lines, or whose postings, do not sum to what they say. */
export async function oddBatches(db: Db): Promise<{
  readonly checked: number
  readonly odd: readonly z.infer<typeof oddBatch>[]
}> {
  const checked = await db.one(sql.type(z.object({ count: whole }))`
    select count(*) as count from settlement_view where status in ('created', 'paid')`)
  const odd = await db.any(sql.type(oddBatch)`
    select batch.id, batch.reference, batch.days_total + batch.adjusted as total,
           paid.net - given.net + changed.net as lines, booked.net as booked
      from settlement_view as batch, ${sumsOfBatch}
     where batch.status in ('created', 'paid')
       and (paid.net - given.net + changed.net <> batch.days_total + batch.adjusted
            or booked.net <> batch.days_total + batch.adjusted)
     order by batch.id`)
  return { checked: checked.count, odd }
}

const runRow = z.object({
  id: z.string(),
  kind: z.enum(['acquirer', 'bank', 'ledger']),
  day: z.string(),
  source: z.string(),
  rows: whole,
  matched: whole,
  ours: whole,
  theirs: whole,
  net: whole.nullable(),
  askedBy: z.string(),
  createdMs: z.number(),
})
export type ReconRun = z.infer<typeof runRow>

const runColumns = sql.fragment`
  id, kind, day::text as day, source, rows, matched, ours, theirs, net, asked_by as "askedBy",
  (extract(epoch from created_at) * 1000)::double precision as "createdMs"`

type NewBreak = {
  readonly key: string
  readonly what: string
  readonly subject: string | null
  readonly ours: number | null
  readonly theirs: number | null
}

/**
 * Keeps a comparison: differences that were known keep their age and owner, those that are gone are
 * healed, and one that was closed with another amount is open again. Run inside a transaction.
 */
export async function keepRun(
  db: Db,
  run: Omit<ReconRun, 'createdMs'> & { readonly content: Buffer; readonly nowMs: number },
  breaks: readonly NewBreak[],
): Promise<void> {
  const { id, kind, day, source, content, rows, matched, ours, theirs, net, askedBy, nowMs } = run
  await db.query(sql.type(none)`
    insert into recon_run (id, kind, day, source, content, rows, matched, ours, theirs, net,
                           asked_by, created_at)
    values (${id}, ${kind}, ${day}, ${source}, ${sql.binary(content)}, ${rows}, ${matched}, ${ours},
            ${theirs}, ${net}, ${askedBy}, ${moment(nowMs)})`)
  await db.query(sql.type(none)`
    insert into recon_break as known
      (kind, day, key, what, subject, ours, theirs, opened_at, seen_at)
    select ${kind}, ${day}::date, told.key, told.what, told.subject, told.ours, told.theirs,
           ${moment(nowMs)}, ${moment(nowMs)}
      from json_to_recordset(${JSON.stringify(breaks)}::json)
        as told (key text, what text, subject uuid, ours bigint, theirs bigint)
    on conflict (kind, day, key, what) do update
      set ours = excluded.ours, theirs = excluded.theirs, subject = excluded.subject,
          seen_at = excluded.seen_at,
          status = case when ${isReopened} then 'open' else known.status end,
          closed_by = case when ${isReopened} then null else known.closed_by end,
          closed_at = case when ${isReopened} then null else known.closed_at end`)
  await db.query(sql.type(none)`
    update recon_break set status = 'healed', closed_at = ${moment(nowMs)}
     where kind = ${kind} and day = ${day}::date and status = 'open'
       and seen_at < ${moment(nowMs)}`)
}

/** Of `known`, told again as `excluded`. */
const isReopened = sql.fragment`
  (known.status = 'healed'
   or known.status = 'resolved'
      and (known.ours, known.theirs) is distinct from (excluded.ours, excluded.theirs))`

export async function lastRun(
  db: Db,
  { kind, day }: { kind: ReconRun['kind']; day: string },
): Promise<ReconRun | null> {
  return await db.maybeOne(sql.type(runRow)`
    select ${runColumns} from recon_run where kind = ${kind} and day = ${day}::date
     order by created_at desc, id desc limit 1`)
}

export async function listRuns(db: Db, limit: number): Promise<readonly ReconRun[]> {
  return await db.any(sql.type(runRow)`
    select ${runColumns} from recon_run order by created_at desc, id desc limit ${limit}`)
}

const breakRow = z.object({
  id: whole,
  kind: z.enum(['acquirer', 'bank', 'ledger']),
  day: z.string(),
  key: z.string(),
  what: z.string(),
  subject: z.string().nullable(),
  ours: whole.nullable(),
  theirs: whole.nullable(),
  openedMs: z.number(),
  seenMs: z.number(),
  owner: z.string().nullable(),
  status: z.enum(['open', 'healed', 'resolved']),
  closedBy: z.string().nullable(),
  note: z.string(),
  closedMs: z.number().nullable(),
})
export type BreakRow = z.infer<typeof breakRow>

const breakColumns = sql.fragment`
  id, kind, day::text as day, key, what, subject, ours, theirs, owner, status,
  closed_by as "closedBy", note,
  (extract(epoch from opened_at) * 1000)::double precision as "openedMs",
  (extract(epoch from seen_at) * 1000)::double precision as "seenMs",
  (extract(epoch from closed_at) * 1000)::double precision as "closedMs"`

type BreakFilter = {
  readonly status: BreakRow['status'] | null
  readonly kind: BreakRow['kind'] | null
  readonly after: number | null
  readonly limit: number
}

/** Oldest first. */
export async function listBreaks(
  db: Db,
  { status, kind, after, limit }: BreakFilter,
): Promise<readonly BreakRow[]> {
  return await db.any(sql.type(breakRow)`
    select ${breakColumns} from recon_break
     where (${status}::text is null or status = ${status}::text)
       and (${kind}::text is null or kind = ${kind}::text)
       and (${after}::bigint is null or id > ${after}::bigint)
     order by id limit ${limit}`)
}

/** Null when there is none that is open. */
export async function ownBreak(
  db: Db,
  { id, owner }: { id: number; owner: string },
): Promise<BreakRow | null> {
  return await db.maybeOne(sql.type(breakRow)`
    update recon_break set owner = ${owner} where id = ${id} and status = 'open'
    returning ${breakColumns}`)
}

export async function closeBreak(
  db: Db,
  { id, by, note, nowMs }: { id: number; by: string; note: string; nowMs: number },
): Promise<BreakRow | null> {
  return await db.maybeOne(sql.type(breakRow)`
    update recon_break set status = 'resolved', closed_by = ${by}, note = ${note},
           closed_at = ${moment(nowMs)}
     where id = ${id} and status = 'open'
    returning ${breakColumns}`)
}
