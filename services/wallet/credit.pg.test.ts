import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, type TestContext, test } from 'node:test'
import { receivable } from '../../actors/chart.ts'
import { testDatabase } from '../../deploy/testing/database.ts'
import { verify } from '../../deploy/verify/verify.ts'
import { shardOf } from '../../engine/ids.ts'
import { sql, z } from '../../sql/database.ts'
import { readClosing } from '../../sql/money/closings.ts'
import { changeMoneyRules } from '../../sql/money/deposits.ts'
import { askManual } from '../../sql/money/manual-moves.ts'
import { makeCloser } from '../closing/closing.service.ts'
import type { Statement } from '../closing/closing.ts'
import type { Answer } from '../contract/answer.ts'
import type { CreditLineView } from '../contract/wallet.ts'
import { aloneNow } from '../deposit/bank.ts'
import { type Scene, sceneAt, shards, until } from '../engine-room.fixture.ts'
import { enrolMany } from '../identity/enrol.ts'
import { makeSeal } from '../seal.ts'
import { creditService } from './credit.service.ts'

const seal = makeSeal(randomBytes(32))
const noon = Date.UTC(2026, 9, 14, 5)

type Person = { readonly userId: string; readonly username: string }
type Desk = Scene & { readonly client: Person; readonly finance: Person }

async function deskAt(t: TestContext, limit = 500_000, url?: string): Promise<Desk> {
  const database = url === undefined ? await testDatabase() : null
  if (database !== null) after(() => database.drop())
  const scene = await sceneAt(t, { url: url ?? database!.url, ms: noon })
  const { broker, room, db, call } = scene
  broker.createService(creditService({ room, db }))
  await broker.waitForServices('credit')
  const made = await enrolMany({ db, seal, shards }, { name: 'Toko', count: 2 })
  const [client, finance] = made
  ok(client !== undefined && finance !== undefined)
  await call('credit.limit', { username: client.username, limit })
  return { ...scene, client, finance }
}

const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}
const refusedOf = (answer: Answer<unknown>): string =>
  'refused' in answer ? answer.refused : JSON.stringify(answer)

type Kind = 'given' | 'cash' | 'wallet'

const move = (at: Desk, kind: Kind, amount: number, ref: string) =>
  at.call('credit.move', {
    ...{ to: at.client.username, kind, amount, ref, note: 'titipan', by: at.finance.userId },
  })

const available = async ({ call, client }: Desk): Promise<number> =>
  okOf(await call('wallet.balance', { userId: client.userId })).available

/** What the books say is owed. */
const owed = ({ room, client }: Desk): number =>
  -(
    room.engine.host.shard(shardOf(client.userId))?.accounts.get(receivable(client.userId))
      ?.balance ?? 0
  )

const owedIs = (at: Desk, amount: number) =>
  until(
    () => owed(at),
    is => is === amount,
  )

test('credit: given, paid back in cash and out of the wallet: line and books agree (MNL3)', async t => {
  const at = await deskAt(t)
  const given = okOf<CreditLineView>(await move(at, 'given', 300_000, 'K-1'))
  deepEqual([given.limit, given.used], [500_000, 300_000])
  equal(await available(at), 300_000)
  await owedIs(at, 300_000)
  equal(okOf(await move(at, 'cash', 100_000, 'K-2')).used, 200_000)
  await owedIs(at, 200_000)
  equal(await available(at), 300_000)
  equal(okOf(await move(at, 'wallet', 50_000, 'K-3')).used, 150_000)
  await owedIs(at, 150_000)
  equal(await available(at), 250_000)
  equal(refusedOf(await move(at, 'cash', 150_001, 'K-4')), 'CREDIT_LIMIT')

  const closer = makeCloser({ ...at, masterKey: randomBytes(32) })
  at.clock.ms += 24 * 60 * 60_000
  await closer.close()
  const row = (await readClosing(at.db.pool, '2026-10-14'))!
  const { accounts, sum } = JSON.parse(row.statement) as Statement
  equal(sum, 0)
  deepEqual(
    accounts.map(({ account, closing }) => [account, closing]),
    [
      ['cash', -100_000],
      ['clearing', 0],
      ['receivable', -150_000],
      ['wallet', 250_000],
    ],
  )
  const { url } = at.db
  await at.stop()
  deepEqual((await verify({ url })).problems, [])
})

