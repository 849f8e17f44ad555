/**
 * Client for Node 18 and later, without dependencies. Copy this file into your project.
 *
 *   const laju = new Laju({ url, key, secret })
 *   const wish = { ref_id: 'A-1', product_code: 'XLD10', destination: '0878...' }
 *   const order = await laju.order(wish)
 *
 * An order is safe to repeat: the same `ref_id` is one order for ever. So whatever does not answer
 * clearly (no connection, timeout, 408, 429, 5xx) is sent again, with the same `ref_id`, until it
 * does. A clear no is never repeated.
 */

import { createHmac, timingSafeEqual } from 'node:crypto'

/** A clear no: nothing will come of this request as it is. */
export class Refused extends Error {
  constructor(answer) {
    super(`${answer.error_code}: ${answer.message}`)
    this.name = 'Refused'
    this.code = answer.error_code
    this.moneyEffect = answer.money_effect
    this.answer = answer
  }
}

/** Nobody knows: the order may stand. Ask with `find`, or repeat the same ref_id; never refund. */
export class Unknown extends Error {
  constructor(cause) {
    super('no clear answer; repeat with the same ref_id', { cause })
    this.name = 'Unknown'
  }
}

export class Laju {
  #options

  /** `tries` and `timeoutMs` bound one call; `pause` is for tests. */
  constructor({ url, key, secret, tries = 6, timeoutMs = 15_000, pause = sleep }) {
    this.#options = { url: url.replace(/\/$/, ''), key, secret, tries, timeoutMs, pause }
  }

  /** Places an order, or finds the one that this `ref_id` is. */
  order(order) {
    return this.#call('POST', '/api/v1/transactions', order)
  }

  /** Looks at a bill, or at whose meter it is: `{ product_code, destination }`. Moves no money. */
  inquiry(wish) {
    return this.#call('POST', '/api/v1/transactions/inquiry', wish)
  }

  /** Pays a bill as it was looked at; its price can't have changed, and it is paid once. */
  pay(refId, bill) {
    const { product_code, destination, inquiry_token } = bill
    return this.order({ ref_id: refId, product_code, destination, inquiry_token })
  }

  find(refId) {
    return this.#call('GET', `/api/v1/transactions${queryOf({ ref_id: refId })}`)
  }

  read(trxId) {
    return this.#call('GET', `/api/v1/transactions/${encodeURIComponent(trxId)}`)
  }

  /** Many orders at once: `{ ref_id, rows: [...] }`; the same list again is the same list. */
  bulk(list) {
    return this.#call('POST', '/api/v1/transactions/bulk', list)
  }

  /** How far the list is, and its rows after number `after`. */
  bulkRead(bulkId, after = 0) {
    const path = `/api/v1/transactions/bulk/${encodeURIComponent(bulkId)}`
    return this.#call('GET', path + queryOf({ after }))
  }

  /**
   * What happened after the place `after`, oldest first, for as long as there is more. Keep the
   * `id` of the last event that you have worked, and begin there the next time.
   */
  async *events(after = '0') {
    for (let place = after, more = true; more; ) {
      const page = await this.#call('GET', `/api/v1/events${queryOf({ after: place, limit: 100 })}`)
      yield* page.events
      more = page.more
      place = page.next
    }
  }

  balance() {
    return this.#call('GET', '/api/v1/balance')
  }

  async #call(method, path, body) {
    const { url, key, secret, tries, timeoutMs, pause } = this.#options
    const text = body === undefined ? '' : JSON.stringify(body)
    let last
    for (let attempt = 0; attempt < tries; attempt++) {
      if (attempt > 0) await pause(waitMs(attempt, last?.retryAfter))
      // Signed anew each time: a timestamp is good for five minutes only.
      const timestamp = String(Math.floor(Date.now() / 1000))
      const signed = `${timestamp}.${method}.${path}.${text}`
      try {
        const response = await fetch(url + path, {
          method,
          headers: {
            'X-Api-Key': key,
            'X-Timestamp': timestamp,
            'X-Signature': createHmac('sha256', secret).update(signed).digest('hex'),
            ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          },
          body: body === undefined ? undefined : text,
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
        })
        const answer = await response.json()
        const { status } = response
        if (status === 200) return answer.data
        if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
          throw new Refused(answer)
        }
        last = { answer, retryAfter: Number(response.headers.get('retry-after')) || undefined }
      } catch (cause) {
        if (cause instanceof Refused) throw cause
        last = { cause }
      }
    }
    throw new Unknown(last.cause ?? last.answer)
  }
}

/**
 * Whether a webhook in the Standard Webhooks shape is ours and fresh. `body` is the text exactly as
 * it arrived. While a secret is changed, each message bears a signature by the new and by the old
 * one: give whichever you have, or both. Answer 2xx quickly; act once per `webhook-id`.
 */
export function isWebhook(headers, body, secrets, nowSeconds = Math.floor(Date.now() / 1000)) {
  const id = headers['webhook-id'] ?? ''
  const timestamp = headers['webhook-timestamp'] ?? ''
  if (!/^\d+$/.test(timestamp) || Math.abs(nowSeconds - Number(timestamp)) > 300) return false
  const rights = [secrets]
    .flat()
    .map(secret => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
    .filter(key => key.length > 0)
    .map(key => createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest())
  return (headers['webhook-signature'] ?? '').split(' ').some(given => {
    const [version, signature = ''] = given.split(',')
    const bytes = Buffer.from(signature, 'base64')
    const isOne = right => bytes.length === right.length && timingSafeEqual(bytes, right)
    return version === 'v1' && rights.some(isOne)
  })
}

/** Each value as its bytes, so that what is signed is what is sent. */
function queryOf(values) {
  const pairs = Object.entries(values).map(
    ([name, value]) => `${name}=${encodeURIComponent(value)}`,
  )
  return `?${pairs.join('&')}`
}

/** Twice as long each time, at most half a minute, never all clients at once. */
function waitMs(attempt, retryAfter) {
  const backoff = Math.min(30_000, 500 * 2 ** attempt)
  return Math.max((retryAfter ?? 0) * 1000, backoff * (0.5 + Math.random() / 2))
}

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
