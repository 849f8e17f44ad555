import { deepEqual, equal, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import type { CallbackEntry, JudgedCallback, UnreadCallback } from '../../sql/topup/suppliers.ts'
import { Inbox, type InboxDeps } from '../inbox.ts'
import { Callbacks, type Submit } from './callbacks.ts'
import type { SupplierAccess } from './caller.ts'
import { digiflazz } from './digiflazz.ts'
import type { Heard } from './flight.ts'
import type { CallbackReport } from './report.ts'
import { vip } from './vip.ts'
import { vipSamples } from './vip-samples.fixture.ts'

const order = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e888'
const ref = 'L0193a7c24d1e70a19f3c5a7b21d0e888-2'
const supplier: SupplierAccess = {
  code: 'digi',
  adapter: digiflazz,
  baseUrl: 'http://127.0.0.1:1',
  credentials: { username: 'user', apiKey: 'key', webhookSecret: 'secret' },
  timeoutMs: 30_000,
  maxInFlight: 1,
  recheckAfterMs: 60_000,
  active: true,
  testing: false,
}

/** A table in memory, in the place of Postgres. */
class Table {
  readonly rows: (UnreadCallback & { verdict: string | null })[] = []
  failing = false
  readonly deps: InboxDeps<CallbackEntry, JudgedCallback> = {
    insert: entries => this.insert(entries),
    judge: list => this.judge(list),
  }

  async insert(entries: readonly CallbackEntry[]): Promise<number[]> {
    if (this.failing) throw new Error('the database is away')
    return entries.map(entry =>
      this.rows.push({ ...entry, id: this.rows.length + 1, verdict: null }),
    )
  }

  async judge(list: readonly JudgedCallback[]): Promise<void> {
    if (this.failing) throw new Error('the database is away')
    for (const { id, verdict } of list) this.rows[id - 1]!.verdict = verdict
  }

  unread = async (after: number): Promise<UnreadCallback[]> =>
    this.rows.filter(row => row.verdict === null && row.id > after).slice(0, 2)

  get verdicts(): (string | null)[] {
    return this.rows.map(row => row.verdict)
  }
}

function setUp(options: { submit?: Submit } = {}) {
  const table = new Table()
  const inbox = new Inbox(table.deps)
  const told: [string, CallbackReport][] = []
  const submit: Submit = async (name, report) => {
    equal(table.rows.at(-1)?.supplier, 'digi', 'a callback is stored before it is told')
    told.push([name, report])
    return (await options.submit?.(name, report)) ?? 'accepted'
  }
  const callbacks = new Callbacks({
    supplierOf: code => (code === 'digi' ? supplier : undefined),
    ...{ inbox, submit, unread: table.unread, now: () => 1_800_000_000_000 },
  })
  return { callbacks, inbox, table, told }
}

const body = (extra: object = {}): string =>
  JSON.stringify({
    data: { ref_id: ref, status: 'Sukses', rc: '00', sn: 'SN', buyer_sku_code: 's', ...extra },
  })
const post = (text: string, headers: Record<string, string> = {}) => ({
  supplier: 'digi',
  body: Buffer.from(text).toString('base64'),
  headers: {
    'X-Hub-Signature': `sha1=${createHmac('sha1', 'secret').update(text).digest('hex')}`,
    ...headers,
  },
})

test('callback: from a supplier: stored as it came, then told to the order it names (S29)', async () => {
  const { callbacks, inbox, table, told } = setUp()
  deepEqual(await callbacks.receive(post(body())), { verdict: 'accepted', stored: true })
  await inbox.rest()
  equal(String(table.rows[0]!.body), body())
  deepEqual(table.verdicts, ['accepted'])
  const [name, { reply, ...report }] = told[0]!
  equal(name, ref)
  equal(reply, body())
  deepEqual(report, {
    ...{ n: 2, ms: 0, via: 'callback', outcome: 'success', sn: 'SN' },
    ...{ supplier: 'digi', order, sku: 's', dest: null },
  })
})

test('callback: forged: stored, judged, told to nobody (S29)', async () => {
  const { callbacks, inbox, table, told } = setUp()
  const forged = { ...post(body()), headers: {} }
  deepEqual(await callbacks.receive(forged), { verdict: 'forged', stored: true })
  await inbox.rest()
  deepEqual(table.verdicts, ['forged'])
  equal(told.length, 0)
})

test('callback: unknown supplier, ping: never stored (S29) (S17)', async () => {
  const { callbacks, table } = setUp()
  const elsewhere = { ...post(body()), supplier: 'nobody' }
  deepEqual(await callbacks.receive(elsewhere), { verdict: 'unknown_supplier', stored: false })
  const ping = '{"sed":"x","hook_id":"1","hook":{"secret":"secret"}}'
  deepEqual(await callbacks.receive(post(ping)), { verdict: 'ping', stored: true })
  const wrong = { 'X-Hub-Signature': 'sha1=00' }
  deepEqual(await callbacks.receive(post(ping, wrong)), { verdict: 'forged', stored: true })
  equal(table.rows.length, 0)
  deepEqual(callbacks.counts, {
    ...{ accepted: 0, ping: 1, forged: 1, unknown_supplier: 1, parked: 0, refused: 0 },
  })
})

test('callback: headers: passwords are left out, the rest is kept within bounds (S30)', async () => {
  const { callbacks, table } = setUp()
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`x-${index}`, '1']))
  const secrets = { Authorization: 'a', Cookie: 'b', 'X-Callback-Token': 'c', 'X-Api-Key': 'd' }
  const headers = { ...secrets, 'X-Long': 'x'.repeat(9000), 'X-Digiflazz-Event': 'update', ...many }
  await callbacks.receive(post(body(), headers))
  const kept = table.rows[0]!.headers
  equal(Object.keys(kept).length, 32)
  equal(kept['x-digiflazz-event'], 'update')
  ok('x-hub-signature' in kept)
  for (const name of Object.keys(secrets)) ok(!(name.toLowerCase() in kept), name)
  ok(!('x-long' in kept))
})

