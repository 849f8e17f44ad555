import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { followChanges } from '../../sql/changes.ts'
import { sql, z } from '../../sql/database.ts'
import type { Answer } from '../contract/answer.ts'
import type { ManagedClient } from '../contract/clients.ts'
import type { Actions, Signals } from '../contract.ts'
import { type Scene, sceneAt, shards, until } from '../engine-room.fixture.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { creditService } from '../wallet/credit.service.ts'
import { clientsService } from './clients.service.ts'
import { identityService, makeIdentity } from './identity.service.ts'

const database = await testDatabase()
after(() => database.drop())
const seal = makeSeal(newMasterKey())

type Desk = Scene & { readonly changed: string[] }

async function deskAt(t: TestContext): Promise<Desk> {
  const scene = await sceneAt(t, { url: database.url })
  const { broker, room, db, call } = scene
  const changes = await followChanges(database.url)
  t.after(() => changes.stop())
  const changed: string[] = []
  broker.createService(creditService({ room, db }))
  broker.createService(identityService({ db, seal, changes }, makeIdentity({ db, seal, changes })))
  const now = () => scene.clock.ms
  broker.createService(clientsService({ db, seal, shards, changes, call, now, liftEveryMs: 20 }))
  broker.createService({
    name: 'ear',
    events: {
      'client.changed': (ctx: { params: Signals['client.changed'] }) =>
        void changed.push(ctx.params.userId),
      'key.changed': (ctx: { params: Signals['key.changed'] }) =>
        void changed.push(ctx.params.keyId),
      'cards.missed': () => void changed.push('anybody'),
    },
  })
  await broker.waitForServices(['credit', 'identity', 'clients', 'ear'])
  return { ...scene, changed }
}

const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}
const refusedOf = (answer: Answer<unknown>): string =>
  'refused' in answer ? answer.refused : JSON.stringify(answer)

const by = 'bos'
const usual = { by, level: 1, role: 'reseller', ratePerMin: 60, ipAllow: [] } as const

const make = async ({ call }: Desk, name: string, more: object = {}) =>
  okOf(await call('clients.create', { ...usual, name, ...more }))
const readOf = async ({ call }: Desk, username: string) =>
  okOf(await call('clients.get', { username }))
const setStatus = ({ call }: Desk, username: string, status: ManagedClient['status'], who = by) =>
  call('clients.status', { username, status, reason: 'karena begitu', by: who })

test('clients: a new one: below its upline, keys told once, then only hints (KLA1, KLA6)', async t => {
  const desk = await deskAt(t)
  const above = await make(desk, 'Induk')
  const made = await make(desk, 'Cabang', {
    ...{ upline: above.username, readPerMin: 7, ipAllow: ['10.0.0.0/8'] },
  })
  const file = await readOf(desk, made.username)
  equal(file.client.upline, above.username)
  deepEqual(file.money, { balance: 0, held: 0, available: 0, creditLimit: 0, creditUsed: 0 })
  equal(file.apiKeyHint, `…${made.apiKey.slice(-4)}`)
  deepEqual(
    file.keys.map(key => [key.id, key.active, key.ipAllow, key.ratePerMin, key.readPerMin]),
    [[made.hmacKey, true, ['10.0.0.0/8'], 60, 7]],
  )
  for (const secret of [made.apiKey, made.hmacSecret, made.pin, made.password]) {
    ok(!JSON.stringify(file).includes(secret))
  }
  const { rows } = okOf(await desk.call('clients.history', { username: made.username, limit: 10 }))
  deepEqual(
    rows.map(row => [row.what, row.by, row.fields['upline']]),
    [['created', by, above.username]],
  )
  const orphan = await desk.call('clients.create', { ...usual, name: 'X', upline: 'nobody' })
  equal(refusedOf(orphan), 'CLIENT_UNKNOWN')
})

