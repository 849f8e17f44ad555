/**
 * Secrets are planted in a running program and then looked for everywhere: codes of rented numbers,
 * the texts they came in, a PIN, a password, an API key. Their owners get them, and nobody else.
 *
 * ZCA1. A code reaches its owner: over the socket, in the order, and in the dialect of bots.
 * ZCA2. Neither a code nor its text stands in the log, the metrics, the journal or any table, but
 *       for what is sealed; nor does a PIN, a password or a key that was typed.
 * ZCA3. The public page and the sockets of staff hear no number and no code of the number line.
 * ZCA4. A code that came too late is shown to staff who say why, and is found nowhere either; nor
 *       is one of another supplier.
 * ZCA5. No error and no page repeats a secret that was sent to it.
 * ZCA6. An engine that dies of an error with codes under way, and one that is killed, leave nothing
 *       of them: not in what it says at the end, not in the report that Node writes, and not in any
 *       file of its folder, the database's own among them.
 * ZCA7. Of the soundbox line as little is found: a box's secret, a merchant's account number, the
 *       acquirer's secret, a token of the desk.
 */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ask, type Json } from './reseller.ts'
import { type Engine, Stage, until } from './stage.ts'

const supplier = 'handler_api'
const waitMs = 120_000
/** Who looks more often is told to wait. */
const lookMs = 2_000
const planted = {
  code: '739154628',
  otherCode: '628391745',
  lateCode: '517283946',
  rumahotpCode: '846271935',
  crashCode: '395817264',
  killCode: '461938275',
  text: 'kenari-dalam-teks',
  pin: '9183726451',
  password: 'kenari-sandi-5512',
  key: 'kenari-kunci-5512',
  box: 'kenari-kotak-5512',
  account: '771359246801358',
}
/** Secrets that were drawn and told once. */
const drawn: string[] = []

let stage: Stage
let engine: Engine
let token: string
let log = ''
const numbers: string[] = []

const reports = () => join(stage.dataDir(), 'reports')

/** An engine whose every word is kept, and that writes a report when it dies of an error. */
async function launch(): Promise<void> {
  const node = ['--report-uncaught-exception', `--report-directory=${reports()}`]
  const launched = await stage.launch({
    env: { LOG_LEVEL: 'trace', NODE_OPTIONS: [...node, '--inspect-port=0'].join(' ') },
  })
  for (const stream of [launched.child.stderr!, launched.child.stdout!]) {
    stream.on('data', chunk => {
      log += String(chunk)
    })
  }
  const { http, ms } = (await launched.ready()) as { http: string; ms: number }
  engine = Object.assign(launched, { http, ms })
}

before(async () => {
  stage = new Stage()
  await stage.startSandbox()
  mkdirSync(reports(), { recursive: true })
  await launch()
  const { consumer } = demo()
  const [row] = await stage.sql<{ username: string }>(
    'select username from client where email = $1',
    [consumer.email],
  )
  const paid = ['deposit', '--username', row!.username, '--amount', '100000', '--ref', 'uji']
  equal((await stage.cli(paid)).code, 0)
  await stage.sql(`update number_supplier set active = code = '${supplier}',
    terms = '{"pollMs": 1000, "cancelAfterMs": 0}'`)
  token = (await enter(consumer.email, consumer.password)).body['data'].access_token
})
after(() => stage.close())

const demo = (): Json => JSON.parse(readFileSync(join(stage.dataDir(), 'demo.json'), 'utf8'))
const jsonHeaders = { 'content-type': 'application/json' }

const enter = (username: string, password: string) =>
  ask(`${engine.http}/api/v1/auth/login`, {
    ...{ method: 'POST', headers: jsonHeaders },
    body: JSON.stringify({ username, password }),
  })

