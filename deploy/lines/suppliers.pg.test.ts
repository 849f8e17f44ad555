/**
 * Suppliers that do not find an order by our reference, over real sockets and a real Postgres: what
 * they sold is compared with what we believe to have bought.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, type TestContext, test } from 'node:test'
import { makeRef } from '../../actors/order/standing.ts'
import { fingerprint, makeId } from '../../engine/ids.ts'
import type { Credentials } from '../../services/supplier/adapter.ts'
import { adapters } from '../../services/supplier/adapters.ts'
import { type Effect, type SupplierAccess, SupplierCaller } from '../../services/supplier/caller.ts'
import { Flights, flightStore } from '../../services/supplier/flight.ts'
import { parseRef } from '../../services/supplier/reference.ts'
import type { Report } from '../../services/supplier/report.ts'
import { makeCallbacks } from '../../services/supplier/supplier.service.ts'
import { openDatabase } from '../../sql/database.ts'
import type { SaleRow } from '../sandbox/sales.ts'
import { openSandbox } from '../sandbox/server.ts'
import { testDatabase } from '../testing/database.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const sandbox = (await openSandbox({ port: 0 }))!
after(async () => {
  await sandbox.close()
  await db.end()
  await database.drop()
})

type Kind = 'atlantic' | 'vip'
const kinds: readonly Kind[] = ['atlantic', 'vip']
const credentialsOf: Record<Kind, Credentials> = {
  atlantic: { apiKey: 'the-key', username: 'shop' },
  vip: { apiId: 'shop', apiKey: 'the-key' },
}
/** How long a supplier may take: long where it answers, however busy the machine is. */
const patientMs = 30_000
/** The same where the supplier is made not to answer at all. */
const hastyMs = 400

type World = Awaited<ReturnType<typeof world>>

let orders = 0
let worlds = 0

/** One supplier of its own name, its account at the sandbox, and all that stands between. */
async function world(t: TestContext, kind: Kind) {
  const code = `${kind}-${++worlds}`
  const supplier: SupplierAccess = {
    code,
    adapter: adapters.get(kind)!,
    baseUrl: `${sandbox.url}/${kind}`,
    credentials: credentialsOf[kind],
    ...{ timeoutMs: patientMs, maxInFlight: 8, recheckAfterMs: 0, active: true, testing: true },
  }
  const clock = { shiftMs: 0 }
  const now = () => Date.now() + clock.shiftMs
  const told: (Report & { readonly ref: string })[] = []
  const settled = new Set<string>()
  const patience = { ms: patientMs }
  const supplierOf = (name: string) =>
    name === code ? { ...supplier, timeoutMs: patience.ms } : undefined
  const caller = new SupplierCaller({ supplierOf })
  const open = () =>
    new Flights({
      ...{ caller, supplierOf, store: flightStore(db.pool) },
      isSettled: async ref => settled.has(ref),
      async submit(ref, report) {
        told.push({ ref, ...report })
        return 'accepted'
      },
    })
  const flights = open()
  const submit = async () => 'unknown_ref' as const
  const callbacks = makeCallbacks({ db, supplierOf, submit, flights, now })

  const verdicts: string[] = []
  const ear = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    )
    const body = Buffer.concat(pieces).toString('base64')
    const { verdict } = await callbacks.receive({ supplier: code, headers, body })
    verdicts.push(verdict)
    response.end()
    ear.emit('heard')
  })
  ear.listen(0, '127.0.0.1')
  await once(ear, 'listening')
  const hook = `http://127.0.0.1:${(ear.address() as AddressInfo).port}/`
  await oracle('reset', { party: kind, accounts: true })
  await oracle('accounts', {
    ...{ party: kind, username: 'shop', api_key: 'the-key', webhook_url: hook },
  })
  t.after(async () => {
    await callbacks.rest()
    await caller.close()
    ear.closeAllConnections()
    ear.close()
  })
  return {
    ...{ kind, code, supplier, flights, callbacks, told, settled, verdicts, clock, open },
    /** The same, given up early: only for a supplier that is made not to answer in time. */
    async performHastily(effect: Effect): Promise<Report> {
      patience.ms = hastyMs
      const report = await flights.perform(effect)
      patience.ms = patientMs
      return report
    },
    faults: (faults: object) => oracle('faults', { party: kind, latency: 0, ...faults }),
    sales: async (): Promise<SaleRow[]> =>
      (await fetch(`${sandbox.url}/_sandbox/sales?supplier=${kind}`)).json() as Promise<SaleRow[]>,
    /** Resolves when so many callbacks were answered, and what they made us ask as well. */
    async heard(count: number) {
      while (verdicts.length < count) await once(ear, 'heard')
      await callbacks.rest()
    },
  }
}

