import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type NumberAdapter, type NumberKind, offerParts, offerWith } from './adapter.ts'
import { codeOf, nameWord, phoneOf, rateOf, rupiahOf, theirSum } from './asking.ts'
import { conformance, facing, type NumberSamples } from './conformance.ts'
import { handlerApi, readReply } from './handler-api.ts'
import { rumahotp } from './rumahotp.ts'

const key = 'kunci-rahasia-1'

const action = (url: URL) => url.searchParams.get('action')
const row = (codes: unknown, text = '') => ({
  ...{ activationId: 7001, serviceCode: 'wa', phoneNumber: '628123456789' },
  ...{ activationCost: '4200.00', countryCode: '6', smsCode: codes, smsText: text },
})

const handlerSamples: NumberSamples = {
  kind: handlerApi,
  credentials: { api_key: key },
  offer: offerWith('wa/6', 'telkomsel'),
  isBuying: url => /^getNumber/.test(action(url) ?? ''),
  isChanging: url => /^(?:getNumber|setStatus)/.test(action(url) ?? ''),
  reading: () => 'STATUS_WAIT_CODE',
  bought: {
    ...{ id: '7001', number: '628123456789' },
    body: JSON.stringify({
      ...{ activationId: 7001, phoneNumber: '628123456789', activationCost: '4200.00' },
      ...{ currency: 360, canGetAnotherSms: '1', activationTime: '2026-11-21 10:00:00' },
    }),
  },
  refusals: [
    ['NO_NUMBERS', 'NO_NUMBERS'],
    [' NO_NUMBERS\r\n', 'NO_NUMBERS'],
    ['NOT_AVAILABLE ', 'NO_NUMBERS'],
    ['NO_BALANCE', 'SUPPLIER_BALANCE'],
    ['WRONG_MAX_PRICE:4300', 'PRICE_MOVED'],
    ['BANNED:2026-12-01 00:00:00', 'SUPPLIER_REFUSED'],
    ['BAD_KEY', 'SUPPLIER_REFUSED'],
    ['{"status":"error","error":"NO_NUMBERS"}', 'NO_NUMBERS'],
    ['{"status":false,"message":"no numbers"}', 'NO_NUMBERS'],
  ],
  strange: [
    ...[
      'NO_NUMBERSX',
      'NO NUMBERS LEFT TODAY',
      'OK',
      'ACCESS_NUMBER',
      'ACCESS_NUMBER::',
      'STATUS_OK',
    ],
    ...['ACCESS_NUMBER:7001:nomor', '{"status":"error","error":"ERROR_SQL"}'],
    '{"status":"error","error":"NO_NUMBERS","activationId":7001,"phoneNumber":"628123456789"}',
    '{"activationId":7001}',
    '{"activationId":7001,"phoneNumber":"x"}',
    '{"activationId":1e300,"phoneNumber":"628123456789"}',
  ],
  givenBack: {
    ...{ cancelled: 'ACCESS_CANCEL', early: 'EARLY_CANCEL_DENIED', refused: 'BAD_STATUS' },
    received: { afterwards: 'STATUS_OK:123456' },
    cancelledBefore: { afterwards: 'STATUS_CANCEL' },
    waiting: { afterwards: 'STATUS_WAIT_CODE' },
  },
  inbox: {
    waiting: 'STATUS_WAIT_CODE',
    code: { body: 'STATUS_OK:123456', code: '123456' },
    cancelled: 'STATUS_CANCEL',
    noCodes: ['STATUS_WAIT_RESEND', 'STATUS_OK:-', 'STATUS_OK:', 'STATUS_OK:null'],
  },
}

const said = (data: unknown) => JSON.stringify({ success: true, data })
const lot = { provider_id: '2', price: 4200, stock: 9, rate: 90, available: true }
const countries = said([{ number_id: 13006, name: 'Indonesia', stock_total: 9, pricelist: [lot] }])
const order = (more: object) => said({ order_id: 'R7001', phone_number: '+628123456789', ...more })

