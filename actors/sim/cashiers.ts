/**
 * Of the stories of numbers: users who pay in, their gateways, and the persons who say whose money
 * in suspense is. The rules NLS3 and NLS4 are in numbers.ts.
 */

import { assert } from '../../engine/assert.ts'
import { type Key, keyOf, shardOf } from '../../engine/ids.ts'
import type { Errand } from '../../engine/outbox.ts'
import type { JournalRecord, Line } from '../../engine/record.ts'
import type { Reply } from '../../engine/shard.ts'
import type { Auditor } from '../../engine/sim/auditor.ts'
import type { World } from '../../engine/sim/world.ts'
import { gateway, suspense, wallet } from '../chart.ts'
import {
  type DepositCommand,
  type DepositEffect,
  type DepositEvent,
  depositKey,
  type Via,
} from '../deposit/deposit-contract.ts'
import { Paydays } from './paydays.ts'
import { instantFee, Till } from './till.ts'

/** An intent as its durable events tell it. */
type Told = {
  readonly key: Key
  readonly user: string
  readonly till: Till
  bill: string | null
  paid: boolean
  /** What came of payments: into the wallet at once, or by way of suspense. */
  readonly came: { readonly amount: number; readonly payment: string }[]
  readonly suspended: Map<number, number>
  /** What waits beside money that may have been drawn for a fee, and is there if it was not. */
  rest: { readonly n: number; readonly amount: number } | null
  /** How often finance has read of it. */
  statements: number
  credited: number
  returned: number
  isDropped: boolean
}

const statementsMost = 10

export class Cashiers {
  readonly #world: World
  readonly #users: readonly string[]
  readonly #see: (what: string) => void
  readonly #tills: readonly Till[]
  readonly paydays: Paydays
  readonly #intents = new Map<Key, Told>()
  #words = 0
  #rounds = 0

  constructor(world: World, users: readonly string[], see: (what: string) => void) {
    this.#world = world
    this.#users = users
    this.#see = see
    this.paydays = new Paydays(world)
    this.#tills = ['T0', 'T1'].map(name => new Till(name, world.prng))
  }

  payIn(ref: string): void {
    const { prng } = this.#world
    const user = prng.pick(this.#users)
    const till = prng.pick(this.#tills)
    const wish = { user, ref, method: 'qris', gateway: till.name, offer: '', amount: 50_000 }
    const key = depositKey(user, ref)
    this.#tell(key, user, { type: 'ask', wish })
    const soon = prng.pick([20_000, 200_000, 2_000_000])
    if (prng.chance(0.2))
      this.#world.within(soon, () => this.#tell(key, user, { type: 'cancel', by: user }))
    for (let times = prng.pick([0, 1, 1, 1, 2]); times > 0; times--) {
      this.#world.within(soon, () => this.#pay(key))
    }
  }

  #pay(key: Key): void {
    const told = this.#intents.get(key)
    // Nobody pays a bill that he was never shown.
    if (told === undefined || told.bill === null) return
    const { till, bill, user } = told
    till.pay(bill)
    const { prng } = this.#world
    this.#world.within(7_200_000, () => till.settle(bill))
    if (prng.chance(0.5)) {
      const received = till.bills.get(bill)!.theirs.received - instantFee
      const command: DepositCommand = { type: 'instant', by: user, fee: instantFee, received }
      for (let n = prng.between(1, 3); n > 0; n--) {
        this.#world.within(400_000, () => this.#tell(key, user, command))
      }
    }
    if (till.names && prng.chance(0.2)) {
      this.#world.within(10_000, () => this.#tell(key, user, this.#status(told, 'manual')))
    }
    // Webhook, poll, instant and a person at once, and again.
    for (let n = prng.below(3); n > 0; n--) {
      this.#world.within(60_000, () => this.#callBack(told))
    }
  }

  /** What was said when it was asked may be heard after what was said later. */
  #callBack(told: Told): void {
    const command = this.#status(told, 'webhook')
    this.#world.within(20_000, () => this.#tell(told.key, told.user, command))
  }

