/**
 * The catalogue of rented numbers: what suppliers offer, compiled into a shelf in memory and read
 * with the prices of whoever asks.
 *
 *   offered (offered.ts), names, figures ─▶ shelf ─▶ lists, quotes
 *                                             └─ without what is sold out (sold-out.ts)
 *
 * NSC1. What a supplier did not answer for is shown as stale after five minutes and is not sold
 *       after thirty.
 * NSC2. What the deny list names is neither shown nor sold, from the moment it is on the list.
 * NSC3. Prices are made for the level that asks, of the candidate that would be bought; a client's
 *       limit lets a cheaper candidate be taken, never a dearer one.
 * NSC4. A quote carries everything that buying needs, the terms in force at this moment, and how
 *       its supplier was chosen.
 * NSC5. An inactive supplier offers nothing.
 * NSC6. One thing is one row, whatever its suppliers call it, and is found by each of its names;
 *       when names change it is compiled anew.
 */

import type { Terms } from '../../actors/activation/activation-contract.ts'
import type { DatabasePool } from '../../sql/database.ts'
import { type FigureRecord, readNumberFigures } from '../../sql/number/offers.ts'
import type { HealthPart } from '../contract/live.ts'
import type { NumberCountry, NumberOperator, NumberService } from '../contract/number.ts'
import type { Rupiah } from '../contract/words.ts'
import { refuse } from '../refusal.ts'
import { Turns } from '../turns.ts'
import type { PricedOffer } from './markup.service.ts'
import { type Names, partsOf, soughtIn } from './names.ts'
import type { NumberShelf, Quoted, Wish } from './number.service.ts'
import { Offered, seenOf } from './offered.ts'
import type { Price } from './pricing.ts'
import {
  type Candidate,
  compileShelf,
  emptyShelf,
  type OfferedWord,
  type Shelf,
  type ShelfCountry,
  type ShelfService,
} from './shelf.ts'
import { SoldOut } from './sold-out.ts'
import { offerWith } from './supplier/adapter.ts'
import { isSelling, type NumberSuppliers, type SellingSupplier } from './suppliers.ts'

export type CatalogueDeps = {
  readonly db: { readonly pool: DatabasePool }
  readonly suppliers: Pick<NumberSuppliers, 'all' | 'get' | 'listen' | 'hearUnbought'>
  readonly price: Price
  readonly names: () => Names
  /** Whether this deployment does not offer it. */
  readonly denies: (serviceId: string, serviceName: string) => boolean
  readonly isOwner: () => boolean
  readonly now: () => number
  readonly onError: (cause: unknown) => void
}

export type NumberCatalogue = NumberShelf & {
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
  /** Prices changed: lists made of the old ones are made anew. */
  readonly repriced: () => void
  /** So did what things are called. */
  readonly renamed: () => void
  readonly words: () => readonly OfferedWord[]
  /** Asks one supplier now; false when it did not answer. */
  readonly refresh: (code: string) => Promise<boolean>
  readonly standOf: (code: string) => SupplierStand
  /** Everything on sale, as its price is made of. */
  readonly priced: () => Iterable<PricedOffer>
  readonly health: () => HealthPart
}

type SupplierStand = {
  readonly offers: number
  readonly refreshedAt: number | null
  readonly isStale: boolean
  readonly balance: number | null
}

export const staleAfterMs = 5 * 60_000
export const unsoldAfterMs = 30 * 60_000
const figuresMs = 7 * 86_400_000
const countriesMax = 500

