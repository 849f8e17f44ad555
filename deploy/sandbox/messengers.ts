/**
 * WhatsApp and Telegram as their customers see them: what we send is kept and shown under
 * `/_sandbox/messages`, and `POST say` is a person who types, so that the party calls our webhook.
 *
 *   POST /whatsapp/send                       x-whatsapp-token, {number, message}
 *   POST /whatsapp/v21.0/:phone/messages      Bearer, Meta's Cloud API
 *   POST /telegram/bot:token/sendMessage      the Bot API
 *   POST /whatsapp/say, /telegram/say         {from, text, message_id?, times?}
 *
 * CHS1. Who sends with a wrong token is refused as the real party does it.
 * CHS2. A person's message reaches the account's webhook in the form of its channel, signed with
 *       its secret; `times` delivers the same one again.
 * CHS3. The Cloud API takes free text only within 24 hours of the person's last message, and
 *       Telegram only for who has ever written.
 * CHS4. What is kept is bounded: the oldest messages are forgotten first.
 */

import { createHmac } from 'node:crypto'
import { z } from 'zod/v4'
import { PartyClock } from './clock.ts'
import { explain, FaultBox } from './faults.ts'
import type { AccountView, Answer, Call, Message, Party, PartyKind, Route, World } from './party.ts'
import type { Reply } from './reply.ts'
import { SaleBook } from './sales.ts'
import { wrongUrl } from './webhook.ts'

export const whatsapp: PartyKind = {
  kind: 'whatsapp',
  instances: ['whatsapp'],
  open: (name, world) => new Messenger(name, world, 'whatsapp'),
}

export const telegram: PartyKind = {
  kind: 'telegram',
  instances: ['telegram'],
  open: (name, world) => new Messenger(name, world, 'telegram'),
}

const messagesMax = 1_000
const writersMax = 10_000
const windowMs = 24 * 3_600_000

const accountSchema = z.strictObject({
  party: z.string().optional(),
  username: z.string().min(1).max(100),
  /** What who sends must bring: x-whatsapp-token, Bearer, or the bot's token. */
  api_key: z.string().min(1).max(200),
  webhook_url: z.string().max(2000).nullish(),
  /** Proves to the webhook that it is us. */
  webhook_secret: z.string().max(200).nullish(),
  /** With it the webhook speaks Meta's Cloud API. */
  phone_number_id: z
    .string()
    .regex(/^\d{3,32}$/)
    .nullish(),
})
type Account = z.infer<typeof accountSchema>

const saySchema = z.strictObject({
  from: z.string().regex(/^\d{1,20}$/),
  text: z.string().max(4096),
  message_id: z.string().max(100).optional(),
  times: z.int().min(1).max(20).default(1),
  account: z.string().optional(),
})
type Say = z.infer<typeof saySchema>

class Messenger implements Party {
  readonly kind: 'whatsapp' | 'telegram'
  readonly about: string
  readonly name: string
  readonly clock = new PartyClock()
  readonly faults: FaultBox
  readonly sales: SaleBook
  readonly routes: readonly Route[]
  readonly #world: World
  readonly #accounts = new Map<string, Account>()
  /** When each person last wrote. */
  readonly #wrote = new Map<string, number>()
  #messages: Message[] = []
  /** Numbers go on where an earlier sandbox stopped: who remembers them takes none for a repeat. */
  #count = Date.now()

  constructor(name: string, world: World, kind: 'whatsapp' | 'telegram') {
    this.name = name
    this.kind = kind
    this.#world = world
    this.faults = new FaultBox(name)
    this.sales = new SaleBook(name, () => '')
    this.about = kind === 'whatsapp' ? 'WhatsApp: /send, /v21.0/:phone/messages' : 'Bot API'
    const say = this.#route('/say', [], (call, reply) => this.#say(call, reply))
    this.routes =
      kind === 'whatsapp'
        ? [
            say,
            this.#route('/send', ['x-whatsapp-token'], (call, reply) => this.#send(call, reply)),
            this.#route('/v21.0/:phone/messages', ['authorization'], (call, reply) =>
              this.#cloud(call, reply),
            ),
          ]
        : [say, this.#route('/:bot/sendMessage', [], (call, reply) => this.#bot(call, reply))]
  }

  accounts(): readonly AccountView[] {
    return [...this.#accounts.values()].map(account => this.#viewOf(account))
  }

  openAccount(wish: unknown): Answer<AccountView> {
    const parsed = accountSchema.safeParse(wish)
    if (!parsed.success) {
      return { wrong: explain(parsed.error, Object.keys(accountSchema.shape)) }
    }
    const wrong = parsed.data.webhook_url ? wrongUrl(parsed.data.webhook_url) : undefined
    if (wrong) return { wrong: `webhook_url: ${wrong}` }
    this.#accounts.set(parsed.data.username, parsed.data)
    return { ok: this.#viewOf(parsed.data) }
  }

  reset({ accounts }: { readonly accounts: boolean }) {
    this.clock.reset()
    this.faults.reset()
    this.#messages = []
    this.#wrote.clear()
    if (accounts) this.#accounts.clear()
  }

  messages(): readonly Message[] {
    return this.#messages
  }

  #viewOf({ username, webhook_url }: Account): AccountView {
    return { party: this.name, username, balance: 0, webhook_url: webhook_url ?? null }
  }

  #route(
    path: string,
    headers: readonly string[],
    handle: (call: Call, reply: Reply) => void,
  ): Route {
    return { method: 'post', path, headers, handle }
  }

