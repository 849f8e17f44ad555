/**
 * Which order pays which inquiry of a bill.
 *
 * PPI1. An inquiry pays one order: another one may name it only when the one before has failed.
 * PPI2. Whoever is asked to pay a bill is asked to pay what it cost at the inquiry.
 */

import type { Body, Event, Line } from './chain.ts'
import type { Problems } from './problems.ts'

type Bill = { readonly id: string; readonly cost: number }

export class Bills {
  readonly #problems: Problems
  /** The order that pays an inquiry, and what it pays. */
  readonly #payers = new Map<string, string>()
  readonly #bills = new Map<string, Bill>()

  constructor(problems: Problems) {
    this.#problems = problems
  }

  read(line: Line, body: Body): void {
    if (body.k !== 'order') return
    for (const event of body.e) this.#readEvent(event, line, body)
  }

  #readEvent(event: Event, line: Line, body: Body): void {
    const tell = (text: string): void =>
      this.#problems.add('order.bill', { shard: line.shard, seq: line.seq, actor: body.id }, text)
    switch (event.type) {
      case 'placed': {
        const bill = event['bill'] as Bill | undefined
        if (bill === undefined) return
        const payer = this.#payers.get(bill.id)
        if (payer !== undefined) tell(`pays inquiry ${bill.id}, which order ${payer} pays`)
        this.#payers.set(bill.id, line.key)
        this.#bills.set(line.key, bill)
        return
      }
      case 'dispatched': {
        const bill = this.#bills.get(line.key)
        if (bill === undefined || event['cost'] === bill.cost) return
        tell(`is sent out for ${event['cost']}, its bill was ${bill.cost}`)
        return
      }
      case 'failed': {
        const bill = this.#bills.get(line.key)
        if (bill !== undefined) this.#payers.delete(bill.id)
      }
    }
  }
}
