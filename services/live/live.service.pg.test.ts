import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { fingerprint, makeId } from '../../engine/ids.ts'
import { sql, z } from '../../sql/database.ts'
import { pending, type Scene, sceneAt, until } from '../engine-room.fixture.ts'

const database = await testDatabase()
after(() => database.drop())

const order = async ({ call }: Scene, userId: string, n: number): Promise<void> => {
  const destination = `0878123412${10 + n}`
  const wish = { userId, level: 0, ref: `ref-${n}`, product: 'XLD10', destination }
  ok('ok' in (await call('order.place', wish)))
  await until(
    async () => call('order.byRef', { userId, ref: `ref-${n}` }),
    answer => 'ok' in answer && answer.ok.next === null,
  )
}

async function since({ call }: Scene, userId: string, from: string, limit: number) {
  const answer = await call('live.since', { userId, after: from, limit })
  ok('ok' in answer)
  return answer.ok
}

test('live: whoever begins to watch: told the place from which he misses nothing (LV6)', async t => {
  const scene = await sceneAt(t, { url: database.url })
  const userId = await scene.user(1, 500_000)
  await order(scene, userId, 1)
  const before = (await since(scene, userId, '', 100)).events.length
  const { after } = (await scene.call('live.watch', { userId, on: true }))!
  deepEqual((await since(scene, userId, after!, 100)).events, [])
  await scene.call('live.watch', { userId, on: false })
  await order(scene, userId, 2)
  const missed = (await since(scene, userId, after!, 100)).events
  const all = (await since(scene, userId, '', 100)).events
  ok(missed.length > 0)
  deepEqual(missed, all.slice(before))
})

test('live: whoever goes on after an id: every later event once, in order, as it was (LV1)', async t => {
  const scene = await sceneAt(t, { url: database.url })
  const userId = await scene.user(1, 0)
  const neighbour = await scene.user(1, 500_000)
  await scene.call('live.watch', { userId, on: true })
  const deposit = { userId, amount: 500_000, ref: `r-${userId}`, note: '' }
  await scene.call('wallet.deposit', deposit)
  for (let n = 0; n < 4; n++) {
    await Promise.all([order(scene, userId, n), order(scene, neighbour, n)])
  }
  await until(
    () => scene.heard.length,
    count => count === 9,
  )
  const live = scene.heard.map(one => one.event)
  ok(scene.heard.every(one => one.userId === userId))
  deepEqual(live.map(event => event.name).slice(0, 3), [
    'balance:updated',
    'order:created',
    'order:success',
  ])
  deepEqual(
    live.map(event => event.data['balance']),
    [500_000, ...[1, 2, 3, 4].flatMap(n => [500_000 - n * 10_500, 500_000 - n * 10_500])],
  )
  const ids = live.map(event => Number(event.id))
  deepEqual(
    ids,
    [...ids].sort((a, b) => a - b),
  )

  // Read again later, in pages of whatever size, from whatever place: the same, byte for byte.
  for (const limit of [1, 2, 4, 100]) {
    for (const [place, from] of ['', ...live.map(event => event.id)].entries()) {
      const read = []
      let cursor = from
      for (let more = true; more; ) {
        const page = await since(scene, userId, cursor, limit)
        ok(page.events.length <= limit)
        read.push(...page.events)
        cursor = page.events.at(-1)?.id ?? cursor
        more = page.more
      }
      equal(JSON.stringify(read), JSON.stringify(live.slice(place)))
    }
  }
  equal((await since(scene, userId, 'nonsense', 100)).events.length, live.length)

  await scene.call('live.watch', { userId, on: false })
  await order(scene, userId, 5)
  equal(scene.heard.length, 9)
})

