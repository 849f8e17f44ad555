import { deepEqual, equal, rejects } from 'node:assert/strict'
import { test } from 'node:test'
import { Turns } from './turns.ts'

/** Work whose runs end when the test says so. */
const stage = () => {
  const runs: PromiseWithResolvers<void>[] = []
  let under = 0
  let most = 0
  const turns = new Turns(async () => {
    most = Math.max(most, ++under)
    const run = Promise.withResolvers<void>()
    runs.push(run)
    await run.promise.finally(() => under--)
  })
  return { turns, runs, most: () => most }
}
/** What was resolved already has had its turn. */
const settle = () => new Promise<void>(resolve => void setImmediate(resolve))

test('turns: asked during a run: the next run serves them all, and no two run at once (TUR1, TUR2)', async () => {
  const { turns, runs, most } = stage()
  const order: string[] = []
  const first = turns.ask().then(() => order.push('first'))
  const late = [turns.ask(), turns.ask()].map(one => one.then(() => order.push('late')))
  equal(runs.length, 1)
  runs[0]!.resolve()
  await first
  await settle()
  deepEqual([order, runs.length], [['first'], 2])
  runs[1]!.resolve()
  await Promise.all(late)
  await settle()
  deepEqual([runs.length, most()], [2, 1])
  void turns.ask()
  equal(runs.length, 3)
  runs[2]!.resolve()
})

test('turns: asked in the moment between two runs: it is the run after (TUR1, TUR2)', async () => {
  const { turns, runs, most } = stage()
  void turns.ask()
  const second = turns.ask()
  runs[0]!.resolve()
  // The first run is over; whether or not the second has begun, this is served after this line.
  const third = runs[0]!.promise.then(() => turns.ask())
  await settle()
  runs[1]!.resolve()
  await Promise.all([second, settle()])
  for (const run of runs) run.resolve()
  await third
  equal(most(), 1)
})

test('turns: a run fails: those whom it served hear of it, and the next begins (TUR3)', async () => {
  const { turns, runs } = stage()
  const first = turns.ask()
  const second = turns.ask()
  runs[0]!.reject(new Error('away'))
  await rejects(first, /away/)
  await settle()
  runs[1]!.resolve()
  await second
  const third = turns.ask()
  runs[2]!.resolve()
  await third
})

test('turns: closed: the run under way ends, and nothing begins after it (TUR4)', async () => {
  const { turns, runs } = stage()
  void turns.ask()
  const waiting = turns.ask()
  const closed = turns.close()
  runs[0]!.resolve()
  await Promise.all([closed, waiting, turns.ask()])
  deepEqual([runs.length, turns.isClosed], [1, true])
})
