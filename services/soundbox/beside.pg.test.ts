import { deepEqual, equal, notEqual } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { acquirer, payable, qrisFee } from '../../actors/chart.ts'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { sound } from '../../deploy/verify/verify.fixture.ts'
import { sql } from '../../sql/database.ts'
import { assignCallback, decisionsMark } from '../../sql/soundbox/qris-callbacks.ts'
import { until } from '../engine-room.fixture.ts'
import { labelOf, placeOfId } from './payment-place.ts'
import { okOf, refusedOf, shopAt, tillAt } from './soundbox.fixture.ts'
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

const parkedOf = async ({ call }: Stand, eventId: string) =>
  okOf(await call('payment.callbacks', { eventId, limit: 5 })).rows[0]!

const assign = (stand: Stand, id: number, terminalId?: string) => {
  const named = terminalId === undefined ? {} : { terminalId }
  return stand.call('payment.assign', { id, ...named, reason: 'uang pembayar lain', by })
}

/** Parked for this, and its id. */
async function parks(stand: Stand, told: Record<string, unknown>, reason: string) {
  const answer = await tell(stand, told)
  deepEqual([answer.result, answer.reason], ['parked', reason], JSON.stringify(told))
  return (await parkedOf(stand, told['event_id'] as string)).id
}

const said = async (stand: Stand, told: Record<string, unknown>) => {
  const { result, reason, transactionId } = await tell(stand, told)
  return [result, reason, transactionId]
}

const booked = (stand: Stand) => {
  const days = [...stand.room.engine.host.shards()].flatMap(({ accounts }) => [...accounts.keys()])
  const owed = days.filter(name => name.startsWith('payable:'))
  return [acquirer, qrisFee, ...new Set(owed)].map(name => balance(stand, name))
}

test('callback: a second payer’s money is booked beside the payment, once, as one of its own (SAJ14)', async t => {
  const stand = await standAt(t)
  const second = await twoTills(stand)
  stand.boxes.set(stand.till.terminalId, { deviceId: device })
  const made = await make(stand, 50_123, 'INV1')
  const label = labelOf(placeOfId(made.transactionId))
  const told = { reference: label, nmid: stand.merchant.nmid, amount: 50_123 }
  equal((await tell(stand, { ...told, event_id: 'e-1', payer: 'Budi' })).result, 'applied')
  await until(
    () => stand.asked.length,
    count => count === 1,
  )
  const first = await get(stand, made)
  stand.clock.ms += 1_000
  const then = new Date(stand.clock.ms).toISOString()
  const again = { ...told, event_id: 'e-2', paid_at: then, payer: 'Siti' }
  const id = await parks(stand, again, 'paid_again')
  const paidAt = stand.clock.ms
  stand.clock.ms += 3_600_000
  // At the terminal of that payment and at no other.
  equal(refusedOf(await assign(stand, id, second.terminalId)), 'MERCHANT_MISMATCH')
  equal(refusedOf(await assign(stand, id, made.transactionId)), 'NOT_FOUND')
  const row = okOf(await assign(stand, id))
  deepEqual(
    [row.result, row.terminalId, row.besideId, row.reviewedBy, row.reviewNote],
    ['applied', stand.till.terminalId, made.transactionId, by, 'uang pembayar lain'],
  )
  notEqual(row.transactionId, made.transactionId)
  const own = await get(stand, { transactionId: row.transactionId! })
  deepEqual(
    [own.status, own.terminalId, own.amount, own.fee, own.net, own.payer, own.paidAt],
    ['PAID', stand.till.terminalId, 50_123, 351, 49_772, 'Siti', paidAt],
  )
  const still = await get(stand, made)
  deepEqual([still.status, still.payer, still.paidAt], [first.status, 'Budi', first.paidAt])
  // The box hears of it as of then, an hour ago: counted, and not spoken as new.
  await until(
    () => stand.asked.length,
    count => count === 2,
  )
  deepEqual([stand.asked[1]!['device'], stand.asked[1]!['at']], [device, paidAt])
  // Every rupiah is in one place: collected, ours, or the merchant's.
  const books = [-100_246, 702, 99_544]
  deepEqual(booked(stand), books)
  deepEqual(okOf(await assign(stand, id)), row)
  // Told again, under whichever event and name: the same money.
  const duplicate = ['duplicate', '', row.transactionId]
  deepEqual(await said(stand, again), duplicate)
  for (const [n, more] of [
    {},
    { reference: 'INV1', transaction_id: made.transactionId },
    { reference: 'INV1', terminal_id: stand.till.tid },
    { reference: '', transaction_id: made.transactionId },
  ].entries()) {
    const repeat = { ...again, event_id: `e-r${n}`, ...more }
    deepEqual(await said(stand, repeat), duplicate, JSON.stringify(more))
  }
  // A third payer's is neither.
  stand.clock.ms += 1_000
  const third = { ...again, event_id: 'e-3', paid_at: new Date(stand.clock.ms).toISOString() }
  const other = okOf(await assign(stand, await parks(stand, third, 'paid_again')))
  equal(other.result, 'applied')
  deepEqual(booked(stand), [-150_369, 1_053, 149_316])
  // Given back, each is itself.
  const refund = { refundId: 'r', amount: 50_123, reason: 'salah bayar', by }
  okOf(await stand.call('payment.refund', { transactionId: row.transactionId!, ...refund }))
  equal((await get(stand, made)).refunded, 0)
  deepEqual(booked(stand), books)
  await sound(stand)
})

