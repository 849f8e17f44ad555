/**
 * An OtomaX or IRS server as its members see it: `GET /trx`, one line of text back, HTTP 200 even
 * for failures, and a report by GET when it is over. What the text means, rules say (see
 * services/parser); until the owner has rules, those for the published replies are in use.
 *
 *   purchase, check ─▶ GET /trx?product=&qty=&dest=&refID=&memberID=&sign=     the same, twice
 *   reply ─▶ our secrets out ─▶ rules ─▶ verdict          report ─▶ token? ─▶ rules ─▶ claim
 *
 * PAI1. The sign is made as OtomaX makes it; member and product are sent and signed in capitals.
 * PAI2. A check is word for word the purchase, within the time that servers remember a reference:
 *       on the day of the purchase.
 * PAI3. Pages, empty and foreign texts are unknown; only a rule makes a verdict.
 * PAI4. Reports carry no signature: one that does not come to the unguessable address is forged,
 *       and one that does is believed where reference and product or number match (PAC6).
 * PAI5. Both shapes of report are read by their parameters, in whatever order they come, and what
 *       stands inside a parameter can not pose as another one.
 * PAI6. PIN, password and sign are in no evidence; digits that only look like the PIN stay.
 * PAI7. Our balance is read where the answer names one amount behind the word "saldo", or a JSON
 *       field of that name or "balance"; two that differ are none.
 * PAI8. A bill is asked for by a code and a reference of its own, so that neither question nor
 *       answer can be the payment; it is paid and asked about like any purchase.
 */

import { hash } from 'node:crypto'
import { defaultRules } from '../parser/default-rules.ts'
import { reportOf } from '../parser/report.ts'
import { RuleSet, rulesSchema } from '../parser/rules.ts'
import { readRupiah } from '../parser/rupiah.ts'
import { readAnswer, readClaim, readRepeat } from '../parser/verdict.ts'
import {
  type Adapter,
  type Asked,
  type Card,
  type Claim,
  type Credentials,
  evidence,
  type SupplierRequest,
  unknown,
} from './adapter.ts'
import { billWordsIn, inquiryCode } from './otomax-settings.ts'
import type { Postpaid } from './postpaid.ts'
import { readBillText } from './told-bill.ts'
import { knowsTheWay } from './way.ts'

const card: Card = {
  name: 'otomax',
  recheck: 'repeat_purchase',
  recheckAfterMs: 60_000,
  // Servers clear their inbox by the day; what they forgot, a repeat buys anew.
  recheckWithinMs: 20 * 3600 * 1000,
  forgetsByDay: true,
  clientReference: true,
  callbacksSigned: false,
  credentials: ['memberId', 'pin', 'password', 'callbackToken'],
  account: ['memberId'],
  secretHeaders: [],
}

/** Many such servers ask theirs first, and have it when they are asked again. */
const lookingMs = [500, 1_000, 2_000, 3_000]

const usualRules = new RuleSet(defaultRules)
export const otomax: Adapter = speakWith(usualRules, {})

function speakWith(rules: RuleSet, settings: Credentials): Adapter {
  return {
    card,
    purchase: trade,
    check: trade,
    read(answer, asked, occasion, credentials) {
      const text = textOf(answer.body, credentials, signOf(credentials, asked))
      if (text === '') return { ...unknown('body_empty'), supplierTrouble: answer.status >= 500 }
      const reading =
        occasion === 'check'
          ? readRepeat(readAnswer(rules, { channel: 'status', text, asked }))
          : readAnswer(rules, { channel: 'reply', text, asked })
      return answer.status >= 500 && reading.outcome === 'unknown'
        ? { ...reading, supplierTrouble: true }
        : reading
    },
    callback: (headers, body, secrets) => report(rules, { headers, body, secrets }),
    balance: { ask: askBalance, read: readBalance },
    isPing: () => false,
    postpaid: billsWith(rules, settings),
    configure: given =>
      speakWith(given['rules'] === undefined ? usualRules : rulesIn(given['rules']), given),
  }
}

