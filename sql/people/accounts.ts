/**
 * People who come by themselves, and the links that are sent to them. A word of a link never comes
 * here, only what it hashes to.
 */

import { type DatabasePool, moment, sql, z } from '../database.ts'
import { type ClientStatus, clientRole, clientStatus } from './clients.ts'
import type { Holds } from './legal-hold.ts'
import { addMail, type NewMail } from './mail.ts'

const nothing = z.object({})
const idRow = z.object({ id: z.string() })

type Write = Pick<DatabasePool, 'query' | 'maybeOne'>

export type NewConsumer = {
  readonly userId: string
  readonly username: string
  readonly name: string
  readonly email: string
  readonly phone: string | null
  readonly passwordHash: string
  readonly ratePerMin: number
  readonly readPerMin: number
  /** When the e-mail was proven, if it was already. */
  readonly verifiedMs?: number
}

export type NewLink = {
  readonly hash: string
  readonly nowMs: number
  readonly expiresMs: number
}

/**
 * A new consumer with a link to prove his e-mail, or a mail to who has that e-mail already; as much
 * is written for one as for the other. Null when it was known.
 */
export async function addConsumer(
  pool: DatabasePool,
  consumer: NewConsumer,
  mails: { readonly link: NewLink; readonly welcome: NewMail; readonly known: NewMail },
): Promise<string | null> {
  const { userId, email } = consumer
  return await pool.transaction(async write => {
    const isNew = await insertConsumer(write, consumer)
    await addLink(write, { ...mails.link, email, purpose: 'verify', isWanted: isNew })
    await addMail(write, isNew ? mails.welcome : mails.known, email)
    return isNew ? userId : null
  })
}

/** False when the e-mail is known. */
export async function insertConsumer(write: Write, consumer: NewConsumer): Promise<boolean> {
  const { userId, username, name, email, phone, passwordHash, ratePerMin, readPerMin } = consumer
  const { verifiedMs = null } = consumer
  const added = await write.maybeOne(sql.type(idRow)`
    insert into client (id, username, name, email, phone, role, password_hash, rate_per_min,
                        read_per_min, email_verified_at)
    values (${userId}, ${username}, ${name}, ${email}, ${phone}, 'consumer', ${passwordHash},
            ${ratePerMin}, ${readPerMin}, ${moment(verifiedMs)})
    on conflict do nothing returning id`)
  return added !== null
}

type Purpose = 'verify' | 'reset'

type LinkOf = NewLink & { email: string; purpose: Purpose; isWanted?: boolean; userId?: string }

/** To whoever has this e-mail, or, with `userId`, to him at an e-mail that is not yet his. */
async function addLink(write: Pick<DatabasePool, 'query'>, link: LinkOf): Promise<boolean> {
  const { hash, email, purpose, nowMs, expiresMs, isWanted = true, userId = null } = link
  const { rowCount } = await write.query(sql.type(nothing)`
    insert into email_link (hash, client_id, purpose, email, created_at, expires_at)
    select ${hash}, id, ${purpose}, ${email}, ${moment(nowMs)}, ${moment(expiresMs)} from client
     where ${isWanted}
       and case when ${userId}::uuid is null then lower(email) = ${email.toLowerCase()}
                else id = ${userId}::uuid end`)
  return rowCount > 0
}

const holder = z.object({
  userId: z.string(),
  role: clientRole,
  status: clientStatus,
  isVerified: z.boolean(),
})
export type Holder = z.infer<typeof holder>

/** One link and one mail of the kind that fits; who is nobody costs the same questions. */
export async function mailHolder(
  pool: DatabasePool,
  {
    email,
    link,
    choose,
  }: {
    email: string
    link: NewLink
    choose: (holder: Holder | null) => { readonly purpose: Purpose; readonly mail: NewMail } | null
  },
): Promise<Holder | null> {
  return await pool.transaction(async write => {
    const found = await write.maybeOne(sql.type(holder)`
      select id as "userId", role, status, email_verified_at is not null as "isVerified"
        from client where lower(email) = ${email.toLowerCase()}`)
    const chosen = choose(found)
    const isWanted = chosen !== null
    const purpose = chosen?.purpose ?? 'verify'
    await addLink(write, { ...link, email, purpose, isWanted })
    if (chosen !== null) await addMail(write, chosen.mail, email)
    return found
  })
}

/** `no`: somebody else has that e-mail, or the password by which he asks is not his any more. */
export async function askNewEmail(
  pool: DatabasePool,
  wish: {
    readonly userId: string
    readonly email: string
    readonly link: NewLink
    readonly mail: NewMail
    /** To the e-mail that he has, if that was proven. */
    readonly notice: NewMail
    readonly passwordHash: string
  },
): Promise<'asked' | { readonly no: 'taken' | 'changed' }> {
  const { userId, email, link, mail, notice, passwordHash } = wish
  return await pool.transaction(async write => {
    // Whoever is changing it is waited for, and whoever comes to change it finds this link.
    const asker = await write.maybeOne(sql.type(idRow)`
      select id from client where id = ${userId} and password_hash = ${passwordHash} for share`)
    if (asker === null) return { no: 'changed' }
    const taken = await write.maybeOne(sql.type(idRow)`
      select id from client where lower(email) = ${email.toLowerCase()}`)
    if (taken !== null) return { no: 'taken' }
    const { nowMs } = link
    await write.query(sql.type(nothing)`
      update email_link set used_at = ${moment(nowMs)}
       where client_id = ${userId} and purpose = 'verify' and used_at is null`)
    await addLink(write, { ...link, email, purpose: 'verify', userId })
    await addMail(write, mail, email)
    await addMail(write, notice, null)
    return 'asked'
  })
}

