/**
 * Digiflazz's response codes, complete, and what each lets us do. `created` is the documentation's:
 * a transaction row exists over there, so that the answer is about our order and not only about our
 * request. Blame says whom it concerns:
 *
 *   order        this purchase at this seller; another supplier may well deliver
 *   destination  the customer's number or amount: nobody else will do better
 *   account      our access or balance there: the whole supplier is unwell
 *   limit        we asked too often
 *
 * A check repeats the purchase. That the reference is looked up before the request is judged is
 * nowhere promised, so a refusal of the *request* says nothing about the order it repeats.
 *
 * S5. The table is complete, and what is not in it is unknown.
 * S6. On a purchase a declared failure is final enough to try elsewhere; 49 never is, for it means
 *     that the reference was used before: then our own books are behind.
 * S7. On a check only a failure of a created transaction counts; limits, access, balance, price and
 *     "not found" leave the order unknown.
 * S8. In a callback the transaction is named, so that failures count, except those about access,
 *     limits and "not found".
 * S9. 03 and 99 are pending, never failed.
 * S10. 01, 50, 70, 74 and 85 are failures on watch: suppliers revise them.
 */

import type { Occasion } from './adapter.ts'

export type Class = 'success' | 'failed_safe' | 'failed_watch' | 'pending' | 'query'
type Blame = 'none' | 'order' | 'destination' | 'account' | 'limit'

export type Code = {
  readonly class: Class
  readonly created: boolean
  readonly blame: Blame
  readonly meaning: string
}

export const codes: ReadonlyMap<string, Code> = new Map<string, Code>([
  row('00', 'success', 'created', 'none', 'success'),
  row('01', 'failed_watch', 'created', 'order', 'timeout'),
  row('02', 'failed_safe', 'created', 'order', 'failed'),
  row('03', 'pending', 'created', 'none', 'pending'),
  row('40', 'failed_safe', 'absent', 'order', 'payload error'),
  row('41', 'failed_safe', 'absent', 'account', 'signature not valid'),
  row('42', 'failed_safe', 'absent', 'account', 'username not accepted'),
  row('43', 'failed_safe', 'absent', 'order', 'sku not found or not active'),
  row('44', 'failed_safe', 'absent', 'account', 'balance too low'),
  row('45', 'failed_safe', 'absent', 'account', 'ip address not known'),
  row('47', 'failed_safe', 'absent', 'order', 'already happened at another buyer'),
  row('49', 'query', 'absent', 'none', 'reference not unique'),
  row('50', 'failed_watch', 'created', 'order', 'transaction not found'),
  row('51', 'failed_safe', 'created', 'destination', 'number blocked'),
  row('52', 'failed_safe', 'created', 'destination', 'prefix does not match operator'),
  row('53', 'failed_safe', 'created', 'order', 'product of seller not available'),
  row('54', 'failed_safe', 'created', 'destination', 'wrong number'),
  row('55', 'failed_safe', 'created', 'order', 'product disturbed'),
  row('56', 'failed_safe', 'absent', 'order', 'balance limit of seller'),
  row('57', 'failed_safe', 'created', 'destination', 'wrong count of digits'),
  row('58', 'failed_safe', 'created', 'order', 'cut-off'),
  row('59', 'failed_safe', 'created', 'order', 'outside region or cluster'),
  row('60', 'failed_safe', 'created', 'destination', 'bill not available yet'),
  row('61', 'failed_safe', 'absent', 'account', 'never deposited'),
  row('62', 'failed_safe', 'absent', 'order', 'seller disturbed'),
  row('63', 'failed_safe', 'absent', 'order', 'no repeats on this product'),
  row('64', 'failed_safe', 'absent', 'order', 'deposit ticket refused'),
  row('65', 'failed_safe', 'absent', 'order', 'limit of repeats'),
  row('66', 'failed_safe', 'absent', 'order', 'cut-off, seller maintenance'),
  row('67', 'failed_safe', 'absent', 'order', 'seller not verified'),
  row('68', 'failed_safe', 'absent', 'order', 'out of stock'),
  row('69', 'failed_safe', 'absent', 'order', 'price above max_price'),
  row('70', 'failed_watch', 'created', 'order', 'timeout of biller'),
  row('71', 'failed_safe', 'created', 'order', 'product not stable'),
  row('72', 'failed_safe', 'created', 'destination', 'unregister the package first'),
  row('73', 'failed_safe', 'created', 'destination', 'kWh above limit'),
  row('74', 'failed_watch', 'created', 'order', 'refunded'),
  row('80', 'failed_safe', 'absent', 'order', 'blocked by seller'),
  row('81', 'failed_safe', 'absent', 'order', 'seller blocked by us'),
  row('82', 'failed_safe', 'absent', 'account', 'account not verified'),
  row('83', 'failed_safe', 'absent', 'limit', 'price list asked too often'),
  row('84', 'failed_safe', 'created', 'destination', 'amount not valid'),
  row('85', 'failed_watch', 'created', 'limit', 'too many transactions, again in a minute'),
  row('86', 'failed_safe', 'created', 'limit', 'PLN number asked too often'),
  row('87', 'failed_safe', 'absent', 'destination', 'e-money in multiples of 1,000 only'),
  row('88', 'failed_safe', 'absent', 'account', 'account may not do this'),
  row('99', 'pending', 'created', 'none', 'router issue'),
])

/** What the code means on this occasion; `query` is: ask again later, decide nothing. */
export function classOn(rc: string, occasion: Occasion): Class {
  const code = codes.get(rc)
  if (code === undefined) return 'query'
  const isFailed = code.class === 'failed_safe' || code.class === 'failed_watch'
  if (!isFailed || occasion === 'purchase') return code.class
  if (code.blame === 'limit' || code.blame === 'account' || rc === '50') return 'query'
  return occasion === 'callback' || code.created ? code.class : 'query'
}

/** The word that must stand beside the code; a pair that disagrees is nobody's answer. */
export function wordOf(rc: string): 'sukses' | 'pending' | 'gagal' | null {
  switch (codes.get(rc)?.class) {
    case undefined:
      return null
    case 'success':
      return 'sukses'
    case 'pending':
      return 'pending'
    case 'failed_safe':
    case 'failed_watch':
    case 'query':
      return 'gagal'
  }
}

function row(
  rc: string,
  className: Class,
  created: 'created' | 'absent',
  blame: Blame,
  meaning: string,
): [string, Code] {
  return [rc, { class: className, created: created === 'created', blame, meaning }]
}
