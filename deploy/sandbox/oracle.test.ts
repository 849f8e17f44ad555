import { deepEqual, equal, match } from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { Buyer } from './counterpart.fixture.ts'
import { kinds } from './parties.ts'

const buyer = await Buyer.open()
const { url } = buyer.sandbox
after(() => buyer.close())
beforeEach(async () => {
  await buyer.oracle('reset', {})
  await buyer.oracle('faults', { latency: 0 })
})

const post = (path: string, body: string) => fetch(url + path, { method: 'POST', body })

test('oracle: sales: an array with the documented fields (X29)', async () => {
  const { data } = await buyer.topup('ref-1')
  const [row] = await buyer.sales()
  const { created_at, updated_at, ...rest } = row!
  match(String(created_at), /^\d{4}-\d\d-\d\dT/)
  equal(updated_at, created_at)
  deepEqual(rest, {
    n: 1,
    supplier: 'digiflazz',
    ref: 'ref-1',
    product: 'tsel10',
    target: '081200000001',
    price: 10_350,
    status: 'success',
    code: '00',
    sn: data['sn'],
    times: 1,
    calls: 1,
  })
  deepEqual(await buyer.oracle('sales'), [row])
  deepEqual(await buyer.oracle('sales?supplier=digiflazz2'), [])
})

test('oracle: sales: many rows in one answer, or by page (X29)', async () => {
  const { sales } = buyer.sandbox.parties.get('digiflazz')!
  for (let count = 0; count < 50_000; count++) {
    const ref = `ref-${count}`
    const at = 1_780_000_000_000
    const purchase = { ref, product: 'tsel10', target: '0812', price: 1, at }
    sales.add({ ...purchase, callbackUrl: undefined })
  }
  const all = await buyer.sales()
  equal(all.length, 50_000)
  equal(all.at(-1)!['ref'], 'ref-49999')
  const page = await buyer.oracle<{ n: number }[]>('sales?supplier=digiflazz&after=2500&limit=3000')
  equal(page.length, 3_000)
  equal(page[0]!.n, 2_501)
  equal(page.at(-1)!.n, 5_500)
  deepEqual(await buyer.oracle('sales?supplier=digiflazz&after=50000&limit=10'), [])
  deepEqual(await buyer.oracle('sales?supplier=digiflazz&limit=0'), [])
  const summary = await buyer.oracle('sales/summary?supplier=digiflazz')
  equal(summary['refs'], 50_000)
  deepEqual(summary['by_status'], { success: 0, pending: 50_000, failed: 0 })
})

test('oracle: a reader that leaves in the middle: the sandbox goes on (X29)', async () => {
  const { sales } = buyer.sandbox.parties.get('digiflazz')!
  for (let count = 0; count < 50_000; count++) {
    const purchase = { ref: `r${count}`, product: 'p', target: 't', price: 1, at: 0 }
    sales.add({ ...purchase, callbackUrl: undefined })
  }
  const leaving = new AbortController()
  const answer = await fetch(`${url}/_sandbox/sales`, { signal: leaving.signal })
  await answer.body!.getReader().read()
  leaving.abort()
  equal((await buyer.oracle('health'))['ok'], true)
})

