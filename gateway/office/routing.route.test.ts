import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Role } from '../../services/contract/identity.ts'
import type { RoutingWhy, WhatIf } from '../../services/contract/routing.ts'
import { keyCard, Stage, send, trxId } from '../scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

const why: RoutingWhy = {
  ...{ trxId, version: 3, policy: 'cheapest', plan: ['a'], recomputed: ['a'], same: true },
  candidates: [
    { supplier: 'a', cost: 1, successBp: 9_500, latencyMs: 5, share: 100, place: 1, left: null },
  ],
}
const side = { orders: 1, successBp: 9_000, margin: 500, latencyMs: 7 }
const whatIf: WhatIf = {
  ...{ orders: 1, reproduced: 1, differing: [], moved: 0, firsts: [] },
  ...{ recorded: side, today: side, proposed: side },
}

async function stageOf(role: Role): Promise<Stage> {
  const stage = await Stage.open({
    'identity.key': () => keyCard({ role, username: `the-${role}` }),
    'routing.rules': () => ({ ok: [] }),
    'routing.history': () => ({ ok: [] }),
    'routing.suppliers': () => ({ ok: [] }),
    'routing.change': ({ scope }) => ({
      ok: scope === 'moon' ? { problems: ['scope: no'] } : { version: 7 },
    }),
    'routing.why': () => ({ ok: why }),
    'routing.whatIf': ({ rules }) => ({ ok: rules.length > 1 ? { problems: ['no'] } : whatIf }),
  })
  stages.push(stage)
  return stage
}

const under = '/api/v1/admin/routing'
const post = (stage: Stage, path: string, word: object) =>
  send(stage, { method: 'POST', path, body: JSON.stringify(word) })
const change = { scope: 'brand', target: 'XL', rule: { policy: 'cheapest' }, reason: 'murah' }

test('routing route: who may: support reads, an admin changes, a reseller nothing (RTN1)', async () => {
  for (const role of ['admin', 'support', 'finance', 'reseller'] as const) {
    const stage = await stageOf(role)
    const reads = role === 'admin' || role === 'support' ? 200 : 403
    for (const path of ['rules', 'history?limit=5', 'suppliers']) {
      equal((await send(stage, { path: `${under}/${path}` })).status, reads, `${role} ${path}`)
    }
    equal((await send(stage, { path: `/api/v1/admin/transactions/${trxId}/why` })).status, reads)
    equal((await post(stage, `${under}/what-if`, { rules: [] })).status, reads)
    const isAdmin = role === 'admin'
    equal((await post(stage, `${under}/rules`, change)).status, isAdmin ? 200 : 403)
    const told = stage.askedOf('routing.change')
    deepEqual(told, isAdmin ? [{ ...change, by: 'the-admin' }] : [])
  }
})

test('routing route: what can’t be: is a 400 that says where it is wrong (RTN2)', async () => {
  const stage = await stageOf('admin')
  for (const word of [
    { ...change, scope: 'moon' },
    { ...change, reason: '' },
    { ...change, rule: 'cheapest' },
  ]) {
    equal((await post(stage, `${under}/rules`, word)).status, 400)
  }
  const told = await post(stage, `${under}/rules`, { ...change, scope: 'moon' })
  deepEqual(told.body['details'], { problems: ['scope: no'] })
  equal((await post(stage, `${under}/what-if`, { rules: [change, change] })).status, 400)
  equal((await send(stage, { path: `${under}/history?limit=500` })).status, 400)
})

test('routing route: reasons: told in the house’s words (RTN1)', async () => {
  const stage = await stageOf('support')
  const { body } = await send(stage, { path: `/api/v1/admin/transactions/${trxId}/why` })
  deepEqual(body['data'], {
    ...{ trx_id: trxId, rules_version: 3, policy: 'cheapest', plan: ['a'], recomputed: ['a'] },
    same: true,
    candidates: [
      {
        ...{ supplier: 'a', cost: 1, success_bp: 9_500, latency_ms: 5, share_percent: 100 },
        ...{ place: 1, left_out: null },
      },
    ],
  })
})
