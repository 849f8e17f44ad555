import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { acquirer, payable, qrisFee } from '../../actors/chart.ts'
import { proofMs } from '../../actors/payment/payment.ts'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { sound } from '../../deploy/verify/verify.fixture.ts'
import { verify } from '../../deploy/verify/verify.ts'
import { fingerprint, keyOf, shardOf } from '../../engine/ids.ts'
import { openDatabase, sql } from '../../sql/database.ts'
import { deskCounts } from '../../sql/desk/desk-summary.ts'
import { until } from '../engine-room.fixture.ts'
import { parse } from '../qris/qris.ts'
import { labelOf, placeOf, placeOfLabel, printedReference } from './payment-place.ts'
import { okOf, refusedOf, shopAt, signed, tillAt, withFees } from './soundbox.fixture.ts'
import { balance, by, device, get, make, type Stand, standOn, tell } from './stand.fixture.ts'

const database = databasesOfFile(after)
const standAt = async (t: TestContext) => standOn(t, await database())

test('payment: a QR for one payment: amount, terminal and a label that finds it (SAK1, SAH1, SAH2)', async t => {
  const stand = await standAt(t)
  const made = await make(stand, 50_123, 'A-1')
  equal(made.status, 'PENDING')
  equal(made.reference, 'A-1')
  equal(shardOf(made.transactionId), shardOf(stand.merchant.merchantId))
  const read = parse(made.qr)
  ok('ok' in read, JSON.stringify(read))
  const { kind, amount, labels, nmid } = read.ok
  deepEqual([kind, amount?.rupiah, nmid], ['dynamic', 50_123, stand.merchant.nmid])
  equal(labels.terminalLabel, stand.till.tid)
  const place = placeOf(stand.merchant.merchantId, 'A-1')
  equal(labels.referenceLabel, labelOf(place))
  deepEqual(placeOfLabel(labels.referenceLabel!), place)
  equal(place.key, keyOf(made.transactionId))
  equal(place.key, fingerprint('payment', stand.merchant.merchantId, 'A-1'))
  for (const text of ['', 'P', 'A-1', `${labelOf(place)}0`, 'P00A0123456789ABCDEF']) {
    equal(placeOfLabel(text), null)
  }
  equal(printedReference('R1'), 'static:R1')
})

test('payment: paid: state, books and notice at once; again: a duplicate (SAJ3, SAJ6, SAK2)', async t => {
  const stand = await standAt(t)
  stand.boxes.set(stand.till.terminalId, { deviceId: device })
  const made = await make(stand, 50_123, 'A-1')
  equal((await make(stand, 50_123, 'A-1')).transactionId, made.transactionId)
  const other = { terminalId: stand.till.terminalId, amount: 1, reference: 'A-1', by }
  equal(refusedOf(await stand.call('payment.create', other)), 'DUPLICATE_REF')
  const label = labelOf(placeOf(stand.merchant.merchantId, 'A-1'))
  const told = { event_id: 'e-1', reference: label, amount: 50_123, nmid: stand.merchant.nmid }
  const first = await tell(stand, told)
  deepEqual([first.result, first.transactionId], ['applied', made.transactionId])
  const paid = await get(stand, made)
  deepEqual([paid.status, paid.fee, paid.net], ['PAID', 351, 49_772])
  equal(paid.sound.outcome, null)
  for (const again of [told, { ...told, event_id: 'e-2' }, { ...told, reference: 'A-1' }]) {
    const { result, transactionId } = await tell(stand, again)
    deepEqual([result, transactionId], ['duplicate', made.transactionId])
  }
  const day = '20261014'
  equal(balance(stand, payable(stand.merchant.merchantId, day)), 49_772)
  equal(balance(stand, qrisFee), 351)
  equal(balance(stand, acquirer), -50_123)
  await until(
    () => stand.asked.length,
    count => count > 0,
  )
  deepEqual(
    stand.asked.map(one => [one['device'], one['amount'], one['text']]),
    [[device, 50_123, stand.asked[0]!['text']]],
  )
  match(String(stand.asked[0]!['text']), /lima puluh ribu seratus dua puluh tiga/)
})

