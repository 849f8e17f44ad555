/** Purchases at number suppliers who keep no reference of ours, as rows. */

import { type DatabasePool, moment, none, sql, z } from '../database.ts'

const flightRow = z.object({
  orderId: z.string(),
  supplier: z.string(),
  lane: z.string(),
  balanceBefore: z.number().int().nullable(),
  takenAt: z.number(),
  theirId: z.string().nullable(),
})
export type NumberFlight = z.infer<typeof flightRow>

const columns = sql.fragment`
  order_id as "orderId", supplier, lane, balance_before as "balanceBefore",
  (extract(epoch from taken_at) * 1000)::float8 as "takenAt", their_id as "theirId"`

/** False when it was taken before: then it may have been sent. */
export async function takeNumberFlight(
  pool: DatabasePool,
  flight: Omit<NumberFlight, 'theirId'>,
): Promise<boolean> {
  const { orderId, supplier, lane, balanceBefore, takenAt } = flight
  const { rowCount } = await pool.query(sql.type(none)`
    insert into number_flight (order_id, supplier, lane, balance_before, taken_at)
    values (${orderId}::uuid, ${supplier}, ${lane}, ${balanceBefore},
            ${moment(takenAt)})
    on conflict (order_id) do nothing`)
  return rowCount === 1
}

export async function numberFlightOf(
  pool: DatabasePool,
  orderId: string,
): Promise<NumberFlight | null> {
  return await pool.maybeOne(sql.type(flightRow)`
    select ${columns} from number_flight where order_id = ${orderId}::uuid`)
}

/** False when the id belongs to another order, or this one has another id. */
export async function bindNumberFlight(
  pool: DatabasePool,
  { orderId, supplier, theirId }: Pick<NumberFlight, 'orderId' | 'supplier'> & { theirId: string },
): Promise<boolean> {
  const { rowCount } = await pool.query(sql.type(none)`
    update number_flight set their_id = ${theirId}
     where order_id = ${orderId}::uuid and (their_id is null or their_id = ${theirId})
       and not exists (select from number_flight other
                        where other.supplier = ${supplier} and other.their_id = ${theirId}
                          and other.order_id <> ${orderId}::uuid)`)
  return rowCount === 1
}

export async function noteNothingBought(pool: DatabasePool, orderId: string): Promise<void> {
  await pool.query(sql.type(none)`
    update number_flight set bought_nothing = true where order_id = ${orderId}::uuid`)
}

const idRow = z.object({ theirId: z.string() })

/** Their ids that belong to orders of ours, of purchases since then. */
export async function boundSince(
  pool: DatabasePool,
  { supplier, sinceMs }: { readonly supplier: string; readonly sinceMs: number },
): Promise<ReadonlySet<string>> {
  const rows = await pool.any(sql.type(idRow)`
    select their_id as "theirId" from number_flight
     where supplier = ${supplier} and their_id is not null
       and taken_at > ${moment(sinceMs)}`)
  return new Set(rows.map(({ theirId }) => theirId))
}

const countRow = z.object({ count: z.number().int() })

/** How many of a lane may have bought something that has no owner yet. */
export async function doubtfulIn(
  pool: DatabasePool,
  { supplier, lane }: Pick<NumberFlight, 'supplier' | 'lane'>,
): Promise<number> {
  const { count } = await pool.one(sql.type(countRow)`
    select count(*)::int as count from number_flight f
     where f.supplier = ${supplier} and f.lane = ${lane} and f.their_id is null
       and not f.bought_nothing
       and not exists (select from number_view v where v.id = f.order_id and not v.is_open)`)
  return count
}

const quietRow = z.object({ quiet: z.boolean() })

/**
 * Whether nothing else can have moved our balance at this supplier since then: no other order,
 * nobody who pays in through a gateway of the same house, no top-up of ours.
 */
export async function isQuietSince(
  pool: DatabasePool,
  asked: {
    readonly supplier: string
    /** What its adapter is called; a gateway of that name may credit the same balance. */
    readonly brand: string
    readonly orderId: string
    readonly sinceMs: number
    readonly nowMs: number
  },
): Promise<boolean> {
  const { supplier, brand, orderId } = asked
  const hoursBefore = (hours: number) => asked.sinceMs - hours * 3_600_000
  const since = moment(asked.sinceMs)
  const now = moment(asked.nowMs)
  const { quiet } = await pool.one(sql.type(quietRow)`
    select not exists (
      select from number_flight f
       where f.supplier = ${supplier} and f.order_id <> ${orderId}::uuid
         and f.taken_at >= ${since} - interval '1 minute'
    ) and not exists (
      select from number_flight f join number_view v on v.id = f.order_id
       where f.supplier = ${supplier} and f.order_id <> ${orderId}::uuid
         and f.taken_at > ${since} - interval '1 day'
         and (v.updated_at >= ${since} - interval '1 minute' or v.phase = 'cancelling'
              or v.dies_at between ${since} - interval '1 minute' and ${now})
    ) and not exists (
      select from deposit_intent i join payment_gateway g on g.code = i.gateway
       where g.adapter = ${brand} and i.id >= laju_id_at(${hoursBefore(48)}::float8)
         and (i.updated_at >= ${since} - interval '1 minute'
              or i.status in ('asking', 'doubt', 'pending', 'processing'))
    ) and not exists (
      select from manual_deposit m
       where m.kind = 'float' and m.supplier = ${supplier}
         and m.id >= laju_id_at(${hoursBefore(1)}::float8)
    ) as quiet`)
  return quiet
}

const laneRow = z.object({ lane: z.string() })

/** Lanes in which purchases ended without a number of theirs, and none is in doubt any more. */
export async function lanesEndedWithout(
  pool: DatabasePool,
  { supplier, sinceMs }: { readonly supplier: string; readonly sinceMs: number },
): Promise<readonly string[]> {
  const rows = await pool.any(sql.type(laneRow)`
    select f.lane from number_flight f left join number_view v on v.id = f.order_id
     where f.supplier = ${supplier} and f.their_id is null
       and f.taken_at > ${moment(sinceMs)}
     group by f.lane
    having bool_and(coalesce(not v.is_open, false)) limit 1000`)
  return rows.map(({ lane }) => lane)
}

/** Of orders that are over: nobody looks for them any more. */
export async function deleteNumberFlights(
  pool: DatabasePool,
  { beforeMs, limit }: { readonly beforeMs: number; readonly limit: number },
): Promise<number> {
  const { rowCount } = await pool.query(sql.type(none)`
    delete from number_flight where order_id in (
      select order_id from number_flight as kept
       where taken_at < ${moment(beforeMs)}
         and exists (select from number_view v where v.id = kept.order_id and not v.is_open)
       order by taken_at limit ${limit})`)
  return rowCount
}
