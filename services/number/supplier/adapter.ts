/**
 * What an adapter of a number supplier is: it knows one wire contract, sends each question once,
 * and says which of three things happened: it did, it certainly did not, or nobody can tell. It
 * stores nothing, waits for nothing and never asks twice.
 *
 *   catalogue ─▶ offers ─(catalogue.ts)─▶ a quote with an opaque `offer` in it
 *   buy(offer) ─▶ bought │ unbought │ doubtful ─▶ active() or balance(), by whoever wants to know
 *   messages(id) · again(id) · giveBack(id)
 *
 * NSA1. Unbought is said only when the supplier refused legibly or nothing was sent; else doubtful.
 * NSA2. A question that changes something is sent once, whatever comes back: no retry, no redirect.
 * NSA3. Cancelled is said only when the supplier said so; an unreadable answer is unknown.
 * NSA4. Evidence is bounded and holds neither credentials, nor numbers, nor codes.
 */

import type { UnboughtCode as Unbought } from '../../../actors/activation/activation-contract.ts'

/** What has to be known about a kind of supplier before it is trusted with an order. */
export type NumberCard = {
  readonly name: string
  /** How a doubtful purchase is found: in their list of open ones, or by what it cost. */
  readonly finds: 'active_list' | 'balance'
  /** Nothing new there proves that a doubtful purchase was not made. */
  readonly provesAbsence: boolean
  readonly cancelAfterMs: number
  readonly lifeMs: number
  readonly resends: boolean
  readonly pollMs: number
  /** Its list of open ones says what came for each: one question for all of them. */
  readonly sweeps?: true
  /** It tells the newest code only, and none between asking for another one and its coming. */
  readonly tellsNewest?: true
  /** Names that the sealed credentials must hold. */
  readonly credentials: readonly string[]
}

export type OfferedOperator = {
  /** Ours, the same at every supplier; `any` is always there and first. */
  readonly id: string
  readonly name: string
  /** What they call it. */
  readonly theirs: string
}

export type Offer = {
  /** Ours: their name made a word, so that the same app has the same id at every supplier. */
  readonly service: string
  readonly serviceName: string
  readonly country: string
  readonly countryName: string
  /** Their own codes, by which dialects may name them too. */
  readonly theirService: string
  readonly theirCountry: string
  readonly operators: readonly OfferedOperator[]
  /** What names it there, unique at this supplier; of no meaning to others. */
  readonly offer: string
  readonly cost: number
  readonly stock: number
  /** Of a hundred, as they say; null when they don't. */
  readonly successRate: number | null
}

export type Catalogued = {
  readonly offers: readonly Offer[]
  /** Their codes of services and of countries they did not answer for: what is known stays. */
  readonly missed: { readonly services: readonly string[]; readonly countries: readonly string[] }
}

/** Their offer and their operator in one: what a quote carries and `buy` takes. */
export const offerWith = (offer: string, theirOperator: string): string =>
  `${offer}@${theirOperator}`

export function offerParts(text: string): { readonly offer: string; readonly operator: string } {
  const at = text.lastIndexOf('@')
  return at < 0
    ? { offer: text, operator: '' }
    : { offer: text.slice(0, at), operator: text.slice(at + 1) }
}

type BuyWish = {
  /** Of the quote, as `offerWith` made it. */
  readonly offer: string
  /** The most that it may cost us. */
  readonly maxCost: number
  /** Our order; told to those who take a reference, believed of nobody. */
  readonly ref: string
}

export type Purchase =
  /** `cost` is null when they did not say what they charged. */
  | {
      readonly kind: 'bought'
      readonly id: string
      readonly number: string
      readonly cost: number | null
    }
  | {
      readonly kind: 'unbought'
      readonly code: Extract<
        Unbought,
        'NO_NUMBERS' | 'PRICE_MOVED' | 'SUPPLIER_BALANCE' | 'SUPPLIER_REFUSED'
      >
      readonly reply: string
    }
  | { readonly kind: 'doubtful'; readonly reply: string }

/** One rented number that is open there. */
export type OpenThere = {
  readonly id: string
  readonly number: string
  readonly cost: number | null
  /** What it was bought for: equals `laneOf` of the offer that bought it. */
  readonly lane: string
  /** What came for it; there when the card `sweeps`. */
  readonly inbox?: Extract<Inbox, { readonly kind: 'inbox' }>
}

export type Inbox =
  | {
      readonly kind: 'inbox'
      /** Oldest first, as far as they tell them apart. A code without a text has text null. */
      readonly messages: readonly { readonly text: string | null; readonly code: string | null }[]
      readonly ended: null | 'cancelled' | 'finished'
    }
  | { readonly kind: 'unknown'; readonly why: string }

export type GivenBack = 'cancelled' | 'early' | 'received' | 'unknown'
export type Resent = 'ok' | 'refused' | 'unknown'

export type NumberAdapter = {
  readonly card: NumberCard
  /** Null when nothing of it was answered. */
  catalogue(): Promise<Catalogued | null>
  buy(wish: BuyWish): Promise<Purchase>
  /** What is open there; null when they have no such list or did not answer. */
  active(): Promise<readonly OpenThere[] | null>
  /** Purchases in one lane look alike there: one of them is out at a time. */
  laneOf(offer: string): string
  /** Whole rupiah; null when they did not say it legibly. */
  balance(): Promise<number | null>
  messages(id: string): Promise<Inbox>
  again(id: string): Promise<Resent>
  giveBack(id: string): Promise<GivenBack>
  /** No more codes are wanted; absent where nothing can be said. Its answer changes nothing. */
  finish?(id: string): Promise<void>
  /** Answers what is under way, then lets go of its connections. */
  close(): Promise<void>
  /** Ends the wait for answers under way: a purchase is in doubt, of all else nothing is known. */
  hurry(): void
}

/** Where one is, and how it wants to be spoken to; `credentials` as the card names them. */
export type NumberSupplierConfig = {
  readonly baseUrl: string
  readonly credentials: Readonly<Record<string, string>>
  /** What one unit of their money is in rupiah, `1` or `250.75`. */
  readonly unit: string
  /** How long an answer is waited for; as long as a purchase may take when absent. */
  readonly answerMs?: number
}

/** A kind: its card, and how to open one. */
export type NumberKind = {
  readonly card: NumberCard
  open(config: NumberSupplierConfig): NumberAdapter
}
