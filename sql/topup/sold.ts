/**
 * What was sold, as rows: how far the journal was followed, how much of each counted stock went
 * since its number was said, whose a serial number was, and what was overcharged.
 */

import type { CommonQueryMethods } from 'slonik'
import { blanked } from '../copy.ts'
import { type DatabasePool, none, sql, z } from '../database.ts'
import { type Place, positionsIn } from '../positions.ts'

// -- stock --------------------------------------------------------------------------------------

export type SoldPair = { readonly product: string; readonly supplier: string; readonly at: number }

/**
 * Adds each delivery to its count, if there is one and the number is older. The table is locked
 * whole: a price list that says numbers anew locks its rows in an order of its own.
 */
export async function addSold(tx: CommonQueryMethods, sold: readonly SoldPair[]): Promise<void> {
  const rows = sold.map(({ product, supplier, at }) => [product, supplier, at])
  await tx.query(sql.type(none)`lock table stock_count in share row exclusive mode`)
  await tx.query(sql.type(none)`
    update stock_count as stood set used = used + told.orders
      from (select product_code, supplier_code, count(*) as orders
              from ${sql.unnest(rows, ['text', 'text', 'float8'])} as sold (product, supplier, at)
              join stock_count on product_code = sold.product and supplier_code = sold.supplier
             where to_timestamp(sold.at / 1000) > since
             group by product_code, supplier_code) as told
     where stood.product_code = told.product_code and stood.supplier_code = told.supplier_code`)
}

/** The number is said anew, though it is the same. */
export async function sayStockAnew(
  tx: CommonQueryMethods,
  { supplier, products }: { supplier: string; products: readonly string[] },
): Promise<void> {
  if (products.length === 0) return
  await tx.query(sql.type(none)`
    update stock_count set since = clock_timestamp(), used = 0
     where supplier_code = ${supplier} and product_code = any(${sql.array([...products], 'text')})`)
}

/** The tables whose change makes what is known of stocks stale. */
export const stockTables: ReadonlySet<string> = new Set(['mapping', 'stock_count'])

const countedRow = z.object({
  product: z.string(),
  supplier: z.string(),
  stock: z.number().int(),
  used: z.number().int(),
  sinceMs: z.number(),
})
export type CountedRow = z.infer<typeof countedRow>

/** All counted stocks, and how far the journal was followed for them: one and the same moment. */
export async function readStocks(
  pool: DatabasePool,
): Promise<{ readonly rows: readonly CountedRow[]; readonly positions: readonly Place[] }> {
  return await pool.transaction(async snapshot => {
    await snapshot.query(sql.type(none)`
      set transaction isolation level repeatable read, read only`)
    const rows = await snapshot.any(sql.type(countedRow)`
      select product_code as product, supplier_code as supplier, stock, used,
             (extract(epoch from since) * 1000)::float8 as "sinceMs"
        from stock_count join mapping using (product_code, supplier_code)
       where stock is not null`)
    return {
      rows,
      positions: rows.length === 0 ? [] : await positionsIn(snapshot, 'sold_position'),
    }
  })
}

// -- serial numbers -----------------------------------------------------------------------------

export type SerialRow = {
  /** Of supplier and number, decimal. */
  readonly key: string
  readonly id: string
  readonly at: number
  readonly sn: string
  readonly supplier: string
  readonly product: string
}

/** What so many orders were delivered with is a word of the supplier's, and nobody's number. */
const sameMax = 20

/** Numbers that were surely never here. Products whose numbers may repeat are left out. */
export async function addSerials(
  tx: CommonQueryMethods,
  serials: readonly SerialRow[],
): Promise<void> {
  const rows = serials.map(({ key, id, at, product }) => [key, id, at, product])
  await tx.query(sql.type(none)`
    insert into serial (key, id, at)
    select key, id, to_timestamp(at / 1000)
      from ${sql.unnest(rows, ['int8', 'uuid', 'float8', 'text'])} as told (key, id, at, product)
     where product not in (select code from product where sn_repeats)`)
}

const foundRow = z.object({ id: z.string(), fresh: z.boolean() })
const commonRow = z.object({ key: z.string() })

/**
 * Numbers that may have been here. Keeps whose they are, and flags every order that was delivered
 * with the number of an earlier one. Who was earlier is a matter of time and id, not of who was
 * heard of first: told again, whole or in another order, it ends the same. Gives the orders that
 * were not flagged before, and the numbers of so many orders that they are nobody's.
 */
