/**
 * The QRIS acquirer, and the bank behind it. Whoever "pays" here is a customer with a phone: the QR
 * is scanned, the money is taken, and the merchant's side is called back with a signature.
 *
 *   POST /_sandbox/pay {qr_string | reference, amount?} ─▶ payment ─▶ callback ─▶ report of the day
 *                                                             └─▶ faults: late, twice, forged, …
 *   POST /acquirer/bank/payouts ─▶ transfers ─▶ GET /acquirer/bank/statement.csv
 *
 * XQA1. A callback carries X-Timestamp in unix seconds and X-Signature: sha256= and the hex
 *       HMAC-SHA256 of timestamp, a point and the raw body. A repeat after 5xx is signed anew.
 * XQA2. A QR names merchant and terminal; a dynamic one its reference. Paid from a static one, the
 *       reference is the acquirer's own.
 * XQA3. What was paid is the truth, whatever was told about it: callbacks may be late, twice, lost,
 *       out of order, replayed, forged, or wrong in amount or merchant.
 * XQA4. The report of a day has what was paid that day in Jakarta, as CSV or JSON, by token.
 * XQA5. The bank pays out what it is told, also twice, and its statement has each transfer and what
 *       the acquirer paid for the day before.
 * XQA6. All of it is bounded; the same seed gives the same faults.
 */

import { createHmac } from 'node:crypto'
import { z } from 'zod/v4'
import { PartyClock, wibDate } from './clock.ts'
import { type CallbackFault, callbackFaults, FaultBox } from './faults.ts'
import type { AccountView, Answer, Call, Party, PartyKind, Route, World } from './party.ts'
import { type ScannedQr, scan } from './qr.ts'
import type { Reply } from './reply.ts'
import { SaleBook } from './sales.ts'
import { wrongUrl } from './webhook.ts'

export const acquirer: PartyKind = {
  kind: 'acquirer',
  instances: ['acquirer'],
  open: (name, world) => new Acquirer(name, world),
}

const accountSchema = z.object({
  username: z.string().min(1),
  api_key: z.string().min(1),
  webhook_url: z.string().nullish(),
  webhook_secret: z.string().nullish(),
  /** What the acquirer keeps of each payment, in ten-thousandths. */
  mdr_bps: z.int().min(0).max(10_000).optional(),
})

const paySchema = z
  .object({
    qr_string: z.string().max(1_024).optional(),
    reference: z.string().min(1).max(64).optional(),
    amount: z.int().positive().max(9_999_999_999_999).optional(),
    /** How often the callback tells it. */
    times: z.int().min(1).max(20).default(1),
    /** The customer pays that much later. */
    delay_ms: z.int().min(0).max(86_400_000).default(0),
    status: z.enum(['paid', 'failed', 'expired', 'refunded']).default('paid'),
    payer: z.string().max(60).optional(),
    nmid: z.string().max(20).optional(),
    terminal_id: z.string().max(64).optional(),
    /** Seconds by which the callback's timestamp is off. */
    shift_seconds: z.int().optional(),
    /** This payment's own bad luck, whatever the dice say. */
    fault: z.enum(callbackFaults).optional(),
    /** Not in the acquirer's report, or with another amount. */
    unreported: z.boolean().default(false),
    reported_amount: z.int().min(0).optional(),
    account: z.string().optional(),
  })
  .refine(wish => (wish.qr_string === undefined) !== (wish.reference === undefined), {
    message: 'give either qr_string or reference',
  })

const payoutSchema = z.object({
  rows: z
    .array(
      z.object({
        reference: z.string().min(1).max(64),
        account_number: z.string().min(1).max(40),
        account_name: z.string().max(100).default(''),
        amount: z.int().positive(),
      }),
    )
    .min(1)
    .max(10_000),
})

type PayWish = z.output<typeof paySchema>

type Account = {
  readonly username: string
  token: string
  webhookUrl: string | null
  webhookSecret: string
  mdrBps: number
}