const rumahotpSamples: NumberSamples = {
  kind: rumahotp,
  credentials: { api_key: key },
  offer: offerWith('13/13006/2', '1'),
  isBuying: url => url.pathname === '/api/v2/orders',
  isChanging: url => /\/orders$|set_status$/.test(url.pathname),
  reading: () => countries,
  bought: {
    ...{ id: 'R7001', number: '628123456789' },
    body: order({ service: 'WhatsApp', price: '4200' }),
  },
  refusals: [
    ['{"success":false,"message":"Saldo tidak cukup"}', 'SUPPLIER_BALANCE'],
    [
      '{"success":false,"error":{"message":"Nomor tidak tersedia, coba server lain"}}',
      'NO_NUMBERS',
    ],
    ['{"success":"false","error":{"message":"Stok habis"}}', 'NO_NUMBERS'],
    ['{"success":false,"error":{"message":"Apikey tidak valid"}}', 'SUPPLIER_REFUSED'],
  ],
  strange: [
    '{"success":false,"message":"Terjadi kesalahan pada server"}',
    '{"success":false}',
    '{"success":false,"message":"Saldo tidak cukup","data":{"order_id":"R1"}}',
    '{"success":true,"error":{"message":"Saldo tidak cukup"},"data":{"order_id":"R1"}}',
    '{"success":true,"data":{"order_id":"R7001"}}',
    '{"success":true,"data":[{"order_id":"R7001","phone_number":"628123456789"}]}',
    '{"success":true}',
    'NO_NUMBERS',
  ],
  givenBack: {
    cancelled: said({ order_id: 'R7001', message: 'Order cancel success' }),
    early: '{"success":false,"message":"Tunggu 3 menit sebelum membatalkan"}',
    refused: '{"success":false,"error":{"message":"Order tidak dapat diproses"}}',
    received: { afterwards: order({ status: 'received', otp_code: '123456' }) },
    cancelledBefore: { afterwards: order({ status: 'canceled', otp_code: '-' }) },
    waiting: { afterwards: order({ status: 'waiting', otp_code: '-' }) },
  },
  inbox: {
    waiting: order({ status: 'waiting', otp_code: '-' }),
    code: { body: order({ status: 'received', otp_code: 123456 }), code: '123456' },
    cancelled: order({ status: 'expired', otp_code: '-' }),
    noCodes: [
      order({ status: 'expiring', otp_code: ' - ' }),
      order({ status: 'waiting', otp_code: null }),
      order({ status: 'waiting', otp_code: '' }),
    ],
  },
}

for (const samples of [handlerSamples, rumahotpSamples]) {
  for (const { title, run } of conformance(samples)) test(title, run)
}

const cancelUnsaid = said({ order_id: 'R7001', message: 'Order gagal di-cancel' })

test('rumahotp: a cancel answered with a yes that says no: looked at, not believed (NSR3)', async () => {
  for (const [afterwards, told] of [
    [order({ status: 'waiting', otp_code: '-' }), 'unknown'],
    [order({ status: 'received', otp_code: '9' }), 'received'],
  ] as const) {
    const answer = (url: URL) => ({
      body: /set_status/.test(url.pathname) ? cancelUnsaid : afterwards,
    })
    equal(await facing(rumahotpSamples, answer, adapter => adapter.giveBack('R7001')), told)
  }
})

test('rumahotp: dearer than agreed, sold out, or no price to be had: not even sent (NSR1)', async () => {
  const asked = async (price: number, stock: number, body = '') => {
    const list = said([
      { number_id: 13006, name: 'Indonesia', pricelist: [{ ...lot, price, stock }] },
    ])
    return await facing(
      rumahotpSamples,
      () => ({ body: body || list }),
      async (adapter, sent) => {
        const told = await adapter.buy({ offer: '13/13006/2@1', maxCost: 4200, ref: 'r' })
        equal(
          sent.some(url => url.pathname === '/api/v2/orders'),
          false,
        )
        return told.kind === 'unbought' ? told.code : told.kind
      },
    )
  }
  equal(await asked(4201, 5), 'PRICE_MOVED')
  equal(await asked(4200, 0), 'NO_NUMBERS')
  equal(await asked(4200, 5, '<html>'), 'SUPPLIER_REFUSED')
})

test('rumahotp: the status of another order, a code beside expired: read with care (NSR4)', async () => {
  const read = (body: string) =>
    facing(
      rumahotpSamples,
      () => ({ body }),
      adapter => adapter.messages('R7001'),
    )
  equal((await read(said({ order_id: 'R9', status: 'expired', otp_code: '-' }))).kind, 'unknown')
  const over = await read(order({ status: 'expired', otp_code: '77' }))
  deepEqual(over, { kind: 'inbox', messages: [{ text: null, code: '77' }], ended: 'finished' })
})

test('rumahotp: another code: a yes, and a refusal of what is not documented (NSR5)', async () => {
  const again = (body: string) =>
    facing(
      rumahotpSamples,
      () => ({ body }),
      adapter => adapter.again('R7001'),
    )
  equal(await again(said({ message: 'Order resend success' })), 'ok')
  equal(await again('{"success":false,"message":"Status tidak valid"}'), 'refused')
})

