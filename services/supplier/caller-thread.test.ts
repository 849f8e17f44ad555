import { equal, rejects } from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import type { Effect, SupplierAccess } from './caller.ts'
import { openCallerThread } from './caller-thread.ts'
import { digiflazz } from './digiflazz.ts'

const fixture = new URL('./caller-thread.fixture.ts', import.meta.url)

const effect = (some: Partial<Effect> = {}): Effect => ({
  type: 'purchase',
  n: 1,
  supplier: 'digiflazz',
  sku: 'xld10',
  dest: '087800001230',
  ref: `L${'0'.repeat(32)}-1`,
  maxPrice: 11_000,
  startedAt: Date.now(),
  ...some,
})

const access = (baseUrl: string): SupplierAccess => ({
  code: 'digiflazz',
  adapter: digiflazz,
  baseUrl,
  credentials: { username: 'user', apiKey: 'key', webhookSecret: 'secret' },
  timeoutMs: 30_000,
  maxInFlight: 4,
  recheckAfterMs: 60_000,
  active: true,
  testing: true,
})

test('caller thread: a real supplier: asked over the wire, its word comes back (SC1)', async () => {
  const server = createServer((request, response) => {
    request.resume()
    const data = { ref_id: effect().ref, customer_no: '087800001230', buyer_sku_code: 'xld10' }
    const rest = { message: 'ok', status: 'Sukses', rc: '00', sn: 'SN-1', price: 10_000 }
    request.on('end', () => response.end(JSON.stringify({ data: { ...data, ...rest } })))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  after(() => server.close())
  const thread = openCallerThread()
  thread.know([access(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`)])
  const report = await thread.perform(effect())
  equal(report.outcome, 'success')
  equal(report.sn, 'SN-1')
  await thread.close()
})

test('caller thread: closing in a hurry: each call has its report, a silent supplier or not (SC4)', async () => {
  const asked = Promise.withResolvers<void>()
  const server = createServer(() => asked.resolve())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const thread = openCallerThread()
  thread.know([access(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`)])
  const report = thread.perform(effect())
  await asked.promise
  const hurry = new AbortController()
  const closed = thread.close(hurry.signal)
  hurry.abort()
  equal((await report).outcome, 'unknown')
  await closed
})

test('caller thread: let go: what waits there does not leave (SC5)', async () => {
  const asked = Promise.withResolvers<void>()
  let calls = 0
  const server = createServer((_, response) => {
    calls++
    asked.promise.then(() => response.end('{}'))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  after(() => server.close())
  const thread = openCallerThread()
  const { port } = server.address() as AddressInfo
  thread.know([{ ...access(`http://127.0.0.1:${port}/v1`), maxInFlight: 1 }])
  const [out, waiting] = [thread.perform(effect()), thread.perform(effect({ ref: 'L-2' }))]
  while (calls === 0) await new Promise(setImmediate)
  thread.letGo()
  equal((await waiting).code, 'closing')
  asked.resolve()
  equal((await out).outcome, 'unknown')
  equal(calls, 1)
  await thread.close()
})

test('caller thread: suppliers changed: known before any later effect (SC2)', async () => {
  const thread = openCallerThread(fixture)
  thread.know([access('http://one')])
  equal((await thread.perform(effect())).code, 'http://one')
  thread.know([access('http://two')])
  equal((await thread.perform(effect())).code, 'http://two')
  await thread.close()
})

test('caller thread: it breaks down: who waits hears it, the next is served (SC1, SC3)', async () => {
  const thread = openCallerThread(fixture)
  thread.know([access('http://one')])
  await rejects(thread.perform(effect({ sku: 'break' })), /broke down/)
  equal((await thread.perform(effect())).code, 'http://one')
  await thread.close()
})
