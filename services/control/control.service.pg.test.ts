import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { z } from 'zod'
import { testDatabase } from '../../deploy/testing/database.ts'
import { followChanges } from '../../sql/changes.ts'
import { askControl, isEngineThere, readResult, takeBack } from '../../sql/control.ts'
import { openDatabase, sql } from '../../sql/database.ts'
import { pending, type Scene, sceneAt, until } from '../engine-room.fixture.ts'
import { controlService } from './control.service.ts'

const database = await testDatabase()
after(() => database.drop())

type Desk = Scene & {
  /** A request as the command line leaves it, and its answer. */
  ask(verb: string, params: object): Promise<Record<string, unknown>>
  leave(verb: string, params: object): Promise<number>
  answer(id: number): Promise<Record<string, unknown>>
  /** As if the engine had died between doing and noting. */
  forget(id: number): Promise<void>
  owner: boolean
}

async function deskAt(t: TestContext, shop: Parameters<typeof sceneAt>[1]['shop'] = {}) {
  const scene = await sceneAt(t, { url: database.url, shop })
  const { db, projector, broker } = scene
  const changes = await followChanges(database.url)
  const desk: Desk = {
    ...scene,
    owner: true,
    leave: (verb, params) => askControl(db.pool, verb, params),
    answer: async id =>
      (await until(
        () => readResult(db.pool, id),
        result => result !== null,
      )) as Record<string, unknown>,
    ask: async (verb, params) => desk.answer(await desk.leave(verb, params)),
    async forget(id) {
      await db.pool.query(sql.unsafe`update control set result = null where id = ${id}`)
      const change = JSON.stringify({ table: 'control', key: String(id) })
      await db.pool.query(sql.unsafe`select pg_notify('laju_changed', ${change})`)
    },
  }
  const deps = { db, changes, projectors: [projector], isOwner: () => desk.owner }
  broker.createService(controlService(deps))
  t.after(async () => {
    await scene.stop()
    await changes.stop()
    // Nothing is left for the next test's engine to do.
    const left = await openDatabase(database.url)
    await left.pool.query(sql.unsafe`delete from control`)
    await left.end()
  })
  return desk
}

const balance = async ({ call }: Scene, userId: string): Promise<number> => {
  const answer = await call('wallet.balance', { userId })
  ok('ok' in answer)
  return answer.ok.available
}

test('control: a deposit, a verdict, a rebuild: done, and answered (CT1)', async t => {
  const desk = await deskAt(t, { answer: pending })
  const userId = await desk.user(1, 0)
  const deposits = [1, 2].map(n => ({ userId, amount: 50_000, ref: `d-${n}-${userId}`, note: '' }))
  const paid = await desk.ask('deposit', { deposits })
  equal((paid['answers'] as object[]).length, 2)
  equal(await balance(desk, userId), 100_000)

  const wish = { userId, level: 0, ref: 'A-1', product: 'XLD10', destination: '087812341230' }
  const placed = await desk.call('order.place', wish)
  ok('ok' in placed)
  const { trxId } = placed.ok.order
  await until(
    () => desk.call('order.get', { userId, trxId }),
    answer => 'ok' in answer && answer.ok.next?.what === 'supplier_is_asked',
  )
  const words = { verdict: 'failed', reason: 'called them', by: 'cici' }
  const resolved = await desk.ask('resolve', { trxId, ...words })
  equal((resolved['answer'] as { ok: { status: string } }).ok.status, 'FAILED')
  deepEqual(await desk.ask('rebuild', {}), { done: true })
  equal(await balance(desk, userId), 100_000)
})

