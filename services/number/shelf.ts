/**
 * What is on sale, compiled from all suppliers' offers for look-ups that cost a few reads of a map:
 * which supplier is best for an app and a country, and what it costs there.
 *
 *   offers, figures ─▶ Shelf ─┬─ service ─▶ country ─▶ candidates, best first
 *                             └─ their own codes ─▶ service, country
 *
 * NSF1. Of several candidates the best is the one whose cost per code that comes is lowest: cost
 *       divided by success rate. Equals: the larger stock, then the supplier's code.
 * NSF2. The rate is what they say, or 70 where they say nothing, moved by our own figures as far as
 *       there are any: ten numbers of ours weigh as much as their word.
 * NSF3. What is shown as a rate is known: told by them, or by at least twenty numbers of ours.
 * NSF4. An id is ours; a code of theirs is taken for it where that leaves no doubt, and any word
 *       that leads to ours.
 * NSF5. Offers that are sold out are no candidates, but their service and country stay known.
 * NSF6. Offers of one thing under several words are one service and one country, with the
 *       candidates and our figures of all of them; each offer stays what it was.
 */

import { setImmediate as turn } from 'node:timers/promises'
import type { FigureRecord, OfferRecord } from '../../sql/number/offers.ts'
import type { Named, NameKind, Names } from './names.ts'
import type { OfferedOperator } from './supplier/adapter.ts'

export type Candidate = {
  readonly supplier: string
  readonly offer: string
  readonly cost: number
  readonly stock: number
  /** Of a hundred; for choosing. */
  readonly rate: number
  /** For showing; null while too little is known. */
  readonly shownRate: number | null
  readonly operators: readonly OfferedOperator[]
  /** Since when it is so; unix milliseconds. */
  readonly seenAt: number
}

type Called = Pick<Named, 'id' | 'name' | 'english' | 'also'>

export type ShelfCountry = Called & {
  /** In stock, best first. */
  readonly candidates: readonly Candidate[]
}

export type ShelfService = Called & {
  /** The words, and the names, by which suppliers told it. */
  readonly told: readonly (readonly [word: string, name: string])[]
  readonly countries: ReadonlyMap<string, ShelfCountry>
  readonly stock: number
  /** How many were bought of us lately: the liked ones come first. */
  readonly liked: number
}

/** A word that suppliers use, and by which name. */
export type OfferedWord = {
  readonly kind: NameKind
  readonly word: string
  readonly told: string
  readonly suppliers: readonly string[]
}

export type Shelf = {
  /** Most liked first, then by name. */
  readonly services: readonly ShelfService[]
  /** What suppliers call things. */
  readonly words: readonly OfferedWord[]
  service(id: string): ShelfService | undefined
  country(service: ShelfService, id: string): ShelfCountry | undefined
}

export const emptyShelf: Shelf = {
  ...{ services: [], words: [] },
  service: () => undefined,
  country: () => undefined,
}

const usualRate = 70
const wordWeight = 10
const shownFrom = 20

type ShelfRows = {
  readonly offers: Iterable<OfferRecord>
  readonly figures: readonly FigureRecord[]
  readonly seenAt: (offer: OfferRecord) => number
  readonly names: Names
}

const offersPerTurn = 5_000

/** However many offers there are, others work in between. */
export async function compileShelf({ offers, figures, seenAt, names }: ShelfRows): Promise<Shelf> {
  const own = figuresOf(figures, names)
  const liked = new Map<string, number>()
  for (const { service, bought } of own.values()) {
    liked.set(service, (liked.get(service) ?? 0) + bought)
  }
  const found = new Map<string, Found>()
  const aliases = { service: new Map<string, string>(), country: new Map<string, string>() }
  const words = new Words(names)
  let count = 0
  for (const offer of offers) {
    if (++count % offersPerTurn === 0) await turn()
    const { supplier } = offer
    const [ours, place] = [
      words.hear('service', offer.service, { told: offer.serviceName, supplier }),
      words.hear('country', offer.country, { told: offer.countryName, supplier }),
    ]
    const service = found.get(ours.id) ?? { called: ours, told: new Map(), countries: new Map() }
    found.set(ours.id, service)
    service.told.set(offer.service, offer.serviceName)
    const country = service.countries.get(place.id) ?? { called: place, list: [] }
    service.countries.set(place.id, country)
    note(aliases.service, offer.theirService, ours.id)
    note(aliases.country, offer.theirCountry, place.id)
    if (offer.stock === 0) continue
    const figure = own.get(keyOf(supplier, ours.id, place.id))
    country.list.push(candidateOf(offer, figure, seenAt(offer)))
  }
  const services = new Map([...found].map(([id, one]) => [id, serviceOf(one, liked)]))
  const idOf = (kind: NameKind, id: string) => aliases[kind].get(id) ?? names.id(kind, id)
  return {
    services: [...services.values()].sort(
      (a, b) => b.liked - a.liked || a.name.localeCompare(b.name) || compare(a.id, b.id),
    ),
    words: words.all(),
    service: id => services.get(id) ?? services.get(idOf('service', id)),
    country: (service, id) =>
      service.countries.get(id) ?? service.countries.get(idOf('country', id)),
  }
}

