/**
 * The number line as its pages see it, and nothing behind it: serves the real files as the gateway
 * does, keeps one person's numbers and payments in memory, and says on the socket what the test
 * tells it to say.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type WebSocket, WebSocketServer } from 'ws'
import { readPages } from '../pages.ts'

type Fields = Record<string, unknown>
type Answer = { readonly status: number; readonly body: unknown }
type Handler = (body: Fields, params: readonly string[], query: URLSearchParams) => Answer

const ok = (data: unknown): Answer => ({ status: 200, body: { code: 200, data } })
export const no = (status: number, code: string): Answer => ({
  status,
  body: { code: status, error_code: code, message: `invalid ${code} exception` },
})

const apps = [
  ...[
    ['wa', 'WhatsApp', 2_800, 4_210],
    ['tg', 'Telegram', 3_900, 1_350],
    ['ig', 'Instagram', 1_900, 8_200],
    ['go', 'Google', 2_400, 5_100],
    ['sp', 'Shopee', 1_500, 960],
    ['gr', 'Grab', 2_100, 0],
    ['dn', 'DANA', 3_300, 740],
    ['tk', 'TikTok', 1_750, 3_020],
    ['gj', 'Gojek', 2_250, 610],
  ].map(([id, name, price, stock]) => ({
    ...{ service_id: id, name, also: [id], from_price: price, stock },
  })),
]
const lands = [
  ['id', 'Indonesia', 2_800, 1_204, 92, false],
  ['ph', 'Filipina', 3_100, 640, 88, false],
  ['vn', 'Vietnam', 3_250, 410, 81, false],
  ['us', 'Amerika Serikat', 9_800, 95, 74, false],
  ['my', 'Malaysia', 4_200, 0, null, false],
].map(([id, name, price, stock, rate, stale]) => ({
  ...{ country_id: id, name, price, stock, success_rate: rate, stale },
  also: id === 'us' ? ['United States', 'usa'] : [id],
}))
const carriers = [
  ['telkomsel', 'Telkomsel', 3_100, 310],
  ['any', 'any', 2_800, 1_204],
  ['xl', 'XL', 2_900, 200],
].map(([id, name, price, stock]) => ({ operator_id: id, name, price, stock }))
const methods = [
  ['qris_atlantic', 'QRIS Atlantic', 10_000, 5_000_000, 200, 0.7],
  ['qrisfast_atlantic', 'QRIS Instan', 10_000, 5_000_000, 200, 1.5],
  ['qris_rumahotp_v1', 'QRIS RumahOTP', 2_000, 1_000_000, null, null],
  ['qris_rumahotp_v2', 'QRIS RumahOTP v2', 2_000, 20_000, 0, 2],
  ['bni_atlantic', 'BNI Virtual Account', 20_000, 50_000_000, 2_750, 0],
].map(([metode, name, min, max, fee, percent]) => ({
  ...{ metode, name, min, max, fee, fee_percent: percent },
  type: String(metode).startsWith('qris') ? 'qris' : 'va',
}))
const qris =
  '00020101021226610014COM.GO-JEK.WWW01189360091434506469550210G4506469550303UMI51440014ID.CO.QRIS.WWW0215ID10243277777770303UMI5204481453033605802ID5908Nokosku 6007JAKARTA61051234062070703A016304ABCD'

export class NomorStandIn {
  readonly asked: { readonly method: string; readonly path: string; readonly body: Fields }[] = []
  readonly said: Fields[] = []
  readonly orders: Fields[] = []
  readonly deposits: Fields[] = []
  balance = 50_000
  isVerified = true
  nextEmail: string | null = null
  password = 'rahasia-123'
  playUrl: string | null = null
  /** Answers of one door in place of its own, by verb and path. */
  readonly instead = new Map<string, Handler>()
  #server: Server
  #sockets = new WebSocketServer({ noServer: true })
  #events: { readonly id: string; readonly name: string; readonly data: Fields }[] = []
  #isShut = false
  #held: (() => void)[] | null = null
  #renewals = 0
  #url = ''

  #pages = new Map(
    readPages(fileURLToPath(new URL('.', import.meta.url)), 'http://localhost').map(page => [
      page.path,
      page,
    ]),
  )

  constructor() {
    this.#server = createServer((request, response) => {
      const { pathname } = new URL(request.url!, 'http://stand.in')
      if (pathname === '/health') return void response.end('{}')
      const page = this.#pages.get(pathname)
      if (page === undefined) return void this.#serve(request, response)
      response.writeHead(200, { 'content-type': page.type, ...page.headers }).end(page.bytes)
    })
    this.#server.on('upgrade', (request, socket, head) => {
      if (this.#isShut) return void socket.destroy()
      this.#sockets.handleUpgrade(request, socket, head, line => this.#hear(line))
    })
  }

  async listen(): Promise<string> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return this.#url
  }

  close() {
    for (const line of this.#sockets.clients) line.terminate()
    this.#server.closeAllConnections()
    this.#server.close()
  }

  /** A fact, to whoever listens now and whoever comes back for it. */
  tell(name: string, data: Fields) {
    const event = { id: String(this.#events.length + 1), name, data }
    this.#events.push(event)
    for (const line of this.#sockets.clients) line.send(JSON.stringify({ type: 'event', ...event }))
  }

  /** From now on there is another version of the files. */
  renew() {
    const path = '/nomor-worker.js'
    const worker = this.#pages.get(path)!
    const text = worker.bytes.toString().replace(/"version":"\w+"/, `"version":"${'0'.repeat(20)}"`)
    this.#pages.set(path, { ...worker, bytes: Buffer.from(text) })
  }

  /** The line goes, and does not come back before `mend`. */
  cut() {
    this.#isShut = true
    for (const line of this.#sockets.clients) line.terminate()
  }

  mend() {
    this.#isShut = false
  }

  /** From now on no door answers; what was asked is answered by `release`. */
  hold() {
    this.#held = []
  }

  release() {
    const held = this.#held ?? []
    this.#held = null
    for (const go of held) go()
  }

  order(more: Fields = {}): Fields {
    const at = new Date().toISOString()
    const n = this.orders.length + 1
    const order: Fields = {
      order_id: `0190a1b2-0000-7000-8000-${String(n).padStart(12, '0')}`,
      ...{ status: 'waiting', service_id: 'wa', service_name: 'WhatsApp', country_id: 'id' },
      ...{ country_name: 'Indonesia', operator_id: 'any', number: '6281234567890', price: 2_800 },
      ...{ money_effect: 'held', otp: null, messages: [], resends_left: 0, why: null },
      expires_at: new Date(Date.now() + 14.4 * 60_000).toISOString(),
      ...{ created_at: at, updated_at: at },
      ...more,
    }
    this.orders.unshift(order)
    return order
  }

  /** A code comes in for it, and whoever listens is told. */
  code(order: Fields, code: string) {
    const at = new Date().toISOString()
    const text = `Kode WhatsApp kamu: ${code}. Jangan kasih ke siapa pun.`
    order['messages'] = [
      ...(order['messages'] as Fields[]),
      { text, code, late: false, received_at: at },
    ]
    Object.assign(order, {
      status: 'otp_received',
      otp: code,
      resends_left: 3,
      money_effect: 'charged',
      awaiting_next: false,
    })
    this.tell('order:otp_received', { order_id: order['order_id'], otp: code })
  }

  deposit(more: Fields = {}): Fields {
    const deposit: Fields = {
      deposit_id: `ATL${1_000 + this.deposits.length}`,
      ...{ intent_id: `intent-${this.deposits.length}`, instant: false, why: null },
      ...{ metode: 'qris_atlantic', status: 'pending', amount: 20_000, fee: 340, received: 19_660 },
      ...{ qr_string: qris, qr_image: null, created_at: new Date().toISOString() },
      expires_at: new Date(Date.now() + 59.6 * 60_000).toISOString(),
      ...more,
    }
    this.deposits.unshift(deposit)
    return deposit
  }

  #hear(line: WebSocket) {
    line.on('message', text => {
      const said = JSON.parse(String(text)) as Fields
      this.said.push(said)
      if (said['type'] !== 'auth') return
      line.send(JSON.stringify({ type: 'ready', user: { user_id: 'u1' } }))
      if (said['after'] === undefined) return
      for (const event of this.#events.slice(Number(said['after']))) {
        line.send(JSON.stringify({ type: 'event', ...event }))
      }
    })
  }

  async #serve(request: IncomingMessage, response: ServerResponse) {
    const url = new URL(request.url!, 'http://stand.in')
    let text = ''
    for await (const chunk of request) text += chunk
    const body = text === '' ? {} : (JSON.parse(text) as Fields)
    const method = request.method!
    this.asked.push({ method, path: `${url.pathname}${url.search}`, body })
    if (this.#held !== null) await new Promise<void>(resolve => this.#held!.push(resolve))
    const { status, body: told } = this.#answer(method, url, body, request.headers['cookie'] ?? '')
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (/auth\/(login|refresh)$/.test(url.pathname) && status === 200) {
      headers['set-cookie'] =
        `laju_refresh=r${++this.#renewals}; HttpOnly; SameSite=Strict; Path=/api/v1/auth`
    }
    if (url.pathname.endsWith('auth/logout')) {
      headers['set-cookie'] = 'laju_refresh=; Path=/api/v1/auth; Max-Age=0'
    }
    response.writeHead(status, headers).end(JSON.stringify(told))
  }

  #answer(method: string, url: URL, body: Fields, cookie: string): Answer {
    for (const [door, handler] of [...this.instead, ...this.#doors(cookie)]) {
      const [verb, path] = door.split(' ')
      const match = new RegExp(`^${path!.replaceAll('*', '([^/]+)')}$`).exec(url.pathname)
      if (verb === method && match !== null) {
        return handler(body, match.slice(1).map(decodeURIComponent), url.searchParams)
      }
    }
    return no(404, 'NOT_FOUND')
  }

  #doors(cookie: string): [string, Handler][] {
    const find = (list: Fields[], key: string, id: string | undefined): Answer => {
      const one = list.find(row => row[key] === id)
      return one === undefined ? no(404, 'NOT_FOUND') : ok(one)
    }
    const change = (id: string | undefined, more: Fields): Answer => {
      const one = this.orders.find(row => row['order_id'] === id)
      return one === undefined ? no(404, 'NOT_FOUND') : ok(Object.assign(one, more))
    }
    const rows = (list: readonly Fields[]): Answer => ok({ rows: list, next_cursor: null })
    return [
      [
        'POST /api/v1/auth/login',
        ({ password }) => (password === this.password ? this.#in() : no(401, 'LOGIN_INVALID')),
      ],
      [
        'POST /api/v1/auth/refresh',
        () => (/laju_refresh=r\d/.test(cookie) ? this.#in() : no(401, 'SESSION_ENDED')),
      ],
      ['POST /api/v1/auth/logout', () => ok(null)],
      ['POST /api/v1/auth/register', () => ok(null)],
      ['POST /api/v1/auth/forgot-password', () => ok(null)],
      [
        'POST /api/v1/auth/reset-password',
        ({ token }) => (token === 'kata' ? ok(null) : no(404, 'NOT_FOUND')),
      ],
      [
        'POST /api/v1/auth/verify-email',
        ({ token }) => (token === 'kata' ? ok(null) : no(404, 'NOT_FOUND')),
      ],
      ['POST /api/v1/auth/resend-verification', () => ok(null)],
      [
        'GET /api/v1/auth/sessions',
        () =>
          rows([
            {
              id: 's1',
              agent: 'Mozilla/5.0 (Linux; Android 14) Chrome/130',
              address: '10.2.x.x',
              created_at: now(),
              last_used_at: now(),
            },
            {
              id: 's2',
              agent: 'Mozilla/5.0 (Windows NT 10) Firefox/130',
              address: '10.2.x.x',
              created_at: now(),
              last_used_at: now(),
            },
          ]),
      ],
      ['DELETE /api/v1/auth/sessions/*', () => ok(null)],
      ['GET /api/v1/me', () => ok(person)],
      [
        'GET /api/v1/user/profile',
        () =>
          ok({
            ...person,
            email: 'sari@contoh.test',
            email_verified: this.isVerified,
            next_email: this.nextEmail,
            phone: '081234567890',
          }),
      ],
      [
        'PUT /api/v1/user/profile',
        ({ password }) => {
          if (password === undefined) return ok(person)
          const { old, new: next } = password as { old: string; new: string }
          if (old !== this.password) return no(403, 'PASSWORD_WRONG')
          this.password = next
          return ok(person)
        },
      ],
      [
        'POST /api/v1/user/email',
        ({ email, password }) => {
          if (password !== this.password) return no(403, 'PASSWORD_WRONG')
          if (email === 'ada@contoh.test') return no(409, 'EMAIL_TAKEN')
          this.nextEmail = String(email)
          return ok(person)
        },
      ],
      ['GET /api/v1/balance', () => ok({ available: this.balance, held: 0 })],
      [
        'GET /api/v1/user/transactions',
        () =>
          rows([
            {
              id: 1,
              direction: 'in',
              amount: 20_000,
              balance_before: 0,
              balance_after: 20_000,
              kind: 'deposit',
              detail: 'qris_atlantic',
              description: 'Deposit',
              created_at: now(),
            },
            {
              id: 2,
              direction: 'out',
              amount: 2_800,
              balance_before: 20_000,
              balance_after: 17_200,
              kind: 'order',
              detail: 'WhatsApp Indonesia',
              description: 'Sewa',
              created_at: now(),
            },
            {
              id: 3,
              direction: 'in',
              amount: 2_800,
              balance_before: 17_200,
              balance_after: 20_000,
              kind: 'release',
              detail: 'WhatsApp Indonesia',
              description: 'Balik',
              created_at: now(),
            },
          ]),
      ],
      ['GET /api/v1/services', () => ok({ services: apps, next: null, as_of: now() })],
      ['GET /api/v1/countries/*', () => ok({ countries: lands, as_of: now() })],
      ['GET /api/v1/operators/*', () => ok({ operators: carriers })],
      [
        'POST /api/v1/orders/create',
        ({ operator_id: operator }) => {
          const price = carriers.find(one => one.operator_id === operator)!.price as number
          this.balance -= price
          return ok({
            ...this.order({ operator_id: operator, price }),
            invoice_url: `${this.#url}/nomor/#/i/AAAAAAAAAAAAAAAAAAAAAA`,
            balance_remaining: this.balance,
          })
        },
      ],
      ['GET /api/v1/orders/history', () => rows(this.orders)],
      [
        'GET /api/v1/orders/active',
        () =>
          ok({
            rows: this.orders.filter(one =>
              ['processing', 'waiting', 'cancelling', 'checking', 'otp_received'].includes(
                one['status'] as string,
              ),
            ),
          }),
      ],
      ['GET /api/v1/orders/*', (_, [id]) => find(this.orders, 'order_id', id)],
      ['POST /api/v1/orders/*/cancel', (_, [id]) => change(id, { status: 'cancelling' })],
      [
        'POST /api/v1/orders/*/resend',
        (_, [id]) => change(id, { resends_left: 2, awaiting_next: true }),
      ],
      [
        'GET /api/v1/orders/*/invoice',
        (_, [id]) =>
          ok({ order_id: id, invoice_url: `${this.#url}/nomor/#/i/AAAAAAAAAAAAAAAAAAAAAA` }),
      ],
      [
        'POST /api/v1/orders/*/invoice',
        (_, [id]) =>
          ok({ order_id: id, invoice_url: `${this.#url}/nomor/#/i/BBBBBBBBBBBBBBBBBBBBBB` }),
      ],
      [
        'GET /api/v1/invoices/*',
        (_, [word]) =>
          word === 'AAAAAAAAAAAAAAAAAAAAAA' ? ok(this.orders[0]) : no(404, 'NOT_FOUND'),
      ],
      ['GET /api/v1/deposit/metode', () => ok({ methods })],
      [
        'POST /api/v1/deposit/create',
        ({ amount, metode }) => ok(this.deposit({ amount, metode, fee: 0, received: amount })),
      ],
      [
        'GET /api/v1/deposit/history',
        (_, __, query) =>
          rows(
            this.deposits.filter(
              one => !query.has('status') || one['status'] === query.get('status'),
            ),
          ),
      ],
      ['GET /api/v1/deposit/*', (_, [id]) => find(this.deposits, 'deposit_id', id)],
      [
        'POST /api/v1/deposit/*/cancel',
        (_, [id]) => {
          Object.assign(this.deposits.find(one => one['deposit_id'] === id)!, { status: 'cancel' })
          return find(this.deposits, 'deposit_id', id)
        },
      ],
      ['GET /api/v1/app-settings', () => ok({ play_url: this.playUrl })],
      ['POST /api/v1/help', () => ok({ url: 'https://wa.me/6281200000000' })],
    ]
  }

  #in(): Answer {
    const expires = new Date(Date.now() + 15 * 60_000).toISOString()
    const claims = Buffer.from(JSON.stringify({ sid: 's1' })).toString('base64url')
    return ok({ access_token: `h.${claims}.s`, expires_at: expires, user: person })
  }
}

const now = (): string => new Date().toISOString()
const person = { user_id: 'u1', username: 'sari', name: 'Sari', role: 'consumer', level: 0 }
