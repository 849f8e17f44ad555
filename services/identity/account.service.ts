/**
 * People who come by themselves: registering, proving an e-mail, a forgotten password, what one
 * sees and changes of oneself, and being forgotten.
 *
 *   register ─▶ account (good at once) + link ─▶ e-mail proven ─▶ a lost password can be mended
 *
 * PEE1. Whether an e-mail has an account is told to its owner only, by mail: the answers are alike.
 * PEE2. A link opens once, in time, and only for the e-mail it was sent to; what it hashes to is
 *       all that is kept of it.
 * PEE3. A password is reset only by an e-mail that was proven; to another goes a link to prove it.
 * PEE4. Of one address and to one e-mail only so many are made per hour; to an e-mail that had its
 *       share nothing more goes, and the answer does not say so.
 * PEE5. Another e-mail holds when it was proven; the one before hears of it.
 * PEE6. A new password needs the old one, and ends every session and every link to reset one.
 * PEE7. Who asks to be forgotten is: name, e-mail, telephone, logins and addresses go at once, for
 *       ever, and so do the keys to what rented numbers received in orders that are over. His id,
 *       his money and the ledger stay as they are. Answers kept for a repeat lose what names him.
 * PEE8. Who has money with us is told first, also what stands in suspense; he may leave it.
 * PEE9. What is disputed or may still come keeps its proof, by no name (LGH1, LGH2), and he is not
 *       closed, for it may come back to him. What was kept is written down with the erasure.
 * PEE10. A new password ends every link to an e-mail that is not his at that moment: who asked for
 *        another one while he knew the old password can not prove it any more.
 * PEE11. A new password, another e-mail and being forgotten need the password that holds when it is
 *        done: what was asked for with the old one while it was changed is not.
 */

import { randomBytes, randomInt } from 'node:crypto'
import type { Context, ServiceSchema } from 'moleculer'
import { keyFrom, makeId } from '../../engine/ids.ts'
import type { Database } from '../../sql/database.ts'
import {
  addConsumer,
  askNewEmail,
  changeProfile,
  erasePerson,
  type Holder,
  mailHolder,
  type NewConsumer,
  type NewLink,
  type ProfileRow,
  readProfile,
  resetPassword,
  verifyEmail,
} from '../../sql/people/accounts.ts'
import { noteActivity } from '../../sql/people/activity.ts'
import { holdsOf } from '../../sql/people/legal-hold.ts'
import type { Refused } from '../contract/answer.ts'
import type { AccountActions, Profile } from '../contract/people.ts'
import type { Millis } from '../contract/words.ts'
import type { Actions, Call } from '../contract.ts'
import { faulted } from '../faults.ts'
import { drawWord, hashOfWord, sealedMail, type Wish } from '../mail/outbox.ts'
import { refuse } from '../refusal.ts'
import type { Seal } from '../seal.ts'
import { type Allowed, Guard } from './guard.ts'
import type { Passwords } from './passwords.ts'
import { erasedName } from './text.id.ts'

type AccountDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Seal
  readonly shards: number
  readonly passwords: Passwords
  readonly call: Call
  readonly now: () => Millis
}

type Params<A extends keyof AccountActions> = Actions[A]['params']
type Result<A extends keyof AccountActions> = Promise<Actions[A]['result']>

const hourMs = 3_600_000
export const verifyMs = 3 * 86_400_000
export const resetMs = hourMs
const perMin = 100

export const registering: Allowed = { kind: 'register', most: 3, lockMs: hourMs }
/** Asking for mails, and trying links. */
const asking: Allowed = { kind: 'ask by mail', most: 20, lockMs: hourMs }
/** To one e-mail. */
export const mailing: Allowed = { kind: 'mail to', most: 4, lockMs: hourMs }

