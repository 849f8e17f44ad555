/** Deposits through gateways, from the wish to the wallet: asked for, paid, lost, had at once. */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { hash, randomUUID } from 'node:crypto'
import { after, type TestContext, test } from 'node:test'
import { gateway, suspense, wallet } from '../../actors/chart.ts'
import { keyOf, shardOf } from '../../engine/ids.ts'
import type { IntentView } from '../../services/contract/deposit.ts'
import { until } from '../../services/engine-room.fixture.ts'
import { sql, z } from '../../sql/database.ts'
import { databasesOfFile } from '../testing/database.ts'
import {
  becomes,
  type Counter,
  counterAt,
  create,
  get,
  hinted,
  okOf,
  type Row,
  refusedOf,
  sound,
  suspended,
  trailOf,
} from './deposit.fixture.ts'

const database = databasesOfFile(after)

async function counter(t: TestContext): Promise<Counter> {
  return await counterAt(t, await database())
}

test('deposit: a QR: made, paid, in the wallet, whoever reads it (GWJ3, GWJ6, GWF1)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const made = await create(at, userId)
  match(made.depositId!, /^DEP/)
  deepEqual([made.status, made.amount, made.fee, made.received], ['pending', 20_000, 300, 19_700])
  ok(made.pay['qr_string']!.startsWith('0002'))
  await at.oracle('pay', { qr_string: made.pay['qr_string'] })
  const paid = await becomes(at, made, 'success')
  equal(at.balance(wallet(userId)), 19_700)
  equal(at.balance(gateway('atlantic')), -19_700)
  const byTheirs = okOf(await at.call('intent.get', { userId, id: made.depositId! }))
  deepEqual(byTheirs, paid)
  const stranger = { userId: at.user(), id: made.depositId! }
  equal(refusedOf(await at.call('intent.get', stranger)), 'NOT_FOUND')
  const { rows } = okOf(await at.call('intent.list', { userId, limit: 10 }))
  deepEqual(rows, [{ ...paid, updatedAt: rows[0]!.updatedAt }])
  await at.rows.rebuild()
  deepEqual(okOf(await at.call('intent.list', { userId, limit: 10 })).rows, rows)
  deepEqual(at.errors, [])
})

test('deposit: webhook, poll, instant and a person at once: one credit, no-ops with reason (GWJ4, GWJ5, GWG1, GWG2)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const made = await create(at, userId)
  const { depositId, intentId: id } = made
  await at.oracle('pay', { deposit_id: depositId, processing: true })
  await becomes(at, made, 'processing')
  const by = randomUUID()
  const person = { id, n: 0, verdict: 'paid', by, reason: 'bukti transfer' } as const
  await Promise.all([
    at.call('intent.instant', { userId, id, action: 'take' }),
    at.call('intent.instant', { userId, id, action: 'take' }),
    at.call('intent.check', { id, by }),
    at.call('intent.resolve', person),
    at.call('intent.resolve', person),
    at.oracle('pay', { deposit_id: depositId, times: 0 }),
  ])
  await becomes(at, made, 'success')
  await Promise.all([1, 2, 3].map(() => at.call('intent.check', { id, by })))
  const trail = okOf(await at.call('intent.trail', { id }))
  equal(trail.events.filter(({ type }) => type === 'paid').length, 1)
  const inWallet = at.balance(wallet(userId))
  equal(-at.balance(gateway('atlantic')), inWallet + at.balance(suspense))
  // Told again and again: nothing new, and why.
  const [row] = await at.oracle<Row[]>(`payments?party=atlantic&reference=${depositId}`)
  ok(row !== undefined)
  await at.oracle('pay', { deposit_id: depositId, times: 3 })
  await until(
    async () => (await trailOf(at, made)).hints,
    hints => hints.some(({ verdict }) => /nothing new, paid|now paid/.test(verdict)),
  )
  equal(at.balance(wallet(userId)), inWallet)
  deepEqual(at.errors, [])
})

