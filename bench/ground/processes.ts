/**
 * The processes of a run: started, waited for until they say that they are ready, and ended by
 * their own pid, whatever happens.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import type { Outcome } from '../load/load.ts'
import type { FromWorker, Job, ToWorker } from '../load/load.worker.ts'

export type Ready = { readonly http: string; readonly pid: number } & Readonly<
  Record<string, unknown>
>

export type Started = {
  readonly ready: Ready
  /** Milliseconds from the spawn to the ready line. */
  readonly readyMs: number
  /** SIGTERM, and SIGKILL if it doesn't leave. */
  stop(): Promise<void>
  /** SIGKILL to the process that serves, as a power cut would. */
  kill(): Promise<void>
}

export type Program = {
  readonly name: string
  readonly file: string
  readonly args?: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const readyMsMax = 120_000
const leaveMsMax = 15_000
const logLinesMax = 40
const running = new Set<ChildProcess>()
/** Below those of the tests, and above all that `fetch` refuses to call (6666, 10080 and such). */
const firstPort = 10_100
const portCount = 1_900
let nextPort = (process.pid * 61) % portCount

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a program and waits for its ready line: one line of JSON with `ready: true`. */
export async function start({ name, file, args = [], env }: Program): Promise<Started> {
  const began = performance.now()
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const gone = once(child, 'exit').then(() => {
    running.delete(child)
  })
  const log: string[] = []
  const keep = (line: string) => {
    log.push(line)
    if (log.length > logLinesMax) log.shift()
    if (process.env['BENCH_DEBUG']) console.error(`[${name}] ${line}`)
  }
  createInterface(child.stderr).on('line', keep)

  const ready = await new Promise<Ready>((resolve, reject) => {
    const fail = (what: string) =>
      reject(new Error(`bench: ${name} ${what}\n${log.map(line => `  | ${line}`).join('\n')}`))
    const late = setTimeout(() => {
      child.kill('SIGKILL')
      fail(`was not ready after ${readyMsMax / 1000} s`)
    }, readyMsMax)
    createInterface(child.stdout).on('line', line => {
      keep(line)
      if (!line.startsWith('{"ready":true')) return
      clearTimeout(late)
      resolve({ pid: child.pid!, ...JSON.parse(line) })
    })
    void gone.then(() => {
      clearTimeout(late)
      fail(`ended with code ${child.exitCode} before it was ready`)
    })
  })

  return {
    ready,
    readyMs: performance.now() - began,
    async stop() {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), leaveMsMax)
      await gone
      clearTimeout(late)
    },
    async kill() {
      process.kill(ready.pid, 'SIGKILL')
      await gone
    },
  }
}

/** Runs a program to its end and gives what it printed. */
export async function output(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  onStart: (pid: number) => void = () => {},
) {
  const child = spawn(process.execPath, [file, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  if (child.pid !== undefined) onStart(child.pid)
  let out = ''
  let problems = ''
  child.stdout.on('data', chunk => {
    out += chunk
  })
  child.stderr.on('data', chunk => {
    problems += chunk
  })
  const [code] = await once(child, 'close')
  running.delete(child)
  if (code !== 0)
    throw new Error(`bench: ${file} ${args.join(' ')} ended with ${code}: ${problems}`)
  return out
}

export type LoadProcess = { run(job: Job): Promise<Outcome>; stop(): void }

/** The load generator in its own process. One job at a time. */
export function startLoad(): LoadProcess {
  const child = fork(new URL('../load/load.worker.ts', import.meta.url), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
  })
  running.add(child)
  child.once('exit', () => running.delete(child))

  let answered: (answer: FromWorker) => void = () => {}
  child.on('message', (answer: FromWorker) => answered(answer))
  child.once('exit', () => answered({ failed: 'the load generator ended' }))
  const ask = (message: ToWorker): Promise<FromWorker> =>
    new Promise(resolve => {
      answered = resolve
      child.send(message)
    })

  return {
    async run(job) {
      const prepared = await ask({ prepare: job })
      if ('failed' in prepared) throw new Error(`bench: ${prepared.failed}`)
      const answer = await ask({ go: true })
      if (!('outcome' in answer)) throw new Error(`bench: ${JSON.stringify(answer)}`)
      return answer.outcome
    },
    stop() {
      child.kill()
    },
  }
}

/**
 * A port that is free, and stays so until it is used: below those that the system hands to outgoing
 * connections, of which a load makes many, and never twice by this process.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + (nextPort++ % portCount)
    const server = createServer()
    const isFree = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise(resolve => server.close(resolve))
    return port
  }
}
