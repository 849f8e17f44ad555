/**
 * A client gives money to somebody above or below him in his tree. The allowance of the day is
 * taken first, then the money moves under a key computed from sender and reference, and the
 * receiver's side follows by itself.
 *
 *   PIN ─▶ receiver, tree, standing ─▶ day's allowance ─▶ journal: wallet ─▶ clearing ─▶ wallet
 *
 * MNG1. Only between active clients of one line: one of them stands above the other.
 * MNG2. The same reference again moves nothing and says the same; with other content it is refused.
 * MNG3. No more than the day's allowance leaves a wallet, however many ask at once, and never more
 *       than is in it; what was refused takes nothing of the allowance.
 * MNG4. Without the PIN nothing is told about anybody.
 * MNG5. What has left is told as it left, whatever changed since: the least amount, the tree, or
 *       the receiver's standing. Its sender would send it again under another reference.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { wallet } from '../../actors/chart.ts'
import type { Transfer } from '../../actors/transfer/transfer.ts'
import { fingerprint, shardOf } from '../../engine/ids.ts'
import type { Database } from '../../sql/database.ts'
import { readMoneyRules } from '../../sql/money/deposits.ts'
import {
  areOfOneLine,
  forgetPins,
  noteTransfer,
  readTransfer,
  setTransferLimit,
  takeAllowance,
} from '../../sql/money/transfers.ts'
import {
  type ClientRow,
  clientById,
  clientByMemberId,
  clientByUsername,
} from '../../sql/people/clients.ts'
import type { Refused } from '../contract/answer.ts'
import type { RefusalCode } from '../contract/words.ts'
import type { Actions } from '../contract.ts'
import { dayOf } from '../day.ts'
import type { EngineRoom } from '../engine-room.ts'
import { faulted } from '../faults.ts'
import { refuse } from '../refusal.ts'
import type { Seal } from '../seal.ts'
import { Pins } from './pin.ts'

type TransferDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'verify'>
  /** The same for all ways, so that what is remembered is forgotten for all. */
  readonly pins?: Pins
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Promise<Actions[A]['result']>

export function transferService(deps: TransferDeps): ServiceSchema {
  const { room, db, seal, pins = new Pins({ db, seal, now: room.now }) } = deps
  const { pool } = db

  async function send(wish: Params<'transfer.send'>): Result<'transfer.send'> {
    const { userId, to, amount, pin, ref } = wish
    const sender = await clientById(pool, userId)
    if (sender === null) return refuse('NOT_FOUND')
    if (sender.status !== 'active') return refuse('CLIENT_SUSPENDED')
    const verdict = await pins.check(userId, pin, sender.pinHash)
    if (verdict !== 'right') return refuse(verdict)
    const receiver = await clientNamed(to)
    if (receiver !== null && (await hasLeft(userId, receiver.userId, { amount, ref }))) {
      return await move(sender, receiver, { amount, ref })
    }
    const { transferMin } = await readMoneyRules(pool)
    if (amount < transferMin) return refuse('AMOUNT_INVALID', { min: transferMin })
    if (receiver === null || receiver.status !== 'active') return refuse('CLIENT_UNKNOWN')
    const ends = { one: userId, other: receiver.userId }
    if (receiver.userId === userId || !(await areOfOneLine(pool, ends))) {
      return refuse('OUTSIDE_TREE')
    }
    return await move(sender, receiver, { amount, ref })
  }

  async function move(
    { userId, username }: ClientRow,
    receiver: ClientRow,
    { amount, ref }: { amount: number; ref: string },
  ): Result<'transfer.send'> {
    const nowMs = room.now()
    const toUser = receiver.userId
    const allowance = { userId, ref, toUser, amount, day: dayOf(nowMs), nowMs }
    const taken = await takeAllowance(pool, allowance)
    if (taken === 'other') return refuse('DUPLICATE_REF')
    if (taken !== 'taken') return refuse('TRANSFER_LIMIT', { left: taken.left })
    const command: Transfer['command'] = {
      type: 'send',
      from: wallet(userId),
      to: wallet(toUser),
      toShard: shardOf(toUser),
      amount,
      note: `${username} - ${receiver.username}`,
    }
    try {
      const reply = await room.engine.ask({ ...placeOf(userId, ref), command })
      const said = { userId, ref, transferId: 'refused' in reply ? null : reply.id }
      if ('refused' in reply) {
        await noteTransfer(pool, { ...said, status: 'refused' })
        return refuse(reply.refused as RefusalCode, reply.details as Refused['details'])
      }
      await noteTransfer(pool, { ...said, status: 'sent' })
      const available = reply.available ?? 0
      return { ok: { transferId: reply.id, to: receiver.username, amount, available } }
    } catch (cause) {
      return faulted(cause)
    }
  }

  /** This very transfer; the journal knows it better than its row does. */
  async function hasLeft(
    userId: string,
    toUser: string,
    { amount, ref }: { amount: number; ref: string },
  ): Promise<boolean> {
    const request = await readTransfer(pool, { userId, ref })
    if (request?.toUser !== toUser || request.amount !== amount) return false
    if (request.status === 'sent') return true
    const { state } = await room.engine.ask(placeOf(userId, ref))
    return state.phase !== 'absent'
  }

  async function clientNamed(name: string): Promise<ClientRow | null> {
    return (await clientByUsername(pool, name)) ?? (await clientByMemberId(pool, name))
  }

  return {
    name: 'transfer',
    actions: {
      send: (ctx: Context<Params<'transfer.send'>>) => send(ctx.params).catch(faulted),

      async limit(ctx: Context<Params<'transfer.limit'>>): Result<'transfer.limit'> {
        const { username, dayMax } = ctx.params
        const client = await clientByUsername(pool, username)
        if (client === null) return refuse('CLIENT_UNKNOWN')
        await setTransferLimit(pool, { userId: client.userId, dayMax })
        return { ok: null }
      },

      async unlock(ctx: Context<Params<'transfer.unlock'>>): Result<'transfer.unlock'> {
        const client = await clientByUsername(pool, ctx.params.username)
        if (client === null) return refuse('CLIENT_UNKNOWN')
        await forgetPins(pool, client.userId)
        pins.forget(client.userId)
        return { ok: null }
      },
    },
  }
}

const placeOf = (userId: string, ref: string) => ({
  shard: shardOf(userId),
  key: fingerprint('transfer', userId, ref),
  kind: 'transfer',
  owner: wallet(userId),
})