test('credit: the list: who owes most first, page by page, each once (MNL4)', async t => {
  const at = await deskAt(t)
  okOf(await move(at, 'given', 30_000, 'L-1'))
  const others = await enrolMany({ db: at.db, seal, shards }, { name: 'Toko', count: 2 })
  for (const { username } of others) okOf(await at.call('credit.limit', { username, limit: 9 }))
  const seen: string[] = []
  let after: { used: number; userId: string } | undefined
  do {
    const page = okOf(await at.call('credit.list', { limit: 1, ...(after ? { after } : {}) }))
    seen.push(...page.rows.map(row => row.userId))
    after = page.next ?? undefined
  } while (after !== undefined)
  deepEqual(seen, [at.client.userId, ...others.map(one => one.userId).sort()])
})

test('credit: many at once: never above the limit, and each reference once (MNL1, MNL2)', async t => {
  const at = await deskAt(t)
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => move(at, 'given', 50_000, `M-${n % 20}`)),
  )
  const no = answers.filter(answer => !('ok' in answer)).map(refusedOf)
  deepEqual(new Set(no), new Set(['CREDIT_LIMIT']))
  equal(no.length, 20)
  equal(await available(at), 500_000)
  await owedIs(at, 500_000)
  const done = okOf(await move(at, 'cash', 10_000, 'M-back'))
  equal(done.used, 490_000)
  equal(okOf(await move(at, 'cash', 10_000, 'M-back')).used, 490_000)
  equal(refusedOf(await move(at, 'cash', 20_000, 'M-back')), 'DUPLICATE_REF')
})

test('credit: given and paid back in cash, again and again: as far as one person may alone (MNL5)', async t => {
  const at = await deskAt(t)
  await changeMoneyRules(at.db.pool, { manualMax: 900_000 })
  okOf(await move(at, 'given', 500_000, 'L-1'))
  okOf(await move(at, 'cash', 500_000, 'L-2'))
  okOf(await move(at, 'given', 500_000, 'L-3'))
  equal(refusedOf(await move(at, 'cash', 400_001, 'L-4')), 'SECOND_PERSON_NEEDED')
  equal(okOf(await move(at, 'cash', 500_000, 'L-2')).used, 500_000)
  const together = ['L-5', 'L-6', 'L-7'].map(ref => move(at, 'cash', 160_000, ref))
  const said = (await Promise.all(together)).map(answer =>
    'ok' in answer ? 'ok' : refusedOf(answer),
  )
  deepEqual(said.sort(), ['SECOND_PERSON_NEEDED', 'ok', 'ok'])
  equal(refusedOf(await move(at, 'cash', 80_001, 'L-8')), 'SECOND_PERSON_NEEDED')
  // Out of the wallet nothing comes in.
  equal(okOf(await move(at, 'wallet', 180_000, 'L-9')).used, 0)
  // What is brought in another way counts with it.
  const byHand = await askManual(at.db.pool, {
    ...{
      kind: 'wallet',
      id: at.client.userId,
      ref: 'L-10',
      userId: at.client.userId,
      amount: 80_001,
    },
    ...{ note: '', askedBy: at.finance.userId, ...(await aloneNow(at.db.pool, noon)) },
  })
  equal(byHand.status, 'waiting')
  okOf(await move(at, 'given', 300_000, 'L-11'))
  at.clock.ms += 24 * 60 * 60_000
  okOf(await move(at, 'cash', 300_000, 'L-12'))
})

