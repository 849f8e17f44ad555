import { deepEqual, equal, match } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { ProductRow } from '../../services/contract/catalogue.ts'
import type { AttemptView, OrderView } from '../../services/contract/order-view.ts'
import type { RefusalCode } from '../../services/contract/words.ts'
import { rcOfOrder, wordOf } from '../../services/wire/digiflazz.ts'
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
import { rcOfRefusal } from './digiflazz-codes.ts'

const stages: Stage[] = []
const open: typeof Stage.open = async (...args) => {
  const stage = await Stage.open(...args)
  stages.push(stage)
  return stage
}
after(() => Promise.all(stages.map(stage => stage.close())))

const post = (stage: Stage, verb: string, body: unknown, headers = {}) =>
  plain(stage, {
    method: 'POST',
    path: `/h2h/v1/${verb}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers,
  })

const wish = (change: Record<string, unknown> = {}) => ({
  username: 'user',
  buyer_sku_code: 'xld10',
  customer_no: '087800001230',
  ref_id: 'ref-1',
  sign: signOf(`userkey${change['ref_id'] ?? 'ref-1'}`),
  ...change,
})

const transact = (stage: Stage, change: Record<string, unknown> = {}, headers = {}) =>
  post(stage, 'transaction', wish(change), headers)

test('digiflazz: signs: the vectors that everybody can compute (GD1)', () => {
  equal(signOf('userkeydepo'), 'e9d1db43a49c569bcc2bc7164cbe6127')
  equal(signOf('userkeypricelist'), '6870b202c286b430a1f8a6744d48a862')
  equal(signOf('userkeydeposit'), 'ceec9e72c6645e30e25eae8f8d5c1372')
  equal(signOf('userkeyref-1'), '6e061821677b8dd27668fc5e8d11b418')
})

test('digiflazz: cek-saldo: what may be spent (GD3)', async () => {
  const stage = await open({
    'wallet.balance': () => ({ ok: { balance: 500_000, held: 100, available: 499_900 } }),
  })
  const sign = 'e9d1db43a49c569bcc2bc7164cbe6127'
  const told = await post(stage, 'cek-saldo', { cmd: 'deposit', username: 'user', sign })
  equal(told.status, 200)
  deepEqual(told.body, { data: { deposit: 499_900 } })
})

test('digiflazz: a number as it was pasted: passed on, and back as it was written (GD2)', async () => {
  const stage = await open()
  for (const customer_no of [
    '\u202a+62 878-0000-1230\u202c',
    '０８７８００００１２３０',
    '087800001230\n',
  ]) {
    const { status, body } = await transact(stage, { customer_no })
    deepEqual([status, body['data']!['customer_no']], [200, customer_no])
    equal(stage.askedOf('order.place').at(-1)!.destination, customer_no)
  }
  equal((await transact(stage, { customer_no: '0878\u00001230' })).status, 400)
  equal((await transact(stage, { customer_no: '0878\ud800' })).status, 400)
})

test('digiflazz: a client not looked up yet: what is asked carries the visit’s id (GEA1)', async () => {
  const stage = await open()
  equal((await transact(stage)).status, 200)
  const placing = stage.visits.find(({ action }) => action === 'order.place')
  match(placing?.requestId ?? '', /^[0-9a-f]{12}-/)
})

test('digiflazz: transaction: their fields in, their fields out (GD1, GD2)', async () => {
  const stage = await open()
  const told = await transact(stage, {
    customer_no: '+62 878-0000-1230',
    max_price: '25000',
    cb_url: 'https://client.example/hook',
    testing: true,
    allow_dot: true,
    msg: 'x',
  })
  equal(told.status, 200)
  deepEqual(told.body, {
    data: {
      ref_id: 'ref-1',
      customer_no: '+62 878-0000-1230',
      buyer_sku_code: 'xld10',
      message: 'Transaksi Pending',
      status: 'Pending',
      rc: '03',
      sn: '',
      buyer_last_saldo: 989_500,
      price: 10_500,
      tele: '',
      wa: '',
    },
  })
  deepEqual(stage.askedOf('order.place'), [
    {
      userId,
      level: 2,
      ref: 'ref-1',
      product: 'xld10',
      destination: '+62 878-0000-1230',
      maxPrice: 25_000,
      callbackUrl: 'digiflazz+https://client.example/hook',
    },
  ])
})

test('digiflazz: the same again: the state of the same order, and no other content (GD1)', async () => {
  let order: OrderView | null = null
  const stage = await open({
    'order.place': ({ ref, product, destination }) => {
      if (order !== null && order.destination !== destination)
        return { refused: 'DUPLICATE_REF', order, moneyEffect: 'held' }
      order ??= orderView({ ref, product, destination })
      return { ok: { order, balance: 1_000, repeated: true } }
    },
  })
  equal((await transact(stage)).body['data']!['rc'], '03')
  order = orderView({ ...order!, status: 'SUCCESS', sn: '1234/X', moneyEffect: 'charged' })
  const { body } = await transact(stage)
  deepEqual(
    [body['data']!['rc'], body['data']!['status'], body['data']!['sn']],
    ['00', 'Sukses', '1234/X'],
  )
  const other = await transact(stage, { customer_no: '0811' })
  equal(other.status, 200)
  deepEqual(
    [other.body['data']!['rc'], other.body['data']!['status'], other.body['data']!['customer_no']],
    ['49', 'Gagal', '0811'],
  )
})

test('digiflazz: who is not let in: 41, 42, 45, 88, in the data envelope (GD3)', async () => {
  const stage = await open()
  const rcOf = async (told: ReturnType<typeof post>) => {
    const { status, body } = await told
    return [status, body['data']!['rc'], body['data']!['status']]
  }
  deepEqual(await rcOf(transact(stage, { sign: signOf('userkeyref-2') })), [401, '41', 'Gagal'])
  deepEqual(await rcOf(transact(stage, { sign: 'short' })), [401, '41', 'Gagal'])
  deepEqual(await rcOf(transact(stage, { username: 'nobody' })), [401, '42', 'Gagal'])
  const elsewhere = await open({
    'identity.digiflazz': () => digiflazzCard({ ipAllow: ['10.0.0.1'] }),
  })
  deepEqual(await rcOf(transact(elsewhere)), [403, '45', 'Gagal'])
  const suspended = await open({
    'identity.digiflazz': () => digiflazzCard({ status: 'suspended' }),
    'order.byRef': () => ({ refused: 'NOT_FOUND', moneyEffect: 'none' }),
  })
  deepEqual(await rcOf(transact(suspended)), [200, '88', 'Gagal'])
  deepEqual(stage.askedOf('order.place'), [])
})

test('digiflazz: another order’s reference: 49, whoever asks how it stands (GD1) (GD2)', async () => {
  const order = orderView({ status: 'SUCCESS', sn: 'SN' })
  const asked = { commands: 'status-pasca', customer_no: '081200000009' }
  const serving = {
    'order.byRef': ({ destination }: { destination?: string }) =>
      destination === asked.customer_no
        ? ({ refused: 'DUPLICATE_REF', order, moneyEffect: 'charged' } as const)
        : { ok: order },
    'wallet.balance': () => ({ ok: { balance: 7_000, held: 0, available: 7_000 } }),
  }
  const stage = await open(serving)
  const { data } = (await transact(stage, asked)).body
  deepEqual([data!['rc'], data!['status'], data!['sn']], ['49', 'Gagal', undefined])
  const right = (await transact(stage, { commands: 'status-pasca' })).body['data']!
  deepEqual([right['rc'], right['buyer_last_saldo']], ['00', 7_000])
  const card = { 'identity.digiflazz': () => digiflazzCard({ status: 'suspended' }) }
  const suspended = await open({ ...serving, ...card })
  equal((await transact(suspended, { ...asked, commands: '' })).body['data']!['rc'], '49')
  equal((await transact(suspended)).body['data']!['rc'], '00')
})

test('digiflazz: null: is what was not given (GD6)', async () => {
  const stage = await open()
  const nothing = { commands: null, testing: null, max_price: null, cb_url: null }
  equal((await transact(stage, nothing)).body['data']!['rc'], '03')
  const [placed] = stage.askedOf('order.place')
  deepEqual([placed?.maxPrice, placed?.callbackUrl], [undefined, undefined])
  equal((await transact(stage, { customer_no: null })).body['data']!['rc'], '40')
})

test('digiflazz: max_price: empty and 0 are what was not given (GD6)', async () => {
  for (const max_price of ['', 0, '0', '00']) {
    const stage = await open()
    equal((await transact(stage, { max_price })).body['data']!['rc'], '03', `${max_price}`)
    equal(stage.askedOf('order.place')[0]?.maxPrice, undefined)
  }
  const stage = await open()
  const ticket = { username: 'user', sign: signOf('userkeydeposit'), amount: 0 }
  equal((await post(stage, 'deposit', ticket)).body['data']!['rc'], '40')
})

test('digiflazz: suspended: a repeat is told how its order stands, and nothing is ordered (GE1)', async () => {
  const stage = await open({
    'identity.digiflazz': () => digiflazzCard({ status: 'suspended' }),
    'order.byRef': () => ({ ok: orderView({ status: 'PROCESSING' }) }),
  })
  const { data } = (await transact(stage)).body
  deepEqual([data!['status'], data!['ref_id'] !== undefined], ['Pending', true])
  deepEqual(stage.askedOf('order.place'), [])
})

test('digiflazz: payloads that can not be read: rc 40, whatever is wrong (GD3)', async () => {
  const stage = await open()
  const broken = [
    ...['', '{', '[]', 'null', '{"username":"user","username":"user"}'],
    ...['ref_id', 'customer_no', 'buyer_sku_code', 'sign', 'username'].map(field =>
      wish({ [field]: undefined }),
    ),
    ...[{ max_price: -1 }, { max_price: '1e3' }, { testing: 'maybe' }].map(wish),
  ]
  for (const body of broken) {
    const told = await post(stage, 'transaction', body)
    equal(told.status, 400)
    deepEqual([told.body['data']!['rc'], told.body['data']!['status']], ['40', 'Gagal'])
  }
  const big = await post(stage, 'transaction', 'x'.repeat(70_000))
  equal(big.status, 413)
  equal(big.body['data']!['rc'], '40')
})

test('digiflazz: another method or address: their envelope, and nothing said of an order (GD3) (GE1)', async () => {
  const stage = await open()
  const lost = [
    [405, 'GET', '/h2h/v1/transaction'],
    [405, 'PUT', '/h2h/v1/cek-saldo'],
    [404, 'POST', '/h2h/v1/transaction/'],
    [404, 'POST', '/h2h/v1/transactions'],
    [404, 'GET', '/h2h/v1'],
  ] as const
  for (const [status, method, path] of lost) {
    const body = method === 'GET' ? {} : { body: JSON.stringify(wish()) }
    const told = await plain(stage, { method, path, ...body })
    equal(told.status, status, path)
    equal(told.headers.get('allow'), status === 405 ? 'POST' : null)
    const { message, ...data } = told.body['data']!
    deepEqual([Object.keys(told.body), data], [['data'], { status: 'Pending', rc: '99' }])
    match(String(message), status === 405 ? /POST/ : /base URL/)
  }
  deepEqual(stage.askedOf('order.place'), [])
  const house = await plain(stage, { path: '/h2h/v1x' })
  equal(house.body['error_code'], 'NOT_FOUND')
})

test('digiflazz: any content type: read as JSON all the same (GD6)', async () => {
  const stage = await open()
  for (const type of ['text/plain', 'application/x-www-form-urlencoded'])
    equal((await transact(stage, {}, { 'content-type': type })).body['data']!['rc'], '03')
  for (const testing of [false, 'true', 1, 0, ''])
    equal((await transact(stage, { testing, cb_url: '' })).body['data']!['rc'], '03')
})

test('digiflazz: refusals: the rc with the right meaning, named with the order (GD3)', async () => {
  let refused: RefusalCode = 'NOT_FOUND'
  const stage = await open({ 'order.place': () => ({ refused, moneyEffect: 'none' }) })
  const expected: Partial<Record<RefusalCode, string>> = {
    PRODUCT_UNKNOWN: '43',
    INSUFFICIENT_BALANCE: '44',
    PREFIX_MISMATCH: '52',
    DESTINATION_INVALID: '54',
    PRODUCT_CLOSED: '58',
    PRODUCT_UNSUPPLIED: '62',
    TWIN_ORDER: '63',
    PRICE_ABOVE_MAX: '69',
  }
  for (const [code, rc] of Object.entries(expected)) {
    refused = code as RefusalCode
    const { status, body } = await transact(stage)
    equal(status, 200)
    const { message, ...data } = body['data']!
    deepEqual(data, {
      ref_id: 'ref-1',
      customer_no: '087800001230',
      buyer_sku_code: 'xld10',
      status: 'Gagal',
      rc,
      sn: '',
    })
    equal(typeof message, 'string')
  }
})

test('digiflazz codes: what nobody has looked at: never Gagal (GE1, GE2)', async () => {
  equal(wordOf['85'], 'Pending')
  equal(wordOf['99'], 'Pending')
  const stage = await open(
    { 'identity.digiflazz': () => digiflazzCard({ ratePerMin: 1 }) },
    { now: () => bornAt },
  )
  await transact(stage)
  const told = await transact(stage)
  equal(told.status, 429)
  equal(told.headers.get('retry-after'), '60')
  deepEqual(
    [told.body['data']!['rc'], told.body['data']!['status'], told.body['data']!['ref_id']],
    ['85', 'Pending', 'ref-1'],
  )
})

test('digiflazz codes: faults: 62 when surely nothing was placed, else 99 Pending (GE3)', async () => {
  const cases = [
    [{ fault: 'OVERLOADED', retryAfterMs: 2_000, moneyEffect: 'none' }, '62', 'Gagal'],
    [{ fault: 'OVERLOADED', retryAfterMs: 2_000, moneyEffect: 'held' }, '99', 'Pending'],
    [{ fault: 'JOURNAL_UNAVAILABLE', retryAfterMs: 2_000 }, '99', 'Pending'],
  ] as const
  for (const [answer, rc, status] of cases) {
    const stage = await open({ 'order.place': () => answer })
    const told = await transact(stage)
    equal(told.status, 503)
    equal(told.headers.get('retry-after'), '2')
    deepEqual([told.body['data']!['rc'], told.body['data']!['status']], [rc, status])
  }
  const broken = await open({
    'order.place': () => {
      throw new Error('no')
    },
  })
  equal((await transact(broken)).body['data']!['rc'], '99')
  const full = await open({}, { limits: { inFlightMax: 0 } })
  equal((await transact(full)).body['data']!['rc'], '99')
})

const attempt = (change: Partial<AttemptView>): AttemptView => ({
  n: 1,
  supplier: 'alfa',
  sku: 's',
  ref: 'r',
  cost: 1,
  outcome: 'failed',
  code: null,
  message: null,
  startedAt: bornAt,
  answeredAt: bornAt,
  latencyMs: 1,
  reply: null,
  ...change,
})

test("digiflazz codes: a supplier's rc: about the number, passed on; about us, kept (GE4)", () => {
  const failedWith = (...codes: (string | null)[]) =>
    rcOfOrder(orderView({ status: 'FAILED', attempts: codes.map(code => attempt({ code })) }))
  equal(failedWith('54'), '54')
  equal(failedWith('54', '52'), '52')
  equal(failedWith('wrong_number'), '54')
  equal(failedWith('supplier_54'), '02')
  for (const code of ['44', '41', '45', '00', '03', '99', '85', 'X', null])
    equal(failedWith(code), '02', String(code))
  equal(rcOfOrder(orderView({ status: 'FAILED' })), '02')
  equal(rcOfOrder(orderView({ status: 'REFUND' })), '74')
  equal(rcOfOrder(orderView({ status: 'PENDING' })), '03')
  equal(rcOfRefusal('DUPLICATE_REF'), '49')
  equal(rcOfRefusal('PRODUCT_CLOSED', { product: 'P', reason: 'cut_off', opens: '00:30' }), '58')
  equal(rcOfRefusal('PRODUCT_CLOSED', { product: 'P', reason: 'inactive' }), '43')
})

test('digiflazz: testing in production: refused, nothing is spent (GD4)', async () => {
  const stage = await open({}, { mode: 'production' })
  const told = await transact(stage, { testing: true })
  equal(told.body['data']!['rc'], '88')
  match(String(told.body['data']!['message']), /testing/)
  deepEqual(stage.askedOf('order.place'), [])
  equal((await transact(stage, { testing: false })).body['data']!['rc'], '03')
})

test('digiflazz: commands: status only looks, what we don’t know is refused (GD5)', async () => {
  const stage = await open({
    'order.byRef': ({ ref }) =>
      ref === 'ref-1'
        ? { ok: orderView({ status: 'SUCCESS', sn: 'SN' }) }
        : { refused: 'NOT_FOUND', moneyEffect: 'none' },
  })
  const rcOf = async (commands: string, change = {}) =>
    (await transact(stage, { commands, ...change })).body['data']!['rc']
  equal(await rcOf('status-pasca'), '00')
  equal(await rcOf('status-pasca', { ref_id: 'unknown' }), '50')
  equal(await rcOf('pln-subscribe'), '40')
  equal(await rcOf('anything'), '40')
  deepEqual(stage.askedOf('order.place'), [])
})

test('digiflazz: deposit: a ticket in their words, at the bank that was named (FLG1)', async () => {
  const bank = { code: 'bca1', name: 'BCA', number: '6042888890', holder: 'PT Contoh' }
  const ticket = {
    id: trxId,
    base: 100_000,
    code: 47,
    amount: 100_047,
    status: 'open',
    bank,
  } as const
  const stage = await open({
    'deposit.ticket': ({ bank: named }) =>
      named === 'BRI'
        ? { refused: 'BANK_ACCOUNT_UNKNOWN', moneyEffect: 'none' }
        : { ok: { ...ticket, createdAt: bornAt, expiresAt: bornAt } },
  })
  const sign = 'ceec9e72c6645e30e25eae8f8d5c1372'
  const wish = { username: 'user', sign, amount: '100000', owner_name: 'Ani' }
  const told = await post(stage, 'deposit', { ...wish, Bank: 'BCA' })
  equal(told.status, 200)
  deepEqual(told.body, {
    data: {
      ...{ rc: '00', bank: 'BCA', payment_method: 'Bank Transfer', account_no: '6042888890' },
      ...{ notes: 'TIKET 047', amount: 100_047 },
    },
  })
  for (const named of [{ bank: 'BCA' }, { Bank: 'Flip' }, {}]) {
    equal((await post(stage, 'deposit', { ...wish, ...named })).body['data']!['rc'], '00')
  }
  const rcOf = async (change: object) =>
    (await post(stage, 'deposit', { ...wish, ...change })).body['data']!
  const refused = await rcOf({ bank: 'BRI' })
  deepEqual([refused['rc'], refused['status']], ['64', 'Gagal'])
  equal((await rcOf({ amount: 0 }))['rc'], '40')
  equal((await rcOf({ sign: 'x' }))['rc'], '41')
  deepEqual(stage.askedOf('deposit.ticket'), [
    { userId, amount: 100_000, bank: 'BCA' },
    { userId, amount: 100_000, bank: 'BCA' },
    { userId, amount: 100_000 },
    { userId, amount: 100_000 },
    { userId, amount: 100_000, bank: 'BRI' },
  ])
})

const rows: readonly ProductRow[] = [
  {
    code: 'xld10',
    name: 'XL 10.000',
    category: 'Pulsa',
    brand: 'XL',
    type: 'prepaid',
    price: 10_500,
    open: true,
    multi: true,
    cutOffStart: '23:45',
    cutOffEnd: '00:15',
  },
  {
    code: 'pln',
    name: 'PLN Pascabayar',
    category: 'Pascabayar',
    brand: 'PLN PASCABAYAR',
    type: 'postpaid',
    price: 2_500,
    open: false,
    multi: false,
    cutOffStart: '00:00',
    cutOffEnd: '00:00',
  },
]

test('digiflazz: price-list: the whole list: the same bytes for all, packed for who takes that (GD7)', async () => {
  const many = Array.from({ length: 100 }, (_, n) => ({ ...rows[0]!, code: `XLD${n}` }))
  const stage = await open({ 'catalogue.products': () => [...many, rows[1]!] })
  const sign = '6870b202c286b430a1f8a6744d48a862'
  const ask = (accept: string) =>
    post(
      stage,
      'price-list',
      { username: 'user', sign, cmd: 'prepaid' },
      { 'accept-encoding': accept },
    )
  const first = await ask('identity')
  equal(first.body['data']!['length'], 100)
  let packed = await ask('gzip')
  while (packed.headers.get('content-encoding') !== 'gzip') packed = await ask('gzip')
  equal(packed.text, first.text)
})

test('digiflazz: price-list: prepaid and pasca rows, filtered (GD3)', async () => {
  const stage = await open({ 'catalogue.products': () => rows })
  const sign = '6870b202c286b430a1f8a6744d48a862'
  const list = async (change: Record<string, unknown>) =>
    (await post(stage, 'price-list', { username: 'user', sign, cmd: 'prepaid', ...change })).body[
      'data'
    ] as unknown as Record<string, unknown>[]
  const [row, ...others] = await list({})
  deepEqual(others, [])
  equal(row!['buyer_sku_code'], 'xld10')
  equal(row!['price'], 10_500)
  equal(row!['start_cut_off'], '23:45')
  equal(row!['seller_product_status'], true)
  equal((await list({ cmd: 'pasca' }))[0]!['admin'], 2_500)
  equal((await list({ brand: 'xl', code: 'XLD10', category: 'pulsa', type: 'umum' })).length, 1)
  equal((await list({ code: 'other' })).length, 0)
})
