import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { keyOf, makeId } from '../../engine/ids.ts'
import type { JournalRecord } from '../../engine/record.ts'
import { candidatesMax, probing } from './choice.ts'
import { Gauges } from './gauges.ts'
import { compileRouting, type SupplierTerms } from './policy.ts'
import { Router } from './router.ts'

const begin = 1_000_000_000
const cost = 10_000
type Told = readonly [n: number, at: number, ...events: object[]]

const recordOf = ([n, at, ...events]: Told): JournalRecord =>
  ({ kind: 'order', version: 1, id: `o${n}`, at: begin + at, events }) as unknown as JournalRecord
const feed = (gauges: Gauges, ...told: readonly Told[]): void => {
  for (const one of told) gauges.feed(recordOf(one), `k${one[0]}`)
}

const placed = (supplier = 'a', n = 1): [object, object] => [
  { type: 'placed', product: 'P', plan: [] },
  { type: 'dispatched', n, supplier, cost },
]
const next = (supplier: string) => ({ type: 'dispatched', n: 2, supplier, cost })
const failed = (some = {}) => ({ type: 'attempt_failed', n: 1, via: 'reply', code: '02', ...some })
const unknown = (some = {}) => ({
  ...{ type: 'reported', n: 1, outcome: 'unknown', via: 'reply', code: 'timeout' },
  ...some,
})
const delivered = (some = {}) => ({
  ...{ type: 'delivered', n: 1, cost, balance: null, via: 'reply' },
  ...some,
})

const gaugesWith = (terms: Readonly<Record<string, SupplierTerms>> = {}): Gauges => {
  const gauges = new Gauges()
  gauges.know(new Map(Object.entries(terms)))
  return gauges
}
const stand = (gauges: Gauges, at: number, supplier = 'a') => {
  const gauge = gauges.of(supplier)
  return gauge.candidate(gauge.pair('P'), cost, begin + at)
}

test('gauges: an attempt: hangs from its dispatch until a definite word (RTE1)', () => {
  const gauges = gaugesWith()
  const hanging = (supplier: string) => gauges.of(supplier).hanging
  feed(gauges, [1, 0, ...placed()], [2, 0, ...placed()])
  equal(hanging('a'), 20_000)
  feed(gauges, [1, 10, unknown()], [2, 10, { ...unknown(), outcome: 'pending' }])
  equal(hanging('a'), 20_000)
  feed(gauges, [1, 20, failed(), next('b')])
  deepEqual([hanging('a'), hanging('b')], [10_000, 10_000])
  feed(gauges, [1, 30, delivered({ n: 2 })], [2, 30, failed({ via: 'person' }), { type: 'failed' }])
  deepEqual([hanging('a'), hanging('b'), gauges.open], [0, 0, 0])
  feed(gauges, [2, 40, { type: 'disputed', n: 1, claim: 'late_success' }])
  equal(hanging('a'), 0)
})

test('gauges: sold after all by one that failed before: spent there, not at the next (RTE1)', () => {
  const gauges = gaugesWith()
  const spent = (supplier: string) => gauges.of(supplier).breaker.counts.spent
  feed(gauges, [1, 0, ...placed()], [1, 10, failed(), next('b')])
  feed(gauges, [1, 20, { ...failed(), n: 2 }])
  feed(gauges, [1, 30, delivered({ via: 'person', supplier: 'a' })])
  deepEqual([spent('a'), spent('b')], [cost, 0])
  deepEqual([gauges.of('a').hanging, gauges.of('b').hanging, gauges.open], [0, 0, 0])
})

