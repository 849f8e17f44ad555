import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { activationKey } from '../../actors/activation/activation-contract.ts'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { verify } from '../../deploy/verify/verify.ts'
import { shardOf } from '../../engine/ids.ts'
import { sql, z } from '../../sql/database.ts'
import { listActivity } from '../../sql/people/activity.ts'
import type { ActivationView } from '../contract/number.ts'
import { until } from '../engine-room.fixture.ts'
import { enrol } from '../identity/enrol.ts'
import { okOf, refusedOf, type Stand, sellerAt, shards, standAt, textOf } from './number.fixture.ts'

const database = databasesOfFile(after)

const stand = async (t: TestContext, more: { readonly buyingMs?: number } = {}): Promise<Stand> =>
  standAt(t, { url: await database(), ...more })

const minute = 60_000
const get = async ({ call }: Stand, userId: string, orderId: string): Promise<ActivationView> =>
  okOf(await call('number.get', { userId, orderId }))

/** Lets the clock go on, slower than anything answers, until it is so. */
async function wait<T>(
  { clock }: Stand,
  ask: () => Promise<T> | T,
  isSo: (answer: T) => boolean,
  stepMs = 1_000,
): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (isSo(answer)) return answer
    clock.ms += stepMs
    await pause(10)
  }
}

const till = (
  at: Stand,
  userId: string,
  orderId: string,
  isSo: (order: ActivationView) => boolean,
  stepMs?: number,
) => wait(at, () => get(at, userId, orderId), isSo, stepMs)

const available = async ({ call }: Stand, userId: string): Promise<number> =>
  okOf(await call('wallet.balance', { userId })).available

const count = z.object({ count: z.number().int() })

async function written(at: Stand, userId: string): Promise<void> {
  const shard = shardOf(userId)
  await at.line.rows.follower.reached(shard, at.room.engine.host.shard(shard)!.durableSeq, 30_000)
}

test('number: an order: number, code, and what was earned of it (NVG6, NVD1, NVE2)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  const { order, balance, invoice } = okOf(await at.order(userId))
  deepEqual(
    [order.status, order.moneyEffect, order.otp, balance],
    ['waiting', 'held', null, 15_000],
  )
  match(order.number ?? '', /^62812/)
  match(invoice, /^[\w-]{22}$/)
  equal(order.expiresAt, at.clock.ms + 15 * minute)

  at.seller.send(order.number!, '482913')
  const received = await till(at, userId, order.orderId, one => one.otp !== null)
  deepEqual(
    [received.status, received.otp, received.moneyEffect, received.resendsLeft],
    ['otp_received', '482913', 'charged', 3],
  )
  equal(at.seller.sold.length, 1)
  await written(at, userId)
  const profit = await at.db.pool.one(
    sql.type(
      z.object({ what: z.string(), selling: z.number(), base: z.number(), profit: z.number() }),
    )`select what, selling, base, profit from number_profit`,
  )
  deepEqual({ ...profit }, { what: 'sold', selling: 5_000, base: 3_500, profit: 1_500 })
  const said = await at.db.pool.any(sql.type(z.object({ what: z.string() }))`
    select what from number_activity order by shard, seq, n`)
  deepEqual(
    said.map(({ what }) => what),
    ['order:created', 'order:processing', 'order:otp_received'],
  )
  deepEqual(at.errors, [])
  equal((await verify({ url: at.db.url })).problems.length, 0)
})

