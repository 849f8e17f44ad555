import { deepEqual, equal } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { adapters } from './adapters.ts'
import { type Effect, type SupplierAccess, SupplierCaller } from './caller.ts'
import { Inquirer } from './inquirer.ts'
import { vip } from './vip.ts'

type Asked = Readonly<Record<string, unknown>>
/** What differs from a good answer; null: the line is cut. */
type Answer = (asked: Asked, response: ServerResponse) => object | null

const bill = { customer_name: 'BUDI', admin: 2_500, selling_price: 42_000 }
const goods: Readonly<Record<string, object>> = {
  'inq-pasca': bill,
  'pay-pasca': { ...bill, sn: 'SN-1', periode: 'JUN 2026' },
  'status-pasca': { ...bill, sn: 'SN-1' },
}

async function party(t: TestContext, answer: Answer = () => ({})) {
  const asked: Asked[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    let text = ''
    for await (const part of request) text += part
    const one = JSON.parse(text) as Asked
    asked.push(one)
    const extra = answer(one, response)
    if (extra === null) {
      response.destroy()
      return
    }
    const { ref_id, customer_no, buyer_sku_code } = one
    const words = { status: 'Sukses', rc: '00', message: 'ok', price: 40_000 }
    const data = { ref_id, customer_no, buyer_sku_code, ...words }
    response.end(JSON.stringify({ data: { ...data, ...goods[String(one['commands'])], ...extra } }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const access: SupplierAccess = {
    ...{
      code: 'digi',
      adapter: adapters.get('digiflazz')!,
      baseUrl: `http://127.0.0.1:${port}/v1`,
    },
    credentials: { username: 'user', apiKey: 'key', webhookSecret: 'secret' },
    ...{ timeoutMs: 30_000, maxInFlight: 4, recheckAfterMs: 60_000, active: true, testing: true },
  }
  return { asked, access }
}

const now = 1_800_000_000_000
const payment: Effect = {
  ...{ type: 'purchase', n: 1, supplier: 'digi', sku: 'pln', dest: '530000000001' },
  ...{ ref: 'L0193a7c24d1e70a19f3c5a7b21d0e888-1', maxPrice: 40_000, startedAt: now, bill: 40_000 },
}
const question: Effect = { ...payment, type: 'check', startedAt: now - 61_000 }

function callerOf(t: TestContext, access: SupplierAccess) {
  const caller = new SupplierCaller({ supplierOf: () => access, now: () => now })
  t.after(() => caller.close())
  return caller
}
const commandsOf = (asked: readonly Asked[]) => asked.map(one => one['commands'])

test('bill payment: the agreed amount: asked and paid under the order’s reference (PPC1)', async t => {
  const { asked, access } = await party(t)
  const report = await callerOf(t, access).perform(payment)
  deepEqual([report.outcome, report.sn, report.cost], ['success', 'SN-1', 40_000])
  deepEqual(commandsOf(asked), ['inq-pasca', 'pay-pasca'])
  for (const one of asked) equal(one['ref_id'], payment.ref)
})

test('bill payment: another amount, up or down: failed, no payment leaves (PPC1)', async t => {
  for (const price of [39_999, 40_001]) {
    const { asked, access } = await party(t, () => ({ price }))
    const report = await callerOf(t, access).perform(payment)
    deepEqual([report.outcome, report.code, report.retryable], ['failed', 'bill_changed', false])
    deepEqual(commandsOf(asked), ['inq-pasca'])
  }
})

test('bill payment: no bill, silence, nonsense at the inquiry: failed, nothing paid (PPC2)', async t => {
  const cases: readonly [code: string, answer: Answer][] = [
    ['60', () => ({ status: 'Gagal', rc: '60' })],
    ['bill_not_told', () => null],
    ['bill_not_told', () => ({ price: 'much' })],
    ['bill_not_told', () => ({ ref_id: 'another' })],
    ['bill_not_told', () => ({ status: 'Pending', rc: '03' })],
  ]
  for (const [code, answer] of cases) {
    const { asked, access } = await party(t, answer)
    const report = await callerOf(t, access).perform(payment)
    deepEqual([report.outcome, report.code], ['failed', code])
    deepEqual(commandsOf(asked), ['inq-pasca'])
  }
  const { access } = await party(t)
  const nowhere = { ...access, baseUrl: 'http://127.0.0.1:1/v1' }
  equal((await callerOf(t, nowhere).perform(payment)).outcome, 'failed')
})

test('bill payment: silence after the payment left: unknown; the status alone is asked (PPC3)', async t => {
  const { asked, access } = await party(t, one => (one['commands'] === 'pay-pasca' ? null : {}))
  const caller = callerOf(t, access)
  equal((await caller.perform(payment)).outcome, 'unknown')
  deepEqual(commandsOf(asked), ['inq-pasca', 'pay-pasca'])
  equal((await caller.perform({ ...payment, resumed: true })).outcome, 'unknown')
  equal((await caller.perform(question)).outcome, 'success')
  equal((await caller.perform({ ...question, resumed: true })).outcome, 'success')
  deepEqual(commandsOf(asked).slice(2), ['status-pasca', 'status-pasca'])
})

test('bill payment: a status of nothing, and the payment’s no: unknown, failed (PPC3)', async t => {
  const { access } = await party(t, ({ commands }) =>
    commands === 'inq-pasca' ? {} : { status: 'Gagal', rc: commands === 'pay-pasca' ? '02' : '50' },
  )
  const caller = callerOf(t, access)
  equal((await caller.perform(question)).outcome, 'unknown')
  const report = await caller.perform(payment)
  deepEqual([report.outcome, report.code], ['failed', '02'])
})

/** A server of prose: one line for the question, one for the payment, which may be cut. */
async function server(t: TestContext, answerPayment: (query: URLSearchParams) => string | null) {
  const asked: [product: string, ref: string][] = []
  const server = createServer((request, response) => {
    const query = new URL(request.url!, 'http://x').searchParams
    const [product, ref] = [query.get('product')!, query.get('refID')!]
    asked.push([product, ref])
    const head = `R#${ref} PLN ${product}.${query.get('dest')} SUKSES. SN/Ref:`
    const line = product.startsWith('CEK')
      ? `${head} BUDI/TAG:37.500/ADM:2.500/TOTAL:40.000/PERIODE:JUN. Saldo 1`
      : answerPayment(query)
    if (line === null) response.destroy()
    else response.end(line.replace('HEAD', head))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const { access } = await party(t)
  const login = { memberId: 'M1', pin: '1234', password: 'sandi', callbackToken: 'jalan' }
  const otomax = { adapter: adapters.get('otomax')!, credentials: login, testing: false }
  return { asked, access: { ...access, ...otomax, baseUrl: `http://127.0.0.1:${port}` } }
}

test('bill payment: a status that repeats the payment: asked as carefully as one (PPC3, S19)', async t => {
  let isDeaf = true
  const sold = 'HEAD R1.2. Saldo 100.000 - 40.000 = 60.000'
  const { asked, access } = await server(t, () => (isDeaf ? null : sold))
  const caller = callerOf(t, access)
  const pay = { ...payment, sku: 'BAYARPLN' }
  equal((await caller.perform(pay)).outcome, 'unknown')
  deepEqual(asked, [
    ['CEKPLN', `${payment.ref}Q`],
    ['BAYARPLN', payment.ref],
  ])
  const about = { ...question, sku: 'BAYARPLN' }
  equal((await caller.perform({ ...about, startedAt: now - 59_000 })).code, 'recheck_too_early')
  equal((await caller.perform({ ...about, resumed: true })).code, 'restarted')
  const yesterday = { ...about, startedAt: now - 86_400_000 }
  equal((await caller.perform(yesterday)).code, 'recheck_window_closed')
  equal(asked.length, 2)
  isDeaf = false
  const report = await caller.perform(about)
  deepEqual([report.outcome, report.sn, report.cost], ['success', 'R1.2', 40_000])
  deepEqual(asked.slice(2), [['BAYARPLN', payment.ref]])
})

test('bill payment: prose: another amount is not paid, an inquiry’s words end nothing (PPC1, PAI8)', async t => {
  const { asked, access } = await server(t, ({ size: _ }) => 'HEAD BUDI/TAG:37.500/ADM:2.500')
  const caller = callerOf(t, access)
  const pay = { ...payment, sku: 'BAYARPLN' }
  const report = await caller.perform({ ...pay, bill: 39_000 })
  deepEqual([report.outcome, report.code], ['failed', 'bill_changed'])
  equal(asked.length, 1)
  equal((await caller.perform(pay)).outcome, 'unknown')
})

test('bill payment: a supplier without bills: not called (PPC2)', async t => {
  const { asked, access } = await party(t)
  const report = await callerOf(t, { ...access, adapter: vip }).perform(payment)
  deepEqual([report.outcome, report.code], ['failed', 'bills_unknown'])
  deepEqual(asked, [])
})

// -- questions ----------------------------------------------------------------------------------

const about = { sku: 'pln', dest: '530000000001' }

test('inquirer: a bill: told, or not, under a reference that no order has (PPD1)', async t => {
  const { asked, access } = await party(t)
  const inquirer = new Inquirer()
  t.after(() => inquirer.close())
  const told = await inquirer.bill(access, about)
  equal(told.outcome === 'bill' && told.bill.cost, 40_000)
  await inquirer.bill(access, about)
  deepEqual(commandsOf(asked), ['inq-pasca', 'inq-pasca'])
  const refs = asked.map(one => String(one['ref_id']))
  equal(new Set(refs).size, 2)
  for (const ref of refs) equal(/^Q[0-9a-f]{32}$/.test(ref), true)
  const deaf = await party(t, () => null)
  equal((await inquirer.bill({ ...deaf.access, code: 'deaf' }, about)).outcome, 'unknown')
  equal((await inquirer.meter({ ...deaf.access, code: 'deaf' }, '123')).outcome, 'unknown')
  equal((await inquirer.bill({ ...access, adapter: vip }, about)).outcome, 'unknown')
  equal((await inquirer.meter({ ...access, active: false }, '123')).outcome, 'unknown')
})

test('inquirer: a supplier that moved: asked where it is now (PPD2)', async t => {
  const [one, other] = [await party(t), await party(t)]
  const inquirer = new Inquirer()
  t.after(() => inquirer.close())
  await inquirer.bill(one.access, about)
  await inquirer.bill(other.access, about)
  await inquirer.bill({ ...other.access, credentials: { username: 'new', apiKey: 'k' } }, about)
  deepEqual([one.asked.length, other.asked.length], [1, 2])
  equal(other.asked[1]!['username'], 'new')
})

test('inquirer: too many at once: not asked, and said so (PPD3)', async t => {
  const held = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<void>()
  const server = createServer((_, response) => {
    arrived.resolve()
    void held.promise.then(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { access } = await party(t)
  const { port } = server.address() as AddressInfo
  const slow = { ...access, baseUrl: `http://127.0.0.1:${port}` }
  const inquirer = new Inquirer({ connectionsMax: 1, queueMax: 1 })
  t.after(() => inquirer.close())
  const first = inquirer.bill(slow, about)
  await arrived.promise
  const second = inquirer.bill(slow, about)
  const third = await inquirer.bill(slow, about)
  equal(third.outcome === 'unknown' && third.why, 'queue_full')
  held.resolve()
  for (const one of [await first, await second]) equal(one.outcome, 'unknown')
})
