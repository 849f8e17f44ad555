/** The handler_api.php protocol: keys without a name, numbers instead of ids. */

import type { CommonQueryMethods } from 'slonik'
import { lockNamed } from '../advisory-locks.ts'
import { jsonOf } from '../copy.ts'
import { type DatabasePool, none, sql, z } from '../database.ts'

type Db = CommonQueryMethods

const usernameRow = z.object({ username: z.string() })

/** Null for a key that nobody has now: what was exchanged since is not found by its hash. */
export async function usernameOfApiKey(db: Db, hash: string): Promise<string | null> {
  const row = await db.maybeOne(sql.type(usernameRow)`
    select username from client_api_key as key join client on client.id = key.client_id
     where hash = ${hash} and key.sealed = md5(client.api_key)`)
  return row?.username ?? null
}

const unmetRow = z.object({ userId: z.string(), apiKey: z.string() })

/** Clients whose key is not among the hashes. Plan: one scan of client; clients are few. */
export async function unmetApiKeys(
  db: Db,
  limit: number,
): Promise<readonly z.infer<typeof unmetRow>[]> {
  return await db.any(sql.type(unmetRow)`
    select client.id as "userId", api_key as "apiKey"
      from client left join client_api_key as key on key.client_id = client.id
     where api_key is not null and key.sealed is distinct from md5(api_key)
     order by client.id limit ${limit}`)
}

export async function meetApiKeys(
  db: Db,
  rows: readonly { readonly userId: string; readonly hash: string; readonly apiKey: string }[],
): Promise<void> {
  await db.query(sql.type(none)`
    insert into client_api_key (hash, client_id, sealed)
    select hash, "userId", md5("apiKey")
      from json_to_recordset(${jsonOf(rows)}::json) as told (
        hash text, "userId" uuid, "apiKey" text)
    on conflict (client_id) do update set hash = excluded.hash, sealed = excluded.sealed`)
}

const banRow = z.object({ untilMs: z.number().nullable() })

/** Until when; null without an end, undefined for who is not banned. */
export async function bannedUntil(db: Db, userId: string): Promise<number | null | undefined> {
  const row = await db.maybeOne(sql.type(banRow)`
    select (extract(epoch from until) * 1000)::double precision as "untilMs"
      from client_ban where client_id = ${userId}`)
  return row?.untilMs
}

const numberRow = z.object({ orderId: z.string(), n: z.number().int() })
const firstOrder = 100_001

/** The number of each order, made where there is none: for one client at a time. */
export async function numbersOfOrders(
  pool: DatabasePool,
  { userId, orderIds }: { readonly userId: string; readonly orderIds: readonly string[] },
): Promise<readonly z.infer<typeof numberRow>[]> {
  return await pool.transaction(async write => {
    await write.query(lockNamed(`number dialect ${userId}`))
    await write.query(sql.type(none)`
      insert into number_dialect_order (user_id, n, order_id)
      select ${userId}, last.n + row_number() over (order by wish.id), wish.id
        from (select distinct unnest(${sql.array([...orderIds], 'uuid')})) as wish (id),
             (select coalesce(max(n), ${firstOrder - 1}) as n
                from number_dialect_order where user_id = ${userId}) as last
       where not exists (select from number_dialect_order as known
                          where known.user_id = ${userId} and known.order_id = wish.id)`)
    return await write.any(sql.type(numberRow)`
      select order_id as "orderId", n from number_dialect_order
       where user_id = ${userId} and order_id = any(${sql.array([...orderIds], 'uuid')})`)
  })
}

export async function orderOfNumber(
  db: Db,
  { userId, n }: { readonly userId: string; readonly n: number },
): Promise<string | null> {
  const row = await db.maybeOne(sql.type(numberRow)`
    select order_id as "orderId", n from number_dialect_order
     where user_id = ${userId} and n = ${n}`)
  return row?.orderId ?? null
}

const countryRow = z.object({ country: z.string(), n: z.number().int() })
const firstCountry = 1_000

export async function numbersOfCountries(
  pool: DatabasePool,
  countries: readonly string[],
): Promise<readonly z.infer<typeof countryRow>[]> {
  return await pool.transaction(async write => {
    await write.query(lockNamed('number dialect countries'))
    await write.query(sql.type(none)`
      insert into number_dialect_country (country, n)
      select wish.country, last.n + row_number() over (order by wish.country)
        from (select distinct unnest(${sql.array([...countries], 'text')})) as wish (country),
             (select coalesce(max(n), ${firstCountry - 1}) as n
                from number_dialect_country) as last
       where not exists (select from number_dialect_country as known
                          where known.country = wish.country)`)
    return await write.any(sql.type(countryRow)`
      select country, n from number_dialect_country
       where country = any(${sql.array([...countries], 'text')})`)
  })
}
