/**
 * Digiflazz as its buyers see it: five POST calls under `/v1`, every answer in `{"data": …}`.
 * Money and repeats are the till's business, bills those of the postpaid side; this file parses
 * and speaks.
 *
 * X25. The sign is truly checked: an unknown user is rc 42, a wrong sign rc 41, a body that lacks
 *      something rc 40, in this order: body, user, sign.
 * X26. The prepaid test numbers of sku `xld10` end as documented, `testing` or not.
 * X27. `price-list` answers with an array; its limits (rc 83) are kept under `strict` only.
 * X28. Instances share nothing: credentials, balance, sales, faults and clock are each one's own.
 */

import { hash } from 'node:crypto'
import { z } from 'zod/v4'
import { PartyClock, wibDate } from './clock.ts'
import { Catalogue, type Product, pascaProducts } from './digiflazz-catalogue.ts'
import { codeOf } from './digiflazz-codes.ts'
import { customerName, Pasca, type PascaCommand } from './digiflazz-pasca.ts'
import { Account, type Fate, isCutOff, quote, Till } from './digiflazz-till.ts'
import { type Befallen, explain, FaultBox } from './faults.ts'
import {
  type AccountView,
  type Answer,
  accountSchema,
  type Call,
  type Party,
  type PartyKind,
  type Route,
  type World,
} from './party.ts'
import { between, hashOf } from './prng.ts'
import type { Reply } from './reply.ts'
import { type Sale, SaleBook } from './sales.ts'
import { wrongUrl } from './webhook.ts'

export const digiflazz: PartyKind = {
  kind: 'digiflazz',
  instances: ['digiflazz', 'digiflazz2', 'digiflazz3'],
  atRoot: 'digiflazz',
  open: (name, world) => new Digiflazz(name, world),
}

const openingBalance = 100_000_000_000
const fullListMs = 5 * 60 * 1000
const singleCodeMs = 1000

const hookedAccount = accountSchema.extend({
  webhook_secret: z.string().max(200).nullish(),
  /** Post the hook's ping at once, as saving a hook on the dashboard does. */
  ping: z.boolean().default(false),
})

const testFates: Readonly<Record<string, Fate>> = {
  '087800001230': 'success',
  '087800001232': 'failed',
  '087800001233': 'pending_success',
  '087800001234': 'pending_failed',
}

const banks: ReadonlySet<string> = new Set([
  'BCA',
  'MANDIRI',
  'BRI',
  'BNI',
  'FLIP',
  'SHOPEEPAY',
  'SEABANK',
])

type Body = Readonly<Record<string, unknown>>

class Digiflazz implements Party {
  readonly kind = 'digiflazz'
  readonly about = 'Digiflazz buyer API: /v1/transaction, /v1/price-list, /v1/cek-saldo ...'
  readonly name: string
  readonly clock = new PartyClock()
  readonly faults: FaultBox
  readonly sales: SaleBook
  readonly routes: readonly Route[]
  readonly #accounts = new Map<string, Account>()
  readonly #catalogue: Catalogue
  readonly #till: Till
  readonly #pasca: Pasca
  #tickets = 0

  constructor(name: string, world: World) {
    this.name = name
    this.#catalogue = new Catalogue(name)
    this.faults = new FaultBox(name)
    this.sales = new SaleBook(name, sale => serialNumberOf(sale, this.#catalogue))
    this.#till = new Till({
      clock: this.clock,
      sales: this.sales,
      faults: this.faults,
      world,
      describe: (account, sale, numbersAsText) => this.#describe(account, sale, numbersAsText),
      userAgentOf: sale =>
        pascaProducts.has(sale.product) ? 'Digiflazz-Pasca-Hookshot' : 'Digiflazz-Hookshot',
    })
    this.#pasca = new Pasca(this.#till)
    this.routes = [
      this.#post('/v1/transaction', (body, reply) => this.#transaction(body, reply)),
      this.#post('/v1/cek-saldo', (body, reply) => this.#balance(body, reply)),
      this.#post('/v1/price-list', (body, reply) => this.#priceList(body, reply)),
      this.#post('/v1/deposit', (body, reply) => this.#deposit(body, reply)),
      this.#post('/v1/inquiry-pln', (body, reply) => this.#inquirePln(body, reply)),
      {
        method: 'post',
        path: '/v1/report/hooks/:hook/pings',
        handle: (call, reply) => this.#pings(call, reply),
      },
    ]
  }

