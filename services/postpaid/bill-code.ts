/**
 * Codes by which servers of this trade ask for a bill and pay it: a word before the product's own
 * code, as each partner is used to.
 *
 *   CEKPLN, cek.PLN, INQPLN ─▶ the bill of PLN          BAYARPLN, PAY-PLN ─▶ its payment
 *
 * PPK1. A product that exists is itself, whatever its code begins with.
 * PPK2. What is left behind the word, and a dot or dash after it, must be a product with bills; the
 *       longest word decides. All else is an order as it stands.
 */

import type { BillCodes, MeantByCode } from '../contract/postpaid.ts'

export function meantBy(
  code: string,
  words: Pick<BillCodes, 'inquiry' | 'pay'>,
  typeOf: (code: string) => 'prepaid' | 'postpaid' | undefined,
): MeantByCode {
  const asked = code.toUpperCase()
  const itself: MeantByCode = { what: 'order', product: code }
  if (typeOf(asked) !== undefined) return itself
  const ways = (['inquiry', 'pay'] as const)
    .flatMap(what => words[what].map(word => ({ what, word: word.toUpperCase() })))
    .sort((a, b) => b.word.length - a.word.length)
  for (const { what, word } of ways) {
    if (!asked.startsWith(word)) continue
    const rest = asked.slice(word.length)
    const product = [rest, rest.replace(/^[.-]/, '')].find(one => typeOf(one) === 'postpaid')
    if (product !== undefined) return { what, product }
  }
  return itself
}
