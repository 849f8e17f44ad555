/**
 * What a language must be able to do: say any amount, and have a sentence of its own for a payment
 * and for several that were missed. A new language is one file and its row in `speech.ts`.
 *
 * SPA1. Every whole amount from 0 to 999,999,999,999,999 has words; anything else is an error of
 *       whoever asks, never a wrong word.
 * SPA2. Words are words only: no digits, no signs, single spaces. The currency is the sentence's.
 */

import { assert } from '../../engine/assert.ts'

export type Language = {
  /** As devices name it: 'id', 'en', 'jv'. */
  readonly code: string
  readonly name: string
  words(amount: number): string
  readonly payment: string
  readonly missed: string
}

const speakableMax = 999_999_999_999_999

export const isSpeakable = (amount: number): boolean =>
  Number.isInteger(amount) && amount >= 0 && amount <= speakableMax && !Object.is(amount, -0)

type Group = { readonly value: number; readonly power: 0 | 1 | 2 | 3 | 4 }

const powers = [4, 3, 2, 1, 0] as const

/** The threes of an amount that are not zero, highest first: 50,123 is 50 × 1000^1 and 123. */
export function groupsOf(amount: number): readonly Group[] {
  assert(isSpeakable(amount), 'SPA1: an amount is whole, not below zero, below a thousand trillion')
  return powers
    .map(power => ({ value: Math.trunc(amount / 1_000 ** power) % 1_000, power }))
    .filter(({ value }) => value > 0)
}

/** Tens and units of a number below a hundred. */
export const digitsOf = (value: number): readonly [tens: number, units: number] => [
  Math.trunc(value / 10),
  value % 10,
]

export const joined = (...words: readonly (string | undefined)[]): string =>
  words.filter(word => word !== undefined && word !== '').join(' ')
