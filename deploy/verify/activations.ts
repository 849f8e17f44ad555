/**
 * Rented numbers: each ends in exactly one of a code and a refund, and the money in the same lines
 * says so.
 *
 *   placed + hold ─▶ bought ─▶ first code + post, cost ─▶ closed        resolved refund + move
 *                └─▶ unbought + void  └─▶ refunded + void ─▶ late code, its cost
 *
 * Z43. A rental is placed once, under the key that its user and reference give, in the shard of its
 *      user; a number is bought for it once, and its messages are there once.
 * Z44. Its postings are what its events say: the price is held when it is placed, posted with the
 *      first code or by a person's word, voided when it ends without one, and nothing else.
 * Z45. Nothing is refunded, unbought or cancelled after a code, and nothing is charged after a
 *      refund; a person gives back what was charged once.
 * Z46. What the supplier took is booked once: with the first code, a late one, or a person's word;
 *      by that also when it was refunded in doubt, which is only what nobody ever saw a number of.
 */

import { type Body, type Event, fingerprint, type Line, shardOf } from './chain.ts'
import { NumberShown } from './number-rows.ts'
import { compareMoney, moved } from './payments.ts'
import type { Place, Problems } from './problems.ts'

const resendsMost = 3

export class Activation {
  phase: 'absent' | 'buying' | 'waiting' | 'received' | 'cancelling' | 'refunded' | 'parked' =
    'absent'
  user = ''
  supplier = ''
  price = 0
  number = ''
  cost = 0
  spent = 0
  resends = 0
  held = false
  charged = false
  isOpen = true
  /** Refunded, and nobody has said whether it cost something. */
  isDoubted = false
  readonly prints = new Set<string>()
  readonly shown = new NumberShown()

  get isLive(): boolean {
    if (this.phase === 'refunded') return this.isDoubted
    if (this.phase === 'absent') return false
    return this.phase !== 'received' || this.isOpen
  }
}

type About = { readonly line: Line; readonly place: Place; readonly problems: Problems }

export function readActivation(rental: Activation, line: Line, body: Body, problems: Problems) {
  const place = { shard: line.shard, seq: line.seq, actor: body.id }
  const wanted: string[] = []
  for (const event of body.e) {
    const isKnown = Object.hasOwn(readings, event.type)
    if (!isKnown) problems.add('number.event', place, `there is no ${event.type} of a number`)
    else if (rental.phase === 'absent' && event.type !== 'placed') {
      problems.add('number.event', place, `${event.type} before it was placed`)
    } else wanted.push(...readings[event.type]!(rental, event, { line, place, problems }))
  }
  compareMoney(wanted, body.p ?? [], { what: 'number.money', place, problems })
}

/** Gives back the postings that the event wants. */
type Reading = (rental: Activation, event: Event, about: About) => readonly string[]

const none: readonly string[] = []
const nothing: Reading = () => none

