/**
 * What became of each order, read from its events alone and held against the money in the same
 * lines. Nothing here decides; it only remembers what was said and whether it could be.
 *
 *   placed + hold ─▶ attempt 1 ─failed─▶ attempt 2 ─▶ delivered + post ─▶ resolved refund + move
 *                                               └───▶ failed + void
 *
 * Z10. An order is placed once, under the key that its user and reference give, in the shard of its
 *      user: so no (user, reference) is ever placed twice in the whole journal.
 * Z11. Attempts count from 1; the next begins only after the one before definitely failed; each has
 *      a reference at its supplier that no other attempt can have.
 * Z12. Placing holds the price; delivery posts it and failure releases it, each in the same line
 *      and never otherwise: a delivered order is never released, a failed one never charged.
 * Z13. A refund gives the price back once, and only after delivery; no other posting of an order
 *      touches a wallet. Delivery books what the supplier took.
 * Z26. Attempts go to the suppliers of the plan that was placed, in its order, and to no other one
 *      when the time for trying others is over; a record of why the plan is so names each of its
 *      places once.
 * CRC1. A person's hold is put on and lifted by name and reason, on an open order; while it stands
 *       no attempt begins and no order fails but by a person's word in the same line.
 * CRC2. Sent elsewhere by a person it goes where he said, after its attempt definitely failed, if
 *       only by his own word.
 * CRC3. While an attempt that failed is said to be sold, nobody else is asked but where a person
 *       sends the order; by his word that attempt delivered, and its supplier is who is paid.
 */

import { type Body, type Entry, type Event, fingerprint, type Line, shardOf } from './chain.ts'
import type { ProblemName, Problems } from './problems.ts'

export type Phase = 'absent' | 'open' | 'delivered' | 'failed' | 'refunded'

const none: readonly never[] = []

/** An open one; `isSold`: the supplier of an attempt that failed says that it sold it. */
type Dispute = { readonly n: number; readonly isSold: boolean }

/** As few words as the comparisons need: there may be millions. */
export class Order {
  phase: Phase = 'absent'
  user = ''
  ref = ''
  product = ''
  destination = ''
  price = 0
  createdAt = 0
  updatedAt = 0
  attempts = 0
  /** The last attempt definitely failed. */
  lastFailed = false
  supplier: string | null = null
  cost: number | null = null
  sn: string | null = null
  failure: string | null = null
  parked: string | null = null
  /** A person forbade the next step. */
  onHold = false
  disputes: readonly Dispute[] = none
  held = false
  /** Suppliers in their order, as long as the order is open. */
  plan: readonly string[] = none
  failoverUntil = Number.POSITIVE_INFINITY
  /** The attempt that a person sent elsewhere. */
  rerouted = 0
  /** Begun in the dark: its first line is missing, so no more is expected of it. */
  unknown = false
}

/** What one line says about money and outcome; filled anew for every line. */
const said = { placed: false, delivered: false, failed: false, refund: false, byHand: false }

export function readOrder(order: Order, line: Line, body: Body, problems: Problems): void {
  if (order.unknown) return
  const tell = (name: ProblemName, text: string): void =>
    problems.add(name, { shard: line.shard, seq: line.seq, actor: body.id }, text)

  said.placed = said.delivered = said.failed = said.refund = false
  said.byHand = order.onHold && body.e.some(({ type }) => byHand.has(type))
  for (const event of body.e) {
    if (order.phase === 'absent' && event.type !== 'placed') {
      order.unknown = true
      tell('order.placed', `${event.type} before it was placed`)
      return
    }
    readEvent(order, event, body, line, tell)
  }
  if (order.phase === 'absent') {
    order.unknown = true
    tell('order.placed', 'a line before it was placed')
    return
  }
  order.updatedAt = body.at
  readMoney(order, body.p ?? none, tell)
}

/** Words of a person, who may do what a held order may not do by itself. */
const byHand: ReadonlySet<string> = new Set(['rerouted', 'released', 'resolved'])

type Tell = (name: ProblemName, text: string) => void

