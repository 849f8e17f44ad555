/**
 * Whoever asked for something that takes a moment (a number is bought, a number is given back) may
 * wait until its order has moved on, for a while; then he is told how it stands.
 *
 * NVF1. A waiting ends with the durable line that it waits for, or with its time; the order goes on
 *       either way.
 */

import type { Millis } from '../contract/words.ts'
import type { Known } from './view.ts'

type Waiting = { readonly isOver: (state: Known) => boolean; readonly resolve: () => void }

export class Awaited {
  readonly #waiting = new Map<string, Waiting[]>()

  heard(orderId: string, state: Known): void {
    const waiting = this.#waiting.get(orderId)
    if (waiting === undefined) return
    for (const one of [...waiting]) if (one.isOver(state)) one.resolve()
  }

  until(orderId: string, ms: Millis, isOver: (state: Known) => boolean): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        clearTimeout(timer)
        const left = (this.#waiting.get(orderId) ?? []).filter(other => other !== one)
        if (left.length === 0) this.#waiting.delete(orderId)
        else this.#waiting.set(orderId, left)
        resolve()
      }
      const one = { isOver, resolve: done }
      const timer = setTimeout(done, ms)
      this.#waiting.set(orderId, [...(this.#waiting.get(orderId) ?? []), one])
    })
  }
}
