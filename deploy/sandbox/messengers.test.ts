import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { openSandbox } from './server.ts'

type Heard = { headers: IncomingHttpHeaders; body: string }

async function stage(t: TestContext) {
  const sandbox = (await openSandbox({ port: 0 }))!
  const heard: Heard[] = []
  const waiting: (() => void)[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    heard.push({ headers: request.headers, body })
    response.end('{}')
    for (const wake of waiting.splice(0)) wake()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
    return sandbox.close()
  })
  const hook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  const post = async (path: string, body: object, headers = {}) => {
    const answer = await fetch(`${sandbox.url}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  const heardSo = async (count: number): Promise<Heard[]> => {
    while (heard.length < count) await new Promise<void>(resolve => waiting.push(resolve))
    return heard
  }
  const messages = async () =>
    (await (await fetch(`${sandbox.url}/_sandbox/messages`)).json()) as Record<string, unknown>[]
  return { hook, post, heardSo, messages }
}

test('sandbox: whatsapp: what we send is kept, with a wrong token it is not (CHS1)', async t => {
  const { post, messages, hook } = await stage(t)
  const account = { party: 'whatsapp', username: 'toko', api_key: 'key', webhook_url: hook }
  equal((await post('/_sandbox/accounts', account)).status, 200)
  const message = { number: '6281234567890', message: 'Halo' }
  equal((await post('/whatsapp/send', message, { 'x-whatsapp-token': 'no' })).status, 401)
  equal((await post('/whatsapp/send', { number: '0' }, { 'x-whatsapp-token': 'key' })).status, 400)
  equal((await post('/whatsapp/send', message, { 'x-whatsapp-token': 'key' })).status, 200)
  deepEqual(
    (await messages()).map(({ party, to, text }) => [party, to, text]),
    [['whatsapp', '6281234567890', 'Halo']],
  )
})

test('sandbox: whatsapp: a person types, the webhook hears it as often as told (CHS2)', async t => {
  const { post, heardSo, hook } = await stage(t)
  const account = { party: 'whatsapp', username: 'toko', api_key: 'key', webhook_secret: 'in' }
  equal((await post('/whatsapp/say', { from: '62812', text: 'S.1' })).status, 404)
  await post('/_sandbox/accounts', { ...account, webhook_url: hook })
  await post('/whatsapp/say', { from: '6281234567890', text: 'S.1', message_id: 'a', times: 3 })
  const heard = await heardSo(3)
  for (const { headers, body } of heard) {
    equal(headers['x-whatsapp-token'], 'in')
    deepEqual(JSON.parse(body), { from: '6281234567890', text: 'S.1', message_id: 'a' })
  }
  equal((await post('/whatsapp/say', { from: 'x', text: '' })).status, 400)
})

test('sandbox: Cloud API: signed webhooks, and free text for 24 hours (CHS2, CHS3)', async t => {
  const { post, heardSo, hook } = await stage(t)
  const account = { party: 'whatsapp', username: 'toko', api_key: 'key', webhook_secret: 'app' }
  await post('/_sandbox/accounts', { ...account, webhook_url: hook, phone_number_id: '12345' })
  const to = '6281234567890'
  const message = { to, type: 'text', text: { body: 'Halo' } }
  const send = (bearer = 'key') =>
    post('/whatsapp/v21.0/12345/messages', message, { authorization: `Bearer ${bearer}` })
  equal((await send('no')).status, 401)
  const early = await send()
  equal((early.body['error'] as { code: number }).code, 131047)
  await post('/whatsapp/say', { from: to, text: 'S.1' })
  const [{ headers, body }] = (await heardSo(1)) as [Heard]
  const signature = createHmac('sha256', 'app').update(body).digest('hex')
  equal(headers['x-hub-signature-256'], `sha256=${signature}`)
  equal((await send()).status, 200)
  await post('/_sandbox/clock', { party: 'whatsapp', advance_ms: 25 * 3_600_000 })
  equal((await send()).status, 400)
})

test('sandbox: Telegram: signed updates, answers to writers (CHS1, CHS2, CHS3)', async t => {
  const { post, heardSo, messages, hook } = await stage(t)
  const account = { party: 'telegram', username: 'bot', api_key: '42:tok', webhook_secret: 'sec' }
  await post('/_sandbox/accounts', { ...account, webhook_url: hook })
  const message = { chat_id: 1001, text: 'Halo' }
  equal((await post('/telegram/bot42:no/sendMessage', message)).status, 401)
  match(
    String((await post('/telegram/bot42:tok/sendMessage', message)).body['description']),
    /chat/,
  )
  await post('/telegram/say', { from: '1001', text: 'S.1' })
  const [{ headers, body }] = (await heardSo(1)) as [Heard]
  equal(headers['x-telegram-bot-api-secret-token'], 'sec')
  equal(JSON.parse(body).message.chat.id, 1001)
  ok((await post('/telegram/bot42:tok/sendMessage', message)).body['ok'])
  equal((await messages()).length, 1)
})

test('sandbox: messages: the oldest are forgotten first (CHS4)', async t => {
  const { post, messages } = await stage(t)
  await post('/_sandbox/accounts', { party: 'whatsapp', username: 'toko', api_key: 'key' })
  const send = (n: number) =>
    post(
      '/whatsapp/send',
      { number: '6281234567890', message: String(n) },
      { 'x-whatsapp-token': 'key' },
    )
  for (let n = 1; n <= 1_001; n++) await send(n)
  const kept = await messages()
  equal(kept.length, 1_000)
  equal(kept[0]!['text'], '2')
})