function billsWith(rules: RuleSet, settings: Credentials): Postpaid {
  const words = billWordsIn(settings)
  const inquiring = (asked: Asked): Asked => {
    return { ...asked, sku: inquiryCode(asked.sku, words), ref: `${asked.ref}${inquiryMark}` }
  }
  return {
    inquire: (asked, credentials) => trade(inquiring(asked), credentials),
    readBill(answer, asked, credentials) {
      const about = inquiring(asked)
      const text = textOf(answer.body, credentials, signOf(credentials, about))
      return readBillText(rules, { text, asked: about })
    },
    pay: trade,
    status: trade,
    statusRepeats: true,
    lookingMs,
  }
}

/** Behind the reference of a question: no attempt of an order has such a one. */
const inquiryMark = 'Q'

/** The rules in use at one supplier, as they travel with its credentials. */
export function rulesIn(text: string): RuleSet {
  const rules = new RuleSet(rulesSchema.parse(JSON.parse(text)))
  const [first] = rules.problems
  if (first !== undefined) throw new Error(`rule ${first.rule}: ${first.problem}`)
  return rules
}

function trade(asked: Asked, credentials: Credentials): SupplierRequest {
  const { memberId = '', pin = '', password = '', auth } = credentials
  const query = new URLSearchParams({
    product: asked.sku.toUpperCase(),
    qty: '1',
    dest: asked.dest,
    refID: asked.ref,
    memberID: memberId.toUpperCase(),
  })
  if (auth === 'password') {
    query.set('pin', pin)
    query.set('password', password)
  } else query.set('sign', signOf(credentials, asked))
  return { method: 'GET', path: `/trx?${query}` }
}

function askBalance(credentials: Credentials): SupplierRequest {
  const { memberId = '', pin = '', password = '', auth } = credentials
  const memberID = memberId.toUpperCase()
  const sign = signed(['OtomaX', 'CheckBalance', memberID, pin, password])
  const proof = auth === 'password' ? { pin, password } : { sign }
  return { method: 'GET', path: `/balance?${new URLSearchParams({ memberID, ...proof })}` }
}

/** `Yth. TOKO (M1). Saldo 150.094.085!`, lines of a word and its value, or JSON. */
const balanceShape =
  /\b(?:saldo|balance)"?[^\S\n]*[:=]?[^\S\n]*"?(?:Rp\.?[^\S\n]*)?(-?\d[\d.,]*)(?![\d.,]|\s*-\s*\d)/gi

function readBalance(text: string): number | null {
  const amounts = [...text.matchAll(balanceShape)].map(([, printed]) => {
    const word = printed!.replace(/[.,]+$/, '')
    return readRupiah(word, 'dot') ?? readRupiah(word, 'comma')
  })
  return new Set(amounts).size === 1 ? amounts[0]! : null
}

/** SHA-1 over the words, in base64 fit for an address, without padding. */
export function signOf(credentials: Credentials, asked: Pick<Asked, 'sku' | 'dest' | 'ref'>) {
  const { memberId = '', pin, password } = credentials
  const words = ['OtomaX', memberId.toUpperCase(), asked.sku.toUpperCase(), asked.dest, asked.ref]
  return signed([...words, pin, password])
}

const signed = (words: readonly (string | undefined)[]): string =>
  hash('sha1', words.join('|'), 'base64url')

/** Their words without ours: the sign wherever it stands, PIN and password only as whole words. */
function textOf(body: string, credentials: Credentials, sign: string): string {
  const clean = evidence(body, [sign])
  const { pin = '', password = '' } = credentials
  return clean.replace(/\b(pin|pass|password)(\W{1,3})([^\s&.,;]+)/gi, (said, name, gap, word) =>
    word === pin || word === password ? `${name}${gap}***` : said,
  )
}

function report(
  rules: RuleSet,
  said: {
    readonly headers: Readonly<Record<string, string>>
    readonly body: Buffer
    readonly secrets: Credentials
  },
): Claim {
  const { headers, body, secrets } = said
  if (!knowsTheWay(headers, secrets['callbackToken'] ?? '')) return { verdict: 'forged' }
  const { text, named } = reportOf(body)
  const [ref, sku, dest] = [named('refid') ?? named('clientid'), named('kp'), named('msisdn')]
  return readClaim(rules, { text: textOf(text, secrets, ''), ref, sku, dest })
}
