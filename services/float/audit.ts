/**
 * Our prepaid balance at each supplier: what our books make of it, and whether what the supplier
 * says agrees. Fed with durable lines in their order; no I/O.
 *
 *   deposits ─┐                 ┌─ lower: all that is out was taken
 *   costs ────┴▶ books ──band──▶│        reported, inside? ──no, three times and a minute──▶ drift
 *   in flight, just ended ──────└─ upper: nothing of it was taken yet
 *
 * Replies come out of order and callbacks late, so a balance says how it was at some moment between
 * asking and hearing. What ended in between may be in it or not, and so may what is still out.
 *
 * FLA1. Books are what was paid in less what was charged; every posting on the float counts,
 *       whichever actor made it.
 * FLA2. What was delivered since the asking widens the band upward; what failed since then, and
 *       what is out or unknown, widens it downward, by the most that may be charged.
 * FLA3. Outside the band is a doubt; three reports in a row on the same side over a minute or more
 *       are a drift, known by its size, its begin and the order with which it began.
 * FLA4. A doubt ends with a report inside a band that is narrower than the doubt: to lie inside a
 *       wide one proves nothing.
 * FLA5. Money that persons booked may arrive there two hours later.
 * FLA6. Where one order alone lies between two reports, the step between them is its cost; when it
 *       is another, the order is a suspect.
 * FLA7. A float into which nothing was booked yet is not compared, nor is a supplier who never
 *       names a balance, nor an answer to what was asked before we began to follow.
 * FLA8. Some name the balance from before the charge: then their own order is not in it.
 */

import { float } from '../../actors/chart.ts'
import type { OrderEvent, Attempt as Tried } from '../../actors/order/order-contract.ts'
import type { Entry } from '../../engine/ledger.ts'
import type { JournalRecord } from '../../engine/record.ts'
import type { Millis, Rupiah } from '../contract/words.ts'
import { FigureTable } from '../figure-table.ts'

const proofs = 3
const proofMs = 60_000
export const arrivalMs = 2 * 3_600_000
const suspectsMax = 20
const bookingsMax = 200

export type Reported = {
  readonly balance: Rupiah
  readonly at: Millis
  /** The order whose answer named it; null when it was asked for. */
  readonly order: string | null
  readonly books: Rupiah
  readonly lower: Rupiah
  readonly upper: Rupiah
  /** How far outside, with its sign: positive when they say more than they should. */
  readonly off: Rupiah
}

type Doubt = {
  readonly since: Millis
  /** Null when it began with a balance that was asked for. */
  readonly order: string | null
  readonly off: Rupiah
  readonly reports: number
  /** It lasts: told to a person. */
  readonly drift: boolean
}

type Suspect = {
  readonly order: string
  readonly at: Millis
  readonly cost: Rupiah
  readonly step: Rupiah
}

/** Where everything stood when a question left: what an answer may or may not include. */
type Mark = {
  readonly charged: Rupiah
  readonly failed: Rupiah
  readonly moves: number
  readonly at: Millis
}

type Attempt = {
  readonly stand: Stand
  readonly n: number
  /** The most that may be charged. */
  readonly most: Rupiah
  /** Null of one that was out before we began to follow. */
  readonly mark: Mark | null
}

/** What is out, a row of figures each: number of the stand, and its attempt. */
const columns = { stand: 0, n: 1, most: 2, charged: 3, failed: 4, moves: 5, at: 6 }
/** In the place of moves: no mark. */
const unmarked = -1

export class Stand {
  readonly code: string
  /** The how-manieth. */
  readonly number: number
  books: Rupiah = 0
  /** The most that may be charged for what is out. */
  out: Rupiah = 0
  isOpened = false
  tellsBefore = false
  reported: Reported | null = null
  agreed: { readonly at: Millis; readonly order: string | null } | null = null
  doubt: Doubt | null = null
  suspects: readonly Suspect[] = []
  /** What ended since we follow: charged, or not in the end. */
  charged: Rupiah = 0
  failed: Rupiah = 0
  bookings: readonly { readonly at: Millis; readonly amount: Rupiah }[] = []
  /** Changes that a balance could show. */
  moves = 0
  last: { readonly balance: Rupiah; readonly moves: number; readonly cost: Rupiah } | null = null

