/**
 * Client for Node 18 and later, without dependencies. Copy this file into your project.
 *
 *   const laju = new Laju({ url, key, secret })
 *   const wish = { ref_id: 'A-1', product_code: 'XLD10', destination: '0878...' }
 *   const order = await laju.order(wish)
 *
 * An order is safe to repeat: the same `ref_id` is one order for ever. So whatever does not answer
 * clearly (no connection, timeout, 429, 5xx) is sent again, with the same `ref_id`, until it does.
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

  find(refId) {
    return this.#call('GET', `/api/v1/transactions?ref_id=${encodeURIComponent(refId)}`)
  }

  read(trxId) {
    return this.#call('GET', `/api/v1/transactions/${trxId}`)
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
          signal: AbortSignal.timeout(timeoutMs),
        })
        const answer = await response.json()
        if (response.status === 200) return answer.data
        if (response.status < 500 && response.status !== 429) throw new Refused(answer)
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
 * it arrived. Answer 2xx quickly; act once per `webhook-id`.
 */
export function isWebhook(headers, body, secret, nowSeconds = Math.floor(Date.now() / 1000)) {
  const id = headers['webhook-id'] ?? ''
  const timestamp = headers['webhook-timestamp'] ?? ''
  if (!(Math.abs(nowSeconds - Number(timestamp)) <= 300)) return false
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const right = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest()
  return (headers['webhook-signature'] ?? '').split(' ').some(given => {
    const [version, signature = ''] = given.split(',')
    const bytes = Buffer.from(signature, 'base64')
    return version === 'v1' && bytes.length === right.length && timingSafeEqual(bytes, right)
  })
}

/** Twice as long each time, at most half a minute, never all clients at once. */
function waitMs(attempt, retryAfter) {
  const backoff = Math.min(30_000, 500 * 2 ** attempt)
  return Math.max((retryAfter ?? 0) * 1000, backoff * (0.5 + Math.random() / 2))
}

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
