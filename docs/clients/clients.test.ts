import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { bornAt, keyCard, orderView, Stage, trxId } from '../../gateway/scripted.fixture.ts'
import type { PlaceParams } from '../../services/contract/order.ts'
// @ts-expect-error: plain JavaScript, for people to copy
import { isWebhook, Laju, Refused, Unknown } from './laju.mjs'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

const order = { ref_id: 'A 1&2', product_code: 'XLD10', destination: '087800001230' }

const bill = {
  ...{ product: 'PLNPASCA', destination: '530000000001', customer: 'BUDI', periods: '202601' },
  ...{ amount: 100_000, admin: 2_500, detail: '', price: 101_500, token: 'a'.repeat(20) },
  expiresAt: bornAt,
}
const tally = {
  ...{ ref: 'A', total: 1, waiting: 1, placed: 0 },
  ...{ refused: 0, success: 0, failed: 0 },
}
const eventOf = (id: string) => ({ id, name: 'order.success', data: {} })

/** A server that is unwell for the first two askers. */
async function unwellStage(): Promise<Stage> {
  let asked = 0
  const stage = await Stage.open({
    'order.place': ({ ref, product, destination }: PlaceParams) => {
      asked++
      if (asked === 1) return { fault: 'OVERLOADED', retryAfterMs: 3_000 }
      if (asked === 2) throw new Error('broken')
      const placed = orderView({ ref, product, destination })
      return { ok: { order: placed, balance: 1, repeated: false } }
    },
    'order.get': ({ ref }) =>
      ref === order.ref_id
        ? { ok: orderView({ ref }) }
        : { refused: 'NOT_FOUND', moneyEffect: 'none' },
    'wallet.balance': () => ({ ok: { balance: 5, held: 2, available: 3 } }),
    'postpaid.inquire': () => ({ ok: { kind: 'bill', bill } }),
    'bulk.start': () => ({ ok: { jobId: trxId } }),
    'bulk.read': ({ after }) => ({ ok: { tally, rows: [], next: after } }),
    'live.since': ({ after }) =>
      after === '7'
        ? { ok: { events: [eventOf('8')], more: false } }
        : { ok: { events: [eventOf('6'), eventOf('7')], more: true } },
  })
  stages.push(stage)
  return stage
}

const sent = (stage: Stage): readonly string[] => stage.askedOf('order.place').map(one => one.ref)

test('client: Node: repeats the same ref_id until it is answered, and waits as asked', async () => {
  const stage = await unwellStage()
  const pauses: number[] = []
  const pause = async (ms: number) => void pauses.push(ms)
  const card = keyCard()
  const laju = new Laju({ url: stage.url, key: card.keyId, secret: card.secret, pause })
  equal((await laju.order(order)).ref_id, order.ref_id)
  deepEqual(sent(stage), [order.ref_id, order.ref_id, order.ref_id])
  ok(pauses[0]! >= 3_000)
  equal((await laju.find(order.ref_id)).ref_id, order.ref_id)
  equal((await laju.balance()).available, 3)
  await rejects(laju.find('other'), (error: unknown) => error instanceof Refused)
  equal(stage.askedOf('order.get').filter(({ ref }) => ref === 'other').length, 1)
})

test('client: Node: a bill, a list of orders, and what happened', async () => {
  const stage = await unwellStage()
  const card = keyCard()
  const pause = async () => {}
  const laju = new Laju({ url: stage.url, key: card.keyId, secret: card.secret, pause })
  const told = await laju.inquiry({ product_code: 'PLNPASCA', destination: bill.destination })
  equal((await laju.pay('bayar 1', told)).ref_id, 'bayar 1')
  const paid = stage.askedOf('order.place').at(-1)!
  equal(paid.inquiryToken, bill.token)
  const list = { ref_id: 'daftar', rows: [order] }
  equal((await laju.bulk(list)).bulk_id, trxId)
  equal((await laju.bulkRead(trxId, 4)).next_after, 4)
  const seen: string[] = []
  for await (const event of laju.events('5')) seen.push(event.id)
  deepEqual(seen, ['6', '7', '8'])
})

