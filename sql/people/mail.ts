/** Mails on their way. What they say rests sealed, and is gone when they went. */

import { type DatabasePool, moment, sql, z } from '../database.ts'

const nothing = z.object({})

export type NewMail = {
  readonly id: string
  readonly kind: string
  readonly sealed: string
  readonly nowMs: number
  /** Whose it is, where that is not whoever has the e-mail. */
  readonly userId?: string
}

/**
 * To whoever has `email` now. Without one: to `userId` himself, and only if his e-mail was proven.
 */
export async function addMail(
  write: Pick<DatabasePool, 'query'>,
  mail: NewMail,
  email: string | null,
): Promise<void> {
  const { id, kind, sealed, nowMs, userId = null } = mail
  const isOwn = email === null
  await write.query(sql.type(nothing)`
    insert into mail (id, client_id, kind, sealed, due_at, created_at)
    select ${id}, client.id, ${kind}, ${sealed}, ${moment(nowMs)}, ${moment(nowMs)}
      from client
     where case when ${userId}::uuid is null then lower(email) = ${email?.toLowerCase() ?? ''}
                else id = ${userId}::uuid and (not ${isOwn} or email_verified_at is not null) end`)
}

const dueRow = z.object({
  id: z.string(),
  kind: z.string(),
  sealed: z.string(),
  attempts: z.number().int(),
})
export type DueMail = z.infer<typeof dueRow>

/**
 * Takes some that are due, oldest first, and puts each off until after `leaseMs`: who takes it and
 * dies has it tried again. Plan: range scan of mail_due.
 */
export async function takeMails(
  pool: DatabasePool,
  { nowMs, leaseMs, limit }: { nowMs: number; leaseMs: number; limit: number },
): Promise<readonly DueMail[]> {
  return await pool.any(sql.type(dueRow)`
    update mail set due_at = ${moment(nowMs + leaseMs)}, attempts = attempts + 1
     where id in (select id from mail
                   where state = 'waiting' and due_at <= ${moment(nowMs)}
                   order by due_at limit ${limit} for update skip locked)
       and sealed is not null
    returning id, kind, sealed, attempts`)
}

export async function endMail(
  pool: DatabasePool,
  end: { id: string; state: 'sent' | 'dead'; problem: string | null; nowMs: number },
): Promise<void> {
  const { id, state, problem, nowMs } = end
  await pool.query(sql.type(nothing)`
    update mail set state = ${state}, problem = ${problem}, sealed = null,
           ended_at = ${moment(nowMs)}
     where id = ${id} and state = 'waiting'`)
}

export async function putOffMail(
  pool: DatabasePool,
  { id, problem, dueMs }: { id: string; problem: string; dueMs: number },
): Promise<void> {
  await pool.query(sql.type(nothing)`
    update mail set problem = ${problem}, due_at = ${moment(dueMs)}
     where id = ${id} and state = 'waiting'`)
}

/** Those that ended long ago, a few at a time. */
export async function forgetMails(
  pool: DatabasePool,
  { beforeMs, limit }: { beforeMs: number; limit: number },
): Promise<void> {
  await pool.query(sql.type(nothing)`
    delete from mail where id in (
      select id from mail where ended_at < ${moment(beforeMs)} limit ${limit})`)
}
