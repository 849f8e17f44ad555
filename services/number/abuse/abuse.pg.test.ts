import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { testDatabase } from '../../../deploy/testing/database.ts'
import { followChanges } from '../../../sql/changes.ts'
import { openDatabase, sql, z } from '../../../sql/database.ts'
import { writeWatch } from '../../../sql/number/watch.ts'
import type { Actions, Call } from '../../contract.ts'
import { until } from '../../engine-room.fixture.ts'
import { makeSeal } from '../../seal.ts'
import { type AbuseLimits, openAbuse, usualLimits } from './abuse.ts'

const nothing = z.object({})
const hourMs = 3_600_000

async function stageAt(t: TestContext, limits: Partial<AbuseLimits> = {}) {
  const database = await testDatabase()
  const db = await openDatabase(database.url)
  const changes = await followChanges(database.url)
  const bans: Actions['clients.ban']['params'][] = []
  const unbans: Actions['clients.unban']['params'][] = []
  const call = (async (action: string, params: never) => {
    ;(action === 'clients.ban' ? bans : unbans).push(params)
    return { ok: {} }
  }) as unknown as Call
  const clock = { now: Date.UTC(2026, 5, 1) }
  const deps = {
    ...{ pool: db.pool, changes, call, seal: makeSeal(Buffer.alloc(32, 7)) },
    ...{ now: () => clock.now, limits: { ...usualLimits, ...limits }, onError: () => {} },
  }
  const abuse = await openAbuse(deps)
  t.after(async () => {
    abuse.stop()
    await changes.stop()
    await db.end()
    await database.drop()
  })
  let users = 0
  async function user(role = 'consumer'): Promise<string> {
    const id = `0193a7c2-4d1e-70a1-9f3c-${String(++users).padStart(12, '0')}`
    await db.pool.query(sql.type(nothing)`
      insert into client (id, username, name, role, rate_per_min)
      values (${id}, ${`user${users}`}, 'Ani', ${role}, 60)`)
    return id
  }
  let keys = 0
  const ask = (userId: string, change: object = {}) => ({
    ...{ key: `key-${++keys}`, userId, serviceId: 'whatsapp', serviceName: 'WhatsApp' },
    ...{ countryId: 'indonesia', address: '10.0.0.1', at: clock.now, ...change },
  })
  async function end(key: string, how: string): Promise<void> {
    await writeWatch(db.pool, { steps: [], events: [], ends: [{ key, how }] })
    await abuse.ended([{ key, how }])
  }
  return { db, deps, abuse, clock, bans, unbans, user, ask, end }
}

test('abuse: the list: by id or by words of the name, in every process at once (ABA1)', async t => {
  const { abuse, deps, ask, user } = await stageAt(t)
  ok(abuse.denies('77', 'DANA'))
  ok(abuse.denies('x', 'Bank Jago'))
  ok(!abuse.denies('whatsapp', 'WhatsApp'))
  ok(!abuse.denies('danamas', 'Danamas'))
  const other = await openAbuse(deps)
  t.after(() => other.stop())
  const word = { reason: 'penipuan', by: 'ani' }
  ok('ok' in (await abuse.deny({ pattern: 'What’s-App', ...word })))
  ok('ok' in (await abuse.deny({ pattern: 'whatsapp', ...word })))
  deepEqual(await abuse.deny({ pattern: ' WhatsApp ', ...word }), {
    ...{ refused: 'ALREADY_EXISTS', moneyEffect: 'none' },
  })
  await until(
    () => other.denies('1', 'WhatsApp Business'),
    isDenied => isDenied,
  )
  deepEqual(await abuse.judge(ask(await user())), { refused: 'SERVICE_BLOCKED' })
  ok('ok' in (await abuse.allow({ pattern: 'whatsapp', by: 'ani' })))
  equal(abuse.denies('1', 'WhatsApp Business'), false)
  equal(abuse.figures().refused.get('denied'), 1)
})

test('abuse: one order: counted once, and not when it never came to be (ABA2)', async t => {
  const { abuse, ask, user } = await stageAt(t, { openMax: { consumer: 2, reseller: 9 } })
  const userId = await user()
  const first = ask(userId)
  for (let n = 0; n < 5; n++) equal(await abuse.judge(first), null)
  const second = ask(userId)
  equal(await abuse.judge(second), null)
  equal((await abuse.judge(ask(userId)))?.refused, 'RENTAL_LIMIT')
  await abuse.forget(second.key)
  equal(await abuse.judge(ask(userId)), null)
})

test('abuse: many at once: so many wait as may, no one more (ABA3)', async t => {
  const { abuse, ask, user, end, clock } = await stageAt(t, {
    openMax: { consumer: 3, reseller: 9 },
  })
  const userId = await user()
  const asks = Array.from({ length: 12 }, () => ask(userId))
  const verdicts = await Promise.all(asks.map(one => abuse.judge(one)))
  equal(verdicts.filter(one => one === null).length, 3)
  const letIn = asks.filter((_, at) => verdicts[at] === null)
  await end(letIn[0]!.key, 'code')
  equal(await abuse.judge(ask(userId)), null)
  equal((await abuse.judge(ask(userId)))?.refused, 'RENTAL_LIMIT')
  clock.now += 2 * hourMs
  equal(await abuse.judge(ask(userId, { at: clock.now })), null, 'what never ended was no rental')
})

