/**
 * The number line's desk against the whole program: what people do shows in its figures, and what
 * staff decides is so for the people, with who and why in the audit log.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ask, type Json } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

const waitMs = 90_000
const code = '482913'
const reason = 'uji coba dari awal sampai akhir'

let stage: Stage
let engine: Engine
let buyer: string
let admin: string
let finance: string
let userId: string

before(async () => {
  stage = new Stage()
  await stage.startSandbox()
  const launched = await stage.launch()
  const { http, ms } = (await launched.ready()) as { http: string; ms: number }
  engine = Object.assign(launched, { http, ms })
  const demo: Json = JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))
  const { consumer } = demo
  const [row] = await stage.sql<{ id: string; username: string }>(
    'select id, username from client where email = $1',
    [consumer.email],
  )
  userId = row!.id
  const paid = ['deposit', '--username', row!.username, '--amount', '100000', '--ref', 'uji']
  equal((await stage.cli(paid)).code, 0)
  await stage.sql(`update number_supplier set terms = '{"pollMs": 1000, "cancelAfterMs": 0}'`)
  const entered = await plain('POST', '/api/v1/auth/login', {
    ...{ username: consumer.email, password: consumer.password },
  })
  buyer = entered['data'].access_token
  const desk = async ({ email, password }: Json) =>
    (await plain('POST', '/admin/login', { email, password }))['token']
  admin = await desk(demo['admin'])
  finance = await desk(demo['finance'])
})
after(() => stage.close())

async function raw(token: string, method: string, path: string, body?: object) {
  return await ask(`${engine.http}${path}`, {
    ...{
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function plain(method: string, path: string, body: object): Promise<Json> {
  const headers = { 'content-type': 'application/json' }
  const answer = await ask(engine.http + path, { method, headers, body: JSON.stringify(body) })
  equal(answer.status, 200, answer.text)
  return answer.body
}

async function told(token: string, method: string, path: string, body?: object): Promise<Json> {
  const answer = await raw(token, method, `/api/v1${path}`, body)
  equal(answer.status, 200, `${method} ${path}: ${answer.text}`)
  return answer.body['data']
}

/** The cheapest app of the catalogue, in the first country that has it. */
async function onSale(): Promise<{ service: string; country: string; price: number }> {
  const services = await until('a catalogue', waitMs, async () => {
    const { services } = await told(buyer, 'GET', '/services')
    return services.length > 0 && services
  })
  const service = services[0].service_id
  const { countries } = await told(buyer, 'GET', `/countries/${service}`)
  return { service, country: countries[0].country_id, price: countries[0].price }
}

test('number desk: a change of prices: as it was looked at, for the next who asks', async () => {
  const { service, country, price } = await onSale()
  const { version } = await told(admin, 'GET', '/admin/markup')
  const rule = { kind: 'fixed', rounding: 'exact', fixed: 7_777 }
  const looked = await told(admin, 'POST', '/admin/markup/preview', { service, country, rule })
  ok(looked['offers'] > 0 && looked['people'] > 0)
  const made = await told(admin, 'POST', '/admin/markup', {
    ...{ service, country, rule, version, reason },
  })
  ok(made['version'] > version)
  const { countries } = await told(buyer, 'GET', `/countries/${service}`)
  const now = countries.find((one: Json) => one['country_id'] === country).price
  ok(now !== price)
  const cost = looked['moves'].map((one: Json) => one['cost'])
  ok(cost.includes(now - 7_777), `${now - 7_777} of ${cost}`)
  const stale = await raw(admin, 'PUT', '/api/v1/admin/markup', {
    ...{ service, country, rule, version, reason },
  })
  deepEqual([stale.status, stale.body['error_code']], [409, 'STALE_VERSION'])
})

