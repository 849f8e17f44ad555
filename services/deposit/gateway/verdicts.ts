/**
 * What persons decide about money that came through a gateway: whose the money in suspense is, and
 * that a deposit was paid though the gateway does not say so.
 *
 *   asked ─▶ within the day's limit? ──yes──▶ approved ─▶ the actor ─▶ done
 *                    └──no──▶ waiting ──another person──▶ approved, rejected
 *
 * GWI1. Money that a person gives above his limit of the day needs another person; the limit is the
 *       one for bank deposits, and both count together. Sending money back needs nobody else.
 * GWI2. One decision stands at a time: the same again is that one, another is refused.
 * GWI3. What was approved is carried out once, also when we died in between.
 * GWI4. Nobody decides about his own money.
 * GWI5. That a deposit was paid waits, approved, while its money is being drawn: until the gateway
 *       has answered nobody knows what it came to.
 */

import type { DepositCommand } from '../../../actors/deposit/deposit-contract.ts'
import { isId, keyOf, shardOf } from '../../../engine/ids.ts'
import type { Database } from '../../../sql/database.ts'
import {
  askVerdict,
  endVerdict,
  judgeVerdict,
  openVerdicts,
  readVerdict,
  type VerdictRow,
} from '../../../sql/money/deposit-intents.ts'
import type { Answer } from '../../contract/answer.ts'
import type { IntentActions, VerdictView } from '../../contract/deposit.ts'
import type { EngineRoom } from '../../engine-room.ts'
import { faulted } from '../../faults.ts'
import { refuse } from '../../refusal.ts'
import { aloneNow } from '../bank.ts'
import { asDeposit, type KnownDeposit } from './intent-view.ts'

type VerdictDeps = {
  readonly room: Pick<EngineRoom, 'engine' | 'now' | 'shards'>
  readonly db: Pick<Database, 'pool'>
}

type Params<A extends keyof IntentActions> = IntentActions[A]['params']

const atOnce = 100

export class Verdicts {
  readonly #deps: VerdictDeps

  constructor(deps: VerdictDeps) {
    this.#deps = deps
  }

  async resolve(wish: Params<'intent.resolve'>): Promise<Answer<VerdictView>> {
    const { room, db } = this.#deps
    const { id, n, verdict, by, reason } = wish
    if (!isId(id) || shardOf(id) >= room.shards) return refuse('NOT_FOUND')
    try {
      const state = await this.#stateOf(id)
      if (state === null) return refuse('NOT_FOUND')
      const amount = amountOf(state, n, verdict)
      if (typeof amount === 'string') return refuse(amount)
      const { user: userId } = state.facts
      if (userId === by && verdict !== 'return') return refuse('OWN_ACCOUNT')
      const alone = await aloneNow(db.pool, room.now())
      const asked = { intentId: id, n, userId, verdict, amount, reason, askedBy: by }
      const row = await askVerdict(db.pool, { ...asked, ...alone })
      if (row.verdict !== verdict) return refuse('ALREADY_DECIDED', { verdict: row.verdict })
      return { ok: viewOf(await this.#carried(row)) }
    } catch (cause) {
      return faulted(cause)
    }
  }

  async judge(wish: Params<'intent.judge'>): Promise<Answer<VerdictView>> {
    const { pool } = this.#deps.db
    const { verdictId: id, verdict, by } = wish
    const row = await readVerdict(pool, id)
    if (row === null) return refuse('NOT_FOUND')
    if (row.status === 'waiting' && verdict === 'approved') {
      if (row.askedBy === by) return refuse('SECOND_PERSON_NEEDED')
      if (row.userId === by) return refuse('OWN_ACCOUNT')
    }
    const judged = await judgeVerdict(pool, {
      ...{ id, by, nowMs: this.#deps.room.now() },
      status: verdict,
    })
    if (judged === null) return refuse('ALREADY_DECIDED', { status: row.status })
    try {
      return { ok: viewOf(await this.#carried(judged)) }
    } catch (cause) {
      return faulted(cause)
    }
  }

  /** Everything that was approved and not carried out, as after a crash. */
  async work(): Promise<void> {
    for (let after = 0; ; ) {
      const asked = { status: 'approved', after, limit: atOnce } as const
      const rows = await openVerdicts(this.#deps.db.pool, asked)
      for (const row of rows) await this.#carried(row)
      if (rows.length < atOnce) return
      after = rows.at(-1)!.id
    }
  }

  async #carried(row: VerdictRow): Promise<VerdictRow> {
    if (row.status !== 'approved') return row
    const { engine } = this.#deps.room
    const { intentId: id } = row
    const place = { shard: shardOf(id), key: keyOf(id), kind: 'deposit' }
    const reply = await engine.ask({ ...place, command: commandOf(row) })
    const state = asDeposit(reply.state)
    if (row.verdict === 'paid' && state !== null && isDrawn(state)) return row
    const entry = state?.facts.suspended.find(one => one.n === row.n)
    // Asked a second time it is refused, for it is done.
    const isDone = 'accepted' in reply || entry?.verdict === row.verdict
    const status = isDone ? 'done' : 'rejected'
    await endVerdict(this.#deps.db.pool, { id: row.id, status })
    return { ...row, status }
  }

  async #stateOf(id: string): Promise<KnownDeposit | null> {
    const place = { shard: shardOf(id), key: keyOf(id), kind: 'deposit' }
    const reply = await this.#deps.room.engine.ask(place)
    return reply.id === id ? asDeposit(reply.state) : null
  }
}

function amountOf(
  { facts, phase }: KnownDeposit,
  n: number,
  verdict: VerdictRow['verdict'],
): number | 'SUSPENSE_ABSENT' | 'DEPOSIT_PAID' | 'DEPOSIT_BUSY' | 'FIELDS_INVALID' {
  if ((n === 0) !== (verdict === 'paid')) return 'FIELDS_INVALID'
  if (n === 0) {
    if (phase === 'paid' || phase === 'parked') return 'DEPOSIT_PAID'
    return facts.theirs?.received ?? 'DEPOSIT_BUSY'
  }
  const entry = facts.suspended.find(one => one.n === n)
  const isOpen = entry?.verdict === null
  return isOpen ? entry.amount : 'SUSPENSE_ABSENT'
}

const isDrawn = ({ facts, phase }: KnownDeposit): boolean =>
  phase === 'processing' && facts.draw?.outcome === null

function commandOf({ n, verdict, amount, askedBy: by, reason }: VerdictRow): DepositCommand {
  if (verdict !== 'paid') return { type: 'resolve', n, verdict, by, reason }
  const told = { amount: null, fee: null, received: amount, isTotal: true } as const
  return { type: 'status', theirs: 'success', ...told, via: 'manual', by, reason }
}

export const viewOf = ({ askedMs, ...row }: VerdictRow): VerdictView => ({
  ...row,
  askedAt: Math.round(askedMs),
})
