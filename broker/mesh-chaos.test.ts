/**
 * The mesh under bad luck: packets are lost, wires cut, heads change, boxes move and come twice.
 * When all is quiet again each box has its newest connection, and the head knows exactly those.
 */

import { deepEqual, equal } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Presence } from './door.ts'
import { Mesh } from './mesh.ts'
import { boxId } from './scripted.fixture.ts'
import { type LocalWire, PartyLine } from './wire.fixture.ts'

const neverMs = 2 ** 31 - 1
const [sidesCount, boxesCount, steps] = [4, 12, 300]

/** A process without sockets: whoever is there, and what its services believe. */
class Process {
  epoch: number | null = null
  readonly wire: LocalWire
  readonly mesh: Mesh
  readonly guests = new Map<string, Presence>()
  /** By box: its session, and whether it listens. */
  readonly believed = new Map<string, string>()

  constructor(line: PartyLine) {
    this.wire = line.join()
    this.mesh = new Mesh({
      ...{ wire: this.wire, now: () => 0, epoch: () => this.epoch },
      onFault(cause) {
        throw cause
      },
      limits: { tickMs: neverMs, beatTicks: 1, headlessTicks: neverMs },
      services: {
        login: async () => ({ refused: 'blocked' }),
        connected: ({ deviceId, session }) => void this.believed.set(deviceId, session),
        listening: ({ deviceId, session }) =>
          void this.believed.set(deviceId, `${session} listens`),
        gone: ({ deviceId, session }) => {
          if (this.believed.get(deviceId)?.startsWith(session)) this.believed.delete(deviceId)
        },
        uplink() {},
        delivered() {},
        refused() {},
      },
    })
    this.mesh.start({
      publish: () => true,
      disconnect: deviceId => this.leave(deviceId),
      disconnectAll() {},
    })
  }

  arrive(deviceId: string, at: number): void {
    const older = this.guests.get(deviceId)
    const box = { deviceId, session: `s${at}`, at }
    this.guests.set(deviceId, box)
    this.mesh.door.connected({ ...box, transport: 'tcp', address: '', generation: 1 })
    if (older !== undefined) this.mesh.door.gone({ ...older, why: 'replaced' })
    this.mesh.door.listening({ ...box, hears: ['payment'] })
  }

  leave(deviceId: string): boolean {
    const box = this.guests.get(deviceId)
    if (box === undefined) return false
    this.guests.delete(deviceId)
    this.mesh.door.gone({ ...box, why: 'left' })
    return true
  }

  beat(deviceId: string): void {
    const box = this.guests.get(deviceId)
    if (box === undefined) return
    void this.mesh.door.uplink({ ...box, topic: 'heartbeat', payload: {}, will: false })
  }
}

/** Mulberry32. */
function diceOf(seed: number): (sides: number) => number {
  let state = seed
  return sides => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides
  }
}

const turns = async (count: number) => {
  for (let n = 0; n < count; n++) await new Promise(resolve => setImmediate(resolve))
}

async function story(t: TestContext, seed: number): Promise<void> {
  const dice = diceOf(seed)
  const line = new PartyLine()
  const all = Array.from({ length: sidesCount }, () => new Process(line))
  t.after(() => Promise.all(all.map(({ mesh }) => mesh.close())))
  const latest = new Map<string, number>()
  let [epoch, at] = [0, 0]
  const newHead = () => {
    // Whoever had it may believe so for a while.
    if (dice(2) === 0) for (const one of all) one.epoch = null
    all[dice(sidesCount)]!.epoch = ++epoch
  }
  newHead()
  for (let step = 0; step < steps; step++) {
    const [one, box] = [all[dice(sidesCount)]!, boxId(dice(boxesCount))]
    switch (dice(9)) {
      case 0:
      case 1:
      case 2:
        one.arrive(box, ++at)
        latest.set(box, at)
        // Of two in the same moment the newer is who is heard last.
        await turns(4)
        break
      case 3:
        one.leave(box)
        break
      case 4:
        one.beat(box)
        break
      case 5:
        one.wire.loses = dice(2) === 0 ? () => dice(3) === 0 : () => false
        break
      case 6:
        if (dice(4) === 0) newHead()
        break
      case 7:
        one.wire.isUp = dice(3) !== 0
        break
      case 8:
        for (const { mesh } of all) if (dice(4) !== 0) mesh.tick()
    }
    await turns(dice(3))
  }
  const holder = all.find(one => one.epoch === epoch)!
  for (const one of all) {
    one.epoch = null
    one.wire.isUp = true
    one.wire.loses = () => false
  }
  // Half of the stories end as they stand, for a new head is told everything anyway.
  const head = dice(2) === 0 ? holder : all[dice(sidesCount)]!
  head.epoch = head === holder ? epoch : ++epoch
  const open = () => all.flatMap(({ guests }) => [...guests.values()])
  // An older one, when the newest has left already, may stay or not.
  const newest = open().filter(one => latest.get(one.deviceId) === one.at)
  for (let round = 0; round < 20; round++) {
    for (const { mesh } of all) mesh.tick()
    // Whoever was not told that he is outdone hears it at his next heartbeat.
    for (const one of all) for (const id of [...one.guests.keys()]) one.beat(id)
    await turns(6)
  }
  const left = open()
  equal(new Set(left.map(({ deviceId }) => deviceId)).size, left.length)
  deepEqual(
    newest.filter(one => !left.includes(one)),
    [],
  )
  deepEqual(
    [...head.believed].toSorted(),
    left.map(one => [one.deviceId, `${one.session} listens`]).toSorted(),
  )
  for (const one of all) if (one !== head) deepEqual([...one.believed], [])
}

for (let seed = 1; seed <= 40; seed++) {
  test(`mesh: bad luck of every kind: each box ends up at one place, and the head knows it (MSH1, MSH2, MSH3, MSH4, seed ${seed})`, t =>
    story(t, seed))
}
