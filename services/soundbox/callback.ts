/**
 * What an acquirer tells us of payments. Nothing is believed that is not signed, nothing is
 * answered that is not written down, and the payment itself decides.
 *
 *                                  ┌─▶ inbox ───(not kept: unavailable)─────────────┐
 *   callback ─▶ timely? ─▶ signed? ┤                                                ├─▶ answer
 *                 │no        │no   └─▶ legible? ─▶ whose? ─▶ payment actor ─▶ applied ┘
 *                 ▼          ▼            │no        │nobody's   │ nothing new ─▶ duplicate
 *               skewed     forged         ▼          ▼           └ refused ────▶ parked
 *                                       parked     parked (tried again: it may be early)
 *
 * SAJ1. The signature is HMAC-SHA256 over timestamp, a point and the raw body, compared in constant
 *       time; a timestamp further away than five minutes is refused. Both are counted, and neither
 *       is kept.
 * SAJ2. A callback is answered as taken when both it and what it did are written down; neither
 *       waits for the other. What was kept and not worked on, because we stopped, is worked on
 *       after a restart; what was worked on and not kept was not answered, and is a repeat when it
 *       comes again.
 * SAJ3. A repeat changes nothing and is told so, under another event id as well; but what tells
 *       another time of payment, too, or another reference of the acquirer's, is money of somebody
 *       else, and parked for a person.
 * SAJ4. What contradicts the payment (amount, merchant, terminal, an end that was another) is
 *       parked for a person, as is an amount that no QR can carry; the payment stays as it is.
 * SAJ5. What names a payment that is not there yet, or gives back what is not paid yet, is parked
 *       and tried again when one is made or paid, and every few seconds for a quarter of an hour.
 * SAJ6. A payment is found by our id, by the label in its QR, by merchant and reference, or by a
 *       reference that only one payment bears; a printed terminal's is made by what pays it. What
 *       names one payment by its id and another by its label is parked for a person.
 * SAJ7. Word of a refund that a person here ordered is not booked a second time.
 * SAJ8. What names an NMID that a merchant had before is that merchant's, booked and spoken as
 *       ever; what names somebody else's never is.
 * SAJ9. What can not be worked on keeps nothing that came after it: it is tried again after pauses
 *       that grow, and is a trouble of the system's health for as long.
 * SAJ10. A time of payment that can not be is none: before there was QRIS, or further in our future
 *       than a callback's own time may be; nor is a day, or a clock of which nobody says where it
 *       hangs. It then counts as paid when we heard of it (QPA11), however much later it is booked.
 * SAJ11. A field that may be absent may be blank or null as well.
 * SAJ12. Money that names its merchant and no payment is booked where a person says, as a printed
 *       terminal's: at one of that merchant's terminals, at the one that it names if we know that,
 *       and not where it stands in the books already. His decision is kept before anything is
 *       booked, is carried out after a crash, and waits for a person again if it can not be.
 * SAJ13. What a person has booked is a duplicate when the same event comes again, however it names
 *       its payment then; another event of the same reference of the acquirer's pays no payment.
 */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod/v4'
import { merchantOwner } from '../../actors/chart.ts'
import type { Notice, Payment, PaymentFacts } from '../../actors/payment/payment-contract.ts'
import type { FeePlan } from '../../actors/settlement/fee.ts'
import { isId, shardOf } from '../../engine/ids.ts'
import type { Envelope, Reply } from '../../engine/shard.ts'
import {
  type AssignedRow,
  type CallbackRow,
  earlyReasons,
  type Judged,
} from '../../sql/qris-callbacks.ts'
import type { Refused } from '../contract/answer.ts'
import type { PaymentActions } from '../contract/soundbox.ts'
import type { Millis } from '../contract/words.ts'
import { amountMax } from '../qris/qris.ts'
import { refuse } from '../refusal.ts'
import { forgetOldest, keepLatest } from '../wire/latest.ts'
import type { CallbackInbox } from './callback-inbox.ts'
import {
  asPayment,
  type Place,
  placeOf,
  placeOfId,
  placeOfLabel,
  printedReference,
} from './payment-place.ts'
import type { Registry } from './registry.ts'
import { SenderClock } from './sender-clock.ts'

