/**
 * What was delivered, by whom, with which serial number, for how much: from journal lines to the
 * counts of stocks, to serial numbers and to what was overcharged. Lines that are read back tell
 * the same as fresh ones.
 *
 *   journal follower ──lines──▶ delivered? ──▶ pile ─┐ one write: position,
 *                                                    └▶ stock counts, serials, flags
 *
 * STA1. Position and counts are one write, and only from where the position stood: whatever is
 *       killed, and whoever else is at work, a delivery counts once.
 * STA2. An order that was delivered with the serial number of an earlier one of the same supplier
 *       is flagged for a person, and told once; no money moves. The same order's own number again
 *       is nothing, and neither is a bill's, or that of a product whose numbers may repeat.
 * STA3. The journal told again, from the beginning or in another order, ends in the same flags;
 *       what a person closed stays closed.
 * STA4. A person's word on the money of a flagged order closes its flag.
 * STA6. A number that comes with every order is none: from the twenty-first on nobody is flagged.
 * STA7. Whether a number may have been here is known in memory, so that one that is new costs one
 *       row and no look-up; until it is known, nothing is written.
 * STA8. An order whose supplier charged more than the most that he was told is flagged for a person
 *       with both amounts, and told once, whatever is told again; no money moves. A person's word
 *       on the order's money leaves the flag: it says nothing of what the supplier owes.
 */

import type { Bill, OrderEvent, OrderState } from '../../actors/order/order-contract.ts'
import { decimalOf, hexOf, type Key, keyOf } from '../../engine/ids.ts'
import { KnownKeys } from '../../engine/known-keys.ts'
import { decode, type JournalRecord } from '../../engine/record.ts'
import type { DatabasePool } from '../../sql/database.ts'
import { movePositions, type Place, positionsIn, type Step } from '../../sql/positions.ts'
import {
  addOvercharges,
  addSerials,
  addSold,
  type Closing,
  closeDuplicates,
  keepSuspects,
  linesOf,
  type Overcharge,
  type SerialRow,
  type SoldPair,
  serialKeys,
} from '../../sql/topup/sold.ts'
import type { Rupiah } from '../contract/words.ts'
import { JournalFollower, type JournalSource, type Read } from '../journal-follower.ts'
import { serialKey, squeezed } from './serial.ts'

type SoldDeps = {
  readonly pool: DatabasePool
  readonly shards: number
  readonly isOwner: () => boolean
  readonly source: JournalSource
  /** Orders whose serial number was an earlier one's, each once. */
  readonly onDuplicates: (trxIds: readonly string[]) => void
  /** Orders that cost more than their supplier was allowed, each once. */
  readonly onOvercharges: (found: readonly Overcharge[]) => void
  readonly onError: (cause: unknown) => void
  readonly pileMax?: number
}

/** What is known of an order whose supplier said something. */
type Known = {
  readonly product: string
  readonly destination: string
  readonly supplier: string
  readonly maxPrice: Rupiah
  readonly bill?: Bill | undefined
}
type Word = {
  readonly id: string
  readonly at: number
  /** The attempt that was delivered; null when only a serial number came later. */
  readonly n: number | null
  readonly sn: string
  /** What its supplier charged; 0 when only a serial number came later. */
  readonly cost: Rupiah
}

const pace = { beatMs: 100, gatherMs: 1_000, gatherMax: 2_000 }
const usualPileMax = 5_000
const keysAtOnce = 50_000
/** Rare false alarms among millions: each costs a look into the table. */
const filter = { firstCapacity: 1 << 20, bitsPerKey: 28 }
const commonMax = 100_000

export class SoldIntake {
  readonly #deps: SoldDeps
  /** Since the start. */
  duplicates = 0
  overcharged = 0
  readonly follower: JournalFollower
  #sold: SoldPair[] = []
  #serials: SerialRow[] = []
  /** Serial numbers that may have been here before. */
  #suspects: SerialRow[] = []
  #seen = new KnownKeys(filter)
  /** Nobody's numbers. */
  readonly #common = new Set<Key>()
  #closings: Closing[] = []
  #overcharges: Overcharge[] = []
  #stopped = false

  constructor(deps: SoldDeps) {
    this.#deps = deps
    const { shards, isOwner, source, onError, pileMax = usualPileMax } = deps
    this.follower = new JournalFollower(
      { name: 'what was sold', shards, isOwner, source, onError, pileMax, ...pace },
      {
        positions: () => this.#findPositions(),
        take: (_, record, state) => this.#takeFresh(record, state),
        takeRead: (shard, read) => this.#takeRead(shard, read),
        write: steps => this.#write(steps),
        gathered: () => this.#piled,
      },
    )
  }

  start(): void {
    void this.follower.start()
  }

  stop(): Promise<void> {
    this.#stopped = true
    return this.follower.stop()
  }

