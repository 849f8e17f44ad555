import { deepEqual, equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  asked,
  cancel,
  created,
  credited,
  drawAsked,
  expired,
  given,
  id,
  instant,
  minute,
  paid,
  pending,
  polled,
  processing,
  purse,
  set,
  status,
  success,
  suspended,
  tick,
} from './deposit.fixture.ts'
import { deposit } from './deposit.ts'
import type { DepositCommand, DepositEvent, DepositState, Via } from './deposit-contract.ts'

test('deposit: paid as agreed: what reaches us reaches the wallet, whoever says it (DPA4)', () => {
  for (const via of ['poll', 'webhook', 'manual', 'instant'] as const) {
    for (const history of [pending, processing]) {
      given(...history)
        .when(success({ via }))
        .happens({ ...paid, via })
        .thenPosts(credited)
        .thenIs('paid', 'final')
    }
  }
  given(...pending)
    .when(status('success'))
    .happens(paid)
    .thenPosts(credited)
})

test('deposit: said again by whomever, in whatever order: credited once (DPA4, DPA11)', () => {
  for (const via of ['poll', 'webhook', 'manual', 'instant'] as const) {
    given(...pending, paid)
      .when(success({ via }))
      .thenNothing()
  }
  for (const said of ['pending', 'processing', 'expired', 'cancel', 'failed'] as const) {
    given(...pending, paid)
      .when(status(said))
      .thenNothing()
  }
  given(...pending, paid)
    .when({ type: 'unheard' })
    .thenNothing()
})

test('deposit: another amount: all of it stands in suspense, the wallet has none (DPA5)', () => {
  for (const told of [
    { amount: 49_999, received: 49_649 },
    { amount: 50_001, received: 49_651 },
    { received: 49_649 },
  ]) {
    given(...pending)
      .when(success(told))
      .happens(suspended('AMOUNT', told.received))
      .thenPosts(set(1, told.received))
      .thenIs('parked', 'person')
  }
  given(...pending, suspended('AMOUNT'))
    .when(success())
    .thenNothing()
  given(...pending, suspended('AMOUNT'))
    .when(cancel)
    .thenRefused('DEPOSIT_PAID')
})

test('deposit: nonsense for an amount is not heard (DPA5, DPA11)', () => {
  for (const bad of [
    ...[{ amount: 0 }, { amount: 0.5 }, { received: -1 }, { received: 0.5 }],
    ...[{ fee: -1 }, { fee: 0.5 }],
  ]) {
    given(...pending)
      .when(success(bad))
      .thenNothing()
    given(...pending, expired)
      .when(success(bad))
      .thenNothing()
  }
})

test('deposit: a gateway that keeps nothing: no fee is a fee as well (DPA5)', () => {
  given(...pending)
    .when(success({ fee: 0, received: 50_000 }))
    .happens(suspended('AMOUNT', 50_000))
})

test('deposit: payment after payment after its end: suspense is bounded (DPA6)', () => {
  const payments = Array.from({ length: 20 }, (_, index) =>
    suspended('LATE', 49_650, { n: index + 1, payment: `p${index + 1}` }),
  )
  given(...pending, expired, ...payments.slice(1).map((one, n) => ({ ...one, n: n + 1 })))
    .when(success({ payment: 'p1' }))
    .happensIn('suspended')
  given(...pending, expired, ...payments)
    .when(success({ payment: 'p21' }))
    .thenNothing()
})

test('deposit: paid after its end: suspense, and a person is asked (DPA6)', () => {
  for (const over of [expired, { type: 'cancelled' }, { type: 'failed' }] as const) {
    given(...pending, over)
      .when(success())
      .happens(suspended('LATE'))
      .thenPosts(set(1, 49_650))
      .thenIs(over.type, 'person')
    given(...pending, over, suspended('LATE'))
      .when(success({ via: 'webhook' }))
      .thenNothing()
  }
  const never: DepositEvent = { type: 'uncreated', code: 'NO_ANSWER' }
  given(asked, never).when(success()).happens(suspended('LATE')).thenPosts(set(1, 49_650))
  given(asked, never).when(status('success')).thenNothing()
})

