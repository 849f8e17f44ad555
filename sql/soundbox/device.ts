/** Soundboxes: their cards, how they were last heard of, and the proofs of what they said. */

import type { CommonQueryMethods } from 'slonik'
import { blanked, jsonOf } from '../copy.ts'
import { none, sql, z } from '../database.ts'

type Db = CommonQueryMethods

const ms = (column: string) =>
  sql.fragment`floor(extract(epoch from ${sql.identifier([column])}) * 1000)::float8`

const cardRow = z.object({ id: z.string(), shard: z.number(), seq: z.number(), card: z.unknown() })
type CardRow = z.infer<typeof cardRow>

/** All of them, a page at a time, in the order of their ids. */
export async function deviceCards(
  db: Db,
  { after, limit }: { after: string; limit: number },
): Promise<readonly CardRow[]> {
  return await db.any(sql.type(cardRow)`
    select id, shard, seq, card from device_view
     where id > ${after}::uuid order by id limit ${limit}`)
}

type NewCard = CardRow & {
  readonly status: string
  readonly merchantId: string | null
  readonly terminalId: string | null
  readonly at: number
}

/** Never backwards, whoever writes late. */
export async function saveCards(db: Db, cards: readonly NewCard[]): Promise<void> {
  await db.query(sql.type(none)`
    -- prepared: save-cards
    insert into device_view (id, shard, seq, status, merchant_id, terminal_id, card, updated_at)
    select id, shard, seq, status, "merchantId", "terminalId", card,
           to_timestamp(at::double precision / 1000)
      from json_to_recordset(${jsonOf(cards)}::json) as fresh (
        id uuid, shard smallint, seq bigint, status text, "merchantId" uuid, "terminalId" uuid,
        card jsonb, at bigint)
    on conflict (id) do update
       set seq = excluded.seq, status = excluded.status, merchant_id = excluded.merchant_id,
           terminal_id = excluded.terminal_id, card = excluded.card,
           updated_at = excluded.updated_at
     where device_view.seq < excluded.seq`)
}

const healthRow = z.object({
  deviceId: z.string(),
  seenAt: z.number(),
  online: z.boolean(),
  battery: z.number().nullable(),
  signal: z.number().nullable(),
  firmware: z.string().nullable(),
  changedAt: z.number(),
})
export type HealthRow = z.infer<typeof healthRow>

/** The whole table: it is kept in memory. Nobody is connected to a process that just began. */
export async function deviceHealths(db: Db): Promise<readonly HealthRow[]> {
  await db.query(sql.type(none)`update device_health set online = false where online`)
  return await db.any(sql.type(healthRow)`
    select device_id as "deviceId", ${ms('seen_at')} as "seenAt", online, battery, signal,
           firmware, ${ms('changed_at')} as "changedAt"
      from device_health`)
}

export async function saveHealths(db: Db, rows: readonly HealthRow[]): Promise<void> {
  const values = rows.map(row => [
    ...[row.deviceId, row.seenAt, row.online, row.battery, row.signal],
    ...[row.firmware === null ? null : blanked(row.firmware), row.changedAt],
  ])
  const types = ['uuid', 'int8', 'bool', 'int4', 'int4', 'text', 'int8']
  await db.query(sql.type(none)`
    insert into device_health (device_id, seen_at, online, battery, signal, firmware, changed_at)
    select id, to_timestamp(seen::double precision / 1000), online, battery, signal, firmware,
           to_timestamp(changed::double precision / 1000)
      from ${sql.unnest(values, types)}
        as heard (id, seen, online, battery, signal, firmware, changed)
    on conflict (device_id) do update
       set seen_at = excluded.seen_at, online = excluded.online, battery = excluded.battery,
           signal = excluded.signal, firmware = excluded.firmware,
           changed_at = excluded.changed_at`)
}

