/**
 * One row of a bank's statement, from whichever feed, in one form. Feeds write amounts as they
 * like ("12111.00", 5000, "50,123.00") and deliver the same row again and again, with another id
 * after a re-scrape; so a row is known by what the bank says as well as by the feed's id.
 *
 * MNA1. An amount is whole rupiah or none: cents, and what can be read in two ways, are not
 *       rounded.
 * MNA2. The content names account, day, amount, direction, description and balance, however they
 *       are written; where the bank told no balance, the feed's id or the place in the file does.
 * MNA3. A row that can not be read is kept for a person, never dropped.
 * MNA4. Sums with cents are known however many zeros end them; so is a row that was kept when each
 *       way of writing them was another row.
 */

import { createHash } from 'node:crypto'
import { z } from 'zod/v4'
import { blanked } from '../../sql/copy.ts'
import type { BankRow } from '../../sql/money/bank-mutations.ts'
import { dayStart } from '../day.ts'

const textMax = 500

const told = z.union([z.string().max(40), z.number()])

/** As Moota tells it; what it tells beside is ignored. */
const mootaShape = z.object({
  account_number: z.string().min(1).max(64),
  date: z.string().regex(/^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?/),
  description: z.string().max(5_000).nullish(),
  amount: told,
  type: z.string().max(10),
  balance: told.nullish(),
  mutation_id: z.string().min(1).max(128).nullish(),
})

export type Seen = {
  /** Our account's code by its number. */
  readonly accounts: ReadonlyMap<string, string>
  readonly source: BankRow['source']
  readonly nowMs: number
}

/** Reads one row; `ordinal` tells equal rows of one file apart. */
export function readBankRow(value: unknown, seen: Seen, ordinal = 0): BankRow {
  const read = mootaShape.safeParse(value)
  if (!read.success) return illegible(value, seen)
  const { account_number: number, date, description, amount, type, balance } = read.data
  const bankRef = plainOr(read.data.mutation_id)
  const direction = directionOf(type)
  const day = date.slice(0, 10)
  if (direction === null || Number.isNaN(dayStart(day))) return illegible(value, seen)
  const account = seen.accounts.get(digits(number)) ?? null
  const rupiah = rupiahOf(amount)
  const toldBalance = balance === null || balance === undefined ? null : canonical(balance)
  const words = normal(description ?? '')
  const sum = canonical(amount)
  const own = bankRef === null ? `#${ordinal}` : `id ${bankRef}`
  const contentOf = (amount: string, place: string) =>
    fingerprint(digits(number), day, amount, direction, words, place)
  const places = toldBalance === null ? [own] : spellings(toldBalance)
  const formerly = spellings(sum).flatMap(one => places.map(place => contentOf(one, place)))
  const content = contentOf(sum, toldBalance ?? own)
  return {
    account,
    number: plain(number),
    bankRef,
    content,
    formerly: formerly.filter(one => one !== content),
    happenedMs: momentOf(date),
    day,
    direction,
    toldAmount: plain(String(amount)),
    amount: rupiah,
    toldBalance: plainOr(toldBalance),
    description: plain((description ?? '').slice(0, textMax)),
    source: seen.source,
    seenMs: seen.nowMs,
    reason:
      direction === 'out'
        ? 'debit'
        : rupiah === null
          ? 'odd_amount'
          : account === null
            ? 'account_unknown'
            : null,
  }
}

/** Whole rupiah above zero, or null. */
export function rupiahOf(amount: string | number): number | null {
  const text = canonical(amount)
  if (!/^\d+$/.test(text)) return null
  const value = Number(text)
  return Number.isSafeInteger(value) && value > 0 ? value : null
}

/** The same amount in the same letters: no thousands' commas, no zero at the end of its cents. */
function canonical(amount: string | number): string {
  const text = String(amount).trim()
  const plain = /^\d{1,3}(,\d{3})+(\.\d{1,2})?$/.test(text) ? text.replaceAll(',', '') : text
  return /^-?\d+\.\d{1,2}$/.test(plain) ? plain.replace(/\.?0+$/, '') : plain
}

