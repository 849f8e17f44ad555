/**
 * What a payment gateway's adapter is: a value that knows one wire contract and nothing else. It
 * makes requests of what we ask and words of what they say; it never sends, waits or stores.
 *
 *   asked ──ask──▶ request ──(gateways.ts)──▶ answer ──read──▶ made | standing | quoted …
 *
 * GWA1. A page of HTML, half a body, a name that stands twice: nothing is known, whatever the
 *       status.
 * GWA2. Money is whole rupiah, as a number or as its digits; anything else is not read.
 * GWA3. A refusal is one only where it was said in their own envelope by a server that is well.
 */

import type {
  TheirStatus,
  Theirs,
  UncreatedCode,
} from '../../../actors/deposit/deposit-contract.ts'
import {
  type Answered,
  type Credentials,
  evidence,
  type SupplierRequest,
} from '../../supplier/adapter.ts'
import { type Fields, isObject, readJson, truthIn, wordIn } from '../../supplier/json.ts'

export type { Credentials } from '../../supplier/adapter.ts'

/** One question and how its answer is read. */
export type Exchange<Asked, Read> = {
  readonly ask: (asked: Asked, credentials: Credentials) => SupplierRequest
  readonly read: (answer: Answered, asked: Asked, credentials: Credentials) => Read | Unread
}

/** Nothing can be learned from it. */
export type Unread = { readonly unread: string }

export type Wished = {
  readonly reffId: string
  readonly amount: number
  /** What the method's row said, see `Offered`. */
  readonly offer: string
}

export type Named = { readonly id: string; readonly offer: string }

/** A way to pay in, as the gateway has it at this moment. */
export type Offered = {
  readonly method: string
  readonly name: string
  readonly kind: 'qris' | 'ewallet' | 'va' | 'bank'
  readonly min: number
  readonly max: number
  /** What is kept of each deposit, and per ten thousand of the amount; null: not told before. */
  readonly fee: number | null
  readonly feeBps: number | null
  /** What makes it again, for `create`. */
  readonly offer: string
}

export type Made =
  /** `picture`: the QR as they drew it, where they do not spell it out. */
  { readonly made: Theirs; readonly picture: string | null } | { readonly unmade: UncreatedCode }

export type Standing = {
  readonly id: string
  /** Our reference; null where they keep none. */
  readonly reffId: string | null
  readonly status: TheirStatus
  readonly amount: number | null
  readonly fee: number | null
  readonly received: number | null
  /** What they added to the amount, so that it is told apart at the bank. */
  readonly unique: number
  /** By what they know who paid, masked or not, where they say it. */
  readonly payer?: string
}

export type Quoted =
  | { readonly fee: number; readonly received: number }
  | { readonly refused: string }

export type GatewayAdapter = {
  readonly name: string
  /** Names that the sealed credentials must hold. */
  readonly credentials: readonly string[]
  /** What is offered without asking; null: it is asked for. */
  readonly fixed: ((limits: AmountLimits) => readonly Offered[]) | null
  readonly methods: Exchange<null, readonly Offered[]> | null
  readonly create: Exchange<Wished, Made>
  readonly status: Exchange<Named, Standing>
  readonly cancel: Exchange<Named, 'cancelled' | 'refused'>
  /** Having the money at once; null where there is no such thing. */
  readonly instant: {
    readonly quote: Exchange<Named, Quoted>
    readonly draw: Exchange<Named, Quoted>
  } | null
  /** What their webhook says it is about; null: none of ours, or not proven. */
  readonly hint: ((headers: Headers, body: Buffer, credentials: Credentials) => Hint) | null
}

type AmountLimits = { readonly min: number; readonly max: number }

type Headers = Readonly<Record<string, string>>

/** `other`: genuine, and about something else. */
export type Hint =
  | { readonly verdict: 'forged' | 'garbled' | 'other' }
  | { readonly verdict: 'hint'; readonly id: string; readonly reffId: string | null }

export const unread = (why: string): Unread => ({ unread: why })

