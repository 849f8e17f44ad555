/**
 * Deposit tickets, and the accounts and feeds of banks that they are paid by. Locks of one write
 * are taken in the order user, amount; the partial unique index `deposit_ticket_held` has the last
 * word on who has an amount.
 */

import { lockOf } from '../advisory-locks.ts'
import { type DatabasePool, moment, none, sql, z } from '../database.ts'

const ruleRow = z.object({
  ticketMin: z.number(),
  ticketMax: z.number(),
  ticketHours: z.number(),
  coolHours: z.number(),
  manualMax: z.number(),
  transferMin: z.number(),
  transferDayMax: z.number(),
})
type MoneyRules = z.infer<typeof ruleRow>

const ruleColumns = sql.fragment`
  ticket_min as "ticketMin", ticket_max as "ticketMax", ticket_hours as "ticketHours",
  cool_hours as "coolHours", manual_max as "manualMax", transfer_min as "transferMin",
  transfer_day_max as "transferDayMax"`

export async function readMoneyRules(pool: DatabasePool): Promise<MoneyRules> {
  return await pool.one(sql.type(ruleRow)`select ${ruleColumns} from money_rule`)
}

/** What is not named stays. */
export async function changeMoneyRules(
  pool: DatabasePool,
  change: { readonly [name in keyof MoneyRules]?: number | undefined },
): Promise<MoneyRules> {
  const next = (name: keyof MoneyRules) => change[name] ?? null
  return await pool.one(sql.type(ruleRow)`
    update money_rule set
      ticket_min = coalesce(${next('ticketMin')}::bigint, ticket_min),
      ticket_max = coalesce(${next('ticketMax')}::bigint, ticket_max),
      ticket_hours = coalesce(${next('ticketHours')}::smallint, ticket_hours),
      cool_hours = coalesce(${next('coolHours')}::smallint, cool_hours),
      manual_max = coalesce(${next('manualMax')}::bigint, manual_max),
      transfer_min = coalesce(${next('transferMin')}::bigint, transfer_min),
      transfer_day_max = coalesce(${next('transferDayMax')}::bigint, transfer_day_max)
    returning ${ruleColumns}`)
}

const accountRow = z.object({
  code: z.string(),
  bank: z.string(),
  number: z.string(),
  holder: z.string(),
  active: z.boolean(),
})
export type BankAccountRow = z.infer<typeof accountRow>

export async function readBankAccounts(pool: DatabasePool): Promise<readonly BankAccountRow[]> {
  return await pool.any(sql.type(accountRow)`
    select code, bank, number, holder, active from bank_account order by code limit 100`)
}

/** False when another one has this number, however it is written. */
export async function putBankAccount(pool: DatabasePool, row: BankAccountRow): Promise<boolean> {
  const { rowCount } = await pool.query(sql.type(none)`
    insert into bank_account (code, bank, number, holder, active)
    select ${row.code}::text, ${row.bank}::text, ${row.number}::text, ${row.holder}::text,
           ${row.active}::boolean
     where not exists (
       select from bank_account as other
        where other.code <> ${row.code}
          and regexp_replace(other.number, '\\D', '', 'g') =
              regexp_replace(${row.number}::text, '\\D', '', 'g'))
    on conflict (code) do update set bank = excluded.bank, number = excluded.number,
      holder = excluded.holder, active = excluded.active`)
  return rowCount > 0
}

const feedRow = z.object({
  code: z.string(),
  baseUrl: z.string(),
  token: z.string().nullable(),
  webhookSecret: z.string().nullable(),
  pollMinutes: z.number(),
  active: z.boolean(),
})
type BankFeedRow = z.infer<typeof feedRow>

export async function readBankFeed(pool: DatabasePool, code: string): Promise<BankFeedRow | null> {
  return await pool.maybeOne(sql.type(feedRow)`
    select code, base_url as "baseUrl", token, webhook_secret as "webhookSecret",
           poll_minutes as "pollMinutes", active
      from bank_feed where code = ${code}`)
}

export async function putBankFeed(pool: DatabasePool, row: BankFeedRow): Promise<void> {
  await pool.query(sql.type(none)`
    insert into bank_feed (code, base_url, token, webhook_secret, poll_minutes, active)
    values (${row.code}, ${row.baseUrl}, ${row.token}, ${row.webhookSecret}, ${row.pollMinutes},
            ${row.active})
    on conflict (code) do update set base_url = excluded.base_url, token = excluded.token,
      webhook_secret = excluded.webhook_secret, poll_minutes = excluded.poll_minutes,
      active = excluded.active`)
}

const ticketRow = z.object({
  id: z.string(),
  userId: z.string(),
  account: z.string(),
  bank: z.string(),
  number: z.string(),
  holder: z.string(),
  base: z.number(),
  amount: z.number(),
  status: z.enum(['open', 'matched', 'paid', 'cancelled', 'expired']),
  createdMs: z.number(),
  expiresMs: z.number(),
})
export type TicketRow = z.infer<typeof ticketRow>

