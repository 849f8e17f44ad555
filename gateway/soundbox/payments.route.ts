/**
 * The desk's payments: made, looked for, looked into with the proof of their sound, given back, told
 * again; what acquirers said of them, and what was booked.
 */

import { createHash } from 'node:crypto'
import { z } from 'zod/v4'
import type { Role } from '../../services/contract/identity.ts'
import { type Desk, deskRoles, desksOf } from '../desk.ts'
import type { Line } from '../lines.ts'
import { limitShape, readBody, readQuery, rupiahShape, timeShape } from '../reading.ts'
import { paymentJson } from './payment-json.ts'
import { fieldsOf, wireRow } from './wire.ts'

const statuses = [
  ...(['pending', 'paid', 'paid_late', 'expired', 'failed', 'partly_refunded'] as const),
  'refunded',
] as const
const upper = {
  transform: (text: (typeof statuses)[number]) => text.toUpperCase() as Uppercase<typeof text>,
}

export const reference = z.string().regex(/^[\x21-\x7e]{1,64}$/)
const newPayment = z.strictObject({
  terminal_id: z.uuid(),
  amount: rupiahShape,
  reference: reference.optional(),
  expires_in_seconds: z.int().min(30).max(86_400).optional(),
})
export const paymentFilter = {
  terminal_id: z.uuid().optional(),
  outlet_id: z.uuid().optional(),
  status: z.enum(statuses).transform(upper.transform).optional(),
  sound: z.enum(['played', 'digest', 'silent']).optional(),
  reference: z.string().max(100).optional(),
  settlement_batch_id: z.uuid().optional(),
  from: timeShape.optional(),
  to: timeShape.optional(),
  cursor: z.string().max(100).optional(),
  limit: limitShape(500, 50),
}
const paymentQuery = z.object({ ...paymentFilter, merchant_id: z.uuid().optional() })
const refundWish = z.strictObject({
  amount: rupiahShape,
  reason: z.string().trim().min(3).max(300),
  refund_id: reference.optional(),
})
const callbackQuery = z.object({
  parked: z
    .enum(['true', 'false'])
    .transform(text => text === 'true')
    .optional(),
  event_id: z.string().max(100).optional(),
  cursor: z.coerce.number().int().positive().optional(),
  limit: limitShape(200, 50),
})
const reviewWish = z.strictObject({
  verb: z.enum(['retry', 'dismiss']),
  note: z.string().trim().min(3).max(300),
})
const assignWish = z.strictObject({
  terminal_id: z.uuid().optional(),
  reason: z.string().trim().min(3).max(300),
})
const callbackId = /^[1-9]\d{0,15}$/
const entryQuery = z.object({
  merchant_id: z.uuid().optional(),
  subject_id: z.uuid().optional(),
  from: timeShape.optional(),
  to: timeShape.optional(),
  cursor: z.string().max(100).optional(),
  limit: limitShape(500, 100),
})

const makers: readonly Role[] = ['admin', 'ops', 'finance']
const payers: readonly Role[] = ['admin', 'finance']
const helpers: readonly Role[] = ['admin', 'ops', 'support']

/** A reference for whoever gives none: of his key when he has one, so that a repeat is the same. */
export const ownReference = (desk: Pick<Desk, 'reference' | 'client'>): string =>
  createHash('sha256').update(`${desk.client.userId} ${desk.reference}`).digest('hex').slice(0, 32)

