/**
 * A plain supplier's shop: accounts with a deposit, purchases with an end, callbacks. It knows no
 * wire; a party gives it the words (Atlantic, VIP Reseller) and keeps what is peculiar to itself.
 *
 *   buy ─▶ mishap before the sale? ─▶ refused before it exists? ─▶ sold: charged, written, ended
 *                                                                      └─▶ reply, or a mishap
 *
 * ADK1. Charged when sold, given back when it fails, refused when the deposit is short.
 * ADK2. A mishap after the sale leaves a sale; one before it leaves none.
 * ADK3. Every change of state is called back, as often and as early as the faults say.
 */

import { PartyClock } from './clock.ts'
import { Catalogue } from './digiflazz-catalogue.ts'
import { codeOf } from './digiflazz-codes.ts'
import { type Befallen, explain, FaultBox, isBeforeSale, type Mishap } from './faults.ts'
import { type AccountView, type Answer, accountSchema, type World } from './party.ts'
import { json, type Reply } from './reply.ts'
import { type Sale, SaleBook } from './sales.ts'
import { wrongUrl } from './webhook.ts'

export type Account = {
  readonly username: string
  apiKey: string
  webhookUrl: string | undefined
  openingBalance: number
  balance: number
}

type Wish = {
  readonly account: Account
  readonly product: string
  readonly target: string
  readonly priceMax: number | undefined
  /** What the dice are thrown for: repeats of the same wish must not fall alike. */
  readonly dice: string
  /** Their id, or our reference: what the oracle's row is named by. */
  readonly ref: (serial: number) => string
  readonly earlier?: Sale
}

/** A party's words, for what the shop wants to say. */
type Speech = {
  readonly sold: (account: Account, sale: Sale, isText: boolean) => string
  readonly refused: (message: string) => { readonly status: number; readonly body: string }
  readonly callback: (account: Account, sale: Sale) => string
  readonly headers: (account: Account) => Record<string, string>
}

const openingBalance = 100_000_000_000
const callbackFirstMsMax = 1_000

export class Shop {
  readonly name: string
  readonly clock = new PartyClock()
  readonly faults: FaultBox
  readonly sales: SaleBook
  readonly catalogue: Catalogue
  readonly accounts = new Map<string, Account>()
  readonly #world: World
  readonly #speech: Speech
  readonly #ends = new WeakMap<Sale, 'success' | 'failed'>()
  /** How often something was asked or wished: a repeat has dice of its own. */
  readonly #counts = new Map<string, number>()
  #serial = 0

  constructor(name: string, world: World, speech: Speech) {
    this.name = name
    this.#world = world
    this.#speech = speech
    this.faults = new FaultBox(name)
    this.sales = new SaleBook(name, serialNumberOf)
    this.catalogue = new Catalogue(name)
  }

  accountByKey(key: string | undefined): Account | undefined {
    return [...this.accounts.values()].find(({ apiKey }) => apiKey === key)
  }

