import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { InquiredBill } from '../../services/contract/postpaid.ts'
import { signOf } from '../dialects/digiflazz.ts'
import { bornAt, keyCard, orderView, plain, Stage, send, userId } from '../scripted.fixture.ts'

const stages: Stage[] = []
const open: typeof Stage.open = async (...args) => {
  const stage = await Stage.open(...args)
  stages.push(stage)
  return stage
}
after(() => Promise.all(stages.map(stage => stage.close())))

const facts = {
  ...{ customer: 'BUDI', periods: 'MEI 2026,JUN 2026', amount: 39_500, admin: 2_500 },
  detail: '{"daya":1300}',
}
const token = `s1.abcdefgh.${'x'.repeat(60)}`
const bill: InquiredBill = {
  ...{ ...facts, product: 'PLN', destination: '530000000001', price: 40_500, token },
  expiresAt: bornAt,
}
const shown = {
  ...{ customer_name: 'BUDI', periods: ['MEI 2026', 'JUN 2026'], amount: 39_500 },
  ...{ admin_fee: 2_500, detail: { daya: 1_300 } },
}
const wish = { product_code: 'pln', destination: '530000000001' }
const inquire = (stage: Stage, body: object) =>
  send(stage, {
    ...{ method: 'POST', path: '/api/v1/transactions/inquiry' },
    body: JSON.stringify(body),
  })

test('inquiry: a bill: what is owed, what is paid, and the token; not what we pay (PPF1)', async () => {
  const stage = await open({ 'postpaid.inquire': () => ({ ok: { kind: 'bill', bill } }) })
  const { status, body } = await inquire(stage, { ...wish, ref_id: 'r' })
  equal(status, 200)
  deepEqual(body['data'], {
    ...{ kind: 'bill', product_code: 'PLN', destination: '530000000001', ...shown },
    ...{
      total: 42_000,
      price: 40_500,
      inquiry_token: token,
      expires_at: '2026-01-02T03:04:05.678Z',
    },
  })
  deepEqual(stage.askedOf('postpaid.inquire'), [
    { userId, level: 2, product: 'pln', destination: '530000000001', ref: 'r' },
  ])
})

test('inquiry: whose meter it is: its own words (PPF1)', async () => {
  const meter = { name: 'BUDI', meterNumber: '1', subscriberId: '2', segment: 'R1 /000001300' }
  const stage = await open({ 'postpaid.inquire': () => ({ ok: { kind: 'meter', meter } }) })
  deepEqual((await inquire(stage, wish)).body['data'], {
    ...{ kind: 'meter', customer_name: 'BUDI', meter_number: '1', subscriber_id: '2' },
    segment_power: 'R1 /000001300',
  })
})

test('inquiry: refusals and limits: as for orders, and no money moved (PPF2)', async () => {
  const stage = await open(
    {
      'identity.key': () => keyCard({ ratePerMin: 2 }),
      'postpaid.inquire': () => ({ refused: 'BILL_UNAVAILABLE', moneyEffect: 'none' }),
    },
    { now: () => Date.now() },
  )
  const none = await inquire(stage, wish)
  deepEqual([none.status, none.body['error_code'], none.body['money_effect']], [
    ...[422, 'BILL_UNAVAILABLE', 'none'],
  ] as never)
  equal((await inquire(stage, { ...wish, destination: '' })).status, 400)
  equal((await inquire(stage, wish)).status, 429)
})

test('inquiry: paying: the token goes along, and the order shows its bill (PPF1)', async () => {
  const order = orderView({ bill: facts })
  const stage = await open({
    'order.place': () => ({ ok: { order, balance: 1, repeated: false } }),
  })
  const paid = await send(stage, {
    ...{ method: 'POST', path: '/api/v1/transactions' },
    body: JSON.stringify({ ref_id: 'r', ...wish, inquiry_token: token }),
  })
  deepEqual(paid.body['data']!['bill'], shown)
  equal(stage.askedOf('order.place')[0]!.inquiryToken, token)
  const bulk = await open({ 'bulk.start': () => ({ ok: { jobId: 'j' } }) })
  const rows = [{ ref_id: 'a', ...wish, inquiry_token: token }]
  const path = '/api/v1/transactions/bulk'
  await send(bulk, { method: 'POST', path, body: JSON.stringify({ ref_id: 'L', rows }) })
  const csv = `ref_id,product_code,destination,inquiry_token\na,pln,1,${token}\nb,xl,1,\n`
  const headers = { 'content-type': 'text/csv' }
  await send(bulk, { method: 'POST', path: `${path}?ref_id=L`, body: csv, headers })
  deepEqual(
    bulk.askedOf('bulk.start').map(list => list.rows.map(row => row.inquiryToken)),
    [[token], [token, undefined]],
  )
})

// -- the same in Digiflazz's words -----------------------------------------------------------------

