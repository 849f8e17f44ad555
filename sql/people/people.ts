/** People who work at the desk: they log in by e-mail, and have no keys. */

import { type DatabasePool, sql, z } from '../database.ts'
import { clientRole, clientStatus } from './clients.ts'

export const merchantRole = z.enum(['owner', 'finance', 'ops', 'viewer'])

const personRow = z.object({
  userId: z.string(),
  email: z.string(),
  name: z.string(),
  role: clientRole,
  status: clientStatus,
  merchantId: z.string().nullable(),
  merchantRole: merchantRole.nullable(),
  createdMs: z.number(),
})
export type PersonRow = z.infer<typeof personRow>

const columns = sql.fragment`
  client.id as "userId", client.email, client.name, client.role, client.status,
  merchant_user.merchant_id as "merchantId", merchant_user.role as "merchantRole",
  (extract(epoch from client.created_at) * 1000)::double precision as "createdMs"`
const people = sql.fragment`client left join merchant_user on merchant_user.client_id = client.id`
/** Whoever buys here, for himself or others, may have an e-mail too, and is nobody of the desk. */
const ofDesk = sql.fragment`client.role not in ('reseller', 'consumer')`

type NewPerson = Pick<PersonRow, 'userId' | 'email' | 'name' | 'role'> & {
  readonly merchantId: string | null
  readonly merchantRole: z.infer<typeof merchantRole> | null
  readonly passwordHash: string
  readonly by: string
}

/** False when the e-mail is taken. */
export async function addPerson(pool: DatabasePool, person: NewPerson): Promise<boolean> {
  const { userId, email, name, role, merchantId, merchantRole, passwordHash, by } = person
  const { rowCount } = await pool.query(sql.type(z.object({}))`
    with added as (
      insert into client (id, username, email, name, role, password_hash, rate_per_min)
      values (${userId}, ${email}, ${email}, ${name}, ${role}, ${passwordHash}, 600)
      on conflict do nothing returning id
    ), bound as (
      insert into merchant_user (client_id, merchant_id, role, created_by)
      select id, ${merchantId}::uuid, ${merchantRole}::text, ${by} from added
       where ${merchantId}::uuid is not null
    )
    select id from added`)
  return rowCount === 1
}

export async function personByEmail(pool: DatabasePool, email: string): Promise<PersonRow | null> {
  return await pool.maybeOne(sql.type(personRow)`
    select ${columns} from ${people}
     where lower(client.email) = ${email.toLowerCase()} and ${ofDesk}`)
}

export async function merchantExists(pool: DatabasePool, merchantId: string): Promise<boolean> {
  return await pool.exists(sql.type(z.object({}))`
    select 1 from merchant where id = ${merchantId}::uuid`)
}

const bond = z.object({ merchantId: z.string(), role: merchantRole })

/** For whom somebody speaks. */
export async function merchantOf(
  pool: DatabasePool,
  userId: string,
): Promise<z.infer<typeof bond> | null> {
  return await pool.maybeOne(sql.type(bond)`
    select merchant_id as "merchantId", role from merchant_user where client_id = ${userId}`)
}

/** Oldest first; of one merchant, or of the house. */
export async function listPeople(
  pool: DatabasePool,
  { merchantId, limit }: { merchantId: string | null; limit: number },
): Promise<readonly PersonRow[]> {
  return await pool.any(sql.type(personRow)`
    select ${columns} from ${people}
     where client.email is not null and ${ofDesk}
       and merchant_user.merchant_id is not distinct from ${merchantId}::uuid
     order by client.id limit ${limit}`)
}

/** The sessions that the old one opened end with it (trigger of 0027). */
export async function replacePassword(
  pool: DatabasePool,
  { userId, passwordHash }: { userId: string; passwordHash: string },
): Promise<void> {
  await pool.query(sql.type(z.object({}))`
    update client set password_hash = ${passwordHash} where id = ${userId}`)
}

/** Gives somebody who has none an e-mail to log in with. */
export async function giveEmail(
  pool: DatabasePool,
  { userId, email }: { userId: string; email: string },
): Promise<void> {
  await pool.query(sql.type(z.object({}))`
    update client set email = ${email} where id = ${userId} and email is null`)
}