async function oracle(path: string, wish: object): Promise<void> {
  const body = JSON.stringify(wish)
  const answer = await fetch(`${sandbox.url}/_sandbox/${path}`, { method: 'POST', body })
  equal(answer.status, 200, await answer.text())
}

function order(at: World, some: Partial<Effect> = {}): Effect {
  const number = ++orders
  const ref = makeRef(makeId(Date.now(), 0, fingerprint('order', String(number))), 1)
  const dest = `0812${String(number).padStart(8, '0')}`
  return {
    ...{ type: 'purchase', n: 1, supplier: at.code, sku: 'tsel10', dest, ref, maxPrice: 20_000 },
    startedAt: Date.now(),
    ...some,
  }
}
const checkOf = (effect: Effect): Effect => ({ ...effect, type: 'check' })
const brief = ({ outcome, code }: Report): string =>
  outcome === 'success' ? outcome : `${outcome} ${code}`

/** What was sold for this order, whatever we believe. */
async function soldOf(at: World, { sku, dest }: Effect): Promise<SaleRow[]> {
  const rows = await at.sales()
  return rows.filter(row => row.product === sku && row.target === dest)
}

async function soldOnce(at: World, effect: Effect): Promise<void> {
  const rows = await soldOf(at, effect)
  deepEqual(
    rows.map(({ times, status }) => [times, status]),
    [[1, 'success']],
  )
}

