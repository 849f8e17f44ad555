/** What the program says of itself while it runs: one line of JSON per event, on stderr. */

import type { Settings } from './settings.ts'

export type Log = (level: 'info' | 'warn' | 'error', what: string, more?: object) => void

const loudness = ['fatal', 'error', 'warn', 'info', 'debug', 'trace']
/** Of a fault of ours: where it was thrown, and the callers next to it. */
const framesMax = 12

export function openLog({ logLevel }: Pick<Settings, 'logLevel'>): Log {
  const loudest = loudness.indexOf(logLevel)
  return (level, what, more = {}) => {
    if (loudness.indexOf(level) > loudest) return
    const time = new Date().toISOString()
    process.stderr.write(`${JSON.stringify({ time, level, what, ...more })}\n`)
  }
}

/** For who hands on what went wrong, and in which request if he knows. */
export const trouble =
  (log: Log, what: string) =>
  (cause: unknown, request_id?: string | null): void =>
    log('error', what, { request_id, cause: String(cause) })

/** As `trouble`, where only the stack says what is wrong with us. */
export const fault =
  (log: Log, what: string) =>
  (cause: unknown, request_id?: string | null): void =>
    log('error', what, { request_id, cause: String(cause), stack: stackOf(cause) })

function stackOf(cause: unknown): readonly string[] | undefined {
  return cause instanceof Error ? cause.stack?.split(/\n\s*/).slice(1, 1 + framesMax) : undefined
}
