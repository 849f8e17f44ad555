/**
 * Words of our own where a supplier's code would stand: why nothing is known, or why a purchase
 * never left. Kept in one place, for whoever judges a supplier must not judge it by them.
 *
 * SOW1. Our own limits, caution and restarts say nothing about a supplier.
 * SOW2. A purchase that never left was not refused by anybody, whoever was in the way.
 * SOW3. A supplier's own word never poses as one of ours, nor as one of the two digits in which we
 *       answer clients and which mean something only where Digiflazz said them.
 */

import type { NotSent } from './http-client.ts'

const ourLimits: readonly NotSent[] = ['bad_request', 'queue_full', 'queue_timeout', 'closing']
const notReached: readonly NotSent[] = [
  ...(['connect_refused', 'connect_timeout', 'connect_failed'] as const),
  ...(['dns_failed', 'tls_failed'] as const),
]
const held = [
  ...['left_out', 'supplier_unknown', 'supplier_inactive', 'bills_unknown'],
  ...['lane_busy', 'flight_not_kept'],
]

/** They say nothing about the supplier. */
export const ours: ReadonlySet<string> = new Set([
  ...[...ourLimits, ...held],
  ...['restarted', 'under_way', 'recheck_window_closed', 'recheck_too_early'],
  ...['flight_not_read', 'flight_absent', 'account_changed'],
])

const inTheWay: ReadonlySet<string> = new Set([...ourLimits, ...notReached, ...held])

/** A bill that was not paid, for a reason that its client should hear. */
const unpaid: ReadonlySet<string> = new Set(['bill_changed', 'bill_not_told'])

/** A code of a supplier whose codes mean what he says, as it is kept. */
export const theirs = (code: string): string => {
  const isOurs = /^\d{2}$/.test(code) || ours.has(code) || inTheWay.has(code) || unpaid.has(code)
  return isOurs ? `supplier_${code}` : code
}

type Ended = { readonly outcome: string; readonly code: string | null }

/** Nobody was asked to sell, and the word for it is only ours to know. */
export const saysNothing = ({ outcome, code }: Ended): boolean =>
  outcome === 'failed' && inTheWay.has(code ?? '')

/** A bill that was not paid after all: its client hears why. */
export const isUnpaid = ({ outcome, code }: Ended): boolean =>
  outcome === 'failed' && unpaid.has(code ?? '')

export const isNotSent = (attempt: Ended): boolean => saysNothing(attempt) || isUnpaid(attempt)
