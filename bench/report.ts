/** What a run found, as one flat object for `latest.json` and as a table to read. */
import { execFile } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import { promisify } from 'node:util'
import type { Sold } from './ground/sandbox.ts'
import type { Cost, Figure } from './phases.ts'
import type { Recovery } from './recovery.ts'
import type { Drain } from './turns.ts'

export type Machine = Readonly<Record<string, string | number>>

export type Checks = {
  /** Null when no round had equally many orders on both sides. */
  readonly equal_hashes: boolean | null
  readonly drain: Drain | null
  readonly sold: Sold
}

export type Findings = {
  readonly machine: Machine
  readonly settings: Readonly<Record<string, unknown>>
  readonly seconds: number
  readonly completed: readonly Figure[]
  readonly latency: readonly Figure[]
  readonly accepted: readonly Figure[]
  readonly rssMb: number | null
  readonly baselineRssMb: number | null
  readonly openOrders: number | null
  readonly recovery: Recovery | null
  readonly checks: Checks
}

export async function machine(postgres: string): Promise<Machine> {
  const all = cpus()
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memory_mb: Math.round(totalmem() / 2 ** 20),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    postgres,
    commit: await commit(),
  }
}

async function commit(): Promise<string> {
  const git = promisify(execFile)
  const cwd = import.meta.dirname
  try {
    const { stdout } = await git('git', ['rev-parse', '--short=12', 'HEAD'], { cwd })
    const changed = (await git('git', ['status', '--porcelain', '-uno'], { cwd })).stdout !== ''
    return stdout.trim() + (changed ? ' with changes' : '')
  } catch {
    return 'unknown'
  }
}

export function summary(found: Findings) {
  const { completed, latency, accepted, recovery } = found
  const of = (figures: readonly Figure[], side: Figure['side'], read: (f: Figure) => number) =>
    median(figures.filter(figure => figure.side === side).map(read))
  const perSecond = (figure: Figure) => Math.round(figure.perSecond)
  const p50 = ({ outcome }: Figure) => outcome.p50Ms
  const p99 = ({ outcome }: Figure) => outcome.p99Ms
  const max = ({ outcome }: Figure) => outcome.maxMs
  return {
    generated_at: new Date().toISOString(),
    machine: found.machine,
    accepted_per_s: of(accepted, 'engine', perSecond),
    completed_per_s: of(completed, 'engine', perSecond),
    p50_ms_at_1000: of(latency, 'engine', p50),
    p99_ms_at_1000: of(latency, 'engine', p99),
    max_ms_at_1000: of(latency, 'engine', max),
    rss_mb: found.rssMb,
    open_orders: found.openOrders,
    recovery_ms: recovery?.servedMs ?? null,
    recovery_all_ms: recovery?.resumedMs ?? null,
    baseline_accepted_per_s: of(accepted, 'baseline', perSecond),
    baseline_completed_per_s: of(completed, 'baseline', perSecond),
    baseline_p50_ms_at_1000: of(latency, 'baseline', p50),
    baseline_p99_ms_at_1000: of(latency, 'baseline', p99),
    baseline_max_ms_at_1000: of(latency, 'baseline', max),
    baseline_rss_mb: found.baselineRssMb,
    ratio: ratio(completed),
    ratio_accepted: ratio(accepted),
    cpu_us_per_order: {
      engine_completed: costOf(completed, 'engine'),
      baseline_completed: costOf(completed, 'baseline'),
      engine_accepted: costOf(accepted, 'engine'),
      baseline_accepted: costOf(accepted, 'baseline'),
    },
    recovery,
    checks: found.checks,
    settings: found.settings,
    seconds: found.seconds,
    runs: [...completed, ...latency, ...accepted].map(runOf),
  }
}

export type Summary = ReturnType<typeof summary>

/** The engine's figure over the baseline's of the same round; the median of the rounds. */
function ratio(figures: readonly Figure[]): number | null {
  const engine = figures.filter(figure => figure.side === 'engine')
  const baseline = figures.filter(figure => figure.side === 'baseline')
  const ratios = engine.flatMap((figure, round) =>
    baseline[round] === undefined ? [] : [figure.perSecond / baseline[round].perSecond],
  )
  const middle = median(ratios)
  return middle === null ? null : Math.round(middle * 100) / 100
}

function costOf(figures: readonly Figure[], side: Figure['side']): Cost | null {
  const own = figures.filter(figure => figure.side === side)
  if (own.length === 0) return null
  const part = (name: keyof Cost) =>
    median(own.flatMap(({ cost }) => (cost[name] === null ? [] : [cost[name]])))
  return {
    server: part('server'),
    postgres: part('postgres'),
    supplier: part('supplier'),
    load: part('load'),
  }
}

function runOf({ side, tag, count, perSecond, outcome, result, cost }: Figure) {
  const { p50Ms, p99Ms, maxMs, perSecond: answered } = outcome
  return {
    side,
    tag,
    orders: count,
    per_s: Math.round(perSecond),
    answered_per_s: Math.round(answered),
    p50_ms: p50Ms,
    p99_ms: p99Ms,
    max_ms: maxMs,
    success: result.success,
    result_hash: result.hash,
    cpu_us_per_order: cost,
  }
}

export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export function table(found: Summary): string {
  const rows: [string, number | null, number | null, number | null][] = [
    ['completed orders/s', found.completed_per_s, found.baseline_completed_per_s, found.ratio],
    [
      'accepted orders/s',
      found.accepted_per_s,
      found.baseline_accepted_per_s,
      found.ratio_accepted,
    ],
    ['p50 ms at a steady rate', found.p50_ms_at_1000, found.baseline_p50_ms_at_1000, null],
    ['p99 ms at a steady rate', found.p99_ms_at_1000, found.baseline_p99_ms_at_1000, null],
    ['max ms at a steady rate', found.max_ms_at_1000, found.baseline_max_ms_at_1000, null],
    ['open orders', found.open_orders, null, null],
    ['memory with them open, MB', found.rss_mb, found.baseline_rss_mb, null],
    ['kill -9 to serving, ms', found.recovery_ms, null, null],
    ['kill -9 to all resumed, ms', found.recovery_all_ms, null, null],
  ]
  const text = (value: number | null) =>
    value === null ? '-' : value.toLocaleString('en-US', { maximumFractionDigits: 2 })
  const line = (cells: string[]) =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(28) : cell.padStart(12))).join('')
  const body = rows
    .filter(([, engine, baseline]) => engine !== null || baseline !== null)
    .map(([name, engine, baseline, times]) =>
      line([name, text(engine), text(baseline), times === null ? '' : `x ${text(times)}`]),
    )
  const head = line(['', 'engine', 'baseline', 'ratio'])
  const machineLine = Object.entries(found.machine).map(([name, value]) => `${name} ${value}`)
  return [head, ...body, '', machineLine.join(', ')].join('\n')
}
