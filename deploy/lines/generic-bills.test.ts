/** Digiflazz's bills once more, by a template alone: what an owner can write down is enough. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { callAboutBill } from '../../services/supplier/bill-payment.ts'
import { generic } from '../../services/supplier/generic.ts'
import { HttpPool } from '../../services/supplier/http-client.ts'
import { Buyer } from '../sandbox/counterpart.fixture.ts'

const buyer = await Buyer.open()
const pool = new HttpPool(buyer.base, { connectionsMax: 4, answerMsMax: 2_000 })
after(async () => {
  await pool.close()
  await buyer.close()
})
const credentials = { username: 'user', apiKey: 'key' }
const ask = (commands: string) => ({
  ...{ method: 'POST', path: '/transaction' },
  body: {
    type: 'json',
    fields: {
      ...{ commands, username: '{cred.username}', buyer_sku_code: '{sku}', customer_no: '{dest}' },
      ...{ ref_id: '{ref}', sign: '{md5 cred.username cred.apiKey ref}' },
    },
  },
})
const template = {
  card: {
    ...{ recheck: 'read_only', recheckAfterMs: 60_000, recheckWithinMs: 86_400_000 },
    clientReference: true,
  },
  ...{ purchase: ask(''), check: ask('') },
  reply: {
    ...{ by: 'json', status: 'data.status', success: ['Sukses'], failed: ['Gagal'] },
    pending: ['Pending'],
    fields: { ref: 'data.ref_id', dest: 'data.customer_no', sn: 'data.sn', cost: 'data.price' },
  },
  bills: {
    ...{ inquiry: ask('inq-pasca'), pay: ask('pay-pasca'), status: ask('status-pasca') },
    reply: {
      ...{ by: 'json', status: 'data.rc', success: ['00'], failed: ['02', '43', '60'] },
      trouble: ['41', '45'],
      fields: {
        ...{ ref: 'data.ref_id', dest: 'data.customer_no', product: 'data.buyer_sku_code' },
        ...{ name: 'data.customer_name', cost: 'data.price', total: 'data.selling_price' },
        ...{ admin: 'data.admin', reason: 'data.message', periods: 'data.desc.detail.0.periode' },
      },
    },
  },
}
const adapter = generic.configure!({ template: JSON.stringify(template) })
const postpaid = adapter.postpaid!

let orders = 0
const asking = (dest: string) => ({
  ...{ ref: `bill-${++orders}`, sku: 'pln', dest, maxPrice: 0, testing: false },
})
const inquire = async (dest: string, words = credentials) => {
  const asked = asking(dest)
  const outcome = await pool.send(postpaid.inquire(asked, words))
  ok(outcome.kind === 'answer')
  return postpaid.readBill(outcome, asked, words)
}

test('generic bills: a bill as the template reads it, and why there is none (PLC2, PLC3)', async () => {
  const told = await inquire('530000000002')
  ok(told.outcome === 'bill', JSON.stringify(told))
  const { customerName, periods, cost, suggested, admin } = told.bill
  deepEqual([customerName.length > 0, periods, admin], [true, 'MEI 2026', 5_000])
  ok(suggested !== null && suggested > cost)
  const none = await inquire('530000000003')
  deepEqual(none.outcome === 'failed' && [none.code, none.supplierTrouble], ['supplier_02', false])
  const unknown = await inquire('530000000001', { ...credentials, apiKey: 'another' })
  deepEqual(unknown.outcome === 'failed' && [unknown.code, unknown.supplierTrouble], [
    'supplier_41',
    true,
  ])
})

test('generic bills: silence after the payment: asked about by its own question, paid once (PLC1)', async () => {
  const told = await inquire('530000000001')
  ok(told.outcome === 'bill')
  const asked = asking('530000000001')
  const call = (occasion: 'purchase' | 'check', agreed: number) =>
    callAboutBill({
      ...{ adapter, postpaid, asked, credentials, occasion, agreed },
      send: request => pool.send(request),
    })
  const { cost } = told.bill
  const changed = (await call('purchase', cost - 1)).reading
  equal(changed.outcome === 'failed' && changed.code, 'bill_changed')
  deepEqual(await buyer.sales(asked.ref), [])
  await buyer.oracle('faults', { party: 'digiflazz', reset_after_sale: 1 })
  equal((await call('purchase', cost)).reading.outcome, 'unknown')
  await buyer.oracle('faults', { party: 'digiflazz' })
  const { reading } = await call('check', cost)
  ok(reading.outcome === 'success', JSON.stringify(reading))
  const [sale, ...others] = await buyer.sales(asked.ref)
  deepEqual([sale!['times'], sale!['price'], others.length], [1, cost, 0])
  equal(postpaid.statusRepeats, undefined)
})
