import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { acquirer, payable, qrisFee } from '../../actors/chart.ts'
import { proofMs } from '../../actors/payment/payment.ts'
import { testDatabase } from '../../deploy/test-database.ts'
import { sound } from '../../deploy/verify.fixture.ts'
import { verify } from '../../deploy/verify.ts'
import { fingerprint, keyOf, shardOf } from '../../engine/ids.ts'
import { openDatabase, sql } from '../../sql/database.ts'
import { deskCounts } from '../../sql/desk-summary.ts'
import { deleteCallbacks } from '../../sql/retention.ts'
import type { PaymentView } from '../contract/soundbox.ts'
import { until } from '../engine-room.fixture.ts'
import { parse } from '../qris/qris.ts'
import { labelOf, placeOf, placeOfLabel, printedReference } from './payment-place.ts'
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

const by = 'kasir'
const device = '01a1fb58-c68f-7002-9302-1c7e05337000'

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
  const till = await tillAt(t, { url: await database() })
  await withFees(till)
  return { ...till, ...(await shopAt(till.call)) }
}

const make = async ({ call, till }: Stand, amount = 50_123, reference?: string) =>
  okOf(
    await call('payment.create', {
      ...{ terminalId: till.terminalId, amount, by },
      ...(reference === undefined ? {} : { reference }),
    }),
  )

async function tell(stand: Stand, told: Readonly<Record<string, unknown>>) {
  const answer = await stand.call('payment.callback', await signed(stand, told))
  if (answer.verdict !== 'taken') throw new Error(answer.verdict)
  return answer
}

const get = async ({ call }: Stand, { transactionId }: Pick<PaymentView, 'transactionId'>) =>
  okOf(await call('payment.get', { transactionId }))

const balance = ({ room }: Stand, account: string): number => {
  let sum = 0
  for (const shard of room.engine.host.shards()) sum += shard.accounts.get(account)?.balance ?? 0
  return sum
}

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

const twoTills = async (stand: Stand) => {
  const { outletId } = stand.printed
  const add = (label: string, kind: 'static' | 'dynamic' = 'static') =>
    stand.call('merchant.addTerminal', { outletId, label, kind, by })
  return okOf(await add('Kasir dua'))
}

const parkedOf = async ({ call }: Stand, eventId: string) =>
  okOf(await call('payment.callbacks', { eventId, limit: 5 })).rows[0]!

const assign = (stand: Stand, id: number, terminalId: string) =>
  stand.call('payment.assign', { id, terminalId, reason: 'kata kasir', by })

test('callback: assigned: its money is booked at that terminal, once, as a printed one’s (SAJ12)', async t => {
  const stand = await standAt(t)
  const { nmid, merchantId } = stand.merchant
  const second = await twoTills(stand)
  stand.boxes.set(second.terminalId, { deviceId: device })
  const rival = await shopAt(stand.call, 'Toko Lain')
  const told = { event_id: 'e-n', reference: 'RRN1', nmid, amount: 50_123, payer: 'Budi' }
  equal((await tell(stand, told)).reason, 'unknown_reference')
  const { id } = await parkedOf(stand, 'e-n')
  equal(refusedOf(await assign(stand, id, rival.printed.terminalId)), 'MERCHANT_MISMATCH')
  equal(refusedOf(await assign(stand, id, merchantId)), 'NOT_FOUND')
  equal(refusedOf(await assign(stand, 9_999, second.terminalId)), 'NOT_FOUND')
  equal(balance(stand, acquirer), 0)
  const heard = stand.clock.ms
  stand.clock.ms += 3_600_000
  const made = okOf(await assign(stand, id, second.terminalId))
  deepEqual(
    [made.result, made.terminalId, made.reviewedBy, made.reviewNote],
    ['applied', second.terminalId, by, 'kata kasir'],
  )
  const paid = await get(stand, { transactionId: made.transactionId! })
  deepEqual(
    [paid.kind, paid.status, paid.terminalId, paid.amount, paid.fee, paid.net],
    ['static', 'PAID', second.terminalId, 50_123, 351, 49_772],
  )
  deepEqual([paid.paidAt, paid.acquirerRef, paid.payer], [heard, 'RRN1', 'Budi'])
  // An hour old by then: for the summary, not to be spoken as new.
  await until(
    () => stand.asked.length,
    count => count > 0,
  )
  deepEqual(
    stand.asked.map(one => [one['device'], one['at']]),
    [[device, heard]],
  )
  const again = okOf(await assign(stand, id, second.terminalId))
  deepEqual(again, made)
  const other = await assign(stand, id, stand.printed.terminalId)
  deepEqual('refused' in other && [other.refused, other.details], [
    'CALLBACK_BOOKED',
    { terminalId: second.terminalId, transactionId: made.transactionId },
  ])
  for (const verb of ['retry', 'dismiss'] as const) {
    const review = { id, verb, note: 'tidak', by }
    equal(refusedOf(await stand.call('payment.review', review)), 'ALREADY_DECIDED')
  }
  equal(balance(stand, acquirer), -50_123)
  await sound(stand)
})

