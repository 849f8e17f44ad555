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
 * KAG5. Files are bounded, out and in; a longer table goes out in several.
 */

import { asWriter, type Cell, lockRow, type Row } from '../../sql/catalogue-admin.ts'
import type { Answer, CsvLine, CsvReport, Refused } from '../contract.ts'
import { type AdminDeps, insert, list, type Params, refuse, update } from './admin.ts'
import { type Kind, kinds } from './admin-tables.ts'
import { parseCsv, printCsv } from './csv.ts'

export const linesMax = 2_000
export const rowsOutMax = 10_000

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
  const parsed = parseCsv(text, linesMax + 1)
  if ('problem' in parsed) return refuse('CSV_INVALID', { ...parsed, lines_max: linesMax })
  const [head, ...records] = parsed
  const columns = head?.cells.map(cell => cell.trim().toLowerCase()) ?? []
  const problem = wrongInHead(table, columns)
  if (problem !== null) return refuse('CSV_INVALID', { line: head?.line ?? 1, ...problem })

  const lines: CsvLine[] = []
  const counts = { created: 0, changed: 0, unchanged: 0, refused: 0 }
  try {
    await asWriter(deps.db.pool, by, async tx => {
      for (const { line, cells } of records) {
        const fields = fieldsOf(columns, cells)
        const told = 'refused' in fields ? fields : await save(fields.row)
        const result = 'refused' in told ? 'refused' : told.result
        counts[result]++
        if (result === 'unchanged') continue
        lines.push({
          line,
          result,
          ...('refused' in told ? { code: told.refused, details: told.details ?? {} } : {}),
        })
      }
      if (dryRun || counts.refused > 0) throw new NotKept()

      async function save(row: Row) {
        const natural = naturalOf(table, row)
        const current = natural === null ? null : await lockRow(tx, table, natural)
        const { version, ...fields } = row
        if (current === null) return await insert(deps, tx, kind, fields)
        return await update(deps, tx, kind, {
          ...{ current, fields },
          version: typeof version === 'number' ? version : null,
        })
      }
    })
  } catch (cause) {
    if (!(cause instanceof NotKept)) throw cause
    return { ok: { kept: false, counts, lines } }
  }
  return { ok: { kept: true, counts, lines } }
}

const columnsOf = ({ columns }: Kind): string[] => [...columns, 'version']

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function wrongInHead(table: Kind, columns: readonly string[]): { problem: string } | null {
  const known = columnsOf(table)
  const stranger = columns.find(column => !known.includes(column))
  if (stranger !== undefined) return { problem: `unknown column ${stranger.slice(0, 64)}` }
  if (new Set(columns).size !== columns.length) return { problem: 'a column stands twice' }
  const missing = table.natural.find(column => !columns.includes(column) && isNeeded(column))
  return missing === undefined ? null : { problem: `column ${missing} is missing` }
}

const isNeeded = (column: string): boolean => column !== 'user_id' && column !== 'target'

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

const numbers = new Set(
  'twin_minutes pending_limit_s cost priority level percent_bp fixed version stock'.split(' '),
)
const flags = new Set('active multi may_lose supplied'.split(' '))
const words: Readonly<Record<string, boolean>> = { true: true, false: false, 1: true, 0: false }
const emptied = new Set('stock cut_off_start cut_off_end tiers'.split(' '))

function cellIn(column: string, text: string): unknown {
  if (text === '') return emptied.has(column) ? null : isWord(column) ? '' : undefined
  if (numbers.has(column)) return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
  if (flags.has(column)) {
    const word = text.toLowerCase()
    return words[word]
  }
  if (column !== 'tiers') return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

const isWord = (column: string): boolean => ['brand', 'target', 'user_id'].includes(column)

function naturalOf(table: Kind, row: Row): Record<string, Cell> | null {
  const defaults: Row = { user_id: '', target: '', level: 0 }
  const natural: Record<string, Cell> = {}
  for (const column of table.natural) {
    const value = row[column] ?? defaults[column]
    if (value === undefined) return null
    natural[column] = /code$/.test(column) ? plainCode(column, String(value)) : (value as Cell)
  }
  return natural
}

const plainCode = (column: string, value: string): string =>
  column === 'supplier_code' ? value : value.toUpperCase()
