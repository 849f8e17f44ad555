import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { spec } from '../../engine/spec.ts'
import { activation } from './activation.ts'
import type {
  ActivationCommand,
  ActivationEvent,
  ActivationState,
  Rental,
} from './activation-contract.ts'

const id = '0199c82c-fdc0-7003-abaa-c388aa9f2683'
const user = '0199c82c-0000-7003-8000-000000000001'
const purse = `wallet:${user}`
const second = 1_000
const minute = 60 * second

const given = spec(activation, { id, available: { [purse]: 5_000 } })

const rental: Rental = {
  ...{ user, ref: 'r1', service: 'wa', serviceName: 'WhatsApp', country: '6' },
  ...{ countryName: 'Indonesia', operator: 'any', operatorName: 'Bebas' },
  ...{ supplier: 'RO', offer: '{"n":1}', price: 3_000, cost: 2_000, waitMs: 15 * minute },
  terms: { cancelAfterMs: 2 * minute, lifeMs: 20 * minute, resends: true, pollMs: 5 * second },
}
const place: ActivationCommand = { type: 'place', rental }
const placed: ActivationEvent = { type: 'placed', ...rental }
const bought: ActivationEvent = { type: 'bought', id: 'n1', number: '62811', cost: 2_100 }
const doubted: ActivationEvent = { type: 'doubted', reply: 'timeout', lookAt: 5 * second }
const sms = (print: string, code = true): ActivationCommand => ({
  ...{ type: 'sms', sealed: `sealed ${print}`, print, code },
})
const kept = (print: string, code = true): Extract<ActivationEvent, { type: 'sms_received' }> => ({
  ...{ type: 'sms_received', sealed: `sealed ${print}`, print, code },
})
const first = { ...kept('p1'), first: true, cost: 2_100 } as const
const begun = (tryAt: number | null, why: 'USER' | 'TIME' = 'USER'): ActivationEvent => ({
  ...{ type: 'cancel_begun', why, tryAt },
})
const cancel: ActivationCommand = { type: 'cancel', why: 'USER' }
const answered = (answer: 'cancelled' | 'early' | 'received' | 'unknown'): ActivationCommand => ({
  ...{ type: 'cancel_answered', answer },
})
const tick: ActivationCommand = { type: 'tick' }
const held = { op: 'hold', name: 'price', debit: purse, credit: 'sales', amount: 3_000 } as const
const spent = { op: 'move', debit: 'cost', credit: 'float:RO', amount: 2_100 } as const
const sold = [
  { op: 'post', name: 'price' },
  { ...spent, name: 'cost' },
] as const
const voided = { op: 'void', name: 'price' } as const
const waiting = [placed, 1_000, bought] as const
const refunded: ActivationEvent = { type: 'refunded', why: 'USER' }

test('activation: place: the price is held and the number is bought (AC1, AC3)', () => {
  given().when(place).happens(placed).thenPosts(held).thenOwes('buy').thenIs('buying', 'machine')
})

test('activation: place again: the same finds it, another content is refused (AC1)', () => {
  given(placed).when(place).thenNothing()
  given(placed)
    .when({ type: 'place', rental: { ...rental, service: 'tg' } })
    .thenRefused('DUPLICATE_REF')
  given(...waiting)
    .when({ type: 'place', rental: { ...rental, price: 9_000 } })
    .thenNothing()
})

test('activation: place: what is refused leaves nothing behind (AC1)', () => {
  given()
    .when({ type: 'place', rental, refused: 'NUMBER_SOLD_OUT' })
    .thenRefused('NUMBER_SOLD_OUT')
    .thenIs('absent')
  given()
    .where({ available: { [purse]: 2_999 } })
    .when(place)
    .thenRefused('INSUFFICIENT_BALANCE', { available: 2_999, price: 3_000 })
})

