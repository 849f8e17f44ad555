import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { hash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, type TestContext, test } from 'node:test'
import { cash, gateway, gatewayFee, suspense, wallet } from '../actors/chart.ts'
import { keyOf, shardOf } from '../engine/ids.ts'
import type { IntentView } from '../services/contract/deposit.ts'
import { Payouts } from '../services/deposit/gateway/payouts.ts'
import { Verdicts } from '../services/deposit/gateway/verdicts.ts'
import { until } from '../services/engine-room.fixture.ts'
import { sql, z } from '../sql/database.ts'
import { takePayout } from '../sql/gateway-payouts.ts'
import { type Counter, counterAt, okOf, type Row, refusedOf } from './deposit-line.fixture.ts'
import { databasesOfFile } from './test-database.ts'
import { sound as soundBooks } from './verify.fixture.ts'

const database = databasesOfFile(after)

async function counter(t: TestContext): Promise<Counter> {
  return await counterAt(t, await database())
}

const create = async ({ call }: Counter, userId: string, more: object = {}) =>
  okOf(await call('intent.create', { userId, amount: 20_000, method: 'qris_atlantic', ...more }))

const get = async ({ call }: Counter, { userId, intentId }: IntentView) =>
  okOf(await call('intent.get', { userId, id: intentId }))

const becomes = (at: Counter, made: IntentView, status: IntentView['status']) =>
  until(
    () => get(at, made),
    one => one.status === status,
  )

/** What gateways told by webhook, and what came of it. */
const trailOf = async ({ call }: Counter, { intentId }: IntentView) =>
  okOf(await call('intent.trail', { id: intentId }))

const hinted = async (at: Counter, made: IntentView, count: number) =>
  until(
    async () => (await trailOf(at, made)).hints,
    hints => hints.reduce((sum, one) => sum + one.times, 0) >= count,
  )

const suspended = async ({ call }: Counter) =>
  okOf(await call('intent.suspense', { open: true, limit: 10 })).rows

/** Nothing failed on the way, and a second reading of the journal finds nothing wrong. */
async function sound(at: Counter): Promise<void> {
  deepEqual(at.errors, [])
  await soundBooks(at)
}

type Held = { readonly reached: Promise<void>; readonly release: () => void }
type HeldDoor = {
  /** The next answer to such a request has been given there, and stays on the way. */
  readonly holdNext: (isMeant: (path: string, body: string) => boolean) => Held
  /** What becomes of what is said. */
  rewrite: (text: string) => string
}

/** Between us and Atlantic: answers can be late, and say something else. */
async function heldDoor(t: TestContext, at: Counter): Promise<HeldDoor> {
  const atlantic = okOf(await at.call('intent.gateways', {})).rows.find(
    one => one.code === 'atlantic',
  )!
  const wanted: { isMeant: (path: string, body: string) => boolean; reach: () => void }[] = []
  const gates: Promise<void>[] = []
  const made: HeldDoor = {
    holdNext(isMeant) {
      const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
      const { promise: gate, resolve: release } = Promise.withResolvers<void>()
      wanted.push({ isMeant, reach })
      gates.push(gate)
      return { reached, release }
    },
    rewrite: text => text,
  }
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    const body = Buffer.concat(pieces).toString()
    const path = request.url ?? ''
    const { 'content-type': type = '' } = request.headers
    const answer = await fetch(`${atlantic.baseUrl}${path}`, {
      ...{ method: 'POST', headers: { 'content-type': type }, body },
    })
    const text = await answer.text()
    const n = wanted.findIndex(({ isMeant }) => isMeant(path, body))
    if (n >= 0) {
      const [{ reach }] = wanted.splice(n, 1) as [(typeof wanted)[number]]
      const [gate] = gates.splice(n, 1)
      reach()
      await gate
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(made.rewrite(text))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const baseUrl = `http://127.0.0.1:${port}`
  await at.call('intent.putGateway', { ...atlantic, baseUrl, timeoutMs: 30_000 })
  await until(
    () => at.gateways.refresh().then(() => at.gateways.menu()),
    menu => menu.some(one => one.gateway === 'atlantic'),
  )
  return made
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

test('deposit: another amount than was agreed: suspense, until a person says (GWI1, GWF2)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const made = await create(at, userId)
  await at.oracle('pay', { deposit_id: made.depositId, amount: 15_000 })
  const parked = await becomes(at, made, 'checking')
  deepEqual([parked.why, parked.suspended], ['AMOUNT', 14_700])
  deepEqual([at.balance(wallet(userId)), at.balance(suspense)], [0, 14_700])
  const [entry] = await suspended(at)
  deepEqual(
    [entry!.n, entry!.why, entry!.amount, entry!.gateway],
    [1, 'AMOUNT', 14_700, 'atlantic'],
  )
  const by = randomUUID()
  const said = { id: made.intentId, n: 1, verdict: 'credit', by, reason: 'salah ketik' } as const
  equal(refusedOf(await at.call('intent.resolve', { ...said, by: userId })), 'OWN_ACCOUNT')
  const verdict = okOf(await at.call('intent.resolve', said))
  equal(verdict.status, 'done')
  deepEqual([at.balance(wallet(userId)), at.balance(suspense)], [14_700, 0])
  equal(refusedOf(await at.call('intent.resolve', said)), 'SUSPENSE_ABSENT')
  deepEqual(await suspended(at), [])
  const rows = async () => okOf(await at.call('intent.list', { userId, limit: 10 })).rows
  const [row] = await rows()
  deepEqual([row!.status, row!.received, row!.suspended], ['success', 14_700, 0])
  await at.rows.rebuild()
  deepEqual((await rows())[0], row)
})

test('deposit: a rupiah short, a rupiah over, in both gateways: suspense (GWH2)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const ways = ['qris_atlantic', 'qris_rumahotp_v1'] as const
  for (const method of ways) {
    for (const off of [-1, 1]) {
      const made = await create(at, userId, { method })
      const { depositId: deposit_id } = made
      await at.oracle('pay', { deposit_id, amount: made.amount + off })
      await becomes(at, made, 'checking')
    }
  }
  const rows = await suspended(at)
  deepEqual(rows.map(({ why, amount }) => [why, amount]).toSorted(), [
    ...[
      ['AMOUNT', 19_699],
      ['AMOUNT', 19_701],
    ],
    ...[
      ['AMOUNT', 19_999],
      ['AMOUNT', 20_001],
    ],
  ])
  equal(at.balance(wallet(userId)), 0)
  await sound(at)
})

