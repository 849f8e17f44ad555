/**
 * The number line, whole: the program as a stranger starts it, pages of people that are open, a
 * supplier that tells of codes when it is asked, and people who walk the whole way.
 *
 *   supplier ─answer─▶ poller ─▶ order, durable ─▶ opened for its owner ─WS─▶ page    by one clock
 *
 * BQA1. Every code is shown by the page of whoever rented the number, once; what is not, is told as
 *       wrong, and so is whatever a visitor finds amiss on his way.
 * BQA2. Beside it, in the same minute: as many pages at a bare uWebSockets.js server, for what they
 *       cost and for how soon they hear.
 * BQA3. A machine may allow fewer open files than pages were asked for: as many are opened as it
 *       allows, and memory is told for the number asked for, in proportion.
 */
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Findings, Measured } from '../beside.ts'
import { cpuSeconds, cpuSecondsOfTree, pssMbOfTree, rssMb } from '../ground/cost.ts'
import { type Deployment, Ground } from '../ground/ground.ts'
import { type Started, start } from '../ground/processes.ts'
import type { Outcome } from '../load/load.ts'
import type { PartSizes } from '../part-sizes.ts'
import { say } from '../turns.ts'
import { firstView } from './first-view.ts'
import type { People, Shown, Walked } from './people.ts'
import { calls } from './visitor.ts'

/** What a process needs besides its pages. */
const otherFiles = 500
const offersMsMax = 60_000
/** How often the list of open numbers is read; what came in between comes all at once. */
const pollMs = 250
const baselineIs = 'a bare uWebSockets.js server'

export async function benchNumber(sizes: PartSizes): Promise<Findings> {
  const ground = await new Ground().open()
  const folder = await mkdtemp(join(tmpdir(), 'laju-people-'))
  const parts: Started[] = []
  try {
    // People come from many places; without a proxy of ours they would all be one.
    const engine = await ground.engine('number', { TRUSTED_PROXIES: '1' })
    const postgres = await ground.postgresPid()
    const customers = await ground.customers(engine, sizes.rental.pages)
    say(`${customers.length} people with money`)
    await chmod(folder, 0o700)
    const file = join(folder, 'people.json')
    const about: People = { signers: customers.map(({ key, secret }) => ({ key, secret })) }
    await writeFile(file, JSON.stringify(about), { mode: 0o600 })
    const program = (name: string) => resolve(import.meta.dirname, name)
    const people = await start({
      ...{ name: 'people', file: program('people.ts') },
      env: {
        ...{ PEOPLE: file, SANDBOX: String(engine.env['SANDBOX_URL']) },
        HTTP_PORT: new URL(engine.started.ready.http).port,
      },
    })
    parts.push(people)
    const bare = await start({ name: 'bare', file: program('../baseline/sockets.ts'), env: {} })
    parts.push(bare)
    await stock(engine, String(people.ready['supplier']))
    return await measured(sizes, { engine, people, bare, postgres })
  } finally {
    for (const part of parts.toReversed()) await part.stop()
    await rm(folder, { recursive: true, force: true })
    await ground.close()
  }
}

/** The bench's own supplier sells; those of the demo don't. */
async function stock({ started, ask, env }: Deployment, supplier: string): Promise<void> {
  const change = { unit: '1', reason: 'bench' }
  const demo = [
    ['handler_api', 'handler_api'],
    ['rumahotp', 'rumahotp'],
  ] as const
  for (const [code, kind] of demo) {
    const base_url = `${env['SANDBOX_URL']}/${code}`
    const off = { ...change, name: code, kind, base_url, active: false, version: 1 }
    await ask('PUT', `/api/v1/admin/number-suppliers/${code}`, off)
  }
  await ask('PUT', '/api/v1/admin/number-suppliers/bench', {
    ...{ ...change, name: 'Bench', kind: 'handler_api', base_url: supplier, active: true },
    ...{ credentials: { api_key: 'bench' }, version: 0 },
    terms: { cancel_after_ms: null, life_ms: null, poll_ms: pollMs, resends: null },
  })
  const until = performance.now() + offersMsMax
  for (;;) {
    const answer = await fetch(`${started.ready.http}/api/v1/services?search=Aplikasi`)
    const { data } = (await answer.json()) as { data?: { services: readonly unknown[] } }
    if ((data?.services.length ?? 0) > 0) return
    if (performance.now() > until) throw new Error('bench: the supplier is not on the shelf')
    await ask('POST', '/api/v1/admin/number-suppliers/bench/refresh', {})
    await pause(1_500)
  }
}

type Stage = {
  readonly engine: Deployment
  readonly people: Started
  readonly bare: Started
  readonly postgres: number | null
}

