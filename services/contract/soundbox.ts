/**
 * Merchants with boxes that speak: the registry (merchants, outlets, terminals, fee plans, bank
 * holidays), payments, settlement, and what the devices need.
 */

import type { Answer } from './answer.ts'
import type { Millis, Rupiah } from './words.ts'

// -- registry ----------------------------------------------------------------------------------

export type SoundboxRole = 'admin' | 'finance' | 'ops' | 'support' | 'viewer'
export type MerchantStatus = 'pending' | 'approved' | 'rejected' | 'suspended'
export type MerchantVerb = 'approve' | 'reject' | 'suspend' | 'resume'
export type Criteria = 'UMI' | 'UKE' | 'UME' | 'UBE' | 'URE'

/** What a merchant's keepers write; the account number is taken and never shown again. */
export type MerchantFields = {
  readonly name: string
  readonly qrName: string
  readonly city: string
  readonly postalCode: string
  readonly mcc: string
  readonly criteria: Criteria
  readonly nmid: string
  readonly email: string
  readonly phone: string
  readonly settleDays: number
  readonly bankCode: string
  readonly accountName: string
  readonly accountNumber: string
  readonly template: string
  readonly lang: string
}

export type MerchantView = Omit<MerchantFields, 'accountNumber'> & {
  readonly merchantId: string
  readonly status: MerchantStatus
  readonly statusReason: string
  /** The last digits of the account, behind dots. */
  readonly accountHint: string
  /** Under which it is still found: QRs of then may hang. */
  readonly formerNmids: readonly {
    readonly nmid: string
    readonly fromAt: Millis
    readonly untilAt: Millis
  }[]
  readonly version: number
  readonly createdBy: string
  readonly createdAt: Millis
  readonly updatedAt: Millis
}

export type OutletView = {
  readonly outletId: string
  readonly merchantId: string
  readonly name: string
  readonly address: string
  readonly city: string
  readonly active: boolean
  readonly version: number
  readonly createdAt: Millis
}

export type TerminalKind = 'static' | 'dynamic'

export type TerminalView = {
  readonly terminalId: string
  readonly merchantId: string
  readonly outletId: string
  readonly label: string
  readonly kind: TerminalKind
  /** The terminal label inside its QR. */
  readonly tid: string
  readonly nmid: string
  /** What to print; null for a terminal whose QR is made per payment. */
  readonly qr: string | null
  readonly active: boolean
  readonly version: number
  readonly createdAt: Millis
}

export type FeePlanView = {
  readonly id: number
  /** Null: of whoever has none of his own. */
  readonly merchantId: string | null
  readonly effectiveFrom: Millis
  readonly plan: Readonly<Record<string, unknown>>
  readonly createdBy: string
  readonly createdAt: Millis
}

export type RegistryChange = {
  readonly at: Millis
  readonly who: string
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
}

