/**
 * Alarms and whom they are told: rows that staff keeps, rows that the process writes, and what must
 * be counted to know whether something is wrong. Secrets stay sealed here.
 */

import { type DatabasePool, moment, sql, z } from './database.ts'

const nothing = z.object({})
const severity = z.enum(['info', 'warning', 'critical'])

// -- rules and channels ------------------------------------------------------------------------

const ruleRow = z.object({
  code: z.string(),
  active: z.boolean(),
  severity,
  threshold: z.number(),
  holdS: z.number(),
})
type RuleRow = z.infer<typeof ruleRow>

/** Only what was changed by somebody. */
export async function changedRules(pool: DatabasePool): Promise<readonly RuleRow[]> {
  return await pool.any(sql.type(ruleRow)`
    select code, active, severity, threshold, hold_s as "holdS" from alarm_rule`)
}

type Hand = { readonly by: string; readonly reason: string; readonly at: number }

export async function saveRule(pool: DatabasePool, row: RuleRow, hand: Hand): Promise<void> {
  const { code, active, threshold, holdS } = row
  await pool.query(sql.type(nothing)`
    with saved as (
      insert into alarm_rule (code, active, severity, threshold, hold_s, updated_at)
      values (${code}, ${active}, ${row.severity}, ${threshold}, ${holdS}, ${moment(hand.at)})
      on conflict (code) do update
         set active = excluded.active, severity = excluded.severity,
             threshold = excluded.threshold, hold_s = excluded.hold_s,
             updated_at = excluded.updated_at
    )
    ${history({ alarmId: null, subject: code, what: 'rule', ...hand, fields: row })}`)
}

const channelRow = z.object({
  name: z.string(),
  kind: z.enum(['webhook', 'chat']),
  url: z.string().nullable(),
  secret: z.string().nullable(),
  gateway: z.string().nullable(),
  address: z.string().nullable(),
  minSeverity: severity,
  quietFrom: z.number().nullable(),
  quietUntil: z.number().nullable(),
  zone: z.string(),
  wakes: z.boolean(),
  active: z.boolean(),
  toldAt: z.number().nullable(),
  createdAt: z.number(),
})
/** `secret` is sealed. */
export type ChannelRow = z.infer<typeof channelRow>

export async function readChannels(pool: DatabasePool): Promise<readonly ChannelRow[]> {
  return await pool.any(sql.type(channelRow)`
    select name, kind, url, secret, gateway, address, min_severity as "minSeverity",
           quiet_from as "quietFrom", quiet_until as "quietUntil", zone, wakes, active,
           told_at as "toldAt", created_at as "createdAt"
      from alarm_channel order by name limit 100`)
}

export async function saveChannel(
  pool: DatabasePool,
  row: Omit<ChannelRow, 'toldAt' | 'createdAt'>,
  hand: Hand,
): Promise<void> {
  const { secret: _, ...fields } = row
  await pool.query(sql.type(nothing)`
    with saved as (
      insert into alarm_channel (name, kind, url, secret, gateway, address, min_severity,
                                 quiet_from, quiet_until, zone, wakes, active, created_at)
      values (${row.name}, ${row.kind}, ${row.url}, ${row.secret}, ${row.gateway}, ${row.address},
              ${row.minSeverity}, ${row.quietFrom}, ${row.quietUntil}, ${row.zone}, ${row.wakes},
              ${row.active}, ${moment(hand.at)})
      on conflict (name) do update
         set url = excluded.url, secret = excluded.secret, gateway = excluded.gateway,
             address = excluded.address, min_severity = excluded.min_severity,
             quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until,
             zone = excluded.zone, wakes = excluded.wakes, active = excluded.active
    )
    ${history({ alarmId: null, subject: row.name, what: 'channel', ...hand, fields })}`)
}

// -- alarms ------------------------------------------------------------------------------------

const alarmRow = z.object({
  id: z.number(),
  code: z.string(),
  subject: z.string(),
  about: z.string(),
  severity,
  state: z.enum(['open', 'acknowledged', 'resolved']),
  value: z.number(),
  threshold: z.number(),
  since: z.number(),
  goneAt: z.number().nullable(),
  resolvedAt: z.number().nullable(),
  ackedBy: z.string().nullable(),
  ackedAt: z.number().nullable(),
  ackReason: z.string().nullable(),
  mutedUntil: z.number().nullable(),
})
export type AlarmRow = z.infer<typeof alarmRow>

