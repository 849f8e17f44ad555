/** Rented numbers as rows: written by the projection, read by people. */

import type { CommonQueryMethods } from 'slonik'
import { jsonOf } from '../copy.ts'
import { type DatabasePool, moment, none, sql, z } from '../database.ts'

type Db = CommonQueryMethods

const time = (column: string) =>
  sql.fragment`to_timestamp(${sql.identifier(['told', column])} / 1000)`
const ms = (column: string) =>
  sql.fragment`(extract(epoch from ${sql.identifier(['v', column])}) * 1000)::double precision`

/** Empties what is folded. Keys, links and flights are not in the journal, and stay. */
export async function resetNumbers(db: Db): Promise<void> {
  await db.query(sql.type(none)`
    truncate number_view, number_profit, number_activity, number_position`)
}

const journalRow = z.object({ id: z.string(), seq: z.number().int(), body: z.string() })

/** Every line of these actors, oldest first. */
export async function linesOfActors(
  db: Db,
  { shard, keys }: { readonly shard: number; readonly keys: readonly string[] },
): Promise<readonly z.infer<typeof journalRow>[]> {
  return await db.any(sql.type(journalRow)`
    select actor::text as id, seq, body from journal
     where shard = ${shard} and actor = any(${sql.array([...keys], 'int8')})
     order by actor, seq`)
}

// -- what the projection writes ------------------------------------------------------------------

type SealedMessage = {
  readonly sealed: string
  readonly at: number
  readonly code: boolean
  readonly late: boolean
}

export type NumberRow = {
  readonly id: string
  readonly seq: number
  readonly userId: string
  readonly ref: string
  readonly phase: string
  readonly status: string
  readonly moneyEffect: string
  readonly isOpen: boolean
  readonly service: string
  readonly serviceName: string
  readonly country: string
  readonly countryName: string
  readonly operator: string
  readonly operatorName: string
  readonly supplier: string
  readonly theirId: string | null
  readonly number: string | null
  readonly price: number
  readonly cost: number
  readonly why: string | null
  readonly messages: readonly SealedMessage[]
  readonly codes: number
  readonly late: number
  readonly resends: number
  readonly boughtMs: number | null
  readonly diesMs: number | null
  readonly waitUntilMs: number
  readonly placedMs: number
  readonly updatedMs: number
}

/** A row that shows a later line stays. */
export async function putNumbers(db: Db, rows: readonly NumberRow[]): Promise<void> {
  await db.query(sql.type(none)`
    insert into number_view as v (id, seq, user_id, ref, phase, status, money_effect, is_open,
      service, service_name, country, country_name, operator, operator_name, supplier, their_id,
      number, price, cost, why, messages, codes, late, resends, bought_at, dies_at, wait_until,
      placed_at, updated_at)
    select id, seq, "userId", ref, phase, status, "moneyEffect", "isOpen", service, "serviceName",
           country, "countryName", operator, "operatorName", supplier, "theirId", number, price,
           cost, why, messages, codes, late, resends, ${time('boughtMs')}, ${time('diesMs')},
           ${time('waitUntilMs')}, ${time('placedMs')}, ${time('updatedMs')}
      from json_to_recordset(${jsonOf(rows)}::json) as told (
        id uuid, seq bigint, "userId" uuid, ref text, phase text, status text, "moneyEffect" text,
        "isOpen" boolean, service text, "serviceName" text, country text, "countryName" text,
        operator text, "operatorName" text, supplier text, "theirId" text, number text,
        price bigint, cost bigint, why text, messages jsonb, codes int, late int, resends int,
        "boughtMs" double precision, "diesMs" double precision, "waitUntilMs" double precision,
        "placedMs" double precision, "updatedMs" double precision)
    on conflict (id) do update set
      seq = excluded.seq, phase = excluded.phase, status = excluded.status,
      money_effect = excluded.money_effect, is_open = excluded.is_open,
      their_id = excluded.their_id, number = excluded.number, cost = excluded.cost,
      why = excluded.why, messages = excluded.messages, codes = excluded.codes,
      late = excluded.late, resends = excluded.resends, bought_at = excluded.bought_at,
      dies_at = excluded.dies_at, wait_until = excluded.wait_until,
      updated_at = excluded.updated_at
      where v.seq <= excluded.seq`)
}

export type ProfitRow = {
  readonly shard: number
  readonly seq: number
  readonly orderId: string
  readonly userId: string
  readonly what: 'sold' | 'refunded' | 'late_cost'
  readonly service: string
  readonly country: string
  readonly operator: string
  readonly supplier: string
  readonly selling: number
  readonly base: number
  readonly fee: number
  readonly atMs: number
}