/** One decimal is as it was written once, or the same with a zero behind it. */
const spellings = (sum: string): readonly string[] =>
  /^-?\d+\.\d$/.test(sum) ? [sum, `${sum}0`] : [sum]

function directionOf(type: string): 'in' | 'out' | null {
  const word = type.trim().toUpperCase()
  if (word === 'CR' || word === 'K') return 'in'
  return word === 'DB' || word === 'D' ? 'out' : null
}

/** Null when only the day is known: a feed then writes midnight. */
function momentOf(date: string): number | null {
  const time = date.slice(11, 19)
  if (time === '' || /^00:00(:00)?$/.test(time)) return null
  const at = Date.parse(`${date.slice(0, 10)}T${time.length === 5 ? `${time}:00` : time}+07:00`)
  return Number.isNaN(at) ? null : at
}

function illegible(value: unknown, { source, nowMs }: Seen): BankRow {
  const text = String(JSON.stringify(value))
  return {
    account: null,
    number: '',
    bankRef: null,
    content: fingerprint('illegible', text),
    formerly: [],
    happenedMs: null,
    day: null,
    direction: 'in',
    toldAmount: '',
    amount: null,
    toldBalance: null,
    description: plain(text.slice(0, textMax)),
    source,
    seenMs: nowMs,
    reason: 'illegible',
  }
}

/** As Postgres takes it, whatever a bank writes. */
const plain = (text: string): string => blanked(text).toWellFormed()

const plainOr = (text: string | null | undefined): string | null =>
  text === null || text === undefined ? null : plain(text)

export const digits = (number: string): string => number.replaceAll(/\D/g, '')
const normal = (text: string): string =>
  text
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, ' ')
    .trim()

const fingerprint = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 40)

const columns = {
  date: ['date', 'tanggal', 'tgl'],
  description: ['description', 'keterangan', 'deskripsi'],
  amount: ['amount', 'jumlah', 'nominal', 'mutasi'],
  type: ['type', 'tipe', 'jenis', 'db/cr'],
  balance: ['balance', 'saldo'],
  mutation_id: ['mutation_id', 'id'],
  account_number: ['account_number', 'rekening'],
} as const

/**
 * A pasted statement with a line of column names. Null when a column that is needed is missing.
 */
export function readCsv(text: string, seen: Seen, number: string): readonly BankRow[] | null {
  const [head, ...lines] = splitCsv(text)
  if (head === undefined) return null
  const names = head.map(name => name.trim().toLowerCase())
  const indexOf = (column: keyof typeof columns) =>
    names.findIndex(name => (columns[column] as readonly string[]).includes(name))
  const at = Object.fromEntries(
    Object.keys(columns).map(column => [column, indexOf(column as keyof typeof columns)]),
  ) as Record<keyof typeof columns, number>
  if (at.date < 0 || at.amount < 0 || at.type < 0) return null
  const times = new Map<string, number>()
  return lines.map(cells => {
    const cell = (column: keyof typeof columns) => cells[at[column]]?.trim() || undefined
    const value = {
      account_number: cell('account_number') ?? number,
      date: cell('date'),
      description: cell('description'),
      amount: cell('amount'),
      type: cell('type'),
      balance: cell('balance'),
      mutation_id: cell('mutation_id'),
    }
    const line = JSON.stringify(value)
    const ordinal = times.get(line) ?? 0
    times.set(line, ordinal + 1)
    return readBankRow(value, seen, ordinal)
  })
}

/** Cells of each line that is not empty; commas or semicolons, quotes doubled inside quotes. */
function splitCsv(text: string): string[][] {
  const first = text.slice(0, text.indexOf('\n') + 1 || text.length)
  const comma = first.includes(';') && !first.includes(',') ? ';' : ','
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!
    if (quoted) {
      if (letter !== '"') cell += letter
      else if (text[at + 1] === '"') {
        cell += '"'
        at++
      } else quoted = false
    } else if (letter === '"') quoted = true
    else if (letter === comma || letter === '\n') {
      row.push(cell)
      cell = ''
      if (letter === '\n') {
        rows.push(row)
        row = []
      }
    } else if (letter !== '\r') cell += letter
  }
  rows.push([...row, cell])
  return rows.filter(cells => cells.some(one => one.trim() !== ''))
}
