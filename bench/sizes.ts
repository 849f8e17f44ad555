/**
 * How much of everything a run does. `full` is the canonical bench; the others are for haste and
 * for tests.
 */

export type Sizes = {
  readonly customers: number
  readonly rounds: number
  readonly latencyRounds: number
  readonly connections: number
  readonly warmup: { readonly engine: number; readonly baseline: number }
  readonly completed: { readonly engine: number; readonly baseline: number }
  readonly accepted: { readonly engine: number; readonly baseline: number }
  /** How long the supplier takes. */
  readonly supplierMs: number
  /**
   * The same while orders shall pile up: long beside a phase, and still shorter than the time
   * after which anybody would stop waiting for it.
   */
  readonly heldMs: number
  readonly latencySeconds: number
  readonly perSecond: number
  /** Open orders at the moment of the kill, at least. */
  readonly open: number
}

export const full: Sizes = {
  customers: 1000,
  rounds: 3,
  latencyRounds: 2,
  connections: 256,
  warmup: { engine: 20_000, baseline: 6_000 },
  completed: { engine: 60_000, baseline: 10_000 },
  accepted: { engine: 35_000, baseline: 12_000 },
  supplierMs: 20,
  heldMs: 25_000,
  latencySeconds: 10,
  perSecond: 1000,
  open: 100_000,
}

export const quick: Sizes = {
  ...full,
  rounds: 1,
  latencyRounds: 1,
  warmup: { engine: 10_000, baseline: 3_000 },
  completed: { engine: 40_000, baseline: 8_000 },
  accepted: { engine: 40_000, baseline: 8_000 },
  heldMs: 15_000,
  latencySeconds: 5,
  open: 40_000,
}

export const tiny: Sizes = {
  customers: 10,
  rounds: 1,
  latencyRounds: 1,
  connections: 8,
  warmup: { engine: 20, baseline: 20 },
  completed: { engine: 100, baseline: 50 },
  accepted: { engine: 100, baseline: 50 },
  supplierMs: 20,
  heldMs: 5_000,
  latencySeconds: 1,
  perSecond: 100,
  open: 100,
}
