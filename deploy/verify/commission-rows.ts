/**
 * What uplines are to be paid, row by row: the payer pays what stands here, so a row that no order
 * has earned would cost money, and one that says less than was done would be done again.
 *
 *   order's shard, at the table's line ─▶ buyer, product, margin, refunded
 *   upline's shard, at its end ─────────▶ who earned how much, paid, taken back
 *
 * Z66. Every row is of an order that was delivered, with its buyer, product and margin, and is
 *      marked when that was refunded. Who should have earned of it, rules and trees of then said:
 *      that is not compared.
 * Z67. What was paid or taken back has one row that says whose and how much it was; a row may be a
 *      step behind the journal, as its payer notes it afterwards, and never ahead of it.
 */

import type { Actors } from './actors.ts'
import type { Commission } from './commissions.ts'
import type { Order } from './orders.ts'
import type { Problems } from './problems.ts'
import type { EarningRow, Source } from './source.ts'

const idsPerPage = 5_000
const steps = ['due', 'paid', 'reversed']

export class CommissionRows {
  readonly #problems: Problems
  /** Of what is in the journal, so many rows say that it was done. */
  #done = 0

  constructor(problems: Problems) {
    this.#problems = problems
  }

  /** Rows of the shard's orders, as of the line that they are at. */
  async compareOrders(
    pages: AsyncIterable<readonly EarningRow[]>,
    { shard, actors }: { shard: number; actors: Actors },
  ): Promise<void> {
    for await (const page of pages) {
      for (const row of page) {
        const [, key, orderId] = row
        if (!actors.has(key)) continue
        const known = actors.known.get(key)
        const place = { shard, seq: known?.seq, actor: orderId }
        const order = known?.id === orderId ? known.order : null
        if (order?.unknown) continue
        const isSold = order?.phase === 'delivered' || order?.phase === 'refunded'
        if (order == null || !isSold) {
          const text = `level ${row[3]} of ${row[8]}: the journal has no such delivery`
          this.#problems.add('commission_entry.extra', place, text)
          continue
        }
        const text = differenceOf(row, order)
        if (text !== '') this.#problems.add('commission_entry.changed', place, text)
      }
    }
  }

  /** Rows of what the shard's uplines earned, as of the last line that was read. */
  async comparePaid(source: Source, shard: number, actors: Actors): Promise<void> {
    const earned = [...actors.known.values()].flatMap(({ commission, seq, id }) =>
      commission === null || commission.order === '' ? [] : [{ commission, seq, id }],
    )
    for (let from = 0; from < earned.length; from += idsPerPage) {
      const some = earned.slice(from, from + idsPerPage)
      const orders = some.map(({ commission }) => commission.order)
      const levels = some.map(({ commission }) => commission.level)
      const rows = await source.earnings(orders, levels)
      const found = new Map(rows.map(([order, level, ...row]) => [`${order} ${level}`, row]))
      for (const { commission, seq, id } of some) {
        const row = found.get(`${commission.order} ${commission.level}`)
        const place = { shard, seq, actor: id }
        if (row === undefined) {
          const text = `${commission.amount} for level ${commission.level} has no row`
          this.#problems.add('commission_entry.missing', place, text)
          continue
        }
        if (row[2] !== 'due') this.#done++
        const text = wrongIn(row, commission)
        if (text !== '') this.#problems.add('commission_entry.changed', place, text)
      }
    }
  }

  async finish(source: Source): Promise<void> {
    const extra = (await source.earningsDone()) - this.#done
    if (extra === 0) return
    const text = `${extra} rows say that they were paid, and the journal does not`
    this.#problems.add('commission_entry.extra', { shard: 0 }, text)
  }
}

function differenceOf([, , , , user, product, margin, refunded]: EarningRow, order: Order): string {
  const wrong: string[] = []
  if (user !== order.user) wrong.push(`buyer_id is ${user}, the journal says ${order.user}`)
  if (product !== order.product) {
    wrong.push(`product is ${product}, the journal says ${order.product}`)
  }
  const left = order.price - (order.cost ?? 0)
  if (Number(margin) !== left) wrong.push(`margin is ${margin}, the journal says ${left}`)
  const isBack = order.phase === 'refunded'
  if (refunded !== isBack) wrong.push(`refunded is ${refunded}, the journal says ${isBack}`)
  return wrong.join('; ')
}

function wrongIn(row: readonly unknown[], commission: Commission): string {
  const [user, amount, state, kept, owed] = row
  const { user: upline, isReversed } = commission
  const wrong: string[] = []
  if (user !== upline) wrong.push(`user_id is ${user}, the journal says ${upline}`)
  if (Number(amount) !== commission.amount) {
    wrong.push(`amount is ${amount}, the journal says ${commission.amount}`)
  }
  const step = isReversed ? 'reversed' : 'paid'
  if (steps.indexOf(String(state)) > steps.indexOf(step)) {
    wrong.push(`state is ${state}, the journal says ${step}`)
  }
  const isNoted = state !== 'due'
  if (isNoted && Number(kept) !== commission.kept) {
    wrong.push(`kept is ${kept}, the journal says ${commission.kept}`)
  }
  const due = state === 'reversed' ? commission.owed : 0
  if (isNoted && Number(owed) !== due) wrong.push(`owed is ${owed}, the journal says ${due}`)
  return wrong.join('; ')
}
