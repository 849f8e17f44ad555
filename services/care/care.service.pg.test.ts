import { deepEqual, equal, ok } from 'node:assert/strict'
import { hash } from 'node:crypto'
import { after, type TestContext, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import type { Proof } from '../contract/care.ts'
import type { Actions } from '../contract.ts'
import { pending, type Scene, sceneAt, until } from '../engine-room.fixture.ts'
import { careService } from './care.service.ts'

const database = await testDatabase()
after(() => database.drop())

async function nodeOf(t: TestContext): Promise<Scene> {
  const scene = await sceneAt(t, { url: database.url })
  scene.broker.createService(careService({ room: scene.room, db: scene.db }))
  await scene.broker.waitForServices('care')
  return scene
}

async function buy({ call }: Scene, userId: string, ref: string): Promise<string> {
  const destination = `0878${String(Math.abs(Number.parseInt(ref, 36)) % 1e8).padStart(8, '0')}`
  const answer = await call('order.place', { userId, level: 0, ref, product: 'XLD10', destination })
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok.order.trxId
}

async function proofOf({ call }: Scene, trxId: string): Promise<Proof> {
  const answer = await call('care.proof', { trxId })
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}

const sealOf = ({ previous, shard, seq, body }: Proof['lines'][number]): string =>
  hash('sha256', `${previous}\n${shard}.${seq}\n${body}`, 'hex').slice(0, 32)

test('care: a proof: every line with seals that anybody can compute again (CRA1)', async t => {
  const node = await nodeOf(t)
  const userId = await node.user(1)
  await buy(node, userId, 'before')
  const trxId = await buy(node, userId, 'p1')
  const proof = await until(
    () => proofOf(node, trxId),
    ({ order }) => order.status === 'SUCCESS',
  )
  equal(proof.lines.length, 2)
  for (const line of proof.lines) equal(sealOf(line), line.hash)
  const { order, lines, callbacks } = proof
  equal(proof.digest, hash('sha256', JSON.stringify({ order, lines, callbacks }), 'hex'))
  const forged = { ...lines[1]!, body: lines[1]!.body.replace('SN-', 'XX-') }
  ok(sealOf(forged) !== forged.hash)
})

test('care: a proof: what the supplier called about it, and nothing that lets anybody in (CRA2)', async t => {
  const node = await nodeOf(t)
  const trxId = await buy(node, await node.user(2), 'p2')
  const first = await until(
    () => proofOf(node, trxId),
    ({ order }) => order.status === 'SUCCESS',
  )
  const { ref, supplier } = first.order.attempts[0]!
  const keep = async (party: string, body: string) => {
    const client = await node.db.connect()
    await client.query(
      `insert into callback_inbox (party, headers, body) values ($1, '{}', convert_to($2, 'UTF8'))`,
      [party, body],
    )
    await client.end()
  }
  await keep(supplier, `{"data":{"ref_id":"${ref}","sn":"1"}}`)
  await keep(supplier, `{"data":{"ref_id":"another"}}`)
  const proof = await proofOf(node, trxId)
  deepEqual(
    proof.callbacks.map(one => [one.party, one.body.includes(ref)]),
    [[supplier, true]],
  )
  const words = JSON.stringify(proof)
  for (const secret of ['webhookSecret', 'apiKey', '"sign"']) ok(!words.includes(secret))
})

test('care: an order that nobody knows: not found', async t => {
  const node = await nodeOf(t)
  const userId = await node.user(1)
  for (const trxId of [userId, 'nonsense']) {
    const answer = await node.call('care.proof', { trxId })
    equal('refused' in answer && answer.refused, 'NOT_FOUND')
  }
})

test('care: the queue: who waits for a person, oldest first, page by page (CRA3)', async t => {
  const node = await nodeOf(t)
  node.shop.answer = pending
  const userId = await node.user(3)
  const ids: string[] = []
  for (const ref of ['q1', 'q2', 'q3']) {
    ids.push(await buy(node, userId, ref))
    node.clock.ms += 5
  }
  await until(
    () => node.room.engine.host.outbox.inFlight,
    inFlight => inFlight === 0,
  )
  node.clock.ms += 3 * 3_600_000
  type Page = Extract<Actions['care.queue']['result'], { ok: unknown }>['ok']
  const page = async (more: object, limit: number): Promise<Page> => {
    const answer = await node.call('care.queue', { limit, ...more })
    ok('ok' in answer)
    return answer.ok
  }
  const all = await until(
    () => page({}, 10),
    ({ rows }) => rows.length === 3,
  )
  deepEqual(
    all.rows.map(row => [row.trxId, row.attention]),
    ids.map(id => [id, 'DEADLINE']),
  )
  const first = await page({}, 2)
  deepEqual([first.rows.length, first.next], [2, ids[1]])
  const rest = await page({ after: first.next! }, 2)
  deepEqual([rest.rows.map(row => row.trxId), rest.next], [[ids[2]], null])
})
