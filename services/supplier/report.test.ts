import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { unknown } from './adapter.ts'
import { cleanSn, reportOf } from './report.ts'

const circumstances = { n: 2, ms: 7, via: 'check' } as const
const heard = { reply: '', supplierTrouble: false }

test('report: a serial number: bounded, and without what no table takes (S4)', () => {
  equal(cleanSn(' 1234-5678\u0000\r\n/ANI/R1 '), '1234-5678 /ANI/R1')
  equal(cleanSn('语'.repeat(1_000)), '语'.repeat(341))
  const reading = { ...heard, outcome: 'success', sn: 'A\tB', cost: 0, balance: null } as const
  deepEqual(reportOf(reading, circumstances), {
    ...circumstances,
    ...{ outcome: 'success', sn: 'A B', cost: 0 },
  })
})

test('report: nothing known: why is its code, and no word more than there was (S3)', () => {
  deepEqual(reportOf(unknown('timeout'), circumstances), {
    ...circumstances,
    ...{ outcome: 'unknown', code: 'timeout' },
  })
})
