import { deepEqual, equal, match } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { startSandbox } from '../../deploy/sandbox-process.ts'
import { testDatabase } from '../../deploy/testing/database.ts'
import { openDatabase } from '../../sql/database.ts'
import { addCatalogue } from '../../sql/topup/catalogue.ts'
import type { Answer } from '../contract/answer.ts'
import { catalogue, mappingRow, productRow } from './rows.fixture.ts'
import {
  decideSync,
  listSyncs,
  readOneSync,
  type SyncDeps,
  type SyncSupplier,
  syncDue,
  syncPrices,
} from './sync-run.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const client = await db.connect()
const folder = mkdtempSync(join(tmpdir(), 'laju-sync-'))
const sandbox = await startSandbox(0, folder)
const base = `${sandbox.url}/digiflazz/v1`
after(async () => {
  await sandbox.stop()
  rmSync(folder, { recursive: true })
  await client.end()
  await db.end()
  await database.drop()
})

async function tell(path: string, body: object): Promise<void> {
  const answer = await fetch(`${sandbox.url}/_sandbox/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ party: 'digiflazz', ...body }),
  })
  equal(answer.ok, true, await answer.text())
}
await tell('faults', { latency: 0 })
await tell('accounts', { username: 'user', api_key: 'key' })

const credentials = { username: 'user', apiKey: 'key' }
const access = (name = 'digiflazz', baseUrl = base): SyncSupplier => {
  return { adapter: { card: { name } }, baseUrl, credentials }
}
let supplierOf: SyncDeps['supplierOf'] = () => access()
const deps: SyncDeps = { db, supplierOf: code => supplierOf(code) }

/** What the sandbox sells them at. */
const sold = { TSEL5: 5_350, TSEL10: 10_350, XLD10: 10_500, PLN20: 20_250, DANA20: 20_150 }
await addCatalogue(db.pool, {
  ...catalogue({
    products: Object.keys(sold).map(code => productRow(code)),
    mappings: Object.entries(sold).map(([code, cost]) =>
      mappingRow(code, 'a', { cost, sku: code.toLowerCase() }),
    ),
  }),
  suppliers: [
    {
      ...{ code: 'a', name: 'a', adapter: 'digiflazz', baseUrl: base, credentials: '' },
      ...{ timeoutMs: 1, maxInFlight: 1, recheckAfterMs: 1, active: true },
    },
  ],
})

beforeEach(async () => {
  supplierOf = () => access()
  await client.query('truncate price_sync, catalogue_history')
  await client.query(`update supplier set sync_minutes = 0`)
  for (const [code, cost] of Object.entries(sold)) {
    await client.query(
      `update mapping set cost = $2, stock = null, supplied = true, active = true,
              sku = lower(product_code) where product_code = $1`,
      [code, cost],
    )
  }
  await client.query('truncate catalogue_history')
})

function ok<T>(answer: Answer<T>): T {
  if (!('ok' in answer)) throw new Error(JSON.stringify(answer))
  return answer.ok
}
const refusal = (answer: Answer<unknown>) => ('refused' in answer ? answer.refused : null)
const sync = async () => ok(await syncPrices(deps, { supplier: 'a', by: 'keeper' }))
const later = () => client.query(`update price_sync set asked_at = asked_at - interval '6 min'`)
const costOf = async (code: string) =>
  (await client.query('select cost, supplied, active from mapping where product_code = $1', [code]))
    .rows[0]

test('sync run: nothing new: said so, nothing written (KAL3)', async () => {
  const told = await sync()
  deepEqual([told['outcome'], told['changesTotal']], ['unchanged', 0])
  equal((await client.query('select 1 from catalogue_history')).rowCount, 0)
})

test('sync run: a calm list: applied, in the history by supplier (KAL3)', async () => {
  await client.query(`update mapping set cost = cost + 50 where product_code = 'XLD10'`)
  await client.query(`update mapping set active = false where product_code = 'TSEL5'`)
  await client.query('truncate catalogue_history')
  const told = await sync()
  deepEqual([told['outcome'], told['changesTotal'], told['askedBy']], ['applied', 1, 'keeper'])
  equal((await costOf('XLD10')).cost, 10_500)
  equal((await costOf('TSEL5')).active, false)
  const { rows } = await client.query('select who, key, before, after from catalogue_history')
  deepEqual(
    rows.map(row => [row.who, row.key, row.before.cost, row.after.cost]),
    [['sync:a', 'XLD10 a', 10_550, 10_500]],
  )
})

test('sync run: a sku that the supplier does not list: not supplied any more (KAL3)', async () => {
  await client.query(`update mapping set sku = 'gone' where product_code = 'XLD10'`)
  equal((await sync())['outcome'], 'applied')
  equal((await costOf('XLD10')).supplied, false)
})

test('sync run: a wild list: kept as a proposal; accepted, it is applied (KAL4)', async () => {
  await client.query(`update mapping set cost = cost / 2`)
  const told = await sync()
  equal(told['outcome'], 'proposed')
  match(String(told['reason']), /^5 dari 5 harga/)
  equal((await costOf('XLD10')).cost, 5_250)
  await client.query(`update mapping set cost = 7000 where product_code = 'DANA20'`)
  const what = { id: told['id'] as number, accept: true, by: 'boss' }
  deepEqual(ok(await decideSync(deps, what)), { applied: 4, passedOver: 1 })
  deepEqual([(await costOf('XLD10')).cost, (await costOf('DANA20')).cost], [10_500, 7_000])
  equal(refusal(await decideSync(deps, what)), 'ALREADY_DECIDED')
  equal(refusal(await decideSync(deps, { ...what, id: 999_999 })), 'NOT_FOUND')
  const one = ok(await readOneSync(deps, { id: what.id }))
  deepEqual([one['outcome'], one['decidedBy']], ['accepted', 'boss'])
  const who = await client.query(`select distinct who from catalogue_history where who <> 'system'`)
  deepEqual(who.rows, [{ who: 'boss' }])
})

test('sync run: a proposal that is rejected, or overtaken: changes nothing (KAL4)', async () => {
  await client.query(`update mapping set cost = cost / 2`)
  const first = await sync()
  await later()
  const second = await sync()
  const { rows } = ok(await listSyncs(deps, { supplier: 'a', limit: 10 }))
  deepEqual(
    rows.map(row => [row['id'], row['outcome'], row['changesTotal']]),
    [
      [second['id'], 'proposed', 5],
      [first['id'], 'superseded', 5],
    ],
  )
  const what = { id: second['id'] as number, accept: false, by: 'boss' }
  deepEqual(ok(await decideSync(deps, what)), { applied: 0, passedOver: 0 })
  equal((await costOf('XLD10')).cost, 5_250)
})

test('sync run: five at once: one asks, the others are told to wait (KAL1)', async () => {
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => syncPrices(deps, { supplier: 'a', by: 'keeper' })),
  )
  deepEqual(answers.map(refusal).filter(code => code === 'SYNC_TOO_SOON').length, 4)
  await later()
  equal((await sync())['outcome'], 'unchanged')
})

test('sync run: rc 83, a supplier out of reach: failed with the reason (KAL2)', async () => {
  await tell('faults', { latency: 0, strict: true })
  await sync()
  await later()
  await client.query(`update mapping set cost = 1 where product_code = 'XLD10'`)
  const often = await sync()
  deepEqual([often['outcome'], often['reason']], ['failed', 'too_often'])
  await tell('faults', { latency: 0 })
  await later()
  supplierOf = () => access('digiflazz', 'http://127.0.0.1:1')
  deepEqual((await sync())['reason'], 'unreachable')
  equal((await costOf('XLD10')).cost, 1)
})

test('sync run: a stock that is listed again: counts anew, the same number too; a wild list says none (KAJ5)', async t => {
  const skus = Object.entries(sold).map(([code, cost]) => ({ code, cost, stock: 37 }))
  let list = skus
  const server = createServer((_, response) => {
    const data = list.map(({ code, cost, stock }) => ({
      ...{ buyer_sku_code: code.toLowerCase(), price: cost, unlimited_stock: false, stock },
      ...{ buyer_product_status: true, seller_product_status: true },
    }))
    response.end(JSON.stringify({ data }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  supplierOf = () => access('digiflazz', `http://127.0.0.1:${port}`)
  const used = async () => {
    const { rows } = await client.query(
      `select used::int from stock_count where product_code = 'XLD10'`,
    )
    return rows[0]?.used
  }
  const outcome = async () => {
    await later()
    await client.query('update stock_count set used = 30')
    const told = await sync()
    return [told['outcome'], await used()]
  }
  deepEqual(await outcome(), ['applied', 0])
  deepEqual(await outcome(), ['unchanged', 0])
  list = skus.map(one => (one.code === 'XLD10' ? { ...one, stock: 5 } : one))
  deepEqual(await outcome(), ['applied', 0])
  list = list.map(one => ({ ...one, cost: one.cost * 2 }))
  deepEqual(await outcome(), ['proposed', 30])
})