test('payment: found by id, by merchant and reference, or by a lone reference (SAJ6)', async t => {
  const stand = await standAt(t)
  const { nmid } = stand.merchant
  const one = await make(stand, 1_000, 'one')
  const two = await make(stand, 2_000, 'two')
  const three = await make(stand, 3_000, 'three')
  const found = [
    await tell(stand, { reference: 'x', transaction_id: one.transactionId, amount: 1_000 }),
    await tell(stand, { reference: 'two', nmid, terminal_id: stand.till.tid, amount: 2_000 }),
    await tell(stand, { reference: 'three', amount: 3_000 }),
  ]
  deepEqual(
    found.map(({ result, transactionId }) => [result, transactionId]),
    [one, two, three].map(({ transactionId }) => ['applied', transactionId]),
  )
  const rival = await shopAt(stand.call, 'Toko Lain')
  const same = { terminalId: rival.till.terminalId, amount: 4_000, reference: 'four', by }
  await make(stand, 4_000, 'four')
  okOf(await stand.call('payment.create', same))
  const { result, reason } = await tell(stand, { reference: 'four', amount: 4_000 })
  deepEqual([result, reason], ['parked', 'unknown_reference'])
})

test('payment: a printed QR: made by what pays it, once per reference of the acquirer (SAJ6)', async t => {
  const stand = await standAt(t)
  const { nmid } = stand.merchant
  const pay = (reference: string, amount = 7_000) =>
    tell(stand, { reference, nmid, terminal_id: stand.printed.tid, amount })
  const first = await pay('RRN1')
  const again = await pay('RRN1')
  const next = await pay('RRN2')
  deepEqual([first.result, again.result, next.result], ['applied', 'duplicate', 'applied'])
  equal(again.transactionId, first.transactionId)
  ok(next.transactionId !== first.transactionId)
  const { kind, terminalId, status, sound } = await get(stand, {
    transactionId: first.transactionId!,
  })
  deepEqual([kind, terminalId, status], ['static', stand.printed.terminalId, 'PAID'])
  deepEqual([sound.outcome, sound.reason], ['silent', 'no_device'])
  equal((await pay('RRN1', 7_001)).reason, 'amount_mismatch')
})

test('payment: its time is over, over a restart; money that comes then is booked late (SAK1)', async t => {
  const stand = await standAt(t)
  const made = await make(stand, 5_000, 'E')
  const { url } = stand.db
  await stand.stop()
  const next = { ...stand, ...(await tillAt(t, { url, ms: stand.clock.ms + 20 * 60_000 })) }
  await until(
    () => get(next, made),
    view => view.status === 'EXPIRED',
  )
  const { merchantId } = next.merchant
  const judged = { merchantId, verb: 'suspend', reason: 'x', by, role: 'admin' } as const
  okOf(await next.call('merchant.judge', judged))
  equal(
    refusedOf(
      await next.call('payment.create', { terminalId: next.till.terminalId, amount: 1, by }),
    ),
    'MERCHANT_INACTIVE',
  )
  equal((await tell(next, { reference: 'E', amount: 5_000 })).result, 'applied')
  const { status, late } = await get(next, made)
  deepEqual([status, late], ['PAID_LATE', 'expired'])
})

test('payment: silence: after a minute without proof it is silent, over again by a person', async t => {
  const stand = await standAt(t)
  stand.boxes.set(stand.till.terminalId, { deviceId: device })
  const made = await make(stand, 5_000, 'S')
  await tell(stand, { reference: 'S', amount: 5_000 })
  stand.clock.ms += proofMs
  const quiet = await until(
    () => get(stand, made),
    view => view.sound.outcome !== null,
  )
  deepEqual([quiet.sound.outcome, quiet.sound.reason], ['silent', 'no_proof'])
  const { transactionId } = made
  const named = { transactionId, messageId: 'once', by }
  const again = okOf(await stand.call('payment.renotify', named))
  equal(again.sound.outcome, null)
  deepEqual([again.sound.messageId, quiet.sound.messageId === 'once'], ['once', false])
  const { rows } = okOf(await stand.call('payment.events', { transactionId }))
  deepEqual(
    rows.map(row => row.type),
    ['created', 'paid', 'proved', 'renotified'],
  )
  await sound(stand)
})

