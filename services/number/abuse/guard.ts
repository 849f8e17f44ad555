/**
 * The words between the number line and what keeps it from being misused: asked once before a
 * number is ordered, told when nothing came of it. What it decides is in `abuse.ts`.
 */

import type { Millis } from '../../contract/words.ts'

export type RentalAsk = {
  /** The order's key: fingerprint of user and ref. The same key again counts once. */
  readonly key: string
  readonly userId: string
  readonly serviceId: string
  readonly serviceName: string
  readonly countryId: string
  /** Shortened address of who asks, as `number.create` brings it. */
  readonly address: string
  readonly at: Millis
}

/** Null when it may go on; otherwise why not, and when it may be tried again. */
export type RentalVerdict = {
  readonly refused: 'SERVICE_BLOCKED' | 'RENTAL_LIMIT' | 'CLIENT_SUSPENDED'
  readonly retryAfterMs?: Millis
} | null

export type AbuseGuard = {
  /** Before an order is placed; what is let through counts from now on. Rejects when unknown. */
  judge(ask: RentalAsk): Promise<RentalVerdict>
  /** The order that was let through never came to be: it does not count. */
  forget(key: string): Promise<void>
  /** Whether this deployment does not offer the service; for the catalogue and before pricing. */
  denies(serviceId: string, serviceName: string): boolean
}
