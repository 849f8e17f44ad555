/** For tests: a Redis of their own, which keeps nothing, and may be stopped and held. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { Redis } from 'ioredis'

const has = spawnSync('redis-server', ['--version']).status === 0
export const withoutRedis = { skip: has ? false : 'no redis-server here' }

const startMsMax = 30_000

export class RedisServer {
  readonly port: number
  readonly #password: string
  #child: ChildProcess | null = null

  constructor(port: number, password = '') {
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
    const child = spawn('redis-server', [...own, ...nothing, ...secret], { stdio: 'ignore' })
    this.#child = child
    process.once('exit', () => child.kill('SIGKILL'))
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

  /** Its sockets stand, and nothing moves. */
  hold(): void {
    this.#child?.kill('SIGSTOP')
  }

  goOn(): void {
    this.#child?.kill('SIGCONT')
  }

  async stop(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'close')
    child.kill('SIGKILL')
    await ended
  }
}
