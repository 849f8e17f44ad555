/**
 * Wallets: what is in them (from memory, behind the gate), what moved (from the read model, after
 * it has what is durable now), and money coming in.
 *
 * Money comes in through the treasury: cash stands in one shard, and a deposit is a transfer from
 * there through clearing, like any other money between two shards.
 *
 * WLT1. What moved says what it was about: the note of who moved it, the product and its
 *       destination, the app and country of a rented number, or the way of paying in.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { cash, wallet } from '../../actors/chart.ts'
import type { Receipt, Transfer } from '../../actors/transfer/transfer.ts'
import type { Performer } from '../../engine/engine.ts'
import { fingerprint, keyOf, shardOf } from '../../engine/ids.ts'
import type { Envelope } from '../../engine/shard.ts'
import { blanked } from '../../sql/copy.ts'
import type { Database } from '../../sql/database.ts'
import { type MutationRecord, readMutations } from '../../sql/money/wallet.ts'
import type { MutationRow } from '../contract/wallet.ts'
import type { Actions } from '../contract.ts'
import type { EngineRoom } from '../engine-room.ts'
import { faulted } from '../faults.ts'
import { ownWrites } from '../own-writes.ts'
import type { Projector } from '../projection/projector.ts'
import { sendMoney, treasuryShard } from './sending.ts'

type WalletDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
  readonly projector: Pick<Projector, 'reached'>
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Actions[A]['result']

const noteMax = 200
const farFuture = Date.UTC(9999, 0)
const walletPrefix = wallet('')

export function walletService(deps: WalletDeps): ServiceSchema {
  deps.room.performers.set('deliver', deliverer(deps))
  return {
    name: 'wallet',
    actions: {
      balance: (ctx: Context<Params<'wallet.balance'>>) => balance(deps, ctx.params.userId),
      mutations: (ctx: Context<Params<'wallet.mutations'>>) => mutations(deps, ctx.params),
      deposit: (ctx: Context<Params<'wallet.deposit'>>) => deposit(deps, ctx.params),
    },
  }
}

/** Reads the wallet through an actor that has none of its own business: only its owner matters. */
async function balance({ room }: WalletDeps, userId: string): Promise<Result<'wallet.balance'>> {
  try {
    const reply = await room.engine.ask({
      shard: shardOf(userId),
      key: keyOf(userId),
      kind: 'receipt',
      owner: wallet(userId),
    })
    const [posted, held] = ('balances' in reply ? reply.balances : undefined) ?? [0, 0, 0]
    return { ok: { balance: posted, held, available: posted - held } }
  } catch (cause) {
    return faulted(cause)
  }
}

async function mutations(
  { room, db, projector }: WalletDeps,
  { userId, cursor, limit, from, to }: Params<'wallet.mutations'>,
): Promise<Result<'wallet.mutations'>> {
  const shard = shardOf(userId)
  const before = cursor === undefined ? latest : placeOf(cursor)
  if (before === null) return { refused: 'NOT_FOUND', moneyEffect: 'none' }
  await ownWrites({ room, rows: projector }, userId)
  const found = await readMutations(db.pool, {
    shard,
    userId,
    before,
    fromMs: from ?? 0,
    toMs: to ?? farFuture,
    limit: limit + 1,
  })
  const rows = found.slice(0, limit).map(rowOf)
  return { ok: { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null } }
}

const latest = { seq: Number.MAX_SAFE_INTEGER, leg: 0 }

function placeOf(cursor: string): { seq: number; leg: number } | null {
  const parts = /^(\d{1,15})-(\d{1,4})$/.exec(cursor)
  return parts === null ? null : { seq: Number(parts[1]), leg: Number(parts[2]) }
}

const rowOf = (row: MutationRecord): MutationRow => ({
  id: `${row.seq}-${row.leg}`,
  direction: row.direction,
  amount: row.amount,
  balanceBefore: row.balance_before,
  balanceAfter: row.balance_after,
  kind: row.kind,
  detail: row.detail,
  referenceId: row.reference_id,
  createdAt: Math.round(row.created_ms),
})

/** Answers when the money is in the wallet, not merely on its way. */
const deposit = (
  { room }: WalletDeps,
  { userId, amount, ref, note }: Params<'wallet.deposit'>,
): Promise<Result<'wallet.deposit'>> =>
  sendMoney(room, {
    shard: treasuryShard,
    key: fingerprint('deposit', ref),
    from: cash,
    to: wallet(userId),
    toShard: shardOf(userId),
    amount,
    note: blanked(note).slice(0, noteMax).toWellFormed(),
  })

/** Carries money to its shard; the receipt knows it by the transfer's id, so twice is once. */
function deliverer({ room }: WalletDeps): Performer {
  return async ({ id, effect, from, shard }): Promise<Envelope> => {
    const { from: payer, to, toShard, amount, note } = effect as unknown as Transfer['effect']
    const command: Receipt['command'] = { type: 'receive', from: payer, to, amount, note }
    const reply = await room.engine.ask({
      shard: toShard,
      key: fingerprint('receipt', from),
      kind: 'receipt',
      ...(to.startsWith(walletPrefix) ? { owner: to } : {}),
      command,
    })
    if ('refused' in reply) throw new Error(`a receipt refused ${from}: ${reply.refused}`)
    const confirm = { type: 'confirm' }
    return { shard, key: keyOf(from), kind: 'transfer', command: confirm, cause: id }
  }
}
