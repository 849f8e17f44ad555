/**
 * What people read, against what the journal says at the line that the tables claim to be at.
 *
 * Z19. Every order has one row that says how it stands: price, status, serial number, cost,
 *      supplier, attempts, times; and it stands in a person's list when a person must look.
 * Z20. Every change of what a wallet has available has one row with the balance before and after,
 *      so a wallet's rows chain, and with the words that came with it; and there are no others.
 * Z21. Every account has one row with its balances.
 */

import type { Actors } from './actors.ts'
import type { Movement } from './book.ts'
import { keyOf } from './chain.ts'
import type { Order } from './orders.ts'
import type { Problems } from './problems.ts'
import { blanked } from './rows.ts'
import type { MutationRow, OrderRow, Source } from './source.ts'

const statusOf = {
  absent: '',
  open: 'PROCESSING',
  delivered: 'SUCCESS',
  failed: 'FAILED',
  refunded: 'REFUND',
} as const

export async function compareOrders(
  pages: AsyncIterable<readonly OrderRow[]>,
  { shard, actors, problems }: { shard: number; actors: Actors; problems: Problems },
): Promise<void> {
  for await (const page of pages) {
    for (const row of page) {
      const [id] = row
      const key = keyOf(id)
      if (!actors.has(key)) continue
      const actor = actors.known.get(key)
      if (actor === undefined || actor.order === null || actor.id !== id) {
        problems.add('order_view.extra', { shard, actor: id }, 'the journal has no such order')
        continue
      }
      actor.seen = true
      if (actor.order.unknown) continue
      const differences = differencesOf(actor.order, row)
      if (differences === '') continue
      problems.add('order_view.changed', { shard, seq: actor.seq, actor: id }, differences)
    }
  }
  for (const actor of actors.known.values()) {
    if (!actor.seen && actor.order !== null && !actor.order.unknown) {
      const place = { shard, seq: actor.seq, actor: actor.id }
      problems.add('order_view.missing', place, `reference ${actor.order.ref} has no row`)
    }
    actor.seen = false
  }
}

const columns = [
  'id',
  'user_id',
  'ref',
  'product',
  'destination',
  'price',
  'cost',
  'supplier',
  'status',
  'sn',
  'failure',
  'attempts',
  'attention',
  'created_at',
  'updated_at',
]

function differencesOf(order: Order, row: OrderRow): string {
  if (
    row[1] === order.user &&
    row[2] === order.ref &&
    row[3] === order.product &&
    row[4] === order.destination &&
    Number(row[5]) === order.price &&
    (row[6] === null ? null : Number(row[6])) === order.cost &&
    row[7] === order.supplier &&
    row[8] === statusOf[order.phase] &&
    row[9] === order.sn &&
    row[10] === order.failure &&
    row[11] === order.attempts &&
    attentionIsRight(order, row[12]) &&
    Number(row[13]) === order.createdAt &&
    Number(row[14]) === order.updatedAt
  ) {
    return ''
  }
  const read = [
    row[0],
    order.user,
    blanked(order.ref),
    blanked(order.product),
    blanked(order.destination),
    order.price,
    order.cost,
    order.supplier,
    statusOf[order.phase],
    order.sn === null ? null : blanked(order.sn),
    order.failure,
    order.attempts,
    attentionIsRight(order, row[12])
      ? row[12]
      : order.disputes.length > 0
        ? 'DISPUTE'
        : order.parked,
    order.createdAt,
    order.updatedAt,
  ]
  return read
    .flatMap((value, index) => {
      const stated = row[index] ?? null
      if (String(stated) === String(value)) return []
      return [`${columns[index]} is ${stated}, the journal says ${value}`]
    })
    .join('; ')
}

/**
 * A dispute or a parked order needs a person, a finished order without dispute needs none. An open
 * order may also have come to a person without an event of its own: its re-check window was over.
 */
function attentionIsRight(order: Order, attention: string | null): boolean {
  if (order.disputes.length > 0) return attention === 'DISPUTE'
  if (order.parked !== null) return attention === order.parked
  return attention === null
}

/** Reads the rows alongside the journal: both are in the order of the lines. */
export class MutationReader {
  readonly #pages: AsyncGenerator<MutationRow[]>
  readonly #shard: number
  readonly #problems: Problems
  #page: MutationRow[] = []
  #next = 0
  #over = false

  constructor(source: Source, shard: number, problems: Problems) {
    this.#pages = source.mutations(shard)
    this.#shard = shard
    this.#problems = problems
  }

  async compare(movements: readonly Movement[]): Promise<void> {
    for (const movement of movements) {
      if (this.#next >= this.#page.length) await this.#turn()
      while (!this.#over && orderOf(this.#page[this.#next]!, movement) < 0) {
        this.#extra(this.#page[this.#next]!)
        if (++this.#next >= this.#page.length) await this.#turn()
      }
      if (this.#over || orderOf(this.#page[this.#next]!, movement) > 0) {
        const { before, after, reference } = movement
        const text = `${before} → ${after} for ${reference} has no row`
        this.#problems.add('mutation.missing', this.#placeOf(movement), text)
        continue
      }
      this.#check(this.#page[this.#next++]!, movement)
    }
  }

  /** After the last movement: rows that are left have no ground. */
  async finish(): Promise<void> {
    for (;;) {
      if (this.#next >= this.#page.length) await this.#turn()
      if (this.#over) return
      this.#extra(this.#page[this.#next++]!)
    }
  }

  async #turn(): Promise<void> {
    if (this.#over) return
    const { value, done } = await this.#pages.next()
    this.#page = done ? [] : value
    this.#next = 0
    this.#over = done === true
  }

  #check(row: MutationRow, movement: Movement): void {
    const [, , , direction, amount, before, after, kind, reference, at, note] = row
    const change = movement.after - movement.before
    if (
      direction === (change > 0 ? 'in' : 'out') &&
      Number(amount) === Math.abs(change) &&
      Number(before) === movement.before &&
      Number(after) === movement.after &&
      (movement.kind === null || kind === movement.kind) &&
      reference === movement.reference &&
      Number(at) === movement.at &&
      note === movement.note
    ) {
      return
    }
    const stated = `${direction} ${amount}: ${before} → ${after}, ${kind} ${reference} at ${at}, ${note}`
    const read = `${movement.before} → ${movement.after}, ${movement.kind} ${movement.reference} at ${movement.at}, ${movement.note}`
    const text = `the row says ${stated}; the journal says ${read}`
    this.#problems.add('mutation.changed', this.#placeOf(movement), text)
  }

  #extra([seq, leg, user, direction, amount]: MutationRow): void {
    const text = `${direction} ${amount} (posting ${leg}) is no movement of the journal`
    const place = { shard: this.#shard, seq: Number(seq), actor: `wallet:${user}` }
    this.#problems.add('mutation.extra', place, text)
  }

  #placeOf({ seq, user }: Movement) {
    return { shard: this.#shard, seq, actor: `wallet:${user}` }
  }
}

/** Which comes first: the row, or the movement? */
function orderOf([seq, leg, user]: MutationRow, movement: Movement): number {
  const line = Number(seq) - movement.seq
  if (line !== 0) return line
  if (leg !== movement.leg) return leg - movement.leg
  return user < movement.user ? -1 : user > movement.user ? 1 : 0
}