test('callback: another sum is booked whole beside the payment, which stays as it is (SAJ14)', async t => {
  const stand = await standAt(t)
  for (const [amount, name] of [
    [40_000, 'short'],
    [60_000, 'over'],
  ] as const) {
    const { transactionId } = await make(stand, 50_000, name)
    const told = { event_id: `e-${name}`, transaction_id: transactionId, reference: '', amount }
    const id = await parks(stand, told, 'amount_mismatch')
    const row = okOf(await assign(stand, id))
    deepEqual([row.result, row.besideId], ['applied', transactionId])
    const own = await get(stand, { transactionId: row.transactionId! })
    deepEqual([own.status, own.amount, own.terminalId], ['PAID', amount, stand.till.terminalId])
    equal((await get(stand, { transactionId })).status, 'PENDING')
    // Told once more with the right sum: the same money does not pay twice.
    const right = { ...told, amount: 50_000, event_id: `e-${name}-right` }
    const corrected = await parks(stand, right, 'amount_mismatch')
    equal(refusedOf(await assign(stand, corrected)), 'CALLBACK_BOOKED')
    const away = { id: corrected, verb: 'dismiss', note: 'sudah dibukukan', by } as const
    okOf(await stand.call('payment.review', away))
    // The payer's next try is other money.
    stand.clock.ms += 1_000
    const next = { event_id: `e-${name}-next`, transaction_id: transactionId, amount: 50_000 }
    deepEqual(await said(stand, next), ['applied', '', transactionId])
  }
  deepEqual(booked(stand), [-200_000, 1_400, 198_600])
  await sound(stand)
})

test('callback: what paid the payment, told with another sum: not booked beside it (SAJ14)', async t => {
  const stand = await standAt(t)
  const { transactionId } = await make(stand, 50_000)
  const told = { transaction_id: transactionId, reference: 'RRN1', amount: 50_000 }
  equal((await tell(stand, { ...told, event_id: 'e-1' })).result, 'applied')
  for (const event_id of ['e-1', 'e-2']) {
    const id = await parks(stand, { ...told, event_id, amount: 51_000 }, 'amount_mismatch')
    const answer = await assign(stand, id)
    deepEqual('refused' in answer && [answer.refused, answer.details], [
      'CALLBACK_BOOKED',
      { transactionId },
    ])
  }
  // Nor what stands elsewhere by the acquirer's name for it.
  const other = await make(stand, 7_000)
  const named = { transaction_id: other.transactionId, reference: 'RRN1', amount: 50_000 }
  const id = await parks(stand, { ...named, event_id: 'e-3' }, 'amount_mismatch')
  equal(refusedOf(await assign(stand, id)), 'CALLBACK_BOOKED')
  deepEqual(booked(stand), [-50_000, 350, 49_650])
  await sound(stand)
})

