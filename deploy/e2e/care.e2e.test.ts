/**
 * An order that its supplier neither sells nor denies, and the people around it: one holds it,
 * looks, and sends it elsewhere; its client complains, is answered and gets his money back; and
 * afterwards everything can be read line by line.
 *
 * CRI1. Held, judged and sent elsewhere it is bought there once, and nowhere else.
 * CRI2. A complaint that is upheld gives the money back once, and the client's server hears of it.
 * CRI3. The command line does the same by the same door, and the journal verifies.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { type Answer, type Json, Oracle, type Reseller } from './reseller.ts'
import { atRest, type Engine, Stage, until } from './stage.ts'

const msMax = 60_000
let stage: Stage
let engine: Engine
let oracle: Oracle
let admin: Reseller
let reseller: Reseller
const heard: Json[] = []
const server = createServer(async (request, response) => {
  let text = ''
  for await (const part of request) text += part
  heard.push(JSON.parse(text))
  response.end()
})

before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stage = new Stage()
  oracle = new Oracle(await stage.startSandbox())
  engine = await stage.start()
  admin = stage.demo(engine, 'admin')
  ;[reseller] = (await stage.resellers(engine, { count: 1, deposit: 1_000_000 })) as [Reseller]
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  const events = ['complaint.answered', 'complaint.decided']
  equal((await post(reseller, '/api/v1/webhooks', { url, events })).status, 200)
  await stage.sql('update supplier set recheck_after_ms = 2000, timeout_ms = 1000')
})
after(async () => {
  server.closeAllConnections()
  server.close()
  await stage.close()
})

const post = (who: Reseller, path: string, body: Json): Promise<Answer> =>
  who.send('POST', path, JSON.stringify(body))
const reason = 'Pemasok belum menjawab, dicek lewat telepon'

async function place(ref: string, destination: string): Promise<string> {
  const placed = await reseller.order({ ref_id: ref, product_code: 'XLD10', destination })
  equal(placed.status, 200, placed.text)
  return placed.body['data'].trx_id
}

const attemptsOf = async (id: string): Promise<Json[]> => {
  const { body, text, status } = await reseller.get(`/api/v1/transactions/${id}`)
  equal(status, 200, text)
  return body['data'].attempts
}

/** While a question is out, its answer decides: asked again until none is. */
async function insist(path: string, body: Json): Promise<Answer> {
  let answer: Answer | undefined
  await until('a moment without a call', msMax, async () => {
    answer = await post(admin, path, body)
    return answer.body['error_code'] !== 'ORDER_BUSY'
  })
  return answer!
}

let first = ''

test('care: held and sent elsewhere: bought there, once (CRI1)', async () => {
  await oracle.faults({ party: 'digiflazz', timeout_without_sale: 1, timeout_seconds: 2 })
  first = await place('care-1', '087812340001')
  const door = `/api/v1/admin/transactions/${first}`
  await until('silence', msMax, async () => (await attemptsOf(first))[0]!['outcome'] === 'unknown')
  const held = await post(admin, `${door}/hold`, { reason })
  equal(held.status, 200, held.text)
  equal(held.body['data'].held.by, admin.keys.user_id)
  equal((await post(reseller, `${door}/hold`, { reason })).status, 403)
  await until('its place in the queue', msMax, async () => {
    const { body } = await admin.get('/api/v1/admin/attention')
    const row = body['data'].rows.find((one: Json) => one['trx_id'] === first)
    return row?.attention === 'HELD'
  })
  const unsure = await insist(`${door}/reroute`, { reason, supplier: 'digiflazz2' })
  equal(unsure.body['error_code'], 'ATTEMPT_UNKNOWN', unsure.text)
  const judged = { reason, supplier: 'digiflazz2', not_sold: true }
  const sent = await insist(`${door}/reroute`, judged)
  equal(sent.status, 200, sent.text)
  await atRest(engine.http)
  deepEqual(
    (await attemptsOf(first)).map(one => one['outcome']),
    ['failed', 'success'],
  )
  const sales = (await oracle.sales()).filter(sale => sale.status === 'success')
  deepEqual(
    sales.map(sale => [sale.supplier, sale.target, sale.times]),
    [['digiflazz2', '087812340001', 1]],
  )
})

