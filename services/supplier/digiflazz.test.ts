import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import type { Asked, Claim, Occasion, Reading } from './adapter.ts'
import { digiflazz, signOf } from './digiflazz.ts'
import { type Class, classOn, codes } from './digiflazz-codes.ts'

const credentials = { username: 'user', apiKey: 'key', webhookSecret: 'secret' }
const asked: Asked = {
  ref: 'ref-1',
  sku: 'xld25',
  dest: '087800001233',
  maxPrice: 26_000,
  testing: false,
}

/** Digiflazz's own sample, changed where a test says so. */
const sample = {
  ref_id: 'ref-1',
  customer_no: '087800001233',
  buyer_sku_code: 'xld25',
  message: 'Transaksi Pending',
  status: 'Pending',
  rc: '03',
  sn: '',
  buyer_last_saldo: 100_000,
  price: 25_000,
  tele: '@telegram',
  wa: '0812',
}
const success = { ...sample, status: 'Sukses', rc: '00', sn: '1234567890', message: 'Sukses' }
const failure = { ...sample, status: 'Gagal', rc: '02', message: 'Transaksi Gagal' }

const readText = (body: string, occasion: Occasion = 'purchase', status = 200): Reading =>
  digiflazz.read({ kind: 'answer', status, body, ms: 5 }, asked, occasion, credentials)
const read = (data: unknown, occasion: Occasion = 'purchase', status = 200): Reading =>
  readText(JSON.stringify({ data }), occasion, status)
const brief = (reading: Reading): string => {
  switch (reading.outcome) {
    case 'success':
      return `success ${reading.sn}`
    case 'unknown':
      return `unknown ${reading.why}`
    case 'failed':
    case 'pending':
      return `${reading.outcome} ${reading.code}`
  }
}

test('digiflazz: sign: as the vectors say (S11)', () => {
  equal(signOf(credentials, 'ref-1'), '6e061821677b8dd27668fc5e8d11b418')
  equal(signOf(credentials, 'depo'), 'e9d1db43a49c569bcc2bc7164cbe6127')
  equal(signOf(credentials, 'pricelist'), '6870b202c286b430a1f8a6744d48a862')
  equal(signOf(credentials, 'deposit'), 'ceec9e72c6645e30e25eae8f8d5c1372')
})

test('digiflazz: purchase: the documented body, and the check is the same (S11)', () => {
  const request = digiflazz.purchase(asked, credentials)
  equal(request.method, 'POST')
  equal(request.path, '/transaction')
  deepEqual(JSON.parse(request.body!), {
    username: 'user',
    buyer_sku_code: 'xld25',
    customer_no: '087800001233',
    ref_id: 'ref-1',
    sign: '6e061821677b8dd27668fc5e8d11b418',
    max_price: 26_000,
  })
  deepEqual(digiflazz.check(asked, credentials), request)
  const more = { ...asked, testing: true, callbackUrl: 'https://laju.example.id/cb' }
  const body = JSON.parse(digiflazz.purchase(more, credentials).body!)
  equal(body.testing, true)
  equal(body.cb_url, 'https://laju.example.id/cb')
})

const documented =
  '00 01 02 03 40 41 42 43 44 45 47 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 ' +
  '69 70 71 72 73 74 80 81 82 83 84 85 86 87 88 99'

test('digiflazz codes: table: complete, and nothing else is known (S5)', () => {
  equal([...codes.keys()].join(' '), documented)
  for (const rc of ['04', '46', '75', '100', '', 'xx']) equal(classOn(rc, 'purchase'), 'query')
})

const wordFor: Record<Class, string> = {
  success: 'Sukses',
  pending: 'Pending',
  failed_safe: 'Gagal',
  failed_watch: 'Gagal',
  query: 'Gagal',
}
const rcsRead = (occasion: Occasion): Record<string, string> =>
  Object.fromEntries(
    [...codes].map(([rc, code]) => [
      rc,
      read({ ...sample, rc, status: wordFor[code.class] }, occasion).outcome,
    ]),
  )