test('deposit: paid twice: the second payment is in suspense, once (DPA6)', () => {
  const known = { ...paid, payment: 'P1' }
  const other = suspended('TWICE', 49_650, { payment: 'P2' })
  given(...pending, known)
    .when(success({ payment: 'P1' }))
    .thenNothing()
  given(...pending, known)
    .when(success({ payment: 'P2' }))
    .happens(other)
    .thenPosts(set(1, 49_650))
  given(...pending, known, other)
    .when(success({ payment: 'P2' }))
    .thenNothing()
  given(...pending, known, other).is('paid', 'person')
  given(...pending, known)
    .when(success({ via: 'webhook' }))
    .thenNothing()
  given(...pending, paid)
    .when(success({ payment: 'P2', via: 'manual' }))
    .happens(suspended('TWICE', 49_650, { payment: 'P2', via: 'manual' }))
})

test('deposit: with a person already: another payment is suspended beside it, once (DPA6)', () => {
  const parked = [...pending, suspended('AMOUNT', 9, { payment: 'P1' })] as const
  const other = suspended('TWICE', 49_650, { n: 2, payment: 'P2' })
  given(...parked)
    .when(success({ payment: 'P2' }))
    .happens(other)
  given(...parked, other)
    .when(success({ payment: 'P2' }))
    .thenNothing()
  given(...parked)
    .when(success({ via: 'manual' }))
    .thenNothing()
})

test('deposit: instant: the payment that was drawn keeps its name, and is credited once (DPA4)', () => {
  const answer = { type: 'instant_answered', outcome: 'done', received: 48_650 } as const
  given(...processing, drawAsked)
    .when({ ...answer, payment: 'P1' })
    .happens(
      { type: 'drawn', outcome: 'done' },
      { ...paid, fee: 1_350, received: 48_650, payment: 'P1', via: 'instant' },
    )
    .thenPosts({ ...credited, amount: 48_650 })
  for (const bad of [{ fee: -1 }, { fee: 0.5 }, { received: 0 }, { received: 0.5 }]) {
    given(...processing, drawAsked)
      .when({ ...answer, ...bad })
      .happens({ type: 'drawn', outcome: 'done' })
      .thenPosts()
  }
})

test('deposit: payments without ids: what is more than was booked, whenever it is heard (DPA6)', () => {
  type More = Parameters<typeof success>[0]
  const all = (received: number, more: More = {}) =>
    success({ amount: received + 350, received, isTotal: true, ...more })
  const total = (n: number) => ({ payment: `total:${n}` })
  const wrong = suspended('AMOUNT', 99_650, total(99_650))
  given(...pending)
    .when(all(49_650))
    .happens({ ...paid, ...total(49_650) })
  given(...pending)
    .when(all(99_650))
    .happens(wrong)
    .thenPosts(set(1, 99_650))
  // An answer from before the second payer, which comes after the one that counts him.
  for (const via of ['webhook', 'poll', 'manual'] as const) {
    given(...pending, wrong)
      .when(all(49_650, { via }))
      .thenNothing()
  }
  given(...pending, wrong)
    .when(all(99_651))
    .happens(suspended('TWICE', 1, { n: 2, ...total(99_651) }))
  for (const over of [expired, { type: 'cancelled' }, { type: 'failed' }] as const) {
    const late = [...pending, over, suspended('LATE', 99_650, total(99_650))] as const
    given(...late)
      .when(all(49_650))
      .thenNothing()
    given(...late)
      .when(all(0, { amount: 50_000, received: null }))
      .thenNothing()
    given(...late)
      .when(status('success'))
      .thenNothing()
    given(...late)
      .when(all(149_300))
      .happens(suspended('LATE', 49_650, { n: 2, ...total(149_300) }))
    given(...late)
      .when({ ...all(149_300), amount: null } as DepositCommand)
      .happens(suspended('LATE', 49_650, { n: 2, ...total(149_300) }))
  }
  const once = [...pending, { ...paid, ...total(49_650) }] as const
  given(...once)
    .when(all(49_650))
    .thenNothing()
  // A fee that they forgot.
  given(...once)
    .when(all(50_000, { amount: 50_000 }))
    .thenNothing()
  given(...once)
    .when(all(99_650))
    .happens(suspended('TWICE', 50_000, total(99_650)))
  // What a person credited out of suspense is the same money, and counts once.
  const whole = { type: 'resolved', n: 1, amount: 60_000, by: 'fin', reason: 'slip' } as const
  given(...[...pending, suspended('AMOUNT', 60_000, total(60_000))], {
    ...whole,
    verdict: 'credit',
  })
    .when(all(99_650))
    .happens(suspended('TWICE', 39_650, { n: 2, ...total(99_650) }))
  const back = { type: 'resolved', n: 1, amount: 50_000, by: 'fin', reason: 'slip' } as const
  for (const verdict of ['credit', 'return'] as const) {
    given(...once, suspended('TWICE', 50_000, total(99_650)), { ...back, verdict })
      .when(all(99_650))
      .thenNothing()
  }
})