test('deposit: late: suspense; above the limit another person must say so (GWI1, GWI2, GWI3, GWH1)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const by = randomUUID()
  const wish = { amount: 6_000_000, method: 'qrisfast_atlantic' }
  const made = await create(at, userId, wish)
  await at.oracle('clock', { party: 'atlantic', advance_ms: 3_700_000 })
  at.clock.ms += 3_700_000
  await at.call('intent.check', { id: made.intentId, by })
  await becomes(at, made, 'expired')
  await at.oracle('pay', { deposit_id: made.depositId, late: true })
  await hinted(at, made, 1)
  const [entry] = await until(
    () => suspended(at),
    rows => rows.length === 1,
  )
  equal(entry!.why, 'LATE')
  const { amount } = entry!
  equal(at.balance(suspense), amount)
  const said = { id: made.intentId, n: 1, verdict: 'credit', by, reason: 'bukti ada' } as const
  const asked = okOf(await at.call('intent.resolve', said))
  equal(asked.status, 'waiting')
  equal(okOf(await at.call('intent.resolve', said)).id, asked.id)
  equal(
    refusedOf(await at.call('intent.resolve', { ...said, verdict: 'return' })),
    'ALREADY_DECIDED',
  )
  const verdictId = asked.id
  const yes = { verdictId, verdict: 'approved' } as const
  equal(refusedOf(await at.call('intent.judge', { ...yes, by })), 'SECOND_PERSON_NEEDED')
  equal(refusedOf(await at.call('intent.judge', { ...yes, by: userId })), 'OWN_ACCOUNT')
  equal(at.balance(wallet(userId)), 0)
  const second = randomUUID()
  const [one, two] = await Promise.all([
    at.call('intent.judge', { ...yes, by: second }),
    at.call('intent.judge', { ...yes, by: second }),
  ])
  const done = [one!, two!].filter(answer => 'ok' in answer)
  equal(done.length, 1)
  equal(at.balance(wallet(userId)), amount)
  equal(at.balance(suspense), 0)
  equal((await get(at, made)).status, 'success')
})

test('deposit: paid twice by two payers: the second one is in suspense, and goes back (GWH2)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const made = await create(at, userId)
  await at.oracle('pay', { deposit_id: made.depositId })
  await becomes(at, made, 'success')
  await at.oracle('pay', { deposit_id: made.depositId, times: 3 })
  const [entry] = await until(
    () => suspended(at),
    rows => rows.length === 1,
  )
  deepEqual([entry!.why, entry!.amount], ['TWICE', 20_000])
  equal(at.balance(wallet(userId)), 19_700)
  const by = randomUUID()
  await at.call('intent.check', { id: made.intentId, by })
  equal((await suspended(at)).length, 1)
  const back = {
    id: made.intentId,
    n: 1,
    verdict: 'return',
    by,
    reason: 'dibayar dua kali',
  } as const
  equal(okOf(await at.call('intent.resolve', back)).status, 'done')
  deepEqual([at.balance(suspense), at.balance(gateway('atlantic'))], [0, -19_700])
})

