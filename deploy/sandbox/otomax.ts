/**
 * An OtomaX server as its members see it: `GET /trx` with a sign or with PIN and password, one line
 * of text for everything, HTTP 200 even for failures, and a report by GET when an order is over.
 *
 *   GET /trx ─▶ member? ─▶ sign? ─▶ reference known? ──yes──▶ its present state
 *                                        └─no─▶ product, float ─▶ sold: charged, written, outcome
 *
 * PAM1. The sign is truly checked, over capitals; PIN and password do instead of it.
 * PAM2. A known reference answers with its present state, charges nothing, and speaks of what was
 *       bought then, whatever the repeat names. After a day it is forgotten, and sold anew.
 * PAM3. Money: charged when sold, given back when it fails, refused when short; every line ends
 *       with the balance.
 * PAM4. The end of an order is reported by GET, in the shape that the member chose: OtomaX' own or
 *       that of IRS.
 * PAM5. Bills: `CEKPLN` tells one and charges nothing, `BAYARPLN` pays it at what it costs
 *       then, when the same number was asked about within a day. Both need references of their
 *       own: one that asked is answered with the bill whatever it names later. Where purchases
 *       are pending, the first answer about a bill is, too, and the next one tells it. Numbers
 *       that have no bill are those of the documented test matrix.
 */

import { hash } from 'node:crypto'
import { z } from 'zod/v4'
import { articles } from './assortment.ts'
import { PartyClock } from './clock.ts'
import { type PascaProduct, pascaProducts } from './digiflazz-catalogue.ts'
import { billOf, testNumbers } from './digiflazz-pasca.ts'
import { type Befallen, explain, FaultBox, isBeforeSale, type Mishap } from './faults.ts'
import type { AccountView, Answer, Call, Party, PartyKind, Route, World } from './party.ts'
import type { Reply } from './reply.ts'
import { type Sale, SaleBook } from './sales.ts'
import { wrongUrl } from './webhook.ts'

export const otomax: PartyKind = {
  kind: 'otomax',
  instances: ['otomax', 'otomax2'],
  open: (name, world) => new Otomax(name, world),
}

const openingBalance = 100_000_000_000
const remembersMs = 24 * 3600 * 1000
/** A buyer may hold the report until our reply comes; we must not both wait for ever. */
const reportFirstMsMax = 1_000
const missesMax = 100_000
const text = 'text/plain; charset=utf-8'

const accountSchema = z.strictObject({
  party: z.string().optional(),
  member_id: z.string().regex(/^\w{1,40}$/),
  pin: z.string().regex(/^\d{4,8}$/),
  password: z.string().min(1).max(100),
  report_url: z.string().max(2000).nullish(),
  report_shape: z.enum(['otomax', 'irs']).default('otomax'),
  balance: z.int().min(0).optional(),
})

class Member {
  readonly id: string
  readonly refs = new Map<string, Sale>()
  /** Calls about references that came to nothing: they count for the dice of the next call. */
  readonly misses = new Map<string, number>()
  /** References that asked for a bill, and when a bill was told last. */
  readonly inquiries = new Map<string, string>()
  readonly told = new Map<string, number>()
  pin = ''
  password = ''
  reportUrl: string | undefined
  reportShape: 'otomax' | 'irs' = 'otomax'
  openingBalance = 0
  balance = 0

  constructor(id: string) {
    this.id = id
  }

  forget() {
    this.refs.clear()
    this.misses.clear()
    this.inquiries.clear()
    this.told.clear()
    this.balance = this.openingBalance
  }
}

/** The numbers that faults name, as an operator of such a server would put them. */
const reasons: Readonly<Record<string, string>> = {
  '43': 'Produk sedang gangguan',
  '44': 'Saldo tidak cukup',
  '52': 'Nomor tujuan salah',
  '54': 'Nomor tujuan salah',
}

const products: ReadonlyMap<string, (typeof articles)[number]> = new Map(
  articles.map(article => [article.sku.toUpperCase(), article]),
)

