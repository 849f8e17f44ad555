import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Script } from 'node:vm'
import { Buyer, Ear } from './counterpart.fixture.ts'
import { lotOf, numberCountries, numberServices } from './number-assortment.ts'
import { openSandbox } from './server.ts'

type Row = Record<string, unknown>

async function counter(t: TestContext, party: 'rumahotp' | 'handler_api', account: object = {}) {
  const sandbox = (await openSandbox({ port: 0 }))!
  t.after(() => sandbox.close())
  const buyer = new Buyer(sandbox, party)
  await buyer.faults({})
  const opened = { party, username: 'user', api_key: 'key', balance: 50_000, ...account }
  await buyer.oracle('accounts', opened)
  const get = async (path: string, query: object = {}, key = 'key') => {
    const words = new URLSearchParams(query as Record<string, string>)
    const url = `${sandbox.url}/${party}${path}?${words}`
    return (await fetch(url, { headers: { 'x-apikey': key } })).text()
  }
  return {
    ...{ sandbox, buyer, get },
    handle: (action: string, query: object = {}) =>
      get('/stubs/handler_api.php', { api_key: 'key', action, ...query }),
    ruma: async (path: string, query: object = {}, key = 'key') =>
      JSON.parse(await get(path, query, key)) as { success: boolean; data: Row } & Row,
    otp: (number: string, text: string, more: object = {}) =>
      buyer.oracle<Row>('otp', { number, text, ...more }),
    minutes: (count: number) => buyer.oracle('clock', { party, advance_ms: count * 60_000 }),
    balance: async () => {
      const accounts = await buyer.oracle<Row[]>('accounts')
      return accounts.find(one => one['party'] === party)?.['balance']
    },
  }
}

const bought = (text: string) => {
  const [, id, number] = /^ACCESS_NUMBER:(\d+):(\d+)$/.exec(text) ?? []
  ok(id !== undefined && number !== undefined, text)
  return { id, number }
}
const indonesia = { service: 'wa', country: '6' }

test('numbers: what there is: each code for one thing, prices of its own (XNA1)', () => {
  for (const codes of [
    numberServices.map(one => one.code),
    numberServices.map(one => one.word),
    numberCountries.map(one => one.number),
    numberCountries.map(one => one.id),
  ]) {
    equal(new Set<unknown>(codes).size, codes.length)
  }
  const [wa, id] = [numberServices[0]!, numberCountries[0]!]
  deepEqual(lotOf('a', wa, id), lotOf('a', wa, id))
  ok(lotOf('a', wa, id).price % 50 === 0 && lotOf('a', wa, id).price > 1000)
})

test('handler: a number and its code: charged, waited, told, another, done (XHA2, XNR1)', async t => {
  const { handle, otp, balance } = await counter(t, 'handler_api')
  const { id, number } = bought(await handle('getNumber', indonesia))
  const price = lotOf('handler_api', numberServices[0]!, numberCountries[0]!).price
  equal(await balance(), 50_000 - price)
  equal(await handle('getStatus', { id }), 'STATUS_WAIT_CODE')
  equal(await handle('setStatus', { id, status: 1 }), 'ACCESS_READY')
  equal(await handle('setStatus', { id, status: 3 }), 'BAD_STATUS')
  deepEqual((await otp(number, 'WhatsApp code 123-456'))['status'], 'received')
  equal(await handle('getStatus', { id }), 'STATUS_OK:123456')
  equal(await handle('getFullSms', { id }), 'FULL_SMS:WhatsApp code 123-456')
  equal(await handle('setStatus', { id, status: 3 }), 'ACCESS_RETRY_GET')
  equal(await handle('getStatus', { id }), 'STATUS_WAIT_RETRY:123456')
  await otp(number, 'again', { code: '77' })
  equal(await handle('getStatus', { id }), 'STATUS_OK:77')
  equal(await handle('setStatus', { id, status: 6 }), 'ACCESS_ACTIVATION')
  equal(await handle('setStatus', { id, status: 8 }), 'BAD_STATUS')
  equal(await handle('setStatus', { id, status: 5 }), 'INCORECT_STATUS')
  equal(await balance(), 50_000 - price)
})

