/**
 * A supplier's price list as data: how to ask for it, and where product, price and state stand in
 * the answer, be it JSON or a text with a product in each line. Saved with the request template of
 * a generic supplier, or alone for one that speaks OtomaX.
 *
 * RSN1. What can't be used is told when it is saved: paths, expressions, and places in the request
 *       that only an order could fill.
 * RSN2. Only the owner's own words switch a product on or off; another word can't be read.
 * RSN3. Lines are read by the owner's rules: `success` is sold, `failed` is listed and not sold,
 *       `ignore` is no product. A line that no rule matches is none either.
 */

import { z } from 'zod/v4'
import { RuleSet, rulesSchema } from '../parser/rules.ts'
import { orderlessSchema } from './template.ts'

const path = z.string().regex(/^[\w-]{1,60}(?:\.[\w-]{1,60}){0,7}$/)
const words = z.array(z.string().min(1).max(80)).max(50)
const rulesMax = 10

const jsonList = z
  .strictObject({
    by: z.literal('json'),
    /** Where the array stands; empty: the answer itself is it. */
    rows: path.or(z.literal('')).default(''),
    ...{ sku: path, cost: path, stock: path.optional(), status: path.optional() },
    ...{ supplied: words.default([]), off: words.default([]) },
  })
  .refine(({ status, supplied }) => (status === undefined) === (supplied.length === 0), {
    path: ['supplied'],
    message: 'a status needs its words, and words need a status',
  })

const lineList = z.strictObject({
  by: z.literal('lines'),
  rules: rulesSchema
    .min(1)
    .max(rulesMax)
    .superRefine((rules, context) => {
      for (const { rule, problem } of new RuleSet(rules).problems) {
        context.addIssue({ code: 'custom', message: `rule ${rule}: ${problem}` })
      }
    }),
})

export const priceListSchema = z.strictObject({
  request: orderlessSchema,
  reply: z.union([jsonList, lineList]),
})
export type PriceListTemplate = z.output<typeof priceListSchema>
