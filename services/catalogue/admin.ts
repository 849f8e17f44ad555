/**
 * The catalogue, changed by people: one row at a time, each change checked, versioned, and in the
 * history under the name of who made it. What the rows then do to prices is compile.ts's business:
 * every write is heard, and a new book is made.
 *
 *   fields ─▶ shape ─▶ what they name exists? ─▶ version as seen? ─▶ written, history, book
 *
 * KA1. A change names the version it was made on; another's change in between refuses it.
 * KA2. A change that changes nothing writes nothing.
 * KA3. What a row is called never changes; a row is made once.
 * KA4. A supplier's adapter is one that is registered, and its credentials have every name that
 *      the adapter needs. They are sealed, and never returned: only whether they are set.
 * KA5. Lists come in pages, by the row's name; the cursor is our own.
 * KA6. Whatever is refused has left no trace.
 * KA7. A supplier is never asked about a purchase sooner than its adapter allows: a repeat within
 *      that time may buy twice.
 * KA8. Who sends nothing but a stock says what is there now: what was sold before is not in it,
 *      also when the number is the same. Among other fields the same number says nothing.
 */

import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod/v4'
import type { Database } from '../../sql/database.ts'
import { credentialsOf, sayAccount } from '../../sql/topup/catalogue.ts'
import {
  asWriter,
  type Cell,
  deleteRow,
  insertRow,
  isNamed,
  listRows,
  lockRow,
  type Row,
  readHistory,
  type Tx,
  updateRow,
} from '../../sql/topup/catalogue-admin.ts'
import { sayStockAnew } from '../../sql/topup/sold.ts'
import type { Answer, Refused } from '../contract/answer.ts'
import type { CatalogueKind, CatalogueRow } from '../contract/catalogue.ts'
import type { Actions } from '../contract.ts'
import type { Seal } from '../seal.ts'
import { isSameAccount } from '../supplier/account.ts'
import type { Adapter } from '../supplier/adapter.ts'
import { openCredentials, supplierPurpose } from '../supplier/directory.ts'
import { credentialsShape } from '../wire/catalogue-rows.ts'
import { type Kind, kinds } from './admin-tables.ts'

export type Params<A extends keyof Actions> = Actions[A]['params']

export type AdminDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'close' | 'open'>
  readonly adapters: ReadonlyMap<string, Pick<Adapter, 'card'>>
}

type Saved = { readonly row: Row; readonly result: 'created' | 'changed' | 'unchanged' }

export const refuse = (
  refused: Refused['refused'],
  details: Readonly<Record<string, unknown>> = {},
): Refused => ({ refused, details, moneyEffect: 'none' })

export async function list(
  { db }: AdminDeps,
  { kind, filters, q, cursor, limit }: Params<'catalogueAdmin.list'>,
): Promise<Answer<{ rows: readonly CatalogueRow[]; next: string | null }>> {
  const table = kinds[kind]
  const where: Record<string, Cell> = {}
  for (const [name, text] of Object.entries(filters)) {
    const value = cellOf(table.filters[name], text)
    if (value === undefined) {
      const known = Object.keys(table.filters)
      return refuse('FIELDS_INVALID', { fields: [{ field: name, problem: 'filter' }], known })
    }
    where[name] = value
  }
  const after = cursor === undefined ? null : placeOf(table, cursor)
  if (after === undefined) {
    return refuse('FIELDS_INVALID', { fields: [{ field: 'cursor', problem: 'unreadable' }] })
  }
  const like = q === undefined ? null : { columns: table.searched, text: q }
  const rows = await listRows(db.pool, table, { where, like, after, limit: limit + 1 })
  const page = rows.slice(0, limit)
  const next = rows.length > limit ? cursorOf(table, page.at(-1)!) : null
  return { ok: { rows: page, next } }
}

export async function read(
  { db }: AdminDeps,
  { kind, key }: Params<'catalogueAdmin.get'>,
): Promise<Answer<CatalogueRow>> {
  const table = kinds[kind]
  const where = whereOf(table, key)
  if (where === null) return refuse('NOT_FOUND')
  const [row] = await listRows(db.pool, table, { where, like: null, after: null, limit: 1 })
  return row === undefined ? refuse('NOT_FOUND') : { ok: row }
}

export async function create(
  deps: AdminDeps,
  { kind, by, fields }: Params<'catalogueAdmin.create'>,
): Promise<Answer<CatalogueRow>> {
  return await asWriter(deps.db.pool, by, async tx => {
    const saved = await insert(deps, tx, kind, fields)
    return 'refused' in saved ? saved : { ok: saved.row }
  })
}