test('payment: the sums of a day: also how many were not heard', async t => {
  const stand = await standAt(t)
  const asked = { merchantId: stand.merchant.merchantId, from: stand.clock.ms }
  const sums = async () =>
    okOf(await stand.call('payment.summary', { ...asked, to: stand.clock.ms + 1 })).rows
  await make(stand, 7_000, 'U')
  await make(stand, 5_000, 'V')
  await tell(stand, { reference: 'V', amount: 5_000 })
  deepEqual(
    (await sums()).map(({ status, count, silent }) => [status, count, silent]),
    [
      ['PAID', 1, 1],
      ['PENDING', 1, 0],
    ],
  )
})

test('payment: only its callback was late: the box hears when it was paid (QPA13)', async t => {
  const stand = await standAt(t)
  for (const { terminalId } of [stand.till, stand.printed]) {
    stand.boxes.set(terminalId, { deviceId: device })
  }
  await make(stand, 5_000, 'L')
  const paidAt = stand.clock.ms + 1_000
  stand.clock.ms += 10 * 60_000
  const told = { paid_at: new Date(paidAt).toISOString() }
  await tell(stand, { ...told, reference: 'L', amount: 5_000 })
  const { nmid } = stand.merchant
  await tell(stand, {
    ...told,
    reference: 'R',
    nmid,
    terminal_id: stand.printed.tid,
    amount: 6_000,
  })
  await tell(stand, {
    ...{ reference: 'N', nmid, terminal_id: stand.printed.tid, amount: 7_000, paid_at: null },
  })
  const asked = await until(
    () => stand.asked,
    all => all.length === 3,
  )
  deepEqual(asked.map(one => [one['amount'], one['at']]).sort(), [
    [5_000, paidAt],
    [6_000, paidAt],
    [7_000, stand.clock.ms],
  ])
})

test('payment: the acquirer’s clock is behind ours: what is paid now is told as of now (QPA13)', async t => {
  const stand = await standAt(t)
  stand.boxes.set(stand.till.terminalId, { deviceId: device })
  const made = await make(stand, 5_000, 'L')
  stand.clock.ms += 120_000
  const paid_at = new Date(stand.clock.ms - 90_000).toISOString()
  const callback = await signed(stand, { paid_at, reference: 'L', amount: 5_000 }, { shiftS: -90 })
  equal((await stand.call('payment.callback', callback)).verdict, 'taken')
  const [asked] = await until(
    () => stand.asked,
    all => all.length === 1,
  )
  equal(Math.abs(Number(asked!['at']) - stand.clock.ms) <= 1_000, true)
  equal((await get(stand, made)).status, 'PAID')
  await sound(stand)
})

test('payment: refunds at once: never above what was paid', async t => {
  const stand = await standAt(t)
  const made = await make(stand, 10_000, 'B')
  await tell(stand, { reference: 'B', amount: 10_000 })
  const { transactionId } = made
  const refund = (n: number) =>
    stand.call('payment.refund', {
      ...{ transactionId, refundId: `r-${n}`, amount: 3_000, reason: 'rusak', by },
    })
  const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => refund(n)))
  equal(answers.filter(answer => 'ok' in answer).length, 3)
  const view = await get(stand, made)
  deepEqual([view.status, view.refunded], ['PARTLY_REFUNDED', 9_000])
  equal(balance(stand, acquirer), -1_000)
  await sound(stand)
})

