/**
 * Paying in through gateways of the sandbox, and the engine killed in the middle of each step:
 * while the gateway makes the deposit, while the money comes, while the gateway says what has come
 * (asked because it called, or because it was time), while it is had at once. The whole way over
 * real sockets; the sandbox outlives every engine.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ask, type Keys, Reseller } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

let stage: Stage
let engine: Engine
let sandbox: string
let reseller: Reseller

before(async () => {
  stage = new Stage()
  sandbox = await stage.startSandbox()
  engine = await stage.start()
  reseller = stage.demo(engine)
})
after(() => stage.close())

type Row = Record<string, unknown>
type Deposit = Row & { deposit_id: string; status: string; received: number; qr_string: string }

const longMs = 60_000

async function oracle<T = Row>(path: string, wish?: object): Promise<T> {
  const { status, text } = await ask(`${sandbox}/_sandbox/${path}`, {
    ...(wish === undefined ? {} : { method: 'POST', body: JSON.stringify(wish) }),
  })
  equal(status, 200, text)
  return JSON.parse(text) as T
}

const create = (fields: object) =>
  reseller.send('POST', '/api/v1/deposit/create', JSON.stringify(fields))

async function made(fields: object = {}): Promise<Deposit> {
  // A gateway that is slow to say what it offers is closed meanwhile.
  const { status, text, body } = await until('the method to be open', longMs, async () => {
    const told = await create({ amount: 20_000, metode: 'qris_atlantic', ...fields })
    return told.body['error_code'] !== 'METHOD_CLOSED' && told
  })
  equal(status, 200, text)
  return body['data'] as Deposit
}

type Stood = { status: string; received: number; fee: number }

/** By the table: whoever asks the API so often is refused. */
const becomes = (ref: string, wanted: string) =>
  until(`deposit ${ref} to be ${wanted}`, longMs, async () => {
    const rows = await stage.sql<Stood>(
      `select status, received::int, fee::int from deposit_intent where ref = '${ref}'`,
    )
    return rows[0]?.status === wanted && rows[0]
  })

const balance = async () => (await reseller.balance()).balance
const arrived = (sum: number) => until('the money', longMs, async () => (await balance()) === sum)

async function reborn(): Promise<void> {
  await engine.kill()
  engine = await stage.start()
}

test('deposit: both gateways of the demo: chosen, paid, in the wallet (ZE4, ZE5)', async () => {
  const { body } = await reseller.get('/api/v1/deposit/metode')
  const { methods } = body['data'] as { methods: Row[] }
  for (const metode of ['qris_atlantic', 'qris_rumahotp_v1', 'qris_rumahotp_v2']) {
    ok(
      methods.some(one => one['metode'] === metode),
      metode,
    )
  }
  const before = await balance()
  const one = await made({ ref: 'first' })
  match(one.deposit_id, /^DEP/)
  await oracle('pay', { qr_string: one.qr_string, times: 3 })
  const two = await made({ metode: 'qris_rumahotp_v2', ref: 'second' })
  match(two.deposit_id, /^RO/)
  await oracle('pay', { deposit_id: two.deposit_id })
  await arrived(before + one.received + two.received)
  const refused = await create({ amount: 5, metode: 'qris_atlantic' })
  deepEqual([refused.status, refused.body['error_code']], [422, 'AMOUNT_INVALID'])
  equal((await reseller.get(`/api/v1/deposit/${one.deposit_id}`)).body['data'].status, 'success')
})

test('deposit: the engine dies while the gateway makes it: not made again (ZE1, ZE2)', async () => {
  await oracle('faults', { party: 'atlantic', latency: 3_000 })
  const asked = create({ amount: 20_000, metode: 'qris_atlantic', ref: 'dying' }).catch(() => null)
  await until('the gateway to have it', longMs, async () => {
    const rows = await oracle<Row[]>('payments?party=atlantic')
    return rows.length === 2
  })
  await reborn()
  await asked
  await oracle('faults', { party: 'atlantic', latency: 0 })
  const again = await made({ ref: 'dying' })
  equal(again.status, 'checking')
  const rows = await oracle<Row[]>('payments?party=atlantic')
  equal(rows.length, 2)
  // Nobody was shown how to pay it; who pays all the same has his money, once.
  const before = await balance()
  await oracle('pay', { deposit_id: rows[1]!['deposit_id'], times: 2 })
  await becomes('dying', 'paid')
  await arrived(before + 19_700)
})

test('deposit: the engine dies as the money comes: in the wallet once (ZE1, ZE2, ZE4)', async () => {
  const before = await balance()
  const one = await made({ ref: 'paying' })
  const paid = oracle('pay', { deposit_id: one.deposit_id, times: 5 })
  await engine.kill()
  await paid
  engine = await stage.start()
  await becomes('paying', 'paid')
  await arrived(before + one.received)
  const { body } = await reseller.get('/api/v1/mutations?limit=100')
  const rows = (body['data'] as { rows: Row[] }).rows
  equal(rows.filter(row => row['reference_id'] === one['intent_id']).length, 1)
})

for (const [what, times] of [
  ['because it called', 3],
  ['because it was time', 0],
] as const) {
  test(`deposit: the engine dies while asking ${what}: in the wallet once (ZE1, ZE2, ZE4)`, async () => {
    const before = await balance()
    const ref = `asking-${times}`
    const one = await made({ ref })
    const asked = async () => {
      const rows = await oracle<Row[]>(`payments?party=atlantic&reference=${one.deposit_id}`)
      return Number(rows[0]!['asked'])
    }
    // The gateway counts a question when it comes, and answers so much later.
    await oracle('faults', { party: 'atlantic', latency: 3_000 })
    await oracle('pay', { deposit_id: one.deposit_id, times })
    const known = await asked()
    await until('the gateway to be asked', longMs, async () => (await asked()) > known)
    await reborn()
    await oracle('faults', { party: 'atlantic', latency: 0 })
    await becomes(ref, 'paid')
    await arrived(before + one.received)
    const { body } = await reseller.get('/api/v1/mutations?limit=100')
    const rows = (body['data'] as { rows: Row[] }).rows
    equal(rows.filter(row => row['reference_id'] === one['intent_id']).length, 1)
  })
}

