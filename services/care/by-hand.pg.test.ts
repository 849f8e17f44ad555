import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { keyOf } from '../../engine/ids.ts'
import type { Answer } from '../contract/answer.ts'
import type { HistoryEntry } from '../contract/care.ts'
import type { OrderView } from '../contract/order-view.ts'
import type { Actions } from '../contract.ts'
import { type Answerer, type Scene, sceneAt, until } from '../engine-room.fixture.ts'
import { careService } from './care.service.ts'

/** One for each test: what hangs at a supplier counts in whatever begins on the same journal. */
const database = databasesOfFile(after)

const word = { by: 'cici', reason: 'the supplier is being asked' }
const waits = { status: 'Pending', rc: '03', sn: '' }
const fails = { status: 'Gagal', rc: '01', sn: '' }

/** A scene with one order that its first supplier has not decided. */
async function sceneWith(t: TestContext, shard: number, rest: Answerer = () => ({})) {
  const first = { answer: waits as object }
  const answer: Answerer = asked =>
    String(asked['ref_id']).endsWith('-1') ? first.answer : rest(asked)
  const scene = await sceneAt(t, { url: await database(), shop: { answer }, rules: [] })
  scene.broker.createService(careService({ room: scene.room, db: scene.db }))
  await scene.broker.waitForServices('care')
  const userId = await scene.user(shard)
  const wish = { userId, level: 0, ref: 'r1', product: 'XLD10', destination: '087812341230' }
  const placed = await scene.call('order.place', wish)
  ok('ok' in placed)
  const { trxId } = placed.ok.order
  const read = async (): Promise<OrderView> =>
    okOf(await scene.call('order.get', { userId, trxId }))
  await until(read, order => order.attempts[0]!.outcome !== 'started')
  const words = { trxId, ...word }
  /** When its supplier may be asked again, somebody asks; or the order itself was quicker. */
  const askAgain = async () => {
    scene.clock.ms = (await read()).updatedAt + 61_000
    return await scene.call('order.recheck', words)
  }
  return { ...scene, first, trxId, userId, read, words, askAgain }
}

function okOf<T>(answer: Answer<T>): T {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}

const refusalOf = (answer: Answer<unknown>): unknown =>
  'refused' in answer ? answer.refused : answer

const historyOf = async (
  { call }: Scene,
  params: Actions['care.history']['params'],
): Promise<readonly HistoryEntry[]> => okOf(await call('care.history', params)).entries

test('by hand: held, failed, sent elsewhere: nobody else before a person says so (CRD1)', async t => {
  const scene = await sceneWith(t, 0)
  const { call, words, first, asked, read, trxId, askAgain } = scene
  deepEqual(okOf(await call('order.hold', words)).held?.by, 'cici')
  first.answer = fails
  equal(refusalOf(await call('order.recheck', words)), 'RECHECK_TOO_SOON')
  await askAgain()
  const parked = await until(read, order => order.attempts[0]!.outcome === 'failed')
  deepEqual([parked.status, parked.moneyEffect, parked.failure], ['PROCESSING', 'held', 'HELD'])
  ok(asked.every(one => String(one['ref_id']).endsWith('-1')))
  const queue = await until(
    () => call('care.queue', { limit: 10 }),
    answer => 'ok' in answer && answer.ok.rows.some(row => row.trxId === trxId),
  )
  equal(okOf(queue).rows.find(row => row.trxId === trxId)?.attention, 'HELD')

  okOf(await call('order.reroute', words))
  const done = await until(read, order => order.status === 'SUCCESS')
  deepEqual(
    done.attempts.map(one => [one.supplier, one.outcome]),
    [
      ['digi', 'failed'],
      ['diva', 'success'],
    ],
  )
  equal(refusalOf(await call('order.reroute', words)), 'ORDER_FINAL')
})

test('by hand: released after its failure: it goes on as planned (CRD1)', async t => {
  const { call, words, first, read, askAgain } = await sceneWith(t, 1)
  okOf(await call('order.hold', words))
  first.answer = fails
  await askAgain()
  await until(read, order => order.failure === 'HELD')
  equal(okOf(await call('order.release', words)).held, null)
  const done = await until(read, order => order.status === 'SUCCESS')
  equal(done.attempts[1]!.supplier, 'diva')
})

