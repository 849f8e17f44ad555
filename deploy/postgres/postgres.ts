/**
 * The embedded Postgres: made on the first start, found again on every later one.
 *
 * It runs as a process of its own that outlives us. A `kill -9` of the engine leaves it running
 * with warm memory, and the next start takes it over at once. Only a clean stop of its last user
 * stops it.
 *
 *   DATA_DIR/pg/   password, log, lock, users, and "location" when the cluster has to live
 *   elsewhere home/          cluster/ (Postgres's own), s/ (its socket); home is DATA_DIR/pg
 *   whenever Postgres's
 *                  account may enter it, else a folder below /var/lib/laju or the temporary folder
 *
 * D25. A healthy Postgres of the same folder is adopted, never started twice; a killed one is
 *      started again and recovers by its own log.
 * D26. It is stopped by the last process that uses it, and by no other.
 * D27. It listens on the loopback address and on a socket only, and asks for a generated password.
 * D28. What was acknowledged is on disk: fsync, synchronous_commit and full_page_writes are on.
 * D29. What it cannot do is told in one sentence that says what to do: a folder that cannot be
 *      written, a full disk, a cluster of another version, a cluster that went missing.
 */

import { spawn, spawnSync } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import {
  appendFileSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { isAlive, signIn, usersOf, withFolderLock } from '../folder-lock.ts'
import { StartFailure } from '../start-failure.ts'
import { type Account, makeOpen, makeOwned, mayEnter, postgresAccount } from './account.ts'
import { type Binaries, postgresBinaries } from './binaries.ts'

export type EmbeddedPostgres = {
  /** By the socket where there is one, which is faster; understood by pg, Slonik and psql. */
  readonly url: string
  /** By 127.0.0.1, for tools that know no sockets. */
  readonly tcpUrl: string
  readonly version: string
  /** It was running already, left by an earlier process or in use by another. */
  readonly adopted: boolean
  /** Process number of the postmaster. */
  readonly pid: number
  /** Whether it works still. Where nobody buries the dead their number stays: that is no answer. */
  isUp(): boolean
  /** Gives it up; stops it if nobody else uses it and tells whether it did. */
  stop(): Promise<boolean>
}

export type PostgresOptions = {
  readonly dataDir: string
  readonly log?: (sentence: string) => void
  /** Over the settings below, for tests. */
  readonly config?: Readonly<Record<string, string>>
}

const user = 'laju'
const database = 'laju'
const pollMs = 10
/** What Postgres calls it, also when it can't even greet us. */
const diskFull = '53100'
const duplicateDatabase = '42P04'
const startMsMax = 120_000
const stopMsMax = 60_000
const startTriesMax = 3
const portTriesMax = 1_000
const firstPort = 15_000
const endPort = 32_000
const leaveMsMax = 60_000
const logBytesMax = 16 << 20
/** What the kernel's address of a socket can hold, less Postgres's own file name. */
const socketFolderBytesMax = 107 - '/.s.PGSQL.65535.lock'.length

/** Modest in memory, patient with checkpoints, strict about what is durable. */
const config = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_compression: 'on', // lz4 would be better; these binaries are built without it
  wal_buffers: '16MB',
  min_wal_size: '512MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  checkpoint_completion_target: '0.9',
  shared_buffers: '256MB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  max_connections: '50',
  random_page_cost: '1.1',
  jit: 'off',
  autovacuum: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  cluster_name: 'laju',
}

export async function openPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const log = options.log ?? (() => {})
  const keep = join(options.dataDir, 'pg')
  const account = postgresAccount()
  makeKeep(keep)
  return await withFolderLock(keep, async () => {
    const home = realpathSync(findHome(keep, account))
    const place: Place = { keep, home, cluster: join(home, 'cluster'), account }
    const signOut = signIn(keep)
    try {
      const found = await findRunning(place)
      const binaries = found ?? postgresBinaries(account, () => awayFolder(account))
      if (found === undefined) await makeCluster(place, binaries as Binaries, log)
      const running = found ?? (await start(place, binaries as Binaries, options.config ?? {}))
      log(
        found === undefined
          ? `Postgres ${running.version} started on port ${running.port}`
          : `Postgres ${running.version} was running on port ${running.port} and is taken over`,
      )
      return {
        url: addressOf(running, place, running.socketFolder),
        tcpUrl: addressOf(running, place, ''),
        version: running.version,
        adopted: found !== undefined,
        pid: running.pid,
        isUp: () =>
          process.platform === 'linux'
            ? isMasterOf(running.pid, place.cluster)
            : isAlive(running.pid),
        stop: () => giveUp(place, running.pid, signOut),
      }
    } catch (error) {
      signOut()
      throw error
    }
  })
}