  openAccount(wish: unknown): Answer<AccountView> {
    const parsed = accountSchema.safeParse(wish)
    if (!parsed.success) {
      return { wrong: explain(parsed.error, Object.keys(accountSchema.shape)) }
    }
    const { username, api_key, webhook_url, balance } = parsed.data
    const wrong = webhook_url ? wrongUrl(webhook_url) : undefined
    if (wrong) return { wrong: `webhook_url: ${wrong}` }
    const known = this.accounts.get(username)
    const opening = balance ?? known?.openingBalance ?? openingBalance
    const account = {
      username,
      apiKey: api_key,
      webhookUrl: webhook_url === undefined ? known?.webhookUrl : (webhook_url ?? undefined),
      openingBalance: opening,
      balance: balance ?? known?.balance ?? opening,
    }
    this.accounts.set(username, account)
    return { ok: this.#viewOf(account) }
  }

  views(): AccountView[] {
    return [...this.accounts.values()].map(account => this.#viewOf(account))
  }

  reset({ accounts }: { readonly accounts: boolean }) {
    this.clock.reset()
    this.faults.reset()
    this.sales.clear()
    this.#serial = 0
    this.#counts.clear()
    for (const account of this.accounts.values()) account.balance = account.openingBalance
    if (accounts) this.accounts.clear()
  }

  /** Sells, or refuses, and answers; what was sold, if anything. */
  buy(wish: Wish, reply: Reply): Sale | undefined {
    const time = this.#count(wish.dice)
    const callDice = this.faults.callDice(wish.dice, time)
    const mishap = this.faults.mishap(callDice, 'transaction')
    if (isBeforeSale(mishap)) {
      this.#deliver(reply, { callDice, mishap, status: 200, body: '' })
      return undefined
    }
    const dice = this.faults.purchaseDice(wish.dice, time)
    const sale = this.#sell(wish, dice)
    if (typeof sale === 'string') {
      this.#deliver(reply, { callDice, mishap, ...this.#speech.refused(sale) })
      return undefined
    }
    const { account } = wish
    const isText = this.faults.hasWrongTypes(callDice)
    const body = this.#speech.sold(account, sale, isText)
    const answer = () => this.#deliver(reply, { callDice, mishap, status: 200, body })
    this.#first({ account, sale, dice, answer })
    return sale
  }

  /** Answers a call that sells nothing. */
  say(reply: Reply, kind: Befallen, answer: { readonly status: number; readonly body: string }) {
    const callDice = this.faults.callDice(kind, this.#count(kind))
    this.#deliver(reply, { callDice, mishap: this.faults.mishap(callDice, kind), ...answer })
  }

  /** Whether the next answer to a question should carry numbers as text. */
  isText(): boolean {
    const time = (this.#counts.get('status') ?? 0) + 1
    return this.faults.hasWrongTypes(this.faults.callDice('status', time))
  }

  #count(what: string): number {
    const time = (this.#counts.get(what) ?? 0) + 1
    this.#counts.set(what, time)
    return time
  }

  #sell({ account, product, target, priceMax, ref, earlier }: Wish, dice: number): Sale | string {
    const article = this.catalogue.find(product.toLowerCase())
    if (!article?.isOpen) return 'Layanan tidak tersedia'
    const { price } = article
    if (priceMax !== undefined && price > priceMax) return 'Produk tidak tersedia di harga ini'
    if (this.faults.current.drained || account.balance < price) return 'Saldo tidak cukup'
    const outcome = this.faults.outcome(dice)
    if (outcome.end === 'refused' && !codeOf(outcome.code).created) {
      return codeOf(outcome.code).message
    }
    const serial = ++this.#serial
    const purchase = { ref: ref(serial), product, target, price, at: this.clock.now() }
    const sale = this.sales.add({ ...purchase, callbackUrl: undefined }, earlier)
    if (outcome.end === 'refused') {
      sale.status = 'failed'
      sale.code = codeOf(outcome.code).message
      return sale
    }
    account.balance -= price
    sale.status = 'pending'
    if (outcome.end === 'pending') {
      this.#ends.set(sale, outcome.ending)
      this.clock.agenda.in(outcome.seconds * 1000, () =>
        this.#settle({ account, sale, dice, end: outcome.ending }),
      )
    } else {
      // These suppliers accept first and end the order a moment later.
      this.#ends.set(sale, 'success')
    }
    return sale
  }

  /** The first reply; and, before or after it, the end of an order that ends at once. */
  #first(first: {
    readonly account: Account
    readonly sale: Sale
    readonly dice: number
    readonly answer: () => void
  }) {
    const { account, sale, dice, answer } = first
    const end = this.#ends.get(sale)
    const endsAtOnce = end === 'success' && this.faults.outcome(dice).end === 'success'
    if (end !== undefined && this.faults.callsBackFirst(dice)) {
      let isAnswered = false
      const once = () => {
        if (!isAnswered) answer()
        isAnswered = true
      }
      this.#world.delays.in(callbackFirstMsMax, once)
      return this.#settle({ account, sale, dice, end, told: once })
    }
    answer()
    if (end === undefined) this.#tell(account, sale, dice)
    else if (endsAtOnce) this.#settle({ account, sale, dice, end })
  }

  #settle(settling: {
    readonly account: Account
    readonly sale: Sale
    readonly dice: number
    readonly end: 'success' | 'failed'
    readonly told?: () => void
  }) {
    const { account, sale, dice, end, told } = settling
    if (sale.status !== 'pending') return
    sale.status = end
    sale.code = end === 'failed' ? 'Produk Sedang Gangguan' : ''
    sale.changedAt = this.clock.now()
    if (end === 'failed') account.balance += sale.price
    this.#tell(account, sale, dice, told)
    const seconds = end === 'success' ? this.faults.refund(dice) : this.faults.lateSuccess(dice)
    if (seconds === undefined) return
    this.clock.agenda.in(seconds * 1000, () => {
      sale.status = end === 'success' ? 'failed' : 'success'
      sale.changedAt = this.clock.now()
      account.balance += end === 'success' ? sale.price : -sale.price
      this.#tell(account, sale, dice)
    })
  }

  #tell(account: Account, sale: Sale, dice: number, told?: () => void) {
    const url = account.webhookUrl
    const times = url ? this.faults.callbackTimes(dice) : 0
    if (!url || times === 0) return told?.()
    const { times: retries, first_seconds } = this.faults.current.callback_retry
    for (let time = 0; time < times; time++) {
      this.#world.webhooks.send({
        url,
        headers: { 'Content-Type': json, ...this.#speech.headers(account) },
        body: this.#speech.callback(account, sale),
        retries,
        pauseMs: first_seconds * 1000,
        agenda: this.clock.agenda,
        ...(time === 0 && told ? { done: told } : {}),
      })
    }
  }

  #deliver(reply: Reply, said: Said) {
    const { callDice, mishap, status, body } = said
    reply.deliver({
      mishap,
      delayMs: this.faults.latencyMs(callDice),
      timeoutMs: this.faults.current.timeout_seconds * 1000,
      status,
      type: json,
      body,
    })
  }

  #viewOf({ username, balance, webhookUrl }: Account): AccountView {
    return { party: this.name, username, balance, webhook_url: webhookUrl ?? null }
  }
}

type Said = {
  readonly callDice: number
  readonly mishap: Mishap | undefined
  readonly status: number
  readonly body: string
}

/** Sixteen digits, unlike for every purchase. */
export function serialNumberOf(sale: Sale): string {
  const day = new Date(sale.madeAt).toISOString().slice(2, 10).replaceAll('-', '')
  return day + String((sale.serial * 38_462_869) % 10_000_000_000).padStart(10, '0')
}

/** The fields of a form; of a name that came twice, the last. */
export function formIn(body: string): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(body))
}
