/**
 * What happens in a world of rented numbers: users who pay in through gateways, rent numbers, press
 * cancel just when the code comes and ask for it again; suppliers and gateways with habits; persons
 * who settle the rest. The truth is kept here, by what suppliers and gateways did and what became
 * durable, apart from what any actor believes.
 *
 * NLS1. Each rental ends in exactly one of code and refund, as its supplier says: the price is
 *       posted with a code that the supplier really sent, and voided when it really took it back.
 * NLS2. What suppliers took is what is booked as cost, for each number that they let us have; and
 *       what they gave away after they had called it cancelled, when it was charged.
 * NLS3. Each payment that a gateway took is credited or put into suspense, once, for its amount.
 * NLS4. At rest nothing is held, nothing stands in suspense, gateways owe what they took and did
 *       not pay out, and every wallet is what was credited to it less what was charged.
 */

import { type AnyActor, forget } from '../../engine/actor.ts'
import { assert } from '../../engine/assert.ts'
import {
  type ActorId,
  type Key,
  keyFrom,
  keyOf,
  type Millis,
  makeId,
  shardOf,
} from '../../engine/ids.ts'
import type { Errand } from '../../engine/outbox.ts'
import type { JournalRecord, Line } from '../../engine/record.ts'
import type { Envelope, Reply } from '../../engine/shard.ts'
import type { Outside, World } from '../../engine/sim/world.ts'
import { activation } from '../activation/activation.ts'
import {
  type ActivationCommand,
  type ActivationEffect,
  type ActivationEvent,
  activationKey,
  type Rental,
} from '../activation/activation-contract.ts'
import { cost, float, floorOf, sales, wallet } from '../chart.ts'
import { deposit } from '../deposit/deposit.ts'
import { receipt, transfer } from '../transfer/transfer.ts'
import { Cashiers } from './cashiers.ts'
import { Landlord } from './landlord.ts'

/** A rental as its durable events tell it. */
type Told = {
  readonly key: Key
  readonly rental: Rental
  readonly landlord: Landlord
  readonly placedAt: Millis
  number: string | null
  phase: 'open' | 'parked' | 'received' | 'closed' | 'refunded'
  /** Refunded in doubt; whether it cost something, nobody has said. */
  isDoubted: boolean
  /** A person booked what one that was refunded in doubt cost: as agreed, for nobody saw a bill. */
  isSettled: boolean
  /** Whether the price is still held. */
  held: boolean
  charged: boolean
  /** A person gave back what had been charged. */
  returned: boolean
  spent: number
  looks: number
}

export const numberActors: readonly AnyActor[] = [
  forget(activation),
  forget(deposit),
  forget(transfer),
  forget(receipt),
]

const price = 3_000

const finish = (by: string): ActivationCommand => ({ type: 'finish', by })

export class NumberStory implements Outside {
  readonly actors: readonly AnyActor[]
  readonly floorOf = floorOf
  readonly seen = new Map<string, number>()
  readonly #rentals = new Map<Key, Told>()
  readonly #users: string[] = []
  readonly #given = new Map<string, number>()
  #landlords: readonly Landlord[] = []
  #cashiers!: Cashiers
  #world!: World
  #words = 0

  constructor(cast: readonly AnyActor[] = numberActors) {
    this.actors = cast
  }

