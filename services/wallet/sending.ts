/**
 * Money on its way from one account to another, until it is there. The key of the transfer is the
 * caller's, computed from his reference: asking again never pays twice.
 */

import type { Transfer } from '../../actors/transfer/transfer.ts'
import type { Key } from '../../engine/ids.ts'
import type { Answer, Refused } from '../contract/answer.ts'
import type { RefusalCode } from '../contract/words.ts'
import type { EngineRoom } from '../engine-room.ts'
import { faulted } from '../faults.ts'

/** Where cash stands. */
export const treasuryShard = 0

const pollMs = 10
const waitMs = 10_000

export type Sending = Omit<Extract<Transfer['command'], { type: 'send' }>, 'type'> & {
  readonly shard: number
  readonly key: Key
}

/** Answers when the money has arrived, not merely when it is on its way. */
export async function sendMoney(
  room: EngineRoom,
  { shard, key, ...facts }: Sending,
): Promise<Answer<{ transferId: string }>> {
  const place = { shard, key, kind: 'transfer' }
  const owner = facts.from.startsWith('wallet:') ? { owner: facts.from } : {}
  try {
    const reply = await room.engine.ask({ ...place, ...owner, command: { type: 'send', ...facts } })
    if ('refused' in reply) {
      const details = reply.details as Refused['details']
      const said = details === undefined ? {} : { details }
      return { refused: reply.refused as RefusalCode, ...said, moneyEffect: 'none' }
    }
    const until = room.now() + waitMs
    for (;;) {
      const { id, state } = await room.engine.ask(place)
      if (state.phase === 'done') return { ok: { transferId: id } }
      // It stands in clearing and will arrive; the same reference asks again without paying twice.
      if (room.now() > until) return { fault: 'JOURNAL_UNAVAILABLE', retryAfterMs: waitMs }
      await new Promise(resolve => setTimeout(resolve, pollMs))
    }
  } catch (cause) {
    return faulted(cause)
  }
}
