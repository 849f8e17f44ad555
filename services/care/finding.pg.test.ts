import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { shardOf } from '../../engine/ids.ts'
import { sql, z } from '../../sql/database.ts'
import type { Answer } from '../contract/answer.ts'
import type { FoundOrder } from '../contract/clients.ts'
import type { Actions } from '../contract.ts'
import { type Scene, sceneAt, shards, until } from '../engine-room.fixture.ts'
import { enrolMany } from '../identity/enrol.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { adapters } from '../supplier/adapters.ts'
import { findingService, lookedAtMax } from './finding.ts'

const seal = makeSeal(newMasterKey())
const credentials = { username: 'user', apiKey: 'a-secret-key', webhookSecret: 'hush' }

type Person = { readonly userId: string; readonly username: string }
type Desk = Scene & { readonly people: readonly Person[] }

async function deskAt(t: TestContext, people = 2): Promise<Desk> {
  const database = await testDatabase()
  after(() => database.drop())
  const scene = await sceneAt(t, { url: database.url })
  const { broker, room, db, call } = scene
  const access = {
    ...{ code: 'digi', adapter: adapters.get('digiflazz')!, baseUrl: 'http://127.0.0.1:9' },
    ...{ credentials, timeoutMs: 30_000, maxInFlight: 1, recheckAfterMs: 1, active: true },
    testing: true,
  }
  const supplierOf = (code: string) => (code === 'digi' ? access : undefined)
  broker.createService(findingService({ room, db, supplierOf }))
  await broker.waitForServices('finding')
  const made = await enrolMany({ db, seal, shards }, { name: 'Toko', count: people })
  for (const { userId } of made) {
    await call('wallet.deposit', { userId, amount: 900_000, ref: `in-${userId}`, note: 'tunai' })
  }
  return { ...scene, people: made }
}

type Page = Extract<Actions['finding.orders']['result'], { ok: unknown }>['ok']
const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}

async function buy(desk: Desk, userId: string, ref: string, destination: string): Promise<string> {
  const { call, clock } = desk
  clock.ms += 3
  const wish = { userId, level: 0, ref, product: 'XLD10', destination }
  return okOf(await call('order.place', wish)).order.trxId
}

const find = async ({ call }: Desk, asked: object): Promise<Page> =>
  okOf(await call('finding.orders', { limit: 50, ...asked }))

/** All pages, one after the other. */
async function all(desk: Desk, asked: object): Promise<readonly FoundOrder[]> {
  const rows: FoundOrder[] = []
  let cursor: string | null = null
  do {
    const page: Page = await find(desk, { ...asked, ...(cursor === null ? {} : { cursor }) })
    rows.push(...page.rows)
    cursor = page.next
  } while (cursor !== null)
  return rows
}

const idsOf = (rows: readonly FoundOrder[]) => rows.map(row => row.trxId)

/** As soon as all these orders are in the read model, and settled. */
const settled = (desk: Desk, count: number) =>
  until(
    async () =>
      await desk.db.pool.oneFirst(sql.type(z.object({ count: z.number() }))`
        select count(*)::int as count from order_view where status = 'SUCCESS'`),
    is => is === count,
  )

test('finding: by number, client, reference and time: newest first, page by page (KLC2, KLC3)', async t => {
  const desk = await deskAt(t)
  const [ani, budi] = desk.people as [Person, Person]
  const start = desk.clock.ms
  const ids: string[] = []
  for (const [owner, ref, destination] of [
    [ani, 'A-1', '087800000001'],
    [budi, 'A-1', '087800000001'],
    [ani, 'A-2', '087800000002'],
    [budi, 'B-1', '087800000003'],
    [ani, 'A-3', '087800000003'],
  ] as const) {
    ids.push(await buy(desk, owner.userId, ref, destination))
  }
  await settled(desk, 5)
  const [a1, b1, a2, b2, a3] = ids as [string, string, string, string, string]

  deepEqual(idsOf(await all(desk, { destination: '087800000001', limit: 1 })), [b1, a1])
  deepEqual(idsOf(await all(desk, { client: ani.username, limit: 1 })), [a3, a2, a1])
  deepEqual(idsOf(await all(desk, { ref: 'A-1', limit: 1 })), [b1, a1])
  deepEqual(idsOf(await all(desk, { ref: 'A-1', client: ani.username })), [a1])
  deepEqual(idsOf(await all(desk, { ref: 'B-1', destination: '087800000003' })), [b2])
  deepEqual(idsOf(await all(desk, { from: start, limit: 2 })), [a3, b2, a2, b1, a1])

  const [row] = await all(desk, { ref: 'A-2' })
  deepEqual(
    [row?.username, row?.userId, row?.ref, row?.product, row?.status, row?.supplier, row?.cost],
    [ani.username, ani.userId, 'A-2', 'XLD10', 'SUCCESS', 'digi', 9_900],
  )
  equal((await all(desk, { from: start, status: 'FAILED' })).length, 0)
  equal((await all(desk, { from: start, supplier: 'diva' })).length, 0)
  equal((await all(desk, { from: start, product: 'XLD10' })).length, 5)
  const later = row!.createdAt + 1
  deepEqual(idsOf(await all(desk, { from: later })), [a3, b2])
  deepEqual(idsOf(await all(desk, { from: start, to: later - 1 })), [a2, b1, a1])
  deepEqual(idsOf(await all(desk, { client: ani.username, from: later })), [a3])
  deepEqual(idsOf(await all(desk, { client: ani.username, to: later - 1 })), [a2, a1])
  deepEqual(idsOf(await all(desk, { destination: '087800000003', to: later })), [])
})

