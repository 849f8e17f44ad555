/**
 * Complaints: a client about an order of his, staff about anybody's.
 *
 * CRG1. A client reads and adds to his own; what suppliers said in their own words, and who of the
 *       staff wrote, stays inside.
 * CRG2. Staff looks and answers; only an admin decides, and may say in the same word what becomes
 *       of the order.
 */

import { z } from 'zod/v4'
import type { Answer } from '../../services/contract/answer.ts'
import type { Complaint, ComplaintFile, ComplaintMessage } from '../../services/contract/care.ts'
import type { Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import type { Edge } from '../edge.ts'
import type { Line } from '../lines.ts'
import { limitShape, readBody, readQuery, refShape, toIso, trxIdShape } from '../reading.ts'
import { type Serve, staff } from '../router.ts'
import { complaintText } from '../text/care.id.ts'

const words = z
  .string()
  .trim()
  .regex(/^[^\0]{1,2000}$/s)

export const complaining = z
  .object({
    trx_id: z.string().regex(trxIdShape).optional(),
    ref_id: refShape.optional(),
    reason: z.enum(['not_received', 'wrong_serial', 'wrong_amount', 'too_slow', 'other']),
    text: words,
  })
  .refine(one => (one.trx_id === undefined) !== (one.ref_id === undefined), { path: ['trx_id'] })

export const adding = z.object({ text: words })

export const complaintPaging = z.object({
  before: z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number)
    .optional(),
  limit: limitShape(100, 20),
})

export const complaintFilter = complaintPaging.extend({
  state: z.enum(['open', 'answered', 'upheld', 'rejected']).optional(),
})

export const judging = z.object({
  verdict: z.enum(['upheld', 'rejected']),
  text: z
    .string()
    .trim()
    .regex(/^[^\0]{5,500}$/s),
  /** What becomes of the order with it; nothing when absent. */
  order: z.enum(['success', 'failed', 'refund', 'accept_loss', 'dismiss']).optional(),
  sn: z.string().max(200).optional(),
  supplier_returned: z.boolean().optional(),
})

const own = '/api/v1/complaints'
const all = '/api/v1/admin/complaints'

export const complaints: Line = (router, edge) => {
  const answerOwn = answering(edge, ownFile)
  const answerStaff = answering(edge, staffFile)

  router.signed(
    'post',
    own,
    (visit, { userId }, { body }) => {
      const asked = readBody(visit, body, complaining)
      if (asked === undefined) return
      const { trx_id: trxId, ref_id: ref, reason, text } = asked
      const about = trxId === undefined ? { ref: ref ?? '' } : { trxId }
      ask(
        edge,
        visit,
        userId,
        () => edge.call('complaint.open', { userId, ...about, reason, text }),
        ({ file, repeated }) =>
          visit.ok(
            repeated ? complaintText.known : complaintText.opened,
            JSON.stringify(ownFile(file)),
          ),
      )
    },
    { ordering: true },
  )

  router.signed('get', own, (visit, { userId }) => {
    const page = readQuery(visit, complaintPaging)
    if (page === undefined) return
    const { before, limit } = page
    const from = before === undefined ? {} : { before }
    ask(
      edge,
      visit,
      userId,
      () => edge.call('complaint.list', { userId, limit, ...from }),
      told => visit.ok(complaintText.list, pageOf(told, ownRow)),
    )
  })

  router.signed(
    'get',
    `${own}/:id`,
    numbered((visit, { userId }, id) =>
      answerOwn(visit, userId, complaintText.read, () =>
        edge.call('complaint.read', { userId, id }),
      ),
    ),
  )

  router.signed(
    'post',
    `${own}/:id/messages`,
    numbered((visit, { userId }, id, body) => {
      const asked = readBody(visit, body, adding)
      if (asked === undefined) return
      answerOwn(visit, userId, complaintText.said, () =>
        edge.call('complaint.say', { userId, id, text: asked.text }),
      )
    }),
  )

  router.signed(
    'get',
    all,
    (visit, { userId }) => {
      const page = readQuery(visit, complaintFilter)
      if (page === undefined) return
      const { before, state, limit } = page
      const which = {
        ...(before === undefined ? {} : { before }),
        ...(state === undefined ? {} : { state }),
      }
      ask(
        edge,
        visit,
        userId,
        () => edge.call('complaint.list', { limit, ...which }),
        told => visit.ok(complaintText.list, pageOf(told, staffRow)),
      )
    },
    { roles: staff },
  )

  router.signed(
    'get',
    `${all}/:id`,
    numbered((visit, { userId }, id) =>
      answerStaff(visit, userId, complaintText.read, () => edge.call('complaint.read', { id })),
    ),
    { roles: staff },
  )

  router.signed(
    'post',
    `${all}/:id/answer`,
    numbered((visit, { userId }, id, body) => {
      const asked = readBody(visit, body, adding)
      if (asked === undefined) return
      answerStaff(visit, userId, complaintText.answered, () =>
        edge.call('complaint.answer', { id, text: asked.text, by: userId }),
      )
    }),
    { roles: staff },
  )

  router.signed(
    'post',
    `${all}/:id/decide`,
    numbered((visit, { userId }, id, body) => {
      const asked = readBody(visit, body, judging)
      if (asked === undefined) return
      const { order, sn, supplier_returned: supplierReturned, ...verdict } = asked
      const wish = {
        ...verdict,
        ...(order === undefined ? {} : { order }),
        ...(sn === undefined ? {} : { sn }),
        ...(supplierReturned === undefined ? {} : { supplierReturned }),
      }
      answerStaff(visit, userId, complaintText.decided, () =>
        edge.call('complaint.decide', { id, by: userId, ...wish }),
      )
    }),
    { roles: ['admin'], ordering: true },
  )
}

