import { deepEqual, equal } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { encode, type JournalRecord, type Line } from '../engine/record.ts'
import type { Step } from '../sql/positions.ts'
import { JournalFollower, type Read } from './journal-follower.ts'

const record: JournalRecord = {
  ...{ kind: 'jar', version: 1, id: '0', born: false, at: 1, command: 'shake' },
  ...{ events: [], entries: [], claims: [], releases: [] },
}
const lineAt = (shard: number, seq: number): Line => ({
  ...{ shard, seq, key: '0'.repeat(16), hash: '', body: encode(record) },
})
const piled = (lines: readonly Line[]) =>
  ({
    piled: lines.map(line => ({ outcome: { line, record, reply: { state: line.seq } } })),
  }) as never

/** A journal of two shards and a table that counts how often it has each line. */
class Scene {
  readonly journal: [Line[], Line[]] = [[], []]
  readonly table = new Map<string, number>()
  readonly places = [0, 0]
  readonly reads: string[] = []
  readonly errors: unknown[] = []
  gathered: string[] = []
  owner = true
  knowsDurable = true
  writes = 0
  returned = 0
  /** Called inside a write: may throw, or change what is there. */
  hinder: () => void = () => {}
  sayAgain = false
  readonly follower: JournalFollower

  constructor(
    t: TestContext,
    pace: { readonly pileMax?: number; readonly gatherMs?: number; readonly retryMs?: number } = {},
  ) {
    this.follower = new JournalFollower(
      {
        ...{ name: 'jars', shards: 2, isOwner: () => this.owner, beatMs: 5, saveMs: 20 },
        ...{ gatherMs: pace.gatherMs ?? 0, gatherMax: 1_000, pileMax: pace.pileMax ?? 1_000 },
        ...{ readAtOnce: 10, retryMs: pace.retryMs ?? 0 },
        source: {
          lines: async (shard, seq, limit) => {
            this.reads.push(`${shard} from ${seq}`)
            return this.journal[shard]!.slice(seq, seq + limit)
          },
          durable: shard => (this.knowsDurable ? this.journal[shard]!.length : undefined),
        },
        onError: cause => this.errors.push(cause),
      },
      {
        positions: async () => {
          this.gathered = []
          return this.places.map((seq, shard) => ({ shard, seq }))
        },
        take: line => void this.gathered.push(`${line.shard}/${line.seq}`),
        takeRead: (_, read: readonly Read[]) => {
          for (const { line } of read) this.gathered.push(`${line.shard}/${line.seq}`)
          return undefined
        },
        write: async (steps: readonly Step[]) => {
          const taken = this.gathered
          this.gathered = []
          await pause(1)
          if (this.sayAgain) {
            this.sayAgain = false
            return 'again'
          }
          this.hinder()
          for (const { shard, from } of steps) equal(this.places[shard], from)
          for (const { shard, to } of steps) this.places[shard] = to
          for (const one of taken) this.table.set(one, (this.table.get(one) ?? 0) + 1)
          this.writes++
          return undefined
        },
        gathered: () => this.gathered.length,
        returned: async () => void this.returned++,
      },
    )
    t.after(() => this.follower.stop())
  }

  /** So many new lines, durable and told by hand unless they are to be missed. */
  add(shard: 0 | 1, count: number, { missed = false } = {}): void {
    const from = this.journal[shard].length
    const lines = Array.from({ length: count }, (_, n) => lineAt(shard, from + n + 1))
    this.journal[shard].push(...lines)
    if (!missed) this.follower.feed(piled(lines))
  }

  async settle(): Promise<void> {
    const isThere = () =>
      this.follower.idle && this.places.every((seq, shard) => seq === this.journal[shard]!.length)
    while (!isThere()) await pause(2)
    const all = this.journal.flatMap(lines => lines.map(({ shard, seq }) => `${shard}/${seq}`))
    deepEqual([...this.table.keys()].sort(), all.sort())
    deepEqual(new Set(this.table.values()), new Set(all.length === 0 ? [] : [1]))
  }
}

test('follower: fresh, missed and read back: each line once, in order (JF1, JF2)', async t => {
  const scene = new Scene(t)
  scene.add(0, 25)
  await scene.follower.start()
  scene.add(1, 3)
  await scene.settle()
  scene.add(0, 4, { missed: true })
  scene.add(0, 2)
  await scene.settle()
  deepEqual([...scene.table.keys()].filter(one => one.startsWith('0')).at(-1), '0/31')
  deepEqual(scene.errors, [])
})

test('follower: up to the last durable line: nothing is read (JF5)', async t => {
  const scene = new Scene(t)
  scene.add(0, 3)
  scene.places[0] = 3
  for (const one of [1, 2, 3]) scene.table.set(`0/${one}`, 1)
  await scene.follower.start()
  scene.add(0, 1)
  scene.add(1, 1)
  await scene.settle()
  deepEqual(scene.reads, [])
})

