import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Errand, Outbox } from './outbox.ts'

let count = 0
const errand = (target: string, owner = 'ani', shard = 0): Errand => ({
  id: `e${count++}`,
  effect: { type: 'shine', target } as Errand['effect'],
  shard,
  from: 'somebody',
  kind: 'jar',
  owner,
  resumed: false,
})

const started = (outbox: Outbox): Errand[] => {
  const out: Errand[] = []
  outbox.drain(one => out.push(one))
  return out
}

test('outbox: lane: no more in flight than its limit, one more for each that comes back (E1)', () => {
  const outbox = new Outbox(() => 2)
  for (let n = 0; n < 5; n++) outbox.push(errand('lamp'))
  equal(started(outbox).length, 2)
  equal(started(outbox).length, 0)
  outbox.done('lamp')
  equal(started(outbox).length, 1)
  deepEqual(outbox.lanes(), [{ target: 'lamp', waiting: 2, inFlight: 2, limit: 2 }])
})

test('outbox: lanes: one that is full does not hold up another (E1)', () => {
  const outbox = new Outbox(target => (target === 'slow' ? 0 : 5))
  outbox.push(errand('slow'))
  outbox.push(errand('fast'))
  deepEqual(
    started(outbox).map(one => one.effect.target),
    ['fast'],
  )
})

test('outbox: limit: a changed one counts from the next effect on (E1)', () => {
  let limit = 1
  const outbox = new Outbox(() => limit)
  for (let n = 0; n < 4; n++) outbox.push(errand('lamp'))
  equal(started(outbox).length, 1)
  limit = 3
  equal(started(outbox).length, 2)
})

test('outbox: limit: shrunk with many under way: nobody follows until there is room (E1)', () => {
  let limit = 4
  const outbox = new Outbox(() => limit)
  for (let n = 0; n < 6; n++) outbox.push(errand('lamp'))
  equal(started(outbox).length, 4)
  limit = 2
  for (const follow of [0, 0, 1, 1]) {
    outbox.done('lamp')
    equal(started(outbox).length, follow)
  }
  deepEqual(outbox.lanes(), [{ target: 'lamp', waiting: 0, inFlight: 2, limit: 2 }])
})

test('outbox: owners: whoever sends nine tenths waits in turn with the others (E2)', () => {
  const outbox = new Outbox(() => 100)
  for (let n = 0; n < 9; n++) outbox.push(errand('lamp', 'big'))
  outbox.push(errand('lamp', 'small'))
  const owners = started(outbox).map(one => one.owner)
  equal(owners.indexOf('small'), 1)
})

test('outbox: owners: any load: each one’s own effects keep their order (E2)', () => {
  const pushes = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 200 })
  fc.assert(
    fc.property(pushes, fc.integer({ min: 1, max: 7 }), (owners, limit) => {
      const outbox = new Outbox(() => limit)
      const sent = owners.map(owner => errand('lamp', owner))
      for (const one of sent) outbox.push(one)
      const got: Errand[] = []
      while (outbox.waiting > 0) {
        const some = started(outbox)
        got.push(...some)
        for (const { effect } of some) outbox.done(effect.target)
      }
      equal(got.length, sent.length)
      for (const owner of 'abc') {
        const of = (list: Errand[]) => list.filter(one => one.owner === owner).map(one => one.id)
        deepEqual(of(got), of(sent))
      }
    }),
  )
})

test('outbox: long line: a thousand of one owner leave in order as well (E2)', () => {
  const outbox = new Outbox(() => 1)
  const sent = Array.from({ length: 3_000 }, () => errand('lamp'))
  for (const one of sent) outbox.push(one)
  for (const one of sent) {
    deepEqual(started(outbox), [one])
    outbox.done('lamp')
  }
})

test('outbox: drop: a lost shard’s effects are forgotten, the others stay (E3)', () => {
  const outbox = new Outbox(() => 10)
  outbox.push(errand('lamp', 'ani', 1))
  outbox.push(errand('lamp', 'ani', 2))
  outbox.push(errand('lamp', 'budi', 1))
  outbox.drop(1)
  equal(outbox.waiting, 1)
  deepEqual(
    started(outbox).map(one => one.shard),
    [2],
  )
})

test('outbox: drop: what is in flight is still counted until it comes back (E3)', () => {
  const outbox = new Outbox(() => 1)
  outbox.push(errand('lamp'))
  started(outbox)
  outbox.drop(0)
  outbox.push(errand('lamp'))
  equal(started(outbox).length, 0)
  outbox.done('lamp')
  equal(started(outbox).length, 1)
})
