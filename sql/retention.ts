/**
 * Deletes what has been kept for long enough: one statement is one batch and says how many rows it
 * took. Rows of one table grow with their id, so that only old ones are looked at.
 */

import { type DatabasePool, moment, sql, z } from './database.ts'

export type Batch = {
  /** Unix ms: only what is older may go. */
  readonly before: number
  readonly limit: number
  /** Ids of orders that somebody still works on, without dashes. */
  readonly held: readonly string[]
  /** By what callbacks name these orders. */
  readonly words: readonly string[]
}

const nothing = z.object({})
const heldShape = z.object({ id: z.string() })
const wordShape = z.object({ theirId: z.string() })

/** Orders that wait for a person, and those with an open complaint. */
export async function heldOrders(pool: DatabasePool, limit: number): Promise<readonly string[]> {
  const rows = await pool.any(sql.type(heldShape)`
    select replace(id::text, '-', '') as id from (
      select id from order_view where attention is not null
      union select id from duplicate_sn where closed_at is null
      union select id from overcharge where closed_at is null
      union select trx_id from complaint where state in ('open', 'answered')
    ) as held limit ${limit}`)
  return rows.map(({ id }) => id)
}

/** Names that suppliers gave to attempts of these orders, and to all that are not settled. */
export async function namesAtSuppliers(
  pool: DatabasePool,
  held: readonly string[],
  limit: number,
): Promise<readonly string[]> {
  const rows = await pool.any(sql.type(wordShape)`
    select their_id as "theirId" from supplier_flight
     where their_id is not null
       and (released_at is null or substr(ref, 2, 32) = any(${sql.array([...held], 'text')}))
     limit ${limit}`)
  return rows.map(({ theirId }) => theirId)
}

export async function deleteCallbacks(pool: DatabasePool, batch: Batch): Promise<number> {
  const before = at(batch)
  const { rowCount } = await pool.query(sql.type(nothing)`
    delete from callback_inbox where id in (
      select id from callback_inbox
       where id < coalesce((select id from callback_inbox where received_at >= ${before}
                             order by id limit 1), 9223372036854775807)
         and received_at < ${before} and verdict is not null
         and not exists (
           select from unnest(${sql.array([...batch.words], 'text')}) as named (word)
            where position(convert_to(named.word, 'UTF8') in body) > 0)
       order by id limit ${batch.limit})`)
  return rowCount + (await deleteQrisCallbacks(pool, batch))
}

/** What acquirers told; but for what waits for a person. */
async function deleteQrisCallbacks(pool: DatabasePool, batch: Batch): Promise<number> {
  const before = at(batch)
  const { rowCount } = await pool.query(sql.type(nothing)`
    delete from qris_callback where id in (
      select id from qris_callback
       where id < coalesce((select id from qris_callback where received_at >= ${before}
                             order by id limit 1), 9223372036854775807)
         and received_at < ${before} and result is not null
         and (result <> 'parked' or (reviewed_at is not null and terminal_id is null))
       order by id limit ${batch.limit})`)
  return rowCount
}

/** With them what a supplier might once have revised, which is long over. */
export async function deleteFlights(pool: DatabasePool, batch: Batch): Promise<number> {
  await pool.query(sql.type(nothing)`
    delete from order_watch where (shard, id, n) in (
      select shard, id, n from order_watch
       where failed_at < ${at(batch)} limit ${batch.limit})`)
  await pool.query(sql.type(nothing)`
    delete from order_watch_closed where id in (
      select id from order_watch_closed where at < ${at(batch)} limit ${batch.limit})`)
  const { rowCount } = await pool.query(sql.type(nothing)`
    delete from supplier_flight where (supplier, ref) in (
      select supplier, ref from supplier_flight
       where released_at < ${at(batch)} and taken_at < ${at(batch)}
         and substr(ref, 2, 32) <> all(${sql.array([...batch.held], 'text')})
       order by released_at limit ${batch.limit})`)
  return rowCount
}

/** Rows of lists that are through. The list's own reference stays: it is not placed a second time. */
export async function deleteBulk(pool: DatabasePool, batch: Batch): Promise<number> {
  const { rowCount } = await pool.query(sql.type(nothing)`
    delete from bulk_row where job_id in (
      select id from bulk_job
       where done_at < ${at(batch)}
         and exists (select from bulk_row where job_id = bulk_job.id)
         and not exists (
           select from bulk_row
            where job_id = bulk_job.id
              and replace(trx_id::text, '-', '') = any(${sql.array([...batch.held], 'text')}))
       order by created_at limit ${Math.ceil(batch.limit / 100)})`)
  return rowCount
}

/**
 * What banks delivered, once it was understood, and tickets that nobody paid. The rows themselves
 * of what a bank said stay: that one was seen before is known by them only.
 */
