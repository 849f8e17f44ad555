/**
 * What a choice costs: over a table compiled for 10,000 products with five suppliers each, and as
 * one would write it without a table, going through the rules and sorting objects. Products are met
 * in no order, so that nothing is at hand by chance. Run by hand, or by `npm run bench -- routing`:
 * `node services/routing/router.bench.ts [times]`.
 *
 * BBC1. Both choose the same suppliers in the same order, for every product.
 */

import type { JournalRecord } from '../../engine/record.ts'
import { type Findings, inTurns, microsEach } from '../in-turns.bench.ts'
import { Gauges } from './gauges.ts'
import { compileRouting, type PolicyName, type Product, type RuleRow } from './policy.ts'
import { type Lanes, Router } from './router.ts'

type Offer = { readonly supplier: string; readonly cost: number }
type Sizes = { readonly products: number; readonly times: number; readonly rounds: number }

const now = Date.UTC(2026, 0, 1)
const price = 110_000
const keys = Array.from({ length: 1_024 }, (_, n) => (n * 7_919).toString(16).padStart(16, '0'))
const policies: readonly PolicyName[] = ['cheapest', 'balanced', 'success-rate', 'fastest']

export function run({ products: count, times, rounds }: Sizes): Findings {
  const products = Array.from(
    { length: count },
    (_, n): Product => ({ code: `P${n}`, brand: `B${n % 40}`, category: `C${n % 12}` }),
  )
  const rules = rulesFor(count)
  const router = new Router(new Gauges(), compileRouting(rules, products))
  const offers = products.map((_, n) => offersOf(n))
  const lanes = products.map(({ code }, n) => router.lanes(code, offers[n]!))
  const wrong = products.flatMap(({ code }, n) => {
    const [ours, usual] = [
      chosen(router, lanes[n]!, offers[n]!),
      naive(rules, products[n]!, offers[n]!),
    ]
    return ours.join() === usual.join() ? [] : [`${code}: ${ours.join()} and not ${usual.join()}`]
  })

  // A third of the products have a rule; the others take the book's order.
  const plain = [...products.keys()].filter(n => lanes[n]!.rule.plain)
  const weighed = [...products.keys()].filter(n => !lanes[n]!.rule.plain)
  const figureOf = (figure: string, among: readonly number[]) => {
    const at = (n: number): number => among[(n * 7_919) % among.length]!
    return {
      ...{
        figure,
        unit: 'us',
        most: 5,
        baselineIs: 'rules gone through, offers sorted, per order',
      },
      ...inTurns(rounds, {
        ours: () => microsEach(times, n => order(router, lanes[at(n)]!, n)),
        baseline: () => microsEach(times / 20, n => naive(rules, products[at(n)]!, offers[at(n)]!)),
      }),
    }
  }
  return {
    figures: [
      figureOf('route choice, book order', plain),
      figureOf('route choice, weighed and recorded', weighed),
      {
        ...{ figure: 'events of an order counted', unit: 'us' },
        baselineIs: 'the records made and thrown away',
        ...inTurns(rounds, {
          ours: () => microsEach(times, n => recordsOf(n).map(one => router.gauges.feed(...one))),
          baseline: () => microsEach(times, n => recordsOf(n).map(([record]) => record)),
        }),
      },
    ],
    wrong: wrong.slice(0, 5),
  }
}

function rulesFor(count: number): RuleRow[] {
  return Array.from({ length: Math.ceil(count / 50) }, (_, n) => ({
    ...{ version: n + 1, scope: n % 10 === 0 ? 'brand' : 'product' },
    ...{ target: n % 10 === 0 ? `B${n % 40}` : `P${n * 50}` },
    rule: { policy: policies[n % policies.length] },
  }))
}

/** Five of twenty suppliers. */
function offersOf(n: number): Offer[] {
  const cost = 5_000 + ((n * 7_919) % 90_000)
  return [0, 1, 2, 3, 4].map(place => ({
    supplier: `s${(n + 4 * place) % 20}`,
    cost: cost + ((n * 31 + place * 17) % 23) * 25,
  }))
}

function order(router: Router, lanes: Lanes, n: number): void {
  router.placed(router.route(lanes, { key: keys[n % keys.length]!, userId: '', price, now }), true)
}

function chosen(router: Router, lanes: Lanes, offers: readonly Offer[]): string[] {
  const route = router.route(lanes, { key: keys[0]!, userId: '', price, now })
  router.placed(route, true)
  return (route.plan ?? offers.map((_, place) => place)).map(place => offers[place]!.supplier)
}

/** Nobody has a history here: rates and times are all alike, and only costs tell them apart. */
function naive(
  rules: readonly RuleRow[],
  { code, brand, category }: Product,
  offers: readonly Offer[],
) {
  const targets: Readonly<Record<string, string>> = { product: code, brand, category, default: '' }
  const places = Object.keys(targets)
  const [rule] = rules
    .filter(one => targets[one.scope] === one.target)
    .sort((a, b) => places.indexOf(a.scope) - places.indexOf(b.scope) || b.version - a.version)
  const { policy } = (rule?.rule ?? { policy: 'priority' }) as { policy: PolicyName }
  const cheapest = Math.min(...offers.map(({ cost }) => cost))
  return offers
    .map((offer, place) => ({
      ...offer,
      place,
      score: Math.floor((1_000 * cheapest) / offer.cost),
    }))
    .sort((a, b) => {
      if (policy === 'cheapest') return a.cost - b.cost || a.place - b.place
      if (policy === 'balanced') return b.score - a.score || a.place - b.place
      return a.place - b.place
    })
    .map(({ supplier }) => supplier)
}

function recordsOf(n: number): [JournalRecord, string][] {
  const about = { kind: 'order', id: `o${n % 5_000}`, at: now + n / 10 }
  const [key, cost] = [keys[n % keys.length]!, 9_000]
  const begun = [
    { type: 'placed', product: 'P1' },
    { type: 'dispatched', n: 1, supplier: 's1', cost },
  ]
  const done = [{ type: 'delivered', n: 1, cost, balance: 1e12, via: 'reply' }]
  return [begun, done].map(events => [{ ...about, events } as unknown as JournalRecord, key])
}

if (import.meta.main) {
  const times = Number(process.argv[2] ?? 300_000)
  run({ products: 1_000, times: 20_000, rounds: 1 })
  process.stdout.write(`${JSON.stringify(run({ products: 10_000, times, rounds: 5 }))}\n`)
}
