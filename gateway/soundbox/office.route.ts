/**
 * The desk's own things: what a first page shows, files made behind the answer, how the system is,
 * and a request that does nothing but show how an idempotency key is answered.
 *
 * BND1. However often operators look at the summary, the services are asked at most once a second,
 *       and more seldom where the sums of a long day take long (`gateway/recent.ts`).
 */

import { z } from 'zod/v4'
import type { ExportView } from '../../services/contract/desk.ts'
import type { Role } from '../../services/contract/identity.ts'
import { csv, type Visit } from '../answer.ts'
import { deskRoles, desksOf, merchantRoles } from '../desk.ts'
import { Pulse } from '../health.route.ts'
import type { Line } from '../lines.ts'
import { limitShape, readBody, readQuery, timeShape } from '../reading.ts'
import { Recent } from '../recent.ts'
import { sendStreamed } from '../streamed.ts'
import { fieldsOf, wireRow } from './wire.ts'

const kinds = [
  ...(['transactions', 'ledger-entries', 'settlement-batches', 'settlement-adjustments'] as const),
  'audit-logs',
] as const

const newExport = z.strictObject({
  kind: z.enum(kinds),
  merchant_id: z.uuid().optional(),
  from: timeShape.optional(),
  to: timeShape.optional(),
  status: z.string().max(30).optional(),
})
const exportQuery = z.object({
  cursor: z.uuid().optional(),
  limit: limitShape(200, 50),
})
const seed = z.strictObject({
  name: z.string().trim().min(3).max(25).default('Warung Contoh'),
})
/** Anything: whoever tries out a key needs a body that differs. */
const sample = z.record(z.string(), z.unknown())

const payers: readonly Role[] = ['admin', 'finance']
const freshMs = 1_000

const exportJson = (job: ExportView): Readonly<Record<string, unknown>> => ({
  ...wireRow(job),
  progress: job.expected === null ? null : job.expected === 0 ? 1 : job.rows / job.expected,
  download: job.status === 'done' ? `/admin/exports/${job.id}/download` : null,
})

export const soundboxOffice: Line = (router, edge) => {
  const { staff, merchant } = desksOf(router, edge)

  const house = new Recent(() => edge.call('summary.read', {}), edge.now)
  staff('get', '/admin/dashboard/summary', deskRoles, desk =>
    desk.ask(
      () => house.read(0),
      summary => desk.give(wireRow(summary)),
    ),
  )
  merchant('get', '/merchant/dashboard/summary', merchantRoles, desk =>
    desk.ask(
      () => edge.call('summary.read', { merchantId: desk.merchantId }),
      ({ today }) => desk.give({ today: wireRow(today) }),
    ),
  )

  staff('get', '/admin/exports', payers, desk => {
    const query = readQuery(desk.visit, exportQuery)
    if (query === undefined) return
    desk.ask(
      () => edge.call('export.list', { before: query.cursor, limit: query.limit }),
      ({ rows, next }) => desk.give({ rows: rows.map(exportJson), next_cursor: next }),
    )
  })
  staff(
    'post',
    '/admin/exports',
    payers,
    (desk, { body }) => {
      const wish = readBody(desk.visit, body, newExport)
      if (wish === undefined) return
      const { kind, ...filter } = fieldsOf(wish)
      const { reference, actor } = desk
      desk.ask(
        () => edge.call('export.start', { kind, reference, by: actor.name, filter }),
        made => desk.give(exportJson(made), made.id),
      )
    },
    { act: 'export.create' },
  )
  staff('get', '/admin/exports/:id', payers, (desk, { params: [id = ''] }) =>
    desk.ask(
      () => edge.call('export.get', { id }),
      found => desk.give(exportJson(found)),
    ),
  )
  staff(
    'post',
    '/admin/exports/:id/cancel',
    payers,
    (desk, { params: [id = ''] }) =>
      desk.ask(
        () => edge.call('export.cancel', { id }),
        made => desk.give(exportJson(made)),
      ),
    { act: 'export.cancel' },
  )
  staff('get', '/admin/exports/:id/download', payers, (desk, { params: [id = ''] }) =>
    desk.ask(
      () => edge.call('export.read', { id, offset: 0 }),
      first =>
        sendStreamed(desk.visit, {
          total: first.total,
          headers: {
            'Content-Type': csv,
            'Content-Disposition': `attachment; filename="${id}.csv"`,
            'Cache-Control': 'no-store',
          },
          part: async offset => {
            if (offset === 0) return first.chunk
            const answer = await edge.call('export.read', { id, offset })
            if (!('ok' in answer)) throw new Error('the file is gone')
            return answer.ok.chunk
          },
        }),
    ),
  )

  const health = (path: string, deep: boolean) =>
    staff('get', path, deskRoles, desk => {
      edge.call('system.health', { deep }).then(
        ({ ready, parts }) => desk.give({ status: ready ? 'ok' : 'degraded', parts }),
        cause => unreachable(desk.visit, cause),
      )
    })
  const unreachable = (visit: Visit, cause: unknown) => {
    edge.onFault(cause, visit.id)
    visit.refuse('UNREACHABLE')
  }
  health('/admin/health', false)
  health('/admin/health/deep', true)
  const pulse = new Pulse(edge)
  staff('get', '/admin/observability/summary', deskRoles, desk =>
    desk.ask(
      () => house.read(freshMs),
      ({ house: counts }) =>
        void pulse.report(true).then(({ ready, parts }) =>
          desk.give({
            status: ready ? 'ok' : 'degraded',
            uptime_seconds: Math.floor(process.uptime()),
            memory_mb: Math.round(process.memoryUsage.rss() / 2 ** 20),
            parts,
            house: counts && wireRow(counts),
          }),
        ),
    ),
  )
  staff(
    'post',
    '/admin/seed',
    ['admin'],
    (desk, { body }) => {
      const wish = body.length === 0 ? seed.parse({}) : readBody(desk.visit, body, seed)
      if (wish === undefined) return
      if (edge.mode !== 'demo') return desk.visit.refuse('FORBIDDEN')
      desk.ask(
        () => edge.call('seed.run', { ...wish, by: desk.actor.name }),
        ({ secret, ...made }) => desk.giveSecret(wireRow(made), { secret }, made.merchantId),
      )
    },
    { act: 'seed.run' },
  )
  staff(
    'post',
    '/admin/sample-idempotent',
    deskRoles,
    (desk, { body }) => {
      const wish = body.length === 0 ? {} : readBody(desk.visit, body, sample)
      if (wish === undefined) return
      desk.give({ ...wish, request_id: desk.visit.id, at: new Date(edge.now()).toISOString() })
    },
    { act: 'sample.idempotent' },
  )
}