test('callback: a payment and another merchant are named: booked where a person says (SAJ14)', async t => {
  const stand = await standAt(t)
  const rival = await shopAt(stand.call, 'Toko Lain')
  const third = await shopAt(stand.call, 'Toko Ketiga')
  const { transactionId } = await make(stand, 5_000)
  const told = { transaction_id: transactionId, reference: '', amount: 5_000 }
  const both = { ...told, nmid: rival.merchant.nmid }
  const id = await parks(stand, { ...both, event_id: 'e-1' }, 'merchant_mismatch')
  equal(refusedOf(await assign(stand, id)), 'FIELDS_INVALID')
  equal(refusedOf(await assign(stand, id, third.till.terminalId)), 'MERCHANT_MISMATCH')
  const row = okOf(await assign(stand, id, rival.printed.terminalId))
  deepEqual(
    [row.result, row.besideId, row.merchantId],
    ['applied', transactionId, rival.merchant.merchantId],
  )
  equal((await get(stand, { transactionId })).status, 'PENDING')
  equal((await tell(stand, { ...both, event_id: 'e-1' })).result, 'duplicate')
  // One whom nobody knows contradicts no less, and it is still the payment's terminal.
  stand.clock.ms += 1_000
  const nobody = { ...told, nmid: 'ID1000000000999', event_id: 'e-2' }
  const own = await parks(stand, nobody, 'merchant_mismatch')
  equal(refusedOf(await assign(stand, own, rival.printed.terminalId)), 'MERCHANT_MISMATCH')
  equal(okOf(await assign(stand, own, stand.till.terminalId)).result, 'applied')
  equal((await tell(stand, nobody)).result, 'duplicate')
  equal(balance(stand, acquirer), -10_000)
  await sound(stand)
})

test('callback: two persons, two callbacks of one money: booked once (SAJ14, SAJ16)', async t => {
  const stand = await standAt(t)
  const made = await make(stand, 9_000)
  const told = { transaction_id: made.transactionId, amount: 9_000 }
  equal((await tell(stand, { ...told, reference: '', event_id: 'e-1' })).result, 'applied')
  const named = { ...told, reference: 'RRN2' }
  stand.clock.ms += 1_000
  const one = await parks(stand, { ...named, event_id: 'e-2' }, 'paid_again')
  const two = await parks(stand, { ...named, event_id: 'e-3' }, 'paid_again')
  const answers = await Promise.all([one, two, one, two].map(id => assign(stand, id)))
  const became = answers.map(answer => ('ok' in answer ? answer.ok.result : refusedOf(answer)))
  // Whoever is first.
  deepEqual(became.slice(0, 2).sort(), ['CALLBACK_BOOKED', 'applied'])
  deepEqual(became.slice(2), became.slice(0, 2))
  equal(balance(stand, acquirer), -18_000)
  // Also where nothing but the time of payment says that it is one.
  stand.clock.ms += 1_000
  const untitled = { ...told, reference: '' }
  const ids = [
    await parks(stand, { ...untitled, event_id: 'e-5' }, 'paid_again'),
    await parks(stand, { ...untitled, event_id: 'e-6' }, 'paid_again'),
  ]
  const both = await Promise.all(ids.map(id => assign(stand, id)))
  const ends = both.map(answer => ('ok' in answer ? answer.ok.result : refusedOf(answer)))
  deepEqual(ends.sort(), ['CALLBACK_BOOKED', 'applied'])
  equal(balance(stand, acquirer), -27_000)
  // Nor after a restart, by itself.
  const { url } = stand.db
  await stand.stop()
  const seen = { ...stand, ...(await tillAt(t, { url, ms: stand.clock.ms })) }
  const repeat = { ...named, paid_at: new Date(stand.clock.ms - 1_000).toISOString() }
  equal((await tell(seen, { ...repeat, event_id: 'e-4' })).result, 'duplicate')
  equal(balance(seen, acquirer), -27_000)
  await sound(seen)
})

test('callback: beside a payment, and killed before it was booked: carried out as decided (SAJ14)', async t => {
  const stand = await standAt(t)
  const made = await make(stand, 9_000)
  const told = { transaction_id: made.transactionId, reference: '', amount: 8_000 }
  const id = await parks(stand, { ...told, event_id: 'e-k' }, 'amount_mismatch')
  const { url } = stand.db
  await stand.db.pool.query(sql.unsafe`
    update qris_callback set terminal_id = ${stand.till.terminalId}, reviewed_by = ${by},
      beside_id = ${made.transactionId}, reviewed_at = now() where id = ${id}`)
  await stand.stop()
  const seen = { ...stand, ...(await tillAt(t, { url, ms: stand.clock.ms })) }
  const row = await until(
    () => parkedOf(seen, 'e-k'),
    one => one.result !== 'parked',
  )
  deepEqual([row.result, row.besideId], ['applied', made.transactionId])
  equal((await get(seen, { transactionId: row.transactionId! })).amount, 8_000)
  equal((await get(seen, made)).status, 'PENDING')
  equal(balance(seen, acquirer), -8_000)
  await sound(seen)
})

