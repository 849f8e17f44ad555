import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import type { Answer } from '../contract/answer.ts'
import type { OrderRow } from '../contract/order-view.ts'
import type { Actions } from '../contract.ts'
import { type Scene, sceneAt, until } from '../engine-room.fixture.ts'
import { listingService } from './listing.service.ts'

const database = await testDatabase()
after(() => database.drop())

type Wish = Omit<Actions['listing.orders']['params'], 'userId'>
type Page = { readonly rows: readonly OrderRow[]; readonly next: string | null }

async function scene(t: TestContext, scannedMax?: number) {
  const at = await sceneAt(t, { url: database.url })
  const { room, db, projector } = at
  const narrow = scannedMax === undefined ? {} : { scannedMax }
  at.broker.createService(listingService({ room, db, projector, ...narrow }))
  await at.broker.waitForServices('listing')
  return at
}

const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}

async function place(at: Scene, userId: string, n: number): Promise<string> {
  const destination = `08781234${String(n).padStart(3, '0')}0`
  const wish = { userId, level: 0, ref: `A-${n}`, product: 'xld10', destination }
  return okOf(await at.call('order.place', wish)).order.trxId
}

async function list(at: Scene, userId: string, wish: Wish): Promise<Page> {
  return okOf(await at.call('listing.orders', { userId, ...wish }))
}

/** Page after page, until there is none. */
async function whole(at: Scene, userId: string, wish: Wish): Promise<readonly Page[]> {
  const pages: Page[] = []
  let cursor: string | undefined
  do {
    const page = await list(at, userId, cursor === undefined ? wish : { ...wish, cursor })
    pages.push(page)
    ok(pages.length < 100)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return pages
}

const refsOf = (pages: readonly Page[]) => pages.flatMap(({ rows }) => rows.map(({ ref }) => ref))

test('listing: orders just placed: there, newest first, in pages, each once (SEG1, SEK1)', async t => {
  const at = await scene(t)
  const userId = await at.user(1)
  const other = await at.user(1)
  await place(at, other, 9)
  const ids: string[] = []
  for (let n = 0; n < 5; n++) {
    ids.push(await place(at, userId, n))
    deepEqual((await list(at, userId, { limit: 1 })).rows[0]?.trxId, ids.at(-1))
  }
  const pages = await whole(at, userId, { limit: 2 })
  deepEqual(refsOf(pages), ['A-4', 'A-3', 'A-2', 'A-1', 'A-0'])
  deepEqual(
    pages.map(({ rows }) => rows.length),
    [2, 2, 1],
  )
  const view = okOf(await at.call('order.get', { userId, trxId: ids[0]! }))
  const row = pages.at(-1)!.rows[0]!
  deepEqual([row.trxId, row.product, row.price], [ids[0], 'XLD10', 10_500])
  deepEqual([row.destination, row.createdAt], [view.destination, view.createdAt])
  deepEqual(await list(at, await at.user(2), { limit: 10 }), { rows: [], next: null })
  const odd = await at.call('listing.orders', { userId, limit: 1, cursor: 'x' })
  equal('refused' in odd && odd.refused, 'NOT_FOUND')
})

test('listing: failed orders, which also gave money back: listed once, with the reason (SEG1)', async t => {
  const at = await scene(t)
  const userId = await at.user(1)
  at.shop.answer = () => ({ status: 'Gagal', rc: '54', sn: '' })
  const trxId = await place(at, userId, 1)
  await until(
    async () => okOf(await at.call('order.get', { userId, trxId })),
    ({ status }) => status === 'FAILED',
  )
  const { rows, next } = await list(at, userId, { limit: 10 })
  equal(next, null)
  deepEqual(
    rows.map(row => [row.trxId, row.status, row.failure !== null]),
    [[trxId, 'FAILED', true]],
  )
})

test('listing: filters: by status, by the beginning of a reference or a number (SEK1)', async t => {
  const at = await scene(t)
  const userId = await at.user(1)
  const first = await place(at, userId, 1)
  await until(
    async () => okOf(await at.call('order.get', { userId, trxId: first })),
    ({ status }) => status === 'SUCCESS',
  )
  at.shop.answer = () => ({ status: 'Pending', rc: '03', sn: '' })
  await place(at, userId, 2)
  const refs = async (wish: Partial<Wish>) =>
    refsOf([await list(at, userId, { limit: 10, ...wish })])
  deepEqual(await refs({ status: 'SUCCESS' }), ['A-1'])
  deepEqual(await refs({ status: 'PROCESSING' }), ['A-2'])
  deepEqual(await refs({ q: 'A-2' }), ['A-2'])
  deepEqual(await refs({ q: '087812340010' }), ['A-1'])
  deepEqual(await refs({ q: '0878' }), ['A-2', 'A-1'])
  deepEqual(await refs({ q: '0878', status: 'SUCCESS' }), ['A-1'])
  for (const q of ['-1', '%', '_-1']) deepEqual(await refs({ q }), [], q)
})

test('listing: far back: a question looks through so much, and says where to go on (SEK2)', async t => {
  const at = await scene(t, 2)
  const userId = await at.user(1)
  for (let n = 0; n < 5; n++) await place(at, userId, n)
  const pages = await whole(at, userId, { limit: 10, q: 'A-0' })
  deepEqual(refsOf(pages), ['A-0'])
  ok(pages.length > 1)
  deepEqual(pages[0]?.rows, [])
  deepEqual(refsOf(await whole(at, userId, { limit: 1 })), ['A-4', 'A-3', 'A-2', 'A-1', 'A-0'])
})
