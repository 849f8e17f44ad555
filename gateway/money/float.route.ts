/**
 * What we have at suppliers, for staff: by our books, as they say, whether that agrees, and what
 * finance books about it.
 *
 * FLE1. Finance and admin read and book; who did it is who signed, never a name in the body.
 * FLE2. How a supplier names its balance is the admin's to set.
 */

import { z } from 'zod/v4'
import type { Answer } from '../../services/contract/answer.ts'
import type { Role } from '../../services/contract/identity.ts'
import type { Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import type { Client, Edge } from '../edge.ts'
import { limitShape, readBody, readQuery, refShape, rupiahShape, trxIdShape } from '../reading.ts'
import type { Asked, Router, Verb } from '../router.ts'
import { moneyOkText } from '../text/wallet.id.ts'
import { decidingAt, snake } from './deciding.ts'

const desk = { roles: ['finance', 'admin'] } as const

const note = z.string().trim().min(3).max(200)
const supplierShape = /^[\w.-]{1,64}$/

export const floatShapes = {
  steps: z.object({
    limit: limitShape(200, 50),
    cursor: z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number)
      .optional(),
  }),
  moves: z.object({
    status: z.enum(['waiting', 'approved', 'paid', 'rejected']).optional(),
    limit: limitShape(200, 50),
    cursor: z.string().regex(trxIdShape).optional(),
  }),
  topUp: z.object({ amount: rupiahShape, ref_id: refShape, note }),
  adjust: z.object({
    amount: rupiahShape,
    direction: z.enum(['up', 'down']),
    /** Where the other side is: what was paid and not booked, or what nobody can explain. */
    against: z.enum(['cash', 'difference']).default('difference'),
    ref_id: refShape,
    reason: note,
  }),
  rules: z.object({ balance_before_charge: z.boolean() }),
} as const

const admin = '/api/v1/admin'

export function supplierFloat(router: Router, edge: Edge): void {
  const asking =
    <T>(
      question: (
        supplier: string,
        about: { visit: Visit; client: Client; asked: Asked },
      ) => (() => Promise<Answer<T>>) | null,
    ) =>
    (visit: Visit, client: Client, asked: Asked) => {
      const supplier = asked.params[0] ?? ''
      if (!supplierShape.test(supplier)) return visit.refuse('NOT_FOUND')
      const call = question(supplier, { visit, client, asked })
      if (call === null) return
      ask(edge, visit, client.userId, call, found => visit.ok(moneyOkText.desk, snake(found)))
    }
  const path = `${admin}/suppliers/:code/float`

  router.signed(
    'get',
    `${admin}/floats`,
    (visit, { userId }) => {
      const call = () => edge.call('float.list', {})
      ask(edge, visit, userId, call, found => visit.ok(moneyOkText.desk, snake(found)))
    },
    desk,
  )

  router.signed(
    'get',
    path,
    asking(supplier => () => edge.call('float.read', { supplier })),
    desk,
  )

  router.signed(
    'get',
    `${path}/steps`,
    asking((supplier, { visit }) => {
      const wish = readQuery(visit, floatShapes.steps)
      if (wish === undefined) return null
      const { limit, cursor } = wish
      const page = cursor === undefined ? { limit } : { limit, before: cursor }
      return () => edge.call('float.steps', { supplier, ...page })
    }),
    desk,
  )

  router.signed(
    'get',
    `${path}/moves`,
    asking((supplier, { visit }) => {
      const wish = readQuery(visit, floatShapes.moves)
      if (wish === undefined) return null
      const { status, limit, cursor } = wish
      const which = status === undefined ? { limit } : { limit, status }
      const from = cursor === undefined ? {} : { before: cursor }
      return () => edge.call('float.moves', { supplier, ...which, ...from })
    }),
    desk,
  )

  const deciding = (
    verb: Verb,
    at: string,
    work: { readonly roles: readonly Role[]; readonly act: string },
    question: (
      supplier: string,
      about: { visit: Visit; client: Client; asked: Asked },
    ) => (() => Promise<Answer<object>>) | null,
  ) =>
    decidingAt(router, edge)(verb, at, work, ({ visit, client }, asked) => {
      const supplier = asked.params[0] ?? ''
      if (!supplierShape.test(supplier)) {
        visit.refuse('NOT_FOUND')
        return null
      }
      const call = question(supplier, { visit, client, asked })
      return call === null ? null : { call }
    })

  deciding(
    'post',
    `${path}/topups`,
    { ...desk, act: 'float.top_up' },
    (supplier, { visit, client: { userId: by }, asked: { body } }) => {
      const wish = readBody(visit, body, floatShapes.topUp)
      if (wish === undefined) return null
      const { amount, ref_id: ref, note } = wish
      return () => edge.call('float.topUp', { supplier, amount, ref, note, by })
    },
  )

  deciding(
    'post',
    `${path}/adjustments`,
    { ...desk, act: 'float.adjust' },
    (supplier, { visit, client: { userId: by }, asked: { body } }) => {
      const wish = readBody(visit, body, floatShapes.adjust)
      if (wish === undefined) return null
      const { amount, against, direction, ref_id: ref, reason } = wish
      const entry = { amount, against, raises: direction === 'up', ref, note: reason, by }
      return () => edge.call('float.adjust', { supplier, ...entry })
    },
  )

  for (const { verb, verdict, act } of [
    { verb: 'approve', verdict: 'approved', act: 'float.approve' },
    { verb: 'reject', verdict: 'rejected', act: 'float.reject' },
  ] as const) {
    deciding(
      'post',
      `${path}/moves/:id/${verb}`,
      { ...desk, act },
      (supplier, { visit, client: { userId: by }, asked: { params } }) => {
        const id = params[1] ?? ''
        if (!trxIdShape.test(id)) {
          visit.refuse('NOT_FOUND')
          return null
        }
        return () => edge.call('float.judge', { supplier, id, verdict, by })
      },
    )
  }

  deciding(
    'put',
    path,
    { roles: ['admin'], act: 'float.rules' },
    (supplier, { visit, asked: { body } }) => {
      const wish = readBody(visit, body, floatShapes.rules)
      if (wish === undefined) return null
      const tellsBefore = wish.balance_before_charge
      return () => edge.call('float.rules', { supplier, tellsBefore })
    },
  )
}
