/**
 * The wallet over REST: what is in it, and how it came to be so.
 *
 * GM1. Mutations come newest first, in pages of 1 to 100 rows; the cursor is the service's own and
 *      means nothing to us.
 * GM2. Each says of what kind it is and what it was about, besides the sentence made of both: who
 *      shows them may make another.
 */

import { z } from 'zod/v4'
import type { MutationRow } from '../../services/contract/wallet.ts'
import type { Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import type { Client, Edge } from '../edge.ts'
import { limitShape, readQuery, timeShape, toIso } from '../reading.ts'
import { mutationText, walletOkText } from '../text/wallet.id.ts'

export function readBalance(edge: Edge, visit: Visit, { userId }: Client) {
  ask(
    edge,
    visit,
    userId,
    () => edge.call('wallet.balance', { userId }),
    ({ balance, held, available }) =>
      visit.ok(
        walletOkText.balance,
        `{"balance":${balance},"held":${held},"available":${available},"currency":"IDR"}`,
      ),
  )
}

export const paging = z.object({
  cursor: z
    .string()
    .regex(/^[\x21-\x7e]{1,256}$/)
    .optional(),
  limit: limitShape(100, 50),
  from: timeShape.optional(),
  to: timeShape.optional(),
})

export function readMutations(edge: Edge, visit: Visit, { userId }: Client) {
  const asked = readQuery(visit, paging)
  if (asked === undefined) return
  const { cursor, limit, from, to } = asked
  const narrowed = {
    ...(cursor === undefined ? {} : { cursor }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }
  ask(
    edge,
    visit,
    userId,
    () => edge.call('wallet.mutations', { userId, limit, ...narrowed }),
    page =>
      visit.ok(
        walletOkText.mutations,
        JSON.stringify({ rows: page.rows.map(mutationOf), next_cursor: page.next }),
      ),
  )
}

export const mutationOf = (row: MutationRow) => ({
  id: row.id,
  direction: row.direction,
  amount: row.amount,
  balance_before: row.balanceBefore,
  balance_after: row.balanceAfter,
  kind: row.kind,
  detail: row.detail,
  description: `${mutationText[row.kind]} ${row.detail}`.trimEnd(),
  reference_id: row.referenceId,
  created_at: toIso(row.createdAt),
})
