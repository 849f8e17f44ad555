import { deepEqual, equal, match, notEqual } from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, beforeEach, test } from 'node:test'
import { Buyer } from './counterpart.fixture.ts'
import { Catalogue } from './digiflazz-catalogue.ts'
import { codes } from './digiflazz-codes.ts'

const buyer = await Buyer.open()
after(() => buyer.close())
beforeEach(async () => {
  await buyer.oracle('reset', {})
  await buyer.oracle('faults', { latency: 0 })
})

const day = 24 * 60 * 60 * 1000

test('digiflazz: sign: the vectors of the reference are accepted as they stand (X25)', async () => {
  const ask = async (path: string, sign: string, fields: object) =>
    (await buyer.post(path, JSON.stringify({ username: 'user', sign, ...fields }))).status
  const order = { ref_id: 'ref-1', buyer_sku_code: 'xld10', customer_no: '087800001230' }
  const ticket = { amount: 10_000_000, Bank: 'BCA', owner_name: 'Budi' }
  equal(await ask('cek-saldo', 'e9d1db43a49c569bcc2bc7164cbe6127', { cmd: 'deposit' }), 200)
  equal(await ask('price-list', '6870b202c286b430a1f8a6744d48a862', { cmd: 'prepaid' }), 200)
  equal(await ask('deposit', 'ceec9e72c6645e30e25eae8f8d5c1372', ticket), 200)
  equal(await ask('transaction', '6e061821677b8dd27668fc5e8d11b418', order), 200)
})

test('digiflazz: who asks: 40 before 42 before 41, each with HTTP 400 (X25)', async () => {
  const order = { ref_id: 'r', buyer_sku_code: 'tsel10', customer_no: '0812', sign: 'x' }
  const rc = async (body: string) => {
    const { status, data } = await buyer.post('transaction', body)
    return `${status} ${data['rc']} ${data['status']}`
  }
  equal(await rc('{'), '400 40 Gagal')
  equal(await rc('[]'), '400 40 Gagal')
  equal(await rc(JSON.stringify({ ...order, username: 'user', ref_id: 7 })), '400 40 Gagal')
  equal(await rc(JSON.stringify({ ...order })), '400 40 Gagal')
  equal(await rc(JSON.stringify({ ...order, username: 'nobody' })), '400 42 Gagal')
  equal(await rc(JSON.stringify({ ...order, username: 'user' })), '400 41 Gagal')
  const upper = hash('md5', 'userkeyr').toUpperCase()
  equal(await rc(JSON.stringify({ ...order, username: 'user', sign: upper })), '400 41 Gagal')
  deepEqual(await buyer.sales(), [])
})

test('digiflazz: a purchase: the documented fields and types, in one envelope (X12)', async () => {
  const { status, text, data } = await buyer.topup('ref-1')
  equal(status, 200)
  deepEqual(Object.keys(JSON.parse(text)), ['data'])
  const { sn, buyer_last_saldo, ...rest } = data
  match(String(sn), /^\d{20}$/)
  equal(buyer_last_saldo, 100_000_000_000 - 10_350)
  deepEqual(rest, {
    ref_id: 'ref-1',
    customer_no: '081200000001',
    buyer_sku_code: 'tsel10',
    message: 'Transaksi Sukses',
    status: 'Sukses',
    rc: '00',
    price: 10_350,
    tele: '@sandbox',
    wa: '081200000000',
  })
})

test('digiflazz: codes: created is 200 with a row, not created 400 without (X12)', async () => {
  for (const [rc, code] of Object.entries(codes)) {
    if (code.status !== 'Gagal') continue
    await buyer.faults({ refuse: { p: 1, rc } })
    const { status, data } = await buyer.topup(`ref-${rc}`)
    equal(data['rc'], rc)
    equal(data['message'], code.message)
    equal(status, code.created ? 200 : 400)
    equal((await buyer.sales(`ref-${rc}`)).length, code.created ? 1 : 0)
  }
  equal(Object.keys(codes).length, 47)
})

test('digiflazz: texts with quotes and other scripts: come back as they went (X12)', async () => {
  const ref = 'a"b\\c\u0001é漢😀'
  const { data } = await buyer.topup(ref, { customer_no: '0812"3' })
  equal(data['ref_id'], ref)
  equal(data['customer_no'], '0812"3')
  equal((await buyer.sales(ref)).length, 1)
})