export const soundboxPayments: Line = (router, edge) => {
  const { staff } = desksOf(router, edge)

  staff(
    'post',
    '/admin/transactions',
    makers,
    (desk, { body }) => {
      const wish = readBody(desk.visit, body, newPayment)
      if (wish === undefined) return
      const { expires_in_seconds: expiresInS, terminal_id: terminalId, amount } = wish
      const until = expiresInS === undefined ? {} : { expiresInS }
      const named = { reference: wish.reference ?? ownReference(desk) }
      desk.ask(
        () =>
          edge.call('payment.create', {
            ...{ terminalId, amount, by: desk.actor.name, ...named, ...until },
          }),
        made => desk.give(paymentJson(made), made.transactionId),
      )
    },
    { act: 'transaction.create' },
  )
  staff('get', '/admin/transactions', deskRoles, desk => {
    const query = readQuery(desk.visit, paymentQuery)
    if (query === undefined) return
    desk.ask(
      () => edge.call('payment.list', fieldsOf(query)),
      ({ rows, next }) => desk.give({ rows: rows.map(paymentJson), next_cursor: next }),
    )
  })
  staff(
    'post',
    '/admin/transactions/expire-due',
    makers,
    desk =>
      desk.ask(
        () => edge.call('payment.expireDue', { by: desk.actor.name }),
        ({ expired }) => desk.give({ expired }, 'due'),
      ),
    { act: 'transaction.expire_due' },
  )
  staff('get', '/admin/transactions/:id', deskRoles, (desk, { params: [transactionId = ''] }) =>
    desk.ask(
      () => edge.call('payment.get', { transactionId }),
      found =>
        desk.ask(
          () => edge.call('device.proofs', { transactionId }),
          ({ rows }) => desk.give({ ...paymentJson(found), proofs: rows.map(wireRow) }),
        ),
    ),
  )
  staff('get', '/admin/transactions/:id/events', deskRoles, (desk, { params: [id = ''] }) =>
    desk.ask(
      () => edge.call('payment.events', { transactionId: id }),
      ({ rows }) => desk.give({ rows: rows.map(wireRow) }),
    ),
  )
  staff(
    'post',
    '/admin/transactions/:id/retry-notification',
    helpers,
    (desk, { params: [transactionId = ''] }) =>
      desk.ask(
        () =>
          edge.call('payment.renotify', {
            ...{ transactionId, messageId: desk.request, by: desk.actor.name },
          }),
        made => desk.give(paymentJson(made)),
      ),
    { act: 'transaction.retry_notification' },
  )
  staff(
    'post',
    '/admin/transactions/:id/refund',
    payers,
    (desk, { params: [transactionId = ''], body }) => {
      const wish = readBody(desk.visit, body, refundWish)
      if (wish === undefined) return
      const { amount, reason, refund_id: refundId = ownReference(desk) } = wish
      const by = desk.actor.name
      desk.ask(
        () => edge.call('payment.refund', { transactionId, refundId, amount, reason, by }),
        made => desk.give(paymentJson(made)),
      )
    },
    { act: 'transaction.refund' },
  )

  staff('get', '/admin/qris-callbacks', deskRoles, desk => {
    const query = readQuery(desk.visit, callbackQuery)
    if (query === undefined) return
    const { cursor, ...filter } = fieldsOf(query)
    const before = cursor === undefined ? {} : { before: cursor }
    desk.ask(
      () => edge.call('payment.callbacks', { ...filter, ...before }),
      ({ rows }) => desk.give({ rows: rows.map(wireRow), next_cursor: rows.at(-1)?.id ?? null }),
    )
  })
  staff(
    'post',
    '/admin/qris-callbacks/:id/review',
    payers,
    (desk, { params: [id = ''], body }) => {
      const wish = readBody(desk.visit, body, reviewWish)
      if (wish === undefined) return
      if (!callbackId.test(id)) return desk.visit.refuse('NOT_FOUND')
      desk.ask(
        () => edge.call('payment.review', { id: Number(id), by: desk.actor.name, ...wish }),
        made => desk.give(wireRow(made)),
      )
    },
    { act: 'callback.review' },
  )
  staff(
    'post',
    '/admin/qris-callbacks/:id/assign',
    payers,
    (desk, { params: [id = ''], body }) => {
      const wish = readBody(desk.visit, body, assignWish)
      if (wish === undefined) return
      if (!callbackId.test(id)) return desk.visit.refuse('NOT_FOUND')
      const { terminal_id: terminalId, reason } = wish
      const named = terminalId === undefined ? {} : { terminalId }
      const by = desk.actor.name
      desk.ask(
        () => edge.call('payment.assign', { id: Number(id), ...named, reason, by }),
        made => desk.give(wireRow(made)),
      )
    },
    { act: 'callback.assign' },
  )
  staff(
    'post',
    '/admin/qris-callbacks/secret/rotate',
    ['admin'],
    desk =>
      desk.ask(
        () => edge.call('payment.drawSecret', { by: desk.actor.name, request: desk.request }),
        ({ secret }) => desk.giveSecret({ rotated: true }, { secret }, 'acquirer'),
      ),
    { act: 'callback.rotate_secret', isShownAgain: true },
  )
  staff('get', '/admin/ledger-entries', ['admin', 'finance', 'viewer'], desk => {
    const query = readQuery(desk.visit, entryQuery)
    if (query === undefined) return
    desk.ask(
      () => edge.call('payment.entries', fieldsOf(query)),
      ({ rows, next }) => desk.give({ rows: rows.map(wireRow), next_cursor: next }),
    )
  })
}
