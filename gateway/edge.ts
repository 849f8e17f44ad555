/** What every route of one gateway shares. Built once in gateway.ts; holds no decision. */

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
  readonly mode: Mode
  readonly limits: Limits
  /** Proxies of ours in front; 0 believes no header about addresses. */
  readonly proxies: number
  readonly bodies: Bodies
  readonly machines: Keyring<'identity.key'>
  readonly resellers: Keyring<'identity.digiflazz'>
  readonly members: Keyring<'identity.member'>
  readonly people: Keyring<'session.card'>
  readonly allowances: Allowances
  readonly nonces: Nonces
  readonly flights: Flights
  readonly failures: AddressBuckets
  readonly onFault: (error: unknown, requestId: string) => void
  /** True once the gateway is closing: new work is turned away. */
  stopping: boolean
}

/** Whose request it is, once proven. */
export type Client = Pick<ClientCard, 'userId' | 'level' | 'username' | 'role'> &
  Pick<SessionCard, 'merchant' | 'email'> &
  Partial<Pick<SessionCard, 'sid'>>

/** A door behind which something of ours may throw: the stranger still gets an answer. */
export function guarded(edge: Edge, visit: Visit, work: () => void): void {
  try {
    work()
  } catch (error) {
    edge.onFault(error, visit.id)
    visit.refuse('INTERNAL_ERROR')
  }
}
