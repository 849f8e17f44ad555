/**
 * What somebody hears of his rented numbers and deposits, made of one journal line alone: a line
 * that is read again later says the same.
 *
 *   order:created ─▶ order:processing ─▶ order:otp_received ─▶ order:resend, otp:resend ─▶ …
 *                          └─▶ order:expired (time is up) ─▶ order:refunded (the money is back)
 *   deposit:created ─▶ deposit:paid, deposit:expired
 *            └─▶ deposit:checking (another sum came) ─▶ deposit:paid, deposit:returned
 *
 *   balance:updated beside whatever changed what is available
 *
 * A code is never in a line, only what the vault made of it. Whoever sends the event to its owner
 * opens that at the moment of sending (`revealed`), and nobody else does.
 *
 * LEA1. One line is one event: of several things in it the last one names it, and what they say
 *       stands together; what says nothing to the owner makes none.
 * LEA2. What is sealed leaves only opened or left out. Where it can't be opened any more, the code
 *       is null; the event is there all the same, in its place.
 * LEA3. A message that came when the money was back is for operators; its owner hears nothing.
 * LEA4. Whether the available balance changed is in the event that changed it, as `balance`.
 *       Behind it follows `balance:updated`, for who listens to that name only.
 * LEA5. Another code that the supplier refused is `accepted` false, and one that it did not answer
 *       for is null: it may come.
 * LEA6. A message without a code says nothing of how its order stands: a code may have come before.
 */

import type { ActivationEvent } from '../../actors/activation/activation-contract.ts'
import type { DepositEvent } from '../../actors/deposit/deposit-contract.ts'
import type { JournalRecord } from '../../engine/record.ts'
import type { LiveEvent } from '../contract/live.ts'

type Telling = { readonly name: string; readonly data: Readonly<Record<string, unknown>> }

/** Opens what the vault sealed; null when its time is over. */
export type OpenMessage = (
  orderId: string,
  sealed: string,
) => Promise<{ readonly text: string | null; readonly code: string | null } | null>

const resendsMax = 3

/** `balance` is what is available after the line, when it touched the wallet. */
export function numberEvent(
  record: JournalRecord,
  seq: number,
  balance: { readonly balance?: number },
): LiveEvent | null {
  const told = (record.events as readonly ActivationEvent[]).flatMap(
    event => tellingOf(event) ?? [],
  )
  return together(record, seq, { order_id: record.id, ...balance }, told)
}

export function depositEvent(
  record: JournalRecord,
  seq: number,
  balance: { readonly balance?: number },
): LiveEvent | null {
  const events = record.events as readonly DepositEvent[]
  // It is paid all the same where only the rest is looked at.
  const isPaid = events.some(({ type }) => type === 'paid')
  const told = events.flatMap(event =>
    isPaid && event.type === 'suspended' ? [] : (payingOf(event) ?? []),
  )
  return together(record, seq, { intent_id: record.id, ...balance }, told)
}

/** Behind the event of a line that changed what is available; null when that said so itself. */
export function balanceEvent(event: LiveEvent, record: JournalRecord): LiveEvent | null {
  const { order_id, intent_id, at, balance } = event.data
  // What was held is posted: it was not available before.
  const isMoved = record.entries.some(
    ([op, , debit, credit]) => op !== 'post' && (debit === record.owner || credit === record.owner),
  )
  if (balance === undefined || !isMoved || event.name === moved) return null
  const about = order_id === undefined ? { intent_id } : { order_id }
  return { id: `${event.id}${behind}`, name: moved, data: { ...about, at, balance } }
}

const moved = 'balance:updated'
/** Of two events of one line, the second one's id. */
const behind = '.1'

function together(
  record: JournalRecord,
  seq: number,
  about: Readonly<Record<string, unknown>>,
  told: readonly Telling[],
): LiveEvent | null {
  const last = told.at(-1)
  if (last === undefined) return null
  const base = { ...about, at: new Date(record.at).toISOString() }
  const data = Object.assign({}, base, ...told.map(one => one.data))
  return { id: String(seq), name: last.name, data }
}

const processing = (status: string, more: Readonly<Record<string, unknown>> = {}): Telling => ({
  name: 'order:processing',
  data: { status, ...more },
})