const readings: Readonly<Record<string, Reading>> = {
  placed(rental, { user, ref, supplier, price, cost }, { line, place, problems }) {
    if (rental.phase !== 'absent') problems.add('number.event', place, 'placed a second time')
    const isKey = line.key === fingerprint('number', user, ref)
    if (!isKey || shardOf(user) !== line.shard) {
      problems.add('number.key', place, `${ref} of ${user} is not here`)
    }
    Object.assign(rental, { phase: 'buying', user, supplier, held: true })
    rental.price = Number(price)
    rental.cost = Number(cost)
    return [`hold wallet:${user} sales ${price}`]
  },
  bought(rental, { id, cost }, { place, problems }) {
    const mayBe = rental.phase === 'buying' || rental.phase === 'parked'
    if (!mayBe || rental.number !== '') {
      problems.add('number.event', place, `bought when it was ${rental.phase} ${rental.number}`)
    }
    rental.phase = 'waiting'
    rental.number = String(id)
    rental.cost = Number(cost)
    return none
  },
  doubted: mustBe('buying'),
  looked: mustBe('buying'),
  unfound: mustBe('buying'),
  unbought(rental, _, about) {
    if (rental.number !== '') tell(about, 'number.event', 'unbought after it was bought')
    return refunding(rental, about)
  },
  sms_received(rental, { print, code, first, late, cost = 0 }, about) {
    if (rental.prints.has(print)) tell(about, 'number.event', `the message ${print} is there`)
    rental.prints.add(String(print))
    if ((rental.phase === 'refunded') !== (late === true)) {
      tell(about, 'number.event', `${late ? 'late' : 'not late'} when it was ${rental.phase}`)
    }
    const books = spending(rental, Number(cost), about)
    if (first !== true) {
      const isUncharged = code && late !== true && rental.phase !== 'received'
      if (isUncharged) tell(about, 'number.charge', 'a code came, and nothing is charged')
      return books
    }
    if (code !== true) tell(about, 'number.charge', 'charged without a code')
    const posts = charging(rental, about)
    rental.phase = 'received'
    return [...posts, ...books]
  },
  resend_asked(rental, { n }, about) {
    if (rental.phase !== 'received' || n !== rental.resends + 1 || n > resendsMost) {
      tell(about, 'number.event', `asked for the ${n}th time when it was ${rental.phase}`)
    }
    rental.resends = Number(n)
    return none
  },
  resent(rental, event, about) {
    mustBe('received')(rental, event, about)
    const { n } = event
    if (n === undefined) return none
    // What was refused counts for nothing, and nothing else is taken back.
    if (n !== rental.resends - 1) tell(about, 'number.event', `${n} left of ${rental.resends}`)
    rental.resends = Number(n)
    return none
  },
  cancel_begun(rental, event, about) {
    mustBe('waiting')(rental, event, about)
    rental.phase = 'cancelling'
    return none
  },
  cancel_tried: mustBe('cancelling'),
  cancel_denied: mustBe('cancelling'),
  code_due(rental, _, about) {
    if (rental.phase !== 'cancelling' && rental.phase !== 'waiting') {
      tell(about, 'number.event', `a code is due when it was ${rental.phase}`)
    }
    rental.phase = 'waiting'
    return none
  },
  refunded(rental, { why }, about) {
    rental.isDoubted = why === 'DOUBT'
    const isAlive = rental.phase !== 'parked' || rental.number !== ''
    if (rental.isDoubted && isAlive) {
      tell(about, 'number.event', `over in doubt when it was ${rental.phase} ${rental.number}`)
    }
    return refunding(rental, about)
  },
  closed(rental, event, about) {
    mustBe('received')(rental, event, about)
    rental.isOpen = false
    return none
  },
  parked(rental, _, about) {
    if (rental.phase !== 'buying' && rental.phase !== 'cancelling') {
      tell(about, 'number.event', `parked when it was ${rental.phase}`)
    }
    rental.phase = 'parked'
    return none
  },
  orphaned: nothing,
  contradicted: mustBe('received'),
  resolved(rental, { verdict, cost }, about) {
    const spent = Number(cost)
    if (verdict === 'charge') {
      mustBe('parked')(rental, { type: 'charged' }, about)
      const posts = charging(rental, about)
      rental.phase = 'received'
      rental.isOpen = false
      return [...posts, ...spending(rental, spent, about)]
    }
    if (rental.phase === 'parked') {
      return [...refunding(rental, about), ...spending(rental, spent, about)]
    }
    if (rental.isDoubted) {
      rental.isDoubted = false
      return spending(rental, spent, about)
    }
    mustBe('received')(rental, { type: 'given back' }, about)
    if (!rental.charged) tell(about, 'number.refund', 'given back, and was not charged')
    rental.charged = false
    rental.phase = 'refunded'
    const back = moved('sales', `wallet:${rental.user}`, rental.price)
    return [...back, ...spending(rental, spent, about)]
  },
}

function mustBe(phase: Activation['phase']): Reading {
  return (rental, { type }, about) => {
    if (rental.phase !== phase) tell(about, 'number.event', `${type} when it was ${rental.phase}`)
    return none
  }
}

function charging(rental: Activation, about: About): readonly string[] {
  if (!rental.held) tell(about, 'number.charge', `charged when it was ${rental.phase}`)
  rental.held = false
  rental.charged = true
  return [`post wallet:${rental.user} sales ${rental.price}`]
}

function refunding(rental: Activation, about: About): readonly string[] {
  if (!rental.held) tell(about, 'number.refund', `refunded when it was ${rental.phase}`)
  rental.held = false
  rental.phase = 'refunded'
  return [`void wallet:${rental.user} sales ${rental.price}`]
}

/** What the supplier took, or gave back. */
function spending(rental: Activation, spent: number, about: About): readonly string[] {
  const { supplier, cost } = rental
  const isRight = spent === 0 || (rental.spent === 0 ? spent === cost : spent === -rental.spent)
  if (!isRight) tell(about, 'number.cost', `${spent} more after ${rental.spent}, it costs ${cost}`)
  rental.spent += spent
  return spent < 0
    ? moved(`float:${supplier}`, 'cost', -spent)
    : moved('cost', `float:${supplier}`, spent)
}

type Name = 'number.event' | 'number.charge' | 'number.refund' | 'number.cost'

const tell = ({ problems, place }: About, name: Name, text: string): void =>
  problems.add(name, place, text)
