/** Whether anything can still become of an attempt: a question to the order that made it. */

import type { OrderState } from '../../actors/order/order-contract.ts'
import { keyOf, shardOf } from '../../engine/ids.ts'
import type { EngineRoom } from '../engine-room.ts'
import { parseRef } from './reference.ts'

export function makeIsSettled(room: Pick<EngineRoom, 'engine' | 'shards'>) {
  return async (ref: string): Promise<boolean> => {
    const parsed = parseRef(ref)
    if (parsed === null || shardOf(parsed.order) >= room.shards) return false
    const place = { shard: shardOf(parsed.order), key: keyOf(parsed.order), kind: 'order' }
    const { id, state } = await room.engine.ask(place)
    return id === parsed.order && hasSettled(state as OrderState, parsed.n)
  }
}

export type AttemptFacts = {
  readonly supplier: string
  readonly sku: string
  readonly dest: string
  readonly maxPrice: number
  readonly startedAt: number
  readonly bill?: number
}

/** What the attempt of this reference asked for; null when there is none. */
export function makeAttemptOf(room: Pick<EngineRoom, 'engine' | 'shards'>) {
  return async (ref: string): Promise<AttemptFacts | null> => {
    const parsed = parseRef(ref)
    if (parsed === null || shardOf(parsed.order) >= room.shards) return null
    const place = { shard: shardOf(parsed.order), key: keyOf(parsed.order), kind: 'order' }
    const { id, state } = await room.engine.ask(place)
    const known = state as OrderState
    if (id !== parsed.order || known.phase === 'absent') return null
    const { attempts, destination: dest, bill } = known.order
    const attempt = attempts[parsed.n - 1]
    if (attempt === undefined || attempt.ref !== ref) return null
    const { supplier, sku, maxPrice, startedAt } = attempt
    const facts = { supplier, sku, dest, maxPrice, startedAt }
    return bill === undefined ? facts : { ...facts, bill: bill.cost }
  }
}

export function hasSettled(state: OrderState, n: number): boolean {
  switch (state.phase) {
    case 'absent':
      return false
    case 'delivered':
    case 'failed':
    case 'refunded':
      return true
    case 'trying':
    case 'waiting':
    case 'parked': {
      const outcome = state.order.attempts[n - 1]?.outcome
      return outcome === 'success' || outcome === 'failed'
    }
  }
}
