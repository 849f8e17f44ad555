/**
 * JSON, as strictly as money deserves: one pass over the text builds the value and refuses what
 * JSON.parse lets through. Two keys of one name are a quarrel about what was meant; a number that
 * is not a plain safe integer is not an amount of rupiah; deep nesting is an attack on the stack.
 *
 * GJ1. What it accepts, JSON.parse accepts, and both build the same value.
 * GJ2. An object with the same key twice is refused.
 * GJ3. Numbers are whole: no fraction, no exponent, no -0, nothing beyond the safe integers.
 * GJ4. Nesting deeper than the limit is refused before it costs stack.
 * GJ5. Bytes that are not UTF-8 are refused, never repaired.
 */

import { isAscii, isUtf8 } from 'node:buffer'

type Parsed = { readonly value: unknown } | { readonly problem: Problem; readonly at: number }

type Problem =
  | 'not_json'
  | 'not_utf8'
  | 'duplicate_key'
  | 'number_not_whole'
  | 'number_too_large'
  | 'too_deep'

type Strictness = { readonly depthMax: number; readonly numbers: 'whole' | 'any' }

const house: Strictness = { depthMax: 16, numbers: 'whole' }

export function parseStrict(bytes: Buffer, strictness: Strictness = house): Parsed {
  if (isAscii(bytes)) return parseStrictText(bytes.toString('latin1'), strictness)
  if (!isUtf8(bytes)) return { problem: 'not_utf8', at: 0 }
  return parseStrictText(bytes.toString('utf8'), strictness)
}

export function parseStrictText(source: string, strictness: Strictness = house): Parsed {
  text = source
  at = 0
  problem = null
  limit = strictness.depthMax
  whole = strictness.numbers === 'whole'
  const value = readValue(0)
  skipSpace()
  if (problem === null && at < text.length) fail('not_json')
  text = ''
  return problem === null ? { value } : { problem, at }
}

// The parser never yields, so one set of module variables serves all: no object per body, no
// closure per value. `problem` is sticky: once set, everybody returns.
let text = ''
let at = 0
let problem: Problem | null = null
let limit = 0
let whole = true

function fail(what: Problem): undefined {
  problem ??= what
  return undefined
}

function skipSpace() {
  for (;;) {
    const c = text.charCodeAt(at)
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return
    at++
  }
}

function readValue(depth: number): unknown {
  skipSpace()
  switch (text.charCodeAt(at)) {
    case 0x7b:
      return readObject(depth + 1)
    case 0x5b:
      return readArray(depth + 1)
    case 0x22:
      return readString()
    case 0x74:
      return readWord('true', true)
    case 0x66:
      return readWord('false', false)
    case 0x6e:
      return readWord('null', null)
    default:
      return readNumber()
  }
}

function readWord(word: string, value: boolean | null): unknown {
  if (!text.startsWith(word, at)) return fail('not_json')
  at += word.length
  return value
}

function readObject(depth: number): unknown {
  if (depth > limit) return fail('too_deep')
  const object: Record<string, unknown> = {}
  at++
  skipSpace()
  if (text.charCodeAt(at) === 0x7d) {
    at++
    return object
  }
  for (;;) {
    skipSpace()
    if (text.charCodeAt(at) !== 0x22) return fail('not_json')
    const key = readString()
    if (problem !== null) return undefined
    if (Object.hasOwn(object, key!)) return fail('duplicate_key')
    skipSpace()
    if (text.charCodeAt(at) !== 0x3a) return fail('not_json')
    at++
    const value = readValue(depth)
    if (problem !== null) return undefined
    // Plain assignment to __proto__ would change what the object is.
    if (key === '__proto__')
      Object.defineProperty(object, key, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      })
    else object[key!] = value
    skipSpace()
    const c = text.charCodeAt(at++)
    if (c === 0x7d) return object
    if (c !== 0x2c) return fail('not_json')
  }
}

function readArray(depth: number): unknown {
  if (depth > limit) return fail('too_deep')
  const array: unknown[] = []
  at++
  skipSpace()
  if (text.charCodeAt(at) === 0x5d) {
    at++
    return array
  }
  for (;;) {
    array.push(readValue(depth))
    if (problem !== null) return undefined
    skipSpace()
    const c = text.charCodeAt(at++)
    if (c === 0x5d) return array
    if (c !== 0x2c) return fail('not_json')
  }
}

function readString(): string | undefined {
  const start = ++at
  for (;;) {
    const c = text.charCodeAt(at)
    if (c === 0x22) return text.slice(start, at++)
    if (c === 0x5c) return readEscaped(start)
    // NaN is the end of the text; it fails this comparison too.
    if (!(c >= 0x20)) return fail('not_json')
    at++
  }
}

/** The rare string with escapes: find its end, let the platform undo them. */
function readEscaped(start: number): string | undefined {
  for (;;) {
    const c = text.charCodeAt(at)
    if (c === 0x22) break
    if (!(c >= 0x20)) return fail('not_json')
    at += c === 0x5c ? 2 : 1
  }
  at++
  try {
    return JSON.parse(text.slice(start - 1, at)) as string
  } catch {
    return fail('not_json')
  }
}

const shape = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y

function readNumber(): unknown {
  shape.lastIndex = at
  const match = shape.exec(text)
  if (match === null) return fail('not_json')
  const digits = match[0]
  const value = Number(digits)
  if (whole) {
    if (match[1] !== undefined || match[2] !== undefined || Object.is(value, -0))
      return fail('number_not_whole')
    if (!Number.isSafeInteger(value)) return fail('number_too_large')
  }
  at += digits.length
  return value
}
