/**
 * A merchant's own pages: everything here is about him who stands at the door, whatever is asked
 * for. Another merchant's payment or batch is not found.
 *
 * GSP1. All boxes of a merchant are told at once: his page adds up what they missed.
 */

import { z } from 'zod/v4'
import type { SettlementView } from '../../services/contract/soundbox.ts'
import { desksOf, merchantRoles } from '../desk.ts'
import type { Line } from '../lines.ts'
import { readBody, readQuery, rupiahShape } from '../reading.ts'
import { paymentJson } from './payment-json.ts'
import { ownReference, paymentFilter, reference } from './payments.route.ts'
import { batchJson, batchQuery, fileQuery, lineQuery } from './settlement.route.ts'
import { fieldsOf, wireRow } from './wire.ts'

const portalQuery = z.object(paymentFilter)
const portalPayment = z.strictObject({
  terminal_id: z.uuid(),
  amount: rupiahShape,
  reference: reference.optional(),
})
/** As many as he may have terminals (services/soundbox/merchant.service.ts), of one box each. */
const boxesMax = 2_000
const portalBatches = batchQuery.omit({ merchant_id: true })

/** Which file goes to the bank is the office's matter. */
const ownBatch = ({ bankFile: _, ...batch }: SettlementView) => batchJson(batch)

export const soundboxPortal: Line = (router, edge) => {
  const { merchant } = desksOf(router, edge)

  merchant('get', '/merchant/profile', merchantRoles, desk =>
    desk.ask(
      () => edge.call('merchant.get', { merchantId: desk.merchantId }),
      found => desk.give(wireRow(found)),
    ),
  )
  merchant('get', '/merchant/terminals', merchantRoles, desk =>
    desk.ask(
      () => edge.call('merchant.terminals', { merchantId: desk.merchantId }),
      ({ rows }) => desk.give({ rows: rows.map(wireRow) }),
    ),
  )
  merchant('get', '/merchant/devices', merchantRoles, desk =>
    desk.ask(
      () => edge.call('device.list', { merchantId: desk.merchantId, limit: boxesMax }),
      ({ rows }) =>
        desk.give({
          rows: rows.map(({ deviceId, model, binding, health, waiting, missed }) => ({
            ...{ device_id: deviceId, vendor: model.vendor, model: model.name, waiting, missed },
            terminal_id: binding?.terminalId ?? null,
            health: wireRow(health),
          })),
        }),
    ),
  )
  merchant('get', '/merchant/transactions', merchantRoles, desk => {
    const query = readQuery(desk.visit, portalQuery)
    if (query === undefined) return
    desk.ask(
      () => edge.call('payment.list', { ...fieldsOf(query), merchantId: desk.merchantId }),
      ({ rows, next }) => desk.give({ rows: rows.map(paymentJson), next_cursor: next }),
    )
  })
  merchant(
    'post',
    '/merchant/transactions',
    ['owner', 'ops'],
    (desk, { body }) => {
      const wish = readBody(desk.visit, body, portalPayment)
      if (wish === undefined) return
      const { terminal_id: terminalId, amount } = wish
      const { merchantId } = desk
      const named = { reference: wish.reference ?? ownReference(desk), by: desk.actor.name }
      desk.ask(
        () => edge.call('payment.create', { merchantId, terminalId, amount, ...named }),
        made => desk.give(paymentJson(made), made.transactionId),
      )
    },
    { act: 'transaction.create' },
  )
  merchant('get', '/merchant/transactions/:id', merchantRoles, (desk, { params: [id = ''] }) => {
    const { merchantId } = desk
    desk.ask(
      () => edge.call('payment.get', { transactionId: id, merchantId }),
      found =>
        desk.ask(
          () => edge.call('payment.events', { transactionId: id, merchantId }),
          ({ rows }) => desk.give({ ...paymentJson(found), events: rows.map(wireRow) }),
        ),
    )
  })
  merchant('get', '/merchant/settlement-summary', merchantRoles, desk =>
    desk.ask(
      () => edge.call('settlement.summary', { merchantId: desk.merchantId }),
      summary => desk.give(wireRow(summary)),
    ),
  )
  merchant('get', '/merchant/settlement-batches', merchantRoles, desk => {
    const query = readQuery(desk.visit, portalBatches)
    if (query === undefined) return
    desk.ask(
      () => edge.call('settlement.list', { ...fieldsOf(query), merchantId: desk.merchantId }),
      ({ rows, next }) => desk.give({ rows: rows.map(ownBatch), next_cursor: next }),
    )
  })
  merchant(
    'get',
    '/merchant/settlement-batches/:id',
    merchantRoles,
    (desk, { params: [id = ''] }) => {
      const query = readQuery(desk.visit, lineQuery)
      if (query === undefined) return
      const whose = { settlementBatchId: id, merchantId: desk.merchantId }
      desk.ask(
        () => edge.call('settlement.get', whose),
        batch =>
          desk.ask(
            () => edge.call('settlement.lines', { ...whose, ...fieldsOf(query) }),
            ({ rows, next }) =>
              desk.give({ ...ownBatch(batch), lines: rows.map(wireRow), next_cursor: next }),
          ),
      )
    },
  )
  merchant(
    'get',
    '/merchant/settlement-batches/:id/export.csv',
    ['owner', 'finance'],
    (desk, { params: [settlementBatchId = ''] }) => {
      const query = readQuery(desk.visit, fileQuery)
      if (query === undefined) return
      const { merchantId } = desk
      desk.ask(
        () =>
          edge.call('statement.batch', {
            ...{ settlementBatchId, merchantId, format: 'standard' as const, by: desk.actor.name },
          }),
        ({ text }) => desk.giveFile({ name: `settlement-${settlementBatchId}`, text }),
      )
    },
  )
}
