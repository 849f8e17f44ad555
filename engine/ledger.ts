/**
 * Double entry in memory, one ledger per shard. Words are TigerBeetle's: a transfer debits one
 * account and credits another; a two-phase transfer is pending first (`hold`) and is then posted,
 * in full or in part, voided, or expires.
 *
 *   move  ──────────────────────▶ posted
 *   hold ──▶ pending ──post(≤)──▶ posted, the rest released
 *                    ├──void────▶ released
 *                    └──expire──▶ released, after its time
 *
 * An account keeps three numbers: `balance` (credits posted less debits posted) and what is pending
 * on either side. What is pending to go out counts as gone at once.
 *
 * L1. Every posting debits and credits the same amount: the sum of all balances never changes.
 * L2. An account with a floor never has balance - pending debits below it, at any prefix.
 * L3. A hold is posted or released once, and never for more than was held.
 * L4. Amounts are whole, positive and safe.
 */

import { assert } from './assert.ts'
import type { Millis } from './ids.ts'
import { isRupiah, plus, type Rupiah } from './money.ts'

export type AccountId = string

/** What an actor asks for. Names are unique per actor and say what the money is for. */
export type Posting =
  | {
      readonly op: 'move'
      readonly name: string
      readonly debit: AccountId
      readonly credit: AccountId
      readonly amount: Rupiah
    }
  | {
      readonly op: 'hold'
      readonly name: string
      readonly debit: AccountId
      readonly credit: AccountId
      readonly amount: Rupiah
      /** After this the hold releases itself, unless it was posted or voided. */
      readonly expiresAt?: Millis
    }
  | { readonly op: 'post'; readonly name: string; readonly amount?: Rupiah }
  | { readonly op: 'void'; readonly name: string }
  | { readonly op: 'expire'; readonly name: string }

export type Balances = readonly [balance: Rupiah, debitsPending: Rupiah, creditsPending: Rupiah]

/** What the journal keeps of a posting: both sides with the numbers after it. */
export type Entry = [
  op: Posting['op'],
  name: string,
  debit: AccountId,
  credit: AccountId,
  amount: Rupiah,
  debitAfter: Balances,
  creditAfter: Balances,
  /** Of a hold: when it releases itself. Of a partial post: what had been held. */
  extra?: number,
]

export type Hold = {
  readonly name: string
  readonly debit: AccountId
  readonly credit: AccountId
  readonly amount: Rupiah
  readonly expiresAt?: Millis
}

/** The lowest that balance - pending debits may go; undefined = no floor (house accounts). */
export type FloorOf = (account: AccountId) => Rupiah | undefined

export class Account {
  readonly id: AccountId
  readonly floor: Rupiah | undefined
  balance: Rupiah
  debitsPending: Rupiah
  creditsPending: Rupiah
  /** Changed since the last checkpoint. */
  dirty = false
  /** Record that changed it last. */
  seq = 0
  touchedAt: Millis = 0

  constructor(id: AccountId, floor: Rupiah | undefined, balances: Balances = [0, 0, 0]) {
    this.id = id
    this.floor = floor
    this.balance = balances[0]
    this.debitsPending = balances[1]
    this.creditsPending = balances[2]
  }

  get available(): Rupiah {
    return this.balance - this.debitsPending
  }

  get isEmpty(): boolean {
    return this.balance === 0 && this.debitsPending === 0 && this.creditsPending === 0
  }

  balances(): Balances {
    return [this.balance, this.debitsPending, this.creditsPending]
  }
}

/** Where a ledger finds accounts and one actor's holds: the shard and the cell in production. */
type Books = {
  account(id: AccountId): Account
}

/** The holds of one actor: a short list, usually of one. */
export type Holds = Hold[]

/**
 * Carries out one posting and says what the journal shall keep of it. A posting that may not be
 * (floor, unknown hold, wrong amount) is a violation: deciders look before they leap.
 */
export function execute(books: Books, holds: Holds, posting: Posting): Entry {
  switch (posting.op) {
    case 'move': {
      checkAmount(posting.amount)
      return shift(books, posting.op, posting, posting.amount, 0)
    }
    case 'hold': {
      checkAmount(posting.amount)
      assert(
        holds.every(hold => hold.name !== posting.name),
        'L3: a hold name is used once at a time',
      )
      const debit = books.account(posting.debit)
      const credit = books.account(posting.credit)
      assert(debit !== credit, 'L1: a posting has two different sides')
      debit.debitsPending = plus(debit.debitsPending, posting.amount)
      credit.creditsPending = plus(credit.creditsPending, posting.amount)
      checkFloor(debit)
      const { name, amount, expiresAt } = posting
      const hold = { name, debit: posting.debit, credit: posting.credit, amount }
      holds.push(expiresAt === undefined ? hold : { ...hold, expiresAt })
      const kept = entry('hold', hold, amount, debit, credit)
      if (expiresAt !== undefined) kept[7] = expiresAt
      return kept
    }
    case 'post': {
      const hold = take(holds, posting.name)
      const amount = posting.amount ?? hold.amount
      checkAmount(amount)
      assert(amount <= hold.amount, 'L3: not more is posted than was held')
      const kept = shift(books, 'post', hold, amount, hold.amount)
      if (amount < hold.amount) kept[7] = hold.amount
      return kept
    }
    case 'void':
    case 'expire': {
      const hold = take(holds, posting.name)
      return shift(books, posting.op, hold, 0, hold.amount)
    }
  }
}

/**
 * What an entry of the journal left of an actor's holds; the accounts stand in the entry itself.
 */
export function replayHold(holds: Holds, entry: Entry): void {
  const [op, name, debit, credit, amount, , , expiresAt] = entry
  if (op === 'move') return
  if (op !== 'hold') {
    take(holds, name)
    return
  }
  const hold = { name, debit, credit, amount }
  holds.push(expiresAt === undefined ? hold : { ...hold, expiresAt })
}

/** Moves `amount` from debit to credit and lifts `released` off what was pending on both. */
function shift(
  books: Books,
  op: Posting['op'],
  sides: Pick<Hold, 'name' | 'debit' | 'credit'>,
  amount: Rupiah,
  released: Rupiah,
): Entry {
  const debit = books.account(sides.debit)
  const credit = books.account(sides.credit)
  assert(debit !== credit, 'L1: a posting has two different sides')
  debit.balance = plus(debit.balance, -amount)
  credit.balance = plus(credit.balance, amount)
  debit.debitsPending -= released
  credit.creditsPending -= released
  assert(debit.debitsPending >= 0, 'L3: no more is released than was pending out')
  assert(credit.creditsPending >= 0, 'L3: no more is released than was pending in')
  checkFloor(debit)
  return entry(op, sides, op === 'void' || op === 'expire' ? released : amount, debit, credit)
}

const entry = (
  op: Posting['op'],
  sides: Pick<Hold, 'name' | 'debit' | 'credit'>,
  amount: Rupiah,
  debit: Account,
  credit: Account,
): Entry => [op, sides.name, sides.debit, sides.credit, amount, debit.balances(), credit.balances()]

function take(holds: Holds, name: string): Hold {
  const index = holds.findIndex(hold => hold.name === name)
  assert(index >= 0, 'L3: only a living hold is posted or released')
  return holds.splice(index, 1)[0]!
}

function checkAmount(amount: Rupiah): void {
  assert(isRupiah(amount), 'L4: an amount is whole rupiah')
  assert(amount > 0, 'L4: an amount is positive')
}

function checkFloor(account: Account): void {
  assert(
    account.floor === undefined || account.available >= account.floor,
    'L2: an account with a floor stays above it',
  )
}
