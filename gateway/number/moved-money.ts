/**
 * What moved in the number line, newest first: what was sold and given back, and what was paid in.
 * It stands at an address of its own and, as the line's contract names it, at
 * `GET /api/v1/admin/transactions`, where orders of the other line are searched.
 *
 * MMV1. Without a time it is a week; more than a year and a bit is too much at once.
 */

import { z } from 'zod/v4'
import type { Visit } from '../answer.ts'
import type { Edge } from '../edge.ts'
import { limitShape, readQuery, timeShape, trxIdShape } from '../reading.ts'
import { said } from '../said.ts'

export const moneyFinding = z.object({
  user_id: z.string().regex(trxIdShape).optional(),
  kind: z.enum(['sold', 'refunded', 'deposit']).optional(),
  from: timeShape.optional(),
  to: timeShape.optional(),
  cursor: z
    .string()
    .regex(/^[\w.-]{1,80}$/)
    .optional(),
  limit: limitShape(100, 50),
})

const dayMs = 86_400_000
const usualDays = 7
const daysMax = 400

/** The question; undefined when it was refused. */
export function movedMoney(edge: Edge, visit: Visit) {
  const asked = readQuery(visit, moneyFinding)
  if (asked === undefined) return undefined
  const { user_id: userId, kind, cursor, limit } = asked
  const to = asked.to ?? edge.now() + dayMs
  const from = asked.from ?? to - (usualDays + 1) * dayMs
  if (to <= from || to - from > daysMax * dayMs) {
    const fields = [{ field: 'to', problem: 'out_of_range' }]
    visit.refuse('VALIDATION_FAILED', { details: { fields }, moneyEffect: 'none' })
    return undefined
  }
  const wish = said({ userId, kind, cursor, limit, from, to })
  return () => edge.call('numberDesk.transactions', wish)
}