type Place = {
  readonly keep: string
  readonly home: string
  readonly cluster: string
  readonly account: Account | null
}

/** What Postgres writes of itself into postmaster.pid. */
type Postmaster = {
  readonly pid: number
  readonly port: number
  readonly socketFolder: string
  readonly status: string
}

type Running = Postmaster & { readonly version: string }

function makeKeep(keep: string): void {
  const trial = join(keep, '.writable')
  try {
    mkdirSync(keep, { recursive: true })
    // A full disk takes an empty file.
    writeFileSync(trial, '\n')
    // Somebody else may have tried, and swept, in the same instant.
    rmSync(trial, { force: true })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOSPC') {
      rmSync(trial, { force: true })
      throw full(keep, cause)
    }
    throw new StartFailure(
      `The folder ${keep} cannot be written (${(cause as NodeJS.ErrnoException).code}): ` +
        'give this user the right to, or set DATA_DIR to another folder.',
      { cause },
    )
  }
}

/** Where the cluster is or shall be. Once told it is never changed: money lies there. */
function findHome(keep: string, account: Account | null): string {
  const location = join(keep, 'location')
  if (existsSync(location)) {
    const home = textOf(location)
    if (existsSync(home)) return home
    // Never silently anew: an empty ledger instead of a lost one would look like no money at all.
    throw new StartFailure(
      `The database of ${keep} was kept in ${home}, which is gone: restore that folder, ` +
        'or delete the data folder to begin anew.',
    )
  }
  if (existsSync(join(keep, 'cluster')) || mayEnter(realpathSync(keep), account)) return keep
  const away = awayFolder(account)
  sweepOrphans(away)
  const home = join(away, randomBytes(8).toString('hex'))
  makeOpen(home)
  writeFileSync(location, `${home}\n`)
  writeFileSync(join(home, 'belongs-to'), `${keep}\n`)
  return home
}

/**
 * Clusters whose data folder was deleted: they are stopped. Their files go too if the data folder
 * was a temporary one; otherwise it may only be a disk that is not mounted, and they stay.
 */