test('callback: assigned, and the same event again, however it names its payment: a duplicate (SAJ13)', async t => {
  const stand = await standAt(t)
  const { nmid, merchantId } = stand.merchant
  const second = await twoTills(stand)
  const told = { event_id: 'e-a', reference: 'INV1', nmid, amount: 7_000 }
  equal((await tell(stand, told)).result, 'parked')
  const { id } = await parkedOf(stand, 'e-a')
  const { transactionId } = okOf(await assign(stand, id, second.terminalId))
  // Made only now, and of the same name: the money has a place already.
  const late = await make(stand, 7_000, 'INV1')
  const label = labelOf(placeOf(merchantId, 'INV1'))
  const again = async (more: object) => {
    const { result, reason, transactionId: of } = await tell(stand, { ...told, ...more })
    return [result, reason, of === transactionId]
  }
  for (const more of [
    {},
    { terminal_id: second.tid },
    { terminal_id: second.terminalId },
    { terminal_id: 'EDC-77' },
    { reference: label },
    { transaction_id: late.transactionId },
    { paid_at: null },
  ]) {
    deepEqual(await again(more), ['duplicate', '', true], JSON.stringify(more))
  }
  deepEqual(await again({ terminal_id: stand.printed.tid }), ['parked', 'merchant_mismatch', true])
  deepEqual(await again({ amount: 7_001 }), ['parked', 'amount_mismatch', true])
  const other = await make(stand, 7_000, 'INV2')
  const corrected = { event_id: 'e-b', reference: 'INV1', transaction_id: other.transactionId }
  equal((await tell(stand, { ...told, ...corrected })).reason, 'reference_mismatch')
  for (const made of [late, other]) equal((await get(stand, made)).status, 'PENDING')
  // Nor after a restart, or where another process had it decided.
  const { url } = stand.db
  await stand.stop()
  const next = await tillAt(t, { url })
  const seen = { ...stand, ...next }
  const repeat = await tell(seen, { ...told, reference: label })
  deepEqual([repeat.result, repeat.transactionId], ['duplicate', transactionId])
  equal(balance(seen, acquirer), -7_000)
  await sound(seen)
})

test('callback: assigned where its money stands in the books already: refused (SAJ12)', async t => {
  const stand = await standAt(t)
  const { nmid } = stand.merchant
  const second = await twoTills(stand)
  const at = stand.printed
  // Booked at the other till, by another event of the same reference.
  const told = { nmid, reference: 'RRN1', amount: 7_000 }
  equal((await tell(stand, { ...told, event_id: 'e-1' })).result, 'parked')
  // Too late for the one before to be tried again by itself.
  stand.clock.ms += 1_200_000
  const first = await tell(stand, { ...told, event_id: 'e-2', terminal_id: at.tid })
  equal(first.result, 'applied')
  const { id } = await parkedOf(stand, 'e-1')
  const one = await assign(stand, id, second.terminalId)
  deepEqual('refused' in one && [one.refused, one.details], [
    'CALLBACK_BOOKED',
    { terminalId: at.terminalId },
  ])
  // There it is of another time, so that it waits on for a person.
  equal(refusedOf(await assign(stand, id, at.terminalId)), 'PAID_AGAIN')
  const waiting = await parkedOf(stand, 'e-1')
  deepEqual([waiting.result, waiting.terminalId, waiting.reviewedBy], ['parked', null, null])
  // As a dynamic one's money, which the acquirer calls so.
  const { transactionId } = await make(stand, 9_000, 'D')
  const dynamic = { transaction_id: transactionId, reference: 'RRN2', amount: 9_000 }
  equal((await tell(stand, { ...dynamic, event_id: 'e-3' })).result, 'applied')
  const alike = { nmid, reference: 'RRN2', amount: 9_000, event_id: 'e-4' }
  equal((await tell(stand, alike)).result, 'parked')
  const two = await assign(stand, (await parkedOf(stand, 'e-4')).id, second.terminalId)
  deepEqual('refused' in two && [two.refused, two.details], ['CALLBACK_BOOKED', { transactionId }])
  // The same event, under another name of the money.
  const named = { nmid, reference: 'RRN3', amount: 9_000, event_id: 'e-3' }
  equal((await tell(stand, named)).result, 'parked')
  const three = await assign(stand, (await parkedOf(stand, 'e-3')).id, second.terminalId)
  equal(refusedOf(three), 'CALLBACK_BOOKED')
  equal(balance(stand, acquirer), -16_000)
  await sound(stand)
})

