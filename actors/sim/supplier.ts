/**
 * A supplier with nasty habits, and the truth about it. It keeps one sale per reference as
 * Digiflazz does: buying again under a reference tells how the first purchase ended. It answers,
 * keeps silent, talks nonsense, settles later, calls back early, late and twice, and changes its
 * mind.
 *
 * V12. No reference is sold twice, and no attempt is sent as a purchase more than once.
 */

import { assert } from '../../engine/assert.ts'
import type { Millis } from '../../engine/ids.ts'
import type { Prng } from '../../engine/sim/prng.ts'
import type { OrderEffect, Report } from '../order/order-contract.ts'

type Sale = {
  readonly ref: string
  sn: string
  state: 'open' | 'sold' | 'failed' | 'returned'
  /** How often goods went out under this reference. */
  sold: number
  saidFailed: boolean
  readonly heardAt: Millis
}

type Card = {
  readonly recheckAfterMs: Millis
  readonly recheckWithinMs: Millis
  /** A question about an unheard reference buys (as at Digiflazz), or says that it is unheard. */
  readonly checkBuys: boolean
}

/** As the caller's own line; before that a call waits in the engine. */
export const lineMsMax = 20_000

/** A report without the words that say which attempt it is about and how it came. */
type Answer = Bare<Report>
type Bare<R> = R extends Report ? Omit<R, 'n' | 'via'> : never

/** What goes on at the supplier after it has answered. */
type Afterwards = {
  /** Some time later. */
  later(delayMs: Millis, run: () => void): void
  /** Tells us about a reference by callback, until we say that we heard it. */
  callBack(ref: string, answer: Answer): void
}

const blank = { code: null, message: null, reply: null, ms: 5 }
const unknown = (message: string): Answer => ({ ...blank, outcome: 'unknown', message })

export class Supplier {
  readonly code: string
  readonly card: Card
  readonly sales = new Map<string, Sale>()
  readonly #purchases = new Set<string>()
  readonly #prng: Prng
  readonly #odds: Odds
  readonly #afterwards: Afterwards

  constructor(code: string, prng: Prng, afterwards: Afterwards) {
    this.code = code
    this.#prng = prng
    this.#odds = drawOdds(prng)
    this.#afterwards = afterwards
    this.card = {
      recheckAfterMs: prng.pick([1_000, 60_000, 90_000]),
      recheckWithinMs: prng.pick([300_000, 3_600_000, 80_000_000]),
      checkBuys: prng.chance(0.7),
    }
  }

