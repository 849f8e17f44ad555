import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { Buyer, type Data, Ear, type Heard } from './counterpart.fixture.ts'
import { checkSum, scan } from './qr.ts'

const account = '26690017ID.CO.EXAMPLE.WWW011893600999000000001702150000000000000010303UMI'
const national = '51440014ID.CO.QRIS.WWW0215ID10200000000010303UMI'
const shop = '5802ID5911TOKO CONTOH6007JAKARTA610510110'
const staticQr = `000201010211${account}${national}520458125303360${shop}62070703A016304D274`
const dynamicQr =
  `000201010212${account}${national}52045812530336054051000` +
  `05502025603500${shop}62180107INV00010703A0163049F1A`

async function collecting(options: { status?: (count: number) => number } = {}) {
  const ear = await Ear.open(options.status)
  const buyer = await Buyer.open()
  const opened = { party: 'acquirer', username: 'us', api_key: 'token', webhook_secret: 'secret' }
  await buyer.oracle('accounts', { ...opened, webhook_url: ear.url, mdr_bps: 70 })
  const call = async (path: string, body?: object, token = 'token') => {
    const answer = await fetch(`${buyer.sandbox.url}/acquirer/${path}`, {
      headers: { authorization: `Bearer ${token}` },
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    })
    return { status: answer.status, text: await answer.text() }
  }
  return {
    ear,
    buyer,
    call,
    pay: (wish: object) => buyer.oracle('pay', wish),
    faults: (faults: object) => buyer.oracle('faults', { party: 'acquirer', ...faults }),
    payments: (query = '') => buyer.oracle<Data[]>(`payments?${query}`),
    close: async () => {
      ear.close()
      await buyer.close()
    },
  }
}

const told = ({ body }: Heard): Data => JSON.parse(body) as Data

function isSigned({ headers, body }: Heard, secret = 'secret'): boolean {
  const signed = `${String(headers['x-timestamp'])}.${body}`
  const hex = createHmac('sha256', secret).update(signed).digest('hex')
  return headers['x-signature'] === `sha256=${hex}`
}

test('acquirer: a dynamic QR: paid as it says, and called back with a signature (XQA1, XQA2)', async t => {
  const { ear, pay, close } = await collecting()
  t.after(close)
  const payment = await pay({ qr_string: dynamicQr })
  const heard = await ear.next()
  ok(isSigned(heard))
  const { event_id, paid_at, payer, ...rest } = told(heard)
  deepEqual(rest, {
    type: 'payment',
    reference: 'INV0001',
    nmid: 'ID1020000000001',
    terminal_id: 'A01',
    amount: 10_000,
    status: 'paid',
  })
  deepEqual([payment['event_id'], payment['paid_at'], payment['payer']], [event_id, paid_at, payer])
})

test('acquirer: a static QR: the amount is typed, the reference the acquirer’s own (XQA2)', async t => {
  const { ear, pay, close } = await collecting()
  t.after(close)
  match(String((await pay({ qr_string: staticQr }))['wrong']), /amount/)
  await pay({ qr_string: staticQr, amount: 5_000 })
  await pay({ qr_string: staticQr, amount: 5_000 })
  const [one, two] = [told(await ear.next()), told(await ear.next())]
  match(String(one['reference']), /^\d{12}$/)
  notEqual(one['reference'], two['reference'])
  notEqual(one['event_id'], two['event_id'])
  deepEqual([one['terminal_id'], one['amount']], ['A01', 5_000])
})

test('acquirer: a QR that does not fit: nobody can pay it (XQB1)', async t => {
  const { ear, pay, payments, close } = await collecting()
  t.after(close)
  for (const qr_string of ['', '00', `${staticQr}0`, staticQr.replace('TOKO', 'TOKA')]) {
    match(String((await pay({ qr_string, amount: 1 }))['wrong']), /no QR that can be paid/)
  }
  match(String((await pay({ qr_string: staticQr, reference: 'x' }))['wrong']), /either/)
  deepEqual(await payments(), [])
  equal(ear.unheard, 0)
})

test('acquirer: scan: labels and cents as printed (XQB1)', () => {
  equal(checkSum('123456789'), '29B1')
  const scanned = scan(dynamicQr)
  ok('ok' in scanned)
  deepEqual(scanned.ok, {
    isDynamic: true,
    amount: 10_000,
    merchant: 'TOKO CONTOH',
    nmid: 'ID1020000000001',
    terminal: 'A01',
    reference: 'INV0001',
  })
})

test('acquirer: by reference: what was scanned before, or what the wish says (XQA2)', async t => {
  const { ear, pay, close } = await collecting()
  t.after(close)
  match(String((await pay({ reference: 'INV0001' }))['wrong']), /amount/)
  await pay({ qr_string: dynamicQr })
  await ear.next()
  await pay({ reference: 'INV0001' })
  const again = told(await ear.next())
  deepEqual([again['nmid'], again['amount']], ['ID1020000000001', 10_000])
  await pay({ reference: 'other', amount: 7, nmid: 'ID1', terminal_id: 'T', status: 'expired' })
  const other = told(await ear.next())
  deepEqual(
    [other['reference'], other['amount'], other['nmid'], other['terminal_id'], other['status']],
    ['other', 7, 'ID1', 'T', 'expired'],
  )
})

