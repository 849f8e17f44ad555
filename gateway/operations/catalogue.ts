/**
 * The catalogue for those who keep it, kind by kind. What a row of each kind holds is the
 * catalogue's to say: its own shapes are told here, besides an example that it takes.
 *
 * OAD1. Forms are told as those read them who take them, and every example is one that they take.
 */

import { z } from 'zod/v4'
import type { CatalogueKind } from '../../services/contract/catalogue.ts'
import {
  credentialsShape,
  mapping,
  prefix,
  priceChangeOp,
  priceRule,
  product,
  register,
  supplier,
} from '../../services/wire/catalogue-rows.ts'
import { commissionRule } from '../../services/wire/commission-rule.ts'
import { changesMax } from '../../services/wire/price-limits.ts'
import {
  base,
  changesBody,
  csvKinds,
  decisionBody,
  exportQuery,
  historyQuery,
  importQuery,
  kinds,
  listQuery,
  scheduleBody,
  statesQuery,
  syncsQuery,
  versionQuery,
} from '../office/catalogue-admin.route.ts'
import type { Door, Example, Operation } from '../openapi.ts'
import { toIso } from '../reading.ts'
import { id, number, pageOf, rupiah, time } from './answers.ts'

type Fields = NonNullable<Exclude<Example['body'], string>>

const rule = { scope: 'brand', target: 'XL', level: 1, percent_bp: 150, fixed: 100 }

export const rowsOfKinds: Readonly<Record<CatalogueKind, Fields>> = {
  products: { code: 'XLD12', name: 'XL 12.000', category: 'Pulsa', brand: 'XL' },
  brands: { name: 'XL' },
  categories: { name: 'Pulsa' },
  suppliers: {
    ...{ code: 'digiflazz3', name: 'Digiflazz ketiga', adapter: 'digiflazz' },
    base_url: 'https://api.digiflazz.com/v1',
  },
  mappings: { product_code: 'XLD12', supplier_code: 'digiflazz', sku: 'xld12', cost: 11_900 },
  prefixes: { prefix: '0878', brand: 'XL' },
  'price-rules': rule,
  'commission-rules': { scope: 'category', target: 'Pulsa', levels: [{ fixed: 50 }] },
}

const refused = ['FIELDS_INVALID', 'REFERENCE_UNKNOWN'] as const

/** What a row of a kind may say; suppliers bring what lets us in besides. */
const fieldsOf: Readonly<Record<CatalogueKind, z.ZodObject>> = {
  products: product,
  brands: register,
  categories: register,
  suppliers: supplier.extend({ credentials: credentialsShape.optional() }),
  mappings: mapping,
  prefixes: prefix,
  'price-rules': priceRule,
  'commission-rules': commissionRule,
}

const numbered: ReadonlySet<CatalogueKind> = new Set([
  ...(['prefixes', 'price-rules', 'commission-rules'] as const),
])

/** As it stands in its table: every field, its version, and never what lets us in. */
export function rowOf(kind: CatalogueKind): z.ZodObject {
  const { credentials: _, ...fields } = fieldsOf[kind].shape
  const told = kind === 'prefixes' ? { ...fields, valid_from: z.string() } : fields
  return z.object({ ...(numbered.has(kind) ? { id } : {}), ...told, version: z.int() })
}

/** A change names what it changes, and the version that it was made on. */
const changeOf = (fields: z.ZodObject): z.ZodObject =>
  z.object({ version: z.int().min(1), ...z.object(fields.shape).partial().shape })

const changesOf = <T extends z.ZodObject>(body: T): z.ZodObject =>
  body.extend({
    changes: z
      .array(z.object({ op: priceChangeOp, rule: priceRule }))
      .min(1)
      .max(changesMax),
  })

type Place = {
  readonly path: string
  readonly key: string
  readonly removable: boolean
  readonly topic: Operation['topic']
}

/** All that is done with rows of one kind; also for kinds that have their address elsewhere. */
export function ofKind(
  kind: CatalogueKind,
  { path, key, removable, topic }: Place,
): readonly Operation[] {
  const one = `${path}/${key}`
  const fields = rowsOfKinds[kind]
  const params = Object.fromEntries(
    [...key.matchAll(/:(\w+)/g)].map(([, name]) => [name!, namedIn(fields, name!)]),
  )
  const about = { of: kind, topic }
  const row = rowOf(kind)
  const rows: Operation[] = [
    {
      ...{ ...about, at: `get ${path}`, id: 'catalogueList', query: listQuery },
      ...{ data: pageOf(row), refusals: ['FIELDS_INVALID'] },
      example: { query: { limit: '50' } },
    },
    {
      ...{ ...about, at: `post ${path}`, id: 'catalogueMake', body: fieldsOf[kind] },
      ...{ data: row, refusals: [...refused, 'ALREADY_EXISTS'], example: { body: fields } },
    },
    { ...about, at: `get ${one}`, id: 'catalogueRead', data: row, example: { params } },
    {
      ...{ ...about, at: `put ${one}`, id: 'catalogueChange', data: row },
      body: changeOf(fieldsOf[kind]),
      refusals: [...refused, 'STALE_VERSION'],
      example: { params, body: { version: 1, ...fields } },
    },
  ]
  if (removable) {
    rows.push({
      ...{ ...about, at: `del ${one}`, id: 'catalogueRemove', query: versionQuery },
      ...{ data: row.nullable(), refusals: ['STALE_VERSION'] },
      example: { params, query: { version: '1' } },
    })
  }
  return rows
}

const namedIn = (fields: Fields, name: string): string =>
  String(fields[name] ?? fields[`${name}_code`] ?? 1)