test('deposit: an answer from before the second payer comes last: what came is booked once (GWH2, DPA6)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const door = await heldDoor(t, at)
  const made = await create(at, userId)
  const isStatus = (path: string) => path.endsWith('/deposit/status')
  const held = door.holdNext(isStatus)
  await at.oracle('pay', { deposit_id: made.depositId })
  await held.reached
  // The second payer is heard of by our own clock, while the first answer is on its way.
  await at.oracle('pay', { deposit_id: made.depositId, times: 0 })
  at.clock.ms += 6_000
  await becomes(at, made, 'checking')
  deepEqual([at.balance(wallet(userId)), at.balance(suspense)], [0, 39_700])
  held.release()
  deepEqual(
    (await hinted(at, made, 1)).map(({ verdict }) => verdict),
    ['success: nothing new, parked'],
  )
  equal(at.balance(suspense), 39_700)
  await sound(at)
})

test('deposit: the gateway says the whole sum while it is drawn: what was agreed arrives (GWE3, DPA8)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const door = await heldDoor(t, at)
  const made = await create(at, userId)
  const { intentId: id, depositId } = made
  await at.oracle('pay', { deposit_id: depositId, processing: true })
  await becomes(at, made, 'processing')
  const held = door.holdNext((path, body) => path.endsWith('/instant') && /=true/.test(body))
  const taken = at.call('intent.instant', { userId, id, action: 'take' })
  await held.reached
  // It is drawn there, and a status forgets the fee for it.
  door.rewrite = text =>
    text.replace(/"fee":"500","get_balance":"19500"/, '"fee":"300","get_balance":"19700"')
  const by = randomUUID()
  const told = okOf(await at.call('intent.check', { id, by }))
  deepEqual([told.status, at.balance(wallet(userId))], ['processing', 0])
  held.release()
  deepEqual(okOf(await taken).received, 19_500)
  await becomes(at, made, 'success')
  await at.call('intent.check', { id, by })
  deepEqual([at.balance(wallet(userId)), at.balance(suspense)], [19_500, 0])
  await sound(at)
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

test('deposit: expired, paid, paid, sent back, paid: one entry, one reversal (GWH2, GWI1)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const by = randomUUID()
  const made = await create(at, userId)
  await at.oracle('clock', { party: 'atlantic', advance_ms: 3_700_000 })
  at.clock.ms += 3_700_000
  await at.call('intent.check', { id: made.intentId, by })
  await becomes(at, made, 'expired')
  await at.oracle('pay', { deposit_id: made.depositId, late: true, times: 3 })
  await until(
    () => suspended(at),
    rows => rows.length === 1,
  )
  const back = { id: made.intentId, n: 1, verdict: 'return', by, reason: 'dikembalikan' } as const
  equal(okOf(await at.call('intent.resolve', back)).status, 'done')
  await Promise.all([1, 2].map(() => at.call('intent.check', { id: made.intentId, by })))
  const { suspense: entries } = okOf(await at.call('intent.trail', { id: made.intentId }))
  deepEqual(
    entries.map(({ n, why, verdict }) => [n, why, verdict]),
    [[1, 'LATE', 'return']],
  )
  deepEqual([at.balance(wallet(userId)), at.balance(gateway('atlantic'))], [0, 0])
  await sound(at)
})

test('deposit: approved, and we died before it was done: it is done once (GWI3, GWI4)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const made = await create(at, userId)
  const by = randomUUID()
  const own = { id: made.intentId, n: 0, verdict: 'paid', reason: 'percaya saja' } as const
  equal(refusedOf(await at.call('intent.resolve', { ...own, by: userId })), 'OWN_ACCOUNT')
  await at.db.pool.query(sql.type(z.object({}))`
    insert into deposit_verdict (intent_id, n, user_id, verdict, amount, reason, status, asked_by,
      asked_at)
    values (${made.intentId}, 0, ${userId}, 'paid', ${made.received}, 'bukti', 'approved', ${by},
      now())`)
  const verdicts = new Verdicts({ room: at.room, db: at.db })
  await Promise.all([verdicts.work(), verdicts.work()])
  await verdicts.work()
  equal((await get(at, made)).status, 'success')
  equal(at.balance(wallet(userId)), made.received)
  const { verdicts: rows, events } = okOf(await at.call('intent.trail', { id: made.intentId }))
  deepEqual(
    rows.map(({ status }) => status),
    ['done'],
  )
  const paid = events.find(({ type }) => type === 'paid')!
  deepEqual([paid.data['via'], paid.data['by'], paid.data['reason']], ['manual', by, 'bukti'])
  // The gateway says so, too, later on.
  await at.oracle('pay', { deposit_id: made.depositId })
  await hinted(at, made, 1)
  deepEqual([at.balance(wallet(userId)), await suspended(at)], [made.received, []])
  await sound(at)
})

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
