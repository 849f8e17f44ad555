/**
 * Tells people how their orders ended. That somebody still waits for it is a row; durable events of
 * the engine only say when to look, so what was missed (a restart, a full queue) is found by going
 * through the rows again.
 *
 *   durable batch ─▶ ids of ours that ended ─▶ ask the order ─▶ message and note (one write)
 *   rows not yet told ──every so often──────▶
 *
 * CHF1. The end of each order is told once, after its beginning was, and only when it is durable.
 * CHF2. What the engine said while nobody listened is told later.
 */

import type { OrderState } from '../../actors/order/order-contract.ts'
import type { Batch } from '../../engine/host.ts'
import {
  gatewayByName,
  type OpenOrder,
  openOrder,
  openOrders,
  tellEnd,
} from '../../sql/topup/chat.ts'
import type { OrderView } from '../contract/order-view.ts'
import { NotNow, ok, orderValues, refPrefix, type TalkDeps, wording } from './conversation.ts'
import { fill, wib } from './template.ts'
import { say, type TemplateName } from './text.id.ts'

const hintsMax = 10_000
const pageMax = 200

export class Endings {
  readonly #deps: Omit<TalkDeps, 'seal' | 'shelf'>
  readonly #onTold: () => void
  readonly #hints = new Set<string>()
  #work: Promise<void> | null = null

  constructor(deps: Omit<TalkDeps, 'seal' | 'shelf'>, onTold: () => void) {
    this.#deps = deps
    this.#onTold = onTold
  }

  /** Called with all that became durable: a look at each record, no more. */
  hear(batch: Batch): void {
    for (const { outcome } of batch.piled) {
      const { record, reply } = outcome
      if (record === null || record.kind !== 'order') continue
      const state = reply.state as OrderState
      if (!('order' in state) || !state.order.ref.startsWith(refPrefix)) continue
      if (hasEnded(state)) this.look(record.id)
    }
  }

  look(trxId: string): void {
    if (this.#hints.size < hintsMax) this.#hints.add(trxId)
    void this.#run()
  }

  /** Goes through all that are not told. */
  async sweep(): Promise<void> {
    for (let after = 0; ; ) {
      const page = await openOrders(this.#deps.db.pool, { after, limit: pageMax })
      for (const order of page) {
        const isAnswered = await this.#tell(order).then(() => true, isNotNow)
        if (!isAnswered) return
      }
      if (page.length < pageMax) return
      after = page.at(-1)!.id
    }
  }

  async rest(): Promise<void> {
    await this.#work
  }

  #run(): Promise<void> {
    this.#work ??= this.#drain().finally(() => {
      this.#work = null
      if (this.#hints.size > 0) void this.#run()
    })
    return this.#work
  }

  async #drain(): Promise<void> {
    for (const trxId of this.#hints) {
      this.#hints.delete(trxId)
      try {
        const order = await openOrder(this.#deps.db.pool, trxId)
        if (order !== null) await this.#tell(order)
      } catch {
        // The row stays, and the next sweep comes to it.
      }
    }
  }

  async #tell(order: OpenOrder): Promise<void> {
    const { call, db, now } = this.#deps
    const { userId, trxId } = order
    const view = ok(await call('order.get', { userId, trxId }))
    const name = (view.bill === undefined ? endOf : endOfBill)[view.status]
    if (name === undefined) return
    const { available } = ok(await call('wallet.balance', { userId }))
    const words = await wording(this.#deps)
    const values = {
      ...orderValues(view, order.id),
      ...{ saldo: available, waktu: wib(now()), keterangan: whyUnpaid(view) },
    }
    const gateway = await gatewayByName(db.pool, order.gateway)
    const state = gateway?.baseUrl ? 'waiting' : 'kept'
    await tellEnd(db.pool, { order, told: view.status, text: fill(words[name], values), state })
    this.#onTold()
  }
}

const endOf: Readonly<Partial<Record<string, TemplateName>>> = {
  SUCCESS: 'order_success',
  FAILED: 'order_failed',
  REFUND: 'order_refunded',
}

const endOfBill: typeof endOf = {
  SUCCESS: 'bill_success',
  FAILED: 'bill_failed',
  REFUND: 'order_refunded',
}

const whyUnpaid = ({ failure }: Pick<OrderView, 'failure'>): string =>
  failure === 'bill_changed' ? say.billChanged : say.billUnpaid

/** The engine is away: the next sweep comes again. All else is somebody's mistake. */
function isNotNow(cause: unknown): false {
  if (cause instanceof NotNow) return false
  throw cause
}

const hasEnded = ({ phase }: OrderState): boolean =>
  phase === 'delivered' || phase === 'failed' || phase === 'refunded'
