/**
 * A supplier's request made again, for a person to look at. It is made twice, with two sets of
 * invented credentials: where the two differ a secret would have stood, or a sign over one.
 *
 *   path?a=1&sign=8f… ┐
 *   path?a=1&sign=03… ┴▶ path?a=1&sign=***
 *
 * KLE1. No real credential is ever put in. What depends on one is masked, whatever its name is.
 */

import type { OrderFile } from '../contract/clients.ts'
import type { Asked, Credentials, SupplierRequest } from '../supplier/adapter.ts'
import type { SupplierAccess } from '../supplier/caller.ts'

type Request = OrderFile['requests'][number]['request']

const mask = '***'

/** Null when it can't be made without the real credentials. */
export function requestAgain(
  { adapter, credentials }: Pick<SupplierAccess, 'adapter' | 'credentials'>,
  asked: Asked,
): Request {
  try {
    const one = adapter.purchase(asked, invented(credentials, 'a'))
    const other = adapter.purchase(asked, invented(credentials, 'b'))
    return masked(one, other)
  } catch {
    return null
  }
}

const inventedLength = 24

const invented = (credentials: Credentials, letter: string): Credentials =>
  Object.fromEntries(Object.keys(credentials).map(name => [name, letter.repeat(inventedLength)]))

function masked(one: SupplierRequest, other: SupplierRequest): Request {
  const headers = Object.entries(one.headers ?? {}).map(([name, value]) => [
    name,
    maskedText(value, other.headers?.[name] ?? ''),
  ])
  return {
    method: one.method,
    path: maskedText(one.path, other.path),
    headers: Object.fromEntries(headers),
    body: one.body === undefined ? null : maskedText(one.body, other.body ?? ''),
  }
}

/** Word by word; a text that falls apart differently is masked as a whole. */
function maskedText(one: string, other: string): string {
  const [words, others] = [wordsOf(one), wordsOf(other)]
  if (words.length !== others.length) return mask
  return words.map((word, index) => (word === others[index] ? word : mask)).join('')
}

/** Words and what stands between them, in their order. */
const wordsOf = (text: string): string[] => text.split(/([\s"'<>/?&=;:,{}[\]]+)/)
