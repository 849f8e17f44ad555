/** Supplier floats: how each one's balance compares with our books, and the samples of it. */

import { type DatabasePool, moment, none, sql, z } from '../database.ts'

const reported = z.object({
  balance: z.number(),
  at: z.number(),
  order: z.string().nullable(),
  books: z.number(),
  lower: z.number(),
  upper: z.number(),
  off: z.number(),
})
const doubt = z.object({
  since: z.number(),
  order: z.string().nullable(),
  off: z.number(),
  reports: z.number(),
  drift: z.boolean(),
})
const suspect = z.object({ order: z.string(), at: z.number(), cost: z.number(), step: z.number() })

const watchRow = z.object({
  supplier: z.string(),
  opened: z.boolean(),
  tellsBefore: z.boolean(),
  reported: reported.nullable(),
  agreed: z.object({ at: z.number(), order: z.string().nullable() }).nullable(),
  doubt: doubt.nullable(),
  suspects: z.array(suspect),
})
type FloatWatchRow = z.infer<typeof watchRow>

export async function readFloatWatches(pool: DatabasePool): Promise<readonly FloatWatchRow[]> {
  return await pool.any(sql.type(watchRow)`
    select supplier.code as supplier,
           exists (select from manual_deposit as move
                    where move.supplier = supplier.code and move.status = 'paid') as opened,
           coalesce(tells_before, false) as "tellsBefore", reported, agreed, doubt,
           coalesce(suspects, '[]') as suspects
      from supplier left join float_watch as watch on watch.supplier = supplier.code
     order by supplier.code limit 1000`)
}

const bookingRow = z.object({ supplier: z.string(), atMs: z.number(), amount: z.number() })

/** What persons booked since then, with its sign. */
export async function readBookings(
  pool: DatabasePool,
  sinceMs: number,
): Promise<readonly z.infer<typeof bookingRow>[]> {
  return await pool.any(sql.type(bookingRow)`
    select supplier, case when raises then amount else -amount end as amount,
           (extract(epoch from coalesce(second_at, asked_at)) * 1000)::double precision as "atMs"
      from manual_deposit
     where kind = 'float' and status = 'paid'
       and coalesce(second_at, asked_at) >= ${moment(sinceMs)}
     order by id desc limit 1000`)
}

/** What was seen; how the supplier tells its balance is the owner's and stays. */
export async function saveFloatWatches(
  pool: DatabasePool,
  rows: readonly Omit<FloatWatchRow, 'opened' | 'tellsBefore'>[],
): Promise<void> {
  await pool.query(sql.type(none)`
    insert into float_watch (supplier, reported, agreed, doubt, suspects)
    select told.supplier, told.reported, told.agreed, told.doubt, told.suspects
      from json_to_recordset(${JSON.stringify(rows)}::json) as told (
        supplier text, reported jsonb, agreed jsonb, doubt jsonb, suspects jsonb)
      join supplier on supplier.code = told.supplier
    on conflict (supplier) do update set reported = excluded.reported,
      agreed = excluded.agreed, doubt = excluded.doubt, suspects = excluded.suspects`)
}

export async function putTellsBefore(
  pool: DatabasePool,
  { supplier, tellsBefore }: { supplier: string; tellsBefore: boolean },
): Promise<void> {
  await pool.query(sql.type(none)`
    insert into float_watch (supplier, tells_before) values (${supplier}, ${tellsBefore})
    on conflict (supplier) do update set tells_before = excluded.tells_before`)
}

const stepRow = z.object({
  id: z.number(),
  atMs: z.number(),
  balance: z.number(),
  books: z.number(),
  lower: z.number(),
  upper: z.number(),
  off: z.number(),
  order: z.string().nullable(),
  drift: z.boolean(),
})
type FloatStepRow = z.infer<typeof stepRow>

export async function addFloatSteps(
  pool: DatabasePool,
  rows: readonly (Omit<FloatStepRow, 'id'> & { readonly supplier: string })[],
): Promise<void> {
  await pool.query(sql.type(none)`
    insert into float_step (supplier, at, balance, books, lower, upper, off, order_id, drift)
    select supplier, to_timestamp("atMs" / 1000), balance, books, lower, upper, off, "order", drift
      from json_to_recordset(${JSON.stringify(rows)}::json) as told (
        supplier text, "atMs" double precision, balance bigint, books bigint, lower bigint,
        upper bigint, off bigint, "order" uuid, drift boolean)`)
}

export async function readFloatSteps(
  pool: DatabasePool,
  asked: { readonly supplier: string; readonly before: number; readonly limit: number },
): Promise<readonly FloatStepRow[]> {
  const { supplier, before, limit } = asked
  return await pool.any(sql.type(stepRow)`
    select id, (extract(epoch from at) * 1000)::double precision as "atMs", balance, books, lower,
           upper, off, order_id as "order", drift
      from float_step where supplier = ${supplier} and id < ${before}
     order by id desc limit ${limit}`)
}

/** Of each supplier the newest are kept; a few are taken away at a time. */
export async function forgetFloatSteps(
  pool: DatabasePool,
  { supplier, keep }: { supplier: string; keep: number },
): Promise<void> {
  await pool.query(sql.type(none)`
    delete from float_step where id in (
      select id from float_step where supplier = ${supplier} order by id desc
      offset ${keep} limit 1000)`)
}
