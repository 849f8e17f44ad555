/**
 * Who is signed in. The access token lives in memory only; a cookie that no script can read brings
 * a new one, once per tab at a time.
 *
 * WUA1. A token is never written down; what is kept is that there was a sign-in, so that nobody
 *       asks in vain.
 * WUA2. Only a clear no ends a session; a lost connection does not.
 * WUA3. Who has left is not brought back by a token that was on its way.
 */

import { missed } from './reach.js'

const mark = 'laju.signed-in'
/** A token that ends this soon is replaced before it is used. */
const spareMs = 20_000

let token = null
let expiresAt = 0
let refreshing = null
/** How often somebody left. */
let leavings = 0

export const session = {
  user: null,
  /** Called when the session has ended by itself. */
  onEnd: () => {},
}

/** `proof`: a name, or an e-mail address, and the password. */
export async function signIn(proof) {
  const answer = await ask('login', proof)
  if (answer.ok) take(answer.data)
  return answer
}

/** The session of before a reload; null while nobody can say whether there is one. */
export async function resume() {
  if (remembered() === null) return false
  const fresh = await bearer({ renew: true })
  if (fresh === null) return remembered() === null ? false : null
  if (session.user !== null) return true
  const answer = await send('GET', '/api/v1/me', undefined, fresh)
  if (answer.ok) session.user = answer.data
  return answer.ok ? true : null
}

export async function signOut() {
  leavings++
  await ask('logout')
  forget()
}

/** A token that is good for a while, or null when there is none to be had. */
export async function bearer({ renew = false } = {}) {
  if (!renew && token !== null && Date.now() < expiresAt - spareMs) return token
  if (remembered() === null) return null
  refreshing ??= alone(refresh).finally(() => {
    refreshing = null
  })
  return await refreshing
}

/** Which of this person's sessions is this page's. */
export function ownSession() {
  const claims = token?.split('.')[1] ?? ''
  return claims === ''
    ? null
    : JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))).sid
}

async function refresh() {
  const before = leavings
  const answer = await ask('refresh')
  if (before !== leavings) return null
  if (answer.ok) {
    take(answer.data)
    return token
  }
  if (answer.status === 401 || answer.status === 403) {
    const was = remembered() !== null
    forget()
    if (was) session.onEnd()
  }
  return null
}

/** The cookie changes with each use: two tabs must not use it at the same time. */
const alone = work =>
  navigator.locks === undefined ? work() : navigator.locks.request('laju.refresh', work)

function take({ access_token, expires_at, user }) {
  token = access_token
  expiresAt = typeof expires_at === 'number' ? expires_at : Date.parse(expires_at)
  if (user !== undefined) session.user = user
  localStorage.setItem(mark, '1')
}

function forget() {
  token = null
  session.user = null
  localStorage.removeItem(mark)
}

const remembered = () => localStorage.getItem(mark)

const ask = (verb, body) => send('POST', `/api/v1/auth/${verb}`, body, null)

/** One request and what came of it; status 0 when nothing came. */
export async function send(method, path, body, bearerToken) {
  const headers = {}
  if (bearerToken !== null) headers.authorization = `Bearer ${bearerToken}`
  if (body !== undefined) headers['content-type'] = 'application/json'
  try {
    const answer = await fetch(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerMsMax),
    })
    const told = await answer.json().catch(() => null)
    const { data, error_code: code, money_effect: money, message, details } = told ?? {}
    const { status } = answer
    return { ok: answer.ok && told !== null, status, data, code, money, message, details }
  } catch {
    missed()
    return { ok: false, status: 0 }
  }
}

const answerMsMax = 25_000
