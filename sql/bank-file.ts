/** Batches that stand in a bank's file (migration of the same name). */

import { type DatabasePool, sql, z } from './database.ts'

const whole = z.union([z.number(), z.bigint(), z.string()]).transform(Number)
const given = z.object({ givenTo: z.string(), givenMs: z.number(), amount: whole })

/** Durable before the file is there. */
export async function noteBankFile(
  pool: DatabasePool,
  batches: readonly { readonly id: string; readonly amount: number }[],
  by: string,
): Promise<void> {
  if (batches.length === 0) return
  const rows = batches.map(({ id, amount }) => [id, amount])
  await pool.query(sql.type(z.object({}))`
    insert into bank_file (batch_id, amount, given_to)
    select told.id, told.amount, ${by}
      from ${sql.unnest(rows, ['uuid', 'int8'])} as told (id, amount)
    on conflict (batch_id) do nothing`)
}

export async function bankFileOf(
  pool: DatabasePool,
  id: string,
): Promise<z.infer<typeof given> | null> {
  return await pool.maybeOne(sql.type(given)`
    select given_to as "givenTo", amount,
           (extract(epoch from given_at) * 1000)::double precision as "givenMs"
      from bank_file where batch_id = ${id}::uuid`)
}
