import { deepEqual, equal, match, notEqual, ok, rejects } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { isAlive } from '../folder-lock.ts'
import { StartFailure } from '../start-failure.ts'
import { restoreLinks } from './binaries.ts'
import { type EmbeddedPostgres, openPostgres } from './postgres.ts'

// Folders of these tests are open to everybody unless they say otherwise.
process.umask(0o022)

const root = userInfo().uid === 0

/** By data folder: hooks run in the order they were armed, and a folder must go last. */
const opened = new Map<string, EmbeddedPostgres[]>()

/**
 * A data folder that anybody may enter; wherever the cluster ends up, it is stopped and removed.
 */
function dataFolder(t: { after(work: () => Promise<void>): void }, mode = 0o755): string {
  const folder = mkdtempSync(join(tmpdir(), 'laju-pg-'))
  chmodSync(folder, mode)
  t.after(async () => {
    for (const postgres of opened.get(folder) ?? []) await postgres.stop()
    const location = join(folder, 'pg', 'location')
    if (existsSync(location)) {
      rmSync(readFileSync(location, 'utf8').trim(), { recursive: true, force: true })
    }
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

async function open(dataDir: string): Promise<EmbeddedPostgres> {
  const postgres = await openPostgres({ dataDir })
  opened.set(dataDir, [...(opened.get(dataDir) ?? []), postgres])
  return postgres
}

async function query(url: string, text: string) {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

test('postgres: first start, stop, second start: the data are there (D25, D26)', async t => {
  const dataDir = dataFolder(t)
  const first = await open(dataDir)
  equal(first.adopted, false)
  match(first.version, /^18\./)
  await query(first.url, 'create table coin as select 7 as worth')
  equal(await first.stop(), true)
  await rejects(query(first.tcpUrl, 'select 1'), /ECONNREFUSED/)

  const second = await open(dataDir)
  equal(second.adopted, false)
  equal((await query(second.tcpUrl, 'select worth from coin'))[0].worth, 7)
})

test('postgres: kill -9 of its user: it lives on and is adopted at once (D25)', async t => {
  const dataDir = dataFolder(t)
  const user = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `const { openPostgres } = await import(process.argv[1])
       const { pid } = await openPostgres({ dataDir: process.argv[2] })
       console.log(pid)
       setInterval(() => {}, 1e6)`,
      join(import.meta.dirname, 'postgres.ts'),
      dataDir,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [told] = await once(user.stdout, 'data')
  user.kill('SIGKILL')
  await once(user, 'close')

  const next = await open(dataDir)
  equal(next.pid, Number(told))
  equal(next.adopted, true)
  equal(await next.stop(), true, 'the dead user does not count')
  await rejects(query(next.tcpUrl, 'select 1'), /ECONNREFUSED/)
})

test('postgres: its database is out of sight for a moment: found once it is there (D25)', async t => {
  const dataDir = dataFolder(t)
  const first = await open(dataDir)
  await query(first.url, 'create table coin as select 7 as worth')
  const [{ oid }] = await query(
    first.url,
    'select oid from pg_database where datname = current_database()',
  )
  const files = join(homeOf(dataDir), 'cluster', 'base', String(oid))
  renameSync(files, `${files}.aside`)
  await rejects(query(first.url, 'select 1'), { code: '3D000' })
  const second = open(dataDir)
  await pause(300)
  renameSync(`${files}.aside`, files)
  deepEqual(await query((await second).url, 'select worth from coin'), [{ worth: 7 }])
})

test('postgres: killed itself: started again and recovered (D25)', async t => {
  const dataDir = dataFolder(t)
  const first = await open(dataDir)
  await query(first.url, 'create table coin as select 7 as worth')
  process.kill(first.pid, 'SIGKILL')

  const second = await open(dataDir)
  equal(second.adopted, false)
  notEqual(second.pid, first.pid)
  equal((await query(second.url, 'select worth from coin'))[0].worth, 7)
})

test('postgres: its old number belongs to another program: started all the same (D25)', async t => {
  const dataDir = dataFolder(t)
  const first = await open(dataDir)
  await first.stop()
  const cluster = join(homeOf(dataDir), 'cluster')
  // Of the same user as Postgres, so that Postgres itself could not tell.
  const account = statSync(cluster)
  const ids = root ? { uid: account.uid, gid: account.gid } : {}
  const bystander = spawn('sleep', ['1000'], { ...ids, stdio: 'ignore' })
  t.after(() => bystander.kill('SIGKILL'))
  await once(bystander, 'spawn')
  const words = `${bystander.pid}\n${cluster}\n1700000000\n`
  const rest = '1\n\n127.0.0.1\n        1         1\nready   \n'
  writeFileSync(join(cluster, 'postmaster.pid'), `${words}${rest}`, { mode: 0o644 })
  // A killed one leaves its socket's lock as well.
  const { port } = new URL(first.tcpUrl)
  const lock = join(homeOf(dataDir), 's', `.s.PGSQL.${port}.lock`)
  writeFileSync(lock, `${words}${port}\n`, { mode: 0o644 })
  equal((await open(dataDir)).adopted, false)
  equal(isAlive(bystander.pid ?? 0), true)
})

test('postgres: below a folder that only root may enter: kept elsewhere and found again (D20, D23)', {
  skip: !root && 'only root has such folders',
}, async t => {
  const dataDir = dataFolder(t, 0o700)
  const first = await open(dataDir)
  await query(first.url, 'create table coin as select 7 as worth')
  await first.stop()
  const home = homeOf(dataDir)
  notEqual(home, join(dataDir, 'pg'))
  notEqual(statSync(join(home, 'cluster')).uid, 0)
  const second = await open(dataDir)
  equal((await query(second.url, 'select worth from coin'))[0].worth, 7)
  await second.stop()

  rmSync(dataDir, { recursive: true })
  mkdirSync(dataDir, { mode: 0o700 })
  const anew = await open(dataDir)
  await rejects(query(anew.url, 'select worth from coin'), /does not exist/)
  equal(existsSync(home), false, 'a temporary folder that went takes its cluster with it')
})

test('postgres: the cluster kept elsewhere is gone: told, never begun anew in silence (D29)', async t => {
  const dataDir = dataFolder(t)
  mkdirSync(join(dataDir, 'pg'))
  writeFileSync(join(dataDir, 'pg', 'location'), join(dataDir, 'nowhere'))
  await rejects(openPostgres({ dataDir }), failure(/kept in .*nowhere, which is gone: restore/))
})

test('postgres: a path too long for a socket: it does without (D27)', async t => {
  const folder = dataFolder(t)
  const deep = join(folder, 'd'.repeat(100))
  const postgres = await open(deep)
  opened.set(folder, [postgres])
  equal(postgres.url, postgres.tcpUrl)
  equal((await query(postgres.url, 'select 1 as one'))[0].one, 1)
})

suite('postgres: while it runs', () => {
  const dataDir = dataFolder({ after })
  let postgres: EmbeddedPostgres
  before(async () => {
    postgres = await open(dataDir)
  })

  test('postgres: doors: loopback and socket only, no entry without the password (D27)', async () => {
    equal((await query(postgres.url, 'show listen_addresses'))[0].listen_addresses, '127.0.0.1')
    for (const url of [postgres.url, postgres.tcpUrl]) {
      await rejects(
        query(url.replace(/:[^:@]+@/, ':guess@'), 'select 1'),
        /password authentication/,
      )
    }
    match(postgres.url, /^postgres:\/\/laju:[\w-]{32}@%2F/)
    match(postgres.tcpUrl, /^postgres:\/\/laju:[\w-]{32}@127\.0\.0\.1:\d+\/laju$/)
  })

  test('postgres: settings: nothing acknowledged is kept in memory only (D28)', async () => {
    const { url } = postgres
    for (const name of ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums']) {
      equal((await query(url, `show ${name}`))[0][name], 'on', name)
    }
  })

  test('postgres: two users: the last one stops it (D26)', async () => {
    const second = await open(dataDir)
    equal(second.adopted, true)
    equal(second.pid, postgres.pid)
    equal(await postgres.stop(), false)
    equal((await query(second.url, 'select 1 as one'))[0].one, 1)
    equal(await second.stop(), true)
  })
})

test('postgres: a folder that cannot be written: one sentence (D29)', async t => {
  const file = join(dataFolder(t), 'file')
  writeFileSync(file, '')
  await rejects(openPostgres({ dataDir: file }), failure(/cannot be written \(\w+\): .*DATA_DIR/))
})

test('postgres: a full disk: one sentence (D29)', {
  skip: !existsSync('/dev/full') && 'needs a device that is always full',
}, async t => {
  const dataDir = dataFolder(t)
  mkdirSync(join(dataDir, 'pg'))
  symlinkSync('/dev/full', join(dataDir, 'pg', '.writable'))
  await rejects(openPostgres({ dataDir }), failure(/^The disk of .*pg is full: make room on it/))
  deepEqual(readdirSync(join(dataDir, 'pg')), [])
})

test('postgres: a cluster of another version: one sentence, nothing touched (D29)', async t => {
  const dataDir = dataFolder(t)
  const cluster = join(dataDir, 'pg', 'cluster')
  mkdirSync(cluster, { recursive: true })
  writeFileSync(join(cluster, 'PG_VERSION'), '17\n')
  await rejects(
    openPostgres({ dataDir }),
    failure(/made by Postgres 17 and this release brings Postgres 18: .*DATA_DIR/),
  )
  equal(readdirSync(cluster).join(), 'PG_VERSION')
})

test('postgres: damaged files: the reason it gave is in the sentence (D29)', async t => {
  const dataDir = dataFolder(t)
  await (await open(dataDir)).stop()
  rmSync(join(homeOf(dataDir), 'cluster', 'global', 'pg_control'))
  await rejects(openPostgres({ dataDir }), failure(/did not start \(.*\): see .*postgres\.log/))
})

test('postgres: binaries without their links: the links are restored (D22)', t => {
  const native = join(dataFolder(t), 'native')
  mkdirSync(join(native, 'lib'), { recursive: true })
  writeFileSync(join(native, 'lib', 'libpq.so.5.18'), '')
  writeFileSync(
    join(native, 'pg-symlinks.json'),
    JSON.stringify([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]),
  )
  for (const _ of ['missing', 'there already']) {
    equal(restoreLinks(native), true)
    ok(lstatSync(join(native, 'lib', 'libpq.so.5')).isSymbolicLink())
    ok(existsSync(join(native, 'lib', 'libpq.so.5')))
  }
})

function homeOf(dataDir: string): string {
  const location = join(dataDir, 'pg', 'location')
  return existsSync(location) ? readFileSync(location, 'utf8').trim() : join(dataDir, 'pg')
}

function failure(sentence: RegExp) {
  return (error: unknown) => {
    ok(error instanceof StartFailure, String(error))
    match(error.message, sentence)
    equal(error.exitCode, 2)
    return true
  }
}
