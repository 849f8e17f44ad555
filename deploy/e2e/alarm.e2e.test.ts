/**
 * Somebody tries callbacks with wrong signatures, and the owner's telephone rings: over the chat
 * gateway that is there already, once, also when the engine is killed meanwhile.
 *
 * ALE1. A burst of forged callbacks is told on WhatsApp, on Telegram and by a signed webhook.
 * ALE2. After a death of the process the alarm stands, and is not told again.
 */

import { equal, match, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ask, type Json, type Keys, Reseller } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

const msMax = 60_000
const phone = '6281399990000'
const chatId = '1001'
const root = '/api/v1/admin'
let stage: Stage
let engine: Engine
let keys: Keys
const heard: { headers: IncomingHttpHeaders; body: Json }[] = []
const server = createServer(async (request, response) => {
  let text = ''
  for await (const part of request) text += part
  heard.push({ headers: request.headers, body: JSON.parse(text) })
  response.end()
})

before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stage = new Stage()
  await stage.startSandbox()
  engine = await stage.start()
  keys = JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8')).admin
})
after(async () => {
  server.closeAllConnections()
  server.close()
  await stage.close()
})

async function asAdmin(method: string, path: string, body?: Json): Promise<Json> {
  const admin = new Reseller(engine.http, keys)
  const answer =
    body === undefined
      ? await admin.get(root + path)
      : await admin.send(method, root + path, JSON.stringify(body))
  equal(answer.status, 200, answer.text)
  return answer.body['data']
}

async function rung(party = 'whatsapp', number = phone): Promise<string[]> {
  const { body } = await ask(`${stage.sandboxUrl}/_sandbox/messages`)
  return (body as { party: string; to: string; text: string }[])
    .filter(one => one.party === party && one.to === number)
    .map(one => one.text)
}

const openOf = async (code: string): Promise<boolean> =>
  (await ask(`${engine.http}/metrics`)).text.includes(`laju_alarms_open{code="${code}"} 1`)

test('alarm: forged callbacks: told on WhatsApp, on Telegram and by a webhook (ALE1)', async () => {
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/alarm`
  await asAdmin('PUT', '/alarm-channels/kantor', { kind: 'webhook', url, min_severity: 'critical' })
  const chat = { kind: 'chat', gateway: 'whatsapp', address: '081399990000' }
  await asAdmin('PUT', '/alarm-channels/pemilik', { ...chat, min_severity: 'critical' })
  // Telegram lets nobody be written to who never wrote.
  const said = JSON.stringify({ from: chatId, text: 'MENU' })
  equal((await ask(`${stage.sandboxUrl}/telegram/say`, { method: 'POST', body: said })).status, 200)
  const group = { kind: 'chat', gateway: 'telegram', address: chatId }
  await asAdmin('PUT', '/alarm-channels/petugas', { ...group, min_severity: 'critical' })
  await asAdmin('POST', '/alarm-channels/pemilik/test', {})
  await until('the test message', msMax, async () => (await rung()).length === 1)

  for (let n = 0; n < 25; n++) {
    const answer = await ask(`${engine.http}/api/v1/callbacks/supplier/digiflazz`, {
      method: 'POST',
      headers: { 'x-hub-signature': 'sha1=00', 'content-type': 'application/json' },
      body: JSON.stringify({ data: { ref_id: `L${n}`, status: 'Sukses', rc: '00' } }),
    })
    equal(answer.status, 401)
  }
  const [, text = ''] = await until('the message', msMax, async () => {
    const texts = await rung()
    return texts.length > 1 && texts
  })
  match(text, /PENTING: Ada \d+ callback atas nama digiflazz/)
  const isAlarm = (one: string) => one.includes('callback atas nama digiflazz')
  await until('the other message', msMax, async () =>
    (await rung('telegram', chatId)).some(isAlarm),
  )
  await until('the webhook', msMax, () => heard.length > 0)
  const [{ headers, body }] = heard as [(typeof heard)[number]]
  equal(body['type'], 'alarm')
  equal(body['data'].alarms[0].code, 'CALLBACKS_FORGED')
  match(String(headers['webhook-signature']), /^v1,/)
})

test('alarm: the engine killed: it stands, and is not told again (ALE2)', async () => {
  await engine.kill()
  engine = await stage.start()
  await until('the first look', msMax, () => openOf('CALLBACKS_FORGED'))
  const { rows } = await asAdmin('GET', '/alarms?state=open')
  const [alarm] = rows.filter((one: Json) => one['code'] === 'CALLBACKS_FORGED')
  ok(alarm)
  const done = await asAdmin('POST', `/alarms/${alarm.id}/acknowledge`, { reason: 'kunci diganti' })
  equal(done['state'], 'acknowledged')
  equal((await rung()).length, 2)
  equal(heard.length, 1)
})
