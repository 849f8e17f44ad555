/**
 * What the broker refuses to hold more of, and the reasons it gives. Reaching a limit costs the one
 * who reached it, and nobody beside him.
 *
 * BRL1. A bucket may hold a burst, and fills again at its rate; a clock that went back gives
 *       nothing.
 * BRL2. Buckets of many keys are bounded in number; the one longest unused is forgotten first.
 */

import type { Millis } from '../services/contract/words.ts'
import { keepLatest } from '../services/wire/latest.ts'

export type Limits = {
  /** Sockets of all listeners together, proven or not. */
  readonly connectionsMax: number
  /** Of one address. Generous: hundreds of boxes may stand behind one. */
  readonly arrivalsPerMin: number
  /** Failed logins under one name from one address: a broken box locks nobody else out. */
  readonly failuresPerMin: number
  /** Under one name with the right secret: who comes in more often is to come later. */
  readonly connectsPerMin: number
  /** Logins that are with the services at once; the others wait for them. */
  readonly loginsMax: number
  readonly loginMs: Millis
  /** From the first byte to CONNECT; of a TLS handshake as well. */
  readonly connectMs: Millis
  readonly payloadBytesMax: number
  /** Of any packet, CONNECT with its will among them. */
  readonly packetBytesMax: number
  readonly publishesPerMin: number
  readonly publishesBurst: number
  readonly packetsPerMin: number
  readonly packetsBurst: number
  /** Silence longer than one and a half of this ends a connection, whatever it asked for. */
  readonly keepAliveSMax: number
  readonly keepAliveSMin: number
  readonly filtersMax: number
  /** Refusals on one connection before it ends. */
  readonly trespassesMax: number
  /** Messages to one box that it has not acknowledged to MQTT. */
  readonly inFlightMax: number
  /** Older ones are not waited for: whoever published them asks again. */
  readonly ackMs: Millis
  readonly bufferBytesMax: number
  /** How long the services may take over a message before its sender is asked to repeat it. */
  readonly uplinkMs: Millis
  /** Sessions that are remembered while their box is away. */
  readonly sessionsMax: number
}

export const defaultLimits: Limits = {
  connectionsMax: 20_000,
  arrivalsPerMin: 60_000,
  failuresPerMin: 30,
  connectsPerMin: 120,
  loginsMax: 256,
  loginMs: 10_000,
  connectMs: 10_000,
  payloadBytesMax: 8 * 1024,
  packetBytesMax: 9 * 1024,
  publishesPerMin: 600,
  publishesBurst: 500,
  packetsPerMin: 6_000,
  packetsBurst: 3_000,
  keepAliveSMax: 600,
  keepAliveSMin: 5,
  filtersMax: 16,
  trespassesMax: 20,
  inFlightMax: 250,
  ackMs: 60_000,
  bufferBytesMax: 256 * 1024,
  uplinkMs: 15_000,
  sessionsMax: 50_000,
}

/** Why a stranger or a box was turned away; the label of a metric, so there are few. */
export const reasons = [
  'connections',
  'arrivals',
  'failures',
  'connects',
  'not_mqtt',
  'packet_size',
  'flood',
  'client_id',
  'credential',
  'blocked',
  'unavailable',
  'will',
  'publish_topic',
  'publish_retained',
  'payload_size',
  'unreadable',
  'subscribe',
  'timeout',
] as const
export type Reason = (typeof reasons)[number]

export class Bucket {
  #tokens: number
  #at: Millis

  constructor(burst: number, now: Millis) {
    this.#tokens = burst
    this.#at = now
  }

  /** Takes a token, if there is one. The size is given each time, so that no bucket keeps it. */
  take(perMin: number, burst: number, now: Millis): boolean {
    if (!this.has(perMin, burst, now)) return false
    this.#tokens--
    return true
  }

  has(perMin: number, burst: number, now: Millis): boolean {
    const elapsed = Math.max(0, now - this.#at)
    this.#tokens = Math.min(burst, this.#tokens + (elapsed * perMin) / 60_000)
    this.#at = now
    return this.#tokens >= 1
  }
}

/** One bucket per key, each of a minute's worth. */
export class Buckets {
  readonly #buckets = new Map<string, Bucket>()
  readonly #perMin: number
  readonly #max: number

  constructor(perMin: number, max = 20_000) {
    this.#perMin = perMin
    this.#max = max
  }

  get size(): number {
    return this.#buckets.size
  }

  isEmpty(key: string, now: Millis): boolean {
    const bucket = this.#buckets.get(key)
    return bucket !== undefined && !bucket.has(this.#perMin, this.#perMin, now)
  }

  take(key: string, now: Millis): boolean {
    const bucket = this.#buckets.get(key) ?? new Bucket(this.#perMin, now)
    keepLatest(this.#buckets, key, bucket, this.#max)
    return bucket.take(this.#perMin, this.#perMin, now)
  }
}
