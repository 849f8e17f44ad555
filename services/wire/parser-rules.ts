/** The fields of a rule that reads a supplier's prose: for the parser and the API's description. */

import { z } from 'zod/v4'

export const channels = ['reply', 'status', 'callback', 'inbox', 'inquiry'] as const
export type Channel = (typeof channels)[number]

const outcomes = [
  'success',
  'failed',
  'pending',
  'refund',
  'wrong_number',
  'no_balance',
  'ignore',
] as const
export type RuleOutcome = (typeof outcomes)[number]

const fields = [
  'product',
  'dest',
  'sn',
  'balance',
  'cost',
  'ref',
  'supplierId',
  'reason',
  'bill',
  'admin',
  'total',
  'periods',
  'customer',
] as const
export type Field = (typeof fields)[number]

const rulesMax = 200
const regexLengthMax = 1_000
export const textLengthMax = 2_048

export const ruleSchema = z.strictObject({
  name: z.string().min(1).max(80),
  channels: z.array(z.enum(channels)).min(1).max(channels.length),
  priority: z.int().min(0).max(100_000),
  /** Words that must all be there, in whatever case; cheaper than the expression. */
  mustContain: z.array(z.string().min(1).max(100)).max(10).default([]),
  regex: z.string().min(1).max(regexLengthMax),
  /** Capital and small letters are different to the expression. */
  exactCase: z.boolean().default(false),
  outcome: z.enum(outcomes),
  /** Of `failed` only: another supplier may be tried. */
  retryable: z.boolean().default(true),
  numberFormat: z.enum(['dot', 'comma', 'plain']).default('dot'),
  /** Group to field, beside the names that everybody knows. */
  groups: z.record(z.string().max(40), z.enum(fields)).default({}),
  sn: z
    .strictObject({
      /** What is taken out of a serial number before it is kept. */
      strip: z.string().max(200).default(''),
      lengthMin: z.int().min(0).max(100).default(0),
    })
    .default({ strip: '', lengthMin: 0 }),
  /** A reply that this rule was written for. */
  sample: z.string().max(textLengthMax).default(''),
})
export type Rule = z.output<typeof ruleSchema>
export type RuleInput = z.input<typeof ruleSchema>

export const rulesSchema = z.array(ruleSchema).max(rulesMax)
