import { deepEqual, doesNotMatch, equal, match, ok, rejects } from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Call } from '../contract.ts'
import { freePort } from '../wire/free-port.fixture.ts'
import { Cluster, type ClusterOptions } from './cluster.ts'
import { NatsServer, withoutNats } from './nats.fixture.ts'
import { natsOptions, probe } from './nats.ts'

const limitMs = 30_000
const key = randomBytes(32)

let nats: NatsServer

before(async () => {
  if (withoutNats.skip !== false) return
  nats = new NatsServer(await freePort(), 'a password/1')
  await nats.start()
})
after(() => nats?.stop())

type Process = {
  readonly cluster: Cluster
  readonly call: Call
  /** What its services were asked, and on behalf of whom. */
  readonly asked: { readonly action: string; readonly params: unknown; readonly node: string }[]
  readonly signals: { readonly name: string; readonly payload: unknown }[]
  epoch: number | null
  answer: (action: string, params: never) => unknown
}

/** A process whose own services say what they were asked. */
async function join(
  t: TestContext,
  epoch: number | null,
  more: Partial<ClusterOptions> = {},
): Promise<Process> {
  const own: { -readonly [K in keyof Process]?: Process[K] } = { asked: [], signals: [], epoch }
  own.answer = (action: string) => ({ ok: `${action} at ${own.epoch}` })
  const answered = async (action: string, params: unknown, node: string) => {
    own.asked!.push({ action, params, node })
    return await own.answer!(action, params as never)
  }
  const cluster = await Cluster.open({
    ...{ natsUrl: nats.url, key, installation: 'one', logLevel: 'fatal', now: Date.now },
    epoch: () => own.epoch!,
    isReady: () => true,
    call: (action, params, { node }) => answered(action, params, node),
    signal: (name, payload) => void own.signals!.push({ name, payload }),
    ...more,
  })
  t.after(() => cluster.close())
  own.cluster = cluster
  own.call = cluster.callOf(((action: string, params: unknown) =>
    answered(action, params, 'own')) as Call)
  return own as Process
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await pause(10)
  }
}

test(
  'cluster: asked anywhere, carried out by the holder, and only there (CLU1, CLU4)',
  withoutNats,
  async t => {
    const [holder, edge] = await Promise.all([join(t, 7), join(t, null)])
    await until('the holder to be heard', () => edge.cluster.isServed)
    deepEqual([holder.cluster.holder, holder.cluster.nodes, edge.cluster.nodes], [null, 1, 1])
    const params = { userId: 'u', note: undefined, bytes: new Uint8Array([1, 2, 3]) }
    deepEqual(await edge.call('wallet.balance', params as never), { ok: 'wallet.balance at 7' })
    equal(edge.asked.length, 0)
    deepEqual(holder.asked[0]?.params, params)
    match(holder.asked[0]?.node ?? '', /^[0-9a-f]{16}$/)
    // Secrets of clients do not travel.
    for (const action of ['identity.key', 'session.card', 'dialect.card', 'system.health']) {
      await edge.call(action as 'system.health', {} as never)
      equal(edge.asked.at(-1)?.action, action)
    }
    await edge.call('session.login', {} as never)
    equal(holder.asked.at(-1)?.action, 'session.login')
    // And at the holder's own gateway nothing travels at all.
    await holder.call('wallet.balance', {} as never)
    deepEqual([holder.asked.at(-1)?.node, holder.cluster.stats.relayed], ['own', 0])
    deepEqual(edge.cluster.stats, { relayed: 2, unanswered: 0, turnedAway: 0, served: 0 })
    equal(holder.cluster.stats.served, 2)
  },
)

