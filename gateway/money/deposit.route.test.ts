import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { answers } from '../operations.fixture.ts'
import { keyCard, plain, Stage, send, trxId, userId } from '../scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

type Options = Parameters<typeof Stage.open>
type Role = 'reseller' | 'consumer' | 'support' | 'finance' | 'admin'

async function stageOf(
  role: Role = 'consumer',
  scripts: Options[0] = {},
  options: Options[1] = {},
): Promise<Stage> {
  const card = ({ keyId }: { keyId: string }) => (keyId === 'key-1' ? keyCard({ role }) : null)
  const stage = await Stage.open({ ...answers, 'identity.key': card, ...scripts }, options)
  stages.push(stage)
  return stage
}

const post = (stage: Stage, path: string, body: object, headers: Record<string, string> = {}) =>
  send(stage, { method: 'POST', path, body: JSON.stringify(body), headers })
const get = (stage: Stage, path: string) => send(stage, { method: 'GET', path })

const wish = { amount: 50_000, metode: 'qris_atlantic' }
const okOf = (answer: unknown): object => (answer as { readonly ok: object }).ok

test('deposit route: a word for it: ref, else the key, else one of its own (GWK1)', async () => {
  const stage = await stageOf()
  const path = '/api/v1/deposit/create'
  await post(stage, path, { ...wish, ref: 'mine' }, { 'idempotency-key': 'other' })
  await post(stage, path, wish, { 'idempotency-key': 'other' })
  await post(stage, path, wish)
  const params = { userId, amount: 50_000, method: 'qris_atlantic', address: '127.0.x.x' }
  deepEqual(stage.askedOf('intent.create'), [
    { ...params, ref: 'mine' },
    { ...params, ref: 'other' },
    params,
  ])
  for (const wrong of [{}, { ...wish, amount: '50000' }, { ...wish, metode: 'a b' }]) {
    equal((await post(stage, path, wrong)).status, 400)
  }
  equal(stage.askedOf('intent.create').length, 3)
})

test('deposit route: the gateway’s id is shown, ours until there is one; both are asked (GWK2)', async () => {
  const { 'intent.get': told } = answers
  const stage = await stageOf('reseller', {
    'intent.get': params => {
      const answer = told!(params) as { ok: object }
      return { ok: { ...answer.ok, depositId: null, status: 'checking' } } as never
    },
  })
  const { body } = await post(stage, '/api/v1/deposit/create', wish)
  const data = body['data'] as Record<string, unknown>
  deepEqual([data['deposit_id'], data['intent_id']], ['DEP00000001', trxId])
  deepEqual([data['amount'], data['fee'], data['received']], [50_000, 450, 49_550])
  equal(data['qr_string'], '000201')
  const waiting = (await get(stage, `/api/v1/deposit/${trxId}`)).body['data']
  deepEqual([waiting!['deposit_id'], waiting!['status']], [trxId, 'checking'])
  await get(stage, '/api/v1/deposit/RO0000000001')
  deepEqual(stage.askedOf('intent.get'), [
    { userId, id: trxId },
    { userId, id: 'RO0000000001' },
  ])
  equal((await get(stage, '/api/v1/deposit/a%20b')).status, 404)
})

test('deposit route: the sentence says how it stands, made or given up (GWK5)', async () => {
  const { 'intent.create': made, 'intent.cancel': dropped } = answers
  for (const [status, onCreate, onCancel] of [
    ['pending', /^Silakan dibayar/, /^Silakan dibayar/],
    ['checking', /kami pastikan/, /kami pastikan/],
    ['processing', /sedang diproses/, /sedang diproses/],
    ['success', /saldo sudah bertambah/, /saldo sudah bertambah/],
    ['expired', /sudah habis/, /sudah habis/],
    ['cancel', /tidak jadi/, /dibatalkan. Tidak ada dana yang berpindah/],
  ] as const) {
    const stage = await stageOf('reseller', {
      'intent.create': params => ({ ok: { ...okOf(made!(params)), status } }) as never,
      'intent.cancel': params => ({ ok: { ...okOf(dropped!(params)), status } }) as never,
    })
    const created = await post(stage, '/api/v1/deposit/create', wish)
    match(String(created.body['message']), onCreate, status)
    const { body } = await post(stage, `/api/v1/deposit/${trxId}/cancel`, {})
    match(String(body['message']), onCancel, status)
    equal(/Tidak ada dana/.test(String(body['message'])), status === 'cancel')
  }
})

test('deposit route: ten looks a minute, each client his own; the rest goes on (GWK3)', async () => {
  let aheadMs = 0
  const stage = await stageOf('consumer', {}, { now: () => Date.now() + aheadMs })
  const look = () => get(stage, '/api/v1/deposit/DEP1')
  const statuses: number[] = []
  for (let n = 0; n < 12; n++) statuses.push((await look()).status)
  deepEqual(statuses, [...new Array(10).fill(200), 429, 429])
  equal(stage.askedOf('intent.get').length, 10)
  aheadMs = 7_000
  equal((await look()).status, 200)
})

