/**
 * What we have at suppliers, as the rest of the system sees it: the comparison of `audit.ts` kept
 * over restarts, what finance books, and balances asked for where nobody names them.
 *
 * FLB1. What a person books moves once, under a reference made of its row, by double entry: money
 *       that we sent out of cash, corrections out of cash or as a difference.
 * FLB2. A deposit above what one person may move alone in a day waits for another; a correction
 *       always does.
 * FLB3. A drift that begins or ends is told in the log, once, and outlives a restart.
 * FLB4. A supplier who never names a balance, and one into which nothing was booked, is said to be
 *       so; that is no drift.
 * FLB5. What was asked for is told to routing as well, as of when it was asked, and more often than
 *       routing forgets it.
 * FLB6. Who gets no orders for his balance is asked each minute, so that a deposit opens him again
 *       soon, whether his balance was told by a reply, a callback or an answer.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { cash, difference, float } from '../../actors/chart.ts'
import { fingerprint, makeId } from '../../engine/ids.ts'
import { blanked } from '../../sql/copy.ts'
import type { Database } from '../../sql/database.ts'
import {
  addFloatSteps,
  forgetFloatSteps,
  putTellsBefore,
  readBookings,
  readFloatSteps,
  readFloatWatches,
  saveFloatWatches,
} from '../../sql/money/float.ts'
import {
  askManual,
  judgeManual,
  type ManualRow,
  noteManualPaid,
  readManual,
  readManuals,
  unpaidManuals,
} from '../../sql/money/manual-moves.ts'
import type { FloatMove, FloatView } from '../contract/supplier.ts'
import type { Actions } from '../contract.ts'
import { aloneNow } from '../deposit/bank.ts'
import type { EngineRoom } from '../engine-room.ts'
import { freshKey } from '../fresh-key.ts'
import { refuse } from '../refusal.ts'
import type { SupplierAccess } from '../supplier/caller.ts'
import { sendMoney, treasuryShard } from '../wallet/sending.ts'
import { arrivalMs, type FloatAudit, type Reported, type Stand } from './audit.ts'
import { askBalance } from './balance.ts'

export type FloatDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
  readonly audit: FloatAudit
  readonly suppliers: () => readonly SupplierAccess[]
  readonly isOwner: () => boolean
  /** Told every balance that a supplier named when asked, and when that was. */
  readonly onBalance: (supplier: string, balance: number, at: number) => void
  /** Orders pass it by for what it named last. */
  readonly isDrained: (supplier: string) => boolean
  /** How often to look what is to be done. */
  readonly beatMs?: number
  readonly log: (level: 'info' | 'error', what: string, more: object) => void
  readonly onError: (cause: unknown) => void
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Promise<Actions[A]['result']>
type Serve<A extends keyof Actions> = (ctx: Context<Params<A>>) => Result<A>

const usualBeatMs = 10_000
const pollMs = 4 * 60_000
/** While it is in doubt, too low, and where nothing came of it, it is asked more often. */
const doubtfulPollMs = 60_000
const stepsKept = 10_000

const floatRef = (id: string): string => `float-${id}`

