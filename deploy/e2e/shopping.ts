/**
 * Many orders of many shops, sent until each has its answer, and the reckoning afterwards: what the
 * shops were told, what our books say and what the suppliers say must be one story.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer, Json, Oracle, Reseller, Sale, Wish } from './reseller.ts'

type Told = Wish & { readonly shop: Reseller }

export type OrderRow = {
  readonly id: string
  readonly user_id: string
  readonly ref: string
  readonly destination: string
  readonly price: string
  readonly status: string
}

export const orderRows = 'select id, user_id, ref, destination, price, status from order_view'

type Counts = { delivered: number; failed: number; elsewhere: number }

const answerMsMax = 60_000

export class Shopping {
  readonly wishes: readonly Told[]
  /** The ids that each reference was told; more than one is a lie somewhere. */
  readonly #acknowledged = new Map<string, Set<string>>()
  #repeats = 0

  constructor(wishes: readonly Told[]) {
    this.wishes = wishes
  }

  /** Several lists as one, every shop at the door that is left to ask at. */
  static joined(lists: readonly Shopping[], doorOf: (shop: Reseller) => Reseller): Shopping {
    const all = new Shopping(
      lists.flatMap(({ wishes }) => wishes.map(told => ({ ...told, shop: doorOf(told.shop) }))),
    )
    for (const list of lists) {
      for (const [key, ids] of list.#acknowledged) all.#acknowledged.set(key, ids)
    }
    return all
  }

  get acknowledged(): number {
    return this.#acknowledged.size
  }

  get repeats(): number {
    return this.#repeats
  }

  /** Everything on the list, by so many hands at once. `heard` sees every answer, null is none. */
  async run(hands: number, heard: (answer: Answer | null) => void = () => {}): Promise<void> {
    const line = [...this.wishes]
    const hand = async (): Promise<void> => {
      for (let told = line.shift(); told !== undefined; told = line.shift()) {
        const { shop, ...wish } = told
        const { status, text, body } = await shop.insist(wish, answerMsMax, answer => {
          heard(answer)
          if (answer?.status !== 200) this.#repeats++
        })
        equal(status, 200, `${wish.ref_id}: ${text}`)
        this.#note(told, body['data'].trx_id)
      }
    }
    await Promise.all(Array.from({ length: hands }, hand))
  }

  #note(told: Told, trxId: string): void {
    const ids = this.#acknowledged.get(keyOf(told)) ?? new Set()
    this.#acknowledged.set(keyOf(told), ids.add(trxId))
  }

  /** Each reference is one order, the one that was acknowledged, and it has ended. */
  checkOrders(rows: readonly OrderRow[]): void {
    const known = new Map(rows.map(row => [`${row.user_id} ${row.ref}`, row]))
    equal(known.size, rows.length, 'a reference has two orders')
    equal(rows.length, this.wishes.length, 'there are other orders than those that were sent')
    for (const told of this.wishes) {
      const row = known.get(keyOf(told))
      const ids = [...(this.#acknowledged.get(keyOf(told)) ?? [])]
      deepEqual(ids, [row?.id], `${told.ref_id} was told other ids than it has`)
      equal(row?.destination, told.destination)
      ok(row?.status === 'SUCCESS' || row?.status === 'FAILED', `${told.ref_id} is ${row?.status}`)
    }
  }

  /** What we call delivered was sold once, by whom and as we say; what we call failed was not. */
  async checkSales(oracle: Oracle): Promise<Counts> {
    const byOrder = new Map<string, Sale[]>()
    for (const sale of await oracle.sales()) {
      equal(sale.times, 1, `${sale.ref} was sold ${sale.times} times`)
      const hex = /^L([0-9a-f]{32})-\d+$/.exec(sale.ref)?.[1] ?? sale.ref
      byOrder.set(hex, [...(byOrder.get(hex) ?? []), sale])
    }
    const counts = { delivered: 0, failed: 0, elsewhere: 0 }
    for (const { shop, ref_id } of this.wishes) {
      const path = `/api/v1/transactions?ref_id=${encodeURIComponent(ref_id)}`
      let answer = await shop.get(path)
      // An owner that has just come back may ask for a little patience.
      for (let tries = 0; answer.body.retryable === true && tries < 100; tries++) {
        await pause(200)
        answer = await shop.get(path)
      }
      const { body, text } = answer
      const { data } = body
      ok(data !== undefined, text)
      const hex = data.trx_id.replaceAll('-', '')
      const sold = (byOrder.get(hex) ?? []).filter(({ status }) => status !== 'failed')
      byOrder.delete(hex)
      if (data.status === 'FAILED') {
        deepEqual(sold, [], `sold, and failed with us: ${text}`)
        counts.failed++
        continue
      }
      const { n, supplier } = data.attempts.find(({ outcome }: Json) => outcome === 'success')
      equal(sold.length, 1, `delivered, and sold ${sold.length} times: ${text}`)
      const [sale] = sold
      deepEqual(
        { status: sale!.status, ref: sale!.ref, supplier: sale!.supplier, sn: sale!.sn },
        { status: 'success', ref: `L${hex}-${n}`, supplier, sn: data.sn },
      )
      counts.delivered++
      if (n > 1) counts.elsewhere++
    }
    deepEqual([...byOrder.keys()], [], 'sales that no order knows')
    return counts
  }

  /** Each wallet has what was paid in less what was delivered. */
  async checkWallets(
    rows: readonly OrderRow[],
    depositOf: (shop: Reseller) => number,
  ): Promise<void> {
    for (const shop of new Set(this.wishes.map(told => told.shop))) {
      const delivered = rows.filter(
        row => row.user_id === shop.keys.user_id && row.status === 'SUCCESS',
      )
      const spent = delivered.reduce((sum, row) => sum + Number(row.price), 0)
      const { balance, held } = await shop.balance()
      deepEqual({ balance, held }, { balance: depositOf(shop) - spent, held: 0 })
      const [last] = await shop.mutations()
      equal(last?.['balance_after'], balance)
    }
  }
}

let numbers = 0

/** Mostly one number again and again; every third order is one that must have no twin. */
export function wishesOf(
  shops: readonly Reseller[],
  ordersPerShop: number,
  name = 'order',
): Told[] {
  return shops.flatMap((shop, s) =>
    Array.from({ length: ordersPerShop }, (_, n) => {
      const ref_id = `${name} ${s}/${n}`
      if (n % 3 > 0) return { shop, ref_id, product_code: 'BENCH10', destination: '081111111111' }
      const destination = `0812${String(numbers++).padStart(8, '0')}`
      return { shop, ref_id, product_code: 'TSEL10', destination }
    }),
  )
}

const keyOf = ({ shop, ref_id }: Told): string => `${shop.keys.user_id} ${ref_id}`
