/**
 * The languages of the channels: what comes in becomes messages, what goes out becomes a call, and
 * the answer to that call becomes one of three words. Nothing else here knows a channel by name.
 *
 *   plain            POST inbox {from, text, message_id}, token; answers in the reply, or sends on
 *   whatsapp         the same inbox; sends {number, message} with x-whatsapp-token
 *   whatsapp_cloud   Meta's webhook and graph endpoint
 *   telegram         the Bot API's webhook and sendMessage
 *
 * CHC1. Who can't prove to be the channel is forged: token, secret or a signature over the bytes
 *       as they came, compared in constant time.
 * CHC2. Every text message of a batch is read, each with the channel's own id; what is no text from
 *       one person (statuses, pictures, groups) is nothing to answer.
 * CHC3. A phone has one form: digits from 62.
 * CHC4. Busy channels are asked again after the pause that they name; those who say that it can
 *       never arrive (24 hours over, blocked, no such chat) are not asked again.
 * CHC5. What is told of a failure carries codes, never addresses, tokens or bodies.
 */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod/v4'
import { textWithin } from '../text-within.ts'

export type Kind = 'plain' | 'whatsapp' | 'whatsapp_cloud' | 'telegram'

const secret = z.string().regex(/^[\x21-\x7e]{8,512}$/)
export const credentialShapes = {
  plain: z.strictObject({ token: secret }),
  whatsapp: z.strictObject({ token: secret, send_token: secret }),
  whatsapp_cloud: z.strictObject({
    verify_token: secret,
    app_secret: secret,
    access_token: secret,
    phone_number_id: z.string().regex(/^\d{3,32}$/),
  }),
  telegram: z.strictObject({
    secret_token: z.string().regex(/^[\w-]{8,256}$/),
    bot_token: z.string().regex(/^[\w:-]{8,256}$/),
  }),
} as const satisfies Record<Kind, z.ZodType>

type Credentials<K extends Kind> = z.infer<(typeof credentialShapes)[K]>
export type Line = {
  [K in Kind]: { readonly kind: K; readonly baseUrl: string; readonly credentials: Credentials<K> }
}[Kind]

export type Incoming = {
  readonly messageId: string
  readonly address: string
  readonly text: string
  readonly sentAt: number
}

type Heard =
  | { readonly wrong: 'forged' | 'malformed' }
  | {
      readonly messages: readonly Incoming[]
      /** Ours that did not arrive, by the channel's id. */
      readonly failures: readonly { readonly remoteId: string; readonly problem: string }[]
      /** The sender waits for the answer to this very message. */
      readonly waits: boolean
    }

type Delivered =
  | { readonly sent: true; readonly remoteId: string | null }
  | { readonly again: number | null; readonly problem: string }
  | { readonly never: string }

type Headers = Readonly<Record<string, string>>

export function hear(line: Line, headers: Headers, body: Buffer, now: number): Heard {
  switch (line.kind) {
    case 'plain':
    case 'whatsapp':
      return hearPlain(line.credentials, { headers, body, now })
    case 'whatsapp_cloud':
      return hearCloud(line.credentials, { headers, body, now })
    case 'telegram':
      return hearTelegram(line.credentials, { headers, body, now })
  }
}

type Post = { readonly headers: Headers; readonly body: Buffer; readonly now: number }

const idShape = z.string().regex(/^[\x21-\x7e]{1,128}$/)
const textShape = z.string().max(8_192)
const plainShape = z.object({
  from: z.string().regex(/^[\w@+.\- ]{1,64}$/),
  text: textShape,
  message_id: z.union([idShape, z.int().transform(String)]),
  reply: z.enum(['sync', 'async']).default('async'),
})

function hearPlain({ token }: Credentials<'plain'>, { headers, body, now }: Post): Heard {
  const given = headers['x-chat-token'] ?? headers['x-whatsapp-token'] ?? ''
  if (!isSame(given, token)) return { wrong: 'forged' }
  const read = plainShape.safeParse(jsonOf(body))
  if (!read.success) return { wrong: 'malformed' }
  const { from, text, message_id: messageId, reply } = read.data
  const address = addressOf(from)
  const message = { messageId, address, text, sentAt: now }
  const isOne = address !== '' && !from.includes('@g.us')
  return { messages: isOne ? [message] : [], failures: [], waits: reply === 'sync' }
}

