import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { batchOf, merchantAdjustment, merchantOwner, payable, payout } from '../../actors/chart.ts'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { sound } from '../../deploy/verify/verify.fixture.ts'
import { verify } from '../../deploy/verify/verify.ts'
import { Fault } from '../../engine/assert.ts'
import { shardOf } from '../../engine/ids.ts'
import { openDatabase, sql } from '../../sql/database.ts'
import type { SettlementView } from '../contract/soundbox.ts'
import type { Actions } from '../contract.ts'
import { bookDay, dueDay } from './book-day.ts'
import {
  okOf,
  refusedOf,
  type Shop,
  shopAt,
  signed,
  type Till,
  tillAt,
  withFees,
} from './soundbox.fixture.ts'

const by = 'finance'
const dayMs = 24 * 60 * 60_000
/** A Wednesday, at noon in Jakarta. */
const wednesday = Date.UTC(2026, 9, 14, 5)

type Stand = Till & Shop

const database = databasesOfFile(after)

async function standAt(t: TestContext): Promise<Stand> {
  const till = await tillAt(t, { url: await database(), ms: wednesday })
  await withFees(till, 0)
  return { ...till, ...(await shopAt(till.call)) }
}

let references = 0

async function paid(stand: Stand, amount: number): Promise<string> {
  const { nmid } = stand.merchant
  const told = { reference: `RRN${++references}`, nmid, terminal_id: stand.printed.tid, amount }
  const answer = await stand.call('payment.callback', await signed(stand, told))
  ok(answer.verdict === 'taken' && answer.result === 'applied', JSON.stringify(answer))
  return answer.transactionId!
}

const refund = async ({ call }: Stand, transactionId: string, amount: number) =>
  okOf(
    await call('payment.refund', {
      ...{ transactionId, refundId: `r${++references}`, amount, reason: 'rusak', by },
    }),
  )

const create = ({ call, merchant }: Stand, reference?: string) =>
  call('settlement.create', {
    ...{ merchantId: merchant.merchantId, by },
    ...(reference === undefined ? {} : { reference }),
  })

const only = ({ settlementBatchId }: SettlementView) => ({ settlementBatchId })

const balance = ({ room, merchant }: Stand, account: string): number =>
  room.engine.host.shard(shardOf(merchant.merchantId))!.accounts.get(account)?.balance ?? 0

async function linesOf(
  { call }: Stand,
  { settlementBatchId }: Pick<SettlementView, 'settlementBatchId'>,
) {
  const rows = []
  let cursor: string | undefined
  for (;;) {
    const page = okOf(
      await call('settlement.lines', {
        ...{ settlementBatchId, limit: 7 },
        ...(cursor === undefined ? {} : { cursor }),
      }),
    )
    rows.push(...page.rows)
    if (page.next === null) return rows
    cursor = page.next
  }
}
const sum = (rows: readonly { readonly net: number }[]) =>
  rows.reduce((all, { net }) => all + net, 0)

test('settlement: due days: T+1 over a weekend and a bank holiday (SAM1)', async t => {
  const stand = await standAt(t)
  const day = (n: number) => wednesday + n * dayMs
  await paid(stand, 1_000)
  equal(refusedOf(await create(stand)), 'NOTHING_TO_SETTLE')
  stand.clock.ms = day(1)
  await paid(stand, 2_000)
  const first = okOf(await create(stand))
  deepEqual([first.total, first.days], [1_000, [{ day: '20261014', amount: 1_000 }]])
  okOf(await stand.call('merchant.putHoliday', { day: '2026-10-16', name: 'Libur', by }))
  stand.clock.ms = day(2)
  equal(refusedOf(await create(stand)), 'NOTHING_TO_SETTLE')
  stand.clock.ms = day(5)
  equal(okOf(await create(stand)).total, 2_000)
  equal(dueDay('20261015', { days: 1, holidays: new Set(['20261016']) }), '20261019')
  equal(bookDay(day(5)), '20261019')
})

