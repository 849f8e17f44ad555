/** What staff looks up about orders beyond the journal: who waits for a person, what was told. */

import { type DatabasePool, sql, z } from './database.ts'

const waiting = z.object({
  trxId: z.string(),
  userId: z.string(),
  username: z.string().nullable(),
  ref: z.string(),
  product: z.string(),
  destination: z.string(),
  price: z.number(),
  status: z.string(),
  attention: z.string(),
  supplier: z.string().nullable(),
  createdMs: z.number(),
})
export type Waiting = z.infer<typeof waiting>

/** Oldest first, after an order's id. Plan: `order_view_attention`, then the newest by id. */
export async function ordersInQueue(
  pool: DatabasePool,
  { after, limit }: { after: string | null; limit: number },
): Promise<readonly Waiting[]> {
  return await pool.any(sql.type(waiting)`
    select order_view.id as "trxId", user_id as "userId", username, ref, product, destination,
           price, order_view.status, attention, supplier,
           (extract(epoch from order_view.created_at) * 1000)::double precision as "createdMs"
      from order_view left join client on client.id = user_id
     where attention is not null
       and (${after}::uuid is null or order_view.id > ${after}::uuid)
     order by order_view.id limit ${limit}`)
}

const said = z.object({
  party: z.string(),
  receivedMs: z.number(),
  body: z.string(),
})

/** Callbacks that name one of these references, between two times. */
export async function callbacksAbout(
  pool: DatabasePool,
  about: {
    refs: readonly string[]
    parties: readonly string[]
    fromMs: number
    toMs: number
    limit: number
  },
): Promise<readonly z.infer<typeof said>[]> {
  return await pool.any(sql.type(said)`
    select party, (extract(epoch from received_at) * 1000)::double precision as "receivedMs",
           encode(body, 'escape') as body
      from callback_inbox
     where party = any (${sql.array([...about.parties], 'text')})
       and received_at between to_timestamp(${about.fromMs}::double precision / 1000)
                           and to_timestamp(${about.toMs}::double precision / 1000)
       and exists (
         select from unnest(${sql.array([...about.refs], 'text')}) as named (ref)
          where position(convert_to(named.ref, 'UTF8') in body) > 0)
     order by id limit ${about.limit}`)
}

const reasonInQueue = z.object({ why: z.string(), orders: z.number(), oldestMs: z.number() })
export type ReasonInQueue = z.infer<typeof reasonInQueue>

const queueMax = 100_000

/** Who waits for a person, by reason, up to a bound. Plan: `order_view_attention`. */
export async function queueByReason(pool: DatabasePool): Promise<readonly ReasonInQueue[]> {
  return await pool.any(sql.type(reasonInQueue)`
    select attention as why, count(*)::float8 as orders,
           (extract(epoch from min(created_at)) * 1000)::double precision as "oldestMs"
      from (select attention, created_at from order_view
             where attention is not null limit ${queueMax}) as waiting
     group by attention order by attention`)
}
