/**
 * Who comes to the desk of the soundbox line: logins by e-mail, the people themselves, and what all
 * of them did.
 *
 * DKF1. A login is written down whether it went well or not, with the name that was tried and never
 *       the password; nothing tells a wrong e-mail from a wrong password.
 * DKF2. Staff come in through one door and those who speak for a merchant through the other; at the
 *       other's door each is nobody.
 * DKF3. An address may log in so often per minute.
 */

import { z } from 'zod/v4'
import type { MerchantRole, Role } from '../../services/contract/identity.ts'
import type { LoggedIn } from '../../services/contract/session.ts'
import { addressOf, neighbourhood } from '../address.ts'
import type { Visit } from '../answer.ts'
import { type Desk, deskRoles, desksOf, merchantRoles } from '../desk.ts'
import type { Edge } from '../edge.ts'
import { AddressBuckets } from '../limits.ts'
import type { Line } from '../lines.ts'
import { isJson, limitShape, readBody, readQuery, timeShape, toIso } from '../reading.ts'
import type { Asked } from '../router.ts'
import { codeShape } from '../session.route.ts'
import { give, speakSoundbox } from './answer.ts'

const email = z.email().max(200)

const deskLogin = z.object({
  email: z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]{1,200}$/),
  password: z.string().min(1).max(200),
  code: codeShape.optional(),
})

const name = z.string().trim().min(1).max(100)
const newPerson = z.union([
  z.strictObject({ email, name, role: z.enum(['admin', 'finance', 'ops', 'support', 'viewer']) }),
  z.strictObject({
    ...{ email, name, role: z.literal('merchant'), merchant_id: z.uuid() },
    merchant_role: z.enum(['owner', 'finance', 'ops', 'viewer']),
  }),
])
const personAsked = z.strictObject({ email })
const peopleQuery = z.object({
  merchant_id: z.uuid().optional(),
  limit: limitShape(500, 100),
})
const auditQuery = z.object({
  actor: z.uuid().optional(),
  action: z.string().max(60).optional(),
  subject: z.string().max(100).optional(),
  from: timeShape.optional(),
  to: timeShape.optional(),
  cursor: z.coerce.number().int().positive().optional(),
  limit: limitShape(500, 100),
})

/** No refreshing at this door: a day's work. */
const deskLifeMs = 12 * 3_600_000
const agentLengthMax = 80

export const soundboxPeople: Line = (router, edge) => {
  const desks = desksOf(router, edge)
  const logins = new AddressBuckets(edge.limits.loginsPerMin)

  const login = (path: string, roles: readonly Role[]) =>
    router.open('post', path, (visit, asked) => {
      speakSoundbox(visit)
      if (!isJson(asked.headers['content-type'] ?? '')) {
        return visit.refuse('CONTENT_TYPE_UNSUPPORTED')
      }
      const address = neighbourhood(addressOf(visit.res, visit.forwarded, edge.proxies))
      const waitMs = logins.take(address, edge.now())
      if (waitMs > 0) return visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs })
      const wish = readBody(visit, asked.body, deskLogin)
      if (wish === undefined) return
      void letIn({ edge, visit, asked, address }, { ...wish, roles })
    })
  login('/admin/login', ['admin', 'finance', 'ops', 'support', 'viewer'])
  login('/merchant/login', ['merchant'])

  desks.staff('get', '/admin/audit-logs', ['admin', 'finance', 'ops', 'viewer'], desk => {
    const query = readQuery(desk.visit, auditQuery)
    if (query === undefined) return
    const { cursor, ...filter } = query
    desk.ask(
      () => edge.call('audit.list', { ...filter, before: cursor }),
      ({ rows, next }) =>
        desk.give({
          rows: rows.map(({ at, actorName, requestId, ...row }) => ({
            ...{ ...row, actor_name: actorName, request_id: requestId, at: toIso(at) },
          })),
          next_cursor: next,
        }),
    )
  })
  desks.staff('get', '/admin/audit-logs/verify', ['admin', 'finance'], desk =>
    desk.ask(
      () => edge.call('audit.verify', {}),
      ({ rows, broken }) => desk.give({ rows, intact: broken === null, first_broken: broken }),
    ),
  )

  desks.staff('get', '/admin/people', ['admin'], desk => {
    const query = readQuery(desk.visit, peopleQuery)
    if (query === undefined) return
    const { merchant_id: merchantId, limit } = query
    desk.ask(
      () => edge.call('person.list', { limit, ...(merchantId ? { merchantId } : {}) }),
      ({ rows }) => desk.give({ rows: rows.map(personJson) }),
    )
  })
  desks.staff(
    'post',
    '/admin/people',
    ['admin'],
    (desk, asked) => {
      const wish = readBody(desk.visit, asked.body, newPerson)
      if (wish === undefined) return
      const by = desk.actor.name
      const { email, name } = wish
      const whole =
        wish.role === 'merchant'
          ? {
              ...{ email, name, by, role: wish.role, merchantId: wish.merchant_id },
              merchantRole: wish.merchant_role,
            }
          : { email, name, by, role: wish.role }
      desk.ask(
        () => edge.call('person.create', whole),
        made => desk.giveSecret({ ...personJson(made) }, { password: made.password }, made.userId),
      )
    },
    { act: 'person.create' },
  )
  desks.staff(
    'post',
    '/admin/people/rotate',
    ['admin'],
    (desk, asked) => {
      const wish = readBody(desk.visit, asked.body, personAsked)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('person.rotate', { ...wish, by: desk.actor.name }),
        made => desk.giveSecret({ ...personJson(made) }, { password: made.password }, made.userId),
      )
    },
    { act: 'person.rotate' },
  )

  const leave = (desk: Desk) => {
    const { userId, sid } = desk.client
    // Whoever came with a machine's key has no session to end.
    if (sid === undefined) return desk.give({ ended: false })
    desk.ask(
      () => edge.call('session.end', { userId, sid }),
      () => desk.give({ ended: true }, userId),
    )
  }
  desks.merchant('del', '/merchant/session', merchantRoles, leave, { act: 'session.end' })
  desks.staff('del', '/admin/session', deskRoles, leave, { act: 'session.end' })
  desks.merchant('get', '/merchant/session', merchantRoles, ({ client, merchantId, give }) =>
    give({
      ...{ email: client.username, role: client.merchant!.role, merchant_id: merchantId },
    }),
  )
}