test('settlement: a refund below zero: kept back from the next batch (SAM1)', async t => {
  const stand = await standAt(t)
  const early = await paid(stand, 10_000)
  stand.clock.ms += dayMs
  const batch = okOf(await create(stand))
  okOf(await stand.call('settlement.markPaid', { settlementBatchId: batch.settlementBatchId, by }))
  await refund(stand, early, 4_000)
  equal(refusedOf(await create(stand)), 'NOTHING_TO_SETTLE')
  stand.clock.ms += dayMs
  await paid(stand, 9_000)
  equal(refusedOf(await create(stand)), 'NOTHING_TO_SETTLE')
  const { owed, dueNow } = okOf(
    await stand.call('settlement.summary', { merchantId: stand.merchant.merchantId }),
  )
  deepEqual([owed, dueNow], [5_000, 0])
  stand.clock.ms += 3 * dayMs
  const next = okOf(await create(stand))
  equal(next.total, 5_000)
  const lines = await linesOf(stand, next)
  deepEqual(lines.map(({ kind, net }) => [kind, net]).sort(), [
    ['payment', 9_000],
    ['refund', -4_000],
  ])
})

test('settlement: twenty at once while money comes in: every rupiah in one batch (SAM2, SAG2)', async t => {
  const stand = await standAt(t)
  for (let n = 0; n < 30; n++) await paid(stand, 1_000 + n)
  stand.clock.ms += dayMs
  const merchantId = stand.merchant.merchantId
  const wanted = { merchantId, by, fields: { settleDays: 0 } } as const
  okOf(await stand.call('merchant.change', wanted))
  const arriving = Array.from({ length: 30 }, (_, n) => paid(stand, 5_000 + n))
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => {
      if (n % 2 === 1) await arriving[n]
      return await create(stand, `S-${n}`)
    }),
  )
  await Promise.all(arriving)
  const batches = answers.flatMap(answer => ('ok' in answer ? [answer.ok] : []))
  const refusals = answers.flatMap(answer => ('ok' in answer ? [] : [refusedOf(answer)]))
  deepEqual(
    [...new Set(refusals)].filter(code => code !== 'NOTHING_TO_SETTLE'),
    [],
  )
  const last = await create(stand, 'S-last')
  if ('ok' in last) batches.push(last.ok)
  const seen = new Map<string, string>()
  for (const batch of batches) {
    const lines = await linesOf(stand, batch)
    equal(sum(lines), batch.total)
    for (const { transactionId } of lines) {
      equal(seen.get(transactionId), undefined)
      seen.set(transactionId, batch.settlementBatchId)
    }
  }
  equal(seen.size, 60)
  const total = batches.reduce((all, batch) => all + batch.total, 0)
  equal(total, 30 * 1_000 + 30 * 5_000 + 29 * 30)
  equal(balance(stand, batchOf(merchantId)), total)
  for (const day of ['20261014', '20261015']) equal(balance(stand, payable(merchantId, day)), 0)
  const before = okOf(await stand.call('settlement.list', { merchantId, limit: 50 }))
  equal(before.rows.length, batches.length)
  await stand.rows.rebuild()
  deepEqual(okOf(await stand.call('settlement.list', { merchantId, limit: 50 })), before)
  for (const batch of batches) equal(sum(await linesOf(stand, batch)), batch.total)
  deepEqual(stand.errors, [])
  await sound(stand)
})

