import { deepEqual, equal, match, notEqual } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { Agenda } from './agenda.ts'
import { Buyer, Ear } from './counterpart.fixture.ts'
import { signatureOf } from './digiflazz-till.ts'
import { Webhooks } from './webhook.ts'

const pendingOk = { buyer_sku_code: 'xld10', customer_no: '087800001233' }

async function open(
  t: { after: (f: () => unknown) => void },
  options: { status?: (count: number) => number; account?: object } = {},
) {
  const ear = await Ear.open(options.status)
  const account = { webhook_url: ear.url, webhook_secret: 'secret', ...options.account }
  const buyer = await Buyer.open(account)
  t.after(() => ear.close())
  t.after(() => buyer.close())
  return { ear, buyer }
}

test('webhook: signature: the vector of the reference (X20)', () => {
  equal(
    signatureOf('secret', '{"data":{"ref_id":"ref-1","status":"Sukses","rc":"00"}}'),
    'sha1=6b81431bed0309eaf2476d8af80bc72a92c54032',
  )
})

test('webhook: an update: signed over the raw bytes, documented headers (X20)', async t => {
  const { ear, buyer } = await open(t)
  const ref = 'réf "1"'
  await buyer.topup(ref, pendingOk)
  await buyer.oracle('clock', { advance_ms: 10_000 })
  const { headers, body, data } = await ear.next()
  const sign = createHmac('sha1', 'secret').update(Buffer.from(body)).digest('hex')
  equal(headers['x-hub-signature'], `sha1=${sign}`)
  equal(headers['x-digiflazz-event'], 'update')
  equal(headers['user-agent'], 'Digiflazz-Hookshot')
  equal(headers['content-type'], 'application/json')
  match(String(headers['x-digiflazz-delivery']), /^[0-9a-f-]{36}$/)
  equal(data['ref_id'], ref)
  equal(data['status'], 'Sukses')
  equal(data['sn'], (await buyer.sales(ref))[0]!['sn'])
})

test('webhook: no secret: no signature header (X20)', async t => {
  const { ear, buyer } = await open(t, { account: { webhook_secret: null } })
  await buyer.topup('a', pendingOk)
  await buyer.oracle('clock', { advance_ms: 10_000 })
  const { headers } = await ear.next()
  equal(headers['x-hub-signature'], undefined)
})

test('webhook: a bill: the postpaid user agent, the body of the payment (X20)', async t => {
  const { ear, buyer } = await open(t)
  const bill = { buyer_sku_code: 'pln', customer_no: '630000000001', ref_id: 'a' }
  await buyer.pasca('inq-pasca', bill)
  await buyer.pasca('pay-pasca', bill)
  await buyer.oracle('clock', { advance_ms: 10_000 })
  const { headers, data } = await ear.next()
  equal(headers['user-agent'], 'Digiflazz-Pasca-Hookshot')
  equal(data['periode'], 'JUN 2026')
})

test('webhook: events: only changes of state, creations behind the switch (X21)', async t => {
  const { ear, buyer } = await open(t)
  await buyer.topup('silent')
  await buyer.topup('pending', pendingOk)
  await buyer.oracle('clock', { advance_ms: 10_000 })
  equal((await ear.next()).data['ref_id'], 'pending')
  await buyer.faults({ create_events: true })
  await buyer.topup('loud')
  const { headers, data } = await ear.next()
  equal(headers['x-digiflazz-event'], 'create')
  equal(data['ref_id'], 'loud')
  equal(ear.unheard, 0)
})

test('webhook: cb_url of the order: is called instead of the account’s (X21)', async t => {
  const { ear, buyer } = await open(t)
  const own = await Ear.open()
  t.after(() => own.close())
  await buyer.topup('a', { ...pendingOk, cb_url: own.url })
  await buyer.oracle('clock', { advance_ms: 10_000 })
  equal((await own.next()).data['ref_id'], 'a')
  equal(ear.unheard, 0)
  equal((await buyer.topup('b', { cb_url: 'ftp://x' })).data['rc'], '40')
})

test('webhook: duplicates: as many as asked for, each delivery with its own id (X21)', async t => {
  const { ear, buyer } = await open(t)
  await buyer.faults({ duplicate_callback: { p: 1, times: 3 } })
  await buyer.topup('a', pendingOk)
  await buyer.oracle('clock', { advance_ms: 10_000 })
  const heard = [await ear.next(), await ear.next(), await ear.next()]
  equal(new Set(heard.map(({ body }) => body)).size, 1)
  equal(new Set(heard.map(({ headers }) => headers['x-digiflazz-delivery'])).size, 3)
})

