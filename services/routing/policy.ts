/**
 * Rules of routing, from rows to a table that an order reads with one look-up. Pure: a worker
 * compiles what is in force, and what-if what is proposed.
 *
 *   default ◁ category ◁ brand ◁ product ◁ client    the right one wins, field by field
 *   supplier                                          its cap on the unknown, and its reserve
 *
 * RTA1. The most specific row that names a field decides it; exclusions add up.
 * RTA2. Products that no row speaks of share one rule: the book's order, whole.
 * RTA3. A row that can't be right is left out and named, and the rest is compiled.
 * RTA4. A taken-back row is as if it had never been; rows of one place count from the newest on.
 */

import {
  type Choosing,
  choosingShape,
  codesMax,
  type PolicyName,
  type Scope,
  type SupplierTerms,
  scopes,
  supplierShape,
} from '../wire/routing-rules.ts'

export {
  type Choosing,
  choosingShape,
  type PolicyName,
  policyNames,
  type Scope,
  type SupplierTerms,
  scopes,
} from '../wire/routing-rules.ts'

export type RuleRow = {
  readonly version: number
  readonly scope: string
  readonly target: string
  readonly rule: unknown
}

/** All that is said about one choice. */
export type Rule = {
  readonly policy: PolicyName
  readonly weights: { readonly cost: number; readonly success: number; readonly speed: number }
  readonly pin: readonly string[]
  readonly exclude: readonly string[]
  readonly split: readonly (readonly [supplier: string, percent: number])[]
  readonly suppliersMax: number
  readonly failoverMs: number | null
  readonly marginMin: number | null
  /** The book's order, whole: nothing to weigh. */
  readonly plain: boolean
}

export type RoutingTable = {
  readonly version: number
  /** For products that no row speaks of. */
  readonly usual: Rule
  readonly products: ReadonlyMap<string, Rule>
  readonly clients: ReadonlyMap<string, Choosing>
  readonly suppliers: ReadonlyMap<string, SupplierTerms>
  readonly problems: readonly string[]
}

export type Product = { readonly code: string; readonly brand: string; readonly category: string }

const usualWeights = { cost: 50, success: 35, speed: 15 }

export function compileRouting(
  rows: readonly RuleRow[],
  products: readonly Product[],
): RoutingTable {
  const problems: string[] = []
  const choosing = new Map<string, Choosing>()
  const clients = new Map<string, Choosing>()
  const suppliers = new Map<string, SupplierTerms>()
  for (const { scope, target, rule } of inForce(rows)) {
    const shape = scope === 'supplier' ? supplierShape : choosingShape
    const read = shape.safeParse(rule)
    if (!read.success || !scopes.includes(scope as Scope)) {
      const why = read.success ? 'no such scope' : read.error.issues[0]!.message
      if (problems.length < 100) problems.push(`routing ${scope} ${target}: ${why}`)
    } else if (scope === 'supplier') suppliers.set(target, read.data as SupplierTerms)
    else if (scope === 'client') clients.set(target, read.data as Choosing)
    else choosing.set(placeOf(scope, target), read.data as Choosing)
  }

  const usual = ruleOf([choosing.get(placeOf('default', ''))])
  const known = new Map<string, Rule>()
  const ofProducts = new Map<string, Rule>()
  for (const { code, brand, category } of choosing.size === 0 ? [] : products) {
    const said = [
      choosing.get(placeOf('default', '')),
      choosing.get(placeOf('category', category)),
      choosing.get(placeOf('brand', brand)),
      choosing.get(placeOf('product', code)),
    ]
    if (said[1] === undefined && said[2] === undefined && said[3] === undefined) continue
    const rule = ruleOf(said)
    const name = JSON.stringify(rule)
    if (!known.has(name)) known.set(name, rule)
    ofProducts.set(code, known.get(name)!)
  }
  const version = rows.reduce((newest, row) => Math.max(newest, row.version), 0)
  return { version, usual, products: ofProducts, clients, suppliers, problems }
}

/** What is wrong with a row that somebody wants to add; null when nothing is. */
export function problemOf({ scope, target, rule }: Omit<RuleRow, 'version'>): string | null {
  if (!scopes.includes(scope as Scope)) return `scope: none of ${scopes.join(', ')}`
  if (target.length > 100) return 'target: too long'
  if ((scope === 'default') !== (target === '')) return 'target: empty for default, and only then'
  if (rule === null) return null
  const read = (scope === 'supplier' ? supplierShape : choosingShape).safeParse(rule)
  if (read.success) return null
  const [{ path, message } = { path: [], message: '' }] = read.error.issues
  return `${['rule', ...path].join('.')}: ${message}`
}

/** The newest row of each place, without those that took theirs back. */
export function inForce(rows: readonly RuleRow[]): RuleRow[] {
  const newest = new Map<string, RuleRow>()
  for (const row of rows) {
    const place = placeOf(row.scope, row.target)
    const known = newest.get(place)
    if (known === undefined || known.version < row.version) newest.set(place, row)
  }
  return [...newest.values()].filter(row => row.rule !== null)
}

export const ruleFor = (table: RoutingTable, product: string): Rule =>
  table.products.get(product) ?? table.usual

/** A client's own words over a product's rule. */
export function ruleForClient(rule: Rule, own: Choosing): Rule {
  const { policy, weights, pin, split, suppliersMax, failoverMs, marginMin } = rule
  const general: Choosing = {
    ...{ policy, weights, pin: [...pin], exclude: [...rule.exclude] },
    split: Object.fromEntries(split),
    suppliers_max: suppliersMax,
    ...(failoverMs === null ? {} : { failover_s: failoverMs / 1_000 }),
    ...(marginMin === null ? {} : { margin_min: marginMin }),
  }
  return ruleOf([general, own])
}

function ruleOf(said: readonly (Choosing | undefined)[]): Rule {
  let all: Choosing = {}
  const exclude = new Set<string>()
  for (const one of said) {
    if (one === undefined) continue
    all = { ...all, ...one }
    for (const supplier of one.exclude ?? []) exclude.add(supplier)
  }
  const policy = all.policy ?? 'priority'
  const pin = all.pin ?? []
  const split = Object.entries(all.split ?? {})
  const suppliersMax = all.suppliers_max ?? codesMax
  const marginMin = all.margin_min ?? null
  return {
    policy,
    weights: all.weights ?? usualWeights,
    pin,
    exclude: [...exclude],
    split,
    suppliersMax,
    failoverMs: all.failover_s === undefined ? null : all.failover_s * 1_000,
    marginMin,
    plain:
      policy === 'priority' &&
      pin.length + exclude.size + split.length === 0 &&
      suppliersMax === codesMax &&
      marginMin === null,
  }
}

const placeOf = (scope: string, target: string): string =>
  scope === 'client' || scope === 'supplier'
    ? `${scope} ${target}`
    : `${scope} ${target.trim().toUpperCase()}`
