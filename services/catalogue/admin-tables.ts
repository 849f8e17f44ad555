/**
 * What a keeper of the catalogue may see and change: one row per kind, with the shape of its
 * fields. The same shapes read JSON and CSV. Names are those of the columns.
 *
 * KAE1. Every field is checked before it comes near the database; what is absent takes its default.
 * KAE2. What a row names (a product's brand, a mapping's supplier, a rule's client) must exist.
 * FLK1. From where a supplier reports are addresses and nets with spaces between them.
 */

import type { z } from 'zod/v4'
import type { PriceRuleRecord } from '../../sql/topup/catalogue.ts'
import type { Table } from '../../sql/topup/catalogue-admin.ts'
import type { CatalogueKind } from '../contract/catalogue.ts'
import { mapping, prefix, priceRule, product, register, supplier } from '../wire/catalogue-rows.ts'
import { commissionRule } from '../wire/commission-rule.ts'
import { wrongIn } from './pricing.ts'

export type Kind = Table & {
  /** What two rows can not share; the key of the outside, unless that is a number of ours. */
  readonly natural: readonly string[]
  readonly shape: z.ZodType<Readonly<Record<string, unknown>>>
  /** Columns that a list can be narrowed by, and those that `q` looks into. */
  readonly filters: Readonly<Record<string, 'text' | 'number' | 'boolean'>>
  readonly searched: readonly string[]
  readonly refers: readonly Reference[]
  /** Rows can be taken out again; others are switched off instead. */
  readonly removable: boolean
}

type Reference = {
  readonly field: string
  readonly table: string
  readonly column: string
  /** Only when another field says so. */
  readonly when?: readonly [field: string, value: string]
}

/** Tiers that rise, besides what its fields say. */
export const ruleShape = priceRule.refine(rule => wrongIn(recordOf(rule)) === null, {
  path: ['tiers'],
  message: 'rising',
})

export type RuleFields = z.infer<typeof ruleShape>

/** A rule in the words of pricing. */
export function recordOf(rule: {
  user_id: string
  level: number
  scope: PriceRuleRecord['scope']
  target: string
  percent_bp: number
  fixed: number
  tiers: PriceRuleRecord['tiers']
}): PriceRuleRecord {
  const { user_id: userId, percent_bp: percentBp, level, scope, target, fixed, tiers } = rule
  return { userId, level, scope, target, percentBp, fixed, tiers }
}

const columnsOf = (shape: z.ZodObject): string[] => Object.keys(shape.shape)

export const kinds: Readonly<Record<CatalogueKind, Kind>> = {
  products: {
    name: 'product',
    key: ['code'],
    natural: ['code'],
    columns: columnsOf(product),
    shape: product,
    filters: { category: 'text', brand: 'text', type: 'text', active: 'boolean' },
    searched: ['code', 'name'],
    refers: [
      { field: 'brand', table: 'brand', column: 'name' },
      { field: 'category', table: 'category', column: 'name' },
    ],
    removable: false,
  },
  brands: {
    name: 'brand',
    key: ['name'],
    natural: ['name'],
    columns: columnsOf(register),
    shape: register,
    filters: { active: 'boolean' },
    searched: ['name'],
    refers: [],
    removable: false,
  },
  categories: {
    name: 'category',
    key: ['name'],
    natural: ['name'],
    columns: columnsOf(register),
    shape: register,
    filters: { active: 'boolean' },
    searched: ['name'],
    refers: [],
    removable: false,
  },
  suppliers: {
    name: 'supplier',
    key: ['code'],
    natural: ['code'],
    columns: columnsOf(supplier),
    shape: supplier,
    filters: { adapter: 'text', active: 'boolean' },
    searched: ['code', 'name'],
    refers: [],
    removable: false,
  },
  mappings: {
    name: 'mapping',
    key: ['product_code', 'supplier_code'],
    natural: ['product_code', 'supplier_code'],
    columns: columnsOf(mapping),
    shape: mapping,
    filters: {
      product_code: 'text',
      supplier_code: 'text',
      sku: 'text',
      active: 'boolean',
      supplied: 'boolean',
      stock: 'number',
    },
    searched: ['product_code', 'sku'],
    refers: [
      { field: 'product_code', table: 'product', column: 'code' },
      { field: 'supplier_code', table: 'supplier', column: 'code' },
    ],
    removable: false,
  },
  prefixes: {
    name: 'operator_prefix',
    key: ['id'],
    natural: ['prefix', 'valid_from'],
    columns: columnsOf(prefix),
    shape: prefix,
    filters: { prefix: 'text', brand: 'text' },
    searched: ['prefix', 'brand'],
    refers: [{ field: 'brand', table: 'brand', column: 'name' }],
    removable: true,
  },
  'price-rules': {
    name: 'price_rule',
    key: ['id'],
    natural: ['user_id', 'level', 'scope', 'target'],
    columns: columnsOf(ruleShape),
    shape: ruleShape,
    filters: { user_id: 'text', level: 'number', scope: 'text', target: 'text' },
    searched: ['target'],
    refers: [
      { field: 'user_id', table: 'client', column: 'id' },
      { field: 'target', table: 'product', column: 'code', when: ['scope', 'product'] },
      { field: 'target', table: 'brand', column: 'name', when: ['scope', 'brand'] },
      { field: 'target', table: 'category', column: 'name', when: ['scope', 'category'] },
    ],
    removable: true,
  },
  'commission-rules': {
    name: 'commission_rule',
    key: ['id'],
    natural: ['scope', 'target'],
    columns: columnsOf(commissionRule),
    shape: commissionRule,
    filters: { scope: 'text', target: 'text', active: 'boolean' },
    searched: ['target'],
    refers: [
      { field: 'target', table: 'product', column: 'code', when: ['scope', 'product'] },
      { field: 'target', table: 'category', column: 'name', when: ['scope', 'category'] },
    ],
    removable: true,
  },
}