  accounts(): readonly AccountView[] {
    return [...this.#accounts.values()].map(account => this.#viewOf(account))
  }

  openAccount(wish: unknown): Answer<AccountView> {
    const parsed = hookedAccount.safeParse(wish)
    if (!parsed.success) {
      return { wrong: explain(parsed.error, Object.keys(hookedAccount.shape)) }
    }
    const { username, api_key, webhook_url, webhook_secret, balance, ping } = parsed.data
    const wrong = webhook_url ? wrongUrl(webhook_url) : undefined
    if (wrong) return { wrong: `webhook_url: ${wrong}` }
    const known = this.#accounts.get(username)
    const account = known ?? new Account(username)
    account.apiKey = api_key
    if (webhook_url !== undefined) account.webhookUrl = webhook_url ?? undefined
    if (webhook_secret !== undefined) account.webhookSecret = webhook_secret ?? undefined
    if (!known || balance !== undefined) {
      account.openingBalance = balance ?? openingBalance
      account.balance = account.openingBalance
    }
    this.#accounts.set(username, account)
    if (ping) this.#till.ping(account, username)
    return { ok: this.#viewOf(account) }
  }

  reset({ accounts }: { readonly accounts: boolean }) {
    this.clock.reset()
    this.faults.reset()
    this.sales.clear()
    this.#tickets = 0
    for (const account of this.#accounts.values()) account.forget()
    if (accounts) this.#accounts.clear()
  }

  #viewOf(account: Account): AccountView {
    return {
      party: this.name,
      username: account.username,
      balance: account.balance,
      webhook_url: account.webhookUrl ?? null,
    }
  }

  #post(path: string, handle: (body: Body, reply: Reply) => void): Route {
    const kind = path.slice('/v1/'.length) as Befallen
    return {
      method: 'post',
      path,
      handle: (call, reply) => {
        const body = objectIn(call.body)
        if (body) handle(body, reply)
        else this.#wrong(reply, kind, '40')
      },
    }
  }

  /** Who is asking, if the sign over `signed` is right; else the code of the refusal. */
  #accountOf(body: Body, signed: string): Account | string {
    if (typeof body['username'] !== 'string' || typeof body['sign'] !== 'string') return '40'
    const account = this.#accounts.get(body['username'])
    if (!account) return '42'
    const sign = hash('md5', account.username + account.apiKey + signed)
    return sign === body['sign'] ? account : '41'
  }

  #transaction(body: Body, reply: Reply) {
    const { commands, ref_id: ref, buyer_sku_code: sku, customer_no: target } = body
    if (commands === 'pln-subscribe') return this.#subscriber(body, reply)
    if (!isText(ref) || !isText(sku) || !isText(target)) {
      return this.#wrong(reply, 'transaction', '40')
    }
    const account = this.#accountOf(body, ref)
    if (typeof account === 'string') return this.#wrong(reply, 'transaction', account)
    const { cb_url, max_price } = body
    const hasWrongLimit = max_price !== undefined && typeof max_price !== 'number'
    const hasWrongCallback = cb_url && (typeof cb_url !== 'string' || wrongUrl(cb_url))
    if (hasWrongLimit || hasWrongCallback) return this.#wrong(reply, 'transaction', '40')
    const callbackUrl = typeof cb_url === 'string' && cb_url ? cb_url : undefined