export type MerchantActions = {
  /** `request`, here and below: the same one again finds what it made. */
  'merchant.create': {
    params: {
      by: string
      request?: string
      fields: Partial<MerchantFields> & Pick<MerchantFields, 'name'>
    }
    result: Answer<MerchantView>
  }
  'merchant.list': {
    params: { status?: MerchantStatus; q?: string; cursor?: string; limit: number }
    result: Answer<{ rows: readonly MerchantView[]; next: string | null }>
  }
  'merchant.get': { params: { merchantId: string }; result: Answer<MerchantView> }
  'merchant.change': {
    params: { merchantId: string; version?: number; by: string; fields: Partial<MerchantFields> }
    result: Answer<MerchantView>
  }
  /** A step of its life (actors/merchant/life.ts); one that was taken already changes nothing. */
  'merchant.judge': {
    params: {
      merchantId: string
      verb: MerchantVerb
      reason: string
      by: string
      role: SoundboxRole
    }
    result: Answer<MerchantView>
  }
  /** A former NMID that was never the merchant's own: free for whose it is, and not found by it. */
  'merchant.releaseNmid': {
    params: { merchantId: string; nmid: string; by: string }
    result: Answer<MerchantView>
  }
  /** Opened for whoever pays the merchant out. */
  'merchant.account': {
    params: { merchantId: string }
    result: Answer<{ bankCode: string; accountName: string; accountNumber: string }>
  }
  'merchant.outlets': {
    params: { merchantId?: string; cursor?: string; limit?: number }
    result: Answer<{ rows: readonly OutletView[]; next: string | null }>
  }
  'merchant.addOutlet': {
    params: {
      merchantId: string
      name: string
      address: string
      city: string
      by: string
      request?: string
    }
    result: Answer<OutletView>
  }
  'merchant.changeOutlet': {
    params: {
      outletId: string
      version?: number
      by: string
      fields: Partial<Pick<OutletView, 'name' | 'address' | 'city' | 'active'>>
    }
    result: Answer<OutletView>
  }
  'merchant.terminals': {
    params: { merchantId?: string; outletId?: string; cursor?: string; limit?: number }
    result: Answer<{ rows: readonly TerminalView[]; next: string | null }>
  }
  'merchant.terminal': { params: { terminalId: string }; result: Answer<TerminalView> }
  'merchant.addTerminal': {
    params: {
      outletId: string
      label: string
      kind: TerminalKind
      tid?: string
      by: string
      request?: string
    }
    result: Answer<TerminalView>
  }
  'merchant.changeTerminal': {
    params: {
      terminalId: string
      version?: number
      by: string
      fields: Partial<Pick<TerminalView, 'label' | 'active'>>
    }
    result: Answer<TerminalView>
  }
  'merchant.fees': {
    params: { merchantId: string | null }
    result: Answer<{ rows: readonly FeePlanView[] }>
  }
  'merchant.addFee': {
    params: { merchantId: string | null; effectiveFrom: Millis; plan: unknown; by: string }
    result: Answer<{ rows: readonly FeePlanView[] }>
  }
  'merchant.history': {
    params: { entity: 'merchant' | 'outlet' | 'terminal'; id: string; limit: number }
    result: Answer<{ rows: readonly RegistryChange[] }>
  }
  'merchant.holidays': {
    params: Record<string, never>
    result: Answer<{ rows: readonly { day: string; name: string }[] }>
  }
  'merchant.putHoliday': {
    params: { day: string; name: string; by: string }
    result: Answer<null>
  }
  'merchant.removeHoliday': { params: { day: string; by: string }; result: Answer<null> }
}

// -- payments ----------------------------------------------------------------------------------

export type PaymentStatus =
  | 'PENDING'
  | 'PAID'
  | 'PAID_LATE'
  | 'EXPIRED'
  | 'FAILED'
  | 'PARTLY_REFUNDED'
  | 'REFUNDED'

export type SoundOutcome = 'played' | 'digest' | 'silent'

/** The chain from the money to the ear: paid, published, received, and how it ended. */
export type SoundView = {
  readonly messageId: string | null
  /** Null: not known yet. */
  readonly outcome: SoundOutcome | null
  readonly reason: string | null
  readonly publishedAt: Millis | null
  readonly receivedAt: Millis | null
  readonly playedAt: Millis | null
}

export type PaymentView = {
  readonly transactionId: string
  readonly merchantId: string
  readonly outletId: string
  readonly terminalId: string
  readonly deviceId: string | null
  readonly kind: 'dynamic' | 'static'
  readonly status: PaymentStatus
  readonly amount: Rupiah
  /** Null until it is paid. */
  readonly fee: Rupiah | null
  readonly net: Rupiah | null
  readonly refunded: Rupiah
  readonly reference: string
  /** What is scanned; empty for a printed QR. */
  readonly qr: string
  readonly expiresAt: Millis | null
  readonly paidAt: Millis | null
  /** What it was when the money came all the same. */
  readonly late: 'expired' | 'failed' | null
  readonly payer: string
  readonly acquirerRef: string
  readonly sound: SoundView
  readonly settlementBatchId: string | null
  readonly createdBy: string
  readonly createdAt: Millis
  readonly updatedAt: Millis
}

