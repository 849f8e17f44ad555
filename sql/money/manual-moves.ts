/** Money that a person moves: into a wallet, or a supplier's float. A second one may be needed. */

import { type DatabasePool, moment, none, sql, z } from '../database.ts'
import { type Alone, lockPerson, movedAlone } from './moved-alone.ts'

const manualRow = z.object({
  id: z.string(),
  kind: z.enum(['wallet', 'float']),
  ref: z.string(),
  userId: z.string().nullable(),
  supplier: z.string().nullable(),
  /** Of a float: more there by our books, against cash or as a difference. */
  raises: z.boolean(),
  against: z.enum(['cash', 'difference']),
  amount: z.number(),
  note: z.string(),
  status: z.enum(['waiting', 'approved', 'paid', 'rejected']),
  askedBy: z.string(),
  secondBy: z.string().nullable(),
  transferId: z.string().nullable(),
  askedMs: z.number(),
})
export type ManualRow = z.infer<typeof manualRow>

const manualColumns = sql.fragment`
  id, kind, ref, user_id as "userId", supplier, raises, against, amount, note, status,
  asked_by as "askedBy", second_by as "secondBy", transfer_id as "transferId",
  (extract(epoch from asked_at) * 1000)::double precision as "askedMs"`

type ManualWish = Alone &
  Pick<ManualRow, 'id' | 'ref' | 'amount' | 'note' | 'askedBy'> &
  (
    | { readonly kind: 'wallet'; readonly userId: string }
    | ({ readonly kind: 'float'; readonly supplier: string } & Pick<
        ManualRow,
        'raises' | 'against'
      >)
  )

/** What one person moves alone in a day counts together against the limit. */
export async function askManual(pool: DatabasePool, wish: ManualWish): Promise<ManualRow> {
  const { id, kind, ref, amount, note, askedBy, nowMs, dayMs, aloneMax } = wish
  const userId = wish.kind === 'wallet' ? wish.userId : null
  const { supplier, raises, against } =
    wish.kind === 'float' ? wish : { supplier: null, raises: true, against: 'cash' }
  return await pool.transaction(async write => {
    await write.query(lockPerson(askedBy))
    await write.query(sql.type(none)`
      insert into manual_deposit (id, kind, ref, user_id, supplier, raises, against, amount, note,
                                  status, asked_by, asked_at)
      select ${id}::uuid, ${kind}::text, ${ref}::text, ${userId}::uuid, ${supplier}::text,
             ${raises}::boolean, ${against}::text, ${amount}::bigint, ${note}::text,
             case when ${amount}::bigint + ${movedAlone(askedBy, dayMs)} <= ${aloneMax}::bigint
                  then 'approved' else 'waiting' end,
             ${askedBy}::uuid, ${moment(nowMs)}
      on conflict (ref) do nothing`)
    return await write.one(sql.type(manualRow)`
      select ${manualColumns} from manual_deposit where ref = ${ref}`)
  })
}

/** Null when there is no such deposit waiting for this person. */
export async function judgeManual(
  pool: DatabasePool,
  id: string,
  verdict: {
    readonly status: 'approved' | 'rejected'
    readonly by: string
    readonly nowMs: number
  },
): Promise<ManualRow | null> {
  const { status, by, nowMs } = verdict
  return await pool.maybeOne(sql.type(manualRow)`
    update manual_deposit set status = ${status}::text, second_by = ${by}::uuid,
           second_at = ${moment(nowMs)}
     where id = ${id} and status = 'waiting'
       and (asked_by <> ${by}::uuid or ${status}::text = 'rejected')
    returning ${manualColumns}`)
}

export async function readManual(
  pool: DatabasePool,
  { kind, id }: Pick<ManualRow, 'kind' | 'id'>,
): Promise<ManualRow | null> {
  return await pool.maybeOne(sql.type(manualRow)`
    select ${manualColumns} from manual_deposit where id = ${id} and kind = ${kind}`)
}

export async function readManuals(
  pool: DatabasePool,
  asked: {
    readonly kind: ManualRow['kind']
    readonly status: string | null
    readonly supplier?: string
    readonly before: string | undefined
    readonly limit: number
  },
): Promise<readonly ManualRow[]> {
  const { kind, status, supplier = null, before = null, limit } = asked
  return await pool.any(sql.type(manualRow)`
    select ${manualColumns} from manual_deposit
     where kind = ${kind} and (${status}::text is null or status = ${status})
       and (${supplier}::text is null or supplier = ${supplier})
       and (${before}::uuid is null or id < ${before}::uuid)
     order by id desc limit ${limit}`)
}

export async function unpaidManuals(
  pool: DatabasePool,
  kind: ManualRow['kind'],
): Promise<readonly ManualRow[]> {
  return await pool.any(sql.type(manualRow)`
    select ${manualColumns} from manual_deposit
     where status = 'approved' and kind = ${kind} order by id limit 100`)
}

export async function noteManualPaid(
  pool: DatabasePool,
  { id, transferId }: { id: string; transferId: string },
): Promise<void> {
  await pool.query(sql.type(none)`
    update manual_deposit set status = 'paid', transfer_id = ${transferId}
     where id = ${id} and status = 'approved'`)
}
