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

test('answers: what is not understood: throws', () => {
  const read = (text: string) => new Answers(() => {}).read(Buffer.from(text))
  throws(() => read('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'), /content-length/)
  throws(() => read('SSH-2.0-OpenSSH\r\n\r\n'), /not an HTTP/)
})
