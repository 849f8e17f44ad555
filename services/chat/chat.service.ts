/**
 * Chat on the mesh: what channels bring, what staff looks after, and the work in between that goes
 * on by itself.
 *
 *   chat.receive ─▶ proof ─▶ kept, masked ─▶ conversation ─▶ outbox ─▶ post ─▶ channel
 *                                                 order's end ─▶ outbox ─┘
 *
 * CHH1. A message is kept before it is understood, once per id of the channel, its PINs masked; as
 *       it came it is kept sealed, only until it is understood.
 * CHH2. A message that nobody finished is taken up again, by whoever runs the engine then.
 * CHH3. A gateway's credentials are sealed for it alone, and shown to nobody.
 * CHH4. Whoever waits for the answer gets it on the same line; asked again with the same id, he
 *       gets the same.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { Database } from '../../sql/database.ts'
import { clientById, clientByUsername } from '../../sql/people/clients.ts'
import {
  answerTo,
  claimWaiting,
  type GatewayRecord,
  gatewayByName,
  ignoreMessage,
  keepArrival,
  linkSender,
  outRefused,
  placeOf,
  readGateways,
  readInbox,
  readOutbox,
  readSenders,
  readTemplates,
  releaseWaiting,
  saveGateway,
  saveTemplate,
  sayOnce,
  senderAt,
  unlinkSender,
  unlockSender,
} from '../../sql/topup/chat.ts'
import type { Shelf } from '../catalogue/shelf.ts'
import type { Refused } from '../contract/answer.ts'
import type { RefusalCode } from '../contract/words.ts'
import type { Actions, Call } from '../contract.ts'
import type { EngineRoom } from '../engine-room.ts'
import type { Seal } from '../seal.ts'
import { Pins } from '../wallet/pin.ts'
import {
  addressOf,
  challenged,
  credentialShapes,
  hear,
  type Incoming,
  type Line,
} from './channels.ts'
import { converse, type Message, NotNow, type Told, wording } from './conversation.ts'
import { Endings } from './endings.ts'
import { type Grammar, grammarShape, understand, usualGrammar } from './grammar.ts'
import { Post } from './post.ts'
import { Pace, Turns } from './sender.ts'
import { fill, isTemplate, preview, problemOf, wib } from './template.ts'
import { templates } from './text.id.ts'

/** Whose request brought a message; null: it waited, and is taken up again. */
type Asker = { readonly requestId: string | null }

type ChatDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Seal
  readonly pins?: Pins
  readonly room: EngineRoom
  readonly shelf: Pick<Shelf, 'book'>
  readonly call: Call
  /** Only whoever serves orders takes up messages that others left. */
  readonly isOwner: () => boolean
  /** Named is the request that it came of, if one waits for it. */
  readonly onError: (cause: unknown, requestId?: string | null) => void
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Promise<Actions[A]['result']>

const beatMs = 1_000
const sweepMs = 15_000
const takeUpMax = 32
const pauseMs = 2_000
const pauseMsMax = 5 * 60_000

export const gatewayPurpose = (name: string): string => `chat_gateway:${name}`

const refuse = (refused: RefusalCode, details?: Refused['details']): Refused =>
  details === undefined
    ? { refused, moneyEffect: 'none' }
    : { refused, details, moneyEffect: 'none' }

