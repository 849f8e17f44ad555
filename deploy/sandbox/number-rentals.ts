/**
 * A supplier of numbers behind its counter: what it has, what it rented out, and what came by SMS.
 * It knows no wire; a party gives it words (`rumahotp.ts`, `handler-api.ts`).
 *
 *   rent ─▶ waiting ──SMS──▶ received ──another, please──▶ retrying ──SMS──▶ received
 *              │                └── its life is over, or finished ──▶ done: it stays paid
 *              └── given back after a while, or its life is over ──▶ cancelled: money back
 *
 * XNR1. Charged when rented; given back in full when it ends without a code, and never after one.
 * XNR2. Giving back is refused too early, by this party's clock, and after a code.
 * XNR3. A mishap after the sale leaves a number that nobody was told of.
 * XNR4. An SMS reaches whoever has the number now; by itself only when `sms_after` says so.
 * XNR5. All of it is bounded: numbers out, messages of one, rows on the page.
 */

import { z } from 'zod/v4'
import { PartyClock } from './clock.ts'
import { type Befallen, explain, FaultBox, isBeforeSale, type Mishap } from './faults.ts'
import { type AccountView, type Answer, accountSchema, type World } from './party.ts'
import { between, hashOf, mix } from './prng.ts'
import type { Reply } from './reply.ts'
import { type Sale, SaleBook } from './sales.ts'
import { wrongUrl } from './webhook.ts'

export type NumberAccount = {
  readonly username: string
  apiKey: string
  webhookUrl: string | undefined
  openingBalance: number
  balance: number
}

type RentalStand = 'waiting' | 'received' | 'retrying' | 'cancelled' | 'done'

type Sms = { readonly text: string; readonly code: string; readonly at: number }

export type Rented = {
  readonly id: string
  readonly account: NumberAccount
  readonly sale: Sale
  readonly service: string
  readonly country: string
  readonly operator: string
  /** Digits only, with its country. */
  readonly number: string
  readonly price: number
  readonly boughtAt: number
  readonly messages: Sms[]
  stand: RentalStand
}

type Wanted = {
  readonly account: NumberAccount
  readonly service: string
  readonly country: string
  readonly operator: string
  /** First digits of numbers of that country. */
  readonly prefix: string
  readonly price: number
  /** Why it can't be, before the dice are thrown. */
  readonly refusal?: string | undefined
}

type Terms = { readonly lifeMs: number; readonly cancelAfterMs: number }
export type Said = { readonly type: string; readonly body: string; readonly status?: number }

const openingBalance = 100_000_000
const rentedMax = 100_000
const messagesMax = 20
const shownMax = 100
const openMax = 500

const smsSchema = z.strictObject({
  party: z.string().optional(),
  number: z.string().min(5).max(30),
  text: z.string().min(1).max(1000),
  code: z.string().min(1).max(20).optional(),
  /** It comes although the number was given back: the supplier takes its money after all. */
  late: z.boolean().default(false),
})

export class NumberRentals {
  readonly name: string
  readonly clock = new PartyClock()
  readonly faults: FaultBox
  readonly sales: SaleBook
  readonly #world: World
  readonly #terms: Terms
  /** What the webhook says of a message; nothing when this party has none. */
  readonly #told: ((rented: Rented, sms: Sms) => string) | undefined
  readonly #accounts = new Map<string, NumberAccount>()
  readonly #rented = new Map<string, Rented>()
  readonly #byNumber = new Map<string, Rented>()
  readonly #counts = new Map<string, number>()
  #serial = 0

  constructor(
    name: string,
    world: World,
    options: Terms & { readonly told?: (rented: Rented, sms: Sms) => string },
  ) {
    this.name = name
    this.#world = world
    this.#terms = options
    this.#told = options.told
    this.faults = new FaultBox(name)
    this.sales = new SaleBook(name, sale => sale.ref)
  }

