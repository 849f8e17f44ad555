/**
 * The catalogue's rows: what is sold, who supplies it, what it costs and what we ask for it. Read
 * whole and in one snapshot, because a price list half of yesterday is worse than one of yesterday.
 */

import type { CommonQueryMethods } from 'slonik'
import { type DatabasePool, sql, z } from '../database.ts'

const productRow = z.object({
  code: z.string(),
  name: z.string(),
  category: z.string(),
  brand: z.string(),
  type: z.enum(['prepaid', 'postpaid']),
  destinationKind: z.enum(['phone', 'meter', 'account']),
  active: z.boolean(),
  cutOffStart: z.string().nullable(),
  cutOffEnd: z.string().nullable(),
  timeZone: z.enum(['WIB', 'WITA', 'WIT']),
  multi: z.boolean(),
  twinMinutes: z.number().int(),
  pendingLimitS: z.number().int(),
  /** Of a bill: the fee that price lists show. */
  adminFee: z.number().int().optional(),
  mayLose: z.boolean(),
})
export type ProductRecord = z.infer<typeof productRow>

const mappingRow = z.object({
  productCode: z.string(),
  supplierCode: z.string(),
  sku: z.string(),
  cost: z.number().int(),
  priority: z.number().int(),
  active: z.boolean(),
  /** The supplier's word; `active` is ours. */
  supplied: z.boolean(),
  /** Null: unlimited. */
  stock: z.number().int().nullable(),
  cutOffStart: z.string().nullable(),
  cutOffEnd: z.string().nullable(),
})
export type MappingRecord = z.infer<typeof mappingRow>

/** Applies to costs up to and including `up_to`; null: to all others. */
const tier = z.object({
  up_to: z.number().int().nullable(),
  percent_bp: z.number().int(),
  fixed: z.number().int(),
})
export type PriceTier = z.infer<typeof tier>

const priceRuleRow = z.object({
  /** Empty: for everybody of the level. */
  userId: z.string(),
  level: z.number().int(),
  scope: z.enum(['product', 'brand', 'category', 'default']),
  target: z.string(),
  percentBp: z.number().int(),
  fixed: z.number().int(),
  tiers: z.array(tier).nullable(),
})
export type PriceRuleRecord = z.infer<typeof priceRuleRow>

/** `validFromMs` absent: since ever. */
const prefixRow = z.object({
  prefix: z.string(),
  brand: z.string(),
  validFromMs: z.number().optional(),
})
type PrefixRecord = z.infer<typeof prefixRow>

const standingRow = z.object({ code: z.string(), active: z.boolean() })

const supplierRow = z.object({
  code: z.string(),
  name: z.string(),
  adapter: z.string(),
  baseUrl: z.string(),
  credentials: z.string(),
  timeoutMs: z.number().int(),
  maxInFlight: z.number().int(),
  recheckAfterMs: z.number().int(),
  active: z.boolean(),
  callbackIps: z.string().optional(),
  /** Null: no limit. */
  ratePerMin: z.number().int().nullable().optional(),
  accountSinceMs: z.number().nullable().optional(),
})
/** `credentials` is sealed; `callbackIps` are addresses and nets with spaces between them. */
export type SupplierRecord = z.infer<typeof supplierRow>

/** All that pricing and routing depend on. */
export type CatalogueRows = {
  readonly products: readonly ProductRecord[]
  readonly suppliers: readonly { readonly code: string; readonly active: boolean }[]
  readonly mappings: readonly MappingRecord[]
  readonly rules: readonly PriceRuleRecord[]
  readonly prefixes: readonly PrefixRecord[]
  /** Names of brands and categories that are closed as a whole. */
  readonly closedBrands?: readonly string[]
  readonly closedCategories?: readonly string[]
}

const nameRow = z.object({ name: z.string() })
const namesOf = (rows: readonly { readonly name: string }[]) => rows.map(({ name }) => name)

/** The tables whose change makes a compiled catalogue stale. */
export const catalogueTables: ReadonlySet<string> = new Set([
  'product',
  'brand',
  'category',
  'supplier',
  'mapping',
  'price_rule',
  'operator_prefix',
])

export async function readCatalogue(pool: DatabasePool): Promise<CatalogueRows> {
  return await pool.transaction(async snapshot => {
    await snapshot.query(sql.type(z.object({}))`
      set transaction isolation level repeatable read, read only`)
    return {
      products: await snapshot.any(sql.type(productRow)`
        select code, name, category, brand, type, destination_kind as "destinationKind", active,
               cut_off_start as "cutOffStart", cut_off_end as "cutOffEnd",
               time_zone as "timeZone", multi, twin_minutes as "twinMinutes",
               pending_limit_s as "pendingLimitS", may_lose as "mayLose",
               admin_fee as "adminFee"
          from product order by code`),
      suppliers: await snapshot.any(sql.type(standingRow)`
        select code, active from supplier order by code`),
      mappings: await snapshot.any(sql.type(mappingRow)`
        select product_code as "productCode", supplier_code as "supplierCode", sku, cost, priority,
               active, supplied, stock, cut_off_start as "cutOffStart", cut_off_end as "cutOffEnd"
          from mapping order by product_code, supplier_code`),
      rules: await snapshot.any(sql.type(priceRuleRow)`
        select user_id as "userId", level, scope, target, percent_bp as "percentBp", fixed, tiers
          from price_rule`),
      prefixes: await snapshot.any(sql.type(prefixRow)`
        select prefix, brand, extract(epoch from valid_from)::float8 * 1000 as "validFromMs"
          from operator_prefix order by prefix, valid_from`),
      closedBrands: namesOf(
        await snapshot.any(sql.type(nameRow)`select name from brand where not active`),
      ),
      closedCategories: namesOf(
        await snapshot.any(sql.type(nameRow)`select name from category where not active`),
      ),
    }
  })
}