/** One fact of its history. */
export type PaymentHistoryEvent = {
  readonly seq: number
  readonly at: Millis
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

export type CallbackView = {
  readonly id: number
  readonly receivedAt: Millis
  readonly eventId: string | null
  readonly result: 'applied' | 'duplicate' | 'parked' | null
  readonly reason: string
  readonly transactionId: string | null
  readonly merchantId: string | null
  /** As it came. */
  readonly body: string
  readonly reviewedBy: string | null
  readonly reviewNote: string
  /** Where a person said that it was paid. */
  readonly terminalId: string | null
  /** The payment that it names, and beside which a person has it booked. */
  readonly besideId: string | null
}

export type MerchantEntryView = {
  /** Also the cursor of its page. */
  readonly id: string
  readonly merchantId: string
  readonly subject: 'payment' | 'settlement'
  readonly subjectId: string
  /** gross_income, platform_fee, refund, platform_fee_refund, settled, ... */
  readonly type: string
  readonly debit: string
  readonly credit: string
  readonly amount: Rupiah
  readonly at: Millis
}

export type PaymentListing = {
  merchantId?: string
  outletId?: string
  terminalId?: string
  status?: PaymentStatus
  sound?: SoundOutcome
  reference?: string
  settlementBatchId?: string
  from?: Millis
  to?: Millis
  cursor?: string
  limit: number
}

export type PaymentActions = {
  /** The same reference of a merchant is the same payment. */
  'payment.create': {
    params: {
      terminalId: string
      /** Who may only make payments of his own. */
      merchantId?: string
      amount: Rupiah
      reference?: string
      expiresInS?: number
      by: string
    }
    result: Answer<PaymentView>
  }
  'payment.get': {
    params: { transactionId: string; merchantId?: string }
    result: Answer<PaymentView>
  }
  'payment.list': {
    params: PaymentListing
    result: Answer<{ rows: readonly PaymentView[]; next: string | null }>
  }
  'payment.events': {
    params: { transactionId: string; merchantId?: string }
    result: Answer<{ rows: readonly PaymentHistoryEvent[] }>
  }
  'payment.refund': {
    params: {
      transactionId: string
      refundId: string
      amount: Rupiah
      reason: string
      by: string
    }
    result: Answer<PaymentView>
  }
  /** Under the same `messageId` it is said once. */
  'payment.renotify': {
    params: { transactionId: string; messageId?: string; by: string }
    result: Answer<PaymentView>
  }
  /** Expires what is over its time; the clock does it as well. */
  'payment.expireDue': { params: { by: string }; result: Answer<{ expired: number }> }
  /** `raw` in base64, as it came; nothing is believed that is not signed. */
  'payment.callback': {
    params: { raw: string; timestamp: string; signature: string }
    result:
      | { readonly verdict: 'forged' | 'skewed' | 'unavailable' }
      | {
          readonly verdict: 'taken'
          readonly result: 'applied' | 'duplicate' | 'parked'
          readonly transactionId: string | null
          readonly reason: string
        }
  }
  'payment.callbacks': {
    params: { parked?: boolean; eventId?: string; before?: number; limit: number }
    result: Answer<{ rows: readonly CallbackView[] }>
  }
  /** A parked callback is worked on again, or put aside for good. */
  'payment.review': {
    params: { id: number; verb: 'retry' | 'dismiss'; note: string; by: string }
    result: Answer<CallbackView>
  }
  /**
   * A parked callback is money that came in at this terminal: it is booked there. Absent: at that
   * of the payment which it names.
   */
  'payment.assign': {
    params: { id: number; terminalId?: string; reason: string; by: string }
    result: Answer<CallbackView>
  }
  'payment.summary': {
    params: { merchantId?: string; from: Millis; to: Millis }
    result: Answer<{
      rows: readonly {
        status: PaymentStatus
        count: number
        amount: Rupiah
        fee: Rupiah
        /** So many of them were not heard. */
        silent: number
      }[]
    }>
  }
  'payment.entries': {
    params: {
      merchantId?: string
      subjectId?: string
      from?: Millis
      to?: Millis
      cursor?: string
      limit: number
    }
    result: Answer<{ rows: readonly MerchantEntryView[]; next: string | null }>
  }
  /**
   * A new secret for the acquirer's callbacks; the one before it goes on for a day. The same request
   * draws once, and is told null when another was drawn since.
   */
  'payment.drawSecret': {
    params: { by: string; request?: string }
    result: Answer<{ secret: string | null }>
  }
}

// -- settlement --------------------------------------------------------------------------------

export type SettlementStatus = 'created' | 'paid' | 'failed' | 'cancelled' | 'reprocessed'

export type SettlementView = {
  readonly settlementBatchId: string
  readonly merchantId: string
  readonly reference: string
  /** What its transfer is called in the bank's file; short, and no other batch has it. */
  readonly transferReference: string
  readonly status: SettlementStatus
  /** yyyymmdd. */
  readonly dueDay: string
  readonly days: readonly { readonly day: string; readonly amount: Rupiah }[]
  readonly adjusted: Rupiah
  readonly total: Rupiah
  readonly bankReference: string
  readonly reason: string
  readonly replaces: string | null
  readonly next: string | null
  readonly createdBy: string
  readonly createdAt: Millis
  readonly updatedAt: Millis
  readonly paidAt: Millis | null
  /** Who fetched the first bank's file that names it, and when. */
  readonly bankFile: { readonly by: string; readonly at: Millis } | null
}

export type AdjustmentView = {
  readonly settlementBatchId: string
  readonly adjustmentId: string
  readonly merchantId: string
  readonly kind: 'credit' | 'debit'
  readonly amount: Rupiah
  readonly reason: string
  readonly by: string
  readonly at: Millis
}

/** One line of a batch: a payment, or what was given back of one. */
export type SettlementLine = {
  readonly kind: 'payment' | 'refund'
  readonly transactionId: string
  readonly reference: string
  readonly refundId: string
  readonly day: string
  readonly gross: Rupiah
  readonly fee: Rupiah
  /** Gross less fee; below zero for a refund. */
  readonly net: Rupiah
  readonly at: Millis
}

type By = { settlementBatchId: string; by: string }

export type SettlementActions = {
  /**
   * All that is due to a merchant, or with `early` what is not due yet as well; `reference` names
   * the batch, and is taken once.
   */
  'settlement.create': {
    params: { merchantId: string; reference?: string; early?: boolean; by: string }
    result: Answer<SettlementView>
  }
  /** A batch for every merchant to whom something is due; asked again that day: nothing new. */
  'settlement.run': {
    params: { by: string }
    result: Answer<{ rows: readonly SettlementView[] }>
  }
  'settlement.list': {
    params: { merchantId?: string; status?: SettlementStatus; cursor?: string; limit: number }
    result: Answer<{ rows: readonly SettlementView[]; next: string | null }>
  }
  'settlement.get': {
    params: { settlementBatchId: string; merchantId?: string }
    result: Answer<SettlementView>
  }
  'settlement.markPaid': {
    params: By & { bankReference?: string; paidAt?: Millis }
    result: Answer<SettlementView>
  }
  'settlement.markFailed': { params: By & { reason: string }; result: Answer<SettlementView> }
  /** What a bank's file names only where somebody says that the file is recalled. */
  'settlement.cancel': {
    params: By & { reason: string; isRecalled?: boolean }
    result: Answer<SettlementView>
  }
  /** It is in a bank's file from now on; `again`: whether or not it was in one before. */
  'settlement.give': { params: By & { again?: boolean }; result: Answer<SettlementView> }
  /** Another batch in the place of one that failed or was cancelled; answers the new one. */
  'settlement.reprocess': { params: By; result: Answer<SettlementView> }
  'settlement.setReference': {
    params: By & { bankReference: string }
    result: Answer<SettlementView>
  }
  'settlement.adjust': {
    params: By & {
      adjustmentId: string
      kind: 'credit' | 'debit'
      amount: Rupiah
      reason: string
    }
    result: Answer<SettlementView>
  }
  'settlement.adjustments': {
    params: { settlementBatchId?: string; merchantId?: string; cursor?: string; limit: number }
    result: Answer<{ rows: readonly AdjustmentView[]; next: string | null }>
  }
  /** What is in a live batch, oldest first; empty for one that ended unpaid. */
  'settlement.lines': {
    params: { settlementBatchId: string; merchantId?: string; cursor?: string; limit: number }
    result: Answer<{ rows: readonly SettlementLine[]; next: string | null }>
  }
  /** What a merchant is owed, what is under way to him, and what was paid. */
  'settlement.summary': {
    params: { merchantId: string }
    result: Answer<{
      owed: Rupiah
      dueNow: Rupiah
      inBatches: Rupiah
      days: readonly { day: string; amount: Rupiah; dueDay: string }[]
    }>
  }
}
