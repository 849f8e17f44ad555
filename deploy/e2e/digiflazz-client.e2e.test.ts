/**
 * A shop's program that was written for Digiflazz, from the public documentation of its buyer API
 * and nothing else: it knows no word of ours, and all that was changed in it is the base URL.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { atRest, type Engine, Stage, until } from './stage.ts'

// -- the program -------------------------------------------------------------------------------

type Data = Readonly<Record<string, unknown>>

class DigiflazzClient {
  readonly #baseUrl: string
  readonly #username: string
  readonly #apiKey: string

  constructor(baseUrl: string, username: string, apiKey: string) {
    this.#baseUrl = baseUrl
    this.#username = username
    this.#apiKey = apiKey
  }

  async balance(): Promise<Data> {
    return (await this.post('/cek-saldo', { cmd: 'deposit', ...this.signed('depo') })) as Data
  }

  async priceList(cmd: 'prepaid' | 'pasca', filter: Data = {}): Promise<readonly Data[]> {
    const body = { cmd, ...filter, ...this.signed('pricelist') }
    return (await this.post('/price-list', body)) as readonly Data[]
  }

  /** The same again is how one asks for its status. */
  async topUp(sku: string, number: string, ref: string, more: Data = {}): Promise<Data> {
    const about = { buyer_sku_code: sku, customer_no: number, ref_id: ref }
    return (await this.post('/transaction', { ...about, ...more, ...this.signed(ref) })) as Data
  }

  signed(what: string): Data {
    const sign = hash('md5', this.#username + this.#apiKey + what, 'hex')
    return { username: this.#username, sign }
  }

  /** What stands under `data`, whatever the HTTP status. */
  async post(path: string, body: Data): Promise<unknown> {
    const response = await fetch(this.#baseUrl + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    return ((await response.json()) as { data: unknown }).data
  }
}

// -- what it meets -----------------------------------------------------------------------------

const opening = 1_000_000_000
let stage: Stage
let engine: Engine
let client: DigiflazzClient
let price = 0
let sold = 0
let bills = 0

before(async () => {
  stage = new Stage()
  engine = await stage.start()
  const { username, api_key } = stage.demo(engine).keys
  client = new DigiflazzClient(`${engine.http}/h2h/v1`, username, api_key)
})
after(() => stage.close())

/** Repeats until the status is final. The supplier's own re-check would come after a minute. */
async function final(sku: string, number: string, ref: string): Promise<Data> {
  return await until(`the end of ${ref}`, 25_000, async () => {
    const data = await client.topUp(sku, number, ref, { testing: true })
    return data['status'] !== 'Pending' && data
  })
}

test('digiflazz client: cek-saldo: the deposit as a number (ZE11)', async () => {
  deepEqual(await client.balance(), { deposit: opening })
})

test('digiflazz client: price-list: every documented field, and filters (ZE11)', async () => {
  const rows = await client.priceList('prepaid')
  ok(rows.length > 50)
  for (const row of rows) {
    for (const name of ['product_name', 'category', 'brand', 'type', 'seller_name', 'desc']) {
      equal(typeof row[name], 'string', name)
    }
    for (const name of ['buyer_product_status', 'seller_product_status', 'unlimited_stock']) {
      equal(typeof row[name], 'boolean', name)
    }
    equal(typeof row['multi'], 'boolean')
    ok(Number.isSafeInteger(row['price']))
    match(String(row['start_cut_off']), /^\d\d?:\d\d$/)
    match(String(row['end_cut_off']), /^\d\d?:\d\d$/)
  }
  const [row, ...more] = await client.priceList('prepaid', { code: 'xld10' })
  deepEqual(more, [])
  price = row!['price'] as number
  const brands = await client.priceList('prepaid', { brand: 'XL' })
  ok(brands.length > 1 && brands.every(({ brand }) => brand === 'XL'))
  const postpaid = await client.priceList('pasca')
  ok(postpaid.length >= 5)
  for (const row of postpaid) {
    for (const name of ['product_name', 'category', 'brand', 'seller_name', 'desc'])
      equal(typeof row[name], 'string', name)
    for (const name of ['buyer_product_status', 'seller_product_status'])
      equal(row[name], true, name)
    const { admin, commission } = row as { admin: number; commission: number }
    ok(Number.isSafeInteger(admin) && commission > 0 && commission < admin)
    equal('price' in row, false)
  }
})

test('digiflazz client: test number 1230: Pending at once, Sukses by repetition (ZE11)', async () => {
  const first = await client.topUp('xld10', '087800001230', 'df-1230', { testing: true })
  const { ref_id, customer_no, buyer_sku_code, status, rc, sn } = first
  deepEqual(
    { ref_id, customer_no, buyer_sku_code, status, rc, sn },
    {
      ...{ ref_id: 'df-1230', customer_no: '087800001230', buyer_sku_code: 'xld10' },
      ...{ status: 'Pending', rc: '03', sn: '' },
    },
  )
  equal(first['price'], price)
  equal(first['buyer_last_saldo'], opening - price)
  const last = await final('xld10', '087800001230', 'df-1230')
  equal(last['status'], 'Sukses')
  equal(last['rc'], '00')
  match(String(last['sn']), /^\S+$/)
  equal(typeof last['message'], 'string')
  sold++
})

test('digiflazz client: test number 1232: Gagal, and the money is back (ZE5, ZE11)', async () => {
  const last = await final('xld10', '087800001232', 'df-1232')
  equal(last['status'], 'Gagal')
  equal(last['rc'], '02')
  equal(last['sn'], '')
  deepEqual(await client.balance(), { deposit: opening - sold * price })
})

test('digiflazz client: test numbers 1233, 1234: the supplier’s webhook ends them (ZE3, ZE11)', async () => {
  for (const [number, status, rc] of [
    ['087800001233', 'Sukses', '00'],
    ['087800001234', 'Gagal', '02'],
  ] as const) {
    const ref = `df-${number}`
    const first = await client.topUp('xld10', number, ref, { testing: true })
    equal(first['status'], 'Pending')
    const last = await final('xld10', number, ref)
    deepEqual([last['status'], last['rc']], [status, rc])
    ok(status === 'Gagal' || last['sn'] !== '')
    const { body } = await stage.demo(engine).get(`/api/v1/transactions?ref_id=${ref}`)
    for (const attempt of body['data'].attempts)
      equal(attempt.outcome, rc === '00' ? 'success' : 'failed')
  }
  sold++
  const rows = await stage.sql<{ via: string }>(
    `select body::jsonb -> 'e' -> 0 ->> 'via' as via from journal
      where body like '%"delivered"%' order by shard, seq`,
  )
  // 1230 was answered in the reply, 1233 came by the webhook.
  deepEqual(rows.map(({ via }) => via).sort(), ['callback', 'reply'])
})

test('digiflazz client: status-pasca: looks, and never buys (ZE5, ZE11)', async () => {
  const look = (ref: string) =>
    client.topUp('xld10', '087800001230', ref, { commands: 'status-pasca' })
  equal((await look('df-1230'))['rc'], '00')
  equal((await look('df-none'))['rc'], '50')
  equal((await look('df-none'))['rc'], '50')
})

/** Numbers of the documented test matrix: paid, no bill, refused, pending and then paid. */
test('digiflazz client: pascabayar: inquired, paid under the same ref_id, asked about (ZE2, ZE11)', async () => {
  const bill = (commands: string, sku: string, number: string, ref: string) =>
    client.topUp(sku, number, ref, { commands, testing: true })
  const end = (sku: string, number: string, ref: string) =>
    until(`the end of ${ref}`, 60_000, async () => {
      const data = await bill('status-pasca', sku, number, ref)
      return data['status'] !== 'Pending' && data
    })
  const before = Number((await client.balance())['deposit'])

  equal((await bill('pay-pasca', 'pln', '530000000001', 'dp-none'))['rc'], '50')
  const told = await bill('inq-pasca', 'pln', '530000000001', 'dp-1')
  deepEqual([told['status'], told['rc'], told['ref_id']], ['Sukses', '00', 'dp-1'])
  ok(String(told['customer_name']).length > 0 && Number(told['admin']) === 2_500)
  ok(Number(told['selling_price']) > Number(told['price']))
  equal((told['desc'] as Data)['daya'], 1_300)
  equal(told['buyer_last_saldo'], before)
  const first = await bill('pay-pasca', 'pln', '530000000001', 'dp-1')
  ok(first['status'] === 'Pending' || first['status'] === 'Sukses')
  const paid = await end('pln', '530000000001', 'dp-1')
  deepEqual([paid['status'], paid['price'], paid['periode']], ['Sukses', told['price'], 'JUN 2026'])
  match(String(paid['sn']), /^\S+$/)
  deepEqual((await bill('pay-pasca', 'pln', '530000000001', 'dp-1'))['sn'], paid['sn'])
  equal((await bill('inq-pasca', 'pln', '530000000001', 'dp-1'))['rc'], '49')
  equal((await client.balance())['deposit'], before - Number(told['price']))

  const none = await bill('inq-pasca', 'pdam', '1013227', 'dp-2')
  deepEqual([none['status'], none['rc'], 'sn' in none], ['Gagal', '60', false])
  equal((await bill('inq-pasca', 'bpjs', '8801234560005', 'dp-3'))['rc'], '00')
  await bill('pay-pasca', 'bpjs', '8801234560005', 'dp-3')
  equal((await end('bpjs', '8801234560005', 'dp-3'))['status'], 'Gagal')
  equal((await bill('inq-pasca', 'internet', '7391601001', 'dp-4'))['rc'], '00')
  await bill('pay-pasca', 'internet', '7391601001', 'dp-4')
  const late = await end('internet', '7391601001', 'dp-4')
  equal(late['status'], 'Sukses')
  const spent = Number(told['price']) + Number(late['price'])
  deepEqual(await client.balance(), { deposit: before - spent })
  bills += spent
})

test('digiflazz client: inquiry-pln: name, tariff and power of a meter (ZE11)', async () => {
  const customer_no = '12345678901'
  const asked = { customer_no, ...client.signed(customer_no) }
  const data = (await client.post('/inquiry-pln', asked)) as Data
  deepEqual(
    [data['rc'], data['meter_no'], data['segment_power']],
    ['00', customer_no, 'R1 /000001300'],
  )
  ok(String(data['name']).length > 0)
})

test('digiflazz client: what is wrong: the documented rc, and no money moved (ZE5, ZE11)', async () => {
  const before = await client.balance()
  const number = '087800001239'
  const wrongKey = new DigiflazzClient(...address('not-the-key'))
  const stranger = new DigiflazzClient(`${engine.http}/h2h/v1`, 'stranger', 'key')
  const cases: readonly [rc: string, asked: () => Promise<unknown>][] = [
    ['40', () => client.post('/transaction', { ...client.signed('x'), ref_id: 'x' })],
    ['41', () => wrongKey.balance()],
    ['41', () => wrongKey.topUp('xld10', number, 'df-wrong')],
    ['42', () => stranger.topUp('xld10', number, 'df-wrong')],
    ['43', () => client.topUp('xld11', number, 'df-wrong')],
    ['49', () => client.topUp('xld10', '087800001231', 'df-1230')],
    ['49', () => client.topUp('xld25', '087800001230', 'df-1230')],
    ['52', () => client.topUp('xld10', '081234567890', 'df-wrong')],
    ['54', () => client.topUp('xld10', '12', 'df-wrong')],
    ['63', () => client.topUp('xld10', '087800001230', 'df-wrong')],
    [
      '64',
      () => client.post('/deposit', { amount: 100_000, Bank: 'X', ...client.signed('deposit') }),
    ],
    ['69', () => client.topUp('xld10', number, 'df-wrong', { max_price: price - 1 })],
  ]
  for (const [rc, asked] of cases) {
    const data = (await asked()) as Data
    deepEqual([data['rc'], data['status']], [rc, 'Gagal'], JSON.stringify(data))
    ok(String(data['message']).length > 0)
  }
  deepEqual(await client.balance(), before)
})

test('digiflazz client: too little money: rc 44, and later the same ref is bought (ZE5, ZE11)', async () => {
  const [poor] = await stage.resellers(engine, { count: 1, deposit: price - 1 })
  const { username, api_key } = poor!.keys
  const shop = new DigiflazzClient(`${engine.http}/h2h/v1`, username, api_key)
  const number = '087800001238'
  equal((await shop.topUp('xld10', number, 'df-poor'))['rc'], '44')
  deepEqual(await shop.balance(), { deposit: price - 1 })
  const paid = ['--username', username, '--amount', '1', '--ref', 'one-rupiah']
  equal((await stage.cli(['deposit', ...paid])).code, 0)
  equal((await stage.cli(['deposit', ...paid])).code, 0)
  deepEqual(await shop.balance(), { deposit: price })
  equal((await shop.topUp('xld10', number, 'df-poor'))['rc'], '03')
  const bought = async () => (await shop.topUp('xld10', number, 'df-poor'))['rc'] === '00'
  await until('the end of df-poor', 20_000, bought)
  deepEqual(await shop.balance(), { deposit: 0 })
})

test('digiflazz client: suspended: rc 88 at once, and served again when active (ZE5, ZE11)', async () => {
  const { username } = stage.demo(engine).keys
  equal((await stage.cli(['user', 'suspend', '--username', username])).code, 0)
  const rc = async () => (await client.balance())['rc']
  await until('the suspension', 60_000, async () => (await rc()) === '88')
  equal((await client.topUp('xld10', '087800001237', 'df-suspended'))['rc'], '88')
  equal((await stage.cli(['user', 'activate', '--username', username])).code, 0)
  await until('the end of it', 60_000, async () => (await rc()) === undefined)
})

test('digiflazz client: afterwards: an independent reading of the journal agrees (ZE3, ZE4)', async () => {
  await atRest(engine.http)
  deepEqual(await client.balance(), { deposit: opening - sold * price - bills })
  const { code, stdout } = await stage.cli(['verify'])
  equal(code, 0, stdout)
})

const address = (key: string) =>
  [`${engine.http}/h2h/v1`, stage.demo(engine).keys.username, key] as const