/** What was learned of one message since it was last written. */
export type ProofPart = {
  readonly messageId: string
  transactionId: string
  deviceId: string
  amount: number
  queuedAt: number | null
  publishedAt: number | null
  publishedTimes: number
  receivedAt: number | null
  outcome: string | null
  why: string | null
  endedAt: number | null
}

/**
 * The first word on each thing stands, however often a part is written; times add up. A digest that
 * nobody will tell is silent.
 */
export async function saveProofs(db: Db, parts: readonly ProofPart[]): Promise<void> {
  await db.query(sql.type(none)`
    -- prepared: save-proofs
    insert into sound_proof as proof (message_id, transaction_id, device_id, amount, queued_at,
      published_at, published_times, received_at, outcome, why, ended_at)
    select "messageId", "transactionId", "deviceId", amount,
           to_timestamp("queuedAt"::double precision / 1000),
           to_timestamp("publishedAt"::double precision / 1000), "publishedTimes",
           to_timestamp("receivedAt"::double precision / 1000), outcome, why,
           to_timestamp("endedAt"::double precision / 1000)
      from json_to_recordset(${jsonOf(parts)}::json) as part (
        "messageId" text, "transactionId" uuid, "deviceId" uuid, amount bigint, "queuedAt" bigint,
        "publishedAt" bigint, "publishedTimes" integer, "receivedAt" bigint, outcome text, why text,
        "endedAt" bigint)
    on conflict (message_id) do update
       set amount = greatest(proof.amount, excluded.amount),
           queued_at = coalesce(proof.queued_at, excluded.queued_at),
           published_at = coalesce(proof.published_at, excluded.published_at),
           published_times = proof.published_times + excluded.published_times,
           received_at = coalesce(proof.received_at, excluded.received_at),
           outcome = case when proof.outcome = 'digest' and excluded.outcome = 'silent'
             then excluded.outcome else coalesce(proof.outcome, excluded.outcome) end,
           why = case when proof.outcome = 'digest' and excluded.outcome = 'silent'
             then excluded.why else coalesce(proof.why, excluded.why) end,
           ended_at = case when proof.outcome = 'digest' and excluded.outcome = 'silent'
             then excluded.ended_at else coalesce(proof.ended_at, excluded.ended_at) end`)
}

const proofRow = z.object({
  messageId: z.string(),
  transactionId: z.string(),
  deviceId: z.string(),
  amount: z.number(),
  queuedAt: z.number().nullable(),
  publishedAt: z.number().nullable(),
  publishedTimes: z.number(),
  receivedAt: z.number().nullable(),
  outcome: z.enum(['played', 'digest', 'silent']).nullable(),
  why: z.string().nullable(),
  endedAt: z.number().nullable(),
})
type ProofRow = z.infer<typeof proofRow>

const proofColumns = sql.fragment`
  message_id as "messageId", transaction_id as "transactionId", device_id as "deviceId", amount,
  ${ms('queued_at')} as "queuedAt", ${ms('published_at')} as "publishedAt",
  published_times as "publishedTimes", ${ms('received_at')} as "receivedAt", outcome, why,
  ${ms('ended_at')} as "endedAt"`

/** Newest first. Plan: backward scan of sound_proof_device. */
export async function proofsOfDevice(
  db: Db,
  { deviceId, limit }: { deviceId: string; limit: number },
): Promise<readonly ProofRow[]> {
  return await db.any(sql.type(proofRow)`
    select ${proofColumns} from sound_proof
     where device_id = ${deviceId}::uuid and queued_at is not null
     order by queued_at desc limit ${limit}`)
}

/** Oldest first: a payment that was told anew has several. */
export async function proofsOfPayments(
  db: Db,
  payments: readonly string[],
): Promise<readonly ProofRow[]> {
  return await db.any(sql.type(proofRow)`
    select ${proofColumns} from sound_proof
     where transaction_id = any(${sql.array([...payments], 'uuid')})
     order by queued_at nulls last, message_id limit 1000`)
}
