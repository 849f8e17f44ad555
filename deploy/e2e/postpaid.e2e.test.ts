/**
 * Bills through the whole program: looked at, paid once, and never paid unnoticed, with a supplier
 * who falls silent after the sale and an engine that dies in the middle.
 */

import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, type Json, Oracle, type Reseller } from './reseller.ts'
import { atRest, type Engine, Stage, until } from './stage.ts'

/** The second question about a payment comes a minute after the first. */
const answerMsMax = 120_000

let stage: Stage
let engine: Engine
let oracle: Oracle
let shop: Reseller
let other: Reseller

before(async () => {
  stage = new Stage()
  oracle = new Oracle(await stage.startSandbox())
  engine = await stage.start()
  const shops = await stage.resellers(engine, { count: 2, deposit: 50_000_000 })
  ;[shop, other] = shops as [Reseller, Reseller]
  // The contract's pause of a minute between two words about a purchase is too long for a test.
  await stage.sql('update supplier set recheck_after_ms = 1500, timeout_ms = 3000')
  // PLN rests around midnight, and whoever tests may be up.
  await stage.sql('update product set cut_off_start = null, cut_off_end = null')
  await until('meters open', answerMsMax, async () => (await meter('12345678901')).status === 200)
})
after(() => stage.close())

const inquire = (who: Reseller, product_code: string, destination: string, more: Json = {}) =>
  who.send(
    'POST',
    '/api/v1/transactions/inquiry',
    JSON.stringify({ product_code, destination, ...more }),
  )
const meter = (number: string) => inquire(shop, 'PLN20', number)
const pay = (who: Reseller, wish: Json): Promise<Answer> =>
  who.send('POST', '/api/v1/transactions', JSON.stringify(wish))

async function billOf(product: string, number: string): Promise<Json> {
  const { status, text, body } = await inquire(shop, product, number)
  equal(status, 200, text)
  return body['data']
}

const paying = (bill: Json, ref_id: string): Json => ({
  ...{ ref_id, product_code: bill['product_code'], destination: bill['destination'] },
  inquiry_token: bill['inquiry_token'],
})

async function end(ref: string, ...among: readonly string[]): Promise<Json> {
  return await until(`the end of ${ref}`, answerMsMax, async () => {
    const { body } = await shop.get(`/api/v1/transactions?ref_id=${ref}`)
    return among.includes(body['data']?.status) && (body['data'] as Json)
  })
}

/** Payments as the suppliers remember them. */
const sold = async (target: string) =>
  (await oracle.sales()).filter(sale => sale.target === target && sale.status !== 'failed')

test('postpaid e2e: a bill: looked at for nothing, paid for what it said (PPF1)', async () => {
  const before = await shop.balance()
  const bill = await billOf('PLN', '530000000002')
  deepEqual(await shop.balance(), before)
  deepEqual(
    [bill['kind'], bill['customer_name'].length > 0, bill['periods']],
    ['bill', true, ['MEI 2026', 'JUN 2026']],
  )
  equal(bill['total'], bill['amount'] + bill['admin_fee'])
  ok(bill['price'] < bill['total'], 'the client keeps a part of the fee')
  equal(bill['detail'].lembar_tagihan, 2)
  ok(Date.parse(bill['expires_at']) > Date.now())

  const first = await pay(shop, paying(bill, 'pay-1'))
  equal(first.status, 200, first.text)
  equal(first.body['data'].price, bill['price'])
  equal(first.body['data'].bill.customer_name, bill['customer_name'])
  const paid = await end('pay-1', 'SUCCESS')
  match(paid['sn'], /^\S+$/)
  deepEqual(paid['bill'].detail, bill['detail'])
  equal((await shop.balance()).balance, before.balance - bill['price'])
  const sales = await sold('530000000002')
  deepEqual([sales.length, sales[0]?.times], [1, 1])
  equal(sales[0]!.ref, `L${paid['trx_id'].replaceAll('-', '')}-1`)
})

test('postpaid e2e: one inquiry, many payments at once: pays once, and names the first (ZE2, PPA1)', async () => {
  const bill = await billOf('BPJS', '8801234560001')
  const refs = ['twice-1', 'twice-2', 'twice-3', 'twice-4']
  const answers = await Promise.all([...refs, ...refs].map(ref => pay(shop, paying(bill, ref))))
  const taken = answers.filter(({ status }) => status === 200)
  const ids = new Set(taken.map(({ body }) => body['data'].trx_id))
  deepEqual([ids.size, taken.length], [1, 2])
  for (const { status, body } of answers) {
    if (status === 200) continue
    deepEqual([status, body['error_code']], [409, 'INQUIRY_USED'])
    equal(body['details'].trx_id, [...ids][0])
    equal(body['money_effect'], 'none')
  }
  await end(taken[0]!.body['data'].ref_id, 'SUCCESS')
  equal((await sold('8801234560001')).length, 1)
  const again = await billOf('BPJS', '8801234560001')
  const twin = await pay(shop, paying(again, 'twice-5'))
  deepEqual([twin.status, twin.body['error_code']], [409, 'TWIN_ORDER'])
})

