/**
 * Bills at a supplier that is data: how it is asked for one, how it is paid, and where name and
 * amounts stand in the answer. How a payment ended is read as every purchase there is.
 *
 * PLC1. Who is asked how orders stand by a question of its own, is asked so about payments, too; by
 *       another one if the owner names it. Who is asked by repeating, gets the payment once more.
 * PLC2. Of JSON only the listed words are verdicts, and a bill must echo what the owner demands:
 *       our reference and the number, unless he says otherwise; the number always.
 * PLC3. A no that is about us (access, balance) is told apart by the words that the owner lists.
 */

import type { z } from 'zod/v4'
import { type Match, type RuleSet, ruleSchema } from '../parser/rules.ts'
import { noRule } from '../parser/verdict.ts'
import { billsShape, type JsonBill } from '../wire/supplier-template.ts'
import { type Answered, type Asked, type Credentials, evidence } from './adapter.ts'
import { readJson } from './json.ts'
import { valueAt, wordAt } from './json-path.ts'
import { theirs } from './own-words.ts'
import type { Inquiry, Postpaid } from './postpaid.ts'
import { fillerOf, type RequestTemplate, requestSchema } from './template.ts'
import { billIn, readBillText } from './told-bill.ts'

export const billsSchema = billsShape.extend({
  inquiry: requestSchema,
  pay: requestSchema.optional(),
  status: requestSchema.optional(),
})
type BillsTemplate = z.output<typeof billsSchema>

type Setting = {
  readonly bills: BillsTemplate
  readonly purchase: RequestTemplate
  readonly check: RequestTemplate | undefined
  readonly rules: RuleSet
  readonly secretsIn: (credentials: Credentials) => readonly string[]
  readonly readStatus: NonNullable<Postpaid['readStatus']>
}

export function billsOf({ bills, purchase, check, rules, ...reads }: Setting): Postpaid {
  const inquire = fillerOf(bills.inquiry)
  const pay = fillerOf(bills.pay ?? purchase)
  const question = bills.status ?? check
  const status = question === undefined ? pay : fillerOf(question)
  const { reply } = bills
  const { secretsIn, readStatus } = reads
  return {
    inquire: (asked, credentials) => inquire({ asked, credentials }),
    readBill(answer, asked, credentials) {
      const text = evidence(answer.body, secretsIn(credentials))
      return reply.by === 'json'
        ? readBillJson(reply, { answer, text, asked })
        : readBillText(rules, { text, asked })
    },
    pay: (asked, credentials) => pay({ asked, credentials }),
    status: (asked, credentials) => status({ asked, credentials }),
    ...(question === undefined ? { statusRepeats: true as const } : {}),
    ...(bills.status === undefined ? {} : { readStatus }),
  }
}

type Said = { readonly answer: Answered; readonly text: string; readonly asked: Asked }

function readBillJson(reply: JsonBill, { answer, text, asked }: Said): Inquiry {
  const unknown = (why: string): Inquiry => ({ outcome: 'unknown', why, reply: text })
  const read = readJson(answer.body)
  if (typeof read === 'string') return unknown(read)
  const word = wordAt(read.value, reply.status)
  if (word === undefined) return unknown('status_missing')
  const found = (['success', 'failed', 'trouble'] as const).filter(name =>
    reply[name].some(one => one.toLowerCase() === word.toLowerCase()),
  )
  const [outcome, ...others] = found
  if (outcome === undefined || others.length > 0) return unknown(noRule)
  const at = (name: keyof JsonBill['fields']) => {
    const where = reply.fields[name]
    return where === undefined ? undefined : wordAt(read.value, where)
  }
  const said = {
    ...{ ref: at('ref'), dest: at('dest'), product: at('product'), reason: at('reason') },
    ...{ customer: at('name'), periods: at('periods'), cost: at('cost') },
    ...{ total: at('total'), bill: at('amount'), admin: at('admin') },
  }
  if (outcome === 'success') {
    const missing = reply.mustEcho.find(name => said[name] === undefined)
    if (missing !== undefined) return unknown(`${missing}_missing`)
    const isGarbled = amounts.some(name => {
      const where = reply.fields[name]
      const value = where === undefined ? null : (valueAt(read.value, where) ?? null)
      return value !== null && at(name) === undefined
    })
    if (isGarbled) return unknown('amount_garbled')
  }
  const told = Object.entries(said).filter(([, value]) => value !== undefined)
  const fields = Object.fromEntries(told) as Match['fields']
  const { numberFormat } = reply
  const rule = { ...plainRule, numberFormat, outcome: ruleOutcome[outcome] }
  const inquiry = billIn({ rule, fields }, { text, asked })
  return inquiry.outcome === 'failed'
    ? { ...inquiry, code: theirs(word.slice(0, codeLengthMax)) }
    : inquiry
}

const amounts = ['cost', 'total', 'amount', 'admin'] as const
const codeLengthMax = 80
const ruleOutcome = { success: 'success', failed: 'failed', trouble: 'no_balance' } as const

const plainRule = ruleSchema.parse({
  ...{ name: 'json', channels: ['inquiry'], priority: 0, regex: 'x', outcome: 'ignore' },
})
