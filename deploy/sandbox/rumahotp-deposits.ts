/**
 * RumahOTP's deposits: everything is a GET, also what moves money. Version 1 draws the QR as a
 * picture, version 2 spells it out as well. No reference of the client's, no callback.
 *
 * XDC1. The key is a header; a wish without it or out of limits makes nothing.
 * XDC2. The fee comes on top: `amount` is what is paid, `diterima` what arrives.
 * XDC3. What was not paid in twenty minutes is `cancel`, as if somebody had cancelled it;
 *       cancelling answers with the net amount, unlike everything else.
 * XDC4. With `strict`, no more than three wait at a time.
 * XDC5. Refusals come in either of two shapes.
 */

import { crc32, deflateSync } from 'node:zlib'
import qrcode from 'qrcode-generator'
import { z } from 'zod/v4'
import { PartyClock } from './clock.ts'
import { type Deposit, DepositCounter, type NewDeposit, paidSum } from './deposit-counter.ts'
import { FaultBox } from './faults.ts'
import type { AccountView, Answer, Call, Party, PartyKind, Route, World } from './party.ts'
import type { Reply } from './reply.ts'
import { SaleBook } from './sales.ts'

export const rumahotpDeposits: PartyKind = {
  kind: 'rumahotp-deposits',
  instances: ['rumahotp-deposits'],
  open: (name, world) => new RumahotpDeposits(name, world),
}

const accountSchema = z.object({
  username: z.string().min(1).max(100),
  api_key: z.string().min(1).max(200),
  balance: z.int().optional(),
})

type Account = { readonly username: string; apiKey: string; balance: number }
type Version = 1 | 2

const lifeMs = 20 * 60_000
const wishMin = 1_000
const wishMax = 5_000_000
const openMax = 3
const openingBalance = 1_000_000

class RumahotpDeposits implements Party {
  readonly kind = 'rumahotp-deposits'
  readonly about = 'RumahOTP deposits: /api/v1/deposit/… and /api/v2/deposit/… (POST /_sandbox/pay)'
  readonly name: string
  readonly clock = new PartyClock()
  readonly faults: FaultBox
  /** It sells nothing. */
  readonly sales: SaleBook
  readonly routes: readonly Route[]
  readonly #counter: DepositCounter
  readonly #accounts = new Map<string, Account>()

  constructor(name: string, world: World) {
    this.name = name
    this.faults = new FaultBox(name)
    this.sales = new SaleBook(name, () => '')
    this.#counter = new DepositCounter({
      ...{ name, world, clock: this.clock, faults: this.faults },
      words: {
        idOf: n => `RO${String(n).padStart(10, '0')}`,
        callback: () => null,
        credited: (deposit, rupiah) => {
          const account = this.#accounts.get(deposit.account)
          if (account !== undefined) account.balance += rupiah
        },
      },
    })
    this.routes = ([1, 2] as const).flatMap(version => [
      this.#route(version, 'create', (query, account, reply) =>
        this.#create(version, { query, account, reply }),
      ),
      this.#route(version, 'get_status', (query, account, reply) =>
        this.#status(version, { query, account, reply }),
      ),
      ...(version === 1
        ? [
            this.#route(1, 'cancel', (query, account, reply) =>
              this.#cancel({ query, account, reply }),
            ),
          ]
        : []),
    ])
  }

  accounts(): readonly AccountView[] {
    return [...this.#accounts.values()].map(one => this.#viewOf(one))
  }

  openAccount(wish: unknown): Answer<AccountView> {
    const parsed = accountSchema.safeParse(wish)
    if (!parsed.success) return { wrong: z.prettifyError(parsed.error) }
    const { username, api_key: apiKey, balance } = parsed.data
    const known = this.#accounts.get(username)
    const account = { username, apiKey, balance: balance ?? known?.balance ?? openingBalance }
    this.#accounts.set(username, account)
    return { ok: this.#viewOf(account) }
  }

  reset({ accounts }: { readonly accounts: boolean }) {
    this.clock.reset()
    this.faults.reset()
    this.#counter.reset()
    if (accounts) this.#accounts.clear()
  }

  takesPay(wish: Readonly<Record<string, unknown>>): boolean {
    // Whoever names a deposit that nobody has hears it from here.
    return this.#counter.isOurs(wish) || 'deposit_id' in wish
  }

  pay(wish: unknown): Answer<unknown> {
    return this.#counter.pay(wish)
  }

  payments(options: Parameters<DepositCounter['rows']>[0]): readonly object[] {
    return this.#counter.rows(options)
  }

  #route(version: Version, verb: string, handle: Handle): Route {
    return {
      method: 'get',
      path: `/api/v${version}/deposit/${verb}`,
      headers: ['x-apikey'],
      handle: (call: Call, reply) => {
        const key = call.headers['x-apikey']
        const account = [...this.#accounts.values()].find(({ apiKey }) => apiKey === key)
        if (account === undefined) return reply.json(401, refusal('Invalid API key'))
        handle(new URLSearchParams(call.query), account, reply)
      },
    }
  }

  #create(version: Version, { query, account, reply }: Asked) {
    const text = this.#counter.isText('deposit')
    this.#counter.create(reply, this.#wishOf(query, account), made => {
      if (typeof made === 'string') return { status: 200, body: JSON.stringify(refusal(made)) }
      const data = version === 1 ? createdV1(made) : createdV2(made)
      return {
        status: 200,
        body: JSON.stringify({ success: true, data: text ? texts(data) : data }),
      }
    })
  }

  #wishOf(query: URLSearchParams, { username }: Account): NewDeposit | string {
    const wished = Number(query.get('amount'))
    if (query.get('payment_id') !== 'qris') return 'payment_id tidak tersedia'
    if (!Number.isInteger(wished) || wished < wishMin || wished > wishMax) {
      return `Minimal deposit adalah ${wishMin}`
    }
    if (this.faults.current.strict && this.#counter.open(username) >= openMax) {
      return 'Anda masih memiliki 3 deposit pending'
    }
    const fee = 100 + Math.ceil((wished * 6) / 1_000)
    return {
      ...{ reference: '', account: username, method: 'qris', amount: wished + fee, fee },
      ...{ received: wished, unique: 0, lifeMs, hasQr: true },
    }
  }

  #own(query: URLSearchParams, { username }: Account): Deposit | undefined {
    const deposit = this.#counter.get(query.get('deposit_id') ?? '')
    return deposit?.account === username ? deposit : undefined
  }

  #status(version: Version, { query, account, reply }: Asked) {
    const isText = this.#counter.isText('status')
    this.#counter.answer(reply, 'status', () => {
      const deposit = this.#own(query, account)
      if (deposit === undefined) {
        return { status: 404, body: JSON.stringify(shortRefusal('Deposit tidak ditemukan')) }
      }
      deposit.asked++
      const data = this.#stateOf(version, deposit)
      return {
        status: 200,
        body: JSON.stringify({ success: true, data: isText ? texts(data) : data }),
      }
    })
  }

  #stateOf(version: Version, deposit: Deposit): object {
    const now = this.#counter.statusOf(deposit)
    const status =
      now === 'success'
        ? 'success'
        : now === 'pending' || now === 'processing'
          ? 'pending'
          : 'cancel'
    const paid = paidSum(deposit)
    const state = {
      ...{ id: deposit.deposit_id, status, created: deposit.createdAt },
      ...{ expired: deposit.expiresAt, amount: paid },
    }
    if (version === 1) return state
    const isPaid = status === 'success'
    return {
      ...{ ...state, total: paid, fee: deposit.fee, diterima: paid - deposit.fee },
      ...{ brand_name: isPaid ? 'DANA' : null, buyer_reff: isPaid ? '62812*****890' : null },
    }
  }

  #cancel({ query, account, reply }: Asked) {
    this.#counter.answer(reply, 'cancel', () => {
      const deposit = this.#own(query, account)
      if (deposit === undefined || !this.#counter.cancel(deposit)) {
        const body = JSON.stringify(shortRefusal('Deposit tidak dapat dibatalkan'))
        return { status: 200, body }
      }
      const data = {
        ...{ id: deposit.deposit_id, status: 'cancel', amount: deposit.received },
        message: 'Deposit berhasil dibatalkan',
      }
      return { status: 200, body: JSON.stringify({ success: true, data }) }
    })
  }

  #viewOf({ username, balance }: Account): AccountView {
    return { party: this.name, username, balance, webhook_url: null }
  }
}

