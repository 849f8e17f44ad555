import { deepEqual, equal, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { addressOf, challenged, deliver, hear, type Line } from './channels.ts'

const now = Date.UTC(2026, 10, 21)
const lines = {
  plain: { kind: 'plain', baseUrl: '', credentials: { token: 'token-plain' } },
  whatsapp: {
    kind: 'whatsapp',
    baseUrl: '',
    credentials: { token: 'token-in', send_token: 'token-out' },
  },
  whatsapp_cloud: {
    kind: 'whatsapp_cloud',
    baseUrl: '',
    credentials: {
      verify_token: 'verify-me',
      app_secret: 'app-secret',
      access_token: 'access-token',
      phone_number_id: '1234567',
    },
  },
  telegram: {
    kind: 'telegram',
    baseUrl: '',
    credentials: { secret_token: 'secret-token', bot_token: '42:bot-token' },
  },
} as const satisfies Record<string, Line>

const listen = (line: Line, headers: Record<string, string>, body: unknown) =>
  hear(line, headers, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), now)
const nothing = { messages: [], failures: [], waits: false }

test('channels: the plain inbox: its token, one message, who waits (CHC1, CHC2, CHC3)', () => {
  const body = { from: '0812-3456-7890', text: 'S.1', message_id: 7, reply: 'sync' }
  const message = { messageId: '7', address: '6281234567890', text: 'S.1', sentAt: now }
  const right = { 'x-chat-token': 'token-plain' }
  deepEqual(listen(lines.plain, right, body), { messages: [message], failures: [], waits: true })
  const other = { 'x-whatsapp-token': 'token-in' }
  deepEqual(listen(lines.whatsapp, other, { ...body, reply: 'async' }), {
    ...nothing,
    messages: [message],
  })
  for (const token of ['', 'token-plai', 'token-plain2', 'token-in']) {
    deepEqual(listen(lines.plain, { 'x-chat-token': token }, body), { wrong: 'forged' })
  }
  for (const wrong of ['', '{', '[]', { ...body, from: '' }, { from: '08', text: 'x' }]) {
    deepEqual(listen(lines.plain, right, wrong), { wrong: 'malformed' })
  }
  deepEqual(listen(lines.plain, right, { ...body, from: '12036-3@g.us' }), {
    ...nothing,
    waits: true,
  })
})

test('channels: phones: one form, whatever was typed (CHC3)', () => {
  const phones = ['081234567890', '+62 812-3456-7890', '6281234567890@c.us', '62812.3456.7890']
  for (const typed of phones) equal(addressOf(typed), '6281234567890')
  equal(addressOf('Budi_1'), 'budi_1')
})

const cloudBody = {
  object: 'whatsapp_business_account',
  entry: [
    {
      id: '1',
      changes: [
        {
          field: 'messages',
          value: {
            messages: [
              { from: '6281', id: 'wamid.0', timestamp: '1', type: 'image', image: {} },
              {
                from: '6281234567890',
                id: 'wamid.1',
                timestamp: '1700000000',
                text: { body: 'a' },
              },
              {
                from: '6281234567891',
                id: 'wamid.2',
                timestamp: '1700000001',
                text: { body: 'b' },
              },
            ],
          },
        },
        { field: 'messages', value: { statuses: [{ id: 'wamid.x', status: 'delivered' }] } },
      ],
    },
    {
      id: '2',
      changes: [
        {
          field: 'messages',
          value: {
            messages: [
              { from: '6281234567890', id: 'wamid.3', timestamp: '3', text: { body: 'c' } },
            ],
            statuses: [{ id: 'wamid.y', status: 'failed', errors: [{ code: 131047 }] }],
          },
        },
      ],
    },
  ],
}