test('by hand: unknown is sent nowhere without a person’s word; who does not supply is none (CRD1)', async t => {
  const scene = await sceneWith(t, 2)
  const { call, words, read, router, trxId } = scene
  equal(refusalOf(await call('order.reroute', words)), 'ATTEMPT_UNKNOWN')
  const reservedOf = () => [...router.gauges.suppliers.values()].map(one => one.reserved)
  ok(reservedOf().every(reserved => reserved === 0))
  const judged = { ...words, notSold: true }
  const nobody = await call('order.reroute', { ...judged, supplier: 'nobody' })
  equal(refusalOf(nobody), 'PRODUCT_UNSUPPLIED')
  equal('moneyEffect' in nobody && nobody.moneyEffect, 'held')
  const sent = okOf(await call('order.reroute', { ...judged, supplier: 'diva' }))
  equal(sent.order.attempts[0]!.outcome, 'failed')
  await until(read, order => order.status === 'SUCCESS')
  const [, , verdict] = await historyOf(scene, { trxId })
  deepEqual(
    verdict!.events.map(event => [event['type'], event['by'] ?? event['via'] ?? '']),
    [
      ['attempt_failed', 'person'],
      ['rerouted', 'cici'],
      ['dispatched', ''],
    ],
  )
})

test('by hand: routing is asked, and left as it was (CRD2)', async t => {
  const { call, words, router } = await sceneWith(t, 3, () => waits)
  const hung = router.gauges.of('digi').hanging
  const there = router.gauges.of('diva').hanging
  okOf(await call('order.reroute', { ...words, notSold: true }))
  await until(
    () => router.gauges.of('diva').hanging,
    hanging => hanging > there,
  )
  equal(router.gauges.of('diva').reserved, 0)
  equal(router.gauges.of('digi').hanging, hung - 10_000)
})

test('by hand: a slip in the id: no other order is moved (CRD3)', async t => {
  const { call, words, trxId, read } = await sceneWith(t, 0)
  const slip = `${trxId[0] === '0' ? '1' : '0'}${trxId.slice(1)}`
  equal(keyOf(slip), keyOf(trxId))
  for (const wrong of [slip, 'nonsense']) {
    for (const verb of ['hold', 'release', 'recheck', 'reroute'] as const) {
      equal(refusalOf(await call(`order.${verb}`, { ...words, trxId: wrong })), 'NOT_FOUND')
    }
    equal(refusalOf(await call('care.history', { trxId: wrong })), 'NOT_FOUND')
  }
  equal((await read()).failure, null)
})

test('by hand: asked after delivery: the answer is in the journal (CRF1)', async t => {
  const scene = await sceneWith(t, 1)
  const { first, read, trxId, askAgain } = scene
  first.answer = {}
  await askAgain()
  await until(read, order => order.status === 'SUCCESS')
  okOf(await askAgain())
  const entries = await until(
    () => historyOf(scene, { trxId }),
    list => list.some(({ events }) => events.some(({ type }) => type === 'checked')),
  )
  const [question, answer] = entries.slice(-2).map(({ events }) => events[0]!)
  deepEqual([question!['by'], question!['reason']], ['cici', word.reason])
  equal(answer!['outcome'], 'success')
})

test('history: each line: the order and the balances as they were (CRF1, CRF2, CRF3)', async t => {
  const scene = await sceneWith(t, 2)
  const { call, first, read, trxId, userId, askAgain } = scene
  first.answer = {}
  await askAgain()
  await until(read, order => order.status === 'SUCCESS')
  const resolve = { trxId, verdict: 'refund', reason: 'not there', by: 'cici' } as const
  okOf(await call('order.resolve', resolve))
  const entries = await historyOf(scene, { trxId })
  const purse = (entry: HistoryEntry) => {
    const mine = entry.accounts.find(one => one.account === `wallet:${userId}`)
    return mine === undefined ? null : [mine.balance, mine.debitsPending]
  }
  const statuses = entries.map(({ order }) => order.status)
  deepEqual([statuses[0], statuses.at(-2), statuses.at(-1)], ['PROCESSING', 'SUCCESS', 'REFUND'])
  deepEqual([entries[0]!, entries.at(-2)!, entries.at(-1)!].map(purse), [
    [100_000, 10_500],
    [89_500, 0],
    [100_000, 0],
  ])
  const then = entries[1]!
  deepEqual(await historyOf(scene, { trxId, seq: then.seq }), entries.slice(0, 2))
  deepEqual(await historyOf(scene, { trxId, at: then.at }), entries.slice(0, 2))
  equal(refusalOf(await call('care.history', { trxId, at: then.at - 3_600_000 })), 'NOT_FOUND')
})
