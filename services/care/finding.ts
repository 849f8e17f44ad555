/**
 * Finding one order among those of all clients, for who is on the telephone: by the number that was
 * topped up, by client, by reference, or by time.
 *
 *   asked ─▶ where to look (an index, a bounded stretch of it) ─▶ what fits ─▶ page, cursor
 *
 * KLC1. A page looks at so many orders and no more. Where nothing of them fits it is short or
 *       empty, and its cursor goes on behind them: only a page without a cursor is the last.
 * KLC2. Pages one after the other show each order once, newest first.
 * KLC3. A reference is found without knowing whose it is.
 * KLC4. What was sent to a supplier is made again from what is known; whatever of it depends on a
 *       secret is masked, whatever its name is.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { OrderFacts } from '../../actors/order/order-contract.ts'
import { isId, keyOf, makeId, shardOf } from '../../engine/ids.ts'
import type { Database } from '../../sql/database.ts'
import { clientById, clientByUsername } from '../../sql/people/clients.ts'
import {
  type FoundRow,
  ordersThatFit,
  type Place,
  placesOfClient,
  placesOfDestination,
  placesOfReference,
  placesOfTime,
} from '../../sql/topup/order-search.ts'
import type { Answer } from '../contract/answer.ts'
import type { ClientAdminActions, FoundOrder } from '../contract/clients.ts'
import type { Millis } from '../contract/words.ts'
import type { Actions } from '../contract.ts'
import type { EngineRoom } from '../engine-room.ts'
import { chapterAt } from '../order/story.ts'
import { orderView } from '../order/view.ts'
import type { SupplierAccess } from '../supplier/caller.ts'
import { requestAgain } from './masked.ts'

type FindingDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
  readonly supplierOf: (code: string) => SupplierAccess | undefined
}

type Params<A extends keyof ClientAdminActions> = Actions[A]['params']
type Result<A extends keyof ClientAdminActions> = Promise<Actions[A]['result']>

/** How many orders one page looks at. */
export const lookedAtMax = 2_000
const perShardMin = 20
const farFuture = Date.UTC(9999, 0)

const notFound = { refused: 'NOT_FOUND', moneyEffect: 'none' } as const
const noMore = null

/** Where to look, and the cursor behind all of it; null when there is nothing behind. */
type Stretch = {
  readonly places: readonly Place[]
  readonly behind: string | null
  /** The cursor behind one order. */
  readonly cursorOf: (id: string) => string
}

export function findingService(deps: FindingDeps): ServiceSchema {
  return {
    name: 'finding',
    actions: {
      orders: (ctx: Context<Params<'finding.orders'>>) => find(deps, ctx.params),
      order: (ctx: Context<Params<'finding.order'>>) => read(deps, ctx.params.trxId),
    },
  }
}

async function find(deps: FindingDeps, asked: Params<'finding.orders'>): Result<'finding.orders'> {
  const stretch = await whereToLook(deps, asked)
  if ('refused' in stretch) return stretch
  const { places, behind, cursorOf } = stretch
  const { destination = null, ref = null, status = null, supplier = null, product = null } = asked
  const fitting = { destination, ref, status, supplier, product }
  const found =
    places.length === 0 ? [] : await ordersThatFit(deps.db.pool, places, fitting, asked.limit + 1)
  const rows = found.slice(0, asked.limit).map(foundOf)
  const next = found.length > asked.limit ? cursorOf(rows.at(-1)!.trxId) : behind
  return { ok: { rows, next } }
}

async function whereToLook(
  { room, db: { pool } }: FindingDeps,
  asked: Params<'finding.orders'>,
): Promise<Stretch | typeof notFound> {
  const { client, destination, ref, cursor, from = 0, to = farFuture } = asked
  if (ref !== undefined && client === undefined && destination === undefined) {
    const spanned = spanOf({ cursor, from, to })
    if (spanned === null) return notFound
    const places = await placesOfReference(pool, { ref, limit: lookedAtMax })
    return stretchOf(places.filter(({ id }) => isWithin(id, spanned)))
  }
  if (client !== undefined) {
    const owner = await clientByUsername(pool, client)
    if (owner === null) return notFound
    return await ofClient(pool, { ...asked, userId: owner.userId, from, to })
  }
  const span = spanOf({ cursor, from, to })
  if (span === null) return notFound
  if (destination !== undefined) {
    const limit = lookedAtMax
    const nowMs = room.now()
    const places = await placesOfDestination(pool, { ...span, destination, limit, nowMs })
    return stretchOf(places, places.length < limit ? noMore : places.at(-1)!.id)
  }
  const limit = Math.max(perShardMin, Math.ceil(lookedAtMax / room.shards))
  return wholeOf(await placesOfTime(pool, { ...span, shards: room.shards, limit }), limit)
}

