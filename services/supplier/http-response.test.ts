import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bodyBytesMax, headBytesMax, ResponseParser } from './http-response.ts'

type Result = { progress: string; status: number; body: string }

/** Feeds the pieces until there is an outcome, then the end of the stream. */
function read(pieces: readonly Buffer[]): Result {
  const parser = new ResponseParser()
  // The caller overwrites its buffer after each feed: so do we.
  const shared = Buffer.alloc(Math.max(1, ...pieces.map(piece => piece.length)))
  let progress = 'more'
  for (const piece of pieces) {
    if (progress !== 'more') break
    piece.copy(shared)
    progress = parser.feed(shared, piece.length)
  }
  if (progress === 'more') progress = parser.end()
  return progress === 'done'
    ? { progress, status: parser.status, body: parser.body }
    : { progress, status: 0, body: '' }
}

const whole = (text: string): Result => read([Buffer.from(text)])
const cutAt = (bytes: Buffer, at: number): Buffer[] => [bytes.subarray(0, at), bytes.subarray(at)]
const singly = (bytes: Buffer): Buffer[] =>
  Array.from(bytes, (_, index) => bytes.subarray(index, index + 1))

/** Bodies here are bytes written as latin1, so that chunks may cut characters in two. */
const framings: Record<string, (body: string, sizes: readonly number[]) => string> = {
  length: body => `Content-Length: ${body.length}\r\n\r\n${body}`,
  chunks: (body, sizes) => `Transfer-Encoding: chunked\r\n\r\n${chunked(body, sizes)}`,
  until_end: body => `Connection: close\r\n\r\n${body}`,
}

function chunked(body: string, sizes: readonly number[]): string {
  let text = ''
  let rest = body
  for (const size of sizes) {
    const piece = rest.slice(0, size)
    rest = rest.slice(size)
    if (piece !== '') text += `${piece.length.toString(16)};x=1\r\n${piece}\r\n`
  }
  if (rest !== '') text += `${rest.length.toString(16).toUpperCase()}\r\n${rest}\r\n`
  return `${text}0\r\nX-Trailer: yes\r\n\r\n`
}

const response = fc.record({
  interim: fc.boolean(),
  status: fc.integer({ min: 200, max: 599 }).filter(status => status !== 204 && status !== 304),
  framing: fc.constantFrom(...Object.keys(framings)),
  body: fc.string({ maxLength: 60, unit: 'grapheme' }),
  sizes: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 }),
})
type Response = typeof response extends fc.Arbitrary<infer T> ? T : never

const written = ({ interim, status, framing, body, sizes }: Response): Buffer =>
  Buffer.from(
    `${interim ? 'HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n' : ''}HTTP/1.1 ${status} Word\r\n` +
      `Date: Fri, 20 Nov 2026 22:57:08 GMT\r\n` +
      framings[framing]!(Buffer.from(body).toString('latin1'), sizes),
    'latin1',
  )

test('http response: any cut: a well-formed response reads the same at every boundary (HC10)', () => {
  fc.assert(
    fc.property(response, made => {
      const bytes = written(made)
      const expected = { progress: 'done', status: made.status, body: made.body.toWellFormed() }
      deepEqual(read([bytes]), expected)
      deepEqual(read(singly(bytes)), expected)
      for (let at = 0; at <= bytes.length; at++) deepEqual(read(cutAt(bytes, at)), expected)
    }),
    { numRuns: 60 },
  )
})

test('http response: damaged bytes: every cut gives one and the same outcome (HC10)', () => {
  const damage = fc.array(fc.tuple(fc.nat(400), fc.constantFrom(0, 10, 13, 32, 48, 58, 65, 255)), {
    minLength: 1,
    maxLength: 4,
  })
  fc.assert(
    fc.property(response, damage, fc.nat(300), (made, blows, length) => {
      const bytes = written(made)
      for (const [at, byte] of blows) bytes[at % bytes.length] = byte
      const kept = bytes.subarray(0, bytes.length - (length % bytes.length))
      const expected = read([kept])
      deepEqual(read(singly(kept)), expected)
      for (let at = 0; at <= kept.length; at += 7) deepEqual(read(cutAt(kept, at)), expected)
    }),
    { numRuns: 150 },
  )
})

const malformed: Record<string, string> = {
  'no http at all': '<html><body>502</body></html>',
  'http/2 preface': 'HTTP/2 200\r\n\r\n',
  'four digits of status': 'HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n',
  'status below the range': 'HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n',
  'switching protocols': 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n',
  'bare line feed in the head': 'HTTP/1.1 200 OK\r\nA: b\nC: d\r\nContent-Length: 0\r\n\r\n',
  'folded header': 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n',
  'space before the colon': 'HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n',
  'header without a name': 'HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 0\r\n\r\n',
  'nul in a header': 'HTTP/1.1 200 OK\r\nA: \0\r\nContent-Length: 0\r\n\r\n',
  'lengths that differ': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
  'list of lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na',
  'negative length': 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
  'signed length': 'HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na',
  'length and chunks':
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'unknown transfer coding': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  'chunked twice':
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'chunks in http/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'content coding we never accepted':
    'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\na',
  'chunk size that is no number': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
  'chunk size with a sign':
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n',
  'chunk longer than its size':
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n',
  'trailer that is no header':
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nnonsense\r\n\r\n',
  'half a body': 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"data',
  'half a head': 'HTTP/1.1 200 OK\r\nContent-Len',
  'chunks without an end': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n',
  nothing: '',
}