test('gauges: what counts against a supplier: silence and failures, once each (RTE3)', () => {
  const gauges = gaugesWith()
  const bad = () => gauges.of('a').breaker.counts.bad
  feed(gauges, [1, 0, ...placed()], [1, 1, unknown()], [1, 2, unknown({ via: 'check' })])
  equal(bad(), 1)
  feed(gauges, [1, 3, failed(), { type: 'failed' }])
  equal(bad(), 1)
  feed(gauges, [2, 4, ...placed()], [2, 5, failed(), { type: 'failed' }])
  equal(bad(), 2)
  for (const [n, word] of [
    failed({ final: true }),
    failed({ via: 'person' }),
    failed({ code: 'supplier_inactive' }),
    failed({ code: 'queue_timeout' }),
    unknown({ code: 'restarted' }),
  ].entries()) {
    feed(gauges, [10 + n, 6, ...placed()], [10 + n, 7, word])
  }
  equal(bad(), 2)
  equal(gauges.of('a').pair('P').counts.bad, 2)
})

test('gauges: open orders recalled: hang, and say nothing about the supplier (RTE7)', () => {
  const gauges = gaugesWith()
  for (let n = 0; n < 30; n++) {
    gauges.recall(recordOf([n, 0, ...placed()]), `k${n}`)
    gauges.recall(recordOf([n, 1, unknown()]), `k${n}`)
  }
  const gauge = gauges.of('a')
  deepEqual([gauge.hanging, gauge.breaker.state, gauge.breaker.counts.bad], [300_000, 'closed', 0])
  feed(gauges, [1, 2, delivered()], [2, 2, failed(), { type: 'failed' }])
  deepEqual([gauge.hanging, gauge.breaker.counts.ok, gauge.breaker.counts.bad], [280_000, 1, 0])
})

test('gauges: the cap: bars new orders, also a burst, until enough is settled (RTE2, RTE4)', () => {
  const table = compileRouting(
    [{ version: 1, scope: 'supplier', target: 'a', rule: { exposure_max: 30_000 } }],
    [],
  )
  const router = new Router(new Gauges(), table)
  const lanes = router.lanes('P', [
    { supplier: 'a', cost },
    { supplier: 'b', cost },
  ])
  const asking = (n: number) => ({ key: `k${n}`, userId: 'u', price: 11_000, now: begin })
  const burst = [1, 2, 3, 4, 5].map(n => router.route(lanes, asking(n)))
  deepEqual(
    burst.map(route => route.first?.code),
    ['a', 'a', 'a', 'b', 'b'],
  )
  equal(burst[3]!.why?.c[0]?.[5], 'capped')
  const { gauges } = router
  for (const n of [1, 2, 3]) feed(gauges, [n, 0, ...placed()])
  for (const route of burst) router.placed(route, true)
  deepEqual([gauges.of('a').hanging, gauges.of('a').reserved], [30_000, 0])
  equal(stand(gauges, 1).barred, 'capped')
  feed(gauges, [1, 5, unknown()])
  equal(stand(gauges, 6).barred, 'capped')
  feed(gauges, [1, 7, delivered()])
  equal(stand(gauges, 8).barred, '')
})

test('gauges: a balance that runs dry: the place goes by degrees, then the order (RTE5)', () => {
  const gauges = gaugesWith({ a: { reserve_minutes: 10 } })
  // 30 orders of 10,000 in five minutes: 60,000 a minute.
  for (let n = 0; n < 30; n++) {
    feed(gauges, [n, n * 1_000, ...placed()])
    feed(gauges, [n, n * 1_000 + 200, delivered({ balance: 900_000 - n * 10_000 })])
  }
  equal(stand(gauges, 30_000).share, 100)
  equal(gauges.of('a').keeps(30_000), 100)
  const shares = [500_000, 300_000, 60_000, 12_000].map((balance, n) => {
    feed(gauges, [100 + n, 31_000 + n, ...placed()])
    feed(gauges, [100 + n, 31_000 + n, delivered({ balance })])
    return stand(gauges, 32_000).share
  })
  for (const [n, share] of shares.entries()) ok(n === 0 || share < shares[n - 1]!, `${shares}`)
  equal(gauges.of('a').keeps(32_000), shares.at(-1))
  ok(shares[0]! > 60 && shares[0]! < 100 && shares[3]! <= 2, `${shares}`)
  feed(gauges, [200, 33_000, ...placed()], [200, 33_001, delivered({ balance: 9_999 })])
  equal(stand(gauges, 33_002).barred, 'drained')
  ok(!gauges.of('a').isWell(gauges.of('a').pair('P'), cost))
})