type Payment = {
  readonly n: number
  readonly event_id: string
  readonly rrn: string
  readonly reference: string
  readonly nmid: string | null
  readonly terminal_id: string | null
  readonly merchant: string
  readonly amount: number
  readonly status: PayWish['status']
  readonly payer: string
  readonly paid_at: string
  readonly mdr: number
  readonly reported: number | null
  readonly account: string
  fault: CallbackFault | null
  /** HTTP statuses that callbacks about it were answered with; 0 is a broken line. */
  answers: number[]
}

type Transfer = {
  readonly at: number
  readonly reference: string
  readonly description: string
  readonly debit: number
}

type Signing = { readonly forged?: boolean; readonly shiftSeconds?: number | undefined }

const paymentsMax = 500_000
const transfersMax = 100_000
const pageRowsMax = 10_000
const answersMax = 30
const otherNmid = 'ID1099999999999'

class Acquirer implements Party {
  readonly kind = 'acquirer'
  readonly about =
    'QRIS acquirer: scans and pays (POST /_sandbox/pay), calls back signed, reports by day'
  readonly name: string
  readonly clock = new PartyClock()
  readonly faults: FaultBox
  /** It sells nothing. */
  readonly sales: SaleBook
  readonly routes: readonly Route[]
  readonly #world: World
  readonly #accounts = new Map<string, Account>()
  #payments: Payment[] = []
  #byReference = new Map<string, Payment>()
  #transfers: Transfer[] = []
  #underWay = 0

  constructor(name: string, world: World) {
    this.name = name
    this.#world = world
    this.faults = new FaultBox(name)
    this.sales = new SaleBook(name, () => '')
    const headers = ['authorization'] as const
    this.routes = [
      {
        method: 'get',
        path: '/v1/settlements',
        headers,
        handle: (call, reply) => this.#report(call, reply),
      },
      {
        method: 'post',
        path: '/bank/payouts',
        headers,
        handle: (call, reply) => this.#payOut(call, reply),
      },
      {
        method: 'get',
        path: '/bank/statement.csv',
        headers,
        handle: (call, reply) => this.#statement(call, reply),
      },
    ]
  }