test('callback: decided, but the payment was paid with it meanwhile: it waits for a person again (SAJ14)', async t => {
  const stand = await standAt(t)
  const made = await make(stand, 9_000)
  const told = { transaction_id: made.transactionId, reference: '' }
  const id = await parks(stand, { ...told, amount: 8_000, event_id: 'e-1' }, 'amount_mismatch')
  equal((await tell(stand, { ...told, amount: 9_000, event_id: 'e-2' })).result, 'applied')
  const { url } = stand.db
  await stand.db.pool.query(sql.unsafe`
    update qris_callback set terminal_id = ${stand.till.terminalId}, reviewed_by = ${by},
      beside_id = ${made.transactionId}, reviewed_at = now() where id = ${id}`)
  await stand.stop()
  const seen = { ...stand, ...(await tillAt(t, { url, ms: stand.clock.ms })) }
  const row = await until(
    () => parkedOf(seen, 'e-1'),
    one => one.terminalId === null,
  )
  deepEqual([row.result, row.besideId, row.reviewedBy], ['parked', null, null])
  equal(refusedOf(await assign(seen, id)), 'CALLBACK_UNASSIGNABLE')
  equal(balance(seen, acquirer), -9_000)
  await sound(seen)
})

test('callback: word of a refund is of the money that it names, or that alone came (SAJ17)', async t => {
  const stand = await standAt(t)
  const made = await make(stand, 9_000)
  const told = { transaction_id: made.transactionId, amount: 9_000 }
  equal((await tell(stand, { ...told, reference: 'RRN1', event_id: 'e-1' })).result, 'applied')
  const again = { ...told, reference: 'RRN2', event_id: 'e-2' }
  const { transactionId } = okOf(await assign(stand, await parks(stand, again, 'paid_again')))
  const back = { ...told, status: 'refunded' }
  deepEqual(await said(stand, { ...back, reference: 'RRN2', event_id: 'e-3' }), [
    ...['applied', ''],
    transactionId,
  ])
  equal((await get(stand, { transactionId: transactionId! })).status, 'REFUNDED')
  equal((await get(stand, made)).status, 'PAID')
  // Of one that nobody paid it is what stands beside it.
  const other = await make(stand, 500)
  const short = { transaction_id: other.transactionId, reference: '', amount: 400 }
  const id = await parks(stand, { ...short, event_id: 'e-4' }, 'amount_mismatch')
  const row = okOf(await assign(stand, id))
  deepEqual(await said(stand, { ...short, status: 'refunded', event_id: 'e-5' }), [
    ...['applied', ''],
    row.transactionId,
  ])
  equal(balance(stand, acquirer), -9_000)
  await sound(stand)
})

test('callback: money that names nobody whom we know is booked where a person says, once (SAJ15)', async t => {
  const stand = await standAt(t)
  const rival = await shopAt(stand.call, 'Toko Lain')
  const till = stand.till.terminalId
  const parts = { nmid: 'ID1000000000999', terminal_id: 'EDC-77' }
  const told = { event_id: 'e-1', reference: 'RRN1', amount: 7_000, ...parts }
  const id = await parks(stand, told, 'unknown_reference')
  equal(refusedOf(await assign(stand, id)), 'FIELDS_INVALID')
  const row = okOf(await assign(stand, id, till))
  deepEqual(
    [row.result, row.terminalId, row.besideId, row.merchantId],
    ['applied', till, null, stand.merchant.merchantId],
  )
  const duplicate = ['duplicate', '', row.transactionId]
  deepEqual(await said(stand, told), duplicate)
  // The same money under another event, also when it says whose it is.
  const paid_at = new Date(stand.clock.ms).toISOString()
  const repeat = { ...told, event_id: 'e-2', paid_at }
  deepEqual(await said(stand, repeat), duplicate)
  const whose = { ...repeat, event_id: 'e-3', nmid: rival.merchant.nmid }
  await parks(stand, { ...whose, terminal_id: rival.printed.tid }, 'merchant_mismatch')
  // Nor is it booked at somebody else's.
  const untimed = { ...told, event_id: 'e-4', paid_at: null }
  const twin = await parks(stand, untimed, 'unknown_reference')
  equal(refusedOf(await assign(stand, twin, rival.printed.terminalId)), 'CALLBACK_BOOKED')
  equal(balance(stand, acquirer), -7_000)
  // Or where it stands in his books already.
  const his = { reference: 'RRN5', amount: 900, paid_at }
  const at = { event_id: 'e-5', nmid: rival.merchant.nmid, terminal_id: rival.printed.tid }
  equal((await tell(stand, { ...his, ...at })).result, 'applied')
  const lost = await parks(stand, { ...his, event_id: 'e-6' }, 'unknown_reference')
  equal(refusedOf(await assign(stand, lost, till)), 'CALLBACK_BOOKED')
  equal(okOf(await assign(stand, lost, rival.printed.terminalId)).result, 'duplicate')
  equal(balance(stand, acquirer), -7_900)
  await sound(stand)
})

