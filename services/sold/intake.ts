/**
 * What was delivered, by whom, with which serial number, for how much: from journal lines to the
 * counts of stocks, to serial numbers and to what was overcharged. Fresh lines come by hand from
 * the engine; whoever fell behind (a start, a crash, too much at once) reads the journal. Both
 * roads write the same.
 *
 *   engine ──durable lines──▶ delivered? ──▶ pile ─┐ one write: position,
 *   journal ──when behind───▶                      └▶ stock counts, serials, flags
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
 * STA5. What gathers is bounded: over the bound, fresh lines are let go and read back later.
 */

import type { Bill, OrderEvent, OrderState } from '../../actors/order/order-contract.ts'
import type { Batch } from '../../engine/host.ts'
import { decimalOf, hexOf, type Key, keyOf } from '../../engine/ids.ts'
import { KnownKeys } from '../../engine/known-keys.ts'
import { decode, type Line } from '../../engine/record.ts'
import type { DatabasePool } from '../../sql/database.ts'
import {
  addOvercharges,
  addSerials,
  addSold,
  type Closing,
  closeDuplicates,
  keepSuspects,
  linesOf,
  moveSoldPositions,
  type Overcharge,
  type SerialRow,
  type SoldPair,
  serialKeys,
  soldPositions,
} from '../../sql/sold.ts'
import type { Rupiah } from '../contract/words.ts'
import { serialKey, squeezed } from './serial.ts'

