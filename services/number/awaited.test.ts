import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Awaited } from './awaited.ts'
import type { Known } from './view.ts'

const state = (phase: string) => ({ phase }) as Known
const isOver = ({ phase }: Known) => phase !== 'buying'

test('awaited: it ends with the line that it waits for, or with its time (NVF1)', async () => {
  const awaited = new Awaited()
  let over = 0
  const both = ['a', 'a'].map(id => awaited.until(id, 60_000, isOver).then(() => over++))
  awaited.heard('b', state('waiting'))
  awaited.heard('a', state('buying'))
  await Promise.resolve()
  equal(over, 0)
  awaited.heard('a', state('waiting'))
  await Promise.all(both)
  equal(over, 2)
  await awaited.until('a', 1, isOver)
})
