/**
 * The sandbox as a process of its own: `npm run sandbox`, or started by the engine's launcher. The
 * engine may die by `kill -9` and come back; its counterpart must still know what it sold.
 *
 * X34. It lives until it is told to stop: neither its parent's death nor a closed pipe ends it.
 * X35. A port that is taken is one sentence and exit code 1.
 * X36. One ready line of JSON on stdout, everything for people on stderr.
 */

import { openSandbox } from './server.ts'

const startedAt = performance.now()

// Whoever read our output may be gone. That is not a reason to follow.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

const port = portIn(process.env['SANDBOX_PORT'] || '4000')
const host = process.env['SANDBOX_HOST'] || '127.0.0.1'
const sandbox = port === undefined ? undefined : await openSandbox({ port, host })

if (port === undefined) {
  leave(`SANDBOX_PORT must be a port number from 0 to 65535, not "${process.env['SANDBOX_PORT']}".`)
} else if (!sandbox) {
  leave(
    `The sandbox cannot open ${host}:${port}, most likely because something else uses that port; ` +
      'stop it or set SANDBOX_PORT to another port.',
  )
} else {
  // Before the ready line: whoever reads it may stop us at once.
  const stop = () => void sandbox.close().then(() => process.exit(0))
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)

  const ms = Math.round(performance.now() - startedAt)
  const ready = { ready: true, sandbox: sandbox.url, pid: process.pid, ms }
  process.stdout.write(`${JSON.stringify(ready)}\n`)
  process.stderr.write(
    `\n  Sandbox of the outside parties: ${sandbox.url}\n` +
      `  Parties: ${[...sandbox.parties.keys()].map(name => `/${name}`).join('  ')}\n` +
      '  Sales, faults, clocks: /_sandbox (GET / explains). Ctrl-C stops it.\n\n',
  )
}

function portIn(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}

function leave(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
  process.exitCode = 1
}
