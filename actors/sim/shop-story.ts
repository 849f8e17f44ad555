/**
 * What happens in a world of merchants: an acquirer that tells of payments twice, late and wrongly,
 * second payers of one QR, boxes that speak, keep silent or refuse, people who order money back and
 * an acquirer that carries it out, and a finance desk that settles again and again. The truth is
 * kept here, by what payers paid, what the acquirer gave back, and what became durable.
 *
 * SLS1. What a payer paid is booked once, for its amount, with the fee that the plan gives; nothing
 *       else is, and what was given back is no more than that.
 * SLS2. Every payment and refund is in one live batch at most; a batch is the sum of what it took,
 *       and what it took was in no other.
 * SLS3. At rest the merchant's money is whole: what payers paid less fees and refunds stands on his
 *       days, in his batches, or was paid out.
 * SLS4. Each notice ends as its box ended it, or silent, and only once; what was silent for want of
 *       any word is set right by the box's.
 * SLS5. What the bank's file says is what is paid, and nobody settles it otherwise who has not said
 *       that the file is recalled, or that the bank failed.
 * SLS6. The money of a second payer is never taken for a repeat of the first.
 * SLS7. What the acquirer gave back, as ordered or of his own, is booked once, whoever comes first.
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
import {
  acquirer,
  batchOf,
  floorOf,
  merchantAdjustment,
  merchantOwner,
  payable,
  payout,
  qrisFee,
} from '../chart.ts'
import { payment } from '../payment/payment.ts'
import type {
  PaymentCommand,
  PaymentEffect,
  PaymentEvent,
  PaymentFacts,
} from '../payment/payment-contract.ts'
import { type Settlement, settlement } from '../settlement/settlement.ts'

/** A payment, as payers and durable events tell it. */
type Told = {
  readonly id: ActorId
  readonly merchant: ActorId
  readonly amount: number
  paid: boolean
  fee: number
  day: string
  refunded: number
  feeBack: number
  /** The notice that has not ended. */
  notice: string | null
  /** Of which nobody had said anything when its time was over. */
  unheard: string | null
  /** What the acquirer gave back, and whether it all could be and was told here. */
  given: number
  isGivenKnown: boolean
}

/** What stands on a merchant's day until a batch takes it. */
type Item = { readonly day: string; readonly net: number; batch: ActorId | null }

type BatchTold = {
  readonly merchant: ActorId
  total: number
  /** What a bank's file says. */
  given: number | null
  phase: 'created' | 'paid' | 'failed' | 'cancelled' | 'reprocessed'
}

export const shopActors: readonly AnyActor[] = [forget(payment), forget(settlement)]

const plan = { bps: 70, fixed: 0, rounding: 'half_up' } as const
/** By another arithmetic than the actor's. */
const feeOf = (amount: number): number => Number((BigInt(amount) * 70n + 5_000n) / 10_000n)
const dayMs = 600_000

/** Where all of them are: tables want ids. */
const outlet = '01a1fb58-c68f-7000-8000-00000000000a'
const terminal = '01a1fb58-c68f-7000-8000-00000000000b'

export class ShopStory implements Outside {
  readonly actors: readonly AnyActor[]
  readonly floorOf = floorOf
  readonly seen = new Map<string, number>()
  readonly #merchants: ActorId[] = []
  readonly #payments = new Map<Key, Told>()
  readonly #batches = new Map<ActorId, BatchTold>()
  readonly #items = new Map<ActorId, Item[]>()
  /** What payers really paid, by the payment's key. */
  readonly #truth = new Map<Key, number>()
  /** How boxes ended notices, before anybody was told. */
  readonly #boxes = new Map<string, string>()
  #world!: World
  #words = 0
  #rounds = 0

  constructor(cast: readonly AnyActor[] = shopActors) {
    this.actors = cast
  }

