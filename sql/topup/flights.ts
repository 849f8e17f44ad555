/** Attempts at suppliers that do not find an order by our reference, as rows. */

import { type DatabasePool, moment, sql, z } from '../database.ts'

export type Flight = {
  readonly supplier: string
  readonly ref: string
  readonly sku: string
  readonly dest: string
  readonly maxPrice: number
  /** Orders in one lane look alike to the supplier; null where they never do. */
  readonly lane: string | null
  readonly theirId: string | null
  readonly takenAt: number
}

const flightRow = z.object({
  supplier: z.string(),
  ref: z.string(),
  sku: z.string(),
  dest: z.string(),
  maxPrice: z.number().int(),
  lane: z.string().nullable(),
  theirId: z.string().nullable(),
  takenAt: z.number(),
})
const nothing = z.object({})
const refRow = z.object({ ref: z.string() })

const columns = sql.fragment`
  supplier, ref, sku, dest, max_price as "maxPrice", lane, their_id as "theirId",
  (extract(epoch from taken_at) * 1000)::float8 as "takenAt"`

/** Null when it was taken now; else the reference of whoever has the lane, or this very one. */
export async function takeFlight(
  pool: DatabasePool,
  flight: Omit<Flight, 'theirId'>,
): Promise<string | null> {
  const { supplier, ref, sku, dest, maxPrice, lane, takenAt } = flight
  const taken = await pool.maybeOne(sql.type(refRow)`
    insert into supplier_flight (supplier, ref, sku, dest, max_price, lane, taken_at)
    values (${supplier}, ${ref}, ${sku}, ${dest}, ${maxPrice}, ${lane},
            ${moment(takenAt)})
    on conflict do nothing
    returning ref`)
  if (taken !== null) return null
  const holder = await pool.maybeOne(sql.type(refRow)`
    select ref from supplier_flight
     where supplier = ${supplier}
       and (ref = ${ref} or (lane = ${lane} and released_at is null))
     order by ref = ${ref} desc limit 1`)
  // Released between the two questions: whoever asks again will get it.
  return holder?.ref ?? ''
}

export function flightOf(
  pool: DatabasePool,
  { supplier, ref }: Pick<Flight, 'supplier' | 'ref'>,
): Promise<Flight | null> {
  return pool.maybeOne(sql.type(flightRow)`
    select ${columns} from supplier_flight where supplier = ${supplier} and ref = ${ref}`)
}

export function flightByTheirId(
  pool: DatabasePool,
  { supplier, theirId }: { readonly supplier: string; readonly theirId: string },
): Promise<Flight | null> {
  return pool.maybeOne(sql.type(flightRow)`
    select ${columns} from supplier_flight
     where supplier = ${supplier} and their_id = ${theirId}`)
}

/** The one that is out in this lane. */
export function flightInLane(
  pool: DatabasePool,
  { supplier, lane }: { readonly supplier: string; readonly lane: string },
): Promise<Flight | null> {
  return pool.maybeOne(sql.type(flightRow)`
    select ${columns} from supplier_flight
     where supplier = ${supplier} and lane = ${lane} and released_at is null`)
}

const otherRow = z.object({ theirId: z.string().nullable() })

/** Ids of the others in its lane, newest first; null stands for one that may have bought. */
export async function othersInLane(
  pool: DatabasePool,
  { flight, since, limit }: { flight: Flight; since: number; limit: number },
): Promise<readonly (string | null)[]> {
  const rows = await pool.any(sql.type(otherRow)`
    select their_id as "theirId" from supplier_flight
     where supplier = ${flight.supplier} and lane = ${flight.lane} and ref <> ${flight.ref}
       and not bought_nothing and taken_at > ${moment(since)}
     order by taken_at desc limit ${limit}`)
  return rows.map(({ theirId }) => theirId)
}

/** False when the id belongs to another attempt, or this one has another id. */
export async function bindFlight(
  pool: DatabasePool,
  { supplier, ref, theirId }: { supplier: string; ref: string; theirId: string },
): Promise<boolean> {
  const { rowCount } = await pool.query(sql.type(nothing)`
    update supplier_flight set their_id = ${theirId}
     where supplier = ${supplier} and ref = ${ref}
       and (their_id is null or their_id = ${theirId})
       and not exists (select from supplier_flight other
                        where other.supplier = ${supplier} and other.their_id = ${theirId}
                          and other.ref <> ${ref})`)
  return rowCount === 1
}

export async function releaseFlight(
  pool: DatabasePool,
  released: { supplier: string; ref: string; at: number; boughtNothing: boolean },
): Promise<void> {
  const { supplier, ref, at, boughtNothing } = released
  await pool.query(sql.type(nothing)`
    update supplier_flight
       set released_at = coalesce(released_at, ${moment(at)}),
           bought_nothing = ${boughtNothing}
     where supplier = ${supplier} and ref = ${ref}`)
}
