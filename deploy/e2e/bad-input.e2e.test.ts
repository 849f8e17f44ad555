/**
 * What strangers send: too much, too deep, not quite JSON, numbers that are no amounts, proofs that
 * prove nothing. Each gets its answer, nobody's money moves, and the next one is served.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { type Answer, ask, type Json, type Reseller } from './reseller.ts'
import { atRest, type Engine, gauge, Stage, until } from './stage.ts'

const path = '/api/v1/transactions'
let stage: Stage
let engine: Engine
let reseller: Reseller
let wallet: Json
let served = 0

before(async () => {
  stage = new Stage()
  engine = await stage.start()
  reseller = stage.demo(engine)
  wallet = await reseller.balance()
})
after(() => stage.close())

/** After every assault: it lives, serves the next order, and has moved no other money. */
beforeEach(async () => {
  equal((await ask(`${engine.http}/health/ready`)).status, 200)
  const placed = await reseller.order({
    ...{ ref_id: `good ${served++}`, product_code: 'BENCH10', destination: '081111111111' },
  })
  equal(placed.status, 200, placed.text)
  await atRest(engine.http)
  const { price } = placed.body['data']
  const now = await reseller.balance()
  deepEqual(now, {
    ...wallet,
    balance: wallet['balance'] - price,
    available: wallet['available'] - price,
  })
  wallet = now
})

const order = { ref_id: 'bad', product_code: 'BENCH10', destination: '081111111111' }
const bodyOf = (change: string): string => `${JSON.stringify(order).slice(0, -1)},${change}}`

function refused(answer: Answer, status: number, code: string): void {
  equal(answer.status, status, answer.text)
  equal(answer.body['status'], 'error')
  equal(answer.body['error_code'], code, answer.text)
  equal(answer.body['retryable'], false)
  // With a proof or a key that was good once, the order may have been taken: nothing is claimed.
  const mayStand = ['NONCE_REUSED', 'TIMESTAMP_SKEWED', 'KEY_UNKNOWN'].includes(code)
  equal(answer.body['money_effect'], mayStand ? undefined : 'none')
  match(answer.body['message'], /\.$/)
  ok(answer.body['request_id'] !== undefined)
}

test('bad input: far too much: refused before it is read whole (ZE5, ZE10)', async () => {
  const huge = Buffer.alloc(10 * 1024 * 1024, ' ')
  refused(await reseller.send('POST', path, huge), 413, 'BODY_TOO_LARGE')
  // Announced, and never sent.
  const announced = await talk(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
      'Content-Length: 10485760\r\n\r\n',
  )
  match(announced, /^HTTP\/1\.1 413 /)
  // A stranger's is not read either.
  const stranger = await ask(engine.http + path, { method: 'POST', body: huge })
  equal(stranger.status, 413)
  const digiflazz = await ask(`${engine.http}/h2h/v1/transaction`, { method: 'POST', body: huge })
  equal(digiflazz.status, 413)
  equal(digiflazz.body['data'].rc, '40')
  const callback = `${engine.http}/api/v1/callbacks/supplier/digiflazz`
  equal((await ask(callback, { method: 'POST', body: huge })).status, 413)
})

test('bad input: what is not strictly JSON: refused with the place of it (ZE5, ZE10)', async () => {
  const deep = `${'['.repeat(1_000)}${']'.repeat(1_000)}`
  const cases: readonly [body: string | Buffer, problem: string][] = [
    [bodyOf(`"x":${deep}`), 'too_deep'],
    [deep, 'too_deep'],
    [bodyOf('"ref_id":"other"'), 'duplicate_key'],
    [bodyOf('"max_price":1e21'), 'number_not_whole'],
    [bodyOf('"max_price":1.5'), 'number_not_whole'],
    [bodyOf('"max_price":9007199254740993'), 'number_too_large'],
    [bodyOf('"max_price":NaN'), 'not_json'],
    [bodyOf('"max_price":Infinity'), 'not_json'],
    [bodyOf('"max_price":0x10'), 'not_json'],
    [bodyOf('"max_price":01'), 'not_json'],
    [JSON.stringify(order).slice(0, -1), 'not_json'],
    [`${JSON.stringify(order)}{}`, 'not_json'],
    ['', 'not_json'],
    ['\u0000', 'not_json'],
    [Buffer.from([0x22, 0xff, 0xfe, 0x22]), 'not_utf8'],
  ]
  for (const [body, problem] of cases) {
    const answer = await reseller.send('POST', path, body)
    refused(answer, 400, 'VALIDATION_FAILED')
    equal(answer.body['details'].problem, problem, String(body).slice(0, 200))
  }
})

