import { deepEqual, equal, match } from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, test } from 'node:test'
import type { DeviceLogin } from '../../services/contract/device.ts'
import { plain, Stage } from '../scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

const at = Date.UTC(2026, 0, 2, 3, 4, 5)
const deviceId = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e8b0'
const merchantId = '0193a7c2-4d1e-7002-9f3c-5a7b21d0e8a0'
const terminalId = '0193a7c2-4d1e-7002-9f3c-5a7b21d0e8a1'
const secret = 'the secret of a box'
const fleetToken = 'a token for all the boxes of old'
const login: DeviceLogin = {
  ...{ deviceId, generation: 1, adapter: 'laju', acks: 'played' },
  ...{ merchantId, outletId: merchantId, terminalId },
}

type Scripts = Parameters<typeof Stage.open>[0]

async function open(scripts: Scripts = {}): Promise<Stage> {
  const stage = await Stage.open(
    {
      'device.login': asked =>
        [deviceId, 'SN-1'].includes(asked.deviceId) && asked.secret === secret
          ? { ok: login }
          : { refused: 'DEVICE_INVALID', moneyEffect: 'none' },
      'device.vouched': asked =>
        asked.deviceId === deviceId && asked.token === fleetToken
          ? { ok: login }
          : { refused: 'DEVICE_INVALID', moneyEffect: 'none' },
      'device.uplink': () => ({ ok: null }),
      ...scripts,
    },
    { now: () => at },
  )
  stages.push(stage)
  return stage
}

const proof = { 'x-device-id': deviceId, 'x-device-secret': secret }
const post = (stage: Stage, path: string, body: unknown, headers = {}) =>
  plain(stage, {
    ...{ method: 'POST', path, body: JSON.stringify(body) },
    headers: { 'content-type': 'application/json', ...proof, ...headers },
  })
const get = (stage: Stage, path: string, headers: Record<string, string> = proof) =>
  plain(stage, { method: 'GET', path, headers })

test('device door: proof: both headers, and the same no for all that is wrong (DVT2)', async () => {
  const stage = await open({ 'device.config': () => ({ ok: config }) })
  for (const headers of [
    {},
    { 'x-device-id': deviceId },
    { ...proof, 'x-device-secret': 'another' },
    { ...proof, 'x-device-id': terminalId },
    { authorization: 'Bearer x' },
    { authorization: `Bearer ${fleetToken}` },
    { 'x-device-id': deviceId, authorization: 'Bearer x' },
    { ...proof, 'x-device-secret': 'another', authorization: `Bearer ${fleetToken}` },
  ]) {
    const { status, body } = await get(stage, '/device/config', headers as Record<string, string>)
    equal(status, 401)
    equal(body['code'], 'DEVICE_INVALID')
    deepEqual(body['details'], {})
    match(String(body['request_id']), /./)
    match(String(body['timestamp']), /^\d{4}-/)
  }
  equal(stage.askedOf('device.config').length, 0)
})

const config = {
  desired: { version: 3, values: { volume: 70 }, at },
  reported: { version: 2, status: 'applied', at },
  drift: true,
} as const

test('device door: config: its own, as it should be and as it is (DVT1)', async () => {
  const stage = await open({ 'device.config': () => ({ ok: config }) })
  const { status, body } = await get(stage, '/device/config')
  equal(status, 200)
  deepEqual(body, { version: 3, values: { volume: 70 }, drift: true, reported_version: 2 })
  deepEqual(stage.askedOf('device.config'), [{ deviceId }])
})

test('device door: the token of all boxes: for what old boxes know, no more (DVT5)', async () => {
  const stage = await open({
    'device.config': () => ({ ok: config }),
    'device.poll': () => ({ ok: { messages: [] } }),
  })
  const old = { 'x-device-id': deviceId, authorization: `Bearer ${fleetToken}` }
  equal((await get(stage, '/device/config', old)).status, 200)
  const told = (path: string) => {
    const headers = { 'content-type': 'application/json', ...old }
    return plain(stage, { method: 'POST', path, body: '{"message_id":"m1"}', headers })
  }
  for (const path of ['/device/heartbeat', '/device/config/ack', '/device/commands/ack']) {
    equal((await told(path)).status, 200, path)
  }
  equal((await told('/device/notifications/ack')).body['code'], 'DEVICE_INVALID')
  equal((await get(stage, '/device/notifications', old)).body['code'], 'DEVICE_INVALID')
  equal(stage.askedOf('device.poll').length, 0)
  equal(stage.askedOf('device.uplink').length, 3)
})

