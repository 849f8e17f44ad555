/**
 * Where a Digiflazz party sells: accounts and their deposit, the book, what a repeat means, how an
 * order ends, and who is called back. Prepaid and postpaid are two ways of speaking to one till.
 *
 *   call ─▶ known and young? ──yes──▶ same content: its present state   other content: rc 49
 *             │ no, or older than 90 days
 *             ▼
 *           refused before it exists (43, 44, 69 ...) or sold: charged, written, outcome thrown
 *
 * X15. A known reference answers with its present state and charges nothing.
 * X16. A known reference with another sku or number is refused with rc 49, and nothing is sold.
 * X17. A reference older than 90 days is sold anew. That is the documented trap.
 * X18. With `race_window`, a repeat of a young reference may be sold a second time.
 * X19. Money: charged when sold, given back when it fails, refused with rc 44 when short.
 * X20. A webhook is signed over the very bytes that are sent, and only if there is a secret.
 * X21. Only a change of state is called back; `create` events are behind a switch.
 * XSR1. A code that is documented as created leaves its row, whatever refused it: a repeat asks for
 *       it then, and buys nothing. What came to nothing is not the one of its day.
 */

import { createHmac, randomUUID } from 'node:crypto'
import type { PartyClock } from './clock.ts'
import { wibMinute } from './clock.ts'
import { codeOf, httpStatusOf } from './digiflazz-codes.ts'
import type { Befallen, FaultBox, Mishap } from './faults.ts'
import { isBeforeSale } from './faults.ts'
import type { World } from './party.ts'
import { json, type Reply } from './reply.ts'
import type { Sale, SaleBook } from './sales.ts'

export const dayMs = 24 * 60 * 60 * 1000
const remembersMs = 90 * dayMs
const missesMax = 100_000
const inquiriesMax = 100_000
const testPendingSeconds = 2
/** A buyer may hold the callback until our reply comes; we must not both wait for ever. */
const callbackFirstMsMax = 1_000

/** How a test number ends, whatever the faults say. */
export type Fate = 'success' | 'failed' | 'pending_success' | 'pending_failed'

type Inquiry = { readonly sku: string; readonly target: string; readonly at: number }

export class Account {
  readonly username: string
  readonly refs = new Map<string, Sale>()
  readonly inquiries = new Map<string, Inquiry>()
  /** Calls about references that came to nothing; they count for the dice of the next call. */
  readonly misses = new Map<string, number>()
  apiKey = ''
  webhookUrl: string | undefined
  webhookSecret: string | undefined
  openingBalance = 0
  balance = 0
  /** Times of price-list calls, for the limits that `strict` keeps. */
  readonly listedAt = new Map<string, number>()
  /** What `sku target` sold last, for the products that forbid a second one under `strict`. */
  readonly soldOnce = new Map<string, Sale>()

  constructor(username: string) {
    this.username = username
  }

  forget() {
    this.refs.clear()
    this.inquiries.clear()
    this.misses.clear()
    this.listedAt.clear()
    this.soldOnce.clear()
    this.balance = this.openingBalance
  }

  noteInquiry(ref: string, inquiry: Inquiry) {
    keep(this.inquiries, ref, inquiry, inquiriesMax)
  }

  noteMiss(ref: string, call: number) {
    keep(this.misses, ref, call, missesMax)
  }
}

type Order = {
  readonly account: Account
  readonly ref: string
  readonly sku: string
  readonly target: string
  readonly callbackUrl: string | undefined
  readonly fate: Fate | undefined
  /** Refused in the short form. */
  readonly isBill?: boolean
  /** The price, or the code of a refusal. Asked only for a new purchase. */
  readonly quote: () => number | string
  /** What a refusal with a created code says that it would have cost. */
  readonly price?: () => number
  readonly sold?: (sale: Sale) => void
}

type TillParts = {
  readonly clock: PartyClock
  readonly sales: SaleBook
  readonly faults: FaultBox
  readonly world: World
  /** The body of a reply and of a callback about a sale; `numbersAsText` is a fault. */
  readonly describe: (account: Account, sale: Sale, numbersAsText: boolean) => string
  readonly userAgentOf: (sale: Sale) => string
}

export class Till {
  readonly clock: PartyClock
  readonly sales: SaleBook
  readonly faults: FaultBox
  readonly #parts: TillParts
  #plainCalls = 0

  constructor(parts: TillParts) {
    this.clock = parts.clock
    this.sales = parts.sales
    this.faults = parts.faults
    this.#parts = parts
  }