export type SoldDeps = {
  readonly pool: DatabasePool
  readonly shards: number
  readonly isOwner: () => boolean
  readonly lines: (shard: number, seq: number, limit: number) => Promise<readonly Line[]>
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

const beatMs = 100
const saveMs = 1_000
const usualPileMax = 5_000
const readAtOnce = 2_000
const keysAtOnce = 50_000
/** Rare false alarms among millions: each costs a look into the table. */
const filter = { firstCapacity: 1 << 20, bitsPerKey: 28 }
const commonMax = 100_000

export class SoldIntake {
  readonly #deps: SoldDeps
  /** Since the start. */
  duplicates = 0
  overcharged = 0
  /** Per shard: the last line taken, heard of, and known to be in the position table. */
  readonly #taken: number[]
  readonly #heard: number[]
  readonly #saved: number[]
  readonly #behind = new Set<number>()
  readonly #pileMax: number
  #sold: SoldPair[] = []
  #serials: SerialRow[] = []
  /** Serial numbers that may have been here before. */
  #suspects: SerialRow[] = []
  #seen = new KnownKeys(filter)
  /** Nobody's numbers. */
  readonly #common = new Set<Key>()
  #closings: Closing[] = []
  #overcharges: Overcharge[] = []
  #savedAt = 0
  #working: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined
  /** What is in memory means nothing (yet, or any more): positions are to be read. */
  #lost = true
  #stopped = false

  constructor(deps: SoldDeps) {
    this.#deps = deps
    this.#pileMax = deps.pileMax ?? usualPileMax
    this.#taken = new Array(deps.shards).fill(0)
    this.#heard = new Array(deps.shards).fill(0)
    this.#saved = new Array(deps.shards).fill(0)
  }

  start(): void {
    this.#timer = setInterval(() => void this.#beat(), beatMs)
  }

  /** Everything that was durable is written; or read again later. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await this.#working
    if (!this.#lost && this.#deps.isOwner()) await this.#write().catch(this.#deps.onError)
  }

  /** What was heard until now is written, if it is ours to write. */
  async write(): Promise<void> {
    await this.#working
    this.#savedAt = 0
    await this.#beat()
  }

  get #piled(): number {
    const serials = this.#serials.length + this.#suspects.length
    return this.#sold.length + serials + this.#closings.length + this.#overcharges.length
  }

  /** Everything that just became durable. Runs for each line: no closures, no promises. */
  feed(batch: Batch): void {
    const { piled } = batch
    for (let at = 0; at < piled.length; at++) {
      const { line, record, reply } = piled[at]!.outcome
      if (line === null || record === null) continue
      const { shard, seq } = line
      this.#heard[shard] = seq
      if (this.#lost || this.#behind.has(shard)) continue
      if (seq !== this.#taken[shard]! + 1 || this.#piled >= this.#pileMax) {
        if (seq > this.#taken[shard]!) this.#behind.add(shard)
        continue
      }
      this.#taken[shard] = seq
      if (record.kind !== 'order') continue
      for (const event of record.events as readonly OrderEvent[]) {
        this.#closeBy(record.id, event)
        const word = wordOf(record, event)
        const state = reply.state as OrderState
        if (word === null || !('order' in state)) continue
        const { product, destination, bill, attempts } = state.order
        const { supplier, maxPrice } = attempts[(word.n ?? attempts.length) - 1]!
        this.#take(word, { product, destination, bill, supplier, maxPrice })
      }
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

  #beat(): Promise<void> {
    this.#working ??= this.#work().finally(() => {
      this.#working = null
    })
    return this.#working
  }

  async #work(): Promise<void> {
    if (!this.#deps.isOwner()) {
      this.#lost = true
      return
    }
    try {
      if (this.#lost) await this.#findPositions()
      if (this.#behind.size > 0) await this.#readBehind()
      const isOld = performance.now() - this.#savedAt >= saveMs
      if (this.#piled >= readAtOnce || isOld) await this.#write()
    } catch (cause) {
      this.#lost = true
      this.#deps.onError(cause)
    }
  }

  async #write(): Promise<void> {
    const { pool, onDuplicates, onOvercharges } = this.#deps
    const [sold, closings, overcharges] = [this.#sold, this.#closings, this.#overcharges]
    const [serials, suspects] = [this.#serials, this.#suspects]
    const reached = [...this.#taken]
    this.#sold = []
    this.#serials = []
    this.#suspects = []
    this.#closings = []
    this.#overcharges = []
    this.#savedAt = performance.now()
    const steps = reached.flatMap((to, shard) => {
      const from = this.#saved[shard]!
      return to > from ? [{ shard, from, to }] : []
    })
    if (steps.length === 0) return
    const found = await pool.transaction(async tx => {
      if (!(await moveSoldPositions(tx, steps))) throw new Error('somebody else moved a position')
      if (serials.length > 0) await addSerials(tx, serials)
      const kept = suspects.length > 0 ? await keepSuspects(tx, suspects) : nothingKept
      if (closings.length > 0) await closeDuplicates(tx, closings)
      if (sold.length > 0) await addSold(tx, sold)
      const over = overcharges.length > 0 ? await addOvercharges(tx, overcharges) : []
      return { ...kept, over }
    })
    for (const { shard, to } of steps) this.#saved[shard] = to
    if (this.#common.size > commonMax) this.#common.clear()
    for (const key of found.common) this.#common.add(hexOf(key))
    this.duplicates += found.flagged.length
    if (found.flagged.length > 0) onDuplicates(found.flagged)
    this.overcharged += found.over.length
    if (found.over.length > 0) onOvercharges(found.over)
  }

  async #findPositions(): Promise<void> {
    const rows = await soldPositions(this.#deps.pool)
    this.#saved.fill(0)
    for (const { shard, seq } of rows) this.#saved[shard] = seq
    this.#sold = []
    this.#serials = []
    this.#suspects = []
    this.#closings = []
    this.#overcharges = []
    await this.#learnKeys()
    for (let shard = 0; shard < this.#deps.shards; shard++) {
      this.#taken[shard] = this.#saved[shard]!
      this.#behind.add(shard)
    }
    this.#lost = false
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

  async #readBehind(): Promise<void> {
    for (const shard of [...this.#behind]) {
      for (;;) {
        if (this.#stopped) return
        const lines = await this.#deps.lines(shard, this.#taken[shard]!, readAtOnce)
        await this.#takeRead(shard, lines)
        if (this.#piled >= readAtOnce) await this.#write()
        // A line that came by hand meanwhile was let go: read on until it is there.
        if (lines.length < readAtOnce && this.#taken[shard]! >= this.#heard[shard]!) break
      }
      this.#behind.delete(shard)
    }
  }

  /** Read lines do not bring the order's state: its own lines say what was sold by whom. */
  async #takeRead(shard: number, lines: readonly Line[]): Promise<void> {
    const words: Word[] = []
    for (const line of lines) {
      const record = decode(line.body)
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
    this.#taken[shard] = lines.at(-1)?.seq ?? this.#taken[shard]!
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
  for (const event of story) {
    if (event.type === 'placed') placed = event
    else if (event.type === 'dispatched' && (n === null || event.n === n)) sent = event
  }
  if (placed === null || sent === null) return null
  const { product, destination, bill } = placed
  const { supplier, maxPrice } = sent
  return { product, destination, supplier, maxPrice, bill }
}