test('settlement: paid once, adjusted before, with the bank’s word (SAM5)', async t => {
  const stand = await standAt(t)
  await paid(stand, 10_000)
  stand.clock.ms += dayMs
  const made = okOf(await create(stand, 'S-1'))
  equal(okOf(await create(stand, 'S-1')).settlementBatchId, made.settlementBatchId)
  const { settlementBatchId } = made
  const words = { settlementBatchId, reason: 'promo', by }
  const adjust = (adjustmentId: string, kind: 'credit' | 'debit', amount: number) =>
    stand.call('settlement.adjust', { ...words, adjustmentId, kind, amount })
  equal(okOf(await adjust('a', 'credit', 500)).total, 10_500)
  equal(okOf(await adjust('b', 'debit', 1_500)).total, 9_000)
  equal(refusedOf(await adjust('c', 'debit', 9_001)), 'AMOUNT_INVALID')
  const pay = (bankReference: string) =>
    stand.call('settlement.markPaid', { settlementBatchId, bankReference, by })
  const answers = await Promise.all([pay('B-1'), pay('B-1'), pay('B-1')])
  deepEqual(
    answers.map(answer => okOf(answer).status),
    ['paid', 'paid', 'paid'],
  )
  equal(refusedOf(await pay('B-2')), 'BATCH_FINAL')
  equal(refusedOf(await stand.call('settlement.cancel', words)), 'BATCH_FINAL')
  deepEqual(
    [payout, merchantAdjustment, batchOf(made.merchantId)].map(account => balance(stand, account)),
    [9_000, 1_000, 0],
  )
  const told = [(await adjustmentsAt(stand, { limit: 1 })).rows]
  for (let cursor = (await adjustmentsAt(stand, { limit: 1 })).next; cursor !== null; ) {
    const { rows, next } = await adjustmentsAt(stand, { settlementBatchId, cursor, limit: 1 })
    told.push(rows)
    cursor = next
  }
  deepEqual(
    told.map(rows => rows.map(({ kind, amount }) => [kind, amount])),
    [[['debit', 1_500]], [['credit', 500]]],
  )
  const rival = await shopAt(stand.call, 'Toko Lain')
  const foreign = { settlementBatchId, merchantId: rival.merchant.merchantId }
  equal(refusedOf(await stand.call('settlement.get', foreign)), 'NOT_FOUND')
  equal(refusedOf(await stand.call('settlement.lines', { ...foreign, limit: 5 })), 'NOT_FOUND')
})

const adjustmentsAt = async (
  { call }: Pick<Till, 'call'>,
  asked: Actions['settlement.adjustments']['params'],
) => okOf(await call('settlement.adjustments', asked))

test('settlement: failed, and again: another batch with the same, found when asked twice (SAM4)', async t => {
  const stand = await standAt(t)
  await paid(stand, 10_000)
  stand.clock.ms += dayMs
  const { settlementBatchId, merchantId } = okOf(await create(stand, 'S-1'))
  const credit = { adjustmentId: 'a', kind: 'credit', amount: 500, reason: 'promo', by } as const
  okOf(await stand.call('settlement.adjust', { settlementBatchId, ...credit }))
  const words = { settlementBatchId, reason: 'rekening salah', by }
  okOf(await stand.call('settlement.markFailed', words))
  equal(balance(stand, payable(merchantId, '20261014')), 10_000)
  equal(balance(stand, merchantAdjustment), 0)
  deepEqual(await linesOf(stand, { settlementBatchId }), [])
  const next = okOf(await stand.call('settlement.reprocess', { settlementBatchId, by }))
  deepEqual([next.total, next.replaces, next.status], [10_500, settlementBatchId, 'created'])
  const again = okOf(await stand.call('settlement.reprocess', { settlementBatchId, by }))
  equal(again.settlementBatchId, next.settlementBatchId)
  const old = okOf(await stand.call('settlement.get', { settlementBatchId }))
  deepEqual([old.status, old.next], ['reprocessed', next.settlementBatchId])
  equal(sum(await linesOf(stand, next)), 10_000)
  const running = { settlementBatchId: next.settlementBatchId, by }
  equal(refusedOf(await stand.call('settlement.reprocess', running)), 'STATUS_INVALID')
  await sound(stand)
})

test('settlement: in the place of a failed one: what came to be owed meanwhile goes off it (SAM1, SAM8)', async t => {
  const stand = await standAt(t)
  const { call, clock } = stand
  const old = await paid(stand, 80_000)
  clock.ms += dayMs
  okOf(await call('settlement.markPaid', { ...only(okOf(await create(stand))), by }))
  await paid(stand, 100_000)
  clock.ms += dayMs
  const failed = okOf(await create(stand))
  okOf(await call('settlement.markFailed', { ...only(failed), reason: 'rekening salah', by }))
  await refund(stand, old, 80_000)
  const next = okOf(await call('settlement.reprocess', { ...only(failed), by }))
  equal(next.total, 20_000)
  okOf(await call('settlement.markPaid', { ...only(next), by }))
  const { merchantId } = stand.merchant
  equal(okOf(await call('settlement.summary', { merchantId })).owed, 0)
  await sound(stand)
})

