/**
 * Chat's rows: gateways, senders, what came, what goes out, whose orders are still to end. Nothing
 * here sees a PIN: texts come masked, and what is sealed stays sealed.
 */

import { type DatabasePool, moment, sql, z } from '../database.ts'

const nothing = z.object({})
const numbered = z.object({ id: z.number() })

// -- gateways ----------------------------------------------------------------------------------

const kinds = ['plain', 'whatsapp', 'whatsapp_cloud', 'telegram'] as const
const gatewayRow = z.object({
  name: z.string(),
  kind: z.enum(kinds),
  baseUrl: z.string(),
  credentials: z.string(),
  grammar: z.unknown(),
  active: z.boolean(),
})
/** `credentials` is sealed. */
export type GatewayRecord = z.infer<typeof gatewayRow>

const gatewayColumns = sql.fragment`
  name, kind, base_url as "baseUrl", credentials, grammar, active`

export async function gatewayByName(
  pool: DatabasePool,
  name: string,
): Promise<GatewayRecord | null> {
  return await pool.maybeOne(sql.type(gatewayRow)`
    select ${gatewayColumns} from chat_gateway where name = ${name}`)
}

export async function readGateways(pool: DatabasePool): Promise<readonly GatewayRecord[]> {
  return await pool.any(sql.type(gatewayRow)`
    select ${gatewayColumns} from chat_gateway order by name limit 1000`)
}

/** Its kind never changes: addresses of one kind mean nothing to another. */
export async function saveGateway(pool: DatabasePool, row: GatewayRecord): Promise<boolean> {
  const grammar = row.grammar === null ? null : JSON.stringify(row.grammar)
  const saved = await pool.query(sql.type(nothing)`
    insert into chat_gateway (name, kind, base_url, credentials, grammar, active)
    values (${row.name}, ${row.kind}, ${row.baseUrl}, ${row.credentials}, ${grammar}::jsonb,
            ${row.active})
    on conflict (name) do update
       set base_url = excluded.base_url, credentials = excluded.credentials,
           grammar = excluded.grammar, active = excluded.active
     where chat_gateway.kind = excluded.kind`)
  return saved.rowCount > 0
}

// -- senders -----------------------------------------------------------------------------------

const senderRow = z.object({
  id: z.number(),
  gateway: z.string(),
  address: z.string(),
  userId: z.string(),
  wrongPins: z.number(),
  lockedUntil: z.number().nullable(),
  createdAt: z.number(),
  name: z.string(),
  username: z.string(),
  memberId: z.string().nullable(),
  level: z.number(),
  status: z.enum(['active', 'suspended', 'closed']),
  pinHash: z.string().nullable(),
})
export type SenderRecord = z.infer<typeof senderRow>

const senders = sql.fragment`
  select sender.id, gateway, address, client_id as "userId", coalesce(wrong, 0) as "wrongPins",
         locked_until as "lockedUntil", sender.created_at as "createdAt", client.name,
         client.username, member_id as "memberId", level, status, pin_hash as "pinHash"
    from chat_sender as sender join client on client.id = client_id
         left join pin_guard on user_id = client_id`

export async function senderAt(
  pool: DatabasePool,
  { gateway, address }: { gateway: string; address: string },
): Promise<SenderRecord | null> {
  return await pool.maybeOne(sql.type(senderRow)`
    ${senders} where gateway = ${gateway} and address = ${address}`)
}

export async function readSenders(
  pool: DatabasePool,
  { after, limit }: { after: number; limit: number },
): Promise<readonly SenderRecord[]> {
  return await pool.any(sql.type(senderRow)`
    ${senders} where sender.id > ${after} order by sender.id limit ${limit}`)
}

/** Its number; null when the address is another client's. Linking again changes nothing. */
export async function linkSender(
  pool: DatabasePool,
  { gateway, address, userId }: { gateway: string; address: string; userId: string },
): Promise<number | null> {
  return await pool.maybeOneFirst(sql.type(numbered)`
    insert into chat_sender (gateway, address, client_id) values (${gateway}, ${address}, ${userId})
    on conflict (gateway, address) do update set address = excluded.address
     where chat_sender.client_id = excluded.client_id
    returning id`)
}

