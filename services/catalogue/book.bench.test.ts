import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { run } from './book.bench.ts'

test('book: bench: runs, and says the same as ever', () => {
  equal(run({ products: 20, quotes: 200 }).hash, 'd2619c404c680263')
})
