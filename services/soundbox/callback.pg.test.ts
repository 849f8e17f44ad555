import { deepEqual, equal, match } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { acquirer, payable } from '../../actors/chart.ts'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { sound } from '../../deploy/verify/verify.fixture.ts'
import { sql } from '../../sql/database.ts'
import { deleteCallbacks } from '../../sql/retention.ts'
import { until } from '../engine-room.fixture.ts'
import { labelOf, placeOf } from './payment-place.ts'
import { okOf, refusedOf, shopAt, signed, tillAt } from './soundbox.fixture.ts'
import {
  balance,
  by,
  device,
  get,
  make,
  type Stand,
  standOn,
  tell,
  twoTills,
} from './stand.fixture.ts'

const database = databasesOfFile(after)
const standAt = async (t: TestContext) => standOn(t, await database())

test('callback: a second payer of the same QR: kept for a person, never a duplicate (SAJ3)', async t => {
  const stand = await standAt(t)
  const made = await make(stand, 20_000, 'SP')
  const told = { reference: labelOf(placeOf(stand.merchant.merchantId, 'SP')), amount: 20_000 }
  equal((await tell(stand, { ...told, event_id: 'e-budi', payer: 'Budi' })).result, 'applied')
  // Told again without a time, or by another event of the same time, it is the same money.
  stand.clock.ms += 60_000
  const same = { event_id: 'e-x', paid_at: new Date(stand.clock.ms - 60_000).toISOString() }
  equal((await tell(stand, { ...told, ...same })).result, 'duplicate')
  equal((await tell(stand, { ...told, paid_at: null })).result, 'duplicate')
  const { result, reason, transactionId } = await tell(stand, {
    ...{ ...told, event_id: 'e-siti', payer: 'Siti' },
  })
  deepEqual([result, reason, transactionId], ['parked', 'paid_again', made.transactionId])
  const { rows } = okOf(await stand.call('payment.callbacks', { parked: true, limit: 5 }))
  deepEqual(
    rows.map(row => [row.eventId, row.reason]),
    [['e-siti', 'paid_again']],
  )
  equal(balance(stand, acquirer), -20_000)
  await sound(stand)
})

test('callback: another reference of the acquirer in the same second: a second payer (SAJ3)', async t => {
  const stand = await standAt(t)
  const { transactionId } = await make(stand, 20_000, 'RR')
  const told = { transaction_id: transactionId, amount: 20_000 }
  equal((await tell(stand, { ...told, event_id: 'e-1', reference: 'RRN1' })).result, 'applied')
  const second = { ...told, event_id: 'e-2', reference: 'RRN2' }
  equal((await tell(stand, second)).reason, 'paid_again')
  equal((await tell(stand, { ...second, paid_at: null })).reason, 'paid_again')
  for (const reference of ['RRN1', 'RR', '', labelOf(placeOf(stand.merchant.merchantId, 'RR'))]) {
    equal((await tell(stand, { ...told, event_id: 'e-3', reference })).result, 'duplicate')
  }
  equal(balance(stand, acquirer), -20_000)
})

test('callback: its id is of one payment, its label of another: neither is paid (SAJ6)', async t => {
  const stand = await standAt(t)
  const [one, two] = [await make(stand, 900, 'one'), await make(stand, 900, 'two')]
  const labels = ['one', 'two'].map(name => labelOf(placeOf(stand.merchant.merchantId, name)))
  const told = { transaction_id: one.transactionId, amount: 900 }
  equal((await tell(stand, { ...told, reference: labels[1] })).reason, 'reference_mismatch')
  for (const made of [one, two]) equal((await get(stand, made)).status, 'PENDING')
  equal((await tell(stand, { ...told, reference: labels[0] })).result, 'applied')
  // What only looks like a label is a reference as any other.
  const next = { transaction_id: two.transactionId, reference: `P00a0${'1'.repeat(15)}` }
  equal((await tell(stand, { ...next, amount: 900 })).result, 'applied')
})

test('callback: its id is of one payment, its reference of another: neither is touched (SAJ6)', async t => {
  const stand = await standAt(t)
  const [one, two] = [await make(stand, 900, 'one'), await make(stand, 900, 'two')]
  const told = { transaction_id: one.transactionId, amount: 900, reference: 'two' }
  for (const status of ['paid', 'failed', 'expired']) {
    equal((await tell(stand, { ...told, status })).reason, 'reference_mismatch')
  }
  for (const made of [one, two]) equal((await get(stand, made)).status, 'PENDING')
  equal((await tell(stand, { ...told, reference: 'RRN1' })).result, 'applied')
  const back = { ...told, status: 'refunded' }
  equal((await tell(stand, back)).reason, 'reference_mismatch')
  equal((await get(stand, one)).refunded, 0)
  // A payment that is called as the acquirer called the money of another before takes nothing away.
  await make(stand, 900, 'RRN1')
  equal((await tell(stand, { ...back, reference: 'RRN1' })).result, 'applied')
})

