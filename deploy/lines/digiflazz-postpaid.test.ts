import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Answered, Asked, SupplierRequest } from '../../services/supplier/adapter.ts'
import { digiflazz } from '../../services/supplier/digiflazz.ts'
import {
  askBill,
  askMeter,
  askPayment,
  payBill,
  readBill,
  readMeter,
} from '../../services/supplier/digiflazz-postpaid.ts'
import { HttpPool } from '../../services/supplier/http-client.ts'
import { Buyer } from '../sandbox/counterpart.fixture.ts'
import { testNumbers } from '../sandbox/digiflazz-pasca.ts'

const buyer = await Buyer.open()
const pool = new HttpPool(buyer.base, { connectionsMax: 4 })
after(async () => {
  await pool.close()
  await buyer.close()
})
const credentials = { username: 'user', apiKey: 'key', webhookSecret: 'secret' }
let orders = 0
const asking = (sku: string, dest: string): Asked => ({
  ...{ ref: `bill-${++orders}`, sku, dest, maxPrice: 0, testing: true },
})

async function send(request: SupplierRequest): Promise<Answered> {
  const outcome = await pool.send(request)
  ok(outcome.kind === 'answer', JSON.stringify(outcome))
  return outcome
}
const bill = async (asked: Asked) =>
  readBill(await send(askBill(asked, credentials)), asked, credentials)
const pay = async (asked: Asked) =>
  digiflazz.read(await send(payBill(asked, credentials)), asked, 'purchase', credentials)
const payment = async (asked: Asked) =>
  digiflazz.read(await send(askPayment(asked, credentials)), asked, 'check', credentials)

/** Samsat bills name the car and its owner. */
const whole = (sku: string, number: string): string =>
  sku === 'samsat' ? `${number},0212502110170100` : number

for (const [sku, ends] of Object.entries(testNumbers)) {
  test(`postpaid: ${sku}: asked, paid once, and the same when asked again (ADI1, ADI2)`, async () => {
    for (const number of ends.ok) {
      const asked = asking(sku, whole(sku, number))
      const inquiry = await bill(asked)
      ok(inquiry.outcome === 'bill', JSON.stringify(inquiry))
      ok(inquiry.bill.customerName !== '' && inquiry.bill.cost > 0)
      ok(inquiry.bill.suggested !== null && inquiry.bill.suggested >= inquiry.bill.cost)
      ok(JSON.parse(inquiry.bill.detail))
      const paid = await pay(asked)
      ok(paid.outcome === 'success', JSON.stringify(paid))
      equal(paid.cost, inquiry.bill.cost)
      deepEqual((await pay(asked)).outcome, 'success')
      equal((await payment(asked)).outcome, 'success')
      const [sale] = await buyer.sales(asked.ref)
      equal(sale!['times'], 1)
    }
  })

  test(`postpaid: ${sku}: refused, failed, pending: each as documented (ADI2)`, async () => {
    const none = await bill(asking(sku, whole(sku, ends.inquiryFails)))
    equal(none.outcome, 'failed')
    const failing = asking(sku, whole(sku, ends.payFails))
    equal((await bill(failing)).outcome, 'bill')
    equal((await pay(failing)).outcome, 'failed')
    for (const number of [ends.pendingOk[0]!, ends.pendingFails]) {
      const asked = asking(sku, whole(sku, number))
      equal((await bill(asked)).outcome, 'bill')
      equal((await pay(asked)).outcome, 'pending')
      await buyer.oracle('clock', { party: 'digiflazz', advance_ms: 3_000 })
      const end = number === ends.pendingFails ? 'failed' : 'success'
      equal((await payment(asked)).outcome, end)
    }
  })
}

test('postpaid: a payment without its bill, a status of nothing: no verdict (ADI1, ADI2)', async () => {
  const asked = asking('pln', '530000000001')
  equal((await payment(asked)).outcome, 'unknown')
  deepEqual(await buyer.sales(asked.ref), [])
  equal((await pay(asked)).outcome === 'success', false)
  deepEqual(await buyer.sales(asked.ref), [])
})