test('clients: a level without a price: refused, of who only rents numbers not (KLA9)', async t => {
  const desk = await deskAt(t)
  const { call, db } = desk
  for (const level of [10, 42, 99]) {
    const told = await call('clients.create', { ...usual, name: 'X', level })
    equal(refusedOf(told), 'LEVEL_INVALID')
    deepEqual('refused' in told && told.details, { min: 0, max: 9 })
  }
  const { username } = await make(desk, 'Toko', { level: 9 })
  const change = (fields: object, version: number) =>
    call('clients.change', { username, version, by, ...fields })
  equal(refusedOf(await change({ level: 10 }, 1)), 'LEVEL_INVALID')
  equal((await readOf(desk, username)).client.level, 9)
  okOf(await change({ level: 0 }, 1))
  // From before: he keeps it, and the rest of him may change.
  await db.pool.query(sql.type(z.object({}))`
    update client set level = 42 where username = ${username}`)
  const { version } = (await readOf(desk, username)).client
  const renamed = okOf(await change({ name: 'Toko Baru' }, version))
  equal(renamed.level, 42)
  await db.pool.query(sql.type(z.object({}))`
    update client set role = 'consumer' where username = ${username}`)
  const now = (await readOf(desk, username)).client.version
  equal(okOf(await change({ level: 99 }, now)).level, 99)
})

test('clients: found by name, member and standing, page by page, each once (KLA1)', async t => {
  const desk = await deskAt(t)
  const names = ['Sinar Abadi', 'Sinar Jaya', 'SINAR 100%']
  const made = []
  for (const name of names) made.push(await make(desk, name, { level: 9 }))
  const find = async (more: object, limit = 10) =>
    okOf(await desk.call('clients.list', { limit, ...more }))
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof find>> = await find(
      { q: 'sinar', ...(cursor === null ? {} : { cursor }) },
      1,
    )
    seen.push(...page.rows.map(row => row.name))
    cursor = page.next
  } while (cursor !== null)
  deepEqual(seen, names.toReversed())
  deepEqual(
    (await find({ q: '0%' })).rows.map(row => row.name),
    ['SINAR 100%'],
  )
  const [one] = made
  deepEqual(
    (await find({ q: one!.memberId })).rows.map(row => row.username),
    [one!.username],
  )
  await setStatus(desk, one!.username, 'suspended')
  deepEqual((await find({ level: 9, status: 'suspended' })).rows.length, 1)
  deepEqual((await find({ level: 9, role: 'admin' })).rows, [])
  equal(refusedOf(await desk.call('clients.list', { limit: 1, cursor: 'x' })), 'NOT_FOUND')
})

test('clients: a change: in every card when it is answered, and said aloud (KLA3)', async t => {
  const desk = await deskAt(t)
  const made = await make(desk, 'Toko')
  const { call } = desk
  const cards = async () => [
    await call('identity.key', { keyId: made.hmacKey }),
    await call('identity.digiflazz', { username: made.username }),
    await call('identity.member', { memberId: made.memberId }),
  ]
  await cards()
  const limits = { ratePerMin: 5, readPerMin: 6, ipAllow: ['203.0.113.0/24'] }
  const change = { username: made.username, version: 1, by, level: 3, name: 'Toko Dua', ...limits }
  const after = okOf(await call('clients.change', change))
  deepEqual([after.version, after.name, after.level], [2, 'Toko Dua', 3])
  for (const card of await cards()) {
    deepEqual(
      [card?.level, card?.ratePerMin, card?.readPerMin, card?.ipAllow],
      [3, 5, 6, ['203.0.113.0/24']],
    )
  }
  ok(desk.changed.includes(made.userId))
  await setStatus(desk, made.username, 'suspended')
  deepEqual(
    (await cards()).map(card => card?.status),
    ['suspended', 'suspended', 'suspended'],
  )
})

test('clients: two change the same version: one is refused and nothing of it kept (KLA2)', async t => {
  const desk = await deskAt(t)
  const { username } = await make(desk, 'Toko')
  const change = (level: number) => desk.call('clients.change', { username, version: 1, by, level })
  const told = await Promise.all([change(4), change(5)])
  deepEqual(told.map(one => ('ok' in one ? 'ok' : refusedOf(one))).sort(), ['STALE_VERSION', 'ok'])
  const won = told.find(one => 'ok' in one)
  equal((await readOf(desk, username)).client.level, won !== undefined && okOf(won).level)
  const { rows } = okOf(await desk.call('clients.history', { username, limit: 10 }))
  equal(rows.filter(row => row.what === 'changed').length, 1)
  const gone = await desk.call('clients.change', { username: 'nobody', version: 1, by, level: 1 })
  equal(refusedOf(gone), 'CLIENT_UNKNOWN')
})

