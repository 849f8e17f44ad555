import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Role } from '../services/contract.ts'
import { keyCard, orderView, Stage, send, trxId } from './scripted.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

async function stageOf(role: Role): Promise<Stage> {
  const stage = await Stage.open({
    'identity.key': () => keyCard({ role, username: `the-${role}` }),
    'care.proof': () => ({
      ok: { order: orderView(), lines: [], callbacks: [], digest: 'd', madeAt: 1 },
    }),
    'care.queue': () => ({ ok: { rows: [], next: null } }),
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
  const { by, trxId: about, verdict, sn } = stage.askedOf('order.resolve')[0]!
  deepEqual([by, about, verdict, sn], ['the-admin', trxId, 'success', '123'])
})

test('care: a decision without a reason: refused (GFB1)', async () => {
  const stage = await stageOf('admin')
  for (const reason of ['', '    ', 'no']) {
    equal((await decide(stage, { ...word, reason })).status, 400)
  }
  equal((await decide(stage, { ...word, verdict: 'maybe' })).status, 400)
  equal(stage.askedOf('order.resolve').length, 0)
})
