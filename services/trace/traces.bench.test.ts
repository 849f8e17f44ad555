import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { measure } from './traces.bench.ts'

test('traces: bench: off costs next to nothing, the usual ratio little (TRC1)', () => {
  const { off, usual, all } = measure(3, 5_000)
  // Generous, for a machine that does other things as well: what matters is the kind of number.
  ok(off < 2 && usual < 20, `${off} and ${usual} µs`)
  ok(usual < all, `${usual} of ${all} µs`)
})
