import { deepEqual, equal, match } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Listener } from '../../sql/changes.ts'
import type { Book } from './book.ts'
import { compile } from './compile.ts'
import { catalogue } from './rows.fixture.ts'
import { makeShelf } from './shelf.ts'

const bookOf = (fixed: number): Book => ({ ...compile(catalogue()), problems: [String(fixed)] })
const oldBook = bookOf(1)
const newBook = bookOf(2)

/** A shelf whose news, books and time come when the test says so. */
async function world(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const runs: { done: (book: Book) => void; fail: (error: Error) => void }[] = []
  let listener!: Listener
  const state = { hearing: true, stopped: false }
  const shelf = await makeShelf({
    source: {
      first: async () => oldBook,
      next: () =>
        new Promise((done, fail) => {
          runs.push({ done, fail })
        }),
      stop: async () => {
        state.stopped = true
      },
    },
    changes: {
      subscribe(subscriber) {
        listener = subscriber
        return () => {}
      },
      hearing: () => state.hearing,
    },
  })
  return {
    shelf,
    runs,
    state,
    change: (table = 'mapping') => listener.change({ table, key: null }),
    gap: () => listener.gap(),
    /** Lets time pass, then whatever was promised meanwhile settle. */
    async pass(ms: number) {
      t.mock.timers.tick(ms)
      await new Promise(setImmediate)
    },
  }
}

test('shelf: a burst of changes: one book, after a moment of quiet (C19)', async t => {
  const { runs, change, pass } = await world(t)
  for (let n = 0; n < 5; n++) {
    change()
    await pass(40)
  }
  equal(runs.length, 0)
  await pass(50)
  equal(runs.length, 1)
})

test('shelf: changes that never pause: are compiled all the same (C19)', async t => {
  const { runs, change, pass } = await world(t)
  for (let n = 0; n < 20; n++) {
    change()
    await pass(30)
  }
  equal(runs.length, 1)
})

test('shelf: changes while one is compiled: wait, and are all in the next (C19)', async t => {
  const { shelf, runs, change, pass } = await world(t)
  change()
  await pass(50)
  change()
  change()
  await pass(10_000)
  equal(runs.length, 1)
  runs[0]!.done(newBook)
  await pass(0)
  equal(shelf.version(), 2)
  await pass(50)
  equal(runs.length, 2)
  runs[1]!.done(newBook)
  await pass(10_000)
  equal(runs.length, 2)
})

test('shelf: a change of something else: is none of our business (C18)', async t => {
  const { runs, change, pass } = await world(t)
  change('client')
  await pass(10_000)
  equal(runs.length, 0)
})

test('shelf: a failing compilation: the old book stays, health says why (C20)', async t => {
  const { shelf, runs, change, pass } = await world(t)
  change()
  await pass(50)
  runs[0]!.fail(new Error('out of luck'))
  await pass(0)
  equal(shelf.book(), oldBook)
  equal(shelf.health().ok, false)
  match(shelf.health().reason ?? '', /version 1: compiling fails since 1970.+: out of luck/)

  await pass(2_000)
  equal(runs.length, 2)
  runs[1]!.done(newBook)
  await pass(0)
  equal(shelf.book(), newBook)
  equal(shelf.health().ok, true)
  deepEqual([shelf.stats().failures, shelf.stats().compilations], [1, 2])
  await pass(10_000)
  equal(runs.length, 2)
})

test('shelf: changes are not heard: health says that prices may be old (C20)', async t => {
  const { shelf, state } = await world(t)
  state.hearing = false
  deepEqual([shelf.health().ok, shelf.health().reason !== null], [false, true])
})

test('shelf: a gap in the news: compiled anew (C21)', async t => {
  const { runs, gap, pass } = await world(t)
  gap()
  await pass(50)
  equal(runs.length, 1)
})

test('shelf: book and version: change together (C22)', async t => {
  const { shelf, runs, change, pass } = await world(t)
  const next = shelf.nextVersion()
  change()
  await pass(50)
  deepEqual([shelf.book(), shelf.version()], [oldBook, 1])
  runs[0]!.done(newBook)
  equal(await next, 2)
  deepEqual([shelf.book(), shelf.version()], [newBook, 2])
})

test('shelf: stopped: nothing is compiled or swapped any more (C22)', async t => {
  const { shelf, runs, state, change, pass } = await world(t)
  change()
  await pass(50)
  const stopping = shelf.stop()
  runs[0]!.done(newBook)
  await stopping
  change()
  await pass(10_000)
  deepEqual([shelf.book(), shelf.version(), runs.length], [oldBook, 1, 1])
  equal(state.stopped, true)
})
