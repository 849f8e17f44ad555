/**
 * The Digiflazz rc table, as far as we say it, and which of ours becomes which of theirs.
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
 * GE4. A supplier's own rc is passed on only when it is about the destination or product; what it
 *      says of our own account with the supplier (41, 44, 45 ...) becomes plain 02.
 */

import type { OrderBrief, RefusalCode } from '../services/contract.ts'
import type { HttpStatus } from './answer.ts'
import type { digiflazzText } from './text.id.ts'

export type Rc = keyof typeof digiflazzText
export type Word = 'Sukses' | 'Pending' | 'Gagal'

export const wordOf: Readonly<Record<Rc, Word>> = {
  '00': 'Sukses',
  '02': 'Gagal',
  '03': 'Pending',
  '40': 'Gagal',
  '41': 'Gagal',
  '42': 'Gagal',
  '43': 'Gagal',
  '44': 'Gagal',
  '45': 'Gagal',
  '49': 'Gagal',
  '50': 'Gagal',
  '51': 'Gagal',
  '52': 'Gagal',
  '53': 'Gagal',
  '54': 'Gagal',
  '55': 'Gagal',
  '57': 'Gagal',
  '58': 'Gagal',
  '59': 'Gagal',
  '60': 'Gagal',
  '62': 'Gagal',
  '63': 'Gagal',
  '64': 'Gagal',
  '69': 'Gagal',
  '71': 'Gagal',
  '72': 'Gagal',
  '73': 'Gagal',
  '74': 'Gagal',
  '84': 'Gagal',
  '85': 'Pending',
  '88': 'Gagal',
  '99': 'Pending',
}

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

export const rcOfRefusal: Readonly<Record<RefusalCode, Rc>> = {
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
  DISPUTE_ABSENT: '40',
  AMOUNT_INVALID: '84',
  TIME_INVALID: '40',
}

export function rcOfOrder(order: OrderBrief): Rc {
  switch (order.status) {
    case 'SUCCESS':
      return '00'
    case 'PENDING':
    case 'PROCESSING':
      return '03'
    case 'REFUND':
      return '74'
    case 'FAILED': {
      const last = order.attempts.findLast(attempt => attempt.outcome === 'failed')?.code
      return passedOn.has(last as Rc) ? (last as Rc) : '02'
    }
  }
}

const passedOn: ReadonlySet<Rc> = new Set<Rc>([
  '51',
  '52',
  '53',
  '54',
  '55',
  '57',
  '59',
  '60',
  '71',
  '72',
  '73',
  '84',
])
