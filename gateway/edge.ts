/**
 * What every route of one gateway shares. Built once in gateway.ts; holds no decision.
 *
 * GEA1. What is asked of a service for a visit carries its id, as far as no promise lies between.
 */

import type { ClientCard, SessionCard } from '../services/contract/identity.ts'
import type { Millis } from '../services/contract/words.ts'
import type { Call } from '../services/contract.ts'
import type { Visit } from './answer.ts'
import type { Allowances } from './bearer.ts'
import type { Bodies } from './body.ts'
import type { Keyring } from './keyring.ts'
import type { AddressBuckets, Flights, Limits, Nonces } from './limits.ts'

export type Mode = 'demo' | 'production'

export type Edge = {
  readonly call: Call
  readonly now: () => Millis
  /** What the machine's clock shows: strangers' times are judged by it, and it is told to them. */
  readonly machineNow: () => Millis
  readonly mode: Mode
  readonly publicUrl: string
  /** The demo's page on which one plays the world outside; null elsewhere. */
  readonly playUrl: string | null
  readonly limits: Limits
  /** Proxies of ours in front; 0 believes no header about addresses. */
  readonly proxies: number
  readonly bodies: Bodies
  readonly machines: Keyring<'identity.key'>
  readonly resellers: Keyring<'identity.digiflazz'>
  readonly members: Keyring<'identity.member'>
  /** By the API key alone. */
  readonly bareKeys: Keyring<'dialect.card'>
  readonly people: Keyring<'session.card'>
  readonly allowances: Allowances
  readonly nonces: Nonces
  readonly flights: Flights
  readonly failures: AddressBuckets
  /** What one person may ask in a minute: at the doors of the number line, and at its desks. */
  readonly paces: { readonly client: AddressBuckets; readonly staff: AddressBuckets }
  /** Null: no request's, but of something that goes on beside. */
  readonly onFault: (error: unknown, requestId: string | null) => void
  /** Whose visit is served in this turn of the event loop; no promise carries it on. */
  serving: string | null
  /** True once the gateway is closing: new work is turned away. */
  stopping: boolean
}

/** Whose request it is, once proven. */
export type Client = Pick<ClientCard, 'userId' | 'level' | 'username' | 'role'> &
  Pick<SessionCard, 'merchant' | 'email'> &
  Partial<Pick<SessionCard, 'sid'>>

/** After a promise: what is asked of services carries the visit's id again. Who calls, catches. */
export function serving(edge: Edge, visit: Visit, work: () => void): void {
  const before = edge.serving
  edge.serving = visit.id
  try {
    work()
  } finally {
    edge.serving = before
  }
}

/** A door behind which something of ours may throw: the stranger still gets an answer. */
export function guarded(edge: Edge, visit: Visit, work: () => void): void {
  const before = edge.serving
  edge.serving = visit.id
  try {
    work()
  } catch (error) {
    edge.onFault(error, visit.id)
    visit.refuse('INTERNAL_ERROR')
  } finally {
    edge.serving = before
  }
}
