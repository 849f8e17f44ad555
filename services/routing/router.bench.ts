/**
 * What a choice costs: with everybody well and a plain rule, with a policy that weighs, and the
 * events of an order. Run by hand: `node services/routing/router.bench.ts`.
 */

import type { JournalRecord } from '../../engine/record.ts'
import { Gauges } from './gauges.ts'
import { compileRouting } from './policy.ts'
import { type Lanes, Router } from './router.ts'

const now = Date.UTC(2026, 0, 1)
const keys = Array.from({ length: 1_024 }, (_, n) => (n * 7_919).toString(16).padStart(16, '0'))

export function run(times: number): Readonly<Record<string, number>> {
  const rows = [{ version: 1, scope: 'product', target: 'P2', rule: { policy: 'balanced' } }]
  const products = ['P1', 'P2'].map(code => ({ code, brand: 'XL', category: 'Pulsa' }))
  const router = new Router(new Gauges(), compileRouting(rows, products))
  const candidates = ['a', 'b', 'c', 'd'].map((supplier, n) => ({ supplier, cost: 9_000 + n }))
  const [plain, weighed] = ['P1', 'P2'].map(code => router.lanes(code, candidates))
  return {
    plainNs: timed(times, n => order(router, plain!, n)),
    weighedNs: timed(times, n => order(router, weighed!, n)),
    eventsNs: timed(times, n => events(router, n)),
  }
}

function order(router: Router, lanes: Lanes, n: number): void {
  const asking = { key: keys[n % keys.length]!, userId: '', price: 11_000, now }
  router.placed(router.route(lanes, asking), true)
}

function events({ gauges }: Router, n: number): void {
  const about = { kind: 'order', id: `o${n % 5_000}`, at: now + n / 10 }
  const [key, cost] = [keys[n % keys.length]!, 9_000]
  const begun = [
    { type: 'placed', product: 'P1' },
    { type: 'dispatched', n: 1, supplier: 'a', cost },
  ]
  const done = [{ type: 'delivered', n: 1, cost, balance: 1e12, via: 'reply' }]
  gauges.feed({ ...about, events: begun } as unknown as JournalRecord, key)
  gauges.feed({ ...about, events: done } as unknown as JournalRecord, key)
}

function timed(times: number, work: (n: number) => void): number {
  const startedAt = performance.now()
  for (let n = 0; n < times; n++) work(n)
  return Math.round(((performance.now() - startedAt) * 1e6) / times)
}

if (import.meta.main) {
  run(20_000)
  process.stdout.write(`${JSON.stringify(run(300_000))}\n`)
}
