/** The desk's settlement: batches and what is done to them, adjustments, and both as files. */

import { z } from 'zod/v4'
import type { Role } from '../../services/contract/identity.ts'
import type { SettlementView } from '../../services/contract/soundbox.ts'
import { deskRoles, desksOf } from '../desk.ts'
import type { Line } from '../lines.ts'
import { limitShape, readBody, readQuery, rupiahShape, timeShape } from '../reading.ts'
import { ownReference, reference } from './payments.route.ts'
import { fieldsOf, wireRow } from './wire.ts'

const reason = z.string().trim().min(3).max(300)
const bank = z.string().trim().min(1).max(100)

const newBatch = z.strictObject({
  merchant_id: z.uuid(),
  reference: reference.optional(),
  early: z.boolean().default(false),
})
export const batchQuery = z.object({
  merchant_id: z.uuid().optional(),
  status: z.enum(['created', 'paid', 'failed', 'cancelled', 'reprocessed']).optional(),
  cursor: z.string().max(100).optional(),
  limit: limitShape(500, 50),
})
export const lineQuery = z.object({
  cursor: z.string().max(200).optional(),
  limit: limitShape(500, 100),
})
export const fileQuery = z.object({
  format: z.enum(['standard', 'bank_generic']).default('standard'),
  again: z
    .enum(['true', 'false'])
    .transform(word => word === 'true')
    .optional(),
})
const filesQuery = fileQuery.extend({
  merchant_id: z.uuid().optional(),
  status: batchQuery.shape.status,
})
const paidWish = z.strictObject({
  bank_reference: bank.optional(),
  paid_at: timeShape.optional(),
})
const reasonWish = z.strictObject({ reason })
const cancelWish = z.strictObject({ reason, file_recalled: z.boolean().default(false) })
const referenceWish = z.strictObject({ bank_reference: bank })
const adjustmentWish = z.strictObject({
  adjustment_id: reference.optional(),
  kind: z.enum(['credit', 'debit']),
  amount: rupiahShape,
  reason,
})
const adjustmentFilter = z.object({
  merchant_id: z.uuid().optional(),
  settlement_batch_id: z.uuid().optional(),
})
const adjustmentQuery = adjustmentFilter.extend({
  cursor: z.string().max(200).optional(),
  limit: limitShape(500, 100),
})

const payers: readonly Role[] = ['admin', 'finance']

export const batchJson = (batch: Omit<SettlementView, 'bankFile'>) => ({
  ...wireRow(batch),
  currency: 'IDR',
})

