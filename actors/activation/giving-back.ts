/**
 * How long we look for a purchase in doubt, and how a number is given back: the supplier is asked,
 * and asked again, until it says that it is cancelled, or that a code came, or a person must look.
 * The rules are in activation.ts.
 */

import { accept, type Decision } from '../../engine/actor.ts'
import type { Millis } from '../../engine/ids.ts'
import type {
  Activation,
  ActivationEvent,
  ActivationFacts,
  ActivationState,
  EndWhy,
} from './activation-contract.ts'

const second = 1_000
/** Waits before each look; then a person's. */
const looks = [5, 10, 20, 40, 80, 120, 120, 120].map(s => s * second)
export const looksMax = looks.length
export const lookAfter = (done: number): Millis => looks[Math.min(done, looksMax - 1)]!

/** Waits after an answer that says nothing; the last repeats. */
const backoff = [30, 60, 120, 240, 300].map(s => s * second)
const triesMax = 20
const earlyAgainMs = 30 * second
/** How long we wait for a code that the supplier speaks of before it is asked again. */
const dueAfter = 60 * second
const dueMax = 5

type Event<T extends ActivationEvent['type']> = Extract<ActivationEvent, { type: T }>

/** Asked at once, or as soon as the supplier would not call it early. */
export function began(facts: ActivationFacts, why: EndWhy, now: Millis): Event<'cancel_begun'> {
  const from = facts.number === null ? now : facts.number.boughtAt + facts.terms.cancelAfterMs
  return { type: 'cancel_begun', why, tryAt: from > now ? from : null }
}

/** The supplier says that it is cancelled: no code came, and none will. */
export function givenBack(state: ActivationState): Decision<Activation> {
  switch (state.phase) {
    case 'waiting':
      return refunded(state.codeDue?.why ?? 'SUPPLIER')
    case 'cancelling':
      return refunded(state.why)
    case 'parked':
      return state.why === 'CANCEL' ? refunded('SUPPLIER') : accept()
    case 'received':
      return state.facts.contradicted ? accept() : accept({ type: 'contradicted' })
    case 'absent':
    case 'buying':
    case 'refunded':
      return accept()
  }
}

/** It is not cancelled: too early, a code came, or nobody knows. */
export function tried(
  state: ActivationState,
  answer: 'early' | 'received' | 'unknown',
  now: Millis,
): Decision<Activation> {
  if (state.phase !== 'cancelling' || state.tryAt !== null) return accept()
  if (answer === 'received') {
    return state.due + 1 >= dueMax
      ? accept({ type: 'parked', why: 'CANCEL' })
      : accept({ type: 'code_due', why: state.why, tryAt: now + dueAfter })
  }
  if (state.tries >= triesMax) return accept({ type: 'parked', why: 'CANCEL' })
  const wait = backoff[Math.min(Math.max(state.tries - 1, 0), backoff.length - 1)]!
  const { number, terms } = state.facts
  const from = number === null ? now : number.boughtAt + terms.cancelAfterMs
  const tryAt = answer === 'early' ? Math.max(now + earlyAgainMs, from) : now + wait
  return accept({ type: 'cancel_denied', answer, tryAt })
}

/** It has finished there, and we have seen no code: there must be one. */
export function nothingThere(state: ActivationState, now: Millis): Decision<Activation> {
  return state.phase === 'waiting' && state.codeDue === undefined
    ? accept({ type: 'code_due', why: 'SUPPLIER', tryAt: now + dueAfter })
    : accept()
}

/** When a number that may have been bought for it has neither our time nor its own life left. */
export const overAt = ({ placedAt, waitMs, terms }: ActivationFacts): Millis =>
  placedAt + Math.max(waitMs, terms.lifeMs)

const refunded = (why: EndWhy | 'DOUBT'): Decision<Activation> => ({
  accepted: [{ type: 'refunded', why }],
  postings: [{ op: 'void', name: 'price' }],
})

export const overInDoubt = refunded('DOUBT')