export async function unlinkSender(pool: DatabasePool, id: number): Promise<boolean> {
  return (
    (await pool.query(sql.type(nothing)`delete from chat_sender where id = ${id}`)).rowCount > 0
  )
}

/** Whose PIN is unlocked; null when there is no such sender. */
export async function unlockSender(pool: DatabasePool, id: number): Promise<string | null> {
  return await pool.maybeOneFirst(sql.type(z.object({ userId: z.string() }))`
    with unlocked as (
      delete from pin_guard where user_id = (select client_id from chat_sender where id = ${id})
    )
    select client_id as "userId" from chat_sender where id = ${id}`)
}

// -- what came ---------------------------------------------------------------------------------

type Arrival = {
  readonly gateway: string
  readonly messageId: string
  readonly address: string
  readonly text: string
  readonly sealed: string
  readonly sentAt: number
}

const claimMs = 60_000
const claimed = sql.fragment`now() + ${claimMs} * interval '1 millisecond'`

/** Its number, claimed by us; null when it came before. */
export async function keepArrival(pool: DatabasePool, arrival: Arrival): Promise<number | null> {
  const { gateway, messageId, address, text, sealed, sentAt } = arrival
  return await pool.maybeOneFirst(sql.type(numbered)`
    insert into chat_inbox (gateway, message_id, address, text, sealed, state, claimed_until,
                            sent_at)
    values (${gateway}, ${messageId}, ${address}, ${text}, ${sealed}, 'waiting', ${claimed},
            ${moment(sentAt)})
    on conflict (gateway, message_id) do nothing
    returning id`)
}

const waitingRow = z.object({
  id: z.number(),
  gateway: z.string(),
  messageId: z.string(),
  address: z.string(),
  sealed: z.string(),
  tries: z.number(),
  sentAt: z.number(),
  receivedAt: z.number(),
})
type WaitingMessage = z.infer<typeof waitingRow>

/** Those whom nobody finished in time: a crash, or a fault that may pass. */
export async function claimWaiting(
  pool: DatabasePool,
  limit: number,
): Promise<readonly WaitingMessage[]> {
  return await pool.any(sql.type(waitingRow)`
    update chat_inbox set claimed_until = ${claimed}, tries = tries + 1
     where id in (select id from chat_inbox where state = 'waiting' and claimed_until < now()
                   order by claimed_until limit ${limit} for update skip locked)
    returning id, gateway, message_id as "messageId", address, sealed, tries,
              sent_at as "sentAt", received_at as "receivedAt"`)
}

/** Gives it back, for somebody to try again soon. */
export async function releaseWaiting(
  pool: DatabasePool,
  { id, pauseMs }: { id: number; pauseMs: number },
): Promise<void> {
  await pool.query(sql.type(nothing)`
    update chat_inbox set claimed_until = now() + ${pauseMs} * interval '1 millisecond'
     where id = ${id} and state = 'waiting'`)
}

/** When this address was last told anything, null for never. */
export async function lastToldAt(
  pool: DatabasePool,
  { gateway, address }: { gateway: string; address: string },
): Promise<number | null> {
  return await pool.maybeOneFirst(sql.type(z.object({ at: z.number().nullable() }))`
    select max(inbox.received_at) as at from chat_inbox as inbox
     where gateway = ${gateway} and address = ${address} and state = 'done'`)
}

// -- orders ------------------------------------------------------------------------------------

type NewOrder = {
  readonly userId: string
  readonly ref: string
  readonly inboxId: number
  readonly gateway: string
  readonly address: string
  readonly destination: string
}

/** Before the order is placed: whoever takes over after a crash finds it. */
export async function noteOrder(pool: DatabasePool, order: NewOrder): Promise<number> {
  const { userId, ref, inboxId, gateway, address, destination } = order
  return await pool.oneFirst(sql.type(numbered)`
    insert into chat_order (user_id, ref, inbox_id, gateway, address, destination)
    values (${userId}, ${ref}, ${inboxId}, ${gateway}, ${address}, ${destination})
    on conflict (user_id, ref) do update set ref = excluded.ref
    returning id`)
}

