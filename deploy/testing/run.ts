/**
 * `npm test`: the formatter, the linter and the compiler first, then every test file of the
 * repository, cheapest kind first, each file in a process of its own.
 *
 *   checks ─▶ *.test.ts, *.sim.test.ts (a core each) ─▶ *.pg.test.ts, *.e2e.test.ts (two by two)
 *
 * `npm test -- wallet gateway/` runs the files whose path contains one of these, without the
 * checks.
 *
 * D13. The last line on stdout is the closing line, and the exit code is 0 only when all is well.
 * D14. No file can hold the run up: past its time it is ended and counts as failed.
 */

import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { parseArgs } from 'node:util'
import { stripped } from '../engine-flags.mjs'
import type { EmbeddedPostgres } from '../postgres/postgres.ts'
import { Tally, type Told } from './tally.ts'

type Kind = {
  readonly name: string
  readonly suffix: string
  readonly concurrency: number
  readonly timeoutMs: number
}

const cores = Math.max(2, availableParallelism())
/** A file is of the first kind whose suffix it has; told from dearest to cheapest. */
const kinds: readonly Kind[] = [
  { name: 'end to end', suffix: '.e2e.test.ts', concurrency: 2, timeoutMs: 300_000 },
  { name: 'postgres', suffix: '.pg.test.ts', concurrency: 2, timeoutMs: 180_000 },
  { name: 'simulation', suffix: '.sim.test.ts', concurrency: cores, timeoutMs: 300_000 },
  { name: 'unit', suffix: '.test.ts', concurrency: cores, timeoutMs: 120_000 },
]
const silenceMsMax = 60_000
const flags = [stripped, '--disable-warning=ExperimentalWarning']

// --root and --timeout are for this file's own test.
const { values, positionals: wanted } = parseArgs({
  options: { root: { type: 'string' }, timeout: { type: 'string' } },
  allowPositionals: true,
})
const root = values.root ?? join(import.meta.dirname, '../..')
const tally = new Tally(root)
const files = testFiles(root).filter(
  file => wanted.length === 0 || wanted.some(part => relative(root, file).includes(part)),
)
let cluster: EmbeddedPostgres | undefined

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void finish(128 + (signal === 'SIGINT' ? 2 : 15)))
}

if (wanted.length === 0 && values.root === undefined) {
  await Promise.all([
    check('format and lint', 'node_modules/@biomejs/biome/bin/biome', ['check']),
    check('types', 'node_modules/typescript/bin/tsc', ['-p', '.']),
  ])
}
for (const kind of kinds.toReversed()) {
  const own = files.filter(file => kindOf(file) === kind)
  if (own.length === 0) continue
  if (/e2e|pg/.test(kind.suffix)) await keepPostgresUp()
  say(`${kind.name} tests, ${own.length} ${own.length === 1 ? 'file' : 'files'}`)
  await runFiles(own, { ...kind, timeoutMs: Number(values.timeout ?? kind.timeoutMs) })
}
await finish()

/** One tool as one test. */
async function check(name: string, program: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(root, program), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', chunk => (output += chunk))
  child.stderr.on('data', chunk => (output += chunk))
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  const told = { name: `check: ${name}`, details: { error: output } }
  if (code === 0) tally.pass(told)
  else say(tally.fail(told))
  if (code === 0) say(`✔ ${told.name}`)
}

function runFiles(own: readonly string[], { concurrency, timeoutMs }: Kind): Promise<void> {
  const stream = run({ files: [...own], concurrency, timeout: timeoutMs, execArgv: flags })
  const fail = (told: Told) => {
    const text = tally.fail(told)
    if (text !== '') say(text)
  }
  return new Promise(resolve => {
    // The runner ends a file that takes too long; this ends the runner if that does not help.
    const silence = setTimeout(() => {
      const error = `no word from the test files for ${timeoutMs + silenceMsMax} ms: given up`
      fail({ name: 'test runner', details: { error } })
      endLeftovers(own)
      resolve()
    }, timeoutMs + silenceMsMax)
    const heard =
      <T>(work: (data: T) => void) =>
      (data: T) => {
        silence.refresh()
        work(data)
      }
    stream.on(
      'test:pass',
      heard<Told>(told => tally.pass(told)),
    )
    stream.on('test:fail', heard<Told>(fail))
    stream.on(
      'test:stdout',
      heard<Printed>(({ file, message }) => tally.print(file ?? '', message)),
    )
    stream.on(
      'test:stderr',
      heard<Printed>(({ file, message }) => tally.print(file ?? '', message)),
    )
    stream.on('test:summary', ({ file, duration_ms, success }) => {
      if (file === undefined || !success) return
      say(`✔ ${relative(root, file)} (${Math.round(duration_ms)} ms)`)
    })
    stream.once('end', () => {
      clearTimeout(silence)
      endLeftovers(own)
      resolve()
    })
    stream.resume()
  })
}

type Printed = { readonly file?: string | undefined; readonly message: string }

/** Test files that heeded no SIGTERM. Only children of this process are looked at. */
function endLeftovers(own: readonly string[]): void {
  let children: string[]
  try {
    const path = `/proc/${process.pid}/task/${process.pid}/children`
    children = readFileSync(path, 'utf8').split(' ').filter(Boolean)
  } catch {
    return
  }
  for (const pid of children) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      if (command.some(part => own.includes(part))) process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It ended by itself in the meantime.
    }
  }
}

/** One cluster for all files, up from the first that needs it to the end of the run. */
async function keepPostgresUp(): Promise<void> {
  if (cluster !== undefined || values.root !== undefined) return
  try {
    const { openTestCluster } = await import('./database.ts')
    cluster = await openTestCluster()
  } catch (error) {
    say(`Postgres for the tests did not start: ${(error as Error).message}`)
  }
}

async function finish(code?: number): Promise<never> {
  if (cluster !== undefined) {
    const { removeTestCluster } = await import('./database.ts')
    if (await cluster.stop()) removeTestCluster()
  }
  const closing = tally.closing()
  const exitCode = code ?? (tally.ok ? 0 : 1)
  return await new Promise<never>(() => {
    process.stdout.write(`\n${closing}\n`, () => process.exit(exitCode))
  })
}

function kindOf(file: string): Kind | undefined {
  return kinds.find(({ suffix }) => file.endsWith(suffix))
}

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : testFiles(path)
      }
      return entry.name.endsWith('.test.ts') ? [path] : []
    })
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