export async function change(
  deps: AdminDeps,
  { kind, by, key, version, fields }: Params<'catalogueAdmin.change'>,
): Promise<Answer<CatalogueRow>> {
  const where = whereOf(kinds[kind], key)
  if (where === null) return refuse('NOT_FOUND')
  return await asWriter(deps.db.pool, by, async tx => {
    const current = await lockRow(tx, kinds[kind], where)
    if (current === null) return refuse('NOT_FOUND')
    const saved = await update(deps, tx, kind, { current, version, fields })
    if ('refused' in saved) return saved
    const { stock, supplier_code: supplier, product_code: product } = saved.row
    const isSaid = kind === 'mappings' && Object.keys(fields).join() === 'stock'
    if (isSaid && stock !== null && stock === current['stock']) {
      await sayStockAnew(tx, { supplier: String(supplier), products: [String(product)] })
    }
    return { ok: saved.row }
  })
}

export async function remove(
  { db }: AdminDeps,
  { kind, by, key, version }: Params<'catalogueAdmin.remove'>,
): Promise<Answer<CatalogueRow>> {
  const table = kinds[kind]
  const where = table.removable ? whereOf(table, key) : null
  if (where === null) return refuse('NOT_FOUND')
  return await asWriter(db.pool, by, async tx => {
    const current = await lockRow(tx, table, where)
    if (current === null) return refuse('NOT_FOUND')
    if (current['version'] !== version) return stale(current)
    await deleteRow(tx, table, where)
    return { ok: current }
  })
}

export async function history(
  { db }: AdminDeps,
  { kind, key, before, limit }: Params<'catalogueAdmin.history'>,
): Promise<Answer<{ rows: readonly CatalogueRow[]; next: string | null }>> {
  const rows = await readHistory(db.pool, {
    entity: kind === undefined ? null : kinds[kind].name,
    key: key ?? null,
    before: before ?? null,
    limit: limit + 1,
  })
  const page = rows.slice(0, limit)
  return { ok: { rows: page, next: rows.length > limit ? String(page.at(-1)!.id) : null } }
}

export async function insert(
  deps: AdminDeps,
  tx: Tx,
  kind: CatalogueKind,
  fields: Row,
  known?: Set<string>,
): Promise<Saved | Refused> {
  const table = kinds[kind]
  const shaped = await shapedBy(deps, tx, kind, { fields, known })
  if ('refused' in shaped) return shaped
  const secret = secretOf(deps, kind, shaped.row, fields, true)
  if (secret !== null && typeof secret !== 'string') return secret
  const named = Object.fromEntries(table.natural.map(name => [name, shaped.row[name]]))
  for (const [name, value] of Object.entries(named)) {
    // In another case it would be the same to whoever asks for it.
    if (table.natural.length > 1 || typeof value !== 'string') break
    if (await isNamed(tx, table.name, name, value)) return refuse('ALREADY_EXISTS', named)
  }
  const row = await insertRow(tx, table, shaped.row, secret)
  return row === null ? refuse('ALREADY_EXISTS', named) : { row, result: 'created' }
}

/** `current` is locked. Without a version it is changed whatever it is. */
export async function update(
  deps: AdminDeps,
  tx: Tx,
  kind: CatalogueKind,
  change: {
    readonly current: Row
    readonly version: number | null
    readonly fields: Row
    readonly known?: Set<string>
  },
): Promise<Saved | Refused> {
  const { current, version, fields, known } = change
  const table = kinds[kind]
  if (version !== null && current['version'] !== version) return stale(current)
  const name = Object.fromEntries(table.natural.map(column => [column, current[column]]))
  const shaped = await shapedBy(deps, tx, kind, {
    fields: { ...current, ...fields, ...name },
    known,
  })
  if ('refused' in shaped) return shaped
  const secret = secretOf(deps, kind, shaped.row, fields, false)
  if (secret !== null && typeof secret !== 'string') return secret
  const before = table.shape.safeParse(current)
  if (secret === null && before.success && isDeepStrictEqual(before.data, shaped.row)) {
    return { row: current, result: 'unchanged' }
  }
  const where = Object.fromEntries(table.key.map(column => [column, current[column] as Cell]))
  if (secret !== null) await sayAccount(tx, { isSame: await isSameOne(deps, tx, current, fields) })
  const row = await updateRow(tx, table, shaped.row, secret, where)
  return row === null ? refuse('STALE_VERSION') : { row, result: 'changed' }
}

