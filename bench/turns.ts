/**
 * The two sides take turns, baseline first, each with the machine to itself: what the machine does
 * meanwhile hits both. Everything that a turn found is told at once on stderr.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { rssMb } from './ground/cost.ts'
import type { World } from './ground/world.ts'
import {
  type Bench,
  drained,
  type Figure,
  firstDestination,
  measureAccepted,
  measureCompleted,
  measureLatency,
} from './phases.ts'
import { measureRecovery, type Recovery } from './recovery.ts'
import type { Sizes } from './sizes.ts'

const quietMs = 500
/** Memory is read when the burst is over, as it is while the orders wait. */
const restMs = 6_000

export type Drain = { readonly accepted: number; readonly success: number; readonly ms: number }

export class Turns {
  readonly #world: World
  readonly #bench: Bench
  readonly #sizes: Sizes
  #held: { tag: string; count: number }[] = []

  constructor(world: World, bench: Bench, sizes: Sizes) {
    this.#world = world
    this.#bench = bench
    this.#sizes = sizes
  }

  async warmUp(): Promise<void> {
    await this.#world.sandbox.setLatency(this.#sizes.supplierMs)
    for (const side of this.#sides()) {
      const count = this.#sizes.warmup[side.name]
      tell(await measureCompleted(this.#bench, side, { tag: 'warmup', count }))
    }
  }

  async completed(): Promise<Figure[]> {
    const figures: Figure[] = []
    for (let round = 1; round <= this.#sizes.rounds; round++) {
      for (const side of this.#sides()) {
        await pause(quietMs)
        const size = { tag: `completed-${round}`, count: this.#sizes.completed[side.name] }
        figures.push(tell(await measureCompleted(this.#bench, side, size)))
      }
    }
    return figures
  }

  async latency(): Promise<Figure[]> {
    const { latencyRounds, latencySeconds: seconds, perSecond } = this.#sizes
    const figures: Figure[] = []
    for (let round = 1; round <= latencyRounds; round++) {
      for (const side of this.#sides()) {
        await pause(quietMs)
        const size = { tag: `latency-${round}`, perSecond, seconds }
        figures.push(tell(await measureLatency(this.#bench, side, size)))
      }
    }
    return figures
  }

  /** Both pile up open orders; the engine until there are enough for what follows. */
  async accepted() {
    await this.#world.sandbox.setLatency(this.#sizes.heldMs)
    const figures: Figure[] = []
    for (let round = 1; round <= this.#sizes.rounds; round++) {
      for (const side of this.#sides()) {
        await pause(quietMs)
        const size = { tag: `accepted-${round}`, count: this.#sizes.accepted[side.name] }
        figures.push(tell(await measureAccepted(this.#bench, side, size)))
        if (side.name === 'engine') this.#held.push(size)
      }
    }
    const { engine, baseline } = this.#world
    const missing = this.#sizes.open - ((await engine.open()) ?? 0)
    if (missing > 0) {
      const size = { tag: 'open', count: missing }
      tell(await measureAccepted(this.#bench, engine, size))
      this.#held.push(size)
    }
    await pause(restMs)
    const openOrders = await engine.open()
    const memory = { rssMb: rssMb(engine.pid), baselineRssMb: rssMb(baseline.pid) }
    // Its open orders would go on buying beside what follows.
    await this.#world.stopBaseline()
    return { figures, openOrders, ...memory }
  }

  async recovery(): Promise<Recovery> {
    say('kill -9')
    const { engine } = this.#world
    const tag = 'recovery'
    const first = firstDestination(this.#bench, tag)
    const plan = { seed: 1, tag, count: 1, first, product: engine.product }
    const recovery = await measureRecovery(
      { target: engine.target, plan, signer: engine.signers[0]! },
      this.#world.engineProcess(),
    )
    this.#held.push({ tag: plan.tag, count: 1 })
    say(`served after ${recovery.servedMs} ms, all resumed after ${recovery.resumedMs} ms`)
    return recovery
  }

  /** What was held open ends as it should: everything, once. */
  async drain(): Promise<Drain> {
    say('letting the open orders end')
    await this.#world.sandbox.setLatency(this.#sizes.supplierMs)
    const { engine } = this.#world
    const began = performance.now()
    let accepted = 0
    let success = 0
    for (const held of this.#held) {
      await drained(engine, held)
      const result = await engine.book.result(held.tag)
      accepted += held.count
      success += result.success
    }
    const ms = Math.round(performance.now() - began)
    return { accepted, success, ms }
  }

  #sides() {
    return [this.#world.baseline, this.#world.engine]
  }
}

function tell(figure: Figure): Figure {
  const { side, tag, count, perSecond, outcome, result, cost } = figure
  const hash = result.hash === '' ? '' : `, result ${result.hash.slice(0, 8)}`
  say(
    `${side.padEnd(8)} ${tag.padEnd(12)} ${count} orders, ${Math.round(perSecond)}/s, answered ` +
      `${Math.round(outcome.perSecond)}/s, p50 ${outcome.p50Ms} p99 ${outcome.p99Ms} max ` +
      `${outcome.maxMs} ms, cpu us per order ${JSON.stringify(cost)}${hash}`,
  )
  return figure
}

export function say(sentence: string): void {
  console.error(`bench: ${sentence}`)
}
