/**
 * Files for people: made behind the answer, a page at a time, and there to be fetched for a while.
 *
 *   start ─▶ job ─▶ page ─▶ file (synced) ─▶ progress in the table ─▶ page ... ─▶ done ─▶ expired
 *                     └─ kill -9 ─▶ the file is cut to what the table says, and it goes on
 *
 * DKD1. After a crash a file goes on where it was sure; no row is in it twice, none is missing. One
 *       that is not there any more, as on another machine, is begun anew.
 * DKD2. A file holds what was there when it was asked for, and no more rows than one file may.
 * DKD7. What was done before it was asked for is in it: it begins when the rows have that.
 * DKD3. What a spreadsheet would take for a formula goes out as text.
 * DKD4. A file is kept for a week and then deleted; a job that was stopped leaves none. A process
 *       sees to its own folder, so that none stays that a kill or another owner left there.
 * DKD5. One file is made at a time, and only by the owner of the shards.
 * DKD6. What fails in the middle is tried again after pauses that grow, from where it was sure;
 *       others go on meanwhile. Only who fails ten times in a row is given up.
 */

import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context, ServiceSchema } from 'moleculer'
import { isId, makeId } from '../../engine/ids.ts'
import type { Database } from '../../sql/database.ts'
import {
  addExport,
  beginExport,
  countRows,
  type ExportJob,
  endExport,
  expireExports,
  exportPage,
  headsOf,
  keepProgress,
  listExports,
  nextExport,
  readExport,
} from '../../sql/desk/exports.ts'
import { printCsv } from '../catalogue/csv.ts'
import type { DeskActions, ExportView } from '../contract/desk.ts'
import type { Millis } from '../contract/words.ts'
import { faulted } from '../faults.ts'
import { freshKey } from '../fresh-key.ts'

export type ExportDeps = {
  readonly db: Pick<Database, 'pool'>
  /** Where the files lie. */
  readonly folder: string
  readonly now: () => Millis
  readonly isOwner: () => boolean
  /** Resolves when the rows have what people did before. */
  readonly caughtUp: () => Promise<unknown>
  readonly onError: (cause: unknown) => void
  readonly rowsMax?: number
  readonly rowsAtOnce?: number
  readonly lookMs?: number
}

type Params<A extends keyof DeskActions> = DeskActions[A]['params']
type Result<A extends keyof DeskActions> = Promise<DeskActions[A]['result']>

const keptMs = 7 * 86_400_000
const sweepMs = 3_600_000
const fileShape = /^[0-9a-f-]{36}\.csv$/
const chunkMax = 1 << 20
const openMax = 50
const triesMax = 10
const pauseMs = 1_000
const pauseMsMax = 60_000
const no = (refused: 'NOT_FOUND' | 'EXPORT_LIMIT' | 'EXPORT_UNREADY') =>
  ({ refused, moneyEffect: 'none' }) as const