const cloudShape = z.object({
  entry: z.array(
    z.object({
      changes: z.array(
        z.object({
          value: z.object({
            messages: z.array(z.unknown()).optional(),
            statuses: z.array(z.unknown()).optional(),
          }),
        }),
      ),
    }),
  ),
})
const cloudText = z.object({
  from: z.string().regex(/^\d{5,20}$/),
  id: idShape,
  timestamp: z.string().regex(/^\d{1,12}$/),
  text: z.object({ body: textShape }),
})
const cloudFailure = z.object({
  id: idShape,
  status: z.literal('failed'),
  errors: z.array(z.object({ code: z.number() })).optional(),
})

function hearCloud(keys: Credentials<'whatsapp_cloud'>, { headers, body }: Post): Heard {
  const signed = createHmac('sha256', keys.app_secret).update(body).digest('hex')
  const given = headers['x-hub-signature-256'] ?? ''
  if (!isSame(given.toLowerCase(), `sha256=${signed}`)) return { wrong: 'forged' }
  const read = cloudShape.safeParse(jsonOf(body))
  if (!read.success) return { wrong: 'malformed' }
  const values = read.data.entry.flatMap(entry => entry.changes.map(change => change.value))
  const messages = values
    .flatMap(value => value.messages ?? [])
    .flatMap(one => {
      const { success, data } = cloudText.safeParse(one)
      if (!success) return []
      const { id, from, text, timestamp } = data
      const sentAt = Number(timestamp) * 1_000
      return [{ messageId: id, address: addressOf(from), text: text.body, sentAt }]
    })
  const failures = values
    .flatMap(value => value.statuses ?? [])
    .flatMap(one => {
      const { success, data } = cloudFailure.safeParse(one)
      return success ? [{ remoteId: data.id, problem: `cloud_${data.errors?.[0]?.code ?? 0}` }] : []
    })
  return { messages, failures, waits: false }
}

/** Meta asks once whether we are who was registered: the challenge comes back, or null. */
export function challenged(line: Line, query: URLSearchParams): string | null {
  if (line.kind !== 'whatsapp_cloud' || query.get('hub.mode') !== 'subscribe') return null
  const token = query.get('hub.verify_token') ?? ''
  return isSame(token, line.credentials.verify_token) ? query.get('hub.challenge') : null
}

const updateShape = z.object({
  update_id: z.int(),
  message: z
    .object({
      chat: z.object({ id: z.int(), type: z.string() }),
      date: z.int(),
      text: textShape,
    })
    .optional()
    .catch(undefined),
})

function hearTelegram(keys: Credentials<'telegram'>, { headers, body }: Post): Heard {
  const given = headers['x-telegram-bot-api-secret-token'] ?? ''
  if (!isSame(given, keys.secret_token)) return { wrong: 'forged' }
  const read = updateShape.safeParse(jsonOf(body))
  if (!read.success) return { wrong: 'malformed' }
  const { update_id, message } = read.data
  if (message === undefined || message.chat.type !== 'private') {
    return { messages: [], failures: [], waits: false }
  }
  const { chat, text, date } = message
  const one = {
    messageId: String(update_id),
    address: String(chat.id),
    text: text.replace(/^\/(?:start|help)\b.*/i, 'MENU'),
    sentAt: date * 1_000,
  }
  return { messages: [one], failures: [], waits: false }
}

/** `0812…`, `+62 812…`, `62812…@c.us`: one phone. */
export function addressOf(typed: string): string {
  const local = typed.replace(/@.*$/, '')
  const digits = local.replace(/\D/g, '')
  if (!/^[+\d .-]+$/.test(local)) return local.toLowerCase()
  if (/^08\d{7,12}$/.test(digits)) return `62${digits.slice(1)}`
  return digits
}

// -- going out ---------------------------------------------------------------------------------

const answerMsMax = 10_000
const answerBytesMax = 64 * 1024

