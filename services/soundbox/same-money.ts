/**
 * Whether two words of an acquirer are about the same money. A payment knows that of what paid it
 * (QPA11); this is about money that was booked beside it, and is sure: what may as well be somebody
 * else's is not the same.
 *
 * SAP1. One event is one money. So is one name of the acquirer's own, unless two times are told;
 *       and one time of payment, unless two names are. Names that are ours, of the payment and not
 *       of the money, say nothing.
 */

import type { Paid, PaymentFacts } from '../../actors/payment/payment-contract.ts'
import type { Millis } from '../contract/words.ts'
import { type Told, timeOf } from './callback-told.ts'
import { printedReference } from './payment-place.ts'

export type Money = {
  readonly eventId: string
  /** What the acquirer calls it; null: nobody said. */
  readonly name: string | null
  /** When it was paid; null: nobody said. */
  readonly at: Millis | null
}

/** What names that payment, of a callback that names it. */
type Ours = Pick<PaymentFacts, 'reference' | 'qr'>

export const moneyOf = (
  { event_id: eventId, reference, paid_at, heardMs = Number.MAX_SAFE_INTEGER }: Told,
  ours: Ours,
): Money => ({ eventId, name: acquirersName(reference, ours), at: timeOf(paid_at, heardMs) })

export const moneyOfPaid = ({ eventId, acquirerRef, paidAt, untold }: Paid, ours: Ours): Money => ({
  eventId,
  name: acquirersName(acquirerRef, ours),
  at: untold ? null : paidAt,
})

export function isSameMoney(one: Money, other: Money): boolean {
  if (one.eventId === other.eventId) return true
  const [names, times] = [told(one.name, other.name), told(one.at, other.at)]
  if (names === 'differ' || times === 'differ') return false
  return names === 'alike' || times === 'alike'
}

/** Nothing in it says that these are two. */
export const mayBeSame = (one: Money, other: Money): boolean =>
  one.eventId === other.eventId ||
  (told(one.name, other.name) !== 'differ' && told(one.at, other.at) !== 'differ')

/** Null where he says what we called the payment, or nothing. */
function acquirersName(name: string, { reference, qr }: Ours): string | null {
  const isOurs = name === reference || printedReference(name) === reference || qr.includes(name)
  return name === '' || isOurs ? null : name
}

function told<T>(one: T | null, other: T | null): 'alike' | 'differ' | 'unsaid' {
  if (one === null || other === null) return 'unsaid'
  return one === other ? 'alike' : 'differ'
}
