/** Money that comes in: tickets, what banks say, and deposits by hand. */

import type { Answer } from './answer.ts'
import type { Millis, Rupiah } from './words.ts'

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

export type DepositActions = {
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
}

// -- through payment gateways ------------------------------------------------------------------

export type DepositMethod = {
  readonly method: string
  readonly name: string
  readonly kind: 'qris' | 'ewallet' | 'va' | 'bank'
  readonly min: Rupiah
  readonly max: Rupiah
  /**
   * What the gateway keeps of each, and per ten thousand; an estimate until it is made. Null where
   * it is told with the payment only.
   */
  readonly fee: Rupiah | null
  readonly feeBps: number | null
}

export type IntentStatus =
  | 'pending'
  | 'processing'
  | 'success'
  | 'expired'
  | 'cancel'
  /** Nobody can say yet: it is being made, or a person looks at it. */
  | 'checking'

export type IntentView = {
  readonly intentId: string
  /** The gateway's own id; null until there is one. */
  readonly depositId: string | null
  readonly userId: string
  readonly ref: string
  readonly status: IntentStatus
  readonly method: string
  readonly gateway: string
  /** What was wished for. */
  readonly wished: Rupiah
  /** What the payer pays, what the gateway keeps of it, what reaches the wallet. */
  readonly amount: Rupiah
  readonly fee: Rupiah
  readonly received: Rupiah
  /** How it is paid: qr_string, qr_image, url, bank, number, holder. */
  readonly pay: Readonly<Record<string, string>>
  readonly expiresAt: Millis | null
  readonly paidAt: Millis | null
  /** It can be had at once for a further fee. */
  readonly instant: boolean
  readonly why: string | null
  /** Rupiah that came otherwise than agreed, and that nobody decided about. */
  readonly suspended: Rupiah
  readonly createdAt: Millis
  readonly updatedAt: Millis
}

export type SuspenseView = {
  readonly intentId: string
  readonly n: number
  readonly userId: string
  readonly gateway: string
  /** AMOUNT: not what was agreed. LATE: after it had ended. TWICE: it was paid already. */
  readonly why: string
  readonly amount: Rupiah
  readonly via: string
  readonly at: Millis
  readonly verdict: string | null
  readonly resolvedBy: string | null
  readonly reason: string | null
}

/** What a person wants done with money, and how far that has come. */
export type VerdictView = {
  readonly id: number
  readonly intentId: string
  /** Of the suspense; 0: the deposit itself was paid. */
  readonly n: number
  readonly userId: string
  readonly verdict: 'credit' | 'return' | 'paid'
  readonly amount: Rupiah
  readonly reason: string
  readonly status: 'waiting' | 'approved' | 'done' | 'rejected'
  readonly askedBy: string
  readonly secondBy: string | null
  readonly askedAt: Millis
}

export type PaymentGatewayView = {
  readonly code: string
  readonly adapter: string
  readonly baseUrl: string
  readonly timeoutMs: number
  readonly maxInFlight: number
  readonly amountMin: Rupiah
  readonly amountMax: Rupiah
  readonly active: boolean
}

/** As staff sees it: null while nobody here holds the books. */
export type GatewayStandView = PaymentGatewayView & { readonly owed: Rupiah | null }

/** What a gateway paid out to our bank, and what it kept of it. */
export type GatewayPayoutView = {
  readonly id: number
  readonly gateway: string
  /** As the gateway or the bank calls it. */
  readonly ref: string
  readonly amount: Rupiah
  readonly fee: Rupiah
  readonly day: string
  readonly status: 'taken' | 'done'
  readonly by: string
  readonly notedAt: Millis
  readonly transferId: string | null
  readonly feeTransferId: string | null
}

type IntentPage = Answer<{ readonly rows: readonly IntentView[]; readonly next: string | null }>

