/**
 * Rented numbers in the running program, with the demo's consumer and the sandbox's suppliers: a
 * number, its code, giving back; and an engine that is killed amid both.
 *
 * NZA1. Whoever pays gets one number, its code and nobody else's; what gets no code is paid back.
 * NZA2. An engine killed amid purchases has bought each of them once when it is through.
 * NZA3. An engine killed amid giving back pays each back once, and none whose code was delivered.
 * NZA4. In the end our books, read a second time, agree, and so does the supplier's.
 * NZA5. A code stands in no figure and in no line of the log.
 * NZA6. An engine killed while a code is on its way, from its supplier or into the journal, has it
 *       once when it is through, and was paid for it once.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { ask, type Json, Oracle, type Reseller } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

const supplier = 'handler_api'
const deposit = 1_000_000
const shopDeposit = 100_000
/** Of an account at the sandbox. */
const openingBalance = 100_000_000
const waitMs = 60_000
let stage: Stage
let engine: Engine
let oracle: Oracle
let token: string

before(async () => {
  stage = new Stage()
  oracle = new Oracle(await stage.startSandbox())
  engine = await stage.start()
  const { consumer } = demo()
  const username = (
    await stage.sql<{ username: string }>('select username from client where email = $1', [
      consumer.email,
    ])
  )[0]!.username
  const paid = ['deposit', '--username', username, '--amount', String(deposit), '--ref', 'uji']
  equal((await stage.cli(paid)).code, 0)
  // One supplier is enough, and whoever asks him often need not wait long.
  await stage.sql(`update number_supplier set active = code = '${supplier}',
    terms = '{"pollMs": 1000, "cancelAfterMs": 0}'`)
  await enter()
})
after(() => stage.close())

const demo = (): Json => JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))

async function enter(): Promise<void> {
  const { email, password } = demo()['consumer']
  const told = await ask(`${engine.http}/api/v1/auth/login`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ email, password }),
  })
  equal(told.status, 200, told.text)
  token = told.body['data'].access_token
}

