/**
 * How a party misbehaves. Nothing here is remembered between calls: each decision is a throw of
 * dice made of (seed, party, reference, number of the call or of the purchase), so the order in
 * which calls arrive changes nothing.
 *
 *   per call       mishap: what becomes of the reply; latency; wrong_types
 *   per purchase   refuse | pending | success; changes of mind later; callbacks
 *
 * X6. Same seed, same faults, in whatever order the calls arrive.
 * X7. At most one mishap befalls a call, so their probabilities add up to at most 1. Plain names
 *     happen before the sale and sell nothing; `_after_sale` and `half_json` have sold.
 * X8. A name we don't know, or a value out of range, is refused with a sentence; nothing changes.
 * X9. Whether a purchase succeeds is decided once per purchase and survives every repeat.
 */

import { z } from 'zod/v4'
import { between, hashOf, mix, unit } from './prng.ts'

export const mishaps = [
  'timeout_after_sale',
  'timeout_without_sale',
  'reset',
  'reset_after_sale',
  'http500',
  'http500_after_sale',
  'html',
  'html_after_sale',
  'empty',
  'empty_after_sale',
  'half_json',
] as const
export type Mishap = (typeof mishaps)[number]

const sellsNothing: ReadonlySet<Mishap> = new Set<Mishap>([
  'timeout_without_sale',
  'reset',
  'http500',
  'html',
  'empty',
])

/** The calls that mishaps can befall. */
const befallen = [
  'transaction',
  'cek-saldo',
  'price-list',
  'deposit',
  'inquiry-pln',
  'inq-pasca',
  'status',
  'cancel',
  'instant',
  'set-status',
] as const
export type Befallen = (typeof befallen)[number]

/** What can befall a callback of the QRIS acquirer. */
export const callbackFaults = [
  'late',
  'twice',
  'wrong_amount',
  'wrong_merchant',
  'forged',
  'replayed',
  'out_of_order',
  'never',
] as const
export type CallbackFault = (typeof callbackFaults)[number]

const probability = z.number().min(0).max(1)
const secondsSpan = z
  .union([
    z.number().min(0),
    z.tuple([z.number().min(0), z.number().min(0)]).refine(([min, max]) => min <= max, {
      message: 'the first number of a range must not be above the second',
    }),
  ])
  .transform((value): readonly [number, number] =>
    typeof value === 'number' ? [value, value] : value,
  )
/** `0.2` is short for `{ p: 0.2 }` with everything else at its default. */
const shorthand = <Shape extends z.ZodType>(shape: Shape) =>
  z.preprocess(value => (typeof value === 'number' ? { p: value } : value), shape)

const rcText = z.string().regex(/^\d{2}$/, 'a two-digit code, such as "55"')
const latencyMsMax = 600_000

