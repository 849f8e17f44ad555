/**
 * The day held against what others say of it: the acquirer's report, the bank's statement, and our
 * own ledger against our batches. Files come as CSV with a line of names.
 *
 *   file ─▶ rows (recon-file.ts) ─▶ compared (reconcile.ts) ─▶ run and differences, in one write
 *
 * DKN1. A file that can not be read whole is refused with the line, and changes nothing.
 * DKN2. A difference keeps its age and its owner over comparisons; one that is gone is healed, and
 *       one that comes back is open again. What a person closed stays closed while both sides say
 *       the same; with another amount it is open again, and keeps what was noted.
 * DKN3. The same file again is another comparison of the same day, and finds the same.
 * DKN4. A day is a day in Jakarta; a row of another day is told, not compared.
 * DKN5. Each batch is told with its total, its lines, what is booked for it, what the bank did once
 *       its statement of that day was read, which statement that was, and what of it is open.
 * DKN6. A refund belongs to the day on which the acquirer told that it was carried out; where it
 *       told nothing, to the day of our books.
 * DKN7. A payment belongs to the day on which it was paid, also when we heard of it days later.
 * DKN8. What the acquirer owes for a day is held against the bank only where its report has it.
 * DKN9. What somebody did before he asked is compared.
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
} from '../../sql/soundbox/reconciliation.ts'
import type { DeskActions, ReconBreakView, ReconRunView } from '../contract/desk.ts'
import type { Millis } from '../contract/words.ts'
import { dayAfter, dayOf, dayStart } from '../day.ts'
import { faulted } from '../faults.ts'
import { freshKey } from '../fresh-key.ts'
import { refuse } from '../refusal.ts'
import { endOfId, transferReference, transfersIn } from '../soundbox/transfer-reference.ts'
import { acquirerForm, bankForm, readFile, type Told } from './recon-file.ts'
import { type Compared, compareReport, compareStatement, numbered } from './reconcile.ts'

type ReconciliationDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly now: () => Millis
  /** Resolves when the rows have what people did before. */
  readonly caughtUp: () => Promise<unknown>
}

type Params<A extends keyof DeskActions> = DeskActions[A]['params']
type Result<A extends keyof DeskActions> = Promise<DeskActions[A]['result']>

/** A payment is paid within days of being made; a printed one is made when it is told. */
const madeBeforeMs = 3 * 86_400_000
const madeAfterMs = 7 * 86_400_000

export function reconciliationService({ db, now, caughtUp }: ReconciliationDeps): ServiceSchema {
  const { pool } = db

  async function acquirer(params: Params<'recon.acquirer'>): Result<'recon.acquirer'> {
    const { day } = params
    const read = readFile(params, acquirerForm)
    if ('refused' in read) return read
    await caughtUp()
    const references = [...new Set(read.rows.map(row => row.reference))]
    const fromMs = dayStart(day) - madeBeforeMs
    const toMs = dayStart(dayAfter(day)) + madeAfterMs
    const span = { day, references, fromMs, toMs }
    const found = (await paymentsOfDay(pool, span)).map(one => ({
      ...one,
      // A printed QR's payment is named after the acquirer's reference.
      references: one.references.map(name => name.replace(/^static:/, '')),
    }))
    const nets = read.rows.flatMap(row => (row.net === null ? [] : [row.net]))
    const isTold = nets.length === read.rows.length
    const net = isTold ? nets.reduce((sum, one) => sum + one, 0) : null
    return keep(params, 'acquirer', { ...compareReport(read.rows, found), net }, read)
  }

  async function bank(params: Params<'recon.bank'>): Result<'recon.bank'> {
    const { day } = params
    const read = readFile(params, bankForm)
    if ('refused' in read) return read
    await caughtUp()
    const references = [...new Set(read.rows.map(row => row.reference))]
    const named = read.rows.flatMap(row => transfersIn(`${row.reference} ${row.description}`))
    const endings = [...new Set(named.map(endOfId))]
    const batches = (await batchesOfDay(pool, { day, references, endings })).map(batch => ({
      ...batch,
      transfer: transferReference(batch.id),
    }))
    const before = dayOf(dayStart(day) - 1)
    const report = await lastRun(pool, { kind: 'acquirer', day: before })
    const compared = compareStatement(read.rows, batches, report?.net ?? null)
    return keep(params, 'bank', { ...compared, net: 0 }, read)
  }

  async function ledger({ by }: Params<'recon.ledger'>): Result<'recon.ledger'> {
    await caughtUp()
    const { checked, odd } = await oddBatches(pool)
    const differences = odd.flatMap(({ id: subject, total: ours, lines, booked }) => {
      const batch = { key: transferReference(subject), subject, ours }
      return [
        ...(lines === ours ? [] : [{ what: 'lines_differ' as const, ...batch, theirs: lines }]),
        ...(booked === ours ? [] : [{ what: 'ledger_differs' as const, ...batch, theirs: booked }]),
      ]
    })
    const compared = { matched: checked - odd.length, ours: 0, theirs: 0, net: 0, differences }
    const file = { day: dayOf(now()), source: 'ledger', text: '', by }
    return keep(file, 'ledger', compared, { rows: [], others: 0 })
  }

  async function keep(
    { day, source, text, by }: Params<'recon.bank'>,
    kind: ReconRun['kind'],
    { matched, ours, theirs, net, differences }: Compared & Pick<ReconRun, 'net'>,
    { rows, others }: Told<unknown>,
  ): Result<'recon.bank'> {
    const nowMs = now()
    const run = {
      ...{ id: makeId(nowMs, 0, freshKey()), kind, day, source, rows: rows.length, matched },
      ...{ ours, theirs, net, askedBy: by },
    }
    const content = createHash('sha256').update(text).digest()
    await pool.transaction(tx => keepRun(tx, { ...run, content, nowMs }, numbered(differences)))
    const view = runView({ ...run, createdMs: nowMs })
    return { ok: { run: view, otherDays: others, breaks: differences.length } }
  }

  async function held(params: Params<'recon.batches'>): Result<'recon.batches'> {
    const { settlementBatchId: only = null, merchantId = null, status = null } = params
    const { before = null, limit } = params
    for (const id of [only, merchantId, before]) {
      if (id !== null && !isId(id)) return refuse('NOT_FOUND')
    }
    await caughtUp()
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