const personJson = ({
  userId,
  merchant,
  createdAt,
  ...person
}: {
  userId: string
  email: string
  name: string
  role: Role
  status: string
  merchant: { merchantId: string; role: MerchantRole } | null
  createdAt: number
}) => ({
  ...{ user_id: userId, email: person.email, name: person.name, role: person.role },
  ...{ status: person.status, merchant_id: merchant?.merchantId ?? null },
  ...{ merchant_role: merchant?.role ?? null, created_at: toIso(createdAt) },
})

type Knock = {
  readonly edge: Edge
  readonly visit: Visit
  readonly asked: Asked
  readonly address: string
}

async function letIn(
  { edge, visit, asked, address }: Knock,
  wish: z.output<typeof deskLogin> & { roles: readonly Role[] },
): Promise<void> {
  const { email, password, roles, code: digits } = wish
  const agent = (asked.headers['user-agent'] ?? '').slice(0, agentLengthMax)
  try {
    const place = { neighbour: address, address, agent }
    const answer = await edge.call('session.login', {
      ...{ ...place, name: email, password, roles, lifeMs: deskLifeMs },
      ...(digits === undefined ? {} : { code: digits }),
    })
    const told: LoggedIn | null = 'ok' in answer ? answer.ok : null
    const code = 'refused' in answer ? answer.refused : 'fault' in answer ? answer.fault : null
    const actor = {
      ...{ userId: told?.user.userId ?? null, name: email, role: told?.user.role ?? 'nobody' },
      ...{ address, requestId: visit.id },
    }
    const written = await edge.call('audit.add', {
      ...{ actor, action: 'session.login', subject: email, outcome: code ?? 'done' },
      details: { agent },
    })
    if (!('ok' in written)) return visit.refuse('UNREACHABLE')
    if (told === null) {
      const { retryAfterMs } = answer as { retryAfterMs?: number }
      const { details } = 'refused' in answer ? answer : {}
      return visit.refuse(code ?? 'LOGIN_INVALID', {
        details,
        ...(retryAfterMs ? { retryAfterMs } : {}),
      })
    }
    const { accessToken, expiresAt, user, merchant } = told
    give(visit, {
      ...{ token: accessToken, expires_at: toIso(expiresAt), role: merchant?.role ?? user.role },
      ...(merchant ? { merchant_id: merchant.merchantId } : {}),
    })
  } catch (cause) {
    edge.onFault(cause, visit.id)
    visit.refuse('UNREACHABLE')
  }
}
