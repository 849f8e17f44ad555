/** The line's desk over real rows, wallets and clients. */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { fingerprint, makeId } from '../../engine/ids.ts'
import { followChanges } from '../../sql/changes.ts'
import { none, sql, z } from '../../sql/database.ts'
import { addActivity, addProfits, type NumberRow, putNumbers } from '../../sql/number/number.ts'
import type { Answer } from '../contract/answer.ts'
import type { Rupiah } from '../contract/words.ts'
import { type Scene, sceneAt, shards } from '../engine-room.fixture.ts'
import { activityService } from '../identity/activity.service.ts'
import { clientsService } from '../identity/clients.service.ts'
import { identityService, makeIdentity } from '../identity/identity.service.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { creditService } from '../wallet/credit.service.ts'
import { numberDeskService } from './desk.service.ts'
import { type LineSettings, openLineSettings, usualSettings } from './line-settings.ts'
import { Vault } from './vault.ts'

const seal = makeSeal(newMasterKey())
const noon = Date.parse('2026-11-21T12:00:00+07:00')
const dayMs = 86_400_000
const by = 'ani@laju.test'
const reason = 'atas permintaan pengguna'
const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}
const refusedOf = (answer: Answer<unknown>) => ('refused' in answer ? answer.refused : answer)

type Desk = Scene & {
  readonly vault: Vault
  readonly settings: LineSettings
  readonly buyer: (name: string) => Promise<string>
  readonly order: (
    some: Partial<NumberRow> & { userId: string; placedMs: number },
  ) => Promise<string>
}

async function deskAt(t: TestContext): Promise<Desk> {
  const database = await testDatabase()
  after(() => database.drop())
  const scene = await sceneAt(t, { url: database.url, ms: noon })
  const { broker, room, db, call } = scene
  const changes = await followChanges(database.url)
  const settings = await openLineSettings({ db, changes })
  t.after(async () => {
    settings.stop()
    await changes.stop()
  })
  const now = () => noon
  const vault = new Vault({ pool: db.pool, seal, now })
  broker.createService(creditService({ room, db }))
  broker.createService(identityService({ db, seal, changes }, makeIdentity({ db, seal, changes })))
  broker.createService(clientsService({ db, seal, shards, changes, call, now }))
  broker.createService(activityService({ db, now }))
  broker.createService(numberDeskService({ db, settings, vault, call, now }))
  await broker.waitForServices(['credit', 'identity', 'clients', 'activity', 'numberDesk'])
  let made = 0
  return {
    ...{ ...scene, vault, settings },
    async buyer(name) {
      const wish = { by, level: 1, role: 'reseller', ratePerMin: 60, ipAllow: [], name } as const
      return okOf(await call('clients.create', wish)).userId
    },
    async order(some) {
      const n = ++made
      const id = makeId(some.placedMs, 0, fingerprint('order', String(n)))
      const row = { ...usualRow(id, n), updatedMs: some.placedMs, ...some }
      await putNumbers(db.pool, [{ ...row, waitUntilMs: some.placedMs + 900_000 }])
      return id
    },
  }
}

const usualRow = (id: string, seq: number): Omit<NumberRow, 'userId' | 'placedMs'> => ({
  ...{ id, seq, ref: `r-${seq}`, phase: 'received', status: 'finished', moneyEffect: 'charged' },
  ...{ isOpen: false, service: 'wa', serviceName: 'WhatsApp', country: 'id' },
  ...{ countryName: 'Indonesia', operator: 'any', operatorName: 'Bebas', supplier: 'rumahotp' },
  ...{ theirId: `T${seq}`, number: `62812000${1_000 + seq}`, price: 3_000, cost: 2_000 },
  ...{ why: null, messages: [], codes: 1, late: 0, resends: 0, boughtMs: null, diesMs: null },
  ...{ waitUntilMs: 0, updatedMs: 0 },
})

type Fact = { n: number; atMs: number; selling: Rupiah; base: Rupiah; what?: 'sold' | 'refunded' }
const earn = ({ db }: Desk, { n, atMs, selling, base, what = 'sold' }: Fact, some = {}) =>
  addProfits(db.pool, [
    {
      ...{ shard: 0, seq: n, orderId: makeId(atMs, 0, fingerprint('e', String(n))) },
      ...{ userId: makeId(1, 0, fingerprint('u')), what, service: 'wa', country: 'id' },
      ...{ operator: 'any', supplier: 'rumahotp', selling, base, fee: 0, atMs, ...some },
    },
  ])

