import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, type TestContext, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { verify } from '../../deploy/verify/verify.ts'
import { sql } from '../../sql/database.ts'
import { changeMoneyRules } from '../../sql/money/deposits.ts'
import { changeStatus } from '../../sql/people/client-admin.ts'
import type { Answer } from '../contract/answer.ts'
import { type Scene, sceneAt, shards, until } from '../engine-room.fixture.ts'
import { type Credentials, enrol, resetLogin } from '../identity/enrol.ts'
import { makeSeal } from '../seal.ts'
import { transferService } from './transfer.service.ts'

const database = await testDatabase()
after(() => database.drop())

const seal = makeSeal(randomBytes(32))
const noon = Date.UTC(2026, 9, 14, 5)

type Family = Scene & {
  readonly top: Credentials
  readonly middle: Credentials
  readonly below: Credentials
  readonly stranger: Credentials
}

/** Somebody with money in the middle, one above, one below, and one beside. */
async function familyAt(t: TestContext, opening = 10_000_000): Promise<Family> {
  const scene = await sceneAt(t, { url: database.url, ms: noon })
  const { db, room, broker, call } = scene
  broker.createService(transferService({ room, db, seal }))
  await broker.waitForServices('transfer')
  const deps = { db, seal, shards }
  const top = await enrol(deps, { name: 'Pusat' })
  const middle = await enrol(deps, { name: 'Cabang', upline: top.userId })
  const below = await enrol(deps, { name: 'Kios', upline: middle.userId })
  const stranger = await enrol(deps, { name: 'Cabang lain', upline: top.userId })
  const ref = `opening-${middle.userId}`
  await call('wallet.deposit', { userId: middle.userId, amount: opening, ref, note: '' })
  return { ...scene, top, middle, below, stranger }
}

const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}
const refusedOf = (answer: Answer<unknown>): string =>
  'refused' in answer ? answer.refused : JSON.stringify(answer)

type Wish = { to?: string; amount?: number; pin?: string; ref?: string; from?: Credentials }

const give = (at: Family, wish: Wish = {}) => {
  const { from = at.middle, to = at.below.username, amount = 100_000, ref = 'T-1' } = wish
  const { userId } = from
  return at.call('transfer.send', { userId, to, amount, pin: wish.pin ?? from.pin, ref })
}

const suspend = ({ db }: Scene, { username }: Credentials) => {
  const why = { reason: 'of a test', by: 'a test' }
  return changeStatus(db.pool, { username, status: 'suspended', ...why })
}

const available = async ({ call }: Scene, { userId }: Credentials): Promise<number> =>
  okOf(await call('wallet.balance', { userId })).available

const arrived = (at: Family, who: Credentials, amount: number) =>
  until(
    () => available(at, who),
    has => has === amount,
  )

test('transfers: up and down the tree: by username and member id, beside it refused (MNG1)', async t => {
  const at = await familyAt(t)
  const sent = okOf(await give(at))
  deepEqual([sent.to, sent.amount, sent.available], [at.below.username, 100_000, 9_900_000])
  await arrived(at, at.below, 100_000)
  okOf(await give(at, { to: at.top.memberId, ref: 'T-2' }))
  await arrived(at, at.top, 100_000)
  equal(refusedOf(await give(at, { to: at.stranger.username, ref: 'T-3' })), 'OUTSIDE_TREE')
  equal(refusedOf(await give(at, { to: at.middle.username, ref: 'T-4' })), 'OUTSIDE_TREE')
  equal(refusedOf(await give(at, { to: 'nobody', ref: 'T-5' })), 'CLIENT_UNKNOWN')
  equal(refusedOf(await give(at, { amount: 1, ref: 'T-6' })), 'AMOUNT_INVALID')
  await suspend(at, at.below)
  equal(refusedOf(await give(at, { ref: 'T-7' })), 'CLIENT_UNKNOWN')
  await suspend(at, at.middle)
  equal(refusedOf(await give(at, { to: at.top.username, ref: 'T-8' })), 'CLIENT_SUSPENDED')
  equal(await available(at, at.middle), 9_800_000)
  const { rows } = okOf(await at.call('wallet.mutations', { userId: at.middle.userId, limit: 10 }))
  deepEqual(
    rows.map(row => [row.kind, row.direction, row.amount]),
    [
      ['transfer', 'out', 100_000],
      ['transfer', 'out', 100_000],
      ['deposit', 'in', 10_000_000],
    ],
  )
})

