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
  | 'ATTEMPT_FAILED'
  | 'ATTEMPT_UNKNOWN'
  | 'ATTEMPT_LIMIT'
  | 'RECHECK_TOO_SOON'
  | 'RECHECK_TOO_LATE'
  | 'COMPLAINT_LIMIT'
  | 'COMPLAINT_CLOSED'
  | 'FIELDS_INVALID'
  | 'STALE_VERSION'
  | 'ALREADY_EXISTS'
  | 'ALREADY_DECIDED'
  | 'REFERENCE_UNKNOWN'
  | 'CSV_INVALID'
  | 'SYNC_TOO_SOON'
  | 'SYNC_UNSUPPORTED'
  | 'AMOUNT_INVALID'
  | 'TIME_INVALID'
  | 'RULES_INVALID'
  | 'BENCH_MISMATCH'
  | 'APPROVAL_NEEDED'
  | 'BANK_ACCOUNT_UNKNOWN'
  | 'TICKET_LIMIT'
  | 'TICKET_EXHAUSTED'
  | 'TICKET_CLOSED'
  | 'STATEMENT_UNREADABLE'
  | 'CLIENT_UNKNOWN'
  | 'MUTATION_DECIDED'
  | 'SECOND_PERSON_NEEDED'
  | 'PIN_WRONG'
  | 'PIN_LOCKED'
  | 'OUTSIDE_TREE'
  | 'UPLINE_RING'
  | 'TRANSFER_LIMIT'
  | 'CREDIT_LIMIT'
  | 'URL_FORBIDDEN'
  | 'WEBHOOK_LIMIT'
  | 'GATEWAY_INVALID'
  | 'SENDER_TAKEN'
  | 'TEMPLATE_INVALID'
  | 'INQUIRY_REQUIRED'
  | 'INQUIRY_INVALID'
  | 'INQUIRY_EXPIRED'
  | 'INQUIRY_USED'
  | 'INQUIRY_UNSUPPORTED'
  | 'INQUIRY_UNANSWERED'
  | 'BILL_UNAVAILABLE'
  | 'LOGIN_INVALID'
  | 'LOGIN_LOCKED'
  | 'SESSION_ENDED'
  | 'PASSWORD_WRONG'
  | 'CLIENT_CLOSED'
  | 'CLIENT_HAS_MONEY'
  | 'OWN_ACCOUNT'

/** The world's fault, not the asker's: ask again later, with the same reference. */
export type FaultCode = 'OVERLOADED' | 'JOURNAL_UNAVAILABLE' | 'NOT_THE_OWNER' | 'STOPPING'

export type Refused = {
  readonly refused: RefusalCode
  /** The order that a DUPLICATE_REF or TWIN_ORDER collides with, when there is one. */
  readonly order?: OrderBrief
  readonly details?: Readonly<Record<string, unknown>>
  /** When asking again may help. */
  readonly retryAfterMs?: Millis
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
  /** Of a failed one: it never left, so no supplier refused it. */
  readonly notSent?: true
  /** Of a failed one: its supplier may yet say otherwise. */
  readonly mayBeRevised?: true
  readonly code: string | null
  readonly message: string | null
  readonly startedAt: Millis
  readonly answeredAt: Millis | null
  readonly latencyMs: Millis | null
  /** The counterpart's own words, bounded, secrets removed. */
  readonly reply: string | null
}

/** A bill, as the client and its customer may see it. */
export type BillView = {
  readonly customer: string
  readonly periods: string
  /** What the customer owes, and the fee on top of it. */
  readonly amount: Rupiah
  readonly admin: Rupiah
  /** The supplier's own particulars as JSON text; may be empty. */
  readonly detail: string
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
  /** What was paid, when it was a bill. */
  readonly bill?: BillView
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
  /** Of the inquiry that is to be paid; a bill is not paid without. */
  readonly inquiryToken?: string
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
  readonly kind: 'order' | 'release' | 'refund' | 'deposit' | 'transfer' | 'commission'
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
  /**
   * Of a bill: the fee that its customer is asked for. `price` is then what we take of it, and the
   * rest is the client's.
   */
  readonly adminFee?: Rupiah
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
  /** Null: twice as many as orders. */
  readonly readPerMin?: number | null
}

/** A Digiflazz-dialect client: signs with md5(username + apiKey + ...). */
export type DigiflazzCard = ClientCard & {
  readonly apiKey: string
  readonly ipAllow: readonly string[]
  readonly ratePerMin: number
  /** Null: twice as many as orders. */
  readonly readPerMin?: number | null
}

/** Imprecise signs of OtomaX clones, each taken only from a partner to whom it was allowed. */
export type SignForm = 'hex' | 'padded' | 'prefix' | 'as-sent' | 'trx-balance' | 'pin-only'

/** A client of the OtomaX dialects: signs with SHA-1 over PIN and password, or sends them. */
export type MemberCard = ClientCard & {
  readonly memberId: string
  readonly pin: string
  readonly password: string
  readonly ipAllow: readonly string[]
  readonly ratePerMin: number
  /** Null: twice as many as orders. */
  readonly readPerMin?: number | null
  readonly signForms: readonly SignForm[]
  /** Texts that differ from the built-in ones, named `style.outcome`. */
  readonly templates: Readonly<Record<string, string>>
}

/** How a client's own server is called: our words, Digiflazz's, or a report URL of OtomaX. */
export type WebhookShape = 'standard' | 'digiflazz' | 'otomax'

export type WebhookEvent =
  | 'order.created'
  | 'order.processing'
  | 'order.attention'
  | 'order.success'
  | 'order.failed'
  | 'order.refunded'
  | 'complaint.answered'
  | 'complaint.decided'
  | 'balance.updated'

