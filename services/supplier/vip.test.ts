import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { Asked, Occasion, Reading } from './adapter.ts'
import { signatureOf, vip } from './vip.ts'
import { vipSamples } from './vip-samples.fixture.ts'

const { asked, credentials } = vipSamples
const { theirId: _, ...unanswered } = asked

const row = {
  ...{ trxid: 'VP123', data: '12345678', zone: '2001', service: 'ML86-S1' },
  ...{ status: 'success', note: 'SN', price: 25_000 },
}
function read(
  data: unknown,
  { about = unanswered, occasion = 'check' }: { about?: Asked; occasion?: Occasion } = {},
): Reading {
  const body = JSON.stringify({ result: true, data, message: '' })
  return vip.read({ kind: 'answer', status: 200, body, ms: 1 }, about, occasion, credentials)
}
const whyOf = (reading: Reading): string =>
  reading.outcome === 'unknown' ? reading.why : reading.outcome

const fieldsOf = ({ body }: { readonly body?: string }) =>
  Object.fromEntries(new URLSearchParams(body))

test('vip: requests: the endpoint by the sku, the zone by the brackets (ADD1)', () => {
  const auth = { key: credentials['apiKey'], sign: signatureOf(credentials) }
  const game = vip.purchase(asked, credentials)
  equal(game.path, '/game-feature')
  deepEqual(fieldsOf(game), {
    ...auth,
    ...{ type: 'order', service: 'ML86-S1', data_no: '12345678', data_zone: '2001' },
  })
  const pulse = vip.purchase({ ...asked, sku: 'TSEL25', dest: '081200000001' }, credentials)
  equal(pulse.path, '/prepaid')
  deepEqual(fieldsOf(pulse), {
    ...{ ...auth, type: 'order', service: 'TSEL25', data_no: '081200000001' },
  })
  deepEqual(fieldsOf(vip.check(asked, credentials)), { ...auth, type: 'status', trxid: 'VP123' })
  deepEqual(fieldsOf(vip.check(unanswered, credentials)), { ...auth, type: 'status', limit: '50' })
  equal(signatureOf({ apiId: 'APIID', apiKey: 'APIKEY' }), '8948bddf70f187276a9760911207f36f')
})

test('vip: the list: the only one that fits and is nobody else’s is ours (ADD2)', () => {
  const others = [
    { ...row, trxid: 'VP1', data: '87654321' },
    { ...row, trxid: 'VP2', zone: '2002' },
    { ...row, trxid: 'VP3', service: 'ML12' },
    { ...row, trxid: 'VP4' },
  ]
  const about = { ...unanswered, othersIds: ['VP4'] }
  const found = read([...others, row], { about })
  deepEqual([found.outcome, found.theirId], ['success', 'VP123'])
  equal(whyOf(read([...others, row])), 'listed_twice')
  equal(whyOf(read(others, { about })), 'not_listed')
  equal(whyOf(read([], { about })), 'not_listed')
  equal(whyOf(read([row, { ...row, trxid: '' }])), 'list_illegible')
  equal(whyOf(read([row, 'x'])), 'list_illegible')
  equal(whyOf(read([{ ...row, price: 26_001 }])), 'price_above_max')
  equal(whyOf(read([{ ...row, zone: '' }])), 'not_listed')
  const phone = { ...unanswered, sku: 'TSEL25', dest: '081200000001' }
  const sold = { ...row, service: 'tsel25', data: 81200000001, zone: null }
  equal(read([sold], { about: phone }).outcome, 'success')
})

