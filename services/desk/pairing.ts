/**
 * Rows of others and things of ours that go by the same names: which row means which. A name may
 * stand for several of ours (two shops, one reference); then the amount tells them apart.
 *
 *   row ─▶ its name ─┬─ one of that name and amount is free ─▶ that one
 *                    ├─ one of that amount is taken already ─▶ that one again
 *                    ├─ one alone of that name is free ───────▶ that one, with another amount
 *                    └─ none, or nobody can say which ────────▶ null
 *
 * DKP1. Each of ours is meant by one row at most; every other row that means it means it again.
 * DKP2. What fits in name and amount is together in whatever order the rows come.
 * DKP3. A row goes by the first of its names that is one of ours.
 */

import type { Rupiah } from '../contract/words.ts'

export type Named = { readonly names: readonly string[]; readonly amount: Rupiah }
type Meant<One> = { readonly one: One; readonly isAgain: boolean }

/** For each row which of ours it means; of two that fit alike, the earlier one of ours. */
export function pairUp<One extends Named>(
  rows: readonly Named[],
  ours: readonly One[],
): readonly (Meant<One> | null)[] {
  const free = new Map<string, Set<One>>()
  const fitting = new Map<string, { readonly all: One[]; next: number }>()
  for (const one of ours) {
    for (const name of new Set(one.names)) {
      free.set(name, (free.get(name) ?? new Set()).add(one))
      const fit = fitting.get(fitKey(name, one.amount)) ?? { all: [], next: 0 }
      fit.all.push(one)
      fitting.set(fitKey(name, one.amount), fit)
    }
  }
  const called = rows.map(({ names }) => names.find(name => free.has(name)))
  const sole = new Map([...free].map(([name, all]) => [name, all.size === 1 ? [...all][0]! : null]))
  const taken = new Set<One>()
  const meant = rows.map(({ amount }, n) => {
    const fit = fitting.get(fitKey(called[n], amount))
    if (fit === undefined) return null
    while (fit.next < fit.all.length && taken.has(fit.all[fit.next]!)) fit.next++
    return fit.next < fit.all.length ? take(fit.all[fit.next]!) : null
  })
  return rows.map(({ amount }, n) => {
    const name = called[n]
    if (name === undefined || meant[n] !== null) return meant[n] ?? null
    const double = fitting.get(fitKey(name, amount))?.all[0] ?? sole.get(name)!
    const left = free.get(name)!
    if (double !== null && taken.has(double)) return { one: double, isAgain: true }
    return left.size === 1 ? take([...left][0]!) : null
  })

  function take(one: One): Meant<One> {
    taken.add(one)
    for (const name of one.names) free.get(name)!.delete(one)
    return { one, isAgain: false }
  }
}

const fitKey = (name: string | undefined, amount: Rupiah): string => `${amount} ${name ?? ''}`
