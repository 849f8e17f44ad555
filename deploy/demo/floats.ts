/**
 * What the demo has at its suppliers stands in the books from the first minute, so that the audit
 * of floats has something to compare with.
 *
 * DFL1. The opening float of each supplier is booked once, by one person and approved by another;
 *       one into which somebody has booked already is left alone.
 * DFL2. A sandbox that forgot our account is told what the books say that we have there.
 */

import type { Call } from '../../services/contract.ts'
import type { Database } from '../../sql/database.ts'
import { readInstallation, writeInstallation } from '../../sql/installation.ts'
import { StartFailure } from '../start-failure.ts'
import type { Demo } from './demo.ts'

type FloatsDeps = { readonly db: Pick<Database, 'pool'>; readonly call: Call }

/** What each demo supplier holds for us, enough for a long bench. */
const openingFloat = 1_000_000_000_000

export async function openFloats(
  { suppliers, staff }: Pick<Demo, 'suppliers' | 'staff'>,
  { db, call }: FloatsDeps,
): Promise<void> {
  for (const { code: supplier } of suppliers) {
    const name = `demo.float.${supplier}`
    if ((await readInstallation(db.pool, name)) !== null) continue
    const known = await booksOf(supplier, call)
    if (known === null) continue
    if (known <= 0) await book(supplier, { staff, call })
    await writeInstallation(db.pool, { name, value: 'booked' })
  }
}

/** Null: it is none of ours. */
export async function booksOf(supplier: string, call: Call): Promise<number | null> {
  const answer = await call('float.read', { supplier })
  return 'ok' in answer ? answer.ok.books : null
}

async function book(
  supplier: string,
  { staff, call }: Pick<Demo, 'staff'> & { readonly call: Call },
): Promise<void> {
  const asked = await call('float.adjust', {
    ...{ supplier, amount: openingFloat, raises: true, against: 'difference' },
    ...{ ref: `demo-opening-float-${supplier}`, note: 'Saldo awal', by: staff.finance },
  })
  const moved =
    'ok' in asked && asked.ok.status === 'waiting'
      ? await call('float.judge', {
          ...{ supplier, id: asked.ok.id, verdict: 'approved', by: staff.admin },
        })
      : asked
  if ('ok' in moved && moved.ok.status === 'paid') return
  throw new StartFailure(
    `The opening float at ${supplier} could not be booked: start again, or use a new DATA_DIR.`,
  )
}
