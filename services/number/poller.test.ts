import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import type {
  ActivationCommand,
  ActivationFacts,
} from '../../actors/activation/activation-contract.ts'
import { Poller } from './poller.ts'
import type { Inbox, NumberAdapter, OpenThere } from './supplier/adapter.ts'
import type { Lock } from './vault.ts'
import type { Known } from './view.ts'

const pollMs = 5_000
const minute = 60_000

/** A supplier at the end of the wire: what it is asked, and what it will say. */
function counter({ sweeps = false, tellsNewest = false } = {}) {
  const asked: string[] = []
  const waiting: (() => void)[] = []
  const says = new Map<string, Inbox>()
  const open: OpenThere[] = []
  const held = { isHeld: false, isOwner: true, fails: 0 }
  const told: [string, ActivationCommand][] = []
  const errors: unknown[] = []
  const locked: string[] = []
  const clock = { ms: 0 }
  const adapter = {
    card: { pollMs, ...(sweeps ? { sweeps } : {}), ...(tellsNewest ? { tellsNewest } : {}) },
    async messages(id: string) {
      asked.push(id)
      if (held.isHeld) await new Promise<void>(resolve => waiting.push(resolve))
      return says.get(id) ?? inbox()
    },
    async active() {
      asked.push('list')
      return open
    },
  } as unknown as NumberAdapter
  const poller = new Poller({
    ...{ now: () => clock.ms, isOwner: () => held.isOwner, inFlightMax: 3 },
    supplierOf: code => (code === 'gone' ? undefined : adapter),
    vault: {
      async lockOf(orderId) {
        locked.push(orderId)
        return lock
      },
    },
    tell: async (orderId, command) => {
      if (held.fails-- > 0) throw new Error('the engine is away')
      told.push([orderId, command])
      return {} as never
    },
    onError: cause => void errors.push(cause),
  })
  /** So much later, whatever is due was asked and answered. */
  const pass = async (ms: number): Promise<void> => {
    clock.ms += ms
    poller.beat()
    if (!held.isHeld) await poller.stop()
  }
  return { asked, waiting, says, open, held, told, errors, locked, clock, poller, pass }
}

const inbox = (codes: readonly string[] = [], ended: 'cancelled' | 'finished' | null = null) => ({
  kind: 'inbox' as const,
  messages: codes.map(code => ({ text: `kode ${code}`, code })),
  ended,
})
const lock: Lock = {
  seal: () => 'sealed',
  print: ({ code }, nth) => `${code}/${nth}`,
  open: () => null,
}

function waits(
  id: string,
  some: Partial<Known> & { supplier?: string; resends?: number } = {},
): Known {
  const { supplier = 'shop', resends = 0, ...more } = some
  const facts = {
    ...{ supplier, messages: [], resends, terms: { pollMs } },
    number: { id, number: '62', cost: 1, boughtAt: 0, diesAt: 20 * minute },
  } as unknown as ActivationFacts
  return { phase: 'waiting', facts, ...more } as Known
}

test('poller: at the pace of the card, until it ends; given back: slower, while it lives (NVD1)', async () => {
  const at = counter()
  at.poller.heard('a', waits('1'))
  await at.pass(pollMs - 1)
  deepEqual(at.asked, [])
  for (let n = 0; n < 3; n++) await at.pass(pollMs)
  deepEqual(at.asked, ['1', '1', '1'])
  at.poller.heard('a', waits('1', { phase: 'refunded', why: 'TIME' } as Partial<Known>))
  await at.pass(pollMs)
  equal(at.asked.length, 3)
  await at.pass(minute)
  equal(at.asked.length, 4)
  at.poller.heard('a', waits('1', { phase: 'received', open: false } as Partial<Known>))
  equal(at.poller.watched, 0)
  await at.pass(minute)
  equal(at.asked.length, 4)
})

