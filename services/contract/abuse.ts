/**
 * What keeps the number line from being misused, for staff: services that are not offered, clients
 * who behave oddly and wait for a person's verdict; and the door at which people ask for help.
 */

import type { Answer } from './answer.ts'
import type { Millis } from './words.ts'

/** Why a client came up for review. */
export type AbuseWhy = 'CANCEL_RATIO' | 'USER_RATE' | 'ADDRESS_RATE' | 'PAYER_RATE' | 'PAYER_SHARED'

export type AbuseVerdict = 'clear' | 'ban'

export type AbuseReview = {
  readonly id: number
  readonly userId: string
  readonly username: string | null
  readonly why: AbuseWhy
  /** What was counted, and how much of it is taken without a question. */
  readonly value: number
  readonly threshold: number
  readonly openedAt: Millis
  /** Until when he is banned by itself, while nobody has looked. */
  readonly bannedUntil: Millis | null
  readonly verdict: AbuseVerdict | null
  readonly reason: string | null
  readonly decidedBy: string | null
  readonly decidedAt: Millis | null
}

/** A service that this deployment does not offer. */
export type DeniedService = {
  /** The service's id, or words of its name that stand for many. */
  readonly pattern: string
  readonly reason: string
  readonly by: string
  readonly at: Millis
}

export type AbuseActions = {
  'abuse.reviews': {
    params: { open: boolean | null; cursor: number | null; limit: number }
    result: Answer<{ rows: readonly AbuseReview[]; next: number | null }>
  }
  /** A ban ends by itself after so many hours; `clear` ends the one that is running. */
  'abuse.decide': {
    params: { id: number; verdict: AbuseVerdict; hours: number; reason: string; by: string }
    result: Answer<AbuseReview>
  }
  'abuse.denied': {
    params: Record<string, never>
    result: Answer<{ rows: readonly DeniedService[] }>
  }
  'abuse.deny': {
    params: { pattern: string; reason: string; by: string }
    result: Answer<DeniedService>
  }
  'abuse.allow': { params: { pattern: string; by: string }; result: Answer<null> }
}

export type HelpActions = {
  /** Somebody opens the help link; `about` is the order or deposit he was looking at. */
  'help.ask': {
    params: { userId: string | null; where: string; about: string | null; address: string }
    result: Answer<{ url: string | null }>
  }
  'help.settings': {
    params: Record<string, never>
    result: Answer<{
      /** What the shop calls itself. */
      name: string
      helpUrl: string | null
      resendsMax: number
      waitMinutes: number
    }>
  }
}