const only = (outcomes: Record<string, string>, outcome: string): string =>
  Object.keys(outcomes)
    .filter(rc => outcomes[rc] === outcome)
    .sort()
    .join(' ')

test('digiflazz codes: on a purchase: declared failures count, 49 does not (S6)', () => {
  const outcomes = rcsRead('purchase')
  equal(only(outcomes, 'success'), '00')
  equal(only(outcomes, 'pending'), '03 99')
  equal(only(outcomes, 'unknown'), '49')
  equal(Object.values(outcomes).filter(outcome => outcome === 'failed').length, codes.size - 4)
})

test('digiflazz codes: on a check: only failures of created transactions count (S7)', () => {
  const outcomes = rcsRead('check')
  equal(only(outcomes, 'success'), '00')
  equal(only(outcomes, 'pending'), '03 99')
  equal(only(outcomes, 'failed'), '01 02 51 52 53 54 55 57 58 59 60 70 71 72 73 74 84')
  for (const rc of '40 41 42 43 44 45 47 49 50 61 62 63 68 69 82 83 85 86 88'.split(' ')) {
    equal(outcomes[rc], 'unknown', rc)
  }
})

test('digiflazz codes: in a callback: access, limits and not found say nothing (S8)', () => {
  const outcomes = rcsRead('callback')
  equal(only(outcomes, 'unknown'), '41 42 44 45 49 50 61 82 83 85 86 88')
  equal(outcomes['68'], 'failed')
})

test('digiflazz codes: 03 and 99: pending wherever they stand (S9)', () => {
  for (const occasion of ['purchase', 'check', 'callback'] as const) {
    for (const rc of ['03', '99']) equal(brief(read({ ...sample, rc }, occasion)), `pending ${rc}`)
  }
})

test('digiflazz codes: failures on watch, hopeless ones, and trouble of the account (S10)', () => {
  const failed = [...codes.keys()].flatMap(rc => {
    const reading = read({ ...failure, rc })
    return reading.outcome === 'failed' ? [{ rc, ...reading }] : []
  })
  const where = (holds: (row: (typeof failed)[number]) => boolean): string =>
    failed
      .filter(holds)
      .map(({ rc }) => rc)
      .join(' ')
  equal(
    where(row => row.watch),
    '01 50 70 74 85',
  )
  equal(
    where(row => !row.retryable),
    '51 52 54 57 60 72 73 84 87',
  )
  equal(
    where(row => row.supplierTrouble),
    '41 42 44 45 61 82 83 85 86 88',
  )
  equal(read({ ...failure, rc: '45' }, 'check').supplierTrouble, true)
})

const bodies: Record<string, [body: string, why: string]> = {
  empty: ['', 'body_empty'],
  spaces: [' \r\n', 'body_empty'],
  html: ['<html><h1>502 Bad Gateway</h1></html>', 'not_json'],
  'half json': ['{"data":{"ref_id":"ref-1","status":"Suk', 'not_json'],
  text: ['OK', 'not_json'],
  'json without data': ['{"rc":"00","status":"Sukses","ref_id":"ref-1"}', 'data_missing'],
  'json that is no object': ['"data"', 'data_missing'],
  'null data': ['{"data":null}', 'data_missing'],
  'data that is a list': ['{"data":[{"rc":"00"}]}', 'data_is_list'],
  'data that is text': ['{"data":"Sukses"}', 'data_missing'],
  'empty data': ['{"data":{}}', 'ref_missing'],
}

for (const [name, [body, why]] of Object.entries(bodies)) {
  test(`digiflazz: a body of ${name}: unknown (S12)`, () => {
    equal(brief(readText(body)), `unknown ${why}`)
    equal(readText(body, 'purchase', 502).supplierTrouble, why !== 'ref_missing')
  })
}

