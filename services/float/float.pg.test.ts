import { deepEqual, equal, ok } from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, type TestContext, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { sql } from '../../sql/database.ts'
import { readManual } from '../../sql/money/manual-moves.ts'
import type { Answer } from '../contract/answer.ts'
import type { FloatView } from '../contract/supplier.ts'
import type { Actions } from '../contract.ts'
import { pending, type Scene, sceneAt, shards, until } from '../engine-room.fixture.ts'
import { enrolMany } from '../identity/enrol.ts'
import { Gauges } from '../routing/gauges.ts'
import { rebuildGauges } from '../routing/rebuild.ts'
import { makeSeal } from '../seal.ts'
import type { SupplierAccess } from '../supplier/caller.ts'
import { digiflazz } from '../supplier/digiflazz.ts'
import { FloatAudit } from './audit.ts'
import { askBalance } from './balance.ts'
import { beginAudit } from './beginning.ts'
import { type FloatDeps, floatService } from './float.service.ts'

const database = await testDatabase()
after(() => database.drop())

const seal = makeSeal(randomBytes(32))
const noon = Date.UTC(2026, 10, 21, 5)
const hour = 3_600_000
/** What the fixture's supplier charges. */
const charge = 9_900

type Street = Scene & {
  readonly audit: FloatAudit
  readonly told: { level: string; what: string; more: Readonly<Record<string, unknown>> }[]
  readonly ani: string
  readonly budi: string
  /** What the supplier has left for us, and takes besides his price. */
  readonly till: { balance: number; extra: number }
  sell(): Promise<void>
  restart(): Promise<void>
}

let scenesMade = 0

/** One supplier of its own, who counts; `suppliers` are those who can be asked. */
async function streetAt(
  t: TestContext,
  {
    suppliers = [],
    onBalance = () => {},
    isDrained = () => false,
  }: Pick<Partial<FloatDeps>, 'onBalance' | 'isDrained'> & {
    suppliers?: SupplierAccess[]
  } = {},
): Promise<Street> {
  // Time in a shard never runs backwards, and tests share the database: a day for each.
  const ms = noon + scenesMade * 24 * hour
  const scene = await sceneAt(t, { url: database.url, ms })
  const { db, room, broker, call, clock, shop } = scene
  if (scenesMade++ === 0) {
    await db.pool.query(sql.unsafe`
      insert into supplier (code, name, adapter, base_url, credentials)
      values ('digi', 'Digi', 'digiflazz', 'http://127.0.0.1:1', ''),
             ('diva', 'Diva', 'digiflazz', 'http://127.0.0.1:1', '')`)
  } else {
    await db.pool.query(sql.unsafe`delete from float_watch`)
    await db.pool.query(sql.unsafe`delete from manual_deposit where kind = 'float'`)
    await db.pool.query(sql.unsafe`delete from float_step`)
  }
  const till = { balance: 0, extra: 0 }
  shop.answer = () => {
    till.balance -= charge + till.extra
    return { buyer_last_saldo: till.balance }
  }
  const audit = new FloatAudit()
  const gauges = { hang: () => {}, recall: () => {} }
  beginAudit(audit, room.engine.host, gauges)
  // What earlier tests of this database sold there is in the books as well.
  till.balance = audit.of('digi').books
  room.listeners.push(({ piled }) => {
    for (const { outcome } of piled) if (outcome.record !== null) audit.feed(outcome.record)
  })
  const told: Street['told'] = []
  const open = () =>
    broker.createService(
      floatService({
        ...{ room, db, audit, suppliers: () => suppliers, isOwner: () => true, beatMs: 50 },
        onBalance,
        isDrained,
        log: (level, what, more) => void told.push({ level, what, more: more as never }),
        onError: cause => {
          throw cause
        },
      }),
    )
  let service = open()
  await broker.waitForServices('float')
  const [ani, budi] = await enrolMany(
    { db, seal, shards },
    { name: 'F', count: 2, role: 'finance' },
  )
  const user = await scene.user(1, 1_000_000)
  let sold = 0
  return {
    ...scene,
    ...{ audit, told, till, ani: ani!.userId, budi: budi!.userId },
    async sell() {
      clock.ms += 61_000
      const destination = `0878${String(++sold).padStart(8, '7')}`
      const order = { userId: user, level: 0, product: 'XLD10', destination }
      const ref = `float-${randomUUID()}`
      const placed = await call('order.place', { ...order, ref })
      ok('ok' in placed, JSON.stringify(placed))
      const { trxId } = placed.ok.order
      await until(
        () => call('order.get', { userId: user, trxId }),
        answer => 'ok' in answer && answer.ok.status === 'SUCCESS',
      )
    },
    async restart() {
      await broker.destroyService(service)
      audit.stands.clear()
      beginAudit(audit, room.engine.host, gauges)
      service = open()
      await broker.waitForServices('float')
    },
  }
}

