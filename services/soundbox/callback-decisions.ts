/**
 * What persons decide about callbacks that could not be booked: at which terminal the money came
 * in. Known here by its event, so that the same event never pays a second time.
 *
 *   person ─▶ an objection? ─▶ kept as decided ─▶ booked like any other
 *
 *   names its merchant, no payment     his terminal        as a printed terminal's
 *   names nobody whom we know          any terminal        alike
 *   another sum, a second payer        that of the payment, beside it, as a payment of its own
 *   a payment, and another merchant    either's terminal   alike
 *
 * What is not here can not be booked, and is put away with a reason: an amount that no QR can carry
 * or a text that nobody can read is no sum that anybody told; two payments named at once are for
 * the acquirer to tell apart, who would else be paid out twice when he does; and what is no money
 * that came (failed, expired, refunded) has no place to go.
 *
 * SAJ12. Money that names its merchant and no payment is booked where a person says, as a printed
 *       terminal's: at one of that merchant's terminals, at the one that it names if we know that,
 *       and not where it stands in the books already. His decision is kept before anything is
 *       booked, is carried out after a crash, and waits for a person again if it can not be.
 * SAJ13. What a person has booked is a duplicate when the same event comes again, however it names
 *       its payment then; another event of the same reference of the acquirer's pays no payment.
 * SAJ14. Money that came for a payment and is not what was agreed (another sum, another merchant),
 *       or came when that was paid, is booked beside it where a person says: whole, as a payment of
 *       its own at its terminal, with its own fee, sound and refunds. The payment stays as it is;
 *       what it was paid with is not booked beside it, nor the same money twice.
 * SAJ15. Money that names nobody whom we know is booked at whichever terminal a person says; if it
 *       names two who differ, at one of theirs. What stands in anybody's books is not booked.
 * SAJ16. One decision is made at a time, in whichever process: what was decided before is seen.
 * SAJ17. What tells of money that was booked so is told to it, under another event id as well: a
 *       repeat is a duplicate and never pays the payment beside it, and what was given back of it
 *       is given back there.
 */

import type { AssignedRow, CallbackRow } from '../../sql/soundbox/qris-callbacks.ts'
import type { Refused } from '../contract/answer.ts'
import type { Millis } from '../contract/words.ts'
import { refuse } from '../refusal.ts'
import { keepLatest } from '../wire/latest.ts'
import {
  type Assigned,
  type Assignments,
  assignedAt,
  type CallbackJudge,
  type JudgeDeps,
  ofNobody,
  type Standing,
  whose,
} from './callback-judge.ts'
import { read, type Told } from './callback-told.ts'
import { type Place, placeOfId } from './payment-place.ts'
import type { Registry } from './registry.ts'
import { isSameMoney, mayBeSame, moneyOf, moneyOfPaid } from './same-money.ts'

export type DecisionDeps = Pick<JudgeDeps, 'registry' | 'planOf' | 'now'> & {
  /** What persons have assigned since then, newest first. */
  readonly assigned: (sinceMs: Millis) => Promise<readonly AssignedRow[]>
  /** What could not be booked where a person wanted it waits for one again. */
  readonly release: (id: number) => Promise<void>
  /** The payment in which another callback of this event stands. */
  readonly bookedByEvent: (asked: {
    readonly id: number
    readonly eventId: string
  }) => Promise<string | null>
  /** Payments that came in under this reference of the acquirer's; null: of whichever merchant. */
  readonly bookedByRef: (asked: {
    readonly merchantId: string | null
    readonly acquirerRef: string
  }) => Promise<readonly string[]>
  readonly now: () => Millis
}

/** Where a person has it booked. */
export type Wish = { readonly terminalId: string; readonly besideId: string | null }

type Judge = Pick<CallbackJudge, 'find' | 'standing'>
type Terminal = NonNullable<ReturnType<Registry['terminal']>>
/** What is decided about. */
type Case = { readonly id: number; readonly told: Told; readonly by: string }

/** Of money that came for a payment and is not its own. */
const besides: readonly string[] = ['amount_mismatch', 'paid_again', 'merchant_mismatch']
/** Persons decide so many in many years. */
export const assignedMax = 10_000
/** A decision may become visible so much later than it says. */
const learnAgainMs = 60_000

const unfit = (problem: string) => refuse('CALLBACK_UNASSIGNABLE', { problem })

export class Decisions implements Assignments {
  readonly #deps: DecisionDeps
  /** By the event that they tell of. */
  readonly #assigned = new Map<string, Assigned>()
  /** By the place of the payment that they stand beside. */
  readonly #beside = new Map<string, readonly Assigned[]>()
  /** Those that named nobody, by what tells them from all others. */
  readonly #nameless = new Map<string, Assigned>()
  /** Null: not asked yet. */
  #assignedMs: Millis | null = null

  constructor(deps: DecisionDeps) {
    this.#deps = deps
  }

