/**
 * A second book, kept apart from the engine's: it sees every line the moment it is durable and
 * works the numbers out by itself. What the two books disagree on is a mistake in one of them.
 *
 * V9.  Both sides of a posting change alike, the numbers after it are right, no floor is broken,
 *      and the sum over all accounts of all shards is zero.
 * V10. Lines of a shard are sealed one to the next, without gaps, and time never runs backwards.
 * V11. An actor is born once, and a claim has one holder at a time.
 */

import { assert } from '../assert.ts'
import type { ActorId, Key, Millis } from '../ids.ts'
import type { AccountId, Balances, Entry, FloorOf } from '../ledger.ts'
import { decode, genesis, type JournalRecord, type Line, seal } from '../record.ts'

type Sums = [balance: number, debitsPending: number, creditsPending: number]
type Book = {
  seq: number
  hash: string
  at: Millis
  readonly accounts: Map<AccountId, Sums>
  readonly born: Map<Key, ActorId>
  readonly holds: Map<string, { debit: AccountId; credit: AccountId; amount: number }>
  readonly claims: Map<string, { until: Millis; holder: Key }>
}

export class Auditor {
  readonly books: readonly Book[]
  readonly #floorOf: FloorOf

  constructor(shards: number, floorOf: FloorOf) {
    this.#floorOf = floorOf
    this.books = Array.from({ length: shards }, () => ({
      seq: 0,
      hash: genesis,
      at: 0,
      accounts: new Map(),
      born: new Map(),
      holds: new Map(),
      claims: new Map(),
    }))
  }

  /** Checks one durable line and gives back what it says. */
  read(line: Line): JournalRecord {
    const book = this.books[line.shard]!
    const record = decode(line.body)
    assert(line.seq === book.seq + 1, 'V10: lines of a shard have no gaps')
    book.seq = line.seq
    const hash = seal(book.hash, line.shard, line.seq, line.body)
    assert(hash === line.hash, 'V10: a line is sealed with the one before')
    book.hash = hash
    assert(record.at >= book.at, 'V10: time in a shard never runs backwards')
    book.at = record.at

    const known = book.born.get(line.key)
    assert(record.born === (known === undefined), 'V11: an actor is born with its first line')
    assert(known === undefined || known === record.id, 'V11: an actor keeps its id')
    book.born.set(line.key, record.id)
    for (const entry of record.entries) this.#post(book, line.key, entry)
    this.#claim(book, line.key, record)
    return record
  }

  balance(shard: number, account: AccountId): Readonly<Sums> {
    return this.books[shard]!.accounts.get(account) ?? [0, 0, 0]
  }

  /** Over all shards: of one account, or of all. */
  total(account?: AccountId): Sums {
    const total: Sums = [0, 0, 0]
    for (const book of this.books) {
      for (const [id, sums] of book.accounts) {
        if (account !== undefined && id !== account) continue
        for (const [index, sum] of sums.entries()) total[index]! += sum
      }
    }
    return total
  }

  get holds(): number {
    return this.books.reduce((count, book) => count + book.holds.size, 0)
  }

  checkSums(): void {
    const [balance, debits, credits] = this.total()
    assert(balance === 0, 'V9: all balances sum to zero')
    assert(debits === credits, 'V9: what is pending out is pending in')
  }

  #post(book: Book, key: Key, entry: Entry): void {
    const [op, name, debitId, creditId, amount, debitAfter, creditAfter] = entry
    assert(Number.isSafeInteger(amount) && amount > 0, 'V9: amounts are whole and positive')
    const debit = this.#account(book, debitId)
    const credit = this.#account(book, creditId)
    const place = `${key}/${name}`
    if (op === 'hold') {
      assert(!book.holds.has(place), 'V9: a hold is opened once')
      book.holds.set(place, { debit: debitId, credit: creditId, amount })
      debit[1] += amount
      credit[2] += amount
    } else if (op === 'move') {
      debit[0] -= amount
      credit[0] += amount
    } else {
      const hold = book.holds.get(place)
      assert(hold !== undefined, 'V9: only a living hold is posted or released')
      assert(hold.debit === debitId && hold.credit === creditId, 'V9: a hold keeps its sides')
      assert(amount <= hold.amount, 'V9: no more is posted than was held')
      book.holds.delete(place)
      debit[1] -= hold.amount
      credit[2] -= hold.amount
      if (op === 'post') {
        debit[0] -= amount
        credit[0] += amount
      }
    }
    assert(same(debit, debitAfter), `V9: ${debitId} after ${op} is ${debit} not ${debitAfter}`)
    assert(same(credit, creditAfter), `V9: ${creditId} after ${op} is ${credit} not ${creditAfter}`)
    const floor = this.#floorOf(debitId)
    assert(floor === undefined || debit[0] - debit[1] >= floor, `V9: ${debitId} keeps its floor`)
  }

  #account(book: Book, id: AccountId): Sums {
    let sums = book.accounts.get(id)
    if (sums === undefined) {
      sums = [0, 0, 0]
      book.accounts.set(id, sums)
    }
    return sums
  }

  #claim(book: Book, key: Key, record: JournalRecord): void {
    for (const word of record.releases) {
      if (book.claims.get(word)?.holder === key) book.claims.delete(word)
    }
    for (const [word, until] of record.claims) {
      const claim = book.claims.get(word)
      const free = claim === undefined || claim.until <= record.at || claim.holder === key
      assert(free, 'V11: a claim has one holder at a time')
      book.claims.set(word, { until, holder: key })
    }
  }
}

const same = (sums: Sums, after: Balances): boolean =>
  sums[0] === after[0] && sums[1] === after[1] && sums[2] === after[2]