const linkRow = z.object({ userId: z.string(), email: z.string() })

/** Who opened this link, the first time and in time; of many at once, one. */
async function useLink(
  write: Write,
  { hash, purpose, nowMs }: { hash: string; purpose: Purpose; nowMs: number },
): Promise<z.infer<typeof linkRow> | null> {
  return await write.maybeOne(sql.type(linkRow)`
    update email_link set used_at = ${moment(nowMs)}
     where hash = ${hash} and purpose = ${purpose} and used_at is null
       and expires_at > ${moment(nowMs)}
    returning client_id as "userId", email`)
}

/** The e-mail that was proven is his from now on. Null for a link that opens nothing. */
export async function verifyEmail(
  pool: DatabasePool,
  { hash, nowMs }: { hash: string; nowMs: number },
): Promise<{ userId: string; email: string } | null> {
  return await pool.transaction(async write => {
    const link = await useLink(write, { hash, purpose: 'verify', nowMs })
    if (link === null) return null
    const { userId, email } = link
    const taken = await write.maybeOne(sql.type(idRow)`
      select id from client where lower(email) = ${email.toLowerCase()} and id <> ${userId}`)
    if (taken !== null) return null
    const { rowCount } = await write.query(sql.type(nothing)`
      update client set email = ${email}, email_verified_at = ${moment(nowMs)}
       where id = ${userId} and erased_at is null`)
    // What was sent to an e-mail that he no longer has opens nothing.
    await write.query(sql.type(nothing)`
      update email_link set used_at = ${moment(nowMs)}
       where client_id = ${userId} and used_at is null and lower(email) <> ${email.toLowerCase()}`)
    return rowCount > 0 ? link : null
  })
}

/** Ends every session and the other links (`endLinks`). Null for a link that opens nothing. */
export async function resetPassword(
  pool: DatabasePool,
  { hash, passwordHash, nowMs }: { hash: string; passwordHash: string; nowMs: number },
): Promise<string | null> {
  return await pool.transaction(async write => {
    const link = await useLink(write, { hash, purpose: 'reset', nowMs })
    if (link === null) return null
    const { userId, email } = link
    const { rowCount } = await write.query(sql.type(nothing)`
      update client set password_hash = ${passwordHash}
       where id = ${userId} and lower(email) = ${email.toLowerCase()} and erased_at is null`)
    if (rowCount === 0) return null
    await endLinks(write, { userId, nowMs })
    return userId
  })
}

/**
 * Of a new password: whoever knew the old one may have asked for them. The link that proves the
 * e-mail he has stays good.
 */
async function endLinks(
  write: Pick<DatabasePool, 'query'>,
  { userId, nowMs }: { userId: string; nowMs: number },
): Promise<void> {
  await write.query(sql.type(nothing)`
    update email_link set used_at = ${moment(nowMs)} from client
     where client.id = ${userId} and client_id = ${userId} and used_at is null
       and (purpose = 'reset' or lower(email_link.email) is distinct from lower(client.email))`)
}

const profileRow = z.object({
  userId: z.string(),
  username: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  isEmailVerified: z.boolean(),
  nextEmail: z.string().nullable(),
  phone: z.string().nullable(),
  role: clientRole,
  status: clientStatus,
  passwordHash: z.string().nullable(),
  createdMs: z.number(),
})
export type ProfileRow = z.infer<typeof profileRow>

export async function readProfile(
  pool: DatabasePool,
  { userId, nowMs }: { userId: string; nowMs: number },
): Promise<ProfileRow | null> {
  return await pool.maybeOne(sql.type(profileRow)`
    select client.id as "userId", username, name, client.email, phone, role, status,
           email_verified_at is not null as "isEmailVerified", asked.email as "nextEmail",
           password_hash as "passwordHash",
           (extract(epoch from client.created_at) * 1000)::double precision as "createdMs"
      from client
      left join lateral (
        select email_link.email from email_link
         where client_id = client.id and purpose = 'verify' and used_at is null
           and expires_at > ${moment(nowMs)} and lower(email_link.email) <> lower(client.email)
         order by email_link.created_at desc limit 1
      ) as asked on true
     where client.id = ${userId} and erased_at is null`)
}

type ProfileFields = {
  readonly name?: string | undefined
  /** Null takes it away. */
  readonly phone?: string | null | undefined
  readonly passwordHash?: string | undefined
}

