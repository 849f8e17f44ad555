/** Reads the catalogue and compares it with a proposal, away from the thread of the orders. */

import { openDatabase } from '../../sql/database.ts'
import { readCatalogue } from '../../sql/topup/catalogue.ts'
import { countClients, levelsOf } from '../../sql/topup/price-change.ts'
import type { PricePreview } from '../contract/catalogue.ts'
import { previewOf, type RuleChange } from './price-preview.ts'

export default async function preview({
  url,
  changes,
}: {
  url: string
  changes: readonly RuleChange[]
}): Promise<PricePreview> {
  const db = await openDatabase(url, { name: 'laju preview', connectionsMax: 1 })
  try {
    const named = changes.map(({ rule }) => rule.user_id).filter(userId => userId !== '')
    const levelOf = await levelsOf(db.pool, named)
    const { clients, ...told } = previewOf(await readCatalogue(db.pool), changes, levelOf)
    return { ...told, users: await countClients(db.pool, { levels: told.levels, ids: clients }) }
  } finally {
    await db.end()
  }
}