test('clients: a read rate of its own: given, and taken back to twice the orders (KLA2)', async t => {
  const desk = await deskAt(t)
  const { username } = await make(desk, 'Toko', { readPerMin: 7 })
  const change = async (version: number, more: object) =>
    okOf(await desk.call('clients.change', { username, version, by, ...more })).readPerMin
  equal(await change(1, { level: 2 }), 7)
  equal(await change(2, { readPerMin: null }), null)
})

test('clients: standing: each kept with who, when and why; what is so is not noted again (KLA1)', async t => {
  const desk = await deskAt(t)
  const { username } = await make(desk, 'Toko')
  for (const status of ['suspended', 'suspended', 'active', 'closed'] as const) {
    equal(okOf(await setStatus(desk, username, status)).status, status)
  }
  const page = async (more: object): Promise<PageOf<'clients.history'>> =>
    okOf(await desk.call('clients.history', { username, limit: 3, ...more }))
  const first = await page({})
  deepEqual(
    first.rows.map(row => [row.what, row.by, row.reason]),
    [
      ['closed', by, 'karena begitu'],
      ['active', by, 'karena begitu'],
      ['suspended', by, 'karena begitu'],
    ],
  )
  const rest = await page({ before: first.next })
  deepEqual([rest.rows.map(row => row.what), rest.next], [['created'], null])
})
type PageOf<A extends keyof Actions> = Extract<Actions[A]['result'], { ok: unknown }>['ok']

test('clients: a revoked key, and a time of deafness: said aloud (KLA7)', async t => {
  const desk = await deskAt(t)
  const { hmacKey } = await make(desk, 'Toko')
  await desk.db.pool.query(sql.unsafe`update client_key set active = false where id = ${hmacKey}`)
  await until(
    () => desk.changed.includes(hmacKey),
    isSo => isSo,
  )
  equal(await desk.call('identity.key', { keyId: hmacKey }), null)
  equal(desk.changed.includes('anybody'), false)
  await desk.db.pool.query(sql.unsafe`
    select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'laju changes' and datname = current_database()`)
  await until(
    () => desk.changed.includes('anybody'),
    isSo => isSo,
  )
})

test('clients: closing: refused while there is a wallet or credit, then for ever (KLA4)', async t => {
  const desk = await deskAt(t)
  const { username, userId } = await make(desk, 'Toko')
  const { call } = desk
  await call('wallet.deposit', { userId, amount: 5_000, ref: `in-${userId}`, note: 'tunai' })
  const rich = await setStatus(desk, username, 'closed')
  deepEqual('details' in rich && rich.details, { balance: 5_000, held: 0, credit: 0 })
  equal(refusedOf(rich), 'CLIENT_HAS_MONEY')
  equal((await readOf(desk, username)).client.status, 'active')

  const indebted = await make(desk, 'Bon')
  await call('credit.limit', { username: indebted.username, limit: 10_000 })
  const credit = { to: indebted.username, amount: 4_000, by: userId, note: 'bon' }
  okOf(await call('credit.move', { ...credit, kind: 'given', ref: `g-${userId}` }))
  const both = await setStatus(desk, indebted.username, 'closed')
  deepEqual('details' in both && both.details, { balance: 4_000, held: 0, credit: 4_000 })
  okOf(await call('credit.move', { ...credit, kind: 'wallet', ref: `w-${userId}` }))
  equal(okOf(await setStatus(desk, indebted.username, 'closed')).status, 'closed')

  for (const status of ['active', 'suspended'] as const) {
    equal(refusedOf(await setStatus(desk, indebted.username, status)), 'CLIENT_CLOSED')
  }
  const change = { username: indebted.username, version: 2, by, level: 1 }
  equal(refusedOf(await call('clients.change', change)), 'CLIENT_CLOSED')
})

test('clients: closing: money that comes while the closing waits: refused (KLA4)', async t => {
  const desk = await deskAt(t)
  const { username, userId } = await make(desk, 'Toko')
  const [other, watcher] = [await desk.db.connect(), await desk.db.connect()]
  t.after(() => Promise.all([other.end(), watcher.end()]))
  await other.query('begin')
  await other.query('select from client where username = $1 for update', [username])
  const closing = setStatus(desk, username, 'closed')
  const waiting = `select from pg_stat_activity where datname = current_database()
    and wait_event_type = 'Lock' and query like '%for update%'`
  await until(
    async () => (await watcher.query(waiting)).rowCount,
    count => count === 1,
  )
  const deposit = { userId, amount: 5_000, ref: `in-${userId}`, note: 'tunai' }
  okOf(await desk.call('wallet.deposit', deposit))
  await other.query('rollback')
  equal(refusedOf(await closing), 'CLIENT_HAS_MONEY')
  equal((await readOf(desk, username)).client.status, 'active')
})

