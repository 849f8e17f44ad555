/** Where the audit begins: what the accounts hold just then, and what is out. */

import type { Host } from '../../engine/host.ts'
import type { Gauges } from '../routing/gauges.ts'
import type { FloatAudit } from './audit.ts'

type Rebuilt = Pick<Gauges, 'recall' | 'hang'>

/** Starts the books, and gives whoever recalls open orders two listeners for one. */
export function beginAudit(
  audit: FloatAudit,
  host: Pick<Host, 'shards'>,
  gauges: Rebuilt,
): Rebuilt {
  audit.begin(balancesIn(host))
  return {
    hang(id, key, product, tried) {
      gauges.hang(id, key, product, tried)
      audit.hang(id, tried)
    },
    recall(record, key) {
      gauges.recall(record, key)
      audit.recall(record)
    },
  }
}

function* balancesIn(host: Pick<Host, 'shards'>): Iterable<readonly [string, number]> {
  for (const shard of host.shards()) {
    for (const { id, balance } of shard.accounts.values()) yield [id, balance]
  }
}
