/**
 * What a snapshot must say, against cells that the engine keeps: after every line of many stories,
 * with their crashes and repeats, both have folded the same.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { BoxStory } from '../../actors/sim/boxes.ts'
import { NumberStory } from '../../actors/sim/numbers.ts'
import { ShopStory } from '../../actors/sim/shop-story.ts'
import { Story } from '../../actors/sim/story.ts'
import { Cell } from '../../engine/cell.ts'
import { decode } from '../../engine/record.ts'
import { type Outside, World } from '../../engine/sim/world.ts'
import { actors } from '../../services/engine-room.ts'
import { parse } from './chain.ts'
import { differenceIn, Image } from './image.ts'

const kinds = new Map(actors.map(actor => [actor.name, actor]))

type Seen = Map<string, Set<string>>

/** Every line, into a cell and into an image; which phases of which kinds they came to. */
function compareAll(world: World, seen: Seen, told: string): void {
  for (let shard = 0; shard < world.shards; shard++) {
    const cells = new Map<string, { cell: Cell; image: Image }>()
    for (const { seq, key, body } of world.journal.lines(shard)) {
      const record = decode(body)
      const actor = kinds.get(record.kind)
      // Some stories have counterparts of their own in place of an actor.
      if (actor === undefined) continue
      const known = cells.get(key)
      const { cell, image } = known ?? { cell: new Cell(actor, key), image: Image.of(record.kind)! }
      if (known === undefined) cells.set(key, { cell, image })
      cell.replay(record, seq)
      image.read(seq, parse(body)!)
      const stated = JSON.parse(JSON.stringify(cell.image()))
      const { owner, holds, owed } = image
      for (const [name, value] of Object.entries({ state: image.state, owner, holds, owed })) {
        const read = value === undefined ? undefined : JSON.parse(JSON.stringify(value))
        equal(differenceIn(stated[name], read, name), null, `${told}, line ${shard}.${seq}`)
      }
      equal(image.wakesAt ?? Number.POSITIVE_INFINITY, cell.wakeAt(), `${told}, ${shard}.${seq}`)
      const phases = seen.get(record.kind) ?? new Set()
      seen.set(record.kind, phases.add(cell.state.phase))
      if (cell.owed.length > 0) phases.add('asks')
      if (cell.holds.length > 0) phases.add('holds')
      if (Number.isFinite(cell.wakeAt())) phases.add('wakes')
    }
  }
}

const stories: Readonly<Record<string, readonly [count: number, outside: () => Outside]>> = {
  orders: [100, () => new Story()],
  merchants: [80, () => new ShopStory()],
  boxes: [80, () => new BoxStory()],
  numbers: [100, () => new NumberStory()],
}

const mustBeSeen: Readonly<Record<string, readonly string[]>> = {
  order: [
    ...['trying', 'waiting', 'parked', 'delivered', 'failed', 'refunded'],
    ...['asks', 'holds', 'wakes'],
  ],
  transfer: ['sent', 'done', 'asks'],
  receipt: ['received'],
  commission: ['paid', 'reversed'],
  payment: ['pending', 'expired', 'failed', 'paid', 'paid_late', 'refunded', 'wakes'],
  settlement: ['created', 'paid', 'failed', 'cancelled', 'reprocessed'],
  device: ['active', 'blocked', 'asks', 'wakes'],
  activation: [
    ...['buying', 'waiting', 'received', 'cancelling', 'refunded', 'parked'],
    ...['asks', 'holds', 'wakes'],
  ],
  deposit: [
    ...['asking', 'pending', 'processing', 'paid', 'expired', 'cancelled', 'failed', 'parked'],
    ...['asks', 'wakes'],
  ],
}

test('verify images: after every line of every story: what the engine has folded (Z63, Z64)', () => {
  const seen: Seen = new Map()
  for (const [name, [count, outside]] of Object.entries(stories)) {
    for (let seed = 1; seed <= count; seed++) {
      compareAll(new World({ seed, outside: outside() }).run(), seen, `${name} ${seed}`)
    }
  }
  deepEqual([...seen.keys()].sort(), Object.keys(mustBeSeen).sort())
  for (const [kind, phases] of Object.entries(mustBeSeen)) {
    for (const phase of phases) ok(seen.get(kind)!.has(phase), `no ${kind} came to ${phase}`)
  }
})

test('verify images: kinds: all that the engine knows are read, no others (Z63)', () => {
  for (const { name } of actors) ok(Image.of(name) !== null, name)
  equal(Image.of('constructor'), null)
})

/** What boxes of the stories never come to. */
const lifeOfABox = [
  { type: 'provisioned', model: { name: 'Q1' }, secret: { generation: 1, hash: 'a' }, by: 'x' },
  { type: 'rotated', secret: { generation: 2, hash: 'b' }, previousUntil: 99, by: 'x' },
  { type: 'rotated', secret: { generation: 3, hash: 'c' }, previousUntil: null, by: 'x' },
  { type: 'bound', merchant: 'm', outlet: 'o', terminal: 't', by: 'x' },
  { type: 'configured', version: 1, values: { volume: 7 }, by: 'x' },
  { type: 'config_reported', version: 1, status: 'applied' },
  ...Array.from({ length: 60 }, (_, n) => [
    { type: 'commanded', id: `c${n}`, kind: 'reboot', args: {}, expiresAt: 900 - n, by: 'x' },
    { type: 'command_sent', id: `c${n}` },
    n % 2 === 0
      ? { type: 'command_ended', id: `c${n}`, status: 'done', message: 'ok' }
      : { type: 'commands_expired', ids: [`c${n}`] },
  ]).flat(),
  { type: 'commanded', id: 'last', kind: 'ota', args: { v: 2 }, expiresAt: 5_000, by: 'x' },
  ...Array.from({ length: 1_100 }, (_, n) => [
    { type: 'queued', messageId: `m${n}`, payment: 'p', amount: 5, text: '', lang: 'id', at: n },
    { type: 'acked', messageId: `m${n}`, payment: 'p', status: 'played' },
  ]).flat(),
  { type: 'unbound', by: 'x' },
  { type: 'retired', reason: 'broken', by: 'x' },
]

test('verify images: the whole life of a box: what the engine has folded (Z63, Z64)', () => {
  const cell = new Cell(kinds.get('device')!, '0'.repeat(16))
  const image = Image.of('device')!
  const id = '01a1fb59-1d36-7061-8000-000000000000'
  for (const [n, event] of lifeOfABox.entries()) {
    const about = { v: 1, k: 'device', kv: 1, id, at: 1_000 + n, c: 'x', e: [event] }
    const body = JSON.stringify(n < 4 ? about : { ...about, by: `${id}/${n}/0` })
    cell.replay(decode(body), n + 1)
    image.read(n + 1, parse(body)!)
    if (n % 50 > 0 && n > 200) continue
    const stated = JSON.parse(JSON.stringify(cell.image()))
    equal(differenceIn(stated.state, image.state, 'state'), null, event.type)
    equal(differenceIn(stated.owed, image.owed, 'owed'), null, event.type)
    equal(image.wakesAt ?? Number.POSITIVE_INFINITY, cell.wakeAt(), event.type)
  }
  equal(cell.state.phase, 'retired')
})