test('acquirer: a repeat after 5xx: same body, signed anew, answers kept (XQA1)', async t => {
  const { ear, pay, faults, payments, buyer, close } = await collecting({
    status: count => (count === 1 ? 503 : 200),
  })
  t.after(close)
  await faults({ callback_retry: { times: 2, first_seconds: 100 } })
  const answers = async (count: number): Promise<readonly number[]> => {
    for (let tries = 0; tries < 10_000; tries++) {
      const [payment] = await payments()
      const given = payment!['answers'] as number[]
      if (given.length >= count) return given
    }
    throw new Error(`there were never ${count} answers`)
  }
  await pay({ qr_string: dynamicQr })
  const first = await ear.next()
  // The answer is noted before the pause begins; then its hundred seconds pass at once.
  await answers(1)
  await buyer.oracle('clock', { party: 'acquirer', advance_ms: 100_000 })
  const second = await ear.next()
  equal(second.body, first.body)
  ok(isSigned(first) && isSigned(second))
  ok(Number(second.headers['x-timestamp']) >= Number(first.headers['x-timestamp']) + 100)
  deepEqual(await answers(2), [503, 200])
})

test('acquirer: misfortunes: what is told is not what was paid (XQA3)', async t => {
  const { ear, pay, payments, close } = await collecting()
  t.after(close)
  const heardAfter = async (wish: object) => {
    await pay({ qr_string: dynamicQr, ...wish })
    return ear.next()
  }
  const twice = [await heardAfter({ fault: 'twice' }), await ear.next()]
  equal(twice[0]!.body, twice[1]!.body)
  equal(told(await heardAfter({ fault: 'wrong_amount' }))['amount'], 10_001)
  equal(told(await heardAfter({ fault: 'wrong_merchant' }))['nmid'], 'ID1099999999999')
  const forged = await heardAfter({ fault: 'forged' })
  ok(!isSigned(forged) && isSigned(forged, 'not secret'))
  const disordered = [await heardAfter({ fault: 'out_of_order' }), await ear.next()].map(told)
  deepEqual(disordered.map(({ status }) => status).sort(), ['failed', 'paid'])
  const early = await heardAfter({ shift_seconds: 1_000 })
  ok(Number(early.headers['x-timestamp']) > Date.now() / 1_000 + 900 && isSigned(early))
  await pay({ qr_string: dynamicQr, fault: 'never' })
  equal(told(await heardAfter({ times: 2 }))['status'], 'paid')
  await ear.next()
  equal(ear.unheard, 0)
  const rows = await payments('reference=INV0001')
  equal(rows.length, 8)
  ok(rows.every(({ amount, nmid }) => amount === 10_000 && nmid === 'ID1020000000001'))
})

test('acquirer: late, and a customer who pays late: in the acquirer’s own time (XQA3)', async t => {
  const { ear, pay, payments, faults, buyer, close } = await collecting()
  t.after(close)
  await faults({ callback_late: { p: 1, seconds: 300 } })
  await pay({ qr_string: dynamicQr })
  equal((await payments()).length, 1)
  equal(ear.unheard, 0)
  await buyer.oracle('clock', { party: 'acquirer', advance_ms: 300_000 })
  const late = await ear.next()
  const paidAt = Date.parse(String(told(late)['paid_at']))
  ok(Number(late.headers['x-timestamp']) * 1_000 >= paidAt + 299_000)
  await faults({})
  const wished = await pay({ qr_string: dynamicQr, delay_ms: 1_200_000 })
  ok(Date.parse(String(wished['pays_at'])) > Date.now() + 1_200_000)
  equal((await payments()).length, 1)
  await buyer.oracle('clock', { party: 'acquirer', advance_ms: 1_200_000 })
  ok(Date.parse(String(told(await ear.next())['paid_at'])) >= paidAt + 1_200_000)
})

test('acquirer: a replay: the very same request once more (XQA3)', async t => {
  const { ear, pay, faults, close } = await collecting()
  t.after(close)
  await faults({ callback_replayed: 1, callback_late: { p: 0, seconds: 0 } })
  await pay({ qr_string: dynamicQr })
  const requests = [await ear.next(), await ear.next(), await ear.next()]
  equal(new Set(requests.map(({ body }) => body)).size, 1)
  const [, one, two] = requests
  deepEqual(
    [one!.headers['x-timestamp'], one!.headers['x-signature']],
    [two!.headers['x-timestamp'], two!.headers['x-signature']],
  )
})

test('acquirer: dice: the same seed, the same misfortunes; their odds at most 1 (XQA6)', async t => {
  const { pay, payments, faults, buyer, close } = await collecting()
  t.after(close)
  const story = async (seed: number) => {
    await buyer.oracle('reset', { party: 'acquirer' })
    await faults({ seed, callback_never: 0.5, callback_twice: 0.3 })
    for (let n = 0; n < 20; n++) await pay({ reference: `r${n}`, amount: 1 })
    return (await payments()).map(({ fault }) => fault)
  }
  const one = await story(1)
  deepEqual(await story(1), one)
  notEqual(JSON.stringify(await story(2)), JSON.stringify(one))
  ok(one.includes('never') && one.includes(null))
  const { wrong } = await faults({ callback_never: 0.8, callback_twice: 0.3 })
  match(String(wrong), /exceed 1/)
})

