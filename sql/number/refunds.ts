/** Refunds of rented numbers that wait for a second person. */

import { type DatabasePool, sql, z } from '../database.ts'

const refundRow = z.object({
  id: z.number().int(),
  orderId: z.string(),
  amount: z.number().int(),
  reason: z.string(),
  supplier: z.enum(['charged', 'returned']).nullable(),
  askedBy: z.string(),
  askedName: z.string(),
  askedMs: z.number(),
})
export type RefundRow = z.infer<typeof refundRow>

const columns = sql.fragment`
  id, order_id as "orderId", amount, reason, supplier, asked_by as "askedBy",
  asked_name as "askedName",
  (extract(epoch from asked_at) * 1000)::double precision as "askedMs"`

/** Oldest first. */
export async function waitingRefunds(
  pool: DatabasePool,
  { orderId, limit }: { readonly orderId: string | null; readonly limit: number },
): Promise<readonly RefundRow[]> {
  return await pool.any(sql.type(refundRow)`
    select ${columns} from number_refund
     where status = 'waiting' and (${orderId}::uuid is null or order_id = ${orderId}::uuid)
     order by id limit ${limit}`)
}

type Hand = { readonly userId: string; readonly name: string }

type RefundWish = Pick<RefundRow, 'orderId' | 'amount' | 'reason' | 'supplier'> & {
  readonly by: Hand
}

/** False when one of this order waits already. */
export async function askRefund(pool: DatabasePool, wish: RefundWish): Promise<boolean> {
  const { orderId, amount, reason, supplier, by } = wish
  const { rowCount } = await pool.query(sql.type(z.object({}))`
    insert into number_refund (order_id, amount, reason, supplier, status, asked_by, asked_name)
    values (${orderId}::uuid, ${amount}, ${reason}, ${supplier}, 'waiting', ${by.userId}::uuid,
            ${by.name})
    on conflict (order_id) where status = 'waiting' do nothing`)
  return rowCount === 1
}

/** False when somebody else was faster, or it is his own. */
export async function closeRefund(
  pool: DatabasePool,
  { id, status, by }: { id: number; status: 'agreed' | 'rejected'; by: Hand },
): Promise<boolean> {
  const { rowCount } = await pool.query(sql.type(z.object({}))`
    update number_refund
       set status = ${status}, second_by = nullif(${by.userId}::uuid, asked_by),
           second_name = ${by.name}, second_at = now()
     where id = ${id} and status = 'waiting'
       and (${status} = 'rejected' or asked_by <> ${by.userId}::uuid)`)
  return rowCount === 1
}