test('callback: not money for a terminal, or nobody knows whose: not assigned (SAJ12)', async t => {
  const stand = await standAt(t)
  const { nmid } = stand.merchant
  const second = await twoTills(stand)
  const rival = await shopAt(stand.call, 'Toko Lain')
  const till = stand.till.terminalId
  const made = await make(stand, 500, 'A')
  const cases = [
    [{ reference: 'x' }, second.terminalId, 'merchant_unknown'],
    [{ reference: 'x', nmid: 'ID1000000000999' }, second.terminalId, 'merchant_unknown'],
    [{ reference: 'x', nmid, terminal_id: rival.till.terminalId }, till, 'merchant_unknown'],
    [{ reference: 'x', nmid, status: 'refunded' }, second.terminalId, 'no_payment'],
    [{ reference: 'x', nmid, type: 'topup' }, second.terminalId, 'no_payment'],
    [{ reference: 'A', nmid, amount: 501 }, second.terminalId, 'amount_mismatch'],
  ] as const
  for (const [told, terminalId, problem] of cases) {
    await tell(stand, { event_id: 'e', amount: 500, ...told })
    const [row] = okOf(await stand.call('payment.callbacks', { parked: true, limit: 1 })).rows
    const answer = await assign(stand, row!.id, terminalId)
    deepEqual('refused' in answer && [answer.refused, answer.details], [
      'CALLBACK_UNASSIGNABLE',
      { problem },
    ])
  }
  // A till of ours that it names is where it was paid.
  const dynamic = {
    event_id: 'e-d',
    nmid,
    terminal_id: stand.till.tid,
    reference: 'y',
    amount: 800,
  }
  equal((await tell(stand, dynamic)).result, 'parked')
  const { id } = await parkedOf(stand, 'e-d')
  equal(refusedOf(await assign(stand, id, second.terminalId)), 'MERCHANT_MISMATCH')
  equal(okOf(await assign(stand, id, till)).result, 'applied')
  equal((await tell(stand, dynamic)).result, 'duplicate')
  equal((await get(stand, made)).status, 'PENDING')
  // What was put away stays so.
  equal((await tell(stand, { event_id: 'e-p', nmid, reference: 'z', amount: 5 })).result, 'parked')
  const away = await parkedOf(stand, 'e-p')
  okOf(await stand.call('payment.review', { id: away.id, verb: 'dismiss', note: 'bukan', by }))
  equal(refusedOf(await assign(stand, away.id, second.terminalId)), 'ALREADY_DECIDED')
  await stand.payments.callbacks.again()
  equal(balance(stand, acquirer), -800)
  await sound(stand)
})

