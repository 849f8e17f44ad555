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
