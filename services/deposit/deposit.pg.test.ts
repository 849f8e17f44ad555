import { deepEqual, equal, ok } from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, type TestContext, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { verify } from '../../deploy/verify/verify.ts'
import { openDatabase, sql, z } from '../../sql/database.ts'
import { putBankAccount } from '../../sql/money/deposits.ts'
import type { Answer } from '../contract/answer.ts'
import type { TicketView } from '../contract/deposit.ts'
import type { Actions } from '../contract.ts'
import { type Scene, sceneAt, shards, until } from '../engine-room.fixture.ts'
import { enrol, enrolMany } from '../identity/enrol.ts'
import { makeSeal } from '../seal.ts'
import { readBankRow } from './bank-row.ts'
import { depositService } from './deposit.service.ts'

const database = await testDatabase()
after(() => database.drop())

const seal = makeSeal(randomBytes(32))
const secret = 'a webhook secret'
const minute = 60_000
const hour = 60 * minute

type Desk = Scene & {
  readonly accountCode: string
  readonly number: string
  clients(count: number, role?: 'reseller' | 'finance'): Promise<readonly Person[]>
  hook(rows: readonly object[]): ReturnType<typeof deliver>
}
type Person = { readonly userId: string; readonly username: string }

let accounts = 0
/** Noon in Jakarta: a test never runs across the end of a day. */
const noon = Date.UTC(2026, 9, 14, 5)

/** A scene with one bank account of its own; others are closed. */
async function deskAt(t: TestContext, at: Partial<Scene> = {}): Promise<Desk> {
  const scene = at.room === undefined ? await sceneAt(t, { url: database.url, ms: noon }) : at
  const { db, broker, call, clock } = scene as Scene
  broker.createService(depositService({ db, seal, isOwner: () => true, now: () => clock.ms }))
  await broker.waitForServices('deposit')
  accounts++
  const accountCode = `bca${accounts}`
  const number = `12345${String(accounts).padStart(5, '0')}`
  await db.pool.query(sql.unsafe`update bank_account set active = false`)
  await putBankAccount(db.pool, {
    ...{ code: accountCode, bank: 'BCA', number, holder: 'PT Contoh', active: true },
  })
  const feed = { baseUrl: 'http://127.0.0.1:1', webhookSecret: secret, pollMinutes: 10 }
  await call('deposit.putFeed', { ...feed, active: true })
  return {
    ...(scene as Scene),
    accountCode,
    number,
    async clients(count, role = 'reseller') {
      const made = await enrolMany({ db, seal, shards }, { name: 'Toko', count, role })
      return made.map(({ userId, username }) => ({ userId, username }))
    },
    hook: rows => deliver(call, rows),
  }
}

function deliver(call: Scene['call'], rows: readonly object[], key = secret) {
  const body = Buffer.from(JSON.stringify(rows))
  const signature = createHmac('sha256', key).update(body).digest('hex')
  return call('deposit.moota', { signature, body: body.toString('base64') })
}

const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}
const refusedOf = (answer: Answer<unknown>): string =>
  'refused' in answer ? answer.refused : JSON.stringify(answer)

const ticketFor = async ({ call }: Scene, { userId }: Person, amount = 100_000) =>
  okOf<TicketView>(await call('deposit.ticket', { userId, amount }))

const balance = async ({ call }: Scene, { userId }: Person): Promise<number> =>
  okOf(await call('wallet.balance', { userId })).available

let rowsTold = 0
/** As Moota's webhook writes it. */
const rowOf = ({ number }: Desk, amount: unknown, change: object = {}) => ({
  account_number: number,
  date: '2026-10-14 00:00:00',
  description: `TRSF E-BANKING ${++rowsTold}`,
  amount,
  type: 'CR',
  balance: 1_000_000 + rowsTold,
  mutation_id: `mutation-${rowsTold}-${number}`,
  bank: { meta: 'session-token' },
  ...change,
})

const waiting = async ({ call }: Scene) =>
  okOf(await call('deposit.mutations', { status: 'suspense', limit: 100 })).rows

const settled = ({ db }: Scene) =>
  until(
    () =>
      db.pool.oneFirst(sql.type(z.object({ n: z.number() }))`
        select (select count(*) from bank_mutation where status in ('new', 'matched', 'assigned'))
             + (select count(*) from bank_inbox where verdict is null) as n`),
    n => n === 0,
  )

