import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { bulkService } from '../bulk/bulk.service.ts'
import { catalogue, mappingRow, productRow } from '../catalogue/rows.fixture.ts'
import type { Answer } from '../contract/answer.ts'
import type { OrderStanding } from '../contract/order-view.ts'
import type { InquiredBill, InquiryView } from '../contract/postpaid.ts'
import {
  type Answerer,
  type Scene,
  type SceneOptions,
  sceneAt,
  until,
} from '../engine-room.fixture.ts'
import { compileRouting } from '../routing/policy.ts'

/** One for each test: what hangs at a supplier counts in whatever begins on the same journal. */
const database = databasesOfFile(after)

const rows = catalogue({
  suppliers: ['digi', 'diva'].map(code => ({ code, active: true })),
  products: [
    productRow('PLN', { type: 'postpaid', destinationKind: 'meter', brand: 'PLN PASCABAYAR' }),
    productRow('PLN20', { destinationKind: 'meter', brand: 'PLN' }),
    productRow('XLD10'),
  ],
  mappings: ['PLN', 'PLN20', 'XLD10'].flatMap(code => [
    mappingRow(code, 'digi', { cost: 600 }),
    mappingRow(code, 'diva', { cost: 600, priority: 200 }),
  ]),
})
const number = '530000000001'
const told = { customer_name: 'BUDI', admin: 2_500, selling_price: 42_000, price: 40_000 }

const scene = async (
  t: TestContext,
  answer: Answerer = () => told,
  rules?: SceneOptions['rules'],
) =>
  sceneAt(t, {
    ...{ url: await database(), shop: { rows, answer } },
    ...(rules === undefined ? {} : { rules }),
  })
const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}
const refusedOf = (answer: Answer<unknown>): string =>
  'refused' in answer ? answer.refused : JSON.stringify(answer)

const wish = (userId: string, some: object = {}) => ({
  ...{ userId, level: 0, product: 'PLN', destination: number },
  ...some,
})
const inquire = (at: Scene, userId: string, some: object = {}): Promise<Answer<InquiryView>> =>
  at.call('postpaid.inquire', wish(userId, some))
async function billAt(at: Scene, userId: string, some: object = {}): Promise<InquiredBill> {
  const view = okOf(await inquire(at, userId, some))
  ok(view.kind === 'bill')
  return view.bill
}
const ended = (at: Scene, userId: string, ref: string): Promise<OrderStanding> =>
  until(
    async () => okOf(await at.call('order.byRef', { userId, ref })),
    view => view.status === 'SUCCESS' || view.status === 'FAILED',
  )
const commandsOf = (at: Scene) => at.asked.map(one => one['commands'])

test('postpaid: an inquiry: tells the bill and its price, and moves nothing (PPE1)', async t => {
  const at = await scene(t)
  const userId = await at.user(1)
  const { token, expiresAt, ...bill } = await billAt(at, userId, { destination: '5300 0000-0001' })
  deepEqual(bill, {
    ...{ product: 'PLN', destination: number, price: 40_500, amount: 39_500, admin: 2_500 },
    ...{ customer: 'BUDI', periods: '', detail: '{}' },
  })
  equal(expiresAt, at.clock.ms + 1_800_000)
  equal(token.includes('BUDI'), false)
  equal(okOf(await at.call('wallet.balance', { userId })).available, 100_000)
  deepEqual(commandsOf(at), ['inq-pasca'])
  equal(refusedOf(await inquire(at, userId, { product: 'NONE' })), 'PRODUCT_UNKNOWN')
  equal(refusedOf(await inquire(at, userId, { product: 'XLD10' })), 'DESTINATION_INVALID')
  const phone = { product: 'XLD10', destination: '087812341230' }
  equal(refusedOf(await inquire(at, userId, phone)), 'INQUIRY_UNSUPPORTED')
})

