/**
 * A shop as the demo has it, with the whole program behind its counter: its box is connected and
 * speaks, customers pay at the simulated acquirer, and the office is asked over its API.
 */

import { equal } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Stage, until } from './stage.ts'

export const waitMsMax = 60_000

export type Person = { readonly email: string; readonly password: string }
type Demo = {
  readonly admin: Person
  readonly finance: Person
  readonly merchant: Person & { readonly merchant_id: string; readonly terminal_id: string }
  readonly device: { readonly id: string; readonly secret: string }
  readonly callback_secrets: { readonly qris: string }
}
type Rows = { readonly rows: readonly { readonly amount: number }[] }

export class Counter {
  readonly http: string
  readonly demo: Demo
  readonly #stage: Stage
  #token: string | undefined

  private constructor(stage: Stage, http: string) {
    this.#stage = stage
    this.http = http
    this.demo = JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))
  }

  static async open(stage: Stage): Promise<Counter> {
    await stage.startSandbox()
    const ready = await (await stage.launch()).ready()
    const counter = new Counter(stage, String(ready['http']))
    const { id: device_id, secret } = counter.demo.device
    const devices = [{ device_id, secret, habit: 'steady' }]
    await counter.#sandbox('boxes', { broker: ready['mqtt'], devices })
    return counter
  }

  /** A customer pays what he sees: a QR, and an amount where it names none. */
  pay(wish: object): Promise<void> {
    return this.#sandbox('pay', wish)
  }

  /** As the office asks: a question, or a wish where there is a body. */
  async office<T = Record<string, unknown>>(path: string, wish?: object): Promise<T> {
    this.#token ??= (await this.#ask<{ token: string }>('login', this.demo.admin, '')).token
    return await this.#ask<T>(path, wish, this.#token)
  }

  /** One payment of this amount that the box has said aloud. */
  async sell(amount: number): Promise<void> {
    const { terminal_id } = this.demo.merchant
    const { qr_string } = await this.office('transactions', { terminal_id, amount })
    await this.pay({ qr_string })
    await until(`${amount} to be heard`, waitMsMax, async () => {
      const { rows } = await this.office<Rows>('transactions?sound=played')
      return rows.some(row => row.amount === amount)
    })
  }

  async #sandbox(path: string, wish: object): Promise<void> {
    const answer = await fetch(`${this.#stage.sandboxUrl}/_sandbox/${path}`, {
      method: 'POST',
      body: JSON.stringify(wish),
    })
    equal(answer.status, 200, await answer.clone().text())
  }

  async #ask<T>(path: string, wish: object | undefined, bearer: string): Promise<T> {
    const body = wish === undefined ? {} : { method: 'POST', body: JSON.stringify(wish) }
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${bearer}` }
    const answer = await fetch(`${this.http}/admin/${path}`, { ...body, headers })
    equal(answer.status, 200, await answer.clone().text())
    return (await answer.json()) as T
  }
}
