/**
 * Whole tables as files: out for a spreadsheet, in again with what was changed there.
 *
 *   file ─▶ lines ─▶ each created, changed, left alone or refused ─┬ none refused ─▶ kept
 *                                                                └ any, or a dry run ─▶ none is
 *
 * KAG1. All of a file or nothing of it; a dry run does everything but keep it.
 * KAG2. Every line that is not left alone is told with its number and what became of it.
 * KAG3. A row is known by its name. A version, where the file has one, must be the present one.
 * KAG4. A column that is missing keeps what a row has; one that nobody knows refuses the file.
 * RSL2. A large file is worked off in parts within one write: rows are looked up by the part, what
 *       rows refer to once, and between parts the thread is free for others.
 * KAG5. Files are bounded, out and in; a longer table goes out in several.
 * KAG6. What a supplier's key is never stands in a file of ours; in one of an owner's it may, and an
 *       empty cell leaves it as it is.
 */

import { setImmediate } from 'node:timers/promises'
import { asWriter, type Cell, lockRows, nameOf, type Row } from '../../sql/topup/catalogue-admin.ts'
import type { Answer, Refused } from '../contract/answer.ts'
import type { CsvLine, CsvReport } from '../contract/catalogue.ts'
import { momentShape } from '../wire/catalogue-rows.ts'
import { type AdminDeps, insert, list, type Params, refuse, update } from './admin.ts'
import { type Kind, kinds } from './admin-tables.ts'
import { type CsvProblem, type CsvRecord, csvRecords, printCsv } from './csv.ts'

export const linesMax = 50_000
/** So many lines are looked up together, and others have their turn in between. */
const linesAtOnce = 500
const rowsOutMax = 10_000

export async function exportCsv(
  deps: AdminDeps,
  { kind, cursor }: Params<'catalogueAdmin.exportCsv'>,
): Promise<Answer<{ text: string; next: string | null }>> {
  const page = { kind, filters: {}, limit: rowsOutMax, ...(cursor === undefined ? {} : { cursor }) }
  const listed = await list(deps, page)
  if (!('ok' in listed)) return listed
  const columns = columnsOf(kinds[kind])
  const rows = listed.ok.rows.map(row => columns.map(column => textOf(row[column])))
  return { ok: { text: printCsv([columns, ...rows]), next: listed.ok.next } }
}

class NotKept extends Error {}

export async function importCsv(
  deps: AdminDeps,
  { kind, by, text, dryRun }: Params<'catalogueAdmin.importCsv'>,
): Promise<Answer<CsvReport>> {
  const table = kinds[kind]
  const records = csvRecords(text, linesMax + 1)
  const first = records.next()
  const head = first.done === true ? undefined : first.value
  if (head !== undefined && 'problem' in head) return broken(head)
  const columns = head?.cells.map(cell => cell.trim().toLowerCase()) ?? []
  const problem = wrongInHead(table, columns)
  if (problem !== null) return refuse('CSV_INVALID', { line: head?.line ?? 1, ...problem })

  const lines: CsvLine[] = []
  const counts = { created: 0, changed: 0, unchanged: 0, refused: 0 }
  try {
    await asWriter(deps.db.pool, by, async tx => {
      const known = new Set<string>()
      for (const part of partsOf(records)) {
        const read = part.map(({ line, cells }) => ({ line, fields: fieldsOf(columns, cells) }))
        const names = read.flatMap(({ fields }) => {
          const natural = 'refused' in fields ? null : naturalOf(table, fields.row)
          return natural === null || !isThinkable(natural) ? [] : [natural]
        })
        const present = await lockRows(tx, table, table.natural, names)
        for (const { line, fields } of read) {
          const told = 'refused' in fields ? fields : await save(fields.row, present)
          const result = 'refused' in told ? 'refused' : told.result
          counts[result]++
          if (result === 'unchanged') continue
          lines.push({
            line,
            result,
            ...('refused' in told ? { code: told.refused, details: told.details ?? {} } : {}),
          })
        }
        await setImmediate()
      }
      if (dryRun || counts.refused > 0) throw new NotKept()

      /** What it made of a row is what a later line of the same name meets. */
      async function save(row: Row, present: Map<string, Row>) {
        const natural = naturalOf(table, row)
        const name = natural === null ? '' : nameOf(table.natural, natural)
        const current = present.get(name)
        const { version, ...fields } = row
        const told =
          current === undefined
            ? await insert(deps, tx, kind, fields, known)
            : await update(deps, tx, kind, {
                ...{ current, fields, known },
                version: typeof version === 'number' ? version : null,
              })
        if (name !== '' && 'row' in told) present.set(name, told.row)
        return told
      }
    })
  } catch (cause) {
    if (cause instanceof Broken) return broken(cause.problem)
    if (!(cause instanceof NotKept)) throw cause
    return { ok: { kept: false, counts, lines } }
  }
  return { ok: { kept: true, counts, lines } }
}

