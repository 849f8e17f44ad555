import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { openDatabase, sql, z } from '../database.ts'
import { placesOfDestination, stretches } from './order-search.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
after(async () => {
  await db.end()
  await database.drop()
})

const day = 86_400_000
const nowMs = Date.UTC(2026, 5, 1)
const idAt = (ms: number, n = 0): string => {
  const hex = ms.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7001-8000-${String(n).padStart(12, '0')}`
}
const first = '00000000-0000-7000-8000-000000000000'
const last = 'ffffffff-ffff-7fff-bfff-ffffffffffff'

test('order search: stretches: they meet, cover what was asked for, and nothing else (OSA1, OSA2)', () => {
  for (const [fromId, beforeId] of [
    [first, last],
    [idAt(nowMs - 3 * day), last],
    [idAt(nowMs - 500 * day), idAt(nowMs - 400 * day)],
    [idAt(nowMs - 5), idAt(nowMs - 1)],
  ] as const) {
    const found = stretches({ fromId, beforeId, nowMs })
    equal(found[0]!.beforeId, beforeId)
    equal(found.at(-1)!.fromId, fromId)
    for (const [n, { fromId: begin, beforeId: end }] of found.entries()) {
      ok(begin < end)
      if (n > 0) equal(end, found[n - 1]!.fromId)
    }
  }
  equal(stretches({ fromId: first, beforeId: last, nowMs }).length, 5)
  equal(stretches({ fromId: idAt(nowMs - 3 * day), beforeId: last, nowMs }).length, 2)
  deepEqual(stretches({ fromId: last, beforeId: first, nowMs }), [])
})

test('order search: a destination: the newest first over all time, as many as wanted (OSA1)', async () => {
  const days = [0.5, 0.6, 3, 7.9, 30, 100, 399, 401, 2_000]
  const wanted = days.map((one, n) => idAt(nowMs - one * day, n))
  for (const [n, id] of wanted.entries()) {
    for (const [number, one] of [
      ['081', id],
      ['082', idAt(nowMs - days[n]! * day, n + 100)],
    ] as const) {
      await db.pool.query(sql.type(z.object({}))`
        insert into order_view (shard, id, user_id, ref, product, destination, price, status,
                                attempts, created_at, updated_at)
        values (${n % 4}, ${one}, gen_random_uuid(), 'r', 'X', ${number}, 1, 'SUCCESS', 1, now(),
                now())`)
    }
  }
  const find = async (limit: number, fromId = first, beforeId = last) => {
    const span = { fromId, beforeId, limit, nowMs }
    const places = await placesOfDestination(db.pool, { ...span, destination: '081' })
    return places.map(place => place.id)
  }
  deepEqual(await find(100), wanted)
  for (let limit = 1; limit <= wanted.length; limit++) {
    deepEqual(await find(limit), wanted.slice(0, limit))
  }
  deepEqual(await find(100, wanted[6]!, wanted[2]!), wanted.slice(3, 7))
  // Whether the index has looked at it or not, it is found.
  await db.pool.query(sql.type(z.object({}))`
    select brin_summarize_new_values('order_view_sought')`)
  deepEqual(await find(100), wanted)
})