test('number: several codes, a resend and its limits are the order’s (NVD2, NVG3)', async t => {
  const at = await stand(t)
  const [userId, other] = [await at.user(), await at.user()]
  const { order } = okOf(await at.order(userId))
  const { orderId } = order
  const asked = { userId, orderId }
  equal(refusedOf(await at.call('number.resend', asked)), 'CODE_AWAITED')
  at.seller.send(order.number!, '111111')
  await till(at, userId, orderId, one => one.otp !== null)
  equal(refusedOf(await at.call('number.cancel', asked)), 'CODE_RECEIVED')
  const own = ['number.get', 'number.resend', 'number.finish', 'number.cancel'] as const
  for (const action of [...own, 'number.link', 'number.relink'] as const) {
    const asking = { userId: other, orderId, address: '' }
    equal(refusedOf(await at.call(action, asking)), 'NOT_FOUND')
  }
  const again = okOf(await at.call('number.resend', asked))
  equal(again.resendsLeft, 2)
  await until(
    () => at.seller.sold[0]!.retries,
    retries => retries === 1,
  )
  at.seller.send(order.number!, '222222')
  const both = await till(at, userId, orderId, one => one.messages.length === 2)
  deepEqual(
    both.messages.map(({ code }) => code),
    ['111111', '222222'],
  )
  deepEqual([both.otp, both.messages.at(-1)!.text], ['222222', textOf('222222')])
  // Asked about again and again, nothing comes twice.
  for (let n = 0; n < 3; n++) {
    const before = at.seller.asked.length
    await wait(
      at,
      () => at.seller.asked.length,
      asked => asked > before + 1,
    )
  }
  equal((await get(at, userId, orderId)).messages.length, 2)
})

test('number: another code: refused it is said and does not count; unanswered it may come (NVG8, NVC4)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  const { order } = okOf(await at.order(userId))
  const { orderId } = order
  const asked = { userId, orderId }
  at.seller.send(order.number!, '111111')
  await till(at, userId, orderId, one => one.otp !== null)
  at.seller.resending = 'refused'
  for (let n = 0; n < 4; n++) {
    equal(refusedOf(await at.call('number.resend', asked)), 'RESEND_REFUSED')
    const now = await get(at, userId, orderId)
    deepEqual([now.resendsLeft, now.awaitsNext, now.status], [3, false, 'otp_received'])
  }
  at.seller.resending = 'cut'
  at.clock.ms += 1_000
  const unknown = okOf(await at.call('number.resend', asked))
  deepEqual([unknown.resendsLeft, unknown.awaitsNext], [2, true])
  // What is refused now does not end the waiting for the one before.
  at.seller.resending = 'refused'
  equal(refusedOf(await at.call('number.resend', asked)), 'RESEND_REFUSED')
  const now = await get(at, userId, orderId)
  deepEqual([now.resendsLeft, now.awaitsNext], [2, true])
  equal((await verify({ url: at.db.url })).problems.length, 0)
})

test('number: finished by its user: over at once, told once, nothing after it (AC15)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  const { order } = okOf(await at.order(userId))
  const asked = { userId, orderId: order.orderId }
  equal(refusedOf(await at.call('number.finish', asked)), 'CODE_AWAITED')
  at.seller.send(order.number!, '111111')
  await till(at, userId, order.orderId, one => one.otp !== null)
  for (let n = 0; n < 2; n++) {
    const over = okOf(await at.call('number.finish', asked))
    deepEqual([over.status, over.moneyEffect, over.otp], ['finished', 'charged', '111111'])
  }
  deepEqual(await at.call('number.active', { userId }), { ok: [] })
  equal(refusedOf(await at.call('number.resend', asked)), 'ORDER_FINAL')
  await until(
    () => at.seller.finished,
    ids => ids.length > 0,
  )
  await until(
    () => at.room.engine.host.open,
    open => open === 0,
  )
  deepEqual(at.seller.finished, [at.seller.sold[0]!.id])
  deepEqual([at.line.poller.watched, at.errors], [0, []])
  await written(at, userId)
  const said = await at.db.pool.one(sql.type(z.object({ by: z.string() }))`
    select by from number_activity where what = 'order:finished'`)
  equal(said.by, userId)
  equal((await verify({ url: at.db.url })).problems.length, 0)
})

test('number: the same word is the same order; a guard judges it once (NVG1, NVG5)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  const first = okOf(await at.order(userId, 'same'))
  at.guard.verdict = { refused: 'RENTAL_LIMIT', retryAfterMs: 5_000 }
  const again = okOf(await at.order(userId, 'same'))
  deepEqual([again.order.orderId, again.invoice], [first.order.orderId, first.invoice])
  equal(refusedOf(await at.order(userId, 'same', { countryId: 'india' })), 'DUPLICATE_REF')
  // By another of its names it is the same app.
  const renamed = okOf(await at.order(userId, 'same', { serviceId: 'wa' })).order
  deepEqual([renamed.orderId, renamed.serviceId], [first.order.orderId, 'whatsapp'])
  equal(at.seller.sold.length, 1)
  deepEqual(at.guard.judged, [activationKey(userId, 'same')])
  equal(refusedOf(await at.order(userId, 'another')), 'RENTAL_LIMIT')
  at.guard.verdict = null
  const poor = await at.user(0)
  equal(refusedOf(await at.order(poor, 'poor')), 'INSUFFICIENT_BALANCE')
  deepEqual(at.guard.forgotten, [activationKey(poor, 'poor')])
})

