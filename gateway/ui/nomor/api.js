/**
 * The only way to our server: proves who asks when somebody is signed in, and turns a no into a
 * sentence of ours.
 *
 * WNB1. A request that was not let in is sent once more with a new token; nothing else is repeated
 *       by itself.
 * WNB2. What buys carries the reference of its intent, the same one until there is a clear answer,
 *       also after a reload: a second tap is the same purchase.
 * WNB3. Nobody reads a sentence that is not in our catalogue.
 */

import { bearer, send, session } from '../kit/session.js'
import { sayings, trouble } from './text.id.js'

/** `{ ok, data }`, or `{ ok: false, sentence, code }`. */
export async function call(method, path, body) {
  const answer = session.user === null ? await send(method, path, body, null) : await proven()
  return answer.ok ? answer : { ...answer, sentence: sentenceOf(answer) }

  async function proven() {
    const token = await bearer()
    if (token === null) return { ok: false, status: session.user === null ? 401 : 0 }
    const first = await send(method, path, body, token)
    if (first.status !== 401) return first
    const again = await bearer({ renew: true })
    return again === null ? first : await send(method, path, body, again)
  }
}

export function sentenceOf({ status, code }) {
  if (status === 0) return trouble.offline
  return sayings[code] ?? (status >= 500 ? trouble.busy : trouble.other)
}

/** Answers after which nobody need ask again. */
const clear = new Set([400, 402, 403, 404, 409, 422])

/** Sends what a person decided once. `key` names the decision, `body` what it says. */
export async function decide(key, path, body) {
  const place = `laju.intent.${session.user?.user_id}.${key}`
  const wish = JSON.stringify(body)
  const kept = JSON.parse(sessionStorage.getItem(place) ?? 'null')
  const ref = kept?.wish === wish ? kept.ref : newRef()
  sessionStorage.setItem(place, JSON.stringify({ ref, wish }))
  const answer = await call('POST', path, { ...body, ref })
  if (answer.ok || clear.has(answer.status)) sessionStorage.removeItem(place)
  const isLost = !answer.ok && (answer.status === 0 || answer.status >= 500)
  return isLost ? { ...answer, sentence: trouble.unsure } : answer
}

function newRef() {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return `WEB-${Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')}`
}
