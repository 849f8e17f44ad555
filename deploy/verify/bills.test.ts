import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Bills } from './bills.ts'
import type { Body, Line } from './chain.ts'
import { Problems } from './problems.ts'

/** Events of orders, told one line after the other; gives back the lines that were wrong. */
function wrongIn(...told: readonly (readonly [order: string, event: object])[]): number[] {
  const problems = new Problems()
  const bills = new Bills(problems)
  for (const [n, [key, event]] of told.entries()) {
    const body = { k: 'order', id: key, at: n, e: [event] } as unknown as Body
    bills.read({ shard: 1, seq: n + 1, key } as Line, body)
  }
  return problems.kept.map(({ seq }) => seq!)
}
const placed = (id: string, cost = 40_000) => ({ type: 'placed', bill: { id, cost } })
const dispatched = (cost = 40_000) => ({ type: 'dispatched', n: 1, cost })
const failed = { type: 'failed', code: 'SUPPLIER_FAILED' }

test('verify bills: one inquiry, one order, or another one after it failed: sound (PPI1)', () => {
  deepEqual(wrongIn(['a', placed('i')], ['b', placed('j')], ['c', { type: 'placed' }]), [])
  deepEqual(wrongIn(['a', placed('i')], ['a', failed], ['b', placed('i')]), [])
})

test('verify bills: an inquiry that two orders pay: told (PPI1)', () => {
  deepEqual(wrongIn(['a', placed('i')], ['b', placed('i')]), [2])
  const paid = ['a', { type: 'delivered' }] as const
  deepEqual(wrongIn(['a', placed('i')], paid, ['b', failed], ['c', placed('i')]), [4])
})

test('verify bills: sent out for another amount than its bill: told (PPI2)', () => {
  deepEqual(wrongIn(['a', placed('i')], ['a', dispatched()], ['b', dispatched(1)]), [])
  deepEqual(wrongIn(['a', placed('i')], ['a', dispatched(40_001)]), [2])
})
