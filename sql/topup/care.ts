/** What staff looks up about orders beyond the journal: who waits for a person, what was told. */

import { type DatabasePool, moment, sql, z } from '../database.ts'

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
  /** The order that had its serial number first. */
  otherTrxId: z.string().nullable(),
  sn: z.string().nullable(),
  /** Who charged more than he was told: the most that he was allowed, and what he took. */
  overchargedBy: z.string().nullable(),
  agreed: z.number().nullable(),
  charged: z.number().nullable(),
  /** Of a failure that may be revised: since when, by whom, and until when. */
  failedMs: z.number().nullable(),
  revisers: z.array(z.string()).nullable(),
  revisableUntilMs: z.number().nullable(),
  createdMs: z.number(),
})
type Waiting = z.infer<typeof waiting>

/** For how long suppliers revise failures; `longestMs` is the longest of all. */
export type Revisable = {
  readonly own: readonly { readonly supplier: string; readonly ms: number }[]
  readonly usualMs: number
  readonly longestMs: number
  readonly now: number
}

type QueueAsked = {
  readonly after: string | null
  /** Only those who wait for this reason. */
  readonly attention: string | null
  readonly limit: number
  readonly revisable: Revisable
}

/**
 * Oldest first, after an order's id. Plan: `order_view_attention`, `duplicate_sn_open`,
 * `overcharge_open`, `order_watch_failed`.
 */
export async function ordersInQueue(
  pool: DatabasePool,
  { after, attention, limit, revisable }: QueueAsked,
): Promise<readonly Waiting[]> {
  const { own, usualMs, longestMs, now } = revisable
  const codes = sql.array(
    own.map(one => one.supplier),
    'text',
  )
  const times = sql.array(
    own.map(one => one.ms),
    'float8',
  )
  return await pool.any(sql.type(waiting)`
    with own (supplier, ms) as (select * from unnest(${codes}, ${times})),
    revisable as (
      select shard, id, min(failed_at) as failed_at, max(failed_until) as failed_until,
             array_agg(distinct supplier order by supplier) as revisers
        from (select shard, id, supplier, failed_at, failed_at
                     + coalesce(own.ms, ${usualMs}) * interval '1 millisecond' as failed_until
                from order_watch left join own using (supplier)
               where revised_at is null and failed_at > ${moment(now - longestMs)}
                 and not exists (select from order_watch_closed as closed
                                  where closed.id = order_watch.id)) as failed
       where failed_until > ${moment(now)}
       group by shard, id
    ),
    waiting as (
      (select shard, id from order_view
        where attention is not null and (${after}::uuid is null or id > ${after}::uuid)
          and (${attention}::text is null or attention = ${attention}::text)
        order by id limit ${limit})
      union
      (select shard, id from revisable join order_view using (shard, id)
        where order_view.attention is null
          and (${attention}::text is null or ${attention}::text = 'MAY_BE_REVISED')
          and (${after}::uuid is null or id > ${after}::uuid)
        order by id limit ${limit})
      union
      (select ${shardIn}, id from duplicate_sn
        where closed_at is null and (${after}::uuid is null or id > ${after}::uuid)
          and (${attention}::text is null or ${attention}::text = 'DUPLICATE_SN')
        order by id limit ${limit})
      union
      (select ${shardIn}, id from overcharge
        where closed_at is null and (${after}::uuid is null or id > ${after}::uuid)
          and (${attention}::text is null or ${attention}::text = 'OVERCHARGED')
        order by id limit ${limit})
    )
    select order_view.id as "trxId", user_id as "userId", username, ref, product, destination,
           price, order_view.status,
           coalesce(attention, case when first_id is not null then 'DUPLICATE_SN'
                                    when overcharge.id is not null then 'OVERCHARGED'
                                    else 'MAY_BE_REVISED' end) as attention,
           order_view.supplier, first_id as "otherTrxId", order_view.sn,
           overcharge.supplier as "overchargedBy", agreed, charged,
           (extract(epoch from failed_at) * 1000)::double precision as "failedMs", revisers,
           (extract(epoch from failed_until) * 1000)::double precision as "revisableUntilMs",
           (extract(epoch from order_view.created_at) * 1000)::double precision as "createdMs"
      from waiting join order_view using (shard, id)
           left join client on client.id = user_id
           left join duplicate_sn
             on duplicate_sn.id = order_view.id and duplicate_sn.closed_at is null
           left join overcharge
             on overcharge.id = order_view.id and overcharge.closed_at is null
           left join revisable
             on revisable.shard = order_view.shard and revisable.id = order_view.id
     order by order_view.id limit ${limit}`)
}

/** False when there is nothing to close: it never failed so, or was closed. */
export async function closeRevisable(
  pool: DatabasePool,
  { id, by, reason, at }: { id: string; by: string; reason: string; at: number },
): Promise<boolean> {
  const { rowCount } = await pool.query(sql.type(z.object({}))`
    insert into order_watch_closed (id, by, reason, at)
    select ${id}, ${by}, ${reason}, ${moment(at)}
     where exists (select from order_watch
                    where shard = (select ${shardOfId(id)}) and id = ${id} and revised_at is null)
        on conflict (id) do nothing`)
  return rowCount > 0
}

const shardOfId = (id: string) =>
  sql.fragment`('x' || substr(${id}, 16, 3))::bit(12)::int::smallint`

/** The shard that an order's id names. */
const shardIn = sql.fragment`('x' || substr(id::text, 16, 3))::bit(12)::int::smallint`

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
       and received_at between ${moment(about.fromMs)}
                           and ${moment(about.toMs)}
       and exists (
         select from unnest(${sql.array([...about.refs], 'text')}) as named (ref)
          where position(convert_to(named.ref, 'UTF8') in body) > 0)
     order by id limit ${about.limit}`)
}

const reasonInQueue = z.object({ why: z.string(), orders: z.number(), oldestMs: z.number() })
export type ReasonInQueue = z.infer<typeof reasonInQueue>

const queueMax = 100_000

/** Who waits for a person, by reason, up to a bound. Plan: as `ordersInQueue`. */
export async function queueByReason(pool: DatabasePool): Promise<readonly ReasonInQueue[]> {
  return await pool.any(sql.type(reasonInQueue)`
    select attention as why, count(*)::float8 as orders,
           (extract(epoch from min(created_at)) * 1000)::double precision as "oldestMs"
      from ((select attention, created_at from order_view
              where attention is not null limit ${queueMax})
            union all
            (select 'DUPLICATE_SN', found_at from duplicate_sn
              where closed_at is null limit ${queueMax})
            union all
            (select 'OVERCHARGED', found_at from overcharge
              where closed_at is null limit ${queueMax})) as waiting
     group by attention order by attention`)
}