const stale = (current: Row): Refused => refuse('STALE_VERSION', { version: current['version'] })

async function shapedBy(
  { adapters }: AdminDeps,
  tx: Tx,
  kind: CatalogueKind,
  /** `known`: what is named already, for who asks about many rows in one write. */
  { fields, known }: { readonly fields: Row; readonly known: Set<string> | undefined },
): Promise<{ readonly row: Row } | Refused> {
  const { shape, refers } = kinds[kind]
  const read = shape.safeParse(fields)
  if (!read.success) return refuse('FIELDS_INVALID', { fields: problemsIn(read.error) })
  const row = read.data
  if (kind === 'suppliers' && !adapters.has(String(row['adapter']))) {
    const known = [...adapters.keys()]
    return refuse('FIELDS_INVALID', { fields: [{ field: 'adapter', problem: 'unknown' }], known })
  }
  const soonest = adapters.get(String(row['adapter']))?.card.recheckAfterMs ?? 0
  if (kind === 'suppliers' && Number(row['recheck_after_ms']) < soonest) {
    const fields = [{ field: 'recheck_after_ms', problem: 'too_small' }]
    return refuse('FIELDS_INVALID', { fields, minimum: soonest })
  }
  for (const { field, table, column, when } of refers) {
    const value = String(row[field])
    if (value === '' || (when !== undefined && row[when[0]] !== when[1])) continue
    const name = `${table}.${column} ${value}`
    if (known?.has(name) || (await isNamed(tx, table, column, value))) {
      known?.add(name)
      continue
    }
    return refuse('REFERENCE_UNKNOWN', { field, value })
  }
  return { row }
}

export const problemsIn = (error: z.ZodError): readonly { field: string; problem: string }[] =>
  error.issues.map(({ path, code }) => ({ field: path.join('.'), problem: code }))

/** Whether a supplier knows us by its new credentials as by those that it has (SACC1). */
async function isSameOne(
  { seal, adapters }: AdminDeps,
  tx: Tx,
  current: Row,
  fields: Row,
): Promise<boolean> {
  const code = String(current['code'])
  const credentials = await credentialsOf(tx, code)
  const before = credentials === null ? null : openCredentials({ code, credentials }, seal)
  const after = credentialsShape.safeParse(fields['credentials'])
  const card = adapters.get(String(current['adapter']))?.card
  if (before === null || !after.success || card === undefined) return false
  return isSameAccount(card, before, after.data)
}

/** Sealed; null when there is none to write. */
function secretOf(
  { seal, adapters }: AdminDeps,
  kind: CatalogueKind,
  row: Row,
  fields: Row,
  isNew: boolean,
): string | null | Refused {
  if (kind !== 'suppliers') return null
  if (fields['credentials'] === undefined && !isNew) return null
  const read = credentialsShape.safeParse(fields['credentials'] ?? {})
  if (!read.success) {
    return refuse('FIELDS_INVALID', { fields: [{ field: 'credentials', problem: 'shape' }] })
  }
  const needed = adapters.get(String(row['adapter']))!.card.credentials
  const missing = needed.filter(name => read.data[name] === undefined)
  if (missing.length > 0) {
    const problems = missing.map(name => ({ field: `credentials.${name}`, problem: 'missing' }))
    return refuse('FIELDS_INVALID', { fields: problems })
  }
  return seal.close(JSON.stringify(read.data), supplierPurpose(String(row['code'])))
}

function cellOf(type: Kind['filters'][string] | undefined, text: string): Cell | undefined {
  switch (type) {
    case 'text':
      return text
    case 'number':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined
    case undefined:
      return undefined
  }
}

/** Null for what can be no key of this table. */
function whereOf({ key }: Kind, values: readonly string[]): Record<string, Cell> | null {
  if (values.length !== key.length) return null
  const where: Record<string, Cell> = {}
  for (const [place, column] of key.entries()) {
    const value = column === 'id' ? cellOf('number', values[place]!) : values[place]!
    if (value === undefined) return null
    where[column] = value
  }
  return where
}

const cursorOf = ({ key }: Kind, row: Row): string =>
  Buffer.from(JSON.stringify(key.map(column => row[column]))).toString('base64url')

function placeOf({ key }: Kind, cursor: string): readonly Cell[] | undefined {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const types = key.map(column => (column === 'id' ? 'number' : 'string'))
    const fits =
      Array.isArray(place) &&
      place.length === key.length &&
      place.every((value, n) => typeof value === types[n])
    return fits ? place : undefined
  } catch {
    return undefined
  }
}
