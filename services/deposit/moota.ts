/**
 * Moota: reads bank statements for their owner and tells what it saw, by webhook and in a list.
 *
 *   POST …/callbacks/moota   Signature: hex HMAC-SHA256(raw body, secret)   [row, …]
 *   GET  <base>/mutation?type=CR&start_date&end_date&page&per_page          {data: [row, …], …}
 *
 * MND1. A webhook is genuine when its signature is, over the bytes as they came.
 * MND2. The rows may carry the bank's session in `bank.meta`: nothing of `bank` is stored.
 * MND3. The list is read to its end within bounds; a broken answer leaves the rest for next time.
 */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod/v4'
import { blanked } from '../../sql/copy.ts'
import { textWithin } from '../text-within.ts'

export const mootaTokenPurpose = 'bank_feed:moota:token'
export const mootaSecretPurpose = 'bank_feed:moota:webhook_secret'

const pagesMax = 50
const perPage = 100
const timeoutMs = 20_000
/** A hundred rows have 100 KB. */
const pageBytesMax = 4 * 1024 * 1024

export function isGenuine(body: Uint8Array, signature: string, secret: string): boolean {
  if (!/^[0-9a-f]{64}$/i.test(signature)) return false
  const right = createHmac('sha256', secret).update(body).digest()
  return timingSafeEqual(right, Buffer.from(signature, 'hex'))
}

/** What of a delivery may be stored: everything but the account's own login. */
export function storableBody(body: Uint8Array): string {
  const text = Buffer.from(body).toString('utf8')
  try {
    const value: unknown = JSON.parse(text)
    return JSON.stringify(Array.isArray(value) ? value.map(withoutBank) : value)
  } catch {
    return blanked(text).slice(0, 10_000)
  }
}

function withoutBank(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row
  const { bank: _, ...rest } = row as Record<string, unknown>
  return rest
}

const page = z.object({
  data: z.array(z.unknown()).max(1_000),
  last_page: z.int().min(0).max(1_000_000).nullish(),
  next_page_url: z.string().nullish(),
})

type Asking = {
  readonly baseUrl: string
  readonly token: string
  readonly from: string
  readonly to: string
}

/** All rows of these days, as far as they could be read. */
export async function listMutations({ baseUrl, token, from, to }: Asking): Promise<unknown[]> {
  const rows: unknown[] = []
  for (let number = 1; number <= pagesMax; number++) {
    const query = new URLSearchParams({
      type: 'CR',
      start_date: from,
      end_date: to,
      page: String(number),
      per_page: String(perPage),
    })
    const answer = await fetch(`${baseUrl}/mutation?${query}`, {
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        'user-agent': 'Moota/2.0',
      },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    }).catch(() => null)
    if (answer === null) return rows
    const read = page.safeParse(await bodyOf(answer).catch(() => null))
    if (!answer.ok || !read.success) return rows
    rows.push(...read.data.data)
    if (number >= (read.data.last_page ?? number)) return rows
  }
  return rows
}

async function bodyOf(answer: Response): Promise<unknown> {
  return JSON.parse((await textWithin(answer, pageBytesMax)) ?? 'null')
}
