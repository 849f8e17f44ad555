import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { type Database, sql, z } from '../../sql/database.ts'
import { readClosing } from '../../sql/money/closings.ts'
import type { Answer } from '../contract/answer.ts'
import type { Placed } from '../contract/order.ts'
import { pending, ruled, sceneAt, until } from '../engine-room.fixture.ts'
import { type Closer, closingService, makeCloser } from './closing.service.ts'
import { doubts, isSigned, type Statement } from './closing.ts'

const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}

const evening = Date.parse('2026-10-14T23:50:00+07:00')
const morning = Date.parse('2026-10-15T00:05:00+07:00')
const masterKey = randomBytes(32)

test('closing: 300 orders in flight at midnight: sums are zero, days join, bytes come again (MNK1, MNK2, MNK3)', async t => {
  const database = await testDatabase()
  after(() => database.drop())
  const at = await sceneAt(t, { url: database.url, shop: { answer: pending }, ms: evening })
  const { call, clock, db, room, broker } = at
  const closer = makeCloser({ room, db, masterKey })
  broker.createService(closingService({ room, db, masterKey }, closer))
  await broker.waitForServices('closing')
  const users = await Promise.all([0, 1, 2, 3].map(shard => at.user(shard, 10_000_000)))
  const placed = await Promise.all(
    Array.from({ length: 300 }, async (_, n) => {
      const wish = { userId: users[n % 4]!, level: 0, ref: `A-${n}`, product: 'XLD10' }
      const destination = `0878${String(10_000_000 + n)}`
      return okOf<Placed>(await call('order.place', { ...wish, destination })).order
    }),
  )
  await closer.close()
  deepEqual(okOf(await call('closing.list', { limit: 10 })).rows, [])

  clock.ms = morning
  for (const { trxId } of placed.slice(0, 200)) {
    // Half a character and a NUL, as they may stand in what others say.
    const reason = 'seen \u0000 \ud83d \\u0000'
    okOf(await ruled(call, { trxId, verdict: 'success', reason, by: 'ani' }))
  }
  const first = await closed(closer, db, '2026-10-14')
  const evenings = JSON.parse(first.statement) as Statement
  const price = placed[0]!.price
  equal(evenings.sum, 0)
  deepEqual(lineOf(evenings, 'wallet'), {
    ...{ account: 'wallet', opening: 0, in: 40_000_000, out: 0, closing: 40_000_000 },
    held: 300 * price,
  })
  deepEqual(lineOf(evenings, 'cash')?.closing, -40_000_000)
  equal(isSigned(first), true)
  equal(isSigned({ ...first, statement: first.statement.replace('40000000', '40000001') }), false)
  equal(okOf(await call('closing.get', { day: '2026-10-14' })).statement, first.statement)

  clock.ms += 24 * 60 * 60_000
  const next = JSON.parse((await closed(closer, db, '2026-10-15')).statement) as Statement
  equal(next.sum, 0)
  equal(next.previous, first.hash)
  const wallets = lineOf(next, 'wallet')!
  deepEqual(
    [wallets.opening, wallets.in, wallets.out, wallets.held],
    [40_000_000, 0, 200 * price, 100 * price],
  )
  for (const { account, closing } of evenings.accounts) {
    equal(lineOf(next, account)?.opening, closing, account)
  }
  const balances = await Promise.all(users.map(userId => call('wallet.balance', { userId })))
  equal(
    balances.reduce((sum, answer) => sum + okOf(answer).balance, 0),
    wallets.closing,
  )
  deepEqual(await doubts(db.pool), [])
})

test('closing: a late correction: the closed day stays, the new day has it (MNK4, MNK5)', async t => {
  const database = await testDatabase()
  after(() => database.drop())
  const at = await sceneAt(t, { url: database.url, ms: evening })
  const { call, clock, db, room } = at
  const closer = makeCloser({ room, db, masterKey })
  const userId = await at.user(1, 50_000)
  clock.ms = Date.parse('2026-10-15T00:00:30+07:00')
  await closer.close()
  equal(await readClosing(db.pool, '2026-10-14'), null)
  clock.ms = morning
  await closer.close()
  const closed = (await readClosing(db.pool, '2026-10-14'))!
  await call('wallet.deposit', { userId, amount: 7_000, ref: 'late', note: 'forgotten' })
  await closer.close()
  deepEqual(await readClosing(db.pool, '2026-10-14'), closed)
  clock.ms += 3 * 24 * 60 * 60_000
  await closer.close()
  const days = okOf(
    await (async () => {
      at.broker.createService(closingService({ room, db, masterKey }, closer))
      await at.broker.waitForServices('closing')
      return call('closing.list', { limit: 10 })
    })(),
  )
  deepEqual(
    days.rows.map(({ day, sum }) => [day, sum]),
    [
      ['2026-10-17', 0],
      ['2026-10-16', 0],
      ['2026-10-15', 0],
      ['2026-10-14', 0],
    ],
  )
  const next = JSON.parse((await readClosing(db.pool, '2026-10-15'))!.statement) as Statement
  const { opening, closing } = lineOf(next, 'wallet')!
  deepEqual([opening, closing], [50_000, 57_000])

  deepEqual(await doubts(db.pool), [])
  await db.pool.query(sql.type(z.object({}))`
    update closing set statement = replace(statement, '50000', '50001') where day = '2026-10-14'`)
  const told = await doubts(db.pool)
  deepEqual(
    told.filter(({ day }) => day === '2026-10-14').map(({ what }) => what),
    ['the journal gives another statement', 'the hash is another', 'the signature does not hold'],
  )
})

/** Closing may be under way already, by a clock that stood at the day before. */
const closed = (closer: Closer, { pool }: Pick<Database, 'pool'>, day: string) =>
  until(
    async () => {
      await closer.close()
      return (await readClosing(pool, day))!
    },
    row => row !== null,
  )

const lineOf = ({ accounts }: Statement, name: string) =>
  accounts.find(({ account }) => account === name)
