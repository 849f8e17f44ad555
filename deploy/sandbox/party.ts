/**
 * What the frame and a party promise each other. A party is one file: it declares its routes below
 * its own name and its book, faults and clock; the frame mounts it, reads bodies, and gives the
 * oracle its handles. A new party is that file and one line in `parties.ts`.
 */

import { z } from 'zod/v4'
import type { Agenda } from './agenda.ts'
import type { PartyClock } from './clock.ts'
import type { FaultBox } from './faults.ts'
import type { Reply } from './reply.ts'
import type { SaleBook } from './sales.ts'
import type { Webhooks } from './webhook.ts'

export type Call = {
  readonly method: string
  readonly query: string
  /** What stood in the place of each `:name` of the path, in order. */
  readonly parameters: readonly string[]
  /** Only those that the route asked for; lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type Route = {
  readonly method: 'get' | 'post'
  /** Below the mount, such as `/v1/cek-saldo`. */
  readonly path: string
  readonly headers?: readonly string[]
  readonly handle: (call: Call, reply: Reply) => void
}

/** What an account at a party is opened with; a party that knows more extends it. */
export const accountSchema = z.strictObject({
  party: z.string().optional(),
  username: z.string().min(1).max(100),
  api_key: z.string().min(1).max(200),
  webhook_url: z.string().max(2000).nullish(),
  balance: z.int().min(0).optional(),
})

export type AccountView = {
  readonly party: string
  readonly username: string
  readonly balance: number
  readonly webhook_url: string | null
}

export type Message = {
  readonly party: string
  readonly to: string
  readonly text: string
  readonly at: string
}

/** A sentence for whoever asked, or what came of it. */
export type Answer<T> = { readonly wrong: string } | { readonly ok: T }

export type Party = {
  readonly name: string
  readonly kind: string
  /** One sentence for the front page. */
  readonly about: string
  readonly routes: readonly Route[]
  readonly clock: PartyClock
  readonly faults: FaultBox
  readonly sales: SaleBook
  accounts(): readonly AccountView[]
  /** Opens or changes an account with what `POST /_sandbox/accounts` brought. */
  openAccount(wish: unknown): Answer<AccountView>
  /** Forgets sales, faults and clock; with `accounts`, the accounts too. */
  reset(options: { readonly accounts: boolean }): void
  messages?(): readonly Message[]
  /** Lets go of what it opened beside the routes. */
  close?(): Promise<void>
  /** Delivers an SMS to a rented number. */
  otp?(wish: unknown): Answer<unknown>
  /** Is an SMS that names no party meant for this one? */
  takesOtp?(wish: Readonly<Record<string, unknown>>): boolean
  /** Rented numbers that are open, newest first: for who plays the sender. */
  numbers?(): readonly object[]
  /** Pays a QR, a virtual account, a bank ticket. */
  pay?(wish: unknown): Answer<unknown>
  /** Is a payment that names no party meant for this one? */
  takesPay?(wish: Readonly<Record<string, unknown>>): boolean
  /** Payments that were made here, oldest first; the truth, whatever was told about them. */
  payments?(options: {
    readonly after: number
    readonly limit: number
    readonly reference: string | null
  }): readonly object[]
}

/** What the frame lends to every party. */
export type World = {
  /** Real time, for latencies. A party's promises go to its own clock's agenda. */
  readonly delays: Agenda
  readonly webhooks: Webhooks
}

export type PartyKind = {
  readonly kind: string
  /** Independent instances, each with its own sales, balance, faults and prices. */
  readonly instances: readonly string[]
  /** The instance that is also served at the root, for clients that cannot set a path. */
  readonly atRoot?: string
  open(name: string, world: World): Party
}
