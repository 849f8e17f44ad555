/** A client's own server for tests: keeps what it was sent, byte for byte, and answers as told. */

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export type Received = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export type Receiver = {
  readonly url: string
  readonly port: number
  readonly received: Received[]
  /** A status, or whatever one wants to do with the response. */
  answer: (one: Received, response: ServerResponse) => number | undefined
}

export async function receiverAt(t: TestContext): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const { method = '', url: path = '', headers } = request
    const one = { method, path, headers, body: Buffer.concat(parts) }
    received.push(one)
    const status = receiver.answer(one, response)
    if (status === undefined) return
    response.statusCode = status
    response.end(status < 300 ? 'OK' : 'sorry')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    answer: () => 200,
  }
  return receiver
}

export const jsonOf = (one: Received): Record<string, never> & { data: Record<string, unknown> } =>
  JSON.parse(one.body.toString('utf8'))
