/**
 * Commission of uplines: the parts put together, and what may be asked. Its rules are rows that the
 * catalogue's keepers change like all others (kind `commission-rules`).
 *
 *   journal ─▶ intake ─▶ commission_entry ─▶ payer ─▶ journal
 *
 * CME1. An upline sees what he earned, and nobody else's; of a buyer he sees the name, and not the
 *       number that was topped up.
 * CME2. A preview pays nobody: it says what a rule, or the rules in force, make of an order that
 *       was delivered.
 * CME3. A ring of uplines is refused where an upline is set.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { clawback } from '../../actors/chart.ts'
import { shardOf } from '../../engine/ids.ts'
import type { Database } from '../../sql/database.ts'
import {
  type CommissionRule,
  commissionDebt,
  earnedBy,
  readCommissionRules,
  setUpline,
  soldOrder,
  uplinesOf,
} from '../../sql/money/commission.ts'
import { type ClientRow, clientByUsername } from '../../sql/people/clients.ts'
import type { Actions } from '../contract.ts'
import type { EngineRoom } from '../engine-room.ts'
import { journalOf } from '../journal-follower.ts'
import { refuse } from '../refusal.ts'
import { commissionRule } from '../wire/commission-rule.ts'
import { Intake, treesOf } from './intake.ts'
import { Payer } from './payer.ts'
import { depthOf, ruleFor, sharesOf } from './shares.ts'

type CommissionDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
  readonly onRing: (buyer: string) => void
  readonly onError: (cause: unknown) => void
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Promise<Actions[A]['result']>

/** To be made before the engine starts: it listens to everything that becomes durable. */
export function commissionService({ room, db, onRing, onError }: CommissionDeps): ServiceSchema {
  const { pool } = db
  const { engine, shards } = room
  const isOwner = () => engine.state === 'serving'
  const payer = new Payer({ pool, room, isOwner, onError })
  const intake = new Intake({
    ...{ pool, shards, isOwner, onRing, onError, source: journalOf(room) },
    onWritten: () => payer.wake(),
  })
  room.listeners.push(batch => intake.follower.feed(batch))

  async function list({
    userId,
    cursor,
    limit,
  }: Params<'commission.list'>): Result<'commission.list'> {
    const before = cursor === undefined ? null : Number(cursor)
    const rows = await earnedBy(pool, { userId, before, limit: limit + 1 })
    const page = rows.slice(0, limit)
    const next = rows.length > limit ? String(page.at(-1)!.id) : null
    const debt = await commissionDebt(pool, { shard: shardOf(userId), account: clawback(userId) })
    return { ok: { rows: page.map(({ id, ...row }) => ({ id: String(id), ...row })), next, debt } }
  }

  async function preview({
    trxId,
    rule: fields,
  }: Params<'commission.preview'>): Result<'commission.preview'> {
    const order = await soldOrder(pool, { shard: shardOf(trxId), id: trxId })
    if (order === null) return refuse('NOT_FOUND')
    const { userId, product, category, price, cost } = order
    if (cost === null) return refuse('ORDER_BUSY')
    const proposed = fields === undefined ? null : commissionRule.safeParse(fields)
    if (proposed?.success === false) {
      const problems = proposed.error.issues.map(({ path, code }) => ({
        field: path.join('.'),
        problem: code,
      }))
      return refuse('FIELDS_INVALID', { fields: problems })
    }
    const rule: CommissionRule | undefined =
      proposed === null
        ? ruleFor(await readCommissionRules(pool), { product, category })
        : { id: 0, version: 0, ...proposed.data }
    const sale = { price, cost, margin: price - cost }
    if (rule === undefined) return { ok: { ...sale, ruleId: null, shares: [], total: 0 } }
    const { above } = treesOf(await uplinesOf(pool, { buyers: [userId], depth: depthOf(rule) }))
    const uplines = above.get(userId) ?? []
    const names = new Map(uplines.map(upline => [upline.level, upline.username]))
    const shares = sharesOf(rule, { price, cost }, uplines).map(({ level, amount }) => ({
      ...{ level, amount, username: names.get(level)! },
    }))
    const total = shares.reduce((sum, { amount }) => sum + amount, 0)
    return { ok: { ...sale, ruleId: rule.id === 0 ? null : rule.id, shares, total } }
  }

  async function upline(wish: Params<'commission.upline'>): Result<'commission.upline'> {
    const client = await clientByUsername(pool, wish.username)
    const above = wish.upline === null ? null : await clientByUsername(pool, wish.upline)
    if (client === null || (wish.upline !== null && above === null)) return refuse('CLIENT_UNKNOWN')
    return await place(client, above)
  }

  async function place(client: ClientRow, above: ClientRow | null): Result<'commission.upline'> {
    try {
      await setUpline(pool, { userId: client.userId, upline: above?.userId ?? null })
      return { ok: { username: client.username, upline: above?.username ?? null } }
    } catch (cause) {
      if (isRing(cause)) return refuse('UPLINE_RING')
      throw cause
    }
  }

  return {
    name: 'commission',
    actions: {
      list: (ctx: Context<Params<'commission.list'>>) => list(ctx.params),
      preview: (ctx: Context<Params<'commission.preview'>>) => preview(ctx.params),
      upline: (ctx: Context<Params<'commission.upline'>>) => upline(ctx.params),
    },
    async started() {
      void intake.follower.start()
      payer.start()
    },
    async stopped() {
      await intake.follower.stop()
      await payer.stop()
    },
  }
}

/** What the database says, however it is wrapped. */
function isRing(cause: unknown): boolean {
  for (let at = cause; at instanceof Error; at = at.cause) {
    if ('code' in at && at.code === 'LJ002') return true
  }
  return false
}
