/**
 * Turns the engine's effects into calls and what comes back into reports. Every effect gets exactly
 * one report, and none of them throws: not to know is an outcome, too.
 *
 *   effect ─▶ may it be sent? ──no──▶ report at once (failed or unknown, with our own code)
 *                  └─yes─▶ adapter ─▶ pool of the supplier ─▶ adapter ─▶ report
 *
 * S18. A purchase that may have been sent before a restart is not sent again: unknown, `restarted`.
 *      Nor is a check that would buy, whose last asking may be seconds ago.
 * S19. A check outside the supplier's window is not sent: too late it would buy, too early it may
 *      buy twice. Unknown, `recheck_window_closed` or `recheck_too_early`.
 *      A check that only reads is not too early when they told us that there is news. One that
 *      would buy is too late near midnight and on another day, where a supplier forgets by the day.
 *      The pause counts from when the last call left, which may be long after it was dispatched:
 *      where a supplier is full or paced, orders stand in line.
 *      Nor does one leave that would buy in another name than the purchase had, `account_changed`.
 * S20. A reference with a call under way is not called a second time.
 * S21. A supplier that is off, unknown or not set up is not called: a purchase there has failed and
 *      may be tried elsewhere, a check knows nothing. Checks go on at a supplier that was put off.
 * S22. Address, credentials and limits are looked up for each call; a change drains the old pool.
 * S23. What each supplier does to us is counted.
 * S34. Closing waits for what is under way, and for what has its place in line; who can't wait any
 *      longer gets the former as unknown.
 * S37. Where another process has taken the orders over, nothing leaves here any more.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { dayOf } from '../day.ts'
import { keepLatest } from '../wire/latest.ts'
import { isOfFormerAccount } from './account.ts'
import {
  type Adapter,
  type Asked,
  type Credentials,
  type Reading,
  readOutcome,
  type SupplierRequest,
  unknown,
} from './adapter.ts'
import { callAboutBill } from './bill-payment.ts'
import { HttpPool, type Outcome, type PoolOptions } from './http-client.ts'
import { type Report, reportOf } from './report.ts'

/** One supplier as it stands now, credentials opened. */
export type SupplierAccess = {
  readonly code: string
  readonly adapter: Adapter
  readonly baseUrl: string
  readonly credentials: Credentials
  readonly timeoutMs: number
  readonly maxInFlight: number
  readonly recheckAfterMs: number
  readonly active: boolean
  readonly testing: boolean
  /** When we became who we are there, in ms (see account.ts). */
  readonly accountSince?: number
  /** From where it reports when it signs nothing; without any, from anywhere. */
  readonly callbackIps?: readonly string[]
  /** How many purchases and checks it takes in a minute; absent: as they come. */
  readonly ratePerMin?: number
  /** Where it shall call back, for suppliers that take this with each purchase. */
  readonly callbackUrl?: string
}

export type Effect = {
  readonly type: 'purchase' | 'check'
  readonly n: number
  readonly supplier: string
  readonly sku: string
  readonly dest: string
  readonly ref: string
  readonly maxPrice: number
  /** When the attempt was dispatched. */
  readonly startedAt: number
  /** When it is handed out, by the clock that dispatched it; the machine's may stand elsewhere. */
  readonly at?: number
  /** Told again after a restart: whether it was sent is not known. */
  readonly resumed?: boolean
  /** Of a check, see `Asked`. */
  readonly theirId?: string
  readonly othersIds?: readonly string[]
  /** Of a check: they told us that there is news. */
  readonly prompted?: boolean
  /** It pays a bill, which cost so much when the client agreed; see bill-payment.ts. */
  readonly bill?: number
}

export type SupplierStats = {
  readonly supplier: string
  readonly calls: number
  readonly success: number
  readonly failed: number
  readonly pending: number
  readonly unknown: number
  /** Of all these, how many never left. */
  readonly notSent: number
  readonly trouble: number
  readonly msSum: number
  readonly inFlight: number
  readonly connections: number
  readonly queued: number
}

type CallerDeps = {
  readonly supplierOf: (code: string) => SupplierAccess | undefined
  readonly now?: () => number
  /** A stopwatch, in milliseconds. */
  readonly elapsed?: () => number
  readonly poolOptions?: Partial<PoolOptions>
}

const clockMsMax = 60_000
/** Within this, dispatched and gone are the same. */
const lateMs = 250
const earlyMax = 100_000
const lookMs = 20

export class SupplierCaller {
  readonly #supplierOf: CallerDeps['supplierOf']
  readonly #now: () => number
  readonly #poolOptions: Partial<PoolOptions>
  readonly #lanes = new Map<string, Lane>()
  readonly #underWay = new Set<string>()
  /** Calls without an end that left late: until when, by the stopwatch, a check is too early. */
  readonly #early = new Map<string, number>()
  readonly #elapsed: () => number
  readonly #draining = new Map<HttpPool, Promise<void>>()
  #tenure = 0
  #closing = false
  #hurried = false

