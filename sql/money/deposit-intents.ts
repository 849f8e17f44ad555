/**
 * Deposits through payment gateways as rows: written by their projection in the order of the
 * journal, read by people; beside them the gateways, and what persons and webhooks said.
 */

import type { CommonQueryMethods } from 'slonik'
import { jsonOf } from '../copy.ts'
import { moment, none, sql, z } from '../database.ts'
import { type Alone, lockPerson, movedAlone } from './moved-alone.ts'

type Db = CommonQueryMethods

const ms = (column: string) =>
  sql.fragment`(extract(epoch from ${sql.identifier(['v', column])}) * 1000)::double precision`
const time = (column: string) =>
  sql.fragment`to_timestamp(${sql.identifier(['told', column])} / 1000)`

// -- gateways ------------------------------------------------------------------------------------

const gatewayRow = z.object({
  code: z.string(),
  adapter: z.string(),
  baseUrl: z.string(),
  credentials: z.string(),
  timeoutMs: z.number(),
  maxInFlight: z.number(),
  amountMin: z.number(),
  amountMax: z.number(),
  active: z.boolean(),
})
export type GatewayRow = z.infer<typeof gatewayRow>

export async function readGateways(db: Db): Promise<readonly GatewayRow[]> {
  return await db.any(sql.type(gatewayRow)`
    select code, adapter, base_url as "baseUrl", credentials, timeout_ms as "timeoutMs",
           max_in_flight as "maxInFlight", amount_min as "amountMin", amount_max as "amountMax",
           active
      from payment_gateway order by code`)
}

export async function putGateway(db: Db, row: GatewayRow): Promise<void> {
  await db.query(sql.type(none)`
    insert into payment_gateway (code, adapter, base_url, credentials, timeout_ms, max_in_flight,
      amount_min, amount_max, active)
    values (${row.code}, ${row.adapter}, ${row.baseUrl}, ${row.credentials}, ${row.timeoutMs},
      ${row.maxInFlight}, ${row.amountMin}, ${row.amountMax}, ${row.active})
    on conflict (code) do update set adapter = excluded.adapter, base_url = excluded.base_url,
      credentials = excluded.credentials, timeout_ms = excluded.timeout_ms,
      max_in_flight = excluded.max_in_flight, amount_min = excluded.amount_min,
      amount_max = excluded.amount_max, active = excluded.active`)
}

/** Empties everything that is folded, to be folded again from the first line. */
export async function resetIntents(db: Db): Promise<void> {
  await db.query(sql.type(none)`
    truncate deposit_intent, deposit_suspense, deposit_intent_position`)
}

// -- what the projection writes ------------------------------------------------------------------

export type NewIntent = {
  readonly id: string
  readonly userId: string
  readonly ref: string
  readonly method: string
  readonly gateway: string
  readonly reffId: string
  readonly amount: number
  readonly createdMs: number
}

export type IntentPatch = {
  readonly id: string
  theirId?: string
  status?: string
  pays?: number
  fee?: number
  received?: number
  pay?: Readonly<Record<string, string>>
  expiresMs?: number
  paidMs?: number
  via?: string
  why?: string
  /** Added to what is there. */
  suspended?: number
  updatedMs: number
}

export async function addIntents(db: Db, rows: readonly NewIntent[]): Promise<void> {
  await db.query(sql.type(none)`
    insert into deposit_intent (id, user_id, ref, method, gateway, reff_id, status, amount,
      created_at, updated_at)
    select id, "userId", ref, method, gateway, "reffId", 'asking', amount, ${time('createdMs')},
           ${time('createdMs')}
      from json_to_recordset(${jsonOf(rows)}::json) as told (
        id uuid, "userId" uuid, ref text, method text, gateway text, "reffId" text, amount bigint,
        "createdMs" double precision)`)
}

