/**
 * The canonical bench: our system and the usual good way, on one machine, in one run, against one
 * supplier, taking turns. It starts its own world on free ports and leaves nothing behind.
 *
 *   world ─▶ warm up ─▶ completed ─▶ latency ─▶ accepted ─▶ memory ─▶ kill -9 ─▶ drain ─▶ checks
 *            (baseline, engine, baseline, engine ... the median is the figure)
 *
 * BR1. Both sides get the same orders, from the same customers, over the same connections, with
 *      the same signature, and the same supplier delay.
 * BR2. Both are checked afterwards: every order ended in success, and equal work has equal hashes.
 * BR3. However it ends, every process that was started is ended and every folder is removed.
 *
 * What can be asked of it is in wishes.ts; with a name in front it is a part of its own (parts.ts).
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { brokenIn, summed, tableOf } from './beside.ts'
import { openWorld } from './ground/world.ts'
import { type Part, parts } from './parts.ts'
import type { Bench, Figure } from './phases.ts'
import { machine, type Summary, summary, table } from './report.ts'
import { full, type Sizes } from './sizes.ts'
import { say, Turns } from './turns.ts'
import { type Phase, phases, UnclearWish, usage, type Wishes, wishesIn } from './wishes.ts'

const resultFile = resolve(import.meta.dirname, 'results', 'latest.json')

async function main(): Promise<void> {
  const wishes = wishesIn(process.argv.slice(2), Object.keys(parts))
  if (wishes.help) return console.log(usage(Object.keys(parts)))
  if (wishes.part !== null) return await runPart(parts[wishes.part]!, wishes.part, wishes)
  const { sizes, size, seed } = wishes
  const found = await run(sizes, wishes.phases, seed)

  console.log(table(found))
  for (const problem of problems(found)) {
    console.error(`bench: WRONG: ${problem}`)
    process.exitCode = 1
  }
  // A part of the bench is not the bench: it doesn't replace the figures of a whole run.
  const isWhole = wishes.phases.size === phases.length && size === 'full'
  const out = wishes.out ?? (isWhole && sizes.connections === full.connections ? resultFile : null)
  if (out === null) return
  await mkdir(dirname(out), { recursive: true })
  await writeFile(out, `${JSON.stringify(found, null, 2)}\n`)
  console.log(`written to ${out}`)
}

async function runPart(part: Part, name: string, wishes: Wishes): Promise<void> {
  const { size, out } = wishes
  const found = await part(wishes.partSizes, wishes.seed)
  console.log(tableOf(found.figures))
  // What is tiny shows that it runs; it has no figures to be held to.
  const broken = size === 'tiny' ? [] : brokenIn(found.figures)
  for (const problem of [...found.wrong, ...broken]) {
    console.error(`bench: WRONG: ${problem}`)
    process.exitCode = 1
  }
  if (out === undefined) return
  const { wrong } = found
  const about = { part: name, size, machine: await machine('-'), wrong }
  const written = { ...about, figures: found.figures.map(summed) }
  await writeFile(out, `${JSON.stringify(written, null, 2)}\n`)
  console.log(`written to ${out}`)
}

async function run(sizes: Sizes, wanted: ReadonlySet<Phase>, seed: number): Promise<Summary> {
  const began = performance.now()
  say('starting sandbox, engine, baseline and their customers')
  const opening = openWorld({ customers: sizes.customers })
  const leave = () => {
    const closed = opening.then(world => world.close())
    closed.catch(() => {}).finally(() => process.exit(130))
  }
  process.once('SIGINT', leave).once('SIGTERM', leave)
  const world = await opening
  try {
    const bench: Bench = {
      load: world.load,
      seed,
      connections: sizes.connections,
      supplierPid: world.sandboxPid,
      postgresPid: world.postgresPid,
      blocks: new Map(),
    }
    const turns = new Turns(world, bench, sizes)
    await turns.warmUp()
    const completed = wanted.has('completed') ? await turns.completed() : []
    const latency = wanted.has('latency') ? await turns.latency() : []
    const hashes = equalHashes(completed, latency)
    const needsOpen = wanted.has('accepted') || wanted.has('recovery')
    const held = needsOpen ? await turns.accepted() : null
    const recovery = wanted.has('recovery') ? await turns.recovery() : null
    const drain = held === null ? null : await turns.drain()
    const sold = await world.sandbox.sold()
    return summary({
      machine: await machine(await world.engine.book.serverVersion()),
      settings: { ...sizes, seed },
      seconds: Math.round((performance.now() - began) / 1000),
      completed,
      latency,
      accepted: held?.figures ?? [],
      rssMb: held?.rssMb ?? null,
      baselineRssMb: held?.baselineRssMb ?? null,
      openOrders: held?.openOrders ?? null,
      recovery,
      checks: { equal_hashes: hashes, drain, sold },
    })
  } finally {
    process.off('SIGINT', leave).off('SIGTERM', leave)
    await world.close()
  }
}

/** Rounds in which both sides had equally many orders must have ended equally. */
function equalHashes(...lists: (readonly Figure[])[]): boolean | null {
  const byTag = new Map<string, Figure[]>()
  for (const figure of lists.flat()) {
    const key = `${figure.tag} ${figure.count}`
    byTag.set(key, [...(byTag.get(key) ?? []), figure])
  }
  const pairs = [...byTag.values()].filter(figures => figures.length === 2)
  return pairs.length === 0 ? null : pairs.every(([a, b]) => a!.result.hash === b!.result.hash)
}

/** Speed that was bought with meaning is no speed: what of it is not as it should be? */
function problems({ checks, recovery }: Summary): string[] {
  const { equal_hashes, drain, sold } = checks
  const found: string[] = []
  if (equal_hashes === false) found.push('equal work ended differently on the two sides')
  if (drain !== null && drain.success !== drain.accepted) {
    found.push(`${drain.accepted} orders were held open and ${drain.success} of them succeeded`)
  }
  if (sold.moreThanOnce > 0) found.push(`${sold.moreThanOnce} orders were bought more than once`)
  if (recovery !== null && recovery.openAfter < recovery.openBefore) {
    found.push(
      `${recovery.openBefore} orders were open before the kill, ${recovery.openAfter} after`,
    )
  }
  return found
}

try {
  await main()
} catch (cause) {
  if (!(cause instanceof UnclearWish)) throw cause
  console.error(`bench: ${cause.message}\n\n${usage(Object.keys(parts))}`)
  process.exitCode = 2
}