test('desk: stats: days of Jakarta, today and the six before, nothing older (MUE2)', async t => {
  const at = await deskAt(t)
  const userId = await at.buyer('Budi')
  const dawn = Date.parse('2026-11-21T00:00:00+07:00')
  await at.order({ userId, placedMs: dawn })
  await at.order({ userId, placedMs: dawn + 1, status: 'waiting', codes: 0, isOpen: true })
  await at.order({ userId, placedMs: dawn - 1, codes: 2 })
  const back = { status: 'refunded', moneyEffect: 'refunded', codes: 0, price: 5_000 }
  await at.order({ userId, placedMs: dawn - 6 * dayMs, ...back })
  await at.order({ userId, placedMs: dawn - 6 * dayMs - 1 })
  await earn(at, { n: 1, atMs: dawn, selling: 3_000, base: 2_000 })
  await earn(at, { n: 2, atMs: dawn - 1, selling: 3_000, base: 1_000 })
  await earn(at, { n: 3, atMs: dawn - 7 * dayMs, selling: 9_000, base: 1 })
  for (const [paidAt, amount] of [
    [dawn + 5, 20_000],
    [dawn - 5, 7_000],
  ] as const) {
    const id = makeId(paidAt - 60_000, 0, fingerprint(String(amount)))
    await at.db.pool.query(sql.type(none)`
      insert into deposit_intent (id, user_id, ref, reff_id, method, gateway, status, amount,
                                  received, paid_at, created_at, updated_at)
      values (${id}, ${userId}, 'r', ${String(amount)}, 'qris', 'atlantic',
              'paid', ${amount}, ${amount}, to_timestamp(${paidAt / 1_000}::float8),
              now(), now())`)
  }
  const { today, week, days, open } = okOf(await at.call('numberDesk.stats', {}))
  deepEqual([today.orders, today.codes, today.profit, today.deposited], [2, 2 - 1, 1_000, 20_000])
  deepEqual(today.byStatus, { finished: 1, waiting: 1 })
  deepEqual([week.orders, week.codes, week.refunds, week.refunded], [4, 3, 1, 5_000])
  deepEqual([week.profit, week.deposited, week.deposits, open], [3_000, 27_000, 2, 1])
  deepEqual(
    days.map(({ day, orders }) => [day.slice(5), orders]),
    [
      ['11-15', 1],
      ['11-16', 0],
      ['11-17', 0],
      ['11-18', 0],
      ['11-19', 0],
      ['11-20', 1],
      ['11-21', 2],
    ],
  )
})

test('desk: profit: the sum of what was noted, by whatever is asked (MUE4)', async t => {
  const at = await deskAt(t)
  await earn(at, { n: 1, atMs: noon, selling: 3_000, base: 2_000 })
  await earn(at, { n: 2, atMs: noon + dayMs, selling: 8_000, base: 2_000 }, { country: 'us' })
  await earn(at, { n: 3, atMs: noon, selling: -3_000, base: 0, what: 'refunded' })
  const asked = (how: 'day' | 'country' | 'supplier') =>
    at.call('numberDesk.profit', { from: noon - dayMs, to: noon + 2 * dayMs, by: how })
  const countries = okOf(await asked('country'))
  deepEqual(
    countries.rows.map(({ key, sold, refunded, profit }) => [key, sold, refunded, profit]),
    [
      ['us', 1, 0, 6_000],
      ['id', 1, 1, -2_000],
    ],
  )
  equal(countries.total.profit, 4_000)
  deepEqual(
    okOf(await asked('day')).rows.map(({ key, profit }) => [key, profit]),
    [
      ['2026-11-21', -2_000],
      ['2026-11-22', 6_000],
    ],
  )
  equal(okOf(await asked('supplier')).rows[0]!.profit, 4_000)
  const none = await at.call('numberDesk.profit', { from: 0, to: 1, by: 'day' })
  deepEqual([okOf(none).rows, okOf(none).total.profit], [[], 0])
})

