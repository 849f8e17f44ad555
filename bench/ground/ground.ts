/**
 * What the parts of the bench stand on: a sandbox, one Postgres, and as many engines as a part
 * wants to compare, each with a database and a data folder of its own. Undone in reverse, whatever
 * happens.
 */
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Customer } from '../baseline/seed.ts'
import { type Signer, signature } from '../load/requests.ts'
import { postgresPid } from './cost.ts'
import { createDatabase, dropDatabase, endPostgresIn } from './postgres.ts'
import { freePort, type LoadProcess, type Started, start, startLoad } from './processes.ts'
import { Sandbox } from './sandbox.ts'
import { Book, gauge, type Side } from './sides.ts'
import { createUsers, embeddedUrl, sideOf } from './world.ts'

/** Of the demo: without limits, and known to both dialects. */
export type Reseller = Signer & { readonly username: string; readonly apiKey: string }

const root = resolve(import.meta.dirname, '../..')

export type Deployment = {
  readonly started: Started
  readonly env: Readonly<Record<string, string>>
  readonly url: string
  readonly reseller: Reseller
  /** The demo's admin. */
  readonly signer: Signer
  /** As the demo's admin, over REST. */
  ask(method: 'POST' | 'PUT', path: string, body: object): Promise<void>
}

export class Ground {
  readonly #undo: (() => unknown)[] = []
  #sandboxUrl = ''
  #serverUrl = process.env['DATABASE_URL'] || ''
  sandbox!: Sandbox
  sandboxPid = 0

  async open(): Promise<this> {
    const env = { SANDBOX_PORT: String(await freePort()), LOG_LEVEL: 'warn' }
    const started = await start({
      name: 'sandbox',
      file: join(root, 'deploy/sandbox/main.ts'),
      env,
    })
    this.#undo.push(() => started.stop())
    this.#sandboxUrl = String(started.ready['sandbox'] ?? started.ready.http)
    this.sandbox = new Sandbox(this.#sandboxUrl)
    this.sandboxPid = started.ready.pid
    return this
  }

  /** The first one brings the Postgres for all, unless one is given. */
  async engine(name: string, settings: Readonly<Record<string, string>> = {}): Promise<Deployment> {
    const dataDir = await mkdtemp(join(tmpdir(), 'laju-bench-'))
    this.#undo.push(() => rm(dataDir, { recursive: true, force: true }))
    // Embedded Postgres may outlive an engine, and run as a user of its own.
    this.#undo.push(() => endPostgresIn(dataDir))
    await chmod(dataDir, 0o711)
    let url = this.#serverUrl === '' ? '' : await this.database(name)
    const env = {
      PORT: String(await freePort()),
      MQTT_PORT: String(await freePort()),
      SANDBOX_URL: this.#sandboxUrl,
      SANDBOX_PORT: '',
      DATA_DIR: dataDir,
      DATABASE_URL: url,
      LOG_LEVEL: 'warn',
      MODE: 'demo',
      ...settings,
    }
    const started = await start({ name, file: join(root, 'deploy/laju.mjs'), args: ['start'], env })
    this.#undo.push(() => started.stop())
    if (url === '') {
      url = await embeddedUrl(dataDir)
      this.#serverUrl = url
    }
    const { admin, reseller } = JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8'))
    const signer = { key: admin.hmac_key, secret: admin.hmac_secret }
    const { hmac_key: key, hmac_secret: secret, username, api_key: apiKey } = reseller
    return {
      ...{ started, env, url, signer, reseller: { key, secret, username, apiKey } },
      async ask(method, path, body) {
        const text = JSON.stringify(body)
        const atSeconds = Math.floor(Date.now() / 1000)
        const proof = signature({ method, path, body: text, signer, atSeconds })
        const response = await fetch(started.ready.http + path, {
          method,
          headers: { 'Content-Type': 'application/json', ...proof },
          body: text,
        })
        if (response.ok) return
        throw new Error(`bench: ${path}: ${response.status} ${await response.text()}`)
      },
    }
  }

  /** A database of its own on the same server, dropped in the end. */
  async database(name: string): Promise<string> {
    const unique = `bench_${process.pid}_${name}`
    this.#undo.push(() => dropDatabase(this.#serverUrl, unique))
    return await createDatabase(this.#serverUrl, unique)
  }

  load(): LoadProcess {
    const load = startLoad()
    this.#undo.push(() => load.stop())
    return load
  }

  postgresPid(): Promise<number | null> {
    return postgresPid(this.#serverUrl)
  }

  async side(
    name: Side['name'],
    { started, url }: Deployment,
    customers: readonly Customer[],
  ): Promise<Side> {
    const book = await Book.open(url, 'order_view')
    this.#undo.push(() => book.close())
    return {
      ...{ name, ...sideOf(started, customers), book },
      async open() {
        const response = await fetch(`${started.ready.http}/metrics`)
        return gauge(await response.text(), 'laju_orders_open')
      },
    }
  }

  customers({ env }: Deployment, count: number): Promise<Customer[]> {
    return createUsers(count, env)
  }

  async close(): Promise<void> {
    for (let step = this.#undo.pop(); step !== undefined; step = this.#undo.pop()) {
      try {
        await step()
      } catch (cause) {
        console.error('bench: cleaning up:', cause)
      }
    }
  }
}
