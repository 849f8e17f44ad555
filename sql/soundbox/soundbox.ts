/**
 * Merchants with their outlets, terminals and fee plans, and bank holidays. Whoever writes signs
 * with a name (`asWriter` in catalogue-admin.ts), which the history keeps with the change.
 */

import type { CommonQueryMethods } from 'slonik'
import { moment, none, sql, z } from '../database.ts'

type Db = CommonQueryMethods

const merchantStatus = z.enum(['pending', 'approved', 'rejected', 'suspended'])
const ms = (column: string) =>
  sql.fragment`(extract(epoch from ${sql.identifier([column])}) * 1000)::double precision`

const merchantRow = z.object({
  id: z.string(),
  name: z.string(),
  qrName: z.string(),
  city: z.string(),
  postalCode: z.string(),
  mcc: z.string(),
  criteria: z.string(),
  nmid: z.string(),
  email: z.string(),
  phone: z.string(),
  status: merchantStatus,
  statusReason: z.string(),
  settleDays: z.number(),
  bankCode: z.string(),
  accountName: z.string(),
  accountNumber: z.string().nullable(),
  accountHint: z.string(),
  template: z.string(),
  lang: z.string(),
  version: z.number(),
  createdBy: z.string(),
  createdMs: z.number(),
  updatedMs: z.number(),
})
export type MerchantRow = z.infer<typeof merchantRow>
type MerchantFields = Omit<
  MerchantRow,
  'id' | 'status' | 'statusReason' | 'version' | 'createdBy' | 'createdMs' | 'updatedMs'
>

const merchantColumns = sql.fragment`
  id, name, qr_name as "qrName", city, postal_code as "postalCode", mcc, criteria, nmid, email,
  phone, status, status_reason as "statusReason", settle_days as "settleDays",
  bank_code as "bankCode", account_name as "accountName", account_number as "accountNumber",
  account_hint as "accountHint", template, lang, version, created_by as "createdBy",
  ${ms('created_at')} as "createdMs", ${ms('updated_at')} as "updatedMs"`

const outletRow = z.object({
  id: z.string(),
  merchantId: z.string(),
  name: z.string(),
  address: z.string(),
  city: z.string(),
  active: z.boolean(),
  version: z.number(),
  createdMs: z.number(),
})
export type OutletRow = z.infer<typeof outletRow>

const outletColumns = sql.fragment`
  id, merchant_id as "merchantId", name, address, city, active, version,
  ${ms('created_at')} as "createdMs"`

const terminalRow = z.object({
  id: z.string(),
  merchantId: z.string(),
  outletId: z.string(),
  label: z.string(),
  kind: z.enum(['static', 'dynamic']),
  tid: z.string(),
  active: z.boolean(),
  version: z.number(),
  createdMs: z.number(),
})
export type TerminalRow = z.infer<typeof terminalRow>

const terminalColumns = sql.fragment`
  id, merchant_id as "merchantId", outlet_id as "outletId", label, kind, tid, active, version,
  ${ms('created_at')} as "createdMs"`

const feePlanRow = z.object({
  id: z.number(),
  merchantId: z.string().nullable(),
  effectiveMs: z.number(),
  plan: z.unknown(),
  createdBy: z.string(),
  createdMs: z.number(),
})
export type FeePlanRow = z.infer<typeof feePlanRow>

const feePlanColumns = sql.fragment`
  id, merchant_id as "merchantId", ${ms('effective_from')} as "effectiveMs", plan,
  created_by as "createdBy", ${ms('created_at')} as "createdMs"`

const formerNmidRow = z.object({
  merchantId: z.string(),
  nmid: z.string(),
  fromMs: z.number(),
  untilMs: z.number(),
})
export type FormerNmidRow = z.infer<typeof formerNmidRow>

export const registryTable = 'soundbox'

export type RegistryRows = {
  readonly merchants: readonly MerchantRow[]
  readonly outlets: readonly OutletRow[]
  readonly terminals: readonly TerminalRow[]
  readonly plans: readonly FeePlanRow[]
  readonly formerNmids: readonly FormerNmidRow[]
}

