import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { CommissionRow } from '../../services/contract/commission.ts'
import type { Role } from '../../services/contract/identity.ts'
import { keyCard, Stage, send, trxId, userId } from '../scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

const row: CommissionRow = {
  ...{ id: '7', orderId: trxId, level: 1, buyer: 'budi', product: 'XLD10', amount: 150 },
  ...{ state: 'paid', kept: 0, owed: 0, createdAt: 0 },
}
const rule = { id: 3, version: 1, scope: 'default', target: '', levels: [{ fixed: 10 }] }
const preview = { price: 10_500, cost: 9_900, margin: 600, ruleId: 3, shares: [], total: 0 }

async function stageOf(role: Role): Promise<Stage> {
  const stage = await Stage.open({
    'identity.key': () => keyCard({ role, username: `the-${role}` }),
    'audit.add': () => ({ ok: { id: 1 } }),
    'commission.list': () => ({ ok: { rows: [row], next: '7', debt: 20 } }),
    'commission.preview': () => ({ ok: preview }),
    'commission.upline': ({ username, upline }) =>
      username === upline
        ? { refused: 'UPLINE_RING', moneyEffect: 'none' }
        : { ok: { username, upline } },
    'catalogueAdmin.list': () => ({ ok: { rows: [rule], next: null } }),
    'catalogueAdmin.get': () => ({ ok: rule }),
    'catalogueAdmin.create': () => ({ ok: rule }),
    'catalogueAdmin.change': () => ({ ok: rule }),
    'catalogueAdmin.remove': () => ({ ok: rule }),
    'catalogueAdmin.history': () => ({ ok: { rows: [{ id: 1, at: 0 }], next: null } }),
  })
  stages.push(stage)
  return stage
}

const admin = '/api/v1/admin'
const rules = `${admin}/commission/rules`
const put = (stage: Stage, method: string, path: string, word: object) =>
  send(stage, { method, path, body: JSON.stringify(word) })

test('commission route: what I earned: one’s own rows, in pages (CMF1)', async () => {
  const stage = await stageOf('reseller')
  const { status, body } = await send(stage, { path: '/api/v1/commission?limit=1&cursor=9' })
  equal(status, 200)
  deepEqual(body['data'], {
    rows: [
      {
        ...{ id: '7', trx_id: trxId, level: 1, from: 'budi', product_code: 'XLD10', amount: 150 },
        ...{ status: 'paid', kept_for_debt: 0, still_owed: 0 },
        created_at: '1970-01-01T00:00:00.000Z',
      },
    ],
    next_cursor: '7',
    debt: 20,
  })
  deepEqual(stage.askedOf('commission.list'), [{ userId, limit: 1, cursor: '9' }])
  for (const wrong of ['limit=0', 'limit=101', 'cursor=abc']) {
    equal((await send(stage, { path: `/api/v1/commission?${wrong}` })).status, 400, wrong)
  }
})

test('commission route: who may: staff reads, an admin decides, a reseller neither (CMF1)', async () => {
  for (const role of ['admin', 'finance', 'support', 'reseller'] as const) {
    const stage = await stageOf(role)
    const reads = role === 'reseller' ? 403 : 200
    const decides = role === 'admin' ? 200 : 403
    for (const path of [rules, `${rules}/3`, `${admin}/commission/history`]) {
      equal((await send(stage, { path })).status, reads, `${role} ${path}`)
    }
    const word = { scope: 'default', levels: [{ fixed: 10 }] }
    const { body } = await send(stage, { path: `${admin}/commission/history` })
    const at = '1970-01-01T00:00:00.000Z'
    if (role !== 'reseller') deepEqual(body['data']!['rows'], [{ id: 1, at }])
    equal((await put(stage, 'POST', rules, word)).status, decides)
    equal((await put(stage, 'PUT', `${rules}/3`, { version: 1, active: false })).status, decides)
    equal((await put(stage, 'DELETE', `${rules}/3?version=1`, {})).status, decides)
    const asked = { trx_id: trxId, rule: word }
    equal((await put(stage, 'POST', `${admin}/commission/preview`, asked)).status, decides)
    const above = { upline: 'ani' }
    equal((await put(stage, 'PUT', `${admin}/clients/budi/upline`, above)).status, decides)
    const kinds = stage.askedOf('catalogueAdmin.create').map(({ kind }) => kind)
    deepEqual(kinds, role === 'admin' ? ['commission-rules'] : [])
  }
})

test('commission route: an upline: set, taken away, and a ring is a 409 (CMF1)', async () => {
  const stage = await stageOf('admin')
  const path = `${admin}/clients/budi/upline`
  deepEqual((await put(stage, 'PUT', path, { upline: null })).body['data'], {
    ...{ username: 'budi', upline: null },
  })
  const ring = await put(stage, 'PUT', path, { upline: 'budi' })
  deepEqual([ring.status, ring.body['error_code']], [409, 'UPLINE_RING'])
  for (const wrong of [{}, { upline: '' }, { upline: 3 }]) {
    equal((await put(stage, 'PUT', path, wrong)).status, 400)
  }
  equal((await put(stage, 'POST', `${admin}/commission/preview`, { trx_id: 'x' })).status, 400)
})
