/**
 * A supplier whose whole contract is data: how to ask (see template.ts), how to read the answer (by
 * paths into its JSON, or by the owner's rules), and what the engine must know before it trusts it
 * with an order. Checked when the owner saves it and again when it is put in use.
 *
 * PAK1. Without a template there is nothing to speak with: the supplier is left out, and said so.
 * PAK2. Who is asked by a question of its own has one; who is asked by repeating the purchase gets
 *       it word for word.
 * PAK3. A supplier that does not keep our reference can't be asked safely: it needs an adapter.
 * PAK4. Of JSON only the words that the owner listed are verdicts, and only where all echoes that
 *       must be there are there and agree; all else is unknown.
 * PAK5. A report is believed at the unguessable address only, and only where one is set up.
 * PAK6. Our balance is the amount at the place that the owner named, in his number format, and
 *       nothing else; the question for it needs no order.
 * PAK7. Whoever is asked by repeating decides with a no to our balance nothing about the purchase
 *       (PAC7); a bill that has a question of its own is asked about by no repeat.
 */

import type { z } from 'zod/v4'
import { reportOf } from '../parser/report.ts'
import { type Match, RuleSet, ruleSchema } from '../parser/rules.ts'
import { readRupiah } from '../parser/rupiah.ts'
import {
  claimOf,
  lacksBalance,
  noRule,
  readAnswer,
  readClaim,
  readFound,
  readMatch,
  readRepeat,
} from '../parser/verdict.ts'
import { balanceShape, type jsonReply, templateShape } from '../wire/supplier-template.ts'
import {
  type Adapter,
  type Asked,
  type BalanceCall,
  type Claim,
  type Credentials,
  evidence,
  messageLengthMax,
  type Reading,
  unknown,
} from './adapter.ts'
import { billsOf, billsSchema } from './generic-bills.ts'
import { readJson } from './json.ts'
import { wordAt } from './json-path.ts'
import { rulesIn } from './otomax.ts'
import { theirs } from './own-words.ts'
import { priceListSchema } from './price-list-template.ts'
import { credentialsIn, fillerOf, orderlessSchema, requestSchema } from './template.ts'
import { knowsTheWay } from './way.ts'

const balanceSchema = balanceShape.extend({ request: orderlessSchema })

const minuteMs = 60_000
const dayMs = 24 * 3600 * 1000

export const templateSchema = templateShape
  .extend({
    purchase: requestSchema,
    check: requestSchema.optional(),
    priceList: priceListSchema.optional(),
    balance: balanceSchema.optional(),
    bills: billsSchema.optional(),
  })
  .refine(({ card, check }) => (card.recheck === 'read_only') === (check !== undefined), {
    path: ['check'],
    message: 'read_only needs a question of its own, repeat_purchase must have none',
  })
  .refine(({ card }) => card.recheck === 'read_only' || card.recheckAfterMs >= minuteMs, {
    path: ['card', 'recheckAfterMs'],
    message: 'a purchase must not be repeated within a minute',
  })
  .refine(({ reply, callbacks }) => reply.by !== 'json' || !callbacks || 'ref' in reply.fields, {
    path: ['reply', 'fields', 'ref'],
    message: 'a report must name our reference',
  })
  .refine(
    ({ reply }) => reply.by !== 'json' || reply.mustEcho.every(name => name in reply.fields),
    {
      path: ['reply', 'mustEcho'],
      message: 'what must be echoed needs its path',
    },
  )

/** As long as nobody has said how to speak with the supplier. */
export const generic: Adapter = {
  card: {
    ...{ name: 'generic', recheck: 'read_only', clientReference: true, callbacksSigned: false },
    ...{ recheckAfterMs: 60_000, recheckWithinMs: dayMs, credentials: [], secretHeaders: [] },
  },
  purchase: notConfigured,
  check: notConfigured,
  read: () => unknown('not_configured'),
  callback: () => ({ verdict: 'forged' }),
  isPing: () => false,
  configure,
}

function notConfigured(): never {
  throw new Error('no request template yet')
}

