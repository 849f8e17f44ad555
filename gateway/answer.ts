/**
 * One answer per request, in one of two envelopes. The table below is the whole mapping from code
 * to HTTP status; nothing else chooses a status.
 *
 * GX1. Each answer carries its request id, in the body and as X-Request-Id.
 * GX2. A request is answered at most once, and never after its connection has gone.
 * GX3. Every code has one status, and says whether the same request may be sent again.
 * GX4. Where an order is meant, the sentence also says what happened to the money; when nobody can
 *      know, money_effect is absent and the sentence says to repeat with the same ref_id.
 */

import type { HttpResponse } from 'uWebSockets.js'
import { randomBytes } from 'node:crypto'
import type { TracedRequest } from '../services/contract/trace.ts'
import type { FaultCode, MoneyEffect, RefusalCode } from '../services/contract/words.ts'
import { codeText, moneyText } from './text/codes.id.ts'

/** What the gateway itself says no with, before or instead of asking a service. */
export type GatewayCode =
  | 'VALIDATION_FAILED'
  | 'SIGNATURE_INVALID'
  | 'TIMESTAMP_SKEWED'
  | 'NONCE_REUSED'
  | 'KEY_UNKNOWN'
  | 'FORBIDDEN'
  | 'METHOD_NOT_ALLOWED'
  | 'CONTENT_TYPE_UNSUPPORTED'
  | 'BODY_TOO_LARGE'
  | 'BODY_TIMEOUT'
  | 'RATE_LIMITED'
  | 'UNREACHABLE'
  | 'INTERNAL_ERROR'
  | 'TOKEN_INVALID'
  | 'TOKEN_EXPIRED'
  | 'ORIGIN_FORBIDDEN'
  | 'AUTH_TIMEOUT'
  | 'AUTH_REQUIRED'
  | 'SOCKET_LIMIT'
  | 'SLOW_READER'

export type Code = RefusalCode | FaultCode | GatewayCode

type Meaning = { readonly http: HttpStatus; readonly retryable: boolean }

const no = (http: HttpStatus): Meaning => ({ http, retryable: false })
const later = (http: HttpStatus): Meaning => ({ http, retryable: true })

