import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, type TestContext, test } from 'node:test'
import { clawback, commissionCost } from '../../actors/chart.ts'
import { testDatabase } from '../../deploy/testing/database.ts'
import { verify } from '../../deploy/verify/verify.ts'
import { shardOf } from '../../engine/ids.ts'
import { sql, z } from '../../sql/database.ts'
import { readClosing } from '../../sql/money/closings.ts'
import { change, create, history, list, remove } from '../catalogue/admin.ts'
import { makeCloser } from '../closing/closing.service.ts'
import type { Statement } from '../closing/closing.ts'
import type { Answer } from '../contract/answer.ts'
import type { CatalogueRow } from '../contract/catalogue.ts'
import type { CommissionRow } from '../contract/commission.ts'
import { type Answerer, pending, type Scene, sceneAt, until } from '../engine-room.fixture.ts'
import { enrolMany, type MachineCredentials } from '../identity/enrol.ts'
import { makeSeal } from '../seal.ts'
import { commissionService } from './commission.service.ts'

const seal = makeSeal(randomBytes(32))
const noon = Date.UTC(2026, 9, 14, 5)

type Desk = Scene & { readonly rings: string[]; readonly errors: unknown[] }

/** `asleep`: without the service, as if it had been killed before it came to anything. */
async function deskAt(
  t: TestContext,
  { url, asleep = false, answer }: { url?: string; asleep?: boolean; answer?: Answerer } = {},
): Promise<Desk> {
  const database = url === undefined ? await testDatabase() : null
  if (database !== null) after(() => database.drop())
  const shop = answer === undefined ? {} : { answer }
  const scene = await sceneAt(t, { url: url ?? database!.url, ms: noon, shop })
  const desk = { ...scene, rings: [] as string[], errors: [] as unknown[] }
  if (!asleep) {
    const { room, db, broker } = scene
    broker.createService(
      commissionService({
        ...{ room, db },
        onRing: buyer => desk.rings.push(buyer),
        onError: cause => desk.errors.push(cause),
      }),
    )
    await broker.waitForServices('commission')
  }
  return desk
}

const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}
const refusedOf = (answer: Answer<unknown>): string =>
  'refused' in answer ? answer.refused : JSON.stringify(answer)

const admin = ({ db }: Desk) => ({ db, seal, adapters: new Map() })
const kind = 'commission-rules'
const by = 'an admin'
const rule = async (desk: Desk, fields: CatalogueRow): Promise<CatalogueRow> =>
  okOf(await create(admin(desk), { kind, by, fields }))

async function enrolled(desk: Desk, name: string, upline?: string): Promise<MachineCredentials> {
  const deps = { db: desk.db, seal, shards: desk.room.shards }
  const [made] = await enrolMany(deps, {
    ...{ name, count: 1 },
    ...(upline === undefined ? {} : { upline }),
  })
  return made!
}

/** Each stands below the one before. */
async function lineOf(desk: Desk, count: number): Promise<MachineCredentials[]> {
  const people: MachineCredentials[] = []
  for (let n = 0; n < count; n++) {
    people.push(await enrolled(desk, `Toko ${n}`, people.at(-1)?.userId))
  }
  return people
}

/** The journal is read past all that this order's shard has. */
async function takenUp({ room, db }: Desk, trxId: string): Promise<void> {
  const shard = shardOf(trxId)
  const target = room.engine.host.shard(shard)!.durableSeq
  const seqRow = z.object({ seq: z.number() })
  await until(
    () =>
      db.pool.maybeOne(sql.type(seqRow)`
        select seq from commission_position where shard = ${shard}`),
    row => row !== null && row.seq >= target,
  )
}

let numbers = 0

async function buy(desk: Desk, { userId }: MachineCredentials): Promise<string> {
  const number = ++numbers
  const ref = `R-${number}`
  await desk.call('wallet.deposit', { userId, amount: 20_000, ref: `for ${ref}`, note: '' })
  const destination = `0878${String(number).padStart(8, '0')}`
  const { order } = okOf(
    await desk.call('order.place', { userId, level: 0, ref, product: 'XLD10', destination }),
  )
  return order.trxId
}

