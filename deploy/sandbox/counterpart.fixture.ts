/** The other side of the sandbox in its tests: a buyer that signs, and an ear for webhooks. */

import { hash } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openSandbox, type Sandbox } from './server.ts'

export type Data = Record<string, unknown>

type Answered = {
  readonly status: number
  readonly text: string
  /** What stood in `data`, if the body was JSON. */
  readonly data: Data
}

export class Buyer {
  readonly sandbox: Sandbox
  readonly base: string
  readonly party: string

  constructor(sandbox: Sandbox, party = 'digiflazz') {
    this.sandbox = sandbox
    this.party = party
    this.base = `${sandbox.url}/${party}/v1`
  }

  /** A sandbox with one account, `user` with `key`, that answers without delay. */
  static async open(account: object = {}): Promise<Buyer> {
    const sandbox = (await openSandbox({ port: 0 }))!
    const buyer = new Buyer(sandbox)
    await buyer.oracle('faults', { latency: 0 })
    await buyer.oracle('accounts', { username: 'user', api_key: 'key', ...account })
    return buyer
  }

  topup(ref: string, fields: object = {}): Promise<Answered> {
    const order = { buyer_sku_code: 'tsel10', customer_no: '081200000001', ref_id: ref, ...fields }
    return this.signed('transaction', ref, order)
  }

  pasca(commands: string, fields: { ref_id: string; [name: string]: unknown }): Promise<Answered> {
    return this.signed('transaction', fields.ref_id, { commands, ...fields })
  }

  signed(path: string, signed: string, fields: object): Promise<Answered> {
    const sign = hash('md5', `userkey${signed}`)
    return this.post(path, JSON.stringify({ username: 'user', sign, ...fields }))
  }

  async post(path: string, body: string, base = this.base): Promise<Answered> {
    const headers = { 'Content-Type': 'application/json' }
    const answer = await fetch(`${base}/${path}`, { method: 'POST', headers, body })
    const text = await answer.text()
    let data: Data = {}
    try {
      data = (JSON.parse(text) as { data: Data }).data
    } catch {
      // Some faults answer with something else; the test looks at `text`.
    }
    return { status: answer.status, text, data }
  }

  /** Asks the oracle: GET without a wish, POST with one. */
  async oracle<T = Data>(path: string, wish?: object): Promise<T> {
    const url = `${this.sandbox.url}/_sandbox/${path}`
    const answer = await (wish
      ? fetch(url, { method: 'POST', body: JSON.stringify(wish) })
      : fetch(url))
    return (await answer.json()) as T
  }

  faults(faults: object): Promise<Data> {
    return this.oracle('faults', { party: this.party, latency: 0, ...faults })
  }

  sales(ref?: string): Promise<Data[]> {
    const query = ref === undefined ? '' : `&ref=${encodeURIComponent(ref)}`
    return this.oracle(`sales?supplier=${this.party}${query}`)
  }

  async balance(): Promise<number> {
    const { data } = await this.signed('cek-saldo', 'depo', { cmd: 'deposit' })
    return data['deposit'] as number
  }

  close(): Promise<void> {
    return this.sandbox.close()
  }
}

export type Heard = {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly data: Data
}

/** Listens for webhooks; `status` says what it answers to the n-th one, from 1. */
export class Ear {
  readonly url: string
  readonly #heard: Heard[] = []
  readonly #waiting: ((heard: Heard) => void)[] = []
  readonly #close: () => void

  private constructor(url: string, close: () => void) {
    this.url = url
    this.#close = close
  }

  static async open(status: (count: number) => number = () => 200): Promise<Ear> {
    let count = 0
    const server = createServer((request, response) => {
      const pieces: Buffer[] = []
      request.on('data', piece => pieces.push(piece))
      request.on('end', () => {
        response.writeHead(status(++count)).end()
        const body = Buffer.concat(pieces).toString()
        const { data } = JSON.parse(body) as { data: Data }
        ear.#hear({ headers: request.headers, body, data })
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const ear = new Ear(`http://127.0.0.1:${port}/hook`, () => {
      server.closeAllConnections()
      server.close()
    })
    return ear
  }

  /** The next webhook, whether it has come already or not. */
  next(): Promise<Heard> {
    const heard = this.#heard.shift()
    if (heard) return Promise.resolve(heard)
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  /** Webhooks that came and were not asked for. */
  get unheard(): number {
    return this.#heard.length
  }

  close(): void {
    this.#close()
  }

  #hear(heard: Heard): void {
    const waiting = this.#waiting.shift()
    if (waiting) waiting(heard)
    else this.#heard.push(heard)
  }
}
