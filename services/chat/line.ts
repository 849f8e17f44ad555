/** A gateway opened for sending: what others than chat itself need of it. */

import type { Database } from '../../sql/database.ts'
import { gatewayByName } from '../../sql/topup/chat.ts'
import type { Seal } from '../seal.ts'
import type { Line } from './channels.ts'
import { gatewayPurpose } from './chat.service.ts'

/** Null for one that is closed, or that we can't write to by ourselves. */
export async function chatLineOf(
  { db, seal }: { readonly db: Pick<Database, 'pool'>; readonly seal: Seal },
  name: string,
): Promise<Line | null> {
  const row = await gatewayByName(db.pool, name)
  if (!row?.active || row.baseUrl === '') return null
  const credentials = JSON.parse(seal.open(row.credentials, gatewayPurpose(name)))
  return { kind: row.kind, baseUrl: row.baseUrl, credentials } as Line
}
