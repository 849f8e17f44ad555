/**
 * Batches in a bank's file of before batches knew of theirs (migration of the same name). Nothing is
 * added to it any more: that a batch was given is in its journal.
 */

import { type DatabasePool, sql, z } from '../database.ts'

const given = z.object({ givenTo: z.string() })

export async function bankFileOf(
  pool: DatabasePool,
  id: string,
): Promise<z.infer<typeof given> | null> {
  return await pool.maybeOne(sql.type(given)`
    select given_to as "givenTo" from bank_file where batch_id = ${id}::uuid`)
}