export function floatService(deps: FloatDeps): ServiceSchema {
  const { room, db, audit, beatMs = usualBeatMs } = deps
  const { pool } = db
  const saved = new Map<string, Reported | null>()
  const drifting = new Set<string>()
  const asked = new Map<string, number>()
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> | null = null

  const list: Serve<'float.list'> = async () => {
    const codes = (await readFloatWatches(pool)).map(one => one.supplier)
    return { ok: { rows: codes.map(code => viewOf(audit.of(code))) } }
  }

  const read: Serve<'float.read'> = async ({ params: { supplier } }) =>
    (await isKnown(supplier)) ? { ok: viewOf(audit.of(supplier)) } : refuse('NOT_FOUND')

  const steps: Serve<'float.steps'> = async ({ params: { supplier, before, limit } }) => {
    if (!(await isKnown(supplier))) return refuse('NOT_FOUND')
    const page = { supplier, before: before ?? Number.MAX_SAFE_INTEGER, limit: limit + 1 }
    const found = await readFloatSteps(pool, page)
    const rows = found.slice(0, limit).map(({ atMs, order, ...row }) => ({
      ...row,
      toldAt: Math.round(atMs),
      trxId: order,
    }))
    return { ok: { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null } }
  }

  const moves: Serve<'float.moves'> = async ({ params }) => {
    const { supplier, status = null, before, limit } = params
    if (!(await isKnown(supplier))) return refuse('NOT_FOUND')
    const page = { kind: 'float', status, supplier, before, limit: limit + 1 } as const
    const found = await readManuals(pool, page)
    const rows = found.slice(0, limit).map(moveView)
    return { ok: { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null } }
  }

  const topUp: Serve<'float.topUp'> = async ({ params: { supplier, amount, ref, note, by } }) =>
    await book({ supplier, amount, ref, note, by, raises: true, against: 'cash', alone: true })

  const adjust: Serve<'float.adjust'> = async ({ params }) =>
    await book({ ...params, alone: false })

  async function book(
    wish: Params<'float.adjust'> & { readonly alone: boolean },
  ): Result<'float.adjust'> {
    const { supplier, amount, raises, against, ref, note, by } = wish
    if (!(await isKnown(supplier))) return refuse('NOT_FOUND')
    const alone = await aloneNow(pool, room.now())
    const row = await askManual(pool, {
      kind: 'float',
      id: makeId(alone.nowMs, treasuryShard, freshKey()),
      ...{ supplier, amount, raises, against, ref, note: blanked(note), askedBy: by, ...alone },
      ...(wish.alone ? {} : { aloneMax: -1 }),
    })
    const isSame =
      row.supplier === supplier &&
      row.amount === amount &&
      row.raises === raises &&
      row.against === against
    return isSame ? await paid(row) : refuse('DUPLICATE_REF')
  }

  const judge: Serve<'float.judge'> = async ({ params: { supplier, id, verdict, by } }) => {
    const row = await readManual(pool, { kind: 'float', id })
    if (row === null || row.supplier !== supplier) return refuse('NOT_FOUND')
    if (row.askedBy === by && verdict === 'approved') return refuse('SECOND_PERSON_NEEDED')
    const judged = await judgeManual(pool, id, { status: verdict, by, nowMs: room.now() })
    // Somebody may have been faster, and of the same mind.
    const after = judged ?? (await readManual(pool, { kind: 'float', id })) ?? row
    if (judged === null && after.status !== verdict && after.status !== 'paid') {
      return refuse('MUTATION_DECIDED', { status: after.status })
    }
    return await paid(after)
  }

  const rules: Serve<'float.rules'> = async ({ params: { supplier, tellsBefore } }) => {
    if (!(await isKnown(supplier))) return refuse('NOT_FOUND')
    await putTellsBefore(pool, { supplier, tellsBefore })
    const stand = audit.of(supplier)
    stand.tellsBefore = tellsBefore
    return { ok: viewOf(stand) }
  }

  async function isKnown(supplier: string): Promise<boolean> {
    return (await readFloatWatches(pool)).some(one => one.supplier === supplier)
  }

  async function paid(row: ManualRow): Result<'float.adjust'> {
    if (row.status === 'approved') await payAll()
    return { ok: moveView((await readManual(pool, { kind: 'float', id: row.id })) ?? row) }
  }

  async function payAll(): Promise<void> {
    if (!deps.isOwner()) return
    for (const row of await unpaidManuals(pool, 'float')) {
      const { id, supplier, raises, against, amount, note } = row
      if (supplier === null) continue
      const other = against === 'cash' ? cash : difference
      const [from, to] = raises ? [float(supplier), other] : [other, float(supplier)]
      const answer = await sendMoney(room, {
        ...{ shard: treasuryShard, key: fingerprint('float', floatRef(id)) },
        ...{ from, to, toShard: treasuryShard, amount, note: note.slice(0, 200).toWellFormed() },
      })
      // Not now: the next beat repeats it with the same reference.
      if ('ok' in answer) await noteManualPaid(pool, { id, transferId: answer.ok.transferId })
    }
  }

  /** Goes on with what is unfinished, and keeps what was seen. */
  async function work(): Promise<void> {
    if (!deps.isOwner()) return
    await payAll()
    await keep()
    await poll()
  }

  async function keep(): Promise<void> {
    const fresh = [...audit.stands.values()].filter(
      ({ code, reported }) => reported !== (saved.get(code) ?? null),
    )
    if (fresh.length === 0) return
    // Taken at once: what is reported while they are written belongs to the next beat.
    const kept = fresh.map(one => ({
      ...{ supplier: one.code, reported: one.reported },
      ...{ agreed: one.agreed, doubt: one.doubt, suspects: [...one.suspects] },
    }))
    const steps = fresh.flatMap(stepOf)
    for (const stand of fresh) tellTurn(stand)
    await saveFloatWatches(pool, kept)
    await addFloatSteps(pool, steps)
    for (const { supplier, reported } of kept) {
      saved.set(supplier, reported)
      await forgetFloatSteps(pool, { supplier, keep: stepsKept })
    }
  }

  function tellTurn({ code, books, reported, doubt, agreed }: Stand): void {
    const drifts = doubt?.drift === true
    if (drifts === drifting.has(code)) return
    if (drifts) {
      drifting.add(code)
      const { off, since, order, reports } = doubt
      deps.log('error', 'supplier float drifts', {
        ...{ supplier: code, off, since: new Date(since).toISOString(), first_order: order },
        ...{ reports, books, reported: reported?.balance ?? null },
      })
    } else {
      drifting.delete(code)
      deps.log('info', 'supplier float agrees again', { supplier: code, order: agreed?.order })
    }
  }

  async function poll(): Promise<void> {
    for (const supplier of deps.suppliers()) {
      const { code, adapter, active } = supplier
      const stand = audit.of(code)
      const isUrgent = stand.doubt !== null || deps.isDrained(code)
      const pauseMs = isUrgent ? doubtfulPollMs : pollMs
      if (adapter.balance === undefined || !active) continue
      if (room.now() - (asked.get(code) ?? 0) < pauseMs) continue
      const askedAt = room.now()
      asked.set(code, askedAt)
      const mark = stand.mark(askedAt)
      const balance = await askBalance(supplier, adapter.balance, stopping.signal)
      if (balance === null) {
        asked.set(code, room.now() - pollMs + doubtfulPollMs)
        continue
      }
      audit.asked(code, mark, { balance, at: room.now() })
      deps.onBalance(code, balance, askedAt)
    }
  }

  function beat(): Promise<void> {
    working ??= work()
      .catch(cause => {
        if (!stopping.signal.aborted) deps.onError(cause)
      })
      .finally(() => {
        working = null
      })
    return working
  }

  return {
    name: 'float',
    actions: { list, read, steps, moves, topUp, adjust, judge, rules },
    async started() {
      for (const row of await readFloatWatches(pool)) {
        const stand = audit.of(row.supplier)
        stand.tellsBefore = row.tellsBefore
        stand.isOpened ||= row.opened
        stand.reported ??= row.reported
        stand.agreed ??= row.agreed
        stand.doubt ??= row.doubt
        if (stand.suspects.length === 0) stand.suspects = row.suspects
        saved.set(row.supplier, stand.reported)
        if (row.doubt?.drift) drifting.add(row.supplier)
      }
      // What was booked just before a restart may still be on its way.
      for (const { supplier, atMs, amount } of await readBookings(pool, room.now() - arrivalMs)) {
        const stand = audit.of(supplier)
        stand.bookings = [...stand.bookings, { at: atMs, amount }]
      }
      timer = setInterval(() => void beat(), beatMs).unref()
    },
    async stopped() {
      clearInterval(timer)
      stopping.abort()
      await working
      if (deps.isOwner()) await keep().catch(deps.onError)
    },
  } as ServiceSchema
}