  purchase({ ref }: OrderEffect, now: Millis): Answer {
    assert(!this.#purchases.has(ref), `V12: ${ref} is sent as a purchase once`)
    this.#purchases.add(ref)
    return this.#hear(ref, now)
  }

  check({ ref }: OrderEffect, now: Millis): Answer {
    if (this.#prng.chance(this.#odds.silence)) return unknown('timeout')
    if (!this.sales.has(ref) && !this.card.checkBuys) return unknown('never heard of it')
    return this.#hear(ref, now)
  }

  /** How long a call stands in line here before it leaves. */
  lineMs(): Millis {
    // Where asking buys, the pause is longer than any line.
    const { checkBuys, recheckAfterMs } = this.card
    if (checkBuys && recheckAfterMs < lineMsMax) return 0
    if (!this.#prng.chance(this.#odds.line)) return 0
    return this.#prng.pick([2_000, 10_000, lineMsMax])
  }

  /** A person at the supplier makes sure that nothing will come of it any more. */
  cancel(ref: string, now: Millis): void {
    const sale = this.sales.get(ref)
    if (sale === undefined) {
      const cancelled = { ref, sn: '', state: 'failed', sold: 0, saidFailed: true } as const
      this.sales.set(ref, { ...cancelled, heardAt: now })
      return
    }
    if (sale.state === 'open') sale.state = 'failed'
    sale.saidFailed = true
  }

  /** Whether a failure here may be mended elsewhere. */
  get isRetryable(): boolean {
    return this.#odds.retryable
  }

  isSold(ref: string): boolean {
    return this.sales.get(ref)?.state === 'sold'
  }

  #hear(ref: string, now: Millis): Answer {
    const known = this.sales.get(ref)
    // Long after its window it has forgotten, and sells again.
    const forgetsAfterMs = this.card.recheckWithinMs + lineMsMax
    if (known !== undefined && now - known.heardAt > forgetsAfterMs) {
      this.#sell(known)
    }
    if (known !== undefined) return this.#word(known)
    const odds = this.#odds
    if (this.#prng.chance(odds.deaf)) return unknown('timeout, and never arrived')

    const sn = this.#prng.chance(0.2) ? '' : `SN-${ref.slice(-8)}`
    const sale: Sale = { ref, sn, state: 'open', sold: 0, saidFailed: false, heardAt: now }
    this.sales.set(ref, sale)
    if (this.#prng.chance(odds.slow)) {
      const delay = this.#prng.pick([0, 500, 30_000, 600_000, 10_000_000])
      this.#afterwards.later(delay, () => this.#settle(sale, true))
    } else this.#settle(sale, this.#prng.chance(odds.early))
    if (this.#prng.chance(odds.mute)) return unknown('timeout')
    if (this.#prng.chance(odds.nonsense)) return unknown('<html>502')
    return this.#word(sale)
  }

  #settle(sale: Sale, aloud: boolean): void {
    if (sale.state !== 'open') return
    const odds = this.#odds
    if (this.#prng.chance(odds.fail)) sale.state = 'failed'
    else this.#sell(sale)
    if (aloud) this.#tell(sale)
    if (this.isSold(sale.ref) && this.#prng.chance(odds.number)) {
      this.#afterwards.later(this.#prng.below(2_000_000), () => this.#number(sale))
    }
    if (this.#prng.chance(odds.recant)) {
      this.#afterwards.later(this.#prng.below(2_000_000), () => this.#recant(sale))
    }
  }

  /** The serial number comes later, or another one does. */
  #number(sale: Sale): void {
    if (sale.state !== 'sold') return
    sale.sn = sale.sn === '' ? `SN-${sale.ref.slice(-8)}` : `${sale.sn}-B`
    this.#tell(sale)
  }

  /** Late success after failure, late failure after success, and slander. */
  #recant(sale: Sale): void {
    if (sale.state === 'sold' && this.#prng.chance(0.3)) {
      sale.saidFailed = true
      const retryable = this.isRetryable
      this.#afterwards.callBack(sale.ref, { ...blank, outcome: 'failed', retryable })
      this.#afterwards.later(this.#prng.below(2_000_000), () => this.#tell(sale))
      return
    }
    if (sale.state === 'sold') sale.state = 'returned'
    else if (sale.state === 'failed' && sale.sn !== '') this.#sell(sale)
    this.#tell(sale)
  }

  #sell(sale: Sale): void {
    assert(sale.sold === 0, `V12: ${sale.ref} is sold once`)
    sale.sold++
    sale.state = 'sold'
  }

  #tell(sale: Sale): void {
    const word = this.#word(sale)
    this.#afterwards.callBack(sale.ref, word)
    if (this.#prng.chance(this.#odds.echo)) this.#afterwards.callBack(sale.ref, word)
  }

  #word(sale: Sale): Answer {
    switch (sale.state) {
      case 'open':
        return { ...blank, outcome: 'pending', message: 'Transaksi Pending' }
      case 'sold':
        return { ...blank, outcome: 'success', sn: sale.sn, cost: 9_500, balance: 1_000_000 }
      case 'failed':
      case 'returned':
        sale.saidFailed = true
        return { ...blank, outcome: 'failed', retryable: this.isRetryable }
    }
  }
}

function drawOdds(prng: Prng) {
  const some = (share: number, most: number) => (prng.chance(share) ? prng.float() * most : 0)
  return {
    fail: prng.pick([0, 0.2, 0.5, 1]),
    deaf: some(0.4, 0.4),
    slow: some(0.6, 0.8),
    mute: some(0.5, 0.5),
    nonsense: some(0.3, 0.3),
    silence: some(0.5, 0.6),
    early: some(0.4, 0.8),
    echo: some(0.5, 0.8),
    recant: some(0.3, 0.5),
    number: some(0.3, 0.6),
    retryable: prng.chance(0.8),
    line: some(0.3, 0.5),
  }
}
type Odds = ReturnType<typeof drawOdds>