test('vip: an answer about something else: unknown (ADD3)', () => {
  equal(whyOf(read([{ ...row, trxid: 'VP9' }], { about: asked })), 'foreign_order')
  equal(whyOf(read([{ ...row, data: '1' }], { about: asked })), 'foreign_order')
  equal(whyOf(read([row, row], { about: asked })), 'listed_twice')
  for (const [name, value] of Object.entries({ service: 'X', data: '1', zone: '7' })) {
    const reading = read({ ...row, [name]: value }, { occasion: 'purchase' })
    deepEqual([whyOf(reading), reading.theirId], [`foreign_${name}`, undefined])
  }
  const waiting = read({ trxid: 'VP5', status: 'waiting' }, { occasion: 'purchase' })
  deepEqual([waiting.outcome, waiting.theirId], ['pending', 'VP5'])
})

test('vip: the note: serial number of a success, reason of an error (ADD4)', () => {
  const success = read([{ ...row, note: ' 1234-5678 / Budi ' }])
  equal(success.outcome === 'success' && success.sn, '1234-5678 / Budi')
  const error = read([{ ...row, status: 'error', note: 'Zone tujuan salah.' }])
  deepEqual(error.outcome === 'failed' && [error.message, error.retryable], [
    'Zone tujuan salah.',
    false,
  ])
  equal(whyOf(read([{ ...row, status: 'partial' }])), 'status_undocumented')
})

test('vip: a price in three levels: the one of our account, else none (ADD4)', () => {
  const price = { basic: 100, premium: 90, special: 80 }
  const costAt = (level?: string) => {
    const body = JSON.stringify({ result: true, data: [{ ...row, price }] })
    const own = level === undefined ? credentials : { ...credentials, level }
    const answer = { kind: 'answer', status: 200, body, ms: 1 } as const
    const reading = vip.read(answer, asked, 'check', own)
    return reading.outcome === 'success' ? reading.cost : reading.outcome
  }
  deepEqual([undefined, 'basic', 'Special', 'gold'].map(costAt), [null, 100, 80, null])
})

const refusals: readonly (readonly [message: string, Occasion, string])[] = [
  ['Saldo tidak mencukupi.', 'purchase', 'failed'],
  ['Layanan tidak ditemukan.', 'purchase', 'failed'],
  ['Terjadi kesalahan, silakan coba lagi.', 'purchase', 'refused'],
  ['', 'purchase', 'refused'],
  ['Data pesanan tidak ditemukan.', 'check', 'refused'],
]
for (const [message, occasion, outcome] of refusals) {
  test(`vip: ${occasion} refused with "${message}": ${outcome} (ADD5)`, () => {
    const body = JSON.stringify({ result: false, data: null, message })
    const answer = { kind: 'answer', status: 200, body, ms: 1 } as const
    equal(whyOf(vip.read(answer, unanswered, occasion, credentials)), outcome)
  })
}

test('vip: webhook: names their id and the lane, nothing more (ADD6)', () => {
  const claim = (data: object) => {
    const { headers, body } = vipSamples.deliver(JSON.stringify({ data }))
    return vip.callback(headers, body, credentials)
  }
  const lane = vip.laneOf!(asked)
  deepEqual(claim(row), { verdict: 'hint', ref: null, theirId: 'VP123', lane })
  deepEqual(claim({ trxid: 5 }), { verdict: 'hint', ref: null, theirId: '5', lane: null })
  deepEqual(claim({ status: 'success' }), { verdict: 'garbled', why: 'trxid_missing' })
})

test('vip: balance: of a profile that was given (ADD7)', () => {
  const { ask, read: readText } = vip.balance!
  const asking = ask(credentials)
  equal(asking.path, '/profile')
  const sign = signatureOf(credentials)
  deepEqual(fieldsOf(asking), { key: credentials['apiKey'], sign })
  const profile = (result: boolean, balance: unknown) =>
    readText(JSON.stringify({ result, data: { username: 'toko', balance, point: 3 } }))
  deepEqual(
    [profile(true, 1_500), profile(true, '1500'), profile(false, 1_500)],
    [1500, 1500, null],
  )
  deepEqual([profile(true, 'banyak'), readText('{"result":true,"data":null}')], [null, null])
})
