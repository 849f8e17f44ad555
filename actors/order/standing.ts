/** How an order stands, in words that its decisions share. */

import type {
  Attempt,
  Bill,
  Dispute,
  OrderFacts,
  OrderState,
  ParkedWhy,
  Plan,
} from './order-contract.ts'

export type Live = Extract<OrderState, { order: unknown }>
export type Open = Extract<OrderState, { phase: 'trying' | 'waiting' | 'parked' }>

export const isOpen = (state: Live): state is Open =>
  state.phase === 'trying' || state.phase === 'waiting' || state.phase === 'parked'

export const isDefinite = (attempt: Attempt): boolean =>
  attempt.outcome === 'success' || attempt.outcome === 'failed'

/** A call is out, or still to be made: its answer decides, not a person. */
export const isUnderWay = (state: Open): boolean =>
  state.phase === 'trying' || isAsked(state.order.attempts.at(-1)!)

export const hasDispute = (state: Live): boolean =>
  state.order.disputes.some(one => one.verdict === null)

/** It was asked, or asked about, and has not answered since. Of a parked order only this tells. */
const isAsked = ({ askedAt, answeredAt }: Attempt): boolean =>
  answeredAt === null || askedAt > answeredAt

/** Its present attempt failed, and nothing followed: a person says what does (CRB1, O12). */
export const hasFailed = (state: Live): boolean =>
  state.phase === 'parked' && state.order.attempts.at(-1)!.outcome === 'failed'

/** All its attempts failed, and then one was said to be sold after all: which is true? */
export const isContested = (state: Live): boolean =>
  hasFailed(state) && claimOn(state) !== undefined

/** The first of them that is sold, says whoever said that it failed; nobody has settled that. */
export const claimOn = ({ order }: Live): Dispute | undefined =>
  order.disputes.find(one => isClaimed(one, one.n))

export const isClaimed = ({ n, claim, verdict }: Dispute, attempt: number): boolean =>
  n === attempt && claim === 'late_success' && verdict === null

/** What else keeps an order before a person's eyes travels with the event that might hide it. */
export const stillDisputed = (state: Live): { disputed?: true } =>
  hasDispute(state) ? { disputed: true } : {}

export const stillParked = (state: Live): { parked?: ParkedWhy } => {
  if (state.phase === 'parked') return { parked: state.why }
  return isOpen(state) && state.order.held !== undefined ? { parked: 'HELD' } : {}
}

/** An inquiry's own word, apart from that of its twins: whoever has it is to pay that inquiry. */
export const billWord = ({ id }: Bill): string => `bill ${id}`

/** An order that failed lets go of what it kept from others. */
export function lettingGo({ twin, bill }: OrderFacts): { releases?: readonly string[] } {
  const words = [...(bill === undefined ? [] : [billWord(bill)]), ...(twin === '' ? [] : [twin])]
  return words.length === 0 ? {} : { releases: words }
}

/** The name of one attempt, as its supplier knows it; services/supplier/reference.ts reads it. */
export const makeRef = (order: string, n: number): string => `L${order.replaceAll('-', '')}-${n}`

export function dispatch(n: number, [supplier, sku, price, maxPrice]: Plan, id: string) {
  const ref = makeRef(id, n)
  return { type: 'dispatched', n, supplier, sku, cost: price, maxPrice, ref } as const
}
