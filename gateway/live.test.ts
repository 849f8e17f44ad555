import { deepEqual, equal, match } from 'node:assert/strict'
import { createHmac, randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { after, test } from 'node:test'
import type { LiveEvent } from '../services/contract/live.ts'
import type { Signals } from '../services/contract.ts'
import { keyCard, plain, Stage, signedHeaders, userId } from './scripted.fixture.ts'

const stages: Stage[] = []
const open: typeof Stage.open = async (...args) => {
  const stage = await Stage.open(...args)
  stages.push(stage)
  return stage
}
after(() => Promise.all(stages.map(stage => stage.close())))

type Message = Record<string, unknown>

/** A client: what it was told, in order, and a way to wait for the next. */
class Client {
  readonly told: Message[] = []
  readonly closed: Promise<{ code: number; reason: string }>
  readonly #socket: WebSocket
  #wake = () => {}

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.onmessage = ({ data }) => {
      this.told.push(JSON.parse(String(data)))
      this.#wake()
    }
    this.closed = new Promise(resolve => {
      socket.onclose = ({ code, reason }) => {
        resolve({ code, reason })
        this.#wake()
      }
    })
  }

  static async open(stage: Stage): Promise<Client> {
    const socket = new WebSocket(`ws://127.0.0.1:${stage.port}/ws`)
    const client = new Client(socket)
    await new Promise((resolve, reject) => {
      socket.onopen = resolve
      socket.onerror = reject
    })
    return client
  }

  say(message: Message | string): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  /** Waits until this many messages have come. */
  async heard(count: number): Promise<Message[]> {
    while (this.told.length < count) await new Promise<void>(resolve => (this.#wake = resolve))
    return this.told
  }

  ids(): unknown[] {
    return this.told.filter(({ type }) => type === 'event').map(({ id }) => id)
  }

  close(): void {
    this.#socket.close()
  }
}

function auth(change: Record<string, unknown> = {}, at = Date.now()): Message {
  const timestamp = String(Math.floor(at / 1_000))
  const headers = signedHeaders({ path: '/ws', timestamp })
  return { type: 'auth', key: 'key-1', timestamp, signature: headers['x-signature'], ...change }
}

function tokenOf(secret: string, change: { iat: number } & Record<string, unknown>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { sub: userId, role: 'reseller', exp: change.iat + 600, ...change }
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

const event = (n: number): LiveEvent => ({ id: `${n}`, name: 'order.delivered', data: { n } })
const user = { user_id: userId, username: 'user' }
const ready = { type: 'ready', name: 'app:ready', user, after: '41.1' }

test('live: a proof: ready, and from then on events as they happen (GW1)', async () => {
  const stage = await open()
  const client = await Client.open(stage)
  client.say(auth())
  deepEqual(await client.heard(1), [ready])
  deepEqual(stage.askedOf('live.watch'), [{ userId, on: true }])
  stage.signal('live.event', { userId, event: event(1) })
  stage.signal('live.event', { userId: 'somebody else', event: event(2) })
  stage.signal('live.event', { userId, event: event(3) })
  const told = await client.heard(3)
  deepEqual(told[1], { type: 'event', id: '1', name: 'order.delivered', data: { n: 1 } })
  deepEqual(client.ids(), ['1', '3'])
})

test('live: cut off before anything happened: ready told where to continue (GW10)', async () => {
  const stage = await open({
    'live.since': ({ after }) => ({
      ok: { events: after === '41.1' ? [event(42)] : [], more: false },
    }),
  })
  const first = await Client.open(stage)
  first.say(auth())
  const [{ after } = {}] = (await first.heard(1)) as { after?: string }[]
  first.close()
  await first.closed
  const second = await Client.open(stage)
  second.say({ ...auth(), after })
  deepEqual(await second.heard(2), [ready, { type: 'event', ...event(42) }])
  // Nobody knows the place just now: none is told.
  const elsewhere = await open({ 'live.watch': () => ({ after: null }) })
  const third = await Client.open(elsewhere)
  third.say(auth())
  deepEqual(await third.heard(1), [{ type: 'ready', name: 'app:ready', user }])
  // An owner of an older version, amid an upgrade.
  const older = await open({ 'live.watch': () => null })
  const fourth = await Client.open(older)
  fourth.say(auth())
  deepEqual(await fourth.heard(1), [{ type: 'ready', name: 'app:ready', user }])
})

test('live: who speaks for a merchant: hears the merchant, also what was missed (GW7)', async () => {
  const merchantId = 'the merchant'
  const sid = '5b1c8a52-6f0e-4b5e-9a43-0d7c1f2e3a4b'
  const { keyId: _, ...card } = keyCard({ secret: 'of this session' })
  const merchant = { merchantId, role: 'owner' } as const
  const stage = await open({
    'session.card': () => ({ ...card, sid, merchant }),
    'live.since': () => ({ ok: { events: [event(1)], more: false } }),
  })
  const client = await Client.open(stage)
  const token = tokenOf(card.secret, { sid, iat: Math.floor(Date.now() / 1_000) })
  client.say({ type: 'auth', token, after: '0' })
  deepEqual((await client.heard(1))[0], { ...ready, after: '0' })
  stage.signal('live.event', { userId, event: event(2) })
  stage.signal('live.event', { userId: merchantId, event: event(3) })
  await client.heard(3)
  deepEqual(client.ids(), ['1', '3'])
  deepEqual(stage.askedOf('live.watch'), [{ userId: merchantId, on: true }])
  equal(stage.askedOf('live.since')[0]?.userId, merchantId)
})

test('live: the last socket of a user closes: the services may stop signalling (GW1)', async () => {
  let off = (_: null) => {}
  const stopped = new Promise(resolve => (off = resolve))
  const stage = await open({
    'live.watch': ({ on }) => {
      if (!on) off(null)
      return { after: null }
    },
  })
  const [one, two] = [await Client.open(stage), await Client.open(stage)]
  one.say(auth())
  two.say(auth())
  await Promise.all([one.heard(1), two.heard(1)])
  one.close()
  await one.closed
  two.close()
  await stopped
  deepEqual(
    stage.askedOf('live.watch').map(({ on }) => on),
    [true, true, false],
  )
})

test('live: the services can not signal: closed, to come back later (GW1)', async () => {
  const stage = await open({
    'live.watch': () => {
      throw new Error('no')
    },
  })
  const client = await Client.open(stage)
  client.say(auth())
  equal((await client.closed).code, 4503)
})

/** A stream of `total` events, served in pages; `during` runs while a page is on its way. */
function stream(total: number, during: (page: number, stage: Stage) => void = () => {}) {
  let pages = 0
  const holder: { stage: Stage | null } = { stage: null }
  return {
    holder,
    since: async ({ after, limit }: { after: string; limit: number }) => {
      during(pages++, holder.stage!)
      await Promise.resolve()
      const first = Number(after) + 1
      const count = Math.max(0, Math.min(limit, total - first + 1))
      const events = Array.from({ length: count }, (_, i) => event(first + i))
      return { ok: { events, more: first + count <= total } }
    },
  }
}

test('live: resume over several pages while events go on: each once, in order (GW2)', async () => {
  const { holder, since } = stream(450, (page, stage) => {
    // Some live ones are in a later page already, some come after the last.
    if (page === 0)
      for (const n of [449, 450]) stage.signal('live.event', { userId, event: event(n) })
    if (page === 2)
      for (const n of [451, 452]) stage.signal('live.event', { userId, event: event(n) })
  })
  const stage = await open({ 'live.since': since })
  holder.stage = stage
  const client = await Client.open(stage)
  client.say(auth({ after: '7' }))
  await client.heard(1 + 445)
  // What a page brought may be signalled late.
  stage.signal('live.event', { userId, event: event(450) })
  stage.signal('live.event', { userId, event: event(453) })
  await client.heard(1 + 446)
  deepEqual(
    client.ids(),
    Array.from({ length: 446 }, (_, i) => `${i + 8}`),
  )
})

test('live: resume past pages that hold nothing for him: he gets what is behind them (GW2)', async () => {
  const pages: Record<string, object> = {
    '7': { events: [], more: true, next: '10000.1' },
    '10000.1': { events: [], more: true, next: '20000.1' },
    '20000.1': { events: [event(20_001)], more: false, next: '20001' },
  }
  const stage = await open({ 'live.since': ({ after }) => ({ ok: pages[after] as never }) })
  const client = await Client.open(stage)
  client.say(auth({ after: '7' }))
  await client.heard(2)
  deepEqual(client.ids(), ['20001'])
})

test('live: resume as a message of its own: what was seen live is not repeated (GW2)', async () => {
  const { since } = stream(5)
  const stage = await open({ 'live.since': since })
  const client = await Client.open(stage)
  client.say(auth())
  await client.heard(1)
  stage.signal('live.event', { userId, event: event(5) })
  await client.heard(2)
  client.say({ type: 'resume', after: '2' })
  await client.heard(4)
  client.say({ type: 'ping' })
  await client.heard(5)
  deepEqual(client.ids(), ['5', '3', '4'])
})

test('live: resume from nowhere: refused, and live events go on (GW2)', async () => {
  const stage = await open({
    'live.since': () => ({ refused: 'NOT_FOUND', moneyEffect: 'none' }),
  })
  const client = await Client.open(stage)
  client.say(auth())
  client.say({ type: 'resume', after: '9' })
  equal((await client.heard(2))[1]!['error_code'], 'NOT_FOUND')
  stage.signal('live.event', { userId, event: event(1) })
  await client.heard(3)
  deepEqual(client.ids(), ['1'])
})

test('live: resume after what is no id: refused, nothing is replayed, and it goes on (GW2)', async () => {
  const stage = await open({ 'live.since': () => ({ ok: { events: [event(1)], more: false } }) })
  const client = await Client.open(stage)
  const wrong = ['zzz', '-1', '1e3', '1.2', 'e1', '', ' 1', '1'.repeat(16), 's', 1, null]
  for (const after of wrong) client.say({ ...auth(), after })
  client.say(auth())
  const refused = Array.from(wrong, () => 'VALIDATION_FAILED')
  const codes = (told: Message[]) => told.map(({ type, error_code }) => error_code ?? type)
  deepEqual(codes(await client.heard(12)), [...refused, 'ready'])
  for (const after of wrong) client.say({ type: 'resume', after })
  deepEqual(codes(await client.heard(23)).slice(12), refused)
  deepEqual(stage.askedOf('live.since'), [])
  for (const after of ['0', '12.1']) client.say({ type: 'resume', after })
  await client.heard(24)
  deepEqual(
    stage.askedOf('live.since').map(one => one.after),
    ['0', '12.1'],
  )
})

test('live: resume while the services are at fault: closed, to resume later (GW2)', async () => {
  const stage = await open({ 'live.since': () => ({ fault: 'OVERLOADED', retryAfterMs: 1 }) })
  const client = await Client.open(stage)
  client.say(auth({ after: '1' }))
  equal((await client.closed).code, 4503)
})

test('live: wrong proofs: told why and closed (GW3)', async () => {
  const stage = await open()
  const cases: [Message, string][] = [
    [auth({ signature: '0'.repeat(64) }), 'SIGNATURE_INVALID'],
    [auth({ signature: undefined }), 'SIGNATURE_INVALID'],
    [auth({}, Date.now() - 400_000), 'TIMESTAMP_SKEWED'],
    [auth({ key: 'nobody' }), 'KEY_UNKNOWN'],
    [{ type: 'auth', token: 'x.y.z' }, 'TOKEN_INVALID'],
  ]
  for (const [message, code] of cases) {
    const client = await Client.open(stage)
    client.say(message)
    deepEqual(await client.closed, { code: 4401, reason: code })
    deepEqual([client.told[0]!['type'], client.told[0]!['error_code']], ['refused', code])
  }
  const elsewhere = await open({ 'identity.key': () => keyCard({ ipAllow: ['10.0.0.1'] }) })
  const client = await Client.open(elsewhere)
  client.say(auth())
  deepEqual(await client.closed, { code: 4403, reason: 'FORBIDDEN' })
})

test('live: a person’s token: as good as a key, until its session ends (GW3, SEM1)', async () => {
  const sid = '5b1c8a52-6f0e-4b5e-9a43-0d7c1f2e3a4b'
  const { keyId: _, ...card } = keyCard({ secret: 'of this session' })
  let isOpen = true
  const stage = await open({
    'session.card': ({ sid: asked }) => (asked === sid && isOpen ? { ...card, sid } : null),
  })
  const iat = Math.floor(Date.now() / 1_000)
  const token = (change: object = {}) => tokenOf(card.secret, { sid, iat, ...change })
  const client = await Client.open(stage)
  client.say({ type: 'auth', token: token() })
  deepEqual((await client.heard(1))[0], ready)
  stage.signal('live.event', { userId, event: event(1) })
  equal((await client.heard(2))[1]!['id'], '1')
  const wrong: [string, string][] = [
    [`${token()}x`, 'TOKEN_INVALID'],
    [token({ sid: sid.replace('5', '6') }), 'TOKEN_INVALID'],
    [token({ exp: iat - 1 }), 'TOKEN_EXPIRED'],
  ]
  for (const [text, code] of wrong) {
    const refused = await Client.open(stage)
    refused.say({ type: 'auth', token: text })
    deepEqual(await refused.closed, { code: 4401, reason: code })
  }
  stage.signal('session.changed', { sid })
  client.say({ type: 'ping' })
  equal((await client.heard(3))[2]!['type'], 'pong')
  isOpen = false
  stage.signal('session.changed', { sid })
  deepEqual(await client.closed, { code: 4401, reason: 'TOKEN_INVALID' })
})

test('live: suspended, or the key revoked: closed as soon as that is heard (SEM1)', async () => {
  type Now = 'active' | 'suspended' | 'revoked' | 'unreachable'
  const now = new Map<string, Now>()
  const stage = await open({
    'identity.key': ({ keyId }) => {
      const status = now.get(keyId) ?? 'active'
      if (status === 'unreachable') throw new Error('of a test')
      return status === 'revoked' ? null : keyCard({ keyId, status })
    },
  })
  const enter = async (key: string) => {
    const client = await Client.open(stage)
    client.say(auth({ key }))
    await client.heard(1)
    return client
  }
  const [one, two, three, four] = [
    await enter('key-1'),
    await enter('key-2'),
    await enter('key-3'),
    await enter('key-4'),
  ]
  now.set('key-1', 'revoked')
  stage.signal('key.changed', { keyId: 'key-1' })
  deepEqual(await one.closed, { code: 4401, reason: 'KEY_UNKNOWN' })
  now.set('key-2', 'suspended')
  stage.signal('client.changed', { userId: 'somebody else' })
  two.say({ type: 'ping' })
  equal((await two.heard(2))[1]!['type'], 'pong')
  stage.signal('client.changed', { userId })
  deepEqual(await two.closed, { code: 4403, reason: 'CLIENT_SUSPENDED' })
  now.set('key-3', 'unreachable')
  now.set('key-4', 'suspended')
  stage.signal('cards.missed', {})
  deepEqual(await three.closed, { code: 4503, reason: 'UNREACHABLE' })
  deepEqual(await four.closed, { code: 4403, reason: 'CLIENT_SUSPENDED' })
})

test('live: suspended while the proof is looked at: closed (SEM1)', async () => {
  let looks = 0
  const stage = await open({
    'identity.key': () => {
      if (++looks > 1) return keyCard({ status: 'suspended' })
      stage.signal('client.changed', { userId })
      return keyCard()
    },
  })
  const client = await Client.open(stage)
  client.say(auth())
  deepEqual(await client.closed, { code: 4403, reason: 'CLIENT_SUSPENDED' })
})

test('live: a timestamp as a number: as good as text (GW3)', async () => {
  const stage = await open()
  const client = await Client.open(stage)
  const message = auth()
  client.say({ ...message, timestamp: Number(message['timestamp']) })
  deepEqual(await client.heard(1), [ready])
})

test('live: silence: let go when the time for a proof is over (GW3)', async () => {
  let now = Date.now()
  const stage = await open({}, { now: () => now })
  const client = await Client.open(stage)
  now += 5_000
  deepEqual(await client.closed, { code: 4408, reason: 'AUTH_TIMEOUT' })
})

const pulse: Signals['live.pulse'] = { orders: [], acceptedPerS: 7, completedPerS: 6, open: 1 }

test('live: watching in demo mode: the public view at once and as it changes (GW3)', async () => {
  const stage = await open()
  const early = await Client.open(stage)
  early.say({ type: 'watch' })
  deepEqual(await early.heard(1), [{ type: 'ping' }])
  stage.signal('live.pulse', pulse)
  deepEqual((await early.heard(2))[1], { type: 'pulse', data: pulse })
  const late = await Client.open(stage)
  late.say({ type: 'watch' })
  deepEqual(await late.heard(1), [{ type: 'pulse', data: pulse }])
  late.say({ type: 'resume', after: '1' })
  equal((await late.heard(2))[1]!['error_code'], 'AUTH_REQUIRED')
})

test('live: watching in production: closed for good (GW3)', async () => {
  const stage = await open({}, { mode: 'production' })
  const client = await Client.open(stage)
  client.say({ type: 'watch' })
  deepEqual(await client.closed, { code: 4403, reason: 'FORBIDDEN' })
})

/** A client that shakes hands, proves itself and then reads nothing. */
async function deafClient(stage: Stage) {
  const socket = connect(stage.port, '127.0.0.1')
  const key = randomBytes(16).toString('base64')
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  )
  await new Promise(resolve => socket.once('data', resolve))
  const payload = Buffer.from(JSON.stringify(auth()))
  const frame = Buffer.from([
    0x81,
    0x80 | 126,
    payload.length >> 8,
    payload.length & 255,
    0,
    0,
    0,
    0,
  ])
  socket.write(Buffer.concat([frame, payload]))
  await new Promise(resolve => socket.once('data', resolve))
  socket.pause()
  return socket
}

test('live: who works for the house: hears what all staff hears, and resumes it (GW8)', async () => {
  const said = (n: number) => ({ id: `s${n}`, name: 'user:open_cs', data: { where: 'order' } })
  const stage = await open({
    'identity.key': ({ keyId }) =>
      keyCard({ keyId, role: keyId === 'key-1' ? 'support' : 'reseller' }),
    'live.staffSince': ({ after }) => ({
      ok: { events: after === 's1' ? [said(2), said(3)] : [], more: false },
    }),
    'live.since': () => ({ ok: { events: [], more: false } }),
  })
  const desk = await Client.open(stage)
  desk.say(auth({ after: 's1' }))
  await desk.heard(3)
  const outsider = await Client.open(stage)
  outsider.say(auth({ key: 'key-2', after: 's1' }))
  equal((await outsider.heard(2))[1]!['error_code'], 'VALIDATION_FAILED')
  stage.signal('live.staff', { event: said(3) })
  stage.signal('live.staff', { event: said(4) })
  await desk.heard(4)
  deepEqual(desk.ids(), ['s2', 's3', 's4'])
  outsider.say({ type: 'ping' })
  deepEqual((await outsider.heard(3))[2], { type: 'pong' })
  equal(stage.askedOf('live.staffSince').length, 1)
})

test('live: a reader too slow for its events: closed with the code to resume (GW4)', async () => {
  let off = (_: null) => {}
  const let_go = new Promise(resolve => (off = resolve))
  let isOff = false
  const stage = await open(
    {
      'live.watch': ({ on }) => {
        isOff = !on
        if (!on) off(null)
        return { after: null }
      },
    },
    { limits: { socketBufferBytesMax: 16 * 1024 } },
  )
  const socket = await deafClient(stage)
  const words = 'x'.repeat(10_000)
  for (let n = 0; n < 5_000 && !isOff; n++) {
    stage.signal('live.event', { userId, event: { id: `${n}`, name: 'n', data: { words } } })
    if (n % 100 === 0) await new Promise(resolve => setImmediate(resolve))
  }
  await let_go
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk as Buffer))
  socket.resume()
  await new Promise(resolve => socket.once('end', resolve))
  socket.destroy()
  const end = Buffer.concat(chunks).subarray(-13)
  equal(end.readUInt16BE(0), 4410)
  equal(end.subarray(2).toString(), 'SLOW_READER')
})

