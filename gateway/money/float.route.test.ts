import { deepEqual, equal } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Role } from '../../services/contract/identity.ts'
import type { FloatMove, FloatView } from '../../services/contract/supplier.ts'
import { bornAt, keyCard, Stage, send, trxId, userId } from '../scripted.fixture.ts'

let stage: Stage

const view: FloatView = {
  supplier: 'digi',
  status: 'drifts',
  books: 1_000_000,
  out: 10_500,
  reported: { balance: 7, toldAt: bornAt, trxId, lower: 8, upper: 9, off: -1 },
  drift: { off: -1, sinceAt: bornAt, firstTrxId: null, reports: 3 },
  agreed: null,
  suspects: [{ trxId, toldAt: bornAt, cost: 2, step: 3 }],
  tellsBefore: false,
}
const move: FloatMove = {
  ...{ id: trxId, ref: 'r-1', supplier: 'digi', raises: false, against: 'difference', amount: 700 },
  ...{ note: 'biaya', status: 'waiting', askedBy: userId, secondBy: null, transferId: null },
  askedAt: bornAt,
}

before(async () => {
  stage = await Stage.open({
    'identity.key': ({ keyId }) => keyCard({ keyId, role: keyId as Role }),
    'audit.add': () => ({ ok: { id: 1 } }),
    'float.list': () => ({ ok: { rows: [view] } }),
    'float.read': ({ supplier }) =>
      supplier === 'digi' ? { ok: view } : { refused: 'NOT_FOUND', moneyEffect: 'none' },
    'float.steps': () => ({ ok: { rows: [], next: 7 } }),
    'float.moves': () => ({ ok: { rows: [move], next: trxId } }),
    'float.topUp': () => ({ ok: move }),
    'float.adjust': () => ({ ok: move }),
    'float.judge': () => ({ refused: 'SECOND_PERSON_NEEDED', moneyEffect: 'none' }),
    'float.rules': () => ({ ok: view }),
  })
})
after(() => stage.close())

const path = '/api/v1/admin/suppliers/digi/float'
const as = (who: Role, method: string, at: string, body?: object) =>
  send(stage, { method, path: at, key: who, ...(body ? { body: JSON.stringify(body) } : {}) })

test('float routes: read by finance and admin, the rule set by the admin alone (FLE1, FLE2)', async () => {
  const rule = { balance_before_charge: true }
  for (const [who, method, at, status] of [
    ['reseller', 'GET', path, 403],
    ['support', 'GET', path, 403],
    ['finance', 'GET', path, 200],
    ['admin', 'GET', path, 200],
    ['finance', 'GET', '/api/v1/admin/floats', 200],
    ['reseller', 'POST', `${path}/topups`, 403],
    ['support', 'POST', `${path}/adjustments`, 403],
    ['finance', 'PUT', path, 403],
    ['admin', 'PUT', path, 200],
    ['finance', 'GET', '/api/v1/admin/suppliers/diva/float', 404],
    ['finance', 'GET', `${path}/steps?limit=2&cursor=9`, 200],
    ['finance', 'GET', `${path}/steps?limit=0`, 400],
    ['finance', 'GET', `${path}/moves?status=waiting`, 200],
    ['finance', 'GET', `${path}/moves?limit=2&cursor=${trxId}`, 200],
    ['finance', 'GET', `${path}/moves?cursor=9`, 400],
    ['finance', 'POST', `${path}/moves/7/approve`, 404],
    ['finance', 'POST', `${path}/moves/${trxId}/approve`, 403],
  ] as const) {
    const body = method === 'GET' ? undefined : method === 'PUT' ? rule : {}
    equal((await as(who, method, at, body)).status, status, `${who} ${method} ${at}`)
  }
  deepEqual(stage.askedOf('float.rules'), [{ supplier: 'digi', tellsBefore: true }])
  deepEqual(stage.askedOf('float.steps'), [{ supplier: 'digi', limit: 2, before: 9 }])
  deepEqual(stage.askedOf('float.moves'), [
    { supplier: 'digi', limit: 50, status: 'waiting' },
    { supplier: 'digi', limit: 2, before: trxId },
  ])
  deepEqual(stage.askedOf('float.judge'), [
    { supplier: 'digi', id: trxId, verdict: 'approved', by: userId },
  ])
})

test('float routes: a view: times as text, names with underscores (FLE1)', async () => {
  const { body } = await as('finance', 'GET', path)
  const at = new Date(bornAt).toISOString()
  deepEqual(body['data'], {
    ...{ supplier: 'digi', status: 'drifts', books: 1_000_000, out: 10_500 },
    reported: { balance: 7, told_at: at, trx_id: trxId, lower: 8, upper: 9, off: -1 },
    drift: { off: -1, since_at: at, first_trx_id: null, reports: 3 },
    agreed: null,
    suspects: [{ trx_id: trxId, told_at: at, cost: 2, step: 3 }],
    tells_before: false,
  })
})

test('float routes: what is booked: by who signed, with a reason (FLE1)', async () => {
  const paid = { amount: 5_000_000, ref_id: 'bca-77', note: 'transfer BCA', by: 'somebody' }
  equal((await as('finance', 'POST', `${path}/topups`, paid)).status, 200)
  deepEqual(stage.askedOf('float.topUp'), [
    { supplier: 'digi', amount: 5_000_000, ref: 'bca-77', note: 'transfer BCA', by: userId },
  ])
  const less = { amount: 700, direction: 'down', ref_id: 'fix-1', reason: 'biaya admin' }
  equal((await as('finance', 'POST', `${path}/adjustments`, less)).status, 200)
  deepEqual(stage.askedOf('float.adjust'), [
    {
      ...{ supplier: 'digi', amount: 700, raises: false, against: 'difference', ref: 'fix-1' },
      ...{ note: 'biaya admin', by: userId },
    },
  ])
  for (const wrong of [
    { ...less, reason: '' },
    { ...less, amount: 0.5 },
    { ...less, direction: 'away' },
    { ...less, ref_id: undefined },
  ]) {
    equal((await as('finance', 'POST', `${path}/adjustments`, wrong)).status, 400)
  }
})