const data = {
  ...{ ref_id: 'r', customer_no: '53', buyer_sku_code: 'pln', message: 'Sukses', rc: '00' },
  ...{ status: 'Sukses', customer_name: 'BUDI', price: 9_000, admin: 2_500, selling_price: 9_500 },
  ...{ periode: '202611', desc: { tarif: 'R1' } },
}
const about: Asked = { ref: 'r', sku: 'pln', dest: '53', maxPrice: 0, testing: false }
const read = (change: object) => {
  const body = JSON.stringify({ data: { ...data, ...change } })
  return readBill({ kind: 'answer', status: 200, body, ms: 1 }, about, credentials)
}
const whyOf = (change: object): string => {
  const inquiry = read(change)
  return inquiry.outcome === 'unknown' ? inquiry.why : inquiry.outcome
}

test('postpaid: a bill: about us and with a price, else unknown (ADI2)', () => {
  deepEqual(read({}).outcome === 'bill' && read({}), {
    outcome: 'bill',
    bill: {
      ...{ customerName: 'BUDI', cost: 9_000, suggested: 9_500, admin: 2_500 },
      ...{ periods: '202611', detail: '{"tarif":"R1"}' },
    },
    reply: JSON.stringify({ data }),
  })
  equal(whyOf({ ref_id: 'x' }), 'foreign_ref')
  equal(whyOf({ customer_no: '54' }), 'foreign_destination')
  equal(whyOf({ customer_no: undefined }), 'customer_missing')
  for (const price of [undefined, 0, -1, 'x', 9.5]) equal(whyOf({ price }), 'price_missing')
  equal(whyOf({ rc: '03', status: 'Pending' }), 'bill_pending')
  equal(whyOf({ rc: '60', status: 'Gagal' }), 'failed')
})

test('postpaid: a bill’s details: as they came, and not without end (ADI3)', () => {
  const detailOf = (desc: unknown) => {
    const inquiry = read({ desc })
    return inquiry.outcome === 'bill' ? inquiry.bill.detail : inquiry.outcome
  }
  equal(detailOf(undefined), '{}')
  equal(detailOf({ detail: [{ periode: '1', nilai_tagihan: '8000' }] }).includes('8000'), true)
  equal(detailOf({ alamat: 'x'.repeat(10_000) }), '')
})

test('postpaid: requests: the same words, one command each (ADI1)', () => {
  const bodies = [askBill, payBill, askPayment].map(
    make => JSON.parse(make({ ...about, testing: true }, credentials).body!) as object,
  )
  const common = { username: 'user', buyer_sku_code: 'pln', customer_no: '53', ref_id: 'r' }
  for (const [index, commands] of ['inq-pasca', 'pay-pasca', 'status-pasca'].entries()) {
    const { sign, ...rest } = bodies[index] as Record<string, unknown>
    equal(typeof sign, 'string')
    const testing = commands === 'status-pasca' ? {} : { testing: true }
    deepEqual(rest, { commands, ...common, ...testing })
  }
})

test('postpaid: whose meter it is: told, refused, or unknown (ADI4)', async () => {
  const meterOf = async (number: string) =>
    readMeter(await send(askMeter(number, credentials)), number, credentials)
  const meter = await meterOf('12345678901')
  ok(meter.outcome === 'meter')
  deepEqual([meter.meterNumber, meter.segment], ['12345678901', 'R1 /000001300'])
  deepEqual(await meterOf('123'), {
    ...{ outcome: 'refused', code: '57', message: 'Jumlah Digit Kurang Atau Lebih' },
    supplierTrouble: false,
  })
  const said = (fields: object) => {
    const body = JSON.stringify({ data: fields })
    const told = readMeter({ kind: 'answer', status: 200, body, ms: 1 }, '123', credentials)
    return told.outcome === 'unknown' ? told.why : told.outcome
  }
  const sound = { status: 'Sukses', rc: '00', customer_no: '123', name: 'BUDI' }
  equal(said(sound), 'meter')
  equal(said({ ...sound, customer_no: '124' }), 'foreign_meter')
  equal(said({ ...sound, name: '' }), 'name_missing')
  equal(said({ ...sound, rc: '02' }), 'contradiction')
})
