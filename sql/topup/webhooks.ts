/**
 * Where clients want to be called, and each call with what came of it. Secrets stay sealed here.
 */

import { type DatabasePool, moment, sql, z } from '../database.ts'

const shape = z.enum(['standard', 'digiflazz', 'otomax', 'irs', 'digiflazz-seller'])
const status = z.enum(['waiting', 'delivered', 'given_up'])
const nothing = z.object({})

const endpointRow = z.object({
  id: z.string(),
  userId: z.string(),
  url: z.string(),
  shape,
  events: z.array(z.string()),
  active: z.boolean(),
  secret: z.string(),
  formerSecret: z.string().nullable(),
  formerUntil: z.number().nullable(),
  createdAt: z.number(),
})
export type EndpointRow = z.infer<typeof endpointRow>

const endpointColumns = sql.fragment`
  id, client_id as "userId", url, shape, events, active, secret, former_secret as "formerSecret",
  former_until as "formerUntil", created_at as "createdAt"`

/** The whole table: it is kept in memory. */
export async function allEndpoints(pool: DatabasePool): Promise<readonly EndpointRow[]> {
  return await pool.any(sql.type(endpointRow)`
    select ${endpointColumns} from webhook_endpoint order by created_at, id`)
}

export async function endpointsOf(
  pool: DatabasePool,
  userId: string,
): Promise<readonly EndpointRow[]> {
  return await pool.any(sql.type(endpointRow)`
    select ${endpointColumns} from webhook_endpoint
     where client_id = ${userId} order by created_at, id`)
}

type NewEndpoint = Pick<EndpointRow, 'id' | 'userId' | 'url' | 'shape' | 'secret'> & {
  readonly events: readonly string[]
}

/** Null when the client has `most` already; two at once do not slip past each other. */
export async function addEndpoint(
  pool: DatabasePool,
  { id, userId, url, shape, secret, events }: NewEndpoint,
  most: number,
): Promise<EndpointRow | null> {
  return await pool.maybeOne(sql.type(endpointRow)`
    with held as (select id from client where id = ${userId} for update)
    insert into webhook_endpoint (id, client_id, url, shape, secret, events)
    select ${id}, held.id, ${url}, ${shape}, ${secret}, ${sql.array([...events], 'text')}
      from held
     where (select count(*) from webhook_endpoint where client_id = held.id) < ${most}
    returning ${endpointColumns}`)
}

type EndpointChange = {
  readonly url?: string
  readonly shape?: string
  readonly events?: readonly string[]
  readonly active?: boolean
}

export async function changeEndpoint(
  pool: DatabasePool,
  { userId, id, url, shape, events, active }: EndpointChange & { userId: string; id: string },
): Promise<EndpointRow | null> {
  const wanted = events === undefined ? null : sql.array([...events], 'text')
  return await pool.maybeOne(sql.type(endpointRow)`
    update webhook_endpoint
       set url = coalesce(${url ?? null}, url), shape = coalesce(${shape ?? null}, shape),
           events = coalesce(${wanted}, events),
           active = coalesce(${active ?? null}, active)
     where id = ${id} and client_id = ${userId}
    returning ${endpointColumns}`)
}

/** The old secret goes on signing until `formerUntil`; the one before it is gone. */
export async function rotateSecret(
  pool: DatabasePool,
  one: { userId: string; id: string; secret: string; formerUntil: number },
): Promise<EndpointRow | null> {
  return await pool.maybeOne(sql.type(endpointRow)`
    update webhook_endpoint
       set former_secret = secret, former_until = ${moment(one.formerUntil)},
           secret = ${one.secret}
     where id = ${one.id} and client_id = ${one.userId}
    returning ${endpointColumns}`)
}