type CallbackDeps = {
  readonly shards: number
  readonly registry: Pick<Registry, 'terminalAt' | 'ownerOf' | 'merchant' | 'terminal'>
  readonly inbox: Pick<CallbackInbox, 'keep' | 'judge' | 'rest'>
  readonly secrets: () => Promise<readonly string[]>
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
  readonly open: (
    after: number,
    earlySinceMs: Millis,
  ) => Promise<readonly { readonly id: number; readonly body: string; receivedMs: Millis }[]>
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
  /** Named is the request that it came of, if one waits for it. */
  readonly onError: (cause: unknown, requestId?: string | null) => void
}

type Received = PaymentActions['payment.callback']['params']
type Answered = PaymentActions['payment.callback']['result']
type Judgement = Omit<Judged, 'id' | 'eventId'>
/** Kept, and it may be that its payment is only being made. */
type Early = { readonly id: number; readonly body: Buffer; readonly atMs: Millis }

const windowMs = 5 * 60_000
/** The day on which QRIS began. */
const firstQrMs = Date.UTC(2019, 7, 17)
const earlyMs = 15 * 60_000
const earlyMax = 10_000
/** Persons decide so many in many years. */
export const assignedMax = 10_000
/** A decision may become visible so much later than it says. */
const learnAgainMs = 60_000
const againMs = 5_000
const pauseMsMax = 5 * 60_000
/** So many failures in one sweep are a trouble of all: the rest waits for the next. */
const failuresMax = 20
const failingMax = 1_000
/** As a payment refuses what names none. */
const notThere = 'not_found'
const timestampShape = /^\d{9,11}$/
const signatureShape = /^sha256=[0-9a-f]{64}$/i

/** Not even asked about if it holds what no table can. */
const word = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[^\0]*$/)

/** Null where nothing stands. */
const optionalWord = (most: number) =>
  word(most)
    .nullish()
    .transform(text => (text?.trim() ? text : null))

const bodyShape = z.object({
  event_id: word(128).min(1),
  type: z.literal('payment'),
  reference: word(128)
    .nullish()
    .transform(text => text ?? ''),
  transaction_id: optionalWord(64),
  nmid: optionalWord(32),
  terminal_id: optionalWord(64),
  amount: z.int().positive(),
  status: z.enum(['paid', 'failed', 'expired', 'refunded']),
  paid_at: z.union([z.string().max(40), z.number()]).nullish(),
  payer: z.string().max(200).nullish(),
})
/** `heardMs`: when, if that was not just now. */
type Told = z.output<typeof bodyShape> & { readonly heardMs?: Millis }
/** Kept, and booked or to be booked where a person said. */
type Assigned = Pick<AssignedRow, 'id' | 'terminalId' | 'by'> & { readonly told: Told }
type Terminal = NonNullable<ReturnType<Registry['terminal']>>
/** `told` is null where nobody can read it. */
type Decided = { readonly told: Told | null; readonly judged: Judgement }

/** Either a place in which a payment stands, or what a printed QR's payment is made of. */
type Found = { readonly place: Place; readonly facts: PaymentFacts; readonly isNew: boolean }

export class Callbacks {
  readonly counts = { applied: 0, duplicate: 0, parked: 0, forged: 0, skewed: 0, unavailable: 0 }
  readonly #deps: CallbackDeps
  /** Callbacks that came before their payment, by the reference or label that they name. */
  readonly #early = new Map<string, Early>()
  /** Kept, and being worked on just now. */
  readonly #atWork = new Set<number>()
  /** Kept, and could not be worked on: until when they rest. */
  readonly #failing = new Map<number, { readonly pauseMs: number; readonly until: Millis }>()
  /** By the event that they tell of. */
  readonly #assigned = new Map<string, Assigned>()
  /** Null: not asked yet. */
  #assignedMs: Millis | null = null
  /** Somebody works on these and wants to be the only one. */
  readonly #alone = new Map<number, Promise<void>>()
  /** Decided by a person since the last sweep began. */
  readonly #decidedOf = new Set<number>()
  readonly #clock = new SenderClock()
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<void> | null = null

  constructor(deps: CallbackDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#timer = setInterval(() => void this.again(), againMs).unref()
    void this.again()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#sweeping
    await this.#deps.inbox.rest()
  }

