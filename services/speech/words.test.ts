import { deepEqual, equal, match, throws } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isSpeakable } from './language.ts'
import { languageOf, languages } from './speech.ts'

const [id, en, jv] = ['id', 'en', 'jv'].map(code => languageOf(code))

test('words: Indonesian: the corners (SPB1)', () => {
  for (const [amount, words] of [
    [0, 'nol'],
    [1, 'satu'],
    [10, 'sepuluh'],
    [11, 'sebelas'],
    [12, 'dua belas'],
    [19, 'sembilan belas'],
    [20, 'dua puluh'],
    [21, 'dua puluh satu'],
    [99, 'sembilan puluh sembilan'],
    [100, 'seratus'],
    [101, 'seratus satu'],
    [111, 'seratus sebelas'],
    [200, 'dua ratus'],
    [1_000, 'seribu'],
    [1_001, 'seribu satu'],
    [1_100, 'seribu seratus'],
    [2_000, 'dua ribu'],
    [10_000, 'sepuluh ribu'],
    [11_000, 'sebelas ribu'],
    [21_000, 'dua puluh satu ribu'],
    [25_000, 'dua puluh lima ribu'],
    [50_123, 'lima puluh ribu seratus dua puluh tiga'],
    [100_000, 'seratus ribu'],
    [101_000, 'seratus satu ribu'],
    [111_111, 'seratus sebelas ribu seratus sebelas'],
    [1_000_000, 'satu juta'],
    [1_001_000, 'satu juta seribu'],
    [1_000_001, 'satu juta satu'],
    [1_100_000, 'satu juta seratus ribu'],
    [1_000_000_000, 'satu miliar'],
    [1_000_000_000_000, 'satu triliun'],
    [
      999_999_999_999_999,
      ['triliun', 'miliar', 'juta', 'ribu', '']
        .map(scale => `sembilan ratus sembilan puluh sembilan ${scale}`)
        .join(' ')
        .trim(),
    ],
  ] as const) {
    equal(id!.words(amount), words)
  }
})

test('words: English: hyphens, no "and", short scale (SPC1)', () => {
  for (const [amount, words] of [
    [0, 'zero'],
    [15, 'fifteen'],
    [40, 'forty'],
    [85, 'eighty-five'],
    [100, 'one hundred'],
    [50_123, 'fifty thousand one hundred twenty-three'],
    [1_000_000, 'one million'],
    [2_000_000_019, 'two billion nineteen'],
  ] as const) {
    equal(en!.words(amount), words)
  }
})

test('words: Javanese: bound forms, and words of their own (SPD1, SPD2)', () => {
  for (const [amount, words] of [
    [0, 'nol'],
    [1, 'siji'],
    [11, 'sewelas'],
    [14, 'patbelas'],
    [20, 'rong puluh'],
    [21, 'selikur'],
    [25, 'selawe'],
    [31, 'telung puluh siji'],
    [45, 'patang puluh lima'],
    [50, 'seket'],
    [55, 'seket lima'],
    [60, 'sewidak'],
    [61, 'sewidak siji'],
    [75, 'pitung puluh lima'],
    [100, 'satus'],
    [125, 'satus selawe'],
    [500, 'limang atus'],
    [600, 'nem atus'],
    [1_000, 'sewu'],
    [1_500, 'sewu limang atus'],
    [2_000, 'rong ewu'],
    [6_000, 'nem ewu'],
    [10_000, 'sepuluh ewu'],
    [25_000, 'selawe ewu'],
    [32_000, 'telung puluh loro ewu'],
    [50_123, 'seket ewu satus telulikur'],
    [100_000, 'satus ewu'],
    [101_000, 'satus siji ewu'],
    [1_000_000, 'sayuta'],
    [2_000_000, 'rong yuta'],
    [1_000_000_000, 'samilyar'],
    [5_000_000_000_000, 'limang triliun'],
  ] as const) {
    equal(jv!.words(amount), words)
  }
})