  accounts(): readonly AccountView[] {
    return [...this.#accounts.values()].map(account => this.#viewOf(account))
  }

  openAccount(wish: unknown): Answer<AccountView> {
    const parsed = accountSchema.safeParse(wish)
    if (!parsed.success) return { wrong: z.prettifyError(parsed.error) }
    const { username, api_key: token, webhook_url, webhook_secret, mdr_bps } = parsed.data
    const wrong = webhook_url ? wrongUrl(webhook_url) : undefined
    if (wrong) return { wrong: `webhook_url: ${wrong}` }
    const known = this.#accounts.get(username)
    const account = {
      username,
      token,
      webhookUrl: webhook_url ?? known?.webhookUrl ?? null,
      webhookSecret: webhook_secret ?? known?.webhookSecret ?? '',
      mdrBps: mdr_bps ?? known?.mdrBps ?? 0,
    }
    this.#accounts.set(username, account)
    return { ok: this.#viewOf(account) }
  }

  reset({ accounts }: { readonly accounts: boolean }) {
    this.clock.reset()
    this.faults.reset()
    this.#payments = []
    this.#byReference = new Map()
    this.#transfers = []
    this.#underWay = 0
    if (accounts) this.#accounts.clear()
  }

  takesPay(wish: Readonly<Record<string, unknown>>): boolean {
    return 'qr_string' in wish || 'reference' in wish
  }

  payments(options: {
    readonly after: number
    readonly limit: number
    readonly reference: string | null
  }): readonly object[] {
    const { after, limit, reference } = options
    const rows =
      reference === null
        ? this.#payments.slice(after, after + Math.min(limit, pageRowsMax))
        : this.#payments.filter(payment => payment.reference === reference).slice(0, limit)
    return rows.map(payment => ({ party: this.name, ...payment }))
  }

  pay(wish: unknown): Answer<unknown> {
    const parsed = paySchema.safeParse(wish)
    if (!parsed.success) return { wrong: z.prettifyError(parsed.error) }
    const { data } = parsed
    const account =
      data.account === undefined
        ? [...this.#accounts.values()][0]
        : this.#accounts.get(data.account)
    if (account === undefined) {
      return { wrong: 'Nobody collects here yet: POST /_sandbox/accounts {"party":"acquirer",…}.' }
    }
    if (this.#payments.length + this.#underWay >= paymentsMax) {
      return { wrong: `${paymentsMax} payments are enough: reset first.` }
    }
    const scanned = this.#scanned(data)
    if ('wrong' in scanned) return scanned
    const amount = data.amount ?? scanned.ok.amount
    if (amount === null) return { wrong: 'amount: this QR has none, so the customer types it.' }
    if (data.delay_ms === 0) return { ok: this.#paid(account, data, scanned.ok, amount) }
    this.#underWay++
    this.clock.agenda.in(data.delay_ms, () => {
      this.#underWay--
      this.#paid(account, data, scanned.ok, amount)
    })
    const at = new Date(this.clock.now() + data.delay_ms).toISOString()
    return { ok: { pays_at: at, amount, reference: scanned.ok.reference } }
  }

  /** What the customer sees: a QR, or what an earlier payment of that reference saw. */
  #scanned(wish: PayWish): Answer<ScannedQr> {
    if (wish.qr_string !== undefined) return scan(wish.qr_string)
    const reference = wish.reference!
    const earlier = this.#byReference.get(reference)
    return {
      ok: {
        isDynamic: true,
        amount: earlier?.amount ?? null,
        merchant: earlier?.merchant ?? '',
        nmid: earlier?.nmid ?? null,
        terminal: earlier?.terminal_id ?? null,
        reference,
      },
    }
  }

  #paid(account: Account, wish: PayWish, qr: ScannedQr, amount: number): Payment {
    const n = this.#payments.length + 1
    const now = this.clock.now()
    const rrn = createHmac('sha256', this.name)
      .update(`${n} ${now}`)
      .digest('hex')
      .replace(/\D/g, '')
      .slice(0, 12)
      .padEnd(12, '0')
    const payment: Payment = {
      n,
      event_id: `evt_${n}_${rrn}`,
      rrn,
      reference: qr.reference ?? rrn,
      nmid: wish.nmid ?? qr.nmid,
      terminal_id: wish.terminal_id ?? qr.terminal,
      merchant: qr.merchant,
      amount,
      status: wish.status,
      payer: wish.payer ?? `E-WALLET ****${String(n % 10_000).padStart(4, '0')}`,
      paid_at: new Date(now).toISOString(),
      mdr: Number((BigInt(amount) * BigInt(account.mdrBps)) / 10_000n),
      reported: wish.unreported ? null : (wish.reported_amount ?? amount),
      account: account.username,
      fault: null,
      answers: [],
    }
    this.#payments.push(payment)
    if (wish.status === 'paid') this.#byReference.set(payment.reference, payment)
    this.#tell(account, payment, wish)
    return payment
  }

  /** One misfortune for each payment, at most. */
  #tell(account: Account, payment: Payment, wish: PayWish) {
    const dice = this.faults.purchaseDice(payment.reference, payment.n)
    const fault = wish.fault ?? this.faults.callbackFault(dice)
    payment.fault = fault ?? null
    if (account.webhookUrl === null || fault === 'never') return
    const times = fault === 'twice' ? Math.max(2, wish.times) : wish.times
    const signing = { forged: fault === 'forged', shiftSeconds: wish.shift_seconds }
    const told = {
      ...payment,
      ...(fault === 'wrong_amount' ? { amount: payment.amount + 1 } : {}),
      ...(fault === 'wrong_merchant' ? { nmid: otherNmid } : {}),
    }
    const send = () => {
      for (let n = 0; n < times; n++) this.#send(account, payment, bodyOf(told), signing)
      if (fault === 'replayed') this.#replay(account, payment, bodyOf(told))
      if (fault === 'out_of_order') {
        // The customer's first try failed; that news comes after the good one.
        const first = {
          ...payment,
          event_id: `${payment.event_id}_first`,
          status: 'failed' as const,
          paid_at: new Date(Date.parse(payment.paid_at) - 5_000).toISOString(),
        }
        this.#send(account, payment, bodyOf(first), signing)
      }
    }
    if (fault !== 'late') return send()
    this.clock.agenda.in(this.faults.callbackLateMs(dice), send)
  }

  #send(account: Account, payment: Payment, body: string, signing: Signing) {
    this.#post(account, payment, body, () => this.#signed(account, body, signing))
  }

