/**
 * The catalogue over REST, for those who keep it: admin changes, finance and support read.
 *
 *   /api/v1/admin/{products,brands,categories,suppliers,mappings,prefixes,price-rules}
 *      GET list · POST create · GET one · PUT change · DELETE (prefixes and price-rules)
 *   /api/v1/admin/csv/:kind                    GET out · POST in, ?dry_run=true
 *   /api/v1/admin/catalogue-history            GET
 *   /api/v1/admin/price-changes                GET · POST · /preview POST · /:id DELETE
 *   /api/v1/admin/suppliers/:code/sync         POST
 *   /api/v1/admin/price-syncs                  GET · /:id GET · PUT {"accept": true}
 *
 * KAN1. Who reads and who changes is said once per door, and whoever else is refused.
 * KAN2. A change names the version that it was made on, in the body, or as ?version= when there is
 *       no body.
 * KAN3. Lists are bounded; cursors are the service's own.
 * KAN4. Times are told as RFC 3339, whatever their column is called.
 */

import { z } from 'zod/v4'
import type { CatalogueKind, CatalogueRow } from '../../services/contract/catalogue.ts'
import type { Role } from '../../services/contract/identity.ts'
import { changesMax } from '../../services/wire/price-limits.ts'
import type { Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import type { Edge } from '../edge.ts'
import type { Line } from '../lines.ts'
import { limitShape, readBody, readQuery, timeShape, toIso } from '../reading.ts'
import { type Door, type Router, type Serve, staff } from '../router.ts'
import { catalogueOkText } from '../text/catalogue.id.ts'

const readers: Door = { roles: staff }
const keepers: Door = { roles: ['admin'] satisfies Role[] }
export const base = '/api/v1/admin'

/** Kinds, the names of a row in the path, and whether rows are taken out again. */
export const kinds: readonly (readonly [kind: CatalogueKind, key: string, removable: boolean])[] = [
  ['products', ':code', false],
  ['brands', ':name', false],
  ['categories', ':name', false],
  ['suppliers', ':code', false],
  ['mappings', ':product/:supplier', false],
  ['prefixes', ':id', true],
  ['price-rules', ':id', true],
]

export const csvKinds: readonly CatalogueKind[] = [
  ...kinds.map(([kind]) => kind),
  'commission-rules',
]

export const catalogueAdmin: Line = (router, edge) => {
  for (const [kind, key, removable] of kinds) {
    hangKind(router, edge, kind, { path: `${base}/${kind}`, key, removable })
  }
  for (const kind of csvKinds) hangCsv(router, edge, kind)
  hangPrices(router, edge)
  hangSyncs(router, edge)
  router.signed(
    'get',
    `${base}/catalogue-history`,
    (visit, { userId }) => {
      const asked = readQuery(visit, historyQuery)
      if (asked === undefined) return
      const { kind, key, cursor, limit } = asked
      const params = { limit, ...given({ kind, key, before: cursor }) }
      ask(
        edge,
        visit,
        userId,
        () => edge.call('catalogueAdmin.history', params),
        page => visit.ok(catalogueOkText.catalogueHistory, timedPage(page)),
      )
    },
    readers,
  )
}

const limit = limitShape(200, 50)
const cursorShape = z.string().regex(/^[\w-]{1,512}$/)
const placeShape = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number)
export const listQuery = z
  .object({
    q: z.string().min(1).max(64).optional(),
    cursor: cursorShape.optional(),
    limit,
  })
  .catchall(z.string().max(128))
export const historyQuery = z.object({
  kind: z.enum(kinds.map(([kind]) => kind) as [CatalogueKind, ...CatalogueKind[]]).optional(),
  key: z.string().max(256).optional(),
  cursor: placeShape.optional(),
  limit,
})
const fieldsBody = z.record(z.string().max(64), z.unknown())
const changeBody = z.object({ version: z.int().min(1) }).catchall(z.unknown())
export const versionQuery = z.object({ version: placeShape })

/** Without what is absent, so that optional stays optional. */
function given<T extends object>(values: T) {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]?: NonNullable<T[K]> }
}

const pageOf = ({ rows, next }: { rows: readonly CatalogueRow[]; next: string | null }): string =>
  JSON.stringify({ rows, next_cursor: next })

const timed = (row: CatalogueRow): CatalogueRow =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      const isTime = name === 'at' || name.endsWith('At')
      return [name, isTime && typeof value === 'number' ? toIso(value) : value]
    }),
  )

export const timedPage = ({ rows, next }: Parameters<typeof pageOf>[0]): string =>
  pageOf({ rows: rows.map(timed), next })