test('handler: no more codes are wanted: said once, whatever is answered (NSA2)', async () => {
  for (const body of ['ACCESS_ACTIVATION', 'BAD_STATUS', '<html>', '']) {
    const sent = await facing(
      handlerSamples,
      () => ({ body }),
      async (adapter, sent) => {
        await adapter.finish!('55')
        return sent.map(({ searchParams: query }) => [query.get('id'), query.get('status')])
      },
    )
    deepEqual(sent, [['55', '6']])
  }
})

test('handler: words as they are written: a blank in them, misspelled, in JSON (NSH1)', () => {
  const word = (text: string) => readReply(text).word
  equal(word('WRONG ACTION'), 'WRONG_ACTION')
  equal(word('NOT_AVAILABLE '), 'NOT_AVAILABLE')
  equal(word('INCORECT_STATUS'), 'INCORECT_STATUS')
  equal(word('STATUS_OK:12:34'), 'STATUS_OK')
  equal(readReply('STATUS_OK:12:34').rest, '12:34')
  equal(word('{"status":"error","msg":"BAD_KEY"}'), 'BAD_KEY')
  equal(word('<html>NO_NUMBERS</html>'), '')
  equal(word('{"a":1'), '')
})

test('handler: v2 unknown there: v1 is asked, and in no other case (NSH2)', async () => {
  const buy = (v2: string) =>
    facing(
      handlerSamples,
      url => ({ body: action(url) === 'getNumberV2' ? v2 : 'ACCESS_NUMBER:55:+62 812 345 678' }),
      async (adapter, sent) => {
        const told = await adapter.buy({ offer: 'wa/6@', maxCost: 5000, ref: 'o' })
        return { told, actions: sent.map(action) }
      },
    )
  const { told, actions } = await buy('BAD_ACTION')
  deepEqual(told, { kind: 'bought', id: '55', number: '62812345678', cost: null })
  deepEqual(actions, ['getNumberV2', 'getNumber'])
  for (const answer of ['NO_NUMBERS', '', '<html>', 'ERROR_SQL', '{']) {
    deepEqual((await buy(answer)).actions, ['getNumberV2'])
  }
})

test('handler: a cancel that is refused: looked at, whatever the word for it (NSH3)', async () => {
  const tell = (change: string, status: string) =>
    facing(
      handlerSamples,
      url => ({ body: action(url) === 'setStatus' ? change : status }),
      adapter => adapter.giveBack('7001'),
    )
  for (const change of ['BAD_STATUS', 'INCORECT_STATUS', 'ACCESS_ACTIVATION', 'CANCEL_DENIED']) {
    equal(await tell(change, 'STATUS_OK:1'), 'received')
    equal(await tell(change, 'STATUS_WAIT_RETRY:1'), 'received')
    equal(await tell(change, 'STATUS_CANCEL'), 'cancelled')
    equal(await tell(change, 'NO_ACTIVATION'), 'unknown')
  }
  equal(await tell('BANNED:x', 'STATUS_CANCEL'), 'unknown')
})

test('handler: several codes: all of them, the text with the newest (NSH5)', async () => {
  const read = (list: string, status: string) =>
    facing(
      handlerSamples,
      url => ({ body: action(url) === 'getActiveActivations' ? list : status }),
      adapter => adapter.messages('7001'),
    )
  const open = (codes: unknown, text?: string) =>
    JSON.stringify({ status: 'success', activeActivations: [row(codes, text)] })
  deepEqual(await read(open(['11', 22], 'kode 22'), 'STATUS_OK:22'), {
    ...{ kind: 'inbox', ended: null },
    messages: [
      { text: null, code: '11' },
      { text: 'kode 22', code: '22' },
    ],
  })
  for (const list of ['NO_ACTIVATIONS', '<html>', open(null)]) {
    const inbox = await read(list, 'STATUS_OK:22')
    deepEqual(inbox.kind === 'inbox' && inbox.messages, [{ text: null, code: '22' }])
  }
  const asked = await read(open(['11']), 'STATUS_WAIT_RETRY:11')
  deepEqual(asked.kind === 'inbox' && asked.messages.map(one => one.code), ['11'])
})

test('handler: the list of open ones: whole, or none; its times mean nothing (NSH4, NSH6)', async () => {
  const active = (body: string) =>
    facing(
      handlerSamples,
      () => ({ body }),
      adapter => adapter.active(),
    )
  const list = (...rows: object[]) => JSON.stringify({ status: 'success', activeActivations: rows })
  const dated = { ...row(null), activationTime: '1999-01-01 00:00:00' }
  deepEqual(await active(list(dated)), [
    {
      ...{ id: '7001', number: '628123456789', lane: 'wa/6', cost: 4200 },
      inbox: { kind: 'inbox', messages: [], ended: null },
    },
  ])
  deepEqual(await active('NO_ACTIVATIONS'), [])
  equal(await active(list(dated, { activationId: 7002 })), null)
  equal(await active('{"status":"error","error":"NO_ACTIVATIONS","activeActivations":[{}]}'), null)
  equal(await active('BAD_KEY'), null)
})

