/**
 * Atlantic's price list: `POST /layanan/price_list` with `type=prabayar`.
 *
 * RSI1. A list is an array under `data` where `status` is true, in whatever way that is written.
 * RSI2. `available` is supplied, `empty` is not; another word can't be read.
 */

import { formOf } from '../supplier/form.ts'
import { isObject, readJson, truthIn, wordIn } from '../supplier/json.ts'
import { type ListAnswer, type PriceListOf, priceIn, skusMax } from './price-list.ts'
import type { ListedSku } from './sync.ts'

export const atlanticPriceList: PriceListOf = {
  askings: ({ apiKey = '' }) => [
    {
      request: {
        ...{ method: 'POST', path: '/layanan/price_list' },
        ...formOf({ api_key: apiKey, type: 'prabayar' }),
      },
      read: readPriceList,
    },
  ],
}

export function readPriceList(text: string): ListAnswer {
  const body = readJson(text)
  if (typeof body === 'string') return { refused: body }
  if (!isObject(body.value)) return { refused: 'not_a_list' }
  const { status, data } = body.value
  if (truthIn(status) !== true) {
    const code = wordIn(body.value, 'code') ?? ''
    return { refused: /^\d{3}$/.test(code) ? `code_${code}` : 'refused' }
  }
  if (!Array.isArray(data)) return { refused: 'not_a_list' }
  return data.length > skusMax ? { refused: 'too_long' } : { list: data.flatMap(lineOf) }
}

function lineOf(row: unknown): ListedSku[] {
  const sku = isObject(row) ? wordIn(row, 'code') : null
  if (!isObject(row) || sku === null) return []
  const status = wordIn(row, 'status')?.toLowerCase()
  const stock = status === 'available' || status === 'empty' ? null : undefined
  return [{ sku, cost: priceIn(row['price']), stock, supplied: status === 'available' }]
}
