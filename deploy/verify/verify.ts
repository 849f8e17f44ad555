/**
 * `laju verify`: a second, naive reading of the journal that shares no folding code with the
 * engine. Where the two disagree, one of them is wrong.
 *
 *   journal ──lines──▶ chain ─▶ book, claims, actors (orders, transfers)
 *                                  │ at the checkpoint's line ──▶ = checkpoint, account, snapshot ?
 *                                  ├ at the projection's line ──▶ = order_view, mutation,
 *                                  │ account_view ?
 *                                  ├ at the merchants' line ──▶ = payment_view, settlement_view ?
 *                                  ├ at the numbers' line ──▶ = number_view, its profit, activity ?
 *                                  ├ at the deposits' line ──▶ = deposit_intent, suspense ?
 *                                  ├ at the earnings' line ──▶ = commission_entry ?
 *                                  ├ at the boxes' line ──▶ = device_view ?
 *                                  └ at the end ──▶ = what persons and banks noted, what acquirers
 *                                                      told, and the books of the days ?
 *
 * Z23. Nothing of engine, actors or services is imported: a mistake there can not hide here.
 * Z24. Memory stays bounded however long the journal is: pages of lines, one shard at a time, and a
 *      shard with very many lines is read several times, each time for a part of its actors.
 * Z25. Read models are compared as of where they are. To be behind is a problem only if they stay
 *      behind what was there at the start, and somebody is there to catch up (or was waited for).
 */

import { setTimeout as pause } from 'node:timers/promises'
import { Actors, type OrderCounts } from './actors.ts'
import { Bills } from './bills.ts'
import { Book } from './book.ts'
import { CallbackRows } from './callback-rows.ts'
import { type Body, Chain, type Line, parse } from './chain.ts'
import { Claims } from './claims.ts'
import { Closings } from './closings.ts'
import { CommissionRows } from './commission-rows.ts'
import { DepositRows } from './deposit-rows.ts'
import { DeskRows } from './desk-rows.ts'
import { DeviceRows } from './device-rows.ts'
import { Gateways } from './gateways.ts'
import { Merchants } from './merchants.ts'
import { NumberRows } from './number-rows.ts'
import { Problems } from './problems.ts'
import { compareOrders, MutationReader } from './projections.ts'
import { compareAccounts, compareCheckpoint, compareSnapshots } from './recovery.ts'
import type { VerifyReport } from './report.ts'
import { type ShardEnd, Source } from './source.ts'
import { Takings } from './takings.ts'
import { Transfers } from './transfers.ts'

export { printReport, type VerifyReport } from './report.ts'

export type VerifyOptions = {
  readonly url: string
  /** Told now and then how far it is. */
  readonly log?: (sentence: string) => void
  /** How long read models may take to catch up; 3 s when an engine runs, else no time at all. */
  readonly waitForProjectionsMs?: number
  /** Lines after which a shard is read in parts; for tests. */
  readonly linesPerPart?: number
}

const waitMsUsual = 3_000
const pollMs = 50
/** Connections, and so shards that are read at a time. */
const lanesMax = 2
const linesPerPartUsual = 600_000
const logEveryMs = 5_000
/** Keys are 62 bits. */
const keysEnd = 1n << 62n

export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const began = performance.now()
  const lanes = [await Source.open(options.url)]
  const [source] = lanes as [Source]
  try {
    const problems = new Problems()
    const engineRuns = await waitForProjections(source, options, problems)
    await source.freeze()
    while (lanes.length < lanesMax) lanes.push(await source.twin())
    const closings = new Closings(await source.closings(), problems)
    const reading = new Reading(options, problems, closings)
    const shards = await source.shards()
    await readAll(lanes, shards, reading)
    await reading.merchants.finish(source)
    await reading.numbers.finish(source)
    await reading.deposits.finish(source)
    await reading.earnings.finish(source)
    await reading.devices.finish(source)
    await reading.desk.finish(source)
    await new CallbackRows(problems).finish(source)
    closings.finish(new Map(shards.map(({ shard, seq }) => [shard, seq])))
    problems.kept.sort((a, b) => a.shard - b.shard)
    const figures = reading.finish()
    return {
      ok: problems.count === 0,
      problemCount: problems.count,
      problemCounts: Object.fromEntries(problems.counts),
      problems: problems.kept,
      shards: shards.length,
      ...figures,
      lag: shards.reduce((lag, end) => lag + Math.max(0, end.seq - end.projectionSeq), 0),
      engineRuns,
      ms: performance.now() - began,
    }
  } finally {
    await Promise.all(lanes.map(lane => lane.close()))
  }
}