function readEvent(order: Order, event: Event, body: Body, line: Line, tell: Tell): void {
  const { type } = event
  switch (type) {
    case 'placed':
      place(order, event, body, line, tell)
      return
    case 'dispatched':
      dispatch(order, event, body, tell)
      return
    case 'reported':
    case 'rechecked':
      checkCurrent(order, event, tell)
      return
    case 'attempt_failed':
      checkCurrent(order, event, tell)
      order.lastFailed = true
      return
    case 'delivered':
      if (isSoldAfterAll(order, event, body)) {
        checkOpen(order, event, tell)
        order.disputes = order.disputes.filter(one => !isClaim(one, event['n']))
        order.supplier = order.plan[event['n'] - 1] ?? null
      } else checkCurrent(order, event, tell)
      if (event['supplier'] !== undefined && event['supplier'] !== order.supplier) {
        tell('order.attempt', `${event['supplier']} delivered what ${order.supplier} was asked`)
      }
      if (!isMoney(event['cost'])) tell('order.cost', `a cost of ${event['cost']}`)
      order.phase = 'delivered'
      order.sn = event['sn']
      order.cost = event['cost']
      order.parked = null
      order.plan = none
      said.delivered = true
      return
    case 'checked':
      if (order.phase !== 'delivered') tell('order.phase', `checked when ${order.phase}`)
      return
    case 'held':
      checkOpen(order, event, tell)
      checkSigned(event, tell)
      if (order.onHold) tell('order.hold_by_hand', 'held a second time')
      order.onHold = true
      order.parked = event['parked'] ?? 'HELD'
      return
    case 'released':
      checkOpen(order, event, tell)
      checkSigned(event, tell)
      if (!order.onHold && !order.lastFailed) {
        tell('order.hold_by_hand', 'released, and was not held')
      }
      order.onHold = false
      order.parked = event['parked'] ?? null
      return
    case 'rerouted':
      reroute(order, event, body, tell)
      return
    case 'failed':
      checkOpen(order, event, tell)
      checkFree(order, 'failed', tell)
      if (!order.lastFailed) tell('order.phase', 'failed while its last attempt may have succeeded')
      order.phase = 'failed'
      order.failure = event['code']
      order.parked = null
      order.plan = none
      said.failed = true
      return
    case 'parked':
      checkOpen(order, event, tell)
      order.parked = event['why']
      return
    case 'sn_learned':
      if (order.phase !== 'delivered') tell('order.phase', `sn_learned when ${order.phase}`)
      order.sn = event['sn']
      return
    case 'sn_noted':
      return
    case 'disputed':
      if (!(event['n'] >= 1 && event['n'] <= order.attempts)) {
        tell('order.attempt', `disputed names attempt ${event['n']} of ${order.attempts}`)
      }
      order.disputes = [
        ...order.disputes,
        { n: event['n'], isSold: event['claim'] === 'late_success' },
      ]
      return
    case 'resolved':
      // How an open order ended says nothing about a dispute on an earlier attempt.
      if (event['verdict'] === 'success' || event['verdict'] === 'failed') return
      order.disputes = event['n'] ? order.disputes.filter(({ n }) => n !== event['n']) : none
      if (event['verdict'] !== 'refund') return
      if (order.phase !== 'delivered') tell('order.refund', `refunded when ${order.phase}`)
      order.phase = 'refunded'
      said.refund = true
      return
    default:
      tell('order.event', `this reading does not know the event ${type}`)
  }
}

function place(order: Order, event: Event, body: Body, line: Line, tell: Tell): void {
  if (order.phase !== 'absent') {
    tell('order.placed', 'placed a second time')
    return
  }
  const { user, ref, product, dest, destination, price } = event
  order.phase = 'open'
  order.user = user
  order.ref = ref
  order.product = product
  order.destination = destination ?? dest
  order.price = price
  order.createdAt = body.at
  order.plan = ((event['plan'] ?? none) as readonly (readonly [string])[]).map(([one]) => one)
  order.failoverUntil = event['failoverUntil'] ?? Number.POSITIVE_INFINITY
  said.placed = true
  checkWhy(order, event, tell)
  if (!isMoney(price) || price === 0) tell('order.hold', `a price of ${price}`)
  const key = fingerprint(user, ref)
  if (key !== line.key) {
    tell('order.key', `reference ${ref} of ${user} belongs under ${key}, not ${line.key}`)
  }
  if (shardOf(user) !== line.shard) tell('order.key', `its user lives in shard ${shardOf(user)}`)
}

/** The record of the choice and the plan beside it must tell of the same suppliers. */
function checkWhy(order: Order, event: Event, tell: Tell): void {
  const record = event['why'] as { c: readonly (readonly [number | string])[] } | undefined
  if (record === undefined) return
  const places = record.c.flatMap(([who]) => (typeof who === 'number' ? [who] : []))
  places.sort((a, b) => a - b)
  const isWhole = places.length === order.plan.length && places.every((place, n) => place === n)
  if (!isWhole) tell('order.plan', `its record names the places ${places} of ${order.plan.length}`)
}

function dispatch(order: Order, event: Event, body: Body, tell: Tell): void {
  const { n } = event
  checkOpen(order, event, tell)
  if (n !== order.attempts + 1) tell('order.attempt', `attempt ${n} follows ${order.attempts}`)
  if (order.attempts > 0 && !order.lastFailed) {
    tell('order.attempt', `attempt ${n} begins while the one before may have succeeded`)
  }
  const reference = `L${body.id.replaceAll('-', '')}-${n}`
  if (event['ref'] !== reference) {
    tell('order.reference', `attempt ${n} has the reference ${event['ref']}, not ${reference}`)
  }
  checkFree(order, `attempt ${n}`, tell)
  if (n !== order.rerouted && order.disputes.some(({ isSold }) => isSold)) {
    tell('order.attempt', `attempt ${n} begins while one before is said to be sold`)
  }
  const planned = order.plan[n - 1]
  if (event['supplier'] !== planned) {
    tell('order.plan', `attempt ${n} goes to ${event['supplier']}, planned was ${planned}`)
  }
  if (n > 1 && n !== order.rerouted && body.at >= order.failoverUntil) {
    tell('order.plan', `attempt ${n} begins after the time for trying others`)
  }
  order.attempts = n
  order.lastFailed = false
  order.supplier = event['supplier']
}