export function chatService(deps: ChatDeps): ServiceSchema {
  const { db, seal, room } = deps
  const { pool } = db
  const { now, machineNow } = room
  const pace = new Pace()
  const turns = new Turns()
  const { pins = new Pins({ db, seal, now }) } = deps
  // How old a message is, is said by whoever carried it here.
  const talkDeps = { db, seal, pins, call: deps.call, shelf: deps.shelf, now: machineNow }
  const post = new Post({ db, onError: deps.onError, lineOf })
  const endings = new Endings(talkDeps, () => post.wake())
  let timer: NodeJS.Timeout | undefined
  let sweptAt = 0
  let beating: Promise<void> | null = null

  async function lineOf(name: string): Promise<Line | null> {
    const row = await gatewayByName(pool, name)
    return row?.active && row.baseUrl !== '' ? opened(row) : null
  }

  const opened = ({ name, kind, baseUrl, credentials }: GatewayRecord): Line =>
    ({
      kind,
      baseUrl,
      credentials: JSON.parse(seal.open(credentials, gatewayPurpose(name))),
    }) as Line

  async function receive({
    gateway: name,
    door,
    headers,
    body,
    requestId,
  }: Params<'chat.receive'> & Asker): Result<'chat.receive'> {
    const gateway = await gatewayByName(pool, name)
    const isKnown = gateway?.active && doors[gateway.kind] === door
    if (!isKnown) return { verdict: 'unknown_gateway' }
    const heard = hear(opened(gateway), headers, Buffer.from(body, 'base64'), now())
    if ('wrong' in heard) return { verdict: heard.wrong }
    for (const failure of heard.failures) await outRefused(pool, { gateway: name, ...failure })
    const work = heard.messages.map(one => keep(gateway, { ...one, requestId }, heard.waits))
    const kept = await Promise.all(work)
    if (!heard.waits) return { verdict: 'accepted', reply: null }
    const told = await kept[0]?.told
    const [message] = heard.messages
    const { messageId = '' } = message ?? {}
    return {
      verdict: 'accepted',
      reply: told?.text ?? (await answerTo(pool, { gateway: name, messageId })),
    }
  }

  /** Resolves when it is kept; `told` when it is answered, or left for later. */
  async function keep(
    gateway: GatewayRecord,
    { messageId, address, text, sentAt, requestId }: Incoming & Asker,
    isHeard: boolean,
  ): Promise<{ told: Promise<Told> | null }> {
    const place = { gateway: gateway.name, address }
    const { index } = deps.shelf.book()
    const isProduct = (code: string) => index.has(code.toUpperCase())
    const { masked } = understand(text, grammarOf(gateway), isProduct)
    const id = await keepArrival(pool, {
      ...place,
      messageId,
      text: masked,
      sealed: seal.close(text, messagePurpose(gateway.name, messageId)),
      sentAt,
    })
    if (id === null) return { told: null }
    if (!pace.allows(`${gateway.name} ${address}`, now())) {
      await ignoreMessage(pool, id)
      if ((await senderAt(pool, place)) === null) return { told: null }
      const minute = Math.floor(now() / 60_000)
      const about = `slow ${gateway.name} ${address} ${minute}`
      const text = fill((await wording(talkDeps)).slow, {})
      const unheard = gateway.baseUrl === '' ? 'kept' : 'waiting'
      await sayOnce(pool, { ...place, text, about, state: isHeard ? 'sent' : unheard })
      post.wake()
      return { told: isHeard ? Promise.resolve({ text, trxIds: [] }) : null }
    }
    const message = {
      ...{ id, messageId, address, text, sentAt, requestId },
      ...{ receivedAt: now(), tries: 0 },
    }
    return { told: talk(gateway, message, isHeard) }
  }

  /** Null when there was nothing to say, or not yet. */
  function talk(gateway: GatewayRecord, message: Message & Asker, isHeard: boolean): Promise<Told> {
    return turns.take(`${gateway.name} ${message.address}`, async () => {
      try {
        const grammar = grammarOf(gateway)
        const told = await converse(talkDeps, { gateway, grammar, message }, isHeard)
        post.wake()
        for (const trxId of told?.trxIds ?? []) endings.look(trxId)
        return told
      } catch (cause) {
        if (!(cause instanceof NotNow)) deps.onError(cause, message.requestId)
        const pause = Math.min(pauseMs * 2 ** message.tries, pauseMsMax)
        await releaseWaiting(pool, { id: message.id, pauseMs: pause }).catch(deps.onError)
        return null
      }
    })
  }

  async function takeUp(): Promise<void> {
    for (const row of await claimWaiting(pool, takeUpMax)) {
      try {
        const gateway = await gatewayByName(pool, row.gateway)
        const text = seal.open(row.sealed, messagePurpose(row.gateway, row.messageId))
        if (gateway !== null) void talk(gateway, { ...row, text, requestId: null }, false)
      } catch (cause) {
        deps.onError(cause)
      }
    }
  }

  function beat(): void {
    beating ??= (async () => {
      post.wake()
      if (!deps.isOwner()) return
      await takeUp()
      if (now() - sweptAt < sweepMs) return
      sweptAt = now()
      await endings.sweep()
    })()
      .catch(deps.onError)
      .finally(() => {
        beating = null
      })
  }

  const staff = staffActions({ ...deps, pins })
  return {
    name: 'chat',
    actions: {
      receive: (ctx: Context<Params<'chat.receive'>>) =>
        receive({ ...ctx.params, requestId: ctx.requestID }),

      async challenge(ctx: Context<Params<'chat.challenge'>>): Result<'chat.challenge'> {
        const gateway = await gatewayByName(pool, ctx.params.gateway)
        if (!gateway?.active) return null
        return challenged(opened(gateway), new URLSearchParams(ctx.params.query))
      },
      /** An answer is not the end; a verdict is. */
      async complaint(ctx: Context<Params<'chat.complaint'>>): Promise<null> {
        const { complaint, message, inboxId } = ctx.params
        const place = inboxId === null ? null : await placeOf(pool, inboxId)
        if (place === null) return null
        const { gateway, address, baseUrl } = place
        const words = await wording(talkDeps)
        const name = message.kind === 'answered' ? 'complaint_answered' : 'complaint_closed'
        const values = { trxid: complaint.trxId, keterangan: message.text, waktu: wib(now()) }
        const about = `complaint word ${message.id}`
        const state = baseUrl === '' ? 'kept' : 'waiting'
        await sayOnce(pool, { gateway, address, text: fill(words[name], values), about, state })
        post.wake()
        return null
      },
      ...staff,
    },
    async started() {
      room.listeners.push(batch => endings.hear(batch))
      timer = setInterval(beat, beatMs)
      beat()
    },
    async stopped() {
      clearInterval(timer)
      await beating
      await turns.rest()
      await endings.rest()
      await post.close()
    },
  } as ServiceSchema
}

