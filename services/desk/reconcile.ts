/**
 * Two lists of the same money held against each other. Pure: it reads nothing and writes nothing.
 *
 *   acquirer's report ─┐                                   ┌─ matched
 *   payments of a day ─┴─ by name and amount (pairing.ts) ─┼─ only there, only here
 *                                                          └─ in both, and different
 *   bank's debits, batches paid ─ by name and amount ─ the same, and twice
 *
 * DKL1. Each row of either list is in exactly one place: matched, or in one difference.
 * DKL2. One reference that is told twice is one match and one difference.
 * DKL3. What sums differ by is what the differences sum to.
 * DKL4. Refunds are held against refunds of the same day, all of one payment together, wherever in
 *       the report they stand; one that only we know is a difference as well.
 * DKL5. No two differences of one kind are called alike: the second is numbered, `key#2`, and so on
 *       in their order.
 * DKL7. What a bank gave back of a batch's transfer is a difference of its own, and its transfer is
 *       not matched.
 * DKL6. A batch is meant by what its transfer is called, wherever in the row that stands; else by
 *       its own reference or the bank's. What others share with it is told apart by the amount.
 */

import type { Rupiah } from '../contract/words.ts'
import { transfersIn } from '../soundbox/transfer-reference.ts'
import { pairUp } from './pairing.ts'

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
    | 'transfer_returned'
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
  // Of those that fit alike, the ones of the day come first.
  const ours = payments
    .toSorted((one, other) => Number(other.isOfDay) - Number(one.isOfDay))
    .map(payment => ({ names: payment.references, amount: payment.amount, payment }))
  const told = new Set<string>()
  const differences: Difference[] = []
  let matched = 0
  const paid = rows.filter(({ type }) => type === 'payment')
  const meant = pairUp(paid.map(namedRow), ours)
  for (const [n, { reference: key, amount: theirs }] of paid.entries()) {
    const { one, isAgain } = meant[n] ?? {}
    if (one === undefined) {
      differences.push({ what: 'missing_here', key, subject: null, ours: null, theirs })
      continue
    }
    const { id: subject, amount } = one.payment
    const pair = { key, subject, ours: amount, theirs }
    told.add(subject)
    if (isAgain) differences.push({ what: 'told_twice', ...pair })
    else if (amount !== theirs) differences.push({ what: 'amount_differs', ...pair })
    else matched++
  }
  const refunds = refundsOf(rows, payments)
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

type Refund = { readonly key: string; readonly amount: Rupiah; readonly ours: OurPayment | null }

/** Told refunds, summed per payment; of payments with one name, the one that gave so much back. */
function refundsOf(
  rows: readonly ReportRow[],
  payments: readonly OurPayment[],
): ReadonlyMap<string, Refund> {
  const byName = new Map<string, OurPayment[]>()
  for (const one of payments) {
    for (const name of new Set(one.references)) {
      const known = byName.get(name)
      if (known === undefined) byName.set(name, [one])
      else known.push(one)
    }
  }
  const refunds = new Map<string, Refund>()
  const left = ({ id, refunded }: OurPayment) => refunded - (refunds.get(id)?.amount ?? 0)
  for (const { reference, type, amount } of rows) {
    if (type !== 'refund') continue
    const named = byName.get(reference) ?? []
    const fits = named.find(one => left(one) === amount) ?? named.find(one => left(one) > amount)
    const ours = fits ?? named[0] ?? null
    const whose = ours === null ? `not ours: ${reference}` : ours.id
    const known = refunds.get(whose)
    const sum = amount + (known?.amount ?? 0)
    refunds.set(whose, { key: known?.key ?? reference, ours, amount: sum })
  }
  return refunds
}

/** Each with a key of its own among those of its kind. */
export function numbered(differences: readonly Difference[]): readonly Difference[] {
  const taken = new Set<string>()
  const counts = new Map<string, number>()
  return differences.map(one => {
    const first = `${one.what} ${one.key}`
    let count = counts.get(first) ?? 1
    let key = one.key
    while (taken.has(`${one.what} ${key}`)) key = `${one.key}#${++count}`
    counts.set(first, count)
    taken.add(`${one.what} ${key}`)
    return { ...one, key }
  })
}

export type StatementRow = {
  readonly reference: string
  readonly description: string
  readonly debit: Rupiah
  readonly credit: Rupiah
}