  #keep(to: string, text: string): string {
    this.#messages.push({
      party: this.name,
      to,
      text,
      at: new Date(this.clock.now()).toISOString(),
    })
    if (this.#messages.length > messagesMax) this.#messages.shift()
    return String(++this.#count)
  }

  // -- what we send ----------------------------------------------------------------------------

  #send({ headers, body }: Call, reply: Reply) {
    const token = headers['x-whatsapp-token']
    const knows = [...this.#accounts.values()].some(({ api_key }) => api_key === token)
    if (!knows) return reply.json(401, { status: false, message: 'token salah' })
    const { number, message } = objectIn(body)
    if (!/^62\d{8,13}$/.test(String(number)) || typeof message !== 'string' || message === '') {
      return reply.json(400, { status: false, message: 'nomor atau pesan salah' })
    }
    this.#keep(String(number), message)
    reply.json(200, { status: true })
  }

  #cloud({ headers, body, parameters }: Call, reply: Reply) {
    const fail = (status: number, code: number, message: string) =>
      reply.json(status, {
        error: { message, type: 'OAuthException', code, fbtrace_id: 'sandbox' },
      })
    const account = [...this.#accounts.values()].find(
      ({ phone_number_id }) => phone_number_id === parameters[0],
    )
    if (account === undefined || headers['authorization'] !== `Bearer ${account.api_key}`) {
      return fail(401, 190, 'Invalid OAuth access token')
    }
    const { to, type, text } = objectIn(body)
    const words = (text as { body?: unknown } | undefined)?.body
    if (typeof to !== 'string' || type !== 'text' || typeof words !== 'string') {
      return fail(400, 100, 'Invalid parameter')
    }
    const wroteAt = this.#wrote.get(to)
    if (wroteAt === undefined || this.clock.now() - wroteAt > windowMs) {
      return fail(400, 131047, 'Re-engagement message')
    }
    const id = `wamid.sandbox.${this.#keep(to, words)}`
    const contacts = [{ input: to, wa_id: to }]
    reply.json(200, {
      ...{ messaging_product: 'whatsapp', contacts },
      messages: [{ id, message_status: 'accepted' }],
    })
  }

  #bot({ body, parameters }: Call, reply: Reply) {
    const fail = (code: number, description: string) =>
      reply.json(code, { ok: false, error_code: code, description })
    const token = (parameters[0] ?? '').replace(/^bot/, '')
    const knows = [...this.#accounts.values()].some(({ api_key }) => api_key === token)
    if (!knows) return fail(401, 'Unauthorized')
    const { chat_id, text } = objectIn(body)
    if (typeof text !== 'string' || text === '' || text.length > 4096) {
      return fail(400, 'Bad Request: message text is empty or too long')
    }
    if (!this.#wrote.has(String(chat_id))) return fail(400, 'Bad Request: chat not found')
    const message_id = Number(this.#keep(String(chat_id), text))
    const date = Math.floor(this.clock.now() / 1_000)
    reply.json(200, {
      ok: true,
      result: { message_id, date, chat: { id: chat_id, type: 'private' }, text },
    })
  }

  // -- what a person types ---------------------------------------------------------------------

  #say({ body }: Call, reply: Reply) {
    const parsed = saySchema.safeParse(objectIn(body))
    if (!parsed.success) {
      return reply.json(400, { wrong: explain(parsed.error, Object.keys(saySchema.shape)) })
    }
    const say = parsed.data
    const account =
      say.account === undefined
        ? [...this.#accounts.values()].find(one => one.webhook_url)
        : this.#accounts.get(say.account)
    if (!account?.webhook_url) {
      return reply.json(404, { wrong: `No account of ${this.name} has a webhook_url yet.` })
    }
    this.#wrote.set(say.from, this.clock.now())
    if (this.#wrote.size > writersMax) this.#wrote.delete(this.#wrote.keys().next().value!)
    const id = say.message_id ?? String(++this.#count)
    const { headers, text } = this.#webhookOf(account, say, id)
    for (let n = 0; n < say.times; n++) {
      this.#world.webhooks.send({
        url: account.webhook_url,
        headers: { 'content-type': 'application/json', ...headers },
        body: text,
        ...{ retries: 5, pauseMs: 1_000, agenda: this.clock.agenda },
      })
    }
    reply.json(200, { message_id: id, delivered_to: account.webhook_url })
  }

  #webhookOf({ webhook_secret, phone_number_id }: Account, say: Say, id: string) {
    const { from, text: body } = say
    const secret = webhook_secret ?? ''
    const date = Math.floor(this.clock.now() / 1_000)
    if (this.kind === 'telegram') {
      const person = { id: Number(from), is_bot: false, first_name: 'Sandbox' }
      const chat = { id: Number(from), type: 'private' }
      const update_id = /^\d+$/.test(id) ? Number(id) : ++this.#count
      const message = { message_id: update_id, from: person, chat, date, text: body }
      return {
        headers: { 'x-telegram-bot-api-secret-token': secret },
        text: JSON.stringify({ update_id, message }),
      }
    }
    if (phone_number_id) {
      const message = { from, id: `wamid.${id}`, timestamp: String(date), type: 'text' }
      const value = {
        messaging_product: 'whatsapp',
        metadata: { display_phone_number: '62800', phone_number_id },
        contacts: [{ profile: { name: 'Sandbox' }, wa_id: from }],
        messages: [{ ...message, text: { body } }],
      }
      const entry = [{ id: '1', changes: [{ field: 'messages', value }] }]
      const text = JSON.stringify({ object: 'whatsapp_business_account', entry })
      const signature = createHmac('sha256', secret).update(text).digest('hex')
      return { headers: { 'x-hub-signature-256': `sha256=${signature}` }, text }
    }
    return {
      headers: { 'x-whatsapp-token': secret },
      text: JSON.stringify({ from, text: body, message_id: id }),
    }
  }
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
