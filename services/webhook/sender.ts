/**
 * Sends what waits. The table is the queue: what is under way is known here, everything else is a
 * row, so a crash repeats at most what was in the air.
 *
 *   wake ─▶ due rows (first of each lane) ─▶ breaker ─▶ letter ─▶ egress ─▶ row: delivered,
 *    ▲                                                                       later, or given up
 *    └────────────────────── a place is free ◀───────────────────────────────────┘
 *
 * WHF1. Of one order and one receiver a later delivery waits until the earlier one is delivered or
 *       given up; different orders go side by side.
 * WHF2. At most `inFlightMax` calls are under way, and `perTargetMax` to one target.
 * WHF3. What was not taken for 72 hours is given up; 410 ends a delivery at once, and switches its
 *       endpoint off.
 * WHF4. Only who owns the shards sends: beside another engine nobody is called twice.
 * WHF5. A call that was made and could not be noted is made again: at least once, never lost.
 */

import type { DatabasePool } from '../../sql/database.ts'
import {
  type DueRow,
  dueDeliveries,
  noteAttempt,
  stopEndpoint,
  sweepDeliveries,
  waitingDeliveries,
} from '../../sql/topup/webhooks.ts'
import type { Traces } from '../trace/traces.ts'
import { Turns } from '../turns.ts'
import { type Breakers, delayMs } from './breaker.ts'
import type { Egress, Sent } from './egress.ts'
import type { Endpoints } from './endpoints.ts'
import { letterOf } from './shapes.ts'

type SenderDeps = {
  readonly pool: DatabasePool
  readonly endpoints: Pick<Endpoints, 'get' | 'keysFor' | 'paused'>
  readonly egress: Egress
  readonly breakers: Breakers
  readonly now: () => number
  /** By which receivers judge when it was signed. */
  readonly machineNow?: () => number
  readonly isOwner: () => boolean
  readonly onError: (cause: unknown) => void
  readonly dice?: () => number
  readonly traces?: Pick<Traces, 'webhook'> | null
  /** How long the log of what was delivered, or given up, is kept. */
  readonly keepMs?: number
}

export type SenderStats = {
  readonly delivered: number
  readonly failed: number
  readonly givenUp: number
  readonly inFlight: number
  readonly waiting: number
}

export const perTargetMax = 8
const inFlightMax = 64
const beatMs = 500
const sweepMs = 60_000
/** The last try is made so long before the time is over. */
const lastTryMs = 60_000
const noteAgainMs = 1_000
const landMs = 2_000
const usualKeepMs = 30 * 24 * 3_600_000

export class Sender {
  readonly #deps: SenderDeps
  readonly #flying = new Map<number, Promise<void>>()
  readonly #looking = new Turns(() => this.#look())
  #timer: NodeJS.Timeout | undefined
  #sweptAt = 0
  #stopped = false
  #counts = { delivered: 0, failed: 0, givenUp: 0, waiting: 0 }

  constructor(deps: SenderDeps) {
    this.#deps = deps
  }

