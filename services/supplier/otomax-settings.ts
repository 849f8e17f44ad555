/**
 * What an owner sets for a supplier that speaks OtomaX, beside the rules: how its price list is
 * read, and by which codes it is asked for bills.
 *
 *   mapping BAYARPLN ─▶ pays as BAYARPLN, is asked for as CEKPLN
 *   mapping PLN      ─▶ pays as PLN, is asked for as CEKPLN
 *
 * PLA1. A mapping names the code that pays; the one that asks has the other word before it.
 * PLA2. The two words differ, or asking for a bill would pay it.
 */

import { z } from 'zod/v4'
import type { Credentials } from './adapter.ts'
import { priceListSchema } from './price-list-template.ts'

const word = z.string().regex(/^[\w.-]{1,20}$/)

const billWords = z
  .strictObject({ inquiry: word, pay: word })
  .refine(({ inquiry, pay }) => inquiry.toUpperCase() !== pay.toUpperCase(), {
    path: ['inquiry'],
    message: 'the word that asks must not be the word that pays',
  })
type BillWords = z.output<typeof billWords>

export const otomaxSettings = z
  .strictObject({ priceList: priceListSchema.optional(), bills: billWords.optional() })
  .refine(given => given.priceList !== undefined || given.bills !== undefined, 'nothing is set')

const usual: BillWords = { inquiry: 'CEK', pay: 'BAYAR' }

export function billWordsIn({ template }: Credentials): BillWords {
  return template === undefined
    ? usual
    : (otomaxSettings.parse(JSON.parse(template)).bills ?? usual)
}

export function inquiryCode(sku: string, { inquiry, pay }: BillWords): string {
  const code = sku.toUpperCase()
  const isPaying = code.startsWith(pay.toUpperCase()) && code.length > pay.length
  return `${inquiry}${isPaying ? sku.slice(pay.length) : sku}`
}
