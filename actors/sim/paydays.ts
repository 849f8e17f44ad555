/**
 * Of the stories of numbers: gateways pay out, and finance notes it, sometimes twice, within what
 * stands in the books, as services/deposit/gateway does.
 *
 * NLD1. What a gateway paid out is in cash and in fees once, whatever is repeated or crashes, and
 *       off what it owes; nobody pays out what he never collected.
 */

import { assert } from '../../engine/assert.ts'
import { fingerprint } from '../../engine/ids.ts'
import type { AccountId } from '../../engine/ledger.ts'
import type { Errand } from '../../engine/outbox.ts'
import type { JournalRecord } from '../../engine/record.ts'
import type { World } from '../../engine/sim/world.ts'
import { cash, gateway, gatewayFee } from '../chart.ts'
import type { Receipt, Transfer } from '../transfer/transfer.ts'

type Payout = { readonly amount: number; readonly fee: number }

/** Where cash stands. */
const shard = 0
const fee = 1_000

export class Paydays {
  readonly #world: World
  readonly #noted = new Map<string, Payout[]>()
  /** Of each gateway: what of it is in the books. */
  readonly #booked = new Map<AccountId, number>()

  constructor(world: World) {
    this.#world = world
  }

  /** All that it owes, or a part of it. */
  payOut(name: string): void {
    const account = gateway(name)
    const { auditor, prng } = this.#world
    const underWay = this.paidOut(name) - (this.#booked.get(account) ?? 0)
    const owed = -auditor.total(account)[0] - underWay
    const most = prng.chance(0.5) ? owed : Math.floor(owed / 2)
    if (most <= fee) return
    const all = this.#noted.get(name) ?? []
    this.#noted.set(name, all)
    const payout = { amount: most - fee, fee: prng.chance(0.7) ? fee : 0 }
    all.push(payout)
    for (let times = prng.between(1, 2); times > 0; times--) {
      this.#send('gateway-payout', cash, { name, ref: all.length, amount: payout.amount })
      if (payout.fee === 0) continue
      this.#send('gateway-fee', gatewayFee, { name, ref: all.length, amount: payout.fee })
    }
  }

  paidOut(name: string): number {
    return sum(this.#noted.get(name) ?? [], one => one.amount + one.fee)
  }

  #send(
    word: string,
    from: AccountId,
    { name, ref, amount }: { readonly name: string; readonly ref: number; readonly amount: number },
  ): void {
    const key = fingerprint(word, name, String(ref))
    const facts = { from, to: gateway(name), toShard: shard, amount, note: '' }
    const command: Transfer['command'] = { type: 'send', ...facts }
    this.#world.ask({ shard, key, kind: 'transfer', command }, `${word} ${key}`, reply => {
      assert('accepted' in reply, 'NLD1: what is told again is the same')
    })
  }

  deliver({ effect, from }: Errand, answer: () => void): void {
    const { from: payer, to, toShard, amount, note } = effect as Transfer['effect']
    const key = fingerprint('receipt', from)
    const command: Receipt['command'] = { type: 'receive', from: payer, to, amount, note }
    const envelope = { shard: toShard, key, kind: 'receipt', command }
    let isAnswered = false
    this.#world.ask(envelope, `receipt ${key}`, reply => {
      assert('accepted' in reply, 'M1: what was sent is received')
      if (!isAnswered) answer()
      isAnswered = true
    })
  }

  onRecord({ events }: JournalRecord): void {
    for (const { to, amount } of events as readonly Receipt['event'][]) {
      this.#booked.set(to, (this.#booked.get(to) ?? 0) + amount)
    }
  }

  checkAtRest(): void {
    const { auditor } = this.#world
    const all = [...this.#noted.values()].flat()
    const [inCash] = auditor.total(cash)
    assert(inCash === -sum(all, one => one.amount), 'NLD1: cash has what was paid out')
    assert(auditor.total(gatewayFee)[0] === -sum(all, one => one.fee), 'NLD1: fees are a cost')
  }
}

const sum = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((total, one) => total + of(one), 0)
