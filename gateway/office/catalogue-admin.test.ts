import { deepEqual, equal, match } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Role } from '../../services/contract/identity.ts'
import { type Ask, keyCard, raw, Stage, send, signedHeaders, userId } from '../scripted.fixture.ts'
import { catalogueAdmin } from './catalogue-admin.route.ts'

const page = { ok: { rows: [{ code: 'XLD10', version: 3 }], next: 'WyJYTEQxMCJd' } }
const row = { ok: { code: 'XLD10', version: 4 } }
const report = {
  ok: { kept: false, counts: { created: 1, changed: 0, unchanged: 0, refused: 0 }, lines: [] },
}
const preview = {
  ...{ products: 1, levels: [0], users: 2, biggest: null, appearing: 0, vanishing: 0 },
  ...{ belowCost: 0, belowCostCodes: [] },
}
let role: Role = 'admin'
const stage = await Stage.open(
  {
    'identity.key': () => keyCard({ role }),
    'catalogueAdmin.list': () => page,
    'catalogueAdmin.get': () => row,
    'catalogueAdmin.create': () => row,
    'catalogueAdmin.change': () => row,
    'catalogueAdmin.remove': () => row,
    'catalogueAdmin.history': () => page,
    'catalogueAdmin.exportCsv': () => ({ ok: { text: 'code\r\nXLD10\r\n', next: 'abc' } }),
    'catalogueAdmin.importCsv': () => report,
    'catalogueAdmin.previewPrices': () => ({ ok: preview }),
    'catalogueAdmin.schedulePrices': () => row,
    'catalogueAdmin.priceChanges': () => page,
    'catalogueAdmin.cancelPrices': () => ({ ok: null }),
    'catalogueAdmin.syncPrices': () => row,
    'catalogueAdmin.priceSyncs': () => page,
    'catalogueAdmin.priceSync': () => row,
    'catalogueAdmin.decideSync': () => ({ ok: { applied: 2, passedOver: 1 } }),
  },
  { lines: [catalogueAdmin], limits: { keyFreshMs: 0 } },
)
after(() => stage.close())

const admin = '/api/v1/admin'
const ask = (
  method: string,
  path: string,
  body?: unknown,
): Promise<Awaited<ReturnType<typeof send>>> => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const what: Ask = {
    method,
    path: `${admin}${path}`,
    ...(body === undefined ? {} : { body: text }),
  }
  return send(stage, what)
}
const change = { op: 'put', rule: { scope: 'default', fixed: 1 } }
const reads = [
  ...['/products', '/brands', '/categories', '/suppliers', '/mappings', '/prefixes'],
  ...['/price-rules', '/products/XLD10', '/mappings/XLD10/north', '/price-rules/7'],
  ...['/csv/products', '/csv/mappings', '/csv/price-rules', '/catalogue-history'],
  ...['/csv/brands', '/csv/categories', '/csv/prefixes', '/csv/commission-rules'],
  ...['/price-changes', '/price-syncs', '/price-syncs/7'],
]
const writes: readonly [string, string, unknown?][] = [
  ['POST', '/products', { code: 'X' }],
  ['PUT', '/products/XLD10', { version: 3, active: false }],
  ['PUT', '/mappings/XLD10/north', { version: 3, cost: 1 }],
  ['DELETE', '/price-rules/7?version=3'],
  ['POST', '/csv/products', 'code\nX\n'],
  ['POST', '/csv/prefixes', 'prefix\n0878\n'],
  ['POST', '/price-changes/preview', { changes: [change] }],
  ['POST', '/price-changes', { changes: [change], starts_at: '2026-01-02T00:00:00+07:00' }],
  ['DELETE', '/price-changes/7'],
  ['POST', '/suppliers/north/sync', {}],
  ['PUT', '/price-syncs/7', { accept: true }],
]

test('catalogue admin: who may read and who may change: by role (KAN1)', async () => {
  for (const [who, readStatus, writeStatus] of [
    ['admin', 200, 200],
    ['finance', 200, 403],
    ['support', 200, 403],
    ['reseller', 403, 403],
  ] as const) {
    role = who
    for (const path of reads) equal((await ask('GET', path)).status, readStatus, `${who} ${path}`)
    for (const [method, path, body] of writes) {
      const { status, text } = await ask(method, path, body)
      equal(status, writeStatus, `${who} ${method} ${path} ${text}`)
    }
  }
  role = 'admin'
})

test('catalogue admin: a change: the version apart, who does it from the key (KAN2)', async () => {
  await ask('PUT', '/mappings/XLD10/north', { version: 3, cost: 9_900 })
  deepEqual(stage.askedOf('catalogueAdmin.change').at(-1), {
    ...{ kind: 'mappings', by: userId, key: ['XLD10', 'north'], version: 3 },
    fields: { cost: 9_900 },
  })
  for (const body of [{ cost: 1 }, { version: '3' }, { version: 0 }, []]) {
    const { status, body: told } = await ask('PUT', '/products/XLD10', body)
    deepEqual([status, told['error_code']], [400, 'VALIDATION_FAILED'])
  }
  equal((await ask('DELETE', '/price-rules/7')).status, 400)
  equal((await ask('DELETE', '/products/XLD10?version=3')).status, 405)
})