const alarmColumns = sql.fragment`
  id, code, subject, about, severity, state, value, threshold, since, gone_at as "goneAt",
  resolved_at as "resolvedAt", acked_by as "ackedBy", acked_at as "ackedAt",
  ack_reason as "ackReason", muted_until as "mutedUntil"`

const openMax = 1_000

/** What is not over. Plan: alarm_open. */
export async function openAlarms(pool: DatabasePool): Promise<readonly AlarmRow[]> {
  return await pool.any(sql.type(alarmRow)`
    select ${alarmColumns} from alarm where state <> 'resolved' order by id limit ${openMax}`)
}

export async function alarmById(pool: DatabasePool, id: number): Promise<AlarmRow | null> {
  return await pool.maybeOne(sql.type(alarmRow)`
    select ${alarmColumns} from alarm where id = ${id}`)
}

export async function readAlarms(
  pool: DatabasePool,
  asked: { state: string | null; code: string | null; before: number; limit: number },
): Promise<readonly AlarmRow[]> {
  return await pool.any(sql.type(alarmRow)`
    select ${alarmColumns} from alarm
     where id < ${asked.before} and (${asked.state}::text is null or state = ${asked.state}::text)
       and (${asked.code}::text is null or code = ${asked.code}::text)
     order by id desc limit ${asked.limit}`)
}

type Steps = {
  readonly opened: readonly Pick<
    AlarmRow,
    'code' | 'subject' | 'about' | 'severity' | 'value' | 'threshold' | 'since'
  >[]
  readonly seen: readonly Pick<AlarmRow, 'id' | 'value' | 'about' | 'severity' | 'threshold'>[]
  readonly gone: readonly number[]
  readonly resolved: readonly { readonly id: number; readonly code: string }[]
}

/** All that a look came to, in one write. The numbers of those that were opened. */
export async function writeSteps(
  pool: DatabasePool,
  { opened, seen, gone, resolved }: Steps,
  at: number,
): Promise<readonly number[]> {
  const ids: number[] = []
  await pool.transaction(async write => {
    for (const one of opened) {
      const { code, subject, about, value, threshold, since } = one
      const id = await write.maybeOneFirst(sql.type(z.object({ id: z.number() }))`
        insert into alarm (code, subject, about, severity, value, threshold, since, muted_until)
        values (${code}, ${subject}, ${about}, ${one.severity}, ${value}, ${threshold},
                ${moment(since)},
                (select muted_until from alarm where code = ${code} and subject = ${subject}
                  order by id desc limit 1))
        on conflict (code, subject) where state <> 'resolved' do nothing returning id`)
      if (id === null) continue
      ids.push(id)
      const words = { alarmId: id, subject: code, what: 'opened', by: '', reason: '', at }
      await write.query(sql.type(nothing)`${history({ ...words, fields: { about, value } })}`)
    }
    for (const one of seen) {
      await write.query(sql.type(nothing)`
        update alarm set value = ${one.value}, about = ${one.about}, severity = ${one.severity},
               threshold = ${one.threshold}, gone_at = null
         where id = ${one.id} and state <> 'resolved'`)
    }
    if (gone.length > 0) {
      await write.query(sql.type(nothing)`
        update alarm set gone_at = ${moment(at)} where id = any(${sql.array([...gone], 'int8')})`)
    }
    for (const { id, code } of resolved) {
      await write.query(sql.type(nothing)`
        update alarm set state = 'resolved', resolved_at = coalesce(gone_at, ${moment(at)})
         where id = ${id} and state <> 'resolved'`)
      const words = { alarmId: id, subject: code, what: 'resolved', by: '', reason: '', at }
      await write.query(sql.type(nothing)`${history({ ...words, fields: {} })}`)
    }
  })
  return ids
}

/** Null when there is none that is open. */
export async function acknowledge(
  pool: DatabasePool,
  { id, code }: { id: number; code: string },
  hand: Hand,
): Promise<AlarmRow | null> {
  return await changed(
    pool,
    sql.fragment`state = 'acknowledged', acked_by = ${hand.by}, acked_at = ${moment(hand.at)},
                 ack_reason = ${hand.reason}`,
    { alarmId: id, subject: code, what: 'acknowledged', ...hand, fields: {} },
  )
}

export async function mute(
  pool: DatabasePool,
  { id, code, until }: { id: number; code: string; until: number | null },
  hand: Hand,
): Promise<AlarmRow | null> {
  const end = moment(until)
  return await changed(pool, sql.fragment`muted_until = ${end}`, {
    ...{ alarmId: id, subject: code, what: 'muted', ...hand, fields: { until } },
  })
}

