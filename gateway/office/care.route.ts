/**
 * Looking after orders, for staff: the queue of those that wait for a person, everything known
 * about one, and a person's word on it.
 *
 * GFB1. Everybody of the staff may look; only an admin decides, and must say why.
 * GFB2. A decision names who made it: the one whose key signed the request.
 * GFB3. Staff may hold an order and have its supplier asked; what may cost money (release,
 *       re-route) only an admin does. Each says why.
 */

import { z } from 'zod/v4'
import type { ByHandDone } from '../../services/contract/order.ts'
import { ask } from '../ask.ts'
import type { Line } from '../lines.ts'
import { limitShape, readBody, readQuery, timeShape, toIso, trxIdShape } from '../reading.ts'
import { type Door, staff } from '../router.ts'
import { said } from '../said.ts'
import { careOkText } from '../text/care.id.ts'

export const deciding = z.object({
  verdict: z.enum(['success', 'failed', 'refund', 'accept_loss', 'dismiss']),
  reason: z.string().trim().min(5).max(500),
  sn: z.string().max(200).optional(),
  supplier_returned: z.boolean().optional(),
})

export const touching = z.object({ reason: z.string().trim().min(5).max(500) })

export const rerouting = touching.extend({
  supplier: z
    .string()
    .regex(/^[\w.-]{1,40}$/)
    .optional(),
  /** The person's word that the present attempt was not sold and will not be. */
  not_sold: z.boolean().optional(),
})

/** A line's number, or a time. */
export const travelling = z.object({
  at: z
    .union([
      z
        .string()
        .regex(/^[1-9]\d{0,14}$/)
        .transform(text => ({ seq: Number(text) })),
      timeShape.transform(at => ({ at })),
    ])
    .optional(),
})

/** Why an order stands in the queue. */
export const attentions = [
  'DEADLINE',
  'RECHECK_WINDOW',
  'HELD',
  'DISPUTE',
  'DUPLICATE_SN',
  'OVERCHARGED',
  'MAY_BE_REVISED',
] as const

export const queuePaging = z.object({
  attention: z.enum(attentions).optional(),
  after: z.string().regex(trxIdShape).optional(),
  limit: limitShape(200, 50),
})

const decidingOnMoney: Door = { roles: ['admin'], ordering: true }

export const care: Line = (router, edge) => {
  router.signed(
    'get',
    '/api/v1/admin/attention',
    (visit, { userId }) => {
      const asked = readQuery(visit, queuePaging)
      if (asked === undefined) return
      ask(
        edge,
        visit,
        userId,
        () => edge.call('care.queue', said(asked)),
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
            other_trx_id: row.otherTrxId,
            sn: row.sn,
            overcharged_by: row.overchargedBy,
            agreed_cost: row.agreed,
            charged_cost: row.charged,
            failed_at: row.failedMs === null ? null : toIso(row.failedMs),
            revisers: row.revisers,
            revisable_until: row.revisableUntilMs === null ? null : toIso(row.revisableUntilMs),
            created_at: toIso(row.createdMs),
          }))
          visit.ok(careOkText.queue, JSON.stringify({ rows: told, next_after: next }))
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
        proof => visit.ok(careOkText.proof, JSON.stringify(proof)),
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
            byUser: userId,
            ...(sn === undefined ? {} : { sn }),
            ...(supplierReturned === undefined ? {} : { supplierReturned }),
          }),
        order =>
          visit.ok(
            careOkText.resolved,
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

  const closings = [
    ['revisable', 'care.closeRevisable', careOkText.revisableClosed, { roles: staff }],
    ['duplicate-sn', 'care.closeDuplicate', careOkText.duplicateClosed, decidingOnMoney],
    ['overcharge', 'care.closeOvercharge', careOkText.overchargeClosed, decidingOnMoney],
  ] as const
  for (const [flag, action, text, door] of closings) {
    router.signed(
      'post',
      `/api/v1/admin/transactions/:id/${flag}/close`,
      (visit, { userId, username }, { params, body }) => {
        const asked = readBody(visit, body, touching)
        if (asked === undefined) return
        const wish = { trxId: params[0] ?? '', by: username, reason: asked.reason }
        ask(
          edge,
          visit,
          userId,
          () => edge.call(action, wish),
          ({ trxId }) => visit.ok(text, JSON.stringify({ trx_id: trxId })),
        )
      },
      door,
    )
  }

  const hands = [
    ['hold', staff, careOkText.held],
    ['recheck', staff, careOkText.rechecked],
    ['release', ['admin'], careOkText.released],
  ] as const
  for (const [verb, roles, text] of hands) {
    router.signed(
      'post',
      `/api/v1/admin/transactions/:id/${verb}`,
      (visit, { userId }, { params, body }) => {
        const asked = readBody(visit, body, touching)
        if (asked === undefined) return
        const wish = { trxId: params[0] ?? '', by: userId, reason: asked.reason }
        ask(
          edge,
          visit,
          userId,
          () => edge.call(`order.${verb}`, wish),
          done => visit.ok(text, shown(done)),
        )
      },
      { roles, ordering: true },
    )
  }

  router.signed(
    'post',
    '/api/v1/admin/transactions/:id/reroute',
    (visit, { userId }, { params, body }) => {
      const asked = readBody(visit, body, rerouting)
      if (asked === undefined) return
      const { reason, supplier, not_sold: notSold } = asked
      const wish = {
        ...{ trxId: params[0] ?? '', by: userId, reason },
        ...(supplier === undefined ? {} : { supplier }),
        ...(notSold === undefined ? {} : { notSold }),
      }
      ask(
        edge,
        visit,
        userId,
        () => edge.call('order.reroute', wish),
        done => visit.ok(careOkText.rerouted, shown(done)),
      )
    },
    { roles: ['admin'], ordering: true },
  )

  router.signed(
    'get',
    '/api/v1/admin/transactions/:id/history',
    (visit, { userId }, { params }) => {
      const asked = readQuery(visit, travelling)
      if (asked === undefined) return
      ask(
        edge,
        visit,
        userId,
        () => edge.call('care.history', { trxId: params[0] ?? '', ...asked.at }),
        ({ trxId, entries }) => {
          const told = entries.map(({ at, ...entry }) => ({ ...entry, at: toIso(at) }))
          visit.ok(careOkText.history, JSON.stringify({ trx_id: trxId, entries: told }))
        },
      )
    },
    { roles: staff },
  )
}

const shown = ({ order, held }: ByHandDone): string =>
  JSON.stringify({
    trx_id: order.trxId,
    status: order.status,
    held: held === null ? null : { ...held, at: toIso(held.at) },
    attempts: order.attempts.length,
    supplier: order.attempts.at(-1)?.supplier ?? null,
    next: order.next === null ? null : order.next.what,
    money_effect: order.moneyEffect,
  })