test('postpaid: suppliers: the next is asked; none is said by who knows (PPE2)', async t => {
  let answers: Record<string, object | null> = {}
  const at = await scene(t, one => answers[String(one['buyer_sku_code'])] ?? null)
  const userId = await at.user(0)
  answers = { 'digi-pln': { status: 'Gagal', rc: '43' }, 'diva-pln': told }
  equal((await billAt(at, userId)).price, 40_500)
  answers = { 'digi-pln': null, 'diva-pln': told }
  equal((await billAt(at, userId)).price, 40_500)
  answers = { 'digi-pln': null, 'diva-pln': null }
  equal(refusedOf(await inquire(at, userId)), 'INQUIRY_UNANSWERED')
  answers = { 'digi-pln': { status: 'Gagal', rc: '44' }, 'diva-pln': null }
  equal(refusedOf(await inquire(at, userId)), 'INQUIRY_UNANSWERED')
  answers = { 'digi-pln': { status: 'Gagal', rc: '60' }, 'diva-pln': null }
  equal(refusedOf(await inquire(at, userId)), 'BILL_UNAVAILABLE')
})

test('postpaid: by number: an inquiry under another reference is paid, once (PPE4)', async t => {
  const at = await scene(t)
  const userId = await at.user(3)
  const pay = (ref: string, some: object = {}) =>
    at.call('postpaid.pay', { ...wish(userId), ref, byNumber: true, ...some })
  equal(refusedOf(await pay('P-1')), 'INQUIRY_REQUIRED')
  await billAt(at, userId, { ref: 'I-1' })
  equal(refusedOf(await pay('P-1')), 'INQUIRY_REQUIRED')
  await billAt(at, userId, { ref: 'I-2', byNumber: true, destination: '5300 0000 0001' })
  equal(refusedOf(await pay('P-1', { byNumber: false })), 'INQUIRY_REQUIRED')
  equal(refusedOf(await pay('P-1', { destination: '530000000002' })), 'INQUIRY_REQUIRED')
  equal(refusedOf(await pay('P-1', { userId: await at.user(3) })), 'INQUIRY_REQUIRED')
  const first = okOf(await pay('P-1'))
  equal(first.order.price, 40_500)
  await ended(at, userId, 'P-1')
  // Looked at again since: the repeat is still the payment that it was.
  at.shop.answer = () => ({ ...told, price: 41_000 })
  await billAt(at, userId, { ref: 'I-3', byNumber: true })
  const again = okOf(await pay('P-1'))
  deepEqual([again.repeated, again.order.trxId], [true, first.order.trxId])
  equal(refusedOf(await pay('P-2')), 'TWIN_ORDER')
  equal(commandsOf(at).filter(one => one === 'pay-pasca').length, 1)
})

test('postpaid: by reference: nothing is bought that is no bill (PPE7)', async t => {
  const at = await scene(t)
  const userId = await at.user(0)
  const wrong = { ...wish(userId), product: 'XLD10', destination: '087812341230', ref: 'X-1' }
  equal(refusedOf(await at.call('postpaid.pay', wrong)), 'INQUIRY_UNSUPPORTED')
  equal(at.asked.length, 0)
  const words = { inquiry: ['CEK'], pay: ['BAYAR'] }
  const meant = await at.call('postpaid.meant', { product: 'bayarpln', words })
  deepEqual(meant, { what: 'pay', product: 'PLN' })
})

test('postpaid: by reference: the last inquiry is paid, once, and never asked anew (PPE3, PPE4)', async t => {
  const at = await scene(t)
  const userId = await at.user(2)
  const pay = (some: object = {}) =>
    at.call('postpaid.pay', { ...wish(userId), ref: 'B-1', ...some })
  equal(refusedOf(await pay()), 'INQUIRY_REQUIRED')
  await billAt(at, userId, { ref: 'B-1' })
  at.shop.answer = () => ({ ...told, price: 41_000 })
  await billAt(at, userId, { ref: 'B-1', sameDay: true })
  equal(refusedOf(await pay({ destination: '530000000002' })), 'INQUIRY_INVALID')
  const first = okOf(await pay())
  equal(first.order.price, 41_500)
  equal((await ended(at, userId, 'B-1')).status, 'SUCCESS')
  const again = okOf(await pay())
  deepEqual([again.repeated, again.order.trxId], [true, first.order.trxId])
  const anew = await inquire(at, userId, { ref: 'B-1' })
  equal(refusedOf(anew), 'DUPLICATE_REF')
  equal('refused' in anew && anew.order?.trxId, first.order.trxId)
  equal(commandsOf(at).filter(one => one === 'pay-pasca').length, 1)
  equal(okOf(await at.call('wallet.balance', { userId })).available, 100_000 - 41_500)
})

