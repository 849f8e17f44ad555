import { deepEqual, equal, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, test } from 'node:test'
import { ServiceBroker } from 'moleculer'
import { testDatabase } from '../../deploy/testing/database.ts'
import type { Change, Listener } from '../../sql/changes.ts'
import { openDatabase, sql, z } from '../../sql/database.ts'
import { addCatalogue, replaceCredentials, type SupplierRecord } from '../../sql/topup/catalogue.ts'
import { insertCallbacks, judgeCallbacks, unreadCallbacks } from '../../sql/topup/suppliers.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { adapters } from './adapters.ts'
import { type Directory, makeDirectory, supplierPurpose } from './directory.ts'
import type { CallbackReport } from './report.ts'
import { supplierService } from './supplier.service.ts'

const { url, drop } = await testDatabase()
const db = await openDatabase(url)
after(async () => {
  await db.end()
  await drop()
})

const seal = makeSeal(newMasterKey())
const words = { username: 'user', apiKey: 'key', webhookSecret: 'secret' }
const sealed = (code: string, content: unknown = words): string =>
  seal.close(JSON.stringify(content), supplierPurpose(code))

const row = (code: string, extra: Partial<SupplierRecord> = {}): SupplierRecord => ({
  ...{ code, name: code, adapter: 'digiflazz', baseUrl: 'http://127.0.0.1:1/v1' },
  ...{ credentials: sealed(code), timeoutMs: 30_000, maxInFlight: 8, recheckAfterMs: 60_000 },
  active: true,
  ...extra,
})
const addSuppliers = (...suppliers: SupplierRecord[]): Promise<void> =>
  addCatalogue(db.pool, { suppliers, products: [], mappings: [], rules: [], prefixes: [] })

