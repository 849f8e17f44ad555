/**
 * What gateways collected, and what of it they paid out, over all shards.
 *
 *   deposits: gateway ─▶ wallet, suspense      receipts: clearing ─▶ gateway
 *
 * Z55. What a gateway is said to have paid out, its fees with it, is no more than it collected.
 */

import type { Body } from './chain.ts'
import type { Problems } from './problems.ts'

const prefix = 'gateway:'

type Gateway = { collected: number; paidOut: number }

export class Gateways {
  readonly #gateways = new Map<string, Gateway>()
  readonly #problems: Problems

  constructor(problems: Problems) {
    this.#problems = problems
  }

  read({ k: kind, p: entries }: Body): void {
    if (entries === undefined || (kind !== 'deposit' && kind !== 'receipt')) return
    for (const [, , debit, credit, amount] of entries) {
      if (kind === 'deposit' && debit.startsWith(prefix)) this.#of(debit).collected += amount
      if (kind === 'receipt' && credit.startsWith(prefix)) this.#of(credit).paidOut += amount
    }
  }

  /** When all shards are read. */
  finish(): void {
    for (const [account, { collected, paidOut }] of this.#gateways) {
      if (paidOut <= collected) continue
      const text = `${paidOut} was paid out of ${collected} that it collected`
      this.#problems.add('deposit.paid_out', { shard: 0, actor: account }, text)
    }
  }

  #of(account: string): Gateway {
    const known = this.#gateways.get(account) ?? { collected: 0, paidOut: 0 }
    this.#gateways.set(account, known)
    return known
  }
}
