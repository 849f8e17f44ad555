import { deepEqual, equal, match } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { AttemptView } from '../../services/contract/order-view.ts'
import type { RefusalCode } from '../../services/contract/words.ts'
import {
  bornAt,
  digiflazzCard,
  orderView,
  plain,
  Stage,
  trxId,
  userId,
} from '../scripted.fixture.ts'
import { signOf } from './digiflazz.ts'

const stages: Stage[] = []
const open: typeof Stage.open = async (...args) => {
  const stage = await Stage.open(...args)
  stages.push(stage)
  return stage
}
after(() => Promise.all(stages.map(stage => stage.close())))

const wish = (change: Record<string, unknown> = {}) => ({
  ...{ username: 'user', ref_id: 'ref-1', customer_id: '081200000001', product_code: 'S10' },
  sign: signOf('userkeyref-1'),
  ...change,
})

const post = async (stage: Stage, body: unknown) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const path = '/h2h/seller/digiflazz'
  const { status, body: told } = await plain(stage, { method: 'POST', path, body: text })
  return { status, data: told['data'] as unknown as Record<string, string> }
}

const brief = async (told: ReturnType<typeof post>) => {
  const { status, data } = await told
  return [status, data['status'], data['rc']]
}

test('digiflazz seller: a purchase: every documented field, all of them text (OTZ1, OTZ5)', async () => {
  const stage = await open()
  equal(wish().sign, '6e061821677b8dd27668fc5e8d11b418')
  const { status, data } = await post(stage, wish({ commands: 'topup' }))
  equal(status, 200)
  deepEqual(data, {
    ...{ ref_id: 'ref-1', status: '0', code: 'S10', customer_id: '081200000001', price: '10500' },
    ...{ message: 'Transaksi sedang diproses', balance: '989500', tr_id: trxId, rc: '39', sn: '' },
  })
  deepEqual(stage.askedOf('order.place'), [
    { userId, level: 2, ref: 'ref-1', product: 'S10', destination: '081200000001' },
  ])
})

test('digiflazz seller: a client not looked up yet: what is asked carries the visit’s id (GEA1)', async () => {
  const stage = await open()
  equal((await post(stage, wish())).status, 200)
  const placing = stage.visits.find(({ action }) => action === 'order.place')
  match(placing?.requestId ?? '', /^[0-9a-f]{12}-/)
})

test('digiflazz seller: the same again: its state, and other content is no end (OTZ2)', async () => {
  const order = orderView({ status: 'SUCCESS', sn: 'SN/1', moneyEffect: 'charged' })
  const stage = await open({
    'order.place': ({ destination }) =>
      destination === '081200000001'
        ? { ok: { order, balance: 5, repeated: true } }
        : { refused: 'DUPLICATE_REF', order, moneyEffect: 'charged' },
  })
  const { data } = await post(stage, wish())
  deepEqual([data['status'], data['rc'], data['sn'], data['balance']], ['1', '00', 'SN/1', '5'])
  deepEqual(await brief(post(stage, wish({ customer_id: '0899' }))), [200, '0', '39'])
})

test('digiflazz seller: refusals: the rc with the right meaning (OTZ3)', async () => {
  let refused: RefusalCode = 'NOT_FOUND'
  const stage = await open({ 'order.place': () => ({ refused, moneyEffect: 'none' }) })
  const expected: Partial<Record<RefusalCode, string>> = {
    PRODUCT_UNKNOWN: '20',
    PRODUCT_CLOSED: '106',
    PRODUCT_UNSUPPLIED: '106',
    DESTINATION_INVALID: '14',
    PREFIX_MISMATCH: '14',
    INSUFFICIENT_BALANCE: '07',
    TWIN_ORDER: '07',
  }
  for (const [code, rc] of Object.entries(expected)) {
    refused = code as RefusalCode
    deepEqual(await brief(post(stage, wish())), [200, '2', rc], code)
  }
})

test('digiflazz seller: failed orders: what is about the number is told (OTZ3)', async () => {
  let code = '54'
  const attempt = (): AttemptView => ({
    ...{ n: 1, supplier: 'a', sku: 's', ref: 'r', cost: 1, outcome: 'failed', code },
    ...{ message: null, startedAt: 1, answeredAt: 2, latencyMs: 1, reply: null },
  })
  const stage = await open({
    'order.place': () => ({
      ok: {
        order: orderView({ status: 'FAILED', attempts: [attempt()] }),
        balance: 1,
        repeated: true,
      },
    }),
  })
  for (const [theirs, rc] of [
    ['54', '14'],
    ['51', '13'],
    ['55', '106'],
    ['44', '07'],
    ['XX', '07'],
  ] as const) {
    code = theirs
    deepEqual(await brief(post(stage, wish())), [200, '2', rc])
  }
})

