/**
 * How long recorded orders take to be read and compared, without the database. Run by hand:
 * `node services/routing/what-if.bench.ts [orders]`.
 */

import { decode } from '../../engine/record.ts'
import { compileRouting } from './policy.ts'
import { compare, Recorded } from './what-if.ts'

const suppliers = ['digiflazz', 'digiflazz2', 'atlantic', 'vip']

function linesOf(n: number): readonly [key: string, ...bodies: string[]] {
  const key = (n * 7_919).toString(16).padStart(16, '0')
  const about = { v: 1, k: 'order', kv: 1, id: `id-${n}`, at: 1_000_000 + n }
  const plan = suppliers.map((one, place) => [one, 'sku', 10_000 + 50 * place, 11_000, 1, 1])
  const product = `P${n % 500}`
  const agreed = { user: `u${n % 100}`, ref: `r${n}`, product, price: 11_000, plan }
  const words = { destination: '081234567890', deadlineAt: 1, twin: key }
  const begun = [
    { type: 'placed', ...agreed, ...words },
    { type: 'dispatched', n: 1, supplier: suppliers[0], sku: 'sku', cost: 10_000 },
  ]
  const reply = 'x'.repeat(300)
  const end = { type: 'delivered', n: 1, via: 'reply', sn: 'SN', cost: 10_000, balance: 1, reply }
  return [
    key,
    JSON.stringify({ ...about, e: begun }),
    JSON.stringify({ ...about, at: about.at + 300, e: [end] }),
  ]
}

export function run(orders: number): { readonly readMs: number; readonly compareMs: number } {
  const recorded = new Recorded()
  let readMs = 0
  for (let n = 0; n < orders; n++) {
    const [key, ...bodies] = linesOf(n)
    const began = performance.now()
    for (const body of bodies) recorded.add(decode(body), key)
    readMs += performance.now() - began
  }
  const today = compileRouting([], [])
  const rule = { policy: 'balanced', split: { vip: 10 } }
  const proposed = compileRouting([{ version: 1, scope: 'default', target: '', rule }], [])
  const began = performance.now()
  compare(recorded, { today, proposed })
  return { readMs: Math.round(readMs), compareMs: Math.round(performance.now() - began) }
}

if (import.meta.main) {
  const orders = Number(process.argv[2] ?? 1_000_000)
  process.stdout.write(`${JSON.stringify({ orders, ...run(orders) })}\n`)
}