test('activation: bought: it waits until the earlier of two clocks (AC7)', () => {
  const at = { at: 1_000 + 15 * minute, command: tick }
  given(...waiting).is('waiting', 'machine', at)
  const short = { ...rental, terms: { ...rental.terms, lifeMs: 4 * minute } }
  const dies = { at: 1_000 + 4 * minute, command: tick }
  given({ type: 'placed', ...short }, 1_000, bought).is('waiting', 'machine', dies)
})

test('activation: bought: a cost that is no money is not believed, the agreed one is (AC3)', () => {
  for (const cost of [-1, 0.5, Number.NaN, 2 ** 53]) {
    given(placed)
      .when({ ...bought, cost } as ActivationCommand)
      .happens({ ...bought, cost: 2_000 } as ActivationEvent)
  }
  given(placed)
    .when({ ...bought, cost: 0 } as ActivationCommand)
    .happens({ ...bought, cost: 0 } as ActivationEvent)
})

test('activation: not bought: the price is back in the same record (AC4)', () => {
  given(placed)
    .when({ type: 'unbought', code: 'NO_NUMBERS' })
    .happens({ type: 'unbought', code: 'NO_NUMBERS' })
    .thenPosts(voided)
    .thenIs('refunded', 'final')
})

test('activation: silence on buying: nothing moves, it is looked for (AC2)', () => {
  given(placed).when({ type: 'doubtful', reply: 'timeout' }).happens(doubted).thenPosts().thenOwes()
  given(placed, doubted).when(tick, 4_999).thenNothing()
  given(placed, doubted).when({ type: 'doubtful', reply: 'timeout' }, 4_999).thenNothing()
  given(placed, doubted)
    .when(tick, 5_000)
    .happens({ type: 'looked', n: 1 })
    .thenOwes('look')
    .thenPosts()
  equal(activation.resume.buy, 'inquire')
})

test('activation: doubt: longer and longer between looks, then a person (AC2)', () => {
  const history: (ActivationEvent | number)[] = [placed, doubted]
  const waits: number[] = []
  for (let n = 1; ; n++) {
    history.push({ type: 'looked', n })
    const decision = activation.decide.unfound(stateOf(history), { type: 'unfound' }, context(0))
    const [event] = 'accepted' in decision ? decision.accepted : []
    if (event?.type !== 'unfound') {
      deepEqual(event, { type: 'parked', why: 'DOUBT' })
      break
    }
    waits.push(event.lookAt / second)
    history.push(event)
  }
  deepEqual(waits, [10, 20, 40, 80, 120, 120, 120])
  const until = { at: 20 * minute, command: tick }
  given(...history, { type: 'parked', why: 'DOUBT' }).is('parked', 'person', until)
})

test('activation: doubt: what is found is adopted, and dies by the older time (AC2, AC7)', () => {
  const word = { type: 'bought', id: 'n1', number: '62811', cost: 2_100 } as const
  const found = { ...word, found: true } as const
  given(1_000, placed, doubted).when(word, 30_000).happens(found).thenPosts()
  const state = stateOf([1_000, placed, doubted, 10 * minute, found])
  equal(state.facts.number?.diesAt, 1_000 + 20 * minute)
  equal(state.facts.waitUntil, 1_000 + 20 * minute)
  given(placed, doubted, { type: 'parked', why: 'DOUBT' }).when(word).happens(found)
})

test('activation: doubt: proven absent it is refunded, also when parked (AC2, AC4)', () => {
  const code = 'NOT_FOUND_AFTER_DOUBT' as const
  for (const more of [[], [{ type: 'parked', why: 'DOUBT' } as const]]) {
    given(placed, doubted, ...more)
      .when({ type: 'unbought', code })
      .happens({ type: 'unbought', code })
      .thenPosts(voided)
  }
})