const report = z.object({
  kept: z.boolean(),
  counts: z.object({
    created: z.int(),
    changed: z.int(),
    unchanged: z.int(),
    refused: z.int(),
  }),
  lines: z.array(
    z.object({
      line: z.int(),
      result: z.enum(['created', 'changed', 'refused']),
      code: z.string().optional(),
      details: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
})

const cellOf = (value: unknown): string =>
  typeof value === 'object' ? `"${JSON.stringify(value).replaceAll('"', '""')}"` : String(value)

function asCsv(kind: CatalogueKind): readonly Operation[] {
  const fields = rowsOfKinds[kind]
  const lines = [Object.keys(fields).join(), Object.values(fields).map(cellOf).join()]
  const about = { of: kind, topic: 'catalogue' } as const
  return [
    {
      ...{ ...about, at: `get ${base}/csv/${kind}`, id: 'csvOut', query: exportQuery },
      ...{ told: { type: 'text/csv', shape: z.string() }, refusals: ['FIELDS_INVALID'] },
      example: {},
    },
    {
      ...{ ...about, at: `post ${base}/csv/${kind}`, id: 'csvIn', query: importQuery },
      ...{ body: z.string(), bodyType: 'text/csv', data: report, refusals: ['CSV_INVALID'] },
      example: { query: { dry_run: 'true' }, body: `${lines.join('\n')}\n` },
    },
  ]
}

const fields = z.record(z.string(), z.unknown())

const changed = z.object({
  id,
  startsAt: time,
  note: z.string(),
  state: z.enum(['scheduled', 'applied', 'cancelled']),
  changes: z.array(z.object({ op: priceChangeOp, rule: fields })),
  preview: fields,
  createdBy: z.string(),
  createdAt: time,
  closedBy: z.string().nullable(),
  closedAt: time.nullable(),
})

const asking = z.object({
  id,
  supplier: z.string(),
  askedAt: time,
  askedBy: z.string(),
  outcome: z.string(),
  reason: z.string().nullable(),
  counts: z.record(z.string(), z.int()),
  /** The first ones. */
  changes: z.array(fields),
  changesTotal: z.int(),
  decidedBy: z.string().nullable(),
  decidedAt: time.nullable(),
})

export const historyRow = z.object({
  ...{ id, at: time, who: z.string(), entity: z.string(), key: z.string() },
  before: fields.nullable(),
  after: fields.nullable(),
})

const preview = z.object({
  products: z.int(),
  levels: z.array(z.int()),
  users: z.int(),
  biggest: z.object({ product: z.string(), who: z.string(), from: rupiah, to: rupiah }).nullable(),
  appearing: z.int(),
  vanishing: z.int(),
  belowCost: z.int(),
  belowCostCodes: z.array(z.string()),
})

const changes = `${base}/price-changes`
const syncs = `${base}/price-syncs`
/** A price can be scheduled for a year ahead. */
const nextWeek = toIso(Date.now() + 7 * 86_400_000)
/** Adds a rule, or takes the place of the one for the same. */
export const changesExample = { changes: [{ op: 'put', rule }] }
const one = { params: { id: number } }
const some = { params: { id: '1' } }

const prices: readonly Operation[] = [
  {
    at: `post ${changes}/preview`,
    id: 'pricePreview',
    topic: 'prices',
    body: changesOf(changesBody),
    data: preview,
    refusals: refused,
    example: { body: changesExample },
  },
  {
    at: `post ${changes}`,
    id: 'priceSchedule',
    topic: 'prices',
    body: changesOf(scheduleBody),
    data: changed,
    refusals: [...refused, 'TIME_INVALID'],
    example: { body: { ...changesExample, starts_at: nextWeek, note: 'promo' } },
  },
  {
    at: `get ${changes}`,
    id: 'priceChanges',
    topic: 'prices',
    query: statesQuery,
    data: pageOf(changed),
    example: { query: { state: 'scheduled' } },
  },
  {
    at: `del ${changes}/:id`,
    id: 'priceCancel',
    topic: 'prices',
    ...one,
    refusals: ['ALREADY_DECIDED'],
    example: some,
  },
  {
    at: `post ${base}/suppliers/:code/sync`,
    id: 'syncPrices',
    topic: 'syncs',
    data: asking,
    refusals: ['SYNC_TOO_SOON', 'SYNC_UNSUPPORTED'],
    example: { params: { code: 'digiflazz' } },
  },
  {
    at: `get ${syncs}`,
    id: 'priceSyncs',
    topic: 'syncs',
    query: syncsQuery,
    data: pageOf(asking.omit({ changes: true })),
    example: { query: { supplier: 'digiflazz' } },
  },
  {
    at: `get ${syncs}/:id`,
    id: 'priceSync',
    topic: 'syncs',
    ...one,
    data: asking,
    example: some,
  },
  {
    at: `put ${syncs}/:id`,
    id: 'syncDecide',
    topic: 'syncs',
    ...one,
    body: decisionBody,
    data: z.object({ applied: z.int(), passed_over: z.int() }),
    refusals: ['ALREADY_DECIDED'],
    example: { ...some, body: { accept: true } },
  },
]

const history: Operation = {
  at: `get ${base}/catalogue-history` satisfies Door,
  id: 'catalogueHistory',
  topic: 'catalogue',
  query: historyQuery,
  data: pageOf(historyRow),
  example: { query: { kind: 'products' } },
}

export const catalogue: readonly Operation[] = [
  ...kinds.flatMap(([kind, key, removable]) =>
    ofKind(kind, { path: `${base}/${kind}`, key, removable, topic: 'catalogue' }),
  ),
  ...csvKinds.flatMap(asCsv),
  history,
  ...prices,
]