const send = (method: string, path: string, body?: object) =>
  ask(`${engine.http}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

async function told(method: string, path: string, body?: object): Promise<Json> {
  const answer = await send(method, path, body)
  equal(answer.status, 200, answer.text)
  return answer.body['data']
}

const wish = { service_id: 'whatsapp', country_id: 'indonesia' }
const create = (more: object = {}) => told('POST', '/orders/create', { ...wish, ...more })
const ended = async (id: string, isSo: (row: Row) => boolean): Promise<Json> => {
  await allAre([id], isSo)
  return await told('GET', `/orders/${id}`)
}
const available = async (): Promise<number> => (await told('GET', '/balance'))['available']

async function sandbox(path: string, body: object): Promise<void> {
  const answer = await ask(`${stage.sandboxUrl}/_sandbox/${path}`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify(body),
  })
  equal(answer.status, 200, answer.text)
}

const sms = (number: string, code: string) =>
  sandbox('otp', { number, text: `Kode WhatsApp kamu ${code}`, code })

/** The supplier takes numbers back from now on. */
const later = () => sandbox('clock', { party: supplier, advance_ms: 3 * 60_000 })

test('number: from the catalogue to the code, and to the link that needs no login (NZA1)', async () => {
  const services = await until('the catalogue', waitMs, async () => {
    const { services: rows } = await told('GET', '/services?search=whatsapp')
    return rows.length > 0 && rows
  })
  equal(services[0].service_id, 'whatsapp')
  const { countries } = await told('GET', '/countries/whatsapp')
  const { price } = countries.find((one: Json) => one['country_id'] === 'indonesia')
  ok(price > 0)
  const tooLow = await send('POST', '/orders/create', { ...wish, max_price: price - 1 })
  equal(tooLow.body['error_code'], 'PRICE_ABOVE_MAX')

  const order = await create({ max_price: price, ref: 'pertama' })
  deepEqual([order['status'], order['price'], order['otp']], ['waiting', price, null])
  equal(await available(), deposit - price)
  await sms(order['number'], '482913')
  const received = await ended(order['order_id'], row => row.status === 'otp_received')
  deepEqual([received['status'], received['otp']], ['otp_received', '482913'])
  match(received['messages'][0].text, /482913/)
  equal((await create({ ref: 'pertama' }))['order_id'], order['order_id'])

  const word = /\/i\/([\w-]{22})$/.exec(order['invoice_url'])![1]
  const shown = await ask(`${engine.http}/api/v1/invoices/${word}`)
  equal(shown.body['data'].otp, '482913')
})

test('number: a code is in no figure and no line of the log (NZA5)', async () => {
  const figures = await ask(`${engine.http}/metrics`)
  match(figures.text, /^laju_number_messages_total [1-9]/m)
  for (const text of [figures.text, engine.stderr]) equal(/482913/.test(text), false)
})

test('number: given back without a code: paid back once (NZA1)', async () => {
  const before = await available()
  const order = await create()
  equal(await available(), before - order['price'])
  await later()
  await told('POST', `/orders/${order['order_id']}/cancel`)
  const over = await ended(order['order_id'], row => row.status === 'refunded')
  deepEqual([over['money_effect'], over['otp'], await available()], ['refunded', null, before])
  const [sale] = (await oracle.sales(supplier)).slice(-1)
  equal(sale!.status, 'failed')
})

/** Straight from the table: whoever asks over REST that often is told to slow down. */
type Row = {
  readonly id: string
  readonly user_id: string
  readonly status: string
  readonly number: string | null
  readonly price: string
  readonly money_effect: string
}
const rows = () =>
  stage.sql<Row>(
    'select id, user_id, status, number, price, money_effect from number_view order by id',
  )
const allAre = (ids: readonly string[], isSo: (row: Row) => boolean): Promise<Row[]> =>
  until('all of them', waitMs, async () => {
    const found = (await rows()).filter(({ id }) => ids.includes(id))
    return found.length === ids.length && found.every(isSo) && found
  })

/** Asks until somebody answers, always under the same word. */
const insist = (shop: Reseller, ref: string): Promise<Json> =>
  until(`the order ${ref}`, waitMs, async () => {
    const body = JSON.stringify({ ...wish, ref })
    const answer = await shop.send('POST', '/api/v1/orders/create', body).catch(() => null)
    return answer !== null && answer.status === 200 && (answer.body['data'] as Json)
  })

const die = async (): Promise<void> => {
  await engine.kill()
  engine = await stage.start()
}

const useOnly = (code: string) => stage.sql('update number_supplier set active = code = $1', [code])

/** How often the sandbox was asked about it. */
const callsOf = async (number: string): Promise<number> =>
  (await oracle.sales('rumahotp')).find(({ target }) => target === number)!.calls

test('number: killed while a code is on its way: it is there once, and paid for once (NZA6)', async () => {
  await useOnly('rumahotp')
  await until('its offers', waitMs, async () => {
    const found = await stage.sql("select 1 from number_offer where supplier = 'rumahotp' limit 1")
    return found.length > 0
  })
  const [shop] = (await stage.resellers(engine, { count: 1, deposit: shopDeposit })) as [Reseller]
  await until('its countries', waitMs, async () => {
    const { status } = await shop.get('/api/v1/countries/whatsapp')
    return status === 200
  })
  // The supplier has said it, and its answer is still on the line.
  const first = await insist(shop, 'jalan-1')
  await oracle.faults({ party: 'rumahotp', reset: 1, mishaps_befall: ['status'] })
  await sms(first['number'], '731731')
  await oracle.faults({ party: 'rumahotp', latency: 60_000 })
  const asked = await callsOf(first['number'])
  await until('a question', waitMs, async () => (await callsOf(first['number'])) > asked)
  await oracle.faults({ party: 'rumahotp', latency: 0 })

  // Another was read, and the journal does not take it.
  const second = await insist(shop, 'jalan-2')
  const journal = new pg.Client({ connectionString: stage.databaseUrl() })
  await journal.connect()
  try {
    await journal.query('begin; lock table journal in exclusive mode')
    await sms(second['number'], '842842')
    await until('a write that waits', waitMs, async () => {
      const { rows } = await journal.query(`select 1 from pg_locks
        where not granted and relation = 'journal'::regclass and mode = 'RowExclusiveLock'`)
      return rows.length > 0
    })
    await engine.kill()
  } finally {
    await journal.end()
  }
  engine = await stage.start()
  const orders = [first, second].map(order => order['order_id'] as string)
  await allAre(orders, ({ status }) => status === 'otp_received')
  for (const [at, otp] of ['731731', '842842'].entries()) {
    const { data } = (await shop.get(`/api/v1/orders/${orders[at]}`)).body
    deepEqual([data.otp, data.messages.length], [otp, 1])
  }
  equal((await shop.balance()).available, shopDeposit - first['price'] - second['price'])
  const sold = await until('what was earned', waitMs, async () => {
    const earned = await stage.sql<{ what: string; selling: string }>(
      'select what, selling from number_profit where order_id = any($1)',
      [orders],
    )
    return earned.length > 1 && earned
  })
  deepEqual(
    sold.map(({ what, selling }) => [what, Number(selling)]),
    [first, second].map(({ price }) => ['sold', price]),
  )
  await useOnly(supplier)
})

let shops: Reseller[]
let mine: Row[]

test('number: killed amid purchases: each is bought once (NZA2)', async () => {
  shops = await stage.resellers(engine, { count: 6, deposit: shopDeposit })
  const bought = (await oracle.sales(supplier)).length
  await oracle.faults({
    ...{ party: supplier, seed: 7, latency: { min: 20, max: 250 } },
    ...{ reset_after_sale: 0.3, timeout_after_sale: 0.2, timeout_seconds: 2, reset: 0.1 },
  })
  const asking = shops.flatMap((shop, n) => [insist(shop, `a${n}`), insist(shop, `b${n}`)])
  for (let kills = 0; kills < 2; kills++) {
    const seen = (await oracle.sales(supplier)).length
    await until('a purchase', waitMs, async () => (await oracle.sales(supplier)).length > seen)
    await die()
  }
  const ids = (await Promise.all(asking)).map(order => order['order_id'] as string)
  equal(new Set(ids).size, asking.length)
  await oracle.faults({ party: supplier, latency: 0 })
  // Whatever was sold is found. What was not stays in doubt for minutes, and is bought by nobody.
  const sold = async () => (await oracle.sales(supplier)).slice(bought).map(({ target }) => target)
  mine = await until('what was sold to be found', waitMs, async () => {
    const found = (await rows()).filter(({ id }) => ids.includes(id))
    const numbers = found.flatMap(({ number }) => number ?? [])
    const targets = await sold()
    return targets.every(target => numbers.includes(target)) && found
  })
  const numbers = mine.flatMap(({ number }) => number ?? [])
  ok(numbers.length > 1)
  deepEqual(numbers.toSorted(), (await sold()).toSorted())
  ok(mine.every(({ number, money_effect }) => number === null || money_effect === 'held'))
})

test('number: killed amid giving back: codes stay sold, the rest is paid back once (NZA3, NZA4)', async () => {
  const waiting = mine.filter(({ status }) => status === 'waiting')
  const shopOf = (row: Row) => shops.find(({ keys }) => keys.user_id === row.user_id)!
  const cancel = (row: Row) =>
    shopOf(row)
      .send('POST', `/api/v1/orders/${row.id}/cancel`, '{}')
      .catch(() => null)
  ok(waiting.length > 1)
  await later()
  await oracle.faults({
    ...{ party: supplier, seed: 11, latency: { min: 50, max: 300 }, reset_after_sale: 0.2 },
  })
  const cancelling = waiting.map(cancel)
  await sms(waiting[0]!.number!, '551188').catch(() => {})
  await engine.kill()
  await Promise.all(cancelling)
  engine = await stage.start()
  await oracle.faults({ party: supplier, latency: 0 })
  for (const row of waiting) {
    await until('the cancellation to be taken', waitMs, async () => {
      const answer = await cancel(row)
      return answer !== null && answer.status < 429
    })
  }
  const isOver = ({ status }: Row) => status === 'refunded' || status === 'otp_received'
  const over = await allAre(
    waiting.map(({ id }) => id),
    isOver,
  )
  const sales = new Map((await oracle.sales(supplier)).map(sale => [sale.target, sale.status]))
  for (const row of over) {
    const isDelivered = sales.get(row.number!) === 'success'
    equal(row.status, isDelivered ? 'otp_received' : 'refunded', row.id)
  }

  for (const shop of shops) {
    const own = (await rows()).filter(({ user_id }) => user_id === shop.keys.user_id)
    const charged = own.filter(({ money_effect }) => money_effect !== 'refunded')
    const spent = charged.reduce((sum, { price }) => sum + Number(price), 0)
    equal((await shop.balance()).available, shopDeposit - spent)
  }
  const charged = (await rows()).filter(({ money_effect }) => money_effect === 'charged')
  const profits = await stage.sql<{ selling: string; count: string }>(
    'select sum(selling)::text as selling, count(*)::text as count from number_profit',
  )
  const sum = charged.reduce((total, { price }) => total + Number(price), 0)
  deepEqual({ ...profits[0] }, { selling: String(sum), count: String(charged.length) })
  const verified = await stage.cli(['verify'])
  equal(verified.code, 0, verified.stdout + verified.stderr)
})

test('number: other starts find the demo’s suppliers as they were left (DNL1, DNL2)', async () => {
  const kept = await stage.sql<{ code: string; active: boolean; terms: { pollMs: number } }>(
    'select code, active, terms from number_supplier order by code',
  )
  deepEqual(
    kept.map(({ code, active, terms }) => [code, active, terms.pollMs]),
    [
      [supplier, true, 1_000],
      ['rumahotp', false, 1_000],
    ],
  )
  const accounts = (await ask(`${stage.sandboxUrl}/_sandbox/accounts`)).body as unknown as Json[]
  const ours = accounts.filter(({ party }) => party === supplier)
  equal(ours.length, 1)
  // Less than it began with: what was spent is remembered.
  ok(ours[0]!['balance'] < openingBalance, JSON.stringify(ours))
})
