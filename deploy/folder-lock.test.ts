import { deepEqual, equal } from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { signIn, usersOf, withFolderLock } from './folder-lock.ts'

/** Above every process number that a kernel gives. */
const deadPid = 2 ** 30

test('folder lock: many at once: one after the other, and nothing is left (D24)', async t => {
  const folder = temporary(t)
  let inside = 0
  const seen: number[] = []
  const work = async () => {
    inside++
    seen.push(inside)
    await new Promise(setImmediate)
    inside--
  }
  await Promise.all([1, 2, 3, 4].map(() => withFolderLock(folder, work)))
  deepEqual(seen, [1, 1, 1, 1])
  deepEqual(readdirSync(folder), [])
})

test('folder lock: the holder died: the lock is free (D24)', async t => {
  const folder = temporary(t)
  writeFileSync(join(folder, 'lock'), `${deadPid} 1`)
  equal(await withFolderLock(folder, async () => 'in'), 'in')
})

test('folder lock: the number was given to a later process: the lock is free (D24)', {
  skip: process.platform !== 'linux' && 'only Linux tells when a process was born',
}, async t => {
  const folder = temporary(t)
  writeFileSync(join(folder, 'lock'), `${process.pid} 1`)
  equal(await withFolderLock(folder, async () => 'in'), 'in')
})

test('folder lock: nobody signed it, as on a full disk: free after a while (D24)', async t => {
  const folder = temporary(t)
  const lock = join(folder, 'lock')
  writeFileSync(lock, '')
  const longAgo = Date.now() / 1_000 - 60
  utimesSync(lock, longAgo, longAgo)
  equal(await withFolderLock(folder, async () => 'in'), 'in')
  deepEqual(readdirSync(folder), [])
})

test('folder lock: the work failed: the lock is free again (D24)', async t => {
  const folder = temporary(t)
  const failed = withFolderLock(folder, () => Promise.reject(new Error('no')))
  equal(await failed.catch(error => error.message), 'no')
  equal(await withFolderLock(folder, async () => 'in'), 'in')
})

test('folder users: the living are counted, the dead swept (D24)', t => {
  const folder = temporary(t)
  const [first, second] = [signIn(folder), signIn(folder)]
  writeFileSync(join(folder, 'users', `${deadPid}-1`), `${deadPid} 1`)
  equal(usersOf(folder), 2)
  first()
  second()
  equal(usersOf(folder), 0)
  deepEqual(readdirSync(join(folder, 'users')), [])
})

function temporary(t: { after(work: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'laju-lock-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}
