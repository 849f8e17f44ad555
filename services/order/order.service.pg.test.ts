import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, type TestContext, test } from 'node:test'
import type { OrderEvent } from '../../actors/order/order-contract.ts'
import { makeRef } from '../../actors/order/standing.ts'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { fingerprint, isId, keyOf, makeId, msOf, shardOf } from '../../engine/ids.ts'
import { decode } from '../../engine/record.ts'
import { catalogue, mappingRow, productRow } from '../catalogue/rows.fixture.ts'
import type { Answer } from '../contract/answer.ts'
import type { Placed, PlaceParams } from '../contract/order.ts'
import type { OrderView } from '../contract/order-view.ts'
import { pending, type Scene, sceneAt, shards, until } from '../engine-room.fixture.ts'
import { freshKey } from '../fresh-key.ts'
import { digiflazz } from '../supplier/digiflazz.ts'
import type { CallbackReport } from '../supplier/report.ts'
import { makeSubmit } from './order.service.ts'

/** One for each test: what an earlier one left under way would go on in the next. */
const database = databasesOfFile(after)

const scene = async (t: TestContext, shop: Parameters<typeof sceneAt>[1]['shop'] = {}) =>
  sceneAt(t, { url: await database(), shop })

const wish = (userId: string, some: Partial<PlaceParams> = {}): PlaceParams => ({
  ...{ userId, level: 0, ref: 'A-1', product: 'xld10', destination: '0878 1234 1230' },
  ...some,
})

const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}
const refusedOf = (answer: Answer<unknown>): string =>
  'refused' in answer ? answer.refused : JSON.stringify(answer)

const place = async ({ call }: Scene, userId: string, some: Partial<PlaceParams> = {}) =>
  okOf<Placed>(await call('order.place', wish(userId, some))).order

const ended = (at: Scene, userId: string, trxId: string, status: string): Promise<OrderView> =>
  until(
    async () => okOf(await at.call('order.get', { userId, trxId })),
    view => view.status === status,
  )

test('order service: an order: from the book’s terms to the supplier’s serial number', async t => {
  const at = await scene(t)
  const userId = await at.user(1)
  const answer = okOf(await at.call('order.place', wish(userId)))
  equal(answer.repeated, false)
  equal(answer.balance, 100_000 - 10_500)
  const { order } = answer
  deepEqual(
    [order.status, order.moneyEffect, order.price, order.product, order.destination],
    ['PROCESSING', 'held', 10_500, 'XLD10', '087812341230'],
  )
  equal(isId(order.trxId) && shardOf(order.trxId), 1)
  equal(keyOf(order.trxId), fingerprint(userId, 'A-1'))
  const view = await ended(at, userId, order.trxId, 'SUCCESS')
  deepEqual([view.sn, view.moneyEffect, view.next], ['SN-087812341230', 'charged', null])
  deepEqual(okOf(await at.call('order.get', { userId, ref: 'A-1' })), view)
  const { timeline: _, ...standing } = view
  deepEqual(okOf(await at.call('order.byRef', { userId, ref: 'A-1' })), standing)
  deepEqual(okOf(await at.call('wallet.balance', { userId })), {
    ...{ balance: 89_500, held: 0, available: 89_500 },
  })
})

test('order service: a quote: its terms are written into the order', async t => {
  const at = await scene(t, { answer: pending })
  const userId = await at.user(2)
  const asked = { product: 'xld10', destination: '+62 878-1234-1230' }
  const own = { callbackUrl: 'https://client.example/hook', ...asked }
  const { trxId, said } = await place(at, userId, own)
  deepEqual(said, asked)
  const plain = { ref: 'A-9', product: 'XLD10', destination: '087812341239' }
  equal((await place(at, userId, plain)).said, undefined)
  const [line] = await at.room.engine.history(2, keyOf(trxId))
  const [placed, dispatched] = decode(line!.body).events as OrderEvent[]
  const within = digiflazz.card.recheckWithinMs
  deepEqual(placed, {
    type: 'placed',
    ...{ user: userId, ref: 'A-1', product: 'XLD10', destination: '087812341230', price: 10_500 },
    plan: [
      ['digi', 'digi-xld10', 10_000, 10_500, 60_000, within],
      ['diva', 'diva-xld10', 10_000, 10_500, 60_000, within],
    ],
    deadlineAt: at.clock.ms + 3_600_000,
    twin: fingerprint('twin', userId, 'XLD10', '087812341230', '1'),
    callbackUrl: 'https://client.example/hook',
    said: ['xld10', '+62 878-1234-1230'],
  })
  equal(dispatched?.type === 'dispatched' && dispatched.ref, makeRef(trxId, 1))
  deepEqual(decode(line!.body).claims, [
    [fingerprint('twin', userId, 'XLD10', '087812341230', '1'), at.clock.ms + 600_000],
  ])
})

