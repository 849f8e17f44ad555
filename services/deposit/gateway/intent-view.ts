/** A deposit as its owner and staff see it, out of the actor's state or of its row. */

import type { DepositState, Paid, Theirs } from '../../../actors/deposit/deposit-contract.ts'
import type { IntentRow } from '../../../sql/money/deposit-intents.ts'
import type { IntentStatus, IntentView } from '../../contract/deposit.ts'

export type KnownDeposit = Exclude<DepositState, { readonly phase: 'absent' }>

/** What was read under an id that came from outside, if it is a deposit that was ever asked for. */
export function asDeposit(state: { readonly phase: string }): KnownDeposit | null {
  const facts = 'facts' in state ? (state.facts as object) : {}
  return 'gateway' in facts && 'method' in facts ? (state as KnownDeposit) : null
}

const statuses: Readonly<Record<KnownDeposit['phase'] | 'doubt', IntentStatus>> = {
  asking: 'checking',
  doubt: 'checking',
  pending: 'pending',
  processing: 'processing',
  paid: 'success',
  expired: 'expired',
  cancelled: 'cancel',
  failed: 'cancel',
  parked: 'checking',
}

const statusOfRow = (status: string): IntentStatus =>
  statuses[status as keyof typeof statuses] ?? 'checking'

/** In which rows a status of the wire is found. */
export const rowStatuses = (status: IntentStatus): readonly string[] =>
  Object.entries(statuses).flatMap(([ours, theirs]) => (theirs === status ? [ours] : []))

export function viewOfState(
  id: string,
  state: KnownDeposit,
  more: { readonly picture: string | null; readonly instant: boolean },
): IntentView {
  const { facts, phase } = state
  const { theirs, draw, suspended } = facts
  const paid = phase === 'paid' ? state.paid : null
  const money = moneyOf(facts.amount, theirs, paid)
  const picture = more.picture === null ? {} : { qr_image: more.picture }
  return {
    intentId: id,
    depositId: theirs?.id ?? null,
    ...{ userId: facts.user, ref: facts.ref, status: statuses[phase] },
    ...{ method: facts.method, gateway: facts.gateway, wished: facts.amount, ...money },
    pay: phase === 'pending' ? { ...theirs?.pay, ...picture } : {},
    expiresAt: theirs?.expiresAt ?? null,
    paidAt: paid?.at ?? null,
    instant: more.instant && phase === 'processing' && draw === null,
    why: whyOf(state),
    suspended: suspended.reduce((sum, one) => (one.verdict === null ? sum + one.amount : sum), 0),
    ...{ createdAt: facts.askedAt, updatedAt: facts.updatedAt },
  }
}

function whyOf(state: KnownDeposit): string | null {
  const last = state.facts.suspended.at(-1)
  if (last !== undefined) return last.why
  return 'code' in state ? state.code : null
}

function moneyOf(
  wished: number,
  theirs: Theirs | null,
  paid: Paid | null,
): Pick<IntentView, 'amount' | 'fee' | 'received'> {
  if (paid !== null) return { amount: paid.amount, fee: paid.fee, received: paid.received }
  if (theirs === null) return { amount: wished, fee: 0, received: wished }
  return { amount: theirs.amount, fee: theirs.fee, received: theirs.received }
}

export function viewOfRow(row: IntentRow): IntentView {
  const { pays, fee, received, status, pay, expiresMs, paidMs } = row
  const amount = pays ?? row.amount
  return {
    ...{ intentId: row.id, depositId: row.theirId, userId: row.userId, ref: row.ref },
    ...{ status: statusOfRow(status), method: row.method, gateway: row.gateway },
    ...{ wished: row.amount, amount, fee: fee ?? 0 },
    received: received ?? amount - (fee ?? 0),
    pay: status === 'pending' ? pay : {},
    expiresAt: expiresMs === null ? null : Math.round(expiresMs),
    paidAt: paidMs === null ? null : Math.round(paidMs),
    ...{ instant: false, why: row.why, suspended: row.suspended },
    ...{ createdAt: Math.round(row.createdMs), updatedAt: Math.round(row.updatedMs) },
  }
}