  get #piled(): number {
    const serials = this.#serials.length + this.#suspects.length
    return this.#sold.length + serials + this.#closings.length + this.#overcharges.length
  }

  #takeFresh(record: JournalRecord, state: unknown): void {
    if (record.kind !== 'order') return
    const known = state as OrderState
    for (const event of record.events as readonly OrderEvent[]) {
      this.#closeBy(record.id, event)
      const word = wordOf(record, event)
      if (word === null || !('order' in known)) continue
      const { product, destination, bill, attempts } = known.order
      const n = word.n ?? ('n' in known ? known.n : attempts.length)
      const { supplier, maxPrice } = attempts[n - 1]!
      this.#take(word, { product, destination, bill, supplier, maxPrice })
    }
  }

  #closeBy(id: string, event: OrderEvent): void {
    if (event.type !== 'resolved') return
    this.#closings.push({ id, by: event.by, reason: event.reason })
  }

  #take({ id, at, n, sn, cost }: Word, known: Known): void {
    const { product, destination, supplier, maxPrice, bill } = known
    if (n !== null) this.#sold.push({ product, supplier, at })
    // Zero is how no limit was said.
    if (cost > maxPrice && maxPrice > 0) {
      this.#overcharges.push({ id, supplier, agreed: maxPrice, charged: cost })
    }
    const own = bill === undefined ? squeezed(sn, destination) : null
    if (own === null) return
    const key = serialKey(supplier, own)
    if (this.#common.has(key)) return
    const isNew = !this.#seen.mayHave(key)
    if (isNew) this.#seen.add(key)
    const row = { key: decimalOf(key), supplier, product, id, at, sn }
    if (isNew) this.#serials.push(row)
    else this.#suspects.push(row)
  }

  async #write(steps: readonly Step[]): Promise<undefined> {
    const { pool, onDuplicates, onOvercharges } = this.#deps
    const [sold, closings, overcharges] = [this.#sold, this.#closings, this.#overcharges]
    const [serials, suspects] = [this.#serials, this.#suspects]
    this.#clear()
    const found = await pool.transaction(async tx => {
      await movePositions(tx, 'sold_position', steps)
      if (serials.length > 0) await addSerials(tx, serials)
      const kept = suspects.length > 0 ? await keepSuspects(tx, suspects) : nothingKept
      if (closings.length > 0) await closeDuplicates(tx, closings)
      if (sold.length > 0) await addSold(tx, sold)
      const over = overcharges.length > 0 ? await addOvercharges(tx, overcharges) : []
      return { ...kept, over }
    })
    if (this.#common.size > commonMax) this.#common.clear()
    for (const key of found.common) this.#common.add(hexOf(key))
    this.duplicates += found.flagged.length
    if (found.flagged.length > 0) onDuplicates(found.flagged)
    this.overcharged += found.over.length
    if (found.over.length > 0) onOvercharges(found.over)
  }

  async #findPositions(): Promise<readonly Place[]> {
    const places = await positionsIn(this.#deps.pool, 'sold_position')
    this.#clear()
    await this.#learnKeys()
    return places
  }

  #clear(): void {
    this.#sold = []
    this.#serials = []
    this.#suspects = []
    this.#closings = []
    this.#overcharges = []
  }

  /** Another process may have kept some since we last knew. */
  async #learnKeys(): Promise<void> {
    const seen = new KnownKeys(filter)
    for (let after = ''; ; ) {
      const page = await serialKeys(this.#deps.pool, { after, limit: keysAtOnce })
      for (const { key } of page) seen.add(hexOf(key))
      if (page.length < keysAtOnce || this.#stopped) break
      after = page.at(-1)!.ctid
    }
    seen.complete = true
    this.#seen = seen
  }

  /** Read lines do not bring the order's state: its own lines say what was sold by whom. */
  async #takeRead(shard: number, read: readonly Read[]): Promise<void> {
    const words: Word[] = []
    for (const { record } of read) {
      if (record.kind !== 'order') continue
      for (const event of record.events as readonly OrderEvent[]) {
        this.#closeBy(record.id, event)
        const word = wordOf(record, event)
        if (word !== null) words.push(word)
      }
    }
    if (words.length > 0) {
      const keys = [...new Set(words.map(({ id }) => decimalOf(keyOf(id))))]
      const stories = new Map<string, OrderEvent[]>()
      for (const { id, body } of await linesOf(this.#deps.pool, { shard, keys })) {
        const story = stories.get(id) ?? []
        stories.set(id, story)
        story.push(...(decode(body).events as readonly OrderEvent[]))
      }
      for (const word of words) {
        const known = knownIn(stories.get(decimalOf(keyOf(word.id))) ?? [], word.n)
        if (known !== null) this.#take(word, known)
      }
    }
  }
}

const nothingKept = { flagged: [], common: [] }

type Told = { readonly id: string; readonly at: number }

function wordOf({ id, at }: Told, event: OrderEvent): Word | null {
  if (event.type === 'delivered') return { id, at, n: event.n, sn: event.sn, cost: event.cost }
  return event.type === 'sn_learned' ? { id, at, n: null, sn: event.sn, cost: 0 } : null
}

function knownIn(story: readonly OrderEvent[], n: number | null): Known | null {
  let placed: Extract<OrderEvent, { type: 'placed' }> | null = null
  let sent: Extract<OrderEvent, { type: 'dispatched' }> | null = null
  const by = n ?? story.find(event => event.type === 'delivered')?.n
  for (const event of story) {
    if (event.type === 'placed') placed = event
    else if (event.type === 'dispatched' && (by === undefined || event.n === by)) sent = event
  }
  if (placed === null || sent === null) return null
  const { product, destination, bill } = placed
  const { supplier, maxPrice } = sent
  return { product, destination, supplier, maxPrice, bill }
}