test('callback: failed, expired or refunded with a contradiction in it: parked (SAJ4)', async t => {
  const stand = await standAt(t)
  const rival = await shopAt(stand.call, 'Toko Lain')
  const open = await make(stand, 9_000, 'open')
  const paid = await make(stand, 9_000, 'paid')
  const told = { reference: 'open', transaction_id: open.transactionId, amount: 9_000 }
  const back = { transaction_id: paid.transactionId, amount: 4_000, status: 'refunded' }
  const amountOf = { ...back, reference: 'paid', amount: 9_000, status: 'paid' }
  equal((await tell(stand, amountOf)).result, 'applied')
  const { nmid } = rival.merchant
  const wrong = [
    { ...told, status: 'failed', nmid },
    { ...told, status: 'expired', nmid },
    { ...told, status: 'expired', terminal_id: stand.printed.tid },
    { ...told, status: 'failed', amount: 9_001 },
    { ...back, nmid },
  ]
  const reasons = []
  for (const one of wrong) reasons.push((await tell(stand, one)).reason)
  deepEqual(reasons, [
    ...Array(3).fill('merchant_mismatch'),
    'amount_mismatch',
    'merchant_mismatch',
  ])
  equal((await get(stand, open)).status, 'PENDING')
  equal((await get(stand, paid)).refunded, 0)
  const right = { nmid: stand.merchant.nmid, terminal_id: stand.till.tid }
  equal((await tell(stand, { ...back, ...right })).result, 'applied')
  equal((await tell(stand, { ...told, ...right, status: 'failed' })).result, 'applied')
})

test('callback: what may be absent may be blank or null (SAJ11)', async t => {
  const stand = await standAt(t)
  const blank = { nmid: '', terminal_id: ' ', transaction_id: '', payer: '', paid_at: '' }
  await make(stand, 700, 'B')
  equal((await tell(stand, { ...blank, reference: 'B', amount: 700 })).result, 'applied')
  const { transactionId } = await make(stand, 700, 'N')
  const nulls = { nmid: null, terminal_id: null, reference: null, payer: null, paid_at: null }
  const told = { ...nulls, transaction_id: transactionId, amount: 700 }
  equal((await tell(stand, told)).result, 'applied')
})

test('callback: what moves no money makes none illegible; what does must be right (SAJ18)', async t => {
  const stand = await standAt(t)
  const { nmid } = stand.merchant
  const heard = stand.clock.ms
  const till = { nmid, terminal_id: stand.printed.tid, amount: 700 }
  for (const [n, [side, payer]] of (
    [
      [{ payer: { name: 'Siti', phone: '0812' } }, ''],
      [{ payer: 'S\0i\ud800ti' }, 'Si\ufffdti'],
      [{ payer: '\u{1f600}'.repeat(101) }, '\u{1f600}'.repeat(100)],
      [{ payer: `${'a'.repeat(199)}\u{1f600}` }, `${'a'.repeat(199)}\ufffd`],
      [{ transaction_id: 4_711 }, ''],
      [{ transaction_id: 'x'.repeat(65) }, ''],
      [{ transaction_id: 'a\0b' }, ''],
      [{ paid_at: { date: 'today' } }, ''],
      [{ paid_at: '9'.repeat(41) }, ''],
    ] as const
  ).entries()) {
    const answer = await tell(stand, { ...till, reference: `S${n}`, ...side })
    equal(answer.result, 'applied', JSON.stringify(side))
    const made = await get(stand, { transactionId: answer.transactionId! })
    deepEqual([made.payer, made.paidAt], [payer, heard])
  }
  for (const wrong of [
    { amount: '700' },
    { reference: 'R\ud800' },
    { event_id: 'e\0' },
    { nmid: 7 },
    { terminal_id: ['T1'] },
  ]) {
    equal((await tell(stand, { ...till, reference: 'W', ...wrong })).reason, 'illegible')
  }
  await sound(stand)
})