  #status({ till, bill }: Told, via: Via, n = 0): DepositCommand {
    till.expire(bill!, this.#world.now)
    return till.status(bill!, via, n)
  }

  perform({ effect: owed, from, resumed }: Errand): DepositCommand {
    const effect = owed as DepositEffect
    const till = this.#tills.find(({ name }) => gateway(name) === effect.target)!
    switch (effect.type) {
      case 'deposit_ask':
        return resumed
          ? { type: 'doubtful', reply: 'restarted' }
          : till.ask(effect, this.#world.now)
      case 'deposit_confirm':
        return this.#status(this.#intents.get(keyOf(from))!, 'poll')
      case 'deposit_drop':
        return till.drop(effect.id)
      case 'deposit_draw':
        this.#world.within(5_000, () => this.#callBack(this.#intents.get(keyOf(from))!))
        return till.draw(effect.id, resumed)
    }
  }

  onRecord({ events, entries }: JournalRecord, { key }: Line): void {
    const isPaid = events.some(({ type }) => type === 'paid')
    for (const event of events as readonly DepositEvent[]) this.#follow(key, event, isPaid)
    const told = this.#intents.get(key)!
    this.#isPlausible(told)
    for (const [op, name, debit, credit, amount] of entries) {
      assert(op === 'move', 'NLS3: money of a deposit moves')
      const isIn = debit === gateway(told.till.name)
      if (credit === wallet(told.user)) told.credited += amount
      else if (credit === gateway(told.till.name)) told.returned += amount
      else assert(isIn && credit === suspense, `NLS3: ${name} goes where it may`)
    }
  }

  #follow(key: Key, event: DepositEvent, isPaid: boolean): void {
    if (event.type === 'asked') {
      const till = this.#tills.find(({ name }) => name === event.gateway)!
      this.#intents.set(key, {
        ...{ key, user: event.user, till, bill: null, paid: false, isDropped: false },
        ...{ came: [], suspended: new Map(), rest: null, statements: 0, credited: 0, returned: 0 },
      })
      return
    }
    const told = this.#intents.get(key)!
    switch (event.type) {
      case 'created':
        told.bill = event.theirs.id
        return
      case 'paid':
        assert(!told.paid, 'NLS3: a deposit is paid once')
        told.paid = true
        this.#came(told, event.received, event.payment)
        this.#see(`paid by ${event.via}`)
        this.#world.within(200_000, () => this.paydays.payOut(told.till.name))
        return
      case 'suspended':
        told.suspended.set(event.n, event.amount)
        if (isPaid) this.#rest(told, event)
        else this.#came(told, event.amount, event.payment)
        this.#see(`suspended ${event.why}`)
        if (this.#world.prng.chance(0.5))
          this.#world.within(600_000, () => this.#decide(told, event.n))
        return
      case 'resolved': {
        const amount = told.suspended.get(event.n)
        assert(amount === event.amount, 'NLS3: what leaves suspense is what stands there')
        told.suspended.delete(event.n)
        this.#see(`suspense ${event.verdict}`)
        return
      }
      case 'drawn':
        this.#see(`drawn ${event.outcome}`)
        return
    }
  }

  #came(told: Told, amount: number, payment: string): void {
    const { payments } = told.till.bills.get(told.bill!)!
    const isAgain = told.came.some(one => one.payment === payment)
    assert(payment === '' || !isAgain, 'NLS3: a payment counts once')
    told.came.push({ amount, payment })
    if (told.till.counts) return
    assert(told.came.length <= payments.length, 'NLS3: no more came than was paid')
  }

  #rest(told: Told, { n, amount }: Extract<DepositEvent, { type: 'suspended' }>): void {
    assert(told.till.forgets && told.rest === null, 'NLS3: what is agreed is credited whole')
    told.rest = { n, amount }
    this.#see('rest of a drawn one')
  }

  /** Nobody was told of money that no payer paid. */
  #isPlausible(told: Told): void {
    if (told.bill === null) return
    const { taken, came } = this.#sums(told)
    assert(came <= taken, 'NLS3: no more came than was paid')
  }

  #sums({ till, bill, came, rest }: Told): { readonly taken: number; readonly came: number } {
    const made = till.bills.get(bill!)!
    const real = rest === null || made.drawn > 0 ? 0 : rest.amount
    return {
      taken: sum(made.payments.map(payment => till.receivedOf(made, payment))),
      came: sum(came.map(({ amount }) => amount)) + real,
    }
  }

  /** Two persons may have the same opinion, or another. */
  #decide({ key, user, till, bill, rest }: Told, n: number): void {
    const { prng } = this.#world
    // The gateway's statement says whether it kept its fee.
    const kept = till.bills.get(bill!)!.drawn > 0 ? 'return' : 'credit'
    for (let persons = prng.between(1, 2); persons > 0; persons--) {
      const verdict = rest?.n === n ? kept : prng.pick(['credit', 'return'] as const)
      this.#tell(key, user, { type: 'resolve', n, verdict, by: 'fin', reason: 'slip' })
    }
  }

  /** Finance compares with the gateway's statement, and decides what stands in suspense. */
  atRest(): boolean {
    let isBusy = false
    for (const told of this.#intents.values()) {
      if (told.bill === null) continue
      const bill = told.till.bills.get(told.bill)!
      const { taken, came } = this.#sums(told)
      if (came < taken && told.statements++ < statementsMost) {
        isBusy = true
        if (bill.state === 'processing') told.till.settle(told.bill)
        for (const [n] of bill.payments.entries()) {
          const command = this.#status(told, 'manual', n)
          const bare = n === 0 && !told.till.names && command.type === 'status'
          const { payment: _, ...unnamed } = { payment: '', ...command }
          this.#tell(told.key, told.user, bare ? (unnamed as DepositCommand) : command)
        }
      }
      for (const n of told.suspended.keys()) {
        isBusy = true
        this.#decide(told, n)
      }
    }
    assert(!isBusy || this.#rounds++ < 20, 'V7: deposits come to an end')
    return isBusy
  }

  creditedTo(user: string): number {
    const mine = [...this.#intents.values()].filter(told => told.user === user)
    return mine.reduce((sum, { credited }) => sum + credited, 0)
  }

  checkAtRest(auditor: Auditor): void {
    for (const told of this.#intents.values()) {
      if (told.bill === null) continue
      const { till, bill, rest, credited, returned } = told
      const made = till.bills.get(bill)!
      const { taken, came } = this.#sums(told)
      assert(came === taken, 'NLS3: each payment is in one place')
      const isKept = rest !== null && made.drawn > 0
      const kept = isKept ? rest.amount : 0
      assert(credited + returned === taken + kept, 'NLS3: each rupiah is in one place')
      if (till.counts || rest !== null) continue
      const each = made.payments.map(payment => till.receivedOf(made, payment))
      const heard = told.came.map(({ amount }) => amount)
      assert(heard.sort().join() === each.sort().join(), 'NLS3: each payment is in one place')
    }
    assert(auditor.total(suspense)[0] === 0, 'NLS4: at rest nothing stands in suspense')
    for (const { name } of this.#tills) {
      const mine = [...this.#intents.values()].filter(({ till }) => till.name === name)
      const owed = mine.reduce((sum, { credited }) => sum + credited, 0)
      const taken = mine.reduce((sum, { credited, returned }) => sum + credited + returned, 0)
      const paidOut = this.paydays.paidOut(name)
      assert(
        auditor.total(gateway(name))[0] === paidOut - owed,
        'NLS4: a gateway owes what it took',
      )
      assert(paidOut <= taken, 'NLD1: nobody pays out what he never collected')
    }
    this.paydays.checkAtRest()
  }

  #tell(key: Key, user: string, command: DepositCommand): void {
    const envelope = { shard: shardOf(user), key, kind: 'deposit', command, owner: wallet(user) }
    const label = `${command.type} ${key} ${this.#words++}`
    const hear = (reply: Reply) => {
      if ('refused' in reply) this.#see(reply.refused)
    }
    this.#world.ask(envelope, label, hear, { isPromise: false })
  }
}

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0)
