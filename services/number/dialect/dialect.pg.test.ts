import { deepEqual, equal, ok } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ServiceBroker } from 'moleculer'
import { testDatabase } from '../../../deploy/testing/database.ts'
import { followChanges } from '../../../sql/changes.ts'
import { openDatabase, sql, z } from '../../../sql/database.ts'
import type { Call } from '../../contract.ts'
import { apiKeyPurpose, makeIdentity } from '../../identity/identity.service.ts'
import { makeSeal } from '../../seal.ts'
import { dialectService } from './dialect.service.ts'

const nothing = z.object({})
const idOf = (n: number) => `0193a7c2-4d1e-70a1-9f3c-${String(n).padStart(12, '0')}`

async function stageAt(t: TestContext) {
  const database = await testDatabase()
  const db = await openDatabase(database.url)
  const changes = await followChanges(database.url)
  const seal = makeSeal(Buffer.alloc(32, 7))
  const identity = makeIdentity({ db, seal, changes })
  const broker = new ServiceBroker({ logger: false })
  broker.createService(dialectService({ db, seal, identity }))
  await broker.start()
  t.after(async () => {
    await broker.stop()
    identity.stop()
    await changes.stop()
    await db.end()
    await database.drop()
  })
  const call: Call = (action, params) => broker.call(action, params) as never
  const keep = async (n: number, apiKey: string) => {
    const [id, sealed] = [idOf(n), seal.close(apiKey, apiKeyPurpose(idOf(n)))]
    await db.pool.query(sql.type(nothing)`
      insert into client (id, username, name, role, api_key, rate_per_min)
      values (${id}, ${`user${n}`}, 'Toko', 'reseller', ${sealed}, 60)
      on conflict (id) do update set api_key = excluded.api_key`)
    return id
  }
  return { db, call, keep }
}

/** As it is said at last, for changes are heard a moment later. */
async function cardOf(call: Call, apiKey: string, isSo: (userId: string | null) => boolean) {
  for (;;) {
    const card = await call('dialect.card', { apiKey })
    if (isSo(card?.userId ?? null)) return card
  }
}

test('dialect: a bare key: found by its hash; once exchanged it is nobody’s (NDA1)', async t => {
  const { db, call, keep } = await stageAt(t)
  const one = await keep(1, 'key-of-the-first')
  const other = await keep(2, 'key-of-the-other')
  equal((await call('dialect.card', { apiKey: 'key-of-the-first' }))?.userId, one)
  equal((await call('dialect.card', { apiKey: 'key-of-the-other' }))?.userId, other)
  equal(await call('dialect.card', { apiKey: 'key-of-nobody' }), null)
  const rows = await db.pool.any(sql.type(z.object({ hash: z.string() }))`
    select hash from client_api_key`)
  equal(rows.length, 2)
  ok(rows.every(({ hash }) => !hash.includes('key-of')))
  await keep(1, 'a-newer-key')
  equal(await call('dialect.card', { apiKey: 'key-of-the-first' }), null)
  const card = await cardOf(call, 'a-newer-key', userId => userId !== null)
  deepEqual([card?.userId, card?.apiKey], [one, 'a-newer-key'])
})

test('dialect: suspended: known, with the end of the ban (NDA1)', async t => {
  const { db, call, keep } = await stageAt(t)
  const userId = await keep(1, 'key-of-the-first')
  await db.pool.query(sql.type(nothing)`update client set status = 'suspended'`)
  const open = await cardOf(call, 'key-of-the-first', () => true)
  equal(open?.bannedUntil, null)
  await db.pool.query(sql.type(nothing)`
    insert into client_ban (client_id, reason, until, by, created_at)
    values (${userId}, 'x', to_timestamp(1900000000), 'ani', now())`)
  const banned = await call('dialect.card', { apiKey: 'key-of-the-first' })
  deepEqual([banned?.status, banned?.bannedUntil], ['suspended', 1_900_000_000_000])
})

test('dialect: numbers of orders: one’s own, each once, also when asked at once (NDA2, NDA3)', async t => {
  const { call } = await stageAt(t)
  const orders = Array.from({ length: 20 }, (_, n) => idOf(100 + n))
  const asked = await Promise.all(
    orders.map(orderId =>
      call('dialect.numbers', { userId: idOf(1), orderIds: [orderId, orders[0]!] }),
    ),
  )
  const numbers = asked.map(([n]) => n!)
  deepEqual(
    numbers.toSorted((one, two) => one - two),
    orders.map((_, n) => 100_001 + n),
  )
  deepEqual(await call('dialect.numbers', { userId: idOf(1), orderIds: orders }), numbers)
  deepEqual(await call('dialect.numbers', { userId: idOf(1), orderIds: [] }), [])
  deepEqual(await call('dialect.numbers', { userId: idOf(2), orderIds: [orders[7]!] }), [100_001])
  equal(await call('dialect.order', { userId: idOf(2), n: 100_001 }), orders[7])
  equal(await call('dialect.order', { userId: idOf(2), n: 100_002 }), null)
})

test('dialect: countries without a number: theirs for ever (NDA3)', async t => {
  const { call } = await stageAt(t)
  const first = await call('dialect.countries', { countryIds: ['wakanda', 'atlantis'] })
  deepEqual(first, [1_001, 1_000])
  const more = await call('dialect.countries', { countryIds: ['atlantis', 'eldorado', 'wakanda'] })
  deepEqual(more, [1_000, 1_002, 1_001])
  deepEqual(await call('dialect.countries', { countryIds: [] }), [])
})
