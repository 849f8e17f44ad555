/** Doubts at a supplier who has no list of what is open: only its balance can tell. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { float } from '../../actors/chart.ts'
import { makeId } from '../../engine/ids.ts'
import type { ActivationView } from '../../services/contract/number.ts'
import { until } from '../../services/engine-room.fixture.ts'
import { freshKey } from '../../services/fresh-key.ts'
import { byHandService } from '../../services/number/by-hand.service.ts'
import { okOf, type Stand, seller, standAt } from '../../services/number/number.fixture.ts'
import { offerWith } from '../../services/number/supplier/adapter.ts'
import { rumahotp } from '../../services/number/supplier/rumahotp.ts'
import { sql, z } from '../../sql/database.ts'
import { askManual } from '../../sql/money/manual-moves.ts'
import { findNumbers } from '../../sql/number/desk.ts'
import { isQuietSince } from '../../sql/number/flight.ts'
import { openSandbox } from '../sandbox/server.ts'
import { databasesOfFile } from '../testing/database.ts'
import { verify } from '../verify/verify.ts'

const database = databasesOfFile(after)

type Counter = Stand & {
  readonly faults: (wish: object) => Promise<void>
  readonly sold: () => number
  readonly url: string
}

async function counterAt(t: TestContext): Promise<Counter> {
  const sandbox = (await openSandbox({ port: 0 }))!
  t.after(() => sandbox.close())
  const party = sandbox.parties.get('rumahotp')!
  party.openAccount({ username: 'toko', api_key: 'kunci', balance: 100_000 })
  const faults = async (wish: object): Promise<void> => {
    const body = JSON.stringify({ party: 'rumahotp', latency: 0, ...wish })
    const answer = await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'POST', body })
    equal(answer.status, 200)
  }
  await faults({})
  const adapter = rumahotp.open({
    ...{ baseUrl: `${sandbox.url}/rumahotp`, credentials: { api_key: 'kunci' }, unit: '1' },
  })
  const offers = (await adapter.catalogue())!.offers
  const { offer, cost, operators } = offers.find(
    ({ service, country }) => service === 'whatsapp' && country === 'indonesia',
  )!
  const url = await database()
  const stand = await standAt(t, {
    url,
    supplier: { adapter, offer: offerWith(offer, operators[0]!.theirs), cost },
  })
  const { room, db } = stand
  stand.broker.createService(byHandService({ room, db, settings: () => ({ refundAloneMax: 0 }) }))
  await stand.broker.waitForServices('numberHand')
  return { ...stand, faults, sold: () => party.sales.size, url }
}

/** Lets the clock go on, slower than anything answers. */
async function till(
  { call, clock }: Counter,
  userId: string,
  orderId: string,
  isSo: (order: ActivationView) => boolean,
): Promise<ActivationView> {
  for (;;) {
    const order = okOf(await call('number.get', { userId, orderId }))
    if (isSo(order)) return order
    clock.ms += 5_000
    await pause(10)
  }
}

const isOver = ({ status }: ActivationView): boolean => status !== 'processing'

test('number: no list, nothing sold: the balance proves it, and it is paid back (NUA5)', async t => {
  const at = await counterAt(t)
  const userId = await at.user()
  await at.faults({ reset: 1 })
  const { order } = okOf(await at.order(userId))
  equal(order.status, 'processing')
  await at.faults({})
  const over = await till(at, userId, order.orderId, isOver)
  deepEqual([over.status, over.why, at.sold()], ['refunded', 'NOT_FOUND_AFTER_DOUBT', 0])
})

test('number: no list, sold without a word: a person’s, and never bought again (NUA1, NUA5)', async t => {
  const at = await counterAt(t)
  const userId = await at.user()
  await at.faults({ reset_after_sale: 1 })
  const { order } = okOf(await at.order(userId))
  await at.faults({})
  const over = await till(at, userId, order.orderId, isOver)
  deepEqual([over.status, over.moneyEffect, at.sold()], ['checking', 'held', 1])
})

