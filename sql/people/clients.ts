/**
 * Clients and their keys: who may ask. One typed query per question; secrets pass through here
 * sealed or hashed and are never opened here.
 */

import { type DatabasePool, sql, z } from '../database.ts'
import { billCodes } from './partners.ts'

export const clientStatus = z.enum(['active', 'suspended', 'closed'])
export type ClientStatus = z.infer<typeof clientStatus>

export const clientRole = z.enum([
  'reseller',
  'admin',
  'finance',
  'support',
  'ops',
  'viewer',
  'merchant',
  'consumer',
])

const cardRow = z.object({
  userId: z.string(),
  username: z.string(),
  name: z.string(),
  level: z.number().int(),
  role: clientRole,
  status: clientStatus,
  secret: z.string(),
  ipAllow: z.array(z.string()),
  ratePerMin: z.number().int(),
  readPerMin: z.number().int().nullable(),
})
export type CardRow = z.infer<typeof cardRow>

const keyCardRow = cardRow.extend({ keyId: z.string() })
type KeyCardRow = z.infer<typeof keyCardRow>

/** The cards behind those keys that are active; each one row by primary key. */
export async function cardsOfKeys(
  pool: DatabasePool,
  keyIds: readonly string[],
): Promise<readonly KeyCardRow[]> {
  return await pool.any(sql.type(keyCardRow)`
    select client_key.id as "keyId",
           client.id as "userId", username, name, level, role, status,
           secret, client_key.ip_allow as "ipAllow", client_key.rate_per_min as "ratePerMin",
           client_key.read_per_min as "readPerMin"
      from client_key join client on client.id = client_key.client_id
     where client_key.id = any(${sql.array(keyIds, 'text')}) and client_key.active`)
}

/** The cards of clients of the Digiflazz dialect: those that have an api_key. */
export async function cardsOfUsernames(
  pool: DatabasePool,
  usernames: readonly string[],
): Promise<readonly CardRow[]> {
  return await pool.any(sql.type(cardRow)`
    select id as "userId", username, name, level, role, status,
           api_key as secret, ip_allow as "ipAllow", rate_per_min as "ratePerMin",
           read_per_min as "readPerMin"
      from client
     where username = any(${sql.array(usernames, 'text')}) and api_key is not null`)
}

const memberRow = cardRow.omit({ secret: true }).extend({
  memberId: z.string(),
  pin: z.string(),
  password: z.string(),
  signForms: z.array(z.string()),
  bills: billCodes,
  templates: z.record(z.string(), z.string()),
})
type MemberRow = z.infer<typeof memberRow>

/**
 * The cards of members of the OtomaX dialects: those whose PIN and password can be read again. A
 * member's templates are named `style.outcome`; his own come before those of the house.
 */
export async function cardsOfMembers(
  pool: DatabasePool,
  memberIds: readonly string[],
): Promise<readonly MemberRow[]> {
  return await pool.any(sql.type(memberRow)`
    select id as "userId", username, name, level, role, status, member_id as "memberId",
           pin_sealed as pin, password_sealed as password, sign_forms as "signForms",
           bill_codes as bills,
           ip_allow as "ipAllow", rate_per_min as "ratePerMin", read_per_min as "readPerMin",
           coalesce(
             (select jsonb_object_agg(style || '.' || outcome, body order by client_id nulls first)
                from reply_template
               where client_id is null or client_id = client.id), '{}') as templates
      from client
     where member_id = any(${sql.array(memberIds, 'text')})
       and pin_sealed is not null and password_sealed is not null`)
}

const clientRow = z.object({
  userId: z.string(),
  username: z.string(),
  name: z.string(),
  level: z.number().int(),
  role: clientRole,
  status: clientStatus,
  memberId: z.string().nullable(),
  pinHash: z.string().nullable(),
  passwordHash: z.string().nullable(),
  pinSealed: z.string().nullable(),
  passwordSealed: z.string().nullable(),
  createdAt: z.number(),
})
export type ClientRow = z.infer<typeof clientRow>

const clientColumns = sql.fragment`
  id as "userId", username, name, level, role, status, member_id as "memberId",
  pin_hash as "pinHash", password_hash as "passwordHash", pin_sealed as "pinSealed",
  password_sealed as "passwordSealed", created_at as "createdAt"`

export async function clientById(pool: DatabasePool, userId: string): Promise<ClientRow | null> {
  return await pool.maybeOne(sql.type(clientRow)`
    select ${clientColumns} from client where id = ${userId}`)
}

export async function clientByUsername(
  pool: DatabasePool,
  username: string,
): Promise<ClientRow | null> {
  return await pool.maybeOne(sql.type(clientRow)`
    select ${clientColumns} from client where username = ${username}`)
}

export async function clientByEmail(pool: DatabasePool, email: string): Promise<ClientRow | null> {
  return await pool.maybeOne(sql.type(clientRow)`
    select ${clientColumns} from client where lower(email) = ${email.toLowerCase()}`)
}

