import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { until } from '../engine-room.fixture.ts'
import { type Chat, chatAt, leftOf, phone } from './chat.fixture.ts'

const database = await testDatabase()
after(() => database.drop())
const { url } = database

const cloudKeys = {
  verify_token: 'verify-me-please',
  app_secret: 'secret-of-the-app',
  access_token: 'access-token-of-ours',
  phone_number_id: '1234567',
}

async function cloudOf({ scene, channel, client }: Chat, gateway: string): Promise<void> {
  const { call } = scene
  await call('chat.putGateway', {
    ...{ name: gateway, kind: 'whatsapp_cloud', baseUrl: `${channel}/v21.0`, active: true },
    credentials: cloudKeys,
  })
  await call('chat.link', { gateway, address: phone, client: client.username })
}

function cloudPost(gateway: string, texts: readonly string[], at: number) {
  const messages = texts.map((text, n) => ({
    ...{ from: phone, id: `wamid.${gateway}.${n}`, type: 'text', text: { body: text } },
    timestamp: String(Math.floor(at / 1_000)),
  }))
  const body = JSON.stringify({ entry: [{ changes: [{ value: { messages } }] }] })
  const sign = createHmac('sha256', cloudKeys.app_secret).update(body).digest('hex')
  const headers = { 'x-hub-signature-256': `sha256=${sign}` }
  return { gateway, door: 'cloud', headers, body } as const
}

test('chat: Cloud API: a batch is two orders, come three times it still is (CHE1)', async t => {
  const chat = await chatAt(t, { url })
  chat.answer = ({ path }) =>
    path.startsWith('/v21.0') ? { status: 200, body: { messages: [{ id: 'wamid.out' }] } } : null
  await cloudOf(chat, 'cloud1')
  const texts = ['0', '1'].map(n => `XLD10.08781234124${n}.${chat.client.pin}`)
  const post = cloudPost('cloud1', texts, chat.scene.clock.ms)
  for (let n = 0; n < 3; n++)
    deepEqual(await chat.receive(post), { verdict: 'accepted', reply: null })
  await leftOf(chat, 4)
  equal(chat.scene.asked.length, 2)
  const forged = { ...post, body: post.body.replace('XLD10', 'XLD5') }
  deepEqual(await chat.receive(forged), { verdict: 'forged' })
  // The door of another kind leads nowhere.
  deepEqual(await chat.receive({ ...post, door: 'inbox' }), { verdict: 'unknown_gateway' })
})

test('chat: Cloud API: 24 hours over: not tried again, readable by staff (CHG2)', async t => {
  const chat = await chatAt(t, { url })
  chat.answer = () => ({ status: 400, body: { error: { code: 131047 } } })
  await cloudOf(chat, 'cloud2')
  await chat.receive(cloudPost('cloud2', ['menu'], chat.scene.clock.ms))
  const page = { box: 'outbox', before: Number.MAX_SAFE_INTEGER, limit: 100 } as const
  const row = await until(
    async () => {
      const read = await chat.scene.call('chat.messages', page)
      return 'ok' in read ? read.ok.rows.find(one => one.gateway === 'cloud2') : undefined
    },
    one => one?.state === 'failed',
  )
  equal(row!.problem, 'window_of_24_hours_over')
  equal(chat.sent.length, 1)
})

test('chat: Telegram: busy, then sent after its pause, in order (CHG1, CHG3)', async t => {
  const chat = await chatAt(t, { url })
  let busy = 1
  chat.answer = () =>
    busy-- > 0
      ? { status: 429, body: { ok: false, error_code: 429, parameters: { retry_after: 1 } } }
      : { status: 200, body: { ok: true, result: { message_id: 1 } } }
  const { call } = chat.scene
  await call('chat.putGateway', {
    ...{ name: 'tg', kind: 'telegram', baseUrl: chat.channel, active: true },
    credentials: { secret_token: 'a-secret-of-telegram', bot_token: '12345:token-of-bot' },
  })
  await call('chat.link', { gateway: 'tg', address: '4711', client: chat.client.username })
  const date = Math.floor(chat.scene.clock.ms / 1_000)
  const text = `XLD10.087812341250.${chat.client.pin}`
  const message = { message_id: 1, chat: { id: 4711, type: 'private' }, date, text }
  const post = {
    ...{ gateway: 'tg', door: 'telegram' as const },
    headers: { 'x-telegram-bot-api-secret-token': 'a-secret-of-telegram' },
    body: JSON.stringify({ update_id: 1, message }),
  }
  deepEqual(await chat.receive({ ...post, headers: {} }), { verdict: 'forged' })
  for (let n = 0; n < 5; n++) await chat.receive(post)
  const texts = await leftOf(chat, 3)
  equal(texts[0], texts[1])
  match(texts[1]!, /^⏳/)
  match(texts[2]!, /^✅/)
  equal(chat.scene.asked.length, 1)
})

