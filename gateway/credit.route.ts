/**
 * Credit over REST: an admin sets a client's limit, finance gives and takes back, and a client sees
 * what he owes.
 *
 * MNM1. The limit is the admin's; giving and taking back is finance's or the admin's; a client sees
 *       his own line only.
 */

import { z } from 'zod/v4'
import type { CreditLineView } from '../services/contract.ts'
import { ask } from './ask.ts'
import { nameShape } from './deposits.route.ts'
import type { Edge } from './edge.ts'
import { readBody, refShape, rupiahShape } from './reading.ts'
import type { Router } from './router.ts'
import { moneyOkText } from './text.id.ts'

export const creditLimiting = z.object({ limit: z.int().min(0) })
export const creditMoving = z.object({
  to: nameShape,
  kind: z.enum(['given', 'cash', 'wallet']),
  amount: rupiahShape,
  ref_id: refShape,
  note: z.string().trim().min(3).max(200),
})

const listMax = 500

export function credit(router: Router, edge: Edge): void {
  router.signed('get', '/api/v1/credit', (visit, { userId }) =>
    ask(
      edge,
      visit,
      userId,
      () => edge.call('credit.list', { userId, limit: 1 }),
      ({ rows: [line] }) =>
        visit.ok(moneyOkText.credit, JSON.stringify(line === undefined ? noLine : lineOf(line))),
    ),
  )

  router.signed(
    'get',
    '/api/v1/admin/credits',
    (visit, { userId }) =>
      ask(
        edge,
        visit,
        userId,
        () => edge.call('credit.list', { limit: listMax }),
        ({ rows }) => visit.ok(moneyOkText.credit, JSON.stringify({ rows: rows.map(lineOf) })),
      ),
    { roles: ['finance', 'admin'] },
  )

  router.signed(
    'post',
    '/api/v1/admin/credits',
    (visit, { userId: by }, { body }) => {
      const wish = readBody(visit, body, creditMoving)
      if (wish === undefined) return
      const { ref_id: ref, ...rest } = wish
      ask(
        edge,
        visit,
        by,
        () => edge.call('credit.move', { ...rest, ref, by }),
        line => visit.ok(moneyOkText.desk, JSON.stringify(lineOf(line))),
      )
    },
    { roles: ['finance', 'admin'] },
  )

  router.signed(
    'put',
    '/api/v1/admin/clients/:username/credit-limit',
    (visit, { userId }, { params: [username = ''], body }) => {
      const wish = readBody(visit, body, creditLimiting)
      if (wish === undefined) return
      ask(
        edge,
        visit,
        userId,
        () => edge.call('credit.limit', { username, limit: wish.limit }),
        line => visit.ok(moneyOkText.desk, JSON.stringify(lineOf(line))),
      )
    },
    { roles: ['admin'] },
  )
}

const noLine = { limit: 0, owed: 0 }

const lineOf = ({ username, limit, used }: CreditLineView) => ({ username, limit, owed: used })
