import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { FaultCode, RefusalCode } from '../services/contract/words.ts'
import { type Code, meanings } from './answer.ts'
import { buy, order, plain, raw, Stage, send, signedHeaders } from './scripted.fixture.ts'
import { codeText } from './text/codes.id.ts'

const stages: Stage[] = []
const open: typeof Stage.open = async (...args) => {
  const stage = await Stage.open(...args)
  stages.push(stage)
  return stage
}
after(() => Promise.all(stages.map(stage => stage.close())))

const transactions = '/api/v1/transactions'

/** The bytes of a signed POST, as a client of one's own making would write them. */
function head(body: string, change: Record<string, string | null> = {}): string {
  const headers: Record<string, string | null> = {
    Host: 'x',
    ...signedHeaders({ method: 'POST', path: transactions, body }),
    'Content-Length': String(Buffer.byteLength(body)),
    ...change,
  }
  const lines = Object.entries(headers).flatMap(([n, v]) => (v === null ? [] : `${n}: ${v}`))
  return `POST ${transactions} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}

test('answer: every answer: a request id of its own, in body and header (GX1)', async () => {
  const stage = await open()
  const told = await Promise.all([buy(stage), buy(stage, '{}'), plain(stage, { path: '/nowhere' })])
  for (const { body, headers } of told) equal(body['request_id'], headers.get('x-request-id'))
  equal(new Set(told.map(({ body }) => body['request_id'])).size, 3)
})

test('answer: a connection that is gone: its order is placed, nothing else breaks (GX2)', async () => {
  let answer = (_: unknown) => {}
  const stage = await open({
    'order.place': () => new Promise(resolve => (answer = resolve as never)),
  })
  await plain(stage, { path: '/health' })
  // The second request behind an unanswered one makes uWebSockets.js let go of both.
  equal(await pipeline(stage, order()), '')
  equal(stage.askedOf('order.place').length, 1)
  answer({ fault: 'OVERLOADED', retryAfterMs: 1 })
  equal((await plain(stage, { path: '/health' })).status, 200)
})

/** Two requests in one segment, the second behind an unanswered first. */
const pipeline = (stage: Stage, body: string) =>
  raw(stage, head(body) + body + head(body) + body, /never/)

const services: readonly (RefusalCode | FaultCode)[] = [
  ...(['INSUFFICIENT_BALANCE', 'DUPLICATE_REF', 'TWIN_ORDER', 'PRODUCT_UNKNOWN'] as const),
  ...(['PRODUCT_CLOSED', 'PRODUCT_UNSUPPLIED', 'PRICE_ABOVE_MAX', 'DESTINATION_INVALID'] as const),
  ...(['PREFIX_MISMATCH', 'CLIENT_SUSPENDED', 'NOT_FOUND', 'ORDER_FINAL', 'ORDER_BUSY'] as const),
  ...(['DISPUTE_ABSENT', 'AMOUNT_INVALID', 'TIME_INVALID', 'OVERLOADED'] as const),
  ...(['JOURNAL_UNAVAILABLE', 'NOT_THE_OWNER', 'STOPPING'] as const),
]

test('answer: every code a service can say: its status, sentence and retry (GX3)', async () => {
  let code: RefusalCode | FaultCode = 'NOT_FOUND'
  const isFault = (): boolean => meanings[code].http === 503
  const stage = await open({
    'order.place': () =>
      isFault()
        ? { fault: code as FaultCode, retryAfterMs: 2_500, moneyEffect: 'none' }
        : { refused: code as RefusalCode, moneyEffect: 'none' },
  })
  for (code of services) {
    const { status, body, headers } = await buy(stage)
    equal(status, meanings[code].http, code)
    deepEqual(
      [body['code'], body['status'], body['error_code'], body['retryable'], body['money_effect']],
      [status, 'error', code, meanings[code].retryable, 'none'],
    )
    equal(body['message'], `${codeText[code]} Saldo Anda tidak berubah.`)
    equal(headers.get('retry-after'), isFault() ? '3' : null)
    match(String(body['timestamp']), /^\d{4}-\d\d-\d\dT.*Z$/)
  }
})

test('answer: the promised statuses: as the specification lists them (GX3)', () => {
  const promised: Partial<Record<Code, number>> = {
    ...{ VALIDATION_FAILED: 400, SIGNATURE_INVALID: 401, TIMESTAMP_SKEWED: 401, NONCE_REUSED: 401 },
    ...{ KEY_UNKNOWN: 401, INSUFFICIENT_BALANCE: 402, FORBIDDEN: 403, NOT_FOUND: 404 },
    ...{ PRODUCT_UNKNOWN: 404, DUPLICATE_REF: 409, TWIN_ORDER: 409, BODY_TOO_LARGE: 413 },
    ...{ PRODUCT_CLOSED: 422, DESTINATION_INVALID: 422, RATE_LIMITED: 429, OVERLOADED: 503 },
  }
  for (const [code, status] of Object.entries(promised)) equal(meanings[code as Code].http, status)
})

test('answer: nobody can know about the money: no money_effect, asks for a repeat (GX4)', async () => {
  const stage = await open({
    'order.place': () => ({ fault: 'JOURNAL_UNAVAILABLE', retryAfterMs: 1 }),
  })
  const { body } = await buy(stage)
  equal('money_effect' in body, false)
  match(String(body['message']), /ulangi dengan ref_id yang sama/)
})

test('answer: money held already: the refusal says so (GX4)', async () => {
  const stage = await open({
    'order.place': () => ({ refused: 'DUPLICATE_REF', moneyEffect: 'held' }),
  })
  const { body } = await buy(stage)
  equal(body['money_effect'], 'held')
  match(String(body['message']), /Dana ditahan/)
})

test('body: ten megabytes: 413 at once, and the connection lives on (GB1)', async () => {
  const stage = await open()
  const big = new Uint8Array(10_000_000)
  const told = await plain(stage, { method: 'POST', path: transactions, body: big })
  equal(told.status, 413)
  equal(told.body['error_code'], 'BODY_TOO_LARGE')
  const bytes = Buffer.concat([
    Buffer.from(`POST ${transactions} HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n`),
    big,
    Buffer.from('GET /health HTTP/1.1\r\nHost: x\r\n\r\n'),
  ])
  match(await raw(stage, bytes, /"alive":true/), /413[\s\S]*BODY_TOO_LARGE[\s\S]*200 OK/)
  deepEqual(stage.asked, [])
})

test('body: larger than announced to be, in chunks without a length: 413 (GB1)', async () => {
  const stage = await open()
  const start = `POST ${transactions} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`
  const chunk = `4000\r\n${'a'.repeat(0x4000)}\r\n`
  match(await raw(stage, start + chunk.repeat(6), /BODY_TOO_LARGE/), /413/)
})

test('body: of the largest allowed size, in pieces: gathered whole (GB1)', async () => {
  const stage = await open()
  const body = order().padEnd(64 * 1024, ' ')
  equal((await buy(stage, body)).status, 200)
  equal((await buy(stage, `${body} `)).status, 413)
  const cut = 100
  const parts = [head(body) + body.slice(0, cut), body.slice(cut)]
  match(await raw(stage, parts.join(''), /request_id/), /200 OK/)
})

test('body: dripping in too slowly: 408, connection closed, nothing asked (GB2)', async () => {
  let now = Date.now()
  const stage = await open({}, { now: () => now })
  const body = order()
  const told = raw(stage, head(body) + body.slice(0, 10), /never/)
  const other = raw(stage, head(body), /never/)
  await plain(stage, { path: '/health' })
  now += 8_000
  match(await told, /408 Request Timeout[\s\S]*BODY_TIMEOUT/)
  match(await other, /408/)
  deepEqual(stage.askedOf('order.place'), [])
})

test('reading: content type: anything but JSON is 415 (GR1)', async () => {
  const stage = await open()
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx']) {
    const told = await buy(stage, order(), { headers: { 'content-type': type } })
    equal(told.status, 415, type)
    equal(told.body['error_code'], 'CONTENT_TYPE_UNSUPPORTED')
  }
  for (const type of ['application/json;charset=utf-8', 'Application/JSON', 'application/x+json'])
    equal((await buy(stage, order(), { headers: { 'content-type': type } })).status, 200, type)
})

test('reading: what is not strict JSON: 400 with the problem and where (GR1)', async () => {
  const stage = await open()
  const problemOf = async (body: string | Uint8Array<ArrayBuffer>) => {
    const told = await buy(stage, body)
    equal(told.status, 400)
    equal(told.body['error_code'], 'VALIDATION_FAILED')
    return told.body['details']!['problem']
  }
  equal(await problemOf(''), 'not_json')
  equal(await problemOf(order().slice(0, -1)), 'not_json')
  equal(await problemOf('{"ref_id":"a","ref_id":"b"}'), 'duplicate_key')
  equal(await problemOf('['.repeat(30_000)), 'too_deep')
  equal(await problemOf('{"max_price":1e21}'), 'number_not_whole')
  equal(await problemOf('{"max_price":NaN}'), 'not_json')
  equal(await problemOf('{"max_price":10000.5}'), 'number_not_whole')
  equal(await problemOf('{"max_price":99999999999999999999}'), 'number_too_large')
  equal(await problemOf(Uint8Array.from([0x22, 0xff, 0x22])), 'not_utf8')
  deepEqual(stage.askedOf('order.place'), [])
})

test('reading: wrong shapes: 400 and the field, each (GR1)', async () => {
  const stage = await open()
  const wrong: [string, unknown][] = [
    ...(['', ' a', 'a ', 'a\nb', 'é', 'x'.repeat(65), 1, null, {}] as const).map(
      value => ['ref_id', value] as [string, unknown],
    ),
    ...['', 'a b', "';drop", 'x'.repeat(41), 10, true].map(
      value => ['product_code', value] as [string, unknown],
    ),
    ...['', '\ud800', 'x'.repeat(65), 812, [], '\u0000'].map(
      value => ['destination', value] as [string, unknown],
    ),
    ...[0, -1, -10_000, '10000', null, {}].map(value => ['max_price', value] as [string, unknown]),
    ...['x', 'ftp://a.b', 'javascript:1', 'http://u:p@a.b/', 7].map(
      value => ['callback_url', value] as [string, unknown],
    ),
  ]
  for (const [field, value] of wrong) {
    const told = await buy(stage, order({ [field]: value }))
    equal(told.status, 400, `${field}=${value}`)
    equal(told.body['details']!['fields']![0]!['field'], field)
  }
  for (const whole of ['[]', '"x"', 'null', '1', '{}']) equal((await buy(stage, whole)).status, 400)
  deepEqual(stage.askedOf('order.place'), [])
})

test('reading: a NUL or half a character, in a text or a key: refused, and nothing is done (GR4)', async () => {
  const stage = await open()
  for (const note of ['a\0', '\ud83d', '\ude00\ud83d', { '\0': 1 }]) {
    const told = await buy(stage, order({ note }))
    equal(told.status, 400)
    equal(told.body['error_code'], 'VALIDATION_FAILED')
    equal(told.body['details']!['problem'], 'text_not_keepable')
  }
  deepEqual(stage.askedOf('order.place'), [])
  for (const note of ['\\u0000', '\u001f', '\\ud83d']) {
    equal((await buy(stage, order({ note }))).status, 200, note)
  }
  const escaped = order({ note: 'x' }).replace('"x"', '"\\ud83d\\ude00"')
  equal((await buy(stage, escaped)).status, 200)
})

test('reading: fields we do not know: ignored (GR2)', async () => {
  const stage = await open()
  equal((await buy(stage, order({ note: 'hello', __proto__: null }))).status, 200)
})

test('gateway: a known path with another method: 405 and which are allowed (GG1)', async () => {
  const stage = await open()
  const told = await plain(stage, { method: 'DELETE', path: transactions })
  equal(told.status, 405)
  equal(told.headers.get('allow'), 'POST, GET')
  equal(told.body['error_code'], 'METHOD_NOT_ALLOWED')
  equal((await plain(stage, { method: 'PUT', path: '/health' })).status, 405)
  equal((await plain(stage, { method: 'GET', path: '/h2h/v1/transaction' })).status, 405)
  equal((await plain(stage, { method: 'POST', path: '/api/v1/balance' })).status, 405)
})

test('gateway: HEAD: a head without a body, and the connection stays in step (GG1)', async () => {
  const stage = await open()
  const asked = (line: string) => `${line} HTTP/1.1\r\nHost: x\r\n\r\n`
  for (const [path, status] of [
    ['/health', '200 OK'],
    ['/', '200 OK'],
    ['/nowhere', '404 Not Found'],
    ['/h2h/v1/transaction', '405 Method Not Allowed'],
  ]) {
    const bytes = asked(`HEAD ${path}`) + asked('GET /health')
    const told = await raw(stage, bytes, /"alive":true/)
    const inStep = new RegExp(`^HTTP/1.1 ${status}[^{]*\r\n\r\nHTTP/1.1 200 OK`)
    match(told, inStep, path)
    equal(told.slice(0, told.indexOf('\r\n\r\n')).match(/content-length/gi)?.length, 1, path)
  }
})

test('gateway: an unknown path: 404 in the envelope (GG1)', async () => {
  const stage = await open()
  for (const path of [
    '/nowhere',
    '/api/v1/',
    '/api/v2/transactions',
    '/ui/../gateway.ts',
    '/.env',
  ]) {
    const told = await plain(stage, { path })
    equal(told.status, 404, path)
    equal(told.body['error_code'], 'NOT_FOUND')
  }
})

test('gateway: an unknown path in a browser: the page that was meant, or those that there are (GG1, GU7, GU8)', async () => {
  const stage = await open()
  const looked = (path: string, method = 'GET') =>
    plain(stage, { method, path, headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } })
  for (const path of ['/App', '/NOMOR', '/Toko/', '/kantor//', '/Docs']) {
    const led = await looked(`${path}?dari=poster`)
    const meant = path.toLowerCase().replace(/\/+$/, '')
    deepEqual([led.status, led.headers.get('location')], [308, `${meant}?dari=poster`])
  }
  for (const path of ['/login', '/admin', '/merchant', '/app/beranda', '/favicon.ico', '//evil']) {
    const told = await looked(path)
    deepEqual([told.status, told.headers.get('location')], [404, null], path)
    match(told.text, /<title>Alamat ini tidak ada/)
    match(told.text, /href="\/nomor"/)
    match(told.headers.get('content-security-policy') ?? '', /default-src 'none'/)
  }
  for (const path of ['/api/v1/nowhere', '/h2h/v1/nowhere', '/admin/nowhere', '/ui/nowhere.js']) {
    const told = await looked(path)
    deepEqual([told.status, told.text.startsWith('{')], [404, true], path)
  }
  equal((await looked('/login', 'POST')).status, 404)
})

test('gateway: pipelined reads that need no service: answered in order (GG1)', async () => {
  const stage = await open()
  const bytes = 'GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /x HTTP/1.1\r\nHost: x\r\n\r\n'
  match(await raw(stage, bytes, /NOT_FOUND/), /200 OK[\s\S]*404 Not Found/)
})

test('gateway: something of ours throws: 500 in the envelope, and it is reported (GX3)', async () => {
  const faults: unknown[] = []
  const stage = await open(
    { 'order.place': () => ({ ok: null as never }) },
    { onFault: error => faults.push(error) },
  )
  const told = await buy(stage)
  equal(told.status, 500)
  equal(told.body['error_code'], 'INTERNAL_ERROR')
  equal('money_effect' in told.body, false)
  equal(faults.length, 1)
})

test('gateway: closing: what is under way is answered, newcomers are not let in (GG2)', async () => {
  let reached = (_: null) => {}
  const placing = new Promise(resolve => (reached = resolve))
  let answer = (_: unknown) => {}
  const stage = await open({
    'order.place': () => {
      reached(null)
      return new Promise(resolve => (answer = resolve as never))
    },
  })
  const kept = raw(stage, `${head(order())}${order()}`, /STOPPING/)
  await placing
  const closing = stage.close()
  answer({ fault: 'STOPPING', retryAfterMs: 1, moneyEffect: 'none' })
  match(await kept, /503[\s\S]*STOPPING/)
  await closing
  await rejects(plain(stage, { path: '/health' }))
})

test('gateway: a port that is taken: a sentence at the start (GG3)', async () => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, resolve))
  const { port } = server.address() as { port: number }
  await rejects(Stage.open({}, { port }), { name: 'PortTaken', message: /port \d+ is taken/ })
  server.close()
})

test('gateway: production: the demo is not there (GG4)', async () => {
  const demo = { userId: 'u', username: 'demo', level: 1 }
  const stage = await open({}, { mode: 'production', demo })
  equal((await plain(stage, { method: 'POST', path: '/demo/buy', body: '{}' })).status, 404)
})

test('pages: areas that begin alike: each with its own name, its files are there (GU5)', async () => {
  const stage = await open()
  for (const area of ['app', 'toko', 'kantor']) {
    const { status, text } = await plain(stage, { path: `/${area}` })
    equal(status, 200)
    const named = [...text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path]) => path!)
    ok(named.includes(`/ui/${area}/main.js`) && named.includes(`/ui/${area}/${area}.css`))
    for (const path of named) equal((await plain(stage, { path })).status, 200, path)
  }
  equal((await plain(stage, { path: '/ui/kit/area.html' })).status, 404)
})

test('pages: a slash behind a name: led to the page with what was asked, no door of programs (GU6)', async () => {
  const stage = await open()
  for (const page of ['/app', '/toko', '/kantor', '/kotak', '/docs']) {
    const led = await plain(stage, { path: `${page}/?dari=poster&x=%2F%2Fb` })
    const to = led.headers.get('location')
    deepEqual([led.status, to, led.text], [308, `${page}?dari=poster&x=%2F%2Fb`, ''])
    equal((await plain(stage, { path: `${page}/` })).headers.get('location'), page)
    equal((await plain(stage, { path: `${page}/x` })).status, 404)
    equal((await plain(stage, { method: 'POST', path: `${page}/`, body: '{}' })).status, 405)
  }
  equal((await plain(stage, { path: '/nomor/' })).status, 200)
  for (const path of ['/health/', '/metrics/', '/api/v1/balance/', '/admin/', '/ui/page.js/'])
    equal((await plain(stage, { path })).status, 404, path)
})

test('pages: files: their type, a strict policy, packed for who takes it, and 304 for who has them (GU1, GU2, GU4)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pages-'))
  writeFileSync(join(folder, 'index.html'), '<h1>hi</h1>')
  writeFileSync(join(folder, 'page.js'), 'export {}')
  writeFileSync(join(folder, 'secret.ts'), 'no')
  writeFileSync(join(folder, '.env'), 'no')
  const stage = await open({}, { pages: folder })
  rmSync(folder, { recursive: true })
  const page = await plain(stage, { path: '/' })
  equal(page.text, '<h1>hi</h1>')
  equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
  match(page.headers.get('content-security-policy')!, /default-src 'none'.*frame-ancestors 'none'/)
  const bare = { 'accept-encoding': 'identity' }
  const script = await plain(stage, { path: '/ui/page.js', headers: bare })
  equal(script.headers.get('content-type'), 'text/javascript; charset=utf-8')
  const headers = { ...bare, 'if-none-match': script.headers.get('etag')! }
  equal((await plain(stage, { path: '/ui/page.js', headers })).status, 304)
  equal(script.headers.get('content-encoding'), null)
  const packing = { 'accept-encoding': 'br, gzip' }
  const packed = await plain(stage, { path: '/ui/page.js', headers: packing })
  deepEqual([packed.headers.get('content-encoding'), packed.text], ['gzip', 'export {}'])
  equal(packed.headers.get('vary'), 'Accept-Encoding')
  const [own, other] = [packed.headers.get('etag')!, script.headers.get('etag')!]
  for (const [tag, status] of [
    [own, 304],
    [other, 200],
  ] as const) {
    const again = { ...packing, 'if-none-match': tag }
    equal((await plain(stage, { path: '/ui/page.js', headers: again })).status, status)
  }
  equal((await plain(stage, { path: '/ui/secret.ts' })).status, 404)
  equal((await plain(stage, { path: '/ui/.env' })).status, 404)
})

test('flights: one client with everything in flight: another still gets in (GL2)', async () => {
  const stage = await open(
    {
      'order.place': ({ destination }) =>
        destination === 'stuck'
          ? new Promise(() => {})
          : { fault: 'OVERLOADED', retryAfterMs: 1, moneyEffect: 'none' },
      'supplier.callback': () => ({ verdict: 'accepted', stored: true }),
    },
    { limits: { inFlightMax: 8, drainMs: 1 } },
  )
  const statuses: number[] = []
  let turnedAway = (_: null) => {}
  const full = new Promise(resolve => (turnedAway = resolve))
  for (let i = 0; i < 6; i++)
    void buy(stage, order({ destination: 'stuck' })).then(
      ({ status, body, headers }) => {
        statuses.push(status)
        equal(body['error_code'], 'OVERLOADED')
        equal(headers.get('retry-after'), '1')
        if (statuses.length === 2) turnedAway(null)
      },
      () => undefined,
    )
  await full
  equal(stage.askedOf('order.place').length, 4)
  const path = '/api/v1/callbacks/supplier/other'
  equal((await plain(stage, { method: 'POST', path, body: '{}' })).status, 200)
  equal((await send(stage, { path: '/api/v1/balance' })).status, 503)
})