test('activation: doubt: its number would be dead by now: the money is back (AC4, AC16)', () => {
  const parked = [placed, doubted, { type: 'parked', why: 'DOUBT' }] as const
  given(...parked)
    .when(tick, 20 * minute - 1)
    .thenNothing()
  const over: ActivationEvent = { type: 'refunded', why: 'DOUBT' }
  given(...parked)
    .when(tick, 20 * minute)
    .happens(over)
    .thenPosts(voided)
    .thenIs('refunded', 'person')
  const short = { ...rental, terms: { ...rental.terms, lifeMs: 8 * minute } }
  given({ type: 'placed', ...short }, doubted, { type: 'parked', why: 'DOUBT' })
    .when(tick, 15 * minute - 1)
    .thenNothing()
  // What nobody could take back is not in doubt: its time does not end it.
  const back = [...waiting, begun(null), { type: 'parked', why: 'CANCEL' }] as const
  given(...back)
    .when(tick, 60 * minute)
    .thenNothing()
})

test('activation: doubt: paid back, and what it cost is a person’s, once (AC12, AC16)', () => {
  const over: ActivationEvent = { type: 'refunded', why: 'DOUBT' }
  const history = [placed, doubted, { type: 'parked', why: 'DOUBT' }, over] as const
  const word = { type: 'resolve', by: 'ops', reason: 'their list' } as const
  const said = { type: 'resolved', by: 'ops', reason: 'their list', verdict: 'refund' } as const
  const late = { isCostOnly: true } as const
  given(...history)
    .when({ ...word, verdict: 'refund', supplier: 'charged' })
    .happens({ ...said, supplier: 'charged', cost: 2_000, ...late })
    .thenPosts({ ...spent, name: 'cost', amount: 2_000 })
    .thenIs('refunded', 'final')
  given(...history)
    .when({ ...word, verdict: 'refund', supplier: 'returned' })
    .happens({ ...said, supplier: 'returned', cost: 0, ...late })
    .thenPosts()
    .thenIs('refunded', 'final')
  given(...history)
    .when({ ...word, verdict: 'charge' })
    .thenRefused('ORDER_FINAL')
  given(...history, { ...said, cost: 0, ...late })
    .when({ ...word, verdict: 'refund', supplier: 'charged' })
    .thenRefused('ORDER_FINAL')
  given(...history)
    .when({ type: 'bought', id: 'n1', number: '62811', cost: 2_100 })
    .happens({ type: 'orphaned', id: 'n1', number: '62811', cost: 2_100 })
    .thenPosts()
    .thenIs('refunded', 'person')
})

test('activation: the first code: the price is posted and the cost booked (AC3, AC4)', () => {
  given(...waiting)
    .when(sms('p1'))
    .happens(first)
    .thenPosts(...sold)
    .thenIs('received', 'machine')
})

test('activation: a message without a code is kept and charges nothing (AC9)', () => {
  given(...waiting)
    .when(sms('p0', false))
    .happens(kept('p0', false))
    .thenPosts()
    .thenIs('waiting')
})

test('activation: a message before there is a number: of nobody (AC4)', () => {
  for (const code of [true, false]) given(placed).when(sms('p1', code)).thenNothing()
})

test('activation: messages: the same is kept once, another one beside it (AC9, AC13)', () => {
  given(...waiting, first)
    .when(sms('p1'))
    .thenNothing()
  given(...waiting, first)
    .when(sms('p2'))
    .happens(kept('p2'))
    .thenPosts()
  given(...waiting, first, { type: 'closed', how: 'TIME' })
    .when(sms('p2'))
    .happens(kept('p2'))
    .thenPosts()
})

test('activation: many messages without a code: the first code is kept all the same (AC9)', () => {
  const many = Array.from({ length: 50 }, (_, n) => kept(`noise ${n}`, false))
  given(...waiting, ...many)
    .when(sms('noise 50', false))
    .thenNothing()
  given(...waiting, ...many)
    .when(sms('p1'))
    .happens(first)
    .thenPosts(...sold)
})

