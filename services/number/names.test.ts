import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { knownApps, knownCountries, otherAppWords } from './known-names.ts'
import { makeNames, partsOf, type Said, soughtIn } from './names.ts'
import { nameWord } from './supplier/asking.ts'

const plain = makeNames([])
const country = (word: string, names = plain) => names.of('country', word, `told ${word}`)
const app = (word: string, names = plain) => names.of('service', word, `told ${word}`)
const said = (kind: Said['kind'], word: string, id: string, name: string | null = null): Said => ({
  ...{ kind, word, id, name },
})

test('names: words of one thing: one word of ours, others are their own (NNA1)', () => {
  for (const word of ['usa', 'united-states', 'america', 'amerika-serikat', 'us']) {
    deepEqual([country(word).id, country(word).name], ['united-states', 'Amerika Serikat'])
  }
  for (const word of ['wa', 'whatsapp', 'whats-app']) {
    deepEqual([app(word).id, app(word).name, app(word).by], ['whatsapp', 'WhatsApp', 'known'])
  }
  equal(app('google-youtube-gmail').id, 'google')
  // Sold at other prices, and something else.
  equal(country('usa-virtual').id, 'usa-virtual')
  deepEqual(app('kedai-kopi'), {
    ...{ id: 'kedai-kopi', name: 'told kedai-kopi', english: 'told kedai-kopi' },
    ...{ also: [], by: 'supplier' },
  })
})

test('names: the lists: no word leads to two things, each of ours to itself (NNA1)', () => {
  const owners = new Map<string, string>()
  const own = (list: string, word: string, id: string) => {
    const key = `${list} ${word}`
    ok((owners.get(key) ?? id) === id, `${key}: ${owners.get(key)} and ${id}`)
    owners.set(key, id)
  }
  for (const [code, all] of Object.entries(knownCountries)) {
    const [id = '', ...others] = all.split(' ')
    for (const word of [id, code.toLowerCase(), ...others]) {
      own('country', word, id)
      equal(country(word).id, id, word)
    }
    const { name, english } = country(id)
    ok(name !== code && english !== code, `${code} has no name`)
    equal(country(nameWord(name)).id, id, name)
    equal(country(nameWord(english)).id, id, english)
  }
  for (const [code, name] of Object.entries(knownApps)) {
    const id = nameWord(name)
    for (const word of [id, code, ...(otherAppWords[code] ?? '').split(' ')]) {
      if (word === '') continue
      own('service', word, id)
      equal(app(word).id, id, word)
    }
  }
})

test('names: countries: in Indonesian, and found by what else they are called (NNA2)', () => {
  deepEqual(
    ['united-kingdom', 'germany', 'ivory-coast', 'hong-kong', 'myanmar'].map(
      id => country(id).name,
    ),
    ['Inggris Raya', 'Jerman', 'Pantai Gading', 'Hong Kong', 'Myanmar'],
  )
  const { also, english } = country('united-states')
  equal(english, 'United States')
  for (const word of ['United States', 'us', 'amerika']) ok(also.includes(word), word)
})

test('names: what staff said: holds, renames, and goes no further (NNA3)', () => {
  const names = makeNames([
    said('service', 'wa', 'warung', 'Warung'),
    said('service', 'warung', 'whatsapp'),
    said('service', 'telegram', 'telegram', 'Telegram Resmi'),
    said('country', 'england', 'usa'),
    said('country', 'amerika-selatan', 'brazil'),
  ])
  deepEqual([app('wa', names).id, app('wa', names).name], ['warung', 'Warung'])
  equal(app('wa', names).by, 'staff')
  deepEqual([app('warung', names).id, app('warung', names).name], ['whatsapp', 'WhatsApp'])
  // Another of its words is called as it is.
  equal(app('tg', names).name, 'Telegram Resmi')
  deepEqual(
    [country('england', names).id, country('uk', names).id],
    ['united-states', 'united-kingdom'],
  )
  equal(country('amerika-selatan', names).name, 'Brasil')
})

test('names: seeking: every part of what was typed, whatever its letters (NNA4)', () => {
  const { name, id, also } = country('ivory-coast')
  const text = soughtIn([name, id, ...also])
  const has = (typed: string) => partsOf(typed).every(part => text.includes(part))
  for (const typed of ['pantai', 'IVORY', 'Côte d’Ivoire', 'gading pantai', '  '])
    ok(has(typed), typed)
  ok(!has('pantai barat'))
})
