/**
 * The stage for whole programs: engines, a sandbox and a database as real processes, on free ports
 * and in a folder of their own. They are started, killed and started again like anywhere else.
 *
 *   test ─▶ stage ─┬─▶ engine(s)  deploy/start.ts ─▶ embedded Postgres in the same folder
 *                  ├─▶ sandbox    node deploy/sandbox/main.ts, which outlives every engine
 *                  └─▶ command line
 *
 * What the tests on this stage hold the program to:
 *
 * ZE1. An order that was acknowledged exists after any death of any process.
 * ZE2. One reference is one order, one hold and at most one sale, however often it is sent, over
 *      however many connections, to whichever engine, before or after a death.
 * ZE3. The supplier's book and ours agree on every order: delivered is one successful sale under
 *      the reference of the delivering attempt, failed is none.
 * ZE4. Money is conserved: wallets hold deposits less what was delivered, and nothing stays held.
 * ZE5. A refused request moves no money, and says so.
 * ZE6. Of two engines only the owner writes; the other says so at once and asks for a repeat.
 * ZE7. What cannot start says why in one sentence, and leaves with a code that is not 0.
 * ZE8. A stop takes the time to finish what was acknowledged, and leaves with 0.
 * ZE9. While the database is away nothing is acknowledged, and afterwards everything goes on.
 * ZE10. No input, however wrong, keeps the next one from being served.
 * ZE11. A client written for Digiflazz needs another base URL and nothing else.
 * ZE12. After a test no process and no folder of it is left.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from '../../services/wire/free-port.fixture.ts'
import { engineEnv, engineFlags } from '../engine-flags.mjs'
import { isAlive } from '../folder-lock.ts'
import { openPostgres } from '../postgres/postgres.ts'
import { hashOf, unit } from '../sandbox/prng.ts'
import { scratchFolder } from '../testing/scratch.ts'
import { type Keys, Reseller } from './reseller.ts'

type Environment = Readonly<Record<string, string>>

const root = join(import.meta.dirname, '..', '..')
const readyMsMax = 120_000
const restMsMax = 90_000
const pollMs = 25
const logLinesMax = 60
const quietly: readonly string[] = ['--disable-warning=ExperimentalWarning']

/** Everything that was started in this process and has not ended. */
const children = new Set<ChildProcess>()
const stages = new Set<Stage>()

// A runner that loses patience sends SIGTERM; then there is time for nothing but the essential.
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const stage of stages) stage.abandon()
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