test('activation: cancel too soon: it is begun at once and asked when it may be (AC6)', () => {
  const tryAt = 1_000 + 2 * minute
  given(...waiting)
    .when(cancel, 30_000)
    .happens(begun(tryAt))
    .thenOwes()
    .thenPosts()
  given(...waiting, begun(tryAt)).is('cancelling', 'machine', { at: tryAt, command: tick })
  given(...waiting, begun(tryAt))
    .when(cancel)
    .thenNothing()
  given(...waiting, begun(tryAt))
    .when(tick, tryAt)
    .happens({ type: 'cancel_tried', n: 1 })
    .thenOwes('return')
})

test('activation: cancelled, says the supplier: the price is back in that record (AC4, AC5)', () => {
  const tried = [...waiting, 3 * minute, begun(null)] as const
  given(...waiting)
    .when(cancel, 3 * minute)
    .happens(begun(null))
    .thenOwes('return')
    .thenPosts()
  given(...tried)
    .when(answered('cancelled'))
    .happens(refunded)
    .thenPosts(voided)
  given(...tried, refunded)
    .when(answered('cancelled'))
    .thenNothing()
  given(...tried, refunded).is('refunded', 'final')
})

test('activation: cancelling: early and unknown are asked again, later and later (AC6)', () => {
  const now = 3 * minute
  const tried = [...waiting, now, begun(null)] as const
  const denied = (answer: 'early' | 'unknown', tryAt: number): ActivationEvent => ({
    ...{ type: 'cancel_denied', answer, tryAt },
  })
  given(...tried)
    .when(answered('early'))
    .happens(denied('early', now + 30 * second))
    .thenPosts()
  given(...tried)
    .when(answered('unknown'))
    .happens(denied('unknown', now + 30 * second))
  const again = [...tried, denied('unknown', now), { type: 'cancel_tried', n: 2 } as const] as const
  given(...again)
    .when(answered('unknown'))
    .happens(denied('unknown', now + minute))
    .thenPosts()
  const last = [...tried, denied('unknown', now), { type: 'cancel_tried', n: 20 } as const] as const
  given(...last)
    .when(answered('unknown'))
    .happens({ type: 'parked', why: 'CANCEL' })
    .thenPosts()
})

test('activation: cancelling: a code that comes first is charged (AC5)', () => {
  const tried = [...waiting, 3 * minute, begun(null)] as const
  given(...tried)
    .when(sms('p1'))
    .happens(first)
    .thenPosts(...sold)
    .thenIs('received')
  given(...tried, first)
    .when(answered('early'))
    .thenNothing()
  given(...tried, first)
    .when(answered('received'))
    .thenNothing()
})

test('activation: a code after the supplier cancelled: late, and charges nobody (AC5, AC10)', () => {
  const over = [...waiting, 3 * minute, begun(null), refunded] as const
  given(...over)
    .when(sms('p1'))
    .happens({ ...kept('p1'), late: true })
    .thenPosts()
  given(...over)
    .when({ type: 'sms', sealed: 'sealed p1', print: 'p1', code: true, charged: true })
    .happens({ ...kept('p1'), late: true, cost: 2_100 })
    .thenPosts({ ...spent, name: 'late-cost' })
    .thenIs('refunded', 'final')
  given(...over, { ...kept('p1'), late: true, cost: 2_100 })
    .when({ type: 'sms', sealed: 'sealed p2', print: 'p2', code: true, charged: true })
    .happens({ ...kept('p2'), late: true })
    .thenPosts()
})

test('activation: "a code came": it is waited for, never refunded or charged by that (AC11)', () => {
  const now = 3 * minute
  const tried = [...waiting, now, begun(null)] as const
  const due: ActivationEvent = { type: 'code_due', why: 'USER', tryAt: now + minute }
  given(...tried)
    .when(answered('received'))
    .happens(due)
    .thenPosts()
    .thenIs('waiting', 'machine')
  given(...tried, due)
    .when(cancel)
    .thenRefused('CODE_RECEIVED')
  given(...tried, due)
    .when(sms('p1'))
    .happens(first)
    .thenPosts(...sold)
  given(...tried, due)
    .when(tick, now + minute)
    .happens(begun(null))
    .thenOwes('return')
  const thrice = [1, 2, 3].flatMap(() => [due, begun(null)])
  given(...tried, ...thrice)
    .when(answered('received'))
    .happensIn('code_due')
  const often = [...thrice, due, begun(null)]
  given(...tried, ...often)
    .when(answered('received'))
    .happens({ type: 'parked', why: 'CANCEL' })
    .thenPosts()
})