test('transfers: a tree as deep as commission goes: from its top to its bottom (MNG1)', async t => {
  const at = await familyAt(t)
  const id = (n: string) => `('00000000-0000-7000-8000-' || lpad((${n})::text, 12, '0'))::uuid`
  await at.db.connect().then(async client => {
    await client.query(`
      insert into client (id, username, name, upline)
      select ${id('n')}, 'deep-' || n, 'Deep', case when n < 257 then ${id('n + 1')} end
        from generate_series(1, 257) as n`)
    const { userId } = at.middle
    await client.query(`update client set upline = ${id('1')} where id = $1`, [userId])
    await client.end()
  })
  equal(okOf(await give(at, { to: 'deep-256' })).to, 'deep-256')
  equal(refusedOf(await give(at, { to: 'deep-257', ref: 'T-2' })), 'OUTSIDE_TREE')
})

test('transfers: a ring of uplines: it ends, and those in it are of one line (MNG1)', async t => {
  const at = await familyAt(t)
  await at.db.pool.query(sql.unsafe`alter table client disable trigger client_upline_update`)
  await at.db.pool.query(sql.unsafe`
    update client set upline = ${at.below.userId} where id = ${at.top.userId}`)
  okOf(await give(at, { to: at.top.username }))
  equal(refusedOf(await give(at, { from: at.stranger, to: 'nobody' })), 'CLIENT_UNKNOWN')
})

test('transfers: the same reference: once, and with other content refused (MNG2)', async t => {
  const at = await familyAt(t)
  const answers = await Promise.all(Array.from({ length: 20 }, () => give(at)))
  equal(new Set(answers.map(answer => okOf(answer).transferId)).size, 1)
  equal(refusedOf(await give(at, { amount: 100_001 })), 'DUPLICATE_REF')
  equal(refusedOf(await give(at, { to: at.top.username })), 'DUPLICATE_REF')
  await arrived(at, at.below, 100_000)
  equal(await available(at, at.middle), 9_900_000)
})

test('transfers: a repeat of what has left: the same, whatever changed since (MNG5)', async t => {
  const at = await familyAt(t)
  const sent = okOf(await give(at))
  await changeMoneyRules(at.db.pool, { transferMin: 200_000 })
  try {
    equal(okOf(await give(at)).transferId, sent.transferId)
    equal(refusedOf(await give(at, { ref: 'T-2' })), 'AMOUNT_INVALID')
  } finally {
    await changeMoneyRules(at.db.pool, { transferMin: 1_000 })
  }
  await suspend(at, at.below)
  equal(okOf(await give(at)).transferId, sent.transferId)
  equal(refusedOf(await give(at, { amount: 300_000 })), 'CLIENT_UNKNOWN')
  await at.db.pool.query(sql.unsafe`
    update client set upline = ${at.stranger.userId}, status = 'active'
     where id = ${at.below.userId}`)
  equal(okOf(await give(at)).transferId, sent.transferId)
  equal(refusedOf(await give(at, { ref: 'T-2' })), 'OUTSIDE_TREE')
  equal(refusedOf(await give(at, { pin: '0' })), 'PIN_WRONG')
  equal(await available(at, at.middle), 9_900_000)

  // What only took its part of the allowance has not left: it is looked at as if it were new.
  await at.db.pool.query(sql.unsafe`
    insert into transfer_request (user_id, ref, to_user, amount, day, status, created_at)
    values (${at.middle.userId}, 'T-3', ${at.below.userId}, 100000, '2026-10-14', 'taken', now())`)
  equal(refusedOf(await give(at, { ref: 'T-3' })), 'OUTSIDE_TREE')
})