test('bad input: JSON of the wrong shape: refused field by field (ZE5, ZE10)', async () => {
  const cases: readonly [body: Json | null, field: string][] = [
    [{ ...order, max_price: -1 }, 'max_price'],
    [{ ...order, max_price: 0 }, 'max_price'],
    [{ ...order, max_price: '10000' }, 'max_price'],
    [{ ...order, destination: 81111111111 }, 'destination'],
    [{ ...order, destination: '' }, 'destination'],
    [{ ...order, destination: '0'.repeat(65) }, 'destination'],
    [{ ...order, product_code: "'; drop table journal; --" }, 'product_code'],
    [{ ...order, product_code: null }, 'product_code'],
    [{ ...order, ref_id: 'x'.repeat(65) }, 'ref_id'],
    [{ ...order, ref_id: ' bad' }, 'ref_id'],
    [{ ...order, ref_id: 'a\u0000b' }, 'ref_id'],
    [{ ...order, ref_id: { toString: 'bad' } }, 'ref_id'],
    [{ ...order, callback_url: 'file:///etc/passwd' }, 'callback_url'],
    [{ ...order, callback_url: 'http://me:secret@127.0.0.1/' }, 'callback_url'],
    [{ product_code: 'BENCH10', destination: '081111111111' }, 'ref_id'],
    [[order], ''],
    [null, ''],
  ]
  for (const [body, field] of cases) {
    const answer = await reseller.send('POST', path, JSON.stringify(body))
    refused(answer, 400, 'VALIDATION_FAILED')
    const fields = answer.body['details'].fields.map((one: Json) => one['field'])
    ok(fields.includes(field), `${JSON.stringify(body)}: ${answer.text}`)
  }
  const plain = { 'content-type': 'text/plain' }
  const body = JSON.stringify(order)
  refused(await reseller.send('POST', path, body, plain), 415, 'CONTENT_TYPE_UNSUPPORTED')
})

test('bad input: proofs that prove nothing: refused, the clock is told (ZE5, ZE10)', async () => {
  const body = JSON.stringify(order)
  const signed = reseller.sign('POST', path, body)
  const flipped = signed['x-signature']!.replace(/^./, digit => (digit === '0' ? '1' : '0'))
  const sent = (headers: Record<string, string>, what = body) =>
    reseller.send('POST', path, what, headers)
  refused(await sent({ 'x-signature': flipped }), 401, 'SIGNATURE_INVALID')
  refused(await sent({ 'x-signature': 'zz' }), 401, 'SIGNATURE_INVALID')
  refused(await sent({ 'x-signature': '' }), 401, 'SIGNATURE_INVALID')
  refused(await sent(signed, `${body} `), 401, 'SIGNATURE_INVALID')
  refused(await sent(reseller.sign('GET', path, body)), 401, 'SIGNATURE_INVALID')
  refused(await sent(reseller.sign('POST', `${path}/`, body)), 401, 'SIGNATURE_INVALID')
  refused(await sent({ ...signed, 'x-api-key': 'lk_nobody' }), 401, 'KEY_UNKNOWN')
  refused(await sent({ ...signed, 'x-api-key': "' or 1=1" }), 401, 'KEY_UNKNOWN')

  for (const skewMs of [-6 * 60_000, 6 * 60_000, -400 * 86_400_000]) {
    const before = Math.floor(Date.now() / 1_000)
    const answer = await sent(reseller.sign('POST', path, body, { at: Date.now() + skewMs }))
    refused(answer, 401, 'TIMESTAMP_SKEWED')
    const told = answer.body['details'].server_time
    ok(told >= before && told <= Date.now() / 1_000, answer.text)
  }
  refused(await sent({ ...signed, 'x-timestamp': 'now' }), 401, 'TIMESTAMP_SKEWED')
})

test('bad input: a nonce again: refused, and bought once (ZE2, ZE5, ZE10)', async () => {
  const wish = { ...order, ref_id: 'nonce' }
  const body = JSON.stringify(wish)
  const signed = reseller.sign('POST', path, body, { nonce: 'only-once' })
  const placed = await reseller.send('POST', path, body, signed)
  equal(placed.status, 200, placed.text)
  const { price } = placed.body['data']
  for (let n = 0; n < 3; n++) {
    refused(await reseller.send('POST', path, body, signed), 401, 'NONCE_REUSED')
  }
  // Another's nonce is another nonce, and one that was never proven is still fresh.
  const forged = { ...reseller.sign('POST', path, body, { nonce: 'next' }), 'x-signature': '00' }
  refused(await reseller.send('POST', path, body, forged), 401, 'SIGNATURE_INVALID')
  const next = reseller.sign('POST', path, body, { nonce: 'next' })
  const again = await reseller.send('POST', path, body, next)
  equal(again.status, 200, again.text)
  equal(again.body['data'].trx_id, placed.body['data'].trx_id)
  await atRest(engine.http)
  const now = await reseller.balance()
  equal(now.balance, wallet['balance'] - price)
  wallet = now
})