export type WebhookView = {
  readonly id: string
  readonly url: string
  readonly shape: WebhookShape
  readonly events: readonly WebhookEvent[]
  readonly active: boolean
  /** Until when the former secret signs as well; null when there is none. */
  readonly formerSecretUntil: Millis | null
  readonly createdAt: Millis
}

export type DeliveryView = {
  readonly id: string
  /** Null when it went to the order's own callback address. */
  readonly webhookId: string | null
  readonly trxId: string | null
  readonly event: string
  readonly shape: WebhookShape
  readonly url: string | null
  readonly status: 'waiting' | 'delivered' | 'given_up'
  readonly attempts: number
  readonly nextAt: Millis | null
  readonly triedAt: Millis | null
  readonly answerStatus: number | null
  /** How the answer began. */
  readonly answer: string | null
  readonly problem: string | null
  readonly ms: Millis | null
  readonly createdAt: Millis
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

export type Actions = RoutingActions &
  CatalogueAdminActions &
  ChatActions &
  BulkActions &
  CareActions &
  PostpaidActions &
  CommissionActions &
  FloatActions &
  SessionActions &
  ClientAdminActions &
  MoneyActions &
  PartnerActions &
  ParserActions & {
    'identity.key': { params: { keyId: string }; result: KeyCard | null }
    'identity.digiflazz': { params: { username: string }; result: DigiflazzCard | null }
    'identity.member': { params: { memberId: string }; result: MemberCard | null }

    'order.place': { params: PlaceParams; result: Answer<Placed> }
    'order.get': {
      params: { userId: string; trxId: string; at?: Millis }
      result: Answer<OrderView>
    }
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

    'catalogue.products': {
      params: { level: number; userId?: string }
      result: readonly ProductRow[]
    }

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

    /** Where a client wants to be called, and each call; secrets are told once, when made. */
    'webhook.list': { params: { userId: string }; result: Answer<readonly WebhookView[]> }
    'webhook.create': {
      params: {
        userId: string
        url: string
        shape: WebhookShape
        events?: readonly WebhookEvent[]
        secret?: string
      }
      result: Answer<{ webhook: WebhookView; secret: string }>
    }
    'webhook.change': {
      params: {
        userId: string
        id: string
        url?: string
        events?: readonly WebhookEvent[]
        active?: boolean
      }
      result: Answer<WebhookView>
    }
    'webhook.rotate': {
      params: { userId: string; id: string; secret?: string }
      result: Answer<{ webhook: WebhookView; secret: string }>
    }
    'webhook.remove': { params: { userId: string; id: string }; result: Answer<null> }
    'webhook.ping': { params: { userId: string; id: string }; result: Answer<DeliveryView> }
    'webhook.deliveries': {
      params: { userId: string; cursor?: string; limit: number; trxId?: string }
      result: Answer<{ rows: readonly DeliveryView[]; next: string | null }>
    }
    'webhook.replay': {
      params: { userId: string } & ({ deliveryId: string } | { from: Millis; to: Millis })
      result: Answer<{ count: number; more: boolean }>
    }
  }

/** Who does something to an order by hand, and why; both are kept in its journal. */
type ByHandParams = { readonly trxId: string; readonly by: string; readonly reason: string }

export type ByHandDone = {
  readonly order: OrderView
  /** Who holds it, while it is open. */
  readonly held: { readonly by: string; readonly reason: string; readonly at: Millis } | null
}

/** The order as it stood after one line. */
export type HistoryEntry = {
  readonly seq: number
  readonly at: Millis
  readonly command: string
  readonly events: readonly Readonly<Record<string, unknown>>[]
  readonly order: OrderView
  /** Each account that the line touched, after it. */
  readonly accounts: readonly {
    readonly account: string
    readonly balance: Rupiah
    readonly debitsPending: Rupiah
    readonly creditsPending: Rupiah
  }[]
}

export type ComplaintState = 'open' | 'answered' | 'upheld' | 'rejected'

export type ComplaintReason =
  | 'not_received'
  | 'wrong_serial'
  | 'wrong_amount'
  | 'too_slow'
  | 'other'

export type Complaint = {
  readonly id: number
  readonly trxId: string
  readonly userId: string
  readonly username: string
  readonly ref: string
  readonly product: string
  readonly destination: string
  readonly reason: ComplaintReason
  readonly state: ComplaintState
  readonly createdAt: Millis
  readonly updatedAt: Millis
}

export type ComplaintMessage = {
  readonly id: number
  readonly author: 'client' | 'staff'
  /** What a word of staff was: an answer, or the verdict. */
  readonly kind: 'message' | 'answered' | 'upheld' | 'rejected'
  readonly by: string
  readonly text: string
  readonly at: Millis
}

/** A word of staff on its way to the client. */
export type ComplaintNews = {
  readonly complaint: Complaint
  readonly message: ComplaintMessage
  /** The chat message that it came by. */
  readonly inboxId: number | null
}

/** The order as it was when somebody complained. */
export type ComplaintEvidence = {
  readonly status: OrderStatus
  readonly sn: string | null
  readonly disputed: boolean
  readonly attempts: readonly AttemptView[]
  /** Whether its supplier was asked again at once; else why not. */
  readonly check: 'asked' | RefusalCode | FaultCode
}

export type ComplaintFile = {
  readonly complaint: Complaint
  readonly messages: readonly ComplaintMessage[]
  /** Null of one from before evidence was kept. */
  readonly evidence: ComplaintEvidence | null
  /** As it stands now. */
  readonly order: OrderView
  /** The last question by hand after delivery, and what its supplier answered. */
  readonly checked: {
    readonly outcome: 'asked' | 'pending' | 'unknown' | 'success' | 'failed'
    readonly code: string | null
    readonly message: string | null
    readonly reply: string | null
    readonly at: Millis
  } | null
}

/** What staff asks about orders, whoever's they are; and what clients complain about. */
export type CareActions = {
  'order.hold': { params: ByHandParams; result: Answer<ByHandDone> }
  'order.release': { params: ByHandParams; result: Answer<ByHandDone> }
  'order.recheck': { params: ByHandParams; result: Answer<ByHandDone> }
  /** `notSold` is the person's word on an attempt of which nobody knows. */
  'order.reroute': {
    params: ByHandParams & { supplier?: string; notSold?: boolean }
    result: Answer<ByHandDone>
  }
  /** Up to a line of its shard, or up to a time. */
  'care.history': {
    params: { trxId: string; seq?: number; at?: Millis }
    result: Answer<{ trxId: string; entries: readonly HistoryEntry[] }>
  }
  /** The same order again gives the same complaint. */
  'complaint.open': {
    params: {
      userId: string
      trxId?: string
      ref?: string
      reason: ComplaintReason
      text: string
      inboxId?: number
    }
    result: Answer<{ file: ComplaintFile; repeated: boolean }>
  }
  /** Without a user everybody's, for staff. */
  'complaint.list': {
    params: { userId?: string; state?: ComplaintState; before?: number; limit: number }
    result: Answer<{ rows: readonly Complaint[]; next: number | null }>
  }
  'complaint.read': { params: { userId?: string; id: number }; result: Answer<ComplaintFile> }
  'complaint.say': {
    params: { userId: string; id: number; text: string }
    result: Answer<ComplaintFile>
  }
  'complaint.answer': {
    params: { id: number; text: string; by: string }
    result: Answer<ComplaintFile>
  }
  /** A verdict, and with it what becomes of the order, if anything. */
  'complaint.decide': {
    params: {
      id: number
      verdict: 'upheld' | 'rejected'
      text: string
      by: string
      order?: 'success' | 'failed' | 'refund' | 'accept_loss' | 'dismiss'
      sn?: string
      supplierReturned?: boolean
    }
    result: Answer<ComplaintFile>
  }
  /** Tells a client's own servers; the same message once. */
  'webhook.complaint': { params: ComplaintNews; result: null }
  /** Tells whoever complained by chat, there; the same message once. */
  'chat.complaint': { params: ComplaintNews; result: null }
  'care.proof': { params: { trxId: string }; result: Answer<Proof> }
  /** Orders that wait for a person, after an order's id. */
  'care.queue': {
    params: { after?: string; limit: number }
    result: Answer<{ rows: readonly WaitingOrder[]; next: string | null }>
  }
}

/** All that is known about one order. `digest` is SHA-256 over the JSON of the first three. */
export type Proof = {
  readonly order: OrderView
  /** hash = first 16 bytes of SHA-256 over previous, LF, shard "." seq, LF, body. */
  readonly lines: readonly {
    readonly shard: number
    readonly seq: number
    readonly previous: string
    readonly hash: string
    readonly body: string
  }[]
  readonly callbacks: readonly {
    readonly party: string
    readonly receivedMs: Millis
    readonly body: string
  }[]
  readonly digest: string
  readonly madeAt: Millis
}

export type WaitingOrder = {
  readonly trxId: string
  readonly userId: string
  readonly username: string | null
  readonly ref: string
  readonly product: string
  readonly destination: string
  readonly price: Rupiah
  readonly status: string
  readonly attention: string
  readonly supplier: string | null
  readonly createdMs: Millis
}

/** Lists of orders. */
export type BulkActions = {
  'bulk.start': {
    params: {
      userId: string
      ref: string
      rows: readonly {
        ref: string
        product: string
        destination: string
        maxPrice?: Rupiah
        inquiryToken?: string
      }[]
    }
    result: Answer<{ jobId: string }>
  }
  /** `after` is the last row number that is known already. */
  'bulk.read': {
    params: { userId: string; jobId: string; after: number; limit: number }
    result: Answer<{ tally: BulkTally; rows: readonly BulkRowView[]; next: number | null }>
  }
}

export type BulkTally = {
  readonly ref: string
  readonly total: number
  readonly waiting: number
  readonly placed: number
  readonly refused: number
  readonly success: number
  readonly failed: number
}

export type BulkRowView = {
  readonly n: number
  readonly ref: string
  readonly product: string
  readonly destination: string
  readonly result: 'placed' | 'refused' | null
  readonly code: string | null
  readonly trxId: string | null
  readonly status: string | null
  readonly sn: string | null
}

/** Money by bank and between wallets, and the books of the days. */
export type MoneyActions = {
  /** A ticket with a unique code; `account` narrows to one of our bank accounts. */
  'deposit.ticket': {
    /** `account` is a code of ours, `bank` a name as clients know it. */
    params: { userId: string; amount: Rupiah; account?: string; bank?: string }
    result: Answer<TicketView>
  }
  'deposit.tickets': {
    params: { userId: string; limit: number; before?: string }
    result: Answer<{ rows: readonly TicketView[]; next: string | null }>
  }
  'deposit.get': { params: { userId: string; id: string }; result: Answer<TicketView> }
  'deposit.cancel': { params: { userId: string; id: string }; result: Answer<TicketView> }
  /** Moota's webhook as it came; the body in base64. */
  'deposit.moota': {
    params: { signature: string; body: string }
    result: { verdict: 'accepted' | 'forged' | 'unknown' }
  }
  'deposit.import': {
    params: { account: string; csv: string; dryRun: boolean; by: string }
    result: Answer<{
      rows: number
      /** Told before. */
      known: number
      added: number
      suspect: readonly { description: string; amount: string; reason: string }[]
    }>
  }
  'deposit.mutations': {
    params: { status: string; limit: number; before?: number }
    result: Answer<{ rows: readonly BankMutationView[]; next: number | null }>
  }
  /** `to` is a username or a member id; `by` who decides. */
  'deposit.assign': {
    params: { id: number; to: string; by: string; why: string }
    result: Answer<BankMutationView>
  }
  /** The second person about a row that waits for one. */
  'deposit.judgeMutation': {
    params: { id: number; verdict: 'approved' | 'rejected'; by: string }
    result: Answer<BankMutationView>
  }
  'deposit.return': {
    params: { id: number; by: string; why: string }
    result: Answer<BankMutationView>
  }
  'deposit.manual': {
    params: { to: string; amount: Rupiah; ref: string; note: string; by: string }
    result: Answer<ManualDepositView>
  }
  'deposit.judge': {
    params: { id: string; verdict: 'approved' | 'rejected'; by: string }
    result: Answer<ManualDepositView>
  }
  'deposit.manuals': {
    params: { status: ManualDepositView['status']; limit: number; before?: string }
    result: Answer<{ rows: readonly ManualDepositView[]; next: string | null }>
  }
  'deposit.accounts': {
    params: Record<string, never>
    result: Answer<{ rows: readonly BankAccountView[] }>
  }
  'deposit.putAccount': { params: BankAccountView; result: Answer<null> }
  /** What Moota needs; a secret that is not given stays. */
  'deposit.putFeed': {
    params: {
      baseUrl: string
      token?: string
      webhookSecret?: string
      pollMinutes: number
      active: boolean
    }
    result: Answer<null>
  }
  /** What is not named stays. */
  'deposit.rules': {
    params: { readonly [name in keyof MoneyRulesView]?: number | undefined }
    result: Answer<MoneyRulesView>
  }

  /** To a username or member id of the same tree; the same ref once. */
  'transfer.send': {
    params: { userId: string; to: string; amount: Rupiah; pin: string; ref: string }
    result: Answer<{ transferId: string; to: string; amount: Rupiah; available: Rupiah }>
  }
  'transfer.limit': { params: { username: string; dayMax: Rupiah | null }; result: Answer<null> }
  /** Forgets wrong PINs. */
  'transfer.unlock': { params: { username: string }; result: Answer<null> }

  /** Gives on credit, or notes what is paid back: in cash, or out of the wallet. */
  'credit.move': {
    params: {
      to: string
      kind: 'given' | 'cash' | 'wallet'
      amount: Rupiah
      ref: string
      note: string
      by: string
    }
    result: Answer<CreditLineView>
  }
  'credit.limit': { params: { username: string; limit: Rupiah }; result: Answer<CreditLineView> }
  'credit.list': {
    params: { userId?: string; limit: number; after?: CreditPlace }
    result: Answer<{ rows: readonly CreditLineView[]; next: CreditPlace | null }>
  }

  'closing.list': {
    params: { limit: number; before?: string }
    result: Answer<{ rows: readonly { day: string; hash: string; sum: Rupiah }[] }>
  }
  'closing.get': { params: { day: string }; result: Answer<ClosingView> }
}

export type TicketView = {
  readonly id: string
  readonly base: Rupiah
  /** The unique code, 1 to 999; what is to be paid is base and code, to the rupiah. */
  readonly code: number
  readonly amount: Rupiah
  readonly status: 'open' | 'paid' | 'cancelled' | 'expired'
  readonly bank: {
    readonly code: string
    readonly name: string
    readonly number: string
    readonly holder: string
  }
  readonly createdAt: Millis
  readonly expiresAt: Millis
}

export type BankMutationView = {
  readonly id: number
  readonly account: string | null
  readonly number: string
  readonly bankRef: string | null
  readonly day: string | null
  readonly direction: 'in' | 'out'
  readonly toldAmount: string
  readonly amount: Rupiah | null
  readonly toldBalance: string | null
  readonly description: string
  readonly source: string
  readonly status: string
  /** Why a person must look; null when nobody must. */
  readonly reason: string | null
  readonly ticketId: string | null
  readonly userId: string | null
  readonly decidedBy: string | null
  readonly decidedWhy: string | null
  /** Who pasted it, when the bank did not tell it by itself. */
  readonly broughtBy: string | null
  readonly secondBy: string | null
  readonly transferId: string | null
  readonly seenAt: Millis
}

/** Our prepaid balance at one supplier: by our books, and as the supplier says. */
export type FloatView = {
  readonly supplier: string
  /**
   * `never_reported`: no balance was named yet; `not_opened`: nothing was ever booked into it, so
   * nothing is compared; `doubtful`: outside the band, not for long enough to say.
   */
  readonly status: 'agrees' | 'doubtful' | 'drifts' | 'never_reported' | 'not_opened'
  readonly books: Rupiah
  /** The most that may still be charged for what is out or unknown. */
  readonly out: Rupiah
  readonly reported: {
    readonly balance: Rupiah
    readonly toldAt: Millis
    /** Whose answer named it; null when it was asked for. */
    readonly trxId: string | null
    /** Between these it would agree. */
    readonly lower: Rupiah
    readonly upper: Rupiah
    /** How far outside; positive: they say more. */
    readonly off: Rupiah
  } | null
  readonly drift: {
    readonly off: Rupiah
    readonly sinceAt: Millis
    readonly firstTrxId: string | null
    readonly reports: number
  } | null
  /** The last time that it agreed. */
  readonly agreed: { readonly toldAt: Millis; readonly trxId: string | null } | null
  readonly suspects: readonly {
    readonly trxId: string
    readonly toldAt: Millis
    readonly cost: Rupiah
    readonly step: Rupiah
  }[]
  /** It names balances from before the order's own charge. */
  readonly tellsBefore: boolean
}

export type FloatStep = {
  readonly id: number
  readonly toldAt: Millis
  readonly balance: Rupiah
  readonly books: Rupiah
  readonly lower: Rupiah
  readonly upper: Rupiah
  readonly off: Rupiah
  readonly trxId: string | null
  readonly drift: boolean
}

export type FloatMove = {
  readonly id: string
  readonly ref: string
  readonly supplier: string
  readonly raises: boolean
  readonly against: 'cash' | 'difference'
  readonly amount: Rupiah
  readonly note: string
  readonly status: ManualDepositView['status']
  readonly askedBy: string
  readonly secondBy: string | null
  readonly transferId: string | null
  readonly askedAt: Millis
}

/** What we have at suppliers. */
export type FloatActions = {
  'float.list': { params: Record<string, never>; result: Answer<{ rows: readonly FloatView[] }> }
  'float.read': { params: { supplier: string }; result: Answer<FloatView> }
  'float.steps': {
    params: { supplier: string; before?: number; limit: number }
    result: Answer<{ rows: readonly FloatStep[]; next: number | null }>
  }
  'float.moves': {
    params: { supplier: string; status?: FloatMove['status']; limit: number; before?: string }
    result: Answer<{ rows: readonly FloatMove[]; next: string | null }>
  }
  /** Money that we sent there. */
  'float.topUp': {
    params: { supplier: string; amount: Rupiah; ref: string; note: string; by: string }
    result: Answer<FloatMove>
  }
  /** A correcting entry; always needs another person. */
  'float.adjust': {
    params: {
      supplier: string
      amount: Rupiah
      raises: boolean
      against: FloatMove['against']
      ref: string
      note: string
      by: string
    }
    result: Answer<FloatMove>
  }
  'float.judge': {
    params: { supplier: string; id: string; verdict: 'approved' | 'rejected'; by: string }
    result: Answer<FloatMove>
  }
  'float.rules': {
    params: { supplier: string; tellsBefore: boolean }
    result: Answer<FloatView>
  }
}

export type ManualDepositView = {
  readonly id: string
  readonly ref: string
  readonly userId: string
  readonly amount: Rupiah
  readonly note: string
  readonly status: 'waiting' | 'approved' | 'paid' | 'rejected'
  readonly askedBy: string
  readonly secondBy: string | null
  readonly transferId: string | null
  readonly askedAt: Millis
}

export type BankAccountView = {
  readonly code: string
  readonly bank: string
  readonly number: string
  readonly holder: string
  readonly active: boolean
}

export type MoneyRulesView = {
  readonly ticketMin: Rupiah
  readonly ticketMax: Rupiah
  readonly ticketHours: number
  readonly coolHours: number
  readonly manualMax: Rupiah
  readonly transferMin: Rupiah
  readonly transferDayMax: Rupiah
}

/** Behind whom a page of credit lines goes on: who owes most comes first. */
export type CreditPlace = { readonly used: Rupiah; readonly userId: string }

export type CreditLineView = {
  readonly userId: string
  readonly username: string
  readonly limit: Rupiah
  /** What is owed now. */
  readonly used: Rupiah
}

export type ClosingView = {
  readonly day: string
  /** The signed text: JSON, to be compared byte for byte. */
  readonly statement: string
  readonly hash: string
  /** Ed25519 over the statement, and the public key; both base64. */
  readonly signature: string
  readonly signer: string
}

/** A text that replaces a built-in one, for one partner or for all. */
export type ReplyTemplate = {
  readonly style: string
  readonly outcome: string
  readonly body: string
}

export type PartnerView = {
  /** Null: what holds for everybody. */
  readonly memberId: string | null
  readonly signForms: readonly SignForm[]
  readonly templates: readonly ReplyTemplate[]
}

/** How the house deals with servers that speak an OtomaX dialect. */
export type PartnerActions = {
  'partner.get': { params: { memberId: string | null }; result: Answer<PartnerView> }
  'partner.setForms': {
    params: { memberId: string; signForms: readonly SignForm[] }
    result: Answer<PartnerView>
  }
  /** A body of null takes the text away again. */
  'partner.setTemplate': {
    params: { memberId: string | null; style: string; outcome: string; body: string | null }
    result: Answer<PartnerView>
  }
}

/** What the catalogue is made of, as its keepers name it. */
export type CatalogueKind =
  | 'products'
  | 'brands'
  | 'categories'
  | 'suppliers'
  | 'mappings'
  | 'prefixes'
  | 'price-rules'
  | 'commission-rules'

/** A row under the names of its columns, secrets left out. */
export type CatalogueRow = Readonly<Record<string, unknown>>

export type CsvLine = {
  readonly line: number
  readonly result: 'created' | 'changed' | 'refused'
  readonly code?: RefusalCode
  readonly details?: Readonly<Record<string, unknown>>
}

export type CsvReport = {
  /** False after a dry run, and when any line was refused. */
  readonly kept: boolean
  readonly counts: Readonly<Record<'created' | 'changed' | 'unchanged' | 'refused', number>>
  readonly lines: readonly CsvLine[]
}

/** What a change of price rules would do. */
export type PricePreview = {
  readonly products: number
  readonly levels: readonly number[]
  /** Clients whose prices would move. */
  readonly users: number
  readonly biggest: {
    readonly product: string
    readonly who: string
    readonly from: Rupiah
    readonly to: Rupiah
  } | null
  /** Prices that come or go altogether. */
  readonly appearing: number
  readonly vanishing: number
  readonly belowCost: number
  readonly belowCostCodes: readonly string[]
}

type CataloguePage = Answer<{ rows: readonly CatalogueRow[]; next: string | null }>

/** The keepers' side of the catalogue; `by` is who does it. */
export type CatalogueAdminActions = {
  /** Clients who pay by rules of their own, and so have a price list of their own. */
  'catalogue.ownPrices': { params: Record<string, never>; result: readonly string[] }
  'catalogueAdmin.list': {
    params: {
      kind: CatalogueKind
      filters: Readonly<Record<string, string>>
      q?: string
      cursor?: string
      limit: number
    }
    result: CataloguePage
  }
  'catalogueAdmin.get': {
    params: { kind: CatalogueKind; key: readonly string[] }
    result: Answer<CatalogueRow>
  }
  'catalogueAdmin.create': {
    params: { kind: CatalogueKind; by: string; fields: CatalogueRow }
    result: Answer<CatalogueRow>
  }
  'catalogueAdmin.change': {
    params: {
      kind: CatalogueKind
      by: string
      key: readonly string[]
      version: number
      fields: CatalogueRow
    }
    result: Answer<CatalogueRow>
  }
  'catalogueAdmin.remove': {
    params: { kind: CatalogueKind; by: string; key: readonly string[]; version: number }
    result: Answer<CatalogueRow>
  }
  'catalogueAdmin.history': {
    params: { kind?: CatalogueKind; key?: string; before?: number; limit: number }
    result: CataloguePage
  }
  'catalogueAdmin.exportCsv': {
    params: { kind: CatalogueKind; cursor?: string }
    result: Answer<{ text: string; next: string | null }>
  }
  'catalogueAdmin.importCsv': {
    params: { kind: CatalogueKind; by: string; text: string; dryRun: boolean }
    result: Answer<CsvReport>
  }
  'catalogueAdmin.previewPrices': {
    params: { changes: readonly unknown[] }
    result: Answer<PricePreview>
  }
  'catalogueAdmin.schedulePrices': {
    params: { changes: readonly unknown[]; startsAt: Millis; note: string; by: string }
    result: Answer<CatalogueRow>
  }
  'catalogueAdmin.priceChanges': {
    params: { state?: 'scheduled' | 'applied' | 'cancelled'; before?: number; limit: number }
    result: CataloguePage
  }
  'catalogueAdmin.cancelPrices': { params: { id: number; by: string }; result: Answer<null> }
  'catalogueAdmin.syncPrices': {
    params: { supplier: string; by: string }
    result: Answer<CatalogueRow>
  }
  'catalogueAdmin.priceSyncs': {
    params: { supplier?: string; outcome?: string; before?: number; limit: number }
    result: CataloguePage
  }
  'catalogueAdmin.priceSync': { params: { id: number }; result: Answer<CatalogueRow> }
  /** A person's word on a price list that the guard held back. */
  'catalogueAdmin.decideSync': {
    params: { id: number; accept: boolean; by: string }
    result: Answer<{ applied: number; passedOver: number }>
  }
}

/** What the house says of choosing suppliers at one place; a rule of null was taken back. */
export type RoutingRule = {
  readonly version: number
  readonly scope: string
  readonly target: string
  readonly rule: unknown
}

export type RoutingChange = RoutingRule & {
  readonly changedBy: string
  readonly reason: string
  readonly changedAt: Millis
}

export type ProposedRule = Omit<RoutingRule, 'version'>

export type SupplierStand = {
  readonly supplier: string
  readonly breaker: 'closed' | 'open' | 'half-open' | 'ramp'
  /** Of a hundred orders. */
  readonly share: number
  readonly successBp: number
  readonly latencyMs: Millis
  /** Rupiah that hangs there without a definite answer, and how much may. */
  readonly exposure: Rupiah
  readonly exposureMax: Rupiah | null
  readonly balance: Rupiah | null
}

/** Why an order went where it went, and what the same rules and numbers give today. */
export type RoutingWhy = {
  readonly trxId: string
  /** Null: the book's order, with everybody well. */
  readonly version: number | null
  readonly policy: string
  readonly candidates: readonly {
    readonly supplier: string
    readonly cost: Rupiah
    readonly successBp: number
    readonly latencyMs: Millis
    /** Of a hundred orders; 0 with a place: this one tried it again. */
    readonly share: number
    /** From 1; null when it was left out. */
    readonly place: number | null
    readonly left: string | null
  }[]
  readonly plan: readonly string[]
  readonly recomputed: readonly string[]
  readonly same: boolean
}

export type WhatIfSide = {
  readonly orders: number
  readonly successBp: number
  readonly margin: Rupiah
  readonly latencyMs: Millis
}

export type WhatIf = {
  readonly orders: number
  /** First choices that today's rules make again. */
  readonly reproduced: number
  /** Some of those that they do not. */
  readonly differing: readonly string[]
  /** Orders that the proposed rules send elsewhere first. */
  readonly moved: number
  /** With a proposed price book: orders at another price, and those that nobody would sell. */
  readonly repriced?: number
  readonly unsold?: number
  /** What happened; what is to be expected of first choices by today's and the proposed rules. */
  readonly recorded: WhatIfSide
  readonly today: WhatIfSide
  readonly proposed: WhatIfSide
  readonly firsts: readonly {
    readonly supplier: string
    readonly recorded: number
    readonly proposed: number
  }[]
}

/** Who is tried first: rules, their history, how suppliers stand, and reasons. */
export type RoutingActions = {
  'routing.rules': { params: Record<string, never>; result: Answer<readonly RoutingRule[]> }
  'routing.history': {
    params: { before?: number; limit: number }
    result: Answer<readonly RoutingChange[]>
  }
  'routing.suppliers': { params: Record<string, never>; result: Answer<readonly SupplierStand[]> }
  'routing.change': {
    params: ProposedRule & { by: string; reason: string }
    result: Answer<{ version: number } | { problems: readonly string[] }>
  }
  'routing.why': { params: { trxId: string }; result: Answer<RoutingWhy> }
  /** Recorded orders against proposed rules, laid over today's. Changes nothing. */
  'routing.whatIf': {
    params: {
      rules: readonly ProposedRule[]
      /** Changes of price rules as for scheduled ones, and other costs at suppliers. */
      prices?: readonly unknown[]
      costs?: readonly unknown[]
      from?: Millis
      to?: Millis
    }
    result: Answer<WhatIf | { problems: readonly string[] }>
  }
}

/** One rule of a supplier; its whole shape is `ruleSchema` in services/parser/rules.ts. */
export type ParserRule = Readonly<Record<string, unknown>>

export type ParserFinding = {
  readonly rule: string
  readonly kind: string
  readonly detail: string
}

export type ParserVersion = {
  readonly supplier: string
  readonly version: number
  readonly digest: string
  readonly note: string
  readonly madeBy: string
  readonly madeAt: Millis
}

export type ParserBench = {
  readonly id: number
  readonly supplier: string
  readonly replies: number
  readonly changed: number
  /** Of these: not a success before, and one now. */
  readonly toSuccess: number
  readonly complete: boolean
  readonly ms: Millis
  readonly changes: readonly {
    readonly where: string
    readonly channel: string
    readonly reply: string
    readonly before: string
    readonly after: string
  }[]
}

/** The owner's desk for what suppliers say in prose. */
export type ParserActions = {
  'parser.inbox': {
    params: { supplier?: string; limit: number }
    result: Answer<
      readonly {
        readonly supplier: string
        readonly channel: string
        readonly sample: string
        readonly count: number
        readonly firstAt: Millis
        readonly lastAt: Millis
        readonly draft: ParserRule
      }[]
    >
  }
  'parser.rules': {
    params: { supplier: string }
    result: Answer<{
      /** Null while the rules that we ship are in use. */
      readonly active: number | null
      readonly rules: readonly ParserRule[]
      readonly versions: readonly (ParserVersion & { readonly rules: number })[]
      readonly history: readonly {
        readonly version: number
        readonly bench: number
        readonly by: string
        readonly at: Millis
      }[]
    }>
  }
  'parser.version': {
    params: { supplier: string; version: number }
    result: Answer<ParserVersion & { readonly rules: readonly ParserRule[] }>
  }
  'parser.save': {
    params: { supplier: string; rules: readonly unknown[]; note: string; by: string }
    result: Answer<{
      readonly version: number
      readonly digest: string
      readonly findings: readonly ParserFinding[]
    }>
  }
  'parser.test': {
    params: { rules: readonly unknown[]; sample: string }
    result: Answer<{
      readonly findings: readonly ParserFinding[]
      readonly channels: readonly {
        readonly channel: string
        readonly matches: readonly string[]
        readonly fields: Readonly<Record<string, string>>
        readonly verdict: object | null
      }[]
      readonly draft: object
    }>
  }
  'parser.bench': {
    params: { supplier: string; version: number; by: string }
    result: Answer<ParserBench>
  }
  'parser.activate': {
    params: {
      supplier: string
      version: number
      bench: number
      acceptSuccess?: boolean
      by: string
    }
    result: Answer<{ readonly supplier: string; readonly version: number }>
  }
  'parser.template': {
    params: { supplier: string; template: unknown; by: string }
    result: Answer<{ readonly version: number }>
  }
}

/** Signals on the mesh: facts that travel upward. */
export type Signals = {
  /** Something about this client changed that cards in memory say; look them up again. */
  'client.changed': { readonly userId: string }
  /** This session ended, or its card says something else. */
  'session.changed': { readonly sid: string }
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

/** Orders by chat. */
export type ChatActions = {
  /** What a channel brought, as it came; the body in base64. `reply` for who waits for it. */
  'chat.receive': {
    params: {
      gateway: string
      door: 'inbox' | 'cloud' | 'telegram'
      headers: Readonly<Record<string, string>>
      body: string
    }
    result:
      | { verdict: 'accepted'; reply: string | null }
      | { verdict: 'forged' | 'malformed' | 'unknown_gateway' }
  }
  /** Meta's question whether we are who we say; null is no. */
  'chat.challenge': { params: { gateway: string; query: string }; result: string | null }

  'chat.gateways': {
    params: Record<string, never>
    result: Answer<{ rows: readonly ChatGatewayView[] }>
  }
  /** Credentials that are not given stay; an empty `grammar` is the usual one. */
  'chat.putGateway': {
    params: ChatGatewayView & { credentials?: Readonly<Record<string, string>> }
    result: Answer<ChatGatewayView>
  }
  'chat.senders': {
    params: { after: number; limit: number }
    result: Answer<{ rows: readonly ChatSenderView[] }>
  }
  /** `client` is a username or an id. */
  'chat.link': {
    params: { gateway: string; address: string; client: string }
    result: Answer<{ id: number; gateway: string; address: string }>
  }
  'chat.unlink': { params: { id: number }; result: Answer<null> }
  'chat.unlock': { params: { id: number }; result: Answer<null> }
  'chat.templates': {
    params: Record<string, never>
    result: Answer<{ rows: readonly { name: string; text: string; usual: string }[] }>
  }
  /** Text null takes the owner's wording away. */
  'chat.putTemplate': {
    params: { name: string; text: string | null }
    result: Answer<{ text: string; unknown: readonly string[] }>
  }
  'chat.preview': {
    params: { text: string }
    result: Answer<{ text: string; unknown: readonly string[] }>
  }
  'chat.messages': {
    params: { box: 'inbox' | 'outbox'; before: number; limit: number }
    result: Answer<{ rows: readonly ChatMessageView[] }>
  }
}

export type ChatGatewayView = {
  readonly name: string
  readonly kind: 'plain' | 'whatsapp' | 'whatsapp_cloud' | 'telegram'
  readonly baseUrl: string
  readonly grammar?: unknown
  readonly active: boolean
}

export type ChatSenderView = {
  readonly id: number
  readonly gateway: string
  readonly address: string
  readonly userId: string
  readonly name: string
  readonly username: string
  readonly status: string
  readonly wrongPins: number
  readonly lockedUntil: Millis | null
  readonly createdAt: Millis
}

export type ChatMessageView = {
  readonly id: number
  readonly gateway: string
  readonly address: string
  readonly text: string
  readonly state: string
  readonly problem: string | null
  readonly createdAt: Millis
}

export type InquiredBill = BillView & {
  readonly product: string
  readonly destination: string
  /** What the client pays. */
  readonly price: Rupiah
  readonly token: string
  readonly expiresAt: Millis
}

/** Whose meter it is. */
export type MeterView = {
  readonly name: string
  readonly meterNumber: string
  readonly subscriberId: string
  /** Tariff and power as they write them. */
  readonly segment: string
}

export type InquiryView =
  | { readonly kind: 'bill'; readonly bill: InquiredBill }
  | { readonly kind: 'meter'; readonly meter: MeterView }

/** Bills: asked for first, then paid by an order that names the inquiry. */
export type PostpaidActions = {
  /** With a reference the inquiry is kept under it, for who pays by the reference alone. */
  'postpaid.inquire': {
    params: {
      userId: string
      level: number
      product: string
      destination: string
      ref?: string
      /** It can be paid until the day ends in Jakarta, and not for half an hour. */
      sameDay?: boolean
    }
    result: Answer<InquiryView>
  }
  /** Pays what was last inquired under this reference. */
  'postpaid.pay': { params: Omit<PlaceParams, 'inquiryToken'>; result: Answer<Placed> }
  'postpaid.meter': { params: { number: string }; result: Answer<MeterView> }
}

/** What uplines earn of the orders below them. */
export type CommissionActions = {
  'commission.list': {
    params: { userId: string; cursor?: string; limit: number }
    result: Answer<{
      readonly rows: readonly CommissionRow[]
      readonly next: string | null
      /** What is still owed of commissions that were taken back. */
      readonly debt: Rupiah
    }>
  }
  /** `rule`: one that is not in force; without it, those that are. */
  'commission.preview': {
    params: { trxId: string; rule?: CatalogueRow }
    result: Answer<{
      readonly price: Rupiah
      readonly cost: Rupiah
      readonly margin: Rupiah
      /** Null when none applies, or the one that was given does. */
      readonly ruleId: number | null
      readonly shares: readonly {
        readonly level: number
        readonly username: string
        readonly amount: Rupiah
      }[]
      readonly total: Rupiah
    }>
  }
  /** `upline` null: nobody stands above him any more. */
  'commission.upline': {
    params: { username: string; upline: string | null }
    result: Answer<{ readonly username: string; readonly upline: string | null }>
  }
}

export type CommissionRow = {
  readonly id: string
  readonly orderId: string
  readonly level: number
  /** Username of who bought. */
  readonly buyer: string
  readonly product: string
  readonly amount: Rupiah
  readonly state: 'due' | 'paid' | 'reversed'
  /** Of the amount: what paid an older debt. */
  readonly kept: Rupiah
  /** Of what was taken back: what the wallet did not have. */
  readonly owed: Rupiah
  readonly createdAt: Millis
}

/** A person's login, opened for the gateway's own eyes; `secret` signs its access tokens. */
export type SessionCard = ClientCard & {
  readonly sid: string
  readonly secret: string
  readonly ipAllow: readonly string[]
  readonly ratePerMin: number
  /** Null: twice as many as orders. */
  readonly readPerMin?: number | null
}

/** Where somebody logs in from: what is counted, and what is shown to the account's owner. */
export type LoginPlace = {
  readonly neighbour: string
  readonly address: string
  readonly agent: string
}

export type LoggedIn = {
  readonly accessToken: string
  readonly expiresAt: Millis
  readonly refresh: string
  readonly refreshExpiresAt: Millis
  readonly user: Omit<ClientCard, 'status'>
}

export type SessionView = {
  readonly id: string
  readonly address: string
  readonly agent: string
  readonly createdAt: Millis
  readonly usedAt: Millis
}

export type OrderRow = {
  readonly trxId: string
  readonly ref: string
  readonly product: string
  readonly destination: string
  readonly price: Rupiah
  readonly status: OrderStatus
  readonly sn: string | null
  readonly failure: string | null
  readonly createdAt: Millis
  readonly updatedAt: Millis
}

/** People: how they come in, and what they see of themselves. */
export type SessionActions = {
  'session.card': { params: { sid: string }; result: SessionCard | null }
  /** `name` is a username or a member id. */
  'session.login': {
    params: LoginPlace & { name: string; password: string }
    result: Answer<LoggedIn>
  }
  'session.refresh': { params: LoginPlace & { refresh: string }; result: Answer<LoggedIn> }
  'session.logout': { params: { refresh: string }; result: Answer<null> }
  'session.list': { params: { userId: string }; result: Answer<readonly SessionView[]> }
  'session.end': { params: { userId: string; sid: string }; result: Answer<null> }

  'self.profile': {
    params: { userId: string }
    result: Answer<
      Omit<ClientCard, 'status'> & {
        readonly memberId: string | null
        /** Username of who stands above. */
        readonly upline: string | null
      }
    >
  }
  'self.keys': {
    params: { userId: string }
    result: Answer<{
      /** How the key of the Digiflazz dialect ends. */
      readonly apiKeyHint: string | null
      readonly hmacKey: string | null
      readonly createdAt: Millis | null
      readonly allowList: readonly string[]
    }>
  }
  /** All keys stop and new ones are told, once. */
  'self.rotateKeys': {
    params: { userId: string; password: string }
    result: Answer<{
      readonly apiKey: string
      readonly hmacKey: string
      readonly hmacSecret: string
    }>
  }
  'self.downlines': {
    params: { userId: string; cursor?: string; limit: number }
    result: Answer<{
      readonly rows: readonly {
        readonly userId: string
        readonly username: string
        readonly name: string
        readonly level: number
        readonly status: ClientCard['status']
        readonly createdAt: Millis
      }[]
      readonly next: string | null
    }>
  }
  /** A client's own orders, newest first; `q` begins a reference or a destination. */
  'listing.orders': {
    params: { userId: string; cursor?: string; limit: number; status?: OrderStatus; q?: string }
    result: Answer<{ readonly rows: readonly OrderRow[]; readonly next: string | null }>
  }
}

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

/** An owner's clients, and the orders of all of them. */
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
    result: Actions['wallet.mutations']['result']
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