  async receive(
    { raw, timestamp, signature }: Received,
    requestId: string | null = null,
  ): Promise<Answered> {
    const { now, inbox, secrets } = this.#deps
    const body = Buffer.from(raw, 'base64')
    const at = now()
    const sentMs = timestampShape.test(timestamp) ? Number(timestamp) * 1_000 : Number.NaN
    const isGood = isSigned(body, { timestamp, signature, secrets: await secrets() })
    if (!isGood) return this.#count('forged')
    if (!(Math.abs(at - sentMs) <= windowMs)) return this.#count('skewed')
    this.#clock.note(sentMs, at)
    const kept = inbox.keep({ receivedMs: at, sentMs, signature, body })
    const worked = this.#decide(body, { requestId })
    // Heard of below, once it is known whether it is kept.
    worked.catch(() => undefined)
    const id = await kept
    if (id !== null) this.#atWork.add(id)
    try {
      let decided = await worked
      if (id === null) return this.#count('unavailable')
      // What it waits for may have come while it was written down.
      if (isEarly(decided.judged.reason)) decided = await this.#decide(body, { requestId })
      const { result, transactionId, reason } = this.#note(id, body, decided)
      this.counts[result]++
      return { verdict: 'taken', result, transactionId, reason }
    } catch (cause) {
      // What is kept is worked on again; whoever sent it may send it again, too.
      this.#deps.onError(cause, requestId)
      return this.#count('unavailable')
    } finally {
      if (id !== null) this.#atWork.delete(id)
    }
  }

