/**
 * Which HTTP status an rc of the Digiflazz dialect has, and which of our refusals becomes which rc.
 *
 * A client of this dialect asks for an order's status by sending the order again. So any request
 * may be a question about an order that is open, and "Gagal" to such a question makes a client pay
 * its customer back for something that may still succeed. Hence:
 *
 * GE1. Gagal is said only of what is known: the services answered, or the request was never a
 *      question about an order (wrong signature, wrong payload).
 * GE2. A limit (85) is Pending here, where the original says Gagal: nobody looked at the order.
 * GE3. A fault that surely placed nothing is 62, which means "not created"; any other fault is 99,
 *      Pending: repeat the same ref_id. Both with HTTP 503.
 */

import type { Refused } from '../../services/contract/answer.ts'
import type { RefusalCode } from '../../services/contract/words.ts'
import type { Rc } from '../../services/wire/digiflazz.ts'
import type { HttpStatus } from '../answer.ts'

/** Business answers are 200; only who could not be heard at all gets another status. */
export const httpOf = (rc: Rc): HttpStatus => others[rc] ?? 200

const others: Partial<Record<Rc, HttpStatus>> = {
  '40': 400,
  '41': 401,
  '42': 401,
  '45': 403,
  '85': 429,
  '99': 503,
}

/**
 * A refusal that no order and no ticket is answered with says nothing: 99, Pending. What was put
 * out of sale has no hour at which it opens: theirs says 43 of it, and 58 only of the cut-off.
 */
export const rcOfRefusal = (code: RefusalCode, details?: Refused['details']): Rc =>
  code === 'PRODUCT_CLOSED' && details?.['reason'] === 'inactive' ? '43' : (rcs[code] ?? '99')

const rcs: Readonly<Partial<Record<RefusalCode, Rc>>> = {
  INSUFFICIENT_BALANCE: '44',
  DUPLICATE_REF: '49',
  // Their "multi" is our twin guard: the same number and product again, too soon.
  TWIN_ORDER: '63',
  PRODUCT_UNKNOWN: '43',
  PRODUCT_CLOSED: '58',
  PRODUCT_UNSUPPLIED: '62',
  PRICE_ABOVE_MAX: '69',
  DESTINATION_INVALID: '54',
  PREFIX_MISMATCH: '52',
  CLIENT_SUSPENDED: '88',
  NOT_FOUND: '50',
  ORDER_FINAL: '02',
  ORDER_BUSY: '03',
  INQUIRY_REQUIRED: '50',
  INQUIRY_INVALID: '49',
  INQUIRY_EXPIRED: '60',
  INQUIRY_USED: '63',
  INQUIRY_UNSUPPORTED: '43',
  INQUIRY_UNANSWERED: '62',
  BILL_UNAVAILABLE: '60',
  AMOUNT_INVALID: '84',
  BANK_ACCOUNT_UNKNOWN: '64',
  TICKET_LIMIT: '64',
  TICKET_EXHAUSTED: '64',
  TICKET_CLOSED: '64',
}
