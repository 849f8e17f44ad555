/** Rules heard and compiled, reasons told and computed again, what-if over a journal. */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { followChanges } from '../../sql/changes.ts'
import { openDatabase, sql, z } from '../../sql/database.ts'
import { compile } from '../catalogue/compile.ts'
import type { Answer } from '../contract/answer.ts'
import { type Scene, sceneAt, until } from '../engine-room.fixture.ts'
import { routingService } from './routing.service.ts'
import { makeTableShelf } from './table-shelf.ts'

const database = await testDatabase()
after(() => database.drop())
const admin = await openDatabase(database.url)
await admin.pool.query(sql.type(z.object({}))`
  insert into product (code, name, category, brand) values ('XLD10', 'XL 10', 'Pulsa', 'XL')`)
await admin.end()

const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}

/** The scene with its rules out of the table. */
async function stageAt(t: TestContext): Promise<Scene> {
  const at = await sceneAt(t, { url: database.url, rules: [] })
  const changes = await followChanges(database.url)
  const shelf = await makeTableShelf({ db: at.db, changes })
  shelf.listen(table => at.router.use(table))
  at.broker.createService(
    routingService({
      db: at.db,
      room: at.room,
      shelf: { book: () => compile(at.shop.rows) },
      router: at.router,
    }),
  )
  await at.broker.waitForServices('routing')
  t.after(async () => {
    await shelf.stop()
    await changes.stop()
  })
  return at
}

const change = async ({ call }: Scene, scope: string, target: string, rule: object | null) =>
  okOf(await call('routing.change', { scope, target, rule, by: 'ani', reason: 'a test' }))

const place = async ({ call }: Scene, userId: string, n: number) => {
  const destination = `08781234${String(1_000 + n)}`
  const params = { userId, level: 0, ref: `A-${n}`, product: 'XLD10', destination }
  const { order } = okOf(await call('order.place', params))
  return until(
    async () => okOf(await call('order.get', { userId, trxId: order.trxId })),
    view => view.status === 'SUCCESS',
  )
}

test('routing service: a rule: is in use without a restart, and taken back again (RTH1, RTA4)', async t => {
  const at = await stageAt(t)
  const userId = await at.user(1)
  equal((await place(at, userId, 1)).attempts[0]!.supplier, 'digi')
  const told = await change(at, 'product', 'XLD10', { pin: ['diva'] })
  const version = 'version' in told ? told.version : -1
  await until(
    () => at.router.table.version,
    one => one === version,
  )
  equal((await place(at, userId, 2)).attempts[0]!.supplier, 'diva')
  await change(at, 'product', 'XLD10', null)
  await until(
    () => at.router.table.version,
    one => one === version + 1,
  )
  equal((await place(at, userId, 3)).attempts[0]!.supplier, 'digi')
  deepEqual(okOf(await at.call('routing.rules', {})), [])
  const history = okOf(await at.call('routing.history', { limit: 10 }))
  deepEqual(
    history.map(row => [row.version, row.rule, row.changedBy]),
    [
      [version + 1, null, 'ani'],
      [version, { pin: ['diva'] }, 'ani'],
    ],
  )
})

test('routing service: a rule that can’t be: is refused with its place, and leaves no row (RTM1)', async t => {
  const at = await stageAt(t)
  const before = okOf(await at.call('routing.history', { limit: 100 })).length
  for (const [scope, target, rule] of [
    ['moon', 'x', {}],
    ['default', 'x', {}],
    ['brand', 'XL', { policy: 'best' }],
    ['supplier', 'digi', { exposure_max: 1.5 }],
    ['product', 'XLD10', { split: { a: 60, b: 60 } }],
  ] as const) {
    const told = await change(at, scope, target, rule)
    ok('problems' in told && told.problems.length === 1, scope)
  }
  equal(okOf(await at.call('routing.history', { limit: 100 })).length, before)
})

test('routing service: why: the record gives the same plan again, whatever the rules are now (RTM2)', async t => {
  const at = await stageAt(t)
  const userId = await at.user(2)
  const plain = await place(at, userId, 1)
  const told = okOf(await at.call('routing.why', { trxId: plain.trxId }))
  deepEqual(
    [told.version, told.policy, told.same, told.plan],
    [null, 'priority', true, ['digi', 'diva']],
  )
  const rule = { policy: 'balanced', exclude: ['digi'] }
  const changed = await change(at, 'brand', 'XL', rule)
  const version = 'version' in changed ? changed.version : -1
  await until(
    () => at.router.table.version,
    one => one === version,
  )
  const order = await place(at, userId, 2)
  await change(at, 'brand', 'XL', null)
  const why = okOf(await at.call('routing.why', { trxId: order.trxId }))
  deepEqual(
    [why.version, why.policy, why.plan, why.recomputed, why.same],
    [version, 'balanced', ['diva'], ['diva'], true],
  )
  deepEqual(
    why.candidates.map(({ supplier, place: at, left }) => [supplier, at, left]),
    [
      ['digi', null, 'excluded'],
      ['diva', 1, null],
    ],
  )
  const none = await at.call('routing.why', { trxId: userId })
  equal('refused' in none && none.refused, 'NOT_FOUND')
  const stand = okOf(await at.call('routing.suppliers', {}))
  deepEqual(stand.map(one => [one.supplier, one.breaker, one.exposure]).sort(), [
    ['digi', 'closed', 0],
    ['diva', 'closed', 0],
  ])
})