for (const [number, first, last] of [
  ['087800001230', '00', '00'],
  ['087800001232', '02', '02'],
  ['087800001233', '03', '00'],
  ['087800001234', '03', '02'],
] as const) {
  test(`digiflazz: test number ${number}: ${first}, then ${last} (X26)`, async () => {
    for (const testing of [true, undefined]) {
      const ref = `ref-${testing}`
      const order = { buyer_sku_code: 'xld10', customer_no: number, testing }
      equal((await buyer.topup(ref, order)).data['rc'], first)
      await buyer.oracle('clock', { party: 'digiflazz', advance_ms: 10_000 })
      const { data } = await buyer.topup(ref, order)
      equal(data['rc'], last)
      equal(data['sn'] === '', last !== '00')
    }
  })
}

test('digiflazz: a repeat: the present state, no charge, times 1 (X15)', async () => {
  const first = await buyer.topup('ref-1')
  const second = await buyer.topup('ref-1')
  equal(second.text, first.text)
  equal(await buyer.balance(), 100_000_000_000 - 10_350)
  const [row] = await buyer.sales('ref-1')
  equal(row!['times'], 1)
  equal(row!['status'], 'success')
  equal(row!['sn'], first.data['sn'])
})

test('digiflazz: twenty repeats at once: one sale (X15)', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => buyer.topup('ref-1')))
  equal(new Set(answers.map(({ data }) => data['sn'])).size, 1)
  equal((await buyer.sales('ref-1'))[0]!['times'], 1)
})

test('digiflazz: a repeat with another sku or number: rc 49, nothing sold (X16)', async () => {
  await buyer.topup('ref-1')
  for (const other of [{ buyer_sku_code: 'tsel20' }, { customer_no: '081200000002' }]) {
    const { status, data } = await buyer.topup('ref-1', other)
    equal(status, 400)
    equal(data['rc'], '49')
  }
  equal((await buyer.sales('ref-1'))[0]!['times'], 1)
  equal(await buyer.balance(), 100_000_000_000 - 10_350)
})

test('digiflazz: ninety days: a repeat asks until then, and buys again after (X17)', async () => {
  const first = await buyer.topup('ref-1')
  await buyer.oracle('clock', { advance_ms: 90 * day - 60_000 })
  equal((await buyer.topup('ref-1')).data['sn'], first.data['sn'])
  await buyer.oracle('clock', { advance_ms: 120_000 })
  notEqual((await buyer.topup('ref-1')).data['sn'], first.data['sn'])
  const [row] = await buyer.sales('ref-1')
  equal(row!['times'], 2)
  equal(await buyer.balance(), 100_000_000_000 - 2 * 10_350)
})

test('digiflazz: race window: a repeat within a minute is sold twice (X18)', async () => {
  await buyer.faults({ race_window: 1 })
  await Promise.all([buyer.topup('ref-1'), buyer.topup('ref-1')])
  equal((await buyer.sales('ref-1'))[0]!['times'], 2)
  await buyer.oracle('clock', { advance_ms: 61_000 })
  await buyer.topup('ref-1')
  equal((await buyer.sales('ref-1'))[0]!['times'], 2)
  const summary = await buyer.oracle('sales/summary')
  equal(summary['sold_more_than_once'], 1)
})

test('digiflazz: money: charged, given back on failure, short is rc 44 (X19)', async () => {
  await buyer.oracle('accounts', { username: 'user', api_key: 'key', balance: 25_000 })
  const pendingFails = { buyer_sku_code: 'xld10', customer_no: '087800001234' }
  equal((await buyer.topup('a', pendingFails)).data['buyer_last_saldo'], 14_500)
  equal((await buyer.topup('b')).data['buyer_last_saldo'], 4_150)
  const short = await buyer.topup('c')
  equal(short.data['rc'], '44')
  deepEqual(await buyer.sales('c'), [])
  await buyer.oracle('clock', { advance_ms: 10_000 })
  equal(await buyer.balance(), 14_650)
  equal((await buyer.topup('c')).data['rc'], '00')
  await buyer.oracle('accounts', { username: 'user', api_key: 'key', balance: 100_000_000_000 })
})

test('digiflazz: drained: every new purchase is rc 44, repeats are not (X19)', async () => {
  await buyer.topup('a')
  await buyer.faults({ drained: true })
  equal((await buyer.topup('b')).data['rc'], '44')
  equal((await buyer.topup('a')).data['rc'], '00')
})

test('digiflazz: max_price, unknown and closed sku: 69, 43, 43, no row (X12)', async () => {
  equal((await buyer.topup('a', { max_price: 10_349 })).data['rc'], '69')
  equal((await buyer.topup('a', { max_price: 10_350 })).data['rc'], '00')
  equal((await buyer.topup('b', { buyer_sku_code: 'nosuch' })).data['rc'], '43')
  equal((await buyer.topup('b', { buyer_sku_code: 'byu50' })).data['rc'], '43')
  equal((await buyer.sales()).length, 1)
})