test('number: above what the client would pay, or unknown: nothing is ordered (NVG2)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  equal(refusedOf(await at.order(userId, 'a', { maxPrice: 4_999 })), 'PRICE_ABOVE_MAX')
  equal(refusedOf(await at.order(userId, 'b', { serviceId: 'bank' })), 'SERVICE_UNKNOWN')
  deepEqual([at.seller.asked, await available(at, userId), at.guard.judged], [[], 20_000, []])
  // A refusal leaves nothing behind: the word is free.
  equal(okOf(await at.order(userId, 'a', { maxPrice: 5_000 })).order.status, 'waiting')
})

test('number: nothing in stock: the money is back in the same answer (NVG6)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  at.seller.buying = 'none'
  const { order, balance } = okOf(await at.order(userId))
  deepEqual(
    [order.status, order.why, order.moneyEffect, balance],
    ['refunded', 'NO_NUMBERS', 'refunded', 20_000],
  )
})

test('number: a purchase without an answer is found there, and bought once (NUA1, NUA3)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  at.seller.buying = 'cut'
  const { order } = okOf(await at.order(userId))
  deepEqual([order.status, order.number], ['processing', null])
  at.seller.buying = 'ok'
  const found = await till(at, userId, order.orderId, one => one.status === 'waiting')
  equal(found.number, at.seller.sold[0]!.number)
  equal(at.seller.sold.length, 1)
})

test('number: two doubts of one kind: each finds a number of its own (NUA3, NUA5)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  at.seller.buying = 'cut'
  const orders = [okOf(await at.order(userId)).order, okOf(await at.order(userId)).order]
  const found: ActivationView[] = []
  for (const { orderId } of orders) {
    found.push(await till(at, userId, orderId, one => one.status === 'waiting'))
  }
  const numbers = found.map(({ number }) => number!)
  deepEqual(numbers.toSorted(), at.seller.sold.map(({ number }) => number).toSorted())
  notEqual(numbers[0], numbers[1])
  equal(at.seller.sold.length, 2)
})

test('number: what was never made is refunded when the last look has proved it (NUA5)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  at.seller.buying = 'lost'
  const { order } = okOf(await at.order(userId))
  equal(order.status, 'processing')
  const over = await till(at, userId, order.orderId, one => one.status !== 'processing', 5_000)
  deepEqual([over.status, over.why], ['refunded', 'NOT_FOUND_AFTER_DOUBT'])
  deepEqual([at.seller.sold.length, await available(at, userId)], [0, 20_000])
  equal(at.seller.asked.filter(action => action === 'getNumberV2').length, 1)
})

test('number: a purchase whose row could not be written never left: it goes later (NUA2)', async t => {
  const at = await stand(t, { buyingMs: 500 })
  const userId = await at.user()
  const rename = (from: string, to: string) =>
    at.db.pool.query(sql.type(z.object({}))`
      alter table ${sql.identifier([from])} rename to ${sql.identifier([to])}`)
  await rename('number_flight', 'away')
  const { order } = okOf(await at.order(userId))
  deepEqual([order.status, at.seller.asked], ['processing', []])
  await rename('away', 'number_flight')
  await till(at, userId, order.orderId, one => one.status === 'waiting', 0)
  equal(at.seller.sold.length, 1)
})

