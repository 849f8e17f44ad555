/**
 * From the bank's word to the client's wallet. Every step is a row that says how far it came, so a
 * crash anywhere is gone on with, and the money moves under a reference that follows from the row.
 *
 *   delivery ─▶ inbox ─▶ rows (each once) ─▶ match ─▶ matched ──deposit──▶ credited
 *                          poll, import ─┘     └─▶ suspense ─▶ assigned ─┘   a person decides
 *
 * MNC1. A row is kept once, however often and by whichever feed it is told.
 * MNC2. A ticket is credited once, under a reference made of its id: webhook, poll, import and a
 *       crash between match and credit change nothing about that.
 * MNC3. What does not fit waits in the suspense queue with its reason; a person gives it to a
 *       client, once, or marks it returned, with a reason, and the row keeps who and why.
 * MNC4. Only the owner of the shards matches and credits.
 * MNC5. A row that a person pasted is that person's word: what it brings counts against his limit
 *       of the day, and above it waits for another person.
 */

import type { Database } from '../../sql/database.ts'
import {
  addBankRows,
  type BankRow,
  type CreditRow,
  judgeDelivery,
  matchRow,
  noteCredited,
  uncreditedRows,
  unmatchedRows,
  unreadDeliveries,
} from '../../sql/money/bank-mutations.ts'
import { readBankAccounts, readMoneyRules } from '../../sql/money/deposits.ts'
import { type ManualRow, noteManualPaid, unpaidManuals } from '../../sql/money/manual-moves.ts'
import type { Alone } from '../../sql/money/moved-alone.ts'
import type { Actions } from '../contract.ts'
import { dayOf, dayStart } from '../day.ts'
import { digits, readBankRow, type Seen } from './bank-row.ts'
import { suspicionOf } from './matching.ts'

export type Deposit = (
  wish: Actions['wallet.deposit']['params'],
) => Promise<Actions['wallet.deposit']['result']>

type BankDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly deposit: Deposit
  readonly now: () => number
  readonly isOwner: () => boolean
}

const ticketRef = (id: string): string => `ticket-${id}`
const rowRef = (id: number): string => `bank-${id}`
const manualRef = (id: string): string => `manual-${id}`

export class Bank {
  readonly #deps: BankDeps
  #working: Promise<void> | null = null
  #again = false
  #stopped = false

  constructor(deps: BankDeps) {
    this.#deps = deps
  }

  /** Keeps the rows; matching follows by itself. Returns how many are new. */
  async take(rows: readonly BankRow[], broughtBy: string | null = null): Promise<number> {
    const count = await addBankRows(this.#deps.db.pool, rows, broughtBy)
    // What fails now is gone on with at the next beat.
    if (count > 0) this.work().catch(() => {})
    return count
  }

  async seen(source: BankRow['source']): Promise<Seen> {
    const accounts = await readBankAccounts(this.#deps.db.pool)
    const byNumber = accounts.map(({ number, code }) => [digits(number), code] as const)
    return { accounts: new Map(byNumber), source, nowMs: this.#deps.now() }
  }

  /** Goes on with everything that is unfinished; resolves when it has looked at all of it. */
  work(): Promise<void> {
    if (this.#working !== null) {
      this.#again = true
      return this.#working
    }
    this.#working = this.#workThrough().finally(() => {
      this.#working = null
    })
    return this.#working
  }

  async stop(): Promise<void> {
    this.#stopped = true
    // What went wrong on the way is gone on with after the next start.
    await this.#working?.catch(() => {})
  }

  async #workThrough(): Promise<void> {
    do {
      this.#again = false
      if (this.#stopped || !this.#deps.isOwner()) return
      await this.#understand()
      await this.#match()
      await this.#credit()
      await this.#payManuals()
    } while (this.#again)
  }

  async #understand(): Promise<void> {
    const { pool } = this.#deps.db
    for (;;) {
      const deliveries = await unreadDeliveries(pool, 'moota')
      if (deliveries.length === 0) return
      const seen = await this.seen('webhook')
      for (const { id, body } of deliveries) {
        const values = arrayOf(body)
        if (values === null) {
          await judgeDelivery(pool, id, 'illegible')
          continue
        }
        await addBankRows(
          pool,
          values.map(value => readBankRow(value, seen)),
        )
        await judgeDelivery(pool, id, 'understood')
      }
    }
  }

  async #match(): Promise<void> {
    const { pool } = this.#deps.db
    for (let after = 0; ; ) {
      const rows = await unmatchedRows(pool, after)
      if (rows.length === 0) return
      const alone = await aloneNow(pool, this.#deps.now())
      for (const row of rows) await matchRow(pool, row, ticket => suspicionOf(row, ticket), alone)
      after = rows.at(-1)!.id
    }
  }

  async #credit(): Promise<void> {
    for (let after = 0; ; ) {
      const rows = await uncreditedRows(this.#deps.db.pool, after)
      if (rows.length === 0) return
      for (const row of rows) if (!this.#stopped) await this.#creditOne(row)
      after = rows.at(-1)!.id
    }
  }

  async #creditOne(row: CreditRow): Promise<void> {
    const { db, deposit, now } = this.#deps
    const { id, status, ticketId, userId, amount, bank } = row
    const ref = status === 'matched' && ticketId !== null ? ticketRef(ticketId) : rowRef(id)
    const answer = await deposit({ userId, amount, ref, note: bank })
    // Not now: the next beat repeats it with the same reference.
    if (!('ok' in answer)) return
    await noteCredited(db.pool, row, { transferId: answer.ok.transferId, nowMs: now() })
  }

  async #payManuals(): Promise<void> {
    for (const row of await unpaidManuals(this.#deps.db.pool, 'wallet')) await this.#payManual(row)
  }

  async #payManual({ id, userId, amount, note }: ManualRow): Promise<void> {
    const { db, deposit } = this.#deps
    if (userId === null) return
    const answer = await deposit({ userId, amount, ref: manualRef(id), note })
    if ('ok' in answer) await noteManualPaid(db.pool, { id, transferId: answer.ok.transferId })
  }
}

/** What a person may move without another one, as of now. */
export async function aloneNow(pool: Database['pool'], nowMs: number): Promise<Alone> {
  const { manualMax: aloneMax } = await readMoneyRules(pool)
  return { aloneMax, dayMs: dayStart(dayOf(nowMs)), nowMs }
}

function arrayOf(body: string): readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(body)
    return Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