  begin(world: World): void {
    this.#world = world
    const { prng } = world
    const later = (delayMs: number, run: () => void) => world.later(delayMs, run)
    this.#landlords = ['L0', 'L1'].map(name => new Landlord(name, prng, later))
    for (let count = prng.between(1, 2); count > 0; count--) {
      const user = makeId(world.now, prng.below(world.shards), this.#key())
      this.#users.push(user)
      this.#give(user, prng.pick([0, 7_000, 50_000]))
    }
    const see = (what: string) => this.#see(what)
    this.#cashiers = new Cashiers(world, this.#users, see)
    const spread = prng.pick([1, 60_000, 1_000_000])
    const [least, most] = world.isLong ? [8, 16] : [2, 5]
    for (let count = prng.between(least, most); count > 0; count--) {
      world.later(prng.below(spread), () => this.#rent(`r${count}`))
    }
    for (let count = prng.between(1, world.isLong ? 9 : 4); count > 0; count--) {
      world.later(prng.below(spread), () => this.#cashiers.payIn(`d${count}`))
    }
  }

  // -- users ---------------------------------------------------------------------------------

  #rent(ref: string): void {
    const { prng } = this.#world
    const user = prng.pick(this.#users)
    const landlord = prng.pick(this.#landlords)
    const rental: Rental = {
      ...{ user, ref, service: 'wa', serviceName: 'WhatsApp', country: '6', operator: 'any' },
      ...{ countryName: 'Indonesia', operatorName: 'Bebas', supplier: landlord.name, offer: '' },
      ...{ price, cost: 2_000, waitMs: 900_000, terms: landlord.terms },
    }
    const key = activationKey(user, ref)
    const command: ActivationCommand = { type: 'place', rental }
    const envelope = { shard: shardOf(user), key, kind: 'activation', owner: wallet(user) }
    this.#world.ask({ ...envelope, command }, `place ${key}`, reply => {
      if ('refused' in reply) return this.#see(reply.refused)
      assert(this.#rentals.has(key), 'V2: an accepted rental is in the journal')
    })
    if (prng.chance(0.1)) {
      const other: ActivationCommand = { type: 'place', rental: { ...rental, service: 'tg' } }
      this.#world.within(60_000, () => {
        if (this.#rentals.has(key)) this.#tell(key, user, other)
      })
    }
    const soon = prng.pick([1, 60_000, 120_000, 400_000])
    if (prng.chance(0.5)) this.#world.within(soon, () => this.#press(key, user))
    for (let count = prng.below(7); count > 0; count--) {
      this.#world.within(900_000, () => this.#tell(key, user, { type: 'resend' }))
    }
    if (prng.chance(0.2)) this.#world.within(900_000, () => this.#tell(key, user, finish(user)))
    if (prng.chance(0.2)) this.#world.within(900_000, () => this.#giveBack(key))
  }

  /** A person who is kind, and has looked at the supplier's page. */
  #giveBack(key: Key): void {
    const told = this.#rentals.get(key)
    if (told === undefined || told.number === null) return
    const { isCharged } = told.landlord.settle(told.number)
    const word = { verdict: 'refund', by: 'ops', reason: 'asked' } as const
    const supplier = isCharged ? ({ supplier: 'charged' } as const) : {}
    this.#tell(key, told.rental.user, { type: 'resolve', ...word, ...supplier })
  }

  /** Once, or in a hurry. */
  #press(key: Key, user: string): void {
    const times = this.#world.prng.chance(0.3) ? 2 : 1
    for (let n = 0; n < times; n++) this.#tell(key, user, { type: 'cancel', why: 'USER' })
  }

  // -- suppliers and gateways ----------------------------------------------------------------

  perform(errand: Errand, world: World, answer: (envelope: Envelope | null) => void): void {
    const { shard, from, kind, effect, resumed } = errand
    const back = { shard, key: keyOf(from), kind }
    if (kind === 'transfer') {
      const confirmed = { ...back, command: { type: 'confirm' } }
      this.#cashiers.paydays.deliver(errand, () => answer(confirmed))
      return
    }
    const command =
      kind === 'deposit'
        ? this.#cashiers.perform(errand)
        : this.#call(effect as ActivationEffect, resumed, world.now)
    // What goes out and what comes back takes its time: other words may be first.
    const isAtOnce = effect.type !== 'deposit_draw' && world.prng.chance(0.5)
    if (isAtOnce) answer({ ...back, command })
    else this.#world.within(20_000, () => answer({ ...back, command }))
  }

