/** Lists of orders and how far each row came. Plan: primary keys and `bulk_job_open` throughout. */

import { type DatabasePool, sql, z } from '../database.ts'

export type BulkRow = {
  readonly n: number
  readonly ref: string
  readonly product: string
  readonly destination: string
  readonly maxPrice: number | null
  readonly inquiryToken?: string | null
}

type NewBulk = {
  readonly id: string
  readonly clientId: string
  readonly ref: string
  readonly content: string
  readonly rows: readonly BulkRow[]
}

const nothing = z.object({})
const jobKey = z.object({ id: z.string(), content: z.string() })

/** The list with its rows, or the one that has this reference already: one statement. */
export async function addBulk(
  pool: DatabasePool,
  bulk: NewBulk,
): Promise<{ id: string; content: string }> {
  const { id, clientId, ref, content, rows } = bulk
  const added = await pool.maybeOne(sql.type(jobKey)`
    with job as (
      insert into bulk_job (id, client_id, ref, content, total)
      values (${id}, ${clientId}, ${ref}, ${content}, ${rows.length})
      on conflict (client_id, ref) do nothing
      returning id, content
    ), kept as (
      insert into bulk_row (job_id, n, ref, product, destination, max_price, inquiry_token)
      select job.id, entry.n, entry.ref, entry.product, entry.destination, entry."maxPrice",
             entry."inquiryToken"
        from job, json_to_recordset(${JSON.stringify(rows)}::json) as entry (
          n integer, ref text, product text, destination text, "maxPrice" bigint,
          "inquiryToken" text)
    )
    select id, content from job`)
  return (
    added ??
    (await pool.one(sql.type(jobKey)`
      select id, content from bulk_job where client_id = ${clientId} and ref = ${ref}`))
  )
}

const openJob = z.object({
  id: z.string(),
  clientId: z.string(),
  level: z.number().int(),
  active: z.boolean(),
  ratePerMin: z.number().int(),
})
export type OpenJob = z.infer<typeof openJob>

/**
 * Lists with work left, of the next few clients, with what holds for their client now: each one's
 * oldest first, and his together. Plan: all of `bulk_job_open`, which holds no list that is done.
 */
export async function openBulks(
  pool: DatabasePool,
  page: {
    /** The last client that was served; null to begin with the first. */
    readonly after: string | null
    readonly clientsMax: number
    readonly listsMax: number
  },
): Promise<readonly OpenJob[]> {
  return await pool.any(sql.type(openJob)`
    select waiting.id, client_id as "clientId", coalesce(client.level, 0)::integer as level,
           coalesce(client.status, 'active') = 'active' as active,
           coalesce(client.rate_per_min, 0)::integer as "ratePerMin"
      from (select id, client_id, created_at, dense_rank() over (order by client_id) as place,
                   row_number() over (partition by client_id order by created_at, id) as turn
              from bulk_job
             where done_at is null
               and (${page.after}::uuid is null or client_id > ${page.after}::uuid)) as waiting
      left join client on client.id = client_id
     where place <= ${page.clientsMax} and turn <= ${page.listsMax}
     order by client_id, waiting.created_at, waiting.id`)
}

const bulkRow = z.object({
  n: z.number().int(),
  ref: z.string(),
  product: z.string(),
  destination: z.string(),
  maxPrice: z.number().nullable(),
  inquiryToken: z.string().nullable(),
})

/** Rows of a list that wait, in its order. */
export async function waitingRows(
  pool: DatabasePool,
  jobId: string,
  limit: number,
): Promise<readonly BulkRow[]> {
  return await pool.any(sql.type(bulkRow)`
    select n, ref, product, destination, max_price as "maxPrice",
           inquiry_token as "inquiryToken"
      from bulk_row where job_id = ${jobId} and result is null order by n limit ${limit}`)
}

export type BulkResult = {
  readonly n: number
  readonly result: 'placed' | 'refused'
  readonly code: string | null
  readonly trxId: string | null
}

export async function keepResults(
  pool: DatabasePool,
  jobId: string,
  results: readonly BulkResult[],
): Promise<void> {
  await pool.query(sql.type(nothing)`
    update bulk_row set result = told.result, code = told.code, trx_id = told."trxId"
      from json_to_recordset(${JSON.stringify(results)}::json) as told (
        n integer, result text, code text, "trxId" uuid)
     where job_id = ${jobId} and bulk_row.n = told.n`)
}

export async function closeBulk(pool: DatabasePool, jobId: string): Promise<void> {
  await pool.query(sql.type(nothing)`
    update bulk_job set done_at = now() where id = ${jobId} and done_at is null`)
}

const tally = z.object({
  ref: z.string(),
  total: z.number().int(),
  waiting: z.number(),
  placed: z.number(),
  refused: z.number(),
  success: z.number(),
  failed: z.number(),
})
type BulkTally = z.infer<typeof tally>

/** How far a client's list came; null when it is not theirs. `shard` is where their orders are. */
export async function bulkTally(
  pool: DatabasePool,
  { clientId, jobId, shard }: { clientId: string; jobId: string; shard: number },
): Promise<BulkTally | null> {
  return await pool.maybeOne(sql.type(tally)`
    select bulk_job.ref, total,
           count(*) filter (where result is null) as waiting,
           count(*) filter (where result = 'placed') as placed,
           count(*) filter (where result = 'refused') as refused,
           count(*) filter (where status = 'SUCCESS') as success,
           count(*) filter (where status in ('FAILED', 'REFUND')) as failed
      from bulk_job
      join bulk_row on bulk_row.job_id = bulk_job.id
      left join order_view on order_view.shard = ${shard} and order_view.id = trx_id
     where bulk_job.id = ${jobId} and client_id = ${clientId}
     group by bulk_job.id`)
}

const toldRow = z.object({
  n: z.number().int(),
  ref: z.string(),
  product: z.string(),
  destination: z.string(),
  result: z.enum(['placed', 'refused']).nullable(),
  code: z.string().nullable(),
  trxId: z.string().nullable(),
  status: z.string().nullable(),
  sn: z.string().nullable(),
})
type ToldRow = z.infer<typeof toldRow>

export async function bulkRows(
  pool: DatabasePool,
  page: { jobId: string; shard: number; after: number; limit: number },
): Promise<readonly ToldRow[]> {
  return await pool.any(sql.type(toldRow)`
    select n, bulk_row.ref, bulk_row.product, bulk_row.destination, result, code,
           trx_id as "trxId", status, sn
      from bulk_row
      left join order_view on order_view.shard = ${page.shard} and order_view.id = trx_id
     where job_id = ${page.jobId} and n > ${page.after} order by n limit ${page.limit}`)
}