test('gauges: a balance of long ago: is not held against a supplier (RTE6)', () => {
  const gauges = gaugesWith()
  feed(gauges, [1, 0, ...placed()], [1, 1, delivered({ balance: 100 })])
  equal(stand(gauges, 1_000).barred, 'drained')
  equal(stand(gauges, 300_001).barred, '')
})

test('gauges: ends: counted by what they were, with their time; a recall counts nothing (RTE8)', () => {
  const gauges = gaugesWith()
  const id = (n: number) => makeId(begin + 100, 0, n.toString(16).padStart(16, '0'))
  const tell = (n: number, at: number, ...events: object[]) =>
    gauges.feed({ ...recordOf([n, at, ...events]), id: id(n) }, `k${n}`)
  tell(1, 100, ...placed())
  tell(1, 1_100, delivered())
  tell(2, 100, ...placed())
  tell(2, 200, failed(), next('b'))
  tell(2, 300, failed({ n: 2 }), { type: 'failed', code: 'SUPPLIER_FAILED' })
  tell(3, 100, ...placed())
  deepEqual([...gauges.late(begin + 5_101, 5_000)], [['a', 1]])
  deepEqual([...gauges.late(begin + 5_100, 5_000)], [])
  tell(3, 200, failed({ final: true }), { type: 'failed', code: 'SUPPLIER_FAILED' })
  deepEqual(gauges.ends, { success: 1, failed: 1, hopeless: 1 })
  deepEqual([gauges.of('a').failovers, gauges.of('b').failovers], [1, 0])
  deepEqual([gauges.orders.count, gauges.orders.quantile(99)], [3, 1_280])
  const { latencies } = gauges.of('a')
  deepEqual([latencies.count, latencies.quantile(50)], [1, 1_280])
  gauges.recall({ ...recordOf([4, 0, ...placed(), delivered()]), id: id(4) }, 'k4')
  equal(gauges.ends.success, 1)
})

test('router: everybody well under a plain rule: the book’s plan and no record (RTG1, RTG5)', () => {
  const router = new Router(new Gauges(), compileRouting([], []))
  const lanes = router.lanes('P', [
    { supplier: 'a', cost },
    { supplier: 'b', cost: 9_000 },
  ])
  const asking = { key: 'k', userId: 'u', price: 11_000, now: begin }
  const plain = router.route(lanes, asking)
  deepEqual([plain.plan, plain.why, plain.first?.code], [null, null, 'a'])
  const rule = { policy: 'cheapest', failover_s: 20 }
  router.use(compileRouting([{ version: 4, scope: 'default', target: '', rule }], []))
  const weighed = router.route(lanes, asking)
  deepEqual([weighed.plan, weighed.failoverMs, weighed.why?.v], [[1, 0], 20_000, 4])
})

test('router: a client’s own rule, and too many candidates: both leave a record (RTG2)', () => {
  const rows = [{ version: 1, scope: 'client', target: 'u', rule: { pin: ['s3'] } }]
  const router = new Router(new Gauges(), compileRouting(rows, []))
  const candidates = Array.from({ length: 12 }, (_, n) => ({ supplier: `s${n}`, cost }))
  const lanes = router.lanes('P', candidates)
  const asking = { key: 'k', price: 11_000, now: begin }
  equal(router.route(lanes, { ...asking, userId: 'other' }).plan, null)
  const own = router.route(lanes, { ...asking, userId: 'u' })
  deepEqual([own.plan?.[0], own.why?.c.length], [3, candidatesMax])
})

