/**
 * Whether a supplier gets orders at all, by what became of its last ones. Time is given; nothing
 * here has a clock or a timer of its own.
 *
 *   closed ──too many failures──▶ open ──pause over──▶ half-open ──probe well──▶ ramp ──▶ closed
 *                                  ▲                      └─probe bad, or silent─┐  │
 *                                  └─────────────────────────────────────────────┴──┘
 *
 * RTC1. It opens when three in five of a window's answers are failures; when half are, after a
 *       short run of them; and after a long run whatever was before. A bad day with one failure in
 *       three does not.
 * RTC2. After the pause one order tries it, one at a time; what others answer meanwhile says
 *       nothing. A probe that nobody hears of again has failed.
 * RTC3. After a good probe its share grows by steps, and failures in a step open it again.
 * RTC4. Each opening in a row doubles the pause, up to a limit; a closed breaker starts anew.
 * RTC5. A probe that was never sent is given back.
 * RTC6. What was written down comes back as it was, with the probe that was out.
 */

import type { Millis } from '../contract/words.ts'
import { probing } from './choice.ts'
import { SlidingCounts } from './sliding-counts.ts'

export type BreakerState = 'closed' | 'open' | 'half-open' | 'ramp'

export const breakerTerms = {
  runShort: 8,
  runLong: 20,
  answersMin: 50,
  pauseMs: 30_000,
  pauseMsMax: 480_000,
  probeMs: 60_000,
  stepMs: 15_000,
  steps: [1, 5, 25],
  stepBadMax: 3,
} as const

/** A breaker as it can be written down: its state, and the window of its answers. */
export type BreakerWords = {
  readonly s: BreakerState
  readonly r: number
  readonly o: number
  readonly t: Millis
  readonly k: string | null
  readonly p: readonly [step: number, ok: number, bad: number]
  readonly c: readonly number[]
}

export class Breaker {
  state: BreakerState = 'closed'
  readonly counts = new SlidingCounts()
  readonly #onTurn: () => void
  /** Grows with whatever is worth writing down. */
  heard = 0
  /** Key of the order that tries it. */
  probe: string | null = null
  #run = 0
  #openings = 0
  /** Start of the state, or of the step. */
  #since: Millis = 0
  #step = 0
  #stepOk = 0
  #stepBad = 0

  /** `onTurn` is told each change of the state. */
  constructor(onTurn: () => void = () => {}) {
    this.#onTurn = onTurn
  }

  /** Of a hundred orders so many may come now; `probing` when the next one shall try it; 0 none. */
  share(now: Millis): number {
    switch (this.state) {
      case 'closed':
        return 100
      case 'open':
        if (now < this.#since + this.#pauseMs()) return 0
        this.#enter('half-open', now)
        return probing
      case 'half-open':
        if (this.probe === null) return probing
        if (now >= this.#since + breakerTerms.probeMs) this.#open(now)
        return 0
      case 'ramp':
        this.#climb(now)
        return (this.state as BreakerState) === 'closed' ? 100 : breakerTerms.steps[this.#step]!
    }
  }

  written(): BreakerWords {
    const p = [this.#step, this.#stepOk, this.#stepBad] as const
    const c = this.counts.written()
    const { state: s, probe: k } = this
    return { s, r: this.#run, o: this.#openings, t: this.#since, k, p, c }
  }

  restore({ s, r, o, t, k, p: [step, stepOk, stepBad], c }: BreakerWords): void {
    this.state = s
    this.#run = r
    this.#openings = o
    this.#since = t
    this.#step = step
    this.#stepOk = stepOk
    this.#stepBad = stepBad
    this.probe = k
    this.counts.restore(c)
  }

  /** This order tries it; until its answer nobody else does. */
  startProbe(key: string, now: Millis): void {
    this.heard++
    this.probe = key
    this.#since = now
  }

  /** The order was not placed after all. */
  dropProbe(key: string): void {
    if (this.probe === key) this.probe = null
  }

  /** The supplier answered the order of this key: well, or not. */
  hear(at: Millis, key: string, word: { ok: boolean; ms: Millis }): void {
    const { ok, ms } = word
    this.counts.add(at, ok, ms)
    this.heard++
    switch (this.state) {
      case 'closed':
        this.#run = ok ? 0 : this.#run + 1
        if (!ok && this.#isTooMuch(at)) this.#open(at)
        return
      case 'open':
        return
      case 'half-open':
        if (key !== this.probe) return
        if (ok) this.#enter('ramp', at)
        else this.#open(at)
        return
      case 'ramp':
        if (ok) this.#stepOk++
        else this.#stepBad++
        if (this.#isStepBad()) this.#open(at)
    }
  }

  #isTooMuch(at: Millis): boolean {
    const { runShort, runLong, answersMin } = breakerTerms
    if (this.#run >= runLong) return true
    this.counts.roll(at)
    const { ok, bad } = this.counts
    const isMost = ok + bad >= answersMin && bad * 2 >= ok * 3
    return isMost || (bad >= ok && this.#run >= runShort)
  }

  #isStepBad(): boolean {
    return this.#stepBad >= breakerTerms.stepBadMax && this.#stepBad >= this.#stepOk
  }

  #climb(now: Millis): void {
    while (this.state === 'ramp' && now >= this.#since + breakerTerms.stepMs) {
      this.#since += breakerTerms.stepMs
      this.#stepOk = this.#stepBad = 0
      if (++this.#step === breakerTerms.steps.length) this.#close()
    }
  }

  #close(): void {
    this.state = 'closed'
    this.heard++
    this.#onTurn()
    this.#run = this.#openings = 0
    // What was counted before the trouble was over must not bring it back.
    this.counts.clear()
  }

  #open(at: Millis): void {
    this.#openings++
    this.#enter('open', at)
  }

  #enter(state: BreakerState, at: Millis): void {
    this.state = state
    this.heard++
    this.#onTurn()
    this.#since = at
    this.probe = null
    this.#step = this.#stepOk = this.#stepBad = 0
  }

  #pauseMs(): Millis {
    const { pauseMs, pauseMsMax } = breakerTerms
    return Math.min(pauseMsMax, pauseMs * 2 ** (this.#openings - 1))
  }
}