test('callback: a day, or a clock of nowhere, is no time of payment (SAJ10)', async t => {
  const stand = await standAt(t)
  const { ms } = stand.clock
  const iso = new Date(ms).toISOString()
  const bare = iso.replace('Z', '')
  const offset = new Date(ms - 60_000 + 7 * 3_600_000).toISOString().replace('Z', '')
  for (const [told, at] of [
    [iso.slice(0, 10), ms],
    [bare, ms],
    [bare.replace('T', ' '), ms],
    [iso.slice(0, 4), ms],
    [`${offset}+07:00`, ms - 60_000],
    [`${offset.replace('T', ' ')}+0700`, ms - 60_000],
    [ms / 1_000 - 60, ms - 60_000],
  ] as const) {
    const { transactionId } = await make(stand, 700)
    const answer = await tell(stand, { transaction_id: transactionId, amount: 700, paid_at: told })
    equal(answer.result, 'applied')
    equal((await get(stand, { transactionId })).paidAt, at, String(told))
  }
})

test('callback: an NMID of before: its merchant is found, paid and heard; nobody else is (SAJ8)', async t => {
  const stand = await standAt(t)
  const { merchantId, nmid: former } = stand.merchant
  const { call } = stand
  for (const { terminalId } of [stand.till, stand.printed])
    stand.boxes.set(terminalId, { deviceId: device })
  const waiting = await make(stand, 30_000, 'W')
  const now = 'ID1099999999123'
  okOf(await call('merchant.change', { merchantId, by, fields: { nmid: now } }))
  const rival = await shopAt(call, 'Toko Lain')

  const printed = { terminal_id: stand.printed.tid, amount: 5_000 }
  const over = { ...printed, nmid: former, reference: 'RRN1' }
  const taken = await tell(stand, over)
  equal(taken.result, 'applied')
  equal((await tell(stand, { ...over, event_id: 'again' })).result, 'duplicate')
  // The acquirer may tell it by the new one, too.
  deepEqual(await tell(stand, { ...over, nmid: now }), { ...taken, result: 'duplicate' })
  const alone = await tell(stand, { nmid: former, reference: 'RRN2', amount: 6_000 })
  equal(alone.result, 'applied')
  const label = labelOf(placeOf(merchantId, 'W'))
  const dynamic = { reference: label, amount: 30_000, terminal_id: stand.till.tid }
  const theirs = await tell(stand, { ...dynamic, nmid: rival.merchant.nmid })
  deepEqual([theirs.result, theirs.reason], ['parked', 'merchant_mismatch'])
  equal((await tell(stand, { ...dynamic, nmid: former })).transactionId, waiting.transactionId)
  const paid = await get(stand, waiting)
  deepEqual([paid.status, paid.merchantId], ['PAID', merchantId])
  equal(balance(stand, acquirer), -41_000)
  await until(
    () => stand.asked.map(one => one['amount']),
    heard => heard.length === 3,
  )
  deepEqual(stand.asked.map(one => one['amount']).sort(), [30_000, 5_000, 6_000])

  const { merchantId: other } = rival.merchant
  const grab = await call('merchant.change', { merchantId: other, by, fields: { nmid: former } })
  equal(refusedOf(grab), 'ALREADY_EXISTS')
  equal((await tell(stand, { ...over, reference: 'RRN3' })).result, 'applied')
  equal(balance(stand, payable(other, '20261014')), 0)
})

test('callback: forged, skewed, illegible: refused and counted, or parked (SAJ1)', async t => {
  const stand = await standAt(t)
  const { transactionId } = await make(stand, 9_000, 'F')
  const told = { reference: 'F', amount: 9_000 }
  const forged = await signed(stand, told, { forged: true })
  const early = await signed(stand, told, { shiftS: 301 })
  const late = await signed(stand, told, { shiftS: -301 })
  const good = await signed(stand, told, { shiftS: -299 })
  const bare = { ...good, signature: good.signature.slice('sha256='.length) }
  const moved = { ...good, timestamp: String(Number(good.timestamp) + 1) }
  const verdicts = []
  for (const one of [forged, early, late, bare, moved]) {
    verdicts.push((await stand.call('payment.callback', one)).verdict)
  }
  deepEqual(verdicts, ['forged', 'skewed', 'skewed', 'forged', 'forged'])
  const { counts } = stand.payments.callbacks
  deepEqual([counts.forged, counts.skewed], [3, 2])
  equal((await get(stand, { transactionId })).status, 'PENDING')
  equal((await stand.call('payment.callback', good)).verdict, 'taken')
  const { result, reason } = await tell(stand, { reference: 'F', amount: 'much' })
  deepEqual([result, reason], ['parked', 'illegible'])
  const unheard = await tell(stand, { reference: 'F\0', amount: 9_000 })
  deepEqual([unheard.result, unheard.reason], ['parked', 'illegible'])
  const { rows } = okOf(await stand.call('payment.callbacks', { limit: 50 }))
  deepEqual(
    rows.map(row => row.result),
    ['parked', 'parked', 'applied'],
  )
})

