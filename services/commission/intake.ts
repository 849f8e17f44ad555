/**
 * From journal lines to commissions that are due. Fresh lines come by hand from the engine; whoever
 * fell behind (a start, a crash, too much at once) reads the journal. Both roads write the same.
 *
 *   engine ──durable lines──▶ delivered? refunded? ──▶ pile ─┐ one write:
 *   journal ──when behind───▶                                └▶ position, entries, refunds
 *
 * CMC1. Position and entries are one write, and only from where the position stood: whatever is
 *       killed, and whoever else is at work, a delivery is taken up once.
 * CMC2. What is agreed is what the rules and the tree say when the delivery is taken up; it stands
 *       in the entry, and later rules do not change it.
 * CMC3. Nothing is read per order: rules, categories and trees are asked for once per write, for
 *       all deliveries in it, and not at all when nothing was delivered.
 * CMC4. A ring of uplines ends where it closes, and is told; nobody in it is paid twice.
 * CMC5. What gathers is bounded: over the bound, fresh lines are let go and read back later.
 * CMC6. A refund marks what its order earned, whatever became of that by then.
 * CMC7. While there is no rule, deliveries are not even gathered; once a second it is looked
 *       whether there is one now, before the position moves on, and then what was passed over is
 *       read back.
 */

import type { OrderEvent, OrderState } from '../../actors/order/order-contract.ts'
import type { Batch } from '../../engine/host.ts'
import { decimalOf, keyOf } from '../../engine/ids.ts'
import { decode, type Line } from '../../engine/record.ts'
import {
  addEntries,
  categoriesOf,
  commissionPositions,
  firstLines,
  movePositions,
  type NewEntry,
  readCommissionRules,
  refundEntries,
  type UplineRow,
  uplinesOf,
} from '../../sql/commission.ts'
import type { DatabasePool } from '../../sql/database.ts'
import { depthOf, ruleFor, sharesOf } from './shares.ts'

type Tx = Parameters<typeof addEntries>[0]

export type IntakeDeps = {
  readonly pool: DatabasePool
  readonly shards: number
  readonly isOwner: () => boolean
  readonly lines: (shard: number, seq: number, limit: number) => Promise<readonly Line[]>
  /** Called when there is something to pay or to take back. */
  readonly onWritten: () => void
  readonly onRing: (buyer: string) => void
  readonly onError: (cause: unknown) => void
}

type Sold = {
  readonly userId: string
  readonly product: string
  readonly price: number
}
type Delivered = Sold & {
  readonly shard: number
  readonly id: string
  readonly cost: number
  readonly at: number
}
type Refunded = { readonly shard: number; readonly id: string }

const beatMs = 100
const saveMs = 1_000
const pileMax = 5_000
const readAtOnce = 2_000

export class Intake {
  readonly #deps: IntakeDeps
  /** Per shard: the last line taken, heard of, and known to be in the position table. */
  readonly #taken: number[]
  readonly #heard: number[]
  readonly #saved: number[]
  readonly #behind = new Set<number>()
  #delivered: Delivered[] = []
  #refunded: Refunded[] = []
  /** Whether there was a rule when we last looked. */
  #ruled = true
  #savedAt = 0
  #working: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined
  /** What is in memory means nothing (yet, or any more): positions are to be read. */
  #lost = true
  #stopped = false

  constructor(deps: IntakeDeps) {
    this.#deps = deps
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

  get #piled(): number {
    return this.#delivered.length + this.#refunded.length
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
      if (seq !== this.#taken[shard]! + 1 || this.#piled >= pileMax) {
        if (seq > this.#taken[shard]!) this.#behind.add(shard)
        continue
      }
      this.#taken[shard] = seq
      if (record.kind !== 'order') continue
      const state = reply.state as OrderState
      for (const event of record.events as readonly OrderEvent[]) {
        if (event.type === 'delivered' && this.#ruled && 'order' in state) {
          const { user: userId, product, price } = state.order
          const sold = { userId, product, price, cost: event.cost }
          this.#delivered.push({ shard, id: record.id, at: record.at, ...sold })
        } else if (isRefund(event)) this.#refunded.push({ shard, id: record.id })
      }
    }
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
      if (this.#piled > 0 || isOld) await this.#write()
    } catch (cause) {
      this.#lost = true
      this.#deps.onError(cause)
    }
  }

  async #write(): Promise<void> {
    const { pool, onWritten, onRing } = this.#deps
    const delivered = this.#delivered
    const refunded = this.#refunded
    const reached = [...this.#taken]
    this.#delivered = []
    this.#refunded = []
    this.#savedAt = performance.now()
    const steps = reached.flatMap((to, shard) => {
      const from = this.#saved[shard]!
      return to > from ? [{ shard, from, to }] : []
    })
    if (steps.length === 0) return
    if (!this.#ruled && (await readCommissionRules(pool)).some(rule => rule.active)) {
      return this.#goBack()
    }
    const { rings, ruled } = await pool.transaction(async tx => {
      if (!(await movePositions(tx, steps))) throw new Error('somebody else moved a position')
      const agreed = await agreedOn(tx, delivered)
      if (agreed.entries.length > 0) await addEntries(tx, agreed.entries)
      if (refunded.length > 0) await refundEntries(tx, refunded)
      return agreed
    })
    for (const { shard, to } of steps) this.#saved[shard] = to
    if (delivered.length > 0) this.#ruled = ruled
    for (const buyer of rings) onRing(buyer)
    if (delivered.length > 0 || refunded.length > 0) onWritten()
  }

