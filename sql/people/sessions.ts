/** Logins of people, and how often somebody guessed wrong. Tokens never come here. */

import { type DatabasePool, moment, sql, z } from '../database.ts'
import { clientRole, clientStatus } from './clients.ts'
import { merchantRole } from './people.ts'

const nothing = z.object({})
/** How long a session that was ended is still there to be looked at. */
const keptEndedMs = 86_400_000

const msOf = (column: string) =>
  sql.fragment`(extract(epoch from ${sql.identifier([column])}) * 1000)::double precision`

type NewSession = {
  readonly sid: string
  readonly userId: string
  readonly address: string
  readonly agent: string
  readonly nowMs: number
  readonly expiresMs: number
  /** Of one client; the ones used longest ago end. */
  readonly sessionsMax: number
  /** By which he was let in. */
  readonly passwordHash: string
}

/**
 * False when that is not the client's hash any more. Whoever is changing it is waited for, and whoever
 * comes to change it finds this session.
 */
export async function addSession(pool: DatabasePool, session: NewSession): Promise<boolean> {
  const { sid, userId, address, agent, nowMs, expiresMs, sessionsMax, passwordHash } = session
  const { rowCount } = await pool.query(sql.type(nothing)`
    with whose as (
      select id from client where id = ${userId} and password_hash = ${passwordHash} for share
    )
    insert into session (id, client_id, address, agent, created_at, used_at, expires_at)
    select ${sid}::uuid, id, ${address}::text, ${agent}::text, ${moment(nowMs)}, ${moment(nowMs)},
           ${moment(expiresMs)} from whose`)
  if (rowCount === 0) return false
  await pool.query(sql.type(nothing)`
    delete from session
     where client_id = ${userId}
       and (expires_at <= ${moment(nowMs)} or revoked_at <= ${moment(nowMs - keptEndedMs)})`)
  await pool.query(sql.type(nothing)`
    update session set revoked_at = ${moment(nowMs)}, revoked_why = 'crowd'
     where id in (select id from session
                   where client_id = ${userId} and revoked_at is null
                   order by used_at desc, id desc offset ${sessionsMax})`)
  return true
}

const sessionCard = z.object({
  sid: z.string(),
  userId: z.string(),
  username: z.string(),
  name: z.string(),
  level: z.number().int(),
  role: clientRole,
  status: clientStatus,
  ipAllow: z.array(z.string()),
  ratePerMin: z.number().int(),
  readPerMin: z.number().int().nullable(),
  email: z.string().nullable(),
  merchantId: z.string().nullable(),
  merchantRole: merchantRole.nullable(),
})
type SessionCardRow = z.infer<typeof sessionCard>

/** The cards behind those sessions that have neither ended nor been ended. */
export async function cardsOfSessions(
  pool: DatabasePool,
  { sids, nowMs }: { sids: readonly string[]; nowMs: number },
): Promise<readonly SessionCardRow[]> {
  return await pool.any(sql.type(sessionCard)`
    select session.id as sid, client.id as "userId", username, email, name, level, client.role, status,
           ip_allow as "ipAllow", rate_per_min as "ratePerMin", read_per_min as "readPerMin",
           merchant_user.merchant_id as "merchantId", merchant_user.role as "merchantRole"
      from session join client on client.id = session.client_id
      left join merchant_user on merchant_user.client_id = client.id
     where session.id = any(${sql.array(sids, 'uuid')})
       and revoked_at is null and expires_at > ${moment(nowMs)}`)
}

const standing = z.object({
  userId: z.string(),
  generation: z.number().int(),
  usedMs: z.number(),
  expiresMs: z.number(),
  revoked: z.boolean(),
})
export type SessionStanding = z.infer<typeof standing>

const standingColumns = sql.fragment`
  client_id as "userId", generation, ${msOf('used_at')} as "usedMs",
  ${msOf('expires_at')} as "expiresMs", revoked_at is not null as revoked`

/** The next generation, if the given one is good now; of many at once, one. */
export async function renewSession(
  pool: DatabasePool,
  renewal: { sid: string; generation: number; address: string; agent: string; nowMs: number },
): Promise<SessionStanding | null> {
  const { sid, generation, address, agent, nowMs } = renewal
  return await pool.maybeOne(sql.type(standing)`
    update session set generation = generation + 1, used_at = ${moment(nowMs)},
                       address = ${address}, agent = ${agent}
     where id = ${sid} and generation = ${generation} and revoked_at is null
       and expires_at > ${moment(nowMs)}
    returning ${standingColumns}`)
}

export async function sessionStanding(
  pool: DatabasePool,
  sid: string,
): Promise<SessionStanding | null> {
  return await pool.maybeOne(sql.type(standing)`
    select ${standingColumns} from session where id = ${sid}`)
}

/** False when there is no such session, or it had ended before. */
export async function endSession(
  pool: DatabasePool,
  end: { sid: string; userId?: string; why: 'logout' | 'own' | 'reuse'; nowMs: number },
): Promise<boolean> {
  const { sid, userId = null, why, nowMs } = end
  const { rowCount } = await pool.query(sql.type(nothing)`
    update session set revoked_at = ${moment(nowMs)}, revoked_why = ${why}
     where id = ${sid} and revoked_at is null
       and (${userId}::uuid is null or client_id = ${userId})`)
  return rowCount > 0
}

const sessionRow = z.object({
  id: z.string(),
  address: z.string(),
  agent: z.string(),
  createdMs: z.number(),
  usedMs: z.number(),
})