class Otomax implements Party {
  readonly kind = 'otomax'
  readonly about = 'OtomaX member API: GET /trx (bills by CEK and BAYAR), /balance, /ticket; text'
  readonly name: string
  readonly clock = new PartyClock()
  readonly faults: FaultBox
  readonly sales: SaleBook
  readonly routes: readonly Route[]
  readonly #world: World
  readonly #members = new Map<string, Member>()
  readonly #ends = new WeakMap<Sale, 'success' | 'failed'>()
  #calls = 0

  constructor(name: string, world: World) {
    this.name = name
    this.#world = world
    this.faults = new FaultBox(name)
    this.sales = new SaleBook(name, serialOf)
    this.routes = [
      this.#get('/trx', (query, reply) => this.#trade(query, reply)),
      this.#get('/balance', (query, reply) => this.#balance(query, reply)),
      this.#get('/ticket', (query, reply) => this.#ticket(query, reply)),
      this.#get('/pricelist', (query, reply) => this.#priceList(query, reply)),
    ]
  }

  accounts(): readonly AccountView[] {
    return [...this.#members.values()].map(member => this.#viewOf(member))
  }

  openAccount(wish: unknown): Answer<AccountView> {
    const parsed = accountSchema.safeParse(wish)
    if (!parsed.success) {
      return { wrong: explain(parsed.error, Object.keys(accountSchema.shape)) }
    }
    const { pin, password, report_url, report_shape, balance } = parsed.data
    const id = parsed.data.member_id.toUpperCase()
    const wrong = report_url ? wrongUrl(report_url) : undefined
    if (wrong) return { wrong: `report_url: ${wrong}` }
    const known = this.#members.get(id)
    const member = known ?? new Member(id)
    member.pin = pin
    member.password = password
    member.reportShape = report_shape
    if (report_url !== undefined) member.reportUrl = report_url ?? undefined
    if (!known || balance !== undefined) {
      member.openingBalance = balance ?? openingBalance
      member.balance = member.openingBalance
    }
    this.#members.set(id, member)
    return { ok: this.#viewOf(member) }
  }

  reset({ accounts }: { readonly accounts: boolean }) {
    this.clock.reset()
    this.faults.reset()
    this.sales.clear()
    for (const member of this.#members.values()) member.forget()
    if (accounts) this.#members.clear()
  }

  #viewOf(member: Member): AccountView {
    const { id: username, balance, reportUrl = null } = member
    return { party: this.name, username, balance, webhook_url: reportUrl }
  }

  #get(path: string, handle: (query: Query, reply: Reply) => void): Route {
    return {
      method: 'get',
      path,
      handle: (call: Call, reply) => handle(queryOf(call.query), reply),
    }
  }

  /** Who is asking, if one of the proofs is right; else the line that says no. */
  #memberOf(query: Query, words: (member: Member) => readonly string[]): Member | string {
    const member = this.#members.get((query.get('memberid') ?? '').toUpperCase())
    if (!member) return 'Member tidak terdaftar'
    const sign = query.get('sign')
    if (sign !== undefined) return sign === signOf(words(member)) ? member : 'Sign salah'
    const isKnown = query.get('pin') === member.pin && query.get('password') === member.password
    return isKnown ? member : 'PIN atau password salah'
  }