test('deposit: told again and again by webhook: the gateway is asked, one credit (GWG1, GWG2)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const made = await create(at, userId)
  await at.oracle('pay', { deposit_id: made.depositId, times: 5 })
  const hints = await hinted(at, made, 5)
  ok(
    hints.some(({ verdict }) => /success: (now|nothing new,) paid/.test(verdict)),
    JSON.stringify(hints),
  )
  equal(at.balance(wallet(userId)), 19_700)
  deepEqual([...new Set(at.heard)], ['accepted'])
})

test('deposit: a webhook that lies moves nothing; a forged one is refused (GWJ4, GWB5)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const made = await create(at, userId)
  const lie = { event: 'deposit', data: { id: made.depositId, status: 'success' } }
  const tell = (headers: Record<string, string>, told: object) =>
    at.call('intent.callback', {
      ...{ gateway: 'atlantic', headers },
      body: Buffer.from(JSON.stringify(told)).toString('base64'),
    })
  const signed = { 'x-atl-signature': signatureOf('laju') }
  deepEqual(await tell(signed, lie), { verdict: 'accepted' })
  deepEqual(
    (await hinted(at, made, 1)).map(({ verdict }) => verdict),
    ['pending: nothing new, pending'],
  )
  equal(at.balance(wallet(userId)), 0)
  deepEqual(await tell({ 'x-atl-signature': signatureOf('other') }, lie), { verdict: 'forged' })
  deepEqual(await tell({}, lie), { verdict: 'forged' })
  deepEqual(await tell(signed, { event: 'transaksi', data: {} }), { verdict: 'ignored' })
  deepEqual(await at.call('intent.callback', { gateway: 'rumahotp', headers: {}, body: '' }), {
    verdict: 'unknown',
  })
})

test('deposit: three wait at a time, however many are asked for at once (GWJ2)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const wish = { userId, amount: 20_000, method: 'qris_atlantic' }
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) => at.call('intent.create', { ...wish, ref: `r-${n}` })),
  )
  const made = answers.flatMap(answer => ('ok' in answer ? [answer.ok] : []))
  equal(made.length, 3)
  deepEqual(
    [...new Set(answers.filter(answer => !('ok' in answer)).map(refusedOf))],
    ['DEPOSIT_LIMIT'],
  )
  equal((await at.oracle<Row[]>('payments?party=atlantic')).length, 3)
  const again = await create(at, userId, { ref: made[0]!.ref })
  equal(again.intentId, made[0]!.intentId)
  const { userId: _, ...other } = wish
  const twice = { userId, ...other, amount: 30_000, ref: made[0]!.ref }
  equal(refusedOf(await at.call('intent.create', twice)), 'DUPLICATE_REF')
  const cancelled = okOf(await at.call('intent.cancel', { userId, id: made[0]!.intentId }))
  equal(cancelled.status, 'cancel')
  equal((await create(at, userId)).status, 'pending')
})

test('deposit: what can be chosen and how much is the gateway’s word (GWJ1, GWD3)', async t => {
  const at = await counter(t)
  const { methods } = okOf(await at.call('intent.methods', {}))
  deepEqual(methods.map(({ method }) => method).toSorted(), [
    'bca_atlantic',
    'bni_atlantic',
    'dana_atlantic',
    'qris_atlantic',
    'qris_rumahotp_v1',
    'qris_rumahotp_v2',
    'qrisfast_atlantic',
  ])
  const bca = methods.find(({ method }) => method === 'bca_atlantic')!
  deepEqual([bca.kind, bca.min, bca.max], ['bank', 50_000, 50_000_000])
  const wish = { userId: at.user(), amount: 20_000, method: 'bca_atlantic' }
  const few = await at.call('intent.create', wish)
  deepEqual(few, {
    ...{ refused: 'AMOUNT_INVALID', moneyEffect: 'none' },
    details: { min: 50_000, max: 50_000_000 },
  })
  const none = await at.call('intent.create', { ...wish, method: 'emas' })
  equal(refusedOf(none), 'METHOD_UNKNOWN')
  const transfer = okOf(await at.call('intent.create', { ...wish, amount: 60_000 }))
  deepEqual([transfer.pay['bank'], transfer.pay['number']], ['BCA', '1234567890'])
  ok(transfer.amount > 60_000 && transfer.amount < 61_000)
  // It answers nothing that can be read: what it said last is good for an hour.
  await at.oracle('accounts', { party: 'atlantic', username: 'laju', api_key: 'another key' })
  const offered = () => at.gateways.menu().filter(one => one.gateway === 'atlantic').length
  at.clock.ms += 30 * 60_000
  await at.gateways.refresh()
  equal(offered(), 5)
  at.clock.ms += 31 * 60_000
  await at.gateways.refresh()
  equal(offered(), 0)
})

