import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { batchOf, merchantAdjustment, payable, payout } from '../../actors/chart.ts'
import { testDatabase } from '../../deploy/test-database.ts'
import { verify } from '../../deploy/verify.ts'
import { shardOf } from '../../engine/ids.ts'
import type { SettlementView } from '../contract/soundbox.ts'
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

const databases: { drop(): Promise<void> }[] = []
// At the end of the file: whoever is connected has left by then.
after(async () => {
  for (const one of databases) await one.drop()
})

async function database(): Promise<string> {
  const made = await testDatabase()
  databases.push(made)
  return made.url
}

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

const balance = ({ room, merchant }: Stand, account: string): number =>
  room.engine.host.shard(shardOf(merchant.merchantId))!.accounts.get(account)?.balance ?? 0

async function linesOf({ call }: Stand, { settlementId }: Pick<SettlementView, 'settlementId'>) {
  const rows = []
  let cursor: string | undefined
  for (;;) {
    const page = okOf(
      await call('settlement.lines', {
        ...{ settlementId, limit: 7 },
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

/** A second reading of the journal finds nothing wrong. */
async function sound(stand: Stand): Promise<void> {
  const { url } = stand.db
  await stand.stop()
  const { problems, ledgerSum } = await verify({ url })
  deepEqual([problems, ledgerSum], [[], 0])
}

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
  okOf(await stand.call('settlement.markPaid', { settlementId: batch.settlementId, by }))
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
      seen.set(transactionId, batch.settlementId)
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
  equal(okOf(await create(stand, 'S-1')).settlementId, made.settlementId)
  const { settlementId } = made
  const words = { settlementId, reason: 'promo', by }
  const adjust = (adjustmentId: string, kind: 'credit' | 'debit', amount: number) =>
    stand.call('settlement.adjust', { ...words, adjustmentId, kind, amount })
  equal(okOf(await adjust('a', 'credit', 500)).total, 10_500)
  equal(okOf(await adjust('b', 'debit', 1_500)).total, 9_000)
  equal(refusedOf(await adjust('c', 'debit', 9_001)), 'AMOUNT_INVALID')
  const pay = (bankReference: string) =>
    stand.call('settlement.markPaid', { settlementId, bankReference, by })
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
  const { rows } = okOf(await stand.call('settlement.adjustments', { settlementId, limit: 9 }))
  deepEqual(rows.map(({ kind, amount }) => [kind, amount]).sort(), [
    ['credit', 500],
    ['debit', 1_500],
  ])
  const rival = await shopAt(stand.call, 'Toko Lain')
  const foreign = { settlementId, merchantId: rival.merchant.merchantId }
  equal(refusedOf(await stand.call('settlement.get', foreign)), 'NOT_FOUND')
  equal(refusedOf(await stand.call('settlement.lines', { ...foreign, limit: 5 })), 'NOT_FOUND')
})

test('settlement: failed, and again: another batch with the same, found when asked twice (SAM4)', async t => {
  const stand = await standAt(t)
  await paid(stand, 10_000)
  stand.clock.ms += dayMs
  const { settlementId, merchantId } = okOf(await create(stand, 'S-1'))
  const credit = { adjustmentId: 'a', kind: 'credit', amount: 500, reason: 'promo', by } as const
  okOf(await stand.call('settlement.adjust', { settlementId, ...credit }))
  const words = { settlementId, reason: 'rekening salah', by }
  okOf(await stand.call('settlement.markFailed', words))
  equal(balance(stand, payable(merchantId, '20261014')), 10_000)
  equal(balance(stand, merchantAdjustment), 0)
  deepEqual(await linesOf(stand, { settlementId }), [])
  const next = okOf(await stand.call('settlement.reprocess', { settlementId, by }))
  deepEqual([next.total, next.replaces, next.status], [10_500, settlementId, 'created'])
  const again = okOf(await stand.call('settlement.reprocess', { settlementId, by }))
  equal(again.settlementId, next.settlementId)
  const old = okOf(await stand.call('settlement.get', { settlementId }))
  deepEqual([old.status, old.next], ['reprocessed', next.settlementId])
  equal(sum(await linesOf(stand, next)), 10_000)
  const running = { settlementId: next.settlementId, by }
  equal(refusedOf(await stand.call('settlement.reprocess', running)), 'STATUS_INVALID')
  await sound(stand)
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

test('settlement, payment: ids of the other: not found, and the shard goes on (SAH3)', async t => {
  const stand = await standAt(t)
  const transactionId = await paid(stand, 1_000)
  stand.clock.ms += dayMs
  const { settlementId } = okOf(await create(stand))
  const { call, room, merchant } = stand
  const words = { reason: 'x', by }
  const refusals = [
    await call('payment.get', { transactionId: settlementId }),
    await call('payment.events', { transactionId: merchant.merchantId }),
    await call('payment.refund', {
      ...words,
      transactionId: settlementId,
      refundId: 'r',
      amount: 1,
    }),
    await call('payment.renotify', { transactionId: settlementId, by }),
    await call('settlement.get', { settlementId: transactionId }),
    await call('settlement.markPaid', { settlementId: transactionId, by }),
    await call('settlement.cancel', { ...words, settlementId: merchant.merchantId }),
  ]
  deepEqual([...new Set(refusals.map(refusedOf))], ['NOT_FOUND'])
  const told = { reference: 'x', transaction_id: settlementId, amount: 1_000 }
  const answer = await call('payment.callback', await signed(stand, told))
  ok(answer.verdict === 'taken', JSON.stringify(answer))
  deepEqual([answer.result, answer.reason], ['parked', 'unknown_reference'])
  equal(room.engine.host.stats.violations, 0)
})
