/**
 * Postgres refuses to run as root. When we are root (a container, a fresh server) it runs as an
 * account without rights, and everything it touches must lie where that account may go.
 *
 * D20. Root never runs Postgres itself: an account named postgres does, made when it is missing, or
 *      else nobody. Anyone but root runs it as himself.
 * D21. A folder may be entered when it and every folder above it let the account pass.
 * D38. What we make for the account it may enter, whatever umask root was given.
 */

import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'

export type Account = { readonly uid: number; readonly gid: number }

/** The account that Postgres runs as; null means: as we are. */
export function postgresAccount(): Account | null {
  if (process.getuid?.() !== 0) return null
  const known = accountNamed('postgres')
  if (known !== undefined) return known
  createAccount()
  return accountNamed('postgres') ?? accountNamed('nobody') ?? { uid: 65_534, gid: 65_534 }
}

export function mayEnter(folder: string, account: Account | null): boolean {
  if (account === null) return true
  for (let at = folder; ; at = dirname(at)) {
    if (!permits(statSync(at), account, 0o1)) return false
    if (at === dirname(at)) return true
  }
}

export function mayRead(file: string, account: Account | null): boolean {
  if (account === null) return true
  return mayEnter(dirname(file), account) && permits(statSync(file), account, 0o4)
}

/** Makes a folder that anybody may enter, also under a umask that closes what root makes. */
export function makeOpen(folder: string): void {
  const first = mkdirSync(folder, { recursive: true })
  const ours = statSync(folder).uid === process.getuid?.()
  if (ours) chmodSync(folder, 0o755)
  if (first === undefined) return
  for (let at = folder; at !== first; ) {
    at = dirname(at)
    chmodSync(at, 0o755)
  }
}

/** Makes a folder that belongs to the account. */
export function makeOwned(folder: string, account: Account | null, mode: number): void {
  mkdirSync(folder, { recursive: true, mode })
  if (account !== null) chownSync(folder, account.uid, account.gid)
}

function permits(stat: Stats, account: Account, bit: number): boolean {
  if (stat.uid === account.uid) return (stat.mode & (bit << 6)) !== 0
  if (stat.gid === account.gid) return (stat.mode & (bit << 3)) !== 0
  return (stat.mode & bit) !== 0
}

function accountNamed(name: string): Account | undefined {
  try {
    for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
      const [user, , uid, gid] = line.split(':')
      if (user === name && Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) }
    }
  } catch {
    // A machine without that file has no such account.
  }
  return undefined
}

/** Debian and Red Hat know useradd, Alpine adduser. If neither does, there is still nobody. */
function createAccount(): void {
  const quiet = { stdio: 'ignore' } as const
  const made = spawnSync(
    'useradd',
    ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'],
    quiet,
  )
  if (made.status !== 0) spawnSync('adduser', ['-S', '-D', '-H', 'postgres'], quiet)
}
