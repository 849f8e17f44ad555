/**
 * How a deposit stands at its gateway, in the actor's words.
 *
 * GWH1. Their word that it was cancelled, when its time is over and nobody here cancelled it, means
 *       that it expired, where a gateway has no other word for that.
 * GWH2. Payments have no ids there: what they say is what all of them came to, and what of it is
 *       new the actor finds, which knows what is booked when it hears it, not when we asked.
 */

import type { DepositCommand, Via } from '../../../actors/deposit/deposit-contract.ts'
import type { EngineRoom } from '../../engine-room.ts'
import type { Standing } from './adapter.ts'
import type { Gateways } from './gateways.ts'
import type { KnownDeposit } from './intent-view.ts'

export type StandingDeps = {
  readonly room: Pick<EngineRoom, 'engine' | 'now'>
  readonly gateways: Pick<Gateways, 'call' | 'get'>
  /** Told whose deposit was paid by whom, as far as a gateway says it. */
  readonly onPayer?: (userId: string, payer: string) => void
}

/** How it stands there; null when nothing could be learned. */
export async function standingOf(
  { gateways }: Pick<StandingDeps, 'gateways'>,
  { gateway, id, offer }: { gateway: string; id: string; offer: string },
): Promise<Standing | null> {
  const adapter = gateways.get(gateway)?.adapter
  if (adapter === undefined) return null
  const found = await gateways.call(gateway, adapter.status, { id, offer })
  return 'status' in found ? found : null
}

/** What they say, in the actor's words: no payment has an id there, so they say what all came to. */
export function statusOf(
  deps: StandingDeps,
  { state, stands, via }: { state: KnownDeposit; stands: Standing; via: Via },
): Extract<DepositCommand, { type: 'status' }> {
  const { status, amount, fee, received, payer } = stands
  if (status === 'success' && payer !== undefined) deps.onPayer?.(state.facts.user, payer)
  const now = deps.room.now()
  const isOver = state.phase === 'pending' && !state.dropping && now >= state.theirs.expiresAt
  const theirs = status === 'cancel' && isOver ? 'expired' : status
  return { type: 'status', theirs, amount, fee, received, via, isTotal: true }
}