function sweepOrphans(away: string): void {
  for (const name of readdirSync(away)) {
    const home = join(away, name)
    const owner = textOf(join(home, 'belongs-to'))
    if (owner === '' || textOf(join(owner, 'location')) === home) continue
    const cluster = join(realpathSync(home), 'cluster')
    const master = readPostmaster(cluster)
    const temporary = owner.startsWith(`${tmpdir()}/`)
    if (master !== undefined && isMasterOf(master.pid, cluster)) {
      process.kill(master.pid, temporary ? 'SIGQUIT' : 'SIGINT')
    }
    if (temporary) rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** A folder that the account may enter, for what cannot lie in the data folder. */
function awayFolder(account: Account | null): string {
  for (const folder of ['/var/lib/laju', join(tmpdir(), 'laju'), '/tmp/laju']) {
    try {
      makeOpen(folder)
      if (mayEnter(folder, account)) return folder
    } catch {
      // Not this one, then.
    }
  }
  throw new StartFailure(
    'Postgres cannot run as root and finds no folder that its own account may enter: ' +
      'run Laju as another user, or set DATA_DIR to a folder that everybody may enter.',
  )
}

/** A postmaster of this cluster that answers, waiting while it starts or recovers. */
async function findRunning(place: Place): Promise<Running | undefined> {
  const deadline = Date.now() + startMsMax
  for (;;) {
    const master = readPostmaster(place.cluster)
    if (master === undefined) return undefined
    if (!isMasterOf(master.pid, place.cluster)) {
      disownStalePid(place, master.pid)
      return undefined
    }
    const version = master.status === 'ready' ? await greet(place, master) : undefined
    if (version !== undefined) return { ...master, version }
    if (Date.now() > deadline) throw silent(place)
    await pause(pollMs)
  }
}

async function makeCluster(place: Place, binaries: Binaries, log: Log): Promise<void> {
  if (existsSync(place.cluster)) {
    const made = Number.parseInt(readFileSync(join(place.cluster, 'PG_VERSION'), 'utf8'), 10)
    if (made === binaries.major) return
    throw new StartFailure(
      `The database in ${place.cluster} was made by Postgres ${made} and this release brings ` +
        `Postgres ${binaries.major}: use the release that made it (its backup can be restored ` +
        'here), or set DATA_DIR to another folder.',
    )
  }
  log(`making the database in ${place.cluster}`)
  const draft = `${place.cluster}.new`
  rmSync(draft, { recursive: true, force: true })
  makeOwned(draft, place.account, 0o700)
  const password = passwordOf(place) ?? newPassword(place)
  const passwordFile = join(place.home, 'password.new')
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
  own(passwordFile, place.account)
  run(place, binaries.initdb, [
    `--pgdata=${draft}`,
    `--username=${user}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    '--no-sync',
  ])
  rmSync(passwordFile)
  appendFileSync(join(draft, 'postgresql.conf'), "\ninclude_if_exists 'laju.conf'\n")
  run(place, binaries.initdb, [`--pgdata=${draft}`, '--sync-only'])
  renameSync(draft, place.cluster)
}

async function start(place: Place, binaries: Binaries, over: Config): Promise<Running> {
  const socketFolder = join(place.home, 's')
  makeOwned(socketFolder, place.account, 0o700)
  // A killed one leaves a lock here that names its number, which may be somebody else's by now.
  for (const stale of readdirSync(socketFolder)) rmSync(join(socketFolder, stale))
  const logFile = join(place.keep, 'postgres.log')
  const deadline = Date.now() + leaveMsMax
  // At its old address, if that can be had: who lost a killed one finds the next one there.
  let port = await freePort(oldPort(place))
  for (let tries = 1; ; tries++) {
    writeConfig(place, {
      ...config,
      listen_addresses: '127.0.0.1',
      port: String(port),
      unix_socket_directories: socketFits(socketFolder) ? socketFolder : '',
      unix_socket_permissions: '0700',
      ...over,
    })
    if (sizeOf(logFile) > logBytesMax) renameSync(logFile, `${logFile}.1`)
    const logFrom = sizeOf(logFile)
    const running = await launch(place, binaries, logFile)
    if (typeof running === 'object') return running
    const words = readFileSync(logFile, 'utf8').slice(logFrom)
    if (words.includes('could not create any TCP/IP sockets') && tries < startTriesMax) {
      port = await freePort()
      continue
    }
    // A stray kill amid the start: the next one recovers what this one would have.
    if (running === 'killed' && tries < startTriesMax) continue
    // A postmaster was killed and its servants are still leaving.
    if (words.includes('is still in use') && Date.now() < deadline) {
      await pause(5 * pollMs)
      continue
    }
    if (words.includes('No space left on device')) throw full(place.cluster, new Error(words))
    const last = /(?:FATAL|PANIC): {2}(.*)/.exec(words)?.[1] ?? 'it gave no reason'
    throw new StartFailure(
      `Embedded Postgres did not start (${last}): see ${logFile}, or set DATABASE_URL.`,
    )
  }
}

/** A word when the process ended before it answered. */
async function launch(place: Place, binaries: Binaries, logFile: string) {
  const output = openSync(logFile, 'a')
  const child = spawn(binaries.postgres, ['-D', place.cluster], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', output, output],
    env: cleanEnvironment(),
    ...place.account,
  })
  let ended = undefined as 'left' | 'killed' | undefined
  child.once('exit', (_, signal) => (ended = signal === null ? 'left' : 'killed'))
  child.once('error', () => (ended = 'left'))
  child.unref()
  closeSync(output)
  const deadline = Date.now() + startMsMax
  while (ended === undefined) {
    const master = readPostmaster(place.cluster)
    if (master?.pid === child.pid && master?.status === 'ready') {
      const version = await greet(place, master)
      if (version !== undefined) return { ...master, version }
    }
    if (Date.now() > deadline) throw silent(place)
    await pause(pollMs)
  }
  return ended
}

async function giveUp(place: Place, pid: number, signOut: () => void): Promise<boolean> {
  if (!existsSync(place.keep)) {
    // Somebody deleted the data folder under us: there is nothing left to write to.
    if (isMasterOf(pid, place.cluster)) process.kill(pid, 'SIGQUIT')
    return true
  }
  return await withFolderLock(place.keep, async () => {
    signOut()
    if (usersOf(place.keep) > 0) return false
    await stopMaster(place, pid)
    return true
  })
}

/** Fast shutdown; a postmaster that does not heed it is ended hard, which it recovers from. */
async function stopMaster(place: Place, pid: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!isMasterOf(pid, place.cluster)) return
    process.kill(pid, signal)
    const deadline = Date.now() + stopMsMax
    while (Date.now() < deadline) {
      if (!isMasterOf(pid, place.cluster)) return
      await pause(pollMs)
    }
  }
}

/** Connects, makes the database on the first time, and answers the server's version. */
async function greet(place: Place, master: Postmaster): Promise<string | undefined> {
  const address = addressOf(master, place, master.socketFolder)
  try {
    return await versionAt(address)
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === '3D000') {
      await createDatabase(new URL(address).href.replace(/\/[^/]*$/, '/postgres'))
      return undefined
    }
    if (code === '28P01') {
      throw new StartFailure(
        `The password in ${join(place.keep, 'password')} is not the database's own: restore that file.`,
        { cause: error },
      )
    }
    if (code === diskFull) throw full(place.cluster, error)
    // Starting, stopping, or gone in this instant: the caller looks again.
    return undefined
  }
}

async function versionAt(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query('show server_version')
    return rows[0].server_version
  } finally {
    await client.end()
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  try {
    await client.connect()
    await client.query(`create database ${database}`)
  } catch (error) {
    // It is there, and its files are out of sight: the caller looks again.
    if ((error as { code?: string }).code !== duplicateDatabase) throw error
  } finally {
    await client.end()
  }
}

function readPostmaster(cluster: string): Postmaster | undefined {
  let lines: string[]
  try {
    lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return undefined
  }
  const pid = Math.abs(Number(lines[0]))
  return {
    pid,
    port: Number(lines[3]),
    socketFolder: lines[4]?.trim() ?? '',
    status: lines[7]?.trim() ?? '',
  }
}

/** A postmaster works inside its cluster's folder; a number that was given again does not. */
function isMasterOf(pid: number, cluster: string): boolean {
  if (!isAlive(pid)) return false
  if (process.platform === 'linux') {
    try {
      return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '') === cluster
    } catch {
      return false
    }
  }
  const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.includes(cluster)
}

