import { equal } from 'node:assert/strict'
import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { scratchFolder } from './scratch.ts'

test('scratch: little memory, or no such folder: where all that is temporary goes (DSC1)', () => {
  equal(scratchFolder(tmpdir(), 4e9, '/elsewhere'), '/elsewhere')
  equal(scratchFolder('/no/such/folder', 64e9, '/elsewhere'), '/elsewhere')
})

test('scratch: much memory: the folder in it, if much may lie there (DSC1)', () => {
  const { blocks, bsize } = statfsSync(tmpdir())
  const expected = blocks * bsize < 6e9 ? '/elsewhere' : tmpdir()
  equal(scratchFolder(tmpdir(), 64e9, '/elsewhere'), expected)
})
