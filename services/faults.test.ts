import { deepEqual, equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '../engine/assert.ts'
import { faulted } from './faults.ts'

const codes = [
  ['engine.overloaded', 'OVERLOADED'],
  ['engine.stopping', 'STOPPING'],
  ['journal.unavailable', 'JOURNAL_UNAVAILABLE'],
  ['journal.fenced', 'NOT_THE_OWNER'],
  ['shard.stopped', 'JOURNAL_UNAVAILABLE'],
] as const

test('faults: every fault of the engine: a code of the contract, and when to ask again', () => {
  for (const [code, fault] of codes) {
    for (const untouched of [true, false]) {
      const answer = faulted(new Fault(code, { untouched }))
      equal(answer.fault, fault)
      equal(answer.retryAfterMs >= 1_000, true)
    }
  }
})

test('faults: what became of the money: nobody claims to know', () => {
  for (const [code] of codes) {
    deepEqual(Object.keys(faulted(new Fault(code, { untouched: true }))), ['fault', 'retryAfterMs'])
  }
})

test('faults: what is no fault of the world: goes on as the error that it is', () => {
  const mistake = new TypeError('ours')
  throws(() => faulted(mistake), mistake)
})