/** All that is done with rows of one kind; also for kinds that have their address elsewhere. */
export function hangKind(
  router: Router,
  edge: Edge,
  kind: CatalogueKind,
  { path, key, removable }: { path: string; key: string; removable: boolean },
): void {
  const told = (visit: Visit, text: string) => (row: unknown) =>
    visit.ok(text, JSON.stringify(row ?? null))

  const list: Serve = (visit, { userId }) => {
    const asked = readQuery(visit, listQuery)
    if (asked === undefined) return
    const { q, cursor, limit, ...filters } = asked as z.infer<typeof listQuery> & object
    const params = {
      ...{ kind, limit, filters: filters as Record<string, string> },
      ...given({ q, cursor }),
    }
    ask(
      edge,
      visit,
      userId,
      () => edge.call('catalogueAdmin.list', params),
      page => visit.ok(catalogueOkText.catalogue, pageOf(page)),
    )
  }
  const create: Serve = (visit, { userId }, { body }) => {
    const fields = readBody(visit, body, fieldsBody)
    if (fields === undefined) return
    const call = () => edge.call('catalogueAdmin.create', { kind, by: userId, fields })
    ask(edge, visit, userId, call, told(visit, catalogueOkText.catalogueSaved))
  }
  const read: Serve = (visit, { userId }, { params }) => {
    const call = () => edge.call('catalogueAdmin.get', { kind, key: params })
    ask(edge, visit, userId, call, told(visit, catalogueOkText.catalogue))
  }
  const change: Serve = (visit, { userId }, { body, params }) => {
    const asked = readBody(visit, body, changeBody)
    if (asked === undefined) return
    const { version, ...fields } = asked
    const what = { kind, by: userId, key: params, version, fields }
    const call = () => edge.call('catalogueAdmin.change', what)
    ask(edge, visit, userId, call, told(visit, catalogueOkText.catalogueSaved))
  }
  const remove: Serve = (visit, { userId }, { params }) => {
    const asked = readQuery(visit, versionQuery)
    if (asked === undefined) return
    const what = { kind, by: userId, key: params, version: asked.version }
    const call = () => edge.call('catalogueAdmin.remove', what)
    ask(edge, visit, userId, call, told(visit, catalogueOkText.catalogueRemoved))
  }

  router.signed('get', path, list, readers)
  router.signed('post', path, create, keepers)
  router.signed('get', `${path}/${key}`, read, readers)
  router.signed('put', `${path}/${key}`, change, keepers)
  if (removable) router.signed('del', `${path}/${key}`, remove, keepers)
}

/** Some fifty thousand rows. */
const csvBytesMax = 8 * 1024 * 1024

export const exportQuery = z.object({ cursor: cursorShape.optional() })
export const importQuery = z.object({ dry_run: z.enum(['true', 'false']).default('false') })

function hangCsv(router: Router, edge: Edge, kind: CatalogueKind): void {
  const path = `${base}/csv/${kind}`
  const send: Serve = (visit, { userId }) => {
    const asked = readQuery(visit, exportQuery)
    if (asked === undefined) return
    const call = () => edge.call('catalogueAdmin.exportCsv', { kind, ...given(asked) })
    ask(edge, visit, userId, call, ({ text, next }) =>
      visit.send(200, 'text/csv; charset=utf-8', text, {
        'Cache-Control': 'no-store',
        'Content-Disposition': `attachment; filename="${kind}.csv"`,
        ...(next === null ? {} : { 'X-Next-Cursor': next }),
      }),
    )
  }
  const take: Serve = (visit, { userId }, { body }) => {
    const asked = readQuery(visit, importQuery)
    if (asked === undefined) return
    const text = utf8In(body)
    if (text === null) return visit.refuse('CSV_INVALID', { details: { problem: 'not UTF-8' } })
    const what = { kind, by: userId, text, dryRun: asked.dry_run === 'true' }
    const call = () => edge.call('catalogueAdmin.importCsv', what)
    ask(edge, visit, userId, call, report =>
      visit.ok(
        report.kept ? catalogueOkText.csvKept : catalogueOkText.csvNotKept,
        JSON.stringify(report),
      ),
    )
  }
  router.signed('get', path, send, readers)
  router.signed('post', path, take, { ...keepers, bodyBytesMax: csvBytesMax })
}

function utf8In(body: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    return null
  }
}

export const changesBody = z.object({ changes: z.array(z.unknown()).min(1).max(changesMax) })
export const scheduleBody = changesBody.extend({
  starts_at: timeShape,
  note: z.string().max(200).default(''),
})
export const statesQuery = z.object({
  state: z.enum(['scheduled', 'applied', 'cancelled']).optional(),
  cursor: placeShape.optional(),
  limit,
})

