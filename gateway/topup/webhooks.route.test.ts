import { deepEqual, equal } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { DeliveryView, WebhookView } from '../../services/contract/webhook.ts'
import { bornAt, Stage, send, trxId, userId } from '../scripted.fixture.ts'

const id = trxId
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const webhook: WebhookView = {
  ...{ id, url: 'https://client.example/hook', shape: 'standard', events: ['order.success'] },
  ...{ active: true, formerSecretUntil: bornAt, createdAt: bornAt },
}
const delivery: DeliveryView = {
  ...{ id: '7', webhookId: id, trxId, event: 'order.success', shape: 'standard', url: webhook.url },
  ...{ status: 'waiting', attempts: 2, nextAt: bornAt, triedAt: bornAt, answerStatus: 500 },
  ...{ answer: 'sorry', problem: 'refused', ms: 12, createdAt: bornAt },
}
const iso = new Date(bornAt).toISOString()
const root = '/api/v1/webhooks'

let stage: Stage
before(async () => {
  stage = await Stage.open({
    'webhook.list': () => ({ ok: [webhook] }),
    'webhook.create': ({ shape }) => ({ ok: { webhook: { ...webhook, shape }, secret } }),
    'webhook.change': () => ({ ok: webhook }),
    'webhook.rotate': () => ({ ok: { webhook, secret } }),
    'webhook.remove': () => ({ ok: null }),
    'webhook.ping': () => ({ ok: delivery }),
    'webhook.deliveries': () => ({ ok: { rows: [delivery], next: '7' } }),
    'webhook.replay': () => ({ ok: { count: 3, more: false } }),
    'live.since': ({ after: from }) => ({
      ok:
        from === '9'
          ? { events: [], more: false }
          : { events: [{ id: '9', name: 'order:success', data: { trx_id: trxId } }], more: true },
    }),
  })
})
after(() => stage.close())

const post = (path: string, body?: object) =>
  send(stage, {
    method: 'POST',
    path,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

test('webhooks: a secret is told when it is made, and in no other answer (WHG1)', async () => {
  const made = await post(root, { url: webhook.url })
  equal(made.status, 200)
  equal(made.body['data']!['secret'], secret)
  deepEqual(stage.askedOf('webhook.create').at(-1), {
    ...{ userId, url: webhook.url, shape: 'standard' },
  })
  equal((await post(`${root}/${id}/rotate`)).body['data']!['secret'], secret)
  for (const shape of ['otomax', 'irs', 'digiflazz-seller'])
    equal((await post(root, { url: webhook.url, shape })).body['data']!['secret'], null)
  for (const told of [
    await send(stage, { path: root }),
    await send(stage, {
      method: 'PUT',
      path: `${root}/${id}`,
      body: '{"active":false,"shape":"otomax"}',
    }),
    await send(stage, { method: 'DELETE', path: `${root}/${id}` }),
    await send(stage, { path: `${root}/deliveries` }),
    await post(`${root}/${id}/ping`),
  ]) {
    equal(told.status, 200)
    equal(told.text.includes('whsec_'), false)
  }
  deepEqual(stage.askedOf('webhook.change').at(-1), { userId, id, active: false, shape: 'otomax' })
  deepEqual(stage.askedOf('webhook.remove').at(-1), { userId, id })
  const { body } = await send(stage, { path: root })
  deepEqual(body['data']!['rows']![0], {
    ...{ id, url: webhook.url, shape: 'standard', events: ['order.success'], active: true },
    ...{ former_secret_until: iso, created_at: iso },
  })
})

test('webhooks: bad input is told field by field, a bad id is 404 (WHG2)', async () => {
  const url = webhook.url
  for (const [body, field] of [
    [{}, 'url'],
    [{ url: 'ftp://client.example/' }, 'url'],
    [{ url: 'http://me:secret@client.example/' }, 'url'],
    [{ url, shape: 'xml' }, 'shape'],
    [{ url, events: [] }, 'events'],
    [{ url, events: ['order.dreamt'] }, 'events.0'],
    [{ url, secret: 'short' }, 'secret'],
    [{ url, secret: 'long enough, not ours' }, 'secret'],
    [{ url, secret: 'long-enough-not-ours' }, 'secret'],
  ] as const) {
    const { status, body: told } = await post(root, body)
    equal(status, 400, JSON.stringify(body))
    equal(told['details']!['fields']![0]!['field'], field)
  }
  equal((await post(root, { url, shape: 'digiflazz', secret: 'long-enough' })).status, 200)
  equal((await post(root, { url, secret })).status, 200)
  for (const [method, path] of [
    ['PUT', `${root}/1`],
    ['DELETE', `${root}/x'--`],
    ['POST', `${root}/1/ping`],
    ['POST', `${root}/1/rotate`],
  ] as const) {
    const body = method === 'DELETE' ? {} : { body: '{}' }
    equal((await send(stage, { method, path, ...body })).status, 404, path)
  }
  for (const query of ['limit=0', 'limit=101', 'cursor=x', 'trx_id=1', 'cursor=-1']) {
    equal((await send(stage, { path: `${root}/deliveries?${query}` })).status, 400, query)
  }
  for (const body of [{}, { delivery_id: 'x' }, { from: iso }, { from: iso, to: iso }]) {
    equal((await post(`${root}/replay`, body)).status, 400, JSON.stringify(body))
  }
})

test('webhooks: the log in pages, and a replay of one or of a time (WHG2)', async () => {
  const { body } = await send(stage, {
    path: `${root}/deliveries?cursor=12&limit=5&trx_id=${trxId}`,
  })
  deepEqual(stage.askedOf('webhook.deliveries').at(-1), { userId, cursor: '12', limit: 5, trxId })
  equal(body['data']!['next_cursor'], '7')
  deepEqual(body['data']!['rows']![0], {
    ...{ id: '7', webhook_id: id, trx_id: trxId, event: 'order.success', shape: 'standard' },
    ...{ url: webhook.url, status: 'waiting', attempts: 2, next_at: iso, tried_at: iso },
    ...{ answer_status: 500, answer: 'sorry', problem: 'refused', latency_ms: 12, created_at: iso },
  })
  deepEqual((await post(`${root}/replay`, { delivery_id: '7' })).body['data'], {
    ...{ count: 3, more: false },
  })
  deepEqual(stage.askedOf('webhook.replay').at(-1), { userId, deliveryId: '7' })
  await post(`${root}/replay`, { from: iso, to: '2026-01-03T00:00:00+07:00' })
  deepEqual(stage.askedOf('webhook.replay').at(-1), {
    ...{ userId, from: bornAt, to: Date.UTC(2026, 0, 2, 17) },
  })
})

test('webhooks: events after a place, and where the next page begins (WHG3)', async () => {
  const first = await send(stage, { path: '/api/v1/events?limit=1' })
  deepEqual(stage.askedOf('live.since').at(-1), { userId, after: '0', limit: 1 })
  deepEqual(first.body['data'], {
    events: [{ id: '9', name: 'order:success', data: { trx_id: trxId } }],
    next: '9',
    more: true,
  })
  const last = await send(stage, { path: '/api/v1/events?after=9' })
  deepEqual(last.body['data'], { events: [], next: '9', more: false })
  equal((await send(stage, { path: '/api/v1/events?after=9.1' })).status, 200)
  equal((await send(stage, { path: '/api/v1/events?after=x' })).status, 400)
})