const delivered = (desk: Desk, { userId }: MachineCredentials, trxId: string) =>
  until(
    async () => okOf(await desk.call('order.get', { userId, trxId })),
    view => view.status === 'SUCCESS',
  )

async function refund(desk: Desk, trxId: string): Promise<void> {
  const words = { verdict: 'refund', reason: 'never came', by, supplierReturned: true } as const
  okOf(await desk.call('order.resolve', { trxId, ...words }))
}

const page = async (desk: Desk, { userId }: MachineCredentials, cursor?: string, limit = 50) =>
  okOf(
    await desk.call('commission.list', {
      ...{ userId, limit },
      ...(cursor === undefined ? {} : { cursor }),
    }),
  )

const earned = (
  desk: Desk,
  who: MachineCredentials,
  isSo: (rows: readonly CommissionRow[]) => boolean,
): Promise<readonly CommissionRow[]> => until(async () => (await page(desk, who)).rows, isSo)

const paid = (count: number) => (rows: readonly CommissionRow[]) =>
  rows.length === count && rows.every(row => row.state === 'paid')
const reversed = (rows: readonly CommissionRow[]) => rows.every(row => row.state === 'reversed')

const available = async ({ call }: Desk, { userId }: MachineCredentials): Promise<number> =>
  okOf(await call('wallet.balance', { userId })).available

/** The house's cost of commission, over all shards. */
const cost = ({ room }: Desk): number => {
  let sum = 0
  for (const shard of room.engine.host.shards()) {
    sum -= shard.accounts.get(commissionCost)?.balance ?? 0
  }
  return sum
}

async function checked(desk: Desk): Promise<void> {
  const { url } = desk.db
  deepEqual(desk.errors, [])
  await desk.stop()
  const report = await verify({ url })
  deepEqual(report.problems, [])
  equal(report.ledgerSum, 0)
}

const fixed = (...rupiah: readonly number[]) => rupiah.map(fixed => ({ fixed }))

test('commission: an order that is delivered: its uplines are paid, each his share (CMC2, CME1)', async t => {
  const desk = await deskAt(t)
  const [top, middle, buyer] = await lineOf(desk, 3)
  await rule(desk, { scope: 'default', levels: [{ percent_bp: 2_500 }, { fixed: 40 }] })
  const trxId = await buy(desk, buyer!)
  const [mine] = await earned(desk, middle!, paid(1))
  const { orderId, level, amount, product, buyer: from } = mine!
  deepEqual([orderId, level, amount, product, from], [trxId, 1, 150, 'XLD10', buyer!.username])
  const [his] = await earned(desk, top!, paid(1))
  deepEqual([his!.level, his!.amount], [2, 40])
  equal(await available(desk, middle!), 150)
  equal(await available(desk, top!), 40)
  equal(cost(desk), 190)
  const { rows } = okOf(await desk.call('wallet.mutations', { userId: middle!.userId, limit: 10 }))
  deepEqual(
    rows.map(row => [row.kind, row.direction, row.amount, row.referenceId, row.detail]),
    [['commission', 'in', 150, trxId, `dari ${buyer!.username} XLD10`]],
  )
  deepEqual((await page(desk, buyer!)).rows, [])
  await checked(desk)
})

test('commission: pages: newest first, each once (CME1)', async t => {
  const desk = await deskAt(t)
  const [top, buyer] = await lineOf(desk, 2)
  await rule(desk, { scope: 'default', levels: fixed(10) })
  for (let n = 0; n < 3; n++) await buy(desk, buyer!)
  const all = await earned(desk, top!, paid(3))
  const first = await page(desk, top!, undefined, 2)
  const second = await page(desk, top!, first.next!, 2)
  deepEqual([...first.rows, ...second.rows], all)
  deepEqual([second.rows.length, second.next], [1, null])
})

test('commission: nobody above, no rule, or one that is off: nothing is due (CMC3)', async t => {
  const desk = await deskAt(t)
  const [top, buyer] = await lineOf(desk, 2)
  const alone = await enrolled(desk, 'Sendiri')
  const early = await buy(desk, buyer!)
  await delivered(desk, buyer!, early)
  await takenUp(desk, early)
  await rule(desk, { scope: 'default', levels: fixed(25) })
  await delivered(desk, alone, await buy(desk, alone))
  await buy(desk, buyer!)
  const rows = await earned(desk, top!, paid(1))
  deepEqual(
    rows.map(({ amount }) => amount),
    [25],
  )
  equal(cost(desk), 25)
})

