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

import type { z } from 'zod/v4'
import { otomaxShape } from '../wire/supplier-template.ts'
import type { Credentials } from './adapter.ts'
import { priceListSchema } from './price-list-template.ts'

export const otomaxSettings = otomaxShape
  .extend({ priceList: priceListSchema.optional() })
  .refine(given => given.priceList !== undefined || given.bills !== undefined, 'nothing is set')
type BillWords = NonNullable<z.output<typeof otomaxSettings>['bills']>

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
