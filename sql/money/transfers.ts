/** Money between wallets of one tree: who may, how much a day, and whose PIN is locked. */

import { lockOf } from '../advisory-locks.ts'
import { type DatabasePool, moment, none, sql, z } from '../database.ts'
import { levelsMax } from './commission.ts'

/** Whether one of the two stands above the other; a ring of uplines ends at the last level, too. */
export async function areOfOneLine(
  pool: DatabasePool,
  { one, other }: { one: string; other: string },
): Promise<boolean> {
  return await pool.exists(sql.type(none)`
    with recursive line (start, id, depth) as (
      select id, upline, 1 from client where id in (${one}::uuid, ${other}::uuid)
      union all
      select line.start, client.upline, line.depth + 1
        from line join client on client.id = line.id
       where line.depth < ${levelsMax} and client.upline is not null
    )
    select from line
     where (start = ${one}::uuid and id = ${other}::uuid)
        or (start = ${other}::uuid and id = ${one}::uuid)`)
}

const wrongRow = z.object({ wrong: z.number() })

/**
 * Spends one guess before the PIN is looked at, so that guesses made at once are counted, too. How
 * many were wrong in a row if this one is; null when none was left. `daily`: five more after the
 * lock's time, else there are five and no more.
 */
export async function spendGuess(
  pool: DatabasePool,
  guess: {
    readonly userId: string
    readonly nowMs: number
    readonly guesses: number
    readonly lockMs: number
    readonly daily: boolean
  },
): Promise<number | null> {
  const { userId, nowMs, guesses, lockMs, daily } = guess
  const row = await pool.maybeOne(sql.type(wrongRow)`
    insert into pin_guard as guard (user_id, wrong) values (${userId}, 1)
    on conflict (user_id) do update
      set wrong = least(guard.wrong + 1, 30000),
          locked_until = case when (guard.wrong + 1) % ${guesses} = 0 then ${moment(nowMs + lockMs)}
                              else guard.locked_until end
      where case when ${daily}
                 then guard.locked_until is null or guard.locked_until <= ${moment(nowMs)}
                 else guard.wrong < ${guesses} end
    returning wrong`)
  return row?.wrong ?? null
}

export async function forgetPins(pool: DatabasePool, userId: string): Promise<void> {
  await pool.query(sql.type(none)`delete from pin_guard where user_id = ${userId}`)
}

/** Null takes the own limit away: the house's counts again. */
export async function setTransferLimit(
  pool: DatabasePool,
  { userId, dayMax }: { userId: string; dayMax: number | null },
): Promise<void> {
  if (dayMax === null) {
    await pool.query(sql.type(none)`delete from transfer_limit where user_id = ${userId}`)
    return
  }
  await pool.query(sql.type(none)`
    insert into transfer_limit (user_id, day_max) values (${userId}, ${dayMax})
    on conflict (user_id) do update set day_max = excluded.day_max`)
}

const requestRow = z.object({
  toUser: z.string(),
  amount: z.number(),
  status: z.enum(['taken', 'sent', 'refused']),
})
type TransferRequest = z.infer<typeof requestRow>
const requestColumns = sql.fragment`to_user as "toUser", amount, status`
const roomRow = z.object({ left: z.number() })

export async function readTransfer(
  pool: DatabasePool,
  { userId, ref }: { readonly userId: string; readonly ref: string },
): Promise<TransferRequest | null> {
  return await pool.maybeOne(sql.type(requestRow)`
    select ${requestColumns} from transfer_request where user_id = ${userId} and ref = ${ref}`)
}

type TransferWish = {
  readonly userId: string
  readonly ref: string
  readonly toUser: string
  readonly amount: number
  readonly day: string
  readonly nowMs: number
}

/**
 * Takes the amount out of the day's allowance, once per reference. `left` is what the day still
 * has when that is too little.
 */
export async function takeAllowance(
  pool: DatabasePool,
  wish: TransferWish,
): Promise<'taken' | 'other' | { readonly left: number }> {
  const { userId, ref, toUser, amount, day, nowMs } = wish
  return await pool.transaction(async write => {
    await write.query(lockOf('transfers', userId))
    const known = await write.maybeOne(sql.type(requestRow)`
      select ${requestColumns} from transfer_request
       where user_id = ${userId} and ref = ${ref}`)
    if (known !== null && (known.toUser !== toUser || known.amount !== amount)) return 'other'
    if (known !== null && known.status !== 'refused') return 'taken'
    const { left } = await write.one(sql.type(roomRow)`
      select (coalesce((select day_max from transfer_limit where user_id = ${userId}),
                       (select transfer_day_max from money_rule))
              - coalesce((select sum(amount) from transfer_request
                           where user_id = ${userId} and day = ${day} and status <> 'refused'),
                         0))::bigint as left`)
    if (left < amount) return { left: Math.max(0, left) }
    await write.query(sql.type(none)`
      insert into transfer_request (user_id, ref, to_user, amount, day, status, created_at)
      values (${userId}, ${ref}, ${toUser}, ${amount}, ${day}, 'taken',
              ${moment(nowMs)})
      on conflict (user_id, ref) do update set status = 'taken', day = excluded.day`)
    return 'taken'
  })
}

export async function noteTransfer(
  pool: DatabasePool,
  said: {
    readonly userId: string
    readonly ref: string
    readonly status: 'sent' | 'refused'
    readonly transferId: string | null
  },
): Promise<void> {
  const { userId, ref, status, transferId } = said
  await pool.query(sql.type(none)`
    update transfer_request set status = ${status}::text, transfer_id = ${transferId}
     where user_id = ${userId} and ref = ${ref}
       and (${status}::text = 'sent' or status = 'taken')`)
}
