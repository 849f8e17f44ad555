/**
 * `npm run laju -- replay --what-if rules.json`: the file read, and the comparison printed. The work
 * is done in services/routing/what-if.worker.ts.
 *
 * RTO1. A file that is no list of rules is one sentence, and nothing is read of the journal.
 */

import { readFileSync } from 'node:fs'
import { z } from 'zod/v4'
import type { ProposedRule, WhatIf, WhatIfSide } from '../../services/contract/routing.ts'

export { whatIfOf } from '../../services/routing/routing.service.ts'

const rulesShape = z.array(
  z.object({
    scope: z.string(),
    target: z.string().default(''),
    rule: z.record(z.string(), z.unknown()).nullable(),
  }),
)
/** A list alone is one of rules. */
const proposalShape = z.union([
  rulesShape.transform(rules => ({ rules })),
  z.strictObject({
    rules: rulesShape.default([]),
    prices: z.array(z.unknown()).optional(),
    costs: z.array(z.unknown()).optional(),
  }),
])

type Proposed = {
  readonly rules: readonly ProposedRule[]
  readonly prices?: readonly unknown[] | undefined
  readonly costs?: readonly unknown[] | undefined
}

/** What the file proposes, or a sentence about what is wrong with it. */
export function readProposal(file: string): Proposed | string {
  try {
    const read = proposalShape.safeParse(JSON.parse(readFileSync(file, 'utf8')))
    if (read.success) return read.data
    const [{ path, message } = { path: [], message: '' }] = read.error.issues
    return `${file}: ${path.join('.')}: ${message}. It must be a list of {scope, target, rule}, or {rules, prices, costs}.`
  } catch (cause) {
    return `${file} can't be read as JSON: ${(cause as Error).message}`
  }
}

export function printWhatIf(told: WhatIf, write: (text: string) => void): void {
  const { orders, reproduced, differing, moved, recorded, today, proposed, firsts } = told
  write(`orders              ${orders}\n`)
  write(`today's rules       give ${reproduced} recorded first choices again\n`)
  if (differing.length > 0) write(`                    not of ${differing.join(', ')}\n`)
  write(`proposed rules      send ${moved} orders elsewhere first\n`)
  if (told.repriced !== undefined) {
    write(`proposed prices     change ${told.repriced} orders, leave ${told.unsold} unsold\n`)
  }
  write('\n')
  write('                         orders   success     margin  latency\n')
  for (const [name, side] of Object.entries({ recorded, today, proposed })) write(row(name, side))
  const gain = {
    orders: proposed.orders - today.orders,
    successBp: proposed.successBp - today.successBp,
    margin: proposed.margin - today.margin,
    latencyMs: proposed.latencyMs - today.latencyMs,
  }
  write(row('proposed - today', gain))
  write('\nfirst choices          recorded  proposed\n')
  for (const one of firsts) {
    write(`${one.supplier.padEnd(20)} ${pad(one.recorded, 10)} ${pad(one.proposed, 9)}\n`)
  }
}

const pad = (value: number | string, width: number): string => String(value).padStart(width)

function row(name: string, { orders, successBp, margin, latencyMs }: WhatIfSide): string {
  const rate = `${(successBp / 100).toFixed(2)} %`
  return `${name.padEnd(20)} ${pad(orders, 10)} ${pad(rate, 9)} ${pad(margin, 10)} ${pad(`${latencyMs} ms`, 8)}\n`
}
