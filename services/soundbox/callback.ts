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
 * SAJ5. What names a payment that is not there yet, or gives back what is not paid yet, is parked
 *       and tried again when one is made or paid, and every few seconds for a quarter of an hour.
 * SAJ9. What can not be worked on keeps nothing that came after it: it is tried again after pauses
 *       that grow, and is a trouble of the system's health for as long.
 */

import {
  type CallbackRow,
  earlyReasons,
  type Judged,
  type NewCallback,
} from '../../sql/soundbox/qris-callbacks.ts'
import type { Refused } from '../contract/answer.ts'
import type { PaymentActions } from '../contract/soundbox.ts'
import type { Millis } from '../contract/words.ts'
import type { Inbox } from '../inbox.ts'
import { refuse } from '../refusal.ts'
import { forgetOldest, keepLatest } from '../wire/latest.ts'
import { type DecisionDeps, Decisions, type Wish } from './callback-decisions.ts'
import { CallbackJudge, type JudgeDeps, type Judgement, parked } from './callback-judge.ts'
import { isSigned, read, type Told, windowMs } from './callback-told.ts'
import { SenderClock } from './sender-clock.ts'

type CallbackDeps = JudgeDeps &
  DecisionDeps & {
    readonly inbox: Pick<Inbox<NewCallback, Judged>, 'keep' | 'judge' | 'rest'>
    readonly secrets: () => Promise<readonly string[]>
    /** By which it is judged when the acquirer signed. */
    readonly machineNow?: () => Millis
    readonly open: (
      after: number,
      earlySinceMs: Millis,
    ) => Promise<readonly { readonly id: number; readonly body: string; receivedMs: Millis }[]>
    /** Named is the request that it came of, if one waits for it. */
    readonly onError: (cause: unknown, requestId?: string | null) => void
  }

type Received = PaymentActions['payment.callback']['params']
type Answered = PaymentActions['payment.callback']['result']
/** Kept, and it may be that its payment is only being made. */
type Early = { readonly id: number; readonly body: Buffer; readonly atMs: Millis }

const earlyMs = 15 * 60_000
const earlyMax = 10_000
const againMs = 5_000
const pauseMsMax = 5 * 60_000
/** So many failures in one sweep are a trouble of all: the rest waits for the next. */
const failuresMax = 20
const failingMax = 1_000
const timestampShape = /^\d{9,11}$/

/** `told` is null where nobody can read it. */
type Decided = { readonly told: Told | null; readonly judged: Judgement }

export class Callbacks {
  readonly counts = { applied: 0, duplicate: 0, parked: 0, forged: 0, skewed: 0, unavailable: 0 }
  readonly #deps: CallbackDeps
  /** Callbacks that came before their payment, by the reference or label that they name. */
  readonly #early = new Map<string, Early>()
  /** Kept, and being worked on just now. */
  readonly #atWork = new Set<number>()
  /** Kept, and could not be worked on: until when they rest. */
  readonly #failing = new Map<number, { readonly pauseMs: number; readonly until: Millis }>()
  /** Somebody works on these and wants to be the only one. */
  readonly #alone = new Map<number, Promise<void>>()
  /** Decided by a person since the last sweep began. */
  readonly #decidedOf = new Set<number>()
  readonly #clock = new SenderClock()
  readonly #decisions: Decisions
  readonly #judge: CallbackJudge
  #timer: NodeJS.Timeout | undefined
  #sweeping: Promise<void> | null = null

  constructor(deps: CallbackDeps) {
    this.#deps = deps
    this.#decisions = new Decisions(deps)
    this.#judge = new CallbackJudge(deps, {
      clock: this.#clock,
      assignments: this.#decisions,
    })
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
    const { now, machineNow = now, inbox, secrets } = this.#deps
    const body = Buffer.from(raw, 'base64')
    const at = now()
    const sentMs = timestampShape.test(timestamp) ? Number(timestamp) * 1_000 : Number.NaN
    const isGood = isSigned(body, { timestamp, signature, secrets: await secrets() })
    if (!isGood) return this.#count('forged')
    if (!(Math.abs(machineNow() - sentMs) <= windowMs)) return this.#count('skewed')
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
    await this.#decisions.learn()
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

  /** Where a person has this booked, or why he can not. */
  wishOf(row: CallbackRow, told: { terminalId?: string; by: string }): Promise<Refused | Wish> {
    return this.#decisions.wishOf(row, told, this.#judge)
  }

  /** Books what a person has assigned; that is written down. */
  async book(row: CallbackRow & { readonly terminalId: string }): Promise<Refused | null> {
    const { id, body, terminalId, besideId, reviewedBy } = row
    this.dismissed(id)
    this.#decisions.note({ id, body, terminalId, besideId, by: reviewedBy ?? '' })
    const { result, reason } = await this.#work(id, Buffer.from(body, 'base64'), row.receivedMs)
    await this.#deps.inbox.rest()
    return result === 'parked' ? refuse(reason.toUpperCase() as Refused['refused']) : null
  }

  async #work(id: number, body: Buffer, heardMs: Millis): Promise<Judgement> {
    const decided = await this.#decide(body, { heardMs })
    const judged = this.#note(id, body, decided)
    if (judged.result === 'parked') {
      await this.#decisions.parkedAgain(id, decided.told?.event_id ?? '')
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
    return { told, judged: await this.#judge.judge(told, requestId) }
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

  #count(verdict: 'forged' | 'skewed' | 'unavailable'): Answered {
    this.counts[verdict]++
    return { verdict }
  }
}

const isEarly = (reason: string): boolean => (earlyReasons as readonly string[]).includes(reason)
