/**
 * What the caller of suppliers does, as far as a story needs it: it knows when a question would
 * buy, calls stand in line before they leave, and some never do.
 *
 * V19. Where asking buys, nobody is asked about before his last call, late as that may have left,
 *      had its time.
 */

import { assert } from '../../engine/assert.ts'
import type { Millis } from '../../engine/ids.ts'
import type { World } from '../../engine/sim/world.ts'
import type { OrderEffect } from '../order/order-contract.ts'
import { lineMsMax, type Supplier } from './supplier.ts'

/** Planted mistakes, for the canaries. */
export type CallOptions = {
  readonly resumesAnew?: boolean
  readonly ignoresWindow?: boolean
}

type Call = {
  readonly effect: OrderEffect
  readonly supplier: Supplier
  readonly resumed: boolean
  readonly soon: (ms: Millis, run: (isOurs: boolean) => void) => void
  /** Hears the report, but for which attempt it is about and how it came. */
  readonly tell: (word: object) => void
}

/** So much later than it was dispatched a call may leave without anybody minding. */
const lateMs = 1_000

export class Calls {
  readonly #world: World
  readonly #options: CallOptions
  /** When the last call under each reference left that told no end. */
  readonly #left = new Map<string, Millis>()
  readonly #inLineUntil = new Map<string, Millis>()
  readonly #neverLeft = new Set<string>()

  constructor(world: World, options: CallOptions) {
    this.#world = world
    this.#options = options
  }

  perform(call: Call): void {
    const { effect, supplier, soon, tell } = call
    const barred = this.#barring(call)
    const lineMs = barred === null ? supplier.lineMs() : 0
    if (barred !== null) tell(barred)
    else if (lineMs === 0) tell(this.#leave(call))
    else {
      const { now } = this.#world
      this.#inLineUntil.set(effect.ref, now + lineMs)
      soon(lineMs, isOurs => {
        // It waited too long where the whole process stood still.
        const mayLeave = isOurs && this.#world.now <= now + lineMsMax
        tell(mayLeave ? this.#leave(call) : this.#letGo(effect))
      })
    }
  }

  /** Whether the purchase of this reference certainly did not leave. */
  neverLeft(ref: string): boolean {
    return this.#neverLeft.has(ref)
  }

  #barring({ effect, resumed, supplier }: Call): object | null {
    const { recheckAfterMs, recheckWithinMs, checkBuys } = supplier.card
    const { resumesAnew, ignoresWindow } = this.#options
    const { now } = this.#world
    if (effect.type === 'purchase') return resumed && !resumesAnew ? unheard('restarted') : null
    const age = now - effect.startedAt
    if (now < (this.#inLineUntil.get(effect.ref) ?? 0)) return unheard('under_way')
    if (ignoresWindow) return null
    if (age > recheckWithinMs) return unheard('recheck_window_closed')
    if (age < recheckAfterMs) return unheard('recheck_too_early')
    return resumed && checkBuys ? unheard('restarted') : null
  }

  #letGo({ type, ref }: OrderEffect): object {
    if (type === 'check') return unheard('closing')
    this.#neverLeft.add(ref)
    return { ...unheard('closing'), outcome: 'failed', retryable: true }
  }

  #leave({ effect, resumed, supplier }: Call): object {
    const { now, isPunctual } = this.#world
    const { checkBuys, recheckAfterMs } = supplier.card
    const pause = now - (this.#left.get(effect.ref) ?? Number.NEGATIVE_INFINITY)
    const isSoon = checkBuys && pause < recheckAfterMs - lateMs && isPunctual
    assert(!isSoon, `V19: ${effect.ref} is asked about when its call has had its time`)
    const word =
      effect.type === 'check'
        ? supplier.check(effect, now)
        : supplier.purchase(resumed ? { ...effect, ref: `${effect.ref}-again` } : effect, now)
    // Whoever told how it ended has it in his books.
    if (word.outcome === 'success' || word.outcome === 'failed') this.#left.delete(effect.ref)
    else this.#left.set(effect.ref, now)
    return { ...word, leftAt: now }
  }
}

const unheard = (why: string) => ({
  outcome: 'unknown',
  code: why,
  message: null,
  reply: null,
  ms: null,
})
