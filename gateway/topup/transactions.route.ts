/**
 * Orders over REST: place one, read one, find one by the client's own reference.
 *
 * GT1. A placed order is answered when it is durable, and a repeat gets the same order again.
 * GT2. When the service can't be heard, nobody knows: the answer is 503 without money_effect, and
 *      asks for a repeat with the same ref_id. It never says that the order failed.
 * GT3. A client sees that there were attempts and how each went, not what we pay or what the
 *      supplier wrote: cost, codes and raw replies are the owner's. Why it failed is said with a
 *      code of ours; a supplier's 44 speaks of our balance there, never of the client's.
 * SEL1. Without a reference one gets one's own orders, newest first, in pages of 1 to 100.
 */

import { z } from 'zod/v4'
import type { OrderBrief, OrderRow, OrderView } from '../../services/contract/order-view.ts'
import type { Actions } from '../../services/contract.ts'
import { billWords } from '../../services/wire/bill.ts'
import { quote, type Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import type { Client, Edge } from '../edge.ts'
import {
  callbackShape,
  destinationShape,
  limitShape,
  pastedShape,
  priceLimitShape,
  productShape,
  type ReadBody,
  readBody,
  readQuery,
  refShape,
  timeShape,
  toIso,
  tokenShape,
  trxIdShape,
} from '../reading.ts'
import { codeText, moneyText } from '../text/codes.id.ts'
import { attemptText, orderOkText, statusText, unpaidText } from '../text/order.id.ts'

export const placing = z.object({
  ref_id: refShape,
  product_code: productShape,
  destination: pastedShape,
  max_price: priceLimitShape.optional(),
  callback_url: callbackShape.optional(),
  inquiry_token: tokenShape.optional(),
})

export function placeOrder(
  edge: Edge,
  visit: Visit,
  client: Client,
  body: Buffer,
  read: ReadBody = readBody,
) {
  const asked = read(visit, body, placing)
  if (asked === undefined) return
  place(edge, visit, client, {
    ref: asked.ref_id,
    product: asked.product_code,
    destination: asked.destination,
    ...(asked.max_price === undefined ? {} : { maxPrice: asked.max_price }),
    ...(asked.callback_url === undefined ? {} : { callbackUrl: asked.callback_url }),
    ...(asked.inquiry_token === undefined ? {} : { inquiryToken: asked.inquiry_token }),
  })
}

type Purchase = {
  readonly ref: string
  readonly product: string
  readonly destination: string
  readonly maxPrice?: number
  readonly callbackUrl?: string
  readonly inquiryToken?: string
}

type Buyer = Pick<Client, 'userId' | 'level'>

export function place(edge: Edge, visit: Visit, client: Buyer, purchase: Purchase) {
  const { userId, level } = client
  ask(
    edge,
    visit,
    userId,
    () => edge.call('order.place', { userId, level, ...purchase }),
    ({ order, balance }) =>
      visit.ok(sentence(order), `${summary(order)},"balance_remaining":${balance}}`),
  )
}

export const finding = z.object({
  ref_id: refShape.optional(),
  /** As it was then: of the one order; a list is of now. */
  at: timeShape.optional(),
  limit: limitShape(100, 50),
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
  status: z.enum(['PENDING', 'PROCESSING', 'SUCCESS', 'FAILED', 'REFUND']).optional(),
  q: destinationShape.optional(),
})

type Finding = z.output<typeof finding>

export function findOrder(edge: Edge, visit: Visit, client: Client) {
  const asked = readQuery(visit, finding)
  if (asked === undefined) return
  const { ref_id: ref, at } = asked
  if (ref === undefined) return listOrders(edge, visit, client, asked)
  const { userId } = client
  tellStory(edge, visit, { userId, ref, ...(at === undefined ? {} : { at }) })
}

function listOrders(edge: Edge, visit: Visit, { userId }: Client, asked: Finding) {
  const { limit, cursor, status, q } = asked
  const narrowed = {
    ...(cursor === undefined ? {} : { cursor }),
    ...(status === undefined ? {} : { status }),
    ...(q === undefined ? {} : { q }),
  }
  ask(
    edge,
    visit,
    userId,
    () => edge.call('listing.orders', { userId, limit, ...narrowed }),
    ({ rows, next }) =>
      visit.ok(orderOkText.orders, JSON.stringify({ rows: rows.map(listed), next_cursor: next })),
  )
}

const listed = (order: OrderRow) => ({
  trx_id: order.trxId,
  ref_id: order.ref,
  status: order.status,
  product_code: order.product,
  destination: order.destination,
  price: order.price,
  sn: order.sn,
  failure: order.failure === null ? null : { code: order.failure, message: failureText(order) },
  created_at: toIso(order.createdAt),
  updated_at: toIso(order.updatedAt),
})

export const reading = z.object({ at: timeShape.optional() })

export function readOrder(edge: Edge, visit: Visit, { userId }: Client) {
  const trxId = visit.path.slice(visit.path.lastIndexOf('/') + 1)
  if (!trxIdShape.test(trxId)) return visit.refuse('NOT_FOUND', { moneyEffect: 'none' })
  const asked = readQuery(visit, reading)
  if (asked === undefined) return
  tellStory(edge, visit, { userId, trxId, ...(asked.at === undefined ? {} : { at: asked.at }) })
}

function tellStory(edge: Edge, visit: Visit, which: Actions['order.get']['params']) {
  ask(
    edge,
    visit,
    which.userId,
    () => edge.call('order.get', which),
    order => visit.ok(sentence(order), story(order)),
  )
}

const sentence = (order: OrderBrief): string =>
  `${statusText[order.status]} ${moneyText[order.moneyEffect]}`

/** Printed by hand, still open at the end: the busiest answer of all (gateway.bench.ts). */
function summary(order: OrderBrief): string {
  const sn = order.sn === null ? 'null' : quote(order.sn)
  const bill = order.bill === undefined ? '' : `,"bill":${JSON.stringify(billWords(order.bill))}`
  return `{"trx_id":"${order.trxId}","ref_id":${quote(order.ref)},"status":"${order.status}","product_code":${quote(order.product)},"destination":${quote(order.destination)},"price":${order.price},"sn":${sn},"money_effect":"${order.moneyEffect}","created_at":"${toIso(order.createdAt)}"${bill}`
}

function story(order: OrderView): string {
  const rest = JSON.stringify({
    updated_at: toIso(order.updatedAt),
    failure: order.failure === null ? null : { code: order.failure, message: failureText(order) },
    disputed: order.disputed,
    attempts: order.attempts.map(attempt => ({
      n: attempt.n,
      supplier: attempt.supplier,
      outcome: attempt.outcome,
      // With a word of our own, only what never left us.
      code: attempt.notSent ? attempt.code : null,
      message: attemptText[wordFor(attempt)],
      started_at: toIso(attempt.startedAt),
      answered_at: attempt.answeredAt === null ? null : toIso(attempt.answeredAt),
      latency_ms: attempt.latencyMs,
    })),
    timeline: order.timeline.map(step => ({ ...step, at: toIso(step.at) })),
    next:
      order.next === null
        ? null
        : { what: order.next.what, at: order.next.at === null ? null : toIso(order.next.at) },
  })
  return `${summary(order)},${rest.slice(1)}`
}

function wordFor(attempt: OrderView['attempts'][number]) {
  const { notSent, mayBeRevised, byPerson, outcome } = attempt
  if (byPerson) return outcome === 'failed' ? 'failedByPerson' : 'successByPerson'
  if (notSent) return 'notSent'
  return mayBeRevised ? 'mayBeRevised' : outcome
}

const failureText = (order: Pick<OrderBrief, 'failure' | 'status'>): string =>
  codeText[order.failure as keyof typeof codeText] ??
  unpaidText[order.failure ?? ''] ??
  statusText[order.status]
