import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../services/wire/free-port.fixture.ts'

/**
 * What the README says to copy is copied, into a shell, beside an engine that was really started.
 */

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const readyMsMax = 60_000
const settleMsMax = 60_000
const settlePollMs = 100

const lacking = ['bash', 'curl', 'openssl'].filter(
  tool => spawnSync('which', [tool], { stdio: 'ignore' }).status !== 0,
)
const skip = lacking.length === 0 ? false : `not on this machine: ${lacking.join(', ')}`

const sessions = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block!)
/** The answers that are printed, each put together again. */
const answers = [...readme.matchAll(/^```text\n(\{.*?)^```$/gms)].flatMap(([, block]) =>
  block!
    .trim()
    .split(/\n(?=\{)/)
    .map(answer => answer.replace(/\n /g, '')),
)

test('readme: its session, copied: every answer is of the printed shape (DOC6)', {
  skip,
}, async t => {
  const stage = await startEngine(t)
  const printed = stage.shell(sessions.join('\n')).split('\n').filter(Boolean)
  equal(printed.length, answers.length + 2)
  for (const [index, answer] of answers.entries()) {
    const real = printed[index]!
    ok(!real.includes('"error"'), real)
    deepEqual(
      fieldsOf(answer).filter(field => !fieldsOf(real).includes(field)),
      [],
      `${real} has what is printed`,
    )
  }

  for (const ref of ['INV-1', 'INV-2', 'INV-3']) {
    const order = await settled(stage, ref)
    equal(order['status'], 'SUCCESS')
    equal(order['money_effect'], 'charged')
    match(String(order['sn']), /^\d+$/)
  }
  const [first, second] = (await settled(stage, 'INV-3'))['attempts'] as { outcome: string }[]
  equal(first?.outcome, 'failed', 'the first supplier refused')
  equal(second?.outcome, 'success', 'the second one delivered')

  const verified = stage.shell(`node deploy/laju.mjs cli verify`)
  const words = verified.replace(/\d+/g, '0').trim()
  const [, claimed] = /^```text\n(verify: .*?)^```$/ms.exec(readme) ?? []
  equal(words, claimed?.replace(/\n */g, ' ').replace(/\d+/g, '0').trim())
})

type Stage = { shell(script: string): string }

async function settled(stage: Stage, ref: string): Promise<Record<string, unknown>> {
  const functions = sessions[0]!.slice(0, sessions[0]!.indexOf('\nask POST'))
  const until = Date.now() + settleMsMax
  for (;;) {
    const answer = stage.shell(`${functions}\nask GET '/api/v1/transactions?ref_id=${ref}'`)
    const order = JSON.parse(answer).data
    if (order.status !== 'PROCESSING' || Date.now() > until) return order
    await pause(settlePollMs)
  }
}

const fieldsOf = (answer: string): string[] => answer.match(/"\w+"(?=:)/g) ?? []

async function startEngine(t: TestContext): Promise<Stage> {
  const dataDir = mkdtempSync(join(tmpdir(), 'laju-readme-'))
  const [port, sandboxPort] = await Promise.all([freePort(), freePort()])
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
  const env = {
    ...inherited,
    ...{ MODE: 'demo', DATA_DIR: dataDir, DATABASE_URL: '', SANDBOX_URL: '' },
    ...{ PORT: String(port), MQTT_PORT: '0', SANDBOX_PORT: String(sandboxPort) },
    PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`,
  }
  const child = spawn(process.execPath, ['deploy/laju.mjs', 'start'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let told = ''
  child.stderr.on('data', text => (told += text))
  t.after(async () => {
    if (child.exitCode === null) {
      child.kill('SIGTERM')
      await once(child, 'close')
    }
    rmSync(dataDir, { recursive: true, force: true })
  })
  await ready(child, () => told)
  return {
    shell(script) {
      const run = spawnSync('bash', ['-euo', 'pipefail', '-c', script], { cwd: root, env })
      equal(run.status, 0, `${script}\n${run.stdout}${run.stderr}`)
      return run.stdout.toString()
    },
  }
}

async function ready(child: ChildProcess, told: () => string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const late = setTimeout(() => reject(new Error(`not ready:\n${told()}`)), readyMsMax)
  child.once('exit', () => reject(new Error(`ended before it was ready:\n${told()}`)))
  createInterface(child.stdout!).on('line', line => {
    if (line.startsWith('{"ready":true')) resolve()
  })
  await promise.finally(() => clearTimeout(late))
}
