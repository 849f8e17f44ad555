import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Role } from '../../services/contract/identity.ts'
import { keyCard, plain, Stage, send } from '../scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

async function stageOf(scripts: Parameters<typeof Stage.open>[0] = {}, role: Role = 'admin') {
  const stage = await Stage.open({ 'identity.key': () => keyCard({ role }), ...scripts })
  stages.push(stage)
  return stage
}

test('chat doors: a channel: its bytes and headers arrive as they were sent (CHI1)', async () => {
  const stage = await stageOf({ 'chat.receive': () => ({ verdict: 'accepted', reply: 'Halo' }) })
  const bytes = Buffer.from([0x7b, 0xff, 0x00, 0x20, 0x7d])
  const paths = { inbox: 'inbox', whatsapp: 'cloud', telegram: 'telegram' } as const
  for (const [path, door] of Object.entries(paths)) {
    const told = await plain(stage, {
      ...{ method: 'POST', path: `/api/v1/chat/${path}/g1`, body: bytes },
      headers: { 'x-chat-token': 'abc' },
    })
    equal(told.status, 200)
    equal(told.body['data']!['reply'], 'Halo')
    const asked = stage.askedOf('chat.receive').at(-1)!
    deepEqual([asked.gateway, asked.door, asked.headers['x-chat-token']], ['g1', door, 'abc'])
    deepEqual(Buffer.from(asked.body, 'base64'), bytes)
  }
})

test('chat doors: verdicts: each with its status, and a broken service is 503 (CHI2)', async () => {
  const verdicts = { forged: 401, malformed: 400, unknown_gateway: 404 } as const
  for (const [verdict, status] of Object.entries(verdicts)) {
    const stage = await stageOf({ 'chat.receive': () => ({ verdict: verdict as 'forged' }) })
    const told = await plain(stage, { method: 'POST', path: '/api/v1/chat/inbox/g', body: '{}' })
    equal(told.status, status)
  }
  const broken = await stageOf({ 'chat.receive': () => Promise.reject(new Error('no database')) })
  const told = await plain(broken, { method: 'POST', path: '/api/v1/chat/inbox/g', body: '{}' })
  equal(told.status, 503)
  const odd = await plain(broken, { method: 'POST', path: '/api/v1/chat/inbox/a%20b', body: '{}' })
  equal(odd.status, 404)
})

test('chat doors: Meta’s question: the challenge as plain text, or 403 (CHI2)', async () => {
  const stage = await stageOf({
    'chat.challenge': ({ query }) => (query.includes('verify_token=right') ? '4711' : null),
  })
  const path = '/api/v1/chat/whatsapp/g1?hub.mode=subscribe&hub.challenge=4711&hub.verify_token='
  const right = await plain(stage, { path: `${path}right` })
  deepEqual([right.status, right.text], [200, '4711'])
  equal((await plain(stage, { path: `${path}wrong` })).status, 403)
})

test('chat doors: staff: resellers are refused, support may look and unlock (CHI3)', async () => {
  const rows = { ok: { rows: [] } }
  const scripts = {
    'chat.gateways': () => rows,
    'chat.senders': () => rows,
    'chat.templates': () => rows,
    'chat.messages': () => rows,
    'chat.preview': () => ({ ok: { text: 'x', unknown: [] } }),
    'chat.unlock': () => ({ ok: null }),
    'chat.unlink': () => ({ ok: null }),
    'chat.link': () => ({ ok: { id: 1, gateway: 'g', address: '62' } }),
    'chat.putTemplate': () => ({ ok: { text: 'x', unknown: [] } }),
    'chat.putGateway': () => ({
      ok: { name: 'g', kind: 'plain', baseUrl: '', active: true } as const,
    }),
  } as const
  const base = '/api/v1/admin/chat'
  const gateway = { kind: 'plain', base_url: '', credentials: { token: '12345678' } }
  const link = { gateway: 'g', address: '0812', client: 'user' }
  const asks: readonly (readonly [string, string, object | null, boolean])[] = [
    ['GET', '/gateways', null, false],
    ['PUT', '/gateways/g', gateway, false],
    ['GET', '/senders', null, true],
    ['POST', '/senders', link, false],
    ['DELETE', '/senders/3', null, false],
    ['POST', '/senders/3/unlock', {}, true],
    ['GET', '/templates', null, true],
    ['PUT', '/templates/balance', { text: 'x' }, false],
    ['POST', '/preview', { text: 'x' }, true],
    ['GET', '/inbox', null, true],
    ['GET', '/outbox?limit=5', null, true],
  ]
  for (const role of ['admin', 'support', 'reseller'] as const) {
    const stage = await stageOf(scripts, role)
    for (const [method, path, body, isForSupport] of asks) {
      const told = await send(stage, {
        ...{ method, path: base + path },
        ...(body === null ? {} : { body: JSON.stringify(body) }),
      })
      const may = role === 'admin' || (role === 'support' && isForSupport)
      equal(told.status, may ? 200 : 403, `${role} ${method} ${path}`)
    }
  }
})
