/**
 * The supplier of a run: our sandbox, over HTTP. It is told how slow to be, the same for both
 * sides, and asked afterwards what it believes to have sold.
 */
import { randomBytes } from 'node:crypto'

export type Account = { readonly url: string; readonly username: string; readonly key: string }
export type Sold = {
  readonly refs: number
  readonly success: number
  readonly moreThanOnce: number
}

const party = 'digiflazz'
/** More than any run can spend. */
const balance = 1_000_000_000_000

export class Sandbox {
  readonly #http: string

  constructor(http: string) {
    this.#http = http
  }

  /** All parties answer after so long. Webhooks are off: the work that is compared has none. */
  async setLatency(ms: number): Promise<void> {
    await this.setHabits({ latency: { fixed: ms }, no_callback: 1 })
  }

  /** What it does to orders from now on, in its own words; nothing: it is a good supplier. */
  async setHabits(habits: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#ask('POST', '/_sandbox/faults', habits)
  }

  /** An account of its own for the baseline. */
  async openAccount(): Promise<Account> {
    const username = `bench${randomBytes(4).toString('hex')}`
    const key = randomBytes(16).toString('hex')
    await this.#ask('POST', '/_sandbox/accounts', { party, username, api_key: key, balance })
    return { url: `${this.#http}/${party}/v1`, username, key }
  }

  async sold(): Promise<Sold> {
    const sum = await this.#ask('GET', '/_sandbox/sales/summary')
    const { success } = sum['by_status'] as { readonly success: number }
    const moreThanOnce = Number(sum['sold_more_than_once'])
    return { refs: Number(sum['refs']), success, moreThanOnce }
  }

  async #ask(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(this.#http + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`bench: sandbox ${path} answered ${response.status} ${text}`)
    return JSON.parse(text)
  }
}