test('abuse: too many in an hour: told when there is room, and up for review (ABA4, ABA7)', async t => {
  const { abuse, ask, user, clock, end } = await stageAt(t, {
    perHour: { consumer: 2, reseller: 5 },
    addressPerHour: 4,
  })
  const userId = await user()
  const went = [ask(userId), ask(userId, { at: clock.now + 60_000 })]
  for (const one of went) equal(await abuse.judge(one), null)
  for (const one of went) await end(one.key, 'code')
  const at = clock.now + hourMs / 2
  const refused = await abuse.judge(ask(userId, { at }))
  deepEqual(refused, { refused: 'RENTAL_LIMIT', retryAfterMs: hourMs / 2 })
  await abuse.judge(ask(userId, { at }))
  equal(await abuse.judge(ask(userId, { at: clock.now + hourMs })), null)
  const neighbour = await user()
  equal((await abuse.judge(ask(neighbour, { at })))?.refused, undefined)
  const third = await user()
  equal((await abuse.judge(ask(third, { at })))?.refused, 'RENTAL_LIMIT')
  equal(await abuse.judge(ask(await user('reseller'), { at })), null)
  const told = await abuse.reviews({ open: true, cursor: null, limit: 10 })
  ok('ok' in told)
  deepEqual(
    told.ok.rows.map(({ userId, why, value, threshold }) => [userId, why, value, threshold]),
    [
      [third, 'ADDRESS_RATE', 4, 4],
      [userId, 'USER_RATE', 2, 2],
    ],
  )
  deepEqual(Object.fromEntries(abuse.figures().refused), { client: 2, address: 1 })
})

test('abuse: many of one address at once: so many as may, no one more (ABA4)', async t => {
  const { abuse, ask, user } = await stageAt(t, { addressPerHour: 5 })
  const people = await Promise.all(Array.from({ length: 24 }, () => user()))
  const verdicts = await Promise.all(people.map(userId => abuse.judge(ask(userId))))
  equal(verdicts.filter(one => one === null).length, 5)
  const shop = await user('reseller')
  equal(await abuse.judge(ask(shop)), null)
})

test('abuse: many whom one pays for, at once: so many as may, whatever their address (ABA4)', async t => {
  const { abuse, ask, user, clock } = await stageAt(t, { payerPerHour: 4, payerClientsMax: 99 })
  const people = await Promise.all(Array.from({ length: 16 }, () => user()))
  for (const userId of people) await abuse.paid({ userId, payer: 'DANA 0812****99' })
  await abuse.paid({ userId: people[0]!, payer: 'OVO 0813****11' })
  const asks = people.map((userId, n) => ask(userId, { address: `10.0.${n}.0` }))
  const verdicts = await Promise.all(asks.map(one => abuse.judge(one)))
  equal(verdicts.filter(one => one === null).length, 4)
  for (const one of verdicts) {
    if (one !== null) deepEqual(one, { refused: 'RENTAL_LIMIT', retryAfterMs: hourMs })
  }
  const told = await abuse.reviews({ open: true, cursor: null, limit: 20 })
  ok('ok' in told)
  deepEqual(new Set(told.ok.rows.map(({ why }) => why)), new Set(['PAYER_RATE']))
  equal(abuse.figures().refused.get('payer'), 12)
  equal(await abuse.judge(ask(await user())), null)
  const at = clock.now + hourMs
  equal(await abuse.judge(ask(people[15]!, { at, address: '10.9.9.0' })), null)
})

test('abuse: nearly all given back: banned for hours, once, and up for review (ABA5)', async t => {
  const { abuse, ask, user, end, bans, clock } = await stageAt(t, { endedMin: 4, backPercent: 75 })
  const userId = await user()
  const quiet = await user()
  for (const how of ['given_back', 'given_back', 'code', 'no_code', 'given_back', 'given_back']) {
    const one = ask(userId)
    equal(await abuse.judge(one), null)
    await end(one.key, how)
    const other = ask(quiet)
    equal(await abuse.judge(other), null)
    await end(other.key, how === 'given_back' ? 'no_code' : 'code')
  }
  deepEqual(bans, [
    { userId, reason: 'CANCEL_RATIO', until: clock.now + usualLimits.banMs, by: 'system' },
  ])
  const told = await abuse.reviews({ open: true, cursor: null, limit: 10 })
  ok('ok' in told)
  deepEqual(
    told.ok.rows.map(one => [one.userId, one.why, one.value, one.bannedUntil]),
    [[userId, 'CANCEL_RATIO', 75, clock.now + usualLimits.banMs]],
  )
  equal(abuse.figures().bans, 1)
})