export const meanings: Readonly<Record<Code, Meaning>> = {
  VALIDATION_FAILED: no(400),
  SIGNATURE_INVALID: no(401),
  TIMESTAMP_SKEWED: no(401),
  NONCE_REUSED: no(401),
  KEY_UNKNOWN: no(401),
  TOKEN_INVALID: no(401),
  TOKEN_EXPIRED: no(401),
  LOGIN_INVALID: no(401),
  SESSION_ENDED: no(401),
  AUTH_TIMEOUT: no(401),
  AUTH_REQUIRED: no(401),
  INSUFFICIENT_BALANCE: no(402),
  FORBIDDEN: no(403),
  CLIENT_SUSPENDED: no(403),
  PASSWORD_WRONG: no(403),
  CLIENT_BANNED: no(403),
  LINK_INVALID: no(422),
  EMAIL_TAKEN: no(409),
  ASKED_TOO_OFTEN: later(429),
  SECOND_FACTOR_REQUIRED: no(401),
  SECOND_FACTOR_WRONG: no(401),
  SECOND_FACTOR_UNSET: no(403),
  ORIGIN_FORBIDDEN: no(403),
  NOT_FOUND: no(404),
  PRODUCT_UNKNOWN: no(404),
  METHOD_NOT_ALLOWED: no(405),
  BODY_TIMEOUT: later(408),
  DUPLICATE_REF: no(409),
  TWIN_ORDER: no(409),
  BODY_TOO_LARGE: no(413),
  CONTENT_TYPE_UNSUPPORTED: no(415),
  PRODUCT_CLOSED: later(422),
  PRODUCT_UNSUPPLIED: later(422),
  PRICE_ABOVE_MAX: no(422),
  DESTINATION_INVALID: no(422),
  PREFIX_MISMATCH: no(422),
  ORDER_FINAL: no(422),
  ORDER_BUSY: later(422),
  DISPUTE_ABSENT: no(422),
  ATTEMPT_FAILED: no(422),
  ATTEMPT_UNKNOWN: no(422),
  ATTEMPT_LIMIT: no(422),
  RECHECK_TOO_SOON: later(422),
  RECHECK_TOO_LATE: no(422),
  COMPLAINT_LIMIT: no(422),
  COMPLAINT_CLOSED: no(409),
  FIELDS_INVALID: no(422),
  STALE_VERSION: no(409),
  ALREADY_EXISTS: no(409),
  ALREADY_DECIDED: no(409),
  REFERENCE_UNKNOWN: no(422),
  CSV_INVALID: no(422),
  SYNC_TOO_SOON: later(429),
  SYNC_UNSUPPORTED: no(422),
  AMOUNT_INVALID: no(422),
  TIME_INVALID: no(422),
  RULES_INVALID: no(422),
  BENCH_MISMATCH: no(409),
  APPROVAL_NEEDED: no(409),
  BANK_ACCOUNT_UNKNOWN: no(404),
  TICKET_LIMIT: no(422),
  TICKET_EXHAUSTED: later(422),
  TICKET_CLOSED: no(422),
  STATEMENT_UNREADABLE: no(422),
  CLIENT_UNKNOWN: no(404),
  MUTATION_DECIDED: no(409),
  SECOND_PERSON_NEEDED: no(403),
  PIN_WRONG: no(403),
  PIN_LOCKED: no(403),
  OUTSIDE_TREE: no(403),
  UPLINE_RING: no(409),
  TRANSFER_LIMIT: no(422),
  CREDIT_LIMIT: no(422),
  CLIENT_CLOSED: no(409),
  CLIENT_HAS_MONEY: no(409),
  OWN_ACCOUNT: no(403),
  LEVEL_INVALID: no(422),
  IDEMPOTENCY_CONFLICT: no(409),
  IDEMPOTENCY_IN_FLIGHT: later(409),
  EXPORT_LIMIT: later(429),
  EXPORT_UNREADY: later(409),
  BANK_FILE_GIVEN: no(409),
  BANK_ACCOUNT_MISSING: no(409),
  STATUS_INVALID: no(409),
  REGISTRY_LIMIT: no(422),
  MERCHANT_INACTIVE: no(409),
  TERMINAL_INACTIVE: no(409),
  FEE_PLAN_MISSING: no(409),
  AMOUNT_MISMATCH: no(409),
  MERCHANT_MISMATCH: no(409),
  PAID_AGAIN: no(409),
  CALLBACK_BOOKED: no(409),
  CALLBACK_UNASSIGNABLE: no(409),
  PAYMENT_FINAL: no(409),
  PAYMENT_UNPAID: no(409),
  REFUND_LIMIT: no(422),
  NOTHING_TO_SETTLE: no(409),
  BATCH_FINAL: no(409),
  DEVICE_INVALID: no(401),
  DEVICE_BLOCKED: no(403),
  DEVICE_RETIRED: no(409),
  DEVICE_UNBOUND: no(409),
  TERMINAL_TAKEN: no(409),
  ACKS_UNSUPPORTED: no(422),
  COMMAND_LIMIT: no(422),
  CONFIG_LIMIT: no(422),
  METHOD_UNKNOWN: no(404),
  METHOD_CLOSED: later(422),
  DEPOSIT_LIMIT: no(422),
  DEPOSIT_BUSY: later(409),
  DEPOSIT_FINAL: no(409),
  DEPOSIT_PAID: no(409),
  INSTANT_UNAVAILABLE: no(422),
  SUSPENSE_ABSENT: no(409),
  PAYOUT_LIMIT: no(422),
  GATEWAY_REFUSED: later(422),
  GATEWAY_UNANSWERED: later(503),
  URL_FORBIDDEN: no(422),
  WEBHOOK_LIMIT: no(422),
  GATEWAY_INVALID: no(422),
  SENDER_TAKEN: no(409),
  TEMPLATE_INVALID: no(422),
  SERVICE_UNKNOWN: no(404),
  SERVICE_BLOCKED: no(403),
  COUNTRY_UNKNOWN: no(404),
  OPERATOR_UNKNOWN: no(404),
  NUMBER_SOLD_OUT: later(422),
  RENTAL_LIMIT: later(429),
  CATALOGUE_STALE: later(503),
  RESEND_LIMIT: no(422),
  CODE_AWAITED: later(422),
  CODE_RECEIVED: no(422),
  RESEND_UNSUPPORTED: no(422),
  RESEND_REFUSED: later(422),
  INQUIRY_REQUIRED: no(422),
  INQUIRY_INVALID: no(422),
  INQUIRY_EXPIRED: no(422),
  INQUIRY_USED: no(409),
  INQUIRY_UNSUPPORTED: no(422),
  INQUIRY_UNANSWERED: later(503),
  BILL_UNAVAILABLE: no(422),
  RATE_LIMITED: later(429),
  LOGIN_LOCKED: later(429),
  SOCKET_LIMIT: later(429),
  SLOW_READER: later(429),
  INTERNAL_ERROR: later(500),
  OVERLOADED: later(503),
  JOURNAL_UNAVAILABLE: later(503),
  NOT_THE_OWNER: later(503),
  STOPPING: later(503),
  UNREACHABLE: later(503),
}

