/**
 * Changes of price rules that wait for their time. They are rows: a restart, or a process that is
 * late, finds them and carries them out then.
 *
 *   changes ─▶ checked ─▶ preview (who pays what then) ─▶ scheduled ─┬ its time ─▶ rules, one write
 *                                                                  └ cancelled
 *
 * KAH1. Nothing is scheduled without its preview, which is kept with it: who decided saw that.
 * KAH2. A change is carried out whole, once, by one process, at its time or as soon after as one is
 *       there; the history names it as the writer. The book follows by itself.
 * KAH3. Until its time a change may be cancelled; afterwards it is what it is.
 * KAH4. A rule that it removes and that is gone already is no trouble.
 */

import { z } from 'zod/v4'
import {
  deleteRow,
  insertRow,
  isNamed,
  lockRow,
  type Row,
  signAs,
  type Tx,
  updateRow,
} from '../../sql/topup/catalogue-admin.ts'
import {
  closeChange,
  type DueChange,
  insertChange,
  lockDueChange,
  readChanges,
} from '../../sql/topup/price-change.ts'
import type { Answer, Refused } from '../contract/answer.ts'
import type { CatalogueRow, PricePreview } from '../contract/catalogue.ts'
import type { Millis } from '../contract/words.ts'
import { priceChangeOp } from '../wire/catalogue-rows.ts'
import { changesMax } from '../wire/price-limits.ts'
import { type AdminDeps, type Params, problemsIn, refuse } from './admin.ts'
import { kinds, ruleShape } from './admin-tables.ts'
import type { RuleChange } from './price-preview.ts'

export type ChangeDeps = AdminDeps & {
  /** Computed away from the thread that answers. */
  readonly preview: (changes: readonly RuleChange[]) => Promise<PricePreview>
  readonly now: () => Millis
}

const aheadMsMax = 366 * 86_400_000

export const changesShape = z
  .array(z.object({ op: priceChangeOp, rule: ruleShape }))
  .min(1)
  .max(changesMax)

export async function previewChanges(
  deps: ChangeDeps,
  { changes }: Params<'catalogueAdmin.previewPrices'>,
): Promise<Answer<PricePreview>> {
  const checked = await checkChanges(deps, changes)
  return 'refused' in checked ? checked : { ok: await deps.preview(checked.changes) }
}

export async function scheduleChange(
  deps: ChangeDeps,
  params: Params<'catalogueAdmin.schedulePrices'>,
): Promise<Answer<CatalogueRow>> {
  const { startsAt, note, by } = params
  if (startsAt > deps.now() + aheadMsMax) return refuse('TIME_INVALID')
  const checked = await checkChanges(deps, params.changes)
  if ('refused' in checked) return checked
  const { changes } = checked
  const preview = await deps.preview(changes)
  const row = await insertChange(deps.db.pool, { startsAt, note, by, changes, preview })
  return { ok: row }
}

export async function listChanges(
  { db }: AdminDeps,
  { state, before, limit }: Params<'catalogueAdmin.priceChanges'>,
): Promise<Answer<{ rows: readonly CatalogueRow[]; next: string | null }>> {
  const rows = await readChanges(db.pool, {
    ...{ state: state ?? null, before: before ?? null, limit: limit + 1 },
  })
  const page = rows.slice(0, limit)
  return { ok: { rows: page, next: rows.length > limit ? String(page.at(-1)!.id) : null } }
}

export async function cancelChange(
  { db }: AdminDeps,
  { id, by }: Params<'catalogueAdmin.cancelPrices'>,
): Promise<Answer<null>> {
  const closed = await closeChange(db.pool, { id, state: 'cancelled', by })
  if (closed) return { ok: null }
  const [row] = await readChanges(db.pool, { state: null, before: id + 1, limit: 1 })
  return row?.id === id ? refuse('ALREADY_DECIDED', { state: row.state }) : refuse('NOT_FOUND')
}

/** Carries out what is due, oldest first; says how many changes that were. */
export async function applyDue({ db, now }: Pick<ChangeDeps, 'db' | 'now'>): Promise<number> {
  for (let count = 0; ; count++) {
    const due = await db.pool.transaction(async tx => {
      const change = await lockDueChange(tx, now())
      if (change !== null) await apply(tx, change)
      return change
    })
    if (due === null) return count
  }
}

async function apply(tx: Tx, { id, changes }: DueChange): Promise<void> {
  const who = `schedule:${id}`
  await signAs(tx, who)
  const table = kinds['price-rules']
  for (const { op, rule } of changesShape.parse(changes)) {
    const { user_id, level, scope, target } = rule
    const where = { user_id, level, scope, target }
    if (op === 'remove') await deleteRow(tx, table, where)
    else if ((await lockRow(tx, table, where)) === null) await insertRow(tx, table, rule, null)
    else await updateRow(tx, table, rule, null, where)
  }
  await closeChange(tx, { id, state: 'applied', by: who })
}

async function checkChanges(
  { db }: AdminDeps,
  told: unknown,
): Promise<{ readonly changes: readonly RuleChange[] } | Refused> {
  const read = changesShape.safeParse(told)
  if (!read.success) return refuse('FIELDS_INVALID', { fields: problemsIn(read.error) })
  for (const { op, rule } of read.data) {
    if (op === 'remove') continue
    for (const { field, table, column, when } of kinds['price-rules'].refers) {
      const row: Row = rule
      const value = String(row[field])
      if (value === '' || (when !== undefined && row[when[0]] !== when[1])) continue
      if (!(await isNamed(db.pool, table, column, value))) {
        return refuse('REFERENCE_UNKNOWN', { field, value })
      }
    }
  }
  return { changes: read.data }
}