test('number: a purchase that stood in line for too long is not sent, and paid back (NUA7)', async t => {
  const at = await stand(t, { buyingMs: 500 })
  const userId = await at.user()
  at.seller.buying = 'hold'
  const [first, second] = (
    await Promise.all([at.order(userId, 'first'), at.order(userId, 'second')])
  ).map(answer => okOf(answer).order.orderId)
  at.clock.ms += 31_000
  at.seller.buying = 'ok'
  at.seller.release()
  const both = [first!, second!]
  const over = await Promise.all(
    both.map(id => till(at, userId, id, one => one.status !== 'processing', 0)),
  )
  deepEqual(over.map(({ status }) => status).toSorted(), ['refunded', 'waiting'])
  deepEqual([at.seller.sold.length, await available(at, userId)], [1, 15_000])
})

test('number: a slow purchase, asked for twice at once: both hear of the one number (NVG6)', async t => {
  const at = await stand(t, { buyingMs: 60_000 })
  const userId = await at.user()
  at.seller.buying = 'hold'
  const asked = ['same', 'same'].map(ref => at.order(userId, ref))
  await until(
    () => at.seller.asked,
    actions => actions.includes('getNumberV2'),
  )
  // Whoever does not wait for the supplier was answered before these are, one after the other.
  for (let n = 0; n < 5; n++) await at.call('number.active', { userId })
  at.seller.buying = 'ok'
  at.seller.release()
  for (const one of await Promise.all(asked)) {
    const { order } = okOf(one)
    deepEqual([order.status, order.number], ['waiting', at.seller.sold[0]!.number])
    equal(order.expiresAt, at.clock.ms + 15 * minute)
  }
  equal(at.seller.sold.length, 1)
})

test('number: a doubt: who can’t ask again waits until it is found (NVG6)', async t => {
  const at = await stand(t, { buyingMs: 60_000 })
  const userId = await at.user()
  at.seller.buying = 'cut'
  let said: Awaited<ReturnType<typeof at.order>> | undefined
  at.order(userId, 'sekali', { untilKnown: true }).then(answer => (said = answer))
  const [sold] = await until(
    () => at.seller.sold,
    ({ length }) => length === 1,
  )
  // It is in doubt when this one is answered, who waits no longer.
  equal(okOf(await at.order(userId, 'sekali')).order.status, 'processing')
  equal(said, undefined)
  await wait(
    at,
    () => said,
    answer => answer !== undefined,
  )
  equal(okOf(said!).order.number, sold!.number)
})

test('number: no more is rented than can be asked about (NVG7)', async t => {
  const at = await standAt(t, { url: await database(), watchedMax: 1 })
  const userId = await at.user()
  okOf(await at.order(userId, 'one'))
  const turned = await at.order(userId, 'two')
  deepEqual('fault' in turned && [turned.fault, turned.moneyEffect], ['OVERLOADED', 'none'])
  okOf(await at.order(userId, 'one'))
  equal(at.seller.sold.length, 1)
})

test('number: purchases of one lane wait for each other (NUA4)', async t => {
  const at = await stand(t, { buyingMs: 500 })
  const userId = await at.user()
  at.seller.buying = 'hold'
  const waiting = [at.order(userId), at.order(userId)]
  await until(
    () => at.seller.asked.filter(action => action === 'getNumberV2').length,
    asked => asked === 1,
  )
  for (const one of await Promise.all(waiting)) equal(okOf(one).order.status, 'processing')
  equal(at.seller.asked.filter(action => action === 'getNumberV2').length, 1)
  at.seller.buying = 'ok'
  at.seller.release()
  const { ok: open } = (await at.call('number.active', { userId })) as { ok: ActivationView[] }
  for (const { orderId } of open) {
    await till(at, userId, orderId, one => one.status === 'waiting')
  }
  equal(at.seller.sold.length, 2)
})

test('number: killed amid a purchase: found, never bought again (NUA1, NVD1, NVE5)', async t => {
  const url = await database()
  const seller = await sellerAt(t)
  const first = await standAt(t, { url, seller })
  const userId = await first.user()
  seller.buying = 'cut'
  const { order } = okOf(await first.order(userId))
  equal(order.status, 'processing')
  await first.stop()
  seller.buying = 'ok'
  const second = await standAt(t, { url, seller, ms: first.clock.ms, seal: first.seal })
  const found = await till(second, userId, order.orderId, one => one.status === 'waiting')
  equal(seller.sold.length, 1)
  await second.stop()

  // A start learns from the table what is to be asked about.
  const third = await standAt(t, { url, seller, ms: second.clock.ms, seal: first.seal })
  equal(third.line.poller.watched, 1)
  seller.send(found.number!, '909090')
  await till(third, userId, order.orderId, one => one.otp === '909090')
  equal((await verify({ url: third.db.url })).problems.length, 0)
})

