/**
 * A client's own orders, newest first, found by what each took from the wallet: mutation_pkey
 * leads to them in the order of time, so that the busiest table needs no index for it.
 *
 * SEG1. Every order took from the wallet once, when it was placed: it is listed once.
 */

import { type DatabasePool, sql, z } from '../database.ts'

const orderRow = z.object({
  seq: z.number(),
  trxId: z.string(),
  ref: z.string(),
  product: z.string(),
  destination: z.string(),
  price: z.number(),
  status: z.enum(['PENDING', 'PROCESSING', 'SUCCESS', 'FAILED', 'REFUND']),
  sn: z.string().nullable(),
  failure: z.string().nullable(),
  createdMs: z.number(),
  updatedMs: z.number(),
})
export type OwnOrder = z.infer<typeof orderRow>

const placeRow = z.object({ seq: z.number() })

type OwnOrders = {
  readonly shard: number
  readonly userId: string
  /** Only what stands before this place in the journal. */
  readonly before: number
  readonly status: string | null
  /** Beginning of a reference or a destination. */
  readonly q: string | null
  readonly limit: number
  /** How many mutations are looked through at most. */
  readonly scanned: number
}

/** Plan: one backward range scan of mutation_pkey, and order_view by its key for each row. */
export async function ownOrders(
  pool: DatabasePool,
  { shard, userId, before, status, q, limit, scanned }: OwnOrders,
): Promise<readonly OwnOrder[]> {
  return await pool.any(sql.type(orderRow)`
    with moved as materialized (
      select seq, kind, reference_id from mutation
       where shard = ${shard} and user_id = ${userId} and seq < ${before}
       order by seq desc, leg desc
       limit ${scanned}
    )
    select seq, id as "trxId", ref, product, destination, price, status, sn, failure,
           (extract(epoch from created_at) * 1000)::double precision as "createdMs",
           (extract(epoch from updated_at) * 1000)::double precision as "updatedMs"
      from moved join order_view on shard = ${shard} and id = moved.reference_id
     where moved.kind = 'order'
       and (${status}::text is null or status = ${status})
       and (${q}::text is null or starts_with(ref, ${q}) or starts_with(destination, ${q}))
     order by seq desc
     limit ${limit}`)
}

/** Where a look through so many mutations ends; null when there are fewer. */
export async function scannedTo(
  pool: DatabasePool,
  { shard, userId, before, scanned }: OwnOrders,
): Promise<number | null> {
  const last = await pool.maybeOne(sql.type(placeRow)`
    select seq from mutation
     where shard = ${shard} and user_id = ${userId} and seq < ${before}
     order by seq desc, leg desc
     offset ${scanned - 1} limit 1`)
  return last?.seq ?? null
}
