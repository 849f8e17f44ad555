/**
 * Numbers that stand open at a supplier and were paid for by an order that has ended without one:
 * it was refunded when the number could not be found, by proof or by a person, and then it was
 * there after all. Nobody uses them, so they are given back.
 *
 *   now and then ─▶ lanes that ended without ─▶ open there, and nobody's ─▶ given back
 *
 * NVI1. What belongs to an order, or may still belong to one in doubt, is left alone; so is a lane
 *       in which something is under way.
 * NVI2. Too early for the supplier, or not answered: it is tried again, as long as a number lives.
 * NVI3. Who has no lane that ended without one asks the supplier nothing.
 */

import type { DatabasePool } from '../../sql/database.ts'
import { boundSince, lanesEndedWithout } from '../../sql/number/flight.ts'
import type { Millis } from '../contract/words.ts'
import type { Alone } from './performers.ts'
import type { NumberAdapter } from './supplier/adapter.ts'

type OrphanDeps = {
  readonly pool: DatabasePool
  readonly now: () => Millis
  readonly isOwner: () => boolean
  readonly suppliers: () => Iterable<readonly [code: string, adapter: NumberAdapter]>
  readonly alone: Alone
  readonly onError: (cause: unknown) => void
}

const everyMs = 30_000
const hourMs = 3_600_000

export class Orphans {
  readonly #deps: OrphanDeps
  #timer: NodeJS.Timeout | undefined
  #working: Promise<unknown> = Promise.resolve()
  #stopped = false
  /** Since the start. */
  givenBack = 0

  constructor(deps: OrphanDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#wait()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#working
  }

  async sweep(): Promise<void> {
    for (const [code, adapter] of this.#deps.suppliers()) {
      if (this.#stopped || !this.#deps.isOwner()) return
      if (adapter.card.finds !== 'active_list') continue
      await this.#sweepAt(code, adapter).catch(this.#deps.onError)
    }
  }

  async #sweepAt(supplier: string, adapter: NumberAdapter): Promise<void> {
    const { pool, now, alone } = this.#deps
    const sinceMs = now() - adapter.card.lifeMs
    for (const lane of await lanesEndedWithout(pool, { supplier, sinceMs })) {
      await alone({ supplier, lane }, async () => {
        // What was bought while we stood in line may be in doubt by now.
        if (!(await lanesEndedWithout(pool, { supplier, sinceMs })).includes(lane)) return
        const open = (await adapter.active())?.filter(one => one.lane === lane) ?? []
        if (open.length === 0) return
        const known = await boundSince(pool, { supplier, sinceMs: sinceMs - hourMs })
        for (const { id } of open) {
          if (!known.has(id) && (await adapter.giveBack(id)) === 'cancelled') this.givenBack++
        }
      })
    }
  }

  #wait(): void {
    this.#timer = setTimeout(() => {
      this.#working = this.sweep()
        .catch(this.#deps.onError)
        .finally(() => {
          if (!this.#stopped) this.#wait()
        })
    }, everyMs).unref()
  }
}
