/** The desk's reconciliation: files of the acquirer and the bank, our ledger, and what differs. */

import { z } from 'zod/v4'
import type { Role } from '../../services/contract/identity.ts'
import { deskRoles, desksOf } from '../desk.ts'
import type { Line } from '../lines.ts'
import { limitShape, readBody, readQuery } from '../reading.ts'
import { batchQuery } from './settlement.route.ts'
import { fieldsOf, wireRow } from './wire.ts'

const fileBytesMax = 8 << 20
const fileAsked = z.object({
  day: z.iso.date(),
  name: z.string().max(200).default('file.csv'),
})
const breakQuery = z.object({
  status: z.enum(['open', 'healed', 'resolved']).optional(),
  kind: z.enum(['acquirer', 'bank', 'ledger']).optional(),
  cursor: z.coerce.number().int().positive().optional(),
  limit: limitShape(500, 100),
})
const heldQuery = batchQuery.extend({ settlement_batch_id: z.uuid().optional() })
const ownWish = z.strictObject({ owner: z.string().trim().min(1).max(100).optional() })
const closeWish = z.strictObject({ note: z.string().trim().min(3).max(300) })
const paging = z.object({ limit: limitShape(200, 50) })

const payers: readonly Role[] = ['admin', 'finance']

export const soundboxReconciliation: Line = (router, edge) => {
  const { staff } = desksOf(router, edge)

  for (const kind of ['acquirer', 'bank'] as const) {
    staff(
      'post',
      `/admin/reconciliation/${kind}`,
      payers,
      (desk, { body }) => {
        const query = readQuery(desk.visit, fileAsked)
        if (query === undefined) return
        const { day, name: source } = query
        const call = { day, source, text: body.toString('utf8'), by: desk.actor.name }
        desk.ask(
          () => edge.call(`recon.${kind}`, call),
          done => desk.give(wireRow(done), done.run.id),
        )
      },
      { act: `reconciliation.${kind}`, bodyBytesMax: fileBytesMax },
    )
  }
  staff(
    'post',
    '/admin/reconciliation/ledger',
    payers,
    desk =>
      desk.ask(
        () => edge.call('recon.ledger', { by: desk.actor.name }),
        done => desk.give(wireRow(done), done.run.id),
      ),
    { act: 'reconciliation.ledger' },
  )
  staff('get', '/admin/reconciliation/settlement-batches', deskRoles, desk => {
    const query = readQuery(desk.visit, heldQuery)
    if (query === undefined) return
    const { cursor, ...filter } = fieldsOf(query)
    const before = cursor === undefined ? {} : { before: cursor }
    desk.ask(
      () => edge.call('recon.batches', { ...filter, ...before }),
      ({ rows, next }) => desk.give({ rows: rows.map(wireRow), next_cursor: next }),
    )
  })
  staff('get', '/admin/reconciliation/runs', deskRoles, desk => {
    const query = readQuery(desk.visit, paging)
    if (query === undefined) return
    desk.ask(
      () => edge.call('recon.runs', query),
      ({ rows }) => desk.give({ rows: rows.map(wireRow) }),
    )
  })
  staff('get', '/admin/reconciliation/breaks', deskRoles, desk => {
    const query = readQuery(desk.visit, breakQuery)
    if (query === undefined) return
    const { cursor, ...filter } = fieldsOf(query)
    const after = cursor === undefined ? {} : { after: cursor }
    desk.ask(
      () => edge.call('recon.breaks', { ...filter, ...after }),
      ({ rows, next }) => desk.give({ rows: rows.map(wireRow), next_cursor: next }),
    )
  })
  staff(
    'post',
    '/admin/reconciliation/breaks/:id/own',
    payers,
    (desk, { params: [id = ''], body }) => {
      const wish = body.length === 0 ? {} : readBody(desk.visit, body, ownWish)
      if (wish === undefined) return
      if (!idShape.test(id)) return desk.visit.refuse('NOT_FOUND')
      const owner = wish.owner ?? desk.actor.name
      desk.ask(
        () => edge.call('recon.own', { id: Number(id), owner }),
        made => desk.give(wireRow(made)),
      )
    },
    { act: 'break.own' },
  )
  staff(
    'post',
    '/admin/reconciliation/breaks/:id/resolve',
    payers,
    (desk, { params: [id = ''], body }) => {
      const wish = readBody(desk.visit, body, closeWish)
      if (wish === undefined) return
      if (!idShape.test(id)) return desk.visit.refuse('NOT_FOUND')
      desk.ask(
        () => edge.call('recon.close', { id: Number(id), by: desk.actor.name, note: wish.note }),
        made => desk.give(wireRow(made)),
      )
    },
    { act: 'break.resolve' },
  )
}

const idShape = /^[1-9]\d{0,15}$/
