/**
 * What gateways owe us, and what of it they have paid out, as finance reads it in the bank's
 * statement. Nothing is decided about deposits here.
 *
 *   collected: gateway:<name> ─▶ wallet, suspense     (deposits, in the shards of their users)
 *   paid out:  cash ─▶ gateway:<name>       fee: gateway_fee ─▶ gateway:<name>
 *
 *   noted ─▶ taken ─▶ both transfers ─▶ done
 *
 * GWM1. One reference of a gateway is one payout, however often it is told and over a crash, which
 *       is gone on with; the same reference with other sums or another day is refused.
 * GWM2. What reached the bank and what the gateway kept of it are together never more than it
 *       owes; who tells more is refused and told what is owed, however many tell at once.
 * GWM3. What a gateway owes is what the books say just now, over all shards; nobody says a number
 *       who does not hold them.
 * GWM4. A payout is of a day that has come, and of the last year.
 */

import { cash, gateway as gatewayAccount, gatewayFee } from '../../../actors/chart.ts'
import { fingerprint } from '../../../engine/ids.ts'
import type { AccountId } from '../../../engine/ledger.ts'
import type { Database } from '../../../sql/database.ts'
import {
  notePaidOut,
  type PayoutRow,
  readPayouts,
  takenPayouts,
  takePayout,
} from '../../../sql/money/gateway-payouts.ts'
import type { Answer } from '../../contract/answer.ts'
import type { GatewayPayoutView, IntentActions } from '../../contract/deposit.ts'
import type { Rupiah } from '../../contract/words.ts'
import { dayOf, dayStart } from '../../day.ts'
import type { EngineRoom } from '../../engine-room.ts'
import { refuse } from '../../refusal.ts'
import { sendMoney, treasuryShard } from '../../wallet/sending.ts'

type PayoutDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
}

type Params<A extends keyof IntentActions> = IntentActions[A]['params']
type Result<A extends keyof IntentActions> = Promise<IntentActions[A]['result']>
type Sent = Answer<{ transferId: string }>

const daysMost = 366
const dayMs = 86_400_000
const notHeld = { fault: 'JOURNAL_UNAVAILABLE', retryAfterMs: 2_000 } as const

export class Payouts {
  readonly #deps: PayoutDeps
  /** Who carries one to its end; others who know of it wait for him. */
  readonly #carrying = new Map<number, Promise<Answer<PayoutRow>>>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(deps: PayoutDeps) {
    this.#deps = deps
  }

  /** What it owes us; null while we do not hold the books. */
  owedBy(gateway: string): Rupiah | null {
    const { engine } = this.#deps.room
    if (engine.state !== 'serving') return null
    let balance = 0
    for (const { accounts } of engine.host.shards()) {
      balance += accounts.get(gatewayAccount(gateway))?.balance ?? 0
    }
    return balance === 0 ? 0 : -balance
  }

  /** One at a time: the next one finds the sums of the one before in the books. */
  async note(wish: Params<'intent.payout'>): Result<'intent.payout'> {
    const { day } = wish
    const { room } = this.#deps
    const from = dayStart(day)
    const isDay = from <= room.now() && from > room.now() - daysMost * dayMs
    if (!isDay) return refuse('FIELDS_INVALID', { problems: ['day'], today: dayOf(room.now()) })
    const noted = this.#last.then(() => this.#note(wish))
    this.#last = noted.catch(() => {})
    return await noted
  }

  async list({ gateway, cursor, limit }: Params<'intent.payouts'>): Result<'intent.payouts'> {
    const before = cursor ?? Number.MAX_SAFE_INTEGER
    const found = await readPayouts(this.#deps.db.pool, { gateway, before, limit: limit + 1 })
    const rows = found.slice(0, limit).map(viewOf)
    return { ok: { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null } }
  }

  /** What was noted and is not in the books, as after a crash. */
  async work(): Promise<void> {
    for (const row of await takenPayouts(this.#deps.db.pool)) await this.#carry(row)
  }

  async #note(wish: Params<'intent.payout'>): Result<'intent.payout'> {
    const { gateway, ref, amount, fee, day } = wish
    const { room, db } = this.#deps
    if (this.owedBy(gateway) === null) return notHeld
    const taken = await takePayout(db.pool, {
      ...{ ...wish, nowMs: room.now() },
      owed: () => this.owedBy(gateway) ?? 0,
    })
    if (taken === null) return refuse('NOT_FOUND')
    if ('owed' in taken) return refuse('PAYOUT_LIMIT', { owed: taken.owed })
    const isSame = taken.amount === amount && taken.fee === fee && taken.day === day
    if (!isSame) return refuse('DUPLICATE_REF', { ref })
    const carried = await this.#carry(taken)
    return 'ok' in carried ? { ok: viewOf(carried.ok) } : carried
  }

  #carry(row: PayoutRow): Promise<Answer<PayoutRow>> {
    if (row.status === 'done') return Promise.resolve({ ok: row })
    const carried = this.#carrying.get(row.id) ?? this.#carryOne(row)
    this.#carrying.set(row.id, carried)
    return carried.finally(() => this.#carrying.delete(row.id))
  }

  async #carryOne(row: PayoutRow): Promise<Answer<PayoutRow>> {
    const { id, amount, fee } = row
    const reached = await this.#send(row, { word: 'gateway-payout', from: cash, amount })
    if (!('ok' in reached)) return reached
    const kept = fee === 0 ? null : await this.#send(row, feeOf(fee))
    if (kept !== null && !('ok' in kept)) return kept
    const { transferId } = reached.ok
    const feeTransferId = kept?.ok.transferId ?? null
    await notePaidOut(this.#deps.db.pool, { id, transferId, feeTransferId })
    return { ok: { ...row, status: 'done', transferId, feeTransferId } }
  }

  #send({ gateway, ref, day }: PayoutRow, { word, from, amount }: Leg): Promise<Sent> {
    return sendMoney(this.#deps.room, {
      ...{ shard: treasuryShard, key: fingerprint(word, gateway, ref) },
      ...{ from, to: gatewayAccount(gateway), toShard: treasuryShard, amount },
      note: `${day} ${ref}`,
    })
  }
}

type Leg = { readonly word: string; readonly from: AccountId; readonly amount: Rupiah }

const feeOf = (amount: Rupiah): Leg => ({ word: 'gateway-fee', from: gatewayFee, amount })

const viewOf = ({ atMs, ...row }: PayoutRow): GatewayPayoutView => ({
  ...row,
  notedAt: Math.round(atMs),
})