/** Beyond it no row has a number, and the database would not even compare. */
const isThinkable = (natural: Readonly<Record<string, Cell>>): boolean =>
  Object.values(natural).every(value => typeof value !== 'number' || Math.abs(value) < 32_768)

class Broken extends Error {
  readonly problem: CsvProblem

  constructor(problem: CsvProblem) {
    super(problem.problem)
    this.problem = problem
  }
}

const broken = (problem: CsvProblem): Refused =>
  refuse('CSV_INVALID', { ...problem, lines_max: linesMax })

function* partsOf(records: Iterable<CsvRecord | CsvProblem>): Generator<CsvRecord[]> {
  let part: CsvRecord[] = []
  for (const one of records) {
    if ('problem' in one) throw new Broken(one)
    part.push(one)
    if (part.length < linesAtOnce) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}

const columnsOf = ({ columns }: Kind): string[] => [...columns, 'version']
const columnsIn = (table: Kind): string[] =>
  table === kinds.suppliers ? [...columnsOf(table), 'credentials'] : columnsOf(table)

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function wrongInHead(table: Kind, columns: readonly string[]): { problem: string } | null {
  const known = columnsIn(table)
  const stranger = columns.find(column => !known.includes(column))
  if (stranger !== undefined) return { problem: `unknown column ${stranger.slice(0, 64)}` }
  if (new Set(columns).size !== columns.length) return { problem: 'a column stands twice' }
  const missing = table.natural.find(column => !columns.includes(column) && isNeeded(column))
  return missing === undefined ? null : { problem: `column ${missing} is missing` }
}

const isNeeded = (column: string): boolean => !['user_id', 'target', 'valid_from'].includes(column)

/** Cells are text; what a field is made of, its column says. Empty is null, or the default. */
function fieldsOf(
  columns: readonly string[],
  cells: readonly string[],
): { readonly row: Row } | Refused {
  if (cells.length > columns.length) return refuse('FIELDS_INVALID', { problem: 'too many cells' })
  const row: Record<string, unknown> = {}
  for (const [place, column] of columns.entries()) {
    const text = (cells[place] ?? '').trim()
    const value = cellIn(column, text)
    if (value === undefined && text !== '') {
      return refuse('FIELDS_INVALID', { fields: [{ field: column, problem: 'unreadable' }] })
    }
    if (value !== undefined) row[column] = value
  }
  return { row }
}

const numbers = new Set([
  ...['twin_minutes', 'pending_limit_s', 'admin_fee', 'cost', 'priority', 'level', 'percent_bp'],
  ...['fixed', 'version', 'stock', 'depth', 'timeout_ms', 'max_in_flight', 'rate_per_min'],
  ...['recheck_after_ms', 'sync_minutes'],
  ...['guard_share_percent', 'guard_move_percent', 'guard_off_percent'],
])
const flags = new Set('active multi may_lose sn_repeats supplied'.split(' '))
const words: Readonly<Record<string, boolean>> = { true: true, false: false, 1: true, 0: false }
const emptied = new Set('stock cut_off_start cut_off_end tiers depth rate_per_min'.split(' '))
const structured = new Set('tiers levels credentials'.split(' '))

function cellIn(column: string, text: string): unknown {
  if (text === '') return emptied.has(column) ? null : isWord(column) ? '' : undefined
  if (numbers.has(column)) return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
  if (flags.has(column)) {
    const word = text.toLowerCase()
    return words[word]
  }
  if (!structured.has(column)) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const isWord = (column: string): boolean =>
  ['brand', 'target', 'user_id', 'callback_ips'].includes(column)

function naturalOf(table: Kind, row: Row): Record<string, Cell> | null {
  const defaults: Row = { user_id: '', target: '', level: 0 }
  const natural: Record<string, Cell> = {}
  for (const column of table.natural) {
    const moment = column === 'valid_from' ? momentShape.safeParse(row[column]).data : undefined
    const value = column === 'valid_from' ? moment : (row[column] ?? defaults[column])
    if (value === undefined) return null
    natural[column] = isProduct(table, column) ? String(value).toUpperCase() : (value as Cell)
  }
  return natural
}

const isProduct = (table: Kind, column: string): boolean =>
  column === 'product_code' || (column === 'code' && table === kinds.products)