export type IntentActions = {
  'intent.methods': {
    params: Record<string, never>
    result: Answer<{ methods: readonly DepositMethod[] }>
  }
  /** Without a reference it is a deposit of its own; the same reference again is the same one. */
  'intent.create': {
    /** `address`, here and below: shortened, of who asked; for the record of what people did. */
    params: { userId: string; ref?: string; amount: Rupiah; method: string; address?: string }
    result: Answer<IntentView>
  }
  /** `id` is the gateway's or ours. Looking at one that waits makes us ask how it stands. */
  'intent.get': { params: { userId: string; id: string }; result: Answer<IntentView> }
  'intent.list': {
    params: { userId: string; status?: IntentStatus; cursor?: string; limit: number }
    result: IntentPage
  }
  'intent.cancel': {
    params: { userId: string; id: string; address?: string }
    result: Answer<IntentView>
  }
  /** `take` for at most `feeMax`, as it was quoted; it is had once. */
  'intent.instant': {
    params: {
      userId: string
      id: string
      action: 'quote' | 'take'
      feeMax?: Rupiah
      address?: string
    }
    result: Answer<{ fee: Rupiah; received: Rupiah; deposit: IntentView }>
  }
  /** `body` in base64. Whatever it says, money moves only by what the gateway says when asked. */
  'intent.callback': {
    params: { gateway: string; headers: Readonly<Record<string, string>>; body: string }
    result: { readonly verdict: 'accepted' | 'ignored' | 'forged' | 'unknown' | 'unavailable' }
  }
  'intent.all': {
    params: {
      userId?: string
      gateway?: string
      status?: IntentStatus
      cursor?: string
      limit: number
    }
    result: IntentPage
  }
  /** What happened to it, what gateways told by webhook, and what persons said. */
  'intent.trail': {
    params: { id: string }
    result: Answer<{
      deposit: IntentView
      events: readonly { at: Millis; type: string; data: Readonly<Record<string, unknown>> }[]
      hints: readonly { verdict: string; times: number; firstAt: Millis }[]
      suspense: readonly SuspenseView[]
      verdicts: readonly VerdictView[]
    }>
  }
  'intent.suspense': {
    params: { open: boolean; cursor?: string; limit: number }
    result: Answer<{ rows: readonly SuspenseView[]; next: string | null }>
  }
  /** A person has the gateway asked now. */
  'intent.check': { params: { id: string; by: string }; result: Answer<IntentView> }
  /** A person's word on money; above his limit of the day it waits for another person's. */
  'intent.resolve': {
    params: {
      id: string
      /** Of the suspense; 0 with `paid`: the deposit itself was paid, whatever the gateway says. */
      n: number
      verdict: 'credit' | 'return' | 'paid'
      by: string
      reason: string
    }
    result: Answer<VerdictView>
  }
  'intent.judge': {
    params: { verdictId: number; verdict: 'approved' | 'rejected'; by: string }
    result: Answer<VerdictView>
  }
  'intent.waiting': {
    params: { cursor?: number; limit: number }
    result: Answer<{ rows: readonly VerdictView[]; next: number | null }>
  }
  'intent.gateways': {
    params: Record<string, never>
    result: Answer<{ rows: readonly GatewayStandView[] }>
  }
  /** It paid out to our bank; the same reference of a gateway once, and never more than it owes. */
  'intent.payout': {
    params: {
      gateway: string
      ref: string
      amount: Rupiah
      fee: Rupiah
      /** In Asia/Jakarta. */
      day: string
      by: string
    }
    result: Answer<GatewayPayoutView>
  }
  'intent.payouts': {
    params: { gateway: string; cursor?: number; limit: number }
    result: Answer<{ rows: readonly GatewayPayoutView[]; next: number | null }>
  }
  /** Credentials that are not given stay. */
  'intent.putGateway': {
    params: PaymentGatewayView & { credentials?: Readonly<Record<string, string>> }
    result: Answer<null>
  }
}
