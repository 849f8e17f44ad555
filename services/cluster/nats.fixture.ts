/** For tests: a NATS of their own, which lets us do what we must and no more; may be held. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { connect } from 'nats'
import { ServerProcess } from '../wire/server.fixture.ts'

const has = spawnSync('nats-server', ['--version']).status === 0
export const withoutNats = { skip: has ? false : 'no nats-server here' }

const startMsMax = 30_000

export class NatsServer extends ServerProcess {
  readonly port: number
  readonly #password: string

  constructor(port: number, password: string) {
    super()
    this.port = port
    this.#password = password
  }

  get url(): string {
    return `nats://laju:${encodeURIComponent(this.#password)}@127.0.0.1:${this.port}`
  }

  async start(): Promise<void> {
    const ours = '["MOL-laju.>"]'
    const permissions = `{ publish: ${ours}, subscribe: ${ours} }`
    const user = `{ user: laju, password: "${this.#password}", permissions: ${permissions} }`
    const folder = mkdtempSync(join(tmpdir(), 'laju-nats-'))
    const file = join(folder, 'nats.conf')
    writeFileSync(file, `authorization { users = [${user}] }\n`)
    const at = ['--addr', '127.0.0.1', '--port', String(this.port)]
    const child = this.run('nats-server', ['--config', file, ...at])
    child.once('close', () => rmSync(folder, { recursive: true, force: true }))
    const until = performance.now() + startMsMax
    while (!(await this.#answers())) {
      if (child.exitCode !== null) throw new Error('nats-server ended')
      if (performance.now() > until) throw new Error('nats-server does not answer')
      await pause(50)
    }
  }

  /** What anybody with its password hears there. */
  async overhear(hear: (subject: string, bytes: Uint8Array) => void) {
    const client = await this.client()
    client.subscribe('MOL-laju.>', { callback: (_, { subject, data }) => hear(subject, data) })
    await client.flush()
    return client
  }

  client() {
    return connect({
      ...{ servers: `127.0.0.1:${this.port}`, user: 'laju', pass: this.#password },
      reconnect: false,
    })
  }

  #answers(): Promise<boolean> {
    return this.client().then(
      client => client.close().then(() => true),
      () => false,
    )
  }
}
