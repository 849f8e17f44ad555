/**
 * Looking after orders, for staff: the queue of those that wait for a person, everything known
 * about one, and a person's word on it.
 *
 * GFB1. Everybody of the staff may look; only an admin decides, and must say why.
 * GFB2. A decision names who made it: the one whose key signed the request.
 */

import { z } from 'zod/v4'
import type { Role } from '../services/contract.ts'
import { ask } from './ask.ts'
import type { Line } from './lines.ts'
import { limitShape, readBody, readQuery, toIso, trxIdShape } from './reading.ts'
import { okText } from './text.id.ts'

const staff: readonly Role[] = ['admin', 'finance', 'support']

export const deciding = z.object({
  verdict: z.enum(['success', 'failed', 'refund', 'accept_loss', 'dismiss']),
  reason: z.string().trim().min(5).max(500),
  sn: z.string().max(200).optional(),
  supplier_returned: z.boolean().optional(),
})

export const queuePaging = z.object({
  after: z.string().regex(trxIdShape).optional(),
  limit: limitShape(200, 50),
})

export const care: Line = (router, edge) => {
  router.signed(
    'get',
    '/api/v1/admin/attention',
    (visit, { userId }) => {
      const asked = readQuery(visit, queuePaging)
      if (asked === undefined) return
      const { after, limit } = asked
      ask(
        edge,
        visit,
        userId,
        () => edge.call('care.queue', { limit, ...(after === undefined ? {} : { after }) }),
        ({ rows, next }) => {
          const told = rows.map(row => ({
            trx_id: row.trxId,
            user_id: row.userId,
            username: row.username,
            ref_id: row.ref,
            product_code: row.product,
            destination: row.destination,
            price: row.price,
            status: row.status,
            attention: row.attention,
            supplier: row.supplier,
            created_at: toIso(row.createdMs),
          }))
          visit.ok(okText.queue, JSON.stringify({ rows: told, next_after: next }))
        },
      )
    },
    { roles: staff },
  )

  router.signed(
    'get',
    '/api/v1/admin/transactions/:id/proof',
    (visit, { userId }, { params }) =>
      ask(
        edge,
        visit,
        userId,
        () => edge.call('care.proof', { trxId: params[0] ?? '' }),
        proof => visit.ok(okText.proof, JSON.stringify(proof)),
      ),
    { roles: staff },
  )

  router.signed(
    'post',
    '/api/v1/admin/transactions/:id/resolve',
    (visit, { userId, username }, { params, body }) => {
      const asked = readBody(visit, body, deciding)
      if (asked === undefined) return
      const { sn, supplier_returned: supplierReturned, ...words } = asked
      ask(
        edge,
        visit,
        userId,
        () =>
          edge.call('order.resolve', {
            ...words,
            trxId: params[0] ?? '',
            by: username,
            ...(sn === undefined ? {} : { sn }),
            ...(supplierReturned === undefined ? {} : { supplierReturned }),
          }),
        order =>
          visit.ok(
            okText.resolved,
            JSON.stringify({
              trx_id: order.trxId,
              status: order.status,
              sn: order.sn,
              money_effect: order.moneyEffect,
              disputed: order.disputed,
            }),
          ),
      )
    },
    { roles: ['admin'], ordering: true },
  )
}