const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}
const refusedOf = (answer: Answer<unknown>): string =>
  'refused' in answer ? answer.refused : JSON.stringify(answer)

const view = async ({ call }: Scene, supplier = 'digi'): Promise<FloatView> =>
  okOf(await call('float.read', { supplier }))

const wishOf = (by: string, amount = 2_000_000): Actions['float.topUp']['params'] => ({
  ...{ supplier: 'digi', amount, ref: `paid-${randomUUID()}`, note: 'transfer BCA', by },
})

test('float service: a deposit is booked once, and the balance agrees after it (FLB1)', async t => {
  const street = await streetAt(t)
  const { call, ani, till, clock } = street
  const before = (await view(street)).books
  const wish = wishOf(ani)
  const move = okOf(await call('float.topUp', wish))
  deepEqual([move.status, move.raises, move.against, move.askedBy], ['paid', true, 'cash', ani])
  equal(okOf(await call('float.topUp', wish)).transferId, move.transferId)
  equal(refusedOf(await call('float.topUp', { ...wish, amount: 1 })), 'DUPLICATE_REF')
  equal((await view(street)).books, before + 2_000_000)
  till.balance += 2_000_000
  clock.ms += 3 * hour
  await street.sell()
  const { status, books, reported } = await view(street)
  deepEqual([status, books, reported?.balance], ['agrees', till.balance, till.balance])
  deepEqual([reported?.lower, reported?.upper, reported?.off], [books, books, 0])
})

test('float service: above the limit another must agree, of a correction always (FLB2)', async t => {
  const street = await streetAt(t)
  const { call, ani, budi } = street
  const { books } = await view(street)
  const asked = okOf(await call('float.topUp', wishOf(ani, 6_000_000)))
  equal(asked.status, 'waiting')
  equal((await view(street)).books, books)
  const judge = { supplier: 'digi', id: asked.id, verdict: 'approved' } as const
  equal(refusedOf(await call('float.judge', { ...judge, by: ani })), 'SECOND_PERSON_NEEDED')
  equal(refusedOf(await call('float.judge', { ...judge, supplier: 'diva', by: budi })), 'NOT_FOUND')
  equal(okOf(await call('float.judge', { ...judge, by: budi })).status, 'paid')
  equal((await view(street)).books, books + 6_000_000)

  street.clock.ms += 1_000
  const correction = { ...wishOf(budi, 700), raises: false, against: 'difference' } as const
  const small = okOf(await call('float.adjust', correction))
  equal(small.status, 'waiting')
  const second = { supplier: 'digi', id: small.id, verdict: 'approved', by: ani } as const
  equal(okOf(await call('float.judge', second)).status, 'paid')
  equal((await view(street)).books, books + 6_000_000 - 700)
  street.clock.ms += 1_000
  const wrong = okOf(await call('float.adjust', { ...correction, ref: randomUUID() }))
  const no = { supplier: 'digi', id: wrong.id, verdict: 'rejected', by: ani } as const
  equal(okOf(await call('float.judge', no)).status, 'rejected')
  equal((await view(street)).books, books + 6_000_000 - 700)
  street.clock.ms += 1_000
  const raced = okOf(await call('float.adjust', { ...correction, ref: randomUUID() }))
  const answers = await Promise.all(
    [ani, budi, ani, ani].map(by =>
      call('float.judge', { supplier: 'digi', id: raced.id, verdict: 'approved', by }),
    ),
  )
  deepEqual(
    answers.map(answer => ('ok' in answer ? answer.ok.status : refusedOf(answer))),
    ['paid', 'SECOND_PERSON_NEEDED', 'paid', 'paid'],
  )
  equal((await view(street)).books, books + 6_000_000 - 2 * 700)
  const all = okOf(await call('float.moves', { supplier: 'digi', limit: 4 })).rows
  deepEqual(
    all.map(one => one.status),
    ['paid', 'rejected', 'paid', 'paid'],
  )
  const first = okOf(await call('float.moves', { supplier: 'digi', limit: 2 }))
  equal(first.next, all[1]!.id)
  const rest = okOf(await call('float.moves', { supplier: 'digi', limit: 2, before: first.next! }))
  deepEqual(rest.rows[0], all[2])
  equal(await readManual(street.db.pool, { kind: 'wallet', id: wrong.id }), null)
})