const refunded = (status: string, why: string): Telling => ({
  name: 'order:refunded',
  data: { status, why },
})

function tellingOf(event: ActivationEvent): Telling | null {
  switch (event.type) {
    case 'placed': {
      const { ref, service, serviceName, country, countryName, operator, price } = event
      const place = { service_id: service, service_name: serviceName, country_id: country }
      const data = { ref_id: ref, ...place, country_name: countryName, operator_id: operator }
      return { name: 'order:created', data: { ...data, price, status: 'processing' } }
    }
    case 'bought':
      return processing('waiting', { number: event.number })
    case 'doubted':
      return processing('processing')
    case 'unbought':
      return refunded('refunded', event.code)
    case 'sms_received': {
      const { sealed, code, late } = event
      if (late) return null
      // Codes may have come before: how it stands this line does not say.
      if (!code) return { name: 'order:processing', data: { sealed } }
      return { name: 'order:otp_received', data: { status: 'otp_received', sealed } }
    }
    case 'resend_asked': {
      const { n, waitUntil } = event
      const left = { resends_left: Math.max(0, resendsMax - n) }
      const until = { expires_at: new Date(waitUntil).toISOString() }
      return { name: 'order:resend', data: { ...left, ...until, status: 'otp_received' } }
    }
    case 'resent': {
      const { ok, n } = event
      if (n === undefined) return { name: 'otp:resend', data: { accepted: ok || null } }
      const left = { resends_left: Math.max(0, resendsMax - n) }
      return { name: 'otp:resend', data: { accepted: false, ...left } }
    }
    case 'cancel_begun':
      if (event.why !== 'TIME') return processing('cancelling', { why: event.why })
      return { name: 'order:expired', data: { status: 'cancelling', why: event.why } }
    case 'code_due':
      return processing('waiting')
    case 'refunded':
      return refunded(event.why === 'TIME' ? 'expired' : 'refunded', event.why)
    case 'closed':
      return processing('finished')
    case 'parked':
      return processing('checking')
    case 'resolved':
      // Between us and the supplier.
      if (event.isCostOnly) return null
      return event.verdict === 'refund' ? refunded('refunded', 'PERSON') : processing('finished')
    case 'looked':
    case 'unfound':
    case 'cancel_tried':
    case 'cancel_denied':
    case 'orphaned':
    case 'contradicted':
      return null
  }
}

const checking = { status: 'checking' }
const ended = (status: string): Telling => ({ name: 'deposit:expired', data: { status } })

function payingOf(event: DepositEvent): Telling | null {
  switch (event.type) {
    case 'created': {
      const { id, amount, fee, received, expiresAt } = event.theirs
      const money = { amount, fee, received, expires_at: new Date(expiresAt).toISOString() }
      return { name: 'deposit:created', data: { deposit_id: id, ...money, status: 'pending' } }
    }
    case 'processing_begun':
      return { name: 'deposit:processing', data: { status: 'processing' } }
    case 'paid': {
      const { amount, fee, received } = event
      return { name: 'deposit:paid', data: { amount, fee, received, status: 'success' } }
    }
    case 'expired':
      return ended('expired')
    case 'cancelled':
    case 'failed':
    case 'uncreated':
      return ended('cancel')
    case 'resolved': {
      const name = event.verdict === 'credit' ? moved : 'deposit:returned'
      return { name, data: { amount: event.amount } }
    }
    case 'suspended':
      // Money that comes after the end changes nothing of how the deposit stands.
      return event.why === 'AMOUNT' ? { name: 'deposit:checking', data: checking } : null
    case 'asked':
    case 'doubted':
    case 'cancel_asked':
    case 'cancel_denied':
    case 'polled':
    case 'unchanged':
    case 'draw_asked':
    case 'drawn':
      return null
  }
}

/** True when it may not be sent as it is. */
export const isSealed = (event: LiveEvent): boolean => 'sealed' in event.data

/** As its owner may read it. */
export async function revealed(event: LiveEvent, open: OpenMessage): Promise<LiveEvent> {
  const { sealed, ...data } = event.data
  const told = await open(String(data['order_id']), String(sealed))
  return { ...event, data: { ...data, otp: told?.code ?? null, text: told?.text ?? null } }
}
