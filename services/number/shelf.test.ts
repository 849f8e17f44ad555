import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { FigureRecord, OfferRecord } from '../../sql/number/offers.ts'
import { makeNames } from './names.ts'
import { compileShelf } from './shelf.ts'

const offer = (supplier: string, more: Partial<OfferRecord> = {}): OfferRecord => ({
  ...{ supplier, offer: `${supplier}-1`, service: 'whatsapp', serviceName: 'WhatsApp' },
  ...{ country: 'indonesia', countryName: 'Indonesia', theirService: 'wa', theirCountry: '6' },
  operators: [{ id: 'any', name: 'Semua operator', theirs: '' }],
  ...{ cost: 1_000, stock: 10, successRate: null, ...more },
})
const figure = (supplier: string, bought: number, coded: number): FigureRecord => ({
  ...{ supplier, service: 'whatsapp', country: 'indonesia', bought, coded },
})
const shelfOf = (offers: readonly OfferRecord[], figures: readonly FigureRecord[] = []) =>
  compileShelf({ offers, figures, seenAt: () => 0, names: makeNames([]) })

async function chosen(offers: readonly OfferRecord[], figures: readonly FigureRecord[] = []) {
  const shelf = await shelfOf(offers, figures)
  const service = shelf.service('whatsapp')!
  return shelf.country(service, 'indonesia')!.candidates.map(one => one.supplier)
}

test('shelf: several candidates: the cheapest code first, not the cheapest number (NSF1)', async () => {
  const [cheap, good] = [
    offer('a', { cost: 1_000, successRate: 40 }),
    offer('b', { cost: 1_500, successRate: 90 }),
  ]
  deepEqual(await chosen([cheap, good]), ['b', 'a'])
  deepEqual(await chosen([{ ...cheap, cost: 600 }, good]), ['a', 'b'])
})

test('shelf: equals: the larger stock, then by code, however they come (NSF1)', async () => {
  const all = [offer('c', { stock: 5 }), offer('b', { stock: 5 }), offer('a', { stock: 9 })]
  deepEqual(await chosen(all), ['a', 'b', 'c'])
  deepEqual(await chosen(all.toReversed()), ['a', 'b', 'c'])
})

test('shelf: our own figures: outweigh their word as they grow (NSF2)', async () => {
  const [boastful, honest] = [offer('a', { successRate: 99 }), offer('b', { successRate: 60 })]
  deepEqual(await chosen([boastful, honest]), ['a', 'b'])
  deepEqual(await chosen([boastful, honest], [figure('a', 2, 0)]), ['a', 'b'])
  deepEqual(await chosen([boastful, honest], [figure('a', 40, 4)]), ['b', 'a'])
  // Nothing said is a middling word.
  deepEqual(await chosen([offer('a'), honest]), ['a', 'b'])
  deepEqual(await chosen([offer('a'), offer('b', { successRate: 75 })]), ['b', 'a'])
})

test('shelf: a rate that is shown: told, or seen often enough (NSF3)', async () => {
  const shown = async (one: OfferRecord, figures: readonly FigureRecord[] = []) => {
    const shelf = await shelfOf([one], figures)
    return shelf.country(shelf.service('whatsapp')!, 'indonesia')!.candidates[0]!.shownRate
  }
  equal(await shown(offer('a')), null)
  equal(await shown(offer('a', { successRate: 0 })), 1)
  equal(await shown(offer('a', { successRate: 83 })), 83)
  equal(await shown(offer('a'), [figure('a', 19, 19)]), null)
  equal(await shown(offer('a'), [figure('a', 30, 30)]), 93)
})

test('shelf: a code of theirs: taken where it leaves no doubt, ours before it (NSF4)', async () => {
  const shelf = await shelfOf([
    offer('a'),
    offer('b', { service: 'google', serviceName: 'Google', theirService: '6' }),
    offer('c', { service: 'shopee', serviceName: 'Shopee', theirService: '6', country: 'wa' }),
  ])
  equal(shelf.service('wa')?.id, 'whatsapp')
  equal(shelf.service('6'), undefined)
  equal(shelf.country(shelf.service('wa')!, '6'), undefined)
  equal(shelf.service('constructor'), undefined)
})

test('shelf: one thing under several words: one row, the candidates and figures of all (NSF6, NSF4)', async () => {
  const mine = { service: 'wa', serviceName: 'wa', country: 'usa', countryName: 'USA' }
  const theirs = { country: 'united-states', countryName: 'United States', theirCountry: '187' }
  const told = { ...figure('a', 40, 0), service: 'wa', country: 'usa' }
  const offers = [offer('a', { ...mine, cost: 900 }), offer('b', theirs)]
  const shelf = await shelfOf(offers, [told])
  deepEqual(
    shelf.services.map(({ id, name }) => [id, name]),
    [['whatsapp', 'WhatsApp']],
  )
  const [service] = shelf.services
  const country = shelf.country(service!, 'united-states')!
  deepEqual([country.name, country.english], ['Amerika Serikat', 'United States'])
  // What is cheaper seldom brought a code, under whichever word it was bought.
  deepEqual(
    country.candidates.map(({ supplier, offer }) => [supplier, offer]),
    [
      ['b', 'b-1'],
      ['a', 'a-1'],
    ],
  )
  equal(shelf.country(service!, 'amerika'), country)
  deepEqual(
    shelf.words.map(({ kind, word, suppliers }) => [kind, word, ...suppliers]),
    [
      ['service', 'wa', 'a'],
      ['country', 'usa', 'a'],
      ['service', 'whatsapp', 'b'],
      ['country', 'united-states', 'b'],
    ],
  )
})

test('shelf: sold out: known, but nothing to choose from (NSF5)', async () => {
  const shelf = await shelfOf([offer('a', { stock: 0 })])
  const service = shelf.service('whatsapp')!
  equal(service.stock, 0)
  deepEqual(shelf.country(service, 'indonesia')?.candidates, [])
})

test('shelf: many offers: the liked first, then by name (NSF5)', async () => {
  const names = ['Telegram', 'Google', 'WhatsApp']
  const offers = names.map(name => offer('a', { service: name.toLowerCase(), serviceName: name }))
  const names2 = (await shelfOf(offers, [figure('a', 3, 1)])).services.map(one => one.name)
  deepEqual(names2, ['WhatsApp', 'Google', 'Telegram'])
  const many = Array.from({ length: 12_000 }, (_, n) => offer('a', { service: `s${n}` }))
  equal((await shelfOf(many)).services.length, 12_000)
})