test('live: bounds: sockets in all, per user, and for the public (GW5)', async () => {
  const limits = { socketsMax: 4, socketsPerUserMax: 1 }
  const stage = await open({}, { limits })
  const [one, two] = [await Client.open(stage), await Client.open(stage)]
  one.say(auth())
  await one.heard(1)
  two.say(auth())
  deepEqual(await two.closed, { code: 4429, reason: 'SOCKET_LIMIT' })
  const watchers = [await Client.open(stage), await Client.open(stage)]
  for (const watcher of watchers) {
    watcher.say({ type: 'watch' })
    await watcher.heard(1)
  }
  const third = await Client.open(stage)
  third.say({ type: 'watch' })
  deepEqual(await third.closed, { code: 4429, reason: 'SOCKET_LIMIT' })
  await Client.open(stage)
  const headers = {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    'sec-websocket-version': '13',
  }
  match(await handshake(stage, headers), /503 Service Unavailable[\s\S]*OVERLOADED/)
})

function handshake(stage: Stage, headers: Record<string, string>): Promise<string> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return new Promise(resolve => {
    const socket = connect(stage.port, '127.0.0.1')
    socket.once('data', chunk => {
      resolve(chunk.toString())
      socket.destroy()
    })
    socket.write(`GET /ws HTTP/1.1\r\nHost: x\r\n${lines.join('\r\n')}\r\n\r\n`)
  })
}

