/**
 * The guard of the number line in the running program: what is not offered, how much one may have,
 * and what a person's verdict does at once at every door.
 *
 * ZAB1. A service that staff takes off the shelf is rented by nobody from then on, and offered
 *       again when it is put back.
 * ZAB2. Whoever has too many open hears when to come back, and no money moves.
 * ZAB3. Who gives nearly all back is banned by himself, told so in the words of each door, and let
 *       in again by a person's verdict.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ask, type Json } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

const supplier = 'handler_api'
const waitMs = 60_000
const openMax = 10
let stage: Stage
let engine: Engine
let admin: string
const demo = (): Json => JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))

before(async () => {
  stage = new Stage()
  await stage.startSandbox()
  engine = await stage.start()
  await stage.sql(`update number_supplier set active = code = '${supplier}',
    terms = '{"pollMs": 1000, "cancelAfterMs": 0}'`)
  const { username, password } = demo()['admin']
  const body = JSON.stringify({ username, password })
  const headers = { 'content-type': 'application/json' }
  const told = await ask(`${engine.http}/api/v1/auth/login`, { method: 'POST', headers, body })
  equal(told.status, 200, told.text)
  admin = told.body['data'].access_token
  await until('the catalogue', waitMs, async () => (await bot('getBalance')) !== '' && hasNumbers())
})
after(() => stage.close())

async function desk(method: string, path: string, body?: object): Promise<Json> {
  const answer = await ask(`${engine.http}/api/v1/admin${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${admin}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  equal(answer.status, 200, answer.text)
  return answer.body['data']
}

async function bot(action: string, fields: Record<string, string> = {}): Promise<string> {
  const query = new URLSearchParams({ api_key: demo()['reseller'].api_key, action, ...fields })
  const { status, text } = await ask(`${engine.http}/stubs/handler_api.php?${query}`)
  equal(status, 200)
  return text
}

const balance = async (): Promise<number> =>
  Number((await bot('getBalance')).replace('ACCESS_BALANCE:', ''))

const hasNumbers = async (): Promise<boolean> =>
  (await ask(`${engine.http}/api/v1/countries/whatsapp`)).status === 200

const rent = (orderId: string): Promise<string> =>
  bot('getNumberV2', { service: 'wa', country: '6', orderId })

test('abuse: a service taken off the shelf: rented by nobody, until it is back (ZAB1)', async () => {
  const before = await balance()
  await desk('POST', '/denied-services', { pattern: 'WhatsApp', reason: 'penipuan' })
  match(await rent('ditolak-1'), /^BAD_SERVICE$/)
  equal(await balance(), before)
  await desk('DELETE', '/denied-services', { pattern: 'whatsapp' })
  await until('the service to be back', waitMs, async () => {
    const text = await rent('ditolak-2')
    return text.startsWith('{') && text
  })
  equal((await desk('GET', '/denied-services'))['rows'].some(denies('whatsapp')), false)
  ok((await desk('GET', '/denied-services'))['rows'].some(denies('dana')))
})

const denies = (pattern: string) => (row: Json) => row['pattern'] === pattern

test('abuse: too many open: told to wait, and no money moves (ZAB2)', async () => {
  const { user_id } = demo()['reseller']
  await stage.sql(`update client set role = 'consumer' where id = $1`, [user_id])
  const ids: string[] = []
  for (let n = 1; n < openMax; n++) {
    const text = await rent(`banyak-${n}`)
    match(text, /^\{/, text)
    ids.push(String(JSON.parse(text).activationId))
  }
  const before = await balance()
  equal(await rent('banyak-lagi'), 'CHANNELS_LIMIT')
  equal(await rent('banyak-1').then(text => String(JSON.parse(text).activationId)), ids[0])
  equal(await balance(), before)
  const metrics = await ask(`${engine.http}/metrics`)
  match(metrics.text, /^laju_number_refused_total\{reason="open"\} [1-9]/m)
})

test('abuse: nearly all given back: banned, told so, and let in by a verdict (ZAB3)', async () => {
  const { user_id, username } = demo()['reseller']
  // A day of giving back, as it would stand there.
  await stage.sql(
    `insert into number_rental (key, user_id, address, service, country, at, how)
     select 'tes-' || n, $1, '127.0.0.1', 'whatsapp', 'indonesia', now(), 'given_back'
       from generate_series(1, 30) as n`,
    [user_id],
  )
  const { activeActivations } = JSON.parse(await bot('getActiveActivations'))
  const id = activeActivations[0].activationId
  await ask(`${stage.sandboxUrl}/_sandbox/clock`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ party: supplier, advance_ms: 3 * 60_000 }),
  })
  const { order_id } = await orderOf(user_id, id)
  const cancel = () => stage.demo(engine).send('POST', `/api/v1/orders/${order_id}/cancel`, '{}')
  equal((await cancel()).status, 200)
  const banned = await until('the ban', waitMs, async () => {
    const text = await bot('getBalance')
    return text.startsWith('BANNED') && text
  })
  match(banned, /^BANNED:\d{4}-\d\d-\d\d \d\d-\d\d-\d\d$/)
  const [review] = (await desk('GET', '/abuse?open=true'))['rows']
  deepEqual([review.username, review.why, review.verdict], [username, 'CANCEL_RATIO', null])
  const verdict = { verdict: 'clear', hours: 1, reason: 'pelanggan lama' }
  const decided = await desk('POST', `/abuse/${review.id}/decide`, verdict)
  equal(decided['verdict'], 'clear')
  await until('him to be let in', waitMs, async () =>
    (await bot('getBalance')).startsWith('ACCESS_BALANCE'),
  )
})

async function orderOf(userId: string, n: string): Promise<Json> {
  const [row] = await stage.sql<Json>(
    'select order_id from number_dialect_order where user_id = $1 and n = $2',
    [userId, n],
  )
  return row!
}