test('order service: suppliers that nobody can call: left out of the plan, or refused', async t => {
  const at = await scene(t, { suppliers: new Set(['diva']) })
  const userId = await at.user(0)
  const order = await place(at, userId)
  deepEqual(
    order.attempts.map(attempt => attempt.supplier),
    ['diva'],
  )
  at.shop.suppliers.clear()
  const answer = await at.call(
    'order.place',
    wish(userId, { ref: 'A-2', destination: '087812341231' }),
  )
  equal(refusedOf(answer), 'PRODUCT_UNSUPPLIED')
  equal(refusedOf(await at.call('order.byRef', { userId, ref: 'A-2' })), 'NOT_FOUND')
})

test('order service: a definite no: the next supplier of the plan is asked', async t => {
  const at = await scene(t, {
    answer: ({ buyer_sku_code: sku }) =>
      sku === 'digi-xld10' ? { status: 'Gagal', rc: '55', sn: '' } : {},
  })
  const userId = await at.user(3)
  const { trxId } = await place(at, userId)
  const view = await ended(at, userId, trxId, 'SUCCESS')
  deepEqual(
    view.attempts.map(({ supplier, outcome, ref }) => [supplier, outcome, ref]),
    [
      ['digi', 'failed', makeRef(trxId, 1)],
      ['diva', 'success', makeRef(trxId, 2)],
    ],
  )
  deepEqual(
    at.asked.map(one => one['ref_id']),
    [makeRef(trxId, 1), makeRef(trxId, 2)],
  )
})

test('order service: a repeat while nobody could buy: the order it repeats, however written (KAP3)', async t => {
  const at = await scene(t, { answer: pending })
  const userId = await at.user(1, 50_000)
  const destination = '+62 878-1234-1230'
  const first = await place(at, userId, { destination })
  const again = async (some: Partial<PlaceParams> = {}) => {
    const answer = await at.call('order.place', wish(userId, { destination, ...some }))
    return 'ok' in answer ? answer.ok.order.trxId : refusedOf(answer)
  }
  equal(await again({ maxPrice: 1 }), first.trxId)
  at.shop.suppliers.clear()
  equal(await again(), first.trxId)
  equal(await again({ destination: '6287812341230' }), first.trxId)
  equal(await again({ destination: '6287812341231' }), 'DUPLICATE_REF')
  equal(okOf(await at.call('wallet.balance', { userId })).available, 50_000 - 10_500)
})

test('order service: by reference: what it is said to be about must be what it is (KAP3)', async t => {
  const at = await scene(t, { answer: pending })
  const userId = await at.user(1, 50_000)
  const { trxId } = await place(at, userId)
  const found = async (some: { product?: string; destination?: string } = {}) => {
    const answer = await at.call('order.byRef', { userId, ref: 'A-1', ...some })
    return 'ok' in answer ? answer.ok.trxId : refusedOf(answer)
  }
  equal(await found(), trxId)
  equal(await found({ product: 'xld10', destination: '+6287812341230' }), trxId)
  equal(await found({ product: 'xld10' }), trxId)
  equal(await found({ product: 'BENCH10' }), 'DUPLICATE_REF')
  equal(await found({ product: 'xld10', destination: '087812341231' }), 'DUPLICATE_REF')
})

