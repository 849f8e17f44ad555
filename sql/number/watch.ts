/** What keeps the number line from being misused, and the stream of events of its staff. */

import type { CommonQueryMethods } from 'slonik'
import { lockNamed } from '../advisory-locks.ts'
import { jsonOf } from '../copy.ts'
import { type DatabasePool, moment, none, sql, z } from '../database.ts'
import { raisePositions, type Step } from '../positions.ts'

type Db = CommonQueryMethods

const count = z.object({ count: z.number().int() })
const ms = (column: string) =>
  sql.fragment`(extract(epoch from ${sql.identifier([column])}) * 1000)::double precision`

export type WatchWrite = {
  readonly steps: readonly Step[]
  readonly ends: readonly { readonly key: string; readonly how: string }[]
  readonly events: readonly NewStaffEvent[]
}

/** All in one transaction; the events that were new, in their order. */
export async function writeWatch(
  pool: DatabasePool,
  { steps, ends, events }: WatchWrite,
): Promise<readonly StaffEventRow[]> {
  return await pool.transaction(async write => {
    await raisePositions(write, 'number_watch_position', steps)
    if (ends.length > 0) {
      await write.query(sql.type(none)`
        update number_rental as rental set how = told.how
          from json_to_recordset(${jsonOf(ends)}::json) as told (key text, how text)
         where rental.key = told.key and rental.how is distinct from 'code'`)
    }
    return await addStaffEvents(write, events)
  })
}

// -- events of the staff -------------------------------------------------------------------------

export type NewStaffEvent = {
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
  readonly atMs: number
  readonly shard: number | null
  readonly seq: number | null
}

const staffEventRow = z.object({
  id: z.number().int(),
  name: z.string(),
  data: z.record(z.string(), z.unknown()),
  atMs: z.number(),
})
export type StaffEventRow = z.infer<typeof staffEventRow>

export async function addStaffEvents(
  db: Db,
  events: readonly NewStaffEvent[],
): Promise<readonly StaffEventRow[]> {
  if (events.length === 0) return []
  const rows = await db.any(sql.type(staffEventRow)`
    insert into staff_event (name, data, at, shard, seq)
    select name, data, to_timestamp("atMs" / 1000), shard, seq
      from rows from (
             json_to_recordset(${jsonOf(events)}::json)
               as (name text, data jsonb, "atMs" double precision, shard smallint, seq bigint)
           ) with ordinality as told (name, data, "atMs", shard, seq, n)
     order by n
    on conflict do nothing
    returning id, name, data, ${ms('at')} as "atMs"`)
  return [...rows].sort((one, other) => one.id - other.id)
}