export async function addProfits(db: Db, rows: readonly ProfitRow[]): Promise<void> {
  await db.query(sql.type(none)`
    insert into number_profit (shard, seq, order_id, user_id, what, service, country, operator,
      supplier, selling, base, fee, profit, at)
    select shard, seq, "orderId", "userId", what, service, country, operator, supplier, selling,
           base, fee, selling - base - fee, ${time('atMs')}
      from json_to_recordset(${jsonOf(rows)}::json) as told (
        shard smallint, seq bigint, "orderId" uuid, "userId" uuid, what text, service text,
        country text, operator text, supplier text, selling bigint, base bigint, fee bigint,
        "atMs" double precision)`)
}

export type ActivityRow = {
  readonly shard: number
  readonly seq: number
  readonly n: number
  readonly orderId: string
  readonly userId: string
  readonly what: string
  readonly details: Readonly<Record<string, unknown>>
  readonly by: string
  readonly atMs: number
}

export async function addActivity(db: Db, rows: readonly ActivityRow[]): Promise<void> {
  await db.query(sql.type(none)`
    insert into number_activity (shard, seq, n, order_id, user_id, what, details, by, at)
    select shard, seq, n, "orderId", "userId", what, details, by, ${time('atMs')}
      from json_to_recordset(${jsonOf(rows)}::json) as told (
        shard smallint, seq bigint, n smallint, "orderId" uuid, "userId" uuid, what text,
        details jsonb, by text, "atMs" double precision)`)
}

/** First links of new orders; `hash` in hex. */
export async function addLinks(
  db: Db,
  links: readonly { readonly orderId: string; readonly hash: string }[],
): Promise<void> {
  const rows = links.map(({ orderId, hash }) => [orderId, hash])
  await db.query(sql.type(none)`
    insert into number_invoice (order_id, generation, word_hash)
    select order_id, 1, decode(hash, 'hex')
      from ${sql.unnest(rows, ['uuid', 'text'])} as made (order_id, hash)
    on conflict (order_id) do nothing`)
}

// -- what people read ----------------------------------------------------------------------------

const messageShape = z.object({
  sealed: z.string(),
  at: z.number(),
  code: z.boolean(),
  late: z.boolean(),
})
const viewRow = z.object({
  id: z.string(),
  ref: z.string(),
  status: z.string(),
  moneyEffect: z.string(),
  service: z.string(),
  serviceName: z.string(),
  country: z.string(),
  countryName: z.string(),
  operator: z.string(),
  number: z.string().nullable(),
  price: z.number().int(),
  why: z.string().nullable(),
  messages: z.array(messageShape),
  resends: z.number().int(),
  waitUntilMs: z.number(),
  placedMs: z.number(),
  updatedMs: z.number(),
})
export type ViewRow = z.infer<typeof viewRow>

const viewColumns = sql.fragment`
  v.id, v.ref, v.status, v.money_effect as "moneyEffect", v.service,
  v.service_name as "serviceName", v.country, v.country_name as "countryName", v.operator,
  v.number, v.price, v.why, v.messages, v.resends, ${ms('wait_until')} as "waitUntilMs",
  ${ms('placed_at')} as "placedMs", ${ms('updated_at')} as "updatedMs"`

export type NumberFilter = {
  readonly userId: string
  readonly status: string | null
  readonly onlyOpen: boolean
  readonly before: string | null
  readonly limit: number
}

/** Newest first. Plan: number_view_user backwards from the cursor. */
export async function listNumbers(
  pool: DatabasePool,
  asked: NumberFilter,
): Promise<readonly ViewRow[]> {
  const { userId, status, onlyOpen, before, limit } = asked
  return await pool.any(sql.type(viewRow)`
    select ${viewColumns} from number_view as v
     where v.user_id = ${userId}::uuid
       and (${before}::uuid is null or v.id < ${before}::uuid)
       and (${status}::text is null or v.status = ${status})
       and (${!onlyOpen} or v.is_open)
     order by v.id desc limit ${limit}`)
}

const idRow = z.object({ id: z.string() })

/** Whatever a code may still come for, in pages. */
export async function watchedNumbers(
  pool: DatabasePool,
  asked: { readonly after: string; readonly diesAfterMs: number; readonly limit: number },
): Promise<readonly string[]> {
  const { after, diesAfterMs, limit } = asked
  const rows = await pool.any(sql.type(idRow)`
    select v.id from number_view as v
     where v.id > ${after}::uuid and v.their_id is not null
       and (v.is_open or v.dies_at > ${moment(diesAfterMs)})
     order by v.id limit ${limit}`)
  return rows.map(({ id }) => id)
}
