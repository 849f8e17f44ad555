/**
 * The books of the days once more: what the lines of each day moved, between the last line of the
 * day before and its own, summed by hand and held against the statement that was signed.
 *
 *   lines of a shard ──by cut──▶ day ─▶ came, went, held of each kind of account
 *                                         all shards together = in, out, held of the statement ?
 *
 * Z74. Days follow each other without a gap; each statement has its hash, names the one before, and
 *      bears its signature.
 * Z75. What a day says of an account is what its lines moved, and begins with what the day before
 *      ended with; all accounts together are zero.
 * Z76. A day ends, in every shard, behind the day before and with a line of before midnight.
 */

import { createPublicKey, hash as digest, verify as holds } from 'node:crypto'
import type { Body, Line } from './chain.ts'
import type { Problems } from './problems.ts'
import type { ClosingRow } from './source.ts'

type Sums = { came: number; went: number; held: number }
type Day = {
  readonly row: ClosingRow
  /** The midnight that ends it, in milliseconds. */
  readonly endsAt: number
  /** Null: it can't be read, and nothing of it is compared. */
  readonly told: Told | null
  readonly moved: Map<string, Sums>
}
type Told = {
  readonly day: string
  readonly previous: string
  readonly cuts: readonly number[]
  readonly accounts: readonly Account[]
  readonly sum: number
}
type Account = {
  readonly account: string
  readonly opening: number
  readonly in: number
  readonly out: number
  readonly closing: number
  readonly held: number
}

const genesis = '0'.repeat(64)
const dayMs = 86_400_000
/** Of many each, and one in the books: all wallets, all that merchants are owed, and so on. */
const many = ['wallet', 'receivable', 'clawback', 'payable', 'batch']

/** When this day is over in Asia/Jakarta, which knows no summer time. */
const midnightAfter = (day: string): number => Date.parse(`${day}T00:00:00+07:00`) + dayMs

export class Closings {
  readonly #days: readonly Day[]
  readonly #problems: Problems

  constructor(rows: readonly ClosingRow[], problems: Problems) {
    this.#days = rows.map(row => ({
      ...{ row, endsAt: midnightAfter(row.day), told: readTold(row), moved: new Map() },
    }))
    this.#problems = problems
  }

  /** For the lines of one shard, which come in their order. */
  reader(shard: number): (line: Line, body: Body) => void {
    const days = this.#days.filter(({ told }) => told !== null)
    let next = 0
    return ({ seq }, { at, p: entries }) => {
      while (next < days.length && seq > (days[next]!.told!.cuts[shard] ?? 0)) next++
      const day = days[next]
      if (day === undefined) return
      if (at >= day.endsAt) {
        const text = `the line is of a later day than ${day.row.day}, whose book has it`
        this.#problems.add('closing.cut', { shard, seq }, text)
      }
      if (entries === undefined) return
      for (const [op, , debit, credit, amount, , , extra] of entries) {
        const moved = op === 'move' || op === 'post' ? amount : 0
        const from = sumsOf(day, debit)
        from.went += moved
        if (op === 'hold') from.held += amount
        else if (op === 'post') from.held -= extra ?? amount
        else if (op !== 'move') from.held -= amount
        sumsOf(day, credit).came += moved
      }
    }
  }

  /** When all shards are read. */
  finish(ends: ReadonlyMap<number, number>): void {
    let before: Day | null = null
    for (const day of this.#days) {
      this.#checkSeal(day, before)
      this.#checkCuts(day, before, ends)
      this.#checkFigures(day, before)
      before = day
    }
  }

  #checkSeal({ row, endsAt, told }: Day, before: Day | null): void {
    const { day, statement, hash } = row
    if (told === null) {
      this.#wrong('closing.seal', day, 'its statement can not be read')
      return
    }
    if (told.day !== day) this.#wrong('closing.seal', day, `its statement is of ${told.day}`)
    if (digest('sha256', statement) !== hash) {
      this.#wrong('closing.seal', day, 'its hash is not that of its statement')
    }
    if (told.previous !== (before?.row.hash ?? genesis)) {
      this.#wrong('closing.seal', day, 'it does not name the hash of the day before')
    }
    if (!isSigned(row)) this.#wrong('closing.seal', day, 'its signature does not hold')
    if (before !== null && endsAt !== before.endsAt + dayMs) {
      this.#wrong('closing.seal', day, `the day before it in the books is ${before.row.day}`)
    }
  }

  #checkCuts({ row, told }: Day, before: Day | null, ends: ReadonlyMap<number, number>): void {
    if (told === null) return
    for (const [shard, end] of ends) {
      const cut = told.cuts[shard]
      const earlier = before?.told?.cuts[shard] ?? 0
      if (cut !== undefined && cut >= earlier && cut <= end) continue
      const text = `in shard ${shard} it ends with line ${cut}, not between ${earlier} and ${end}`
      this.#wrong('closing.cut', row.day, text)
    }
  }

  #checkFigures({ row, told, moved }: Day, before: Day | null): void {
    // Of a book that can not be read the next one has the lines as well.
    if (told === null || before?.told === null) return
    const ended = new Map((before?.told?.accounts ?? []).map(one => [one.account, one]))
    const names = new Set([...told.accounts.map(one => one.account), ...ended.keys()])
    for (const name of moved.keys()) names.add(name)
    for (const name of names) {
      const own = told.accounts.filter(one => one.account === name)
      const { came, went, held } = moved.get(name) ?? { came: 0, went: 0, held: 0 }
      const { closing: opening, held: heldBefore } = ended.get(name) ?? { closing: 0, held: 0 }
      const due = [opening, came, went, opening + came - went, heldBefore + held].join('/')
      const said = own.map(one => [one.opening, one.in, one.out, one.closing, one.held].join('/'))
      if (said.length === 1 && said[0] === due) continue
      const text = `${name} is ${said.join(' and ') || 'missing'}, its lines give ${due}`
      this.#wrong('closing.changed', row.day, text)
    }
    const sum = told.accounts.reduce((total, one) => total + one.closing, 0)
    if (sum !== 0 || told.sum !== 0) {
      const text = `all accounts together are ${sum}, and it says ${told.sum}`
      this.#wrong('closing.changed', row.day, text)
    }
  }

  #wrong(
    name: 'closing.seal' | 'closing.cut' | 'closing.changed',
    actor: string,
    text: string,
  ): void {
    this.#problems.add(name, { shard: 0, actor }, text)
  }
}

function sumsOf({ moved }: Day, account: string): Sums {
  const colon = account.indexOf(':')
  const prefix = account.slice(0, Math.max(colon, 0))
  const name = many.includes(prefix) ? prefix : account
  let sums = moved.get(name)
  if (sums === undefined) moved.set(name, (sums = { came: 0, went: 0, held: 0 }))
  return sums
}

function readTold({ statement }: ClosingRow): Told | null {
  try {
    const told = JSON.parse(statement)
    const isAccount = (one: unknown) => typeof one === 'object' && one !== null
    return Array.isArray(told.cuts) && told.accounts.every(isAccount) ? told : null
  } catch {
    return null
  }
}

function isSigned({ statement, signature, signer }: ClosingRow): boolean {
  try {
    const der = Buffer.from(signer, 'base64')
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    return holds(null, Buffer.from(statement), key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}
