import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { LookUps } from './look-ups.ts'

/** A table that has every name but those that begin with an x. */
function table() {
  const questions: (readonly string[])[] = []
  const lookUps = new LookUps(
    async names => {
      questions.push(names)
      const there = names.filter(name => !name.startsWith('x'))
      // In an order of its own.
      return there.map(name => ({ name })).reverse()
    },
    ({ name }) => name,
  )
  return { questions, ask: (names: readonly string[]) => names.map(name => lookUps.of(name)) }
}

test('look-ups: at once: asked together, each name once; nobody of that name: null (LUG1)', async () => {
  const { questions, ask } = table()
  const found = await Promise.all(ask(['b', 'xu', 'b', 'd']))
  deepEqual(
    found.map(row => row?.name ?? null),
    ['b', null, 'b', 'd'],
  )
  deepEqual(questions, [['b', 'xu', 'd']])
})

test('look-ups: very many: no more in one question than it may have (LUG1)', async () => {
  const { questions, ask } = table()
  const names = Array.from({ length: 1_201 }, (_, n) => `n${n}`)
  const found = await Promise.all(ask(names))
  deepEqual(
    found.map(row => row?.name),
    names,
  )
  deepEqual(
    questions.map(({ length }) => length),
    [500, 500, 201],
  )
})