  /** Sells, or finds what was sold, and answers. */
  trade(order: Order, reply: Reply) {
    const { account, ref } = order
    const now = this.clock.now()
    const known = account.refs.get(ref)
    const call = known ? ++known.calls : (account.misses.get(ref) ?? 0) + 1
    const dice = this.faults.callDice(ref, call)
    const mishap = this.faults.mishap(dice, 'transaction')

    if (known && now - known.madeAt <= remembersMs) {
      if (known.product !== order.sku || known.target !== order.target) {
        return this.refuse(reply, order, '49', dice, mishap)
      }
      if (!this.faults.isRace(dice, now - known.madeAt)) {
        return this.#show(reply, account, known, dice, mishap)
      }
    }
    if (isBeforeSale(mishap)) {
      if (!known) account.noteMiss(ref, call)
      return this.#deliver(reply, dice, mishap, 200, '')
    }

    const sale = this.#sell(order, known, call)
    if (typeof sale === 'string') {
      if (!known) account.noteMiss(ref, call)
      return this.refuse(reply, order, sale, dice, mishap)
    }
    account.misses.delete(ref)
    this.#conclude(reply, { order, sale, dice, mishap })
  }

  /** The present state of a sale; a call that never buys. */
  show(reply: Reply, account: Account, sale: Sale) {
    const dice = this.faults.callDice(sale.ref, ++sale.calls)
    this.#show(reply, account, sale, dice, this.faults.mishap(dice, 'transaction'))
  }

  /** Answers a call that sells nothing and is about nothing sold. */
  plain(reply: Reply, kind: Befallen, rc: string, body: string) {
    const dice = this.faults.callDice(kind, ++this.#plainCalls)
    this.#deliver(reply, dice, this.faults.mishap(dice, kind), httpStatusOf(rc), body)
  }

  refuse(
    reply: Reply,
    about: Pick<Order, 'ref' | 'sku' | 'target' | 'isBill'>,
    rc: string,
    dice: number,
    mishap: Mishap | undefined,
  ) {
    const { message, status } = codeOf(rc)
    const data = {
      ref_id: about.ref,
      customer_no: about.target,
      buyer_sku_code: about.sku,
      message,
      status,
      rc,
      ...(about.isBill ? {} : { sn: '' }),
    }
    const body = JSON.stringify({ data })
    this.#deliver(reply, dice, mishap, httpStatusOf(rc), body)
  }

  /** True if replies to this call should carry numbers as text. */
  hasWrongTypes(dice: number): boolean {
    return this.faults.hasWrongTypes(dice)
  }

  /** Posts the hook's ping, secret in clear as the real one does. */
  ping(account: Account, hookId: string): boolean {
    const { webhookUrl: url, webhookSecret: secret } = account
    if (!url) return false
    const hook = { url, secret: secret ?? '', type: 'application/json', status: 1 }
    const body = JSON.stringify({ sed: randomUUID(), hook_id: hookId, hook })
    this.#post(account, { url, body, event: 'ping', userAgent: 'Digiflazz-Hookshot', retries: 0 })
    return true
  }

  #sell(order: Order, known: Sale | undefined, call: number): Sale | string {
    const { account, ref } = order
    const quoted = order.quote()
    const hasRow = typeof quoted === 'string' && order.price !== undefined && codeOf(quoted).created
    if (typeof quoted === 'string' && !hasRow) return quoted
    const price = typeof quoted === 'string' ? order.price!() : quoted
    if (!hasRow && (this.faults.current.drained || account.balance < price)) return '44'

    const dice = this.faults.purchaseDice(ref, known ? known.times + 1 : 1)
    const outcome =
      typeof quoted === 'string'
        ? ({ end: 'refused', code: quoted } as const)
        : order.fate
          ? outcomeOf(order.fate)
          : this.faults.outcome(dice)
    const code = outcome.end === 'refused' ? refusalCode(outcome.code) : ''
    if (code && !codeOf(code).created) return code

    const { sku: product, target, callbackUrl } = order
    const at = this.clock.now()
    const sale = this.sales.add({ ref, product, target, price, at, callbackUrl }, known)
    sale.calls = call
    account.refs.set(ref, sale)
    order.sold?.(sale)
    if (outcome.end === 'refused') {
      sale.status = 'failed'
      sale.code = code
    } else {
      account.balance -= price
      sale.status = outcome.end
      sale.code = outcome.end === 'success' ? '00' : outcome.code
    }
    if (outcome.end === 'pending') {
      const end = () => this.#settle(account, sale, dice, outcome.ending)
      this.#pendingEnds.set(sale, outcome.ending)
      this.clock.agenda.in(outcome.seconds * 1000, end)
    } else {
      this.#aftermath(account, sale, dice)
    }
    return sale
  }

  readonly #pendingEnds = new WeakMap<Sale, 'success' | 'failed'>()

