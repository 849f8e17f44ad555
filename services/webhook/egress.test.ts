import { deepEqual, equal, ok } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type EgressOptions, forbidden, openEgress, type ResolveAll, type Sent } from './egress.ts'
import { receiverAt } from './receiver.fixture.ts'

function egressAt(t: TestContext, options: Partial<EgressOptions> = {}) {
  const egress = openEgress({ loopbackAllowed: false, ...options })
  t.after(() => egress.close())
  const send = (url: string, body = '{}'): Promise<Sent> =>
    egress.send({ method: 'POST', url, headers: { 'content-type': 'application/json' }, body })
  return { egress, send }
}

/** Names as a stranger's name server would tell them. */
const zone =
  (names: Record<string, readonly string[]>): ResolveAll =>
  (host, done) => {
    const addresses = names[host]
    if (addresses === undefined) {
      return done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), [])
    }
    done(
      null,
      addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }

test('egress: addresses that the world has no business with (WHB1)', () => {
  const inside = [
    ...['127.0.0.1', '127.9.9.9', '0.0.0.0', '10.0.0.1', '172.16.0.1', '172.31.255.255'],
    ...['192.168.1.1', '169.254.169.254', '100.64.0.1', '100.127.255.255', '192.0.0.192'],
    ...['198.18.0.1', '224.0.0.1', '255.255.255.255', '240.0.0.1', '203.0.113.9'],
    ...['::1', '::', 'fe80::1', 'fc00::1', 'fd12:3456::1', 'ff02::1', 'fec0::1'],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:a9fe:a9fe', '::127.0.0.1'],
    ...['64:ff9b::7f00:1', '2002:7f00:1::', '2001::1', '2001:db8::1', 'fe80::1%eth0', 'x', ''],
  ]
  deepEqual(
    inside.filter(address => !forbidden(address)),
    [],
  )
  const outside = [
    ...['8.8.8.8', '172.15.0.1', '172.32.0.1', '100.63.0.1', '100.128.0.1', '11.0.0.1'],
    ...['2606:4700:4700::1111', '2001:4860:4860::8888', '::ffff:8.8.8.8'],
  ]
  deepEqual(
    outside.filter(address => forbidden(address)),
    [],
  )
})

test('egress: our own doors are not knocked on, however the address is written (WHB1)', async t => {
  const receiver = await receiverAt(t)
  const { port } = receiver
  const resolveAll = zone({
    'inside.example': ['127.0.0.1'],
    'half.example': ['93.184.216.34', '127.0.0.1'],
    'six.example': ['::1'],
    'cloud.example': ['169.254.169.254'],
  })
  const { egress, send } = egressAt(t, { resolveAll })
  for (const host of [
    ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0', '10.1.2.3', '169.254.169.254'],
    ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[fe80::1]', '192.168.0.1'],
    ...['inside.example', 'half.example', 'six.example', 'cloud.example'],
  ]) {
    const url = `http://${host}:${port}/hook`
    const { problem, status } = await send(url)
    deepEqual([host, problem, status], [host, 'address_forbidden', null])
    equal(await egress.mayCall(url), false, host)
  }
  equal(receiver.received.length, 0)
  equal((await send('http://nowhere.example/')).problem, 'name_unknown')
  ok(await egress.mayCall('http://nowhere.example/'))
})

test('egress: localhost by the system’s own names is refused as well (WHB1)', async t => {
  const receiver = await receiverAt(t)
  const { send } = egressAt(t)
  equal((await send(`http://localhost:${receiver.port}/`)).problem, 'address_forbidden')
  equal(receiver.received.length, 0)
})

test('egress: a name that changes its mind: what was judged is what is called (WHB1)', async t => {
  const receiver = await receiverAt(t)
  let asked = 0
  // First asked it is harmless; ever after it points at us.
  const resolveAll: ResolveAll = (_, done) => {
    asked++
    done(null, [{ address: asked === 1 ? '93.184.216.34' : '127.0.0.1', family: 4 }])
  }
  const { egress, send } = egressAt(t, { resolveAll, timeoutMs: 30_000 })
  const url = `http://fickle.example:${receiver.port}/`
  ok(await egress.mayCall(url))
  equal((await send(url)).problem, 'address_forbidden')
  equal(asked, 2)
  equal(receiver.received.length, 0)
})

test('egress: demo: loopback is allowed, by name too, and nothing else (WHB4)', async t => {
  const receiver = await receiverAt(t)
  const resolveAll = zone({ 'me.example': ['127.0.0.1'], 'lan.example': ['10.0.0.1'] })
  const { send } = egressAt(t, { loopbackAllowed: true, resolveAll })
  const told = await send(receiver.url, '{"a":"é"}')
  deepEqual([told.status, told.problem, told.answer], [200, null, 'OK'])
  equal(receiver.received[0]!.body.toString(), '{"a":"é"}')
  equal((await send(`http://me.example:${receiver.port}/`)).status, 200)
  for (const host of ['10.0.0.1', '169.254.169.254', 'lan.example']) {
    equal((await send(`http://${host}/`)).problem, 'address_forbidden')
  }
})

test('egress: a redirect is an answer, and is not followed (WHB2)', async t => {
  const inner = await receiverAt(t)
  const outer = await receiverAt(t)
  outer.answer = (_, response) => {
    response.setHeader('location', inner.url)
    return 302
  }
  const { send } = egressAt(t, { loopbackAllowed: true })
  const told = await send(outer.url)
  deepEqual([told.status, told.problem], [302, 'redirect'])
  equal(inner.received.length, 0)
})

test('egress: answers: what is good, what is not, how long to wait (WHB2)', async t => {
  const receiver = await receiverAt(t)
  const { send } = egressAt(t, { loopbackAllowed: true })
  const problems: (string | null)[] = []
  for (const status of [200, 201, 204, 400, 404, 410, 429, 500, 503]) {
    receiver.answer = (_, response) => {
      response.setHeader('retry-after', '120')
      return status
    }
    const told = await send(receiver.url)
    equal(told.status, status)
    equal(told.retryAfterMs, 120_000)
    problems.push(told.problem)
  }
  deepEqual(problems, [
    null,
    null,
    null,
    'refused',
    'refused',
    'gone',
    'refused',
    'refused',
    'refused',
  ])
  receiver.answer = (_, response) => {
    response.destroy()
    return undefined
  }
  equal((await send(receiver.url)).problem, 'broken')
})

test('egress: an answer without end, and one that never comes (WHB3)', async t => {
  const receiver = await receiverAt(t)
  const { send } = egressAt(t, { loopbackAllowed: true, timeoutMs: 400 })
  receiver.answer = (_, response) => {
    response.writeHead(200)
    const flood = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    }
    response.on('drain', flood)
    flood()
    return undefined
  }
  const endless = await send(receiver.url)
  deepEqual([endless.status, endless.problem, endless.answer?.length], [200, null, 1_024])
  receiver.answer = () => undefined
  equal((await send(receiver.url)).problem, 'timeout')
})
