/** Credit lines: how much a client may have, has, and each giving and paying back. */

import { type DatabasePool, moment, none, sql, z } from '../database.ts'
import { type Alone, lockPerson, movedAlone } from './moved-alone.ts'

const lineRow = z.object({
  userId: z.string(),
  username: z.string(),
  limit: z.number(),
  used: z.number(),
})
type CreditLine = z.infer<typeof lineRow>

const entryRow = z.object({
  ref: z.string(),
  userId: z.string(),
  kind: z.enum(['given', 'cash', 'wallet']),
  amount: z.number(),
  note: z.string(),
  status: z.enum(['taken', 'done', 'refused']),
})
export type CreditEntry = z.infer<typeof entryRow>

const columns = sql.fragment`ref, user_id as "userId", kind, amount, note, status`

export async function setCreditLimit(
  pool: DatabasePool,
  { userId, limit }: { userId: string; limit: number },
): Promise<void> {
  await pool.query(sql.type(none)`
    insert into credit_line (user_id, "limit") values (${userId}, ${limit})
    on conflict (user_id) do update set "limit" = excluded."limit"`)
}

export async function readCreditLines(
  pool: DatabasePool,
  asked: {
    readonly userId?: string | undefined
    readonly after?: Pick<CreditLine, 'used' | 'userId'> | undefined
    readonly limit: number
  },
): Promise<readonly CreditLine[]> {
  const { userId = null, after, limit } = asked
  return await pool.any(sql.type(lineRow)`
    select user_id as "userId", username, "limit", used
      from credit_line join client on client.id = credit_line.user_id
     where (${userId}::uuid is null or user_id = ${userId}::uuid)
       and (${after === undefined} or used < ${after?.used ?? 0}
            or (used = ${after?.used ?? 0} and user_id > ${after?.userId ?? null}::uuid))
     order by used desc, user_id limit ${limit}`)
}

type CreditWish = Omit<CreditEntry, 'status'> & Alone & { readonly by: string }

/**
 * Takes it out of the line (or gives it back to the line), once per reference. `left` is how much
 * could be given or paid back, when that is less. `closed`: nothing is, any more. `alone`: cash
 * that one person says came in counts with what else he brings in, and this would be more than he
 * may without another one.
 */
export async function takeCredit(
  pool: DatabasePool,
  wish: CreditWish,
): Promise<
  CreditEntry | { readonly left: number } | { readonly alone: true } | { readonly closed: true }
> {
  const { ref, userId, kind, amount, note, by, nowMs, dayMs, aloneMax } = wish
  const change = kind === 'given' ? amount : -amount
  return await pool.transaction(async write => {
    if (kind === 'cash') await write.query(lockPerson(by))
    const line = await write.maybeOne(sql.type(z.object({ limit: z.number(), used: z.number() }))`
      select "limit", used from credit_line where user_id = ${userId} for update`)
    const known = await write.maybeOne(sql.type(entryRow)`
      select ${columns} from credit_entry where ref = ${ref}`)
    const isOther =
      known !== null && (known.userId !== userId || known.kind !== kind || known.amount !== amount)
    if (known !== null && (isOther || known.status !== 'refused')) return known
    // Whoever closes a client has his line until that is done.
    const isOpen = await write.maybeOne(sql.type(none)`
      select from client where id = ${userId} and status <> 'closed'`)
    if (isOpen === null) return { closed: true }
    if (line === null) return { left: 0 }
    const left = kind === 'given' ? line.limit - line.used : line.used
    if (left < amount) return { left: Math.max(0, left) }
    if (kind === 'cash') {
      const { moved } = await write.one(sql.type(z.object({ moved: z.number() }))`
        select ${movedAlone(by, dayMs)}::bigint as moved`)
      if (moved + amount > aloneMax) return { alone: true }
    }
    const taken = await write.maybeOne(sql.type(entryRow)`
      insert into credit_entry as kept (ref, user_id, kind, amount, note, by, created_at)
      values (${ref}, ${userId}, ${kind}, ${amount}, ${note}, ${by},
              ${moment(nowMs)})
      on conflict (ref) do update set status = 'taken', by = excluded.by,
                                      created_at = excluded.created_at
        where kept.status = 'refused' and kept.user_id = excluded.user_id
          and kept.kind = excluded.kind and kept.amount = excluded.amount
      returning ${columns}`)
    if (taken === null) {
      // Another client's, under the same reference at the same moment, whose line is not ours.
      return await write.one(sql.type(entryRow)`
        select ${columns} from credit_entry where ref = ${ref}`)
    }
    await write.query(sql.type(none)`
      update credit_line set used = used + ${change} where user_id = ${userId}`)
    return taken
  })
}

/** What he owes; it does not change before the transaction ends. */
export async function lockCredit(
  write: Pick<DatabasePool, 'maybeOne'>,
  userId: string,
): Promise<number> {
  const line = await write.maybeOne(sql.type(z.object({ used: z.number() }))`
    select used from credit_line where user_id = ${userId} for update`)
  return line?.used ?? 0
}

export async function takenCredits(pool: DatabasePool): Promise<readonly CreditEntry[]> {
  return await pool.any(sql.type(entryRow)`
    select ${columns} from credit_entry where status = 'taken' order by ref limit 100`)
}

export async function noteCredit(
  pool: DatabasePool,
  { ref, transferId }: { ref: string; transferId: string },
): Promise<void> {
  await pool.query(sql.type(none)`
    update credit_entry set status = 'done', transfer_id = ${transferId} where ref = ${ref}`)
}

/** What was not paid back after all is owed again. */
export async function refuseCredit(pool: DatabasePool, ref: string): Promise<void> {
  await pool.query(sql.type(none)`
    with refused as (
      update credit_entry set status = 'refused' where ref = ${ref} and status = 'taken'
      returning user_id, kind, amount
    )
    update credit_line
       set used = used + case refused.kind when 'given' then -refused.amount else refused.amount end
      from refused where credit_line.user_id = refused.user_id`)
}
