/**
 * A file of others as rows: the acquirer's report or the bank's statement of a day, as CSV with a
 * line of names.
 *
 *   text ─▶ heading ─▶ row by row ─▶ rows of the day, and how many of others
 *                │           └─ a cell that says nothing: its line and the column
 *                └─ a column is missing, or there twice: which one
 *
 * DKR1. Without the columns that a comparison needs there is none; a row has as many cells as the
 *       heading, or the file is not read at all. Nothing that is not there is taken for zero or for
 *       this day.
 * DKR2. A moment is an ISO date, an ISO instant, or date and time as a clock in Jakarta shows them.
 *       What could be read in two ways is refused, and where the server stands changes nothing.
 * DKR3. Cells may be parted by semicolons, as Excel writes them where the comma is for cents. Lines
 *       of empty cells are blank lines.
 * DKR5. Of a refund the acquirer pays nothing and takes back: its net is below zero, with whichever
 *       sign a report writes it.
 * DKR4. What an acquirer will pay for a payment is null where its report does not have it.
 */

import { parseCsv } from '../catalogue/csv.ts'
import type { Refused } from '../contract/answer.ts'
import type { Rupiah } from '../contract/words.ts'
import { dayOf, dayStart } from '../day.ts'
import { refuse } from '../refusal.ts'
import type { ReportRow, StatementRow } from './reconcile.ts'

export type Told<T> = { readonly rows: readonly T[]; readonly others: number }
type Cells = Readonly<Record<string, string>>
type RowOf<T> = (cells: Cells) => { readonly day: string | null; readonly row: T } | string
type Form<T> = {
  /** Of each one name at least, and none twice. */
  readonly needs: readonly (readonly string[])[]
  readonly rowOf: RowOf<T>
}

const linesMax = 200_000
const referenceMax = 200
const moneyShape = /^-?\d{1,15}(?:[.,]0{1,2})?$/
const momentShape =
  /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|[+-]\d\d:\d\d)?$/i

export const acquirerForm: Form<ReportRow & { readonly net: Rupiah | null }> = {
  needs: [
    ['reference', 'rrn'],
    ['amount', 'gross'],
  ],
  rowOf(cells) {
    const { reference = '', rrn = '', type = 'payment' } = cells
    const name = reference || rrn
    if (name === '' || !isKeepable(name)) return 'reference'
    const amount = rupiah(cells['amount'] ?? cells['gross'] ?? '')
    if (amount === null) return 'amount'
    const net = cells['net'] === undefined ? null : rupiah(cells['net'])
    if (net === null && cells['net'] !== undefined) return 'net'
    const { settlement_date: settled, paid_at: paid } = cells
    const isDated = settled !== undefined || paid !== undefined
    const day = isDated ? dayIn(settled || paid || '') : null
    if (day === undefined) return 'date'
    const isRefund = /refund/i.test(type) || amount < 0
    const kind = isRefund ? ('refund' as const) : ('payment' as const)
    return {
      day,
      row: {
        reference: name,
        type: kind,
        amount: Math.abs(amount),
        net: isRefund ? takenBack(net) : net,
      },
    }
  },
}

export const bankForm: Form<StatementRow> = {
  needs: [['date'], ['reference'], ['debit'], ['credit']],
  rowOf(cells) {
    const day = dayIn(cells['date'] ?? '')
    if (day === undefined) return 'date'
    const { reference = '', description = '' } = cells
    if (!isKeepable(reference)) return 'reference'
    const debit = rupiah(cells['debit'] || '0')
    const credit = rupiah(cells['credit'] || '0')
    if (debit === null || debit < 0) return 'debit'
    if (credit === null || credit < 0) return 'credit'
    return { day, row: { reference, description, debit, credit } }
  },
}

/** Rows of the day, and how many were of others; or what is wrong with which line. */
export function readFile<T>(
  { day, text }: { readonly day: string; readonly text: string },
  { needs, rowOf }: Form<T>,
): Told<T> | Refused {
  if (Number.isNaN(dayStart(day))) return refuse('TIME_INVALID')
  const records = parseCsv(text, linesMax, separatorOf(text))
  if ('problem' in records) return refuse('STATEMENT_UNREADABLE', { ...records })
  const [head, ...lines] = records
  if (head === undefined) return unreadable(1, 'empty')
  const names = head.cells.map(cell => cell.trim().toLowerCase())
  const counts = needs.map(some => some.map(one => names.filter(name => name === one).length))
  const columns = needs
    .filter((_, n) => counts[n]!.every(count => count === 0) || counts[n]!.some(count => count > 1))
    .map(some => some.join(' / '))
  if (columns.length > 0) return unreadable(head.line, 'heading', { columns })
  const rows: T[] = []
  let others = 0
  for (const { line, cells: told } of lines) {
    const cells = told.map(cell => cell.trim())
    if (cells.every(cell => cell === '')) continue
    if (cells.length !== names.length) return unreadable(line, 'width')
    const read = rowOf(Object.fromEntries(names.map((name, n) => [name, cells[n]!])))
    if (typeof read === 'string') return unreadable(line, read)
    if (read.day === null || read.day === day) rows.push(read.row)
    else others++
  }
  return { rows, others }
}

const unreadable = (line: number, problem: string, more: object = {}): Refused =>
  refuse('STATEMENT_UNREADABLE', { line, problem, ...more })

/** As the heading has it. */
function separatorOf(text: string): ',' | ';' {
  const heading = /[^\r\n]+/.exec(text)?.[0] ?? ''
  return heading.includes(';') && !heading.includes(',') ? ';' : ','
}

/** A difference is kept under it. */
const isKeepable = (name: string): boolean => name.length <= referenceMax && !name.includes('\0')

/** Whole rupiah, also with cents that are none; null for anything else. */
const rupiah = (text: string): Rupiah | null =>
  moneyShape.test(text) ? Number(text.replace(/[.,]0{1,2}$/, '')) : null

/** Never -0. */
const takenBack = (net: Rupiah | null): Rupiah | null => (net === null ? null : 0 - Math.abs(net))

/** The day in Jakarta, undefined where none can be read. */
function dayIn(text: string): string | undefined {
  const [, day = text, time, zone = '+07:00'] = momentShape.exec(text) ?? []
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(dayStart(day))) return undefined
  if (time === undefined) return day
  const at = Date.parse(`${day}T${time}${zone.toUpperCase()}`)
  return Number.isNaN(at) ? undefined : dayOf(at)
}
