/**
 * Pays what is due and takes back what was refunded: from the entries to the journal, where each is
 * an actor of its own (actors/commission), known by order and level.
 *
 *   entry due ──ask: pay──▶ journal ──▶ entry paid ──refunded, ask: reverse──▶ entry reversed
 *
 * CMD1. Asked again after a crash, the actor does nothing twice: the journal decides, the table
 *       only remembers what need not be asked any more.
 * CMD2. What was refunded before it was paid is paid and then taken back: two lines that say so.
 * CMD3. One that can not be settled now is told, tried again later, and holds up nobody else.
 */

import { wallet } from '../../actors/chart.ts'
import type { Commission } from '../../actors/commission/commission.ts'
import { fingerprint, shardOf } from '../../engine/ids.ts'
import type { DatabasePool } from '../../sql/database.ts'
import {
  noteSettled,
  type OpenEntry,
  openEntries,
  type Settled,
} from '../../sql/money/commission.ts'
import type { EngineRoom } from '../engine-room.ts'
import { Turns } from '../turns.ts'
import { commissionNote } from './text.id.ts'

type PayerDeps = {
  readonly pool: DatabasePool
  readonly room: Pick<EngineRoom, 'engine' | 'now'>
  readonly isOwner: () => boolean
  readonly onError: (cause: unknown) => void
}

const beatMs = 5_000
const atOnce = 200

export class Payer {
  readonly #deps: PayerDeps
  readonly #working = new Turns(() => this.#work())
  #timer: NodeJS.Timeout | undefined

  constructor(deps: PayerDeps) {
    this.#deps = deps
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), beatMs)
    this.wake()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#working.close()
  }

  wake(): void {
    if (this.#deps.isOwner()) this.#working.ask().catch(this.#deps.onError)
  }

  async #work(): Promise<void> {
    let after = 0
    for (;;) {
      const entries = await openEntries(this.#deps.pool, { after, limit: atOnce })
      if (entries.length === 0 || this.#working.isClosed) break
      after = entries.at(-1)!.id
      const done = await Promise.all(entries.map(entry => this.#settle(entry)))
      const settled = done.filter(one => one !== null)
      if (settled.length === 0) continue
      await noteSettled(this.#deps.pool, { settled, at: this.#deps.room.now() })
      // What was just paid may have been refunded already.
      this.wake()
    }
  }

  async #settle({ id, orderId, level, userId, ...entry }: OpenEntry): Promise<Settled | null> {
    const { amount, product, buyer, state } = entry
    const note = commissionNote({ buyer, product, level })
    const command: Commission['command'] =
      state === 'due'
        ? { type: 'pay', order: orderId, level, user: userId, amount, note }
        : { type: 'reverse' }
    try {
      const reply = await this.#deps.room.engine.ask({
        shard: shardOf(userId),
        key: fingerprint('commission', orderId, String(level)),
        kind: 'commission',
        owner: wallet(userId),
        command,
      })
      if ('refused' in reply) throw new Error(`${command.type} of ${id}: ${reply.refused}`)
      return settledAs(id, reply.state as Commission['state'])
    } catch (cause) {
      this.#deps.onError(cause)
      return null
    }
  }
}

function settledAs(id: number, state: Commission['state']): Settled | null {
  switch (state.phase) {
    case 'absent':
      return null
    case 'paid':
      return { id, state: 'paid', kept: state.kept, owed: 0 }
    case 'reversed':
      return { id, state: 'reversed', kept: state.kept, owed: state.owed }
  }
}