export async function deleteBank(pool: DatabasePool, batch: Batch): Promise<number> {
  const before = at(batch)
  const { limit } = batch
  const { rowCount: delivered } = await pool.query(sql.type(nothing)`
    delete from bank_inbox where id in (
      select id from bank_inbox
       where id < coalesce((select id from bank_inbox where received_at >= ${before}
                             order by id limit 1), 9223372036854775807)
         and received_at < ${before} and verdict is not null
       order by id limit ${limit})`)
  const { rowCount: tickets } = await pool.query(sql.type(nothing)`
    delete from deposit_ticket where id in (
      select id from deposit_ticket as ticket
       where created_at < ${before} and status = 'cancelled' and not held
         and not exists (select from bank_mutation where ticket_id = ticket.id)
       order by id limit ${limit})`)
  return delivered + tickets
}

/** Answers first, then orders by chat, then messages that nothing is about any more. */
export async function deleteChat(pool: DatabasePool, batch: Batch): Promise<number> {
  const before = at(batch)
  const { limit } = batch
  const held = sql.array([...batch.held], 'text')
  const { rowCount: answers } = await pool.query(sql.type(nothing)`
    delete from chat_outbox where id in (
      select id from chat_outbox
       where id < coalesce((select id from chat_outbox where created_at >= ${before}
                             order by id limit 1), 9223372036854775807)
         and created_at < ${before} and state <> 'waiting'
       order by id limit ${limit})`)
  const { rowCount: orders } = await pool.query(sql.type(nothing)`
    delete from chat_order where id in (
      select id from chat_order
       where id < coalesce((select id from chat_order where created_at >= ${before}
                             order by id limit 1), 9223372036854775807)
         and created_at < ${before} and told is not null
         and (trx_id is null or replace(trx_id::text, '-', '') <> all(${held}))
       order by id limit ${limit})`)
  const { rowCount: messages } = await pool.query(sql.type(nothing)`
    delete from chat_inbox where id in (
      select id from chat_inbox
       where id < coalesce((select id from chat_inbox where received_at >= ${before}
                             order by id limit 1), 9223372036854775807)
         and received_at < ${before} and state <> 'waiting'
         and not exists (select from chat_order where inbox_id = chat_inbox.id)
         and not exists (select from complaint where inbox_id = chat_inbox.id)
       order by id limit ${limit})`)
  return answers + orders + messages
}

export async function deleteUnread(pool: DatabasePool, batch: Batch): Promise<number> {
  const { rowCount } = await pool.query(sql.type(nothing)`
    delete from parser_inbox where (supplier, channel, shape) in (
      select supplier, channel, shape from parser_inbox
       where last_at < ${at(batch)} limit ${batch.limit})`)
  return rowCount
}

/** The history of the catalogue, and old askings for price lists but for the newest of each. */
export async function deleteHistory(pool: DatabasePool, batch: Batch): Promise<number> {
  const before = at(batch)
  const { rowCount: changes } = await pool.query(sql.type(nothing)`
    delete from catalogue_history where id in (
      select id from catalogue_history
       where id < coalesce((select id from catalogue_history where at >= ${before}
                             order by id limit 1), 9223372036854775807)
         and at < ${before}
       order by id limit ${batch.limit})`)
  const { rowCount: askings } = await pool.query(sql.type(nothing)`
    delete from price_sync where id in (
      select id from price_sync as old
       where asked_at < ${before} and outcome not in ('asked', 'proposed')
         and exists (select from price_sync as newer
                      where newer.supplier_code = old.supplier_code and newer.id > old.id
                        and newer.outcome not in ('asked', 'failed'))
       order by id limit ${batch.limit})`)
  return changes + askings
}

/** Serial numbers, and what a person has closed about them and about what was overcharged. */
export async function deleteSerials(pool: DatabasePool, batch: Batch): Promise<number> {
  const before = at(batch)
  const { rowCount: serials } = await pool.query(sql.type(nothing)`
    delete from serial where ctid = any(array(
      select ctid from serial where at < ${before} limit ${batch.limit}))`)
  const { rowCount: flags } = await pool.query(sql.type(nothing)`
    delete from duplicate_sn where id in (
      select id from duplicate_sn where closed_at < ${before} limit ${batch.limit})`)
  const { rowCount: overcharges } = await pool.query(sql.type(nothing)`
    delete from overcharge where id in (
      select id from overcharge where closed_at < ${before} limit ${batch.limit})`)
  return serials + flags + overcharges
}

/** How messages about payments were published and heard; how they ended stays with the payment. */
export async function deleteSounds(pool: DatabasePool, batch: Batch): Promise<number> {
  const { rowCount } = await pool.query(sql.type(nothing)`
    delete from sound_proof where message_id in (
      select message_id from sound_proof where queued_at < ${at(batch)} limit ${batch.limit})`)
  return rowCount
}

/** What people did, and links from mails, which open nothing after days. */
export async function deleteActivity(pool: DatabasePool, batch: Batch): Promise<number> {
  const before = at(batch)
  const { rowCount: lines } = await pool.query(sql.type(nothing)`
    delete from activity where id in (
      select id from activity
       where id < coalesce((select id from activity where at >= ${before} order by id limit 1),
                           9223372036854775807)
         and at < ${before}
       order by id limit ${batch.limit})`)
  const { rowCount: links } = await pool.query(sql.type(nothing)`
    delete from email_link where hash in (
      select hash from email_link where expires_at < ${before} limit ${batch.limit})`)
  return lines + links
}

const at = ({ before }: Batch) => moment(before)
