import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { type Body, type Event, fingerprint, type Line } from './chain.ts'
import { Deposit, readDeposit, readStranger } from './deposits.ts'
import { Gateways } from './gateways.ts'
import { type ProblemName, Problems } from './problems.ts'
import { Transfers } from './transfers.ts'

const user = '01a1fb58-c68f-7001-9302-1c7e05337686'
const purse = `wallet:${user}`
const till = 'gateway:atlantic'
type Leg = readonly [debit: string, credit: string, amount: number]
type Told = readonly [event: Event | readonly Event[], ...legs: readonly Leg[]]

/** What is wrong in these lines of one deposit. */
function wrongIn(...lines: readonly Told[]): ProblemName[] {
  const problems = new Problems()
  const deposit = new Deposit()
  for (const [index, [events, ...legs]] of lines.entries()) {
    const e = Array.isArray(events) ? events : [events]
    const p = legs.map(([debit, credit, amount]) => ['move', '', debit, credit, amount, [], []])
    const line: Line = { shard: 1, seq: index + 1, key: fingerprint('deposit', user, 'D-1') }
    readDeposit(deposit, line, { id: 'x', e, p } as unknown as Body, problems)
  }
  return problems.kept.map(({ name }) => name)
}

const askedEvent = { type: 'asked', user, ref: 'D-1', gateway: 'atlantic', slot: 's' }
const asked: Told = [askedEvent]
const created: Told = [{ type: 'created', theirs: { received: 49_650 } }]
const begun: Told = [{ type: 'processing_begun' }]
const paid = (received: number): Told => [{ type: 'paid', received }, [till, purse, received]]
const suspended = (n: number, amount: number): Told => [
  { type: 'suspended', n, amount },
  [till, 'suspense', amount],
]
const resolved = (n: number, verdict: 'credit' | 'return', amount: number): Told => [
  { type: 'resolved', n, verdict, amount },
  ['suspense', verdict === 'credit' ? purse : till, amount],
]
const drawAsked: Told = [{ type: 'draw_asked', received: 48_650 }]
const drawn: Told = [{ type: 'drawn', outcome: 'done' }]
const expired: Told = [{ type: 'expired' }]

test('verify deposits: made, paid, drawn, late and settled: sound (Z47, Z48, Z49)', () => {
  const polls: Told[] = [[{ type: 'polled', n: 1 }], [{ type: 'unchanged', pollAt: 1 }]]
  deepEqual(wrongIn(asked, created, ...polls, paid(49_650)), [])
  deepEqual(wrongIn(asked, created, begun, drawAsked, drawn, paid(48_650)), [])
  deepEqual(
    wrongIn(asked, created, expired, suspended(1, 49_650), resolved(1, 'credit', 49_650)),
    [],
  )
  deepEqual(wrongIn(asked, created, paid(49_650), suspended(1, 9), resolved(1, 'return', 9)), [])
  deepEqual(wrongIn(asked, [{ type: 'doubted' }], [{ type: 'uncreated' }]), [])
  deepEqual(wrongIn(asked, created, [{ type: 'cancel_asked' }], [{ type: 'cancelled' }]), [])
})

test('verify deposits: credited twice, for another amount, or elsewhere: told (Z47)', () => {
  deepEqual(wrongIn(asked, created, paid(49_650), paid(49_650)), ['deposit.event'])
  deepEqual(wrongIn(asked, created, paid(50_000)), ['deposit.credit'])
  deepEqual(wrongIn(asked, created, expired, paid(49_650)), ['deposit.event'])
  deepEqual(wrongIn([{ ...askedEvent, ref: 'B' }]), ['deposit.key'])
  deepEqual(wrongIn(asked, created, created), ['deposit.event'])
  deepEqual(wrongIn(created), ['deposit.event'])
  deepEqual(wrongIn(asked, [{ type: 'melted' }]), ['deposit.event'])
})

test('verify deposits: money that never reaches suspense, or leaves it twice: told (Z48)', () => {
  deepEqual(wrongIn(asked, created, [{ type: 'suspended', n: 1, amount: 9 }]), ['deposit.money'])
  const twice = [resolved(1, 'credit', 9), resolved(1, 'return', 9)]
  deepEqual(wrongIn(asked, created, suspended(1, 9), ...twice), ['deposit.suspense'])
  deepEqual(wrongIn(asked, created, suspended(1, 9), resolved(1, 'credit', 8)), [
    'deposit.suspense',
  ])
  const lost: Told = [{ type: 'resolved', n: 1, verdict: 'credit', amount: 9 }]
  deepEqual(wrongIn(asked, created, suspended(1, 9), lost), ['deposit.money'])
  deepEqual(wrongIn(asked, created, [[], [till, purse, 1]]), ['deposit.money'])
})

