/**
 * What an activation asks of its supplier, carried out: buy, look whether it was bought, ask for
 * another code, give back. Purchases that look alike to a supplier stand in one lane: one of them
 * is out at a time, and none while we look what the last one did.
 *
 *   buy ─▶ (lane) ─▶ flight row ─▶ supplier ─▶ their id into the row ─▶ bought
 *   look ▶ (lane) ─▶ what is open there, less what has an owner ─▶ their id into the row ─▶ bought
 *
 * NUA1. A purchase is sent by whoever wrote its row, and by nobody else: an effect that comes again
 *       finds the row and is in doubt.
 * NUA2. A purchase that never left, for its row could not be written, is sent when it comes again.
 * NUA3. An id of theirs has one owner: a purchase whose id is another order's stays in doubt.
 * NUA4. Purchases and looks of one lane do not overlap.
 * NUA5. Nothing is called not bought because it was not found, unless the card calls that proof,
 *       nothing else blurs it (other orders, and what may have been paid in to a balance that is
 *       the proof), and this was the last look. Of several that nobody knows one is taken only
 *       when as many of ours are in doubt.
 * NUA6. An answer that says nothing is none: to give back it is unknown, to look it is unfound.
 * NUA7. A purchase that stood in line for too long is not sent any more, and says so.
 */

import type {
  ActivationCommand,
  ActivationEffect,
} from '../../actors/activation/activation-contract.ts'
import { keyOf, shardOf } from '../../engine/ids.ts'
import type { Errand } from '../../engine/outbox.ts'
import type { Envelope } from '../../engine/shard.ts'
import type { DatabasePool } from '../../sql/database.ts'
import {
  bindNumberFlight,
  boundSince,
  doubtfulIn,
  isQuietSince,
  type NumberFlight,
  noteNothingBought,
  numberFlightOf,
  takeNumberFlight,
} from '../../sql/number/flight.ts'
import type { EngineRoom } from '../engine-room.ts'
import type { NumberAdapter, OpenThere } from './supplier/adapter.ts'

type PerformerDeps = {
  readonly room: Pick<EngineRoom, 'performers' | 'now'>
  readonly pool: DatabasePool
  readonly supplierOf: (code: string) => NumberAdapter | undefined
}

/** Nobody looks at a screen for longer, and whoever waits keeps others from giving back. */
const queueMs = 30_000
const hourMs = 3_600_000

type Effect<T extends ActivationEffect['type']> = Extract<ActivationEffect, { type: T }>

/** Does something while nothing else of a lane is under way. */
export type Alone = <T>(
  place: { readonly supplier: string; readonly lane: string },
  work: () => Promise<T>,
) => Promise<T>

/** Gives back what shares the lanes with them. */
export function performNumbers(deps: PerformerDeps): Alone {
  const lanes = new Lanes()
  const alone: Alone = ({ supplier, lane }, work) => lanes.alone(`${supplier} ${lane}`, work)
  const set = <T extends ActivationEffect['type']>(
    type: T,
    perform: (errand: Errand, effect: Effect<T>) => Promise<ActivationCommand>,
  ): void => {
    deps.room.performers.set(type, async errand => ({
      ...envelopeOf(errand.from, await perform(errand, errand.effect as unknown as Effect<T>)),
      cause: errand.id,
    }))
  }
  set('buy', (errand, effect) => {
    const until = deps.room.now() + queueMs
    return alone(placeOf(deps, effect), () =>
      deps.room.now() > until ? unsent(deps.pool, errand.from) : buy(deps, errand.from, effect),
    )
  })
  set('look', (errand, effect) =>
    alone(placeOf(deps, effect), () => findOut(deps, errand.from, effect)),
  )
  set('again', async (_, { target, id }) => {
    const answer = (await deps.supplierOf(target)?.again(id)) ?? 'unknown'
    const refused = answer === 'refused' ? { refused: true as const } : null
    return { type: 'resent', ok: answer === 'ok', ...refused }
  })
  set('return', async (_, { target, id }) => {
    const answer = (await deps.supplierOf(target)?.giveBack(id)) ?? 'unknown'
    return { type: 'cancel_answered', answer }
  })
  set('finish', async (_, { target, id }) => {
    await deps.supplierOf(target)?.finish?.(id)
    return { type: 'finish_answered' }
  })
  return alone
}

export const envelopeOf = (orderId: string, command?: ActivationCommand): Envelope => {
  const place = { shard: shardOf(orderId), key: keyOf(orderId), kind: 'activation' }
  return command === undefined ? place : { ...place, command }
}

const placeOf = (
  { supplierOf }: PerformerDeps,
  { target: supplier, rental }: Effect<'buy' | 'look'>,
) => ({ supplier, lane: supplierOf(supplier)?.laneOf(rental.offer) ?? '' })

