/**
 * From the rule that matched to the one form in which all suppliers speak. A rule says what its
 * words mean; here is checked whether they are about what we asked.
 *
 * PAC1. What no rule matched is unknown, `no_rule`, whatever words are in it.
 * PAC2. A product, number or reference that contradicts what was asked makes it unknown.
 * PAC3. A serial number shorter than the rule demands makes a success unknown.
 * PAC4. A wrong number fails for good, an empty float may be tried elsewhere and is trouble of the
 *       supplier, a refund fails and is watched; what is to be ignored says nothing.
 * PAC5. A number may come back with its country's code, or masked.
 * PAC6. A report that ends an order names product or number as well; else it only makes us ask.
 * PAC7. Where a check is the purchase once more, a no for want of balance refuses that repeat and
 *       says nothing of the purchase that is out: unknown, and trouble of the supplier.
 */

import {
  type Asked,
  type Claim,
  evidence,
  messageLengthMax,
  type Reading,
  unknown,
} from '../supplier/adapter.ts'
import { saysNoBalance } from '../supplier/refusals.ts'
import type { Channel, Match, RuleSet } from './rules.ts'
import { readRupiah } from './rupiah.ts'

export const noRule = 'no_rule'

/** The reading of a text that answers a question of ours. `text` is what will be stored of it. */
export function readAnswer(
  rules: RuleSet,
  said: { readonly channel: Channel; readonly text: string; readonly asked: Asked },
): Reading {
  const { channel, text, asked } = said
  const match = rules.match(channel, text)
  return match === null ? unknown(noRule, text) : readFound(match, { text, asked })
}

/** What was found in an answer of ours, by a rule or otherwise. */
export function readFound(
  match: Match,
  { text, asked }: { readonly text: string; readonly asked: Asked },
): Reading {
  const foreign = strangerIn(match, asked)
  return foreign === null ? readMatch(match, text) : unknown(foreign, text)
}

/** What a supplier told by itself: the rule's groups, and what stood in named parameters. */
export function readClaim(
  rules: RuleSet,
  said: {
    readonly text: string
    readonly ref?: string | undefined
    readonly sku?: string | undefined
    readonly dest?: string | undefined
  },
): Claim {
  const match = rules.match('callback', said.text)
  const { ref, product, dest } = match?.fields ?? {}
  if (said.ref !== undefined && ref !== undefined && !isSame(said.ref, ref)) {
    return { verdict: 'garbled', why: 'foreign_ref' }
  }
  const named = said.ref ?? ref
  if (named === undefined) {
    return { verdict: 'garbled', why: match === null ? noRule : 'ref_missing' }
  }
  return claimOf({
    ref: named,
    sku: said.sku ?? product ?? null,
    dest: said.dest ?? dest ?? null,
    reading: match === null ? unknown(noRule, said.text) : readMatch(match, said.text),
  })
}

/** As far as it may be believed of somebody who proves no more than that he knows the address. */
export function claimOf(told: Omit<Extract<Claim, { verdict: 'report' }>, 'verdict'>): Claim {
  const ref = asWritten(told.ref)
  const isFinal = told.reading.outcome === 'success' || told.reading.outcome === 'failed'
  const hasMatch = told.sku !== null || told.dest !== null
  if (isFinal && !hasMatch) return { verdict: 'hint', ref, theirId: null, lane: null }
  return { verdict: 'report', ...told, ref }
}

export function strangerIn({ fields: { ref, product, dest } }: Match, asked: Asked): string | null {
  if (ref !== undefined && !isSame(ref, asked.ref)) return 'foreign_ref'
  if (dest !== undefined && !isSameNumber(dest, asked.dest)) return 'foreign_destination'
  if (product !== undefined && !isSame(product, asked.sku)) return 'foreign_sku'
  return null
}

export function readMatch({ rule, fields }: Match, reply: string): Reading {
  const common = { reply, supplierTrouble: rule.outcome === 'no_balance' }
  const message = evidence(fields.reason ?? '', [], messageLengthMax)
  const failed = { outcome: 'failed', code: rule.outcome, message, watch: false } as const
  switch (rule.outcome) {
    case 'success': {
      const sn = fields.sn ?? ''
      if (sn.length < rule.sn.lengthMin) return unknown('sn_short', reply)
      const cost = readRupiah(fields.cost, rule.numberFormat)
      return {
        outcome: 'success',
        sn,
        // Nobody sells for nothing: a price of 0 is a field that was not filled in.
        cost: cost !== null && cost > 0 ? cost : null,
        balance: readRupiah(fields.balance, rule.numberFormat),
        ...common,
      }
    }
    case 'pending':
      return { outcome: 'pending', code: rule.outcome, message, ...common }
    case 'failed':
      return { ...failed, retryable: rule.retryable, ...common }
    case 'no_balance':
      return { ...failed, retryable: true, ...common }
    case 'wrong_number':
      return { ...failed, retryable: false, ...common }
    case 'refund':
      return { ...failed, retryable: false, watch: true, ...common }
    case 'ignore':
      return unknown('ignored', reply)
  }
}

/** What an answer to a repeat says of the purchase that it repeats. */
export function readRepeat(reading: Reading): Reading {
  if (!lacksBalance(reading)) return reading
  return { ...unknown('no_balance', reading.reply), supplierTrouble: true }
}

/** By its reason, or by all that was said where no reason stood for itself. */
export function lacksBalance(reading: Reading): boolean {
  if (reading.outcome !== 'failed' || otherReasons.has(reading.code)) return false
  const { code, message, reply } = reading
  const why = message === '' ? reply : message
  return code === 'no_balance' || saysNoBalance(code) || saysNoBalance(why)
}

const otherReasons: ReadonlySet<string> = new Set(['wrong_number', 'refund'])

export const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** Some servers shout everything; our references have one spelling. */
const asWritten = (ref: string): string =>
  /^l[0-9a-f]{32}-\d{1,2}$/i.test(ref) ? `L${ref.slice(1).toLowerCase()}` : ref

/** Also with the country's code, without leading zeros (read as a number), or masked. */
export function isSameNumber(said: string, asked: string): boolean {
  const [a, b] = [national(said), national(asked)]
  if (a === b) return true
  const isMasked = /^[\d*x]*[*x][\d*x]*$/.test(a)
  return isMasked && a.length === b.length && [...a].every((c, at) => masks(c, b[at]!))
}

const masks = (said: string, asked: string): boolean => said === asked || /[*x]/.test(said)

const national = (number: string): string =>
  number
    .replace(/[\s+-]/g, '')
    .replace(/^628/, '8')
    .replace(/^0+/, '')
    .toLowerCase()
