import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { Judged, NewCallback } from '../../sql/qris-callbacks.ts'
import { CallbackInbox } from './callback-inbox.ts'

const row = (n: number): NewCallback => ({
  ...{ receivedMs: n, sentMs: n, signature: '', body: Buffer.from(String(n)) },
})
const judged = (id: number): Judged => ({
  ...{ id, eventId: null, result: 'applied', reason: '', transactionId: null, merchantId: null },
})

test('callback inbox: many at once: one insert, and one more for those who came meanwhile (SAI1)', async () => {
  const inserts: number[] = []
  const gate = Promise.withResolvers<void>()
  let next = 0
  const inbox = new CallbackInbox({
    async keep(rows) {
      inserts.push(rows.length)
      if (inserts.length === 1) await gate.promise
      return rows.map(() => ++next)
    },
    judge: async () => {},
  })
  const first = [1, 2, 3].map(n => inbox.keep(row(n)))
  await new Promise(resolve => setImmediate(resolve))
  const later = [4, 5].map(n => inbox.keep(row(n)))
  gate.resolve()
  deepEqual(await Promise.all([...first, ...later]), [1, 2, 3, 4, 5])
  deepEqual(inserts, [3, 2])
})

test('callback inbox: full, or the database is away: not kept, said at once (SAI2)', async () => {
  const gate = Promise.withResolvers<readonly number[]>()
  const judge = async () => {}
  const full = new CallbackInbox({ keep: () => gate.promise, judge, waitingMax: 1 })
  const kept = full.keep(row(1))
  equal(await full.keep(row(2)), null)
  gate.resolve([7])
  equal(await kept, 7)
  const away = new CallbackInbox({ keep: () => Promise.reject(new Error('away')), judge })
  equal(await away.keep(row(1)), null)
})

test('callback inbox: a note that is lost: the next ones are written all the same (SAI3)', async () => {
  const written: number[] = []
  let isAway = true
  const inbox = new CallbackInbox({
    keep: async () => [],
    async judge(rows) {
      if (isAway) throw new Error('away')
      written.push(...rows.map(({ id }) => id))
    },
  })
  inbox.judge(judged(1))
  await inbox.rest()
  isAway = false
  inbox.judge(judged(2))
  inbox.judge(judged(3))
  await inbox.rest()
  deepEqual(written, [2, 3])
})
