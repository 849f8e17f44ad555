/** Export jobs, and the rows that go into their files: each kind a page at a time, oldest first. */

import { type DatabasePool, moment, none, sql, z } from '../database.ts'
import { entryTypes } from '../soundbox/payments.ts'

type SqlFragment = ReturnType<typeof sql.fragment>

const whole = z.union([z.number(), z.bigint(), z.string()]).transform(Number)

const exportKind = z.enum([
  'transactions',
  'ledger-entries',
  'settlement-batches',
  'settlement-adjustments',
  'audit-logs',
])
type ExportKind = z.infer<typeof exportKind>

const filterShape = z.object({
  merchantId: z.string().nullable(),
  fromMs: z.number().nullable(),
  toMs: z.number(),
  status: z.string().nullable(),
})
type ExportFilter = z.infer<typeof filterShape>

const jobRow = z.object({
  id: z.string(),
  kind: exportKind,
  filter: filterShape,
  status: z.enum(['queued', 'running', 'done', 'failed', 'cancelled', 'expired']),
  askedBy: z.string(),
  expected: whole.nullable(),
  rows: whole,
  bytes: whole,
  cursor: z.string(),
  capped: z.boolean(),
  problem: z.string(),
  createdMs: z.number(),
  doneMs: z.number().nullable(),
})
export type ExportJob = z.infer<typeof jobRow>

const columns = sql.fragment`
  id, kind, filter, status, asked_by as "askedBy", expected, rows, bytes, cursor, capped, problem,
  (extract(epoch from created_at) * 1000)::double precision as "createdMs",
  (extract(epoch from done_at) * 1000)::double precision as "doneMs"`

export async function addExport(
  pool: DatabasePool,
  job: Pick<ExportJob, 'id' | 'kind' | 'filter' | 'askedBy' | 'createdMs'> & {
    readonly reference: string
  },
): Promise<ExportJob> {
  const { id, kind, filter, askedBy, reference, createdMs } = job
  return await pool.one(sql.type(jobRow)`
    insert into export_job as job (id, kind, filter, asked_by, reference, created_at)
    values (${id}, ${kind}, ${JSON.stringify(filter)}, ${askedBy}, ${reference},
            ${moment(createdMs)})
    on conflict (asked_by, reference) do update set reference = job.reference
    returning ${columns}`)
}

export async function readExport(pool: DatabasePool, id: string): Promise<ExportJob | null> {
  return await pool.maybeOne(sql.type(jobRow)`
    select ${columns} from export_job where id = ${id}::uuid`)
}

export async function listExports(
  pool: DatabasePool,
  { before, limit }: { before: string | null; limit: number },
): Promise<readonly ExportJob[]> {
  return await pool.any(sql.type(jobRow)`
    select ${columns} from export_job
     where (${before}::uuid is null or id < ${before}::uuid)
     order by id desc limit ${limit}`)
}

/** Whoever waits longest, with what is half done before it; none of `except`. */
export async function nextExport(
  pool: DatabasePool,
  except: readonly string[],
): Promise<ExportJob | null> {
  return await pool.maybeOne(sql.type(jobRow)`
    select ${columns} from export_job
     where status in ('queued', 'running') and id <> all(${sql.array([...except], 'uuid')})
     order by status = 'running' desc, created_at, id limit 1`)
}

export async function beginExport(
  pool: DatabasePool,
  { id, expected }: { id: string; expected: number },
): Promise<void> {
  await pool.query(sql.type(none)`
    update export_job set status = 'running', expected = ${expected}
     where id = ${id} and status in ('queued', 'running')`)
}

type Progress = Pick<ExportJob, 'id' | 'rows' | 'bytes' | 'cursor'>

/** False when somebody stopped it meanwhile. */
export async function keepProgress(pool: DatabasePool, progress: Progress): Promise<boolean> {
  const { id, rows, bytes, cursor } = progress
  const { rowCount } = await pool.query(sql.type(none)`
    update export_job set rows = ${rows}, bytes = ${bytes}, cursor = ${cursor}
     where id = ${id} and status = 'running'`)
  return rowCount === 1
}

type Ended = Pick<ExportJob, 'id' | 'capped' | 'problem'> & {
  readonly status: 'done' | 'failed' | 'cancelled'
  readonly nowMs: number
}

export async function endExport(pool: DatabasePool, ended: Ended): Promise<boolean> {
  const { id, status, capped, problem, nowMs } = ended
  const { rowCount } = await pool.query(sql.type(none)`
    update export_job set status = ${status}, capped = ${capped}, problem = ${problem},
           done_at = ${moment(nowMs)}
     where id = ${id} and status in ('queued', 'running')`)
  return rowCount === 1
}

/** Done before the given time: their files may go. */
export async function expireExports(
  pool: DatabasePool,
  { beforeMs, limit }: { beforeMs: number; limit: number },
): Promise<readonly string[]> {
  const rows = await pool.any(sql.type(z.object({ id: z.string() }))`
    update export_job set status = 'expired'
     where id in (select id from export_job
                   where status = 'done' and done_at < ${moment(beforeMs)}
                   order by done_at limit ${limit})
    returning id`)
  return rows.map(row => row.id)
}

// -- rows --------------------------------------------------------------------------------------

type Source = {
  readonly heads: readonly string[]
  /** As texts, in the order of the heads. */
  readonly cells: SqlFragment
  readonly from: SqlFragment
  /** Grows with each row, and is never the same. */
  readonly key: SqlFragment
  readonly keyType: 'uuid' | 'bigint' | 'text'
  readonly at: SqlFragment
  readonly merchant: SqlFragment | null
  readonly status: SqlFragment | null
}

const iso = (column: SqlFragment) => sql.fragment`
  coalesce(to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '')`