/**
 * After a crash the number in postmaster.pid may belong to somebody else, and Postgres would not
 * start beside it. It does not mind its own parent's, and then still checks its shared memory.
 */
function disownStalePid({ cluster }: Place, pid: number): void {
  if (!isAlive(pid)) return
  const file = join(cluster, 'postmaster.pid')
  const [, ...rest] = readFileSync(file, 'utf8').split('\n')
  writeFileSync(file, [process.pid, ...rest].join('\n'))
}

function writeConfig(place: Place, settings: Config): void {
  const file = join(place.cluster, 'laju.conf')
  const lines = Object.entries(settings).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`,
  )
  writeFileSync(
    file,
    `# Written at every start; use ALTER SYSTEM to override.\n${lines.join('\n')}\n`,
  )
  own(file, place.account)
}

function addressOf(master: Postmaster, place: Place, socketFolder: string): string {
  const host = socketFolder === '' ? '127.0.0.1' : encodeURIComponent(socketFolder)
  return `postgres://${user}:${passwordOf(place)}@${host}:${master.port}/${database}`
}

function passwordOf({ keep }: Place): string | undefined {
  return textOf(join(keep, 'password')) || undefined
}

function newPassword({ keep }: Place): string {
  const password = randomBytes(24).toString('base64url')
  writeFileSync(join(keep, 'password'), `${password}\n`, { mode: 0o600 })
  return password
}

function run(place: Place, program: string, args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: '/',
    encoding: 'utf8',
    env: cleanEnvironment(),
    ...place.account,
  })
  if (status === 0) return
  const said = `${stdout ?? ''}${stderr ?? ''}`
  const words = /error: (.*)/.exec(said)?.[1] ?? error?.message ?? 'it gave no reason'
  throw new StartFailure(
    `Embedded Postgres could not make its database in ${place.home} (${words}): ` +
      'set DATA_DIR to another folder, or set DATABASE_URL.',
  )
}

/** Postgres reads PG* of its environment; ours is not meant for it. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(PG|LC_|LANG|NODE_|npm_)/.test(name),
  )
  return { ...Object.fromEntries(kept), LC_ALL: 'C' }
}

function own(file: string, account: Account | null): void {
  if (account !== null) chownSync(file, account.uid, account.gid)
}

function socketFits(folder: string): boolean {
  return Buffer.byteLength(folder) <= socketFolderBytesMax && !folder.includes(',')
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** 0 when it never had one. */
function oldPort({ cluster }: Place): number {
  return Number(/^port = '(\d+)'$/m.exec(textOf(join(cluster, 'laju.conf')))?.[1] ?? 0)
}

/**
 * The wanted one if it is free, or any: below those that systems hand to outgoing connections, so
 * that nobody has it by chance when a killed Postgres is started again at its address.
 */
async function freePort(wanted = 0): Promise<number> {
  if (wanted !== 0 && (await isFree(wanted))) return wanted
  for (let tries = 0; tries < portTriesMax; tries++) {
    const port = randomInt(firstPort, endPort)
    if (await isFree(port)) return port
  }
  throw new StartFailure('Embedded Postgres found no free port: set DATABASE_URL.')
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

function silent(place: Place): StartFailure {
  return new StartFailure(
    `Embedded Postgres in ${place.cluster} does not answer: see ${join(place.keep, 'postgres.log')}.`,
  )
}

function full(folder: string, cause: unknown): StartFailure {
  return new StartFailure(
    `The disk of ${folder} is full: make room on it, then start again; nothing is lost.`,
    { cause },
  )
}

type Log = (sentence: string) => void
type Config = Readonly<Record<string, string>>
