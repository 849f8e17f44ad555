import { deepEqual, equal, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { LookUps } from './look-ups.ts'

type Row = { readonly name: string; readonly n: number }
type Question = {
  readonly names: readonly string[]
  readonly answer: (rows: readonly Row[]) => void
  readonly fail: (cause: Error) => void
}

/** A database that answers when told to. */
function world() {
  const asked: Question[] = []
  const lookUps = new LookUps<Row>(
    names => new Promise((answer, fail) => asked.push({ names, answer, fail })),
    ({ name }) => name,
  )
  const rowsOf = (names: readonly string[], n = 1) => names.map(name => ({ name, n }))
  return { lookUps, asked, rowsOf }
}

const turn = () => new Promise(resolve => setImmediate(resolve))
const dataError = () => Object.assign(new Error('invalid byte sequence'), { code: '22021' })

test('look-ups: alone: asked at once; who comes meanwhile: together in the next (LUG1)', async () => {
  const { lookUps, asked, rowsOf } = world()
  const first = lookUps.of('a')
  const others = Promise.all(['b', 'c', 'b', 'd'].map(name => lookUps.of(name)))
  deepEqual(
    asked.map(({ names }) => names),
    [['a']],
  )
  asked[0]!.answer(rowsOf(['a']))
  deepEqual(await first, { name: 'a', n: 1 })
  await turn()
  deepEqual(asked[1]!.names, ['b', 'c', 'd'])
  asked[1]!.answer(rowsOf(['d', 'b']))
  deepEqual(
    (await others).map(row => row?.name ?? null),
    ['b', null, 'b', 'd'],
  )
  const last = lookUps.of('e')
  asked[2]!.answer([])
  equal(await last, null)
})

test('look-ups: very many: no more in one question than it may have (LUG1)', async () => {
  const { lookUps, asked, rowsOf } = world()
  const names = Array.from({ length: 1_201 }, (_, n) => `n${n}`)
  const found = Promise.all(names.map(name => lookUps.of(name)))
  for (let n = 0; n < 4; n++) {
    asked[n]!.answer(rowsOf(asked[n]!.names))
    await turn()
  }
  deepEqual(
    asked.map(question => question.names.length),
    [1, 500, 500, 200],
  )
  deepEqual(
    (await found).map(row => row!.name),
    names,
  )
})

test('look-ups: the same name after the question left: asked again, and told the newer (LUG2)', async () => {
  const { lookUps, asked, rowsOf } = world()
  const early = lookUps.of('a')
  const late = lookUps.of('a')
  asked[0]!.answer(rowsOf(['a'], 1))
  equal((await early)?.n, 1)
  await turn()
  asked[1]!.answer(rowsOf(['a'], 2))
  equal((await late)?.n, 2)
})

test('look-ups: a name that can not be read: the others of its question are found (LUG3)', async () => {
  const { lookUps, asked, rowsOf } = world()
  const first = lookUps.of('a')
  const [good, bad, other] = ['b', '\0', 'c'].map(name => lookUps.of(name))
  asked[0]!.answer(rowsOf(['a']))
  await first
  await turn()
  const spoilt = rejects(bad!, /invalid byte/)
  asked[1]!.fail(new Error('it was asked', { cause: dataError() }))
  await turn()
  asked[2]!.answer(rowsOf(['b']))
  await turn()
  asked[3]!.fail(dataError())
  await turn()
  asked[4]!.answer(rowsOf(['c']))
  equal((await good!)?.name, 'b')
  await spoilt
  equal((await other!)?.name, 'c')
  equal(asked.length, 5)
})

test('look-ups: the database is away: all of the question hear it, the next is asked (LUG1)', async () => {
  const { lookUps, asked, rowsOf } = world()
  const first = rejects(lookUps.of('a'), /down/)
  const next = [lookUps.of('b'), lookUps.of('c')].map(one => rejects(one, /down/))
  asked[0]!.fail(new Error('down'))
  await first
  await turn()
  asked[1]!.fail(new Error('down'))
  await Promise.all(next)
  const again = lookUps.of('a')
  asked[2]!.answer(rowsOf(['a']))
  equal((await again)?.name, 'a')
})
