import { equal, match } from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'

/** A checkout of nothing but the launcher, whose verbs are the given programs. */
function checkout(t: TestContext, programs: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'laju-launcher-'))
  t.after(() => rmSync(root, { recursive: true }))
  for (const [path, text] of Object.entries({
    'package.json': '{"type":"module"}',
    'package-lock.json': '{"packages":{}}',
    'node_modules/.package-lock.json': '{"packages":{}}',
    ...programs,
  })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  mkdirSync(join(root, 'deploy'), { recursive: true })
  const own = ['laju', 'runtime', 'packages', 'engine-flags', 'stripped'].map(n => `${n}.mjs`)
  for (const name of own) {
    copyFileSync(join(import.meta.dirname, name), join(root, 'deploy', name))
  }
  return root
}

function launch(root: string, ...args: string[]): { child: ChildProcess; stdout: () => string } {
  const child = spawn(process.execPath, [join(root, 'deploy', 'laju.mjs'), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  child.stdout.on('data', chunk => (stdout += chunk))
  return { child, stdout: () => stdout }
}

test('launcher: the right Node already: it becomes the verb, with its arguments (D5, D6)', async t => {
  const root = checkout(t, {
    'deploy/cli/cli.ts': `
      const [, file, ...args]: string[] = process.argv
      console.log(JSON.stringify([process.pid, file, args]))
      process.exitCode = 7`,
  })
  const { child, stdout } = launch(root, 'cli', '--one', 'two')
  const [code] = await once(child, 'close')
  equal(code, 7)
  equal(
    stdout(),
    `${JSON.stringify([child.pid, join(root, 'deploy/cli/cli.ts'), ['--one', 'two']])}\n`,
  )
})

test('launcher: start: the engine is a child with flags of its own, in the same folder (D5, D6)', async t => {
  const root = checkout(t, {
    'deploy/start.ts': `
      console.log(JSON.stringify([process.cwd(), process.execArgv.length > 0, process.argv[2]]))
      process.exitCode = 7`,
  })
  const { child, stdout } = launch(root, 'start', '--one')
  const [code] = await once(child, 'close')
  equal(code, 7)
  equal(stdout(), `${JSON.stringify([root, true, '--one'])}\n`)
})

const biome = 'node_modules/@biomejs/biome/bin/biome'

test('launcher: a verb as child: signals are handed on, its exit code is ours (D5)', async t => {
  const root = checkout(t, {
    [biome]: `process.on('SIGTERM', () => process.exit(9)); setInterval(() => {}, 1e6); console.log('up')`,
  })
  const { child } = launch(root, 'format')
  await once(child.stdout!, 'data')
  child.kill('SIGTERM')
  equal((await once(child, 'close'))[0], 9)
})

test('launcher: a verb as child: ended by a signal, so are we (D5)', async t => {
  const root = checkout(t, { [biome]: `process.kill(process.pid, 'SIGKILL')` })
  const { child } = launch(root, 'format')
  equal((await once(child, 'close'))[1], 'SIGKILL')
})

test('launcher: several steps: all run, and one failure is enough (D5)', async t => {
  const root = checkout(t, {
    [biome]: `console.log('lint'); process.exitCode = 1`,
    'node_modules/typescript/bin/tsc': `console.log('types')`,
  })
  const { child, stdout } = launch(root, 'check')
  equal((await once(child, 'close'))[0], 1)
  equal(stdout(), 'lint\ntypes\n')
})

test('launcher: an unknown verb: one sentence on stderr, nothing on stdout (D6)', async t => {
  const root = checkout(t, {})
  const child = spawn(process.execPath, [join(root, 'deploy', 'laju.mjs'), 'toString'])
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', chunk => (stdout += chunk))
  child.stderr.on('data', chunk => (stderr += chunk))
  equal((await once(child, 'close'))[0], 2)
  equal(stdout, '')
  match(stderr, /^laju: Unknown verb "toString": use one of start, test, .*\.\n$/)
})