const send = (method: string, path: string, body?: object, bearer = token) =>
  ask(`${engine.http}/api/v1${path}`, {
    ...{ method, headers: { ...jsonHeaders, authorization: `Bearer ${bearer}` } },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

async function told(method: string, path: string, body?: object): Promise<Json> {
  const answer = await send(method, path, body)
  equal(answer.status, 200, answer.text)
  return answer.body['data']
}

async function sms(number: string, code: string, more: object = {}): Promise<void> {
  const answer = await ask(`${stage.sandboxUrl}/_sandbox/otp`, {
    ...{ method: 'POST', headers: jsonHeaders },
    body: JSON.stringify({ number, text: `${planted.text} ${code}`, code, ...more }),
  })
  equal(answer.status, 200, answer.text)
}

const wish = { service_id: 'whatsapp', country_id: 'indonesia' }

async function rent(): Promise<{ id: string; number: string }> {
  // Only so many a minute, and none while a catalogue is being read.
  const order = await until('a number', waitMs, async () => {
    const { status, body } = await send('POST', '/orders/create', wish)
    return status === 200 ? (body['data'] as Json) : await pause(lookMs, null)
  })
  numbers.push(order['number'])
  return { id: order['order_id'], number: order['number'] }
}

/** Asks the table until its row is so: who asks the API that often is told to wait. */
const untilRow = (id: string, isSo: string) =>
  until(isSo, waitMs, async () => {
    const rows = await stage.sql(`select 1 from number_view where id = $1 and ${isSo}`, [id])
    return rows.length > 0
  })

async function codeOf({ id }: { id: string }): Promise<string> {
  await untilRow(id, 'codes > 0')
  return (await told('GET', `/orders/${id}`))['otp']
}

/** The supplier takes numbers back from now on. */
async function advance(ms: number): Promise<void> {
  const answer = await ask(`${stage.sandboxUrl}/_sandbox/clock`, {
    ...{ method: 'POST', headers: jsonHeaders },
    body: JSON.stringify({ party: supplier, advance_ms: ms }),
  })
  equal(answer.status, 200, answer.text)
}

/** All that a socket hears after its first message was sent. */
async function listen(first: Json): Promise<string[]> {
  const heard: string[] = []
  const socket = new WebSocket(`${engine.http.replace(/^http/, 'ws')}/ws`)
  socket.onmessage = ({ data }) => void heard.push(String(data))
  await new Promise((resolve, reject) => {
    socket.onopen = resolve
    socket.onerror = reject
  })
  socket.send(JSON.stringify(first))
  await until('a first word', waitMs, () => heard.length > 0)
  return heard
}

const bot = (fields: Record<string, string>): Promise<string> =>
  ask(
    `${engine.http}/stubs/handler_api.php?${new URLSearchParams({
      api_key: demo()['reseller'].api_key,
      ...fields,
    })}`,
  ).then(({ status, text }) => {
    equal(status, 200)
    return text
  })

test('canary: a code: over its owner’s socket, in his order, and to his bot (ZCA1, ZCA3)', async () => {
  await until('the catalogue', waitMs, async () => {
    const { services } = await told('GET', '/services?search=whatsapp')
    return services.length > 0
  })
  const staffToken = await enterStaff()
  const [mine, staff, visitor] = await Promise.all([
    listen({ type: 'auth', token }),
    listen({ type: 'auth', token: staffToken }),
    listen({ type: 'watch' }),
  ])
  const order = await told('POST', '/orders/create', wish)
  numbers.push(order['number'])
  await sms(order['number'], planted.code)
  await until('the code', waitMs, () => mine.some(text => text.includes(planted.code)))
  const event = mine.map(text => JSON.parse(text)).find(({ data }) => data?.otp === planted.code)
  equal(event.name, 'order:otp_received')
  equal((await told('GET', `/orders/${order['order_id']}`))['otp'], planted.code)

  const bought = await bot({ action: 'getNumberV2', service: 'wa', country: '6', orderId: 'k-1' })
  const { activationId, phoneNumber } = JSON.parse(bought)
  equal(
    JSON.parse(await bot({ action: 'getNumberV2', service: 'wa', orderId: 'k-1' })).activationId,
    activationId,
  )
  numbers.push(phoneNumber)
  await sms(phoneNumber, planted.otherCode)
  const id = String(activationId)
  const status = await until('the bot’s code', waitMs, async () => {
    const text = await bot({ action: 'getStatus', id })
    return text !== 'STATUS_WAIT_CODE' && text
  })
  equal(status, `STATUS_OK:${planted.otherCode}`)
  match(await bot({ action: 'getFullSms', id }), new RegExp(planted.text))

  await told('POST', '/help', { where: 'order', id: order['order_id'] })
  await until('the help', waitMs, () => staff.some(text => text.includes('user:open_cs')))
  for (const text of [...staff, ...visitor]) {
    for (const secret of [planted.code, planted.otherCode, planted.text, ...numbers]) {
      ok(!text.includes(secret), text)
    }
  }
})

async function enterStaff(): Promise<string> {
  const { admin } = demo()
  const staffToken = (await enter(admin.username, admin.password)).body['data']?.access_token
  ok(staffToken, 'the demo’s admin is let in')
  return staffToken
}

test('canary: a code too late: to staff who say why, and one of another supplier (ZCA4)', async () => {
  const late = await rent()
  await advance(3 * 60_000)
  const given = await send('POST', `/orders/${late.id}/cancel`)
  equal(given.status, 200, given.text)
  await untilRow(late.id, `status = 'refunded'`)
  await sms(late.number, planted.lateCode, { late: true })
  await untilRow(late.id, 'late > 0')
  const shown = await send(
    ...(['POST', `/admin/orders/${late.id}/reveal`, { reason: 'ditanya pemiliknya' }] as const),
    await enterStaff(),
  )
  equal(shown.status, 200, shown.text)
  match(shown.text, new RegExp(planted.lateCode))

  await stage.sql(`update number_supplier set active = code = 'rumahotp'`)
  const order = await until('one of the other supplier', waitMs, async () => {
    const one = await rent()
    await untilRow(one.id, 'number is not null')
    const rows = await stage.sql(
      `select 1 from number_view where id = $1 and supplier = 'rumahotp'`,
      [one.id],
    )
    return rows.length > 0 && one
  })
  await sms(order.number, planted.rumahotpCode)
  equal(await codeOf(order), planted.rumahotpCode)
})

test('canary: errors and pages: none repeats what was sent to it (ZCA5)', async () => {
  const { code, key, password } = planted
  const doors: readonly (readonly [string, string, object?])[] = [
    ['GET', `/api/v1/orders/${code}`],
    ['GET', `/api/v1/invoice/${code}`],
    ['GET', `/api/v1/countries/${code}`],
    ['GET', `/api/v1/services?search=${code}&limit=${code}`],
    ['GET', `/api/v1/${code}`],
    ['POST', `/api/v1/orders/${code}/resend`],
    ['POST', '/api/v1/orders/create', { ...wish, max_price: code, operator_id: password }],
    ['POST', '/api/v1/orders/create', { service_id: code, country_id: code }],
    ['POST', '/api/v1/auth/login', { email: code, password }],
    ['POST', '/api/v1/auth/refresh', { refresh_token: key }],
    ['POST', '/api/v1/user/erase', { password }],
    ['PUT', '/api/v1/user/profile', { password: { old: password, next: key }, [key]: 1 }],
    ['POST', '/api/v1/deposit/create', { amount: code, metode: key }],
    ['GET', `/nomor/${code}`],
    ['GET', `/kantor/?kode=${code}`],
    ['GET', `/${code}?k=${key}`],
    ['GET', `/stubs/handler_api.php?api_key=${key}&action=${code}&id=${code}`],
    ['GET', `/stubs/handler_api.php?api_key=${key}&action=getStatus&id=${code}`],
  ]
  for (const [method, path, body] of doors) {
    const answer = await ask(`${engine.http}${path}`, {
      ...{ method, headers: { ...jsonHeaders, authorization: `Bearer ${token}` } },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    for (const secret of Object.values(planted)) {
      ok(!answer.text.includes(secret), `${method} ${path}: ${answer.text}`)
    }
  }
})

/** Makes the engine die of an error of its own, the way a mistake in it would. */
async function breakDown(): Promise<void> {
  const before = log.length
  engine.signal('SIGUSR1')
  const url = await until('the inspector', waitMs, () => {
    return /Debugger listening on (ws:\S+)/.exec(log.slice(before))?.[1]
  })
  const inspector = new WebSocket(url)
  await new Promise((resolve, reject) => {
    inspector.onopen = resolve
    inspector.onerror = reject
  })
  // It does not end while somebody looks on.
  const expression = `setTimeout(() => { throw new Error('a mistake of ours') }, 100)`
  const call = { id: 1, method: 'Runtime.evaluate', params: { expression } }
  inspector.send(JSON.stringify(call))
  await new Promise(resolve => {
    inspector.onmessage = resolve
  })
  inspector.close()
  const { code } = await engine.ended
  ok(code !== 0)
}

test('canary: death with codes under way: they come all the same, once (ZCA6)', async () => {
  for (const [code, die] of [
    [planted.crashCode, breakDown],
    [planted.killCode, () => engine.kill()],
  ] as const) {
    const held = [await rent(), await rent()]
    for (const { number } of held) await sms(number, code)
    await codeOf(held[0]!)
    await die()
    await launch()
    for (const one of held) equal(await codeOf(one), code)
  }
  const written = readdirSync(reports())
  equal(written.length, 1)
  match(readFileSync(join(reports(), written[0]!), 'utf8'), /a mistake of ours/)
  match(log, /a mistake of ours/)
})

test('canary: a box, an account, an acquirer: told to whom they are due (ZCA7)', async () => {
  const { email, password } = demo()['admin']
  const post = async (path: string, body: object, headers = {}): Promise<Json> => {
    const answer = await ask(`${engine.http}/admin/${path}`, {
      ...{ method: 'POST', headers: { ...jsonHeaders, ...headers } },
      body: JSON.stringify(body),
    })
    equal(answer.status, 200, answer.text)
    return answer.body
  }
  const { token: bearer } = await post('login', { email, password })
  const asked = { authorization: `Bearer ${bearer}` }
  const desk = (path: string, body: object) =>
    post(path, body, { ...asked, 'idempotency-key': `kenari-${path}` })
  const box = await desk('devices', { vendor: 'Laju', model: 'V1', secret: planted.box })
  const heard = await ask(`${engine.http}/device/notifications`, {
    headers: { 'x-device-id': box['device_id'], 'x-device-secret': planted.box },
  })
  equal(heard.status, 200, heard.text)
  const fields = { bank_code: 'bca', account_name: 'Kenari', account_number: planted.account }
  const shop = await desk('merchants', { name: 'Toko Kenari', ...fields })
  equal(shop['account_hint'], '••••1358')
  ok(!JSON.stringify(shop).includes(planted.account))
  const acquirer = await desk('qris-callbacks/secret/rotate', {})
  drawn.push(bearer, acquirer['secret'])
  ok(drawn.every(secret => secret.length > 20))
})

test('canary: wrong secrets that were typed: refused (ZCA2)', async () => {
  equal((await enter(demo()['consumer'].email, planted.password)).status, 401)
  equal(await bot({ action: 'getBalance', api_key: planted.key }), 'BAD_KEY')
  const member = new URLSearchParams({
    ...{ memberID: demo()['reseller'].member_id, pin: planted.pin, password: planted.password },
    ...{ product: 'XLD10', dest: '087800000001', refID: 'k-1' },
  })
  const { text } = await ask(`${engine.http}/h2h/trx?${member}`)
  ok(!/SUKSES|PROSES/i.test(text), text)
})

test('canary: log, metrics, journal and tables: nothing of it is found (ZCA2)', async () => {
  const secrets = [...Object.values(planted), ...drawn]
  const metrics = await ask(`${engine.http}/metrics`)
  const health = await ask(`${engine.http}/health/deep`)
  match(metrics.text, /laju_number_reviews_open/)
  const names = await stage.sql<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'public' and c.relkind in ('r', 'p')`,
  )
  ok(names.length > 50)
  const found: string[] = []
  for (const { name } of names) {
    const [hit] = await stage.sql<{ count: number }>(
      `select count(*)::int as count from "${name}" as row
        where ${secrets.map((_, at) => `position($${at + 1} in row::text) > 0`).join(' or ')}`,
      secrets,
    )
    if (hit!.count > 0) found.push(name)
  }
  // The search finds what is there.
  const [kept] = await stage.sql<{ count: number }>(
    `select count(*)::int as count from number_view as row where position($1 in row::text) > 0`,
    [numbers[0]!],
  )
  equal(kept!.count, 1)
  await stage.sql('checkpoint')
  const files = filesOf()
  for (const [file, bytes] of files) {
    for (const secret of secrets) if (bytes.includes(secret)) found.push(`${file}: ${secret}`)
  }
  ok(
    [...files.values()].some(bytes => bytes.includes(numbers[0]!)),
    'files are searched',
  )
  engine.signal('SIGTERM')
  equal((await engine.ended).code, 0)
  ok(log.length > 100)
  for (const [place, text] of Object.entries({ log, metrics: metrics.text, health: health.text })) {
    for (const secret of secrets) if (text.includes(secret)) found.push(`${place}: ${secret}`)
  }
  deepEqual(found, [])
})

/** All that lies in the engine's folder, and in the database's. */
function filesOf(): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  const folders = [stage.dataDir(), stage.clusterDir()]
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile()) files.set(path, readFileSync(path))
    }
  }
  return files
}