test('number: no list, in doubt for as long as a number lives: paid back, the cost is staff’s (AC16, MUF4)', async t => {
  const at = await counterAt(t)
  const userId = await at.user()
  const available = async () => okOf(await at.call('wallet.balance', { userId })).available
  const before = await available()
  await at.faults({ reset_after_sale: 1 })
  const { order } = okOf(await at.order(userId))
  await at.faults({})
  const { orderId, price } = order
  equal(await available(), before - price)
  const back = await till(at, userId, orderId, ({ status }) => status === 'refunded')
  deepEqual([back.why, back.moneyEffect, back.number], ['DOUBT', 'refunded', null])
  equal(await available(), before)
  const spent = () =>
    [...at.room.engine.host.shards()].reduce(
      (sum, { accounts }) => sum + (accounts.get(float(seller))?.balance ?? 0),
      0,
    )
  equal(spent(), 0)
  // It is among what staff must look at, until somebody has said what it cost.
  const unseen = { status: 'checking', open: null, late: null, userId: null, supplier: null }
  const more = { service: null, country: null, ending: null, fromMs: null, toMs: null }
  const listed = async () =>
    (await findNumbers(at.db.pool, { ...unseen, ...more, before: null, limit: 9 })).map(
      one => one.orderId,
    )
  await until(listed, ids => ids.includes(orderId))
  const by = { userId: randomUUID(), name: 'ani@laju.test' }
  const told = { orderId, by, reason: 'ada di daftar mereka', supplier: 'charged' } as const
  const done = okOf(await at.call('numberHand.refund', told))
  deepEqual([done.moneyEffect, done.waits], ['refunded', null])
  const again = await at.call('numberHand.refund', told)
  equal('refused' in again && again.refused, 'ORDER_FINAL')
  deepEqual([spent() > 0, await available()], [true, before])
  await until(listed, ids => ids.length === 0)
  deepEqual(at.errors, [])
  await at.stop()
  deepEqual((await verify({ url: at.url })).problems, [])
})

test('number: no list, and somebody may have paid in to the same balance: nothing is proved (NUA5)', async t => {
  const at = await counterAt(t)
  const nowMs = at.clock.ms
  await at.db.pool.query(sql.type(z.object({}))`
    insert into payment_gateway (code, adapter, base_url, credentials)
    values ('rumah', 'rumahotp', 'http://127.0.0.1:1', '')`)
  const userId = await at.user()
  const paying = makeId(nowMs, 0, freshKey())
  await at.db.pool.query(sql.type(z.object({}))`
    insert into deposit_intent (id, user_id, ref, method, gateway, reff_id, status, amount,
      created_at, updated_at)
    values (${paying}, ${userId}, 'r', 'qris_rumahotp_v1', 'rumah', 'x', 'pending', 2000,
      to_timestamp(${nowMs / 1_000}::float8), to_timestamp(${nowMs / 1_000}::float8))`)
  const asked = { supplier: seller, brand: 'rumahotp', orderId: paying }
  const isQuiet = () => isQuietSince(at.db.pool, { ...asked, sinceMs: nowMs, nowMs })
  equal(await isQuiet(), false)
  await at.faults({ reset: 1 })
  const { order } = okOf(await at.order(userId))
  await at.faults({})
  const over = await till(at, userId, order.orderId, isOver)
  deepEqual([over.status, over.moneyEffect, at.sold()], ['checking', 'held', 0])
  // Long over, it blurs nothing; a top-up by staff does.
  await at.db.pool.query(sql.type(z.object({}))`
    update deposit_intent set status = 'expired', updated_at = updated_at - interval '1 hour'`)
  const fresh = { ...asked, orderId: order.orderId, sinceMs: at.clock.ms, nowMs: at.clock.ms }
  equal(await isQuietSince(at.db.pool, fresh), true)
  await at.db.pool.query(sql.type(z.object({}))`
    insert into client (id, username, name) values (${userId}, 'ani', 'Ani')`)
  await at.db.pool.query(sql.type(z.object({}))`
    insert into supplier (code, name, adapter, base_url, credentials)
    values (${seller}, 'Toko', 'digiflazz', '', '') on conflict do nothing`)
  await askManual(at.db.pool, {
    ...{ kind: 'float', id: makeId(at.clock.ms, 0, freshKey()), ref: 'isi', amount: 5_000 },
    ...{ note: '', askedBy: userId, supplier: asked.supplier, raises: true },
    ...{ against: 'cash', aloneMax: 1_000_000, dayMs: 0, nowMs: at.clock.ms },
  })
  equal(await isQuietSince(at.db.pool, fresh), false)
})

test('number: no list, and another was bought meanwhile: nothing is proved (NUA5)', async t => {
  const at = await counterAt(t)
  const userId = await at.user()
  await at.faults({ reset: 1 })
  const { order } = okOf(await at.order(userId))
  await at.faults({})
  const other = okOf(await at.order(userId)).order
  equal(other.status, 'waiting')
  const over = await till(at, userId, order.orderId, isOver)
  deepEqual([over.status, over.moneyEffect], ['checking', 'held'])
  ok(at.sold() === 1)
})