test('device door: what it says is handed on as over its topics, in its own name (DVT1)', async () => {
  const stage = await open()
  const said = [
    ['/device/heartbeat', { network_strength: 80, device_id: deviceId }, 'heartbeat'],
    ['/device/config/ack', { version: 3, status: 'applied' }, 'config/ack'],
    ['/device/commands/ack', { command_id: 'c1' }, 'command/ack'],
    ['/device/notifications/ack', { message_id: 'm1', status: 'played' }, 'ack'],
  ] as const
  for (const [path, payload] of said) {
    const { status, body } = await post(stage, path, payload)
    equal(status, 200)
    deepEqual(body, { result: 'ok', server_time: '2026-01-02T03:04:05.000Z' })
  }
  deepEqual(
    stage.askedOf('device.uplink'),
    said.map(([, payload, topic]) => ({ deviceId, topic, payload })),
  )
  const serial = { 'x-device-id': 'SN-1' }
  equal((await post(stage, '/device/heartbeat', { device_id: 'SN-1' }, serial)).status, 200)
  const other = await post(stage, '/device/heartbeat', { device_id: terminalId })
  equal(other.body['code'], 'FORBIDDEN')
})

test('device door: what it says is not understood: refused with a sentence (DVT1)', async () => {
  const stage = await open({
    'device.uplink': () => ({ refused: 'FIELDS_INVALID', moneyEffect: 'none' }),
  })
  const { status, body } = await post(stage, '/device/config/ack', { version: 'x' })
  equal(status, 422)
  equal(body['code'], 'FIELDS_INVALID')
  equal((await post(stage, '/device/config/ack', 'no object')).body['code'], 'VALIDATION_FAILED')
})

test('device door: notifications: what it is to say now (DVT1)', async () => {
  const payload = { message_id: 'm1', amount: 5_000, text: 'lima ribu rupiah' }
  const stage = await open({
    'device.poll': () => ({ ok: { messages: [{ topic: 'payment', payload }] } }),
  })
  const { body } = await get(stage, '/device/notifications')
  deepEqual(body, { messages: [{ topic: 'payment', payload }] })
})

const made = {
  ...{ transactionId: merchantId, merchantId, terminalId, status: 'PENDING', amount: 5_000 },
  ...{ qr: '000201', expiresAt: at + 60_000 },
} as never

test('device door: dynamic QR: at its own terminal, under its own reference (DVT1, DVT4)', async () => {
  const stage = await open({ 'payment.create': () => ({ ok: made }) })
  const path = '/device/transactions/dynamic-qr'
  const { status, body } = await post(stage, path, { amount: 5_000, request_id: 'q1' })
  equal(status, 200)
  deepEqual(body, {
    ...{ transaction_id: merchantId, status: 'pending', amount: 5_000, qr_string: '000201' },
    ...{ expires_at: '2026-01-02T03:05:05.000Z', terminal_id: terminalId },
    merchant_id: merchantId,
  })
  const by = `device:${deviceId}`
  const reference = hash('sha256', `${deviceId} q1`).slice(0, 32)
  deepEqual(stage.askedOf('payment.create'), [
    { merchantId, terminalId, amount: 5_000, reference, by },
  ])
  const other = { amount: 5_000, terminal_id: merchantId }
  equal((await post(stage, path, other)).body['code'], 'FORBIDDEN')
  equal((await post(stage, path, { amount: 0.5 })).body['code'], 'VALIDATION_FAILED')
})

test('device door: dynamic QR: under a key it is made once, and answered as it was (DVT4)', async () => {
  const kept = new Map<string, { status: number; body: string }>()
  const prints = new Map<string, string>()
  const stage = await open({
    'payment.create': () => ({ ok: made }),
    'idempotency.claim': ({ scope, key, fingerprint }) => {
      const name = `${scope} ${key}`
      const isOther = (prints.get(name) ?? fingerprint) !== fingerprint
      if (isOther) return { refused: 'IDEMPOTENCY_CONFLICT', moneyEffect: 'none' }
      prints.set(name, fingerprint)
      return { ok: kept.get(name) ?? { claim: 1 } }
    },
    'idempotency.keep': ({ scope, key, status, body }) => {
      kept.set(`${scope} ${key}`, { status, body })
      return { ok: null }
    },
  })
  const path = '/device/transactions/dynamic-qr'
  const key = { 'idempotency-key': 'k1' }
  const first = await post(stage, path, { amount: 5_000 }, key)
  const again = await post(stage, path, { amount: 5_000 }, key)
  deepEqual([first.status, again.status], [200, 200])
  deepEqual(again.body, first.body)
  equal(again.headers.get('idempotency-replayed'), 'true')
  equal(stage.askedOf('payment.create').length, 1)
  deepEqual([...kept.keys()], [`device:${deviceId} k1`])
  const other = await post(stage, path, { amount: 6_000 }, key)
  deepEqual([other.status, other.body['code']], [409, 'IDEMPOTENCY_CONFLICT'])
  const odd = await post(stage, path, { amount: 5_000 }, { 'idempotency-key': 'two words' })
  deepEqual([odd.status, odd.body['code']], [400, 'VALIDATION_FAILED'])
  equal(stage.askedOf('payment.create').length, 1)
})

