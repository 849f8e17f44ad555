/**
 * What operators are given to watch with, held against what the program tells: alert rules for
 * Prometheus and a dashboard for Grafana.
 *
 * RSD1. Rules and dashboard name figures that exist.
 * RSD2. Each alert rings for what it is about, and a good day is silent (promtool).
 * RSD3. No figure has a label of many values: no product, client, number or order.
 * RSD4. Nothing is told that promtool complains of: a total is a counter, quantiles are a summary.
 */

import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Gauges } from '../services/routing/gauges.ts'
import { compileRouting } from '../services/routing/policy.ts'
import { Router } from '../services/routing/router.ts'
import { makeMetrics } from '../services/system/metrics.ts'

const root = join(import.meta.dirname, '..')
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Only names and labels are wanted: nothing is read of what is not there. */
const { figures } = makeMetrics({
  engine: { host: {} },
  router: new Router(new Gauges(), compileRouting([], [])),
} as never)
const names = new Set([
  ...figures.map(({ name }) => name),
  ...[...textOf('gateway/health.route.ts').matchAll(/# TYPE (\w+)/g)].map(([, name]) => name!),
])
const namedIn = (expressions: readonly string[]): string[] =>
  expressions.flatMap(one => one.match(/\blaju_\w+/g) ?? [])

const lines = ['topup', 'number', 'soundbox']
const rulesOf = (line: string): string => textOf(`deploy/prometheus/${line}.rules.yml`)
const casesOf = (line: string): string => textOf(`deploy/prometheus/${line}.rules.test.yml`)
type Panel = { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }
const { panels } = JSON.parse(textOf('deploy/grafana/topup.json')) as { panels: readonly Panel[] }

test('watching: alert rules: name figures that exist (RSD1)', () => {
  const named = namedIn(lines.map(rulesOf))
  ok(named.length > 25)
  deepEqual(
    named.filter(name => !names.has(name)),
    [],
  )
})

test('watching: dashboard: every panel asks for figures that exist (RSD1)', () => {
  const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  ok(asked.length > 25)
  for (const expr of asked) ok(namedIn([expr]).length > 0, expr)
  deepEqual(
    namedIn(asked).filter(name => !names.has(name)),
    [],
  )
})

test('watching: alerts: each one has a case that it rings for (RSD2)', () => {
  for (const line of lines) {
    const cases = casesOf(line)
    const alerts = [...rulesOf(line).matchAll(/- alert: (\w+)/g)].map(([, name]) => name!)
    for (const name of alerts) match(cases, new RegExp(`alertname="${name}",alertstate="firing"`))
  }
})

const promtool = spawnSync('promtool', ['--version']).status === 0
const skip = promtool ? false : 'promtool is not installed'

test('watching: alerts: promtool finds them right, and each rings when it must (RSD2)', {
  skip,
}, () => {
  for (const args of [
    ['check', 'rules', ...lines.map(line => `${line}.rules.yml`)],
    ['test', 'rules', ...lines.map(line => `${line}.rules.test.yml`)],
  ]) {
    const told = spawnSync('promtool', args, {
      cwd: join(root, 'deploy/prometheus'),
      encoding: 'utf8',
    })
    equal(told.status, 0, told.stdout + told.stderr)
  }
})

test('watching: dashboard: promtool can read every question (RSD1)', { skip }, () => {
  const asked = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
  const groups = asked.map((expr, n) => ({ record: `asked:${n}`, expr }))
  const folder = mkdtempSync(join(tmpdir(), 'laju-dashboard-'))
  const file = join(folder, 'asked.json')
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: groups }] }))
  const told = spawnSync('promtool', ['check', 'rules', '--lint=none', file], { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  equal(told.status, 0, told.stdout + told.stderr)
})

test('watching: labels: few values each, whoever counts (RSD3)', () => {
  const few = 'supplier outcome quantile state policy reason target kind type version space le code'
  const known = new Set([...few.split(' '), ...'major minor patch'.split(' ')])
  for (const { name, labels } of figures) {
    for (const label of labels) ok(known.has(label), `${name}: ${label}`)
  }
})

test('watching: names: prom-client’s own totals that are none are left out (RSD4)', () => {
  ok(names.has('nodejs_active_handles'))
  for (const name of names) doesNotMatch(name, /^nodejs_active_\w+_total$/)
})
