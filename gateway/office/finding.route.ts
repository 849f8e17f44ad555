/**
 * Orders of all clients, for staff: found by what a caller on the telephone can name, and read with
 * all that the house knows.
 *
 * KLF1. A search names a client, a destination, a reference or a time to begin at; without any of
 *       these it is refused, for it would look at everything.
 * KLF3. Who may see money and searches for nothing, or names a kind of movement, a user's id or
 *       `line=number`, is given what moved in the number line.
 * KLF2. Only staff sees what was paid to a supplier, what it wrote, and what it was sent.
 */

import { z } from 'zod/v4'
import type { FoundOrder } from '../../services/contract/clients.ts'
import type { Role } from '../../services/contract/identity.ts'
import type { Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import type { Client, Edge } from '../edge.ts'
import type { Line } from '../lines.ts'
import { movedMoney } from '../number/moved-money.ts'
import {
  destinationShape,
  limitShape,
  productShape,
  readQuery,
  refShape,
  timeShape,
  toIso,
  trxIdShape,
} from '../reading.ts'
import { staff } from '../router.ts'
import { said } from '../said.ts'
import { wireRow } from '../soundbox/wire.ts'
import { numberAdminText } from '../text/number-admin.id.ts'
import { clientText } from '../text/people.id.ts'

export const searching = z.object({
  client: z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/)
    .optional(),
  destination: destinationShape.optional(),
  ref_id: refShape.optional(),
  status: z.enum(['PENDING', 'PROCESSING', 'SUCCESS', 'FAILED', 'REFUND']).optional(),
  supplier: productShape.optional(),
  product: productShape.optional(),
  from: timeShape.optional(),
  to: timeShape.optional(),
  cursor: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional(),
  limit: limitShape(100, 50),
})

export const finding: Line = (router, edge) => {
  router.signed(
    'get',
    '/api/v1/admin/transactions',
    (visit, client) => {
      const { userId, role } = client
      const about = lineOf(visit)
      if (about === 'number' || (about === null && payers.includes(role))) {
        return listMoved(edge, visit, client)
      }
      const asked = readQuery(visit, searching)
      if (asked === undefined) return
      const { ref_id: ref, ...rest } = asked
      const anchors = [asked.client, asked.destination, ref, asked.from]
      if (anchors.every(one => one === undefined)) {
        const fields = [{ field: 'client|destination|ref_id|from', problem: 'required' }]
        return visit.refuse('VALIDATION_FAILED', { details: { fields }, moneyEffect: 'none' })
      }
      const wish = { ...rest, ref }
      ask(
        edge,
        visit,
        userId,
        () => edge.call('finding.orders', said(wish)),
        ({ rows, next }) =>
          visit.ok(clientText.orders, JSON.stringify({ rows: rows.map(rowOf), next_cursor: next })),
      )
    },
    { roles: staff },
  )

  router.signed(
    'get',
    '/api/v1/admin/transactions/:id',
    (visit, { userId }, { params: [trxId = ''] }) => {
      if (!trxIdShape.test(trxId)) return visit.refuse('NOT_FOUND', { moneyEffect: 'none' })
      ask(
        edge,
        visit,
        userId,
        () => edge.call('finding.order', { trxId }),
        ({ order, username, requests }) => {
          const sent = new Map(requests.map(one => [one.n, one.request]))
          visit.ok(
            clientText.order,
            JSON.stringify({
              ...{ trx_id: order.trxId, user_id: order.userId, username, ref_id: order.ref },
              ...{ product_code: order.product, destination: order.destination },
              ...{ price: order.price, status: order.status, sn: order.sn },
              ...{ failure: order.failure, disputed: order.disputed },
              money_effect: order.moneyEffect,
              attempts: order.attempts.map(attempt => ({
                ...{ n: attempt.n, supplier: attempt.supplier, sku: attempt.sku },
                ...{ ref: attempt.ref, cost: attempt.cost, outcome: attempt.outcome },
                ...{ code: attempt.code, message: attempt.message },
                started_at: toIso(attempt.startedAt),
                answered_at: attempt.answeredAt === null ? null : toIso(attempt.answeredAt),
                latency_ms: attempt.latencyMs,
                request: sent.get(attempt.n) ?? null,
                reply: attempt.reply,
              })),
              timeline: order.timeline.map(step => ({ ...step, at: toIso(step.at) })),
              next:
                order.next === null
                  ? null
                  : {
                      what: order.next.what,
                      at: order.next.at === null ? null : toIso(order.next.at),
                    },
              created_at: toIso(order.createdAt),
              updated_at: toIso(order.updatedAt),
            }),
          )
        },
      )
    },
    { roles: staff },
  )
}

const payers: readonly Role[] = ['admin', 'finance']
const ofMoved = ['line', 'kind', 'user_id']

/** Null when nothing is searched for. */
function lineOf({ query }: Visit): 'number' | 'orders' | null {
  const named = [...new URLSearchParams(query)]
  if (named.some(([key]) => ofMoved.includes(key))) return 'number'
  return named.every(([key]) => key === 'limit' || key === 'cursor') ? null : 'orders'
}

function listMoved(edge: Edge, visit: Visit, { userId, role }: Client) {
  if (!payers.includes(role)) return visit.refuse('FORBIDDEN', { moneyEffect: 'none' })
  const question = movedMoney(edge, visit)
  if (question === undefined) return
  ask(edge, visit, userId, question, ({ rows, next }) =>
    visit.ok(
      numberAdminText.transactions,
      JSON.stringify({ rows: rows.map(wireRow), next_cursor: next }),
    ),
  )
}

const rowOf = (row: FoundOrder) => ({
  ...{ trx_id: row.trxId, user_id: row.userId, username: row.username, ref_id: row.ref },
  ...{ product_code: row.product, destination: row.destination, price: row.price },
  ...{ cost: row.cost, supplier: row.supplier, status: row.status, sn: row.sn },
  ...{ failure: row.failure, attention: row.attention },
  created_at: toIso(row.createdAt),
  updated_at: toIso(row.updatedAt),
})
