/**
 * The gateway as the page sees it, and nothing behind it: serves this folder under the same strict
 * policy, and says on the socket and at /demo/buy exactly what the test tells it to say.
 */

import uws from 'uWebSockets.js'
import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import type { Signals } from '../../services/contract.ts'

export type Pulse = Signals['live.pulse']
export type Answer = { readonly status: number; readonly body: unknown }
export type Asked = {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const kinds: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

export class StandIn {
  readonly asked: Asked[] = []
  readonly said: string[] = []
  #app = uws.App()
  #sockets = new Set<uws.WebSocket<unknown>>()
  #waiting: (() => void)[] = []
  #shut = false
  #last: Pulse | null = null
  #answer: (asked: Asked) => Promise<Answer> = async () => ({ status: 404, body: null })
  #token: uws.us_listen_socket | false = false

  constructor() {
    this.#app.ws('/ws', {
      upgrade: (res, req, context) => {
        const key = req.getHeader('sec-websocket-key')
        const protocol = req.getHeader('sec-websocket-protocol')
        const extensions = req.getHeader('sec-websocket-extensions')
        let gone = false
        res.onAborted(() => (gone = true))
        const go = () => gone || res.cork(() => res.upgrade({}, key, protocol, extensions, context))
        // A shut door keeps whoever knocks waiting, so that no browser logs an error of its own.
        if (this.#shut) this.#waiting.push(go)
        else go()
      },
      open: ws => void this.#sockets.add(ws),
      close: ws => void this.#sockets.delete(ws),
      message: (ws, message) => {
        this.said.push(Buffer.from(message).toString())
        ws.send(JSON.stringify(this.#last ? { type: 'pulse', data: this.#last } : { type: 'ping' }))
      },
    })
    for (const path of ['/demo/buy', '/api/v1/transactions', '/h2h/v1/transaction']) {
      this.#app.post(path, (res, req) => this.#take(path, res, req))
    }
    this.#app.get('/', res => this.#serve(res, 'index.html'))
    this.#app.get('/ui/:file', (res, req) => this.#serve(res, req.getParameter(0) ?? ''))
  }

  async listen(): Promise<string> {
    this.#token = await new Promise(resolve => this.#app.listen('127.0.0.1', 0, resolve))
    if (this.#token === false) throw new Error('the stand-in found no port to listen on')
    return `http://127.0.0.1:${uws.us_socket_local_port(this.#token)}`
  }

  close() {
    this.#app.close()
  }

  /** How /demo/buy and its kin answer from now on. */
  answers(answer: (asked: Asked) => Promise<Answer>) {
    this.#answer = answer
  }

  pulse(data: Pulse) {
    this.#last = data
    for (const ws of this.#sockets) ws.send(JSON.stringify({ type: 'pulse', data }))
  }

  /** From now on whoever knocks has to wait. */
  bar() {
    this.#shut = true
  }

  cut() {
    this.bar()
    for (const ws of this.#sockets) ws.close()
  }

  mend() {
    this.#shut = false
    for (const go of this.#waiting.splice(0)) go()
  }

  /** As production does for whoever wants to watch. */
  refuse(code: number) {
    for (const ws of this.#sockets) {
      ws.send(JSON.stringify({ type: 'refused', error_code: 'FORBIDDEN' }))
      ws.end(code, 'FORBIDDEN')
    }
  }

  #serve(res: uws.HttpResponse, name: string) {
    const kind = kinds[extname(name)]
    if (kind === undefined || name.includes('/')) {
      res.writeStatus('404 Not Found').end()
      return
    }
    const file = readFileSync(new URL(name, import.meta.url))
    res.writeHeader('content-type', kind).writeHeader('content-security-policy', policy).end(file)
  }

  #take(path: string, res: uws.HttpResponse, req: uws.HttpRequest) {
    const headers: Record<string, string> = {}
    req.forEach((name, value) => {
      headers[name] = value
    })
    let gone = false
    let body = ''
    res.onAborted(() => (gone = true))
    res.onData((chunk, last) => {
      body += Buffer.from(chunk).toString()
      if (!last) return
      const asked = { path, headers, body }
      this.asked.push(asked)
      void this.#answer(asked).then(({ status, body }) => {
        if (gone) return
        res.cork(() =>
          res
            .writeStatus(String(status))
            .writeHeader('content-type', 'application/json')
            .end(JSON.stringify(body)),
        )
      })
    })
  }
}
