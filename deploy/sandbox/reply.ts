/**
 * One answer to one call, given at most once: a body, silence, or a cut line. The line may be gone
 * before the answer is ready; then there is nobody to tell and nothing happens.
 *
 * X5. A mishap is real on the wire: a reset is a closed socket, a timeout an open one without an
 *     answer (for a bounded time), half a JSON a body that ends in the middle.
 */

import type { HttpResponse } from 'uWebSockets.js'
import type { Agenda } from './agenda.ts'
import type { Mishap } from './faults.ts'

export const json = 'application/json'
export const html = 'text/html; charset=utf-8'

const reasons: Readonly<Record<number, string>> = {
  200: '200 OK',
  400: '400 Bad Request',
  404: '404 Not Found',
  405: '405 Method Not Allowed',
  413: '413 Payload Too Large',
  429: '429 Too Many Requests',
  500: '500 Internal Server Error',
}

const page500 =
  '<html>\r\n<head><title>500 Internal Server Error</title></head>\r\n<body>\r\n' +
  '<center><h1>500 Internal Server Error</h1></center>\r\n<hr><center>nginx</center>\r\n' +
  '</body>\r\n</html>\r\n'
const pageMaintenance =
  '<!DOCTYPE html>\n<html><head><title>Maintenance</title></head>' +
  '<body><h1>Sistem sedang dalam pemeliharaan</h1></body></html>\n'

export class Reply {
  /** Set by the frame when the line is gone. */
  isGone = false
  readonly #response: HttpResponse
  readonly #delays: Agenda

  constructor(response: HttpResponse, delays: Agenda) {
    this.#response = response
    this.#delays = delays
  }

  send(status: number, type: string, body: string) {
    if (this.isGone) return
    this.isGone = true
    const response = this.#response
    response.cork(() => {
      if (status !== 200) response.writeStatus(reasons[status] ?? String(status))
      response.writeHeader('Content-Type', type).end(body)
    })
  }

  json(status: number, value: unknown) {
    this.send(status, json, JSON.stringify(value))
  }

  /** Closes the connection without a word. */
  drop() {
    if (this.isGone) return
    this.isGone = true
    this.#response.close()
  }

  /** Answers after `delayMs`, or as the mishap will have it. */
  deliver(answer: Delivery) {
    const { delayMs } = answer
    if (answer.mishap === 'timeout_after_sale' || answer.mishap === 'timeout_without_sale') {
      this.#delays.in(answer.timeoutMs, () => this.drop())
    } else if (delayMs > 0) {
      this.#delays.in(delayMs, () => this.#give(answer))
    } else {
      this.#give(answer)
    }
  }

  /** The response itself, for an answer too long to be one text. Whoever ends it sets `isGone`. */
  takeOver(): HttpResponse | undefined {
    if (this.isGone) return undefined
    return this.#response
  }

  #give({ mishap, status, type, body }: Delivery) {
    switch (mishap) {
      case undefined:
        return this.send(status, type, body)
      case 'reset':
      case 'reset_after_sale':
        return this.drop()
      case 'http500':
      case 'http500_after_sale':
        return this.send(500, html, page500)
      case 'html':
      case 'html_after_sale':
        return this.send(200, html, pageMaintenance)
      case 'empty':
      case 'empty_after_sale':
        return this.send(200, type, '')
      case 'half_json':
        return this.send(status, type, body.slice(0, body.length >> 1))
      case 'timeout_after_sale':
      case 'timeout_without_sale':
        return
    }
  }
}

type Delivery = {
  readonly mishap: Mishap | undefined
  readonly delayMs: number
  readonly timeoutMs: number
  readonly status: number
  readonly type: string
  readonly body: string
}
