/**
 * What suppliers of numbers say that they offer: asked for again and again, kept in SQL, and in
 * memory with its age.
 *
 *   start ─▶ rows ─▶ known (at once, with its age)
 *   every minute, each supplier; a new one at once ─▶ offers ─▶ what changed ─▶ rows ─▶ known
 *
 * NOS1. A restart knows at once what was known; nothing waits for a supplier.
 * NOS2. What a supplier did not answer for stays as it was, with its age. What it does not offer
 *       any more is gone with its next answer.
 * NOS3. Suppliers are asked side by side, each one question at a time; one that hangs holds up
 *       nobody else. Only who holds the shards asks; the others read the rows.
 * NOS4. Who never answered is asked again after two seconds, then ever more seldom, and alone: a
 *       supplier that is new does not wait for the next minute.
 */

import type { DatabasePool } from '../../sql/database.ts'
import {
  type FreshRecord,
  type OfferRecord,
  readNumberOffers,
  writeNumberOffers,
} from '../../sql/number/offers.ts'
import type { Millis, Rupiah } from '../contract/words.ts'
import type { Catalogued, Offer } from './supplier/adapter.ts'
import { isSelling, type NumberSuppliers, type SellingSupplier } from './suppliers.ts'

/** What one supplier has, and when it said so. */
type Offering = {
  readonly fresh: FreshRecord
  readonly offers: ReadonlyMap<string, OfferRecord>
}

type OfferedDeps = {
  readonly db: { readonly pool: DatabasePool }
  readonly suppliers: Pick<NumberSuppliers, 'all' | 'get' | 'listen'>
  readonly isOwner: () => boolean
  readonly now: () => number
  readonly onError: (cause: unknown) => void
  /** Before a round, or before rows are read. */
  readonly onRound: () => Promise<void>
  /** Before a supplier is asked; what comes back is told when it has answered. */
  readonly onAsk: (code: string) => (balance: Rupiah | null) => void
  /** Something else is known. */
  readonly onKnown: () => Promise<void>
}

const everyMs = 60_000
/** Until this process may have become the one that asks. */
const waitMs = 2_000

export class Offered {
  readonly #deps: OfferedDeps
  #known: ReadonlyMap<string, Offering> = new Map()
  readonly #asking = new Map<string, Promise<boolean>>()
  /** What a stop waits for. */
  readonly #running = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #eagerTimer: NodeJS.Timeout | undefined
  #eagerMs: Millis = waitMs
  #readAt = Number.NEGATIVE_INFINITY
  #stopped = false

  constructor(deps: OfferedDeps) {
    this.#deps = deps
  }

  get known(): ReadonlyMap<string, Offering> {
    return this.#known
  }

  /** Done when the rows are read; suppliers are asked behind it. Rejects when none can be read. */
  async start(): Promise<void> {
    await this.#load()
    this.#deps.suppliers.listen(() => {
      if (this.#unheard().length === 0) return
      this.#eagerMs = waitMs
      void this.#run(this.#askUnheard())
    })
    this.#plan(0)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    clearTimeout(this.#eagerTimer)
    await Promise.allSettled([...this.#running, ...this.#asking.values()])
  }

  /** Each is asked once at a time, however many want it; false when it did not answer. */
  refresh(code: string): Promise<boolean> {
    const under = this.#asking.get(code)
    if (under !== undefined) return under
    const asked = this.#ask(code).finally(() => this.#asking.delete(code))
    this.#asking.set(code, asked)
    return asked
  }

  #selling(): readonly SellingSupplier[] {
    return this.#deps.suppliers.all().filter(isSelling)
  }