  async of(told: Told): Promise<Assigned | undefined> {
    if (this.#assignedMs === null) await this.learn()
    return this.#assigned.get(told.event_id) ?? this.#nameless.get(markOf(told) ?? '')
  }

  beside(place: Place): readonly Assigned[] {
    return this.#beside.get(nameOf(place)) ?? []
  }

  /** What other processes, and this one before it was started, had persons decide. */
  async learn(): Promise<void> {
    const rows = await this.#deps.assigned(this.#assignedMs ?? 0)
    for (const row of rows.toReversed()) this.note(row)
    this.#assignedMs = Math.max(this.#assignedMs ?? 0, (rows[0]?.reviewedMs ?? 0) - learnAgainMs)
  }

  note({ body, id, terminalId, besideId, by }: Omit<AssignedRow, 'reviewedMs'>): void {
    const told = read(Buffer.from(body, 'base64'))
    if (told === null) return
    const made: Assigned = { id, told, terminalId, besideId, by }
    keepLatest(this.#assigned, told.event_id, made, assignedMax)
    const mark = markOf(told)
    if (besideId !== null) {
      const name = nameOf(placeOfId(besideId))
      const others = (this.#beside.get(name) ?? []).filter(one => one.id !== id)
      keepLatest(this.#beside, name, [...others, made], assignedMax)
    } else if (mark !== null && whose(told, this.#deps.registry) === null) {
      keepLatest(this.#nameless, mark, made, assignedMax)
    }
  }

  /** It could not be booked there after all: it waits for a person again. */
  async parkedAgain(id: number, eventId: string): Promise<void> {
    const made = this.#assigned.get(eventId)
    if (made?.id !== id) return
    await this.#deps.release(id)
    this.#assigned.delete(eventId)
    const mark = markOf(made.told) ?? ''
    if (this.#nameless.get(mark)?.id === id) this.#nameless.delete(mark)
    if (made.besideId === null) return
    const name = nameOf(placeOfId(made.besideId))
    const others = this.#beside.get(name)?.filter(one => one.id !== id) ?? []
    if (others.length === 0) this.#beside.delete(name)
    else this.#beside.set(name, others)
  }

  /** Where a person has this booked, or why he can not. */
  async wishOf(
    row: CallbackRow,
    { terminalId, by }: { readonly terminalId?: string; readonly by: string },
    judge: Judge,
  ): Promise<Refused | Wish> {
    const { id, result, transactionId, reason } = row
    if (result === null) return unfit('at_work')
    if (result !== 'parked') return refuse('CALLBACK_BOOKED', { transactionId })
    if (row.reviewedBy !== null) return refuse('ALREADY_DECIDED')
    const told = read(Buffer.from(row.body, 'base64'))
    if (told === null || told.status !== 'paid') return unfit('no_payment')
    await this.learn()
    const first = this.#assigned.get(told.event_id)
    if (first !== undefined && first.id !== id && first.told.amount !== told.amount) {
      return refuse('CALLBACK_BOOKED', { terminalId: first.terminalId })
    }
    const named =
      besides.includes(reason) && transactionId !== null
        ? await judge.standing(placeOfId(transactionId))
        : null
    if (named !== null) {
      // Two merchants are named: which of them it is, nobody can guess.
      const usual = reason === 'merchant_mismatch' ? '' : named.facts.terminal
      const isOnlyThere = reason !== 'merchant_mismatch'
      const terminal = this.#deps.registry.terminal(terminalId ?? usual)
      if (terminal === undefined) return missing(terminalId)
      const isThere = terminal.id === named.facts.terminal
      if (!isThere && (isOnlyThere || this.#names(told, terminal) !== true)) {
        return refuse('MERCHANT_MISMATCH')
      }
      const made = { id, told, by, named, terminal, judge }
      return (await this.#againstBeside(made)) ?? { terminalId: terminal.id, besideId: named.id }
    }
    if (reason !== 'unknown_reference') return unfit(reason)
    const terminal = this.#deps.registry.terminal(terminalId ?? '')
    if (terminal === undefined) return missing(terminalId)
    if (this.#names(told, terminal) === false) return refuse('MERCHANT_MISMATCH')
    const against = await this.#againstPrinted({ id, told, by, terminal, judge })
    return against ?? { terminalId: terminal.id, besideId: null }
  }

  /** Why it can not be booked as what that terminal was paid; null: it can. */
  async #againstPrinted({
    id,
    told,
    by,
    terminal,
    judge,
  }: Case & { readonly terminal: Terminal; readonly judge: Judge }): Promise<Refused | null> {
    const { planOf, now, bookedByEvent, bookedByRef } = this.#deps
    const { merchantId } = terminal
    if (planOf(merchantId, now()) === null) return refuse('FEE_PLAN_MISSING')
    const { place } = assignedAt({ told, by, besideId: null }, terminal)
    const found = await judge.find(told)
    const isKnown = found !== null && !found.isNew && found.place.key !== place.key
    if (isKnown) return unfit('payment_known')
    const there = await judge.standing(place)
    if (there !== null && there.facts.terminal !== terminal.id) {
      return refuse('CALLBACK_BOOKED', { terminalId: there.facts.terminal })
    }
    const isNameless = whose(told, this.#deps.registry) === null
    const twin = isNameless ? this.#twinOf(told, terminal.id) : undefined
    if (twin !== undefined) return refuse('CALLBACK_BOOKED', { terminalId: twin.terminalId })
    const byEvent = await bookedByEvent({ id, eventId: told.event_id })
    const asked = { merchantId: isNameless ? null : merchantId, acquirerRef: told.reference }
    for (const one of [...(byEvent === null ? [] : [byEvent]), ...(await bookedByRef(asked))]) {
      if (placeOfId(one).key === place.key) continue
      const other = await judge.standing(placeOfId(one))
      const isHis = one === byEvent || other?.facts.merchant === merchantId
      if (isHis || (other !== null && mayHavePaid(told, other))) {
        return refuse('CALLBACK_BOOKED', { transactionId: one })
      }
    }
    return null
  }

  /** Why it can not be booked beside the payment that it names; null: it can. */
  async #againstBeside({
    id,
    told,
    by,
    named,
    terminal,
    judge,
  }: Case & {
    readonly named: Standing
    readonly terminal: Terminal
    readonly judge: Judge
  }): Promise<Refused | null> {
    const { planOf, now, bookedByEvent, bookedByRef } = this.#deps
    const { merchantId } = terminal
    if (planOf(merchantId, now()) === null) return refuse('FEE_PLAN_MISSING')
    const money = moneyOf(told, named.facts)
    if (named.paid !== null && isSameMoney(money, moneyOfPaid(named.paid, named.facts))) {
      return refuse('CALLBACK_BOOKED', { transactionId: named.id })
    }
    const twin = this.beside(named.place).find(
      one =>
        one.told.event_id !== told.event_id && isSameMoney(money, moneyOf(one.told, named.facts)),
    )
    if (twin !== undefined) return refuse('CALLBACK_BOOKED', { terminalId: twin.terminalId })
    const { place } = assignedAt({ told, by, besideId: named.id }, terminal)
    const isElsewhere = (one: string) => ![place.key, named.place.key].includes(placeOfId(one).key)
    const byEvent = await bookedByEvent({ id, eventId: told.event_id })
    if (byEvent !== null && placeOfId(byEvent).key !== place.key) {
      return refuse('CALLBACK_BOOKED', { transactionId: byEvent })
    }
    const asked = { merchantId, acquirerRef: money.name ?? '' }
    for (const one of (await bookedByRef(asked)).filter(isElsewhere)) {
      const other = await judge.standing(placeOfId(one))
      if (other?.paid && mayBeSame(money, moneyOfPaid(other.paid, ofNobody))) {
        return refuse('CALLBACK_BOOKED', { transactionId: one })
      }
    }
    return null
  }

  /** Of money that named nobody: what may be the same, and was booked elsewhere. */
  #twinOf(told: Told, terminalId: string): Assigned | undefined {
    return [...this.#assigned.values()].find(
      one =>
        one.besideId === null &&
        one.terminalId !== terminalId &&
        one.told.reference !== '' &&
        one.told.reference === told.reference &&
        one.told.amount === told.amount &&
        mayBeSame(moneyOf(one.told, ofNobody), moneyOf(told, ofNobody)),
    )
  }

  /**
   * Whether it names that terminal, or its merchant and no terminal of his that we know. Null: it
   * names nobody whom we know.
   */
  #names({ nmid, terminal_id }: Told, terminal: Terminal): boolean | null {
    const { registry } = this.#deps
    const owner = registry.ownerOf(nmid ?? '')?.id
    const label = terminal_id ?? undefined
    const at =
      label === undefined
        ? undefined
        : (registry.terminal(label) ?? registry.terminalAt(nmid ?? undefined, label))
    if (owner === undefined && at === undefined) return null
    if (at?.id === terminal.id) return true
    return terminal.merchantId === owner && at?.merchantId !== owner
  }
}

const missing = (terminalId: string | undefined): Refused =>
  terminalId === undefined
    ? refuse('FIELDS_INVALID', { problems: ['terminal_id'] })
    : refuse('NOT_FOUND')

const nameOf = ({ shard, key }: Place): string => `${shard} ${key}`

/** Null where there is nothing that tells it from all others. */
function markOf(told: Told): string | null {
  const { name, at } = moneyOf(told, ofNobody)
  return name === null || at === null ? null : `${at} ${name}`
}

/** Of the same reference, elsewhere: nothing says that it is other money. */
const mayHavePaid = (told: Told, { facts, paid }: Standing): boolean =>
  paid !== null &&
  facts.amount === told.amount &&
  mayBeSame(moneyOf(told, ofNobody), moneyOfPaid(paid, ofNobody))