test('order service: refusals: each says why, and leaves nothing', async t => {
  const at = await scene(t, { answer: pending })
  const userId = await at.user(1, 15_000)
  const answers = await Promise.all([
    at.call('order.place', wish(userId, { product: 'NONE' })),
    at.call('order.place', wish(userId, { destination: '0812' })),
    at.call('order.place', wish(userId, { destination: '081212341230' })),
    at.call('order.place', wish(userId, { maxPrice: 10_499 })),
  ])
  deepEqual(answers.map(refusedOf), [
    ...['PRODUCT_UNKNOWN', 'DESTINATION_INVALID', 'PREFIX_MISMATCH', 'PRICE_ABOVE_MAX'],
  ])
  for (const answer of answers) equal('moneyEffect' in answer && answer.moneyEffect, 'none')
  equal(refusedOf(await at.call('order.byRef', { userId, ref: 'A-1' })), 'NOT_FOUND')

  const first = await place(at, userId)
  const twin = await at.call('order.place', wish(userId, { ref: 'A-2' }))
  equal(refusedOf(twin), 'TWIN_ORDER')
  equal('refused' in twin && twin.order?.trxId, first.trxId)
  const other = await at.call('order.place', wish(userId, { destination: '087812341231' }))
  equal(refusedOf(other), 'DUPLICATE_REF')
  equal('refused' in other && other.order?.trxId, first.trxId)
  equal('refused' in other && other.moneyEffect, 'held')
  const dear = await at.call(
    'order.place',
    wish(userId, { ref: 'A-3', destination: '087812341232' }),
  )
  deepEqual(dear, {
    ...{ refused: 'INSUFFICIENT_BALANCE', moneyEffect: 'none' },
    details: { available: 4_500, price: 10_500 },
  })
})

test('order service: a repeat: the same order, also when the product is closed by now', async t => {
  const at = await scene(t, { answer: pending })
  const userId = await at.user(2)
  const first = await place(at, userId)
  at.shop.rows = catalogue({
    products: [productRow('XLD10', { active: false })],
    suppliers: [],
    mappings: [mappingRow('XLD10', 'digi')],
  })
  const again = okOf(await at.call('order.place', wish(userId, { destination: '087812341230' })))
  deepEqual([again.repeated, again.order.trxId, again.balance], [true, first.trxId, 89_500])
  equal(refusedOf(await at.call('order.place', wish(userId, { ref: 'A-2' }))), 'PRODUCT_CLOSED')
})

test('order service: somebody else’s order, and what never was: not found', async t => {
  const at = await scene(t, { answer: pending })
  const userId = await at.user(1)
  const neighbour = await at.user(1)
  const { trxId } = await place(at, userId)
  const get = async (user: string, id: string, when?: number) =>
    refusedOf(
      await at.call('order.get', {
        ...{ userId: user, trxId: id },
        ...(when === undefined ? {} : { at: when }),
      }),
    )
  const ms = msOf(trxId)
  const strangers = {
    'of a neighbour': trxId,
    'another key': makeId(ms, 1, freshKey()),
    'the same key at another time': makeId(ms + 1, 1, keyOf(trxId)),
    'the same key in another shard': makeId(ms, 2, keyOf(trxId)),
    'a shard that is not ours': makeId(ms, shards, keyOf(trxId)),
    'the last of all shards': makeId(ms, 4_095, keyOf(trxId)),
    'no id': 'A-1',
    nothing: '',
    'the client’s own id': userId,
  }
  for (const [what, id] of Object.entries(strangers)) {
    const user = what === 'of a neighbour' ? neighbour : userId
    equal(await get(user, id), 'NOT_FOUND', what)
    equal(await get(user, id, at.clock.ms), 'NOT_FOUND', `${what}, as it was`)
    if (what === 'of a neighbour') continue
    const verdict = { verdict: 'failed', reason: 'seen', by: 'cici' } as const
    const resolved = await at.call('order.resolve', { trxId: id, ...verdict })
    equal(refusedOf(resolved), 'NOT_FOUND', `${what}, resolved`)
  }
  equal(refusedOf(await at.call('order.byRef', { userId: neighbour, ref: 'A-1' })), 'NOT_FOUND')
  equal(refusedOf(await at.call('order.get', { userId: neighbour, ref: 'A-1' })), 'NOT_FOUND')
  equal(okOf(await at.call('order.get', { userId, trxId })).ref, 'A-1')
  deepEqual(await at.room.engine.history(2, keyOf(trxId)), [])
})

