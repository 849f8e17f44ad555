/**
 * What a change of rules would do, before anybody pays it: two books, the present and the proposed
 * one, compared price by price. Pure; run in a worker, because it compiles two whole catalogues.
 *
 * KAI1. A product counts once, however many levels or clients pay another price for it.
 * KAI2. The biggest move is the largest part of the old price, up or down.
 * KAI3. Below cost means: under the dearest supplier that would be asked, so that he is left out,
 *       or paid more than we get when the product may lose. Only what the change touches is named.
 * KAI4. A price that appears or goes is a change, and told apart.
 */

import type { CatalogueRows, PriceRuleRecord } from '../../sql/topup/catalogue.ts'
import type { PricePreview } from '../contract/catalogue.ts'
import type { Rupiah } from '../contract/words.ts'
import { type RuleFields, recordOf } from './admin-tables.ts'
import { levels, priceAt, priceFor } from './book.ts'
import { compile } from './compile.ts'
import { keyOf } from './pricing.ts'

export type RuleChange = { readonly op: 'put' | 'remove'; readonly rule: RuleFields }

const namedMax = 20

/** Before anybody counted who has these levels. */
type Comparison = Omit<PricePreview, 'users'> & { readonly clients: readonly string[] }

/** `levelOf` knows the clients whom the changes name. */
export function previewOf(
  rows: CatalogueRows,
  changes: readonly RuleChange[],
  levelOf: ReadonlyMap<string, number>,
): Comparison {
  const rules = rulesAfter(rows.rules, changes)
  const before = compile(rows)
  const after = compile({ ...rows, rules })
  const products = new Set<number>()
  const touchedLevels = new Set<number>()
  const clients = new Set<string>()
  const belowCost = new Set<number>()
  let appearing = 0
  let vanishing = 0
  let biggest: Comparison['biggest'] = null
  let biggestPart = 0

  function compare(index: number, who: string, from: Rupiah, to: Rupiah): boolean {
    if (from === to) return false
    products.add(index)
    if (from < 0) appearing++
    else if (to < 0) vanishing++
    else {
      const part = Math.abs(to - from) / from
      if (part > biggestPart) {
        biggestPart = part
        biggest = { product: after.products[index]!.code, who, from, to }
      }
    }
    const isSold = after.firstCandidate[index + 1]! > after.firstCandidate[index]!
    if (to >= 0 && isSold && to < after.baseCosts[index]!) belowCost.add(index)
    return true
  }

  for (const index of after.products.keys()) {
    for (let level = 0; level < levels; level++) {
      const moved = compare(
        index,
        `level ${level}`,
        priceAt(before, index, level),
        priceAt(after, index, level),
      )
      if (moved) touchedLevels.add(level)
    }
  }
  for (const userId of new Set(changes.map(({ rule }) => rule.user_id))) {
    if (userId === '') continue
    const who = { userId, level: levelOf.get(userId) ?? 0 }
    for (const index of after.products.keys()) {
      const from = priceFor(before, index, who)
      if (compare(index, `client ${userId}`, from, priceFor(after, index, who))) clients.add(userId)
    }
  }
  const codes = [...belowCost].map(index => after.products[index]!.code)
  return {
    products: products.size,
    levels: [...touchedLevels],
    clients: [...clients],
    biggest,
    appearing,
    vanishing,
    belowCost: codes.length,
    belowCostCodes: codes.slice(0, namedMax),
  }
}

export function rulesAfter(
  rules: readonly PriceRuleRecord[],
  changes: readonly RuleChange[],
): readonly PriceRuleRecord[] {
  const byName = new Map(rules.map(rule => [nameOf(rule), rule]))
  for (const { op, rule } of changes) {
    const record = recordOf(rule)
    if (op === 'put') byName.set(nameOf(record), record)
    else byName.delete(nameOf(record))
  }
  return [...byName.values()]
}

const nameOf = ({ userId, level, scope, target }: PriceRuleRecord): string =>
  `${userId} ${level} ${keyOf(scope, target)}`
