/**
 * The day held against what others say of it: the acquirer's report, the bank's statement, and our
 * own ledger against our batches. Files come as CSV with a line of names.
 *
 *   file ─▶ rows ─▶ compared (reconcile.ts) ─▶ run and differences, in one write
 *
 * DKN1. A file that can not be read whole is refused with the line, and changes nothing.
 * DKN2. A difference keeps its age and its owner over comparisons; one that is gone is healed, and
 *       one that comes back is open again. What a person closed stays closed.
 * DKN3. The same file again is another comparison of the same day, and finds the same.
 * DKN4. A day is a day in Jakarta; a row of another day is told, not compared.
 * DKN5. Each batch is told with its total, its lines, what is booked for it, what the bank did once
 *       its statement of that day was read, which statement that was, and what of it is open.
 * DKN6. A refund belongs to the day on which the acquirer told that it was carried out; where it
 *       told nothing, to the day of our books.
 */

import { createHash } from 'node:crypto'
import type { Context, ServiceSchema } from 'moleculer'
import { isId, makeId } from '../../engine/ids.ts'
import type { Database } from '../../sql/database.ts'
import {
  type BreakRow,
  batchesOfDay,
  closeBreak,
  heldBatches,
  keepRun,
  lastRun,
  listBreaks,
  listRuns,
  oddBatches,
  ownBreak,
  paymentsOfDay,
  type ReconRun,
} from '../../sql/reconciliation.ts'
import { parseCsv } from '../catalogue/csv.ts'
import type { Refused } from '../contract/answer.ts'
import type { DeskActions, ReconBreakView, ReconRunView } from '../contract/desk.ts'
import type { Millis, Rupiah } from '../contract/words.ts'
import { dayAfter, dayOf, dayStart } from '../day.ts'
import { faulted } from '../faults.ts'
import { freshKey } from '../fresh-key.ts'
import { refuse } from '../refusal.ts'
import {
  type Compared,
  compareReport,
  compareStatement,
  type ReportRow,
  type StatementRow,
} from './reconcile.ts'

type ReconciliationDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly now: () => Millis
}

type Params<A extends keyof DeskActions> = DeskActions[A]['params']
type Result<A extends keyof DeskActions> = Promise<DeskActions[A]['result']>

const linesMax = 200_000
/** A payment is paid within days of being made. */
const madeBeforeMs = 3 * 86_400_000
const moneyShape = /^-?\d{1,15}(?:[.,]0{1,2})?$/

type Cells = Readonly<Record<string, string>>
type Read<T> = { readonly rows: readonly T[]; readonly others: number }