  constructor(deps: CallerDeps) {
    const { supplierOf, now = Date.now, poolOptions = {} } = deps
    this.#elapsed = deps.elapsed ?? (() => performance.now())
    this.#supplierOf = supplierOf
    this.#now = now
    this.#poolOptions = poolOptions
  }

  async perform(effect: Effect): Promise<Report> {
    const supplier = this.#supplierOf(effect.supplier)
    const barred = this.#barred(effect, supplier)
    if (barred !== null || supplier === undefined) {
      const reading = barred ?? notCalled(effect, 'supplier_unknown')
      return this.#counted(this.#lanes.get(effect.supplier), effect, { reading, ms: 0 })
    }
    const lane = this.#laneOf(supplier)
    this.#underWay.add(effect.ref)
    lane.counts.inFlight++
    const { at = this.#now() } = effect
    const began = this.#elapsed()
    const tenure = this.#tenure
    let left: Left | undefined
    const send = async (request: SupplierRequest): Promise<Outcome> => {
      const outcome = tenure === this.#tenure ? await lane.pool.send(request) : letGo
      if (outcome.kind === 'not_sent') lane.counts.notSent++
      else left = leftWhen(this.#elapsed() - outcome.ms, { at, began })
      return outcome
    }
    const heard = (reading: Reading, ms: number): Report => {
      this.#noteEarly(effect, supplier, reading, left)
      return this.#counted(lane, effect, { reading, ms, leftAt: left?.at })
    }
    try {
      const { adapter, credentials } = supplier
      const asked = askedBy(effect, supplier)
      const occasion = effect.type
      const { bill: agreed } = effect
      if (agreed !== undefined) {
        const about = { adapter, postpaid: adapter.postpaid!, asked, occasion, credentials, agreed }
        const { reading, ms } = await callAboutBill({ ...about, send })
        return heard(reading, ms)
      }
      const outcome = await send(adapter[occasion](asked, credentials))
      return heard(readOutcome(adapter, { outcome, asked, occasion, credentials }), outcome.ms)
    } catch {
      // An adapter that trips over a reply must not take the order with it; it may have been sent.
      return heard(unknown('adapter_failed'), 0)
    } finally {
      lane.counts.inFlight--
      this.#underWay.delete(effect.ref)
    }
  }

  stats(): SupplierStats[] {
    return [...this.#lanes].map(([supplier, { counts, pool }]) => {
      const { open, queued } = pool.state
      return { supplier, ...counts, connections: open, queued }
    })
  }

  /** Resolves when every call under way has its report. */
  async close(): Promise<void> {
    this.#closing = true
    const pools = [...this.#lanes.values()].map(({ pool }) => pool)
    // Dropped there, a purchase would have failed for no other reason than that we leave.
    while (!this.#hurried && pools.some(({ state }) => state.queued > 0)) await pause(lookMs)
    for (const pool of pools) this.#drain(pool)
    if (this.#hurried) this.hurry()
    await Promise.all(this.#draining.values())
  }

  /** Another process has the orders now: what has not left does not leave any more (S37). */
  letGo(): void {
    this.#tenure++
    for (const { pool } of this.#lanes.values()) pool.letGo()
  }

  /** Closing does not wait any longer. */
  hurry(): void {
    this.#hurried = true
    for (const pool of this.#draining.keys()) pool.hurry()
  }

  #barred(effect: Effect, supplier: SupplierAccess | undefined): Reading | null {
    const isCheck = effect.type === 'check'
    if (effect.resumed === true && !isCheck) return unknown('restarted')
    if (this.#closing) return notCalled(effect, 'closing')
    if (supplier === undefined) return notCalled(effect, 'supplier_unknown')
    const { card } = supplier.adapter
    if (this.#underWay.has(effect.ref)) return unknown('under_way')
    const isBill = effect.bill !== undefined
    if (isBill && supplier.adapter.postpaid === undefined) return notCalled(effect, 'bills_unknown')
    if (!isCheck) return supplier.active ? null : notCalled(effect, 'supplier_inactive')

    const now = effect.at ?? this.#now()
    const age = now - effect.startedAt
    if (age > card.recheckWithinMs) return unknown('recheck_window_closed')
    const { postpaid } = supplier.adapter
    const onlyReads = isBill ? postpaid?.statusRepeats !== true : card.recheck === 'read_only'
    if (!onlyReads && isOfFormerAccount(effect, supplier)) return unknown('account_changed')
    if (card.forgetsByDay && !onlyReads && !isOneDay(effect.startedAt, now)) {
      return unknown('recheck_window_closed')
    }
    const mayAskAtOnce = effect.prompted === true && onlyReads
    if (age < supplier.recheckAfterMs && !mayAskAtOnce) return unknown('recheck_too_early')
    const isEarly = (this.#early.get(effect.ref) ?? 0) > this.#elapsed()
    if (isEarly && !onlyReads) return unknown('recheck_too_early')
    return effect.resumed === true && !onlyReads ? unknown('restarted') : null
  }

  /** A call came to no end, and left so late after it was dispatched that its age tells nothing. */
  #noteEarly(
    { type, ref, startedAt }: Effect,
    { recheckAfterMs }: SupplierAccess,
    { outcome }: Reading,
    left: Left | undefined,
  ): void {
    const now = this.#elapsed()
    for (const [known, until] of this.#early) {
      if (until > now) break
      this.#early.delete(known)
    }
    if (outcome === 'success' || outcome === 'failed') this.#early.delete(ref)
    else if (left !== undefined && (type === 'check' || left.at - startedAt > lateMs)) {
      keepLatest(this.#early, ref, left.elapsed + recheckAfterMs, earlyMax)
    }
  }

  #counted(
    lane: Lane | undefined,
    effect: Effect,
    { reading, ms, leftAt }: { reading: Reading; ms: number; leftAt?: number | undefined },
  ): Report {
    if (lane !== undefined) {
      const { counts } = lane
      counts.calls++
      counts[reading.outcome]++
      counts.msSum += ms
      if (reading.supplierTrouble) counts.trouble++
    }
    const via = effect.type === 'check' ? 'check' : 'reply'
    return reportOf(reading, { n: effect.n, ms, via, leftAt })
  }

  #laneOf(supplier: SupplierAccess): Lane {
    const lane = this.#lanes.get(supplier.code)
    if (lane !== undefined && lane.supplier === supplier) return lane
    if (lane !== undefined && hasSameWay(lane.supplier, supplier)) {
      lane.supplier = supplier
      return lane
    }
    if (lane !== undefined) this.#drain(lane.pool)
    const { baseUrl, maxInFlight, timeoutMs } = supplier
    const options = { connectionsMax: maxInFlight, answerMsMax: timeoutMs }
    const pool = new HttpPool(baseUrl, { ...this.#poolOptions, ...options })
    const made = { supplier, pool, counts: lane?.counts ?? newCounts() }
    this.#lanes.set(supplier.code, made)
    return made
  }

  #drain(pool: HttpPool): void {
    const drained = pool.close().finally(() => this.#draining.delete(pool))
    this.#draining.set(pool, drained)
  }
}

const letGo: Outcome = { kind: 'not_sent', why: 'closing', ms: 0 }

/** By the clock that dispatched it, and by the stopwatch. */
type Left = { readonly at: number; readonly elapsed: number }

const leftWhen = (elapsed: number, { at, began }: { at: number; began: number }): Left => ({
  at: Math.ceil(at + elapsed - began),
  elapsed,
})

/** Also by their clock, which is not quite ours. */
const isOneDay = (from: number, to: number): boolean =>
  dayOf(from - clockMsMax) === dayOf(to + clockMsMax)

type Counts = {
  -readonly [K in keyof Omit<
    SupplierStats,
    'supplier' | 'connections' | 'queued'
  >]: SupplierStats[K]
}
type Lane = { supplier: SupplierAccess; readonly pool: HttpPool; readonly counts: Counts }

const newCounts = (): Counts => ({
  calls: 0,
  success: 0,
  failed: 0,
  pending: 0,
  unknown: 0,
  notSent: 0,
  trouble: 0,
  msSum: 0,
  inFlight: 0,
})

function hasSameWay(a: SupplierAccess, b: SupplierAccess): boolean {
  return a.baseUrl === b.baseUrl && a.maxInFlight === b.maxInFlight && a.timeoutMs === b.timeoutMs
}

function askedBy(effect: Effect, supplier: SupplierAccess): Asked {
  const { ref, sku, dest, maxPrice, theirId, othersIds } = effect
  const { testing, callbackUrl } = supplier
  const asked = {
    ...{ ref, sku, dest, maxPrice, testing },
    ...(theirId === undefined ? {} : { theirId }),
    ...(othersIds === undefined ? {} : { othersIds }),
  }
  return callbackUrl === undefined ? asked : { ...asked, callbackUrl }
}

/** Nothing was sent and nothing will be: certain for a purchase, no news for a check. */
function notCalled(effect: Effect, why: string): Reading {
  if (effect.type === 'check') return unknown(why)
  const supplierTrouble = false
  const code = why
  return {
    outcome: 'failed',
    code,
    message: '',
    retryable: true,
    watch: false,
    reply: '',
    supplierTrouble,
  }
}
