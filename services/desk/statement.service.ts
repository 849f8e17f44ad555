/**
 * Settlement as files for accountants and banks.
 *
 *   standard       one row per payment or refund of a batch, one per adjustment, and their total
 *   bank_generic   one row per batch: to which account, how much, with which words
 *
 * DKI1. The rows of a batch sum to its total, to the rupiah.
 * DKI2. A bank's file names only batches that wait to be paid, unless asked for others; none that an
 *       adjustment brought to nothing.
 * DKI3. What is too long for one answer is refused, and made as an export instead. Of transfers, a
 *       bank's file has as many as one may, and tells how many are for the next.
 * DKI4. A batch says itself that it is in a bank's file, durably and before the file leaves; what
 *       the file has is what it said then. Of many, one that can not say it keeps no other out.
 * DKI5. A bank's file never names a batch of a merchant whose account is not whole: one alone is
 *       refused, of many it is left out and counted.
 * DKI6. What is in a bank's file already, or is paid, is in another one only for who asks for it
 *       again; of many it is left out and counted.
 * DKI7. A bank's file calls each transfer by a reference that no other batch has, and the statement
 *       is held against it (reconcile.ts); the list of batches has it, too.
 * DKI8. A transfer is one line of a bank's file, whatever an account is called: not every bank reads
 *       quotes.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { printCsv } from '../catalogue/csv.ts'
import type { Answer } from '../contract/answer.ts'
import type { DeskActions } from '../contract/desk.ts'
import type { AdjustmentView, SettlementLine, SettlementView } from '../contract/soundbox.ts'
import type { Call } from '../contract.ts'
import { faulted } from '../faults.ts'
import { sure, Told } from '../refusal.ts'

type Params<A extends keyof DeskActions> = DeskActions[A]['params']
type Result<A extends keyof DeskActions> = Promise<DeskActions[A]['result']>

const linesMax = 50_000
const batchesMax = 5_000
const pageRows = 500

const bankHeads = [
  ...['bank_code', 'account_number', 'account_name', 'amount', 'currency', 'reference'],
  'description',
]
const lineHeads = [
  'settlement_batch_id',
  ...['type', 'transaction_id', 'reference', 'business_day', 'gross', 'fee', 'net'],
  ...['at', 'note'],
]
const batchHeads = [
  'settlement_batch_id',
  ...['merchant_id', 'reference', 'status', 'due_day', 'days_total', 'adjusted'],
  ...['total', 'bank_reference', 'created_at', 'paid_at', 'transfer_reference'],
]
const adjustmentHeads = [
  'settlement_batch_id',
  ...['adjustment_id', 'merchant_id', 'kind', 'amount', 'reason', 'by', 'at'],
]

const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()

const unready = new Told({ refused: 'EXPORT_UNREADY', moneyEffect: 'none' })
const unnamed = new Told({ refused: 'BANK_ACCOUNT_MISSING', moneyEffect: 'none' })
const tooLong = new Told({ refused: 'EXPORT_LIMIT', retryAfterMs: 1_000, moneyEffect: 'none' })

/** Asked at once, when a bank's file names many. */
const givingMax = 50