type Handle = (query: URLSearchParams, account: Account, reply: Reply) => void
type Asked = {
  readonly query: URLSearchParams
  readonly account: Account
  readonly reply: Reply
}

const refusal = (message: string) => ({ success: false, error: { message } })
const shortRefusal = (message: string) => ({ success: false, message })

function createdV1(deposit: Deposit): object {
  const { amount, fee, received, qr_string } = deposit
  return {
    ...{ id: deposit.deposit_id, method: 'qris', amount },
    currency: { type: 'IDR', total: amount, fee, diterima: received },
    qr: `data:image/png;base64,${pictureOf(qr_string!).toString('base64')}`,
    ...{ expired: deposit.expiresAt, createdAt: deposit.createdAt, merchant: 'RUMAHOTP' },
  }
}

function createdV2(deposit: Deposit): object {
  const { amount, fee, received, qr_string, createdAt, expiresAt } = deposit
  return {
    ...{ id: deposit.deposit_id, status: 'pending', method: 'qris' },
    currency: { type: 'IDR', total: amount, fee, diterima: received },
    ...{ total: amount, fee, diterima: received, qr_string },
    qr_image: `https://rumahotp.example.com/qr/${deposit.deposit_id}.png`,
    ...{ created_at: new Date(createdAt).toISOString(), created_at_ts: createdAt },
    ...{ expired_at: new Date(expiresAt).toISOString(), expired_at_ts: expiresAt },
  }
}

/** Amounts as text, as they come for some currencies. */
function texts(data: object): object {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [
      name,
      typeof value === 'object' && value !== null
        ? texts(value)
        : typeof value === 'number' && value < 1e11
          ? String(value)
          : value,
    ]),
  )
}

/** A PNG of black and white modules, one bit each. */
function pictureOf(text: string): Buffer {
  const code = qrcode(0, 'M')
  code.addData(text, 'Byte')
  code.make()
  const modules = code.getModuleCount()
  const border = 4
  const scale = 4
  const size = (modules + 2 * border) * scale
  const rowBytes = 1 + Math.ceil(size / 8)
  const pixels = Buffer.alloc(rowBytes * size)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const row = Math.floor(y / scale) - border
      const column = Math.floor(x / scale) - border
      const isInside = row >= 0 && column >= 0 && row < modules && column < modules
      if (isInside && code.isDark(row, column)) continue
      pixels[y * rowBytes + 1 + (x >> 3)]! |= 0x80 >> (x & 7)
    }
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(size, 0)
  head.writeUInt32BE(size, 4)
  head[8] = 1
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body) >>> 0)
  return Buffer.concat([length, body, sum])
}
