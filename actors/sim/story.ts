/**
 * What happens in a world of orders: a few clients with too little money, suppliers with habits,
 * transfers between shards, and persons who settle what the machine may not. The truth is kept
 * here, by what suppliers did and what became durable, apart from what any actor believes.
 *
 * V13. The next supplier is tried only after the one before said that it failed, and while none
 *      says of a failed one that it sold it; but where a person sent it.
 * V14. What is delivered was sold; what was sold and not delivered, or delivered and returned,
 *      stands in a dispute.
 * V15. At rest nothing is held, nothing is between shards, and every wallet is what its owner paid
 *      in less what was delivered.
 * V16. Attempts follow the plan that was placed, whatever routing would say by then, and none
 *      begins when the time for trying others is over; but where a person sent it.
 * V17. While a person holds an order, no attempt begins and it does not fail, but by his own word.
 * V18. One inquiry of a bill is paid by one order, unless that one failed; who is to pay it, or is
 *      asked about it, hears what it cost.
 */

import { type AnyActor, forget } from '../../engine/actor.ts'
import { assert } from '../../engine/assert.ts'
import {
  type ActorId,
  fingerprint,
  type Key,
  keyFrom,
  keyOf,
  makeId,
  shardOf,
} from '../../engine/ids.ts'
import type { Errand } from '../../engine/outbox.ts'
import type { JournalRecord, Line } from '../../engine/record.ts'
import type { Envelope, Reply } from '../../engine/shard.ts'
import type { Outside, World } from '../../engine/sim/world.ts'
import { cash, clearing, floorOf, wallet } from '../chart.ts'
import { commission } from '../commission/commission.ts'
import { order } from '../order/order.ts'
import type {
  Bill,
  OrderCommand,
  OrderEffect,
  OrderEvent,
  OrderState,
  Plan,
  Quote,
  Report,
  Verdict,
} from '../order/order-contract.ts'
import { receipt, type Transfer, transfer } from '../transfer/transfer.ts'
import { type CallOptions, Calls } from './calls.ts'
import { Earnings } from './earnings.ts'
import { Supplier } from './supplier.ts'

/** An order as its durable events tell it. */
type Told = {
  readonly id: ActorId
  readonly user: string
  readonly destination: string
  readonly price: number
  plan: readonly Plan[]
  readonly failoverUntil: number
  deadlineAt: number
  readonly attempts: { readonly ref: string; readonly supplier: Supplier }[]
  readonly disputes: { readonly n: number; readonly claim: string; open: boolean }[]
  phase: 'open' | 'delivered' | 'failed' | 'refunded'
  delivered: number
  held: boolean
  /** The attempt that a person sent elsewhere. */
  rerouted: number
  /** How often a person had to look at it. */
  looks: number
  /** Of a bill: the inquiry that it pays, and what it cost. */
  readonly bill: Bill | null
}

export const actors: readonly AnyActor[] = [
  forget(order),
  forget(transfer),
  forget(receipt),
  forget(commission),
]

export type StoryOptions = CallOptions & { readonly cast?: readonly AnyActor[] }

export class Story implements Outside {
  readonly actors: readonly AnyActor[]
  readonly floorOf = floorOf
  readonly orders = new Map<Key, Told>()
  /** What came to pass, by name: a story that never gets anywhere proves nothing. */
  readonly seen = new Map<string, number>()
  readonly #options: StoryOptions
  readonly #happened = new Set<string>()
  readonly #users: string[] = []
  readonly #paid = new Map<string, number>()
  #suppliers: Supplier[] = []
  #world!: World
  #earnings!: Earnings
  #calls!: Calls
  #words = 0

  constructor(options: StoryOptions = {}) {
    this.#options = options
    this.actors = options.cast ?? actors
  }