export type Ended = {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A program from its first breath to its last. */
export class Program {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  #stdout = ''
  readonly #stderr: string[] = []

  constructor(file: string, args: readonly string[], env: Environment, flags = quietly) {
    const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
    this.child = spawn(process.execPath, [...flags, file, ...args], {
      cwd: root,
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.add(this.child)
    this.child.stdout!.setEncoding('utf8').on('data', text => (this.#stdout += text))
    createInterface(this.child.stderr!).on('line', line => {
      this.#stderr.push(line)
      if (this.#stderr.length > logLinesMax) this.#stderr.shift()
    })
    this.ended = once(this.child, 'close').then(([code]) => {
      children.delete(this.child)
      return { code, stdout: this.#stdout, stderr: this.stderr }
    })
  }

  get pid(): number {
    return this.child.pid!
  }

  get stderr(): string {
    return this.#stderr.join('\n')
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** The ready line, parsed; throws with what the program said when it ends instead. */
  async ready(): Promise<Record<string, unknown>> {
    return await until('the ready line', readyMsMax, () => {
      if (!this.isRunning) throw new Error(`it ended before it was ready:\n${this.stderr}`)
      const end = this.#stdout.indexOf('\n')
      return end >= 0 && (JSON.parse(this.#stdout.slice(0, end)) as Record<string, unknown>)
    })
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** Nobody listens any more: what it says from here on is an error to it. */
  hangUp(): void {
    this.child.stdout!.destroy()
    this.child.stderr!.destroy()
  }

  /** As a power cut would. */
  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.ended
  }
}

export type EngineOptions = {
  /** Its data folder below the stage; engines with different ones share nothing but a database. */
  readonly folder?: string
  readonly env?: Environment
  /** On its command line. */
  readonly args?: readonly string[]
}

/** An engine that is ready. */
export type Engine = Program & { readonly http: string; readonly ms: number }

export class Stage {
  readonly folder: string
  readonly #ports = new Map<string, number>()
  #sandbox: { readonly program: Program; readonly url: string } | undefined
  readonly #pools = new Map<string, pg.Pool>()

  constructor() {
    this.folder = mkdtempSync(join(scratchFolder(), 'laju-e2e-'))
    // Postgres may run under an account of its own, which must get in.
    chmodSync(this.folder, 0o711)
    stages.add(this)
  }

  // -- processes -----------------------------------------------------------------------------

  async startSandbox(): Promise<string> {
    const env = { SANDBOX_PORT: String(await this.#port('sandbox')) }
    const program = new Program(join(root, 'deploy/sandbox/main.ts'), [], env)
    const { sandbox } = await program.ready()
    this.#sandbox = { program, url: sandbox as string }
    return sandbox as string
  }

  get sandboxUrl(): string {
    return this.#sandbox?.url ?? `http://127.0.0.1:${this.#ports.get('sandbox')}`
  }

  /** Starts `deploy/start.ts` as the launcher does, and does not wait for it. */
  async launch(options: EngineOptions = {}): Promise<Program> {
    const env = { ...engineEnv, ...(await this.#environment(options)) }
    return new Program(join(root, 'deploy/start.ts'), options.args ?? [], env, engineFlags)
  }

  async start(options: EngineOptions = {}): Promise<Engine> {
    const program = await this.launch(options)
    const { http, ms } = (await program.ready()) as { http: string; ms: number }
    return Object.assign(program, { http, ms })
  }

  /** One verb of the command line. */
  async cli(args: readonly string[], options: EngineOptions = {}): Promise<Ended> {
    const env = await this.#environment(options)
    return await new Program(join(root, 'deploy/cli/cli.ts'), args, env).ended
  }

  /** The same engine always has the same ports, so that clients and suppliers find it again. */
  async #environment({ folder = 'data', env = {} }: EngineOptions): Promise<Environment> {
    const own = {
      PORT: String(await this.#port(folder)),
      MQTT_PORT: String(await this.#port(`mqtt of ${folder}`)),
      DATA_DIR: this.dataDir(folder),
      DATABASE_URL: '',
      LOG_LEVEL: 'warn',
      MODE: 'demo',
    }
    // Without a sandbox of the stage the engine brings its own along, as on a newcomer's machine.
    const sandbox =
      this.#sandbox === undefined
        ? { SANDBOX_PORT: String(await this.#port('sandbox')), SANDBOX_URL: '' }
        : { SANDBOX_PORT: '', SANDBOX_URL: this.#sandbox.url }
    return { ...own, ...sandbox, ...env }
  }

  async #port(name: string): Promise<number> {
    let port = this.#ports.get(name)
    if (port === undefined) {
      port = await freePort()
      this.#ports.set(name, port)
    }
    return port
  }

  // -- what it left in its folder ------------------------------------------------------------

  dataDir(folder = 'data'): string {
    return join(this.folder, folder)
  }

  /** Somebody of the demo who signs what he sends, as his credentials stand in demo.json. */
  demo(engine: Engine, who: 'reseller' | 'admin' | 'finance' = 'reseller'): Reseller {
    const people = JSON.parse(readFileSync(join(this.dataDir(), 'demo.json'), 'utf8'))
    return new Reseller(engine.http, people[who] as Keys)
  }

  /** Resellers made with the command line while the engine runs, as an owner would. */
  async resellers(
    engine: Engine,
    wish: { readonly count: number; readonly deposit: number },
    options: EngineOptions = {},
  ): Promise<Reseller[]> {
    const { count, deposit } = wish
    const args = ['user', 'create', '--json', '--rate', '0', '--name', 'Toko']
    const numbers = ['--count', String(count), '--deposit', String(deposit)]
    const { code, stdout, stderr } = await this.cli([...args, ...numbers], options)
    if (code !== 0) throw new Error(`user create ended with ${code}: ${stderr}`)
    return (JSON.parse(stdout) as Keys[]).map(keys => new Reseller(engine.http, keys))
  }

  databaseUrl(folder = 'data'): string {
    return JSON.parse(readFileSync(join(this.dataDir(folder), 'postgres.json'), 'utf8')).url
  }

  async sql<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    url = this.databaseUrl(),
  ): Promise<Row[]> {
    let pool = this.#pools.get(url)
    if (pool === undefined) {
      pool = new pg.Pool({ connectionString: url, max: 2 })
      pool.on('error', () => {})
      this.#pools.set(url, pool)
    }
    return (await pool.query<Row>(text, [...values])).rows
  }

  /** Hangs up, so that the database at this address can be stopped. */
  async forget(url: string): Promise<void> {
    await this.#pools.get(url)?.end()
    this.#pools.delete(url)
  }

  /** Number of the embedded Postgres's own process; undefined when none runs. */
  postgresPid(folder = 'data'): number | undefined {
    const pid = Number.parseInt(textOf(join(this.#cluster(folder), 'postmaster.pid')), 10)
    return isAlive(pid) ? pid : undefined
  }

  /** The files of the embedded Postgres. */
  clusterDir(folder = 'data'): string {
    return this.#cluster(folder)
  }

  #home(folder: string): string {
    const keep = join(this.dataDir(folder), 'pg')
    return textOf(join(keep, 'location')).trim() || keep
  }

  #cluster(folder: string): string {
    return join(this.#home(folder), 'cluster')
  }

  // -- the end -------------------------------------------------------------------------------

  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map(pool => pool.end()))
    const mine = [...children]
    for (const child of mine) child.kill('SIGKILL')
    await until('the end of all processes', 60_000, () => mine.every(child => !children.has(child)))
    for (const folder of this.#folders()) {
      await endSandboxOf(this.dataDir(folder))
      if (this.postgresPid(folder) !== undefined) {
        await (await openPostgres({ dataDir: this.dataDir(folder) })).stop()
      }
      rmSync(this.#home(folder), { recursive: true, force: true })
    }
    rmSync(this.folder, { recursive: true, force: true })
    stages.delete(this)
  }

  /** The synchronous rest of `close`, for a process that is being ended itself. */
  abandon(): void {
    for (const folder of this.#folders()) {
      const { pid } = sandboxNote(this.dataDir(folder)) ?? {}
      if (pid !== undefined && commandOf(pid).includes('sandbox/main.ts')) process.kill(pid)
      const postgres = this.postgresPid(folder)
      if (postgres !== undefined) process.kill(postgres, 'SIGQUIT')
      rmSync(this.#home(folder), { recursive: true, force: true })
    }
    rmSync(this.folder, { recursive: true, force: true })
  }

  #folders(): string[] {
    return [...this.#ports.keys()].filter(name => existsSync(join(this.dataDir(name), 'pg')))
  }
}

/** Of a sandbox that an engine brought along and, being killed, could not end. */
async function endSandboxOf(dataDir: string): Promise<void> {
  const note = sandboxNote(dataDir)
  if (note === null) return
  const { pid, url } = note
  const answer = await fetch(`${url}/_sandbox/health`).catch(() => null)
  const health = (await answer?.json()) as { pid: number } | undefined
  if (health?.pid !== pid) return
  process.kill(pid, 'SIGTERM')
  await until('the end of the sandbox', 60_000, () => !isAlive(pid))
}

function sandboxNote(dataDir: string): { readonly pid: number; readonly url: string } | null {
  const note = textOf(join(dataDir, 'sandbox.json'))
  return note === '' ? null : JSON.parse(note)
}

/** Empty where the system does not tell. */
const commandOf = (pid: number): string => textOf(`/proc/${pid}/cmdline`)

// -- small words -------------------------------------------------------------------------------

/** Asks again and again until the answer is something; the only way in which a test waits. */
export async function until<T>(
  what: string,
  msMax: number,
  ask: () => T | Promise<T>,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = Date.now() + msMax
  for (;;) {
    const answer = await ask()
    if (answer !== false && answer !== null && answer !== undefined) {
      return answer as Exclude<T, false | null | undefined>
    }
    if (Date.now() > deadline) throw new Error(`waited ${msMax} ms in vain for ${what}`)
    await pause(pollMs)
  }
}

/** Values from 0 up to 1 that are the same for the same seed. */
export function dice(seed: number): () => number {
  let throws = 0
  return () => unit(hashOf(seed, `throw ${throws++}`))
}

/** The value of a metric without labels. */
export async function gauge(http: string, name: string): Promise<number> {
  const text = await (await fetch(`${http}/metrics`)).text()
  const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]
  if (value === undefined) throw new Error(`there is no metric ${name}`)
  return Number(value)
}

/** Nothing is under way any more, and people can read all of it. */
export async function atRest(http: string): Promise<void> {
  const haveEnded = async () => (await gauge(http, 'laju_actors_open')) === 0
  await until('all work to end', restMsMax, haveEnded)
  await until('the read models', restMsMax, async () => {
    return (await gauge(http, 'laju_projection_lag_lines')) === 0
  })
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
