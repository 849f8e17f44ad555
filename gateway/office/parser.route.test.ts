import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Role } from '../../services/contract/identity.ts'
import { bornAt, keyCard, Stage, send } from '../scripted.fixture.ts'
import { adminParser } from './parser.route.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

const made = { version: 2, digest: 'd', note: '', madeBy: 'budi', madeAt: bornAt, supplier: 'oto' }
const figures = { id: 7, replies: 10, changed: 1, toSuccess: 1, complete: true, ms: 3 }
const conflict = { rule: 'a', kind: 'conflict', detail: 'success / failed (b): x' }
const change = { where: 'x', channel: 'reply', reply: 'ya', before: 'unknown', after: 'success' }
const refused = (code: 'APPROVAL_NEEDED') =>
  ({ refused: code, moneyEffect: 'none', details: { to_success: 1 } }) as const

async function stageFor(role: Role): Promise<Stage> {
  const stage = await Stage.open(
    {
      'identity.key': () => keyCard({ role }),
      'parser.inbox': () => ({
        ok: [
          {
            ...{ supplier: 'oto', channel: 'reply', sample: 'aneh', count: 2 },
            ...{ firstAt: bornAt, lastAt: bornAt, draft: { regex: 'aneh' } },
          },
        ],
      }),
      'parser.rules': () => ({
        ok: {
          ...{ active: 2, rules: [{ name: 'r' }], versions: [{ ...made, rules: 1 }] },
          history: [{ version: 2, bench: 7, by: 'budi', at: bornAt }],
        },
      }),
      'parser.version': () => ({ ok: { ...made, rules: [{ name: 'r' }] } }),
      'parser.save': () => ({ ok: { version: 3, digest: 'd', findings: [] } }),
      'parser.test': () => ({ ok: { findings: [], channels: [], draft: {} } }),
      'parser.bench': ({ supplier }) => ({
        ok: { ...figures, supplier, changes: [change], conflicts: [conflict] },
      }),
      'parser.activate': ({ supplier, version, acceptSuccess }) =>
        acceptSuccess === true ? { ok: { supplier, version } } : refused('APPROVAL_NEEDED'),
      'parser.template': () => ({ ok: { version: 1 } }),
    },
    { lines: [adminParser] },
  )
  stages.push(stage)
  return stage
}

const base = '/api/v1/admin/parser'
const post = (stage: Stage, path: string, body: object) =>
  send(stage, { method: 'POST', path: `${base}/${path}`, body: JSON.stringify(body) })
const writes = {
  rules: { supplier: 'oto', rules: [{ name: 'r' }] },
  bench: { supplier: 'oto', version: 2 },
  activate: { supplier: 'oto', version: 2, bench: 7, accept_success: true },
  template: { supplier: 'oto', template: {} },
}

test('parser: who may: support looks and tries, admin writes and is named (PAR1)', async () => {
  for (const role of ['admin', 'support', 'finance', 'reseller'] as const) {
    const stage = await stageFor(role)
    const mayLook = role === 'admin' || role === 'support' ? 200 : 403
    equal((await send(stage, { path: `${base}/inbox` })).status, mayLook)
    equal((await send(stage, { path: `${base}/rules?supplier=oto` })).status, mayLook)
    equal((await post(stage, 'test', { rules: [], sample: 'x' })).status, mayLook)
    for (const [path, body] of Object.entries(writes)) {
      equal((await post(stage, path, body)).status, role === 'admin' ? 200 : 403, `${role} ${path}`)
    }
    if (role !== 'admin') continue
    equal(stage.askedOf('parser.save')[0]!.by, 'user')
    equal(stage.askedOf('parser.activate')[0]!.by, 'user')
  }
})

test('parser: answers: times in ISO, figures of the bench, refusals with their details (PAR1)', async () => {
  const stage = await stageFor('admin')
  const { body: inbox } = await send(stage, { path: `${base}/inbox?supplier=oto&limit=5` })
  equal(inbox['data']!['rows']![0]!['first_at'], new Date(bornAt).toISOString())
  deepEqual(stage.askedOf('parser.inbox'), [{ supplier: 'oto', limit: 5 }])
  const { body: one } = await send(stage, { path: `${base}/rules?supplier=oto&version=2` })
  equal(one['data']!['made_by'], 'budi')
  const { body: all } = await send(stage, { path: `${base}/rules?supplier=oto` })
  equal(all['data']!['history']![0]!['bench'], 7)
  const { body: bench } = await post(stage, 'bench', writes.bench)
  deepEqual([bench['data']!['to_success'], bench['data']!['changes']], [1, [change]])
  deepEqual(bench['data']!['conflicts'], [conflict])
  const no = await post(stage, 'activate', { ...writes.activate, accept_success: false })
  deepEqual([no.status, no.body['error_code']], [409, 'APPROVAL_NEEDED'])
  deepEqual(no.body['details'], { to_success: 1 })
})

test('parser: bad input: told before anybody is asked (PAR2)', async () => {
  const stage = await stageFor('admin')
  equal((await send(stage, { path: `${base}/rules` })).status, 400)
  equal((await send(stage, { path: `${base}/inbox?limit=201` })).status, 400)
  equal((await post(stage, 'test', { rules: [], sample: 'x'.repeat(2_049) })).status, 400)
  equal((await post(stage, 'rules', { supplier: '../x', rules: [] })).status, 400)
  equal((await post(stage, 'bench', { supplier: 'oto', version: 0 })).status, 400)
  equal((await post(stage, 'activate', { supplier: 'oto', version: 1 })).status, 400)
  equal(stage.asked.filter(({ action }) => action.startsWith('parser.')).length, 0)
})
