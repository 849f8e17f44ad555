/** Faults of the engine in the words of the contract: what to do now, and whether money moved. */

import { Fault } from '../engine/assert.ts'
import type { Faulted } from './contract/answer.ts'
import type { FaultCode } from './contract/words.ts'

const codes: Record<Fault['code'], readonly [FaultCode, retryAfterMs: number]> = {
  'engine.overloaded': ['OVERLOADED', 1_000],
  'engine.stopping': ['STOPPING', 3_000],
  'journal.unavailable': ['JOURNAL_UNAVAILABLE', 2_000],
  'journal.fenced': ['NOT_THE_OWNER', 2_000],
  'shard.stopped': ['JOURNAL_UNAVAILABLE', 1_000],
}

/**
 * The answer for a fault. It never claims an effect on money: an earlier request with the same
 * reference may stand, and only repeating it tells.
 */
export function faulted(cause: unknown): Faulted {
  if (!(cause instanceof Fault)) throw cause
  const [fault, retryAfterMs] = codes[cause.code]
  return { fault, retryAfterMs }
}