export async function deliver(
  line: Line,
  message: { address: string; text: string; id: number },
): Promise<Delivered> {
  const { path, headers, body } = callOf(line, message)
  let status: number
  let answer: unknown
  try {
    const response = await fetch(line.baseUrl.replace(/\/$/, '') + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(answerMsMax),
    })
    status = response.status
    answer = jsonOf((await textWithin(response, answerBytesMax)) ?? '')
  } catch (cause) {
    const { name } = cause as Error
    return { again: null, problem: name === 'TimeoutError' ? 'timeout' : 'unreachable' }
  }
  switch (line.kind) {
    case 'plain':
    case 'whatsapp':
      return plainAnswer(status)
    case 'whatsapp_cloud':
      return cloudAnswer(status, answer)
    case 'telegram':
      return telegramAnswer(status, answer)
  }
}

function callOf(line: Line, { address, text, id }: { address: string; text: string; id: number }) {
  switch (line.kind) {
    case 'plain': {
      const headers = { 'x-chat-token': line.credentials.token }
      return { path: '', headers, body: { to: address, text, message_id: String(id) } }
    }
    case 'whatsapp': {
      const headers = { 'x-whatsapp-token': line.credentials.send_token }
      return { path: '', headers, body: { number: address, message: text } }
    }
    case 'whatsapp_cloud': {
      const { access_token, phone_number_id } = line.credentials
      const to = { messaging_product: 'whatsapp', recipient_type: 'individual', to: address }
      return {
        path: `/${phone_number_id}/messages`,
        headers: { authorization: `Bearer ${access_token}` },
        body: { ...to, type: 'text', text: { preview_url: false, body: text } },
      }
    }
    case 'telegram': {
      const body = { chat_id: Number(address), text }
      return { path: `/bot${line.credentials.bot_token}/sendMessage`, headers: {}, body }
    }
  }
}

function plainAnswer(status: number): Delivered {
  if (status < 300) return { sent: true, remoteId: null }
  // A token that was refused may be put right by the owner; a number that was, will not.
  if (status >= 500 || [401, 403, 408, 429].includes(status)) {
    return { again: null, problem: `http_${status}` }
  }
  return { never: `http_${status}` }
}

const cloudSent = z.object({ messages: z.array(z.object({ id: idShape })).min(1) })
const cloudError = z.object({ error: z.object({ code: z.number() }) })
/** Too fast, too fast to one person, or a token that the owner must renew. */
const cloudLater: ReadonlySet<number> = new Set([
  1, 2, 4, 190, 80007, 130429, 131000, 131016, 131056,
])

function cloudAnswer(status: number, answer: unknown): Delivered {
  const sent = cloudSent.safeParse(answer)
  if (status < 300 && sent.success) return { sent: true, remoteId: sent.data.messages[0]!.id }
  const failed = cloudError.safeParse(answer)
  if (!failed.success) return { again: null, problem: `http_${status}` }
  const { code } = failed.data.error
  if (code === 131047) return { never: 'window_of_24_hours_over' }
  if (status >= 500 || cloudLater.has(code)) return { again: null, problem: `cloud_${code}` }
  return { never: `cloud_${code}` }
}

const telegramShape = z.object({
  ok: z.boolean(),
  error_code: z.number().optional(),
  result: z.object({ message_id: z.int() }).optional(),
  parameters: z.object({ retry_after: z.number().min(0).max(86_400).optional() }).optional(),
})

function telegramAnswer(status: number, answer: unknown): Delivered {
  const { success, data } = telegramShape.safeParse(answer)
  if (!success) return { again: null, problem: `http_${status}` }
  if (data.ok) return { sent: true, remoteId: String(data.result?.message_id ?? '') || null }
  const code = data.error_code ?? status
  const problem = `telegram_${code}`
  if (code === 429) return { again: (data.parameters?.retry_after ?? 5) * 1_000, problem }
  return code === 400 || code === 403 ? { never: problem } : { again: null, problem }
}

function jsonOf(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** Digests of equal length are compared, so that neither length nor place of a difference tells. */
function isSame(given: string, wanted: string): boolean {
  const [one, other] = [given, wanted].map(text =>
    createHmac('sha256', 'compare').update(text).digest(),
  ) as [Buffer, Buffer]
  return timingSafeEqual(one, other)
}
