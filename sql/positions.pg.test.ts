import { deepEqual, rejects } from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../deploy/testing/database.ts'
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

test('positions: exact: from where a shard stands, also for the first time; else nothing moves', async () => {
  const move = (...steps: readonly ReturnType<typeof step>[]) =>
    pool.transaction(tx => movePositions(tx, 'sold_position', steps))
  await move()
  await move(step(0, 0, 5), step(3, 0, 1))
  await move(step(0, 5, 9), step(7, 0, 2))
  deepEqual(await inOrder('sold_position'), [
    [0, 9],
    [3, 1],
    [7, 2],
  ])
  const somebodyElse = /somebody else moved a sold_position/
  await rejects(move(step(0, 5, 10)), somebodyElse, 'it stood there before')
  await rejects(move(step(3, 0, 4)), somebodyElse, 'somebody else began')
  await rejects(move(step(8, 4, 6)), somebodyElse, 'it was never there')
  await rejects(move(step(0, 9, 10), step(3, 0, 4)), somebodyElse, 'one of them')
  deepEqual(await inOrder('sold_position'), [
    [0, 9],
    [3, 1],
    [7, 2],
  ])
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
