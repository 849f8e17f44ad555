/**
 * The catalogue of rented numbers: offers of all suppliers, asked for again and again, kept in SQL,
 * compiled into a shelf in memory, and read with the prices of whoever asks.
 *
 *   start ─▶ rows ─▶ shelf (at once, with its age)
 *   every minute, each supplier ─▶ offers ─▶ what changed ─▶ rows ─▶ shelf
 *
 * NSC1. A restart shows what was known at once; nothing waits for a supplier.
 * NSC2. What a supplier did not answer for stays as it was, is shown as stale after five minutes
 *       and is not sold after thirty. What it does not offer any more is gone with its next answer.
 * NSC3. Suppliers are asked side by side, each one question at a time; one that hangs holds up
 *       nobody else. Only who holds the shards asks; the others read the rows.
 * NSC4. What the deny list names is neither shown nor sold, from the moment it is on the list.
 * NSC5. Prices are made for the level that asks, of the candidate that would be bought; a client's
 *       limit lets a cheaper candidate be taken, never a dearer one.
 * NSC6. A quote carries everything that buying needs, the terms in force at this moment, and how
 *       its supplier was chosen.
 * NSC7. An inactive supplier offers nothing.
 * NSC8. What could just not be bought is offered by others until its supplier was asked again; so
 *       is what our money there does not reach for, as far as it was told.
 * NSC9. Who never answered is asked again after two seconds, then ever more seldom, and alone: a
 *       supplier that is new does not wait for the next minute.
 * NSC10. One thing is one row, whatever its suppliers call it, and is found by each of its names;
 *       when names change it is compiled anew.
 */

import type { Terms } from '../../actors/activation/activation-contract.ts'
import type { DatabasePool } from '../../sql/database.ts'
import {
  type FigureRecord,
  type FreshRecord,
  type OfferRecord,
  readNumberFigures,
  readNumberOffers,
  writeNumberOffers,
} from '../../sql/number/offers.ts'
import type { HealthPart } from '../contract/live.ts'
import type { NumberCountry, NumberOperator, NumberService } from '../contract/number.ts'
import type { Rupiah } from '../contract/words.ts'
import { refuse } from '../refusal.ts'
import type { PricedOffer } from './markup.service.ts'
import { type Names, partsOf, soughtIn } from './names.ts'
import type { NumberShelf, Quoted, Wish } from './number.service.ts'
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
import { type Offer, offerWith } from './supplier/adapter.ts'
import type { NumberSupplier, NumberSuppliers } from './suppliers.ts'

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

const everyMs = 60_000
/** Until this process may have become the one that asks. */
const waitMs = 2_000
export const staleAfterMs = 5 * 60_000
export const unsoldAfterMs = 30 * 60_000
const figuresMs = 7 * 86_400_000
const countriesMax = 500

type Known = { readonly fresh: FreshRecord; readonly offers: ReadonlyMap<string, OfferRecord> }