test('acquirer: the report of a day: what was paid, by token, as JSON and CSV (XQA4)', async t => {
  const { pay, call, buyer, close } = await collecting()
  t.after(close)
  await buyer.oracle('clock', { party: 'acquirer', at: '2099-01-05T16:59:00Z' })
  await pay({ qr_string: dynamicQr })
  await pay({ reference: 'R,"2"', amount: 3_000 })
  await pay({ reference: 'gone', amount: 1, unreported: true })
  await pay({ reference: 'failed', amount: 1, status: 'failed' })
  await pay({ reference: 'INV0001', amount: 500, status: 'refunded', reported_amount: 400 })
  await buyer.oracle('clock', { party: 'acquirer', advance_ms: 60_000 })
  await pay({ reference: 'tomorrow', amount: 9 })
  equal((await call('v1/settlements', undefined, 'other')).status, 401)
  const report = JSON.parse((await call('v1/settlements?date=2099-01-05')).text) as Data
  deepEqual(
    [report['count'], report['gross'], report['mdr'], report['net']],
    [3, 12_600, 88, 12_512],
  )
  const { text } = await call('v1/settlements?date=2099-01-05&format=csv')
  const lines = text.split('\r\n')
  equal(lines.length, 5)
  match(lines[0]!, /^settlement_date,paid_at,rrn,event_id,reference,nmid,terminal_id,type,amount/)
  match(lines[2]!, /,"R,""2""",,,PAYMENT,3000,21,2979$/)
  match(lines[3]!, /,REFUND,-400,-3,-397$/)
})

test('acquirer: the bank: transfers as told, the statement of a day with its balance (XQA5)', async t => {
  const { pay, call, buyer, close } = await collecting()
  t.after(close)
  await buyer.oracle('clock', { party: 'acquirer', at: '2099-01-05T05:00:00Z' })
  await pay({ qr_string: dynamicQr })
  await buyer.oracle('clock', { party: 'acquirer', at: '2099-01-06T05:00:00Z' })
  const rows = [{ reference: 'B-1', account_number: '123', account_name: 'ANI', amount: 9_000 }]
  equal((await call('bank/payouts', { rows }, 'other')).status, 401)
  equal((await call('bank/payouts', { rows: [] })).status, 400)
  equal((await call('bank/payouts', { rows })).status, 200)
  await call('bank/payouts', { rows })
  const { text } = await call('bank/statement.csv?date=2099-01-06')
  deepEqual(text.split('\r\n'), [
    'date,time,description,reference,debit,credit,balance',
    '2099-01-06,07:00:00,SETTLEMENT QRIS,QRIS-20990106,0,9930,9930',
    '2099-01-06,12:00:00,TRSF KE 123 ANI,B-1,9000,0,930',
    '2099-01-06,12:00:00,TRSF KE 123 ANI,B-1,9000,0,-8070',
    '',
  ])
})

test('acquirer: the bank: takes the file that was made for it (XQA5)', async t => {
  const { call, buyer, close } = await collecting()
  t.after(close)
  const file = [
    'bank_code,account_number,account_name,amount,currency,reference,description',
    'bca,1234567890,"TOKO ""A"", PASAR",15000,IDR,B-1,',
    "bri,'0999,ANI,7000,IDR,B-2,x",
    '',
  ].join('\r\n')
  const upload = (body: string) =>
    fetch(`${buyer.sandbox.url}/acquirer/bank/payouts`, {
      method: 'POST',
      headers: { authorization: 'Bearer token' },
      body,
    })
  equal(((await (await upload(file)).json()) as Data)['total'], 22_000)
  const { text } = await call('bank/statement.csv')
  match(text, /,"TRSF KE 1234567890 TOKO ""A"", PASAR",B-1,15000,0,-15000\r\n/)
  match(text, /,TRSF KE 0999 ANI,B-2,7000,0,-22000\r\n$/)
  for (const wrong of ['', 'reference,amount', 'reference,account_number,amount\nB,1,many']) {
    equal((await upload(wrong)).status, 400)
  }
})

test('acquirer: limits: no account, too large an amount, a reset (XQA6)', async t => {
  const { pay, payments, buyer, close } = await collecting()
  t.after(close)
  match(String((await pay({ reference: 'x', amount: 10 ** 13 }))['wrong']), /amount/)
  match(String((await pay({ reference: 'x', amount: 1, times: 21 }))['wrong']), /times/)
  await pay({ reference: 'x', amount: 1, fault: 'never' })
  equal((await payments('after=1')).length, 0)
  await buyer.oracle('reset', { party: 'acquirer', accounts: true })
  deepEqual(await payments(), [])
  match(String((await pay({ reference: 'x', amount: 1 }))['wrong']), /Nobody collects here/)
})