export function accountService(deps: AccountDeps): ServiceSchema {
  const { db, seal, shards, passwords, call, now } = deps
  const { pool } = db
  const guard = new Guard(deps)

  const note = (userId: string, what: string, address = '', details: object = {}) =>
    noteActivity(pool, { userId, what, address, details, nowMs: now() })

  const mail = (wish: Omit<Wish, 'nowMs'>) => sealedMail(seal, { ...wish, nowMs: now() })

  const linkOf = (word: string, lifeMs: Millis): NewLink => {
    const nowMs = now()
    return { hash: hashOfWord(word), nowMs, expiresMs: nowMs + lifeMs }
  }

  async function tooOften(kind: Allowed, name: string): Promise<Refused | null> {
    const waitMs = await guard.spend(kind, name)
    return waitMs === null ? null : { ...refuse('ASKED_TOO_OFTEN'), retryAfterMs: waitMs }
  }

  async function register(params: Params<'account.register'>): Result<'account.register'> {
    const { name, email: to, password, phone = null, neighbour, address } = params
    const often = await tooOften(registering, neighbour)
    if (often !== null) return often
    const passwordHash = await passwords.hash(password)
    const wish = { name, email: to, phone, passwordHash }
    const word = drawWord()
    const added = await addConsumer(pool, drawConsumer({ shards, now }, wish), {
      link: linkOf(word, verifyMs),
      welcome: mail({ kind: 'welcome', to, word, lifeMs: verifyMs }),
      known: mail({ kind: 'known', to, lifeMs: verifyMs }),
    })
    if (added !== null) await note(added, 'account.registered', address)
    return { ok: null }
  }

  async function verify(params: Params<'account.verify'>): Result<'account.verify'> {
    const { word, neighbour, address } = params
    const often = await tooOften(asking, neighbour)
    if (often !== null) return often
    const done = await verifyEmail(pool, { hash: hashOfWord(word), nowMs: now() })
    if (done === null) return refuse('LINK_INVALID')
    await note(done.userId, 'email.verified', address)
    return { ok: null }
  }

  /** A link to who has this e-mail, if it is one of those who may have it. */
  async function mailTo(
    email: string,
    kindFor: (holder: Holder) => 'verify' | 'reset' | null,
  ): Promise<void> {
    const hasHadItsShare = (await guard.spend(mailing, email.toLowerCase())) !== null
    const word = drawWord()
    await mailHolder(pool, {
      ...{ email, link: linkOf(word, resetMs) },
      choose: holder => {
        const isOurs = holder?.role === 'consumer' && holder.status !== 'closed'
        const kind = isOurs && !hasHadItsShare ? kindFor(holder) : null
        if (kind === null) return null
        return { purpose: kind, mail: mail({ kind, to: email, word, lifeMs: resetMs }) }
      },
    })
  }

  async function resend(params: Params<'account.resend'>): Result<'account.resend'> {
    const often = await tooOften(asking, params.neighbour)
    if (often !== null) return often
    await mailTo(params.email, ({ isVerified }) => (isVerified ? null : 'verify'))
    return { ok: null }
  }

  async function forgot(params: Params<'account.forgot'>): Result<'account.forgot'> {
    const often = await tooOften(asking, params.neighbour)
    if (often !== null) return often
    await mailTo(params.email, ({ isVerified }) => (isVerified ? 'reset' : 'verify'))
    return { ok: null }
  }

  async function reset(params: Params<'account.reset'>): Result<'account.reset'> {
    const { word, password, neighbour, address } = params
    const often = await tooOften(asking, neighbour)
    if (often !== null) return often
    const passwordHash = await passwords.hash(password)
    const hash = hashOfWord(word)
    const userId = await resetPassword(pool, { hash, passwordHash, nowMs: now() })
    if (userId === null) return refuse('LINK_INVALID')
    await note(userId, 'password.reset', address)
    return { ok: null }
  }

  const rowOf = (userId: string) => readProfile(pool, { userId, nowMs: now() })

  /** Resellers and staff are looked after by the house. */
  async function ownRow(userId: string): Promise<{ row: ProfileRow } | { no: Refused }> {
    const row = await rowOf(userId)
    if (row === null) return { no: refuse('NOT_FOUND') }
    return row.role === 'consumer' ? { row } : { no: refuse('FORBIDDEN') }
  }

  async function profile(userId: string): Result<'account.profile'> {
    const row = await rowOf(userId)
    return row === null ? refuse('NOT_FOUND') : { ok: shown(row) }
  }

  async function notHis(row: ProfileRow, password: string): Promise<Refused | null> {
    const { userId, passwordHash: hashed } = row
    const verdict = await passwords.check({ account: userId, neighbour: null, password, hashed })
    if (verdict === 'right') return null
    if (verdict === 'wrong') return refuse('PASSWORD_WRONG')
    return { ...refuse('LOGIN_LOCKED'), retryAfterMs: verdict.lockedMs }
  }

  async function change(params: Params<'account.change'>): Result<'account.change'> {
    const { userId, address, name, phone, password } = params
    const own = await ownRow(userId)
    if ('no' in own) return own.no
    const { row } = own
    const no = password === undefined ? null : await notHis(row, password.old)
    if (no !== null) return no
    const passwordHash = password === undefined ? undefined : await passwords.hash(password.next)
    const fields = { name, phone, passwordHash }
    const { passwordHash: formerHash } = row
    const isDone = await changeProfile(pool, { userId, fields, formerHash, nowMs: now() })
    if (!isDone) return refuse(password === undefined ? 'NOT_FOUND' : 'PASSWORD_WRONG')
    const changed = Object.entries(fields).filter(([, value]) => value !== undefined)
    await note(userId, 'profile.changed', address, {
      fields: changed.map(([field]) => (field === 'passwordHash' ? 'password' : field)).join(),
    })
    return await profile(userId)
  }

  async function newEmail(params: Params<'account.email'>): Result<'account.email'> {
    const { userId, address, email: to, password } = params
    const own = await ownRow(userId)
    if ('no' in own) return own.no
    const { row } = own
    const no = (await notHis(row, password)) ?? (await tooOften(mailing, userId))
    if (no !== null) return no
    if (row.email?.toLowerCase() === to.toLowerCase()) return { ok: shown(row) }
    const word = drawWord()
    const asked = await askNewEmail(pool, {
      passwordHash: row.passwordHash!,
      ...{ userId, email: to.toLowerCase(), link: linkOf(word, verifyMs) },
      mail: mail({ kind: 'newEmail', to, word, lifeMs: verifyMs, userId }),
      notice: mail({ kind: 'emailMoves', to: row.email ?? '', lifeMs: verifyMs, userId }),
    })
    if (asked !== 'asked') return refuse(asked.no === 'taken' ? 'EMAIL_TAKEN' : 'PASSWORD_WRONG')
    await note(userId, 'email.asked', address)
    return await profile(userId)
  }

  async function erase(params: Params<'account.erase'>): Result<'account.erase'> {
    const { userId, password, leavesMoney } = params
    const own = await ownRow(userId)
    if ('no' in own) return own.no
    const { row } = own
    const no = await notHis(row, password)
    if (no !== null) return no
    const money = await call('wallet.balance', { userId })
    if (!('ok' in money)) return money
    const { balance, held } = money.ok
    const holds = await holdsOf(pool, userId)
    const { suspended, orders, deposits } = holds
    const isEmpty = balance === 0 && held === 0 && suspended === 0
    if (!isEmpty && !leavesMoney) return refuse('CLIENT_HAS_MONEY', { balance, held, suspended })
    const isOver = isEmpty && orders.length === 0 && deposits.length === 0
    // Whose money is with us is not closed (KLA4).
    const status = isOver ? 'closed' : 'suspended'
    const erasure = { userId, name: erasedName, status, by: row.username, nowMs: now() } as const
    const isErased = await erasePerson(pool, {
      ...{ ...erasure, holds, passwordHash: row.passwordHash! },
      unnamed: body => unnamed(body, userId),
    })
    if (!isErased) return refuse('PASSWORD_WRONG')
    return { ok: { status } }
  }

  return {
    name: 'account',
    actions: {
      register: (ctx: Context<Params<'account.register'>>) => register(ctx.params).catch(faulted),
      verify: (ctx: Context<Params<'account.verify'>>) => verify(ctx.params).catch(faulted),
      resend: (ctx: Context<Params<'account.resend'>>) => resend(ctx.params).catch(faulted),
      forgot: (ctx: Context<Params<'account.forgot'>>) => forgot(ctx.params).catch(faulted),
      reset: (ctx: Context<Params<'account.reset'>>) => reset(ctx.params).catch(faulted),
      profile: (ctx: Context<Params<'account.profile'>>) => profile(ctx.params.userId),
      change: (ctx: Context<Params<'account.change'>>) => change(ctx.params).catch(faulted),
      email: (ctx: Context<Params<'account.email'>>) => newEmail(ctx.params).catch(faulted),
      erase: (ctx: Context<Params<'account.erase'>>) => erase(ctx.params).catch(faulted),
    },
  } as ServiceSchema
}

