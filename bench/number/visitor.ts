/**
 * One person on a phone who needs a code: registers, pays in, rents a number, sees the code. In the
 * steps of the web app, with a person's pauses between them; what is measured are the answers.
 *
 *   register ─▶ login ─▶ page ─▶ catalogue ─▶ deposit ─▶ pays ─▶ rents ─▶ code ─▶ looks again
 *
 * BQC1. Each step is checked: money that arrived is what was paid, the code on the page is the one
 *       that was sent, and what is left is what it was less the price.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Pool } from 'undici'
import type { Letting } from './letting.ts'
import { type Heard, Page } from './page.ts'

export const calls = [
  ...(['register', 'login', 'services', 'countries', 'operators', 'methods', 'deposit'] as const),
  ...(['rent', 'order', 'balance'] as const),
] as const
export type CallName = (typeof calls)[number]

export type Walk = {
  readonly http: Pool
  readonly port: number
  readonly sandboxUrl: string
  readonly letting: Letting
  readonly tag: string
  readonly n: number
  /** Between two steps, on average. */
  readonly pauseMs: number
  readonly random: () => number
  readonly onCall: (name: CallName, ms: number) => void
  readonly onCode: (ms: number) => void
}

type Fields = Readonly<Record<string, unknown>>

const eventMsMax = 120_000
const amount = 20_000

export class Visitor {
  readonly #walk: Walk
  readonly #from: string
  readonly #heard: Heard[] = []
  #page: Page | null = null
  #token = ''
  #wake: () => void = () => {}

  constructor(walk: Walk) {
    this.#walk = walk
    const { n } = walk
    this.#from = `10.${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`
  }

  /** Until the code was shown; the page stays open. */
  async walk(): Promise<void> {
    const { n, tag, port, letting, onCode } = this.#walk
    const email = `${tag}.${n}@bench.test`
    const password = `sandi-${tag}-${n}`
    await this.#ask('register', 'POST', '/auth/register', { name: `Tamu ${n}`, email, password })
    const session = await this.#ask('login', 'POST', '/auth/login', { email, password })
    this.#token = String(session['access_token'])
    this.#page = await Page.open({
      ...{ port, proof: { token: this.#token }, from: this.#from },
      onEvent: event => {
        this.#heard.push(event)
        this.#wake()
      },
      onGone: () => this.#wake(),
    })
    await this.#rest()

    const { services } = await this.#ask('services', 'GET', '/services')
    const list = services as readonly Fields[]
    const service_id = String(list[n % list.length]!['service_id'])
    await this.#rest()
    const { countries } = await this.#ask('countries', 'GET', `/countries/${service_id}`)
    const { country_id } = (countries as readonly { readonly country_id: string }[])[0]!
    await this.#ask('operators', 'GET', `/operators/${country_id}?service_id=${service_id}`)
    await this.#rest()

    await this.#ask('methods', 'GET', '/deposit/metode')
    const wish = { amount, metode: 'qris_atlantic' }
    const deposit = await this.#ask('deposit', 'POST', '/deposit/create', wish)
    await this.#rest()
    await this.#pay(String(deposit['deposit_id']))
    await this.#event('deposit:paid')
    await this.#rest()

    const order = await this.#ask('rent', 'POST', '/orders/create', { service_id, country_id })
    const number = String(order['number'] ?? (await this.#event('order:processing'))['number'])
    await this.#rest()
    const digits = number.replaceAll(/\D/g, '')
    const code = letting.send(digits)
    const shown = await this.#event('order:otp_received')
    onCode(performance.now() - letting.of(digits)!.toldMs)
    if (shown['otp'] !== code) throw new Error(`another code: ${String(shown['otp'])}`)
    const read = await this.#ask('order', 'GET', `/orders/${String(order['order_id'])}`)
    if (read['otp'] !== code) throw new Error(`another code in the order: ${String(read['otp'])}`)
    const { available } = await this.#ask('balance', 'GET', '/user/balance')
    const left = Number(deposit['received']) - Number(order['price'])
    if (available !== left) throw new Error(`${String(available)} is left instead of ${left}`)
  }

  close(): void {
    this.#page?.close()
  }

  async #ask(name: CallName, method: 'GET' | 'POST', path: string, body?: object) {
    const { http, onCall } = this.#walk
    const headers = {
      ...{ 'x-forwarded-for': this.#from, 'content-type': 'application/json' },
      ...(this.#token === '' ? {} : { authorization: `Bearer ${this.#token}` }),
    }
    const began = performance.now()
    const told = await http.request({
      ...{ method, path: `/api/v1${path}`, headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await told.body.text()
    onCall(name, performance.now() - began)
    if (told.statusCode !== 200) throw new Error(`${name}: ${told.statusCode} ${text}`)
    return (JSON.parse(text) as { readonly data: Fields }).data
  }

  async #pay(depositId: string): Promise<void> {
    const body = JSON.stringify({ deposit_id: depositId })
    const told = await fetch(`${this.#walk.sandboxUrl}/_sandbox/pay`, { method: 'POST', body })
    if (!told.ok) throw new Error(`the sandbox: ${told.status} ${await told.text()}`)
  }

  async #event(name: string): Promise<Fields> {
    const until = performance.now() + eventMsMax
    for (;;) {
      const found = this.#heard.find(event => event.name === name)
      if (found !== undefined) return found.data
      const leftMs = until - performance.now()
      if (leftMs <= 0) throw new Error(`${name} was never heard`)
      const late = new AbortController()
      await Promise.race([
        new Promise<void>(resolve => {
          this.#wake = resolve
        }),
        pause(leftMs, undefined, { ref: false, signal: late.signal }).catch(() => {}),
      ])
      late.abort()
    }
  }

  #rest(): Promise<void> {
    const { pauseMs, random } = this.#walk
    return pause(pauseMs * (0.5 + random()))
  }
}
