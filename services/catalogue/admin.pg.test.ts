import { deepEqual, equal, match } from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { followChanges } from '../../sql/changes.ts'
import { openDatabase } from '../../sql/database.ts'
import type { Answer } from '../contract/answer.ts'
import type { CatalogueKind } from '../contract/catalogue.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { adapters } from '../supplier/adapters.ts'
import { supplierPurpose } from '../supplier/directory.ts'
import { type AdminDeps, change, create, history, list, read, remove } from './admin.ts'
import { exportCsv, importCsv, linesMax } from './admin-csv.ts'
import { quote } from './book.ts'
import { makeShelf } from './shelf.ts'
import { bookSource } from './source.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const changes = await followChanges(database.url)
const seal = makeSeal(newMasterKey())
const deps: AdminDeps = { db, seal, adapters }
const shelf = await makeShelf({ source: bookSource(db), changes })
const client = await db.connect()
after(async () => {
  await shelf.stop()
  await changes.stop()
  await client.end()
  await db.end()
  await database.drop()
})

const by = 'keeper-1'

function ok<T>(answer: Answer<T>): T {
  if (!('ok' in answer)) throw new Error(JSON.stringify(answer))
  return answer.ok
}

const refusal = (answer: Answer<unknown>) => ('refused' in answer ? answer.refused : null)
const fieldsIn = (answer: Answer<unknown>) =>
  'refused' in answer
    ? (answer.details?.['fields'] as { field: string }[] | undefined)?.map(({ field }) => field)
    : null
const make = (kind: CatalogueKind, fields: Record<string, unknown>) =>
  create(deps, { kind, by, fields })
const edit = (
  kind: CatalogueKind,
  key: string[],
  version: number,
  fields: Record<string, unknown>,
) => change(deps, { kind, by, key, version, fields })

const secret = { username: 'u', apiKey: 'a very secret key', webhookSecret: 'w' }
const supplier = {
  code: 'north',
  name: 'North',
  adapter: 'digiflazz',
  base_url: 'http://127.0.0.1:1',
  credentials: secret,
}

test('admin: from nothing to a price: each row made here, the book follows (KA3)', async () => {
  ok(await make('brands', { name: 'XL' }))
  ok(await make('categories', { name: 'Pulsa' }))
  const product = ok(
    await make('products', { code: 'xld10', name: 'XL 10.000', category: 'Pulsa', brand: 'XL' }),
  )
  deepEqual([product['code'], product['version'], product['time_zone']], ['XLD10', 1, 'WIB'])
  ok(await make('suppliers', supplier))
  ok(
    await make('mappings', {
      product_code: 'XLD10',
      supplier_code: 'north',
      sku: 'xl10',
      cost: 10_000,
    }),
  )
  ok(await make('prefixes', { prefix: '0878', brand: 'XL' }))
  ok(await make('price-rules', { scope: 'default', fixed: 500 }))
  const price = () => {
    const order = { code: 'XLD10', level: 0, destination: '087800001230', nowMs: Date.now() }
    const answer = quote(shelf.book(), order)
    return 'refused' in answer ? answer.refused : answer.price
  }
  while (price() !== 10_500) await shelf.nextVersion()
  equal(refusal(await make('products', { ...product, code: 'xLd10' })), 'ALREADY_EXISTS')
  equal(refusal(await make('brands', { name: 'xl' })), 'ALREADY_EXISTS')
})

test('admin: two hands on one row: the second is told, and nothing is lost (KA1)', async () => {
  const key = ['XLD10']
  const { version } = ok(await read(deps, { kind: 'products', key })) as { version: number }
  const answers = await Promise.all([
    edit('products', key, version, { name: 'First' }),
    edit('products', key, version, { name: 'Second' }),
  ])
  deepEqual(answers.map(refusal).sort(), ['STALE_VERSION', null].sort())
  const now = ok(await read(deps, { kind: 'products', key }))
  equal(now['version'], version + 1)
  equal(refusal(await edit('products', key, version, { active: false })), 'STALE_VERSION')
  equal(refusal(await edit('products', ['NONE'], 1, {})), 'NOT_FOUND')
})

