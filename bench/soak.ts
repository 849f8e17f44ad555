/**
 * One engine for a long time: laps of orders by the clock at a supplier with bad habits, and after
 * each lap a rest until nothing is under way any more. What a test of seconds can't show is seen
 * here: what grows, what slows down, what is never ended.
 *
 *   lap 1 ─▶ all final ─▶ quiet: memory ─▶ lap 2 ─▶ ... ─▶ last lap ─▶ all final ─▶ quiet: memory
 *
 * BSO1. Every order of a lap ends before the next lap begins; none is ever without an owner, and
 *       the supplier sold none twice and none that did not succeed.
 * BSO2. Memory is read at rest, behind a collection: what is left is what is kept. The first lap
 *       warms up, so the last one is held against the second; so is how soon orders are answered.
 */
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Findings, Measured } from './beside.ts'
import { cpuSeconds, cpuSecondsOfTree, pssMbOfTree, rssMb } from './ground/cost.ts'
import { Ground } from './ground/ground.ts'
import { freePort } from './ground/processes.ts'
import { gauge, type Side } from './ground/sides.ts'
import { liveHeapMb } from './live-heap.ts'
import type { PartSizes } from './part-sizes.ts'
import { say } from './turns.ts'

type Lap = {
  readonly p50: number
  readonly p99: number
  readonly serverUs: number
  readonly postgresUs: number
  readonly heapMb: number
  readonly serverMb: number
  readonly postgresMb: number
}

/** Whoever kept silent is asked about minutes later. */
const endMsMax = 900_000
const connections = 64

export async function benchSoak(sizes: PartSizes, seed: number): Promise<Findings> {
  const { laps: count, perSecond, seconds, habits } = sizes.soak
  const ground = await new Ground().open()
  try {
    const inspector = await freePort()
    const node = { NODE_OPTIONS: `--inspect-port=${inspector}` }
    const deployment = await ground.engine('soak', node)
    const customers = await ground.customers(deployment, sizes.customers)
    const side = await ground.side('engine', deployment, customers)
    const postgres = await ground.postgresPid()
    const load = ground.load()
    const orders = perSecond * seconds
    const wrong: string[] = []
    const before = await bytesOf(deployment.url)
    const laps: Lap[] = []
    let success = 0
    for (let lap = 1; lap <= count; lap++) {
      await ground.sandbox.setHabits(habits)
      const spent = [cpuSeconds(side.pid) ?? 0, cpuSecondsOfTree(postgres) ?? 0] as const
      const tag = `soak${lap}`
      const outcome = await load.run({
        target: side.target,
        plan: { seed, tag, count: orders, first: lap * orders, product: side.product },
        pace: { connections, perSecond },
        signers: side.signers,
      })
      // When both suppliers fail too often, nothing is bought for a while, and that is said.
      const refused = outcome.statuses['422'] ?? 0
      if (outcome.ok + refused !== orders) {
        wrong.push(`lap ${lap}: ${JSON.stringify(outcome.statuses)} ${outcome.oddities.join()}`)
      }
      await ground.sandbox.setHabits({})
      wrong.push(...(await ended(side, lap)))
      const result = await side.book.result(tag)
      success += result.success
      if (result.final !== outcome.ok) {
        wrong.push(`lap ${lap}: ${result.final} of ${outcome.ok} orders are final in SQL`)
      }
      await pause(sizes.restMs)
      const us = (from: number, to: number | null) => (((to ?? 0) - from) * 1e6) / orders
      // Before its heap is looked at: that is a collection, which costs and gives back.
      const serverMb = rssMb(side.pid) ?? 0
      const serverUs = us(spent[0], cpuSeconds(side.pid))
      const told: Lap = {
        ...{ p50: outcome.p50Ms, p99: outcome.p99Ms },
        heapMb: await liveHeapMb(side.pid, inspector),
        ...{ serverMb, serverUs },
        postgresUs: us(spent[1], cpuSecondsOfTree(postgres)),
        postgresMb: pssMbOfTree(postgres) ?? 0,
      }
      laps.push(told)
      say(
        `lap ${lap}: ${orders} orders, ${refused} refused, ${result.success} succeeded, p50 ${told.p50} p99 ${told.p99}` +
          ` ms, at rest ${told.serverMb} MB, ${told.heapMb.toFixed(1)} of it alive`,
      )
    }
    const sold = await ground.sandbox.sold()
    if (sold.moreThanOnce > 0) wrong.push(`${sold.moreThanOnce} references sold more than once`)
    if (sold.success !== success) wrong.push(`${sold.success} sold, ${success} orders succeeded`)
    const kept = (await bytesOf(deployment.url)) - before

    const size = { perSecond, orders: count * orders, bytes: kept }
    return { figures: figuresOf(laps, size), wrong }
  } finally {
    await ground.close()
  }
}

type Size = { readonly perSecond: number; readonly orders: number; readonly bytes: number }

/** The last lap beside the second; `bytes` are what all orders left in the database. */
function figuresOf(laps: readonly Lap[], { perSecond, orders, bytes }: Size): Measured[] {
  const last = laps.at(-1)!
  const second = laps[1] ?? last
  const beside = (ours: number, baseline: number) => ({
    ...{ ours: [ours], baseline: [baseline], baselineIs: 'the same after the second lap' },
  })
  const alone = (ours: number) => ({ ours: [ours], baseline: [], baselineIs: 'none' })
  const total = `${orders.toLocaleString('en-US')} orders`
  return [
    {
      ...{ figure: `alive at rest after ${total}`, unit: 'MB', leastRatio: 0.85 },
      ...beside(last.heapMb, second.heapMb),
    },
    { figure: 'the process at rest', unit: 'MB', most: 400, ...alone(last.serverMb) },
    {
      ...{ figure: `answered at ${perSecond}/s, p50`, unit: 'ms', leastRatio: 0.5 },
      ...beside(last.p50, second.p50),
    },
    { figure: 'the same, p99', unit: 'ms', ...beside(last.p99, second.p99) },
    {
      figure: 'CPU of the engine with the rests',
      unit: 'us',
      ...beside(last.serverUs, second.serverUs),
    },
    ...(last.postgresMb === 0
      ? []
      : [
          {
            figure: 'CPU of Postgres with the rests',
            unit: 'us',
            ...beside(last.postgresUs, second.postgresUs),
          },
          { figure: 'Postgres at rest', unit: 'MB', ...alone(last.postgresMb) },
        ]),
    { figure: 'database, each order', unit: 'bytes', ...alone(bytes / orders) },
  ]
}

/** Waits until nothing is under way; tells what had no owner meanwhile, and what did not end. */
async function ended(side: Side, lap: number): Promise<string[]> {
  const until = Date.now() + endMsMax
  const wrong: string[] = []
  for (;;) {
    const answer = await fetch(`http://${side.target.host}:${side.target.port}/metrics`)
    const metrics = await answer.text()
    const [open, alone, lag] = [
      'laju_orders_open',
      'laju_ownerless',
      'laju_projection_lag_lines',
    ].map(name => gauge(metrics, name) ?? 0) as [number, number, number]
    if (alone > 0 && wrong.length === 0) wrong.push(`lap ${lap}: ${alone} without an owner`)
    if (open === 0 && lag === 0) return wrong
    if (Date.now() > until) return [...wrong, `lap ${lap}: ${open} orders are still open`]
    await pause(1_000)
  }
}

async function bytesOf(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query('select pg_database_size(current_database()) as bytes')
  await client.end()
  return Number(rows[0].bytes)
}