async function ofClient(
  pool: Database['pool'],
  asked: Params<'finding.orders'> & { userId: string; from: Millis; to: Millis },
): Promise<Stretch | typeof notFound> {
  const { userId, cursor = String(Number.MAX_SAFE_INTEGER), from, to } = asked
  if (!/^\d{1,16}$/.test(cursor)) return notFound
  const taken = await placesOfClient(pool, {
    ...{ shard: shardOf(userId), userId, beforeSeq: Number(cursor), toMs: to, limit: lookedAtMax },
  })
  const places = taken.filter(one => one.takenMs >= from)
  const isAll = taken.length < lookedAtMax || places.length < taken.length
  const seqs = new Map(places.map(one => [one.id, String(one.seq)]))
  return {
    places,
    behind: isAll ? noMore : String(taken.at(-1)!.seq),
    cursorOf: id => seqs.get(id)!,
  }
}

const stretchOf = (places: readonly Place[], behind: string | null = noMore): Stretch => ({
  ...{ places, behind, cursorOf: id => id },
})

/**
 * A shard that gave as many as it was asked for may have more behind its last one. So all is known
 * only down to the newest of those last ones.
 */
function wholeOf(places: readonly Place[], limit: number): Stretch {
  const counts = new Map<number, { count: number; last: string }>()
  for (const { shard, id } of places) {
    const seen = counts.get(shard)
    const isOlder = seen === undefined || id < seen.last
    counts.set(shard, { count: (seen?.count ?? 0) + 1, last: isOlder ? id : seen.last })
  }
  let behind: string | null = noMore
  for (const { count, last } of counts.values()) {
    if (count === limit && (behind === noMore || last > behind)) behind = last
  }
  const horizon = behind ?? ''
  return stretchOf(
    places.filter(({ id }) => id >= horizon),
    behind,
  )
}

function spanOf(asked: { cursor: string | undefined; from: Millis; to: Millis }) {
  const { cursor, from, to } = asked
  if (cursor !== undefined && !isId(cursor)) return null
  const end = makeId(to + 1, 0, lowestKey)
  const beforeId = cursor === undefined || cursor > end ? end : cursor
  return { fromId: makeId(from, 0, lowestKey), beforeId }
}

const lowestKey = '0000000000000000'

const isWithin = (id: string, { fromId, beforeId }: { fromId: string; beforeId: string }) =>
  id >= fromId && id < beforeId

const foundOf = ({ shard: _, createdMs, updatedMs, ...row }: FoundRow): FoundOrder => ({
  ...row,
  createdAt: Math.round(createdMs),
  updatedAt: Math.round(updatedMs),
})

async function read(
  { room, db, supplierOf }: FindingDeps,
  trxId: string,
): Promise<Answer<Extract<Actions['finding.order']['result'], { ok: unknown }>['ok']>> {
  if (!isId(trxId) || shardOf(trxId) >= room.shards) return notFound
  const key = keyOf(trxId)
  const lines = await room.engine.history(shardOf(trxId), key)
  const now = chapterAt(lines, { key, trxId, at: Number.POSITIVE_INFINITY })
  if (now === null) return notFound
  const { order } = now.state
  const owner = await clientById(db.pool, order.user)
  return {
    ok: {
      order: orderView(trxId, now),
      username: owner?.username ?? null,
      requests: requestsOf(order, supplierOf),
    },
  }
}

const requestsOf = (order: OrderFacts, supplierOf: FindingDeps['supplierOf']) =>
  order.attempts.map(({ n, supplier, sku, ref, maxPrice }) => {
    const access = supplierOf(supplier)
    // A bill is asked for and paid in one breath; that conversation is not made again.
    if (access === undefined || order.bill !== undefined) return { n, request: null }
    const { testing, callbackUrl } = access
    const asked = {
      ...{ ref, sku, dest: order.destination, maxPrice, testing },
      ...(callbackUrl === undefined ? {} : { callbackUrl }),
    }
    return { n, request: requestAgain(access, asked) }
  })