  async #findPositions(): Promise<void> {
    const rows = await commissionPositions(this.#deps.pool)
    this.#saved.fill(0)
    for (const { shard, seq } of rows) this.#saved[shard] = seq
    this.#goBack()
    this.#lost = false
  }

  /** To the last position, to read on from there. */
  #goBack(): void {
    this.#delivered = []
    this.#refunded = []
    this.#ruled = true
    for (let shard = 0; shard < this.#deps.shards; shard++) {
      this.#taken[shard] = this.#saved[shard]!
      this.#behind.add(shard)
    }
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

  /** Read lines do not bring the order's state: its first line says what was sold. */
  async #takeRead(shard: number, lines: readonly Line[]): Promise<void> {
    const delivered: (Refunded & { cost: number; at: number })[] = []
    const refunded: Refunded[] = []
    for (const line of lines) {
      const record = decode(line.body)
      if (record.kind !== 'order') continue
      const { id, at } = record
      for (const event of record.events as readonly OrderEvent[]) {
        if (event.type === 'delivered') delivered.push({ shard, id, at, cost: event.cost })
        else if (isRefund(event)) refunded.push({ shard, id })
      }
    }
    if (delivered.length > 0) {
      const keys = delivered.map(({ id }) => decimalOf(keyOf(id)))
      const sold = new Map<string, Sold>()
      for (const { key, body } of await firstLines(this.#deps.pool, { shard, keys })) {
        const placed = placedIn(decode(body).events as readonly OrderEvent[])
        if (placed !== null) sold.set(key, placed)
      }
      for (const one of delivered) {
        const what = sold.get(decimalOf(keyOf(one.id)))
        if (what !== undefined) this.#delivered.push({ ...one, ...what })
      }
    }
    this.#refunded.push(...refunded)
    this.#taken[shard] = lines.at(-1)?.seq ?? this.#taken[shard]!
  }
}

type Agreed = {
  readonly entries: readonly NewEntry[]
  readonly rings: readonly string[]
  /** Whether there is any rule. */
  readonly ruled: boolean
}

const nothing: Agreed = { entries: [], rings: [], ruled: true }

/** Who earns what of these deliveries, as rules and trees are now. */
async function agreedOn(tx: Tx, delivered: readonly Delivered[]): Promise<Agreed> {
  if (delivered.length === 0) return nothing
  const rules = await readCommissionRules(tx)
  if (rules.every(rule => !rule.active)) return { ...nothing, ruled: false }
  const products = [...new Set(delivered.map(({ product }) => product))]
  const categories = rules.some(({ scope }) => scope === 'category')
    ? await categoriesOf(tx, products)
    : new Map<string, string>()
  const ruled = delivered.flatMap(sale => {
    const category = categories.get(sale.product) ?? ''
    const rule = ruleFor(rules, { product: sale.product, category })
    return rule === undefined ? [] : [{ sale: { ...sale, category }, rule }]
  })
  if (ruled.length === 0) return nothing
  const buyers = [...new Set(ruled.map(({ sale }) => sale.userId))]
  const depth = Math.max(...ruled.map(({ rule }) => depthOf(rule)))
  const { above, rings } = treesOf(await uplinesOf(tx, { buyers, depth }))
  const entries = ruled.flatMap(({ sale, rule }) => {
    const { shard, id: orderId, userId: buyerId, product, price, cost, at } = sale
    const { version, scope, target } = rule
    return sharesOf(rule, sale, above.get(buyerId) ?? []).map(
      ({ level, userId, amount, percentBp, fixed }) => ({
        ...{ shard, orderId, level, userId, buyerId, product, amount, at },
        margin: price - cost,
        rule: { id: rule.id, version, scope, target, percent_bp: percentBp, fixed },
      }),
    )
  })
  return { entries, rings, ruled: true }
}

/** What stands above each buyer, and who of them stands in a ring. */
export function treesOf(rows: readonly UplineRow[]): {
  readonly above: ReadonlyMap<string, readonly UplineRow[]>
  readonly rings: readonly string[]
} {
  const above = new Map<string, UplineRow[]>()
  const rings: string[] = []
  for (const row of rows) {
    const { buyer } = row
    if (row.ring) rings.push(buyer)
    else if (above.get(buyer)?.push(row) === undefined) above.set(buyer, [row])
  }
  return { above, rings }
}

const isRefund = (event: OrderEvent): boolean =>
  event.type === 'resolved' && event.verdict === 'refund'

function placedIn(events: readonly OrderEvent[]): Sold | null {
  for (const event of events) {
    if (event.type !== 'placed') continue
    const { user: userId, product, price } = event
    return { userId, product, price }
  }
  return null
}
