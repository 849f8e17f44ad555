/**
 * Orders at suppliers that do not find them by our reference. Each attempt is a flight: a row that
 * is there before the purchase leaves and learns the supplier's own id as soon as anybody tells it.
 * Where orders could not be told apart they fly one at a time in their lane, so that what is found
 * in the supplier's list can only be this one.
 *
 *   purchase ─▶ take the lane ──held──▶ is the holder settled? ──no──▶ failed, nothing was sent
 *                   │ durable               └─yes─▶ free it, take it
 *                   ▼
 *                caller ─▶ reply ─▶ keep their id ─▶ settled? free the lane ─▶ report
 *
 * A check needs the row: their id, or a list in which the order is the only one it can be. A hint
 * (a callback that proves too little) makes us check, and is believed in nothing.
 *
 * ADG1. No purchase leaves before its row is durable; without the row nothing was sent.
 * ADG2. A second order in a lane is refused before it leaves, until the first one is settled: by
 *       its own report, or by whatever ended its order, asked only when the lane is wanted.
 * ADG3. A purchase that may have left before a restart is never sent again.
 * ADG4. Their id belongs to one attempt for ever; an answer that names another's is unknown.
 * ADG5. After an attempt of which we never learnt whether it bought, the list of its lane proves
 *       nothing for as long as it could be in there: unknown.
 * ADG6. A hint makes us ask at most once at a time, and what says nothing changes nothing.
 * FLJ1. A hint about an order that is found by our reference makes us ask what its attempt asked,
 *       where that only reads.
 */

import type { DatabasePool } from '../../sql/database.ts'
import {
  bindFlight,
  type Flight,
  flightByTheirId,
  flightInLane,
  flightOf,
  othersInLane,
  releaseFlight,
  takeFlight,
} from '../../sql/topup/flights.ts'
import type { Hint } from './adapter.ts'
import type { Submit } from './callbacks.ts'
import type { Effect, SupplierAccess } from './caller.ts'
import { parseRef } from './reference.ts'
import type { Report } from './report.ts'
import type { AttemptFacts } from './settled.ts'

/** The rows; see `sql/topup/flights.ts`. */
export type FlightStore = {
  /** Null when taken now; else who has the lane, which may be this very reference. */
  take(flight: Omit<Flight, 'theirId'>): Promise<string | null>
  of(key: { supplier: string; ref: string }): Promise<Flight | null>
  byTheirId(key: { supplier: string; theirId: string }): Promise<Flight | null>
  inLane(key: { supplier: string; lane: string }): Promise<Flight | null>
  /** Their ids of others in the lane; null stands for one that may have bought. */
  others(asked: {
    flight: Flight
    since: number
    limit: number
  }): Promise<readonly (string | null)[]>
  bind(key: { supplier: string; ref: string; theirId: string }): Promise<boolean>
  release(key: { supplier: string; ref: string; at: number; boughtNothing: boolean }): Promise<void>
}

export const flightStore = (pool: DatabasePool): FlightStore => ({
  take: flight => takeFlight(pool, flight),
  of: key => flightOf(pool, key),
  byTheirId: key => flightByTheirId(pool, key),
  inLane: key => flightInLane(pool, key),
  others: asked => othersInLane(pool, asked),
  bind: key => bindFlight(pool, key),
  release: key => releaseFlight(pool, key),
})

type FlightDeps = {
  readonly caller: { perform(effect: Effect): Promise<Report> }
  readonly supplierOf: (code: string) => SupplierAccess | undefined
  readonly store: FlightStore
  /** Nothing can happen to the attempt of this reference any more. It throws when nobody knows. */
  readonly isSettled: (ref: string) => Promise<boolean>
  /** What was asked of those who find orders by our reference. */
  readonly attemptOf?: (ref: string) => Promise<AttemptFacts | null>
  readonly submit: Submit
  readonly now?: () => number
}

export type Heard = 'asked' | 'unknown_ref' | 'later'

const othersMax = 200

