import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { ActivationFacts } from '../../actors/activation/activation-contract.ts'
import type { Lock } from './vault.ts'
import { type Known, statusOf, viewOf } from './view.ts'

const facts: ActivationFacts = {
  ...{ user: 'u', ref: 'r', service: 'whatsapp', serviceName: 'WhatsApp', country: 'indonesia' },
  ...{ countryName: 'Indonesia', operator: 'any', operatorName: 'Semua', supplier: 'secret-shop' },
  ...{ offer: 'wa/6@', price: 5_000, cost: 3_500, waitMs: 900_000 },
  terms: { cancelAfterMs: 0, lifeMs: 1_200_000, resends: true, pollMs: 5_000 },
  ...{ placedAt: 1, updatedAt: 2, number: null, messages: [], resends: 1, waitUntil: 900_001 },
  spent: 0,
}
const lock: Lock = {
  seal: ({ code }) => `${code}`,
  print: () => '',
  open: sealed => (sealed === 'noise' ? null : { text: `kode ${sealed}`, code: sealed }),
}
const message = (sealed: string, at: number, more: object = {}) => ({
  ...{ sealed, at, print: sealed, code: true, ...more },
})
const received = (messages: ActivationFacts['messages']): Known => ({
  ...{ phase: 'received', open: true, facts: { ...facts, messages } },
})

test('view: every phase has a word of the wire, and nothing of ours shows (NVC1)', () => {
  const words: readonly [Known, string, string][] = [
    [{ phase: 'buying', facts, doubt: true, looks: 2, lookAt: 3 }, 'processing', 'held'],
    [{ phase: 'waiting', facts }, 'waiting', 'held'],
    [received([]), 'otp_received', 'charged'],
    [{ phase: 'received', facts, open: false }, 'finished', 'charged'],
    [
      { phase: 'cancelling', facts, why: 'USER', tries: 1, tryAt: null, due: 0 },
      'cancelling',
      'held',
    ],
    [{ phase: 'refunded', facts, why: 'USER' }, 'refunded', 'refunded'],
    [{ phase: 'refunded', facts, why: 'TIME' }, 'expired', 'refunded'],
    [{ phase: 'refunded', facts, why: 'NO_NUMBERS' }, 'refunded', 'refunded'],
    [{ phase: 'parked', facts, why: 'DOUBT' }, 'checking', 'held'],
  ]
  for (const [state, status, money] of words) {
    const view = viewOf('id', state, { lock, since: 0 })
    deepEqual([statusOf(state), view.status, view.moneyEffect], [status, status, money])
    equal(/secret-shop|3500|wa\/6/.test(JSON.stringify(view)), false)
  }
})

test('view: messages: without a key, or too old, they are there without their text (NVC2)', () => {
  const state = received([message('11', 10), message('22', 20), message('noise', 30)])
  const open = viewOf('id', state, { lock, since: 15 })
  deepEqual(
    open.messages.map(({ code, text }) => [code, text]),
    [
      [null, null],
      ['22', 'kode 22'],
      [null, null],
    ],
  )
  const shut = viewOf('id', state, { lock: null, since: 0 })
  deepEqual([shut.otp, shut.messages.length], [null, 3])
})

test('view: a code after the money was back: that one came is seen, and nothing of it (NVC2)', () => {
  const messages = [message('33', 30, { late: true })]
  const state: Known = { phase: 'refunded', facts: { ...facts, messages }, why: 'USER' }
  const view = viewOf('id', state, { lock, since: 0 })
  deepEqual(view.messages, [{ text: null, code: null, receivedAt: 30, late: true }])
  equal(view.otp, null)
})

test('view: the newest code that was not late is the code; three resends in all (NVC3)', () => {
  const late = message('33', 30, { late: true })
  const view = viewOf('id', received([message('11', 10), message('22', 20), late]), {
    ...{ lock, since: 0 },
  })
  deepEqual([view.otp, view.messages.at(-1)!.late, view.resendsLeft], ['22', true, 2])
  equal(viewOf('id', { phase: 'waiting', facts }, { lock, since: 0 }).resendsLeft, 0)
})

test('view: another code is awaited from when it is asked for until one comes (NVC4)', () => {
  const after = (
    resentAt: number | undefined,
    messages: ActivationFacts['messages'],
    open = true,
  ) => {
    const known = { ...facts, messages, ...(resentAt === undefined ? {} : { resentAt }) }
    return viewOf('id', { phase: 'received', open, facts: known }, { lock, since: 0 }).awaitsNext
  }
  equal(after(undefined, [message('11', 10)]), false)
  equal(after(20, [message('11', 10)]), true)
  equal(after(20, [message('11', 10), message('noise', 30, { code: false })]), true)
  equal(after(20, [message('11', 10), message('22', 30)]), false)
  equal(after(20, [message('11', 10)], false), false)
})
