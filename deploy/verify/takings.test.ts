import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import type { Body, Event, Line } from './chain.ts'
import { Takings } from './takings.ts'

const created = (...days: string[]) => ({
  ...{ type: 'created', merchant: 'm' },
  days: days.map(day => ({ day, amount: 1 })),
})
type Told = readonly [seq: number, batch: string, event: Event]

function takingsOf(...told: readonly Told[]): Takings {
  const takings = new Takings()
  for (const [seq, id, event] of told) {
    takings.read(
      { shard: 1, seq, key: id } as Line,
      { k: 'settlement', id, e: [event] } as unknown as Body,
    )
  }
  return takings
}

test('verify takings: what was booked before a batch of its day: it holds it (Z53)', () => {
  const takings = takingsOf([5, 'A', created('mon', 'tue')], [9, 'B', created('tue')])
  const held = (day: string, since: number, until = 99) =>
    takings.batchOf('m', day, { since, until })
  deepEqual([held('mon', 4), held('tue', 4), held('wed', 4)], ['A', 'A', null])
  deepEqual([held('mon', 6), held('tue', 6), held('tue', 10)], [null, 'B', null])
  deepEqual([held('tue', 4, 4), held('tue', 4, 5), held('tue', 6, 8)], [null, 'A', null])
  deepEqual(takings.batchOf('somebody else', 'mon', { since: 1, until: 99 }), null)
})

test('verify takings: a batch that ended unpaid: let go, and the next one holds it (Z53)', () => {
  const takings = takingsOf(
    [5, 'A', created('mon')],
    [6, 'A', { type: 'failed' }],
    [8, 'B', created('mon')],
    [10, 'B', { type: 'cancelled' }],
    [11, 'B', { type: 'reprocessed' }],
    [12, 'C', created('mon')],
    [13, 'C', { type: 'paid' }],
  )
  const seen = [4, 5, 6, 7, 8, 10, 11, 12, 99].map(until =>
    takings.batchOf('m', 'mon', { since: 4, until }),
  )
  deepEqual(seen, [null, 'A', null, null, 'B', null, null, 'C', 'C'])
  deepEqual(takings.batchOf('m', 'mon', { since: 9, until: 99 }), 'C')
})
