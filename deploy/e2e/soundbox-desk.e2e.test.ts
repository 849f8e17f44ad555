/**
 * The desk of the soundbox line as people use it, over real HTTP against the whole program: who may
 * what, keys that make a repeat harmless, money that is settled and written into files, and the day
 * held against what the acquirer and the bank say of it.
 *
 * DKM1. Each role passes its own doors and no other; one merchant sees nothing of another.
 * DKM2. Of many requests with one key one is done, and all are told the same.
 * DKM3. What is settled is what was paid less fees and refunds, in every file, to the rupiah.
 * DKM4. The acquirer's report and the bank's statement agree with a day that went well.
 * DKM6. A shop that is made for show takes a payment like any other, and says so.
 * DKM5. All of it stands in an audit log whose chain is whole, without a secret in it.
 * DKM7. What failed through a fault of ours stands in the log under the request id that was told.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Program, Stage, until } from './stage.ts'

type Json = Record<string, unknown>
type Told = { status: number; body: Json; text: string; headers: Headers }

const limitMs = 60_000
let stage: Stage
let sandbox: string
let http: string
let demo: Record<string, Record<string, string>>
let admin: string
let owner: string
let engine: Program

before(async () => {
  stage = new Stage()
  sandbox = await stage.startSandbox()
  engine = await stage.launch()
  const ready = await engine.ready()
  http = ready['http'] as string
  demo = JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))
  admin = await login('/admin/login', demo['admin']!)
  owner = await login('/merchant/login', demo['merchant']!)
})
after(() => stage.close())

async function ask(
  token: string,
  verb: string,
  path: string,
  { body, key, text }: { body?: object; key?: string; text?: string } = {},
): Promise<Told> {
  const answer = await fetch(`${http}${path}`, {
    method: verb,
    headers: {
      'content-type': 'application/json',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(text !== undefined
      ? { body: text }
      : body === undefined
        ? {}
        : { body: JSON.stringify(body) }),
  })
  const told = await answer.text()
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') ?? false
  const { status, headers } = answer
  return { status, headers, text: told, body: isJson ? JSON.parse(told) : {} }
}

async function login(path: string, { email, password }: Record<string, string>): Promise<string> {
  const { status, body, text } = await ask('', 'POST', path, { body: { email, password } })
  equal(status, 200, text)
  return String(body['token'])
}

async function done(
  verb: string,
  path: string,
  body?: object,
  more: { key?: string } = {},
): Promise<Json> {
  const told = await ask(admin, verb, path, { ...(body === undefined ? {} : { body }), ...more })
  equal(told.status, 200, `${verb} ${path}: ${told.text}`)
  return told.body
}
const rowsOf = (body: Json) => body['rows'] as Json[]
const pay = async (wish: object): Promise<Json> => {
  const answer = await fetch(`${sandbox}/_sandbox/pay`, {
    method: 'POST',
    body: JSON.stringify(wish),
  })
  return (await answer.json()) as Json
}

async function person(role: string): Promise<string> {
  const email = `${role}@desk.test`
  const made = await done('POST', '/admin/people', { email, name: role, role })
  return login('/admin/login', { email, password: String(made['password']) })
}

test('desk: each role: its own doors, and no other (DKM1)', async () => {
  const till = { terminal_id: demo['merchant']!['terminal_id'], amount: 1_000 }
  const doors: [string, string, object | undefined, string][] = [
    ['GET', '/admin/merchants', undefined, 'admin finance ops support viewer'],
    ['GET', '/admin/audit-logs', undefined, 'admin finance ops viewer'],
    ['GET', '/admin/people', undefined, 'admin'],
    ['GET', '/admin/ledger-entries', undefined, 'admin finance viewer'],
    ['GET', '/admin/exports', undefined, 'admin finance'],
    ['POST', '/admin/transactions', till, 'admin finance ops'],
    ['POST', '/admin/settlement-batches/run', undefined, 'admin finance'],
    ['POST', '/admin/transactions/expire-due', undefined, 'admin finance ops'],
    ['POST', '/admin/sample-idempotent', undefined, 'admin finance ops support viewer'],
  ]
  for (const role of ['finance', 'ops', 'support', 'viewer']) {
    const token = await person(role)
    for (const [verb, path, body, roles] of doors) {
      const { status } = await ask(token, verb, path, body === undefined ? {} : { body })
      equal(status, roles.split(' ').includes(role) ? 200 : 403, `${role}: ${verb} ${path}`)
    }
    equal((await ask(token, 'GET', '/merchant/profile')).status, 403)
  }
  for (const [verb, path, body] of doors) {
    const more = body === undefined ? {} : { body }
    equal((await ask('', verb, path, more)).status, 401, path)
    equal((await ask(owner, verb, path, more)).status, 403, path)
  }
})

test('desk: one merchant: sees nothing of another (DKM1)', async () => {
  const { merchant_id } = await done('POST', '/admin/merchants', { name: 'Warung Sebelah' })
  const made = await done('POST', '/admin/people', {
    ...{ email: 'sebelah@desk.test', name: 'Sebelah', role: 'merchant' },
    ...{ merchant_id, merchant_role: 'owner' },
  })
  const other = await login('/merchant/login', {
    ...{ email: 'sebelah@desk.test', password: String(made['password']) },
  })
  const till = demo['merchant']!['terminal_id']
  const trx = await done('POST', '/admin/transactions', { terminal_id: till, amount: 2_000 })
  const id = String(trx['transaction_id'])
  equal((await ask(owner, 'GET', `/merchant/transactions/${id}`)).status, 200)
  equal((await ask(other, 'GET', `/merchant/transactions/${id}`)).status, 404)
  deepEqual(rowsOf((await ask(other, 'GET', '/merchant/transactions')).body), [])
  deepEqual(rowsOf((await ask(other, 'GET', '/merchant/terminals')).body), [])
  const steal = { body: { terminal_id: till, amount: 1_000 } }
  ok((await ask(other, 'POST', '/merchant/transactions', steal)).status >= 400)
  equal((await ask(other, 'GET', '/merchant/profile')).body['merchant_id'], merchant_id)
})

test('desk: twenty at once with one key: one payment, one answer (DKM2)', async () => {
  const body = { terminal_id: demo['merchant']!['terminal_id'], amount: 3_000 }
  const key = 'tap-tap-tap'
  const ids = new Set<unknown>()
  const statuses = new Set<number>()
  await Promise.all(
    Array.from({ length: 20 }, () =>
      until('an answer', limitMs, async () => {
        const told = await ask(admin, 'POST', '/admin/transactions', { body, key })
        statuses.add(told.status)
        if (told.status === 409) {
          equal(told.body['code'], 'IDEMPOTENCY_IN_FLIGHT')
          ok(told.headers.get('retry-after'))
          return false
        }
        ids.add(told.body['transaction_id'])
        return true
      }),
    ),
  )
  equal(ids.size, 1)
  const changed = { body: { ...body, amount: 3_001 }, key }
  const conflict = await ask(admin, 'POST', '/admin/transactions', changed)
  deepEqual([conflict.status, conflict.body['code']], [409, 'IDEMPOTENCY_CONFLICT'])
  const { rows } = (await done('GET', '/admin/transactions?limit=500')) as { rows: Json[] }
  equal(rows.filter(row => row['amount'] === 3_000).length, 1)
})

const amounts = [10_000, 25_123, 999, 150_000, 75_501]

test('desk: a day settled: payments less fees and refunds, to the rupiah (DKM3)', async () => {
  const merchantId = String(demo['merchant']!['merchant_id'])
  await done('PATCH', `/admin/merchants/${merchantId}`, {
    ...{ bank_code: 'bca', account_name: 'Toko', account_number: '12345678' },
  })
  const ids: string[] = []
  for (const amount of amounts) {
    const till = { terminal_id: demo['merchant']!['terminal_id'], amount }
    const trx = await done('POST', '/admin/transactions', till)
    equal((await pay({ qr_string: trx['qr_string'] }))['status'], 'paid')
    ids.push(String(trx['transaction_id']))
  }
  for (const id of ids) {
    await until('paid', limitMs, async () => {
      return (await done('GET', `/admin/transactions/${id}`))['status'] === 'paid'
    })
  }
  const refund = { amount: 50_000, reason: 'barang kembali' }
  const given = await done('POST', `/admin/transactions/${ids[3]}/refund`, refund, { key: 'r-1' })
  deepEqual([given['status'], given['refunded']], ['partly_refunded', 50_000])
  await done('POST', `/admin/transactions/${ids[3]}/refund`, refund, { key: 'r-1' })
  const more = { body: { amount: 100_001, reason: 'terlalu banyak' } }
  const tooMuch = await ask(admin, 'POST', `/admin/transactions/${ids[3]}/refund`, more)
  deepEqual([tooMuch.status, tooMuch.body['code']], [422, 'REFUND_LIMIT'])

  const wish = { merchant_id: merchantId }
  const undue = await ask(admin, 'POST', '/admin/settlement-batches', { body: wish })
  deepEqual([undue.status, undue.body['code']], [409, 'NOTHING_TO_SETTLE'])
  const batch = await done('POST', '/admin/settlement-batches', { ...wish, early: true })
  const base = `/admin/settlement-batches/${batch['settlement_batch_id']}`
  const adjusted = await done('POST', `${base}/adjustments`, {
    ...{ kind: 'debit', amount: 1_500, reason: 'sewa kotak' },
  })
  const lines = (await until('its lines', limitMs, async () => {
    const { lines: rows } = (await done('GET', base)) as { lines: Json[] }
    return rows.length === amounts.length + 1 && rows
  })) as Json[]
  const net = lines.reduce((sum, line) => sum + Number(line['net']), 0)
  equal(adjusted['total'], net - 1_500)
  const gross = lines.reduce((sum, line) => sum + Number(line['gross']), 0)
  equal(gross, amounts.reduce((sum, one) => sum + one, 0) - 50_000)

  const file = await ask(admin, 'GET', `${base}/export.csv`)
  match(file.headers.get('content-type')!, /^text\/csv/)
  const cells = file.text
    .trim()
    .split('\r\n')
    .map(line => line.split(','))
  const netAt = cells[0]!.indexOf('net')
  const [total, ...others] = cells.slice(1).reverse()
  equal(Number(total![netAt]), adjusted['total'])
  equal(
    others.reduce((sum, row) => sum + Number(row[netAt]), 0),
    adjusted['total'],
  )
  const bank = await ask(admin, 'GET', `${base}/export.csv?format=bank_generic`)
  const transfer = [adjusted['total'], 'IDR', adjusted['transfer_reference']].join(',')
  match(transfer, /,LJ[0-9A-Z]{12}$/)
  match(bank.text, new RegExp(`\r\nbca,12345678,Toko,${transfer},`))

  const cancel = { body: { reason: 'salah batch' } }
  const held = await ask(admin, 'POST', `${base}/cancel`, cancel)
  deepEqual([held.status, held.body['code']], [409, 'BANK_FILE_GIVEN'])
  const late = { body: { kind: 'debit', amount: 500, reason: 'sewa kotak' } }
  const bankFile = `${base}/export.csv?format=bank_generic`
  for (const answer of [
    await ask(admin, 'POST', `${base}/adjustments`, late),
    await ask(admin, 'GET', bankFile),
  ]) {
    deepEqual([answer.status, answer.body['code']], [409, 'BANK_FILE_GIVEN'])
  }
  equal((await ask(admin, 'GET', `${bankFile}&again=true`)).text, bank.text)
  const many = '/admin/settlement-batches/export.csv?format=bank_generic'
  equal((await ask(admin, 'GET', many)).headers.get('x-held'), '1')

  const answers = await Promise.all(
    Array.from({ length: 5 }, () =>
      ask(admin, 'POST', `${base}/mark-paid`, { body: { bank_reference: 'TRX-1' } }),
    ),
  )
  deepEqual(new Set(answers.map(one => one.status)), new Set([200]))
  const own = await ask(
    owner,
    'GET',
    `/merchant/settlement-batches/${batch['settlement_batch_id']}`,
  )
  deepEqual([own.body['status'], own.body['total']], ['paid', adjusted['total']])
  const entries = rowsOf(await done('GET', '/admin/ledger-entries?limit=500'))
  const paid = entries.filter(one => one['subject_id'] === batch['settlement_batch_id'])
  deepEqual(
    paid.filter(one => one['credit'] === 'payout').map(one => one['amount']),
    [adjusted['total']],
  )
})

test('desk: the acquirer’s report of the day: agrees; one that was lost there is told (DKM4)', async () => {
  const day = new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10)
  const paid = (await (await fetch(`${sandbox}/_sandbox/payments?party=acquirer`)).json()) as {
    reference: string
    amount: number
    status: string
  }[]
  const rows = paid
    .filter(({ status }) => status === 'paid')
    .map(({ reference, amount }) => `${day},${reference},PAYMENT,${amount},${amount}`)
  equal(rows.length, amounts.length)
  const text = ['settlement_date,reference,type,amount,net', ...rows].join('\n')
  const path = `/admin/reconciliation/acquirer?day=${day}&name=laporan.csv`
  const good = await ask(admin, 'POST', path, { text })
  equal(good.status, 200, good.text)
  equal((good.body['run'] as Json)['matched'], amounts.length)
  const short = await ask(admin, 'POST', path, { text: text.split('\n').slice(0, -1).join('\n') })
  equal(short.body['breaks'], Number(good.body['breaks']) + 1)
  const open = rowsOf(await done('GET', '/admin/reconciliation/breaks?status=open'))
  ok(open.some(one => one['what'] === 'missing_there' && one['age_days'] === 0))
  equal((await done('POST', '/admin/reconciliation/ledger'))['breaks'], 0)
  const odd = text.replace('settlement_date,reference', 'tanggal,referensi')
  const refused = await ask(admin, 'POST', path, { text: odd })
  deepEqual([refused.status, refused.body['code']], [422, 'STATEMENT_UNREADABLE'])
  deepEqual(refused.body['details'], {
    ...{ line: 1, problem: 'heading', columns: ['reference / rrn'] },
  })
})

test('desk: an export: made behind the answer, fetched whole, and by who may (DKM3)', async () => {
  const job = await done('POST', '/admin/exports', { kind: 'transactions' })
  const ended = (await until('the file', limitMs, async () => {
    const now = await done('GET', `/admin/exports/${job['id']}`)
    return now['status'] === 'done' && now
  })) as Json
  const file = await ask(admin, 'GET', String(ended['download']))
  equal(Buffer.byteLength(file.text), ended['bytes'])
  const lines = file.text.trim().split('\r\n')
  equal(lines.length - 1, ended['rows'])
  for (const amount of amounts) ok(lines.some(line => line.split(',')[7] === String(amount)))
  equal((await ask(owner, 'GET', String(ended['download']))).status, 403)
})

test('desk: a fault of ours: the log has it under the request id that was told (DKM7)', async () => {
  const job = rowsOf(await done('GET', '/admin/exports?limit=1'))[0]!
  await rm(join(stage.dataDir(), 'exports'), { recursive: true })
  const failed = await ask(admin, 'GET', String(job['download']))
  deepEqual([failed.status, failed.body['code']], [503, 'UNREACHABLE'])
  const id = String(failed.body['request_id'])
  const line = await until('the line in the log', limitMs, () =>
    engine.stderr.split('\n').find(text => text.includes(id)),
  )
  const { level, what, request_id, cause, stack } = JSON.parse(String(line)) as Json
  deepEqual([level, what, request_id], ['error', 'gateway fault', id])
  match(String(cause), /ENOENT/)
  ok(Array.isArray(stack))
})

test('desk: a shop made for show: its payment is heard at its own box (DKM6, DKO1)', async () => {
  const shop = await done('POST', '/admin/seed', { name: 'Warung Pamer' }, { key: 'seed-1' })
  const again = await done('POST', '/admin/seed', { name: 'Warung Pamer' }, { key: 'seed-1' })
  deepEqual([again['merchant_id'], again['secret']], [shop['merchant_id'], undefined])
  const device = {
    'x-device-id': String(shop['device_id']),
    'x-device-secret': String(shop['secret']),
  }
  const poll = async () => {
    const answer = await fetch(`${http}/device/notifications`, { headers: device })
    equal(answer.status, 200, await answer.clone().text())
    return JSON.stringify(await answer.json())
  }
  ok(!(await poll()).includes('tujuh ribu'))
  const till = { terminal_id: shop['terminal_id'], amount: 7_000 }
  const trx = await done('POST', '/admin/transactions', till)
  equal((await pay({ qr_string: trx['qr_string'] }))['status'], 'paid')
  await until('its box to be told', limitMs, async () =>
    (await poll()).includes('tujuh ribu rupiah'),
  )
})

test('desk: bad input: a stable code, a sentence, and nothing done (DKM2)', async () => {
  const till = demo['merchant']!['terminal_id']
  for (const [body, status] of [
    [{ terminal_id: till, amount: -5 }, 400],
    [{ terminal_id: till, amount: 1e21 }, 400],
    [{ terminal_id: till, amount: 10.5 }, 400],
    [{ terminal_id: till, amount: '1000' }, 400],
    [{ amount: 1_000 }, 400],
    [{ terminal_id: '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e880', amount: 1_000 }, 404],
  ] as const) {
    const told = await ask(admin, 'POST', '/admin/transactions', { body })
    equal(told.status, status, JSON.stringify(body))
    deepEqual(Object.keys(told.body), ['code', 'message', 'details', 'request_id', 'timestamp'])
  }
  const broken = await ask(admin, 'POST', '/admin/transactions', { text: '{"amount":' })
  equal(broken.status, 400)
})

test('desk: leaving: the token opens nothing any more, and others stay (DKM1)', async () => {
  for (const [path, door, who] of [
    ['/merchant/login', '/merchant/session', 'merchant'],
    ['/admin/login', '/admin/session', 'admin'],
  ] as const) {
    const token = await login(path, demo[who]!)
    const look = who === 'merchant' ? '/merchant/profile' : '/admin/merchants'
    equal((await ask(token, 'GET', look)).status, 200)
    equal((await ask(token, 'DELETE', door)).status, 200)
    equal((await ask(token, 'GET', look)).status, 401)
  }
  equal((await ask(admin, 'GET', '/admin/merchants')).status, 200)
})

test('desk: the audit log: everything is in it, nothing secret, the chain is whole (DKM5)', async () => {
  const secret = String(demo['merchant']!['password'])
  await ask('', 'POST', '/admin/login', { body: { email: 'nobody@x.test', password: secret } })
  const verdict = await done('GET', '/admin/audit-logs/verify')
  equal(verdict['intact'], true)
  const { rows } = (await done('GET', '/admin/audit-logs?limit=500')) as { rows: Json[] }
  equal(rows.length, Math.min(500, Number(verdict['rows'])))
  const acts = new Set(rows.map(row => row['action']))
  for (const act of [
    'session.login',
    'settlement.mark_paid',
    'transaction.refund',
    'person.create',
  ]) {
    ok(acts.has(act), act)
  }
  const refused = rows.find(row => row['outcome'] === 'LOGIN_INVALID')
  equal(refused?.['subject'], 'nobody@x.test')
  const whole = JSON.stringify(rows)
  ok(!whole.includes(secret) && !whole.includes('12345678'))
})