test('device door: dynamic QR: a key that came free names the same payment (DVT4, GKA1)', async () => {
  const stage = await open({
    'payment.create': () => ({ ok: made }),
    'idempotency.claim': () => ({ ok: { claim: 1 } }),
    'idempotency.keep': () => ({ ok: null }),
  })
  const path = '/device/transactions/dynamic-qr'
  for (const [key, amount] of [
    ['k1', 5_000],
    ['k1', 5_000],
    ['k2', 5_000],
  ] as const) {
    await post(stage, path, { amount }, { 'idempotency-key': key })
  }
  const [first, again, other] = stage.askedOf('payment.create').map(one => one.reference)
  equal(again, first)
  equal(other === first, false)
})

test('device door: dynamic QR: an answer that says "not now", or was not kept (GKA2)', async () => {
  let isWritable = false
  const stage = await open({
    'payment.create': () =>
      isWritable ? { ok: made } : { fault: 'OVERLOADED', retryAfterMs: 1_000 },
    'idempotency.claim': () => ({ ok: { claim: 1 } }),
    'idempotency.keep': () => ({ fault: 'STOPPING', retryAfterMs: 1_000 }),
    'idempotency.release': () => ({ ok: null }),
  })
  const path = '/device/transactions/dynamic-qr'
  const key = { 'idempotency-key': 'k1' }
  const busy = await post(stage, path, { amount: 5_000 }, key)
  deepEqual([busy.status, busy.body['code']], [503, 'OVERLOADED'])
  equal(stage.askedOf('idempotency.release').length, 1)
  isWritable = true
  const unkept = await post(stage, path, { amount: 5_000 }, key)
  deepEqual([unkept.status, unkept.body['code']], [503, 'UNREACHABLE'])
  equal(stage.askedOf('idempotency.release').length, 2)
})

test('device door: an old secret: one box shut out, those beside it and staff are not (DVT2)', async () => {
  const stage = await open({ 'device.config': () => ({ ok: config }) })
  const wrong = { 'x-device-id': terminalId, 'x-device-secret': 'of yesterday' }
  for (let n = 0; n < 700; n++) equal((await get(stage, '/device/config', wrong)).status, 401)
  equal(stage.askedOf('device.login').length, 30)
  equal((await get(stage, '/device/config')).status, 200)
  const stranger = await get(stage, '/admin/devices', { authorization: 'Bearer unknown' })
  equal(stranger.body['code'], 'TOKEN_INVALID')
})

test('device door: dynamic QR: a box without a counter has none (DVT1)', async () => {
  const stage = await open({
    'device.login': () => ({
      ok: { ...login, merchantId: null, outletId: null, terminalId: null },
    }),
  })
  const { status, body } = await post(stage, '/device/transactions/dynamic-qr', { amount: 1 })
  equal(status, 409)
  equal(body['code'], 'DEVICE_UNBOUND')
})

test('device door: rate: one box too often, and its neighbour is served (DVT3)', async () => {
  const stage = await open({
    'device.login': ({ deviceId: id }) => ({ ok: { ...login, deviceId: id } }),
    'device.config': () => ({ ok: config }),
  })
  for (let n = 0; n < 240; n++) equal((await get(stage, '/device/config')).status, 200)
  const { status, body, headers } = await get(stage, '/device/config')
  equal(status, 429)
  equal(body['code'], 'RATE_LIMITED')
  match(headers.get('retry-after') ?? '', /^\d+$/)
  const other = { ...proof, 'x-device-id': terminalId }
  equal((await get(stage, '/device/config', other)).status, 200)
})
