import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { Attempt, OrderState } from '../../actors/order/order-contract.ts'
import { hasSettled } from './settled.ts'

type Placed = Extract<OrderState, { phase: 'trying' }>

function stateOf(phase: OrderState['phase'], outcomes: readonly Attempt['outcome'][]): OrderState {
  const attempts = outcomes.map((outcome, index) => ({ n: index + 1, outcome }))
  return { phase, order: { attempts } } as unknown as Placed
}

test('settled: while its attempt may still buy: no; once it is answered, or all is over: yes', () => {
  const cases: readonly (readonly [OrderState, n: number, boolean])[] = [
    [{ phase: 'absent' }, 1, false],
    [stateOf('trying', ['started']), 1, false],
    [stateOf('waiting', ['unknown']), 1, false],
    [stateOf('waiting', ['pending']), 1, false],
    [stateOf('parked', ['unknown']), 1, false],
    [stateOf('trying', []), 1, false],
    [stateOf('trying', ['failed', 'started']), 1, true],
    [stateOf('trying', ['failed', 'started']), 2, false],
    [stateOf('delivered', ['success']), 1, true],
    [stateOf('failed', ['unknown']), 1, true],
    [stateOf('refunded', ['success']), 1, true],
  ]
  for (const [state, n, expected] of cases) {
    equal(hasSettled(state, n), expected, `${state.phase} ${n}`)
  }
})
