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
import { RuleSet } from '../parser/rules.ts'
import { jsonList, lineList, priceListShape } from '../wire/supplier-template.ts'
import { orderlessSchema } from './template.ts'

const checkedLines = lineList.extend({
  rules: lineList.shape.rules.superRefine((rules, context) => {
    for (const { rule, problem } of new RuleSet(rules).problems) {
      context.addIssue({ code: 'custom', message: `rule ${rule}: ${problem}` })
    }
  }),
})

export const priceListSchema = priceListShape.extend({
  request: orderlessSchema,
  reply: z.union([jsonList, checkedLines]),
})
export type PriceListTemplate = z.output<typeof priceListSchema>
