/**
 * Money between shards: each receipt has a key that follows from its transfer's id, so the two ends
 * find each other however far apart they are read. What has found its other end is forgotten; only
 * what is under way, or stands in a shard that is not read yet, takes memory.
 *
 *   payer's shard: sent ──▶ clearing ──▶ received :receiver's shard
 *
 * Z14. Every receipt has its transfer, with the same account and amount, once; what the payer calls
 *      done has arrived; and clearing over all shards is what is under way.
 * FLV1. What is sent into or out of a supplier's float stands against cash or a difference.
 * Z56. What a gateway paid out is sent from cash, and its fees from their own account, which
 *      nothing else touches; nothing is sent out of what it owes.
 */

import { type Body, fingerprint, type Line } from './chain.ts'
import type { Place, Problems } from './problems.ts'

type Sent = Place & { readonly to: string; readonly amount: number; done: boolean }
type Received = Place & { readonly to: string; readonly amount: number }

export class Transfers {
  /** By the shard and key of the receipt, as long as only one end was read. */
  readonly #sent = new Map<string, Sent>()
  readonly #received = new Map<string, Received>()
  readonly #problems: Problems

  constructor(problems: Problems) {
    this.#problems = problems
  }

  /** Returns the receipt's place, by which the transfer finds its other end later on. */
  readTransfer(line: Line, body: Body, receipt: string | null): string | null {
    for (const { type, to, toShard, from, amount } of body.e) {
      if (type === 'sent') {
        const place = { shard: line.shard, seq: line.seq, actor: body.id }
        if (receipt !== null) this.#problems.add('transfer.again', place, 'sent a second time')
        receipt = `${toShard}.${fingerprint('receipt', body.id)}`
        this.#checkMoney(place, body, { debit: from, credit: 'clearing', amount })
        this.#checkFloat(place, from, to)
        this.#checkGateway(place, String(from), String(to))
        const sent = { ...place, to, amount, done: false }
        const received = this.#received.get(receipt)
        if (received === undefined) this.#sent.set(receipt, sent)
        else this.#pair(receipt, sent, received)
      } else if (type === 'confirmed') {
        const sent = receipt === null ? undefined : this.#sent.get(receipt)
        if (sent !== undefined) sent.done = true
      }
    }
    return receipt
  }

  readReceipt(line: Line, body: Body, known: string | null): string | null {
    for (const { type, to, amount } of body.e) {
      if (type !== 'received') continue
      const place = { shard: line.shard, seq: line.seq, actor: body.id }
      if (known !== null) this.#problems.add('transfer.again', place, 'received a second time')
      known = `${line.shard}.${line.key}`
      this.#checkMoney(place, body, { debit: 'clearing', credit: to, amount })
      const received = { ...place, to, amount }
      const sent = this.#sent.get(known)
      if (sent === undefined) this.#received.set(known, received)
      else this.#pair(known, sent, received)
    }
    return known
  }

  /** When all shards are read: who never found the other end? Returns what is under way. */
  finish(): number {
    let underWay = 0
    for (const { done, amount, to, ...place } of this.#sent.values()) {
      underWay += amount
      if (done) {
        this.#problems.add('transfer.lost', place, `${amount} to ${to} is done but never arrived`)
      }
    }
    for (const { amount, to, ...place } of this.#received.values()) {
      this.#problems.add('transfer.unsent', place, `${amount} to ${to} arrived and nobody sent it`)
    }
    return underWay
  }

  #pair(key: string, sent: Sent, received: Received): void {
    this.#sent.delete(key)
    this.#received.delete(key)
    if (sent.amount === received.amount && sent.to === received.to) return
    const text = `${sent.amount} to ${sent.to} was sent as ${sent.actor}, ${received.amount} to ${received.to} arrived`
    const { shard, seq, actor } = received
    this.#problems.add('transfer.changed', { shard, seq, actor }, text)
  }

  #checkFloat(place: Place, from: unknown, to: unknown): void {
    const isFloat = (account: unknown) => String(account).startsWith('float:')
    if (!isFloat(from) && !isFloat(to)) return
    const other = isFloat(from) ? to : from
    if (other === 'cash' || other === 'difference') return
    this.#problems.add('transfer.float', place, `${from} to ${to}: a float against ${other}`)
  }

  #checkGateway(place: Place, from: string, to: string): void {
    const isIn = to.startsWith('gateway:')
    const isRight = isIn ? from === 'cash' || from === 'gateway_fee' : from !== 'gateway_fee'
    if (isRight && !from.startsWith('gateway:') && to !== 'gateway_fee') return
    this.#problems.add('transfer.gateway', place, `${from} to ${to}`)
  }

  /** The one posting that the event stands for. */
  #checkMoney(
    place: Place,
    { p: entries }: Body,
    wanted: { debit: string; credit: string; amount: number },
  ): void {
    const [op, , debit, credit, amount] = (entries ?? [])[0] ?? nothing
    const { debit: from, credit: to } = wanted
    if (op === 'move' && debit === from && credit === to && amount === wanted.amount) return
    const text = `should move ${wanted.amount} from ${from} to ${to}: ${op} ${amount} from ${debit} to ${credit}`
    this.#problems.add('transfer.money', place, text)
  }
}

const nothing: readonly (string | number)[] = ['nothing', '', '', '', 0]
