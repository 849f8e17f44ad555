/**
 * Who is signed in at one of the doors of the soundbox line, and the only way to our server from
 * there.
 *
 * WPA1. A token lives as long as its tab: it is gone with it, and with the first "no" to it.
 * WPA2. Whatever changes something carries a key of its intent: the same one until there is a clear
 *       answer, also after a reload, so that a second tap changes nothing twice.
 * WPA3. What is wished otherwise is another intent, with a key of its own.
 */

import { missed } from './reach.js'
import { text } from './text.id.js'

const answerMsMax = 25_000
/** Answers after which nobody need ask again. */
const clear = new Set([400, 403, 404, 409, 413, 422])

/**
 * `door`: where one signs in. `mark`: where this area keeps what it knows. `sayings`: what a code
 * means here. `whoIs(call, told)` finds out more about who came in. `ending(id)`: where the server
 * ends a session.
 */
export function openDesk(area) {
  const { door, mark, sayings = {}, ending = null, whoIs = async (_, told) => told } = area
  const session = {
    user: null,
    /** Called when the session has ended by itself. */
    onEnd: () => {},
  }
  let token = null

  async function signIn(email, password, code) {
    const answer = await send('POST', door, { body: { email, password, code } })
    if (!answer.ok) return answer
    token = answer.data.token
    const { expires_at, role, merchant_id } = answer.data
    try {
      session.user = await whoIs(call, { email, role, merchant_id })
    } catch {
      token = null
      return { ok: false, status: 0 }
    }
    const kept = { token, expires_at, user: session.user }
    sessionStorage.setItem(mark, JSON.stringify(kept))
    return answer
  }

  /** Of before a reload. */
  async function resume() {
    const kept = JSON.parse(sessionStorage.getItem(mark) ?? 'null')
    if (kept === null || Date.parse(kept.expires_at) < Date.now()) return false
    token = kept.token
    session.user = kept.user
    return true
  }

  function forget() {
    token = null
    session.user = null
    sessionStorage.removeItem(mark)
  }

  async function signOut() {
    if (token !== null && ending !== null) await send('DELETE', ending(sessionOf(token)), { token })
    forget()
  }

  async function asked(method, path, wish) {
    const answer = await send(method, path, { ...wish, token })
    if (answer.status === 401 && session.user !== null) {
      forget()
      session.onEnd()
    }
    return answer.ok ? answer : { ...answer, sentence: sentenceOf(answer) }
  }

  /** `{ ok, data }`, or `{ ok: false, sentence, code }`; some questions need a `body`. */
  const call = (method, path, body) => asked(method, path, body === undefined ? {} : { body })

  /** Does what a person decided, once. `body` is a value, or `{ file }` to be sent as it is. */
  async function decide(method, path, body = {}) {
    const place = `${mark}.intent.${method} ${path}`
    const wish = body.file === undefined ? JSON.stringify(body) : printOf(body.file)
    const kept = JSON.parse(sessionStorage.getItem(place) ?? 'null')
    const key = kept?.wish === wish ? kept.key : newKey()
    sessionStorage.setItem(place, JSON.stringify({ key, wish }))
    const answer = await asked(method, path, { body, key })
    const isAtWork = answer.code === 'IDEMPOTENCY_IN_FLIGHT'
    if (answer.ok || (clear.has(answer.status) && !isAtWork)) sessionStorage.removeItem(place)
    const isLost = !answer.ok && (answer.status === 0 || answer.status >= 500 || isAtWork)
    return isLost ? { ...answer, isLost, sentence: text.trouble.unsure } : answer
  }

  /** A file that only who is signed in may have. */
  async function download(path, name) {
    const answer = await asked('GET', path, { asFile: true })
    if (!answer.ok) return answer
    const link = document.createElement('a')
    link.href = URL.createObjectURL(answer.data)
    link.download = name
    link.click()
    URL.revokeObjectURL(link.href)
    return answer
  }

  function sentenceOf({ status, code, message }) {
    if (status === 0) return text.trouble.offline
    return sayings[code] ?? (status >= 500 ? text.trouble.busy : message) ?? text.trouble.busy
  }

  /** For the line on which facts come. */
  const bearer = async () => token

  return { session, signIn, signOut, resume, bearer, call, decide, download, sentenceOf }
}

/** One request and what came of it; status 0 when nothing came. */
async function send(method, path, { body, token = null, key, asFile = false }) {
  const headers = {}
  if (token !== null) headers.authorization = `Bearer ${token}`
  if (key !== undefined) headers['idempotency-key'] = key
  const isFile = body?.file !== undefined
  if (body !== undefined) headers['content-type'] = isFile ? 'text/csv' : 'application/json'
  try {
    const answer = await fetch(path, {
      ...{ method, headers, cache: 'no-store', signal: AbortSignal.timeout(answerMsMax) },
      ...(body === undefined ? {} : { body: isFile ? body.file : JSON.stringify(body) }),
    })
    const { ok, status } = answer
    if (ok && asFile) {
      const leftOut = Number(answer.headers.get('x-left-out') ?? 0)
      const held = Number(answer.headers.get('x-held') ?? 0)
      const more = Number(answer.headers.get('x-more') ?? 0)
      return { ok, status, data: await answer.blob(), leftOut, held, more }
    }
    const told = await answer.json().catch(() => null)
    if (ok && told !== null) return { ok, status, data: isHouse(path) ? told.data : told }
    const code = isHouse(path) ? told?.error_code : told?.code
    return { ok: false, status, code, message: told?.message, details: told?.details }
  } catch {
    missed()
    return { ok: false, status: 0 }
  }
}

/** There the answer lies in an envelope; the soundbox line's has none. */
const isHouse = path => path.startsWith('/api/v1/')

/** A token says of which session it is. */
const sessionOf = token =>
  JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'))).sid

/** Enough to tell two files apart that somebody sends one after the other. */
function printOf(content) {
  let print = 0
  for (let n = 0; n < content.length; n++) print = (print * 31 + content.charCodeAt(n)) | 0
  return `${content.length}.${print}`
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return `web-${Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')}`
}
