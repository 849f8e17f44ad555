/**
 * Commission over REST: what an upline earned, and what its keepers decide.
 *
 *   /api/v1/commission                         GET: what I earned, newest first
 *   /api/v1/admin/commission/rules             GET list · POST create · /:id GET · PUT · DELETE
 *   /api/v1/admin/commission/history           GET: who changed which rule, when, from what to what
 *   /api/v1/admin/commission/preview           POST: what a rule makes of one order
 *   /api/v1/admin/clients/:username/upline     PUT
 *
 * CMF1. Everybody sees what he earned himself; rules are changed by admins, read by staff.
 */

import { z } from 'zod/v4'
import { ask } from '../ask.ts'
import type { Line } from '../lines.ts'
import { hangKind, timedPage } from '../office/catalogue-admin.route.ts'
import { limitShape, readBody, readQuery, toIso, trxIdShape } from '../reading.ts'
import { type Door, type Serve, staff } from '../router.ts'
import { commissionOkText } from '../text/wallet.id.ts'
import { decidingAt } from './deciding.ts'

const admin = '/api/v1/admin'
const keepers: Door = { roles: ['admin'] }
const readers: Door = { roles: staff }

export const commissionPaging = z.object({
  cursor: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional(),
  limit: limitShape(100, 50),
})
export const historyQuery = commissionPaging.extend({ key: z.string().max(20).optional() })
export const previewBody = z.object({
  trx_id: z.string().regex(trxIdShape),
  rule: z.record(z.string().max(64), z.unknown()).optional(),
})
const username = z.string().min(1).max(64)
export const uplineBody = z.object({ upline: username.nullable() })

export const commission: Line = (router, edge) => {
  const earned: Serve = (visit, { userId }) => {
    const asked = readQuery(visit, commissionPaging)
    if (asked === undefined) return
    const { cursor, limit } = asked
    const wish = { userId, limit, ...(cursor === undefined ? {} : { cursor }) }
    ask(
      edge,
      visit,
      userId,
      () => edge.call('commission.list', wish),
      ({ rows, next, debt }) =>
        visit.ok(
          commissionOkText.earned,
          JSON.stringify({
            rows: rows.map(row => ({
              id: row.id,
              trx_id: row.orderId,
              level: row.level,
              from: row.buyer,
              product_code: row.product,
              amount: row.amount,
              status: row.state,
              kept_for_debt: row.kept,
              still_owed: row.owed,
              created_at: toIso(row.createdAt),
            })),
            next_cursor: next,
            debt,
          }),
        ),
    )
  }
  const history: Serve = (visit, { userId }) => {
    const asked = readQuery(visit, historyQuery)
    if (asked === undefined) return
    const { key, cursor, limit } = asked
    const wish = {
      ...({ kind: 'commission-rules', limit } as const),
      ...(key === undefined ? {} : { key }),
      ...(cursor === undefined ? {} : { before: Number(cursor) }),
    }
    ask(
      edge,
      visit,
      userId,
      () => edge.call('catalogueAdmin.history', wish),
      page => visit.ok(commissionOkText.history, timedPage(page)),
    )
  }
  const preview: Serve = (visit, { userId }, { body }) => {
    const asked = readBody(visit, body, previewBody)
    if (asked === undefined) return
    const { trx_id: trxId, rule } = asked
    const wish = { trxId, ...(rule === undefined ? {} : { rule }) }
    ask(
      edge,
      visit,
      userId,
      () => edge.call('commission.preview', wish),
      ({ ruleId, ...told }) =>
        visit.ok(commissionOkText.preview, JSON.stringify({ ...told, rule_id: ruleId })),
    )
  }
  router.signed('get', '/api/v1/commission', earned)
  hangKind(router, edge, 'commission-rules', {
    ...{ path: `${admin}/commission/rules`, key: ':id', removable: true },
  })
  router.signed('get', `${admin}/commission/history`, history, readers)
  router.signed('post', `${admin}/commission/preview`, preview, keepers)
  decidingAt(router, edge)(
    'put',
    `${admin}/clients/:username/upline`,
    { roles: ['admin'], act: 'upline.change', says: commissionOkText.upline },
    ({ visit }, { body, params }) => {
      const asked = readBody(visit, body, uplineBody)
      if (asked === undefined) return null
      const named = username.safeParse(params[0])
      if (!named.success) {
        visit.refuse('NOT_FOUND')
        return null
      }
      const wish = { username: named.data, upline: asked.upline }
      return { call: () => edge.call('commission.upline', wish) }
    },
  )
}
