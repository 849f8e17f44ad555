/**
 * A rented number as its user sees it. What it costs us and who supplied it is not in it.
 *
 * NVC1. The wire's eight words cover every phase of the actor; nothing of ours shows through.
 * NVC2. A message whose key is gone, or whose time to be shown is over, is there without its text;
 *       and so is one that came after the money was back: a code or the money, never both.
 * NVC3. `otp` is the newest code that was not late.
 * NVC4. Another code is awaited from when it is asked for until one comes.
 */

import {
  type ActivationFacts,
  type ActivationState,
  type Message,
  resendsMax,
} from '../../actors/activation/activation-contract.ts'
import type { ViewRow } from '../../sql/number/number.ts'
import type { ActivationMessage, ActivationStatus, ActivationView } from '../contract/number.ts'
import type { Millis, MoneyEffect } from '../contract/words.ts'
import type { Lock } from './vault.ts'

export type Known = Exclude<ActivationState, { phase: 'absent' }>

/** How messages are shown: opened with `lock`, and only those that came after `since`. */
type Showing = { readonly lock: Lock | null; readonly since: Millis }

export function asActivation(state: unknown): Known | null {
  const known = state as ActivationState
  return known.phase === 'absent' ? null : known
}

export function statusOf(state: Known): ActivationStatus {
  switch (state.phase) {
    case 'buying':
      return 'processing'
    case 'waiting':
      return 'waiting'
    case 'received':
      return state.open ? 'otp_received' : 'finished'
    case 'cancelling':
      return 'cancelling'
    case 'refunded':
      return state.why === 'TIME' ? 'expired' : 'refunded'
    case 'parked':
      return 'checking'
  }
}

export function moneyOf({ phase }: Known): MoneyEffect {
  if (phase === 'received') return 'charged'
  return phase === 'refunded' ? 'refunded' : 'held'
}

/** Whether anything may still become of it without a person's wish. */
export const isOpen = (state: Known): boolean =>
  state.phase === 'received' ? state.open : state.phase !== 'refunded'

export const whyOf = (state: Known): string | null => ('why' in state ? state.why : null)

export function viewOf(orderId: string, state: Known, showing: Showing): ActivationView {
  const { facts } = state
  const messages = facts.messages.map(one => shown(one, showing))
  const status = statusOf(state)
  return {
    ...{ orderId, ref: facts.ref, status, moneyEffect: moneyOf(state), why: whyOf(state) },
    ...{ serviceId: facts.service, serviceName: facts.serviceName },
    ...{ countryId: facts.country, countryName: facts.countryName, operatorId: facts.operator },
    ...{ number: facts.number?.number ?? null, price: facts.price },
    ...{ otp: otpOf(messages), messages },
    resendsLeft: resendsLeft(state, facts),
    awaitsNext: status === 'otp_received' && awaitsNext(facts),
    expiresAt: isTimed(status) ? facts.waitUntil : null,
    ...{ createdAt: facts.placedAt, updatedAt: facts.updatedAt },
  }
}

/** Of a row, as it is read in lists: what may still be asked is left to whoever opens it. */
export function viewOfRow(row: ViewRow, showing: Showing): ActivationView {
  const messages = row.messages.map(one => shown(one, showing))
  const status = row.status as ActivationStatus
  return {
    ...{ orderId: row.id, ref: row.ref, status, moneyEffect: row.moneyEffect as MoneyEffect },
    ...{ why: row.why, serviceId: row.service, serviceName: row.serviceName },
    ...{ countryId: row.country, countryName: row.countryName, operatorId: row.operator },
    ...{ number: row.number, price: row.price, otp: otpOf(messages), messages },
    resendsLeft: status === 'otp_received' ? Math.max(0, resendsMax - row.resends) : 0,
    awaitsNext: false,
    expiresAt: isTimed(status) ? Math.round(row.waitUntilMs) : null,
    ...{ createdAt: Math.round(row.placedMs), updatedAt: Math.round(row.updatedMs) },
  }
}

const isTimed = (status: ActivationStatus): boolean =>
  status === 'waiting' || status === 'otp_received'

function resendsLeft(state: Known, { terms, resends }: ActivationFacts): number {
  const mayAsk = state.phase === 'received' && state.open && terms.resends
  return mayAsk ? Math.max(0, resendsMax - resends) : 0
}

function awaitsNext({ resentAt, messages }: ActivationFacts): boolean {
  if (resentAt === undefined) return false
  return !messages.some(({ code, at }) => code && at >= resentAt)
}

function shown(
  message: Pick<Message, 'sealed' | 'at'> & { readonly late?: boolean },
  { lock, since }: Showing,
): ActivationMessage {
  const late = message.late === true
  const isHidden = late || lock === null || message.at < since
  const opened = isHidden ? null : lock.open(message.sealed)
  return {
    text: opened?.text ?? null,
    code: opened?.code ?? null,
    receivedAt: message.at,
    late,
  }
}

const otpOf = (messages: readonly ActivationMessage[]): string | null =>
  messages.findLast(({ code }) => code !== null)?.code ?? null
