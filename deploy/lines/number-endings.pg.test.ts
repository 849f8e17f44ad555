/**
 * How a rented number ends without a code, and what comes after that, on an engine whose clock the
 * test sets, with the sandbox's suppliers in the place of the real ones, each in its own words.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { decode } from '../../engine/record.ts'
import type { ActivationView } from '../../services/contract/number.ts'
import { okOf, type Stand, standAt } from '../../services/number/number.fixture.ts'
import { envelopeOf } from '../../services/number/performers.ts'
import { offerWith } from '../../services/number/supplier/adapter.ts'
import { handlerApi } from '../../services/number/supplier/handler-api.ts'
import { rumahotp } from '../../services/number/supplier/rumahotp.ts'
import { sql, z } from '../../sql/database.ts'
import { openSandbox } from '../sandbox/server.ts'
import { databasesOfFile } from '../testing/database.ts'
import { verify } from '../verify/verify.ts'

const database = databasesOfFile(after)

const kinds = { handler_api: handlerApi, rumahotp } as const
const parties = ['handler_api', 'rumahotp'] as const
const minute = 60_000
const deposit = 20_000
const ours = 100_000

type Counter = Stand & {
  readonly cost: number
  /** By both clocks: the engine's and the supplier's. */
  readonly elapse: (ms: number) => Promise<void>
  readonly late: (number: string, code: string) => Promise<void>
  /** What is left of our money there. */
  readonly left: () => number
}

async function counterAt(t: TestContext, name: (typeof parties)[number]): Promise<Counter> {
  const sandbox = (await openSandbox({ port: 0 }))!
  t.after(() => sandbox.close())
  const party = sandbox.parties.get(name)!
  party.openAccount({ username: 'toko', api_key: 'kunci', balance: ours })
  const post = async (path: string, wish: object): Promise<void> => {
    const body = JSON.stringify(wish)
    const answer = await fetch(`${sandbox.url}/_sandbox/${path}`, { method: 'POST', body })
    equal(answer.status, 200, await answer.text())
  }
  await post('faults', { party: name, latency: 0 })
  const config = { baseUrl: `${sandbox.url}/${name}`, credentials: { api_key: 'kunci' }, unit: '1' }
  const adapter = kinds[name].open(config)
  const { offer, cost, operators } = (await adapter.catalogue())!.offers.find(
    one => one.service === 'whatsapp' && one.country === 'indonesia' && one.stock > 0,
  )!
  const stand = await standAt(t, {
    url: await database(),
    supplier: { adapter, offer: offerWith(offer, operators[0]!.theirs), cost },
  })
  return {
    ...{ ...stand, cost, left: () => party.accounts()[0]!.balance },
    async elapse(ms) {
      stand.clock.ms += ms
      await post('clock', { party: name, advance_ms: ms })
    },
    late: (number, code) => post('otp', { number, text: `Kode ${code}`, code, late: true }),
  }
}

/** Lets the engine's clock go on, slower than anything answers. */
async function till(
  { call, clock }: Counter,
  { userId, orderId }: { readonly userId: string; readonly orderId: string },
  isSo: (order: ActivationView) => boolean,
): Promise<ActivationView> {
  for (;;) {
    const order = okOf(await call('number.get', { userId, orderId }))
    if (isSo(order)) return order
    clock.ms += 1_000
    await pause(10)
  }
}

async function available({ call }: Counter, userId: string): Promise<number> {
  return okOf(await call('wallet.balance', { userId })).available
}

/** What happened, in the order of the journal, and which of it moved money. */
async function told({ room }: Counter, orderId: string): Promise<string[]> {
  const { shard, key } = envelopeOf(orderId)
  const lines = await room.engine.history(shard, key)
  return lines.flatMap(({ body }) => {
    const { events, entries } = decode(body)
    const moved = entries.map(([op]) => `+${op}`).join('')
    return (events as readonly { type: string }[]).map(({ type }) => `${type}${moved}`)
  })
}

async function earned({ db, line, room }: Counter): Promise<readonly object[]> {
  for (const { index, durableSeq } of room.engine.host.shards()) {
    await line.rows.follower.reached(index, durableSeq, 30_000)
  }
  const row = z.object({ what: z.string(), profit: z.number() })
  return (await db.pool.any(sql.type(row)`select what, profit from number_profit`)).map(one => ({
    ...one,
  }))
}

for (const name of parties) {
  test(`number: ${name}: fifteen minutes without a code: back at both, in one commit (AC4, AC7, NVD1)`, async t => {
    const at = await counterAt(t, name)
    const userId = await at.user(deposit)
    const { order } = okOf(await at.order(userId))
    const asked = { userId, orderId: order.orderId }
    equal(order.expiresAt, at.clock.ms + 15 * minute)
    deepEqual([await available(at, userId), at.left()], [deposit - order.price, ours - at.cost])
    await at.elapse(15 * minute - 1_000)
    equal(okOf(await at.call('number.get', asked)).status, 'waiting')
    await at.elapse(1_000)
    const over = await till(at, asked, ({ status }) => status === 'expired')
    deepEqual([over.moneyEffect, over.otp, over.messages.length], ['refunded', null, 0])
    deepEqual([await available(at, userId), at.left()], [deposit, ours])
    const events = await told(at, order.orderId)
    equal(events[0], 'placed+hold')
    // The word that it is over, and the money, stand in one line of the journal.
    equal(events.at(-1), 'refunded+void')
    equal(events.filter(event => event.includes('+')).length, 2)
    deepEqual(await earned(at), [])
    deepEqual([at.errors, (await verify({ url: at.db.url })).problems], [[], []])
  })

  test(`number: ${name}: a code after it was given back: kept, not shown, charged to nobody (AC10, NVC2, NVE2)`, async t => {
    const at = await counterAt(t, name)
    const userId = await at.user(deposit)
    const { order } = okOf(await at.order(userId))
    const asked = { userId, orderId: order.orderId }
    await at.elapse(3 * minute)
    okOf(await at.call('number.cancel', asked))
    await till(at, asked, ({ status }) => status === 'refunded')
    deepEqual([await available(at, userId), at.left()], [deposit, ours])

    await at.late(order.number!, '909808')
    equal(at.left(), ours - at.cost)
    const later = await till(at, asked, ({ messages }) => messages.length > 0)
    deepEqual([later.status, later.moneyEffect, later.otp], ['refunded', 'refunded', null])
    const [message] = later.messages
    deepEqual([message!.late, message!.code, message!.text], [true, null, null])
    const listed = okOf(
      await at.call('number.list', { userId, cursor: null, limit: 1, status: null }),
    ).orders[0]!
    deepEqual(listed.messages, later.messages)
    equal(await available(at, userId), deposit)
    // Asked about for as long as the number lives, it stays one message and one loss.
    for (let n = 0; n < 3; n++) {
      const before = at.line.poller.counts.asked
      while (at.line.poller.counts.asked === before && at.line.poller.watched > 0) {
        at.clock.ms += 10_000
        await pause(10)
      }
    }
    equal(okOf(await at.call('number.get', asked)).messages.length, 1)
    deepEqual(await earned(at), [{ what: 'late_cost', profit: -at.cost }])
    ok((await told(at, order.orderId)).includes('sms_received+move'))
    deepEqual([at.errors, (await verify({ url: at.db.url })).problems], [[], []])
  })
}
