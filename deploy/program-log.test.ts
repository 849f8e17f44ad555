import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { bounded } from './program-log.ts'

test('log: a few lines of each kind in a second, and how many were left out (DX6)', () => {
  let ms = 500
  const lines: [what: string, more: object | undefined][] = []
  const log = bounded((_level, what, more) => void lines.push([what, more]), {
    ...{ most: 2, now: () => ms },
  })
  for (let n = 0; n < 5; n++) log('error', 'write failed', { n })
  log('warn', 'something else')
  deepEqual(lines.splice(0), [
    ['write failed', { n: 0 }],
    ['write failed', { n: 1 }],
    ['something else', undefined],
  ])
  ms = 999
  log('error', 'write failed', { n: 5 })
  deepEqual(lines.splice(0), [])
  ms = 1_000
  for (let n = 6; n < 9; n++) log('error', 'write failed', { n })
  deepEqual(lines.splice(0), [
    ['write failed', { n: 6, omitted: 4 }],
    ['write failed', { n: 7 }],
  ])
  ms = 60_000
  log('error', 'write failed')
  log('warn', 'something else', { n: 9 })
  deepEqual(lines, [
    ['write failed', { omitted: 1 }],
    ['something else', { n: 9 }],
  ])
})