test('digiflazz: pending: lasts its seconds, then ends as told (X9)', async () => {
  for (const [then, status] of [
    ['success', 'Sukses'],
    ['failed', 'Gagal'],
    [0, 'Gagal'],
  ] as const) {
    await buyer.faults({ pending: { p: 1, seconds: 100, then, rc: '99' } })
    const { data } = await buyer.topup(`ref-${then}`)
    equal(data['status'], 'Pending')
    equal(data['rc'], '99')
    await buyer.oracle('clock', { advance_ms: 90_000 })
    equal((await buyer.topup(`ref-${then}`)).data['status'], 'Pending')
    await buyer.oracle('clock', { advance_ms: 11_000 })
    equal((await buyer.topup(`ref-${then}`)).data['status'], status)
  }
})

test('digiflazz: a change of mind: late success is charged, refund is rc 74 (X19)', async () => {
  await buyer.faults({ refuse: 1, late_success_after_failure: { p: 1, seconds: 60 } })
  equal((await buyer.topup('a')).data['rc'], '02')
  await buyer.oracle('clock', { advance_ms: 61_000 })
  equal((await buyer.topup('a')).data['rc'], '00')
  equal(await buyer.balance(), 100_000_000_000 - 10_350)

  await buyer.faults({ refund_after_success: { p: 1, seconds: 60 } })
  equal((await buyer.topup('b')).data['rc'], '00')
  await buyer.oracle('clock', { advance_ms: 61_000 })
  equal((await buyer.topup('b')).data['rc'], '74')
  equal(await buyer.balance(), 100_000_000_000 - 10_350)
})

test('digiflazz: wrong types: numbers come as text (X12)', async () => {
  await buyer.faults({ wrong_types: 1 })
  const { data } = await buyer.topup('a')
  equal(data['price'], '10350')
  equal(typeof data['buyer_last_saldo'], 'string')
  const list = await buyer.signed('price-list', 'pricelist', { cmd: 'prepaid', code: 'tsel10' })
  equal((list.data as unknown as { price: unknown }[])[0]!.price, '10350')
})

test('digiflazz: price list: documented rows, filters, pasca without a price (X27)', async () => {
  const list = async (fields: object) =>
    (await buyer.signed('price-list', 'pricelist', fields)).data as unknown as Record<
      string,
      unknown
    >[]
  const all = await list({ cmd: 'prepaid' })
  equal(all.length >= 60, true)
  deepEqual(Object.keys(all[0]!), [
    'product_name',
    'category',
    'brand',
    'type',
    'seller_name',
    'price',
    'buyer_sku_code',
    'buyer_product_status',
    'seller_product_status',
    'unlimited_stock',
    'stock',
    'multi',
    'start_cut_off',
    'end_cut_off',
    'desc',
  ])
  equal((await list({ cmd: 'prepaid', code: 'xld10' })).length, 1)
  equal((await list({ cmd: 'prepaid', category: 'PLN', brand: 'PLN' })).length, 5)
  deepEqual(await list({ cmd: 'prepaid', code: 'nosuch' }), [])
  equal((await list({ cmd: 'prepaid', code: '', brand: null })).length, all.length)
  const pasca = await list({ cmd: 'pasca' })
  equal(pasca.length, 15)
  equal('price' in pasca[0]!, false)
  equal((await buyer.signed('price-list', 'pricelist', { cmd: 'x' })).data['rc'], '40')
})

test('digiflazz: price list: strict, a second one in five minutes is rc 83 (X27)', async () => {
  const list = async (fields = {}) =>
    (await buyer.signed('price-list', 'pricelist', { cmd: 'prepaid', ...fields })).data
  await list()
  equal(Array.isArray(await list()), true)
  await buyer.faults({ strict: true })
  equal(Array.isArray(await list()), true)
  equal((await list())['rc'], '83')
  equal(Array.isArray(await list({ code: 'xld10' })), true)
  equal((await list({ code: 'xld10' }))['rc'], '83')
  await buyer.oracle('clock', { advance_ms: 300_000 })
  equal(Array.isArray(await list()), true)
})

test('digiflazz: strict: cut-off hours are rc 58, a second single one rc 63 (X27)', async () => {
  await buyer.faults({ strict: true })
  const token = { buyer_sku_code: 'pln20', customer_no: '14012345678' }
  await buyer.oracle('clock', { at: '2027-01-01T23:50:00+07:00' })
  equal((await buyer.topup('a', token)).data['rc'], '58')
  await buyer.oracle('clock', { at: '2027-01-02T00:14:00+07:00' })
  equal((await buyer.topup('b', token)).data['rc'], '58')
  await buyer.oracle('clock', { at: '2027-01-02T00:16:00+07:00' })
  match(String((await buyer.topup('c', token)).data['sn']), /^(\d{4}-){4}\d{4}\/.+\/R1M\/900VA\/\d/)
  equal((await buyer.topup('d', { buyer_sku_code: 'tseldata1' })).data['rc'], '00')
  equal((await buyer.topup('e', { buyer_sku_code: 'tseldata1' })).data['rc'], '63')
})