test('desk: a code: in no list and no file, only where it is revealed (MUE1)', async t => {
  const at = await deskAt(t)
  const userId = await at.buyer('Citra')
  const orderId = makeId(noon, 0, fingerprint('order', '1'))
  const lock = await at.vault.lockOf(orderId)
  const sealed = lock.seal({ text: 'Kode rahasia 771144', code: '771144' })
  const messages = [{ sealed, at: noon, code: true, late: false }]
  equal(await at.order({ userId, placedMs: noon, messages }), orderId)
  await addActivity(at.db.pool, [
    {
      ...{ shard: 0, seq: 1, n: 0, orderId, userId, what: 'order:created', details: {} },
      ...{ by: '', atMs: noon },
    },
  ])
  const told = [
    okOf(await at.call('numberDesk.orders', { limit: 10 })),
    okOf(await at.call('numberDesk.order', { orderId })),
    okOf(await at.call('numberDesk.user', { userId })),
  ].map(one => JSON.stringify(one))
  for (const text of told) ok(!text.includes('771144') && !text.includes(sealed), text)
  const file = okOf(await at.call('numberDesk.order', { orderId }))
  deepEqual(file.messages, [{ at: noon, isCode: true, late: false }])
  equal(file.timeline[0]!.what, 'order:created')
  const { messages: open } = okOf(await at.call('numberDesk.reveal', { orderId }))
  deepEqual(open, [{ at: noon, text: 'Kode rahasia 771144', code: '771144', late: false }])
  const empty = new Vault({ pool: at.db.pool, seal, now: () => noon })
  await at.db.pool.query(sql.type(none)`delete from number_vault`)
  equal(await empty.keyOf(orderId), null)
  equal(refusedOf(await at.call('numberDesk.reveal', { orderId: 'x' })), 'NOT_FOUND')
})

test('desk: orders: narrowed, and page by page without a gap (MUE1)', async t => {
  const at = await deskAt(t)
  const [one, other] = [await at.buyer('Dedi'), await at.buyer('Eka')]
  const ids: string[] = []
  for (let n = 0; n < 5; n++) {
    const isOdd = n % 2 === 1
    ids.push(
      await at.order({
        ...{
          userId: isOdd ? one : other,
          placedMs: noon + n,
          status: isOdd ? 'waiting' : 'expired',
        },
        ...{ supplier: isOdd ? 'satu' : 'dua', late: n === 4 ? 1 : 0, isOpen: isOdd },
      }),
    )
  }
  const find = async (some: object) =>
    okOf(await at.call('numberDesk.orders', { limit: 10, ...some })).rows.map(row => row.orderId)
  deepEqual(await find({}), ids.toReversed())
  deepEqual(await find({ status: 'waiting' }), [ids[3], ids[1]])
  deepEqual(await find({ open: true }), [ids[3], ids[1]])
  deepEqual(await find({ late: true }), [ids[4]])
  deepEqual(await find({ userId: other, supplier: 'dua' }), [ids[4], ids[2], ids[0]])
  deepEqual(await find({ number: '1003' }), [ids[2]])
  deepEqual(await find({ from: noon + 1, to: noon + 3 }), [ids[2], ids[1]])
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page: { rows: readonly { orderId: string }[]; next: string | null } = okOf(
      await at.call('numberDesk.orders', { limit: 2, ...(cursor === null ? {} : { cursor }) }),
    )
    seen.push(...page.rows.map(row => row.orderId))
    cursor = page.next
  } while (cursor !== null)
  deepEqual(seen, ids.toReversed())
  equal(okOf(await at.call('numberDesk.orders', { limit: 1 })).rows[0]!.username !== null, true)
})

test('desk: users: found by name, changed, banned and let in again, with who and why (MUE3)', async t => {
  const at = await deskAt(t)
  const userId = await at.buyer('Fajar Nugraha')
  const staff = okOf(
    await at.call('clients.create', {
      ...{ by, level: 0, role: 'admin', ratePerMin: 60, ipAllow: [], name: 'Fajar Kantor' },
    }),
  )
  const found = okOf(await at.call('numberDesk.users', { q: 'fajar', limit: 10 }))
  deepEqual(
    found.rows.map(row => row.userId),
    [userId],
  )
  equal(refusedOf(await at.call('numberDesk.user', { userId: staff.userId })), 'CLIENT_UNKNOWN')
  const note = { userId: staff.userId, by, reason, until: null }
  equal(refusedOf(await at.call('numberDesk.ban', note)), 'CLIENT_UNKNOWN')

  const { version } = found.rows[0]!
  const changed = okOf(await at.call('numberDesk.change', { userId, version, by, level: 5 }))
  equal(changed.level, 5)
  const stale = await at.call('numberDesk.change', { userId, version, by, level: 6 })
  equal(refusedOf(stale), 'STALE_VERSION')

  const until = noon + dayMs
  const banned = okOf(await at.call('numberDesk.ban', { userId, reason, until, by }))
  deepEqual([banned.status, banned.ban?.reason, banned.ban?.endsAt], ['suspended', reason, until])
  const rows = okOf(await at.call('numberDesk.users', { banned: true, limit: 10 })).rows
  deepEqual(
    rows.map(row => row.userId),
    [userId],
  )
  const free = okOf(await at.call('numberDesk.unban', { userId, reason, by }))
  deepEqual([free.status, free.ban], ['active', null])
  const history = okOf(await at.call('clients.history', { username: free.username, limit: 10 }))
  match(JSON.stringify(history.rows), new RegExp(reason))
})

