import { equal, ok } from 'node:assert/strict'
import { createHash, createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { SessionCard } from '../services/contract/identity.ts'
import { Stage, userId } from './scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

const at = Date.UTC(2026, 10, 21, 3)
const sid = '5b1c8a52-6f0e-4b5e-9a43-0d7c1f2e3a4b'
const card: SessionCard = {
  ...{ userId, username: 'ani@laju.test', name: 'Ani', level: 0 },
  ...{ sid, secret: 'of the session', ipAllow: [], ratePerMin: 0, merchant: null },
  role: 'finance',
  status: 'active',
}

function token(): string {
  const of = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const s = Math.floor(at / 1_000)
  const claims = { sub: userId, sid, role: 'x', iat: s, exp: s + 600 }
  const signed = `${of({ alg: 'HS256', typ: 'JWT' })}.${of(claims)}`
  return `${signed}.${createHmac('sha256', card.secret).update(signed).digest('base64url')}`
}

const file = randomBytes(12 << 20)
const partBytes = 1 << 20
const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function stageOf(
  part = (offset: number): Uint8Array => file.subarray(offset, offset + partBytes),
) {
  const stage = await Stage.open(
    {
      'session.card': () => card,
      'export.read': ({ offset }) => ({ ok: { total: file.length, chunk: part(offset) } }),
    },
    { now: () => at },
  )
  stages.push(stage)
  return stage
}

function ask(stage: Stage) {
  const socket = connect(stage.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(
    `GET /admin/exports/x/download HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token()}\r\n\r\n`,
  )
  return socket
}

test('streamed: a reader who stops and goes on: the file to the byte, a part at a time (DKK1)', async () => {
  const stage = await stageOf()
  const socket = ask(stage)
  const parts: Buffer[] = []
  let bytes = 0
  let head = -1
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    parts.push(chunk)
    bytes += chunk.length
    if (head < 0) head = Buffer.concat(parts).indexOf('\r\n\r\n') + 4
    // The kernel's buffers fill up meanwhile.
    for (let n = 0; n < 20; n++) await turn()
    ok(stage.askedOf('export.read').length <= (bytes + (16 << 20)) / partBytes)
    if (head > 3 && bytes - head >= file.length) socket.end()
  }
  const whole = Buffer.concat(parts)
  const headText = whole.subarray(0, head).toString()
  ok(headText.startsWith('HTTP/1.1 200 OK\r\n'))
  ok(headText.includes(`Content-Length: ${file.length}\r\n`))
  equal(hash(whole.subarray(head)), hash(file))
})

test('streamed: a part that does not come: the connection breaks (DKK2)', async () => {
  const stage = await stageOf(offset =>
    offset < 3 << 20 ? file.subarray(offset, offset + partBytes) : Buffer.alloc(0),
  )
  const socket = ask(stage)
  let bytes = 0
  socket.on('data', chunk => {
    bytes += chunk.length
  })
  await once(socket, 'close')
  ok(bytes < file.length)
})

test('streamed: a reader who goes away: nothing more is asked for (DKK2)', async () => {
  const stage = await stageOf()
  const socket = ask(stage)
  await once(socket, 'data')
  socket.destroy()
  const asked = () => stage.askedOf('export.read').length
  for (let before = -1; before !== asked(); ) {
    before = asked()
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  ok(asked() < file.length / partBytes)
})
