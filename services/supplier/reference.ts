/**
 * The reference under which a supplier knows one attempt of one order: `L`, the order's id without
 * dashes, a dash, the attempt's number. Whatever a supplier tells us finds its order by
 * computation. An order makes it (actors/order/standing.ts).
 *
 * S1. A reference names exactly one attempt, and only what we could have made is read back.
 */

import { type ActorId, isId } from '../../engine/ids.ts'

const shape = /^L([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})-([1-9]\d?)$/

export function parseRef(ref: string): { readonly order: ActorId; readonly n: number } | null {
  const parts = shape.exec(ref)
  if (parts === null) return null
  const order = parts.slice(1, 6).join('-')
  return isId(order) ? { order, n: Number(parts[6]) } : null
}
