/**
 * What an adapter is: a value that knows one supplier's wire contract and nothing else. It makes
 * requests out of what we ask and verdicts out of what they say; it never sends, waits or stores.
 *
 *   asked ──purchase | check──▶ request ──(caller, http-client)──▶ outcome ──read──▶ reading
 *                                                raw callback ──callback──▶ claim
 *
 * A new supplier kind is one such value in a file of its own and one line in `adapters.ts`.
 *
 * S2. What certainly was not sent is a failed purchase, and says nothing when it was a check.
 * S3. What was sent and not answered is unknown.
 * S4. Evidence is bounded, printable, and holds none of the words we authenticate with.
 */

import type { Outcome } from './http-client.ts'
import { ours } from './own-words.ts'
import type { Postpaid } from './postpaid.ts'

export type Credentials = Readonly<Record<string, string>>

/** What the engine has to know about a kind of supplier before it trusts it with an order. */
export type Card = {
  readonly name: string
  /** How to learn an order's fate: by buying again under the same reference, or by only reading. */
  readonly recheck: 'repeat_purchase' | 'read_only'
  /** Never ask sooner than this after the purchase. */
  readonly recheckAfterMs: number
  /** Never ask later than this: the supplier forgets, and a repeated purchase would buy. */
  readonly recheckWithinMs: number
  /** How long after a failure it is known to say otherwise; absent: as long as is usual. */
  readonly revisesWithinMs?: number | undefined
  /** It remembers a reference for the rest of the day in Jakarta only, however long the window. */
  readonly forgetsByDay?: true | undefined
  /** The supplier keeps our reference, so that repeating it finds the first purchase. */
  readonly clientReference: boolean
  /**
   * Absent: an order is asked about under our reference. Else by their own id, which `flight.ts`
   * keeps; `their_list`: without that id, by what they sold last, where that leaves no doubt.
   */
  readonly reconcile?: 'their_id' | 'their_list'
  /** The proof covers the body. Without that a callback is a hint at most: it makes us ask. */
  readonly callbacksSigned: boolean
  /** Names that the sealed credentials must hold. */
  readonly credentials: readonly string[]
  /** Those of them that say who we are there; see account.ts. */
  readonly account?: readonly string[]
  /** Headers of callbacks that must not be stored: they are as good as a password. */
  readonly secretHeaders: readonly string[]
}

/** One attempt. A check asks with the same words as the purchase. */
export type Asked = {
  readonly ref: string
  readonly sku: string
  readonly dest: string
  readonly maxPrice: number
  /** Only ever true outside production. */
  readonly testing: boolean
  readonly callbackUrl?: string
  /** Of a check: their id of this order, as far as it is known. */
  readonly theirId?: string
  /** Of a check without it: ids in their list that belong to other orders of ours. */
  readonly othersIds?: readonly string[]
}

export type SupplierRequest = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Which question an answer belongs to: the same words weigh differently. */
export type Occasion = 'purchase' | 'check' | 'callback'

type Verdict =
  | {
      readonly outcome: 'success'
      /** Empty when the supplier gave none (yet). */
      readonly sn: string
      /** What the supplier charged; null when it did not say so legibly. */
      readonly cost: number | null
      readonly balance: number | null
    }
  | {
      readonly outcome: 'failed'
      readonly code: string
      readonly message: string
      /** Another supplier may be tried: this one certainly did not deliver, and might elsewhere. */
      readonly retryable: boolean
      /** Declared failed, but of a kind that suppliers are known to revise. */
      readonly watch: boolean
    }
  | { readonly outcome: 'pending'; readonly code: string; readonly message: string }
  | { readonly outcome: 'unknown'; readonly why: string }

export type Reading = Verdict & {
  /** The counterpart's own words, see S4. */
  readonly reply: string
  /**
   * The supplier as a whole is unwell (balance, access, limits), whatever becomes of this order.
   */
  readonly supplierTrouble: boolean
  /** Their id of this very order, from an answer that leaves no doubt about it. */
  readonly theirId?: string
}

