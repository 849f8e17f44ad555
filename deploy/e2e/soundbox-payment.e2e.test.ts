/**
 * A customer pays at the demo merchant's counter, in the running program: the sandbox's acquirer
 * calls back, also twice, forged and late; the engine is killed in between; in the end the journal
 * is sound.
 *
 * SAN1. What the acquirer was answered as applied is in the books once, after any death.
 * SAN2. However many wait for a page that somebody keeps locked, payments go on being taken.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import type { Json } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

let stage: Stage
let engine: Engine

before(async () => {
  stage = new Stage()
  await stage.startSandbox()
  engine = await stage.start()
})
after(() => stage.close())

const demo = (): Json => JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))

async function pay(wish: object): Promise<void> {
  const answer = await fetch(`${stage.sandboxUrl}/_sandbox/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ party: 'acquirer', ...wish }),
  })
  ok(answer.ok, await answer.text())
}

type Row = { id: string; status: string; amount: string; reference: string }

const payments = (): Promise<Row[]> =>
  stage.sql<Row>('select id, status, amount, reference from payment_view order by id')

const paidCount = (count: number) =>
  until(`${count} payments`, 60_000, async () => {
    const paid = (await payments()).filter(({ status }) => status === 'PAID')
    return paid.length >= count && paid
  })

async function callBack(told: object, secret: string): Promise<{ status: number; body: Json }> {
  const timestamp = String(Math.floor(Date.now() / 1_000))
  const raw = JSON.stringify(told)
  const hmac = createHmac('sha256', secret).update(`${timestamp}.${raw}`).digest('hex')
  const answer = await fetch(`${engine.http}/integrations/qris/callback`, {
    method: 'POST',
    headers: { 'x-timestamp': timestamp, 'x-signature': `sha256=${hmac}` },
    body: raw,
  })
  return { status: answer.status, body: (await answer.json()) as Json }
}

test('soundbox: paid at a printed QR, told three times, killed in between: once in the books (SAN1)', async () => {
  const { merchant, callback_secrets } = demo()
  await pay({ qr_string: merchant.static_qr, amount: 50_123, times: 3 })
  const [first] = await paidCount(1)
  equal(Number(first!.amount), 50_123)

  const { nmid } = (await stage.sql<{ nmid: string }>('select nmid from merchant'))[0]!
  const told = {
    ...{ event_id: 'ev-own', type: 'payment', reference: 'RRN-OWN', nmid, amount: 7_000 },
    ...{ status: 'paid', paid_at: new Date().toISOString() },
  }
  const forged = await callBack(told, 'another')
  deepEqual([forged.status, forged.body['code']], [401, 'SIGNATURE_INVALID'])
  const applied = await callBack(told, callback_secrets.qris)
  deepEqual([applied.status, applied.body['result']], [200, 'applied'])
  await engine.kill()
  engine = await stage.start()
  const again = await callBack(told, callback_secrets.qris)
  deepEqual(
    [again.status, again.body['result'], again.body['transaction_id']],
    [200, 'duplicate', applied.body['transaction_id']],
  )
  const changed = await callBack({ ...told, amount: 7_001 }, callback_secrets.qris)
  deepEqual([changed.body['result'], changed.body['reason']], ['parked', 'amount_mismatch'])
  deepEqual(
    (await paidCount(2)).map(({ amount }) => Number(amount)),
    [50_123, 7_000],
  )
  const verdict = await stage.cli(['verify'])
  equal(verdict.code, 0, verdict.stdout)
})

test('soundbox: many wait for a table that is locked: payments are answered all the same (SAN2)', async () => {
  const { callback_secrets } = demo()
  const { nmid } = (await stage.sql<{ nmid: string }>('select nmid from merchant'))[0]!
  const [shop] = await stage.resellers(engine, { count: 1, deposit: 100_000 })
  const locker = new pg.Client({ connectionString: stage.databaseUrl() })
  await locker.connect()
  await locker.query('begin')
  await locker.query('lock table order_view in access exclusive mode')
  const pages = Array.from({ length: 20 }, () =>
    shop!.get('/api/v1/transactions?limit=5').catch(() => null),
  )
  try {
    await until('them to wait', 10_000, async () => {
      const { rows } = await locker.query(
        `select count(*) from pg_stat_activity
          where wait_event_type = 'Lock' and application_name = 'laju'`,
      )
      return Number(rows[0].count) >= 8
    })
    const began = performance.now()
    for (let n = 0; n < 10; n++) {
      const { status, body } = await callBack(
        {
          ...{ event_id: `locked-${n}`, type: 'payment', reference: `LOCKED-${n}`, nmid },
          ...{ amount: 2_000 + n, status: 'paid', paid_at: new Date().toISOString() },
        },
        callback_secrets.qris,
      )
      deepEqual([status, body['result']], [200, 'applied'])
    }
    const ms = performance.now() - began
    ok(ms < 5_000, `payments waited ${ms} ms`)
  } finally {
    await locker.query('rollback')
    await locker.end()
  }
  for (const page of await Promise.all(pages)) equal(page?.status, 200)
})

test('soundbox: killed amid three hundred callbacks: what was answered stands, all is booked once (SAN1)', async () => {
  const { callback_secrets } = demo()
  const { nmid } = (await stage.sql<{ nmid: string }>('select nmid from merchant'))[0]!
  const wishes = Array.from({ length: 300 }, (_, n) => ({
    ...{ event_id: `crowd-${n}`, type: 'payment', reference: `CROWD-${n}`, nmid },
    ...{ amount: 1_000 + n, status: 'paid', paid_at: new Date().toISOString() },
  }))
  const tell = (told: object) =>
    callBack(told, callback_secrets.qris).catch(() => ({ status: 0, body: {} as Json }))
  const first = wishes.map(tell)
  await Promise.race(first.slice(100, 150))
  await engine.kill()
  const answers = await Promise.all(first)
  engine = await stage.start()
  const known = answers.filter(({ status }) => status === 200)
  for (const { body } of known) ok(['applied', 'duplicate'].includes(body['result']))
  for (const [n, told] of wishes.entries()) {
    const { status, body } = await tell(told)
    equal(status, 200)
    const before = answers[n]!
    if (before.status !== 200) continue
    deepEqual(
      [body['result'], body['transaction_id']],
      ['duplicate', before.body['transaction_id']],
    )
  }
  const booked = await until('all of them', 60_000, async () => {
    const rows = (await payments()).filter(row => row.reference.startsWith('static:CROWD-'))
    return rows.length >= wishes.length && rows.every(row => row.status === 'PAID') && rows
  })
  equal(booked.length, wishes.length)
  deepEqual(
    booked.map(({ amount }) => Number(amount)).sort((a, b) => a - b),
    wishes.map(({ amount }) => amount),
  )
  const verdict = await stage.cli(['verify'])
  equal(verdict.code, 0, verdict.stdout)
})
