import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import { ServiceBroker } from 'moleculer'
import { testDatabase } from '../../deploy/testing/database.ts'
import { followChanges } from '../../sql/changes.ts'
import { openDatabase } from '../../sql/database.ts'
import { addCatalogue } from '../../sql/topup/catalogue.ts'
import type { Answer } from '../contract/answer.ts'
import type { ProductRow } from '../contract/catalogue.ts'
import type { Call } from '../contract.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { catalogueAdminService } from './admin.service.ts'
import { type Book, quote } from './book.ts'
import { catalogueService } from './catalogue.service.ts'
import { applyDue } from './price-change.ts'
import { catalogue } from './rows.fixture.ts'
import { makeShelf } from './shelf.ts'
import { bookSource } from './source.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const changes = await followChanges(database.url)
const client = await db.connect()
const suppliers = [
  {
    ...{ code: 'a', name: 'a', adapter: 'digiflazz', baseUrl: 'http://127.0.0.1:1' },
    ...{ credentials: '', timeoutMs: 1, maxInFlight: 1, recheckAfterMs: 1, active: true },
  },
]
await addCatalogue(db.pool, { ...catalogue(), suppliers })
const userId = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e880'
await client.query(`insert into client (id, username, name, level) values ($1, 'u', 'U', 0)`, [
  userId,
])
const shelf = await makeShelf({ source: bookSource(db), changes })

const noon = Date.UTC(2026, 0, 1, 5)
let now = noon

function openMesh() {
  const mesh = new ServiceBroker({ logger: false })
  const seal = makeSeal(newMasterKey())
  const fixed = { db, seal, adapters: new Map(), supplierOf: () => undefined }
  mesh.createService(catalogueAdminService({ ...fixed, now: () => now, lookMs: 5 }))
  return mesh
}
let mesh = openMesh()
await mesh.start()
after(async () => {
  await mesh.stop()
  await shelf.stop()
  await changes.stop()
  await client.end()
  await db.end()
  await database.drop()
})

const call: Call = (action, params) => mesh.call(action, params) as never
function ok<T>(answer: Answer<T>): T {
  if (!('ok' in answer)) throw new Error(JSON.stringify(answer))
  return answer.ok
}
const refusal = (answer: Answer<unknown>) => ('refused' in answer ? answer.refused : null)
const put = (rule: object) => ({ op: 'put', rule: { scope: 'default', ...rule } })
const schedule = (startsAt: number, ...told: object[]) =>
  call('catalogueAdmin.schedulePrices', { changes: told, startsAt, note: 'sale', by: 'keeper' })
const priceIn = (book: Book, who?: string) => {
  const own = who === undefined ? {} : { userId: who }
  const order = { code: 'XLD10', level: 0, destination: '087800001230', nowMs: noon, ...own }
  const answer = quote(book, order)
  return 'refused' in answer ? answer.refused : answer.price
}
async function becomes(price: number | string, who?: string) {
  while (priceIn(shelf.book(), who) !== price) await shelf.nextVersion()
}

test('price change: the preview: who pays what, and nothing is written (KAH1)', async () => {
  const told = ok(await call('catalogueAdmin.previewPrices', { changes: [put({ fixed: 900 })] }))
  deepEqual([told.products, told.users, told.levels.length], [1, 1, 10])
  deepEqual(told.biggest, { product: 'XLD10', who: 'level 0', from: 10_500, to: 10_900 })
  const { rows } = await client.query('select fixed from price_rule')
  deepEqual(rows, [{ fixed: 500 }])
})

test('price change: at its time and not before: the book follows by itself (KAH2)', async () => {
  const row = ok(await schedule(now + 60_000, put({ fixed: 700 })))
  deepEqual([row['state'], (row['preview'] as { products: number }).products], ['scheduled', 1])
  equal(await applyDue({ db, now: () => now }), 0)
  equal(priceIn(shelf.book()), 10_500)
  now += 60_000
  await becomes(10_700)
  const { rows } = ok(await call('catalogueAdmin.priceChanges', { limit: 5 }))
  deepEqual([rows[0]!['state'], rows[0]!['closedBy']], ['applied', `schedule:${row['id']}`])
  const history = ok(await call('catalogueAdmin.history', { kind: 'price-rules', limit: 1 })).rows
  equal(history[0]!['who'], `schedule:${row['id']}`)
})

