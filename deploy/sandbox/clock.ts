/**
 * A party's own time: the machine's, plus a shift that `POST /_sandbox/clock` moves. What the party
 * promised for later (a pending order's end, a retry of a callback) waits on its agenda, in its
 * time.
 *
 * X2. Moving one party's clock brings forward what that party promised, and nobody else's.
 */

import { Agenda } from './agenda.ts'

const wibShiftMs = 7 * 60 * 60 * 1000

export class PartyClock {
  readonly agenda: Agenda
  #shiftMs = 0

  constructor() {
    this.agenda = new Agenda(() => this.now())
  }

  get shiftMs(): number {
    return this.#shiftMs
  }

  now(): number {
    return Date.now() + this.#shiftMs
  }

  advance(ms: number): void {
    this.#shiftMs += ms
    this.agenda.catchUp()
  }

  moveTo(at: number): void {
    this.advance(at - this.now())
  }

  /** Real time again, and all promises forgotten. */
  reset(): void {
    this.#shiftMs = 0
    this.agenda.clear()
  }
}

/** The calendar date in Jakarta, `yyyy-mm-dd`; Indonesia keeps no summer time. */
export function wibDate(ms: number): string {
  return new Date(ms + wibShiftMs).toISOString().slice(0, 10)
}

/** Minutes since midnight in Jakarta. */
export function wibMinute(ms: number): number {
  return Math.floor((ms + wibShiftMs) / 60_000) % 1440
}