test('callback: the same twice: told twice, the order knows (S31)', async () => {
  const { callbacks, told } = setUp()
  await Promise.all([callbacks.receive(post(body())), callbacks.receive(post(body()))])
  equal(told.length, 2)
})

const strays: Record<string, [text: string, verdict: string]> = {
  'of a reference that is not ours': [body({ ref_id: 'ref-1' }), 'unknown_ref'],
  'of an order nobody knows': [body(), 'unknown_ref'],
  'that is not legible': ['{"data":', 'garbled: not_json'],
  'without a reference': ['{"data":{"rc":"00"}}', 'garbled: ref_missing'],
}

for (const [name, [text, verdict]] of Object.entries(strays)) {
  test(`callback: ${name}: parked (S32)`, async () => {
    const { callbacks, inbox, table } = setUp({ submit: async () => 'unknown_ref' })
    deepEqual(await callbacks.receive(post(text)), { verdict: 'parked', stored: true })
    await inbox.rest()
    deepEqual(table.verdicts, [verdict])
  })
}

test('callback: order out of reach: parked, and read again later (S33)', async () => {
  let reachable = false
  const submit: Submit = async () => {
    if (!reachable) throw new Error('stopping')
    return 'accepted'
  }
  const { callbacks, inbox, table, told } = setUp({ submit })
  for (let count = 0; count < 5; count++) {
    deepEqual(await callbacks.receive(post(body())), { verdict: 'parked', stored: true })
  }
  await inbox.rest()
  deepEqual(new Set(table.verdicts), new Set([null]))
  equal(await callbacks.readAgain(), 5)
  reachable = true
  equal(await callbacks.readAgain(), 5)
  deepEqual(new Set(table.verdicts), new Set(['accepted']))
  equal(told.length, 15)
  equal(await callbacks.readAgain(), 0)
})

test('callback: a failed insert: not stored, told to nobody; the next is stored again (S29)', async () => {
  const { callbacks, table, told } = setUp()
  table.failing = true
  deepEqual(await callbacks.receive(post(body())), { verdict: 'parked', stored: false })
  equal(callbacks.counts.refused, 1)
  equal(told.length, 0)
  table.failing = false
  equal((await callbacks.receive(post(body()))).stored, true)
})

test('callback: lost judgement: it is read again, the order hears it twice (S33)', async () => {
  const { callbacks, inbox, table, told } = setUp({
    submit: async () => {
      table.failing = true
      return 'accepted'
    },
  })
  equal((await callbacks.receive(post(body()))).verdict, 'accepted')
  await inbox.rest()
  deepEqual(table.verdicts, [null])
  equal(await callbacks.readAgain(), 1)
  equal(told.length, 2)
})

/** A supplier whose callbacks are hints, and what asking it comes to. */
function hinted(hear?: (told: number) => Promise<Heard>) {
  const table = new Table()
  const inbox = new Inbox(table.deps)
  const heard: (string | null)[] = []
  const callbacks = new Callbacks({
    supplierOf: () => ({ ...supplier, adapter: vip, credentials: vipSamples.credentials }),
    submit: async () => 'accepted',
    ...{ inbox, unread: table.unread },
    ...(hear && {
      hear: (_, { theirId }) => {
        heard.push(theirId)
        return hear(heard.length)
      },
    }),
  })
  const { headers, body: bytes } = vipSamples.deliver(vipSamples.callbacks.success)
  const news = { supplier: 'vip', headers, body: bytes.toString('base64') }
  return { callbacks, inbox, table, heard, news }
}

test('callback: a hint: answered before anybody has asked, judged after (ADH1)', async () => {
  const gate = Promise.withResolvers<Heard>()
  const { callbacks, inbox, table, heard, news } = hinted(() => gate.promise)
  deepEqual(await callbacks.receive(news), { verdict: 'accepted', stored: true })
  deepEqual([heard, table.verdicts], [['VP123'], [null]])
  gate.resolve('asked')
  await callbacks.rest()
  await inbox.rest()
  deepEqual(table.verdicts, ['asked'])
})

test('callback: a hint nobody could follow now: read again, still proven (ADH1, S30)', async () => {
  const { callbacks, table, heard, news } = hinted(async told => {
    if (told === 1) throw new Error('the database is away')
    return told === 2 ? 'later' : 'asked'
  })
  await callbacks.receive(news)
  await callbacks.rest()
  const [kept] = Object.values(table.rows[0]!.headers)
  ok(!kept!.includes(Object.values(news.headers)[0]!))
  for (const verdict of [null, 'asked']) {
    equal(await callbacks.readAgain(), 1)
    deepEqual(table.verdicts, [verdict])
  }
  equal(heard.length, 3)
})

test('callback: hints without end: as many at once as there is room for (ADH1)', async () => {
  const gate = Promise.withResolvers<Heard>()
  const { callbacks, inbox, heard, news } = hinted(() => gate.promise)
  const verdicts = await Promise.all(Array.from({ length: 300 }, () => callbacks.receive(news)))
  equal(heard.length, 256)
  equal(verdicts.filter(({ verdict }) => verdict === 'parked').length, 44)
  gate.resolve('asked')
  await callbacks.rest()
  await inbox.rest()
  equal(await callbacks.readAgain(), 44)
  equal(heard.length, 300)
})
