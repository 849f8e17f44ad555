/** Orders that wait for a person, what is known about one, and what clients complain about. */

import type { Answer } from './answer.ts'
import type { AttemptView, OrderStatus, OrderView } from './order-view.ts'
import type { FaultCode, Millis, RefusalCode, Rupiah } from './words.ts'

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
  /** The order that was delivered with the same serial number before; null when there is none. */
  readonly otherTrxId: string | null
  readonly sn: string | null
  /** Who charged more than he was told: the most that he was allowed, and what he took. */
  readonly overchargedBy: string | null
  readonly agreed: Rupiah | null
  readonly charged: Rupiah | null
  /** Of a failure that its suppliers may revise: since when, by whom, and until when. */
  readonly failedMs: Millis | null
  readonly revisers: readonly string[] | null
  readonly revisableUntilMs: Millis | null
  readonly createdMs: Millis
}

export type CareActions = {
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
    /** `attention`: only those who wait for this reason. */
    params: { after?: string; attention?: string; limit: number }
    result: Answer<{ rows: readonly WaitingOrder[]; next: string | null }>
  }
  /** That its supplier may still revise its failure was seen. */
  'care.closeRevisable': {
    params: { trxId: string; by: string; reason: string }
    result: Answer<{ trxId: string }>
  }
  /** That its serial number was another order's before was looked at, and is in order. */
  'care.closeDuplicate': {
    params: { trxId: string; by: string; reason: string }
    result: Answer<{ trxId: string }>
  }
  /** That its supplier charged more than he was told was settled with him, or is let be. */
  'care.closeOvercharge': {
    params: { trxId: string; by: string; reason: string }
    result: Answer<{ trxId: string }>
  }
}
