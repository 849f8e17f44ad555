import { equal, match } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

const ok = `import { test } from 'node:test'
test('good', () => {})
test('no browser', { skip: 'chromium is missing' }, () => {})`
const bad = `import { test } from 'node:test'
test('bad', () => { throw new Error('on purpose') })`
const crash = `process.exit(3)`
const stubborn = `import { test } from 'node:test'
process.on('SIGTERM', () => {})
test('waits for ever', () => new Promise(() => setInterval(() => {}, 1e6)))`

async function runTests(t: TestContext, files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), 'laju-tests-'))
  t.after(() => rmSync(root, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text)
  // Without this variable the inner runner takes itself for a part of the outer one.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const runner = join(import.meta.dirname, 'run.ts')
  const child = spawn(process.execPath, [runner, '--root', root, '--timeout', '2000'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let stdout = ''
  child.stdout.on('data', chunk => (stdout += chunk))
  const [code] = await once(child, 'close')
  return { code, stdout, lastLine: stdout.trimEnd().split('\n').at(-1) }
}

test('npm test: all well: exit code 0 and the closing line last (D13)', async t => {
  const { code, stdout, lastLine } = await runTests(t, { 'a.test.ts': ok, 'b.pg.test.ts': ok })
  equal(lastLine, '2 passed, 0 failed, 2 skipped')
  match(stdout, /no browser .*: chromium is missing/)
  equal(code, 0)
})

test('npm test: a failure and a crash: both told, exit code not 0 (D13)', async t => {
  const files = { 'a.test.ts': ok, 'b.test.ts': bad, 'c.test.ts': crash }
  const { code, stdout, lastLine } = await runTests(t, files)
  equal(lastLine, '1 passed, 2 failed, 1 skipped')
  match(stdout, /Error: on purpose/)
  match(stdout, /✖ c\.test\.ts\n/)
  equal(code, 1)
})

test('npm test: nothing to run: exit code not 0 (D13)', async t => {
  const { code, lastLine } = await runTests(t, {})
  equal(lastLine, '0 passed, 1 failed, 0 skipped')
  equal(code, 1)
})

test('npm test: a file that never ends: ended and failed, the rest is told (D14)', async t => {
  const { code, stdout, lastLine } = await runTests(t, { 'a.test.ts': ok, 'b.test.ts': stubborn })
  match(lastLine ?? '', /^1 passed, [12] failed, 1 skipped$/)
  match(stdout, /✖ b\.test\.ts/)
  equal(code, 1)
})
