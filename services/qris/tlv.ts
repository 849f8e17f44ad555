/**
 * Fields as EMVCo's QR strings them together: two digits of tag, two decimal digits of length, the
 * value. A template's value is again such a string, read only by who asks, so that what nobody
 * understands stays as it was, in its place.
 *
 *   '5802ID5911TOKO CONTOH' ─read─▶ [{ tag: '58', value: 'ID' }, { tag: '59', … }] ─write─▶ same
 *
 * QRA1. A length counts characters (Unicode code points), not bytes and not UTF-16 units; the check
 *       sum counts bytes. A value has 1 to 99 characters.
 * QRA2. What was read is written back the same, byte for byte; unknown tags keep their order.
 * QRA3. Reading throws at nothing: what can not be read is a problem that names where it stands.
 */

export type Field = { readonly tag: string; readonly value: string }

/** `path` is the tags from outside in, as in '62.07'; '' is the whole text. */
export type Problem = { readonly path: string; readonly code: ProblemCode }

export type ProblemCode =
  // how it is strung together
  | 'too_long'
  | 'not_unicode'
  | 'tag_unreadable'
  | 'length_unreadable'
  | 'empty'
  | 'cut_off'
  | 'repeated'
  // the frame
  | 'not_first'
  | 'not_last'
  | 'crc_mismatch'
  // what the rules ask
  | 'missing'
  | 'unexpected'
  | 'invalid'
  // what was wished of a QR that is all right in itself
  | 'already_dynamic'

type Problems = readonly [Problem, ...(readonly Problem[])]
export type Read<T> = { readonly ok: T } | { readonly problems: Problems }

export const isSome = (problems: readonly Problem[]): problems is Problems => problems.length > 0

const valueCharsMax = 99
const twoDigits = /^\d\d$/

/** All fields of a text, or the first place where it can not be read on. */
export function readFields(text: string, path = ''): Read<readonly Field[]> {
  if (!text.isWellFormed()) return { problems: [{ path, code: 'not_unicode' }] }
  const characters = isAscii(text) ? text : Array.from(text)
  const fields: Field[] = []
  for (let at = 0; at < characters.length; ) {
    const tag = cut(characters, at, at + 2)
    if (!twoDigits.test(tag)) return { problems: [{ path, code: 'tag_unreadable' }] }
    const here = within(path, tag)
    const digits = cut(characters, at + 2, at + 4)
    if (!twoDigits.test(digits)) return { problems: [{ path: here, code: 'length_unreadable' }] }
    const length = Number(digits)
    if (length === 0) return { problems: [{ path: here, code: 'empty' }] }
    if (at + 4 + length > characters.length) return { problems: [{ path: here, code: 'cut_off' }] }
    fields.push({ tag, value: cut(characters, at + 4, at + 4 + length) })
    at += 4 + length
  }
  return { ok: fields }
}

/** The text of fields that fit: who builds asks `misfitsIn` first. */
export function writeFields(fields: readonly Field[]): string {
  return fields
    .map(({ tag, value }) => `${tag}${String(charsIn(value)).padStart(2, '0')}${value}`)
    .join('')
}

/** What can not be written: a value of no characters, or of too many. */
export function misfitsIn(fields: readonly Field[], path = ''): readonly Problem[] {
  return fields.flatMap(({ tag, value }): readonly Problem[] => {
    const chars = charsIn(value)
    if (chars > 0 && chars <= valueCharsMax) return []
    return [{ path: within(path, tag), code: chars === 0 ? 'empty' : 'too_long' }]
  })
}

export function charsIn(text: string): number {
  return isAscii(text) ? text.length : Array.from(text).length
}

export const within = (path: string, tag: string): string => (path === '' ? tag : `${path}.${tag}`)

export const valueAt = (fields: readonly Field[], tag: string): string | undefined =>
  fields.find(field => field.tag === tag)?.value

/** Tags that stand there more than once, each named once. */
export function repeatedIn(fields: readonly Field[], path = ''): readonly Problem[] {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const { tag } of fields) (seen.has(tag) ? repeated : seen).add(tag)
  return [...repeated].map(tag => ({ path: within(path, tag), code: 'repeated' }))
}

function cut(characters: string | readonly string[], from: number, to: number): string {
  return typeof characters === 'string'
    ? characters.slice(from, to)
    : characters.slice(from, to).join('')
}

/** Then a character is one unit, and cutting is cheap. */
function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false
  return true
}