export function makeNumberCatalogue(deps: CatalogueDeps): NumberCatalogue {
  const { now, suppliers, price, denies } = deps
  const { pool } = deps.db
  let figures: readonly FigureRecord[] = []
  let shelf: Shelf = emptyShelf
  let lists = new Map<number, readonly NumberService[]>()
  /** By our word of an app: everything that it is called. */
  let sought = new Map<string, string>()
  let startedAt = now()
  const compiling = new Turns(compileNow)
  const soldOut = new SoldOut()
  const offered = new Offered({
    ...{ db: deps.db, suppliers, now, isOwner: deps.isOwner, onError: deps.onError },
    async onRound() {
      figures = await readNumberFigures(pool, now() - figuresMs)
      // Who does not answer may have become too old to be sold.
      lists = new Map()
    },
    onAsk: code => soldOut.asked(code),
    onKnown: () => compiling.ask(),
  })

  async function compileNow(): Promise<void> {
    const { known } = offered
    const offering = [...known].filter(([code]) => isSelling(suppliers.get(code)))
    shelf = await compileShelf({
      offers: offering.flatMap(([, { offers }]) => [...offers.values()]),
      seenAt: offer => seenOf(known.get(offer.supplier)!.fresh, offer),
      figures,
      names: deps.names(),
    })
    lists = new Map()
    sought = new Map(shelf.services.map(one => [one.id, soughtIn(namesOf(one))]))
  }

  const isStale = ({ seenAt }: Candidate) => now() - seenAt > staleAfterMs
  const isSold = ({ seenAt }: Candidate) => now() - seenAt <= unsoldAfterMs
  const isThere = (candidate: Candidate, operatorId: string) => {
    const { supplier, offer, cost } = candidate
    const operator = operatorOf(candidate, operatorId)
    if (operator === undefined) return false
    return !soldOut.has(supplier, offerWith(offer, operator.theirs), cost)
  }
  const serviceAt = (id: string): ShelfService | undefined => {
    const service = shelf.service(id)
    return service === undefined || isDenied(service) ? undefined : service
  }
  /** Also by the word or the name of one of its suppliers. */
  const isDenied = ({ id, name, told }: ShelfService) =>
    denies(id, name) || told.some(([word, theirs]) => denies(word, theirs))
  const bestOf = ({ candidates }: ShelfCountry) =>
    candidates.find(one => isSold(one) && isThere(one, 'any'))
  const priceAt = (of: {
    readonly level: number
    readonly service: ShelfService
    readonly country: ShelfCountry
    readonly operator: string
    readonly cost: Rupiah
  }) => price(of.level, of.service.id, of.country.id, of.operator, of.cost)

  function listFor(level: number): readonly NumberService[] {
    const made = lists.get(level) ?? shelf.services.map(service => serviceRow(level, service))
    lists.set(level, made)
    return made
  }

  function serviceRow(level: number, service: ShelfService): NumberService {
    let fromPrice: number | null = null
    for (const country of service.countries.values()) {
      const best = bestOf(country)
      if (best === undefined) continue
      const asked = priceAt({ level, service, country, operator: 'any', cost: best.cost })
      if (fromPrice === null || asked < fromPrice) fromPrice = asked
    }
    const { id: serviceId, name, also, stock } = service
    return { serviceId, name, also, fromPrice, stock }
  }

  /** The oldest of what is shown; null while nothing was read yet. */
  function asOf(): number | null {
    const times = [...offered.known]
      .filter(([code]) => isSelling(suppliers.get(code)))
      .map(([, { fresh }]) => fresh.refreshedAt)
    return times.length === 0 ? null : Math.min(...times)
  }

  function quote(wish: Wish): ReturnType<NumberShelf['quote']> {
    const service = shelf.service(wish.serviceId)
    if (service === undefined) return { refused: 'SERVICE_UNKNOWN' }
    if (isDenied(service)) return { refused: 'SERVICE_BLOCKED' }
    const country = shelf.country(service, wish.countryId)
    if (country === undefined) return { refused: 'COUNTRY_UNKNOWN' }
    const able = country.candidates.filter(one => operatorOf(one, wish.operatorId) !== undefined)
    if (able.length === 0) {
      return { refused: country.candidates.length > 0 ? 'OPERATOR_UNKNOWN' : 'NUMBER_SOLD_OUT' }
    }
    const sold = able.filter(isSold)
    if (sold.length === 0) return { refused: 'CATALOGUE_STALE' }
    const there = sold.filter(one => isThere(one, wish.operatorId))
    for (const candidate of there) {
      const operator = operatorOf(candidate, wish.operatorId)!
      const asked = { level: wish.level, service, country, operator: operator.id }
      const amount = priceAt({ ...asked, cost: candidate.cost })
      const supplier = suppliers.get(candidate.supplier)
      if (!isSelling(supplier) || (wish.maxPrice !== null && amount > wish.maxPrice)) continue
      return {
        ...{ service: service.id, serviceName: service.name },
        ...{ country: country.id, countryName: country.name },
        ...{ operator: operator.id, operatorName: operator.name },
        ...{ supplier: candidate.supplier, offer: offerWith(candidate.offer, operator.theirs) },
        ...{ price: amount, cost: candidate.cost, terms: termsOf(supplier) },
        chosen: { of: there.length, rate: Math.round(candidate.rate) },
      } satisfies Quoted
    }
    const isDear = wish.maxPrice !== null && there.length > 0
    return { refused: isDear ? 'PRICE_ABOVE_MAX' : 'NUMBER_SOLD_OUT' }
  }

  function countryRow(
    level: number,
    service: ShelfService,
    country: ShelfCountry,
  ): NumberCountry | null {
    const best = bestOf(country)
    if (best === undefined) return null
    return {
      ...{ countryId: country.id, name: country.name },
      ...{ english: country.english, also: country.also },
      price: priceAt({ level, service, country, operator: 'any', cost: best.cost }),
      stock: country.candidates.reduce((sum, one) => sum + one.stock, 0),
      ...{ successRate: best.shownRate, stale: isStale(best) },
    }
  }

  function operatorRows(
    level: number,
    service: ShelfService,
    country: ShelfCountry,
  ): readonly NumberOperator[] {
    const rows = new Map<string, NumberOperator>()
    for (const candidate of country.candidates.filter(isSold)) {
      for (const { id, name } of candidate.operators) {
        if (rows.has(id) || !isThere(candidate, id)) continue
        const amount = priceAt({ level, service, country, operator: id, cost: candidate.cost })
        const stock =
          id === 'any' ? country.candidates.reduce((sum, one) => sum + one.stock, 0) : null
        rows.set(id, { operatorId: id, name, price: amount, stock })
      }
    }
    return [...rows.values()]
  }

  return {
    async start() {
      startedAt = now()
      suppliers.hearUnbought(unbought => {
        soldOut.note(unbought)
        lists = new Map()
      })
      suppliers.listen(() => void compiling.ask().catch(deps.onError))
      await offered.start()
    },
    async stop() {
      await offered.stop()
      await compiling.close()
    },
    repriced() {
      lists = new Map()
    },
    renamed: () => void compiling.ask().catch(deps.onError),
    words: () => shelf.words,
    idsOf({ serviceId, countryId }) {
      const service = shelf.service(serviceId)
      const country = service === undefined ? undefined : shelf.country(service, countryId)
      return {
        service: service?.id ?? deps.names().id('service', serviceId),
        country: country?.id ?? deps.names().id('country', countryId),
      }
    },
    refresh: code => offered.refresh(code),
    standOf(code) {
      const one = offered.known.get(code)
      const refreshedAt = one?.fresh.refreshedAt ?? null
      const isOld = refreshedAt === null || now() - refreshedAt > staleAfterMs
      const balance = soldOut.balanceOf(code)
      return { offers: one?.offers.size ?? 0, refreshedAt, isStale: isOld, balance }
    },
    *priced() {
      for (const service of shelf.services) {
        for (const country of service.countries.values()) {
          const best = bestOf(country)
          if (best === undefined) continue
          for (const { id: operator } of best.operators) {
            yield {
              ...{ service: service.id, serviceName: service.name, operator },
              ...{ country: country.id, countryName: country.name, cost: best.cost },
            }
          }
        }
      }
    },
    health() {
      const late = suppliers
        .all()
        .filter(isSelling)
        .map(({ row }) => row.code)
        .filter(
          code => now() - (offered.known.get(code)?.fresh.refreshedAt ?? startedAt) > staleAfterMs,
        )
      const isWell = late.length === 0
      const reason = isWell ? null : `the catalogue of ${late.join(', ')} is old`
      return { name: 'number-catalogue', ok: isWell, ms: 0, reason }
    },

    services({ level, search, limit, after }) {
      const parts = partsOf(search)
      const all = listFor(level).filter(
        ({ serviceId }) =>
          parts.every(part => sought.get(serviceId)!.includes(part)) &&
          !isDenied(shelf.service(serviceId)!),
      )
      const from = after === '' ? 0 : all.findIndex(({ serviceId }) => serviceId === after) + 1
      const rows = all.slice(from, from + limit)
      const next = from + limit < all.length ? rows.at(-1)!.serviceId : null
      return { ok: { services: rows, next, asOf: asOf() } }
    },
    countries({ level, serviceId }) {
      const service = serviceAt(serviceId)
      if (service === undefined) return refuse('NOT_FOUND')
      const countries = [...service.countries.values()]
        .flatMap(country => countryRow(level, service, country) ?? [])
        .sort((a, b) => a.price - b.price || a.name.localeCompare(b.name))
        .slice(0, countriesMax)
      return { ok: { countries, asOf: asOf() } }
    },
    operators({ level, serviceId, countryId }) {
      const service = serviceAt(serviceId)
      const country = service === undefined ? undefined : shelf.country(service, countryId)
      if (service === undefined || country === undefined) return refuse('NOT_FOUND')
      return { ok: { operators: operatorRows(level, service, country) } }
    },
    quote,
  }
}

const termsOf = ({ adapter }: SellingSupplier): Terms => {
  const { cancelAfterMs, lifeMs, resends, pollMs } = adapter.card
  return { cancelAfterMs, lifeMs, resends, pollMs }
}

const namesOf = ({ id, name, english, also, told }: ShelfService): readonly string[] => [
  ...[id, name, english, ...also],
  ...told.flat(),
]

const operatorOf = ({ operators }: Candidate, id: string) => operators.find(one => one.id === id)
