/** For tests: a free port for a server that they start themselves, and may start again. */

import { createServer } from 'node:net'

const portCount = 20_000
const firstPort = 12_000
let nextPort = (process.pid * 61) % portCount

/**
 * A port that nobody else will be given: below those that the system hands to outgoing connections
 * and to `listen(0)`, never twice by this process, and each process begins elsewhere.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + (nextPort++ % portCount)
    if (await isFree(port)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  const free = await new Promise<boolean>(resolve => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => resolve(true))
  })
  if (free) await new Promise(resolve => server.close(resolve))
  return free
}
