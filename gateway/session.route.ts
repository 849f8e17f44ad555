/**
 * Logging in, and what the web pages are made of besides the API for machines. The refresh token
 * is in a cookie that no script can read and that goes to these few doors only; everything else
 * takes the access token, which no browser sends by itself.
 *
 * SEF1. The cookie is HttpOnly and SameSite=Strict, for /api/v1/auth only, and Secure whenever the
 *       person came by https, as far as a proxy of ours says so.
 * SEF2. Doors that set or use the cookie take nothing from pages of another site.
 * SEF3. Of where somebody logged in from, half an address and the head of the browser's name are
 *       kept.
 * SEF4. An address may log in so often per minute, whether its passwords are right or wrong.
 * SEF5. Who logs in by e-mail is told the refresh token as well, and may bring it in the body: for
 *       programs, which keep no cookies.
 */

import { z } from 'zod/v4'
import type { LoggedIn, LoginPlace } from '../services/contract/session.ts'
import { addressOf, neighbourhood } from './address.ts'
import type { Visit } from './answer.ts'
import { ask } from './ask.ts'
import type { Edge } from './edge.ts'
import { AddressBuckets } from './limits.ts'
import type { Line } from './lines.ts'
import { isJson, limitShape, readBody, readQuery, toIso } from './reading.ts'
import type { Asked } from './router.ts'
import { sessionOkText } from './text/people.id.ts'

const passwordShape = z.string().min(1).max(200)
/** Six digits, or a recovery code. */
export const codeShape = z
  .string()
  .trim()
  .regex(/^[0-9A-Za-z -]{6,20}$/)
export const nameShape = z
  .string()
  .trim()
  .regex(/^[\x20-\x7e]{1,200}$/)

/** By whatever name he has, or by e-mail. */
export const loggingIn = z.union([
  z.object({ username: nameShape, password: passwordShape, code: codeShape.optional() }),
  z.object({ email: nameShape, password: passwordShape, code: codeShape.optional() }),
])

/** For who keeps no cookies. */
const refreshing = z.object({ refresh_token: z.string().regex(/^[\w-]{1,200}$/) })

export const rotating = z.object({ password: z.string().min(1).max(200) })

export const downlinePaging = z.object({
  cursor: z.uuid().optional(),
  limit: limitShape(100, 50),
})

const cookieName = 'laju_refresh'
const cookiePath = '/api/v1/auth'
const agentLengthMax = 160

export const session: Line = (router, edge) => {
  const logins = new AddressBuckets(edge.limits.loginsPerMin)

  router.open('post', '/api/v1/auth/login', (visit, asked) => {
    if (isForeign(asked)) return visit.refuse('ORIGIN_FORBIDDEN')
    if (!isJson(asked.headers['content-type'] ?? ''))
      return visit.refuse('CONTENT_TYPE_UNSUPPORTED')
    const place = placeOf(edge, visit, asked)
    const waitMs = logins.take(place.neighbour, edge.now())
    if (waitMs > 0) return visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs })
    const body = readBody(visit, asked.body, loggingIn)
    if (body === undefined) return
    const { password, code } = body
    const isByEmail = 'email' in body
    const name = isByEmail ? body.email : body.username
    const wish = { ...place, name, password, ...(code === undefined ? {} : { code }) }
    ask(
      edge,
      visit,
      place.neighbour,
      () => edge.call('session.login', wish),
      told => letIn({ edge, visit, asked, isTold: isByEmail }, sessionOkText.loggedIn, told),
    )
  })

  router.open('post', '/api/v1/auth/refresh', (visit, asked) => {
    if (isForeign(asked)) return visit.refuse('ORIGIN_FORBIDDEN')
    const isTold = asked.body.length > 0
    const refresh = isTold ? toldRefresh(visit, asked) : refreshOf(asked)
    if (refresh === undefined) return
    if (refresh === null) return visit.refuse('SESSION_ENDED')
    const place = placeOf(edge, visit, asked)
    ask(
      edge,
      visit,
      place.neighbour,
      () => edge.call('session.refresh', { ...place, refresh }),
      told => letIn({ edge, visit, asked, isTold }, sessionOkText.renewed, told),
    )
  })

  router.open('post', '/api/v1/auth/logout', (visit, asked) => {
    if (isForeign(asked)) return visit.refuse('ORIGIN_FORBIDDEN')
    const refresh = asked.body.length > 0 ? toldRefresh(visit, asked) : refreshOf(asked)
    if (refresh === undefined) return
    const gone = cookieOf({ edge, asked, refresh: '', maxAgeS: 0 })
    if (refresh === null) return visit.ok(sessionOkText.loggedOut, 'null', gone)
    const { neighbour, address } = placeOf(edge, visit, asked)
    ask(
      edge,
      visit,
      neighbour,
      () => edge.call('session.logout', { refresh, address }),
      () => visit.ok(sessionOkText.loggedOut, 'null', gone),
    )
  })

  router.signed(
    'get',
    '/api/v1/auth/sessions',
    (visit, { userId }) =>
      ask(
        edge,
        visit,
        userId,
        () => edge.call('session.list', { userId }),
        sessions =>
          visit.ok(
            sessionOkText.sessions,
            JSON.stringify({
              rows: sessions.map(({ id, address, agent, createdAt, usedAt }) => ({
                id,
                address,
                agent,
                created_at: toIso(createdAt),
                last_used_at: toIso(usedAt),
              })),
            }),
          ),
      ),
    { consumers: true },
  )

  router.signed(
    'del',
    '/api/v1/auth/sessions/:id',
    (visit, { userId }, asked) => {
      const [sid = ''] = asked.params
      const { address } = placeOf(edge, visit, asked)
      ask(
        edge,
        visit,
        userId,
        () => edge.call('session.end', { userId, sid, address }),
        () => visit.ok(sessionOkText.sessionEnded, 'null'),
      )
    },
    { consumers: true },
  )

  router.signed(
    'get',
    '/api/v1/me',
    (visit, { userId }) =>
      ask(
        edge,
        visit,
        userId,
        () => edge.call('self.profile', { userId }),
        ({ username, memberId, name, role, level, upline }) =>
          visit.ok(
            sessionOkText.profile,
            JSON.stringify({
              ...{ user_id: userId, username, member_id: memberId, name, role, level, upline },
            }),
          ),
      ),
    { consumers: true },
  )

  router.signed('get', '/api/v1/keys', (visit, { userId }) =>
    ask(
      edge,
      visit,
      userId,
      () => edge.call('self.keys', { userId }),
      ({ apiKeyHint, hmacKey, createdAt, allowList }) =>
        visit.ok(
          sessionOkText.keys,
          JSON.stringify({
            api_key_hint: apiKeyHint,
            hmac_key: hmacKey,
            created_at: createdAt === null ? null : toIso(createdAt),
            allow_list: allowList,
          }),
        ),
    ),
  )

  router.signed('post', '/api/v1/keys/rotate', (visit, { userId }, asked) => {
    const body = readBody(visit, asked.body, rotating)
    if (body === undefined) return
    ask(
      edge,
      visit,
      userId,
      () => edge.call('self.rotateKeys', { userId, password: body.password }),
      ({ apiKey, hmacKey, hmacSecret }) =>
        visit.ok(
          sessionOkText.keysRotated,
          JSON.stringify({ api_key: apiKey, hmac_key: hmacKey, hmac_secret: hmacSecret }),
        ),
    )
  })

  router.signed('get', '/api/v1/downlines', (visit, { userId }) => {
    const asked = readQuery(visit, downlinePaging)
    if (asked === undefined) return
    const { cursor, limit } = asked
    const place = cursor === undefined ? {} : { cursor }
    ask(
      edge,
      visit,
      userId,
      () => edge.call('self.downlines', { userId, limit, ...place }),
      page =>
        visit.ok(
          sessionOkText.downlines,
          JSON.stringify({
            rows: page.rows.map(({ createdAt, userId: id, ...row }) => ({
              user_id: id,
              ...row,
              created_at: toIso(createdAt),
            })),
            next_cursor: page.next,
          }),
        ),
    )
  })
}

