import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../deploy/test-database.ts'
import { openDatabase } from './database.ts'
import { movePositions, positionsIn, raisePositions } from './positions.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const { pool } = db
after(async () => {
  await db.end()
  await database.drop()
})

/** Each shard with its position. */
const inOrder = async (table: 'sold_position' | 'device_position') =>
  [...(await positionsIn(pool, table))]
    .sort((a, b) => a.shard - b.shard)
    .map(({ shard, seq }) => [shard, seq])

const step = (shard: number, from: number, to: number) => ({ shard, from, to })

test('positions: exact: from where a shard stands, also for the first time; else nobody is told that it moved', async () => {
  const move = (...steps: readonly ReturnType<typeof step>[]) =>
    pool.transaction(tx => movePositions(tx, 'sold_position', steps))
  equal(await move(), true)
  equal(await move(step(0, 0, 5), step(3, 0, 1)), true)
  equal(await move(step(0, 5, 9), step(7, 0, 2)), true)
  deepEqual(await inOrder('sold_position'), [
    [0, 9],
    [3, 1],
    [7, 2],
  ])
  equal(await move(step(0, 5, 10)), false, 'it stood there before')
  equal(await move(step(3, 0, 4)), false, 'somebody else began')
  equal(await move(step(8, 4, 6)), false, 'it was never there')
  deepEqual(
    (await inOrder('sold_position')).filter(([, seq]) => seq !== 0),
    [
      [0, 9],
      [3, 1],
      [7, 2],
    ],
  )
})

test('positions: growing: the highest stays, whoever wrote it', async () => {
  const raise = (...steps: readonly ReturnType<typeof step>[]) =>
    raisePositions(pool, 'device_position', steps)
  await raise()
  await raise(step(0, 0, 5), step(1, 0, 3))
  await raise(step(0, 0, 4), step(1, 3, 8))
  deepEqual(await inOrder('device_position'), [
    [0, 5],
    [1, 8],
  ])
})
