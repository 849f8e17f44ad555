/**
 * One question about a bill, until it is told. Some servers answer at first that they are looking,
 * and say what they found to who asks the same again.
 *
 * PLD1. Only who said that they are looking is asked again, word for word, and not more often than
 *       they are patient with; after that nothing was told.
 * PLD2. Silence in between ends it: nothing was told.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Asked, Credentials, SupplierRequest } from './adapter.ts'
import type { Outcome } from './http-client.ts'
import type { Inquiry, Postpaid } from './postpaid.ts'

type BillQuestion = {
  readonly postpaid: Postpaid
  readonly asked: Asked
  readonly credentials: Credentials
  readonly send: (request: SupplierRequest) => Promise<Outcome>
}

/** The last outcome, and what it says where there was an answer. */
export type BillTold = {
  readonly outcome: Outcome
  readonly inquiry: Inquiry | null
  readonly ms: number
}

export const stillLooking = 'bill_pending'

export async function askForBill(question: BillQuestion): Promise<BillTold> {
  const { postpaid, asked, credentials, send } = question
  const pauses = postpaid.lookingMs ?? []
  for (let n = 0, ms = 0; ; n++) {
    const outcome = await send(postpaid.inquire(asked, credentials))
    ms += outcome.ms
    if (outcome.kind !== 'answer') return { outcome, inquiry: null, ms }
    const inquiry = postpaid.readBill(outcome, asked, credentials)
    const isLooking = inquiry.outcome === 'unknown' && inquiry.why === stillLooking
    if (!isLooking || n >= pauses.length) return { outcome, inquiry, ms }
    await pause(pauses[n])
  }
}
