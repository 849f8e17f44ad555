/**
 * From journal lines to commissions that are due. Lines that are read back tell the same as fresh
 * ones.
 *
 *   journal follower ──lines──▶ delivered? refunded? ──▶ pile ─┐ one write:
 *                                                              └▶ position, entries, refunds
 *
 * CMC1. Position and entries are one write, and only from where the position stood: whatever is
 *       killed, and whoever else is at work, a delivery is taken up once.
 * CMC2. What is agreed is what the rules and the tree say when the delivery is taken up; it stands
 *       in the entry, and later rules do not change it.
 * CMC3. Nothing is read per order: rules, categories and trees are asked for once per write, for
 *       all deliveries in it, and not at all when nothing was delivered.
 * CMC4. A ring of uplines ends where it closes, and is told; nobody in it is paid twice.
 * CMC6. A refund marks what its order earned, whatever became of that by then.
 * CMC7. While there is no rule, deliveries are not even gathered; once a second it is looked
 *       whether there is one now, before the position moves on, and then what was passed over is
 *       read back.
 */

import type { OrderEvent, OrderState } from '../../actors/order/order-contract.ts'
import { decimalOf, keyOf } from '../../engine/ids.ts'
import { decode, type JournalRecord } from '../../engine/record.ts'
import type { DatabasePool } from '../../sql/database.ts'
import {
  addEntries,
  categoriesOf,
  firstLines,
  type NewEntry,
  readCommissionRules,
  refundEntries,
  type UplineRow,
  uplinesOf,
} from '../../sql/money/commission.ts'
import { movePositions, type Place, positionsIn, type Step } from '../../sql/positions.ts'
import { JournalFollower, type JournalSource, type Read } from '../journal-follower.ts'
import { depthOf, ruleFor, sharesOf } from './shares.ts'

type Tx = Parameters<typeof addEntries>[0]

type IntakeDeps = {
  readonly pool: DatabasePool
  readonly shards: number
  readonly isOwner: () => boolean
  readonly source: JournalSource
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

const pace = { beatMs: 100, gatherMax: 5_000, pileMax: 20_000 }
/** More than a few are written once a second: each write moves the positions of all shards. */
const fewMax = 20
const gatherMs = 1_000

export class Intake {
  readonly #deps: IntakeDeps
  readonly follower: JournalFollower
  #delivered: Delivered[] = []
  #refunded: Refunded[] = []
  /** Whether there was a rule when we last looked. */
  #ruled = true

  constructor(deps: IntakeDeps) {
    this.#deps = deps
    const { shards, isOwner, source, onError } = deps
    this.follower = new JournalFollower(
      {
        ...{ name: 'commission', shards, isOwner, source, onError, ...pace },
        gatherMs: () => (this.#gathered > fewMax ? gatherMs : 0),
      },
      {
        positions: () => this.#findPositions(),
        take: ({ shard }, record, state) => this.#take(shard, record, state),
        takeRead: (shard, read) => this.#takeRead(shard, read),
        write: steps => this.#write(steps),
        gathered: () => this.#gathered,
      },
    )
  }

  get #gathered(): number {
    return this.#delivered.length + this.#refunded.length
  }

  #take(shard: number, record: JournalRecord, state: unknown): void {
    if (record.kind !== 'order') return
    const known = state as OrderState
    for (const event of record.events as readonly OrderEvent[]) {
      if (event.type === 'delivered' && this.#ruled && 'order' in known) {
        const { user: userId, product, price } = known.order
        const sold = { userId, product, price, cost: event.cost }
        this.#delivered.push({ shard, id: record.id, at: record.at, ...sold })
      } else if (isRefund(event)) this.#refunded.push({ shard, id: record.id })
    }
  }

  async #write(steps: readonly Step[]): Promise<'again' | undefined> {
    const { pool, onWritten, onRing } = this.#deps
    const [delivered, refunded] = [this.#delivered, this.#refunded]
    this.#clear()
    if (!this.#ruled && (await readCommissionRules(pool)).some(rule => rule.active)) {
      this.#clear()
      this.#ruled = true
      return 'again'
    }
    const { rings, ruled } = await pool.transaction(async tx => {
      await movePositions(tx, 'commission_position', steps)
      const agreed = await agreedOn(tx, delivered)
      if (agreed.entries.length > 0) await addEntries(tx, agreed.entries)
      if (refunded.length > 0) await refundEntries(tx, refunded)
      return agreed
    })
    if (delivered.length > 0) this.#ruled = ruled
    for (const buyer of rings) onRing(buyer)
    if (delivered.length > 0 || refunded.length > 0) onWritten()
    return undefined
  }

  async #findPositions(): Promise<readonly Place[]> {
    const places = await positionsIn(this.#deps.pool, 'commission_position')
    this.#clear()
    this.#ruled = true
    return places
  }

  #clear(): void {
    this.#delivered = []
    this.#refunded = []
  }

  /** Read lines do not bring the order's state: its first line says what was sold. */
  async #takeRead(shard: number, read: readonly Read[]): Promise<void> {
    const delivered: (Refunded & { cost: number; at: number })[] = []
    const refunded: Refunded[] = []
    for (const { record } of read) {
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