const openRow = z.object({
  id: z.number(),
  userId: z.string(),
  ref: z.string(),
  trxId: z.string(),
  gateway: z.string(),
  address: z.string(),
})
export type OpenOrder = z.infer<typeof openRow>

/** Answered, and its end not yet told. */
export async function openOrders(
  pool: DatabasePool,
  { after, limit }: { after: number; limit: number },
): Promise<readonly OpenOrder[]> {
  return await pool.any(sql.type(openRow)`
    select id, user_id as "userId", ref, trx_id as "trxId", gateway, address
      from chat_order where told is null and trx_id is not null and id > ${after}
     order by id limit ${limit}`)
}

export async function openOrder(pool: DatabasePool, trxId: string): Promise<OpenOrder | null> {
  return await pool.maybeOne(sql.type(openRow)`
    select id, user_id as "userId", ref, trx_id as "trxId", gateway, address
      from chat_order where told is null and trx_id = ${trxId}`)
}

/** Says the end and notes that it was said, or neither. */
export async function tellEnd(
  pool: DatabasePool,
  { order, told, text, state }: { order: OpenOrder; told: string; text: string; state: OutState },
): Promise<void> {
  const about = `order ${order.id} ${told}`
  await pool.query(sql.type(nothing)`
    with ended as (
      update chat_order set told = ${told} where id = ${order.id} and told is null returning id
    )
    insert into chat_outbox (gateway, address, text, about, state)
    select ${order.gateway}, ${order.address}, ${text}, ${about}, ${state} from ended
    on conflict (about) do nothing`)
}

const orderNumberRow = z.object({ id: z.number(), trxId: z.string() })

export async function orderByNumber(
  pool: DatabasePool,
  { userId, id }: { userId: string; id: number },
): Promise<z.infer<typeof orderNumberRow> | null> {
  return await pool.maybeOne(sql.type(orderNumberRow)`
    select id, trx_id as "trxId" from chat_order
     where user_id = ${userId} and id = ${id} and trx_id is not null`)
}

export async function latestOrder(
  pool: DatabasePool,
  { userId, destinations }: { userId: string; destinations: readonly string[] },
): Promise<z.infer<typeof orderNumberRow> | null> {
  return await pool.maybeOne(sql.type(orderNumberRow)`
    select id, trx_id as "trxId" from chat_order
     where user_id = ${userId} and trx_id is not null
       and destination = any(${sql.array([...destinations], 'text')})
     order by id desc limit 1`)
}

// -- answers -----------------------------------------------------------------------------------

type OutState = 'waiting' | 'sent' | 'kept'

export type Conclusion = {
  readonly inboxId: number
  readonly gateway: string
  readonly address: string
  readonly text: string
  readonly outState: OutState
  /** Without an id: it was not placed. */
  readonly orders: readonly {
    readonly id: number
    readonly trxId: string | null
    readonly destination: string
  }[]
  readonly pin: {
    readonly userId: string
    readonly pinHash: string
    readonly pinSealed: string
  } | null
  /** Those that the text tells: who reads it may pay them. */
  readonly bills: readonly ChatBill[]
}

/** All that a message came to, in one write; the message itself is forgotten, its mask stays. */
export async function conclude(pool: DatabasePool, one: Conclusion): Promise<void> {
  await pool.transaction(async write => {
    const done = await write.query(sql.type(nothing)`
      update chat_inbox set state = 'done', sealed = null
       where id = ${one.inboxId} and state = 'waiting'`)
    if (done.rowCount === 0) return
    for (const { id, trxId, destination } of one.orders) {
      const told = trxId === null ? 'refused' : null
      await write.query(sql.type(nothing)`
        update chat_order set trx_id = ${trxId}, told = ${told}, destination = ${destination}
         where id = ${id} and told is null`)
    }
    if (one.pin !== null) {
      await write.query(sql.type(nothing)`
        update client set pin_hash = ${one.pin.pinHash}, pin_sealed = ${one.pin.pinSealed}
         where id = ${one.pin.userId}`)
    }
    const about = `message ${one.inboxId}`
    for (const { product, destination, clientId, token, endsAt } of one.bills) {
      await write.query(sql.type(nothing)`
        insert into chat_bill (gateway, address, product, destination, client_id, token, told_in,
                               ends_at)
        values (${one.gateway}, ${one.address}, ${product}, ${destination}, ${clientId}, ${token},
                ${about}, ${moment(endsAt)})
        on conflict (gateway, address, product, destination) do update
           set client_id = excluded.client_id, token = excluded.token,
               told_in = excluded.told_in, ends_at = excluded.ends_at`)
    }
    await write.query(sql.type(nothing)`
      insert into chat_outbox (gateway, address, text, about, state)
      values (${one.gateway}, ${one.address}, ${one.text}, ${about}, ${one.outState})`)
  })
}

