/**
 * What is traced: one of so many that come by themselves, and whoever brings a W3C `traceparent`
 * that says so, as long as not too many do.
 *
 *   no parent ───────────────▶ dice ─▶ a trace of its own, or nothing
 *   parent, sampled ─▶ room? ─▶ the parent's trace
 *                        └no──▶ as if there were no parent
 *   parent, not sampled ─────▶ nothing
 *
 * TRD1. Dice decide, never the id of a trace, which a stranger may choose.
 * TRD2. Of parents that are sampled so many are followed in a second; the others are counted, and
 *       traced as often as those who bring none.
 * TRD3. What is no `traceparent` counts as none. `tracestate` is text of strangers: it is not read.
 */

import { type Context, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'

type DrawOptions = {
  /** From 0, nothing, to 1, everything. */
  readonly ratio: number
  readonly now?: () => number
  readonly dice?: () => number
}

export const parentsPerSecond = 10
export const parentsAtOnce = 20
/** Version, two ids and flags are 55; later versions may add to it. */
const parentLengthMax = 200

const propagator = new W3CTraceContextPropagator()
const header = {
  keys: () => ['traceparent'],
  get: (told: string, name: string) => (name === 'traceparent' ? told : undefined),
}

export class Draw {
  /** Parents that were sampled and not followed. */
  refused = 0
  readonly #ratio: number
  readonly #now: () => number
  readonly #dice: () => number
  #room = parentsAtOnce
  #filledAt: number

  constructor({ ratio, now = Date.now, dice = Math.random }: DrawOptions) {
    this.#ratio = ratio
    this.#now = now
    this.#dice = dice
    this.#filledAt = now()
  }

  /** Of what nobody sent a parent with. */
  own(): boolean {
    return this.#dice() < this.#ratio
  }

  /** Under what the trace begins; null: it does not. */
  of(traceparent: string): Context | null {
    const parent = traceparent === '' ? undefined : parentIn(traceparent)
    if (parent !== undefined) {
      const told = trace.getSpanContext(parent)!
      if ((told.traceFlags & TraceFlags.SAMPLED) === 0) return null
      if (this.#hasRoom()) return parent
      this.refused++
    }
    return this.own() ? ROOT_CONTEXT : null
  }

  #hasRoom(): boolean {
    const now = this.#now()
    const gained = (Math.max(0, now - this.#filledAt) * parentsPerSecond) / 1_000
    this.#room = Math.min(parentsAtOnce, this.#room + gained)
    this.#filledAt = now
    if (this.#room < 1) return false
    this.#room--
    return true
  }
}

function parentIn(traceparent: string): Context | undefined {
  if (traceparent.length > parentLengthMax) return undefined
  const context = propagator.extract(ROOT_CONTEXT, traceparent, header)
  return trace.getSpanContext(context) === undefined ? undefined : context
}
