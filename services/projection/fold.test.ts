import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { wallet } from '../../actors/chart.ts'
import { order } from '../../actors/order/order.ts'
import type { OrderState } from '../../actors/order/order-contract.ts'
import { forget } from '../../engine/actor.ts'
import { Cell } from '../../engine/cell.ts'
import { keyOf } from '../../engine/ids.ts'
import { decode, type Line } from '../../engine/record.ts'
import { orderBrief } from '../order/view.ts'
import { type ChangedRow, Fold, type MutationRow } from './fold.ts'
import { anyMoves, fullDay, linesOf, type Told, users } from './lines.fixture.ts'

type OrderRow = Omit<ChangedRow, 'placed'> & { readonly placed: unknown }

/** The tables, as the statements of a write change them. */
class Tables {
  readonly orders = new Map<string, OrderRow>()
  readonly mutations: MutationRow[] = []
  readonly accounts = new Map<string, unknown>()

  write(fold: Fold): void {
    for (const row of fold.orders.values()) {
      const before = this.orders.get(row.id)
      ok((before === undefined) === (row.placed !== null), 'placed once, and before all else')
      const now: Record<string, unknown> = { ...before }
      for (const [name, value] of Object.entries(row)) if (value !== null) now[name] = value
      if (now['attention'] === '') delete now['attention']
      this.orders.set(row.id, now as OrderRow)
    }
    this.mutations.push(...fold.mutations)
    for (const row of fold.accounts()) this.accounts.set(`${row.shard} ${row.id}`, row)
  }

  /** Comparable: shards have no order among each other. */
  plain() {
    return {
      orders: [...this.orders].sort(([a], [b]) => (a < b ? -1 : 1)),
      mutations: [...this.mutations].sort((a, b) => a.shard - b.shard || a.seq - b.seq),
      accounts: [...this.accounts].sort(([a], [b]) => (a < b ? -1 : 1)),
    }
  }
}

function tablesOf(told: readonly Told[], cuts: ReadonlySet<number> = new Set()): Tables {
  const tables = new Tables()
  let fold = new Fold()
  for (const [index, { line, record }] of told.entries()) {
    if (cuts.has(index)) {
      tables.write(fold)
      fold = new Fold()
    }
    fold.add(line.shard, line.seq, record)
  }
  tables.write(fold)
  return tables
}

test('fold: any lines, cut anywhere: the tables end the same (F1)', () => {
  fc.assert(
    fc.property(anyMoves, fc.array(fc.nat(200)), (moves, cuts) => {
      const told = linesOf(moves)
      deepEqual(tablesOf(told, new Set(cuts)).plain(), tablesOf(told).plain())
    }),
    { numRuns: 150 },
  )
})

test('fold: each line by itself: the same as all at once (F1)', () => {
  const told = linesOf(fullDay)
  const everywhere = new Set(told.keys())
  deepEqual(tablesOf(told, everywhere).plain(), tablesOf(told).plain())
})

test('fold: rows of orders: they say what the orders say (F1)', () => {
  fc.assert(
    fc.property(anyMoves, moves => {
      const told = linesOf([...fullDay, ...moves])
      const cells = new Map<string, Cell>()
      for (const { line, record } of told) {
        if (record.kind !== 'order') continue
        const cell = cells.get(record.id) ?? new Cell(forget(order), keyOf(record.id))
        cells.set(record.id, cell)
        cell.replay(record, line.seq)
      }
      const { orders } = tablesOf(told)
      equal(orders.size, cells.size)
      for (const [id, cell] of cells) {
        const row = orders.get(id)!
        const said = orderBrief(id, cell.state as Exclude<OrderState, { phase: 'absent' }>)
        equal(row.status, said.status)
        equal(row.sn ?? null, said.sn)
        equal(row.attempts, said.attempts.length)
        const seller = said.attempts.find(({ outcome }) => outcome === 'success')
        equal(row.supplier, (seller ?? said.attempts.at(-1))?.supplier)
        equal(row.updatedAt, said.updatedAt)
        equal(row.attention === 'DISPUTE', said.disputed)
        if (said.failure === 'HELD' && !said.disputed) equal(row.attention, 'HELD')
      }
    }),
    { numRuns: 50 },
  )
})

test('fold: mutations of a wallet: each begins where the one before ended (F2)', () => {
  fc.assert(
    fc.property(anyMoves, moves => {
      const tables = tablesOf(linesOf([...fullDay, ...moves]))
      for (const user of users) {
        let available = 0
        const rows = tables.mutations.filter(row => row.userId === user)
        for (const { before, after, direction, amount } of rows) {
          equal(before, available)
          equal(after, direction === 'in' ? before + amount : before - amount)
          ok(amount > 0)
          available = after
        }
        const account = [...tables.accounts.values()].find(
          row => (row as { id: string }).id === wallet(user),
        ) as { balances: readonly number[] } | undefined
        if (account === undefined) equal(rows.length, 0)
        else equal(available, account.balances[0]! - account.balances[1]!)
      }
    }),
    { numRuns: 50 },
  )
})

test('fold: mutations: what they are called, and what they refer to (F2)', () => {
  const { mutations } = tablesOf(linesOf(fullDay))
  const kinds = new Set(mutations.map(row => row.kind))
  deepEqual(kinds, new Set(['deposit', 'order', 'release', 'refund']))
  const deposits = mutations.filter(row => row.kind === 'deposit')
  deepEqual(
    deposits.map(({ note, before, after }) => [note, before, after]),
    [
      ['tunai, "lunas"', 0, 9_000],
      ['tunai, "lunas"', 0, 5_000],
      ['tunai, "lunas"', 5_000, 10_000],
    ],
  )
  // A delivery takes no more than the hold took: it is no movement of its own.
  equal(mutations.filter(row => row.kind === 'order').length, 8)
})

test('fold: how many lines it holds, and how old the oldest is (F1)', () => {
  const told = linesOf(fullDay)
  const fold = new Fold()
  for (const { line, record } of told) fold.add(line.shard, line.seq, record)
  equal(fold.lines, told.length)
  equal(fold.oldestAt, told[0]!.record.at)
})

test('fold: rented numbers and deposits: what a wallet gave and got is called by its name (F2)', () => {
  const kindsIn = (golden: string) => {
    const file = join(import.meta.dirname, '../../engine/golden', `${golden}.jsonl`)
    const lines: Line[] = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    const fold = new Fold()
    for (const { shard, seq, body } of lines) fold.add(shard, seq, decode(body))
    return fold.mutations.map(({ kind, direction }) => `${kind} ${direction}`)
  }
  const rented = kindsIn('activation-v1')
  for (const one of ['order out', 'release in', 'deposit in']) ok(rented.includes(one), one)
  ok(!rented.includes('deposit out'), 'what is held for a number is no deposit')
  deepEqual(new Set(kindsIn('deposit-v1').filter(one => !/^(order|release)/.test(one))).size, 1)
})