  /** The very same request, signature and all, once more when its first answer is there. */
  #replay(account: Account, payment: Payment, body: string) {
    const headers = this.#signed(account, body, {})
    this.#post(
      account,
      payment,
      body,
      () => headers,
      () => {
        const lateMs = this.faults.callbackLateMs(this.faults.purchaseDice(payment.rrn, payment.n))
        this.clock.agenda.in(lateMs, () => this.#post(account, payment, body, () => headers))
      },
    )
  }

  #post(
    account: Account,
    payment: Payment,
    body: string,
    headers: () => Readonly<Record<string, string>>,
    then?: () => void,
  ) {
    if (account.webhookUrl === null) return
    this.#world.webhooks.send({
      url: account.webhookUrl,
      headers,
      body,
      retries: this.faults.current.callback_retry.times,
      pauseMs: this.faults.current.callback_retry.first_seconds * 1_000,
      agenda: this.clock.agenda,
      answered: status => {
        if (payment.answers.length < answersMax) payment.answers.push(status)
      },
      ...(then === undefined ? {} : { done: then }),
    })
  }

  #signed(account: Account, body: string, { forged, shiftSeconds = 0 }: Signing) {
    const timestamp = String(Math.floor(this.clock.now() / 1_000) + shiftSeconds)
    const secret = forged ? `not ${account.webhookSecret}` : account.webhookSecret
    const hex = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
    return {
      'content-type': 'application/json',
      'user-agent': 'qris-acquirer/1.0',
      'x-timestamp': timestamp,
      'x-signature': `sha256=${hex}`,
    }
  }

  #report(call: Call, reply: Reply) {
    const account = this.#accountOf(call)
    if (!account) return reply.json(401, { message: 'Unauthorized' })
    const query = new URLSearchParams(call.query)
    const date = query.get('date') ?? wibDate(this.clock.now())
    const rows = this.#payments
      .filter(({ account: owner }) => owner === account.username)
      .filter(({ status }) => status === 'paid' || status === 'refunded')
      .filter(({ paid_at }) => wibDate(Date.parse(paid_at)) === date)
      .flatMap(payment => (payment.reported === null ? [] : [reportRow(payment, date)]))
    if (query.get('format') === 'csv') {
      const lines = rows.map(row => reportColumns.map(name => cell(row[name])).join(','))
      return reply.send(200, csv, [reportColumns.join(','), ...lines, ''].join('\r\n'))
    }
    const sum = (name: 'amount' | 'mdr' | 'net') => rows.reduce((all, row) => all + row[name], 0)
    const total = { gross: sum('amount'), mdr: sum('mdr'), net: sum('net') }
    reply.json(200, { date, count: rows.length, ...total, rows })
  }

  #payOut(call: Call, reply: Reply) {
    if (!this.#accountOf(call)) return reply.json(401, { message: 'Unauthorized' })
    const parsed = payoutSchema.safeParse(jsonIn(call.body) ?? { rows: fileRows(call.body) })
    if (!parsed.success) return reply.json(400, { message: z.prettifyError(parsed.error) })
    const { rows } = parsed.data
    if (this.#transfers.length + rows.length > transfersMax) {
      return reply.json(429, { message: `${transfersMax} transfers are enough: reset first.` })
    }
    const at = this.clock.now()
    for (const { reference, account_number, account_name, amount } of rows) {
      const description = `TRSF KE ${account_number} ${account_name}`.trim()
      this.#transfers.push({ at, reference, description, debit: amount })
    }
    const total = rows.reduce((sum, row) => sum + row.amount, 0)
    reply.json(200, { accepted: rows.length, total, at: new Date(at).toISOString() })
  }

  #statement(call: Call, reply: Reply) {
    const account = this.#accountOf(call)
    if (!account) return reply.json(401, { message: 'Unauthorized' })
    const asked = new URLSearchParams(call.query).get('date') ?? wibDate(this.clock.now())
    const credits = new Map<string, number>()
    for (const payment of this.#payments) {
      if (payment.account !== account.username || payment.reported === null) continue
      if (payment.status !== 'paid' && payment.status !== 'refunded') continue
      const day = wibDate(Date.parse(payment.paid_at) + 86_400_000)
      credits.set(day, (credits.get(day) ?? 0) + reportRow(payment, day).net)
    }
    const rows = [
      ...[...credits].map(([day, credit]) => {
        const reference = `QRIS-${day.replaceAll('-', '')}`
        return {
          day,
          time: '07:00:00',
          description: 'SETTLEMENT QRIS',
          reference,
          debit: 0,
          credit,
        }
      }),
      ...this.#transfers.map(({ at, reference, description, debit }) => {
        const time = new Date(at + 7 * 3_600_000).toISOString().slice(11, 19)
        return { day: wibDate(at), time, description, reference, debit, credit: 0 }
      }),
    ].sort((a, b) => compare(a.day, b.day) || compare(a.time, b.time))
    let balance = 0
    const lines: string[] = []
    for (const { day, time, description, reference, debit, credit } of rows) {
      balance += credit - debit
      if (day !== asked) continue
      const cells = [day, time, description, reference, debit, credit, balance]
      lines.push(cells.map(cell).join(','))
    }
    const head = 'date,time,description,reference,debit,credit,balance'
    reply.send(200, csv, [head, ...lines, ''].join('\r\n'))
  }

  #accountOf(call: Call): Account | undefined {
    const token = /^Bearer (.+)$/.exec(call.headers['authorization'] ?? '')?.[1]
    return [...this.#accounts.values()].find(account => account.token === token)
  }

  #viewOf(account: Account): AccountView {
    return {
      party: this.name,
      username: account.username,
      balance: 0,
      webhook_url: account.webhookUrl,
    }
  }
}

