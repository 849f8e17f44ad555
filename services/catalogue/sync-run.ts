/**
 * Asks a supplier for its price list and keeps what it said: applied when it is calm, proposed to a
 * person when it is wild (sync.ts).
 *
 *   claim ─▶ ask ─┬ no list ─▶ failed, with the reason
 *                 └ list ─▶ changes, guard ─▶ unchanged | applied | proposed ─▶ accept | reject
 *
 * KAL1. A supplier is asked at most once per five minutes, whoever asks and however often we are
 *       restarted: the asking is written down before it is done.
 * KAL2. Without a list nothing changes.
 * KAL3. Each change is in the history under the supplier's name, or the person's who accepted it.
 * KAL4. A newer list makes an open proposal old. Accepting one changes only what still is as it
 *       was when the list came.
 * KAL5. Answers are bounded in time and size; what is longer is no list. A stop waits for none.
 */

import type { Database } from '../../sql/database.ts'
import { asWriter } from '../../sql/topup/catalogue-admin.ts'
import {
  applyTerms,
  claimAsking,
  decideProposal,
  endAsking,
  guardOf,
  lockMappings,
  lockProposal,
  readSync,
  readSyncs,
  type SyncRow,
  skusOf,
  supersedeProposals,
  suppliersDue,
} from '../../sql/topup/price-sync.ts'
import { sayStockAnew } from '../../sql/topup/sold.ts'
import type { Answer } from '../contract/answer.ts'
import type { CatalogueRow } from '../contract/catalogue.ts'
import type { Credentials } from '../supplier/adapter.ts'
import { textWithin } from '../text-within.ts'
import { type Params, refuse } from './admin.ts'
import { type ListAnswer, type ListAsking, type PriceListOf, pauseMs } from './price-list.ts'
import { findChanges, type ListedSku } from './sync.ts'
import { atlanticPriceList } from './sync-atlantic.ts'
import { digiflazzPriceList } from './sync-digiflazz.ts'
import { templatePriceList } from './sync-template.ts'
import { vipPriceList } from './sync-vip.ts'

/** By the name of the supplier's adapter. */
const priceLists: Readonly<Record<string, PriceListOf>> = {
  digiflazz: digiflazzPriceList,
  vip: vipPriceList,
  atlantic: atlanticPriceList,
  generic: templatePriceList,
  otomax: templatePriceList,
}

export type SyncDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly supplierOf: (code: string) => SyncSupplier | undefined
  readonly askMsMax?: number
  readonly listBytesMax?: number
  /** Aborted when we stop. */
  readonly stopping?: AbortSignal
}

export type SyncSupplier = {
  readonly adapter: { readonly card: { readonly name: string } }
  readonly baseUrl: string
  readonly credentials: Credentials
}

export async function syncPrices(
  deps: SyncDeps,
  { supplier, by }: Params<'catalogueAdmin.syncPrices'>,
): Promise<Answer<CatalogueRow>> {
  const access = deps.supplierOf(supplier)
  if (access === undefined) return refuse('NOT_FOUND')
  const { name } = access.adapter.card
  const source = Object.hasOwn(priceLists, name) ? priceLists[name] : undefined
  if (source === undefined) return refuse('SYNC_UNSUPPORTED', { adapter: name })
  const { pool } = deps.db
  const askings = source.askings(access.credentials, await skusOf(pool, supplier))
  if (askings.length === 0) return refuse('SYNC_UNSUPPORTED', { adapter: name })
  const id = await pool.transaction(tx => claimAsking(tx, { supplier, by, pauseMs }))
  if (id === null) return refuse('SYNC_TOO_SOON', { pause_seconds: pauseMs / 1_000 })

  const answer = await askForAll(askings, access, deps)
  if ('refused' in answer) {
    await pool.transaction(tx =>
      endAsking(tx, { id, outcome: 'failed', reason: answer.refused, counts: {}, changes: [] }),
    )
  } else {
    await asWriter(pool, `sync:${supplier}`, async tx => {
      const guard = await guardOf(tx, supplier)
      const mappings = await lockMappings(tx, supplier)
      const { changes, restocked, counts, wild } = findChanges(answer.list, mappings, guard!)
      const outcome = changes.length === 0 ? 'unchanged' : wild === null ? 'applied' : 'proposed'
      if (outcome === 'applied') await applyTerms(tx, supplier, changes)
      if (wild === null) await sayStockAnew(tx, { supplier, products: restocked })
      await endAsking(tx, { id, outcome, reason: wild, counts, changes })
      await supersedeProposals(tx, { supplier, before: id })
    })
  }
  return { ok: (await readSync(pool, id))! }
}

