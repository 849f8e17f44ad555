import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { keyCard, Stage, send } from '../scripted.fixture.ts'

test('office: the summary for operators: the services are asked at most once a second (BND1)', async t => {
  let now = Date.UTC(2026, 10, 21, 3)
  const house = {
    ...{ merchants: { approved: 2 }, devices: {}, sound: {}, parkedCallbacks: 0, batches: [] },
  }
  const stage = await Stage.open(
    {
      'identity.key': () => keyCard({ role: 'admin' }),
      'summary.read': () => ({ ok: { today: { from: now, rows: [] }, house } }),
      'system.health': () => ({ ready: true, parts: [] }),
    },
    { now: () => now },
  )
  t.after(() => stage.close())
  const look = async () => {
    const timestamp = String(Math.floor(now / 1_000))
    const { status, body } = await send(stage, { path: '/admin/observability/summary', timestamp })
    deepEqual([status, body['house']!['merchants']], [200, { approved: 2 }])
  }
  await look()
  now += 900
  await look()
  const asked = () => [stage.askedOf('summary.read').length, stage.askedOf('system.health').length]
  deepEqual(asked(), [1, 1])
  now += 100
  await look()
  deepEqual(asked(), [2, 2])
})
