/**
 * Deposits through gateways: what each gateway said that it has is in exactly one place.
 *
 *   created ─▶ paid: gateway ─▶ wallet        suspended: gateway ─▶ suspense
 *                                             resolved: suspense ─▶ wallet, or back to gateway
 *
 * Z47. An intent stands under the key of its user and reference, in his shard; it is made once and
 *      paid once, for what was agreed or for what its user agreed to have at once: for that alone
 *      while it is being drawn, and after it may have been, unless the drawing itself says more.
 * Z48. Its postings are what its events say; what is suspended leaves suspense once. Of payments
 *      that are named by their total no more is booked than the largest total.
 * Z49. It is drawn at once by one attempt, and what has ended does not go on.
 * Z50. Suspense is touched by deposits alone; what a gateway owes, by them and by transfers; and
 *      its fees by transfers alone.
 */

import { type Body, type Event, fingerprint, type Line, shardOf } from './chain.ts'
import { DepositShown } from './deposit-rows.ts'
import { compareMoney, moved } from './payments.ts'
import type { Place, Problems } from './problems.ts'

export class Deposit {
  phase: 'absent' | 'asking' | 'pending' | 'processing' | 'paid' | 'ended' | 'parked' = 'absent'
  user = ''
  gateway = ''
  /** As agreed; zero until the gateway has made it. */
  received = 0
  drawn = 0
  isDrawing = false
  /** It was drawn at once, or may have been. */
  mayBeDrawn = false
  /** What came of money that its gateway told of, and the largest total of all payments. */
  came = 0
  total = 0
  readonly suspended = new Map<number, number>()
  entries = 0
  /** The gateway is asked about it again, or an answer is awaited. */
  isPolled = false
  readonly shown = new DepositShown()

  get isLive(): boolean {
    const isOpen = this.phase === 'asking' || this.phase === 'pending'
    return isOpen || this.phase === 'processing' || this.suspended.size > 0 || this.isPolled
  }
}

type About = { readonly line: Line; readonly place: Place; readonly problems: Problems }

export function readDeposit(deposit: Deposit, line: Line, body: Body, problems: Problems): void {
  const place = { shard: line.shard, seq: line.seq, actor: body.id }
  const wanted: string[] = []
  for (const event of body.e) {
    const isKnown = Object.hasOwn(readings, event.type)
    if (!isKnown) problems.add('deposit.event', place, `there is no ${event.type} of a deposit`)
    else if (deposit.phase === 'absent' && event.type !== 'asked') {
      problems.add('deposit.event', place, `${event.type} before it was asked for`)
    } else wanted.push(...readings[event.type]!(deposit, event, { line, place, problems }))
  }
  compareMoney(wanted, body.p ?? [], { what: 'deposit.money', place, problems })
}

/** Who else touches what is the deposits' own. */
export function readStranger({ shard, seq }: Line, body: Body, problems: Problems): void {
  const mayMove = body.k === 'transfer' || body.k === 'receipt'
  for (const [, name, debit, credit] of body.p ?? []) {
    const isSuspense = debit === 'suspense' || credit === 'suspense'
    const isGateway = /gateway:|gateway_fee/.test(`${debit} ${credit}`) && !mayMove
    if (!isSuspense && !isGateway) continue
    const text = `${name} of a ${body.k}, from ${debit} to ${credit}`
    problems.add('deposit.money', { shard, seq, actor: body.id }, text)
  }
}

/** Gives back the postings that the event wants. */
type Reading = (deposit: Deposit, event: Event, about: About) => readonly string[]

const none: readonly string[] = []
const open: readonly Deposit['phase'][] = ['pending', 'processing']