export class Flights {
  readonly #deps: FlightDeps
  readonly #now: () => number
  readonly #asking = new Set<string>()

  constructor(deps: FlightDeps) {
    this.#deps = deps
    this.#now = deps.now ?? Date.now
  }

  /** As the caller's: every effect gets its report. */
  perform(effect: Effect): Promise<Report> {
    const supplier = this.#deps.supplierOf(effect.supplier)
    if (supplier?.adapter.card.reconcile === undefined) return this.#deps.caller.perform(effect)
    return effect.type === 'purchase'
      ? this.#purchase(effect, supplier)
      : this.#check(effect, supplier)
  }

  /** Something may have happened to an order: asks, and tells the order what was answered. */
  async hear(code: string, hint: Hint): Promise<Heard> {
    const supplier = this.#deps.supplierOf(code)
    if (supplier !== undefined && supplier.adapter.card.reconcile === undefined) {
      return await this.#hearByReference(supplier, hint.ref)
    }
    const flight = await this.#find(code, hint)
    const parsed = flight === null ? null : parseRef(flight.ref)
    if (supplier === undefined || flight === null || parsed === null) return 'unknown_ref'
    if (this.#asking.has(flight.ref)) return 'later'
    this.#asking.add(flight.ref)
    try {
      const { ref, sku, dest, maxPrice, takenAt } = flight
      const about = { n: parsed.n, supplier: code, ref, sku, dest, maxPrice, startedAt: takenAt }
      // Only where the answer must name our reference may their word lead us to an order.
      const theirId = flight.theirId ?? (hint.ref === ref ? hint.theirId : null)
      const at = this.#now()
      const effect: Effect = { type: 'check', ...about, prompted: true, at }
      const report = await this.#ask(effect, supplier, { ...flight, theirId })
      if (report.code === 'under_way') return 'later'
      if (report.outcome === 'unknown') return 'asked'
      const told = { ...report, supplier: code, order: parsed.order, sku, dest }
      return (await this.#deps.submit(ref, told)) === 'accepted' ? 'asked' : 'unknown_ref'
    } finally {
      this.#asking.delete(flight.ref)
    }
  }

  /** Where a question only reads: else the order's own timer asks, when that buys nothing. */
  async #hearByReference(supplier: SupplierAccess, ref: string | null): Promise<Heard> {
    const parsed = ref === null ? null : parseRef(ref)
    if (ref === null || parsed === null) return 'unknown_ref'
    if (supplier.adapter.card.recheck !== 'read_only') return 'unknown_ref'
    if (this.#asking.has(ref)) return 'later'
    this.#asking.add(ref)
    try {
      const attempt = (await this.#deps.attemptOf?.(ref)) ?? null
      if (attempt?.supplier !== supplier.code) return 'unknown_ref'
      const asked = { n: parsed.n, ref, ...attempt, at: this.#now() }
      const effect: Effect = { type: 'check', ...asked, prompted: true }
      const report = await this.#deps.caller.perform(effect)
      if (report.code === 'under_way') return 'later'
      if (report.outcome === 'unknown') return 'asked'
      const { sku, dest } = attempt
      const told = { ...report, supplier: supplier.code, order: parsed.order, sku, dest }
      return (await this.#deps.submit(ref, told)) === 'accepted' ? 'asked' : 'unknown_ref'
    } finally {
      this.#asking.delete(ref)
    }
  }

  async #purchase(effect: Effect, supplier: SupplierAccess): Promise<Report> {
    const barred = await this.#take(effect, supplier)
    if (barred !== null) return barred
    const report = await this.#deps.caller.perform(effect)
    return this.#learn(effect, report)
  }

  /** The lane is ours when there is nothing to report yet. */
  async #take(effect: Effect, supplier: SupplierAccess): Promise<Report | null> {
    const { supplier: code, ref, sku, dest, maxPrice } = effect
    const lane = supplier.adapter.laneOf?.(effect) ?? null
    const flight = { supplier: code, ref, sku, dest, maxPrice, lane, takenAt: this.#now() }
    try {
      let holder = await this.#deps.store.take(flight)
      if (holder !== null && holder !== ref && (await this.#hasLanded(code, holder))) {
        holder = await this.#deps.store.take(flight)
      }
      if (effect.resumed === true || holder === ref) return unknownOf(effect, 'restarted')
      return holder === null ? null : notSent(effect, 'lane_busy')
    } catch {
      return effect.resumed === true
        ? unknownOf(effect, 'restarted')
        : notSent(effect, 'flight_not_kept')
    }
  }

  async #hasLanded(supplier: string, ref: string): Promise<boolean> {
    if (ref === '') return true
    if (!(await this.#deps.isSettled(ref))) return false
    await this.#deps.store.release({ supplier, ref, at: this.#now(), boughtNothing: false })
    return true
  }

  async #check(effect: Effect, supplier: SupplierAccess): Promise<Report> {
    let flight: Flight | null
    try {
      flight = await this.#deps.store.of(effect)
    } catch {
      return unknownOf(effect, 'flight_not_read')
    }
    if (flight === null) return unknownOf(effect, 'flight_absent')
    return this.#ask(effect, supplier, flight)
  }

  async #ask(effect: Effect, supplier: SupplierAccess, flight: Flight): Promise<Report> {
    const { caller } = this.#deps
    if (flight.theirId !== null) {
      const report = await caller.perform({ ...effect, theirId: flight.theirId })
      return this.#learn(effect, report)
    }
    if (supplier.adapter.card.reconcile === 'their_id') return unknownOf(effect, 'their_id_unknown')
    const othersIds = await this.#othersOf(flight, supplier)
    if (othersIds === null) return unknownOf(effect, 'lane_blurred')
    return this.#learn(effect, await caller.perform({ ...effect, othersIds }))
  }

  /** Null when one of them may stand in the list without our knowing which. */
  async #othersOf(flight: Flight, supplier: SupplierAccess): Promise<string[] | null> {
    // Whatever can still be asked about when this one left can still stand beside it in the list.
    const since = flight.takenAt - 2 * supplier.adapter.card.recheckWithinMs
    try {
      const others = await this.#deps.store.others({ flight, since, limit: othersMax + 1 })
      const known = others.filter(one => one !== null)
      return known.length === others.length && others.length <= othersMax ? known : null
    } catch {
      return null
    }
  }

  /** Keeps what the report says about their id before anybody else hears of it. */
  async #learn(effect: Effect, report: Report): Promise<Report> {
    const { supplier, ref } = effect
    const { theirId, outcome } = report
    const { store } = this.#deps
    try {
      if (theirId !== undefined && !(await store.bind({ supplier, ref, theirId }))) {
        return unknownOf(effect, 'foreign_id')
      }
      if (outcome === 'success' || outcome === 'failed') {
        const boughtNothing = outcome === 'failed' && theirId === undefined
        await store.release({ supplier, ref, at: this.#now(), boughtNothing })
      }
      return report
    } catch {
      // The reply to our own purchase is ours, kept or not; what a list shows must be kept first.
      return effect.type === 'purchase' ? report : unknownOf(effect, 'flight_not_kept')
    }
  }

  async #find(supplier: string, { ref, theirId, lane }: Hint): Promise<Flight | null> {
    const { store } = this.#deps
    if (ref !== null) return store.of({ supplier, ref })
    const known = theirId === null ? null : await store.byTheirId({ supplier, theirId })
    return known ?? (lane === null ? null : store.inLane({ supplier, lane }))
  }
}

function unknownOf({ n, type }: Effect, code: string): Report {
  return { n, outcome: 'unknown', code, ms: 0, via: type === 'check' ? 'check' : 'reply' }
}

function notSent({ n }: Effect, code: string): Report {
  const failed = { outcome: 'failed', message: '', retryable: true, watch: false } as const
  return { n, ...failed, code, ms: 0, via: 'reply' }
}
