/** What a story ends with: the books are read once more, by nobody who wrote them. */

import { deepEqual } from 'node:assert/strict'
import type { Database } from '../../sql/database.ts'
import { verify } from './verify.ts'

/** A second reading of the journal finds nothing wrong. */
export async function sound(stage: {
  readonly db: Pick<Database, 'url'>
  readonly stop: () => Promise<unknown>
}): Promise<void> {
  const { url } = stage.db
  await stage.stop()
  const { problems, ledgerSum } = await verify({ url })
  deepEqual([problems, ledgerSum], [[], 0])
}