test('channels: Cloud API: every level of a batch, statuses aside (CHC2)', () => {
  const text = JSON.stringify(cloudBody)
  const sign = createHmac('sha256', 'app-secret').update(text).digest('hex')
  const heard = listen(lines.whatsapp_cloud, { 'x-hub-signature-256': `sha256=${sign}` }, text)
  ok('messages' in heard)
  deepEqual(
    heard.messages.map(one => `${one.messageId} ${one.text} ${one.sentAt}`),
    ['wamid.1 a 1700000000000', 'wamid.2 b 1700000001000', 'wamid.3 c 3000'],
  )
  deepEqual(heard.failures, [{ remoteId: 'wamid.y', problem: 'cloud_131047' }])
})

test('channels: Cloud API: a signature over other bytes is forged (CHC1)', () => {
  const text = JSON.stringify(cloudBody)
  const sign = createHmac('sha256', 'app-secret').update(text).digest('hex')
  const cases: readonly (readonly [string, string])[] = [
    [`sha256=${sign}`, `${text} `],
    [`sha256=${sign}`, JSON.stringify(cloudBody, null, 1)],
    [sign, text],
    ['', text],
    [`sha256=${createHmac('sha256', 'other').update(text).digest('hex')}`, text],
  ]
  for (const [given, body] of cases) {
    const heard = listen(lines.whatsapp_cloud, { 'x-hub-signature-256': given }, body)
    deepEqual(heard, { wrong: 'forged' })
  }
})

test('channels: Cloud API: the challenge comes back for the right token only (CHC1)', () => {
  const asked = (token: string, mode = 'subscribe') =>
    new URLSearchParams({ 'hub.mode': mode, 'hub.verify_token': token, 'hub.challenge': '99' })
  equal(challenged(lines.whatsapp_cloud, asked('verify-me')), '99')
  equal(challenged(lines.whatsapp_cloud, asked('verify-you')), null)
  equal(challenged(lines.whatsapp_cloud, asked('verify-me', 'x')), null)
  equal(challenged(lines.plain, asked('verify-me')), null)
})

test('channels: Telegram: the secret, private text only, by update (CHC1, CHC2)', () => {
  const headers = { 'x-telegram-bot-api-secret-token': 'secret-token' }
  const message = { message_id: 1, date: 5, chat: { id: 42, type: 'private' }, text: 'S.1' }
  const update = { update_id: 7, message }
  const one = { messageId: '7', address: '42', text: 'S.1', sentAt: 5_000 }
  deepEqual(listen(lines.telegram, headers, update), { ...nothing, messages: [one] })
  const started = { ...update, message: { ...message, text: '/start' } }
  deepEqual(listen(lines.telegram, headers, started), {
    ...nothing,
    messages: [{ ...one, text: 'MENU' }],
  })
  const group = { ...update, message: { ...message, chat: { id: -1, type: 'group' } } }
  for (const silent of [
    group,
    { update_id: 8, callback_query: {} },
    { update_id: 9, message: {} },
  ]) {
    deepEqual(listen(lines.telegram, headers, silent), nothing)
  }
  const forged = { 'x-telegram-bot-api-secret-token': 'secret-toke' }
  deepEqual(listen(lines.telegram, forged, update), { wrong: 'forged' })
  deepEqual(listen(lines.telegram, {}, update), { wrong: 'forged' })
})

test('channels: whatever comes with the right proof: read or refused, never a crash (CHC2)', () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      const text = JSON.stringify(value)
      const sign = createHmac('sha256', 'app-secret').update(text).digest('hex')
      const proofs = {
        'x-chat-token': 'token-plain',
        'x-whatsapp-token': 'token-in',
        'x-hub-signature-256': `sha256=${sign}`,
        'x-telegram-bot-api-secret-token': 'secret-token',
      }
      for (const line of Object.values(lines)) ok(listen(line, proofs, text))
    }),
  )
})

type Answered = { status: number; body?: unknown; hangUp?: boolean }

