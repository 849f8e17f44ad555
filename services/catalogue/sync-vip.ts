/**
 * VIP Reseller's lists of services: `POST /prepaid` and, for skus that begin with `game/`,
 * `POST /game-feature`, both with `type=services`.
 *
 * RSH1. A price comes per level of account; the credential `level` says which is ours, and without
 *       it no price can be read where there are several.
 * RSH2. `available` is supplied, `empty` is not; another word can't be read.
 * RSH3. A refusal is told by what it blames, and changes nothing.
 */

import type { Credentials } from '../supplier/adapter.ts'
import { formOf } from '../supplier/form.ts'
import { isObject, readJson, truthIn, wordIn } from '../supplier/json.ts'
import { blameOf } from '../supplier/refusals.ts'
import { signatureOf } from '../supplier/vip.ts'
import {
  type ListAnswer,
  type ListAsking,
  type PriceListOf,
  priceIn,
  skusMax,
} from './price-list.ts'
import type { ListedSku } from './sync.ts'

const gamePrefix = 'game/'

export const vipPriceList: PriceListOf = {
  askings(credentials, skus) {
    const isGame = (sku: string) => sku.toLowerCase().startsWith(gamePrefix)
    const asked: ListAsking[] = []
    if (!skus.every(isGame) || skus.length === 0) asked.push(askingAt('/prepaid', '', credentials))
    if (skus.some(isGame)) asked.push(askingAt('/game-feature', gamePrefix, credentials))
    return asked
  },
}

function askingAt(path: string, prefix: string, credentials: Credentials): ListAsking {
  const { apiKey: key = '', level = '' } = credentials
  const form = formOf({ key, sign: signatureOf(credentials), type: 'services' })
  return {
    request: { method: 'POST', path, ...form },
    read: text => readServices(text, { prefix, level: level.toLowerCase() }),
  }
}

export function readServices(
  text: string,
  { prefix, level }: { readonly prefix: string; readonly level: string },
): ListAnswer {
  const body = readJson(text)
  if (typeof body === 'string') return { refused: body }
  if (!isObject(body.value)) return { refused: 'not_a_list' }
  const { result, data, message } = body.value
  if (truthIn(result) === false) {
    return { refused: blameOf(typeof message === 'string' ? message : '') ?? 'refused' }
  }
  if (!Array.isArray(data)) return { refused: 'not_a_list' }
  if (data.length > skusMax) return { refused: 'too_long' }
  return { list: data.flatMap(row => lineOf(row, prefix, level)) }
}

function lineOf(row: unknown, prefix: string, level: string): ListedSku[] {
  const code = isObject(row) ? wordIn(row, 'code') : null
  if (!isObject(row) || code === null) return []
  const { price } = row
  const status = wordIn(row, 'status')?.toLowerCase()
  return [
    {
      sku: prefix + code,
      cost: priceIn(isObject(price) ? price[level] : price),
      stock: status === 'available' || status === 'empty' ? null : undefined,
      supplied: status === 'available',
    },
  ]
}