test('price change: a rule for one client: only that client pays it (KAH2)', async () => {
  ok(await schedule(now, put({ user_id: userId, fixed: 50 })))
  await becomes(10_050, userId)
  equal(priceIn(shelf.book()), 10_700)
  ok(await schedule(now, { op: 'remove', rule: { scope: 'default', user_id: userId } }))
  await becomes(10_700, userId)
  // A second time there is nothing to remove, and that is no trouble (KAH4).
  ok(await schedule(now, { op: 'remove', rule: { scope: 'default', user_id: userId } }))
  ok(await schedule(now, put({ fixed: 800 })))
  await becomes(10_800)
})

test('price change: on the mesh: who has prices of its own, and which (KAQ1)', async () => {
  ok(await schedule(now, put({ user_id: userId, fixed: 60 })))
  await becomes(10_060, userId)
  const lists = new ServiceBroker({ logger: false })
  lists.createService(catalogueService({ shelf, now: () => now }))
  await lists.start()
  deepEqual(await lists.call('catalogue.ownPrices', {}), [userId])
  const priceOf = async (params: object) => {
    const rows = await lists.call<ProductRow[], object>('catalogue.products', params)
    return rows[0]?.price
  }
  equal(await priceOf({ level: 0, userId }), 10_060)
  equal(await priceOf({ level: 0, userId: 'somebody' }), 10_800)
  equal(await priceOf({ level: 0 }), 10_800)
  await lists.stop()
  ok(await schedule(now, { op: 'remove', rule: { scope: 'default', user_id: userId } }))
  await becomes(10_800, userId)
})

test('price change: removing what is gone: carried out all the same (KAH4)', async () => {
  const gone = { op: 'remove', rule: { scope: 'default', level: 7 } }
  ok(await schedule(now, gone, put({ fixed: 810 })))
  await becomes(10_810)
})

test('price change: cancelled: never happens; too late: refused (KAH3)', async () => {
  const row = ok(await schedule(now + 60_000, put({ fixed: 1 })))
  const what = { id: row['id'] as number, by: 'keeper' }
  equal(ok(await call('catalogueAdmin.cancelPrices', what)), null)
  equal(refusal(await call('catalogueAdmin.cancelPrices', what)), 'ALREADY_DECIDED')
  equal(refusal(await call('catalogueAdmin.cancelPrices', { ...what, id: 99_999 })), 'NOT_FOUND')
  now += 120_000
  equal(await applyDue({ db, now: () => now }), 0)
})

test('price change: due while nobody ran: carried out at the next start (KAH2)', async () => {
  ok(await schedule(now + 60_000, put({ fixed: 820 })))
  await mesh.stop()
  now += 600_000
  mesh = openMesh()
  await mesh.start()
  await becomes(10_820)
})

test('price change: two processes: each change once (KAH2) (KAM1)', async () => {
  await mesh.stop()
  for (let n = 1; n <= 4; n++) {
    await client.query(
      `insert into price_change (starts_at, changes, preview, created_by)
       values (to_timestamp($1), $2, '{}', 'keeper')`,
      [now / 1_000, JSON.stringify([put({ level: n, fixed: n })])],
    )
  }
  const counts = await Promise.all([1, 2].map(() => applyDue({ db, now: () => now })))
  equal(counts[0]! + counts[1]!, 4)
  mesh = openMesh()
  await mesh.start()
})

test('price change: what goes wrong by itself: told, and tried again (KAM2)', async () => {
  await mesh.stop()
  const { rows } = await client.query(
    `insert into price_change (starts_at, changes, preview, created_by)
     values (to_timestamp($1), '[{"op": "dance"}]', '{}', 'keeper') returning id`,
    [now / 1_000],
  )
  const told: unknown[] = []
  const twice = Promise.withResolvers<void>()
  mesh = new ServiceBroker({ logger: false })
  mesh.createService(
    catalogueAdminService({
      ...{ db, seal: makeSeal(newMasterKey()), adapters: new Map(), supplierOf: () => undefined },
      ...{ now: () => now, lookMs: 1 },
      onError: cause => {
        if (told.push(cause) === 2) twice.resolve()
      },
    }),
  )
  await mesh.start()
  await twice.promise
  await client.query(`delete from price_change where id = $1`, [rows[0].id])
  ok(await schedule(now, put({ fixed: 830 })))
  await becomes(10_830)
})

test('price change: nonsense: refused before anything is computed (KAH1)', async () => {
  equal(refusal(await schedule(now, put({ scope: 'planet' }))), 'FIELDS_INVALID')
  equal(refusal(await schedule(now)), 'FIELDS_INVALID')
  const stranger = put({ scope: 'brand', target: 'NOBODY' })
  equal(refusal(await schedule(now, stranger)), 'REFERENCE_UNKNOWN')
  equal(refusal(await schedule(now + 400 * 86_400_000, put({ fixed: 1 }))), 'TIME_INVALID')
})