async function channel(t: TestContext, answers: Answered) {
  const asked: { path: string; headers: Record<string, unknown>; body: unknown }[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    asked.push({ path: request.url!, headers: request.headers, body: JSON.parse(text) })
    if (answers.hangUp) response.destroy()
    else response.writeHead(answers.status).end(JSON.stringify(answers.body ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const message = { address: '6281234567890', text: 'Halo', id: 5 }

test('channels: going out: each in its own language (CHC4)', async t => {
  const answers: Answered = { status: 200 }
  const { asked, url } = await channel(t, answers)
  deepEqual(await deliver({ ...lines.plain, baseUrl: `${url}/in` }, message), {
    sent: true,
    remoteId: null,
  })
  await deliver({ ...lines.whatsapp, baseUrl: `${url}/send` }, message)
  answers.body = { messages: [{ id: 'wamid.9' }] }
  const cloud = { ...lines.whatsapp_cloud, baseUrl: `${url}/v21.0/` }
  deepEqual(await deliver(cloud, message), { sent: true, remoteId: 'wamid.9' })
  answers.body = { ok: true, result: { message_id: 31 } }
  const telegram = { ...lines.telegram, baseUrl: url }
  deepEqual(await deliver(telegram, { ...message, address: '42' }), { sent: true, remoteId: '31' })
  deepEqual(
    asked.map(({ path }) => path),
    ['/in', '/send', '/v21.0/1234567/messages', '/bot42:bot-token/sendMessage'],
  )
  equal(asked[1]!.headers['x-whatsapp-token'], 'token-out')
  equal(asked[2]!.headers['authorization'], 'Bearer access-token')
  deepEqual(
    asked.map(({ body }) => body),
    [
      { to: '6281234567890', text: 'Halo', message_id: '5' },
      { number: '6281234567890', message: 'Halo' },
      {
        messaging_product: 'whatsapp',
        recipient_type: 'individual',
        to: '6281234567890',
        type: 'text',
        text: { preview_url: false, body: 'Halo' },
      },
      { chat_id: 42, text: 'Halo' },
    ],
  )
})

test('channels: going out: later, never, and no secret in the reason (CHC4, CHC5)', async t => {
  const answers: Answered = { status: 200 }
  const { url } = await channel(t, answers)
  const telegram: Line = { ...lines.telegram, baseUrl: url }
  const cloud: Line = { ...lines.whatsapp_cloud, baseUrl: url }
  const plain: Line = { ...lines.whatsapp, baseUrl: url }
  const cases: readonly (readonly [Line, Answered, object])[] = [
    [
      telegram,
      { status: 429, body: { ok: false, error_code: 429, parameters: { retry_after: 7 } } },
      { again: 7_000, problem: 'telegram_429' },
    ],
    [telegram, { status: 403, body: { ok: false, error_code: 403 } }, { never: 'telegram_403' }],
    [telegram, { status: 502, body: 'x' }, { again: null, problem: 'http_502' }],
    [
      cloud,
      { status: 400, body: { error: { code: 131047 } } },
      { never: 'window_of_24_hours_over' },
    ],
    [cloud, { status: 400, body: { error: { code: 131026 } } }, { never: 'cloud_131026' }],
    [
      cloud,
      { status: 400, body: { error: { code: 130429 } } },
      { again: null, problem: 'cloud_130429' },
    ],
    [cloud, { status: 200, body: {} }, { again: null, problem: 'http_200' }],
    [plain, { status: 400 }, { never: 'http_400' }],
    [plain, { status: 401 }, { again: null, problem: 'http_401' }],
    [plain, { status: 500 }, { again: null, problem: 'http_500' }],
    [telegram, { status: 200, hangUp: true }, { again: null, problem: 'unreachable' }],
  ]
  for (const [line, answer, expected] of cases) {
    Object.assign(answers, { body: undefined, hangUp: false }, answer)
    deepEqual(await deliver(line, { ...message, address: '42' }), expected)
  }
})