const csv = 'text/csv; charset=utf-8'

const reportColumns = [
  'settlement_date',
  'paid_at',
  'rrn',
  'event_id',
  'reference',
  'nmid',
  'terminal_id',
  'type',
  'amount',
  'mdr',
  'net',
] as const

function reportRow(payment: Payment, date: string) {
  const sign = payment.status === 'refunded' ? -1 : 1
  const amount = sign * payment.reported!
  const mdr = sign * payment.mdr
  return {
    settlement_date: date,
    paid_at: payment.paid_at,
    rrn: payment.rrn,
    event_id: payment.event_id,
    reference: payment.reference,
    nmid: payment.nmid ?? '',
    terminal_id: payment.terminal_id ?? '',
    type: sign === 1 ? 'PAYMENT' : 'REFUND',
    amount,
    mdr,
    net: amount - mdr,
  }
}

function bodyOf(payment: Payment): string {
  const { event_id, reference, nmid, terminal_id, amount, status, paid_at, payer } = payment
  return JSON.stringify({
    event_id,
    type: 'payment',
    reference,
    ...(nmid === null ? {} : { nmid }),
    ...(terminal_id === null ? {} : { terminal_id }),
    amount,
    status,
    paid_at,
    payer,
  })
}

function cell(value: string | number): string {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A file as banks take it: commas, a row of names, the columns in any order. */
function fileRows(text: string): readonly Readonly<Record<string, string | number>>[] {
  const [names = [], ...rows] = text
    .split(/\r?\n/)
    .filter(line => line !== '')
    .map(cellsIn)
  return rows.map(cells => {
    const row = Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']))
    return { ...row, amount: Number(row['amount']) }
  })
}

/** An apostrophe before a cell keeps it from being a formula; a bank takes it off. */
function cellsIn(line: string): readonly string[] {
  const cells = line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)
  return [...cells]
    .filter(({ index, 0: found }) => found !== '' || index < line.length)
    .map(([, cell = '']) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell))
    .map(cell => cell.replace(/^'/, ''))
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
