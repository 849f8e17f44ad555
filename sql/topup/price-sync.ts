/** What asking suppliers for their price lists found, as rows; and the mappings it is about. */

import { lockPriceSync } from '../advisory-locks.ts'
import { sql, z } from '../database.ts'
import type { Tx } from './catalogue-admin.ts'

const outcome = z.enum(
  'asked unchanged applied proposed accepted rejected superseded failed'.split(' ') as [
    string,
    ...string[],
  ],
)

const syncShape = z.object({
  id: z.number().int(),
  supplier: z.string(),
  askedAt: z.number(),
  askedBy: z.string(),
  outcome,
  reason: z.string().nullable(),
  counts: z.record(z.string(), z.number()),
  changes: z.array(z.record(z.string(), z.unknown())),
  changesTotal: z.number().int(),
  decidedBy: z.string().nullable(),
  decidedAt: z.number().nullable(),
})
export type SyncRow = z.infer<typeof syncShape>

/** Long lists of changes are shown from their beginning. */
const shownMax = 200
const nothing = z.object({})
const idShape = z.object({ id: z.number().int() })

/**
 * The right to ask, written down before anybody asks; null when the last asking is not `pauseMs`
 * ago. Whoever comes at the same moment waits for the row of the supplier, and then finds ours.
 */
export async function claimAsking(
  tx: Tx,
  asking: { readonly supplier: string; readonly by: string; readonly pauseMs: number },
): Promise<number | null> {
  const { supplier, by, pauseMs } = asking
  await tx.query(lockPriceSync(supplier))
  const made = await tx.maybeOne(sql.type(idShape)`
    insert into price_sync (supplier_code, asked_by)
    select ${supplier}, ${by}
     where not exists (
       select 1 from price_sync where supplier_code = ${supplier}
          and asked_at > now() - make_interval(secs => ${pauseMs / 1000}))
    returning id`)
  return made?.id ?? null
}

export async function endAsking(
  tx: Tx,
  ending: {
    readonly id: number
    readonly outcome: string
    readonly reason: string | null
    readonly counts: unknown
    readonly changes: unknown
  },
): Promise<void> {
  await tx.query(sql.type(nothing)`
    update price_sync set outcome = ${ending.outcome}, reason = ${ending.reason},
           counts = ${JSON.stringify(ending.counts)}::jsonb,
           changes = ${JSON.stringify(ending.changes)}::jsonb
     where id = ${ending.id}`)
}

/** Proposals that a newer list makes old. */
export async function supersedeProposals(
  tx: Tx,
  { supplier, before }: { supplier: string; before: number },
): Promise<void> {
  await tx.query(sql.type(nothing)`
    update price_sync set outcome = 'superseded'
     where supplier_code = ${supplier} and id < ${before} and outcome = 'proposed'`)
}

const mappingShape = z.object({
  productCode: z.string(),
  sku: z.string(),
  cost: z.number().int(),
  stock: z.number().int().nullable(),
  supplied: z.boolean(),
})

/** Locked until the write ends. Bills have no price in a list: what they cost, the inquiry says. */
export async function lockMappings(tx: Tx, supplier: string) {
  return await tx.any(sql.type(mappingShape)`
    select product_code as "productCode", sku, cost, stock, supplied from mapping
     where supplier_code = ${supplier}
       and product_code not in (select code from product where type = 'postpaid')
     order by product_code for update`)
}

const skuShape = z.object({ sku: z.string() })

export async function skusOf(db: Tx, supplier: string): Promise<readonly string[]> {
  const rows = await db.any(sql.type(skuShape)`
    select sku from mapping where supplier_code = ${supplier}
       and product_code not in (select code from product where type = 'postpaid')`)
  return rows.map(({ sku }) => sku)
}

/** Only where it still is as it was; says how many that were. */
export async function applyTerms(tx: Tx, supplier: string, changes: unknown): Promise<number> {
  const { rowCount } = await tx.query(sql.type(nothing)`
    update mapping set cost = (change.after ->> 'cost')::bigint,
           stock = (change.after ->> 'stock')::bigint,
           supplied = (change.after ->> 'supplied')::boolean
      from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb)
        as change (product text, before jsonb, after jsonb)
     where supplier_code = ${supplier} and product_code = change.product
       and jsonb_build_object('cost', cost, 'stock', stock, 'supplied', supplied) = change.before`)
  return rowCount
}

const shown = (changesMax: number) => sql.fragment`
  id, supplier_code as supplier, floor(extract(epoch from asked_at) * 1000)::float8 as "askedAt",
  asked_by as "askedBy", outcome, reason, counts,
  jsonb_path_query_array(changes, ${`$[0 to ${Math.max(0, changesMax - 1)}]`}::jsonpath) as changes,
  jsonb_array_length(changes) as "changesTotal", decided_by as "decidedBy",
  floor(extract(epoch from decided_at) * 1000)::float8 as "decidedAt"`

/** Newest first; of each only how much it would change. */
export async function readSyncs(
  db: Tx,
  asked: {
    readonly supplier: string | null
    readonly outcome: string | null
    readonly before: number | null
    readonly limit: number
  },
): Promise<readonly SyncRow[]> {
  return await db.any(sql.type(syncShape)`
    select ${shown(1)} from price_sync
     where (${asked.supplier}::text is null or supplier_code = ${asked.supplier})
       and (${asked.outcome}::text is null or outcome = ${asked.outcome})
       and (${asked.before}::bigint is null or id < ${asked.before})
     order by id desc limit ${asked.limit}`)
}

export async function readSync(db: Tx, id: number): Promise<SyncRow | null> {
  return await db.maybeOne(sql.type(syncShape)`
    select ${shown(shownMax)} from price_sync where id = ${id}`)
}

const proposalShape = z.object({
  supplier: z.string(),
  outcome,
  changes: z.array(z.record(z.string(), z.unknown())),
})

export async function lockProposal(tx: Tx, id: number) {
  return await tx.maybeOne(sql.type(proposalShape)`
    select supplier_code as supplier, outcome, changes from price_sync where id = ${id} for update`)
}

export async function decideProposal(
  tx: Tx,
  { id, outcome: decided, by }: { id: number; outcome: 'accepted' | 'rejected'; by: string },
): Promise<void> {
  await tx.query(sql.type(nothing)`
    update price_sync set outcome = ${decided}, decided_by = ${by}, decided_at = now()
     where id = ${id}`)
}

const dueShape = z.object({ code: z.string() })

/** Suppliers that are to be asked by themselves, and were not for as long as their row says. */
export async function suppliersDue(db: Tx): Promise<readonly string[]> {
  const rows = await db.any(sql.type(dueShape)`
    select code from supplier
     where active and sync_minutes > 0 and not exists (
       select 1 from price_sync where supplier_code = code
          and asked_at > now() - make_interval(mins => sync_minutes))
     order by code`)
  return rows.map(({ code }) => code)
}

const guardShape = z.object({
  sharePercent: z.number().int(),
  movePercent: z.number().int(),
  offPercent: z.number().int(),
})

export async function guardOf(db: Tx, supplier: string) {
  return await db.maybeOne(sql.type(guardShape)`
    select guard_share_percent as "sharePercent", guard_move_percent as "movePercent",
           guard_off_percent as "offPercent"
      from supplier where code = ${supplier}`)
}