  begin(world: World): void {
    this.#world = world
    this.#calls = new Calls(world, this.#options)
    const { prng } = world
    this.#suppliers = Array.from({ length: prng.between(1, 3) }, (_, index) => {
      const callBack = (ref: string, answer: object) => this.#callBack(ref, answer)
      const later = world.later.bind(world)
      return new Supplier(`S${index}`, prng, { later, callBack })
    })
    for (let count = prng.between(1, 3); count > 0; count--) {
      const user = makeId(world.now, prng.below(world.shards), this.#key())
      this.#users.push(user)
      this.#transfer(
        cash,
        wallet(user),
        prng.below(world.shards),
        shardOf(user),
        prng.pick([30_000, 100_000]),
      )
    }
    this.#earnings = new Earnings(world, this.#users)
    const from = prng.pick([0, 200_000, 2_000_000])
    const spread = prng.pick([1, 10_000, 600_000])
    const [least, most] = world.isLong ? [10, 20] : [3, 8]
    for (let count = prng.between(least, most); count > 0; count--) {
      world.later(from + prng.below(spread), () => this.#place(`r${count}`))
    }
    for (let count = prng.below(3); count > 0; count--) {
      const [payer, payee] = [prng.pick(this.#users), prng.pick(this.#users)]
      if (payer === payee) continue
      const amount = prng.pick([1, 7_000, 40_000])
      world.later(from + prng.below(spread), () => {
        this.#transfer(wallet(payer), wallet(payee), shardOf(payer), shardOf(payee), amount)
      })
    }
  }

  // -- clients -------------------------------------------------------------------------------

  #place(ref: string): void {
    const { prng } = this.#world
    const user = prng.pick(this.#users)
    const prepaid = prng.pick(['pulsa', 'data'])
    const product = ref.endsWith('4') ? 'bill' : prepaid
    const destination = prng.pick(['0811', '0812'])
    this.#askToPlace({ user, ref, product, destination })
    if (prng.chance(0.1)) this.#askToPlace({ user, ref, product, destination: '0899' })
    if (prng.chance(0.1)) this.#world.later(prng.below(9_000_000), () => this.#look(user, ref))
    if (!prng.chance(0.25)) return
    for (const act of prng.pick(meddlings)) {
      const soon = prng.pick([2_000, 300_000, 8_000_000])
      this.#world.later(prng.below(soon), () => this.#meddle(fingerprint(user, ref), user, act))
    }
  }

  #askToPlace(words: { user: string; ref: string; product: string; destination: string }): void {
    const { user, ref, product, destination } = words
    const key = fingerprint(user, ref)
    const quote = this.#quote(user, product, destination)
    const command: OrderCommand = { type: 'place', ...words, quote }
    const shard = shardOf(user)
    const envelope = { shard, key, kind: 'order', command, owner: wallet(user) }
    this.#world.ask(envelope, labelOf(key, destination), reply => {
      if ('refused' in reply) return this.#see(reply.refused)
      const told = this.orders.get(key)
      assert(told?.id === reply.id, 'V2: an accepted order is in the journal')
      assert(told.destination === destination, 'V2: what is accepted is what was asked')
    })
  }

  #look(user: string, ref: string): void {
    const key = fingerprint(user, ref)
    const envelope = { shard: shardOf(user), key, kind: 'order', owner: wallet(user) }
    this.#world.ask(envelope, `${key} read ${this.#words++}`, () => {})
  }

  #quote(user: string, product: string, destination: string): Quote {
    const { prng } = this.#world
    if (prng.chance(0.05)) return { refused: 'PRODUCT_CLOSED', details: {} }
    const from = prng.below(this.#suppliers.length)
    const all = this.#suppliers.map((_, index): Plan => {
      return this.#planOf(this.#suppliers[(from + index) % this.#suppliers.length]!)
    })
    // What routing may decide: whom to leave out, how long others may be tried, and why.
    const isRouted = prng.chance(0.3)
    const plan = isRouted ? all.slice(0, prng.between(1, all.length)) : all
    const c = all.map(([code], n) => [n < plan.length ? n : code, 9_500, 950, 800, 100] as const)
    const routed = { failoverMs: prng.pick([1, 30_000, 600_000]), why: { v: 1, p: 'fastest', c } }
    return {
      price: 10_000,
      plan,
      ...(isRouted ? routed : {}),
      pendingLimitMs: prng.pick([60_000, 600_000, 7_200_000]),
      twin: product === 'data' ? '' : `${user} ${product} ${destination}`,
      twinMs: prng.pick([1_000, 600_000]),
      ...(product === 'bill' ? billTerms(`${user} ${product} ${destination}`) : {}),
    }
  }

  #planOf({ code, card }: Supplier): Plan {
    return [code, 'sku', 9_500, 10_000, card.recheckAfterMs, card.recheckWithinMs]
  }

  #transfer(from: string, to: string, shard: number, toShard: number, amount: number): void {
    const key = this.#key()
    const command = { type: 'send', from, to, toShard, amount, note: '' }
    const owner = floorOf(from) === undefined ? {} : { owner: from }
    this.#world.ask({ shard, key, kind: 'transfer', command, ...owner }, key, () => {})
  }

  // -- errands -------------------------------------------------------------------------------

  perform(
    errand: Errand,
    world: World,
    answer: (envelope: Envelope | null) => void,
    soon: (ms: number, run: (isOurs: boolean) => void) => void,
  ): void {
    const { shard, from, kind } = errand
    const back = { shard, key: keyOf(from), kind }
    if (errand.effect.type === 'deliver') {
      const command = { type: 'confirm' }
      this.#deliver(
        errand,
        world,
        once(() => answer({ ...back, command })),
      )
      return
    }
    const effect = errand.effect as OrderEffect
    const told = [...this.orders.values()].find(one =>
      one.attempts.some(by => by.ref === effect.ref),
    )
    assert(told?.bill?.cost === effect.bill, 'V18: who pays a bill hears what it cost')
    const supplier = this.#supplier(effect.supplier)
    const tell = (word: object): void => {
      const via = effect.type === 'check' ? 'check' : 'reply'
      const report = { ...word, n: effect.n, via }
      answer({ ...back, command: { type: 'report', report } as OrderCommand })
    }
    this.#calls.perform({ effect, supplier, resumed: errand.resumed, soon, tell })
  }

  #deliver({ effect, from }: Errand, world: World, answer: () => void): void {
    const { from: payer, to, toShard, amount, note } = effect as Transfer['effect']
    const key = fingerprint('receipt', from)
    const command = { type: 'receive', from: payer, to, amount, note }
    const owner = floorOf(to) === undefined ? {} : { owner: to }
    const envelope = { shard: toShard, key, kind: 'receipt', command, ...owner }
    world.ask(envelope, `receipt ${key}`, reply => {
      assert('accepted' in reply, 'M1: what was sent is received')
      answer()
    })
  }

  #callBack(ref: string, answer: object): void {
    const found = [...this.orders].find(([, told]) => told.attempts.some(one => one.ref === ref))
    assert(found !== undefined, 'V3: a supplier only knows of what is durable')
    const [key, { id, attempts }] = found
    const n = attempts.findIndex(one => one.ref === ref) + 1
    const report = { ...answer, n, via: 'callback' } as Report
    const command: OrderCommand = { type: 'report', report }
    const label = `callback ${ref} ${this.#words++}`
    this.#world.ask({ shard: shardOf(id), key, kind: 'order', command }, label, reply => {
      assert('accepted' in reply, 'V14: what a supplier says of an attempt is taken')
    })
  }

  // -- persons -------------------------------------------------------------------------------

  /** What stands in a person's queue is looked at, until nothing does. */
  atRest(): boolean {
    const queue = [...this.orders].filter(([, told]) => this.#waitsForPerson(told))
    for (const [key, told] of queue) {
      assert(told.looks++ < 5, `V7: order ${told.id} comes to an end`)
      this.#lookInto(key, told)
    }
    if (queue.length === 0) this.#checkAtRest()
    return queue.length > 0
  }

  #waitsForPerson({ phase, disputes }: Told): boolean {
    return phase === 'open' || disputes.some(dispute => dispute.open)
  }

  /** Looks at the order and at the supplier, then says what is the case. */
  #lookInto(key: Key, told: Told): void {
    const label = `look ${key} ${this.#words++}`
    const look = once((state: OrderState) => {
      if (state.phase === 'parked') {
        this.#endParked(key, told, state.order.attempts.at(-1)!.outcome === 'failed')
      } else if (told.disputes.some(dispute => dispute.open)) this.#endDispute(key, told)
    })
    this.#world.ask({ shard: shardOf(told.id), key, kind: 'order' }, label, reply => {
      look(reply.state as OrderState)
    })
  }

  /** Whatever the order may be at just then, somebody puts his hand on it. */
  #meddle(key: Key, user: string, type: Meddling): void {
    const words = { by: 'a person', reason: 'looked' }
    const { prng } = this.#world
    const command: OrderCommand =
      type === 'reroute'
        ? { type, ...words, to: this.#planOf(prng.pick(this.#suppliers)), pendingLimitMs: 600_000 }
        : { type, ...words }
    const label = `${type} ${key} ${this.#words++}`
    const envelope = { shard: shardOf(user), key, kind: 'order', command, owner: wallet(user) }
    const hear = (reply: Reply) => {
      if ('refused' in reply) this.#see(reply.refused)
    }
    this.#world.ask(envelope, label, hear, { isPromise: false })
  }

  /** Its attempt has failed; or whoever looks has just made sure that it will. */
  #endElsewhere(key: Key, { id, looks }: Told, hasFailed: boolean): boolean {
    const { prng } = this.#world
    if (looks > 2 || !prng.chance(0.5)) return false
    const words = { by: 'a person', reason: 'looked' }
    const to = this.#planOf(prng.pick(this.#suppliers))
    const command: OrderCommand =
      hasFailed && prng.chance(0.5)
        ? { type: 'release', ...words }
        : { type: 'reroute', ...words, to, pendingLimitMs: 600_000, notSold: true }
    const label = `${command.type} ${key} ${this.#words++}`
    this.#world.ask({ shard: shardOf(id), key, kind: 'order', command }, label, () => {})
    return true
  }

  #endParked(key: Key, told: Told, hasFailed: boolean): void {
    const { ref, supplier } = told.attempts.at(-1)!
    if (hasFailed) {
      const claimed = told.attempts[(this.#claimOn(told)?.n ?? 0) - 1]
      if (claimed?.supplier.isSold(claimed.ref)) {
        this.#see(claimed.ref === ref ? 'sold after all' : 'sold by an earlier one')
        this.#resolve(key, told, 'success')
      } else if (!this.#endElsewhere(key, told, true)) this.#resolve(key, told, 'failed')
      return
    }
    if (!supplier.isSold(ref)) supplier.cancel(ref, this.#world.now)
    if (!supplier.isSold(ref) && this.#endElsewhere(key, told, false)) return
    this.#resolve(key, told, supplier.isSold(ref) ? 'success' : 'failed')
  }

  /** The first of which its supplier said that it failed, and then that it was sold. */
  #claimOn({ disputes }: Told): Told['disputes'][number] | undefined {
    return disputes.find(one => one.open && one.claim === 'late_success')
  }

  #endDispute(key: Key, told: Told): void {
    const { attempts, disputes, delivered, phase } = told
    const own = attempts[delivered - 1]
    const isReturned = own?.supplier.sales.get(own.ref)?.state === 'returned'
    if (phase === 'delivered' && isReturned) this.#resolve(key, told, 'refund')
    else if (disputes.some(one => one.open && one.claim === 'late_success')) {
      this.#resolve(key, told, 'accept_loss')
    } else this.#resolve(key, told, 'dismiss')
  }

  #resolve(key: Key, { id }: Told, verdict: Verdict): void {
    const words = { verdict, reason: 'looked', by: 'a person', supplierReturned: true }
    const command: OrderCommand = { type: 'resolve', ...words }
    const label = `resolve ${key} ${this.#words++}`
    this.#world.ask({ shard: shardOf(id), key, kind: 'order', command }, label, () => {})
  }

  hasHappened(label: string): boolean {
    return this.#happened.has(label)
  }

  // -- the truth -----------------------------------------------------------------------------

  onRecord(record: JournalRecord, line: Line): void {
    for (const [user, amount] of this.#earnings.movedBy(record)) {
      this.#pay(wallet(user), { amount }, 1)
    }
    for (const event of record.events) {
      this.#see(event.type)
      if (record.kind === 'order') this.#onOrder(line.key, record, event as OrderEvent)
      else if (event.type === 'sent') this.#pay((event as unknown as Sent).from, event, -1)
      else if (event.type === 'received') this.#pay((event as unknown as Sent).to, event, 1)
    }
  }

  #onOrder(key: Key, { id, at, command }: JournalRecord, event: OrderEvent): void {
    if (event.type === 'placed') {
      const label = labelOf(key, event.destination)
      assert(this.#world.mayHaveHappened(label), 'V4: of what was untouched nothing comes')
      this.#happened.add(label)
      const { user, destination, price, plan, deadlineAt } = event
      const { failoverUntil = Number.POSITIVE_INFINITY } = event
      const lists = { attempts: [], disputes: [] }
      this.#checkInquiry(event.bill)
      this.orders.set(key, {
        id,
        user,
        destination,
        price,
        plan,
        failoverUntil,
        deadlineAt,
        phase: 'open',
        delivered: 0,
        held: false,
        rerouted: 0,
        looks: 0,
        bill: event.bill ?? null,
        ...lists,
      })
      return
    }
    const told = this.orders.get(key)!
    const { attempts, disputes } = told
    switch (event.type) {
      case 'dispatched': {
        const last = attempts.at(-1)
        assert(event.n === attempts.length + 1, 'V13: attempts come one after the other')
        const free = last === undefined || this.#saidFailed(last)
        assert(free, 'V13: the next supplier is tried after the one before said it failed')
        const isByHand = event.n === told.rerouted
        const mendable = last === undefined || isByHand || this.#isMendable(last)
        assert(mendable, 'V13: what no other supplier can mend is not tried elsewhere')
        const planned = told.plan[event.n - 1]?.[0]
        assert(event.supplier === planned, 'V16: attempts follow the plan that was placed')
        const inTime =
          event.n === 1 || isByHand || at < Math.min(told.failoverUntil, told.deadlineAt)
        assert(inTime, 'V16: nobody else is tried when the time for it is over')
        const isFree = isByHand || this.#claimOn(told) === undefined
        assert(isFree, 'V13: what is said to be sold after all is tried elsewhere by hand only')
        assert(!told.held || isByHand, 'V17: no attempt begins while a person holds the order')
        attempts.push({ ref: event.ref, supplier: this.#supplier(event.supplier) })
        return
      }
      case 'delivered': {
        const { ref, supplier } = attempts[event.n - 1]!
        assert((supplier.sales.get(ref)?.sold ?? 0) > 0, 'V14: what is delivered was sold')
        const isSeller = (event.supplier ?? supplier.code) === supplier.code
        assert(isSeller, 'V14: who sold it is who was asked for it')
        for (const one of disputes) if (one.n === event.n) one.open = false
        told.phase = 'delivered'
        told.delivered = event.n
        this.#earnings.delivered(told.id, told.user)
        return
      }
      case 'held':
        told.held = true
        return
      case 'released':
        told.held = false
        return
      case 'rerouted': {
        const later = told.plan.slice(attempts.length).filter(([code]) => code !== event.to[0])
        told.plan = [...told.plan.slice(0, attempts.length), event.to, ...later]
        told.rerouted = attempts.length + 1
        told.deadlineAt = event.deadlineAt
        return
      }
      case 'failed':
        assert(!told.held || command === 'resolve', 'V17: what a person holds fails by his word')
        assert(this.#saidFailed(attempts.at(-1)!), 'V14: an order fails when its supplier said so')
        assert(
          command === 'resolve' || this.#claimOn(told) === undefined,
          'V14: what is said to be sold after all fails by a person’s word only',
        )
        told.phase = 'failed'
        return
      case 'disputed':
        disputes.push({ n: event.n, claim: event.claim, open: true })
        return
      case 'resolved':
        this.#see(event.verdict)
        // How an open order ended settles nothing else.
        if (event.verdict === 'success' || event.verdict === 'failed') return
        for (const one of disputes) if ((event.n ?? one.n) === one.n) one.open = false
        if (event.verdict !== 'refund') return
        told.phase = 'refunded'
        this.#earnings.refunded(told.id)
        return
    }
  }

  #checkInquiry(bill: Bill | undefined): void {
    if (bill === undefined) return
    this.#see('bill')
    const others = [...this.orders.values()].filter(one => one.bill?.id === bill.id)
    const isFree = others.every(({ phase }) => phase === 'failed')
    assert(isFree, 'V18: an inquiry is paid by one order')
  }

  #saidFailed({ ref, supplier }: Told['attempts'][number]): boolean {
    return this.#calls.neverLeft(ref) || (supplier.sales.get(ref)?.saidFailed ?? false)
  }

  #isMendable({ ref, supplier }: Told['attempts'][number]): boolean {
    return this.#calls.neverLeft(ref) || supplier.isRetryable
  }

  #see(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1)
  }

  #pay(account: string, event: object, sign: number): void {
    const { amount } = event as Sent
    this.#paid.set(account, (this.#paid.get(account) ?? 0) + sign * amount)
  }

  #checkAtRest(): void {
    const { auditor } = this.#world
    const refs = new Set<string>()
    for (const { attempts } of this.orders.values()) for (const { ref } of attempts) refs.add(ref)
    for (const { sales } of this.#suppliers) {
      for (const { ref, sold } of sales.values()) {
        assert(sold === 0 || refs.has(ref), `V14: ${ref} was sold, and no order knows of it`)
      }
    }
    for (const told of this.orders.values()) this.#checkOrder(told)
    this.#earnings.checkAtRest()
    assert(auditor.holds === 0, 'V15: at rest nothing is held')
    assert(auditor.total(clearing)[0] === 0, 'V15: at rest nothing is between shards')
    for (const user of this.#users) {
      const spent = [...this.orders.values()]
        .filter(told => told.user === user && told.phase === 'delivered')
        .reduce((sum, told) => sum + told.price, 0)
      const has = auditor.balance(shardOf(user), wallet(user))[0]
      const due = (this.#paid.get(wallet(user)) ?? 0) - spent
      assert(has === due, `V15: a wallet is what was paid in less what was delivered`)
    }
  }

  #checkOrder({ id, phase, attempts, disputes, delivered }: Told): void {
    assert(phase !== 'open', `V7: order ${id} comes to an end`)
    attempts.forEach(({ ref, supplier }, index) => {
      const n = index + 1
      const sale = supplier.sales.get(ref)
      const isDisputed = disputes.some(one => one.n === n)
      if (delivered === n) {
        const kept = sale?.state === 'sold' || isDisputed
        assert(kept, `V14: ${ref} was delivered and returned without a dispute`)
      } else {
        const clean = sale?.state !== 'sold' || isDisputed
        assert(clean, `V14: ${ref} was sold and not delivered, without a dispute`)
      }
    })
  }

  #supplier(code: string): Supplier {
    return this.#suppliers.find(supplier => supplier.code === code)!
  }

  #key(): Key {
    const { prng } = this.#world
    return keyFrom(prng.uint32(), prng.uint32())
  }
}

/** One inquiry for each bill, which outlives the story. */
function billTerms(word: string): Pick<Exclude<Quote, { refused: unknown }>, 'bill' | 'billMs'> {
  const words = { customer: 'ani', periods: '', detail: '' }
  const bill = { id: word, cost: 9_500, amount: 9_000, admin: 1_000, ...words }
  return { bill, billMs: 864_000_000 }
}

type Meddling = 'hold' | 'release' | 'reroute' | 'recheck'

const meddlings: readonly (readonly Meddling[])[] = [
  ['hold'],
  ['hold', 'release'],
  ['hold', 'reroute'],
  ['reroute'],
  ['recheck', 'recheck', 'recheck'],
]

type Sent = { readonly from: string; readonly to: string; readonly amount: number }

const labelOf = (key: Key, destination: string): string => `${key} ${destination}`

/** Calls it the first time only. */
function once<A extends unknown[]>(run: (...args: A) => void): (...args: A) => void {
  let done = false
  return (...args) => {
    if (!done) run(...args)
    done = true
  }
}
