import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { makeId } from '../../engine/ids.ts'
import { openDatabase } from '../../sql/database.ts'
import { breakerTerms } from './breaker.ts'
import { Gauges } from './gauges.ts'
import { windowMs } from './sliding-counts.ts'
import { Stands } from './stands.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const client = await db.connect()
after(async () => {
  await client.end()
  await db.end()
  await database.drop()
})
beforeEach(() => client.query('truncate supplier_stand'))

const begin = 1_800_000_000_000

/** One program's memory; `now` is the clock of its table. */
function open({ now = begin, isOwner = (): boolean => true } = {}) {
  const gauges = new Gauges()
  const problems: unknown[] = []
  const clock = { now }
  const stands = new Stands({
    ...{ db, gauges, isOwner, now: () => clock.now },
    onError: cause => problems.push(cause),
  })
  let orders = 0
  const tell = (supplier: string, at: number, isGood: boolean, product = 'P') => {
    const n = ++orders
    const id = makeId(at, 0, n.toString(16).padStart(16, '0'))
    const feed = (when: number, ...events: object[]) =>
      gauges.feed({ kind: 'order', version: 1, id, at: when, events } as never, `k${n}`)
    feed(
      at,
      { type: 'placed', product, plan: [] },
      { type: 'dispatched', n: 1, supplier, cost: 10_000 },
    )
    const word = { n: 1, via: 'reply', code: '02', cost: 10_000, balance: 777_000 }
    if (isGood) feed(at + 800, { type: 'delivered', ...word })
    else feed(at + 800, { type: 'attempt_failed', ...word }, { type: 'failed' })
  }
  const standing = (supplier: string, at: number, product = 'P') => {
    const gauge = gauges.of(supplier)
    const { success, ms, share, barred } = gauge.candidate(gauge.pair(product), 10_000, at)
    gauge.latencies.roll(at)
    const { balance, latencies, breaker } = gauge
    return [success, ms, share, barred, balance, latencies.quantile(95), breaker.state]
  }
  return { gauges, stands, problems, clock, tell, standing }
}

test('stands: written, then killed: every supplier stands as it stood (RSE1)', async () => {
  const before = open()
  for (let n = 0; n < 60; n++) before.tell('good', begin + n * 10, n % 10 !== 0)
  for (let n = 0; n < 12; n++) before.tell('bad', begin + n * 10, false)
  before.tell('good', begin, true, 'Q')
  await before.stands.write()
  const fresh = open()
  await fresh.stands.restore()
  const at = begin + 2_000
  for (const supplier of ['good', 'bad']) {
    deepEqual(fresh.standing(supplier, at), before.standing(supplier, at))
  }
  deepEqual(fresh.standing('good', at, 'Q'), before.standing('good', at, 'Q'))
  equal(fresh.gauges.of('bad').breaker.state, 'open')
  ok(fresh.gauges.of('good').breaker.counts.ok > 50)
  deepEqual([...before.problems, ...fresh.problems], [])
})

test('stands: a breaker turns: written by itself, without waiting for the beat (RSE1)', async () => {
  const { stands, tell } = open()
  stands.start()
  for (let n = 0; n < breakerTerms.runShort; n++) tell('bad', begin, false)
  for (let rows = 0; rows === 0; ) {
    const found = await client.query(`select from supplier_stand where not calm and product = ''`)
    rows = found.rowCount ?? 0
  }
  await stands.stop()
})

test('stands: long ago: counts do not come back, an open breaker does (RSE2)', async () => {
  const before = open()
  for (let n = 0; n < 30; n++) before.tell('good', begin, n % 3 !== 0)
  for (let n = 0; n < 12; n++) before.tell('bad', begin, false)
  await before.stands.write()
  const later = open({ now: begin + windowMs + 60_000 })
  await later.stands.restore()
  deepEqual([...later.gauges.suppliers.keys()], ['bad'])
  equal(later.gauges.of('bad').breaker.state, 'open')
  equal(later.standing('bad', later.clock.now)[0], 950)
})

test('stands: many products: several bounded writes, and only what changed (RSE3)', async () => {
  const { stands, tell } = open()
  for (let n = 0; n < 700; n++) tell('a', begin, true, `P${n}`)
  const count = async () => (await client.query('select from supplier_stand')).rowCount
  await stands.write()
  equal(await count(), 500)
  await stands.write()
  equal(await count(), 701)
  const fresh = open()
  fresh.gauges.of('a')
  const { rest } = await fresh.stands.restore()
  ok(fresh.gauges.of('a').pairs.size < 500)
  const heard = fresh.gauges.of('a').pair('P99')
  heard.hear(begin, 'k', { ok: false, ms: 0 })
  await rest
  equal(fresh.gauges.of('a').pairs.size, 700)
  deepEqual([heard.counts.ok, heard.counts.bad], [0, 1])
  await client.query('truncate supplier_stand')
  tell('a', begin, true, 'P9')
  await stands.write()
  equal(await count(), 2)
})

test('stands: who does not own the shards: writes nothing; who did, once more (RSE4)', async () => {
  let owns = false
  const { stands, tell } = open({ isOwner: () => owns })
  const count = async () => (await client.query('select from supplier_stand')).rowCount
  tell('a', begin, true)
  await stands.write()
  equal(await count(), 0)
  owns = true
  await stands.write()
  equal(await count(), 2)
  owns = false
  tell('a', begin, true, 'Q')
  await stands.stop()
  equal(await count(), 3)
})

test('stands: a row that can’t be read, a table that is gone: the rest goes on (RSE4)', async () => {
  const { stands, tell, problems } = open()
  tell('a', begin, true)
  await stands.write()
  await client.query(`insert into supplier_stand values ('b', '', now(), true, '{"b": 1}')`)
  const fresh = open()
  await fresh.stands.restore()
  deepEqual([...fresh.gauges.suppliers.keys()], ['a'])
  await client.query('alter table supplier_stand rename to supplier_stand_gone')
  try {
    await fresh.stands.restore()
    equal(fresh.problems.length, 1)
    tell('a', begin, true)
    await stands.write()
    await stands.write()
    equal(problems.length, 1)
  } finally {
    await client.query('alter table supplier_stand_gone rename to supplier_stand')
  }
  await stands.write()
  equal(problems.length, 1)
})
