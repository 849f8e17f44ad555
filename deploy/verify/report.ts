/**
 * The outcome of verify in figures and words.
 *
 * Z22. One line on stdout says it all, after one line per problem; with JSON there is nothing else.
 */

import type { OrderCounts } from './actors.ts'
import { type Problem, placeText } from './problems.ts'

export type VerifyReport = {
  readonly ok: boolean
  readonly problemCount: number
  /** How often each was found, by name. */
  readonly problemCounts: Readonly<Record<string, number>>
  /** The first ones. */
  readonly problems: readonly Problem[]
  readonly shards: number
  readonly records: number
  readonly orders: Readonly<OrderCounts>
  /** Sum of all balances of all accounts: 0. */
  readonly ledgerSum: number
  /** On wallets for open orders. */
  readonly held: number
  readonly wallets: number
  /** Left one shard and not arrived in the other. */
  readonly clearing: number
  /** Lines that the read models have not read yet. */
  readonly lag: number
  readonly engineRuns: boolean
  readonly ms: number
}

export const printedMax = 50

export type PrintOptions = {
  readonly json?: boolean
  readonly write?: (line: string) => void
}

export function printReport(report: VerifyReport, options: PrintOptions = {}): void {
  const write = options.write ?? (line => void process.stdout.write(`${line}\n`))
  if (options.json) {
    write(JSON.stringify({ ...report, problems: report.problems.slice(0, printedMax) }))
    return
  }
  for (const problem of report.problems.slice(0, printedMax)) write(problemText(problem))
  const left = report.problemCount - Math.min(printedMax, report.problems.length)
  if (left > 0) write(`... and ${left} more`)
  write(summaryText(report))
}

export const problemText = (problem: Problem): string =>
  `${problem.name}: ${placeText(problem)}: ${problem.text}`

export function summaryText(report: VerifyReport): string {
  const { orders, problemCount, problemCounts } = report
  const names = Object.entries(problemCounts).map(([name, count]) => `${name} ${count}`)
  const verdict =
    problemCount === 0
      ? 'ok'
      : `${problemCount} ${problemCount === 1 ? 'problem' : 'problems'} (${names.join(', ')})`
  const { delivered, failed, refunded, open, parked, disputed } = orders
  return [
    `verify: ${verdict}`,
    `${report.shards} shards`,
    `${report.records} records`,
    `${orders.total} orders (${delivered} delivered, ${failed} failed, ${refunded} refunded, ${open} open)`,
    `ledger sum ${report.ledgerSum}`,
    `held ${report.held}`,
    `wallets ${report.wallets}`,
    `in clearing ${report.clearing}`,
    `parked ${parked}`,
    `disputed ${disputed}`,
    `projections ${report.lag} behind`,
    `${Math.round(report.ms)} ms`,
  ].join(', ')
}