  accountOf(key: string | null | undefined): NumberAccount | undefined {
    return [...this.#accounts.values()].find(({ apiKey }) => apiKey === key)
  }

  openAccount(wish: unknown): Answer<AccountView> {
    const parsed = accountSchema.safeParse(wish)
    if (!parsed.success) {
      return { wrong: explain(parsed.error, Object.keys(accountSchema.shape)) }
    }
    const { username, api_key, webhook_url, balance } = parsed.data
    const wrong = webhook_url ? wrongUrl(webhook_url) : undefined
    if (wrong) return { wrong: `webhook_url: ${wrong}` }
    // One and the same object for as long as it lives: rented numbers are given back to it.
    const account = this.#accounts.get(username) ?? {
      ...{ username, apiKey: api_key, webhookUrl: undefined as string | undefined },
      ...{ openingBalance, balance: openingBalance },
    }
    account.apiKey = api_key
    if (webhook_url !== undefined) account.webhookUrl = webhook_url ?? undefined
    if (balance !== undefined) {
      account.openingBalance = balance
      account.balance = balance
    }
    this.#accounts.set(username, account)
    return { ok: this.#viewOf(account) }
  }

  views(): AccountView[] {
    return [...this.#accounts.values()].map(account => this.#viewOf(account))
  }

  reset({ accounts }: { readonly accounts: boolean }) {
    this.clock.reset()
    this.faults.reset()
    this.sales.clear()
    this.#rented.clear()
    this.#byNumber.clear()
    this.#counts.clear()
    this.#serial = 0
    for (const account of this.#accounts.values()) account.balance = account.openingBalance
    if (accounts) this.#accounts.clear()
  }

  /** Rents a number, or refuses; answers in the party's words. */
  rent(wanted: Wanted, reply: Reply, words: RentWords): void {
    const about = `${wanted.service} ${wanted.country}`
    const time = this.#count(about)
    const callDice = this.faults.callDice(about, time)
    const mishap = this.faults.mishap(callDice, 'transaction')
    if (isBeforeSale(mishap)) {
      this.#deliver(reply, callDice, mishap, { type: 'text/plain', body: '' })
      return
    }
    const rented = this.#rent(wanted, this.faults.purchaseDice(about, time))
    const said = typeof rented === 'string' ? words.refused(rented) : words.sold(rented)
    this.#deliver(reply, callDice, mishap, said)
  }

  /** Answers a call that rents nothing. */
  say(reply: Reply, kind: Befallen, said: Said): void {
    const callDice = this.faults.callDice(kind, this.#count(kind))
    this.#deliver(reply, callDice, this.faults.mishap(callDice, kind), said)
  }

  /** Changes something and answers; before or after it a mishap, as the dice fall. */
  change(reply: Reply, act: () => Said): void {
    const callDice = this.faults.callDice('set-status', this.#count('set-status'))
    const mishap = this.faults.mishap(callDice, 'set-status')
    const said = isBeforeSale(mishap) ? { type: 'text/plain', body: '' } : act()
    this.#deliver(reply, callDice, mishap, said)
  }

  /** Whether the next answer about a state should carry numbers as text. */
  isText(): boolean {
    const dice = this.faults.callDice('types', this.#count('types'))
    return this.faults.hasWrongTypes(dice)
  }

  find(id: string | null, account: NumberAccount): Rented | undefined {
    const rented = this.#rented.get(id ?? '')
    if (rented?.account !== account) return undefined
    rented.sale.calls++
    return rented
  }

  /** Open ones of an account, newest first. */
  openOf(account: NumberAccount): Rented[] {
    return [...this.#rented.values()]
      .filter(one => one.account === account && isOpen(one))
      .toReversed()
      .slice(0, openMax)
  }

  /** What the page shows to whoever plays the sender: who waits, newest first. */
  waiting(): object[] {
    return [...this.#rented.values()]
      .filter(isOpen)
      .toReversed()
      .slice(0, shownMax)
      .map(({ number, service, country, stand, messages, boughtAt }) => ({
        ...{ party: this.name, number, service, country, stand, messages: messages.length },
        bought_at: new Date(boughtAt).toISOString(),
      }))
  }

  giveBack(rented: Rented): 'cancelled' | 'early' | 'received' | 'over' {
    if (rented.messages.length > 0) return 'received'
    if (!isOpen(rented)) return 'over'
    if (this.clock.now() - rented.boughtAt < this.#terms.cancelAfterMs) return 'early'
    this.#refund(rented)
    return 'cancelled'
  }

  again(rented: Rented): boolean {
    if (rented.stand !== 'received') return false
    rented.stand = 'retrying'
    this.#plan(rented)
    return true
  }

  finish(rented: Rented): boolean {
    if (rented.stand !== 'received' && rented.stand !== 'retrying') return false
    rented.stand = 'done'
    return true
  }

  takesOtp(wish: Readonly<Record<string, unknown>>): boolean {
    return this.#byNumber.has(digitsOf(String(wish['number'] ?? '')))
  }

  otp(wish: unknown): Answer<unknown> {
    const parsed = smsSchema.safeParse(wish)
    if (!parsed.success) return { wrong: explain(parsed.error, Object.keys(smsSchema.shape)) }
    const { number, text, code, late } = parsed.data
    const rented = this.#byNumber.get(digitsOf(number))
    if (rented === undefined) return { wrong: `Nobody has rented ${number} from ${this.name}.` }
    if (!isOpen(rented) && !late) {
      return { wrong: `${number} is ${rented.stand}: an SMS to it reaches nobody.` }
    }
    if (rented.messages.length >= messagesMax) {
      return { wrong: `${number} has ${messagesMax} messages; it takes no more.` }
    }
    if (rented.stand === 'cancelled') rented.account.balance -= rented.price
    this.#receive(rented, text, code ?? codeIn(text))
    const { id, stand } = rented
    return { ok: { party: this.name, id, number: rented.number, status: stand } }
  }

  #rent(wanted: Wanted, dice: number): Rented | string {
    const { account, service, country, operator, price } = wanted
    if (wanted.refusal !== undefined) return wanted.refusal
    if (this.faults.current.drained || account.balance < price) return 'balance'
    const outcome = this.faults.outcome(dice)
    if (outcome.end === 'refused') return outcome.code === '44' ? 'balance' : 'numbers'
    if (this.#rented.size >= rentedMax) return 'numbers'
    const serial = ++this.#serial
    const id = String(700_000_000 + serial)
    const digits = String(between(mix(hashOf(serial, this.name), 7), 0, 99_999))
    const number = `${wanted.prefix}${digits.padStart(5, '0')}${String(serial).padStart(4, '0')}`
    const at = this.clock.now()
    const sold = { ref: id, product: `${service}:${country}`, target: number, price, at }
    const sale = this.sales.add({ ...sold, callbackUrl: undefined })
    account.balance -= price
    const rented: Rented = {
      ...{ id, account, sale, service, country, operator, number, price },
      ...{ boughtAt: at, messages: [], stand: 'waiting' },
    }
    this.#rented.set(id, rented)
    this.#byNumber.set(number, rented)
    this.clock.agenda.in(this.#terms.lifeMs, () => {
      if (rented.messages.length === 0 && isOpen(rented)) this.#refund(rented)
      else if (isOpen(rented)) rented.stand = 'done'
    })
    this.#plan(rented)
    return rented
  }

  #plan(rented: Rented) {
    const span = this.faults.current.sms_after
    if (span === null) return
    const seconds = between(mix(Number(rented.id), rented.messages.length), ...span)
    this.clock.agenda.in(seconds * 1000, () => {
      if (!isOpen(rented) || rented.stand === 'received') return
      const dice = mix(hashOf(rented.messages.length, rented.id), 3)
      const code = String(between(dice, 0, 999_999)).padStart(6, '0')
      this.#receive(rented, `${code} is your verification code. Do not share it.`, code)
    })
  }

  #receive(rented: Rented, text: string, code: string) {
    const sms = { text, code, at: this.clock.now() }
    rented.messages.push(sms)
    rented.stand = 'received'
    rented.sale.status = 'success'
    rented.sale.changedAt = sms.at
    const url = rented.account.webhookUrl
    if (url === undefined || this.#told === undefined) return
    const { times, first_seconds } = this.faults.current.callback_retry
    this.#world.webhooks.send({
      url,
      headers: { 'Content-Type': 'application/json' },
      body: this.#told(rented, sms),
      retries: times,
      pauseMs: first_seconds * 1000,
      agenda: this.clock.agenda,
    })
  }

  #refund(rented: Rented) {
    rented.stand = 'cancelled'
    rented.sale.status = 'failed'
    rented.sale.changedAt = this.clock.now()
    rented.account.balance += rented.price
  }

  #count(what: string): number {
    const time = (this.#counts.get(what) ?? 0) + 1
    this.#counts.set(what, time)
    return time
  }

  #deliver(reply: Reply, callDice: number, mishap: Mishap | undefined, said: Said) {
    reply.deliver({
      mishap,
      delayMs: this.faults.latencyMs(callDice),
      timeoutMs: this.faults.current.timeout_seconds * 1000,
      status: said.status ?? 200,
      type: said.type,
      body: said.body,
    })
  }

  #viewOf({ username, balance, webhookUrl }: NumberAccount): AccountView {
    return { party: this.name, username, balance, webhook_url: webhookUrl ?? null }
  }
}

type RentWords = {
  readonly sold: (rented: Rented) => Said
  /** `balance`, `numbers`, or what `refusal` said. */
  readonly refused: (why: string) => Said
}

const isOpen = ({ stand }: Rented): boolean =>
  stand === 'waiting' || stand === 'received' || stand === 'retrying'

/** Digits with the country in front; `08…` is Indonesian. */
const digitsOf = (number: string): string => number.replace(/\D/g, '').replace(/^0/, '62')

/** The first run of four to eight digits, with or without a dash in it. */
function codeIn(text: string): string {
  const found = /(?<!\d)\d{3}[- ]\d{3}(?!\d)|(?<!\d)\d{4,8}(?!\d)/.exec(text)
  return found === null ? '' : found[0].replace(/\D/g, '')
}