async function buy(
  deps: PerformerDeps,
  orderId: string,
  { target: supplier, rental }: Effect<'buy'>,
): Promise<ActivationCommand> {
  const { pool, room } = deps
  const adapter = deps.supplierOf(supplier)
  if (adapter === undefined) return await unsent(pool, orderId)
  const { offer } = rental
  const balanceBefore = adapter.card.finds === 'balance' ? await adapter.balance() : null
  const flight = { orderId, supplier, lane: adapter.laneOf(offer), balanceBefore }
  if (!(await takeNumberFlight(pool, { ...flight, takenAt: room.now() }))) {
    return { type: 'doubtful', reply: 'it was under way before' }
  }
  const answer = await adapter.buy({ offer, maxCost: rental.cost, ref: orderId })
  switch (answer.kind) {
    case 'bought':
      return await bind(
        deps,
        { orderId, supplier },
        { ...answer, cost: answer.cost ?? rental.cost },
      )
    case 'unbought':
      await noteNothingBought(pool, orderId)
      return { type: 'unbought', code: answer.code }
    case 'doubtful':
      return { type: 'doubtful', reply: answer.reply }
  }
}

/** It is not sent (any more): whoever never sent it knows that nothing was bought. */
async function unsent(pool: DatabasePool, orderId: string): Promise<ActivationCommand> {
  if ((await numberFlightOf(pool, orderId)) === null) {
    return { type: 'unbought', code: 'SUPPLIER_REFUSED' }
  }
  return { type: 'doubtful', reply: 'it was under way before' }
}

async function bind(
  { pool }: PerformerDeps,
  owner: { readonly orderId: string; readonly supplier: string },
  found: { readonly id: string; readonly number: string; readonly cost: number },
): Promise<ActivationCommand> {
  const { id, number, cost } = found
  if (!(await bindNumberFlight(pool, { ...owner, theirId: id }))) {
    return { type: 'doubtful', reply: 'their id belongs to another order' }
  }
  return { type: 'bought', id, number, cost }
}

async function findOut(
  deps: PerformerDeps,
  orderId: string,
  { target: supplier, rental, last }: Effect<'look'>,
): Promise<ActivationCommand> {
  const flight = await numberFlightOf(deps.pool, orderId)
  const adapter = deps.supplierOf(supplier)
  if (flight === null || adapter === undefined) return { type: 'unfound' }
  const isProof = last && adapter.card.provesAbsence
  if (adapter.card.finds === 'balance') {
    const isAbsent = isProof && (await isPaidBack(deps, adapter, flight))
    return isAbsent ? await absent(deps.pool, orderId) : { type: 'unfound' }
  }
  const unknown = await nobodys(deps, adapter, flight)
  if (unknown === null) return { type: 'unfound' }
  const [one] = unknown
  if (one === undefined) return isProof ? await absent(deps.pool, orderId) : { type: 'unfound' }
  // Two in doubt look alike, and so do their numbers: whichever it is, each gets one.
  const doubts = unknown.length === 1 ? 1 : await doubtfulIn(deps.pool, flight)
  if (unknown.length > doubts) return { type: 'unfound' }
  const found = { id: one.id, number: one.number, cost: one.cost ?? rental.cost }
  const told = await bind(deps, { orderId, supplier }, found)
  return told.type === 'bought' ? told : { type: 'unfound' }
}

/** What is open there in its lane, less what belongs to orders of ours; null without an answer. */
async function nobodys(
  { pool }: PerformerDeps,
  adapter: NumberAdapter,
  { supplier, lane, takenAt }: NumberFlight,
): Promise<readonly OpenThere[] | null> {
  const open = await adapter.active()
  if (open === null) return null
  const sinceMs = takenAt - adapter.card.lifeMs - hourMs
  const known = await boundSince(pool, { supplier, sinceMs })
  return open.filter(one => one.lane === lane && !known.has(one.id))
}

/** Nothing is missing of what we had before it was sent, and nothing else can have moved it. */
async function isPaidBack(
  { pool, room }: PerformerDeps,
  adapter: NumberAdapter,
  { supplier, orderId, takenAt, balanceBefore }: NumberFlight,
): Promise<boolean> {
  const { name: brand } = adapter.card
  const asked = { supplier, brand, orderId, sinceMs: takenAt, nowMs: room.now() }
  if (balanceBefore === null || !(await isQuietSince(pool, asked))) return false
  return (await adapter.balance()) === balanceBefore
}

async function absent(pool: DatabasePool, orderId: string): Promise<ActivationCommand> {
  await noteNothingBought(pool, orderId)
  return { type: 'unbought', code: 'NOT_FOUND_AFTER_DOUBT' }
}

/** One after the other, in the order in which they came. */
class Lanes {
  readonly #ends = new Map<string, Promise<unknown>>()

  async alone<T>(lane: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.#ends.get(lane) ?? Promise.resolve()).then(work, work)
    this.#ends.set(lane, mine)
    try {
      return await mine
    } finally {
      if (this.#ends.get(lane) === mine) this.#ends.delete(lane)
    }
  }
}
