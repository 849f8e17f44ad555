/** Reports that nobody signed: when they decide, and when they only make us ask. */

import { deepEqual, equal } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { CallbackEntry, JudgedCallback, UnreadCallback } from '../../sql/topup/suppliers.ts'
import { Inbox } from '../inbox.ts'
import { Callbacks } from './callbacks.ts'
import { type SupplierAccess, SupplierCaller } from './caller.ts'
import { type FlightStore, Flights } from './flight.ts'
import { genericOfSamples, genericSamples } from './generic-samples.fixture.ts'
import { otomax } from './otomax.ts'
import type { CallbackReport } from './report.ts'
import { comesFrom } from './way.ts'

const { ref, sku, dest, maxPrice } = genericSamples.asked

/** Suppliers that are found by our reference have no rows. */
const noRows: FlightStore = {
  take: async () => null,
  of: async () => null,
  byTheirId: async () => null,
  inLane: async () => null,
  others: async () => [],
  bind: async () => true,
  release: async () => {},
}

/** A supplier whose status page says `answer`, and everything that happens to a report of it. */
async function counterAt(
  t: TestContext,
  change: Partial<SupplierAccess> & { answer?: string; attempts?: string[] } = {},
) {
  const { answer = '{}', attempts = [ref], ...rest } = change
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.end(answer)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const supplier: SupplierAccess = {
    ...{ code: 'gen', adapter: genericOfSamples, credentials: genericSamples.credentials },
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ timeoutMs: 30_000, maxInFlight: 4, recheckAfterMs: 60_000 },
    ...{ active: true, testing: false, ...rest },
  }
  const supplierOf = () => supplier
  const caller = new SupplierCaller({ supplierOf })
  t.after(() => caller.close())
  const told: CallbackReport[] = []
  const submit = async (_: string, report: CallbackReport) => {
    told.push(report)
    return 'accepted' as const
  }
  const startedAt = Date.now()
  const flights = new Flights({
    ...{ caller, supplierOf, submit, store: noRows, isSettled: async () => false },
    attemptOf: async of =>
      attempts.includes(of) ? { supplier: 'gen', sku, dest, maxPrice, startedAt } : null,
  })
  const rows: (UnreadCallback & { verdict: string | null })[] = []
  const inbox = new Inbox({
    insert: async (entries: readonly CallbackEntry[]) =>
      entries.map(entry => rows.push({ ...entry, id: rows.length + 1, verdict: null })),
    judge: async (list: readonly JudgedCallback[]) => {
      for (const { id, verdict } of list) rows[id - 1]!.verdict = verdict
    },
  })
  const callbacks = new Callbacks({
    ...{ supplierOf, submit, inbox, unread: async () => [] },
    hear: (code, hint) => flights.hear(code, hint),
  })
  const report = async (deliver: typeof genericSamples.deliver, text: string, from?: string) => {
    const { headers, body } = deliver(text)
    const address = from === undefined ? {} : { 'x-real-ip': from }
    const sent = { supplier: 'gen', headers: { ...headers, ...address } }
    const { verdict } = await callbacks.receive({ ...sent, body: body.toString('base64') })
    await callbacks.rest()
    await inbox.rest()
    return verdict
  }
  const hear = () => flights.hear('gen', { ref, theirId: null, lane: null })
  return { report, hear, asked, told, rows }
}

const { deliver, callbacks: reports, answers } = genericSamples
const bodyOf = (answer: { readonly body: string }): string => answer.body

test('unsigned: where it can be asked: the report asks, and the answer decides (FLI1, FLJ1)', async t => {
  for (const [answer, outcome] of [
    [bodyOf(answers.success as { body: string }), 'success'],
    [bodyOf(answers.failedRetryable as { body: string }), 'failed'],
    [bodyOf(answers.pending as { body: string }), 'pending'],
  ] as const) {
    const at = await counterAt(t, { answer })
    equal(await at.report(deliver, reports.success), 'accepted')
    deepEqual(at.asked, [`GET /order/${ref}`])
    deepEqual(
      at.told.map(one => [one.outcome, one.via, one.n, one.dest]),
      [[outcome, 'check', 1, dest]],
    )
    equal(at.rows[0]!.verdict, 'asked')
  }
})

test('unsigned: an answer that says nothing: the report decides nothing (FLI1)', async t => {
  const at = await counterAt(t, { answer: 'sebentar lagi' })
  await at.report(deliver, reports.success)
  deepEqual([at.asked.length, at.told.length, at.rows[0]!.verdict], [1, 0, 'asked'])
})

test('unsigned: about no attempt of ours: nobody is asked (FLJ1)', async t => {
  const at = await counterAt(t, { attempts: [] })
  await at.report(deliver, reports.success)
  deepEqual([at.asked, at.told, at.rows[0]!.verdict], [[], [], 'unknown_ref'])
})

test('unsigned: where a question would buy: believed of who is where they are (FLI2)', async t => {
  const words = { memberId: 'M', pin: '1', password: 'p' }
  const credentials = { ...words, callbackToken: genericSamples.credentials['callbackToken']! }
  const oto = { adapter: otomax, credentials }
  const text = `refid=${ref}&kp=S25&msisdn=${dest}&message=${encodeURIComponent(
    `T#1 R#${ref} S25.${dest} SUKSES. SN: 1234567890. Saldo 1.000.000`,
  )}`
  const open = await counterAt(t, oto)
  equal(await open.report(deliver, text, '198.51.100.7'), 'accepted')
  equal(open.told.length, 1)

  const listed = await counterAt(t, { ...oto, callbackIps: ['203.0.113.0/24', '2001:db8::7'] })
  equal(await listed.report(deliver, text, '203.0.113.99'), 'accepted')
  equal(await listed.report(deliver, text, '2001:db8::7'), 'accepted')
  equal(listed.told.length, 2)
  for (const from of ['198.51.100.7', 'unknown', undefined]) {
    equal(await listed.report(deliver, text, from), 'forged')
  }
  equal(listed.told.length, 2)
  deepEqual(listed.asked, [])
  equal(listed.rows.at(-1)!.verdict, 'forged: not from their address')
})

test('unsigned: a hint where a question would buy: nobody is asked (FLJ1)', async t => {
  const at = await counterAt(t, { adapter: otomax, credentials: genericSamples.credentials })
  equal(await at.hear(), 'unknown_ref')
  deepEqual([at.asked, at.told], [[], []])
})

test('way: an address and a list of addresses and nets (FLH1)', () => {
  for (const [list, address, is] of [
    [[], 'anything', true],
    [['203.0.113.9'], '203.0.113.9', true],
    [['203.0.113.9'], '::ffff:203.0.113.9', true],
    [['203.0.113.9'], '203.0.113.10', false],
    [['203.0.113.0/28'], '203.0.113.15', true],
    [['203.0.113.0/28'], '203.0.113.16', false],
    [['2001:db8::/32'], '2001:db8:1::1', true],
    [['2001:db8::/32'], '203.0.113.9', false],
    [['nonsense', '203.0.113.9'], '203.0.113.9', true],
    [['203.0.113.9'], undefined, false],
  ] as const) {
    equal(comesFrom(list, address), is, `${list} ${address}`)
  }
})