test('payment: what is left of it after refunds: in the actor and in its row (SAP9)', async t => {
  const stand = await standAt(t)
  const made = await make(stand, 100_000, 'NET')
  equal((await tell(stand, { reference: 'NET', amount: 100_000 })).result, 'applied')
  const { transactionId } = made
  const words = { transactionId, reason: 'rusak', by }
  const netOfList = async () => {
    const { merchantId } = stand.merchant
    const { rows } = okOf(await stand.call('payment.list', { merchantId, limit: 5 }))
    return rows.find(row => row.transactionId === transactionId)?.net
  }
  const { fee } = await get(stand, made)
  equal(fee, 700)
  okOf(await stand.call('payment.refund', { ...words, refundId: 'n-1', amount: 40_000 }))
  deepEqual([(await get(stand, made)).net, await netOfList()], [59_580, 59_580])
  okOf(await stand.call('payment.refund', { ...words, refundId: 'n-2', amount: 60_000 }))
  deepEqual([(await get(stand, made)).net, await netOfList()], [0, 0])
})

test('payment: a refund of the desk: carried out by the acquirer, booked once (SAJ7)', async t => {
  const stand = await standAt(t)
  const made = await make(stand, 100_000, 'DR')
  const { transactionId } = made
  await tell(stand, { reference: 'DR', amount: 100_000 })
  const words = { transactionId, amount: 40_000, reason: 'salah', by }
  okOf(await stand.call('payment.refund', { ...words, refundId: 'desk-1' }))
  const told = { reference: 'DR', amount: 40_000, status: 'refunded', event_id: 'e-ref' }
  equal((await tell(stand, told)).result, 'applied')
  equal((await tell(stand, told)).result, 'duplicate')
  equal((await get(stand, made)).refunded, 40_000)
  equal(balance(stand, acquirer), -60_000)
  // What nobody here had asked for is booked.
  equal((await tell(stand, { ...told, event_id: 'e-own', amount: 5_000 })).result, 'applied')
  equal((await get(stand, made)).refunded, 45_000)
  const { rows } = okOf(await stand.call('payment.events', { transactionId }))
  deepEqual(
    rows.flatMap(({ type, data }) => (type === 'refund_confirmed' ? [data] : [])),
    [{ refundId: 'desk-1', eventId: 'e-ref' }],
  )
  okOf(await stand.call('payment.list', { limit: 5 }))
  const carried = await stand.db.pool.any(sql.unsafe`
    select refund_id as id from payment_refund where confirmed_at is not null`)
  deepEqual(carried, [{ id: 'desk-1' }])
  await sound(stand)
})

test('payment: lists: one’s own write is there, a page follows a page, nobody else’s (SAK3, SAK4)', async t => {
  const stand = await standAt(t)
  const rival = await shopAt(stand.call, 'Toko Lain')
  const made = []
  for (let n = 0; n < 5; n++) made.push(await make(stand, 1_000 + n))
  await stand.call('payment.create', { terminalId: rival.till.terminalId, amount: 9, by })
  const { merchantId } = stand.merchant
  const page = (cursor?: string) =>
    stand.call('payment.list', {
      ...{ merchantId, limit: 3 },
      ...(cursor === undefined ? {} : { cursor }),
    })
  const first = okOf(await page())
  const second = okOf(await page(first.next!))
  deepEqual(
    [...first.rows, ...second.rows].map(row => row.transactionId).sort(),
    made.map(row => row.transactionId).sort(),
  )
  equal(second.next, null)
  const foreign = { transactionId: made[0]!.transactionId, merchantId: rival.merchant.merchantId }
  equal(refusedOf(await stand.call('payment.get', foreign)), 'NOT_FOUND')
  const till = { terminalId: stand.till.terminalId, merchantId: rival.merchant.merchantId }
  equal(refusedOf(await stand.call('payment.create', { ...till, amount: 1, by })), 'NOT_FOUND')
})