/** Those whose time has come, one after the other; says how many were asked. */
export async function syncDue(deps: SyncDeps): Promise<number> {
  const due = await suppliersDue(deps.db.pool)
  for (const supplier of due) await syncPrices(deps, { supplier, by: 'system' })
  return due.length
}

export async function listSyncs(
  { db }: SyncDeps,
  { supplier, outcome, before, limit }: Params<'catalogueAdmin.priceSyncs'>,
): Promise<Answer<{ rows: readonly CatalogueRow[]; next: string | null }>> {
  const rows = await readSyncs(db.pool, {
    supplier: supplier ?? null,
    outcome: outcome ?? null,
    before: before ?? null,
    limit: limit + 1,
  })
  const page = rows.slice(0, limit)
  const next = rows.length > limit ? String(page.at(-1)!.id) : null
  return { ok: { rows: page.map(withoutChanges), next } }
}

const withoutChanges = ({ changes: _, ...row }: SyncRow): CatalogueRow => row

export async function readOneSync(
  { db }: SyncDeps,
  { id }: Params<'catalogueAdmin.priceSync'>,
): Promise<Answer<CatalogueRow>> {
  const row = await readSync(db.pool, id)
  return row === null ? refuse('NOT_FOUND') : { ok: row }
}

export async function decideSync(
  { db }: SyncDeps,
  { id, accept, by }: Params<'catalogueAdmin.decideSync'>,
): Promise<Answer<{ applied: number; passedOver: number }>> {
  return await asWriter(db.pool, by, async tx => {
    const proposal = await lockProposal(tx, id)
    if (proposal === null) return refuse('NOT_FOUND')
    const { supplier, outcome, changes } = proposal
    if (outcome !== 'proposed') return refuse('ALREADY_DECIDED', { outcome })
    const applied = accept ? await applyTerms(tx, supplier, changes) : 0
    await decideProposal(tx, { id, outcome: accept ? 'accepted' : 'rejected', by })
    return { ok: { applied, passedOver: accept ? changes.length - applied : 0 } }
  })
}

/** One after the other; what one of them refuses, is refused. */
async function askForAll(
  askings: readonly ListAsking[],
  access: SyncSupplier,
  deps: SyncDeps,
): Promise<ListAnswer> {
  const list: ListedSku[] = []
  for (const asking of askings) {
    const answer = await askFor(asking, access, deps)
    if ('refused' in answer) return answer
    list.push(...answer.list)
  }
  return { list }
}

async function askFor(
  { request, read }: ListAsking,
  { baseUrl }: SyncSupplier,
  { askMsMax = 60_000, listBytesMax = 32 * 1024 * 1024, stopping }: SyncDeps,
): Promise<ListAnswer> {
  const { method, path, body = null, type = 'application/json', headers = {} } = request
  const tooLong = AbortSignal.timeout(askMsMax)
  try {
    const answer = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { ...headers, ...(body === null ? {} : { 'content-type': type }) },
      body,
      redirect: 'error',
      signal: stopping === undefined ? tooLong : AbortSignal.any([tooLong, stopping]),
    })
    const text = await textWithin(answer, listBytesMax)
    return text === null ? { refused: 'too_long' } : await read(text)
  } catch {
    return { refused: 'unreachable' }
  }
}