    if (isPascaCommand(commands)) {
      return this.#pasca.handle(commands, { account, ref, sku, target, callbackUrl }, reply)
    }
    if (commands !== undefined) return this.#wrong(reply, 'transaction', '40')
    const fate = sku === 'xld10' ? testFates[target] : undefined
    const quote = () => this.#quote(account, { sku, target, max_price })
    const price = () => this.#catalogue.find(sku)!.price
    const sold = (sale: Sale) => this.#noteOnce(account, sale)
    const order = { account, ref, sku, target, callbackUrl, fate, quote, price, sold }
    this.#till.trade(order, reply)
  }

  #quote(
    account: Account,
    { sku, target, max_price }: { sku: string; target: string; max_price: number | undefined },
  ): number | string {
    const product = this.#catalogue.find(sku)
    if (!product?.isOpen) return '43'
    if (max_price !== undefined && product.price > max_price) return '69'
    if (!this.faults.current.strict) return product.price
    const now = this.clock.now()
    if (isCutOff(product.cutOff, now)) return '58'
    const before = account.soldOnce.get(`${sku} ${target}`)
    const isToday = before !== undefined && wibDate(before.madeAt) === wibDate(now)
    return isToday && before.status !== 'failed' ? '63' : product.price
  }

  #noteOnce(account: Account, sale: Sale) {
    if (!this.faults.current.strict || this.#catalogue.find(sale.product)?.allowsMulti) return
    account.soldOnce.set(`${sale.product} ${sale.target}`, sale)
  }

  #balance(body: Body, reply: Reply) {
    const account = this.#accountOf(body, 'depo')
    if (typeof account === 'string') return this.#wrong(reply, 'cek-saldo', account)
    if (body['cmd'] !== 'deposit') return this.#wrong(reply, 'cek-saldo', '40')
    const dice = this.#till.faults.callDice('cek-saldo', account.balance)
    const deposit = this.#till.hasWrongTypes(dice) ? String(account.balance) : account.balance
    this.#till.plain(reply, 'cek-saldo', '00', JSON.stringify({ data: { deposit } }))
  }

  #priceList(body: Body, reply: Reply) {
    const account = this.#accountOf(body, 'pricelist')
    if (typeof account === 'string') return this.#wrong(reply, 'price-list', account)
    const { cmd, code, brand, category, type } = body
    if (cmd !== 'prepaid' && cmd !== 'pasca') return this.#wrong(reply, 'price-list', '40')
    if (this.faults.current.strict && this.#listsTooOften(account, cmd, code)) {
      return this.#wrong(reply, 'price-list', '83')
    }
    const asked = (value: unknown, own: string) => !isSaid(value) || value === own
    const rows =
      cmd === 'pasca'
        ? [...pascaProducts.values()]
            .filter(row => asked(code, row.sku) && asked(brand, row.brand))
            .map(row => this.#pascaRow(row.sku))
        : [...this.#catalogue.products.values()]
            .filter(row => asked(code, row.sku) && asked(brand, row.brand))
            .filter(row => asked(category, row.category) && asked(type, 'Umum'))
            .map(row => this.#prepaidRow(row))
    this.#till.plain(reply, 'price-list', '00', JSON.stringify({ data: rows }))
  }

  #listsTooOften(account: Account, cmd: string, code: unknown): boolean {
    const key = isSaid(code) ? `${cmd} code` : cmd
    const [now, before] = [this.clock.now(), account.listedAt.get(key)]
    const pauseMs = isSaid(code) ? singleCodeMs : fullListMs
    if (before !== undefined && now - before < pauseMs) return true
    account.listedAt.set(key, now)
    return false
  }

  #prepaidRow(product: Product) {
    const dice = this.faults.callDice('price-list', hashOf(0, product.sku))
    const isText = this.#till.hasWrongTypes(dice)
    return {
      product_name: product.name,
      category: product.category,
      brand: product.brand,
      type: 'Umum',
      seller_name: this.#catalogue.seller,
      price: isText ? String(product.price) : product.price,
      buyer_sku_code: product.sku,
      buyer_product_status: true,
      seller_product_status: product.isOpen,
      unlimited_stock: true,
      stock: isText ? '0' : 0,
      multi: product.allowsMulti,
      start_cut_off: product.cutOff[0],
      end_cut_off: product.cutOff[1],
      desc: product.name,
    }
  }

  #pascaRow(sku: string) {
    const product = pascaProducts.get(sku)!
    return {
      product_name: product.name,
      category: 'Pascabayar',
      brand: product.brand,
      seller_name: this.#catalogue.seller,
      admin: product.admin,
      commission: product.commission,
      buyer_sku_code: product.sku,
      buyer_product_status: true,
      seller_product_status: true,
      desc: product.name,
    }
  }

  #deposit(body: Body, reply: Reply) {
    const account = this.#accountOf(body, 'deposit')
    if (typeof account === 'string') return this.#wrong(reply, 'deposit', account)
    const bank = body['Bank'] ?? body['bank']
    const { amount, owner_name } = body
    if (!Number.isSafeInteger(amount) || !isText(bank) || !isText(owner_name)) {
      return this.#wrong(reply, 'deposit', '40')
    }
    if (!banks.has(bank.toUpperCase()) || (amount as number) < 1) {
      return this.#wrong(reply, 'deposit', '64')
    }
    const number = ++this.#tickets
    const data = {
      rc: '00',
      bank: bank.toUpperCase(),
      payment_method: 'Bank Transfer',
      account_no: '6042888890',
      notes: `SANDBOX${String(number).padStart(6, '0')}`,
      amount: (amount as number) + 1 + ((number - 1) % 999),
    }
    this.#till.plain(reply, 'deposit', '00', JSON.stringify({ data }))
  }

  #inquirePln(body: Body, reply: Reply) {
    const { customer_no } = body
    if (!isText(customer_no)) return this.#wrong(reply, 'inquiry-pln', '40')
    const account = this.#accountOf(body, customer_no)
    if (typeof account === 'string') return this.#wrong(reply, 'inquiry-pln', account)
    const rc = isMeter(customer_no) ? '00' : '57'
    const { message, status } = codeOf(rc)
    const found = rc === '00' ? subscriberOf(customer_no) : { customer_no }
    const data = { message, status, rc, ...found }
    this.#till.plain(reply, 'inquiry-pln', rc, JSON.stringify({ data }))
  }

  /** The call that left the documentation and stayed in the clients: no user, no sign. */
  #subscriber(body: Body, reply: Reply) {
    const { customer_no } = body
    if (!isText(customer_no)) return this.#wrong(reply, 'transaction', '40')
    const data = isMeter(customer_no)
      ? subscriberOf(customer_no)
      : { customer_no, meter_no: '', subscriber_id: '', name: '', segment_power: '' }
    this.#till.plain(reply, 'transaction', '00', JSON.stringify({ data }))
  }

  /** The dashboard's "ping this hook"; the hook's id is the account's username. */
  #pings(call: Call, reply: Reply) {
    const account = this.#accounts.get(call.parameters[0] ?? '')
    if (!account || !this.#till.ping(account, account.username)) {
      return reply.json(404, { data: { message: 'Hook tidak ditemukan' } })
    }
    reply.json(200, { data: { message: 'Ping terkirim' } })
  }

  #wrong(reply: Reply, kind: Befallen, rc: string) {
    const { message, status } = codeOf(rc)
    this.#till.plain(reply, kind, rc, JSON.stringify({ data: { rc, status, message } }))
  }

  #describe(account: Account, sale: Sale, numbersAsText: boolean): string {
    if (pascaProducts.has(sale.product)) {
      const sn = sale.status === 'success' ? digitsOf(sale) : ''
      return this.#pasca.describe(account, sale, sn, numbersAsText)
    }
    const { message, status } = codeOf(sale.code)
    const sn = sale.status === 'success' ? serialNumberOf(sale, this.#catalogue) : ''
    const saldo = numbersAsText ? `"${account.balance}"` : account.balance
    const price = numbersAsText ? `"${sale.price}"` : sale.price
    // By hand, because this runs for every purchase: see sandbox.bench.ts.
    return (
      `{"data":{"ref_id":${quote(sale.ref)},"customer_no":${quote(sale.target)},` +
      `"buyer_sku_code":${quote(sale.product)},"message":"${message}","status":"${status}",` +
      `"rc":"${sale.code}","sn":"${sn}","buyer_last_saldo":${saldo},"price":${price},` +
      `"tele":"@sandbox","wa":"081200000000"}}`
    )
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0
}