test('deposit: tickets: a thousand at once, no amount twice, the thousandth refused (MNE1)', async t => {
  const desk = await deskAt(t)
  const people = await desk.clients(1_000)
  const answers = await Promise.all(
    people.map(({ userId }) => desk.call('deposit.ticket', { userId, amount: 50_000 })),
  )
  const given = answers.flatMap(answer => ('ok' in answer ? [answer.ok] : []))
  equal(new Set(given.map(ticket => ticket.amount)).size, 999)
  ok(given.every(({ code, amount }) => code >= 1 && code <= 999 && amount === 50_000 + code))
  deepEqual(answers.filter(answer => !('ok' in answer)).map(refusedOf), ['TICKET_EXHAUSTED'])
})

test('deposit: tickets: at the bank that is named, and nowhere else (MNE1)', async t => {
  const desk = await deskAt(t)
  const [one] = await desk.clients(1)
  const wish = { userId: one!.userId, amount: 40_000 }
  equal(okOf(await desk.call('deposit.ticket', { ...wish, bank: ' bca ' })).bank.name, 'BCA')
  equal(
    refusedOf(await desk.call('deposit.ticket', { ...wish, bank: 'BRI' })),
    'BANK_ACCOUNT_UNKNOWN',
  )
})

test('deposit: tickets: two wishes that reach the same amounts: still no amount twice (MNE1)', async t => {
  const desk = await deskAt(t)
  const people = await desk.clients(600)
  const given = await Promise.all(
    people.map((one, n) => ticketFor(desk, one, n % 2 === 0 ? 30_000 : 30_100)),
  )
  equal(new Set(given.map(ticket => ticket.amount)).size, 600)
})

test('deposit: tickets: an amount rests for two days after its ticket (MNE1)', async t => {
  const desk = await deskAt(t)
  const people = await desk.clients(1_000)
  const late = people[999]!
  await Promise.all(people.slice(0, 999).map(one => ticketFor(desk, one, 60_000)))
  const wish = { userId: late.userId, amount: 60_000 }
  equal(refusedOf(await desk.call('deposit.ticket', wish)), 'TICKET_EXHAUSTED')
  const { id, amount } = okOf(
    await desk.call('deposit.tickets', { userId: people[7]!.userId, limit: 1 }),
  ).rows[0]!
  okOf(await desk.call('deposit.cancel', { userId: people[7]!.userId, id }))
  desk.clock.ms += 47 * hour
  equal(refusedOf(await desk.call('deposit.ticket', wish)), 'TICKET_EXHAUSTED')
  desk.clock.ms += hour
  equal((await ticketFor(desk, late, 60_000)).amount, amount)
})

test('deposit: tickets: the same wish gives the same ticket, three are open at most (MNE2)', async t => {
  const desk = await deskAt(t)
  const [one] = await desk.clients(1)
  const first = await ticketFor(desk, one!, 70_000)
  deepEqual(await ticketFor(desk, one!, 70_000), first)
  for (const amount of [80_000, 90_000]) {
    desk.clock.ms += minute
    await ticketFor(desk, one!, amount)
  }
  const { userId } = one!
  equal(refusedOf(await desk.call('deposit.ticket', { userId, amount: 10_000 })), 'TICKET_LIMIT')
  equal(refusedOf(await desk.call('deposit.ticket', { userId, amount: 1 })), 'AMOUNT_INVALID')
  okOf(await desk.call('deposit.cancel', { userId, id: first.id }))
  desk.clock.ms += minute
  equal((await ticketFor(desk, one!, 10_000)).status, 'open')
  const strange = { userId: (await desk.clients(1))[0]!.userId, id: first.id }
  equal(refusedOf(await desk.call('deposit.get', strange)), 'NOT_FOUND')
  desk.clock.ms += 7 * hour
  const { rows } = okOf(await desk.call('deposit.tickets', { userId, limit: 100 }))
  deepEqual(
    rows.map(row => row.status),
    ['expired', 'expired', 'expired', 'cancelled'],
  )
})