export async function changeProfile(
  pool: DatabasePool,
  change: {
    readonly userId: string
    readonly fields: ProfileFields
    /** By which he asks for another password. */
    readonly formerHash: string | null
    readonly nowMs: number
  },
): Promise<boolean> {
  const { userId, fields, formerHash, nowMs } = change
  const { name = null, phone, passwordHash = null } = fields
  return await pool.transaction(async write => {
    const { rowCount } = await write.query(sql.type(nothing)`
      update client set name = coalesce(${name}::text, name),
                        phone = case when ${phone !== undefined} then ${phone ?? null}::text
                                     else phone end,
                        password_hash = coalesce(${passwordHash}::text, password_hash)
       where id = ${userId} and erased_at is null
         and (${passwordHash}::text is null or password_hash = ${formerHash})`)
    if (rowCount > 0 && passwordHash !== null) await endLinks(write, { userId, nowMs })
    return rowCount > 0
  })
}

/** The same password under a newer hash: its sessions go on (migration of this name). */
export async function rehash(
  pool: DatabasePool,
  { userId, from, to }: { userId: string; from: string; to: string },
): Promise<void> {
  await pool.transaction(async write => {
    await write.query(sql.type(nothing)`select set_config('laju.rehash', 'on', true)`)
    await write.query(sql.type(nothing)`
      update client set password_hash = ${to} where id = ${userId} and password_hash = ${from}`)
  })
}

type Erasure = {
  readonly userId: string
  /** By which he asks for it. */
  readonly passwordHash: string
  readonly name: string
  readonly status: ClientStatus
  readonly by: string
  readonly nowMs: number
  readonly holds: Holds
  /** An answer that was kept for a repeat, without what names him. */
  readonly unnamed: (body: string) => string
}

const keptAnswer = z.object({ scope: z.string(), key: z.string(), body: z.string() })

/**
 * Whatever names somebody goes, and whatever lets him in. His id, his orders and his money stay,
 * for the ledger is not about a name, and so does what is disputed. False when he has another
 * password by now.
 */
export async function erasePerson(pool: DatabasePool, erasure: Erasure): Promise<boolean> {
  const { userId, name, status, by, nowMs, holds, unnamed, passwordHash } = erasure
  const held = sql.array([...holds.orders], 'uuid')
  const kept = { held: { orders: holds.orders, deposits: holds.deposits } }
  return await pool.transaction(async write => {
    const asker = await write.maybeOne(sql.type(idRow)`
      select id from client where id = ${userId} and password_hash = ${passwordHash} for update`)
    if (asker === null) return false
    await write.query(sql.type(nothing)`delete from session where client_id = ${userId}`)
    await write.query(sql.type(nothing)`delete from email_link where client_id = ${userId}`)
    await write.query(sql.type(nothing)`delete from totp where client_id = ${userId}`)
    await write.query(sql.type(nothing)`delete from recovery_code where client_id = ${userId}`)
    await write.query(sql.type(nothing)`
      update mail set sealed = null, state = 'withdrawn', ended_at = ${moment(nowMs)}
       where client_id = ${userId} and state = 'waiting'`)
    await write.query(sql.type(nothing)`
      update activity set address = '',
             details = case when what = 'help.opened'
                             and details ->> 'about' = any(${held}::uuid[]::text[])
                            then details else '{}' end
       where client_id = ${userId}`)
    // Messages of orders that are over can never be read again, but for what is disputed; links of
    // what is over open nothing.
    const mine = sql.fragment`select id from number_view where user_id = ${userId}`
    await write.query(sql.type(nothing)`
      delete from number_vault where order_id in (${mine}) and order_id <> all(${held})`)
    await write.query(sql.type(nothing)`
      delete from number_invoice where order_id in (${mine} and not is_open)`)
    // Plan: a scan of one week of staff's answers.
    const answers = await write.any(sql.type(keptAnswer)`
      select scope, key, body from idempotency_key where position(${userId} in body) > 0`)
    for (const one of answers) {
      await write.query(sql.type(nothing)`
        update idempotency_key set body = ${unnamed(one.body)}
         where scope = ${one.scope} and key = ${one.key}`)
    }
    await write.query(sql.type(nothing)`
      update number_rental set address = '' where user_id = ${userId}`)
    await write.query(sql.type(nothing)`
      update client_change set fields = fields - 'name' where client_id = ${userId}`)
    await write.query(sql.type(nothing)`
      update client_key set active = false where client_id = ${userId} and active`)
    await write.query(sql.type(nothing)`
      update client
         set name = ${name}, email = null, phone = null, email_verified_at = null,
             password_hash = null, password_sealed = null, pin_hash = null, pin_sealed = null,
             api_key = null, status = ${status}, erased_at = ${moment(nowMs)}, version = version + 1
       where id = ${userId}`)
    await write.query(sql.type(nothing)`
      insert into client_change (client_id, what, reason, fields, by)
      values (${userId}, ${status}, 'erasure', ${JSON.stringify(kept)}::jsonb, ${by})`)
    return true
  })
}