test('deposit: RumahOTP: gross is paid, net arrives; a picture where there is no text (GWC2, GWE4)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const drawn = await create(at, userId, { method: 'qris_rumahotp_v1' })
  match(drawn.pay['qr_image']!, /^data:image\/png;base64,/)
  equal(drawn.pay['qr_string'], undefined)
  const spelt = await create(at, userId, { method: 'qris_rumahotp_v2' })
  deepEqual([spelt.amount, spelt.fee, spelt.received], [20_220, 220, 20_000])
  await at.oracle('pay', { qr_string: spelt.pay['qr_string'] })
  await at.oracle('pay', { deposit_id: drawn.depositId })
  await Promise.all([becomes(at, drawn, 'success'), becomes(at, spelt, 'success')])
  equal(at.balance(wallet(userId)), 40_000)
  equal(at.balance(gateway('rumahotp')), -40_000)
})

test('deposit: the answer to its making is lost: not made again, nobody may pay it (GWE1, GWE2)', async t => {
  const at = await counter(t)
  const userId = at.user()
  await at.oracle('faults', {
    ...{ party: 'atlantic', latency: 0, timeout_after_sale: 1, timeout_seconds: 0.05 },
    mishaps_befall: ['deposit'],
  })
  const made = await create(at, userId, { ref: 'lost' })
  deepEqual([made.status, made.depositId, made.pay], ['checking', null, {}])
  await at.oracle('faults', { party: 'atlantic', latency: 0 })
  const again = await create(at, userId, { ref: 'lost' })
  equal(again.intentId, made.intentId)
  equal((await at.oracle<Row[]>('payments?party=atlantic')).length, 1)
})

/** Their answer was cut in half: the deposit may stand there. */
async function lostInTheMaking(at: Counter, userId: string): Promise<IntentView> {
  await at.oracle('faults', {
    ...{ party: 'atlantic', latency: 0, half_json: 1, mishaps_befall: ['deposit'] },
  })
  const made = await create(at, userId)
  equal(made.status, 'checking')
  return made
}

test('deposit: lost in the making, and paid all the same: their word names ours, once (GWG3)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const made = await lostInTheMaking(at, userId)
  const [row] = await at.oracle<Row[]>('payments?party=atlantic')
  await at.oracle('pay', { deposit_id: row!['deposit_id'], times: 2 })
  await hinted(at, made, 2)
  const known = await becomes(at, made, 'success')
  equal(known.depositId, row!['deposit_id'])
  equal(at.balance(wallet(userId)), 19_700)
})

test('deposit: lost in the making, and paid with another sum: suspense, not the wallet (GWG3)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const made = await lostInTheMaking(at, userId)
  const [row] = await at.oracle<Row[]>('payments?party=atlantic')
  await at.oracle('pay', { deposit_id: row!['deposit_id'], amount: 15_000 })
  const [entry] = await until(
    () => suspended(at),
    rows => rows.length === 1,
  )
  deepEqual([entry!.why, entry!.amount], ['AMOUNT', 14_700])
  const known = await get(at, made)
  deepEqual([known.status, known.depositId, known.amount], ['checking', row!['deposit_id'], 20_000])
  equal(at.balance(wallet(userId)), 0)
  // At a bank a part is added by which it is told apart: that is what was asked for.
  const bank = { method: 'bca_atlantic', amount: 60_000 }
  const lost = await create(at, userId, bank)
  const rows = await at.oracle<Row[]>('payments?party=atlantic')
  const other = rows.find(one => one['reference'] === lost.ref || one['method'] === 'BCA')!
  await at.oracle('pay', { deposit_id: other['deposit_id'] })
  await becomes(at, lost, 'success')
  equal(at.balance(wallet(userId)), Number(other['amount']))
  await sound(at)
})