/** Each lane takes the next shard that nobody took: one works while another waits for Postgres. */
async function readAll(
  lanes: readonly Source[],
  shards: readonly ShardEnd[],
  reading: Reading,
): Promise<void> {
  let next = 0
  const run = async (source: Source): Promise<void> => {
    while (next < shards.length) await reading.readShard(source, shards[next++]!)
  }
  await Promise.all(lanes.map(run))
}

/** Returns whether an engine runs. What is written meanwhile need not be waited for. */
async function waitForProjections(
  source: Source,
  { waitForProjectionsMs, log }: VerifyOptions,
  problems: Problems,
): Promise<boolean> {
  const engineRuns = await source.engineRuns()
  const patienceMs = waitForProjectionsMs ?? (engineRuns ? waitMsUsual : undefined)
  if (patienceMs === undefined) return engineRuns
  const until = performance.now() + patienceMs
  const target = new Map((await source.shards()).map(end => [end.shard, end.seq]))
  let told = false
  for (;;) {
    const behind = (await source.shards()).filter(
      ({ shard, projectionSeq }) => projectionSeq < (target.get(shard) ?? 0),
    )
    if (behind.length === 0) return engineRuns
    if (performance.now() >= until) {
      for (const { shard, projectionSeq } of behind) {
        const text = `read models are at line ${projectionSeq} of ${target.get(shard)}`
        problems.add('projection.behind', { shard, seq: projectionSeq }, text)
      }
      return engineRuns
    }
    if (!told) log?.(`waiting for the read models of ${behind.length} shards`)
    told = true
    await pause(pollMs)
  }
}

type Part = { readonly from: bigint; readonly to: bigint }
type Job = {
  readonly source: Source
  readonly end: ShardEnd
  readonly part: Part
  readonly actors: Actors
  readonly takings: Takings
}
/** What is remembered of a shard while it is read for the first time. */
type Books = {
  readonly chain: Chain
  readonly book: Book
  readonly claims: Claims
  readonly bills: Bills
}