/** For statements that call the table `ticket`. */
export const ticketMs = (column: 'created_at' | 'expires_at') =>
  sql.fragment`(extract(epoch from ticket.${sql.identifier([column])}) * 1000)::double precision`

const ticketColumns = (nowMs: number) => sql.fragment`
  ticket.id, ticket.user_id as "userId", ticket.account, place.bank, place.number, place.holder,
  ticket.base, ticket.amount,
  case when ticket.status = 'open' and ticket.expires_at <= ${moment(nowMs)} then 'expired'
       else ticket.status end as status,
  ${ticketMs('created_at')} as "createdMs", ${ticketMs('expires_at')} as "expiresMs"`

type TicketWish = {
  readonly id: string
  readonly userId: string
  readonly account: string
  readonly base: number
  /** Where the search for a free code begins, 0 to 998. */
  readonly start: number
  readonly nowMs: number
  readonly expiresMs: number
  readonly coolMs: number
  readonly openMax: number
}

/** The ticket (also one that stands open for the same wish), or why there is none. */
export async function takeTicket(
  pool: DatabasePool,
  wish: TicketWish,
): Promise<TicketRow | 'exhausted' | 'too_many'> {
  const { id, userId, account, base, start, nowMs, expiresMs, coolMs, openMax } = wish
  return await pool.transaction(async write => {
    await write.query(lockOf('tickets', userId))
    const open = await write.any(sql.type(ticketRow)`
      select ${ticketColumns(nowMs)}
        from deposit_ticket as ticket join bank_account as place on place.code = ticket.account
       where ticket.user_id = ${userId} and ticket.status = 'open'
         and ticket.expires_at > ${moment(nowMs)}
       order by ticket.id limit ${openMax + 1}`)
    const same = open.find(ticket => ticket.account === account && ticket.base === base)
    if (same !== undefined) return same
    if (open.length >= openMax) return 'too_many'

    await write.query(lockOf('codes', `${account} ${base}`))
    await write.query(sql.type(none)`
      update deposit_ticket set held = false
       where account = ${account} and amount between ${base + 1} and ${base + 999} and held
         and status <> 'matched'
         and coalesce(closed_at, expires_at) <= ${moment(nowMs - coolMs)}`)
    for (;;) {
      const code = await write.maybeOneFirst(sql.type(z.object({ code: z.number() }))`
        select code from generate_series(1, 999) as code
         where not exists (select from deposit_ticket
                            where account = ${account} and amount = ${base}::bigint + code and held)
         order by (code + 999 - ${start}::integer) % 999 limit 1`)
      if (code === null) return 'exhausted'
      // Another base may reach the same amount under another lock: then the next code is tried.
      const { rowCount } = await write.query(sql.type(none)`
        insert into deposit_ticket (id, user_id, account, base, amount, created_at, expires_at)
        values (${id}, ${userId}, ${account}, ${base}, ${base + code}, ${moment(nowMs)},
                ${moment(expiresMs)})
        on conflict (account, amount) where held do nothing`)
      if (rowCount === 1) break
    }
    return await write.one(sql.type(ticketRow)`
      select ${ticketColumns(nowMs)}
        from deposit_ticket as ticket join bank_account as place on place.code = ticket.account
       where ticket.id = ${id}`)
  })
}

export async function readTickets(
  pool: DatabasePool,
  asked: {
    readonly userId: string
    readonly before: string | null
    readonly limit: number
    readonly nowMs: number
  },
): Promise<readonly TicketRow[]> {
  const { userId, before, limit, nowMs } = asked
  return await pool.any(sql.type(ticketRow)`
    select ${ticketColumns(nowMs)}
      from deposit_ticket as ticket join bank_account as place on place.code = ticket.account
     where ticket.user_id = ${userId} and (${before}::uuid is null or ticket.id < ${before}::uuid)
     order by ticket.id desc limit ${limit}`)
}

export async function readTicket(
  pool: DatabasePool,
  asked: { readonly userId: string; readonly id: string; readonly nowMs: number },
): Promise<TicketRow | null> {
  const { userId, id, nowMs } = asked
  return await pool.maybeOne(sql.type(ticketRow)`
    select ${ticketColumns(nowMs)}
      from deposit_ticket as ticket join bank_account as place on place.code = ticket.account
     where ticket.id = ${id} and ticket.user_id = ${userId}`)
}

/** False when it is not open any more. */
export async function cancelTicket(
  pool: DatabasePool,
  asked: { readonly userId: string; readonly id: string; readonly nowMs: number },
): Promise<boolean> {
  const { userId, id, nowMs } = asked
  const { rowCount } = await pool.query(sql.type(none)`
    update deposit_ticket set status = 'cancelled', closed_at = ${moment(nowMs)}
     where id = ${id} and user_id = ${userId} and status = 'open'`)
  return rowCount === 1
}