test('live: messages at once: answered in order, the proof first (GW6)', async () => {
  const { since } = stream(3)
  const stage = await open({ 'live.since': since })
  const client = await Client.open(stage)
  client.say({ type: 'resume', after: '1' })
  client.say('nonsense')
  client.say('{"type":"ping","type":"ping"}')
  client.say({ type: 'unknown' })
  client.say(auth())
  client.say({ type: 'resume', after: '1' })
  client.say({ type: 'ping' })
  client.say(auth())
  const told = await client.heard(9)
  deepEqual(
    told.map(({ type, error_code, id }) => error_code ?? id ?? type),
    [
      ...['AUTH_REQUIRED', 'VALIDATION_FAILED', 'VALIDATION_FAILED', 'VALIDATION_FAILED'],
      ...['ready', '2', '3', 'pong', 'VALIDATION_FAILED'],
    ],
  )
})

test('live: too many messages: closed (GW6)', async () => {
  const stage = await open({}, { now: () => 1_767_323_045_000 })
  const client = await Client.open(stage)
  for (let i = 0; i < 241; i++) client.say({ type: 'ping' })
  equal((await client.closed).code, 4429)
})

test('live: closing the gateway: sockets are told that we go away (GG2)', async () => {
  const stage = await open()
  const client = await Client.open(stage)
  client.say(auth())
  await client.heard(1)
  await stage.close()
  deepEqual(await client.closed, { code: 1001, reason: 'STOPPING' })
})

test('live: another process tells now: let go with the code to resume, and only who listens (GW9)', async () => {
  const stage = await open()
  const [client, watcher] = [await Client.open(stage), await Client.open(stage)]
  client.say(auth())
  watcher.say({ type: 'watch' })
  await client.heard(1)
  await watcher.heard(1)
  stage.signal('owner.moved', {})
  deepEqual(await client.closed, { code: 4410, reason: 'NOT_THE_OWNER' })
  const pulse = { orders: [], acceptedPerS: 0, completedPerS: 0, open: 0 }
  stage.signal('live.pulse', pulse)
  deepEqual((await watcher.heard(2))[1], { type: 'pulse', data: pulse })
})

test('live: plain HTTP on the socket path: an answer, not silence (GG1)', async () => {
  const stage = await open()
  equal((await plain(stage, { path: '/ws' })).status, 404)
})