test('admin: a change of nothing: no version, no history (KA2)', async () => {
  const key = ['XLD10']
  const before = ok(await read(deps, { kind: 'products', key }))
  const said = { kind: 'products', key: 'XLD10', limit: 50 } as const
  const entries = ok(await history(deps, said)).rows.length
  const after = ok(
    await edit('products', key, before['version'] as number, { name: before['name'] }),
  )
  deepEqual(after, before)
  equal(ok(await history(deps, said)).rows.length, entries)
})

test('admin: the same stock again: counts from then on, and the row stays as it was (KA8)', async () => {
  const key = ['XLD10', 'north']
  const sinceOf = async () =>
    (await client.query('select since::text, used::int from stock_count')).rows.map(row => [
      ...[row.since, row.used],
    ])
  const first = ok(await read(deps, { kind: 'mappings', key }))
  const counted = ok(await edit('mappings', key, first['version'] as number, { stock: 37 }))
  await client.query('update stock_count set used = 30')
  const before = await sinceOf()
  equal(before[0]?.[1], 30)
  ok(await edit('mappings', key, counted['version'] as number, { priority: 50, stock: 37 }))
  deepEqual(await sinceOf(), before)
  const now = ok(await read(deps, { kind: 'mappings', key }))
  const same = ok(await edit('mappings', key, now['version'] as number, { stock: 37 }))
  deepEqual(same, now)
  const [after] = await sinceOf()
  deepEqual([after?.[1], after?.[0] === before[0]?.[0]], [0, false])
  ok(await edit('mappings', key, now['version'] as number, { stock: null, priority: 100 }))
  deepEqual(await sinceOf(), [])
})

test('admin: history: who, when, what it was and what it is; newest first (KA1) (KAD1)', async () => {
  const key = ['XLD10']
  const { version } = ok(await read(deps, { kind: 'products', key })) as { version: number }
  ok(await edit('products', key, version, { multi: true }))
  const { rows } = ok(await history(deps, { kind: 'products', key: 'XLD10', limit: 1 }))
  const [entry] = rows as { who: string; at: number; before: object; after: object }[]
  equal(entry!.who, by)
  equal(entry!.at > Date.UTC(2020), true)
  deepEqual(
    [entry!.before, entry!.after].map(row => (row as { multi: boolean }).multi),
    [false, true],
  )
  await client.query(`update product set multi = false where code = 'XLD10'`)
  const newest = ok(await history(deps, { kind: 'products', key: 'XLD10', limit: 1 })).rows[0]!
  equal(newest['who'], 'system')
})

test('admin: credentials: sealed, replaced, never told anywhere (KA4) (KAD2)', async () => {
  const seen = async () => {
    const rows = (await client.query(`select credentials from supplier where code = 'north'`)).rows
    return JSON.parse(seal.open(rows[0].credentials, supplierPurpose('north')))
  }
  deepEqual(await seen(), secret)
  const { version } = ok(await read(deps, { kind: 'suppliers', key: ['north'] })) as never
  const changed = { ...secret, apiKey: 'another secret key' }
  const row = ok(await edit('suppliers', ['north'], version, { credentials: changed }))
  deepEqual(await seen(), changed)
  equal(row['version'], (version as number) + 1)
  const told = JSON.stringify([
    row,
    await list(deps, { kind: 'suppliers', filters: {}, limit: 10 }),
    await history(deps, { kind: 'suppliers', limit: 10 }),
  ])
  equal(/secret key|credentials":\s*"|s1\./.test(told), false)
  match(told, /credentials_changed/)
  const short = { credentials: { username: 'u' } }
  deepEqual(fieldsIn(await make('suppliers', { ...supplier, code: 'south', ...short })), [
    'credentials.apiKey',
    'credentials.webhookSecret',
  ])
  const strange = { ...supplier, code: 'south', adapter: 'carrier-pigeon' }
  deepEqual(fieldsIn(await make('suppliers', strange)), ['adapter'])
})

