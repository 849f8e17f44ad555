import { deepEqual, equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseStrict, parseStrictText } from './strict-json.ts'

const any = { depthMax: 1_000, numbers: 'any' } as const
const valueIn = (text: string) => {
  const parsed = parseStrictText(text, any)
  return 'value' in parsed ? parsed.value : parsed.problem
}
const problemOf = (text: string) => {
  const parsed = parseStrict(Buffer.from(text))
  return 'problem' in parsed ? parsed.problem : null
}

test('strict json: any value, printed any way: read as JSON.parse reads it (GJ1)', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.nat(4), (text, indent) => {
      const printed = JSON.stringify(JSON.parse(text), null, indent)
      deepEqual(valueIn(printed), JSON.parse(printed))
    }),
  )
})

test('strict json: any text at all: accepted only if JSON.parse accepts it (GJ1)', () => {
  const piece = fc.constantFrom(
    ...['{', '}', '[', ']', ',', ':', '"a"', '"', '\\', 'u12', '1', '-', '0', '.', 'e', '+'],
    ...['true', 'nul', 'null', ' ', '\n', '\t', '\u0000', '\u2028', 'é', '"\\n"', '"\\x"', '__'],
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), pieces => {
      const text = pieces.join('')
      const parsed = parseStrictText(text, any)
      if ('value' in parsed) deepEqual(parsed.value, JSON.parse(text))
      else if (parsed.problem === 'not_json') throws(() => JSON.parse(text))
    }),
    { numRuns: 20_000 },
  )
})

test('strict json: a broken document: refused where it breaks (GJ1)', () => {
  const broken = ['', ' ', '{', '{"a"', '{"a":', '{"a":1', '{"a":1,}', '[1,]', '[1 2]', '"a', '"\\']
  for (const text of [...broken, 'NaN', 'Infinity', '01', '+1', '.5', '1.', 'tru', '1 1', '"\t"'])
    equal(problemOf(text), 'not_json', text)
})

test('strict json: __proto__ as a key: a plain field, not a change of nature (GJ1)', () => {
  const parsed = valueIn('{"__proto__":{"admin":true}}') as Record<string, unknown>
  equal(Object.getPrototypeOf(parsed), Object.prototype)
  equal(parsed['admin'], undefined)
  equal(problemOf('{"__proto__":1,"__proto__":2}'), 'duplicate_key')
})

test('strict json: the same key twice: refused, however deep or disguised (GJ2)', () => {
  equal(problemOf('{"a":1,"a":1}'), 'duplicate_key')
  equal(problemOf('{"a":1,"\\u0061":2}'), 'duplicate_key')
  equal(problemOf('[{"b":{"a":1,"c":2,"a":3}}]'), 'duplicate_key')
  equal(problemOf('{"a":{"a":1},"b":{"a":1}}'), null)
})

test('strict json: numbers: only plain whole ones that are exact (GJ3)', () => {
  for (const text of ['1.5', '1.0', '1e3', '1E3', '1e-2', '-0', '[-0.0]'])
    equal(problemOf(text), 'number_not_whole', text)
  for (const text of ['9007199254740992', '-9007199254740993', '123456789012345678901234567890'])
    equal(problemOf(text), 'number_too_large', text)
  equal(problemOf('1e21'), 'number_not_whole')
  for (const number of [0, 1, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])
    deepEqual(parseStrictText(String(number)), { value: number })
})

test('strict json: nesting: sixteen deep is enough for anybody (GJ4)', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  equal(problemOf(nested(16)), null)
  equal(problemOf(nested(17)), 'too_deep')
  equal(problemOf('{"a":'.repeat(17)), 'too_deep')
  equal(problemOf('['.repeat(60_000)), 'too_deep')
})

test('strict json: bytes that are not UTF-8: refused, not repaired (GJ5)', () => {
  const quoted = (...bytes: number[]) => Buffer.from([0x22, ...bytes, 0x22])
  for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf]])
    deepEqual(parseStrict(quoted(...bytes)), { problem: 'not_utf8', at: 0 })
  deepEqual(parseStrict(quoted(0xc3, 0xa9)), { value: 'é' })
})

test('strict json: one document after another: nothing is left over between them (GJ1)', () => {
  equal(problemOf('{"a":'), 'not_json')
  deepEqual(parseStrictText('{"a":1}'), { value: { a: 1 } })
})