test('activation: it finished there and we saw no code: it is waited for (AC11)', () => {
  given(...waiting)
    .when({ type: 'ended_there', how: 'finished' }, minute)
    .happens({ type: 'code_due', why: 'SUPPLIER', tryAt: 2 * minute })
    .thenPosts()
})

test('activation: the supplier ends it by itself: refunded without a code, closed with one (AC5)', () => {
  const ended = { type: 'ended_there', how: 'cancelled' } as const
  given(...waiting)
    .when(ended)
    .happens({ type: 'refunded', why: 'SUPPLIER' })
    .thenPosts(voided)
  given(...waiting, begun(null))
    .when(ended)
    .happens(refunded)
    .thenPosts(voided)
  given(...waiting, first)
    .when(ended)
    .happens({ type: 'closed', how: 'SUPPLIER' })
    .thenPosts()
  given(...waiting, first, { type: 'closed', how: 'TIME' })
    .when(ended)
    .thenNothing()
})

test('activation: time is over: without a code it is given back, with one it closes (AC7)', () => {
  const over = 1_000 + 15 * minute
  given(...waiting)
    .when(tick, over - 1)
    .thenNothing()
  given(...waiting)
    .when(tick, over)
    .happens(begun(null, 'TIME'))
    .thenOwes('return')
    .thenPosts()
  given(...waiting, first)
    .when(tick, over)
    .happens({ type: 'closed', how: 'TIME' })
    .thenPosts()
  given(...waiting, first, { type: 'closed', how: 'TIME' }).is('received', 'final')
})

test('activation: cancel after a code: refused; before there is a number: busy (AC5)', () => {
  given(...waiting, first)
    .when(cancel)
    .thenRefused('CODE_RECEIVED')
  given(placed).when(cancel).thenRefused('ORDER_BUSY')
  given().when(cancel).thenRefused('NOT_FOUND')
  given(placed, doubted, { type: 'parked', why: 'DOUBT' }).when(cancel).thenRefused('ORDER_BUSY')
})

test('activation: resend: three times, each begins our clock anew within theirs (AC8)', () => {
  const asked = (n: number, waitUntil: number): ActivationEvent => ({
    ...{ type: 'resend_asked', n, waitUntil },
  })
  const resent: ActivationEvent = { type: 'resent', ok: true }
  const resend: ActivationCommand = { type: 'resend' }
  const dies = 1_000 + 20 * minute
  given(...waiting, first)
    .when(resend, 2 * minute)
    .happens(asked(1, 17 * minute))
    .thenOwes('again')
    .thenPosts()
  given(...waiting, first)
    .when(resend, 10 * minute)
    .happens(asked(1, dies))
  given(...waiting, first, asked(1, dies))
    .when(resend)
    .thenNothing()
  const thrice = [1, 2, 3].flatMap(n => [asked(n, dies), resent])
  given(...waiting, first, ...thrice)
    .when(resend, 10 * minute)
    .thenRefused('RESEND_LIMIT')
  given(...waiting)
    .when(resend)
    .thenRefused('CODE_AWAITED')
  given(placed).when(resend).thenRefused('ORDER_BUSY')
  given(...waiting, refunded)
    .when(resend)
    .thenRefused('ORDER_FINAL')
  given(...waiting, first)
    .when(resend, dies)
    .thenRefused('ORDER_FINAL')
  given().when(resend).thenRefused('NOT_FOUND')
  const once = { ...rental, terms: { ...rental.terms, resends: false } }
  given({ type: 'placed', ...once }, bought, first)
    .when(resend)
    .thenRefused('RESEND_UNSUPPORTED')
})