test('postpaid: an inquiry that is over: refused before money, a repeat is not (PPE4)', async t => {
  const at = await scene(t)
  const userId = await at.user(3)
  const { token: inquiryToken, expiresAt } = await billAt(at, userId)
  const place = (ref: string) => at.call('order.place', { ...wish(userId), ref, inquiryToken })
  at.clock.ms = expiresAt
  equal(refusedOf(await place('late')), 'INQUIRY_EXPIRED')
  equal(okOf(await at.call('wallet.balance', { userId })).available, 100_000)
  const fresh = await billAt(at, userId, { ref: 'B-2' })
  okOf(await at.call('postpaid.pay', { ...wish(userId), ref: 'B-2' }))
  await ended(at, userId, 'B-2')
  at.clock.ms = fresh.expiresAt + 1
  equal(okOf(await at.call('postpaid.pay', { ...wish(userId), ref: 'B-2' })).repeated, true)
})

test('postpaid: one token under many references: pays once, failed it pays again (PPE4)', async t => {
  const at = await scene(t, ({ commands }) =>
    commands === 'pay-pasca' ? { status: 'Gagal', rc: '02' } : told,
  )
  const userId = await at.user(1)
  const { token: inquiryToken } = await billAt(at, userId)
  const place = (ref: string) => at.call('order.place', { ...wish(userId), ref, inquiryToken })
  okOf(await place('A'))
  equal((await ended(at, userId, 'A')).status, 'FAILED')
  equal(okOf(await at.call('wallet.balance', { userId })).available, 100_000)
  at.shop.answer = () => told
  okOf(await place('B'))
  const used = await place('C')
  equal(refusedOf(used), 'INQUIRY_USED')
  equal('refused' in used && used.order?.ref, 'B')
  const paid = await ended(at, userId, 'B')
  deepEqual([paid.status, paid.bill?.customer, paid.bill?.amount], ['SUCCESS', 'BUDI', 39_500])
  equal(refusedOf(await place('D')), 'INQUIRY_USED')
  equal(okOf(await at.call('wallet.balance', { userId })).available, 100_000 - 40_500)
})

test('postpaid: a bill inquired again: a twin for the product’s minutes, or not at all (PPB3)', async t => {
  const at = await scene(t)
  const userId = await at.user(1)
  const pay = async (ref: string, inquiryToken: string, payer = userId) =>
    at.call('order.place', { ...wish(payer), ref, inquiryToken })
  const first = await billAt(at, userId)
  okOf(await pay('A', first.token))
  equal(refusedOf(await pay('B', (await billAt(at, userId)).token)), 'TWIN_ORDER')
  at.clock.ms += 600_000
  const later = await billAt(at, userId)
  equal(refusedOf(await pay('C', first.token)), 'INQUIRY_USED')
  okOf(await pay('C', later.token))

  const multi = rows.products.map(one => ({ ...one, multi: true }))
  at.shop.rows = { ...rows, products: multi }
  const other = await at.user(2)
  const one = await billAt(at, other)
  okOf(await pay('D', one.token, other))
  okOf(await pay('E', (await billAt(at, other)).token, other))
  const used = await pay('F', one.token, other)
  equal(refusedOf(used), 'INQUIRY_USED')
  equal('refused' in used && used.order?.ref, 'D')
})

test('postpaid: whose meter it is: told by who can, for a product of meters (PPE5)', async t => {
  const meter = { name: 'BUDI', meter_no: number, subscriber_id: '53', segment_power: 'R1 /1300' }
  let answer: object | null = meter
  const at = await scene(t, () => answer)
  const userId = await at.user(1)
  deepEqual(okOf(await inquire(at, userId, { product: 'PLN20' })), {
    kind: 'meter',
    meter: { name: 'BUDI', meterNumber: number, subscriberId: '53', segment: 'R1 /1300' },
  })
  equal(okOf(await at.call('postpaid.meter', { number })).name, 'BUDI')
  answer = { status: 'Gagal', rc: '57' }
  equal(refusedOf(await at.call('postpaid.meter', { number })), 'DESTINATION_INVALID')
  answer = { status: 'Gagal', rc: '86' }
  equal(refusedOf(await at.call('postpaid.meter', { number })), 'INQUIRY_UNANSWERED')
  answer = null
  equal(refusedOf(await inquire(at, userId, { product: 'PLN20' })), 'INQUIRY_UNANSWERED')
})

