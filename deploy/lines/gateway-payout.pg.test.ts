/** What gateways paid out to us, noted by finance. */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, type TestContext, test } from 'node:test'
import { cash, gateway, gatewayFee } from '../../actors/chart.ts'
import { Payouts } from '../../services/deposit/gateway/payouts.ts'
import { takePayout } from '../../sql/money/gateway-payouts.ts'
import { databasesOfFile } from '../testing/database.ts'
import {
  becomes,
  type Counter,
  counterAt,
  create,
  okOf,
  refusedOf,
  sound,
} from './deposit.fixture.ts'

const database = databasesOfFile(after)

async function counter(t: TestContext): Promise<Counter> {
  return await counterAt(t, await database())
}

const today = (): string => new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10)

/** Somebody has paid in so much, in the users' own shards. */
async function collected(at: Counter, ...amounts: readonly number[]): Promise<void> {
  for (const amount of amounts) {
    const made = await create(at, at.user(), { amount })
    await at.oracle('pay', { qr_string: made.pay['qr_string'] })
    await becomes(at, made, 'success')
  }
}

const owedBy = async ({ call }: Counter, code: string) =>
  okOf(await call('intent.gateways', {})).rows.find(one => one.code === code)?.owed

test('payout: a gateway pays out: cash and its fee, off what it owes, once (GWM1, GWM3, Z55)', async t => {
  const at = await counter(t)
  await collected(at, 20_000, 30_000)
  const owed = -at.balance(gateway('atlantic'))
  equal(await owedBy(at, 'atlantic'), owed)
  const wish = {
    ...{ gateway: 'atlantic', ref: 'WD-1', amount: 40_000, fee: 2_500, day: today() },
    by: randomUUID(),
  }
  const [first, again] = await Promise.all([
    at.call('intent.payout', wish),
    at.call('intent.payout', wish),
  ])
  const made = okOf(first!)
  deepEqual(okOf(again!), made)
  deepEqual([made.status, made.amount, made.fee, made.by], ['done', 40_000, 2_500, wish.by])
  equal(await owedBy(at, 'atlantic'), owed - 42_500)
  deepEqual([at.balance(cash), at.balance(gatewayFee)], [-40_000, -2_500])
  for (const other of [{ amount: 39_999 }, { fee: 0 }, { day: '2026-01-01' }]) {
    const told = await at.call('intent.payout', { ...wish, ...other })
    match(refusedOf(told), /DUPLICATE_REF|FIELDS_INVALID/)
  }
  // Another gateway may use the same word, and owes nothing.
  const elsewhere = await at.call('intent.payout', { ...wish, gateway: 'rumahotp' })
  deepEqual(refusedOf(elsewhere), 'PAYOUT_LIMIT')
  equal(refusedOf(await at.call('intent.payout', { ...wish, gateway: 'nobody' })), 'NOT_FOUND')
  const { rows } = okOf(await at.call('intent.payouts', { gateway: 'atlantic', limit: 10 }))
  deepEqual(rows, [made])
  await sound(at)
})

test('payout: more than it owes: refused with what it owes, however many tell at once (GWM2)', async t => {
  const at = await counter(t)
  await collected(at, 20_000)
  const by = randomUUID()
  const tell = (ref: string, amount: number, fee: number) =>
    at.call('intent.payout', { gateway: 'atlantic', ref, amount, fee, day: today(), by })
  deepEqual(await tell('WD-0', 19_700, 1), {
    ...{ refused: 'PAYOUT_LIMIT', details: { owed: 19_700 }, moneyEffect: 'none' },
  })
  const answers = await Promise.all(['A', 'B', 'C'].map(ref => tell(ref, 9_000, 500)))
  deepEqual(answers.map(one => ('ok' in one ? 'ok' : refusedOf(one))).toSorted(), [
    ...['PAYOUT_LIMIT', 'ok', 'ok'],
  ])
  equal(await owedBy(at, 'atlantic'), 700)
  equal(okOf(await tell('D', 700, 0)).feeTransferId, null)
  equal(await owedBy(at, 'atlantic'), 0)
  await sound(at)
})

test('payout: noted, and we died before the money moved: it moves once (GWM1)', async t => {
  const at = await counter(t)
  await collected(at, 20_000)
  const wish = { gateway: 'atlantic', ref: 'WD-9', amount: 10_000, fee: 100, day: today() }
  const by = randomUUID()
  const row = await takePayout(at.db.pool, { ...wish, by, nowMs: Date.now(), owed: () => 19_700 })
  ok(row !== null && 'id' in row)
  const later = new Payouts({ room: at.room, db: at.db })
  await Promise.all([later.work(), later.work()])
  equal(await owedBy(at, 'atlantic'), 9_600)
  const told = okOf(await at.call('intent.payout', { ...wish, by }))
  deepEqual([told.id, told.status], [row.id, 'done'])
  await later.work()
  equal(await owedBy(at, 'atlantic'), 9_600)
  await sound(at)
})

test('payout: of a day that has not come, or that nobody remembers: refused (GWM3, GWM4)', async t => {
  const at = await counter(t)
  const wish = { gateway: 'atlantic', ref: 'WD-1', amount: 1, fee: 0, by: randomUUID() }
  for (const day of ['2099-01-01', '2020-01-01', '2026-02-30']) {
    equal(refusedOf(await at.call('intent.payout', { ...wish, day })), 'FIELDS_INVALID', day)
  }
  // Nobody but who holds the books says what stands in them.
  await at.stop()
  const late = new Payouts({ room: at.room, db: at.db })
  equal(late.owedBy('atlantic'), null)
  ok('fault' in (await late.note({ ...wish, day: today() })))
})