test('finding: an unknown client, a foreign cursor: not found (KLC2)', async t => {
  const desk = await deskAt(t, 1)
  const [{ username }] = desk.people as [Person]
  const wrong = [
    { client: 'nobody' },
    { client: username, cursor: 'x' },
    { from: 0, cursor: '12' },
    { ref: 'A', cursor: '12' },
  ]
  for (const one of wrong) {
    const answer = await desk.call('finding.orders', { limit: 1, ...one })
    equal('refused' in answer && answer.refused, 'NOT_FOUND', JSON.stringify(one))
  }
})

test('finding: something rare among many: bounded pages, and none is missed (KLC1, KLC2)', async t => {
  const desk = await deskAt(t, 1)
  const [{ userId, username }] = desk.people as [Person]
  const count = lookedAtMax * 2 + 50
  const shard = shardOf(userId)
  // Ids a millisecond apart, spread over all shards but those that belong to the client.
  const ms = desk.clock.ms + 60_000
  const client = await desk.db.connect()
  await client.query(
    `with one as (
       select n, case when n % 2 = 0 then $2::int else n % $3::int end as shard
         from generate_series(1, $1::int) as n
     ), row as (
       select n, shard, (substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-7' ||
              lpad(to_hex(shard), 3, '0') || '-8000-' || lpad(to_hex(n), 12, '0'))::uuid as id
         from one, lpad(to_hex($4::bigint + n), 12, '0') as h
     ), seen as (
       insert into mutation (shard, user_id, seq, leg, direction, amount, balance_before,
                             balance_after, kind, reference_id, note, created_at)
       select shard, $5, 1000000 + n, 0, 'out', 1, 1, 0, 'order', id, '', now()
         from row where n % 2 = 0
     )
     insert into order_view (shard, id, user_id, ref, product, destination, price, status,
                             attempts, created_at, updated_at)
     select shard, id, $5, 'R-' || n, case when n in (2, 3) then 'RARE' else 'XLD10' end,
            '0878', 1, 'SUCCESS', 1, now(), now() from row`,
    [count, shard, shards, ms, userId],
  )
  await client.end()
  for (const [asked, rare] of [
    [{ from: ms }, ['R-3', 'R-2']],
    [{ destination: '0878' }, ['R-3', 'R-2']],
    [{ client: username }, ['R-2']],
  ] as const) {
    const found = await all(desk, { ...asked, product: 'RARE' })
    deepEqual(
      found.map(row => row.ref),
      rare,
      JSON.stringify(asked),
    )
    const first = await find(desk, { ...asked, product: 'RARE' })
    // The client has half of them; that is one bounded page and a bit.
    deepEqual([first.rows.length, first.next === null], [0, false], JSON.stringify(asked))
    const every = await all(desk, { ...asked, limit: 100 })
    const mine = 'client' in asked ? Math.floor(count / 2) : count
    deepEqual([every.length, new Set(idsOf(every)).size], [mine, mine])
    deepEqual(idsOf(every), idsOf(every).toSorted().toReversed())
  }
})

test('finding: one order: whose it is, what the supplier said and was sent, no secret (KLC4)', async t => {
  const desk = await deskAt(t, 1)
  const [{ userId, username }] = desk.people as [Person]
  const trxId = await buy(desk, userId, 'A-1', '087800000009')
  await settled(desk, 1)
  const file = okOf(await desk.call('finding.order', { trxId }))
  deepEqual([file.username, file.order.status], [username, 'SUCCESS'])
  ok(file.order.attempts[0]?.reply?.includes('SN-087800000009'))
  const [{ request }] = file.requests as [(typeof file.requests)[number]]
  const sent = desk.asked[0]!
  const again = JSON.parse(request!.body!) as typeof sent
  deepEqual(
    { ...again, username: sent['username'], sign: sent['sign'] },
    { ...sent, username: sent['username'], sign: sent['sign'] },
  )
  deepEqual([again['username'], again['sign']], ['***', '***'])
  for (const secret of Object.values(credentials)) {
    ok(!JSON.stringify(file.requests).includes(`"${secret}"`))
  }
  const gone = await desk.call('finding.order', { trxId: userId })
  equal('refused' in gone && gone.refused, 'NOT_FOUND')
})
