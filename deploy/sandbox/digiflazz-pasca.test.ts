import { deepEqual, equal } from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { Buyer } from './counterpart.fixture.ts'
import { testNumbers } from './digiflazz-pasca.ts'

const buyer = await Buyer.open()
after(() => buyer.close())
beforeEach(async () => {
  await buyer.oracle('reset', {})
  await buyer.oracle('faults', { latency: 0 })
  await buyer.oracle('clock', { at: '2027-06-15T10:00:00+07:00' })
})

const day = 24 * 60 * 60 * 1000
let refs = 0

/** inquire, pay, wait, ask: the codes in order, as far as it went. */
async function walk(buyer_sku_code: string, customer_no: string): Promise<string> {
  const bill = { buyer_sku_code, customer_no, ref_id: `walk-${++refs}` }
  const inquiry = await buyer.pasca('inq-pasca', bill)
  if (inquiry.data['rc'] !== '00') return `${inquiry.data['rc']}`
  const paid = await buyer.pasca('pay-pasca', bill)
  await buyer.oracle('clock', { advance_ms: 10_000 })
  const asked = await buyer.pasca('status-pasca', bill)
  return `00 ${paid.data['rc']} ${asked.data['rc']}`
}

for (const [sku, numbers] of Object.entries(testNumbers)) {
  test(`pasca: test numbers of ${sku}: end as documented (X22)`, async () => {
    const tail = sku === 'samsat' ? ',0212502110170100' : ''
    for (const number of numbers.ok) equal(await walk(sku, number + tail), '00 00 00')
    equal(await walk(sku, numbers.inquiryFails + tail), '02')
    equal(await walk(sku, numbers.payFails + tail), '00 02 02')
    for (const number of numbers.pendingOk) equal(await walk(sku, number + tail), '00 03 00')
    equal(await walk(sku, numbers.pendingFails + tail), '00 03 02')
  })
}

test('pasca: a paid bill: the documented fields; two bills have two periods (X22)', async () => {
  const bill = { buyer_sku_code: 'pln', customer_no: '530000000002', ref_id: 'a' }
  const { data: asked } = await buyer.pasca('inq-pasca', bill)
  const { data: paid } = await buyer.pasca('pay-pasca', bill)
  for (const field of ['customer_name', 'admin', 'price', 'selling_price']) {
    deepEqual(paid[field], asked[field])
  }
  equal(typeof paid['admin'], 'number')
  equal(paid['periode'], 'MEI 2026,JUN 2026')
  const desc = paid['desc'] as { daya: number; detail: Record<string, unknown>[] }
  equal(desc.daya, 1300)
  equal(typeof desc.detail[1]!['nilai_tagihan'], 'string')
  equal(typeof desc.detail[1]!['meter_akhir'], 'string')
  equal('meter_akhir' in (asked['desc'] as typeof desc).detail[0]!, false)
  equal(await buyer.balance(), 100_000_000_000 - (asked['price'] as number))
})

test('pasca: short answers: pending has six fields; bpjstk has no serial (X22)', async () => {
  const bill = { buyer_sku_code: 'pdam', customer_no: '2013226', ref_id: 'a' }
  await buyer.pasca('inq-pasca', bill)
  const { data } = await buyer.pasca('pay-pasca', bill)
  deepEqual(Object.keys(data), [
    'ref_id',
    'customer_no',
    'buyer_sku_code',
    'message',
    'status',
    'rc',
  ])
  const lost = await buyer.pasca('pay-pasca', { ...bill, ref_id: 'never-inquired' })
  deepEqual([Object.keys(lost.data), lost.data['rc']], [Object.keys(data), '50'])
  const worker = { buyer_sku_code: 'bpjstk', customer_no: '8102051011270001', ref_id: 'b' }
  await buyer.pasca('inq-pasca', worker)
  equal((await buyer.pasca('pay-pasca', worker)).data['sn'], '')
})

test('pasca: paying: needs its inquiry, the same bill, the same day in Jakarta (X23)', async () => {
  const bill = { buyer_sku_code: 'pln', customer_no: '530000000001', ref_id: 'a' }
  const rc = async (command: string, fields = {}) =>
    (await buyer.pasca(command, { ...bill, ...fields })).data['rc']
  equal(await rc('pay-pasca'), '50')
  equal(await rc('inq-pasca'), '00')
  equal(await rc('pay-pasca', { customer_no: '530000000002' }), '49')
  await buyer.oracle('clock', { at: '2027-06-16T00:00:01+07:00' })
  equal(await rc('pay-pasca'), '60')
  deepEqual(await buyer.sales(), [])
  equal(await rc('inq-pasca'), '00')
  equal(await rc('pay-pasca'), '00')
  equal(await rc('pay-pasca'), '00')
  equal(await rc('inq-pasca'), '49')
  equal((await buyer.sales('a'))[0]!['times'], 1)
})

test('pasca: status: unknown is 50, after 90 days no data, never a purchase (X24)', async () => {
  const bill = { buyer_sku_code: 'pln', customer_no: '530000000001', ref_id: 'a' }
  equal((await buyer.pasca('status-pasca', bill)).data['rc'], '50')
  await buyer.pasca('inq-pasca', bill)
  await buyer.pasca('pay-pasca', bill)
  await buyer.oracle('clock', { advance_ms: 91 * day })
  const { data } = await buyer.pasca('status-pasca', bill)
  equal(data['message'], 'Data belum ada')
  equal((await buyer.sales('a'))[0]!['times'], 1)
  equal((await buyer.pasca('inq-pasca', { ...bill, buyer_sku_code: 'nosuch' })).data['rc'], '43')
  equal((await buyer.pasca('other', bill)).data['rc'], '40')
})

test('pasca: a bill that grows: dearer at the payment than at the inquiry (X23)', async () => {
  const bill = { buyer_sku_code: 'pln', customer_no: '530000000001', ref_id: 'grows' }
  const { data: before } = await buyer.pasca('inq-pasca', bill)
  await buyer.faults({ bill_extra: 5_000 })
  const { data: after } = await buyer.pasca('inq-pasca', bill)
  equal(after['price'], Number(before['price']) + 5_000)
  equal((await buyer.pasca('pay-pasca', bill)).data['price'], after['price'])
})

test('pasca: mishaps of inquiries: have a name of their own (X22)', async () => {
  const bill = { buyer_sku_code: 'pln', customer_no: '530000000001', ref_id: 'mishap' }
  await buyer.faults({ html: 1 })
  equal((await buyer.pasca('inq-pasca', bill)).data['rc'], '00')
  await buyer.faults({ html: 1, mishaps_befall: ['inq-pasca'] })
  equal((await buyer.pasca('inq-pasca', bill)).text.startsWith('<'), true)
  equal((await buyer.pasca('pay-pasca', bill)).data['rc'], '00')
})
