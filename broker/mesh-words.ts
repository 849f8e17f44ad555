/**
 * What brokers of a mesh say to each other over the wire, and in which envelopes (mesh.ts).
 *
 *   every broker ─beat─▶ all · broker ─up─▶ head · head ─down─▶ broker · head ─again─▶ broker
 */

import type {
  Delivered,
  DownlinkKind,
  Gone,
  Listening,
  LoginAnswer,
  LoginAsked,
  Uplink,
} from './door.ts'
import type { Guest } from './whereabouts.ts'

export type Payload = Readonly<Record<string, unknown>>

/** What a broker tells the head. */
export type Up =
  | { readonly t: 'box'; readonly box: Guest; readonly isNew: boolean }
  | { readonly t: 'all_told' }
  | { readonly t: 'listening'; readonly box: Listening }
  | { readonly t: 'gone'; readonly box: Gone }
  | { readonly t: 'beat'; readonly said: Uplink }
  | { readonly t: 'delivered'; readonly receipt: Delivered }
  | { readonly t: 'trespass'; readonly deviceId: string }
  | (Asked & { readonly n: number })

/** What wants an answer. */
export type Asked =
  | { readonly t: 'login'; readonly asked: LoginAsked }
  | { readonly t: 'uplink'; readonly said: Uplink }

/** What the head tells a broker. */
export type Down =
  | {
      readonly t: 'say'
      readonly deviceId: string
      readonly session: string
      readonly kind: DownlinkKind
      readonly payload: Payload
      readonly tag: string | null
    }
  | {
      readonly t: 'end'
      readonly deviceId: string
      readonly session: string
      readonly why: Gone['why']
    }
  | { readonly t: 'done'; readonly n: number; readonly answer: LoginAnswer | null }
  | { readonly t: 'failed'; readonly n: number; readonly why: string }

export type Packet =
  | {
      readonly k: 'beat'
      /** What its sender claims, whom it follows, and the last number that it told him. */
      readonly epoch: number | null
      readonly follows: number | null
      readonly seq: number
      readonly leaves: boolean
    }
  | {
      readonly k: 'up'
      readonly epoch: number
      readonly seq: number
      /** The first of an announcement: numbers begin anew. */
      readonly isFirst: boolean
      readonly words: readonly Up[]
    }
  | { readonly k: 'down'; readonly epoch: number; readonly words: readonly Down[] }
  /** The head misses something. */
  | { readonly k: 'again'; readonly epoch: number }