export type HttpStatus = keyof typeof statusLines

const statusLines = {
  200: '200 OK',
  304: '304 Not Modified',
  308: '308 Permanent Redirect',
  400: '400 Bad Request',
  401: '401 Unauthorized',
  402: '402 Payment Required',
  403: '403 Forbidden',
  404: '404 Not Found',
  405: '405 Method Not Allowed',
  408: '408 Request Timeout',
  409: '409 Conflict',
  413: '413 Payload Too Large',
  415: '415 Unsupported Media Type',
  422: '422 Unprocessable Entity',
  429: '429 Too Many Requests',
  500: '500 Internal Server Error',
  503: '503 Service Unavailable',
} as const

/** One request on its way through the gateway, and the only door to its answer. */
export class Visit {
  readonly res: HttpResponse
  readonly id = nextRequestId()
  readonly method: string
  readonly path: string
  readonly query: string
  /** Address as the proxy tells it; empty unless the proxy is trusted. */
  readonly forwarded: string
  /** True once answered or disconnected: `res` must not be touched any more. */
  over = false
  /** Null: not traced, or its end was told. */
  traced: TracedRequest | null = null
  /** True when the request is about an order, so that errors speak of money too. */
  ordering = false
  /** How a dialect with its own envelope says no; null speaks the house's. */
  dialect: ((visit: Visit, code: Code, told: Told) => void) | null = null
  /** Says in another form what JSON would say; null says it in JSON. */
  print: { readonly type: string; readonly of: (jsonText: string) => string } | null = null
  /** Sentences of a line of business that speaks in words of its own. */
  sentences: Readonly<Partial<Record<Code, string>>> | null = null
  /** True at the doors of those who speak for a merchant; all others are closed to them. */
  takesMerchants = false
  /** True at the doors of those who rent numbers for themselves; all others are closed to them. */
  takesConsumers = false
  /** Ends the connection after the answer: the rest of the request is not wanted. */
  closing = false

  constructor(
    res: HttpResponse,
    asked: { method: string; path: string; query: string; forwarded: string },
  ) {
    this.res = res
    this.method = asked.method
    this.path = asked.path
    this.query = asked.query
    this.forwarded = asked.forwarded
    res.onAborted(() => {
      this.over = true
      this.ended(null)
    })
  }

