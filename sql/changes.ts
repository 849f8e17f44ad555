/**
 * Hears what other processes changed (channel laju_changed, see 0005-notify.sql), so that what we
 * remember may be trusted without asking. Notifications are not kept for the absent, so the rule
 * for listeners is: forget one thing on a change, forget everything on a gap, and trust nothing
 * old while `hearing()` is false.
 *
 *   connect ─▶ listen ─▶ gap() ─▶ change()… ─▶ lost: hearing() false ─▶ connect …
 *                                    ▲ beat: a line that died in silence is noticed, too
 *
 * Q12. A change made by any process is heard by every listener.
 * Q13. Every (re)connection begins with a gap: what was said meanwhile is lost.
 * Q14. From the loss of the connection until the next gap, `hearing()` is false.
 */

import type pg from 'pg'
import { connectClient } from './database.ts'

/** `key` null: something in this table, look again. */
export type Change = { readonly table: string; readonly key: string | null }

export type Listener = {
  readonly change: (change: Change) => void
  readonly gap: () => void
}

export type Changes = {
  /** Returns how to stop. */
  readonly subscribe: (listener: Listener) => () => void
  readonly hearing: () => boolean
  readonly stop: () => Promise<void>
}

const beatMs = 500
const beatTimeoutMs = 2_000
const retryMs = 250

/** Resolves once it hears; afterwards it looks after the connection itself, for ever. */
export async function followChanges(url: string): Promise<Changes> {
  const listeners = new Set<Listener>()
  let client: pg.Client | null = null
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  async function connect(): Promise<void> {
    const candidate = await connectClient(url, { name: 'laju changes', statementTimeoutMs: 0 })
    candidate.on('error', () => lose(candidate))
    candidate.on('end', () => lose(candidate))
    candidate.on('notification', ({ payload }) => tell(payload ?? ''))
    try {
      await candidate.query('listen laju_changed')
    } catch (error) {
      candidate.end().catch(() => {})
      throw error
    }
    if (stopped) return await candidate.end()
    client = candidate
    for (const listener of listeners) listener.gap()
    plan(beatMs, () => beat(candidate))
  }

  function beat(candidate: pg.Client): void {
    const deadline = setTimeout(() => lose(candidate), beatTimeoutMs).unref()
    candidate.query('select 1').then(
      () => {
        clearTimeout(deadline)
        if (client === candidate) plan(beatMs, () => beat(candidate))
      },
      () => {
        clearTimeout(deadline)
        lose(candidate)
      },
    )
  }

  function lose(candidate: pg.Client): void {
    if (client !== candidate || stopped) return
    client = null
    candidate.end().catch(() => {})
    reconnect()
  }

  function reconnect(): void {
    connect().catch(() => plan(retryMs, reconnect))
  }

  function plan(delayMs: number, work: () => void): void {
    clearTimeout(timer)
    if (!stopped) timer = setTimeout(work, delayMs).unref()
  }

  function tell(payload: string): void {
    const change = parseChange(payload)
    for (const listener of listeners) {
      if (change === null) listener.gap()
      else listener.change(change)
    }
  }

  await connect()
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    hearing: () => client !== null,
    async stop() {
      stopped = true
      clearTimeout(timer)
      const last = client
      client = null
      await last?.end()
    },
  }
}

/** Null for what we can't read, which is then treated as a gap. */
function parseChange(payload: string): Change | null {
  try {
    const { table, key } = JSON.parse(payload) as Record<string, unknown>
    if (typeof table !== 'string' || (key !== null && typeof key !== 'string')) return null
    return { table, key }
  } catch {
    return null
  }
}
