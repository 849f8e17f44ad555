import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { Asked, Occasion, Reading } from './adapter.ts'
import { atlantic, signatureOf } from './atlantic.ts'
import { atlanticSamples } from './atlantic-samples.fixture.ts'

const { asked, credentials } = atlanticSamples
const { theirId: _, ...unanswered } = asked

const data = {
  ...{ id: 'TRX-77', reff_id: 'ref-1', code: 'TSEL25', target: '081200000001' },
  ...{ price: 25_000, sn: '123', status: 'success' },
}
function read(envelope: object, occasion: Occasion = 'check', about: Asked = asked): Reading {
  const body = JSON.stringify(envelope)
  return atlantic.read({ kind: 'answer', status: 200, body, ms: 1 }, about, occasion, credentials)
}
const sold = (change: object, occasion?: Occasion) =>
  read({ status: true, data: { ...data, ...change }, code: 200 }, occasion)
const whyOf = (reading: Reading): string =>
  reading.outcome === 'unknown' ? reading.why : reading.outcome

test('atlantic: requests: forms with the key in the body (ADC1, ADC2)', () => {
  const purchase = atlantic.purchase(asked, credentials)
  deepEqual([purchase.method, purchase.path], ['POST', '/transaksi/create'])
  equal(purchase.type, 'application/x-www-form-urlencoded')
  deepEqual(Object.fromEntries(new URLSearchParams(purchase.body)), {
    ...{ api_key: 'atlantic-key', code: 'TSEL25', reff_id: 'ref-1', target: '081200000001' },
    limit_price: '26000',
  })
  const free = atlantic.purchase({ ...asked, maxPrice: 0 }, credentials)
  equal(new URLSearchParams(free.body).has('limit_price'), false)
  const check = atlantic.check(asked, credentials)
  equal(check.path, '/transaksi/status')
  deepEqual(Object.fromEntries(new URLSearchParams(check.body)), {
    ...{ api_key: 'atlantic-key', id: 'TRX-77', type: 'prabayar' },
  })
})

test('atlantic: the reply: its id is learnt, if it names our order (ADC1)', () => {
  const pending = read(
    { status: true, data: { ...data, status: 'pending' } },
    'purchase',
    unanswered,
  )
  deepEqual([pending.outcome, pending.theirId], ['pending', 'TRX-77'])
  equal(read({ status: true, data: { ...data, id: 77 } }, 'purchase').theirId, '77')
  for (const foreign of [{ reff_id: 'ref-2' }, { target: '0812' }, { code: 'X' }]) {
    const reading = sold(foreign, 'purchase')
    deepEqual([reading.outcome, reading.theirId], ['unknown', undefined])
  }
})

test('atlantic: a check: about another id, or without our reference: unknown (ADC2)', () => {
  equal(whyOf(sold({ id: 'TRX-78' })), 'foreign_id')
  equal(whyOf(sold({ reff_id: undefined })), 'ref_missing')
})

test('atlantic: words and codes: what nobody documented is unknown (ADC3)', () => {
  equal(whyOf(sold({ status: 'expired' })), 'status_undocumented')
  equal(whyOf(sold({ status: null })), 'status_missing')
  equal(whyOf(read({ status: 'maybe', data })), 'status_missing')
  equal(whyOf(read({ status: 'true', data, code: 500 })), 'contradiction')
  equal(whyOf(read({ status: 'true', data: [data] })), 'data_missing')
  for (const word of ['pending', 'Processing']) equal(sold({ status: word }).outcome, 'pending')
  for (const word of ['failed', 'Error']) equal(sold({ status: word }).outcome, 'failed')
})

test('atlantic: a serial number that came as a number: no digit is lost (ADC3)', () => {
  const text = JSON.stringify({ status: true, data }).replace('"123"', '12345678901234567890')
  const answer = { kind: 'answer', status: 200, body: text, ms: 1 } as const
  const reading = atlantic.read(answer, asked, 'check', credentials)
  equal(reading.outcome === 'success' && reading.sn, '12345678901234567890')
})

const refusals: readonly (readonly [envelope: object, Occasion, string])[] = [
  [{ status: false, message: 'Saldo tidak cukup', code: 400 }, 'purchase', 'failed'],
  [{ status: 'false', message: 'Layanan tidak tersedia', code: 400 }, 'purchase', 'failed'],
  [{ status: false, message: '', code: 401 }, 'purchase', 'failed'],
  [{ status: false, message: 'Maaf', code: 400 }, 'purchase', 'refused'],
  [{ status: false, message: 'reff_id sudah digunakan', code: 400 }, 'purchase', 'refused'],
  [{ status: false, message: 'Terjadi kesalahan sistem', code: 500 }, 'purchase', 'refused'],
  [{ status: false, message: 'Transaksi tidak ditemukan', code: 404 }, 'check', 'refused'],
  [{ status: false, message: 'Saldo tidak cukup', code: 400 }, 'check', 'refused'],
]
for (const [envelope, occasion, outcome] of refusals) {
  test(`atlantic: ${occasion}: ${JSON.stringify(envelope)}: ${outcome} (ADC4)`, () => {
    equal(whyOf(read(envelope, occasion)), outcome)
  })
}

test('atlantic: webhook: names the order, nothing more; a deposit is none of ours (ADC5)', () => {
  equal(signatureOf({ username: 'username' }), '14c4b06b824ec593239362517f538b29')
  const claim = (body: object) => {
    const { headers, body: bytes } = atlanticSamples.deliver(JSON.stringify(body))
    return atlantic.callback(headers, bytes, credentials)
  }
  deepEqual(claim({ event: 'transaksi', data }), {
    ...{ verdict: 'hint', ref: 'ref-1', theirId: 'TRX-77', lane: null },
  })
  deepEqual(claim({ event: 'deposit', data }), { verdict: 'garbled', why: 'about_a_deposit' })
  deepEqual(claim({ data: { status: 'success' } }), { verdict: 'garbled', why: 'ref_missing' })
})

test('atlantic: balance: of a profile that was given', () => {
  const { ask, read: readText } = atlantic.balance!
  const { method, path, body } = ask({ apiKey: 'the-key', username: 'toko' })
  deepEqual([method, path, body], ['POST', '/get_profile', 'api_key=the-key'])
  equal(readText('{"status":"true","data":{"balance":"150000"},"code":200}'), 150_000)
  equal(readText('{"status":false,"message":"x","data":{"balance":"150000"}}'), null)
  equal(readText('<html>'), null)
})