test('order service: time travel: the order as it was at that moment', async t => {
  const reply = Promise.withResolvers<object>()
  const at = await scene(t, { answer: () => reply.promise })
  const userId = await at.user(3)
  const placedAt = at.clock.ms
  const { trxId } = await place(at, userId)
  at.clock.ms += 1_000
  reply.resolve({})
  const now = await ended(at, userId, trxId, 'SUCCESS')
  const then = async (when: number) => at.call('order.get', { userId, trxId, at: when })
  equal(refusedOf(await then(placedAt - 1)), 'NOT_FOUND')
  for (const when of [placedAt, placedAt + 999]) {
    const view = okOf(await then(when))
    deepEqual([view.status, view.sn, view.moneyEffect], ['PROCESSING', null, 'held'])
    equal(view.next?.what, 'supplier_answers')
  }
  deepEqual(okOf(await then(placedAt + 1_000)), now)
  deepEqual(okOf(await then(placedAt + 1e9)), now)
  const byRef = { userId, ref: 'A-1' }
  deepEqual(okOf(await at.call('order.get', byRef)), now)
  deepEqual(await at.call('order.get', { ...byRef, at: placedAt }), await then(placedAt))
  equal(refusedOf(await at.call('order.get', { ...byRef, at: placedAt - 1 })), 'NOT_FOUND')
})

test('order service: a contradiction a day later: the money still went back when it did', async t => {
  const at = await scene(t, { answer: () => ({ status: 'Gagal', rc: '40', sn: '' }) })
  const userId = await at.user(1)
  const { trxId } = await place(at, userId)
  const then = await ended(at, userId, trxId, 'FAILED')
  const released = then.timeline.at(-1)!
  deepEqual(released, { at: at.clock.ms, what: 'released' })
  at.clock.ms += 86_400_000
  const late: CallbackReport = {
    ...{ n: 1, outcome: 'success', sn: 'LATE', cost: 9_900, ms: 0, via: 'callback' },
    ...{ supplier: 'digi', order: trxId, sku: null, dest: null },
  }
  equal(await makeSubmit({ room: at.room })(makeRef(trxId, 1), late), 'accepted')
  const today = okOf(await at.call('order.get', { userId, trxId }))
  const disputed = { at: at.clock.ms, what: 'disputed', note: 'late_success' }
  deepEqual(today.timeline, [...then.timeline, disputed])
  deepEqual(okOf(await at.call('order.get', { userId, trxId, at: released.at })), then)
})

test('order service: resolve: a person’s word, and who may not be overruled', async t => {
  const at = await scene(t, { answer: pending })
  const userId = await at.user(0)
  const waiting = async (ref: string, destination: string) => {
    const { trxId } = await place(at, userId, { ref, destination })
    await until(
      async () => okOf(await at.call('order.get', { userId, trxId })),
      view => view.next?.what === 'supplier_is_asked',
    )
    return trxId
  }
  const words = { reason: 'called them', by: 'cici' }
  const sold = await waiting('A-1', '087812341230')
  const view = okOf(
    await at.call('order.resolve', {
      trxId: sold,
      verdict: 'success',
      sn: ' 12\u000034 ',
      ...words,
    }),
  )
  deepEqual([view.status, view.sn, view.moneyEffect], ['SUCCESS', '12 34', 'charged'])
  const twice = await at.call('order.resolve', { trxId: sold, verdict: 'failed', ...words })
  equal(refusedOf(twice), 'ORDER_FINAL')
  equal('refused' in twice && twice.order?.status, 'SUCCESS')
  equal('refused' in twice && twice.moneyEffect, 'charged')

  const lost = await waiting('A-2', '087812341231')
  const failed = okOf(await at.call('order.resolve', { trxId: lost, verdict: 'failed', ...words }))
  deepEqual([failed.status, failed.failure, failed.moneyEffect], ['FAILED', 'PERSON', 'refunded'])

  const refund = okOf(
    await at.call('order.resolve', {
      ...{ trxId: sold, verdict: 'refund', supplierReturned: true },
      ...words,
    }),
  )
  equal(refund.status, 'REFUND')
  deepEqual(okOf(await at.call('wallet.balance', { userId })).available, 100_000)
})

