import { deepEqual, equal } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { acquirer } from '../../actors/chart.ts'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { sound } from '../../deploy/verify/verify.fixture.ts'
import { sql } from '../../sql/database.ts'
import { deleteCallbacks } from '../../sql/retention.ts'
import { until } from '../engine-room.fixture.ts'
import { labelOf, placeOf, placeOfId } from './payment-place.ts'
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

test('callback: not money for a terminal, or two payments’: not assigned, and put away (SAJ12)', async t => {
  const stand = await standAt(t)
  const { nmid } = stand.merchant
  const second = await twoTills(stand)
  const till = stand.till.terminalId
  const made = await make(stand, 500, 'A')
  const other = await make(stand, 500, 'B')
  const label = labelOf(placeOfId(made.transactionId))
  const cases = [
    [{ reference: 'x', nmid, status: 'refunded' }, second.terminalId, 'no_payment'],
    [{ reference: 'x', nmid, type: 'topup' }, second.terminalId, 'no_payment'],
    [{ reference: 'A', nmid, status: 'expired', amount: 501 }, till, 'no_payment'],
    [{ reference: 'A', nmid, amount: 10 ** 13 }, till, 'amount_invalid'],
    [{ reference: label, transaction_id: other.transactionId }, till, 'reference_mismatch'],
  ] as const
  for (const [told, terminalId, problem] of cases) {
    await tell(stand, { event_id: 'e', amount: 500, ...told })
    const [row] = okOf(await stand.call('payment.callbacks', { parked: true, limit: 1 })).rows
    const answer = await assign(stand, row!.id, terminalId)
    deepEqual('refused' in answer && [answer.refused, answer.details], [
      'CALLBACK_UNASSIGNABLE',
      { problem },
    ])
    // So that nothing waits for ever.
    const away = { id: row!.id, verb: 'dismiss', note: 'acquirer membetulkan', by } as const
    equal(okOf(await stand.call('payment.review', away)).reviewNote, 'acquirer membetulkan')
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