test(
  'cluster: bodies and answers of many megabytes come whole, a thousand at once too (CLU1)',
  withoutNats,
  async t => {
    const [holder, edge] = await Promise.all([join(t, 7), join(t, null)])
    await until('the holder to be heard', () => edge.cluster.isServed)
    holder.answer = (_, params: { csv?: string; n?: number }) => ({ ok: params.csv ?? params.n })
    const csv = randomBytes(3_000_000).toString('base64')
    deepEqual(await edge.call('deposit.import', { csv } as never), { ok: csv })
    const numbers = Array.from({ length: 1_000 }, (_, n) => n)
    const answers = await Promise.all(numbers.map(n => edge.call('order.get', { n } as never)))
    deepEqual(
      answers.map(answer => (answer as { ok: unknown }).ok),
      numbers,
    )
  },
)

test('cluster: a service that throws there throws here, once (CLU2)', withoutNats, async t => {
  const holder = await join(t, 7)
  const edge = await join(t, null)
  await until('the holder to be heard', () => edge.cluster.isServed)
  holder.answer = () => {
    throw new Error('broken there')
  }
  await rejects(edge.call('order.get', {} as never), /broken there/)
  deepEqual([holder.asked.length, edge.asked.length], [1, 0])
  equal(edge.cluster.stats.unanswered, 1)
})

test(
  'cluster: turned away there, or nobody known: our own services say that they stand by (CLU2, CLU6)',
  withoutNats,
  async t => {
    const edge = await join(t, null)
    equal(edge.cluster.holder, null)
    deepEqual(await edge.call('order.get', {} as never), { ok: 'order.get at null' })
    const holder = await join(t, 7)
    await until('the holder to be heard', () => edge.cluster.isServed)
    // It lost the journal, and nobody has heard so yet.
    holder.epoch = null
    deepEqual(await edge.call('order.get', {} as never), { ok: 'order.get at null' })
    deepEqual([holder.asked.length, edge.asked.length], [0, 2])
    equal(edge.cluster.stats.turnedAway, 1)
    await until('it to be forgotten', () => edge.cluster.holder === null)
  },
)

test(
  'cluster: a call from longer ago than a minute is not carried out any more (CLU7)',
  withoutNats,
  async t => {
    const holder = await join(t, 7)
    let skewMs = 0
    const edge = await join(t, null, { now: () => Date.now() + skewMs })
    await until('the holder to be heard', () => edge.cluster.isServed)
    skewMs = -61_000
    deepEqual(await edge.call('order.get', {} as never), { ok: 'order.get at null' })
    deepEqual([holder.asked.length, edge.cluster.stats.turnedAway], [0, 1])
  },
)

test(
  'cluster: the highest epoch is believed; who waits for the former holder hears at once (CLU1, CLU3)',
  withoutNats,
  async t => {
    const former = await join(t, 7)
    const edge = await join(t, null)
    await until('the holder to be heard', () => edge.cluster.isServed)
    const never = Promise.withResolvers<unknown>()
    former.answer = () => never.promise
    const waiting = edge.call('order.get', {} as never)
    const isOver = rejects(waiting, /reject/i)
    await until('it to be asked', () => former.asked.length === 1)
    const next = await join(t, 8)
    await isOver
    deepEqual(await edge.call('order.get', {} as never), { ok: 'order.get at 8' })
    // The former one still believes in itself, and is believed by nobody.
    await pause(1_500)
    deepEqual(await edge.call('order.get', {} as never), { ok: 'order.get at 8' })
    equal(former.asked.length, 1)
    equal(former.cluster.holder !== null, true)
    equal(next.asked.length, 2)
    const moves = edge.signals.filter(({ name }) => name === 'owner.moved')
    equal(moves.length, 2)
    never.resolve(null)
  },
)