test('number: found after its refund: what nobody uses is given back (NVI1, NVI2, NVI3)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  const kept = okOf(await at.order(userId)).order
  at.seller.buying = 'lost'
  const { order } = okOf(await at.order(userId))
  // A second one that nobody was told of: as long as there is a doubt it may be that one.
  at.seller.buying = 'cut'
  const doubtful = okOf(await at.order(userId)).order
  await written(at, userId)
  await at.line.orphans.sweep()
  equal(at.seller.asked.includes('setStatus'), false)
  at.seller.buying = 'ok'
  // Which of the two it was nobody can tell: one of them has it, the other is paid back.
  const isKnown = (one: ActivationView) => one.status !== 'processing'
  const both: ActivationView[] = []
  for (const { orderId } of [order, doubtful]) {
    both.push(await till(at, userId, orderId, isKnown, 5_000))
  }
  deepEqual(both.map(({ status }) => status).toSorted(), ['refunded', 'waiting'])
  const found = both.find(({ status }) => status === 'waiting')!
  await written(at, userId)
  const stray = at.seller.stray()
  at.seller.cancelling = 'early'
  await at.line.orphans.sweep()
  at.seller.cancelling = 'ok'
  equal(at.line.orphans.givenBack, 0)
  await at.line.orphans.sweep()
  deepEqual([at.line.orphans.givenBack, stray.phase], [1, 'cancelled'])
  for (const { number } of [kept, found]) {
    equal(at.seller.sold.find(one => one.number === number)!.phase, 'open')
  }
  // Nobody's order can have bought what appears so much later: it is none of ours.
  at.clock.ms += 21 * minute
  const late = at.seller.stray()
  await at.line.orphans.sweep()
  deepEqual([at.line.orphans.givenBack, late.phase], [1, 'open'])
})

test('number: given back: too early first, then exactly one refund (NVG6, NUA6)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  const { order } = okOf(await at.order(userId))
  const asked = { userId, orderId: order.orderId }
  const cancelling = okOf(await at.call('number.cancel', asked))
  deepEqual([cancelling.status, cancelling.moneyEffect], ['cancelling', 'held'])
  equal(at.seller.asked.includes('setStatus'), false)
  const over = await till(at, userId, order.orderId, one => one.status === 'refunded')
  deepEqual([over.why, over.moneyEffect, await available(at, userId)], ['USER', 'refunded', 20_000])
  equal(at.seller.sold[0]!.phase, 'cancelled')
  await written(at, userId)
  const { count: profits } = await at.db.pool.one(sql.type(count)`
    select count(*)::int as count from number_profit`)
  equal(profits, 0)
})

test('wallet: what moved: says which app and country it was about (WLT1)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  const { order } = okOf(await at.order(userId))
  okOf(await at.call('number.cancel', { userId, orderId: order.orderId }))
  await till(at, userId, order.orderId, one => one.status === 'refunded')
  const { rows } = okOf(await at.call('wallet.mutations', { userId, limit: 10 }))
  deepEqual(
    rows.map(({ direction, kind, detail, amount }) => [direction, kind, detail, amount]),
    [
      ['in', 'release', 'WhatsApp Indonesia', 5_000],
      ['out', 'order', 'WhatsApp Indonesia', 5_000],
      ['in', 'deposit', 'tunai', 20_000],
    ],
  )
})

test('number: a code and a cancellation meet: the seller’s word decides (NVD1)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  const { order } = okOf(await at.order(userId))
  const asked = { userId, orderId: order.orderId }
  okOf(await at.call('number.cancel', asked))
  at.seller.send(order.number!, '555555')
  const over = await till(at, userId, order.orderId, one => one.otp !== null)
  deepEqual([over.status, over.moneyEffect], ['otp_received', 'charged'])
  equal(await available(at, userId), 15_000)
})