  /** The first reply about a new sale, and the callbacks around it. */
  #conclude(reply: Reply, context: Concluding) {
    const { order, sale, dice, mishap } = context
    const { account } = order
    const body = this.#parts.describe(account, sale, this.faults.hasWrongTypes(dice))
    const purchaseDice = this.faults.purchaseDice(sale.ref, sale.times)
    if (this.faults.current.create_events) this.#tell(account, sale, purchaseDice, 'create')
    if (!this.faults.callsBackFirst(purchaseDice)) {
      return this.#deliver(reply, dice, mishap, 200, body)
    }
    let isAnswered = false
    const answer = () => {
      if (!isAnswered) this.#deliver(reply, dice, mishap, 200, body)
      isAnswered = true
    }
    this.#parts.world.delays.in(callbackFirstMsMax, answer)
    const end = this.#pendingEnds.get(sale)
    if (end) this.#settle(account, sale, purchaseDice, end, answer)
    else this.#tell(account, sale, purchaseDice, 'update', answer)
  }

  #show(reply: Reply, account: Account, sale: Sale, dice: number, mishap: Mishap | undefined) {
    const body = this.#parts.describe(account, sale, this.faults.hasWrongTypes(dice))
    this.#deliver(reply, dice, mishap, httpStatusOf(sale.code), body)
  }

  #settle(
    account: Account,
    sale: Sale,
    dice: number,
    end: 'success' | 'failed',
    told?: () => void,
  ) {
    if (sale.status !== 'pending') return
    sale.status = end
    sale.code = end === 'success' ? '00' : '02'
    sale.changedAt = this.clock.now()
    if (end === 'failed') account.balance += sale.price
    this.#tell(account, sale, dice, 'update', told)
    this.#aftermath(account, sale, dice)
  }

  /** A party may change its mind, once. */
  #aftermath(account: Account, sale: Sale, dice: number) {
    const wasSuccess = sale.status === 'success'
    const seconds = wasSuccess ? this.faults.refund(dice) : this.faults.lateSuccess(dice)
    if (seconds === undefined) return
    this.clock.agenda.in(seconds * 1000, () => {
      sale.status = wasSuccess ? 'failed' : 'success'
      sale.code = wasSuccess ? '74' : '00'
      sale.changedAt = this.clock.now()
      account.balance += wasSuccess ? sale.price : -sale.price
      this.#tell(account, sale, dice, 'update')
    })
  }

  #tell(account: Account, sale: Sale, dice: number, event: 'create' | 'update', told?: () => void) {
    const url = sale.callbackUrl ?? account.webhookUrl
    const times = url ? this.faults.callbackTimes(dice) : 0
    if (!url || times === 0) return told?.()
    const body = this.#parts.describe(account, sale, false)
    const userAgent = this.#parts.userAgentOf(sale)
    const retries = this.faults.current.callback_retry.times
    for (let time = 0; time < times; time++) {
      const done = time === 0 ? told : undefined
      this.#post(account, { url, body, event, userAgent, retries }, done)
    }
  }

  #post(account: Account, hook: Hook, done?: () => void) {
    const headers: Record<string, string> = {
      'Content-Type': 'application/json',
      'User-Agent': hook.userAgent,
      'X-Digiflazz-Event': hook.event,
      'X-Digiflazz-Delivery': randomUUID(),
    }
    if (account.webhookSecret) {
      headers['X-Hub-Signature'] = signatureOf(account.webhookSecret, hook.body)
    }
    this.#parts.world.webhooks.send({
      url: hook.url,
      headers,
      body: hook.body,
      retries: hook.retries,
      pauseMs: this.faults.current.callback_retry.first_seconds * 1000,
      agenda: this.clock.agenda,
      ...(done ? { done } : {}),
    })
  }

  #deliver(reply: Reply, dice: number, mishap: Mishap | undefined, status: number, body: string) {
    reply.deliver({
      mishap,
      delayMs: this.faults.latencyMs(dice),
      timeoutMs: this.faults.current.timeout_seconds * 1000,
      status,
      type: json,
      body,
    })
  }
}

type Concluding = {
  readonly order: Order
  readonly sale: Sale
  readonly dice: number
  readonly mishap: Mishap | undefined
}

type Hook = {
  readonly url: string
  readonly body: string
  readonly event: string
  readonly userAgent: string
  readonly retries: number
}

/** `X-Hub-Signature` over the raw body. */
export function signatureOf(secret: string, body: string): string {
  return `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON must escape.
const needsEscape = /["\\\u0000-\u001f\ud800-\udfff]/

/** A JSON string; most texts need no escaping, and this runs for every reply. */
export function quote(text: string): string {
  return needsEscape.test(text) ? JSON.stringify(text) : `"${text}"`
}

export function isCutOff([from, to]: readonly [string, string], now: number): boolean {
  const [start, end, minute] = [minuteOf(from), minuteOf(to), wibMinute(now)]
  if (start === end) return false
  return start < end ? minute >= start && minute < end : minute >= start || minute < end
}

function minuteOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
}

function outcomeOf(fate: Fate) {
  if (fate === 'success') return { end: 'success' } as const
  if (fate === 'failed') return { end: 'refused', code: '02' } as const
  const ending = fate === 'pending_success' ? ('success' as const) : ('failed' as const)
  return { end: 'pending', code: '03', seconds: testPendingSeconds, ending } as const
}

/** A refusal with a code that is no refusal would be a lie; it becomes a plain failure. */
function refusalCode(code: string): string {
  return codeOf(code).status === 'Gagal' ? code : '02'
}

/** Keeps a map bounded by forgetting its oldest entry. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value, max: number) {
  if (map.size >= max && !map.has(key)) map.delete(map.keys().next().value!)
  map.set(key, value)
}
