import { deepStrictEqual, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { Answers } from './answers.ts'

const wire =
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nfirst' +
  'HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: 0\r\n\r\n' +
  'HTTP/1.1 200 OK\r\ncontent-length:4\r\n\r\nlast'
const right = [
  [200, 'first'],
  [503, ''],
  [200, 'last'],
]

test('answers: pieces: any way of cutting the stream gives the same answers', () => {
  for (let size = 1; size <= wire.length; size++) {
    const seen: [number, string][] = []
    const answers = new Answers((status, body) => seen.push([status, body.toString()]))
    const reused = Buffer.alloc(size)
    for (let at = 0; at < wire.length; at += size) {
      const length = reused.write(wire.slice(at, at + size), 'latin1')
      answers.read(reused.subarray(0, length))
    }
    deepStrictEqual(seen, right)
  }
})

test('answers: a long body: counted whole, and what follows it is found', () => {
  const seen: [number, number][] = []
  const answers = new Answers((status, body) => seen.push([status, body.length]))
  const long = `HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n${'x'.repeat(200_000)}`
  const stream = Buffer.from(wire + long + long + wire)
  for (let at = 0; at < stream.length; at += 30_000) answers.read(stream.subarray(at, at + 30_000))
  deepStrictEqual(
    seen.map(([status]) => status),
    [200, 503, 200, 200, 200, 200, 503, 200],
  )
  deepStrictEqual(seen.at(-1), [200, 4])
})

test('answers: what is not understood: throws', () => {
  const read = (text: string) => new Answers(() => {}).read(Buffer.from(text))
  throws(() => read('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'), /content-length/)
  throws(() => read('SSH-2.0-OpenSSH\r\n\r\n'), /not an HTTP/)
})