test('order service: a supplier’s callback: it finds its order by our reference', async t => {
  const at = await scene(t, { answer: pending })
  const userId = await at.user(1)
  const { trxId } = await place(at, userId)
  await until(
    async () => okOf(await at.call('order.get', { userId, trxId })),
    view => view.attempts[0]?.outcome === 'pending',
  )
  const submit = makeSubmit({ room: at.room })
  const report: CallbackReport = {
    ...{ supplier: 'digi', order: trxId, sku: 'digi-xld10', dest: null },
    ...{ n: 1, outcome: 'success', sn: 'BY-CALL', cost: 9_900, ms: 0, via: 'callback' },
  }
  const strange: [string, CallbackReport][] = [
    ['L', report],
    [makeRef(makeId(1, shards + 3, freshKey()), 1), report],
    [makeRef(makeId(1, 1, freshKey()), 1), report],
    [makeRef(makeId(1, 1, keyOf(trxId)), 1), report],
    [makeRef(trxId, 2), { ...report, n: 2 }],
    [makeRef(trxId, 1), { ...report, supplier: 'diva' }],
    [makeRef(trxId, 1), { ...report, sku: 'digi-xld25' }],
    [makeRef(trxId, 1), { ...report, dest: '087899999999' }],
  ]
  for (const [ref, word] of strange) equal(await submit(ref, word), 'unknown_ref')
  equal(okOf(await at.call('order.get', { userId, trxId })).status, 'PROCESSING')
  equal(await submit(makeRef(trxId, 1), report), 'accepted')
  equal(await submit(makeRef(trxId, 1), report), 'accepted')
  const view = okOf(await at.call('order.get', { userId, trxId }))
  deepEqual([view.status, view.sn, view.disputed], ['SUCCESS', 'BY-CALL', false])
  equal((await at.room.engine.history(1, keyOf(trxId))).length, 3)
})

test('order service: a callback overtakes the reply, then fifty more: one end, one charge', async t => {
  const reply = Promise.withResolvers<object>()
  const at = await scene(t, { answer: () => reply.promise })
  const userId = await at.user(2)
  const { trxId } = await place(at, userId)
  await until(
    () => at.asked.length,
    count => count === 1,
  )
  const submit = makeSubmit({ room: at.room })
  const tell = (sn: string) =>
    submit(makeRef(trxId, 1), {
      ...{ supplier: 'digi', order: trxId, sku: 'digi-xld10', dest: null },
      ...{ n: 1, outcome: 'success', sn, cost: 9_900, ms: 0, via: 'callback' },
    })
  equal(await tell('1234-5678/ANI'), 'accepted')
  const view = okOf(await at.call('order.get', { userId, trxId }))
  deepEqual([view.status, view.sn, view.moneyEffect], ['SUCCESS', '1234-5678/ANI', 'charged'])

  reply.resolve({ sn: '1234-5678 / ANI' })
  const spaced = Array.from({ length: 50 }, (_, n) => `1234-5678${' '.repeat(n % 5)}/ANI `)
  for (const told of await Promise.all(spaced.map(tell))) equal(told, 'accepted')
  await until(
    () => at.room.engine.host.outbox.inFlight,
    count => count === 0,
  )
  const after = okOf(await at.call('order.get', { userId, trxId }))
  deepEqual([after.status, after.sn, after.disputed], ['SUCCESS', '1234-5678/ANI', false])
  equal(okOf(await at.call('wallet.balance', { userId })).balance, 89_500)
  const lines = await at.room.engine.history(2, keyOf(trxId))
  equal(lines.filter(({ body }) => decode(body).entries.length > 0).length, 2)
})