export function exportService(deps: ExportDeps): ServiceSchema {
  const { db, folder, now, isOwner, caughtUp, onError } = deps
  const { rowsMax = 1_000_000, rowsAtOnce = 2_000, lookMs = 1_000 } = deps
  const { pool } = db
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> | null = null
  let isStopping = false
  let sweptAt: Millis = Number.NEGATIVE_INFINITY
  /** What failed lately, how often in a row, and when it is tried again. */
  const troubled = new Map<string, { readonly tries: number; readonly until: Millis }>()
  const fileOf = (id: string): string => join(folder, `${id}.csv`)

  async function start(params: Params<'export.start'>): Result<'export.start'> {
    const { kind, reference, by, filter } = params
    const waiting = (await listExports(pool, { before: null, limit: openMax })).filter(isOpen)
    if (waiting.length >= openMax) return no('EXPORT_LIMIT')
    const createdMs = now()
    const { merchantId = null, from = null, to, status = null } = filter
    const id = makeId(createdMs, 0, freshKey())
    const toMs = Math.min(to ?? createdMs, createdMs)
    const whole = { merchantId, fromMs: from, toMs, status }
    const asked = { kind, filter: whole, askedBy: by, reference }
    const job = await addExport(pool, { id, ...asked, createdMs })
    void beat()
    return { ok: viewOf(job) }
  }

  async function get({ id }: Params<'export.get'>): Result<'export.get'> {
    const job = isId(id) ? await readExport(pool, id) : null
    return job === null ? no('NOT_FOUND') : { ok: viewOf(job) }
  }

  async function list({ before, limit }: Params<'export.list'>): Result<'export.list'> {
    const rows = await listExports(pool, { before: before ?? null, limit })
    return { ok: { rows: rows.map(viewOf), next: rows.length < limit ? null : rows.at(-1)!.id } }
  }

  async function cancel({ id }: Params<'export.cancel'>): Result<'export.cancel'> {
    const known = await get({ id })
    if (!('ok' in known)) return known
    const stopped = { id, status: 'cancelled', capped: false, problem: '', nowMs: now() } as const
    if (await endExport(pool, stopped)) await rm(fileOf(id), { force: true })
    troubled.delete(id)
    return get({ id })
  }

  async function read({ id, offset }: Params<'export.read'>): Result<'export.read'> {
    const job = isId(id) ? await readExport(pool, id) : null
    if (job === null) return no('NOT_FOUND')
    if (job.status !== 'done') return no('EXPORT_UNREADY')
    const file = await open(fileOf(id), 'r')
    try {
      const length = Math.max(0, Math.min(chunkMax, job.bytes - offset))
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset)
      return { ok: { total: job.bytes, chunk: buffer.subarray(0, bytesRead) } }
    } finally {
      await file.close()
    }
  }

  async function work(): Promise<void> {
    for (;;) {
      if (isStopping || !isOwner()) return
      const waiting = [...troubled].filter(([, { until }]) => until > now()).map(([id]) => id)
      const job = await nextExport(pool, waiting)
      if (job === null) break
      try {
        await make(job)
        troubled.delete(job.id)
      } catch (cause) {
        onError(cause)
        const tries = (troubled.get(job.id)?.tries ?? 0) + 1
        if (tries < triesMax) {
          const until = now() + Math.min(pauseMs * 2 ** (tries - 1), pauseMsMax)
          troubled.set(job.id, { tries, until })
          continue
        }
        troubled.delete(job.id)
        const problem = String((cause as Error).message ?? cause).slice(0, 300)
        const failed = { id: job.id, status: 'failed', capped: false, problem } as const
        await endExport(pool, { ...failed, nowMs: now() })
        await rm(fileOf(job.id), { force: true })
      }
    }
    for (const id of await expireExports(pool, { beforeMs: now() - keptMs, limit: 100 })) {
      await rm(fileOf(id), { force: true })
    }
  }

  async function make(job: ExportJob): Promise<void> {
    const { id, kind, filter } = job
    const isThere = (await sizeOf(fileOf(id))) >= job.bytes
    let { rows, bytes, cursor } = isThere ? job : { rows: 0, bytes: 0, cursor: '' }
    await caughtUp()
    await beginExport(pool, { id, expected: Math.min(rowsMax, await countRows(pool, job)) })
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const file = await open(fileOf(id), bytes === 0 ? 'w' : 'r+', 0o600)
    try {
      // What is behind was written and not yet told.
      await file.truncate(bytes)
      if (bytes === 0) bytes += (await file.write(printCsv([headsOf(kind)]), 0)).bytesWritten
      for (;;) {
        if (isStopping || !isOwner()) return
        const room = rowsMax - rows
        const page = await exportPage(
          pool,
          { kind, filter, cursor },
          Math.min(rowsAtOnce, room) + 1,
        )
        const kept = page.slice(0, Math.min(rowsAtOnce, room))
        const text = printCsv(kept.map(row => row.cells))
        bytes += (await file.write(text, bytes)).bytesWritten
        await file.datasync()
        rows += kept.length
        cursor = kept.at(-1)?.key ?? cursor
        if (!(await keepProgress(pool, { id, rows, bytes, cursor }))) {
          return await rm(fileOf(id), { force: true })
        }
        troubled.delete(id)
        const isMore = page.length > kept.length
        if (isMore && rows < rowsMax) continue
        const done = { id, status: 'done', capped: isMore, problem: '', nowMs: now() } as const
        await endExport(pool, done)
        return
      }
    } finally {
      await file.close()
    }
  }

  /** What is older than any that is kept, whatever became of its job. */
  async function sweep(): Promise<void> {
    if (now() - sweptAt < sweepMs) return
    sweptAt = now()
    const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return []
      throw cause
    })
    for (const name of names.filter(one => fileShape.test(one))) {
      const file = await stat(join(folder, name)).catch(() => null)
      const isOver = file !== null && file.mtimeMs < now() - keptMs - sweepMs
      if (isOver) await rm(join(folder, name), { force: true })
    }
  }

  function beat(): Promise<void> {
    working ??= work()
      .then(sweep)
      .catch(onError)
      .finally(() => {
        working = null
      })
    return working
  }

  return {
    name: 'export',
    actions: {
      start: (ctx: Context<Params<'export.start'>>) => start(ctx.params).catch(faulted),
      get: (ctx: Context<Params<'export.get'>>) => get(ctx.params).catch(faulted),
      list: (ctx: Context<Params<'export.list'>>) => list(ctx.params).catch(faulted),
      cancel: (ctx: Context<Params<'export.cancel'>>) => cancel(ctx.params).catch(faulted),
      read: (ctx: Context<Params<'export.read'>>) => read(ctx.params).catch(faulted),
    },
    async started() {
      timer = setInterval(() => void beat(), lookMs).unref()
    },
    async stopped() {
      isStopping = true
      clearInterval(timer)
      await working
    },
  } as ServiceSchema
}

/** Of none: nothing. */
const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return 0
      throw cause
    },
  )

const isOpen = ({ status }: ExportJob): boolean => status === 'queued' || status === 'running'

function viewOf({ createdMs, doneMs, cursor: _, filter, ...job }: ExportJob): ExportView {
  const { merchantId, fromMs, toMs, status } = filter
  return {
    ...job,
    filter: {
      ...{ merchantId, status, to: new Date(toMs).toISOString() },
      from: fromMs === null ? null : new Date(fromMs).toISOString(),
    },
    createdAt: Math.round(createdMs),
    doneAt: doneMs === null ? null : Math.round(doneMs),
    expiresAt: doneMs === null ? null : Math.round(doneMs) + keptMs,
  }
}
