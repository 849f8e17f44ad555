/**
 * slonik 47 counts a connection that died under a query as one that is still leaving, for ever: its
 * place in the pool is lost, and after a few such deaths everybody waits in vain. Here the place is
 * given back. (Later versions mend it, and ask for a later Node.)
 *
 *   pool ─▶ this client ─▶ slonik's client ─▶ pg
 *             └ a goodbye that fails is a goodbye
 *
 * QSL1. Whatever a connection dies of, its place in the pool is free again, and the pool can end.
 */

import type { DriverClient, DriverFactory } from 'slonik'

const leaving: string = 'destroy'

export function freeingSlots(inner: DriverFactory): DriverFactory {
  return async asked => {
    const driver = await inner(asked)
    return { createClient: async () => freed(await driver.createClient()) }
  }
}

function freed(client: DriverClient): DriverClient {
  const waiting = new Set<() => void>()
  let isGone = false
  const leave = () => {
    if (isGone) return
    isGone = true
    for (const tell of waiting) tell()
  }
  client.on('destroy', leave)
  const destroy = () => client.destroy().catch(leave)
  return {
    ...client,
    on: ((event: 'release', listener: () => void) => {
      if (event !== leaving) return client.on(event, listener)
      waiting.add(listener)
      return undefined as never
    }) as DriverClient['on'],
    removeListener: ((event: 'release', listener: () => void) => {
      if (event !== leaving) return client.removeListener(event, listener)
      waiting.delete(listener)
      return undefined as never
    }) as DriverClient['removeListener'],
    state: () => (isGone ? 'DESTROYED' : client.state()),
    destroy,
    // What was asked was answered; a connection that can't be used again is no failure of it.
    release: () => client.release().catch(destroy),
  }
}