test('callback: two who differ are named: booked at one of theirs (SAJ15)', async t => {
  const stand = await standAt(t)
  const rival = await shopAt(stand.call, 'Toko Lain')
  const third = await shopAt(stand.call, 'Toko Ketiga')
  const { nmid } = stand.merchant
  const told = { nmid, terminal_id: rival.till.terminalId, amount: 7_000 }
  for (const [n, terminalId, expected] of [
    [1, third.till.terminalId, 'MERCHANT_MISMATCH'],
    [2, rival.printed.terminalId, 'MERCHANT_MISMATCH'],
    [3, rival.till.terminalId, 'applied'],
    [4, stand.printed.terminalId, 'applied'],
  ] as const) {
    stand.clock.ms += 1_000
    const one = { ...told, event_id: `e-${n}`, reference: `RRN${n}` }
    const id = await parks(stand, one, 'unknown_reference')
    const answer = await assign(stand, id, terminalId)
    equal('ok' in answer ? answer.ok.result : refusedOf(answer), expected)
    if ('ok' in answer) equal((await tell(stand, one)).result, 'duplicate')
  }
  equal(balance(stand, acquirer), -14_000)
  equal(balance(stand, payable(stand.merchant.merchantId, '20261014')), 6_951)
  await sound(stand)
})

test('callback: two persons put one that names nobody at two merchants: one does (SAJ15, SAJ16)', async t => {
  const stand = await standAt(t)
  const rival = await shopAt(stand.call, 'Toko Lain')
  const told = { reference: 'RRN1', amount: 7_000 }
  const ids = [
    await parks(stand, { ...told, event_id: 'e-1' }, 'unknown_reference'),
    await parks(stand, { ...told, event_id: 'e-2' }, 'unknown_reference'),
  ]
  const places = [stand.till.terminalId, rival.till.terminalId]
  const answers = await Promise.all(ids.map((id, n) => assign(stand, id, places[n])))
  deepEqual(answers.map(one => ('ok' in one ? one.ok.result : refusedOf(one))).sort(), [
    'CALLBACK_BOOKED',
    'applied',
  ])
  equal(balance(stand, acquirer), -7_000)
})

test('callback: decided at another process in the same moment: looked at again first (SAJ16)', async t => {
  const stand = await standAt(t)
  const { pool } = stand.db
  const told = { reference: 'RRN1', amount: 7_000 }
  const one = await parks(stand, { ...told, event_id: 'e-1' }, 'unknown_reference')
  const two = await parks(stand, { ...told, event_id: 'e-2' }, 'unknown_reference')
  const mark = await decisionsMark(pool)
  const wish = { terminalId: stand.till.terminalId, besideId: null, note: 'x', by, mark }
  const writing = [one, two].map(id => assignCallback(pool, { id, ...wish }))
  const became = await Promise.all(writing)
  deepEqual([...became].sort(), ['stale', 'written'])
  const [first, second] = became[0] === 'written' ? [one, two] : [two, one]
  const known = { ...wish, mark: await decisionsMark(pool) }
  equal(await assignCallback(pool, { id: first, ...known }), 'late')
  equal(await assignCallback(pool, { id: second, ...known }), 'written')
})

test('callback: of nobody, decided elsewhere and not booked yet: not booked at another’s (SAJ15, SAJ16)', async t => {
  const stand = await standAt(t)
  const rival = await shopAt(stand.call, 'Toko Lain')
  const told = { reference: 'RRN1', amount: 7_000 }
  const one = await parks(stand, { ...told, event_id: 'e-1' }, 'unknown_reference')
  const two = await parks(stand, { ...told, event_id: 'e-2' }, 'unknown_reference')
  await stand.db.pool.query(sql.unsafe`
    update qris_callback set terminal_id = ${stand.till.terminalId}, reviewed_by = ${by},
      reviewed_at = now() where id = ${one}`)
  equal(refusedOf(await assign(stand, two, rival.till.terminalId)), 'CALLBACK_BOOKED')
  await stand.payments.callbacks.again()
  equal((await parkedOf(stand, 'e-1')).result, 'applied')
  equal(balance(stand, acquirer), -7_000)
  await sound(stand)
})
