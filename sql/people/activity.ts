/** What people did, as they and the house may look it up. */

import { type DatabasePool, moment, sql, z } from '../database.ts'

type NewActivity = {
  readonly userId: string
  readonly what: string
  readonly address: string
  readonly details: object
  readonly nowMs: number
}

/** Nothing is noted of who has been forgotten. */
export async function noteActivity(pool: DatabasePool, activity: NewActivity): Promise<void> {
  const { userId, what, address, details, nowMs } = activity
  await pool.query(sql.type(z.object({}))`
    insert into activity (client_id, what, address, details, at)
    select id, ${what}, ${address}, ${JSON.stringify(details)}::jsonb,
           ${moment(nowMs)}
      from client where id = ${userId} and erased_at is null`)
}

const activityRow = z.object({
  id: z.number(),
  userId: z.string(),
  username: z.string(),
  what: z.string(),
  address: z.string(),
  details: z.record(z.string(), z.unknown()),
  atMs: z.number(),
})

/** Newest first. Plan: backward scan of activity_client, or of activity_pkey without a person. */
export async function listActivity(
  pool: DatabasePool,
  filter: { userId: string | null; what: string | null; before: number | null; limit: number },
): Promise<readonly z.infer<typeof activityRow>[]> {
  const { userId, what, before, limit } = filter
  return await pool.any(sql.type(activityRow)`
    select activity.id, client_id as "userId", client.username, what, address, details,
           (extract(epoch from at) * 1000)::double precision as "atMs"
      from activity join client on client.id = activity.client_id
     where (${userId}::uuid is null or client_id = ${userId}::uuid)
       and (${what}::text is null or what = ${what}::text)
       and (${before}::bigint is null or activity.id < ${before}::bigint)
     order by activity.id desc limit ${limit}`)
}