test('sync run: an answer that never ends, or is too long: no list (KAL2) (KAL5)', async () => {
  let body = ''
  const server = createServer((_, response) => {
    response.writeHead(200)
    if (body === '') response.write('{"data":')
    else response.end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  supplierOf = () => access('digiflazz', `http://127.0.0.1:${port}`)
  const reason = async (bound: Partial<SyncDeps>) =>
    ok(await syncPrices({ ...deps, ...bound }, { supplier: 'a', by: 'keeper' }))['reason']
  equal(await reason({ askMsMax: 50 }), 'unreachable')
  await later()
  body = `{"data":[${' '.repeat(2_000)}]}`
  equal(await reason({ listBytesMax: 1_000 }), 'too_long')
  await later()
  body = ''
  const stopping = new AbortController()
  server.once('request', () => stopping.abort())
  const asked = syncPrices({ ...deps, stopping: stopping.signal }, { supplier: 'a', by: 'keeper' })
  equal(ok(await asked)['reason'], 'unreachable')
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

test('sync run: an adapter without price lists, a supplier nobody knows: refused (KAL2)', async () => {
  supplierOf = code => (code === 'a' ? access('other') : undefined)
  const ask = (supplier: string) => syncPrices(deps, { supplier, by: 'keeper' })
  equal(refusal(await ask('a')), 'SYNC_UNSUPPORTED')
  equal(refusal(await ask('b')), 'NOT_FOUND')
})

test('sync run: by itself: those that want it, when their time has come (KAL1)', async () => {
  equal(await syncDue(deps), 0)
  await client.query('update supplier set sync_minutes = 30')
  equal(await syncDue(deps), 1)
  equal(await syncDue(deps), 0)
  await later()
  equal(await syncDue(deps), 0)
  await client.query(`update price_sync set asked_at = asked_at - interval '30 min'`)
  equal(await syncDue(deps), 1)
})

test('sync run: the lists of VIP and Atlantic: through the same guard and history (RSG2, KAL3)', async () => {
  for (const [party, name, skus] of [
    ['vip', 'vip', { XLD10: 'xld10', TSEL5: 'game/tsel5' }],
    ['atlantic', 'atlantic', { XLD10: 'xld10', TSEL5: 'tsel5' }],
  ] as const) {
    await tell('faults', { party, latency: 0 })
    await tell('accounts', { party, username: 'id', api_key: `${party}-key` })
    await client.query(`delete from mapping where not product_code = any($1)`, [Object.keys(skus)])
    for (const [code, sku] of Object.entries(skus)) {
      await client.query('update mapping set sku = $2 where product_code = $1', [code, sku])
    }
    const base = `${sandbox.url}/${party}`
    const key = `${party}-key`
    const credentials = { apiId: 'id', apiKey: key, username: 'id', level: 'special' }
    supplierOf = () => ({ adapter: { card: { name } }, baseUrl: base, credentials })
    await client.query('truncate price_sync')
    const first = await sync()
    deepEqual([first['outcome'], first['reason']], ['applied', null], party)
    equal((first['counts'] as { mapped: number; off: number }).off, 0)
    const cost = (await costOf('XLD10')).cost
    await later()
    equal((await sync())['outcome'], 'unchanged', party)

    await client.query(`update mapping set cost = cost * 2`)
    await later()
    equal((await sync())['outcome'], 'proposed', party)
    await later()
    await client.query(`update mapping set cost = cost / 2`)
    await client.query(`update mapping set cost = cost + 5 where product_code = 'XLD10'`)
    await client.query('truncate catalogue_history')
    equal((await sync())['outcome'], 'applied', party)
    equal((await costOf('XLD10')).cost, cost)
    const { rows } = await client.query('select who, key from catalogue_history')
    deepEqual(rows, [{ who: 'sync:a', key: 'XLD10 a' }])

    await client.query('truncate price_sync')
    supplierOf = () => ({
      adapter: { card: { name } },
      baseUrl: base,
      credentials: { ...credentials, apiKey: 'wrong' },
    })
    equal((await sync())['outcome'], 'failed', party)
    equal((await costOf('XLD10')).cost, cost)
  }
})

test('sync run: lists by a template: a page of lines, and JSON that nobody wrote an adapter for (RSO1)', async () => {
  const sku = (name: string) =>
    client.query(`update mapping set sku = $1 where product_code = 'XLD10'`, [name])
  await client.query(`delete from mapping where product_code <> 'XLD10'`)
  const page = {
    request: {
      ...{ method: 'GET', path: '/pricelist' },
      query: { memberID: '{cred.memberId}', pin: '{cred.pin}', password: '{cred.password}' },
    },
    reply: {
      by: 'lines',
      rules: [
        {
          ...{ name: 'open', channels: ['inbox'], priority: 1, outcome: 'success' },
          regex: '^(?<kode>\\w+) \\|.*\\| Rp (?<harga>[\\d.]+) \\| OPEN$',
        },
      ],
    },
  }
  const table = {
    request: {
      ...{ method: 'POST', path: '/layanan/price_list' },
      body: { type: 'form', fields: { api_key: '{cred.apiKey}', type: 'prabayar' } },
    },
    reply: {
      ...{ by: 'json', rows: 'data', sku: 'code', cost: 'price', status: 'status' },
      ...{ supplied: ['available'], off: ['empty'] },
    },
  }
  await tell('faults', { party: 'otomax', latency: 0 })
  const member = { member_id: 'M1', pin: '1234', password: 'rahasia' }
  await tell('accounts', { party: 'otomax', ...member })
  for (const [name, party, priceList, credentials] of [
    ['otomax', 'otomax', page, { memberId: 'M1', pin: '1234', password: 'rahasia' }],
    ['generic', 'atlantic', table, { apiKey: 'atlantic-key' }],
  ] as const) {
    const words = { ...credentials, template: JSON.stringify({ priceList }) }
    const baseUrl = `${sandbox.url}/${party}`
    supplierOf = () => ({ adapter: { card: { name } }, baseUrl, credentials: words })
    await client.query('truncate price_sync')
    await sku('xld10')
    await client.query('update mapping set cost = 10400')
    const told = await sync()
    deepEqual([told['outcome'], told['reason']], ['applied', null], name)
    const { cost, supplied } = await costOf('XLD10')
    deepEqual([cost > 10_000 && cost !== 10_400, supplied], [true, true], name)

    supplierOf = () => ({
      adapter: { card: { name } },
      baseUrl,
      credentials: { ...words, pin: '0000', apiKey: 'wrong' },
    })
    await later()
    equal((await sync())['reason'], 'not_a_list', name)
  }
  supplierOf = () => access('generic')
  await later()
  equal(refusal(await syncPrices(deps, { supplier: 'a', by: 'keeper' })), 'SYNC_UNSUPPORTED')
})

test('sync run: a bill: no price list says what it costs, so none switches it off (KAL3)', async () => {
  await client.query(`update product set type = 'postpaid' where code = 'XLD10'`)
  await client.query(`update mapping set sku = 'pln', cost = 600 where product_code = 'XLD10'`)
  const told = await sync()
  await client.query(`update product set type = 'prepaid' where code = 'XLD10'`)
  equal(told['outcome'], 'unchanged')
  deepEqual(await costOf('XLD10'), { cost: 600, supplied: true, active: true })
})
