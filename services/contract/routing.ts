/** Which supplier is tried first, and why. */

import type { Answer } from './answer.ts'
import type { Millis, Rupiah } from './words.ts'

/** What the house says of choosing suppliers at one place; a rule of null was taken back. */
export type RoutingRule = {
  readonly version: number
  readonly scope: string
  readonly target: string
  readonly rule: unknown
}

export type RoutingChange = RoutingRule & {
  readonly changedBy: string
  readonly reason: string
  readonly changedAt: Millis
}

export type ProposedRule = Omit<RoutingRule, 'version'>

export type SupplierStand = {
  readonly supplier: string
  readonly breaker: 'closed' | 'open' | 'half-open' | 'ramp'
  /** Of a hundred orders. */
  readonly share: number
  readonly successBp: number
  readonly latencyMs: Millis
  /** Rupiah that hangs there without a definite answer, and how much may. */
  readonly exposure: Rupiah
  readonly exposureMax: Rupiah | null
  readonly balance: Rupiah | null
}

/** Why an order went where it went, and what the same rules and numbers give today. */
export type RoutingWhy = {
  readonly trxId: string
  /** Null: the book's order, with everybody well. */
  readonly version: number | null
  readonly policy: string
  readonly candidates: readonly {
    readonly supplier: string
    readonly cost: Rupiah
    readonly successBp: number
    readonly latencyMs: Millis
    /** Of a hundred orders; 0 with a place: this one tried it again. */
    readonly share: number
    /** From 1; null when it was left out. */
    readonly place: number | null
    readonly left: string | null
  }[]
  readonly plan: readonly string[]
  readonly recomputed: readonly string[]
  readonly same: boolean
}

export type WhatIfSide = {
  readonly orders: number
  readonly successBp: number
  readonly margin: Rupiah
  readonly latencyMs: Millis
}

export type WhatIf = {
  readonly orders: number
  /** First choices that today's rules make again. */
  readonly reproduced: number
  /** Some of those that they do not. */
  readonly differing: readonly string[]
  /** Orders that the proposed rules send elsewhere first. */
  readonly moved: number
  /** With a proposed price book: orders at another price, and those that nobody would sell. */
  readonly repriced?: number
  readonly unsold?: number
  /** What happened; what is to be expected of first choices by today's and the proposed rules. */
  readonly recorded: WhatIfSide
  readonly today: WhatIfSide
  readonly proposed: WhatIfSide
  readonly firsts: readonly {
    readonly supplier: string
    readonly recorded: number
    readonly proposed: number
  }[]
}

export type RoutingActions = {
  'routing.rules': { params: Record<string, never>; result: Answer<readonly RoutingRule[]> }
  'routing.history': {
    params: { before?: number; limit: number }
    result: Answer<readonly RoutingChange[]>
  }
  'routing.suppliers': { params: Record<string, never>; result: Answer<readonly SupplierStand[]> }
  'routing.change': {
    params: ProposedRule & { by: string; reason: string }
    result: Answer<{ version: number } | { problems: readonly string[] }>
  }
  'routing.why': { params: { trxId: string }; result: Answer<RoutingWhy> }
  /** Recorded orders against proposed rules, laid over today's. Changes nothing. */
  'routing.whatIf': {
    params: {
      rules: readonly ProposedRule[]
      /** Changes of price rules as for scheduled ones, and other costs at suppliers. */
      prices?: readonly unknown[]
      costs?: readonly unknown[]
      from?: Millis
      to?: Millis
    }
    result: Answer<WhatIf | { problems: readonly string[] }>
  }
}
