/** Markup rules in the table, compiled, heard by others, changed and looked at before. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ServiceBroker } from 'moleculer'
import { testDatabase } from '../../deploy/testing/database.ts'
import { followChanges } from '../../sql/changes.ts'
import { openDatabase, sql, z } from '../../sql/database.ts'
import type { Answer } from '../contract/answer.ts'
import type { MarkupPlace, MarkupWords } from '../contract/number-admin.ts'
import type { Call } from '../contract.ts'
import { until } from '../engine-room.fixture.ts'
import { markupService, type PricedOffer } from './markup.service.ts'
import { makeMarkupShelf } from './markup-shelf.ts'
import { makeNames, type Said } from './names.ts'
import { priceOf, usualRule } from './pricing.ts'

const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}
const anywhere: MarkupPlace = { level: 0, service: '', country: '', operator: '' }
const fixed = (amount: number): MarkupWords => ({ kind: 'fixed', rounding: 'exact', fixed: amount })
const offer = (service: string, country: string, cost: number): PricedOffer => ({
  ...{ service, country, cost, operator: 'any' },
  ...{ serviceName: service.toUpperCase(), countryName: country.toUpperCase() },
})

async function stageAt(t: TestContext, offers: () => Iterable<PricedOffer> = () => []) {
  const database = await testDatabase()
  const db = await openDatabase(database.url)
  const changes = await followChanges(database.url)
  const said: Said[] = []
  const shelf = await makeMarkupShelf({ db, changes, names: () => makeNames(said) })
  const broker = new ServiceBroker({ logger: false })
  broker.createService(markupService({ db, shelf, offers }))
  await broker.start()
  t.after(async () => {
    await broker.stop()
    shelf.stop()
    await changes.stop()
    await db.end()
    await database.drop()
  })
  const call: Call = (action, params) => broker.call(action, params) as never
  const change = (place: Partial<MarkupPlace>, rule: MarkupWords | null, version?: number) =>
    call('markup.change', {
      ...{ place: { ...anywhere, ...place }, rule, by: 'ani', reason: 'harga baru' },
      version: version ?? shelf.version(),
    })
  return { database, db, changes, shelf, call, change, said }
}

test('markup: a change: in the prices when it is answered, with who and why (MUB3) (MUC2)', async t => {
  const { shelf, call, change } = await stageAt(t)
  equal(shelf.price(0, 'warung', 'wakanda', 'any', 1_000), priceOf(usualRule, 1_000))
  const { version } = okOf(await change({ service: 'warung' }, fixed(700)))
  equal(shelf.price(0, 'warung', 'wakanda', 'any', 1_000), 1_700)
  equal(shelf.version(), version)
  const { rules } = okOf(await call('markup.rules', {}))
  deepEqual(rules[0]!.place, { ...anywhere, service: 'warung' })
  deepEqual([rules[0]!.by, rules[0]!.reason, rules[0]!.rule], ['ani', 'harga baru', fixed(700)])
})

test('markup: taken back: the next rule holds, and both stand in the history (MUC2)', async t => {
  const { shelf, call, change } = await stageAt(t)
  okOf(await change({ level: 2 }, fixed(10)))
  okOf(await change({}, fixed(500)))
  okOf(await change({ level: 2 }, null))
  equal(shelf.price(2, 'warung', 'wakanda', 'any', 1_000), 1_500)
  const page = okOf(await call('markup.history', { limit: 2 }))
  deepEqual(
    page.rows.map(({ place, rule }) => [place.level, rule]),
    [
      [2, null],
      [0, fixed(500)],
    ],
  )
  const rest = okOf(await call('markup.history', { limit: 2, before: page.next! }))
  deepEqual([rest.rows.length, rest.next], [1, null])
})

test('markup: of an old version, or impossible: refused, and no row is left (MUC1)', async t => {
  const { call, change } = await stageAt(t)
  okOf(await change({}, fixed(1)))
  const refusals = [
    await change({}, fixed(2), 0),
    await change({}, fixed(-1)),
    await change({}, { kind: 'tiered', rounding: 'exact', steps: [] }),
    await change({ service: 'toko' }, null),
  ].map(answer => ('refused' in answer ? [answer.refused, answer.details?.['problem']] : answer))
  deepEqual(refusals, [
    ['STALE_VERSION', undefined],
    ['RULES_INVALID', 'amount_out_of_range'],
    ['RULES_INVALID', 'steps_missing'],
    ['NOT_FOUND', undefined],
  ])
  equal(okOf(await call('markup.history', { limit: 10 })).rows.length, 1)
})

test('markup: many change the same version at once: one is in, the others are told (MUC1)', async t => {
  const { call, change } = await stageAt(t)
  const version = okOf(await call('markup.rules', {})).version
  const answers = await Promise.all([1, 2, 3, 4, 5].map(n => change({}, fixed(n), version)))
  equal(answers.filter(answer => 'ok' in answer).length, 1)
  equal(okOf(await call('markup.history', { limit: 10 })).rows.length, 1)
})

test('markup: rules about words that lead to one of ours: about that one, the newer counts (MUG1)', async t => {
  const { shelf, call, change, said } = await stageAt(t)
  // Written when these were two things.
  okOf(await change({ country: 'wakanda' }, fixed(100)))
  okOf(await change({ country: 'birnin' }, fixed(200)))
  said.push({ kind: 'country', word: 'birnin', id: 'wakanda', name: null })
  await shelf.renew()
  equal(shelf.price(0, 'warung', 'wakanda', 'any', 1_000), 1_200)
  equal(okOf(await call('markup.rules', {})).rules.length, 1)
  // Under whichever word it is taken back, it is gone, and so is the older.
  okOf(await change({ country: 'birnin' }, null))
  equal(shelf.price(0, 'warung', 'wakanda', 'any', 1_000), priceOf(usualRule, 1_000))
  okOf(await change({ service: 'wa', country: 'usa' }, fixed(300)))
  equal(shelf.price(0, 'whatsapp', 'united-states', 'any', 1_000), 1_300)
})

test('markup: another process: hears of it without a restart (MUB1)', async t => {
  const { database, db, change } = await stageAt(t)
  const changes = await followChanges(database.url)
  const other = await makeMarkupShelf({ db, changes, names: () => makeNames([]) })
  t.after(() => changes.stop())
  let told = 0
  other.listen(() => told++)
  okOf(await change({ country: 'wakanda' }, fixed(777)))
  equal(
    await until(
      () => other.price(0, 'warung', 'wakanda', 'any', 1_000),
      seen => seen === 1_777,
    ),
    1_777,
  )
  ok(told > 0)
  other.stop()
})

test('markup: a row that nobody can read: the old book stays, and health says so (MUB2)', async t => {
  const { db, shelf, change } = await stageAt(t)
  okOf(await change({}, fixed(777)))
  await db.pool.query(sql.type(z.object({}))`
    insert into number_markup (level, service, country, operator, rule, changed_by, reason)
    values (0, 'warung', '', '', '{"kind":"magic"}', 'x', 'x')`)
  const told = await until(shelf.health, part => !part.ok)
  ok(told.reason?.startsWith('number-markup is as it was'))
  equal(shelf.price(0, 'warung', 'wakanda', 'any', 1_000), 1_777)
})

test('markup: the preview: says what the change then does, and whom it concerns (MUC3)', async t => {
  const offers = [
    offer('warung', 'wakanda', 1_000),
    offer('warung', 'us', 4_000),
    offer('toko', 'wakanda', 2_000),
  ]
  const { db, shelf, call, change } = await stageAt(t, () => offers)
  await db.pool.query(sql.type(z.object({}))`
    insert into client (id, username, name, level, role, status)
    select gen_random_uuid(), 'u' || n, 'U', n % 2, 'reseller', 'active'
      from generate_series(1, 5) as n`)
  okOf(await change({}, fixed(500)))
  okOf(await change({ level: 1 }, fixed(100)))
  const wish = { place: { ...anywhere, service: 'warung' }, rule: fixed(900) }
  const told = okOf(await call('markup.preview', wish))
  deepEqual([told.offers, told.looked, told.raised, told.lowered], [2, 2, 2, 0])
  deepEqual([told.levels, told.people], [[0], 2])
  const before = offers.map(one => shelf.price(0, one.service, one.country, 'any', one.cost))
  okOf(await change(wish.place, wish.rule))
  const after = offers.map(one => shelf.price(0, one.service, one.country, 'any', one.cost))
  deepEqual(
    told.moves.map(({ service, country, was, becomes }) => [service, country, was, becomes]),
    offers.flatMap(({ service, country }, n) =>
      before[n] === after[n] ? [] : [[service, country, before[n], after[n]]],
    ),
  )
})

test('markup: a long preview: others work in between, and only one is made at a time (MUC4)', async t => {
  let turns = 0
  function* many() {
    for (let n = 0; n < 10_000; n++) yield offer('warung', `c${n}`, 1_000)
  }
  const { call } = await stageAt(t, many)
  const wish = { place: anywhere, rule: fixed(1) }
  const count = () => {
    turns++
    if (turns < 1_000) setImmediate(count)
  }
  count()
  const [first, second] = await Promise.all([
    call('markup.preview', wish),
    call('markup.preview', wish),
  ])
  equal(okOf(first).offers, 10_000)
  equal('fault' in second && second.fault, 'OVERLOADED')
  ok(turns > 3)
})