test('deposit: the engine dies while it is had at once: one credit, as they say (ZE1, ZE2)', async () => {
  const before = await balance()
  const one = await made({ ref: 'drawing' })
  await oracle('pay', { deposit_id: one.deposit_id, processing: true })
  await becomes('drawing', 'processing')
  await oracle('faults', { party: 'atlantic', latency: 2_000, no_callback: 1 })
  const body = JSON.stringify({ action: 'take', fee_max: 200 })
  const path = `/api/v1/deposit/${one.deposit_id}/instant`
  const taken = reseller.send('POST', path, body).catch(() => null)
  await until('the gateway to have done it', longMs, async () => {
    const rows = await oracle<Row[]>(`payments?party=atlantic&reference=${one.deposit_id}`)
    return rows[0]!['status'] === 'success'
  })
  await reborn()
  await taken
  await oracle('faults', { party: 'atlantic', latency: 0 })
  const again = await reseller.send('POST', path, body)
  ok([200, 409, 422].includes(again.status), again.text)
  const known = await becomes('drawing', 'paid')
  deepEqual([known.received, known.fee], [19_500, 500])
  await arrived(before + 19_500)
})

test('deposit: the engine dies while it is given up: given up, or paid, as they say (ZE1, ZE4)', async () => {
  const before = await balance()
  const one = await made({ ref: 'dropping' })
  await oracle('faults', { party: 'atlantic', latency: 2_000 })
  const path = `/api/v1/deposit/${one.deposit_id}/cancel`
  const dropped = reseller.send('POST', path, '{}').catch(() => null)
  await until('the gateway to have done it', longMs, async () => {
    const rows = await oracle<Row[]>(`payments?party=atlantic&reference=${one.deposit_id}`)
    return rows[0]!['status'] === 'cancel'
  })
  await reborn()
  await dropped
  await oracle('faults', { party: 'atlantic', latency: 0 })
  await becomes('dropping', 'cancelled')
  // Who pays all the same: nobody's wallet gets it by itself.
  await oracle('pay', { deposit_id: one.deposit_id, late: true, times: 2 })
  const entries = await until('the suspense', longMs, async () => {
    const rows = await stage.sql<{ why: string; amount: number }>(
      `select why, amount::int from deposit_suspense where verdict is null`,
    )
    return rows.length > 0 && rows
  })
  deepEqual(entries, [{ why: 'LATE', amount: one.received }])
  equal(await balance(), before)
})

test('payout: the engine dies as it is noted: booked once, off what the gateway owes (ZE1, ZE4, GWM1)', async () => {
  const told = JSON.parse(readFileSync(join(stage.dataDir('data'), 'demo.json'), 'utf8'))
  const path = '/api/v1/admin/payment-gateways'
  const desk = () => new Reseller(engine.http, told.finance as Keys)
  const owed = async () => {
    const { rows } = (await desk().get(path)).body['data'] as { rows: Row[] }
    return Number(rows.find(({ code }) => code === 'atlantic')!['owed'])
  }
  const before = await owed()
  ok(before > 20_000, `${before} are owed`)
  const day = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10)
  const wish = { amount: 15_000, fee: 2_500, day, ref_id: 'WD-1' }
  const note = (more: object = {}) =>
    desk().send('POST', `${path}/atlantic/payouts`, JSON.stringify({ ...wish, ...more }))
  const dying = note().catch(() => null)
  await until('it to be noted', longMs, async () => {
    const rows = await stage.sql<Row>('select id from gateway_payout')
    return rows.length === 1
  })
  await reborn()
  await dying
  const { status, text, body } = await note()
  equal(status, 200, text)
  deepEqual([body['data'].status, body['data'].amount], ['done', 15_000])
  equal(await owed(), before - 17_500)
  const most = await note({ ref_id: 'WD-2', amount: before - 17_500 + 1, fee: 0 })
  deepEqual(
    [most.status, most.body['error_code'], most.body['details']],
    [422, 'PAYOUT_LIMIT', { owed: before - 17_500 }],
  )
  const audited = await stage.sql<Row>(
    `select outcome from audit_log where action = 'gateway.payout' order by id desc limit 2`,
  )
  deepEqual(
    audited.map(({ outcome }) => outcome),
    ['PAYOUT_LIMIT', 'done'],
  )
})

test('deposit: the second reading of the journal finds nothing wrong (ZE4)', async () => {
  const { code, stdout } = await stage.cli(['verify'])
  equal(code, 0, stdout)
})

test('deposit: a forged webhook is refused, a replayed one moves nothing (ZE4, ZE10)', async () => {
  const before = await balance()
  const body = JSON.stringify({ event: 'deposit', data: { id: 'DEP00000001', status: 'success' } })
  const post = (signature: string) =>
    ask(`${engine.http}/api/v1/callbacks/atlantic`, {
      ...{ method: 'POST', body },
      headers: { 'content-type': 'application/json', 'x-atl-signature': signature },
    })
  equal((await post('0'.repeat(32))).status, 401)
  const rows = await oracle<Row[]>('accounts')
  const mine = rows.filter(row => String(row['webhook_url']).endsWith('/callbacks/atlantic'))
  equal(mine.length, 1)
  equal(await balance(), before)
})