// -- bills -------------------------------------------------------------------------------------

export type ChatBill = {
  readonly clientId: string
  readonly product: string
  readonly destination: string
  readonly token: string
  readonly endsAt: number
}

/**
 * The inquiry that this message can pay: of a bill that was told here, in an answer that had left
 * when the message came. Null when there is none.
 */
export async function billTold(
  pool: DatabasePool,
  asked: Pick<ChatBill, 'clientId' | 'product' | 'destination'> & {
    readonly inboxId: number
    readonly now: number
  },
): Promise<string | null> {
  const { inboxId, now, clientId, product, destination } = asked
  return await pool.maybeOneFirst(sql.type(z.object({ token: z.string() }))`
    select token
      from chat_inbox as inbox
      join chat_bill as bill on bill.gateway = inbox.gateway and bill.address = inbox.address
      join chat_outbox as told on told.about = bill.told_in
     where inbox.id = ${inboxId} and client_id = ${clientId} and product = ${product}
       and destination = ${destination} and ends_at > ${moment(now)}
       and told.state in ('sent', 'kept')
       and coalesce(told.ended_at, told.created_at) < inbox.received_at`)
}

const billsForgottenAtOnce = 20

/** A few that are over make room. */
export async function forgetBills(pool: DatabasePool, now: number): Promise<void> {
  await pool.query(sql.type(nothing)`
    delete from chat_bill where (gateway, address, product, destination) in (
      select gateway, address, product, destination from chat_bill
       where ends_at < ${moment(now)}
       order by ends_at limit ${billsForgottenAtOnce} for update skip locked)`)
}

/** Understood, and nothing to be said. */
export async function ignoreMessage(pool: DatabasePool, id: number): Promise<void> {
  await pool.query(sql.type(nothing)`
    update chat_inbox set state = 'ignored', sealed = null where id = ${id} and state = 'waiting'`)
}

/** Said at most once about whatever `about` names. */
export async function sayOnce(
  pool: DatabasePool,
  one: { gateway: string; address: string; text: string; about: string; state: OutState },
): Promise<void> {
  await pool.query(sql.type(nothing)`
    insert into chat_outbox (gateway, address, text, about, state)
    values (${one.gateway}, ${one.address}, ${one.text}, ${one.about}, ${one.state})
    on conflict (about) do nothing`)
}

/** Where a message came from, and whether we can write there by ourselves. */
export async function placeOf(
  pool: DatabasePool,
  inboxId: number,
): Promise<{ gateway: string; address: string; baseUrl: string } | null> {
  return await pool.maybeOne(sql.type(
    z.object({ gateway: z.string(), address: z.string(), baseUrl: z.string() }),
  )`
    select inbox.gateway, inbox.address, gateway.base_url as "baseUrl"
      from chat_inbox as inbox join chat_gateway as gateway on gateway.name = inbox.gateway
     where inbox.id = ${inboxId}`)
}

/** What this message was answered, null when it was not (yet). */
export async function answerTo(
  pool: DatabasePool,
  { gateway, messageId }: { gateway: string; messageId: string },
): Promise<string | null> {
  return await pool.maybeOneFirst(sql.type(z.object({ text: z.string() }))`
    select outbox.text from chat_inbox as inbox
      join chat_outbox as outbox on outbox.about = 'message ' || inbox.id
     where inbox.gateway = ${gateway} and inbox.message_id = ${messageId}`)
}

