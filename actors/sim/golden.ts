/** What a shard came to, in a form that can be kept beside its journal. */

import type { Shard } from '../../engine/shard.ts'

export function outcomeOf(shard: Shard): unknown {
  const cells = [...shard.cells.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
  const accounts = [...shard.accounts.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  return {
    hash: shard.hash,
    cells: cells.map(cell => {
      const { id, seq, state, holds, owed } = cell.image()
      return { id, seq, state, holds, owed }
    }),
    accounts: accounts.map(account => [account.id, account.balances()]),
  }
}