test('credit: a wallet that can not pay back: it is still owed (MNL3)', async t => {
  const at = await deskAt(t)
  okOf(await move(at, 'given', 200_000, 'W-1'))
  const { client, call } = at
  const wish = { userId: client.userId, level: 0, ref: 'A-1', product: 'XLD10' }
  okOf(await call('order.place', { ...wish, destination: '087812341230' }))
  equal(refusedOf(await move(at, 'wallet', 200_000, 'W-2')), 'INSUFFICIENT_BALANCE')
  const { rows } = okOf(await call('credit.list', { userId: client.userId, limit: 1 }))
  deepEqual(rows, [{ ...client, limit: 500_000, used: 200_000 }].map(lineOf))
  await call('wallet.deposit', { userId: client.userId, amount: 50_000, ref: 'W', note: '' })
  equal(okOf(await move(at, 'wallet', 200_000, 'W-2')).used, 0)
  await owedIs(at, 0)
})

test('credit: a crash between line and books: gone on with, once (MNL2)', async t => {
  const at = await deskAt(t)
  await at.db.pool.query(sql.unsafe`
    update credit_line set used = 70000 where user_id = ${at.client.userId}`)
  await at.db.pool.query(sql.unsafe`
    insert into credit_entry (ref, user_id, kind, amount, note, by, created_at)
    values ('C-1', ${at.client.userId}, 'given', 70000, '', ${at.finance.userId}, now())`)
  const { url } = at.db
  await at.stop()
  const next = { ...(await deskAt(t, 1, url)), client: at.client }
  await until(
    () => available(next),
    has => has === 70_000,
  )
  equal(okOf(await move(next, 'given', 70_000, 'C-1')).used, 70_000)
  equal(await available(next), 70_000)
})

const lineOf = ({ userId, username, limit, used }: CreditLineView) => ({
  ...{ userId, username, limit, used },
})

test('credit: one’s own line: nothing given, no cash said to be paid back, out of the wallet (MNL6)', async t => {
  const at = await deskAt(t)
  const own = (kind: Kind, ref: string) =>
    at.call('credit.move', {
      ...{ to: at.client.username, kind, amount: 50_000, ref, note: 'titipan' },
      by: at.client.userId,
    })
  equal(refusedOf(await own('given', 'O-1')), 'OWN_ACCOUNT')
  equal(await available(at), 0)
  okOf(await move(at, 'given', 150_000, 'O-1'))
  equal(refusedOf(await own('cash', 'O-2')), 'OWN_ACCOUNT')
  equal(okOf(await own('wallet', 'O-3')).used, 100_000)
  deepEqual([await available(at), owed(at)], [100_000, 100_000])
})

test('credit: one reference for two clients at once: the second one’s line is not touched (MNL2)', async t => {
  const at = await deskAt(t)
  const [other] = await enrolMany({ db: at.db, seal, shards }, { name: 'Toko', count: 1 })
  const first = await at.db.connect()
  await first.query('begin')
  await first.query(
    `insert into credit_entry (ref, user_id, kind, amount, note, by, created_at)
     values ('R-1', $1, 'given', 70000, '', $2, now())`,
    [other!.userId, at.finance.userId],
  )
  const second = move(at, 'given', 50_000, 'R-1')
  await until(
    () =>
      at.db.pool.exists(sql.type(z.object({}))`
        select from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`),
    isWaiting => isWaiting,
  )
  await first.query('commit')
  await first.end()
  equal(refusedOf(await second), 'DUPLICATE_REF')
  const asked = { userId: at.client.userId, limit: 1 }
  equal(okOf(await at.call('credit.list', asked)).rows[0]!.used, 0)
  equal(await available(at), 0)
})

test('credit: given while the client is being closed: closed, and nothing given (MNL7)', async t => {
  const at = await deskAt(t)
  const { userId } = at.client
  const closing = await at.db.connect()
  await closing.query('begin')
  await closing.query('select from credit_line where user_id = $1 for update', [userId])
  const given = move(at, 'given', 50_000, 'C-1')
  await until(
    () =>
      at.db.pool.exists(sql.type(z.object({}))`
        select from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`),
    isWaiting => isWaiting,
  )
  await closing.query(`update client set status = 'closed' where id = $1`, [userId])
  await closing.query('commit')
  await closing.end()
  equal(refusedOf(await given), 'CLIENT_UNKNOWN')
  equal(okOf(await at.call('credit.list', { userId, limit: 1 })).rows[0]!.used, 0)
  equal(await available(at), 0)
})
