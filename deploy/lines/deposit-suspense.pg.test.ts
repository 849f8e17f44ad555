/** Money through gateways that is not what was agreed: in suspense, until a person says. */

import { deepEqual, equal } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, type TestContext, test } from 'node:test'
import { gateway, suspense, wallet } from '../../actors/chart.ts'
import { Verdicts } from '../../services/deposit/gateway/verdicts.ts'
import { until } from '../../services/engine-room.fixture.ts'
import { sql, z } from '../../sql/database.ts'
import { databasesOfFile } from '../testing/database.ts'
import {
  becomes,
  type Counter,
  counterAt,
  create,
  get,
  heldDoor,
  hinted,
  okOf,
  refusedOf,
  sound,
  suspended,
} from './deposit.fixture.ts'

const database = databasesOfFile(after)

async function counter(t: TestContext): Promise<Counter> {
  return await counterAt(t, await database())
}

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

test('deposit: paid, says a person, while it is being drawn: carried out when that is over (GWI5)', async t => {
  const at = await counter(t)
  const userId = at.user()
  const door = await heldDoor(t, at)
  const made = await create(at, userId)
  const { intentId: id } = made
  await at.oracle('pay', { deposit_id: made.depositId, processing: true })
  await becomes(at, made, 'processing')
  const answer = door.holdNext((path, body) => path.endsWith('/instant') && /=true/.test(body))
  // It is drawn there, and a status forgets the fee for it.
  door.rewrite = text =>
    text.replace(/"fee":"500","get_balance":"19500"/, '"fee":"300","get_balance":"19700"')
  const taken = at.call('intent.instant', { userId, id, action: 'take' })
  await answer.reached
  const by = randomUUID()
  const said = { id, n: 0, verdict: 'paid', by, reason: 'bukti transfer' } as const
  equal(okOf(await at.call('intent.resolve', said)).status, 'approved')
  equal(at.balance(wallet(userId)), 0)
  answer.release()
  await taken
  await becomes(at, made, 'success')
  const trail = async () => okOf(await at.call('intent.trail', { id })).verdicts
  await until(trail, ([one]) => one?.status === 'done')
  await sound(at)
})