test('webhook: none: no_callback keeps silent, the status still tells (X21)', async t => {
  const { ear, buyer } = await open(t)
  await buyer.faults({ no_callback: 1 })
  await buyer.topup('a', pendingOk)
  await buyer.oracle('clock', { advance_ms: 10_000 })
  await buyer.faults({})
  await buyer.topup('b', pendingOk)
  await buyer.oracle('clock', { advance_ms: 10_000 })
  equal((await ear.next()).data['ref_id'], 'b')
  equal((await buyer.topup('a', pendingOk)).data['rc'], '00')
})

test('webhook: before the reply: heard while the first call still waits (X21)', async t => {
  const { ear, buyer } = await open(t)
  await buyer.faults({ callback_before_reply: 1 })
  const order: string[] = []
  const heard = ear.next().then(hook => {
    order.push('callback')
    return hook
  })
  const { data } = await buyer.topup('a', pendingOk)
  order.push('reply')
  deepEqual(order, ['callback', 'reply'])
  equal(data['status'], 'Pending')
  equal((await heard).data['status'], 'Sukses')
  equal((await buyer.topup('a', pendingOk)).data['status'], 'Sukses')
})

test('webhook: late success and refund: are updates like any other (X21)', async t => {
  const { ear, buyer } = await open(t)
  await buyer.faults({ refuse: 1, late_success_after_failure: { p: 1, seconds: 60 } })
  await buyer.topup('a')
  await buyer.oracle('clock', { advance_ms: 61_000 })
  equal((await ear.next()).data['rc'], '00')
  await buyer.faults({ refund_after_success: { p: 1, seconds: 60 } })
  await buyer.topup('b')
  await buyer.oracle('clock', { advance_ms: 61_000 })
  equal((await ear.next()).data['rc'], '74')
})

test('webhook: a 5xx: the same bytes again until they are taken (X10)', async t => {
  const { ear, buyer } = await open(t, { status: count => (count < 3 ? 503 : 200) })
  await buyer.faults({ callback_retry: { times: 5, first_seconds: 0 } })
  await buyer.topup('a', pendingOk)
  await buyer.oracle('clock', { advance_ms: 10_000 })
  const bodies = [await ear.next(), await ear.next(), await ear.next()].map(({ body }) => body)
  equal(new Set(bodies).size, 1)
})

const deliveryTo = (url: string, retries: number, done: () => void) => ({
  url,
  headers: {},
  body: '{"data":{}}',
  retries,
  pauseMs: 1,
  agenda: new Agenda(() => performance.now()),
  done,
})

test('webhook: nobody listens: given up after its retries; a 4xx is final (X10)', async t => {
  const ear = await Ear.open(() => 404)
  const webhooks = new Webhooks()
  t.after(() => webhooks.close())
  await new Promise<void>(resolve => webhooks.send(deliveryTo(ear.url, 5, resolve)))
  equal(webhooks.counts().refused, 1)
  ear.close()
  await new Promise<void>(resolve => webhooks.send(deliveryTo(ear.url, 0, resolve)))
  equal(webhooks.counts().given_up, 1)
})

test('webhook: more than the queue holds: dropped and counted, the rest lands (X11)', async t => {
  const ear = await Ear.open()
  const webhooks = new Webhooks({ queueMax: 10 })
  t.after(() => webhooks.close())
  t.after(() => ear.close())
  let left = 200
  await new Promise<void>(resolve => {
    const done = () => {
      if (--left === 0) resolve()
    }
    for (let count = 0; count < 200; count++) webhooks.send(deliveryTo(ear.url, 0, done))
  })
  const { delivered, dropped, waiting } = webhooks.counts()
  equal(delivered + dropped, 200)
  equal(dropped, 200 - 128 - 10)
  equal(waiting, 0)
})

test('webhook: ping: no data, the hook with its secret, only when asked (X21)', async t => {
  const { ear, buyer } = await open(t)
  const { status } = await buyer.post('report/hooks/user/pings', '')
  equal(status, 200)
  const { headers, body, data } = await ear.next()
  equal(headers['x-digiflazz-event'], 'ping')
  equal(data, undefined)
  equal(JSON.parse(body).hook.secret, 'secret')
  notEqual(headers['x-hub-signature'], undefined)
  equal((await buyer.post('report/hooks/nobody/pings', '')).status, 404)
})