test('commission: a tree 60 deep: everybody in it is paid once (CMC2)', async t => {
  const desk = await deskAt(t)
  const people = await lineOf(desk, 61)
  await rule(desk, { scope: 'default', levels: fixed(60, 1), beyond: 'last' })
  await buy(desk, people.at(-1)!)
  await earned(desk, people[0]!, paid(1))
  await until(
    () => cost(desk),
    sum => sum === 60 + 59,
  )
  for (const [n, person] of people.slice(0, 60).entries()) {
    const [row, ...more] = await earned(desk, person, paid(1))
    deepEqual([row!.level, row!.amount, more.length], [60 - n, n === 59 ? 60 : 1, 0])
  }
  await checked(desk)
})

test('commission: a ring of uplines: refused where it is set, even by two at once (CME3)', async t => {
  const desk = await deskAt(t)
  const [top, middle, below] = await lineOf(desk, 3)
  const put = (one: MachineCredentials, upline: MachineCredentials | null) =>
    desk.call('commission.upline', {
      ...{ username: one.username, upline: upline?.username ?? null },
    })
  equal(refusedOf(await put(top!, below!)), 'UPLINE_RING')
  equal(refusedOf(await put(top!, top!)), 'UPLINE_RING')
  equal(refusedOf(await put(top!, { ...top!, username: 'nobody' })), 'CLIENT_UNKNOWN')
  deepEqual(okOf(await put(middle!, null)), { username: middle!.username, upline: null })
  const both = await Promise.all([put(top!, middle!), put(middle!, top!)])
  deepEqual(both.map(answer => 'ok' in answer).sort(), [false, true])
  ok(both.map(refusedOf).includes('UPLINE_RING'))
})

test('commission: a ring that is there all the same: it ends, and is told (CMC4)', async t => {
  const desk = await deskAt(t)
  const people = await lineOf(desk, 3)
  await desk.db.pool.query(sql.unsafe`alter table client disable trigger client_upline_update`)
  await desk.db.pool.query(sql.unsafe`
    update client set upline = ${people[2]!.userId} where id = ${people[0]!.userId}`)
  await rule(desk, { scope: 'default', levels: fixed(10), beyond: 'last' })
  await buy(desk, people[2]!)
  await earned(desk, people[0]!, paid(1))
  await earned(desk, people[1]!, paid(1))
  deepEqual((await page(desk, people[2]!)).rows, [])
  deepEqual(desk.rings, [people[2]!.userId])
  equal(cost(desk), 20)
})

test('commission: a refund: what was paid is taken back once, by the old rule (CMC2, CMC6)', async t => {
  const desk = await deskAt(t)
  const [top, middle, buyer] = await lineOf(desk, 3)
  const made = await rule(desk, { scope: 'default', levels: fixed(300, 100) })
  const trxId = await buy(desk, buyer!)
  await earned(desk, middle!, paid(1))
  await earned(desk, top!, paid(1))
  const changed = { kind, by, key: [String(made['id'])], version: 1 } as const
  okOf(await change(admin(desk), { ...changed, fields: { levels: fixed(1) } }))
  await refund(desk, trxId)
  await earned(desk, middle!, reversed)
  await earned(desk, top!, reversed)
  equal(cost(desk), 0)
  deepEqual([await available(desk, middle!), await available(desk, top!)], [0, 0])
  const told = await desk.call('wallet.mutations', { userId: middle!.userId, limit: 10 })
  deepEqual(
    okOf(told).rows.map(row => [row.kind, row.direction, row.amount, row.referenceId]),
    [
      ['commission', 'out', 300, trxId],
      ['commission', 'in', 300, trxId],
    ],
  )
  await checked(desk)
})

