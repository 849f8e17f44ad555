/**
 * What the bank told: its deliveries before they are understood, its rows, which ticket each of
 * them pays, and what persons decide about those that pay none.
 */

import { type DatabasePool, moment, none, sql, z } from '../database.ts'
import { ticketMs } from './deposits.ts'
import { type Alone, lockPerson, movedAlone } from './moved-alone.ts'

export type BankRow = {
  readonly account: string | null
  readonly number: string
  readonly bankRef: string | null
  readonly content: string
  /** What it may be kept under from before: the same sums were written in more than one way. */
  readonly formerly: readonly string[]
  readonly happenedMs: number | null
  readonly day: string | null
  readonly direction: 'in' | 'out'
  readonly toldAmount: string
  readonly amount: number | null
  readonly toldBalance: string | null
  readonly description: string
  readonly source: 'webhook' | 'poll' | 'import'
  readonly seenMs: number
  /** Why it can not be matched at all; null: to be matched. */
  readonly reason: string | null
}

/**
 * Notes those that are new, by the feed's id and by content, and the person who brought them, if
 * one did. Returns how many were.
 */
export async function addBankRows(
  pool: DatabasePool,
  rows: readonly BankRow[],
  broughtBy: string | null = null,
): Promise<number> {
  if (rows.length === 0) return 0
  const { rowCount } = await pool.query(sql.type(none)`
    insert into bank_mutation (account, number, bank_ref, content, happened_at, day, direction,
      told_amount, amount, told_balance, description, source, seen_at, status, reason, brought_by)
    select account, number, "bankRef", content,
           to_timestamp("happenedMs"::double precision / 1000), day, direction, "toldAmount",
           amount, "toldBalance", description, source,
           to_timestamp("seenMs"::double precision / 1000),
           case when reason is null then 'new' else 'suspense' end, reason, ${broughtBy}::uuid
      from json_to_recordset(${JSON.stringify(rows)}::json) as told (
        account text, number text, "bankRef" text, content text, "happenedMs" bigint, day date,
        direction text, "toldAmount" text, amount bigint, "toldBalance" text, description text,
        source text, "seenMs" bigint, reason text, formerly text[])
     where not exists (select from bank_mutation as kept where kept.content = any(told.formerly))
    on conflict do nothing`)
  return rowCount
}

const contentRow = z.object({ content: z.string(), bank_ref: z.string().nullable() })

/** Which of them are known, by content or by the feed's id. */
export async function knownBankRows(
  pool: DatabasePool,
  rows: readonly Pick<BankRow, 'content' | 'formerly' | 'bankRef'>[],
): Promise<ReadonlySet<string>> {
  const contents = rows.flatMap(row => [row.content, ...row.formerly])
  const refs = rows.flatMap(row => (row.bankRef === null ? [] : [row.bankRef]))
  const found = await pool.any(sql.type(contentRow)`
    select content, bank_ref from bank_mutation
     where content = any(${sql.array(contents, 'text')})
        or bank_ref = any(${sql.array(refs, 'text')})`)
  return new Set(found.flatMap(({ content, bank_ref }) => [content, bank_ref ?? content]))
}

const waitingRow = z.object({
  id: z.number(),
  account: z.string().nullable(),
  amount: z.number().nullable(),
  happenedMs: z.number().nullable(),
  day: z.string().nullable(),
  seenMs: z.number(),
  broughtBy: z.string().nullable(),
})
export type WaitingRow = z.infer<typeof waitingRow>

export async function unmatchedRows(
  pool: DatabasePool,
  after: number,
): Promise<readonly WaitingRow[]> {
  return await pool.any(sql.type(waitingRow)`
    select id, account, amount, day::text as day, brought_by as "broughtBy",
           (extract(epoch from happened_at) * 1000)::double precision as "happenedMs",
           (extract(epoch from seen_at) * 1000)::double precision as "seenMs"
      from bank_mutation where status = 'new' and id > ${after} order by id limit 100`)
}

const claimRow = z.object({
  id: z.string(),
  status: z.enum(['open', 'matched', 'paid', 'cancelled']),
  createdMs: z.number(),
  expiresMs: z.number(),
})
export type TicketClaim = z.infer<typeof claimRow>

/**
 * Decides one row in one write: `judge` sees the ticket that holds this amount and says why it is
 * not to be paid by this row, or null. Both are locked meanwhile. What a person brought may wait
 * for another, and does where it is for himself.
 */
