/**
 * A bill out of the words of suppliers whose answers an owner reads by rules or paths: the fields
 * that were found, believed or not.
 *
 *   text ─▶ rules of channel `inquiry` ─▶ fields ─▶ about us? whole amounts? ─▶ bill
 *                 └─ none ─▶ a no among the rules for replies ─▶ refused, else unknown
 *
 * PLB1. A bill names our number, nobody else's, and says legibly what we would be charged: its
 *       price, or else its total, or else amount and fee.
 * PLB2. What is said illegibly is not said otherwise: it makes the bill unknown.
 * PLB3. A rule for replies can refuse a bill, or say that they are looking, and never tell one: a
 *       sale is no bill.
 */

import type { Match, RuleSet } from '../parser/rules.ts'
import { readRupiah } from '../parser/rupiah.ts'
import { noRule, strangerIn } from '../parser/verdict.ts'
import { type Asked, evidence, messageLengthMax } from './adapter.ts'
import { stillLooking } from './bill-asking.ts'
import type { Inquiry } from './postpaid.ts'

const nameLengthMax = 120
const periodsLengthMax = 400

export function readBillText(
  rules: RuleSet,
  { text, asked }: { readonly text: string; readonly asked: Asked },
): Inquiry {
  const told = rules.match('inquiry', text)
  if (told !== null) return billIn(told, { text, asked })
  const answer = rules.match('reply', text)
  const saysSo = answer !== null && withoutBill.has(answer.rule.outcome)
  return saysSo ? billIn(answer, { text, asked }) : unknown(noRule, text)
}

const withoutBill: ReadonlySet<string> = new Set([
  ...['failed', 'wrong_number', 'no_balance', 'pending'],
])

/** What a rule or a path found in an answer to our question. */
export function billIn(
  match: Match,
  { text, asked }: { readonly text: string; readonly asked: Asked },
): Inquiry {
  const { rule, fields } = match
  const foreign = strangerIn(match, asked)
  if (foreign !== null) return unknown(foreign, text)
  switch (rule.outcome) {
    case 'success':
      return fields.dest === undefined ? unknown('dest_missing', text) : billOf(match, text)
    case 'pending':
      return unknown(stillLooking, text)
    case 'ignore':
      return unknown('ignored', text)
    default: {
      const message = evidence(fields.reason ?? '', [], messageLengthMax)
      const supplierTrouble = rule.outcome === 'no_balance'
      return { outcome: 'failed', code: rule.outcome, message, reply: text, supplierTrouble }
    }
  }
}

function billOf({ rule, fields }: Match, reply: string): Inquiry {
  const rupiah = (said: string | undefined) => readRupiah(said, rule.numberFormat)
  const { cost: priceSaid, total: totalSaid, bill: amountSaid, admin: adminSaid } = fields
  const said = [priceSaid, totalSaid, amountSaid, adminSaid]
  const isGarbled = said.some(one => one !== undefined && rupiah(one) === null)
  if (isGarbled) return unknown('amount_garbled', reply)
  const [price, amount, admin] = [rupiah(priceSaid), rupiah(amountSaid), rupiah(adminSaid)]
  const sum = rupiah(totalSaid) ?? (amount === null ? null : amount + (admin ?? 0))
  const cost = price ?? sum
  if (cost === null || cost <= 0) return unknown('price_missing', reply)
  return {
    outcome: 'bill',
    bill: {
      customerName: evidence(fields.customer ?? '', [], nameLengthMax),
      ...{ cost, suggested: sum, admin },
      periods: evidence(fields.periods ?? '', [], periodsLengthMax),
      detail: '',
    },
    reply,
  }
}

const unknown = (why: string, reply: string): Inquiry => ({ outcome: 'unknown', why, reply })
