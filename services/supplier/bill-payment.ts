/**
 * Paying a bill. Suppliers take a payment only under the reference of an inquiry of the same day,
 * and callbacks must find the order by that reference; so the order's own reference asks for the
 * bill once more, and pays it in the same breath when it still costs what the client agreed to.
 *
 *   purchase ─▶ inquiry ─▶ another amount, no bill, silence ─▶ failed: no payment left
 *                  └─▶ the agreed amount ─▶ payment ─▶ as any purchase; silence is unknown
 *   check ────▶ status, which never pays, or repeats the payment word for word
 *
 * PPC1. A payment leaves only after the bill, asked for under the very same reference, was told to
 *       cost what was agreed; another amount is a failure, `bill_changed`, in either direction.
 * PPC2. What goes wrong before the payment leaves has failed, for nothing was paid: also silence.
 * PPC3. What goes wrong once it may have left is unknown, and is asked about by the status alone.
 */

import {
  type Adapter,
  type Asked,
  type Credentials,
  type Occasion,
  type Reading,
  readOutcome,
  type SupplierRequest,
} from './adapter.ts'
import { askForBill, type BillTold } from './bill-asking.ts'
import type { Outcome } from './http-client.ts'
import type { Postpaid } from './postpaid.ts'

type BillCall = {
  readonly adapter: Adapter
  readonly postpaid: Postpaid
  readonly asked: Asked
  readonly occasion: Occasion
  readonly credentials: Credentials
  /** What the bill cost when the client agreed. */
  readonly agreed: number
  readonly send: (request: SupplierRequest) => Promise<Outcome>
}

type BillAnswer = { readonly reading: Reading; readonly ms: number }

export async function callAboutBill(call: BillCall): Promise<BillAnswer> {
  const { adapter, postpaid, asked, occasion, credentials, send } = call
  if (occasion !== 'purchase') {
    const outcome = await send(postpaid.status(asked, credentials))
    return read(call, outcome)
  }
  let told: BillTold
  try {
    told = await askForBill({ postpaid, asked, credentials, send })
  } catch {
    return { reading: failed('bill_not_told'), ms: 0 }
  }
  const barred = barring(told, call)
  if (barred !== null) return { reading: barred, ms: told.ms }
  const outcome = await send(postpaid.pay(asked, credentials))
  const reading = readOutcome(adapter, { outcome, asked, occasion, credentials })
  return { reading, ms: told.ms + outcome.ms }
}

function read(call: BillCall, outcome: Outcome): BillAnswer {
  const { adapter, postpaid, asked, occasion, credentials } = call
  const reading =
    outcome.kind === 'answer' && postpaid.readStatus !== undefined
      ? postpaid.readStatus(outcome, asked, credentials)
      : readOutcome(adapter, { outcome, asked, occasion, credentials })
  return { reading, ms: outcome.ms }
}

/** Why the bill must not be paid; null when it is the one that was agreed to. */
function barring({ outcome, inquiry }: BillTold, call: BillCall): Reading | null {
  const { adapter, asked, credentials, agreed } = call
  if (outcome.kind === 'not_sent') {
    return readOutcome(adapter, { outcome, asked, occasion: 'purchase', credentials })
  }
  if (inquiry === null) return failed('bill_not_told')
  switch (inquiry.outcome) {
    case 'bill':
      return inquiry.bill.cost === agreed ? null : failed('bill_changed', inquiry.reply)
    case 'failed': {
      const { code, message, reply, supplierTrouble } = inquiry
      return { ...failed(code, reply), message, supplierTrouble }
    }
    case 'unknown':
      return failed('bill_not_told', inquiry.reply)
  }
}

const failed = (code: string, reply = ''): Extract<Reading, { outcome: 'failed' }> => ({
  outcome: 'failed',
  code,
  message: '',
  retryable: code !== 'bill_changed',
  watch: false,
  reply,
  supplierTrouble: false,
})