test('catalogue admin: lists: bounded, filters handed on, the cursor back (KAN3)', async () => {
  const { body } = await ask('GET', '/products?brand=XL&active=true&q=10&limit=5&cursor=abc')
  deepEqual(stage.askedOf('catalogueAdmin.list').at(-1), {
    ...{ kind: 'products', limit: 5, filters: { brand: 'XL', active: 'true' } },
    ...{ q: '10', cursor: 'abc' },
  })
  equal(body['data']!['next_cursor'] as unknown, 'WyJYTEQxMCJd')
  for (const query of ['limit=0', 'limit=201', 'limit=x', 'cursor=%20']) {
    equal((await ask('GET', `/products?${query}`)).status, 400)
  }
  await ask('GET', '/catalogue-history?kind=products&key=XLD10&cursor=9')
  deepEqual(stage.askedOf('catalogueAdmin.history').at(-1), {
    ...{ limit: 50, kind: 'products', key: 'XLD10', before: 9 },
  })
})

test('catalogue admin: files: text out with its cursor, text in as it came (KAN3)', async () => {
  const { text, headers } = await ask('GET', '/csv/products')
  equal(text, 'code\r\nXLD10\r\n')
  equal(headers.get('content-type'), 'text/csv; charset=utf-8')
  equal(headers.get('x-next-cursor'), 'abc')
  const { body } = await ask('POST', '/csv/products?dry_run=true', '\ufeffcode\nXÉ\n')
  equal(body['data']!['kept'] as unknown, false)
  deepEqual(stage.askedOf('catalogueAdmin.importCsv').at(-1), {
    ...{ kind: 'products', by: userId, text: '\ufeffcode\nXÉ\n', dryRun: true },
  })
  const latin = new Uint8Array([0x63, 0xe9, 0x0a])
  const bad = await send(stage, { method: 'POST', path: `${admin}/csv/products`, body: latin })
  equal(bad.body['error_code'] as unknown, 'CSV_INVALID')
})

test('catalogue admin: a refusal: keeps its code and details (KAN1)', async () => {
  stage.scripts['catalogueAdmin.change'] = () => ({
    ...{ refused: 'STALE_VERSION', details: { version: 9 }, moneyEffect: 'none' },
  })
  const { status, body } = await ask('PUT', '/products/XLD10', { version: 3 })
  deepEqual([status, body['error_code'], body['details']], [409, 'STALE_VERSION', { version: 9 }])
  equal((await ask('PUT', '/price-syncs/x', { accept: true })).status, 404)
})

test('catalogue admin: a file: up to eight megabytes, where everything else takes small bodies (GB3)', async () => {
  const file = 'x'.repeat(2 * 1024 * 1024)
  equal((await ask('POST', '/csv/products', file)).status, 200)
  equal(stage.askedOf('catalogueAdmin.importCsv').at(-1)?.['text'], file)
  equal((await ask('POST', '/csv/products', 'x'.repeat(8 * 1024 * 1024))).status, 200)
  const tooLarge = await ask('POST', '/csv/products', 'x'.repeat(8 * 1024 * 1024 + 1))
  deepEqual([tooLarge.status, tooLarge.body['error_code']], [413, 'BODY_TOO_LARGE'])
  equal((await ask('POST', '/products', file)).status, 413)
})

test('catalogue admin: more large files at once than there is room: told to come back (GB3)', async t => {
  let now = Date.now()
  const small = await Stage.open(
    { 'identity.key': () => keyCard({ role: 'admin' }), 'catalogueAdmin.importCsv': () => report },
    { lines: [catalogueAdmin], limits: { largeBodiesBytesMax: 300_000 }, now: () => now },
  )
  t.after(() => small.close())
  const path = `${admin}/csv/products`
  const body = 'x'.repeat(200_000)
  const what = { method: 'POST', path, body }
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: x',
    ...Object.entries(signedHeaders(what)).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.length}`,
    '\r\n',
  ].join('\r\n')
  const slow = raw(small, head + body.slice(0, 1_000), /BODY_TIMEOUT/)
  let told = await send(small, what)
  while (told.status === 200) told = await send(small, what)
  deepEqual([told.status, told.body['error_code']], [503, 'OVERLOADED'])
  equal((await send(small, { ...what, body: 'x'.repeat(60_000) })).status, 200)
  now += 8_000
  equal((await send(small, what)).status, 503)
  now += 60_000
  match(await slow, /408/)
  equal((await send(small, what)).status, 200)
})

test('catalogue admin: times: as RFC 3339 in history, price changes and price lists (KAN4)', async () => {
  const ms = Date.UTC(2026, 0, 2, 3, 4, 5)
  const timed = {
    ...{ id: 7, version: 1, at: ms, askedAt: ms, decidedAt: ms, startsAt: ms, createdAt: ms },
    ...{ closedAt: ms, changes: [{ at: 1 }], state: 'applied' },
  }
  const rows = () => ({ ok: { rows: [timed, { id: 6, closedAt: null }], next: null } })
  const own = await Stage.open(
    {
      'identity.key': () => keyCard({ role: 'admin' }),
      'catalogueAdmin.history': rows,
      'catalogueAdmin.priceChanges': rows,
      'catalogueAdmin.priceSyncs': rows,
      'catalogueAdmin.priceSync': () => ({ ok: timed }),
      'catalogueAdmin.syncPrices': () => ({ ok: timed }),
    },
    { lines: [catalogueAdmin] },
  )
  after(() => own.close())
  const iso = '2026-01-02T03:04:05.000Z'
  const told = {
    ...{ ...timed, at: iso, askedAt: iso, decidedAt: iso, startsAt: iso, createdAt: iso },
    closedAt: iso,
  }
  for (const path of ['catalogue-history', 'price-changes', 'price-syncs']) {
    const { body } = await send(own, { path: `${admin}/${path}` })
    deepEqual(body['data']!['rows'], [told, { id: 6, closedAt: null }], path)
  }
  deepEqual((await send(own, { path: `${admin}/price-syncs/7` })).body['data'], told)
  const synced = await send(own, { method: 'POST', path: `${admin}/suppliers/a/sync`, body: '{}' })
  deepEqual(synced.body['data'], told)
})
