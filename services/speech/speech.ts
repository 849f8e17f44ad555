/**
 * What a box says: a merchant's own sentence, or its language's, with the amount in words.
 *
 *   'Terima kasih, {jumlah} rupiah' + 50,123 ─▶ 'Terima kasih, lima puluh ribu seratus …'
 *
 *   {jumlah} in words   {angka} as Rp50.123   {toko} {outlet} {terminal} names   {kali} how many
 *
 * SPE1. A sentence of a merchant's says the amount, is short, has only places that we know, and no
 *       control characters; what is wrong with it is named before it is kept.
 * SPE2. Filling never fails: a place without a value, or one that we do not know, is left out.
 * SPE3. A value is never read as a sentence again, and a name is cut before it drowns the amount.
 * SPE4. What came out longer than a box takes is said in the language's own words instead.
 * SPE5. A language that we do not have is spoken in Indonesian.
 */

import { english } from './english.ts'
import { indonesian } from './indonesian.ts'
import { javanese } from './javanese.ts'
import type { Language } from './language.ts'

export const languages: readonly Language[] = [indonesian, english, javanese]

const byCode = new Map(languages.map(language => [language.code, language]))

export const languageOf = (code: string): Language => byCode.get(code) ?? indonesian
export const isLanguage = (code: string): boolean => byCode.has(code)

export const sentenceCharsMax = 200
export const spokenCharsMax = 500
const placesMax = 10
const nameCharsMax = 40

const placeNames = ['jumlah', 'angka', 'toko', 'outlet', 'terminal', 'kali'] as const
type PlaceName = (typeof placeNames)[number]
const place = /\{([^{}]*)\}/g

type Facts = {
  readonly amount: number
  readonly shop?: string
  readonly outlet?: string
  readonly terminal?: string
}

type SentenceWrong =
  | 'empty'
  | 'too_long'
  | 'control'
  | 'brace_open'
  | 'place_unknown'
  | 'too_many_places'
  | 'amount_missing'

/** A payment, in words. `sentence` is the merchant's own, when there is one. */
export function payment(
  facts: Facts,
  how: { readonly language: string; readonly sentence?: string | null },
): string {
  const language = languageOf(how.language)
  return said(how.sentence ?? language.payment, language.payment, valuesOf(facts, language))
}

/** Several that nobody heard, in one line for the display: it is shown, never spoken. */
export function missed(
  facts: Facts & { readonly count: number },
  how: { readonly language: string },
): string {
  const language = languageOf(how.language)
  const values = { ...valuesOf(facts, language), kali: () => String(facts.count) }
  return said(language.missed, language.missed, values)
}

/** Why a merchant can't have this sentence, or nothing. */
export function wrongWith(sentence: string): SentenceWrong | undefined {
  if (sentence.trim() === '') return 'empty'
  if (sentence.length > sentenceCharsMax) return 'too_long'
  if (/\p{Cc}/u.test(sentence) || !sentence.isWellFormed()) return 'control'
  if (/[{}]/.test(sentence.replace(place, ''))) return 'brace_open'
  const names = placesIn(sentence)
  if (!names.every(isPlace)) return 'place_unknown'
  if (names.length > placesMax) return 'too_many_places'
  return names.includes('jumlah') ? undefined : 'amount_missing'
}

function said(sentence: string, own: string, values: Values): string {
  const text = filled(sentence, values)
  return text.length > 0 && text.length <= spokenCharsMax ? text : filled(own, values)
}

/** Made where a sentence has a place for them. */
type Values = Readonly<Partial<Record<PlaceName, () => string>>>

function filled(sentence: string, values: Values): string {
  const text = sentence.replace(place, (_, name: string) => {
    const known = nameIn(name)
    return isPlace(known) ? (values[known]?.() ?? '') : ''
  })
  return text
    .replace(/\s+/g, ' ')
    .replace(/ ([,.!?])/g, '$1')
    .trim()
}

function valuesOf({ amount, shop, outlet, terminal }: Facts, language: Language): Values {
  return {
    jumlah: () => language.words(amount),
    angka: () => `Rp${String(amount).replace(/\B(?=(?:\d{3})+$)/g, '.')}`,
    toko: () => shortened(shop),
    outlet: () => shortened(outlet),
    terminal: () => shortened(terminal),
  }
}

const shortened = (name = ''): string =>
  Array.from(name.replace(/\p{Cc}/gu, ' '))
    .slice(0, nameCharsMax)
    .join('')
    .trim()

const placesIn = (sentence: string): readonly string[] =>
  [...sentence.matchAll(place)].map(([, name]) => nameIn(name!))

const nameIn = (typed: string): string => typed.trim().toLowerCase()
const isPlace = (name: string): name is PlaceName => placeNames.some(each => each === name)