class Reading {
  readonly merchants: Merchants
  readonly numbers: NumberRows
  readonly deposits: DepositRows
  readonly earnings: CommissionRows
  readonly devices: DeviceRows
  readonly desk: DeskRows
  readonly #problems: Problems
  readonly #closings: Closings
  readonly #transfers: Transfers
  readonly #gateways: Gateways
  readonly #linesPerPart: number
  readonly #log: (sentence: string) => void
  readonly #orders: OrderCounts = {
    ...{ total: 0, open: 0, delivered: 0, failed: 0, refunded: 0 },
    ...{ parked: 0, disputed: 0 },
  }
  readonly #money = { wallets: 0, held: 0, clearing: 0, sum: 0 }
  #records = 0
  #loggedAt = performance.now()

  constructor({ linesPerPart, log }: VerifyOptions, problems: Problems, closings: Closings) {
    this.#problems = problems
    this.#closings = closings
    this.#transfers = new Transfers(problems)
    this.#gateways = new Gateways(problems)
    this.merchants = new Merchants(problems)
    this.numbers = new NumberRows(problems)
    this.deposits = new DepositRows(problems)
    this.earnings = new CommissionRows(problems)
    this.devices = new DeviceRows(problems)
    this.desk = new DeskRows(problems)
    this.#linesPerPart = linesPerPart ?? linesPerPartUsual
    this.#log = log ?? (() => {})
  }

  async readShard(source: Source, end: ShardEnd): Promise<void> {
    const { shard } = end
    this.#checkEnds(end)
    const parts = partsOf(end.seq, this.#linesPerPart)
    const books = {
      chain: new Chain(shard, this.#problems),
      book: new Book(this.#problems),
      claims: new Claims(this.#problems),
      bills: new Bills(this.#problems),
    }
    const takings = new Takings()
    let held = 0
    for (const part of parts) {
      const actors = new Actors(
        { from: hexOf(part.from), to: hexOf(part.to) },
        this.#transfers,
        this.#problems,
      )
      const job = { source, end, part, actors, takings }
      if (part === parts[0]) await this.#readAll(job, books)
      else await this.#readPart(job)
      held += actors.count(this.#orders)
    }
    const totals = books.book.totals()
    if (held !== totals.held) {
      const text = `open orders hold ${held}, wallets say ${totals.held}`
      this.#problems.add('ledger.held', { shard }, text)
    }
    this.#money.wallets += totals.wallets
    this.#money.held += totals.held
    this.#money.clearing += totals.clearing
    this.#money.sum += totals.sum
  }

  finish(): Pick<
    VerifyReport,
    'records' | 'orders' | 'ledgerSum' | 'held' | 'wallets' | 'clearing'
  > {
    const { wallets, held, clearing, sum: ledgerSum } = this.#money
    this.#gateways.finish()
    const underWay = this.#transfers.finish()
    if (underWay !== clearing) {
      const text = `clearing over all shards is ${clearing}, under way are ${underWay}`
      this.#problems.add('ledger.clearing', { shard: 0 }, text)
    }
    return { records: this.#records, orders: this.#orders, ledgerSum, held, wallets, clearing }
  }

  /** Rows that know of more lines than there are: the end of the journal is missing. */
  #checkEnds(end: ShardEnd): void {
    const { shard, seq, checkpointSeq, projectionSeq, paymentsSeq } = end
    if (checkpointSeq > seq) {
      const text = `the checkpoint covers line ${checkpointSeq}, the journal ends at ${seq}`
      this.#problems.add('checkpoint.ahead', { shard, seq: checkpointSeq }, text)
    }
    if (projectionSeq > seq) {
      const text = `the read models are at line ${projectionSeq}, the journal ends at ${seq}`
      this.#problems.add('projection.ahead', { shard, seq: projectionSeq }, text)
    }
    if (paymentsSeq > seq) {
      const text = `merchants' tables are at line ${paymentsSeq}, the journal ends at ${seq}`
      this.#problems.add('projection.ahead', { shard, seq: paymentsSeq }, text)
      this.merchants.isAhead = true
    }
    if (end.numbersSeq > seq) {
      const text = `tables of numbers are at line ${end.numbersSeq}, the journal ends at ${seq}`
      this.#problems.add('projection.ahead', { shard, seq: end.numbersSeq }, text)
      this.numbers.isAhead = true
    }
    if (end.depositsSeq > seq) {
      const text = `tables of deposits are at line ${end.depositsSeq}, the journal ends at ${seq}`
      this.#problems.add('projection.ahead', { shard, seq: end.depositsSeq }, text)
      this.deposits.isAhead = true
    }
    if (end.earningsSeq > seq) {
      const text = `commissions are at line ${end.earningsSeq}, the journal ends at ${seq}`
      this.#problems.add('projection.ahead', { shard, seq: end.earningsSeq }, text)
    }
    if (end.devicesSeq > seq) {
      const text = `tables of boxes are at line ${end.devicesSeq}, the journal ends at ${seq}`
      this.#problems.add('projection.ahead', { shard, seq: end.devicesSeq }, text)
      this.devices.isAhead = true
    }
  }

  /** The first time: every line, for everything that concerns the whole shard, and one part. */
  async #readAll(job: Job, { chain, book, claims, bills }: Books): Promise<void> {
    const { source, end, actors, takings } = job
    const { shard } = end
    const problems = this.#problems
    const mutations = new MutationReader(source, shard, problems)
    const readForBooks = this.#closings.reader(shard)
    book.keepsMovements = end.projectionSeq <= end.seq
    const stops = stopsOf(end, {
      checkpoint: async () => {
        await compareCheckpoint(source, shard, { chain, claims, problems })
        await compareAccounts('account', source.accounts(shard), { shard, book, problems })
        await this.#compareSnapshots(job)
      },
      projection: async () => {
        await mutations.compare(book.movements)
        await mutations.finish()
        book.movements = []
        book.keepsMovements = false
        await compareOrders(source.orders(shard), { shard, actors, problems })
        const views = source.accountViews(shard)
        await compareAccounts('account_view', views, { shard, book, problems })
      },
      payments: () => this.#compareMerchants(job),
      numbers: () => this.numbers.compare(source, { end, actors }),
      deposits: () => this.deposits.compare(source, { end, actors }),
      earnings: () => this.earnings.compareOrders(source.earningsOf(shard), { shard, actors }),
      devices: () => this.devices.compare(source, { end, actors }),
    })
    const read = (line: Line, body: Body): void => {
      book.read(line, body)
      claims.read(line, body)
      bills.read(line, body)
      takings.read(line, body)
      this.#gateways.read(body)
      this.desk.read(line, body)
      readForBooks(line, body)
      actors.read(line, body)
    }
    for await (const rows of source.lines(shard, null)) {
      for (const row of rows) {
        while (stops.length > 0 && Number(row[0]) > stops[0]!.after) await stops.shift()!.compare()
        const body = chain.read(row)
        if (body !== null) this.#try(read, { shard, seq: chain.seq, key: row[1] }, body)
      }
      const { movements } = book
      book.movements = []
      if (movements.length > 0) await mutations.compare(movements)
      this.#records += rows.length
      this.#tell(end)
    }
    for (const stop of stops) await stop.compare()
    await this.earnings.comparePaid(source, shard, actors)
  }

  /** Every further time: only the lines of the part's actors, and what is compared by actor. */
  async #readPart(job: Job): Promise<void> {
    const { source, end, part, actors } = job
    const { shard } = end
    const problems = this.#problems
    const stops = stopsOf(end, {
      checkpoint: () => this.#compareSnapshots(job),
      projection: () => compareOrders(source.orders(shard), { shard, actors, problems }),
      payments: () => this.#compareMerchants(job),
      numbers: () => this.numbers.compare(source, { end, actors }),
      deposits: () => this.deposits.compare(source, { end, actors }),
      earnings: () => this.earnings.compareOrders(source.earningsOf(shard), { shard, actors }),
      devices: () => this.devices.compare(source, { end, actors }),
    })
    const read = (line: Line, body: Body): void => actors.read(line, body)
    for await (const rows of source.lines(shard, decimals(part))) {
      for (const [seqText, key, , text] of rows) {
        const seq = Number(seqText)
        while (stops.length > 0 && seq > stops[0]!.after) await stops.shift()!.compare()
        const body = parse(text)
        if (body !== null) this.#try(read, { shard, seq, key }, body)
      }
      this.#tell(end)
    }
    for (const stop of stops) await stop.compare()
    await this.earnings.comparePaid(source, shard, actors)
  }

  /** A body can be nonsense in any of its corners; the next line may be sound again. */
  #try(read: (line: Line, body: Body) => void, line: Line, body: Body): void {
    try {
      read(line, body)
    } catch (cause) {
      const { shard, seq } = line
      const text = `its contents are not what they should be: ${(cause as Error).message}`
      this.#problems.add('chain.unreadable', { shard, seq, actor: body.id }, text)
    }
  }

  async #compareSnapshots({ source, end, part, actors }: Job): Promise<void> {
    const { shard } = end
    const pages = source.snapshots(shard, decimals(part))
    await compareSnapshots(source, pages, { shard, actors, problems: this.#problems })
  }

  #compareMerchants({ source, end, actors, takings }: Job): Promise<void> {
    const { shard, paymentsSeq: seq } = end
    return this.merchants.compare(source, { shard, actors, takings, seq })
  }

  #tell({ shard, seq }: ShardEnd): void {
    if (performance.now() - this.#loggedAt < logEveryMs) return
    this.#loggedAt = performance.now()
    this.#log(`${this.#records} records read, in shard ${shard} of ${seq} lines`)
  }
}

type Compared =
  | 'checkpoint'
  | 'projection'
  | 'payments'
  | 'numbers'
  | 'deposits'
  | 'earnings'
  | 'devices'
type Stop = { readonly after: number; readonly compare: () => Promise<void> }

/**
 * Where the reading pauses to compare tables: after the line that each of them is at. Those that
 * are ahead of the journal have been told as such; there is nothing to compare them with.
 */
function stopsOf(end: ShardEnd, compare: Readonly<Record<Compared, () => Promise<void>>>): Stop[] {
  return [
    { after: end.checkpointSeq, compare: compare.checkpoint },
    { after: end.projectionSeq, compare: compare.projection },
    { after: end.paymentsSeq, compare: compare.payments },
    { after: end.numbersSeq, compare: compare.numbers },
    { after: end.depositsSeq, compare: compare.deposits },
    { after: end.earningsSeq, compare: compare.earnings },
    { after: end.devicesSeq, compare: compare.devices },
  ]
    .filter(stop => stop.after <= end.seq)
    .sort((a, b) => a.after - b.after)
}

/** Keys are hashes or dice, so equal ranges hold about equally many actors. */
function partsOf(lines: number, linesPerPart: number): Part[] {
  const count = Math.max(1, Math.ceil(lines / linesPerPart))
  const bounds = Array.from({ length: count + 1 }, (_, i) => (keysEnd * BigInt(i)) / BigInt(count))
  return bounds.slice(1).map((to, i) => ({ from: bounds[i]!, to }))
}

const hexOf = (key: bigint): string => key.toString(16).padStart(16, '0')
const decimals = ({ from, to }: Part) => [from.toString(), to.toString()] as const