  /** A payment was made or paid: what came too early for it is worked on now. */
  created(names: readonly string[]): void {
    for (const name of names) {
      const early = this.#early.get(name)
      if (early === undefined || this.#alone.has(early.id)) continue
      this.#early.delete(name)
      if (early.atMs < this.#deps.now() - earlyMs) continue
      const { id, body, atMs } = early
      this.alone(id, () => this.#work(id, body, atMs)).catch(cause => this.#deps.onError(cause))
    }
  }

  /** Nobody else decides about this one meanwhile. */
  async alone<T>(id: number, work: () => Promise<T>): Promise<T> {
    while (this.#alone.has(id)) await this.#alone.get(id)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#alone.set(id, promise)
    try {
      return await work()
    } finally {
      this.#alone.delete(id)
      resolve()
    }
  }

  /** Works on what was kept and not worked on, or came too early. */
  again(): Promise<void> {
    this.#sweeping ??= this.#sweep()
      .catch(cause => this.#deps.onError(cause))
      .finally(() => {
        this.#sweeping = null
      })
    return this.#sweeping
  }

  async #sweep(): Promise<void> {
    const { open, now, inbox } = this.#deps
    const still = new Set<number>()
    await this.#learn()
    this.#decidedOf.clear()
    let failures = 0
    let after = 0
    for (;;) {
      await inbox.rest()
      const rows = await open(after, now() - earlyMs)
      if (rows.length === 0) break
      for (const { id, body, receivedMs } of rows) {
        const rests = (this.#failing.get(id)?.until ?? 0) > now()
        if (rests) still.add(id)
        if (rests || this.#atWork.has(id)) continue
        if (this.#alone.has(id) || this.#decidedOf.has(id)) continue
        if (await this.#tried(id, Buffer.from(body, 'base64'), receivedMs)) continue
        still.add(id)
        if (++failures >= failuresMax) return
      }
      after = rows.at(-1)!.id
    }
    // What is not open any more was decided otherwise.
    for (const id of this.#failing.keys()) if (!still.has(id)) this.#failing.delete(id)
  }

  /** False: not now, and not before its pause is over. */
  async #tried(id: number, body: Buffer, heardMs: Millis): Promise<boolean> {
    try {
      await this.alone(id, () => this.#work(id, body, heardMs))
      return true
    } catch (cause) {
      const before = this.#failing.get(id)
      const pauseMs = Math.min((before?.pauseMs ?? againMs / 2) * 2, pauseMsMax)
      this.#failing.set(id, { pauseMs, until: this.#deps.now() + pauseMs })
      forgetOldest(this.#failing, failingMax)
      this.#deps.onError(new Error(`callback ${id} could not be worked on`, { cause }))
      return false
    }
  }

  health(): { name: string; ok: boolean; ms: number; reason: string | null } {
    const [first] = this.#failing.keys()
    const count = this.#failing.size
    const reason =
      first === undefined ? null : `callbacks that can not be worked on: ${count}, as ${first}`
    return { name: 'qris callbacks', ok: first === undefined, ms: 0, reason }
  }

  /** One that a person has put away: what it came too early for does not bring it back. */
  dismissed(id: number): void {
    this.#decidedOf.add(id)
    for (const [name, early] of this.#early) if (early.id === id) this.#early.delete(name)
  }

  /** One that a person wants worked on again. */
  async retry(id: number, body: Buffer, heardMs: Millis): Promise<void> {
    await this.#work(id, body, heardMs)
    await this.#deps.inbox.rest()
  }

  /** Why a person can not have this booked at that terminal; null: he can. */
  async objection(row: CallbackRow, terminal: Terminal): Promise<Refused | null> {
    const { registry, planOf, now, bookedAs } = this.#deps
    const { id, result, transactionId, reason } = row
    const unfit = (problem: string) => refuse('CALLBACK_UNASSIGNABLE', { problem })
    if (result === null) return unfit('at_work')
    if (result !== 'parked') return refuse('CALLBACK_BOOKED', { transactionId })
    if (row.reviewedBy !== null) return refuse('ALREADY_DECIDED')
    const told = read(Buffer.from(row.body, 'base64'))
    if (told === null || told.status !== 'paid') return unfit('no_payment')
    if (reason !== 'unknown_reference') return unfit(reason)
    const merchantId = this.#whose(told)
    if (merchantId === null) return unfit('merchant_unknown')
    const named = registry.terminalAt(told.nmid ?? undefined, told.terminal_id ?? undefined)
    const isElsewhere = told.terminal_id !== null && named !== undefined && named.id !== terminal.id
    if (terminal.merchantId !== merchantId || isElsewhere) return refuse('MERCHANT_MISMATCH')
    if (planOf(merchantId, now()) === null) return refuse('FEE_PLAN_MISSING')
    const { place } = printedAt(told, terminal)
    const found = await this.#find(told)
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

  /** Books what a person has assigned; that is written down. */
  async book(row: CallbackRow & { readonly terminalId: string }): Promise<Refused | null> {
    const { id, body, terminalId, reviewedBy } = row
    this.dismissed(id)
    this.#noteAssigned({ id, body, terminalId, by: reviewedBy ?? '' })
    const { result, reason } = await this.#work(id, Buffer.from(body, 'base64'), row.receivedMs)
    await this.#deps.inbox.rest()
    return result === 'parked' ? refuse(reason.toUpperCase() as Refused['refused']) : null
  }

  /** What other processes, and this one before it was started, had persons decide. */
  async #learn(): Promise<void> {
    const rows = await this.#deps.assigned(this.#assignedMs ?? 0)
    for (const row of rows.toReversed()) this.#noteAssigned(row)
    this.#assignedMs = Math.max(this.#assignedMs ?? 0, (rows[0]?.reviewedMs ?? 0) - learnAgainMs)
  }

  #noteAssigned({ id, body, terminalId, by }: Omit<AssignedRow, 'reviewedMs'>): void {
    const told = read(Buffer.from(body, 'base64'))
    if (told === null) return
    keepLatest(this.#assigned, told.event_id, { id, told, terminalId, by }, assignedMax)
  }

  async #work(id: number, body: Buffer, heardMs: Millis): Promise<Judgement> {
    const decided = await this.#decide(body, { heardMs })
    const judged = this.#note(id, body, decided)
    const eventId = decided.told?.event_id ?? ''
    if (judged.result === 'parked' && this.#assigned.get(eventId)?.id === id) {
      await this.#deps.release(id)
      this.#assigned.delete(eventId)
    }
    this.#failing.delete(id)
    return judged
  }

  async #decide(
    body: Buffer,
    { requestId = null, heardMs }: { requestId?: string | null; heardMs?: Millis } = {},
  ): Promise<Decided> {
    const given = read(body)
    if (given === null) return { told: null, judged: parked('illegible') }
    const told = heardMs === undefined ? given : { ...given, heardMs }
    return { told, judged: await this.#judge(told, requestId) }
  }

  /** What became of one that is kept. */
  #note(id: number, body: Buffer, { told, judged }: Decided): Judgement {
    if (told !== null && isEarly(judged.reason)) this.#remember({ id, body }, told, judged)
    this.#deps.inbox.judge({ id, eventId: told?.event_id ?? null, ...judged })
    if (told?.status === 'paid' && judged.result === 'applied') {
      this.created([judged.transactionId!, told.reference])
    }
    return judged
  }

  /** By the payment, if that is there; else by the name that it was given. */
  #remember(
    early: Omit<Early, 'atMs'>,
    { reference, transaction_id }: Told,
    { transactionId }: Judgement,
  ): void {
    const name = reference === '' ? (transaction_id ?? '') : reference
    keepLatest(this.#early, transactionId ?? name, { ...early, atMs: this.#deps.now() }, earlyMax)
  }

  async #judge(told: Told, requestId: string | null): Promise<Judgement> {
    if (told.amount > amountMax) return parked('amount_invalid')
    if (this.#assignedMs === null) await this.#learn()
    const assigned = told.status === 'paid' ? this.#assigned.get(told.event_id) : undefined
    if (assigned !== undefined) return await this.#payAssigned(told, assigned, requestId)
    const judged = await this.#payNamed(told, requestId)
    if (judged !== null) return judged
    const found = await this.#find(told)
    if (found === null) return parked('unknown_reference', { merchantId: this.#whose(told) })
    const { place, facts } = found
    const contrary = await this.#contrary(told, found)
    if (contrary !== null) return parked(contrary, { merchantId: facts.merchant })
    const command = this.#commandOf(told, facts)
    if (command === null) return parked('fee_plan_missing', { merchantId: facts.merchant })
    if (requestId !== null) this.#deps.enter?.(requestId, place)
    return await this.#tell(place, facts.merchant, withFacts(command, found))
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
      const judged = await this.#tell(place, terminal.merchantId, command)
      if (judged.reason !== notThere) return judged
    }
    if (terminal.kind !== 'static') return null
    if (requestId !== null) this.#deps.enter?.(requestId, printed.place)
    return await this.#tell(printed.place, terminal.merchantId, withFacts(command, printed))
  }

  /** Where a person said, and not a second time. What he booked it for is what it told then. */
  async #payAssigned(
    told: Told,
    { told: before, terminalId, by }: Assigned,
    requestId: string | null,
  ): Promise<Judgement> {
    const { registry } = this.#deps
    const terminal = registry.terminal(terminalId)
    if (terminal === undefined) throw new Error(`there is no terminal ${terminalId}`)
    const { place, ...printed } = printedAt(before, terminal)
    const { merchantId } = terminal
    const facts = { ...printed.facts, by }
    const own = registry.merchant(merchantId)?.nmid
    // A label that nobody knows is why it was for a person to say.
    const label = told.terminal_id ?? ''
    const isKnown = (registry.terminalAt(own, label) ?? registry.terminal(label)) !== undefined
    const terminal_id = isKnown ? told.terminal_id : null
    const command = this.#commandOf({ ...told, terminal_id }, facts)
    if (command === null) return parked('fee_plan_missing', { merchantId })
    if (requestId !== null) this.#deps.enter?.(requestId, place)
    return await this.#tell(place, merchantId, withFacts(command, { ...printed, place, facts }))
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
    if (labelled !== null && !isHere && (await this.#standing(labelled)) !== null) {
      return 'reference_mismatch'
    }
    const { merchant: owner, reference: own } = facts
    const printed = placeOf(owner, printedReference(reference))
    const isOther = status === 'paid' && ![own, ''].includes(reference) && printed.key !== place.key
    // The acquirer's reference is money that stands elsewhere, where it came or a person put it.
    if (isOther && (await this.#standing(printed)) !== null) return 'reference_mismatch'
    // Of what is paid the payment says so itself.
    if (isNew || status === 'paid') return null
    const { merchant, terminal } = this.#claimed(told, facts)
    if (merchant !== facts.merchant || (terminal ?? facts.terminal) !== facts.terminal) {
      return 'merchant_mismatch'
    }
    return status !== 'refunded' && amount !== facts.amount ? 'amount_mismatch' : null
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

  /** The merchant whose money it is, if it names one and no other beside him. */
  #whose({ nmid, terminal_id }: Told): string | null {
    const { registry } = this.#deps
    const byTerminal = registry.terminal(terminal_id ?? '')?.merchantId
    if (nmid === null) return byTerminal ?? null
    const owner = registry.ownerOf(nmid)?.id ?? null
    return byTerminal === undefined || byTerminal === owner ? owner : null
  }

  async #find(told: Told): Promise<Found | null> {
    const { registry, byReference, shards } = this.#deps
    const { reference, transaction_id, nmid, terminal_id } = told
    if (transaction_id != null && isId(transaction_id) && shardOf(transaction_id) < shards) {
      const found = await this.#standing(placeOfId(transaction_id))
      if (found !== null) return found
    }
    const labelled = placeOfLabel(reference)
    if (labelled !== null && labelled.shard < shards) return await this.#standing(labelled)
    const terminal = registry.terminalAt(nmid ?? undefined, terminal_id ?? undefined)
    const merchantId = terminal?.merchantId ?? registry.ownerOf(nmid ?? '')?.id
    if (merchantId !== undefined) {
      const found = reference === '' ? null : await this.#standing(placeOf(merchantId, reference))
      if (found !== null) return found
      if (terminal?.kind === 'static') return printedAt(told, terminal)
      const printed = await this.#standing(
        placeOf(merchantId, printedReference(acquirerRefOf(told))),
      )
      if (printed !== null) return printed
    }
    if (reference === '') return null
    const place = await byReference(reference)
    return place === null ? null : await this.#standing(place)
  }

  /** The payment that stands there. */
  async #standing(place: Place): Promise<Found | null> {
    if (place.shard >= this.#deps.shards) return null
    if (this.#deps.isNew(place)) return null
    const reply = await this.#deps.ask({ ...place, kind: 'payment' })
    const state = asPayment(reply.state)
    return state === null ? null : { place, facts: state.facts, isNew: false }
  }

  #count(verdict: 'forged' | 'skewed' | 'unavailable'): Answered {
    this.counts[verdict]++
    return { verdict }
  }
}

/** What the acquirer calls the money. */
const acquirerRefOf = (told: Pick<Told, 'reference' | 'event_id'>): string =>
  told.reference === '' ? told.event_id : told.reference

/** What a printed terminal's payment is made of, and where; one that stands there keeps its own. */
function printedAt(
  told: Told,
  terminal: { readonly id: string; readonly merchantId: string; readonly outletId: string },
): Found {
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

const withFacts = (command: Payment['command'], { facts, isNew }: Found): Payment['command'] =>
  isNew && command.type === 'pay' ? { ...command, facts } : command

const isEarly = (reason: string): boolean => (earlyReasons as readonly string[]).includes(reason)

const parked = (
  reason: string,
  ends: Partial<Pick<Judgement, 'transactionId' | 'merchantId'>> = {},
): Judgement => ({ result: 'parked', reason, transactionId: null, merchantId: null, ...ends })

/** Whether one of these secrets signed exactly this. Takes as long for a wrong one. */
function isSigned(
  body: Uint8Array,
  told: {
    readonly timestamp: string
    readonly signature: string
    readonly secrets: readonly string[]
  },
): boolean {
  const { timestamp, signature, secrets } = told
  if (!signatureShape.test(signature)) return false
  const given = Buffer.from(signature.slice('sha256='.length), 'hex')
  let isGood = false
  for (const secret of secrets) {
    const right = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest()
    if (timingSafeEqual(given, right)) isGood = true
  }
  return isGood
}

function read(body: Buffer): Told | null {
  try {
    const told = bodyShape.safeParse(JSON.parse(body.toString('utf8')))
    return told.success ? told.data : null
  } catch {
    return null
  }
}

/** A moment with its offset, as acquirers write it. */
const momentShape = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/i

/** Such a text, or unix seconds; null for what is neither, and for what can not be (SAJ10). */
function timeOf(told: string | number | null | undefined, now: Millis): Millis | null {
  if (told == null || (typeof told === 'string' && !momentShape.test(told))) return null
  const ms = typeof told === 'number' ? told * 1_000 : Date.parse(told)
  return Number.isInteger(ms) && ms >= firstQrMs && ms <= now + windowMs ? ms : null
}