  get stats(): SenderStats {
    return { ...this.#counts, inFlight: this.#flying.size }
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), beatMs)
    this.wake()
  }

  /** What is in the air may land for a moment; the rest breaks off and is tried again later. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await this.#looking.close()
    const landed = Promise.all(this.#flying.values())
    const patience = Promise.withResolvers<void>()
    const timer = setTimeout(patience.resolve, landMs)
    await Promise.race([landed, patience.promise])
    clearTimeout(timer)
    await this.#deps.egress.close()
    await landed
  }

  /** There may be something to send. */
  wake(): void {
    if (this.#stopped || !this.#deps.isOwner()) return
    void this.#looking.ask()
  }

  async #look(): Promise<void> {
    try {
      if (this.#flying.size < inFlightMax) await this.#sendDue()
      await this.#sweep()
    } catch (cause) {
      this.#deps.onError(cause)
    }
  }

  async #sendDue(): Promise<void> {
    const { pool, endpoints, breakers } = this.#deps
    const now = this.#deps.now()
    const rows = await dueDeliveries(pool, {
      now,
      perTarget: perTargetMax,
      limit: inFlightMax - this.#flying.size,
      closed: [...breakers.shut(now), ...endpoints.paused()],
      flying: [...this.#flying.keys()],
    })
    for (const row of rows) {
      if (this.#stopped || this.#flying.has(row.id)) continue
      if (!breakers.enter(row.target, now)) continue
      const flight = this.#deliver(row).finally(() => {
        this.#flying.delete(row.id)
        this.wake()
      })
      this.#flying.set(row.id, flight)
    }
  }

  async #deliver(row: DueRow): Promise<void> {
    const { breakers, now } = this.#deps
    const traced = this.#deps.traces?.webhook(row.subject, row.event, row.attempts + 1)
    let sent: Sent | null = null
    try {
      sent = await this.#call(row)
    } catch (cause) {
      this.#deps.onError(cause)
    }
    traced?.(sent?.status ?? null, sent === null ? 'our_fault' : sent.problem)
    // What failed on our side says nothing about theirs, and is tried again like any other.
    breakers.leave(row.target, sent !== null && isAnswered(sent), now())
    try {
      await this.#note(row, sent ?? ourFault)
    } catch (cause) {
      this.#deps.onError(cause)
      // It stays due: without a pause they would be called as fast as we can.
      await new Promise(resolve => setTimeout(resolve, noteAgainMs))
    }
  }

  async #call(row: DueRow): Promise<Sent> {
    const { endpoints, egress, now, machineNow = now } = this.#deps
    const { userId, endpointId, shape } = row
    const url = row.url ?? endpoints.get(endpointId ?? '')?.url
    if (url === undefined) return ourFault
    const keys = await endpoints.keysFor({ userId, endpointId, shape }, now())
    const message = { id: messageId(row.id), event: row.event, shape, url, words: row.body }
    return await egress.send(letterOf(message, keys, machineNow()))
  }

  async #note(row: DueRow, sent: Sent): Promise<void> {
    const { pool, now, dice = Math.random } = this.#deps
    const at = now()
    const lastAt = row.expiresAt - lastTryMs
    const wantedAt = at + delayMs(row.attempts + 1, dice(), sent.retryAfterMs)
    const nextAt = Math.max(at, Math.min(wantedAt, lastAt))
    const isOver = sent.problem === 'gone' || at >= lastAt
    const status = sent.problem === null ? 'delivered' : isOver ? 'given_up' : 'waiting'
    await noteAttempt(pool, {
      ...{ id: row.id, at, status, nextAt },
      ...{ answerStatus: sent.status, answer: sent.answer, problem: sent.problem, ms: sent.ms },
    })
    if (status === 'delivered') this.#counts.delivered++
    else this.#counts.failed++
    if (status === 'given_up') this.#counts.givenUp++
    if (sent.problem === 'gone' && row.endpointId !== null) await stopEndpoint(pool, row.endpointId)
  }

  async #sweep(): Promise<void> {
    const now = this.#deps.now()
    if (now - this.#sweptAt < sweepMs) return
    this.#sweptAt = now
    const { pool, keepMs = usualKeepMs } = this.#deps
    const { givenUp } = await sweepDeliveries(pool, { now, keepMs })
    this.#counts.givenUp += givenUp
    this.#counts.waiting = await waitingDeliveries(this.#deps.pool)
  }
}

export const messageId = (id: number): string => `msg_${id}`

/** They answered as one who works: also `no` and `gone` come from a program that is up. */
const isAnswered = ({ problem }: Sent): boolean => problem === null || problem === 'gone'

const ourFault: Sent = {
  ms: 0,
  status: null,
  answer: null,
  problem: 'broken',
  retryAfterMs: null,
}