for (const kind of kinds) {
  test(`${kind}: an order: bought once, learnt by asking (ADC1, ADC2, ADD1, ADG1)`, async t => {
    const at = await world(t, kind)
    await at.faults({ no_callback: 1 })
    const effect = order(at)
    const bought = await at.flights.perform(effect)
    equal(bought.outcome, 'pending')
    ok(bought.theirId)
    const report = await at.flights.perform(checkOf(effect))
    equal(report.outcome, 'success')
    const [sale] = await soldOf(at, effect)
    deepEqual([report.sn, report.cost], [sale!.sn, sale!.price])
    await soldOnce(at, effect)
  })

  test(`${kind}: a webhook: makes us ask, and the order hears the answer (ADG6, ADH1)`, async t => {
    const at = await world(t, kind)
    await at.faults({ pending: { p: 1, seconds: 60 } })
    const effect = order(at)
    equal((await at.flights.perform(effect)).outcome, 'pending')
    await oracle('clock', { party: kind, advance_ms: 61_000 })
    await at.heard(1)
    deepEqual(at.verdicts, ['accepted'])
    deepEqual(at.told.map(brief), ['success'])
    equal(at.told[0]!.ref, effect.ref)
    await soldOnce(at, effect)
  })

  test(`${kind}: the same webhook five times: bought once, said alike (ADG6)`, async t => {
    const at = await world(t, kind)
    await at.faults({
      pending: { p: 1, seconds: 60 },
      duplicate_callback: { p: 1, times: 5 },
    })
    const effect = order(at)
    await at.flights.perform(effect)
    await oracle('clock', { party: kind, advance_ms: 61_000 })
    await at.heard(5)
    ok(at.told.length >= 1 && at.told.length <= 5)
    for (const report of at.told) equal(brief(report), 'success')
    await soldOnce(at, effect)
  })

  test(`${kind}: the webhook before the reply: read again later (ADG6, S33)`, async t => {
    const at = await world(t, kind)
    await at.faults({ callback_before_reply: 1 })
    const effect = order(at)
    const report = await at.flights.perform(effect)
    equal(report.outcome, 'pending')
    await at.heard(1)
    at.clock.shiftMs = 60_000
    await at.callbacks.readAgain()
    // Whether it had to be read again depends on which of the two was quicker.
    ok(at.told.length > 0)
    for (const told of at.told) equal(brief(told), 'success')
    await soldOnce(at, effect)
  })

  test(`${kind}: a forged webhook: nobody is asked (ADC5, ADD6, ADF1)`, async t => {
    const at = await world(t, kind)
    await at.faults({ no_callback: 1 })
    const effect = order(at)
    const { theirId } = await at.flights.perform(effect)
    const data = { id: theirId, reff_id: effect.ref, trxid: theirId, status: 'success' }
    const body = Buffer.from(JSON.stringify({ data })).toString('base64')
    const headers = { 'x-atl-signature': 'x', 'x-client-signature': 'x' }
    const { verdict } = await at.callbacks.receive({ supplier: at.code, headers, body })
    await at.callbacks.rest()
    equal(verdict, 'forged')
    deepEqual(at.told, [])
    equal((await soldOf(at, effect))[0]!.calls, 1)
  })

  for (const mishap of ['reset', 'http500', 'html', 'empty', 'timeout'] as const) {
    test(`${kind}: sold, and ${mishap}: unknown, never bought again (ADG3, ADD2)`, async t => {
      const at = await world(t, kind)
      await at.faults({ [`${mishap}_after_sale`]: 1, timeout_seconds: 2, no_callback: 1 })
      const effect = order(at)
      equal((await at.performHastily(effect)).outcome, 'unknown')
      const report = await at.flights.perform(checkOf(effect))
      equal(brief(report), kind === 'vip' ? 'success' : 'unknown their_id_unknown')
      await soldOnce(at, effect)
    })

    test(`${kind}: not sold, and ${mishap}: unknown for ever (ADG3, ADD2)`, async t => {
      const at = await world(t, kind)
      const name = mishap === 'timeout' ? 'timeout_without_sale' : mishap
      await at.faults({ [name]: 1, timeout_seconds: 2 })
      const effect = order(at)
      equal((await at.performHastily(effect)).outcome, 'unknown')
      await at.faults({})
      equal((await at.flights.perform(checkOf(effect))).outcome, 'unknown')
      deepEqual(await soldOf(at, effect), [])
    })
  }

  test(`${kind}: sold, cut off, and then their webhook: found (ADG4, ADG6)`, async t => {
    const at = await world(t, kind)
    await at.faults({ half_json: 1, pending: { p: 1, seconds: 60 } })
    const effect = order(at)
    equal((await at.flights.perform(effect)).outcome, 'unknown')
    await oracle('clock', { party: kind, advance_ms: 61_000 })
    await at.heard(1)
    deepEqual(at.told.map(brief), ['success'])
    equal((await at.flights.perform(checkOf(effect))).outcome, 'success')
    await soldOnce(at, effect)
  })

  test(`${kind}: a supplier too slow for us: unknown, then found or waiting (ADG3)`, async t => {
    const at = await world(t, kind)
    await at.faults({ latency: hastyMs * 3, no_callback: 1 })
    const effect = order(at)
    equal(brief(await at.performHastily(effect)), 'unknown answer_timeout')
    await at.faults({ no_callback: 1 })
    const report = await at.flights.perform(checkOf(effect))
    equal(brief(report), kind === 'vip' ? 'success' : 'unknown their_id_unknown')
    await soldOnce(at, effect)
  })

  test(`${kind}: a restart in the middle: not sent again (ADG3)`, async t => {
    const at = await world(t, kind)
    await at.faults({ no_callback: 1 })
    const effect = order(at)
    await at.flights.perform(effect)
    const afterwards = at.open()
    equal(brief(await afterwards.perform({ ...effect, resumed: true })), 'unknown restarted')
    equal(brief(await afterwards.perform(effect)), 'unknown restarted')
    equal((await afterwards.perform(checkOf(effect))).outcome, 'success')
    await soldOnce(at, effect)
  })

  test(`${kind}: refusals: definite, and the way is free again (ADC4, ADD5)`, async t => {
    const at = await world(t, kind)
    await at.faults({ drained: true })
    const effect = order(at)
    const refused = await at.flights.perform(effect)
    deepEqual([refused.outcome, refused.retryable, refused.supplierTrouble], ['failed', true, true])
    // Their callback would make us ask as well, and who asks meanwhile hears that it is under way.
    await at.faults({ refuse: { p: 1, rc: '54' }, no_callback: 1 })
    const again = order(at, { dest: effect.dest })
    await at.flights.perform(again)
    const ended = await at.flights.perform(checkOf(again))
    deepEqual([ended.outcome, ended.retryable], ['failed', false])
    await at.faults({})
    equal((await at.flights.perform(order(at, { dest: effect.dest }))).outcome, 'pending')
  })
}

