import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { alike } from './alike.ts'

test('alike: more names than are kept: each comes back as it is (AL1)', () => {
  for (const round of [1, 2]) {
    for (let n = 0; n < 30_000; n++) equal(alike(`name-${n}`), `name-${n}`, `round ${round}`)
  }
})