test('number: our clock: no code in time, given back and refunded (NVD1)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  const { order } = okOf(await at.order(userId))
  at.clock.ms += 15 * minute
  const over = await till(at, userId, order.orderId, one => one.status === 'expired')
  deepEqual([over.moneyEffect, await available(at, userId)], ['refunded', 20_000])
  equal(at.line.poller.watched, 1)

  // Late: recorded for operators, charged to nobody, and our loss is in the books.
  at.seller.sold[0]!.phase = 'open'
  at.seller.send(order.number!, '777777')
  const late = await till(at, userId, order.orderId, one => one.messages.length > 0)
  deepEqual([late.otp, late.messages[0]!.late, late.moneyEffect], [null, true, 'refunded'])
  equal(await available(at, userId), 20_000)
  await written(at, userId)
  const lost = await at.db.pool.one(sql.type(z.object({ what: z.string(), profit: z.number() }))`
    select what, profit from number_profit`)
  deepEqual({ ...lost }, { what: 'late_cost', profit: -3_500 })
})

test('number: lists: newest first in pages, what is open, by status (NVG3)', async t => {
  const at = await stand(t)
  const userId = await at.user(100_000)
  const ids: string[] = []
  for (let n = 0; n < 3; n++) {
    at.clock.ms += 1_000
    ids.unshift(okOf(await at.order(userId)).order.orderId)
  }
  const asked = { userId, limit: 2, status: null }
  const page = okOf(await at.call('number.list', { ...asked, cursor: null }))
  deepEqual(
    page.orders.map(one => one.orderId),
    ids.slice(0, 2),
  )
  const rest = okOf(await at.call('number.list', { ...asked, cursor: page.next }))
  deepEqual([rest.orders.map(one => one.orderId), rest.next], [ids.slice(2), null])
  equal(refusedOf(await at.call('number.list', { ...asked, cursor: 'x' })), 'NOT_FOUND')
  at.seller.send(rest.orders[0]!.number!, '123123')
  await till(at, userId, ids[2]!, one => one.otp !== null)
  const received = await at.call('number.list', { ...asked, cursor: null, status: 'otp_received' })
  deepEqual(
    okOf(received).orders.map(({ otp }) => otp),
    ['123123'],
  )
  equal(okOf(await at.call('number.active', { userId })).length, 3)
  equal(okOf(await at.call('number.active', { userId: await at.user() })).length, 0)
})

test('number: another link in place of the good one: among what its owner did (NVG9)', async t => {
  const at = await stand(t)
  const deps = { db: at.db, seal: at.seal, shards }
  const { userId } = await enrol(deps, { name: 'Sari', role: 'consumer' })
  const ref = `opening-${userId}`
  okOf(await at.call('wallet.deposit', { userId, amount: 20_000, ref, note: 'tunai' }))
  const { orderId } = okOf(await at.order(userId)).order
  const asked = { userId, orderId, address: '10.0.x.x' }
  okOf(await at.call('number.link', asked))
  okOf(await at.call('number.relink', asked))
  const rows = await listActivity(at.db.pool, { userId, what: null, before: null, limit: 10 })
  deepEqual(
    rows.map(({ what, address, details }) => [what, address, details]),
    [['order.relinked', '10.0.x.x', { order: orderId }]],
  )
})

test('number: a link opens its order, sooner closed than the owner’s, and can be ended (NVB1, NVB2, NVB3, NVG4, NVG9)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  const { order, invoice } = okOf(await at.order(userId))
  const { orderId } = order
  at.seller.send(order.number!, '313131')
  await till(at, userId, orderId, one => one.otp !== null)
  await written(at, userId)
  const open = async (word: string) => at.call('number.invoice', { word })
  const address = '10.0.x.x'
  equal(okOf(await open(invoice)).otp, '313131')
  for (let n = 0; n < 2; n++) {
    equal(okOf(await at.call('number.link', { userId, orderId })).invoice, invoice)
  }
  equal(okOf(await open(invoice)).otp, '313131')
  equal(refusedOf(await open('A'.repeat(22))), 'NOT_FOUND')
  const [one, two] = await Promise.all(
    [1, 2].map(
      async () => okOf(await at.call('number.relink', { userId, orderId, address })).invoice,
    ),
  )
  equal(refusedOf(await open(invoice)), 'NOT_FOUND')
  const opened = await Promise.all([one!, two!].map(open))
  equal(opened.filter(answer => 'ok' in answer).length, 1)
  const good = 'ok' in opened[0]! ? one! : two!
  equal(okOf(await at.call('number.link', { userId, orderId })).invoice, good)

  at.clock.ms += 25 * 60 * minute
  const later = okOf(await open(good))
  deepEqual([later.otp, later.messages[0]!.text, later.messages.length], [null, null, 1])
  equal((await get(at, userId, orderId)).otp, '313131')
})