test('activation: resend: refused it does not count, unanswered it may come (AC8)', () => {
  const asked = (n: number, more: object = {}): ActivationEvent => ({
    ...{ type: 'resend_asked', n, waitUntil: 17 * minute, ...more },
  })
  const no: ActivationCommand = { type: 'resent', ok: false, refused: true }
  given(...waiting, first, asked(1))
    .when(no)
    .happens({ type: 'resent', ok: false, n: 0 })
    .thenPosts()
  given(...waiting, first, asked(1))
    .when({ type: 'resent', ok: false })
    .happens({ type: 'resent', ok: false })
  const undone: ActivationEvent = { type: 'resent', ok: false, n: 0 }
  const free = stateOf([...waiting, first, 2 * minute, asked(1), undone]).facts
  deepEqual([free.resends, free.resentAt, free.resending], [0, undefined, undefined])
  // The one before is waited for as it was.
  const granted: ActivationEvent = { type: 'resent', ok: true }
  const once = [...waiting, first, 2 * minute, asked(1), granted] as const
  given(...once)
    .when({ type: 'resend' }, 3 * minute)
    .happens({ ...asked(2, { before: 2 * minute }), waitUntil: 18 * minute } as ActivationEvent)
  const twice = stateOf([
    ...once,
    ...[3 * minute, asked(2, { before: 2 * minute })],
    { type: 'resent', ok: false, n: 1 },
  ]).facts
  deepEqual([twice.resends, twice.resentAt, twice.resentBefore], [1, 2 * minute, undefined])
})

test('activation: finish: who has his code ends it, and the supplier hears it once (AC15)', () => {
  const finish: ActivationCommand = { type: 'finish', by: user }
  const closed: ActivationEvent = { type: 'closed', how: 'USER', by: user }
  given(...waiting, first)
    .when(finish)
    .happens(closed)
    .thenPosts()
    .thenOwes('finish')
    .thenIs('received', 'final')
  given(...waiting, first, closed)
    .when(finish)
    .thenNothing()
  given(...waiting, first, closed)
    .when({ type: 'finish_answered' })
    .thenNothing()
  given(...waiting)
    .when(finish)
    .thenRefused('CODE_AWAITED')
  given(...waiting, begun(null))
    .when(finish)
    .thenRefused('ORDER_BUSY')
  given(...waiting, refunded)
    .when(finish)
    .thenRefused('ORDER_FINAL')
  given(placed).when(finish).thenRefused('ORDER_BUSY')
  given().when(finish).thenRefused('NOT_FOUND')
})

test('activation: more than one other number: each is recorded once (AC14)', () => {
  const orphaned = (id: string): ActivationEvent => ({
    ...{ type: 'orphaned', id, number: '62812', cost: 2_000 },
  })
  for (const id of ['n2', 'n3']) {
    given(...waiting, orphaned('n2'), orphaned('n3'))
      .when({ type: 'bought', id, number: '62812', cost: 2_000 })
      .thenNothing()
  }
})

test('activation: another number for it, or one after the refund: recorded (AC14)', () => {
  const other = { id: 'n2', number: '62812', cost: 2_000 }
  given(...waiting)
    .when({ type: 'bought', ...other })
    .happens({ type: 'orphaned', ...other })
    .thenPosts()
  given(...waiting, { type: 'orphaned', ...other })
    .when({ type: 'bought', ...other })
    .thenNothing()
  given(...waiting)
    .when({ type: 'bought', id: 'n1', number: '62811', cost: 2_100 })
    .thenNothing()
  given(placed, { type: 'unbought', code: 'NO_NUMBERS' })
    .when({ type: 'bought', ...other })
    .happens({ type: 'orphaned', ...other })
    .thenPosts()
})