test('float service: a silent charge drifts, is told once, and outlives a restart (FLB3)', async t => {
  const street = await streetAt(t)
  const { call, ani, till, clock, told } = street
  okOf(await call('float.topUp', wishOf(ani)))
  till.balance += 2_000_000
  clock.ms += 3 * hour
  await street.sell()
  equal((await view(street)).status, 'agrees')
  till.balance -= 55_000
  for (let n = 0; n < 3; n++) await street.sell()
  const drifting = await view(street)
  deepEqual([drifting.status, drifting.drift?.off, drifting.drift?.reports], ['drifts', -55_000, 3])
  equal(drifting.suspects.length, 1)
  equal(drifting.suspects[0]!.trxId, drifting.drift!.firstTrxId)
  deepEqual([drifting.suspects[0]!.cost, drifting.suspects[0]!.step], [charge, charge + 55_000])

  await street.restart()
  deepEqual(
    told.map(({ level, what, more }) => [level, what, more['off']]),
    [['error', 'supplier float drifts', -55_000]],
  )
  deepEqual((await view(street)).drift, drifting.drift)
  await street.sell()
  equal((await view(street)).drift?.reports, 4)
  const { rows } = okOf(await call('float.steps', { supplier: 'digi', limit: 10 }))
  deepEqual([rows[0]!.off, rows[0]!.drift], [-55_000, true])

  till.balance += 55_000
  await street.sell()
  deepEqual([(await view(street)).status, (await view(street)).drift], ['agrees', null])
  await street.restart()
  deepEqual(
    told.map(one => one.what),
    ['supplier float drifts', 'supplier float agrees again'],
  )
})

test('float service: a deposit on its way when we restarted is no doubt (FLA5)', async t => {
  const street = await streetAt(t)
  const { call, ani, till, clock } = street
  okOf(await call('float.topUp', wishOf(ani)))
  clock.ms += hour / 2
  await street.restart()
  await street.sell()
  deepEqual([(await view(street)).status, (await view(street)).drift], ['agrees', null])
  till.balance += 2_000_000
  await street.sell()
  equal((await view(street)).status, 'agrees')
})

test('float service: who never names a balance, and where nothing was booked (FLB4)', async t => {
  const street = await streetAt(t)
  const silent = await view(street, 'diva')
  deepEqual([silent.status, silent.reported, silent.drift], ['never_reported', null, null])
  await street.sell()
  const fresh = await view(street)
  deepEqual([fresh.status, fresh.drift], ['not_opened', null])
  equal(refusedOf(await street.call('float.read', { supplier: 'nobody' })), 'NOT_FOUND')
  const { rows } = okOf(await street.call('float.list', {}))
  deepEqual(
    rows.map(one => one.supplier),
    ['digi', 'diva'],
  )
})

test('float service: a balance from before the charge is understood when we are told (FLA8)', async t => {
  const street = await streetAt(t)
  const { call, ani, till, clock, shop } = street
  okOf(await call('float.topUp', wishOf(ani)))
  till.balance += 2_000_000
  clock.ms += 3 * hour
  shop.answer = () => {
    const said = till.balance
    till.balance -= charge
    return { buyer_last_saldo: said }
  }
  await street.sell()
  equal((await view(street)).status, 'doubtful')
  okOf(await call('float.rules', { supplier: 'digi', tellsBefore: true }))
  await street.sell()
  equal((await view(street)).status, 'agrees')
})

