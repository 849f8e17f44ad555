import { deepEqual, doesNotMatch, equal, match, notEqual, ok } from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import type { Answered, Claim, Occasion } from './adapter.ts'
import { otomax, signOf } from './otomax.ts'

const credentials = {
  memberId: 'member1',
  pin: '1234',
  password: 'pass',
  callbackToken: 'jalan-rahasia',
}
const ref = 'L0192f0c4a1b27c3d8e4f5a6b7c8d9e0f-1'
const asked = { ref, sku: 'S5', dest: '082211112222', maxPrice: 6_000, testing: false }
const answer = (body: string, status = 200) =>
  ({ kind: 'answer', status, body, ms: 1 }) as unknown as Answered
const read = (body: string, occasion: Occasion = 'purchase', status = 200) =>
  otomax.read(answer(body, status), asked, occasion, credentials)
const headers = { 'x-callback-digest': hash('sha256', 'jalan-rahasia') }
const reportBy = (query: string, given: Record<string, string> = headers): Claim =>
  otomax.callback(given, Buffer.from(query), credentials)

test('otomax: sign: the vectors hold, in capitals whatever was configured (PAI1)', () => {
  const words = { sku: 's10', dest: '081200000001', ref: 'REF1' }
  equal(signOf(credentials, words), '2xVw6D-J7rOVnz36G5-vjT5JJyY')
  const upper = { ...credentials, memberId: 'MEMBER1' }
  equal(signOf(upper, { ...words, sku: 'S10' }), '2xVw6D-J7rOVnz36G5-vjT5JJyY')
  const { path } = otomax.purchase(asked, credentials)
  match(path, /^\/trx\?product=S5&qty=1&dest=082211112222&refID=L\w+-1&memberID=MEMBER1&sign=/)
  doesNotMatch(path, /pin|pass/)
  const open = otomax.purchase(asked, { ...credentials, auth: 'password' })
  match(open.path, /&pin=1234&password=pass$/)
})

test('otomax: check: the purchase once more, within a day (PAI2)', () => {
  deepEqual(otomax.check(asked, credentials), otomax.purchase(asked, credentials))
  equal(otomax.card.recheck, 'repeat_purchase')
  equal(otomax.card.recheckWithinMs < 24 * 3600 * 1000, true)
  equal(otomax.card.forgetsByDay, true)
})

test('otomax: replies: rules alone make a verdict (PAI3)', () => {
  const line = (rest: string) => `T#41168891 R#${ref} Telkomsel 5.000 S5.082211112222 ${rest}`
  const sold = read(line('SUKSES. SN/Ref: R21.22. Saldo 279.655 - 5.525 = 274.130 @12:01'))
  equal(
    sold.outcome === 'success' && `${sold.sn} ${sold.cost} ${sold.balance}`,
    'R21.22 5525 274130',
  )
  equal(read(line('akan diproses. Saldo 1')).outcome, 'pending')
  equal(read(line('GAGAL. Nomor tujuan salah. Saldo 1'), 'check').outcome, 'failed')
  for (const body of ['', '<html><h1>GAGAL 500</h1></html>', 'Transaksi GAGAL', 'SUKSES', '{}']) {
    equal(read(body).outcome, 'unknown', body)
    equal(read(body, 'check', 500).supplierTrouble, true, body)
  }
})

test('otomax: no balance: a purchase failed, its repeat says nothing of the first (PAC7)', () => {
  const refusals = [
    `R#${ref} S5.082211112222 GAGAL. Saldo tidak cukup. Saldo 1.000`,
    `T#2 R#${ref} Telkomsel 5.000 S5.082211112222 GAGAL. Maaf, saldo Anda tidak mencukupi.`,
    `R#${ref} Saldo tidak cukup.`,
    'TRX S5.082211112222 GAGAL, Saldo tidak cukup. SISA SALDO:10 CLIENTID=1.',
  ]
  for (const said of refusals) {
    const bought = read(said)
    ok(bought.outcome === 'failed', said)
    deepEqual([bought.code, bought.retryable, bought.supplierTrouble], ['no_balance', true, true])
    const repeated = read(said.replace('CLIENTID=1.', `CLIENTID=${ref}.`), 'check')
    equal(repeated.outcome, 'unknown', said)
  }
  const [first] = refusals
  const repeated = read(first!, 'check')
  ok(repeated.outcome === 'unknown')
  deepEqual([repeated.why, repeated.supplierTrouble], ['no_balance', true])
  const final = `R#${ref} S5.082211112222 GAGAL. Produk gangguan, saldo tidak terpotong. Saldo 1`
  equal(read(final, 'check').outcome, 'failed')
  const other = `R#${ref} S5.082211112222 GAGAL. Nomor tujuan salah. Saldo tidak cukup`
  const wrong = read(other, 'check')
  equal(wrong.outcome === 'failed' && wrong.code, 'wrong_number')
})

