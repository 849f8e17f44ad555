/** A way to Postgres on which connections die as when a machine is gone: without a word. */

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

type Way = {
  /** The same database by this way. */
  readonly url: string
  /** Whoever is connected hears nothing any more; who connects after it is served. */
  readonly mute: () => void
  readonly close: () => Promise<void>
}

export async function wayTo(tcpUrl: string): Promise<Way> {
  const target = new URL(tcpUrl)
  const sockets = new Set<Socket>()
  let pairs = new Set<{ isMute: boolean }>()
  const server = createServer(near => {
    const far = connect(Number(target.port), target.hostname)
    const pair = { isMute: false }
    pairs.add(pair)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', bytes => pair.isMute || to.write(bytes))
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        // Nor does the other side ever hear that it is over.
        if (!pair.isMute) to.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(tcpUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    mute() {
      for (const pair of pairs) pair.isMute = true
      pairs = new Set()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
