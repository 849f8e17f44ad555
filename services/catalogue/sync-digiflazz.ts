/**
 * Digiflazz's price list: how to ask for it, and what an answer says.
 *
 * KAK1. A list is an array under `data`. An object there is a refusal, told with its code; rc 83 is
 *       "too often", whatever else it says.
 * KAK2. Prices and stocks are numbers or text of digits; anything else can't be read.
 * KAK3. A product is supplied when both the seller's and the buyer's status are true.
 */

import type { Credentials, SupplierRequest } from '../supplier/adapter.ts'
import { signOf } from '../supplier/digiflazz.ts'
import { type ListAnswer, type PriceListOf, skusMax } from './price-list.ts'
import type { ListedSku } from './sync.ts'

export const digiflazzPriceList: PriceListOf = {
  askings: credentials => [{ request: askPriceList(credentials), read: readPriceList }],
}

export function askPriceList(credentials: Credentials): SupplierRequest {
  const body = {
    cmd: 'prepaid',
    username: credentials['username'],
    sign: signOf(credentials, 'pricelist'),
  }
  return { method: 'POST', path: '/price-list', body: JSON.stringify(body) }
}

export function readPriceList(text: string): ListAnswer {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    return { refused: 'not_json' }
  }
  const data = isObject(answer) ? answer['data'] : undefined
  if (Array.isArray(data)) {
    if (data.length > skusMax) return { refused: 'too_long' }
    return { list: data.flatMap(lineOf) }
  }
  const rc = isObject(data) ? String(data['rc'] ?? '') : ''
  if (rc === '83') return { refused: 'too_often' }
  return { refused: /^\w{1,8}$/.test(rc) ? `rc_${rc}` : 'not_a_list' }
}

function lineOf(row: unknown): ListedSku[] {
  if (!isObject(row) || typeof row['buyer_sku_code'] !== 'string') return []
  return [
    {
      sku: row['buyer_sku_code'],
      cost: wholeIn(row['price']) ?? null,
      stock: row['unlimited_stock'] === true ? null : wholeIn(row['stock']),
      supplied: row['buyer_product_status'] === true && row['seller_product_status'] === true,
    },
  ]
}

function wholeIn(value: unknown): number | undefined {
  const digits = typeof value === 'number' ? String(value) : value
  return typeof digits === 'string' && /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