/** What still waited for the endpoint is given up in the same write. */
export async function removeEndpoint(
  pool: DatabasePool,
  { userId, id }: { userId: string; id: string },
): Promise<boolean> {
  const { rowCount } = await pool.query(sql.type(nothing)`
    with gone as (
      delete from webhook_endpoint where id = ${id} and client_id = ${userId} returning id
    ), given_up as (
      update webhook_delivery set status = 'given_up', problem = 'endpoint_removed'
       where target = (select id::text from gone) and status = 'waiting'
    )
    select 1 from gone`)
  return rowCount > 0
}

export async function stopEndpoint(pool: DatabasePool, id: string): Promise<void> {
  await pool.query(sql.type(nothing)`
    update webhook_endpoint set active = false where id = ${id} and active`)
}

export type NewDelivery = {
  readonly userId: string
  readonly endpointId: string | null
  readonly target: string
  readonly lane: string
  readonly seq: number
  readonly subject: string
  readonly event: string
  readonly url: string | null
  readonly shape: z.infer<typeof shape>
  readonly body: string
  readonly at: number
  readonly expiresAt: number
}

/** What is there already stays as it is. */
export async function addDeliveries(
  pool: DatabasePool,
  deliveries: readonly NewDelivery[],
): Promise<void> {
  const rows = deliveries.map(one => [
    ...[one.userId, one.endpointId, one.target, one.lane, one.seq, one.subject, one.event],
    ...[one.url, one.shape, one.body, one.at / 1_000, one.expiresAt / 1_000],
  ])
  const types = [
    ...['uuid', 'uuid', 'text', 'text', 'int8', 'uuid', 'text'],
    ...['text', 'text', 'text', 'float8', 'float8'],
  ]
  await pool.query(sql.type(nothing)`
    insert into webhook_delivery
      (user_id, endpoint_id, target, lane, seq, subject, event, url, shape, body,
       next_at, created_at, expires_at)
    select user_id, endpoint_id, target, lane, seq, subject, event, url, shape, body,
           to_timestamp(at_s), to_timestamp(at_s), to_timestamp(expires_s)
      from ${sql.unnest(rows, types)}
        as fact (user_id, endpoint_id, target, lane, seq, subject, event, url, shape, body,
                 at_s, expires_s)
     order by seq
    on conflict (lane, seq) do nothing`)
}

const laneRow = z.object({ subject: z.string(), url: z.string(), shape })

/** Orders among these that carry a callback address of their own, as their first call says. */
export async function callbacksOf(
  pool: DatabasePool,
  subjects: readonly string[],
): Promise<readonly z.infer<typeof laneRow>[]> {
  return await pool.any(sql.type(laneRow)`
    select distinct on (subject) subject, url, shape from webhook_delivery
     where subject = any(${sql.array([...subjects], 'uuid')}) and endpoint_id is null
       and url is not null
     order by subject`)
}

const dueRow = z.object({
  id: z.number(),
  userId: z.string(),
  endpointId: z.string().nullable(),
  target: z.string(),
  lane: z.string(),
  subject: z.string().nullable(),
  event: z.string(),
  url: z.string().nullable(),
  shape,
  body: z.string(),
  attempts: z.number(),
  expiresAt: z.number(),
})
export type DueRow = z.infer<typeof dueRow>

/**
 * What may be sent now: of each target the longest due, of each lane only its first that waits.
 * Plan: hops from target to target in webhook_delivery_due, so a target with a long line costs the
 * others nothing; the lane's head by the unique index (lane, seq).
 */
