/**
 * A client's own orders as a list: from the read model, after it has what is durable now.
 *
 * SEK1. Newest first, in pages; what was placed before the question is in the answer.
 * SEK2. One question looks through so much at most: where a filter finds little, a page may have
 *       fewer rows, or none, and still a next one.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { shardOf } from '../../engine/ids.ts'
import type { Database } from '../../sql/database.ts'
import { type OwnOrder, ownOrders, scannedTo } from '../../sql/topup/own-orders.ts'
import type { OrderRow } from '../contract/order-view.ts'
import type { Actions } from '../contract.ts'
import type { EngineRoom } from '../engine-room.ts'
import { ownWrites } from '../own-writes.ts'
import type { Projector } from '../projection/projector.ts'

type ListingDeps = {
  readonly room: Pick<EngineRoom, 'engine'>
  readonly db: Pick<Database, 'pool'>
  readonly projector: Pick<Projector, 'reached'>
  /** Mutations that one question looks through. */
  readonly scannedMax?: number
}

type Listing = Actions['listing.orders']

const scannedMaxDefault = 5_000
const usualMoves = 8
const cursorShape = /^\d{1,15}$/

export function listingService(deps: ListingDeps): ServiceSchema {
  const { room, projector, scannedMax = scannedMaxDefault } = deps
  const { pool } = deps.db

  async function orders(params: Listing['params']): Promise<Listing['result']> {
    const { userId, cursor, limit, status = null, q = null } = params
    if (cursor !== undefined && !cursorShape.test(cursor)) {
      return { refused: 'NOT_FOUND', moneyEffect: 'none' }
    }
    const shard = shardOf(userId)
    await ownWrites({ room, rows: projector }, userId)
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor)
    // Unfiltered, most of what is looked through is listed: an order moves money once or twice.
    const isNarrowed = status !== null || q !== null
    const scanned = isNarrowed ? scannedMax : Math.min(scannedMax, (limit + 1) * usualMoves)
    const page = { shard, userId, before, status, q, limit: limit + 1, scanned }
    const found = await ownOrders(pool, page)
    const rows = found.slice(0, limit)
    const next = found.length > limit ? rows.at(-1)!.seq : await scannedTo(pool, page)
    return { ok: { rows: rows.map(rowOf), next: next === null ? null : String(next) } }
  }

  return {
    name: 'listing',
    actions: { orders: (ctx: Context<Listing['params']>) => orders(ctx.params) },
  }
}

function rowOf({ seq: _, createdMs, updatedMs, ...row }: OwnOrder): OrderRow {
  return { ...row, createdAt: Math.round(createdMs), updatedAt: Math.round(updatedMs) }
}
