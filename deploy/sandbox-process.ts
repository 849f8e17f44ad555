/**
 * The sandbox beside the engine: a process of its own, so that the engine may die and its
 * counterparts remember. Whoever finds one that answers uses it; who started one ends it.
 *
 * DS1. A sandbox that already answers on the port is used, whoever started it.
 * DS2. It outlives a kill of the engine; a clean stop of the engine that owns it ends it.
 */

import { spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { StartFailure } from './start-failure.ts'

export type SandboxProcess = { readonly url: string; stop(): Promise<void> }

const waitMs = 10_000

export async function startSandbox(port: number, dataDir: string): Promise<SandboxProcess> {
  const url = `http://127.0.0.1:${port}`
  const note = join(dataDir, 'sandbox.json')
  if (!(await answers(url))) {
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
    while (!(await answers(url))) {
      if (ended || Date.now() > until) {
        throw new StartFailure(
          `SANDBOX_PORT ${port} could not be opened by the sandbox: ` +
            'stop what uses that port, or set SANDBOX_PORT to another one (empty means none).',
        )
      }
      await pause(20)
    }
    writeFileSync(note, JSON.stringify({ pid: child.pid, port }))
  }
  return { url, stop: () => stop(note, port) }
}

/** Ends the one that an engine with this DATA_DIR started, also in an earlier life. */
async function stop(note: string, port: number): Promise<void> {
  try {
    const written = JSON.parse(readFileSync(note, 'utf8')) as { pid: number; port: number }
    if (written.port === port) process.kill(written.pid, 'SIGTERM')
    rmSync(note)
  } catch {
    // It was not ours, or it is gone already.
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/_sandbox/health`, { signal: AbortSignal.timeout(1_000) })
    return response.ok
  } catch {
    return false
  }
}
