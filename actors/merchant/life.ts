/**
 * The life of a merchant, as one table. Whoever changes a merchant's status asks it inside the
 * write that does so, with the row locked.
 *
 *   pending ──approve──▶ approved ──suspend──▶ suspended
 *      └─────reject────▶ rejected    ◀──resume────┘
 *
 * SAC1. A step that the table does not know, from where the merchant stands, is not taken.
 * SAC2. Who takes a step has a role that may.
 * SAC3. Asking for a step that was taken already changes nothing, and is no error.
 * SAC4. Only an approved merchant makes payments; money that a payer has sent is booked in any
 *       state, for it is there.
 */

export type MerchantStatus = 'pending' | 'approved' | 'rejected' | 'suspended'
export type MerchantVerb = 'approve' | 'reject' | 'suspend' | 'resume'
type StaffRole = 'admin' | 'finance' | 'ops' | 'support' | 'viewer'

type Row = {
  readonly from: MerchantStatus
  readonly verb: MerchantVerb
  readonly to: MerchantStatus
  readonly who: readonly StaffRole[]
}

export const merchantLife: readonly Row[] = [
  { from: 'pending', verb: 'approve', to: 'approved', who: ['admin', 'ops'] },
  { from: 'pending', verb: 'reject', to: 'rejected', who: ['admin', 'ops'] },
  { from: 'approved', verb: 'suspend', to: 'suspended', who: ['admin', 'ops', 'finance'] },
  { from: 'suspended', verb: 'resume', to: 'approved', who: ['admin', 'ops'] },
]

type Step =
  | { readonly to: MerchantStatus; readonly changed: boolean }
  | { readonly refused: 'STATUS_INVALID' | 'FORBIDDEN' }

export function step(from: MerchantStatus, verb: MerchantVerb, role: StaffRole): Step {
  const rows = merchantLife.filter(row => row.verb === verb)
  const row = rows.find(one => one.from === from) ?? rows.find(one => one.to === from)
  if (row === undefined) return { refused: 'STATUS_INVALID' }
  if (!row.who.includes(role)) return { refused: 'FORBIDDEN' }
  return { to: row.to, changed: row.from === from }
}

/** Whether new payments may be made. */
export const isTrading = (status: MerchantStatus): boolean => status === 'approved'