test('number: after its days a code can be read by nobody, wherever it stands (NVA2, NVH1)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  const { order } = okOf(await at.order(userId))
  at.seller.send(order.number!, '646464')
  await till(at, userId, order.orderId, one => one.otp !== null)
  at.clock.ms += 31 * 24 * 60 * minute
  await till(at, userId, order.orderId, one => one.status === 'finished')
  await written(at, userId)
  equal(await at.line.purge.sweep(), 0)
  // The key was made by the database's clock, which did not go on.
  await at.db.pool.query(sql.type(z.object({}))`
    update number_vault set made_at = made_at - interval '300 days'`)
  at.clock.ms = Date.now()
  equal(await at.line.purge.sweep(), 1)
  at.clock.ms += 31 * minute
  const shown = await get(at, userId, order.orderId)
  deepEqual([shown.otp, shown.messages.length, shown.messages[0]!.text], [null, 1, null])
})

test('number: no code and no text stands anywhere in the open (NVD2, NVA1)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  const canary = '739154628'
  const { order } = okOf(await at.order(userId))
  at.seller.send(order.number!, canary)
  await till(at, userId, order.orderId, one => one.otp === canary)
  await written(at, userId)
  const tables = await at.db.pool.any(sql.type(z.object({ name: z.string() }))`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p')`)
  ok(tables.length > 20)
  for (const { name } of tables) {
    const { count: hits } = await at.db.pool.one(sql.type(count)`
      select count(*)::int as count from ${sql.identifier([name])} as row
       where position(${canary} in row::text) > 0`)
    equal(hits, 0, name)
  }
})

test('number: folded again from the first line, the tables say the same (NVE1, NVE3, NVE4)', async t => {
  const at = await stand(t)
  const userId = await at.user(100_000)
  const { order } = okOf(await at.order(userId))
  at.seller.send(order.number!, '121212')
  await till(at, userId, order.orderId, one => one.otp !== null)
  at.seller.buying = 'none'
  okOf(await at.order(userId))
  const asked = { userId, orderId: order.orderId, address: '' }
  const relinked = okOf(await at.call('number.relink', asked)).invoice
  await written(at, userId)
  const told = async () =>
    (
      await at.db.pool.any(sql.type(z.object({ row: z.string() }))`
        select row::text as row from (
          select v::text as row from number_view v union all
          select p::text from number_profit p union all
          select a::text from number_activity a union all
          select i::text from number_invoice i) as all_rows order by row`)
    ).map(({ row }) => row)
  const before = await told()
  ok(before.length >= 8)
  await at.line.rows.rebuild()
  await written(at, userId)
  await until(
    () => at.line.rows.follower.idle,
    idle => idle,
  )
  deepEqual(await told(), before)
  equal(okOf(await at.call('number.invoice', { word: relinked })).orderId, order.orderId)
})

test('number: a list of thousands is read whole, and its codes reach their orders (NVD4)', async t => {
  const at = await stand(t)
  const userId = await at.user()
  const [one, two] = [okOf(await at.order(userId)).order, okOf(await at.order(userId)).order]
  for (let n = 0; n < 5_000; n++) at.seller.stray()
  at.seller.send(one.number!, '818181')
  at.seller.send(two.number!, '929292')
  const singly = () => at.seller.asked.filter(action => action === 'getStatus').length
  equal((await till(at, userId, one.orderId, order => order.otp !== null)).otp, '818181')
  equal((await till(at, userId, two.orderId, order => order.otp !== null)).otp, '929292')
  equal(singly(), 0)
})
