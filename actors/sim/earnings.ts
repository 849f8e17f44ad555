/**
 * What an upline earns in some of the stories: a client's orders earn for another client, who
 * spends all that he has, so that what is taken back is not always there. Whoever pays out is told
 * of a delivery and of a refund, and asks until the journal has it, as services/commission does.
 *
 * CMG1. At rest each order that stands as delivered has earned once and no other one has; nobody
 *       owes less than nothing, and what the house gave is what stands.
 */

import { assert } from '../../engine/assert.ts'
import { fingerprint, shardOf } from '../../engine/ids.ts'
import type { JournalRecord } from '../../engine/record.ts'
import type { World } from '../../engine/sim/world.ts'
import { cash, clawback, commissionCost, wallet } from '../chart.ts'
import type { Commission } from '../commission/commission.ts'

type Earned = { readonly upline: string; paid: boolean; refunded: boolean }

const amount = 7_000
/** What he spends elsewhere when he is paid: as much of it as he has. */
const spent = [40_000, 30_000, 20_000, 10_000, 7_000]

export class Earnings {
  readonly #world: World
  readonly #users: readonly string[]
  readonly #byOrder = new Map<string, Earned>()
  /** What was earned after something was taken back. */
  #later = 0

  /** A quarter of the stories, by the first client's id: the others' dice fall as before. */
  constructor(world: World, users: readonly string[]) {
    this.#world = world
    this.#users = Number.parseInt(users[0]!.slice(-1), 16) < 4 ? users : []
  }

  delivered(order: string, buyer: string): void {
    if (this.#users.length === 0) return
    const upline = this.#users[(this.#users.indexOf(buyer) + 1) % this.#users.length]!
    const earned = { upline, paid: false, refunded: false }
    this.#byOrder.set(order, earned)
    this.#ask(payment(order, 1, upline), () => {
      earned.paid = true
      this.#spend(order, upline)
      if (earned.refunded) this.#takeBack(order, earned)
    })
  }

  refunded(order: string): void {
    const earned = this.#byOrder.get(order)
    if (earned === undefined) return
    earned.refunded = true
    if (earned.paid) this.#takeBack(order, earned)
  }

  /** What a line of the journal did to a wallet. */
  movedBy({ kind, events }: JournalRecord): readonly (readonly [user: string, amount: number])[] {
    if (kind !== 'commission') return []
    return (events as readonly Commission['event'][]).map(event =>
      event.type === 'paid'
        ? [event.user, event.amount - event.kept]
        : [event.user, event.owed - event.amount],
    )
  }

  checkAtRest(): void {
    const { auditor } = this.#world
    const standing = [...this.#byOrder.values()].filter(({ refunded }) => !refunded).length
    const [given] = auditor.total(commissionCost)
    assert(
      given + (standing + this.#later) * amount === 0,
      'CMG1: what the house gave is what stands',
    )
    for (const user of this.#users) {
      const [debt] = auditor.balance(shardOf(user), clawback(user))
      assert(debt <= 0, 'CMG1: nobody owes less than nothing')
    }
  }

  #spend(order: string, user: string): void {
    for (const amount of spent) {
      const key = fingerprint('spent', order, String(amount))
      const shard = shardOf(user)
      const sides = { from: wallet(user), to: cash, toShard: shard, amount, note: '' }
      const command = { type: 'send', ...sides }
      const envelope = { shard, key, kind: 'transfer', owner: wallet(user), command }
      this.#world.ask(envelope, `spent ${key}`, () => {})
    }
  }

  #takeBack(order: string, { upline }: Earned): void {
    this.#ask({ type: 'reverse', order, level: 1, user: upline }, () => {
      this.#later++
      this.#ask(payment(order, 2, upline), () => {})
    })
  }

  #ask({ order, level, user, ...words }: Words, hear: () => void): void {
    const key = fingerprint('commission', order, String(level))
    const command: Commission['command'] =
      words.type === 'pay' ? { ...words, order, level, user } : words
    const envelope = { shard: shardOf(user), key, kind: 'commission', owner: wallet(user), command }
    let isHeard = false
    this.#world.ask(envelope, `${command.type} ${key}`, reply => {
      assert('accepted' in reply, 'CMG1: a commission is paid and taken back when it is asked')
      if (!isHeard) hear()
      isHeard = true
    })
  }
}

type Words = { readonly order: string; readonly level: number; readonly user: string } & (
  | { readonly type: 'pay'; readonly amount: number; readonly note: string }
  | { readonly type: 'reverse' }
)

const payment = (order: string, level: number, user: string) =>
  ({ type: 'pay', order, level, user, amount, note: '' }) as const