test('float service: after a start: books and what is out are those of the engine (FLA1, FLA7)', async t => {
  const street = await streetAt(t)
  const { room, db, audit, shop, call } = street
  await street.sell()
  shop.answer = pending
  const user = await street.user(2, 100_000)
  const order = { userId: user, level: 0, product: 'XLD10', destination: '087899990000' }
  ok('ok' in (await call('order.place', { ...order, ref: randomUUID() })))
  await until(
    () => street.asked.length,
    n => n >= 2,
  )
  await until(
    () => audit.of('digi').out,
    out => out > 0,
  )
  const after = new FloatAudit()
  const gauges = beginAudit(after, room.engine.host, { hang: () => {}, recall: () => {} })
  const host = room.engine.host
  await rebuildGauges({ db, host, follower: { begin: () => {} }, gauges }).sleepers
  const [now, then] = [after.of('digi'), audit.of('digi')]
  deepEqual([now.books, now.out], [then.books, then.out])
})

/** A supplier who says what we have there when he is asked. */
async function bankAt(t: TestContext, amount: () => number): Promise<SupplierAccess> {
  const server = createServer((_, response) => {
    response.end(JSON.stringify({ data: { deposit: amount() } }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const credentials = { username: 'user', apiKey: 'key' }
  const terms = {
    timeoutMs: 30_000,
    maxInFlight: 1,
    recheckAfterMs: 1,
    active: true,
    testing: true,
  }
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { code: 'diva', adapter: digiflazz, credentials, baseUrl, ...terms }
}

test('float service: where nobody names a balance it is asked for, by itself (FLC1, FLB5)', async t => {
  const diva = await bankAt(t, () => 777_000)
  const gauges = new Gauges()
  const street = await streetAt(t, {
    suppliers: [diva],
    onBalance: (supplier, balance, at) => gauges.of(supplier).told(balance, at),
  })
  const { reported } = await until(
    () => view(street, 'diva'),
    one => one.reported !== null,
  )
  deepEqual([reported?.balance, reported?.trxId], [777_000, null])
  const { balance, balanceAt } = gauges.of('diva')
  deepEqual([balance, balanceAt], [777_000, street.clock.ms])
})

test('float service: passed by for its balance: asked each minute until it is paid up (FLB6)', async t => {
  // As much as is in the books: nothing else is a reason to ask him again soon.
  const named = [0]
  const diva = await bankAt(t, () => named.at(-1)!)
  const gauges = new Gauges()
  const gauge = gauges.of('diva')
  const told: number[] = []
  const street = await streetAt(t, {
    suppliers: [diva],
    onBalance(supplier, balance, at) {
      gauges.of(supplier).told(balance, at)
      told.push(balance)
    },
    isDrained: supplier => gauges.of(supplier).isDrained,
  })
  const isTold = (count: number) =>
    until(
      async () => told.length,
      length => length >= count,
    )
  const barred = () => {
    const { clock } = street
    return gauge.candidate(gauge.pair('P'), 10_000, clock.ms).barred
  }
  await isTold(1)
  equal(barred(), 'drained')
  named.push(2_000_000)
  street.clock.ms += 61_000
  await isTold(2)
  equal(barred(), '')
  deepEqual(told, named)
})

test('float: asked for: an amount, or nothing known of what is none (FLC1, FLD1)', async t => {
  const answers: [string, number][] = [
    ['{"data":{"deposit":500000.75}}', 200],
    ['{"data":{"rc":"41","message":"Signature tidak valid"}}', 400],
    ['<html>', 502],
    [`{"data":{"deposit":1,"pad":"${'x'.repeat(70_000)}"}}`, 200],
  ]
  const asked: unknown[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    asked.push([request.method, request.url, JSON.parse(text)])
    const [body, status] = answers[asked.length - 1]!
    response.writeHead(status).end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const supplier = { baseUrl, credentials: { username: 'user', apiKey: 'key' } }
  const { signal } = new AbortController()
  const heard: (number | null)[] = []
  for (const _ of answers) heard.push(await askBalance(supplier, digiflazz.balance!, signal))
  deepEqual(heard, [500_000, null, null, null])
  deepEqual(asked[0], [
    'POST',
    '/v1/cek-saldo',
    { cmd: 'deposit', username: 'user', sign: 'e9d1db43a49c569bcc2bc7164cbe6127' },
  ])
  equal(
    await askBalance({ ...supplier, baseUrl: 'http://127.0.0.1:1' }, digiflazz.balance!, signal),
    null,
  )
})
