/**
 * What persons decide about callbacks that could not be booked: at which terminal the money came
 * in. Known here by its event, so that the same event never pays a second time.
 *
 *   person ─▶ an objection? ─▶ kept as decided ─▶ booked like any other
 *
 * SAJ12. Money that names its merchant and no payment is booked where a person says, as a printed
 *       terminal's: at one of that merchant's terminals, at the one that it names if we know that,
 *       and not where it stands in the books already. His decision is kept before anything is
 *       booked, is carried out after a crash, and waits for a person again if it can not be.
 * SAJ13. What a person has booked is a duplicate when the same event comes again, however it names
 *       its payment then; another event of the same reference of the acquirer's pays no payment.
 */

import type { AssignedRow, CallbackRow } from '../../sql/qris-callbacks.ts'
import type { Refused } from '../contract/answer.ts'
import type { Millis } from '../contract/words.ts'
import { refuse } from '../refusal.ts'
import { keepLatest } from '../wire/latest.ts'
import { type Assigned, type CallbackJudge, type JudgeDeps, printedAt } from './callback-judge.ts'
import { read } from './callback-told.ts'
import { placeOfId } from './payment-place.ts'
import type { Registry } from './registry.ts'

export type DecisionDeps = Pick<JudgeDeps, 'registry' | 'planOf' | 'now'> & {
  /** What persons have assigned since then, newest first. */
  readonly assigned: (sinceMs: Millis) => Promise<readonly AssignedRow[]>
  /** What could not be booked where a person wanted it waits for one again. */
  readonly release: (id: number) => Promise<void>
  /** Payments that this money stands in already. */
  readonly bookedAs: (asked: {
    readonly id: number
    readonly eventId: string
    readonly merchantId: string
    readonly acquirerRef: string
  }) => Promise<readonly string[]>
  readonly now: () => Millis
}

type Terminal = NonNullable<ReturnType<Registry['terminal']>>

/** Persons decide so many in many years. */
export const assignedMax = 10_000
/** A decision may become visible so much later than it says. */
const learnAgainMs = 60_000

export class Decisions {
  readonly #deps: DecisionDeps
  /** By the event that they tell of. */
  readonly #assigned = new Map<string, Assigned>()
  /** Null: not asked yet. */
  #assignedMs: Millis | null = null

  constructor(deps: DecisionDeps) {
    this.#deps = deps
  }

  /** What a person has booked of this event, or wants booked. */
  async of(eventId: string): Promise<Assigned | undefined> {
    if (this.#assignedMs === null) await this.learn()
    return this.#assigned.get(eventId)
  }

  /** What other processes, and this one before it was started, had persons decide. */
  async learn(): Promise<void> {
    const rows = await this.#deps.assigned(this.#assignedMs ?? 0)
    for (const row of rows.toReversed()) this.note(row)
    this.#assignedMs = Math.max(this.#assignedMs ?? 0, (rows[0]?.reviewedMs ?? 0) - learnAgainMs)
  }

  note({ id, body, terminalId, by }: Omit<AssignedRow, 'reviewedMs'>): void {
    const told = read(Buffer.from(body, 'base64'))
    if (told === null) return
    keepLatest(this.#assigned, told.event_id, { id, told, terminalId, by }, assignedMax)
  }

  /** It could not be booked there after all: it waits for a person again. */
  async parkedAgain(id: number, eventId: string): Promise<void> {
    if (this.#assigned.get(eventId)?.id !== id) return
    await this.#deps.release(id)
    this.#assigned.delete(eventId)
  }

  /** Why a person can not have this booked at that terminal; null: he can. */
  async objection(
    row: CallbackRow,
    terminal: Terminal,
    judge: Pick<CallbackJudge, 'whose' | 'find'>,
  ): Promise<Refused | null> {
    const { registry, planOf, now, bookedAs } = this.#deps
    const { id, result, transactionId, reason } = row
    const unfit = (problem: string) => refuse('CALLBACK_UNASSIGNABLE', { problem })
    if (result === null) return unfit('at_work')
    if (result !== 'parked') return refuse('CALLBACK_BOOKED', { transactionId })
    if (row.reviewedBy !== null) return refuse('ALREADY_DECIDED')
    const told = read(Buffer.from(row.body, 'base64'))
    if (told === null || told.status !== 'paid') return unfit('no_payment')
    if (reason !== 'unknown_reference') return unfit(reason)
    const merchantId = judge.whose(told)
    if (merchantId === null) return unfit('merchant_unknown')
    const named = registry.terminalAt(told.nmid ?? undefined, told.terminal_id ?? undefined)
    const isElsewhere = told.terminal_id !== null && named !== undefined && named.id !== terminal.id
    if (terminal.merchantId !== merchantId || isElsewhere) return refuse('MERCHANT_MISMATCH')
    if (planOf(merchantId, now()) === null) return refuse('FEE_PLAN_MISSING')
    const { place } = printedAt(told, terminal)
    const found = await judge.find(told)
    const isThere = found !== null && !found.isNew
    if (isThere && found.place.key !== place.key) return unfit('payment_known')
    if (isThere && found.facts.terminal !== terminal.id) {
      return refuse('CALLBACK_BOOKED', { terminalId: found.facts.terminal })
    }
    const acquirerRef = told.reference
    const booked = await bookedAs({ id, eventId: told.event_id, merchantId, acquirerRef })
    const other = booked.find(one => placeOfId(one).key !== place.key)
    return other === undefined ? null : refuse('CALLBACK_BOOKED', { transactionId: other })
  }
}