const stepOf = ({ code, reported, doubt }: Stand) => {
  if (reported === null) return []
  const { at, ...rest } = reported
  return [{ supplier: code, atMs: at, drift: doubt?.drift === true, ...rest }]
}

function viewOf(stand: Stand): FloatView {
  const { code, books, out, reported, doubt, agreed, suspects, tellsBefore, isOpened } = stand
  return {
    supplier: code,
    status:
      reported === null
        ? 'never_reported'
        : !isOpened
          ? 'not_opened'
          : doubt === null
            ? 'agrees'
            : doubt.drift
              ? 'drifts'
              : 'doubtful',
    books,
    out,
    reported: reported === null ? null : reportedView(reported),
    drift:
      doubt === null
        ? null
        : {
            off: doubt.off,
            sinceAt: doubt.since,
            firstTrxId: doubt.order,
            reports: doubt.reports,
          },
    agreed: agreed === null ? null : { toldAt: agreed.at, trxId: agreed.order },
    suspects: suspects.map(({ order, at, cost, step }) => ({
      trxId: order,
      toldAt: at,
      cost,
      step,
    })),
    tellsBefore,
  }
}

const reportedView = ({ balance, at, order, lower, upper, off }: Reported) => ({
  ...{ balance, toldAt: at, trxId: order, lower, upper, off },
})

const moveView = (row: ManualRow): FloatMove => ({
  id: row.id,
  ref: row.ref,
  supplier: row.supplier ?? '',
  raises: row.raises,
  against: row.against,
  amount: row.amount,
  note: row.note,
  status: row.status,
  askedBy: row.askedBy,
  secondBy: row.secondBy,
  transferId: row.transferId,
  askedAt: Math.round(row.askedMs),
})
