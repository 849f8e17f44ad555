/**
 * What lies behind the broker, as functions: whoever puts the program together hands them over. The
 * broker decides nothing about a box; it says what it saw, and asks who may come in.
 */

import type { Millis } from '../services/contract/words.ts'
import type { Reason } from './limits.ts'

export type Transport = 'tcp' | 'tls' | 'ws'

export type LoginAsked = {
  /** MQTT's user name: a device id, or the serial number of firmware that knows no other. */
  readonly name: string
  readonly secret: string
  readonly address: string
}

export type LoginAnswer =
  | {
      readonly ok: {
        readonly deviceId: string
        readonly generation: number
        /** The name of a file in `adapters/`. */
        readonly adapter: string
        /** What the adapter's topics may name, like the serial number. */
        readonly names?: Readonly<Record<string, string>>
      }
    }
  | { readonly refused: 'credential' | 'blocked' }

/** One connection of a box. A newer one has another session. */
export type Presence = {
  readonly deviceId: string
  readonly session: string
  readonly at: Millis
}

/** By which road, and by which of its secrets, a box came in. */
export type Arrived = {
  readonly transport: Transport
  readonly address: string
  readonly generation: number
}

/** What reaches a box: there is a word for it in its firmware, and it has subscribed there. */
export type Listening = Presence & { readonly hears: readonly DownlinkKind[] }

export type Gone = Presence & {
  /** left: with a DISCONNECT. lost: without. The others are ours. */
  readonly why: 'left' | 'lost' | 'silent' | 'replaced' | 'refused' | 'closed'
}

export const uplinkKinds = [
  'heartbeat',
  'ack',
  'config/ack',
  'command/ack',
  'dynamic-qr/request',
] as const
export type UplinkKind = (typeof uplinkKinds)[number]

export const downlinkKinds = [
  'payment',
  'summary',
  'config',
  'command',
  'dynamic-qr/response',
] as const
export type DownlinkKind = (typeof downlinkKinds)[number]

export type Uplink = Presence & {
  readonly topic: UplinkKind
  /** JSON as our own boxes would have sent it. */
  readonly payload: unknown
  /** Said by the broker in the name of a box that was lost. */
  readonly will: boolean
}

/** `unanswered`: no receipt; at QoS 0 none comes, and its bytes are on the socket. */
export type Delivered = Presence & { readonly tag: string; readonly unanswered?: true }

export type Door = {
  login(asked: LoginAsked): Promise<LoginAnswer>
  connected(box: Presence & Arrived): void
  /** It has subscribed: what waits for it can be published now. Again when that changes. */
  listening(box: Listening): void
  gone(box: Gone): void
  /** The box hears that its message arrived (PUBACK) when this is done. */
  uplink(message: Uplink): Promise<void> | void
  /** MQTT's own receipt for what was published under this tag. */
  delivered(receipt: Delivered): void
  /** A box that is logged in tried what it may not. */
  refused(trespass: Presence & { readonly reason: Reason; readonly topic: string }): void
}
