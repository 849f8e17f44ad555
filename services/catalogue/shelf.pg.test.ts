import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import { ServiceBroker } from 'moleculer'
import { testDatabase } from '../../deploy/testing/database.ts'
import { followChanges } from '../../sql/changes.ts'
import { openDatabase } from '../../sql/database.ts'
import { addCatalogue, readCatalogue } from '../../sql/topup/catalogue.ts'
import type { ProductRow } from '../contract/catalogue.ts'
import { type Book, quote } from './book.ts'
import { catalogueService } from './catalogue.service.ts'
import { catalogue, productRow } from './rows.fixture.ts'
import { makeShelf } from './shelf.ts'
import { bookSource } from './source.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const changes = await followChanges(database.url)
const client = await db.connect()
const suppliers = ['a', 'b'].map(code => ({
  code,
  name: code,
  adapter: 'digiflazz',
  baseUrl: 'http://127.0.0.1:1',
  credentials: '',
  timeoutMs: 1,
  maxInFlight: 1,
  recheckAfterMs: 1,
  active: true,
}))
await addCatalogue(db.pool, { ...catalogue(), suppliers })
const shelf = await makeShelf({ source: bookSource(db), changes })
after(async () => {
  await shelf.stop()
  await changes.stop()
  await client.end()
  await db.end()
  await database.drop()
})

const order = { code: 'xld10', level: 0, destination: '087800001230', nowMs: Date.now() }

function priceIn(book: Book): number | string {
  const answer = quote(book, order)
  return 'refused' in answer ? answer.refused : answer.price
}

/** Does the write, then waits for books until one has it. */
async function afterWrite(query: string, holds: (book: Book) => boolean) {
  await client.query(query)
  while (!holds(shelf.book())) await shelf.nextVersion()
}

test('shelf: the first book: is there before anybody asks (C18)', () => {
  equal(priceIn(shelf.book()), 10_500)
  equal(shelf.version(), 1)
  deepEqual(shelf.health().ok, true)
})

test('shelf: any change of the catalogue: comes by a worker (C18)', async () => {
  const becomes = (price: number | string) => (book: Book) => priceIn(book) === price
  await afterWrite('update mapping set cost = 11000', becomes(11_500))
  await afterWrite('update price_rule set fixed = 600', becomes(11_600))
  await afterWrite('update supplier set active = false', becomes('PRODUCT_UNSUPPLIED'))
  await afterWrite('update supplier set active = true', becomes(11_600))
  await afterWrite('update product set active = false', becomes('PRODUCT_CLOSED'))
  await afterWrite('update product set active = true', becomes(11_600))
  await afterWrite(`update operator_prefix set brand = 'TRI'`, becomes(11_600))
  await afterWrite(`insert into operator_prefix values ('0817', 'XL')`, becomes('PREFIX_MISMATCH'))
  await afterWrite(`update operator_prefix set brand = 'XL'`, becomes(11_600))
})

test('shelf: rows written and read: the same catalogue (C18)', async () => {
  const rows = await readCatalogue(db.pool)
  deepEqual(
    rows.products.map(row => ({ ...row })),
    [productRow('XLD10')],
  )
})

test('shelf: on the mesh: the price list of the newest book (C18)', async () => {
  const mesh = new ServiceBroker({ logger: false })
  mesh.createService(catalogueService({ shelf }))
  await mesh.start()
  const products = (): Promise<ProductRow[]> => mesh.call('catalogue.products', { level: 0 })
  equal((await products())[0]?.price, 11_600)
  await afterWrite('update price_rule set fixed = 500', book => priceIn(book) === 11_500)
  equal((await products())[0]?.price, 11_500)
  await mesh.stop()
})

test('shelf: a swap: who holds the old book keeps a whole one (C22)', async () => {
  const held = shelf.book()
  const before = priceIn(held)
  await afterWrite('update mapping set cost = 20000', book => priceIn(book) === 20_500)
  equal(priceIn(held), before)
  equal(Object.is(held, shelf.book()), false)
})

test('shelf: a lost connection: what changed meanwhile is in the book (C21)', async () => {
  await afterWrite(
    `with cut as (
       select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'laju changes' and datname = current_database())
     update mapping set cost = 30000 where (select count(*) from cut) = 1`,
    book => priceIn(book) === 30_500,
  )
  equal(shelf.health().ok, true)
})
