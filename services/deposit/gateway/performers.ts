/**
 * What a deposit asks of its gateway, carried out: made once, asked about, drawn once, dropped.
 *
 * GWE1. A deposit that may have been asked for before is in doubt, and not asked for again.
 * GWE2. What certainly was not sent was not made; silence and illegible answers are doubt.
 * GWE3. It is drawn only for what was agreed, asked for once more just before; whether one that may
 *       have been drawn before was, nobody knows.
 * GWE4. A drawn QR is kept before it is told that there is one.
 */

import type { DepositCommand, DepositEffect } from '../../../actors/deposit/deposit-contract.ts'
import type { Performer } from '../../../engine/engine.ts'
import { keyOf } from '../../../engine/ids.ts'
import type { Errand } from '../../../engine/outbox.ts'
import type { Database } from '../../../sql/database.ts'
import { keepPicture } from '../../../sql/money/deposit-intents.ts'
import type { EngineRoom } from '../../engine-room.ts'
import { asDeposit } from './intent-view.ts'
import { type StandingDeps, standingOf, statusOf } from './standing.ts'

type PerformerDeps = StandingDeps & {
  readonly room: Pick<EngineRoom, 'engine' | 'now' | 'performers'>
  readonly db: Pick<Database, 'pool'>
}

type Effect<T extends DepositEffect['type']> = Extract<DepositEffect, { readonly type: T }>

export function setPerformers(deps: PerformerDeps): void {
  const set = <T extends DepositEffect['type']>(
    type: T,
    perform: (effect: Effect<T>, errand: Errand) => Promise<DepositCommand>,
  ): void => {
    const performer: Performer = async errand => ({
      shard: errand.shard,
      key: keyOf(errand.from),
      kind: 'deposit',
      command: await perform(errand.effect as Effect<T>, errand),
      cause: errand.id,
    })
    deps.room.performers.set(type, performer)
  }
  set('deposit_ask', (effect, errand) => ask(deps, effect, errand))
  set('deposit_confirm', (effect, errand) => confirm(deps, effect, errand))
  set('deposit_draw', (effect, errand) => draw(deps, effect, errand))
  set('deposit_drop', effect => drop(deps, effect))
}

async function ask(
  { gateways, db, room }: PerformerDeps,
  { wish, reffId }: Effect<'deposit_ask'>,
  { from, resumed }: Errand,
): Promise<DepositCommand> {
  if (resumed) return { type: 'doubtful', reply: 'restarted' }
  const { gateway, amount, offer } = wish
  const adapter = gateways.get(gateway)?.adapter
  if (adapter === undefined) return { type: 'uncreated', code: 'METHOD_CLOSED' }
  const found = await gateways.call(gateway, adapter.create, { reffId, amount, offer })
  if ('unsent' in found) return { type: 'uncreated', code: 'NO_ANSWER' }
  if ('unread' in found) return { type: 'doubtful', reply: found.unread }
  if ('unmade' in found) return { type: 'uncreated', code: found.unmade }
  const { made: theirs, picture } = found
  if (picture !== null) {
    const kept = { intentId: from, image: picture, nowMs: room.now() }
    await keepPicture(db.pool, kept)
  }
  return { type: 'created', theirs }
}

async function confirm(
  deps: PerformerDeps,
  { wish, id }: Effect<'deposit_confirm'>,
  { from, shard }: Errand,
): Promise<DepositCommand> {
  const stands = await standingOf(deps, { gateway: wish.gateway, id, offer: wish.offer })
  if (stands === null) return { type: 'unheard' }
  const { engine } = deps.room
  const state = asDeposit((await engine.ask({ shard, key: keyOf(from), kind: 'deposit' })).state)
  if (state === null) return { type: 'unheard' }
  return statusOf(deps, { state, stands, via: 'poll' })
}

async function draw(
  deps: PerformerDeps,
  { wish, id, received }: Effect<'deposit_draw'>,
  { resumed }: Errand,
): Promise<DepositCommand> {
  const { gateway, offer } = wish
  const named = { id, offer }
  // It may also have settled by itself: how it stands is asked soon, and tells.
  if (resumed) return { type: 'instant_answered', outcome: 'unknown' }
  const instant = deps.gateways.get(gateway)?.adapter.instant ?? null
  if (instant === null) return { type: 'instant_answered', outcome: 'refused' }
  const quoted = await deps.gateways.call(gateway, instant.quote, named)
  const isFair = 'received' in quoted && quoted.received >= received
  if (!isFair) return { type: 'instant_answered', outcome: 'refused' }
  const drawn = await deps.gateways.call(gateway, instant.draw, named)
  if ('received' in drawn) return { type: 'instant_answered', outcome: 'done', ...drawn }
  if ('unread' in drawn) return { type: 'instant_answered', outcome: 'unknown' }
  return { type: 'instant_answered', outcome: 'refused' }
}

async function drop(
  { gateways }: PerformerDeps,
  { wish, id }: Effect<'deposit_drop'>,
): Promise<DepositCommand> {
  const adapter = gateways.get(wish.gateway)?.adapter
  if (adapter === undefined) return { type: 'cancel_answered', answer: 'unknown' }
  const named = { id, offer: wish.offer }
  const found = await gateways.call(wish.gateway, adapter.cancel, named)
  return { type: 'cancel_answered', answer: typeof found === 'string' ? found : 'unknown' }
}
