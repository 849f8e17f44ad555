/**
 * What keeps the line from being a tool for fraud, without a person having to watch it: services
 * that are not offered, how many numbers somebody may have and ask for, and what becomes of those
 * who give back nearly all that they rent.
 *
 *   judge ─▶ denied? ─▶ places left? ─▶ counted ─▶ ordered ─▶ (journal) how it ended
 *                            └ no: refused, and up for review      └ too much given back: banned
 *                                                                    for hours, up for review
 *
 * ABA1. A service is not offered whose id is on the list, or whose name holds its words; a change
 *       holds in every process at once.
 * ABA2. An order counts once, however often it is asked for; one that never came to be does not.
 * ABA3. So many may wait for their first code at a time, also when all are asked for at once.
 * ABA4. So many per hour and client, per hour and address, and per hour and payer, over all whom he
 *       pays for, also when all of them ask at once; whoever reaches it hears when there is room
 *       again, and comes up for review. Resellers have a shop's room, no address and no payer.
 * ABA5. Who gave back nearly all of many numbers within a day is banned for hours, and comes up for
 *       review; the ban ends by itself. A reseller comes up for review only: his clients did it.
 * ABA6. A payer who pays for more than a few clients brings the newest of them up for review.
 * ABA7. There is one open question per client; a person decides it once. `clear` ends the ban that
 *       is running, `ban` begins one that ends by itself.
 * ABA8. When it can't be known whether somebody may, nobody may.
 * ABA9. Who rented from where, and who paid, is kept for half a year; what staff heard, a month.
 */

import { createHmac } from 'node:crypto'
import type { Changes } from '../../../sql/changes.ts'
import type { DatabasePool } from '../../../sql/database.ts'
import {
  addDenied,
  decideReview,
  deniedTable,
  dropRental,
  endingsOf,
  forgetWatched,
  listReviews,
  type NewReview,
  notePayer,
  openReview,
  openReviews,
  type ReviewRow,
  readDenied,
  removeDenied,
  reviewOf,
  type Spent,
  takeRental,
} from '../../../sql/number/watch.ts'
import type { AbuseActions, AbuseReview, AbuseWhy } from '../../contract/abuse.ts'
import type { Answer } from '../../contract/answer.ts'
import type { Millis } from '../../contract/words.ts'
import type { Call } from '../../contract.ts'
import { refuse } from '../../refusal.ts'
import type { Seal } from '../../seal.ts'
import { type Heard, hear } from '../heard.ts'
import type { RentalEnd } from '../watch.ts'
import type { AbuseGuard, RentalAsk, RentalVerdict } from './guard.ts'

export type AbuseLimits = {
  /** Of whoever rents for himself, and of whoever sells on. */
  readonly openMax: { readonly consumer: number; readonly reseller: number }
  readonly perHour: { readonly consumer: number; readonly reseller: number }
  readonly addressPerHour: number
  readonly payerPerHour: number
  /** So many of a day have to have ended before their ratio says anything. */
  readonly endedMin: number
  /** Of a hundred that ended, so many were given back. */
  readonly backPercent: number
  readonly banMs: Millis
  readonly payerClientsMax: number
}

export const usualLimits: AbuseLimits = {
  openMax: { consumer: 10, reseller: 500 },
  perHour: { consumer: 60, reseller: 10_000 },
  addressPerHour: 120,
  payerPerHour: 120,
  endedMin: 20,
  backPercent: 85,
  banMs: 6 * 3_600_000,
  payerClientsMax: 3,
}

type AbuseDeps = {
  readonly pool: DatabasePool
  readonly changes: Pick<Changes, 'subscribe'>
  readonly seal: Pick<Seal, 'keyFor'>
  readonly now: () => Millis
  /** For bans. */
  readonly call: Call
  readonly limits?: AbuseLimits
  readonly onError: (cause: unknown) => void
}

type Params<A extends keyof AbuseActions> = AbuseActions[A]['params']
type Result<A extends keyof AbuseActions> = Promise<AbuseActions[A]['result']>

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** A number lives for a third of this; what is older and has no end, was never bought. */
const openMs = 60 * 60_000
/** When one of several that wait is likely to have ended. */
const openRetryMs = 60_000
const system = 'system'
const keptMs = 180 * dayMs
const toldMs = 30 * dayMs
const forgottenAtOnce = 1_000

type Counts = { readonly refused: Map<string, number>; bans: number; reviews: number }

export type AbuseFigures = {
  /** By why: denied, open, client, address, payer. */
  readonly refused: ReadonlyMap<string, number>
  readonly bans: number
  readonly reviews: number
  readonly open: number
}

export async function openAbuse(deps: AbuseDeps): Promise<Abuse> {
  const { pool, changes } = deps
  const denied = await hear({
    ...{ name: 'number-denied', table: deniedTable, changes },
    read: async () => readDenied(pool),
  })
  return new Abuse(deps, denied)
}

