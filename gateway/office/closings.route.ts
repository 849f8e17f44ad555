/**
 * The books of the days over REST, for finance and admin: what was closed stays as it was closed.
 *
 * MNJ1. The statement is passed on byte for byte: its signature is over exactly this text.
 */

import { z } from 'zod/v4'
import { ask } from '../ask.ts'
import type { Edge } from '../edge.ts'
import { readQuery } from '../reading.ts'
import type { Door, Router } from '../router.ts'
import { moneyOkText } from '../text/wallet.id.ts'

const desk: Door = { roles: ['finance', 'admin'] }
export const dayShape = /^\d{4}-\d{2}-\d{2}$/

export const closingPaging = z.object({
  cursor: z.string().regex(dayShape).optional(),
  limit: z
    .string()
    .regex(/^[1-9]\d?$|^100$/)
    .transform(Number)
    .default(31),
})

export function closings(router: Router, edge: Edge): void {
  router.signed(
    'get',
    '/api/v1/admin/closings',
    (visit, { userId }) => {
      const asked = readQuery(visit, closingPaging)
      if (asked === undefined) return
      const { limit, cursor } = asked
      const params = { limit, ...(cursor === undefined ? {} : { before: cursor }) }
      ask(
        edge,
        visit,
        userId,
        () => edge.call('closing.list', params),
        ({ rows }) => visit.ok(moneyOkText.closings, JSON.stringify({ rows })),
      )
    },
    desk,
  )

  router.signed(
    'get',
    '/api/v1/admin/closings/:day',
    (visit, { userId }, { params: [day = ''] }) => {
      if (!dayShape.test(day)) return visit.refuse('NOT_FOUND')
      ask(
        edge,
        visit,
        userId,
        () => edge.call('closing.get', { day }),
        closing => visit.ok(moneyOkText.closings, JSON.stringify(closing)),
      )
    },
    desk,
  )
}
