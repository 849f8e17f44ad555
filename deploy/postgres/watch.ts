/**
 * Embedded Postgres, looked after: should it die beside us (no memory left, a stray kill), it is
 * started again at its old address, where every pool finds it. Until then the engine answers "not
 * now", and afterwards it reads back what it can not be sure of.
 *
 *   alive? ──no──▶ start again ─▶ same address? ──no──▶ tell: nobody would find it there
 *
 * DW1. A Postgres that died is started again at the same address; who stops it stops the new one.
 * DW2. One that can not come back there is told as a sentence, for the program to leave with.
 * DW3. One that is killed amid its start is started once more.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { StartFailure } from '../start-failure.ts'
import { type EmbeddedPostgres, openPostgres, type PostgresOptions } from './postgres.ts'

type WatchedPostgres = Pick<EmbeddedPostgres, 'url' | 'tcpUrl' | 'stop'>

const lookMs = 500

export async function watchPostgres(
  options: PostgresOptions,
  onLost: (failure: StartFailure) => void,
): Promise<WatchedPostgres> {
  let server = await openPostgres(options)
  const { url, tcpUrl } = server
  const stopping = new AbortController()

  async function watch(): Promise<void> {
    for (;;) {
      await pause(lookMs, undefined, { signal: stopping.signal, ref: false })
      if (server.isUp()) continue
      const dead = server
      server = await openPostgres(options)
      // We are its user once more; the one who used the dead one has left.
      await dead.stop()
      if (server.url !== url) {
        throw new StartFailure(
          'Embedded Postgres died and its address is taken by another program: start Laju again.',
        )
      }
    }
  }

  const watching = watch().catch(cause => {
    if (stopping.signal.aborted) return
    if (cause instanceof StartFailure) onLost(cause)
    else onLost(new StartFailure(`Embedded Postgres died and did not come back: ${cause}`))
  })
  return {
    url,
    tcpUrl,
    async stop() {
      stopping.abort()
      await watching
      return await server.stop()
    },
  }
}
