/**
 * People who come by themselves: registering, links from mails, their own account, the second
 * factor of staff, and what everybody did.
 *
 * PEF1. No answer tells whether an e-mail has an account.
 * PEF2. What a link brings, passwords and codes are nowhere in answers.
 * PEF3. One sees and changes oneself only; what others did is for staff.
 */

import { z } from 'zod/v4'
import type { Profile } from '../services/contract/people.ts'
import type { Visit } from './answer.ts'
import { ask } from './ask.ts'
import type { Line } from './lines.ts'
import { readBalance, readMutations } from './money/wallet.route.ts'
import { isJson, limitShape, readBody, readQuery, toIso } from './reading.ts'
import { type Asked, staff } from './router.ts'
import { said } from './said.ts'
import { codeShape, nameShape, placeOf } from './session.route.ts'
import { accountText, totpText } from './text/people.id.ts'

const personName = z
  .string()
  .trim()
  .regex(/^[^\p{Cc}<>]{1,60}$/u)
const email = z.string().trim().pipe(z.email().max(200))
const phone = z
  .string()
  .trim()
  .regex(/^\+?\d[\d -]{7,18}\d$/)
/** What is drawn up new; an old one may be anything. */
const newPassword = z.string().min(8).max(200)
const oldPassword = z.string().min(1).max(200)
const word = z.string().regex(/^[\w-]{20,100}$/)

export const registering = z.object({
  name: personName,
  email,
  password: newPassword,
  phone: phone.optional(),
})
export const proving = z.object({ token: word })
export const mailing = z.object({ email })
export const resetting = z.object({ token: word, password: newPassword })
export const profileChanging = z.object({
  name: personName.optional(),
  phone: phone.nullable().optional(),
  password: z.object({ old: oldPassword, new: newPassword }).optional(),
})
export const emailChanging = z.object({ email, password: oldPassword })
export const erasing = z.object({
  password: oldPassword,
  leave_balance: z.boolean().default(false),
})
export const enrolling = z.object({
  username: nameShape,
  password: oldPassword,
  code: codeShape.optional(),
})
export const confirming = enrolling.extend({ code: codeShape })
export const activityQuery = z.object({
  user_id: z.uuid().optional(),
  what: z
    .string()
    .regex(/^[\w.:]{1,60}$/)
    .optional(),
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,14}$/)
    .transform(Number)
    .optional(),
  limit: limitShape(100, 50),
})

const everybody = { consumers: true, pace: 'client' } as const

