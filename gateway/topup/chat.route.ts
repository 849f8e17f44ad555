/**
 * Chat's doors: one for each kind of channel, which proves itself in its own way, and the staff's.
 * What a message means, the chat service knows.
 *
 * CHI1. A channel's body is passed on unread, byte for byte: its signature is over the bytes.
 * CHI2. Forged is 401, illegible 400; what could not be kept is 503, so that the channel repeats
 *       it; all else is 200, whatever the message came to.
 * CHI3. Only staff looks after gateways, senders and templates.
 */

import { z } from 'zod/v4'
import type { Answer } from '../../services/contract/answer.ts'
import type { ChatSenderView as SenderView } from '../../services/contract/chat.ts'
import type { Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import { neighbour } from '../auth.ts'
import type { Client, Edge } from '../edge.ts'
import { AddressBuckets } from '../limits.ts'
import type { Line } from '../lines.ts'
import { callbackShape, readBody, readQuery, toIso } from '../reading.ts'
import type { Asked, Router } from '../router.ts'
import { chatOkText } from '../text/chat.id.ts'
import { machineText } from '../text/machine.id.ts'

const nameShape = /^[\w.-]{1,64}$/
const staff = { roles: ['admin', 'support'] } as const
const owners = { roles: ['admin'] } as const

export const chat: Line = (router, edge) => {
  hangChannels(router, edge)
  hangGateways(router, edge)
  hangSenders(router, edge)
  hangWords(router, edge)
}

// -- channels ----------------------------------------------------------------------------------

function hangChannels(router: Router, edge: Edge): void {
  const callers = new AddressBuckets(edge.limits.callbacksPerMin)
  const doors = [
    ['inbox', '/api/v1/chat/inbox/:gateway'],
    ['cloud', '/api/v1/chat/whatsapp/:gateway'],
    ['telegram', '/api/v1/chat/telegram/:gateway'],
  ] as const
  for (const [door, path] of doors) {
    router.open('post', path, (visit, asked) => take(edge, callers, visit, { door, asked }))
  }
  router.open('get', '/api/v1/chat/whatsapp/:gateway', (visit, { params }) => {
    const gateway = params[0] ?? ''
    if (!nameShape.test(gateway)) return visit.refuse('NOT_FOUND')
    enter(edge, callers, visit, gateway, async () => {
      const challenge = await edge.call('chat.challenge', { gateway, query: visit.query })
      if (challenge === null || challenge.length > 256) visit.refuse('FORBIDDEN')
      else visit.send(200, 'text/plain; charset=utf-8', challenge)
    })
  })
}

type Arrived = { readonly door: 'inbox' | 'cloud' | 'telegram'; readonly asked: Asked }

function take(edge: Edge, callers: AddressBuckets, visit: Visit, { door, asked }: Arrived) {
  const gateway = asked.params[0] ?? ''
  if (!nameShape.test(gateway)) return visit.refuse('NOT_FOUND')
  const { headers } = asked
  const body = asked.body.toString('base64')
  enter(edge, callers, visit, gateway, async () => {
    const heard = await edge.call('chat.receive', { gateway, door, headers, body })
    switch (heard.verdict) {
      case 'accepted':
        return visit.ok(machineText.chat, JSON.stringify({ reply: heard.reply }))
      case 'forged':
        return visit.refuse('SIGNATURE_INVALID')
      case 'malformed':
        return visit.refuse('VALIDATION_FAILED')
      case 'unknown_gateway':
        return visit.refuse('NOT_FOUND')
    }
  })
}

/** Within the limits of strangers, and never without an answer. */
function enter(
  edge: Edge,
  callers: AddressBuckets,
  visit: Visit,
  gateway: string,
  work: () => Promise<void>,
) {
  if (edge.stopping) return visit.refuse('STOPPING')
  const waitMs = callers.take(neighbour(edge, visit), edge.now())
  if (waitMs > 0) return visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs })
  const seat = `chat:${gateway}`
  if (!edge.flights.enter(seat)) return visit.refuse('OVERLOADED')
  work()
    .catch(error => {
      edge.onFault(error, visit.id)
      visit.refuse('UNREACHABLE')
    })
    .finally(() => edge.flights.leave(seat))
}

// -- staff -------------------------------------------------------------------------------------

const number = (digits: number, max: number) =>
  z
    .string()
    .regex(new RegExp(`^\\d{1,${digits}}$`))
    .transform(Number)
    .refine(value => value <= max)
const limit = number(3, 100).default(50)
const before = number(15, Number.MAX_SAFE_INTEGER).default(Number.MAX_SAFE_INTEGER)
export const backward = z.object({ before, limit })
export const forward = z.object({ after: number(15, Number.MAX_SAFE_INTEGER).default(0), limit })

export const gatewayShape = z.object({
  kind: z.enum(['plain', 'whatsapp', 'whatsapp_cloud', 'telegram']),
  base_url: callbackShape.or(z.literal('')),
  credentials: z.record(z.string().max(64), z.string().max(512)).optional(),
  grammar: z.unknown().optional(),
  active: z.boolean().default(true),
})
export const linkShape = z.object({
  gateway: z.string().regex(nameShape),
  address: z.string().regex(/^[\w@+.\- ]{1,64}$/),
  client: z.string().regex(/^[\w-]{1,64}$/),
})
const templateText = z.string().max(4_000)
export const worded = z.object({ text: templateText.nullable() })
export const previewing = z.object({ text: templateText })