/** Answers with the complaint as it is after the call, in the eyes of one side. */
const answering =
  (edge: Edge, show: (file: ComplaintFile) => object) =>
  (visit: Visit, userId: string, sentence: string, call: () => Promise<Answer<ComplaintFile>>) =>
    ask(edge, visit, userId, call, file => visit.ok(sentence, JSON.stringify(show(file))))

type Numbered = (...args: [...Head<Parameters<Serve>>, id: number, body: Buffer]) => void
type Head<T> = T extends [...infer H, unknown] ? H : never

const numbered =
  (serve: Numbered): Serve =>
  (visit, client, { params, body }) => {
    const id = params[0] ?? ''
    if (!/^[1-9]\d{0,14}$/.test(id)) return visit.refuse('NOT_FOUND', { moneyEffect: 'none' })
    serve(visit, client, Number(id), body)
  }

type Page = { readonly rows: readonly Complaint[]; readonly next: number | null }

const pageOf = ({ rows, next }: Page, show: (row: Complaint) => object): string =>
  JSON.stringify({ rows: rows.map(show), next_before: next })

const ownRow = (row: Complaint) => ({
  complaint_id: row.id,
  trx_id: row.trxId,
  ref_id: row.ref,
  product_code: row.product,
  destination: row.destination,
  reason: row.reason,
  state: row.state,
  created_at: toIso(row.createdAt),
  updated_at: toIso(row.updatedAt),
})

const staffRow = (row: Complaint) => ({
  ...ownRow(row),
  user_id: row.userId,
  username: row.username,
})

const messageRow = ({ author, kind, text, at }: ComplaintMessage) => ({
  ...{ author, kind, text },
  at: toIso(at),
})

function ownFile({ complaint, messages, evidence, order, checked }: ComplaintFile): object {
  const { status, sn, moneyEffect, disputed } = order
  return {
    ...ownRow(complaint),
    messages: messages.map(messageRow),
    status_at_opening: evidence?.status ?? null,
    supplier_asked: evidence?.check === 'asked',
    supplier_answer: checked === null || checked.outcome === 'asked' ? null : checked.outcome,
    order: { status, sn, money_effect: moneyEffect, disputed },
  }
}

function staffFile({ complaint, messages, evidence, order, checked }: ComplaintFile): object {
  return {
    ...staffRow(complaint),
    messages: messages.map(one => ({ ...messageRow(one), by: one.by })),
    evidence,
    order,
    checked,
  }
}
