/** Those who buy numbers, as the line's staff looks at them. */

import { type DatabasePool, moment, sql, z } from '../database.ts'
import { type ClientStatus, clientStatus } from '../people/clients.ts'

const levelRow = z.object({ level: z.number().int(), people: z.number().int() })

/** How many active buyers each level has. Plan: one scan of client; clients are few. */
export async function peopleByLevel(pool: DatabasePool): Promise<ReadonlyMap<number, number>> {
  const rows = await pool.any(sql.type(levelRow)`
    select level, count(*) as people from client
     where status = 'active' and role in ('consumer', 'reseller') group by level`)
  return new Map(rows.map(({ level, people }) => [level, people]))
}

const userRow = z.object({
  userId: z.string(),
  username: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  isEmailVerified: z.boolean(),
  phone: z.string().nullable(),
  role: z.enum(['consumer', 'reseller']),
  level: z.number().int(),
  status: clientStatus,
  version: z.number().int(),
  banReason: z.string().nullable(),
  banUntilMs: z.number().nullable(),
  banBy: z.string().nullable(),
  bannedMs: z.number().nullable(),
  createdMs: z.number(),
})
export type NumberUserRow = z.infer<typeof userRow>

const columns = sql.fragment`
  client.id as "userId", client.username, client.name, client.email, client.phone, client.role,
  client.level, client.status, client.version,
  client.email_verified_at is not null as "isEmailVerified",
  ban.reason as "banReason", ban.by as "banBy",
  (extract(epoch from ban.until) * 1000)::double precision as "banUntilMs",
  (extract(epoch from ban.created_at) * 1000)::double precision as "bannedMs",
  (extract(epoch from client.created_at) * 1000)::double precision as "createdMs"`
const users = sql.fragment`client left join client_ban as ban on ban.client_id = client.id`

type UserFilter = {
  readonly q: string | null
  readonly status: ClientStatus | null
  readonly role: 'consumer' | 'reseller' | null
  readonly banned: boolean | null
  /** An id: only who is older. */
  readonly before: string | null
  readonly limit: number
}

/** Newest first. Plan: backward scan of client_pkey; clients are few. */
export async function findUsers(
  pool: DatabasePool,
  { q, status, role, banned, before, limit }: UserFilter,
): Promise<readonly NumberUserRow[]> {
  return await pool.any(sql.type(userRow)`
    select ${columns} from ${users}
     where client.role in ('consumer', 'reseller')
       and (${before}::uuid is null or client.id < ${before}::uuid)
       and (${status}::text is null or client.status = ${status}::text)
       and (${role}::text is null or client.role = ${role}::text)
       and (${banned}::boolean is null or (ban.client_id is not null) = ${banned}::boolean)
       and (${q}::text is null or position(lower(${q}::text) in lower(client.username)) > 0
            or position(lower(${q}::text) in lower(client.name)) > 0
            or position(lower(${q}::text) in lower(client.email)) > 0
            or position(${q}::text in client.phone) > 0 or client.id::text = ${q}::text)
     order by client.id desc limit ${limit}`)
}

export async function userById(pool: DatabasePool, userId: string): Promise<NumberUserRow | null> {
  return await pool.maybeOne(sql.type(userRow)`
    select ${columns} from ${users}
     where client.id = ${userId}::uuid and client.role in ('consumer', 'reseller')`)
}

const totalRow = z.object({
  orders: z.number().int(),
  codes: z.number().int(),
  refunds: z.number().int(),
  spent: z.number().int(),
})

/** Plan: number_view_user. */
export async function totalsOf(
  pool: DatabasePool,
  userId: string,
): Promise<z.infer<typeof totalRow>> {
  return await pool.one(sql.type(totalRow)`
    select count(*) as orders, coalesce(sum(codes), 0)::bigint as codes,
           count(*) filter (where money_effect = 'refunded') as refunds,
           coalesce(sum(price) filter (where money_effect = 'charged'), 0)::bigint as spent
      from number_view where user_id = ${userId}::uuid`)
}

const newcomerRow = z.object({ day: z.string(), n: z.number().int() })

/** New buyers by their day. Plan: range scan of client_pkey. */
export async function newcomersByDay(
  pool: DatabasePool,
  fromMs: number,
): Promise<ReadonlyMap<string, number>> {
  const rows = await pool.any(sql.type(newcomerRow)`
    select to_char(created_at at time zone 'Asia/Jakarta', 'YYYY-MM-DD') as day, count(*) as n
      from client
     where role in ('consumer', 'reseller')
       and created_at >= ${moment(fromMs)} group by 1`)
  return new Map(rows.map(({ day, n }) => [day, n]))
}

const countRow = z.object({ n: z.number().int() })

export async function countUsers(pool: DatabasePool): Promise<number> {
  const { n } = await pool.one(sql.type(countRow)`
    select count(*) as n from client
     where role in ('consumer', 'reseller') and status <> 'closed'`)
  return n
}
