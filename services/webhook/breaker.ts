/**
 * When to try again. A delivery waits longer after each failure; a target that fails again and
 * again is left alone for a while, and then asked by one delivery, not by all that wait.
 *
 *   closed ──5 failures in a row──▶ open (30 s, 60 s, ... 10 min) ──▶ half-open: one probe
 *      ▲                                  ▲                              │
 *      └──────────── success ─────────────┼──────────────────────────────┤
 *                                         └───────────── failure ────────┘
 *
 * WHE1. Delays double from 5 s to 4 h and are spread by a quarter both ways; a longer wait that the
 *       other side asked for is kept, up to 4 h.
 * WHE2. Open lets nothing through until its time is over; half-open lets one through.
 * WHE3. At most `targetsMax` targets are remembered: those without failures are forgotten first.
 */

const firstDelayMs = 5_000
const delayMsMax = 4 * 3_600_000
const failuresMax = 5
const firstRestMs = 30_000
const restMsMax = 10 * 60_000
const targetsMax = 10_000

/** `attempt` counts from 1; `dice` is in [0, 1). */
export function delayMs(attempt: number, dice: number, askedMs: number | null = null): number {
  const plain = Math.min(delayMsMax, firstDelayMs * 2 ** Math.min(attempt - 1, 20))
  return Math.max(spread(plain, dice), Math.min(askedMs ?? 0, delayMsMax))
}

const spread = (ms: number, dice: number): number => Math.round(ms * (0.75 + dice / 2))

type Standing = {
  inFlight: number
  failures: number
  /** 0 while closed; half-open once it has passed. */
  openUntil: number
  rests: number
}

export class Breakers {
  readonly #perTarget: number
  readonly #dice: () => number
  readonly #targets = new Map<string, Standing>()

  constructor(perTarget: number, dice: () => number = Math.random) {
    this.#perTarget = perTarget
    this.#dice = dice
  }

  /** Takes a place in flight, when there is one. */
  enter(target: string, now: number): boolean {
    const standing = this.#targets.get(target)
    if (standing !== undefined && this.#isClosedTo(standing, now)) return false
    const known = standing ?? this.#remember(target)
    known.inFlight++
    return true
  }

  leave(target: string, isGood: boolean, now: number): void {
    const standing = this.#targets.get(target)
    if (standing === undefined) return
    standing.inFlight--
    if (isGood) {
      standing.failures = 0
      standing.openUntil = 0
      standing.rests = 0
      if (standing.inFlight === 0) this.#targets.delete(target)
      return
    }
    standing.failures++
    const isProbe = standing.openUntil !== 0 && standing.openUntil <= now
    if (isProbe || (standing.openUntil === 0 && standing.failures >= failuresMax)) {
      const restMs = Math.min(restMsMax, firstRestMs * 2 ** Math.min(standing.rests, 10))
      standing.openUntil = now + spread(restMs, this.#dice())
      standing.rests++
    }
  }

  /** A person asked for it: the next one goes through. */
  close(target: string): void {
    const standing = this.#targets.get(target)
    if (standing === undefined) return
    standing.openUntil = 0
    standing.failures = 0
    standing.rests = 0
  }

  /** Targets that would not be let in. */
  shut(now: number): string[] {
    const shut: string[] = []
    for (const [target, standing] of this.#targets) {
      if (this.#isClosedTo(standing, now)) shut.push(target)
    }
    return shut
  }

  /** Targets that are left alone, or asked by one delivery only. */
  resting(): string[] {
    return [...this.#targets].filter(([, one]) => one.openUntil !== 0).map(([target]) => target)
  }

  open(now: number): number {
    let count = 0
    for (const { openUntil } of this.#targets.values()) if (openUntil > now) count++
    return count
  }

  #isClosedTo({ inFlight, openUntil }: Standing, now: number): boolean {
    if (openUntil > now) return true
    return inFlight >= (openUntil === 0 ? this.#perTarget : 1)
  }

  #remember(target: string): Standing {
    if (this.#targets.size >= targetsMax) this.#forgetOne()
    const standing = { inFlight: 0, failures: 0, openUntil: 0, rests: 0 }
    this.#targets.set(target, standing)
    return standing
  }

  #forgetOne(): void {
    let chosen: string | undefined
    for (const [target, { inFlight, openUntil }] of this.#targets) {
      if (inFlight > 0) continue
      chosen ??= target
      if (openUntil === 0) {
        chosen = target
        break
      }
    }
    if (chosen !== undefined) this.#targets.delete(chosen)
  }
}
