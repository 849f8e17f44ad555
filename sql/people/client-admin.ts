/**
 * Clients as their owner sees and changes them. Every change stands in `client_change` with who
 * made it, in the same write.
 */

import { type DatabasePool, none, sql, z } from '../database.ts'
import { type ClientStatus, clientRole, clientStatus } from './clients.ts'

const managedRow = z.object({
  userId: z.string(),
  username: z.string(),
  name: z.string(),
  level: z.number().int(),
  role: clientRole,
  status: clientStatus,
  memberId: z.string().nullable(),
  upline: z.string().nullable(),
  ipAllow: z.array(z.string()),
  ratePerMin: z.number().int(),
  readPerMin: z.number().int().nullable(),
  version: z.number().int(),
  createdMs: z.number(),
})
export type ManagedRow = z.infer<typeof managedRow>

const columns = sql.fragment`
  client.id as "userId", client.username, client.name, client.level, client.role, client.status,
  client.member_id as "memberId", above.username as upline, client.ip_allow as "ipAllow",
  client.rate_per_min as "ratePerMin", client.read_per_min as "readPerMin", client.version,
  (extract(epoch from client.created_at) * 1000)::double precision as "createdMs"`

const clients = sql.fragment`client left join client as above on above.id = client.upline`

type ClientFilter = {
  readonly q: string | null
  readonly status: ClientStatus | null
  readonly level: number | null
  readonly role: string | null
  /** An id: only who is older. */
  readonly before: string | null
  readonly limit: number
}

/** Newest first. Plan: backward scan of client_pkey; clients are few. */
export async function listClients(
  pool: DatabasePool,
  { q, status, level, role, before, limit }: ClientFilter,
): Promise<readonly ManagedRow[]> {
  return await pool.any(sql.type(managedRow)`
    select ${columns} from ${clients}
     where (${before}::uuid is null or client.id < ${before}::uuid)
       and (${status}::text is null or client.status = ${status}::text)
       and (${level}::int is null or client.level = ${level}::int)
       and (${role}::text is null or client.role = ${role}::text)
       and (${q}::text is null or position(lower(${q}::text) in lower(client.username)) > 0
            or position(lower(${q}::text) in lower(client.name)) > 0
            or position(lower(${q}::text) in lower(client.member_id)) > 0)
     order by client.id desc limit ${limit}`)
}

const keyRow = z.object({
  id: z.string(),
  active: z.boolean(),
  ipAllow: z.array(z.string()),
  ratePerMin: z.number().int(),
  readPerMin: z.number().int().nullable(),
  createdMs: z.number(),
})

const fileRow = managedRow.extend({
  apiKey: z.string().nullable(),
  creditLimit: z.number(),
  creditUsed: z.number(),
})
export type ClientFile = z.infer<typeof fileRow> & {
  readonly keys: readonly z.infer<typeof keyRow>[]
}

const keysMax = 20

/** Everything kept about one client; the API key is sealed. */
export async function clientFile(pool: DatabasePool, username: string): Promise<ClientFile | null> {
  const row = await pool.maybeOne(sql.type(fileRow)`
    select ${columns}, client.api_key as "apiKey",
           coalesce(credit_line."limit", 0) as "creditLimit",
           coalesce(credit_line.used, 0) as "creditUsed"
      from ${clients} left join credit_line on credit_line.user_id = client.id
     where client.username = ${username}`)
  if (row === null) return null
  const keys = await pool.any(sql.type(keyRow)`
    select id, active, ip_allow as "ipAllow", rate_per_min as "ratePerMin",
           read_per_min as "readPerMin",
           (extract(epoch from created_at) * 1000)::double precision as "createdMs"
      from client_key where client_id = ${row.userId}
     order by active desc, created_at desc, id limit ${keysMax}`)
  return { ...row, keys }
}

type ClientFields = {
  readonly name?: string | undefined
  readonly level?: number | undefined
  readonly ipAllow?: readonly string[] | undefined
  readonly ratePerMin?: number | undefined
  /** Null: twice the rate of orders. */
  readonly readPerMin?: number | null | undefined
}

type ClientChange = {
  readonly username: string
  /** Null: whatever it is now. */
  readonly version: number | null
  readonly fields: ClientFields
  readonly reason: string
  readonly by: string
}

type ChangeOutcome = 'done' | 'unknown' | 'stale' | 'closed'

const standing = z.object({
  userId: z.string(),
  status: clientStatus,
  version: z.number().int(),
})

