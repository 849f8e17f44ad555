/** Counts for the desk's first page, each from its own read model. */

import { type DatabasePool, sql, z } from '../database.ts'
import { paymentsOf } from '../soundbox/payments.ts'

const whole = z.union([z.number(), z.bigint(), z.string()]).transform(Number)
const counted = z.object({ name: z.string(), count: whole, amount: whole })
export type Counted = z.infer<typeof counted>

const counts = z.object({ what: z.string(), ...counted.shape })

/** Plan: small tables, or an index over the few rows that are meant. */
export async function deskCounts(
  pool: DatabasePool,
  today: { readonly fromMs: number; readonly toMs: number },
): Promise<ReadonlyMap<string, readonly Counted[]>> {
  const rows = await pool.any(sql.type(counts)`
    select 'merchants' as what, status as name, count(*) as count, 0::bigint as amount
      from merchant group by status
    union all
    select 'devices', status, count(*), 0 from device_view group by status
    union all
    select 'bound', 'active', count(*), 0 from device_view
     where status = 'active' and terminal_id is not null
    union all
    select 'online', 'active', count(*), 0
      from device_health join device_view on device_view.id = device_health.device_id
     where online and status = 'active'
    union all
    select 'batches', status, count(*), sum(days_total + adjusted)::bigint
      from settlement_view where status in ('created', 'failed') group by status
    union all
    select 'parked', 'open', count(*), 0 from qris_callback
     where result = 'parked' and reviewed_at is null
    union all
    select 'sound', sound, count(*), sum(amount)::bigint
      from ${paymentsOf({ merchantId: null, ...today })}
     where sound is not null group by sound`)
  const found = new Map<string, Counted[]>()
  for (const { what, ...row } of rows) found.set(what, [...(found.get(what) ?? []), row])
  return found
}