  #trade(query: Query, reply: Reply) {
    const [sku, target, ref] = [query.get('product'), query.get('dest'), query.get('refid')]
    if (!sku || !target || !ref) return this.#say(reply, 'Parameter tidak lengkap')
    const product = sku.toUpperCase()
    const member = this.#memberOf(query, ({ id, pin, password }) => {
      return ['OtomaX', id, product, target, ref, pin, password]
    })
    if (typeof member === 'string') return this.#say(reply, member)

    const bill = billCode(product)
    if (bill?.what === 'CEK' || member.inquiries.has(ref)) {
      return this.#tellBill(member, { ref, product, target }, bill?.of, reply)
    }
    const now = this.clock.now()
    const known = member.refs.get(ref)
    const call = known ? ++known.calls : (member.misses.get(ref) ?? 0) + 1
    const dice = this.faults.callDice(ref, call)
    const mishap = this.faults.mishap(dice, 'transaction')
    const age = known ? now - known.madeAt : 0
    if (known && age <= remembersMs && !this.faults.isRace(dice, age)) {
      return this.#deliver(reply, dice, mishap, this.#lineOf(member, known))
    }
    if (isBeforeSale(mishap))
      return this.#missed(member, ref, call, { reply, dice, mishap, line: '' })

    const sold = this.#sell(member, { ref, product, target, known, call })
    if (typeof sold === 'string') {
      const line = `R#${ref} ${product}.${target} GAGAL. ${sold}. Saldo ${dots(member.balance)}`
      return this.#missed(member, ref, call, { reply, dice, mishap, line })
    }
    member.misses.delete(ref)
    this.#conclude(member, sold, { reply, dice, mishap })
  }

  #missed(
    member: Member,
    ref: string,
    call: number,
    { reply, dice, mishap, line }: Said & { readonly line: string },
  ) {
    if (member.misses.size < missesMax) member.misses.set(ref, call)
    this.#deliver(reply, dice, mishap, line)
  }

  #sell(member: Member, order: Ordered): Sale | string {
    const { ref, product, target, known } = order
    const price = this.#priceOf(member, product, target)
    if (typeof price === 'string') return price
    if (this.faults.current.drained || member.balance < price) return 'Saldo tidak cukup'
    const dice = this.faults.purchaseDice(ref, known ? known.times + 1 : 1)
    const outcome = this.faults.outcome(dice)
    const at = this.clock.now()
    const sale = this.sales.add({ ref, product, target, price, at, callbackUrl: undefined }, known)
    sale.calls = order.call
    member.refs.set(ref, sale)
    if (outcome.end === 'refused') {
      sale.status = 'failed'
      sale.code = outcome.code
      this.#aftermath(member, sale, dice)
      return sale
    }
    member.balance -= price
    sale.status = outcome.end
    sale.code = outcome.end === 'success' ? '20' : '1'
    if (outcome.end === 'pending') {
      this.#ends.set(sale, outcome.ending)
      const end = () => this.#settle(member, sale, dice, outcome.ending)
      this.clock.agenda.in(outcome.seconds * 1000, end)
    } else {
      this.#aftermath(member, sale, dice)
    }
    return sale
  }

  #priceOf(member: Member, product: string, target: string): number | string {
    const bill = billCode(product)
    if (bill === null) return products.get(product)?.price ?? 'Produk tidak ditemukan'
    const toldAt = member.told.get(`${bill.of.sku} ${target}`)
    const isTold = toldAt !== undefined && this.clock.now() - toldAt <= remembersMs
    return isTold ? this.#billOf(bill.of, target).sellingPrice : 'Tagihan belum dicek'
  }

  /** The bill as it is today. */
  #billOf(product: PascaProduct, target: string) {
    return billOf(product, target, this.faults.current.bill_extra)
  }

  #tellBill(
    member: Member,
    { ref, product, target }: { ref: string; product: string; target: string },
    of: PascaProduct | undefined,
    reply: Reply,
  ) {
    const dice = this.faults.callDice(`inq-pasca ${ref}`, ++this.#calls)
    const mishap = this.faults.mishap(dice, 'inq-pasca')
    const known = member.inquiries.get(ref)
    const line = known ?? this.#billLine(member, { ref, product, target }, of!)
    if (!mishap && known === undefined) {
      if (member.inquiries.size < missesMax) member.inquiries.set(ref, line)
      member.told.set(`${of!.sku} ${target}`, this.clock.now())
    }
    const isLooking =
      known === undefined && this.faults.outcome(this.faults.purchaseDice(ref, 1)).end === 'pending'
    const looking = `R#${ref} ${product}.${target} akan diproses. Saldo ${dots(member.balance)}`
    this.#deliver(reply, dice, mishap, isLooking ? looking : line)
  }

  #billLine(
    { balance }: Member,
    { ref, product, target }: { ref: string; product: string; target: string },
    of: PascaProduct,
  ): string {
    const head = `R#${ref} ${of.name} ${product}.${target}`
    const end = `Saldo ${dots(balance)} @${stampOf(this.clock.now()).slice(11, 16)}`
    if (testNumbers[of.sku]?.inquiryFails === target) {
      return `${head} GAGAL. Tagihan belum tersedia. ${end}`
    }
    const { name, sellingPrice, admin, periods } = this.#billOf(of, target)
    const fee = admin * periods.length
    const parts = `TAG:${dots(sellingPrice - fee)}/ADM:${dots(fee)}/TOTAL:${dots(sellingPrice)}`
    return `${head} SUKSES. SN/Ref: ${name}/${parts}/PERIODE:${periods.join(',')}. ${end}`
  }

  /** The first line about a new sale, and the report that may overtake it. */
  #conclude(member: Member, sale: Sale, { reply, dice, mishap }: Said) {
    const line = this.#lineOf(member, sale)
    const purchaseDice = this.faults.purchaseDice(sale.ref, sale.times)
    if (!this.faults.callsBackFirst(purchaseDice)) return this.#deliver(reply, dice, mishap, line)
    let isAnswered = false
    const answer = () => {
      if (!isAnswered) this.#deliver(reply, dice, mishap, line)
      isAnswered = true
    }
    this.#world.delays.in(reportFirstMsMax, answer)
    const end = this.#ends.get(sale)
    if (end) this.#settle(member, sale, purchaseDice, end, answer)
    else this.#report(member, sale, purchaseDice, answer)
  }

  #settle(member: Member, sale: Sale, dice: number, end: 'success' | 'failed', told?: () => void) {
    if (sale.status !== 'pending') return
    sale.status = end
    sale.code = end === 'success' ? '20' : '40'
    sale.changedAt = this.clock.now()
    if (end === 'failed') member.balance += sale.price
    this.#report(member, sale, dice, told)
    this.#aftermath(member, sale, dice)
  }

  /** An operator presses "resend" or "refund", once. */
  #aftermath(member: Member, sale: Sale, dice: number) {
    const wasSuccess = sale.status === 'success'
    const seconds = wasSuccess ? this.faults.refund(dice) : this.faults.lateSuccess(dice)
    if (seconds === undefined) return
    this.clock.agenda.in(seconds * 1000, () => {
      sale.status = wasSuccess ? 'failed' : 'success'
      sale.code = wasSuccess ? '40' : '20'
      sale.changedAt = this.clock.now()
      member.balance += wasSuccess ? sale.price : -sale.price
      this.#report(member, sale, dice)
    })
  }

  #report(member: Member, sale: Sale, dice: number, told?: () => void) {
    const times = member.reportUrl ? this.faults.callbackTimes(dice) : 0
    if (times === 0) return told?.()
    const url = `${member.reportUrl}?${this.#reportOf(member, sale)}`
    const { times: retries, first_seconds } = this.faults.current.callback_retry
    for (let time = 0; time < times; time++) {
      this.#world.webhooks.send({
        ...{ url, method: 'GET', headers: {}, body: '', retries },
        pauseMs: first_seconds * 1000,
        agenda: this.clock.agenda,
        ...(time === 0 && told ? { done: told } : {}),
      })
    }
  }

  #reportOf(member: Member, sale: Sale): URLSearchParams {
    const isSold = sale.status === 'success'
    if (member.reportShape === 'irs') {
      return new URLSearchParams({
        ...{ serverid: String(sale.serial), clientid: sale.ref, statuscode: isSold ? '1' : '2' },
        ...{ kp: sale.product, msisdn: sale.target, sn: isSold ? serialOf(sale) : '' },
        msg: this.#endOf(member, sale),
      })
    }
    return new URLSearchParams({
      ...{ t: String(sale.serial), refid: sale.ref, status: isSold ? '20' : '40', price: '0' },
      message: `${sale.product}.${sale.target} ${this.#endOf(member, sale)}`,
    })
  }

  #lineOf(member: Member, sale: Sale): string {
    const { product } = sale
    const name = products.get(product)?.name ?? billCode(product)?.of.name ?? product
    const head = `T#${sale.serial} R#${sale.ref} ${name} ${sale.product}.${sale.target}`
    return `${head} ${this.#endOf(member, sale)}`
  }

  #endOf({ balance }: Member, sale: Sale): string {
    const { price, status, code } = sale
    const charged = `Saldo ${dots(balance + price)} - ${dots(price)} = ${dots(balance)}`
    switch (status) {
      case 'pending':
        return `akan diproses. ${charged} @${clockOf(sale)}`
      case 'success':
        return `SUKSES. SN/Ref: ${serialOf(sale)}. ${charged} @${clockOf(sale)}`
      case 'failed': {
        const reason = reasons[code] ?? 'Ditolak operator'
        return `GAGAL. ${reason}. Saldo ${dots(balance)} @${clockOf(sale)}`
      }
    }
  }

  #balance(query: Query, reply: Reply) {
    const member = this.#memberOf(query, ({ id, pin, password }) => {
      return ['OtomaX', 'CheckBalance', id, pin, password]
    })
    if (typeof member === 'string') return this.#say(reply, member, 'cek-saldo')
    const line = `Yth. SANDBOX (${member.id}). Saldo ${dots(member.balance)}!`
    this.#say(reply, line, 'cek-saldo')
  }

  /** There is no contract for it; servers show pages like this one. */
  #priceList(query: Query, reply: Reply) {
    const member = this.#memberOf(query, ({ id, pin, password }) => {
      return ['OtomaX', 'PriceList', id, pin, password]
    })
    if (typeof member === 'string') return this.#say(reply, member, 'price-list')
    const lines = articles.map(
      ({ sku, name, price }) => `${sku.toUpperCase()} | ${name} | Rp ${dots(price)} | OPEN`,
    )
    this.#say(reply, ['KODE | PRODUK | HARGA | STATUS', ...lines].join('\n'), 'price-list')
  }

  #ticket(query: Query, reply: Reply) {
    const amount = query.get('amount') ?? ''
    const member = this.#memberOf(query, ({ id, pin, password }) => {
      return ['OtomaX', 'ticket', id, pin, password, amount]
    })
    if (typeof member === 'string') return this.#say(reply, member, 'deposit')
    if (!/^[1-9]\d{3,11}$/.test(amount)) return this.#say(reply, 'Nominal tidak benar', 'deposit')
    const unique = Number(amount) + 1 + (this.#calls % 999)
    this.#say(reply, `Silakan transfer Rp ${dots(unique)} ke BCA 6042888890`, 'deposit')
  }

  #say(reply: Reply, line: string, kind: Befallen = 'transaction') {
    const dice = this.faults.callDice(kind, ++this.#calls)
    this.#deliver(reply, dice, this.faults.mishap(dice, kind), line)
  }

  #deliver(reply: Reply, dice: number, mishap: Mishap | undefined, line: string) {
    reply.deliver({
      mishap,
      delayMs: this.faults.latencyMs(dice),
      timeoutMs: this.faults.current.timeout_seconds * 1000,
      status: 200,
      type: text,
      body: line,
    })
  }
}

