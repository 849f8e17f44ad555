/**
 * Who is using a folder, told by small files named after processes. A process that died without
 * cleaning up is recognised and counts for nothing.
 *
 * D24. At most one process holds a folder's lock, and a dead holder's lock is free; so is one that
 *      names nobody for seconds: its holder died, or found the disk full, before he had signed it.
 */

import {
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const pollMs = 20
const lockWaitMsMax = 120_000
/** Between making a lock and signing it there are microseconds. */
const unsignedMsMax = 5_000
let tickets = 0

/**
 * Runs `work` while no other process (and nobody else in this one) runs with this folder's lock.
 */
export async function withFolderLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, 'lock')
  const deadline = Date.now() + lockWaitMsMax
  while (!take(lock)) {
    if (Date.now() > deadline) throw new Error(`${lock} was not given free by its holder`)
    await pause(pollMs)
  }
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

/** Signs this process in as a user of the folder; the answer signs it out again. */
export function signIn(folder: string): () => void {
  const users = join(folder, 'users')
  mkdirSync(users, { recursive: true })
  const file = join(users, `${process.pid}-${++tickets}`)
  writeFileSync(file, self())
  return () => rmSync(file, { force: true })
}

/** How many living processes are signed in. The files of dead ones are swept. */
export function usersOf(folder: string): number {
  const users = join(folder, 'users')
  let alive = 0
  for (const name of readdirSync(users)) {
    if (lives(textOf(join(users, name)))) alive++
    else rmSync(join(users, name), { force: true })
  }
  return alive
}

function take(lock: string): boolean {
  const made = make(lock)
  if (made !== null) {
    sign(lock, made)
    return true
  }
  const holder = textOf(lock)
  if (holder === '' ? !isOld(lock) : lives(holder)) return false
  sweep(lock, holder)
  return false
}

/** Null when there is one. */
function make(lock: string): number | null {
  try {
    return openSync(lock, 'wx')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null
    throw error
  }
}

function sign(lock: string, made: number): void {
  try {
    writeFileSync(made, self())
  } catch (error) {
    rmSync(lock, { force: true })
    throw error
  } finally {
    closeSync(made)
  }
}

function isOld(lock: string): boolean {
  const { mtimeMs } = statSync(lock, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() }
  return Date.now() - mtimeMs > unsignedMsMax
}

/** Removes a dead holder's lock. If somebody took it in that instant, he gets it back. */
function sweep(lock: string, dead: string): void {
  const aside = `${lock}.${process.pid}`
  try {
    renameSync(lock, aside)
    if (textOf(aside) !== dead) linkSync(aside, lock)
  } catch {
    // Another process swept first.
  }
  rmSync(aside, { force: true })
}

function self(): string {
  return `${process.pid} ${bornAt(process.pid)}`
}

/** Process numbers are given again, so the time of birth is part of the name. */
function lives(who: string): boolean {
  const [pid, born] = who.split(' ')
  if (!isAlive(Number(pid))) return false
  return bornAt(Number(pid)) === born
}

export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Clock ticks since the machine's start, where the system tells; elsewhere always 0. */
function bornAt(pid: number): string {
  const stat = textOf(`/proc/${pid}/stat`)
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0'
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