test('abuse: a reseller gave nearly all back: up for review, and not banned (ABA5)', async t => {
  const { abuse, ask, user, end, bans } = await stageAt(t, { endedMin: 1, backPercent: 50 })
  const one = ask(await user('reseller'))
  await abuse.judge(one)
  await end(one.key, 'given_back')
  deepEqual(bans, [])
  const told = await abuse.reviews({ open: true, cursor: null, limit: 10 })
  ok('ok' in told)
  deepEqual(
    told.ok.rows.map(({ why, bannedUntil }) => [why, bannedUntil]),
    [['CANCEL_RATIO', null]],
  )
})

test('abuse: a code, then the money back by hand: it was no giving back (ABA5)', async t => {
  const { abuse, ask, user, end, bans } = await stageAt(t, { endedMin: 1, backPercent: 1 })
  const one = ask(await user())
  await abuse.judge(one)
  await end(one.key, 'code')
  await end(one.key, 'given_back')
  equal(bans.length, 0)
})

test('abuse: one payer of many: the newest comes up for review, the payer is not kept (ABA6)', async t => {
  const { db, abuse, user } = await stageAt(t, { payerClientsMax: 2 })
  const people = [await user(), await user(), await user()]
  for (const userId of people) {
    await abuse.paid({ userId, payer: 'DANA 0812****99' })
    await abuse.paid({ userId, payer: 'DANA 0812****99' })
  }
  const told = await abuse.reviews({ open: true, cursor: null, limit: 10 })
  ok('ok' in told)
  deepEqual(
    told.ok.rows.map(one => [one.userId, one.why]),
    [[people[2], 'PAYER_SHARED']],
  )
  const rows = await db.pool.any(sql.type(z.object({ payer: z.string() }))`
    select distinct payer from number_payer`)
  equal(rows.length, 1)
  ok(!rows[0]!.payer.includes('DANA'))
})

test('abuse: a verdict: decided once, and what it says is done (ABA7)', async t => {
  const { abuse, user, bans, unbans, clock } = await stageAt(t, { payerClientsMax: 0 })
  const [one, other] = [await user(), await user()]
  for (const userId of [one, other]) await abuse.paid({ userId, payer: 'p' })
  const told = await abuse.reviews({ open: true, cursor: null, limit: 1 })
  ok('ok' in told && told.ok.next !== null)
  const rest = await abuse.reviews({ open: true, cursor: told.ok.next, limit: 1 })
  ok('ok' in rest && rest.ok.next === null)
  const [newest, oldest] = [told.ok.rows[0]!, rest.ok.rows[0]!]
  const word = { hours: 48, reason: 'penipuan', by: 'ani' }
  const verdicts = await Promise.all([
    abuse.decide({ id: newest.id, verdict: 'ban', ...word }),
    abuse.decide({ id: newest.id, verdict: 'clear', ...word }),
  ])
  ok('ok' in verdicts[0] && verdicts[0].ok.decidedBy === 'ani')
  ok('refused' in verdicts[1] && verdicts[1].refused === 'ALREADY_DECIDED')
  const until = clock.now + 48 * hourMs
  deepEqual(bans, [{ userId: other, reason: 'penipuan', until, by: 'ani' }])
  ok('ok' in (await abuse.decide({ id: oldest.id, verdict: 'clear', ...word })))
  deepEqual(unbans, [{ userId: one, reason: 'penipuan', by: 'ani' }])
  const unknown = await abuse.decide({ id: 999, verdict: 'clear', ...word })
  ok('refused' in unknown && unknown.refused === 'NOT_FOUND')
  await abuse.countOpen()
  equal(abuse.figures().open, 0)
})

test('abuse: half a year later: who rented and who paid is gone, the young stays (ABA9)', async t => {
  const { db, abuse, ask, user, clock } = await stageAt(t)
  const userId = await user()
  equal(await abuse.judge(ask(userId)), null)
  await abuse.paid({ userId, payer: 'p' })
  clock.now += 181 * 24 * hourMs
  const young = ask(userId, { at: clock.now })
  equal(await abuse.judge(young), null)
  await abuse.forgetOld()
  const rows = await db.pool.any(sql.type(z.object({ key: z.string() }))`
    select key from number_rental union all select payer from number_payer`)
  deepEqual(
    rows.map(({ key }) => key),
    [young.key],
  )
})

test('abuse: the database is away: nobody is let in (ABA8)', async t => {
  const { abuse, ask, user, deps } = await stageAt(t)
  const userId = await user()
  const broken = await openAbuse({
    ...deps,
    pool: {
      ...deps.pool,
      any: deps.pool.any.bind(deps.pool),
      transaction: () => Promise.reject(new Error('gone')),
    } as never,
  })
  t.after(() => broken.stop())
  await rejects(broken.judge(ask(userId)))
  equal(await abuse.judge(ask(userId)), null)
})
