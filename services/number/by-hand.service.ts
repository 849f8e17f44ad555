/**
 * What staff does to one order: gives a number back, gives money back, says that it is spent. What
 * may happen is the order's to decide; here is who may want it, and whether one person is enough.
 *
 *   refund ─▶ up to the limit ────────────────────────────▶ the order
 *          └▶ above ─▶ waits ─▶ another person refunds it ─▶ the order
 *                         └▶ rejected, by anybody
 *
 * MUF1. Money goes back at most once, however often and by however many it is asked for: the order
 *       itself says when it was.
 * MUF2. Above the limit of the house two different persons want the same refund, and both stand in
 *       the journal; what the first one wrote is what is carried out.
 * MUF3. A refund that the order refuses goes on waiting: it may be right later.
 * MUF4. Nobody gives money back to himself, neither alone nor as the second person.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { ActivationCommand } from '../../actors/activation/activation-contract.ts'
import { isId, shardOf } from '../../engine/ids.ts'
import type { DatabasePool } from '../../sql/database.ts'
import { askRefund, closeRefund, type RefundRow, waitingRefunds } from '../../sql/number/refunds.ts'
import type { Answer } from '../contract/answer.ts'
import type { NumberSettings, WaitingRefund } from '../contract/number-admin.ts'
import type { RefusalCode } from '../contract/words.ts'
import type { Actions } from '../contract.ts'
import type { EngineRoom } from '../engine-room.ts'
import { faulted } from '../faults.ts'
import { refuse } from '../refusal.ts'
import { envelopeOf } from './performers.ts'
import { asActivation, type Known, moneyOf, statusOf } from './view.ts'

type ByHandDeps = {
  readonly room: Pick<EngineRoom, 'engine' | 'shards'>
  readonly db: { readonly pool: DatabasePool }
  readonly settings: () => Pick<NumberSettings, 'refundAloneMax'>
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Promise<Actions[A]['result']>
type Handled = Extract<Actions['numberHand.cancel']['result'], { ok: unknown }>['ok']

const waitingMax = 100

export function byHandService({ room, db: { pool }, settings }: ByHandDeps): ServiceSchema {
  const { engine, shards } = room

  async function stateOf(orderId: string): Promise<Known | null> {
    if (!isId(orderId) || shardOf(orderId) >= shards) return null
    const reply = await engine.ask(envelopeOf(orderId))
    return reply.id === orderId ? asActivation(reply.state) : null
  }

  async function tell(orderId: string, command: ActivationCommand): Promise<Answer<Handled>> {
    if ((await stateOf(orderId)) === null) return refuse('NOT_FOUND')
    const reply = await engine.ask(envelopeOf(orderId, command))
    if ('refused' in reply) return refuse(reply.refused as RefusalCode)
    const state = (await stateOf(orderId))!
    return { ok: { orderId, status: statusOf(state), moneyEffect: moneyOf(state), waits: null } }
  }

  const cancel = ({ orderId, by }: Params<'numberHand.cancel'>): Result<'numberHand.cancel'> =>
    tell(orderId, { type: 'cancel', why: 'PERSON', by: by.name })

  const charge = (params: Params<'numberHand.charge'>): Result<'numberHand.charge'> => {
    const { orderId, by, reason } = params
    return tell(orderId, { type: 'resolve', verdict: 'charge', by: by.name, reason })
  }

  const give = (orderId: string, { by, reason, supplier }: Given) =>
    tell(orderId, {
      ...{ type: 'resolve', verdict: 'refund', by, reason },
      ...(supplier === null ? {} : { supplier }),
    })

  async function refund(params: Params<'numberHand.refund'>): Result<'numberHand.refund'> {
    const { orderId, by, reason, supplier = null } = params
    const state = await stateOf(orderId)
    if (state === null) return refuse('NOT_FOUND')
    if (state.facts.user === by.userId) return refuse('OWN_ACCOUNT')
    const amount = state.facts.price
    // His money is back: this is about ours.
    const isCostOnly = state.phase === 'refunded' && state.why === 'DOUBT'
    if (isCostOnly || amount <= settings().refundAloneMax) {
      return await give(orderId, { by: by.name, reason, supplier })
    }
    // Nobody is asked to agree to what can't be.
    const barred = barredIn(state)
    if (barred !== null) return refuse(barred)
    await askRefund(pool, { orderId, amount, reason, supplier, by })
    const [waiting] = await waitingRefunds(pool, { orderId, limit: 1 })
    if (waiting === undefined) return refuse('ALREADY_DECIDED')
    if (waiting.askedBy === by.userId)
      return { ok: { ...standing(orderId, state), waits: shown(waiting) } }
    const given = await give(orderId, {
      ...{ by: `${waiting.askedName}, ${by.name}`, reason: waiting.reason },
      supplier: waiting.supplier,
    })
    if ('ok' in given) await closeRefund(pool, { id: waiting.id, status: 'agreed', by })
    return given
  }

  async function refunds(): Result<'numberHand.refunds'> {
    const rows = await waitingRefunds(pool, { orderId: null, limit: waitingMax })
    return { ok: { rows: rows.map(shown) } }
  }

  async function reject({ id, by }: Params<'numberHand.reject'>): Result<'numberHand.reject'> {
    const isDone = await closeRefund(pool, { id, status: 'rejected', by })
    return isDone ? { ok: { id } } : refuse('NOT_FOUND')
  }

  return {
    name: 'numberHand',
    actions: {
      cancel: (ctx: Context<Params<'numberHand.cancel'>>) => cancel(ctx.params).catch(faulted),
      charge: (ctx: Context<Params<'numberHand.charge'>>) => charge(ctx.params).catch(faulted),
      refund: (ctx: Context<Params<'numberHand.refund'>>) => refund(ctx.params).catch(faulted),
      refunds,
      reject: (ctx: Context<Params<'numberHand.reject'>>) => reject(ctx.params),
    },
  } as ServiceSchema
}

type Given = {
  readonly by: string
  readonly reason: string
  readonly supplier: 'charged' | 'returned' | null
}

function barredIn({ phase }: Known): RefusalCode | null {
  if (phase === 'refunded') return 'ORDER_FINAL'
  return phase === 'received' || phase === 'parked' ? null : 'ORDER_BUSY'
}

const standing = (orderId: string, state: Known) => ({
  ...{ orderId, status: statusOf(state), moneyEffect: moneyOf(state) },
})

const shown = ({ askedBy, askedName, askedMs, ...row }: RefundRow): WaitingRefund => ({
  ...{ ...row, by: askedName, byId: askedBy, at: Math.round(askedMs) },
})
