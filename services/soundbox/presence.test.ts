import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { Presence } from './presence.ts'

const first = { session: 's1', generation: 1 }
const second = { session: 's2', generation: 1 }

test('presence: connection: of two of one box, the older one’s end means nothing (DVG1)', () => {
  const presence = new Presence()
  presence.begin('a', first, 1)
  presence.begin('a', second, 2)
  equal(presence.connected, 1)
  equal(presence.end('a', 's1', 3), false)
  equal(presence.isOnline('a', 3), true)
  equal(presence.end('a', 's2', 4), true)
  equal(presence.end('a', 's2', 5), false)
  equal(presence.isOnline('a', 5), false)
  equal(presence.connected, 0)
  deepEqual([...presence.sessions()], [])
})

test('presence: heartbeats: what changed is drained once, the last word of each (DVG2)', () => {
  const presence = new Presence()
  const via = 'mqtt'
  presence.begin('a', first, 1_000)
  presence.beat('a', { battery: 80, signal: 60, firmware: '1.0' }, { at: 2_000, via })
  presence.beat('a', { battery: 79 }, { at: 3_000, via })
  deepEqual(presence.drain(4_000), [
    {
      ...{ deviceId: 'a', seenAt: 3_000, online: true, battery: 79, signal: 60 },
      ...{ firmware: '1.0', changedAt: 1_000 },
    },
  ])
  deepEqual(presence.drain(5_000), [])
})

test('presence: http: there for three beats after it asked (DVG3)', () => {
  const presence = new Presence()
  presence.beat('a', {}, { at: 0, via: 'http' })
  equal(presence.isOnline('a', 199_999), true)
  equal(presence.isOnline('a', 200_000), false)
})

test('presence: remembered: known from the table, and not there (DVG3)', () => {
  const presence = new Presence()
  const row = { deviceId: 'a', seenAt: 10, online: true, battery: 5, signal: 6, firmware: 'x' }
  presence.remember({ ...row, changedAt: 9 })
  equal(presence.isOnline('a', 11), false)
  equal(presence.of('a')?.battery, 5)
  deepEqual(presence.drain(11), [])
})

test('presence: written by another meanwhile: the newer word counts, who is here is told (DVG2)', () => {
  const presence = new Presence()
  const beat = (battery: number, at: number) => ({ battery, seenAt: at, changedAt: at })
  const row = { signal: null, firmware: null, online: false }
  presence.begin('a', first, 1)
  presence.beat('b', { battery: 50 }, { at: 2, via: 'http' })
  presence.beat('c', { battery: 50 }, { at: 20, via: 'http' })
  presence.drain(20)
  presence.recall([
    { deviceId: 'a', ...row, ...beat(40, 0) },
    { deviceId: 'b', ...row, ...beat(40, 10) },
    { deviceId: 'c', ...row, ...beat(40, 10) },
  ])
  deepEqual(
    ['a', 'b', 'c'].map(id => presence.of(id)?.battery),
    [null, 40, 50],
  )
  deepEqual(
    presence.drain(30).map(({ deviceId, online }) => [deviceId, online]),
    [['a', true]],
  )
})

test('presence: connects: counted for an hour, and bounded (DVG4)', () => {
  const presence = new Presence()
  for (let n = 0; n < 30; n++) presence.begin('a', { session: `s${n}`, generation: 1 }, n * 1_000)
  equal(presence.connects('a', 30_000), 20)
  equal(presence.connects('a', 29_000 + 3_600_000), 0)
  equal(presence.connects('b', 0), 0)
})
