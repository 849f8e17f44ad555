/**
 * The one door to everything that package.json offers: `node deploy/laju.mjs <verb> [arguments]`.
 * It sees to Node 22 and the packages first, then becomes the verb (under Node 22) or starts it as
 * its only child (under any other Node) and gets out of the way.
 *
 * D5. A verb's exit code is the launcher's, a verb ended by a signal ends the launcher by the same,
 *     and SIGINT, SIGTERM and SIGHUP are handed on.
 * D6. Nothing of the launcher is ever written to stdout: it belongs to the verb.
 */

import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { engineEnv, engineFlags } from './engine-flags.mjs'
import { needPackages } from './packages.mjs'
import { needNode } from './runtime.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const biome = 'node_modules/@biomejs/biome/bin/biome'
const tsc = 'node_modules/typescript/bin/tsc'
/** What decides about orders and money, measured by the tests that need no database. */
const domain = '{engine,actors,services}/**'
const coverage = [
  ...['--test', '--experimental-test-coverage', `--test-coverage-include=${domain}/*.ts`],
  ...['**/*.test.ts', '**/*.fixture.ts', '**/*.bench.ts', '**/sim/**'].map(
    files => `--test-coverage-exclude=${files}`,
  ),
  ...['lines', 'branches', 'functions'].map(of => `--test-coverage-${of}=80`),
]
const sims = ['engine/**/*.sim.test.ts', 'actors/**/*.sim.test.ts']

/** What Node made of our files the last time: a quarter of a start is reading them. */
const cacheEnv = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compile') }

/** What a verb runs, in order: each a list of arguments for Node. */
const verbs = {
  start: args => [[...engineFlags, join(root, 'deploy/start.ts'), ...args]],
  test: args => [['deploy/testing/run.ts', ...args]],
  bench: args => [['bench/run.ts', ...args]],
  sandbox: args => [['deploy/sandbox/main.ts', ...args]],
  cli: args => [['deploy/cli/cli.ts', ...args]],
  sim: args => [['--test', ...args, ...sims]],
  coverage: args => [[...coverage, ...args, `${domain}/!(*.pg|*.sim|*.e2e|*.bench).test.ts`]],
  check: () => [
    [biome, 'check'],
    [tsc, '-p', '.'],
  ],
  format: () => [[biome, 'check', '--write']],
}

const [verb = '', ...args] = process.argv.slice(2)
const plan = Object.hasOwn(verbs, verb) ? verbs[verb](args) : undefined
if (plan === undefined) {
  end(`Unknown verb "${verb}": use one of ${Object.keys(verbs).join(', ')}.`)
}

try {
  const node = needNode(root, say)
  needPackages(root, node, say)
  if (`${process.platform}-${process.arch}` !== 'linux-x64') {
    say('uWebSockets.js brings a binary for Linux x64 only: the gateway will not start here.')
  }
  const path = [dirname(node), process.env.PATH ?? '']
  process.env.PATH = path.join(process.platform === 'win32' ? ';' : ':')
  if (node === process.execPath && plan.length === 1 && plan[0][0].endsWith('.ts')) become(plan[0])
  else await runAll(node, plan)
} catch (error) {
  end(error.message)
}

/** This is Node 22 already: no second process, the ready line's pid is ours. */
function become([file, ...rest]) {
  const path = join(root, file)
  process.argv = [process.execPath, path, ...rest]
  // Not awaited: what goes wrong inside is the verb's to tell, not the launcher's.
  void import(pathToFileURL(path).href)
}

async function runAll(node, steps) {
  let worst = 0
  for (const step of steps) worst = (await runOne(node, step)) || worst
  process.exitCode = worst
}

function runOne(node, [file, ...rest]) {
  const target = file.startsWith('-') ? file : join(root, file)
  // A file is named in full so that it can be run from any folder; globs need the root.
  const isNamed = [file, ...rest].some(arg => arg.endsWith('.ts') && !arg.includes('*'))
  const cwd = isNamed ? process.cwd() : root
  const env = { ...cacheEnv, ...(verb === 'start' ? engineEnv : {}), ...process.env }
  const child = spawn(node, [target, ...rest], { stdio: 'inherit', cwd, env })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const handOn = signals.map(signal => {
    const hand = () => child.kill(signal)
    process.on(signal, hand)
    return [signal, hand]
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      for (const [name, hand] of handOn) process.off(name, hand)
      if (signal !== null) process.kill(process.pid, signal)
      else resolve(code)
    })
  })
}

function say(sentence) {
  process.stderr.write(`laju: ${sentence}\n`)
}

function end(sentence) {
  say(sentence)
  process.exit(2)
}
