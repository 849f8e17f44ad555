/** The fields of a rule of commission, as its keepers write them. */

import { z } from 'zod/v4'

const givenMax = 64
/** As deep as uplines are followed. */
export const depthMax = 256
/** More than the whole margin is nobody's commission. */
const percentBpMax = 10_000
const fixedMax = 10_000_000

export const commissionRule = z
  .object({
    scope: z.enum(['product', 'category', 'default']),
    target: z
      .string()
      .trim()
      .max(64)
      .regex(/^[^\p{Cc}]*$/u)
      .default(''),
    levels: z
      .array(
        z.object({
          percent_bp: z.int().min(0).max(percentBpMax).default(0),
          fixed: z.int().min(0).max(fixedMax).default(0),
        }),
      )
      .min(1)
      .max(givenMax),
    beyond: z.enum(['none', 'last']).default('none'),
    depth: z.int().min(1).max(depthMax).nullable().default(null),
    active: z.boolean().default(true),
  })
  .refine(rule => (rule.scope === 'default') === (rule.target === ''), {
    path: ['target'],
    message: 'named by every scope but default',
  })
