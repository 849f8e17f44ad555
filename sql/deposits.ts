/**
 * Deposit tickets and the bank's own rows. Locks of one write are taken in the order user, amount;
 * the partial unique index `deposit_ticket_held` has the last word on who has an amount.
 */

import { type DatabasePool, sql, z } from './database.ts'

const none = z.object({})
const at = (ms: number) => sql.fragment`to_timestamp(${ms}::double precision / 1000)`

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

export async function putBankAccount(pool: DatabasePool, row: BankAccountRow): Promise<void> {
  await pool.query(sql.type(none)`
    insert into bank_account (code, bank, number, holder, active)
    values (${row.code}, ${row.bank}, ${row.number}, ${row.holder}, ${row.active})
    on conflict (code) do update set bank = excluded.bank, number = excluded.number,
      holder = excluded.holder, active = excluded.active`)
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

const millis = (column: 'created_at' | 'expires_at') =>
  sql.fragment`(extract(epoch from ticket.${sql.identifier([column])}) * 1000)::double precision`

const ticketColumns = (nowMs: number) => sql.fragment`
  ticket.id, ticket.user_id as "userId", ticket.account, place.bank, place.number, place.holder,
  ticket.base, ticket.amount,
  case when ticket.status = 'open' and ticket.expires_at <= ${at(nowMs)} then 'expired'
       else ticket.status end as status,
  ${millis('created_at')} as "createdMs", ${millis('expires_at')} as "expiresMs"`

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
    await write.query(sql.type(none)`select pg_advisory_xact_lock(7222, hashtext(${userId}))`)
    const open = await write.any(sql.type(ticketRow)`
      select ${ticketColumns(nowMs)}
        from deposit_ticket as ticket join bank_account as place on place.code = ticket.account
       where ticket.user_id = ${userId} and ticket.status = 'open'
         and ticket.expires_at > ${at(nowMs)}
       order by ticket.id limit ${openMax + 1}`)
    const same = open.find(ticket => ticket.account === account && ticket.base === base)
    if (same !== undefined) return same
    if (open.length >= openMax) return 'too_many'

    const place = `${account} ${base}`
    await write.query(sql.type(none)`select pg_advisory_xact_lock(7223, hashtext(${place}))`)
    await write.query(sql.type(none)`
      update deposit_ticket set held = false
       where account = ${account} and amount between ${base + 1} and ${base + 999} and held
         and status <> 'matched'
         and coalesce(closed_at, expires_at) <= ${at(nowMs - coolMs)}`)
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
        values (${id}, ${userId}, ${account}, ${base}, ${base + code}, ${at(nowMs)},
                ${at(expiresMs)})
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
    update deposit_ticket set status = 'cancelled', closed_at = ${at(nowMs)}
     where id = ${id} and user_id = ${userId} and status = 'open'`)
  return rowCount === 1
}

// -- what the bank told ------------------------------------------------------------------------

export type BankRow = {
  readonly account: string | null
  readonly number: string
  readonly bankRef: string | null
  readonly content: string
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
        source text, "seenMs" bigint, reason text)
    on conflict do nothing`)
  return rowCount
}

const contentRow = z.object({ content: z.string(), bank_ref: z.string().nullable() })

/** Which of them are known, by content or by the feed's id. */
export async function knownBankRows(
  pool: DatabasePool,
  rows: readonly Pick<BankRow, 'content' | 'bankRef'>[],
): Promise<ReadonlySet<string>> {
  const contents = rows.map(row => row.content)
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

/** What a person may do without another one, and since when it is counted. */
export type Alone = { readonly aloneMax: number; readonly dayMs: number; readonly nowMs: number }

/** What one person moved alone; whoever asks has `lockPerson` until his own is written. */
export const movedAlone = (by: string, dayMs: number) => sql.fragment`(
  select coalesce(sum(amount), 0) from (
    select amount from manual_deposit
     where asked_by = ${by}::uuid and asked_at >= ${at(dayMs)} and second_by is null
       and status in ('approved', 'paid')
    union all
    select amount from bank_mutation
     where decided_by = ${by}::uuid and decided_at >= ${at(dayMs)} and second_by is null
       and status in ('matched', 'assigned', 'credited')
    union all
    select amount from deposit_verdict
     where asked_by = ${by}::uuid and asked_at >= ${at(dayMs)} and second_by is null
       and verdict <> 'return' and status in ('approved', 'done')) as moved)`

export const lockPerson = (by: string) =>
  sql.type(none)`select pg_advisory_xact_lock(7224, hashtext(${by}))`

/**
 * Decides one row in one write: `judge` sees the ticket that holds this amount and says why it is
 * not to be paid by this row, or null. Both are locked meanwhile. What a person brought may wait
 * for another.
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
      select ticket.id, ticket.status, ${millis('created_at')} as "createdMs",
             ${millis('expires_at')} as "expiresMs"
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
           set status = case when amount + ${movedAlone(by, dayMs)} <= ${aloneMax}::bigint
                             then 'matched' else 'waiting' end,
               decided_by = ${by}::uuid, decided_at = ${at(nowMs)}
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
      update deposit_ticket set status = 'paid', closed_at = ${at(nowMs)},
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
 * is another person.
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
  return await pool.transaction(async write => {
    await write.query(lockPerson(by))
    const { rowCount } = await write.query(sql.type(none)`
      update bank_mutation
         set status = case
               when ${status}::text = 'returned' or brought_by <> ${by}::uuid
                 or amount + ${movedAlone(by, dayMs)} <= ${aloneMax}::bigint
               then ${status}::text else 'waiting' end,
             user_id = ${userId}::uuid, decided_by = ${by}::uuid, decided_why = ${why}::text,
             decided_at = ${at(nowMs)},
             second_by = case when brought_by <> ${by}::uuid then brought_by end,
             second_at = case when brought_by <> ${by}::uuid then seen_at end
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
             second_by = ${by}::uuid, second_at = ${at(nowMs)}
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
    insert into bank_inbox (feed, received_at, body) values (${feed}, ${at(nowMs)}, ${body})`)
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

// -- money that a person moves: into a wallet, or a supplier's float ---------------------------

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
             ${askedBy}::uuid, ${at(nowMs)}
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
           second_at = ${at(nowMs)}
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
