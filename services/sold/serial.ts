/**
 * When two serial numbers are the same, and when one says nothing. Suppliers space, case and
 * decorate theirs as they like, and write words where they have none.
 *
 * STB1. Case, spaces and punctuation do not count. Of a token with particulars behind it
 *       (`1234-5678-9012-3456-7890/NAME/R1`) the token counts.
 * STB2. What is too short, has too few digits, repeats one character, is a day or time, or is only
 *       the number that was topped up, is nobody's own: it is not compared.
 */

import { fingerprint, type Key } from '../../engine/ids.ts'

const lengthMin = 6
const digitsMin = 4
/** A part before a slash that has so many digits is a token, and what is behind it about whom. */
const tokenDigitsMin = 10
/** What is left beside the number that was topped up must be more than a prefix. */
const besideMin = 4

/** The letters and digits that make it its own; null when there are none. */
export function squeezed(sn: string, destination = ''): string | null {
  const [first = ''] = sn.split('/', 1)
  const part = digitsIn(first) >= tokenDigitsMin ? first : sn
  const word = bare(part)
  if (word.length < lengthMin || digitsIn(word) < digitsMin) return null
  if (/^(.)\1*$/u.test(word) || isTime(word)) return null
  const number = bare(destination).replace(/^(?:62|0)/, '')
  if (number.length >= lengthMin && word.includes(number)) {
    const beside = word.replace(number, '').replace(/^(?:62|0)$/, '')
    if (beside.length < besideMin) return null
  }
  return word
}

/** As it is kept: of one supplier's word, 62 bits. */
export const serialKey = (supplier: string, word: string): Key => fingerprint(supplier, word)

const bare = (text: string): string => {
  const isPlain = isAscii(text)
  const upper = (isPlain ? text : text.normalize('NFKC')).toUpperCase()
  return upper.replace(isPlain ? /[^A-Z0-9]+/g : /[^\p{L}\p{N}]+/gu, '')
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

function digitsIn(text: string): number {
  let digits = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 0x30 && code <= 0x39) digits++
  }
  return digits
}

/** `20261121`, with hours or with seconds, or the day first. */
const isTime = (word: string): boolean =>
  /^(?:20\d\d(?:0\d|1[0-2])[0-3]\d|[0-3]\d(?:0\d|1[0-2])20\d\d)(?:\d{4}|\d{6})?$/.test(word)