test('desk: one user: money, totals, and the newest of everything (MUE3)', async t => {
  const at = await deskAt(t)
  const userId = await at.buyer('Gita')
  okOf(await at.call('wallet.deposit', { userId, amount: 50_000, ref: 'd1', note: 'Deposit' }))
  await at.order({ userId, placedMs: noon })
  await at.order({ userId, placedMs: noon + 1, moneyEffect: 'refunded', codes: 0 })
  okOf(await at.call('activity.note', { userId, what: 'deposit.created', address: '' }))
  const file = okOf(await at.call('numberDesk.user', { userId }))
  deepEqual(file.money, { balance: 50_000, held: 0, available: 50_000 })
  deepEqual(file.totals, { orders: 2, codes: 1, refunds: 1, spent: 3_000 })
  equal(file.orders.length, 2)
  equal(file.activity[0]!.what, 'deposit.created')
})

test('settings: what is not set is as usual; a change holds at once, and is not lost (MUD1) (MUD2)', async t => {
  const at = await deskAt(t)
  const { version, settings } = okOf(await at.call('numberDesk.settings', {}))
  deepEqual([version, settings], [0, usualSettings])
  const set = (some: object, of: number) =>
    at.call('numberDesk.set', { version: of, settings: some, by, reason })
  const first = okOf(await set({ waitMinutes: 12 }, 0))
  deepEqual([first.version, first.settings.waitMinutes], [1, 12])
  equal(refusedOf(await set({ waitMinutes: 9 }, 0)), 'STALE_VERSION')
  const second = okOf(await set({ helpUrl: 'https://wa.me/62' }, 1))
  deepEqual([second.settings.waitMinutes, second.settings.helpUrl], [12, 'https://wa.me/62'])
  equal(at.settings.current().waitMinutes, 12)
  const rivals = await Promise.all([1, 2, 3].map(n => set({ waitMinutes: 10 + n }, 2)))
  equal(rivals.filter(answer => 'ok' in answer).length, 1)
  await at.db.pool.query(sql.type(none)`
    insert into number_setting (version, settings, changed_by, reason)
    values (4, '{"waitMinutes": 7, "ofTomorrow": [1]}', 'x', 'x')`)
  const fresh = await at.call('numberDesk.set', {
    ...{ version: 4, settings: { name: 'Nomorku' }, by, reason },
  })
  deepEqual([okOf(fresh).settings.waitMinutes, okOf(fresh).settings.name], [7, 'Nomorku'])
  const kept = await at.db.pool.oneFirst(sql.type(z.object({ settings: z.unknown() }))`
    select settings from number_setting where version = 5`)
  deepEqual((kept as { ofTomorrow: number[] }).ofTomorrow, [1])
})

test('desk: an export: everything of one user, messages only when asked for (MUE5)', async t => {
  const at = await deskAt(t)
  const [userId, other] = [await at.buyer('Hana'), await at.buyer('Indra')]
  okOf(await at.call('wallet.deposit', { userId, amount: 50_000, ref: 'd1', note: 'Deposit' }))
  okOf(await at.call('activity.note', { userId, what: 'order.created', address: '203.0.113.0' }))
  const orderId = makeId(noon, 0, fingerprint('order', '1'))
  const lock = await at.vault.lockOf(orderId)
  const sealed = lock.seal({ text: 'Kode 918273', code: '918273' })
  await at.order({
    userId,
    placedMs: noon,
    messages: [{ sealed, at: noon, code: true, late: false }],
  })
  await at.order({ userId: other, placedMs: noon, number: '62899999' })
  const ask = (withMessages: boolean) => at.call('numberDesk.export', { userId, withMessages })
  const told = okOf(await ask(false))
  deepEqual([told.orders.length, told.mutations.length, told.activity.length], [1, 1, 1])
  equal(told.changes.length, 1)
  deepEqual(told.capped, [])
  const text = JSON.stringify(told)
  ok(!text.includes('918273') && !text.includes(sealed) && !text.includes('62899999'))
  ok(text.includes('203.0.113.0'))
  match(JSON.stringify(okOf(await ask(true)).orders), /Kode 918273/)
  const nobody = { userId: orderId, withMessages: true }
  equal(refusedOf(await at.call('numberDesk.export', nobody)), 'CLIENT_UNKNOWN')
})

