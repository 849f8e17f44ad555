/** Rented numbers of all clients, as staff finds, reads and counts them. */

import { type DatabasePool, moment, sql, z } from '../database.ts'

type Reader = Pick<DatabasePool, 'any' | 'one' | 'maybeOne'>

const ms = (column: string) =>
  sql.fragment`(extract(epoch from ${sql.identifier(['v', column])}) * 1000)::double precision`

// -- orders ------------------------------------------------------------------------------------

const orderRow = z.object({
  orderId: z.string(),
  userId: z.string(),
  username: z.string().nullable(),
  ref: z.string(),
  status: z.string(),
  isOpen: z.boolean(),
  service: z.string(),
  serviceName: z.string(),
  country: z.string(),
  countryName: z.string(),
  operator: z.string(),
  supplier: z.string(),
  number: z.string().nullable(),
  price: z.number().int(),
  cost: z.number().int(),
  moneyEffect: z.string(),
  codes: z.number().int(),
  late: z.number().int(),
  resends: z.number().int(),
  why: z.string().nullable(),
  placedMs: z.number(),
  updatedMs: z.number(),
})
export type DeskOrderRow = z.infer<typeof orderRow>

const orderColumns = sql.fragment`
  v.id as "orderId", v.user_id as "userId", client.username, v.ref, v.status, v.is_open as "isOpen",
  v.service, v.service_name as "serviceName", v.country, v.country_name as "countryName",
  v.operator, v.supplier, v.number, v.price, v.cost, v.money_effect as "moneyEffect", v.codes,
  v.late, v.resends, v.why, ${ms('placed_at')} as "placedMs", ${ms('updated_at')} as "updatedMs"`

type DeskOrderFilter = {
  readonly status: string | null
  readonly open: boolean | null
  readonly late: boolean | null
  readonly userId: string | null
  readonly supplier: string | null
  readonly service: string | null
  readonly country: string | null
  /** Digits with which the number ends. */
  readonly ending: string | null
  readonly fromMs: number | null
  readonly toMs: number | null
  /** An id: only who is older. */
  readonly before: string | null
  readonly limit: number
}

/**
 * Newest first. Plan: backward range scan of number_view_pkey within the times asked for, or of
 * number_view_user for one client, or of number_view_open for what is open.
 */
export async function findNumbers(
  pool: Reader,
  asked: DeskOrderFilter,
): Promise<readonly DeskOrderRow[]> {
  const { status, open, late, userId, supplier, service, country, ending, before } = asked
  return await pool.any(sql.type(orderRow)`
    select ${orderColumns} from number_view as v left join client on client.id = v.user_id
     where (${before}::uuid is null or v.id < ${before}::uuid)
       and (${asked.fromMs}::float8 is null or v.id >= laju_id_at(${asked.fromMs}::float8))
       and (${asked.toMs}::float8 is null or v.id < laju_id_at(${asked.toMs}::float8))
       and (${userId}::uuid is null or v.user_id = ${userId}::uuid)
       and (${status}::text is null or v.status = ${status}::text
            or ${status}::text = 'checking' and v.phase = 'refunded' and v.why = 'DOUBT')
       and (${open}::boolean is null or v.is_open = ${open}::boolean)
       and (${late}::boolean is null or (v.late > 0) = ${late}::boolean)
       and (${supplier}::text is null or v.supplier = ${supplier}::text)
       and (${service}::text is null or v.service = ${service}::text)
       and (${country}::text is null or v.country = ${country}::text)
       and (${ending}::text is null or right(v.number, length(${ending}::text)) = ${ending}::text)
     order by v.id desc limit ${asked.limit}`)
}

const messageShape = z.object({
  sealed: z.string(),
  at: z.number(),
  code: z.boolean(),
  late: z.boolean(),
})
const fileRow = orderRow.extend({
  phase: z.string(),
  theirId: z.string().nullable(),
  boughtMs: z.number().nullable(),
  diesMs: z.number().nullable(),
  waitUntilMs: z.number(),
  messages: z.array(messageShape),
})
type DeskOrderFile = z.infer<typeof fileRow>

export async function numberFile(pool: Reader, orderId: string): Promise<DeskOrderFile | null> {
  return await pool.maybeOne(sql.type(fileRow)`
    select ${orderColumns}, v.phase, v.their_id as "theirId", v.messages,
           ${ms('bought_at')} as "boughtMs", ${ms('dies_at')} as "diesMs",
           ${ms('wait_until')} as "waitUntilMs"
      from number_view as v left join client on client.id = v.user_id
     where v.id = ${orderId}::uuid`)
}