test('bad input: callbacks that nobody signed: no order believes them (ZE5, ZE10)', async () => {
  const url = `${engine.http}/api/v1/callbacks/supplier/`
  const placed = await reseller.order({ ...order, ref_id: 'forged' })
  const ref = `L${placed.body['data'].trx_id.replaceAll('-', '')}-1`
  await atRest(engine.http)
  const lie = JSON.stringify({
    data: {
      ...{ ref_id: ref, customer_no: order.destination, buyer_sku_code: 'bench10', sn: 'x' },
      ...{ message: 'Transaksi Gagal', status: 'Gagal', rc: '02', price: 0 },
    },
  })
  for (const [supplier, signature] of [
    ['digiflazz', ''],
    ['digiflazz', `sha1=${'0'.repeat(40)}`],
    ['digiflazz', 'sha1='],
    ['nobody', `sha1=${'0'.repeat(40)}`],
  ] as const) {
    const headers = { 'content-type': 'application/json', 'x-hub-signature': signature }
    const answer = await ask(url + supplier, { method: 'POST', headers, body: lie })
    ok([401, 403, 404].includes(answer.status), `${supplier} ${signature}: ${answer.text}`)
  }
  await ask(`${url}digiflazz`, { method: 'POST', body: '\u0000'.repeat(1_000) })
  const after = await reseller.get(`${path}?ref_id=forged`)
  equal(after.body['data'].status, 'SUCCESS')
  equal(after.body['data'].disputed, false)
  wallet = await reseller.balance()
})

test('bad input: questions and paths that make no sense: an answer each (ZE10)', async () => {
  const asked: readonly [path: string, status: number][] = [
    [`${path}/01a1fb65-d0eb-7074-b678-42e23afa28d6`, 404],
    [`${path}/not-an-id`, 404],
    [`${path}/..%2f..%2fetc%2fpasswd`, 404],
    [`${path}?ref_id=`, 400],
    [`${path}?limit=0`, 400],
    [`${path}?cursor=%00`, 400],
    [`${path}?status=wild`, 400],
    [`${path}?ref_id=none`, 404],
    ['/api/v1/mutations?limit=0', 400],
    ['/api/v1/mutations?limit=1000000', 400],
    ['/api/v1/mutations?cursor=%00', 400],
    ['/api/v1/mutations?cursor=1-1-1', 404],
    ['/api/v1/mutations?from=yesterday', 400],
    ['/api/v1/nothing', 404],
  ]
  for (const [what, status] of asked) {
    const answer = await reseller.get(what)
    equal(answer.status, status, `${what}: ${answer.text}`)
    equal(answer.body['status'], 'error')
  }
  const put = await reseller.send('PUT', path, '{}')
  equal(put.status, 405)
  match(String(put.headers['allow']), /POST/)
})

test('bad input: bytes that are no HTTP, and hands that never finish: others are served (ZE10)', async () => {
  for (const noise of ['\u0016\u0003\u0001\u0002', 'GET\r\n\r\n', 'POST / HTTP/9.9\r\n\r\n']) {
    await talk(noise)
  }
  const url = new URL(engine.http)
  const idle = Array.from({ length: 50 }, () => connect(Number(url.port), url.hostname))
  await Promise.all(idle.map(socket => once(socket, 'connect')))
  for (const socket of idle) {
    socket.on('error', () => {})
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{`)
  }
  const placed = await reseller.order({ ...order, ref_id: 'beside the slow' })
  equal(placed.status, 200)
  for (const socket of idle) socket.destroy()
  await atRest(engine.http)
  wallet = await reseller.balance()
})

test('bad input: afterwards: nothing was bought but the good, nothing broke (ZE4, ZE5, ZE10)', async () => {
  const [{ count }] = (await stage.sql<{ count: string }>('select count(*) from order_view')) as [
    { count: string },
  ]
  // One before each test, and those which the tests placed on purpose.
  equal(Number(count), served + 3)
  equal(await gauge(engine.http, 'laju_violations_total'), 0)
  const { code, stdout } = await stage.cli(['verify'])
  equal(code, 0, stdout)
})

/** Raw bytes, and what comes back until the other side closes or has said enough. */
async function talk(bytes: string): Promise<string> {
  const url = new URL(engine.http)
  const socket = connect(Number(url.port), url.hostname)
  socket.on('error', () => {})
  let text = ''
  socket.setEncoding('latin1').on('data', chunk => (text += chunk))
  await once(socket, 'connect')
  socket.write(bytes, 'latin1')
  await until('an answer or the end', 20_000, () => text.includes('\r\n\r\n') || socket.closed)
  socket.destroy()
  return text
}
