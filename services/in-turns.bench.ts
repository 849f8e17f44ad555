/**
 * Two ways of doing one thing, in turns, so that whatever the machine does meanwhile hits both.
 * What the benches beside the code print, and `npm run bench` reads.
 *
 * BBB1. Ours and the baseline have equally many rounds, and take turns in going first.
 */

export type Measured = {
  readonly figure: string
  readonly unit: string
  /** One number per round. */
  readonly ours: readonly number[]
  readonly baseline: readonly number[]
  readonly baselineIs: string
  /** What was promised: ours at most, or at least. */
  readonly most?: number
  readonly least?: number
}

export type Findings = {
  readonly figures: readonly Measured[]
  /** Where ours and the baseline, or ours and the truth, say different things. */
  readonly wrong: readonly string[]
}

export function inTurns(
  rounds: number,
  { ours, baseline }: { readonly ours: () => number; readonly baseline: () => number },
): Pick<Measured, 'ours' | 'baseline'> {
  const found = { ours: [] as number[], baseline: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) found.ours.push(ours())
    found.baseline.push(baseline())
    if (round % 2 === 1) found.ours.push(ours())
  }
  return found
}

/** Microseconds for each of `times`. */
export function microsEach(times: number, work: (n: number) => void): number {
  const startedAt = performance.now()
  for (let n = 0; n < times; n++) work(n)
  return ((performance.now() - startedAt) * 1_000) / times
}