/** Through which door of ours each kind comes. */
const doors = {
  plain: 'inbox',
  whatsapp: 'inbox',
  whatsapp_cloud: 'cloud',
  telegram: 'telegram',
} as const

const messagePurpose = (gateway: string, messageId: string): string =>
  `chat_inbox:${gateway}:${messageId}`

/** A grammar that no longer fits is the usual one: nobody's messages stay unread for it. */
function grammarOf({ grammar }: GatewayRecord): Grammar {
  if (grammar === null) return usualGrammar
  const read = grammarShape.safeParse(grammar)
  return read.success ? (read.data as Grammar) : usualGrammar
}

// -- what staff looks after --------------------------------------------------------------------

function staffActions({ db, seal, pins }: ChatDeps & { readonly pins: Pins }) {
  const { pool } = db
  const senderView = ({ pinHash: _, level: __, ...row }: SenderRow) => row
  return {
    async gateways(): Result<'chat.gateways'> {
      const rows = await readGateways(pool)
      return { ok: { rows: rows.map(({ credentials: _, ...row }) => row) } }
    },

    async putGateway(ctx: Context<Params<'chat.putGateway'>>): Result<'chat.putGateway'> {
      const { name, kind, baseUrl, credentials, grammar = null, active } = ctx.params
      const known = await gatewayByName(pool, name)
      if (known !== null && known.kind !== kind) return refuse('GATEWAY_INVALID', { field: 'kind' })
      if (kind !== 'plain' && baseUrl === '') {
        return refuse('GATEWAY_INVALID', { field: 'base_url' })
      }
      if (grammar !== null && !grammarShape.safeParse(grammar).success) {
        return refuse('GATEWAY_INVALID', { field: 'grammar' })
      }
      const given = credentials === undefined ? null : credentialShapes[kind].safeParse(credentials)
      if (given?.success === false || (given === null && known === null)) {
        const fields = Object.keys(credentialShapes[kind].shape)
        return refuse('GATEWAY_INVALID', { field: 'credentials', fields })
      }
      const sealed =
        given === null
          ? known!.credentials
          : seal.close(JSON.stringify(given.data), gatewayPurpose(name))
      const row = { name, kind, baseUrl, credentials: sealed, grammar, active }
      await saveGateway(pool, row)
      return { ok: { name, kind, baseUrl, grammar, active } }
    },

    async senders(ctx: Context<Params<'chat.senders'>>): Result<'chat.senders'> {
      const rows = await readSenders(pool, ctx.params)
      return { ok: { rows: rows.map(senderView) } }
    },

    /** `client` is a username or an id. */
    async link(ctx: Context<Params<'chat.link'>>): Result<'chat.link'> {
      const { gateway, address, client } = ctx.params
      const isId = /^[0-9a-f-]{36}$/.test(client)
      const row = isId ? await clientById(pool, client) : await clientByUsername(pool, client)
      if (row === null) return refuse('CLIENT_UNKNOWN')
      if ((await gatewayByName(pool, gateway)) === null) return refuse('NOT_FOUND')
      const place = { gateway, address: addressOf(address) }
      if (place.address === '') return refuse('GATEWAY_INVALID', { field: 'address' })
      const id = await linkSender(pool, { ...place, userId: row.userId })
      return id === null ? refuse('SENDER_TAKEN') : { ok: { id, ...place } }
    },

    async unlink(ctx: Context<Params<'chat.unlink'>>): Result<'chat.unlink'> {
      return (await unlinkSender(pool, ctx.params.id)) ? { ok: null } : refuse('NOT_FOUND')
    },

    async unlock(ctx: Context<Params<'chat.unlock'>>): Result<'chat.unlock'> {
      const userId = await unlockSender(pool, ctx.params.id)
      if (userId === null) return refuse('NOT_FOUND')
      pins.forget(userId)
      return { ok: null }
    },

    async templates(): Result<'chat.templates'> {
      const own = new Map((await readTemplates(pool)).map(row => [row.name, row.text]))
      const rows = Object.entries(templates).map(([name, usual]) => ({
        name,
        text: own.get(name) ?? usual,
        usual,
      }))
      return { ok: { rows } }
    },

    async putTemplate(ctx: Context<Params<'chat.putTemplate'>>): Result<'chat.putTemplate'> {
      const { name, text } = ctx.params
      if (!isTemplate(name)) return refuse('NOT_FOUND')
      const problem = text === null ? null : problemOf(text)
      if (problem !== null) return refuse('TEMPLATE_INVALID', { problem })
      await saveTemplate(pool, { name, text })
      return { ok: preview(text ?? templates[name]) }
    },

    async preview(ctx: Context<Params<'chat.preview'>>): Result<'chat.preview'> {
      const problem = problemOf(ctx.params.text)
      return problem === null
        ? { ok: preview(ctx.params.text) }
        : refuse('TEMPLATE_INVALID', { problem })
    },

    async messages(ctx: Context<Params<'chat.messages'>>): Result<'chat.messages'> {
      const { box, before, limit } = ctx.params
      const read = box === 'inbox' ? readInbox : readOutbox
      return { ok: { rows: await read(pool, { before, limit }) } }
    },
  }
}

type SenderRow = Awaited<ReturnType<typeof readSenders>>[number]
