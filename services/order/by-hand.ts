/**
 * A person's hand on an order: hold, release, ask its supplier now, send it elsewhere. What may be
 * is decided by the order; here it is only found out where "elsewhere" is.
 *
 * CRD1. Whom routing would choose now is asked first, of those who were not tried; a named supplier
 *       must supply the product now, have it in stock, and at a cost that the order's price bears.
 * CRD2. Asking routing leaves nothing behind in it: the attempt counts there when it is durable.
 * CRD3. Only the whole id finds the order: a slip in it moves no other one.
 */

import type { OrderCommand, OrderState, Plan } from '../../actors/order/order-contract.ts'
import { isId, keyOf, shardOf } from '../../engine/ids.ts'
import type { Envelope, Reply } from '../../engine/shard.ts'
import { type Book, supplied } from '../catalogue/book.ts'
import type { Answer } from '../contract/answer.ts'
import type { ByHandDone } from '../contract/order.ts'
import type { RefusalCode } from '../contract/words.ts'
import type { Actions } from '../contract.ts'
import type { EngineRoom } from '../engine-room.ts'
import { faulted } from '../faults.ts'
import type { Router } from '../routing/router.ts'
import type { SupplierAccess } from '../supplier/caller.ts'
import { orderStanding } from './view.ts'

type ByHandDeps = {
  readonly room: Pick<EngineRoom, 'engine' | 'shards' | 'now' | 'machineNow'>
  readonly shelf: { readonly book: () => Book }
  readonly supplierOf: (code: string) => SupplierAccess | undefined
  readonly router?: Router
}

type Placed = Exclude<OrderState, { phase: 'absent' }>
type Reroute = Actions['order.reroute']['params']

const notFound = { refused: 'NOT_FOUND', moneyEffect: 'none' } as const

/** Does it, if there is such an order. */
export async function byHand(
  { room }: Pick<ByHandDeps, 'room'>,
  trxId: string,
  commandFor: (state: Placed) => OrderCommand | RefusalCode,
): Promise<Answer<ByHandDone>> {
  if (!isId(trxId) || shardOf(trxId) >= room.shards) return notFound
  const place: Envelope = { shard: shardOf(trxId), key: keyOf(trxId), kind: 'order' }
  try {
    const { id, state } = await room.engine.ask(place)
    if (id !== trxId || !isPlaced(state as OrderState)) return notFound
    const command = commandFor(state as Placed)
    if (typeof command === 'string') {
      const order = orderStanding(trxId, state as Placed)
      return { refused: command, order, moneyEffect: order.moneyEffect }
    }
    return answerOf(await room.engine.ask({ ...place, command }), trxId)
  } catch (cause) {
    return faulted(cause)
  }
}

export function reroute(deps: ByHandDeps, params: Reroute): Promise<Answer<ByHandDone>> {
  const { trxId, by, reason, supplier, notSold } = params
  return byHand(deps, trxId, state => {
    if (state.phase === 'delivered' || state.phase === 'failed' || state.phase === 'refunded') {
      return 'ORDER_FINAL'
    }
    const { product, price, bill } = state.order
    const nowMs = deps.room.machineNow()
    const offers = supplied(deps.shelf.book(), { code: product, price, nowMs })
    if (offers === null) return 'PRODUCT_UNKNOWN'
    const plans = offers.plan.flatMap(([code, sku, cost, most]): Plan[] => {
      const access = deps.supplierOf(code)
      if (access === undefined || !access.active) return []
      if (deps.router?.isGone(product, code)) return []
      const { recheckAfterMs, adapter } = access
      if (bill !== undefined && adapter.postpaid === undefined) return []
      // A bill is paid for what the client agreed to, whoever pays it.
      const terms = bill === undefined ? ([cost, most] as const) : ([bill.cost, bill.cost] as const)
      return [[code, sku, ...terms, recheckAfterMs, adapter.card.recheckWithinMs]]
    })
    const to =
      supplier === undefined
        ? chosen(deps, state, plans, keyOf(trxId))
        : plans.find(([code]) => code === supplier)
    if (to === undefined) return 'PRODUCT_UNSUPPLIED'
    const pendingLimitMs = offers.product.pendingLimitS * 1_000
    const words = { type: 'reroute', by, reason, to, pendingLimitMs } as const
    return notSold === undefined ? words : { ...words, notSold }
  })
}

/** As a new order would be sent, of those that this one has not been at. */
function chosen(
  { router, room }: ByHandDeps,
  { order }: Placed,
  plans: readonly Plan[],
  key: string,
): Plan | undefined {
  const tried = new Set(order.attempts.map(one => one.supplier))
  const untried = plans.filter(([code]) => !tried.has(code))
  if (router === undefined || untried.length === 0) return untried[0]
  const candidates = untried.map(([supplier, , cost]) => ({ supplier, cost }))
  const lanes = router.lanes(order.product, candidates)
  const { user: userId, price } = order
  const route = router.route(lanes, { key, userId, price, now: room.now() })
  router.placed(route, false)
  return untried[route.plan === null ? 0 : (route.plan[0] ?? -1)]
}

function answerOf(reply: Reply, trxId: string): Answer<ByHandDone> {
  const state = reply.state as Placed
  const order = orderStanding(trxId, state)
  if ('refused' in reply) {
    const { refused, details } = reply
    const { moneyEffect } = order
    const told = { refused: refused as RefusalCode, order, moneyEffect }
    return details === undefined ? told : { ...told, details: details as Record<string, unknown> }
  }
  const { held } = state.order
  const isOpen = order.status === 'PROCESSING'
  return { ok: { order, held: isOpen && held !== undefined ? held : null } }
}

const isPlaced = (state: OrderState): state is Placed => state.phase !== 'absent'
