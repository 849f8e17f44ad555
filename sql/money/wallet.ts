/**
 * Read model of wallets: what moved, newest first. Plan: one backward range scan of mutation_pkey,
 * and for each row what it refers to, by its key.
 */

import { type DatabasePool, moment, sql, z } from '../database.ts'

const mutationRow = z.object({
  seq: z.number(),
  leg: z.number(),
  direction: z.enum(['in', 'out']),
  amount: z.number(),
  balance_before: z.number(),
  balance_after: z.number(),
  kind: z.enum(['order', 'release', 'refund', 'deposit', 'transfer', 'commission']),
  reference_id: z.string(),
  detail: z.string(),
  created_ms: z.number(),
})

export type MutationRecord = z.infer<typeof mutationRow>

type MutationPage = {
  readonly shard: number
  readonly userId: string
  /** Only what is older than this place in the journal. */
  readonly before: { readonly seq: number; readonly leg: number }
  readonly fromMs: number
  readonly toMs: number
  readonly limit: number
}

export async function readMutations(
  pool: DatabasePool,
  page: MutationPage,
): Promise<readonly MutationRecord[]> {
  const { shard, userId, before, fromMs, toMs, limit } = page
  return await pool.any(sql.type(mutationRow)`
    select moved.seq, moved.leg, moved.direction, moved.amount, moved.balance_before,
           moved.balance_after, moved.kind, moved.reference_id,
           coalesce(nullif(moved.note, ''), bought.product || ' ' || bought.destination,
                    rented.service_name || ' ' || rented.country_name, filled.method, '')
             as detail,
           (extract(epoch from moved.created_at) * 1000)::double precision as created_ms
      from mutation as moved
      left join order_view as bought
        on bought.shard = moved.shard and bought.id = moved.reference_id
      left join number_view as rented on rented.id = moved.reference_id
      left join deposit_intent as filled on filled.id = moved.reference_id
     where moved.shard = ${shard} and moved.user_id = ${userId}
       and (moved.seq, moved.leg) < (${before.seq}, ${before.leg})
       and moved.created_at >= ${moment(fromMs)}
       and moved.created_at <= ${moment(toMs)}
     order by moved.seq desc, moved.leg desc
     limit ${limit}
  `)
}
