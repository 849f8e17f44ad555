/** The books of three days, as the service closed them, and what is wrong with each of them. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { before, test } from 'node:test'
import { makeCloser } from '../../services/closing/closing.service.ts'
import { makeSigner } from '../../services/closing/closing.ts'
import { pending, ruled, sceneAt } from '../../services/engine-room.fixture.ts'
import { openBooks } from './books.fixture.ts'
import { verify } from './verify.ts'

const dayMs = 86_400_000
const first = Date.parse('2026-10-14T12:00:00+07:00')
const days = ['2026-10-14', '2026-10-15', '2026-10-16'] as const
const masterKey = randomBytes(32)
const { url, client } = await openBooks()

before(async t => {
  const at = await sceneAt(t as never, { url, shop: { answer: pending }, ms: first })
  const { call, clock, db, room } = at
  const closer = makeCloser({ room, db, masterKey })
  const users = [await at.user(1, 500_000), await at.user(2, 500_000)]
  for (const [n, day] of days.entries()) {
    clock.ms = first + n * dayMs
    const trxIds = await Promise.all(
      users.map(async (userId, m) => {
        const wish = { userId, level: 0, ref: `${day}-${m}`, product: 'XLD10' }
        const answer = await call('order.place', { ...wish, destination: `08780000${n}${m}00` })
        ok('ok' in answer, JSON.stringify(answer))
        return answer.ok.order.trxId
      }),
    )
    // One of each day ends on it; the other is held over midnight, for ever.
    const verdict = { trxId: trxIds[0]!, verdict: 'success', reason: 'seen', by: 'ani' } as const
    const ended = await ruled(call, verdict)
    ok('ok' in ended, JSON.stringify(ended))
  }
  clock.ms = first + days.length * dayMs
  for (;;) {
    await closer.close()
    const { rows } = await client.query('select count(*)::int as n from closing')
    if (rows[0].n === days.length) break
    await new Promise(resolve => setTimeout(resolve, 10))
  }
})

type Statement = {
  previous: string
  cuts: number[]
  sum: number
  accounts: { account: string; in: number; out: number; closing: number; held: number }[]
}

/** As somebody would write it who has the keys: with a hash and a signature that hold. */
async function rewrite(day: string, change: (statement: Statement) => void): Promise<void> {
  const { rows } = await client.query('select statement from closing where day = $1', [day])
  const statement: Statement = JSON.parse(rows[0].statement)
  change(statement)
  const text = JSON.stringify(statement)
  const hash = createHash('sha256').update(text).digest('hex')
  await client.query(
    'update closing set statement = $2, hash = $3, signature = $4 where day = $1',
    [day, text, hash, makeSigner(masterKey).sign(text)],
  )
}

/** What is found while this is so; afterwards everything is as it was. */
async function found(spoil: () => Promise<unknown>): Promise<string[]> {
  await client.query('create temp table kept as table closing')
  await spoil()
  const { problems } = await verify({ url })
  await client.query('truncate closing')
  await client.query('insert into closing select * from kept')
  await client.query('drop table kept')
  return [...new Set(problems.map(({ name, actor, seq }) => `${name} ${actor ?? seq}`))].sort()
}

test('verify: closings: books of three days, closed by the service, are sound (Z74, Z75, Z76)', async () => {
  deepEqual(await found(async () => {}), [])
  const { rows } = await client.query('select statement from closing order by closing.day')
  const held = rows.map(
    ({ statement }) =>
      JSON.parse(statement).accounts.find(
        ({ account }: { account: string }) => account === 'wallet',
      ).held,
  )
  equal(new Set(held).size, 3, 'each evening holds more')
})

test('verify: closings: hash, chain, signature and missing days (Z74)', async () => {
  const [one, two, three] = days
  const set = (what: string, day: string) => () =>
    client.query(`update closing set ${what} where day = $1`, [day])
  const other = makeSigner(randomBytes(32))
  const cases: [() => Promise<unknown>, string[]][] = [
    [set(`hash = repeat('0', 64)`, three), [`closing.seal ${three}`]],
    [set(`hash = repeat('0', 64)`, one), [`closing.seal ${one}`, `closing.seal ${two}`]],
    [set(`signature = '${other.sign('else')}'`, two), [`closing.seal ${two}`]],
    [set(`signer = '${other.publicKey}'`, two), [`closing.seal ${two}`]],
    [set(`signer = 'no key'`, two), [`closing.seal ${two}`]],
    [set(`statement = '{'`, three), [`closing.seal ${three}`]],
    [set(`statement = '{"cuts":[],"accounts":[null]}'`, three), [`closing.seal ${three}`]],
    [() => client.query('delete from closing where day = $1', [three]), []],
    [set(`day = '2026-10-17'`, three), [`closing.seal 2026-10-17`]],
  ]
  for (const [spoil, expected] of cases) deepEqual(await found(spoil), expected)
  const gap = await found(() => client.query('delete from closing where day = $1', [two]))
  ok(gap.includes(`closing.seal ${three}`), gap.join())
})

test('verify: closings: another figure, though it is sealed and signed (Z75)', async () => {
  const three = days[2]
  const wallet = ({ accounts }: Statement) => accounts.find(one => one.account === 'wallet')!
  const changes: ((statement: Statement) => void)[] = [
    statement => void wallet(statement).in++,
    statement => void wallet(statement).out--,
    statement => void wallet(statement).held++,
    statement => void wallet(statement).closing++,
    statement => void statement.accounts.pop(),
    statement => void statement.accounts.push({ ...statement.accounts[0]! }),
    statement => void statement.accounts.push({ ...wallet(statement), account: 'made up' }),
    statement => void (statement.sum = 1),
  ]
  for (const change of changes) {
    deepEqual(await found(() => rewrite(three, change)), [`closing.changed ${three}`])
  }
})

test('verify: closings: a day that ends elsewhere (Z76)', async () => {
  const [, two, three] = days
  const cutBack = await found(() => rewrite(three, ({ cuts }) => void (cuts[1] = 0)))
  ok(cutBack.includes(`closing.cut ${three}`), cutBack.join())
  const beyond = await found(() => rewrite(three, ({ cuts }) => void (cuts[1]! += 1_000)))
  deepEqual(beyond, [`closing.cut ${three}`])
  const missing = await found(() => rewrite(three, ({ cuts }) => void (cuts.length = 1)))
  ok(missing.includes(`closing.cut ${three}`), missing.join())
  // A line of the third day in the book of the second.
  const late = await found(() => rewrite(two, ({ cuts }) => void cuts[1]!++))
  ok(
    late.some(problem => /^closing\.cut \d+$/.test(problem)),
    late.join(),
  )
  ok(late.includes(`closing.changed ${two}`), late.join())
})
