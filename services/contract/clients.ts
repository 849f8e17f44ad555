/** Clients and the orders of all of them, as the house sees them. */

import type { Answer } from './answer.ts'
import type { ClientCard, Role } from './identity.ts'
import type { OrderRow, OrderStatus, OrderView } from './order-view.ts'
import type { WalletActions } from './wallet.ts'
import type { Millis, Rupiah } from './words.ts'

/** A client as the house sees him. */
export type ManagedClient = ClientCard & {
  readonly memberId: string | null
  /** Username of who stands above. */
  readonly upline: string | null
  readonly ipAllow: readonly string[]
  readonly ratePerMin: number
  /** Null: twice as many as orders. */
  readonly readPerMin: number | null
  readonly version: number
  readonly createdAt: Millis
}

export type ClientFileView = {
  readonly client: ManagedClient
  readonly money: {
    readonly balance: Rupiah
    readonly held: Rupiah
    readonly available: Rupiah
    readonly creditLimit: Rupiah
    readonly creditUsed: Rupiah
  }
  /** How the key of the Digiflazz dialect ends. */
  readonly apiKeyHint: string | null
  readonly keys: readonly {
    readonly id: string
    readonly active: boolean
    readonly ipAllow: readonly string[]
    readonly ratePerMin: number
    readonly readPerMin: number | null
    readonly createdAt: Millis
  }[]
}

/** An order as staff finds it among all clients' orders. */
export type FoundOrder = OrderRow & {
  readonly userId: string
  readonly username: string | null
  readonly cost: Rupiah | null
  readonly supplier: string | null
  readonly attention: string | null
}

/** An order with what only the house sees. */
export type OrderFile = {
  readonly order: OrderView
  readonly username: string | null
  /** What was sent to the supplier, made again; null where that can't be done. */
  readonly requests: readonly {
    readonly n: number
    readonly request: {
      readonly method: string
      readonly path: string
      readonly headers: Readonly<Record<string, string>>
      readonly body: string | null
    } | null
  }[]
}

export type ClientAdminActions = {
  'clients.list': {
    params: {
      q?: string
      status?: ClientCard['status']
      level?: number
      role?: Role
      cursor?: string
      limit: number
    }
    result: Answer<{ readonly rows: readonly ManagedClient[]; readonly next: string | null }>
  }
  'clients.get': { params: { username: string }; result: Answer<ClientFileView> }
  /** Whatever lets him in is told once. */
  'clients.create': {
    params: {
      by: string
      name: string
      level: number
      role: Role
      upline?: string
      ratePerMin: number
      readPerMin?: number | null
      ipAllow: readonly string[]
    }
    result: Answer<{
      readonly userId: string
      readonly username: string
      readonly memberId: string
      readonly apiKey: string
      readonly hmacKey: string
      readonly hmacSecret: string
      readonly pin: string
      readonly password: string
    }>
  }
  'clients.change': {
    params: {
      username: string
      version: number
      by: string
      name?: string
      level?: number
      ratePerMin?: number
      readPerMin?: number | null
      ipAllow?: readonly string[]
    }
    result: Answer<ManagedClient>
  }
  'clients.status': {
    params: { username: string; status: ClientCard['status']; reason: string; by: string }
    result: Answer<ManagedClient>
  }
  /** A suspension; `until` null: for as long as nobody lifts it. The `reason` is told to him. */
  'clients.ban': {
    params: { userId: string; reason: string; until: Millis | null; by: string }
    result: Answer<ManagedClient>
  }
  'clients.unban': {
    params: { userId: string; reason: string; by: string }
    result: Answer<ManagedClient>
  }
  'clients.history': {
    params: { username: string; before?: number; limit: number }
    result: Answer<{
      readonly rows: readonly {
        readonly id: number
        readonly what: string
        readonly reason: string
        readonly fields: Readonly<Record<string, unknown>>
        readonly by: string
        readonly at: Millis
      }[]
      readonly next: number | null
    }>
  }
  'clients.mutations': {
    params: { username: string; cursor?: string; limit: number; from?: Millis; to?: Millis }
    result: WalletActions['wallet.mutations']['result']
  }
  /** At least a client, a destination or a time to begin at; a page may be short or empty. */
  'finding.orders': {
    params: {
      client?: string
      destination?: string
      ref?: string
      status?: OrderStatus
      supplier?: string
      product?: string
      from?: Millis
      to?: Millis
      cursor?: string
      limit: number
    }
    result: Answer<{ readonly rows: readonly FoundOrder[]; readonly next: string | null }>
  }
  'finding.order': { params: { trxId: string }; result: Answer<OrderFile> }
}
