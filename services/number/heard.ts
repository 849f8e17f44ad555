/**
 * Something small that is read from a table, kept in memory, and read again as soon as any process
 * changes it.
 *
 *   change, gap ─▶ read ─▶ in use
 *                    └ failed: what was stays, health says so, tried again
 *
 * MUB1. A change is in use without a restart, in every process.
 * MUB2. What can't be read leaves everything as it was, and health says why.
 * MUB3. `renew` is done when what was changed before it is in use.
 */

import type { Changes } from '../../sql/changes.ts'
import type { HealthPart } from '../contract/live.ts'

export type Heard<T> = {
  readonly value: () => T
  /** Told whenever something else is in use: whatever was computed of the old is stale. */
  readonly listen: (onChange: () => void) => void
  readonly renew: () => Promise<void>
  readonly health: () => HealthPart
  readonly stop: () => void
}

type Hearing<T> = {
  readonly name: string
  readonly table: string
  readonly changes: Pick<Changes, 'subscribe'>
  readonly read: () => Promise<T>
}

const retryMs = 2_000

export async function hear<T>({ name, table, changes, read }: Hearing<T>): Promise<Heard<T>> {
  const listeners: (() => void)[] = []
  let failure: string | null = null
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let reading: Promise<void> = Promise.resolve()

  const unsubscribe = changes.subscribe({
    change: changed => {
      if (changed.table === table) void renew()
    },
    gap: () => void renew(),
  })
  // Changes are heard already, so none is lost between this reading and the first notification.
  let value = await read()

  /** One after the other: what was read later is in use later. */
  function renew(): Promise<void> {
    reading = reading.then(again)
    return reading
  }

  async function again(): Promise<void> {
    if (stopped) return
    try {
      value = await read()
      failure = null
      for (const told of listeners) told()
    } catch (cause) {
      failure = (cause as Error).message
      clearTimeout(timer)
      timer = setTimeout(() => void renew(), retryMs).unref()
    }
  }

  return {
    value: () => value,
    listen: told => void listeners.push(told),
    renew,
    health: () => ({
      ...{ name, ok: failure === null, ms: 0 },
      reason: failure === null ? null : `${name} is as it was: ${failure}`,
    }),
    stop() {
      stopped = true
      clearTimeout(timer)
      unsubscribe()
    },
  }
}