const text = (column: SqlFragment) => sql.fragment`coalesce((${column})::text, '')`
const f = sql.fragment

const sources: Readonly<Record<ExportKind, Source>> = {
  transactions: {
    heads: [
      ...['transaction_id', 'created_at', 'merchant_id', 'outlet_id', 'terminal_id', 'kind'],
      ...['status', 'amount', 'fee', 'net', 'refunded', 'reference', 'acquirer_ref', 'payer'],
      ...['paid_at', 'business_day', 'sound', 'settlement_batch_id'],
    ],
    cells: f`array[id::text, ${iso(f`created_at`)}, merchant_id::text, outlet_id::text,
      terminal_id::text, kind, lower(status), amount::text, ${text(f`fee`)},
      ${text(f`amount - fee - refunded + fee_back`)}, refunded::text, reference, acquirer_ref,
      payer, ${iso(f`paid_at`)}, ${text(f`day`)}, ${text(f`sound`)}, ${text(f`batch_id`)}]`,
    from: f`payment_view`,
    ...{ key: f`id`, keyType: 'uuid', at: f`coalesce(booked_at, created_at)` },
    ...{ merchant: f`merchant_id`, status: f`lower(status)` },
  },
  'ledger-entries': {
    heads: [
      ...['entry_id', 'booked_at', 'merchant_id', 'subject', 'subject_id', 'type', 'debit'],
      ...['credit', 'amount'],
    ],
    cells: f`array[shard || '.' || seq || '.' || leg, ${iso(f`booked_at`)}, merchant_id::text,
      subject, subject_id::text, coalesce(${JSON.stringify(entryTypes)}::jsonb ->> name, name),
      debit, credit, amount::text]`,
    from: f`merchant_entry`,
    key: f`lpad(shard::text, 5, '0') || '.' || lpad(seq::text, 19, '0') || '.' ||
      lpad(leg::text, 3, '0')`,
    ...{ keyType: 'text', at: f`booked_at`, merchant: f`merchant_id`, status: null },
  },
  'settlement-batches': {
    heads: [
      'settlement_batch_id',
      ...['created_at', 'merchant_id', 'reference', 'status', 'due_day', 'days_total'],
      ...['adjusted', 'total', 'bank_reference', 'paid_at', 'reason'],
    ],
    cells: f`array[id::text, ${iso(f`created_at`)}, merchant_id::text, reference, status, due_day,
      days_total::text, adjusted::text, (days_total + adjusted)::text, bank_reference,
      ${iso(f`paid_at`)}, reason]`,
    from: f`settlement_view`,
    ...{ key: f`id`, keyType: 'uuid', at: f`created_at` },
    ...{ merchant: f`merchant_id`, status: f`status` },
  },
  'settlement-adjustments': {
    heads: [
      'settlement_batch_id',
      ...['adjustment_id', 'adjusted_at', 'merchant_id', 'kind', 'amount', 'reason'],
      'adjusted_by',
    ],
    cells: f`array[batch_id::text, adjustment_id, ${iso(f`adjusted_at`)}, merchant_id::text, kind,
      amount::text, reason, adjusted_by]`,
    from: f`settlement_adjustment`,
    key: f`batch_id::text || ' ' || adjustment_id`,
    ...{ keyType: 'text', at: f`adjusted_at`, merchant: f`merchant_id`, status: f`kind` },
  },
  'audit-logs': {
    heads: [
      ...['id', 'at', 'actor', 'actor_name', 'role', 'action', 'subject', 'outcome', 'details'],
      ...['address', 'request_id', 'hash'],
    ],
    cells: f`array[id::text, ${iso(f`at`)}, ${text(f`actor`)}, actor_name, role, action, subject,
      outcome, details::text, address, request_id, encode(hash, 'hex')]`,
    from: f`audit_log`,
    ...{ key: f`id`, keyType: 'bigint', at: f`at`, merchant: null, status: f`outcome` },
  },
}

export const headsOf = (kind: ExportKind): readonly string[] => sources[kind].heads

function wanted({ at: when, merchant, status: state }: Source, filter: ExportFilter): SqlFragment {
  const { merchantId, fromMs, toMs, status } = filter
  return sql.fragment`
    ${when} < ${moment(toMs)}
    and (${fromMs}::float8 is null or ${when} >= ${moment(fromMs)})
    and ${merchant === null ? f`true` : f`(${merchantId}::uuid is null or ${merchant} = ${merchantId}::uuid)`}
    and ${state === null ? f`true` : f`(${status}::text is null or ${state} = ${status}::text)`}`
}

export async function countRows(
  pool: DatabasePool,
  { kind, filter }: Pick<ExportJob, 'kind' | 'filter'>,
): Promise<number> {
  const source = sources[kind]
  const row = await pool.one(sql.type(z.object({ count: whole }))`
    select count(*) as count from ${source.from} where ${wanted(source, filter)}`)
  return row.count
}

const pageRow = z.object({ key: z.string(), cells: z.array(z.string()) })

/** Rows behind the cursor; an empty cursor is the beginning. */
export async function exportPage(
  pool: DatabasePool,
  { kind, filter, cursor }: Pick<ExportJob, 'kind' | 'filter' | 'cursor'>,
  limit: number,
): Promise<readonly z.infer<typeof pageRow>[]> {
  const source = sources[kind]
  const { key, keyType } = source
  const type = { uuid: f`uuid`, bigint: f`bigint`, text: f`text` }[keyType]
  const behind = cursor === '' ? f`true` : f`${key} > ${cursor}::${type}`
  return await pool.any(sql.type(pageRow)`
    select (${key})::text as key, ${source.cells} as cells from ${source.from}
     where ${wanted(source, filter)} and ${behind}
     order by ${key} limit ${limit}`)
}