function configure(settings: Credentials): Adapter {
  if (settings['template'] === undefined) notConfigured()
  const template = templateSchema.parse(JSON.parse(settings['template']))
  const { card, reply, callbacks } = template
  const rules = settings['rules'] === undefined ? new RuleSet([]) : rulesIn(settings['rules'])
  const purchase = fillerOf(template.purchase)
  const check = template.check === undefined ? purchase : fillerOf(template.check)
  const sealed = credentialsIn([
    ...[template.purchase, template.check, template.priceList?.request],
    template.balance?.request,
    ...[template.bills?.inquiry, template.bills?.pay, template.bills?.status],
  ])
  const credentials = callbacks ? [...sealed, 'callbackToken'] : sealed
  const plainly: Adapter['read'] = (answer, asked, occasion, words) => {
    const text = evidence(answer.body, secretsIn(words, sealed))
    const reading =
      reply.by === 'json'
        ? readJsonAnswer(reply, { body: answer.body, text, asked })
        : readAnswer(rules, { channel: occasion === 'check' ? 'status' : 'reply', text, asked })
    const isIll = answer.status >= 500 && reading.outcome === 'unknown'
    return isIll ? { ...reading, supplierTrouble: true } : reading
  }
  const repeats = card.recheck === 'repeat_purchase'
  return {
    ...generic,
    card: { ...generic.card, ...card, credentials },
    ...(template.balance === undefined ? {} : { balance: balanceCall(template.balance) }),
    ...(template.bills === undefined
      ? {}
      : {
          postpaid: billsOf({
            ...{ bills: template.bills, purchase: template.purchase, check: template.check },
            ...{ rules, secretsIn: words => secretsIn(words, sealed) },
            readStatus: (answer, asked, words) => plainly(answer, asked, 'check', words),
          }),
        }),
    purchase: (asked, credentials) => purchase({ asked, credentials }),
    check: (asked, credentials) => check({ asked, credentials }),
    read(answer, asked, occasion, words) {
      const reading = plainly(answer, asked, occasion, words)
      return repeats && occasion === 'check' ? readRepeat(reading) : reading
    },
    callback(headers, body, words) {
      if (!callbacks || !knowsTheWay(headers, words['callbackToken'] ?? '')) {
        return { verdict: 'forged' }
      }
      const { text, named } = reportOf(body)
      if (reply.by === 'rules') return readClaim(rules, { text, ref: named('refid') })
      return readJsonClaim(reply, body.toString('utf8'), text)
    },
  }
}

const nobody: Asked = { ref: '', sku: '', dest: '', maxPrice: 0, testing: false }

function balanceCall({ request, path, numberFormat }: z.output<typeof balanceSchema>): BalanceCall {
  const ask = fillerOf(request)
  return {
    ask: credentials => ask({ asked: nobody, credentials }),
    read(text) {
      const read = readJson(text)
      if (typeof read === 'string') return null
      return readRupiah(wordAt(read.value, path), numberFormat)
    },
  }
}

/** Short words would be cut out of serial numbers, too. */
const secretLengthMin = 6

const secretsIn = (credentials: Credentials, names: readonly string[]): readonly string[] =>
  names.map(name => credentials[name] ?? '').filter(word => word.length >= secretLengthMin)

type JsonReply = z.output<typeof jsonReply>

function readJsonAnswer(
  reply: JsonReply,
  { body, text, asked }: { readonly body: string; readonly text: string; readonly asked: Asked },
): Reading {
  const found = foundIn(reply, body)
  if (typeof found === 'string') return unknown(found, text)
  const missing = reply.mustEcho.find(name => found.match.fields[name] === undefined)
  if (missing !== undefined) return unknown(`${missing}_missing`, text)
  return withCode(readFound(found.match, { text, asked }), found.word)
}

function readJsonClaim(reply: JsonReply, body: string, text: string): Claim {
  const found = foundIn(reply, body)
  if (typeof found === 'string') return { verdict: 'garbled', why: found }
  const { ref, product = null, dest = null } = found.match.fields
  if (ref === undefined) return { verdict: 'garbled', why: 'ref_missing' }
  const reading = withCode(readMatch(found.match, text), found.word)
  return claimOf({ ref, sku: product, dest, reading })
}

/** A failure is known by the supplier's own word for it. */
function withCode(reading: Reading, code: string): Reading {
  if (reading.outcome !== 'failed' && reading.outcome !== 'pending') return reading
  const named = { ...reading, code: theirs(code) }
  return lacksBalance(named) ? { ...named, supplierTrouble: true } : named
}

function foundIn(reply: JsonReply, body: string): { match: Match; word: string } | string {
  const read = readJson(body)
  if (typeof read === 'string') return read
  const word = wordAt(read.value, reply.status)
  if (word === undefined) return 'status_missing'
  const outcome = (['success', 'failed', 'pending'] as const).filter(name =>
    reply[name].some(one => one.toLowerCase() === word.toLowerCase()),
  )
  if (outcome.length !== 1) return noRule
  const fields = Object.fromEntries(
    Object.entries(reply.fields).flatMap(([name, at]) => {
      const value = wordAt(read.value, at!)
      return value === undefined ? [] : [[name, value]]
    }),
  )
  const { retryable, numberFormat } = reply
  const rule = { ...plainRule, outcome: outcome[0]!, retryable, numberFormat }
  return { match: { rule, fields }, word: word.slice(0, messageLengthMax) }
}

const plainRule = ruleSchema.parse({
  ...{ name: 'json', channels: ['reply'], priority: 0, regex: 'x', outcome: 'ignore' },
})
