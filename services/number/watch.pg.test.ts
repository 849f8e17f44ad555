/** What becomes durable on the number line, as its owner hears it and as its guard counts it. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Context, ServiceBroker } from 'moleculer'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { keyOf } from '../../engine/ids.ts'
import { nodeConfig } from '../../moleculer.config.ts'
import { sql, z } from '../../sql/database.ts'
import type { LiveEvent } from '../contract/live.ts'
import type { Call, Signals } from '../contract.ts'
import { until } from '../engine-room.fixture.ts'
import { journalOf } from '../journal-follower.ts'
import { liveService } from '../live/live.service.ts'
import { helpService } from './help.service.ts'
import type { OpenMessage } from './live-event.ts'
import { okOf, type Stand, standAt } from './number.fixture.ts'
import { StaffEvents } from './staff-events.ts'
import { NumberWatch, type RentalEnd } from './watch.ts'

const database = databasesOfFile(after)

let nodes = 0

async function sceneAt(t: TestContext) {
  const at = await standAt(t, { url: await database() })
  const heard: Signals['live.event'][] = []
  const pulses: Signals['live.pulse'][] = []
  const told: LiveEvent[] = []
  const ends: RentalEnd[] = []
  const noted: unknown[] = []
  const errors: unknown[] = []
  const openMessage: OpenMessage = async (orderId, sealed) =>
    (await at.line.vault.keyOf(orderId))?.open(sealed) ?? null
  const staff = new StaffEvents({
    ...{ pool: at.db.pool, now: () => at.clock.ms },
    onTold: event => told.push(event),
  })
  const makeWatch = () =>
    new NumberWatch({
      ...{ pool: at.db.pool, shards: at.room.shards, source: journalOf(at.room), staff },
      isOwner: () => at.room.engine.state === 'serving',
      onEnds: async found => void ends.push(...found),
      onError: cause => errors.push(cause),
    })
  const watch = makeWatch()
  at.room.listeners.push(batch => watch.follower.feed(batch))
  const broker = new ServiceBroker({ ...nodeConfig({ logLevel: 'error' }), nodeID: `w${++nodes}` })
  broker.createService(
    liveService({ room: at.room, pool: at.db.pool, pulse: true, openMessage, staff }),
  )
  const settings = () => ({ name: 'Nokosku', helpUrl: 'https://wa.me/62', waitMinutes: 15 })
  const note: Call = async (_, params) => void noted.push(params) as never
  broker.createService(
    helpService({ settings, staff, call: note, onError: cause => errors.push(cause) }),
  )
  broker.createService({
    name: 'listener',
    events: {
      'live.event': (ctx: Context<Signals['live.event']>) => void heard.push(ctx.params),
      'live.pulse': (ctx: Context<Signals['live.pulse']>) => void pulses.push(ctx.params),
    },
  })
  await broker.start()
  await watch.follower.start()
  t.after(async () => {
    await broker.stop()
    await watch.follower.stop()
  })
  const call: Call = (action, params) => broker.call(action, params) as never
  return { at, heard, pulses, told, ends, noted, errors, staff, makeWatch, watch, call }
}

/** Lets the clock go on until it is so. */
async function till({ clock, call }: Stand, userId: string, orderId: string, status: string) {
  for (;;) {
    const order = okOf(await call('number.get', { userId, orderId }))
    if (order.status === status) return order
    clock.ms += 1_000
    await pause(10)
  }
}

test('live: a code: opened for its owner, live and read again, without gap or repeat (LVA1, LV3)', async t => {
  const { at, heard, pulses, call } = await sceneAt(t)
  const userId = await at.user()
  await call('live.watch', { userId, on: true })
  const { order } = okOf(await at.order(userId))
  const { orderId, number } = order
  at.seller.send(number!, '482913')
  await till(at, userId, orderId, 'otp_received')
  okOf(await at.call('number.resend', { userId, orderId }))
  await until(
    () => heard.map(({ event }) => event.name),
    names => names.includes('otp:resend'),
  )
  const live = heard.map(({ event }) => event)
  deepEqual(
    live.map(({ name }) => name),
    [
      ...['order:created', 'balance:updated', 'order:processing', 'order:otp_received'],
      ...['order:resend', 'otp:resend'],
    ],
  )
  const [created, moved, bought, received] = live
  deepEqual(
    [moved!.id, moved!.data['balance'], moved!.data['order_id']],
    [`${created!.id}.1`, 15_000, orderId],
  )
  equal(received!.data['otp'], '482913')
  ok(String(received!.data['text']).includes('482913'))
  equal(bought!.data['number'], number)
  ok(!JSON.stringify(live).includes('sealed'))
  const opening = okOf(await call('live.since', { userId, after: '', limit: 100 })).events[0]!
  equal(opening.name, 'balance:updated')
  for (const limit of [1, 2, 100]) {
    for (const [place, from] of [opening.id, ...live.map(({ id }) => id)].entries()) {
      const read: LiveEvent[] = []
      let cursor = from
      for (let more = true; more; ) {
        const page = okOf(await call('live.since', { userId, after: cursor, limit }))
        ok(page.events.length <= limit)
        read.push(...page.events)
        cursor = page.events.at(-1)?.id ?? cursor
        more = page.more
      }
      equal(JSON.stringify(read), JSON.stringify(live.slice(place)))
    }
  }
  // The public page is told of top-ups only.
  ok(!JSON.stringify(pulses).includes(orderId))
  ok(!JSON.stringify(pulses).includes('482913'))
  await at.db.pool.query(sql.type(z.object({}))`truncate number_vault`)
})

