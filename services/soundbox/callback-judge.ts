/**
 * Which payment a callback is about, and what becomes of that. Everything is looked up; the payment
 * itself decides.
 *
 *   told ─▶ booked by a person? ─▶ at a printed terminal? ─▶ whose? ─▶ payment actor, or what
 *                                                              │nobody's      │refused   was booked
 *                                                              └──▶ parked ◀──┘          beside it
 *
 * SAJ3. A repeat changes nothing and is told so, under another event id as well; but what tells
 *       another time of payment, too, or another reference of the acquirer's, is money of somebody
 *       else, and parked for a person.
 * SAJ4. What contradicts the payment (amount, merchant, terminal, an end that was another) is
 *       parked for a person, as is an amount that no QR can carry; the payment stays as it is.
 * SAJ6. A payment is found by our id, by the label in its QR, by merchant and reference, or by a
 *       reference that only one payment bears; a printed terminal's is made by what pays it. What
 *       names one payment by its id and another by its label, or by the merchant's own reference,
 *       is parked for a person.
 * SAJ7. Word of a refund that a person here ordered is not booked a second time.
 * SAJ8. What names an NMID that a merchant had before is that merchant's, booked and spoken as
 *       ever; what names somebody else's never is.
 */

import { merchantOwner } from '../../actors/chart.ts'
import { isBooked } from '../../actors/payment/payment.ts'
import type { Notice, Paid, Payment, PaymentFacts } from '../../actors/payment/payment-contract.ts'
import type { FeePlan } from '../../actors/settlement/fee.ts'
import { isId, shardOf } from '../../engine/ids.ts'
import { amountMax } from '../../engine/money.ts'
import type { Envelope, Reply } from '../../engine/shard.ts'
import type { AssignedRow, Judged } from '../../sql/soundbox/qris-callbacks.ts'
import type { Millis } from '../contract/words.ts'
import { acquirerRefOf, type Told, timeOf } from './callback-told.ts'
import {
  asPayment,
  besideReference,
  type Place,
  placeOf,
  placeOfId,
  placeOfLabel,
  printedReference,
} from './payment-place.ts'
import type { Registry } from './registry.ts'
import { isSameMoney, moneyOf, moneyOfPaid } from './same-money.ts'
import type { SenderClock } from './sender-clock.ts'

export type JudgeDeps = {
  readonly shards: number
  readonly registry: Pick<Registry, 'terminalAt' | 'ownerOf' | 'merchant' | 'terminal'>
  readonly ask: (envelope: Envelope) => Promise<Reply>
  /** Which payment a request is about to tell something. */
  readonly enter?: (requestId: string, place: Place) => void
  /** Surely nothing was ever there. False: it must be asked. */
  readonly isNew: (place: Place) => boolean
  /** The one payment that bears this reference, if there is just one. */
  readonly byReference: (reference: string) => Promise<Place | null>
  readonly planOf: (merchantId: string, at: Millis) => FeePlan | null
  readonly noticeOf: (facts: Pick<PaymentFacts, 'merchant' | 'terminal' | 'amount'>) => Notice
  readonly dayOf: (at: Millis) => string
  readonly now: () => Millis
}

export type Judgement = Omit<Judged, 'id' | 'eventId'>
/** As a payment refuses what names none. */
const notThere = 'not_found'

/** Kept, and booked or to be booked where a person said. */
export type Assigned = Omit<AssignedRow, 'body' | 'reviewedMs'> & { readonly told: Told }

/** What persons have booked, or want booked. */
export type Assignments = {
  /** Of this event, or of this money where it names no merchant. */
  readonly of: (told: Told) => Promise<Assigned | undefined>
  /** Of what came for the payment there and is not its own. */
  readonly beside: (place: Place) => readonly Assigned[]
}

type Terminal = { readonly id: string; readonly merchantId: string; readonly outletId: string }

/** Either a place in which a payment stands, or what a printed QR's payment is made of. */
export type Found = { readonly place: Place; readonly facts: PaymentFacts; readonly isNew: boolean }
/** `paid`: by what, if it was. */
export type Standing = Found & { readonly id: string; readonly paid: Paid | null }
/** Nameless as far as we know: what a payment would call itself there is not. */
export const ofNobody = { reference: '', qr: '' }

export class CallbackJudge {
  readonly #deps: JudgeDeps
  readonly #clock: Pick<SenderClock, 'behindAt'>
  readonly #assignments: Assignments

