import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { encode, type JournalRecord, type Line } from '../../engine/record.ts'
import { Follower } from './follower.ts'

const recordOf = (n: number): JournalRecord => ({
  ...{ kind: 'order', version: 1, id: `o${n}`, at: n, events: [], born: true, command: 'x' },
  ...{ entries: [], claims: [], releases: [] },
})

const line = (n: number): Line => ({
  ...{ shard: 0, seq: n, key: 'k', hash: '' },
  body: encode(recordOf(n)),
})

test('follower: lines by hand, twice, and with gaps: each is taken once and in order (RTF1, RTF2)', async () => {
  const lines: Line[] = Array.from({ length: 2_500 }, (_, n) => ({
    ...{ shard: n % 2, seq: Math.floor(n / 2) + 1, key: 'k', hash: '' },
    body: encode(recordOf(n)),
  }))
  const taken: string[] = []
  const follower = new Follower({
    lines: async (shard, seq, limit) =>
      lines.filter(line => line.shard === shard && line.seq > seq).slice(0, limit),
    take: record => taken.push(record.id),
  })
  const hand = (n: number) => follower.feed(lines[n]!, recordOf(n))
  hand(0)
  equal(taken.length, 0)
  const all = lines.splice(2_000)
  follower.begin(new Map([...[0, 1]].map(shard => [shard, 0])))
  hand(1_998)
  hand(1_999)
  while (taken.length < 2_000) await new Promise(resolve => setImmediate(resolve))
  equal(taken.length, 2_000)
  lines.push(...all)
  hand(1_999)
  hand(2_000)
  equal(taken.length, 2_001)
  hand(2_010)
  hand(2_003)
  while (taken.length < 2_500) await new Promise(resolve => setImmediate(resolve))
  hand(2_400)
  await follower.stop()
  equal(new Set(taken).size, 2_500)
  for (const shard of [0, 1]) {
    const own = taken.map(id => Number(id.slice(1))).filter(n => n % 2 === shard)
    deepEqual(
      own,
      [...own].sort((a, b) => a - b),
    )
  }
})

test('follower: asked whether it has all: reads back what it was never told of (RTF3)', async () => {
  const taken: number[] = []
  const follower = new Follower({
    lines: async (_, seq) => [1, 2, 3].filter(n => n > seq).map(line),
    take: (_, __, seq) => taken.push(seq),
  })
  const all = [{ index: 0, durableSeq: 3 }]
  equal(follower.hasAll(all), false)
  follower.begin(new Map([[0, 1]]))
  while (!follower.hasAll(all)) await new Promise(resolve => setImmediate(resolve))
  deepEqual([taken, follower.positions.get(0)], [[2, 3], 3])
  await follower.stop()
})

test('follower: what was heard is not in the journal: looked for in time, not in a loop (RTF4)', async () => {
  const journal = [1, 2]
  let reads = 0
  const taken: number[] = []
  const follower = new Follower({
    async lines(_, seq) {
      reads++
      return journal.filter(n => n > seq).map(line)
    },
    take: (_, __, seq) => taken.push(seq),
  })
  follower.begin(new Map([[0, 0]]))
  follower.feed(line(5), recordOf(5))
  await pause(60)
  deepEqual([taken, reads], [[1, 2], 2])
  journal.push(3, 4, 5)
  while (taken.length < 5) await pause(5)
  deepEqual([taken, reads], [[1, 2, 3, 4, 5], 3])
  await follower.stop()
})