test('oracle: wishes that cannot be: 400 or 404 with a sentence (X30)', async () => {
  const wrong = async (path: string, body?: string) => {
    const answer = await (body === undefined ? fetch(url + path) : post(path, body))
    return `${answer.status} ${((await answer.json()) as { wrong: string }).wrong}`
  }
  match(await wrong('/_sandbox/sales?supplier=x'), /^404 There is no party "x"; parties: digi/)
  match(await wrong('/_sandbox/sales?after=1'), /^400 after and limit need supplier/)
  match(await wrong('/_sandbox/sales?supplier=digiflazz&after=-1'), /^400 after and limit are/)
  match(await wrong('/_sandbox/faults', 'x'), /^400 The body must be a JSON object/)
  match(await wrong('/_sandbox/clock', '{}'), /^400 body: give either advance_ms/)
  match(await wrong('/_sandbox/clock', '{"advance":1}'), /^400 Unknown name "advance"/)
  match(await wrong('/_sandbox/accounts', '{"party":"x"}'), /^404 There is no party "x"/)
  match(await wrong('/_sandbox/accounts', '{"username":"u"}'), /^400 api_key: /)
  const hook = '{"username":"u","api_key":"k","webhook_url":"x"}'
  match(await wrong('/_sandbox/accounts', hook), /^400 webhook_url: "x" is not a URL/)
  match(await wrong('/_sandbox/otp', '{}'), /^400 number: /)
  match(await wrong('/_sandbox/pay', '{"party":"digiflazz"}'), /^404 No party here takes "pay"/)
  deepEqual(await buyer.oracle('messages'), [])
})

test('oracle: accounts: never show a key; a second wish changes what it names (X30)', async () => {
  const view = await buyer.oracle('accounts', {
    party: 'digiflazz3',
    username: 'other',
    api_key: 'very-private',
    webhook_url: 'http://127.0.0.1:9/hook',
    webhook_secret: 'also-private',
    balance: 500_000,
  })
  equal(view['balance'], 500_000)
  const again = { party: 'digiflazz3', username: 'other', api_key: 'new' }
  equal((await buyer.oracle('accounts', again))['webhook_url'], 'http://127.0.0.1:9/hook')
  const listed = JSON.stringify(await buyer.oracle('accounts'))
  equal(/private|new/.test(listed), false)
})

test('oracle: reset: all forgotten; accounts only on request (X31)', async () => {
  await buyer.topup('a', { buyer_sku_code: 'xld10', customer_no: '087800001233' })
  await buyer.faults({ drained: true })
  await buyer.oracle('clock', { advance_ms: 1_000_000 })
  equal((await post('/_sandbox/reset', '')).status, 200)
  deepEqual(await buyer.sales(), [])
  equal(await buyer.balance(), 100_000_000_000)
  const clocks = await buyer.oracle<{ shift_ms: number }[]>('clock')
  equal(clocks[0]!.shift_ms, 0)
  equal((await buyer.topup('a')).data['rc'], '00')
  await buyer.oracle('reset', { accounts: true })
  equal((await buyer.topup('a')).data['rc'], '42')
  await buyer.oracle('accounts', { username: 'user', api_key: 'key' })
})

test('server: mounts: a party under its name, the default one at the root too (X32)', async () => {
  const fields = JSON.stringify({ username: 'nobody', cmd: 'deposit', sign: 'x' })
  for (const base of ['/digiflazz/v1', '/digiflazz2/v1', '/digiflazz3/v1', '/v1']) {
    equal((await buyer.post('cek-saldo', fields, url + base)).data['rc'], '42')
  }
  const { status } = await buyer.post('cek-saldo', fields, `${url}/digiflazz4/v1`)
  equal(status, 404)
  match(await (await fetch(url)).text(), /How to play/)
})

test('server: limits: a body too large is 413, an unknown path a sentence (X33)', async () => {
  const big = await buyer.post('transaction', 'x'.repeat(1_100_000))
  equal(big.status, 413)
  const split = JSON.stringify({
    username: 'nobody',
    cmd: 'x',
    sign: 'x',
    pad: 'x'.repeat(600_000),
  })
  equal((await buyer.post('cek-saldo', split)).data['rc'], '42')
  const lost = await fetch(`${url}/nothing`)
  equal(lost.status, 404)
  match(await lost.text(), /Nothing answers GET \/nothing here/)
  equal((await fetch(`${url}/v1/cek-saldo`)).status, 404)
})

test('server: health: who it is and what it holds (X33)', async () => {
  const health = await buyer.oracle('health')
  equal(health['sandbox'], url)
  equal(health['pid'], process.pid)
  const names = kinds.flatMap(({ instances }) => instances)
  equal((health['parties'] as unknown[]).length, names.length)
})