export function reconciliationService({ db, now }: ReconciliationDeps): ServiceSchema {
  const { pool } = db

  async function acquirer(params: Params<'recon.acquirer'>): Result<'recon.acquirer'> {
    const { day } = params
    const read = readFile(params, reportRow)
    if ('refused' in read) return read
    const references = [...new Set(read.rows.map(row => row.reference))]
    const fromMs = dayStart(day) - madeBeforeMs
    const span = { day, references, fromMs, toMs: dayStart(dayAfter(day)) }
    const found = (await paymentsOfDay(pool, span)).map(one => ({
      ...one,
      // A printed QR's payment is named after the acquirer's reference.
      references: one.references.map(name => name.replace(/^static:/, '')),
    }))
    const net = read.rows.reduce((sum, row) => sum + row.net, 0)
    return keep(params, 'acquirer', { ...compareReport(read.rows, found), net }, read)
  }

  async function bank(params: Params<'recon.bank'>): Result<'recon.bank'> {
    const { day } = params
    const read = readFile(params, statementRow)
    if ('refused' in read) return read
    const references = [...new Set(read.rows.map(row => row.reference))]
    const batches = await batchesOfDay(pool, { day, references })
    const before = dayOf(dayStart(day) - 1)
    const report = await lastRun(pool, { kind: 'acquirer', day: before })
    const compared = compareStatement(read.rows, batches, report?.net ?? null)
    return keep(params, 'bank', { ...compared, net: 0 }, read)
  }

  async function ledger({ by }: Params<'recon.ledger'>): Result<'recon.ledger'> {
    const { checked, odd } = await oddBatches(pool)
    const differences = odd.flatMap(({ id: subject, reference: key, total, lines, booked }) => [
      ...(lines === total
        ? []
        : [{ what: 'lines_differ' as const, key, subject, ours: total, theirs: lines }]),
      ...(booked === total
        ? []
        : [{ what: 'ledger_differs' as const, key, subject, ours: total, theirs: booked }]),
    ])
    const compared = { matched: checked - odd.length, ours: 0, theirs: 0, net: 0, differences }
    const file = { day: dayOf(now()), source: 'ledger', text: '', by }
    return keep(file, 'ledger', compared, { rows: [], others: 0 })
  }

  async function keep(
    { day, source, text, by }: Params<'recon.bank'>,
    kind: ReconRun['kind'],
    { matched, ours, theirs, net, differences }: Compared & { readonly net: Rupiah },
    { rows, others }: Read<unknown>,
  ): Result<'recon.bank'> {
    const nowMs = now()
    const run = {
      ...{ id: makeId(nowMs, 0, freshKey()), kind, day, source, rows: rows.length, matched },
      ...{ ours, theirs, net, askedBy: by },
    }
    const content = createHash('sha256').update(text).digest()
    await pool.transaction(tx => keepRun(tx, { ...run, content, nowMs }, differences))
    const view = runView({ ...run, createdMs: nowMs })
    return { ok: { run: view, otherDays: others, breaks: differences.length } }
  }

  async function held(params: Params<'recon.batches'>): Result<'recon.batches'> {
    const { settlementBatchId: only = null, merchantId = null, status = null } = params
    const { before = null, limit } = params
    for (const id of [only, merchantId, before]) {
      if (id !== null && !isId(id)) return refuse('NOT_FOUND')
    }
    const found = await heldBatches(pool, {
      ...{ id: only, merchantId, status, before, limit: limit + 1 },
    })
    const rows = found.slice(0, limit).map(({ paidMs, statement, ...row }) => ({
      ...row,
      paidAt: paidMs === null ? null : Math.round(paidMs),
      statement: statement && {
        ...{ source: statement.source, day: statement.day },
        readAt: Math.round(statement.readMs),
      },
    }))
    const next = found.length > limit ? rows.at(-1)!.settlementBatchId : null
    return { ok: { rows, next } }
  }

  async function breaks(params: Params<'recon.breaks'>): Result<'recon.breaks'> {
    const { status, kind, after, limit } = params
    const rows = await listBreaks(pool, {
      ...{ status: status ?? null, kind: kind ?? null, after: after ?? null, limit },
    })
    const views = rows.map(row => breakView(row, now()))
    return { ok: { rows: views, next: rows.length < limit ? null : rows.at(-1)!.id } }
  }

  async function own({ id, owner }: Params<'recon.own'>): Result<'recon.own'> {
    const row = await ownBreak(pool, { id, owner })
    return row === null ? refuse('NOT_FOUND') : { ok: breakView(row, now()) }
  }

  async function close({ id, by, note }: Params<'recon.close'>): Result<'recon.close'> {
    const row = await closeBreak(pool, { id, by, note, nowMs: now() })
    return row === null ? refuse('NOT_FOUND') : { ok: breakView(row, now()) }
  }

  return {
    name: 'recon',
    actions: {
      acquirer: (ctx: Context<Params<'recon.acquirer'>>) => acquirer(ctx.params).catch(faulted),
      bank: (ctx: Context<Params<'recon.bank'>>) => bank(ctx.params).catch(faulted),
      ledger: (ctx: Context<Params<'recon.ledger'>>) => ledger(ctx.params).catch(faulted),
      batches: (ctx: Context<Params<'recon.batches'>>) => held(ctx.params).catch(faulted),
      breaks: (ctx: Context<Params<'recon.breaks'>>) => breaks(ctx.params).catch(faulted),
      own: (ctx: Context<Params<'recon.own'>>) => own(ctx.params).catch(faulted),
      close: (ctx: Context<Params<'recon.close'>>) => close(ctx.params).catch(faulted),
      runs: ({ params }: Context<Params<'recon.runs'>>): Result<'recon.runs'> =>
        listRuns(pool, params.limit).then(rows => ({ ok: { rows: rows.map(runView) } }), faulted),
    },
  } as ServiceSchema
}

