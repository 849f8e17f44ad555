/**
 * Settlement as files for accountants and banks.
 *
 *   standard       one row per payment or refund of a batch, one per adjustment, and their total
 *   bank_generic   one row per batch: to which account, how much, with which words
 *
 * DKI1. The rows of a batch sum to its total, to the rupiah.
 * DKI2. A bank's file names only batches that wait to be paid, unless asked for others.
 * DKI4. A batch is noted as given to the bank before its file leaves, and is given only while it
 *       waits or after it was paid; then it is cancelled only by who says that the file is
 *       recalled.
 * DKI3. What is too long for one answer is refused, and made as an export instead.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { printCsv } from '../catalogue/csv.ts'
import type { Answer } from '../contract/answer.ts'
import type { DeskActions } from '../contract/desk.ts'
import type { AdjustmentView, SettlementLine, SettlementView } from '../contract/soundbox.ts'
import type { Millis } from '../contract/words.ts'
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
  ...['batch_id', 'type', 'transaction_id', 'reference', 'business_day', 'gross', 'fee', 'net'],
  ...['at', 'note'],
]
const batchHeads = [
  ...['batch_id', 'merchant_id', 'reference', 'status', 'due_day', 'days_total', 'adjusted'],
  ...['total', 'bank_reference', 'created_at', 'paid_at'],
]
const adjustmentHeads = [
  ...['batch_id', 'adjustment_id', 'merchant_id', 'kind', 'amount', 'reason', 'by', 'at'],
]

const unready = new Told({ refused: 'EXPORT_UNREADY', moneyEffect: 'none' })
const tooLong = new Told({ refused: 'EXPORT_LIMIT', retryAfterMs: 1_000, moneyEffect: 'none' })

export type StatementDeps = {
  readonly call: Call
  readonly note: (
    batches: readonly { readonly id: string; readonly amount: number }[],
    by: string,
  ) => Promise<void>
  readonly givenTo: (settlementId: string) => Promise<{ givenTo: string; givenMs: Millis } | null>
}

export function statementService({ call, note, givenTo }: StatementDeps): ServiceSchema {
  async function batch(params: Params<'statement.batch'>): Result<'statement.batch'> {
    const { settlementId, merchantId, format, by } = params
    const whose = merchantId === undefined ? {} : { merchantId }
    const found = sure(await call('settlement.get', { settlementId, ...whose }))
    if (format === 'bank_generic') {
      if (found.status !== 'created' && found.status !== 'paid') throw unready
      const row = await bankRow(found)
      if (found.status === 'created') await note([{ id: settlementId, amount: found.total }], by)
      return { ok: { text: printCsv([bankHeads, row]) } }
    }
    const lines: SettlementLine[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const at: { cursor?: string } = cursor === '' ? {} : { cursor }
      const asked = { settlementId, ...whose, ...at, limit: pageRows }
      const page: { rows: readonly SettlementLine[]; next: string | null } = sure(
        await call('settlement.lines', asked),
      )
      lines.push(...page.rows)
      if (lines.length > linesMax) throw tooLong
      cursor = page.next
    }
    const adjusted = sure(await call('settlement.adjustments', { settlementId, limit: 500 }))
    return { ok: { text: printCsv(standardRows(found, lines, adjusted.rows)) } }
  }

  async function bankRow(found: SettlementView): Promise<string[]> {
    const { merchantId, total, reference } = found
    const account = sure(await call('merchant.account', { merchantId }))
    const { bankCode, accountNumber, accountName } = account
    return [bankCode, accountNumber, accountName, String(total), 'IDR', reference, describe(found)]
  }

  async function batches(params: Params<'statement.batches'>): Result<'statement.batches'> {
    const { format, merchantId, status, by } = params
    const isBank = format === 'bank_generic'
    const filter = {
      ...(merchantId === undefined ? {} : { merchantId }),
      ...(status !== undefined ? { status } : isBank ? { status: 'created' as const } : {}),
    }
    const found: SettlementView[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const at: { cursor?: string } = cursor === '' ? {} : { cursor }
      const page: { rows: readonly SettlementView[]; next: string | null } = sure(
        await call('settlement.list', { ...filter, ...at, limit: pageRows }),
      )
      found.push(...page.rows)
      if (found.length > batchesMax) throw tooLong
      cursor = page.next
    }
    if (!isBank) return { ok: { text: printCsv([batchHeads, ...found.map(batchRow)]) } }
    const rows: string[][] = []
    for (const one of found) {
      if (one.status === 'created' || one.status === 'paid') rows.push(await bankRow(one))
    }
    const fresh = found.filter(one => one.status === 'created')
    await note(
      fresh.map(one => ({ id: one.settlementId, amount: one.total })),
      by,
    )
    return { ok: { text: printCsv([bankHeads, ...rows]) } }
  }

  async function adjustments(
    params: Params<'statement.adjustments'>,
  ): Result<'statement.adjustments'> {
    const { rows } = sure(await call('settlement.adjustments', params))
    return { ok: { text: printCsv([adjustmentHeads, ...rows.map(adjustmentRow)]) } }
  }

  const answered = <T>(work: Promise<Answer<T>>): Promise<Answer<T>> =>
    work.catch(cause => (cause instanceof Told ? cause.answer : faulted(cause)))
  return {
    name: 'statement',
    actions: {
      batch: (ctx: Context<Params<'statement.batch'>>) => answered(batch(ctx.params)),
      batches: (ctx: Context<Params<'statement.batches'>>) => answered(batches(ctx.params)),
      given: async ({ params }: Context<Params<'statement.given'>>): Result<'statement.given'> => {
        const found = await givenTo(params.settlementId)
        return { ok: found && { by: found.givenTo, at: Math.round(found.givenMs) } }
      },
      adjustments: (ctx: Context<Params<'statement.adjustments'>>) =>
        answered(adjustments(ctx.params)),
    },
  } as ServiceSchema
}

const iso = (at: number | null): string => (at === null ? '' : new Date(at).toISOString())
const describe = ({ dueDay, reference }: SettlementView): string =>
  `Penyelesaian ${dueDay} ${reference}`.slice(0, 60)

export function standardRows(
  { settlementId, total }: Pick<SettlementView, 'settlementId' | 'total'>,
  lines: readonly SettlementLine[],
  adjusted: readonly AdjustmentView[],
): string[][] {
  return [
    lineHeads,
    ...lines.map(({ kind, transactionId, reference, day, gross, fee, net, at, refundId }) => [
      ...[settlementId, kind, transactionId, reference, day, String(gross), String(fee)],
      ...[String(net), iso(at), refundId],
    ]),
    ...adjusted.map(({ kind, adjustmentId, amount, at, reason }) => {
      const signed = String(kind === 'credit' ? amount : -amount)
      return [
        settlementId,
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
    [settlementId, 'total', '', '', '', '', '', String(total), '', ''],
  ]
}

function batchRow(batch: SettlementView): string[] {
  const { settlementId, merchantId, reference, status, dueDay, adjusted, total } = batch
  return [
    ...[settlementId, merchantId, reference, status, dueDay, String(total - adjusted)],
    ...[String(adjusted), String(total), batch.bankReference, iso(batch.createdAt)],
    iso(batch.paidAt),
  ]
}

const adjustmentRow = (row: AdjustmentView): string[] => [
  ...[row.settlementId, row.adjustmentId, row.merchantId, row.kind, String(row.amount)],
  ...[row.reason, row.by, iso(row.at)],
]
