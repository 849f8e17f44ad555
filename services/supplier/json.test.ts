import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { digitsIn, readJson, rupiahIn, truthIn, wordIn } from './json.ts'

const unread: Record<string, [text: string, why: string]> = {
  nothing: ['', 'body_empty'],
  'blanks only': [' \r\n\t', 'body_empty'],
  'half a body': ['{"data":{"rc":"0', 'not_json'],
  'a name twice': ['{"rc":"00","rc":"02"}', 'name_twice'],
  'a name twice with the same word': ['{"rc":"00","rc":"00"}', 'name_twice'],
  'a name twice, deep down': ['[{"a":[{"b":{"c":1,"d":2,"c":3}}]}]', 'name_twice'],
  'a name twice, written differently': ['{"rc":"00" , "r\\u0063" : "02"}', 'name_twice'],
}
for (const [what, [text, why]] of Object.entries(unread)) {
  test(`json: ${what}: not read (ADB1)`, () => equal(readJson(text), why))
}

test('json: the same name in different objects, and as a word: read (ADB1)', () => {
  const texts = [
    '{"rc":"rc","data":{"rc":"00"},"more":[{"rc":1},{"rc":2}]}',
    '{"message":"\\"rc\\":1, {\\"rc\\":2}","rc":"\\\\"}',
  ]
  for (const text of texts) deepEqual(readJson(text), { value: JSON.parse(text) })
})

test('json: whatever JSON prints: read as it was (ADB1)', () => {
  fc.assert(
    fc.property(fc.json(), text => {
      // A printed object has each name once, but for names that only differ before printing.
      deepEqual(readJson(text), { value: JSON.parse(text) })
    }),
  )
})

test('json: ten megabytes, and fifty thousand levels: read or refused (ADB2)', () => {
  const long = `{"message":"${'x'.repeat(10_000_000)}"}`
  equal(typeof readJson(long), 'object')
  const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`
  const answer = readJson(deep)
  equal(typeof answer === 'object' || answer === 'not_json', true)
})

test('json: words and rupiah: what is neither is null (ADB1)', () => {
  deepEqual(
    ['x', ' x ', '', 7, 7.5, null, [], true].map(value => wordIn({ value }, 'value')),
    ['x', 'x', null, '7', null, null, null, null],
  )
  deepEqual([7, '7', ' 7 ', 7.5, '7.5', -7, '7.000', 1e30, 'x', null].map(rupiahIn), [
    7,
    7,
    7,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
  ])
})

test('json: yes and no: however they are written (ADB1)', () => {
  deepEqual([true, 'true', 'TRUE ', 'success', 1, '1'].map(truthIn), Array(6).fill(true))
  deepEqual([false, 'false', 0, '0'].map(truthIn), Array(4).fill(false))
  deepEqual([null, undefined, '', 'x', 2, {}, []].map(truthIn), Array(7).fill(null))
})

test('json: a long number: its digits as they were written (ADB1)', () => {
  equal(digitsIn('{"a":"sn","sn" : 12345678901234567890}', 'sn'), '12345678901234567890')
  equal(digitsIn('{"sn":"1"}', 'sn'), '')
  equal(digitsIn('{}', 'sn'), '')
})