test('routing service: why: an order that tried a supplier again: no share of a hundred (RTM2)', async t => {
  const at = await stageAt(t)
  const userId = await at.user(1)
  const { breaker } = at.router.gauges.of('digi')
  breaker.restore({ ...breaker.written(), s: 'half-open' })
  const { trxId } = await place(at, userId, 1)
  const told = okOf(await at.call('routing.why', { trxId }))
  deepEqual([told.plan[0], told.same], ['digi', true])
  deepEqual(
    told.candidates.map(({ supplier, share }) => [supplier, share]),
    [
      ['digi', 0],
      ['diva', 100],
    ],
  )
})

test('routing service: what-if: today’s rules give the recorded choices, others differ, nothing is written (RTM3, RTL1, RTK1)', async t => {
  const at = await stageAt(t)
  const userId = await at.user(3)
  const rows = await at.db.connect()
  t.after(() => rows.end())
  for (let n = 0; n < 5; n++) await place(at, userId, n)
  const from = at.clock.ms - 1
  const lines = async () => (await rows.query('select count(*) as n from journal')).rows[0].n
  const before = await lines()
  const asked = at.asked.length
  const [told, second] = await Promise.all([
    at.call('routing.whatIf', {
      rules: [{ scope: 'default', target: '', rule: { pin: ['diva'] } }],
      from,
    }),
    at.call('routing.whatIf', { rules: [] }),
  ])
  const outcome = okOf(told)
  ok('orders' in outcome)
  ok(outcome.orders >= 5)
  deepEqual([outcome.reproduced, outcome.moved], [outcome.orders, outcome.orders])
  deepEqual(
    outcome.firsts.map(({ supplier, proposed }) => [supplier, proposed]),
    [
      ['digi', 0],
      ['diva', outcome.orders],
    ],
  )
  equal('fault' in second && second.fault, 'OVERLOADED')
  const bad = okOf(
    await at.call('routing.whatIf', { rules: [{ scope: 'x', target: '', rule: {} }] }),
  )
  ok('problems' in bad)
  match(bad.problems[0]!, /scope/)
  deepEqual([await lines(), at.asked.length], [before, asked])
})

test('routing service: what-if: another price book over the journal: both sides priced anew (RTK5, RSF2)', async t => {
  const at = await stageAt(t)
  const userId = await at.user(3)
  for (let n = 0; n < 3; n++) await place(at, userId, n)
  const from = at.clock.ms - 1
  const bad = okOf(
    await at.call('routing.whatIf', { rules: [], prices: [{ op: 'put', rule: {} }], from }),
  )
  ok('problems' in bad)
  match(bad.problems[0]!, /^prices\.0/)
  const told = okOf(await at.call('routing.whatIf', { rules: [], costs: [], from }))
  ok('orders' in told)
  ok(told.orders >= 3)
  equal(told.repriced, 0)
})

test('routing service: health: an ordinary table is well, a row that can’t be is named (RTH2)', async t => {
  const at = await sceneAt(t, { url: database.url, rules: [] })
  const changes = await followChanges(database.url)
  const shelf = await makeTableShelf({ db: at.db, changes })
  t.after(async () => {
    await shelf.stop()
    await changes.stop()
  })
  deepEqual([shelf.health().ok, shelf.health().reason], [true, null])
  const client = await at.db.connect()
  t.after(() => client.end())
  const row = `('brand', 'XL', '{"policy":"best"}', 'ani')`
  await client.query(`insert into routing_rule (scope, target, rule, changed_by) values ${row}`)
  const { reason } = await until(
    () => shelf.health(),
    health => health.reason !== null,
  )
  match(reason!, /brand XL/)
  await client.query('alter table routing_rule rename to hidden')
  await client.query('update product set name = name')
  await client.query(`select laju_changed('routing_rule', null)`)
  await until(
    () => shelf.health(),
    health => !health.ok,
  )
  equal(shelf.table().usual.plain, true)
  await client.query('alter table hidden rename to routing_rule')
  await until(
    () => shelf.health(),
    health => health.ok,
  )
})