type Query = ReadonlyMap<string, string>

type Said = { readonly reply: Reply; readonly dice: number; readonly mishap: Mishap | undefined }

type Ordered = {
  readonly ref: string
  readonly product: string
  readonly target: string
  readonly known: Sale | undefined
  readonly call: number
}

/** Names in whatever case: members write memberID, memberid and MemberId. */
const queryOf = (query: string): Query =>
  new Map([...new URLSearchParams(query)].map(([name, value]) => [name.toLowerCase(), value]))

export const signOf = (words: readonly string[]): string =>
  hash('sha1', words.join('|'), 'base64url')

const dots = (amount: number): string => String(amount).replace(/\B(?=(\d{3})+$)/g, '.')

const stampOf = (at: number): string => new Date(at + 7 * 3_600_000).toISOString()

const clockOf = ({ madeAt }: Sale): string => stampOf(madeAt).slice(11, 16)

/** What a code says of which bill; null when it is no code for bills. */
function billCode(product: string): { what: 'CEK' | 'BAYAR'; of: PascaProduct } | null {
  const [, what, name = ''] = /^(CEK|BAYAR)(\w+)$/.exec(product) ?? []
  const of = pascaProducts.get(name.toLowerCase())
  return of === undefined ? null : { what: what as 'CEK' | 'BAYAR', of }
}

/** With dots, as theirs are; computed, so that many sales take no memory. */
function serialOf(sale: Sale): string {
  const stamp = stampOf(sale.madeAt)
  const day = stamp.slice(2, 10).replaceAll('-', '')
  return `R${day}.${stamp.slice(11, 16).replace(':', '')}.${String(sale.serial).padStart(6, '0')}`
}