export const soundboxSettlement: Line = (router, edge) => {
  const { staff } = desksOf(router, edge)
  const base = '/admin/settlement-batches'

  staff('get', base, deskRoles, desk => {
    const query = readQuery(desk.visit, batchQuery)
    if (query === undefined) return
    desk.ask(
      () => edge.call('settlement.list', fieldsOf(query)),
      ({ rows, next }) => desk.give({ rows: rows.map(batchJson), next_cursor: next }),
    )
  })
  staff(
    'post',
    base,
    payers,
    (desk, { body }) => {
      const wish = readBody(desk.visit, body, newBatch)
      if (wish === undefined) return
      const named = { reference: wish.reference ?? ownReference(desk) }
      const { merchant_id: merchantId, early } = wish
      const call = { merchantId, early, by: desk.actor.name, ...named }
      desk.ask(
        () => edge.call('settlement.create', call),
        made => desk.give(batchJson(made), made.settlementBatchId),
      )
    },
    { act: 'settlement.create' },
  )
  staff(
    'post',
    `${base}/run`,
    payers,
    desk =>
      desk.ask(
        () => edge.call('settlement.run', { by: desk.actor.name }),
        ({ rows }) => desk.give({ rows: rows.map(batchJson) }, 'all'),
      ),
    { act: 'settlement.run' },
  )
  staff(
    'get',
    `${base}/export.csv`,
    payers,
    desk => {
      const query = readQuery(desk.visit, filesQuery)
      if (query === undefined) return
      desk.ask(
        () => edge.call('statement.batches', { ...fieldsOf(query), by: desk.actor.name }),
        ({ text, given, leftOut, held, more }) => {
          const headers = {
            ...{ 'X-Left-Out': String(leftOut), 'X-Held': String(held) },
            'X-More': String(more),
          }
          const file = { name: `settlement-${query.format}`, text, headers }
          const one = query.format === 'standard' ? 'all' : 'none'
          desk.giveFile(file, given.length > 0 ? given : [one])
        },
      )
    },
    { act: 'settlement.export' },
  )
  staff('get', `${base}/:id`, deskRoles, (desk, { params: [settlementBatchId = ''] }) => {
    const query = readQuery(desk.visit, lineQuery)
    if (query === undefined) return
    desk.ask(
      () => edge.call('settlement.get', { settlementBatchId }),
      batch =>
        desk.ask(
          () => edge.call('settlement.lines', { settlementBatchId, ...fieldsOf(query) }),
          ({ rows, next }) =>
            desk.ask(
              () => edge.call('settlement.adjustments', { settlementBatchId, limit: 200 }),
              adjusted =>
                desk.give({
                  ...batchJson(batch),
                  ...{ lines: rows.map(wireRow), next_cursor: next },
                  adjustments: adjusted.rows.map(wireRow),
                }),
            ),
        ),
    )
  })
  staff(
    'get',
    `${base}/:id/export.csv`,
    payers,
    (desk, { params: [settlementBatchId = ''] }) => {
      const query = readQuery(desk.visit, fileQuery)
      if (query === undefined) return
      desk.ask(
        () =>
          edge.call('statement.batch', {
            ...{ settlementBatchId, ...fieldsOf(query), by: desk.actor.name },
          }),
        ({ text }) => desk.giveFile({ name: `settlement-${settlementBatchId}`, text }),
      )
    },
    { act: 'settlement.export' },
  )
  staff(
    'post',
    `${base}/:id/mark-paid`,
    payers,
    (desk, { params: [settlementBatchId = ''], body }) => {
      const wish = body.length === 0 ? {} : readBody(desk.visit, body, paidWish)
      if (wish === undefined) return
      desk.ask(
        () =>
          edge.call('settlement.markPaid', {
            settlementBatchId,
            by: desk.actor.name,
            ...fieldsOf(wish),
          }),
        made => desk.give(batchJson(made)),
      )
    },
    { act: 'settlement.mark_paid' },
  )
  staff(
    'post',
    `${base}/:id/mark-failed`,
    payers,
    (desk, { params: [settlementBatchId = ''], body }) => {
      const wish = readBody(desk.visit, body, reasonWish)
      if (wish === undefined) return
      desk.ask(
        () =>
          edge.call('settlement.markFailed', { settlementBatchId, by: desk.actor.name, ...wish }),
        made => desk.give(batchJson(made)),
      )
    },
    { act: 'settlement.mark_failed' },
  )
  staff(
    'post',
    `${base}/:id/cancel`,
    payers,
    (desk, { params: [settlementBatchId = ''], body }) => {
      const wish = readBody(desk.visit, body, cancelWish)
      if (wish === undefined) return
      const { file_recalled: isRecalled, reason } = wish
      const call = { settlementBatchId, reason, isRecalled, by: desk.actor.name }
      desk.ask(
        () => edge.call('settlement.cancel', call),
        made => desk.give(batchJson(made)),
      )
    },
    { act: 'settlement.cancel' },
  )
  staff(
    'post',
    `${base}/:id/reprocess`,
    payers,
    (desk, { params: [settlementBatchId = ''] }) =>
      desk.ask(
        () => edge.call('settlement.reprocess', { settlementBatchId, by: desk.actor.name }),
        made => desk.give(batchJson(made)),
      ),
    { act: 'settlement.reprocess' },
  )
  for (const verb of ['post', 'patch'] as const) {
    staff(
      verb,
      `${base}/:id/reference`,
      payers,
      (desk, { params: [settlementBatchId = ''], body }) => {
        const wish = readBody(desk.visit, body, referenceWish)
        if (wish === undefined) return
        const call = { settlementBatchId, by: desk.actor.name, bankReference: wish.bank_reference }
        desk.ask(
          () => edge.call('settlement.setReference', call),
          made => desk.give(batchJson(made)),
        )
      },
      { act: 'settlement.reference' },
    )
  }
  staff(
    'post',
    `${base}/:id/adjustments`,
    payers,
    (desk, { params: [settlementBatchId = ''], body }) => {
      const wish = readBody(desk.visit, body, adjustmentWish)
      if (wish === undefined) return
      const { adjustment_id: adjustmentId = ownReference(desk), ...rest } = wish
      const call = { settlementBatchId, adjustmentId, by: desk.actor.name, ...rest }
      desk.ask(
        () => edge.call('settlement.adjust', call),
        made => desk.give(batchJson(made)),
      )
    },
    { act: 'settlement.adjust' },
  )
  staff('get', '/admin/settlement-adjustments', deskRoles, desk => {
    const query = readQuery(desk.visit, adjustmentQuery)
    if (query === undefined) return
    desk.ask(
      () => edge.call('settlement.adjustments', fieldsOf(query)),
      ({ rows, next }) => desk.give({ rows: rows.map(wireRow), next_cursor: next }),
    )
  })
  staff('get', '/admin/settlement-adjustments/export.csv', payers, desk => {
    const query = readQuery(desk.visit, adjustmentFilter)
    if (query === undefined) return
    desk.ask(
      () => edge.call('statement.adjustments', fieldsOf(query)),
      ({ text }) => desk.giveFile({ name: 'settlement-adjustments', text }),
    )
  })
}
