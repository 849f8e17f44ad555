/**
 * Who is tried, and in which order: a pure function of the rule, the candidates' numbers and the
 * order's key. What it used is written into the order, so that it can be computed again.
 *
 *   candidates (book's order) ─▶ left out? ─▶ policy ─▶ shares ─▶ split ─▶ pins ─▶ probe ─▶ budget
 *
 * RTB1. The same rule, numbers and key give the same plan, on every machine and for ever.
 * RTB2. Nobody is in the plan twice, who was left out is not in it, and everybody left out has a
 *       reason.
 * RTB3. `priority` keeps the book's order; the others rank by cost, success, latency or their
 *       weighted score, and equals keep the book's order.
 * RTB4. A supplier with a share below a hundred loses its place to whoever is well, for as many of
 *       a hundred orders; it goes last, and alone it keeps its place.
 * RTB5. A split sends its percentage of keys to its supplier first, a pin all of them; neither
 *       brings back who was left out or lost its place.
 * RTB6. A probe is tried first: it is there to learn.
 * RTB7. A later supplier below the margin's floor, or beyond the number that may be tried, is not
 *       in the plan; the first one is never left out for these.
 * RTB8. A record gives back the very numbers that were used, and with its rule the very plan.
 */

import type { Why, WhyCandidate } from '../../actors/order/order-contract.ts'
import type { Rupiah } from '../contract/words.ts'
import type { Rule } from './policy.ts'

/** Why the supplier can't have this order whatever the rules say. */
export type Barred = '' | 'open' | 'capped' | 'drained' | 'stock'
export type Left = Barred | 'excluded' | 'floor' | 'budget'

export type Candidate = {
  readonly supplier: string
  readonly cost: Rupiah
  /** Of a thousand. */
  readonly success: number
  readonly ms: number
  /** Of a hundred orders so many; `probing` for the one that tries it again. */
  readonly share: number
  readonly barred: Barred
}

export const probing = 101

/** Beyond so many, candidates are not weighed: the record must stay small. */
export const candidatesMax = 8

export type Choice = {
  /** Indexes of candidates, first to last. */
  readonly plan: readonly number[]
  readonly left: readonly Left[]
}

type Occasion = { readonly key: string; readonly price: Rupiah }

export function choose(
  rule: Rule,
  candidates: readonly Candidate[],
  { key, price }: Occasion,
): Choice {
  const left = candidates.map(
    ({ supplier, barred }): Left => (rule.exclude.includes(supplier) ? 'excluded' : barred),
  )
  const live: number[] = []
  for (let n = 0; n < candidates.length; n++) if (left[n] === '') live.push(n)
  rank(rule, candidates, live)

  const well = live.filter(n => {
    const { share, supplier } = candidates[n]!
    return share >= 100 || draw(key, supplier) < share
  })
  const plan =
    well.length === live.length ? live : [...well, ...live.filter(n => !well.includes(n))]

  if (rule.split.length > 0) first(plan, well, candidates, splitOf(rule, key))
  for (let n = rule.pin.length - 1; n >= 0; n--) first(plan, well, candidates, rule.pin[n]!)
  const probe = plan.findIndex(n => candidates[n]!.share === probing)
  if (probe > 0) plan.unshift(...plan.splice(probe, 1))

  return { plan: withinBudget(rule, candidates, { plan, left, price }), left }
}

function withinBudget(
  { marginMin, suppliersMax }: Rule,
  candidates: readonly Candidate[],
  { plan, left, price }: { plan: readonly number[]; left: Left[]; price: Rupiah },
): number[] {
  const kept: number[] = []
  for (const n of plan) {
    const isLow = marginMin !== null && price - candidates[n]!.cost < marginMin
    if (kept.length > 0 && isLow) left[n] = 'floor'
    else if (kept.length >= suppliersMax) left[n] = 'budget'
    else kept.push(n)
  }
  return kept
}

/** Best first; what is equal keeps the book's order. */
function rank(rule: Rule, candidates: readonly Candidate[], live: number[]): void {
  const one = (n: number) => candidates[n]!
  switch (rule.policy) {
    case 'priority':
      return
    case 'cheapest':
      live.sort((a, b) => one(a).cost - one(b).cost || a - b)
      return
    case 'success-rate':
      live.sort((a, b) => one(b).success - one(a).success || a - b)
      return
    case 'fastest':
      live.sort((a, b) => one(a).ms - one(b).ms || a - b)
      return
    case 'balanced': {
      const scores = balance(rule, candidates, live)
      live.sort((a, b) => scores.get(b)! - scores.get(a)! || a - b)
    }
  }
}

/** Each part is a share of the best among those compared, of a thousand. */
function balance(
  { weights }: Rule,
  candidates: readonly Candidate[],
  among: readonly number[],
): ReadonlyMap<number, number> {
  let cheapest = Number.POSITIVE_INFINITY
  let quickest = Number.POSITIVE_INFINITY
  for (const n of among) {
    cheapest = Math.min(cheapest, candidates[n]!.cost)
    quickest = Math.min(quickest, candidates[n]!.ms)
  }
  const scores = new Map<number, number>()
  for (const n of among) {
    const { cost, success, ms } = candidates[n]!
    const thrift = Math.floor((1_000 * cheapest) / Math.max(1, cost))
    const speed = Math.floor((1_000 * Math.max(1, quickest)) / Math.max(1, ms))
    scores.set(n, weights.cost * thrift + weights.success * success + weights.speed * speed)
  }
  return scores
}

/** The supplier whose percentages the order's key falls into; none for the rest. */
function splitOf({ split }: Rule, key: string): string {
  let rest = draw(key, 'split')
  for (const [supplier, percent] of split) {
    if (rest < percent) return supplier
    rest -= percent
  }
  return ''
}

function first(
  plan: number[],
  well: readonly number[],
  candidates: readonly Candidate[],
  supplier: string,
): void {
  const at = plan.findIndex(n => candidates[n]!.supplier === supplier)
  if (at > 0 && well.includes(plan[at]!)) plan.unshift(...plan.splice(at, 1))
}

/** 0 to 99 out of the order's key, another number for each purpose (FNV-1a). */
export function draw(key: string, purpose: string): number {
  let hash = 0x811c9dc5
  for (let n = 0; n < key.length; n++) hash = Math.imul(hash ^ key.charCodeAt(n), 0x01000193)
  for (let n = 0; n < purpose.length; n++) {
    hash = Math.imul(hash ^ purpose.charCodeAt(n), 0x01000193)
  }
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x2c1b3c6d)
  hash ^= hash >>> 12
  return (hash >>> 0) % 100
}

// -- the record --------------------------------------------------------------------------------

export function recordOf(
  version: number,
  rule: Rule,
  candidates: readonly Candidate[],
  { plan, left }: Choice,
): Why {
  const c = candidates.map(({ supplier, cost, success, ms, share }, n): WhyCandidate => {
    const place = plan.indexOf(n)
    return place >= 0
      ? [place, cost, success, ms, share]
      : [supplier, cost, success, ms, share, left[n]!]
  })
  return { v: version, p: rule.policy, c }
}

const states: ReadonlySet<string> = new Set(['open', 'capped', 'drained', 'stock'])

/** The candidates as they were weighed; `suppliers` are those of the plan, in its order. */
export function candidatesOf(why: Why, suppliers: readonly string[]): Candidate[] {
  return why.c.map(([who, cost, success, ms, share, left = '']) => ({
    supplier: typeof who === 'number' ? suppliers[who]! : who,
    ...{ cost, success, ms, share },
    barred: states.has(left) ? (left as Barred) : '',
  }))
}
