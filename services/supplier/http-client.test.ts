import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { HttpPool, type Outcome, type PoolOptions } from './http-client.ts'

const answer = (body: string, head = ''): string =>
  `HTTP/1.1 200 OK\r\n${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

type Party = {
  readonly base: string
  readonly connections: Socket[]
  /** Every request as it came over the wire. */
  readonly requests: string[]
  close(): Promise<void>
}

/** A server that does to the n-th request of a connection (from 1) what the script says. */
async function party(
  t: TestContext,
  script: (socket: Socket, n: number, text: string) => void,
  server: Server = createServer(),
): Promise<Party> {
  const connections: Socket[] = []
  const requests: string[] = []
  server.on(
    server.eventNames().includes('secureConnection') ? 'secureConnection' : 'connection',
    (socket: Socket) => {
      connections.push(socket)
      let n = 0
      socket.on('error', () => {})
      socket.on('data', bytes => {
        requests.push(String(bytes))
        script(socket, ++n, String(bytes))
      })
    },
  )
  const close = async (): Promise<void> => {
    for (const socket of connections) socket.destroy()
    if (!server.listening) return
    server.close()
    await once(server, 'close')
  }
  t.after(close)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections,
    requests,
    close,
  }
}

/** A reset at once. `resetAndDestroy` says goodbye first, which to the other side is an end. */
function reset(socket: Socket): void {
  const handle: { reset(done: () => void): void } = Reflect.get(socket, '_handle')
  handle.reset(() => socket.destroy())
}

const post = (body = '{}') => ({ method: 'POST', path: '/transaction', body }) as const
const get = { method: 'GET', path: '/' } as const

async function one(
  t: TestContext,
  script: (socket: Socket, n: number) => void,
  options: Partial<PoolOptions> = {},
): Promise<Outcome & { requests: number }> {
  const server = await party(t, script)
  const pool = new HttpPool(server.base, options)
  const outcome = await pool.send(post())
  await pool.close()
  return { ...outcome, requests: server.requests.length }
}

const brief = (outcome: Outcome): string =>
  outcome.kind === 'answer' ? `${outcome.status} ${outcome.body}` : `${outcome.kind} ${outcome.why}`

test('http client: request: one write with head, length in bytes and body (HC2)', async t => {
  const server = await party(t, socket => socket.write(answer('é')))
  const pool = new HttpPool(`${server.base}/v1/`)
  const sent = { ...post('{"a":"é"}'), headers: { 'x-extra': '1' } }
  equal(brief(await pool.send(sent)), '200 é')
  equal(brief(await pool.send({ method: 'GET', path: '/saldo?id=1' })), '200 é')
  await pool.close()
  const host = server.base.slice('http://'.length)
  const common = `HTTP/1.1\r\nhost: ${host}\r\nuser-agent: laju\r\naccept: */*\r\n`
  deepEqual(server.requests, [
    `POST /v1/transaction ${common}x-extra: 1\r\ncontent-type: application/json\r\n` +
      'content-length: 10\r\n\r\n{"a":"é"}',
    `GET /v1/saldo?id=1 ${common}\r\n`,
  ])
})

const badRequests: Record<string, Parameters<HttpPool['send']>[0]> = {
  'line break in the path': { method: 'GET', path: '/a\r\nx: y' },
  'space in the path': { method: 'GET', path: '/a b' },
  'path without a slash': { method: 'GET', path: 'a' },
  'line break in a header': { ...get, headers: { a: 'b\r\nc: d' } },
  'colon in a name': { ...get, headers: { 'a:': 'b' } },
  'line break in the type': { ...post(), type: 'a\r\nb: c' },
}

for (const [name, request] of Object.entries(badRequests)) {
  test(`http client: ${name}: not sent (HC1)`, async t => {
    const server = await party(t, socket => socket.write(answer('ok')))
    const pool = new HttpPool(server.base)
    equal(brief(await pool.send(request)), 'not_sent bad_request')
    await pool.close()
    equal(server.connections.length, 0)
  })
}

test('http client: nobody listens: not sent (HC1)', async t => {
  const closed = await party(t, () => {})
  await closed.close()
  const pool = new HttpPool(closed.base, { connectionsMax: 2 })
  const outcomes = await Promise.all(Array.from({ length: 7 }, () => pool.send(post())))
  deepEqual(new Set(outcomes.map(brief)), new Set(['not_sent connect_refused']))
  deepEqual(pool.state, { open: 0, busy: 0, queued: 0 })
  await pool.close()
})

test('http client: tls to one who speaks no tls: not sent (HC1)', async t => {
  const server = await party(t, socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const pool = new HttpPool(server.base.replace('http:', 'https:'))
  match(brief(await pool.send(post())), /^not_sent (tls_failed|connect_failed)$/)
  await pool.close()
})

test('http client: handshake that never ends: not sent after the limit (HC1) (HC5)', async t => {
  const server = await party(t, () => {})
  const pool = new HttpPool(server.base.replace('http:', 'https:'), { connectMsMax: 50 })
  equal(brief(await pool.send(post())), 'not_sent connect_timeout')
  await pool.close()
})

const unknowns: Record<string, [script: (socket: Socket, n: number) => void, why: string]> = {
  'closes without a word': [socket => socket.end(), 'closed_early'],
  'closes in the head': [socket => socket.end('HTTP/1.1 200 O'), 'closed_early'],
  'closes in the body': [
    socket => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"data":{'),
    'closed_early',
  ],
  'resets at once': [reset, 'reset'],
  'resets in the body': [
    socket => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"data"', () => reset(socket))
    },
    // A reset that comes together with bytes reaches us as an end.
    'closed_early',
  ],
  'says nothing': [() => {}, 'answer_timeout'],
  'stops in the body': [
    socket => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{'),
    'answer_timeout',
  ],
  'speaks html': [socket => socket.write('<html>hello</html>'), 'garbled'],
  'compresses unasked': [
    socket => socket.write(answer('x', 'Content-Encoding: gzip\r\n')),
    'garbled',
  ],
  'promises too much': [
    socket => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n'),
    'garbled',
  ],
}

for (const [name, [script, why]] of Object.entries(unknowns)) {
  test(`http client: a server that ${name}: unknown, and asked once only (HC1) (HC2)`, async t => {
    const outcome = await one(t, script, { answerMsMax: 100 })
    equal(brief(outcome), `unknown ${why}`)
    equal(outcome.requests, 1)
  })
}

test('http client: an answer in drops, by chunks: read whole (HC1)', async t => {
  const text =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n3\r\n:1}\r\n0\r\n\r\n'
  const drip = (socket: Socket, rest: string): void => {
    if (rest !== '') socket.write(rest.slice(0, 5), () => setImmediate(drip, socket, rest.slice(5)))
  }
  equal(brief(await one(t, socket => drip(socket, text))), '200 {"a":1}')
})

test('http client: a body that ends with the connection: read whole (HC1)', async t => {
  equal(
    brief(await one(t, socket => socket.end('HTTP/1.1 500 Oops\r\n\r\n{"a":1}'))),
    '500 {"a":1}',
  )
})

test('http client: closed after the write on a kept connection: unknown, never repeated (HC2)', async t => {
  const server = await party(t, (socket, n) => (n === 1 ? socket.write(answer('1')) : socket.end()))
  const pool = new HttpPool(server.base)
  equal(brief(await pool.send(post())), '200 1')
  equal(brief(await pool.send(post())), 'unknown closed_early')
  await pool.close()
  equal(server.connections.length, 1)
  equal(server.requests.length, 2)
})

test('http client: many calls: one on a connection at a time, the last used is next (HC3)', async t => {
  const waiting: Socket[] = []
  const arrived = Promise.withResolvers<void>()
  const server = await party(t, (socket, n) => {
    if (n > 1) return socket.write(answer('again'))
    waiting.push(socket)
    return waiting.length === 3 ? arrived.resolve() : undefined
  })
  const pool = new HttpPool(server.base, { connectionsMax: 3 })
  const calls = Array.from({ length: 4 }, () => pool.send(post()))
  await arrived.promise
  deepEqual(pool.state, { open: 3, busy: 3, queued: 1 })
  equal(server.requests.length, 3)
  for (const socket of waiting) socket.write(answer('first'))
  const bodies = (await Promise.all(calls)).map(brief).sort()
  deepEqual(bodies, ['200 again', '200 first', '200 first', '200 first'])
  const before = server.connections.map(socket => socket.bytesRead)
  await pool.send(post())
  await pool.send(post())
  const used = server.connections.filter((socket, index) => socket.bytesRead > before[index]!)
  equal(used.length, 1)
  await pool.close()
  equal(server.connections.length, 3)
})

const dropped: Record<string, (socket: Socket) => void> = {
  'ends in order': socket => socket.end(),
  resets: socket => socket.resetAndDestroy(),
  'says more than it was asked': socket => socket.write('HTTP/1.1 408 Too slow\r\n\r\n'),
}

for (const [name, then] of Object.entries(dropped)) {
  test(`http client: an idle connection that ${name}: replaced before use (HC4)`, async t => {
    const server = await party(t, socket => socket.write(answer('ok')))
    const pool = new HttpPool(server.base)
    equal(brief(await pool.send(post())), '200 ok')
    const first = server.connections[0]!
    const gone = once(first, 'close')
    then(first)
    await gone
    // The other side sees the end of it no earlier than ours does, but for a reset of its own.
    while (pool.state.open > 0) await new Promise(setImmediate)
    equal(brief(await pool.send(post())), '200 ok')
    equal(server.connections.length, 2)
    await pool.close()
  })
}

test('http client: an idle connection grown old: hung up by us (HC4)', async t => {
  const server = await party(t, socket => socket.write(answer('ok')))
  const pool = new HttpPool(server.base, { idleMsMax: 20 })
  equal(brief(await pool.send(post())), '200 ok')
  await once(server.connections[0]!, 'end')
  equal(pool.state.open, 0)
  await pool.close()
})

test('http client: a server that keeps alive for a second: not used again (HC4)', async t => {
  const server = await party(t, socket => socket.write(answer('ok', 'Keep-Alive: timeout=1\r\n')))
  const pool = new HttpPool(server.base)
  await pool.send(post())
  await pool.send(post())
  equal(server.connections.length, 2)
  await pool.close()
})

test('http client: connection close: the next call opens another (HC4)', async t => {
  const server = await party(t, socket => socket.write(answer('ok', 'Connection: close\r\n')))
  const pool = new HttpPool(server.base)
  await pool.send(post())
  await pool.send(post())
  equal(server.connections.length, 2)
  await pool.close()
})

test('http client: line too long, waited too long: not sent (HC5)', async t => {
  const server = await party(t, () => {})
  const limits = { connectionsMax: 1, queueMax: 1, queueMsMax: 60, answerMsMax: 400 }
  const pool = new HttpPool(server.base, limits)
  const first = pool.send(post())
  while (pool.state.busy === 0) await new Promise(setImmediate)
  const second = pool.send(post())
  equal(brief(await pool.send(post())), 'not_sent queue_full')
  equal(brief(await second), 'not_sent queue_timeout')
  equal(brief(await first), 'unknown answer_timeout')
  await pool.close()
  equal(server.requests.length, 1)
})

test('http client: everything stood still: what waited too long does not leave afterwards (HC8)', async t => {
  // Nobody looks while a process is stopped; answers that came meanwhile are read first.
  t.mock.timers.enable({ apis: ['setInterval'] })
  const server = await party(t, (socket, _, text) => {
    if (text.includes('second')) socket.write(answer('left'))
  })
  const pool = new HttpPool(server.base, { connectionsMax: 1 })
  for (const [n, still] of [performance, Date].entries()) {
    const first = pool.send(post())
    while (server.requests.length === n) await new Promise(setImmediate)
    const second = pool.send(post('second'))
    const now = still.now()
    const clock = t.mock.method(still, 'now', () => now + 20_001)
    server.connections.at(-1)!.write(answer('late'))
    equal(brief(await first), '200 late')
    equal(brief(await second), 'not_sent queue_timeout')
    clock.mock.restore()
  }
  await pool.close()
  equal(server.requests.length, 2)
})

test('http client: let go: what waits is not sent, what is under way gets its answer (HC7)', async t => {
  const server = await party(t, () => {})
  const pool = new HttpPool(server.base, { connectionsMax: 1 })
  const first = pool.send(post())
  while (server.requests.length === 0) await new Promise(setImmediate)
  const second = pool.send(post())
  pool.letGo()
  equal(brief(await second), 'not_sent closing')
  server.connections[0]!.write(answer('ok'))
  equal(brief(await first), '200 ok')
  await pool.close()
  equal(server.requests.length, 1)
})

test('http client: outcomes: hold nothing of the request but its fate (HC6)', async t => {
  const secret = 'top-secret'
  const server = await party(t, reset)
  const pool = new HttpPool(server.base)
  const outcome = await pool.send({ ...post(secret), headers: { 'x-key': secret } })
  ok(!JSON.stringify(outcome).includes(secret))
  deepEqual(Object.keys(outcome).sort(), ['kind', 'ms', 'why'])
  await pool.close()
})

test('http client: closing: what waits is not sent, what is under way is answered (HC7)', async t => {
  const seen = Promise.withResolvers<Socket>()
  const server = await party(t, socket => seen.resolve(socket))
  const pool = new HttpPool(server.base, { connectionsMax: 1 })
  const first = pool.send(post())
  const second = pool.send(post())
  const socket = await seen.promise
  const closed = pool.close()
  equal(brief(await second), 'not_sent closing')
  equal(brief(await pool.send(post())), 'not_sent closing')
  socket.write(answer('late'))
  equal(brief(await first), '200 late')
  await closed
  deepEqual(pool.state, { open: 0, busy: 0, queued: 0 })
})

test('http client: closing in a hurry: what is under way is unknown, at once (HC7)', async t => {
  const seen = Promise.withResolvers<Socket>()
  const server = await party(t, socket => seen.resolve(socket))
  const pool = new HttpPool(server.base)
  const call = pool.send(post())
  await seen.promise
  const closed = pool.close()
  pool.hurry()
  equal(brief(await call), 'unknown answer_timeout')
  await closed
  deepEqual(pool.state, { open: 0, busy: 0, queued: 0 })
})

test('http client: a hurry before closing: nothing follows what is under way (HC7)', async t => {
  const seen = Promise.withResolvers<Socket>()
  const server = await party(t, socket => seen.resolve(socket))
  const pool = new HttpPool(server.base, { connectionsMax: 1 })
  const [call, inLine] = [pool.send(post()), pool.send(post())]
  await seen.promise
  pool.hurry()
  const later = pool.send(post())
  const told = await Promise.all([call, inLine, later])
  deepEqual(told.map(brief), ['unknown answer_timeout', 'not_sent closing', 'not_sent closing'])
  await pool.close()
  equal(server.requests.length, 1)
})

test('http client: closing while connecting: not sent (HC7)', async t => {
  const server = await party(t, () => {})
  const pool = new HttpPool(server.base)
  const call = pool.send(post())
  await pool.close()
  equal(brief(await call), 'not_sent closing')
  equal(server.requests.length, 0)
})

test('http client: tls: trusted is served and kept alive, untrusted is not sent (HC1)', async t => {
  const certificate = selfSigned()
  if (certificate === null) return t.skip('needs openssl')
  const server = createTlsServer(certificate)
  server.on('tlsClientError', () => {})
  server.on('secureConnection', () => {})
  const tls = await party(t, socket => socket.write(answer('safe')), server)
  const base = tls.base.replace('http:', 'https:').replace('127.0.0.1', 'localhost')
  const pool = new HttpPool(base, { ca: certificate.cert })
  equal(brief(await pool.send(post())), '200 safe')
  equal(brief(await pool.send(post())), '200 safe')
  equal(tls.connections.length, 1)
  await pool.close()
  const wary = new HttpPool(base)
  equal(brief(await wary.send(post())), 'not_sent tls_failed')
  await wary.close()
  equal(tls.requests.length, 2)
})

function selfSigned(): { key: string; cert: string } | null {
  const folder = mkdtempSync(join(tmpdir(), 'laju-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const made = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '1']
  try {
    execFileSync('openssl', ['req', '-x509', ...made, ...name], { stdio: 'ignore' })
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  } catch {
    return null
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