test('deposit route: a webhook: its word and bytes are handed on, the answer is short (GWK4)', async () => {
  const stage = await stageOf('consumer', {
    'intent.callback': ({ headers }) => ({
      verdict: headers['x-atl-signature'] === 'word' ? 'accepted' : 'forged',
    }),
  })
  const body = '{"event": "deposit","data":{"id":"D1"}}'
  const tell = (word: string) =>
    plain(stage, {
      ...{ method: 'POST', path: '/api/v1/callbacks/atlantic', body },
      headers: { 'content-type': 'application/json', 'x-atl-signature': word },
    })
  const good = await tell('word')
  deepEqual([good.status, good.body['data']], [200, { verdict: 'accepted' }])
  equal((await tell('other')).status, 401)
  const [first] = stage.askedOf('intent.callback')
  equal(Buffer.from(first!.body, 'base64').toString(), body)
  equal(first!.gateway, 'atlantic')
})

test('deposit desk: finance and admin, by who signed; gateways are the admin’s (GWL1, GWL2)', async () => {
  const path = `/api/v1/admin/deposit-intents/${trxId}/resolve`
  const said = { n: 1, verdict: 'credit', reason: 'bukti transfer cocok', by: 'somebody else' }
  for (const [role, status] of [
    ...([
      ['consumer', 403],
      ['reseller', 403],
      ['support', 403],
    ] as const),
    ...([
      ['finance', 200],
      ['admin', 200],
    ] as const),
  ]) {
    const stage = await stageOf(role)
    equal((await post(stage, path, said)).status, status, role)
    equal((await get(stage, '/api/v1/admin/deposit-intents')).status, status, role)
    const put = await send(stage, {
      ...{ method: 'PUT', path: '/api/v1/admin/payment-gateways/atlantic' },
      body: JSON.stringify({ adapter: 'atlantic', base_url: 'https://atlantich2h.com' }),
    })
    equal(put.status, role === 'admin' ? 200 : 403, role)
    deepEqual(
      stage.askedOf('audit.add').map(({ action, subject }) => [action, subject]),
      [
        ...(status === 200 ? [['deposit_intent.resolve', trxId]] : []),
        ...(role === 'admin' ? [['payment_gateway.put', 'atlantic']] : []),
      ],
    )
    if (status === 200) {
      const { by: _, ...wanted } = said
      deepEqual(stage.askedOf('intent.resolve'), [{ id: trxId, by: userId, ...wanted }])
      equal((await post(stage, path, { ...said, reason: '' })).status, 400)
    }
  }
})

test('deposit desk: gateways: what proves us is in no answer (GWL3)', async () => {
  const stage = await stageOf('admin')
  const { body, text } = await get(stage, '/api/v1/admin/payment-gateways')
  ok(!text.includes('credentials'))
  deepEqual(body['data'], {
    rows: [
      {
        ...{ code: 'atlantic', adapter: 'atlantic', base_url: 'https://atlantich2h.com' },
        ...{ timeout_ms: 20_000, max_in_flight: 16, amount_min: 10_000, amount_max: 10_000_000 },
        ...{ active: true, owed: 1_000_000 },
      },
    ],
  })
})

test('deposit desk: a payout: who signed notes it, once, and it is in the audit log (GWL1, GWL4)', async () => {
  const path = '/api/v1/admin/payment-gateways/atlantic/payouts'
  const wish = { amount: 995_000, fee: 5_000, day: '2026-02-03', ref_id: 'WD-1' }
  for (const role of ['support', 'reseller'] as const) {
    const stage = await stageOf(role)
    equal((await post(stage, path, wish)).status, 403)
    equal((await get(stage, path)).status, 403)
    deepEqual(stage.askedOf('intent.payout'), [])
  }
  const stage = await stageOf('finance')
  const answer = await post(stage, path, { ...wish, by: 'somebody else' })
  equal(answer.status, 200)
  deepEqual(stage.askedOf('intent.payout'), [
    {
      gateway: 'atlantic',
      ref: 'WD-1',
      amount: 995_000,
      fee: 5_000,
      day: '2026-02-03',
      by: userId,
    },
  ])
  const audited = stage.askedOf('audit.add')
  deepEqual(
    audited.map(({ action, subject, outcome, actor }) => [action, subject, outcome, actor.userId]),
    [['gateway.payout', 'atlantic', 'done', userId]],
  )
  deepEqual((await get(stage, path)).body['data'], { rows: [answer.body['data']], next: null })
  for (const wrong of [{ amount: 0 }, { fee: -1 }, { day: '3 Feb' }, { ref_id: '' }]) {
    equal((await post(stage, path, { ...wish, ...wrong })).status, 400)
  }
  equal(stage.askedOf('intent.payout').length, 1)
})

test('deposit desk: more than a gateway owes: refused with what is owed, and audited (GWL4)', async () => {
  const stage = await stageOf('admin', {
    'intent.payout': () => ({
      ...{ refused: 'PAYOUT_LIMIT', details: { owed: 900_000 }, moneyEffect: 'none' },
    }),
  })
  const wish = { amount: 995_000, day: '2026-02-03', ref_id: 'WD-1' }
  const { status, body } = await post(
    stage,
    '/api/v1/admin/payment-gateways/atlantic/payouts',
    wish,
  )
  equal(status, 422)
  deepEqual([body['error_code'], body['details']], ['PAYOUT_LIMIT', { owed: 900_000 }])
  deepEqual(
    stage.askedOf('audit.add').map(({ outcome }) => outcome),
    ['PAYOUT_LIMIT'],
  )
})