  begin(world: World): void {
    this.#world = world
    const { prng } = world
    for (let count = prng.between(1, 2); count > 0; count--) {
      const merchant = makeId(world.now, prng.below(world.shards), this.#key())
      this.#merchants.push(merchant)
      this.#items.set(merchant, [])
    }
    const spread = prng.pick([1, 20_000, 2_000_000])
    const [least, most] = world.isLong ? [10, 25] : [3, 9]
    for (let count = prng.between(least, most); count > 0; count--) {
      world.later(prng.below(spread), () => this.#shop(`r${count}`))
    }
    for (let count = prng.between(1, 5); count > 0; count--) {
      world.later(prng.below(spread * 2), () => this.#settle(`s${count}`))
    }
  }

  // -- payers and their acquirer -------------------------------------------------------------

  #shop(reference: string): void {
    const { prng } = this.#world
    const merchant = prng.pick(this.#merchants)
    const amount = prng.pick([1, 999, 50_123, 1_000_000])
    const isPrinted = prng.chance(0.3)
    const facts: PaymentFacts = {
      ...{ merchant, outlet, terminal, amount, reference, qr: '', by: 'x' },
      kind: isPrinted ? 'static' : 'dynamic',
      expiresAt: isPrinted ? null : this.#world.now + prng.pick([1_000, 60_000, 1_200_000]),
    }
    const key = fingerprint('payment', merchant, reference)
    if (!isPrinted) this.#ask(merchant, key, { type: 'create', ...facts }, `make ${key}`)
    if (!isPrinted && prng.chance(0.15)) return
    const eventId = `e-${key}`
    const box = prng.chance(0.8) ? makeId(this.#world.now, 0, this.#key()) : null
    const notice = { messageId: `m-${key}`, device: box, text: 'x', lang: 'id' }
    const soon = prng.pick([10, 30_000, 2_000_000])
    if (!isPrinted && prng.chance(0.2)) {
      const fail: PaymentCommand = { type: 'fail', eventId, reason: 'declined' }
      this.#world.within(soon, () => this.#try(merchant, key, fail))
    }
    const told = { eventId, acquirerRef: reference, payer: '', merchant, terminal: null, plan }
    const pay = (): PaymentCommand => ({
      ...{ ...told, type: 'pay', amount, notice, paidAt: this.#world.now, day: this.#day() },
      ...(isPrinted ? { facts } : {}),
    })
    if (!isPrinted && prng.chance(0.2)) {
      this.#world.within(soon, () =>
        this.#try(merchant, key, { ...pay(), amount: amount + 1 } as never),
      )
    }
    this.#world.within(soon, () => {
      this.#truth.set(key, amount)
      this.#tellPaid(merchant, key, pay)
    })
    if (prng.chance(0.3)) this.#world.within(soon + 50_000, () => this.#refund(merchant, key))
    if (prng.chance(0.15)) this.#world.within(soon + 80_000, () => this.#giveBack(key))
    if (prng.chance(0.2)) this.#world.within(soon + 70_000, () => this.#again(merchant, key))
  }

  /** Tells it until it is taken: before the payment is made, nobody knows it. */
  #tellPaid(merchant: ActorId, key: Key, pay: () => PaymentCommand): void {
    const { prng } = this.#world
    const hear = once((reply: Reply) => {
      if ('refused' in reply) {
        this.#see(reply.refused)
        assert(reply.refused === 'NOT_FOUND', 'SLS1: true word of a payment is taken')
        this.#world.within(60_000, () => this.#tellPaid(merchant, key, pay))
        return
      }
      if (prng.chance(0.3)) this.#try(merchant, key, pay())
      if (prng.chance(0.1)) this.#world.within(60_000, () => this.#paySecond(merchant, key, pay()))
    })
    this.#ask(merchant, key, pay(), `paid ${key} ${this.#words++}`, hear)
  }

  /** Somebody else pays the same QR: another event, at another time. */
  #paySecond(merchant: ActorId, key: Key, pay: PaymentCommand): void {
    const command = { ...pay, eventId: `second ${key}`, paidAt: this.#world.now + 1 }
    const envelope = {
      shard: shardOf(merchant),
      key,
      kind: 'payment',
      owner: merchantOwner(merchant),
    }
    const hear = (reply: Reply) => {
      assert('refused' in reply, 'SLS6: a second payer is no repeat')
      this.#see(reply.refused)
    }
    const label = `second ${key} ${this.#words++}`
    this.#world.ask({ ...envelope, command: command as never }, label, hear, { isPromise: false })
  }

  /** The acquirer gives back what nobody here asked for. */
  #giveBack(key: Key): void {
    const told = this.#payments.get(key)
    const amount = this.#world.prng.pick([1, 500, 40_000])
    if (told?.paid && told.given + amount <= told.amount) this.#tellGiven(key, amount)
  }

