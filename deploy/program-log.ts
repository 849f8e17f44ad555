/**
 * What the program says of itself while it runs: one line of JSON per event, on stderr.
 *
 * DX6. However often something goes wrong, there are a few lines of its kind in a second, and the
 *      next one says how many were left out: a full disk is not filled further by telling of it.
 */

import { keepLatest } from '../services/wire/latest.ts'
import type { Settings } from './settings.ts'

type Say<L> = (level: L, what: string, more?: object) => void
export type Log = Say<'info' | 'warn' | 'error'>

const loudness = ['fatal', 'error', 'warn', 'info', 'debug', 'trace']
/** Of a fault of ours: where it was thrown, and the callers next to it. */
const framesMax = 12
/** Of one kind, in one second. */
const linesMax = 10
const kindsMax = 200

export function openLog({ logLevel }: Pick<Settings, 'logLevel'>): Log {
  const loudest = loudness.indexOf(logLevel)
  return bounded((level, what, more = {}) => {
    if (loudness.indexOf(level) > loudest) return
    const time = new Date().toISOString()
    process.stderr.write(`${JSON.stringify({ time, level, what, ...more })}\n`)
  })
}

type Bound = { readonly most?: number; readonly now?: () => number }

/** Of each kind no more lines in a second than `most`; `now` in milliseconds. */
export function bounded<L>(log: Say<L>, bound: Bound = {}): Say<L> {
  const { most = linesMax, now = () => performance.now() } = bound
  const kinds = new Map<string, { second: number; told: number; omitted: number }>()
  return (level, what, more) => {
    const second = Math.floor(now() / 1_000)
    const kind = kinds.get(what) ?? { second, told: 0, omitted: 0 }
    keepLatest(kinds, what, kind, kindsMax)
    if (kind.second !== second) Object.assign(kind, { second, told: 0 })
    if (kind.told >= most) {
      kind.omitted++
      return
    }
    const { omitted } = kind
    kind.told++
    kind.omitted = 0
    log(level, what, omitted === 0 ? more : { ...more, omitted })
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