async function changed(
  pool: DatabasePool,
  set: ReturnType<typeof moment>,
  words: Words,
): Promise<AlarmRow | null> {
  return await pool.transaction(async write => {
    const row = await write.maybeOne(sql.type(alarmRow)`
      update alarm set ${set} where id = ${words.alarmId} and state <> 'resolved'
      returning ${alarmColumns}`)
    if (row !== null) await write.query(sql.type(nothing)`${history(words)}`)
    return row
  })
}

// -- telling -----------------------------------------------------------------------------------

/** Nobody is told of an end that long after it. */
const endsToldMs = 3 * 86_400_000

/** What is open, and what is over and somebody must still hear of. */
export async function alarmsToTell(pool: DatabasePool, at: number): Promise<readonly AlarmRow[]> {
  return await pool.any(sql.type(alarmRow)`
    select ${alarmColumns} from alarm
     where state <> 'resolved'
        or (resolved_at > ${moment(at - endsToldMs)}
            and id in (select alarm_id from alarm_notice where not closed))
     order by id limit ${openMax}`)
}

const noticeRow = z.object({
  alarmId: z.number(),
  channel: z.string(),
  told: z.number(),
  nextAt: z.number(),
})
type NoticeRow = z.infer<typeof noticeRow>

export async function openNotices(pool: DatabasePool): Promise<readonly NoticeRow[]> {
  return await pool.any(sql.type(noticeRow)`
    select alarm_id as "alarmId", channel, told, next_at as "nextAt"
      from alarm_notice where not closed`)
}

type Telling = {
  readonly channel: string
  /** Null: it was told by hand already, and is only noted. */
  readonly body: string | null
  /** To a chat gateway; null for a webhook. */
  readonly chat: { readonly gateway: string; readonly address: string } | null
  readonly notices: readonly {
    readonly alarmId: number
    readonly nextAt: number
    readonly closed: boolean
  }[]
}

/** The message and that it was told, in one write; a chat message goes to the chat's outbox. */
export async function writeTelling(
  pool: DatabasePool,
  { channel, body, chat, notices }: Telling,
  at: number,
): Promise<void> {
  await pool.transaction(async write => {
    await write.query(sql.type(nothing)`
      update alarm_channel set told_at = ${moment(at)} where name = ${channel}`)
    for (const { alarmId, nextAt, closed } of notices) {
      await write.query(sql.type(nothing)`
        insert into alarm_notice (alarm_id, channel, told, next_at, closed)
        values (${alarmId}, ${channel}, 1, ${moment(nextAt)}, ${closed})
        on conflict (alarm_id, channel) do update
           set told = alarm_notice.told + 1, next_at = excluded.next_at, closed = excluded.closed`)
    }
    if (body === null) return
    const state = chat === null ? 'waiting' : 'handed'
    const ids = sql.array(
      notices.map(one => one.alarmId),
      'int8',
    )
    const id = await write.oneFirst(sql.type(z.object({ id: z.number() }))`
      insert into alarm_message (channel, body, alarms, state, due_at, created_at)
      values (${channel}, ${body}, ${ids}, ${state}, ${moment(at)}, ${moment(at)}) returning id`)
    if (chat === null) return
    await write.query(sql.type(nothing)`
      insert into chat_outbox (gateway, address, text, about, state)
      values (${chat.gateway}, ${chat.address}, ${body}, ${`alarm ${id}`}, 'waiting')`)
  })
}

const messageRow = z.object({
  id: z.number(),
  channel: z.string(),
  body: z.string(),
  tries: z.number(),
})
export type MessageRow = z.infer<typeof messageRow>

/** Of each channel the oldest that waits, when it is due. Plan: alarm_message_waiting. */
export async function dueMessages(pool: DatabasePool, at: number): Promise<readonly MessageRow[]> {
  return await pool.any(sql.type(messageRow)`
    select * from (
      select distinct on (channel) id, channel, body, tries, due_at from alarm_message
       where state = 'waiting' order by channel, id) as oldest
     where due_at <= ${moment(at)}`)
}

export async function noteMessage(
  pool: DatabasePool,
  note: {
    id: number
    state: 'waiting' | 'sent' | 'failed'
    problem: string | null
    dueAt: number
    at: number
  },
): Promise<void> {
  const { id, state, problem, dueAt, at } = note
  const endedAt = state === 'waiting' ? sql.fragment`null` : moment(at)
  await pool.query(sql.type(nothing)`
    update alarm_message set state = ${state}, problem = ${problem}, tries = tries + 1,
           due_at = ${moment(dueAt)}, ended_at = ${endedAt}
     where id = ${id} and state = 'waiting'`)
}