export async function keepSuspects(
  tx: CommonQueryMethods,
  serials: readonly SerialRow[],
): Promise<{ readonly flagged: readonly string[]; readonly common: readonly string[] }> {
  const rows = serials.map(({ key, id, at, sn, supplier, product }) => [
    ...[key, id, at, blanked(sn), supplier, product],
  ])
  const types = ['int8', 'uuid', 'float8', 'text', 'text', 'text']
  const told = sql.fragment`
    (select key, id, at, sn, supplier
       from ${sql.unnest(rows, types)} as told (key, id, at, sn, supplier, product)
      where product not in (select code from product where sn_repeats)) as told`
  const common = await tx.any(sql.type(commonRow)`
    with asked as materialized (
      select key, id, min(at) as at from ${told} group by key, id
    ), stood as materialized (
      select key, (select count(distinct serial.id) from serial
                    where serial.key = asked.key) as orders
        from (select distinct key from asked) as asked
    ), added as (
      insert into serial (key, id, at)
      select asked.key, asked.id, to_timestamp(asked.at / 1000) from asked join stood using (key)
       where orders < ${sameMax}
         and not exists (select from serial where serial.key = asked.key and serial.id = asked.id)
    )
    select key::text as key from stood where orders >= ${sameMax}`)
  const found = await tx.any(sql.type(foundRow)`
    with asked as materialized (
      select key, min(sn) as sn, min(supplier) as supplier from ${told} group by key
    ), ranked as (
      select known.id, asked.supplier, asked.sn,
             first_value(known.id) over same as first_id, row_number() over same as place
        from asked,
             lateral (select id, min(at) as at from serial
                       where serial.key = asked.key group by id) as known
      window same as (partition by asked.key order by known.at, known.id)
    )
    insert into duplicate_sn (id, first_id, supplier, sn)
    select distinct on (id) id, first_id, supplier, sn from ranked
     where place between 2 and ${sameMax} order by id, first_id
    on conflict (id) do update set first_id = excluded.first_id
     where duplicate_sn.closed_at is null and duplicate_sn.first_id <> excluded.first_id
    returning id, (xmax = 0) as fresh`)
  return {
    flagged: found.filter(({ fresh }) => fresh).map(({ id }) => id),
    common: common.map(({ key }) => key),
  }
}

const keyPage = z.object({ ctid: z.string(), key: z.string() })

/** Keys by their place in the table, a page at a time; an empty `after` is the beginning. */
export async function serialKeys(
  db: CommonQueryMethods,
  { after, limit }: { after: string; limit: number },
): Promise<readonly z.infer<typeof keyPage>[]> {
  const behind = after === '' ? sql.fragment`true` : sql.fragment`ctid > ${after}::tid`
  return await db.any(sql.type(keyPage)`
    select ctid::text as ctid, key::text as key from serial
     where ${behind} order by ctid limit ${limit}`)
}

export type Closing = { readonly id: string; readonly by: string; readonly reason: string }

/** Those that are open; says which they were. */
export async function closeDuplicates(
  db: CommonQueryMethods,
  closings: readonly Closing[],
): Promise<readonly string[]> {
  const rows = closings.map(({ id, by, reason }) => [id, blanked(by), blanked(reason)])
  const closed = await db.any(sql.type(idRow)`
    update duplicate_sn set closed_at = now(), closed_by = told.by, reason = told.reason
      from ${sql.unnest(rows, ['uuid', 'text', 'text'])} as told (id, by, reason)
     where duplicate_sn.id = told.id and closed_at is null
    returning duplicate_sn.id`)
  return closed.map(({ id }) => id)
}

// -- overcharges --------------------------------------------------------------------------------

const overcharge = z.object({
  id: z.string(),
  supplier: z.string(),
  agreed: z.number(),
  charged: z.number(),
})
export type Overcharge = z.infer<typeof overcharge>

/** Gives those that were not known. */
export async function addOvercharges(
  tx: CommonQueryMethods,
  overcharges: readonly Overcharge[],
): Promise<readonly Overcharge[]> {
  const rows = overcharges.map(({ id, supplier, agreed, charged }) => [
    ...[id, supplier, agreed, charged],
  ])
  return await tx.any(sql.type(overcharge)`
    insert into overcharge (id, supplier, agreed, charged)
    select * from ${sql.unnest(rows, ['uuid', 'text', 'int8', 'int8'])} as told
    on conflict (id) do nothing
    returning id, supplier, agreed, charged`)
}

/** False when there is none that is open. */
export async function closeOvercharge(
  db: CommonQueryMethods,
  { id, by, reason }: Closing,
): Promise<boolean> {
  const { rowCount } = await db.query(sql.type(none)`
    update overcharge set closed_at = now(), closed_by = ${blanked(by)},
                          reason = ${blanked(reason)}
     where id = ${id} and closed_at is null`)
  return rowCount > 0
}

// -- the journal --------------------------------------------------------------------------------

const idRow = z.object({ id: z.string() })
const lineRow = z.object({ id: z.string(), body: z.string() })

/** All lines of these actors, each in its order; keys as decimals. */
export async function linesOf(
  db: CommonQueryMethods,
  { shard, keys }: { shard: number; keys: readonly string[] },
): Promise<readonly { readonly id: string; readonly body: string }[]> {
  return await db.any(sql.type(lineRow)`
    select actor::text as id, body from journal
     where shard = ${shard} and actor = any(${sql.array([...keys], 'int8')})
     order by actor, seq`)
}