const stepRow = z.object({
  what: z.string(),
  by: z.string(),
  details: z.record(z.string(), z.unknown()),
  atMs: z.number(),
})

/** Oldest first. Plan: number_activity_order. */
export async function numberTimeline(
  pool: Reader,
  { orderId, limit }: { readonly orderId: string; readonly limit: number },
): Promise<readonly z.infer<typeof stepRow>[]> {
  return await pool.any(sql.type(stepRow)`
    select v.what, v.by, v.details, ${ms('at')} as "atMs" from number_activity as v
     where v.order_id = ${orderId}::uuid order by v.seq, v.n limit ${limit}`)
}

const earnedRow = z.object({
  what: z.string(),
  selling: z.number().int(),
  base: z.number().int(),
  fee: z.number().int(),
  profit: z.number().int(),
  atMs: z.number(),
})

export async function numberEarnings(
  pool: Reader,
  orderId: string,
): Promise<readonly z.infer<typeof earnedRow>[]> {
  return await pool.any(sql.type(earnedRow)`
    select v.what, v.selling, v.base, v.fee, v.profit, ${ms('at')} as "atMs"
      from number_profit as v where v.order_id = ${orderId}::uuid order by v.seq`)
}

// -- figures -----------------------------------------------------------------------------------

const dayRow = z.object({
  day: z.string(),
  status: z.string(),
  orders: z.number().int(),
  codes: z.number().int(),
  refunds: z.number().int(),
  refunded: z.number().int(),
})

const jakarta = (column: string) =>
  sql.fragment`to_char(${sql.identifier(['v', column])} at time zone 'Asia/Jakarta', 'YYYY-MM-DD')`

/** Orders by the day on which they were placed. Plan: range scan of number_view_pkey. */
export async function ordersByDay(
  pool: Reader,
  fromMs: number,
): Promise<readonly z.infer<typeof dayRow>[]> {
  return await pool.any(sql.type(dayRow)`
    select ${jakarta('placed_at')} as day, v.status, count(*) as orders,
           sum(v.codes)::bigint as codes,
           count(*) filter (where v.money_effect = 'refunded') as refunds,
           coalesce(sum(v.price) filter (where v.money_effect = 'refunded'), 0)::bigint as refunded
      from number_view as v
     where v.id >= laju_id_at(${fromMs}::float8) group by 1, 2`)
}

const countRow = z.object({ n: z.number().int() })

export async function openNumbers(pool: Reader): Promise<number> {
  const { n } = await pool.one(sql.type(countRow)`
    select count(*) as n from number_view where is_open`)
  return n
}

const profitRow = z.object({
  key: z.string(),
  sold: z.number().int(),
  refunded: z.number().int(),
  lateCosts: z.number().int(),
  selling: z.number().int(),
  base: z.number().int(),
  fee: z.number().int(),
  profit: z.number().int(),
})
export type ProfitSum = z.infer<typeof profitRow>

const profitKeys = {
  day: jakarta('at'),
  service: sql.fragment`v.service`,
  country: sql.fragment`v.country`,
  supplier: sql.fragment`v.supplier`,
  operator: sql.fragment`v.operator`,
} as const

/** Most profit first, days in their order. Plan: range scan of number_profit_at. */
export async function sumProfit(
  pool: Reader,
  asked: { fromMs: number; toMs: number; by: keyof typeof profitKeys; limit: number },
): Promise<readonly ProfitSum[]> {
  const order = asked.by === 'day' ? sql.fragment`1` : sql.fragment`"profit" desc, 1`
  return await pool.any(sql.type(profitRow)`
    select ${profitKeys[asked.by]} as key,
           count(*) filter (where v.what = 'sold') as sold,
           count(*) filter (where v.what = 'refunded') as refunded,
           count(*) filter (where v.what = 'late_cost') as "lateCosts",
           sum(v.selling)::bigint as selling, sum(v.base)::bigint as base,
           sum(v.fee)::bigint as fee, sum(v.profit)::bigint as profit
      from number_profit as v
     where v.at >= ${moment(asked.fromMs)} and v.at < ${moment(asked.toMs)}
     group by 1 order by ${order} limit ${asked.limit}`)
}