test('control: what can not be done: answered in words, and the next one is served (CT1)', async t => {
  const desk = await deskAt(t)
  match(String((await desk.ask('dance', {}))['failed']), /no such verb: dance/)
  match(String((await desk.ask('constructor', {}))['failed']), /no such verb: constructor/)
  match(String((await desk.ask('deposit', {}))['failed']), /TypeError/)
  const trxId = '01a1fb59-1d36-7061-a924-4c3f336078df'
  const { answer } = await desk.ask('resolve', { trxId, verdict: 'failed', reason: 'x', by: 'y' })
  deepEqual(answer, { refused: 'NOT_FOUND', moneyEffect: 'none' })
  deepEqual(await desk.ask('rebuild', {}), { done: true })
})

test('control: requests from before the engine was there: done when it comes (CT1)', async t => {
  const db = await openDatabase(database.url)
  const id = await askControl(db.pool, 'rebuild', {})
  await db.end()
  const desk = await deskAt(t)
  deepEqual(await desk.answer(id), { done: true })
})

test('control: what nobody waits for any more: not done when an engine comes (CT4)', async t => {
  const desk = await deskAt(t)
  const userId = await desk.user(1, 0)
  const params = JSON.stringify({ deposits: [{ userId, amount: 7_000, ref: 'late', note: '' }] })
  const id = await desk.db.pool.oneFirst(sql.type(z.object({ id: z.number() }))`
    insert into control (verb, params, asked_at)
    values ('deposit', ${params}::jsonb, now() - interval '1 minute') returning id`)
  match(String((await desk.answer(id))['failed']), /no engine was there/)
  equal(await balance(desk, userId), 0)
})

test('control: whether an engine is there: as long as its lock is; what is taken back is not done (DC4)', async t => {
  const desk = await deskAt(t)
  equal(await isEngineThere(desk.db.pool), true)
  desk.owner = false
  const asked = await desk.leave('dance', {})
  equal(await takeBack(desk.db.pool, asked), true)
  desk.owner = true
  const answered = await desk.leave('dance', {})
  await desk.answer(answered)
  equal(await takeBack(desk.db.pool, answered), false)
  await desk.stop()
  const left = await openDatabase(database.url)
  t.after(() => left.end())
  equal(await isEngineThere(left.pool), false)
})

test('control: died between doing and noting: done again, and nothing changes (CT2)', async t => {
  const desk = await deskAt(t, { answer: pending })
  const userId = await desk.user(2, 100_000)
  const deposits = [{ userId, amount: 7_000, ref: `twice-${userId}`, note: '' }]
  const id = await desk.leave('deposit', { deposits })
  const first = await desk.answer(id)
  await desk.forget(id)
  deepEqual(await desk.answer(id), first)
  equal(await balance(desk, userId), 107_000)

  const wish = { userId, level: 0, ref: 'A-1', product: 'XLD10', destination: '087812341230' }
  const placed = await desk.call('order.place', wish)
  ok('ok' in placed)
  const { trxId } = placed.ok.order
  await until(
    () => desk.call('order.get', { userId, trxId }),
    answer => 'ok' in answer && answer.ok.next?.what === 'supplier_is_asked',
  )
  const words = { reason: 'called them', by: 'cici' }
  for (const [verdict, left] of [
    ['success', 96_500],
    ['refund', 107_000],
  ] as const) {
    const resolve = await desk.leave('resolve', { trxId, verdict, ...words })
    ok('ok' in ((await desk.answer(resolve))['answer'] as object))
    equal(await balance(desk, userId), left)
    await desk.forget(resolve)
    const { answer } = await desk.answer(resolve)
    equal((answer as { refused: string }).refused, 'ORDER_FINAL')
    equal(await balance(desk, userId), left)
  }
})

test('control: not the owner: it leaves everything to whoever is (CT3)', async t => {
  const desk = await deskAt(t)
  const userId = await desk.user(3, 0)
  desk.owner = false
  const deposits = [{ userId, amount: 7_000, ref: `owner-${userId}`, note: '' }]
  const id = await desk.leave('deposit', { deposits })
  const other = await deskAt(t)
  ok((await other.answer(id))['answers'])
  equal(await balance(other, userId), 7_000)
})