  #unheard(): readonly SellingSupplier[] {
    return this.#selling().filter(({ row }) => !this.#known.has(row.code))
  }

  async #load(): Promise<void> {
    const { db, now, onRound, onKnown } = this.#deps
    const [{ offers, fresh }] = await Promise.all([readNumberOffers(db.pool), onRound()])
    const bySupplier = new Map<string, Map<string, OfferRecord>>()
    for (const offer of offers) {
      const rows = bySupplier.get(offer.supplier) ?? new Map<string, OfferRecord>()
      bySupplier.set(offer.supplier, rows.set(offer.offer, offer))
    }
    this.#known = new Map(
      fresh.map(one => [
        one.supplier,
        { fresh: one, offers: bySupplier.get(one.supplier) ?? new Map() },
      ]),
    )
    this.#readAt = now()
    await onKnown()
  }

  async #ask(code: string): Promise<boolean> {
    const { db, suppliers, now, onAsk, onKnown } = this.#deps
    const supplier = suppliers.get(code)
    if (supplier === undefined || supplier.adapter === null) return false
    const answered = onAsk(code)
    const told = await supplier.adapter.catalogue()
    const balance = await supplier.adapter.balance()
    if (told === null || this.#stopped) return false
    answered(balance)
    const { known, written, gone } = changed(code, told, this.#known.get(code), now())
    await writeNumberOffers(db.pool, { fresh: known.fresh, written, gone })
    this.#known = new Map([...this.#known, [code, known]])
    await onKnown()
    return true
  }

  async #round(): Promise<void> {
    const { isOwner, now } = this.#deps
    if (!isOwner()) return now() - this.#readAt < everyMs ? undefined : await this.#load()
    // Who comes meanwhile is asked as a new one.
    const asked = this.#selling()
    await this.#askThem(() => asked)
  }

  async #askUnheard(): Promise<void> {
    if (this.#deps.isOwner()) await this.#askThem(() => this.#unheard())
  }

  /** Side by side; who fails is said. */
  async #askThem(pick: () => readonly SellingSupplier[]): Promise<void> {
    try {
      await this.#deps.onRound()
      if (this.#stopped) return
      const answers = pick().map(({ row }) => this.refresh(row.code))
      for (const answer of await Promise.allSettled(answers)) {
        if (answer.status === 'rejected') this.#deps.onError(answer.reason)
      }
    } finally {
      this.#planEager()
    }
  }

  #run(work: Promise<void>): Promise<void> {
    const one = work.catch(this.#deps.onError).finally(() => this.#running.delete(one))
    this.#running.add(one)
    return one
  }

  #plan(ms: Millis): void {
    if (this.#stopped) return
    const next = () => this.#plan(this.#deps.isOwner() ? everyMs : waitMs)
    this.#timer = setTimeout(() => void this.#run(this.#round()).finally(next), ms).unref()
  }

  /** After that the minute's rounds ask for them, with all others. */
  #planEager(): void {
    clearTimeout(this.#eagerTimer)
    if (this.#stopped || this.#unheard().length === 0 || this.#eagerMs >= everyMs) return
    const ask = () => void this.#run(this.#askUnheard())
    this.#eagerTimer = setTimeout(ask, this.#eagerMs).unref()
    this.#eagerMs *= 2
  }
}

/** When an offer was last answered for. */
export function seenOf(
  { refreshedAt, lateServices, lateCountries }: FreshRecord,
  { theirService, theirCountry }: OfferRecord,
): number {
  const service = lateServices[theirService] ?? refreshedAt
  return Math.min(refreshedAt, service, lateCountries[theirCountry] ?? refreshedAt)
}

type Change = {
  readonly known: Offering
  readonly written: readonly OfferRecord[]
  readonly gone: readonly string[]
}

/** What an answer leaves known, and which rows say so (NOS2). */
function changed(
  code: string,
  told: Catalogued,
  before: Offering | undefined,
  now: number,
): Change {
  const missed = {
    services: new Set(told.missed.services),
    countries: new Set(told.missed.countries),
  }
  const isMissed = (one: { readonly theirService: string; readonly theirCountry: string }) =>
    missed.services.has(one.theirService) || missed.countries.has(one.theirCountry)
  const offers = new Map(told.offers.map(offer => [offer.offer, recordOf(code, offer)]))
  const written = [...offers.values()].filter(row => !isSame(row, before?.offers.get(row.offer)))
  const gone: string[] = []
  for (const [name, row] of before?.offers ?? []) {
    if (offers.has(name)) continue
    if (isMissed(row)) offers.set(name, row)
    else gone.push(name)
  }
  const since = before?.fresh.refreshedAt ?? now
  const late = (codes: ReadonlySet<string>, old: Readonly<Record<string, number>> = {}) =>
    Object.fromEntries([...codes].map(one => [one, old[one] ?? since]))
  const fresh: FreshRecord = {
    ...{ supplier: code, refreshedAt: now },
    lateServices: late(missed.services, before?.fresh.lateServices),
    lateCountries: late(missed.countries, before?.fresh.lateCountries),
  }
  return { known: { fresh, offers }, written, gone }
}

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