test('settlement: who is suspended waits, until he is back or a person makes a batch (SAM11)', async t => {
  const stand = await standAt(t)
  const { call, merchant } = stand
  const { merchantId } = merchant
  const judge = async (verb: 'suspend' | 'resume') =>
    okOf(await call('merchant.judge', { merchantId, verb, reason: 'diperiksa', by, role: 'admin' }))
  const run = async () => okOf(await call('settlement.run', { by })).rows.map(({ total }) => total)
  await paid(stand, 30_000)
  stand.clock.ms += dayMs
  await judge('suspend')
  deepEqual(await run(), [])
  const byHand = okOf(await create(stand))
  okOf(await call('settlement.cancel', { ...only(byHand), reason: 'belum', by }))
  await judge('resume')
  deepEqual(await run(), [30_000])
  await sound(stand)
})

test('verify: batches that are not what the journal says: told (Z52)', async t => {
  const stand = await standAt(t)
  await paid(stand, 10_000)
  stand.clock.ms = wednesday + dayMs
  const { settlementBatchId } = okOf(await create(stand, 'B-1'))
  const words = { settlementBatchId, by, reason: 'a reason' }
  okOf(
    await stand.call('settlement.adjust', {
      ...words,
      adjustmentId: 'a',
      kind: 'credit',
      amount: 500,
    }),
  )
  okOf(await stand.call('settlement.markPaid', { settlementBatchId, bankReference: 'TRF', by }))
  okOf(await stand.call('settlement.list', { limit: 5 }))
  const { url } = stand.db
  await sound(stand)
  const db = await openDatabase(url)
  t.after(() => db.end())
  const found = async () =>
    (await verify({ url })).problems.map(({ name, text }) => [name, text]).sort()
  await db.pool.query(sql.unsafe`update settlement_view set bank_reference = 'X', adjusted = 0`)
  deepEqual(await found(), [
    [
      'settlement_view.changed',
      'adjusted is 0, the journal says 500; bank_reference is X, the journal says TRF',
    ],
  ])
  await db.pool.query(sql.unsafe`delete from settlement_view`)
  deepEqual(await found(), [
    ['merchant_entry.extra', '3 rows belong to nothing that has a row'],
    ['settlement_adjustment.extra', '1 rows belong to nothing that has a row'],
    ['settlement_view.missing', 'reference B-1 has no row'],
  ])
})

test('verify: payments and refunds in another batch than took them: each is named (Z54)', async t => {
  const stand = await standAt(t)
  const ids = [await paid(stand, 10_000), await paid(stand, 20_000)]
  await refund(stand, ids[0]!, 1_000)
  stand.clock.ms += dayMs
  const failed = okOf(await create(stand, 'B-1')).settlementBatchId
  okOf(await stand.call('settlement.markFailed', { settlementBatchId: failed, reason: 'x', by }))
  const live = okOf(await create(stand, 'B-2')).settlementBatchId
  const later = await paid(stand, 30_000)
  await refund(stand, ids[1]!, 2_000)
  okOf(await stand.call('settlement.list', { limit: 5 }))
  const { url } = stand.db
  await sound(stand)
  const db = await openDatabase(url)
  t.after(() => db.end())
  const found = async (linesPerPart: number) =>
    (await verify({ url, linesPerPart })).problems
      .map(({ name, actor, text }) => [
        name,
        actor,
        text.replace(/refunds is .*? the/, 'the').replace(/ \d{13} [0-9a-f]{32}/, ''),
      ])
      .sort()
  const run = (query: ReturnType<typeof sql.unsafe>) => db.pool.query(query)
  const first = (await db.pool.one(
    sql.unsafe`select refund_id as id from payment_refund where payment_id = ${ids[0]!}`,
  )) as { id: string }
  // One that is in no batch any more, one that is still in the failed one, one that is too early.
  await run(sql.unsafe`update payment_view set batch_id = null where id = ${ids[0]!}`)
  await run(sql.unsafe`update payment_view set batch_id = ${failed} where id = ${ids[1]!}`)
  await run(sql.unsafe`update payment_view set batch_id = ${live} where id = ${later}`)
  await run(
    sql.unsafe`update payment_refund set batch_id = ${failed} where payment_id = ${ids[0]!}`,
  )
  for (const linesPerPart of [1, 1_000]) {
    deepEqual(
      await found(linesPerPart),
      [
        [
          ...['payment_view.changed', ids[0]],
          `batch is null, the journal says ${live}; ` +
            `the journal says ${first.id} 20261014 1000 0 ${live}`,
        ],
        [...['payment_view.changed', ids[1]], `batch is ${failed}, the journal says ${live}`],
        [...['payment_view.changed', later], `batch is ${live}, the journal says null`],
      ].sort(),
    )
  }
  await run(
    sql.unsafe`update payment_view set batch_id = ${live} where id = any(${sql.array(ids, 'uuid')})`,
  )
  await run(sql.unsafe`update payment_view set batch_id = null where id = ${later}`)
  await run(
    sql.unsafe`update payment_refund set payment_id = ${live} where payment_id = ${ids[0]!}`,
  )
  deepEqual(
    (await found(1_000)).map(([name, actor]) => [name, actor]),
    [
      ['payment_refund.extra', undefined],
      ['payment_view.changed', ids[0]],
    ],
  )
})

