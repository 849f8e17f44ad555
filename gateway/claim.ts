/**
 * One answer per `Idempotency-Key`: whoever asks claims his key first, and lets it go with what he
 * answered.
 *
 *   key ─▶ claimed ─▶ serve ─▶ answer kept ─▶ answer
 *            └─ kept already: the very same answer
 *
 * GKA1. The same key and request get the same answer, another request under it a conflict, and one
 *       that comes while the first is at work is told to wait. What stands behind the path belongs
 *       to the request, in whichever order.
 * GKA2. An answer that says "not now" is not kept. One that could not be kept is not given: the key
 *       comes free, and the same request may be sent again.
 */

import { createHash } from 'node:crypto'
import type { Answer } from '../services/contract/answer.ts'
import { type HttpStatus, json, type Visit } from './answer.ts'
import { ask } from './ask.ts'
import type { Edge } from './edge.ts'
import type { Asked } from './router.ts'

/** `scope`: whose key it is. */
export type Claim = { readonly scope: string; readonly key: string; readonly claim: number }

type Kept = { readonly status: number; readonly body: string }

type Claiming = {
  readonly scope: string
  readonly asked: Asked
  /** Where a repeat is not simply answered as before; true: it is dealt with. */
  readonly again?: (key: string, kept: Kept) => boolean
}

/** Calls back with what was claimed, or null where there is no key. */
export function claimed(
  edge: Edge,
  visit: Visit,
  { scope, asked, again }: Claiming,
  then: (claim: Claim | null) => void,
) {
  const key = visit.method === 'get' ? undefined : asked.headers['idempotency-key']
  if (key === undefined) return then(null)
  if (!keyShape.test(key)) {
    const detail = { field: 'Idempotency-Key', problem: 'invalid' }
    return visit.refuse('VALIDATION_FAILED', { details: { fields: [detail] } })
  }
  const fingerprint = fingerprintOf(visit, asked)
  ask(
    edge,
    visit,
    scope,
    () => edge.call('idempotency.claim', { scope, key, fingerprint }),
    found => {
      if ('claim' in found) return then({ scope, key, claim: found.claim })
      if (again?.(key, found)) return
      visit.send(found.status as HttpStatus, json, found.body, replayed)
    },
  )
}

/** What is asked for, whoever asks. */
export const fingerprintOf = (
  { method, path, query }: Pick<Visit, 'method' | 'path' | 'query'>,
  { body }: Pick<Asked, 'body'>,
): string =>
  createHash('sha256')
    .update(`${method} ${path}${sortedQuery(query)}\n`)
    .update(body)
    .digest('hex')

/** Nothing of nothing: so are the fingerprints that are kept from when it did not count. */
function sortedQuery(query: string): string {
  const asked = new URLSearchParams(query)
  asked.sort()
  return asked.size === 0 ? '' : `?${asked}`
}

/** Throws when that can't be done: then nothing is answered. */
export async function keep(edge: Edge, claim: Claim, { status, body }: Kept): Promise<void> {
  const answer = await (keptStatuses.has(status)
    ? edge.call('idempotency.keep', { ...claim, status, body })
    : edge.call('idempotency.release', claim))
  sure(answer)
}

export function release(edge: Edge, claim: Claim | null): void {
  if (claim !== null) edge.call('idempotency.release', claim).catch(() => {})
}

export function sure(answer: Answer<unknown>): void {
  if (!('ok' in answer)) throw new Error('the desk could not write')
}

const keyShape = /^[\x21-\x7e]{1,200}$/
const replayed = { 'Cache-Control': 'no-store', 'Idempotency-Replayed': 'true' }
const keptStatuses: ReadonlySet<number> = new Set([200, 404, 409, 422])
