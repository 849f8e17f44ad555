/**
 * Asks a supplier for our balance there, where its contract has such a call.
 *
 * FLC1. What is not a whole answer in time and size, or no amount, is no balance; nothing is known.
 */

import type { BalanceCall } from '../supplier/adapter.ts'
import type { SupplierAccess } from '../supplier/caller.ts'
import { textWithin } from '../text-within.ts'

const askMsMax = 20_000
const bytesMax = 64 * 1_024

export async function askBalance(
  { baseUrl, credentials }: Pick<SupplierAccess, 'baseUrl' | 'credentials'>,
  call: BalanceCall,
  stopping: AbortSignal,
): Promise<number | null> {
  const { method, path, body, type = 'application/json', headers = {} } = call.ask(credentials)
  try {
    const answer = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body }),
      redirect: 'error',
      signal: AbortSignal.any([AbortSignal.timeout(askMsMax), stopping]),
    })
    const text = await textWithin(answer, bytesMax)
    return text === null ? null : call.read(text)
  } catch {
    return null
  }
}