test('postpaid e2e: no token, another one’s, or for something else: refused before money (ZE5, PPB1)', async () => {
  const before = await shop.balance()
  const bill = await billOf('PDAM', '1013226')
  const wish = paying(bill, 'wrong')
  const cases: readonly [code: string, reason: string | undefined, asked: Promise<Answer>][] = [
    ['INQUIRY_REQUIRED', undefined, pay(shop, { ...wish, inquiry_token: undefined })],
    ['INQUIRY_INVALID', 'client', pay(other, wish)],
    ['INQUIRY_INVALID', 'destination', pay(shop, { ...wish, destination: '1013227' })],
    ['INQUIRY_INVALID', 'product', pay(shop, { ...wish, product_code: 'INTERNET' })],
    ['INQUIRY_INVALID', 'token', pay(shop, { ...wish, inquiry_token: 'x'.repeat(60) })],
    ['PRICE_ABOVE_MAX', undefined, pay(shop, { ...wish, max_price: bill['price'] - 1 })],
  ]
  for (const [code, reason, asked] of cases) {
    const { body, text } = await asked
    equal(body['error_code'], code, text)
    equal(body['details']?.reason, reason)
    equal(body['money_effect'], 'none')
  }
  deepEqual(await shop.balance(), before)
  equal((await inquire(shop, 'PDAM', '1013227')).body['error_code'], 'BILL_UNAVAILABLE')
  equal((await inquire(shop, 'TSEL10', '081234567890')).body['error_code'], 'INQUIRY_UNSUPPORTED')
  deepEqual(await sold('1013226'), [])
})

test('postpaid e2e: whose meter it is: told before a token is bought (PPE5)', async () => {
  const { status, body, text } = await meter('12345678901')
  equal(status, 200, text)
  equal(body['data'].kind, 'meter')
  deepEqual(
    [body['data'].meter_number, body['data'].segment_power],
    ['12345678901', 'R1 /000001300'],
  )
})

test('postpaid e2e: a bill that changed since: fails, and all the money is back (PPC1)', async () => {
  const before = await shop.balance()
  const bill = await billOf('INTERNET', '6391601001')
  await oracle.faults({ bill_extra: 5_000 })
  equal((await pay(shop, paying(bill, 'changed'))).status, 200)
  const failed = await end('changed', 'FAILED', 'SUCCESS')
  deepEqual([failed['status'], failed['failure'].code], ['FAILED', 'bill_changed'])
  await oracle.faults({})
  deepEqual(await shop.balance(), before)
  deepEqual(await sold('6391601001'), [])
  const anew = await pay(shop, paying(await billOf('INTERNET', '6391601001'), 'changed-2'))
  equal(anew.status, 200, anew.text)
  await end('changed-2', 'SUCCESS')
})

test('postpaid e2e: silence after a secret payment: asked about, and paid once (PPC3)', async () => {
  const bill = await billOf('MULTIFINANCE', '6391601201')
  await oracle.faults({ timeout_after_sale: 1, timeout_seconds: 30, no_callback: 1 })
  equal((await pay(shop, paying(bill, 'silent'))).status, 200)
  // Its answer is silence already: the question after it finds a good day.
  await until('the sale', answerMsMax, async () => (await sold('6391601201')).length === 1)
  await oracle.faults({ no_callback: 1 })
  const paid = await end('silent', 'SUCCESS')
  equal(paid['attempts'].length, 1)
  ok(paid['timeline'].some(({ what }: Json) => what === 'rechecked'))
  const sales = await sold('6391601201')
  deepEqual([sales.length, sales[0]?.times], [1, 1])
  await oracle.faults({})
})

test('postpaid e2e: silence before the payment: fails, and nothing was paid (PPC2)', async () => {
  const before = await shop.balance()
  const bill = await billOf('PDAM', '1013226')
  await oracle.faults({ reset: 1, mishaps_befall: ['inq-pasca'] })
  equal((await pay(shop, paying(bill, 'deaf'))).status, 200)
  const failed = await end('deaf', 'FAILED', 'SUCCESS')
  equal(failed['failure'].code, 'bill_not_told')
  equal((await inquire(shop, 'PDAM', '1013226')).body['error_code'], 'INQUIRY_UNANSWERED')
  await oracle.faults({})
  deepEqual(await shop.balance(), before)
  deepEqual(await sold('1013226'), [])
})

test('postpaid e2e: a death in the middle: the token lives, and pays once (ZE1, ZE2)', async () => {
  const unpaid = await billOf('PLN', '530000000001')
  const dying = await billOf('BPJS', '9801234560001')
  await oracle.faults({ timeout_after_sale: 1, timeout_seconds: 30, no_callback: 1 })
  equal((await pay(shop, paying(dying, 'dying'))).status, 200)
  await until('the sale', answerMsMax, async () => (await sold('9801234560001')).length === 1)
  await engine.kill()
  await oracle.faults({})
  engine = await stage.start()

  const again = await pay(shop, paying(dying, 'dying'))
  equal(again.status, 200, again.text)
  const used = await pay(shop, paying(dying, 'dying-2'))
  deepEqual([used.status, used.body['error_code']], [409, 'INQUIRY_USED'])
  equal(used.body['details'].ref_id, 'dying')
  await end('dying', 'SUCCESS')
  equal((await sold('9801234560001')).length, 1)

  const paid = await pay(shop, paying(unpaid, 'after'))
  equal(paid.status, 200, paid.text)
  await end('after', 'SUCCESS')
  notEqual((await sold('530000000001')).length, 0)
})

test('postpaid e2e: afterwards: an independent reading of the journal agrees (ZE3, ZE4)', async () => {
  await atRest(engine.http)
  const { code, stdout } = await stage.cli(['verify'])
  equal(code, 0, stdout)
})