  #call(effect: ActivationEffect, resumed: boolean, now: number): ActivationCommand {
    const landlord = this.#landlords.find(({ name }) => name === effect.target)!
    switch (effect.type) {
      case 'buy':
        return resumed ? { type: 'doubtful', reply: 'restarted' } : landlord.buy(effect.rental, now)
      case 'look':
        return landlord.look(effect.rental, effect.last)
      case 'again':
        return landlord.again(effect.id)
      case 'return':
        return landlord.giveBack(effect.id, now)
      case 'finish':
        return landlord.finish(effect.id)
    }
  }

  /** As long as anything may come, and once more after a refund, for what comes late. */
  #poll(told: Told): void {
    const { prng } = this.#world
    if (told.number === null) return
    const words = told.landlord.read(told.number)
    this.#world.within(5_000, () => {
      for (const word of words) this.#tell(told.key, told.rental.user, word)
      if (words.length > 0 && prng.chance(0.2)) this.#tell(told.key, told.rental.user, words[0]!)
    })
    const isParked = told.phase === 'parked' && prng.chance(0.7)
    const isOpen = told.phase === 'open' || told.phase === 'received' || isParked
    const every = prng.pick([20_000, 60_000, 180_000])
    if (isOpen) this.#world.later(every, () => this.#poll(told))
  }

  // -- the truth -----------------------------------------------------------------------------

  onRecord(record: JournalRecord, line: Line): void {
    for (const event of record.events) this.#see(`${record.kind} ${event.type}`)
    if (record.kind === 'deposit') this.#cashiers.onRecord(record, line)
    if (record.kind === 'receipt') this.#cashiers.paydays.onRecord(record)
    if (record.kind !== 'activation') return
    const [first] = record.events as readonly ActivationEvent[]
    if (first?.type === 'placed') {
      const { type: _, ...rental } = first
      const landlord = this.#landlords.find(({ name }) => name === rental.supplier)!
      const blank = { number: null, phase: 'open', held: true, charged: false } as const
      const told: Told = {
        ...{ ...blank, key: line.key, rental, landlord, placedAt: record.at },
        ...{ returned: false, spent: 0, looks: 0, isDoubted: false, isSettled: false },
      }
      this.#rentals.set(line.key, told)
    }
    const told = this.#rentals.get(line.key)
    assert(told !== undefined, 'NLS1: what happens to a rental happens after it was placed')
    for (const event of record.events as readonly ActivationEvent[]) this.#follow(told, event)
    this.#money(told, record)
  }

  #follow(told: Told, event: ActivationEvent): void {
    switch (event.type) {
      case 'bought': {
        assert(told.number === null, 'NLB1: for one rental a number is bought once')
        const mine = told.landlord.of(told.rental)
        assert(mine?.id === event.id, 'NLS1: the number is the one that was bought for it')
        told.number = event.id
        told.phase = 'open'
        this.#world.within(20_000, () => this.#poll(told))
        return
      }
      case 'sms_received': {
        const sent = told.landlord.lets.get(told.number!)!.messages
        const isTrue = sent.some(one => one.print === event.print && one.code === event.code)
        assert(isTrue, 'NLS1: a message is one that the supplier sent')
        if (event.first) {
          assert(told.phase !== 'refunded' && event.code, 'NLS1: a code before a refund charges')
          told.phase = 'received'
        }
        if (event.late) this.#see(event.cost === undefined ? 'late' : 'late and paid')
        return
      }
      case 'unbought': {
        const mine = told.landlord.of(told.rental)
        assert(mine === undefined, 'NLS1: what was bought is not called unbought')
        told.phase = 'refunded'
        return
      }
      case 'refunded': {
        if (event.why === 'DOUBT') {
          const { waitMs, terms } = told.rental
          const isOver = this.#world.now >= told.placedAt + Math.max(waitMs, terms.lifeMs)
          assert(told.number === null && isOver, 'NLS1: no code can come of what is over in doubt')
          told.phase = 'refunded'
          told.isDoubted = true
          this.#see('over in doubt')
          return
        }
        const mine = told.landlord.lets.get(told.number!)!
        assert(mine.state === 'cancelled', 'NLS1: only what is cancelled there is refunded')
        told.phase = 'refunded'
        return
      }
      case 'parked':
        told.phase = 'parked'
        if (this.#world.prng.chance(0.4)) {
          this.#world.within(300_000, () => {
            if (told.phase === 'parked') this.#lookInto(told)
          })
        }
        this.#see(`parked ${event.why}`)
        return
      case 'closed':
        told.phase = 'closed'
        this.#see(`closed ${event.how}`)
        return
      case 'resent':
        if (event.n !== undefined) this.#see('resend refused')
        return
      case 'resolved':
        if (told.isDoubted) {
          told.isDoubted = false
          told.isSettled = event.cost > 0
          this.#see('cost of a doubt')
          return
        }
        told.phase = event.verdict === 'charge' ? 'closed' : 'refunded'
        this.#see(event.verdict)
        return
      case 'contradicted': {
        const mine = told.landlord.lets.get(told.number!)!
        assert(mine.state === 'cancelled', 'NLS1: a contradiction is one of the supplier')
        return
      }
      case 'orphaned':
        assert(told.isDoubted, 'NLB1: for one rental a number is bought once')
    }
  }

  /** What the postings of a record must be, by its events alone. */
  #money(told: Told, { events, entries }: JournalRecord): void {
    const has = (type: string) => (events as readonly ActivationEvent[]).some(e => e.type === type)
    const resolved = (events as readonly ActivationEvent[]).find(one => one.type === 'resolved')
    for (const [op, name, debit, credit, amount] of entries) {
      if (op === 'post') {
        const isFirst = events.some(one => (one as { first?: true }).first === true)
        assert(isFirst || resolved?.verdict === 'charge', 'NLS1: only a code charges')
        assert(told.held && amount === price, 'NLS1: a price is charged once, and whole')
        told.held = false
        told.charged = true
      } else if (op === 'void') {
        const isOver = has('refunded') || has('unbought') || resolved?.verdict === 'refund'
        assert(isOver && told.held, 'NLS1: what is given back was held, and has ended')
        told.held = false
      } else if (op === 'move' && name === 'refund') {
        const isWhole = credit === wallet(told.rental.user) && amount === price
        assert(told.charged && !told.returned && isWhole, 'NLS1: what was charged goes back once')
        told.returned = true
      } else if (debit === cost) told.spent += amount
      else if (credit === cost) told.spent -= amount
    }
    const isEnded = told.phase === 'refunded' || told.phase === 'closed'
    assert(!isEnded || !told.held, 'NLS1: the money moves in the record of the end')
  }

  hasHappened(label: string): boolean {
    const [verb, key, again] = label.split(' ')
    return verb === 'place' && again === undefined && this.#rentals.has(key!)
  }

  // -- persons -------------------------------------------------------------------------------

  atRest(): boolean {
    const parked = [...this.#rentals.values()].filter(({ phase }) => phase === 'parked')
    for (const told of parked) {
      assert(told.looks++ < 5, 'V7: a rental comes to an end')
      this.#lookInto(told)
    }
    const late = [...this.#rentals.values()].filter(told => this.#isUntold(told))
    for (const told of late) this.#poll(told)
    const doubted = [...this.#rentals.values()].filter(({ isDoubted }) => isDoubted)
    for (const told of doubted) {
      assert(told.looks++ < 5, 'V7: a doubt comes to an end')
      this.#settleDoubt(told)
    }
    const isBusy = this.#cashiers.atRest()
    if (parked.length > 0 || late.length > 0 || doubted.length > 0 || isBusy) return true
    this.#checkAtRest()
    return false
  }

  /** The supplier has charged us, and nobody has read what for. */
  #isUntold({ number, landlord, spent }: Told): boolean {
    return number !== null && landlord.lets.get(number)!.isCharged && spent === 0
  }

  /** The money is back; what it cost stands on the supplier's own page, once it is over there. */
  #settleDoubt({ rental, landlord, key }: Told): void {
    const mine = landlord.of(rental)
    if (mine?.state === 'open') {
      landlord.settle(mine.id)
      return
    }
    const supplier = mine?.isCharged ? 'charged' : 'returned'
    const by = { by: 'ops', reason: 'asked them', supplier } as const
    this.#tell(key, rental.user, { type: 'resolve', verdict: 'refund', ...by })
  }

  /** Looks at the supplier's own page, and says what is the case. */
  #lookInto(told: Told): void {
    const { rental, landlord, key } = told
    const mine = landlord.of(rental)
    const by = { by: 'ops', reason: 'asked them' }
    const { user } = rental
    if (mine === undefined) {
      this.#tell(key, user, { type: 'resolve', verdict: 'refund', ...by })
    } else if (told.number === null) {
      const { id, cost: paid } = mine
      this.#tell(key, user, { type: 'bought', id, number: `62-${id}`, cost: paid })
    } else {
      const { isCharged } = landlord.settle(mine.id)
      const verdict = isCharged ? 'charge' : 'refund'
      this.#tell(key, user, { type: 'resolve', verdict, ...by })
    }
  }

  #checkAtRest(): void {
    const { auditor } = this.#world
    const all = [...this.#rentals.values()]
    assert(auditor.holds === 0, 'NLS4: at rest nothing is held')
    let charged = 0
    for (const { phase, held, spent, rental, landlord, ...told } of all) {
      assert(!held && (phase === 'closed' || phase === 'refunded'), 'NLS1: each rental has ended')
      if (told.charged && !told.returned) charged++
      const mine = landlord.of(rental)
      // A code that it gave away for nothing is booked at its price all the same.
      const isGiven = told.charged && mine?.state === 'cancelled' && mine.messages.length > 0
      const agreed = told.isSettled ? rental.cost : mine?.cost
      const taken = mine?.isCharged || isGiven ? agreed! : 0
      assert(spent === taken, 'NLS2: what was taken is booked')
    }
    assert(auditor.total(sales)[0] === charged * price, 'NLS4: sales are what was charged')
    const spent = all.reduce((sum, told) => sum + told.spent, 0)
    assert(auditor.total(cost)[0] === -spent, 'NLS2: cost is what suppliers took')
    const floats = this.#landlords.reduce((sum, { name }) => sum + auditor.total(float(name))[0], 0)
    assert(floats === spent, 'NLS2: floats fell by what suppliers took')
    for (const user of this.#users) {
      const mine = all.filter(told => told.rental.user === user && told.charged && !told.returned)
      const paidIn = this.#given.get(user)! + this.#cashiers.creditedTo(user)
      const [balance] = auditor.balance(shardOf(user), wallet(user))
      assert(balance === paidIn - mine.length * price, 'NLS4: a wallet is what its owner has left')
    }
    this.#cashiers.checkAtRest(auditor)
  }

  // -- small words ---------------------------------------------------------------------------

  #give(user: string, amount: number): void {
    this.#given.set(user, amount)
    if (amount === 0) return
    const command = { type: 'receive', from: 'cash', to: wallet(user), amount, note: '' }
    const envelope = { shard: shardOf(user), key: this.#key(), kind: 'receipt', command }
    this.#world.ask({ ...envelope, owner: wallet(user) }, `give ${user}`, () => {})
  }

  /** Whatever becomes of it. */
  #tell(key: Key, user: ActorId, command: ActivationCommand): void {
    const envelope = { shard: shardOf(user), key, kind: 'activation', command, owner: wallet(user) }
    const label = `${command.type} ${key} ${this.#words++}`
    const hear = (reply: Reply) => {
      if ('refused' in reply) this.#see(reply.refused)
    }
    this.#world.ask(envelope, label, hear, { isPromise: false })
  }

  #key(): Key {
    const { prng } = this.#world
    return keyFrom(prng.below(2 ** 30), prng.below(2 ** 32))
  }

  #see(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1)
  }
}