/** Everything of these merchants, or the next ones after an id. */
export async function readMerchants(
  db: Db,
  which: { readonly ids: readonly string[] } | { readonly after: string; readonly limit: number },
): Promise<RegistryRows> {
  const merchants =
    'ids' in which
      ? await db.any(sql.type(merchantRow)`
          select ${merchantColumns} from merchant
           where id = any(${sql.array([...which.ids], 'uuid')})`)
      : await db.any(sql.type(merchantRow)`
          select ${merchantColumns} from merchant
           where id > ${which.after}::uuid order by id limit ${which.limit}`)
  const ids = sql.array(
    merchants.map(({ id }) => id),
    'uuid',
  )
  const outlets = await db.any(sql.type(outletRow)`
    select ${outletColumns} from outlet where merchant_id = any(${ids}) order by id`)
  const terminals = await db.any(sql.type(terminalRow)`
    select ${terminalColumns} from terminal where merchant_id = any(${ids}) order by id`)
  const plans = await db.any(sql.type(feePlanRow)`
    select ${feePlanColumns} from fee_plan where merchant_id = any(${ids}) order by id`)
  const formerNmids = await db.any(sql.type(formerNmidRow)`
    select merchant_id as "merchantId", nmid, ${ms('from_at')} as "fromMs",
           ${ms('until_at')} as "untilMs"
      from merchant_nmid where merchant_id = any(${ids}) order by id`)
  return { merchants, outlets, terminals, plans, formerNmids }
}

/** Fee plans of whoever has none of his own. */
export async function readHousePlans(db: Db): Promise<readonly FeePlanRow[]> {
  return await db.any(sql.type(feePlanRow)`
    select ${feePlanColumns} from fee_plan where merchant_id is null order by id`)
}

const holidayRow = z.object({ day: z.string(), name: z.string() })
export type HolidayRow = z.infer<typeof holidayRow>

export async function readHolidays(db: Db): Promise<readonly HolidayRow[]> {
  return await db.any(sql.type(holidayRow)`
    select day::text as day, name from bank_holiday order by day limit 10000`)
}

export async function putHoliday(db: Db, { day, name }: HolidayRow): Promise<void> {
  await db.query(sql.type(none)`
    insert into bank_holiday (day, name) values (${day}::date, ${name})
    on conflict (day) do update set name = excluded.name`)
}

/** False when there was none. */
export async function removeHoliday(db: Db, day: string): Promise<boolean> {
  const { rowCount } = await db.query(sql.type(none)`
    delete from bank_holiday where day = ${day}::date`)
  return rowCount > 0
}

// -- merchants ---------------------------------------------------------------------------------

/** Null when the NMID is somebody else's; breaks when it was (migration 0064). */
export async function addMerchant(
  db: Db,
  { id, by, ...row }: MerchantFields & { readonly id: string; readonly by: string },
): Promise<MerchantRow | null> {
  return await db.maybeOne(sql.type(merchantRow)`
    insert into merchant (id, name, qr_name, city, postal_code, mcc, criteria, nmid, email, phone,
      settle_days, bank_code, account_name, account_number, account_hint, template, lang,
      created_by)
    values (${id}, ${row.name}, ${row.qrName}, ${row.city}, ${row.postalCode}, ${row.mcc},
      ${row.criteria}, ${row.nmid}, ${row.email}, ${row.phone}, ${row.settleDays},
      ${row.bankCode}, ${row.accountName}, ${row.accountNumber}, ${row.accountHint},
      ${row.template}, ${row.lang}, ${by})
    on conflict (nmid) do nothing
    returning ${merchantColumns}`)
}

type MerchantFilter = {
  readonly status: MerchantRow['status'] | null
  readonly q: string | null
  /** An id: only who is older. */
  readonly before: string | null
  readonly limit: number
}

/** Newest first. Plan: backward scan of merchant_pkey. */
export async function listMerchants(
  db: Db,
  { status, q, before, limit }: MerchantFilter,
): Promise<readonly MerchantRow[]> {
  return await db.any(sql.type(merchantRow)`
    select ${merchantColumns} from merchant
     where (${before}::uuid is null or id < ${before}::uuid)
       and (${status}::text is null or status = ${status}::text)
       and (${q}::text is null or position(lower(${q}::text) in lower(name)) > 0
            or position(lower(${q}::text) in lower(nmid)) > 0
            or exists (select from merchant_nmid former where former.merchant_id = merchant.id
                          and position(lower(${q}::text) in lower(former.nmid)) > 0))
     order by id desc limit ${limit}`)
}

/** What the request made, now or before (migration 0062). */
export async function noteMade(
  tx: Db,
  { request, made }: { readonly request: string; readonly made: string },
): Promise<string> {
  const row = await tx.one(sql.type(z.object({ made: z.string() }))`
    insert into soundbox_made (request, made) values (${request}::uuid, ${made}::uuid)
    on conflict (request) do update set request = excluded.request
    returning made`)
  return row.made
}

/** Locked until the write ends. */
export async function lockMerchant(tx: Db, id: string): Promise<MerchantRow | null> {
  return await tx.maybeOne(sql.type(merchantRow)`
    select ${merchantColumns} from merchant where id = ${id}::uuid for update`)
}