export const faultsSchema = z
  .strictObject({
    /** Seed of all dice of this party. */
    seed: z.int().default(1),

    /** Milliseconds before the reply leaves: a number, `{fixed}` or `{min, max}`. 0 is at once. */
    latency: z
      .union([
        z.number().min(0).max(latencyMsMax),
        z.strictObject({ fixed: z.number().min(0).max(latencyMsMax) }),
        z
          .strictObject({
            min: z.number().min(0).max(latencyMsMax),
            max: z.number().min(0).max(latencyMsMax),
          })
          .refine(({ min, max }) => min <= max, { message: 'min must not be above max' }),
      ])
      .transform(value => {
        if (typeof value === 'number') return { min: value, max: value }
        return 'fixed' in value ? { min: value.fixed, max: value.fixed } : value
      })
      .default({ min: 5, max: 40 }),

    // Mishaps: probabilities per call, together at most 1.
    /** Sold, then silence until `timeout_seconds` are over; then the line is cut. */
    timeout_after_sale: probability.default(0),
    /** Silence, and nothing was sold. */
    timeout_without_sale: probability.default(0),
    /** The connection is closed, nothing was sold. */
    reset: probability.default(0),
    /** Sold, then the connection is closed. */
    reset_after_sale: probability.default(0),
    /** HTTP 500 with an HTML page, nothing was sold. */
    http500: probability.default(0),
    /** Sold, then HTTP 500 with an HTML page. */
    http500_after_sale: probability.default(0),
    /** HTTP 200 with an HTML page (maintenance), nothing was sold. */
    html: probability.default(0),
    /** Sold, then HTTP 200 with an HTML page. */
    html_after_sale: probability.default(0),
    /** HTTP 200 with an empty body, nothing was sold. */
    empty: probability.default(0),
    /** Sold, then HTTP 200 with an empty body. */
    empty_after_sale: probability.default(0),
    /** Sold, and the JSON of the reply ends in the middle. */
    half_json: probability.default(0),
    /** How long a timeout keeps the connection open. */
    timeout_seconds: z.number().min(0).max(600).default(120),
    /** Which calls mishaps befall. */
    mishaps_befall: z.array(z.enum(befallen)).default(['transaction']),

    // Outcome: per purchase. `refuse` is thrown first, then `pending`; else it succeeds.
    /** Refused with `rc`. A code that Digiflazz marks as not created leaves no row in the book. */
    refuse: shorthand(z.strictObject({ p: probability, rc: rcText.default('02') })).prefault({
      p: 0,
    }),
    /** Pending (rc 03 or 99) for so many seconds; `then`: an end or the probability of success. */
    pending: shorthand(
      z.strictObject({
        p: probability,
        seconds: secondsSpan.default([1, 5]),
        // biome-ignore lint/suspicious/noThenProperty: a word of the wire, never awaited.
        then: z
          .union([z.enum(['success', 'failed']), probability])
          .default('success')
          .transform(value => (value === 'success' ? 1 : value === 'failed' ? 0 : value)),
        rc: z.enum(['03', '99']).default('03'),
      }),
    ).prefault({ p: 0 }),
    /** A failed purchase that turns into a success after so many seconds, charged again. */
    late_success_after_failure: shorthand(
      z.strictObject({ p: probability, seconds: secondsSpan.default([1, 5]) }),
    ).prefault({ p: 0 }),
    /** A successful purchase that is refunded (rc 74) after so many seconds. */
    refund_after_success: shorthand(
      z.strictObject({ p: probability, seconds: secondsSpan.default([1, 5]) }),
    ).prefault({ p: 0 }),
    /** A repeat within so many seconds of the first call buys once more. 0 = never. */
    race_window: shorthand(
      z.strictObject({ p: probability, seconds: z.number().min(0).default(60) }),
    ).prefault({ p: 0 }),
    /** The deposit is empty: every new purchase answers rc 44. */
    drained: z.boolean().default(false),

    // Callbacks.
    /** Each callback is delivered `times` times, each with a delivery id of its own. */
    duplicate_callback: shorthand(
      z.strictObject({ p: probability, times: z.int().min(2).max(20).default(2) }),
    ).prefault({ p: 0 }),
    /** The end of the order is called back, and acknowledged, before the first reply leaves.
     *  A pending order ends at once; its reply still says Pending. */
    callback_before_reply: probability.default(0),
    /** The party never calls back about this purchase. */
    no_callback: probability.default(0),
    /** Calls back `create` events as well, for every new purchase. */
    create_events: z.boolean().default(false),
    /** Retries after a 5xx or a broken line: how often, and the first pause, tripled each time. */
    callback_retry: z
      .strictObject({
        times: z.int().min(0).max(20).default(5),
        first_seconds: z.number().min(0).default(1),
      })
      .default({ times: 5, first_seconds: 1 }),

    // The QRIS acquirer: what becomes of the callback about a payment; together at most 1.
    /** Told so many seconds after it was paid. */
    callback_late: shorthand(
      z.strictObject({ p: probability, seconds: secondsSpan.default([1, 5]) }),
    ).prefault({ p: 0 }),
    callback_twice: probability.default(0),
    callback_wrong_amount: probability.default(0),
    callback_wrong_merchant: probability.default(0),
    callback_forged: probability.default(0),
    callback_replayed: probability.default(0),
    callback_out_of_order: probability.default(0),
    callback_never: probability.default(0),

    /** An SMS comes to every rented number after so many seconds, and after each resend. */
    sms_after: secondsSpan.nullable().default(null),

    /** Rupiah on top of every bill, as when a fine falls due between inquiry and payment. */
    bill_extra: z.int().min(0).default(0),

    /** Probability per reply that numbers come as strings. */
    wrong_types: probability.default(0),
    /** Keeps the documented limits: price-list (rc 83), cut-off hours (rc 58), multi (rc 63). */
    strict: z.boolean().default(false),
  })
  .refine(faults => mishaps.reduce((sum, name) => sum + faults[name], 0) <= 1 + 1e-9, {
    message: `the probabilities of ${mishaps.join(', ')} add up to more than 1`,
  })
  .refine(
    faults => callbackFaults.reduce((sum, name) => sum + oddsOf(faults, name), 0) <= 1 + 1e-9,
    {
      message: `the probabilities of callback_${callbackFaults.join(', callback_')} exceed 1`,
    },
  )

type Faults = z.output<typeof faultsSchema>

function oddsOf(faults: CallbackOdds, name: CallbackFault): number {
  return name === 'late' ? faults.callback_late.p : faults[`callback_${name}`]
}

type CallbackOdds = { readonly callback_late: { readonly p: number } } & {
  readonly [Name in Exclude<CallbackFault, 'late'> as `callback_${Name}`]: number
}

/** Numbers of throws. Each decision has its own, so that none shifts another. */
const throws = {
  mishap: 1,
  latency: 2,
  wrongTypes: 3,
  race: 4,
  refuse: 11,
  pending: 12,
  pendingSeconds: 13,
  pendingEnd: 14,
  lateSuccess: 15,
  lateSuccessSeconds: 16,
  refund: 17,
  refundSeconds: 18,
  duplicate: 19,
  before: 20,
  noCallback: 21,
  callbackFault: 22,
  callbackLate: 23,
} as const

