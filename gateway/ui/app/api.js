/**
 * The only way to our server: proves who asks, and turns a no into a sentence.
 *
 * WUB1. A request that was not let in is sent once more with a new token; nothing else is repeated
 *       by itself.
 * WUB2. What buys or moves money carries the reference of its intent, the same one until there is a
 *       clear answer, also after a reload: a second tap is the same purchase.
 */

import { bearer, send, session } from '../kit/session.js'
import { codeText, moneyText, text } from './text.id.js'

/** `{ ok, data }`, or `{ ok: false, sentence, code }`. */
export async function call(method, path, body) {
  let answer = await withToken(method, path, body)
  if (answer.status === 401) {
    const again = await bearer({ renew: true })
    if (again !== null) answer = await send(method, path, body, again)
  }
  if (answer.ok) return answer
  return { ...answer, sentence: sentenceOf(answer) }
}

async function withToken(method, path, body) {
  const token = await bearer()
  if (token !== null) return await send(method, path, body, token)
  // Without a session only the sign-in page helps; without a line, trying again does.
  return { ok: false, status: session.user === null ? 403 : 0 }
}

export function sentenceOf({ status, code, money, message }) {
  if (status === 0) return text.trouble.offline
  const said = codeText[code] ?? (status >= 500 ? text.trouble.busy : message) ?? text.trouble.busy
  return money === undefined || money === 'none' ? said : `${said} ${moneyText[money] ?? ''}`.trim()
}

/**
 * Sends what a person decided once. `key` names the decision, `body` what it says; while it has no
 * clear answer, the very same body goes out again; it may be made from its own reference. A
 * `secret` goes along and is never kept.
 */
export async function decide(key, path, body, secret = {}) {
  const place = `laju.intent.${session.user?.user_id}.${key}`
  const kept = sessionStorage.getItem(place)
  const intent = kept === null ? intentOf(body) : JSON.parse(kept)
  sessionStorage.setItem(place, JSON.stringify(intent))
  const answer = await call('POST', path, { ...intent, ...secret })
  const { ok, status } = answer
  if (ok || [400, 402, 404, 409, 422].includes(status)) sessionStorage.removeItem(place)
  const isLost = status === 0 || status === 408 || status >= 500
  return isLost ? { ...answer, isLost, sentence: text.trouble.unsure } : answer
}

function intentOf(body) {
  const ref = newRef()
  return typeof body === 'function' ? body(ref) : { ref_id: ref, ...body }
}

function newRef() {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return `WEB-${Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')}`
}
