/**
 * Price lists of suppliers whose contract is data (services/supplier/price-list-template.ts), read
 * into the same lines as everybody's.
 *
 * RSO1. Without a template there is nothing to ask for, and the supplier's list is not supported.
 * RSO2. A long text is read in parts: orders go on meanwhile.
 */

import { setImmediate } from 'node:timers/promises'
import { RuleSet } from '../parser/rules.ts'
import type { Credentials } from '../supplier/adapter.ts'
import { readJson } from '../supplier/json.ts'
import { valueAt, wordAt } from '../supplier/json-path.ts'
import { type PriceListTemplate, priceListSchema } from '../supplier/price-list-template.ts'
import { fillerOf } from '../supplier/template.ts'
import { type ListAnswer, type PriceListOf, priceIn, skusMax } from './price-list.ts'
import type { ListedSku } from './sync.ts'

type Reply = PriceListTemplate['reply']
const linesAtOnce = 200
const nobody = { ref: '', sku: '', dest: '', maxPrice: 0, testing: false }

export const templatePriceList: PriceListOf = {
  askings(credentials) {
    const template = templateIn(credentials)
    if (template === null) return []
    const { request, reply } = template
    return [
      {
        request: fillerOf(request)({ asked: nobody, credentials }),
        read: text =>
          reply.by === 'json' ? readRows(text, reply) : readLines(text, new RuleSet(reply.rules)),
      },
    ]
  },
}

function templateIn({ template }: Credentials): PriceListTemplate | null {
  if (template === undefined) return null
  const { priceList } = JSON.parse(template) as { priceList?: unknown }
  const read = priceListSchema.safeParse(priceList)
  return read.success ? read.data : null
}

export function readRows(text: string, reply: Extract<Reply, { by: 'json' }>): ListAnswer {
  const body = readJson(text)
  if (typeof body === 'string') return { refused: body }
  const rows = reply.rows === '' ? body.value : valueAt(body.value, reply.rows)
  if (!Array.isArray(rows)) return { refused: 'not_a_list' }
  if (rows.length > skusMax) return { refused: 'too_long' }
  return { list: rows.flatMap(row => rowOf(row, reply)) }
}

function rowOf(row: unknown, reply: Extract<Reply, { by: 'json' }>): ListedSku[] {
  const sku = wordAt(row, reply.sku)
  if (sku === undefined) return []
  const state = reply.status === undefined ? 'on' : stateOf(wordAt(row, reply.status), reply)
  const stock = reply.stock === undefined ? null : countIn(wordAt(row, reply.stock))
  return [
    {
      ...{ sku, cost: priceIn(valueAt(row, reply.cost)) },
      stock: state === null ? undefined : stock,
      supplied: state === 'on',
    },
  ]
}

function stateOf(
  word: string | undefined,
  { supplied, off }: { readonly supplied: readonly string[]; readonly off: readonly string[] },
): 'on' | 'off' | null {
  const isIn = (list: readonly string[]) =>
    word !== undefined && list.some(one => one.toLowerCase() === word.toLowerCase())
  return isIn(supplied) ? 'on' : isIn(off) ? 'off' : null
}

const countIn = (word: string | undefined): number | undefined =>
  word !== undefined && /^\d{1,9}$/.test(word) ? Number(word) : undefined

export async function readLines(text: string, rules: RuleSet): Promise<ListAnswer> {
  const lines = text.split(/\r\n?|\n|<br\s*\/?>/i)
  const list: ListedSku[] = []
  for (const [n, line] of lines.entries()) {
    if (n % linesAtOnce === linesAtOnce - 1) await setImmediate()
    const match = line.trim() === '' ? null : rules.match('inbox', line)
    const { product: sku, cost } = match?.fields ?? {}
    if (match === null || sku === undefined || match.rule.outcome === 'ignore') continue
    if (list.length === skusMax) return { refused: 'too_long' }
    const supplied = match.rule.outcome === 'success'
    list.push({ sku, cost: priceIn(cost), stock: null, supplied })
  }
  return list.length === 0 ? { refused: 'not_a_list' } : { list }
}