test('verify deposits: more than all payments came to, or the whole of what was drawn: told (Z47, Z48)', () => {
  const of = (total: number, told: Told): Told => {
    const [event, ...legs] = told
    return [{ ...(event as Event), payment: `total:${total}` }, ...legs]
  }
  const first = of(99_300, suspended(1, 99_300))
  deepEqual(wrongIn(asked, created, first, of(49_650, suspended(2, 49_650))), ['deposit.suspense'])
  deepEqual(wrongIn(asked, created, first, of(99_301, suspended(2, 1))), [])
  deepEqual(wrongIn(asked, created, begun, drawAsked, paid(49_650)), ['deposit.credit'])
  for (const outcome of ['done', 'unknown', 'refused'] as const) {
    const answered: Told = [{ type: 'drawn', outcome }]
    const lines = [asked, created, begun, drawAsked, answered]
    deepEqual(wrongIn(...lines, paid(49_650)), outcome === 'refused' ? [] : ['deposit.credit'])
    const split: Told = [
      [
        { type: 'paid', received: 48_650 },
        { type: 'suspended', n: 1, amount: 1_000 },
      ],
      ...[[till, purse, 48_650] as const, [till, 'suspense', 1_000] as const],
    ]
    deepEqual(wrongIn(...lines, split, resolved(1, 'return', 1_000)), [])
  }
  const best: Told = [{ type: 'paid', received: 49_650, via: 'instant' }, [till, purse, 49_650]]
  deepEqual(wrongIn(asked, created, begun, drawAsked, drawn, best), [])
})

test('verify deposits: drawn twice, or ended and going on: told (Z49)', () => {
  deepEqual(wrongIn(asked, created, begun, drawAsked, drawAsked), ['deposit.event'])
  deepEqual(wrongIn(asked, created, begun, drawn), ['deposit.event'])
  deepEqual(wrongIn(asked, created, expired, begun), ['deposit.event'])
  deepEqual(wrongIn(asked, created, paid(49_650), expired), ['deposit.event'])
})

test('verify deposits: others that touch suspense or what a gateway owes: told (Z50)', () => {
  const wrong = (k: string, debit: string, credit: string): number => {
    const problems = new Problems()
    const p = [['move', 'x', debit, credit, 1, [], []]]
    const body = { id: 'x', k, e: [], p } as unknown as Body
    readStranger({ shard: 1, seq: 1, key: 'x' }, body, problems)
    return problems.count
  }
  deepEqual(wrong('order', 'sales', 'suspense'), 1)
  deepEqual(wrong('transfer', 'suspense', 'clearing'), 1)
  deepEqual(wrong('commission', 'gateway:atlantic', purse), 1)
  deepEqual(wrong('transfer', 'clearing', 'gateway:atlantic'), 0)
  deepEqual(wrong('transfer', 'gateway_fee', 'clearing'), 0)
  deepEqual(wrong('order', 'gateway_fee', 'float:S1'), 1)
  deepEqual(wrong('order', 'cost', 'float:S1'), 0)
})

test('verify gateways: paid out is no more than was collected, over all shards (Z55)', () => {
  const told = (...legs: readonly (readonly [string, string, string, number])[]): string[] => {
    const problems = new Problems()
    const gateways = new Gateways(problems)
    for (const [k, debit, credit, amount] of legs) {
      const p = [['move', 'x', debit, credit, amount, [], []]]
      gateways.read({ id: 'x', k, e: [], p } as unknown as Body)
    }
    gateways.finish()
    return problems.kept.map(({ name, actor }) => `${name} ${actor}`)
  }
  const came = ['deposit', till, purse, 1_000] as const
  const late = ['deposit', till, 'suspense', 500] as const
  const back = ['deposit', 'suspense', till, 500] as const
  const out = ['receipt', 'clearing', till, 1_500] as const
  deepEqual(told(came, late, out), [])
  // What went back to a payer after it had been paid out is owed to the gateway: that is true.
  deepEqual(told(out, came, late, back), [])
  deepEqual(told(came, out), ['deposit.paid_out gateway:atlantic'])
  deepEqual(told(['receipt', 'clearing', 'gateway:x', 1], came), ['deposit.paid_out gateway:x'])
})

test('verify gateways: paid out to cash, fees to their own account, nothing else: told (Z56)', () => {
  const told = (from: string, to: string): string[] => {
    const problems = new Problems()
    const p = [['move', 'send', from, 'clearing', 5, [], []]]
    const e = [{ type: 'sent', from, to, toShard: 0, amount: 5 }]
    const body = { id: 'x', e, p } as unknown as Body
    new Transfers(problems).readTransfer({ shard: 0, seq: 1, key: 'x' }, body, null)
    return problems.kept.map(({ name }) => name)
  }
  deepEqual([...told('cash', till), ...told('gateway_fee', till), ...told('cash', purse)], [])
  for (const [from, to] of [
    ...([
      ['sales', till],
      [purse, till],
      [till, 'cash'],
      [till, 'gateway:other'],
    ] as const),
    ...([
      ['gateway_fee', 'cash'],
      ['cash', 'gateway_fee'],
    ] as const),
  ]) {
    deepEqual(told(from, to), ['transfer.gateway'], `${from} to ${to}`)
  }
})