export async function patchIntents(db: Db, rows: readonly IntentPatch[]): Promise<void> {
  await db.query(sql.type(none)`
    update deposit_intent as v set
      their_id = coalesce(told."theirId", v.their_id), status = coalesce(told.status, v.status),
      pays = coalesce(told.pays, v.pays), fee = coalesce(told.fee, v.fee),
      received = coalesce(told.received, v.received), pay = coalesce(told.pay, v.pay),
      expires_at = coalesce(${time('expiresMs')}, v.expires_at),
      paid_at = coalesce(${time('paidMs')}, v.paid_at), via = coalesce(told.via, v.via),
      why = coalesce(told.why, v.why), suspended = v.suspended + coalesce(told.suspended, 0),
      updated_at = ${time('updatedMs')}
      from json_to_recordset(${jsonOf(rows)}::json) as told (
        id uuid, "theirId" text, status text, pays bigint, fee bigint, received bigint, pay jsonb,
        "expiresMs" double precision, "paidMs" double precision, via text, why text,
        suspended bigint, "updatedMs" double precision)
     where v.id = told.id`)
}

const stoodRow = z.object({
  id: z.string(),
  status: z.string(),
  suspended: z.number(),
  isMade: z.boolean(),
})

export async function statusesOf(
  db: Db,
  ids: readonly string[],
): Promise<readonly z.infer<typeof stoodRow>[]> {
  return await db.any(sql.type(stoodRow)`
    select id, status, suspended, their_id is not null as "isMade" from deposit_intent
     where id = any(${sql.array([...ids], 'uuid')})`)
}

export type NewSuspense = {
  readonly intentId: string
  readonly n: number
  readonly userId: string
  readonly gateway: string
  readonly why: string
  readonly amount: number
  readonly payment: string
  readonly via: string
  readonly atMs: number
}

export async function addSuspense(db: Db, rows: readonly NewSuspense[]): Promise<void> {
  await db.query(sql.type(none)`
    insert into deposit_suspense (intent_id, n, user_id, gateway, why, amount, payment, via, at)
    select "intentId", n, "userId", gateway, why, amount, payment, via, ${time('atMs')}
      from json_to_recordset(${jsonOf(rows)}::json) as told (
        "intentId" uuid, n integer, "userId" uuid, gateway text, why text, amount bigint,
        payment text, via text, "atMs" double precision)`)
}

export type Resolution = {
  readonly intentId: string
  readonly n: number
  readonly verdict: string
  readonly by: string
  readonly reason: string
  readonly atMs: number
}

export async function resolveSuspense(db: Db, rows: readonly Resolution[]): Promise<void> {
  await db.query(sql.type(none)`
    update deposit_suspense as v set verdict = told.verdict, resolved_by = told.by,
           reason = told.reason, resolved_at = ${time('atMs')}
      from json_to_recordset(${jsonOf(rows)}::json) as told (
        "intentId" uuid, n integer, verdict text, by text, reason text, "atMs" double precision)
     where v.intent_id = told."intentId" and v.n = told.n`)
}

// -- what people read ----------------------------------------------------------------------------

const intentRow = z.object({
  id: z.string(),
  userId: z.string(),
  ref: z.string(),
  method: z.string(),
  gateway: z.string(),
  theirId: z.string().nullable(),
  status: z.string(),
  amount: z.number(),
  pays: z.number().nullable(),
  fee: z.number().nullable(),
  received: z.number().nullable(),
  pay: z.record(z.string(), z.string()),
  expiresMs: z.number().nullable(),
  paidMs: z.number().nullable(),
  via: z.string().nullable(),
  why: z.string().nullable(),
  suspended: z.number(),
  createdMs: z.number(),
  updatedMs: z.number(),
})
export type IntentRow = z.infer<typeof intentRow>

const intentColumns = sql.fragment`
  v.id, v.user_id as "userId", v.ref, v.method, v.gateway, v.their_id as "theirId", v.status,
  v.amount, v.pays, v.fee, v.received, v.pay, ${ms('expires_at')} as "expiresMs",
  ${ms('paid_at')} as "paidMs", v.via, v.why, v.suspended, ${ms('created_at')} as "createdMs",
  ${ms('updated_at')} as "updatedMs"`

type IntentFilter = {
  readonly userId: string | null
  readonly statuses: readonly string[] | null
  readonly gateway: string | null
  /** An id: only who is older. */
  readonly before: string | null
  readonly limit: number
}

export async function listIntents(db: Db, asked: IntentFilter): Promise<readonly IntentRow[]> {
  const statuses = sql.array([...(asked.statuses ?? [])], 'text')
  return await db.any(sql.type(intentRow)`
    select ${intentColumns} from deposit_intent as v
     where (${asked.userId}::uuid is null or v.user_id = ${asked.userId}::uuid)
       and (${asked.statuses === null} or v.status = any(${statuses}))
       and (${asked.gateway}::text is null or v.gateway = ${asked.gateway}::text)
       and (${asked.before}::uuid is null or v.id < ${asked.before}::uuid)
     order by v.id desc limit ${asked.limit}`)
}

