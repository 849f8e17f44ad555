/**
 * For tests: the services behind the broker, scripted. They stand at the seam `Door`; the broker in
 * front of them is real, and so are the sockets and the clients.
 */

import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { Mqtt, type MqttOptions } from './broker.ts'
import type { Delivered, Door, Gone, Listening, LoginAnswer, Presence, Uplink } from './door.ts'

export const secret = 'a secret of a test'

/** A device id made of a small number. */
export const boxId = (n: number): string =>
  `0193a7c2-4d1e-70a1-9f3c-${n.toString(16).padStart(12, '0')}`

export class BrokerStage {
  readonly connected: (Presence & { transport: string })[] = []
  readonly listening: Listening[] = []
  readonly gone: Gone[] = []
  readonly uplinks: Uplink[] = []
  readonly delivered: Delivered[] = []
  readonly refused: (Presence & { reason: string; topic: string })[] = []
  /** Whoever knows the secret is let in, unless a test says otherwise. */
  login: Door['login'] = async ({ name, secret: given }) => answerTo(name, given)
  take: (uplink: Uplink) => Promise<void> | void = () => undefined
  #mqtt: Mqtt | null = null
  readonly #clients: MqttClient[] = []

  static async open(options: Partial<MqttOptions> = {}): Promise<BrokerStage> {
    const stage = new BrokerStage()
    await stage.listen(options)
    return stage
  }

  async listen(options: Partial<MqttOptions> = {}): Promise<void> {
    this.#mqtt = await Mqtt.open({ tcp: 0, host: '127.0.0.1', door: this.door, ...options })
  }

  get mqtt(): Mqtt {
    return this.#mqtt!
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.mqtt.ports.tcp}`
  }

  /** A client of mqtt.js that does not come back by itself, before it is connected. */
  client(n: number, options: IClientOptions & { url?: string } = {}): MqttClient {
    const { url = this.url, ...rest } = options
    const client = mqtt.connect(url, {
      ...{ clientId: boxId(n), username: boxId(n), password: secret },
      ...{ reconnectPeriod: 0, connectTimeout: 30_000, ...rest },
    })
    client.on('error', () => {})
    this.#clients.push(client)
    return client
  }

  /** A box that is connected and listens to all that is its own. */
  async box(n: number, options: IClientOptions & { url?: string } = {}): Promise<MqttClient> {
    const client = this.client(n, options)
    await connectedOf(client)
    await client.subscribeAsync(`devices/${boxId(n)}/downlink/#`, { qos: 1 })
    return client
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.end(true)
    await this.#mqtt?.close()
  }

  readonly door: Door = {
    login: asked => this.login(asked),
    connected: box => void this.connected.push(box),
    listening: box => void this.listening.push(box),
    gone: box => void this.gone.push(box),
    uplink: message => {
      this.uplinks.push(message)
      return this.take(message)
    },
    delivered: receipt => void this.delivered.push(receipt),
    refused: trespass => void this.refused.push(trespass),
  }
}

export function answerTo(name: string, given: string, adapter = 'laju'): LoginAnswer {
  if (given !== secret) return { refused: 'credential' }
  return { ok: { deviceId: name, generation: 1, adapter } }
}

/** The broker's answer to CONNECT: ok, or the words of mqtt.js about the refusal. */
export function connectedOf(client: MqttClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve())
    client.once('error', reject)
    client.once('close', () => reject(new Error('closed')))
  })
}

export function closedOf(client: MqttClient): Promise<void> {
  return new Promise(resolve => {
    if (!client.connected && client.disconnected) return resolve()
    client.once('close', () => resolve())
  })
}

export async function until(holds: () => boolean, what = 'condition'): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not within a minute: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
