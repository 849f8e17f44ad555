/**
 * Wallets: what is in them, what moves between them, what they have on credit, and the books of
 * the days.
 */

import type { Answer } from './answer.ts'
import type { Millis, Rupiah } from './words.ts'

export type MutationRow = {
  readonly id: string
  readonly direction: 'in' | 'out'
  readonly amount: Rupiah
  readonly balanceBefore: Rupiah
  readonly balanceAfter: Rupiah
  readonly kind: 'order' | 'release' | 'refund' | 'deposit' | 'transfer' | 'commission'
  /** What it was about; empty where nobody said. */
  readonly detail: string
  readonly referenceId: string
  readonly createdAt: Millis
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

export type WalletActions = {
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