test('live: from the beginning, in a shard of many: answered by so many lines, and led on (LV7)', async t => {
  const own = await testDatabase()
  t.after(() => own.drop())
  const scene = await sceneAt(t, { url: own.url })
  const others = await scene.user(2, 500_000)
  for (let n = 0; n < 3; n++) await order(scene, others, n)
  // What a year of others leaves: their lines, again and again.
  await scene.db.pool.query(sql.type(z.object({}))`
    update journal set seq = seq + 30000 where shard = 2`)
  await scene.db.pool.query(sql.type(z.object({}))`
    insert into journal (shard, seq, actor, hash, body)
    select 2, n, actor, hash, body
      from generate_series(1, 30000) as n
           cross join (select actor, hash, body from journal where shard = 2 limit 1) as line`)
  const mine = makeId(1, 2, fingerprint('nobody', 'yet'))
  const pages = []
  let from = ''
  for (let more = true; more; ) {
    const page = await since(scene, mine, from, 100)
    deepEqual(page.events, [])
    pages.push(page.next)
    from = page.next!
    more = page.more
  }
  deepEqual(pages.slice(0, 3), ['10000.1', '20000.1', '30000.1'])
  equal(pages.length, 4)
  deepEqual(await since(scene, mine, from, 100), { events: [], more: false, next: from })

  // Asked at once: each is answered, and what is theirs is found behind it all.
  const all = await Promise.all([1, 2, 3].map(() => since(scene, others, '30000.1', 100)))
  for (const page of all) deepEqual(page, all[0])
  equal(all[0]!.events.length > 3, true)
})

test('live: the public pulse: no full number, no reference, no client (LV2)', async t => {
  const scene = await sceneAt(t, { url: database.url })
  const userId = await scene.user(2)
  await order(scene, userId, 7)
  const seen = await until(
    () => scene.pulses,
    pulses => pulses.some(pulse => pulse.orders.some(one => one.status === 'SUCCESS')),
  )
  const text = JSON.stringify(seen)
  for (const secret of ['087812341217', 'ref-7', userId, 'SN-']) equal(text.includes(secret), false)
  ok(text.includes('0878••••1217'))
})

test('live: watched at the gateways of other processes: told there, until they are gone (LV4)', async t => {
  const scene = await sceneAt(t, { url: database.url })
  const { broker, heard, toldOthers } = scene
  const userId = await scene.user(3)
  const watch = (node: string, on: boolean) =>
    broker.call('live.watch', { userId, on }, { meta: { node } })
  let n = 20
  /** Of one order: how often it was told here, and elsewhere. */
  const told = async (): Promise<readonly [number, number]> => {
    const before = [heard.length, toldOthers.length] as const
    await order(scene, userId, n++)
    return [heard.length - before[0], toldOthers.length - before[1]]
  }
  await watch('a', true)
  await watch('b', true)
  deepEqual(await told(), [0, 2])
  await scene.call('live.watch', { userId, on: true })
  deepEqual(await told(), [2, 2])
  await watch('a', false)
  deepEqual(await told(), [2, 2])
  await broker.broadcastLocal('node.left', { node: 'b' })
  deepEqual(await told(), [2, 0])
  await scene.call('live.watch', { userId, on: false })
  await watch('b', true)
  deepEqual(await told(), [0, 2])
  // Whoever holds the journal now has watchers of his own.
  await broker.broadcastLocal('owner.moved', {})
  deepEqual(await told(), [0, 0])
})

test('live: the public pulse: what is open are orders, nothing else that is under way (LV5)', async t => {
  const scene = await sceneAt(t, { url: database.url })
  const { engine } = scene.room
  const userId = await scene.user(3)
  // Money on its way to a shard that nobody holds stays on its way.
  const sides = { from: 'cash', to: 'difference', toShard: 4_000, amount: 1, note: '' }
  await engine.ask({
    ...{ shard: 0, key: fingerprint('transfer', `nowhere ${userId}`), kind: 'transfer' },
    command: { type: 'send', ...sides },
  })
  const [orders, others] = [engine.host.livingOf('order'), engine.host.livingOf('transfer')]
  ok(others > 0)
  await order(scene, userId, 8)
  scene.shop.answer = pending
  const wish = { userId, level: 0, ref: 'ref-open', product: 'XLD10', destination: '087812341299' }
  ok('ok' in (await scene.call('order.place', wish)))
  equal(engine.host.livingOf('order'), orders + 1)
  const at = scene.pulses.length
  const [last] = (
    await until(
      () => scene.pulses.slice(at),
      pulses => pulses.length > 0,
    )
  ).slice(-1)
  equal(last!.open, orders + 1)
  ok(engine.host.open > orders + 1, 'so much is under way in all')
})
