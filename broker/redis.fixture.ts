/** For tests: a Redis of their own, which keeps nothing, and may be stopped and held. */

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { Redis } from 'ioredis'
import { ServerProcess } from '../services/wire/server.fixture.ts'

const has = spawnSync('redis-server', ['--version']).status === 0
export const withoutRedis = { skip: has ? false : 'no redis-server here' }

const startMsMax = 30_000

export class RedisServer extends ServerProcess {
  readonly port: number
  readonly #password: string

  constructor(port: number, password = '') {
    super()
    this.port = port
    this.#password = password
  }

  get url(): string {
    return `redis://:${this.#password}@127.0.0.1:${this.port}/3`
  }

  async start(): Promise<void> {
    const own = ['--bind', '127.0.0.1', '--port', String(this.port), '--dir', tmpdir()]
    const nothing = ['--save', '', '--appendonly', 'no']
    const secret = this.#password === '' ? [] : ['--requirepass', this.#password]
    const child = this.run('redis-server', [...own, ...nothing, ...secret])
    const client = this.client()
    const late = setTimeout(() => child.kill('SIGKILL'), startMsMax)
    try {
      await Promise.race([
        client.ping(),
        once(child, 'close').then(() => Promise.reject(new Error('redis-server ended'))),
      ])
    } finally {
      clearTimeout(late)
      client.disconnect()
    }
  }

  /** As one who reads and writes beside us. */
  client(): Redis {
    const client = new Redis(this.url, { maxRetriesPerRequest: null })
    client.on('error', () => {})
    return client
  }
}
