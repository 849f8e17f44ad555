/** What suppliers tell us, and our money with them. */

import type { Answer } from './answer.ts'
import type { ManualDepositView } from './deposit.ts'
import type { Millis, Rupiah } from './words.ts'

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

export type SupplierActions = {
  /** Body as received, base64; `stored` false means: answer 503 and let them repeat. */
  'supplier.callback': {
    params: { supplier: string; headers: Readonly<Record<string, string>>; body: string }
    result: {
      verdict: 'accepted' | 'ping' | 'forged' | 'unknown_supplier' | 'parked'
      stored: boolean
    }
  }
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
