import { equal, match, ok, rejects } from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createPlainServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { isAlive } from './folder-lock.ts'
import { startSandbox } from './sandbox-process.ts'
import { StartFailure } from './start-failure.ts'

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'laju-sandbox-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

async function pidAt(url: string): Promise<number | null> {
  try {
    const { pid } = (await (await fetch(`${url}/_sandbox/health`)).json()) as { pid: number }
    return pid
  } catch {
    return null
  }
}

const noteIn = (dataDir: string): string => join(dataDir, 'sandbox.json')
const portOf = (url: string): number => Number(new URL(url).port)

async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise(resolve => setImmediate(resolve))
}

/** A process that has nothing to do with it. */
async function bystander(t: TestContext, program = 'setInterval(() => {}, 1e6); console.log(1)') {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] })
  t.after(() => child.kill('SIGKILL'))
  await once(child.stdout!, 'data')
  return child as ChildProcess & { pid: number }
}

test('sandbox process: one answers on the port already: used, and left to who started it (DS1)', async t => {
  const [mine, yours] = [folder(t), folder(t)]
  const first = await startSandbox(0, mine)
  const pid = (await pidAt(first.url))!
  const second = await startSandbox(portOf(first.url), yours)
  equal(second.url, first.url)
  equal(await pidAt(second.url), pid)
  equal(existsSync(noteIn(yours)), false)
  await second.stop()
  equal(await pidAt(first.url), pid)
  await first.stop()
  await gone(pid)
  equal(existsSync(noteIn(mine)), false)
})

test('sandbox process: something else on the port: one sentence that names the setting (DS1)', async t => {
  for (const server of [createServer((_, response) => response.end('{}')), createPlainServer()]) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const dataDir = folder(t)
    await rejects(startSandbox(port, dataDir), (failure: unknown) => {
      ok(failure instanceof StartFailure)
      match(failure.message, new RegExp(`^SANDBOX_PORT ${port} could not be opened.*\\.$`))
      return true
    })
    equal(existsSync(noteIn(dataDir)), false)
    server.close()
  }
})

test('sandbox process: whoever started it is killed: it lives, and the next life ends it (DS2)', async t => {
  const dataDir = folder(t)
  const file = JSON.stringify(join(import.meta.dirname, 'sandbox-process.ts'))
  const starter = await bystander(
    t,
    `import(${file})
      .then(({ startSandbox }) => startSandbox(0, ${JSON.stringify(dataDir)}))
      .then(() => { console.log(1); setInterval(() => {}, 1e6) })`,
  )
  const { url, pid } = JSON.parse(readFileSync(noteIn(dataDir), 'utf8'))
  starter.kill('SIGKILL')
  await once(starter, 'exit')
  equal(await pidAt(url), pid)

  const next = await startSandbox(portOf(url), dataDir)
  equal(await pidAt(next.url), pid)
  await next.stop()
  await gone(pid)
})

test('sandbox process: a note that is not true any more: nobody is ended (DS3)', async t => {
  const dataDir = folder(t)
  const sandbox = await startSandbox(0, dataDir)
  const note = readFileSync(noteIn(dataDir), 'utf8')
  const { url, pid } = JSON.parse(note)
  const innocent = await bystander(t)
  const nobody = createPlainServer().listen(0, '127.0.0.1')
  await once(nobody, 'listening')
  const elsewhere = `http://127.0.0.1:${(nobody.address() as AddressInfo).port}`
  nobody.close()
  const untrue = [
    JSON.stringify({ pid: innocent.pid, url }),
    JSON.stringify({ pid: innocent.pid, url: elsewhere }),
    JSON.stringify({ pid, url: elsewhere }),
    JSON.stringify({}),
    'not json',
    '',
  ]
  try {
    for (const text of untrue) {
      writeFileSync(noteIn(dataDir), text)
      await sandbox.stop()
      equal(await pidAt(url), pid, text)
      ok(isAlive(innocent.pid), text)
    }
  } finally {
    writeFileSync(noteIn(dataDir), note)
    await sandbox.stop()
    await gone(pid)
  }
})