/** Their envelope, of which `flag` says whether they agreed; else why it tells nothing. */
export function openAnswer(
  answer: Answered,
  flag: string,
): { readonly isAccepted: boolean; readonly envelope: Fields } | Unread {
  const body = readJson(answer.body)
  if (typeof body === 'string') return unread(body)
  if (!isObject(body.value)) return unread('not_an_object')
  const isAccepted = truthIn(body.value[flag])
  if (isAccepted === null) return unread(`${flag}_missing`)
  // A server that is unwell says many things.
  if (answer.status >= 500) return unread('server_error')
  return { isAccepted, envelope: body.value }
}

/** What an answer holds that they agreed to, or their words where they did not. */
export type Opened = { readonly data: Fields } | { readonly refused: string } | Unread

/** How the deposit that was asked for stands: their words for it, and whatever else they say. */
export function standingIn(
  opened: Opened,
  id: string,
  their: {
    readonly statuses: Readonly<Record<string, TheirStatus>>
    readonly rest: (data: Fields) => Omit<Standing, 'id' | 'status'>
  },
): Standing | Unread {
  if ('unread' in opened) return opened
  if ('refused' in opened) return unread('refused')
  const { data } = opened
  if (wordIn(data, 'id') !== id) return unread('foreign_id')
  const word = wordIn(data, 'status')?.toLowerCase() ?? ''
  if (!Object.hasOwn(their.statuses, word)) return unread('status_undocumented')
  return { id, status: their.statuses[word]!, ...their.rest(data) }
}

/** Whether the deposit that was asked for is cancelled by now. */
export function cancelledIn(opened: Opened, id: string): 'cancelled' | 'refused' | Unread {
  if ('unread' in opened) return opened
  if ('refused' in opened) return 'refused'
  if (wordIn(opened.data, 'id') !== id) return unread('foreign_id')
  const word = wordIn(opened.data, 'status')?.toLowerCase()
  return word === 'cancel' ? 'cancelled' : unread('status_undocumented')
}

/** Whole rupiah, also as text with empty cents; null when it is neither. */
export function moneyIn(value: unknown): number | null {
  const amount =
    typeof value === 'string' && /^\d{1,15}(?:\.0{1,4})?$/.test(value.trim())
      ? Number(value)
      : value
  return typeof amount === 'number' && Number.isSafeInteger(amount) && amount >= 0 ? amount : null
}

/** A moment, in seconds or milliseconds since 1970, as a number or as text. */
export function momentIn(value: unknown): number | null {
  const number = moneyIn(value)
  if (number === null || number === 0) return null
  return number < 100_000_000_000 ? number * 1_000 : number
}

/** `2026-11-21 18:30:00` of Jakarta's clocks. */
export function jakartaIn(value: unknown): number | null {
  if (typeof value !== 'string') return null
  const read = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)$/.exec(value.trim())
  if (read === null) return null
  const at = Date.parse(`${read[1]}T${read[2]}+07:00`)
  return Number.isNaN(at) ? null : at
}

/** What they said to refuse, without anything that proves us. */
export function saidIn(envelope: Fields, secrets: readonly string[]): string {
  const { error } = envelope
  const said = isObject(error) ? wordIn(error, 'message') : null
  return evidence(said ?? wordIn(envelope, 'message') ?? '', secrets, messageBytesMax)
}
const messageBytesMax = 200

/** Of a refusal to make one: what stood in the way. */
export function blameOf(message: string): UncreatedCode {
  const text = message.toLowerCase()
  if (/minimal|maksimal|minimum|maximum|nominal/.test(text)) return 'AMOUNT_INVALID'
  if (/pending|batas|limit|terlalu banyak|penuh/.test(text)) return 'GATEWAY_LIMIT'
  if (/metode|payment|tidak tersedia|gangguan|maintenance|pemeliharaan/.test(text)) {
    return 'METHOD_CLOSED'
  }
  return 'GATEWAY_REFUSED'
}

/** Their id: something that can be asked about again. */
export const idShape = /^[\w.-]{1,64}$/
