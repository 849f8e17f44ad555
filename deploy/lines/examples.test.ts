/**
 * Forms that the edge does not look into: the examples of the API's description are given to those
 * who do, and to the shapes that it tells.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod/v4'
import { changesExample, rowsOfKinds } from '../../gateway/operations/catalogue.ts'
import { parserRule, supplierTemplate } from '../../gateway/operations/parser.ts'
import { routingRule } from '../../gateway/operations/routing.ts'
import { operations } from '../../gateway/operations.ts'
import { kinds, ruleShape } from '../../services/catalogue/admin-tables.ts'
import { parseCsv } from '../../services/catalogue/csv.ts'
import type { CatalogueKind } from '../../services/contract/catalogue.ts'
import { readCsv } from '../../services/deposit/bank-row.ts'
import { rulesSchema } from '../../services/parser/rules.ts'
import { choosingShape } from '../../services/routing/policy.ts'
import { adapters } from '../../services/supplier/adapters.ts'
import { templateSchema } from '../../services/supplier/generic.ts'
import { depthMax } from '../../services/wire/commission-rule.ts'
import { levelsMax } from '../../sql/money/commission.ts'

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

test('examples: forms: told with every field, and the examples fit them (OAD1)', () => {
  const open = operations.flatMap(({ at, body, bodyType }) => {
    if (body === undefined || bodyType !== undefined) return []
    const told = z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' })
    return openIn(told, at)
  })
  deepEqual(open, [])
  deepEqual(openIn(z.toJSONSchema(z.object({ a: z.array(z.unknown()) })), ''), ['.a[]'])
  for (const { at, body, bodyType, example } of operations) {
    if (body === undefined || bodyType !== undefined || example.body === undefined) continue
    const read = body.safeParse(example.body)
    ok(read.success, `${at}: ${read.error?.message}`)
  }
})

test('examples: a commission: as deep as uplines are followed, no deeper (OAD1)', () => {
  equal(depthMax, levelsMax)
})

/** Where anything may stand: values of no type, and fields that have no name. */
function openIn(schema: unknown, at: string): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return schema === true ? [at] : []
  const told = schema as Record<string, unknown>
  const { type, properties = {}, items, additionalProperties: others, propertyNames: names } = told
  const ways = [told['anyOf'], told['oneOf'], told['allOf']].flatMap(list => list ?? [])
  const isSaid =
    [type, told['const'], told['enum']].some(one => one !== undefined) || ways.length > 0
  if (!isSaid || (type === 'array' && items === undefined)) return [at]
  if (type === 'object' && Object.keys(properties as object).length === 0 && names === undefined) {
    return [`${at}{}`]
  }
  return [
    ...Object.entries(properties as object).flatMap(([name, of]) => openIn(of, `${at}.${name}`)),
    ...(items === undefined ? [] : openIn(items, `${at}[]`)),
    ...(typeof others === 'object' ? openIn(others, `${at}{}`) : []),
    ...ways.flatMap(way => openIn(way, at)),
  ]
}