test('deposit: suspense: while some of it is undecided a deposit stays a person’s (DPA7)', () => {
  const back = { type: 'resolved', verdict: 'return', by: 'fin', reason: 'slip' } as const
  const two = [
    ...[...pending, suspended('AMOUNT', 30_000, { payment: 'p1' })],
    suspended('TWICE', 20_000, { n: 2, payment: 'p2' }),
  ]
  const first: DepositEvent = { ...back, n: 1, amount: 30_000 }
  given(...two, first).is('parked', 'person')
  given(...two, first, { ...back, n: 2, amount: 20_000 }).is('failed', 'final')
})

test('deposit: suspense: nothing of nothing stands there (DPA6)', () => {
  for (const amount of [0, -1, 0.5]) {
    throws(() => given(...pending, suspended('AMOUNT', amount)).is('parked'), /DPA6/)
  }
})

test('deposit: another amount: though as much reaches us, it is not what was agreed (DPA5)', () => {
  given(...pending)
    .when(success({ amount: 60_000, fee: 10_350 }))
    .happens(suspended('AMOUNT', 49_650))
})

test('deposit: suspense: what they owe by an amount is what they do not keep of it (DPA5)', () => {
  for (const [told, owed] of [
    [{ amount: 60_000, fee: 500 }, 59_500],
    [{ amount: 350, fee: 350 }, 350],
    [{ amount: 300, fee: 350 }, 300],
  ] as const) {
    given(...pending)
      .when(success({ ...told, received: null }))
      .happens(suspended('AMOUNT', owed))
      .thenPosts(set(1, owed))
  }
})

test('deposit: suspense: a person credits it or sends it back, once (DPA7)', () => {
  const word = { type: 'resolve', n: 1, by: 'fin', reason: 'slip seen' } as const
  const said = { type: 'resolved', n: 1, amount: 49_650, by: 'fin', reason: 'slip seen' } as const
  const out = { op: 'move', name: 'resolved-1', debit: 'suspense', amount: 49_650 } as const
  const late = [...pending, expired, suspended('LATE')] as const
  given(...late)
    .when({ ...word, verdict: 'credit' })
    .happens({ ...said, verdict: 'credit' })
    .thenPosts({ ...out, credit: purse })
    .thenIs('paid', 'final')
  given(...late)
    .when({ ...word, verdict: 'return' })
    .thenPosts({ ...out, credit: 'gateway:atlantic' })
    .thenIs('expired', 'machine')
  given(...late, { ...said, verdict: 'credit' })
    .when({ ...word, verdict: 'return' })
    .thenRefused('SUSPENSE_ABSENT')
  given(...late)
    .when({ ...word, n: 2, verdict: 'credit' })
    .thenRefused('SUSPENSE_ABSENT')
  const parked = [...pending, suspended('AMOUNT')] as const
  given(...parked)
    .when({ ...word, verdict: 'return' })
    .thenIs('failed', 'final')
  given(...parked)
    .when({ ...word, verdict: 'credit' })
    .thenIs('paid', 'final')
  given()
    .when({ ...word, verdict: 'credit' })
    .thenRefused('NOT_FOUND')
})

test('deposit: instant: drawn by one attempt, for what was agreed (DPA8)', () => {
  given(...processing)
    .when(instant)
    .happens(drawAsked)
    .thenOwes('deposit_draw')
    .thenPosts()
  given(...processing, drawAsked)
    .when(instant)
    .thenNothing()
  given(...processing, drawAsked)
    .when({ type: 'instant_answered', outcome: 'done', fee: 1_350, received: 48_650 })
    .happens(
      { type: 'drawn', outcome: 'done' },
      { ...paid, fee: 1_350, received: 48_650, via: 'instant' },
    )
    .thenPosts({ ...credited, amount: 48_650 })
    .thenIs('paid', 'final')
  given(...processing, drawAsked)
    .when({ type: 'instant_answered', outcome: 'done', received: 40_000 })
    .happensIn('drawn', 'suspended')
    .thenPosts(set(1, 40_000))
  equal(deposit.resume.deposit_draw, 'inquire')
})

