/**
 * Questions to suppliers that buy nothing: what is the bill, whose meter is it. They have a few
 * connections of their own, so that people who look do not stand in the way of orders.
 *
 * PPD1. A question that was not answered may be asked again, here or elsewhere: nothing was bought.
 * PPD2. Address and credentials are looked up for each question; a change drains the old pool.
 * PPD3. At most so many questions are under way per supplier, and so many wait; more is not asked.
 */

import { randomBytes } from 'node:crypto'
import type { Answered, Asked } from './adapter.ts'
import { askForBill } from './bill-asking.ts'
import type { SupplierAccess } from './caller.ts'
import { HttpPool, type PoolOptions } from './http-client.ts'
import type { Inquiry, Meter, Postpaid } from './postpaid.ts'

type Lane = { readonly access: SupplierAccess; readonly pool: HttpPool }

const questionsMax = 16
const waitingMax = 200
const answerMsMax = 15_000

export class Inquirer {
  readonly #lanes = new Map<string, Lane>()
  readonly #draining = new Set<Promise<void>>()
  readonly #poolOptions: Partial<PoolOptions>

  constructor(poolOptions: Partial<PoolOptions> = {}) {
    this.#poolOptions = poolOptions
  }

  async bill(
    access: SupplierAccess,
    { sku, dest }: { readonly sku: string; readonly dest: string },
  ): Promise<Inquiry> {
    const postpaid = postpaidOf(access)
    if (postpaid === null) return unanswered('bills_unknown')
    const { credentials, testing } = access
    const asked: Asked = { ref: freshRef(), sku, dest, maxPrice: 0, testing }
    try {
      const pool = this.#poolOf(access)
      const told = await askForBill({
        ...{ postpaid, asked, credentials },
        send: request => pool.send(request),
      })
      const { outcome, inquiry } = told
      return inquiry ?? unanswered(outcome.kind === 'answer' ? 'bill_not_told' : outcome.why)
    } catch {
      return unanswered('adapter_failed')
    }
  }

  async meter(access: SupplierAccess, number: string): Promise<Meter> {
    const meter = postpaidOf(access)?.meter
    if (meter === undefined) return { outcome: 'unknown', why: 'meters_unknown' }
    const { credentials } = access
    try {
      const outcome = await this.#poolOf(access).send(meter.ask(number, credentials))
      return outcome.kind === 'answer'
        ? meter.read(outcome as Answered, number, credentials)
        : { outcome: 'unknown', why: outcome.why }
    } catch {
      return { outcome: 'unknown', why: 'adapter_failed' }
    }
  }

  async close(): Promise<void> {
    for (const { pool } of this.#lanes.values()) this.#drain(pool)
    this.#lanes.clear()
    await Promise.all(this.#draining)
  }

  #poolOf(access: SupplierAccess): HttpPool {
    const lane = this.#lanes.get(access.code)
    if (lane?.access.baseUrl === access.baseUrl) return lane.pool
    if (lane !== undefined) this.#drain(lane.pool)
    const pool = new HttpPool(access.baseUrl, {
      ...{ connectionsMax: Math.min(questionsMax, access.maxInFlight), queueMax: waitingMax },
      answerMsMax: Math.min(answerMsMax, access.timeoutMs),
      ...this.#poolOptions,
    })
    this.#lanes.set(access.code, { access, pool })
    return pool
  }

  #drain(pool: HttpPool): void {
    const drained = pool.close().finally(() => this.#draining.delete(drained))
    this.#draining.add(drained)
  }
}

const postpaidOf = ({ active, adapter }: SupplierAccess): Postpaid | null =>
  active ? (adapter.postpaid ?? null) : null

/** Never one that an order could have. */
const freshRef = (): string => `Q${randomBytes(16).toString('hex')}`

const unanswered = (why: string): Inquiry => ({ outcome: 'unknown', why, reply: '' })
