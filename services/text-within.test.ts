import { deepEqual, equal, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { textWithin } from './text-within.ts'

test('text within: whole, or nothing of it, packed or without an end (TXW1)', async t => {
  const packed = gzipSync(Buffer.alloc(20_000_000))
  const closed = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    if (request.url === '/short') return void response.end('é'.repeat(500))
    if (request.url === '/packed') {
      return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed)
    }
    response.on('close', closed.resolve)
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  equal(await textWithin(await fetch(`${base}/short`), 1_000), 'é'.repeat(500))
  ok(packed.length < 100_000)
  const others = ['/short', '/packed', '/endless']
  const read = others.map(async path => textWithin(await fetch(base + path), 999))
  deepEqual(await Promise.all(read), [null, null, null])
  await closed.promise
})