test('payment: a span of time: what was made in it, whichever moments are named (SAK3)', async t => {
  const stand = await standAt(t)
  const { merchantId } = stand.merchant
  const begun = stand.clock.ms
  await make(stand, 7_000, 'EARLY')
  stand.clock.ms += 10_000
  const between = stand.clock.ms
  stand.clock.ms += 10_000
  await make(stand, 5_000, 'LATE')
  const end = stand.clock.ms + 1
  const day = 86_400_000
  for (const [from, to, expected] of [
    [begun, end, ['LATE', 'EARLY']],
    [begun, between, ['EARLY']],
    [between, end, ['LATE']],
    [0, end, ['LATE', 'EARLY']],
    [-365 * day, 8_000 * 365 * day, ['LATE', 'EARLY']],
    [begun - 30 * day, begun - day, []],
  ] as const) {
    for (const whose of [{ merchantId }, {}]) {
      const { rows } = okOf(await stand.call('payment.list', { ...whose, from, to, limit: 10 }))
      deepEqual(
        rows.map(({ reference }) => reference),
        expected,
      )
      const sums = okOf(await stand.call('payment.summary', { ...whose, from, to })).rows
      equal(
        sums.reduce((sum, { count }) => sum + count, 0),
        expected.length,
      )
    }
  }
})

test('payment: paid on another day than made: in the sums and lists of that day only (SAK5, DKJ2)', async t => {
  const till = await tillAt(t, { url: await database(), ms: Date.UTC(2026, 9, 14, 16, 55) })
  await withFees(till)
  const stand: Stand = { ...till, ...(await shopAt(till.call)) }
  const { merchantId, nmid } = stand.merchant
  const dayMs = 86_400_000
  const first = Date.UTC(2026, 9, 13, 17)
  const days = [0, 1, 2, 3, 4].map(n => ({
    fromMs: first + n * dayMs,
    toMs: first + (n + 1) * dayMs,
  }))
  const counted = async () => {
    const found: Record<string, string> = {}
    for (const [n, { fromMs: from, toMs: to }] of days.entries()) {
      for (const whose of [{ merchantId }, {}]) {
        const { rows } = okOf(await stand.call('payment.list', { ...whose, from, to, limit: 10 }))
        const sums = okOf(await stand.call('payment.summary', { ...whose, from, to })).rows
        const total = (key: 'count' | 'amount') => sums.reduce((sum, row) => sum + row[key], 0)
        equal(total('count'), rows.length)
        equal(
          total('amount'),
          rows.reduce((sum, { amount }) => sum + amount, 0),
        )
        const key = `${n}${'merchantId' in whose ? '' : ' of all'}`
        const names = rows.map(row => row.reference).sort()
        if (names.length > 0) found[key] = names.join()
      }
      const sound = (await deskCounts(stand.db.pool, days[n]!)).get('sound') ?? []
      if (sound.length > 0)
        found[`${n} heard`] = sound.map(one => `${one.name} ${one.count}`).join()
    }
    return found
  }
  // Five minutes to midnight; one of them is paid in time, one three days later, one never.
  for (const reference of ['NIGHT', 'LATE', 'NEVER']) await make(stand, 10_000, reference)
  deepEqual(await counted(), { 0: 'LATE,NEVER,NIGHT', '0 of all': 'LATE,NEVER,NIGHT' })
  stand.clock.ms += 6 * 60_000
  await tell(stand, { reference: 'NIGHT', amount: 10_000 })
  stand.clock.ms += 3 * dayMs
  await tell(stand, { reference: 'LATE', amount: 10_000 })
  const printed = { nmid, terminal_id: stand.printed.tid, amount: 3_000 }
  await tell(stand, { ...printed, reference: 'RRN' })
  deepEqual(await counted(), {
    ...{ 0: 'NEVER', '0 of all': 'NEVER' },
    ...{ 1: 'NIGHT', '1 of all': 'NIGHT', '1 heard': 'silent 1' },
    ...{ 4: 'LATE,static:RRN', '4 of all': 'LATE,static:RRN', '4 heard': 'silent 2' },
  })
  const asked = { merchantId, from: days[4]!.fromMs, limit: 1 }
  const page = okOf(await stand.call('payment.list', asked))
  const next = okOf(await stand.call('payment.list', { ...asked, cursor: page.next! }))
  deepEqual(
    [...page.rows, ...next.rows].map(row => row.reference),
    ['static:RRN', 'LATE'],
  )
  equal(next.next, null)
  // As the merchant's books have it.
  const owed = okOf(await stand.call('settlement.summary', { merchantId })).days
  deepEqual(
    owed.map(({ day }) => day),
    ['20261015', '20261018'],
  )
})