// -- history -----------------------------------------------------------------------------------

const historyRow = z.object({
  id: z.number(),
  alarmId: z.number().nullable(),
  subject: z.string(),
  what: z.string(),
  by: z.string(),
  reason: z.string(),
  fields: z.record(z.unknown()),
  at: z.number(),
})
type HistoryRow = z.infer<typeof historyRow>

/** Newest first; of one alarm, or of everything. */
export async function readHistory(
  pool: DatabasePool,
  { alarmId, before, limit }: { alarmId: number | null; before: number; limit: number },
): Promise<readonly HistoryRow[]> {
  return await pool.any(sql.type(historyRow)`
    select id, alarm_id as "alarmId", subject, what, by, reason, fields, at from alarm_history
     where id < ${before} and (${alarmId}::bigint is null or alarm_id = ${alarmId}::bigint)
     order by id desc limit ${limit}`)
}

type Words = Hand & {
  readonly alarmId: number | null
  readonly subject: string
  readonly what: string
  readonly fields: object
}

const history = ({ alarmId, subject, what, by, reason, fields, at }: Words) => sql.fragment`
  insert into alarm_history (alarm_id, subject, what, by, reason, fields, at)
  values (${alarmId}, ${subject}, ${what}, ${by}, ${reason}, ${JSON.stringify(fields)}::jsonb,
          ${moment(at)})`

export async function noteHistory(pool: DatabasePool, words: Words): Promise<void> {
  await pool.query(sql.type(nothing)`${history(words)}`)
}

/** What was over or said before that time goes, so many rows at once. */
export async function deleteAlarms(
  pool: DatabasePool,
  { before, limit }: { before: number; limit: number },
): Promise<void> {
  await pool.query(sql.type(nothing)`
    delete from alarm_message where id in (
      select id from alarm_message
       where created_at < ${moment(before)} and state <> 'waiting' order by id limit ${limit})`)
  await pool.query(sql.type(nothing)`
    delete from alarm_history where id in (
      select id from alarm_history where at < ${moment(before)} order by id limit ${limit})`)
  await pool.query(sql.type(nothing)`
    delete from alarm where id in (
      select id from alarm
       where resolved_at < ${moment(before)} and state = 'resolved' order by id limit ${limit})`)
}

// -- what is counted ---------------------------------------------------------------------------

const countMax = 100_000

const unreadRow = z.object({ supplier: z.string(), replies: z.number() })

/** Replies of shapes that came again since then, and that no rule reads. */
export async function unreadReplies(
  pool: DatabasePool,
  since: number,
): Promise<readonly z.infer<typeof unreadRow>[]> {
  return await pool.any(sql.type(unreadRow)`
    select supplier, sum(count)::float8 as replies from parser_inbox
     where last_at >= ${moment(since)} group by supplier`)
}

/** When the oldest payment came that waits for finance. Plan: bank_mutation_open. */
export async function oldestSuspense(pool: DatabasePool): Promise<number | null> {
  return await pool.oneFirst(sql.type(z.object({ seenAt: z.number().nullable() }))`
    select min(seen_at) as "seenAt" from bank_mutation where status = 'suspense'`)
}

const forgedRow = z.object({ party: z.string(), callbacks: z.number() })

/** Plan: callback_inbox_forged. */
export async function forgedCallbacks(
  pool: DatabasePool,
  since: number,
): Promise<readonly z.infer<typeof forgedRow>[]> {
  return await pool.any(sql.type(forgedRow)`
    select party, count(*)::float8 as callbacks
      from (select party from callback_inbox
             where verdict like 'forged%' and received_at >= ${moment(since)}
             limit ${countMax}) as forged
     group by party`)
}

const endpointName = z.object({ id: z.string(), username: z.string(), url: z.string() })

/** Whose endpoints these are. */
export async function endpointNames(
  pool: DatabasePool,
  ids: readonly string[],
): Promise<readonly z.infer<typeof endpointName>[]> {
  return await pool.any(sql.type(endpointName)`
    select endpoint.id, username, url from webhook_endpoint as endpoint
      join client on client.id = client_id
     where endpoint.id::text = any(${sql.array([...ids], 'text')}) and active`)
}