const asked = {
  ...{ username: 'user', buyer_sku_code: 'pln', customer_no: '530000000001', ref_id: 'ref-1' },
  sign: signOf('userkeyref-1'),
}
const transact = (stage: Stage, commands: string) =>
  plain(stage, {
    ...{ method: 'POST', path: '/h2h/v1/transaction' },
    body: JSON.stringify({ ...asked, commands }),
  })
const identity = { ref_id: 'ref-1', customer_no: '530000000001', buyer_sku_code: 'pln' }
const inquiredWords = {
  ...{ customer_name: 'BUDI', admin: 2_500, price: 40_500, selling_price: 42_000 },
  desc: { daya: 1_300 },
}

test('digiflazz: inq-pasca: the bill in their fields, kept under the ref (GD5, PPH1)', async () => {
  const stage = await open({
    'postpaid.inquire': () => ({ ok: { kind: 'bill', bill } }),
    'wallet.balance': () => ({ ok: { balance: 9, held: 0, available: 9 } }),
  })
  const { status, body } = await transact(stage, 'inq-pasca')
  equal(status, 200)
  deepEqual(body['data'], {
    ...{ ...identity, message: 'Transaksi Sukses', status: 'Sukses', rc: '00' },
    ...{ ...inquiredWords, buyer_last_saldo: 9 },
  })
  deepEqual(stage.askedOf('postpaid.inquire'), [
    { userId, level: 2, product: 'pln', destination: '530000000001', ref: 'ref-1', sameDay: true },
  ])
  deepEqual(stage.askedOf('order.place'), [])
})

test('digiflazz: pay-pasca: pays by the ref; short while pending and failed, whole when paid (GD5, PPH1)', async () => {
  let order = orderView({ bill: facts, price: 40_500 })
  const stage = await open({
    'postpaid.pay': () => ({ ok: { order, balance: 7, repeated: false } }),
    'order.byRef': () => ({ ok: order }),
  })
  const pending = { ...identity, message: 'Transaksi Pending', status: 'Pending', rc: '03' }
  deepEqual((await transact(stage, 'pay-pasca')).body['data'], pending)
  order = orderView({ bill: facts, price: 40_500, status: 'FAILED', moneyEffect: 'refunded' })
  const failed = { ...identity, message: 'Transaksi Gagal', status: 'Gagal', rc: '02' }
  deepEqual((await transact(stage, 'pay-pasca')).body['data'], failed)
  order = orderView({
    bill: facts,
    price: 40_500,
    status: 'SUCCESS',
    sn: 'SN',
    moneyEffect: 'charged',
  })
  const paid = {
    ...{ ...identity, message: 'Transaksi Sukses', status: 'Sukses', rc: '00', ...inquiredWords },
    ...{ sn: 'SN', periode: 'MEI 2026,JUN 2026' },
  }
  const told = (await transact(stage, 'pay-pasca')).body['data']
  deepEqual(told, { ...paid, buyer_last_saldo: 7 })
  deepEqual((await transact(stage, 'status-pasca')).body['data'], paid)
  deepEqual(stage.askedOf('order.place'), [])
})

test('digiflazz: pasca refused: the short body, with the rc of its meaning (GD5, PPH1)', async () => {
  const cases = [
    ['BILL_UNAVAILABLE', '60'],
    ['INQUIRY_UNANSWERED', '62'],
    ['INQUIRY_REQUIRED', '50'],
    ['INQUIRY_EXPIRED', '60'],
    ['INQUIRY_INVALID', '49'],
    ['INQUIRY_USED', '63'],
  ] as const
  for (const [refused, rc] of cases) {
    const no = () => ({ refused, moneyEffect: 'none' }) as const
    const stage = await open({ 'postpaid.inquire': no, 'postpaid.pay': no })
    for (const command of ['inq-pasca', 'pay-pasca']) {
      const { message, ...data } = (await transact(stage, command)).body['data']!
      equal(typeof message, 'string')
      deepEqual(data, { ...identity, status: 'Gagal', rc })
    }
  }
})

test('digiflazz: inquiry-pln: whose meter it is, and what is none (GD3)', async () => {
  const meter = { name: 'BUDI', meterNumber: '12', subscriberId: '53', segment: 'R1 /000001300' }
  const stage = await open({ 'postpaid.meter': () => ({ ok: meter }) })
  const ask = async (customer_no: string, sign = signOf(`userkey${customer_no}`)) =>
    plain(stage, {
      ...{ method: 'POST', path: '/h2h/v1/inquiry-pln' },
      body: JSON.stringify({ username: 'user', customer_no, sign }),
    })
  deepEqual((await ask('12345678901')).body['data'], {
    ...{ message: 'Transaksi Sukses', status: 'Sukses', rc: '00', customer_no: '12345678901' },
    ...{ meter_no: '12', subscriber_id: '53', name: 'BUDI', segment_power: 'R1 /000001300' },
  })
  deepEqual(stage.askedOf('postpaid.meter'), [{ number: '12345678901' }])
  equal((await ask('123')).body['data']!['rc'], '57')
  equal((await ask('12345678901', signOf('userkey'))).body['data']!['rc'], '41')
})
