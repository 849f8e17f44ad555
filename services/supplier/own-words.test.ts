import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { rcOfOrder } from '../wire/digiflazz.ts'
import { isNotSent, ours, theirs } from './own-words.ts'

test('own words: about a supplier: our limits say nothing, its refused connections do (SOW1)', () => {
  const words = ['queue_timeout', 'queue_full', 'bad_request', 'closing', 'left_out', 'lane_busy']
  deepEqual(
    words.filter(word => !ours.has(word)),
    [],
  )
  const theirs = ['connect_refused', 'dns_failed', 'answer_timeout', 'bill_not_told', '02', '']
  deepEqual(
    theirs.filter(word => ours.has(word)),
    [],
  )
})

test('own words: a failure: what never left, nobody refused (SOW2)', () => {
  for (const code of ['queue_timeout', 'connect_refused', 'left_out', 'bill_changed']) {
    equal(isNotSent({ outcome: 'failed', code }), true, code)
  }
  equal(isNotSent({ outcome: 'unknown', code: 'closing' }), false)
  for (const code of ['02', null]) equal(isNotSent({ outcome: 'failed', code }), false)
})

test("own words: a supplier's code: poses neither as one of ours nor as Digiflazz's (SOW3)", () => {
  deepEqual(['gagal', '400', '1', '005', 'S12'].map(theirs), ['gagal', '400', '1', '005', 'S12'])
  for (let n = 0; n < 100; n++) {
    const code = theirs(String(n).padStart(2, '0'))
    const attempts = [{ outcome: 'failed', code }]
    equal(rcOfOrder({ status: 'FAILED', attempts }), '02', code)
  }
  for (const code of ['queue_full', 'connect_refused', 'bill_changed', 'restarted']) {
    equal(isNotSent({ outcome: 'failed', code: theirs(code) }), false, code)
    equal(ours.has(theirs(code)), false)
  }
})