export async function readSuppliers(pool: DatabasePool): Promise<readonly SupplierRecord[]> {
  return await pool.any(sql.type(supplierRow)`
    select code, name, adapter, base_url as "baseUrl", credentials, timeout_ms as "timeoutMs",
           max_in_flight as "maxInFlight", recheck_after_ms as "recheckAfterMs", active,
           callback_ips as "callbackIps", rate_per_min as "ratePerMin",
           extract(epoch from account_since)::float8 * 1000 as "accountSinceMs"
      from supplier order by code`)
}

/** Adds what is missing and leaves alone what is there: an owner's edits survive a restart. */
export async function addCatalogue(
  pool: DatabasePool,
  rows: Omit<CatalogueRows, 'suppliers'> & { readonly suppliers: readonly SupplierRecord[] },
): Promise<void> {
  const { products, suppliers, mappings, rules, prefixes } = rows
  const brands = [...new Set(products.map(({ brand }) => brand))].filter(name => name !== '')
  const categories = [...new Set(products.map(({ category }) => category))]
  await pool.transaction(async write => {
    await write.query(sql.type(z.object({}))`
      insert into brand (name) select * from ${sql.unnest(
        brands.map(name => [name]),
        ['text'],
      )}
      on conflict do nothing`)
    await write.query(sql.type(z.object({}))`
      insert into category (name)
      select * from ${sql.unnest(
        categories.map(name => [name]),
        ['text'],
      )}
      on conflict do nothing`)
    await write.query(sql.type(z.object({}))`
      insert into product (code, name, category, brand, type, destination_kind, active,
                           cut_off_start, cut_off_end, time_zone, multi, twin_minutes,
                           pending_limit_s, may_lose, admin_fee)
      select code, name, category, brand, type, "destinationKind", active,
             "cutOffStart", "cutOffEnd", "timeZone", multi, "twinMinutes", "pendingLimitS",
             "mayLose", coalesce("adminFee", 0)
        from json_to_recordset(${JSON.stringify(products)}::json) as entry (
          code text, name text, category text, brand text, type text, "destinationKind" text,
          active boolean, "cutOffStart" text, "cutOffEnd" text, "timeZone" text, multi boolean,
          "twinMinutes" smallint, "pendingLimitS" integer, "mayLose" boolean,
          "adminFee" bigint)
      on conflict do nothing`)
    await write.query(sql.type(z.object({}))`
      insert into supplier (code, name, adapter, base_url, credentials, timeout_ms, max_in_flight,
                            recheck_after_ms, active)
      select code, name, adapter, "baseUrl", credentials, "timeoutMs", "maxInFlight",
             "recheckAfterMs", active
        from json_to_recordset(${JSON.stringify(suppliers)}::json) as entry (
          code text, name text, adapter text, "baseUrl" text, credentials text,
          "timeoutMs" integer, "maxInFlight" integer, "recheckAfterMs" integer, active boolean)
      on conflict do nothing`)
    await write.query(sql.type(z.object({}))`
      insert into mapping (product_code, supplier_code, sku, cost, priority, active, supplied,
                           stock, cut_off_start, cut_off_end)
      select "productCode", "supplierCode", sku, cost, priority, active, supplied,
             stock, "cutOffStart", "cutOffEnd"
        from json_to_recordset(${JSON.stringify(mappings)}::json) as entry (
          "productCode" text, "supplierCode" text, sku text, cost bigint, priority smallint,
          active boolean, supplied boolean, stock bigint, "cutOffStart" text, "cutOffEnd" text)
      on conflict do nothing`)
    await write.query(sql.type(z.object({}))`
      insert into price_rule (user_id, level, scope, target, percent_bp, fixed, tiers)
      select "userId", level, scope, target, "percentBp", fixed, tiers
        from json_to_recordset(${JSON.stringify(rules)}::json) as entry (
          "userId" text, level smallint, scope text, target text, "percentBp" integer,
          fixed bigint, tiers jsonb)
      on conflict do nothing`)
    await write.query(sql.type(z.object({}))`
      insert into operator_prefix (prefix, brand)
      select prefix, brand
        from json_to_recordset(${JSON.stringify(prefixes)}::json) as entry (
          prefix text, brand text)
      on conflict do nothing`)
  })
}

/** Points a supplier elsewhere; says nothing (and triggers nothing) when it is there already. */
export async function moveSupplier(
  pool: DatabasePool,
  { code, baseUrl }: { code: string; baseUrl: string },
): Promise<void> {
  await pool.query(sql.type(z.object({}))`
    update supplier set base_url = ${baseUrl} where code = ${code} and base_url <> ${baseUrl}`)
}

/** With the credentials sealed anew: after a rotation, or when the old master key is lost. */
export async function replaceCredentials(
  pool: DatabasePool,
  { code, credentials }: { code: string; credentials: string },
): Promise<void> {
  await pool.transaction(async tx => {
    await sayAccount(tx, { isSame: true })
    await tx.query(sql.type(z.object({}))`
      update supplier set credentials = ${credentials} where code = ${code}`)
  })
}

/** Of the credentials that are written next in this transaction. */
export async function sayAccount(
  tx: CommonQueryMethods,
  { isSame }: { isSame: boolean },
): Promise<void> {
  await tx.query(sql.type(z.object({}))`
    select set_config('laju.same_account', ${isSame ? 'yes' : 'no'}, true)`)
}

/** Sealed, of a row that is locked. */
export async function credentialsOf(tx: CommonQueryMethods, code: string): Promise<string | null> {
  return await tx.maybeOneFirst(sql.type(z.object({ credentials: z.string() }))`
    select credentials from supplier where code = ${code}`)
}
