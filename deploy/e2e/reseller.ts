/**
 * A reseller's own server, written from the documentation alone: signs, asks over kept-alive
 * connections, and repeats what was not answered under the same reference. Beside it the
 * counterpart of all of them, the supplier's book of what it believes to have sold.
 */

import { createHmac } from 'node:crypto'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

/** As handed out by `user create` and written into demo.json. */
export type Keys = {
  readonly user_id: string
  readonly username: string
  readonly api_key: string
  readonly hmac_key: string
  readonly hmac_secret: string
}

// biome-ignore lint/suspicious/noExplicitAny: an answer is what came; the test says what it must be
export type Json = Record<string, any>

export type Answer = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly body: Json
}

export type Wish = {
  readonly ref_id: string
  readonly product_code: string
  readonly destination: string
  readonly max_price?: number
}

type Asking = {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly agent?: Agent
}

const answerMsMax = 60_000
const againMs = 50

/** One request and its answer; throws when the connection broke before there was one. */
export function ask(url: string, asking: Asking = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body = '', agent } = asking
  const length = method === 'GET' ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      { method, headers: { ...length, ...headers }, timeout: answerMsMax, ...(agent && { agent }) },
      response => {
        let text = ''
        response.setEncoding('utf8').on('data', chunk => (text += chunk))
        response.once('error', reject)
        response.once('end', () => {
          const { statusCode = 0, headers: told } = response
          resolve({ status: statusCode, headers: told, text, body: jsonOf(text) })
        })
      },
    )
    call.once('timeout', () => call.destroy(new Error(`no answer within ${answerMsMax} ms`)))
    call.once('error', reject)
    call.end(body)
  })
}

export class Reseller {
  readonly keys: Keys
  readonly agent: Agent
  readonly #doors: readonly string[]
  #door = 0

  /** With several doors, what the one did not answer is sent to the next. */
  constructor(doors: string | readonly string[], keys: Keys, connections = 8) {
    this.#doors = [doors].flat()
    this.keys = keys
    this.agent = new Agent({ keepAlive: true, maxSockets: connections })
  }

  /** The same reseller at other doors. */
  at(...doors: readonly string[]): Reseller {
    return new Reseller(doors, this.keys)
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path, '')
  }

  order(wish: Wish): Promise<Answer> {
    return this.send('POST', '/api/v1/transactions', JSON.stringify(wish))
  }

  send(
    method: string,
    path: string,
    body: string | Buffer,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const signed = { 'content-type': 'application/json', ...this.sign(method, path, body) }
    return ask(this.#doors[this.#door % this.#doors.length] + path, {
      method,
      headers: { ...signed, ...headers },
      body,
      agent: this.agent,
    })
  }

  /** hex HMAC-SHA256 over timestamp "." method "." path "." body */
  sign(
    method: string,
    path: string,
    body: string | Buffer,
    { at = Date.now(), nonce = '' } = {},
  ): Record<string, string> {
    const timestamp = String(Math.floor(at / 1_000))
    const head = nonce === '' ? timestamp : `${timestamp}.${nonce}`
    const signature = createHmac('sha256', this.keys.hmac_secret)
      .update(`${head}.${method}.${path}.`)
      .update(body)
      .digest('hex')
    return {
      'x-api-key': this.keys.hmac_key,
      'x-timestamp': timestamp,
      'x-signature': signature,
      ...(nonce === '' ? {} : { 'x-nonce': nonce }),
    }
  }

  /** Sends until there is an answer that says what happened, always under the same reference. */
  async insist(wish: Wish, msMax: number, heard: (answer: Answer | null) => void = () => {}) {
    const deadline = Date.now() + msMax
    for (;;) {
      const answer = await this.order(wish).catch(() => null)
      heard(answer)
      if (answer !== null && answer.status < 500 && answer.status !== 429) return answer
      if (Date.now() > deadline) throw new Error(`${wish.ref_id} had no answer for ${msMax} ms`)
      this.#door++
      await pause(againMs)
    }
  }

  async balance(): Promise<{ balance: number; held: number; available: number }> {
    const { status, text, body } = await this.get('/api/v1/balance')
    if (status !== 200) throw new Error(`no balance: ${text}`)
    return body['data']
  }

  /** All rows, newest first, page by page. */
  async mutations(limit = 100): Promise<Json[]> {
    const rows: Json[] = []
    for (let cursor = ''; ; ) {
      const page = `limit=${limit}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`
      const { status, text, body } = await this.get(`/api/v1/mutations?${page}`)
      if (status !== 200) throw new Error(`no mutations: ${text}`)
      rows.push(...body['data'].rows)
      cursor = body['data'].next_cursor
      if (cursor === null) return rows
    }
  }

  close(): void {
    this.agent.destroy()
  }
}

/** A purchase as the simulated supplier remembers it. */
export type Sale = {
  readonly supplier: string
  readonly ref: string
  readonly product: string
  readonly target: string
  readonly price: number
  readonly status: 'success' | 'pending' | 'failed'
  readonly code: string
  readonly sn: string
  readonly times: number
  readonly calls: number
}

/** What the suppliers say, which is the truth that our own books are compared with. */
export class Oracle {
  readonly #url: string

  constructor(sandboxUrl: string) {
    this.#url = `${sandboxUrl}/_sandbox`
  }

  async sales(supplier = ''): Promise<Sale[]> {
    const query = supplier === '' ? '' : `?supplier=${supplier}`
    return (await ask(`${this.#url}/sales${query}`)).body as unknown as Sale[]
  }

  /** The whole behaviour of one party, or of all; `{}` is a good day. */
  async faults(wish: Json): Promise<void> {
    const answer = await ask(`${this.#url}/faults`, { method: 'POST', body: JSON.stringify(wish) })
    if (answer.status !== 200) throw new Error(`the sandbox refused: ${answer.text}`)
  }
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return {}
  }
}
