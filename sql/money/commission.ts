/** Rules of commission, what each order earned for whom, and the trees of uplines. */

import type { CommonQueryMethods } from 'slonik'
import { type DatabasePool, moment, none, sql, z } from '../database.ts'

/** Nobody stands deeper: a bound for whoever goes up a tree, and for trees that went wrong. */
export const levelsMax = 256

const shareRow = z.object({ percent_bp: z.number().int(), fixed: z.number().int() })

const ruleRow = z.object({
  id: z.number(),
  version: z.number(),
  scope: z.enum(['product', 'category', 'default']),
  target: z.string(),
  levels: z.array(shareRow),
  beyond: z.enum(['none', 'last']),
  depth: z.number().int().nullable(),
  active: z.boolean(),
})
export type CommissionRule = z.infer<typeof ruleRow>

export async function readCommissionRules(
  db: CommonQueryMethods,
): Promise<readonly CommissionRule[]> {
  return await db.any(sql.type(ruleRow)`
    select id, version, scope, target, levels, beyond, depth, active from commission_rule`)
}

/** A default rule where there is none: one that exists stays as it is. */
export async function addCommissionRule(
  pool: DatabasePool,
  { levels }: Pick<CommissionRule, 'levels'>,
): Promise<void> {
  await pool.query(sql.type(none)`
    insert into commission_rule (scope, levels) values ('default', ${JSON.stringify(levels)}::jsonb)
    on conflict (scope, target) do nothing`)
}

const categoryRow = z.object({ code: z.string(), category: z.string() })

/** Only of products that are still in the catalogue. */
export async function categoriesOf(
  db: CommonQueryMethods,
  codes: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db.any(sql.type(categoryRow)`
    select code, category from product where code = any(${sql.array([...codes], 'text')})`)
  return new Map(rows.map(({ code, category }) => [code, category]))
}

const uplineRow = z.object({
  buyer: z.string(),
  level: z.number(),
  userId: z.string(),
  username: z.string(),
  closed: z.boolean(),
  /** Whoever stands here stands below already: the tree is a ring, and ends before this. */
  ring: z.boolean(),
})
export type UplineRow = z.infer<typeof uplineRow>

/** Everybody above each of the buyers, nearest first: one question, however many they are. */
export async function uplinesOf(
  db: CommonQueryMethods,
  { buyers, depth }: { buyers: readonly string[]; depth: number },
): Promise<readonly UplineRow[]> {
  return await db.any(sql.type(uplineRow)`
    with recursive above (buyer, level, id, below, ring) as (
      select id, 1, upline, array[id], upline = id
        from client where id = any(${sql.array([...buyers], 'uuid')}) and upline is not null
      union all
      select above.buyer, above.level + 1, client.upline, above.below || client.id,
             client.upline = any(above.below || client.id)
        from above join client on client.id = above.id
       where above.level < ${depth} and not above.ring and client.upline is not null
    )
    select buyer, above.level, above.id as "userId", username, status = 'closed' as closed, ring
      from above join client on client.id = above.id
     order by buyer, above.level`)
}

const lineRow = z.object({ key: z.string(), body: z.string() })

/** The first lines of actors, by their keys as Postgres has them: how orders were placed. */
export async function firstLines(
  db: CommonQueryMethods,
  { shard, keys }: { shard: number; keys: readonly string[] },
): Promise<readonly z.infer<typeof lineRow>[]> {
  return await db.any(sql.type(lineRow)`
    select distinct on (actor) actor::text as key, body
      from journal where shard = ${shard} and actor = any(${sql.array([...keys], 'int8')})
     order by actor, seq`)
}

export type NewEntry = {
  readonly shard: number
  readonly orderId: string
  readonly level: number
  readonly userId: string
  readonly buyerId: string
  readonly product: string
  readonly margin: number
  readonly amount: number
  readonly rule: object
  readonly at: number
}

export async function addEntries(
  db: CommonQueryMethods,
  entries: readonly NewEntry[],
): Promise<void> {
  await db.query(sql.type(none)`
    insert into commission_entry (shard, order_id, level, user_id, buyer_id, product, margin,
                                  amount, rule, created_at)
    select shard, "orderId", level, "userId", "buyerId", product, margin, amount, rule,
           to_timestamp(at::double precision / 1000)
      from json_to_recordset(${JSON.stringify(entries)}::json) as entry (
        shard smallint, "orderId" uuid, level smallint, "userId" uuid, "buyerId" uuid,
        product text, margin bigint, amount bigint, rule jsonb, at bigint)
    on conflict (shard, order_id, level) do nothing`)
}