const readings: Readonly<Record<string, Reading>> = {
  asked(deposit, { user, ref, gateway }, about) {
    const { line, place, problems } = about
    if (deposit.phase !== 'absent') tell(about, 'asked for a second time')
    const isKey = line.key === fingerprint('deposit', user, ref)
    if (!isKey || shardOf(user) !== line.shard) {
      problems.add('deposit.key', place, `${ref} of ${user} is not here`)
    }
    Object.assign(deposit, { phase: 'asking', user, gateway })
    return none
  },
  created(deposit, event, about) {
    mustBe('asking')(deposit, event, about)
    deposit.phase = 'pending'
    deposit.received = Number(event['theirs'].received)
    return none
  },
  uncreated(deposit, event, about) {
    mustBe('asking')(deposit, event, about)
    deposit.phase = 'ended'
    return none
  },
  doubted: mustBe('asking'),
  cancel_asked: mustBe('pending'),
  cancel_denied: mustBe('pending'),
  cancelled: ended('pending'),
  expired: ended('pending'),
  failed: ended('pending', 'processing'),
  polled(deposit) {
    deposit.isPolled = false
    return none
  },
  unchanged(deposit) {
    deposit.isPolled = true
    return none
  },
  processing_begun(deposit, event, about) {
    mustBe('pending')(deposit, event, about)
    deposit.phase = 'processing'
    return none
  },
  draw_asked(deposit, event, about) {
    mustBe('processing')(deposit, event, about)
    if (deposit.drawn > 0) tell(about, 'drawn a second time')
    deposit.drawn = Number(event['received'])
    deposit.isDrawing = true
    deposit.mayBeDrawn = true
    return none
  },
  drawn(deposit, { outcome }, about) {
    if (!deposit.isDrawing) tell(about, 'an answer to drawing that nobody asked for')
    deposit.isDrawing = false
    if (outcome === 'refused') deposit.mayBeDrawn = false
    return none
  },
  paid(deposit, event, about) {
    mustBe(...open)(deposit, event, about)
    const received = Number(event['received'])
    const { received: agreed, drawn, mayBeDrawn } = deposit
    const isWhole = received === agreed && (!mayBeDrawn || event['via'] === 'instant')
    if (!isWhole && received !== drawn) {
      const text = `${received} was credited, agreed were ${agreed}${drawn > 0 ? ` or ${drawn}` : ''}`
      about.problems.add('deposit.credit', about.place, text)
    }
    deposit.phase = 'paid'
    deposit.isPolled = false
    count(deposit, received, event)
    return moved(`gateway:${deposit.gateway}`, `wallet:${deposit.user}`, received)
  },
  suspended(deposit, event, about) {
    const { n, amount } = event
    if (n !== deposit.entries + 1) tell(about, `the ${n}th of money in suspense`)
    deposit.entries = Number(n)
    deposit.suspended.set(Number(n), Number(amount))
    count(deposit, Number(amount), event)
    const { came, total } = deposit
    if (total > 0 && came > total) {
      const text = `${came} came, ${total} is the largest total`
      about.problems.add('deposit.suspense', about.place, text)
    }
    if (open.includes(deposit.phase)) {
      deposit.phase = 'parked'
      deposit.isPolled = false
    }
    return moved(`gateway:${deposit.gateway}`, 'suspense', Number(amount))
  },
  resolved(deposit, { n, verdict, amount }, about) {
    const { suspended, gateway, user } = deposit
    if (suspended.get(n) !== amount) {
      const text = `${amount} leaves suspense, ${suspended.get(n)} stand there as ${n}`
      about.problems.add('deposit.suspense', about.place, text)
    }
    suspended.delete(n)
    if (deposit.phase === 'parked' || verdict === 'credit') {
      const isCredited = verdict === 'credit' && deposit.received > 0
      if (isCredited) Object.assign(deposit, { phase: 'paid', isPolled: false })
      else if (deposit.phase === 'parked' && suspended.size === 0) deposit.phase = 'ended'
    }
    const to = verdict === 'credit' ? `wallet:${user}` : `gateway:${gateway}`
    return moved('suspense', to, Number(amount))
  },
}

function count(deposit: Deposit, amount: number, { payment }: Event): void {
  const named = /^total:(\d+)$/.exec(String(payment ?? ''))
  deposit.came += amount
  deposit.total = Math.max(deposit.total, Number(named?.[1] ?? 0))
}

function mustBe(...phases: readonly Deposit['phase'][]): Reading {
  return (deposit, { type }, about) => {
    if (!phases.includes(deposit.phase)) tell(about, `${type} when it was ${deposit.phase}`)
    return none
  }
}

function ended(...phases: readonly Deposit['phase'][]): Reading {
  return (deposit, event, about) => {
    mustBe(...phases)(deposit, event, about)
    deposit.phase = 'ended'
    // People pay late, so the gateway is asked for a while.
    deposit.isPolled = true
    return none
  }
}

const tell = ({ problems, place }: About, text: string): void =>
  problems.add('deposit.event', place, text)
