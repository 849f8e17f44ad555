/**
 * What is measured, one function each. A phase loads one side and waits until it has nothing left
 * to do, so that the next one finds a quiet machine.
 *
 * BP1. Completed: the clock stops when SQL shows every order of the phase as final, not when the
 *      last answer came.
 * BP2. Accepted: every answer is a durable 200, while the supplier keeps every order open.
 * BP3. A phase whose orders are not all there, or not all 200, is an error and not a figure.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { cpuSeconds, cpuSecondsOfTree } from './ground/cost.ts'
import type { LoadProcess } from './ground/processes.ts'
import type { Result, Side } from './ground/sides.ts'
import type { Outcome } from './load/load.ts'

export type Bench = {
  readonly load: LoadProcess
  readonly seed: number
  readonly connections: number
  readonly supplierPid: number
  readonly postgresPid: number | null
  /** Which destinations a tag uses: no two tags share one, and both sides use the same. */
  readonly blocks: Map<string, number>
}

/** As many destinations as no phase uses up. */
const blockSize = 1_000_000

export function firstDestination({ blocks }: Bench, tag: string): number {
  const block = blocks.get(tag) ?? blocks.size
  blocks.set(tag, block)
  return block * blockSize
}

/** Microseconds of a core per order, by process. */
export type Cost = Readonly<Record<'server' | 'postgres' | 'supplier' | 'load', number | null>>

export type Figure = {
  readonly side: Side['name']
  readonly tag: string
  readonly count: number
  readonly perSecond: number
  readonly outcome: Outcome
  readonly result: Result
  readonly cost: Cost
}

const drainMsMax = 120_000
const manyOpen = 2_000

export async function measureCompleted(
  bench: Bench,
  side: Side,
  { tag, count }: { tag: string; count: number },
): Promise<Figure> {
  const before = costs(bench, side)
  const outcome = await send(bench, side, { tag, count })
  const endedAt = await drained(side, { tag, count })
  const cost = perOrder(before, costs(bench, side), outcome)
  const perSecond = count / ((endedAt - outcome.startedAt) / 1000)
  return { side: side.name, tag, count, perSecond, outcome, cost, result: await final(side, tag) }
}

/** Latency at a steady rate that nobody slows down for. */
export async function measureLatency(
  bench: Bench,
  side: Side,
  { tag, perSecond, seconds }: { tag: string; perSecond: number; seconds: number },
): Promise<Figure> {
  const count = perSecond * seconds
  const before = costs(bench, side)
  const outcome = await send(bench, side, { tag, count, perSecond })
  await drained(side, { tag, count })
  const cost = perOrder(before, costs(bench, side), outcome)
  const result = await final(side, tag)
  return { side: side.name, tag, count, perSecond: outcome.perSecond, outcome, cost, result }
}

/** The caller has made the supplier slow: what is accepted stays open. */
export async function measureAccepted(
  bench: Bench,
  side: Side,
  { tag, count }: { tag: string; count: number },
): Promise<Figure> {
  const before = costs(bench, side)
  const outcome = await send(bench, side, { tag, count })
  const cost = perOrder(before, costs(bench, side), outcome)
  const result = { orders: count, final: 0, success: 0, hash: '' }
  return { side: side.name, tag, count, perSecond: outcome.perSecond, outcome, cost, result }
}

async function send(
  bench: Bench,
  side: Side,
  { tag, count, perSecond }: { tag: string; count: number; perSecond?: number },
): Promise<Outcome> {
  const first = firstDestination(bench, tag)
  const { product, products } = side
  const which = products === undefined ? { product } : { product, products }
  const outcome = await bench.load.run({
    target: side.target,
    plan: { seed: bench.seed, tag, count, first, ...which },
    pace: { connections: bench.connections, ...(perSecond === undefined ? {} : { perSecond }) },
    signers: side.signers,
  })
  if (outcome.ok !== count) {
    const answers = JSON.stringify(outcome.statuses)
    throw new Error(
      `bench: ${side.name} ${tag}: ${count} orders, answered ${answers}\n${outcome.oddities.join('\n')}`,
    )
  }
  return outcome
}

/** Waits until every order of the tag is final in SQL; gives the moment that was seen. */
export async function drained(
  side: Side,
  { tag, count }: { tag: string; count: number },
): Promise<number> {
  const until = Date.now() + drainMsMax
  // The process's own count costs nothing; SQL is asked only when that has come down.
  for (let open = await side.open(); open !== null && open > 0; open = await side.open()) {
    if (Date.now() > until) throw new Error(`bench: ${side.name} ${tag}: ${open} are still open`)
    await pause(open > manyOpen ? 100 : 20)
  }
  for (;;) {
    const asked = Date.now()
    const final = await side.book.final(tag)
    const now = Date.now()
    if (final >= count) return now
    if (now > until) {
      throw new Error(`bench: ${side.name} ${tag}: ${final} of ${count} orders are final in SQL`)
    }
    // Counting reads the whole table: at most a fifth of the time goes into it.
    await pause(Math.max(20, 4 * (now - asked)))
  }
}

async function final(side: Side, tag: string): Promise<Result> {
  const result = await side.book.result(tag)
  if (result.success !== result.orders) {
    throw new Error(
      `bench: ${side.name} ${tag}: not every order succeeded ${JSON.stringify(result)}`,
    )
  }
  return result
}

type Spent = Omit<Cost, 'load'>

function costs(bench: Bench, side: Side): Spent {
  return {
    server: cpuSeconds(side.pid),
    postgres: cpuSecondsOfTree(bench.postgresPid),
    supplier: cpuSeconds(bench.supplierPid),
  }
}

function perOrder(before: Spent, after: Spent, { sent, cpuSeconds: load }: Outcome): Cost {
  const micros = (from: number | null, to: number | null) =>
    from === null || to === null ? null : Math.round(((to - from) * 1e6) / sent)
  return {
    server: micros(before.server, after.server),
    postgres: micros(before.postgres, after.postgres),
    supplier: micros(before.supplier, after.supplier),
    load: micros(0, load),
  }
}