/** What was paid for these orders, or still will be, is to be taken back. */
export async function refundEntries(
  db: CommonQueryMethods,
  orders: readonly { readonly shard: number; readonly id: string }[],
): Promise<void> {
  const rows = orders.map(({ shard, id }) => [shard, id])
  await db.query(sql.type(none)`
    update commission_entry as entry set refunded = true
      from ${sql.unnest(rows, ['int4', 'uuid'])} as back (shard, order_id)
     where entry.shard = back.shard and entry.order_id = back.order_id and not entry.refunded`)
}

const openRow = z.object({
  id: z.number(),
  orderId: z.string(),
  level: z.number(),
  userId: z.string(),
  amount: z.number(),
  state: z.enum(['due', 'paid']),
  product: z.string(),
  buyer: z.string().nullable(),
})
export type OpenEntry = z.infer<typeof openRow>

/** To be paid, or to be taken back: those after `after`, in the order in which they arose. */
export async function openEntries(
  pool: DatabasePool,
  { after, limit }: { after: number; limit: number },
): Promise<readonly OpenEntry[]> {
  return await pool.any(sql.type(openRow)`
    select entry.id, order_id as "orderId", entry.level, user_id as "userId", amount, state,
           product, client.username as buyer
      from commission_entry as entry left join client on client.id = entry.buyer_id
     where (state = 'due' or (state = 'paid' and refunded)) and entry.id > ${after}
     order by entry.id limit ${limit}`)
}

export type Settled = {
  readonly id: number
  readonly state: 'paid' | 'reversed'
  readonly kept: number
  readonly owed: number
}

/** What the journal has. Never backwards, whoever says it late. */
export async function noteSettled(
  pool: DatabasePool,
  { settled, at }: { settled: readonly Settled[]; at: number },
): Promise<void> {
  const rows = settled.map(({ id, state, kept, owed }) => [id, state, kept, owed])
  await pool.query(sql.type(none)`
    update commission_entry as entry
       set state = done.state, kept = done.kept, owed = done.owed,
           paid_at = coalesce(paid_at, ${moment(at)}),
           back_at = case when done.state = 'reversed'
                          then ${moment(at)} end
      from ${sql.unnest(rows, ['int8', 'text', 'int8', 'int8'])} as done (id, state, kept, owed)
     where entry.id = done.id
       and (entry.state = 'due' or (entry.state = 'paid' and done.state = 'reversed'))`)
}

const earnedRow = z.object({
  id: z.number(),
  orderId: z.string(),
  level: z.number(),
  buyer: z.string(),
  product: z.string(),
  amount: z.number(),
  state: z.enum(['due', 'paid', 'reversed']),
  kept: z.number(),
  owed: z.number(),
  createdAt: z.number(),
})
type EarnedRow = z.infer<typeof earnedRow>

/** Newest first. */
export async function earnedBy(
  pool: DatabasePool,
  { userId, before, limit }: { userId: string; before: number | null; limit: number },
): Promise<readonly EarnedRow[]> {
  return await pool.any(sql.type(earnedRow)`
    select entry.id, order_id as "orderId", entry.level, coalesce(client.username, '') as buyer,
           product, amount, state, kept, owed,
           floor(extract(epoch from entry.created_at) * 1000)::float8 as "createdAt"
      from commission_entry as entry left join client on client.id = entry.buyer_id
     where user_id = ${userId} and (${before}::bigint is null or entry.id < ${before})
     order by entry.id desc limit ${limit}`)
}

const debtRow = z.object({ debt: z.number() })

/** What is still owed of commissions that were taken back, as of the read model. */
export async function commissionDebt(
  pool: DatabasePool,
  { shard, account }: { shard: number; account: string },
): Promise<number> {
  const row = await pool.maybeOne(sql.type(debtRow)`
    select -balance as debt from account_view where shard = ${shard} and id = ${account}`)
  return row?.debt ?? 0
}

const soldRow = z.object({
  userId: z.string(),
  product: z.string(),
  category: z.string(),
  price: z.number(),
  cost: z.number().nullable(),
})

/** An order as the read model has it; its cost is null until it is delivered. */
export async function soldOrder(
  pool: DatabasePool,
  { shard, id }: { shard: number; id: string },
): Promise<z.infer<typeof soldRow> | null> {
  return await pool.maybeOne(sql.type(soldRow)`
    select user_id as "userId", order_view.product, coalesce(product.category, '') as category,
           price, cost
      from order_view left join product on product.code = order_view.product
     where order_view.shard = ${shard} and order_view.id = ${id}`)
}

/** False when there is no such client. A ring of uplines is refused by the database (LJ002). */
export async function setUpline(
  pool: DatabasePool,
  { userId, upline }: { userId: string; upline: string | null },
): Promise<boolean> {
  const { rowCount } = await pool.query(sql.type(none)`
    update client set upline = ${upline} where id = ${userId}`)
  return rowCount > 0
}