test('commission: a refund when it is spent: owed, and paid by what comes later (CMC6)', async t => {
  const desk = await deskAt(t)
  const [top, buyer] = await lineOf(desk, 2)
  await rule(desk, { scope: 'default', levels: fixed(11_000) })
  const trxId = await buy(desk, buyer!)
  await earned(desk, top!, paid(1))
  const { userId } = top!
  const wish = { userId, level: 0, ref: 'spent', product: 'XLD10', destination: '087800009999' }
  const spent = okOf(await desk.call('order.place', wish))
  await delivered(desk, top!, spent.order.trxId)
  equal(await available(desk, top!), 500)
  await refund(desk, trxId)
  const [row] = await earned(desk, top!, reversed)
  equal(row!.owed, 10_500)
  equal(await available(desk, top!), 0)
  const balance = () =>
    desk.room.engine.host.shard(shardOf(userId))!.accounts.get(clawback(userId))?.balance
  equal(balance(), -10_500)
  await until(
    async () => (await page(desk, top!)).debt,
    debt => debt === 10_500,
  )
  equal(cost(desk), 0)
  const closer = makeCloser({ ...desk, masterKey: randomBytes(32) })
  desk.clock.ms += 24 * 60 * 60_000
  await closer.close()
  const { accounts, sum } = JSON.parse(
    (await readClosing(desk.db.pool, '2026-10-14'))!.statement,
  ) as Statement
  const closed = new Map(accounts.map(({ account, closing }) => [account, closing]))
  deepEqual([sum, closed.get('clawback'), closed.get('commission')], [0, -10_500, 0])
  await buy(desk, buyer!)
  const [later] = await earned(desk, top!, rows => rows[0]?.state === 'paid')
  equal(later!.kept, 10_500)
  equal(await available(desk, top!), 500)
  equal(balance(), 0)
  equal(cost(desk), 11_000)
  await checked(desk)
})

test('commission: killed before it was taken up: read from the journal, paid once (CMC1, CMD2)', async t => {
  const desk = await deskAt(t, { asleep: true })
  const [top, buyer] = await lineOf(desk, 2)
  await rule(desk, { scope: 'default', levels: fixed(70) })
  const kept = await buy(desk, buyer!)
  const returned = await buy(desk, buyer!)
  await delivered(desk, buyer!, kept)
  await delivered(desk, buyer!, returned)
  await refund(desk, returned)
  const { url } = desk.db
  await desk.stop()
  const next = await deskAt(t, { url })
  const rows = await earned(
    next,
    top!,
    found =>
      found
        .map(row => row.state)
        .sort()
        .join() === 'paid,reversed',
  )
  equal(rows.find(row => row.state === 'paid')!.orderId, kept)
  equal(await available(next, top!), 70)
  equal(cost(next), 70)
  await checked(next)
})

test('commission: killed at any point after that: nothing twice (CMC1, CMD1)', async t => {
  const desk = await deskAt(t)
  const [top, buyer] = await lineOf(desk, 2)
  await rule(desk, { scope: 'default', levels: fixed(70) })
  const trxId = await buy(desk, buyer!)
  await earned(desk, top!, paid(1))
  const { url } = desk.db
  await desk.stop()
  // Paid in the journal, and the table does not know of it; then: not even of the position.
  const forgotten = [
    sql.unsafe`update commission_entry set state = 'due', paid_at = null`,
    sql.unsafe`update commission_position set seq = 0`,
    sql.unsafe`delete from commission_entry`,
  ]
  for (let count = 1; count <= forgotten.length; count++) {
    const before = await deskAt(t, { url, asleep: true })
    for (const statement of forgotten.slice(0, count)) await before.db.pool.query(statement)
    await before.stop()
    const next = await deskAt(t, { url })
    const rows = await earned(next, top!, paid(1))
    equal(rows[0]!.orderId, trxId)
    equal(await available(next, top!), 70)
    equal(cost(next), 70)
    await checked(next)
  }
})

test('commission: one that can not be settled: told, and the others are (CMD3)', async t => {
  const desk = await deskAt(t)
  const [top, buyer] = await lineOf(desk, 2)
  await rule(desk, { scope: 'default', levels: fixed(70) })
  const trxId = await buy(desk, buyer!)
  await earned(desk, top!, paid(1))
  // A row that says something else than the journal, as no program of ours would leave it.
  await desk.db.pool.query(sql.unsafe`
    update commission_entry set state = 'due', amount = 71 where order_id = ${trxId}`)
  await buy(desk, buyer!)
  await earned(desk, top!, rows => rows[0]?.state === 'paid')
  await until(
    () => desk.errors.map(String),
    errors => errors.some(text => text.includes('DUPLICATE_REF')),
  )
  equal(await available(desk, top!), 140)
})