test('payment rows: what can not be written: told by the health, and later it is there (JF7)', async t => {
  const stand = await standAt(t)
  const isWell = () => stand.rows.follower.health().ok
  await until(isWell, ok => ok)
  await stand.db.pool.query(sql.unsafe`alter table payment_view rename to payment_view_away`)
  const { transactionId } = await make(stand, 9_000, 'away')
  await until(isWell, ok => !ok)
  await stand.db.pool.query(sql.unsafe`alter table payment_view_away rename to payment_view`)
  await until(isWell, ok => ok)
  const { rows } = okOf(await stand.call('payment.list', { limit: 50 }))
  ok(rows.some(one => one.transactionId === transactionId))
})

test('payment rows: folded again from the first line, they say the same (SAG1, SAG4)', async t => {
  const stand = await standAt(t)
  for (let n = 0; n < 4; n++) {
    await make(stand, 10_000 + n, `N${n}`)
    if (n % 2 === 0) await tell(stand, { reference: `N${n}`, amount: 10_000 + n })
  }
  const { merchantId } = stand.merchant
  const read = async () => ({
    payments: okOf(await stand.call('payment.list', { merchantId, limit: 50 })),
    entries: okOf(await stand.call('payment.entries', { merchantId, limit: 50 })),
  })
  const before = await read()
  equal(before.entries.rows.length, 4)
  deepEqual(before.entries.rows.map(row => row.type).sort(), [
    'gross_income',
    'gross_income',
    'platform_fee',
    'platform_fee',
  ])
  const half = okOf(await stand.call('payment.entries', { merchantId, limit: 3 }))
  const rest = okOf(
    await stand.call('payment.entries', { merchantId, limit: 3, cursor: half.next! }),
  )
  deepEqual([...half.rows, ...rest.rows], before.entries.rows)
  const { at } = before.entries.rows[0]!
  const since = okOf(await stand.call('payment.entries', { merchantId, from: at, limit: 50 }))
  const until = okOf(await stand.call('payment.entries', { merchantId, to: at, limit: 50 }))
  equal(since.rows.length > 0, true)
  deepEqual([...since.rows, ...until.rows], before.entries.rows)
  await stand.rows.rebuild()
  deepEqual(await read(), before)
  equal(stand.rows.follower.lag(stand.room.engine.host.shards()), 0)
  deepEqual(stand.errors, [])
})

test('verify: merchants’ rows that are not what the journal says: told (Z51)', async t => {
  const stand = await standAt(t)
  const { url } = stand.db
  const ids: string[] = []
  for (let n = 0; n < 3; n++) {
    ids.push((await make(stand, 7_000 + n, `V${n}`)).transactionId)
    await tell(stand, { reference: `V${n}`, amount: 7_000 + n })
  }
  okOf(await stand.call('payment.list', { limit: 5 }))
  await stand.stop()
  equal((await verify({ url })).ok, true)
  const db = await openDatabase(url)
  t.after(() => db.end())
  await db.pool.query(sql.unsafe`update payment_view set refunded = 1 where id = ${ids[0]!}`)
  await db.pool.query(sql.unsafe`delete from payment_view where id = ${ids[1]!}`)
  await db.pool.query(
    sql.unsafe`update payment_view set id = ${stand.till.terminalId} where id = ${ids[2]!}`,
  )
  for (const linesPerPart of [1, 1_000]) {
    const { problems } = await verify({ url, linesPerPart })
    deepEqual(
      problems.map(({ name, actor }) => [name, actor]).sort(),
      [
        // What was booked for the two that are gone.
        ['merchant_entry.extra', undefined],
        ['payment_view.changed', ids[0]],
        ['payment_view.extra', undefined],
        ['payment_view.missing', ids[1]],
        ['payment_view.missing', ids[2]],
      ].sort(),
    )
  }
})
