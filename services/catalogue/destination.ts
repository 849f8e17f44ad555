/**
 * What people write for a destination, made one: the twin guard, the reference and the supplier
 * must see the same number however it was typed or pasted.
 *
 *   ' +62 812-3456.7890 #2\n'  ─▶  { destination: '081234567890', counter: 2 }
 *
 * C31. Full-width digits, invisible characters, spaces, dashes, dots and line ends don't matter.
 * C32. +62, 62, 0062 and a bare 8 all become 0; what is no Indonesian mobile number of 10 to 13
 *     digits is refused, never guessed.
 * C33. A canonical destination stays as it is.
 * C34. A meter is 11 or 12 digits, and keeps its leading zeros.
 * C35. `#2` to `#99` at the end is the client's counter for a repeat; without it the counter is 1.
 * C36. An account keeps its dots, dashes and case, which mean something there.
 */

export type DestinationKind = 'phone' | 'meter' | 'account'

type Destination = { readonly destination: string; readonly counter: number }

/** Null for what can't be a destination of this kind. */
export function parseDestination(text: string, kind: DestinationKind): Destination | null {
  if (kind === 'phone' && canonicalPhone.test(text)) return { destination: text, counter: 1 }
  if (text.length > lengthMax) return null

  const visible = text.normalize('NFKC').replace(invisible, '')
  const counted = /^([^#]*)#\s*([1-9]\d?)\s*$/.exec(visible)
  const counter = counted ? Number(counted[2]) : 1
  const destination = makers[kind](counted ? counted[1]! : visible)
  return destination === null ? null : { destination, counter }
}

const lengthMax = 100

const canonicalPhone = /^08\d{8,11}$/

/** Format characters (zero width, direction, soft hyphen), control characters, variation marks. */
const invisible = /[\p{Cf}\p{Cc}]|[\uFE00-\uFE0F]/gu

/** Spaces, dots, and all that looks like a dash (NFKC leaves most of them alone). */
const separators = /[\s.\-\u2010-\u2015\u2212\u2043\u30FB\u30FC]/g

const makers: Record<DestinationKind, (text: string) => string | null> = {
  phone(text) {
    const bare = text.replace(separators, '')
    const national = /^(?:\+62|62|0062)0?(8\d*)$/.exec(bare)?.[1] ?? /^0?(8\d*)$/.exec(bare)?.[1]
    const phone = `0${national}`
    return canonicalPhone.test(phone) ? phone : null
  },

  meter(text) {
    const bare = text.replace(separators, '')
    return /^\d{11,12}$/.test(bare) ? bare : null
  },

  account(text) {
    const bare = text.replace(/\s/g, '')
    return /^[\w@.+\-|():,/]{3,64}$/.test(bare) ? bare : null
  },
}
