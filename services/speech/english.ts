/**
 * English, for shops where guests come from afar.
 *
 * SPC1. Tens and units are one word with a hyphen, there is no "and", and scales are the short
 *       ones: a billion is a thousand million.
 */

import { digitsOf, groupsOf, joined, type Language } from './language.ts'

const units = [
  '',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
] as const
const tenWords = [
  '',
  '',
  'twenty',
  'thirty',
  'forty',
  'fifty',
  'sixty',
  'seventy',
  'eighty',
  'ninety',
] as const
const scales = ['', 'thousand', 'million', 'billion', 'trillion'] as const

export const english: Language = {
  code: 'en',
  name: 'English',
  words(amount) {
    const groups = groupsOf(amount)
    if (groups.length === 0) return 'zero'
    return groups.map(({ value, power }) => joined(belowThousand(value), scales[power])).join(' ')
  },
  payment: 'Payment of {jumlah} rupiah received',
  missed: 'Missed payments: {kali}, {angka} in total',
}

function belowThousand(value: number): string {
  const hundreds = Math.trunc(value / 100)
  return joined(hundreds === 0 ? '' : `${units[hundreds]} hundred`, belowHundred(value % 100))
}

function belowHundred(value: number): string {
  const [tens, ones] = digitsOf(value)
  if (value < units.length) return units[value]!
  return ones === 0 ? tenWords[tens]! : `${tenWords[tens]}-${units[ones]}`
}
