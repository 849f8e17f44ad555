/**
 * Who lives in a shard, or in one part of a shard that is too large to be remembered whole: when
 * each was born, and what became of those kinds whose words this reading knows.
 *
 * Z15. The first line of an actor says that it is born and no later one does; its id and kind stay.
 */

import { Activation, readActivation } from './activations.ts'
import type { Body, Line } from './chain.ts'
import { Commission, readCommission } from './commissions.ts'
import { Deposit, readDeposit, readStranger } from './deposits.ts'
import { Device, readDevice } from './devices.ts'
import { Image } from './image.ts'
import { Order, readOrder } from './orders.ts'
import { Payment, readPayment } from './payments.ts'
import type { Problems } from './problems.ts'
import { readSettlement, Settlement } from './settlements.ts'
import type { Transfers } from './transfers.ts'

/** Keys from `from` up to but not including `to`, as 16 hex digits. */
export type Part = { readonly from: string; readonly to: string }

export type Actor = {
  readonly id: string
  readonly kind: string
  /** Its last line. */
  seq: number
  readonly order: Order | null
  readonly commission: Commission | null
  readonly device: Device | null
  readonly payment: Payment | null
  readonly settlement: Settlement | null
  readonly activation: Activation | null
  readonly deposit: Deposit | null
  /** Of a transfer or receipt: where its receipt is; and whether the payer calls it done. */
  receipt: string | null
  done: boolean
  /** Of a box, whose lines are too many to be read a second time. */
  readonly image: Image | null
  /** Met in the table that is being compared just now. */
  seen: boolean
}

export type OrderCounts = {
  total: number
  open: number
  delivered: number
  failed: number
  refunded: number
  parked: number
  disputed: number
}

export class Actors {
  readonly known = new Map<string, Actor>()
  readonly #part: Part
  readonly #transfers: Transfers
  readonly #problems: Problems

  constructor(part: Part, transfers: Transfers, problems: Problems) {
    this.#part = part
    this.#transfers = transfers
    this.#problems = problems
  }

  has(key: string): boolean {
    return key >= this.#part.from && key < this.#part.to
  }

  read(line: Line, body: Body): void {
    if (!this.has(line.key)) return
    const actor = this.#meet(line, body)
    actor.seq = line.seq
    actor.image?.read(line.seq, body)
    if (actor.deposit === null) readStranger(line, body, this.#problems)
    if (actor.order !== null) readOrder(actor.order, line, body, this.#problems)
    else if (actor.commission !== null) {
      readCommission(actor.commission, line, body, this.#problems)
    } else if (actor.device !== null) readDevice(actor.device, line, body, this.#problems)
    else if (actor.payment !== null) readPayment(actor.payment, line, body, this.#problems)
    else if (actor.settlement !== null) readSettlement(actor.settlement, line, body, this.#problems)
    else if (actor.activation !== null) {
      readActivation(actor.activation, line, body, this.#problems)
      actor.activation.shown.read(line, body)
    } else if (actor.deposit !== null) {
      readDeposit(actor.deposit, line, body, this.#problems)
      actor.deposit.shown.read(line.key, body)
    } else if (body.k === 'transfer') {
      actor.receipt = this.#transfers.readTransfer(line, body, actor.receipt)
      if (body.e.some(event => event.type === 'confirmed')) actor.done = true
    } else if (body.k === 'receipt') {
      actor.receipt = this.#transfers.readReceipt(line, body, actor.receipt)
      actor.done = true
    }
  }

  /** Adds up the orders, and what those that hold their price hold, rented numbers as well. */
  count(into: OrderCounts): number {
    let held = 0
    for (const { order, activation } of this.known.values()) {
      if (activation?.held) held += activation.price
      if (order === null || order.phase === 'absent') continue
      into.total++
      into[order.phase]++
      if (order.phase === 'open' && order.parked !== null) into.parked++
      if (order.disputes.length > 0) into.disputed++
      if (order.held) held += order.price
    }
    return held
  }

  #meet(line: Line, body: Body): Actor {
    const { key, shard, seq } = line
    const place = { shard, seq, actor: body.id }
    const known = this.known.get(key)
    if (known === undefined) {
      if (body.b !== 1) this.#problems.add('born.missing', place, 'its first line has no "b":1')
      const order = body.k === 'order' ? new Order() : null
      const commission = body.k === 'commission' ? new Commission() : null
      const device = body.k === 'device' ? new Device() : null
      const payment = body.k === 'payment' ? new Payment() : null
      const settlement = body.k === 'settlement' ? new Settlement() : null
      const activation = body.k === 'activation' ? new Activation() : null
      const deposit = body.k === 'deposit' ? new Deposit() : null
      const { id, k: kind } = body
      const actor = {
        ...{ id, kind, seq, order, commission, device, payment, settlement },
        ...{ activation, deposit },
        ...{ receipt: null, done: false, seen: false },
        image: device === null ? null : Image.of(kind),
      }
      this.known.set(key, actor)
      return actor
    }
    if (body.b === 1) this.#problems.add('born.again', place, `born before as ${known.id}`)
    if (known.id !== body.id || known.kind !== body.k) {
      const text = `was ${known.kind} ${known.id}, is now ${body.k} ${body.id}`
      this.#problems.add('actor.changed', place, text)
    }
    return known
  }
}

/** Does anybody still have to do something about it? Null: this reading does not know the kind. */
export function isLive(actor: Actor): boolean | null {
  const { order, commission, device, payment, settlement, activation, deposit } = actor
  const { kind, done } = actor
  if (order !== null) return order.phase === 'open' || order.disputes.length > 0
  if (commission !== null) return false
  if (device !== null) return device.isLive
  if (payment !== null) return payment.isLive
  if (settlement !== null) return settlement.isLive
  if (activation !== null) return activation.isLive
  if (deposit !== null) return deposit.isLive
  return kind === 'transfer' || kind === 'receipt' ? !done : null
}
