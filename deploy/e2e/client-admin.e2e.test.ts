/**
 * An owner and one of his clients: made, limited, suspended and closed while the client goes on
 * asking, over HTTP and on the command line; and his order found by the number that was topped up.
 *
 * KLI1. When a suspension or a new allow list has been answered, the client's very next request
 *       meets it.
 * KLI2. What the command line changes is heard by the running engine, and what could not be done is
 *       not claimed.
 * KLI3. Staff finds an order by its destination, whoever placed it, and reads what the supplier was
 *       sent and said.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Json, type Keys, Reseller } from './reseller.ts'
import { Stage, until } from './stage.ts'

const msMax = 60_000
let stage: Stage
let admin: Reseller
let shop: Reseller
const clients = '/api/v1/admin/clients'
const reason = 'tidak membalas telepon'

before(async () => {
  stage = new Stage()
  await stage.startSandbox()
  const engine = await stage.start()
  admin = stage.demo(engine, 'admin')
  const made = await admin.send('POST', clients, JSON.stringify({ name: 'Toko', order_rate: 0 }))
  equal(made.status, 200, made.text)
  shop = new Reseller(engine.http, made.body['data'] as unknown as Keys)
})
after(() => stage.close())

const dataOf = (body: Json) => body['data'] as Json
const mine = () => `${clients}/${shop.keys.username}`
const code = async () => (await shop.get('/api/v1/balance')).body['error_code']

async function change(verb: string, word: object): Promise<Json> {
  const [method, path] = verb === '' ? ['PUT', mine()] : ['POST', `${mine()}/${verb}`]
  const { status, text, body } = await admin.send(method!, path!, JSON.stringify(word))
  equal(status, 200, text)
  return dataOf(body)
}

test('client admin: suspended, let in again, limited to an address: the next request meets it (KLI1)', async () => {
  equal(await code(), undefined)
  for (let round = 0; round < 5; round++) {
    await change('suspend', { reason })
    equal(await code(), 'CLIENT_SUSPENDED')
    await change('activate', { reason })
    equal(await code(), undefined)
  }
  let { version } = dataOf((await admin.get(mine())).body)
  for (const [list, expected] of [
    [['203.0.113.0/24'], 'FORBIDDEN'],
    [['203.0.113.0/24', '127.0.0.0/8', '::1'], undefined],
    [['203.0.113.7'], 'FORBIDDEN'],
    [[], undefined],
  ] as const) {
    ;({ version } = await change('', { version, ip_allow: list }))
    equal(await code(), expected)
  }
  const stale = JSON.stringify({ version: 1, level: 3 })
  equal((await admin.send('PUT', mine(), stale)).body['error_code'], 'STALE_VERSION')
})

test('client admin: an order of anybody: found by its number, with what was sent and said (KLI3)', async () => {
  const username = shop.keys.username
  const paid = await stage.cli([
    ...['deposit', '--username', username, '--amount', '50000', '--ref', 'k-1'],
  ])
  equal(paid.code, 0, paid.stderr)
  const destination = '087812340001'
  const wish = { ref_id: 'K-1', product_code: 'XLD10', destination }
  const placed = dataOf((await shop.order(wish)).body)
  const row = await until('the order is found as a success', msMax, async () => {
    const { body } = await admin.get(`/api/v1/admin/transactions?destination=${destination}`)
    const [found] = dataOf(body)['rows'] as unknown as Json[]
    return found?.['status'] === 'SUCCESS' && found
  })
  deepEqual([row['trx_id'], row['username']], [placed['trx_id'], username])
  const one = dataOf((await admin.get(`/api/v1/admin/transactions/${placed['trx_id']}`)).body)
  const [attempt] = one['attempts'] as unknown as Json[]
  match(String((attempt!['request'] as Json)['body']), /"sign":"\*\*\*"/)
  ok(String(attempt!['reply']).includes(String(one['sn'])))
})

test('client admin: the command line: heard at once, and honest about what it could not do (KLI2)', async () => {
  const username = shop.keys.username
  const user = (...args: string[]) =>
    stage.cli(['user', ...args, '--username', username, '--by', 'bos'])
  equal((await user('change', '--ip', '203.0.113.0/24', '--level', '2')).code, 0)
  await until('it may not come from here', msMax, async () => (await code()) === 'FORBIDDEN')
  equal((await user('change', '--ip', '', '--name', 'Toko Ani')).code, 0)
  await until('it may come from here', msMax, async () => (await code()) === undefined)
  const wrong = await user('change', '--ip', '203.0.113.0/99')
  deepEqual([wrong.code, wrong.stdout], [2, ''])
  match(wrong.stderr, /203\.0\.113\.0\/99 is neither an address nor a range/)
  equal((await user('change')).code, 2)

  const rich = await user('close', '--reason', reason)
  equal(rich.code, 1)
  equal(JSON.parse(rich.stdout).refused, 'CLIENT_HAS_MONEY')
  equal(dataOf((await admin.get(mine())).body)['status'], 'active')

  const [poor] = JSON.parse((await stage.cli(['user', 'create', '--json'])).stdout) as Keys[]
  const of = ['--username', poor!.username]
  equal((await stage.cli(['user', 'close', ...of])).code, 0)
  for (const [verb, said] of [
    ['activate', / is closed, and stays so\./],
    ['change', / is closed: nothing was changed\./],
  ] as const) {
    const told = await stage.cli([
      'user',
      verb,
      ...of,
      ...(verb === 'change' ? ['--level', '1'] : []),
    ])
    deepEqual([told.code, told.stdout], [1, ''])
    match(told.stderr, said)
  }
  const { rows } = dataOf((await admin.get(`${mine()}/history?limit=2`)).body)
  deepEqual(
    (rows as unknown as Json[]).map(row => [row['what'], row['by']]),
    [
      ['changed', 'bos'],
      ['changed', 'bos'],
    ],
  )
})