const outRow = z.object({
  id: z.number(),
  gateway: z.string(),
  address: z.string(),
  text: z.string(),
  tries: z.number(),
})
export type OutMessage = z.infer<typeof outRow>

/** What is due, the first of each address only: nobody reads the end before the beginning. */
export async function claimDue(
  pool: DatabasePool,
  { limit, leaseMs }: { limit: number; leaseMs: number },
): Promise<readonly OutMessage[]> {
  return await pool.any(sql.type(outRow)`
    update chat_outbox set tries = tries + 1,
           due_at = now() + ${leaseMs} * interval '1 millisecond'
     where id in (
       select id from chat_outbox as one
        where state = 'waiting' and due_at <= now()
          and not exists (select from chat_outbox as earlier
                           where earlier.gateway = one.gateway and earlier.address = one.address
                             and earlier.state = 'waiting' and earlier.id < one.id)
        order by due_at limit ${limit} for update skip locked)
    returning id, gateway, address, text, tries`)
}

export async function outDone(
  pool: DatabasePool,
  {
    id,
    state,
    remoteId,
    problem,
  }: { id: number; state: 'sent' | 'failed'; remoteId: string | null; problem: string | null },
): Promise<void> {
  await pool.query(sql.type(nothing)`
    update chat_outbox set state = ${state}, remote_id = ${remoteId}, problem = ${problem},
           ended_at = now()
     where id = ${id} and state = 'waiting'`)
}

export async function outAgain(
  pool: DatabasePool,
  { id, pauseMs, problem }: { id: number; pauseMs: number; problem: string },
): Promise<void> {
  await pool.query(sql.type(nothing)`
    update chat_outbox set due_at = now() + ${pauseMs} * interval '1 millisecond',
           problem = ${problem}
     where id = ${id} and state = 'waiting'`)
}

/** The channel says later that a message of ours did not arrive. */
export async function outRefused(
  pool: DatabasePool,
  { gateway, remoteId, problem }: { gateway: string; remoteId: string; problem: string },
): Promise<void> {
  await pool.query(sql.type(nothing)`
    update chat_outbox set state = 'failed', problem = ${problem}
     where gateway = ${gateway} and remote_id = ${remoteId} and state = 'sent'`)
}

// -- what staff reads --------------------------------------------------------------------------

const messageRow = z.object({
  id: z.number(),
  gateway: z.string(),
  address: z.string(),
  text: z.string(),
  state: z.string(),
  problem: z.string().nullable(),
  createdAt: z.number(),
})
type MessageRecord = z.infer<typeof messageRow>

type Page = { readonly before: number; readonly limit: number }

export async function readInbox(
  pool: DatabasePool,
  { before, limit }: Page,
): Promise<readonly MessageRecord[]> {
  return await pool.any(sql.type(messageRow)`
    select id, gateway, address, text, state, null as problem, received_at as "createdAt"
      from chat_inbox where id < ${before} order by id desc limit ${limit}`)
}

export async function readOutbox(
  pool: DatabasePool,
  { before, limit }: Page,
): Promise<readonly MessageRecord[]> {
  return await pool.any(sql.type(messageRow)`
    select id, gateway, address, text, state, problem, created_at as "createdAt"
      from chat_outbox where id < ${before} order by id desc limit ${limit}`)
}

const templateRow = z.object({ name: z.string(), text: z.string() })

export async function readTemplates(
  pool: DatabasePool,
): Promise<readonly z.infer<typeof templateRow>[]> {
  return await pool.any(sql.type(templateRow)`
    select name, text from chat_template order by name limit 100`)
}

/** Null takes the owner's wording away, and the usual one is back. */
export async function saveTemplate(
  pool: DatabasePool,
  { name, text }: { name: string; text: string | null },
): Promise<void> {
  if (text === null) {
    await pool.query(sql.type(nothing)`delete from chat_template where name = ${name}`)
    return
  }
  await pool.query(sql.type(nothing)`
    insert into chat_template (name, text) values (${name}, ${text})
    on conflict (name) do update set text = excluded.text, updated_at = now()`)
}