  constructor(code: string, number: number) {
    this.code = code
    this.number = number
  }

  mark(at: Millis): Mark {
    return { charged: this.charged, failed: this.failed, moves: this.moves, at }
  }
}

type Told = {
  readonly balance: Rupiah
  readonly at: Millis
  readonly mark: Mark
  readonly order: string | null
  readonly cost: Rupiah
}

const prefix = float('')

export class FloatAudit {
  readonly stands = new Map<string, Stand>()
  readonly #numbered: Stand[] = []
  readonly #open = new FigureTable(Object.keys(columns).length)

  of(code: string): Stand {
    const known = this.stands.get(code)
    if (known !== undefined) return known
    const fresh = new Stand(code, this.#numbered.length)
    this.stands.set(code, fresh)
    this.#numbered.push(fresh)
    return fresh
  }

  /** What the accounts hold before the first line that is fed: credits less debits. */
  begin(accounts: Iterable<readonly [id: string, balance: Rupiah]>): void {
    this.#open.clear()
    for (const stand of this.stands.values()) {
      stand.books = 0
      stand.out = 0
      stand.last = null
    }
    for (const [id, balance] of accounts) {
      if (id.startsWith(prefix)) this.of(id.slice(prefix.length)).books -= balance
    }
  }

  /** An attempt that was out before we began. */
  hang(id: string, { outcome, n, supplier, cost, maxPrice }: Tried): void {
    const isOut = this.#open.row(id) !== undefined
    if (isOut || outcome === 'success' || outcome === 'failed') return
    this.#goOut(id, { stand: this.of(supplier), n, most: Math.max(cost, maxPrice), mark: null })
  }

  /** The same from its own lines. */
  recall(record: JournalRecord): void {
    if (record.kind !== 'order') return
    for (const event of record.events as readonly OrderEvent[]) {
      if (event.type === 'dispatched')
        this.hang(record.id, { ...event, outcome: 'started' } as never)
      else if (event.type === 'attempt_failed' || event.type === 'delivered') {
        this.#comeBack(record.id, event.n)
      }
    }
  }

  feed(record: JournalRecord): void {
    for (const entry of record.entries) this.#book(entry, record.at)
    if (record.kind !== 'order') return
    const { id, at } = record
    for (const event of record.events as readonly OrderEvent[]) {
      switch (event.type) {
        case 'dispatched': {
          const stand = this.of(event.supplier)
          stand.moves++
          const most = Math.max(event.cost, event.maxPrice)
          this.#goOut(id, { stand, n: event.n, most, mark: stand.mark(at) })
          break
        }
        case 'attempt_failed': {
          const attempt = this.#comeBack(id, event.n)
          if (attempt === undefined) break
          attempt.stand.failed += attempt.most
          attempt.stand.moves++
          break
        }
        case 'delivered':
          this.#delivered(id, event, at)
      }
    }
  }

  /** A balance that was asked for when `mark` was taken. */
  asked(code: string, mark: Mark, { balance, at }: { balance: Rupiah; at: Millis }): void {
    this.#hear(this.of(code), { balance, at, mark, order: null, cost: 0 })
  }

  #goOut(id: string, attempt: Attempt): void {
    const { stand, n, most, mark } = attempt
    stand.out += most
    const row = this.#open.enter(id)
    const { numbers } = this.#open
    numbers[row + columns.stand] = stand.number
    numbers[row + columns.n] = n
    numbers[row + columns.most] = most
    numbers[row + columns.moves] = mark?.moves ?? unmarked
    if (mark === null) return
    numbers[row + columns.charged] = mark.charged
    numbers[row + columns.failed] = mark.failed
    numbers[row + columns.at] = mark.at
  }

