/**
 * The soundbox line, whole: the program as a stranger starts it, a town of merchants made over its
 * admin API, a box at every counter, and customers who pay at printed QRs.
 *
 *   callback ─HTTP─▶ inbox ─▶ payment ─▶ device ─▶ MQTT ─▶ box        measured by one clock
 *
 * BNA1. Every payment is answered as applied and heard by its box exactly once, also while all
 *       boxes are cut off at once and come back; what is not, is told as wrong.
 * BNA2. Memory is the engine's resident set at rest; Postgres beside it by its share of each page.
 * BNA3. The load test published for another system of this kind is the baseline of the mix.
 */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Findings, Measured } from '../beside.ts'
import { cpuSeconds, cpuSecondsOfTree, pssMbOfTree, rssMb } from '../ground/cost.ts'
import { type Deployment, Ground } from '../ground/ground.ts'
import { type Started, start } from '../ground/processes.ts'
import type { PartSizes } from '../part-sizes.ts'
import { say } from '../turns.ts'
import type { Fleet, Paid } from './fleet.ts'
import { kinds, type Mixed } from './mix.ts'
import { buildTown } from './town.ts'

/** Published for another system: 1,610 requests, about 325 a second, and p95 by kind. */
const published = {
  perSecond: 325,
  p95Ms: { create: 184, callback: 129, heartbeat: 90, dynamic_qr: 72, observability: 231 },
}
const beatEverySeconds = 30
const connections = 64

export async function benchSoundbox(sizes: PartSizes): Promise<Findings> {
  const ground = await new Ground().open()
  const folder = await mkdtemp(join(tmpdir(), 'laju-fleet-'))
  let fleet: Started | null = null
  try {
    const engine = await ground.engine('soundbox')
    const postgres = await ground.postgresPid()
    const { counters, seconds } = await buildTown(
      { http: engine.started.ready.http, signer: engine.signer },
      sizes.town.allBoxes,
    )
    say(`${counters.length} boxes provisioned in ${seconds.toFixed(1)} s`)
    fleet = await startFleet(engine, folder, counters)
    return await measured(sizes, { engine, fleet, postgres })
  } finally {
    await fleet?.stop()
    await rm(folder, { recursive: true, force: true })
    await ground.close()
  }
}

async function startFleet(
  { started, env, signer }: Deployment,
  folder: string,
  counters: Fleet['counters'],
): Promise<Started> {
  await chmod(folder, 0o700)
  const demo = JSON.parse(await readFile(join(env['DATA_DIR']!, 'demo.json'), 'utf8'))
  const file = join(folder, 'fleet.json')
  const about: Fleet = { counters, secret: demo.callback_secrets.qris, signer }
  await writeFile(file, JSON.stringify(about), { mode: 0o600 })
  return await start({
    name: 'fleet',
    file: resolve(import.meta.dirname, 'fleet.ts'),
    env: {
      ...{ FLEET: file, MQTT_PORT: new URL(String(started.ready['mqtt'])).port },
      HTTP_PORT: new URL(started.ready.http).port,
    },
  })
}

type Stage = {
  readonly engine: Deployment
  readonly fleet: Started
  readonly postgres: number | null
}

