/**
 * The user presses cancel, or time is over, and in the same millisecond the code is there. Whatever
 * the order in which the words about it travel, the supplier's verdict is what is booked.
 */

import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { forget } from '../../engine/actor.ts'
import type { Owed } from '../../engine/cell.ts'
import type { Millis } from '../../engine/ids.ts'
import { emptyShard, Shard } from '../../engine/shard.ts'
import { cost, float, floorOf, sales, wallet } from '../chart.ts'
import { activation } from './activation.ts'
import {
  type ActivationCommand,
  type ActivationState,
  activationKey,
  type Rental,
} from './activation-contract.ts'

const user = '0199c82c-0000-7000-8000-000000000001'
const second = 1_000
const minute = 60 * second
const born = 1_760_000_000_000
/** When it all happens. */
const moment = born + 3 * minute
const price = 3_000
const taken = 2_100

const rental: Rental = {
  ...{ user, ref: 'r1', service: 'wa', serviceName: 'WhatsApp', country: '6' },
  ...{ countryName: 'Indonesia', operator: 'any', operatorName: 'Bebas' },
  ...{ supplier: 'RO', offer: '', price, cost: 2_000, waitMs: 15 * minute },
  terms: { cancelAfterMs: 2 * minute, lifeMs: 20 * minute, resends: true, pollMs: 5 * second },
}
const kinds = new Map([[activation.name, forget(activation)]])

/** What the supplier is like; an honest one never cancels what has had a code. */
type Habits = {
  readonly contradicts?: boolean
  readonly deaf?: number
  /** Nobody presses: our own clock gives it back. */
  readonly byClock?: boolean
}

class Scene {
  readonly shard = new Shard(emptyShard(0, 1), kinds, floorOf, born)
  readonly key = activationKey(user, 'r1')
  truth: 'open' | 'coded' | 'cancelled' = 'open'
  now: Millis = moment
  readonly returns: Owed[] = []
  readonly #habits: Habits
  #deaf: number

  constructor(habits: Habits = {}) {
    this.#habits = habits
    this.#deaf = habits.deaf ?? 0
    if (habits.byClock) this.now = born + rental.waitMs
    this.shard.keepAccount({ id: wallet(user), seq: 0, balances: [5_000, 0, 0] })
    const [buy] = this.tell({ type: 'place', rental }, undefined, born)
    this.tell({ type: 'bought', id: 'n1', number: '62811', cost: taken }, buy!.id, born)
  }

  get state(): Exclude<ActivationState, { phase: 'absent' }> {
    return this.shard.cells.get(this.key)!.state as Exclude<ActivationState, { phase: 'absent' }>
  }

  tell(command: ActivationCommand, cause?: Owed['id'], now = this.now): readonly Owed[] {
    const envelope = { shard: 0, key: this.key, kind: 'activation', command, owner: wallet(user) }
    const why = cause === undefined ? {} : { cause }
    const { owed } = this.shard.turn({ ...envelope, ...why }, now)
    this.returns.push(...owed.filter(({ effect }) => effect.type === 'return'))
    return owed
  }

  codeArrives(): void {
    if (this.truth === 'open') this.truth = 'coded'
  }

  /** What polling reads just now; the words arrive whenever. */
  read(): readonly ActivationCommand[] {
    if (this.truth === 'coded') return [{ type: 'sms', sealed: 's', print: 'p', code: true }]
    return this.truth === 'cancelled' ? [{ type: 'ended_there', how: 'cancelled' }] : []
  }

