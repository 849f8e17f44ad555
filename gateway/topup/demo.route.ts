/**
 * The button on the demo page: places a real order as the demo reseller. Exists in demo mode only.
 *
 * GO1. Whoever presses pays nothing and proves nothing, so each address may press only so often.
 * GO2. A press without a wish buys an open prepaid product for a number that nobody has asked for
 *      before.
 * GO3. A press may carry an Idempotency-Key: the same key again is the same order, number and all.
 */

import { hash, randomBytes } from 'node:crypto'
import { z } from 'zod/v4'
import type { Visit } from '../answer.ts'
import { neighbour } from '../auth.ts'
import type { Edge } from '../edge.ts'
import type { AddressBuckets } from '../limits.ts'
import { destinationShape, productShape, readBody } from '../reading.ts'
import type { Shelves } from './products.route.ts'
import { place } from './transactions.route.ts'

export type Demo = {
  readonly userId: string
  readonly username: string
  readonly level: number
  /** The product and number prefix of a press without a wish. */
  readonly product?: string
  readonly prefix?: string
}

const wishing = z.object({
  product: productShape.optional(),
  destination: destinationShape.optional(),
})

export function buyDemo(
  edge: Edge,
  demo: Demo,
  parts: { buyers: AddressBuckets; shelves: Shelves; idempotencyKey: string },
) {
  return (visit: Visit, body: Buffer) => {
    if (edge.stopping) return visit.refuse('STOPPING', { moneyEffect: 'none' })
    const waitMs = parts.buyers.take(neighbour(edge, visit), edge.now())
    if (waitMs > 0)
      return visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs, moneyEffect: 'none' })
    const wish = readBody(visit, body.length === 0 ? emptyObject : body, wishing)
    if (wish === undefined) return
    const key = keyShape.test(parts.idempotencyKey)
      ? parts.idempotencyKey
      : randomBytes(16).toString('hex')
    const ref = `DEMO-${key}`
    const destination = wish.destination ?? (demo.prefix ?? '0812') + someDigits(key)
    const product = wish.product ?? demo.product
    if (product !== undefined) return place(edge, visit, demo, { ref, product, destination })
    parts.shelves.of(demo.level).then(
      ({ rows }) => {
        const open = rows.filter(row => row.open && row.type === 'prepaid')
        const row = open.find(({ brand }) => /telkomsel/i.test(brand)) ?? open[0]
        if (row === undefined) visit.refuse('PRODUCT_UNSUPPLIED', { moneyEffect: 'none' })
        else place(edge, visit, demo, { ref, product: row.code, destination })
      },
      error => {
        edge.onFault(error, visit.id)
        visit.refuse('UNREACHABLE', { moneyEffect: 'none' })
      },
    )
  }
}

const emptyObject = Buffer.from('{}')

const keyShape = /^[\w-]{16,56}$/

const someDigits = (key: string): string =>
  (hash('sha256', key, 'buffer').readUIntBE(0, 6) % 100_000_000).toString().padStart(8, '0')
