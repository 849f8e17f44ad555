/**
 * What apps and countries are called. Each supplier has words of its own; whoever buys sees one row
 * for one thing, whichever supplier has it.
 *
 *   a supplier's word ─▶ what staff said of it ─▶ what everybody knows ─▶ itself
 *                                   └──────────────┴─▶ our word, its name, what else it is called
 *
 * NNA1. Words of one thing lead to the same word of ours; a word that nobody knows is its own.
 * NNA2. Countries are called as Indonesians call them, and found by their English names, their ISO
 *       codes and what else they are called.
 * NNA3. What staff said holds over what is known here. It leads to one place: what is said of that
 *       place is not followed further, so nothing goes in a circle.
 * NNA4. Whoever seeks finds what has every part of what was typed, in whatever letters and accents.
 */

import { knownApps, knownCountries, otherAppWords, shortNames } from './known-names.ts'
import { nameWord } from './supplier/asking.ts'

export type NameKind = 'service' | 'country'

export type Named = {
  /** Our word. */
  readonly id: string
  readonly name: string
  readonly english: string
  /** By what else it may be found; not its name, and not what staff made of it. */
  readonly also: readonly string[]
  /** Who says so: a person, everybody, or nobody but its supplier. */
  readonly by: 'staff' | 'known' | 'supplier'
}

/** What staff said of a word: what it is, and what that is called; null: as it was. */
export type Said = {
  readonly kind: NameKind
  readonly word: string
  readonly id: string
  readonly name: string | null
}

export type Names = {
  /** `told` is its name where nobody knows the word. */
  readonly of: (kind: NameKind, word: string, told: string) => Named
  readonly id: (kind: NameKind, word: string) => string
}

type Known = Pick<Named, 'id' | 'name' | 'english' | 'also'>

const indonesian = new Intl.DisplayNames('id', { type: 'region' })
const english = new Intl.DisplayNames('en', { type: 'region' })

/** By each of its words. */
const known: Readonly<Record<NameKind, ReadonlyMap<string, Known>>> = {
  service: new Map(Object.entries(knownApps).flatMap(([code, name]) => appOf(code, name))),
  country: new Map(Object.entries(knownCountries).flatMap(([code, all]) => countryOf(code, all))),
}

export function makeNames(said: readonly Said[]): Names {
  const byWord = { service: new Map<string, Said>(), country: new Map<string, Said>() }
  for (const one of said) byWord[one.kind].set(one.word, one)

  /** Where nobody said anything of the word itself. */
  function plain(kind: NameKind, word: string, told: string): Named {
    const found = known[kind].get(word)
    if (found !== undefined) return { ...found, by: 'known' }
    return { id: word, name: told, english: told, also: [], by: 'supplier' }
  }

  function of(kind: NameKind, word: string, told: string): Named {
    const mine = byWord[kind].get(word)
    if (mine === undefined) {
      const found = plain(kind, word, told)
      return { ...found, name: byWord[kind].get(found.id)?.name ?? found.name }
    }
    const place = plain(kind, mine.id, told)
    const name = mine.name ?? byWord[kind].get(place.id)?.name ?? place.name
    return { ...place, name, by: 'staff' }
  }

  return { of, id: (kind, word) => of(kind, word, word).id }
}

function appOf(code: string, name: string): [string, Known][] {
  const id = nameWord(name)
  const also = [code, ...wordsIn(otherAppWords[code] ?? '')]
  const app = { id, name, english: name, also }
  return [id, ...also].map(word => [word, app])
}

function countryOf(code: string, all: string): [string, Known][] {
  const [id = '', ...others] = wordsIn(all)
  const name = shortNames[code]?.id ?? indonesian.of(code) ?? id
  const inEnglish = shortNames[code]?.en ?? english.of(code) ?? id
  const iso = code.toLowerCase()
  const country = { id, name, english: inEnglish, also: [inEnglish, iso, ...others] }
  const words = [id, nameWord(name), nameWord(inEnglish), iso, ...others]
  return words.map(word => [word, country])
}

function wordsIn(text: string): readonly string[] {
  return text.split(' ').filter(word => word !== '')
}

/** What is sought in: everything that it is called, in one line. */
export const soughtIn = (texts: Iterable<string>): string =>
  ` ${[...texts].map(plainText).join(' ')} `

/** What was typed, as parts that have to be there; empty: anything will do. */
export const partsOf = (typed: string): readonly string[] => wordsIn(plainText(typed))

const plainText = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
