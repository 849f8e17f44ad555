import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Role } from '../../services/contract/identity.ts'
import { bornAt, keyCard, orderView, Stage, send, trxId, userId } from '../scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

const done = { ok: { order: orderView(), held: null } }

async function stageOf(role: Role): Promise<Stage> {
  const stage = await Stage.open({
    'identity.key': () => keyCard({ role, username: `the-${role}` }),
    'care.proof': () => ({
      ok: { order: orderView(), lines: [], callbacks: [], digest: 'd', madeAt: 1 },
    }),
    'care.queue': () => ({ ok: { rows: [], next: null } }),
    'care.closeDuplicate': () => ({ ok: { trxId } }),
    'care.closeOvercharge': () => ({ ok: { trxId } }),
    'order.hold': () => ({ ok: { order: orderView(), held: { by: userId, reason: 'x', at: 0 } } }),
    'order.release': () => done,
    'order.recheck': () => done,
    'order.reroute': () => done,
    'care.history': () => ({ ok: { trxId, entries: [] } }),
    'care.closeRevisable': () => ({ ok: { trxId } }),
    'order.resolve': () => ({ ok: orderView({ status: 'SUCCESS', moneyEffect: 'charged' }) }),
  })
  stages.push(stage)
  return stage
}

const proof = `/api/v1/admin/transactions/${trxId}/proof`
const resolve = `/api/v1/admin/transactions/${trxId}/resolve`
const decide = (stage: Stage, word: object) =>
  send(stage, { method: 'POST', path: resolve, body: JSON.stringify(word) })
const word = { verdict: 'success', reason: 'Supplier menunjukkan bukti', sn: '123' }

test('care: who may look and who decides: staff looks, an admin decides (GFB1)', async () => {
  for (const role of ['admin', 'finance', 'support', 'reseller'] as const) {
    const stage = await stageOf(role)
    const looks = role === 'reseller' ? 403 : 200
    equal((await send(stage, { path: proof })).status, looks)
    equal((await send(stage, { path: '/api/v1/admin/attention' })).status, looks)
    equal((await decide(stage, word)).status, role === 'admin' ? 200 : 403)
  }
})

test('care: a decision: says what happened to the money, and who made it (GFB2)', async () => {
  const stage = await stageOf('admin')
  const { body } = await decide(stage, { ...word, by: 'somebody else' })
  deepEqual([body['data']!['status'], body['data']!['money_effect']], ['SUCCESS', 'charged'])
  const { by, byUser, trxId: about, verdict, sn } = stage.askedOf('order.resolve')[0]!
  deepEqual([by, byUser, about, verdict, sn], ['the-admin', userId, trxId, 'success', '123'])
})

test('care: a repeated serial number: an admin closes it, and says why (GFB1) (GFB2)', async () => {
  const close = async (role: 'admin' | 'support', reason: string) => {
    const stage = await stageOf(role)
    const path = `/api/v1/admin/transactions/${trxId}/duplicate-sn/close`
    const { status } = await send(stage, { method: 'POST', path, body: JSON.stringify({ reason }) })
    return [status, stage.askedOf('care.closeDuplicate')[0]]
  }
  deepEqual(await close('support', 'memang sama'), [403, undefined])
  deepEqual(await close('admin', 'ya'), [400, undefined])
  const asked = { trxId, by: 'the-admin', reason: 'memang sama' }
  deepEqual(await close('admin', 'memang sama'), [200, asked])
})

test('care: an overcharge: an admin closes it, and says why (GFB1) (GFB2)', async () => {
  const close = async (role: 'admin' | 'support', reason: string) => {
    const stage = await stageOf(role)
    const path = `/api/v1/admin/transactions/${trxId}/overcharge/close`
    const { status } = await send(stage, { method: 'POST', path, body: JSON.stringify({ reason }) })
    return [status, stage.askedOf('care.closeOvercharge')[0]]
  }
  deepEqual(await close('support', 'sudah dikembalikan'), [403, undefined])
  deepEqual(await close('admin', 'ya'), [400, undefined])
  const asked = { trxId, by: 'the-admin', reason: 'sudah dikembalikan' }
  deepEqual(await close('admin', 'sudah dikembalikan'), [200, asked])
})

