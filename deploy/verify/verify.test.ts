import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Problems } from './problems.ts'
import { printReport, type VerifyReport } from './verify.ts'

const report: VerifyReport = {
  ok: true,
  problemCount: 0,
  problemCounts: {},
  problems: [],
  shards: 256,
  records: 123_456,
  orders: { total: 5, open: 1, delivered: 2, failed: 1, refunded: 1, parked: 1, disputed: 0 },
  ledgerSum: 0,
  held: 7_500,
  wallets: 1_000,
  clearing: 0,
  lag: 3,
  engineRuns: true,
  ms: 1_234.5,
}

function broken(count: number): VerifyReport {
  const problems = new Problems()
  for (let seq = 1; seq <= count; seq++) {
    problems.add('ledger.after', { shard: 7, seq, actor: 'sales' }, 'one too many')
  }
  return {
    ...{ ...report, ok: false, problemCount: problems.count },
    problemCounts: Object.fromEntries(problems.counts),
    problems: problems.kept,
  }
}

function printed(of: VerifyReport, json = false): string[] {
  const lines: string[] = []
  printReport(of, { json, write: line => lines.push(line) })
  return lines
}

test('verify: report: one line says it all (Z22)', () => {
  deepEqual(printed(report), [
    'verify: ok, 256 shards, 123456 records, 5 orders (2 delivered, 1 failed, 1 refunded, 1 open), ledger sum 0, held 7500, wallets 1000, in clearing 0, parked 1, disputed 0, projections 3 behind, 1235 ms',
  ])
})

test('verify: report: problems come first, each in a line with its place (Z22)', () => {
  const lines = printed(broken(1))
  equal(lines[0], 'ledger.after: shard 7, line 1, sales: one too many')
  match(lines[1]!, /^verify: 1 problem \(ledger\.after 1\), 256 shards/)
})

test('verify: report: a flood is cut, and counted (Z1, Z22)', () => {
  const lines = printed(broken(5_000))
  equal(lines.length, 52)
  equal(lines[50], '... and 4950 more')
  match(lines[51]!, /^verify: 5000 problems/)
})

test('verify: report: with JSON there is nothing else (Z22)', () => {
  const lines = printed(broken(5_000), true)
  equal(lines.length, 1)
  const read = JSON.parse(lines[0]!)
  equal(read.problemCount, 5_000)
  equal(read.problems.length, 50)
  equal(read.problems[0].name, 'ledger.after')
})

test('verify: imports: nothing that the engine folds with (Z23)', () => {
  const beside = globSync('*.ts', { cwd: import.meta.dirname })
  // What tests bring (a journal of the simulated world) is not the reader: it imports none of it.
  const files = beside.filter(name => !/\.(test|fixture)\.ts$/.test(name))
  ok(files.length > 30)
  const seen = new Set<string>()
  for (const file of files) {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8')
    for (const [, from] of text.matchAll(/from '([^']+)'/g)) seen.add(from!)
  }
  const own = /^(node:[\w/]+|pg|\.\/[\w./-]+)$/
  const foreign = [...seen].filter(from => !own.test(from) || /\.(test|fixture)\.ts$/.test(from))
  deepEqual(foreign, ['../../sql/queries.ts'])
})
