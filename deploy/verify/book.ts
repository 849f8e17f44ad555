/**
 * A bookkeeper of one shard who only believes what he reads: from operation, sides and amount of
 * each posting he works out what both accounts must have afterwards, and compares.
 *
 * Z4. The numbers after each posting are what a plain double-entry book gives; amounts are whole,
 *     positive and safe.
 * Z5. A wallet never has less than nothing available, after any posting.
 * Z6. A hold is posted, voided or expired once, by the actor that made it, and not for more.
 * Z7. After every line the balances that the journal states sum to zero over the shard.
 * Z8. A wrong number is told where it is, and the book goes on from it, so that one mistake is not
 *     told again with every line after it.
 */

import type { Balances, Body, Entry, Line } from './chain.ts'
import type { Problems } from './problems.ts'
import { blanked } from './rows.ts'

export type Account = {
  balance: number
  debitsPending: number
  creditsPending: number
  /** The line that changed it last. */
  seq: number
}

export type Hold = { readonly debit: string; readonly credit: string; readonly amount: number }

/** A change of what a wallet has available: what its owner's list of mutations must show. */
export type Movement = {
  readonly seq: number
  readonly leg: number
  readonly user: string
  readonly before: number
  readonly after: number
  readonly kind: string | null
  readonly reference: string
  readonly note: string
  readonly at: number
}

type Side = {
  readonly id: string
  readonly account: Account
  readonly stated: Balances | undefined
}

type Moved = {
  readonly leg: number
  readonly name: string
  readonly id: string
  readonly account: Account
  readonly before: number
}

const walletPrefix = 'wallet:'
export const isWallet = (account: string): boolean => account.startsWith(walletPrefix)

export class Book {
  readonly accounts = new Map<string, Account>()
  /** Open holds by the key of their actor and their name. */
  readonly holds = new Map<string, Hold>()
  /** What wallets gained or lost since somebody took these away. */
  movements: Movement[] = []
  /** Off when nobody will compare them any more. */
  keepsMovements = true
  #sum = 0
  #toldSum = 0
  readonly #problems: Problems

  constructor(problems: Problems) {
    this.#problems = problems
  }

  read(line: Line, body: Body): void {
    const { p: entries } = body
    if (entries === undefined) return
    for (let leg = 0; leg < entries.length; leg++) this.#post(line, body, entries[leg]!, leg)
    if (this.#sum !== this.#toldSum) {
      this.#toldSum = this.#sum
      const place = { shard: line.shard, seq: line.seq, actor: body.id }
      this.#problems.add('ledger.sum', place, `all balances together are ${this.#sum}, not 0`)
    }
  }

  /**
   * What wallets have, what is held on them, what stands in clearing, and the sum of everything.
   */
  totals(): { wallets: number; held: number; clearing: number; sum: number } {
    const totals = { wallets: 0, held: 0, clearing: 0, sum: 0 }
    for (const [id, account] of this.accounts) {
      totals.sum += account.balance
      if (id === 'clearing') totals.clearing += account.balance
      if (!isWallet(id)) continue
      totals.wallets += account.balance
      totals.held += account.debitsPending
    }
    return totals
  }

  #post(line: Line, body: Body, entry: Entry, leg: number): void {
    const [op, name, debitId, creditId, amount] = entry
    const place = { shard: line.shard, seq: line.seq, actor: body.id }
    if (!Number.isSafeInteger(amount) || amount <= 0) {
      this.#problems.add('ledger.amount', place, `${op} ${name} of ${amount} rupiah`)
    }
    const debit = this.#account(debitId)
    const credit = this.#account(creditId)
    const before = isWallet(debitId) ? debit.balance - debit.debitsPending : 0
    const beforeCredit = isWallet(creditId) ? credit.balance - credit.debitsPending : 0
    const balances = debit.balance + credit.balance

    const released = this.#released(line, body, entry)
    const moved = op === 'move' || op === 'post' ? amount : 0
    const pending = op === 'hold' ? amount : -released
    debit.balance -= moved
    credit.balance += moved
    debit.debitsPending += pending
    credit.creditsPending += pending

