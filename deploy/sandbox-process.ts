/**
 * The sandbox beside the engine: a process of its own, so that the engine may die and its
 * counterparts remember. Whoever finds one that answers uses it; who started one ends it.
 *
 * DS1. A sandbox that already answers on the port is used, whoever started it.
 * DS2. It outlives a kill of the engine; a clean stop of the engine that owns it ends it.
 * DS3. Only a process that still answers as the sandbox under its own pid is ever ended.
 */

import { spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { StartFailure } from './start-failure.ts'

type SandboxProcess = { readonly url: string; stop(): Promise<void> }

const waitMs = 10_000

/** `wanted` 0 takes any free port. */
export async function startSandbox(wanted: number, dataDir: string): Promise<SandboxProcess> {
  const port = wanted === 0 ? await freePort() : wanted
  const url = `http://127.0.0.1:${port}`
  const note = join(dataDir, 'sandbox.json')
  if ((await pidOf(url)) === null) await launch(port, url, dataDir, note)
  return { url, stop: () => stop(note, url) }
}

async function launch(port: number, url: string, dataDir: string, note: string): Promise<void> {
  mkdirSync(dataDir, { recursive: true })
  const log = openSync(join(dataDir, 'sandbox.log'), 'a')
  const child = spawn(process.execPath, [join(import.meta.dirname, 'sandbox/main.ts')], {
    env: { ...process.env, SANDBOX_PORT: String(port) },
    stdio: ['ignore', log, log],
    detached: true,
  })
  child.unref()
  let ended = false
  child.once('exit', () => {
    ended = true
  })
  const until = Date.now() + waitMs
  while ((await pidOf(url)) === null) {
    if (ended || Date.now() > until) {
      if (!ended) child.kill()
      throw new StartFailure(
        `SANDBOX_PORT ${port} could not be opened by the sandbox: ` +
          'stop what uses that port, or set SANDBOX_PORT to another one (empty means none).',
      )
    }
    await pause(20)
  }
  writeFileSync(note, JSON.stringify({ pid: child.pid, url }))
}

/** Ends the one that an engine with this DATA_DIR started, also in an earlier life. */
async function stop(note: string, url: string): Promise<void> {
  try {
    const written = JSON.parse(readFileSync(note, 'utf8')) as { pid: number; url: string }
    if (written.url !== url || written.pid !== (await pidOf(url))) return
    process.kill(written.pid, 'SIGTERM')
    rmSync(note)
  } catch {
    // It was not ours, or it is gone already.
  }
}

/** The process that answers there as the sandbox; null when none does. */
async function pidOf(url: string): Promise<number | null> {
  try {
    const response = await fetch(`${url}/_sandbox/health`, { signal: AbortSignal.timeout(1_000) })
    const { pid } = (await response.json()) as { pid?: unknown }
    return response.ok && typeof pid === 'number' ? pid : null
  } catch {
    return null
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', resolve)
  })
  const { port } = probe.address() as { port: number }
  await new Promise(resolve => probe.close(resolve))
  return port
}