/** For the OtomaX dialect and chat. */
export async function clientByMemberId(
  pool: DatabasePool,
  memberId: string,
): Promise<ClientRow | null> {
  return await pool.maybeOne(sql.type(clientRow)`
    select ${clientColumns} from client where member_id = ${memberId}`)
}

export type NewClient = {
  readonly userId: string
  readonly username: string
  readonly name: string
  readonly level: number
  readonly role: z.infer<typeof clientRole>
  readonly upline: string | null
  readonly apiKey: string
  readonly memberId: string
  readonly pinHash: string | null
  readonly passwordHash: string | null
  readonly pinSealed: string | null
  readonly passwordSealed: string | null
  readonly ipAllow: readonly string[]
  readonly ratePerMin: number
  readonly readPerMin?: number | null
  readonly keyId: string
  readonly keySecret: string
}

/** All of them with their keys, or none: one statement, however many. */
export async function addClients(pool: DatabasePool, clients: readonly NewClient[]): Promise<void> {
  await pool.query(sql.type(z.object({}))`
    with entry as (
      select * from json_to_recordset(${JSON.stringify(clients)}::json) as entry (
        "userId" uuid, username text, name text, level smallint, role text, upline uuid,
        "apiKey" text, "memberId" text, "pinHash" text, "passwordHash" text,
        "pinSealed" text, "passwordSealed" text,
        "ipAllow" text[], "ratePerMin" integer, "readPerMin" integer, "keyId" text,
        "keySecret" text)
    ), added as (
      insert into client (id, username, name, level, role, upline, api_key, member_id,
                          pin_hash, password_hash, pin_sealed, password_sealed,
                          ip_allow, rate_per_min, read_per_min)
      select "userId", username, name, level, role, upline, "apiKey", "memberId",
             "pinHash", "passwordHash", "pinSealed", "passwordSealed",
             "ipAllow", "ratePerMin", "readPerMin" from entry
    )
    insert into client_key (id, client_id, secret, ip_allow, rate_per_min, read_per_min)
    select "keyId", "userId", "keySecret", "ipAllow", "ratePerMin", "readPerMin" from entry`)
}

/** The old keys stop, the new one starts, in one write. False when there is no such client. */
export async function replaceKeys(
  pool: DatabasePool,
  { userId, keyId, keySecret }: { userId: string; keyId: string; keySecret: string },
): Promise<boolean> {
  return await changed(
    pool,
    sql.type(z.object({}))`
    with stopped as (
      update client_key set active = false where client_id = ${userId} and active
      returning ip_allow, rate_per_min, read_per_min, created_at
    ), limits as (
      select ip_allow, rate_per_min, read_per_min from stopped order by created_at desc limit 1
    )
    insert into client_key (id, client_id, secret, ip_allow, rate_per_min, read_per_min)
    select ${keyId}, client.id, ${keySecret},
           coalesce(limits.ip_allow, client.ip_allow),
           coalesce(limits.rate_per_min, client.rate_per_min),
           coalesce(limits.read_per_min, client.read_per_min)
      from client left join limits on true
     where client.id = ${userId}`,
  )
}

export async function replaceApiKey(
  pool: DatabasePool,
  { userId, apiKey }: { userId: string; apiKey: string },
): Promise<boolean> {
  return await changed(
    pool,
    sql.type(z.object({}))`update client set api_key = ${apiKey} where id = ${userId}`,
  )
}

export type Login = {
  readonly pinHash: string
  readonly passwordHash: string
  readonly pinSealed: string
  readonly passwordSealed: string
}

/** A new PIN and password, for one who lost them. */
export async function replaceLogin(
  pool: DatabasePool,
  { userId, ...login }: Login & { userId: string },
): Promise<boolean> {
  const { pinHash, passwordHash, pinSealed, passwordSealed } = login
  return await changed(
    pool,
    sql.type(z.object({}))`
    update client set pin_hash = ${pinHash}, password_hash = ${passwordHash},
                      pin_sealed = ${pinSealed}, password_sealed = ${passwordSealed}
     where id = ${userId}`,
  )
}

/** The PIN and password that one has already, now also to be read again. */
export async function keepLogin(
  pool: DatabasePool,
  {
    userId,
    pinSealed,
    passwordSealed,
  }: Pick<Login, 'pinSealed' | 'passwordSealed'> & {
    userId: string
  },
): Promise<boolean> {
  return await changed(
    pool,
    sql.type(z.object({}))`
    update client set pin_sealed = ${pinSealed}, password_sealed = ${passwordSealed}
     where id = ${userId}`,
  )
}

async function changed(
  pool: DatabasePool,
  statement: Parameters<DatabasePool['query']>[0],
): Promise<boolean> {
  return (await pool.query(statement)).rowCount > 0
}