export function statementService({ call }: { readonly call: Call }): ServiceSchema {
  async function batch(params: Params<'statement.batch'>): Result<'statement.batch'> {
    const { settlementBatchId, merchantId, format, again = false, by } = params
    const whose = merchantId === undefined ? {} : { merchantId }
    const found = sure(await call('settlement.get', { settlementBatchId, ...whose }))
    if (format === 'bank_generic') {
      if (!isPayable(found)) throw unready
      const account = await accountOf(found)
      if (account === null) throw unnamed
      const given = await call('settlement.give', { settlementBatchId, again, by })
      if ('refused' in given && given.refused === 'BATCH_FINAL') throw unready
      return { ok: { text: printCsv([bankHeads, bankRow(account, sure(given))]) } }
    }
    const lines: SettlementLine[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const at: { cursor?: string } = cursor === '' ? {} : { cursor }
      const asked = { settlementBatchId, ...whose, ...at, limit: pageRows }
      const page: { rows: readonly SettlementLine[]; next: string | null } = sure(
        await call('settlement.lines', asked),
      )
      lines.push(...page.rows)
      if (lines.length > linesMax) throw tooLong
      cursor = page.next
    }
    const adjusted = sure(await call('settlement.adjustments', { settlementBatchId, limit: 500 }))
    return { ok: { text: printCsv(standardRows(found, lines, adjusted.rows)) } }
  }

  /** Null: nobody said whereto. */
  async function accountOf({ merchantId }: SettlementView): Promise<readonly string[] | null> {
    const account = sure(await call('merchant.account', { merchantId }))
    const { bankCode, accountNumber, accountName } = account
    const cells = [bankCode, accountNumber, accountName].map(oneLine)
    return cells.includes('') ? null : cells
  }

  async function batches(params: Params<'statement.batches'>): Result<'statement.batches'> {
    const { format, merchantId, status, again = false, by } = params
    const isBank = format === 'bank_generic'
    const filter = {
      ...(merchantId === undefined ? {} : { merchantId }),
      ...(status !== undefined ? { status } : isBank ? { status: 'created' as const } : {}),
    }
    const found: SettlementView[] = []
    let held = 0
    let more = 0
    for (let cursor: string | null = ''; cursor !== null; ) {
      const at: { cursor?: string } = cursor === '' ? {} : { cursor }
      const page: { rows: readonly SettlementView[]; next: string | null } = sure(
        await call('settlement.list', { ...filter, ...at, limit: pageRows }),
      )
      for (const one of page.rows) {
        if (isBank && !isPayable(one)) continue
        if (isBank && !again && isOut(one)) held++
        else if (found.length < batchesMax) found.push(one)
        else if (isBank) more++
        else throw tooLong
      }
      cursor = page.next
    }
    if (!isBank) {
      const text = printCsv([batchHeads, ...found.map(batchRow)])
      return { ok: { text, given: [], leftOut: 0, held, more } }
    }
    const whole: { readonly id: string; readonly account: readonly string[] }[] = []
    let leftOut = 0
    for (const one of found) {
      const account = await accountOf(one)
      if (account === null) leftOut++
      else whole.push({ id: one.settlementBatchId, account })
    }
    const rows: string[][] = []
    const named: string[] = []
    let faulty: unknown = null
    // From here on each that was given is in the file, whatever becomes of the others.
    for (let from = 0; from < whole.length; from += givingMax) {
      const some = whole.slice(from, from + givingMax)
      const given = await Promise.all(
        some.map(({ id }) =>
          call('settlement.give', { settlementBatchId: id, again, by }).catch((cause: unknown) => ({
            cause,
          })),
        ),
      )
      for (const [n, answer] of given.entries()) {
        if ('ok' in answer) {
          rows.push(bankRow(some[n]!.account, answer.ok))
          named.push(some[n]!.id)
        } else if ('refused' in answer) held++
        else {
          more++
          faulty ??= 'cause' in answer ? answer.cause : new Told(answer)
        }
      }
      if (faulty !== null && rows.length === 0) throw faulty
    }
    return { ok: { text: printCsv([bankHeads, ...rows]), given: named, leftOut, held, more } }
  }

  async function adjustments(
    params: Params<'statement.adjustments'>,
  ): Result<'statement.adjustments'> {
    const rows: AdjustmentView[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const at: { cursor?: string } = cursor === '' ? {} : { cursor }
      const page: { rows: readonly AdjustmentView[]; next: string | null } = sure(
        await call('settlement.adjustments', { ...params, ...at, limit: pageRows }),
      )
      rows.push(...page.rows)
      if (rows.length > linesMax) throw tooLong
      cursor = page.next
    }
    return { ok: { text: printCsv([adjustmentHeads, ...rows.map(adjustmentRow)]) } }
  }

  const answered = <T>(work: Promise<Answer<T>>): Promise<Answer<T>> =>
    work.catch(cause => (cause instanceof Told ? cause.answer : faulted(cause)))
  return {
    name: 'statement',
    actions: {
      batch: (ctx: Context<Params<'statement.batch'>>) => answered(batch(ctx.params)),
      batches: (ctx: Context<Params<'statement.batches'>>) => answered(batches(ctx.params)),
      adjustments: (ctx: Context<Params<'statement.adjustments'>>) =>
        answered(adjustments(ctx.params)),
    },
  } as ServiceSchema
}

const isPayable = ({ status, total }: SettlementView): boolean =>
  (status === 'created' || status === 'paid') && total !== 0
/** On its way to the bank, or there. */
const isOut = ({ status, bankFile }: SettlementView): boolean =>
  status === 'paid' || bankFile !== null

const iso = (at: number | null): string => (at === null ? '' : new Date(at).toISOString())
const bankRow = (account: readonly string[], batch: SettlementView): string[] => [
  ...[...account, String(batch.total), 'IDR'],
  ...[batch.transferReference, describe(batch)],
]
const describe = ({ dueDay, reference }: SettlementView): string =>
  `Penyelesaian ${dueDay} ${reference}`.slice(0, 60)

function standardRows(
  { settlementBatchId, total }: Pick<SettlementView, 'settlementBatchId' | 'total'>,
  lines: readonly SettlementLine[],
  adjusted: readonly AdjustmentView[],
): string[][] {
  return [
    lineHeads,
    ...lines.map(({ kind, transactionId, reference, day, gross, fee, net, at, refundId }) => [
      ...[settlementBatchId, kind, transactionId, reference, day, String(gross), String(fee)],
      ...[String(net), iso(at), refundId],
    ]),
    ...adjusted.map(({ kind, adjustmentId, amount, at, reason }) => {
      const signed = String(kind === 'credit' ? amount : -amount)
      return [
        settlementBatchId,
        'adjustment',
        '',
        adjustmentId,
        '',
        signed,
        '0',
        signed,
        iso(at),
        reason,
      ]
    }),
    [settlementBatchId, 'total', '', '', '', '', '', String(total), '', ''],
  ]
}

function batchRow(batch: SettlementView): string[] {
  const { settlementBatchId, merchantId, reference, status, dueDay, adjusted, total } = batch
  return [
    ...[settlementBatchId, merchantId, reference, status, dueDay, String(total - adjusted)],
    ...[String(adjusted), String(total), batch.bankReference, iso(batch.createdAt)],
    ...[iso(batch.paidAt), batch.transferReference],
  ]
}

const adjustmentRow = (row: AdjustmentView): string[] => [
  ...[row.settlementBatchId, row.adjustmentId, row.merchantId, row.kind, String(row.amount)],
  ...[row.reason, row.by, iso(row.at)],
]
