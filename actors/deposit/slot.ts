/** The places of a user who waits to be paid: claimed with the wish, free when it waits no more. */

import type { Decision } from '../../engine/actor.ts'
import { fingerprint } from '../../engine/ids.ts'
import {
  type Deposit,
  type DepositEvent,
  type DepositFacts,
  pendingMax,
} from './deposit-contract.ts'

export const slotsOf = (user: string): readonly string[] =>
  Array.from({ length: pendingMax }, (_, n) => fingerprint('deposit-slot', user, `${n + 1}`))

/** It waits no longer, and its place is free for another. */
export const ended = (
  { facts }: { readonly facts: DepositFacts },
  event: DepositEvent,
): Decision<Deposit> => ({ accepted: [event], ...released(facts) })

export const released = ({ slot }: DepositFacts): { readonly releases?: readonly string[] } =>
  slot === null ? {} : { releases: [slot] }
