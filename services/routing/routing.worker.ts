/** Compiles the routing table away from the thread that answers orders (Piscina). */

import { openDatabase } from '../../sql/database.ts'
import { readPlaces, readRules } from '../../sql/topup/routing.ts'
import { compileRouting, type RoutingTable } from './policy.ts'

export default async function compileTable({ url }: { url: string }): Promise<RoutingTable> {
  const db = await openDatabase(url, { name: 'laju routing', connectionsMax: 1 })
  try {
    return compileRouting(await readRules(db.pool), await readPlaces(db.pool))
  } finally {
    await db.end()
  }
}
