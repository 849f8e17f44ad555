import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import {
  ask,
  asked,
  cancel,
  created,
  credited,
  day,
  expired,
  given,
  hour,
  minute,
  paid,
  pending,
  polled,
  processing,
  second,
  slot,
  slots,
  status,
  success,
  theirs,
  tick,
  user,
  wish,
} from './deposit.fixture.ts'
import { deposit } from './deposit.ts'
import type { DepositCommand, DepositEvent } from './deposit-contract.ts'

test('deposit: ask: the gateway is asked once, and a place is taken (DPA1, DPA2, DPA3)', () => {
  given()
    .when(ask)
    .happens(asked)
    .thenPosts()
    .thenClaims([slot, 3 * day])
    .thenOwes('deposit_ask')
    .thenIs('asking', 'machine')
  equal(deposit.resume.deposit_ask, 'inquire')
})

test('deposit: ask again: the same finds it, another wish is refused (DPA1)', () => {
  given(asked).when(ask).thenNothing()
  given(asked)
    .when({ type: 'ask', wish: { ...wish, amount: 1 } })
    .thenRefused('DUPLICATE_REF')
  given()
    .when({ type: 'ask', wish, refused: 'METHOD_CLOSED' })
    .thenRefused('METHOD_CLOSED')
    .thenIs('absent')
  for (const amount of [0, -1, 0.5, Number.NaN, 2 ** 53]) {
    given()
      .when({ type: 'ask', wish: { ...wish, amount } })
      .thenRefused('AMOUNT_INVALID')
  }
})

test('deposit: three of a user wait at a time, the fourth is refused (DPA2)', () => {
  const two = { [slots[0]!]: 'a', [slots[1]!]: 'b' }
  given()
    .where({ holders: two })
    .when(ask)
    .thenClaims([slots[2]!, 3 * day])
  given()
    .where({ holders: { ...two, [slots[2]!]: 'c' } })
    .when(ask)
    .thenRefused('DEPOSIT_LIMIT', { most: 3 })
})

test('deposit: places are free again when it waits no more (DPA2)', () => {
  given(asked).when({ type: 'uncreated', code: 'GATEWAY_REFUSED' }).thenReleases(slot)
  given(asked).when({ type: 'doubtful', reply: '' }).thenReleases(slot)
  for (const said of ['processing', 'expired', 'cancel', 'failed'] as const) {
    given(...pending)
      .when(status(said))
      .thenReleases(slot)
  }
  given(...pending)
    .when(success())
    .thenReleases(slot)
  given(...pending)
    .when(success({ received: 1 }))
    .thenReleases(slot)
  given(...processing)
    .when(success())
    .thenReleases()
})

test('deposit: made: it waits to be paid and is asked about (DPA9)', () => {
  given(asked).when({ type: 'created', theirs }).happens(created).thenPosts()
  given(...pending).is('pending', 'machine', { at: 5 * second, command: tick })
  given(...pending)
    .when(tick, 4_999)
    .thenNothing()
  given(...pending)
    .when(tick, 5_000)
    .happens(polled(1))
    .thenOwes('deposit_confirm')
  given(...pending, polled(1)).is('pending', 'machine')
})

test('deposit: polls are often at first, then seldom (DPA9)', () => {
  const after = (now: number) => ({ type: 'unchanged', pollAt: now }) as const
  for (const [at, next] of [
    [minute, 5 * second],
    [5 * minute, 15 * second],
    [15 * minute, minute],
  ] as const) {
    given(...pending, polled(1))
      .when(status('pending'), at)
      .happens(after(at + next))
    given(...pending, polled(1))
      .when({ type: 'unheard' }, at)
      .happens(after(at + next))
  }
  given(...pending)
    .when(status('pending', { via: 'webhook' }))
    .thenNothing()
})

test('deposit: polls while it settles, and after its end, are seldom and seldomer (DPA9)', () => {
  const after = (now: number) => ({ type: 'unchanged', pollAt: now }) as const
  for (const [at, next] of [
    [10 * minute - 1, minute],
    [10 * minute, 10 * minute],
    [day - 1, 10 * minute],
    [day, 30 * minute],
  ] as const) {
    given(...processing, polled(1))
      .when(status('processing'), at)
      .happens(after(at + next))
  }
  for (const [at, next] of [
    [hour - 1, 10 * minute],
    [hour, hour],
  ] as const) {
    given(...pending, expired, polled(1))
      .when(status('expired'), at)
      .happens(after(at + next))
  }
})

test('deposit: not made: it has failed, and no bill that nobody can pay is shown (DPA3)', () => {
  const refused: DepositEvent = { type: 'uncreated', code: 'GATEWAY_REFUSED' }
  given(asked).when({ type: 'uncreated', code: 'GATEWAY_LIMIT' }).thenIs('failed', 'final')
  for (const bad of [
    ...[{ received: 0 }, { received: 50_001 }, { amount: 1.5 }, { fee: -1 }],
    ...[{ amount: 50_000.5 }, { received: 0.5 }, { fee: 0.5 }, { expiresAt: Number.NaN }],
  ]) {
    given(asked)
      .when({ type: 'created', theirs: { ...theirs, ...bad } })
      .happens(refused)
  }
})

