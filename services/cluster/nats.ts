/**
 * NATS, as the processes of one installation use it: Moleculer's packets, sealed.
 *
 * NTS1. A NATS that can't be reached or lets nobody in is known before anything hangs on it; the
 *       message names neither address nor password.
 * NTS2. It comes back by itself, however often it goes. While it is away that is known.
 * NTS3. Nothing is on the wire in plain text, and what is not from one of us is not read.
 */

import { deserialize, serialize } from 'node:v8'
import { Serializers, Transporters } from 'moleculer'
import { type ConnectionOptions, connect, type NatsConnection } from 'nats'
import type { Packets } from '../wire/packets.ts'

export class NatsUnreachable extends Error {
  override readonly name = 'NatsUnreachable'
}

const connectMs = 5_000

/** `nats://user:password@host:4222` or `tls://`, several with commas between; a token stands alone. */
export function natsOptions(urls: string): ConnectionOptions {
  const all = urls.split(',').map(text => new URL(text.trim()))
  const [first] = all as [URL, ...URL[]]
  const user = decodeURIComponent(first.username)
  const pass = decodeURIComponent(first.password)
  return {
    servers: all.map(({ host }) => host),
    ...(user === '' ? {} : pass === '' ? { token: user } : { user, pass }),
    ...(all.some(({ protocol }) => protocol === 'tls:') ? { tls: {} } : {}),
    ...{ timeout: connectMs, reconnectTimeWait: 500, maxReconnectAttempts: -1 },
    // A password that is changed there is changed here by a new start; till then it is asked again.
    ...{ pingInterval: 5_000, maxPingOut: 2, ignoreAuthErrorAbort: true },
  }
}

/** Rejects with NatsUnreachable. */
export async function probe(options: ConnectionOptions): Promise<void> {
  try {
    const client = await connect({ ...options, reconnect: false })
    await client.close()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new NatsUnreachable(code ?? message.slice(0, 100))
  }
}

/** Moleculer's own, and whether it carries. */
export class NatsTransporter extends Transporters.NATS {
  isUp = false
  /** What was said from here on may not have arrived. */
  onDown = (): void => {}

  override async connect(): Promise<void> {
    await super.connect()
    this.isUp = true
    void this.#watch(this.client)
  }

  async #watch(client: NatsConnection): Promise<void> {
    for await (const { type } of client.status()) {
      if (type === 'disconnect') this.#fall()
      if (type === 'reconnect') this.isUp = true
    }
    this.#fall()
  }

  #fall(): void {
    this.isUp = false
    this.onDown()
  }
}

/** What is said keeps its types: numbers, bytes, and fields that are there but undefined. */
export class SealedSerializer extends Serializers.Base {
  readonly #packets: Packets

  constructor(packets: Packets) {
    super()
    this.#packets = packets
  }

  override serialize(payload: Record<string, unknown>, type = ''): Buffer {
    return this.#packets.seal(type, serialize(payload))
  }

  override deserialize(packet: Buffer, type = ''): unknown {
    const opened = this.#packets.open(type, packet)
    if (opened === null) throw new Error('not from one of us')
    return deserialize(opened.bytes)
  }
}
