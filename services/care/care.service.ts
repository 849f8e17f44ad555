/**
 * For those who look after orders: which ones wait for a person, and everything that is known about
 * one, as a document that can be handed to a supplier or a court.
 *
 * CRA1. A proof holds every line of the order as it stands in the journal, with the seals before
 *       and after it, so that whoever has it can compute that nothing was changed.
 * CRA2. Nothing in a proof lets anybody in: it holds what the journal and the inbox hold, and
 *       neither has secrets.
 * CRA3. Who waits for a person is listed oldest first, page by page.
 * CRA4. An order that was delivered with the serial number of an earlier one is listed with it,
 *       until a person closes that, once, or decides about its money.
 * CRA5. An order whose supplier charged more than he was told is listed with both amounts, until a
 *       person closes that, once.
 */

import { hash } from 'node:crypto'
import type { Context, ServiceSchema } from 'moleculer'
import { isId, keyOf, shardOf } from '../../engine/ids.ts'
import { genesis } from '../../engine/record.ts'
import type { Database } from '../../sql/database.ts'
import { callbacksAbout, closeRevisable, ordersInQueue } from '../../sql/topup/care.ts'
import { closeDuplicates, closeOvercharge } from '../../sql/topup/sold.ts'
import type { Proof } from '../contract/care.ts'
import type { Actions } from '../contract.ts'
import type { EngineRoom } from '../engine-room.ts'
import { faulted } from '../faults.ts'
import { type Chapter, storyOf } from '../order/story.ts'
import { orderView } from '../order/view.ts'
import { history } from './history.ts'
import { type Revising, revisableNow } from './revisable.ts'

type CareDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
  readonly suppliers?: () => readonly Revising[]
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Actions[A]['result']

const callbacksMax = 100
/** Suppliers are known to call again days later. */
const afterwardsMs = 7 * 86_400_000

export function careService(deps: CareDeps): ServiceSchema {
  return {
    name: 'care',
    actions: {
      proof: (ctx: Context<Params<'care.proof'>>) => proof(deps, ctx.params.trxId).catch(faulted),
      history: (ctx: Context<Params<'care.history'>>) =>
        history(deps.room, ctx.params).catch(faulted),
      queue: (ctx: Context<Params<'care.queue'>>) => queue(deps, ctx.params),
      async closeRevisable({
        params: { trxId: id, by, reason },
      }: Context<Params<'care.closeRevisable'>>): Promise<Result<'care.closeRevisable'>> {
        const hand = { id, by, reason, at: deps.room.now() }
        const isClosed = isId(id) && (await closeRevisable(deps.db.pool, hand))
        return isClosed ? { ok: { trxId: id } } : { refused: 'NOT_FOUND', moneyEffect: 'none' }
      },
      async closeDuplicate({
        params: { trxId, by, reason },
      }: Context<Params<'care.closeDuplicate'>>): Promise<Result<'care.closeDuplicate'>> {
        if (!isId(trxId)) return { refused: 'NOT_FOUND', moneyEffect: 'none' }
        const closed = await closeDuplicates(deps.db.pool, [{ id: trxId, by, reason }])
        if (closed.length === 0) return { refused: 'NOT_FOUND', moneyEffect: 'none' }
        return { ok: { trxId } }
      },
      async closeOvercharge({
        params: { trxId: id, by, reason },
      }: Context<Params<'care.closeOvercharge'>>): Promise<Result<'care.closeOvercharge'>> {
        const isClosed = isId(id) && (await closeOvercharge(deps.db.pool, { id, by, reason }))
        return isClosed ? { ok: { trxId: id } } : { refused: 'NOT_FOUND', moneyEffect: 'none' }
      },
    },
  }
}

async function proof({ room, db }: CareDeps, trxId: string): Promise<Result<'care.proof'>> {
  const notFound = { refused: 'NOT_FOUND', moneyEffect: 'none' } as const
  if (!isId(trxId) || shardOf(trxId) >= room.shards) return notFound
  const shard = shardOf(trxId)
  const lines: Proof['lines'][number][] = []
  let last: Chapter | null = null
  for (const chapter of storyOf(await room.engine.history(shard, keyOf(trxId)), trxId)) {
    const { line } = chapter
    last = chapter
    const [before] = await room.engine.lines(shard, line.seq - 2, 1)
    const previous = line.seq === 1 ? genesis : (before?.hash ?? '')
    lines.push({ shard, seq: line.seq, previous, hash: line.hash, body: line.body })
  }
  if (last === null) return notFound

  const { attempts, placedAt, updatedAt } = last.state.order
  const callbacks = await callbacksAbout(db.pool, {
    refs: attempts.map(one => one.ref),
    parties: attempts.map(one => one.supplier),
    fromMs: placedAt,
    toMs: updatedAt + afterwardsMs,
    limit: callbacksMax,
  })
  const document = { order: orderView(trxId, last), lines, callbacks }
  const digest = hash('sha256', JSON.stringify(document), 'hex')
  return { ok: { ...document, digest, madeAt: room.now() } }
}

async function queue(
  { db, room, suppliers = () => [] }: CareDeps,
  { after, attention, limit }: Params<'care.queue'>,
): Promise<Result<'care.queue'>> {
  const revisable = revisableNow(suppliers(), room.now())
  const rows = await ordersInQueue(db.pool, {
    ...{ after: after ?? null, attention: attention ?? null },
    ...{ limit: limit + 1, revisable },
  })
  const page = rows.slice(0, limit)
  return { ok: { rows: page, next: rows.length > limit ? page.at(-1)!.trxId : null } }
}