export type Claim =
  | { readonly verdict: 'forged' }
  | { readonly verdict: 'ping' }
  | { readonly verdict: 'garbled'; readonly why: string }
  | {
      readonly verdict: 'report'
      readonly ref: string
      /** As they name them, null when they do not: to be compared with what was asked. */
      readonly sku: string | null
      readonly dest: string | null
      readonly reading: Reading
    }
  /** Something may have happened to an order that one of these names: a reason to ask. */
  | ({ readonly verdict: 'hint' } & Hint)

export type Hint = {
  readonly ref: string | null
  readonly theirId: string | null
  readonly lane: string | null
}

export type BalanceCall = {
  ask(credentials: Credentials): SupplierRequest
  /** Whole rupiah; null when the answer names none. */
  read(text: string): number | null
}

/** An answer that arrived whole, whatever its status. */
export type Answered = Extract<Outcome, { kind: 'answer' }>

export type Adapter = {
  readonly card: Card
  purchase(asked: Asked, credentials: Credentials): SupplierRequest
  check(asked: Asked, credentials: Credentials): SupplierRequest
  /** Where orders could not be told apart, only one at a time may be out: the lane of this one. */
  laneOf?(asked: Pick<Asked, 'sku' | 'dest'>): string
  read(answer: Answered, asked: Asked, occasion: Occasion, credentials: Credentials): Reading
  callback(headers: Readonly<Record<string, string>>, body: Buffer, secrets: Credentials): Claim
  /** How to ask for our balance there, where they can be asked. */
  readonly balance?: BalanceCall
  /** Of those who take payments of bills. */
  readonly postpaid?: Postpaid
  /** True for deliveries that carry secrets and no news: answered, and never written anywhere. */
  isPing(headers: Readonly<Record<string, string>>, body: Buffer): boolean
  /**
   * Of kinds that an owner configures: the adapter for one supplier, made of the settings that
   * travel with its credentials (rules, template; JSON text). Throws a sentence when unfit.
   */
  configure?(settings: Credentials): Adapter
}

/** What a call told us, also when nothing came back. */
export function readOutcome(
  adapter: Adapter,
  call: {
    readonly outcome: Outcome
    readonly asked: Asked
    readonly occasion: Occasion
    readonly credentials: Credentials
  },
): Reading {
  const { outcome, asked, occasion, credentials } = call
  switch (outcome.kind) {
    case 'answer':
      return adapter.read(outcome, asked, occasion, credentials)
    case 'unknown':
      return unknown(outcome.why)
    case 'not_sent': {
      const supplierTrouble = !ours.has(outcome.why)
      if (occasion !== 'purchase') return { ...unknown(outcome.why), supplierTrouble }
      return {
        outcome: 'failed',
        code: outcome.why,
        message: '',
        retryable: true,
        watch: false,
        reply: '',
        supplierTrouble,
      }
    }
  }
}

export const unknown = (why: string, reply = ''): Reading => ({
  outcome: 'unknown',
  why,
  reply,
  supplierTrouble: false,
})

export const replyBytesMax = 2048
export const messageLengthMax = 200
const secretLengthMin = 3

/** Their words, fit to be kept: without our secrets, in one line, at most `bytesMax` long. */
export function evidence(
  text: string,
  secrets: readonly string[],
  bytesMax = replyBytesMax,
): string {
  let clean = text
  for (const secret of secrets) {
    if (secret.length >= secretLengthMin && clean.includes(secret)) {
      clean = clean.replaceAll(secret, '***')
    }
  }
  clean = clean
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
    .replace(/[\x00-\x1f\x7f]+/g, ' ')
    .trim()
  if (clean.length * 3 <= bytesMax || Buffer.byteLength(clean) <= bytesMax) return clean
  return cut(Buffer.from(clean), bytesMax)
}

/** At most `bytesMax` bytes, never half a character. */
function cut(bytes: Buffer, bytesMax: number): string {
  let end = bytesMax
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}
