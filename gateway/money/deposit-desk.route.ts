/**
 * Deposits through gateways, for staff: what came, what stands in suspense and whose it is, and the
 * gateways themselves: what they owe us, and what they paid out.
 *
 * GWL1. Only finance and admin decide about money; gateways are the admin's.
 * GWL2. Who decided is who signed the request, never a name in it; a decision has a reason.
 * GWL3. No answer has a gateway's credentials.
 * GWL4. What a gateway paid out, and how one is set up, is in the audit log before it is answered;
 *       a payout is noted once for each Idempotency-Key, besides its own reference.
 */

import { z } from 'zod/v4'
import type { Answer } from '../../services/contract/answer.ts'
import type { Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import { desksOf, houseEnvelope } from '../desk.ts'
import type { Client, Edge } from '../edge.ts'
import type { Line } from '../lines.ts'
import { limitShape, readBody, readQuery, refShape, rupiahShape, trxIdShape } from '../reading.ts'
import type { Asked, Door, Router, Serve } from '../router.ts'
import { wireRow } from '../soundbox/wire.ts'
import { moneyOkText } from '../text/wallet.id.ts'
import { decidingAt, snake } from './deciding.ts'
import { depositIdShape, depositOf, intentStatuses } from './deposit.route.ts'

const codeShape = z.string().regex(/^[\w.-]{1,40}$/)
const base = '/api/v1/admin/deposit-intents'
const payouts = '/api/v1/admin/payment-gateways/:code/payouts'
const numberShape = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)
const payers = ['finance', 'admin'] as const
const payersPaced = { roles: payers, pace: 'staff' } as const
const desk: Door = payersPaced

export const intentDeskShapes = {
  list: z.object({
    user_id: z.string().regex(trxIdShape).optional(),
    gateway: codeShape.optional(),
    status: z.enum(intentStatuses).optional(),
    cursor: z.string().regex(trxIdShape).optional(),
    limit: limitShape(100, 50),
  }),
  suspense: z.object({
    open: z
      .enum(['true', 'false'])
      .transform(word => word === 'true')
      .default(true),
    cursor: z.string().regex(trxIdShape).optional(),
    limit: limitShape(100, 50),
  }),
  waiting: z.object({
    cursor: numberShape.optional(),
    limit: limitShape(100, 50),
  }),
  payouts: z.object({ cursor: numberShape.optional(), limit: limitShape(100, 50) }),
  payout: z.object({
    /** What reached our bank. */
    amount: rupiahShape,
    /** What the gateway kept of it. */
    fee: z.int().min(0).default(0),
    /** On which it was paid out, in Jakarta. */
    day: z.iso.date(),
    ref_id: refShape,
  }),
  resolve: z.object({
    /** Which of the deposit's entries in suspense; 0 says that the deposit itself was paid. */
    n: z.int().min(0).max(1_000),
    verdict: z.enum(['credit', 'return', 'paid']),
    reason: z.string().trim().min(3).max(200),
  }),
  gateway: z.object({
    adapter: z.enum(['atlantic', 'rumahotp']),
    base_url: z.url({ protocol: /^https?$/ }).max(200),
    timeout_ms: z.int().min(1_000).max(120_000).default(20_000),
    max_in_flight: z.int().min(1).max(256).default(16),
    amount_min: rupiahShape.default(10_000),
    amount_max: rupiahShape.default(10_000_000),
    active: z.boolean().default(true),
    credentials: z.record(z.string().max(40), z.string().min(1).max(500)).optional(),
  }),
} as const

