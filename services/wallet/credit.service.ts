/**
 * Receivables: money that a client is given before he pays. An admin says how much he may have,
 * finance gives within that, and what comes back, in cash or out of his wallet, makes room again.
 *
 *   given   receivable:<user> ─▶ wallet        cash   cash ─▶ receivable:<user>
 *                                              wallet wallet ─▶ receivable:<user>
 *
 * MNL1. Nobody has more on credit than his limit, however many give at once.
 * MNL2. One reference is one movement, also over a crash: it is gone on with.
 * MNL3. What is owed and the account in the books are the same number, once all has arrived; what
 *       the wallet could not pay back is still owed.
 * MNL4. The list begins with who owes most and can be read to its end, page by page.
 * MNL5. Cash that one person says was paid back counts with all that he brings in alone in a day;
 *       above that it is refused, and goes by a manual deposit, which another one agrees to.
 * MNL6. Nobody gives himself money on credit, nor says that he paid back what he owes; he may pay
 *       it out of his wallet.
 * MNL7. Nobody who is closed is given anything, also when he is closed at that moment.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { cash, receivable, wallet } from '../../actors/chart.ts'
import { fingerprint, shardOf } from '../../engine/ids.ts'
import { blanked } from '../../sql/copy.ts'
import type { Database } from '../../sql/database.ts'
import {
  type CreditEntry,
  noteCredit,
  readCreditLines,
  refuseCredit,
  setCreditLimit,
  takeCredit,
  takenCredits,
} from '../../sql/money/credits.ts'
import { clientByMemberId, clientByUsername } from '../../sql/people/clients.ts'
import type { Answer } from '../contract/answer.ts'
import type { Actions } from '../contract.ts'
import { aloneNow } from '../deposit/bank.ts'
import type { EngineRoom } from '../engine-room.ts'
import { refuse } from '../refusal.ts'
import { type Sending, sendMoney, treasuryShard } from './sending.ts'

type CreditDeps = {
  readonly room: EngineRoom
  readonly db: Pick<Database, 'pool'>
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Promise<Actions[A]['result']>

const beatMs = 15_000

export function creditService({ room, db }: CreditDeps): ServiceSchema {
  const { pool } = db
  let timer: NodeJS.Timeout | undefined
  let working: Promise<void> | null = null
  const carrying = new Map<string, Promise<Answer<null>>>()

  async function move(wish: Params<'credit.move'>): Result<'credit.move'> {
    const { to, kind, amount, ref, note, by } = wish
    const client = await clientNamed(to)
    if (client === null || client.status === 'closed') return refuse('CLIENT_UNKNOWN')
    const { userId } = client
    if (userId === by && kind !== 'wallet') return refuse('OWN_ACCOUNT')
    const taken = await takeCredit(pool, {
      ...{ ref, userId, kind, amount, note: blanked(note), by },
      ...(await aloneNow(pool, room.now())),
    })
    if ('closed' in taken) return refuse('CLIENT_UNKNOWN')
    if ('alone' in taken) return refuse('SECOND_PERSON_NEEDED')
    if ('left' in taken) return refuse('CREDIT_LIMIT', { left: taken.left })
    if (taken.userId !== userId || taken.kind !== kind || taken.amount !== amount) {
      return refuse('DUPLICATE_REF')
    }
    const answer = await carry(taken)
    return 'ok' in answer ? { ok: (await lineOf(userId))! } : answer
  }

  /** One at a time per reference, so that nobody notes a refusal beside another's success. */
  function carry(entry: CreditEntry): Promise<Answer<null>> {
    const carried = carrying.get(entry.ref) ?? carryOne(entry)
    carrying.set(entry.ref, carried)
    return carried.finally(() => carrying.delete(entry.ref))
  }

  async function carryOne(entry: CreditEntry): Promise<Answer<null>> {
    if (entry.status === 'done') return { ok: null }
    const answer = await sendMoney(room, sendingOf(entry))
    if ('ok' in answer) {
      await noteCredit(pool, { ref: entry.ref, transferId: answer.ok.transferId })
      return { ok: null }
    }
    if ('refused' in answer) await refuseCredit(pool, entry.ref)
    return answer
  }

  async function lineOf(userId: string) {
    const [line] = await readCreditLines(pool, { userId, limit: 1 })
    return line
  }

  async function clientNamed(name: string) {
    return (await clientByUsername(pool, name)) ?? (await clientByMemberId(pool, name))
  }

  /** What a crash interrupted. */
  async function goOn(): Promise<void> {
    if (room.engine.state !== 'serving') return
    for (const entry of await takenCredits(pool)) await carry(entry)
  }

  function beat(): void {
    working ??= goOn()
      .catch(() => {})
      .finally(() => {
        working = null
      })
  }

  return {
    name: 'credit',
    actions: {
      move: (ctx: Context<Params<'credit.move'>>) => move(ctx.params),

      async limit(ctx: Context<Params<'credit.limit'>>): Result<'credit.limit'> {
        const { username, limit } = ctx.params
        const client = await clientByUsername(pool, username)
        if (client === null) return refuse('CLIENT_UNKNOWN')
        await setCreditLimit(pool, { userId: client.userId, limit })
        return { ok: (await lineOf(client.userId))! }
      },

      async list(ctx: Context<Params<'credit.list'>>): Result<'credit.list'> {
        const { limit, ...asked } = ctx.params
        const found = await readCreditLines(pool, { ...asked, limit: limit + 1 })
        const rows = found.slice(0, limit)
        const last = found.length > limit ? rows.at(-1) : undefined
        const next = last === undefined ? null : { used: last.used, userId: last.userId }
        return { ok: { rows, next } }
      },
    },
    async started() {
      timer = setInterval(beat, beatMs).unref()
      beat()
    },
    async stopped() {
      clearInterval(timer)
      await working
    },
  }
}

function sendingOf({ ref, userId, kind, amount, note }: CreditEntry): Sending {
  const shard = shardOf(userId)
  const facts = { key: fingerprint('credit', ref), toShard: shard, amount, note }
  const owed = receivable(userId)
  switch (kind) {
    case 'given':
      return { ...facts, shard, from: owed, to: wallet(userId) }
    case 'cash':
      return { ...facts, shard: treasuryShard, from: cash, to: owed }
    case 'wallet':
      return { ...facts, shard, from: wallet(userId), to: owed }
  }
}