test(
  'cluster: a holder that leaves in peace answers what it took, and is forgotten (CLU2, CLU3)',
  withoutNats,
  async t => {
    const [holder, edge] = await Promise.all([join(t, 7), join(t, null)])
    await until('the holder to be heard', () => edge.cluster.isServed)
    const answer = Promise.withResolvers<unknown>()
    holder.answer = () => answer.promise
    const waiting = edge.call('order.get', {} as never)
    await until('it to be asked', () => holder.asked.length === 1)
    const closed = holder.cluster.close()
    deepEqual(await edge.call('order.get', {} as never), { ok: 'order.get at null' })
    answer.resolve({ ok: 'taken' })
    deepEqual(await waiting, { ok: 'taken' })
    await closed
    await until('it to be forgotten', () => edge.cluster.holder === null)
    await until('its leaving to be told', () => edge.signals.some(one => one.name === 'node.left'))
  },
)

test(
  'cluster: what the holder tells is heard elsewhere, and nobody else is believed (CLU5)',
  withoutNats,
  async t => {
    const holder = await join(t, 7)
    const [edge, other] = [await join(t, null), await join(t, null)]
    await until('the holder to be heard', () => edge.cluster.isServed && other.cluster.isServed)
    const event = { id: '5', name: 'order:success', data: {} }
    other.cluster.tell('live.staff', { event })
    other.cluster.tell('nonces.used', { digests: [3] })
    holder.cluster.tell('live.event', { userId: 'u', event })
    const told = (one: Process) => one.signals.filter(({ name }) => name !== 'owner.moved')
    await until('it to be heard', () => told(edge).length === 2 && told(other).length === 1)
    deepEqual(new Set(told(edge).map(({ name }) => name)), new Set(['nonces.used', 'live.event']))
    deepEqual(told(other)[0]?.payload, { userId: 'u', event })
    deepEqual(told(holder), [{ name: 'nonces.used', payload: { digests: [3] } }])
  },
)

test(
  'cluster: something told was not heard, however short the outage: watchers begin anew (CLU5)',
  withoutNats,
  async t => {
    const [holder, edge] = await Promise.all([join(t, 7), join(t, null)])
    await until('the holder to be heard', () => edge.cluster.isServed)
    const moves = () => edge.signals.filter(({ name }) => name === 'owner.moved').length
    const events = () => edge.signals.filter(({ name }) => name === 'live.staff').length
    const tell = (n: number) =>
      holder.cluster.tell('live.staff', { event: { id: `s${n}`, name: 'order:success', data: {} } })
    for (let n = 0; n < 3; n++) tell(n)
    await until('all to be heard', () => events() === 3)
    await pause(1_200)
    equal(moves(), 1)
    await nats.stop()
    await until('it to be known', () => !holder.cluster.isUp)
    tell(3)
    await nats.start()
    await until('the holder to be heard', () => edge.cluster.isServed)
    await until('it to be noticed', () => moves() > 1)
    const before = moves()
    tell(4)
    await until('the next to be heard', () => events() === 4)
    await pause(1_200)
    equal(moves(), before)
  },
)

test(
  'cluster: NATS ends and comes back: stands by meanwhile, then as before (CLU6, NTS2)',
  withoutNats,
  async t => {
    const [holder, edge] = await Promise.all([join(t, 7), join(t, null)])
    await until('the holder to be heard', () => edge.cluster.isServed)
    const never = Promise.withResolvers<unknown>()
    holder.answer = () => never.promise
    const isOver = rejects(edge.call('order.get', {} as never))
    await until('it to be asked', () => holder.asked.length === 1)
    await nats.stop()
    await until('it to be known', () => !edge.cluster.isUp && !holder.cluster.isUp)
    deepEqual(edge.cluster.health(), {
      ...{ name: 'cluster', ok: false, ms: 0, reason: 'NATS does not carry' },
    })
    deepEqual(await edge.call('order.get', {} as never), { ok: 'order.get at null' })
    await isOver
    never.resolve(null)
    holder.answer = () => ({ ok: 'again' })
    deepEqual(await holder.call('order.get', {} as never), { ok: 'again' })
    await nats.start()
    await until('the holder to be heard', () => edge.cluster.isServed)
    deepEqual(await edge.call('order.get', {} as never), { ok: 'again' })
    equal(edge.cluster.health().ok, true)
  },
)