function hangPrices(router: Router, edge: Edge): void {
  const path = `${base}/price-changes`
  const preview: Serve = (visit, { userId }, { body }) => {
    const asked = readBody(visit, body, changesBody)
    if (asked === undefined) return
    const call = () => edge.call('catalogueAdmin.previewPrices', asked)
    ask(edge, visit, userId, call, told =>
      visit.ok(catalogueOkText.pricePreview, JSON.stringify(told)),
    )
  }
  const schedule: Serve = (visit, { userId }, { body }) => {
    const asked = readBody(visit, body, scheduleBody)
    if (asked === undefined) return
    const { changes, note, starts_at: startsAt } = asked
    const what = { changes, note, startsAt, by: userId }
    const call = () => edge.call('catalogueAdmin.schedulePrices', what)
    ask(edge, visit, userId, call, row =>
      visit.ok(catalogueOkText.priceScheduled, JSON.stringify(timed(row))),
    )
  }
  const list: Serve = (visit, { userId }) => {
    const asked = readQuery(visit, statesQuery)
    if (asked === undefined) return
    const { state, cursor, limit } = asked
    const what = { limit, ...given({ state, before: cursor }) }
    const call = () => edge.call('catalogueAdmin.priceChanges', what)
    ask(edge, visit, userId, call, page => visit.ok(catalogueOkText.priceChanges, timedPage(page)))
  }
  const cancel: Serve = (visit, { userId }, { params }) => {
    const id = idIn(visit, params[0])
    if (id === null) return
    const call = () => edge.call('catalogueAdmin.cancelPrices', { id, by: userId })
    ask(edge, visit, userId, call, () => visit.ok(catalogueOkText.priceCancelled, 'null'))
  }
  router.signed('post', `${path}/preview`, preview, keepers)
  router.signed('post', path, schedule, keepers)
  router.signed('get', path, list, readers)
  router.signed('del', `${path}/:id`, cancel, keepers)
}

export const syncsQuery = z.object({
  supplier: z.string().max(40).optional(),
  outcome: z.string().max(20).optional(),
  cursor: placeShape.optional(),
  limit,
})

export const decisionBody = z.object({ accept: z.boolean() })

function hangSyncs(router: Router, edge: Edge): void {
  const path = `${base}/price-syncs`
  const sync: Serve = (visit, { userId }, { params }) => {
    const what = { supplier: params[0] ?? '', by: userId }
    const call = () => edge.call('catalogueAdmin.syncPrices', what)
    ask(edge, visit, userId, call, row =>
      visit.ok(catalogueOkText.priceSynced, JSON.stringify(timed(row))),
    )
  }
  const list: Serve = (visit, { userId }) => {
    const asked = readQuery(visit, syncsQuery)
    if (asked === undefined) return
    const { supplier, outcome, cursor, limit } = asked
    const what = { limit, ...given({ supplier, outcome, before: cursor }) }
    const call = () => edge.call('catalogueAdmin.priceSyncs', what)
    ask(edge, visit, userId, call, page => visit.ok(catalogueOkText.priceSyncs, timedPage(page)))
  }
  const read: Serve = (visit, { userId }, { params }) => {
    const id = idIn(visit, params[0])
    if (id === null) return
    const call = () => edge.call('catalogueAdmin.priceSync', { id })
    ask(edge, visit, userId, call, row =>
      visit.ok(catalogueOkText.priceSyncs, JSON.stringify(timed(row))),
    )
  }
  const decide: Serve = (visit, { userId }, { body, params }) => {
    const id = idIn(visit, params[0])
    const asked = id === null ? undefined : readBody(visit, body, decisionBody)
    if (id === null || asked === undefined) return
    const what = { id, accept: asked.accept, by: userId }
    const call = () => edge.call('catalogueAdmin.decideSync', what)
    ask(edge, visit, userId, call, ({ applied, passedOver }) =>
      visit.ok(catalogueOkText.syncDecided, JSON.stringify({ applied, passed_over: passedOver })),
    )
  }
  router.signed('post', `${base}/suppliers/:code/sync`, sync, keepers)
  router.signed('get', path, list, readers)
  router.signed('get', `${path}/:id`, read, readers)
  router.signed('put', `${path}/:id`, decide, keepers)
}

/** Null when the visit has been answered. */
function idIn(visit: Visit, text: string | undefined): number | null {
  if (/^\d{1,15}$/.test(text ?? '')) return Number(text)
  visit.refuse('NOT_FOUND')
  return null
}