test('handler: giving back: too early, then in time, once; never after a code (XHA3, XNR1, XNR2)', async t => {
  const { handle, otp, minutes, balance } = await counter(t, 'handler_api')
  const first = bought(await handle('getNumber', indonesia))
  equal(await handle('setStatus', { id: first.id, status: 8 }), 'EARLY_CANCEL_DENIED')
  await minutes(2)
  equal(await handle('setStatus', { id: first.id, status: 8 }), 'ACCESS_CANCEL')
  equal(await handle('setStatus', { id: first.id, status: 8 }), 'BAD_STATUS')
  equal(await handle('getStatus', { id: first.id }), 'STATUS_CANCEL')
  equal(await balance(), 50_000)
  const second = bought(await handle('getNumber', indonesia))
  await otp(second.number, '4321')
  await minutes(3)
  equal(await handle('setStatus', { id: second.id, status: 8 }), 'BAD_STATUS')
  const third = bought(await handle('getNumber', indonesia))
  const paid = await balance()
  await minutes(21)
  equal(await handle('getStatus', { id: third.id }), 'STATUS_CANCEL')
  equal(await handle('getStatus', { id: second.id }), 'STATUS_OK:4321')
  ok(Number(await balance()) > Number(paid))
})

test('handler: v2, the open ones, prices: JSON, or a word in its place (XHA1, XHA4, XHA5)', async t => {
  const { handle, buyer } = await counter(t, 'handler_api')
  equal(await handle('getActiveActivations'), 'NO_ACTIVATIONS')
  const wish = { ...indonesia, orderId: 'mine-1', maxPrice: '9000' }
  const v2 = JSON.parse(await handle('getNumberV2', wish)) as Row
  equal(typeof v2['activationId'], 'number')
  match(String(v2['activationTime']), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  deepEqual(
    (JSON.parse(await handle('getNumberV2', wish)) as Row)['activationId'],
    v2['activationId'],
  )
  equal((await buyer.sales()).length, 1)
  const { activeActivations } = JSON.parse(await handle('getActiveActivations')) as {
    activeActivations: Row[]
  }
  deepEqual(
    activeActivations.map(one => [one['activationId'], one['smsCode']]),
    [[v2['activationId'], null]],
  )
  match(
    await handle('getNumberV2', { ...wish, orderId: 'b', maxPrice: '1' }),
    /^WRONG_MAX_PRICE:\d+$/,
  )
  equal(await handle('getNumberV2', { service: 'zz', country: '6' }), 'BAD_SERVICE')
  equal(await handle('getPrices', { api_key: 'no' }), 'BAD_KEY')
  equal(await handle('getSomething'), 'WRONG ACTION')
  const prices = JSON.parse(await handle('getPrices', indonesia)) as Record<string, Row>
  deepEqual(Object.keys(prices), ['6'])
  deepEqual(Object.keys(prices['6']!), ['wa'])
})

test('rumahotp: a number and its code: "-" until it came, and after a resend (XRO1, XRO2)', async t => {
  const { ruma, otp, buyer } = await counter(t, 'rumahotp')
  const wish = { number_id: '13006', provider_id: '1', operator_id: '1' }
  const { data } = await ruma('/api/v2/orders', wish)
  const id = String(data['order_id'])
  const status = async () => (await ruma('/api/v1/orders/get_status', { order_id: id })).data
  deepEqual([(await status())['status'], (await status())['otp_code']], ['waiting', '-'])
  await otp(String(data['phone_number']), 'G-123456 is your code')
  equal((await status())['otp_code'], '123456')
  const set = (word: string) => ruma('/api/v1/orders/set_status', { order_id: id, status: word })
  equal((await set('cancel')).success, false)
  equal((await set('resend')).success, true)
  equal((await status())['otp_code'], '-')
  await ruma('/api/v2/orders', wish)
  equal((await buyer.sales()).length, 2)
})

test('rumahotp: giving back: the money is there; failures in two envelopes (XRO3, XRO4)', async t => {
  const { ruma, balance } = await counter(t, 'rumahotp')
  const wish = { number_id: '13006', provider_id: '2', operator_id: '3' }
  const { data } = await ruma('/api/v2/orders', wish)
  equal(data['operator'], 'Indosat')
  const asked = { order_id: String(data['order_id']), status: 'cancel' }
  match(String((await ruma('/api/v1/orders/set_status', asked)).data['message']), /cancel/)
  equal(await balance(), 50_000)
  const failures = [await ruma('/api/v1/orders/set_status', asked), await ruma('/api/v2/orders')]
  deepEqual(failures.map(one => 'error' in one).sort(), [false, true])
  equal((await ruma('/api/v1/user/balance', {}, 'no')).success, false)
})

test('numbers: bad days: sold and not told; nothing sold (XNR3)', async t => {
  const { handle, buyer, balance } = await counter(t, 'handler_api')
  await buyer.faults({ reset_after_sale: 1 })
  await handle('getNumber', indonesia).then(
    () => ok(false),
    error => ok(error instanceof TypeError),
  )
  equal((await buyer.sales()).length, 1)
  const left = await balance()
  await buyer.faults({ html: 1 })
  match(await handle('getNumber', indonesia), /^<!DOCTYPE html>/)
  await buyer.faults({ drained: true })
  equal(await handle('getNumber', indonesia), 'NO_BALANCE')
  equal(await balance(), left)
  equal((await buyer.sales()).length, 1)
})

test('numbers: an SMS: to who has the number, in a sentence to who has not (XNR4, XNR5)', async t => {
  const ear = await Ear.open()
  t.after(() => ear.close())
  const { handle, otp, buyer, minutes, balance } = await counter(t, 'handler_api', {
    webhook_url: ear.url,
  })
  const { id, number } = bought(await handle('getNumber', indonesia))
  match(String((await otp('0899', 'x 1234'))['wrong']), /\S/)
  match(String((await otp('0899000111', 'x 1234'))['wrong']), /Nobody has rented/)
  const shown = await buyer.oracle<Row[]>('numbers')
  deepEqual(
    shown.map(one => [one['number'], one['stand']]),
    [[number, 'waiting']],
  )
  await minutes(3)
  equal(await handle('setStatus', { id, status: 8 }), 'ACCESS_CANCEL')
  match(String((await otp(number, 'late 9876'))['wrong']), /cancelled/)
  equal((await otp(`+${number}`, 'late 9876', { late: true }))['status'], 'received')
  ok(Number(await balance()) < 50_000)
  const { body } = await ear.next()
  equal((JSON.parse(body) as Row)['code'], '9876')
})

test('numbers: by itself: only when asked for, after so many seconds (XNR4)', async t => {
  const { handle, buyer, minutes } = await counter(t, 'handler_api')
  const quiet = bought(await handle('getNumber', indonesia))
  await buyer.faults({ sms_after: 30 })
  const { id } = bought(await handle('getNumber', indonesia))
  equal(await handle('getStatus', { id }), 'STATUS_WAIT_CODE')
  await minutes(1)
  match(await handle('getStatus', { id }), /^STATUS_OK:\d{6}$/)
  equal(await handle('getStatus', { id: quiet.id }), 'STATUS_WAIT_CODE')
})

test('play page: for who tries the demo: sends an SMS and pays, in Indonesian (XPL1)', async t => {
  const { sandbox } = await counter(t, 'handler_api')
  const page = await (await fetch(`${sandbox.url}/_sandbox/main`)).text()
  match(page, /lang="id"/)
  // Its script is a program.
  ok(new Script(/<script>([\s\S]*)<\/script>/.exec(page)![1]!))
  for (const path of ['/_sandbox/otp', '/_sandbox/pay', '/_sandbox/numbers'])
    ok(page.includes(path))
})
