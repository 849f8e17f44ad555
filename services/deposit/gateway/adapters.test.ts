import { deepEqual, equal, ok } from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import type { Answered } from '../../supplier/adapter.ts'
import { jakartaIn, momentIn, moneyIn } from './adapter.ts'
import { atlantic } from './atlantic.ts'
import { rumahotp } from './rumahotp.ts'

const secrets = { apiKey: 'a-key-of-ours', username: 'username' }
const wished = { reffId: 'ref-1', amount: 20_000, offer: 'ewallet|qris' }
const named = { id: 'D1', offer: 'ewallet|qris' }

const told = (body: unknown, status = 200): Answered => ({
  ...{ kind: 'answer', status, ms: 1 },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

const wrap = (data: object, status: unknown = true) => told({ status, data, code: 200 })

const bill = {
  ...{ id: 'D1', reff_id: 'ref-1', nominal: 20_000, tambahan: 0, fee: 300, get_balance: 19_700 },
  ...{ status: 'pending', qr_string: '000201', qr_image: 'https://x.test/a.png' },
  ...{ created_at: '2026-11-21 18:00:00', expired_at: '2026-11-21 19:00:00' },
}
const standing = {
  ...{ id: 'D1', reff_id: 'ref-1', nominal: '20000', tambahan: '0', fee: '300' },
  ...{ get_balance: '19700', metode: 'qris', status: 'success' },
}

const nonsense = [
  ...['', 'not json', '<html><h1>Just a moment...</h1></html>', '[]', 'null', '{"data":{}}'],
  '{"status":true,"status":false,"success":true,"success":false,"data":{"id":"D1"}}',
]

test('gateways: pages, halves, names that stand twice: nothing is known (GWA1)', () => {
  for (const body of nonsense) {
    for (const status of [200, 403, 502]) {
      for (const adapter of [atlantic, rumahotp]) {
        ok('unread' in (adapter.create.read(told(body, status), wished, secrets) as object), body)
        ok('unread' in (adapter.status.read(told(body, status), named, secrets) as object), body)
        const dropped = adapter.cancel.read(told(body, status), named, secrets)
        ok(typeof dropped !== 'string', body)
      }
      ok('unread' in (atlantic.methods!.read(told(body, status), null, secrets) as object), body)
      ok('unread' in atlantic.instant!.draw.read(told(body, status), named, secrets), body)
    }
  }
})

test('gateways: money and times: whole rupiah, Jakarta’s clocks, or nothing (GWA2)', () => {
  for (const [value, money] of [
    ...([
      [0, 0],
      [300, 300],
      ['20000', 20_000],
      [' 20000 ', 20_000],
      ['300.00', 300],
    ] as const),
    ...([
      ['1e5', null],
      ['-1', null],
      [-1, null],
      [1.5, null],
      ['1.50', null],
    ] as const),
    ...([
      ['Rp 300', null],
      ['', null],
      [null, null],
      [true, null],
      [2 ** 60, null],
    ] as const),
  ]) {
    equal(moneyIn(value), money, String(value))
  }
  equal(jakartaIn('2026-11-21 19:00:00'), Date.UTC(2026, 10, 21, 12))
  equal(jakartaIn('2026-11-21T19:00'), Date.UTC(2026, 10, 21, 12))
  for (const wrong of ['2026-13-45 99:00:00', 'besok', '', null, 5]) equal(jakartaIn(wrong), null)
  equal(momentIn('1795262400'), 1_795_262_400_000)
  equal(momentIn(1_795_262_400_000), 1_795_262_400_000)
  equal(momentIn('soon'), null)
})

test('gateways: a refusal: only in their envelope, by a server that is well (GWA3)', () => {
  const refusal = { status: false, message: 'Minimal deposit 10000', code: 400 }
  deepEqual(atlantic.create.read(told(refusal, 400), wished, secrets), { unmade: 'AMOUNT_INVALID' })
  ok('unread' in (atlantic.create.read(told(refusal, 503), wished, secrets) as object))
  const withData = { ...refusal, data: { id: 'D1' } }
  ok('unread' in (atlantic.create.read(told(withData), wished, secrets) as object))
  for (const [message, code] of [
    ['Metode tidak tersedia', 'METHOD_CLOSED'],
    ['Masih ada deposit pending', 'GATEWAY_LIMIT'],
    ['IP tidak diizinkan', 'GATEWAY_REFUSED'],
  ] as const) {
    const read = atlantic.create.read(told({ ...refusal, message }, 400), wished, secrets)
    deepEqual(read, { unmade: code }, message)
  }
})

test('atlantic: what goes out: a form, the method under both names (GWB1)', () => {
  const { method, path, body = '', type } = atlantic.create.ask(wished, secrets)
  deepEqual([method, path, type], ['POST', '/deposit/create', 'application/x-www-form-urlencoded'])
  const form = Object.fromEntries(new URLSearchParams(body))
  deepEqual(form, {
    ...{ api_key: 'a-key-of-ours', reff_id: 'ref-1', nominal: '20000' },
    ...{ type: 'ewallet', metode: 'qris', method: 'qris' },
  })
  const draw = atlantic.instant!.draw.ask(named, secrets).body!
  equal(new URLSearchParams(draw).get('action'), 'true')
  const quote = atlantic.instant!.quote.ask(named, secrets).body!
  equal(new URLSearchParams(quote).get('action'), 'false')
})

test('atlantic: made: our reference, an id, amounts that add up, a way to pay (GWB2)', () => {
  const read = (change: object, status: unknown = true) =>
    atlantic.create.read(wrap({ ...bill, ...change }, status), wished, secrets)
  const made = {
    ...{ id: 'D1', amount: 20_000, fee: 300, received: 19_700 },
    expiresAt: Date.UTC(2026, 10, 21, 12),
    pay: { qr_string: '000201', qr_image: 'https://x.test/a.png' },
  }
  deepEqual(read({}), { made, picture: null })
  deepEqual(read({ nominal: '20000', get_balance: '19700' }, 'true'), { made, picture: null })
  for (const [why, change] of [
    ['foreign_ref', { reff_id: 'ref-2' }],
    ['id_missing', { id: '' }],
    ['id_missing', { id: '../x' }],
    ['amounts_illegible', { nominal: 'banyak' }],
    ['amounts_illegible', { get_balance: 20_001 }],
    ['amounts_illegible', { get_balance: 0 }],
    ['expiry_illegible', { expired_at: 'nanti' }],
    ['nothing_to_pay', { qr_string: '', qr_image: null }],
  ] as const) {
    deepEqual(read(change), { unread: why }, JSON.stringify(change))
  }
  const bank = {
    ...{ nominal: 50_522, tambahan: 522, fee: 0, get_balance: 50_522, qr_string: null },
    ...{ qr_image: null, bank: 'BCA', tujuan: '123', atas_nama: 'PT' },
  }
  const transfer = read(bank)
  ok('made' in (transfer as object))
  if ('made' in (transfer as object)) {
    const { made: theirs } = transfer as Extract<typeof transfer, { made: unknown }>
    deepEqual(theirs.pay, { bank: 'BCA', number: '123', holder: 'PT' })
    deepEqual([theirs.amount, theirs.received], [50_522, 50_522])
  }
})

test('atlantic: a reference that was used: something of ours stands there (GWB3)', () => {
  const used = { status: false, message: 'reff_id sudah digunakan', code: 400 }
  const read = atlantic.create.read(told(used, 400), wished, secrets)
  deepEqual(read, { unread: 'reference_used' })
  const lacking = { ...used, message: 'reff_id wajib diisi' }
  deepEqual(atlantic.create.read(told(lacking, 400), wished, secrets), {
    unmade: 'GATEWAY_REFUSED',
  })
})

test('atlantic: how it stands: text for numbers, of the one asked about only (GWB4, GWA2)', () => {
  const read = (change: object) =>
    atlantic.status.read(wrap({ ...standing, ...change }, 'true'), named, secrets)
  deepEqual(read({}), {
    ...{ id: 'D1', reffId: 'ref-1', status: 'success', amount: 20_000 },
    ...{ fee: 300, received: 19_700, unique: 0 },
  })
  equal((read({ tambahan: '522' }) as { unique: number }).unique, 522)
  equal((read({ status: 'Processing' }) as { status: string }).status, 'processing')
  deepEqual(read({ id: 'D2' }), { unread: 'foreign_id' })
  deepEqual(read({ status: 'lunas?' }), { unread: 'status_undocumented' })
  const quote = { id: 'D1', penanganan: '200', total_fee: '500', total_diterima: 19_500 }
  deepEqual(atlantic.instant!.quote.read(wrap(quote), named, secrets), {
    ...{ fee: 200, received: 19_500 },
  })
  const dropped = { id: 'D1', status: 'cancel' }
  equal(atlantic.cancel.read(wrap(dropped), named, secrets), 'cancelled')
  const closed = { status: false, message: 'Deposit tidak dapat dibatalkan', code: 400 }
  equal(atlantic.cancel.read(told(closed, 400), named, secrets), 'refused')
})

test('atlantic: methods: open ones, with limits and fees as numbers (GWA2)', () => {
  const row = {
    ...{ metode: 'qris', type: 'ewallet', name: 'QRIS', min: '1000', max: '10000000' },
    ...{ fee: '200', fee_persen: '0.7', status: 'aktif', img_url: '' },
  }
  const rows = [row, { ...row, status: 'nonaktif' }, { ...row, min: '?' }, { metode: 'x' }, 5]
  const read = atlantic.methods!.read(told({ status: true, data: rows, code: 200 }), null, secrets)
  deepEqual(read, [
    {
      ...{ method: 'qris_atlantic', name: 'QRIS', kind: 'qris', min: 1_000, max: 10_000_000 },
      ...{ fee: 200, feeBps: 70, offer: 'ewallet|qris' },
    },
  ])
})

test('atlantic: a webhook: proven by its word alone, and it only names one (GWB5)', () => {
  const body = Buffer.from(JSON.stringify({ event: 'deposit', data: { id: 'D1', reff_id: 'r' } }))
  const hint = (word: string | undefined, bytes = body) =>
    atlantic.hint!(word === undefined ? {} : { 'x-atl-signature': word }, bytes, secrets)
  const word = hash('md5', 'username')
  equal(word, '14c4b06b824ec593239362517f538b29')
  deepEqual(hint(word), { verdict: 'hint', id: 'D1', reffId: 'r' })
  for (const forged of [undefined, '', 'x', word.slice(1), hash('md5', 'other')]) {
    deepEqual(hint(forged), { verdict: 'forged' })
  }
  deepEqual(hint(word, Buffer.from('{')), { verdict: 'garbled' })
  deepEqual(hint(word, Buffer.from('{"event":"deposit","data":{}}')), { verdict: 'garbled' })
  deepEqual(hint(word, Buffer.from('{"event":"transaksi","data":{"id":"1"}}')), {
    verdict: 'other',
  })
  // Without a username of ours nothing is believed.
  deepEqual(atlantic.hint!({ 'x-atl-signature': hash('md5', '') }, body, { apiKey: 'k' }), {
    verdict: 'forged',
  })
})

const good = (data: object) => told({ success: true, data })
const v2 = {
  ...{ id: 'RO1', status: 'pending', method: 'qris', total: '20220', fee: '220' },
  ...{ diterima: '20000', qr_string: '000201', expired_at_ts: 1_795_262_400_000 },
  currency: { type: 'IDR', total: '20220', fee: '220', diterima: '20000' },
}
const v1 = {
  ...{ id: 'RO1', method: 'qris', amount: 20_220, expired: 1_795_262_400_000 },
  currency: { type: 'IDR', total: 20_220, fee: 220, diterima: 20_000 },
  qr: `data:image/png;base64,${'iVBOR'.repeat(10)}`,
}

test('rumahotp: made: only a QRIS that adds up; a picture or a text (GWC1)', () => {
  const read = (data: object, offer: string) =>
    rumahotp.create.read(good(data), { ...wished, offer }, secrets)
  const sums = { id: 'RO1', amount: 20_220, fee: 220, received: 20_000 }
  const made = { ...sums, expiresAt: 1_795_262_400_000 }
  deepEqual(read(v2, 'v2'), { made: { ...made, pay: { qr_string: '000201' } }, picture: null })
  deepEqual(read(v1, 'v1'), { made: { ...made, pay: {} }, picture: v1.qr })
  const chain = { ...v2, method: 'usdt-polygon', qr_string: '0xabc' }
  deepEqual(read(chain, 'v2'), { unmade: 'METHOD_CLOSED' })
  const dollars = { ...v2, currency: { ...v2.currency, type: 'USD' } }
  deepEqual(read(dollars, 'v2'), { unmade: 'METHOD_CLOSED' })
  deepEqual(read({ ...v2, qr_string: '0xabc' }, 'v2'), { unread: 'nothing_to_pay' })
  deepEqual(read({ ...v1, qr: 'data:text/html,x' }, 'v1'), { unread: 'nothing_to_pay' })
  deepEqual(read({ ...v2, diterima: '20001', total: '20221' }, 'v2'), { unread: 'foreign_amount' })
  deepEqual(read({ ...v2, diterima: 0 }, 'v2'), { unread: 'amounts_illegible' })
})

test('rumahotp: what goes out: GETs with the key in a header (GWC1)', () => {
  const { method, path, headers, body } = rumahotp.create.ask({ ...wished, offer: 'v1' }, secrets)
  deepEqual(
    [method, path, body],
    ['GET', '/api/v1/deposit/create?amount=20000&payment_id=qris', undefined],
  )
  deepEqual(headers, { 'x-apikey': 'a-key-of-ours' })
  const asked = rumahotp.status.ask({ id: 'RO1', offer: 'v2' }, secrets).path
  equal(asked, '/api/v2/deposit/get_status?deposit_id=RO1')
})

test('rumahotp: how it stands: gross and net, no reference, both refusals (GWC2, GWC3, GWC4)', () => {
  const id = { id: 'RO1', offer: 'v2' }
  const read = (data: object) => rumahotp.status.read(good(data), id, secrets)
  const state = { id: 'RO1', status: 'success', amount: '20220' }
  deepEqual(read(state), {
    ...{ id: 'RO1', reffId: null, status: 'success', amount: 20_220, fee: null, received: null },
    unique: 0,
  })
  const more = { ...state, total: 20_220, fee: '220', diterima: '20000' }
  deepEqual(read(more), {
    ...{ id: 'RO1', reffId: null, status: 'success', amount: 20_220 },
    ...{ fee: 220, received: 20_000, unique: 0 },
  })
  equal((read({ ...state, status: 'cancel' }) as { status: string }).status, 'cancel')
  const known = { ...state, brand_name: 'DANA', buyer_reff: '62812*****890' }
  equal((read(known) as { payer?: string }).payer, 'DANA 62812*****890')
  deepEqual(read({ ...state, status: 'lunas' }), { unread: 'status_undocumented' })
  deepEqual(read({ ...state, id: 'RO2' }), { unread: 'foreign_id' })
  for (const refusal of [
    { success: false, error: { message: 'Minimal deposit adalah 1000' } },
    { success: false, message: 'Minimal deposit adalah 1000' },
  ]) {
    deepEqual(rumahotp.create.read(told(refusal), wished, secrets), { unmade: 'AMOUNT_INVALID' })
    deepEqual(rumahotp.status.read(told(refusal), id, secrets), { unread: 'refused' })
    equal(rumahotp.cancel.read(told(refusal), id, secrets), 'refused')
  }
  deepEqual(
    rumahotp.fixed!({ min: 1_000, max: 9_000 }).map(({ method }) => method),
    ['qris_rumahotp_v1', 'qris_rumahotp_v2'],
  )
})