test('care: a decision without a reason: refused (GFB1)', async () => {
  const stage = await stageOf('admin')
  for (const reason of ['', '    ', 'no']) {
    equal((await decide(stage, { ...word, reason })).status, 400)
  }
  equal((await decide(stage, { ...word, verdict: 'maybe' })).status, 400)
  equal(stage.askedOf('order.resolve').length, 0)
})

const hand = (stage: Stage, verb: string, body: object) =>
  send(stage, {
    method: 'POST',
    path: `/api/v1/admin/transactions/${trxId}/${verb}`,
    body: JSON.stringify(body),
  })
const reason = { reason: 'Pemasok sedang ditanya' }

test('care: by hand: staff holds and asks, only an admin lets go and sends elsewhere (GFB3)', async () => {
  for (const role of ['admin', 'support', 'reseller'] as const) {
    const stage = await stageOf(role)
    const staff = role === 'reseller' ? 403 : 200
    const admin = role === 'admin' ? 200 : 403
    for (const [verb, status] of [
      ['hold', staff],
      ['recheck', staff],
      ['release', admin],
      ['reroute', admin],
    ] as const) {
      equal((await hand(stage, verb, reason)).status, status, `${role} ${verb}`)
      equal((await hand(stage, verb, {})).status, status === 200 ? 400 : 403)
    }
  }
})

test('care: by hand: names who did it and why, whatever the body says (GFB2, GFB3)', async () => {
  const stage = await stageOf('admin')
  const held = await hand(stage, 'hold', { ...reason, by: 'somebody else' })
  deepEqual(stage.askedOf('order.hold'), [{ trxId, by: userId, ...reason }])
  equal((held.body['data']!['held'] as unknown as { by: string }).by, userId)
  await hand(stage, 'reroute', { ...reason, supplier: 'diva', not_sold: true })
  const asked = { trxId, by: userId, ...reason, supplier: 'diva', notSold: true }
  deepEqual(stage.askedOf('order.reroute'), [asked])
  equal((await hand(stage, 'reroute', { ...reason, supplier: 'a b' })).status, 400)
})

test('care: history: to a line, to a time, or whole (GFB1)', async () => {
  const stage = await stageOf('support')
  const path = `/api/v1/admin/transactions/${trxId}/history`
  const at = new Date(bornAt).toISOString()
  for (const query of ['', '?at=12', `?at=${at}`]) {
    equal((await send(stage, { path: path + query })).status, 200)
  }
  deepEqual(stage.askedOf('care.history'), [{ trxId }, { trxId, seq: 12 }, { trxId, at: bornAt }])
  equal((await send(stage, { path: `${path}?at=yesterday` })).status, 400)
  equal((await send(await stageOf('reseller'), { path })).status, 403)
})

test('care: a failure that may be revised: asked for alone, and closed by staff with a reason (GFB2, GFB3)', async () => {
  const stage = await stageOf('support')
  const list = '/api/v1/admin/attention?limit=5'
  equal((await send(stage, { path: `${list}&attention=MAY_BE_REVISED` })).status, 200)
  equal((await send(stage, { path: `${list}&attention=WHATEVER` })).status, 400)
  deepEqual(stage.askedOf('care.queue'), [{ limit: 5, attention: 'MAY_BE_REVISED' }])
  equal((await hand(stage, 'revisable/close', {})).status, 400)
  equal((await hand(stage, 'revisable/close', { ...reason, by: 'x' })).status, 200)
  deepEqual(stage.askedOf('care.closeRevisable'), [{ trxId, by: 'the-support', ...reason }])
  equal((await hand(await stageOf('reseller'), 'revisable/close', reason)).status, 403)
})