test('callback: assigned, and killed before it was booked, or before that was noted (SAJ12)', async t => {
  const stand = await standAt(t)
  const { nmid } = stand.merchant
  const second = await twoTills(stand)
  const told = { event_id: 'e-k', reference: 'RRN1', nmid, amount: 7_000 }
  equal((await tell(stand, told)).result, 'parked')
  const { id } = await parkedOf(stand, 'e-k')
  const { pool } = stand.db
  const decide = (terminalId: string) =>
    pool.query(sql.unsafe`
    update qris_callback set terminal_id = ${terminalId}, reviewed_by = ${by},
      reviewed_at = now(), result = 'parked' where id = ${id}`)
  await decide(second.terminalId)
  const later = { before: Date.now() + 1_000, limit: 10, held: [], words: [] }
  await deleteCallbacks(pool, later)
  const { url } = stand.db
  await stand.stop()
  const next = await tillAt(t, { url })
  const seen = { ...stand, ...next }
  const done = () => parkedOf(seen, 'e-k')
  const booked = await until(done, row => row.result !== 'parked')
  deepEqual([booked.result, booked.terminalId], ['applied', second.terminalId])
  // Booked, and the note of it is lost: worked on once more, which changes nothing.
  await seen.db.pool.query(sql.unsafe`
    update qris_callback set result = 'parked', transaction_id = null where id = ${id}`)
  await seen.payments.callbacks.again()
  const noted = await until(done, row => row.result !== 'parked')
  deepEqual([noted.result, noted.transactionId], ['duplicate', booked.transactionId])
  equal(balance(seen, acquirer), -7_000)
  await sound(seen)
})

test('callback: assigned, but it can not be booked there: it waits for a person again (SAJ12)', async t => {
  const stand = await standAt(t)
  const { nmid } = stand.merchant
  const second = await twoTills(stand)
  const told = { nmid, reference: 'RRN1', amount: 7_000 }
  equal((await tell(stand, { ...told, event_id: 'e-1' })).result, 'parked')
  const { id } = await parkedOf(stand, 'e-1')
  stand.clock.ms += 1_200_000
  const at = { terminal_id: stand.printed.tid, event_id: 'e-2' }
  equal((await tell(stand, { ...told, ...at })).result, 'applied')
  // Decided in the same moment, and killed.
  const { url } = stand.db
  await stand.db.pool.query(sql.unsafe`
    update qris_callback set terminal_id = ${second.terminalId}, reviewed_by = ${by},
      reviewed_at = now() where id = ${id}`)
  await stand.stop()
  const seen = { ...stand, ...(await tillAt(t, { url, ms: stand.clock.ms })) }
  const { reviewedBy, result } = await until(
    () => parkedOf(seen, 'e-1'),
    row => row.terminalId === null,
  )
  deepEqual([reviewedBy, result], [null, 'parked'])
  equal(balance(seen, acquirer), -7_000)
  await sound(seen)
})

test('callback: two persons assign it to two tills: one does, it is booked once (SAJ12)', async t => {
  const stand = await standAt(t)
  const { nmid } = stand.merchant
  const second = await twoTills(stand)
  const told = { event_id: 'e-2p', reference: 'RRN1', nmid, amount: 7_000 }
  equal((await tell(stand, told)).result, 'parked')
  const { id } = await parkedOf(stand, 'e-2p')
  const tills = [second, stand.printed, second, stand.printed]
  const answers = await Promise.all(tills.map(one => assign(stand, id, one.terminalId)))
  const first = okOf(answers[0]!)
  deepEqual(okOf(answers[2]!), first)
  for (const n of [1, 3]) equal(refusedOf(answers[n]!), 'CALLBACK_BOOKED')
  equal(balance(stand, acquirer), -7_000)
})

test('callback: booked weeks after it came: as old as when we heard of it (SAJ10, QPA13)', async t => {
  const stand = await standAt(t)
  const { nmid } = stand.merchant
  const second = await twoTills(stand)
  stand.boxes.set(second.terminalId, { deviceId: device })
  const heard = stand.clock.ms
  const told = { nmid, amount: 7_000 }
  const ids: number[] = []
  for (const [reference, paid_at] of [
    ['none', null],
    ['then', new Date(heard - 120_000).toISOString()],
    ['absurd', new Date(heard - 40 * 86_400_000).toISOString()],
  ] as const) {
    const event_id = `e-${reference}`
    equal((await tell(stand, { ...told, event_id, reference, paid_at })).result, 'parked')
    ids.push((await parkedOf(stand, event_id)).id)
  }
  stand.clock.ms += 20 * 86_400_000
  for (const id of ids) equal(okOf(await assign(stand, id, second.terminalId)).result, 'applied')
  await until(
    () => stand.asked.map(one => one['at']),
    told => told.length === 3,
  )
  deepEqual(
    stand.asked.map(one => one['at']),
    [heard, heard - 120_000, heard],
  )
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