export const people: Line = (router, edge) => {
  /** A door for strangers. */
  const stranger = <T>(
    path: string,
    shape: z.ZodType<T>,
    serve: (visit: Visit, wish: T, place: ReturnType<typeof placeOf>) => void,
  ) =>
    router.open('post', `/api/v1/auth/${path}`, (visit, asked) => {
      if (!isJson(asked.headers['content-type'] ?? '')) {
        return visit.refuse('CONTENT_TYPE_UNSUPPORTED')
      }
      const wish = readBody(visit, asked.body, shape)
      if (wish !== undefined) serve(visit, wish, placeOf(edge, visit, asked))
    })

  stranger('register', registering, (visit, wish, { neighbour, address }) =>
    ask(
      edge,
      visit,
      neighbour,
      () => edge.call('account.register', { neighbour, address, ...said(wish) }),
      () => visit.ok(accountText.registered, JSON.stringify({ email: wish.email })),
    ),
  )
  stranger('verify-email', proving, (visit, wish, { neighbour, address }) =>
    ask(
      edge,
      visit,
      neighbour,
      () => edge.call('account.verify', { neighbour, address, word: wish.token }),
      () => visit.ok(accountText.verified, 'null'),
    ),
  )
  for (const [path, action] of [
    ['resend-verification', 'account.resend'],
    ['forgot-password', 'account.forgot'],
  ] as const) {
    stranger(path, mailing, (visit, wish, { neighbour, address }) =>
      ask(
        edge,
        visit,
        neighbour,
        () => edge.call(action, { neighbour, address, email: wish.email }),
        () => visit.ok(accountText.mailed, 'null'),
      ),
    )
  }
  stranger('reset-password', resetting, (visit, { token, password }, { neighbour, address }) =>
    ask(
      edge,
      visit,
      neighbour,
      () => edge.call('account.reset', { neighbour, address, word: token, password }),
      () => visit.ok(accountText.reset, 'null'),
    ),
  )

  stranger('totp/enrol', enrolling, (visit, { username: name, ...wish }, place) =>
    ask(
      edge,
      visit,
      place.neighbour,
      () => edge.call('totp.enrol', { ...place, name, ...said(wish) }),
      told => visit.ok(totpText.enrolled, JSON.stringify(told)),
    ),
  )
  stranger('totp/confirm', confirming, (visit, { username: name, ...wish }, place) =>
    ask(
      edge,
      visit,
      place.neighbour,
      () => edge.call('totp.confirm', { ...place, name, ...wish }),
      ({ recoveryCodes }) =>
        visit.ok(totpText.confirmed, JSON.stringify({ recovery_codes: recoveryCodes })),
    ),
  )
  router.signed('get', '/api/v1/auth/totp', (visit, { userId, role }) =>
    ask(
      edge,
      visit,
      userId,
      () => edge.call('totp.standing', { userId, role }),
      ({ isOn, isNeeded, codesLeft }) =>
        visit.ok(
          totpText.standing,
          JSON.stringify({ enabled: isOn, required: isNeeded, recovery_codes_left: codesLeft }),
        ),
    ),
  )

  router.signed(
    'get',
    '/api/v1/user/profile',
    (visit, { userId }) =>
      ask(
        edge,
        visit,
        userId,
        () => edge.call('account.profile', { userId }),
        profile => visit.ok(accountText.profile, JSON.stringify(profileOf(profile))),
      ),
    everybody,
  )
  router.signed(
    'put',
    '/api/v1/user/profile',
    (visit, { userId }, asked) => {
      const body = readBody(visit, asked.body, profileChanging)
      if (body === undefined) return
      const { address } = placeOf(edge, visit, asked)
      const { password, ...rest } = body
      const next = password && { old: password.old, next: password.new }
      const wish = { userId, address, ...said({ ...rest, password: next }) }
      const sentence = password === undefined ? accountText.changed : accountText.changedPassword
      ask(
        edge,
        visit,
        userId,
        () => edge.call('account.change', wish),
        profile => visit.ok(sentence, JSON.stringify(profileOf(profile))),
      )
    },
    everybody,
  )
  router.signed(
    'post',
    '/api/v1/user/email',
    (visit, { userId }, asked) => {
      const body = readBody(visit, asked.body, emailChanging)
      if (body === undefined) return
      const { address } = placeOf(edge, visit, asked)
      ask(
        edge,
        visit,
        userId,
        () => edge.call('account.email', { userId, address, ...body }),
        profile => visit.ok(accountText.emailAsked, JSON.stringify(profileOf(profile))),
      )
    },
    everybody,
  )
  router.signed(
    'post',
    '/api/v1/user/erase',
    (visit, { userId }, asked) => {
      const body = readBody(visit, asked.body, erasing)
      if (body === undefined) return
      const { password, leave_balance: leavesMoney } = body
      ask(
        edge,
        visit,
        userId,
        () => edge.call('account.erase', { userId, password, leavesMoney }),
        ({ status }) => visit.ok(accountText.erased, JSON.stringify({ status })),
      )
    },
    everybody,
  )
  router.signed(
    'get',
    '/api/v1/user/balance',
    (visit, client) => readBalance(edge, visit, client),
    everybody,
  )
  router.signed(
    'get',
    '/api/v1/user/transactions',
    (visit, client) => readMutations(edge, visit, client),
    everybody,
  )

  router.signed(
    'get',
    '/api/v1/admin/activity',
    (visit, { userId }) => {
      const asked = readQuery(visit, activityQuery)
      if (asked === undefined) return
      const { user_id, what, cursor, limit } = asked
      ask(
        edge,
        visit,
        userId,
        () => edge.call('activity.list', said({ userId: user_id, what, before: cursor, limit })),
        ({ rows, next }) =>
          visit.ok(
            accountText.activity,
            JSON.stringify({
              rows: rows.map(({ userId: id, at, ...row }) => ({
                user_id: id,
                ...row,
                at: toIso(at),
              })),
              next_cursor: next === null ? null : String(next),
            }),
          ),
      )
    },
    { roles: staff, pace: 'staff' },
  )
  router.signed(
    'post',
    '/api/v1/admin/clients/:username/totp/reset',
    (visit, { userId, username: by }, { params: [username = ''] }: Asked) =>
      ask(
        edge,
        visit,
        userId,
        () => edge.call('totp.reset', { username, by }),
        () => visit.ok(totpText.reset, 'null'),
      ),
    { roles: ['admin'], pace: 'staff' },
  )
}

const profileOf = ({ isEmailVerified, nextEmail, ...profile }: Profile) => ({
  user_id: profile.userId,
  name: profile.name,
  email: profile.email,
  email_verified: isEmailVerified,
  next_email: nextEmail,
  phone: profile.phone,
  role: profile.role,
  created_at: toIso(profile.createdAt),
})