test('transfers: a thousand at once from a wallet for 37: 37 leave, and 37 arrive (MNG3)', async t => {
  const at = await familyAt(t, 37 * 10_000 + 9_999)
  const answers = await Promise.all(
    Array.from({ length: 1_000 }, (_, n) => give(at, { amount: 10_000, ref: `T-${n}` })),
  )
  equal(answers.filter(answer => 'ok' in answer).length, 37)
  const no = answers.filter(answer => !('ok' in answer)).map(refusedOf)
  deepEqual(new Set(no), new Set(['INSUFFICIENT_BALANCE']))
  equal(await available(at, at.middle), 9_999)
  await arrived(at, at.below, 370_000)
  await at.stop()
  const { ok: isSound, problems } = await verify({ url: database.url })
  deepEqual(problems, [])
  equal(isSound, true)
})

test('transfers: the day’s allowance: not passed at once or in parts, and new tomorrow (MNG3)', async t => {
  const at = await familyAt(t)
  okOf(await at.call('transfer.limit', { username: at.middle.username, dayMax: 250_000 }))
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) => give(at, { ref: `L-${n}` })),
  )
  equal(answers.filter(answer => 'ok' in answer).length, 2)
  equal(refusedOf(answers.find(answer => !('ok' in answer))!), 'TRANSFER_LIMIT')
  okOf(await give(at, { amount: 50_000, ref: 'L-rest' }))
  equal(refusedOf(await give(at, { amount: 1_000, ref: 'L-more' })), 'TRANSFER_LIMIT')
  at.clock.ms += 24 * 60 * 60_000
  okOf(await give(at, { ref: 'L-tomorrow' }))
  okOf(await at.call('transfer.limit', { username: at.middle.username, dayMax: null }))
  okOf(await give(at, { amount: 1_000_000, ref: 'L-house' }))
})

test('transfers: what the wallet could not pay takes nothing of the allowance (MNG3)', async t => {
  const at = await familyAt(t, 50_000)
  okOf(await at.call('transfer.limit', { username: at.middle.username, dayMax: 120_000 }))
  equal(refusedOf(await give(at)), 'INSUFFICIENT_BALANCE')
  const { userId } = at.middle
  await at.call('wallet.deposit', { userId, amount: 100_000, ref: `more-${userId}`, note: '' })
  okOf(await give(at))
  equal(await available(at, at.middle), 50_000)
})

test('transfers: PINs: five wrong ones lock, also sent at once; an admin unlocks (MNF1, MNF2, MNG4)', async t => {
  const at = await familyAt(t)
  okOf(await give(at))
  const wrong = { pin: '0', ref: 'P-1', to: 'nobody' }
  const answers = await Promise.all(Array.from({ length: 8 }, () => give(at, wrong)))
  deepEqual(answers.map(refusedOf).toSorted().toReversed(), [
    ...['PIN_WRONG', 'PIN_WRONG', 'PIN_WRONG', 'PIN_WRONG'],
    ...['PIN_LOCKED', 'PIN_LOCKED', 'PIN_LOCKED', 'PIN_LOCKED'],
  ])
  equal(refusedOf(await give(at, { ref: 'P-2' })), 'PIN_LOCKED')
  okOf(await at.call('transfer.unlock', { username: at.middle.username }))
  okOf(await give(at, { ref: 'P-2' }))
  for (let n = 0; n < 4; n++) equal(refusedOf(await give(at, wrong)), 'PIN_WRONG')
  okOf(await give(at, { ref: 'P-3' }))
  equal(refusedOf(await give(at, wrong)), 'PIN_WRONG')
})

test('transfers: PINs: a changed one counts at once, the old one is wrong (MNF3)', async t => {
  const at = await familyAt(t)
  okOf(await give(at))
  const login = (await resetLogin({ db: at.db, seal, shards }, at.middle.userId))!
  equal(refusedOf(await give(at, { ref: 'N-1' })), 'PIN_WRONG')
  okOf(await give(at, { ref: 'N-1', pin: login.pin }))
})