type Scene = {
  readonly edge: Edge
  readonly visit: Visit
  readonly asked: Asked
  /** The refresh token stands in the answer, besides the cookie. */
  readonly isTold: boolean
}

function letIn({ edge, visit, asked, isTold }: Scene, sentence: string, told: LoggedIn) {
  const { userId, username, name, role, level } = told.user
  const maxAgeS = Math.max(0, Math.floor((told.refreshExpiresAt - edge.machineNow()) / 1_000))
  visit.ok(
    sentence,
    JSON.stringify({
      access_token: told.accessToken,
      expires_at: toIso(told.expiresAt),
      ...(isTold ? { refresh_token: told.refresh } : {}),
      user: { user_id: userId, username, name, role, level },
    }),
    cookieOf({ edge, asked, refresh: told.refresh, maxAgeS }),
  )
}

type Cookie = {
  readonly edge: Edge
  readonly asked: Asked
  readonly refresh: string
  readonly maxAgeS: number
}

function cookieOf({ edge, asked, refresh, maxAgeS }: Cookie): Record<string, string> {
  const parts = [
    ...[`${cookieName}=${refresh}`, 'HttpOnly', 'SameSite=Strict', `Path=${cookiePath}`],
    ...[`Max-Age=${maxAgeS}`, ...(isByHttps(edge, asked) ? ['Secure'] : [])],
  ]
  return { 'Set-Cookie': parts.join('; '), 'Cache-Control': 'no-store' }
}

/** Of several proxies the one in front says it first; only our own are believed at all. */
function isByHttps({ proxies }: Edge, { headers }: Asked): boolean {
  if (proxies === 0) return false
  const said = (headers['x-forwarded-proto'] ?? '').split(',')
  return said.at(-Math.min(proxies, said.length))?.trim() === 'https'
}

/** Undefined when the visit has been answered. */
const toldRefresh = (visit: Visit, { body }: Asked): string | undefined =>
  readBody(visit, body, refreshing)?.refresh_token

function refreshOf({ headers }: Asked): string | null {
  for (const part of (headers['cookie'] ?? '').split(';')) {
    const at = part.indexOf('=')
    if (part.slice(0, at).trim() === cookieName) return part.slice(at + 1).trim() || null
  }
  return null
}

/**
 * True for what a page of another site makes a browser send. Whoever says neither where it comes
 * from is no browser, and has no cookie but its own.
 */
function isForeign({ headers }: Asked): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const origin = headers['origin']
  if (origin === undefined) return false
  return !URL.canParse(origin) || new URL(origin).host !== headers['host']
}

export function placeOf(edge: Edge, visit: Visit, { headers }: Asked): LoginPlace {
  const address = addressOf(visit.res, visit.forwarded, edge.proxies)
  return {
    neighbour: neighbourhood(address),
    address: shortened(address),
    agent: (headers['user-agent'] ?? '').slice(0, agentLengthMax),
  }
}

/** 10.20.x.x, or the network of an IPv6 address. */
export function shortened(address: string): string {
  if (address.includes(':')) return `${address.split(':').slice(0, 3).join(':')}::`
  return address === '' ? '' : `${address.split('.').slice(0, 2).join('.')}.x.x`
}