function hangGateways(router: Router, edge: Edge): void {
  const path = '/api/v1/admin/chat/gateways'
  router.signed(
    'get',
    path,
    reading(edge, () => edge.call('chat.gateways', {}), gatewayRows),
    owners,
  )
  router.signed(
    'put',
    `${path}/:name`,
    (visit, client, { params, body }) => {
      const name = params[0] ?? ''
      const asked = readBody(visit, body, gatewayShape)
      if (asked === undefined) return
      if (!nameShape.test(name)) return visit.refuse('VALIDATION_FAILED')
      const { kind, base_url: baseUrl, credentials, grammar = null, active } = asked
      const given = credentials === undefined ? {} : { credentials }
      const wish = { name, kind, baseUrl, grammar, active, ...given }
      answer(edge, visit, client, () => edge.call('chat.putGateway', wish), gatewayRow)
    },
    owners,
  )
}

function hangSenders(router: Router, edge: Edge): void {
  const path = '/api/v1/admin/chat/senders'
  router.signed(
    'get',
    path,
    (visit, client) => {
      const page = readQuery(visit, forward)
      if (page !== undefined) {
        answer(edge, visit, client, () => edge.call('chat.senders', page), senderRows)
      }
    },
    staff,
  )
  router.signed(
    'post',
    path,
    (visit, client, { body }) => {
      const wish = readBody(visit, body, linkShape)
      if (wish !== undefined) answer(edge, visit, client, () => edge.call('chat.link', wish))
    },
    owners,
  )
  router.signed(
    'del',
    `${path}/:id`,
    numbered((visit, client, id) =>
      answer(edge, visit, client, () => edge.call('chat.unlink', { id })),
    ),
    owners,
  )
  router.signed(
    'post',
    `${path}/:id/unlock`,
    numbered((visit, client, id) =>
      answer(edge, visit, client, () => edge.call('chat.unlock', { id })),
    ),
    staff,
  )
}

function hangWords(router: Router, edge: Edge): void {
  const path = '/api/v1/admin/chat'
  for (const box of ['inbox', 'outbox'] as const) {
    router.signed(
      'get',
      `${path}/${box}`,
      (visit, client) => {
        const page = readQuery(visit, backward)
        if (page === undefined) return
        const call = () => edge.call('chat.messages', { box, ...page })
        answer(edge, visit, client, call, dated)
      },
      staff,
    )
  }
  const templates = reading(edge, () => edge.call('chat.templates', {}), same)
  router.signed('get', `${path}/templates`, templates, staff)
  router.signed(
    'put',
    `${path}/templates/:name`,
    (visit, client, { params, body }) => {
      const asked = readBody(visit, body, worded)
      if (asked === undefined) return
      const wish = { name: params[0] ?? '', text: asked.text }
      answer(edge, visit, client, () => edge.call('chat.putTemplate', wish))
    },
    owners,
  )
  router.signed(
    'post',
    `${path}/preview`,
    (visit, client, { body }) => {
      const wish = readBody(visit, body, previewing)
      if (wish !== undefined) answer(edge, visit, client, () => edge.call('chat.preview', wish))
    },
    staff,
  )
}

type Serve = (visit: Visit, client: Client, asked: Asked) => void

const reading =
  <T>(edge: Edge, call: () => Promise<Answer<T>>, show: (ok: T) => unknown): Serve =>
  (visit, client) =>
    answer(edge, visit, client, call, show)

function answer<T>(
  edge: Edge,
  visit: Visit,
  { userId }: Client,
  call: () => Promise<Answer<T>>,
  show: (ok: T) => unknown = same,
): void {
  const message = visit.method === 'get' ? chatOkText.chatRead : chatOkText.chatSaved
  ask(edge, visit, userId, call, told => visit.ok(message, JSON.stringify(show(told))))
}

const numbered =
  (serve: (visit: Visit, client: Client, id: number, body: Buffer) => void): Serve =>
  (visit, client, { params, body }) => {
    const id = params[0] ?? ''
    if (!/^\d{1,15}$/.test(id)) return visit.refuse('NOT_FOUND')
    serve(visit, client, Number(id), body)
  }

const same = <T>(told: T): T => told

type Gateway = { name: string; kind: string; baseUrl: string; grammar?: unknown; active: boolean }
const gatewayRow = ({ baseUrl, ...row }: Gateway) => ({ ...row, base_url: baseUrl })
const gatewayRows = ({ rows }: { rows: readonly Gateway[] }) => ({ rows: rows.map(gatewayRow) })

const dated = ({ rows }: { rows: readonly { createdAt: number }[] }) => ({
  rows: rows.map(({ createdAt, ...row }) => ({ ...row, created_at: toIso(createdAt) })),
})

const senderRows = ({ rows }: { rows: readonly SenderView[] }) => ({
  rows: rows.map(row => ({
    id: row.id,
    gateway: row.gateway,
    address: row.address,
    user_id: row.userId,
    name: row.name,
    username: row.username,
    status: row.status,
    wrong_pins: row.wrongPins,
    locked_until: row.lockedUntil === null ? null : toIso(row.lockedUntil),
    created_at: toIso(row.createdAt),
  })),
})
