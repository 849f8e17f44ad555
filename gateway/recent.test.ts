import { deepEqual, equal, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { Recent } from './recent.ts'

function stage() {
  const clock = { ms: 1_000_000 }
  const asked: PromiseWithResolvers<string>[] = []
  const find = () => {
    const one = Promise.withResolvers<string>()
    asked.push(one)
    return one.promise
  }
  return { clock, asked, recent: new Recent(find, () => clock.ms) }
}

test('recent: what was found quickly is as fresh as it is asked for (REC1)', async () => {
  const { clock, asked, recent } = stage()
  const first = recent.read(0)
  asked[0]!.resolve('one')
  equal(await first, 'one')
  clock.ms += 500
  equal(await recent.read(1_000), 'one')
  const second = recent.read(0)
  asked[1]!.resolve('two')
  equal(await second, 'two')
  equal(asked.length, 2)
})

test('recent: what is slow to find is kept ten times as long, and asked once (REC1, REC2)', async () => {
  const { clock, asked, recent } = stage()
  const first = recent.read(0)
  clock.ms += 300
  const meanwhile = recent.read(0)
  asked[0]!.resolve('slow')
  deepEqual(await Promise.all([first, meanwhile]), ['slow', 'slow'])
  equal(asked.length, 1)
  clock.ms += 2_600
  equal(await recent.read(0), 'slow')
  clock.ms += 101
  const later = recent.read(0)
  asked[1]!.resolve('newer')
  equal(await later, 'newer')
})

test('recent: what failed is asked again (REC3)', async () => {
  const { asked, recent } = stage()
  const first = recent.read(60_000)
  asked[0]!.reject(new Error('away'))
  await rejects(first, /away/)
  const second = recent.read(60_000)
  asked[1]!.resolve('back')
  equal(await second, 'back')
})

test('recent: a fault that took long to tell: asked again, not told for minutes (REC3)', async () => {
  const clock = { ms: 1_000_000 }
  const answers = [{ fault: 'journal.unavailable' }, { ok: 7 }]
  const find = async () => {
    clock.ms += 15_000
    return answers.shift()!
  }
  const recent = new Recent(find, () => clock.ms)
  deepEqual(await recent.read(1_000), { fault: 'journal.unavailable' })
  clock.ms += 1_000
  deepEqual(await recent.read(1_000), { ok: 7 })
})
