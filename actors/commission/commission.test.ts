import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { forget } from '../../engine/actor.ts'
import { Cell } from '../../engine/cell.ts'
import { Account, execute, type Holds } from '../../engine/ledger.ts'
import { spec } from '../../engine/spec.ts'
import { clawback, commissionCost, floorOf, wallet } from '../chart.ts'
import { type Commission, commission } from './commission.ts'

const order = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e883'
const user = 'ani'
const facts = { order, level: 1, user, amount: 700, note: 'budi XLD10' } as const
const paid = { type: 'paid', ...facts, kept: 0 } as const
const reversed = { type: 'reversed', ...facts, owed: 0 } as const

const given = spec(commission, { available: { [wallet(user)]: 1_000 } })
const pay = { type: 'pay', ...facts } as const
const moved = (name: string, [debit, credit]: readonly [string, string], amount: number) =>
  ({ op: 'move', name, debit, credit, amount }) as const

test('commission: pay: the house gives it to the wallet, and again nothing happens (CMA1)', () => {
  given()
    .when(pay)
    .happens(paid)
    .thenPosts(moved('pay', [commissionCost, wallet(user)], 700))
    .thenIs('paid', 'final')
  given(paid).when(pay).thenNothing()
  given(paid, reversed).when(pay).thenNothing()
})

test('commission: pay: another amount or another upline is refused (CMA1)', () => {
  for (const other of [{ amount: 701 }, { user: 'cici' }]) {
    given(paid)
      .when({ ...pay, ...other })
      .thenRefused('DUPLICATE_REF')
  }
})

test('commission: amounts: whole rupiah above zero, and only what was paid goes back (CMA4)', () => {
  for (const amount of [0, -1, 0.5, Number.NaN, 2 ** 53]) {
    given()
      .when({ ...pay, amount })
      .thenRefused('AMOUNT_INVALID')
  }
  given().when({ type: 'reverse' }).thenRefused('NOT_FOUND')
})

test('commission: reverse: what was paid goes back to the house, once (CMA1, CMA2)', () => {
  given(paid)
    .when({ type: 'reverse' })
    .happens(reversed)
    .thenPosts(moved('take', [wallet(user), commissionCost], 700))
    .thenIs('reversed', 'final')
  given(paid, reversed).when({ type: 'reverse' }).thenNothing()
})

test('commission: reverse: what the wallet lacks is owed, and later ones pay it first (CMA3)', () => {
  given(paid)
    .where({ available: { [wallet(user)]: 250 } })
    .when({ type: 'reverse' })
    .happens({ ...reversed, owed: 450 })
    .thenPosts(
      moved('take', [wallet(user), commissionCost], 250),
      moved('owe', [clawback(user), commissionCost], 450),
    )
  given(paid)
    .where({ available: {} })
    .when({ type: 'reverse' })
    .thenPosts(moved('owe', [clawback(user), commissionCost], 700))
  given()
    .where({ available: { [clawback(user)]: -450 } })
    .when(pay)
    .happens({ ...paid, kept: 450 })
    .thenPosts(
      moved('pay', [commissionCost, wallet(user)], 250),
      moved('keep', [commissionCost, clawback(user)], 450),
    )
  given()
    .where({ available: { [clawback(user)]: -900 } })
    .when(pay)
    .thenPosts(moved('keep', [commissionCost, clawback(user)], 700))
})

type Step =
  | { readonly do: 'pay'; readonly n: number; readonly amount: number }
  | { readonly do: 'reverse'; readonly n: number }
  | { readonly do: 'spend'; readonly amount: number }

const steps = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('pay' as const),
      n: fc.integer({ min: 0, max: 5 }),
      amount: fc.integer({ min: 1, max: 1_000 }),
    }),
    fc.record({ do: fc.constant('reverse' as const), n: fc.integer({ min: 0, max: 5 }) }),
    fc.record({ do: fc.constant('spend' as const), amount: fc.integer({ min: 1, max: 1_500 }) }),
  ),
  { maxLength: 40 },
)

test('commission: any story: all accounts are zero together, nothing vanishes (CMA1, CMA3)', () => {
  fc.assert(
    fc.property(steps, story => {
      const { accounts, at, cells } = told(story)
      const all = [...accounts.values()].reduce((sum, account) => sum + account.balance, 0)
      equal(all, 0)
      ok(at(wallet(user)) >= 0)
      ok(at(clawback(user)) <= 0)
      // What the house gave and did not take back is in his wallet, was spent, or never was.
      const standing = cells
        .map(cell => cell.state as Commission['state'])
        .reduce((sum, state) => sum + (state.phase === 'paid' ? state.facts.amount : 0), 0)
      equal(at(commissionCost) + standing, 0)
      equal(at(wallet(user)) + at(clawback(user)) + at('sales'), standing)
    }),
  )
})

/** Carried out by the engine's own ledger. */
function told(story: readonly Step[]) {
  const accounts = new Map<string, Account>()
  const account = (id: string): Account => {
    const known = accounts.get(id) ?? new Account(id, floorOf(id))
    accounts.set(id, known)
    return known
  }
  const holds: Holds = []
  const cells = Array.from({ length: 6 }, (_, n) => new Cell(forget(commission), key(n)))
  const decide = forget(commission).decide
  for (const step of story) {
    if (step.do === 'spend') {
      const amount = Math.min(step.amount, account(wallet(user)).available)
      const words = { op: 'move', name: 'spend', debit: wallet(user), credit: 'sales' } as const
      if (amount > 0) execute({ account }, holds, { ...words, amount })
      continue
    }
    const cell = cells[step.n]!
    const command = step.do === 'pay' ? { ...pay, amount: step.amount } : { type: 'reverse' }
    const decision = decide[command.type]!(cell.state, command, {
      ...{ now: 0, id: order, held: () => undefined, holder: () => undefined },
      available: id => account(id).available,
    })
    if ('refused' in decision) continue
    for (const posting of decision.postings ?? []) execute({ account }, holds, posting)
    const record = { kind: 'commission', version: 1, id: order, born: cell.seq === 0, at: 0 }
    const rest = { command: command.type, entries: [], claims: [], releases: [] }
    if (decision.accepted.length > 0) {
      cell.fold({ ...record, ...rest, events: decision.accepted }, cell.seq + 1)
    }
  }
  return { accounts, cells, at: (id: string) => accounts.get(id)?.balance ?? 0 }
}

const key = (n: number): string => n.toString(16).padStart(16, '0')