test('deposit: silence on making it: not made again, a day is waited for word (DPA3)', () => {
  const doubted: DepositEvent = { type: 'doubted', reply: 'timeout', until: day }
  given(asked)
    .when({ type: 'doubtful', reply: 'timeout' })
    .happens(doubted)
    .thenOwes()
    .thenIs('asking', 'machine')
  given(asked, doubted).when({ type: 'created', theirs }).happens(created)
  given(asked, doubted).when({ type: 'uncreated', code: 'GATEWAY_REFUSED' }).thenNothing()
  given(asked, doubted)
    .when(tick, day - 1)
    .thenNothing()
  given(asked, doubted).when(tick, day).happens({ type: 'uncreated', code: 'NO_ANSWER' })
})

test('deposit: time: it ends when the gateway, asked after it, has no money (DPA9)', () => {
  const over = 25 * minute
  given(...pending, polled(1))
    .when(status('pending'), over - 1)
    .happensIn('unchanged')
  given(...pending, polled(1))
    .when(status('pending'), over)
    .happens(expired)
    .thenReleases(slot)
  given(...pending, polled(1))
    .when({ type: 'unheard' }, over)
    .happensIn('unchanged')
  given(...pending, polled(1))
    .when({ type: 'unheard' }, over + day)
    .happens(expired)
  given(...pending, polled(1))
    .when(success(), over)
    .happens(paid)
})

test('deposit: after its end the gateway is asked for a day (DPA9)', () => {
  const over = [...pending, hour, expired] as const
  given(...over).is('expired', 'machine', { at: hour + 10 * minute, command: tick })
  given(...over)
    .when(tick, hour + 10 * minute)
    .happens(polled(1))
    .thenOwes('deposit_confirm')
  given(...over, polled(1))
    .when(status('expired'), 3 * hour)
    .happensIn('unchanged')
  given(...over, polled(1))
    .when(status('expired'), hour + day)
    .thenNothing()
  given(...over, polled(1)).is('expired', 'final')
})

test('deposit: the gateway ends it; "cancel" after its time is expiry (DPA9)', () => {
  given(...pending)
    .when(status('expired'))
    .happens({ type: 'expired', theirs: true })
  given(...pending)
    .when(status('failed'))
    .happens({ type: 'failed' })
  given(...pending)
    .when(status('cancel'), minute)
    .happens({ type: 'cancelled' })
  given(...pending)
    .when(status('cancel'), 20 * minute)
    .happens({ type: 'expired', theirs: true })
  given(...processing)
    .when(status('failed'))
    .happens({ type: 'failed' })
})

test('deposit: being settled: "pending" or "processing" ends nothing, "failed" does (DPA9)', () => {
  for (const said of ['pending', 'processing'] as const) {
    given(...processing)
      .when(status(said, { via: 'webhook' }))
      .thenNothing()
    given(...processing, polled(1))
      .when(status(said))
      .happensIn('unchanged')
      .thenIs('processing', 'machine')
  }
  given(...processing)
    .when(status('failed'))
    .thenIs('failed')
})

test('deposit: cancel: the gateway drops it, or it waits as before (DPA10)', () => {
  const dropping: DepositEvent = { type: 'cancel_asked', by: user }
  const answered = (answer: 'cancelled' | 'refused' | 'unknown'): DepositCommand => ({
    ...{ type: 'cancel_answered', answer },
  })
  given(...pending)
    .when(cancel)
    .happens(dropping)
    .thenOwes('deposit_drop')
    .thenReleases()
  given(...pending, dropping)
    .when(cancel)
    .thenNothing()
  given(...pending, dropping)
    .when(answered('cancelled'))
    .happens({ type: 'cancelled' })
    .thenReleases(slot)
  for (const answer of ['refused', 'unknown'] as const) {
    given(...pending, dropping)
      .when(answered(answer))
      .happens({ type: 'cancel_denied', answer })
  }
  given(...pending, dropping)
    .when(success())
    .happens(paid)
    .thenPosts(credited)
  given(...pending, dropping, paid)
    .when(answered('cancelled'))
    .thenNothing()
  given(...pending, { type: 'cancelled' })
    .when(cancel)
    .thenNothing()
  given(...pending, expired)
    .when(cancel)
    .thenRefused('DEPOSIT_FINAL')
  given(asked).when(cancel).thenRefused('DEPOSIT_BUSY')
  given().when(cancel).thenRefused('NOT_FOUND')
  given(...pending, paid)
    .when(cancel)
    .thenRefused('DEPOSIT_PAID')
})
