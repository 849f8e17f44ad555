/**
 * Clients, for staff: who they are, what they have and may; an admin makes, changes, suspends and
 * closes them.
 *
 * KLB1. Everybody of the staff may look; only an admin changes anything.
 * KLB2. A change names the version that it was made of; a status says why.
 * KLB3. An address or range that nobody could come from is refused, not kept: an allow list that
 *       can't be read would lock its client out.
 */

import { isIP } from 'node:net'
import { z } from 'zod/v4'
import type { ManagedClient } from '../../services/contract/clients.ts'
import { ask } from '../ask.ts'
import type { Line } from '../lines.ts'
import { mutationOf, paging } from '../money/wallet.route.ts'
import { limitShape, readBody, readQuery, toIso } from '../reading.ts'
import { staff } from '../router.ts'
import { said } from '../said.ts'
import { clientText } from '../text/people.id.ts'

const nameShape = z.string().trim().min(1).max(100)
const levelShape = z.int().min(0).max(99)
const rateShape = z.int().min(0).max(1_000_000)
const rangesMax = 50
const rangesShape = z.array(z.string().max(50).refine(isRange)).max(rangesMax)
const roleShape = z.enum(['reseller', 'admin', 'finance', 'support'])
const anyRole = z.enum([...roleShape.options, 'consumer'])
const usernameShape = z.string().regex(/^[\x21-\x7e]{1,64}$/)

export const clientListing = z.object({
  q: z.string().trim().min(1).max(64).optional(),
  status: z.enum(['active', 'suspended', 'closed']).optional(),
  level: z
    .string()
    .regex(/^\d{1,2}$/)
    .transform(Number)
    .optional(),
  role: anyRole.optional(),
  cursor: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional(),
  limit: limitShape(100, 50),
})

const clientPerMin = 60

export const clientMaking = z.object({
  name: nameShape,
  level: levelShape.default(0),
  role: roleShape.default('reseller'),
  upline: usernameShape.optional(),
  /** Staff gets what a desk may ask in a minute, others 60. */
  order_rate: rateShape.optional(),
  read_rate: rateShape.nullable().default(null),
  ip_allow: rangesShape.default([]),
})

export const clientChanging = z.object({
  version: z.int().min(1),
  name: nameShape.optional(),
  level: levelShape.optional(),
  order_rate: rateShape.optional(),
  read_rate: rateShape.nullable().optional(),
  ip_allow: rangesShape.optional(),
})

export const statusChanging = z.object({ reason: z.string().trim().min(5).max(500) })

export const changesPaging = z.object({
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number)
    .optional(),
  limit: limitShape(100, 50),
})

const root = '/api/v1/admin/clients'
const one = `${root}/:username`
const readers = { roles: staff }
const keepers = { roles: ['admin'] } as const