test('settlement: lines: refunds are paged as payments are, and all of them come (SAM9)', async t => {
  const stand = await standAt(t)
  const { call } = stand
  const ids = await Promise.all(Array.from({ length: 5 }, () => paid(stand, 1_000)))
  for (const transactionId of ids) {
    for (let n = 0; n < 3; n++) await refund(stand, transactionId, 100)
  }
  stand.clock.ms += dayMs
  const batch = okOf(await create(stand))
  const all = { settlementBatchId: batch.settlementBatchId }
  const whole = okOf(await call('settlement.lines', { ...all, limit: 100 }))
  deepEqual([whole.rows.length, whole.next, sum(whole.rows)], [20, null, batch.total])
  for (const limit of [1, 4, 5, 14, 15, 16, 19, 20]) {
    const rows = []
    let cursor: string | undefined
    do {
      const at = cursor === undefined ? {} : { cursor }
      const page = okOf(await call('settlement.lines', { ...all, ...at, limit }))
      ok(page.rows.length <= limit)
      rows.push(...page.rows)
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    deepEqual(rows, whole.rows)
  }
  for (const cursor of ['x', 'x/y', `${ids[0]}x`]) {
    equal(refusedOf(await call('settlement.lines', { ...all, cursor, limit: 5 })), 'NOT_FOUND')
  }
})

test('settlement: a run: one batch per merchant and day, for whoever has something due (SAM3)', async t => {
  const stand = await standAt(t)
  const rival = { ...stand, ...(await shopAt(stand.call, 'Toko Lain')) }
  await shopAt(stand.call, 'Toko Sepi')
  await paid(stand, 1_000)
  await paid(rival, 2_000)
  stand.clock.ms += dayMs
  const first = okOf(await stand.call('settlement.run', { by }))
  deepEqual(first.rows.map(({ total }) => total).sort(), [1_000, 2_000])
  const again = okOf(await stand.call('settlement.run', { by }))
  deepEqual(again.rows, [])
  await paid(stand, 3_000)
  stand.clock.ms += dayMs
  const next = okOf(await stand.call('settlement.run', { by }))
  deepEqual(
    next.rows.map(({ total }) => total),
    [3_000],
  )
})

test('settlement: a run: who can not be asked keeps nobody else’s batch back (SAM12)', async t => {
  const stand = await standAt(t)
  const rival = { ...stand, ...(await shopAt(stand.call, 'Toko Lain')) }
  const shops = [stand.merchant.merchantId, rival.merchant.merchantId].sort()
  await paid(stand, 1_000)
  await paid(rival, 1_000)
  stand.clock.ms += dayMs
  const { engine } = stand.room
  const ask = engine.ask.bind(engine)
  const stopped = new Fault('shard.stopped', { untouched: true })
  const [first] = shops
  engine.ask = (envelope, ...rest) =>
    envelope.owner === merchantOwner(first!) ? Promise.reject(stopped) : ask(envelope, ...rest)
  const cut = await stand.call('settlement.run', { by })
  ok('fault' in cut && cut.fault === 'JOURNAL_UNAVAILABLE', JSON.stringify(cut))
  const batches = async () =>
    okOf(await stand.call('settlement.list', { limit: 5 })).rows.map(one => one.merchantId)
  deepEqual(await batches(), [shops[1]])
  engine.ask = ask
  okOf(await stand.call('settlement.run', { by }))
  deepEqual((await batches()).sort(), shops)
})

test('settlement: a debit of a batch that failed: the next day’s run has it (SAM7)', async t => {
  const stand = await standAt(t)
  const { call } = stand
  await paid(stand, 100_000)
  stand.clock.ms += dayMs
  const first = okOf(await call('settlement.run', { by })).rows[0]!
  const failed = { settlementBatchId: first.settlementBatchId, by }
  const debit = { adjustmentId: 'sewa', kind: 'debit', amount: 25_000, reason: 'sewa' } as const
  okOf(await call('settlement.adjust', { ...failed, ...debit }))
  okOf(await call('settlement.markFailed', { ...failed, reason: 'rekening salah' }))
  // Whoever asks again that day gets nothing by himself: a person has to look at it.
  const runs = async () =>
    okOf(await call('settlement.run', { by: 'calendar' })).rows.map(one => [
      one.total,
      one.adjusted,
      one.replaces,
    ])
  await runs()
  equal(okOf(await call('settlement.get', failed)).status, 'failed')
  await paid(stand, 7_000)
  stand.clock.ms += dayMs
  deepEqual(await runs(), [[82_000, -25_000, first.settlementBatchId]])
  deepEqual(await runs(), [])
  equal(okOf(await call('settlement.get', failed)).status, 'reprocessed')
  equal(balance(stand, merchantAdjustment), 25_000)
  await sound(stand)
})

test('settlement: a debit above what is due: all of it waits for the debit’s day (SAM7)', async t => {
  const stand = await standAt(t)
  const { call } = stand
  await paid(stand, 30_000)
  stand.clock.ms += dayMs
  const first = okOf(await create(stand))
  const failed = { settlementBatchId: first.settlementBatchId, by }
  const debit = { adjustmentId: 'sewa', kind: 'debit', amount: 25_000, reason: 'sewa' } as const
  okOf(await call('settlement.adjust', { ...failed, ...debit }))
  okOf(await call('settlement.markFailed', { ...failed, reason: 'rekening salah' }))
  // A person takes its days without it.
  const other = okOf(await create(stand))
  okOf(await call('settlement.markPaid', { settlementBatchId: other.settlementBatchId, by }))
  await paid(stand, 20_000)
  stand.clock.ms += dayMs
  const run = async () => okOf(await call('settlement.run', { by })).rows.map(({ total }) => total)
  deepEqual(await run(), [])
  await paid(stand, 9_000)
  stand.clock.ms += 3 * dayMs
  deepEqual(await run(), [4_000])
  await sound(stand)
})

test('settlement: again: a day that is not due is not paid out by the way (SAM1, SAM8)', async t => {
  const stand = await standAt(t)
  const { call } = stand
  const early = await paid(stand, 10_000)
  stand.clock.ms += dayMs
  okOf(await call('settlement.markPaid', { ...only(okOf(await create(stand))), by }))
  await refund(stand, early, 4_000)
  stand.clock.ms += dayMs
  await paid(stand, 9_000)
  stand.clock.ms += 3 * dayMs
  await refund(stand, await paid(stand, 5_000), 5_000)
  await refund(stand, early, 1_000)
  // Today stands at -1,000: it is in the batch.
  const first = okOf(await create(stand))
  equal(first.total, 4_000)
  okOf(await call('settlement.markFailed', { ...only(first), reason: 'x', by }))
  await paid(stand, 50_000)
  const again = okOf(await call('settlement.reprocess', { ...only(first), by }))
  equal(again.total, 5_000)
  okOf(await call('settlement.markPaid', { ...only(again), by }))
  const rest = await call('settlement.create', {
    ...{ merchantId: stand.merchant.merchantId, by, early: true },
  })
  equal(okOf(rest).total, 49_000)
  // What a person wanted early is made again as early.
  okOf(await call('settlement.cancel', { ...only(okOf(rest)), reason: 'x', by }))
  equal(okOf(await call('settlement.reprocess', { ...only(okOf(rest)), by })).total, 49_000)
  await sound(stand)
})

test('settlement: by itself: in the morning of a banking day, and not at a weekend (SAM3)', async t => {
  const stand = await standAt(t)
  await paid(stand, 1_000)
  const { merchantId } = stand.merchant
  const batches = async () =>
    okOf(await stand.call('settlement.list', { merchantId, limit: 5 })).rows
  t.after(() => stand.settlements.stop())
  // Five in the morning in Jakarta, then a Saturday, then Monday at six.
  stand.clock.ms = wednesday + dayMs - 7 * 60 * 60_000
  stand.settlements.look()
  await stand.settlements.rest()
  deepEqual(await batches(), [])
  stand.clock.ms = wednesday + 3 * dayMs
  stand.settlements.look()
  await stand.settlements.rest()
  deepEqual(await batches(), [])
  stand.clock.ms = wednesday + 5 * dayMs - 6 * 60 * 60_000
  for (let n = 0; n < 3; n++) {
    stand.settlements.look()
    await stand.settlements.rest()
  }
  deepEqual(
    (await batches()).map(({ total, createdBy }) => [total, createdBy]),
    [[1_000, 'calendar']],
  )
})

test('settlement: midnight while a payment is booked: one day in the books and in lists (QPA14, SAK5)', async t => {
  const stand = await standAt(t)
  const { engine } = stand.room
  const ask = engine.ask.bind(engine)
  const midnight = wednesday + 12 * 3_600_000
  stand.clock.ms = midnight - 1
  engine.ask = envelope => {
    // Its turn comes when something was read of the database: a moment later.
    if (envelope.command !== undefined) stand.clock.ms = midnight + 5
    return ask(envelope)
  }
  const transactionId = await paid(stand, 10_000)
  engine.ask = ask
  const { merchantId } = stand.merchant
  const listed = async (from: number, to: number) =>
    okOf(await stand.call('payment.list', { merchantId, from, to, limit: 5 })).rows
  deepEqual(await listed(midnight - dayMs, midnight), [])
  deepEqual(
    (await listed(midnight, midnight + dayMs)).map(one => one.transactionId),
    [transactionId],
  )
  const { days } = okOf(await stand.call('settlement.summary', { merchantId }))
  deepEqual(days, [{ day: '20261015', amount: 10_000, dueDay: '20261016' }])
  await sound(stand)
})

test('settlement, payment: ids of the other: not found, and the shard goes on (SAH3)', async t => {
  const stand = await standAt(t)
  const transactionId = await paid(stand, 1_000)
  stand.clock.ms += dayMs
  const { settlementBatchId } = okOf(await create(stand))
  const { call, room, merchant } = stand
  const words = { reason: 'x', by }
  const refusals = [
    await call('payment.get', { transactionId: settlementBatchId }),
    await call('payment.events', { transactionId: merchant.merchantId }),
    await call('payment.refund', {
      ...words,
      transactionId: settlementBatchId,
      refundId: 'r',
      amount: 1,
    }),
    await call('payment.renotify', { transactionId: settlementBatchId, by }),
    await call('settlement.get', { settlementBatchId: transactionId }),
    await call('settlement.markPaid', { settlementBatchId: transactionId, by }),
    await call('settlement.cancel', { ...words, settlementBatchId: merchant.merchantId }),
  ]
  deepEqual([...new Set(refusals.map(refusedOf))], ['NOT_FOUND'])
  const told = { reference: 'x', transaction_id: settlementBatchId, amount: 1_000 }
  const answer = await call('payment.callback', await signed(stand, told))
  ok(answer.verdict === 'taken', JSON.stringify(answer))
  deepEqual([answer.result, answer.reason], ['parked', 'unknown_reference'])
  equal(room.engine.host.stats.violations, 0)
})