test('number desk: an order: found, read step by step, its code only where it is revealed', async () => {
  const { service, country } = await onSale()
  const order = await told(buyer, 'POST', '/orders/create', {
    ...{ service_id: service, country_id: country, ref: randomUUID() },
  })
  const path = `/admin/orders/${order['order_id']}`
  const otp = { number: order['number'], text: `Kode Anda ${code}`, code }
  const sent = await ask(`${stage.sandboxUrl}/_sandbox/otp`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify(otp),
  })
  equal(sent.status, 200, sent.text)
  const file = await until('the code in the rows', waitMs, async () => {
    // Until it stands in the read model, nobody knows it there.
    const { status, body } = await raw(finance, 'GET', `/api/v1${path}`)
    if (status === 404) return false
    const one = body['data']
    return one['order'].codes === 1 && one['profit'].length === 1 && one
  })
  equal(file['profit'][0].profit, file['order'].price - file['order'].cost)
  const listed = await raw(finance, 'GET', '/api/v1/admin/orders?limit=10')
  for (const text of [JSON.stringify(file), listed.text]) ok(!text.includes(code))
  equal((await raw(finance, 'POST', `/api/v1${path}/reveal`, { reason })).status, 403)
  const { messages } = await told(admin, 'POST', `${path}/reveal`, { reason })
  equal(messages[0].code, code)

  const stats = await told(finance, 'GET', '/admin/stats')
  equal(stats['today'].codes, 1)
  equal(stats['today'].profit, file['profit'][0].profit)
  const day = stats['days'].at(-1).day
  const earned = await told(
    finance,
    'GET',
    `/admin/profit-analytics?from=${day}&to=${day}&by=service`,
  )
  deepEqual([earned['rows'][0].key, earned['total'].profit], [service, stats['today'].profit])

  const before = await told(buyer, 'GET', '/balance')
  const refunded = await told(finance, 'POST', `${path}/refund`, { reason })
  deepEqual([refunded['waits'], refunded['money_effect']], [null, 'refunded'])
  const balance = await told(buyer, 'GET', '/balance')
  equal(balance['balance'] - before['balance'], file['order'].price)
  const again = await raw(finance, 'POST', `/api/v1${path}/refund`, { reason })
  deepEqual([again.status, again.body['error_code']], [422, 'ORDER_FINAL'])
})

test('number desk: a user: found, banned with a reason, let in again; everything in one file', async () => {
  const found = await told(admin, 'GET', `/admin/users?q=${userId}`)
  equal(found['rows'][0].user_id, userId)
  const banned = await told(admin, 'POST', `/admin/users/${userId}/ban`, {
    ...{ reason, until: new Date(Date.now() + 3_600_000).toISOString() },
  })
  equal(banned['ban'].reason, reason)
  const refusal = await until('the ban', waitMs, async () => {
    const answer = await raw(buyer, 'GET', '/api/v1/balance')
    return answer.status !== 200 && answer
  })
  ok(refusal.status === 403 || refusal.status === 401, refusal.text)
  await told(admin, 'POST', `/admin/users/${userId}/unban`, { reason })
  const file = await told(admin, 'GET', `/admin/users/${userId}`)
  deepEqual([file['user'].status, file['user'].ban, file['totals'].orders], ['active', null, 1])
  const whole = await told(admin, 'POST', `/admin/users/${userId}/export`, { reason })
  equal(whole['orders'].length, 1)
  ok(!JSON.stringify(whole).includes(code))
})

test('number desk: suppliers and settings: read, tried, set, and in use', async () => {
  const { rows } = await told(finance, 'GET', '/admin/number-suppliers')
  ok(rows.length > 0 && rows.some((one: Json) => one['week'].codes === 1))
  const tried = await told(finance, 'POST', `/admin/number-suppliers/${rows[0].code}/test`, {})
  ok(tried['balance'] > 0)
  const { version } = await told(admin, 'GET', '/admin/number-settings')
  await told(admin, 'PUT', '/admin/number-settings', { version, wait_minutes: 11, reason })
  equal((await told(buyer, 'GET', '/app-settings'))['wait_minutes'], 11)
})

test('number desk: what staff did: all of it in the audit log, whose chain is whole', async () => {
  const log = await raw(admin, 'GET', '/admin/audit-logs?action=number-order.&limit=20')
  deepEqual(
    log.body['rows'].map((row: Json) => [row['action'], row['role'], row['outcome']]),
    [
      ['number-order.refund', 'finance', 'ORDER_FINAL'],
      ['number-order.refund', 'finance', 'done'],
      ['number-order.reveal', 'admin', 'done'],
    ],
  )
  match(log.text, new RegExp(reason))
  ok(!log.text.includes(code))
  equal((await raw(admin, 'GET', '/admin/audit-logs/verify')).body['intact'], true)
  equal((await stage.cli(['verify'])).code, 0)
})