/** Last used first; bounded by how many one client may have. */
export async function sessionsOf(
  pool: DatabasePool,
  { userId, nowMs }: { userId: string; nowMs: number },
): Promise<readonly z.infer<typeof sessionRow>[]> {
  return await pool.any(sql.type(sessionRow)`
    select id, address, agent, ${msOf('created_at')} as "createdMs",
           ${msOf('used_at')} as "usedMs"
      from session
     where client_id = ${userId} and revoked_at is null and expires_at > ${moment(nowMs)}
     order by used_at desc, id desc`)
}

const guarded = z.object({ wrong: z.number().int() })
const locked = z.object({ untilMs: z.number() })

type Guess = {
  readonly key: string
  readonly nowMs: number
  readonly guessesMax: number
  readonly lockMs: number
  /** Without a guess for so long, counting begins anew. */
  readonly forgetMs: number
}

/**
 * Counts one guess before it is looked at; the last one that is allowed also shuts the door. Null
 * when it is shut already.
 */
export async function spendLogin(pool: DatabasePool, guess: Guess): Promise<number | null> {
  const { key, nowMs, guessesMax, lockMs, forgetMs } = guess
  const spent = await pool.maybeOne(sql.type(guarded)`
    insert into login_guard as held (key, wrong, guessed_at, locked_until)
    values (${key}, 1, ${moment(nowMs)}, null)
    on conflict (key) do update set
      wrong = case when held.locked_until is not null
                     or held.guessed_at <= ${moment(nowMs - forgetMs)} then 1
                   else held.wrong + 1 end,
      guessed_at = excluded.guessed_at,
      locked_until = case when held.locked_until is null
                           and held.guessed_at > ${moment(nowMs - forgetMs)}
                           and held.wrong + 1 >= ${guessesMax} then ${moment(nowMs + lockMs)} end
    where held.locked_until is null or held.locked_until <= ${moment(nowMs)}
    returning wrong`)
  return spent?.wrong ?? null
}

/** A right password: its own count is gone, and its address gets the guess back. */
export async function forgiveLogin(
  pool: DatabasePool,
  { account, address }: { account: string; address: string | null },
): Promise<void> {
  await pool.query(sql.type(nothing)`delete from login_guard where key = ${account}`)
  if (address === null) return
  await pool.query(sql.type(nothing)`
    update login_guard set wrong = greatest(wrong - 1, 0), locked_until = null
     where key = ${address}`)
}

export async function lockedUntil(
  pool: DatabasePool,
  { keys, nowMs }: { keys: readonly string[]; nowMs: number },
): Promise<number> {
  const found = await pool.maybeOne(sql.type(locked)`
    select ${msOf('locked_until')} as "untilMs" from login_guard
     where key = any(${sql.array([...keys], 'text')}) and locked_until > ${moment(nowMs)}
     order by locked_until desc limit 1`)
  return found?.untilMs ?? nowMs
}

/** Counts that nobody needs any more: a few at a time, so that guessing pays for it. */
export async function forgetLogins(
  pool: DatabasePool,
  { beforeMs, limit }: { beforeMs: number; limit: number },
): Promise<void> {
  await pool.query(sql.type(nothing)`
    delete from login_guard where key in (
      select key from login_guard where guessed_at < ${moment(beforeMs)}
       order by guessed_at limit ${limit})`)
}

const downlineRow = z.object({
  userId: z.string(),
  username: z.string(),
  name: z.string(),
  level: z.number().int(),
  status: clientStatus,
  createdMs: z.number(),
})

/** Those directly below one client, in the order of their ids. */
export async function downlinesOf(
  pool: DatabasePool,
  { userId, after, limit }: { userId: string; after: string | null; limit: number },
): Promise<readonly z.infer<typeof downlineRow>[]> {
  return await pool.any(sql.type(downlineRow)`
    select id as "userId", username, name, level, status, ${msOf('created_at')} as "createdMs"
      from client
     where upline = ${userId} and (${after}::uuid is null or id > ${after})
     order by id limit ${limit}`)
}

const profileRow = z.object({
  userId: z.string(),
  username: z.string(),
  memberId: z.string().nullable(),
  name: z.string(),
  role: clientRole,
  level: z.number().int(),
  upline: z.string().nullable(),
  passwordHash: z.string().nullable(),
})

export async function profileOf(
  pool: DatabasePool,
  userId: string,
): Promise<z.infer<typeof profileRow> | null> {
  return await pool.maybeOne(sql.type(profileRow)`
    select client.id as "userId", client.username, client.member_id as "memberId", client.name,
           client.role, client.level, above.username as upline,
           client.password_hash as "passwordHash"
      from client left join client as above on above.id = client.upline
     where client.id = ${userId}`)
}

const keysRow = z.object({
  apiKey: z.string().nullable(),
  hmacKey: z.string().nullable(),
  createdMs: z.number().nullable(),
  allowList: z.array(z.string()),
})

/** What one has to show to machines: the newest key that is not stopped. */
export async function keysOf(
  pool: DatabasePool,
  userId: string,
): Promise<z.infer<typeof keysRow> | null> {
  return await pool.maybeOne(sql.type(keysRow)`
    select api_key as "apiKey", held.id as "hmacKey",
           (extract(epoch from held.created_at) * 1000)::double precision as "createdMs",
           coalesce(held.ip_allow, client.ip_allow) as "allowList"
      from client
      left join lateral (
        select id, created_at, ip_allow from client_key
         where client_id = client.id and active order by created_at desc, id limit 1
      ) as held on true
     where client.id = ${userId}`)
}