async function measured(sizes: PartSizes, stage: Stage): Promise<Findings> {
  const { pages, allPages, perSecond, visitors, seconds } = sizes.rental
  const { engine, people, bare, postgres } = stage
  const { pid } = engine.started.ready
  const barePort = new URL(bare.ready.http).port
  const wrong: string[] = []
  const check = (what: string, { sent, shown, wrong: amiss }: Shown) => {
    if (shown !== sent) wrong.push(`${what}: ${sent} codes, ${shown} shown`)
    if (amiss > 0) wrong.push(`${what}: ${amiss} shown twice, or as another code`)
  }

  const view = await firstView(engine.started.ready.http, sizes.rounds)
  await asked(people, `/open?pages=${pages}`)
  const rented = await asked<Outcome>(people, `/rent?count=${pages}`)
  if (rented.ok !== pages) wrong.push(`renting: ${rented.oddities.join(' | ')}`)
  say(`${pages} numbers rented, ${Math.round(rented.perSecond)}/s, p99 ${rented.p99Ms} ms`)
  await asked(people, `/bare?port=${barePort}&pages=${pages}`)

  const ours: Shown[] = []
  const theirs: Shown[] = []
  const cpuUs = { engine: [] as number[], postgres: [] as number[] }
  const each = Math.floor(pages / (sizes.rounds + 1))
  const tell = async (what: string): Promise<Shown> => {
    const before = [cpuSeconds(pid) ?? 0, cpuSecondsOfTree(postgres) ?? 0] as const
    const path = `/codes?count=${each}&perSecond=${perSecond}`
    const shown = await asked<Shown>(people, path)
    const spent = [cpuSeconds(pid) ?? 0, cpuSecondsOfTree(postgres) ?? 0] as const
    const us = [0, 1].map(at => ((spent[at]! - before[at]!) * 1e6) / each)
    check(what, shown)
    const { p50Ms, p99Ms, maxMs } = shown
    say(`${what}: ${each} codes, p50 ${p50Ms} p99 ${p99Ms} max ${maxMs} ms, us ${us.join(' ')}`)
    cpuUs.engine.push(us[0]!)
    cpuUs.postgres.push(us[1]!)
    return shown
  }
  await tell('warm-up')
  for (let round = 1; round <= sizes.rounds; round++) {
    const path = `/told?port=${barePort}&count=${each}&perSecond=${perSecond}`
    theirs.push(await asked<Shown>(people, path))
    ours.push(await tell(`codes ${round}`))
  }
  await asked(people, '/close')

  const walked = await asked<Walked>(people, `/walk?visitors=${visitors}&seconds=${seconds}`)
  const { through, oddities, p99Ms } = walked
  if (through !== visitors) {
    wrong.push(`${visitors} on their way, ${through} got through: ${oddities.join(' | ')}`)
  }
  say(
    `${through} of ${visitors} got through in ${walked.seconds.toFixed(0)} s, ${walked.asked}` +
      ` calls, p99 ${JSON.stringify(p99Ms)}, code p99 ${walked.shownP99Ms} ms`,
  )

  const some = Math.min(allPages, filesMax() - otherFiles)
  const memory = async (path: string, of: number): Promise<number> => {
    await pause(sizes.restMs)
    const before = rssMb(of) ?? 0
    await asked(people, path)
    await pause(sizes.restMs)
    const after = rssMb(of) ?? 0
    say(`${some} pages: ${before} MB without, ${after} MB with them`)
    return Math.round(before + ((after - before) * allPages) / some)
  }
  const own = await memory(`/open?pages=${some}`, pid)
  const its = pssMbOfTree(postgres) ?? 0
  await asked(people, '/close')
  const bareMb = await memory(`/bare?port=${barePort}&pages=${some}`, bare.ready.pid)

  const alone = { baseline: [], baselineIs: 'none' }
  const shown = `known to us until shown, ${perSecond} codes/s, ${pages} pages`
  const figures: Measured[] = [
    ...view,
    {
      ...{ figure: `${shown}, p50`, unit: 'ms', ours: ours.map(one => one.p50Ms) },
      ...{
        baseline: theirs.map(one => one.p50Ms),
        baselineIs: `${baselineIs}, which keeps nothing`,
      },
    },
    {
      ...{ figure: `${shown}, p99`, unit: 'ms', most: 50, ours: ours.map(one => one.p99Ms) },
      ...{
        baseline: theirs.map(one => one.p99Ms),
        baselineIs: `${baselineIs}, which keeps nothing`,
      },
    },
    { figure: 'CPU of the engine per code', unit: 'us', ours: cpuUs.engine, ...alone },
    ...(postgres === null
      ? []
      : [
          { figure: 'CPU of Postgres per code', unit: 'us', ours: cpuUs.postgres, ...alone },
          { figure: 'Postgres beside it', unit: 'MB', ours: [its], ...alone },
        ]),
    {
      ...{ figure: `memory with ${allPages} idle pages`, unit: 'MB', most: 500, ours: [own] },
      ...{ baseline: [bareMb], baselineIs },
    },
    ...calls.map(name => ({
      ...{ figure: `${visitors} people at once: ${name}, p99`, unit: 'ms', most: 100 },
      ...{ ours: [p99Ms[name]], ...alone },
    })),
    {
      ...{ figure: `${visitors} people at once: known until shown, p99`, unit: 'ms' },
      ...{ ours: [walked.shownP99Ms], ...alone },
    },
  ]
  return { figures, wrong }
}

/** How many files a process may have open here. */
function filesMax(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8')
  const told = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
  return told === undefined ? Number.MAX_SAFE_INTEGER : Number(told)
}

async function asked<T>(part: Started, path: string): Promise<T> {
  const answer = await fetch(part.ready.http + path)
  if (!answer.ok) throw new Error(`bench: ${path}: ${await answer.text()}`)
  return (await answer.json()) as T
}
