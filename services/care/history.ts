/**
 * An order through time: its own lines folded one after the other by its actor, and after each how
 * it stood and what the accounts that it touched held then. It reads, and changes nothing.
 *
 * CRF1. Each entry is the order as it stood after that line, whatever became of it later.
 * CRF2. The balances are those that the line itself names, so they are true of that moment.
 * CRF3. A line or a time ends it; what comes later is not looked at.
 */

import { isId, keyOf, shardOf } from '../../engine/ids.ts'
import type { Balances } from '../../engine/ledger.ts'
import type { JournalRecord } from '../../engine/record.ts'
import type { HistoryEntry } from '../contract/care.ts'
import type { Actions } from '../contract.ts'
import type { EngineRoom } from '../engine-room.ts'
import { storyOf } from '../order/story.ts'
import { orderView } from '../order/view.ts'

type Asked = Actions['care.history']['params']

export async function history(
  room: Pick<EngineRoom, 'engine' | 'shards'>,
  { trxId, seq = Number.POSITIVE_INFINITY, at = Number.POSITIVE_INFINITY }: Asked,
): Promise<Actions['care.history']['result']> {
  const notFound = { refused: 'NOT_FOUND', moneyEffect: 'none' } as const
  if (!isId(trxId) || shardOf(trxId) >= room.shards) return notFound
  const entries: HistoryEntry[] = []
  const lines = await room.engine.history(shardOf(trxId), keyOf(trxId))
  for (const chapter of storyOf(lines, trxId)) {
    const { line, record } = chapter
    if (line.seq > seq || record.at > at) break
    entries.push({
      seq: line.seq,
      at: record.at,
      command: record.command,
      events: record.events as HistoryEntry['events'],
      order: orderView(trxId, chapter),
      accounts: accountsAfter(record),
    })
  }
  return entries.length === 0 ? notFound : { ok: { trxId, entries } }
}

/** The last word of the line on each account. */
function accountsAfter({ entries }: JournalRecord): HistoryEntry['accounts'] {
  const after = new Map<string, Balances>()
  for (const [, , debit, credit, , debitAfter, creditAfter] of entries) {
    after.set(debit, debitAfter)
    after.set(credit, creditAfter)
  }
  return [...after].map(([account, [balance, debitsPending, creditsPending]]) => ({
    ...{ account, balance, debitsPending, creditsPending },
  }))
}
