/**
 * What may be asked of the services, and what they answer: one row per Moleculer action. The edges
 * (gateway, broker, command line) import nothing of ours but this file, and it holds types only.
 *
 * Money is whole rupiah in safe integers; times are unix milliseconds; ids are UUIDv7 strings.
 */

export type Rupiah = number
export type Millis = number

/** What an order did to the wallet, true at the moment of answering. */
export type MoneyEffect = 'none' | 'held' | 'charged' | 'refunded'

export type OrderStatus = 'PENDING' | 'PROCESSING' | 'SUCCESS' | 'FAILED' | 'REFUND'

/** Why a request was not done. Stable for ever; the gateway owns the sentence for each. */
export type RefusalCode =
  | 'INSUFFICIENT_BALANCE'
  | 'DUPLICATE_REF'
  | 'TWIN_ORDER'
  | 'PRODUCT_UNKNOWN'
  | 'PRODUCT_CLOSED'
  | 'PRODUCT_UNSUPPLIED'
  | 'PRICE_ABOVE_MAX'
  | 'DESTINATION_INVALID'
  | 'PREFIX_MISMATCH'
  | 'CLIENT_SUSPENDED'
  | 'NOT_FOUND'
  | 'ORDER_FINAL'
  | 'ORDER_BUSY'
  | 'DISPUTE_ABSENT'
  | 'AMOUNT_INVALID'
  | 'TIME_INVALID'

/** The world's fault, not the asker's: ask again later, with the same reference. */
export type FaultCode = 'OVERLOADED' | 'JOURNAL_UNAVAILABLE' | 'NOT_THE_OWNER' | 'STOPPING'

export type Refused = {
  readonly refused: RefusalCode
  /** The order that a DUPLICATE_REF or TWIN_ORDER collides with, when there is one. */
  readonly order?: OrderBrief
  readonly details?: Readonly<Record<string, unknown>>
  readonly moneyEffect: MoneyEffect
}

export type Faulted = {
  readonly fault: FaultCode
  readonly retryAfterMs: Millis
  /** Absent when nobody can know yet: repeat with the same reference to learn it. */
  readonly moneyEffect?: MoneyEffect
}

export type Answer<T> = { readonly ok: T } | Refused | Faulted

export type AttemptView = {
  readonly n: number
  readonly supplier: string
  readonly sku: string
  readonly ref: string
  readonly cost: Rupiah
  readonly outcome: 'started' | 'pending' | 'unknown' | 'success' | 'failed'
  readonly code: string | null
  readonly message: string | null
  readonly startedAt: Millis
  readonly answeredAt: Millis | null
  readonly latencyMs: Millis | null
  /** The counterpart's own words, bounded, secrets removed. */
  readonly reply: string | null
}

export type OrderView = {
  readonly trxId: string
  readonly userId: string
  readonly ref: string
  readonly product: string
  readonly destination: string
  readonly price: Rupiah
  readonly status: OrderStatus
  readonly sn: string | null
  /** Stable code of why it failed or waits for a person; null when nothing is wrong. */
  readonly failure: string | null
  readonly disputed: boolean
  readonly moneyEffect: MoneyEffect
  readonly attempts: readonly AttemptView[]
  readonly timeline: readonly {
    readonly at: Millis
    readonly what: string
    readonly note?: string
  }[]
  /** What happens next by itself, and when; null once the order is at rest. */
  readonly next: { readonly what: string; readonly at: Millis | null } | null
  readonly createdAt: Millis
  readonly updatedAt: Millis
}

/** What an answer to a new order needs; the whole story is for who asks for it. */
export type OrderBrief = Omit<OrderView, 'timeline' | 'next'>

export type PlaceParams = {
  readonly userId: string
  readonly level: number
  readonly ref: string
  readonly product: string
  readonly destination: string
  readonly maxPrice?: Rupiah
  readonly callbackUrl?: string
}

export type Placed = {
  readonly order: OrderBrief
  readonly balance: Rupiah
  /** True when this reference was placed before and nothing was charged again. */
  readonly repeated: boolean
}

export type MutationRow = {
  readonly id: string
  readonly direction: 'in' | 'out'
  readonly amount: Rupiah
  readonly balanceBefore: Rupiah
  readonly balanceAfter: Rupiah
  readonly kind: 'order' | 'release' | 'refund' | 'deposit' | 'transfer'
  readonly detail: string
  readonly referenceId: string
  readonly createdAt: Millis
}

