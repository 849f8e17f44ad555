/**
 * Logins of people. A login is a session; it lives in a table, and everything that lets somebody
 * in is computed (tokens.ts).
 *
 *   login ─▶ session ─▶ access token, refresh token 0
 *                        refresh 0 ─▶ access token, refresh 1 ─▶ …
 *                        refresh 0 again, later ─▶ somebody has a copy: the session ends
 *
 * SEA1. Only a right password of an active client opens a session; no answer tells a name that
 *       nobody has from a wrong password.
 * SEA2. A refresh token is good once, and gives the next one. The one before is still answered for
 *       some seconds, with the same next one: two clicks at once, or an answer that was lost.
 * SEA3. An older one ends the whole session, for him who has the newer one as well.
 * SEA4. An ended session, a suspended client or a changed password holds in every process at once.
 * SEA5. Of one client at most so many sessions are open: the one used longest ago ends.
 * SEA6. One sees and ends one's own sessions only.
 * SEA7. Who is banned hears why and until when, if his password is right; a ban that is over keeps
 *       nobody out.
 * SEA8. Who has a second factor, or must have one, comes in with it only.
 * SEA9. That somebody came in, went out or ended a session is among what people did.
 * SEA10. A session is opened by the password that holds when it is opened, not by one that was
 *        changed while it was looked at.
 */

import { randomUUID } from 'node:crypto'
import type { Context, ServiceBroker, ServiceSchema } from 'moleculer'
import type { Changes } from '../../sql/changes.ts'
import type { Database } from '../../sql/database.ts'
import { noteActivity } from '../../sql/people/activity.ts'
import { banOf, unbanClient } from '../../sql/people/bans.ts'
import {
  type ClientRow,
  clientByEmail,
  clientById,
  clientByMemberId,
  clientByUsername,
} from '../../sql/people/clients.ts'
import { merchantOf } from '../../sql/people/people.ts'
import {
  addSession,
  cardsOfSessions,
  endSession,
  renewSession,
  type SessionStanding,
  sessionStanding,
  sessionsOf,
} from '../../sql/people/sessions.ts'
import type { Answer, Refused } from '../contract/answer.ts'
import type { SessionCard } from '../contract/identity.ts'
import type { LoggedIn, SessionActions } from '../contract/session.ts'
import type { Millis } from '../contract/words.ts'
import type { Actions } from '../contract.ts'
import { faulted } from '../faults.ts'
import { refuse } from '../refusal.ts'
import type { Seal } from '../seal.ts'
import { type CardLimits, Cards } from './cards.ts'
import { askDatabase } from './identity.service.ts'
import { LookUps } from './look-ups.ts'
import type { Passwords } from './passwords.ts'
import type { SecondFactor } from './second-factor.ts'
import { Tokens } from './tokens.ts'

type SessionDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'keyFor'>
  readonly changes: Pick<Changes, 'subscribe' | 'hearing'>
  readonly passwords: Passwords
  readonly now: () => Millis
  /** None: nobody has a second factor. */
  readonly factors?: Pick<SecondFactor, 'demand'>
  readonly limits?: Partial<CardLimits>
}

type Params<A extends keyof SessionActions> = Actions[A]['params']

export const sessionsMax = 20
export const sessionMs = 30 * 86_400_000
/** How long the refresh token before the good one is answered as if it were good. */
export const raceMs = 10_000

const no = (refused: 'LOGIN_INVALID' | 'SESSION_ENDED' | 'CLIENT_SUSPENDED' | 'NOT_FOUND') =>
  ({ refused, moneyEffect: 'none' }) as const

