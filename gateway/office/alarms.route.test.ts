import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Role } from '../../services/contract/identity.ts'
import { answers } from '../operations.fixture.ts'
import { keyCard, Stage, send } from '../scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

async function stageOf(role: Role): Promise<Stage> {
  const stage = await Stage.open({
    ...answers,
    'identity.key': () => keyCard({ role, username: `the-${role}` }),
  })
  stages.push(stage)
  return stage
}

const root = '/api/v1/admin'
const reason = 'asked the supplier'
const post = (stage: Stage, path: string, body: object) =>
  send(stage, { method: 'POST', path: root + path, body: JSON.stringify(body) })
const put = (stage: Stage, path: string, body: object) =>
  send(stage, { method: 'PUT', path: root + path, body: JSON.stringify(body) })

test('alarms: who may look and quieten, and who may change what rings (ALG1)', async () => {
  for (const role of ['admin', 'support', 'finance', 'reseller'] as const) {
    const stage = await stageOf(role)
    const looks = role === 'admin' || role === 'support' ? 200 : 403
    const changes = role === 'admin' ? 200 : 403
    for (const path of [
      '/alarms',
      '/alarms/1',
      '/alarm-rules',
      '/alarm-channels',
      '/alarm-history',
    ]) {
      equal((await send(stage, { path: root + path })).status, looks, path)
    }
    equal((await post(stage, '/alarms/1/acknowledge', { reason })).status, looks)
    equal((await post(stage, '/alarms/1/mute', { until: null, reason })).status, looks)
    equal((await put(stage, '/alarm-rules/OWNERLESS', { active: true, reason })).status, changes)
    equal((await put(stage, '/alarm-channels/a', { kind: 'chat' })).status, changes)
    equal((await post(stage, '/alarm-channels/a/test', {})).status, changes)
  }
})

test('alarms: what was done is done by whoever signed (ALG2)', async () => {
  const stage = await stageOf('admin')
  const until = '2026-01-02T06:00:00+07:00'
  await post(stage, '/alarms/7/acknowledge', { reason, by: 'somebody else', id: 8 })
  await post(stage, '/alarms/7/mute', { until, reason, by: 'somebody else' })
  await put(stage, '/alarm-rules/OWNERLESS', { hold_s: 5, reason, by: 'x', code: 'FLOAT_DRIFT' })
  const quiet = { from: '22:30', until: '06:00' }
  await put(stage, '/alarm-channels/a', { kind: 'chat', quiet, rotate_secret: true, name: 'b' })
  const by = 'the-admin'
  deepEqual(stage.askedOf('alarm.acknowledge'), [{ id: 7, reason, by }])
  deepEqual(stage.askedOf('alarm.mute'), [{ id: 7, until: Date.parse(until), reason, by }])
  deepEqual(stage.askedOf('alarm.putRule'), [{ code: 'OWNERLESS', holdS: 5, reason, by }])
  deepEqual(stage.askedOf('alarm.putChannel'), [
    { name: 'a', kind: 'chat', quiet: { from: 1_350, until: 360 }, rotate: true, by },
  ])
})

test('alarms: bad input is told before anybody is asked (ALG3)', async () => {
  const stage = await stageOf('admin')
  for (const [path, body] of [
    ['/alarms/1/acknowledge', { reason: 'no' }],
    ['/alarms/1/mute', { until: '2026-01-02T06:00:00', reason }],
    ['/alarms/1/mute', { reason }],
  ] as const) {
    equal((await post(stage, path, body)).status, 400, path)
  }
  for (const body of [
    {},
    { kind: 'pigeon' },
    { kind: 'webhook', url: 'ftp://a.example' },
    { kind: 'chat', quiet: { from: '24:00', until: '06:00' } },
    { kind: 'chat', quiet: { from: '06:00', until: '06:00' } },
  ]) {
    equal((await put(stage, '/alarm-channels/a', body)).status, 400, JSON.stringify(body))
  }
  equal((await put(stage, '/alarm-rules/OWNERLESS', { threshold: -1, reason })).status, 400)
  equal((await put(stage, '/alarm-rules/NOBODY', { reason })).status, 404)
  equal((await send(stage, { path: `${root}/alarms/x` })).status, 404)
  equal((await send(stage, { path: `${root}/alarms?state=lost` })).status, 400)
  for (const action of ['acknowledge', 'mute', 'putChannel', 'putRule', 'get', 'list'] as const) {
    deepEqual(stage.askedOf(`alarm.${action}`), [])
  }
})