test('digiflazz: http status: does not matter where the envelope is whole (S12)', () => {
  for (const status of [200, 400, 403, 500, 503]) {
    equal(brief(read(success, 'purchase', status)), 'success 1234567890')
    equal(brief(read(failure, 'purchase', status)), 'failed 02')
  }
  const short = { rc: '41', status: 'Gagal', message: 'Signature anda salah' }
  equal(brief(read(short, 'purchase', 400)), 'failed 41')
})

const contradictions: Record<string, [data: object, why: string]> = {
  'Sukses with 02': [{ ...failure, status: 'Sukses' }, 'contradiction'],
  'Gagal with 00': [{ ...success, status: 'Gagal' }, 'contradiction'],
  'Pending with 00': [{ ...success, status: 'Pending' }, 'contradiction'],
  'Gagal with 99': [{ ...failure, rc: '99' }, 'contradiction'],
  'Pending with 44': [{ ...sample, rc: '44' }, 'contradiction'],
  'an unheard-of word': [{ ...success, status: 'Berhasil' }, 'contradiction'],
  'an undocumented failure': [{ ...failure, rc: '75' }, 'rc_undocumented'],
  'an undocumented success': [{ ...success, rc: '200' }, 'rc_undocumented'],
  'no code': [{ ...success, rc: undefined }, 'rc_missing'],
  'a code that is an object': [{ ...success, rc: {} }, 'rc_missing'],
  'no word': [{ ...success, status: '' }, 'status_missing'],
}

for (const [name, [data, why]] of Object.entries(contradictions)) {
  test(`digiflazz: ${name}: unknown on every occasion (S13)`, () => {
    for (const occasion of ['purchase', 'check', 'callback'] as const) {
      equal(brief(read(data, occasion)), `unknown ${why}`)
    }
  })
}

const strangers: Record<string, [data: object, why: string]> = {
  'another reference': [{ ...success, ref_id: 'ref-2' }, 'foreign_ref'],
  'another number': [{ ...success, customer_no: '087800001230' }, 'foreign_destination'],
  'another product': [{ ...success, buyer_sku_code: 'xld10' }, 'foreign_sku'],
  'a success about nobody': [{ ...success, ref_id: undefined }, 'ref_missing'],
  'a failure about nobody': [{ ...failure, ref_id: '' }, 'ref_missing'],
  'a pending about nobody': [{ ...sample, ref_id: null }, 'ref_missing'],
  'a refusal about another': [{ ...failure, rc: '44', ref_id: 'ref-2' }, 'foreign_ref'],
}

for (const [name, [data, why]] of Object.entries(strangers)) {
  test(`digiflazz: ${name}: unknown (S14)`, () => {
    equal(brief(read(data)), `unknown ${why}`)
  })
}

test('digiflazz: our own words in another guise: recognised (S14)', () => {
  const guise = { ...success, customer_no: 87800001233, buyer_sku_code: 'XLD25', rc: 0 }
  equal(brief(read({ ...guise, status: 'SUKSES' })), 'success 1234567890')
})

test('digiflazz: success: serial, price and balance as far as they are legible (S15)', () => {
  const told = (extra: object) => {
    const reading = read({ ...success, ...extra })
    return reading.outcome === 'success' ? [reading.sn, reading.cost, reading.balance] : reading
  }
  deepEqual(told({}), ['1234567890', 25_000, 100_000])
  deepEqual(told({ sn: '', price: '25000' }), ['', 25_000, 100_000])
  deepEqual(told({ sn: undefined, price: undefined, buyer_last_saldo: undefined }), [
    '',
    null,
    null,
  ])
  deepEqual(told({ price: '25.000', buyer_last_saldo: '99999.99' }), ['1234567890', null, 99_999])
  deepEqual(told({ price: 25_000.5, buyer_last_saldo: 99_999.99 }), ['1234567890', null, 99_999])
  deepEqual(told({ price: -1, buyer_last_saldo: -0.5 }), ['1234567890', null, -1])
  deepEqual(told({ price: 1e300, buyer_last_saldo: 'n/a' }), ['1234567890', null, null])
  const long = JSON.stringify({ data: success }).replace('"1234567890"', '25141798805622802824')
  equal(brief(readText(long)), 'success 25141798805622802824')
})