  #comeBack(id: string, n: number): Attempt | undefined {
    const row = this.#open.row(id)
    const { numbers } = this.#open
    if (row === undefined || numbers[row + columns.n] !== n) return undefined
    const stand = this.#numbered[numbers[row + columns.stand]!]!
    const most = numbers[row + columns.most]!
    const moves = numbers[row + columns.moves]!
    const charged = numbers[row + columns.charged]!
    const failed = numbers[row + columns.failed]!
    const at = numbers[row + columns.at]!
    this.#open.leave(id)
    stand.out -= most
    return { stand, n, most, mark: moves === unmarked ? null : { charged, failed, moves, at } }
  }

  #delivered(
    id: string,
    { n, cost, balance }: Extract<OrderEvent, { type: 'delivered' }>,
    at: Millis,
  ): void {
    const attempt = this.#comeBack(id, n)
    if (attempt === undefined) return
    const { stand, mark } = attempt
    stand.moves++
    if (balance !== null && mark !== null) {
      this.#hear(stand, { balance, at, mark, order: id, cost })
    }
    stand.charged += cost
  }

  #book([op, name, debit, credit, amount]: Entry, at: Millis): void {
    if (op !== 'move' && op !== 'post') return
    const isIn = debit.startsWith(prefix)
    if (!isIn && !credit.startsWith(prefix)) return
    const stand = this.of((isIn ? debit : credit).slice(prefix.length))
    const signed = isIn ? amount : -amount
    stand.books += signed
    if (name === 'cost') return
    stand.moves++
    if (name === 'send' || name === 'receive') stand.isOpened = true
    const young = stand.bookings.filter(one => one.at > at - arrivalMs)
    stand.bookings = [...young, { at, amount: signed }].slice(-bookingsMax)
  }

  #hear(stand: Stand, told: Told): void {
    const { balance, at, order } = told
    const { lower, upper } = bandOf(stand, told)
    const off = balance < lower ? balance - lower : balance > upper ? balance - upper : 0
    stand.reported = { balance, at, order, books: stand.books, lower, upper, off }
    this.#suspect(stand, told, lower === upper)
    if (stand.isOpened) this.#judge(stand, { lower, upper, off, at, order })
  }

  #judge(
    stand: Stand,
    { lower, upper, off, at, order }: Pick<Reported, 'lower' | 'upper' | 'off' | 'at' | 'order'>,
  ): void {
    const { doubt } = stand
    if (off === 0) {
      if (doubt !== null && upper - lower >= Math.abs(doubt.off)) return
      stand.doubt = null
      stand.agreed = { at, order }
      return
    }
    const isSame = doubt !== null && Math.sign(doubt.off) === Math.sign(off)
    const { since, order: first, reports } = isSame ? doubt : { since: at, order, reports: 0 }
    const isDrift = isSame && doubt.drift
    const drift = isDrift || (reports + 1 >= proofs && at - since >= proofMs)
    stand.doubt = { since, order: first, off, reports: reports + 1, drift }
  }

  /** Only where nothing else was out or booked can a step be one order's cost. */
  #suspect(stand: Stand, { balance, at, order, cost, mark }: Told, isAlone: boolean): void {
    const { last, moves, tellsBefore } = stand
    stand.last = isAlone ? { balance, moves, cost } : null
    if (last === null || order === null || !isAlone) return
    if (mark.moves !== last.moves + 1 || moves !== last.moves + 2) return
    const charged = tellsBefore ? last.cost : cost
    const step = last.balance - balance
    if (step === charged) return
    stand.suspects = [...stand.suspects, { order, at, cost: charged, step }].slice(-suspectsMax)
  }
}

/** What the supplier may truthfully say, see FLA2. The order itself is booked already. */
function bandOf(stand: Stand, { mark, order, cost }: Told): { lower: Rupiah; upper: Rupiah } {
  const own = stand.tellsBefore && order !== null ? cost : 0
  let upper = stand.books + own + (stand.charged - mark.charged)
  let lower = stand.books + own - (stand.failed - mark.failed) - stand.out
  for (const { at, amount } of stand.bookings) {
    if (at <= mark.at - arrivalMs) continue
    if (amount > 0) lower -= amount
    else upper -= amount
  }
  return { lower, upper }
}