/** The line on which changes are heard, spoken by the test. */
function wire(): { tell(change: Change): void; subscribe(listener: Listener): () => void } {
  const listeners = new Set<Listener>()
  return {
    tell(change) {
      for (const listener of listeners) listener.change(change)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

test('directory: rows that can not be used: left out and said, the others serve (S24)', async () => {
  await addSuppliers(
    row('digi'),
    row('elsewhere', { adapter: 'nobody' }),
    row('foreign', { credentials: sealed('digi') }),
    row('halved', { credentials: sealed('halved', { username: 'user' }) }),
    row('lost', { baseUrl: 'not an address' }),
  )
  const changes = wire()
  const directory = await makeDirectory({ db, seal, changes, adapters, testing: false })
  deepEqual(
    directory.all().map(({ code }) => code),
    ['digi'],
  )
  const { adapter, ...access } = directory.get('digi')!
  equal(adapter.card.name, 'digiflazz')
  deepEqual(access.credentials, words)
  const { ok: healthy, reason } = directory.health()
  equal(healthy, false)
  for (const code of ['elsewhere', 'foreign', 'halved', 'lost']) ok(reason?.includes(code))
  ok(!reason?.includes('key'))
  directory.stop()
})

test('directory: a change: in use once it is heard (S25)', async () => {
  const changes = wire()
  const directory = await makeDirectory({ db, seal, changes, adapters, testing: true })
  equal(directory.get('digi')?.credentials['apiKey'], 'key')
  const credentials = sealed('digi', { ...words, apiKey: 'rotated' })
  await replaceCredentials(db.pool, { code: 'digi', credentials })
  changes.tell({ table: 'supplier', key: null })
  await directory.reload()
  equal(directory.get('digi')?.credentials['apiKey'], 'rotated')
  directory.stop()
})

test('directory: since when we are who we are there: known, and not for a key (SACC1)', async () => {
  const changes = wire()
  const directory = await makeDirectory({ db, seal, changes, adapters, testing: true })
  equal(directory.get('digi')?.accountSince, undefined)
  const before = Date.now()
  await db.pool.query(sql.type(z.object({}))`
    update supplier set credentials = ${sealed('digi', { ...words, username: 'other' })}
     where code = 'digi'`)
  await directory.reload()
  equal(directory.get('digi')!.accountSince! >= before - 1_000, true)
  await db.pool.query(sql.type(z.object({}))`
    update supplier set account_since = null where code = 'digi'`)
  await replaceCredentials(db.pool, { code: 'digi', credentials: sealed('digi') })
  await directory.reload()
  equal(directory.get('digi')?.accountSince, undefined)
  directory.stop()
})

test('directory: limits of a supplier: as they stand now (S25)', async () => {
  const changes = wire()
  const directory = await makeDirectory({ db, seal, changes, adapters, testing: true })
  const set = async (rate: number | null, room: number) => {
    await db.pool.query(sql.type(z.object({}))`
      update supplier set rate_per_min = ${rate}, max_in_flight = ${room} where code = 'digi'`)
    await directory.reload()
    const { ratePerMin, maxInFlight } = directory.get('digi')!
    return [ratePerMin, maxInFlight]
  }
  deepEqual(
    [await set(30, 2), await set(null, 8)],
    [
      [30, 2],
      [undefined, 8],
    ],
  )
  directory.stop()
})

test('directory: reachable from outside: each supplier is told its own address, with its word (S36)', async () => {
  const changes = wire()
  await addSuppliers(
    row('told', { credentials: sealed('told', { ...words, callbackToken: 'a/b' }) }),
  )
  const open = (callbackBase: string | null) =>
    makeDirectory({ db, seal, changes, adapters, testing: false, callbackBase })
  const at = await open('https://laju.example.id')
  const plain = 'https://laju.example.id/api/v1/callbacks/supplier/'
  equal(at.get('digi')?.callbackUrl, `${plain}digi`)
  equal(at.get('told')?.callbackUrl, `${plain}told/a%2Fb`)
  const nowhere = await open(null)
  equal(nowhere.get('digi')?.callbackUrl, undefined)
  at.stop()
  nowhere.stop()
})

test('inbox: rows: kept byte for byte, in order, until they are judged (S29)', async () => {
  const receivedAt = Date.UTC(2026, 10, 20)
  const bodies = [Buffer.from('{"a":1}'), Buffer.from([0, 255, 10]), Buffer.alloc(0)]
  const entries = bodies.map(body => ({ supplier: 'digi', receivedAt, headers: { a: 'é"' }, body }))
  const ids = await insertCallbacks(db.pool, entries)
  const unread = () => unreadCallbacks(db.pool, { before: Date.now(), after: 0, limit: 10 })
  const rows = await unread()
  deepEqual(
    rows.map(({ id }) => id),
    ids,
  )
  deepEqual(
    rows.map(({ body }) => body),
    bodies,
  )
  deepEqual(rows[0]!.headers, { a: 'é"' })
  equal((await unreadCallbacks(db.pool, { before: receivedAt, after: 0, limit: 10 })).length, 0)
  await judgeCallbacks(
    db.pool,
    ids.map(id => ({ id, verdict: 'accepted' })),
  )
  equal((await unread()).length, 0)
})

test('supplier.callback: on the mesh: stored, understood, told; unread ones at start (S33)', async () => {
  const text = JSON.stringify({
    data: { ref_id: 'L0193a7c24d1e70a19f3c5a7b21d0e888-1', status: 'Pending', rc: '03' },
  })
  const signature = `sha1=${createHmac('sha1', 'secret').update(text).digest('hex')}`
  const headers = { 'x-hub-signature': signature }
  const body = Buffer.from(text)
  await insertCallbacks(db.pool, [{ supplier: 'digi', receivedAt: 0, headers, body }])

  const told: CallbackReport[] = []
  const first = Promise.withResolvers<void>()
  const directory: Directory = await makeDirectory({
    ...{ db, seal, adapters, changes: wire(), testing: false },
  })
  const broker = new ServiceBroker({ logger: false })
  broker.createService(
    supplierService({
      db,
      supplierOf: directory.get,
      submit: async (_, report) => {
        told.push(report)
        first.resolve()
        return 'accepted'
      },
    }),
  )
  await broker.start()
  await first.promise
  const params = { supplier: 'digi', headers, body: body.toString('base64') }
  const results = await Promise.all(
    Array.from({ length: 20 }, () => broker.call('supplier.callback', params)),
  )
  deepEqual(
    new Set(results.map(result => JSON.stringify(result))),
    new Set(['{"verdict":"accepted","stored":true}']),
  )
  await broker.stop()
  directory.stop()
  equal(told.length, 21)
  equal(told[0]!.outcome, 'pending')
  const { count } = await db.pool.one(sql.type(z.object({ count: z.number() }))`
    select count(*) from callback_inbox where verdict = 'accepted'`)
  ok(count >= 21)
})
