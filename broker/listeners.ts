/**
 * The roads by which connections come: plain TCP, TLS, WebSocket. Each ends in a stream of bytes,
 * an address and the name of its road.
 *
 * BRN1. A port that is taken is an error at the start; trouble of a listener afterwards is told,
 *       and ends nothing.
 * BRN2. A handshake that takes too long, or is none, costs its own connection.
 */

import { createServer as createHttpServer } from 'node:http'
import { createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTlsServer } from 'node:tls'
import { createWebSocketStream, WebSocketServer } from 'ws'
import type { Transport } from './door.ts'
import type { Limits } from './limits.ts'

export type Roads = {
  /** Ports; 0 takes a free one, null opens none. */
  readonly tcp: number | null
  readonly tls?: { readonly port: number; readonly cert: Buffer; readonly key: Buffer } | null
  readonly ws?: number | null
  /** Where to listen; everywhere when absent. */
  readonly host?: string
}

export type Ports = Readonly<Record<Transport, number | null>>

type Arrive = (socket: Duplex, transport: Transport, address: string) => void
type Server = {
  on(event: 'error', listener: (cause: NodeJS.ErrnoException) => void): unknown
  listen(options: object, listening: () => void): unknown
  address(): unknown
  close(done: () => void): unknown
}

export class MqttPortTaken extends Error {
  override readonly name = 'MqttPortTaken'
  readonly port: number

  constructor(port: number) {
    super(`port ${port} is taken`)
    this.port = port
  }
}

export class Listeners {
  readonly #limits: Limits
  readonly #arrive: Arrive
  readonly #onFault: (cause: unknown) => void
  readonly #servers: Server[] = []

  constructor(deps: { limits: Limits; arrive: Arrive; onFault: (cause: unknown) => void }) {
    this.#limits = deps.limits
    this.#arrive = deps.arrive
    this.#onFault = deps.onFault
  }

  async open({ tcp, tls, ws, host }: Roads): Promise<Ports> {
    return {
      tcp: tcp === null ? null : await this.#bind(this.#tcp(), tcp, host),
      tls: tls ? await this.#bind(this.#tls(tls), tls.port, host) : null,
      ws: ws === undefined || ws === null ? null : await this.#bind(this.#ws(), ws, host),
    }
  }

  /** Takes no more; done when those that came are gone. */
  async close(): Promise<void> {
    await Promise.all(this.#servers.map(one => new Promise<void>(done => one.close(done))))
  }

  #tcp(): Server {
    return createServer({ noDelay: true }, socket => this.#arrive(socket, 'tcp', addressOf(socket)))
  }

  #tls({ cert, key }: { readonly cert: Buffer; readonly key: Buffer }): Server {
    const handshakeTimeout = this.#limits.connectMs
    const safe = { cert, key, minVersion: 'TLSv1.2', handshakeTimeout, noDelay: true } as const
    const server = createTlsServer(safe, socket => this.#arrive(socket, 'tls', addressOf(socket)))
    server.maxConnections = this.#limits.connectionsMax
    server.on('tlsClientError', (_, socket) => socket.destroy())
    return server
  }

  #ws(): Server {
    const server = createHttpServer((_, response) => response.writeHead(426).end())
    server.maxConnections = this.#limits.connectionsMax
    server.headersTimeout = this.#limits.connectMs
    const upgraded = new WebSocketServer({
      server,
      maxPayload: this.#limits.packetBytesMax * 8,
      perMessageDeflate: false,
      handleProtocols: asked => (asked.has('mqtt') ? 'mqtt' : false),
    })
    upgraded.on('connection', (socket, request) =>
      this.#arrive(createWebSocketStream(socket), 'ws', addressOf(request.socket)),
    )
    // What the server below has to say, it says itself.
    upgraded.on('error', () => {})
    return server
  }

  #bind(server: Server, port: number, host: string | undefined): Promise<number> {
    return new Promise((resolve, reject) => {
      server.on('error', cause => {
        if (this.#servers.includes(server)) this.#onFault(cause)
        else reject(cause.code === 'EADDRINUSE' ? new MqttPortTaken(port) : cause)
      })
      server.listen({ port, ...(host === undefined ? {} : { host }), backlog: 4_096 }, () => {
        this.#servers.push(server)
        resolve((server.address() as { port: number }).port)
      })
    })
  }
}

function addressOf({ remoteAddress = '' }: Pick<Socket, 'remoteAddress'>): string {
  return remoteAddress.replace(/^::ffff:/, '')
}
