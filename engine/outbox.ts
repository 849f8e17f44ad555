/**
 * Effects that are durable and wait to be carried out, a lane per target. A lane has a limit of
 * effects in flight; what waits stands in line per owner, and owners take turns, so that whoever
 * sends nine tenths of the orders still gets no more than every other turn when others wait.
 *
 *   durable record ──▶ lane(target) ──turns by owner──▶ in flight ≤ limit ──▶ answered
 *
 * E1. No lane has more in flight than its limit as it stands now: it is asked for at each turn. Who
 *     is under way when it shrinks stays so, and nobody follows until there is room again.
 * E2. Owners with waiting effects are served in turn, each in its own order.
 * E3. An effect is handed out once until it is answered, dropped or the process ends.
 */

import type { Owed } from './cell.ts'
import type { ActorId } from './ids.ts'
import type { Pace } from './pace.ts'

export type Errand = Owed & {
  readonly shard: number
  readonly from: ActorId
  readonly kind: string
  readonly owner: string
  /** True after a restart: it may have been started before. */
  readonly resumed: boolean
}

type Lane = {
  inFlight: number
  waiting: number
  readonly queues: Map<string, Queue>
}

/** First in, first out, without moving what stays: a hundred thousand may wait. */
type Queue = { items: Errand[]; head: number }

export class Outbox {
  waiting = 0
  inFlight = 0
  readonly #lanes = new Map<string, Lane>()
  readonly #limitOf: (target: string) => number
  readonly #pace: Pick<Pace, 'take'> | undefined

  /** Without a pace effects leave as fast as there is room for them. */
  constructor(limitOf: (target: string) => number, pace?: Pick<Pace, 'take'>) {
    this.#limitOf = limitOf
    this.#pace = pace
  }

  push(errand: Errand): void {
    const lane = this.#lane(errand.effect.target)
    const queue = lane.queues.get(errand.owner)
    if (queue) queue.items.push(errand)
    else lane.queues.set(errand.owner, { items: [errand], head: 0 })
    lane.waiting++
    this.waiting++
  }

  /** Everything that may start now, into `start`. */
  drain(start: (errand: Errand) => void): void {
    if (this.waiting === 0) return
    for (const [target, lane] of this.#lanes) {
      if (lane.waiting === 0) continue
      const limit = this.#limitOf(target)
      while (lane.waiting > 0 && lane.inFlight < limit && (this.#pace?.take(target) ?? true)) {
        const errand = next(lane)
        lane.inFlight++
        lane.waiting--
        this.inFlight++
        this.waiting--
        start(errand)
      }
    }
  }

  /** The errand came back, with whatever answer. */
  done(target: string): void {
    this.#lane(target).inFlight--
    this.inFlight--
  }

  /** Forgets what waits for the actors of a shard that was lost; it comes again by recovery. */
  drop(shard: number): void {
    for (const lane of this.#lanes.values()) {
      for (const [owner, queue] of lane.queues) {
        const items = queue.items.slice(queue.head).filter(errand => errand.shard !== shard)
        const dropped = queue.items.length - queue.head - items.length
        lane.waiting -= dropped
        this.waiting -= dropped
        if (items.length === 0) lane.queues.delete(owner)
        else lane.queues.set(owner, { items, head: 0 })
      }
    }
  }

  lanes(): { target: string; waiting: number; inFlight: number; limit: number }[] {
    return [...this.#lanes].map(([target, { waiting, inFlight }]) => ({
      target,
      waiting,
      inFlight,
      limit: this.#limitOf(target),
    }))
  }

  #lane(target: string): Lane {
    let lane = this.#lanes.get(target)
    if (lane === undefined) {
      lane = { inFlight: 0, waiting: 0, queues: new Map() }
      this.#lanes.set(target, lane)
    }
    return lane
  }
}

/** The first owner's first; then that owner goes to the end of the line. */
function next(lane: Lane): Errand {
  const [owner, queue] = lane.queues.entries().next().value!
  const errand = queue.items[queue.head++]!
  if (queue.head === queue.items.length) {
    lane.queues.delete(owner)
    return errand
  }
  if (queue.head >= 1024 && queue.head * 2 > queue.items.length) {
    queue.items = queue.items.slice(queue.head)
    queue.head = 0
  }
  if (lane.queues.size > 1) {
    lane.queues.delete(owner)
    lane.queues.set(owner, queue)
  }
  return errand
}