/** His username tells nothing of him. */
export function drawConsumer(
  { shards, now }: Pick<AccountDeps, 'shards' | 'now'>,
  wish: Pick<NewConsumer, 'name' | 'email' | 'phone' | 'passwordHash'>,
): NewConsumer {
  const dice = randomBytes(8)
  const key = keyFrom(dice.readUInt32BE(0), dice.readUInt32BE(4))
  return {
    ...{ ...wish, email: wish.email.toLowerCase() },
    userId: makeId(now(), randomInt(shards), key),
    username: `c${randomBytes(8).toString('hex')}`,
    ...{ ratePerMin: perMin, readPerMin: perMin },
  }
}

function shown({ createdMs, ...row }: ProfileRow): Profile {
  const { userId, name, email, isEmailVerified, nextEmail, phone, role } = row
  const known = { userId, name, email, isEmailVerified, nextEmail, phone, role }
  return { ...known, createdAt: Math.round(createdMs) }
}

const naming: ReadonlySet<string> = new Set(['name', 'email', 'next_email', 'phone'])

/** What names somebody stands beside his id. */
function unnamed(body: string, userId: string): string {
  const without = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(without)
    if (typeof value !== 'object' || value === null) return value
    const fields = Object.entries(value)
    const isHis = fields.some(([, one]) => one === userId)
    return Object.fromEntries(
      fields.map(([key, one]) => [key, isHis && naming.has(key) ? null : without(one)]),
    )
  }
  return JSON.stringify(without(JSON.parse(body)))
}
