import { deepEqual, equal } from 'node:assert/strict'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { BeginTrace } from '../services/contract/trace.ts'
import { Stage } from './scripted.fixture.ts'

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

function noted() {
  const begun: string[][] = []
  const ended: [route: string, status: number | null][] = []
  const beginTrace: BeginTrace = (_, method, route, parent) => {
    begun.push([method, route, parent])
    return { end: status => void ended.push([route, status]) }
  }
  return { begun, ended, beginTrace }
}

test('gateway: traced: the route and never the path, its status once; probes are not traced', async () => {
  const { begun, ended, beginTrace } = noted()
  const stage = await Stage.open({}, { beginTrace })
  const word = '/api/v1/callbacks/supplier/:supplier/:word'
  for (const path of ['/api/v1/callbacks/supplier/x!/rahasia?a=rahasia', '/metrics', '/health']) {
    await fetch(stage.url + path, { headers: { traceparent } })
  }
  await fetch(`${stage.url}/api/v1/balance`)
  await fetch(`${stage.url}/nothing/rahasia`)
  deepEqual(begun, [
    ['GET', word, traceparent],
    ['GET', '/api/v1/balance', ''],
  ])
  deepEqual(ended, [
    [word, 404],
    ['/api/v1/balance', 401],
  ])
  await stage.close()
})

test('gateway: traced: a client that leaves before its answer ends its trace, without a status', async () => {
  const { ended, beginTrace } = noted()
  const stage = await Stage.open({}, { beginTrace })
  const socket = connect(stage.port, '127.0.0.1')
  const head = 'POST /api/v1/transactions HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n'
  await new Promise<void>(resolve => socket.write(`${head}half`, () => resolve()))
  await new Promise(resolve => setTimeout(resolve, 50))
  socket.destroy()
  for (let n = 0; n < 200 && ended.length === 0; n++) {
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  deepEqual(ended, [['/api/v1/transactions', null]])
  equal(ended.length, 1)
  await stage.close()
})
