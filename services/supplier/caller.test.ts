import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { dayStart } from '../day.ts'
import { adapters } from './adapters.ts'
import { type Effect, type SupplierAccess, SupplierCaller } from './caller.ts'
import { digiflazz } from './digiflazz.ts'

const day = 86_400_000
const now = 1_800_000_000_000

type Counterpart = {
  readonly baseUrl: string
  readonly bodies: Record<string, unknown>[]
  readonly supplier: SupplierAccess
}

/** A Digiflazz of our own: answers as told, and remembers what it was asked. */
async function counterpart(
  t: TestContext,
  answer: (asked: Record<string, unknown>, response: ServerResponse) => object | null = () => ({}),
): Promise<Counterpart> {
  const bodies: Record<string, unknown>[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    let text = ''
    for await (const part of request) text += part
    const asked = JSON.parse(text) as Record<string, unknown>
    bodies.push(asked)
    const extra = answer(asked, response)
    if (extra === null) return
    const { ref_id, customer_no, buyer_sku_code } = asked
    const data = {
      ref_id,
      customer_no,
      buyer_sku_code,
      status: 'Sukses',
      rc: '00',
      sn: 'SN',
      price: 10_050,
    }
    response.end(
      JSON.stringify({ data: { ...data, message: 'ok', buyer_last_saldo: 7.9, ...extra } }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const supplier: SupplierAccess = {
    code: 'digi',
    adapter: digiflazz,
    baseUrl,
    credentials: { username: 'user', apiKey: 'key', webhookSecret: 'secret' },
    timeoutMs: 30_000,
    maxInFlight: 4,
    recheckAfterMs: 60_000,
    active: true,
    testing: true,
  }
  return { baseUrl, bodies, supplier }
}

function callerOf(
  t: TestContext,
  supplierOf: () => SupplierAccess | undefined,
  more: { readonly elapsed?: () => number } = {},
): SupplierCaller {
  const caller = new SupplierCaller({ supplierOf, now: () => now, ...more })
  t.after(() => caller.close())
  return caller
}

const purchase: Effect = {
  type: 'purchase',
  n: 1,
  supplier: 'digi',
  sku: 'xld10',
  dest: '087800001230',
  ref: 'L0193a7c24d1e70a19f3c5a7b21d0e888-1',
  maxPrice: 11_000,
  startedAt: now,
}
const check: Effect = { ...purchase, type: 'check', startedAt: now - 61_000 }

test('caller: purchase and check: same words, read into one report each (S22)', async t => {
  const { supplier, bodies } = await counterpart(t)
  const caller = callerOf(t, () => supplier)
  const { ms, reply, ...report } = await caller.perform(purchase)
  deepEqual(report, { n: 1, via: 'reply', outcome: 'success', sn: 'SN', cost: 10_050, balance: 7 })
  match(reply!, /"rc":"00"/)
  equal(Number.isInteger(ms), true)
  equal((await caller.perform(check)).via, 'check')
  equal(bodies.length, 2)
  deepEqual(bodies[0], bodies[1])
})

test('caller: told again after a restart: nothing that buys is sent (S18)', async t => {
  const { supplier, bodies } = await counterpart(t)
  const caller = callerOf(t, () => supplier)
  const restarted = { n: 1, ms: 0, outcome: 'unknown', code: 'restarted' }
  deepEqual(await caller.perform({ ...purchase, resumed: true }), { ...restarted, via: 'reply' })
  deepEqual(await caller.perform({ ...check, resumed: true }), { ...restarted, via: 'check' })
  const gone = callerOf(t, () => undefined)
  deepEqual(await gone.perform({ ...purchase, resumed: true }), { ...restarted, via: 'reply' })
  equal(bodies.length, 0)
})

test('caller: told again after a restart: a check that only reads is sent (S18)', async t => {
  const { supplier, bodies } = await counterpart(t)
  const card = { ...digiflazz.card, recheck: 'read_only' as const }
  const caller = callerOf(t, () => ({ ...supplier, adapter: { ...digiflazz, card } }))
  equal((await caller.perform({ ...check, resumed: true })).outcome, 'success')
  equal(bodies.length, 1)
})

const windows: Record<string, [age: number, code: string | undefined]> = {
  'a moment too early': [59_999, 'recheck_too_early'],
  'just in time': [60_000, undefined],
  'on the last day': [80 * day, undefined],
  'a moment too late': [80 * day + 1, 'recheck_window_closed'],
  'where it would buy': [91 * day, 'recheck_window_closed'],
}

for (const [name, [age, code]] of Object.entries(windows)) {
  test(`caller: a check ${name}: ${code ?? 'sent'} (S19)`, async t => {
    const { supplier, bodies } = await counterpart(t)
    const report = await callerOf(t, () => supplier).perform({ ...check, startedAt: now - age })
    equal(report.code, code)
    equal(bodies.length, code === undefined ? 1 : 0)
  })
}

test('caller: bought in a former name: no check that would buy in the new one (S19, SACC2)', async t => {
  const { supplier, bodies } = await counterpart(t)
  const of = (adapter: SupplierAccess['adapter'], accountSince: number) =>
    callerOf(t, () => ({ ...supplier, adapter, accountSince }))
  const since = check.startedAt + 1
  const report = await of(digiflazz, since).perform(check)
  deepEqual([report.outcome, report.code], ['unknown', 'account_changed'])
  equal(bodies.length, 0)
  equal((await of(digiflazz, since).perform(purchase)).outcome, 'success')
  equal((await of(digiflazz, check.startedAt - 60_000).perform(check)).outcome, 'success')
  const card = { ...digiflazz.card, recheck: 'read_only' as const }
  equal((await of({ ...digiflazz, card }, since).perform(check)).outcome, 'success')
  equal(bodies.length, 3)
})

const nearMidnight: Record<string, [bought: string, asked: string, isSent: boolean]> = {
  'in the evening': ['23:50:00', '23:58:59', true],
  'as the day ends': ['23:50:00', '23:59:01', false],
  'after midnight': ['23:58:00', '24:03:00', false],
  'of what may be yesterday’s by their clock': ['00:00:30', '00:05:00', false],
  'in the new day': ['00:01:00', '00:05:00', true],
}

for (const [name, [bought, asked, isSent]] of Object.entries(nearMidnight)) {
  test(`caller: a server that forgets by the day: a check ${name} (S19)`, async t => {
    const { supplier, bodies } = await counterpart(t)
    const at = (clock: string) => {
      const [hours = 0, minutes = 0, seconds = 0] = clock.split(':').map(Number)
      return dayStart('2026-10-14') + ((hours * 60 + minutes) * 60 + seconds) * 1_000
    }
    const card = { ...digiflazz.card, forgetsByDay: true as const }
    const forgetful = { ...supplier, adapter: { ...digiflazz, card } }
    const caller = new SupplierCaller({ supplierOf: () => forgetful, now: () => at(asked) })
    t.after(() => caller.close())
    const report = await caller.perform({ ...check, startedAt: at(bought) })
    equal(report.code, isSent ? undefined : 'recheck_window_closed')
    equal(bodies.length, isSent ? 1 : 0)
  })
}

test('caller: the machine was set back: a check goes by the time of whoever sends it (S19)', async t => {
  const { supplier, bodies } = await counterpart(t)
  const caller = callerOf(t, () => supplier)
  const ahead = now + 3_600_000
  const early = { ...check, startedAt: ahead, at: ahead + 59_999 }
  equal((await caller.perform(early)).code, 'recheck_too_early')
  equal((await caller.perform({ ...early, at: ahead + 60_000 })).outcome, 'success')
  equal(bodies.length, 1)
})

test('caller: it stood in line before it left: the pause counts from when it left (S19)', async t => {
  const { supplier, bodies } = await counterpart(t, () => ({ status: 'Pending', rc: '03', sn: '' }))
  let elapsed = 1_000
  const caller = callerOf(t, () => supplier, { elapsed: () => elapsed })
  const late = { ...purchase, startedAt: now - 50_000, at: now }
  const report = await caller.perform(late)
  equal(report.outcome, 'pending')
  // Whoever sees it again in another process knows it from the order.
  ok(report.leftAt! <= now && report.leftAt! > late.startedAt)
  const asked = { ...check, startedAt: now - 50_000 }
  elapsed += 59_000
  const barred = await caller.perform({ ...asked, at: now + 59_000 })
  deepEqual([barred.code, barred.leftAt], ['recheck_too_early', undefined])
  equal(bodies.length, 1)
  elapsed += 1_001
  equal((await caller.perform({ ...asked, at: now + 60_001 })).outcome, 'pending')
  equal(bodies.length, 2)
  // And from when the last check left.
  elapsed += 30_000
  equal((await caller.perform({ ...asked, at: now + 90_001 })).code, 'recheck_too_early')
  equal(bodies.length, 2)
})

test('caller: another process has the orders: what has not left does not leave (S37)', async t => {
  const holds: ServerResponse[] = []
  const { supplier, bodies } = await counterpart(t, (_, response) => {
    holds.push(response)
    return null
  })
  const adapter = adapters.get('digiflazz')!
  const caller = callerOf(t, () => ({ ...supplier, adapter, maxInFlight: 1 }))
  const other = { ...purchase, ref: `${purchase.ref.slice(0, -1)}2` }
  const bill = { ...purchase, ref: `${purchase.ref.slice(0, -1)}3`, bill: 10_000 }
  const [gone, waiting] = [caller.perform(purchase), caller.perform(other)]
  while (bodies.length === 0) await new Promise(setImmediate)
  caller.letGo()
  const { outcome, retryable, code } = await waiting
  deepEqual([outcome, retryable, code], ['failed', true, 'closing'])
  holds[0]!.end('{}')
  equal((await gone).outcome, 'unknown')

  // Of a bill the inquiry is out: its payment does not follow.
  const paying = caller.perform(bill)
  while (bodies.length === 1) await new Promise(setImmediate)
  caller.letGo()
  const { ref_id, customer_no, buyer_sku_code } = bodies[1]!
  const told = { ref_id, customer_no, buyer_sku_code, status: 'Sukses', rc: '00', price: 10_000 }
  const rest = { customer_name: 'SARI', admin: 2_500, message: 'ok', sn: '', desc: {} }
  holds[1]!.end(JSON.stringify({ data: { ...told, ...rest, selling_price: 10_000 } }))
  const paid = await paying
  deepEqual([paid.outcome, paid.code], ['failed', 'closing'])
  equal(bodies.length, 2)

  // Whoever has them back goes on.
  const again = caller.perform(other)
  while (bodies.length === 2) await new Promise(setImmediate)
  holds[2]!.end('{}')
  equal((await again).outcome, 'unknown')
})

test('caller: news from them: only a check that reads may be asked at once (S19)', async t => {
  const { supplier, bodies } = await counterpart(t)
  const reading = { ...digiflazz, card: { ...digiflazz.card, recheck: 'read_only' as const } }
  const caller = callerOf(t, () => supplier)
  const prompted = { ...check, startedAt: now - 1, prompted: true }
  equal((await caller.perform(prompted)).code, 'recheck_too_early')
  equal(bodies.length, 0)
  const other = callerOf(t, () => ({ ...supplier, adapter: reading }))
  equal((await other.perform(prompted)).outcome, 'success')
  equal((await other.perform({ ...prompted, prompted: false })).code, 'recheck_too_early')
})

test('caller: a reference under way: not called a second time (S20)', async t => {
  const open: (() => void)[] = []
  const { supplier, bodies } = await counterpart(t, (_, response) => {
    open.push(() => response.end('{}'))
    return null
  })
  const caller = callerOf(t, () => supplier)
  const first = caller.perform(purchase)
  for (const effect of [purchase, check]) {
    equal((await caller.perform(effect)).code, 'under_way')
  }
  while (open.length === 0) await new Promise(setImmediate)
  open[0]!()
  equal((await first).code, 'data_missing')
  equal(bodies.length, 1)
})

test('caller: a supplier off or unknown: a failed purchase, a check of no news (S21)', async t => {
  const { supplier, bodies } = await counterpart(t)
  const failed = {
    n: 1,
    ms: 0,
    via: 'reply',
    outcome: 'failed',
    message: '',
    retryable: true,
    watch: false,
  }
  const unknown = { n: 1, ms: 0, via: 'check', outcome: 'unknown' }
  const nobody = callerOf(t, () => undefined)
  deepEqual(await nobody.perform(purchase), { ...failed, code: 'supplier_unknown' })
  deepEqual(await nobody.perform(check), { ...unknown, code: 'supplier_unknown' })
  const off = callerOf(t, () => ({ ...supplier, active: false }))
  deepEqual(await off.perform(purchase), { ...failed, code: 'supplier_inactive' })
  equal(bodies.length, 0)
  equal((await off.perform(check)).outcome, 'success')
  await off.close()
  equal((await off.perform({ ...purchase, ref: 'x' })).code, 'closing')
})

test('caller: closing: who has a place in line is still sent, and it may be cut short (S34)', async t => {
  const held: ServerResponse[] = []
  const { supplier, bodies } = await counterpart(t, (_, response) => {
    held.push(response)
    return null
  })
  const caller = callerOf(t, () => ({ ...supplier, maxInFlight: 1 }))
  const calls = ['a', 'b'].map(ref => caller.perform({ ...purchase, ref }))
  const deadline = Date.now() + 10_000
  const until = async (is: () => boolean) => {
    while (!is() && Date.now() < deadline) await new Promise(resolve => setTimeout(resolve, 5))
    ok(is())
  }
  await until(() => held.length === 1)
  const closed = caller.close()
  const { ref_id, customer_no, buyer_sku_code } = bodies[0]!
  const data = { ref_id, customer_no, buyer_sku_code, status: 'Sukses', rc: '00', sn: 'SN' }
  held[0]!.end(JSON.stringify({ data: { ...data, price: 10_050, message: 'ok' } }))
  equal((await calls[0]!).outcome, 'success')
  await until(() => held.length === 2)
  caller.hurry()
  const { outcome, code } = await calls[1]!
  deepEqual([outcome, code], ['unknown', 'answer_timeout'])
  await closed
})

test('caller: a changed address or key: used by the next call, the old pool drains (S22)', async t => {
  const held: ServerResponse[] = []
  const first = await counterpart(t, (_, response) => {
    held.push(response)
    return null
  })
  const second = await counterpart(t)
  let supplier = first.supplier
  const caller = callerOf(t, () => supplier)
  const slow = caller.perform(purchase)
  while (held.length === 0) await new Promise(setImmediate)
  supplier = { ...second.supplier, credentials: { ...first.supplier.credentials, apiKey: 'new' } }
  equal((await caller.perform({ ...purchase, ref: 'L2' })).outcome, 'success')
  supplier = { ...supplier, credentials: { ...first.supplier.credentials, username: 'renamed' } }
  equal((await caller.perform({ ...purchase, ref: 'L3' })).outcome, 'success')
  deepEqual(
    second.bodies.map(body => body['username']),
    ['user', 'renamed'],
  )
  held[0]!.end('{"data":{"rc":"44","status":"Gagal"}}')
  deepEqual([(await slow).outcome, (await slow).code], ['failed', '44'])
})

test('caller: what suppliers do to us: counted (S23)', async t => {
  const answers = [{}, { status: 'Gagal', rc: '44' }, { status: 'Pending', rc: '03' }, null]
  const { supplier } = await counterpart(t, () => answers.shift() ?? null)
  let current = supplier
  const caller = callerOf(t, () => current)
  for (const ref of ['L1', 'L2', 'L3']) await caller.perform({ ...purchase, ref })
  current = { ...supplier, timeoutMs: 300 }
  await caller.perform({ ...purchase, ref: 'L4' })
  // Nobody listens on the port that its neighbour just left.
  const gone = createServer().listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port } = gone.address() as AddressInfo
  gone.close()
  await once(gone, 'close')
  current = { ...supplier, baseUrl: `http://127.0.0.1:${port}` }
  equal((await caller.perform({ ...purchase, ref: 'L5' })).code, 'connect_refused')
  const [{ msSum, connections, ...stats } = { msSum: 0, connections: 0 }] = caller.stats()
  deepEqual(stats, {
    supplier: 'digi',
    ...{ calls: 5, success: 1, failed: 2, pending: 1, unknown: 1, notSent: 1, trouble: 2 },
    ...{ inFlight: 0, queued: 0 },
  })
})