  /** The acquirer gives back what was ordered here, and says so. */
  #carryOut(key: Key, amount: number): void {
    const told = this.#payments.get(key)!
    if (told.given + amount > told.amount) told.isGivenKnown = false
    else this.#tellGiven(key, amount)
  }

  /** Twice at times; in which order with what is ordered here, nobody knows. */
  #tellGiven(key: Key, amount: number): void {
    const told = this.#payments.get(key)!
    told.given += amount
    const command: PaymentCommand = {
      ...{ type: 'refundTold', eventId: `given ${this.#words++}`, amount, day: this.#day() },
    }
    for (let times = this.#world.prng.between(1, 2); times > 0; times--) {
      this.#world.within(60_000, () =>
        this.#try(told.merchant, key, command, refused => {
          told.isGivenKnown &&= refused === null
        }),
      )
    }
  }

  #refund(merchant: ActorId, key: Key): void {
    const { prng } = this.#world
    const amount = prng.pick([1, 500, 40_000, 1_000_000])
    for (let count = prng.between(1, 3); count > 0; count--) {
      const words = { reason: 'x', by: 'ops', day: this.#day() }
      this.#try(merchant, key, { type: 'refund', refundId: `f-${count}`, amount, ...words })
    }
  }

  #again(merchant: ActorId, key: Key): void {
    const device = this.#world.prng.chance(0.7) ? makeId(this.#world.now, 0, this.#key()) : null
    const messageId = `m-${key}-${this.#words++}`
    this.#try(merchant, key, {
      type: 'renotify',
      messageId,
      device,
      text: 'x',
      lang: 'id',
      by: 'x',
    })
  }

  // -- boxes ---------------------------------------------------------------------------------

  perform(errand: Errand, _: World, answer: (envelope: Envelope | null) => void): void {
    const { shard, from } = errand
    const { messageId } = errand.effect as PaymentEffect
    const { prng } = this.#world
    const isRefused = prng.chance(0.1)
    const why = isRefused ? 'DEVICE_BLOCKED' : null
    if (!isRefused && prng.chance(0.8)) {
      this.#world.within(prng.pick([10, 5_000, 50_000, 90_000]), () => this.#prove(from, messageId))
    }
    const command = { type: 'noticed', messageId, why }
    answer({ shard, key: keyOf(from), kind: 'payment', command })
  }

  #prove(from: ActorId, messageId: string): void {
    const { prng } = this.#world
    const outcome = this.#boxes.get(messageId) ?? prng.pick(['played', 'digest'])
    this.#boxes.set(messageId, outcome)
    const command = { type: 'prove', messageId, outcome, why: 'x' } as PaymentCommand
    const envelope = { shard: shardOf(from), key: keyOf(from), kind: 'payment', command }
    this.#world.ask(envelope, `prove ${messageId} ${this.#words++}`, () => {})
  }

  // -- the finance desk ----------------------------------------------------------------------

  /** `old`: the batch in whose place it comes. */
  #settle(reference: string, old?: { readonly merchant: ActorId; readonly id: ActorId }): void {
    const { prng } = this.#world
    const merchant = old?.merchant ?? prng.pick(this.#merchants)
    const key = fingerprint('settlement', merchant, `batch:${reference}`)
    const days = [...new Set(this.#items.get(merchant)!.map(({ day }) => day))]
    const facts = { merchant, reference, dueDay: this.#day(), by: 'finance' }
    const place = old === undefined ? {} : { replaces: old.id }
    const create: Settlement['command'] = { type: 'create', ...facts, days, ...place }
    this.#tellBatch(merchant, key, create, reply => {
      if ('refused' in reply) return
      if (old !== undefined) {
        const done = { type: 'reprocess', next: reply.id, by: 'finance' } as const
        this.#tellBatch(merchant, keyOf(old.id), done)
      }
      const act = () => prng.pick(['pay', 'pay', 'fail', 'cancel', 'adjust', 'give'] as const)
      this.#world.within(prng.pick([10, 100_000]), () => this.#end(merchant, reply.id, act()))
      if (prng.chance(0.3)) this.#world.within(100_000, () => this.#end(merchant, reply.id, act()))
    })
  }

  #end(merchant: ActorId, id: ActorId, act: 'pay' | 'fail' | 'cancel' | 'adjust' | 'give'): void {
    const { prng } = this.#world
    const words = { reason: 'x', by: 'finance' }
    const pay = { type: 'pay', bankReference: 'B', paidAt: this.#world.now, by: 'finance' } as const
    switch (act) {
      case 'pay':
        if (prng.chance(0.3)) {
          const named = { type: 'setReference', bankReference: 'B', by: 'finance' } as const
          this.#tellBatch(merchant, keyOf(id), named)
        }
        this.#tellBatch(merchant, keyOf(id), pay)
        return
      case 'fail':
      case 'cancel':
        this.#tellBatch(merchant, keyOf(id), {
          ...{ type: act, ...words },
          ...(prng.chance(0.5) ? { isRecalled: true } : {}),
        })
        this.#world.within(prng.pick([10, 50_000]), () =>
          this.#settle(`again-${keyOf(id)}`, { merchant, id }),
        )
        return
      case 'give':
        this.#tellBatch(merchant, keyOf(id), {
          ...{ type: 'give', by: 'finance', isAgain: prng.chance(0.3) },
        })
        this.#world.within(1_000, () =>
          this.#end(merchant, id, prng.pick(['pay', 'cancel', 'adjust'] as const)),
        )
        return
      case 'adjust': {
        const kind = prng.pick(['credit', 'debit'] as const)
        const one = { adjustmentId: 'a', kind, amount: prng.pick([1, 700]), ...words }
        this.#tellBatch(merchant, keyOf(id), { type: 'adjust', ...one })
        this.#world.within(1_000, () =>
          this.#end(merchant, id, prng.pick(['pay', 'fail'] as const)),
        )
      }
    }
  }

  #tellBatch(
    merchant: ActorId,
    key: Key,
    command: Settlement['command'],
    hear: (reply: Reply) => void = () => {},
  ): void {
    const envelope = { shard: shardOf(merchant), key, kind: 'settlement', command }
    const owner = merchantOwner(merchant)
    const label = `${command.type} ${key} ${this.#words++}`
    const told = once((reply: Reply) => {
      if ('refused' in reply) this.#see(reply.refused)
      hear(reply)
    })
    this.#world.ask({ ...envelope, owner }, label, told, { isPromise: false })
  }

  // -- the truth -----------------------------------------------------------------------------

  onRecord(record: JournalRecord, line: Line): void {
    for (const event of record.events) {
      this.#see(record.kind === 'settlement' ? `batch ${event.type}` : event.type)
      if (record.kind === 'payment') this.#onPayment(line.key, record, event as PaymentEvent)
      else this.#onBatch(record, event as Settlement['event'])
    }
  }

  #onPayment(key: Key, { id }: JournalRecord, event: PaymentEvent): void {
    if (event.type === 'created') {
      const { merchant, amount } = event
      const none = { paid: false, fee: 0, day: '', refunded: 0, feeBack: 0, notice: null }
      const nothing = { unheard: null, given: 0, isGivenKnown: true }
      this.#payments.set(key, { id, merchant, amount, ...none, ...nothing })
      return
    }
    const told = this.#payments.get(key)!
    const items = this.#items.get(told.merchant)!
    switch (event.type) {
      case 'paid':
        assert(!told.paid, 'SLS1: a payment is booked once')
        assert(this.#truth.get(key) === event.amount, 'SLS1: what is booked was paid')
        assert(event.fee === feeOf(event.amount), 'SLS1: the fee is what the plan gives')
        told.paid = true
        told.fee = event.fee
        told.notice = event.notice.messageId
        items.push({ day: event.day, net: event.amount - event.fee, batch: null })
        return
      case 'refunded':
        told.refunded += event.amount
        told.feeBack += event.fee
        assert(told.refunded <= told.amount, 'SLS1: no more is given back than was paid')
        items.push({ day: event.day, net: event.fee - event.amount, batch: null })
        if (event.by === 'ops') this.#world.within(60_000, () => this.#carryOut(key, event.amount))
        return
      case 'refund_confirmed':
        return
      case 'renotified':
        assert(told.notice === null, 'SLS4: the notice before has ended')
        told.notice = event.notice.messageId
        told.unheard = null
        return
      case 'proved': {
        const isLate = told.notice === null && told.unheard === event.messageId
        assert(isLate || told.notice === event.messageId, 'SLS4: a notice ends once')
        told.notice = null
        told.unheard = !isLate && event.why === 'no_proof' ? event.messageId : null
        if (isLate) this.#see('late word of a box')
        const said = this.#boxes.get(event.messageId)
        assert(event.outcome === 'silent' || event.outcome === said, 'SLS4: as its box ended it')
        this.#see(`sound ${event.outcome}`)
        return
      }
      case 'failed':
      case 'expired':
        assert(!told.paid, 'SLS1: what was paid neither fails nor expires')
        return
    }
  }

  #onBatch({ id }: JournalRecord, event: Settlement['event']): void {
    if (event.type === 'created') {
      let total = 0
      const items = this.#items.get(event.merchant)!
      for (const { day, amount } of event.days) {
        const taken = items.filter(item => item.day === day && item.batch === null)
        const sum = taken.reduce((all, { net }) => all + net, 0)
        assert(sum === amount, 'SLS2: a batch is the sum of what no other has')
        for (const item of taken) item.batch = id
        total += amount
      }
      assert(total > 0, 'SLS2: a batch is above zero')
      const told = { merchant: event.merchant, total, given: null, phase: 'created' } as const
      this.#batches.set(id, { ...told })
      return
    }
    const batch = this.#batches.get(id)!
    if (event.type === 'adjusted') {
      const amount = event.kind === 'credit' ? event.amount : -event.amount
      assert(batch.given === null, 'SLS5: what is in a file stays as it is')
      batch.total += amount
      return
    }
    if (event.type === 'given') {
      assert(event.amount === batch.total, 'SLS5: a file has what the batch holds')
      batch.given = event.amount
      return
    }
    if (event.type === 'reference_set') return
    if (event.type === 'paid') {
      assert(batch.phase === 'created', 'SLS2: a batch is paid once')
      assert(event.total === batch.total, 'SLS2: what is paid is what it holds')
      const isFile = batch.given === null || batch.given === event.total
      assert(isFile, 'SLS5: what is paid is what the file says')
    }
    if (event.type === 'cancelled' && batch.given !== null) {
      assert(event.isRecalled === true, 'SLS5: a file that is out is recalled first')
    }
    if (event.type === 'reprocessed') {
      const isOver = batch.phase === 'failed' || batch.phase === 'cancelled'
      assert(isOver, 'SLS2: only what gave everything back is made again')
    }
    batch.phase = event.type
    if (event.type !== 'failed' && event.type !== 'cancelled') return
    for (const item of this.#items.get(batch.merchant)!) if (item.batch === id) item.batch = null
    batch.total = 0
  }

  hasHappened(): boolean {
    return false
  }

  /** Once more everything is settled; then the books are compared. */
  atRest(): boolean {
    if (this.#rounds++ === 0) {
      for (const merchant of this.#merchants) {
        const days = [...new Set(this.#items.get(merchant)!.map(({ day }) => day))]
        const facts = { merchant, reference: 'last', dueDay: this.#day(), by: 'finance' }
        const key = fingerprint('settlement', merchant, 'batch:last')
        this.#tellBatch(merchant, key, { type: 'create', ...facts, days })
      }
      return true
    }
    this.#checkAtRest()
    return false
  }

  #checkAtRest(): void {
    const { auditor } = this.#world
    for (const [key, amount] of this.#truth) {
      const told = this.#payments.get(key)
      assert(told?.paid === true && told.amount === amount, 'SLS1: what was paid is booked')
    }
    const all = [...this.#payments.values()].filter(({ paid }) => paid)
    const sum = (of: (told: Told) => number) => all.reduce((some, told) => some + of(told), 0)
    assert(
      all.every(({ notice }) => notice === null),
      'SLS4: at rest every notice has ended',
    )
    for (const told of all.filter(one => one.isGivenKnown)) {
      assert(told.given === told.refunded, 'SLS7: what was given back is booked once')
    }
    const gross = sum(told => told.amount - told.refunded)
    const fees = sum(told => told.fee - told.feeBack)
    assert(auditor.total(acquirer)[0] === -gross, 'SLS3: the acquirer owes what was paid')
    assert(auditor.total(qrisFee)[0] === fees, 'SLS3: the house earned the fees')
    let out = 0
    for (const merchant of this.#merchants) {
      const shard = shardOf(merchant)
      const items = this.#items.get(merchant)!
      for (const day of new Set(items.map(item => item.day))) {
        const left = items.filter(item => item.day === day && item.batch === null)
        const [stands] = auditor.balance(shard, payable(merchant, day))
        const sum = left.reduce((some, { net }) => some + net, 0)
        assert(stands === sum, 'SLS3: on a day stands what no batch has')
      }
      const batches = [...this.#batches.values()].filter(one => one.merchant === merchant)
      const held = batches.filter(({ phase }) => phase === 'created')
      const live = held.reduce((some, { total }) => some + total, 0)
      assert(auditor.balance(shard, batchOf(merchant))[0] === live, 'SLS3: batches hold theirs')
      const paid = batches.filter(({ phase }) => phase === 'paid')
      out += paid.reduce((some, { total }) => some + total, 0)
    }
    assert(auditor.total(payout)[0] === out, 'SLS3: paid out is what batches paid')
    const kept = this.#keptAdjustments()
    assert(auditor.total(merchantAdjustment)[0] === -kept, 'SLS3: adjustments stand against it')
  }

  /** Of batches that gave everything back, adjustments went back as well. */
  #keptAdjustments(): number {
    let kept = 0
    for (const [id, batch] of this.#batches) {
      if (batch.phase !== 'created' && batch.phase !== 'paid') continue
      const items = [...this.#items.values()].flat().filter(item => item.batch === id)
      kept += batch.total - items.reduce((sum, { net }) => sum + net, 0)
    }
    return kept
  }

  // -- small words ---------------------------------------------------------------------------

  #ask(
    merchant: ActorId,
    key: Key,
    command: PaymentCommand,
    label: string,
    hear: (reply: Reply) => void = () => {},
  ): void {
    const envelope = { shard: shardOf(merchant), key, kind: 'payment', command }
    this.#world.ask({ ...envelope, owner: merchantOwner(merchant) }, label, hear)
  }

  /** Whatever becomes of it. */
  #try(
    merchant: ActorId,
    key: Key,
    command: PaymentCommand,
    tell: (refused: string | null) => void = () => {},
  ): void {
    const envelope = { shard: shardOf(merchant), key, kind: 'payment', command }
    const label = `${command.type} ${key} ${this.#words++}`
    const hear = (reply: Reply) => {
      if ('refused' in reply) this.#see(reply.refused)
      tell('refused' in reply ? reply.refused : null)
    }
    const owner = merchantOwner(merchant)
    this.#world.ask({ ...envelope, owner }, label, hear, { isPromise: false })
  }

  #day = (): string => String(Math.floor(this.#world.now / dayMs)).padStart(8, '0')

  #key(): Key {
    const { prng } = this.#world
    return keyFrom(prng.below(2 ** 30), prng.below(2 ** 32))
  }

  #see(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1)
  }
}

/** Calls it the first time only. */
function once<A extends unknown[]>(run: (...args: A) => void): (...args: A) => void {
  let done = false
  return (...args) => {
    if (!done) run(...args)
    done = true
  }
}