test('activation: cancelled there after a code: recorded once, no money moves (AC14)', () => {
  given(...waiting, first)
    .when(answered('cancelled'))
    .happens({ type: 'contradicted' })
    .thenPosts()
    .thenIs('received')
  given(...waiting, first, { type: 'contradicted' })
    .when(answered('cancelled'))
    .thenNothing()
})

test('activation: parked: a person refunds or charges, with what the supplier took (AC12)', () => {
  const parked = [...waiting, begun(null), { type: 'parked', why: 'CANCEL' } as const] as const
  const word = { type: 'resolve', by: 'ops', reason: 'asked them' } as const
  const said = { type: 'resolved', by: 'ops', reason: 'asked them' } as const
  given(...parked)
    .when({ ...word, verdict: 'refund' })
    .happens({ ...said, verdict: 'refund', cost: 0 })
    .thenPosts(voided)
    .thenIs('refunded', 'final')
  given(...parked)
    .when({ ...word, verdict: 'refund', supplier: 'charged' })
    .happens({ ...said, verdict: 'refund', supplier: 'charged', cost: 2_100 })
    .thenPosts(voided, { ...spent, name: 'cost' })
  given(...parked)
    .when({ ...word, verdict: 'charge' })
    .happens({ ...said, verdict: 'charge', cost: 2_100 })
    .thenPosts(...sold)
    .thenIs('received', 'final')
  given(...parked)
    .when(sms('p1'))
    .happens(first)
    .thenPosts(...sold)
  given(...parked)
    .when(answered('cancelled'))
    .happens({ type: 'refunded', why: 'SUPPLIER' })
    .thenPosts(voided)
})

test('activation: a person gives back what was charged: new postings, with a reason (AC12)', () => {
  const word = { type: 'resolve', verdict: 'refund', by: 'ops', reason: 'wrong app' } as const
  const said = { type: 'resolved', verdict: 'refund', by: 'ops', reason: 'wrong app' } as const
  const back = { op: 'move', name: 'refund', debit: 'sales', credit: purse, amount: 3_000 } as const
  given(...waiting, first)
    .when(word)
    .happens({ ...said, cost: 0 })
    .thenPosts(back)
    .thenIs('refunded', 'final')
  given(...waiting, first)
    .when({ ...word, supplier: 'returned' })
    .happens({ ...said, supplier: 'returned', cost: -2_100 })
    .thenPosts(back, {
      ...{ op: 'move', name: 'cost-returned', debit: 'float:RO', credit: 'cost', amount: 2_100 },
    })
  const charged = { ...said, verdict: 'charge', cost: 2_100 } as const
  given(...waiting, begun(null), { type: 'parked', why: 'CANCEL' }, charged)
    .when({ ...word, supplier: 'returned' })
    .happens({ ...said, supplier: 'returned', cost: -2_100 })
  given(...waiting, first, { ...said, cost: 0 })
    .when(word)
    .thenRefused('ORDER_FINAL')
  given(...waiting)
    .when(word)
    .thenRefused('ORDER_BUSY')
  given(...waiting, first)
    .when({ ...word, verdict: 'charge' })
    .thenRefused('ORDER_FINAL')
  given().when(word).thenRefused('NOT_FOUND')
})

test('activation: answers that no longer matter change nothing (AC13)', () => {
  const late: ActivationCommand[] = [
    { type: 'doubtful', reply: 'timeout' },
    { type: 'unbought', code: 'NO_NUMBERS' },
    { type: 'unfound' },
    { type: 'resent', ok: false },
    answered('unknown'),
    answered('received'),
    answered('early'),
    tick,
  ]
  const ends = [[...waiting, refunded], [...waiting, first], [...waiting]] as const
  for (const history of ends)
    for (const word of late)
      given(...history)
        .when(word)
        .thenNothing()
})

const context = (now: number) => ({
  ...{ now, id, available: () => 0, held: () => undefined, holder: () => undefined },
})

type Live = Exclude<ActivationState, { readonly phase: 'absent' }>
const stateOf = (history: readonly (ActivationEvent | number)[]): Live =>
  given(...history).state as Live