test('router: two suppliers that want a probe: one order, one probe; given back if refused (RTG3, RTG4)', () => {
  const router = new Router(new Gauges(), compileRouting([], []))
  const { gauges } = router
  const names = ['a', 'b', 'c']
  for (const supplier of ['a', 'b']) {
    for (let n = 0; n < 8; n++) {
      feed(gauges, [n, 0, ...placed(supplier)], [n, 1, failed(), { type: 'failed' }])
    }
  }
  const lanes = router.lanes(
    'P',
    names.map(supplier => ({ supplier, cost })),
  )
  const route = (key: string) =>
    router.route(lanes, { key, userId: 'u', price: 11_000, now: begin + 31_000 })
  const first = route('k1')
  deepEqual([first.first?.code, first.why?.c[0]?.[4], first.plan], ['a', probing, [0, 2]])
  equal(route('k2').first?.code, 'b')
  equal(route('k3').first?.code, 'c')
  router.placed(first, false)
  deepEqual([gauges.of('a').reserved, route('k4').first?.code], [0, 'a'])
})

test('router: later suppliers: judged anew, one after the other, in a burst as well (RTG7, RTE9)', () => {
  const rows = [
    { version: 1, scope: 'supplier', target: 'b', rule: { exposure_max: 25_000 } },
    { version: 2, scope: 'client', target: 'u2', rule: { exclude: ['b'] } },
  ]
  const router = new Router(new Gauges(), compileRouting(rows, []))
  const { gauges } = router
  const b = gauges.of('b')
  const letGo = (n: number, userId = 'u') => {
    const later = { supplier: 'b', product: 'P', userId, cost, now: begin + 20 }
    return router.letGo({ id: `o${n}`, n: 2 }, later)
  }
  const after = (n: number) => {
    feed(gauges, [n, 0, ...placed()], [n, 10, failed(), next('b')])
  }
  for (const n of [1, 2, 3, 4]) after(n)
  deepEqual([b.hanging, b.waiting], [40_000, 40_000])
  deepEqual([letGo(1), letGo(2, 'u2'), letGo(3), letGo(4)], ['', 'excluded', '', 'capped'])
  deepEqual([b.hanging, b.waiting, router.leftOut.get('b capped')], [40_000, 20_000, 1])
  for (const n of [2, 4]) {
    feed(gauges, [n, 30, failed({ n: 2, code: 'left_out' }), { type: 'failed' }])
  }
  deepEqual([b.hanging, b.waiting, b.breaker.counts.bad], [20_000, 0, 0])
  feed(gauges, [1, 40, delivered({ n: 2 })])
  // Its line comes late; it counts from then on.
  equal(letGo(5), '')
  after(5)
  deepEqual([b.hanging, b.waiting, letGo(6)], [20_000, 0, 'capped'])
  feed(gauges, [7, 0, ...placed()], [7, 10, failed(), { ...next('b'), byHand: true }])
  deepEqual([b.hanging, b.waiting], [30_000, 0])
})

test('router: a later supplier that wants a probe: one order is it (RTG7, RTG4)', () => {
  const router = new Router(new Gauges(), compileRouting([], []))
  const { gauges } = router
  const [first, second] = [
    makeId(begin, 0, '00000000000000a1'),
    makeId(begin, 0, 'b2'.padStart(16, '0')),
  ]
  const later = { supplier: 'a', product: 'P', userId: 'u', cost, now: begin + 31_000 }
  for (let n = 0; n < 8; n++) feed(gauges, [n, 0, ...placed()], [n, 1, failed()])
  equal(router.letGo({ id: first, n: 2 }, { ...later, now: begin + 10 }), 'open')
  equal(router.letGo({ id: first, n: 2 }, later), '')
  deepEqual(
    [gauges.of('a').breaker.probe, gauges.of('a').pair('P').probe],
    [keyOf(first), keyOf(first)],
  )
  equal(router.letGo({ id: second, n: 2 }, later), 'open')
})

