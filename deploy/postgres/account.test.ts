import { equal, notEqual } from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeOpen, mayEnter, mayRead, postgresAccount } from './account.ts'

const stranger = { uid: 54_321, gid: 54_321 }

test('postgres account: root does not run Postgres, others do themselves (D20)', () => {
  const account = postgresAccount()
  if (userInfo().uid === 0) notEqual(account?.uid, 0)
  else equal(account, null)
})

test('postgres account: a folder below one that is closed to it cannot be entered (D21)', t => {
  const root = mkdtempSync(join(tmpdir(), 'laju-enter-'))
  t.after(() => rmSync(root, { recursive: true }))
  const inner = join(root, 'inner')
  mkdirSync(inner)
  const file = join(inner, 'file')
  writeFileSync(file, '')

  chmodSync(root, 0o755)
  chmodSync(inner, 0o755)
  chmodSync(file, 0o644)
  equal(mayEnter(inner, stranger), true)
  equal(mayRead(file, stranger), true)
  chmodSync(file, 0o600)
  equal(mayRead(file, stranger), false)
  chmodSync(root, 0o700)
  equal(mayEnter(inner, stranger), false)
  equal(mayEnter(inner, null), true, 'as ourselves there is nothing to ask')
})

test('postgres account: what is made for it, it may enter, with the umask of a hardened server (D38)', t => {
  const root = mkdtempSync(join(tmpdir(), 'laju-open-'))
  const umask = process.umask(0o077)
  t.after(() => {
    process.umask(umask)
    rmSync(root, { recursive: true })
  })
  chmodSync(root, 0o755)
  const inner = join(root, 'one', 'two')
  makeOpen(inner)
  equal(mayEnter(inner, stranger), true)

  // Made by a version that left it closed.
  chmodSync(inner, 0o700)
  makeOpen(inner)
  equal(mayEnter(inner, stranger), true)
})