test('poller: given back or parked: let go when it is dead there, and asked once after that (NVD9)', async () => {
  const at = counter()
  at.poller.heard('a', waits('1', { phase: 'refunded', why: 'TIME' } as Partial<Known>))
  at.poller.heard('b', waits('2', { phase: 'parked', why: 'CANCEL' } as Partial<Known>))
  for (let n = 0; n < 19; n++) await at.pass(minute)
  equal(at.poller.watched, 2)
  // It came between the last question and the end.
  at.says.set('1', inbox(['7']))
  await at.pass(minute)
  deepEqual(
    at.told.map(([id]) => id),
    ['a'],
  )
  equal(at.poller.watched, 1)
  for (let n = 0; n < 29; n++) await at.pass(minute)
  equal(at.poller.watched, 1, 'nobody could give it back: its code is still looked for')
  at.says.set('2', inbox(['8']))
  at.held.fails = 1
  await at.pass(minute)
  equal(at.poller.watched, 1, 'its order was not told')
  await at.pass(minute)
  deepEqual(
    at.told.map(([id]) => id),
    ['a', 'b'],
  )
  equal(at.poller.watched, 0)
  const { length } = at.asked
  await at.pass(minute)
  equal(at.asked.length, length)
})

test('poller: one whose supplier never answers, or is gone: let go as well (NVD9)', async () => {
  const at = counter()
  const refunded = { phase: 'refunded', why: 'TIME' } as Partial<Known>
  at.says.set('1', { kind: 'unknown' } as Inbox)
  at.poller.heard('a', waits('1', refunded))
  at.poller.heard('b', waits('2', { ...refunded, supplier: 'gone' }))
  for (let n = 0; n < 49; n++) await at.pass(minute)
  equal(at.poller.watched, 2)
  await at.pass(minute)
  equal(at.poller.watched, 0)
})

test('poller: parked, then waited for again: not let go of (NVD1, NVD9)', async () => {
  const at = counter()
  at.poller.heard('a', waits('1', { phase: 'parked', why: 'CANCEL' } as Partial<Known>))
  await at.pass(minute)
  at.poller.heard('a', waits('1'))
  for (let n = 0; n < 90; n++) await at.pass(minute)
  equal(at.poller.watched, 1)
})

test('poller: a message is told once, twice alike are two, an end is told (NVD2)', async () => {
  const at = counter()
  at.poller.heard('a', waits('1'))
  at.says.set('1', inbox(['7', '7']))
  await at.pass(pollMs)
  await at.pass(pollMs)
  const sms = (print: string) => ['a', { type: 'sms', sealed: 'sealed', print, code: true }]
  deepEqual(at.told, [sms('7/0'), sms('7/1')])
  at.says.set('1', inbox(['7', '7'], 'finished'))
  await at.pass(pollMs)
  deepEqual(at.told.at(-1), ['a', { type: 'ended_there', how: 'finished' }])
})

test('poller: the same code once more, after a pause: another message, told once (NVD8)', async () => {
  const at = counter({ tellsNewest: true })
  const again = (resends: number) =>
    at.poller.heard('a', waits('1', { phase: 'received', open: true, resends } as Partial<Known>))
  const says = async (...codes: string[]) => {
    at.says.set('1', inbox(codes))
    await at.pass(pollMs)
    await at.pass(pollMs)
  }
  at.poller.heard('a', waits('1'))
  await says()
  await says('7')
  again(1)
  await says('7')
  equal(at.told.length, 1, 'it may still be the one before')
  await says()
  await says('7')
  again(2)
  await says('7')
  await says()
  await says('8')
  const prints = at.told.map(([, command]) => command.type === 'sms' && command.print)
  deepEqual(prints, ['7/0', '7/1', '8/2'])
  // Who begins anew knows all of them, and does not tell them again.
  const other = counter({ tellsNewest: true })
  const known = waits('1', { phase: 'received', open: true, resends: 2 } as Partial<Known>)
  const messages = prints.map(print => ({ print }))
  Object.assign(known.facts, { messages })
  other.poller.heard('a', known)
  for (const code of ['7', '8']) {
    other.says.set('1', inbox([code]))
    await other.pass(pollMs)
  }
  deepEqual(other.told, [])
})

test('poller: a list that grows: a pause in it is none (NVD8)', async () => {
  const at = counter()
  const received = { phase: 'received', open: true, resends: 1 } as Partial<Known>
  at.poller.heard('a', waits('1', received))
  for (const codes of [['7'], [], ['7', '8']]) {
    at.says.set('1', inbox(codes))
    await at.pass(pollMs)
  }
  equal(at.told.length, 2)
})