test('digiflazz seller: who is not let in: 204; limits and faults: under way (OTZ3)', async () => {
  const stage = await open()
  deepEqual(await brief(post(stage, wish({ sign: signOf('userkeyref-2') }))), [200, '2', '204'])
  deepEqual(await brief(post(stage, wish({ username: 'nobody' }))), [200, '2', '204'])
  const slow = await open(
    { 'identity.digiflazz': () => digiflazzCard({ ratePerMin: 1 }) },
    { now: () => bornAt },
  )
  await post(slow, wish())
  deepEqual(await brief(post(slow, wish())), [429, '0', '39'])
  const broken = await open({
    'order.place': () => {
      throw new Error('no')
    },
  })
  deepEqual(await brief(post(broken, wish())), [503, '0', '39'])
})

test('digiflazz seller: barred since: what stands is told, no less (OTZ6)', async () => {
  const check = { username: 'user', commands: 'checkstatus', sign: signOf('userkeycs') }
  const asks = [wish(), { ...check, ref_id: 'ref-1' }]
  let order = orderView({ status: 'PROCESSING' })
  const doors = (card: Parameters<typeof digiflazzCard>[0]) =>
    open({
      'identity.digiflazz': () => digiflazzCard(card),
      'order.byRef': ({ ref, destination = '081200000001' }) => {
        if (ref !== 'ref-1') return { refused: 'NOT_FOUND', moneyEffect: 'none' }
        return destination === '081200000001'
          ? { ok: { ...order, next: null } }
          : { refused: 'DUPLICATE_REF', order, moneyEffect: 'held' }
      },
    })
  const suspended = await doors({ status: 'suspended' })
  const elsewhere = await doors({ ipAllow: ['10.0.0.1'] })
  for (const stage of [suspended, elsewhere]) {
    for (const asked of asks) deepEqual(await brief(post(stage, asked)), [200, '0', '39'])
    deepEqual(await brief(post(stage, wish({ customer_id: '0899' }))), [200, '0', '39'])
    const never = wish({ ref_id: 'ref-2', sign: signOf('userkeyref-2') })
    deepEqual(await brief(post(stage, never)), [200, '2', '204'])
    deepEqual(await brief(post(stage, { ...check, ref_id: 'ref-2' })), [200, '2', '204'])
    deepEqual(await brief(post(stage, wish({ sign: 'x' }))), [200, '2', '204'])
    deepEqual(stage.askedOf('order.place'), [])
  }
  order = orderView({ status: 'SUCCESS', sn: 'SN' })
  deepEqual(await brief(post(suspended, wish())), [200, '1', '00'])
  const { data } = await post(elsewhere, wish())
  deepEqual([data['rc'], data['sn']], ['39', ''])
})

test('digiflazz seller: checkstatus: looks, never buys; what is not there is 06 (OTZ4)', async () => {
  const stage = await open({
    'order.byRef': ({ ref }) =>
      ref === 'ref-1'
        ? { ok: orderView({ status: 'SUCCESS', sn: 'SN' }) }
        : { refused: 'NOT_FOUND', moneyEffect: 'none' },
  })
  const check = { username: 'user', commands: 'checkstatus', sign: signOf('userkeycs') }
  const { data } = await post(stage, { ...check, ref_id: 'ref-1' })
  deepEqual(
    [data['status'], data['rc'], data['sn'], data['code'], data['customer_id']],
    ['1', '00', 'SN', 'TSEL10', '081200000001'],
  )
  deepEqual(await brief(post(stage, { ...check, ref_id: 'none' })), [200, '2', '06'])
  const wrong = { ...check, ref_id: 'ref-1', sign: signOf('userkeyref-1') }
  deepEqual(await brief(post(stage, wrong)), [200, '2', '204'])
  deepEqual(stage.askedOf('order.place'), [])
})

test('digiflazz seller: what can not be read: the envelope all the same (OTZ5)', async () => {
  const stage = await open()
  const broken = [
    ...['', '{', '[]', 'null', '{"username":"user","username":"user"}'],
    ...['ref_id', 'customer_id', 'product_code', 'sign', 'username'].map(name =>
      wish({ [name]: undefined }),
    ),
    wish({ commands: 'inq-pasca' }),
    wish({ customer_id: 81_200_000_001 }),
  ]
  for (const body of broken) deepEqual(await brief(post(stage, body)), [400, '2', '07'])
  deepEqual(stage.askedOf('order.place'), [])
})