export async function dueDeliveries(
  pool: DatabasePool,
  asked: {
    readonly now: number
    readonly perTarget: number
    readonly limit: number
    /** Targets that must not be called now, and deliveries that are under way. */
    readonly closed: readonly string[]
    readonly flying: readonly number[]
  },
): Promise<readonly DueRow[]> {
  const now = moment(asked.now)
  return await pool.any(sql.type(dueRow)`
    with recursive place as (
      (select target from webhook_delivery where status = 'waiting' order by target limit 1)
      union all
      select (select next.target from webhook_delivery next
               where next.status = 'waiting' and next.target > place.target
               order by next.target limit 1)
        from place where place.target is not null
    )
    select due.id, due.user_id as "userId", due.endpoint_id as "endpointId", due.target, due.lane,
           due.subject, due.event, due.url, due.shape, due.body, due.attempts,
           due.expires_at as "expiresAt"
      from place cross join lateral (
        select * from webhook_delivery one
         where one.target = place.target and one.status = 'waiting' and one.next_at <= ${now}
           and one.id <> all(${sql.array([...asked.flying], 'int8')})
           and not exists (
             select from webhook_delivery earlier
              where earlier.lane = one.lane and earlier.seq < one.seq
                and earlier.status = 'waiting')
         order by one.next_at, one.id limit ${asked.perTarget}
      ) due
     where place.target is not null
       and place.target <> all(${sql.array([...asked.closed], 'text')})
     order by due.next_at, due.id limit ${asked.limit}`)
}

type Attempted = {
  readonly id: number
  readonly at: number
  readonly status: z.infer<typeof status>
  readonly nextAt: number
  readonly answerStatus: number | null
  readonly answer: string | null
  readonly problem: string | null
  readonly ms: number
}

/** What waits behind it in its lane is not due before it is: nobody need look at it sooner. */
export async function noteAttempt(pool: DatabasePool, one: Attempted): Promise<void> {
  const nextAt = moment(one.nextAt)
  await pool.query(sql.type(nothing)`
    with behind as (
      update webhook_delivery later set next_at = greatest(later.next_at, ${nextAt})
        from webhook_delivery head
       where head.id = ${one.id} and later.lane = head.lane and later.seq > head.seq
         and later.status = 'waiting' and ${one.status} = 'waiting'
    )
    update webhook_delivery
       set attempts = attempts + 1, tried_at = ${moment(one.at)},
           status = ${one.status}, next_at = ${nextAt},
           answer_status = ${one.answerStatus}, answer = ${one.answer},
           problem = ${one.problem}, ms = ${one.ms}
     where id = ${one.id}`)
}

/** A test call, written down after it was made. */
export async function notePing(
  pool: DatabasePool,
  one: Omit<Attempted, 'id' | 'nextAt'> & {
    readonly userId: string
    readonly endpointId: string
    readonly shape: string
    readonly body: string
  },
): Promise<number> {
  return await pool.oneFirst(sql.type(z.object({ id: z.number() }))`
    insert into webhook_delivery
      (user_id, endpoint_id, target, lane, seq, event, shape, body, status, attempts, expires_at,
       tried_at, answer_status, answer, problem, ms)
    select ${one.userId}, ${one.endpointId}, ${one.endpointId}, ${`${one.endpointId}/ping`},
           coalesce(max(seq), 0) + 1, 'ping', ${one.shape}, ${one.body}, ${one.status}, 1, now(),
           ${moment(one.at)}, ${one.answerStatus}, ${one.answer}, ${one.problem},
           ${one.ms}
      from webhook_delivery where lane = ${`${one.endpointId}/ping`}
    returning id`)
}

/** Ends what was tried for too long, and what nobody reads any more. */
export async function sweepDeliveries(
  pool: DatabasePool,
  { now, keepMs }: { now: number; keepMs: number },
): Promise<{ readonly givenUp: number }> {
  const { rowCount } = await pool.query(sql.type(nothing)`
    update webhook_delivery set status = 'given_up', problem = coalesce(problem, 'expired')
     where id in (select id from webhook_delivery
                   where status = 'waiting' and expires_at <= ${moment(now)}
                   limit 5000)`)
  await pool.query(sql.type(nothing)`
    delete from webhook_delivery
     where id in (select id from webhook_delivery order by id limit 2000)
       and status <> 'waiting' and created_at < ${moment(now - keepMs)}`)
  return { givenUp: rowCount }
}

const logRow = z.object({
  id: z.number(),
  endpointId: z.string().nullable(),
  subject: z.string().nullable(),
  event: z.string(),
  url: z.string().nullable(),
  shape,
  status,
  attempts: z.number(),
  nextAt: z.number(),
  createdAt: z.number(),
  triedAt: z.number().nullable(),
  answerStatus: z.number().nullable(),
  answer: z.string().nullable(),
  problem: z.string().nullable(),
  ms: z.number().nullable(),
})
export type LogRow = z.infer<typeof logRow>

