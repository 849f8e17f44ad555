/**
 * Moota, the reader of bank statements: whoever "pays" here makes a row on a bank account, which is
 * told by webhook at once and stands in the list. Types wobble as at the original: text with two
 * decimals in the list, numbers in the webhook.
 *
 *   POST /_sandbox/pay {party:"moota", account_number, amount} ─▶ row ─▶ webhook (repeated on 5xx)
 *                                                                  └──▶ GET /api/v2/mutation
 *
 * X60. A webhook is a JSON array signed over its raw bytes: Signature = hex HMAC-SHA256(body,
 *      secret).
 * X61. The list wants its token, filters by type and days, and pages like Laravel.
 * X62. A row may be told again, as it was or under a new id as after a re-scrape.
 */

import { createHmac } from 'node:crypto'
import { z } from 'zod/v4'
import { PartyClock, wibDate } from './clock.ts'
import { FaultBox } from './faults.ts'
import type { AccountView, Answer, Call, Party, PartyKind, Route, World } from './party.ts'
import type { Reply } from './reply.ts'
import { SaleBook } from './sales.ts'
import { wrongUrl } from './webhook.ts'

export const moota: PartyKind = {
  kind: 'moota',
  instances: ['moota'],
  open: (name, world) => new Moota(name, world),
}

/** `username` is the bank account's number, `api_key` the token of the list. */
const accountSchema = z.object({
  username: z.string().min(4),
  api_key: z.string().min(1),
  webhook_url: z.string().nullish(),
  webhook_secret: z.string().nullish(),
  balance: z.int().optional(),
})

const paySchema = z.object({
  account_number: z.string(),
  amount: z.number().positive(),
  type: z.enum(['CR', 'DB']).default('CR'),
  description: z.string().max(500).optional(),
  /** How often the webhook tells it. */
  times: z.int().min(1).max(20).default(1),
  /** Each further time under a new id. */
  rescraped: z.boolean().default(false),
  /** Only in the list: the webhook is lost. */
  silent: z.boolean().default(false),
})

type Account = {
  readonly number: string
  token: string
  webhookUrl: string | null
  webhookSecret: string
  balance: number
}

type Row = {
  readonly account_number: string
  readonly date: string
  readonly description: string
  readonly amount: number
  readonly type: 'CR' | 'DB'
  readonly balance: number
  readonly mutation_id: string
}

const openingBalance = 10_000_000
const rowsMax = 100_000

class Moota implements Party {
  readonly kind = 'moota'
  readonly about =
    'Moota bank mutations: /api/v2/mutation, and a webhook per row (POST /_sandbox/pay)'
  readonly name: string
  readonly clock = new PartyClock()
  readonly faults: FaultBox
  /** It sells nothing. */
  readonly sales: SaleBook
  readonly routes: readonly Route[]
  readonly #world: World
  readonly #accounts = new Map<string, Account>()
  #rows: Row[] = []
  #count = 0

  constructor(name: string, world: World) {
    this.name = name
    this.#world = world
    this.faults = new FaultBox(name)
    this.sales = new SaleBook(name, () => '')
    this.routes = [
      {
        method: 'get',
        path: '/api/v2/mutation',
        headers: ['authorization'],
        handle: (call, reply) => this.#list(call, reply),
      },
    ]
  }

