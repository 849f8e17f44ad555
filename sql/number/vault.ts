/** Keys that open the messages of rented numbers, and links that open one order without login. */

import { type DatabasePool, moment, none, sql, z } from '../database.ts'
import { isHeld } from '../people/legal-hold.ts'

const keyRow = z.object({ orderId: z.string(), key: z.string() })
type VaultKey = z.infer<typeof keyRow>

const ids = (orderIds: readonly string[]) => sql.array([...orderIds], 'uuid')

export async function keysOf(
  pool: DatabasePool,
  orderIds: readonly string[],
): Promise<readonly VaultKey[]> {
  return await pool.any(sql.type(keyRow)`
    select order_id as "orderId", key from number_vault where order_id = any(${ids(orderIds)})`)
}

/** Whoever has a key keeps it; what is in the table afterwards is told. */
export async function addKeys(
  pool: DatabasePool,
  fresh: readonly VaultKey[],
): Promise<readonly VaultKey[]> {
  const rows = fresh.map(({ orderId, key }) => [orderId, key])
  await pool.query(sql.type(none)`
    insert into number_vault (order_id, key)
    select order_id, key from ${sql.unnest(rows, ['uuid', 'text'])} as fresh (order_id, key)
    on conflict (order_id) do nothing`)
  return await keysOf(
    pool,
    fresh.map(({ orderId }) => orderId),
  )
}

export type Old = { readonly beforeMs: number; readonly limit: number }

/** Keys of orders that are over and not disputed: their messages can never be read again. */
export async function deleteNumberKeys(
  pool: DatabasePool,
  { beforeMs, limit }: Old,
): Promise<number> {
  const { rowCount } = await pool.query(sql.type(none)`
    delete from number_vault where order_id in (
      select order_id from number_vault as kept
       where made_at < ${moment(beforeMs)}
         and not exists (select from number_view v where v.id = kept.order_id and ${isHeld})
       order by made_at limit ${limit})`)
  return rowCount
}

/**
 * Keys and links that were kept of who has been forgotten, when nothing holds them any more.
 * Plan: a scan of the keys, each order and its client by their keys.
 */
export async function deleteKeysOfForgotten(
  pool: DatabasePool,
  { limit }: Pick<Old, 'limit'>,
): Promise<number> {
  const gone = await pool.any(sql.type(z.object({ id: z.string() }))`
    delete from number_vault where order_id in (
      select kept.order_id from number_vault as kept
        join number_view v on v.id = kept.order_id
        join client on client.id = v.user_id and client.erased_at is not null
       where not ${isHeld} limit ${limit})
    returning order_id as id`)
  if (gone.length > 0) {
    await pool.query(sql.type(none)`
      delete from number_invoice where order_id = any(${ids(gone.map(({ id }) => id))})`)
  }
  return gone.length
}

const linkRow = z.object({ orderId: z.string(), generation: z.number().int() })

export async function orderOfWord(pool: DatabasePool, hash: Buffer): Promise<string | null> {
  const row = await pool.maybeOne(sql.type(linkRow)`
    select order_id as "orderId", generation from number_invoice
     where word_hash = ${sql.binary(hash)}`)
  return row?.orderId ?? null
}

/** The link that is good now; null while the order has none. */
export async function generationOf(pool: DatabasePool, orderId: string): Promise<number | null> {
  const row = await pool.maybeOne(sql.type(linkRow)`
    select order_id as "orderId", generation from number_invoice where order_id = ${orderId}::uuid`)
  return row?.generation ?? null
}

/** False when somebody else made this generation meanwhile. */
export async function moveLink(
  pool: DatabasePool,
  link: { readonly orderId: string; readonly generation: number; readonly hash: Buffer },
): Promise<boolean> {
  const { orderId, generation, hash } = link
  const { rowCount } = await pool.query(sql.type(none)`
    insert into number_invoice (order_id, generation, word_hash)
    values (${orderId}::uuid, ${generation}, ${sql.binary(hash)})
    on conflict (order_id) do update
      set generation = excluded.generation, word_hash = excluded.word_hash
      where number_invoice.generation = excluded.generation - 1`)
  return rowCount === 1
}
