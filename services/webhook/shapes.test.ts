import { deepEqual, equal, match } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import type { OrderBrief } from '../contract/order-view.ts'
import { defaultRules } from '../parser/default-rules.ts'
import { RuleSet } from '../parser/rules.ts'
import { readClaim } from '../parser/verdict.ts'
import { type Fact, keyOf, letterOf, pingWords, wordsOf } from './shapes.ts'

const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
const order: OrderBrief = {
  trxId: '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e881',
  userId: '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e880',
  ref: 'ref-1',
  product: 'XLD10',
  destination: '087800001230',
  price: 10_500,
  status: 'SUCCESS',
  sn: 'SN 1/é',
  failure: null,
  disputed: false,
  moneyEffect: 'charged',
  attempts: [],
  createdAt: at,
  updatedAt: at,
}
const fact = (change: Partial<Fact> = {}): Fact => ({
  ...{ event: 'order.success', at, order, more: {}, balance: 489_500 },
  ...change,
})

test('shapes: standard: the vector of the specification’s own libraries (WHA1)', () => {
  const { headers } = letterOf(
    {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      event: 'ping',
      shape: 'standard',
      url: 'https://client.example/hook',
      words: '{"test": 2432232314}',
    },
    [keyOf('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')],
    1_614_265_330_000,
  )
  equal(headers['webhook-timestamp'], '1614265330')
  equal(headers['webhook-signature'], 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

test('shapes: standard: what it says of an order, and a signature per secret (WHA1)', () => {
  const words = wordsOf('standard', fact())!
  deepEqual(JSON.parse(words), {
    type: 'order.success',
    timestamp: '2026-01-02T03:04:05.678Z',
    data: {
      trx_id: order.trxId,
      ref_id: 'ref-1',
      product_code: 'XLD10',
      destination: '087800001230',
      price: 10_500,
      status: 'SUCCESS',
      sn: 'SN 1/é',
      failure: null,
      money_effect: 'charged',
      balance: 489_500,
    },
  })
  const message = {
    id: 'msg_1',
    event: 'order.success',
    shape: 'standard',
    url: 'x',
    words,
  } as const
  const both = letterOf(message, [Buffer.from('new'), Buffer.from('old')], at)
  const head = `msg_1.${both.headers['webhook-timestamp']}.`
  const right = (key: string) =>
    `v1,${createHmac('sha256', key).update(head).update(words).digest('base64')}`
  equal(both.headers['webhook-signature'], `${right('new')} ${right('old')}`)
  equal('webhook-signature' in letterOf(message, [], at).headers, false)
})

test('shapes: digiflazz: their fields, their signature over the raw bytes (WHA2)', () => {
  const words = wordsOf('digiflazz', fact())!
  deepEqual(JSON.parse(words), {
    data: {
      ref_id: 'ref-1',
      customer_no: '087800001230',
      buyer_sku_code: 'XLD10',
      message: 'Transaksi Sukses',
      status: 'Sukses',
      rc: '00',
      sn: 'SN 1/é',
      buyer_last_saldo: 489_500,
      price: 10_500,
      tele: '',
      wa: '',
    },
  })
  const message = { id: 'msg_1', shape: 'digiflazz', url: 'https://c.example/', words } as const
  const key = [Buffer.from('rahasia')]
  const { method, headers, body } = letterOf({ ...message, event: 'order.created' }, key, at)
  equal(method, 'POST')
  equal(body, words)
  equal(headers['X-Digiflazz-Event'], 'create')
  equal(headers['User-Agent'], 'Digiflazz-Hookshot')
  const right = createHmac('sha1', 'rahasia').update(Buffer.from(words)).digest('hex')
  equal(headers['X-Hub-Signature'], `sha1=${right}`)
  const known = { ...message, event: 'order.failed', words: 'The quick brown fox' }
  const signature = letterOf(known, [Buffer.from('key')], at).headers['X-Hub-Signature']
  equal(signature, `sha1=${createHmac('sha1', 'key').update('The quick brown fox').digest('hex')}`)
  equal(
    letterOf({ ...message, event: 'order.failed' }, key, at).headers['X-Digiflazz-Event'],
    'update',
  )
  equal('X-Hub-Signature' in letterOf({ ...message, event: 'x' }, [], at).headers, false)
})

test('shapes: digiflazz: each state in their words, as an answer would have it (WHA2)', () => {
  const rcOf = (change: Partial<OrderBrief>): string => {
    const { data } = JSON.parse(wordsOf('digiflazz', fact({ order: { ...order, ...change } }))!)
    return `${data.rc} ${data.status}`
  }
  equal(rcOf({ status: 'PROCESSING', sn: null }), '03 Pending')
  equal(rcOf({ status: 'FAILED', sn: null }), '02 Gagal')
  equal(rcOf({ status: 'REFUND' }), '74 Gagal')
})

test('shapes: otomax: a report URL, with the words where the address has a query (WHA3)', () => {
  const words = wordsOf('otomax', fact())!
  const message = { id: 'msg_1', event: 'order.success', shape: 'otomax', words } as const
  const { method, url, body } = letterOf({ ...message, url: 'http://c.example/r?k=1' }, [], at)
  equal(method, 'GET')
  equal(body, null)
  const asked = new URL(url).searchParams
  const trxNumber = BigInt(`0x${order.trxId.replaceAll('-', '')}`).toString()
  deepEqual(
    ['k', 't', 'refid', 'status', 'price'].map(name => asked.get(name)),
    ['1', trxNumber, 'ref-1', '20', '10500'],
  )
  equal(
    asked.get('message'),
    `R#ref-1 TrxID=${trxNumber} XLD10.087800001230 SUKSES. SN/Ref: SN 1/é. ` +
      'Saldo 500.000 - 10.500 = 489.500. @10.04.05',
  )
})

test('shapes: otomax: what members’ rules for the default report take out of it (WHA6)', () => {
  const saidOf = (change: Partial<OrderBrief>, more: Partial<Fact> = {}) => {
    const words = wordsOf(
      'otomax',
      fact({ order: { ...order, ref: '44474', ...change }, ...more }),
    )!
    return decodeURIComponent(words.replaceAll('+', ' '))
  }
  const sold =
    /refid=(?<trxid>\d+)&status=20&price=(?<hargabeli>\d+)&message=.*. SN\/Ref: (?<sn>.+). Saldo/
  for (const more of [{}, { balance: undefined }] as Partial<Fact>[]) {
    const { trxid, hargabeli, sn } = sold.exec(saidOf({ sn: 'A.B/5.000' }, more))!.groups!
    deepEqual([trxid, hargabeli, sn], ['44474', '10500', 'A.B/5.000'])
  }
  const lost = /(?<product>\w+).(?<tujuan>\d+) GAGAL. . Saldo (?<saldo>[.,\d]+). @/
  for (const status of ['FAILED', 'REFUND'] as const) {
    const said = saidOf({ status, sn: null })
    match(said, /refid=44474&status=40&price=0&/)
    const { product, tujuan, saldo } = lost.exec(said)!.groups!
    deepEqual([product, tujuan, saldo], ['XLD10', '087800001230', '489.500'])
    match(said, /@10\.04\.05 \w+/)
  }
  match(saidOf({ status: 'PROCESSING', sn: null }), / XLD10\.\d+ Harga=10\.500 akan diproses\. /)
})

test('shapes: product and number as the client wrote them, but in our own shape (WHA7)', () => {
  const said = { product: 'xld10', destination: '6287800001230' }
  const written = { ...order, said }
  const inJson = (shape: 'standard' | 'digiflazz' | 'digiflazz-seller') =>
    JSON.parse(wordsOf(shape, fact({ order: written }))!).data
  const { buyer_sku_code, customer_no } = inJson('digiflazz')
  deepEqual([buyer_sku_code, customer_no], ['xld10', '6287800001230'])
  const { code, customer_id } = inJson('digiflazz-seller')
  deepEqual([code, customer_id], ['xld10', '6287800001230'])
  deepEqual(inJson('standard').destination, order.destination)
  const irs = new URLSearchParams(wordsOf('irs', fact({ order: written }))!)
  deepEqual([irs.get('kp'), irs.get('msisdn')], ['xld10', '6287800001230'])
  match(irs.get('msg')!, / xld10\.6287800001230 SUKSES/)
})

test('shapes: otomax, irs: another Laju reads the report with its default rules (WHA6)', () => {
  const rules = new RuleSet(defaultRules)
  const read = (status: OrderBrief['status'], sn: string | null) => {
    const words = wordsOf('otomax', fact({ order: { ...order, status, sn } }))!
    const text = decodeURIComponent(words.replaceAll('+', ' '))
    const claim = readClaim(rules, { text, ref: order.ref })
    equal(claim.verdict, 'report')
    if (claim.verdict !== 'report') return null
    const { outcome } = claim.reading
    return outcome === 'success' ? [outcome, claim.reading.sn, claim.reading.cost] : [outcome]
  }
  deepEqual(read('SUCCESS', 'SN 1/5.000'), ['success', 'SN 1/5.000', 10_500])
  deepEqual(read('FAILED', null), ['failed'])
  deepEqual(read('REFUND', null), ['failed'])
})

test('shapes: otomax: a bill’s report: its parts behind the serial, no word that misleads (WHA3)', () => {
  const bill = {
    customer: 'BUDI GAGAL.',
    periods: 'SEP,OKT',
    amount: 95_000,
    admin: 2_500,
    detail: '',
  }
  const told = new URLSearchParams(wordsOf('otomax', fact({ order: { ...order, bill } }))!)
  const parts = 'SN 1/é/BUDI */TAG:95000/ADM:2500/TOTAL:97500/PERIODE:SEP,OKT'
  equal(told.get('message')!.includes(` SUKSES. SN/Ref: ${parts}. Saldo `), true)
})

test('shapes: irs: how an order ended, under the names of its relatives; the rest is not told (WHA4)', () => {
  const words = wordsOf('irs', fact())!
  const message = { id: 'msg_1', event: 'order.success', shape: 'irs', words } as const
  const { method, url } = letterOf({ ...message, url: 'http://c.example/r?k=1' }, [], at)
  equal(method, 'GET')
  const asked = Object.fromEntries(new URL(url).searchParams)
  const { msg = '', ...named } = asked
  deepEqual(named, {
    ...{ k: '1', serverid: BigInt(`0x${order.trxId.replaceAll('-', '')}`).toString() },
    ...{ clientid: 'ref-1', statuscode: '1', kp: 'XLD10', msisdn: '087800001230', sn: 'SN 1/é' },
  })
  match(msg, / SUKSES\. SN\/Ref: SN 1\/é\. /)
  const codeOf = (status: OrderBrief['status']) => {
    const told = wordsOf('irs', fact({ order: { ...order, status, sn: null } }))
    return told === null ? null : new URLSearchParams(told).get('statuscode')
  }
  deepEqual((['PENDING', 'PROCESSING', 'FAILED', 'REFUND'] as const).map(codeOf), [
    null,
    null,
    '2',
    '2',
  ])
})

test('shapes: digiflazz’s seller: how an order ended, as a question is answered (WHA5)', () => {
  const words = wordsOf('digiflazz-seller', fact())!
  deepEqual(JSON.parse(words), {
    data: {
      ...{ ref_id: 'ref-1', status: '1', code: 'XLD10', customer_id: '087800001230' },
      ...{ price: '10500', message: 'SUKSES', balance: '489500', tr_id: order.trxId },
      ...{ rc: '00', sn: 'SN 1/é' },
    },
  })
  const message = { id: 'msg_1', event: 'order.success', shape: 'digiflazz-seller' } as const
  const letter = letterOf({ ...message, url: 'https://c.example/cb', words }, [], at)
  deepEqual([letter.method, letter.url, letter.body], ['POST', 'https://c.example/cb', words])
  const rcOf = (status: OrderBrief['status']) => {
    const told = wordsOf('digiflazz-seller', fact({ order: { ...order, status } }))
    if (told === null) return null
    const { data } = JSON.parse(told)
    return `${data.status} ${data.rc}`
  }
  deepEqual((['PROCESSING', 'FAILED', 'REFUND'] as const).map(rcOf), [null, '2 07', '2 07'])
})

test('shapes: what a shape has no words for is not told in it; a ping tells nothing (WHA3)', () => {
  const deposit = fact({ event: 'balance.updated', order: null, more: { amount: 5 } })
  equal(wordsOf('digiflazz', deposit), null)
  equal(wordsOf('otomax', deposit), null)
  match(wordsOf('standard', deposit)!, /"data":\{"amount":5,"balance":489500\}/)
  const shapes = ['standard', 'digiflazz', 'otomax', 'irs', 'digiflazz-seller'] as const
  for (const shape of shapes) {
    equal(/secret|whsec/.test(pingWords(shape, { id: 'x', at })), false)
  }
})

const bill = {
  ...{ customer: 'BUDI', periods: 'MEI 2026,JUN 2026', amount: 39_500, admin: 2_500 },
  detail: '{"tele":"","wa":""}',
}

test('shapes: a bill: told with the order; in Digiflazz’s shape whole once it is paid (WHA1, WHA2)', () => {
  const paid = { ...order, bill, price: 40_500 }
  const { data } = JSON.parse(wordsOf('standard', fact({ order: paid }))!)
  deepEqual(data.bill, {
    ...{ customer_name: 'BUDI', periods: ['MEI 2026', 'JUN 2026'], amount: 39_500 },
    ...{ admin_fee: 2_500, detail: { tele: '', wa: '' } },
  })
  const words = wordsOf('digiflazz', fact({ order: paid }))!
  deepEqual(JSON.parse(words).data, {
    ...{ ref_id: 'ref-1', customer_no: '087800001230', buyer_sku_code: 'XLD10', rc: '00' },
    ...{ message: 'Transaksi Sukses', status: 'Sukses', customer_name: 'BUDI', admin: 2_500 },
    ...{ price: 40_500, selling_price: 42_000, desc: { tele: '', wa: '' }, sn: 'SN 1/é' },
    ...{ periode: 'MEI 2026,JUN 2026', buyer_last_saldo: 489_500 },
  })
  const failed = { ...paid, status: 'FAILED', sn: null } as const
  const short = wordsOf('digiflazz', fact({ order: failed }))!
  deepEqual(Object.keys(JSON.parse(short).data), [
    ...['ref_id', 'customer_no', 'buyer_sku_code', 'message', 'status', 'rc'],
  ])
  const agentOf = (text: string, event = 'order.success') =>
    letterOf({ id: 'i', event, shape: 'digiflazz', url: 'https://c.example', words: text }, [], 0)
      .headers['User-Agent']
  equal(agentOf(words), 'Digiflazz-Pasca-Hookshot')
  equal(agentOf(short), 'Digiflazz-Pasca-Hookshot')
  equal(agentOf(wordsOf('digiflazz', fact())!), 'Digiflazz-Hookshot')
  equal(agentOf(pingWords('digiflazz', { id: 'i', at }), 'ping'), 'Digiflazz-Hookshot')
})