  accounts(): readonly AccountView[] {
    return [...this.#accounts.values()].map(account => this.#viewOf(account))
  }

  openAccount(wish: unknown): Answer<AccountView> {
    const parsed = accountSchema.safeParse(wish)
    if (!parsed.success) return { wrong: z.prettifyError(parsed.error) }
    const { username, api_key: token, webhook_url, webhook_secret, balance } = parsed.data
    const wrong = webhook_url ? wrongUrl(webhook_url) : undefined
    if (wrong) return { wrong: `webhook_url: ${wrong}` }
    const known = this.#accounts.get(username)
    const account = {
      number: username,
      token,
      webhookUrl: webhook_url ?? known?.webhookUrl ?? null,
      webhookSecret: webhook_secret ?? known?.webhookSecret ?? '',
      balance: balance ?? known?.balance ?? openingBalance,
    }
    this.#accounts.set(username, account)
    return { ok: this.#viewOf(account) }
  }

  reset({ accounts }: { readonly accounts: boolean }) {
    this.clock.reset()
    this.faults.reset()
    this.#rows = []
    this.#count = 0
    if (accounts) this.#accounts.clear()
  }

  /** Money arrives at (or leaves) one of the bank accounts. */
  pay(wish: unknown): Answer<unknown> {
    const parsed = paySchema.safeParse(wish)
    if (!parsed.success) return { wrong: z.prettifyError(parsed.error) }
    const { account_number: number, amount, type, description, times, ...rest } = parsed.data
    const account = this.#accounts.get(number)
    if (account === undefined) {
      const known = [...this.#accounts.keys()].join(', ') || 'none yet'
      return { wrong: `No bank account ${number} is watched here (those that are: ${known}).` }
    }
    if (this.#rows.length >= rowsMax) return { wrong: `${rowsMax} rows are enough: reset first.` }
    account.balance += type === 'CR' ? amount : -amount
    const now = this.clock.now()
    const row: Row = {
      account_number: number,
      date: `${wibDate(now)} 00:00:00`,
      description: description ?? `TRSF E-BANKING CR ${++this.#count}`,
      amount,
      type,
      balance: account.balance,
      mutation_id: this.#freshId(),
    }
    this.#rows.push(row)
    if (!rest.silent) {
      for (let n = 0; n < times; n++) {
        const isNew = rest.rescraped && n > 0
        this.#tell(account, isNew ? { ...row, mutation_id: this.#freshId() } : row)
      }
    }
    return { ok: row }
  }

  #freshId(): string {
    return createHmac('sha256', 'moota')
      .update(`${++this.#count} ${Date.now()}`)
      .digest('hex')
  }

  #tell({ webhookUrl, webhookSecret, token, number }: Account, row: Row) {
    if (webhookUrl === null) return
    // The original sends its own login at the bank along.
    const body = JSON.stringify([{ ...row, bank: { account_number: number, meta: token } }])
    this.#world.webhooks.send({
      url: webhookUrl,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': 'MootaBot/1.50',
        'x-moota-user': 'sandbox',
        'x-moota-webhook': 'sandbox',
        signature: createHmac('sha256', webhookSecret).update(body).digest('hex'),
      },
      body,
      retries: this.faults.current.callback_retry.times,
      pauseMs: this.faults.current.callback_retry.first_seconds * 1_000,
      agenda: this.clock.agenda,
    })
  }

  #list(call: Call, reply: Reply) {
    const token = /^Bearer (.+)$/.exec(call.headers['authorization'] ?? '')?.[1]
    const own = [...this.#accounts.values()].filter(account => account.token === token)
    if (own.length === 0) return reply.json(401, { message: 'Unauthenticated.' })
    const query = new URLSearchParams(call.query)
    const from = query.get('start_date') ?? ''
    const to = query.get('end_date') ?? '9999'
    const type = query.get('type')
    const found = this.#rows
      .filter(row => own.some(account => account.number === row.account_number))
      .filter(row => type === null || row.type === type)
      .filter(row => row.date.slice(0, 10) >= from && row.date.slice(0, 10) <= to)
      .toReversed()
    const perPage = Math.min(100, Math.max(1, Number(query.get('per_page') ?? 20) || 20))
    const page = Math.max(1, Number(query.get('page') ?? 1) || 1)
    const lastPage = Math.max(1, Math.ceil(found.length / perPage))
    const data = found.slice((page - 1) * perPage, page * perPage).map(row => ({
      ...row,
      amount: row.amount.toFixed(2),
      balance: row.balance.toFixed(2),
      token: row.mutation_id,
    }))
    const total = found.length
    reply.json(200, { current_page: page, data, last_page: lastPage, per_page: perPage, total })
  }

  #viewOf(account: Account): AccountView {
    return {
      party: this.name,
      username: account.number,
      balance: Math.floor(account.balance),
      webhook_url: account.webhookUrl,
    }
  }
}
