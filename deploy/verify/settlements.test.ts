import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { type Body, type Event, fingerprint, type Line } from './chain.ts'
import { type ProblemName, Problems } from './problems.ts'
import { readSettlement, Settlement } from './settlements.ts'

const merchant = '01a1fb58-c68f-7001-9302-1c7e05337686'
const batch = `batch:${merchant}`
const on = (day: string) => `payable:${merchant}:${day}`
type Leg = readonly [name: string, debit: string, credit: string, amount: number, left?: number]
type Told = readonly [event: Event, ...legs: readonly Leg[]]

/** What is wrong in these lines of one batch. */
function wrongIn(...lines: readonly Told[]): ProblemName[] {
  const problems = new Problems()
  const settlement = new Settlement()
  const key = fingerprint('settlement', merchant, 'batch:S-1')
  for (const [index, [event, ...legs]] of lines.entries()) {
    const p = legs.map(([name, debit, credit, amount, left = 0]) => {
      return ['move', name, debit, credit, amount, [left, 0, 0], [left, 0, 0]]
    })
    const line: Line = { shard: 1, seq: index + 1, key }
    const c = event.type === 'created' ? 'create' : 'other'
    readSettlement(settlement, line, { id: 'x', c, e: [event], p } as unknown as Body, problems)
  }
  return problems.kept.map(({ name }) => name)
}

const days = [
  { day: 'a', amount: 900 },
  { day: 'b', amount: -200 },
]
const facts = { type: 'created', merchant, reference: 'S-1', days }
const created: Told = [facts, ['take', on('a'), batch, 900], ['take', batch, on('b'), 200]]
const paid: Told = [{ type: 'paid', total: 700 }, ['paid', batch, 'payout', 700]]
const failed: Told = [
  { type: 'failed' },
  ['give back', batch, on('a'), 900],
  ['give back', on('b'), batch, 200],
]
const credit: Told = [
  { type: 'adjusted', kind: 'credit', amount: 50 },
  ['adjust', 'merchant_adjustment', batch, 50],
]

test('verify settlements: made, named, adjusted, paid or given back: sound (Z40, Z41)', () => {
  deepEqual(wrongIn(created, [{ type: 'reference_set' }], paid), [])
  deepEqual(wrongIn(created, failed, [{ type: 'reprocessed' }]), [])
  const more: Told = [{ type: 'paid', total: 750 }, ['paid', batch, 'payout', 750]]
  deepEqual(wrongIn(created, credit, more), [])
})

test('verify settlements: in a bank’s file: its amount, nothing added, not just cancelled (Z62)', () => {
  const file: Told = [{ type: 'given', amount: 700 }]
  const recalled: Told = [{ type: 'cancelled', isRecalled: true }, ...failed.slice(1)] as never
  const cancelled: Told = [{ type: 'cancelled' }, ...failed.slice(1)] as never
  deepEqual(wrongIn(created, file, file, paid, file), [])
  deepEqual(wrongIn(created, file, failed), [])
  deepEqual(wrongIn(created, file, recalled), [])
  deepEqual(wrongIn(created, file, cancelled), ['settlement.event'])
  deepEqual(wrongIn(created, file, credit), ['settlement.event'])
  deepEqual(wrongIn(created, [{ type: 'given', amount: 699 }]), ['settlement.money'])
  deepEqual(wrongIn(created, failed, file), ['settlement.event'])
})

test('verify settlements: paid twice, after it failed, made again too early: told (Z40)', () => {
  deepEqual(wrongIn(created, paid, paid), ['settlement.event'])
  deepEqual(wrongIn(created, failed, paid), ['settlement.event'])
  deepEqual(wrongIn(created, [{ type: 'reprocessed' }]), ['settlement.event'])
  deepEqual(wrongIn(created, paid, credit), ['settlement.event'])
  deepEqual(wrongIn([{ ...facts, reference: 'S-2' }, ...created.slice(1)] as unknown as Told), [
    'settlement.key',
  ])
})

test('verify settlements: a day not whole, other postings, another total: told (Z41)', () => {
  const part: Told = [facts, ['take', on('a'), batch, 900, 5], ['take', batch, on('b'), 200]]
  deepEqual(wrongIn(part), ['settlement.money'])
  deepEqual(wrongIn([facts, ['take', on('a'), batch, 900]]), ['settlement.money'])
  const less: Told = [{ type: 'paid', total: 699 }, ['paid', batch, 'payout', 699]]
  deepEqual(wrongIn(created, less), ['settlement.money', 'settlement.money'])
  const owed = { ...facts, days: [{ day: 'b', amount: -200 }] }
  deepEqual(wrongIn([owed, ['take', batch, on('b'), 200]]), ['settlement.money'])
})