/** Which of ours have this id there; of one user only, when he is named. */
export async function intentsByTheirId(
  db: Db,
  { theirId, userId, gateway }: { theirId: string; userId: string | null; gateway: string | null },
): Promise<readonly IntentRow[]> {
  return await db.any(sql.type(intentRow)`
    select ${intentColumns} from deposit_intent as v
     where v.their_id = ${theirId}
       and v.gateway = any(case when ${gateway}::text is null
                                then (select array_agg(code) from payment_gateway)
                                else array[${gateway}::text] end)
       and (${userId}::uuid is null or v.user_id = ${userId}::uuid)
     order by v.id desc limit 2`)
}

/** Which of ours has this reference at a gateway. */
export async function intentByReffId(
  db: Db,
  { reffId, gateway }: { reffId: string; gateway: string },
): Promise<string | null> {
  const row = await db.maybeOne(sql.type(z.object({ id: z.string() }))`
    select id from deposit_intent where reff_id = ${reffId} and gateway = ${gateway} limit 1`)
  return row?.id ?? null
}

const suspenseRow = z.object({
  intentId: z.string(),
  n: z.number(),
  userId: z.string(),
  gateway: z.string(),
  why: z.string(),
  amount: z.number(),
  payment: z.string(),
  via: z.string(),
  atMs: z.number(),
  verdict: z.string().nullable(),
  resolvedBy: z.string().nullable(),
  reason: z.string().nullable(),
})
export type SuspenseRow = z.infer<typeof suspenseRow>

const suspenseColumns = sql.fragment`
  v.intent_id as "intentId", v.n, v.user_id as "userId", v.gateway, v.why, v.amount, v.payment,
  v.via, ${ms('at')} as "atMs", v.verdict, v.resolved_by as "resolvedBy", v.reason`

/** Open ones, or all; the newest deposits first. */
export async function listSuspense(
  db: Db,
  asked: { readonly open: boolean; readonly before: string | null; readonly limit: number },
): Promise<readonly SuspenseRow[]> {
  return await db.any(sql.type(suspenseRow)`
    select ${suspenseColumns} from deposit_suspense as v
     where (not ${asked.open} or v.verdict is null)
       and (${asked.before}::uuid is null or v.intent_id < ${asked.before}::uuid)
     order by v.intent_id desc, v.n limit ${asked.limit}`)
}

// -- pictures and hints --------------------------------------------------------------------------

export async function keepPicture(
  db: Db,
  { intentId, image, nowMs }: { intentId: string; image: string; nowMs: number },
): Promise<void> {
  await db.query(sql.type(none)`
    insert into deposit_picture (intent_id, image, kept_at)
    values (${intentId}, ${image}, ${moment(nowMs)}) on conflict (intent_id) do nothing`)
}

export async function pictureOf(db: Db, intentId: string): Promise<string | null> {
  const row = await db.maybeOne(sql.type(z.object({ image: z.string() }))`
    select image from deposit_picture where intent_id = ${intentId}`)
  return row?.image ?? null
}

/** Of deposits that nobody can pay any more. */
export async function dropPictures(db: Db, beforeMs: number): Promise<void> {
  await db.query(sql.type(none)`delete from deposit_picture where kept_at < ${moment(beforeMs)}`)
}

export async function noteHint(
  db: Db,
  { intentId, verdict, nowMs }: { intentId: string; verdict: string; nowMs: number },
): Promise<void> {
  await db.query(sql.type(none)`
    insert into deposit_hint (intent_id, verdict, first_at, last_at)
    values (${intentId}, ${verdict}, ${moment(nowMs)}, ${moment(nowMs)})
    on conflict (intent_id, verdict) do update
      set times = deposit_hint.times + 1, last_at = excluded.last_at`)
}

const hintRow = z.object({ verdict: z.string(), times: z.number(), firstMs: z.number() })
type HintRow = z.infer<typeof hintRow>

export async function hintsOf(db: Db, intentId: string): Promise<readonly HintRow[]> {
  return await db.any(sql.type(hintRow)`
    select v.verdict, v.times, ${ms('first_at')} as "firstMs" from deposit_hint as v
     where v.intent_id = ${intentId} order by v.first_at, v.verdict limit 20`)
}

