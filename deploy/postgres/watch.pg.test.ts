import { equal, match, notEqual } from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { isAlive } from '../folder-lock.ts'
import type { StartFailure } from '../start-failure.ts'
import { openPostgres } from './postgres.ts'
import { watchPostgres } from './watch.ts'

function dataFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'laju-watch-'))
  chmodSync(folder, 0o711)
  t.after(async () => {
    const location = join(folder, 'pg', 'location')
    const home = existsSync(location) ? readFileSync(location, 'utf8').trim() : folder
    await (await openPostgres({ dataDir: folder })).stop()
    rmSync(home, { recursive: true, force: true })
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** Its process number, as it tells itself; undefined while nobody answers. */
async function pidAt(url: string): Promise<number | undefined> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ pid: string }>(
      `select split_part(pg_read_file('postmaster.pid'), E'\\n', 1) as pid`,
    )
    return Number(rows[0]!.pid)
  } catch {
    return undefined
  } finally {
    await client.end().catch(() => {})
  }
}

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await pause(25)) {
    const answer = await ask()
    if (answer !== undefined) return answer
  }
  throw new Error('waited in vain')
}

test('postgres watch: killed: it is there again at the same address, and is stopped (DW1)', async t => {
  const server = await watchPostgres({ dataDir: dataFolder(t) }, failure => {
    throw failure
  })
  let pid = await pidAt(server.url)
  for (let death = 1; death <= 2; death++) {
    process.kill(pid!, 'SIGKILL')
    const dead = pid
    pid = await until(async () => {
      const next = await pidAt(server.url)
      return next === dead ? undefined : next
    })
    notEqual(pid, dead)
  }
  equal(await server.stop(), true)
  // It has left when the system says so: for a moment after its end it still has its number.
  await until(async () => (isAlive(pid!) ? undefined : true))
})

test('postgres watch: killed amid its start: it is started once more (DW3)', async t => {
  const dataDir = dataFolder(t)
  const server = await watchPostgres({ dataDir }, failure => {
    throw failure
  })
  const first = (await pidAt(server.url))!
  const location = join(dataDir, 'pg', 'location')
  const home = existsSync(location) ? readFileSync(location, 'utf8').trim() : join(dataDir, 'pg')
  const written = (): number => {
    try {
      return Number.parseInt(readFileSync(join(home, 'cluster', 'postmaster.pid'), 'utf8'), 10)
    } catch {
      return Number.NaN
    }
  }
  process.kill(first, 'SIGKILL')
  // The next one has written its number, and has not yet answered anybody.
  let second = written()
  // One look for both: the file is written anew, and may be gone or empty at the next.
  for (; Number.isNaN(second) || second === first; second = written()) await pause(1)
  process.kill(second, 'SIGKILL')
  const third = await until(() => pidAt(server.url))
  equal([first, second].includes(third), false)
  equal(await server.stop(), true)
})

test('postgres watch: its address is taken meanwhile: told as a sentence (DW2)', async t => {
  const dataDir = dataFolder(t)
  const lost = Promise.withResolvers<StartFailure>()
  const server = await watchPostgres({ dataDir }, lost.resolve)
  const pid = await pidAt(server.url)
  process.kill(pid!, 'SIGKILL')
  // Whoever is quick gets the port.
  const thief = createServer()
  t.after(() => thief.close())
  const { port } = new URL(server.tcpUrl)
  await until(async () => {
    thief.removeAllListeners()
    const isMine = new Promise<boolean>(resolve => {
      thief.once('error', () => resolve(false)).once('listening', () => resolve(true))
    })
    thief.listen(Number(port), '127.0.0.1')
    return (await isMine) || undefined
  })
  match((await lost.promise).message, /^Embedded Postgres died and its address is taken .*\.$/)
  await server.stop()
})