/** Clients send null or nothing where they do not filter. */
function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}

function isMeter(customer: string): boolean {
  return /^\d{11,12}$/.test(customer)
}

function isPascaCommand(commands: unknown): commands is PascaCommand {
  return commands === 'inq-pasca' || commands === 'pay-pasca' || commands === 'status-pasca'
}

function objectIn(text: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Body) : undefined
  } catch {
    return undefined
  }
}

function subscriberOf(customer: string) {
  const digits = String(between(hashOf(5, customer), 100_000_000, 999_999_999))
  return {
    customer_no: customer,
    meter_no: customer.length === 11 ? customer : `14${digits}`,
    subscriber_id: customer.length === 12 ? customer : `532${digits}`,
    name: customerName(customer),
    segment_power: 'R1 /000001300',
  }
}

/** Computed from the purchase's number, so half a million of them take no memory. */
function serialNumberOf(sale: Sale, catalogue: Catalogue): string {
  const digits = digitsOf(sale)
  if (catalogue.find(sale.product)?.family !== 'pln') return digits
  const token = digits.match(/.{4}/g)!.join('-')
  const tenths = Math.max(1, Math.round((10 * sale.price) / 1444.7))
  const name = customerName(sale.target)
  return `${token}/${name}/R1M/900VA/${Math.floor(tenths / 10)}.${tenths % 10}`
}

/** A prime to ten, so that consecutive purchases get unlike and never equal endings. */
const stride = 38_462_869
const endings = 100_000_000
let lastSecond = -1
let lastStamp = ''

/** Twenty digits: the second of the purchase in Jakarta, and an ending unique in the party. */
function digitsOf(sale: Sale): string {
  const second = Math.floor(sale.madeAt / 1000)
  if (second !== lastSecond) {
    lastSecond = second
    const iso = new Date((second + 7 * 3600) * 1000).toISOString()
    lastStamp = iso.slice(2, 19).replace(/\D/g, '')
  }
  return lastStamp + String((sale.serial * stride) % endings).padStart(8, '0')
}