export const clientAdmin: Line = (router, edge) => {
  router.signed(
    'get',
    root,
    (visit, { userId }) => {
      const asked = readQuery(visit, clientListing)
      if (asked === undefined) return
      ask(
        edge,
        visit,
        userId,
        () => edge.call('clients.list', said(asked)),
        ({ rows, next }) =>
          visit.ok(
            clientText.list,
            JSON.stringify({ rows: rows.map(clientOf), next_cursor: next }),
          ),
      )
    },
    readers,
  )

  router.signed(
    'post',
    root,
    (visit, { userId, username: by }, { body }) => {
      const asked = readBody(visit, body, clientMaking)
      if (asked === undefined) return
      const { order_rate, read_rate: readPerMin, ip_allow: ipAllow, ...rest } = asked
      const usual = staff.includes(asked.role) ? edge.limits.staffPerMin : clientPerMin
      const ratePerMin = order_rate ?? usual
      const wish = { by, ratePerMin, readPerMin, ipAllow, ...said(rest) }
      ask(
        edge,
        visit,
        userId,
        () => edge.call('clients.create', wish),
        made =>
          visit.ok(
            clientText.made,
            JSON.stringify({
              user_id: made.userId,
              username: made.username,
              member_id: made.memberId,
              api_key: made.apiKey,
              hmac_key: made.hmacKey,
              hmac_secret: made.hmacSecret,
              pin: made.pin,
              password: made.password,
            }),
          ),
      )
    },
    keepers,
  )

  router.signed(
    'get',
    one,
    (visit, { userId }, { params: [username = ''] }) =>
      ask(
        edge,
        visit,
        userId,
        () => edge.call('clients.get', { username }),
        ({ client, money, apiKeyHint, keys }) =>
          visit.ok(
            clientText.read,
            JSON.stringify({
              ...clientOf(client),
              balance: money.balance,
              held: money.held,
              available: money.available,
              credit: { limit: money.creditLimit, owed: money.creditUsed },
              api_key_hint: apiKeyHint,
              keys: keys.map(key => ({
                key: key.id,
                active: key.active,
                ip_allow: key.ipAllow,
                order_rate: key.ratePerMin,
                read_rate: key.readPerMin,
                created_at: toIso(key.createdAt),
              })),
            }),
          ),
      ),
    readers,
  )

  router.signed(
    'put',
    one,
    (visit, { userId, username: by }, { params: [username = ''], body }) => {
      const asked = readBody(visit, body, clientChanging)
      if (asked === undefined) return
      const { order_rate: ratePerMin, read_rate: readPerMin, ip_allow: ipAllow, ...rest } = asked
      const wish = { username, by, ...said({ ...rest, ratePerMin, readPerMin, ipAllow }) }
      ask(
        edge,
        visit,
        userId,
        () => edge.call('clients.change', wish),
        client => visit.ok(clientText.changed, JSON.stringify(clientOf(client))),
      )
    },
    keepers,
  )

  const verbs = [
    ['suspend', 'suspended'],
    ['activate', 'active'],
    ['close', 'closed'],
  ] as const
  for (const [verb, status] of verbs) {
    router.signed(
      'post',
      `${one}/${verb}`,
      (visit, { userId, username: by }, { params: [username = ''], body }) => {
        const asked = readBody(visit, body, statusChanging)
        if (asked === undefined) return
        ask(
          edge,
          visit,
          userId,
          () => edge.call('clients.status', { username, status, reason: asked.reason, by }),
          client => visit.ok(clientText[status], JSON.stringify(clientOf(client))),
        )
      },
      keepers,
    )
  }

  router.signed(
    'get',
    `${one}/history`,
    (visit, { userId }, { params: [username = ''] }) => {
      const asked = readQuery(visit, changesPaging)
      if (asked === undefined) return
      const { cursor, limit } = asked
      const wish = { username, limit, ...(cursor === undefined ? {} : { before: cursor }) }
      ask(
        edge,
        visit,
        userId,
        () => edge.call('clients.history', wish),
        ({ rows, next }) => {
          const told = rows.map(({ at, fields, ...row }) => ({
            ...row,
            fields: inOurWords(fields),
            at: toIso(at),
          }))
          const cursorOf = next === null ? null : String(next)
          visit.ok(clientText.history, JSON.stringify({ rows: told, next_cursor: cursorOf }))
        },
      )
    },
    readers,
  )

  router.signed(
    'get',
    `${one}/mutations`,
    (visit, { userId }, { params: [username = ''] }) => {
      const asked = readQuery(visit, paging)
      if (asked === undefined) return
      ask(
        edge,
        visit,
        userId,
        () => edge.call('clients.mutations', { username, ...said(asked) }),
        ({ rows, next }) =>
          visit.ok(
            clientText.mutations,
            JSON.stringify({ rows: rows.map(mutationOf), next_cursor: next }),
          ),
      )
    },
    readers,
  )
}

const clientOf = (client: ManagedClient) => ({
  user_id: client.userId,
  username: client.username,
  name: client.name,
  level: client.level,
  role: client.role,
  status: client.status,
  member_id: client.memberId,
  upline: client.upline,
  order_rate: client.ratePerMin,
  read_rate: client.readPerMin,
  ip_allow: client.ipAllow,
  version: client.version,
  created_at: toIso(client.createdAt),
})

const words: Readonly<Record<string, string>> = {
  ratePerMin: 'order_rate',
  readPerMin: 'read_rate',
  ipAllow: 'ip_allow',
}

/** Fields as they are named at this door. */
const inOurWords = (fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [words[name] ?? name, value]))

/** An address, or a range of them as `10.0.0.0/8`. */
function isRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32))
}