  constructor(
    deps: JudgeDeps,
    of: {
      readonly clock: Pick<SenderClock, 'behindAt'>
      readonly assignments: Assignments
    },
  ) {
    this.#deps = deps
    this.#clock = of.clock
    this.#assignments = of.assignments
  }

  async judge(told: Told, requestId: string | null): Promise<Judgement> {
    if (told.amount > amountMax) return parked('amount_invalid')
    const assigned = await this.#assignments.of(told)
    if (told.status === 'paid' && assigned !== undefined) {
      return await this.#payAssigned(told, assigned, requestId)
    }
    const judged = await this.#payNamed(told, requestId)
    if (judged !== null) return judged
    const found = await this.find(told)
    if (found === null)
      return parked('unknown_reference', { merchantId: whose(told, this.#deps.registry) })
    const { place, facts } = found
    const contrary = await this.#contrary(told, found)
    if (contrary !== null) return parked(contrary, { merchantId: facts.merchant })
    const command = this.#commandOf(told, facts)
    if (command === null) return parked('fee_plan_missing', { merchantId: facts.merchant })
    if (requestId !== null) this.#deps.enter?.(requestId, place)
    return await this.#tellOf(told, requestId, found, command)
  }

  /**
   * What names its terminal is paid where it must stand, without a look first: the payment knows
   * whether it is the one. Null where it is none of those.
   */
  async #payNamed(told: Told, requestId: string | null): Promise<Judgement | null> {
    const { reference, transaction_id, nmid, terminal_id, status } = told
    if (status !== 'paid' || transaction_id !== null || terminal_id === null) return null
    const terminal = this.#deps.registry.terminalAt(nmid ?? undefined, terminal_id)
    if (terminal === undefined || placeOfLabel(reference) !== null) return null
    const printed = printedAt(told, terminal)
    const command = this.#commandOf(told, printed.facts)
    if (command === null) return null
    const place = placeOf(terminal.merchantId, reference)
    if (reference !== '' && !this.#deps.isNew(place)) {
      if (requestId !== null) this.#deps.enter?.(requestId, place)
      const named = { ...printed, place, isNew: false }
      const judged = await this.#tellOf(told, requestId, named, command)
      if (judged.reason !== notThere) return judged
    }
    if (terminal.kind !== 'static') return null
    if (requestId !== null) this.#deps.enter?.(requestId, printed.place)
    return await this.#tellOf(told, requestId, printed, command)
  }

  /** Where a person said, and not a second time. What he booked it for is what it told then. */
  async #payAssigned(told: Told, assigned: Assigned, requestId: string | null): Promise<Judgement> {
    const { registry } = this.#deps
    const { told: before, terminalId, besideId } = assigned
    const terminal = registry.terminal(terminalId)
    if (terminal === undefined) throw new Error(`there is no terminal ${terminalId}`)
    const made = assignedAt(assigned, terminal)
    const { merchantId } = terminal
    const own = registry.merchant(merchantId)?.nmid
    // What it said then the person has seen; a label that nobody knows is why he had to say.
    const nmid = told.nmid === before.nmid ? null : told.nmid
    const label = told.terminal_id === before.terminal_id ? '' : (told.terminal_id ?? '')
    const isKnown = (registry.terminalAt(own, label) ?? registry.terminal(label)) !== undefined
    const terminal_id = isKnown ? told.terminal_id : null
    const command = this.#commandOf({ ...told, nmid, terminal_id }, made.facts)
    if (command === null) return parked('fee_plan_missing', { merchantId })
    if (besideId !== null && (await this.#isItsOwn(told, besideId, made.place))) {
      return parked('callback_booked', { transactionId: besideId, merchantId })
    }
    if (requestId !== null) this.#deps.enter?.(requestId, made.place)
    return await this.#tell(made.place, merchantId, withFacts(command, made))
  }

  /** The payment that it names was paid with it meanwhile, and nothing is beside it yet. */
  async #isItsOwn(told: Told, besideId: string, place: Place): Promise<boolean> {
    if ((await this.standing(place)) !== null) return false
    const named = await this.standing(placeOfId(besideId))
    if (named === null || named.paid === null) return false
    return isSameMoney(moneyOf(told, named.facts), moneyOfPaid(named.paid, named.facts))
  }

  /** The payment is told, or what a person has booked beside it. */
  async #tellOf(
    told: Told,
    requestId: string | null,
    found: Found,
    command: Payment['command'],
  ): Promise<Judgement> {
    const { place, facts } = found
    // Without a breath in between, so that no decision comes after the look and before the word.
    if (this.#assignments.beside(place).length > 0) {
      const beside = await this.#besideOf(place, told)
      if (beside !== null) return await this.#payAssigned(beside.told, beside.as, requestId)
    }
    return await this.#tell(place, facts.merchant, withFacts(command, found))
  }