type Outcome =
  | { readonly end: 'success' }
  | { readonly end: 'refused'; readonly code: string }
  | {
      readonly end: 'pending'
      readonly code: string
      readonly seconds: number
      readonly ending: 'success' | 'failed'
    }

export class FaultBox {
  current: Faults
  readonly #party: string
  #salt: number

  constructor(party: string) {
    this.#party = party
    this.current = faultsSchema.parse({})
    this.#salt = hashOf(this.current.seed, party)
  }

  set(faults: Faults): void {
    this.current = faults
    this.#salt = hashOf(faults.seed, this.#party)
  }

  reset(): void {
    this.set(faultsSchema.parse({}))
  }

  /** The dice of call number `call` about a reference. */
  callDice(ref: string, call: number): number {
    return mix(hashOf(this.#salt, ref), call)
  }

  /** The dice of purchase number `times` of a reference. Calls and purchases never share dice. */
  purchaseDice(ref: string, times: number): number {
    return mix(hashOf(~this.#salt, ref), times)
  }

  mishap(callDice: number, kind: Befallen): Mishap | undefined {
    const faults = this.current
    let left = unit(mix(callDice, throws.mishap))
    for (const name of mishaps) {
      left -= faults[name]
      if (left < 0) return faults.mishaps_befall.includes(kind) ? name : undefined
    }
    return undefined
  }

  latencyMs(callDice: number): number {
    const { min, max } = this.current.latency
    return min === max ? min : between(mix(callDice, throws.latency), min, max)
  }

  hasWrongTypes(callDice: number): boolean {
    return this.#falls(this.current.wrong_types, callDice, throws.wrongTypes)
  }

  /** Does a repeat, `ageMs` after the purchase, buy once more? */
  isRace(callDice: number, ageMs: number): boolean {
    const { p, seconds } = this.current.race_window
    return ageMs < seconds * 1000 && this.#falls(p, callDice, throws.race)
  }

  outcome(purchaseDice: number): Outcome {
    const { refuse, pending } = this.current
    if (this.#falls(refuse.p, purchaseDice, throws.refuse)) {
      return { end: 'refused', code: refuse.rc }
    }
    if (!this.#falls(pending.p, purchaseDice, throws.pending)) return { end: 'success' }
    return {
      end: 'pending',
      code: pending.rc,
      seconds: this.#seconds(pending.seconds, purchaseDice, throws.pendingSeconds),
      ending: this.#falls(pending.then, purchaseDice, throws.pendingEnd) ? 'success' : 'failed',
    }
  }

  /** Seconds until a failed purchase turns into a success, if it ever does. */
  lateSuccess(purchaseDice: number): number | undefined {
    const { p, seconds } = this.current.late_success_after_failure
    if (!this.#falls(p, purchaseDice, throws.lateSuccess)) return undefined
    return this.#seconds(seconds, purchaseDice, throws.lateSuccessSeconds)
  }

  /** Seconds until a successful purchase is refunded, if it ever is. */
  refund(purchaseDice: number): number | undefined {
    const { p, seconds } = this.current.refund_after_success
    if (!this.#falls(p, purchaseDice, throws.refund)) return undefined
    return this.#seconds(seconds, purchaseDice, throws.refundSeconds)
  }

  /** How often each callback about a purchase is delivered. */
  callbackTimes(purchaseDice: number): number {
    const { no_callback, duplicate_callback } = this.current
    if (this.#falls(no_callback, purchaseDice, throws.noCallback)) return 0
    if (!this.#falls(duplicate_callback.p, purchaseDice, throws.duplicate)) return 1
    return duplicate_callback.times
  }

  /** What befalls the callback about a payment at the acquirer, if anything does. */
  callbackFault(purchaseDice: number): CallbackFault | undefined {
    let left = unit(mix(purchaseDice, throws.callbackFault))
    for (const name of callbackFaults) {
      left -= oddsOf(this.current, name)
      if (left < 0) return name
    }
    return undefined
  }

  callbackLateMs(purchaseDice: number): number {
    const { seconds } = this.current.callback_late
    return this.#seconds(seconds, purchaseDice, throws.callbackLate) * 1_000
  }

  callsBackFirst(purchaseDice: number): boolean {
    return this.#falls(this.current.callback_before_reply, purchaseDice, throws.before)
  }

  #falls(p: number, dice: number, number: number): boolean {
    return p > 0 && unit(mix(dice, number)) < p
  }

  #seconds([min, max]: readonly [number, number], dice: number, number: number): number {
    return min + unit(mix(dice, number)) * (max - min)
  }
}

export function isBeforeSale(mishap: Mishap | undefined): boolean {
  return mishap !== undefined && sellsNothing.has(mishap)
}

/** What is wrong with a wish, as one sentence. */
export function explain(error: z.ZodError, known: readonly string[]): string {
  const issue = error.issues[0]!
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map(key => `"${key}"`).join(', ')
    const where = issue.path.length > 0 ? ` in ${issue.path.join('.')}` : ''
    return `Unknown name ${names}${where}. Known names: ${known.join(', ')}.`
  }
  return `${issue.path.join('.') || 'body'}: ${issue.message}.`
}
