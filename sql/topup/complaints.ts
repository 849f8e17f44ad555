/** Complaints and what was said in them; see 0023-complaint.sql. */

import { type DatabasePool, sql, z } from '../database.ts'

const nothing = z.object({})
const numbered = z.object({ id: z.number() })

const states = ['open', 'answered', 'upheld', 'rejected'] as const
const reasons = ['not_received', 'wrong_serial', 'wrong_amount', 'too_slow', 'other'] as const

const complaintRow = z.object({
  id: z.number(),
  trxId: z.string(),
  userId: z.string(),
  username: z.string(),
  ref: z.string(),
  product: z.string(),
  destination: z.string(),
  reason: z.enum(reasons),
  state: z.enum(states),
  createdAt: z.number(),
  updatedAt: z.number(),
})
type ComplaintRow = z.infer<typeof complaintRow>

const keptRow = complaintRow.extend({ evidence: z.unknown(), inboxId: z.number().nullable() })
/** With what a list does not show. */
export type KeptComplaint = z.infer<typeof keptRow>

const columns = sql.fragment`
  complaint.id, trx_id as "trxId", user_id as "userId", client.username, ref, product, destination,
  reason, complaint.state, complaint.created_at as "createdAt", updated_at as "updatedAt"`

type NewComplaint = Pick<
  ComplaintRow,
  'trxId' | 'userId' | 'ref' | 'product' | 'destination' | 'reason'
> & {
  readonly evidence: object
  readonly inboxId: number | null
  /** Empty: nothing was said but that there is one. */
  readonly text: string
}

/** Null when there is one already, or when the client has `most` that are not decided. */
export async function addComplaint(
  pool: DatabasePool,
  one: NewComplaint,
  most: number,
): Promise<number | null> {
  return await pool.maybeOneFirst(sql.type(numbered)`
    with held as (select id from client where id = ${one.userId} for update),
    made as (
      insert into complaint
        (trx_id, user_id, ref, product, destination, reason, evidence, inbox_id)
      select ${one.trxId}, held.id, ${one.ref}, ${one.product}, ${one.destination}, ${one.reason},
             ${JSON.stringify(one.evidence)}::jsonb, ${one.inboxId}
        from held
       where (select count(*) from complaint
               where user_id = held.id and state in ('open', 'answered')) < ${most}
      on conflict (trx_id) do nothing
      returning id, user_id
    ),
    said as (
      insert into complaint_message (complaint_id, author, kind, by, text, told)
      select id, 'client', 'message', user_id::text, ${one.text}, true from made
       where ${one.text} <> ''
    )
    select id from made`)
}

export async function complaintById(pool: DatabasePool, id: number): Promise<KeptComplaint | null> {
  return await pool.maybeOne(sql.type(keptRow)`
    select ${columns}, evidence, inbox_id as "inboxId"
      from complaint join client on client.id = user_id where complaint.id = ${id}`)
}

export async function complaintAbout(pool: DatabasePool, trxId: string): Promise<number | null> {
  return await pool.maybeOneFirst(sql.type(numbered)`
    select id from complaint where trx_id = ${trxId}`)
}

const everything = sql.fragment`true`

/** Newest first. Plan: `complaint_user`, `complaint_state`, or the newest by id. */
export async function complaints(
  pool: DatabasePool,
  asked: {
    userId: string | null
    state: ComplaintRow['state'] | null
    before: number
    limit: number
  },
): Promise<readonly ComplaintRow[]> {
  const { userId, state } = asked
  const ofUser = userId === null ? everything : sql.fragment`user_id = ${userId}`
  const inState = state === null ? everything : sql.fragment`complaint.state = ${state}`
  return await pool.any(sql.type(complaintRow)`
    select ${columns} from complaint join client on client.id = user_id
     where complaint.id < ${asked.before} and ${ofUser} and ${inState}
     order by complaint.id desc limit ${asked.limit}`)
}

const messageRow = z.object({
  id: z.number(),
  author: z.enum(['client', 'staff']),
  kind: z.enum(['message', 'answered', 'upheld', 'rejected']),
  by: z.string(),
  text: z.string(),
  at: z.number(),
})
type MessageRow = z.infer<typeof messageRow>

/** In the order in which they were said. */
export async function messagesOf(
  pool: DatabasePool,
  id: number,
  limit: number,
): Promise<readonly MessageRow[]> {
  return await pool.any(sql.type(messageRow)`
    select id, author, kind, by, text, at from complaint_message
     where complaint_id = ${id} order by id limit ${limit}`)
}

/** False when it is decided, somebody else's, or has `most` messages. */
export async function addClientMessage(
  pool: DatabasePool,
  { id, userId, text, most }: { id: number; userId: string; text: string; most: number },
): Promise<boolean> {
  const { rowCount } = await pool.query(sql.type(nothing)`
    with known as (
      update complaint set state = 'open', updated_at = now()
       where id = ${id} and user_id = ${userId} and state in ('open', 'answered')
         and (select count(*) from complaint_message where complaint_id = ${id}) < ${most}
      returning id
    )
    insert into complaint_message (complaint_id, author, kind, by, text, told)
    select id, 'client', 'message', ${userId}, ${text}, true from known`)
  return rowCount > 0
}

/** An answer or a verdict; false when it is decided already. */
export async function addStaffMessage(
  pool: DatabasePool,
  one: { id: number; kind: 'answered' | 'upheld' | 'rejected'; by: string; text: string },
): Promise<boolean> {
  const { rowCount } = await pool.query(sql.type(nothing)`
    with known as (
      update complaint set state = ${one.kind}, updated_at = now()
       where id = ${one.id} and state in ('open', 'answered') returning id
    )
    insert into complaint_message (complaint_id, author, kind, by, text, told)
    select id, 'staff', ${one.kind}, ${one.by}, ${one.text}, false from known`)
  return rowCount > 0
}

/** Words of staff that the client has not been told, the oldest first. */
export async function untold(
  pool: DatabasePool,
  limit: number,
): Promise<readonly (MessageRow & { readonly complaintId: number })[]> {
  return await pool.any(sql.type(messageRow.extend({ complaintId: z.number() }))`
    select id, author, kind, by, text, at, complaint_id as "complaintId"
      from complaint_message where not told order by id limit ${limit}`)
}

export async function noteTold(pool: DatabasePool, id: number): Promise<void> {
  await pool.query(sql.type(nothing)`update complaint_message set told = true where id = ${id}`)
}