/** Newest first. */
export async function deliveriesOf(
  pool: DatabasePool,
  asked: {
    readonly userId: string
    readonly before: number | null
    readonly subject: string | null
    readonly limit: number
  },
): Promise<readonly LogRow[]> {
  const { userId, before, subject, limit } = asked
  return await pool.any(sql.type(logRow)`
    select one.id, endpoint_id as "endpointId", subject, event,
           coalesce(one.url, webhook_endpoint.url) as url, one.shape, status, attempts,
           next_at as "nextAt", one.created_at as "createdAt", tried_at as "triedAt",
           answer_status as "answerStatus", answer, problem, ms
      from webhook_delivery one
      left join webhook_endpoint on webhook_endpoint.id = one.endpoint_id
     where user_id = ${userId}
       ${before === null ? sql.fragment`` : sql.fragment`and one.id < ${before}`}
       ${subject === null ? sql.fragment`` : sql.fragment`and subject = ${subject}`}
     order by one.id desc limit ${limit}`)
}

const countRow = z.object({ id: z.number() })

/**
 * Sends again what is done, one or all of a time, and at once what waits for its next attempt, with
 * what waits before it in its lane; a ping is left out.
 */
export async function replayDeliveries(
  pool: DatabasePool,
  asked: {
    readonly userId: string
    readonly which: { readonly id: number } | { readonly from: number; readonly to: number }
    readonly now: number
    readonly expiresAt: number
    readonly limit: number
  },
): Promise<number> {
  const { userId, which, now, expiresAt, limit } = asked
  const chosen =
    'id' in which
      ? sql.fragment`one.id = ${which.id}`
      : sql.fragment`one.created_at >= ${moment(which.from)}
                     and one.created_at < ${moment(which.to)}`
  const soon = moment(now)
  const rows = await pool.any(sql.type(countRow)`
    with chosen as (
      select one.id, one.lane, one.seq from webhook_delivery one
       where one.user_id = ${userId} and one.subject is not null
         and (one.endpoint_id is null
              or exists (select from webhook_endpoint where id = one.endpoint_id))
         and ${chosen}
       order by one.id limit ${limit}
    ), ahead as (
      update webhook_delivery earlier set next_at = least(earlier.next_at, ${soon})
        from (select lane, max(seq) as seq from chosen group by lane) last
       where earlier.lane = last.lane and earlier.seq < last.seq and earlier.status = 'waiting'
         and earlier.id not in (select id from chosen)
    )
    update webhook_delivery
       set attempts = case when status = 'waiting' then attempts else 0 end,
           problem = case when status = 'waiting' then problem end,
           status = 'waiting', next_at = ${soon}, expires_at = ${moment(expiresAt)}
     where id in (select id from chosen)
    returning id`)
  return rows.length
}

const waitingRow = z.object({ count: z.number() })

export async function waitingDeliveries(pool: DatabasePool): Promise<number> {
  return await pool.oneFirst(sql.type(waitingRow)`
    select count(*) as count from webhook_delivery where status = 'waiting'`)
}

const secretRow = z.object({ id: z.string(), secret: z.string() })

/** The newest keys of a client, sealed: what signs an order's own callback. */
export async function signingKeysOf(
  pool: DatabasePool,
  userId: string,
): Promise<readonly z.infer<typeof secretRow>[]> {
  return await pool.any(sql.type(secretRow)`
    select id, secret from client_key
     where client_id = ${userId} and active order by created_at desc limit 2`)
}

export async function dialectKeyOf(pool: DatabasePool, userId: string): Promise<string | null> {
  return await pool.maybeOneFirst(sql.type(z.object({ secret: z.string().nullable() }))`
    select api_key as secret from client where id = ${userId}`)
}