/** Words back into a number, by other means than they were made: a word adds, or multiplies. */
type Lexicon = {
  readonly adds: Readonly<Record<string, number>>
  readonly tenfold: Readonly<Record<string, number>>
  readonly scales: Readonly<Record<string, number>>
}

function heard(words: string, { adds, tenfold, scales }: Lexicon): number {
  let [total, group, digit] = [0, 0, 0]
  for (const word of words.split(/[ -]/)) {
    if (adds[word] !== undefined) {
      group += digit
      digit = adds[word]
    } else if (tenfold[word] !== undefined) {
      if (word === 'belas') group += 10 + digit
      else group += digit * tenfold[word]
      digit = 0
    } else {
      const scale = scales[word]
      if (scale === undefined) throw new Error(`nobody knows "${word}"`)
      total += (group + digit) * scale
      group = 0
      digit = 0
    }
  }
  return total + group + digit
}

const numbered = (text: string, from = 0, by = 1): Record<string, number> =>
  Object.fromEntries(text.split(' ').map((word, index) => [word, from + index * by]))

const lexicons: Readonly<Record<string, Lexicon>> = {
  id: {
    adds: {
      ...numbered('nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas'),
      seratus: 100,
    },
    tenfold: { puluh: 10, belas: 10, ratus: 100 },
    scales: { ribu: 1e3, juta: 1e6, miliar: 1e9, triliun: 1e12 },
  },
  en: {
    adds: {
      ...numbered('zero one two three four five six seven eight nine ten eleven twelve'),
      ...numbered('thirteen fourteen fifteen sixteen seventeen eighteen nineteen', 13),
      ...numbered('twenty thirty forty fifty sixty seventy eighty ninety', 20, 10),
    },
    tenfold: { hundred: 100 },
    scales: { thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12 },
  },
  jv: {
    adds: {
      ...numbered('nol siji loro telu papat lima enem pitu wolu sanga sepuluh sewelas rolas'),
      ...numbered('telulas patbelas limalas nembelas pitulas wolulas sangalas', 13),
      ...numbered('selikur rolikur telulikur patlikur selawe nemlikur pitulikur wolulikur', 21),
      ...numbered('rong telung patang limang nem pitung wolung sangang', 2),
      sangalikur: 29,
      seket: 50,
      sewidak: 60,
      satus: 100,
    },
    tenfold: { puluh: 10, atus: 100 },
    scales: { ewu: 1e3, yuta: 1e6, milyar: 1e9, triliun: 1e12 },
  },
}

/** One thousand (and in Javanese also more) is one word: taken apart, so that it can be read. */
const apart = (words: string): string =>
  words
    .replace(/\bseribu\b/g, 'satu ribu')
    .replace(/\bsewu\b/g, 'siji ewu')
    .replace(/\bsa(yuta|milyar|triliun)\b/g, 'siji $1')

const back = (code: string, words: string): number => heard(apart(words), lexicons[code]!)

for (const language of languages) {
  const { code } = language
  test(`words: ${code}: every amount up to 9,999 is heard as what was said (SPA1)`, () => {
    const all = new Set<string>()
    for (let amount = 0; amount <= 9_999; amount++) {
      const words = language.words(amount)
      all.add(words)
      equal(back(code, words), amount)
    }
    equal(all.size, 10_000)
  })

  test(`words: ${code}: any amount is heard as what was said, in words only (SPA1, SPA2)`, () => {
    const digits = fc.stringMatching(/^[0-9]{1,15}$/).map(Number)
    const sparse = fc.stringMatching(/^[1-9][01]{0,14}$/).map(Number)
    fc.assert(
      fc.property(fc.oneof(digits, sparse), amount => {
        const words = language.words(amount)
        match(words, /^[a-z]+(?:[ -][a-z]+)*$/)
        equal(back(code, words), amount)
      }),
      { numRuns: 2_000 },
    )
  })
}

test('words: what is no amount is refused by all languages (SPA1)', () => {
  const none = [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 1e15, -0]
  deepEqual(
    none.map(isSpeakable),
    none.map(() => false),
  )
  for (const { words } of languages) for (const amount of none) throws(() => words(amount), /SPA1/)
})