test('poller: after the refund: late, charged unless it is cancelled there (NVD1, NVD2)', async () => {
  const at = counter()
  const refunded = { phase: 'refunded', why: 'TIME' } as Partial<Known>
  at.poller.heard('a', waits('1', refunded))
  at.poller.heard('b', waits('2', refunded))
  at.says.set('1', inbox(['7']))
  at.says.set('2', inbox(['8'], 'cancelled'))
  await at.pass(minute)
  deepEqual(
    at.told.map(([id, command]) => [id, 'charged' in command]),
    [
      ['a', true],
      ['b', false],
    ],
  )
})

test('poller: so many at once, one of each number, whoever hangs delays no other (NVD3)', async () => {
  const at = counter()
  for (const id of ['1', '2', '3', '4', '5']) at.poller.heard(`o${id}`, waits(id))
  at.poller.heard('x', waits('9', { supplier: 'other' }))
  at.held.isHeld = true
  await at.pass(pollMs)
  deepEqual(at.asked, ['1', '2', '3', '9'])
  await at.pass(pollMs)
  deepEqual(at.asked, ['1', '2', '3', '9'])
  at.held.isHeld = false
  for (const go of at.waiting.splice(0)) go()
  await at.poller.stop()
  await at.pass(0)
  deepEqual(at.asked.slice(4, 6), ['4', '5'])
})

test('poller: one list serves all; who is not in it is asked about singly (NVD4)', async () => {
  const at = counter({ sweeps: true })
  for (const id of ['1', '2', '3']) at.poller.heard(`o${id}`, waits(id))
  const row = { number: '62', cost: 1, lane: 'l' }
  at.open.push({ id: '1', ...row, inbox: inbox() }, { id: '2', ...row, inbox: inbox(['5']) })
  await at.pass(pollMs)
  deepEqual(at.asked, ['list', '3'])
  deepEqual(
    at.told.map(([id]) => id),
    ['o2'],
  )
  await at.pass(pollMs)
  deepEqual(at.asked, ['list', '3', 'list', '3'])
  equal(at.told.length, 1)
})

test('poller: what could not be told is told with the next question (NVD5)', async () => {
  const at = counter()
  at.poller.heard('a', waits('1'))
  at.says.set('1', inbox(['7']))
  at.held.fails = 1
  await at.pass(pollMs)
  deepEqual([at.told.length, at.errors.length], [0, 1])
  await at.pass(pollMs)
  equal(at.told.length, 1)
})

test('poller: the key is there before the message, and asked for once more when one comes (NVD7)', async () => {
  const at = counter()
  at.poller.heard('a', waits('1'))
  at.poller.heard('a', waits('1'))
  deepEqual(at.locked, ['a'])
  at.says.set('1', inbox(['7']))
  for (let n = 0; n < 3; n++) await at.pass(pollMs)
  deepEqual([at.locked.length, at.told.length], [2, 1])
  at.says.set('1', inbox(['7', '8']))
  await at.pass(pollMs)
  deepEqual([at.locked.length, at.told.length], [3, 2])
})

test('poller: who does not hold the shards asks nobody; an unread answer says nothing (NVD6)', async () => {
  const at = counter()
  at.poller.heard('a', waits('1'))
  at.poller.heard('b', waits('2', { supplier: 'gone' }))
  at.held.isOwner = false
  await at.pass(pollMs)
  deepEqual(at.asked, [])
  at.held.isOwner = true
  at.says.set('1', { kind: 'unknown', why: 'html' })
  await at.pass(pollMs)
  deepEqual([at.asked, at.told, at.poller.counts.unread], [['1'], [], 1])
})

test('poller: five thousand that wait cost one list per turn and no question each (NVD4)', async () => {
  const at = counter({ sweeps: true })
  const row = { number: '62', cost: 1, lane: 'l' }
  for (let n = 0; n < 5_000; n++) {
    at.poller.heard(`o${n}`, waits(`${n}`))
    at.open.push({ id: `${n}`, ...row, inbox: inbox(n % 25 === 0 ? [`${n}`] : []) })
  }
  await at.pass(pollMs)
  deepEqual(at.asked, ['list'])
  equal(at.told.length, 200)
  ok(at.poller.watched === 5_000)
})