export class Abuse implements AbuseGuard {
  readonly #deps: AbuseDeps
  readonly #limits: AbuseLimits
  readonly #denied: Heard<Awaited<ReturnType<typeof readDenied>>>
  readonly #payerKey: Buffer
  readonly #counts: Counts = { refused: new Map(), bans: 0, reviews: 0 }
  #open = 0
  #deciding: Promise<unknown> = Promise.resolve()

  constructor(deps: AbuseDeps, denied: Heard<Awaited<ReturnType<typeof readDenied>>>) {
    this.#deps = deps
    this.#limits = deps.limits ?? usualLimits
    this.#denied = denied
    this.#payerKey = deps.seal.keyFor('payers of deposits')
  }

  get health() {
    return this.#denied.health
  }

  figures(): AbuseFigures {
    return { ...this.#counts, open: this.#open }
  }

  stop(): void {
    this.#denied.stop()
  }

  denies(serviceId: string, serviceName: string): boolean {
    const name = ` ${wordsOf(serviceName)} `
    const id = serviceId.toLowerCase()
    return this.#denied.value().some(({ pattern }) => {
      return pattern === id || name.includes(` ${pattern} `)
    })
  }

  async judge(ask: RentalAsk): Promise<RentalVerdict> {
    if (this.denies(ask.serviceId, ask.serviceName)) return this.#refuse('denied')
    let refusal: Refusal | null = null
    const { key, userId, address, at } = ask
    const rental = { key, userId, address, service: ask.serviceId, country: ask.countryId }
    const spent = await takeRental(
      this.#deps.pool,
      { ...rental, atMs: at },
      { openMs, windowMs: hourMs },
      spent => {
        refusal = this.#judged(spent)
        return refusal === null
      },
    )
    if (refusal === null) return null
    return await this.#turnAway(ask, refusal, spent)
  }

  async forget(key: string): Promise<void> {
    await dropRental(this.#deps.pool, key)
  }

  /** How rentals ended stands in the table. */
  async ended(ends: readonly RentalEnd[]): Promise<void> {
    const { pool, now } = this.#deps
    const keys = ends.filter(({ how }) => how === 'given_back').map(({ key }) => key)
    if (keys.length === 0) return
    const { endedMin, backPercent, banMs } = this.#limits
    for (const one of await endingsOf(pool, { keys, sinceMs: now() - dayMs })) {
      const percent = Math.floor((one.back * 100) / Math.max(1, one.ended))
      if (one.ended < endedMin || percent < backPercent) continue
      const until = one.role === 'consumer' ? now() + banMs : null
      const question = { why: 'CANCEL_RATIO', value: percent, threshold: backPercent } as const
      const isNew = await this.#review({ userId: one.userId, ...question, bannedUntilMs: until })
      if (isNew && until !== null) {
        await this.#ban(one.userId, { reason: 'CANCEL_RATIO', until, by: system })
      }
    }
  }

  /** A gateway told who paid for a deposit of this client. */
  async paid({ userId, payer }: { readonly userId: string; readonly payer: string }) {
    const hashed = createHmac('sha256', this.#payerKey).update(payer).digest('base64url')
    const { pool, now } = this.#deps
    const clients = await notePayer(pool, { payer: hashed, userId, atMs: now() })
    const { payerClientsMax } = this.#limits
    if (clients <= payerClientsMax) return
    const question = { why: 'PAYER_SHARED', value: clients, threshold: payerClientsMax } as const
    await this.#review({ userId, ...question, bannedUntilMs: null })
  }

  /** The queue's length for the metrics; read now and then. */
  async countOpen(): Promise<void> {
    this.#open = await openReviews(this.#deps.pool)
  }

  /** Lets go of what has been kept for long enough. */
  async forgetOld(): Promise<void> {
    const { pool, now } = this.#deps
    const limits = { rentalsMs: now() - keptMs, eventsMs: now() - toldMs, limit: forgottenAtOnce }
    while ((await forgetWatched(pool, limits)) >= forgottenAtOnce);
  }

  async reviews({ open, cursor, limit }: Params<'abuse.reviews'>): Result<'abuse.reviews'> {
    const rows = await listReviews(this.#deps.pool, { open, before: cursor, limit: limit + 1 })
    const shown = rows.slice(0, limit)
    const next = rows.length > limit ? (shown.at(-1)?.id ?? null) : null
    return { ok: { rows: shown.map(viewOf), next } }
  }

  /** One after the other, so that two people never decide differently at once. */
  decide(params: Params<'abuse.decide'>): Result<'abuse.decide'> {
    const mine = this.#deciding.then(() => this.#decide(params))
    this.#deciding = mine.catch(() => {})
    return mine
  }

  async denied(): Result<'abuse.denied'> {
    return { ok: { rows: this.#denied.value() } }
  }

  async deny({ pattern, reason, by }: Params<'abuse.deny'>): Result<'abuse.deny'> {
    const words = wordsOf(pattern)
    if (words === '' || words.length > 60) return refuse('FIELDS_INVALID')
    const row = await addDenied(this.#deps.pool, { pattern: words, reason, by })
    if (row === null) return refuse('ALREADY_EXISTS')
    await this.#denied.renew()
    return { ok: row }
  }

  async allow({ pattern }: Params<'abuse.allow'>): Result<'abuse.allow'> {
    if (!(await removeDenied(this.#deps.pool, wordsOf(pattern)))) return refuse('NOT_FOUND')
    await this.#denied.renew()
    return { ok: null }
  }

  #judged(spent: Spent): Refusal | null {
    const { openMax, perHour, addressPerHour, payerPerHour } = this.#limits
    const kind = spent.role === 'consumer' ? 'consumer' : 'reseller'
    if (spent.open >= openMax[kind]) return { because: 'open' }
    if (spent.byUser >= perHour[kind]) return { because: 'client', threshold: perHour[kind] }
    if (kind === 'consumer' && spent.byAddress >= addressPerHour) {
      return { because: 'address', threshold: addressPerHour }
    }
    if (kind === 'consumer' && spent.byPayer >= payerPerHour) {
      return { because: 'payer', threshold: payerPerHour }
    }
    return null
  }

  async #turnAway({ userId, at }: RentalAsk, refusal: Refusal, spent: Spent) {
    if (refusal.because === 'open') return this.#refuse('open', openRetryMs)
    const { because, threshold } = refusal
    const { why, value, oldestMs } = reached[because](spent)
    await this.#review({ userId, why, value, threshold, bannedUntilMs: null })
    return this.#refuse(because, Math.max(1_000, (oldestMs ?? at) + hourMs - at))
  }

  #refuse(because: Refusal['because'] | 'denied', retryAfterMs?: Millis): RentalVerdict {
    const { refused } = this.#counts
    refused.set(because, (refused.get(because) ?? 0) + 1)
    if (because === 'denied') return { refused: 'SERVICE_BLOCKED' }
    return { refused: 'RENTAL_LIMIT', retryAfterMs: Math.ceil(retryAfterMs ?? openRetryMs) }
  }

  async #review(question: Omit<NewReview, 'atMs'>): Promise<boolean> {
    const isNew = await openReview(this.#deps.pool, { ...question, atMs: this.#deps.now() })
    if (isNew) this.#counts.reviews++
    return isNew
  }

  async #ban(userId: string, word: { reason: string; until: Millis; by: string }) {
    const answer = await this.#deps.call('clients.ban', { userId, ...word })
    if ('ok' in answer) this.#counts.bans++
    return answer
  }

  async #decide({ id, verdict, hours, reason, by }: Params<'abuse.decide'>) {
    const { pool, now, call } = this.#deps
    const review = await reviewOf(pool, id)
    if (review === null) return refuse('NOT_FOUND')
    if (review.decidedAt !== null) return refuse('ALREADY_DECIDED')
    const { userId } = review
    const told: Answer<unknown> =
      verdict === 'ban'
        ? await this.#ban(userId, { reason, until: now() + hours * hourMs, by })
        : await call('clients.unban', { userId, reason, by })
    // Who was not banned, or is suspended for another reason, stays as he is.
    const isAsItWas = 'refused' in told && told.refused === 'STATUS_INVALID'
    if (!('ok' in told) && !isAsItWas) return told
    if (!(await decideReview(pool, { id, verdict, reason, by, atMs: now() }))) {
      return refuse('ALREADY_DECIDED')
    }
    return { ok: viewOf((await reviewOf(pool, id))!) }
  }
}

type Refusal =
  | { readonly because: 'open' }
  | { readonly because: 'client' | 'address' | 'payer'; readonly threshold: number }

type Reached = { readonly why: AbuseWhy; readonly value: number; readonly oldestMs: number | null }

const reached: Readonly<Record<'client' | 'address' | 'payer', (spent: Spent) => Reached>> = {
  client: ({ byUser: value, oldestMs }) => ({ why: 'USER_RATE', value, oldestMs }),
  address: ({ byAddress: value, oldestAddressMs: oldestMs }) => ({
    ...{ why: 'ADDRESS_RATE', value, oldestMs },
  }),
  payer: ({ byPayer: value, oldestPayerMs: oldestMs }) => ({ why: 'PAYER_RATE', value, oldestMs }),
}

/** Small letters and digits, one space between words. */
const wordsOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}]+/gu, ' ')
    .trim()

const viewOf = (row: ReviewRow): AbuseReview => ({
  ...row,
  why: row.why as AbuseWhy,
  verdict: row.verdict as AbuseReview['verdict'],
})
