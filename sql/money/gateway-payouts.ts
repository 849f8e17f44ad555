/** What gateways paid out to us: noted once for each reference, before the money moves. */

import type { CommonQueryMethods } from 'slonik'
import { moment, none, sql, z } from '../database.ts'

type Db = CommonQueryMethods

const payoutRow = z.object({
  id: z.number(),
  gateway: z.string(),
  ref: z.string(),
  amount: z.number(),
  fee: z.number(),
  day: z.string(),
  status: z.enum(['taken', 'done']),
  by: z.string(),
  atMs: z.number(),
  transferId: z.string().nullable(),
  feeTransferId: z.string().nullable(),
})
export type PayoutRow = z.infer<typeof payoutRow>

const columns = sql.fragment`
  id, gateway, ref, amount, fee, day::text as day, status, noted_by as by,
  (extract(epoch from noted_at) * 1000)::double precision as "atMs",
  transfer_id as "transferId", fee_transfer_id as "feeTransferId"`

type PayoutWish = Pick<PayoutRow, 'gateway' | 'ref' | 'amount' | 'fee' | 'day' | 'by'> & {
  readonly nowMs: number
  /** What the books say that it owes; asked for when nobody else can take of it. */
  readonly owed: () => number
}

/**
 * The row of this reference, made now or long ago; `owed` when the gateway owes less than that;
 * null when there is no such gateway.
 */
export async function takePayout(
  db: Db,
  wish: PayoutWish,
): Promise<PayoutRow | { readonly owed: number } | null> {
  const { gateway, ref, amount, fee, day, by, nowMs } = wish
  return await db.transaction(async write => {
    const isThere = await write.maybeOne(sql.type(none)`
      select from payment_gateway where code = ${gateway} for update`)
    if (isThere === null) return null
    const known = await write.maybeOne(sql.type(payoutRow)`
      select ${columns} from gateway_payout where gateway = ${gateway} and ref = ${ref}`)
    if (known !== null) return known
    // Read before the books are: what is done in between stands in them.
    const { taken } = await write.one(sql.type(z.object({ taken: z.number() }))`
      select coalesce(sum(amount + fee), 0)::bigint as taken from gateway_payout
       where gateway = ${gateway} and status = 'taken'`)
    const owed = wish.owed() - taken
    if (amount + fee > owed) return { owed }
    return await write.one(sql.type(payoutRow)`
      insert into gateway_payout (gateway, ref, amount, fee, day, noted_by, noted_at)
      values (${gateway}, ${ref}, ${amount}, ${fee}, ${day}::date, ${by}::uuid,
              ${moment(nowMs)})
      returning ${columns}`)
  })
}

/** Noted, and not known to be in the books. */
export async function takenPayouts(db: Db): Promise<readonly PayoutRow[]> {
  return await db.any(sql.type(payoutRow)`
    select ${columns} from gateway_payout where status = 'taken' order by id limit 100`)
}

export async function notePaidOut(
  db: Db,
  { id, transferId, feeTransferId }: Pick<PayoutRow, 'id' | 'transferId' | 'feeTransferId'>,
): Promise<void> {
  await db.query(sql.type(none)`
    update gateway_payout
       set status = 'done', transfer_id = ${transferId}::uuid,
           fee_transfer_id = ${feeTransferId}::uuid
     where id = ${id} and status = 'taken'`)
}

/** Newest first. Plan: gateway_payout_newest backwards. */
export async function readPayouts(
  db: Db,
  asked: { readonly gateway: string; readonly before: number; readonly limit: number },
): Promise<readonly PayoutRow[]> {
  const { gateway, before, limit } = asked
  return await db.any(sql.type(payoutRow)`
    select ${columns} from gateway_payout
     where gateway = ${gateway} and id < ${before} order by id desc limit ${limit}`)
}
