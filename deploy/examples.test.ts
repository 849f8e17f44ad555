/**
 * What the API's description leaves open, because the edge does not look into it: its examples are
 * given to those who do.
 */

import { ok } from 'node:assert/strict'
import { test } from 'node:test'
import { changesExample, rowsOfKinds } from '../gateway/operations/catalogue.ts'
import { parserRule, supplierTemplate } from '../gateway/operations/parser.ts'
import { routingRule } from '../gateway/operations/routing.ts'
import { operations } from '../gateway/operations.ts'
import { kinds, ruleShape } from '../services/catalogue/admin-tables.ts'
import { parseCsv } from '../services/catalogue/csv.ts'
import type { CatalogueKind } from '../services/contract/catalogue.ts'
import { readCsv } from '../services/deposit/bank-row.ts'
import { rulesSchema } from '../services/parser/rules.ts'
import { choosingShape } from '../services/routing/policy.ts'
import { adapters } from '../services/supplier/adapters.ts'
import { templateSchema } from '../services/supplier/generic.ts'

test('examples: a row of every kind: taken by the catalogue, as JSON and as CSV (OAD1)', () => {
  for (const [kind, { shape, columns }] of Object.entries(kinds)) {
    const row = rowsOfKinds[kind as CatalogueKind]
    const read = shape.safeParse(row)
    ok(read.success, `${kind}: ${read.error?.message}`)
    const csv = operations.find(one => one.at === `post /api/v1/admin/csv/${kind}`)?.example.body
    if (csv === undefined) continue
    const records = parseCsv(String(csv), 10)
    ok(!('problem' in records) && records.length === 2)
    const [head, cells] = records
    ok(head!.cells.every(name => columns.includes(name)))
    ok(head!.cells.length === cells!.cells.length)
  }
  ok(adapters.has(String(rowsOfKinds.suppliers['adapter'])))
})

test('examples: rules and templates: taken by pricing, routing, parser and adapter (OAD1)', () => {
  for (const { rule } of changesExample.changes) ok(ruleShape.safeParse(rule).success)
  ok(choosingShape.safeParse(routingRule.rule).success)
  ok(rulesSchema.safeParse([parserRule]).success)
  ok(templateSchema.safeParse(supplierTemplate).success)
})

test('examples: a statement of the bank: read row by row (OAD1)', () => {
  const { body } = operations.find(one => one.id === 'bankImport')!.example
  const { csv } = body as { csv: string }
  const seen = { accounts: new Map([['123', 'BCA-1']]), source: 'import', nowMs: 0 } as const
  const rows = readCsv(csv, seen, '123')
  ok(rows?.length === 1 && rows[0]!.direction === 'in' && rows[0]!.toldAmount === '500123')
})