test('callback: another amount, merchant or terminal: parked, the payment stays (SAJ4)', async t => {
  const stand = await standAt(t)
  const rival = await shopAt(stand.call, 'Toko Lain')
  const made = await make(stand, 9_000, 'M')
  const told = { reference: 'M', transaction_id: made.transactionId, amount: 9_000 }
  const answers = [
    await tell(stand, { ...told, amount: 9_001 }),
    await tell(stand, { ...told, nmid: rival.merchant.nmid }),
    await tell(stand, { ...told, nmid: 'ID0000000000000' }),
    await tell(stand, { ...told, terminal_id: 'T999' }),
  ]
  deepEqual(
    answers.map(({ result, reason }) => `${result} ${reason}`),
    [
      'parked amount_mismatch',
      'parked merchant_mismatch',
      'parked merchant_mismatch',
      'parked merchant_mismatch',
    ],
  )
  equal((await get(stand, made)).status, 'PENDING')
  equal(balance(stand, acquirer), 0)
  equal((await tell(stand, told)).result, 'applied')
  const failed = await tell(stand, { ...told, status: 'failed' })
  deepEqual([failed.result, failed.reason], ['parked', 'payment_final'])
  const { rows } = okOf(await stand.call('payment.callbacks', { parked: true, limit: 50 }))
  equal(rows.length, 5)
  const review = { id: rows[0]!.id, verb: 'dismiss', note: 'seen', by } as const
  okOf(await stand.call('payment.review', review))
  equal(refusedOf(await stand.call('payment.review', review)), 'ALREADY_DECIDED')
  const left = okOf(await stand.call('payment.callbacks', { parked: true, limit: 50 }))
  equal(left.rows.length, 4)
})

test('callback: before its payment: kept, and worked on when it is made (SAJ5)', async t => {
  const stand = await standAt(t)
  const { result, reason } = await tell(stand, { reference: 'soon', amount: 5_000 })
  deepEqual([result, reason], ['parked', 'unknown_reference'])
  const made = await make(stand, 5_000, 'soon')
  await until(
    () => get(stand, made),
    view => view.status === 'PAID',
  )
})

test('callback: before its payment, and put away by a person: the payment is not paid by it (SAJ5)', async t => {
  const stand = await standAt(t)
  equal((await tell(stand, { reference: 'soon', amount: 5_000 })).result, 'parked')
  const { rows } = okOf(await stand.call('payment.callbacks', { parked: true, limit: 5 }))
  const review = { id: rows[0]!.id, note: 'bukan kami', by } as const
  okOf(await stand.call('payment.review', { ...review, verb: 'dismiss' }))
  equal(
    refusedOf(await stand.call('payment.review', { ...review, verb: 'retry' })),
    'ALREADY_DECIDED',
  )
  const made = await make(stand, 5_000, 'soon')
  // Another of the same, behind which the first would have been worked on.
  equal((await tell(stand, { reference: 'later', amount: 5_000 })).result, 'parked')
  equal((await get(stand, made)).status, 'PENDING')
})

test('callback: a refund before its payment: kept, and booked when that is paid (SAJ5)', async t => {
  const stand = await standAt(t)
  const { nmid, merchantId } = stand.merchant
  const made = await make(stand, 10_000, 'RB')
  const back = { status: 'refunded', amount: 4_000 }
  const early = await tell(stand, { ...back, reference: labelOf(placeOf(merchantId, 'RB')) })
  deepEqual([early.result, early.reason], ['parked', 'payment_unpaid'])
  // Of a printed QR there is no payment at all before it is paid.
  const printed = { reference: 'RRN7', nmid, terminal_id: stand.printed.tid }
  equal((await tell(stand, { ...printed, ...back })).result, 'parked')
  await tell(stand, { reference: 'RB', amount: 10_000 })
  const { transactionId } = await tell(stand, { ...printed, amount: 7_000 })
  for (const id of [made.transactionId, transactionId!]) {
    const { status, refunded } = await until(
      () => get(stand, { transactionId: id }),
      view => view.refunded > 0,
    )
    deepEqual([status, refunded], ['PARTLY_REFUNDED', 4_000])
  }
  await until(
    async () => okOf(await stand.call('payment.callbacks', { parked: true, limit: 5 })).rows,
    rows => rows.length === 0,
  )
  okOf(await stand.call('payment.list', { limit: 5 }))
  await sound(stand)
})