export type OurBatch = {
  readonly id: string
  /** What its transfer is called (services/soundbox/transfer-reference.ts). */
  readonly transfer: string
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
  // Of those that fit alike, the paid ones come first.
  const ours = batches
    .toSorted((one, other) => Number(other.isPaid) - Number(one.isPaid))
    .map(batch => ({ names: namesOf(batch), amount: batch.total, batch }))
  const debits = rows.filter(({ debit }) => debit !== 0)
  const meant = pairUp(
    debits.map(row => ({ names: namesIn(row), amount: row.debit })),
    ours,
  )
  const returns = rows.filter(({ debit, credit }) => debit === 0 && credit !== 0)
  const givenBack = new Map<StatementRow, (typeof ours)[number]>()
  const called = returns.map(row => ({
    names: isQris(row) ? transferNamesIn(row) : namesIn(row),
    amount: row.credit,
  }))
  for (const [n, meaning] of pairUp(called, ours).entries()) {
    if (meaning !== null) givenBack.set(returns[n]!, meaning.one)
  }
  const back = new Map<string, Rupiah>()
  for (const [{ credit }, { batch }] of givenBack) {
    back.set(batch.id, (back.get(batch.id) ?? 0) + credit)
  }
  const seen = new Set<string>()
  const differences: Difference[] = []
  let matched = 0
  for (const [n, { reference: key, debit: theirs }] of debits.entries()) {
    const { one, isAgain } = meant[n] ?? {}
    if (one === undefined) {
      differences.push({ what: 'transfer_unknown', key, subject: null, ours: null, theirs })
      continue
    }
    const { id: subject, total, isPaid } = one.batch
    const pair = { key, subject, ours: total, theirs }
    seen.add(subject)
    const returned = back.get(subject)
    if (isAgain) differences.push({ what: 'transfer_twice', ...pair })
    else if (returned !== undefined) {
      back.delete(subject)
      const what = 'transfer_returned'
      differences.push({ what, ...pair, ours: isPaid ? total : null, theirs: theirs - returned })
    } else if (total !== theirs) differences.push({ what: 'amount_differs', ...pair })
    else if (!isPaid) differences.push({ what: 'batch_unmarked', ...pair })
    else matched++
  }
  for (const [{ reference: key, credit }, { batch }] of givenBack) {
    if (!back.has(batch.id)) continue
    const pair = { subject: batch.id, ours: null, theirs: -credit }
    differences.push({ what: 'transfer_returned', key, ...pair })
  }
  const paid = batches.filter(one => one.isPaid)
  for (const { id, transfer: key, total } of paid) {
    if (seen.has(id)) continue
    differences.push({ what: 'transfer_missing', key, subject: id, ours: total, theirs: null })
  }
  const incoming = rows.filter(row => row.credit > 0 && isQris(row) && !givenBack.has(row))
  const came = sum(incoming.map(row => row.credit))
  if (income !== null && income !== came) {
    const pair = { ours: income, theirs: came }
    differences.push({ what: 'income_differs', key: 'QRIS', subject: null, ...pair })
  }
  const theirs = sum(rows.map(row => row.debit)) - sum([...givenBack.keys()].map(row => row.credit))
  return { matched, ours: sum(paid.map(one => one.total)), theirs, differences }
}

const namedRow = ({ reference, amount }: ReportRow) => ({ names: [reference], amount })
const namesOf = ({ transfer, reference, bankReference }: OurBatch): readonly string[] =>
  [transfer, reference, bankReference].filter(name => name !== '')
const transferNamesIn = ({ reference, description }: StatementRow): readonly string[] => [
  ...transfersIn(reference),
  ...transfersIn(description),
]
const namesIn = (row: StatementRow): readonly string[] => [...transferNamesIn(row), row.reference]

const isQris = ({ description, reference }: StatementRow): boolean =>
  /qris/i.test(`${description} ${reference}`)

const sum = (amounts: readonly Rupiah[]): Rupiah => amounts.reduce((all, one) => all + one, 0)

const sums = (payments: readonly OurPayment[], rows: readonly ReportRow[]) => ({
  ours: sum(payments.map(one => one.amount)),
  theirs: sum(rows.map(row => (row.type === 'refund' ? 0 : row.amount))),
})