test(
  'cluster: NATS that carries nothing: known within seconds, over when it does again (CLU6, CLU8, NTS2)',
  withoutNats,
  async t => {
    const [edge, leaver] = await Promise.all([join(t, null), join(t, null), join(t, 7)])
    await until('the holder to be heard', () => edge.cluster.isServed)
    nats.hold()
    t.after(() => nats.goOn())
    // All its threads stand by then.
    await pause(200)
    const isOver = rejects(edge.call('order.get', {} as never))
    const left = leaver.cluster.close()
    await until('the holder not to be believed', () => edge.cluster.holder === null)
    await isOver
    await left
    nats.goOn()
    await until('the holder to be heard', () => edge.cluster.isServed)
  },
)

test(
  'cluster: others at the same NATS: hear nothing in plain, are not heard, and disturb nobody (NTS3)',
  withoutNats,
  async t => {
    const heard: Buffer[] = []
    const stranger = await nats.overhear((_, bytes) => void heard.push(Buffer.from(bytes)))
    t.after(() => stranger.close())
    const holder = await join(t, 7)
    const edge = await join(t, null)
    // The highest epoch of all, but of another installation, and under another key.
    await join(t, 99, { installation: 'two' })
    await join(t, 98, { key: randomBytes(32) })
    await until('the holder to be heard', () => edge.cluster.isServed)
    const said = 'a very private destination'
    await edge.call('order.place', { destination: said } as never)
    await pause(1_500)
    ok(heard.length > 8)
    for (const bytes of heard) doesNotMatch(bytes.toString('latin1'), /private|order|u-1/)
    // All of it once more, and some of it broken.
    const subjects: string[] = []
    const listening = stranger.subscribe('MOL-laju.>', {
      callback: (_, { subject }) => void subjects.push(subject),
    })
    await until('subjects', () => subjects.length > 5)
    listening.unsubscribe()
    for (const subject of new Set(subjects)) {
      for (const bytes of heard) stranger.publish(subject, bytes)
      stranger.publish(subject, 'not a packet')
    }
    await stranger.flush()
    deepEqual(await edge.call('order.get', {} as never), { ok: 'order.get at 7' })
    deepEqual(
      holder.asked.map(({ action }) => action),
      ['order.place', 'order.get'],
    )
    equal(edge.cluster.nodes, 1)
  },
)

test(
  'cluster: no NATS there, or another password: said at once, without the address (NTS1)',
  withoutNats,
  async () => {
    const nowhere = `nats://laju:hidden@127.0.0.1:${await freePort()}`
    for (const [url, why] of [
      [nowhere, /^(?:ECONNREFUSED|CONNECTION_REFUSED)$/],
      [nats.url.replace('password', 'word'), /^AUTHORIZATION_VIOLATION$/],
    ] as const) {
      await rejects(probe(natsOptions(url)), cause => {
        equal((cause as Error).name, 'NatsUnreachable')
        match((cause as Error).message, why)
        doesNotMatch((cause as Error).message, /127|hidden|word/)
        return true
      })
    }
    await probe(natsOptions(nats.url))
  },
)

test('cluster: an address of NATS: several, a token, TLS, signs in a password (NTS1)', () => {
  const of = (text: string) => {
    const { servers, user, pass, token, tls } = natsOptions(text)
    return { servers, user, pass, token, tls }
  }
  const none = { user: undefined, pass: undefined, token: undefined, tls: undefined }
  deepEqual(of('nats://a:4222,nats://b:4223'), { ...none, servers: ['a:4222', 'b:4223'] })
  deepEqual(of('nats://laju:p%40ss%2Fword@a:4222'), {
    ...{ ...none, servers: ['a:4222'], user: 'laju', pass: 'p@ss/word' },
  })
  deepEqual(of('tls://token@a:4222'), { ...none, servers: ['a:4222'], token: 'token', tls: {} })
})