test('clients: one’s own account: neither suspended nor closed by its owner (KLA5)', async t => {
  const desk = await deskAt(t)
  const { username } = await make(desk, 'Bos', { role: 'admin' })
  for (const status of ['suspended', 'closed'] as const) {
    equal(refusedOf(await setStatus(desk, username, status, username)), 'OWN_ACCOUNT')
  }
  equal((await readOf(desk, username)).client.status, 'active')
})

test('clients: mutations: those of the client that is named (KLA1)', async t => {
  const desk = await deskAt(t)
  const { username, userId } = await make(desk, 'Toko')
  const deposit = { userId, amount: 7_000, ref: `in-${userId}`, note: 'tunai' }
  await desk.call('wallet.deposit', deposit)
  const { rows } = okOf(await desk.call('clients.mutations', { username, limit: 10 }))
  deepEqual(
    rows.map(row => [row.kind, row.amount]),
    [['deposit', 7_000]],
  )
  match(refusedOf(await desk.call('clients.mutations', { username: 'x', limit: 1 })), /UNKNOWN/)
})

test('clients: a ban: with reason and end, replaced by a longer one, over by itself (KLA8)', async t => {
  const desk = await deskAt(t)
  const { username, userId } = await make(desk, 'Nakal')
  const nowMs = desk.clock.ms
  const ban = (until: number | null, who = by) =>
    desk.call('clients.ban', { userId, reason: 'banyak batal', until, by: who })
  equal(refusedOf(await ban(nowMs)), 'TIME_INVALID')
  equal(refusedOf(await ban(null, username)), 'OWN_ACCOUNT')
  equal(okOf(await ban(nowMs + 60_000)).status, 'suspended')
  equal(okOf(await ban(nowMs + 120_000)).status, 'suspended')
  desk.clock.ms = nowMs + 60_000
  const card = await desk.call('clients.get', { username })
  equal(okOf(card).client.status, 'suspended')
  desk.clock.ms = nowMs + 120_000
  await until(
    () => readOf(desk, username),
    ({ client }) => client.status === 'active',
  )
  const { rows } = okOf(await desk.call('clients.history', { username, limit: 10 }))
  deepEqual(
    rows.map(row => [row.what, row.reason, row.by]),
    [
      ['active', 'over', 'system'],
      ['suspended', 'banyak batal', by],
      ['suspended', 'banyak batal', by],
      ['created', '', by],
    ],
  )
})

test('clients: a ban and a person: a plain suspension takes its place, so does an activation (KLA8)', async t => {
  const desk = await deskAt(t)
  const { username, userId } = await make(desk, 'Nakal')
  const end = desk.clock.ms + 60_000
  const ban = () => desk.call('clients.ban', { userId, reason: 'uji', until: end, by })
  const unban = () => desk.call('clients.unban', { userId, reason: 'keliru', by })
  equal(refusedOf(await unban()), 'STATUS_INVALID')
  okOf(await ban())
  equal(okOf(await unban()).status, 'active')
  okOf(await ban())
  equal(okOf(await setStatus(desk, username, 'active')).status, 'active')
  equal(refusedOf(await unban()), 'STATUS_INVALID')
  okOf(await ban())
  equal(okOf(await setStatus(desk, username, 'suspended')).status, 'suspended')
  equal(refusedOf(await unban()), 'STATUS_INVALID')
  equal(refusedOf(await ban()), 'STATUS_INVALID')
  // Another ban that is over shows that bans were looked at meanwhile.
  const other = await make(desk, 'Lain')
  okOf(await desk.call('clients.ban', { userId: other.userId, reason: 'uji', until: end, by }))
  desk.clock.ms = end
  await until(
    () => readOf(desk, other.username),
    ({ client }) => client.status === 'active',
  )
  equal((await readOf(desk, username)).client.status, 'suspended')
})
