/**
 * Figures of the parts: ours and a baseline, taken in turns; the median of each, and of the ratios
 * of their rounds. A figure that was promised says whether it holds.
 *
 * BBG1. The ratio says how many times better ours is: of times the baseline over ours, of rates
 *       ours over the baseline; the median over the rounds.
 * BBG2. A promise is held against the median, and one that is not kept is told.
 */
import { median } from './report.ts'

export type Measured = {
  readonly figure: string
  /** `/s` is a rate: more is better; of all others less is. */
  readonly unit: string
  /** One number per round. */
  readonly ours: readonly number[]
  readonly baseline: readonly number[]
  readonly baselineIs: string
  /** What was promised: ours at most, or at least; or ours over the baseline at least. */
  readonly most?: number
  readonly least?: number
  readonly leastRatio?: number
}

export type Findings = { readonly figures: readonly Measured[]; readonly wrong: readonly string[] }

export function summed(measured: Measured) {
  const { ours, baseline, unit, most, least, leastRatio } = measured
  const ratios = ours.flatMap((mine, round) => {
    const other = baseline[round]
    if (other === undefined) return []
    return [unit === '/s' ? mine / other : other / mine]
  })
  const middle = median(ours)
  const ratio = median(ratios)
  const broken =
    (middle !== null && most !== undefined && middle > most) ||
    (middle !== null && least !== undefined && middle < least) ||
    (ratio !== null && leastRatio !== undefined && ratio < leastRatio)
  return { ...measured, median: middle, baselineMedian: median(baseline), ratio, holds: !broken }
}

export function brokenIn(figures: readonly Measured[]): string[] {
  return figures
    .map(summed)
    .filter(({ holds }) => !holds)
    .map(one => `${one.figure}: ${number(one.median)} ${one.unit}, promised ${promiseOf(one)}`)
}

export function tableOf(figures: readonly Measured[]): string {
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(46) : cell.padStart(14))).join('')
  const rows = figures
    .map(summed)
    .flatMap(one => [
      line([
        `${one.figure}, ${one.unit}`,
        number(one.median),
        number(one.baselineMedian),
        one.ratio === null ? '-' : `x ${number(one.ratio)}`,
        promiseOf(one),
        promiseOf(one) === '' ? '' : one.holds ? 'holds' : 'BROKEN',
      ]),
      `    baseline: ${one.baselineIs}`,
    ])
  return [line(['', 'ours', 'baseline', 'ratio', 'promised', '']), ...rows].join('\n')
}

function promiseOf({ most, least, leastRatio }: Measured): string {
  if (most !== undefined) return `<= ${number(most)}`
  if (least !== undefined) return `>= ${number(least)}`
  return leastRatio === undefined ? '' : `>= x ${number(leastRatio)}`
}

const number = (value: number | null): string =>
  value === null
    ? '-'
    : value.toLocaleString('en-US', { maximumSignificantDigits: value < 1_000 ? 3 : 6 })