export type ProductRow = {
  readonly code: string
  readonly name: string
  readonly category: string
  readonly brand: string
  readonly type: 'prepaid' | 'postpaid'
  readonly price: Rupiah
  readonly open: boolean
  readonly multi: boolean
  readonly cutOffStart: string
  readonly cutOffEnd: string
}

/** Who somebody is to the house; all but `reseller` are staff. */
export type Role = 'reseller' | 'admin' | 'finance' | 'support'

export type ClientCard = {
  readonly userId: string
  readonly username: string
  readonly name: string
  readonly level: number
  readonly role: Role
  readonly status: 'active' | 'suspended' | 'closed'
}

/** A machine's key for the REST signature, opened for the gateway's own eyes. */
export type KeyCard = ClientCard & {
  readonly keyId: string
  readonly secret: string
  readonly ipAllow: readonly string[]
  readonly ratePerMin: number
}

/** A Digiflazz-dialect client: signs with md5(username + apiKey + ...). */
export type DigiflazzCard = ClientCard & {
  readonly apiKey: string
  readonly ipAllow: readonly string[]
  readonly ratePerMin: number
}

export type LiveEvent = {
  /** Place in the client's stream; give it back as `after` to continue without a gap. */
  readonly id: string
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
}

export type HealthPart = {
  readonly name: string
  readonly ok: boolean
  readonly ms: number
  readonly reason: string | null
}

export type Actions = {
  'identity.key': { params: { keyId: string }; result: KeyCard | null }
  'identity.digiflazz': { params: { username: string }; result: DigiflazzCard | null }

  'order.place': { params: PlaceParams; result: Answer<Placed> }
  'order.get': { params: { userId: string; trxId: string; at?: Millis }; result: Answer<OrderView> }
  'order.byRef': { params: { userId: string; ref: string }; result: Answer<OrderView> }

  /** A person's word on an order that waits for one. */
  'order.resolve': {
    params: {
      trxId: string
      verdict: 'success' | 'failed' | 'refund' | 'accept_loss' | 'dismiss'
      reason: string
      by: string
      sn?: string
      supplierReturned?: boolean
    }
    result: Answer<OrderView>
  }

  'wallet.balance': {
    params: { userId: string }
    result: Answer<{ balance: Rupiah; held: Rupiah; available: Rupiah }>
  }
  /** Pays cash into a wallet; the same reference pays once. */
  'wallet.deposit': {
    params: { userId: string; amount: Rupiah; ref: string; note: string }
    result: Answer<{ transferId: string }>
  }
  'wallet.mutations': {
    params: { userId: string; cursor?: string; limit: number; from?: Millis; to?: Millis }
    result: Answer<{ rows: readonly MutationRow[]; next: string | null }>
  }

  'catalogue.products': { params: { level: number }; result: readonly ProductRow[] }

  /** Body as received, base64; `stored` false means: answer 503 and let them repeat. */
  'supplier.callback': {
    params: { supplier: string; headers: Readonly<Record<string, string>>; body: string }
    result: {
      verdict: 'accepted' | 'ping' | 'forged' | 'unknown_supplier' | 'parked'
      stored: boolean
    }
  }

  /** While at least one socket of this user is open, signals `live.event` carry its events. */
  'live.watch': { params: { userId: string; on: boolean }; result: null }
  'live.since': {
    params: { userId: string; after: string; limit: number }
    result: Answer<{ events: readonly LiveEvent[]; more: boolean }>
  }

  'system.health': {
    params: { deep: boolean }
    result: { ready: boolean; parts: readonly HealthPart[] }
  }
  'system.metrics': { params: Record<string, never>; result: string }
}

/** Signals on the mesh: facts that travel upward. */
export type Signals = {
  /** One event of one watched client. */
  'live.event': { readonly userId: string; readonly event: LiveEvent }
  /** A sampled, masked view of orders for the public page of demo mode. */
  'live.pulse': {
    readonly orders: readonly {
      readonly trxId: string
      readonly product: string
      readonly destination: string
      readonly status: OrderStatus
      readonly price: Rupiah
      readonly ms: Millis
    }[]
    readonly acceptedPerS: number
    readonly completedPerS: number
    readonly open: number
  }
}

/** How the edges call: `call('order.place', {...})`, typed by the table above. */
export type Call = <A extends keyof Actions>(
  action: A,
  params: Actions[A]['params'],
) => Promise<Actions[A]['result']>