test('digiflazz: evidence: their words without ours (S4)', () => {
  const sign = signOf(credentials, 'ref-1')
  const { reply } = read({ ...failure, message: `user secret ${sign}`, extra: 'x'.repeat(4000) })
  match(reply, /\*\*\* \*\*\* \*\*\*/)
  ok(!reply.includes(sign) && !reply.includes('secret'))
  ok(reply.length <= 2048)
  const failed = read({ ...failure, message: 'user '.repeat(100) })
  ok(
    failed.outcome === 'failed' && failed.message.length <= 200 && !failed.message.includes('user'),
  )
})

const signed = (body: string, secret = 'secret'): Record<string, string> => ({
  'x-hub-signature': `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`,
})
const hook = (body: string, headers: Record<string, string> = signed(body)): Claim =>
  digiflazz.callback(headers, Buffer.from(body), credentials)
const vector = '{"data":{"ref_id":"ref-1","status":"Sukses","rc":"00"}}'

test('digiflazz callback: signature: as the vector says, over the raw bytes (S16)', () => {
  const header = 'sha1=6b81431bed0309eaf2476d8af80bc72a92c54032'
  const claim = hook(vector, { 'x-hub-signature': header })
  ok(claim.verdict === 'report' && brief(claim.reading) === 'success ')
  equal(hook(`${vector} `, { 'x-hub-signature': header }).verdict, 'forged')
})

test('digiflazz callback: no, wrong or halved signature: forged (S16)', () => {
  equal(hook(vector, {}).verdict, 'forged')
  equal(hook(vector, signed(vector, 'other')).verdict, 'forged')
  const { 'x-hub-signature': good } = signed(vector)
  for (const bad of [
    '',
    'sha1=',
    good!.slice(5),
    good!.slice(0, -1),
    `${good}0`,
    `sha256=${good}`,
  ]) {
    equal(hook(vector, { 'x-hub-signature': bad }).verdict, 'forged', bad)
  }
  const unset = { username: 'user', apiKey: 'key', webhookSecret: '' }
  const claim = digiflazz.callback(signed(vector, ''), Buffer.from(vector), unset)
  equal(claim.verdict, 'forged')
})

test('digiflazz callback: create, update and pasca: read from under data (S16)', () => {
  const body = JSON.stringify({ data: { ...failure, trx_id: 'x' } })
  for (const event of ['create', 'update']) {
    const agent = { 'user-agent': 'Digiflazz-Pasca-Hookshot', 'x-digiflazz-event': event }
    const claim = hook(body, { ...signed(body), ...agent })
    ok(claim.verdict === 'report' && brief(claim.reading) === 'failed 02')
    deepEqual([claim.ref, claim.sku, claim.dest], ['ref-1', 'xld25', '087800001233'])
  }
  const root = JSON.stringify(success)
  deepEqual(hook(root), { verdict: 'garbled', why: 'data_missing' })
  const nobody = JSON.stringify({ data: { ...success, ref_id: undefined } })
  deepEqual(hook(nobody), { verdict: 'garbled', why: 'ref_missing' })
})

test('digiflazz callback: ping: acknowledged, forged when signed wrongly, never news (S17)', () => {
  const ping = JSON.stringify({
    sed: 'random',
    hook_id: '1',
    hook: { url: 'u', secret: 'secret', type: 'application/json', status: 1 },
  })
  const isPing = (body: string, headers = {}) => digiflazz.isPing(headers, Buffer.from(body))
  ok(isPing(ping))
  ok(isPing('{"data":"ping"}'))
  ok(isPing('{}', { 'x-digiflazz-event': 'ping' }))
  ok(!isPing(vector, { 'x-digiflazz-event': 'ping' }))
  ok(!isPing('{}') && !isPing('ping') && !isPing('null') && !isPing('[]'))
  equal(hook(ping).verdict, 'ping')
  equal(hook(ping, {}).verdict, 'ping')
  equal(hook(ping, signed(ping, 'other')).verdict, 'forged')
})