test('live: the key of a code is gone: the event stands, the code is null (LEA2, LVA1)', async t => {
  const { at, call } = await sceneAt(t)
  const userId = await at.user()
  const { order } = okOf(await at.order(userId))
  at.seller.send(order.number!, '482913')
  await till(at, userId, order.orderId, 'otp_received')
  await at.db.pool.query(sql.type(z.object({}))`truncate number_vault`)
  at.clock.ms += 3_600_000
  const { events } = okOf(await call('live.since', { userId, after: '', limit: 100 }))
  const code = events.find(({ name }) => name === 'order:otp_received')
  deepEqual([code?.data['otp'], code?.data['text']], [null, null])
})

test('watch: how rentals ended, and suppliers in trouble: each once, over a restart too (NWA1, NSE2)', async t => {
  const { at, told, ends, makeWatch, watch, errors } = await sceneAt(t)
  const userId = await at.user()
  at.seller.buying = 'none'
  await at.order(userId)
  at.seller.buying = 'ok'
  const { orderId } = okOf(await at.order(userId)).order
  at.clock.ms += 180_000
  okOf(await at.call('number.cancel', { userId, orderId }))
  await till(at, userId, orderId, 'refunded')
  await until(
    () => ends.map(({ how }) => how),
    hows => hows.includes('given_back') && hows.includes('unbought'),
  )
  equal(ends.find(({ how }) => how === 'given_back')?.key, keyOf(orderId))
  const problems = () => told.map(({ data }) => data['problem'])
  at.seller.buying = 'cut'
  const asking = at.order(userId)
  await until(problems, said => said.includes('unanswered'))
  for (let isDone = false; !isDone; ) {
    at.clock.ms += 1_000
    isDone = await Promise.race([asking.then(() => true), pause(10, false)])
  }
  const before = [told.length, ends.length]
  await watch.follower.stop()
  const again = makeWatch()
  t.after(() => again.follower.stop())
  await again.follower.start()
  await again.follower.flush()
  deepEqual([told.length, ends.length], before)
  deepEqual(errors, [])
})

test('watch: a code, then the money back: it stays a code (NWA2)', async t => {
  const { at, ends } = await sceneAt(t)
  const userId = await at.user()
  const { order } = okOf(await at.order(userId))
  const key = keyOf(order.orderId)
  await at.db.pool.query(sql.type(z.object({}))`
    insert into number_rental (key, user_id, address, service, country, at)
    values (${key}, ${userId}, '', '', '', now())`)
  at.seller.send(order.number!, '482913')
  await till(at, userId, order.orderId, 'otp_received')
  await until(
    () => ends.length,
    count => count > 0,
  )
  const rows = await at.db.pool.any(sql.type(z.object({ how: z.string().nullable() }))`
    select how from number_rental`)
  deepEqual(
    rows.map(({ how }) => how),
    ['code'],
  )
})

test('staff events: told after they are written, and found again after any id (NSE1, NHA1)', async t => {
  const { at, told, noted, staff, call } = await sceneAt(t)
  const userId = await at.user()
  const ask = (where: string) =>
    call('help.ask', { userId, where, about: null, address: '127.0.0.1' })
  const answers = await Promise.all(['order', 'deposit', 'faq'].map(ask))
  for (const answer of answers) deepEqual(answer, { ok: { url: 'https://wa.me/62' } })
  equal(told.length, 3)
  equal(noted.length, 3)
  const ids = told.map(({ id }) => id)
  deepEqual(ids, ['s1', 's2', 's3'])
  for (const [place, after] of ['s0', ...ids].entries()) {
    const { events } = await staff.since(after, 10)
    deepEqual(events, told.slice(place))
    deepEqual(okOf(await call('live.staffSince', { after, limit: 10 })).events, events)
  }
  equal(told[0]!.name, 'user:open_cs')
  await call('help.settings', {})
})

test('help: nobody can be told: where help is to be had is answered all the same (NHA1)', async t => {
  const { at, call, errors } = await sceneAt(t)
  await at.db.pool.query(sql.type(z.object({}))`alter table staff_event rename to gone`)
  const asked = { userId: null, where: 'order', about: null, address: '127.0.0.1' }
  deepEqual(await call('help.ask', asked), { ok: { url: 'https://wa.me/62' } })
  equal(errors.length, 1)
})