  /** Money that a person has booked beside the payment there, if it tells of that. */
  async #besideOf(place: Place, told: Told): Promise<{ told: Told; as: Assigned } | null> {
    const all = this.#assignments.beside(place)
    if (!['paid', 'refunded'].includes(told.status)) return null
    const named = await this.standing(place)
    if (named === null) return null
    const money = moneyOf(told, named.facts)
    const monies = all.map(as => ({ as, of: moneyOf(as.told, named.facts) }))
    const alike =
      told.status === 'paid'
        ? monies.filter(({ of }) => isSameMoney(of, money))
        : monies.filter(({ of }) => money.name !== null && of.name === money.name)
    const isSure = told.status === 'paid' || alike.length === 1
    const [one] = isSure ? alike : []
    // Given back of a payment that was never paid: it can only be of what stands beside it.
    const only = named.paid === null && told.status === 'refunded' ? monies : []
    const as = one?.as ?? (only.length === 1 ? only[0]!.as : undefined)
    return as === undefined ? null : { told: { ...told, reference: as.told.reference }, as }
  }

  async #tell(place: Place, merchantId: string, command: Payment['command']): Promise<Judgement> {
    const owner = merchantOwner(merchantId)
    const reply = await this.#deps.ask({ ...place, kind: 'payment', owner, command })
    if ('refused' in reply) {
      const transactionId = reply.state.phase === 'absent' ? null : reply.id
      return parked(reply.refused.toLowerCase(), { transactionId, merchantId })
    }
    const result = reply.changed ? 'applied' : 'duplicate'
    return { result, reason: '', transactionId: reply.id, merchantId }
  }

  /** What in it contradicts the payment that it names, whatever became of that. */
  async #contrary(told: Told, { place, facts, isNew }: Found): Promise<string | null> {
    const { amount, status, reference } = told
    const labelled = placeOfLabel(reference)
    const isHere = labelled?.shard === place.shard && labelled.key === place.key
    if (labelled !== null && !isHere && (await this.standing(labelled)) !== null) {
      return 'reference_mismatch'
    }
    const { merchant: owner, reference: own } = facts
    const named = placeOf(owner, reference)
    const isNamed = reference !== '' && named.key !== place.key
    if (isNamed && (await this.#isAnothers(named, { place, reference })))
      return 'reference_mismatch'
    const printed = placeOf(owner, printedReference(reference))
    const isOther = status === 'paid' && ![own, ''].includes(reference) && printed.key !== place.key
    // The acquirer's reference is money that stands elsewhere, where it came or a person put it.
    if (isOther && (await this.standing(printed)) !== null) return 'reference_mismatch'
    // Of what is paid the payment says so itself.
    if (isNew || status === 'paid') return null
    const { merchant, terminal } = this.#claimed(told, facts)
    if (merchant !== facts.merchant || (terminal ?? facts.terminal) !== facts.terminal) {
      return 'merchant_mismatch'
    }
    return status !== 'refunded' && amount !== facts.amount ? 'amount_mismatch' : null
  }

  /** A payment stands there, and what it is called is not what ours was paid under. */
  async #isAnothers(
    named: Place,
    ours: { readonly place: Place; readonly reference: string },
  ): Promise<boolean> {
    if ((await this.standing(named)) === null) return false
    const paid = (await this.standing(ours.place))?.paid ?? null
    return paid?.acquirerRef !== ours.reference
  }

  #commandOf(told: Told, facts: PaymentFacts): Payment['command'] | null {
    const { event_id: eventId, amount, status } = told
    const { now, planOf, noticeOf, dayOf } = this.#deps
    const at = now()
    switch (status) {
      case 'paid': {
        const plan = planOf(facts.merchant, at)
        if (plan === null) return null
        const { merchant, terminal } = this.#claimed(told, facts)
        const heard = Math.min(told.heardMs ?? at, at)
        const paidAt = timeOf(told.paid_at, heard)
        const behind = this.#clock.behindAt(at)
        return {
          ...{ type: 'pay', eventId, merchant, terminal, amount, plan },
          acquirerRef: told.reference,
          ...(paidAt === null ? { paidAt: heard, untold: true } : { paidAt }),
          ...(heard < at ? { heardAt: heard } : {}),
          ...(paidAt === null || behind === 0 ? {} : { behind }),
          payer: told.payer ?? '',
          day: dayOf(at),
          notice: noticeOf(facts),
        }
      }
      case 'failed':
        return { type: 'fail', eventId, reason: 'acquirer' }
      case 'expired':
        return { type: 'expire', eventId }
      case 'refunded':
        return { type: 'refundTold', eventId, amount, day: dayOf(at) }
    }
  }

  /** Whom the callback says it is about; what we do not know is nobody. */
  #claimed(
    { nmid, terminal_id }: Told,
    facts: PaymentFacts,
  ): { readonly merchant: string; readonly terminal: string | null } {
    const { registry } = this.#deps
    const own = registry.merchant(facts.merchant)
    const merchant = nmid == null ? facts.merchant : (registry.ownerOf(nmid)?.id ?? '')
    if (terminal_id == null) return { merchant, terminal: null }
    const named = registry.terminalAt(own?.nmid, terminal_id)
    return { merchant, terminal: named?.id ?? '' }
  }

  async find(told: Told): Promise<Found | null> {
    const { registry, byReference, shards } = this.#deps
    const { reference, transaction_id, nmid, terminal_id } = told
    if (transaction_id != null && isId(transaction_id) && shardOf(transaction_id) < shards) {
      const found = await this.standing(placeOfId(transaction_id))
      if (found !== null) return found
    }
    const labelled = placeOfLabel(reference)
    if (labelled !== null && labelled.shard < shards) return await this.standing(labelled)
    const terminal = registry.terminalAt(nmid ?? undefined, terminal_id ?? undefined)
    const merchantId = terminal?.merchantId ?? registry.ownerOf(nmid ?? '')?.id
    if (merchantId !== undefined) {
      const found = reference === '' ? null : await this.standing(placeOf(merchantId, reference))
      if (found !== null) return found
      if (terminal?.kind === 'static') return printedAt(told, terminal)
      const printed = await this.standing(
        placeOf(merchantId, printedReference(acquirerRefOf(told))),
      )
      if (printed !== null) return printed
    }
    if (reference === '') return null
    const place = await byReference(reference)
    return place === null ? null : await this.standing(place)
  }

  /** The payment that stands there. */
  async standing(place: Place): Promise<Standing | null> {
    if (place.shard >= this.#deps.shards) return null
    if (this.#deps.isNew(place)) return null
    const reply = await this.#deps.ask({ ...place, kind: 'payment' })
    const state = asPayment(reply.state)
    if (state === null) return null
    const paid = isBooked(state) ? state.paid : null
    return { place, id: reply.id, facts: state.facts, paid, isNew: false }
  }
}

/** The merchant whose money it is, if it names one and no other beside him. */
export function whose(
  { nmid, terminal_id }: Told,
  registry: Pick<Registry, 'terminal' | 'ownerOf'>,
): string | null {
  const byTerminal = registry.terminal(terminal_id ?? '')?.merchantId
  if (nmid === null) return byTerminal ?? null
  const owner = registry.ownerOf(nmid)?.id ?? null
  return byTerminal === undefined || byTerminal === owner ? owner : null
}

/** What a printed terminal's payment is made of, and where; one that stands there keeps its own. */
function printedAt(told: Told, terminal: Terminal): Found {
  const reference = printedReference(acquirerRefOf(told))
  const facts: PaymentFacts = {
    merchant: terminal.merchantId,
    outlet: terminal.outletId,
    terminal: terminal.id,
    kind: 'static',
    amount: told.amount,
    reference,
    qr: '',
    expiresAt: null,
    by: 'acquirer',
  }
  return { place: placeOf(terminal.merchantId, reference), facts, isNew: true }
}

/** What a person's payment is made of, and where: a printed terminal's, or one beside another. */
export function assignedAt(
  { told, by, besideId }: Pick<Assigned, 'told' | 'by' | 'besideId'>,
  terminal: Terminal,
): Found {
  const { facts } = printedAt(told, terminal)
  const reference = besideId === null ? facts.reference : besideReference(told.event_id)
  const place = placeOf(terminal.merchantId, reference)
  return { place, facts: { ...facts, reference, by }, isNew: true }
}

const withFacts = (command: Payment['command'], { facts, isNew }: Found): Payment['command'] =>
  isNew && command.type === 'pay' ? { ...command, facts } : command

export const parked = (
  reason: string,
  ends: Partial<Pick<Judgement, 'transactionId' | 'merchantId'>> = {},
): Judgement => ({ result: 'parked', reason, transactionId: null, merchantId: null, ...ends })