test('order service: one’s own order: its price is another one’s to give back (OSV1)', async t => {
  const at = await scene(t, { answer: pending })
  const userId = await at.user(3)
  const { trxId } = await place(at, userId)
  await until(
    async () => okOf(await at.call('order.get', { userId, trxId })),
    view => view.next?.what === 'supplier_is_asked',
  )
  type Verdict = 'success' | 'failed' | 'refund'
  const say = (verdict: Verdict, byUser: string) =>
    at.call('order.resolve', { trxId, verdict, reason: 'seen', by: 'ani', byUser })
  const failed = await say('failed', userId)
  equal(refusedOf(failed), 'OWN_ACCOUNT')
  equal('refused' in failed && failed.moneyEffect, 'held')
  equal(okOf(await say('success', userId)).status, 'SUCCESS')
  const refund = await say('refund', userId)
  equal(refusedOf(refund), 'OWN_ACCOUNT')
  equal('refused' in refund && refund.moneyEffect, 'charged')
  equal(okOf(await at.call('wallet.balance', { userId })).balance, 89_500)
  equal(okOf(await say('refund', await at.user(2))).status, 'REFUND')
  equal(okOf(await at.call('wallet.balance', { userId })).balance, 100_000)
})

test('order service: a refund: not while nobody knows, and of two at once one', async t => {
  const at = await scene(t, { answer: pending })
  const userId = await at.user(3)
  const { trxId } = await place(at, userId)
  await until(
    async () => okOf(await at.call('order.get', { userId, trxId })),
    view => view.next?.what === 'supplier_is_asked',
  )
  const refund = (by: string) =>
    at.call('order.resolve', { trxId, verdict: 'refund', reason: 'asked for it', by })
  equal(refusedOf(await refund('ani')), 'ORDER_FINAL')
  equal(okOf(await at.call('order.get', { userId, trxId })).moneyEffect, 'held')

  const words = { verdict: 'success', sn: 'SN-1', reason: 'seen', by: 'ani' } as const
  okOf(await at.call('order.resolve', { trxId, ...words }))
  const both = await Promise.all([refund('ani'), refund('budi')])
  deepEqual(
    both.map(answer => ('ok' in answer ? answer.ok.status : refusedOf(answer))),
    ['REFUND', 'ORDER_FINAL'],
  )
  deepEqual(okOf(await at.call('wallet.balance', { userId })), {
    ...{ balance: 100_000, held: 0, available: 100_000 },
  })
})

test('order service: a failure that a supplier may revise: told so, and revised it waits for a person', async t => {
  const at = await scene(t, { answer: () => ({ status: 'Gagal', rc: '70', sn: '' }) })
  const userId = await at.user(1)
  const { trxId } = await place(at, userId)
  const view = await ended(at, userId, trxId, 'FAILED')
  deepEqual(
    view.attempts.map(one => [one.outcome, one.code, one.mayBeRevised]),
    [
      ['failed', '70', true],
      ['failed', '70', true],
    ],
  )
  const revised: CallbackReport = {
    ...{ n: 1, outcome: 'success', sn: 'LATE', cost: 9_900, ms: 0, via: 'callback' },
    ...{ supplier: 'digi', order: trxId, sku: null, dest: null },
  }
  equal(await makeSubmit({ room: at.room })(makeRef(trxId, 1), revised), 'accepted')
  const { disputed, next, moneyEffect } = okOf(await at.call('order.get', { userId, trxId }))
  deepEqual([disputed, next?.what, moneyEffect], [true, 'person_decides', 'refunded'])
})

test('order service: an engine that stops: a fault that claims nothing about money', async t => {
  const at = await scene(t, { answer: pending })
  const userId = await at.user(0)
  const { trxId } = await place(at, userId)
  await at.room.engine.stop()
  const stopping = { fault: 'STOPPING', retryAfterMs: 3_000 }
  deepEqual(await at.call('order.place', wish(userId, { ref: 'A-2' })), stopping)
  deepEqual(await at.call('order.get', { userId, trxId }), stopping)
  deepEqual(await at.call('order.get', { userId, trxId, at: at.clock.ms }), stopping)
  deepEqual(await at.call('order.byRef', { userId, ref: 'A-1' }), stopping)
  const words = { verdict: 'failed', reason: 'seen', by: 'cici' } as const
  deepEqual(await at.call('order.resolve', { trxId, ...words }), stopping)
})
