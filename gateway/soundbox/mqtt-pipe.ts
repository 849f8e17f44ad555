/**
 * MQTT over the gateway's own port: a WebSocket at /mqtt whose bytes go to the broker as they are,
 * and back, so that a page that plays a soundbox needs one port only. Nothing is read here; who may
 * say what is the broker's to tell.
 *
 * BRP1. Whoever speaks no MQTT over it is not let in; text frames end it.
 * BRP2. A page that does not read is not read for: the broker waits. A page that says more than the
 *       broker takes is let go.
 * BRP3. Pipes are bounded, in all and per address. When one end goes, so does the other.
 * BRP4. The broker is told from which address a page comes: what it counts per address, such as
 *       failed logins, is counted for the page and not for this machine.
 */

import type { us_socket_context_t, WebSocket, WebSocketBehavior } from 'uWebSockets.js'
import type { Duplex } from 'node:stream'
import { addressOf, neighbourhood } from '../address.ts'
import type { Visit } from '../answer.ts'
import type { Edge } from '../edge.ts'

type PipeLimits = {
  readonly pipesMax: number
  readonly pipesPerAddressMax: number
  readonly bufferBytesMax: number
}

const usualLimits: PipeLimits = {
  pipesMax: 2_000,
  pipesPerAddressMax: 200,
  bufferBytesMax: 64 * 1024,
}

/** A stream of bytes to the broker, in the name of whoever is at this address. */
export type EnterMqtt = (address: string) => Duplex

type Pipe = { readonly address: string; readonly from: string; broker: Duplex | null }

const goingAway = 1001
const wrongData = 1003
const tooMuch = 1009

export class MqttPipes {
  readonly #edge: Edge
  readonly #enter: EnterMqtt
  readonly #limits: PipeLimits
  readonly #open = new Set<WebSocket<Pipe>>()
  readonly #perAddress = new Map<string, number>()

  constructor(edge: Edge, enter: EnterMqtt, limits: Partial<PipeLimits> = {}) {
    this.#edge = edge
    this.#enter = enter
    this.#limits = { ...usualLimits, ...limits }
  }

  get pipes(): number {
    return this.#open.size
  }

  upgrade(
    visit: Visit,
    keys: { key: string; protocol: string; extensions: string; context: us_socket_context_t },
  ) {
    const { pipesMax, pipesPerAddressMax } = this.#limits
    const isMqtt = keys.protocol.split(',').some(one => one.trim() === 'mqtt')
    if (!isMqtt) return visit.refuse('VALIDATION_FAILED')
    if (this.#edge.stopping) return visit.refuse('STOPPING')
    const address = addressOf(visit.res, visit.forwarded, this.#edge.proxies)
    const from = neighbourhood(address)
    const isFull = (this.#perAddress.get(from) ?? 0) >= pipesPerAddressMax
    if (this.#open.size >= pipesMax || isFull) return visit.refuse('OVERLOADED')
    visit.over = true
    const pipe: Pipe = { address, from, broker: null }
    visit.res.upgrade(pipe, keys.key, 'mqtt', keys.extensions, keys.context)
  }

  behavior(): Omit<WebSocketBehavior<Pipe>, 'upgrade'> {
    const { bufferBytesMax } = this.#limits
    return {
      maxPayloadLength: bufferBytesMax,
      // The keep-alive of MQTT is the broker's to watch; this is for sockets that are dead.
      idleTimeout: 120,
      sendPingsAutomatically: true,
      maxBackpressure: bufferBytesMax * 4,
      open: ws => this.#begin(ws),
      message: (ws, bytes, isBinary) => this.#say(ws, bytes, isBinary),
      drain: ws => {
        if (ws.getBufferedAmount() <= bufferBytesMax) ws.getUserData().broker?.resume()
      },
      close: ws => this.#end(ws),
    }
  }

  close() {
    for (const ws of [...this.#open]) ws.end(goingAway)
  }

  #begin(ws: WebSocket<Pipe>) {
    const pipe = ws.getUserData()
    this.#open.add(ws)
    this.#perAddress.set(pipe.from, (this.#perAddress.get(pipe.from) ?? 0) + 1)
    const broker = this.#enter(pipe.address)
    pipe.broker = broker
    broker.on('data', bytes => {
      if (pipe.broker === null) return
      ws.send(bytes, true)
      if (ws.getBufferedAmount() > this.#limits.bufferBytesMax) broker.pause()
    })
    broker.on('error', () => {})
    broker.on('close', () => {
      if (pipe.broker !== null) ws.end(goingAway)
    })
  }

  #say(ws: WebSocket<Pipe>, bytes: ArrayBuffer, isBinary: boolean) {
    const { broker } = ws.getUserData()
    if (broker === null) return
    if (!isBinary) return void ws.end(wrongData)
    if (broker.writableLength > this.#limits.bufferBytesMax) return void ws.end(tooMuch)
    // The bytes are theirs again when this returns.
    broker.write(new Uint8Array(bytes.slice(0)))
  }

  #end(ws: WebSocket<Pipe>) {
    const pipe = ws.getUserData()
    pipe.broker?.destroy()
    pipe.broker = null
    this.#open.delete(ws)
    const left = (this.#perAddress.get(pipe.from) ?? 1) - 1
    if (left === 0) this.#perAddress.delete(pipe.from)
    else this.#perAddress.set(pipe.from, left)
  }
}