test('digiflazz: strict: a cut-off leaves its row, and a repeat after it buys nothing (XSR1)', async () => {
  await buyer.faults({ strict: true })
  await buyer.oracle('clock', { at: '2026-06-01T23:50:00+07:00' })
  const wish = { buyer_sku_code: 'pln20', customer_no: '12345678901' }
  const shut = await buyer.topup('late', wish)
  deepEqual([shut.status, shut.data['rc'], shut.data['status']], [200, '58', 'Gagal'])
  equal((await buyer.sales('late')).length, 1)
  await buyer.oracle('clock', { at: '2026-06-02T09:00:00+07:00' })
  equal((await buyer.topup('late', wish)).data['rc'], '58')
  equal(await buyer.balance(), 100_000_000_000)
})

test('digiflazz: strict: what failed or was refused is no second one of its day (XSR1)', async () => {
  await buyer.faults({ strict: true, drained: true })
  const wish = { buyer_sku_code: 'tseldata1', customer_no: '081200000077' }
  equal((await buyer.topup('s-1', wish)).data['rc'], '44')
  await buyer.faults({ strict: true, refuse: { p: 1, rc: '02' } })
  equal((await buyer.topup('s-2', wish)).data['rc'], '02')
  await buyer.faults({ strict: true })
  equal((await buyer.topup('s-3', wish)).data['rc'], '00')
  equal((await buyer.topup('s-4', wish)).data['rc'], '63')
})

test('digiflazz: other calls: deposit ticket, PLN inquiry, old pln-subscribe (X25)', async () => {
  const ticket = await buyer.signed('deposit', 'deposit', {
    amount: 10_000_000,
    Bank: 'BCA',
    owner_name: 'Budi',
  })
  equal(ticket.data['amount'], 10_000_001)
  equal(ticket.data['rc'], '00')
  const refused = { amount: 10_000, bank: 'NOSUCH', owner_name: 'Budi' }
  equal((await buyer.signed('deposit', 'deposit', refused)).data['rc'], '64')

  const customer_no = '530000000001'
  const { data } = await buyer.signed('inquiry-pln', customer_no, { customer_no })
  equal(data['subscriber_id'], customer_no)
  equal(data['segment_power'], 'R1 /000001300')
  const old = JSON.stringify({ commands: 'pln-subscribe', customer_no })
  equal((await buyer.post('transaction', old)).data['name'], data['name'])
  equal((await buyer.signed('inquiry-pln', '123', { customer_no: '123' })).data['rc'], '57')
})

test('digiflazz: instances: nothing of one is seen by another (X28)', async () => {
  const second = new Buyer(buyer.sandbox, 'digiflazz2')
  equal((await second.topup('ref-1')).data['rc'], '42')
  await buyer.oracle('accounts', { party: 'digiflazz2', username: 'user', api_key: 'key' })
  await buyer.faults({ refuse: 1 })
  await second.oracle('clock', { party: 'digiflazz2', advance_ms: day })
  equal((await buyer.topup('ref-1')).data['rc'], '02')
  equal((await second.topup('ref-1')).data['rc'], '00')
  equal((await buyer.sales()).length, 1)
  equal((await second.sales())[0]!['supplier'], 'digiflazz2')
  await buyer.oracle('reset', { party: 'digiflazz2' })
  equal((await second.sales()).length, 0)
  equal((await buyer.sales()).length, 1)
})

test('catalogue: parties: the same skus at prices of their own (X13)', () => {
  const [one, two] = [new Catalogue('digiflazz'), new Catalogue('digiflazz2')]
  deepEqual([...one.products.keys()], [...two.products.keys()])
  equal(one.find('xld10')!.price, 10_500)
  const prices = (catalogue: Catalogue) => [...catalogue.products.values()].map(row => row.price)
  notEqual(prices(one).join(), prices(two).join())
  deepEqual(prices(new Catalogue('digiflazz2')), prices(two))
})

test('catalogue: bench skus: sold without set-up at ten thousand (X14)', async () => {
  const { data } = await buyer.topup('a', { buyer_sku_code: 'bench-anything' })
  equal(data['rc'], '00')
  equal(data['price'], 10_000)
})
