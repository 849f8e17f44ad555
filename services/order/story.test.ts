import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { order } from '../../actors/order/order.ts'
import type { OrderEvent } from '../../actors/order/order-contract.ts'
import { Story } from '../../actors/sim/story.ts'
import { keyOf, makeId } from '../../engine/ids.ts'
import { decode, encode, genesis, type JournalRecord, type Line } from '../../engine/record.ts'
import { World } from '../../engine/sim/world.ts'
import { attemptFailed, delivered, dispatched, evidence, id, placed } from './events.fixture.ts'
import { chapterAt, storyOf } from './story.ts'

const failed: OrderEvent = { type: 'failed', code: 'SUPPLIER_FAILED' }
const reported = (outcome: 'pending' | 'unknown'): OrderEvent => ({
  ...{ type: 'reported', n: 1, outcome, ...evidence },
})
const rechecked: OrderEvent = { type: 'rechecked', n: 1 }
const disputed = (claim: 'late_success' | 'late_failure'): OrderEvent => ({
  ...{ type: 'disputed', n: 1, claim, sn: '', ...evidence, via: 'callback' },
})
const parked: OrderEvent = { type: 'parked', why: 'DEADLINE' }
const resolved = (verdict: 'refund' | 'dismiss'): OrderEvent => ({
  ...{ type: 'resolved', verdict, reason: 'seen', by: 'cici' },
})

const recordOf = (at: number, events: readonly OrderEvent[], of = id): JournalRecord => ({
  ...{ kind: order.name, version: order.version, id: of, born: at === 1_000, command: 'test' },
  ...{ entries: [], claims: [], releases: [], at, events },
})

const lineOf = (record: JournalRecord, seq: number): Line => ({
  ...{ shard: 3, seq, key: keyOf(record.id), hash: genesis, body: encode(record) },
})

/** Each of these lines a hundred milliseconds after the one before. */
const linesOf = (...records: readonly (readonly OrderEvent[])[]): readonly Line[] =>
  [[placed, dispatched(1)], ...records].map((events, n) =>
    lineOf(recordOf(1_000 + n * 100, events), n + 1),
  )

const at = (lines: readonly Line[], moment: number) =>
  chapterAt(lines, { key: keyOf(id), trxId: id, at: moment })

const shown = (lines: readonly Line[], moment = Number.POSITIVE_INFINITY) =>
  at(lines, moment)?.timeline.map(step => [step.at, step.what, step.note].filter(one => one))

test('story: all that happened, in the order in which it did (OST1)', () => {
  const lines = linesOf(
    [attemptFailed, dispatched(2)],
    [delivered(2)],
    [disputed('late_success')],
    [resolved('refund')],
  )
  deepEqual(shown(lines), [
    [1_000, 'placed'],
    [1_000, 'dispatched', 'ani'],
    [1_100, 'failed', 'ani'],
    [1_100, 'dispatched', 'budi'],
    [1_200, 'success', 'budi'],
    [1_300, 'disputed', 'late_success'],
    [1_400, 'refunded'],
  ])
})

test('story: money that went back: when it did, whatever is said of it later (OST1)', () => {
  const lines = linesOf([attemptFailed, failed], [disputed('late_success')], [resolved('dismiss')])
  const released = [1_100, 'released']
  deepEqual(shown(lines, 1_100)!.at(-1), released)
  deepEqual(shown(lines)!.slice(-2), [released, [1_200, 'disputed', 'late_success']])
})

test('story: questions asked again and what came of each: none is forgotten (OST1)', () => {
  const lines = linesOf(
    [reported('unknown')],
    [rechecked],
    [reported('pending')],
    [parked],
    [rechecked],
    [delivered(1)],
  )
  deepEqual(shown(lines)!.slice(2), [
    [1_100, 'unknown', 'ani'],
    [1_200, 'rechecked', 'ani'],
    [1_300, 'pending', 'ani'],
    [1_400, 'parked'],
    [1_500, 'rechecked', 'ani'],
    [1_600, 'success', 'ani'],
  ])
})

test('story: a moment: what had happened by then, and before the first line nothing (OST1)', () => {
  const lines = linesOf([delivered(1)])
  equal(at(lines, 999), null)
  equal(at(lines, 1_099)?.state.phase, 'trying')
  equal(at(lines, 1_100)?.state.phase, 'delivered')
  deepEqual(
    [...storyOf(lines, id)].map(({ line, state }) => [line.seq, state.phase]),
    [
      [1, 'trying'],
      [2, 'delivered'],
    ],
  )
})

test('story: what is not of this order: not looked at (OST2)', () => {
  const lines = linesOf([delivered(1)])
  const other = makeId(2_000, 3, keyOf(id))
  equal(chapterAt(lines, { key: keyOf(id), trxId: other, at: 9_999 }), null)
  const stranger = lineOf({ ...recordOf(900, []), kind: 'transfer' }, 1)
  equal(at([stranger], 9_999), null)
  equal(chapterAt(lines, { key: keyOf(id), at: 9_999 })?.record.id, id)
})

/** What a whole history says of each of its orders, at every moment at which something happened. */
function tellsTheSameLater(journal: readonly Line[]): number {
  const orders = new Map<string, Line[]>()
  for (const line of journal) {
    const { kind, id: trxId } = decode(line.body)
    if (kind === 'order') orders.set(trxId, [...(orders.get(trxId) ?? []), line])
  }
  let moments = 0
  for (const [trxId, lines] of orders) {
    const key = keyOf(trxId)
    const told = (moment: number) => chapterAt(lines, { key, trxId, at: moment })!.timeline
    const today = told(Number.POSITIVE_INFINITY)
    for (const line of lines) {
      const { at: moment } = decode(line.body)
      const then = told(moment)
      deepEqual(today.slice(0, then.length), then, `${trxId} at ${moment}`)
      ok(
        today.slice(then.length).every(step => step.at > moment),
        trxId,
      )
      moments++
    }
  }
  return moments
}

for (let seed = 1; seed <= 8; seed++) {
  test(`story: whatever happens: an earlier timeline is how today's begins (OST1, seed ${seed})`, () => {
    const { journal, shards } = new World({ seed, outside: new Story() }).run()
    const lines = Array.from({ length: shards }, (_, shard) => journal.lines(shard))
    ok(lines.reduce((moments, one) => moments + tellsTheSameLater(one), 0) > 0)
  })
}

test("story: a released journal: an earlier timeline is how today's begins (OST1)", () => {
  const golden = join(import.meta.dirname, '../../engine/golden/order-v1.jsonl')
  const lines: Line[] = readFileSync(golden, 'utf8')
    .trim()
    .split('\n')
    .map(text => JSON.parse(text))
  ok(tellsTheSameLater(lines) > 0)
})