test('deposit: instant: refused or unknown it is never tried again (DPA8)', () => {
  const drawn = (outcome: 'refused' | 'unknown'): DepositEvent => ({ type: 'drawn', outcome })
  for (const outcome of ['refused', 'unknown'] as const) {
    given(...processing, drawAsked)
      .when({ type: 'instant_answered', outcome })
      .happens(drawn(outcome))
      .thenPosts()
      .thenIs('processing', 'machine')
  }
  given(...processing, drawAsked, drawn('refused'))
    .when(instant)
    .thenRefused('INSTANT_UNAVAILABLE')
  given(...processing, drawAsked, drawn('unknown'))
    .when(instant)
    .thenNothing()
  const told = { ...paid, fee: 1_350, received: 48_650 }
  const lost = [...processing, drawAsked, drawn('unknown')] as const
  given(...lost)
    .when(success({ received: 48_650 }))
    .happens(told)
  given(...processing, drawAsked, drawn('refused'))
    .when(success({ received: 48_650 }))
    .happensIn('suspended')
  given(...processing, drawAsked, drawn('refused'))
    .when(success())
    .happens(paid)
})

test('deposit: instant: done or unknown without a sum: it is asked soon, and that tells (DPA8)', () => {
  for (const outcome of ['done', 'unknown'] as const) {
    const drawn: DepositEvent = { type: 'drawn', outcome }
    given(...processing, drawAsked)
      .when({ type: 'instant_answered', outcome })
      .happens(drawn)
      .thenPosts()
    given(...processing, drawAsked, drawn).is('processing', 'machine', { at: 5_000, command: tick })
    given(...processing, drawAsked, drawn)
      .when(success({ received: 48_650 }))
      .happens({ ...paid, fee: 1_350, received: 48_650 })
  }
})

test('deposit: instant: maybe drawn, and they say the whole sum: the rest of it waits (DPA8)', () => {
  const word = { type: 'resolve', n: 1, by: 'fin', reason: 'statement' } as const
  for (const outcome of ['done', 'unknown'] as const) {
    const lost = [...processing, drawAsked, { type: 'drawn', outcome }] as const
    const split = [{ ...paid, fee: 1_350, received: 48_650 }, suspended('AMOUNT', 1_000)] as const
    for (const whole of [success(), status('success')]) {
      given(...lost)
        .when(whole)
        .happens(...split)
        .thenPosts({ ...credited, amount: 48_650 }, set(1, 1_000))
        .thenIs('paid', 'person')
    }
    given(...lost, ...split)
      .when(success())
      .thenNothing()
    given(...lost, ...split)
      .when(success({ isTotal: true }))
      .thenNothing()
    given(...lost, ...split)
      .when({ ...word, verdict: 'credit' })
      .thenPosts({ ...set(1, 1_000), name: 'resolved-1', debit: 'suspense', credit: purse })
      .thenIs('paid', 'final')
    given(...lost)
      .when(success({ received: 40_000 }))
      .happens(suspended('AMOUNT', 40_000))
  }
})

test('deposit: instant: while the answer is out, a bare success tells nothing (DPA8)', () => {
  given(...processing, drawAsked)
    .when(status('success', { via: 'webhook' }))
    .thenNothing()
  given(...processing, drawAsked, polled(1))
    .when(status('success'), 5 * minute)
    .happensIn('unchanged')
  given(...processing, drawAsked, paid)
    .when({ type: 'instant_answered', outcome: 'done', received: 48_650 })
    .happens({ type: 'drawn', outcome: 'done' })
    .thenPosts()
})

test('deposit: instant: while the answer is out, only the agreed sum is believed (DPA8)', () => {
  for (const via of ['webhook', 'manual'] as const) {
    given(...processing, drawAsked)
      .when(success({ via }))
      .thenNothing()
    given(...processing, drawAsked)
      .when(success({ via, amount: 100_000, received: 98_300 }))
      .thenNothing()
  }
  given(...processing, drawAsked, polled(1))
    .when(success(), 5 * minute)
    .happensIn('unchanged')
  given(...processing, drawAsked)
    .when(success({ received: 48_650 }))
    .happens({ ...paid, fee: 1_350, received: 48_650 })
  // The answer itself may be better than what was agreed.
  given(...processing, drawAsked)
    .when({ type: 'instant_answered', outcome: 'done', received: 49_650 })
    .happensIn('drawn', 'paid')
    .thenPosts(credited)
})

