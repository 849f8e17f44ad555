import { deepEqual, equal, match, notEqual, throws } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decode, effectId, encode, genesis, type JournalRecord, seal } from './record.ts'

const id = '0199c82c-fdc0-7003-abaa-c388aa9f2683'
const bare: JournalRecord = {
  kind: 'lamp',
  version: 1,
  id,
  born: false,
  owner: undefined,
  at: 5,
  command: 'light',
  cause: undefined,
  events: [{ type: 'lit' }],
  entries: [],
  claims: [],
  releases: [],
}
const full: JournalRecord = {
  ...bare,
  owner: 'wallet:a',
  born: true,
  cause: effectId(id, 3, 0),
  events: [{ type: 'lit', note: 'two\nlines, "quoted"   ' } as { type: string }],
  entries: [['move', 'n', 'wallet:a', 'sales', 7, [1, 2, 3], [4, 5, 6]]],
  claims: [['word', 99]],
  releases: ['other'],
}

test('record: write and read: the same comes back, on one line (R2)', () => {
  for (const record of [bare, full]) {
    deepEqual(decode(encode(record)), record)
    match(encode(record), /^[^\n]+$/)
  }
})

test('record: any text: whatever an event says stays on one line (R2)', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), (command, value) => {
      const plain = JSON.parse(JSON.stringify(value))
      const record = {
        ...bare,
        command,
        events: [{ type: 'lit', value: plain } as { type: string }],
      }
      equal(encode(record).includes('\n'), false)
      deepEqual(decode(encode(record)), record)
    }),
  )
})

test('record: what is empty is not written, what is unknown is ignored (R2)', () => {
  const line = JSON.parse(encode(bare))
  deepEqual(Object.keys(line), ['v', 'k', 'kv', 'id', 'at', 'c', 'e'])
  deepEqual(decode(JSON.stringify({ ...line, later: 'version' })), bare)
})

test('record: the mark of a birth stands among the first fields (R2)', () => {
  match(encode(full).slice(0, 200), /"b":1,/)
})

test('record: a line of another format is not guessed at (R2)', () => {
  const line = { ...JSON.parse(encode(bare)), v: 2 }
  throws(() => decode(JSON.stringify(line)), /R2/)
})

test('record: seal: the chain is fixed for ever (R1)', () => {
  equal(seal(genesis, 7, 1, '{"a":1}'), '9580810b0150335d3bed0801763b50ea')
})

test('record: seal: every part of it matters (R1)', () => {
  const usual = seal(genesis, 7, 1, 'body')
  match(usual, /^[0-9a-f]{32}$/)
  notEqual(seal('1'.repeat(32), 7, 1, 'body'), usual)
  notEqual(seal(genesis, 8, 1, 'body'), usual)
  notEqual(seal(genesis, 7, 2, 'body'), usual)
  notEqual(seal(genesis, 7, 1, 'bodi'), usual)
})