test('admin: a supplier asked again too soon: refused, on create and on change (KA7)', async () => {
  const hasty = { ...supplier, code: 'hasty', recheck_after_ms: 59_999 }
  deepEqual(fieldsIn(await make('suppliers', hasty)), ['recheck_after_ms'])
  const { version } = ok(await read(deps, { kind: 'suppliers', key: ['north'] })) as never
  const sooner = await edit('suppliers', ['north'], version, { recheck_after_ms: 5_000 })
  deepEqual(fieldsIn(sooner), ['recheck_after_ms'])
  ok(await edit('suppliers', ['north'], version, { recheck_after_ms: 90_000 }))
})

test('admin: a supplier that counts requests: a rate, none by default, never zero', async () => {
  const { version, rate_per_min } = ok(
    await read(deps, { kind: 'suppliers', key: ['north'] }),
  ) as never
  equal(rate_per_min, null)
  const none = await edit('suppliers', ['north'], version, { rate_per_min: 0 })
  deepEqual(fieldsIn(none), ['rate_per_min'])
  const row = ok(await edit('suppliers', ['north'], version, { rate_per_min: 90 })) as never
  deepEqual([row['rate_per_min'], row['version']], [90, version + 1])
  const free = ok(
    await edit('suppliers', ['north'], row['version'], { rate_per_min: null }),
  ) as never
  equal(free['rate_per_min'], null)
})

test('admin: fields that can not be right: named, and nothing is written (KAE1) (KA6)', async () => {
  const bad = {
    code: 'a b',
    name: '',
    category: 'Pulsa',
    cut_off_start: '25:00',
    cut_off_end: '01:00',
    twin_minutes: -1,
  }
  deepEqual(fieldsIn(await make('products', bad)), [
    'code',
    'name',
    'cut_off_start',
    'twin_minutes',
  ])
  const half = { code: 'HALF', name: 'Half', category: 'Pulsa', cut_off_start: '23:00' }
  deepEqual(fieldsIn(await make('products', half)), ['cut_off_end'])
  const tiers = [
    { up_to: 100, fixed: 1 },
    { up_to: 50, fixed: 2 },
  ]
  deepEqual(fieldsIn(await make('price-rules', { scope: 'default', level: 1, tiers })), ['tiers'])
  const rows = await client.query(`select count(*)::int as n from product where code <> 'XLD10'`)
  equal(rows.rows[0].n, 0)
})

test('admin: what a row names must exist, whatever the case (KAE2)', async () => {
  const product = { code: 'NEW', name: 'New', category: 'Pulsa', brand: 'NOBODY' }
  equal(refusal(await make('products', product)), 'REFERENCE_UNKNOWN')
  const mapping = { product_code: 'XLD10', supplier_code: 'nobody', sku: 'x', cost: 1 }
  equal(refusal(await make('mappings', mapping)), 'REFERENCE_UNKNOWN')
  const stranger = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e880'
  for (const rule of [
    { scope: 'product', target: 'NONE' },
    { scope: 'category', target: 'None' },
    { scope: 'default', user_id: stranger },
  ]) {
    equal(refusal(await make('price-rules', { fixed: 1, ...rule })), 'REFERENCE_UNKNOWN')
  }
  ok(await make('price-rules', { scope: 'category', target: 'pulsa', percent_bp: 10 }))
})

