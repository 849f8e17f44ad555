/**
 * Says aloud when orders come to wait for a person, for those who read the log and nothing else.
 * The order itself sees to it that nothing stays under way past its limit: its timer asks the
 * supplier, then parks it in the queue.
 *
 * CRH1. More of them for one reason than at the last look: one line in the log, however many.
 * CRH2. As long as any waits longer than four hours, it is said again every hour.
 * CRH3. Only whoever serves orders looks, so that it is said once; a look that fails is the next
 *       one's.
 */

import { Gauge, type Registry } from 'prom-client'
import type { Database } from '../../sql/database.ts'
import { queueByReason, type ReasonInQueue } from '../../sql/topup/care.ts'
import type { Millis } from '../contract/words.ts'

type OverdueDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly now: () => Millis
  readonly isOwner: () => boolean
  readonly alert: (words: { why: string; orders: number; oldest: string; more: number }) => void
  readonly onError: (cause: unknown) => void
}

const lookMs = 15_000
const longMs = 4 * 3_600_000
const againMs = 3_600_000

export class OverdueWatch {
  readonly #deps: OverdueDeps
  readonly #saidAt = new Map<string, Millis>()
  #seen: ReadonlyMap<string, ReasonInQueue> = new Map()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | null = null

  constructor(deps: OverdueDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), lookMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  /** As they were at the last look. */
  get reasons(): Iterable<ReasonInQueue> {
    return this.#seen.values()
  }

  look(): Promise<void> {
    this.#looking ??= this.#look()
      .catch(this.#deps.onError)
      .finally(() => {
        this.#looking = null
      })
    return this.#looking
  }

  async #look(): Promise<void> {
    const { db, isOwner, now } = this.#deps
    if (!isOwner()) {
      this.#seen = new Map()
      return
    }
    const found = new Map((await queueByReason(db.pool)).map(one => [one.why, one]))
    for (const one of found.values()) this.#weigh(one, now())
    this.#seen = found
  }

  #weigh({ why, orders, oldestMs }: ReasonInQueue, now: Millis): void {
    const more = orders - (this.#seen.get(why)?.orders ?? 0)
    const isOld = now - oldestMs > longMs
    const isSilent = now - (this.#saidAt.get(why) ?? Number.NEGATIVE_INFINITY) >= againMs
    if (more <= 0 && !(isOld && isSilent)) return
    this.#saidAt.set(why, now)
    const oldest = new Date(oldestMs).toISOString()
    this.#deps.alert({ why, orders, oldest, more: Math.max(0, more) })
  }
}

export function registerOverdue(registry: Registry, watch: Pick<OverdueWatch, 'reasons'>): void {
  new Gauge({
    name: 'laju_attention_reasons',
    help: 'Orders that wait for a person, by reason, as of the last look.',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { why, orders } of watch.reasons) this.set({ reason: why }, orders)
    },
  })
}
