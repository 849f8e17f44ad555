/**
 * Indonesian, as a cashier counts.
 *
 * SPB1. One hundred and one thousand are "seratus" and "seribu", also within a longer number; from
 *       a million on it is "satu juta". Only the thousand that stands alone is "seribu": 101,000 is
 *       "seratus satu ribu".
 */

import { digitsOf, groupsOf, joined, type Language } from './language.ts'

const units = [
  '',
  'satu',
  'dua',
  'tiga',
  'empat',
  'lima',
  'enam',
  'tujuh',
  'delapan',
  'sembilan',
  'sepuluh',
  'sebelas',
] as const
const scales = ['', 'ribu', 'juta', 'miliar', 'triliun'] as const

export const indonesian: Language = {
  code: 'id',
  name: 'Bahasa Indonesia',
  words(amount) {
    const groups = groupsOf(amount)
    if (groups.length === 0) return 'nol'
    return groups
      .map(({ value, power }) =>
        value === 1 && power === 1 ? 'seribu' : joined(belowThousand(value), scales[power]),
      )
      .join(' ')
  },
  payment: 'Pembayaran {jumlah} rupiah diterima',
  missed: '{kali} pembayaran terlewat, total {angka}',
}

function belowThousand(value: number): string {
  const hundreds = Math.trunc(value / 100)
  const hundred = hundreds === 0 ? '' : hundreds === 1 ? 'seratus' : `${units[hundreds]} ratus`
  return joined(hundred, belowHundred(value % 100))
}

function belowHundred(value: number): string {
  const [tens, ones] = digitsOf(value)
  if (value < units.length) return units[value]!
  return tens === 1 ? `${units[ones]} belas` : joined(`${units[tens]} puluh`, units[ones])
}