export async function staffEventsAfter(
  db: Db,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly StaffEventRow[]> {
  return await db.any(sql.type(staffEventRow)`
    select id, name, data, ${ms('at')} as "atMs"
      from staff_event where id > ${after} order by id limit ${limit}`)
}

// -- services that are not offered ---------------------------------------------------------------

const deniedRow = z.object({
  pattern: z.string(),
  reason: z.string(),
  by: z.string(),
  at: z.number(),
})
type DeniedRow = z.infer<typeof deniedRow>

export const deniedTable = 'number_denied'

export async function readDenied(db: Db): Promise<readonly DeniedRow[]> {
  return await db.any(sql.type(deniedRow)`
    select pattern, reason, by, ${ms('at')} as at from number_denied order by pattern`)
}

/** Null when it stands there already. */
export async function addDenied(
  db: Db,
  { pattern, reason, by }: Pick<DeniedRow, 'pattern' | 'reason' | 'by'>,
): Promise<DeniedRow | null> {
  return await db.maybeOne(sql.type(deniedRow)`
    insert into number_denied (pattern, reason, by) values (${pattern}, ${reason}, ${by})
    on conflict do nothing
    returning pattern, reason, by, ${ms('at')} as at`)
}

export async function removeDenied(db: Db, pattern: string): Promise<boolean> {
  const { rowCount } = await db.query(sql.type(none)`
    delete from number_denied where pattern = ${pattern}`)
  return rowCount > 0
}

// -- rentals --------------------------------------------------------------------------------------

type NewRental = {
  readonly key: string
  readonly userId: string
  readonly address: string
  readonly service: string
  readonly country: string
  readonly atMs: number
}

const spentRow = z.object({
  /** Null for who is no client. */
  role: z.string().nullable(),
  known: z.boolean(),
  open: z.number().int(),
  byUser: z.number().int(),
  byAddress: z.number().int(),
  /** Of all clients for whom one pays who paid for him, too; the most by any one payer. */
  byPayer: z.number().int(),
  oldestMs: z.number().nullable(),
  oldestAddressMs: z.number().nullable(),
  oldestPayerMs: z.number().nullable(),
})
export type Spent = z.infer<typeof spentRow>

/** Behind whom somebody waits while another order is counted. */
const sharedOf = z.object({ name: z.string() })

/**
 * What this client, his address and his payers have had, without this order; it is added when
 * `mayGo` says so. One at a time of all who share any of them, the locks in one order for all; a
 * shop's address is nobody's. Plan: ranges of number_rental_user and number_rental_address, the
 * payers' clients by number_payer's keys.
 */
export async function takeRental(
  pool: DatabasePool,
  rental: NewRental,
  { openMs, windowMs }: { readonly openMs: number; readonly windowMs: number },
  mayGo: (spent: Spent) => boolean,
): Promise<Spent> {
  const { key, userId, address, service, country, atMs } = rental
  return await pool.transaction(async write => {
    const shared = await write.any(sql.type(sharedOf)`
      select 'of payer ' || payer as name from number_payer
       where user_id = ${userId}
       union all
      select ${`from ${address}`}::text from client
       where id = ${userId} and role = 'consumer'`)
    const names = [userId, ...shared.map(({ name }) => name)].toSorted()
    for (const name of names) await write.query(lockNamed(`number rental ${name}`))
    const since = moment(atMs - windowMs)
    const spent = await write.one(sql.type(spentRow)`
      select (select role from client where id = ${userId}) as role,
             exists (select from number_rental where key = ${key}) as known,
             (select count(*) from number_rental where user_id = ${userId} and how is null
                 and at > ${moment(atMs - openMs)}) as open,
             mine.count as "byUser", mine.oldest as "oldestMs",
             near.count as "byAddress", near.oldest as "oldestAddressMs",
             coalesce(paid.count, 0) as "byPayer", paid.oldest as "oldestPayerMs"
        from (select count(*), extract(epoch from min(at))::double precision * 1000 as oldest
                from number_rental where user_id = ${userId} and at > ${since}) as mine,
             (select count(*), extract(epoch from min(at))::double precision * 1000 as oldest
                from number_rental where address = ${address} and at > ${since}) as near
        left join (
             select count(*), extract(epoch from min(r.at))::double precision * 1000 as oldest
               from number_payer own
               join number_payer other on other.payer = own.payer
               join number_rental r on r.user_id = other.user_id and r.at > ${since}
              where own.user_id = ${userId}
              group by own.payer order by 1 desc limit 1) as paid on true`)
    if (spent.known || !mayGo(spent)) return spent
    await write.query(sql.type(none)`
      insert into number_rental (key, user_id, address, service, country, at)
      values (${key}, ${userId}, ${address}, ${service}, ${country}, ${moment(atMs)})`)
    return spent
  })
}

export async function dropRental(db: Db, key: string): Promise<void> {
  await db.query(sql.type(none)`delete from number_rental where key = ${key} and how is null`)
}

const ratioRow = z.object({
  userId: z.string(),
  role: z.string().nullable(),
  ended: z.number().int(),
  back: z.number().int(),
})

/** Of each: how many ended, and how many of them were given back by hand. */
export async function endingsOf(
  db: Db,
  { keys, sinceMs }: { readonly keys: readonly string[]; readonly sinceMs: number },
): Promise<readonly z.infer<typeof ratioRow>[]> {
  return await db.any(sql.type(ratioRow)`
    select user_id as "userId", (select role from client where id = user_id) as role,
           count(*) filter (where how in ('code', 'given_back')) as ended,
           count(*) filter (where how = 'given_back') as back
      from number_rental
     where user_id in (select user_id from number_rental
                        where key = any(${sql.array([...keys], 'text')}))
       and at > ${moment(sinceMs)} group by user_id`)
}

/** How many clients this payer paid for. */
export async function notePayer(
  db: Db,
  { payer, userId, atMs }: { payer: string; userId: string; atMs: number },
): Promise<number> {
  await db.query(sql.type(none)`
    insert into number_payer (payer, user_id, at) values (${payer}, ${userId}, ${moment(atMs)})
    on conflict (payer, user_id) do update set at = excluded.at`)
  const found = await db.one(sql.type(count)`
    select count(*) from number_payer where payer = ${payer}`)
  return found.count
}

// -- reviews --------------------------------------------------------------------------------------

const reviewRow = z.object({
  id: z.number().int(),
  userId: z.string(),
  username: z.string().nullable(),
  why: z.string(),
  value: z.number().int(),
  threshold: z.number().int(),
  openedAt: z.number(),
  bannedUntil: z.number().nullable(),
  verdict: z.string().nullable(),
  reason: z.string().nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: z.number().nullable(),
})
export type ReviewRow = z.infer<typeof reviewRow>

const reviewColumns = sql.fragment`
  review.id, user_id as "userId", client.username, why, value, threshold,
  ${ms('opened_at')} as "openedAt", ${ms('banned_until')} as "bannedUntil", verdict, reason,
  decided_by as "decidedBy", ${ms('decided_at')} as "decidedAt"`

export type NewReview = {
  readonly userId: string
  readonly why: string
  readonly value: number
  readonly threshold: number
  readonly atMs: number
  readonly bannedUntilMs: number | null
}

/** False while an earlier question about this client is open. */
export async function openReview(db: Db, review: NewReview): Promise<boolean> {
  const { userId, why, value, threshold, atMs, bannedUntilMs } = review
  const { rowCount } = await db.query(sql.type(none)`
    insert into number_review (user_id, why, value, threshold, opened_at, banned_until)
    values (${userId}, ${why}, ${value}, ${threshold}, ${moment(atMs)}, ${moment(bannedUntilMs)})
    on conflict do nothing`)
  return rowCount > 0
}

export async function listReviews(
  db: Db,
  filter: { readonly open: boolean | null; readonly before: number | null; readonly limit: number },
): Promise<readonly ReviewRow[]> {
  const { open, before, limit } = filter
  return await db.any(sql.type(reviewRow)`
    select ${reviewColumns}
      from number_review as review left join client on client.id = user_id
     where (${open}::boolean is null or (decided_at is null) = ${open}::boolean)
       and (${before}::bigint is null or review.id < ${before}::bigint)
     order by review.id desc limit ${limit}`)
}

export async function reviewOf(db: Db, id: number): Promise<ReviewRow | null> {
  return await db.maybeOne(sql.type(reviewRow)`
    select ${reviewColumns}
      from number_review as review left join client on client.id = user_id
     where review.id = ${id}`)
}

/** False when it was decided before. */
export async function decideReview(
  db: Db,
  word: { id: number; verdict: string; reason: string; by: string; atMs: number },
): Promise<boolean> {
  const { id, verdict, reason, by, atMs } = word
  const { rowCount } = await db.query(sql.type(none)`
    update number_review
       set verdict = ${verdict}, reason = ${reason}, decided_by = ${by},
           decided_at = ${moment(atMs)}
     where id = ${id} and decided_at is null`)
  return rowCount > 0
}

/** For the metrics. Plan: number_review_open, whole. */
export async function openReviews(db: Db): Promise<number> {
  const found = await db.one(sql.type(count)`
    select count(*) from number_review where decided_at is null`)
  return found.count
}

/** Deletes what is older; at most so many rows of each. */
export async function forgetWatched(
  pool: DatabasePool,
  { rentalsMs, eventsMs, limit }: { rentalsMs: number; eventsMs: number; limit: number },
): Promise<number> {
  const rentals = await pool.query(sql.type(none)`
    delete from number_rental where key in (
      select key from number_rental where at < ${moment(rentalsMs)} limit ${limit})`)
  const payers = await pool.query(sql.type(none)`
    delete from number_payer where (payer, user_id) in (
      select payer, user_id from number_payer where at < ${moment(rentalsMs)} limit ${limit})`)
  const events = await pool.query(sql.type(none)`
    delete from staff_event where id in (
      select id from staff_event where at < ${moment(eventsMs)} order by id limit ${limit})`)
  return rentals.rowCount + payers.rowCount + events.rowCount
}
