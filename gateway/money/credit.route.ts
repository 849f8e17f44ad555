/**
 * Credit over REST: an admin sets a client's limit, finance gives and takes back, and a client sees
 * what he owes.
 *
 * MNM1. The limit is the admin's; giving and taking back is finance's or the admin's; a client sees
 *       his own line only.
 * MNM2. All lines can be reached, who owes most first; the cursor says behind whom.
 */

import { z } from 'zod/v4'
import type { Answer } from '../../services/contract/answer.ts'
import type { CreditLineView } from '../../services/contract/wallet.ts'
import { ask } from '../ask.ts'
import type { Edge } from '../edge.ts'
import { limitShape, readBody, readQuery, refShape, rupiahShape, trxIdShape } from '../reading.ts'
import type { Router } from '../router.ts'
import { moneyOkText } from '../text/wallet.id.ts'
import { decidingAt } from './deciding.ts'
import { nameShape } from './deposits.route.ts'

export const creditLimiting = z.object({ limit: z.int().min(0) })
export const creditMoving = z.object({
  to: nameShape,
  kind: z.enum(['given', 'cash', 'wallet']),
  amount: rupiahShape,
  ref_id: refShape,
  note: z.string().trim().min(3).max(200),
})

export const creditPaging = z.object({
  limit: limitShape(200, 50),
  cursor: z
    .string()
    .regex(/^\d{1,15}\.[0-9a-f-]{36}$/)
    .transform(text => {
      const [used = '', userId = ''] = text.split('.')
      return { used: Number(used), userId }
    })
    .refine(({ userId }) => trxIdShape.test(userId))
    .optional(),
})

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
    (visit, { userId }) => {
      const asked = readQuery(visit, creditPaging)
      if (asked === undefined) return
      const { limit, cursor } = asked
      const params = { limit, ...(cursor === undefined ? {} : { after: cursor }) }
      ask(
        edge,
        visit,
        userId,
        () => edge.call('credit.list', params),
        ({ rows, next }) => {
          const next_cursor = next === null ? null : `${next.used}.${next.userId}`
          visit.ok(moneyOkText.credit, JSON.stringify({ rows: rows.map(lineOf), next_cursor }))
        },
      )
    },
    { roles: ['finance', 'admin'] },
  )

  const deciding = decidingAt(router, edge)

  deciding(
    'post',
    '/api/v1/admin/credits',
    { roles: ['finance', 'admin'], act: 'credit.move' },
    ({ visit, client: { userId: by } }, { body }) => {
      const wish = readBody(visit, body, creditMoving)
      if (wish === undefined) return null
      const { ref_id: ref, ...rest } = wish
      const call = () => edge.call('credit.move', { ...rest, ref, by }).then(shown)
      return { call, about: wish.to }
    },
  )

  deciding(
    'put',
    '/api/v1/admin/clients/:username/credit-limit',
    { roles: ['admin'], act: 'credit_limit.change' },
    ({ visit }, { params: [username = ''], body }) => {
      const wish = readBody(visit, body, creditLimiting)
      if (wish === undefined) return null
      const { limit } = wish
      return { call: () => edge.call('credit.limit', { username, limit }).then(shown) }
    },
  )
}

const shown = (answer: Answer<CreditLineView>): Answer<object> =>
  'ok' in answer ? { ok: lineOf(answer.ok) } : answer

const noLine = { limit: 0, owed: 0 }

const lineOf = ({ username, limit, used }: CreditLineView) => ({ username, limit, owed: used })