export async function matchRow(
  pool: DatabasePool,
  row: WaitingRow,
  judge: (ticket: TicketClaim | null) => string | null,
  { aloneMax, dayMs, nowMs }: Alone,
): Promise<void> {
  const { broughtBy: by } = row
  await pool.transaction(async write => {
    if (by !== null) await write.query(lockPerson(by))
    const isStill = await write.maybeOne(sql.type(none)`
      select from bank_mutation where id = ${row.id} and status = 'new' for update`)
    if (isStill === null) return
    const ticket = await write.maybeOne(sql.type(claimRow)`
      select ticket.id, ticket.status, ${ticketMs('created_at')} as "createdMs",
             ${ticketMs('expires_at')} as "expiresMs"
        from deposit_ticket as ticket
       where account = ${row.account} and amount = ${row.amount} and held for update`)
    const reason = judge(ticket)
    await write.query(sql.type(none)`
      update bank_mutation
         set status = ${reason === null ? 'matched' : 'suspense'}, reason = ${reason},
             ticket_id = ${ticket?.id ?? null},
             user_id = (select user_id from deposit_ticket where id = ${ticket?.id ?? null})
       where id = ${row.id}`)
    if (reason === null && by !== null) {
      await write.query(sql.type(none)`
        update bank_mutation
           set status = case when user_id <> ${by}::uuid
                                  and amount + ${movedAlone(by, dayMs)} <= ${aloneMax}::bigint
                             then 'matched' else 'waiting' end,
               decided_by = ${by}::uuid, decided_at = ${moment(nowMs)}
         where id = ${row.id}`)
    }
    if (reason !== null || ticket === null) return
    await write.query(sql.type(none)`
      update deposit_ticket set status = 'matched' where id = ${ticket.id}`)
  })
}

const creditRow = z.object({
  id: z.number(),
  status: z.enum(['matched', 'assigned']),
  ticketId: z.string().nullable(),
  userId: z.string(),
  amount: z.number(),
  bank: z.string(),
})
export type CreditRow = z.infer<typeof creditRow>

/** Decided, but not yet known to be in the wallet. */
export async function uncreditedRows(
  pool: DatabasePool,
  after: number,
): Promise<readonly CreditRow[]> {
  return await pool.any(sql.type(creditRow)`
    select told.id, told.status, told.ticket_id as "ticketId", told.user_id as "userId",
           told.amount, coalesce(place.bank, told.number) as bank
      from bank_mutation as told left join bank_account as place on place.code = told.account
     where told.status in ('matched', 'assigned') and told.id > ${after}
     order by told.id limit 100`)
}

export async function noteCredited(
  pool: DatabasePool,
  row: CreditRow,
  { transferId, nowMs }: { transferId: string; nowMs: number },
): Promise<void> {
  const ticketId = row.status === 'matched' ? row.ticketId : null
  await pool.query(sql.type(none)`
    with paid as (
      update deposit_ticket set status = 'paid', closed_at = ${moment(nowMs)},
             transfer_id = ${transferId}
       where id = ${ticketId} and status = 'matched'
    )
    update bank_mutation set status = 'credited', transfer_id = ${transferId}
     where id = ${row.id} and status in ('matched', 'assigned')`)
}

const mutationRow = z.object({
  id: z.number(),
  account: z.string().nullable(),
  number: z.string(),
  bankRef: z.string().nullable(),
  day: z.string().nullable(),
  direction: z.enum(['in', 'out']),
  toldAmount: z.string(),
  amount: z.number().nullable(),
  toldBalance: z.string().nullable(),
  description: z.string(),
  source: z.string(),
  status: z.string(),
  reason: z.string().nullable(),
  ticketId: z.string().nullable(),
  userId: z.string().nullable(),
  decidedBy: z.string().nullable(),
  decidedWhy: z.string().nullable(),
  broughtBy: z.string().nullable(),
  secondBy: z.string().nullable(),
  transferId: z.string().nullable(),
  seenMs: z.number(),
})
export type BankMutationRow = z.infer<typeof mutationRow>

const mutationColumns = sql.fragment`
  id, account, number, bank_ref as "bankRef", day::text as day, direction,
  told_amount as "toldAmount", amount, told_balance as "toldBalance", description, source, status,
  reason, ticket_id as "ticketId", user_id as "userId", decided_by as "decidedBy",
  decided_why as "decidedWhy", brought_by as "broughtBy", second_by as "secondBy",
  transfer_id as "transferId", (extract(epoch from seen_at) * 1000)::double precision as "seenMs"`