  /** The one place that writes to a response. */
  send(
    status: HttpStatus,
    type: string,
    body: string | Uint8Array,
    headers?: Readonly<Record<string, string>>,
  ) {
    if (this.over) return
    if (this.print !== null && type === json) return this.#reprint(status, String(body), headers)
    this.over = true
    tally.count(status)
    if (this.traced !== null) this.ended(status)
    const { res } = this
    res.cork(() => {
      res.writeStatus(statusLines[status])
      res.writeHeader('Content-Type', type)
      res.writeHeader('X-Request-Id', this.id)
      if (headers === undefined) res.writeHeader('Cache-Control', 'no-store')
      else for (const name in headers) res.writeHeader(name, headers[name]!)
      if (this.method === 'head' && !this.closing) {
        // Told a length itself, uWebSockets.js waits for that body for ever, and closes the
        // connection upon the next request: behind a proxy that is somebody else's.
        res.writeHeader('Content-Length', String(Buffer.byteLength(body)))
        res.endWithoutBody()
      } else res.end(body, this.closing)
    })
  }

  /** Answered, or (null) left alone by the client. */
  ended(status: HttpStatus | null) {
    this.traced?.end(status)
    this.traced = null
  }

  #reprint(status: HttpStatus, jsonText: string, headers?: Readonly<Record<string, string>>) {
    const { type, of } = this.print!
    this.send(status, type, of(jsonText), headers)
  }

  /** Success; `data` is JSON text already. */
  ok(message: string, data: string, headers?: Readonly<Record<string, string>>) {
    this.send(200, json, `${okHead(message)}${data}${okTail(this.id)}`, headers)
  }

  refuse(code: Code, told: Told = {}) {
    if (this.over) return
    if (this.dialect !== null) return this.dialect(this, code, told)
    const { http, text, headers } = refusalOf(this, code, told)
    this.send(http, json, text, headers)
  }
}

export type Refusal = {
  readonly http: HttpStatus
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
}

/** How the house says no. */
export function refusalOf(
  { id, ordering, sentences }: Pick<Visit, 'id' | 'ordering' | 'sentences'>,
  code: Code,
  told: Told,
): Refusal {
  const { http, retryable } = meanings[code]
  const sentence = sentences?.[code] ?? codeText[code]
  const body: Record<string, unknown> = {
    code: http,
    status: 'error',
    error_code: code,
    message: ordering ? `${sentence} ${moneyText[told.moneyEffect ?? 'unknown']}` : sentence,
  }
  if (told.details !== undefined) body['details'] = told.details
  if (told.moneyEffect !== undefined && ordering) body['money_effect'] = told.moneyEffect
  body['retryable'] = retryable
  body['request_id'] = id
  body['timestamp'] = new Date().toISOString()
  const headers: Record<string, string> = { 'Cache-Control': 'no-store', ...told.headers }
  if (http === 429 || http === 503 || (retryable && told.retryAfterMs !== undefined))
    headers['Retry-After'] = String(Math.max(1, Math.ceil((told.retryAfterMs ?? 1_000) / 1_000)))
  return { http, text: JSON.stringify(body), headers }
}

export type Told = {
  readonly details?: Readonly<Record<string, unknown>> | undefined
  readonly moneyEffect?: MoneyEffect | undefined
  readonly retryAfterMs?: number | undefined
  readonly headers?: Readonly<Record<string, string>>
}

/** What stands before and after the data of a success. */
export const okHead = (message: string): string =>
  `{"code":200,"status":"success","message":${quote(message)},"data":`
export const okTail = (requestId: string): string => `,"request_id":"${requestId}"}`

export const json = 'application/json; charset=utf-8'
export const csv = 'text/csv; charset=utf-8'

/** JSON text of a string. Most of ours need no escaping, and the test is cheaper than the work. */
export const quote = (text: string): string =>
  plain.test(text) ? `"${text}"` : JSON.stringify(text)

const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

/** How many answers of each status were sent: the only thing kept per request. */
class Tally {
  readonly byStatus = new Map<number, number>()

  count(status: number) {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1)
  }
}

export const tally = new Tally()

const boot = randomBytes(6).toString('hex')
let visits = 0
const nextRequestId = (): string => `${boot}-${(visits++).toString(36)}`
