/** Suppliers of rented numbers as rows; credentials are sealed. */

import { type DatabasePool, sql, z } from '../database.ts'

const supplierRow = z.object({
  code: z.string(),
  name: z.string(),
  kind: z.string(),
  baseUrl: z.string(),
  credentials: z.string(),
  unit: z.string(),
  active: z.boolean(),
  terms: z.record(z.string(), z.unknown()),
  version: z.number().int(),
  changedBy: z.string(),
  reason: z.string(),
  changedAt: z.number(),
})
export type NumberSupplierRecord = z.infer<typeof supplierRow>

export const numberSupplierTable = 'number_supplier'

export async function readNumberSuppliers(
  pool: Pick<DatabasePool, 'any'>,
): Promise<readonly NumberSupplierRecord[]> {
  return await pool.any(sql.type(supplierRow)`
    select code, name, kind, base_url as "baseUrl", credentials, unit, active, terms, version,
           changed_by as "changedBy", reason,
           (extract(epoch from changed_at) * 1000)::float8 as "changedAt"
      from number_supplier order by code limit 200`)
}

type NumberSupplierPut = Omit<NumberSupplierRecord, 'changedAt' | 'terms'> & {
  readonly terms: object
}

const versionRow = z.object({ version: z.number().int() })

/** A new one; null when the code is taken. */
export async function addNumberSupplier(
  pool: DatabasePool,
  wish: NumberSupplierPut,
): Promise<number | null> {
  const made = await pool.maybeOne(sql.type(versionRow)`
    insert into number_supplier
      (code, name, kind, base_url, credentials, unit, active, terms, changed_by, reason)
    values (${wish.code}, ${wish.name}, ${wish.kind}, ${wish.baseUrl}, ${wish.credentials},
            ${wish.unit}, ${wish.active}, ${JSON.stringify(wish.terms)}::jsonb, ${wish.changedBy},
            ${wish.reason})
    on conflict (code) do nothing
    returning version`)
  return made?.version ?? null
}

/** `version` is that which it was made of; null when it is another by now. */
export async function changeNumberSupplier(
  pool: DatabasePool,
  wish: NumberSupplierPut,
): Promise<number | null> {
  const made = await pool.maybeOne(sql.type(versionRow)`
    update number_supplier
       set name = ${wish.name}, base_url = ${wish.baseUrl}, credentials = ${wish.credentials},
           unit = ${wish.unit}, active = ${wish.active},
           terms = ${JSON.stringify(wish.terms)}::jsonb, changed_by = ${wish.changedBy},
           reason = ${wish.reason}, changed_at = now(), version = version + 1
     where code = ${wish.code} and version = ${wish.version} and kind = ${wish.kind}
    returning version`)
  return made?.version ?? null
}
