/**
 * A supplier's JSON, read without guessing. The language lets a name stand twice in one object and
 * most readers take the last; where one says failed and the other success, that is a coin toss with
 * money.
 *
 * ADB1. What is empty, is no JSON, or names a thing twice in one object, is not read: a reason.
 * ADB2. Text of any size and depth is read or refused, in linear time and without recursion.
 */

export type Unread = 'body_empty' | 'not_json' | 'name_twice'

export type Fields = Readonly<Record<string, unknown>>

export function readJson(text: string): { readonly value: unknown } | Unread {
  if (text.trim() === '') return 'body_empty'
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'not_json'
  }
  return hasNameTwice(text) ? 'name_twice' : { value }
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A field as text; null when it is absent, empty or no word at all. */
export function wordIn(fields: Fields, name: string): string | null {
  const value = fields[name]
  if (typeof value === 'string') {
    const word = value.trim()
    return word === '' ? null : word
  }
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : null
}

/** Whole rupiah, a number or its digits; null when it is neither. */
export function rupiahIn(value: unknown): number | null {
  const amount =
    typeof value === 'string' && /^\d{1,15}$/.test(value.trim()) ? Number(value) : value
  return typeof amount === 'number' && Number.isSafeInteger(amount) && amount >= 0 ? amount : null
}

/** Yes or no, which some write as text or number; null when it is neither. */
export function truthIn(value: unknown): boolean | null {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : value
  if (word === true || word === 'true' || word === 'success' || word === 1 || word === '1') {
    return true
  }
  return word === false || word === 'false' || word === 0 || word === '0' ? false : null
}

/** A number as it was written: as a number it would lose digits. Empty when it stands nowhere. */
export function digitsIn(text: string, name: string): string {
  return new RegExp(`"${name}"\\s*:\\s*(\\d+)\\s*[,}]`).exec(text)?.[1] ?? ''
}

const quote = 0x22
const backslash = 0x5c
const braceOpen = 0x7b
const braceClose = 0x7d
const colon = 0x3a

/** Of text that is JSON. By hand, because this runs for every reply. */
function hasNameTwice(text: string): boolean {
  const open: Set<string>[] = []
  let at = 0
  while (at < text.length) {
    const sign = text.charCodeAt(at)
    if (sign === quote) {
      const end = endOfText(text, at)
      let next = end + 1
      while (isBlank(text.charCodeAt(next))) next++
      if (text.charCodeAt(next) === colon) {
        const names = open.at(-1)!
        const raw = text.slice(at, end + 1)
        const name = raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1)
        if (names.has(name)) return true
        names.add(name)
      }
      at = next
      continue
    }
    if (sign === braceOpen) open.push(new Set())
    else if (sign === braceClose) open.pop()
    at++
  }
  return false
}

function endOfText(text: string, start: number): number {
  let at = start + 1
  for (;;) {
    const sign = text.charCodeAt(at)
    if (sign === quote) return at
    at += sign === backslash ? 2 : 1
  }
}

const isBlank = (sign: number): boolean =>
  sign === 0x20 || sign === 0x0a || sign === 0x0d || sign === 0x09
