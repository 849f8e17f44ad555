import { equal, ok, throws } from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { makeFolder, proveWritable } from './folder.ts'

function temporary(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'laju-folder-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

test('folder: several are missing: all are made, and again is nothing new (FOM1)', t => {
  const path = join(temporary(t), 'a', 'b', 'c')
  makeFolder(path)
  makeFolder(path)
  equal(existsSync(path), true)
  proveWritable(path)
  equal(readdirSync(path).length, 0, 'nothing is left of the proof')
})

test('folder: below a file: the reason is thrown (FOM1)', t => {
  const file = join(temporary(t), 'file')
  writeFileSync(file, '')
  throws(() => makeFolder(join(file, 'a', 'b')), { code: 'ENOTDIR' })
  throws(() => proveWritable(file), { code: 'ENOTDIR' })
})

test('folder: where there can be none: an answer, not a wait without end (FOM1, FOM2)', t => {
  if (!existsSync('/proc/self')) return t.skip('there is no /proc here')
  for (const path of ['/proc/laju', '/proc/laju/deep/down']) {
    throws(() => makeFolder(path), { code: 'ENOENT' }, path)
  }
  makeFolder('/proc')
  throws(
    () => proveWritable('/proc'),
    ({ code }: NodeJS.ErrnoException) => {
      ok(code === 'ENOENT' || code === 'EACCES', code)
      return true
    },
  )
})