async function measured(sizes: PartSizes, stage: Stage): Promise<Findings> {
  const { boxes, allBoxes, payments, perSecond, seconds } = sizes.town
  const { engine, fleet, postgres } = stage
  const { pid } = engine.started.ready
  const wrong: string[] = []
  const steady: Paid[] = []
  const most: Paid[] = []
  const back: number[] = []
  const cost = { engine: [] as number[], postgres: [] as number[] }
  const check = (what: string, { outcome, heard, twice }: Paid) => {
    if (outcome.ok !== outcome.sent) wrong.push(`${what}: ${outcome.oddities.join(' | ')}`)
    if (heard !== outcome.sent) wrong.push(`${what}: ${outcome.sent} paid, ${heard} heard`)
    if (twice > 0) wrong.push(`${what}: ${twice} were spoken twice`)
  }
  const pay = async (what: string, count: number, pace: number): Promise<Paid> => {
    const before = [cpuSeconds(pid) ?? 0, cpuSecondsOfTree(postgres) ?? 0] as const
    const path = `/pay?count=${count}&perSecond=${pace}&connections=${connections}`
    const paid = await asked<Paid>(fleet, path)
    const own = (((cpuSeconds(pid) ?? 0) - before[0]) * 1e6) / count
    const its = (((cpuSecondsOfTree(postgres) ?? 0) - before[1]) * 1e6) / count
    check(what, paid)
    say(
      `${what}: ${count} payments, ${Math.round(paid.heardPerSecond)}/s heard, p50 ${paid.p50Ms}` +
        ` p99 ${paid.p99Ms} max ${paid.maxMs} ms, answered p99 ${paid.outcome.p99Ms} ms, repeated` +
        ` ${paid.repeated}, cpu us per payment: engine ${Math.round(own)}, Postgres` +
        ` ${Math.round(its)}, fleet ${Math.round((paid.outcome.cpuSeconds * 1e6) / count)}`,
    )
    if (pace === 0) {
      cost.engine.push(own)
      cost.postgres.push(its)
    }
    return paid
  }

  await asked(fleet, `/open?boxes=${boxes}`)
  await pay('warm-up', payments, 0)
  for (let round = 1; round <= sizes.rounds; round++) {
    steady.push(await pay(`by the clock ${round}`, perSecond * seconds, perSecond))
    most.push(await pay(`as many as go ${round}`, payments, 0))
    const meanwhile = pay(`cut off ${round}`, (perSecond / 5) * seconds, perSecond / 5)
    await pause((seconds * 1_000) / 5)
    back.push((await asked<{ seconds: number }>(fleet, '/again')).seconds)
    await meanwhile
    say(`all ${boxes} served again after ${back.at(-1)!.toFixed(2)} s`)
  }

  await asked(fleet, `/open?boxes=${allBoxes}`)
  await pause(sizes.restMs)
  const memory = [rssMb(pid) ?? 0, pssMbOfTree(postgres) ?? 0] as const
  say(`${allBoxes} boxes: engine ${memory[0]} MB, Postgres ${memory[1]} MB`)
  const idle = await coreShare(pid, () => pause(sizes.town.beatSeconds * 1_000))
  const beating = await coreShare(pid, () =>
    asked(fleet, `/beat?seconds=${sizes.town.beatSeconds}&everySeconds=${beatEverySeconds}`),
  )
  say(`heartbeats: ${beating.toFixed(2)} % of a core, ${idle.toFixed(2)} % without`)

  const mixed: Mixed[] = []
  for (let round = 1; round <= sizes.rounds; round++) {
    const path = `/mix?count=${sizes.town.mixed}&connections=${connections}`
    const mix = await asked<Mixed>(fleet, path)
    mixed.push(mix)
    const { outcome, p95Ms } = mix
    if (outcome.ok !== outcome.sent) wrong.push(`mix ${round}: ${outcome.oddities.join(' | ')}`)
    say(`mix ${round}: ${Math.round(outcome.perSecond)}/s, p95 ${JSON.stringify(p95Ms)} ms`)
  }

  const alone = { baseline: [], baselineIs: 'none' }
  const heard = `callback to box at ${perSecond}/s, ${boxes} boxes`
  const figures: Measured[] = [
    { figure: `${heard}, p50`, unit: 'ms', ours: steady.map(one => one.p50Ms), ...alone },
    { figure: `${heard}, p99`, unit: 'ms', most: 50, ours: steady.map(one => one.p99Ms), ...alone },
    {
      ...{ figure: 'most payments, all of them heard', unit: '/s', ...alone },
      ours: most.map(one => Math.round(one.heardPerSecond)),
    },
    { figure: 'CPU of the engine per payment', unit: 'us', ours: cost.engine, ...alone },
    { figure: 'CPU of Postgres per payment', unit: 'us', ours: cost.postgres, ...alone },
    {
      ...{ figure: `all ${boxes} cut off, until served again`, unit: 's', most: 10 },
      ...{ ours: back, ...alone },
    },
    {
      ...{ figure: `memory with ${allBoxes} boxes`, unit: 'MB', most: 600, ours: [memory[0]] },
      ...{ baseline: [memory[1]], baselineIs: 'Postgres, beside it' },
    },
    {
      ...{ figure: `heartbeats of ${allBoxes} boxes, of a core`, unit: '%', most: 5 },
      ...{ ours: [beating], baseline: [idle], baselineIs: 'the same boxes, silent' },
    },
    {
      ...{ figure: 'the mix, as fast as it goes', unit: '/s', leastRatio: 20 },
      ours: mixed.map(({ outcome }) => Math.round(outcome.perSecond)),
      ...{ baseline: mixed.map(() => published.perSecond), baselineIs: 'as published, elsewhere' },
    },
    ...kinds.map(kind => ({
      ...{ figure: `the mix meanwhile: ${kind}, p95`, unit: 'ms', leastRatio: 1 },
      ours: mixed.map(({ p95Ms }) => p95Ms[kind]),
      baseline: mixed.map(() => published.p95Ms[kind]),
      baselineIs: 'as published, elsewhere',
    })),
  ]
  return { figures, wrong }
}

/** Percent of a core that a process takes while something goes on. */
async function coreShare(pid: number, work: () => Promise<unknown>): Promise<number> {
  const before = cpuSeconds(pid) ?? 0
  const began = performance.now()
  await work()
  return (((cpuSeconds(pid) ?? 0) - before) / ((performance.now() - began) / 1_000)) * 100
}

async function asked<T>(part: Started, path: string): Promise<T> {
  const answer = await fetch(part.ready.http + path)
  if (!answer.ok) throw new Error(`bench: ${path}: ${await answer.text()}`)
  return (await answer.json()) as T
}
