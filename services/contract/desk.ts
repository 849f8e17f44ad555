/**
 * The desk of the soundbox line: who works there, what was done by whom, and answers that are kept
 * so that a repeat does nothing twice.
 */

import type { Answer } from './answer.ts'
import type { MerchantRole, Role } from './identity.ts'
import type { PaymentStatus, SettlementStatus } from './soundbox.ts'
import type { Millis, Rupiah } from './words.ts'

/** Who does something: a person, or nobody whom we know. */
export type Actor = {
  readonly userId: string | null
  readonly name: string
  readonly role: string
  readonly address: string
  readonly requestId: string
}

export type AuditView = {
  readonly id: number
  readonly at: Millis
  readonly actor: string | null
  readonly actorName: string
  readonly role: string
  /** `what.verb` */
  readonly action: string
  readonly subject: string
  /** `done`, or the code of the refusal. */
  readonly outcome: string
  readonly details: Readonly<Record<string, unknown>>
  readonly address: string
  readonly requestId: string
}

export type PersonView = {
  readonly userId: string
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly merchant: { readonly merchantId: string; readonly role: MerchantRole } | null
  readonly status: 'active' | 'suspended' | 'closed'
  readonly createdAt: Millis
}

/** Shown once. */
export type PersonMade = PersonView & { readonly password: string }

export type ExportKind =
  | 'transactions'
  | 'ledger-entries'
  | 'settlement-batches'
  | 'settlement-adjustments'
  | 'audit-logs'

export type ExportView = {
  readonly id: string
  readonly kind: ExportKind
  readonly filter: {
    readonly merchantId: string | null
    readonly from: string | null
    readonly to: string
    readonly status: string | null
  }
  readonly status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'expired'
  readonly askedBy: string
  /** Rows, when it is known how many there will be. */
  readonly expected: number | null
  readonly rows: number
  readonly bytes: number
  /** There was more than one file may hold. */
  readonly capped: boolean
  readonly problem: string
  readonly createdAt: Millis
  readonly doneAt: Millis | null
  readonly expiresAt: Millis | null
}

export type ReconKind = 'acquirer' | 'bank' | 'ledger'

export type ReconRunView = {
  readonly id: string
  readonly kind: ReconKind
  /** YYYY-MM-DD, in Jakarta. */
  readonly day: string
  readonly source: string
  readonly rows: number
  readonly matched: number
  readonly ours: Rupiah
  readonly theirs: Rupiah
  /** What an acquirer will pay for the day; null where its report does not say. */
  readonly net: Rupiah | null
  readonly askedBy: string
  readonly createdAt: Millis
}

export type ReconBreakView = {
  readonly id: number
  readonly kind: ReconKind
  readonly day: string
  readonly key: string
  /** Words of services/desk/reconcile.ts. */
  readonly what: string
  /** Payment or batch of ours. */
  readonly subject: string | null
  readonly ours: Rupiah | null
  readonly theirs: Rupiah | null
  readonly openedAt: Millis
  readonly seenAt: Millis
  readonly ageDays: number
  readonly owner: string | null
  readonly status: 'open' | 'healed' | 'resolved'
  readonly closedBy: string | null
  readonly note: string
  readonly closedAt: Millis | null
}

/** A batch against our own books and the bank's statement. */
export type ReconBatchView = {
  readonly settlementBatchId: string
  readonly merchantId: string
  readonly reference: string
  readonly bankReference: string
  readonly status: SettlementStatus
  readonly dueDay: string
  readonly paidAt: Millis | null
  readonly total: Rupiah
  /** What is in it, and what is booked for it; zero for one that is not live. */
  readonly lines: Rupiah
  readonly ledger: Rupiah
  /** What the bank paid out; null: not held against a statement since. */
  readonly bank: Rupiah | null
  /** Which statement said so, and when it was read. */
  readonly statement: {
    readonly source: string
    readonly day: string
    readonly readAt: Millis
  } | null
  /** Those that are open. */
  readonly breaks: readonly {
    readonly id: number
    readonly kind: ReconKind
    readonly what: string
    readonly ours: Rupiah | null
    readonly theirs: Rupiah | null
  }[]
}

type ReconDone = {
  readonly run: ReconRunView
  /** Rows of other days, which were left out. */
  readonly otherDays: number
  readonly breaks: number
}
type ReconFile = { day: string; source: string; text: string; by: string }

export type DeskSummary = {
  readonly today: {
    readonly from: Millis
    readonly rows: readonly {
      readonly status: PaymentStatus
      readonly count: number
      readonly amount: Rupiah
      readonly fee: Rupiah
      /** So many of them were not heard. */
      readonly silent: number
    }[]
  }
  /** Null for a merchant, who sees his own day only. */
  readonly house: {
    readonly merchants: Readonly<Record<string, number>>
    readonly devices: Readonly<Record<string, number>>
    /** How today's payments were heard. */
    readonly sound: Readonly<Record<string, number>>
    readonly parkedCallbacks: number
    readonly batches: readonly {
      readonly status: string
      readonly count: number
      readonly amount: Rupiah
    }[]
  } | null
}

