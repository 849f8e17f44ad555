/**
 * Javanese in ngoko, the everyday speech of markets: its numbers are the ones that all Javanese
 * learn, while those of krama differ from town to town.
 *
 * SPD1. A single digit before puluh, atus, ewu and what is above them takes its bound form: "rong
 *       ewu", "limang atus", "nem ewu". At the end of a longer number it stays itself: 32,000 is
 *       "telung puluh loro ewu".
 * SPD2. What has a word of its own has it everywhere: sewelas to sangalas, selikur to sangalikur,
 *       selawe (25), seket (50), sewidak (60), satus, sewu, sayuta.
 */

import { digitsOf, groupsOf, joined, type Language } from './language.ts'

const units = [
  '',
  'siji',
  'loro',
  'telu',
  'papat',
  'lima',
  'enem',
  'pitu',
  'wolu',
  'sanga',
] as const
const bound = [
  '',
  'sa',
  'rong',
  'telung',
  'patang',
  'limang',
  'nem',
  'pitung',
  'wolung',
  'sangang',
] as const
const teens = [
  'sepuluh',
  'sewelas',
  'rolas',
  'telulas',
  'patbelas',
  'limalas',
  'nembelas',
  'pitulas',
  'wolulas',
  'sangalas',
] as const
const twenties = [
  'rong puluh',
  'selikur',
  'rolikur',
  'telulikur',
  'patlikur',
  'selawe',
  'nemlikur',
  'pitulikur',
  'wolulikur',
  'sangalikur',
] as const
const scales = ['', 'ewu', 'yuta', 'milyar', 'triliun'] as const
const oneOf = ['siji', 'sewu', 'sayuta', 'samilyar', 'satriliun'] as const

export const javanese: Language = {
  code: 'jv',
  name: 'Basa Jawa (ngoko)',
  words(amount) {
    const groups = groupsOf(amount)
    if (groups.length === 0) return 'nol'
    return groups
      .map(({ value, power }) => {
        if (value === 1) return oneOf[power]
        if (power === 0) return belowThousand(value)
        return `${value < 10 ? bound[value] : belowThousand(value)} ${scales[power]}`
      })
      .join(' ')
  },
  payment: 'Pembayaran {jumlah} rupiah wis ditampa',
  missed: 'Ana {kali} pembayaran durung diumumake, gunggunge {angka}',
}

function belowThousand(value: number): string {
  const hundreds = Math.trunc(value / 100)
  const hundred = hundreds === 0 ? '' : hundreds === 1 ? 'satus' : `${bound[hundreds]} atus`
  return joined(hundred, belowHundred(value % 100))
}

function belowHundred(value: number): string {
  const [tens, ones] = digitsOf(value)
  switch (tens) {
    case 0:
      return units[ones]!
    case 1:
      return teens[ones]!
    case 2:
      return twenties[ones]!
    case 5:
      return joined('seket', units[ones])
    case 6:
      return joined('sewidak', units[ones])
    default:
      return joined(`${bound[tens]} puluh`, units[ones])
  }
}