export async function changeMerchant(
  tx: Db,
  { id, ...row }: MerchantFields & { readonly id: string },
): Promise<void> {
  await tx.query(sql.type(none)`
    update merchant set name = ${row.name}, qr_name = ${row.qrName}, city = ${row.city},
      postal_code = ${row.postalCode}, mcc = ${row.mcc}, criteria = ${row.criteria},
      nmid = ${row.nmid}, email = ${row.email}, phone = ${row.phone},
      settle_days = ${row.settleDays}, bank_code = ${row.bankCode},
      account_name = ${row.accountName}, account_number = ${row.accountNumber},
      account_hint = ${row.accountHint}, template = ${row.template}, lang = ${row.lang},
      updated_at = now()
     where id = ${id}::uuid`)
}

/** False when the merchant never had it. Whoever holds a copy of the merchant hears of it. */
export async function releaseNmid(
  tx: Db,
  { id, nmid }: { readonly id: string; readonly nmid: string },
): Promise<boolean> {
  const { rowCount } = await tx.query(sql.type(none)`
    delete from merchant_nmid where merchant_id = ${id}::uuid and nmid = ${nmid}`)
  await tx.query(sql.type(none)`
    update merchant set updated_at = now() where id = ${id}::uuid`)
  return rowCount > 0
}

export async function setMerchantStatus(
  tx: Db,
  to: { readonly id: string; readonly status: MerchantRow['status']; readonly reason: string },
): Promise<void> {
  await tx.query(sql.type(none)`
    update merchant set status = ${to.status}, status_reason = ${to.reason}, updated_at = now()
     where id = ${to.id}::uuid`)
}

// -- outlets and terminals ---------------------------------------------------------------------

export async function addOutlet(
  tx: Db,
  row: Omit<OutletRow, 'active' | 'version' | 'createdMs'> & { readonly by: string },
): Promise<void> {
  await tx.query(sql.type(none)`
    insert into outlet (id, merchant_id, name, address, city, created_by)
    values (${row.id}, ${row.merchantId}, ${row.name}, ${row.address}, ${row.city}, ${row.by})`)
}

export async function changeOutlet(
  tx: Db,
  row: Pick<OutletRow, 'id' | 'name' | 'address' | 'city' | 'active'>,
): Promise<void> {
  await tx.query(sql.type(none)`
    update outlet set name = ${row.name}, address = ${row.address}, city = ${row.city},
      active = ${row.active}
     where id = ${row.id}::uuid`)
}

/** False when the merchant has a terminal of that name. */
export async function addTerminal(
  tx: Db,
  row: Omit<TerminalRow, 'active' | 'version' | 'createdMs'> & { readonly by: string },
): Promise<boolean> {
  const { rowCount } = await tx.query(sql.type(none)`
    insert into terminal (id, merchant_id, outlet_id, label, kind, tid, created_by)
    values (${row.id}, ${row.merchantId}, ${row.outletId}, ${row.label}, ${row.kind}, ${row.tid},
      ${row.by})
    on conflict (merchant_id, tid) do nothing`)
  return rowCount > 0
}

export async function changeTerminal(
  tx: Db,
  row: Pick<TerminalRow, 'id' | 'label' | 'active'>,
): Promise<void> {
  await tx.query(sql.type(none)`
    update terminal set label = ${row.label}, active = ${row.active}
     where id = ${row.id}::uuid`)
}

export async function addFeePlan(
  tx: Db,
  row: {
    readonly merchantId: string | null
    readonly effectiveMs: number
    readonly plan: unknown
    readonly by: string
  },
): Promise<void> {
  await tx.query(sql.type(none)`
    insert into fee_plan (merchant_id, effective_from, plan, created_by)
    values (${row.merchantId}::uuid, ${moment(row.effectiveMs)},
      ${JSON.stringify(row.plan)}::jsonb, ${row.by})`)
}

const historyRow = z.object({
  id: z.number(),
  atMs: z.number(),
  who: z.string(),
  entity: z.string(),
  key: z.string(),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
})
type RegistryChangeRow = z.infer<typeof historyRow>

/** What became of one merchant, outlet, terminal or plan; newest first. */
export async function readHistory(
  db: Db,
  asked: { readonly entity: string; readonly key: string; readonly limit: number },
): Promise<readonly RegistryChangeRow[]> {
  return await db.any(sql.type(historyRow)`
    select id, ${ms('at')} as "atMs", who, entity, key, before, after from soundbox_history
     where entity = ${asked.entity} and key = ${asked.key} order by id desc limit ${asked.limit}`)
}