export const depositDesk: Line = (router, edge) => {
  const show = deskOf(router, edge)
  const deciding = decidingAt(router, edge)

  router.signed(
    'get',
    base,
    (visit, { userId: by }) => {
      const asked = readQuery(visit, intentDeskShapes.list)
      if (asked === undefined) return
      const { user_id: userId, gateway, status, cursor, limit } = asked
      const params = {
        limit,
        ...(userId === undefined ? {} : { userId }),
        ...(gateway === undefined ? {} : { gateway }),
        ...(status === undefined ? {} : { status }),
        ...(cursor === undefined ? {} : { cursor }),
      }
      const call = () => edge.call('intent.all', params)
      ask(edge, visit, by, call, ({ rows, next }) => {
        const shown = rows.map(one => ({
          ...depositOf(one),
          ...{ user_id: one.userId, gateway: one.gateway, suspended: one.suspended },
        }))
        visit.ok(moneyOkText.intents, JSON.stringify({ rows: shown, next_cursor: next }))
      })
    },
    desk,
  )

  show('get', `${base}/suspense`, visit => {
    const asked = readQuery(visit, intentDeskShapes.suspense)
    if (asked === undefined) return null
    const { open, cursor, limit } = asked
    const params = { open, limit, ...(cursor === undefined ? {} : { cursor }) }
    return () => edge.call('intent.suspense', params)
  })

  show('get', `${base}/verdicts`, visit => {
    const asked = readQuery(visit, intentDeskShapes.waiting)
    if (asked === undefined) return null
    const { cursor, limit } = asked
    const params = { limit, ...(cursor === undefined ? {} : { cursor }) }
    return () => edge.call('intent.waiting', params)
  })

  for (const { verb, verdict, act } of [
    { verb: 'approve', verdict: 'approved', act: 'deposit_verdict.approve' },
    { verb: 'reject', verdict: 'rejected', act: 'deposit_verdict.reject' },
  ] as const) {
    deciding(
      'post',
      `${base}/verdicts/:id/${verb}`,
      { ...payersPaced, act },
      ({ visit, client: { userId: by } }, { params: [id = ''] }) => {
        if (!/^\d{1,15}$/.test(id)) return refused(visit)
        return { call: () => edge.call('intent.judge', { verdictId: Number(id), verdict, by }) }
      },
    )
  }

  show('get', `${base}/:id`, (visit, _, { params: [id = ''] }) =>
    depositIdShape.safeParse(id).success ? () => edge.call('intent.trail', { id }) : refused(visit),
  )

  show('post', `${base}/:id/check`, (visit, { userId: by }, { params: [id = ''] }) =>
    depositIdShape.safeParse(id).success
      ? () => edge.call('intent.check', { id, by })
      : refused(visit),
  )

  deciding(
    'post',
    `${base}/:id/resolve`,
    { ...payersPaced, act: 'deposit_intent.resolve' },
    ({ visit, client: { userId: by } }, { params: [id = ''], body }) => {
      if (!trxIdShape.test(id)) return refused(visit)
      const wish = readBody(visit, body, intentDeskShapes.resolve)
      if (wish === undefined) return null
      return { call: () => edge.call('intent.resolve', { id, by, ...wish }) }
    },
  )

  show('get', '/api/v1/admin/payment-gateways', () => () => edge.call('intent.gateways', {}))

  desksOf(router, edge, houseEnvelope).staff(
    'put',
    '/api/v1/admin/payment-gateways/:code',
    ['admin'],
    ({ visit, ask: call, give }, { params: [code = ''], body }) => {
      if (!codeShape.safeParse(code).success) return visit.refuse('NOT_FOUND')
      const wish = readBody(visit, body, intentDeskShapes.gateway)
      if (wish === undefined) return
      const { adapter, active, credentials } = wish
      const params = {
        ...{ code, adapter, active, baseUrl: wish.base_url, timeoutMs: wish.timeout_ms },
        ...{ maxInFlight: wish.max_in_flight, amountMin: wish.amount_min },
        ...{ amountMax: wish.amount_max, ...(credentials === undefined ? {} : { credentials }) },
      }
      call(
        () => edge.call('intent.putGateway', params),
        kept => give(JSON.parse(snake(kept)) as object),
      )
    },
    {
      ...{ act: 'payment_gateway.put', says: moneyOkText.desk, pace: 'staff' },
      personal: ['credentials'],
    },
  )

  show('get', payouts, (visit, _, { params: [gateway = ''] }) => {
    if (!codeShape.safeParse(gateway).success) return refused(visit)
    const asked = readQuery(visit, intentDeskShapes.payouts)
    if (asked === undefined) return null
    const { cursor, limit } = asked
    const params = { gateway, limit, ...(cursor === undefined ? {} : { cursor }) }
    return () => edge.call('intent.payouts', params)
  })

  desksOf(router, edge, houseEnvelope).staff(
    'post',
    payouts,
    payers,
    ({ visit, client: { userId: by }, ask: call, give }, { params: [gateway = ''], body }) => {
      if (!codeShape.safeParse(gateway).success) return visit.refuse('NOT_FOUND')
      const wish = readBody(visit, body, intentDeskShapes.payout)
      if (wish === undefined) return
      const { amount, fee, day, ref_id: ref } = wish
      call(
        () => edge.call('intent.payout', { gateway, ref, amount, fee, day, by }),
        noted => give(wireRow(noted)),
      )
    },
    { act: 'gateway.payout', says: moneyOkText.payout, pace: 'staff' },
  )
}

type Question<T> = (visit: Visit, client: Client, asked: Asked) => (() => Promise<Answer<T>>) | null

/** Hangs in a door that shows what the service answered, in the names of the wire. */
function deskOf(router: Router, edge: Edge) {
  return <T>(
    verb: Parameters<Router['signed']>[0],
    path: string,
    question: Question<T>,
    door: Door = desk,
  ): void => {
    const serve: Serve = (visit, client, asked) => {
      const call = question(visit, client, asked)
      if (call === null) return
      ask(edge, visit, client.userId, call, found => visit.ok(moneyOkText.desk, snake(found)))
    }
    router.signed(verb, path, serve, door)
  }
}

function refused(visit: Visit): null {
  visit.refuse('NOT_FOUND')
  return null
}
