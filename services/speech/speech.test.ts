import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  isLanguage,
  languages,
  missed,
  payment,
  sentenceCharsMax,
  spokenCharsMax,
  wrongWith,
} from './speech.ts'

const facts = { amount: 50_123, shop: 'Toko Ani', outlet: 'Pasar', terminal: 'A01' }
const language = 'id'

test('speech: a payment: the language’s own sentence, or the merchant’s (SPE2)', () => {
  const words = 'lima puluh ribu seratus dua puluh tiga'
  equal(payment(facts, { language }), `Pembayaran ${words} rupiah diterima`)
  equal(payment(facts, { language, sentence: null }), `Pembayaran ${words} rupiah diterima`)
  equal(
    payment(facts, { language, sentence: '{toko} {terminal}: {JUMLAH} rupiah, { angka }' }),
    `Toko Ani A01: ${words} rupiah, Rp50.123`,
  )
  equal(
    payment(facts, { language: 'jv' }),
    'Pembayaran seket ewu satus telulikur rupiah wis ditampa',
  )
})

test('speech: several that were missed, in one line (SPE2)', () => {
  equal(
    missed({ amount: 1_100_000, count: 3 }, { language }),
    '3 pembayaran terlewat, total Rp1.100.000',
  )
  equal(
    missed({ amount: 2_000, count: 1 }, { language: 'en' }),
    'Missed payments: 1, Rp2.000 in total',
  )
})

test('speech: languages: an unknown one is Indonesian (SPE5)', () => {
  equal(payment(facts, { language: 'xx' }), payment(facts, { language: 'id' }))
  deepEqual(['id', 'en', 'jv', 'xx', 'constructor'].map(isLanguage), [
    true,
    true,
    true,
    false,
    false,
  ])
})

test('speech: places: without a value, or unknown, they are left out (SPE2)', () => {
  equal(
    payment({ amount: 1 }, { language, sentence: 'Di {toko}, {apa ini} {jumlah} {kali} rupiah {' }),
    'Di, satu rupiah {',
  )
})

test('speech: values: a name is no sentence, and is cut (SPE3)', () => {
  const sentence = '{toko} {jumlah}'
  equal(
    payment({ amount: 1, shop: '{jumlah} $& $1' }, { language, sentence }),
    '{jumlah} $& $1 satu',
  )
  equal(payment({ amount: 1, shop: 'a\n\u0007b' }, { language, sentence }), 'a b satu')
  const long = payment({ amount: 1, shop: '😀'.repeat(50) }, { language, sentence })
  equal(long, `${'😀'.repeat(40)} satu`)
})

test('speech: sentences: what is wrong with one is named (SPE1)', () => {
  equal(wrongWith('Masuk {jumlah} rupiah'), undefined)
  for (const [sentence, wrong] of [
    ['', 'empty'],
    ['  ', 'empty'],
    [`{jumlah}${'x'.repeat(sentenceCharsMax)}`, 'too_long'],
    ['{jumlah}\n', 'control'],
    ['{jumlah}\ud800', 'control'],
    ['{jumlah} {', 'brace_open'],
    ['{{jumlah}}', 'brace_open'],
    ['{jumlah} {pin}', 'place_unknown'],
    ['{jumlah} {}', 'place_unknown'],
    ['{jumlah}'.repeat(11), 'too_many_places'],
    ['{angka}', 'amount_missing'],
  ] as const) {
    equal(wrongWith(sentence), wrong, sentence)
  }
  for (const { payment: own } of languages) equal(wrongWith(own), undefined)
})

test('speech: too long for a box: the language’s own words (SPE4)', () => {
  const sentence = '{jumlah} '.repeat(9)
  equal(wrongWith(sentence), undefined)
  const amount = 999_999_999_999_999
  equal(payment({ amount }, { language, sentence }), payment({ amount }, { language }))
  equal(
    payment({ amount: 1 }, { language, sentence: '{toko}' }),
    payment({ amount: 1 }, { language }),
  )
})

test('speech: nothing typed makes it fail or grow, and what may be kept says the amount (SPE2)', () => {
  const pieces = fc.constantFrom(
    '{jumlah}',
    '{toko}',
    '{x}',
    '{',
    '}',
    ' ',
    'rupiah',
    '😀',
    '\u0000',
  )
  const sentences = fc.oneof(
    fc.string(),
    fc.array(pieces).map(all => all.join('')),
  )
  fc.assert(
    fc.property(
      sentences,
      fc.nat(),
      fc.constantFrom('id', 'en', 'jv'),
      (sentence, amount, lang) => {
        const text = payment({ ...facts, amount }, { language: lang, sentence })
        ok(text.length > 0 && text.length <= spokenCharsMax)
        if (wrongWith(sentence) === undefined) {
          const words = languages.find(({ code }) => code === lang)!.words(amount)
          ok(text.includes(words))
        }
      },
    ),
  )
})
