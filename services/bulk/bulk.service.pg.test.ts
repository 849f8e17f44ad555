import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { sql, z } from '../../sql/database.ts'
import type { Actions } from '../contract.ts'
import { type Scene, sceneAt, until } from '../engine-room.fixture.ts'
import { type BulkDeps, bulkService } from './bulk.service.ts'

/** One for each test: what an earlier one left under way would go on in the next. */
const database = databasesOfFile(after)

type Read = Extract<Actions['bulk.read']['result'], { ok: unknown }>['ok']

/** A node that works lists. */
async function nodeOf(t: TestContext, at?: string): Promise<Scene> {
  const scene = await sceneAt(t, { url: at ?? (await database()) })
  const { db, call } = scene
  const deps = { db, call, now: () => scene.clock.ms, isOwner: () => true }
  const service = scene.broker.createService(bulkService(deps))
  await scene.broker.waitForServices(service.name)
  return scene
}

const rowsOf = (count: number, tag: string, from = 0) =>
  Array.from({ length: count }, (_, n) => ({
    ...{ ref: `${tag}-${n + 1}`, product: 'XLD10' },
    destination: `0878${String(10_000_000 + from + n)}`,
  }))

async function start(
  { call }: Scene,
  userId: string,
  ref: string,
  rows: ReturnType<typeof rowsOf>,
) {
  const answer = await call('bulk.start', { userId, ref, rows })
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok.jobId
}

async function read({ call }: Scene, userId: string, jobId: string): Promise<Read> {
  const answer = await call('bulk.read', { userId, jobId, after: 0, limit: 500 })
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}

test('bulk: a list: every row becomes an order or says why not (BUA2)', async t => {
  const node = await nodeOf(t)
  const userId = await node.user(1, 10_500 * 3)
  const rows = [...rowsOf(4, 'a'), { ref: 'a-5', product: 'NOPE', destination: '087811111111' }]
  const jobId = await start(node, userId, 'list', rows)
  const told = await until(
    () => read(node, userId, jobId),
    ({ tally }) => tally.waiting === 0 && tally.success === 3,
  )
  deepEqual([told.tally.placed, told.tally.refused, told.rows.length], [3, 2, 5])
  const codes = told.rows.flatMap(row => (row.code === null ? [] : [row.code])).sort()
  deepEqual(codes, ['INSUFFICIENT_BALANCE', 'PRODUCT_UNKNOWN'])
  equal(node.asked.length, 3)
})

test('bulk: the same reference: the same list, and other rows are refused (BUA1)', async t => {
  const node = await nodeOf(t)
  const userId = await node.user(2)
  const jobId = await start(node, userId, 'once', rowsOf(2, 'b'))
  equal(await start(node, userId, 'once', rowsOf(2, 'b')), jobId)
  const other = await node.call('bulk.start', { userId, ref: 'once', rows: rowsOf(3, 'b') })
  equal('refused' in other && other.refused, 'DUPLICATE_REF')
  await until(
    () => read(node, userId, jobId),
    ({ tally }) => tally.success === 2,
  )
  equal(node.asked.length, 2)
})

test('bulk: somebody else’s list: not found', async t => {
  const node = await nodeOf(t)
  const jobId = await start(node, await node.user(1), 'mine', rowsOf(1, 'c'))
  const other = await node.user(1)
  const answer = await node.call('bulk.read', { userId: other, jobId, after: 0, limit: 5 })
  equal('refused' in answer && answer.refused, 'NOT_FOUND')
})

test('bulk: a process dies in the middle: the next goes on, nothing is bought twice (BUA4)', async t => {
  let isAlive = true
  let placed = 0
  const url = await database()
  const first = await sceneAt(t, { url })
  const dying: BulkDeps = {
    db: first.db,
    now: () => first.clock.ms,
    isOwner: () => isAlive,
    // The order is placed, and the process is gone before it can note that.
    call: async (action, params) => {
      const answer = await first.call(action, params)
      if (action === 'order.place' && ++placed >= 10) isAlive = false
      return action === 'order.place' && !isAlive
        ? (Promise.reject(new Error('gone')) as never)
        : answer
    },
  }
  first.broker.createService(bulkService(dying))
  const userId = await first.user(3, 10_500 * 40)
  const jobId = await start(first, userId, 'long', rowsOf(40, 'd'))
  await until(
    () => isAlive,
    alive => !alive,
  )
  await first.stop()
  const next = await nodeOf(t, url)
  const told = await until(
    () => read(next, userId, jobId),
    ({ tally }) => tally.success === 40,
  )
  equal(told.tally.refused, 0)
  const refs = [...first.asked, ...next.asked].map(one => String(one['ref_id']))
  equal(new Set(refs).size, refs.length)
})

test('bulk: a short list beside a long one: does not wait for its end (BUA3)', async t => {
  const node = await nodeOf(t)
  const userId = await node.user(1, 10_500 * 400)
  const long = await start(node, userId, 'very long', rowsOf(300, 'e'))
  const other = await node.user(2)
  const short = await start(node, other, 'short', rowsOf(1, 'f'))
  await until(
    () => read(node, other, short),
    ({ tally }) => tally.placed === 1,
  )
  ok((await read(node, userId, long)).tally.waiting > 0)
})

/** A client as the office keeps one: `user` makes no more than a wallet. */
async function clientOf(node: Scene, orderRate: number, deposit: number): Promise<string> {
  const userId = await node.user(1, deposit)
  await node.db.pool.query(sql.type(z.object({}))`
    insert into client (id, username, name, rate_per_min)
    values (${userId}, ${userId.slice(-12)}, 'Toko', ${orderRate})`)
  return userId
}

test('bulk: a client’s rate of orders: lists keep it, all together (BUA5)', async t => {
  const node = await nodeOf(t)
  const userId = await clientOf(node, 5, 10_500 * 12)
  const jobs = [
    await start(node, userId, 'one', rowsOf(6, 'g')),
    await start(node, userId, 'two', rowsOf(6, 'h', 50)),
  ]
  const quick = await clientOf(node, 0, 10_500 * 20)
  const free = await start(node, quick, 'free', rowsOf(20, 'i'))
  const placed = async () => {
    const all = await Promise.all(jobs.map(job => read(node, userId, job)))
    return all.reduce((sum, { tally }) => sum + tally.placed, 0)
  }
  await until(placed, count => count === 5)
  await until(
    () => read(node, quick, free),
    ({ tally }) => tally.placed === 20,
  )
  await new Promise(resolve => setTimeout(resolve, 1_500))
  equal(await placed(), 5)
  node.clock.ms += 24_000
  await until(placed, count => count === 7)
  await new Promise(resolve => setTimeout(resolve, 1_500))
  equal(await placed(), 7)
  node.clock.ms += 60_000
  await until(placed, count => count === 12)
})

test('bulk: many lists of one client: another client’s does not wait for them (BUA3)', async t => {
  const node = await nodeOf(t)
  const userId = await node.user(1, 10_500 * 2_000)
  const lists: string[] = []
  for (let n = 0; n < 12; n++) lists.push(await start(node, userId, `l-${n}`, rowsOf(100, `j${n}`)))
  const others = await Promise.all(Array.from({ length: 9 }, () => node.user(2)))
  const short: string[] = []
  for (const other of others) short.push(await start(node, other, 'short', rowsOf(1, 'k')))
  for (const [n, other] of others.entries()) {
    await until(
      () => read(node, other, short[n]!),
      ({ tally }) => tally.placed === 1,
    )
  }
  for (const list of lists) ok((await read(node, userId, list)).tally.waiting > 0)
})
