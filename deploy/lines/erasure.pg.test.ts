import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { sceneAt, shards } from '../../services/engine-room.fixture.ts'
import { accountService, drawConsumer } from '../../services/identity/account.service.ts'
import { Passwords } from '../../services/identity/passwords.ts'
import { okOf, standAt } from '../../services/number/number.fixture.ts'
import { makeSeal, newMasterKey } from '../../services/seal.ts'
import { insertConsumer } from '../../sql/people/accounts.ts'
import { testDatabase } from '../testing/database.ts'
import { verify } from '../verify/verify.ts'

const database = await testDatabase()
after(() => database.drop())

test('erasure: money and the journal stay as they were, and verify finds nothing (PEE7)', async t => {
  const { db, call, broker, clock } = await sceneAt(t, { url: database.url })
  const seal = makeSeal(newMasterKey())
  const now = () => clock.ms
  const passwords = new Passwords({ db, seal, now })
  broker.createService(accountService({ db, seal, shards, passwords, call, now }))
  await broker.waitForServices(['account', 'wallet'])
  const passwordHash = await seal.hashPassword('rahasia-1')
  const wish = { name: 'Budi', email: 'budi@contoh.id', phone: null, passwordHash }
  const consumer = drawConsumer({ shards, now }, wish)
  await insertConsumer(db.pool, consumer)
  const { userId } = consumer
  const paid = await call('wallet.deposit', { userId, amount: 50_000, ref: 'isi-1', note: 'QRIS' })
  ok('ok' in paid, JSON.stringify(paid))
  const client = await db.connect()
  const journal = async () =>
    (await client.query('select shard, seq, hash::text as hash from journal order by shard, seq'))
      .rows
  const before = await journal()
  ok(before.length > 0)

  const erased = await call('account.erase', { userId, password: 'rahasia-1', leavesMoney: true })
  deepEqual(erased, { ok: { status: 'suspended' } })
  deepEqual(await journal(), before)
  const money = await call('wallet.balance', { userId })
  ok('ok' in money)
  equal(money.ok.balance, 50_000)
  const report = await verify({ url: database.url })
  deepEqual(report.problems, [])
  equal(report.wallets, 50_000)
  await client.end()
})

test('erasure: a disputed order keeps its proof, by no name, until it is decided (PEE7, PEE9, LGH1, NVH4)', async t => {
  const own = await testDatabase()
  t.after(() => own.drop())
  const { db, call, broker, clock, seal, seller, line, order } = await standAt(t, { url: own.url })
  const now = () => clock.ms
  const passwords = new Passwords({ db, seal, now })
  broker.createService(accountService({ db, seal, shards, passwords, call, now }))
  await broker.waitForServices(['account', 'wallet', 'number'])
  const passwordHash = await seal.hashPassword('rahasia-1')
  const wish = { name: 'Budi Khas', email: 'khas@contoh.id', phone: '0812999', passwordHash }
  const consumer = drawConsumer({ shards, now }, wish)
  await insertConsumer(db.pool, consumer)
  const { userId } = consumer
  okOf(await call('wallet.deposit', { userId, amount: 20_000, ref: 'isi', note: 'QRIS' }))
  const client = await db.connect()

  const ended = async (code: string) => {
    const made = okOf(await order(userId)).order
    seller.send(made.number!, code)
    const asked = { userId, orderId: made.orderId }
    for (let got = made; got.otp === null; got = okOf(await call('number.get', asked))) {
      clock.ms += 1_000
      await pause(10)
    }
    return made.orderId
  }
  const [quiet, disputed, helped] = [
    await ended('111111'),
    await ended('222222'),
    await ended('333333'),
  ]
  // Over, every one of them.
  for (;;) {
    const { rows } = await client.query(`select 1 from number_view where is_open`)
    if (rows.length === 0) break
    clock.ms += 60_000
    await pause(10)
  }
  await client.query(
    `insert into complaint (trx_id, user_id, ref, product, destination, reason)
     values ($1, $2, '', '', '', 'other')`,
    [disputed, userId],
  )
  await client.query(
    `insert into activity (client_id, what, address, details, at)
     values ($1, 'help.opened', '10.1.x.x', $2, now()), ($1, 'x', '10.1.x.x', '{"a": "b"}', now())`,
    [userId, { where: 'order', about: helped }],
  )
  const openable = async () => {
    const { rows } = await client.query('select order_id as id from number_vault order by 1')
    return rows.map(({ id }) => id)
  }
  const sealed = async (id: string) =>
    (await client.query('select messages from number_view where id = $1', [id])).rows[0].messages[0]
  deepEqual(await openable(), [quiet, disputed, helped].toSorted())

  const asked = { userId, password: 'rahasia-1', leavesMoney: true }
  deepEqual(await call('account.erase', asked), { ok: { status: 'suspended' } })
  deepEqual(await openable(), [disputed, helped].toSorted())
  const proof = (await line.vault.keyOf(disputed))!.open((await sealed(disputed)).sealed)
  equal(proof!.code, '222222')
  const links = await client.query('select 1 from number_invoice')
  equal(links.rows.length, 0)
  const named = await client.query(
    `select row_to_json(client)::text || coalesce(string_agg(row_to_json(activity)::text, ''), '')
            as text
       from client left join activity on activity.client_id = client.id group by client.*`,
  )
  for (const trace of [wish.name, wish.email, wish.phone, '10.1.x.x', '"a"']) {
    ok(!named.rows[0].text.includes(trace), trace)
  }
  deepEqual((await verify({ url: own.url })).problems, [])

  await line.purge.sweep()
  deepEqual(await openable(), [disputed, helped].toSorted())
  await client.query(`update complaint set state = 'rejected'`)
  await client.query(`update activity set at = at - interval '31 days'`)
  equal(await line.purge.sweep(), 2)
  deepEqual(await openable(), [])
  await client.end()
})