test('deposit: called off for want of an answer, and paid all the same: its row says so too (GWF3, Z58)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const made = await lostInTheMaking(at, userId)
  at.clock.ms += 25 * 3_600_000
  await becomes(at, made, 'cancel')
  // Nobody knows its number; money comes, as a person reads in the gateway's own list.
  const sums = { amount: 20_000, fee: 300, received: 19_700 }
  const status = { type: 'status', theirs: 'success', ...sums, via: 'poll' }
  const { engine } = at.room
  const place = { shard: shardOf(made.intentId), key: keyOf(made.intentId), kind: 'deposit' }
  await engine.ask({ ...place, command: status })
  const by = randomUUID()
  const word = { id: made.intentId, n: 1, verdict: 'credit', by, reason: 'bukti transfer' } as const
  equal(okOf(await at.call('intent.resolve', word)).status, 'done')
  equal(at.balance(wallet(userId)), 19_700)
  const { updatedAt: _, ...known } = await get(at, made)
  const [{ updatedAt: __, ...row }] = okOf(await at.call('intent.list', { userId, limit: 1 }))
    .rows as [IntentView]
  deepEqual([row.status, row.suspended, row.why], [known.status, known.suspended, known.why])
  await sound(at)
})

test('deposit: not sent was not made; a refusal is one; not offered now is closed (GWE2, GWA3, GWD3)', async t => {
  const at = await counter(t)
  const userId = at.user()
  await at.oracle('accounts', { party: 'atlantic', username: 'laju', api_key: 'another key' })
  const wish = { userId, amount: 20_000, method: 'qris_atlantic' }
  equal(refusedOf(await at.call('intent.create', wish)), 'GATEWAY_REFUSED')
  const gateways = okOf(await at.call('intent.gateways', {})).rows
  const atlantic = gateways.find(({ code }) => code === 'atlantic')!
  await at.call('intent.putGateway', { ...atlantic, baseUrl: 'http://127.0.0.1:1' })
  equal(refusedOf(await at.call('intent.create', wish)), 'METHOD_CLOSED')
  equal(at.balance(wallet(userId)), 0)
})

test('deposit: had at once for a fee: quoted, taken once, refused where it can’t be (GWE3)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const made = await create(at, userId)
  const ask = (action: 'quote' | 'take', feeMax?: number) =>
    at.call('intent.instant', {
      ...{ userId, id: made.intentId, action },
      ...(feeMax === undefined ? {} : { feeMax }),
    })
  equal(refusedOf(await ask('quote')), 'INSTANT_UNAVAILABLE')
  await at.oracle('pay', { deposit_id: made.depositId, processing: true })
  equal((await becomes(at, made, 'processing')).instant, true)
  const quote = okOf(await ask('quote'))
  deepEqual([quote.fee, quote.received], [200, 19_500])
  equal(refusedOf(await ask('take', 199)), 'INSTANT_UNAVAILABLE')
  const [one, two] = await Promise.all([ask('take', 200), ask('take', 200)])
  deepEqual([okOf(one!).received, okOf(two!).deposit.intentId], [19_500, made.intentId])
  const paid = await becomes(at, made, 'success')
  deepEqual([paid.received, paid.fee], [19_500, 500])
  equal(at.balance(wallet(userId)), 19_500)
  const rumahotp = await create(at, userId, { method: 'qris_rumahotp_v2' })
  const none = { userId, id: rumahotp.intentId, action: 'take' } as const
  equal(refusedOf(await at.call('intent.instant', none)), 'INSTANT_UNAVAILABLE')
})