// -- what persons want done ----------------------------------------------------------------------

const verdictRow = z.object({
  id: z.number(),
  intentId: z.string(),
  n: z.number(),
  userId: z.string(),
  verdict: z.enum(['credit', 'return', 'paid']),
  amount: z.number(),
  reason: z.string(),
  status: z.enum(['waiting', 'approved', 'done', 'rejected']),
  askedBy: z.string(),
  askedMs: z.number(),
  secondBy: z.string().nullable(),
})
export type VerdictRow = z.infer<typeof verdictRow>

const verdictColumns = sql.fragment`
  v.id, v.intent_id as "intentId", v.n, v.user_id as "userId", v.verdict, v.amount, v.reason,
  v.status, v.asked_by as "askedBy", ${ms('asked_at')} as "askedMs", v.second_by as "secondBy"`

type VerdictWish = Alone &
  Pick<VerdictRow, 'intentId' | 'n' | 'userId' | 'verdict' | 'amount' | 'reason' | 'askedBy'>

/**
 * Asks for it, once: the same again is the row that is there. What one person moves alone in a day
 * counts together against his limit; sending money back counts nothing.
 */
export async function askVerdict(db: CommonQueryMethods, wish: VerdictWish): Promise<VerdictRow> {
  const { intentId, n, userId, verdict, amount, reason, askedBy, nowMs, dayMs, aloneMax } = wish
  return await db.transaction(async write => {
    await write.query(lockPerson(askedBy))
    await write.query(sql.type(none)`
      insert into deposit_verdict (intent_id, n, user_id, verdict, amount, reason, status,
                                   asked_by, asked_at)
      select ${intentId}::uuid, ${n}::integer, ${userId}::uuid, ${verdict}::text,
             ${amount}::bigint, ${reason}::text,
             case when ${verdict}::text = 'return'
                    or ${amount}::bigint + ${movedAlone(askedBy, dayMs)} <= ${aloneMax}::bigint
                  then 'approved' else 'waiting' end,
             ${askedBy}::uuid, ${moment(nowMs)}
      on conflict (intent_id, n) where status <> 'rejected' do nothing`)
    return await write.one(sql.type(verdictRow)`
      select ${verdictColumns} from deposit_verdict as v
       where v.intent_id = ${intentId}::uuid and v.n = ${n} and v.status <> 'rejected'`)
  })
}

export async function readVerdict(db: Db, id: number): Promise<VerdictRow | null> {
  return await db.maybeOne(sql.type(verdictRow)`
    select ${verdictColumns} from deposit_verdict as v where v.id = ${id}`)
}

/** The second person's word. Null when none waits for this person. */
export async function judgeVerdict(
  db: Db,
  {
    id,
    status,
    by,
    nowMs,
  }: { id: number; status: 'approved' | 'rejected'; by: string; nowMs: number },
): Promise<VerdictRow | null> {
  return await db.maybeOne(sql.type(verdictRow)`
    update deposit_verdict as v
       set status = ${status}, second_by = ${by}::uuid, second_at = ${moment(nowMs)}
     where v.id = ${id} and v.status = 'waiting'
       and (v.asked_by <> ${by}::uuid or ${status} = 'rejected')
    returning ${verdictColumns}`)
}

/** What became of one that was approved. */
export async function endVerdict(
  db: Db,
  { id, status }: { id: number; status: 'done' | 'rejected' },
): Promise<void> {
  await db.query(sql.type(none)`
    update deposit_verdict set status = ${status} where id = ${id} and status = 'approved'`)
}

/** Those that wait for a person, or for us to carry them out. */
export async function openVerdicts(
  db: Db,
  { status, after, limit }: { status: 'waiting' | 'approved'; after: number; limit: number },
): Promise<readonly VerdictRow[]> {
  return await db.any(sql.type(verdictRow)`
    select ${verdictColumns} from deposit_verdict as v
     where v.status = ${status} and v.id > ${after} order by v.id limit ${limit}`)
}

export async function verdictsOf(db: Db, intentId: string): Promise<readonly VerdictRow[]> {
  return await db.any(sql.type(verdictRow)`
    select ${verdictColumns} from deposit_verdict as v
     where v.intent_id = ${intentId} order by v.id limit 50`)
}
