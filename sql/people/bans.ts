/** Bans: a suspension with a reason, and most often an end. */

import { type DatabasePool, moment, sql, z } from '../database.ts'
import { noteChange } from './client-admin.ts'
import { clientStatus } from './clients.ts'

const nothing = z.object({})

const banRow = z.object({
  reason: z.string(),
  untilMs: z.number().nullable(),
  by: z.string(),
})
type BanRow = z.infer<typeof banRow>

export async function banOf(
  pool: Pick<DatabasePool, 'maybeOne'>,
  userId: string,
): Promise<BanRow | null> {
  return await pool.maybeOne(sql.type(banRow)`
    select reason, (extract(epoch from until) * 1000)::double precision as "untilMs", by
      from client_ban where client_id = ${userId}`)
}

const standing = z.object({ status: clientStatus })

type BanWish = {
  readonly userId: string
  readonly reason: string
  readonly untilMs: number | null
  readonly by: string
  readonly nowMs: number
}

type BanOutcome = 'done' | 'unknown' | 'closed' | 'suspended'

/** A ban replaces another; who is suspended otherwise stays so, without an end. */
export async function banClient(pool: DatabasePool, wish: BanWish): Promise<BanOutcome> {
  const { userId, reason, untilMs, by, nowMs } = wish
  return await pool.transaction(async write => {
    const now = await write.maybeOne(sql.type(standing)`
      select status from client where id = ${userId} for update`)
    if (now === null) return 'unknown'
    if (now.status === 'closed') return 'closed'
    if (now.status === 'suspended' && (await banOf(write, userId)) === null) return 'suspended'
    await write.query(sql.type(nothing)`
      insert into client_ban (client_id, reason, until, by, created_at)
      values (${userId}, ${reason}, ${moment(untilMs)}, ${by}, ${moment(nowMs)})
      on conflict (client_id) do update
        set reason = excluded.reason, until = excluded.until, by = excluded.by,
            created_at = excluded.created_at`)
    await write.query(sql.type(nothing)`
      update client set status = 'suspended', version = version + 1 where id = ${userId}`)
    const fields = { until: untilMs === null ? null : new Date(untilMs).toISOString() }
    await noteChange(write, { userId, what: 'suspended', fields, reason, by })
    return 'done'
  })
}

/** False when there is no ban; with `overMs` also when it lasts longer than that. */
export async function unbanClient(
  pool: DatabasePool,
  wish: { userId: string; reason: string; by: string; overMs?: number },
): Promise<boolean> {
  const { userId, reason, by, overMs } = wish
  const isOver =
    overMs === undefined ? sql.fragment`true` : sql.fragment`until <= ${moment(overMs)}`
  return await pool.transaction(async write => {
    // As in every other write: the client first.
    await write.maybeOne(sql.type(standing)`
      select status from client where id = ${userId} for update`)
    const { rowCount } = await write.query(sql.type(nothing)`
      delete from client_ban where client_id = ${userId} and ${isOver}`)
    if (rowCount === 0) return false
    await write.query(sql.type(nothing)`
      update client set status = 'active', version = version + 1
       where id = ${userId} and status = 'suspended'`)
    await noteChange(write, { userId, what: 'active', fields: {}, reason, by })
    return true
  })
}

const idRow = z.object({ userId: z.string() })

/** Whose ban is over. */
export async function bansOver(
  pool: DatabasePool,
  { nowMs, limit }: { nowMs: number; limit: number },
): Promise<readonly string[]> {
  const rows = await pool.any(sql.type(idRow)`
    select client_id as "userId" from client_ban where until <= ${moment(nowMs)}
     order by until limit ${limit}`)
  return rows.map(({ userId }) => userId)
}
