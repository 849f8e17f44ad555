import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { hash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { type Data, Ear } from './counterpart.fixture.ts'
import { scan } from './qr.ts'
import { openSandbox } from './server.ts'

type Told = {
  readonly status: number
  readonly text: string
  readonly body: Data
  readonly data: Data
}

async function gateways(t: TestContext) {
  const sandbox = (await openSandbox({ port: 0 }))!
  const ear = await Ear.open()
  t.after(() => {
    ear.close()
    return sandbox.close()
  })
  const oracle = async (path: string, wish?: object) => {
    const url = `${sandbox.url}/_sandbox/${path}`
    const answer = await fetch(url, wish ? { method: 'POST', body: JSON.stringify(wish) } : {})
    return { status: answer.status, body: (await answer.json()) as Data & Data[] }
  }
  await oracle('faults', { latency: 0 })
  const account = { username: 'user', api_key: 'key' }
  await oracle('accounts', { party: 'atlantic', ...account, webhook_url: ear.url })
  await oracle('accounts', { party: 'rumahotp-deposits', ...account })
  const read = async (answer: Response): Promise<Told> => {
    const text = await answer.text()
    let body: Data = {}
    try {
      body = JSON.parse(text) as Data
    } catch {
      // Some faults answer with something else; the test looks at `text`.
    }
    return { status: answer.status, text, body, data: (body['data'] ?? {}) as Data }
  }
  return {
    ...{ ear, oracle },
    atlantic: async (path: string, fields: Record<string, string>) =>
      read(
        await fetch(`${sandbox.url}/atlantic/deposit/${path}`, {
          method: 'POST',
          body: new URLSearchParams({ api_key: 'key', ...fields }),
        }),
      ),
    rumahotp: async (path: string, key = 'key') =>
      read(
        await fetch(`${sandbox.url}/rumahotp-deposits/api/${path}`, {
          headers: { 'x-apikey': key },
        }),
      ),
    pay: (wish: object) => oracle('pay', wish),
    book: async (party: string) => (await oracle(`payments?party=${party}`)).body as Data[],
  }
}

const wish = { reff_id: 'r-1', nominal: '20000', type: 'ewallet', metode: 'qris' }

test('atlantic deposit: a QR: paid, called back, shown as text (XDA2, XDA5, XDB2)', async t => {
  const { atlantic, pay, ear, book } = await gateways(t)
  const { data } = await atlantic('create', wish)
  const { id, qr_string } = data as { id: string; qr_string: string }
  deepEqual([data['nominal'], data['fee'], data['get_balance']], [20_000, 300, 19_700])
  match(String(data['expired_at']), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  const scanned = scan(qr_string)
  deepEqual('ok' in scanned && [scanned.ok.amount, scanned.ok.reference], [20_000, id])
  equal((await pay({ qr_string })).status, 200)
  const heard = await ear.next()
  equal(heard.headers['x-atl-signature'], hash('md5', 'user'))
  deepEqual([heard.data['id'], heard.data['status']], [id, 'success'])
  const shown = await atlantic('status', { id })
  deepEqual(
    [shown.body['status'], shown.data['nominal'], shown.data['status']],
    ['true', '20000', 'success'],
  )
  deepEqual(
    (await book('atlantic')).map(row => [row['deposit_id'], row['paid']]),
    [[id, [20_000]]],
  )
})

test('atlantic deposit: methods, limits, references: what is refused makes nothing (XDB1, XDB4)', async t => {
  const { atlantic, book } = await gateways(t)
  const { body } = await atlantic('metode', {})
  const methods = body['data'] as Data[]
  ok(methods.some(one => one['metode'] === 'qris' && one['min'] === '1000'))
  equal((await atlantic('create', { ...wish, nominal: '10' })).status, 400)
  equal((await atlantic('create', { ...wish, metode: 'emas' })).status, 400)
  equal((await atlantic('create', { ...wish, nominal: '' })).status, 400)
  equal((await book('atlantic')).length, 0)
  await atlantic('create', wish)
  match((await atlantic('create', wish)).text, /reff_id sudah digunakan/)
  equal((await book('atlantic')).length, 1)
})

test('atlantic deposit: at a bank the amount has a unique part (XDB2)', async t => {
  const { atlantic } = await gateways(t)
  const bank = { ...wish, nominal: '50000', type: 'bank', metode: 'BCA' }
  const { data } = await atlantic('create', bank)
  equal(Number(data['nominal']) - Number(data['tambahan']), 50_000)
  notEqual(data['tambahan'], 0)
  equal(data['get_balance'], data['nominal'])
})

test('atlantic deposit: processing: quoted, drawn once for a fee (XDA4, XDB3)', async t => {
  const { atlantic, pay, ear } = await gateways(t)
  const id = String((await atlantic('create', wish)).data['id'])
  equal((await atlantic('instant', { id, action: 'true' })).status, 400)
  await pay({ deposit_id: id, processing: true })
  equal((await ear.next()).data['status'], 'processing')
  const quote = await atlantic('instant', { id, action: 'false' })
  deepEqual([quote.data['penanganan'], quote.data['total_diterima']], [200, 19_500])
  equal((await atlantic('status', { id })).data['status'], 'processing')
  await atlantic('instant', { id, action: 'true' })
  equal((await ear.next()).data['status'], 'success')
  equal((await atlantic('status', { id })).data['get_balance'], '19500')
  equal((await atlantic('instant', { id, action: 'true' })).status, 400)
})

test('deposit: over its time, cancelled: paid only by who is late, twice is twice (XDA2)', async t => {
  const { atlantic, pay, oracle } = await gateways(t)
  const id = String((await atlantic('create', wish)).data['id'])
  await oracle('clock', { party: 'atlantic', advance_ms: 3_700_000 })
  equal((await atlantic('status', { id })).data['status'], 'expired')
  equal((await pay({ deposit_id: id })).status, 400)
  await pay({ deposit_id: id, late: true, amount: 15_000 })
  equal((await atlantic('status', { id })).data['nominal'], '15000')
  await pay({ deposit_id: id })
  const { data } = await atlantic('status', { id })
  deepEqual([data['status'], data['nominal']], ['success', '35000'])
  equal((await atlantic('cancel', { id })).status, 400)
})

test('deposit: a bad day: timeout after making, a callback before the reply (XDA1, XDA3)', async t => {
  const { atlantic, oracle, book, ear } = await gateways(t)
  const faults = { latency: 0, timeout_seconds: 0.01, mishaps_befall: ['deposit'] }
  await oracle('faults', { ...faults, timeout_after_sale: 1 })
  const lost = await atlantic('create', wish).catch(() => 'cut')
  equal(lost, 'cut')
  equal((await book('atlantic')).length, 1)
  await oracle('faults', { ...faults, html: 1 })
  match((await atlantic('create', { ...wish, reff_id: 'r-2' })).text, /<html>/)
  equal((await book('atlantic')).length, 1)
  await oracle('faults', { latency: 0, callback_before_reply: 1, duplicate_callback: 1 })
  const { data } = await atlantic('create', { ...wish, reff_id: 'r-3' })
  for (const heard of [await ear.next(), await ear.next()]) {
    deepEqual([heard.data['id'], heard.data['status']], [data['id'], 'pending'])
  }
})

test('rumahotp deposit: both versions: gross, net, a picture or a text (XDC1, XDC2)', async t => {
  const { rumahotp, pay } = await gateways(t)
  equal((await rumahotp('v1/deposit/create?amount=2000&payment_id=qris', 'no')).status, 401)
  const { data: v1 } = await rumahotp('v1/deposit/create?amount=2000&payment_id=qris')
  equal(v1['amount'], 2_112)
  deepEqual(v1['currency'], { type: 'IDR', total: 2_112, fee: 112, diterima: 2_000 })
  match(String(v1['qr']), /^data:image\/png;base64,iVBOR/)
  const { data: v2 } = await rumahotp('v2/deposit/create?amount=2000&payment_id=qris')
  deepEqual([v2['total'], v2['diterima']], [2_112, 2_000])
  ok('ok' in scan(String(v2['qr_string'])))
  await pay({ qr_string: v2['qr_string'] })
  const { data } = await rumahotp(`v2/deposit/get_status?deposit_id=${v2['id']}`)
  deepEqual([data['status'], data['diterima'], data['brand_name']], ['success', 2_000, 'DANA'])
})

test('rumahotp deposit: over its time it is cancelled; three wait at most (XDC3, XDC4, XDC5)', async t => {
  const { rumahotp, oracle, pay } = await gateways(t)
  await oracle('faults', { party: 'rumahotp-deposits', latency: 0, strict: true })
  const create = () => rumahotp('v2/deposit/create?amount=2000&payment_id=qris')
  const ids = [await create(), await create(), await create()].map(one => String(one.data['id']))
  const fourth = await create()
  deepEqual(fourth.body, {
    success: false,
    error: { message: 'Anda masih memiliki 3 deposit pending' },
  })
  const { data } = await rumahotp(`v1/deposit/cancel?deposit_id=${ids[0]}`)
  deepEqual([data['status'], data['amount']], ['cancel', 2_000])
  const again = await rumahotp(`v1/deposit/cancel?deposit_id=${ids[0]}`)
  deepEqual(again.body, { success: false, message: 'Deposit tidak dapat dibatalkan' })
  await oracle('clock', { party: 'rumahotp-deposits', advance_ms: 1_300_000 })
  const status = await rumahotp(`v1/deposit/get_status?deposit_id=${ids[1]}`)
  deepEqual([status.data['status'], status.data['amount']], ['cancel', 2_112])
  equal((await pay({ deposit_id: 'RO-nobody' })).status, 400)
})