test('chat: gateways: credentials sealed, never shown, checked first (CHH3)', async t => {
  const { scene, channel } = await chatAt(t, { url })
  const { call, db } = scene
  const wish = { name: 'g', kind: 'telegram', baseUrl: channel, active: true } as const
  const none = await call('chat.putGateway', wish)
  ok('refused' in none && none.refused === 'GATEWAY_INVALID')
  const keys = { secret_token: 'a-secret-of-telegram', bot_token: '777:canary-bot-token' }
  ok('ok' in (await call('chat.putGateway', { ...wish, credentials: keys })))
  ok('ok' in (await call('chat.putGateway', { ...wish, active: false })))
  const other = await call('chat.putGateway', { ...wish, kind: 'plain' })
  ok('refused' in other)
  const grammar = { words: { balance: ['X'], status: ['X'] } }
  ok('refused' in (await call('chat.putGateway', { ...wish, grammar })))
  equal(JSON.stringify(await call('chat.gateways', {})).includes('canary'), false)
  const client = await db.connect()
  const { rows } = await client.query(`select credentials from chat_gateway where name = 'g'`)
  await client.end()
  match(rows[0].credentials, /^s1\./)
})

test('chat: a gateway of its own words: answered by them, on the line (CHH4)', async t => {
  const chat = await chatAt(t, { url })
  const { call } = chat.scene
  const { username, pin } = chat.client
  const grammar = { separators: '/', words: { balance: ['QS'] } }
  await call('chat.putGateway', {
    ...{ name: 'sms', kind: 'plain', baseUrl: '', active: true, grammar },
    credentials: { token: 'token-of-the-sms' },
  })
  await call('chat.link', { gateway: 'sms', address: phone, client: username })
  const post = {
    ...{ gateway: 'sms', door: 'inbox' as const, headers: { 'x-chat-token': 'token-of-the-sms' } },
    body: JSON.stringify({ from: phone, text: `qs/${pin}`, message_id: '1', reply: 'sync' }),
  }
  const first = await chat.receive(post)
  ok(first.verdict === 'accepted' && first.reply!.includes('saldo Anda Rp100.000'))
  deepEqual(await chat.receive(post), first)
})

test('chat: templates: the owner’s words are used, and can be taken back (CHB2)', async t => {
  const chat = await chatAt(t, { url })
  const { call } = chat.scene
  const text = 'Saldo [namareseller]: [saldo] [kota]'
  const saved = await call('chat.putTemplate', { name: 'balance', text })
  ok('ok' in saved)
  deepEqual(saved.ok.unknown, ['kota'])
  const own = await chat.type(`S.${chat.client.pin}`, { sync: true })
  deepEqual(own, { verdict: 'accepted', reply: 'Saldo Toko Contoh: 100.000 [kota]' })
  ok('refused' in (await call('chat.putTemplate', { name: 'balance', text: '[pin]' })))
  ok('refused' in (await call('chat.putTemplate', { name: 'nothing', text: 'x' })))
  ok('ok' in (await call('chat.putTemplate', { name: 'balance', text: null })))
  const usual = await chat.type(`S.${chat.client.pin}`, { sync: true })
  ok(usual.verdict === 'accepted' && usual.reply!.startsWith('Halo Toko Contoh'))
})

test('chat: an end that nobody heard: told when somebody looks again (CHF2)', async t => {
  const chat = await chatAt(t, { url })
  await chat.type(`XLD10.087812341260.${chat.client.pin}`)
  await leftOf(chat, 2)
  // As if the process had ended between the order's end and our note of it.
  const client = await chat.scene.db.connect()
  await client.query('delete from chat_outbox')
  await client.query('update chat_order set told = null where user_id = $1', [chat.client.userId])
  await client.end()
  chat.scene.clock.ms += 60_000
  match((await leftOf(chat, 3))[2]!, /^✅ XLD10 ke 087812341260/)
})

test('chat: the engine away: the message waits, kept, and nothing is guessed (CHE4)', async t => {
  const chat = await chatAt(t, { url })
  const { room } = chat.scene
  await room.engine.stop()
  await chat.type(`S.${chat.client.pin}`, { id: 'away' })
  const client = await chat.scene.db.connect()
  const { rows } = await client.query(
    `select state, sealed is not null as kept from chat_inbox
      where message_id = 'away' and gateway = $1`,
    [chat.gateway],
  )
  await client.end()
  deepEqual(rows, [{ state: 'waiting', kept: true }])
  equal((await chat.said()).length, 0)
})
