/**
 * Calls back whoever asked to be told, over kept-alive connections. How Digiflazz repeats a failed
 * delivery is not documented; integrators see a 5xx trigger one, so we do as well, a bounded number
 * of times with growing pauses in the party's own time.
 *
 *   queue ──(at most 128 in flight)──▶ POST ──2xx..4xx──▶ delivered or refused, done
 *                                       └──5xx, broken line──▶ pause ×3 ──▶ queue, then given up
 *
 * X10. A 5xx or a broken line is repeated with growing pauses, a bounded number of times; any other
 *      answer is final.
 * X11. The queue is bounded: what does not fit is dropped and counted, never kept for ever.
 */

import { Agent, request } from 'undici'
import type { Agenda } from './agenda.ts'

type Delivery = {
  readonly url: string
  /** POST when absent; a GET has all in its address. */
  readonly method?: 'GET'
  /** A function when each attempt is signed anew. */
  readonly headers: Headers | (() => Headers)
  readonly body: string
  readonly retries: number
  readonly pauseMs: number
  /** Where the pauses are waited for: the party's time. */
  readonly agenda: Agenda
  /** Called once, when the delivery was answered or given up. */
  readonly done?: () => void
  /** Called for every attempt, with the HTTP status, or 0 for a broken line. */
  readonly answered?: (status: number) => void
}

type Headers = Readonly<Record<string, string>>

type WebhookCounts = {
  readonly delivered: number
  readonly refused: number
  readonly given_up: number
  readonly dropped: number
  readonly waiting: number
  readonly in_flight: number
}

const inFlightMax = 128
const queueDepthMax = 1_000_000
const answerTimeoutMs = 10_000
const connectionsPerOriginMax = 64

export class Webhooks {
  readonly #agent = new Agent({
    connections: connectionsPerOriginMax,
    connect: { timeout: 5_000 },
    keepAliveTimeout: 4_000,
  })
  readonly #queueMax: number
  #queue: Delivery[] = []
  #head = 0
  #inFlight = 0
  #delivered = 0
  #refused = 0
  #givenUp = 0
  #dropped = 0

  constructor(options: { readonly queueMax?: number } = {}) {
    this.#queueMax = options.queueMax ?? queueDepthMax
  }

  send(delivery: Delivery): void {
    if (this.#inFlight < inFlightMax) {
      this.#post(delivery)
    } else if (this.#queue.length - this.#head < this.#queueMax) {
      this.#queue.push(delivery)
    } else {
      this.#dropped++
      delivery.done?.()
    }
  }

  counts(): WebhookCounts {
    return {
      delivered: this.#delivered,
      refused: this.#refused,
      given_up: this.#givenUp,
      dropped: this.#dropped,
      waiting: this.#queue.length - this.#head,
      in_flight: this.#inFlight,
    }
  }

  /** Forgets what waits. What is in flight lands. */
  clear(): void {
    this.#queue = []
    this.#head = 0
  }

  async close(): Promise<void> {
    this.clear()
    await this.#agent.destroy()
  }

  #post(delivery: Delivery): void {
    this.#inFlight++
    request(delivery.url, {
      method: delivery.method ?? 'POST',
      headers: typeof delivery.headers === 'function' ? delivery.headers() : delivery.headers,
      ...(delivery.method === 'GET' ? {} : { body: delivery.body }),
      dispatcher: this.#agent,
      headersTimeout: answerTimeoutMs,
      bodyTimeout: answerTimeoutMs,
    })
      .then(async answer => {
        await answer.body.dump()
        return answer.statusCode
      })
      .catch(() => 0) // A broken line is an answer too: none.
      .then(status => this.#landed(delivery, status))
  }

  #landed(delivery: Delivery, status: number): void {
    this.#inFlight--
    delivery.answered?.(status)
    if (status === 0 || status >= 500) this.#repeat(delivery)
    else if (status < 300) this.#delivered++
    else this.#refused++
    delivery.done?.()
    while (this.#inFlight < inFlightMax && this.#head < this.#queue.length) {
      this.#post(this.#queue[this.#head++]!)
    }
    if (this.#head === this.#queue.length || this.#head > 10_000) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
  }

  #repeat({ done, ...delivery }: Delivery): void {
    if (delivery.retries === 0) {
      this.#givenUp++
      return
    }
    delivery.agenda.in(delivery.pauseMs, () =>
      this.send({ ...delivery, retries: delivery.retries - 1, pauseMs: delivery.pauseMs * 3 }),
    )
  }
}

/** Why a callback URL can't be used, or nothing. */
export function wrongUrl(url: string): string | undefined {
  if (!URL.canParse(url)) return `"${url}" is not a URL.`
  const { protocol } = new URL(url)
  return protocol === 'http:' || protocol === 'https:'
    ? undefined
    : `"${url}" is not http or https.`
}