test('callback: kept and not worked on: worked on after a restart (SAJ2)', async t => {
  const stand = await standAt(t)
  const made = await make(stand, 5_000, 'R')
  const { raw } = await signed(stand, { event_id: 'e-r', reference: 'R', amount: 5_000 })
  await stand.db.pool.query(sql.unsafe`
    insert into qris_callback (received_at, sent_at, signature, body)
    values (now(), now(), 'x', decode(${raw}, 'base64'))`)
  const { url } = stand.db
  await stand.stop()
  const next = await tillAt(t, { url })
  const seen = { ...next, ...stand, call: next.call }
  await until(
    () => get(seen, made),
    view => view.status === 'PAID',
  )
  await until(
    async () => okOf(await next.call('payment.callbacks', { limit: 5 })).rows[0]?.result,
    known => known === 'applied',
  )
})

/** As a stop leaves one behind: kept, and not worked on. */
async function keep(stand: Stand, told: Readonly<Record<string, unknown>>): Promise<void> {
  const { raw } = await signed(stand, told)
  await stand.db.pool.query(sql.unsafe`
    insert into qris_callback (received_at, sent_at, signature, body)
    values (now(), now(), 'x', decode(${raw}, 'base64'))`)
}

test('callback: an amount that no QR can carry: parked, however it is told (SAJ4)', async t => {
  const stand = await standAt(t)
  const { nmid } = stand.merchant
  const printed = { nmid, terminal_id: stand.printed.tid }
  const most = 9_999_999_999_999
  for (const [amount, result, reason] of [
    [1_000_000_000_000_000, 'parked', 'amount_invalid'],
    [Number.MAX_SAFE_INTEGER, 'parked', 'amount_invalid'],
    [most + 1, 'parked', 'amount_invalid'],
    [most, 'applied', ''],
  ] as const) {
    const told = await tell(stand, { ...printed, reference: `A${amount}`, amount })
    deepEqual([told.result, told.reason], [result, reason])
  }
  // One that an older version kept and could not work on.
  await keep(stand, { ...printed, event_id: 'e-old', amount: 1_000_000_000_000_000 })
  await stand.payments.callbacks.again()
  await stand.payments.callbacks.again()
  const { rows } = okOf(await stand.call('payment.callbacks', { eventId: 'e-old', limit: 5 }))
  deepEqual(
    rows.map(row => row.reason),
    ['amount_invalid'],
  )
  deepEqual(stand.errors, [])
})

test('callback: a time of payment that can not be: as if nobody had told it (SAJ10)', async t => {
  const stand = await standAt(t)
  const { nmid } = stand.merchant
  const nowS = stand.clock.ms / 1_000
  const heard = stand.clock.ms
  const fiveMinutesMs = 300_000
  let n = 0
  for (const [paid_at, expected] of [
    [9_000_000_000_000, heard],
    [stand.clock.ms, heard],
    [nowS + 301, heard],
    [new Date(stand.clock.ms + fiveMinutesMs + 1).toISOString(), heard],
    ['+200000-01-01T00:00:00Z', heard],
    [0, heard],
    [-nowS, heard],
    ['2019-08-16T23:59:59Z', heard],
    [nowS + 300, heard + fiveMinutesMs],
    [nowS - 86_400, heard - 86_400_000],
  ] as const) {
    const told = { nmid, terminal_id: stand.printed.tid, reference: `T${++n}`, amount: 1_000 + n }
    const { result, transactionId } = await tell(stand, { ...told, paid_at })
    const { paidAt } = await get(stand, { transactionId: transactionId! })
    deepEqual([paid_at, result, paidAt], [paid_at, 'applied', expected])
  }
})

