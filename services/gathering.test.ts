import { deepEqual, equal, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { Gathering } from './gathering.ts'

type Batch = {
  readonly items: readonly string[]
  /** Each item is answered with itself, and this behind it. */
  readonly answer: (behind?: string) => void
  readonly fail: (cause: Error) => void
}

/** A database that answers when told to. */
function world({ batchMax = 3, ...bounds }: { batchMax?: number; waitingMax?: number } = {}) {
  const batches: Batch[] = []
  const gathering = new Gathering<string, string>({
    carryOut: items =>
      new Promise((resolve, fail) => {
        const answer = (behind = '') => resolve(items.map(item => item + behind))
        batches.push({ items, answer, fail })
      }),
    ...{ batchMax, ...bounds },
  })
  const all = (items: readonly string[]) => items.map(item => gathering.carry(item))
  return { gathering, batches, all, left: () => batches.map(({ items }) => items) }
}

const turn = () => new Promise(resolve => setImmediate(resolve))
const refusal = () => Object.assign(new Error('invalid byte sequence'), { code: '22021' })

test('gathering: alone: carried at once; who comes meanwhile: in the next, as much as a batch may have, in order (GAT1)', async () => {
  const { gathering, batches, all, left } = world()
  const first = gathering.carry('a')
  await turn()
  const others = all(['b', 'c', 'd', 'e'])
  await turn()
  deepEqual(left(), [['a']])
  equal(gathering.depth, 4)
  for (const n of [0, 1, 2]) {
    batches[n]!.answer()
    await turn()
  }
  deepEqual(left(), [['a'], ['b', 'c', 'd'], ['e']])
  deepEqual(await Promise.all([first, ...others]), ['a', 'b', 'c', 'd', 'e'])
  const last = gathering.carry('f')
  await turn()
  batches[3]!.answer()
  equal(await last, 'f')
})

test('gathering: in one turn of the loop: together (GAT1)', async () => {
  const { batches, all, left } = world()
  const both = all(['a', 'b'])
  await turn()
  deepEqual(left(), [['a', 'b']])
  batches[0]!.answer()
  deepEqual(await Promise.all(both), ['a', 'b'])
})

test('gathering: the same after its batch left: carried again, and told the newer (GAT2)', async () => {
  const { gathering, batches } = world()
  const early = gathering.carry('a')
  await turn()
  const late = gathering.carry('a')
  batches[0]!.answer(' old')
  equal(await early, 'a old')
  await turn()
  batches[1]!.answer(' new')
  equal(await late, 'a new')
})

test('gathering: data that the database refuses: each by itself, and only its own is told (GAT3)', async () => {
  const { batches, all, left } = world()
  const [good, bad, other] = all(['a', '\0', 'b'])
  const told = rejects(bad!, /invalid byte/)
  await turn()
  batches[0]!.fail(new Error('it was asked', { cause: refusal() }))
  await turn()
  batches[1]!.answer()
  await turn()
  batches[2]!.fail(refusal())
  await turn()
  batches[3]!.answer()
  deepEqual([await good, await other], ['a', 'b'])
  await told
  deepEqual(left(), [['a', '\0', 'b'], ['a'], ['\0'], ['b']])
})

test('gathering: the database is away: all of the batch are told, nothing is done twice, the next goes (GAT3)', async () => {
  const { gathering, batches, all, left } = world()
  const told = all(['a', 'b']).map(one => rejects(one, /away/))
  await turn()
  batches[0]!.fail(new Error('the database is away'))
  await Promise.all(told)
  const next = gathering.carry('c')
  await turn()
  batches[1]!.answer()
  equal(await next, 'c')
  deepEqual(left(), [['a', 'b'], ['c']])
})

test('gathering: too many wait: refused at once, and those before are carried (GAT4)', async () => {
  const { gathering, batches, all } = world({ waitingMax: 2 })
  const first = gathering.carry('a')
  await turn()
  const others = all(['b', 'c'])
  await rejects(gathering.carry('d'), /no more are taken/)
  batches[0]!.answer()
  await first
  await turn()
  batches[1]!.answer()
  deepEqual(await Promise.all(others), ['b', 'c'])
})

test('gathering: rest: over when all of before is, also where it failed (GAT1)', async () => {
  const { gathering, batches } = world()
  await gathering.rest()
  const failed = rejects(gathering.carry('a'), /away/)
  let isOver = false
  const rest = gathering.rest().then(() => {
    isOver = true
  })
  await turn()
  equal(isOver, false)
  batches[0]!.fail(new Error('away'))
  await Promise.all([failed, rest])
})