test('care: a complaint: answered, upheld, paid back once, and heard of (CRI2)', async () => {
  const before = await reseller.balance()
  const words = { trx_id: first, reason: 'not_received', text: 'Paket belum masuk.' }
  const opened = await post(reseller, '/api/v1/complaints', words)
  equal(opened.status, 200, opened.text)
  const id = opened.body['data'].complaint_id
  const again = await post(reseller, '/api/v1/complaints', { ...words, reason: 'other' })
  equal(again.body['data'].complaint_id, id)
  const desk = `/api/v1/admin/complaints/${id}`
  const file = await admin.get(desk)
  deepEqual(
    file.body['data'].evidence.attempts.map((one: Json) => one['supplier']),
    ['digiflazz', 'digiflazz2'],
  )
  equal((await post(admin, `${desk}/answer`, { text: 'Kami cek dulu, ya.' })).status, 200)
  const verdict = { verdict: 'upheld', text: 'Pemasok mengakui.', order: 'refund' }
  const decided = await post(admin, `${desk}/decide`, verdict)
  equal(decided.status, 200, decided.text)
  const twice = await post(admin, `${desk}/decide`, verdict)
  equal(twice.body['error_code'], 'COMPLAINT_CLOSED')
  const price = Number(file.body['data'].order.price)
  equal((await reseller.balance()).available, before.available + price)
  const own = await reseller.get(`/api/v1/complaints/${id}`)
  deepEqual([own.body['data'].state, own.body['data'].order.status], ['upheld', 'REFUND'])
  await until('both words', msMax, () => heard.length >= 2)
  deepEqual(
    heard.map(one => [one['type'], one['data'].complaint_id]),
    [
      ['complaint.answered', id],
      ['complaint.decided', id],
    ],
  )
})

test('care: history: line by line, to any of them (CRI1)', async () => {
  const path = `/api/v1/admin/transactions/${first}/history`
  const { entries } = (await admin.get(path)).body['data']
  const commands: string[] = entries.map((one: Json) => one['command'])
  ok(commands.includes('hold') && commands.includes('reroute'), commands.join())
  deepEqual([commands[0], commands.at(-1)], ['place', 'resolve'])
  const [{ seq }] = entries.slice(-2)
  const until = (await admin.get(`${path}?at=${seq}`)).body['data'].entries
  equal(until.at(-1).order.status, 'SUCCESS')
  equal(entries.at(-1).order.status, 'REFUND')
  const purse = (entry: Json) =>
    entry['accounts'].find((one: Json) => one['account'] === `wallet:${reseller.keys.user_id}`)
  deepEqual([purse(entries[0]).balance, purse(entries.at(-1)).balance], [1_000_000, 1_000_000])
})

test('care: the command line: the same door, and the journal is sound (CRI3)', async () => {
  const second = await place('care-2', '087812340002')
  await until('silence', msMax, async () => (await attemptsOf(second))[0]!['outcome'] === 'unknown')
  const by = ['--reason', reason, '--by', 'cici']
  equal((await stage.cli(['order', 'hold', second])).code, 2)
  equal((await stage.cli(['order', 'hold', second, ...by])).code, 0)
  equal((await stage.cli(['order', 'release', second, ...by])).code, 0)
  await oracle.faults({})
  // By itself it would ask again a minute later; a person need not wait for that.
  await until('an answer', msMax, async () => {
    await stage.cli(['order', 'recheck', second, ...by])
    return (await attemptsOf(second))[0]!['outcome'] === 'success'
  })
  await atRest(engine.http)
  const verified = await stage.cli(['verify'])
  equal(verified.code, 0, verified.stdout + verified.stderr)
})
