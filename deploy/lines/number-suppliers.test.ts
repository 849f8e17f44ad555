/** Adapters of number suppliers at the counters of the sandbox, which were not written for them. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  type NumberAdapter,
  type Offer,
  offerWith,
} from '../../services/number/supplier/adapter.ts'
import { numberKinds } from '../../services/number/supplier/kinds.ts'
import { openSandbox } from '../sandbox/server.ts'

const parties = ['handler_api', 'rumahotp'] as const
type Name = (typeof parties)[number]

const balance = 100_000
const minuteMs = 60_000

async function counter(t: TestContext, name: Name) {
  const sandbox = (await openSandbox({ port: 0 }))!
  const party = sandbox.parties.get(name)!
  party.openAccount({ username: 'toko', api_key: 'kunci-toko', balance })
  const tell = async (path: string, wish: object) => {
    const answer = await fetch(`${sandbox.url}/_sandbox/${path}`, {
      ...{ method: 'POST', body: JSON.stringify(wish) },
    })
    return (await answer.json()) as Record<string, unknown>
  }
  const faults = (wish: object) => tell('faults', { party: name, latency: 0, ...wish })
  await faults({})
  const adapter = numberKinds.get(name)!.open({
    ...{ baseUrl: `${sandbox.url}/${name}`, unit: '1', answerMs: 10_000 },
    credentials: { api_key: 'kunci-toko' },
  })
  t.after(async () => {
    await adapter.close()
    await sandbox.close()
  })
  const offers = async () => (await adapter.catalogue())!.offers
  const find = async (service: string, country: string): Promise<Offer> => {
    const found = (await offers()).find(one => one.service === service && one.country === country)
    ok(found !== undefined)
    return found
  }
  return {
    ...{ sandbox, party, adapter, faults, offers, find },
    otp: (number: string, text: string, more: object = {}) =>
      tell('otp', { number, text, ...more }),
    minutes: (count: number) => tell('clock', { party: name, advance_ms: count * minuteMs }),
    sold: () => party.sales.size,
  }
}

const buying = (offer: Offer, maxCost = offer.cost) => ({
  ...{ offer: offerWith(offer.offer, offer.operators[0]!.theirs), maxCost, ref: 'order-1' },
})

async function bought(adapter: NumberAdapter, offer: Offer) {
  const purchase = await adapter.buy(buying(offer))
  ok(purchase.kind === 'bought', JSON.stringify(purchase))
  return purchase
}

const codes = async (adapter: NumberAdapter, id: string) => {
  const inbox = await adapter.messages(id)
  ok(inbox.kind === 'inbox', JSON.stringify(inbox))
  return inbox.messages.map(one => one.code)
}

for (const name of parties) {
  test(`${name}: catalogue: apps, countries, operators in our words, whole rupiah (NSK3, NSR6)`, async t => {
    const { offers, find } = await counter(t, name)
    const all = await offers()
    ok(all.length > 100)
    equal(new Set(all.map(({ offer }) => offer)).size, all.length)
    for (const offer of all) {
      ok(Number.isSafeInteger(offer.cost) && offer.cost > 0)
      equal(offer.operators[0]!.id, 'any')
    }
    const { operators, serviceName } = await find('whatsapp', 'indonesia')
    equal(serviceName, 'WhatsApp')
    ok(operators.some(({ id }) => id === 'telkomsel'))
  })

  test(`${name}: a number: bought, its code read, resent, and paid once (NSA1)`, async t => {
    const { adapter, find, otp, sold } = await counter(t, name)
    const offer = await find('whatsapp', 'indonesia')
    const { id, number, cost } = await bought(adapter, offer)
    equal(cost, offer.cost)
    equal(await adapter.balance(), balance - offer.cost)
    deepEqual(await codes(adapter, id), [])
    await otp(number, 'Kode WhatsApp kamu 123-456')
    deepEqual(await codes(adapter, id), ['123456'])
    equal(await adapter.giveBack(id), 'received')
    equal(await adapter.again(id), 'ok')
    await otp(number, 'Kode 777888')
    equal((await codes(adapter, id)).at(-1), '777888')
    equal(sold(), 1)
    equal(await adapter.balance(), balance - offer.cost)
  })

  test(`${name}: given back: in time, once, and known when asked again (NSA3)`, async t => {
    const { adapter, find, minutes } = await counter(t, name)
    const { id } = await bought(adapter, await find('telegram', 'indonesia'))
    if (adapter.card.cancelAfterMs > 0) {
      equal(await adapter.giveBack(id), 'early')
      await minutes(adapter.card.cancelAfterMs / minuteMs)
    }
    equal(await adapter.giveBack(id), 'cancelled')
    equal(await adapter.giveBack(id), 'cancelled')
    equal(await adapter.balance(), balance)
    const inbox = await adapter.messages(id)
    equal(inbox.kind === 'inbox' && inbox.ended, 'cancelled')
  })

  test(`${name}: a number without a code: ended there with its life, and the money back (NSA3)`, async t => {
    const { adapter, find, minutes } = await counter(t, name)
    const { id } = await bought(adapter, await find('telegram', 'indonesia'))
    await minutes(20)
    const inbox = await adapter.messages(id)
    equal(inbox.kind === 'inbox' && inbox.ended, 'cancelled')
    equal(await adapter.giveBack(id), 'cancelled')
    equal(await adapter.balance(), balance)
  })

  const days = {
    ...{ timeout_after_sale: true, reset_after_sale: true, http500_after_sale: true },
    ...{ html_after_sale: true, empty_after_sale: true, half_json: true, html: false },
    ...{ timeout_without_sale: false, reset: false, http500: false, empty: false },
  }
  for (const [fault, isSold] of Object.entries(days)) {
    test(`${name}: ${fault}: doubtful, sent once, found out by reading (NSA1, NSA2)`, async t => {
      const { adapter, find, faults, sold } = await counter(t, name)
      const offer = await find('whatsapp', 'indonesia')
      const before = await adapter.balance()
      await faults({ [fault]: 1, timeout_seconds: 0.2 })
      equal((await adapter.buy(buying(offer))).kind, 'doubtful')
      equal(sold(), isSold ? 1 : 0)
      await faults({})
      equal(await adapter.balance(), before! - (isSold ? offer.cost : 0))
      const open = await adapter.active()
      if (adapter.card.finds === 'balance') return equal(open, null)
      const lane = adapter.laneOf(buying(offer).offer)
      deepEqual(
        open?.map(one => one.lane),
        isSold ? [lane] : [],
      )
    })
  }

  test(`${name}: refused: no money, dearer than agreed: unbought, nothing sold (NSA1) (NSR2)`, async t => {
    const { adapter, find, faults, sold } = await counter(t, name)
    const offer = await find('whatsapp', 'indonesia')
    const code = async (maxCost?: number) => {
      const told = await adapter.buy(buying(offer, maxCost))
      return told.kind === 'unbought' ? told.code : told.kind
    }
    await faults({ drained: true })
    equal(await code(), 'SUPPLIER_BALANCE')
    await faults({ refuse: 1 })
    equal(await code(), 'NO_NUMBERS')
    await faults({})
    equal(await code(offer.cost - 1), 'PRICE_MOVED')
    equal(sold(), 0)
  })

  test(`${name}: giving back on a bad day: unknown, and the truth the next time (NSA3)`, async t => {
    const { adapter, find, faults, minutes } = await counter(t, name)
    const { id } = await bought(adapter, await find('whatsapp', 'indonesia'))
    await minutes(3)
    await faults({ reset_after_sale: 1, mishaps_befall: ['set-status'] })
    equal(await adapter.giveBack(id), 'unknown')
    await faults({})
    equal(await adapter.giveBack(id), 'cancelled')
    equal(await adapter.balance(), balance)
  })

  test(`${name}: numbers as text, a wrong key: read; nothing made up (NSA3)`, async t => {
    const { adapter, sandbox, faults, offers, find } = await counter(t, name)
    const plain = await offers()
    await faults({ wrong_types: 1 })
    deepEqual(await offers(), plain)
    const { id, cost } = await bought(adapter, await find('whatsapp', 'indonesia'))
    ok(cost !== null && id !== '')
    equal(await adapter.balance(), balance - cost)
    const stranger = numberKinds.get(name)!.open({
      ...{ baseUrl: `${sandbox.url}/${name}`, unit: '1', credentials: { api_key: 'salah' } },
    })
    t.after(() => stranger.close())
    equal(await stranger.balance(), null)
    equal(await stranger.catalogue(), null)
    equal((await stranger.messages(id)).kind, 'unknown')
    equal(await stranger.giveBack(id), 'unknown')
  })
}

test('handler_api: the list of open ones: codes of each, the text of the newest (NSH6)', async t => {
  const { adapter, find, otp } = await counter(t, 'handler_api')
  const offer = await find('whatsapp', 'indonesia')
  const [one, other] = [
    await adapter.buy({ ...buying(offer), ref: 'order-1' }),
    await adapter.buy({ ...buying(offer), ref: 'order-2' }),
  ]
  ok(one.kind === 'bought' && other.kind === 'bought')
  await otp(one.number, 'kode 1111')
  await adapter.again(one.id)
  await otp(one.number, 'kode 2222')
  const open = await adapter.active()
  deepEqual(
    open?.map(({ id, inbox }) => [id, inbox?.messages]),
    [
      [other.id, []],
      [
        one.id,
        [
          { text: null, code: '1111' },
          { text: 'kode 2222', code: '2222' },
        ],
      ],
    ],
  )
})

test('catalogue: both suppliers: the same app and country have the same id (NSK3)', async t => {
  const [one, other] = [await counter(t, 'handler_api'), await counter(t, 'rumahotp')]
  const words = async ({ offers }: typeof one) =>
    [...new Set((await offers()).map(({ service, country }) => `${service} ${country}`))].sort()
  deepEqual(await words(one), await words(other))
})