test('deposit: webhook: five deliveries, also under another id, are one credit (MNC1, MNC2, MNE3)', async t => {
  const desk = await deskAt(t)
  const [one] = await desk.clients(1)
  const { amount, id } = await ticketFor(desk, one!)
  const row = rowOf(desk, amount)
  for (let n = 0; n < 4; n++) deepEqual(await desk.hook([row]), { verdict: 'accepted' })
  const again = {
    ...row,
    mutation_id: 'another',
    amount: `${amount}.00`,
    balance: `${row.balance}`,
  }
  deepEqual(await desk.hook([again]), { verdict: 'accepted' })
  await settled(desk)
  equal(await balance(desk, one!), amount)
  equal(okOf(await desk.call('deposit.get', { userId: one!.userId, id })).status, 'paid')
  deepEqual(await waiting(desk), [])
  deepEqual(await deliver(desk.call, [row], 'guess'), { verdict: 'forged' })
  const stored = await desk.db.pool.anyFirst(
    sql.type(z.object({ body: z.string() }))`select body from bank_inbox`,
  )
  ok(stored.every(body => !body.includes('session-token')))
})

test('deposit: told by webhook, list and file at once: one credit, nothing waits (MNC1)', async t => {
  const desk = await deskAt(t)
  const [one] = await desk.clients(1)
  const [ani] = await desk.clients(1, 'finance')
  const { amount, id } = await ticketFor(desk, one!)
  const row = rowOf(desk, amount)
  // Only the list has this one: when it is seen, the list was taken.
  const marker = rowOf(desk, 987_654)
  const server = createServer((_, response) => {
    response.end(JSON.stringify({ data: [row, marker], last_page: 1 }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const feed = { baseUrl, token: 'tok', webhookSecret: secret, pollMinutes: 10, active: true }
  const csv = [
    'Tanggal,Keterangan,Jumlah,Tipe,Saldo',
    `2026-10-14,${row.description.replaceAll(' ', '  ')},${amount}.00,CR,${row.balance}.00`,
  ].join('\n')
  const file = { account: desk.accountCode, csv, dryRun: false, by: ani!.userId }
  const [told, , brought] = await Promise.all([
    desk.hook([row]),
    desk.call('deposit.putFeed', feed),
    desk.call('deposit.import', file),
  ])
  deepEqual(told, { verdict: 'accepted' })
  equal(okOf(brought).rows, 1)
  const [left] = await until(
    () => waiting(desk),
    rows => rows.length > 0,
  )
  deepEqual([left!.amount, left!.reason], [987_654, 'no_match'])
  await settled(desk)
  equal(await balance(desk, one!), amount)
  equal(okOf(await desk.call('deposit.get', { userId: one!.userId, id })).status, 'paid')
  equal((await waiting(desk)).length, 1)
  const late = { id: left!.id, to: one!.username, by: ani!.userId, why: 'no such transfer' }
  okOf(await desk.call('deposit.return', late))
})

test('deposit: a crash between match and credit: gone on with, paid once (MNC2, MNC4)', async t => {
  const desk = await deskAt(t)
  const [one] = await desk.clients(1)
  const { amount, id } = await ticketFor(desk, one!)
  await desk.hook([rowOf(desk, amount)])
  await settled(desk)
  // As if we had died after the money moved and before we noted it.
  await desk.db.pool.query(
    sql.unsafe`update deposit_ticket set status = 'matched' where id = ${id}`,
  )
  await desk.db.pool.query(sql.unsafe`
    update bank_mutation set status = 'matched', transfer_id = null where ticket_id = ${id}`)
  await desk.hook([])
  await settled(desk)
  equal(await balance(desk, one!), amount)
  // As if we had died before it moved.
  const [other] = await desk.clients(1)
  const unpaid = await ticketFor(desk, other!)
  await desk.db.pool.query(sql.unsafe`
    update deposit_ticket set status = 'matched' where id = ${unpaid.id}`)
  await desk.db.pool.query(sql.unsafe`
    insert into bank_mutation (account, number, content, direction, told_amount, amount,
                               description, source, seen_at, status, ticket_id, user_id)
    values (${desk.accountCode}, '', 'crashed', 'in', '', ${unpaid.amount}, '', 'webhook', now(),
            'matched', ${unpaid.id}, ${other!.userId})`)
  await desk.stop()

  const next = await deskAt(t)
  await next.hook([])
  await settled(next)
  equal(await balance(next, one!), amount)
  equal(await balance(next, other!), unpaid.amount)
})

test('deposit: what does not fit: waits with its reason, and nobody is credited (MNC3, MNB1, MNB2)', async t => {
  const desk = await deskAt(t)
  const [one, two] = await desk.clients(2)
  const paid = await ticketFor(desk, one!)
  const gone = await ticketFor(desk, two!, 200_000)
  await desk.call('deposit.cancel', { userId: two!.userId, id: gone.id })
  const late = await ticketFor(desk, two!, 300_000)
  await desk.hook([
    rowOf(desk, paid.amount),
    rowOf(desk, paid.amount),
    rowOf(desk, gone.amount),
    rowOf(desk, 123_456),
    rowOf(desk, `${late.amount}.50`),
    rowOf(desk, late.amount, { type: 'DB' }),
    rowOf(desk, late.amount, { account_number: '999' }),
    { strange: true },
  ])
  await settled(desk)
  desk.clock.ms += 7 * hour + minute
  await desk.hook([rowOf(desk, late.amount)])
  await settled(desk)
  deepEqual((await waiting(desk)).map(row => row.reason).toReversed(), [
    'twice',
    'cancelled',
    'no_match',
    'odd_amount',
    'debit',
    'account_unknown',
    'illegible',
    'late',
  ])
  equal(await balance(desk, one!), paid.amount)
  equal(await balance(desk, two!), 0)
  await desk.db.pool.query(sql.unsafe`delete from bank_mutation where status = 'suspense'`)
})

test('deposit: suspense: given to a client once, or returned, with who and why (MNC3)', async t => {
  const desk = await deskAt(t)
  const [one, two] = await desk.clients(2)
  const [by] = await desk.clients(1, 'finance')
  await desk.hook([rowOf(desk, 111_000), rowOf(desk, 222_000), rowOf(desk, '5.50')])
  await settled(desk)
  const [odd, second, first] = await waiting(desk)
  const wish = { id: first!.id, to: one!.username, by: by!.userId, why: 'sent us the slip' }
  const answers = await Promise.all([
    desk.call('deposit.assign', wish),
    desk.call('deposit.assign', { ...wish, to: two!.username }),
  ])
  equal(answers.filter(answer => 'ok' in answer).length, 1)
  equal(refusedOf(await desk.call('deposit.assign', wish)), 'MUTATION_DECIDED')
  equal((await balance(desk, one!)) + (await balance(desk, two!)), 111_000)
  const back = { id: second!.id, by: by!.userId, why: 'sent back to the sender' }
  const returned = okOf(await desk.call('deposit.return', back))
  deepEqual(
    [returned.status, returned.decidedBy, returned.decidedWhy],
    ['returned', by!.userId, 'sent back to the sender'],
  )
  equal(refusedOf(await desk.call('deposit.assign', { ...wish, id: odd!.id })), 'AMOUNT_INVALID')
  equal(
    refusedOf(await desk.call('deposit.assign', { ...wish, id: second!.id })),
    'MUTATION_DECIDED',
  )
  await desk.call('deposit.return', { ...back, id: odd!.id })
})

test('deposit: by hand: above the day’s limit another person must agree (MNE4)', async t => {
  const desk = await deskAt(t)
  const [one] = await desk.clients(1)
  const [ani, budi] = await desk.clients(2, 'finance')
  const wish = { to: one!.username, note: 'cash', by: ani!.userId }
  const small = { ...wish, amount: 3_000_000, ref: `small-${one!.userId}` }
  equal(okOf(await desk.call('deposit.manual', small)).status, 'paid')
  equal(okOf(await desk.call('deposit.manual', small)).status, 'paid')
  equal(refusedOf(await desk.call('deposit.manual', { ...small, amount: 1 })), 'DUPLICATE_REF')
  equal(await balance(desk, one!), 3_000_000)
  const split = { ...small, ref: `split-${one!.userId}` }
  const asked = okOf(await desk.call('deposit.manual', split))
  equal(asked.status, 'waiting')
  const judge: Actions['deposit.judge']['params'] = {
    ...{ id: asked.id, verdict: 'approved', by: ani!.userId },
  }
  equal(refusedOf(await desk.call('deposit.judge', judge)), 'SECOND_PERSON_NEEDED')
  equal(await balance(desk, one!), 3_000_000)
  const agreed = { ...judge, by: budi!.userId }
  equal(okOf(await desk.call('deposit.judge', agreed)).status, 'paid')
  equal(okOf(await desk.call('deposit.judge', agreed)).status, 'paid')
  equal(await balance(desk, one!), 6_000_000)
  const refs: string[] = []
  let before: string | null | undefined
  while (before !== null) {
    const from = before === undefined ? {} : { before }
    const page = okOf(await desk.call('deposit.manuals', { status: 'paid', limit: 1, ...from }))
    refs.push(...page.rows.map(row => row.ref))
    before = page.next
  }
  const both = [small.ref, split.ref]
  deepEqual(refs.filter(ref => both.includes(ref)).sort(), both.sort())
})

test('deposit: by hand: three agree at once, one of them who asked: one credit (MNE4)', async t => {
  const desk = await deskAt(t)
  const [one] = await desk.clients(1)
  const [ani, budi, cici] = await desk.clients(3, 'finance')
  const wish = { to: one!.username, note: 'cash', by: ani!.userId, amount: 9_000_000 }
  const asked = okOf(await desk.call('deposit.manual', { ...wish, ref: `big-${one!.userId}` }))
  equal(asked.status, 'waiting')
  const answers = await Promise.all(
    [ani, budi, cici, ani, budi, cici].map(person =>
      desk.call('deposit.judge', { id: asked.id, verdict: 'approved', by: person!.userId }),
    ),
  )
  for (const [n, answer] of answers.entries()) {
    const said = 'ok' in answer ? answer.ok.status : refusedOf(answer)
    equal(said, n % 3 === 0 ? 'SECOND_PERSON_NEEDED' : 'paid')
  }
  equal(await balance(desk, one!), 9_000_000)
})

const statementOf = (...amounts: readonly number[]): string =>
  ['Tanggal,Keterangan,Jumlah,Tipe,Saldo']
    .concat(amounts.map(amount => `2026-10-14,TRSF ${++rowsTold},${amount}.00,CR,${rowsTold}`))
    .join('\n')

test('deposit: import: what one person pastes above his limit waits for another (MNE4, MNC5)', async t => {
  const desk = await deskAt(t)
  const [one] = await desk.clients(1)
  const [ani, budi] = await desk.clients(2, 'finance')
  const small = await ticketFor(desk, one!, 3_000_000)
  const large = await ticketFor(desk, one!, 4_000_000)
  const wish = { account: desk.accountCode, dryRun: false, by: ani!.userId }
  okOf(await desk.call('deposit.import', { ...wish, csv: statementOf(small.amount) }))
  await settled(desk)
  equal(await balance(desk, one!), small.amount)
  okOf(await desk.call('deposit.import', { ...wish, csv: statementOf(large.amount) }))
  await settled(desk)
  equal(await balance(desk, one!), small.amount)
  const [row] = okOf(await desk.call('deposit.mutations', { status: 'waiting', limit: 10 })).rows
  deepEqual([row!.ticketId, row!.decidedBy, row!.reason], [large.id, ani!.userId, null])
  const judge = { id: row!.id, verdict: 'approved' } as const
  const own = await desk.call('deposit.judgeMutation', { ...judge, by: ani!.userId })
  equal(refusedOf(own), 'SECOND_PERSON_NEEDED')
  equal(await balance(desk, one!), small.amount)
  const done = okOf(await desk.call('deposit.judgeMutation', { ...judge, by: budi!.userId }))
  deepEqual([done.status, done.secondBy], ['credited', budi!.userId])
  equal(await balance(desk, one!), small.amount + large.amount)
  const again = await desk.call('deposit.judgeMutation', { ...judge, by: budi!.userId })
  equal(refusedOf(again), 'MUTATION_DECIDED')
})

test('deposit: import: what the second person rejects is in suspense, its ticket open (MNE4)', async t => {
  const desk = await deskAt(t)
  const [one] = await desk.clients(1)
  const [ani, budi] = await desk.clients(2, 'finance')
  const { id, amount } = await ticketFor(desk, one!, 6_000_000)
  const wish = { account: desk.accountCode, dryRun: false, by: ani!.userId }
  okOf(await desk.call('deposit.import', { ...wish, csv: statementOf(amount) }))
  await settled(desk)
  const [row] = okOf(await desk.call('deposit.mutations', { status: 'waiting', limit: 10 })).rows
  const judge = { id: row!.id, verdict: 'rejected', by: budi!.userId } as const
  const done = okOf(await desk.call('deposit.judgeMutation', judge))
  deepEqual([done.status, done.reason, done.userId], ['suspense', 'rejected', null])
  // The bank's own word pays it still, whatever its size.
  await desk.hook([rowOf(desk, amount)])
  await settled(desk)
  equal(okOf(await desk.call('deposit.get', { userId: one!.userId, id })).status, 'paid')
  equal(await balance(desk, one!), amount)
  const back = { id: row!.id, by: budi!.userId, why: 'never was' }
  equal(okOf(await desk.call('deposit.return', back)).status, 'returned')
})

test('deposit: suspense: above the limit one gives it away and another agrees (MNE4, MNC3)', async t => {
  const desk = await deskAt(t)
  const [one] = await desk.clients(1)
  const [ani, budi] = await desk.clients(2, 'finance')
  await desk.hook([rowOf(desk, 7_000_123), rowOf(desk, 2_000_123)])
  await settled(desk)
  const rows = (await waiting(desk)).filter(row => row.account === desk.accountCode)
  const large = rows.find(row => row.amount === 7_000_123)!
  const small = rows.find(row => row.amount === 2_000_123)!
  const wish = { to: one!.username, by: ani!.userId, why: 'he called' }
  const alone = okOf(await desk.call('deposit.assign', { ...wish, id: small.id }))
  deepEqual([alone.status, alone.secondBy], ['credited', null])
  const asked = okOf(await desk.call('deposit.assign', { ...wish, id: large.id }))
  equal(asked.status, 'waiting')
  equal(await balance(desk, one!), 2_000_123)
  const judge = { id: large.id, verdict: 'approved' } as const
  const own = await desk.call('deposit.judgeMutation', { ...judge, by: ani!.userId })
  equal(refusedOf(own), 'SECOND_PERSON_NEEDED')
  const reject = { id: large.id, verdict: 'rejected', by: budi!.userId } as const
  equal(okOf(await desk.call('deposit.judgeMutation', reject)).reason, large.reason)
  okOf(await desk.call('deposit.assign', { ...wish, id: large.id }))
  const done = okOf(await desk.call('deposit.judgeMutation', { ...judge, by: budi!.userId }))
  equal(done.status, 'credited')
  equal(await balance(desk, one!), 9_000_246)
})

test('deposit: one’s own wallet: no money by hand, no bank row, no word on either (MNE5)', async t => {
  const desk = await deskAt(t)
  const [ani, budi] = await desk.clients(2, 'finance')
  const to = ani!.username
  const manual = { to, amount: 9_000_000, ref: `own-${ani!.userId}`, note: 'cash' }
  const own = await desk.call('deposit.manual', { ...manual, by: ani!.userId })
  equal(refusedOf(own), 'OWN_ACCOUNT')
  const asked = okOf(await desk.call('deposit.manual', { ...manual, by: budi!.userId }))
  equal(asked.status, 'waiting')
  const judge = { id: asked.id, by: ani!.userId } as const
  const agreed = await desk.call('deposit.judge', { ...judge, verdict: 'approved' })
  equal(refusedOf(agreed), 'OWN_ACCOUNT')
  const rejected = okOf(await desk.call('deposit.judge', { ...judge, verdict: 'rejected' }))
  equal(rejected.status, 'rejected')

  await desk.hook([rowOf(desk, 7_000_321)])
  await settled(desk)
  const { id } = (await waiting(desk)).find(row => row.account === desk.accountCode)!
  const wish = { id, to, why: 'mine' }
  const taken = await desk.call('deposit.assign', { ...wish, by: ani!.userId })
  equal(refusedOf(taken), 'OWN_ACCOUNT')
  equal(okOf(await desk.call('deposit.assign', { ...wish, by: budi!.userId })).status, 'waiting')
  const judgeRow = { id, by: ani!.userId } as const
  const said = await desk.call('deposit.judgeMutation', { ...judgeRow, verdict: 'approved' })
  equal(refusedOf(said), 'OWN_ACCOUNT')
  okOf(await desk.call('deposit.judgeMutation', { ...judgeRow, verdict: 'rejected' }))
  okOf(await desk.call('deposit.return', { id, by: budi!.userId, why: 'not theirs' }))
  equal(await balance(desk, ani!), 0)
})

test('deposit: one’s own wallet: a row that he pasted himself waits for another, whatever its size (MNE6)', async t => {
  const desk = await deskAt(t)
  const [ani, budi, cici] = await desk.clients(3, 'finance')
  const own = await ticketFor(desk, ani!, 50_000)
  const wish = { account: desk.accountCode, dryRun: false, by: ani!.userId }
  okOf(await desk.call('deposit.import', { ...wish, csv: statementOf(own.amount) }))
  await settled(desk)
  equal(await balance(desk, ani!), 0)
  const [row] = okOf(await desk.call('deposit.mutations', { status: 'waiting', limit: 10 })).rows
  deepEqual([row!.ticketId, row!.userId], [own.id, ani!.userId])
  const judge = { id: row!.id, verdict: 'approved' } as const
  const said = await desk.call('deposit.judgeMutation', { ...judge, by: ani!.userId })
  equal(refusedOf(said), 'SECOND_PERSON_NEEDED')
  okOf(await desk.call('deposit.judgeMutation', { ...judge, by: budi!.userId }))
  equal(await balance(desk, ani!), own.amount)

  // Nor is his having pasted it the second word on what another one gives him.
  okOf(await desk.call('deposit.import', { ...wish, csv: statementOf(8_000_000) }))
  await settled(desk)
  const { id } = (await waiting(desk)).find(one => one.amount === 8_000_000)!
  const gives = { id, to: ani!.username, by: budi!.userId, why: 'he says so' }
  const asked = okOf(await desk.call('deposit.assign', gives))
  deepEqual([asked.status, asked.secondBy], ['waiting', null])
  const agrees = { id, verdict: 'approved' } as const
  const his = await desk.call('deposit.judgeMutation', { ...agrees, by: ani!.userId })
  equal(refusedOf(his), 'OWN_ACCOUNT')
  equal(await balance(desk, ani!), own.amount)
  okOf(await desk.call('deposit.judgeMutation', { ...agrees, by: cici!.userId }))
  equal(await balance(desk, ani!), own.amount + 8_000_000)
})

test('deposit: accounts: one number, however it is written, is one account’s (MNE7)', async t => {
  const desk = await deskAt(t)
  const [one] = await desk.clients(1)
  const { amount } = await ticketFor(desk, one!, 400_000)
  const { accountCode, number } = desk
  const spaced = `${number.slice(0, 5)} ${number.slice(5)}`
  const other = { code: `${accountCode}-x`, bank: 'BCA', holder: 'PT Contoh', active: true }
  for (const same of [number, spaced]) {
    const put = await desk.call('deposit.putAccount', { ...other, number: same })
    equal(refusedOf(put), 'ALREADY_EXISTS')
  }
  okOf(await desk.call('deposit.putAccount', { ...other, code: accountCode, number: spaced }))
  await desk.hook([rowOf(desk, amount)])
  await settled(desk)
  equal(await balance(desk, one!), amount)
})

test('deposit: import: a dry run tells, the import credits, and once more changes nothing (MNC1)', async t => {
  const desk = await deskAt(t)
  const [one] = await desk.clients(1)
  const [ani] = await desk.clients(1, 'finance')
  const { amount } = await ticketFor(desk, one!, 400_000)
  const comma = amount.toLocaleString('en-US')
  const csv = [
    'Tanggal,Keterangan,Jumlah,Tipe,Saldo',
    `2026-10-14,"TRSF ""ANI""","${comma}.00",CR,"9,000,000.00"`,
    '2026-10-14,ADMIN,1500.25,DB,8998499.75',
    '',
  ].join('\n')
  const wish = { account: desk.accountCode, csv, by: ani!.userId }
  const tried = okOf(await desk.call('deposit.import', { ...wish, dryRun: true }))
  deepEqual([tried.rows, tried.known, tried.added, tried.suspect.length], [2, 0, 0, 1])
  equal(await balance(desk, one!), 0)
  const done = okOf(await desk.call('deposit.import', { ...wish, dryRun: false }))
  deepEqual([done.rows, done.known, done.added], [2, 0, 2])
  await settled(desk)
  equal(await balance(desk, one!), amount)
  const again = okOf(await desk.call('deposit.import', { ...wish, dryRun: false }))
  deepEqual([again.known, again.added], [2, 0])
  // The webhook tells the same row later: it is the same row.
  const told = { description: 'trsf ANI', balance: 9_000_000, date: '2026-10-14 00:00:00' }
  await desk.hook([rowOf(desk, amount, told)])
  await settled(desk)
  equal(await balance(desk, one!), amount)
  equal((await waiting(desk)).filter(row => row.reason !== 'debit').length, 0)
  const wrong = { ...wish, csv: 'a,b\n1,2', dryRun: true }
  equal(refusedOf(await desk.call('deposit.import', wrong)), 'STATEMENT_UNREADABLE')
})

test('deposit: a row with cents that was kept as it was written: known, not kept again (MNA4)', async t => {
  const desk = await deskAt(t)
  const told = rowOf(desk, '50.50', { balance: '900000.50' })
  await desk.hook([told])
  await settled(desk)
  const mine = async () =>
    (await waiting(desk)).filter(row => row.account === desk.accountCode).map(({ id }) => id)
  const [id, ...others] = await mine()
  ok(id !== undefined)
  const accounts = new Map([[desk.number, desk.accountCode]])
  const { formerly } = readBankRow(told, { accounts, source: 'webhook', nowMs: noon })
  await desk.db.pool.query(sql.unsafe`
    update bank_mutation set content = ${formerly.at(-1)!} where id = ${id}`)
  const same = { ...told, amount: '50.5', balance: '900000.5' }
  await desk.hook([{ ...same, mutation_id: 'after a re-scrape' }])
  await settled(desk)
  deepEqual([await mine(), others], [[id], []])
  const csv = `date,description,amount,type,balance\n2026-10-14,${told.description},50.5,CR,900000.5`
  const wish = { account: desk.accountCode, csv, dryRun: true, by: id as never }
  const { known, rows } = okOf(await desk.call('deposit.import', wish))
  deepEqual([known, rows], [1, 1])
  okOf(await desk.call('deposit.return', { id, by: (await desk.clients(1))[0]!.userId, why: 'x' }))
})

test('deposit: not the owner of the shards: nothing is matched or credited (MNC4)', async t => {
  const scene = await sceneAt(t, { url: database.url, ms: noon })
  const db = await openDatabase(database.url)
  t.after(() => db.end())
  let isOwner = false
  scene.broker.createService(
    depositService({ db: scene.db, seal, isOwner: () => isOwner, now: () => scene.clock.ms }),
  )
  await scene.broker.waitForServices('deposit')
  const place = { code: 'other', bank: 'BRI', number: '777', holder: 'PT Contoh', active: true }
  await putBankAccount(db.pool, place)
  const [one] = await enrolMany({ db, seal, shards }, { name: 'Toko', count: 1 })
  const ticket = okOf(
    await scene.call('deposit.ticket', { userId: one!.userId, amount: 500_000, account: 'other' }),
  )
  await deliver(scene.call, [
    { account_number: '777', date: '2026-10-14', amount: ticket.amount, type: 'CR' },
  ])
  equal(await balance(scene, one!), 0)
  isOwner = true
  await deliver(scene.call, [])
  await settled(scene)
  equal(await balance(scene, one!), ticket.amount)
})

test('deposit: enrolled people: a member id names a client as well (MNC3)', async t => {
  const desk = await deskAt(t)
  const made = await enrol({ db: desk.db, seal, shards }, { name: 'Toko Ani' })
  const [by] = await desk.clients(1, 'finance')
  const wish = { amount: 50_000, ref: `member-${made.userId}`, note: '', by: by!.userId }
  okOf(await desk.call('deposit.manual', { ...wish, to: made.memberId }))
  equal(await balance(desk, made), 50_000)
  equal(
    refusedOf(await desk.call('deposit.manual', { ...wish, ref: 'x', to: 'nobody' })),
    'CLIENT_UNKNOWN',
  )
})

test('deposit: all of the above: a second reading finds each row in the journal (MNC2)', async () => {
  const { problems, records } = await verify({ url: database.url })
  deepEqual(problems, [])
  ok(records > 20)
})
