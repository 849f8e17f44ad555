/** Chat on a scene, with channels that a test listens at, and a reseller who is known on each. */

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { complaintService } from '../care/complaint.service.ts'
import { catalogueService } from '../catalogue/catalogue.service.ts'
import { compile } from '../catalogue/compile.ts'
import type { Actions } from '../contract.ts'
import { type Scene, type Shop, sceneAt, shards, until } from '../engine-room.fixture.ts'
import { type Credentials, enrol } from '../identity/enrol.ts'
import { makeSeal, newMasterKey, type Seal } from '../seal.ts'
import { chatService } from './chat.service.ts'

type Sent = {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Record<string, unknown>
}

const tokens = {
  token: 'token-of-the-inbox',
  send_token: 'token-for-sending',
} as const
export const phone = '6281234567890'

export type Chat = {
  readonly scene: Scene
  readonly seal: Seal
  readonly client: Credentials
  /** What the channels were given, in order. */
  readonly sent: Sent[]
  readonly channel: string
  /** What the channel answers; 200 with nothing in it when null. */
  answer: ((sent: Sent) => { status: number; body: unknown } | null) | null
  /** The name of a WhatsApp gateway of its own. */
  readonly gateway: string
  /** A message through its inbox. */
  type(text: string, wish?: Wish): Promise<Actions['chat.receive']['result']>
  /** What stands in table `chat_outbox`, oldest first. */
  said(): Promise<string[]>
  receive(
    params: Omit<Actions['chat.receive']['params'], 'body'> & { body: string },
  ): Promise<Actions['chat.receive']['result']>
}

type Wish = { id?: string; from?: string; sync?: boolean; token?: string }

export async function chatAt(
  t: TestContext,
  { url, shop = {}, deposit = 100_000 }: { url: string; shop?: Partial<Shop>; deposit?: number },
): Promise<Chat> {
  const scene = await sceneAt(t, { url, shop })
  const gateway = `wa${++gateways}`
  const { db, room, broker, call } = scene
  const shelf = { book: () => compile(scene.shop.rows), version: () => 1 }
  const errors: unknown[] = []
  broker.createService(catalogueService({ shelf, now: room.now }))
  broker.createService(
    chatService({
      ...{ db, seal, room, shelf, call },
      isOwner: () => room.engine.state === 'serving',
      onError: cause => errors.push(cause),
    }),
  )
  broker.createService(
    complaintService({
      db,
      room,
      call,
      isOwner: () => false,
      onError: cause => errors.push(cause),
    }),
  )
  broker.createService({ name: 'webhook', actions: { complaint: () => null } })
  await broker.waitForServices(['chat', 'catalogue', 'complaint', 'webhook'])
  const client = await enrol({ db, seal, shards }, { name: 'Toko Contoh' })
  if (deposit > 0) {
    const cash = { userId: client.userId, amount: deposit, ref: `open ${client.userId}`, note: '' }
    await call('wallet.deposit', cash)
  }
  const sent: Sent[] = []
  const ofOurs = (row: { gateway: string }) => row.gateway === gateway
  const chat: Chat = {
    ...{ scene, seal, gateway, client, sent, answer: null },
    channel: await channelAt(t, sent, one => chat.answer?.(one) ?? null),
    type: (text, { id = `m${++typed}`, from = phone, sync = false, token = tokens.token } = {}) =>
      chat.receive({
        gateway,
        door: 'inbox',
        headers: { 'x-chat-token': token },
        body: JSON.stringify({
          ...{ from, text, message_id: id },
          ...(sync ? { reply: 'sync' } : {}),
        }),
      }),
    async said() {
      const answer = await call('chat.messages', {
        ...{ box: 'outbox', before: Number.MAX_SAFE_INTEGER, limit: 100 },
      })
      return 'ok' in answer
        ? answer.ok.rows
            .filter(ofOurs)
            .map(row => row.text)
            .reverse()
        : []
    },
    receive: ({ body, ...rest }) =>
      call('chat.receive', { ...rest, body: Buffer.from(body).toString('base64') }),
  }
  await call('chat.putGateway', {
    ...{ name: gateway, kind: 'whatsapp', baseUrl: `${chat.channel}/send`, active: true },
    credentials: tokens,
  })
  await call('chat.link', { gateway, address: phone, client: client.username })
  t.after(() => {
    if (errors.length > 0) throw errors[0]
  })
  return chat
}

let typed = 0
let gateways = 0
/** All tests of a file share a database, and so the key. */
const seal = makeSeal(newMasterKey())

async function channelAt(
  t: TestContext,
  sent: Sent[],
  answer: (sent: Sent) => { status: number; body: unknown } | null,
): Promise<string> {
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    const one = { path: request.url ?? '', headers: request.headers, body: JSON.parse(text) }
    const { status, body } = answer(one) ?? { status: 200, body: { status: true } }
    sent.push(one)
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** So many messages have left, in the words in which they left. */
export async function leftOf({ sent }: Chat, count: number): Promise<string[]> {
  await until(
    () => sent.length,
    length => length >= count,
  )
  return sent.map(({ body }) => String(body['message'] ?? body['text']))
}
