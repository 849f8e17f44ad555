/**
 * Finding orders among those of all clients. First where to look: at most so many candidates, along
 * an index that leads there; then those of them that fit. So no page reads more than its bound,
 * however rare what is looked for. A destination has no such index: it would cost each order more
 * than looking costs. It is looked for back in time, until there are enough.
 *
 *   now ◀─ a day ─ a week ─ 7 weeks ─ a year ─ the rest: each only if the newer held too few
 *
 * OSA1. However the time is cut into stretches, the newest come first, none twice, none left out.
 * OSA2. No stretch is looked at that lies outside of what was asked for.
 */

import { type DatabasePool, moment, sql, z } from '../database.ts'

const placeRow = z.object({ shard: z.number().int(), id: z.string() })
export type Place = z.infer<typeof placeRow>

/** Half open: from `fromId` to before `beforeId`. */
type Span = { readonly fromId: string; readonly beforeId: string }

/**
 * Newest first. Plan: per stretch a bitmap scan of order_view_sought, which leads to the few places
 * where it may be. Without the setting a table that was never analysed would be read whole.
 */
export async function placesOfDestination(
  pool: DatabasePool,
  { destination, limit, ...when }: Span & { destination: string; limit: number; nowMs: number },
): Promise<readonly Place[]> {
  return await pool.transaction(async read => {
    await read.query(sql.type(z.object({}))`set local enable_seqscan = off`)
    const places: Place[] = []
    for (const { fromId, beforeId } of stretches(when)) {
      const found = await read.any(sql.type(placeRow)`
        select shard, id from order_view
         where destination = ${destination} and id >= ${fromId} and id < ${beforeId}
         order by id desc limit ${limit - places.length}`)
      places.push(...found)
      if (places.length >= limit) break
    }
    return places
  })
}

const stretchDays = [1, 8, 57, 400]

/** The newest first. Ids of orders begin with their time. */
export function stretches({
  fromId,
  beforeId,
  nowMs,
}: Span & { readonly nowMs: number }): readonly Span[] {
  const endMs = Math.min(nowMs, Number.parseInt(beforeId.replaceAll('-', '').slice(0, 12), 16))
  const found: Span[] = []
  let end = beforeId
  for (const days of [...stretchDays, null]) {
    const wanted = days === null ? fromId : idAt(endMs - days * 86_400_000)
    const begin = wanted > fromId ? wanted : fromId
    if (begin >= end) continue
    found.push({ fromId: begin, beforeId: end })
    end = begin
  }
  return found
}

/** Not above any id of that time. */
function idAt(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
}

/** The newest of each shard. Plan: per shard one backward range scan of order_view_pkey. */
export async function placesOfTime(
  pool: DatabasePool,
  { shards, fromId, beforeId, limit }: Span & { shards: number; limit: number },
): Promise<readonly Place[]> {
  return await pool.any(sql.type(placeRow)`
    select newest.shard, newest.id
      from generate_series(0, ${shards - 1}::int) as one (shard)
     cross join lateral (
       select order_view.shard, id from order_view
        where order_view.shard = one.shard::smallint and id >= ${fromId} and id < ${beforeId}
        order by id desc limit ${limit}
     ) as newest`)
}

const takenRow = placeRow.extend({ seq: z.number(), takenMs: z.number() })
type Taken = z.infer<typeof takenRow>

/**
 * Each order takes money out of its client's wallet once, when it is placed. Newest first.
 * Plan: backward range scan of mutation_pkey.
 */
export async function placesOfClient(
  pool: DatabasePool,
  asked: { shard: number; userId: string; beforeSeq: number; toMs: number; limit: number },
): Promise<readonly Taken[]> {
  const { shard, userId, beforeSeq, toMs, limit } = asked
  return await pool.any(sql.type(takenRow)`
    select shard, reference_id as id, seq,
           (extract(epoch from created_at) * 1000)::double precision as "takenMs"
      from mutation
     where shard = ${shard} and user_id = ${userId} and seq < ${beforeSeq}
       and kind = 'order' and direction = 'out'
       and created_at <= ${moment(toMs)}
     order by seq desc limit ${limit}`)
}

/**
 * An order's key is computed from its client and reference (engine/ids.ts), so a reference is looked
 * for under the key that it would have with each client; nobody else's reference has an index.
 * Plan: client_pkey, per client one look into journal_actor.
 */
export async function placesOfReference(
  pool: DatabasePool,
  { ref, limit }: { ref: string; limit: number },
): Promise<readonly Place[]> {
  return await pool.any(sql.type(placeRow)`
    with sought as materialized (
      select ('x' || substr(id::text, 16, 3))::bit(12)::int::smallint as shard,
             ('x' || encode(substr(sha256(convert_to(id::text || E'\n' || ${ref}, 'UTF8')), 1, 8),
                            'hex'))::bit(64)::bigint & ${keyMask}::bigint as actor
        from client
    )
    select distinct journal.shard, readable_line(journal.body)::json ->> 'id' as id
      from sought join journal on journal.shard = sought.shard and journal.actor = sought.actor
     where readable_line(journal.body)::json ->> 'k' = 'order'
     order by id desc limit ${limit}`)
}

/** 62 bits. */
const keyMask = '4611686018427387903'

const foundRow = z.object({
  shard: z.number().int(),
  trxId: z.string(),
  userId: z.string(),
  username: z.string().nullable(),
  ref: z.string(),
  product: z.string(),
  destination: z.string(),
  price: z.number(),
  cost: z.number().nullable(),
  supplier: z.string().nullable(),
  status: z.enum(['PENDING', 'PROCESSING', 'SUCCESS', 'FAILED', 'REFUND']),
  sn: z.string().nullable(),
  failure: z.string().nullable(),
  attention: z.string().nullable(),
  createdMs: z.number(),
  updatedMs: z.number(),
})
export type FoundRow = z.infer<typeof foundRow>

type Fitting = {
  readonly destination: string | null
  readonly ref: string | null
  readonly status: string | null
  readonly supplier: string | null
  readonly product: string | null
}

/** Those of the places that fit, newest first. Plan: per place one look into order_view_pkey. */
export async function ordersThatFit(
  pool: DatabasePool,
  places: readonly Place[],
  { destination, ref, status, supplier, product }: Fitting,
  limit: number,
): Promise<readonly FoundRow[]> {
  const shards = sql.array(
    places.map(one => one.shard),
    'int2',
  )
  const ids = sql.array(
    places.map(one => one.id),
    'uuid',
  )
  return await pool.any(sql.type(foundRow)`
    select found.shard, found.id as "trxId", found.user_id as "userId", client.username, found.ref,
           found.product, found.destination, found.price, found.cost, found.supplier, found.status,
           found.sn, found.failure, found.attention,
           (extract(epoch from found.created_at) * 1000)::double precision as "createdMs",
           (extract(epoch from found.updated_at) * 1000)::double precision as "updatedMs"
      from unnest(${shards}, ${ids}) as place (shard, id)
      join order_view as found on found.shard = place.shard and found.id = place.id
      left join client on client.id = found.user_id
     where (${destination}::text is null or found.destination = ${destination}::text)
       and (${ref}::text is null or found.ref = ${ref}::text)
       and (${status}::text is null or found.status = ${status}::text)
       and (${supplier}::text is null or found.supplier = ${supplier}::text)
       and (${product}::text is null or found.product = ${product}::text)
     order by found.id desc limit ${limit}`)
}
