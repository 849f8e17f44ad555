import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { order } from '../../actors/order/order.ts'
import type { OrderState } from '../../actors/order/order-contract.ts'
import { forget } from '../../engine/actor.ts'
import { Cell } from '../../engine/cell.ts'
import { makeId } from '../../engine/ids.ts'
import { Gauges } from './gauges.ts'
import { rebuildGauges } from './rebuild.ts'

const keyNo = (n: number) => n.toString(16).padStart(16, '0')

/** An order awake in memory, whose last attempt came to this. */
function awake(n: number, outcome: string): Cell {
  const cell = new Cell(forget(order), keyNo(n))
  cell.id = makeId(1, 0, keyNo(n))
  cell.live = true
  const attempt = { n: 1, supplier: 'digi', cost: 10_000, startedAt: 5, outcome }
  const state = { phase: 'waiting', order: { product: 'XLD10', attempts: [attempt] } }
  cell.state = state as unknown as OrderState as never
  return cell
}

test('rebuild: orders in memory: hang at once, and nobody waits for the sleepers (RTI2)', () => {
  const cells = new Map(
    ['started', 'unknown', 'pending', 'failed'].map((outcome, n) => [keyNo(n), awake(n, outcome)]),
  )
  const shard = { index: 0, seq: 7, cells, dormant: new Map([[keyNo(9), null]]) }
  const gauges = new Gauges()
  const starts: ReadonlyMap<number, number>[] = []
  const asked = Promise.withResolvers<never>()
  rebuildGauges({
    gauges,
    host: { shards: () => [shard], shard: () => shard } as never,
    follower: { begin: from => void starts.push(from) },
    db: { pool: { any: () => asked.promise } } as never,
  })
  equal(gauges.of('digi').hanging, 30_000)
  equal(gauges.open, 3)
  equal(starts[0]!.get(0), 7)
})