const depositedRow = z.object({ day: z.string(), n: z.number().int(), amount: z.number().int() })
/** What is older when it is paid is counted nowhere here: deposits live for hours. */
const depositAgeMs = 7 * 86_400_000

/** What reached wallets through gateways, by its day. Plan: range of deposit_intent_pkey. */
export async function depositsByDay(
  pool: Reader,
  fromMs: number,
): Promise<readonly z.infer<typeof depositedRow>[]> {
  return await pool.any(sql.type(depositedRow)`
    select ${jakarta('paid_at')} as day, count(*) as n,
           coalesce(sum(v.received), 0)::bigint as amount
      from deposit_intent as v
     where v.id >= laju_id_at(${fromMs - depositAgeMs}::float8)
       and v.status = 'paid' and v.paid_at >= ${moment(fromMs)}
     group by 1`)
}

const weekRow = z.object({
  supplier: z.string(),
  orders: z.number().int(),
  bought: z.number().int(),
  codes: z.number().int(),
  errors: z.number().int(),
  codeP50: z.number().nullable(),
  codeP90: z.number().nullable(),
})

/**
 * How suppliers did with orders since then. Plan: range scan of number_view_pkey. What found no
 * number is no error of theirs; what they refused, or what nobody knows the end of, is.
 */
export async function supplierWeeks(
  pool: Reader,
  fromMs: number,
): Promise<readonly z.infer<typeof weekRow>[]> {
  return await pool.any(sql.type(weekRow)`
    select supplier, count(*) as orders, count(their_id) as bought,
           count(*) filter (where codes > 0) as codes,
           count(*) filter (where phase = 'parked' or why in ('SUPPLIER_REFUSED',
             'SUPPLIER_BALANCE', 'NOT_FOUND_AFTER_DOUBT', 'DOUBT')) as errors,
           percentile_cont(0.5) within group (order by code_s) as "codeP50",
           percentile_cont(0.9) within group (order by code_s) as "codeP90"
      from (
        select v.supplier, v.their_id, v.codes, v.phase, v.why,
               (select min((message->>'at')::float8)
                  from jsonb_array_elements(v.messages) as message
                 where (message->>'code')::boolean) / 1000
                 - extract(epoch from v.bought_at)::float8 as code_s
          from number_view as v where v.id >= laju_id_at(${fromMs}::float8)
      ) as rented
     group by supplier`)
}

const moneyRow = z.object({
  kind: z.enum(['sold', 'refunded', 'deposit']),
  id: z.string(),
  userId: z.string(),
  username: z.string().nullable(),
  amount: z.number().int(),
  with: z.string(),
  atMs: z.number(),
})
type MoneyRow = z.infer<typeof moneyRow>

type MoneyFilter = {
  readonly userId: string | null
  readonly kind: string | null
  readonly fromMs: number
  readonly toMs: number
  /** Where a page ended. */
  readonly before: { readonly atMs: number; readonly id: string } | null
  readonly limit: number
}

/**
 * What the line moved into and out of wallets: codes sold, refunds after them, deposits. Newest
 * first. Plan: range scans of number_profit_at and, some days earlier, of deposit_intent_pkey.
 */
export async function findMoney(pool: Reader, asked: MoneyFilter): Promise<readonly MoneyRow[]> {
  const { userId, kind, fromMs, toMs, before, limit } = asked
  return await pool.any(sql.type(moneyRow)`
    select v.kind, v.id, v.user_id as "userId", client.username, v.amount, v.with,
           ${ms('at')} as "atMs"
      from (
        select what as kind, order_id as id, user_id, abs(selling) as amount, supplier as with, at
          from number_profit
         where what in ('sold', 'refunded') and at >= ${moment(fromMs)} and at < ${moment(toMs)}
        union all
        select 'deposit', id, user_id, received, gateway, paid_at from deposit_intent
         where id >= laju_id_at(${fromMs - depositAgeMs}::float8) and status = 'paid'
           and paid_at >= ${moment(fromMs)} and paid_at < ${moment(toMs)}
      ) as v left join client on client.id = v.user_id
     where (${userId}::uuid is null or v.user_id = ${userId}::uuid)
       and (${kind}::text is null or v.kind = ${kind}::text)
       and (${before?.id ?? null}::uuid is null
            or (v.at, v.id) < (${moment(before?.atMs ?? null)}, ${before?.id ?? null}::uuid))
     order by v.at desc, v.id desc limit ${limit}`)
}