type Found = {
  readonly called: Called
  readonly told: Map<string, string>
  readonly countries: Map<string, { readonly called: Called; readonly list: Candidate[] }>
}

/** Each word is looked up once, however many offers bear it. */
class Words {
  readonly #names: Names
  readonly #known = new Map<string, OfferedWord & { readonly called: Named; suppliers: string[] }>()

  constructor(names: Names) {
    this.#names = names
  }

  hear(
    kind: NameKind,
    word: string,
    { told, supplier }: { readonly told: string; readonly supplier: string },
  ): Named {
    const key = `${kind} ${word}`
    let known = this.#known.get(key)
    if (known === undefined) {
      known = { kind, word, told, called: this.#names.of(kind, word, told), suppliers: [] }
      this.#known.set(key, known)
    }
    if (known.suppliers.at(-1) !== supplier && !known.suppliers.includes(supplier)) {
      known.suppliers.push(supplier)
    }
    return known.called
  }

  all(): readonly OfferedWord[] {
    return [...this.#known.values()]
  }
}

/** By supplier and our words; orders of before may bear others. */
function figuresOf(figures: readonly FigureRecord[], names: Names) {
  const own = new Map<string, FigureRecord>()
  for (const one of figures) {
    const service = names.id('service', one.service)
    const country = names.id('country', one.country)
    const key = keyOf(one.supplier, service, country)
    const { bought, coded } = own.get(key) ?? { bought: 0, coded: 0 }
    const sum = { bought: bought + one.bought, coded: coded + one.coded }
    own.set(key, { supplier: one.supplier, service, country, ...sum })
  }
  return own
}

function serviceOf({ called, told, countries }: Found, liked: ReadonlyMap<string, number>) {
  const made = new Map<string, ShelfCountry>()
  let stock = 0
  for (const [countryId, country] of countries) {
    const candidates = country.list.sort(better)
    for (const candidate of candidates) stock += candidate.stock
    made.set(countryId, { ...callings(country.called), candidates })
  }
  return {
    ...{ ...callings(called), told: [...told], countries: made, stock },
    liked: liked.get(called.id) ?? 0,
  }
}

const callings = ({ id, name, english, also }: Called): Called => ({ id, name, english, also })

function candidateOf(
  offer: OfferRecord,
  figure: FigureRecord | undefined,
  seenAt: number,
): Candidate {
  const { supplier, cost, stock, successRate, operators } = offer
  const told = successRate ?? usualRate
  const [bought, coded] = [figure?.bought ?? 0, figure?.coded ?? 0]
  const rate = Math.max(1, (told * wordWeight + coded * 100) / (wordWeight + bought))
  const isKnown = successRate !== null || bought >= shownFrom
  return {
    ...{ supplier, offer: offer.offer, cost, stock, rate, seenAt, operators },
    shownRate: isKnown ? Math.round(rate) : null,
  }
}

/** Costs of a code that comes, compared without dividing. */
function better(a: Candidate, b: Candidate): number {
  const difference = a.cost * b.rate - b.cost * a.rate
  return difference || b.stock - a.stock || compare(a.supplier, b.supplier)
}

/** Two of ours under one code of theirs: the code says nothing. */
function note(aliases: Map<string, string>, theirs: string, ours: string): void {
  const known = aliases.get(theirs)
  aliases.set(theirs, known === undefined || known === ours ? ours : '')
}

const keyOf = (supplier: string, service: string, country: string): string =>
  `${supplier}\n${service}\n${country}`

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
