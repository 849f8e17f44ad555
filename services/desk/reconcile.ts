/**
 * Two lists of the same money held against each other. Pure: it reads nothing and writes nothing.
 *
 *   acquirer's report ─┐                    ┌─ matched
 *   payments of a day ─┴─ by reference ─────┼─ only there, only here
 *                                           └─ in both, and different
 *   bank's debits, batches paid ─ by reference ─ the same, and twice
 *
 * DKL1. Each row of either list is in exactly one place: matched, or in one difference.
 * DKL2. One reference that is told twice is one match and one difference.
 * DKL3. What sums differ by is what the differences sum to.
 * DKL4. Refunds are held against refunds of the same day, all of one payment together, wherever in
 *       the report they stand; one that only we know is a difference as well.
 */

import type { Rupiah } from '../contract/words.ts'

export type ReportRow = {
  readonly reference: string
  readonly type: 'payment' | 'refund'
  /** Above zero, whichever way it goes. */
  readonly amount: Rupiah
}

export type OurPayment = {
  readonly id: string
  /** Whatever the acquirer may call it. */
  readonly references: readonly string[]
  readonly amount: Rupiah
  /** Of this day. */
  readonly refunded: Rupiah
  /** Paid on this day; else here because the report names it, or for its refunds. */
  readonly isOfDay: boolean
}

type Difference = {
  readonly what:
    | 'missing_here'
    | 'missing_there'
    | 'amount_differs'
    | 'told_twice'
    | 'refund_missing_here'
    | 'refund_missing_there'
    | 'refund_differs'
    | 'transfer_unknown'
    | 'transfer_missing'
    | 'transfer_twice'
    | 'batch_unmarked'
    | 'income_differs'
    | 'lines_differ'
    | 'ledger_differs'
  readonly key: string
  readonly subject: string | null
  readonly ours: Rupiah | null
  readonly theirs: Rupiah | null
}

export type Compared = {
  readonly matched: number
  readonly ours: Rupiah
  readonly theirs: Rupiah
  readonly differences: readonly Difference[]
}

export function compareReport(
  rows: readonly ReportRow[],
  payments: readonly OurPayment[],
): Compared {
  const byReference = new Map<string, OurPayment>()
  for (const one of payments) for (const name of one.references) byReference.set(name, one)
  const told = new Set<string>()
  type Refund = { readonly key: string; readonly amount: Rupiah; readonly ours: OurPayment | null }
  const refunds = new Map<string, Refund>()
  const differences: Difference[] = []
  let matched = 0
  for (const row of rows) {
    const { reference: key, amount, type } = row
    const ours = byReference.get(key) ?? null
    if (type === 'refund') {
      const whose = ours === null ? `not ours: ${key}` : ours.id
      const known = refunds.get(whose)
      refunds.set(whose, { key: known?.key ?? key, ours, amount: amount + (known?.amount ?? 0) })
    } else if (ours === null) {
      differences.push({ what: 'missing_here', key, subject: null, ours: null, theirs: amount })
    } else if (told.has(ours.id)) {
      const pair = { ours: ours.amount, theirs: amount }
      differences.push({ what: 'told_twice', key, subject: ours.id, ...pair })
    } else {
      told.add(ours.id)
      if (ours.amount === amount) matched++
      else {
        const pair = { ours: ours.amount, theirs: amount }
        differences.push({ what: 'amount_differs', key, subject: ours.id, ...pair })
      }
    }
  }
  for (const { key, amount, ours } of refunds.values()) {
    if (ours !== null && ours.refunded === amount) matched++
    else if (ours === null || ours.refunded === 0) {
      const what = 'refund_missing_here'
      differences.push({ what, key, subject: ours?.id ?? null, ours: null, theirs: amount })
    } else {
      const pair = { ours: ours.refunded, theirs: amount }
      differences.push({ what: 'refund_differs', key, subject: ours.id, ...pair })
    }
  }
  for (const { id, references, refunded } of payments) {
    if (refunded === 0 || refunds.has(id)) continue
    const key = references[0] ?? id
    const what = 'refund_missing_there'
    differences.push({ what, key, subject: id, ours: refunded, theirs: null })
  }
  const compared = payments.filter(({ id, isOfDay }) => isOfDay || told.has(id))
  for (const { id, references, amount } of compared) {
    if (told.has(id)) continue
    const key = references[0] ?? id
    differences.push({ what: 'missing_there', key, subject: id, ours: amount, theirs: null })
  }
  return { matched, ...sums(compared, rows), differences }
}

export type StatementRow = {
  readonly reference: string
  readonly description: string
  readonly debit: Rupiah
  readonly credit: Rupiah
}

export type OurBatch = {
  readonly id: string
  readonly reference: string
  readonly bankReference: string
  readonly total: Rupiah
  /** Paid on the statement's day. */
  readonly isPaid: boolean
}

/** Debits against batches; `income`: what the acquirer owed for the day before, when it is known. */
export function compareStatement(
  rows: readonly StatementRow[],
  batches: readonly OurBatch[],
  income: Rupiah | null,
): Compared {
  const byReference = new Map<string, OurBatch>()
  for (const one of batches) {
    byReference.set(one.reference, one)
    if (one.bankReference !== '') byReference.set(one.bankReference, one)
  }
  const seen = new Set<string>()
  const differences: Difference[] = []
  let matched = 0
  for (const { reference: key, debit: theirs } of rows) {
    if (theirs === 0) continue
    const batch = byReference.get(key)
    if (batch === undefined) {
      differences.push({ what: 'transfer_unknown', key, subject: null, ours: null, theirs })
      continue
    }
    const { id: subject, total: ours, isPaid } = batch
    const pair = { key, subject, ours, theirs }
    if (seen.has(subject)) differences.push({ what: 'transfer_twice', ...pair })
    else if (ours !== theirs) differences.push({ what: 'amount_differs', ...pair })
    else if (!isPaid) differences.push({ what: 'batch_unmarked', ...pair })
    else matched++
    seen.add(subject)
  }
  const paid = batches.filter(one => one.isPaid)
  for (const { id, reference: key, total } of paid) {
    if (seen.has(id)) continue
    differences.push({ what: 'transfer_missing', key, subject: id, ours: total, theirs: null })
  }
  const came = sum(rows.filter(isIncome).map(row => row.credit))
  if (income !== null && income !== came) {
    const pair = { ours: income, theirs: came }
    differences.push({ what: 'income_differs', key: 'QRIS', subject: null, ...pair })
  }
  const theirs = sum(rows.map(row => row.debit))
  return { matched, ours: sum(paid.map(one => one.total)), theirs, differences }
}

const isIncome = ({ credit, description, reference }: StatementRow): boolean =>
  credit > 0 && /qris/i.test(`${description} ${reference}`)

const sum = (amounts: readonly Rupiah[]): Rupiah => amounts.reduce((all, one) => all + one, 0)

const sums = (payments: readonly OurPayment[], rows: readonly ReportRow[]) => ({
  ours: sum(payments.map(one => one.amount)),
  theirs: sum(rows.map(row => (row.type === 'refund' ? 0 : row.amount))),
})