export function makeNumberCatalogue(deps: CatalogueDeps): NumberCatalogue {
  const { now, suppliers, price, denies } = deps
  const { pool } = deps.db
  let known: ReadonlyMap<string, Known> = new Map()
  let figures: readonly FigureRecord[] = []
  let shelf: Shelf = emptyShelf
  let lists = new Map<number, readonly NumberService[]>()
  /** By our word of an app: everything that it is called. */
  let sought = new Map<string, string>()
  const asking = new Map<string, Promise<boolean>>()
  /** By supplier: offers, operator included, that could not be bought since it was asked. */
  const unbought = new Map<string, Set<string>>()
  const drained = new Set<string>()
  const balances = new Map<string, number | null>()
  let timer: NodeJS.Timeout | undefined
  const running = new Set<Promise<void>>()
  let eagerTimer: NodeJS.Timeout | undefined
  let eagerMs = waitMs
  let compiling: Promise<void> = Promise.resolve()
  let readAt = Number.NEGATIVE_INFINITY
  let startedAt = now()
  let stopped = false

  /** One after the other: what was known later is in use later. */
  function compile(): Promise<void> {
    compiling = compiling.then(async () => {
      const now = known
      const offering = [...now].filter(([code]) => isOpen(suppliers.get(code)))
      shelf = await compileShelf({
        offers: offering.flatMap(([, { offers }]) => [...offers.values()]),
        seenAt: offer => seenOf(now.get(offer.supplier)!.fresh, offer),
        figures,
        names: deps.names(),
      })
      lists = new Map()
      sought = new Map(shelf.services.map(one => [one.id, soughtIn(namesOf(one))]))
    })
    return compiling
  }

  async function load(): Promise<void> {
    const [{ offers, fresh }, newest] = await Promise.all([
      readNumberOffers(pool),
      readNumberFigures(pool, now() - figuresMs),
    ])
    const bySupplier = new Map<string, Map<string, OfferRecord>>()
    for (const offer of offers) {
      const rows = bySupplier.get(offer.supplier) ?? new Map<string, OfferRecord>()
      bySupplier.set(offer.supplier, rows.set(offer.offer, offer))
    }
    known = new Map(
      fresh.map(one => [
        one.supplier,
        { fresh: one, offers: bySupplier.get(one.supplier) ?? new Map() },
      ]),
    )
    figures = newest
    readAt = now()
    await compile()
  }

  /** Each is asked once at a time, however many want it. */
  function refresh(code: string): Promise<boolean> {
    const under = asking.get(code)
    if (under !== undefined) return under
    const asked = ask(code).finally(() => asking.delete(code))
    asking.set(code, asked)
    return asked
  }

  async function ask(code: string): Promise<boolean> {
    const supplier = suppliers.get(code)
    if (supplier === undefined || supplier.adapter === null) return false
    const failed = unbought.get(code)
    const told = await supplier.adapter.catalogue()
    const balance = await supplier.adapter.balance()
    if (told === null || stopped) return false
    balances.set(code, balance)
    // What failed while it answered may be older than its answer: that is found out again.
    if (failed === unbought.get(code)) unbought.delete(code)
    drained.delete(code)
    const before = known.get(code)
    const missed = {
      services: new Set(told.missed.services),
      countries: new Set(told.missed.countries),
    }
    const isMissed = (one: { readonly theirService: string; readonly theirCountry: string }) =>
      missed.services.has(one.theirService) || missed.countries.has(one.theirCountry)
    const rows = new Map(told.offers.map(offer => [offer.offer, recordOf(code, offer)]))
    const written = [...rows.values()].filter(row => !isSame(row, before?.offers.get(row.offer)))
    const gone: string[] = []
    for (const [name, row] of before?.offers ?? []) {
      if (rows.has(name)) continue
      if (isMissed(row)) rows.set(name, row)
      else gone.push(name)
    }
    const since = before?.fresh.refreshedAt ?? now()
    const late = (codes: ReadonlySet<string>, old: Readonly<Record<string, number>> = {}) =>
      Object.fromEntries([...codes].map(one => [one, old[one] ?? since]))
    const fresh: FreshRecord = {
      ...{ supplier: code, refreshedAt: now() },
      lateServices: late(missed.services, before?.fresh.lateServices),
      lateCountries: late(missed.countries, before?.fresh.lateCountries),
    }
    await writeNumberOffers(pool, { fresh, written, gone })
    known = new Map([...known, [code, { fresh, offers: rows }]])
    await compile()
    return true
  }

  const open = () => suppliers.all().filter(isOpen)
  const unheard = () => open().filter(({ row }) => !known.has(row.code))

  /** Side by side; who fails is said. */
  async function askThem(asked: readonly Open[]): Promise<void> {
    if (stopped) return
    for (const result of await Promise.allSettled(asked.map(({ row }) => refresh(row.code)))) {
      if (result.status === 'rejected') deps.onError(result.reason)
    }
    // Who did not answer may have become too old to be sold.
    lists = new Map()
  }

  async function renewFigures(): Promise<void> {
    figures = await readNumberFigures(pool, now() - figuresMs)
  }

  async function round(): Promise<void> {
    if (!deps.isOwner()) return now() - readAt < everyMs ? undefined : await load()
    const asked = open()
    await renewFigures()
      .then(() => askThem(asked))
      .finally(planEager)
  }

  async function askUnheard(): Promise<void> {
    if (!deps.isOwner()) return
    await renewFigures()
      .then(() => askThem(unheard()))
      .finally(planEager)
  }

  /** What fails is said; a stop waits for it. */
  function run(work: Promise<void>): Promise<void> {
    const one = work.catch(deps.onError).finally(() => running.delete(one))
    running.add(one)
    return one
  }

  function plan(ms: number): void {
    if (stopped) return
    const next = () => plan(deps.isOwner() ? everyMs : waitMs)
    timer = setTimeout(() => void run(round()).finally(next), ms).unref()
  }

  /** After that the minute's rounds ask for them, with all others. */
  function planEager(): void {
    clearTimeout(eagerTimer)
    if (stopped || unheard().length === 0 || eagerMs >= everyMs) return
    eagerTimer = setTimeout(() => void run(askUnheard()), eagerMs).unref()
    eagerMs *= 2
  }

  const isStale = ({ seenAt }: Candidate) => now() - seenAt > staleAfterMs
  const isSold = ({ seenAt }: Candidate) => now() - seenAt <= unsoldAfterMs
  const isThere = (candidate: Candidate, operatorId: string) => {
    const { supplier, offer } = candidate
    if (drained.has(supplier)) return false
    if ((balances.get(supplier) ?? candidate.cost) < candidate.cost) return false
    const operator = operatorOf(candidate, operatorId)
    if (operator === undefined) return false
    return unbought.get(supplier)?.has(offerWith(offer, operator.theirs)) !== true
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
    const times = [...known]
      .filter(([code]) => isOpen(suppliers.get(code)))
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
      if (!isOpen(supplier) || (wish.maxPrice !== null && amount > wish.maxPrice)) continue
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
      await load()
      suppliers.hearUnbought(({ supplier, offer, code }) => {
        if (code === 'SUPPLIER_BALANCE') drained.add(supplier)
        unbought.set(supplier, new Set([...(unbought.get(supplier) ?? []), offer]))
        lists = new Map()
      })
      suppliers.listen(() => {
        compile().catch(deps.onError)
        if (unheard().length === 0) return
        eagerMs = waitMs
        void run(askUnheard())
      })
      plan(0)
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      clearTimeout(eagerTimer)
      await Promise.allSettled([...running, compiling, ...asking.values()])
    },
    repriced() {
      lists = new Map()
    },
    renamed: () => void compile().catch(deps.onError),
    words: () => shelf.words,
    idsOf({ serviceId, countryId }) {
      const service = shelf.service(serviceId)
      const country = service === undefined ? undefined : shelf.country(service, countryId)
      return {
        service: service?.id ?? deps.names().id('service', serviceId),
        country: country?.id ?? deps.names().id('country', countryId),
      }
    },
    refresh,
    standOf(code) {
      const one = known.get(code)
      const refreshedAt = one?.fresh.refreshedAt ?? null
      const isOld = refreshedAt === null || now() - refreshedAt > staleAfterMs
      const balance = balances.get(code) ?? null
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
      const late = open()
        .map(({ row }) => row.code)
        .filter(code => now() - (known.get(code)?.fresh.refreshedAt ?? startedAt) > staleAfterMs)
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

type Open = NumberSupplier & { readonly adapter: NonNullable<NumberSupplier['adapter']> }

const isOpen = (supplier: NumberSupplier | undefined): supplier is Open =>
  supplier?.row.active === true && supplier.adapter !== null

const termsOf = ({ adapter }: Open): Terms => {
  const { cancelAfterMs, lifeMs, resends, pollMs } = adapter.card
  return { cancelAfterMs, lifeMs, resends, pollMs }
}

function seenOf(
  { refreshedAt, lateServices, lateCountries }: FreshRecord,
  { theirService, theirCountry }: OfferRecord,
): number {
  const service = lateServices[theirService] ?? refreshedAt
  return Math.min(refreshedAt, service, lateCountries[theirCountry] ?? refreshedAt)
}

const namesOf = ({ id, name, english, also, told }: ShelfService): readonly string[] => [
  ...[id, name, english, ...also],
  ...told.flat(),
]

const operatorOf = ({ operators }: Candidate, id: string) => operators.find(one => one.id === id)

const plainFields = [
  ...(['service', 'serviceName', 'country', 'countryName', 'theirService'] as const),
  ...(['theirCountry', 'cost', 'stock', 'successRate'] as const),
]

function isSame(one: OfferRecord, other: OfferRecord | undefined): boolean {
  if (other === undefined || plainFields.some(name => one[name] !== other[name])) return false
  const [mine, theirs] = [one.operators, other.operators]
  return (
    mine.length === theirs.length &&
    mine.every(({ id, name, theirs: word }, index) => {
      const like = theirs[index]!
      return id === like.id && name === like.name && word === like.theirs
    })
  )
}

const recordOf = (supplier: string, offer: Offer): OfferRecord => ({
  ...{ supplier, offer: offer.offer, service: offer.service, serviceName: offer.serviceName },
  ...{ country: offer.country, countryName: offer.countryName },
  ...{ theirService: offer.theirService, theirCountry: offer.theirCountry },
  operators: offer.operators.map(({ id, name, theirs }) => ({ id, name, theirs })),
  ...{ cost: offer.cost, stock: offer.stock, successRate: offer.successRate },
})