/** A shop that was made for show. */
export type Seeded = {
  readonly merchantId: string
  readonly outletId: string
  readonly terminalId: string
  readonly staticTerminalId: string
  readonly staticQr: string
  readonly deviceId: string
  readonly secret: string
}

export type DeskActions = {
  /** Only where the mode is demo. */
  'seed.run': { params: { name: string; by: string }; result: Answer<Seeded> }
  'recon.acquirer': { params: ReconFile; result: Answer<ReconDone> }
  'recon.bank': { params: ReconFile; result: Answer<ReconDone> }
  'recon.ledger': { params: { by: string }; result: Answer<ReconDone> }
  'recon.runs': { params: { limit: number }; result: Answer<{ rows: readonly ReconRunView[] }> }
  /** Newest first; `before`: a batch, only older ones. */
  'recon.batches': {
    params: {
      settlementBatchId?: string
      merchantId?: string
      status?: SettlementStatus
      before?: string
      limit: number
    }
    result: Answer<{ rows: readonly ReconBatchView[]; next: string | null }>
  }
  'recon.breaks': {
    params: {
      status?: ReconBreakView['status']
      kind?: ReconKind
      after?: number
      limit: number
    }
    result: Answer<{ rows: readonly ReconBreakView[]; next: number | null }>
  }
  'recon.own': { params: { id: number; owner: string }; result: Answer<ReconBreakView> }
  'recon.close': {
    params: { id: number; by: string; note: string }
    result: Answer<ReconBreakView>
  }
  'summary.read': { params: { merchantId?: string }; result: Answer<DeskSummary> }
  'export.start': {
    params: {
      kind: ExportKind
      /** The same by the same person is the same job. */
      reference: string
      by: string
      filter: { merchantId?: string; from?: Millis; to?: Millis; status?: string }
    }
    result: Answer<ExportView>
  }
  'export.get': { params: { id: string }; result: Answer<ExportView> }
  'export.list': {
    params: { before?: string | undefined; limit: number }
    result: Answer<{ rows: readonly ExportView[]; next: string | null }>
  }
  'export.cancel': { params: { id: string }; result: Answer<ExportView> }
  'statement.batch': {
    params: {
      settlementBatchId: string
      merchantId?: string
      format: 'standard' | 'bank_generic'
      /** A bank's file of what is in one already, or is paid. */
      again?: boolean
      by: string
    }
    result: Answer<{ text: string }>
  }
  'statement.batches': {
    params: {
      format: 'standard' | 'bank_generic'
      merchantId?: string
      status?: SettlementStatus
      again?: boolean
      by: string
    }
    /**
     * Which batches a bank's file names, and how many it does not: `leftOut`, for nobody said
     * whereto, `held`, for they are in a file already, are paid, or changed meanwhile, and `more`,
     * which are for the next file.
     */
    result: Answer<{
      text: string
      given: readonly string[]
      leftOut: number
      held: number
      more: number
    }>
  }
  'statement.adjustments': {
    params: { merchantId?: string; settlementBatchId?: string }
    result: Answer<{ text: string }>
  }
  /** A part of the file, as long as it is there. */
  'export.read': {
    params: { id: string; offset: number }
    result: Answer<{ total: number; chunk: Uint8Array }>
  }

  'audit.add': {
    params: {
      actor: Actor
      action: string
      subject: string
      outcome: string
      details: Readonly<Record<string, unknown>>
    }
    result: Answer<{ id: number }>
  }
  'audit.list': {
    params: {
      actor?: string | undefined
      /** Ending in `.`: all that begin so. */
      action?: string | undefined
      subject?: string | undefined
      from?: Millis | undefined
      to?: Millis | undefined
      before?: number | undefined
      limit: number
    }
    result: Answer<{ rows: readonly AuditView[]; next: number | null }>
  }
  /** Computes every hash again; `broken` is the first row that is not as it was written. */
  'audit.verify': {
    params: Record<string, never>
    result: Answer<{ rows: number; broken: number | null }>
  }
  /** Under the asker's key: his, somebody's answer, or somebody at work. */
  'idempotency.claim': {
    params: { scope: string; key: string; fingerprint: string }
    result: Answer<{ readonly claim: number } | { readonly status: number; readonly body: string }>
  }
  'idempotency.keep': {
    params: { scope: string; key: string; claim: number; status: number; body: string }
    result: Answer<null>
  }
  'idempotency.release': {
    params: { scope: string; key: string; claim: number }
    result: Answer<null>
  }
  'person.create': {
    params: {
      email: string
      name: string
      by: string
    } & (
      | { role: Exclude<Role, 'reseller' | 'merchant' | 'consumer'> }
      | { role: 'merchant'; merchantId: string; merchantRole: MerchantRole }
    )
    result: Answer<PersonMade>
  }
  'person.rotate': { params: { email: string; by: string }; result: Answer<PersonMade> }
  'person.list': {
    params: { merchantId?: string; limit: number }
    result: Answer<{ rows: readonly PersonView[] }>
  }
}