test('client: Node: nobody answers: unknown, never failed', async () => {
  const stage = await unwellStage()
  const { url } = stage
  await stage.close()
  stages.splice(stages.indexOf(stage), 1)
  const laju = new Laju({ url, key: 'k', secret: 's', tries: 2, pause: async () => {} })
  await rejects(laju.order(order), (error: unknown) => error instanceof Unknown)
})

const secret = `whsec_${Buffer.from('a key of a test, long enough').toString('base64')}`
const body = '{"type":"order.success","data":{"sn":"ü/1"}}'
const at = 1_700_000_000
const next = `whsec_${Buffer.from('the key that comes after it').toString('base64')}`

function signedBy(...secrets: string[]) {
  const signatures = secrets.map(one => {
    const key = Buffer.from(one.slice(6), 'base64')
    return `v1,${createHmac('sha256', key).update(`msg_1.${at}.${body}`).digest('base64')}`
  })
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(at),
    'webhook-signature': ['v1,AAAA', ...signatures].join(' '),
  }
}
const headers = signedBy(secret)
const rotated = signedBy(next, secret)

test('client: Node: webhook: the right one in time, and no other', () => {
  ok(isWebhook(headers, body, secret, at + 10))
  ok(!isWebhook(headers, body, secret, at + 400))
  ok(!isWebhook(headers, `${body} `, secret, at))
  ok(!isWebhook({ ...headers, 'webhook-id': 'msg_2' }, body, secret, at))
  ok(!isWebhook({}, body, secret, at))
  ok(!isWebhook({ ...headers, 'webhook-timestamp': '' }, body, secret, 10))
})

test('client: Node: webhook: while a secret is changed, the old and the new one both do', () => {
  for (const one of [secret, next]) ok(isWebhook(rotated, body, one, at))
  ok(isWebhook(headers, body, [next, secret], at))
  ok(!isWebhook(headers, body, next, at))
  const forged = signedBy('')
  for (const empty of ['', 'whsec_']) ok(!isWebhook(forged, body, empty, at))
})

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0
const folder = import.meta.dirname

/** Runs a program against a stage; it prints one line of JSON. */
async function told(program: string, code: string, stage: Stage): Promise<unknown> {
  const { keyId, secret: key } = keyCard()
  const env = { ...process.env, URL: stage.url, KEY: keyId, SECRET: key }
  const more = { ORDER: JSON.stringify(order), HEADERS: JSON.stringify(headers), BODY: body }
  const hooks = {
    ...{ HOOK: secret, NEXT: next },
    ...{ ROTATED: JSON.stringify(rotated), EMPTY: JSON.stringify(signedBy('')) },
  }
  const flag = program === 'php' ? '-r' : '-c'
  const child = spawn(program, [flag, code], {
    cwd: folder,
    env: { ...env, ...more, ...hooks, PYTHONDONTWRITEBYTECODE: '1' },
  })
  let out = ''
  let err = ''
  child.stdout.on('data', chunk => (out += chunk))
  child.stderr.on('data', chunk => (err += chunk))
  const status = await new Promise(resolve => child.once('close', resolve))
  equal(status, 0, err)
  return JSON.parse(out)
}

const expected = {
  ref: order.ref_id,
  available: 3,
  refused: 'NOT_FOUND',
  hook: [true, false, false],
  rotated: [true, true, true, false, false],
  paid: 'bayar 1',
  bulk: [trxId, 4],
  events: ['6', '7', '8'],
}