test('vip: two orders that look alike: one flies, the other waits its turn (ADG2)', async t => {
  const at = await world(t, 'vip')
  await at.faults({ no_callback: 1 })
  const first = order(at)
  const second = order(at, { dest: first.dest })
  const reports = await Promise.all([at.flights.perform(first), at.flights.perform(second)])
  deepEqual(reports.map(brief).toSorted(), ['failed lane_busy', 'pending waiting'])
  await soldOnce(at, first)
  const flying = reports[0]!.outcome === 'pending' ? first : second
  equal((await at.flights.perform(checkOf(flying))).outcome, 'success')
  const third = order(at, { dest: first.dest })
  equal((await at.flights.perform(third)).outcome, 'pending')
  equal((await at.flights.perform(checkOf(third))).outcome, 'success')
  const rows = await soldOf(at, first)
  equal(rows.length, 2)
  const serials = new Set(rows.map(({ sn }) => sn))
  equal(serials.size, 2)
})

test('vip: another zone, another service: not alike (ADG2, ADD3)', async t => {
  const at = await world(t, 'vip')
  await at.faults({ no_callback: 1 })
  const wishes = [
    order(at, { sku: 'game/ml86', dest: '12345678(2001)', maxPrice: 50_000 }),
    order(at, { sku: 'game/ml86', dest: '12345678(2002)', maxPrice: 50_000 }),
    order(at, { sku: 'game/ml86', dest: '12345678', maxPrice: 50_000 }),
  ]
  await at.faults({ reset_after_sale: 1, no_callback: 1 })
  const reports = await Promise.all(wishes.map(wish => at.flights.perform(wish)))
  for (const { outcome } of reports) equal(outcome, 'unknown')
  const checks = await Promise.all(wishes.map(wish => at.flights.perform(checkOf(wish))))
  deepEqual(checks.map(brief), ['success', 'success', 'success'])
  equal(new Set(checks.map(({ theirId }) => theirId)).size, 3)
  equal((await at.sales()).length, 3)
})

test('vip: a lane whose last order nobody could explain: its list proves nothing (ADG5)', async t => {
  const at = await world(t, 'vip')
  await at.faults({ reset_after_sale: 1, no_callback: 1 })
  const first = order(at)
  equal((await at.flights.perform(first)).outcome, 'unknown')
  const second = order(at, { dest: first.dest })
  equal(brief(await at.flights.perform(second)), 'failed lane_busy')
  // A person ends the first order without having looked.
  at.settled.add(first.ref)
  await at.faults({ reset: 1 })
  const third = order(at, { dest: first.dest })
  equal((await at.flights.perform(third)).outcome, 'unknown')
  equal(brief(await at.flights.perform(checkOf(third))), 'unknown lane_blurred')
  await soldOnce(at, first)
})

test('vip: an id of another order: never ours (ADG4)', async t => {
  const at = await world(t, 'vip')
  await at.faults({ no_callback: 1 })
  const first = order(at)
  const { theirId } = await at.flights.perform(first)
  equal((await at.flights.perform(checkOf(first))).outcome, 'success')
  await at.faults({ reset: 1 })
  const second = order(at, { dest: first.dest })
  equal((await at.flights.perform(second)).outcome, 'unknown')
  equal(brief(await at.flights.perform(checkOf(second))), 'unknown not_listed')
  const store = flightStore(db.pool)
  equal(await store.bind({ supplier: at.code, ref: second.ref, theirId: theirId! }), false)
  await soldOnce(at, first)
})

test('a check of what never flew, or is at a supplier nobody keeps: unknown (ADG1)', async t => {
  const at = await world(t, 'vip')
  equal(brief(await at.flights.perform(checkOf(order(at)))), 'unknown flight_absent')
  deepEqual(await at.sales(), [])
})

test('a database that is away: nothing is sent (ADG1)', async t => {
  const at = await world(t, 'vip')
  const gone = await openDatabase(database.url)
  await gone.end()
  const caller = new SupplierCaller({ supplierOf: () => at.supplier })
  t.after(() => caller.close())
  const flights = new Flights({
    ...{ caller, supplierOf: () => at.supplier, store: flightStore(gone.pool) },
    isSettled: async () => true,
    submit: async () => 'unknown_ref',
  })
  const effect = order(at)
  equal(brief(await flights.perform(effect)), 'failed flight_not_kept')
  equal(brief(await flights.perform({ ...effect, resumed: true })), 'unknown restarted')
  equal(brief(await flights.perform(checkOf(effect))), 'unknown flight_not_read')
  deepEqual(await soldOf(at, effect), [])
  equal(parseRef(effect.ref)?.n, 1)
})