function reroute(order: Order, event: Event, body: Body, tell: Tell): void {
  checkOpen(order, event, tell)
  checkSigned(event, tell)
  if (!order.lastFailed) tell('order.attempt', 'sent elsewhere while its attempt may yet succeed')
  const [to] = event['to'] as readonly [string]
  const later = order.plan.slice(order.attempts).filter(supplier => supplier !== to)
  order.plan = [...order.plan.slice(0, order.attempts), to, ...later]
  order.rerouted = order.attempts + 1
  order.parked = event['held'] ? 'HELD' : null
  const follows = body.e.some(({ type, n }) => type === 'dispatched' && n === order.rerouted)
  if (!follows) tell('order.attempt', `sent to ${to}, and no attempt begins`)
}

/** What happens by hand names who did it and why. */
function checkSigned(event: Event, tell: Tell): void {
  if (event['by'] && event['reason']) return
  tell('order.hold_by_hand', `${event.type} without a person or a reason`)
}

/** Failed, then said to be sold, and a person says so too. */
function isSoldAfterAll({ lastFailed, disputes }: Order, event: Event, body: Body): boolean {
  if (!lastFailed || !disputes.some(one => isClaim(one, event['n']))) return false
  return body.e.some(({ type, verdict }) => type === 'resolved' && verdict === 'success')
}

const isClaim = ({ n, isSold }: Dispute, attempt: number): boolean => isSold && n === attempt

function checkFree(order: Order, what: string, tell: Tell): void {
  if (order.onHold && !said.byHand) tell('order.hold_by_hand', `${what} while it is held`)
}

function checkCurrent(order: Order, event: Event, tell: Tell): void {
  checkOpen(order, event, tell)
  if (event['n'] !== order.attempts || order.lastFailed) {
    const state = order.lastFailed ? 'failed already' : 'is under way'
    tell('order.attempt', `${event.type} of attempt ${event['n']}: ${order.attempts} ${state}`)
  }
}

function checkOpen(order: Order, event: Event, tell: Tell): void {
  if (order.phase !== 'open') tell('order.phase', `${event.type} when ${order.phase}`)
}

/** The postings of a line against what its events said. */
function readMoney(order: Order, entries: readonly Entry[], tell: Tell): void {
  const wallet = `wallet:${order.user}`
  let [holds, posts, releases, refunds, costs] = [0, 0, 0, 0, 0]
  for (const [op, name, debit, credit, amount] of entries) {
    const isPrice = name === 'price' && debit === wallet && credit === 'sales'
    if (isPrice && op === 'hold') {
      holds++
      order.held = true
      if (amount !== order.price) tell('order.hold', `${amount} held for ${order.price}`)
    } else if (isPrice && op === 'post') {
      posts++
      order.held = false
      if (amount !== order.price) tell('order.charge', `${amount} charged for ${order.price}`)
    } else if (isPrice && (op === 'void' || op === 'expire')) {
      releases++
      order.held = false
    } else if (op === 'move' && name === 'refund' && debit === 'sales' && credit === wallet) {
      refunds++
      if (amount !== order.price) tell('order.refund', `${amount} given back of ${order.price}`)
    } else if (debit.startsWith('wallet:') || credit.startsWith('wallet:')) {
      tell('order.wallet', `${op} ${name} of ${amount} from ${debit} to ${credit}`)
    } else if (op === 'move' && name === 'cost' && debit === 'cost') {
      costs += credit === `float:${order.supplier}` ? amount : Number.NaN
    }
  }
  const { placed, delivered, failed, refund } = said
  expect(tell, 'order.hold', { word: 'placed', was: placed, money: 'held', times: holds })
  expect(tell, 'order.charge', {
    word: 'delivered',
    was: delivered,
    money: 'charged',
    times: posts,
  })
  expect(tell, 'order.release', { word: 'failed', was: failed, money: 'released', times: releases })
  expect(tell, 'order.refund', {
    word: 'refunded',
    was: refund,
    money: 'given back',
    times: refunds,
  })
  if (delivered ? costs !== order.cost : costs !== 0) {
    const text = delivered
      ? `${order.supplier} took ${order.cost}, booked is ${costs}`
      : `${costs} booked to ${order.supplier} without delivery`
    tell('order.cost', text)
  }
}

function expect(
  tell: Tell,
  name: ProblemName,
  { word, was, money, times }: { word: string; was: boolean; money: string; times: number },
): void {
  if (times === (was ? 1 : 0)) return
  tell(name, was ? `${word}, and the price ${money} ${times} times` : `${money}, but not ${word}`)
}

const isMoney = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