test('admin: rules and prefixes: taken out with the version that was seen (KA1)', async () => {
  const { rows } = ok(
    await list(deps, { kind: 'price-rules', filters: { scope: 'category' }, limit: 5 }),
  )
  const [{ id }] = rows as [{ id: number }]
  const what = { kind: 'price-rules', by, key: [String(id)] } as const
  equal(refusal(await remove(deps, { ...what, version: 9 })), 'STALE_VERSION')
  equal(ok(await remove(deps, { ...what, version: 1 }))['id'], id)
  equal(refusal(await remove(deps, { ...what, version: 1 })), 'NOT_FOUND')
  const product = { kind: 'products', by, key: ['XLD10'], version: 1 } as const
  equal(refusal(await remove(deps, product)), 'NOT_FOUND')
})

test('admin: lists: pages without gaps or doubles, filters, search (KA5)', async () => {
  ok(await make('categories', { name: 'Data' }))
  for (let n = 0; n < 7; n++) {
    const category = n % 2 === 0 ? 'Data' : 'Pulsa'
    ok(await make('products', { code: `P${n}`, name: `Page ${n}%`, category }))
  }
  const seen: unknown[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const at: { cursor?: string } = cursor === '' ? {} : { cursor }
    const page: Awaited<ReturnType<typeof list>> = await list(deps, {
      ...{ kind: 'products', filters: {}, limit: 3 },
      ...at,
    })
    seen.push(...ok(page).rows.map(row => row['code']))
    cursor = ok(page).next
  }
  deepEqual(seen, ['P0', 'P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'XLD10'])
  const narrowed = async (filters: Record<string, string>, q?: string) =>
    ok(await list(deps, { kind: 'products', filters, limit: 50, ...(q ? { q } : {}) })).rows.length
  equal(await narrowed({ category: 'Data' }), 4)
  equal(await narrowed({ category: 'Data', active: 'false' }), 0)
  equal(await narrowed({}, '3%'), 1)
  equal(await narrowed({}, 'x%l'), 0)
  for (const filters of [{ credentials: 'x' }, { active: 'maybe' }]) {
    const asked = { kind: 'products', filters, limit: 5 } as never
    equal(refusal(await list(deps, asked)), 'FIELDS_INVALID')
  }
  const forged = { kind: 'products', filters: {}, limit: 5, cursor: 'W3t9XQ' } as const
  equal(refusal(await list(deps, forged)), 'FIELDS_INVALID')
})

test('admin csv: out and in again: the same rows, nothing to change (KAG3) (KAG5)', async () => {
  ok(await make('prefixes', { prefix: '0899', valid_from: '2026-03-01T00:00:00+07:00' }))
  const shares = [{ percent_bp: 500 }, { fixed: 25 }]
  ok(await make('commission-rules', { scope: 'default', levels: shares, depth: 7 }))
  for (const kind of [
    ...(['products', 'brands', 'categories', 'suppliers', 'mappings', 'prefixes'] as const),
    ...(['price-rules', 'commission-rules'] as const),
  ]) {
    const { text, next } = ok(await exportCsv(deps, { kind }))
    equal(next, null)
    const report = ok(await importCsv(deps, { kind, by, text: `\ufeff${text}`, dryRun: false }))
    deepEqual([report.kept, report.lines], [true, []])
    equal(report.counts.unchanged > 0, true)
  }
})

test('admin csv: prefixes and rules of commission: a cell each, known by their names (KAG3)', async () => {
  const put = async (kind: CatalogueKind, text: string) =>
    ok(await importCsv(deps, { kind, by, text, dryRun: false }))
  const prefixes = 'prefix,valid_from\n0897,\n0897,2026-03-01T00:00:00+07:00\n'
  equal((await put('prefixes', prefixes)).counts.created, 2)
  equal((await put('prefixes', 'prefix\n0897\n')).counts.unchanged, 1)
  const unreadable = await put('prefixes', 'prefix,valid_from\n0897,soon\n')
  deepEqual(unreadable.lines[0]?.code, 'FIELDS_INVALID')
  const rules = 'scope,target,levels,depth\ncategory,Data,"[{""fixed"":50}]",\n'
  equal((await put('commission-rules', rules)).counts.created, 1)
  const deeper = await put('commission-rules', rules.replace('",', '",3'))
  deepEqual([deeper.kept, deeper.lines[0]?.result], [true, 'changed'])
  const [rule] = ok(
    await list(deps, { kind: 'commission-rules', filters: { scope: 'category' }, limit: 5 }),
  ).rows
  deepEqual([rule?.['levels'], rule?.['depth']], [[{ fixed: 50, percent_bp: 0 }], 3])
})

test('admin: credentials: another name at a supplier is noted, a new key is not (SACC1)', async () => {
  const since = async () =>
    (await client.query(`select account_since from supplier where code = 'north'`)).rows[0]
      .account_since as Date | null
  const change = async (fields: Record<string, unknown>) => {
    const { version } = ok(await read(deps, { kind: 'suppliers', key: ['north'] })) as never
    return ok(await edit('suppliers', ['north'], version, fields))
  }
  await client.query(`update supplier set account_since = null where code = 'north'`)
  await change({ credentials: { ...secret, apiKey: 'a key of today' } })
  await change({ name: 'North by another word' })
  equal(await since(), null)
  await change({ credentials: { ...secret, username: 'somebody else' } })
  const moved = await since()
  equal(moved instanceof Date, true)
  await change({ credentials: { ...secret, username: 'somebody else', apiKey: 'of tomorrow' } })
  deepEqual(await since(), moved)
  // By hand nobody says that it is the same.
  await client.query(`update supplier set credentials = credentials || ' ' where code = 'north'`)
  equal((await since())! > moved!, true)
  const { row } = { row: await change({ credentials: secret }) }
  equal(JSON.stringify(row).includes('somebody'), false)
})

test('admin csv: suppliers: their keys come in and never go out (KAG6)', async () => {
  const put = async (text: string) =>
    ok(await importCsv(deps, { kind: 'suppliers', by, text, dryRun: false }))
  const key = (code: string) =>
    client
      .query('select credentials from supplier where code = $1', [code])
      .then(({ rows }) => JSON.parse(seal.open(rows[0].credentials, supplierPurpose(code))))
  const cell = `"${JSON.stringify(secret).replaceAll('"', '""')}"`
  const head = 'code,name,adapter,base_url,rate_per_min,callback_ips,credentials\n'
  const line = 'east,East,digiflazz,http://127.0.0.1:2,60,,'
  const keyless = await put(`${head}${line}\n`)
  deepEqual(keyless.lines[0]?.details?.['fields'], [
    { field: 'credentials.username', problem: 'missing' },
    { field: 'credentials.apiKey', problem: 'missing' },
    { field: 'credentials.webhookSecret', problem: 'missing' },
  ])
  equal((await put(`${head}${line}${cell}\n`)).counts.created, 1)
  const { text } = ok(await exportCsv(deps, { kind: 'suppliers' }))
  equal(/credentials|very secret/.test(text), false)
  const out = text.split('\r\n').find(one => one.startsWith('east,'))!
  const again = await put(`${text.split('\r\n')[0]}\n${out.replace(',60,', ',,')}\n`)
  deepEqual([again.kept, again.counts.changed], [true, 1])
  const { rate_per_min } = ok(await read(deps, { kind: 'suppliers', key: ['east'] }))
  deepEqual([rate_per_min, await key('east')], [null, secret])
  const strange = await importCsv(deps, {
    ...{ kind: 'products', by, dryRun: true },
    text: 'code,credentials\nXLD10,{}\n',
  })
  equal(refusal(strange), 'CSV_INVALID')
})

test('admin csv: a file with one bad line: told line by line, none kept (KAG1) (KAG2)', async () => {
  const text = [
    'code,name,category,active',
    'P0,"Page, renamed",Data,true',
    'P1,Page 1%,Pulsa,perhaps',
    'Q1,New one,Nowhere,true',
    'Q2,New two,Data,',
    '',
  ].join('\r\n')
  const put = (body: string, dryRun = false) =>
    importCsv(deps, { kind: 'products', by, text: body, dryRun })
  const report = ok(await put(text))
  equal(report.kept, false)
  deepEqual(
    report.lines.map(({ line, result, code }) => [line, result, code]),
    [
      [2, 'changed', undefined],
      [3, 'refused', 'FIELDS_INVALID'],
      [4, 'refused', 'REFERENCE_UNKNOWN'],
      [5, 'created', undefined],
    ],
  )
  const nameOf = async (code: string) => {
    const answer = await read(deps, { kind: 'products', key: [code] })
    return 'ok' in answer ? answer.ok['name'] : null
  }
  deepEqual([await nameOf('P0'), await nameOf('Q2')], ['Page 0%', null])

  const good = text
    .split('\r\n')
    .filter((_, n) => n !== 2 && n !== 3)
    .join('\n')
  const dry = ok(await put(good, true))
  deepEqual([dry.kept, dry.counts], [false, { created: 1, changed: 1, unchanged: 0, refused: 0 }])
  equal(await nameOf('Q2'), null)
  equal(ok(await put(good)).kept, true)
  deepEqual([await nameOf('P0'), await nameOf('Q2')], ['Page, renamed', 'New two'])
})

test('admin csv: versions, missing and unknown columns, too much (KAG3) (KAG4) (KAG5)', async () => {
  const put = (text: string) => importCsv(deps, { kind: 'products', by, text, dryRun: false })
  const stale = ok(await put('code,name,version\nP0,Again,1\n'))
  deepEqual(stale.lines[0]?.code, 'STALE_VERSION')
  const category = async () => ok(await read(deps, { kind: 'products', key: ['P0'] }))['category']
  ok(await put('code,name,version\nP0,Again,2\n'))
  equal(await category(), 'Data')
  for (const text of [
    '',
    'code,colour\nP0,red\n',
    'name\nX\n',
    'code,code\na,b\n',
    'code\n"open',
  ]) {
    equal(refusal(await put(text)), 'CSV_INVALID')
  }
  const long = `code\n${'P0\n'.repeat(linesMax + 1)}`
  equal(refusal(await put(long)), 'CSV_INVALID')
})

test('admin csv: a large file: in parts, all or nothing, a name twice meets itself (RSL2)', async () => {
  const put = (rows: readonly string[], dryRun = false) => {
    const text = ['code,name,category', ...rows].join('\n')
    return importCsv(deps, { kind: 'products', by, text, dryRun })
  }
  const rows = Array.from({ length: 1_200 }, (_, n) => `BIG${n},Product ${n},Data`)
  const count = async () =>
    (await client.query(`select count(*)::int as n from product where code like 'BIG%'`)).rows[0].n
  const bad = ok(await put([...rows, 'BIGX,One more,Nowhere']))
  deepEqual([bad.kept, bad.counts.created, bad.counts.refused, await count()], [false, 1_200, 1, 0])
  const twice = ok(
    await put([...rows, 'BIG0,Other,Data', 'BIG1199,Last,Data', 'BIG1199,Last,Data']),
  )
  deepEqual(
    [twice.kept, twice.counts],
    [true, { created: 1_200, changed: 2, unchanged: 1, refused: 0 }],
  )
  equal(await count(), 1_200)
  const again = ok(await put(rows.slice(1, -1)))
  deepEqual(again.counts, { created: 0, changed: 0, unchanged: 1_198, refused: 0 })
  const odd = ok(
    await importCsv(deps, {
      ...{ kind: 'price-rules', by, dryRun: true },
      text: 'level,scope,fixed\n99999,default,1\n',
    }),
  )
  deepEqual([odd.kept, odd.lines[0]?.code], [false, 'FIELDS_INVALID'])
})