test('router: up and down every five seconds for ten minutes: few are lost there (RTC3, RTC4)', () => {
  const router = new Router(new Gauges(), compileRouting([], []))
  const { gauges } = router
  const lanes = router.lanes('P', [
    { supplier: 'a', cost },
    { supplier: 'b', cost },
  ])
  const counts = { lost: 0, won: 0, switches: 0 }
  let last = 'a'
  for (let n = 0, at = 0; at < 600_000; n++, at += 100) {
    const asking = { key: `k${n}`, userId: 'u', price: 11_000, now: begin + at }
    const route = router.route(lanes, asking)
    const supplier = route.first!.code
    if (supplier !== last) counts.switches++
    last = supplier
    feed(gauges, [n, at, ...placed(supplier)])
    router.placed(route, true)
    const isUp = supplier === 'b' || Math.floor(at / 5_000) % 2 === 0
    if (isUp) feed(gauges, [n, at + 50, delivered()])
    else feed(gauges, [n, at + 50, failed(), { type: 'failed' }])
    counts[isUp ? 'won' : 'lost']++
  }
  // Who stayed with it would lose 3,000 of 6,000, and a plain failover would switch 60 times.
  ok(counts.lost < 50 && counts.switches < 20, JSON.stringify(counts))
})

test('router: choices: counted by policy and what decided; who is left out, by reason (RTG6)', () => {
  const gauges = gaugesWith()
  const candidates = ['a', 'b'].map(supplier => ({ supplier, cost }))
  const choiceUnder = (rule: object) => {
    const rows = [{ version: 1, scope: 'default', target: '', rule }]
    const router = new Router(gauges, compileRouting(rows, []))
    const asking = { key: 'k', userId: 'u', price: 2 * cost, now: begin }
    router.placed(router.route(router.lanes('P', candidates), asking), true)
    return [router.plainChoices, [...router.choices], [...router.leftOut]]
  }
  deepEqual(choiceUnder({}), [1, [], []])
  deepEqual(choiceUnder({ policy: 'cheapest' }), [0, [['cheapest policy', 1]], []])
  deepEqual(choiceUnder({ pin: ['b'] }), [0, [['priority pin', 1]], []])
  deepEqual(choiceUnder({ split: { b: 100 } }), [0, [['priority split', 1]], []])
  deepEqual(choiceUnder({ suppliers_max: 1 }), [0, [['priority book', 1]], [['b budget', 1]]])
  deepEqual(choiceUnder({ exclude: ['a', 'b'] }), [
    0,
    [['priority nobody', 1]],
    [
      ['a excluded', 1],
      ['b excluded', 1],
    ],
  ])
  for (let n = 0; n < 8; n++) feed(gauges, [n, 0, ...placed()], [n, 0, failed()])
  deepEqual(choiceUnder({}), [0, [['priority health', 1]], [['a open', 1]]])
})

test('gauges: a balance that was asked for: bars and shifts like one told, the newer wins (RTE10)', () => {
  const gauges = gaugesWith()
  gauges.of('a').told(cost - 1, begin)
  equal(stand(gauges, 10).barred, 'drained')
  gauges.of('a').told(cost * 1_000, begin + 20)
  equal(stand(gauges, 30).barred, '')
  gauges.of('a').told(0, begin + 10)
  equal(gauges.of('a').balance, cost * 1_000)
  feed(gauges, [1, 15, ...placed()], [1, 19, delivered({ balance: 5 })])
  equal(gauges.of('a').balance, cost * 1_000)
  feed(gauges, [2, 40, ...placed()], [2, 50, delivered({ balance: 7 })])
  equal(stand(gauges, 60).barred, 'drained')
})

test('gauges: left out for its balance: wants to be asked, until it names another (RTE11)', () => {
  const gauges = gaugesWith()
  const gauge = gauges.of('a')
  feed(gauges, [1, 0, ...placed()], [1, 5, delivered({ balance: cost - 1 })])
  equal(gauge.isDrained, false, 'no order was kept from it yet')
  equal(stand(gauges, 10).barred, 'drained')
  equal(gauge.isDrained, true)
  gauge.told(cost - 1, begin + 20)
  equal(gauge.isDrained, false)
  equal(stand(gauges, 30).barred, 'drained')
  equal(gauge.isDrained, true, 'it is as low as before')
  gauge.told(cost * 1_000, begin + 40)
  equal(stand(gauges, 50).barred, '')
  equal(gauge.isDrained, false)
})
