import { deepEqual, equal, notEqual } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { forget } from '../../engine/actor.ts'
import { Cell } from '../../engine/cell.ts'
import { keyOf } from '../../engine/ids.ts'
import { decode } from '../../engine/record.ts'
import { lean } from './lean.ts'
import { order } from './order.ts'
import type { OrderState } from './order-contract.ts'

const golden = join(import.meta.dirname, '../../engine/golden/order-v1.jsonl')

/** Every state that the orders of a released journal ever had, each as if it was read back. */
function* states(): Generator<OrderState> {
  const cells = new Map<string, Cell>()
  for (const text of readFileSync(golden, 'utf8').trim().split('\n')) {
    const { body, seq } = JSON.parse(text)
    const record = decode(body)
    if (record.kind !== 'order') continue
    const cell = cells.get(record.id) ?? new Cell(forget(order), keyOf(record.id))
    cells.set(record.id, cell)
    cell.replay(record, seq)
    yield JSON.parse(JSON.stringify(cell.state))
  }
}

test('lean order: whatever it was: it says the same afterwards (OLN1)', () => {
  let count = 0
  for (const state of states()) {
    deepEqual(lean(state), JSON.parse(JSON.stringify(state)))
    count++
  }
  notEqual(count, 0)
  deepEqual(lean({ phase: 'absent' }), { phase: 'absent' })
})

test('lean order: two on the same terms: one plan; on other terms: their own (OLN2)', () => {
  const [first] = states()
  const again = () => JSON.parse(JSON.stringify(first))
  const planOf = (state: OrderState) => (state.phase === 'absent' ? null : state.order.plan)
  const one = planOf(lean(again()))
  equal(planOf(lean(again())), one)
  const dearer = again()
  dearer.order.plan[0][2]++
  const other = planOf(lean(dearer))
  notEqual(other, one)
  deepEqual(other, dearer.order.plan)
})
