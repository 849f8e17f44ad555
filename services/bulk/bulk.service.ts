/**
 * Lists of orders: kept whole first, answered, and then placed one by one in the background. Each
 * row is an order like any other, under its own reference, so doing a row twice does it once.
 *
 *   list ─▶ rows in the table ─▶ answered ─▶ (a few at a time) order.place ─▶ result in the table
 *                                    └─ kill -9 ─▶ rows without a result are taken up again
 *
 * BUA1. A list is kept whole or not at all; the same reference again is the same list, with other
 *       rows it is refused.
 * BUA2. A row gets a result when its order is placed or clearly refused; a fault makes it wait.
 * BUA3. Clients take turns, and so do the lists of each: neither a long list nor many of them keep
 *       anybody else's waiting.
 * BUA4. What a killed process left is gone on with, and no row buys twice.
 * BUA5. No client orders faster by lists than one by one: his rate of orders holds for all his
 *       lists together, and what is beyond it waits.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { fingerprint, makeId, shardOf } from '../../engine/ids.ts'
import type { Database } from '../../sql/database.ts'
import {
  addBulk,
  type BulkResult,
  type BulkRow,
  bulkRows,
  bulkTally,
  closeBulk,
  keepResults,
  type OpenJob,
  openBulks,
  waitingRows,
} from '../../sql/topup/bulk.ts'
import type { Answer } from '../contract/answer.ts'
import type { Actions, Call } from '../contract.ts'
import { freshKey } from '../fresh-key.ts'
import { Turns } from '../turns.ts'
import { Bucket } from '../wire/bucket.ts'
import { keepLatest } from '../wire/latest.ts'

export type BulkDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly call: Call
  readonly now: () => number
  /** False while another process has the orders: it works the lists. */
  readonly isOwner: () => boolean
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Actions[A]['result']

const clientsAtOnce = 8
/** Of one client. */
const listsAtOnce = 8
const rowsAtOnce = 16
/** Whose spending is remembered. */
const clientsMax = 20_000
const lookMs = 1_000
const faultMs = 500

export function bulkService(deps: BulkDeps): ServiceSchema {
  const runner = new Runner(deps)
  return {
    name: 'bulk',
    actions: {
      start: (ctx: Context<Params<'bulk.start'>>) => start(deps, runner, ctx.params),
      read: (ctx: Context<Params<'bulk.read'>>) => read(deps, ctx.params),
    },
    async started() {
      runner.start()
    },
    async stopped() {
      await runner.stop()
    },
  }
}

async function start(
  { db, now }: BulkDeps,
  runner: Runner,
  { userId, ref, rows }: Params<'bulk.start'>,
): Promise<Answer<{ jobId: string }>> {
  const numbered: BulkRow[] = rows.map((row, index) => ({
    ...row,
    n: index + 1,
    maxPrice: row.maxPrice ?? null,
  }))
  const content = fingerprint(JSON.stringify(numbered))
  const id = makeId(now(), shardOf(userId), freshKey())
  const bulk = { id, clientId: userId, ref, content, rows: numbered }
  const kept = await addBulk(db.pool, bulk)
  if (kept.content !== content) return { refused: 'DUPLICATE_REF', moneyEffect: 'none' }
  runner.look()
  return { ok: { jobId: kept.id } }
}

async function read(
  { db }: BulkDeps,
  { userId, jobId, after, limit }: Params<'bulk.read'>,
): Promise<Result<'bulk.read'>> {
  const shard = shardOf(userId)
  const tally = await bulkTally(db.pool, { clientId: userId, jobId, shard })
  if (tally === null) return { refused: 'NOT_FOUND', moneyEffect: 'none' }
  const rows = await bulkRows(db.pool, { jobId, shard, after, limit: limit + 1 })
  const page = rows.slice(0, limit)
  return { ok: { tally, rows: page, next: rows.length > limit ? page.at(-1)!.n : null } }
}

/** Works lists as long as there are any; looks now and then for what others left. */
class Runner {
  readonly #deps: BulkDeps
  readonly #working = new Turns(() => this.#work())
  readonly #buckets = new Map<string, Bucket>()
  #timer: NodeJS.Timeout | undefined

  constructor(deps: BulkDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), lookMs)
    this.look()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#working.close()
  }

  look(): void {
    // The database is away: the next look tries again.
    this.#working.ask().catch(() => {})
  }

  /** Once around: a handful of rows of everybody who has a list. */
  async #work(): Promise<void> {
    const { db, isOwner } = this.#deps
    let after: string | null = null
    let hasMore = false
    do {
      if (!isOwner()) return
      const page = { after, clientsMax: clientsAtOnce, listsMax: listsAtOnce }
      const jobs: readonly OpenJob[] = await openBulks(db.pool, page)
      const clients = [...Map.groupBy(jobs, ({ clientId }) => clientId).values()]
      const left = await Promise.all(clients.map(lists => this.#workClient(lists)))
      hasMore ||= left.includes(true)
      after = clients.length < clientsAtOnce ? null : jobs.at(-1)!.clientId
    } while (after !== null && !this.#working.isClosed)
    if (hasMore) this.look()
  }

  async #workClient(lists: readonly OpenJob[]): Promise<boolean> {
    const rowsMax = Math.ceil(rowsAtOnce / lists.length)
    const left = await Promise.all(lists.map(job => this.#workSome(job, rowsMax)))
    return left.includes(true)
  }

  /** A handful of rows of one list; true when it has more to do, and may. */
  async #workSome(job: OpenJob, rowsMax: number): Promise<boolean> {
    const { db, now } = this.#deps
    const bucket = this.#bucketOf(job)
    if (job.active && bucket.isEmpty(now())) return false
    const waiting = await waitingRows(db.pool, job.id, rowsMax)
    if (waiting.length === 0) {
      await closeBulk(db.pool, job.id)
      return false
    }
    const end = job.active ? waiting.findIndex(() => bucket.take(now()) > 0) : -1
    const rows = end < 0 ? waiting : waiting.slice(0, end)
    if (rows.length === 0) return false
    const results = (await Promise.all(rows.map(row => this.#place(job, row)))).flat()
    if (results.length > 0) await keepResults(db.pool, job.id, results)
    else await new Promise(resolve => setTimeout(resolve, faultMs))
    return true
  }

  /** What a client may still order; like the gateway's, it is full at a start. */
  #bucketOf({ clientId, ratePerMin }: OpenJob): Bucket {
    const bucket = this.#buckets.get(clientId) ?? new Bucket(ratePerMin, this.#deps.now())
    keepLatest(this.#buckets, clientId, bucket, clientsMax)
    bucket.resize(ratePerMin)
    return bucket
  }

  async #place({ clientId, level, active }: OpenJob, row: BulkRow): Promise<BulkResult[]> {
    const { n, ref, product, destination, maxPrice, inquiryToken } = row
    if (!active) return [{ n, result: 'refused', code: 'CLIENT_SUSPENDED', trxId: null }]
    const answer = await this.#deps
      .call('order.place', {
        ...{ userId: clientId, level, ref, product, destination },
        ...(maxPrice === null ? {} : { maxPrice }),
        ...(inquiryToken ? { inquiryToken } : {}),
      })
      .catch(() => null)
    if (answer === null || 'fault' in answer) return []
    if ('ok' in answer) {
      return [{ n, result: 'placed', code: null, trxId: answer.ok.order.trxId }]
    }
    return [{ n, result: 'refused', code: answer.refused, trxId: null }]
  }
}