test('sums: rounded up when we pay, down when we offer, never a float (NSK2)', () => {
  equal(rupiahOf('123.45', '1'), 124)
  equal(rupiahOf(0.1, '250.5'), 26)
  equal(rupiahOf('4200.00', '1'), 4200)
  for (const odd of ['-1', '1e9', 'x', '', null, {}, Number.NaN, '1,5', 1e21]) {
    equal(rupiahOf(odd, '1'), null)
  }
  equal(theirSum(4200, '1'), '4200')
  equal(theirSum(1000, '300'), '3.333333')
  // What costs less than a hundredth more than a hundredth can be bought.
  equal(rupiahOf('0.085', '16000'), 1360)
  equal(theirSum(1360, '16000'), '0.085')
  equal(theirSum(1, '7000000'), '0')
  equal(theirSum(7, '7000000'), '0.000001')
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000_000 }),
      fc.integer({ min: 1, max: 50_000 }),
      (a, b) => {
        ok(rupiahOf(theirSum(a, String(b)), String(b))! <= a)
      },
    ),
  )
})

test('names: one word of ours, however it is written; numbers, codes, rates as they come (NSK3)', () => {
  equal(nameWord('Google / Gmail'), 'google-gmail')
  equal(nameWord(' WHATSAPP '), nameWord('WhatsApp'))
  equal(nameWord('Côte d’Ivoire'), 'cote-d-ivoire')
  equal(nameWord('微信'), '')
  equal(phoneOf('+62 (812) 345-678'), '62812345678')
  equal(phoneOf('08x'), null)
  deepEqual(['-', ' ', null, '0012', 12, 'null'].map(codeOf), [
    null,
    null,
    null,
    '0012',
    '12',
    null,
  ])
  deepEqual(['87', '87%', 0.87, 101, 'x', null].map(rateOf), [87, 87, 87, null, null, null])
  deepEqual(offerParts(offerWith('a@b/c', '')), { offer: 'a@b/c', operator: '' })
})

test('asking: a redirect to where it would be sold: not followed; a reply kept: masked (NSK1, NSK4)', async () => {
  await facing(
    handlerSamples,
    () => ({
      body: 'kode 123-456 ke 0812 3456 7890',
      status: 302,
      location: '/stubs/handler_api.php',
    }),
    async (adapter, sent) => {
      const told = await adapter.buy({ offer: 'wa/6@', maxCost: 1, ref: 'r' })
      equal(told.kind === 'doubtful' && told.reply, 'kode #### ke ####')
      equal(sent.length, 1)
    },
  )
})

/** Adapters that go wrong in one way each, and the case that must notice. */
const broken: Record<string, [flaw: (real: NumberAdapter) => Partial<NumberAdapter>, RegExp]> = {
  'that calls a doubt a refusal': [
    real => ({
      async buy(wish) {
        const told = await real.buy(wish)
        const code = 'NO_NUMBERS' as const
        return told.kind === 'doubtful' ? { kind: 'unbought', code, reply: '' } : told
      },
    }),
    /an HTML page.*NSA1/,
  ],
  'that tries again': [
    real => ({
      async buy(wish) {
        const told = await real.buy(wish)
        return told.kind === 'doubtful' ? await real.buy(wish) : told
      },
    }),
    /points elsewhere.*NSA2/,
  ],
  'that gives back what it can not know': [
    real => ({
      async giveBack(id) {
        const told = await real.giveBack(id)
        return told === 'unknown' ? 'cancelled' : told
      },
    }),
    /given back, and no legible answer.*NSA3/,
  ],
  'that keeps whole replies': [
    real => ({
      async buy(wish) {
        const told = await real.buy(wish)
        return told.kind === 'doubtful' ? { ...told, reply: `${told.reply} 628123456789` } : told
      },
    }),
    /evidence.*NSA4/,
  ],
}
for (const [what, [flaw, title]] of Object.entries(broken)) {
  test(`conformance: an adapter ${what}: found out (NSA1, NSA2, NSA3, NSA4)`, async () => {
    const kind: NumberKind = {
      card: handlerApi.card,
      open: config => {
        const real = handlerApi.open(config)
        return { ...real, ...flaw(real) }
      },
    }
    const found = conformance({ ...handlerSamples, kind }).find(one => title.test(one.title))
    await rejects(found!.run())
  })
}
