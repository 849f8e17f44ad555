/**
 * The world of a run: sandbox, engine with its own data folder, baseline in a second database of
 * the same Postgres, and the customers that both of them know. All on free ports.
 */
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Customer, seed } from '../baseline/seed.ts'
import { postgresPid } from './cost.ts'
import { createDatabase, dropDatabase, endPostgresIn } from './postgres.ts'
import {
  freePort,
  type LoadProcess,
  output,
  type Program,
  type Started,
  start,
  startLoad,
} from './processes.ts'
import { Sandbox } from './sandbox.ts'
import { Book, gauge, type Side } from './sides.ts'

export type World = {
  readonly engine: Side
  readonly baseline: Side
  readonly sandbox: Sandbox
  readonly sandboxPid: number
  readonly postgresPid: number | null
  readonly load: LoadProcess
  /** What a recovery needs: the process that dies, and how to start the next. */
  engineProcess(): { readonly running: Started; readonly restart: () => Promise<Started> }
  stopBaseline(): Promise<void>
  close(): Promise<void>
}

const root = resolve(import.meta.dirname, '../..')
const deposit = 100_000_000
const product = { code: 'BENCH10', sku: 'bench10', price: 10_500 }

export async function openWorld({ customers }: { customers: number }): Promise<World> {
  /** How to undo what has been done, newest last. */
  const undo: (() => unknown)[] = []
  const close = async () => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) {
      try {
        await step()
      } catch (cause) {
        console.error('bench: cleaning up:', cause)
      }
    }
  }
  try {
    return await build(customers, undo, close)
  } catch (failure) {
    await close()
    throw failure
  }
}

async function build(
  count: number,
  undo: (() => unknown)[],
  close: () => Promise<void>,
): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'laju-bench-'))
  undo.push(() => rm(dataDir, { recursive: true, force: true }))
  // Embedded Postgres outlives an engine that was killed, and may run as a user of its own.
  undo.push(() => endPostgresIn(dataDir))
  await chmod(dataDir, 0o711)
  const given = process.env['DATABASE_URL'] || null
  const name = `bench_${process.pid}`
  let engineUrl = given
  if (given !== null) {
    engineUrl = await createDatabase(given, `${name}_engine`)
    undo.push(() => dropDatabase(given, `${name}_engine`))
  }

  const sandboxProcess = await start({
    name: 'sandbox',
    file: join(root, 'deploy/sandbox/main.ts'),
    env: { SANDBOX_PORT: String(await freePort()), LOG_LEVEL: 'warn' },
  })
  undo.push(() => sandboxProcess.stop())
  const sandboxUrl = String(sandboxProcess.ready['sandbox'] ?? sandboxProcess.ready.http)

  const program: Program = {
    name: 'engine',
    // As a stranger starts it: the launcher chooses how Node runs.
    file: join(root, 'deploy/laju.mjs'),
    args: ['start'],
    env: {
      PORT: String(await freePort()),
      MQTT_PORT: String(await freePort()),
      SANDBOX_URL: sandboxUrl,
      SANDBOX_PORT: '',
      DATA_DIR: dataDir,
      DATABASE_URL: engineUrl ?? '',
      LOG_LEVEL: 'warn',
      MODE: 'demo',
    },
  }
  let engineProcess = await start(program)
  undo.push(() => engineProcess.stop())

  const serverUrl = engineUrl ?? (await embeddedUrl(dataDir))
  const baselineUrl = await createDatabase(serverUrl, `${name}_baseline`)
  undo.push(() => dropDatabase(serverUrl, `${name}_baseline`))

  const users = await createUsers(count, program.env)
  await seed(baselineUrl, { customers: users, deposit, product })

  const sandbox = new Sandbox(sandboxUrl)
  const account = await sandbox.openAccount()
  const baselineProcess = await start({
    name: 'baseline',
    file: join(import.meta.dirname, '../baseline/baseline.ts'),
    env: {
      PORT: '0',
      DATABASE_URL: baselineUrl,
      SUPPLIER_URL: account.url,
      SUPPLIER_USERNAME: account.username,
      SUPPLIER_KEY: account.key,
    },
  })
  undo.push(() => baselineProcess.stop())

  const load = startLoad()
  undo.push(() => load.stop())
  const engine: Side = {
    name: 'engine',
    ...sideOf(engineProcess, users),
    book: await Book.open(serverUrl, 'order_view'),
    async open() {
      const response = await fetch(`${engineProcess.ready.http}/metrics`)
      return gauge(await response.text(), 'laju_orders_open')
    },
  }
  undo.push(() => engine.book.close())
  const baseline: Side = {
    name: 'baseline',
    ...sideOf(baselineProcess, users),
    book: await Book.open(baselineUrl, 'orders'),
    open: () => openOfBaseline(baselineProcess.ready.http),
  }
  undo.push(() => baseline.book.close())

  return {
    engine,
    baseline,
    sandbox,
    sandboxPid: sandboxProcess.ready.pid,
    postgresPid: await postgresPid(serverUrl),
    load,
    engineProcess: () => ({
      running: engineProcess,
      async restart() {
        engineProcess = await start(program)
        engine.pid = engineProcess.ready.pid
        return engineProcess
      },
    }),
    stopBaseline: () => baselineProcess.kill(),
    close,
  }
}

export function sideOf(started: Started, customers: readonly Customer[]) {
  const { hostname, port } = new URL(started.ready.http)
  return {
    target: { host: hostname, port: Number(port) },
    signers: customers,
    product: product.code,
    pid: started.ready.pid,
  }
}

export async function openOfBaseline(http: string): Promise<number> {
  const response = await fetch(`${http}/stats`)
  const { accepted, settled } = (await response.json()) as { accepted: number; settled: number }
  return accepted - settled
}

/** The engine's own server, when it brought one along. */
export async function embeddedUrl(dataDir: string): Promise<string> {
  const text = await readFile(join(dataDir, 'postgres.json'), 'utf8')
  return (JSON.parse(text) as { url: string }).url
}

/** Resellers come into being as everybody makes them: with the command line. */
export async function createUsers(
  count: number,
  env: Readonly<Record<string, string>>,
): Promise<Customer[]> {
  // Rate 0: a customer of a bench asks more often than any person would.
  const wish = { count, deposit, rate: 0 }
  const options = Object.entries(wish).flatMap(([name, value]) => [`--${name}`, String(value)])
  const args = ['user', 'create', ...options, '--json']
  const text = (await output(join(root, 'deploy/cli/cli.ts'), args, env)).trim()
  const rows = (text.startsWith('[') ? JSON.parse(text) : jsonLines(text)) as {
    readonly user_id: string
    readonly hmac_key: string
    readonly hmac_secret: string
  }[]
  if (rows.length !== count) throw new Error(`bench: ${count} users wanted, ${rows.length} made`)
  return rows.map(row => ({ userId: row.user_id, key: row.hmac_key, secret: row.hmac_secret }))
}

function jsonLines(text: string): unknown[] {
  return text
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line))
}
