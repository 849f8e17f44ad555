/** Second factors. Secrets rest sealed, recovery codes hashed. */

import { type DatabasePool, moment, sql, z } from '../database.ts'

const nothing = z.object({})

const totpRow = z.object({
  /** Asked for at login; null before the first was confirmed. */
  secret: z.string().nullable(),
  /** Being set up. */
  pending: z.string().nullable(),
  codesLeft: z.number().int(),
})
type TotpRow = z.infer<typeof totpRow>

export async function totpOf(pool: DatabasePool, userId: string): Promise<TotpRow | null> {
  return await pool.maybeOne(sql.type(totpRow)`
    select secret, pending,
           (select count(*)::int from recovery_code
             where client_id = totp.client_id and used_at is null) as "codesLeft"
      from totp where client_id = ${userId}`)
}

/** What is asked for at login stays as it is until this one is confirmed. */
export async function keepTotp(
  pool: DatabasePool,
  { userId, pending, nowMs }: { userId: string; pending: string; nowMs: number },
): Promise<void> {
  await pool.query(sql.type(nothing)`
    insert into totp (client_id, pending, created_at)
    values (${userId}, ${pending}, ${moment(nowMs)})
    on conflict (client_id) do update set pending = excluded.pending`)
}

/** True once per step, and only for steps after the last one that served. */
export async function spendStep(
  pool: DatabasePool,
  { userId, step }: { userId: string; step: number },
): Promise<boolean> {
  const { rowCount } = await pool.query(sql.type(nothing)`
    update totp set last_step = ${step} where client_id = ${userId} and last_step < ${step}`)
  return rowCount > 0
}

/** Of another secret than the last one that served: neither it nor an older one serves again. */
export async function spendFirstStep(
  pool: DatabasePool,
  { userId, step }: { userId: string; step: number },
): Promise<boolean> {
  const { rowCount } = await pool.query(sql.type(nothing)`
    update totp set last_step = greatest(last_step, ${step}) where client_id = ${userId}`)
  return rowCount > 0
}

/** From now on this one is asked for; the recovery codes are these, and no others. */
export async function confirmTotp(
  pool: DatabasePool,
  wish: { userId: string; pending: string; hashes: readonly string[]; nowMs: number },
): Promise<boolean> {
  const { userId, pending, hashes, nowMs } = wish
  return await pool.transaction(async write => {
    const { rowCount } = await write.query(sql.type(nothing)`
      update totp set secret = pending, pending = null, confirmed_at = ${moment(nowMs)}
       where client_id = ${userId} and pending = ${pending}`)
    if (rowCount === 0) return false
    await write.query(sql.type(nothing)`delete from recovery_code where client_id = ${userId}`)
    await write.query(sql.type(nothing)`
      insert into recovery_code (client_id, hash)
      select ${userId}::uuid, hash from unnest(${sql.array([...hashes], 'text')}) as hash`)
    return true
  })
}

/** True once. */
export async function spendRecovery(
  pool: DatabasePool,
  { userId, hash, nowMs }: { userId: string; hash: string; nowMs: number },
): Promise<boolean> {
  const { rowCount } = await pool.query(sql.type(nothing)`
    update recovery_code set used_at = ${moment(nowMs)}
     where client_id = ${userId} and hash = ${hash} and used_at is null`)
  return rowCount > 0
}

export async function dropTotp(pool: DatabasePool, userId: string): Promise<boolean> {
  return await pool.transaction(async write => {
    await write.query(sql.type(nothing)`delete from recovery_code where client_id = ${userId}`)
    const { rowCount } = await write.query(sql.type(nothing)`
      delete from totp where client_id = ${userId}`)
    return rowCount > 0
  })
}