test('commission: more than gathers: let go and read back, each once (JF4, CMC1)', async t => {
  const desk = await deskAt(t, { asleep: true })
  const [top, buyer] = await lineOf(desk, 2)
  await rule(desk, { scope: 'default', levels: fixed(1) })
  const first = await buy(desk, buyer!)
  await delivered(desk, buyer!, first)
  const { room, db, broker } = desk
  broker.createService(
    commissionService({ room, db, onRing: () => {}, onError: cause => desk.errors.push(cause) }),
  )
  await broker.waitForServices('commission')
  // What is durable while it still reads is heard too early, and read in its turn.
  const others = await Promise.all(Array.from({ length: 20 }, () => buy(desk, buyer!)))
  const rows = await earned(desk, top!, paid(21))
  deepEqual(new Set(rows.map(row => row.orderId)), new Set([first, ...others]))
  equal(cost(desk), 21)
})

test('commission: many orders: one look at rules and trees for all of them (CMC3)', async t => {
  const desk = await deskAt(t, { asleep: true })
  const [top, ...buyers] = await lineOf(desk, 4)
  const alone = await enrolled(desk, 'Sendiri')
  await rule(desk, { scope: 'default', levels: fixed(5), beyond: 'last' })
  for (let n = 0; n < 30; n++) {
    await delivered(desk, buyers[n % 3]!, await buy(desk, buyers[n % 3]!))
  }
  for (let n = 0; n < 5; n++) await delivered(desk, alone, await buy(desk, alone))
  const { room, db, broker } = desk
  const reads = { rules: 0, trees: 0, lines: 0 }
  const counted = counting(db.pool, text => {
    if (text.includes('from commission_rule')) reads.rules++
    if (text.includes('with recursive')) reads.trees++
    if (text.includes('from journal')) reads.lines++
  })
  broker.createService(
    commissionService({
      ...{ room, db: { pool: counted }, onRing: () => {} },
      onError: cause => desk.errors.push(cause),
    }),
  )
  await broker.waitForServices('commission')
  await earned(desk, top!, paid(30))
  equal(cost(desk), 5 * (10 * 1 + 10 * 2 + 10 * 3))
  deepEqual([reads.rules, reads.trees], [1, 1])
  ok(reads.lines <= room.shards, `${reads.lines} looks for first lines`)
  deepEqual(desk.errors, [])
})

test('commission: no rule: nobody is asked about trees, until there is one (CMC7)', async t => {
  const desk = await deskAt(t, { asleep: true })
  const [top, buyer] = await lineOf(desk, 2)
  const trees: string[] = []
  const { room, db, broker } = desk
  const counted = counting(db.pool, text => {
    if (text.includes('with recursive') || text.includes('from product')) trees.push(text)
  })
  broker.createService(
    commissionService({
      ...{ room, db: { pool: counted }, onRing: () => {} },
      onError: cause => desk.errors.push(cause),
    }),
  )
  await broker.waitForServices('commission')
  for (let n = 0; n < 3; n++) {
    const trxId = await buy(desk, buyer!)
    await delivered(desk, buyer!, trxId)
    await takenUp(desk, trxId)
  }
  const gone = await buy(desk, buyer!)
  await delivered(desk, buyer!, gone)
  await refund(desk, gone)
  await takenUp(desk, gone)
  deepEqual(trees, [])
  await rule(desk, { scope: 'default', levels: fixed(30) })
  const kept = await buy(desk, buyer!)
  const [row, ...others] = await earned(desk, top!, paid(1))
  deepEqual([row!.orderId, others.length, trees.length], [kept, 0, 1])
  deepEqual(desk.errors, [])
})

/** The pool, and whoever is asked what, also within a transaction. */
function counting<P extends object>(pool: P, hear: (text: string) => void): P {
  return new Proxy(pool, {
    get(target, name) {
      const own: unknown = Reflect.get(target, name)
      if (typeof own !== 'function') return own
      if (name === 'transaction') {
        return (work: (tx: object) => unknown) =>
          own.call(target, (tx: object) => work(counting(tx, hear)))
      }
      return (statement: { sql?: string }, ...rest: unknown[]) => {
        hear(statement?.sql ?? '')
        return own.call(target, statement, ...rest)
      }
    },
  })
}