export async function readBankMutations(
  pool: DatabasePool,
  asked: { readonly status: string; readonly before: number; readonly limit: number },
): Promise<readonly BankMutationRow[]> {
  return await pool.any(sql.type(mutationRow)`
    select ${mutationColumns} from bank_mutation
     where status = ${asked.status} and id < ${asked.before} order by id desc limit ${asked.limit}`)
}

export async function readBankMutation(
  pool: DatabasePool,
  id: number,
): Promise<BankMutationRow | null> {
  return await pool.maybeOne(sql.type(mutationRow)`
    select ${mutationColumns} from bank_mutation where id = ${id}`)
}

/**
 * A person's word on one that is in suspense. False when it is not (any more). What he gives away
 * alone counts against his limit, and waits for another person above it; whoever brought the row
 * is another person, if it is not for him.
 */
export async function decideBankMutation(
  pool: DatabasePool,
  id: number,
  verdict: Alone & {
    readonly status: 'assigned' | 'returned'
    readonly userId: string | null
    readonly by: string
    readonly why: string
  },
): Promise<boolean> {
  const { status, userId, by, why, nowMs, dayMs, aloneMax } = verdict
  const isAnothers = sql.fragment`
    (brought_by <> ${by}::uuid and brought_by is distinct from ${userId}::uuid)`
  return await pool.transaction(async write => {
    await write.query(lockPerson(by))
    const { rowCount } = await write.query(sql.type(none)`
      update bank_mutation
         set status = case
               when ${status}::text = 'returned' or ${isAnothers}
                 or amount + ${movedAlone(by, dayMs)} <= ${aloneMax}::bigint
               then ${status}::text else 'waiting' end,
             user_id = ${userId}::uuid, decided_by = ${by}::uuid, decided_why = ${why}::text,
             decided_at = ${moment(nowMs)},
             second_by = case when ${isAnothers} then brought_by end,
             second_at = case when ${isAnothers} then seen_at end
       where id = ${id} and status = 'suspense'`)
    return rowCount === 1
  })
}

/** The second person's word. Null when none waits for this person. */
export async function judgeBankMutation(
  pool: DatabasePool,
  id: number,
  verdict: {
    readonly status: 'approved' | 'rejected'
    readonly by: string
    readonly nowMs: number
  },
): Promise<BankMutationRow | null> {
  const { status, by, nowMs } = verdict
  const isApproved = status === 'approved'
  return await pool.transaction(async write => {
    const before = await write.maybeOne(sql.type(z.object({ reason: z.string().nullable() }))`
      select reason from bank_mutation where id = ${id} and status = 'waiting' for update`)
    const row = await write.maybeOne(sql.type(mutationRow)`
      update bank_mutation
         set status = case when not ${isApproved} then 'suspense'
                           when reason is null then 'matched' else 'assigned' end,
             reason = case when ${isApproved} then reason else coalesce(reason, 'rejected') end,
             user_id = case when ${isApproved} then user_id end,
             second_by = ${by}::uuid, second_at = ${moment(nowMs)}
       where id = ${id} and status = 'waiting'
         and (decided_by <> ${by}::uuid or not ${isApproved})
      returning ${mutationColumns}`)
    // It would have paid this ticket, which may now be paid by another row.
    if (row?.status === 'suspense' && before?.reason === null) {
      await write.query(sql.type(none)`
        update deposit_ticket set status = 'open'
         where id = ${row.ticketId} and status = 'matched'`)
    }
    return row
  })
}

// -- deliveries, before they are understood ----------------------------------------------------

const deliveryRow = z.object({ id: z.number(), body: z.string() })

export async function storeDelivery(
  pool: DatabasePool,
  { feed, body, nowMs }: { feed: string; body: string; nowMs: number },
): Promise<void> {
  await pool.query(sql.type(none)`
    insert into bank_inbox (feed, received_at, body) values (${feed}, ${moment(nowMs)}, ${body})`)
}

export async function unreadDeliveries(
  pool: DatabasePool,
  feed: string,
): Promise<readonly z.infer<typeof deliveryRow>[]> {
  return await pool.any(sql.type(deliveryRow)`
    select id, body from bank_inbox where verdict is null and feed = ${feed} order by id limit 50`)
}

export async function judgeDelivery(
  pool: DatabasePool,
  id: number,
  verdict: string,
): Promise<void> {
  await pool.query(sql.type(none)`update bank_inbox set verdict = ${verdict} where id = ${id}`)
}
