/** What happens to a client while he watches, and how the system itself is. */

import type { Answer } from './answer.ts'

export type LiveEvent = {
  /** Place in the client's stream; give it back as `after` to continue without a gap. */
  readonly id: string
  readonly name: string
  readonly data: Readonly<Record<string, unknown>>
}

export type HealthPart = {
  readonly name: string
  readonly ok: boolean
  readonly ms: number
  readonly reason: string | null
}

export type LiveActions = {
  /**
   * While at least one socket of this user is open, signals `live.event` carry its events: those
   * after the place that is told. That is null where the journal is not ours just now; all is null
   * where another process, of a version that told no place, is its owner.
   */
  'live.watch': { params: { userId: string; on: boolean }; result: { after: string | null } | null }
  'live.since': {
    params: { userId: string; after: string; limit: number }
    /** `next`: where to go on, also past what concerned others; older versions don't say it. */
    result: Answer<{ events: readonly LiveEvent[]; more: boolean; next?: string }>
  }
  /** What the staff of the number line hears; ids of its own. */
  'live.staffSince': {
    params: { after: string; limit: number }
    result: Answer<{ events: readonly LiveEvent[]; more: boolean }>
  }
  'system.health': {
    params: { deep: boolean }
    result: { ready: boolean; parts: readonly HealthPart[] }
  }
  'system.metrics': { params: Record<string, never>; result: string }
}