test('commission: a preview: what rules make of an order, and nobody is paid (CME2)', async t => {
  const desk = await deskAt(t)
  const [top, middle, buyer] = await lineOf(desk, 3)
  const trxId = await buy(desk, buyer!)
  await delivered(desk, buyer!, trxId)
  const preview = (fields?: CatalogueRow) =>
    desk.call('commission.preview', {
      ...{ trxId },
      ...(fields === undefined ? {} : { rule: fields }),
    })
  const none = await until(preview, answer => 'ok' in answer)
  deepEqual(okOf(none), {
    ...{ price: 10_500, cost: 9_900, margin: 600, ruleId: null, shares: [], total: 0 },
  })
  const proposed = { scope: 'default', levels: [{ percent_bp: 1_000 }, { fixed: 7 }] }
  deepEqual(okOf(await preview(proposed)).shares, [
    { level: 1, amount: 60, username: middle!.username },
    { level: 2, amount: 7, username: top!.username },
  ])
  equal(refusedOf(await preview({ scope: 'default', levels: [] })), 'FIELDS_INVALID')
  const made = await rule(desk, proposed)
  const { ruleId, total } = okOf(await preview())
  deepEqual([ruleId, total], [made['id'], 67])
  equal(cost(desk), 0)
  const unknown = await desk.call('commission.preview', { trxId: top!.userId })
  equal(refusedOf(unknown), 'NOT_FOUND')
})

test('commission: a preview: an order that is not delivered yet has no margin (CME2)', async t => {
  const desk = await deskAt(t, { answer: pending })
  const [, buyer] = await lineOf(desk, 2)
  const trxId = await buy(desk, buyer!)
  const said = await until(
    () => desk.call('commission.preview', { trxId }),
    answer => refusedOf(answer) !== 'NOT_FOUND',
  )
  equal(refusedOf(said), 'ORDER_BUSY')
})

test('commission: rules: versions, history, one per target, and out again (KA1, KA3)', async t => {
  const desk = await deskAt(t, { asleep: true })
  const made = await rule(desk, { scope: 'default', levels: fixed(10), depth: 3 })
  const key = [String(made['id'])]
  deepEqual(made['levels'], [{ percent_bp: 0, fixed: 10 }])
  const again = { kind, by, fields: { scope: 'default', levels: fixed(1) } } as const
  equal(refusedOf(await create(admin(desk), again)), 'ALREADY_EXISTS')
  for (const wrong of [
    { scope: 'brand', target: 'XL', levels: fixed(1) },
    { scope: 'default', target: 'XL', levels: fixed(1) },
    { scope: 'category', target: '', levels: fixed(1) },
    { scope: 'default', levels: [{ percent_bp: 10_001 }] },
    { scope: 'default', levels: [{ fixed: -1 }] },
    { scope: 'default', levels: fixed(1), depth: 0 },
  ]) {
    equal(refusedOf(await create(admin(desk), { kind, by, fields: wrong })), 'FIELDS_INVALID')
  }
  const nowhere = { scope: 'category', target: 'Nowhere', levels: fixed(1) }
  const lost = await create(admin(desk), { kind, by, fields: nowhere })
  equal(refusedOf(lost), 'REFERENCE_UNKNOWN')
  const wish = { kind, by, key, fields: { beyond: 'last', depth: null } } as const
  const after = okOf(await change(admin(desk), { ...wish, version: 1 }))
  deepEqual([after['version'], after['beyond'], after['depth']], [2, 'last', null])
  equal(refusedOf(await change(admin(desk), { ...wish, version: 1 })), 'STALE_VERSION')
  const shown = okOf(await list(admin(desk), { kind, filters: { scope: 'default' }, limit: 10 }))
  equal(shown.rows.length, 1)
  okOf(await remove(admin(desk), { kind, by, key, version: 2 }))
  const { rows } = okOf(await history(admin(desk), { kind, limit: 10 }))
  deepEqual(
    rows.map(row => [row['who'], row['before'] !== null, row['after'] !== null]),
    [
      [by, true, false],
      [by, true, true],
      [by, false, true],
    ],
  )
})