/**
 * Limits hold for all that lets this client in: the keys that are in use get them, too. The client
 * comes last, for its change tells everybody.
 */
export async function changeClient(
  pool: DatabasePool,
  { username, version, fields, reason, by }: ClientChange,
): Promise<ChangeOutcome> {
  return await pool.transaction(async write => {
    const now = await standingOf(write, username)
    if (now === null) return 'unknown'
    if (now.status === 'closed') return 'closed'
    if (version !== null && now.version !== version) return 'stale'
    const { name = null, level = null, ratePerMin = null, readPerMin = null, ipAllow } = fields
    const allow = ipAllow === undefined ? null : sql.array([...ipAllow], 'text')
    const isReadSet = fields.readPerMin !== undefined
    const limits = sql.fragment`
      ip_allow = coalesce(${allow}::text[], ip_allow),
      rate_per_min = coalesce(${ratePerMin}::int, rate_per_min),
      read_per_min = case when ${isReadSet} then ${readPerMin}::int else read_per_min end`
    await write.query(sql.type(none)`
      update client_key set ${limits} where client_id = ${now.userId} and active`)
    await write.query(sql.type(none)`
      update client set name = coalesce(${name}::text, name),
                        level = coalesce(${level}::int, level), ${limits}, version = version + 1
       where id = ${now.userId}`)
    await noteChange(write, { userId: now.userId, what: 'changed', fields, reason, by })
    return 'done'
  })
}

type StatusChange = {
  readonly username: string
  readonly status: ClientStatus
  readonly reason: string
  readonly by: string
}

/**
 * What is so already stays so, and nothing is noted; but a ban gives way to a plain suspension,
 * which nothing but a person ends. `obstacle` is asked in the same transaction,
 * while nobody else can change this client; what it names keeps him as he is.
 */
export async function changeStatus<O extends object = never>(
  pool: DatabasePool,
  { username, status, reason, by }: StatusChange,
  obstacle: (write: Pick<DatabasePool, 'maybeOne'>) => Promise<O | null> = async () => null,
): Promise<Exclude<ChangeOutcome, 'stale'> | { readonly obstacle: O }> {
  return await pool.transaction(async write => {
    const now = await standingOf(write, username)
    if (now === null) return 'unknown'
    if (now.status === status && !(await endBan(write, now.userId))) return 'done'
    if (now.status === 'closed') return 'closed'
    const found = await obstacle(write)
    if (found !== null) return { obstacle: found }
    await endBan(write, now.userId)
    await write.query(sql.type(none)`
      update client set status = ${status}, version = version + 1 where id = ${now.userId}`)
    await noteChange(write, { userId: now.userId, what: status, fields: {}, reason, by })
    return 'done'
  })
}

async function endBan(write: Pick<DatabasePool, 'query'>, userId: string): Promise<boolean> {
  const { rowCount } = await write.query(sql.type(none)`
    delete from client_ban where client_id = ${userId}`)
  return rowCount > 0
}

async function standingOf(write: Pick<DatabasePool, 'maybeOne'>, username: string) {
  return await write.maybeOne(sql.type(standing)`
    select id as "userId", status, version from client where username = ${username} for update`)
}

type Note = {
  readonly userId: string
  readonly what: 'created' | 'changed' | ClientStatus
  readonly fields: object
  readonly reason: string
  readonly by: string
}

export async function noteChange(
  write: Pick<DatabasePool, 'query'>,
  { userId, what, fields, reason, by }: Note,
): Promise<void> {
  await write.query(sql.type(none)`
    insert into client_change (client_id, what, reason, fields, by)
    values (${userId}, ${what}, ${reason}, ${JSON.stringify(fields)}::jsonb, ${by})`)
}

const changeRow = z.object({
  id: z.number(),
  what: z.string(),
  reason: z.string(),
  fields: z.record(z.string(), z.unknown()),
  by: z.string(),
  changedMs: z.number(),
})

/** Newest first. Plan: backward range scan of client_change_client. */
export async function changesOfClient(
  pool: DatabasePool,
  { userId, before, limit }: { userId: string; before: number | null; limit: number },
): Promise<readonly z.infer<typeof changeRow>[]> {
  return await pool.any(sql.type(changeRow)`
    select id, what, reason, fields, by,
           (extract(epoch from changed_at) * 1000)::double precision as "changedMs"
      from client_change
     where client_id = ${userId} and (${before}::bigint is null or id < ${before}::bigint)
     order by id desc limit ${limit}`)
}