for (const [name, text] of Object.entries(malformed)) {
  test(`http response: ${name}: garbled (HC11)`, () => {
    equal(whole(text).progress, 'garbled')
  })
}

const wellFormed: Record<string, [text: string, status: number, body: string]> = {
  'equal lengths': ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\ncontent-length: 1\r\n\r\na', 200, 'a'],
  'no reason phrase': ['HTTP/1.1 200\r\nContent-Length: 1\r\n\r\na', 200, 'a'],
  'empty reason phrase': ['HTTP/1.1 500 \r\nContent-Length: 1\r\n\r\na', 500, 'a'],
  'http/1.0 until the end': ['HTTP/1.0 200 OK\r\n\r\nabc', 200, 'abc'],
  'no content': ['HTTP/1.1 204 No Content\r\n\r\n', 204, ''],
  'identity coding': [
    'HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 1\r\n\r\na',
    200,
    'a',
  ],
}

for (const [name, [text, status, body]] of Object.entries(wellFormed)) {
  test(`http response: ${name}: read (HC11)`, () => {
    deepEqual(whole(text), { progress: 'done', status, body })
  })
}

test('http response: too much: a head, a body and a chunk beyond the limit are garbled (HC12)', () => {
  const filler = (bytes: number) => `A: ${'x'.repeat(bytes)}\r\n`
  const fits = `HTTP/1.1 200 OK\r\n${filler(headBytesMax - 50)}Content-Length: 0\r\n\r\n`
  equal(whole(fits).progress, 'done')
  equal(
    whole(`HTTP/1.1 200 OK\r\n${filler(headBytesMax)}Content-Length: 0\r\n\r\n`).progress,
    'garbled',
  )
  equal(whole(`HTTP/1.1 200 OK\r\n${filler(headBytesMax)}`).progress, 'garbled')
  equal(whole('HTTP/1.1 100 Continue\r\n\r\n'.repeat(2000)).progress, 'garbled')

  const head = 'HTTP/1.1 200 OK\r\n'
  const full = 'b'.repeat(bodyBytesMax)
  equal(whole(`${head}Content-Length: ${full.length}\r\n\r\n${full}`).progress, 'done')
  equal(whole(`${head}Content-Length: ${full.length + 1}\r\n\r\n`).progress, 'garbled')
  equal(whole(`${head}\r\n${full}`).progress, 'done')
  equal(whole(`${head}\r\n${full}b`).progress, 'garbled')
  const chunks = `${head}Transfer-Encoding: chunked\r\n\r\n`
  equal(whole(`${chunks}${full.length.toString(16)}\r\n${full}\r\n0\r\n\r\n`).progress, 'done')
  equal(whole(`${chunks}${(full.length + 1).toString(16)}\r\n`).progress, 'garbled')
  equal(whole(`${chunks}ffffffff\r\n`).progress, 'garbled')
  equal(whole(`${chunks}1;${'x'.repeat(2000)}\r\na\r\n0\r\n\r\n`).progress, 'garbled')
  equal(whole(`${chunks}0\r\n${filler(headBytesMax)}\r\n`).progress, 'garbled')
})

test('http response: bytes after the end: the answer stands, the connection does not (HC13)', () => {
  const parser = new ResponseParser()
  const clean = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na')
  equal(parser.feed(clean, clean.length), 'done')
  equal(parser.reusable, true)
  parser.reset()
  const more = Buffer.concat([clean, Buffer.from('HTTP/1.1 200 OK\r\n')])
  equal(parser.feed(more, more.length), 'done')
  equal(parser.body, 'a')
  equal(parser.reusable, false)
})

test('http response: connection header: says whether another request may follow (HC13)', () => {
  const reusable = (text: string): boolean => {
    const parser = new ResponseParser()
    parser.feed(Buffer.from(text), Buffer.byteLength(text))
    return parser.reusable
  }
  const end = 'Content-Length: 0\r\n\r\n'
  equal(reusable(`HTTP/1.1 200 OK\r\n${end}`), true)
  equal(reusable(`HTTP/1.1 200 OK\r\nConnection: Close\r\n${end}`), false)
  equal(reusable(`HTTP/1.0 200 OK\r\n${end}`), false)
  equal(reusable(`HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n${end}`), true)
})
