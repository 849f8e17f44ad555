import { equal, ok } from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { isProven, keepable } from './proof.ts'

const word = hash('md5', 'username', 'hex')
const body = Buffer.from('{"data":{}}')

test('proof: the word itself: believed; any other, none, or none of ours: not (ADF1)', () => {
  ok(isProven(word, { word, body }))
  for (const claimed of [undefined, '', 'x', word.slice(1), `${word}0`, word.toUpperCase()]) {
    equal(isProven(claimed, { word, body }), false, claimed)
  }
  equal(isProven('', { word: '', body }), false)
  equal(isProven(keepable('', body), { word: '', body }), false)
})

test('proof: what is kept: hides the word and proves this body only (ADF2)', () => {
  const stored = keepable(word, body)
  ok(!stored.includes(word))
  ok(isProven(stored, { word, body }))
  equal(keepable(stored, body), stored)
  equal(isProven(stored, { word, body: Buffer.from('{"data":{} }') }), false)
  equal(isProven(keepable('other', body), { word, body }), false)
})