const python = `
import json, os
from laju import Laju, Refused, is_webhook
waits = []
laju = Laju(os.environ["URL"], os.environ["KEY"], os.environ["SECRET"], pause=waits.append)
order = json.loads(os.environ["ORDER"])
ref = laju.order(order)["ref_id"]
assert laju.find(order["ref_id"])["ref_id"] == ref
try:
    laju.find("other")
except Refused as error:
    refused = error.code
headers, body = json.loads(os.environ["HEADERS"]), os.environ["BODY"].encode()
hook, after = os.environ["HOOK"], os.environ["NEXT"]
rotated, empty = json.loads(os.environ["ROTATED"]), json.loads(os.environ["EMPTY"])
bill = laju.inquiry({"product_code": "PLNPASCA", "destination": "530000000001"})
print(json.dumps({"ref": ref, "available": laju.balance()["available"], "refused": refused,
    "hook": [is_webhook(headers, body, hook, ${at}), is_webhook(headers, body + b" ", hook, ${at}),
             is_webhook(headers, body, hook, ${at + 400})], "waits": waits,
    "rotated": [is_webhook(rotated, body, hook, ${at}), is_webhook(rotated, body, after, ${at}),
                is_webhook(headers, body, [after, hook], ${at}),
                is_webhook(headers, body, after, ${at}), is_webhook(empty, body, "whsec_", ${at})],
    "paid": laju.pay("bayar 1", bill)["ref_id"],
    "bulk": [laju.bulk({"ref_id": "daftar", "rows": [order]})["bulk_id"],
             laju.bulk_read("${trxId}", 4)["next_after"]],
    "events": [event["id"] for event in laju.events("5")]}))
`

test('client: Python: the same', { skip: !has('python3') && 'no python3' }, async () => {
  const stage = await unwellStage()
  const { waits, ...rest } = (await told('python3', python, stage)) as { waits: number[] }
  deepEqual(rest, expected)
  ok(waits[0]! >= 3)
  deepEqual(sent(stage), [order.ref_id, order.ref_id, order.ref_id, 'bayar 1'])
})

const php = `
require '${join(folder, 'Laju.php')}';
$waits = [];
$laju = new Laju(getenv('URL'), getenv('KEY'), getenv('SECRET'),
    pause: function (float $s) use (&$waits) { $waits[] = $s; });
$order = json_decode(getenv('ORDER'), true);
$ref = $laju->order($order)['ref_id'];
try { $laju->find('other'); } catch (LajuRefused $error) { $refused = $error->answer['error_code']; }
$headers = json_decode(getenv('HEADERS'), true);
$body = getenv('BODY');
[$hook, $after] = [getenv('HOOK'), getenv('NEXT')];
$rotated = json_decode(getenv('ROTATED'), true);
$empty = json_decode(getenv('EMPTY'), true);
$bill = $laju->inquiry(['product_code' => 'PLNPASCA', 'destination' => '530000000001']);
echo json_encode(['ref' => $laju->find($order['ref_id'])['ref_id'],
    'available' => $laju->balance()['available'], 'refused' => $refused,
    'hook' => [Laju::isWebhook($headers, $body, getenv('HOOK'), ${at}),
        Laju::isWebhook($headers, $body . ' ', getenv('HOOK'), ${at}),
        Laju::isWebhook($headers, $body, getenv('HOOK'), ${at + 400})], 'waits' => $waits,
    'rotated' => [Laju::isWebhook($rotated, $body, $hook, ${at}),
        Laju::isWebhook($rotated, $body, $after, ${at}),
        Laju::isWebhook($headers, $body, [$after, $hook], ${at}),
        Laju::isWebhook($headers, $body, $after, ${at}),
        Laju::isWebhook($empty, $body, 'whsec_', ${at})],
    'paid' => $laju->pay('bayar 1', $bill)['ref_id'],
    'bulk' => [$laju->bulk(['ref_id' => 'daftar', 'rows' => [$order]])['bulk_id'],
        $laju->bulkRead('${trxId}', 4)['next_after']],
    'events' => array_column(iterator_to_array($laju->events('5'), false), 'id')]);
`

test('client: PHP: the same', { skip: !has('php') && 'no php' }, async () => {
  const stage = await unwellStage()
  const { waits, ...rest } = (await told('php', php, stage)) as { waits: number[] }
  deepEqual(rest, expected)
  ok(waits[0]! >= 3)
  deepEqual(sent(stage), [order.ref_id, order.ref_id, order.ref_id, 'bayar 1'])
})
