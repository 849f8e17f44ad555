import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Role } from '../services/contract/identity.ts'
import type { Line } from './lines.ts'
import type { Asked } from './router.ts'
import { keyCard, plain, Stage, send } from './scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

async function stageFor(line: Line, role: Role = 'reseller'): Promise<Stage> {
  const card = { 'identity.key': () => keyCard({ role }) }
  const stage = await Stage.open(card, { lines: [line] })
  stages.push(stage)
  return stage
}

const path = '/api/v1/admin/things/:thing/parts/:part'
const staffOnly: Line = router => {
  for (const verb of ['get', 'put'] as const) {
    router.signed(verb, path, (visit, client) => visit.ok('Baik.', `"${client.role}"`), {
      roles: ['admin', 'finance'],
    })
  }
}

test('router: role: staff gets in, a reseller and a stranger do not (GZ1)', async () => {
  const here = '/api/v1/admin/things/1/parts/2'
  for (const role of ['admin', 'finance', 'support', 'reseller'] as const) {
    const stage = await stageFor(staffOnly, role)
    const isLetIn = role === 'admin' || role === 'finance'
    for (const method of ['GET', 'PUT']) {
      const { status, body } = await send(stage, { method, path: here })
      equal(status, isLetIn ? 200 : 403, role)
      equal(isLetIn ? body['data'] : body['error_code'], isLetIn ? role : 'FORBIDDEN')
    }
    equal((await plain(stage, { path: here })).status, 401)
    equal((await send(stage, { method: 'POST', path: here })).status, 405)
  }
})

test('router: what was asked: parameters, headers and body may be kept (GZ2)', async () => {
  const kept: Asked[] = []
  const stage = await stageFor(router => {
    router.signed('post', path, (visit, _, asked) => {
      kept.push(asked)
      visit.ok('Baik.', 'null')
    })
    router.open('post', '/inbox/:gateway', (visit, asked) => {
      kept.push(asked)
      visit.ok('Baik.', 'null')
    })
  })
  const body = '{"n":1}'
  await send(stage, { method: 'POST', path: '/api/v1/admin/things/a%20b/parts/%2Fc', body })
  await plain(stage, {
    method: 'POST',
    path: '/inbox/wa',
    body: 'salam',
    headers: { 'x-odd': 'Y' },
  })
  for (let n = 0; n < 20; n++) {
    await plain(stage, { method: 'POST', path: '/inbox/wa', body: 'z'.repeat(40) })
  }
  deepEqual(
    kept.slice(0, 2).map(({ params, body }) => [params, body.toString()]),
    [
      [['a b', '/c'], body],
      [['wa'], 'salam'],
    ],
  )
  equal(kept[1]!.headers['x-odd'], 'Y')
})