  /** The supplier hears that it is given back; its answer arrives whenever. */
  giveBack(): ActivationCommand {
    const isOpen = this.truth === 'open' || (this.#habits.contradicts && this.truth === 'coded')
    if (isOpen) this.truth = 'cancelled'
    if (this.#deaf-- > 0) return { type: 'cancel_answered', answer: 'unknown' }
    const answer = this.truth === 'cancelled' ? 'cancelled' : 'received'
    return { type: 'cancel_answered', answer }
  }

  /** Timers, answers and polls go on until nothing is left to do. */
  rest(): void {
    for (let turns = 0; turns < 200; turns++) {
      for (const { id } of this.returns.splice(0)) this.tell(this.giveBack(), id)
      for (const word of this.read()) this.tell(word)
      const [timer] = activation.timers(this.state)
      if (timer === undefined && this.returns.length === 0) return
      if (timer !== undefined) {
        this.now = Math.max(this.now, timer.at)
        this.tell(timer.command)
      }
    }
    ok(false, 'AC6: it comes to rest')
  }

  /** Exactly one of refund and code, to the rupiah. */
  check(): boolean {
    const { phase, facts } = this.state
    const isCharged = phase === 'received'
    ok(isCharged || phase === 'refunded', `AC4: it has ended, and is ${phase}`)
    const shown = facts.messages.some(({ code, late }) => code && late === undefined)
    equal(isCharged, shown, 'AC4: who is charged has the code, and who is not has none')
    const balance = (id: string) => this.shard.account(id).balances()
    equal(this.shard.cells.get(this.key)!.holds.length, 0, 'AC4: nothing is held')
    equal(balance(wallet(user)).join(), `${5_000 - (isCharged ? price : 0)},0,0`)
    equal(balance(sales)[0], isCharged ? price : 0)
    equal(balance(cost)[0], isCharged ? -taken : 0)
    equal(balance(float('RO'))[0], isCharged ? taken : 0)
    return isCharged
  }
}

type Step = 'cancel' | 'code' | `read ${number}` | `hear ${number}` | 'handle' | 'answer'

/** One telling: each step when its turn comes; `next` says which of those that may happen. */
function tell(next: (enabled: readonly Step[]) => Step | null, habits: Habits = {}): Scene {
  const scene = new Scene(habits)
  const done = new Set<Step>()
  const read = new Map<Step, readonly ActivationCommand[]>()
  let answer: readonly [ActivationCommand, Owed['id']] | null = null
  for (;;) {
    const enabled: Step[] = (['cancel', 'code', 'read 1', 'read 2'] as const).filter(
      step => !done.has(step),
    )
    for (const n of [1, 2]) {
      const isRead = done.has(`read ${n}`) && !done.has(`hear ${n}`)
      if (isRead) enabled.push(`hear ${n}`)
    }
    if (scene.returns.length > 0 && answer === null) enabled.push('handle')
    if (answer !== null) enabled.push('answer')
    const step = enabled.length === 0 ? null : next(enabled)
    if (step === null) break
    done.add(step)
    switch (step) {
      case 'cancel':
        scene.tell(habits.byClock ? { type: 'tick' } : { type: 'cancel', why: 'USER' })
        break
      case 'code':
        scene.codeArrives()
        break
      case 'handle':
        answer = [scene.giveBack(), scene.returns.shift()!.id]
        break
      case 'answer':
        scene.tell(...answer!)
        answer = null
        break
      default: {
        const n = step.slice(-1)
        if (step.startsWith('read')) read.set(`hear ${Number(n)}`, scene.read())
        else for (const word of read.get(step)!) scene.tell(word)
      }
    }
  }
  // Steps that did not get their turn are late.
  if (answer !== null) scene.tell(...(answer as [ActivationCommand, Owed['id']]))
  for (const [step, words] of read) if (!done.has(step)) for (const w of words) scene.tell(w)
  scene.rest()
  return scene
}

for (const byClock of [false, true]) {
  const who = byClock ? 'our clock' : 'cancel'
  test(`activation: ${who} and code in one millisecond: every order of every step (AC4, AC5)`, () => {
    tellAll({ byClock })
  })
}

function tellAll(habits: Habits): void {
  let told = 0
  const seen = new Set<string>()
  // Depth first over all choices: the last one that can still be raised is raised.
  for (let path: number[] = []; ; ) {
    const widths: number[] = []
    const taking: number[] = []
    const scene = tell(enabled => {
      const choice = path[widths.length] ?? 0
      widths.push(enabled.length)
      taking.push(choice)
      return enabled[choice]!
    }, habits)
    told++
    const isCharged = scene.check()
    equal(isCharged, scene.truth === 'coded', 'AC5: it is as the supplier says')
    seen.add(`${scene.truth}${scene.state.facts.contradicted ? ' contradicted' : ''}`)
    let last = taking.length - 1
    while (last >= 0 && taking[last]! + 1 >= widths[last]!) last--
    if (last < 0) break
    path = [...taking.slice(0, last), taking[last]! + 1]
  }
  ok(told > 1_000, `${told} orders were tried`)
  equal([...seen].sort().join(), 'cancelled,coded')
}

test('activation: a thousand races, answers lost and contradicted: one of the two (AC4, AC5, AC6)', () => {
  const choices = fc.array(fc.nat(9), { minLength: 0, maxLength: 20 })
  const habits = fc.record({ contradicts: fc.boolean(), deaf: fc.nat(4), byClock: fc.boolean() })
  fc.assert(
    fc.property(choices, habits, (picks, supplier) => {
      let n = 0
      const scene = tell(enabled => {
        const pick = picks[n++]
        return pick === undefined ? null : enabled[pick % enabled.length]!
      }, supplier)
      const isCharged = scene.check()
      if (!supplier.contradicts) {
        const verdict = scene.truth === 'coded' ? 'coded' : 'cancelled'
        equal(isCharged, verdict === 'coded', 'AC5: it is as the supplier says')
      }
    }),
    { numRuns: 1_000 },
  )
})
