import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { ComplaintFile } from '../../services/contract/care.ts'
import type { Role } from '../../services/contract/identity.ts'
import { bornAt, keyCard, orderView, Stage, send, trxId, userId } from '../scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

const words = 'Their own words, balance 77'
const file: ComplaintFile = {
  complaint: {
    ...{ id: 7, trxId, userId, username: 'user', ref: 'ref-1', product: 'TSEL10' },
    ...{ destination: '0812', reason: 'not_received', state: 'open' },
    ...{ createdAt: bornAt, updatedAt: bornAt },
  },
  messages: [
    { id: 1, author: 'client', kind: 'message', by: userId, text: 'Belum masuk.', at: bornAt },
    { id: 2, author: 'staff', kind: 'answered', by: 'id-of-cici', text: 'Kami cek.', at: bornAt },
  ],
  evidence: { status: 'SUCCESS', sn: '1', disputed: false, attempts: [], check: 'asked' },
  order: orderView({ status: 'SUCCESS', sn: '1', moneyEffect: 'charged' }),
  checked: { outcome: 'success', code: '00', message: words, reply: words, at: bornAt },
}

async function stageOf(role: Role): Promise<Stage> {
  const stage = await Stage.open({
    'identity.key': () => keyCard({ role }),
    'complaint.open': () => ({ ok: { file, repeated: false } }),
    'complaint.list': () => ({ ok: { rows: [file.complaint], next: 7 } }),
    'complaint.read': () => ({ ok: file }),
    'complaint.say': () => ({ ok: file }),
    'complaint.answer': () => ({ ok: file }),
    'complaint.decide': () => ({ ok: file }),
  })
  stages.push(stage)
  return stage
}

const own = '/api/v1/complaints'
const all = '/api/v1/admin/complaints'
const post = (stage: Stage, path: string, body: object) =>
  send(stage, { method: 'POST', path, body: JSON.stringify(body) })
const complaint = { trx_id: trxId, reason: 'not_received', text: 'Belum masuk.' }

test('complaints: a client: asks as himself, and hears nobody’s own words (CRG1)', async () => {
  const stage = await stageOf('reseller')
  const told = await post(stage, own, complaint)
  equal(told.status, 200)
  deepEqual(stage.askedOf('complaint.open'), [
    { userId, trxId, reason: 'not_received', text: 'Belum masuk.' },
  ])
  const data = told.body['data']!
  deepEqual(
    [data['complaint_id'], data['trx_id'], data['state'], data['supplier_answer']],
    [7, trxId, 'open', 'success'],
  )
  for (const path of [own, `${own}/7`]) {
    const { status, text } = await send(stage, { path })
    equal(status, 200)
    for (const secret of [words, 'id-of-cici']) ok(!text.includes(secret))
  }
  ok(!told.text.includes(words) && !told.text.includes('id-of-cici'))
  deepEqual(stage.askedOf('complaint.list'), [{ userId, limit: 20 }])
  deepEqual(stage.askedOf('complaint.read'), [{ userId, id: 7 }])
  equal((await post(stage, `${own}/7/messages`, { text: 'Terima kasih.' })).status, 200)
  deepEqual(stage.askedOf('complaint.say'), [{ userId, id: 7, text: 'Terima kasih.' }])
})

test('complaints: what is not one: refused before anybody is asked (CRG1)', async () => {
  const stage = await stageOf('reseller')
  const { trx_id: _, ...nameless } = complaint
  for (const wrong of [
    nameless,
    { ...complaint, ref_id: 'both' },
    { ...complaint, reason: 'angry' },
    { ...complaint, text: '   ' },
    { ...complaint, text: 'x'.repeat(2_001) },
    { ...complaint, trx_id: 'nonsense' },
  ]) {
    equal((await post(stage, own, wrong)).status, 400)
  }
  equal(stage.askedOf('complaint.open').length, 0)
  equal((await post(stage, own, { ...nameless, ref_id: 'r-1' })).status, 200)
  equal((await send(stage, { path: `${own}/x` })).status, 404)
  const desk = await stageOf('admin')
  const unknown = await post(desk, `${all}/x/decide`, { verdict: 'upheld', text: 'Betul.' })
  deepEqual([unknown.status, unknown.body['money_effect']], [404, 'none'])
  equal((await send(stage, { path: `${own}?limit=101` })).status, 400)
})

test('complaints: staff: looks and answers, an admin decides (CRG2)', async () => {
  const verdict = { verdict: 'upheld', text: 'Pemasok mengakui.', order: 'refund' }
  for (const role of ['admin', 'finance', 'support', 'reseller'] as const) {
    const stage = await stageOf(role)
    const may = role === 'reseller' ? 403 : 200
    equal((await send(stage, { path: `${all}?state=open` })).status, may)
    equal((await send(stage, { path: `${all}/7` })).status, may)
    equal((await post(stage, `${all}/7/answer`, { text: 'Kami cek.' })).status, may)
    const decided = await post(stage, `${all}/7/decide`, verdict)
    equal(decided.status, role === 'admin' ? 200 : 403)
    if (role !== 'admin') continue
    deepEqual(stage.askedOf('complaint.decide'), [{ id: 7, by: userId, ...verdict }])
    deepEqual(stage.askedOf('complaint.list'), [{ limit: 20, state: 'open' }])
    ok(decided.text.includes(words))
    equal((await post(stage, `${all}/7/decide`, { ...verdict, text: 'no' })).status, 400)
    equal((await post(stage, `${all}/7/decide`, { ...verdict, order: 'x' })).status, 400)
  }
})
