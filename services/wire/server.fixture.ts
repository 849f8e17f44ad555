/** For tests: a server of somebody else's as a process of theirs, which may be stopped and held. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export class ServerProcess {
  #child: ChildProcess | null = null

  run(program: string, args: readonly string[]): ChildProcess {
    const child = spawn(program, args, { stdio: 'ignore' })
    this.#child = child
    process.once('exit', () => child.kill('SIGKILL'))
    return child
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