test('deposit: instant: only what is being settled, and never for more (DPA8)', () => {
  given(...pending)
    .when(instant)
    .thenRefused('INSTANT_UNAVAILABLE')
  given(asked).when(instant).thenRefused('INSTANT_UNAVAILABLE')
  given(...pending, paid)
    .when(instant)
    .thenRefused('DEPOSIT_PAID')
  given(...pending, expired)
    .when(instant)
    .thenRefused('DEPOSIT_FINAL')
  given().when(instant).thenRefused('NOT_FOUND')
  for (const bad of [
    ...[{ received: 49_651 }, { received: 0 }, { received: 0.5 }],
    ...[{ fee: -1 }, { fee: 0.5 }],
  ]) {
    given(...processing)
      .when({ ...instant, ...bad })
      .thenRefused('INSTANT_UNAVAILABLE')
  }
  const free = { fee: 0, received: 49_650 }
  given(...processing)
    .when({ ...instant, ...free })
    .happens({ ...drawAsked, ...free } as DepositEvent)
})

test('deposit: every order of every word: each rupiah is in one place, once (DPA4, DPA5, DPA6)', () => {
  const payment = fc.constantFrom('', 'P1', 'P2')
  const via = fc.constantFrom<Via>('webhook', 'poll', 'instant', 'manual')
  const received = fc.constantFrom(49_650, 49_649, 48_650)
  const named = fc.record({ payment, via, received }).map(told => success(told))
  const totals = fc.record({ via, received }).map(told => success({ ...told, isTotal: true }))
  const successes = fc.oneof(named, totals)
  const others = fc.constantFrom<DepositCommand>(
    ...[status('pending'), status('processing'), status('expired'), status('cancel')],
    ...[status('failed'), status('success'), cancel, instant, { type: 'unheard' } as const, tick],
    { type: 'cancel_answered', answer: 'cancelled' },
    { type: 'instant_answered', outcome: 'done' },
    { type: 'instant_answered', outcome: 'unknown' },
    { type: 'resolve', n: 1, verdict: 'credit', by: 'fin', reason: 'r' },
    { type: 'resolve', n: 2, verdict: 'return', by: 'fin', reason: 'r' },
  )
  const words = fc.array(fc.oneof(successes, others), { maxLength: 14 })
  fc.assert(
    fc.property(words, story => {
      const history: (DepositEvent | number)[] = [asked, created]
      const books = new Map<string, number>()
      let now = 0
      for (const command of story) {
        now += 7 * minute
        const state = given(...history).state
        const decision = decide(state, command, now)
        if (!('accepted' in decision)) continue
        history.push(now, ...decision.accepted)
        for (const posting of decision.postings ?? []) {
          if (posting.op !== 'move') throw new Error('DPA4: money moves')
          const { debit, credit, amount } = posting
          books.set(debit, (books.get(debit) ?? 0) - amount)
          books.set(credit, (books.get(credit) ?? 0) + amount)
        }
      }
      const events = history.filter(one => typeof one !== 'number')
      const sum = (of: (event: DepositEvent) => number) =>
        events.reduce((all, event) => all + of(event), 0)
      equal(events.filter(({ type }) => type === 'paid').length <= 1, true, 'DPA4: paid once')
      const came = sum(event =>
        event.type === 'paid' ? event.received : event.type === 'suspended' ? event.amount : 0,
      )
      const settled = (verdict: 'credit' | 'return') =>
        sum(one => (one.type === 'resolved' && one.verdict === verdict ? one.amount : 0))
      const open = sum(one => (one.type === 'suspended' ? one.amount : 0))
      const inWallet = sum(one => (one.type === 'paid' ? one.received : 0)) + settled('credit')
      deepEqual(
        [purse, 'suspense', 'gateway:atlantic'].map(name => books.get(name) ?? 0),
        [inWallet, open - settled('credit') - settled('return'), settled('return') - came],
      )
    }),
    { numRuns: 1_000 },
  )
})

function decide(state: DepositState, command: DepositCommand, now: number) {
  const row = deposit.decide[command.type] as (
    state: DepositState,
    command: DepositCommand,
    context: Parameters<typeof deposit.decide.ask>[2],
  ) => ReturnType<typeof deposit.decide.ask>
  const nobody = { available: () => 0, held: () => undefined, holder: () => undefined }
  return row(state, command, { now, id, ...nobody })
}