    this.#compare(line, entry, { id: debitId, account: debit, stated: entry[5] })
    this.#compare(line, entry, { id: creditId, account: credit, stated: entry[6] })
    this.#sum += debit.balance + credit.balance - balances
    debit.seq = line.seq
    credit.seq = line.seq
    if (isWallet(debitId)) {
      this.#move(line, body, { leg, name, id: debitId, account: debit, before })
    }
    if (isWallet(creditId)) {
      this.#move(line, body, { leg, name, id: creditId, account: credit, before: beforeCredit })
    }
  }

  /** How much of a hold this posting lifts; the hold itself opens or ends here. */
  #released(line: Line, body: Body, [op, name, debit, credit, amount, , , extra]: Entry): number {
    if (op === 'move') return 0
    const place = { shard: line.shard, seq: line.seq, actor: body.id }
    const hold = `${line.key}/${name}`
    const open = this.holds.get(hold)
    if (op === 'hold') {
      if (open !== undefined) this.#problems.add('ledger.hold', place, `${name} is held again`)
      this.holds.set(hold, { debit, credit, amount })
      return 0
    }
    if (op !== 'post' && op !== 'void' && op !== 'expire') {
      this.#problems.add('ledger.hold', place, `there is no operation ${op}`)
      return 0
    }
    if (open === undefined) {
      const text = `${op} of ${name}, which this actor does not hold (any more)`
      this.#problems.add('ledger.hold', place, text)
      return amount
    }
    this.holds.delete(hold)
    if (open.debit !== debit || open.credit !== credit) {
      this.#problems.add('ledger.hold', place, `${op} of ${name} between other accounts than held`)
    }
    const stated = op === 'post' ? (extra ?? amount) : amount
    if (stated !== open.amount || amount > open.amount) {
      const text = `${op} of ${name}: ${amount} of ${stated}, but ${open.amount} was held`
      this.#problems.add('ledger.hold', place, text)
    }
    return open.amount
  }

  /** What the line says of one side against what the book has; the line's word is gone on with. */
  #compare(line: Line, [op, name]: Entry, { id, account, stated }: Side): void {
    const { balance, debitsPending, creditsPending } = account
    if (
      stated !== undefined &&
      stated[0] === balance &&
      stated[1] === debitsPending &&
      stated[2] === creditsPending
    ) {
      return
    }
    const book = [balance, debitsPending, creditsPending]
    const text = `after ${op} ${name} the line says ${stated}, the book ${book}`
    this.#problems.add('ledger.after', { shard: line.shard, seq: line.seq, actor: id }, text)
    if (!Array.isArray(stated)) return
    account.balance = Number(stated[0])
    account.debitsPending = Number(stated[1])
    account.creditsPending = Number(stated[2])
  }

  #move(line: Line, body: Body, { leg, name, id, account, before }: Moved): void {
    const after = account.balance - account.debitsPending
    if (after < 0) {
      const place = { shard: line.shard, seq: line.seq, actor: id }
      this.#problems.add('ledger.floor', place, `${after} rupiah available`)
    }
    if (after === before || !this.keepsMovements) return
    this.movements.push({
      seq: line.seq,
      leg,
      user: id.slice(walletPrefix.length),
      before,
      after,
      kind: kindOf(body, name, after < before),
      reference: referenceOf(body),
      note: noteOf(body),
      at: body.at,
    })
  }

  #account(id: string): Account {
    let account = this.accounts.get(id)
    if (account === undefined) {
      account = { balance: 0, debitsPending: 0, creditsPending: 0, seq: 0 }
      this.accounts.set(id, account)
    }
    return account
  }
}

/** The word that the owner sees for a movement; null for kinds that this reading does not know. */
function kindOf(body: Body, name: string, out: boolean): string | null {
  if (body.k === 'order' || body.k === 'activation') {
    return name === 'refund' ? 'refund' : out ? 'order' : 'release'
  }
  if (body.k === 'commission' || body.k === 'deposit') return body.k
  if (body.k !== 'transfer' && body.k !== 'receipt') return null
  const from: unknown = body.e[0]?.['from']
  return typeof from === 'string' && isWallet(from) ? 'transfer' : 'deposit'
}

/** Of a commission: the order that earned it. */
function referenceOf({ k: kind, id, e: [first] }: Body): string {
  const order: unknown = first?.['order']
  return kind === 'commission' && typeof order === 'string' ? order : id
}

/** What its owner reads beside it: the words that came with the money, where any did. */
function noteOf({ k: kind, e: [first] }: Body): string {
  const note: unknown = kind === 'order' ? undefined : first?.['note']
  return typeof note === 'string' ? blanked(note) : ''
}
