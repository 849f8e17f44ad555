import { deepEqual, equal, match } from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { test } from 'node:test'

const main = new URL('main.ts', import.meta.url).pathname

function start(port: string): ChildProcess {
  const env = { ...process.env, SANDBOX_PORT: port }
  return spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  const [line] = (await once(createInterface(stream), 'line')) as [string]
  return line
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const piece of stream) text += piece
  return text
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`main: ${signal}: one ready line on stdout, then a clean end (X36)`, async () => {
    const child = start('0')
    const banner = textOf(child.stderr!)
    const lines = createInterface(child.stdout!)
    const output = Array.fromAsync(lines)
    await once(lines, 'line')
    child.kill(signal)
    const [code] = await once(child, 'exit')
    equal(code, 0)
    const [line, ...more] = await output
    deepEqual(more, [])
    const ready = JSON.parse(line!)
    match(await banner, /Sandbox of the outside parties: http/)
    deepEqual(Object.keys(ready), ['ready', 'sandbox', 'pid', 'ms'])
    equal(ready.pid, child.pid)
    match(ready.sandbox, /^http:\/\/127\.0\.0\.1:\d+$/)
  })
}

test('main: a taken port, a wrong port: one sentence, exit code 1, no line (X35)', async () => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  for (const [setting, sentence] of [
    [String(port), /^The sandbox cannot open 127\.0\.0\.1:\d+, .*SANDBOX_PORT.*\.\n$/],
    ['http', /^SANDBOX_PORT must be a port number.*\n$/],
  ] as const) {
    const child = start(setting)
    const exit = once(child, 'exit')
    const [output, errors] = await Promise.all([textOf(child.stdout!), textOf(child.stderr!)])
    const [code] = await exit
    equal(code, 1)
    equal(output, '')
    match(errors, sentence)
  }
  server.close()
})

test('main: two sandboxes on one port: the second refuses, the first goes on (X35)', async t => {
  const first = start('0')
  t.after(() => first.kill())
  const { sandbox } = JSON.parse(await firstLine(first.stdout!))
  const second = start(new URL(sandbox).port)
  const [code] = await once(second, 'exit')
  equal(code, 1)
  equal((await fetch(`${sandbox}/_sandbox/health`)).status, 200)
})

test('main: the parent is killed: the sandbox and its book live on (X34)', async t => {
  const parentCode = `
    const { spawn } = require('node:child_process')
    const child = spawn(process.execPath, [${JSON.stringify(main)}], {
      env: { ...process.env, SANDBOX_PORT: '0' },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    child.stdout.pipe(process.stdout)
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['-e', parentCode], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const { sandbox, pid } = JSON.parse(await firstLine(parent.stdout!))
  t.after(() => process.kill(pid, 'SIGTERM'))
  const account = { username: 'user', api_key: 'key' }
  await fetch(`${sandbox}/_sandbox/accounts`, { method: 'POST', body: JSON.stringify(account) })
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  // A bug of its own would now write to a pipe that nobody holds.
  const answer = await fetch(`${sandbox}/_sandbox/accounts`)
  equal(((await answer.json()) as unknown[]).length, 1)
  const health = (await (await fetch(`${sandbox}/_sandbox/health`)).json()) as { pid: number }
  equal(health.pid, pid)
})