/** Rows of the day, and how many were of others; or what is wrong with which line. */
function readFile<T>(
  { day, text }: Pick<Params<'recon.bank'>, 'day' | 'text'>,
  rowOf: (cells: Cells) => { readonly day: string | null; readonly row: T } | string,
): Read<T> | Refused {
  if (Number.isNaN(dayStart(day))) return refuse('TIME_INVALID')
  const records = parseCsv(text, linesMax)
  if ('problem' in records) return refuse('STATEMENT_UNREADABLE', { ...records })
  const [head, ...lines] = records
  if (head === undefined) return refuse('STATEMENT_UNREADABLE', { line: 1, problem: 'empty' })
  const names = head.cells.map(cell => cell.trim().toLowerCase())
  const rows: T[] = []
  let others = 0
  for (const { line, cells } of lines) {
    const named = Object.fromEntries(names.map((name, n) => [name, (cells[n] ?? '').trim()]))
    const read = rowOf(named)
    if (typeof read === 'string') return refuse('STATEMENT_UNREADABLE', { line, problem: read })
    if (read.day === null || read.day === day) rows.push(read.row)
    else others++
  }
  return { rows, others }
}

function reportRow(
  cells: Cells,
): ReturnType<Parameters<typeof readFile<ReportRow & { net: Rupiah }>>[1]> {
  const { reference = '', rrn = '', type = 'payment' } = cells
  const name = reference || rrn
  if (name === '') return 'reference'
  const amount = rupiah(cells['amount'] ?? cells['gross'] ?? '')
  if (amount === null) return 'amount'
  const net = cells['net'] === undefined ? 0 : rupiah(cells['net'])
  if (net === null) return 'net'
  const day = dayIn(cells['settlement_date'] ?? cells['paid_at'] ?? '')
  if (day === undefined) return 'date'
  const isRefund = /refund/i.test(type) || amount < 0
  const kind = isRefund ? ('refund' as const) : ('payment' as const)
  return { day, row: { reference: name, type: kind, amount: Math.abs(amount), net } }
}

function statementRow(cells: Cells): ReturnType<Parameters<typeof readFile<StatementRow>>[1]> {
  const day = dayIn(cells['date'] ?? '')
  if (day === undefined) return 'date'
  const { reference = '', description = '' } = cells
  const debit = rupiah(cells['debit'] || '0')
  const credit = rupiah(cells['credit'] || '0')
  if (debit === null || debit < 0) return 'debit'
  if (credit === null || credit < 0) return 'credit'
  return { day, row: { reference, description, debit, credit } }
}

/** Whole rupiah, also with cents that are none; null for anything else. */
const rupiah = (text: string): Rupiah | null =>
  moneyShape.test(text) ? Number(text.replace(/[.,]0{1,2}$/, '')) : null

/** Null where no day is told, undefined where none can be read. */
function dayIn(text: string): string | null | undefined {
  if (text === '') return null
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : dayOf(at)
}

const runView = ({ createdMs, ...run }: ReconRun): ReconRunView => ({
  ...run,
  createdAt: Math.round(createdMs),
})

const breakView = (
  { openedMs, seenMs, closedMs, ...row }: BreakRow,
  now: Millis,
): ReconBreakView => ({
  ...row,
  openedAt: Math.round(openedMs),
  seenAt: Math.round(seenMs),
  closedAt: closedMs === null ? null : Math.round(closedMs),
  ageDays: Math.floor(((closedMs ?? now) - openedMs) / 86_400_000),
})