test('otomax: no balance: rules of the owner decide no more about a repeat (PAC7)', () => {
  const rule = { name: 'r', channels: ['reply', 'status'], priority: 1, regex: 'KURANG' }
  const rules = JSON.stringify([{ ...rule, outcome: 'no_balance' }])
  const own = otomax.configure!({ ...credentials, rules })
  const said = (occasion: Occasion) => own.read(answer('KURANG'), asked, occasion, credentials)
  equal(said('purchase').outcome, 'failed')
  equal(said('check').outcome, 'unknown')
})

test('otomax: rules of the owner: they replace ours, and broken ones are told (PAI3)', () => {
  const rule = { name: 'r', channels: ['reply'], priority: 1, regex: 'OKE', outcome: 'pending' }
  const own = otomax.configure!({ ...credentials, rules: JSON.stringify([rule]) })
  equal(own.read(answer('OKE'), asked, 'purchase', credentials).outcome, 'pending')
  equal(read('OKE').outcome, 'unknown')
  let told = ''
  try {
    otomax.configure!({ rules: JSON.stringify([{ ...rule, regex: '(?=x)' }]) })
  } catch (cause) {
    told = (cause as Error).message
  }
  match(told, /rule r: look-ahead/)
})

test('otomax: reports: without the unguessable address they are forged (PAI4)', () => {
  const query = `t=1&refid=${ref}&status=20&price=0&message=S5.082211112222+SUKSES`
  equal(reportBy(query).verdict, 'report')
  equal(reportBy(query, {}).verdict, 'forged')
  equal(reportBy(query, { 'x-callback-digest': hash('sha256', 'lain') }).verdict, 'forged')
  equal(reportBy(query, { 'x-callback-digest': 'jalan-rahasia' }).verdict, 'forged')
  const open = otomax.callback({ 'x-callback-digest': hash('sha256', '') }, Buffer.from(query), {
    ...credentials,
    callbackToken: '',
  })
  equal(open.verdict, 'forged')
})

test('otomax: reports: both shapes, in any order (PAI5)', () => {
  const said =
    'S5.082211112222 SUKSES. SN/Ref: A/5.000 Saldo. Saldo 14.324.472 - 5.090 = 14.319.382'
  const first = reportBy(
    `status=20&message=${encodeURIComponent(said)}&price=0&refid=${ref}&t=190554`,
  )
  equal(first.verdict, 'report')
  if (first.verdict !== 'report') return
  deepEqual([first.ref, first.sku, first.dest], [ref, 'S5', '082211112222'])
  equal(first.reading.outcome === 'success' && first.reading.cost, 5_090)
  const second = reportBy(
    `clientid=${ref}&serverid=9&statuscode=2&kp=S5&msisdn=082211112222&sn=&msg=gangguan`,
  )
  equal(second.verdict === 'report' && second.reading.outcome, 'failed')
  const unread = reportBy(`refid=${ref}&message=apa`)
  equal(unread.verdict === 'report' && unread.reading.outcome, 'unknown')
})

test('otomax: reports: a parameter can not pose as another (PAI5)', () => {
  const said = encodeURIComponent(`x&refid=${ref}&status=20&message=S5.082211112222 SUKSES.`)
  const claim = reportBy(`t=1&refid=${ref}&status=40&price=0&message=${said}&status=20`)
  equal(claim.verdict === 'report' && claim.reading.outcome, 'unknown')
})

test('otomax: evidence: no secret is in it, no digits are lost from it (PAI6)', () => {
  const sign = signOf(credentials, asked)
  const { reply } = read(`sign ${sign} PIN: 1234 salah, password=pass SN 1234 pass`)
  equal(reply, 'sign *** PIN: *** salah, password=*** SN 1234 pass')
  notEqual(reply.includes(sign), true)
})

test('otomax: balance: asked under its own sign, or with PIN and password (PAI7)', () => {
  const login = { memberId: 'member1', pin: '1234', password: 'pass' }
  const { ask } = otomax.balance!
  deepEqual(ask(login), {
    method: 'GET',
    path: '/balance?memberID=MEMBER1&sign=CUUKqIyKcLvdNVbGbCEBCNsiB28',
  })
  const path = '/balance?memberID=MEMBER1&pin=1234&password=pass'
  deepEqual(ask({ ...login, auth: 'password' }), { method: 'GET', path })
})

for (const [text, balance] of [
  ['Yth. TOKO (M1). Saldo 150.094.085! Terima kasih.', 150_094_085],
  ['Nama: Toko\nID Agen: M1\nSaldo : Rp 1.250.000\nBonus: 5\nDebet: 0', 1_250_000],
  ['Saldo 71,900', 71_900],
  ['{"status":true,"balance":"50000"}', 50_000],
  ['{"balance": 50000.75}', 50_000],
  ['Saldo -2.500', -2_500],
  ['Saldo 71.900 - 10.775 = 61.125', null],
  ['Saldo 5. Saldo 6.', null],
  ['PIN salah. Saldo Anda aman.', null],
  ['<html>502</html>', null],
  ['', null],
] as const) {
  test(`otomax: balance: "${text.slice(0, 24)}": ${balance} (PAI7)`, () => {
    equal(otomax.balance!.read(text), balance)
  })
}
