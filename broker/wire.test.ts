/** Over a real Redis, which others read and write as well. */

import { deepEqual, doesNotMatch, equal, match, ok, rejects } from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { freePort } from '../services/wire/free-port.fixture.ts'
import { RedisServer, withoutRedis } from './redis.fixture.ts'
import { until } from './scripted.fixture.ts'
import { RedisWire, WireUnreachable } from './wire.ts'

let redis: RedisServer
before(async () => {
  if (withoutRedis.skip !== false) return
  redis = new RedisServer(await freePort(), 'a-password')
  await redis.start()
})
after(() => redis?.stop())

const key = Buffer.alloc(32, 7)

type Heard = { readonly from: string; readonly packet: unknown }

async function wireOf(t: TestContext, change: { key?: Buffer; installation?: string } = {}) {
  const own = { url: redis.url, key, installation: 'one', onFault() {} }
  const wire = await RedisWire.open({ ...own, ...change })
  t.after(() => wire.close())
  const heard: Heard[] = []
  wire.listen((from, packet) => void heard.push({ from, packet }))
  return { wire, heard }
}

test(
  'wire: to all and to one: heard by those, sealed for everybody else (MSW1)',
  withoutRedis,
  async t => {
    const [one, two, three] = [await wireOf(t), await wireOf(t), await wireOf(t)]
    const ear = redis.client()
    t.after(() => ear.disconnect())
    const raw: [string, Buffer][] = []
    ear.on('pmessageBuffer', (_, channel, bytes) => void raw.push([String(channel), bytes]))
    await ear.psubscribe('*')
    equal(one.wire.send(null, { secret: 'of a box' }), true)
    equal(one.wire.send(two.wire.id, 'for two'), true)
    equal(one.wire.send(null, 'the end'), true)
    await until(() => three.heard.length === 2 && two.heard.length === 3 && raw.length === 3)
    await until(() => one.heard.length === 2)
    const from = one.wire.id
    const [first, last] = [
      { from, packet: { secret: 'of a box' } },
      { from, packet: 'the end' },
    ]
    deepEqual(two.heard, [first, { from, packet: 'for two' }, last])
    deepEqual(
      [one.heard, three.heard],
      [
        [first, last],
        [first, last],
      ],
    )
    for (const [, bytes] of raw) doesNotMatch(bytes.toString('latin1'), /secret|of a box|for two/)

    // Repeated, changed, sent to another, under another's name: nobody hears any of it.
    const mouth = redis.client()
    t.after(() => mouth.disconnect())
    const [all, packet] = raw[0]!
    const [own, forTwo] = raw[1]!
    const changed = Buffer.from(packet)
    // A number that is still to come.
    changed[15] = 99
    const renamed = Buffer.concat([Buffer.from(three.wire.id, 'hex'), packet.subarray(8)])
    for (const [channel, bytes] of [
      ...([[all, packet]] as const),
      ...([[all, changed]] as const),
      ...([[all, renamed]] as const),
      ...([[all, forTwo]] as const),
      ...([[own.replace(two.wire.id, three.wire.id), forTwo]] as const),
      ...([[all, Buffer.from('{"k":"beat"}')]] as const),
    ]) {
      await mouth.publish(channel, bytes)
    }
    equal(one.wire.send(null, 'after all that'), true)
    await until(() => three.heard.length === 3 && two.heard.length === 4)
    deepEqual([two.heard[3]!.packet, three.heard[2]!.packet], ['after all that', 'after all that'])
  },
)

test('wire: another installation, another key: nothing is heard (MSW2)', withoutRedis, async t => {
  const [one, two] = [await wireOf(t), await wireOf(t)]
  const other = await wireOf(t, { installation: 'two' })
  const foreign = await wireOf(t, { key: Buffer.alloc(32, 8) })
  equal(one.wire.send(null, 'hello'), true)
  equal(one.wire.send(other.wire.id, 'hello'), true)
  for (const { wire } of [other, foreign]) equal(wire.send(null, 'from elsewhere'), true)
  await until(() => other.heard.length === 1 && foreign.heard.length === 1)
  await until(() => one.heard.length === 1 && two.heard.length === 1)
  deepEqual(
    [one, two, other, foreign].map(({ heard }) => heard.map(({ packet }) => packet)),
    [['hello'], ['hello'], ['from elsewhere'], ['from elsewhere']],
  )
})

test(
  'wire: kept for all: found by all, sealed, and by none if changed (MSW5)',
  withoutRedis,
  async t => {
    const [one, two] = [await wireOf(t), await wireOf(t)]
    const other = await wireOf(t, { installation: 'two' })
    const beside = redis.client()
    t.after(() => beside.disconnect())
    one.wire.keep('session:a', ['a filter'])
    deepEqual(await one.wire.recall('session:a'), ['a filter'])
    const [a = ''] = await beside.keys('laju:*')
    one.wire.keep('session:b', ['another'])
    deepEqual(await one.wire.recall('session:b'), ['another'])
    const b = (await beside.keys('laju:*')).find(key => key !== a) ?? ''
    deepEqual(await two.wire.recall('session:a'), ['a filter'])
    equal(await other.wire.recall('session:a'), null)
    const bytes = (await beside.getBuffer(a))!
    doesNotMatch(bytes.toString('latin1'), /filter/)
    ok((await beside.ttl(a)) > 86_400)
    await beside.set(b, bytes)
    equal(await two.wire.recall('session:b'), null)
    two.wire.keep('session:a', null)
    await one.wire.recall('session:a')
    equal(await two.wire.recall('session:a'), null)
  },
)

test(
  'wire: Redis ends and comes back: no meanwhile, then as before (MSW3, MSW4)',
  withoutRedis,
  async t => {
    const [one, two] = [await wireOf(t), await wireOf(t)]
    await redis.stop()
    await until(() => !one.wire.isUp && !two.wire.isUp)
    equal(one.wire.send(null, 'lost'), false)
    await redis.start()
    await until(() => {
      if (two.heard.length === 0) one.wire.send(null, 'back')
      return two.heard.length > 0 && one.wire.isUp
    })
    equal(two.heard[0]!.packet, 'back')
  },
)

test(
  'wire: sockets stand, and carry nothing: that is known, and ends by itself (MSW4)',
  withoutRedis,
  async t => {
    const [one, two] = [await wireOf(t), await wireOf(t)]
    redis.hold()
    t.after(() => redis.goOn())
    let said = 0
    await until(() => {
      if (one.wire.isUp) one.wire.send(null, said++)
      return !one.wire.isUp
    })
    redis.goOn()
    await until(() => {
      one.wire.send(null, 'again')
      return one.wire.isUp && two.heard.some(({ packet }) => packet === 'again')
    })
  },
)

test(
  'wire: no Redis there, or another password: said at once, without the address (MSW4)',
  withoutRedis,
  async () => {
    const own = { key, installation: 'one', onFault() {} }
    const whyNot = async (url: string): Promise<string> => {
      let why = ''
      await rejects(RedisWire.open({ ...own, url }), cause => {
        why = (cause as Error).message
        return cause instanceof WireUnreachable
      })
      return why
    }
    equal(await whyNot(`redis://u:hidden@127.0.0.1:${await freePort()}`), 'ECONNREFUSED')
    const why = await whyNot(redis.url.replace('a-password', 'hidden'))
    match(why, /^WRONGPASS/)
    doesNotMatch(why, /hidden|127/)
  },
)