test('callback: one that can not be worked on: keeps no other, rests longer and longer, and is told (SAJ9)', async t => {
  const stand = await standAt(t)
  const { callbacks } = stand.payments
  const { nmid } = stand.merchant
  const printed = { nmid, terminal_id: stand.printed.tid }
  const boxAt = stand.boxes.get.bind(stand.boxes)
  let tries = 0
  stand.boxes.get = terminalId => {
    if (terminalId !== stand.printed.terminalId) return boxAt(terminalId)
    tries++
    throw new Error('of this terminal only')
  }
  const made = await make(stand, 5_000, 'BEHIND')
  await keep(stand, { ...printed, event_id: 'e-bad', reference: 'R1', amount: 6_000 })
  await keep(stand, { event_id: 'e-good', reference: 'BEHIND', amount: 5_000 })
  /** Whatever sweep is under way ends, and then another goes over all. */
  const sweep = async () => {
    await callbacks.again()
    await callbacks.again()
  }
  await sweep()
  equal((await get(stand, made)).status, 'PAID')
  equal(tries, 1)
  match(String(stand.errors[0]), /callback \d+ could not be worked on/)
  deepEqual([callbacks.health().ok, stand.errors.length], [false, 1])
  for (const [afterMs, expected] of [
    [4_000, 1],
    [1_000, 2],
    [5_000, 2],
    [5_000, 3],
  ] as const) {
    stand.clock.ms += afterMs
    await sweep()
    deepEqual([tries, afterMs], [expected, afterMs])
  }
  stand.boxes.get = boxAt
  stand.clock.ms += 300_000
  await sweep()
  const { rows } = okOf(await stand.call('payment.callbacks', { eventId: 'e-bad', limit: 5 }))
  deepEqual(
    rows.map(row => row.result),
    ['applied'],
  )
  deepEqual([callbacks.health().ok, callbacks.health().reason], [true, null])
})

test('callback: kept, but no engine to work on it: unavailable, told with its request (SAJ2)', async t => {
  const stand = await standAt(t)
  await make(stand, 5_000, 'E')
  const told = await signed(stand, { reference: 'E', amount: 5_000 })
  await stand.room.engine.stop()
  const answer = await stand.broker.call('payment.callback', told, { requestID: 'of-one-visit' })
  deepEqual(answer, { verdict: 'unavailable' })
  deepEqual(stand.blamed, ['of-one-visit'])
})

test('callback: worked on, but not kept: unavailable, and a repeat when it comes again (SAJ2)', async t => {
  const stand = await standAt(t)
  const made = await make(stand, 5_000, 'E')
  const told = await signed(stand, { reference: 'E', amount: 5_000 })
  await stand.db.pool.query(sql.unsafe`alter table qris_callback rename to away`)
  deepEqual(await stand.call('payment.callback', told), { verdict: 'unavailable' })
  await stand.db.pool.query(sql.unsafe`alter table away rename to qris_callback`)
  equal((await get(stand, made)).status, 'PAID')
  const again = await stand.call('payment.callback', told)
  equal(again.verdict === 'taken' && again.result, 'duplicate')
  const { rows } = okOf(await stand.call('payment.callbacks', { limit: 5 }))
  deepEqual(
    rows.map(row => row.result),
    ['duplicate'],
  )
  await sound(stand)
})

test('callback: after its days: deleted, but for what waits for a person', async t => {
  const stand = await standAt(t)
  await make(stand, 5_000, 'D')
  await tell(stand, { reference: 'D', amount: 5_000 })
  await tell(stand, { reference: 'D', amount: 5_001 })
  // What became of them is noted behind; a list waits for it.
  okOf(await stand.call('payment.callbacks', { limit: 1 }))
  const old = { before: stand.clock.ms, limit: 10, held: [], words: [] }
  equal(await deleteCallbacks(stand.db.pool, old), 0)
  const later = { ...old, before: stand.clock.ms + 1 }
  equal(await deleteCallbacks(stand.db.pool, later), 1)
  const { rows } = okOf(await stand.call('payment.callbacks', { limit: 5 }))
  deepEqual(
    rows.map(row => row.result),
    ['parked'],
  )
  const review = { id: rows[0]!.id, verb: 'dismiss', note: '', by } as const
  okOf(await stand.call('payment.review', review))
  equal(await deleteCallbacks(stand.db.pool, later), 1)
})

test('callback: an NMID and the merchant’s own reference, which another has as well: paid (SAJ6)', async t => {
  const stand = await standAt(t)
  const { nmid } = stand.merchant
  await twoTills(stand)
  const rival = await shopAt(stand.call, 'Toko Lain')
  const mine = await make(stand, 4_000, 'four')
  const same = { terminalId: rival.till.terminalId, amount: 4_000, reference: 'four', by }
  okOf(await stand.call('payment.create', same))
  const { result, transactionId } = await tell(stand, { reference: 'four', nmid, amount: 4_000 })
  deepEqual([result, transactionId], ['applied', mine.transactionId])
})