export function sessionService(deps: SessionDeps): ServiceSchema {
  const { db, changes, passwords, now } = deps
  const { pool } = db
  const tokens = new Tokens(deps.seal)
  const rows = new LookUps(
    sids => askDatabase(() => cardsOfSessions(pool, { sids, nowMs: now() })),
    ({ sid }) => sid,
  )
  const cards = new Cards<SessionCard>(
    {
      ...{ hearing: changes.hearing, now },
      load: async sid => {
        const row = await rows.of(sid)
        if (row === null) return null
        const { merchantId, merchantRole, ...card } = row
        const isBound = merchantId !== null && merchantRole !== null
        const merchant = isBound ? { merchantId, role: merchantRole } : null
        return { ...card, merchant, secret: tokens.secretOf(sid) }
      },
    },
    deps.limits,
  )
  let stop = () => {}
  let broker: ServiceBroker | undefined

  async function loggedIn(
    client: ClientRow,
    sid: string,
    standing: Standing,
  ): Promise<Answer<LoggedIn>> {
    const { userId, username, name, level, role } = client
    const { lifeMs } = standing
    const { token, expiresAt } = tokens.access({ userId, sid, role, now: now(), lifeMs })
    return {
      ok: {
        accessToken: token,
        expiresAt,
        refresh: tokens.refresh({ sid, generation: standing.generation }),
        refreshExpiresAt: standing.expiresMs,
        user: { userId, username, name, level, role },
        merchant: role === 'merchant' ? await merchantOf(pool, userId) : null,
      },
    }
  }

  async function login(params: Params<'session.login'>): Promise<Answer<LoggedIn>> {
    const { name, password, neighbour, address, agent, roles, lifeMs, code } = params
    const found = await clientCalled(pool, name)
    // Whoever belongs to another door is nobody at this one.
    const client = found !== null && (roles?.includes(found.role) ?? true) ? found : null
    const verdict = await passwords.check({
      ...{ account: client?.userId ?? name.toLowerCase(), neighbour, password },
      hashed: client?.passwordHash ?? null,
    })
    if (typeof verdict === 'object') {
      return { refused: 'LOGIN_LOCKED', retryAfterMs: verdict.lockedMs, moneyEffect: 'none' }
    }
    if (verdict === 'wrong' || client === null) return no('LOGIN_INVALID')
    const nowMs = now()
    const out = client.status === 'active' ? null : await keptOut(client, nowMs)
    if (out !== null) return out
    const missing = (await deps.factors?.demand(client, code)) ?? null
    if (missing !== null) return missing
    const sid = randomUUID()
    const expiresMs = nowMs + (lifeMs ?? sessionMs)
    const { userId } = client
    const session = { sid, userId, address, agent, nowMs, expiresMs, sessionsMax }
    if (!(await opened(session, { password, hashed: client.passwordHash! }))) {
      return no('LOGIN_INVALID')
    }
    await passwords.renew({ userId, password, hashed: client.passwordHash! })
    await noteActivity(pool, {
      ...{ userId, what: 'session.opened', address, details: {}, nowMs },
    })
    return loggedIn(client, sid, { generation: 0, expiresMs, lifeMs })
  }

  /** False when the password is another one by now; a newer hash of it may have come in between. */
  async function opened(
    session: Omit<Parameters<typeof addSession>[1], 'passwordHash'>,
    { password, hashed }: { readonly password: string; readonly hashed: string },
  ): Promise<boolean> {
    if (await addSession(pool, { ...session, passwordHash: hashed })) return true
    const passwordHash = (await clientById(pool, session.userId))?.passwordHash ?? null
    if (passwordHash === null || !(await passwords.holds(password, passwordHash))) return false
    return await addSession(pool, { ...session, passwordHash })
  }

  /** Null when only a ban kept him out, and it is over. */
  async function keptOut({ userId, status }: ClientRow, nowMs: Millis): Promise<Refused | null> {
    const ban = status === 'suspended' ? await banOf(pool, userId) : null
    if (ban === null) return no('CLIENT_SUSPENDED')
    const { reason, untilMs } = ban
    if (untilMs !== null && untilMs <= nowMs) {
      await unbanClient(pool, { userId, reason: 'over', by: 'system', overMs: nowMs })
      return null
    }
    const until = untilMs === null ? null : new Date(untilMs).toISOString()
    return refuse('CLIENT_BANNED', { reason, until })
  }

  async function refresh(params: Params<'session.refresh'>): Promise<Answer<LoggedIn>> {
    const { address, agent } = params
    const read = tokens.readRefresh(params.refresh)
    if (read === null) return no('SESSION_ENDED')
    const standing =
      (await renewSession(pool, { ...read, address, agent, nowMs: now() })) ??
      (await raced(read.sid, read.generation))
    if (standing === null) return no('SESSION_ENDED')
    const client = await clientById(pool, standing.userId)
    if (client === null) return no('SESSION_ENDED')
    if (client.status !== 'active') return no('CLIENT_SUSPENDED')
    return loggedIn(client, read.sid, standing)
  }

  /** An old token: of two that came at once, or of somebody who has a copy. */
  async function raced(sid: string, generation: number): Promise<SessionStanding | null> {
    const standing = await sessionStanding(pool, sid)
    const nowMs = now()
    if (standing === null || standing.revoked || standing.expiresMs <= nowMs) return null
    if (generation >= standing.generation) return null
    if (generation === standing.generation - 1 && nowMs - standing.usedMs < raceMs) return standing
    await endSession(pool, { sid, why: 'reuse', nowMs })
    return null
  }

  async function logout(params: Params<'session.logout'>): Promise<Answer<null>> {
    const read = tokens.readRefresh(params.refresh)
    const nowMs = now()
    if (read === null || !(await endSession(pool, { sid: read.sid, why: 'logout', nowMs }))) {
      return { ok: null }
    }
    await changed(read.sid)
    const userId = (await sessionStanding(pool, read.sid))?.userId
    if (userId !== undefined) await noteEnd({ ...params, userId }, 'session.closed', read.sid)
    return { ok: null }
  }

  async function end(params: Params<'session.end'>): Promise<Answer<null>> {
    const { userId, sid } = params
    const isOurs = sidShape.test(sid)
    if (!isOurs || !(await endSession(pool, { sid, userId, why: 'own', nowMs: now() }))) {
      return no('NOT_FOUND')
    }
    await changed(sid)
    await noteEnd(params, 'session.ended', sid)
    return { ok: null }
  }

  /** Whoever knows its card asks again. Here at once; other processes hear it of the database. */
  async function changed(sid: string): Promise<void> {
    cards.forget(sid)
    await broker?.broadcastLocal('session.changed', { sid })
  }

  const noteEnd = (
    { userId, address = '' }: { readonly userId: string; readonly address?: string },
    what: string,
    session: string,
  ): Promise<void> =>
    noteActivity(pool, { userId, what, address, details: { session }, nowMs: now() })

  return {
    name: 'session',
    actions: {
      card: ({ params: { sid } }: Context<Params<'session.card'>>) =>
        sidShape.test(sid) ? cards.find(sid) : null,
      login: (ctx: Context<Params<'session.login'>>) => login(ctx.params).catch(faulted),
      refresh: (ctx: Context<Params<'session.refresh'>>) => refresh(ctx.params),
      logout: (ctx: Context<Params<'session.logout'>>) => logout(ctx.params),
      async list({ params: { userId } }: Context<Params<'session.list'>>) {
        const rows = await sessionsOf(pool, { userId, nowMs: now() })
        return {
          ok: rows.map(({ createdMs, usedMs, ...row }) => ({
            ...row,
            createdAt: Math.round(createdMs),
            usedAt: Math.round(usedMs),
          })),
        }
      },
      end: (ctx: Context<Params<'session.end'>>) => end(ctx.params),
    },
    async started(this: { broker: ServiceBroker }) {
      broker = this.broker
      stop = changes.subscribe({
        change({ table, key }) {
          if (table !== 'session' || key === null) return
          void changed(key)
        },
        gap: () => cards.forgetAll(),
      })
    },
    async stopped() {
      stop()
    },
  } as ServiceSchema
}

type Standing = Pick<SessionStanding, 'generation' | 'expiresMs'> & {
  /** Of the access token, where it is not the usual. */
  readonly lifeMs?: Millis | undefined
}

export const clientCalled = async (
  pool: Database['pool'],
  name: string,
): Promise<ClientRow | null> =>
  (await clientByUsername(pool, name)) ??
  (await clientByMemberId(pool, name.toUpperCase())) ??
  (name.includes('@') ? await clientByEmail(pool, name) : null)

const sidShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
