/**
 * The engine with a large catalogue beside the same engine with the demo's: two processes, two
 * databases on one Postgres, the same load in turns. In the large one every order asks for another
 * product and all suppliers sell.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Findings, Measured } from '../beside.ts'
import { rssMb } from '../ground/cost.ts'
import { type Deployment, Ground } from '../ground/ground.ts'
import { once } from '../ground/postgres.ts'
import { gauge, type Side } from '../ground/sides.ts'
import { signature } from '../load/requests.ts'
import type { PartSizes } from '../part-sizes.ts'
import { type Bench, type Figure, measureCompleted, measureLatency } from '../phases.ts'
import { say } from '../turns.ts'
import { codeOf, stockCatalogue } from './stock.ts'

const bookMsMax = 60_000

export async function benchCatalogue(sizes: PartSizes, seed: number): Promise<Findings> {
  const ground = await new Ground().open()
  try {
    say('starting two engines')
    const small = await ground.engine('small')
    const large = await ground.engine('large')
    const sides: Side[] = []
    for (const [name, one] of [['baseline', small] as const, ['engine', large] as const]) {
      sides.push(await ground.side(name, one, await ground.customers(one, sizes.customers)))
    }
    const [few, many] = sides as [Side, Side]
    say(`${sizes.stock.products} products, ${sizes.stock.users} users`)
    await stockCatalogue(ground, large, sizes.stock)
    const products = Array.from({ length: sizes.stock.products }, (_, n) => codeOf(n))
    await listed(large, rows => rows.length >= sizes.stock.products)
    const books = { ours: [] as number[], baseline: [] as number[] }
    for (let round = 0; round < sizes.rounds; round++) {
      books.ours.push(await compileMs(large, codeOf(round)))
      books.baseline.push(await compileMs(small, 'BENCH10'))
    }

    await ground.sandbox.setLatency(20)
    const bench: Bench = {
      ...{ load: ground.load(), seed, connections: sizes.connections, blocks: new Map() },
      ...{ supplierPid: ground.sandboxPid, postgresPid: await ground.postgresPid() },
    }
    const taken = new Map<string, Figure[]>()
    const take = async (tag: string, measure: (side: Side) => Promise<Figure>) => {
      for (const side of tag.endsWith('2') ? [many, few] : [few, many]) {
        const figure = await measure(side === many ? { ...many, products } : few)
        const { perSecond, outcome, cost } = figure
        const name = side === many ? 'large' : 'small'
        say(
          `${name} ${tag}: ${Math.round(perSecond)}/s, p50 ${outcome.p50Ms} p99 ${outcome.p99Ms} ms,` +
            ` cpu us per order ${JSON.stringify(cost)}`,
        )
        taken.set(name + tag[0], [...(taken.get(name + tag[0]) ?? []), figure])
      }
    }
    await take('warmup', side =>
      measureCompleted(bench, side, { tag: 'warmup', count: sizes.warmup }),
    )
    for (let round = 1; round <= sizes.rounds; round++) {
      const tag = `completed-${round}`
      await take(tag, side => measureCompleted(bench, side, { tag, count: sizes.orders }))
    }
    for (let round = 1; round <= sizes.rounds; round++) {
      const tag = `latency-${round}`
      const { perSecond, seconds } = sizes
      await take(tag, side => measureLatency(bench, side, { tag, perSecond, seconds }))
    }
    const sold = await ground.sandbox.sold()
    const both = (phase: 'c' | 'l', read: (figure: Figure) => number | null) => ({
      ours: taken.get(`large${phase}`)!.map(figure => read(figure) ?? 0),
      baseline: taken.get(`small${phase}`)!.map(figure => read(figure) ?? 0),
      baselineIs: 'the same engine with the catalogue of the demo, one product',
    })
    const figures: Measured[] = [
      {
        ...{ figure: 'completed orders', unit: '/s', leastRatio: 0.9 },
        ...both('c', ({ perSecond }) => Math.round(perSecond)),
      },
      {
        ...{ figure: 'CPU of the engine per order', unit: 'us' },
        ...both('c', ({ cost }) => cost.server),
      },
      { figure: 'p50 at a steady rate', unit: 'ms', ...both('l', ({ outcome }) => outcome.p50Ms) },
      { figure: 'p99 at a steady rate', unit: 'ms', ...both('l', ({ outcome }) => outcome.p99Ms) },
      {
        ...{ figure: 'resident memory', unit: 'MB', baselineIs: 'the engine with the small one' },
        ...{ ours: [rssMb(many.pid) ?? 0], baseline: [rssMb(few.pid) ?? 0] },
      },
      {
        ...{ figure: 'price book read, compiled, in use', unit: 'ms', most: 1_000 },
        ...{ ...books, baselineIs: 'the small one' },
      },
    ]
    const wrong = sold.moreThanOnce > 0 ? [`${sold.moreThanOnce} were sold more than once`] : []
    return { figures, wrong }
  } finally {
    await ground.close()
  }
}

export type ProductRow = Readonly<Record<string, unknown>>

/** The price list, as soon as it is as it should be. */
export async function listed(
  { started, reseller }: Deployment,
  isRight: (rows: readonly ProductRow[]) => boolean,
): Promise<readonly ProductRow[]> {
  const path = '/api/v1/products'
  for (const until = Date.now() + bookMsMax; Date.now() < until; ) {
    const atSeconds = Math.floor(Date.now() / 1_000)
    const headers = signature({ method: 'GET', path, body: '', signer: reseller, atSeconds })
    const response = await fetch(started.ready.http + path, { headers })
    const { data } = (await response.json()) as { data: { rows: ProductRow[] } }
    if (isRight(data.rows)) return data.rows
    await pause(200)
  }
  throw new Error('bench: the large catalogue did not get into use')
}

/**
 * A product is changed, and a book with that is in use: the milliseconds that the engine tells of
 * it, for rows read, compiled in the worker, and handed over.
 */
async function compileMs({ started, url }: Deployment, code: string): Promise<number> {
  const version = async () => {
    const metrics = await fetch(`${started.ready.http}/metrics`)
    return gauge(await metrics.text(), 'laju_price_book_version') ?? 0
  }
  const before = await version()
  await once(url, `update product set name = name || '.' where code = $1`, [code])
  for (const until = Date.now() + bookMsMax; (await version()) === before; ) {
    if (Date.now() > until) throw new Error('bench: a change did not get into a book')
    await pause(50)
  }
  // Health is asked once a second at most, and then answers as it did.
  await pause(1_100)
  const response = await fetch(`${started.ready.http}/health/deep`)
  const { data } = (await response.json()) as { data: { parts: { name: string; ms: number }[] } }
  return data.parts.find(({ name }) => name === 'catalogue')?.ms ?? 0
}