test('desk: suppliers: measured by their own orders of seven days (MUE6)', async t => {
  const at = await deskAt(t)
  const listed = {
    ...{ code: 'rumahotp', name: 'RumahOTP', kind: 'rumahotp', baseUrl: 'http://x', unit: '1' },
    ...{ active: true, version: 1, changedBy: by, reason, changedAt: noon, offers: 1 },
    ...{ refreshedAt: noon, stale: false, balance: null, problem: null },
    terms: { cancelAfterMs: null, lifeMs: null, pollMs: null, resends: null },
  }
  at.broker.createService({
    name: 'numberSupplier',
    actions: {
      list: () => ({ ok: { suppliers: [listed, { ...listed, code: 'lain' }], kinds: [] } }),
    },
  })
  await at.broker.waitForServices('numberSupplier')
  const userId = await at.buyer('Joko')
  const boughtMs = noon - dayMs
  for (let n = 0; n < 20; n++) {
    const messages = [{ sealed: 's', at: boughtMs + (n + 1) * 1_000, code: true, late: false }]
    await at.order({ userId, placedMs: boughtMs, boughtMs, messages })
  }
  await at.order({ userId, placedMs: boughtMs, boughtMs, codes: 0 })
  const refused = { theirId: null, codes: 0, why: 'SUPPLIER_REFUSED' }
  await at.order({ userId, placedMs: boughtMs, ...refused })
  await at.order({ userId, placedMs: noon - 8 * dayMs, ...refused })
  const { suppliers } = okOf(await at.call('numberDesk.suppliers', {}))
  deepEqual(suppliers[0]!.week, {
    ...{ orders: 22, bought: 21, codes: 20, errors: 1, successRate: 95 },
    ...{ codeP50S: 11, codeP90S: 18 },
  })
  deepEqual([suppliers[1]!.week.orders, suppliers[1]!.week.successRate], [0, null])
})

test('desk: transactions: what moved into and out of wallets, page by page (MUE4)', async t => {
  const at = await deskAt(t)
  const userId = await at.buyer('Kiki')
  await earn(at, { n: 1, atMs: noon, selling: 3_000, base: 2_000 }, { userId })
  await earn(at, { n: 2, atMs: noon + 1, selling: -3_000, base: 0, what: 'refunded' }, { userId })
  await earn(at, { n: 3, atMs: noon, selling: 8_000, base: 2_000 })
  const late = { what: 'late_cost' as never, selling: 0, base: 2_000 }
  await earn(at, { n: 4, atMs: noon, ...late }, { userId })
  await at.db.pool.query(sql.type(none)`
    insert into deposit_intent (id, user_id, ref, reff_id, method, gateway, status, amount,
                                received, paid_at, created_at, updated_at)
    values (${makeId(noon - dayMs, 0, fingerprint('d'))}, ${userId}, 'r', 'r', 'qris', 'atlantic',
            'paid', 9000, 9000, to_timestamp(${(noon + 2) / 1_000}::float8), now(), now())`)
  const span = { from: noon - dayMs, to: noon + dayMs }
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page: { rows: readonly { kind: string; direction: string }[]; next: string | null } =
      okOf(
        await at.call('numberDesk.transactions', {
          ...{ ...span, userId, limit: 1 },
          ...(cursor === null ? {} : { cursor }),
        }),
      )
    seen.push(...page.rows.map(({ kind, direction }) => `${kind} ${direction}`))
    cursor = page.next
  } while (cursor !== null)
  deepEqual(seen, ['deposit in', 'refunded in', 'sold out'])
  const all = okOf(await at.call('numberDesk.transactions', { ...span, limit: 10 }))
  equal(all.rows.length, 4)
  const sold = okOf(await at.call('numberDesk.transactions', { ...span, kind: 'sold', limit: 10 }))
  equal(sold.rows.length, 2)
  const odd = { ...span, cursor: '1_x', limit: 1 }
  equal(refusedOf(await at.call('numberDesk.transactions', odd)), 'NOT_FOUND')
})