test('deposit: the answer to having it at once is lost: their word tells, one credit (GWE3)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const made = await create(at, userId)
  await at.oracle('pay', { deposit_id: made.depositId, processing: true })
  await becomes(at, made, 'processing')
  await at.oracle('faults', {
    ...{ party: 'atlantic', latency: 0, no_callback: 1, seed: 7 },
    ...{ half_json: 0.5, mishaps_befall: ['instant'] },
  })
  const take = { userId, id: made.intentId, action: 'take' } as const
  await at.call('intent.instant', take)
  await at.oracle('faults', { party: 'atlantic', latency: 0, no_callback: 1 })
  const state = await get(at, made)
  if (state.status !== 'success') await at.call('intent.instant', take)
  await at.call('intent.check', { id: made.intentId, by: randomUUID() })
  const [row] = await at.oracle<Row[]>('payments?party=atlantic')
  if (row!['status'] === 'success') {
    await becomes(at, made, 'success')
    equal(at.balance(wallet(userId)), 19_500)
  } else {
    equal(at.balance(wallet(userId)), 0)
  }
  equal(shardOf(made.intentId), shardOf(userId))
  await sound(at)
})

test('deposit: nobody tells and nobody looks: our own clock asks, also for late money (GWH1)', async t => {
  const at = await counter(t)
  const userId = at.user()
  await at.oracle('faults', { party: 'atlantic', latency: 0, no_callback: 1 })
  const early = await create(at, userId)
  const late = await create(at, userId, { method: 'qris_rumahotp_v2' })
  await at.oracle('pay', { deposit_id: early.depositId })
  at.clock.ms += 6_000
  await until(
    () => at.balance(wallet(userId)),
    sum => sum === 19_700,
  )
  const overMs = 26 * 60_000
  await at.oracle('clock', { party: 'rumahotp-deposits', advance_ms: overMs })
  at.clock.ms += overMs
  const ended = async () =>
    okOf(await at.call('intent.list', { userId, status: 'expired', limit: 10 })).rows
  deepEqual(
    (await until(ended, rows => rows.length === 1)).map(({ depositId }) => depositId),
    [late.depositId],
  )
  await at.oracle('pay', { deposit_id: late.depositId, late: true })
  at.clock.ms += 11 * 60_000
  const [entry] = await until(
    () => suspended(at),
    rows => rows.length === 1,
  )
  deepEqual([entry!.why, entry!.amount, entry!.via], ['LATE', 20_000, 'poll'])
  await sound(at)
})

test('gateways: a change is in use when it is heard; one that can’t be used is left out (GWD1, GWD2, GWD4)', async t => {
  const at = await counter(t)
  const rows = okOf(await at.call('intent.gateways', {})).rows
  const rumahotp = rows.find(({ code }) => code === 'rumahotp')!
  equal(JSON.stringify(rows).includes('a-long-key-of-ours'), false)
  await at.call('intent.putGateway', { ...rumahotp, active: false })
  ok(!at.gateways.menu().some(one => one.gateway === 'rumahotp'))
  await at.call('intent.putGateway', { ...rumahotp, credentials: { other: 'word' } })
  equal(at.gateways.get('rumahotp'), undefined)
  equal(at.gateways.health().reason, 'rumahotp: credentials lack apiKey')
  ok(at.gateways.get('atlantic') !== undefined)
  const call = await at.gateways.call('rumahotp', { ask: () => ({}) as never, read: () => 1 }, null)
  deepEqual(call, { unsent: 'gateway_unknown' })
  // Another process changes the table: it is heard without a word from here.
  await at.db.pool.query(sql.type(z.object({}))`
    update payment_gateway set active = false where code = 'atlantic'`)
  await until(
    () => at.gateways.menu().length,
    count => count === 0,
  )
})

const signatureOf = (username: string): string => hash('md5', username)
