/**
 * Routing for staff over REST: rules, their history, how suppliers stand, why an order went where
 * it went, and what other rules would have done.
 *
 * RTN1. Rules are changed by admins only; support reads.
 * RTN2. What can't be a rule is a 400 that says where it is wrong.
 */

import { z } from 'zod/v4'
import type { ProposedRule, RoutingChange, WhatIfSide } from '../../services/contract/routing.ts'
import { changesMax } from '../../services/wire/price-limits.ts'
import type { Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import type { Edge } from '../edge.ts'
import { limitShape, readBody, readQuery, timeShape, toIso } from '../reading.ts'
import type { Router } from '../router.ts'
import { routingText } from '../text/supplier.id.ts'

const readers = { roles: ['admin', 'support'] } as const
const writers = { roles: ['admin'] } as const

export const proposedMax = 200
export const costsMax = 2_000

const ruleShape = z.object({
  scope: z.string().max(40),
  target: z.string().max(100).default(''),
  /** Null takes it back. What may stand in it is the service's to say. */
  rule: z.record(z.string(), z.unknown()).nullable(),
})
export const changeShape = ruleShape.extend({ reason: z.string().min(1).max(500) })
export const whatIfShape = z.object({
  rules: z.array(ruleShape).max(proposedMax).default([]),
  /** A price book: changes of price rules, and costs at suppliers. What may stand in them is the
   * service's to say. */
  prices: z.array(z.unknown()).max(changesMax).optional(),
  costs: z.array(z.unknown()).max(costsMax).optional(),
  from: timeShape.optional(),
  to: timeShape.optional(),
})
export const historyShape = z.object({
  before: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .optional(),
  limit: limitShape(100, 50),
})

export function routing(router: Router, edge: Edge): void {
  router.signed(
    'get',
    '/api/v1/admin/routing/rules',
    (visit, { userId }) =>
      ask(
        edge,
        visit,
        userId,
        () => edge.call('routing.rules', {}),
        rows => visit.ok(routingText.rules, JSON.stringify({ rows })),
      ),
    readers,
  )
  router.signed(
    'post',
    '/api/v1/admin/routing/rules',
    (visit, { userId, username }, { body }) => {
      const asked = readBody(visit, body, changeShape)
      if (asked === undefined) return
      const change = () => edge.call('routing.change', { ...asked, by: username })
      ask(edge, visit, userId, change, told => {
        if (!isBad(visit, told)) visit.ok(routingText.changed, JSON.stringify(told))
      })
    },
    writers,
  )
  router.signed(
    'get',
    '/api/v1/admin/routing/history',
    (visit, { userId }) => {
      const asked = readQuery(visit, historyShape)
      if (asked === undefined) return
      const { before, limit } = asked
      const page = { limit, ...(before === undefined ? {} : { before }) }
      ask(
        edge,
        visit,
        userId,
        () => edge.call('routing.history', page),
        rows => visit.ok(routingText.history, JSON.stringify({ rows: rows.map(changeView) })),
      )
    },
    readers,
  )
  router.signed(
    'get',
    '/api/v1/admin/routing/suppliers',
    (visit, { userId }) =>
      ask(
        edge,
        visit,
        userId,
        () => edge.call('routing.suppliers', {}),
        rows =>
          visit.ok(
            routingText.suppliers,
            JSON.stringify({
              rows: rows.map(row => ({
                supplier: row.supplier,
                breaker: row.breaker,
                share_percent: row.share,
                success_bp: row.successBp,
                latency_ms: row.latencyMs,
                exposure: row.exposure,
                exposure_max: row.exposureMax,
                balance: row.balance,
              })),
            }),
          ),
      ),
    readers,
  )
  router.signed(
    'get',
    '/api/v1/admin/transactions/:id/why',
    (visit, { userId }, { params: [trxId = ''] }) =>
      ask(
        edge,
        visit,
        userId,
        () => edge.call('routing.why', { trxId }),
        told =>
          visit.ok(
            told.same ? routingText.why : routingText.whyDiffers,
            JSON.stringify({
              trx_id: told.trxId,
              rules_version: told.version,
              policy: told.policy,
              candidates: told.candidates.map(one => ({
                supplier: one.supplier,
                cost: one.cost,
                success_bp: one.successBp,
                latency_ms: one.latencyMs,
                share_percent: one.share,
                place: one.place,
                left_out: one.left,
              })),
              plan: told.plan,
              recomputed: told.recomputed,
              same: told.same,
            }),
          ),
      ),
    readers,
  )
  router.signed(
    'post',
    '/api/v1/admin/routing/what-if',
    (visit, { userId }, { body }) => {
      const asked = readBody(visit, body, whatIfShape)
      if (asked === undefined) return
      const { rules, prices, costs, from, to } = asked
      const period = {
        ...(prices === undefined ? {} : { prices }),
        ...(costs === undefined ? {} : { costs }),
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
      }
      const run = () => edge.call('routing.whatIf', { rules: rules as ProposedRule[], ...period })
      ask(edge, visit, userId, run, told => {
        if (isBad(visit, told) || 'problems' in told) return
        const { recorded, today, proposed, ...counts } = told
        const sides = {
          recorded: sideView(recorded),
          today: sideView(today),
          proposed: sideView(proposed),
        }
        visit.ok(routingText.whatIf, JSON.stringify({ ...counts, ...sides }))
      })
    },
    readers,
  )
}

/** True when the visit has been refused for what the service found wrong. */
function isBad(visit: Visit, told: object): boolean {
  if (!('problems' in told)) return false
  visit.refuse('VALIDATION_FAILED', { details: { problems: told.problems }, moneyEffect: 'none' })
  return true
}

const changeView = ({ changedBy, changedAt, ...rest }: RoutingChange) => ({
  ...rest,
  changed_by: changedBy,
  changed_at: toIso(changedAt),
})

const sideView = ({ orders, successBp, margin, latencyMs }: WhatIfSide) => ({
  orders,
  success_bp: successBp,
  margin,
  latency_ms: latencyMs,
})