test('follower: nobody knows the last durable line: it is read (JF5)', async t => {
  const scene = new Scene(t)
  scene.knowsDurable = false
  scene.add(1, 12, { missed: true })
  await scene.follower.start()
  await scene.settle()
  deepEqual(scene.reads, ['0 from 0', '1 from 0', '1 from 10'])
})

test('follower: a write fails: the tables are asked, and it is taken again (JF3, JF7)', async t => {
  const scene = new Scene(t)
  await scene.follower.start()
  scene.hinder = () => {
    throw new Error('away')
  }
  scene.add(0, 2)
  while (scene.errors.length < 2) await pause(2)
  equal(scene.follower.health().ok, false)
  scene.hinder = () => {}
  await scene.settle()
  while (!scene.follower.health().ok) await pause(2)
})

test('follower: after a failure: nothing is tried for a while, however often it looks (JF8)', async t => {
  const scene = new Scene(t, { retryMs: 3_600_000 })
  await scene.follower.start()
  scene.hinder = () => {
    throw new Error('away')
  }
  scene.add(0, 2)
  while (scene.errors.length === 0) await pause(2)
  for (let looks = 0; looks < 20; looks++) await scene.follower.beat()
  deepEqual([scene.errors.length, scene.writes], [1, 0])
  scene.hinder = () => {}
  await scene.follower.flush()
  await scene.settle()
})

test('follower: it was written, and the answer was lost: nothing counts twice (JF2, JF3)', async t => {
  const scene = new Scene(t)
  await scene.follower.start()
  scene.hinder = () => {
    scene.hinder = () => {}
    scene.places[0] = 2
    scene.table.set('0/1', 1).set('0/2', 1)
    throw new Error('reset')
  }
  scene.add(0, 2)
  await scene.settle()
})

test('follower: while somebody else owns the shards nothing is written (JF3)', async t => {
  const scene = new Scene(t)
  await scene.follower.start()
  scene.add(0, 1)
  await scene.settle()
  equal(scene.returned, 1)
  scene.owner = false
  await scene.follower.beat()
  equal(scene.follower.isCurrent, false)
  const before = scene.writes
  scene.add(0, 2)
  await scene.follower.flush()
  equal(scene.writes, before)
  // The other one wrote the first of them.
  scene.places[0] = 2
  scene.table.set('0/2', 1)
  scene.owner = true
  await scene.settle()
  deepEqual([scene.returned, scene.follower.isCurrent], [2, true])
})

test('follower: more than may gather: let go, and read back (JF4)', async t => {
  const scene = new Scene(t, { pileMax: 5 })
  await scene.follower.start()
  scene.add(0, 40)
  equal(scene.gathered.length, 5)
  await scene.settle()
})

test('follower: who waits for a position is answered when it is there (JF6)', async t => {
  const scene = new Scene(t, { gatherMs: 3_600_000 })
  await scene.follower.start()
  scene.add(0, 2)
  equal(await scene.follower.reached(0, 2, 30_000), true)
  equal(scene.places[0], 2)
  equal(await scene.follower.reached(0, 3, 10), false)
})

test('follower: a reader takes everything anew: from its last position (JF2)', async t => {
  const scene = new Scene(t)
  await scene.follower.start()
  scene.sayAgain = true
  scene.add(0, 3)
  await scene.settle()
})

test('follower: emptied: folded again from the first line (JF3)', async t => {
  const scene = new Scene(t)
  await scene.follower.start()
  scene.add(0, 30)
  scene.add(1, 1)
  await scene.settle()
  await scene.follower.rebuild(async () => {
    scene.table.clear()
    scene.places.fill(0)
  })
  await scene.settle()
})

test('follower: stopped: what was durable is written (JF1)', async t => {
  const scene = new Scene(t, { gatherMs: 3_600_000 })
  await scene.follower.start()
  scene.add(0, 3)
  await scene.follower.stop()
  deepEqual(scene.places, [3, 0])
  equal(scene.table.size, 3)
})

test('follower: what was heard is not in the journal any more: looked for in time, not in a loop', async t => {
  const scene = new Scene(t)
  scene.journal[0] = [lineAt(0, 1), lineAt(0, 2)]
  await scene.follower.start()
  scene.follower.feed(piled([lineAt(0, 5)]))
  const before = scene.reads.length
  await pause(60)
  const { length } = scene.reads
  equal(length > before && length < before + 40, true, `${length - before} reads`)
  scene.journal[0] = [1, 2, 3, 4, 5].map(seq => lineAt(0, seq))
  await scene.follower.flush()
  deepEqual(scene.places, [5, 0])
  await scene.follower.stop()
})