test('postpaid: a list of orders: a bill needs its token, and is paid with it (PPB1)', async t => {
  const at = await scene(t)
  const service = at.broker.createService(
    bulkService({ db: at.db, call: at.call, now: () => at.clock.ms, isOwner: () => true }),
  )
  await at.broker.waitForServices(service.name)
  const userId = await at.user(1)
  const { token: inquiryToken } = await billAt(at, userId)
  const row = { product: 'PLN', destination: number }
  const rows = [
    { ref: 'L-1', ...row },
    { ref: 'L-2', ...row, inquiryToken },
    { ref: 'L-3', ...row, inquiryToken },
  ]
  const { jobId } = okOf(await at.call('bulk.start', { userId, ref: 'L', rows }))
  const told = await until(
    async () => okOf(await at.call('bulk.read', { userId, jobId, after: 0, limit: 9 })),
    ({ tally }) => tally.waiting === 0,
  )
  const [bare, ...tokens] = told.rows.map(({ code }) => code)
  equal(bare, 'INQUIRY_REQUIRED')
  deepEqual(new Set(tokens), new Set([null, 'INQUIRY_USED']))
})

test('postpaid: sent elsewhere by a person: for the same amount, by who takes bills (PPB4)', async t => {
  const at = await scene(t, ({ commands, buyer_sku_code }) =>
    commands === 'pay-pasca' && buyer_sku_code === 'digi-pln' ? null : told,
  )
  const userId = await at.user(1)
  const { token: inquiryToken } = await billAt(at, userId)
  const order = { ...wish(userId), ref: 'R', inquiryToken }
  const { trxId } = okOf(await at.call('order.place', order)).order
  await until(
    async () => okOf(await at.call('order.byRef', { userId, ref: 'R' })),
    view => view.attempts[0]?.outcome === 'unknown',
  )
  const words = { trxId, by: 'cici', reason: 'called them', supplier: 'diva', notSold: true }
  okOf(await at.call('order.reroute', words))
  const view = await ended(at, userId, 'R')
  deepEqual(
    [view.status, ...view.attempts.map(({ supplier, cost }) => [supplier, cost])],
    ['SUCCESS', ['digi', 40_000], ['diva', 40_000]],
  )
  equal(commandsOf(at).filter(one => one === 'pay-pasca').length, 2)
})

test('postpaid: where too much hangs unanswered no bill is told or paid (PPE6)', async t => {
  const rule = (target: string, most: number) =>
    ({ version: 1, scope: 'supplier', target, rule: { exposure_max: most } }) as const
  const at = await scene(t, ({ commands }) => (commands === 'pay-pasca' ? null : told), [
    rule('digi', 50_000),
  ])
  const userId = await at.user(1)
  const [first, second] = [
    await billAt(at, userId),
    await billAt(at, userId, { destination: '530000000002' }),
  ]
  const pay = (ref: string, { destination, token: inquiryToken }: InquiredBill) =>
    at.call('order.place', { ...wish(userId, { destination }), ref, inquiryToken })
  okOf(await pay('R1', first))
  await until(
    async () => okOf(await at.call('order.byRef', { userId, ref: 'R1' })),
    view => view.attempts[0]?.outcome === 'unknown',
  )
  equal(refusedOf(await pay('R2', second)), 'PRODUCT_UNSUPPLIED')
  equal(okOf(await at.call('wallet.balance', { userId })).available, 59_500)
  equal(at.router.gauges.of('digi').reserved, 0)

  // Its bill would be more than it may have; the next one's may be paid.
  let asked = at.asked.length
  await billAt(at, userId, { destination: '530000000002' })
  const skus = () => at.asked.slice(asked).map(one => one['buyer_sku_code'])
  deepEqual(skus(), ['digi-pln', 'diva-pln'])
  // That there is no bill would not be true: one was told.
  at.shop.answer = ({ buyer_sku_code: sku }) =>
    sku === 'digi-pln' ? told : { status: 'Gagal', rc: '60' }
  equal(refusedOf(await inquire(at, userId)), 'PRODUCT_UNSUPPLIED')
  at.shop.answer = () => told
  asked = at.asked.length
  at.router.use(compileRouting([rule('digi', 30_000), rule('diva', 30_000)], []))
  equal(refusedOf(await inquire(at, userId)), 'PRODUCT_UNSUPPLIED')
  deepEqual(skus(), ['diva-pln'])
})
